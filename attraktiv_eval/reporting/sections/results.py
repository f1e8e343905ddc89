"""What the project promised and how it went against the plan.

And what the data cannot say, and what was not foreseen.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from attraktiv_eval.findings import mde_sentence
from attraktiv_eval.reporting.first_screen import millions
from attraktiv_eval.reporting.view import escape, known, verdict_of
from attraktiv_eval.statistics.outcomes import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

    from attraktiv_eval.reporting.view import View

#: Those who left, the best series first.
OUT_MOVES = OUTCOMES.of_check("out_moves_effect")


def unforeseen(view: View) -> list[str]:
    """Tell of effects that nobody planned."""
    held = (view.estimate(outcome) for outcome in OUT_MOVES)
    row = next((one for one in held if one is not None), None)
    told = _noted(view)
    if row is None:
        return told
    return [
        *told,
        view._(
            "One sign to look for is whether fewer people left: "
            "{outcome} deviated by {n} persons in {years} ({range}). The goal does not promise that, and the "
            "deviation is not credited to the project."
        ).format(**view.found(row, outcome=view.word("outcome", row["outcome"]).lower())),
    ]


def _noted(view: View) -> list[str]:
    """Return the effects that the project noted up to the report's last day, each with its source."""
    _ = view._
    evaluation = view.evaluation
    noted = [one for one in evaluation.project.unforeseen if one.noted <= evaluation.until]
    if not noted:
        return [
            _(
                "Nobody has noted an unforeseen effect in the project’s description, so the report can only "
                "look for signs of them."
            )
        ]
    words = {
        "wanted": _("Unforeseen and wanted"),
        "unwanted": _("Unforeseen and unwanted"),
        "unclear": _("Unforeseen"),
    }
    return [
        _("{kind}, noted {day}: {text} Source: {source}.").format(
            kind=words[one.kind],
            day=escape(view.day(one.noted)),
            text=escape(getattr(one, view.language)),
            source=escape(one.source.rstrip(".")),
        )
        for one in sorted(noted, key=lambda one: one.noted)
    ]


def limits(view: View) -> list[str]:
    """Tell what the data cannot say."""
    _ = view._
    answer = _("No figure here proves that anyone came because of the project.")
    if not view.evaluation.project.counts_movers:
        answer = _("No figure here proves that the project was the cause.")
    verdict = verdict_of(view, view.main_goal, 3)
    if verdict is not None and "mde_low" in verdict.values:
        answer = f"{escape(mde_sentence(verdict, view.language))} {answer}"
    left = [view.word("list", name).lower() for name in view.evaluation.missing or []]
    gone = _("Missing in this run: {lists}.").format(lists=view.join(left)) if left else ""
    if not view.evaluation.project.counts_movers:
        return [answer, gone]
    return [
        answer,
        gone,
        _(
            "Official statistics count moves, one a person, and the sum over municipalities also holds "
            "moves inside "
            "the county. One county is one case, so chance can never be ruled out wholly."
        ),
        _(
            "Answers to a survey are given by those who can be reached, and people who moved answer more "
            "often. "
            "The assumptions about the others are stated, and their effect is shown."
        ),
    ]


# --- What a section says when the run lacks what it is about


def absent(view: View, records: str) -> str:
    """Return the sentence that a list of records is missing, and what that means."""
    return view._("Left out: the records hold no usable list “{list}”, so nothing can be said here.").format(
        list=view.word("list", records)
    )


def no_statistics(view: View) -> str:
    """Return the sentence that official statistics are missing or do not carry a comparison, and why."""
    told = view._(
        "Not tested: official statistics are missing, or do not reach far enough, so level 3 is left out."
    )
    why = view.evaluation.county_missing
    if view.evaluation.county is not None or not why:
        return told
    reason = view._("The reason: {reason}.").format(reason=f'<span lang="en">{escape(why)}</span>')
    return f"{told} {reason}"


# --- How the numbers came about: records, assumptions, provenance


def records(view: View) -> list[str]:
    """Tell what became of every row that was read."""
    _ = view._
    table = view.table("accounting")
    if table is None:
        return [absent(view, "households")]
    values = {
        name: view.n(table[name].astype(float).sum()) for name in ("read", "kept", "merged", "rejected")
    }
    whole = ""
    if view.evaluation.until < view.evaluation.project.end:
        whole = _("The lists are read whole, so rows of later years are among them.")
    said = (
        _(
            "Of {read} rows read, {kept} were kept, {merged} were merged as duplicates and {rejected} "
            "were rejected. "
            "Every row is accounted for."
        ).format(**values)
        + f" {whole}"
    )
    return [
        said.strip(),
        _(
            "Each rejected row is listed with list, row, column, fault and remedy in rejected_rows.csv, "
            "beside this report; that list holds no names, neither of persons nor of files."
        ),
        *_quality(view),
    ]


