"""The first screen: what was promised and what is found, in a summary made by rule from the findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attraktiv_eval.reporting import tables
from attraktiv_eval.reporting.draw import told_of_draw
from attraktiv_eval.reporting.labels import project_title
from attraktiv_eval.reporting.labels import report_title as title_of
from attraktiv_eval.reporting.tables import Row, write
from attraktiv_eval.reporting.view import escape, known, verdict_of

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View


def heading(view: View) -> str:
    """Return the report's heading: project, kind of report, year."""
    return f'<h1 class="report-title">{escape(report_title(view))}</h1>'


def report_title(view: View) -> str:
    """Return the title of the report as plain text."""
    year = None if view.evaluation.final else view.evaluation.year
    return title_of(project_title(view.evaluation.project, view.language), year, view.language)


def banner(view: View) -> str:
    """Return the label that says that the records are invented, or the project never there; else empty."""
    said = [
        ("banner", _as_if(view)),
        ("banner example", invented(view) if view.evaluation.example_data else ""),
    ]
    return "".join(f'<p class="{kind}">{escape(one)}</p>' for kind, one in said if one)


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
    """Return the label of a report on example records: what is invented, and what is not."""
    return view._(
        "Example data: households, companies, surveys and payments are invented; SCB’s figures are real."
    )


def sentences(view: View) -> list[str]:
    """Return the summary as HTML, a part each: goals, the three levels and the cost; by rule.

    It can be pasted into a decision document: it says what it speaks of, and needs no table beside it.
    """
    return [text for paragraph in _summary(view) for text in paragraph]


def _summary(view: View) -> list[list[str]]:
    """Return the sentences of the summary by paragraph: goals and counts, contribution, money."""
    paragraphs = [
        [_goals(view), *_reached(view)],
        [_contributed(view), about_county(view)],
        [told_of_draw(view)],
        [cost_sentence(view)],
    ]
    kept = [[text for text in paragraph if text] for paragraph in paragraphs]
    return [paragraph for paragraph in kept if paragraph]


def sender(view: View) -> str:
    """Return who owns the project, until when the records reach, and the diary number where there is one."""
    _, project = view._, view.evaluation.project
    owners = [one.name for one in project.organisations if one.role == "owner"]
    said = [_("{owners}.").format(owners=view.join(owners))] if owners else []
    said.append(_("Data until {day}.").format(day=view.day(view.evaluation.until)))
    if project.diary_number:
        said.append(_("Diary number {number}.").format(number=project.diary_number))
    return escape(" ".join(said))


def first_screen(view: View, picture: str, path: str = "") -> str:
    """Return what opens the report as HTML.

    First the heading, the label of invented records, the summary and who sends it; under them the picture of
    the three levels, their table, the verdicts in full and the path to the goals.
    """
    parts = [
        '<div class="first-screen">',
        heading(view),
        banner(view),
        *(f'<p class="answer">{" ".join(paragraph)}</p>' for paragraph in _summary(view)),
        f'<p class="sender">{sender(view)}</p>',
        "</div>",
        picture,
        _levels_table(view),
        tables.html(view, "verdicts"),
        path,
    ]
    return "\n".join(part for part in parts if part)


#: Rules of level 1, and what they say of a goal; where the unknown are enough to decide, nobody can know.
_MET = {"goal_reached": "met", "goal_not_reached": "missed", "not_shown": "open"}


def _goals(view: View) -> str:
    """Return which of the goals are met, which are not, and of which it cannot be known."""
    _, so_far = view._, view.running
    by: dict[str, list[str]] = {"met": [], "missed": [], "open": [], "unmeasured": []}
    for goal in view.evaluation.project.goals:
        verdict = verdict_of(view, goal, 1)
        by[_MET.get(verdict.rule if verdict else "", "unmeasured")].append(goal)
    every = len(view.evaluation.project.goals)
    if every == 1 and (by["met"] or by["missed"]):
        return _only_goal(view, bool(by["met"]))
    if len(by["missed"]) == every:
        text = _("None of the project’s {n} goals is met yet.") if so_far else None
        return (text or _("None of the project’s {n} goals was met.")).format(n=_in_words(view, every))
    if len(by["met"]) == every:
        text = _("All of the project’s {n} goals are met already.") if so_far else None
        return (text or _("All of the project’s {n} goals were met.")).format(n=_in_words(view, every))
    return " ".join(
        text for kind, goals in by.items() if goals and (text := _goals_of_a_kind(view, kind, goals))
    )


def _only_goal(view: View, met: bool) -> str:
    _ = view._
    if view.running:
        return _("The project’s goal is met already.") if met else _("The project’s goal is not met yet.")
    return _("The project’s goal was met.") if met else _("The project’s goal was not met.")


def _goals_of_a_kind(view: View, kind: str, goals: list[str]) -> str:
    _, so_far = view._, view.running
    names = escape(view.join([view.word("goal", goal).lower() for goal in goals]))
    if kind == "met":
        text = _("The goal is met already for {names}.") if so_far else _("The goal was met for {names}.")
    elif kind == "missed":
        text = _("The goal is not met yet for {names}.") if so_far else _("The goal was not met for {names}.")
    elif kind == "open":
        text = _("Whether it was met for {names} cannot be known: too many were not followed up to the end.")
    else:
        text = _("Nothing is recorded of {names}.")
    return text.format(names=names)


