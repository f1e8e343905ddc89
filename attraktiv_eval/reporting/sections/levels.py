"""The three levels of evidence, each on its own: they are never merged into one number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attraktiv_eval.reporting.sections.absent import absent, no_statistics
from attraktiv_eval.reporting.view import draw_text, escape, hardness_text, known, verdict_text, worth_text

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

__all__ = ["level1", "level2", "level3"]


def level1(view: View) -> list[str]:
    """Tell whom the project reached, by its own records."""
    _ = view._
    main = view.main_goal
    others = [_reached(view, goal) for goal in view.evaluation.project.goals if goal != main]
    return [
        _reached(view, main),
        " ".join(text for text in others if text),
        _("Level 1 is a count of whom the project touched. It does not show that the project was the cause."),
    ]


def _reached(view: View, goal: str) -> str:
    """Return a goal's count against its target, and how many were not followed up."""
    _ = view._
    row = view.goal(goal)
    if row is None or not known(row["known"]):
        return absent(view, view.evaluation.project.goals[goal].measured_by)
    texts = {
        "households": _(
            "{n} households are known to have moved into the county after their first contact; "
            "the goal is {goal}."
        ),
        "companies": _("{n} companies made at least one hire through the project; the goal is {goal}."),
        "organisations": _("{n} participating organisations are named; the goal is {goal}."),
    }
    other = _("{n} {unit} are known to be reached; the goal is {goal}.")
    text = texts.get(view.counts(goal), other).format(
        n=view.n(row["known"]), goal=view.n(row["target"]), unit=escape(view.unit(goal))
    )
    if known(row["unknown"]) and row["unknown"]:
        more = _("{n} more were not followed up to the end, so the true number may be higher.")
        text += " " + more.format(n=view.n(row["unknown"]))
    return text


def level2(view: View) -> list[str]:
    """How many would plausibly not have come, or hired, without the project."""
    _ = view._
    said = [text for goal in view.evaluation.project.goals if (text := _contribution(view, goal))]
    if not said:
        return [
            _(
                "Level 2 is left out: without records of households and companies there is nothing to "
                "start from."
            )
        ]
    how = _(
        "The range begins with those known at level 1 and takes away those who would have come anyway, "
        "what other "
        "projects did, and those who left again. Each is taken away once. "
        "The assumptions are stated below, and the range holds only if they do."
    )
    return [*said, how]


def _contribution(view: View, goal: str) -> str:
    _ = view._
    row = view.goal(goal)
    if row is None or not known(row["l2_low"]):
        return ""
    values = {
        "range": view.span(row["l2_low"], row["l2_high"]),
        "middle": view.n(row["l2_median"]),
        "known": view.n(row["known"]),
        "bound": view.n(row["l2_high_bound"]),
    }
    values["unit"] = escape(view.unit(goal))
    if goal == view.main_goal:
        text = _(
            "In nine of ten calculations the project plausibly contributed to {range} of the {known} known "
            "{unit}, in the middle {middle}; with everyone who did not answer or was not followed up counted "
            "for the project, at most {bound}."
        )
    else:
        text = _(
            "Of {known} {unit} the range is {range} in nine of ten calculations, in the middle {middle}; "
            "with every unknown counted for the project, at most {bound}."
        )
    return f"{text.format(**values)} {verdict_text(view, goal, 2)}".strip()


def level3(view: View) -> list[str]:
    """Whether the county moved away from what comparable regions did."""
    _ = view._
    row = view.estimate()
    if row is None:
        return [no_statistics(view)]
    answer = _(
        "{outcome} of the county deviated by {n} persons in {years} from comparable regions; "
        "the 90 per cent interval is {range}."
    ).format(
        outcome=view.word("outcome", view.outcome),
        years=view.years(row),
        n=view.n(row["effect_persons"], signed=True),
        range=view.span(row["low"], row["high"]),
    )
    choice = getattr(view.evaluation.county, "choice", None)
    why = "" if choice is None else escape(choice.sentence(view.language))
    return [
        f"{answer} {verdict_text(view, view.main_goal, 3)}".strip(),
        f"{worth_text(view, view.main_goal)} {draw_text(view, view.main_goal)}".strip(),
        hardness_text(view, view.main_goal),
        why,
        _after_a_look(view),
        _gate(view),
        _beside(view),
        _flows(view),
        _others(view),
        _all_methods(view),
        _intervals(view),
    ]


def _after_a_look(view: View) -> str:
    """Say why this outcome, and that it was chosen after a first look."""
    return view._(
        "The order of the outcomes follows from the wording of the goal, which counts households that move "
        "in. It was set after a first look at the figures; what the other outcomes show stands beside it."
    )


