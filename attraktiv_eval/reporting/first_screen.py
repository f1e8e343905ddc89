"""The first screen: what was promised and what is found, in four sentences and one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attraktiv_eval.reporting import tables
from attraktiv_eval.reporting.labels import project_title
from attraktiv_eval.reporting.labels import report_title as title_of
from attraktiv_eval.reporting.tables import Row, write
from attraktiv_eval.reporting.view import escape, known, verdict_of

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

__all__ = ["banner", "first_screen", "heading", "invented", "levels", "report_title", "sentences"]


def heading(view: View) -> str:
    """Return the report's heading: project, kind of report, year."""
    return f'<h1 class="report-title">{escape(report_title(view))}</h1>'


def report_title(view: View) -> str:
    """Return the title of the report as plain text."""
    year = None if view.evaluation.final else view.evaluation.year
    return title_of(project_title(view.evaluation.project, view.language), year, view.language)


def banner(view: View) -> str:
    """Return the banner that says that the records are invented, or the project never there; else empty."""
    said = [_as_if(view), invented(view) if view.evaluation.example_data else ""]
    return "".join(f'<p class="banner">{escape(one)}</p>' for one in said if one)


def _as_if(view: View) -> str:
    """Return the sentence that a county is shown as if it had had the project; empty for a real one."""
    of = view.evaluation.project
    if not getattr(of, "as_if", False):
        return ""
    return view._(
        "As if: {region} never had {name}. The page shows what the same method would say of a county without "
        "the project."
    ).format(region=of.region.name, name=of.name)


def invented(view: View) -> str:
    """Return the sentence that says what is invented in a report on example records."""
    return view._(
        "Example data: the households, companies, survey answers, activities and payments in this report are "
        "invented."
    )


def sentences(view: View) -> list[str]:
    """Return the four sentences: the promise and the three levels, as HTML."""
    return [text for text in (_promised(view), _reached(view), _contributed(view), _county(view)) if text]


def first_screen(view: View, figure: str) -> str:
    """Return what opens the report as HTML.

    First the heading, four sentences, one table and the banner; under them the path to the goals and the
    verdicts in full.
    """
    parts = [
        '<div class="first-screen">',
        heading(view),
        f'<p class="answer">{" ".join(sentences(view))}</p>',
        _levels_table(view),
        banner(view),
        "</div>",
        figure,
        tables.html(view, "verdicts"),
    ]
    return "\n".join(part for part in parts if part)


def _promised(view: View) -> str:
    goals = [goal for goal in view.evaluation.project.goals if view.followed(goal)]
    goals = goals[:2] or list(view.evaluation.project.goals)[:2]
    said = [
        f"{view.n(view.evaluation.project.goals[goal].target)} {escape(view.unit(goal))}" for goal in goals
    ]
    return view._("{goals} were promised by {day}.").format(
        goals=view.join(said), day=view.day(view.evaluation.project.end)
    )


def _reached(view: View) -> str:
    _ = view._
    row, moves = view.goal(view.main_goal), view.counts(view.main_goal) in ("households", "persons")
    if row is None or not known(row["known"]):
        return _("The records do not say how far the project came towards this.")
    values = {"n": view.n(row["known"]), "unit": escape(view.unit(view.main_goal))}
    if known(row["unknown"]) and row["unknown"]:
        values["unknown"] = view.n(row["unknown"])
        if moves:
            text = _("{n} {unit} are known to have moved in, and {unknown} were not followed up to the end.")
        else:
            text = _("{n} {unit} are known to be reached, and {unknown} were not followed up to the end.")
        return view.by_now(text.format(**values))
    text = _("{n} {unit} are known to have moved in.") if moves else _("{n} {unit} are known to be reached.")
    return view.by_now(text.format(**values))


def _contributed(view: View) -> str:
    _ = view._
    row = view.goal(view.main_goal)
    if row is None or not known(row["l2_low"]):
        return _("To how many the project contributed cannot be said from these records.")
    values = {"range": view.span(row["l2_low"], row["l2_high"])}
    if assumption_only(view, view.main_goal):
        return _("Without a survey the contribution is an assumption only: {range} of them.").format(**values)
    if view.counts(view.main_goal) in ("households", "persons"):
        text = _(
            "The project plausibly contributed to {range} of those that moved in, in nine of "
            "ten calculations."
        )
    else:
        text = _(
            "The project plausibly contributed to {range} of those reached, in nine of ten calculations."
        )
    return text.format(**values)


def _county(view: View) -> str:
    """Return the verdict of level 3 on the goal that leads, in its own sentence."""
    from attraktiv_eval.findings import verdict_sentence

    verdict = verdict_of(view, view.main_goal, 3)
    if verdict is None or verdict.rule == "not_tested":
        return view._("The county’s statistics were not tested, since figures are missing.")
    return f"{escape(verdict_sentence(verdict, view.language))} {_set_on_the_spot(view)}".strip()


def _set_on_the_spot(view: View) -> str:
    """Say that no plan was written before the run, so that its specifications were chosen with it."""
    plan = getattr(view.evaluation.county, "plan", None)
    if plan is None or plan.written is not None:
        return ""
    return view._("The way of comparing was set on the spot by this run: no plan was written before.")


def assumption_only(view: View, goal: str) -> bool:
    """Return whether level 2 rests on an assumption alone, for want of a survey."""
    row = view.goal(goal)
    return row is not None and "l2_survey" in row and not bool(row["l2_survey"])


def _levels_table(view: View) -> str:
    """Return the table of goals by levels; each figure leads to where it comes from."""
    _ = view._
    heads = [_("Goal"), *(view.word("level", level) for level in (1, 2, 3))]
    caption = _("The goals and the three levels of evidence, until {day}").format(
        day=view.day(view.evaluation.until)
    )
    rows = [_level_row(view, goal) for goal in view.evaluation.project.goals]
    return write("levels", caption, ["", *heads], rows, classes="levels")


def _level_row(view: View, goal: str) -> Row:
    target = view.n(view.evaluation.project.goals[goal].target)
    cells = [target, *(_linked(goal, level, text) for level, text in enumerate(levels(view, goal), start=1))]
    return Row(escape(view.word("goal", goal)), cells)


def _linked(goal: str, level: int, text: str) -> str:
    return text if text == "–" else f'<a href="#proof-{goal}-{level}">{text}</a>'


def levels(view: View, goal: str) -> tuple[str, str, str]:
    """Return a goal's three levels in a few words each, as HTML."""
    _ = view._
    row = view.goal(goal)
    first = "–"
    if row is not None and known(row["known"]):
        first = view.n(row["known"])
        if known(row["unknown"]) and row["unknown"]:
            first += " " + _("(+{n} unknown)").format(n=view.n(row["unknown"]))
        if view.counts(goal) == "organisations":
            first = _("{n} named").format(n=first)
    second = "–"
    if row is not None and known(row["l2_low"]):
        second = view.span(row["l2_low"], row["l2_high"])
        if assumption_only(view, goal):
            second = _("assumption: {range}").format(range=second)
    return first, second, _third(view, goal)


def _third(view: View, goal: str) -> str:
    """Return level 3 in a few words: the whole verdict stands in the table of verdicts."""
    _ = view._
    if not view.followed(goal):
        return "–"
    from attraktiv_eval.findings import verdict_short

    verdict = verdict_of(view, goal, 3)
    return (
        _("not tested: no statistics") if verdict is None else escape(verdict_short(verdict, view.language))
    )