def _in_words(view: View, number: int) -> str:
    _ = view._
    words = {2: _("two"), 3: _("three"), 4: _("four"), 5: _("five")}
    return words.get(number) or view.number(number)


def _reached(view: View) -> list[str]:
    """Return level 1 of every goal: the one that leads, then the others, each with what was promised."""
    _, project = view._, view.evaluation.project
    order = [view.main_goal, *(goal for goal in project.goals if goal != view.main_goal)]
    counted = [goal for goal in order if (row := view.goal(goal)) is not None and known(row["known"])]
    if not counted:
        return [_("The records do not say how far the project came towards this.")]
    first = _leading(view, view.counts(counted[0])).format(**_values(view, counted[0]))
    others = [_beside(view, view.counts(goal)).format(**_values(view, goal)) for goal in counted[1:]]
    return [first + ".", *([view.join(others) + "."] if others else [])]


def _leading(view: View, counts: str) -> str:
    """Return the clause of level 1 that opens: by whose account, what the goal counts."""
    _ = view._
    if view.running:
        words = {
            "companies": _("So far, by the project’s own records, {n} {unit} have hired someone ({goal})"),
            "organisations": _("So far, by the project’s own records, {n} named {unit} take part ({goal})"),
            "movers": _(
                "So far, by the project’s own records, {n} {unit} have moved to the county after contact "
                "with the project ({goal})"
            ),
        }
        other = _("So far, by the project’s own records, {n} {unit} are counted ({goal})")
        return words.get(_done_by(counts), other)
    words = {
        "companies": _("By the project’s own records {n} {unit} hired someone ({goal})"),
        "organisations": _("By the project’s own records {n} named {unit} took part ({goal})"),
        "movers": _(
            "By the project’s own records {n} {unit} moved to the county after contact with the project "
            "({goal})"
        ),
    }
    return words.get(_done_by(counts), _("By the project’s own records {n} {unit} were counted ({goal})"))


def _done_by(counts: str) -> str:
    """Return who did what a goal counts, for the words of it."""
    return "movers" if counts in ("households", "persons") else counts


def _beside(view: View, counts: str) -> str:
    """Return the clause of level 1 of a goal beside the one that leads."""
    _ = view._
    if view.running:
        words = {
            "companies": _("{n} {unit} have hired someone ({goal})"),
            "organisations": _("{n} named {unit} take part ({goal})"),
            "movers": _("{n} {unit} have moved to the county ({goal})"),
        }
        return words.get(_done_by(counts), _("{n} {unit} are counted ({goal})"))
    words = {
        "companies": _("{n} {unit} hired someone ({goal})"),
        "organisations": _("{n} named {unit} took part ({goal})"),
        "movers": _("{n} {unit} moved to the county ({goal})"),
    }
    return words.get(_done_by(counts), _("{n} {unit} were counted ({goal})"))


def _values(view: View, goal: str) -> dict[str, str]:
    """Return the number of level 1, its unit, and what it is held against: goal, pace, and the unknown."""
    _, row = view._, view.goal(goal)
    assert row is not None
    aside = _("goal {n}").format(n=view.n(view.evaluation.project.goals[goal].target))
    pace = view.row("paths", goal=goal, year=view.year) if view.running else None
    if pace is not None and known(pace["pace"]):
        aside += ", " + _("pace {n}").format(n=view.n(pace["pace"]))
    if known(row["unknown"]) and row["unknown"]:
        aside += "; " + _("{n} not followed up").format(n=view.n(row["unknown"]))
    return {"n": view.n(row["known"]), "unit": escape(view.unit(goal)), "goal": aside}


def _contributed(view: View) -> str:
    """Return level 2 of every goal, and whether most would have come or hired anyway."""
    _ = view._
    rows = {goal: row for goal in view.evaluation.project.goals if (row := view.goal(goal)) is not None}
    asked = {goal: row for goal, row in rows.items() if known(row["l2_low"])}
    if not asked:
        return _("To how many the project contributed cannot be said from these records.")
    ranges = view.join(
        [
            f"{view.span(row['l2_low'], row['l2_high'])} {escape(view.unit(goal))}"
            for goal, row in asked.items()
        ]
    )
    if any(assumption_only(view, goal) for goal in asked):
        return _("What the project contributed to is an assumption only, without a survey: {ranges}.").format(
            ranges=ranges
        )
    anyway = _anyway(view, [goal for goal, row in asked.items() if row["l2_high"] < row["known"] / 2])
    if anyway:
        text = _("{anyway}. The project may have contributed to {ranges}.")
        return text.format(anyway=anyway, ranges=ranges)
    return _("The project may have contributed to {ranges}.").format(ranges=ranges)


