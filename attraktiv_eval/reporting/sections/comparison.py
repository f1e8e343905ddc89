"""Level 3 from behind: the trap of before and after, the rival explanations, the method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attraktiv_eval.reporting.sections.absent import no_statistics
from attraktiv_eval.reporting.view import escape

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

__all__ = ["before_after", "method", "rivals"]


def before_after(view: View) -> list[str]:
    """Why a comparison of before and after proves nothing here."""
    _ = view._
    rows = view.table("base_periods")
    if rows is None:
        return [no_statistics(view)]
    changes = [
        _("{change} persons a year against {years}").format(
            change=view.n(row["change"], signed=True), years=_years(row["first_year"], row["last_year"])
        )
        for _index, row in rows.iterrows()
    ]
    turns = rows["change"].min() < 0 < rows["change"].max()
    answer = (
        _("Before and after proves nothing here: the sign of the change turns with the base period.")
        if turns
        else _("Before and after alone proves nothing: the size of the change hangs on the base period.")
    )
    return [
        answer,
        _("Net migration in {years}: {changes}.").format(years=view.window, changes="; ".join(changes)),
        *_months(view),
    ]


def _months(view: View) -> list[str]:
    """Tell each year's in-moves from other counties beside the same months before, and its largest month."""
    _ = view._
    table = view.table("moves_by_month")
    if table is None:
        return []
    said = []
    for year, own in table.groupby("year"):
        held = own.dropna(subset=["before_mean"])
        if held.empty:
            continue
        values = {
            "year": str(year),
            "months": view.number(len(held)),
            "moves": view.n(held["moves"].sum()),
            "before": view.n(held["before_mean"].sum()),
            "years": _years(held["before_first"].iloc[0], held["before_last"].iloc[0]),
        }
        whole = _("{year}: {moves} against {before}")
        part = _("{year}, which is not whole: {moves} in {months} months, against {before}")
        complete = bool(held["whole_year"].all()) and len(held) == 12
        said.append((whole if complete else part).format(**values))
    if not said:
        return []
    return [
        _(
            "In-moves from other counties by month, against the mean of the same months in {years}: {said}. "
            "The months tell when people moved in, not why."
        ).format(years=values["years"], said="; ".join(said))
    ]


def _years(first: int, last: int) -> str:
    return f"{int(first)}" if first == last else f"{int(first)}–{int(last)}"


def rivals(view: View) -> list[str]:
    """Tell what else may lie behind the county's figures."""
    _ = view._
    rows = view.table("rivals")
    if rows is None:
        return [no_statistics(view)]
    return [
        _(
            "There are other explanations than the project, and one county’s figures cannot rule them out. "
            "The table lists {n} checks, each with the direction expected and what it found."
            " All are in moves a year, and beside each stands the same check in the years just before the "
            "project. A check speaks for or against an explanation only where it changes more than it did "
            "then."
        ).format(n=view.number(len(rows))),
        _controls(view),
        _own_work(view),
        _(
            "People already set on moving may also be the ones who contact the project. "
            "And what this county gains, other counties may have lost."
        ),
    ]


def _own_work(view: View) -> str:
    """Tell how far the estimate hangs on comparison regions that had attraction work of their own."""
    _ = view._
    rows = view.rows("rivals", check="without_treated_donors")
    if rows is None or not rows["checked"].any():
        return ""
    row = rows.iloc[0]
    return _(
        "Some comparison counties had attraction work of their own. Without them the estimate goes from "
        "{before} to {after} moves a year."
    ).format(before=view.number(row["reference"], signed=True), after=view.number(row["value"], signed=True))


def _controls(view: View) -> str:
    """Return the negative controls with their numbers: what attraction work should leave alone."""
    _ = view._
    rows = view.table("controls")
    if rows is None:
        return ""
    said = [
        _("{outcome} {n} persons in {years}, 90 per cent interval {range}").format(
            outcome=view.word("outcome", row["outcome"]).lower(),
            years=view.years(row),
            n=view.n(row["effect_persons"], signed=True),
            range=view.span(row["low"], row["high"]),
        )
        for _index, row in rows.iterrows()
    ]
    text = _(
        "Negative controls are series that attraction work within the country should leave alone; they "
        "deviate by: {controls}."
    ).format(controls="; ".join(said))
    apart = [row for _index, row in rows.iterrows() if not row["low"] <= 0 <= row["high"]]
    if apart:
        return (
            text
            + " "
            + _("Where an interval leaves out zero, something else than attraction has been at work as well.")
        )
    if len(rows) == 1:
        return text + " " + _("The interval holds zero.")
    return text + " " + _("None of the intervals leaves out zero.")


def method(view: View) -> list[str]:
    """How the three levels are found, and how strong the evidence can be."""
    _ = view._
    return [
        _(
            "Three questions are asked apart: whom the project reached, to how many it plausibly "
            "contributed, and "
            "whether the county moved away from comparable regions. The answers are never merged into one "
            "number."
        ),
        _(
            "Level 1 counts cleaned records. Level 2 draws many times from stated assumptions. Level 3 "
            "puts every "
            "other region in the county’s place and asks how unusual {region} is."
        ).format(region=escape(view.evaluation.project.region.name)),
        _(
            "On the Maryland scale the counterfactual comparison stands at step 3 of 5: before and after, "
            "with a comparison group. Higher steps ask for drawn lots or a natural experiment, and there was "
            "neither."
        ),
    ]
