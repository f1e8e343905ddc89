"""The body of a report: what was promised, what came of it and what can be known, in ten minutes.

Everything that an auditor needs stands in the appendix. What the evaluator or the project has written is
shown as theirs, and what nobody has written is not made up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attraktiv_eval.reporting.draw import told_of_draw
from attraktiv_eval.reporting.first_screen import about_county, cost_sentence
from attraktiv_eval.reporting.sections import results
from attraktiv_eval.reporting.sections.levels import reached
from attraktiv_eval.reporting.sections.results import absent, no_statistics
from attraktiv_eval.reporting.view import escape, known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attraktiv_eval.project import Judgement, Statement
    from attraktiv_eval.reporting.view import View


def promised(view: View) -> list[str]:
    """Tell what was promised, why and how, and how far it came."""
    answer, _wording, why, _decided = results.project(view)
    return [answer, why, results.development(view)[0]]


def theory(view: View) -> list[str]:
    """Tell how the work was meant to lead to results and did, by the six steps of contribution analysis."""
    _, of = view._, view.evaluation.project
    meant = _statements(view, of.theory) or _(
        "The project’s description does not say how the work was meant to lead to the goals."
    )
    phases = view.join([escape(getattr(one, view.language)).lower() for one in of.phases])
    divided = _("The work was divided into: {phases}.")
    steps = [
        (
            _("The question"),
            _("Would fewer have moved here, or been hired, without the project?")
            if of.counts_movers
            else _("Would as much have happened without the project?"),
        ),
        (_("How it was meant to work"), f"{meant} {divided.format(phases=phases)}"),
        (_("What happened"), results.phases(view)[0]),
        (_("The project’s share"), _share(view)),
        (_("Other explanations"), _others(view)),
        (
            _("What holds"),
            _(
                "The records show that they had contact with the project and then moved or hired. They do "
                "not show why."
            ),
        ),
    ]
    return [
        _("Contribution analysis (Mayne) asks six things. Here is what the project’s records answer."),
        *(f"<strong>{escape(name)}.</strong> {text}" for name, text in steps if text),
    ]


def _statements(view: View, found: Sequence[Statement | Judgement]) -> str:
    """Return what others have written; of a judgement also who did."""
    said = [escape(getattr(one, view.language)) for one in found]
    by = [f" ({escape(one.source.rstrip('.'))})" if hasattr(one, "noted") else "" for one in found]
    return " ".join(text + who for text, who in zip(said, by, strict=True))


def _share(view: View) -> str:
    """Return level 2 in one sentence a goal."""
    _ = view._
    came = _("Of {known} {unit} that moved here, {range} are judged not to have come without the project.")
    hired = _("Of {known} {unit} that hired, {range} are judged not to have done so without the project.")
    said = [
        (hired if view.counts(goal) == "companies" else came).format(
            known=view.n(row["known"]),
            unit=escape(view.unit(goal)),
            range=view.span(row["l2_low"], row["l2_high"]),
        )
        for goal in view.evaluation.project.goals
        if (row := view.goal(goal)) is not None and known(row["l2_low"])
    ]
    if not said:
        return _("Nothing in the records says how many owe it to the project.")
    return " ".join([*said, _("The judgement rests on answers to surveys and on assumptions.")])


def _others(view: View) -> str:
    rows = view.table("rivals")
    if rows is None:
        return ""
    return view._("The appendix tries {n} of them. One county’s figures cannot rule them out.").format(
        n=view.number(len(rows))
    )


def who_came(view: View) -> list[str]:
    """Tell who was reached: households by kind and origin, and how soon; companies, organisations."""
    main = view.main_goal
    others = [reached(view, goal) for goal in view.evaluation.project.goals if goal != main]
    movers = _kinds(view) if view.evaluation.project.counts_movers else []
    return [reached(view, main), " ".join(movers), " ".join(text for text in others if text)]


def _kinds(view: View) -> list[str]:
    _ = view._
    said = []
    for name, column, text in (
        ("households_by_kind", "kind", _("The households were: {parts}.")),
        ("households_by_origin", "origin", _("They came from: {parts}.")),
    ):
        rows = view.table(name)
        parts = [
            f"{_small(escape(view.word(column, row[column])))} {view.n(row['moved_in'])}"
            for row in ([] if rows is None else rows.to_dict("records"))
            if known(row["moved_in"]) and row["moved_in"] and row[column] != "unknown"
        ]
        said += [text.format(parts=view.join(parts))] if parts else []
    wait = view.row("time_to_move")
    if wait is not None and known(wait["median"]):
        text = _("Half of them moved within {n} months of their first contact.")
        said.append(text.format(n=view.n(wait["median"], 0 if float(wait["median"]).is_integer() else 1)))
    return [*said, _("The project’s lists hold neither age nor sex.")]


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def cost(view: View) -> list[str]:
    """Tell what it cost in plain words: in all, and divided by what came of it."""
    _ = view._
    whole = cost_sentence(view)
    rows = view.table("cost_per_result")
    if not whole or rows is None:
        return [absent(view, "funding")]
    said = []
    for level, text in (
        (1, _("Divided by those who moved in or hired, that is {parts}.")),
        (2, _("Divided by those that the project may have contributed to, it is {parts}.")),
    ):
        own = rows[rows["goal"].map(view.followed) & (rows["level"] == level) & rows["ratio_low"].notna()]
        parts = [
            f"{results.round_sek(view, row)} {view.word('goal_each', view.counts(row['goal']))}"
            for row in own.to_dict("records")
        ]
        said += [text.format(parts=view.join(parts))] if parts else []
    return [
        whole,
        " ".join(said),
        _(
            "The same money paid for all the goals, so the amounts must not be added. They do not say what "
            "it was worth."
        ),
    ]


def statistics(view: View) -> list[str]:
    """Tell what official statistics can say of the county, in plain words."""
    _ = view._
    if not view.evaluation.project.counts_movers:
        return [_("No goal counts those who move in, so the county’s moves are not compared.")]
    row = view.estimate()
    if row is None:
        return [no_statistics(view)]
    found = _(
        "{outcome} in {years} deviated by {n} persons from what comparable counties lead one to expect. "
        "The 90 per cent interval is {range} persons: anything in it agrees with the figures."
    ).format(**view.found(row))
    return [
        about_county(view),
        found,
        _("The appendix says how the comparison is made, and what other ways of counting give."),
    ]


def why(view: View) -> list[str]:
    """Tell why it went as it did, what was learnt and what happens now, in the evaluator's own words."""
    _, of = view._, view.evaluation.project
    parts = (
        (_("Causes"), of.causes),
        (_("Lessons"), of.lessons),
        (_("What happens now"), of.next),
        (_("The horizontal criteria"), of.horizontal),
    )
    held = {name: [one for one in told if one.noted <= view.evaluation.until] for name, told in parts}
    if view.evaluation.final:  # what is written after the end is what a final report is for
        held = {name: list(told) for name, told in parts}
    said = [
        f"<strong>{escape(name)}.</strong> {_statements(view, told)}" for name, told in held.items() if told
    ]
    left = escape(view.join([_small(name) for name, told in held.items() if not told]))
    if not said:
        open_ = _(
            "Here the evaluator’s own words should stand, about {parts}. None are written, and the report "
            "makes none up."
        )
        return [_how_it_went(view), open_.format(parts=left)]
    lead = _("This is what the evaluator has written. The report has not tested it.")
    return [lead, *said, _how_it_went(view), _("Not written: {parts}.").format(parts=left) if left else ""]