def _quality(view: View) -> list[str]:
    """Tell how well the linkage finds the true households, where the truth is known."""
    table = view.table("linkage_quality")
    if table is None or table.empty:
        return []
    row = table.iloc[0]
    return [
        view._(
            "In these invented records the truth is known: of the pairs of rows that were joined, "
            "{precision} belong together, and of those that belong together {recall} were joined."
        ).format(**{name: view.share(float(row[name]), 1) for name in ("precision", "recall")})
    ]


def assumptions(view: View) -> list[str]:
    """Tell which judgements the answers rest on."""
    table = view.table("assumptions")
    n = len(table) if table is not None else len(view.evaluation.assumptions)
    return [
        view._(
            "{n} judgements stand behind the figures. Each has a value, a range, a date and a reference, "
            "and can be "
            "changed without touching the program."
        ).format(n=view.number(n)),
        view._("Where there is no measurement, the range is wide on purpose."),
        _identifying(view),
    ]


def _identifying(view: View) -> str:
    """Say how many assumptions the comparison with other regions rests on, beside the figures' own."""
    rows = view.table("identification")
    if rows is None:
        return ""
    return view._(
        "The comparison with other regions also assumes {n} things that no figure can prove. A "
        "table says why each is credible, what speaks against it and which check bears on it."
    ).format(n=view.number(len(rows)))


def provenance(view: View) -> list[str]:
    """Tell where everything comes from."""
    return [
        view._(
            "Every figure of the verdicts can be followed back: to its definition, its source with date "
            "and checksum, "
            "its assumptions and the notebook that made it."
        )
    ]


# --- What the project promised, and how it went against the plan


def project(view: View) -> list[str]:
    """Tell what was promised, why and how, and with what money."""
    _ = view._
    of = view.evaluation.project
    goals = [f"{view.n(goal.target)} {escape(view.unit(goal.id))}" for goal in of.goals.values()]
    ran = _("{name} ran from {start} to {end} and promised {goals}.")
    if view.running:
        ran = _("{name} began on {start}, goes on until {end} and has promised {goals}.")
    answer = ran.format(
        name=escape(of.name), start=view.day(of.start), end=view.day(of.end), goals=view.join(goals)
    )
    labels = "; ".join(escape(getattr(goal, f"label_{view.language}")) for goal in of.goals.values())
    wording = _("The goals read: {labels}.").format(labels=labels)
    why = " ".join(
        escape(getattr(part, view.language)) for part in (of.background, of.method) if part is not None
    )
    return [answer, wording, why, _decided(view)]


def _decided(view: View) -> str:
    _ = view._
    funding = view.evaluation.project.funding
    sums = [part for part in funding if part.decided_sek is not None]
    said = [
        _("{financier} SEK {n}").format(financier=escape(part.financier), n=view.n(part.decided_sek))
        for part in sums
    ]
    open_ = len(funding) - len(sums)
    text = _("Decided: {sums}.").format(sums=view.join(said)) if said else ""
    if open_:
        more = _("For {n} more financiers no amount was published, and none is guessed.").format(
            n=view.number(open_)
        )
        text = f"{text} {more}".strip()
    return text


def development(view: View) -> list[str]:
    """Tell how it went against plan, and over the years."""
    _ = view._
    paths = view.rows("paths", goal=view.main_goal)
    if paths is None:
        return [absent(view, view.evaluation.project.goals[view.main_goal].measured_by)]
    years = [
        _("{year}: {n} {unit}, {total} in all, against {pace} at an even pace").format(
            year=int(row["year"]),
            unit=escape(view.unit(view.main_goal)),
            n=view.n(row["count"]),
            total=view.n(row["cumulated"]),
            pace=view.n(row["pace"]),
        )
        for _index, row in paths.sort_values("year").iterrows()
    ]
    last = paths.sort_values("year").iloc[-1]
    if not (known(last["pace"]) and known(last["cumulated"])):
        return ["; ".join(years) + ".", _money_against_plan(view)]
    values = {
        "n": view.n(last["cumulated"]),
        "pace": view.n(last["pace"]),
        "unit": escape(view.unit(view.main_goal)),
        "year": _until(view, int(last["year"])),
    }
    if float(last["cumulated"]) < float(last["pace"]):
        text = _("At the end of {year}, {n} of the planned {pace} {unit} were known: the project was behind.")
    else:
        text = _("At the end of {year}, {n} {unit} were known, and the plan asked for {pace}.")
    recounted = ""
    if len(years) > 1:
        recounted = _(
            "Earlier years are recounted from what is known now and may differ from the yearly reports."
        )
    return [text.format(**values), f"{'; '.join(years)}. {recounted}".strip(), _money_against_plan(view)]