def _beside(view: View) -> str:
    """Tell the next best outcome, over all the years asked about, and what it counts besides."""
    _ = view._
    choice = getattr(view.evaluation.county, "choice", None)
    row = None if choice is None or choice.beside is None else view.estimate(choice.beside)
    said = ""
    if row is not None:
        said = _("Beside it, over {years}: {outcome} deviated by {n} persons ({range}).").format(
            years=view.years(row),
            outcome=escape(view.word("outcome", row["outcome"]).lower()),
            n=view.n(row["effect_persons"], signed=True),
            range=view.span(row["low"], row["high"]),
        )
    if view.rows("estimates", outcome="in_moves") is None:
        return said
    inside = _(
        "The sum of the municipalities’ in-moves is larger than the county’s in-moves over its border, "
        "because moves between its own municipalities are in it."
    )
    return f"{said} {inside}".strip()


def _flows(view: View) -> str:
    """Tell in, out and net by one common set of weights, in as many decimals as let them add up."""
    from attraktiv_eval.level3.comparison import FLOWS
    from attraktiv_eval.texts import decimals_that_add

    _ = view._
    kinds = (_("domestic moves"), _("all moves, from and to abroad included"))
    said = []
    for kind, names in zip(kinds, FLOWS, strict=True):
        rows = [view.row("flows", outcome=name) for name in names]
        if any(row is None for row in rows):
            continue
        came, left, net = (float(row["effect_persons"]) for row in rows if row is not None)
        decimals = decimals_that_add(came, left, net)
        said.append(
            _("{kind} in {years}: in {came}, out {left}, net {net} persons (net {range})").format(
                kind=kind,
                years=view.years(rows[0]),
                came=view.n(came, decimals, signed=True),
                left=view.n(left, decimals, signed=True),
                net=view.n(net, decimals, signed=True),
                range=view.span(rows[2]["low"], rows[2]["high"]) if rows[2] is not None else "",
            )
        )
    if not said:
        return ""
    return _(
        "By one common set of weights in less out is the net: {parts}. Estimated apart, each by its own "
        "weights, the three need not add up."
    ).format(parts="; ".join(said))


def _others(view: View) -> str:
    """Tell of other outcomes that deviated more than chance usually gives: they carry no verdict."""
    _ = view._
    rows = view.rows("estimates", primary=True)
    said = []
    for row in [] if rows is None else rows.to_dict("records"):
        if row["outcome"] == view.outcome or row["low"] <= 0 <= row["high"]:
            continue
        text = _(
            "{outcome} deviated in {years} more than chance usually gives: {n} persons ({range})."
        ).format(
            outcome=view.word("outcome", row["outcome"]),
            years=view.years(row),
            n=view.n(row["effect_persons"], signed=True),
            range=view.span(row["low"], row["high"]),
        )
        if known(row.get("pseudo_effect_persons")):
            text += " " + _("Put on the years just before the project the same method gives {n}.").format(
                n=view.n(row["pseudo_effect_persons"], signed=True)
            )
        said.append(text)
    if not said:
        return ""
    why = _("The goal is not compared by it, and a deviation alone does not show its cause.")
    return " ".join([*said, why])


def _gate(view: View) -> str:
    """Name the primary method; what it shows before and what it could have seen stand with the verdict."""
    _ = view._
    row = view.estimate()
    if row is None:
        return ""
    return _("The primary method is {method}, chosen by rule and not by its answer.").format(
        method=escape(view.word("method", row["method"]).lower())
    )


def _all_methods(view: View) -> str:
    _ = view._
    parts = []
    table = view.table("estimates")
    for outcome in [] if table is None else dict.fromkeys(table["outcome"]):
        rows = view.rows("estimates", outcome=outcome)
        if rows is None:
            continue
        effects = rows["effect_persons"].astype(float)
        parts.append(
            _("{outcome} in {years} {range} persons").format(
                outcome=view.word("outcome", outcome).lower(),
                years=view.years(rows.iloc[0]),
                range=view.span(effects.min(), effects.max()),
            )
        )
    if not parts:
        return ""
    return _(
        "The estimates in the table below: {parts}. They are shown side by side, and none is picked for its "
        "answer."
    ).format(parts="; ".join(parts))


def _intervals(view: View) -> str:
    """Say which methods' intervals missed their goal on simulated panels, and what the curve leaves out."""
    from attraktiv_eval.counterfactual.interval_coverage import GOAL, missed_coverage

    _ = view._
    rows, curve = view.table("estimates"), view.table("specifications")
    used = dict.fromkeys(method for table in (rows, curve) if table is not None for method in table["method"])
    missed = {method: missed_coverage(method, "placebo") for method in used}
    wide = [method for method, found in missed.items() if found and found[1] > GOAL[1]]
    narrow = [method for method, found in missed.items() if found and found[0] < GOAL[0]]
    said = []
    for text, methods in (
        (_("On simulated panels the intervals held the truth more often than they should: {methods}."), wide),
        (_("On simulated panels the intervals held the truth too seldom: {methods}."), narrow),
    ):
        if methods:
            names = view.join([view.word("method", method).lower() for method in methods])
            said.append(text.format(methods=escape(names)))
    if curve is not None:
        said.append(
            _(
                "Matrix completion takes too long for every way of counting, so it stands only where the "
                "rule chose it; structural time series is tried in the method validation alone."
            )
        )
    return " ".join(said)