def _how_it_went(view: View) -> str:
    """Tell what the figures show of a missed goal on those who move in: how many, and how late."""
    _ = view._
    goal, unit = view.goal(view.main_goal), escape(view.unit(view.main_goal))
    if view.running or not view.evaluation.project.counts_movers or goal is None:
        return ""
    if not all(known(goal.get(one)) for one in ("reached", "known")) or goal["known"] >= goal["target"]:
        return ""
    said = _(
        "The figures show how it went, not why. The project had contact with {n} {unit}, and {known} of "
        "them moved."
    )
    told = [said.format(n=view.n(goal["reached"]), unit=unit, known=view.n(goal["known"]))]
    before = view.row("paths", goal=view.main_goal, year=view.year - 1)
    if before is not None and known(before["cumulated"]) and known(before["pace"]):
        late = _("One year before the end it was {n}, against {pace} at an even pace.")
        told.append(late.format(n=view.n(before["cumulated"]), pace=view.n(before["pace"])))
        if before["cumulated"] < goal["known"] / 2:
            told.append(_("More than half moved in during the last year."))
    return " ".join(told)


def scale(view: View) -> list[str]:
    """Tell what similar projects have counted, for scale; empty where the description names none."""
    _, sisters = view._, view.evaluation.project.sisters
    if not sisters:
        return [_("The project’s description names no similar project to compare with.")]
    return [
        _statements(view, sisters),
        _("Each counted in its own way, so the numbers give scale and no ranking."),
    ]


def to_know(view: View) -> list[str]:
    """Tell what it would have taken to know more."""
    _ = view._
    drawn = told_of_draw(view)
    way = _(
        "Another way must be chosen before the project begins. Draw lots about who gets help first, or "
        "follow those who were interested but did not come. Ask everyone the same questions, and keep a "
        "list of those who never answered."
    )
    lots = _("Lots decided who was helped first, and that is a way to know.")
    return [
        f"{lots} {drawn}" if drawn else way,
        _("The appendix answers the three demands of the National Audit Office, each by name."),
    ]