def _anyway(view: View, goals: list[str]) -> str:
    """Return that most would have come or hired anyway, of goals where level 2 is below half of level 1."""
    _ = view._
    kinds = {"hired" if view.counts(goal) == "companies" else "moved" for goal in goals}
    if kinds == {"moved", "hired"}:
        return _("Most would probably have moved or hired anyway")
    if kinds == {"moved"}:
        return _("Most would probably have moved anyway")
    return _("Most companies would probably have hired anyway") if kinds else ""


def about_county(view: View) -> str:
    """Return the verdict of level 3 on the goal that leads, with what it is held against."""
    from attraktiv_eval.findings import verdict_sentence

    verdict = verdict_of(view, view.main_goal, 3)
    if verdict is None or verdict.rule in ("not_tested", "not_applicable", "not_followed"):
        return view._(
            "The county’s statistics were not tested: they are missing or do not carry a comparison."
        )
    if verdict.rule == "too_coarse" and not verdict.values.get("unit"):
        said = _too_coarse(view, verdict.values)
    else:
        said = escape(verdict_sentence(verdict, view.language))
    return f"{said} {_set_on_the_spot(view)}".strip()


def _set_on_the_spot(view: View) -> str:
    """Say that no plan was written before the run, so that its specifications were chosen with it."""
    plan = getattr(view.evaluation.county, "plan", None)
    if plan is None or plan.written is not None:
        return ""
    return view._("The comparison was not planned beforehand.")


def _too_coarse(view: View, values: dict[str, Any]) -> str:
    """Return in how many cases of ten the statistics would have shown what the goal asks for."""
    _, most = view._, values.get("cases_high")
    aim, row = view.n(values["pace"]), view.estimate()
    if most is None:
        text = _(
            "SCB’s statistics are too coarse to speak for or against the project. How often {n} {unit} would "
            "have been seen is not known."
        )
        return text.format(n=aim, unit=escape(view.unit(view.main_goal)))
    years = view.years(row) if row is not None else view.window
    paced = values["pace"] != values["goal"]
    if most == 0:
        seen = _("in fewer than 1 case of 10")
    elif most == values["cases_low"]:
        seen = _("in {k} of 10 cases").format(k=most)
    else:
        seen = _("in at most {k} of 10 cases").format(k=most)
    text = (
        _(
            "SCB’s statistics are too coarse to speak for or against the project. Had it brought {n} "
            "{unit}, the goal’s pace for {years}, it would have been seen {seen}."
        )
        if paced
        else _(
            "SCB’s statistics are too coarse to speak for or against the project. Had it brought {n} "
            "{unit}, as many as the goal, it would have been seen {seen}."
        )
    )
    return text.format(n=aim, unit=escape(view.unit(view.main_goal)), years=years, seen=seen)


def cost_sentence(view: View) -> str:
    """Return the cost in round numbers: what is paid where the project runs or contributions lack amounts."""
    _, row = view._, view.row("cost_per_result")
    if row is None or not known(row["cost_low"]):
        return ""
    low = float(row["cost_low"])
    high = float(row["cost_high"]) if known(row["cost_high"]) else low
    if view.running:
        return _("About {amount} has been paid.").format(amount=millions(view, low, decimals=0))
    funding = view.table("funding")
    if funding is not None and bool(funding[["decided_sek", "paid_sek"]].isna().all(axis=1).any()):
        text = _("About {amount} was paid. Contributions without an amount come on top.")
        return text.format(amount=millions(view, low, decimals=0))
    return _("The cost was about {amount}.").format(amount=millions(view, low, high, decimals=0))


def millions(view: View, low: float, high: float | None = None, *, decimals: int = 1) -> str:
    """Return an amount as millions or thousands of kronor; it carries its exact ends.

    ``decimals`` of the millions, from ten of them; fewer have one.
    """
    _, high = view._, low if high is None else high
    unit = 1e6 if high >= 1e6 else 1e3
    decimals = 0 if unit == 1e3 else decimals if high >= 1e7 else 1
    ends = [view.number(end / unit, decimals) for end in (low, high)]
    exact = f"{low:.6g}" if low == high else f"{low:.6g} {high:.6g}"
    shown = f'<data value="{exact}">{escape("–".join(dict.fromkeys(ends)))}</data>'
    text = _("SEK {n} million") if unit == 1e6 else _("SEK {n} thousand")
    return text.format(n=shown)


def assumption_only(view: View, goal: str) -> bool:
    """Return whether level 2 rests on an assumption alone, for want of a survey."""
    row = view.goal(goal)
    return row is not None and "l2_survey" in row and not bool(row["l2_survey"])


def _levels_table(view: View) -> str:
    """Return the table of goals by levels; each figure leads to where it comes from."""
    heads = [view._("Goal"), *(view.word("level", level) for level in (1, 2, 3))]
    caption = view._("The goals and the three levels of evidence, until {day}").format(
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
    if not view.followed(goal):
        return "–"
    from attraktiv_eval.findings import verdict_short

    verdict = verdict_of(view, goal, 3)
    return (
        view._("not tested: no statistics")
        if verdict is None
        else escape(verdict_short(verdict, view.language))
    )
