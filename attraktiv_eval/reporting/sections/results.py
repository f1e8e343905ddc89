"""Phases, money and municipalities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attraktiv_eval.reporting.sections.absent import absent
from attraktiv_eval.reporting.view import escape, known

if TYPE_CHECKING:
    import pandas as pd

    from attraktiv_eval.reporting.view import View

__all__ = ["money", "municipalities", "phases"]


def phases(view: View) -> list[str]:
    """Where in the four phases households were met."""
    _ = view._
    funnel = view.table("funnel")
    if funnel is None:
        return [absent(view, "contacts")]
    parts = [
        _("{phase} {n}").format(
            phase=escape(view.word("phase", row["phase"])).lower(), n=view.n(row["households"])
        )
        for _index, row in funnel.iterrows()
        if known(row["households"]) and row["phase"] != "unknown"
    ]
    return [
        _("Households met in each phase: {parts}.").format(parts=view.join(parts)),
        _(
            "A household may be met in several phases, so the phases do not add up. That more move in "
            "after a later "
            "phase shows who comes that far, not what the phase did."
        ),
    ]


def money(view: View) -> list[str]:
    """Tell what was paid, and what a result cost, as ranges."""
    _ = view._
    cost = view.table("cost_per_result")
    answer = ""
    if cost is not None:
        cost = cost[cost["goal"].map(view.followed) & cost["level"].isin([1, 2])]
        said = [text for _index, row in cost.iterrows() if (text := _per_result(view, row))]
        answer = _("Cost per result: {parts}.").format(parts="; ".join(said)) if said else ""
    if not answer:
        answer = absent(view, "funding")
    spent = ""
    if cost is not None and len(cost) and known(cost["cost_low"].iloc[0]):
        ends = view.span(cost["cost_low"].iloc[0], cost["cost_high"].iloc[0])
        spent = _("The same money, SEK {range}, bought all the goals, so the rows must not be added.").format(
            range=ends
        )
    invented = ""
    if view.evaluation.example_data and view.table("funding") is not None:
        invented = _(
            "The payments are invented, and so are the financiers called examples; the other sums decided "
            "are public."
        )
    return [
        answer,
        spent,
        invented,
        _(
            "The range comes from the results and from the money: in-kind contributions without a "
            "published amount "
            "are not valued. A cost per result is no measure of benefit."
        ),
    ]


def _per_result(view: View, row: pd.Series) -> str:
    if not known(row["ratio_low"]):
        return ""
    return view._("SEK {range} {each} at level {level}").format(
        range=view.span(row["ratio_low"], row["ratio_high"])
        if known(row["ratio_high"])
        else view._("at least {n}").format(n=view.n(row["ratio_low"])),
        each=view.word("goal_each", view.counts(row["goal"])),
        level=int(row["level"]),
    )


def municipalities(view: View) -> list[str]:
    """Where the households moved in, and what statistics show of each municipality."""
    return [*_moved_in(view), *_told_apart(view), *_by_birth(view)]


def _told_apart(view: View) -> list[str]:
    """Tell in which municipalities the gap is larger than chance usually gives."""
    _ = view._
    table = view.table("municipality_effects")
    if table is None:
        return []
    from attraktiv_eval.counterfactual.inference.placebos import LEVEL

    found = table[table["told_apart"].astype(bool)]
    values = {"all": view.n(len(table)), "chance": view.n((1 - LEVEL) * len(table), 1)}
    values["years"] = view.years(table.iloc[0])
    if found.empty:
        answer = _(
            "In none of the {all} municipalities can the moves in {years} be told apart from chance; "
            "by chance alone {chance} of them would stand out."
        )
    else:
        answer = _(
            "In {found} of {all} municipalities the moves in {years} stand out: {names}. By chance "
            "alone {chance} would; the others cannot be told apart from it."
        )
        values |= {
            "found": view.n(len(found)),
            "names": escape(
                view.join([view.word("municipality_code", one) for one in found["municipality_code"]])
            ),
        }
    first = table.iloc[0]
    how = _(
        "Each is compared for itself with {n} municipalities outside the county. {outcome}; {method}."
    ).format(
        n=view.n(first["n"]),
        outcome=escape(view.word("outcome", first["outcome"])),
        method=escape(view.word("method", first["method"])).lower(),
    )
    inside = _("Moves from one municipality of the county to another count as well.")
    apart = _("The municipalities’ estimates rest on other comparisons and do not add up to the county’s.")
    return [answer.format(**values), how, inside if first["outcome"] == "in_moves" else "", apart]


def _by_birth(view: View) -> list[str]:
    """Tell the same of moves over the county border at ages 20–64, all and by country of birth."""
    _ = view._
    table = view.table("municipality_effects_by_birth")
    if table is None:
        return []
    said = []
    for outcome, own in table.groupby("outcome", sort=False):
        found = own[own["told_apart"].astype(bool)]
        values = {
            "outcome": escape(view.word("outcome", str(outcome))),
            "years": view.years(own.iloc[0]),
            "all": view.n(len(own)),
            "found": view.n(len(found)),
            "names": escape(
                view.join([view.word("municipality_code", one) for one in found["municipality_code"]])
            ),
        }
        answer = (
            _("{outcome}, {years}: none of the {all} municipalities can be told apart from chance.")
            if found.empty
            else _("{outcome}, {years}: {found} of {all} municipalities stand out: {names}.")
        )
        said.append(answer.format(**values))
    return [
        *said,
        _("Onward moves of people who came to Sweden as refugees are among those born abroad."),
    ]


def _moved_in(view: View) -> list[str]:
    _ = view._
    table = view.table("households_by_municipality")
    if table is None:
        return [absent(view, "households")]
    shown = table[table["moved_in"].notna()].sort_values("moved_in", ascending=False)
    hidden = len(table) - len(shown)
    if shown.empty:
        return [_("The numbers by municipality are too small to show.")]
    top = shown.iloc[0]
    answer = _("Most of the known households moved to {place}: {n}.").format(
        place=escape(view.word("municipality_code", top["municipality_code"])), n=view.n(top["moved_in"])
    )
    note = (
        _("In {n} municipalities the number is too small to show, or would give another one away.").format(
            n=view.number(hidden)
        )
        if hidden
        else ""
    )
    return [answer, note]