def _until(view: View, year: int) -> str:
    """Return a year, or the day in it on which the project ended before the year did."""
    end = view.evaluation.project.end
    return view.day(end) if end.year == year and (end.month, end.day) < (12, 31) else str(year)


def _money_against_plan(view: View) -> str:
    """Return what is paid, and what it comes to with what is decided but not yet paid."""
    if view.table("funding") is None:
        return absent(view, "funding")
    cost = view.row("cost_per_result")
    if cost is None or not known(cost["cost_low"]):
        return view._("No payment is recorded, so money cannot be set against the plan.")
    return view._("{paid} is paid; with what is decided and not yet paid it is {all}.").format(
        paid=millions(view, cost["cost_low"]), all=millions(view, cost["cost_high"])
    )


# --- Phases, money and municipalities


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
        _("So many households had contact with the project in each phase: {parts}.").format(
            parts=view.join(parts)
        ),
        _(
            "A household may have contact in several phases, so the phases do not add up. That more "
            "move in after a later phase shows who comes that far, not what the phase did."
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
        whole = millions(view, cost["cost_low"].iloc[0], cost["cost_high"].iloc[0])
        spent = _("The same money, {range}, paid for all the goals, so the rows must not be added.").format(
            range=whole
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


def round_sek(view: View, row: Any) -> str:
    """Return a cost per result, as a range where both ends are known; it stands rounded in its table."""
    if not known(row["ratio_high"]) or not math.isfinite(float(row["ratio_high"])):
        ends = [float(row["ratio_low"])]
    else:
        ends = [float(row["ratio_low"]), float(row["ratio_high"])]
    shown = "–".join(dict.fromkeys(view.number(end) for end in ends))
    carried = f'<data value="{" ".join(f"{end:.6g}" for end in ends)}">{escape(shown)}</data>'
    return view._("SEK {range}").format(
        range=carried if len(ends) == 2 else view._("at least {n}").format(n=carried)
    )


def _per_result(view: View, row: pd.Series) -> str:
    if not known(row["ratio_low"]):
        return ""
    return view._("{amount} {each} at level {level}").format(
        amount=round_sek(view, row),
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
            "In none of the {all} municipalities do the moves in {years} deviate more than chance "
            "usually gives. Chance alone is expected to give {chance} of them."
        )
    else:
        answer = _(
            "In {found} of {all} municipalities the moves in {years} deviate more than chance usually "
            "gives: {names}. Chance alone is expected to give {chance} of them. The others cannot be "
            "told apart from chance."
        )
        values |= {
            "found": view.n(len(found)),
            "names": escape(
                view.join([view.word("municipality_code", one) for one in found["municipality_code"]])
            ),
        }
    first = table.iloc[0]
    how = _(
        "Each is compared for itself with {n} municipalities outside the county. What is compared "
        "is {outcome}, and the method is {method}."
    ).format(
        n=view.n(first["n"]),
        outcome=escape(view.word("outcome", first["outcome"])).lower(),
        method=escape(view.word("method", first["method"])).lower(),
    )
    inside = _("Moves from one municipality of the county to another count as well.")
    apart = _("The municipalities’ estimates rest on other comparisons and do not add up to the county’s.")
    return [answer.format(**values), how, inside if first["outcome"] == "in_moves" else "", apart]


def _by_birth(view: View) -> list[str]:
    """Tell the same of moves over the county border at ages 20–64, all and by country of birth."""
    _ = view._
    table = view.table("municipality_effects_by_birth")
    if table is None and view.table("municipality_effects") is not None:
        return [
            _(
                "Not in this report: each municipality’s in-moves over the county border at ages 20–64, "
                "by country of birth. The figures can be fetched from SCB."
            )
        ]
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
            else _(
                "{outcome}, {years}: {found} of {all} municipalities deviate more than chance usually "
                "gives: {names}."
            )
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
    top, known_in_all = shown.iloc[0], float(table["moved_in"].astype(float).sum())
    answer = _("Of the known households, more moved to {place} than to any other municipality: {n}.")
    if not hidden and 2 * float(top["moved_in"]) > known_in_all:
        answer = _("Most of the known households moved to {place}: {n}.")
    if (shown["moved_in"] == top["moved_in"]).sum() > 1:
        answer = _("The largest number shown of households that moved to one municipality is {n}.")
    answer = answer.format(
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
