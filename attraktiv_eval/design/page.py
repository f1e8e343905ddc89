"""The page before a project: what each design could see, with the goal on the axis; and the draft."""

from __future__ import annotations

import hashlib
import math
import tempfile
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attraktiv_eval import regions, resources
from attraktiv_eval.counterfactual.inference.drawn_lots import DrawResult
from attraktiv_eval.counterfactual.method import method_name
from attraktiv_eval.counterfactual.power import POWER
from attraktiv_eval.design.compared import STRAYED, Compared, Sight
from attraktiv_eval.errors import ParameterError, one_of
from attraktiv_eval.level3.plan import digest
from attraktiv_eval.reporting import page
from attraktiv_eval.reporting.draw import draw_figure, draw_sentence, draw_tables
from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.tables import Row, boxed, write
from attraktiv_eval.reporting.view import escape, paragraphs
from attraktiv_eval.resources import toml_text, writing
from attraktiv_eval.texts import LANGUAGES, in_language, number, percent, span, translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure


FOLLOW_UP = 12  # months after which everyone is asked
MONTHS_AFTER = 4  # SCB's moves of a year come in the spring after it


@cache
def _words() -> dict[str, Any]:
    return resources.read_toml(resources.find("data/design.toml"))


def _n(value: float | None, language: str) -> str:
    if value is None:
        return "–"
    return "∞" if math.isinf(value) else number(value, language)


def _years(compared: Compared) -> str:
    asked = compared.request
    return str(asked.first) if asked.first == asked.last else f"{asked.first}–{asked.last}"


def _region(compared: Compared) -> str:
    return ", ".join(regions.COUNTIES[code] for code in compared.request.regions)


def _in_ten(power: float, language: str) -> str:
    return number(math.floor(10 * power + 0.5), language)


def visible(compared: Compared, language: str) -> str:
    """Return whether the goal would be seen in the county's own statistics, in a sentence."""
    _ = translator(language)
    sight = compared.county
    assert sight is not None and sight.power is not None
    text = (
        _(
            "{goal} households are visible in the statistics: such an effect would be found in {k} of 10 "
            "cases; the smallest that is found in 8 of 10 is {value} households."
        )
        if sight.sees
        else _(
            "{goal} households are not visible in the statistics: such an effect would be found in {k} of 10 "
            "cases; the smallest that is found in 8 of 10 is {value} households."
        )
    )
    return text.format(
        goal=_n(compared.request.goal, language),
        k=_in_ten(sight.power, language),
        value=_n(sight.value, language),
    )


def restated(compared: Compared, language: str) -> str:
    """Return the goal so that it could be tested: with which draw, and among how many contacts."""
    _ = translator(language)
    least, most = compared.contacts_needed
    asked = compared.request
    known = {
        "goal": _n(asked.goal, language),
        "least": _n(least, language),
        "most": _n(most, language),
        "contacts": _n(asked.contacts, language),
    }
    if not least:
        told = _("No draw among contacts would see {goal} households either.")
    elif not asked.contacts:
        told = _("With a draw or waiting list among at least {least} contacts {goal} households are visible.")
    elif asked.contacts < least:
        told = _(
            "With the {contacts} contacts expected the goal cannot be reached: too few of them would not "
            "have come anyway. With a draw or waiting list among at least {least} contacts {goal} households "
            "are visible."
        )
    elif asked.contacts > most:
        told = _(
            "Among {contacts} contacts so few households drown; a draw sees them among {least} to {most} "
            "contacts."
        )
    else:
        told = _(
            "With a draw or waiting list among at least {least} contacts {goal} households are visible. So "
            "that it can be tested: among {contacts} contacts, at least {more} more of 100 move in of those "
            "drawn to be served than of those who wait."
        )
    more = 100 * asked.goal / asked.contacts if asked.contacts else 0.0
    return told.format(more=number(more, language, 1), **known)


def _name(compared: Compared, sight: Sight, language: str, *, outcome: bool = True) -> str:
    entry = next(one for one in _words()["designs"] if one["id"] == sight.id)
    name = str(entry[language]).format(what=sight.what)
    if sight.id not in ("county", "municipalities") or not outcome or not sight.what:
        return name
    return f"{name}: {compared.outcome_label(sight.what, language)}"


def _reason(id: str, language: str) -> str:
    _ = translator(language)
    return {
        "not_held": _("not in the statistics of this run; attraktiv-eval fetch brings it"),
        "control": _("a control, which the project should leave alone"),
        "other_unit": _("counts something else than households that move"),
        "too_short": _("the series is too short for past windows of the project's length"),
        "no_contacts": _("fewer than four contacts are expected; say how many with --contacts"),
        "too_few": _("too few regions would be left to compare with"),
        "no_test": _("tests nothing: a range of judgements"),
    }[id]


# --- The picture


def _drawn(compared: Compared) -> list[Sight]:
    """Return the sights that have a smallest effect, the smallest first."""
    held = [one for one in compared.sights if one.value is not None and math.isfinite(one.value)]
    return sorted(held, key=lambda one: one.value or 0.0)


def draw(compared: Compared, language: str) -> Figure:
    """Return the smallest effect of each design on a logarithmic axis, with the goal on it."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    rows, goal = _drawn(compared), compared.request.goal
    names = ["\n".join(textwrap.wrap(_short(compared, one, language), 23)[:3]) for one in rows]
    height = sum(14 * (name.count("\n") + 1) + 14 for name in names) + 64
    figure, (axes,) = style.new(height)
    at, places = 0.0, []
    for sight, name in zip(rows, names, strict=True):
        tall = 14 * (name.count("\n") + 1) + 14
        places.append(-(at + tall / 2))
        at += tall
        ends = [value for value in (sight.low, sight.high) if value is not None and math.isfinite(value)]
        colour = style.COUNTY if sight.sees else style.OTHER
        axes.plot([min(ends), max(ends)], [places[-1]] * 2, color=colour, linewidth=2.4)
        axes.plot([sight.value or 0.0], [places[-1]], "D" if sight.sees else "o", color=colour, markersize=6)
    axes.plot([goal, goal], [-at, 3], color=style.GOAL, linewidth=1.2, linestyle=(0, (4, 3)))
    _ = translator(language)
    axes.text(goal, 6, _("goal {n}").format(n=_n(goal, language)), ha="center", va="bottom")
    axes.set_yticks(places, names)
    axes.set_ylim(-at, 22)
    axes.set_xscale("log")
    values = [one.value or goal for one in rows] + [float(goal)]
    axes.set_xlim(min(values) / 1.8, max(values) * 1.8)
    ticks = (1, 3, 10, 30, 100, 300, 1000, 10_000, 100_000, 1_000_000)
    axes.set_xticks([n for n in ticks if min(values) / 1.8 <= n <= max(values) * 1.8])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: number(value, language)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    style.clean(axes, grid="x")
    figure.subplots_adjust(left=0.47, right=0.97, top=0.995, bottom=26 / height)
    return figure


def _short(compared: Compared, sight: Sight, language: str) -> str:
    if sight.id == "county":
        return compared.outcome_label(sight.what, language)
    return _name(compared, sight, language, outcome=False)


def _figure(compared: Compared, language: str) -> str:
    _ = translator(language)
    rows = _drawn(compared)
    finding = _("Designs that would find the goal in 8 cases of 10: {n} of {all}").format(
        n=number(sum(one.sees for one in rows), language), all=number(len(rows), language)
    )
    title = _(
        "Smallest effect that is found in 80 of 100 cases, households of the whole project (logarithmic "
        "axis). Diamond: sees the goal. Line: the range over methods, or over the share that moves anyway."
    )
    tables = sorted({table for one in compared.panel.sources for table in one["tables"]})
    source = _("Source: Statistics Sweden (SCB), {tables}. Own calculation.").format(tables=", ".join(tables))
    drawn = partial(draw, compared, language)
    return style.on_page(drawn, "fig-designs", _("Dot chart"), finding, title, language, source)


# --- The tables


def _designs(compared: Compared, language: str) -> str:
    _ = translator(language)
    caption = _("What each design could see, households of the whole project")
    heads = [_("Design"), _("Smallest effect"), _("Range"), _("Goal found, cases of 100"), _("Method")]
    rows = []
    for one in compared.sights:
        if one.value is None:
            cells = ["–", "–", "–", escape(_reason(one.reason, language))]
        else:
            low, high = one.low or 0.0, one.high or 0.0
            over = f"{_n(low, language)}–∞" if math.isinf(high) else span(low, high, language)
            power = number(math.floor(100 * (one.power or 0.0)), language)
            method = method_name(one.method, language) if one.method else _("randomisation")
            cells = [escape(_n(one.value, language)), escape(over), power, escape(method)]
        rows.append(Row(escape(_name(compared, one, language)), cells, own=one.sees))
    table = write("table-designs", caption, heads, rows, numbers=(1, 2, 3))
    left = "".join(
        f"<li>{escape(compared.outcome_label(id, language))}: {escape(_reason(why, language))}</li>"
        for id, why in compared.lacking.items()
    )
    summary = escape(_("Outcomes that are not compared"))
    more = f"<details><summary>{summary}</summary><ul>{left}</ul></details>" if left else ""
    return boxed(table, caption, len(heads)) + more


def _needs(compared: Compared, language: str) -> str:
    used = dict.fromkeys(one.id for one in compared.sights)
    items = []
    for id in used:
        entry = next(one for one in _words()["designs"] if one["id"] == id)
        name = str(entry[language]).format(what="/".join(_sizes(compared, id)))
        told = str(entry[f"needs_{language}"]).format(months_after=MONTHS_AFTER, follow_up=FOLLOW_UP)
        items.append(f"<dt>{escape(name)}</dt><dd>{escape(told)}</dd>")
    return f"<dl>{''.join(items)}</dl>"


def _sizes(compared: Compared, id: str) -> list[str]:
    return [one.what for one in compared.sights if one.id == id]


def _facts(compared: Compared, language: str) -> dict[str, str]:
    _ = translator(language)
    return {
        "region": _region(compared),
        "contacts": _n(compared.request.contacts, language),
        "goal": _n(compared.request.goal, language),
        "years": _years(compared),
        "restated": restated(compared, language),
        "visible": visible(compared, language),
        "outcome": compared.outcome_label(compared.outcome, language),
        "follow_up": str(FOLLOW_UP),
        "least": _n(compared.contacts_needed[0], language),
        "comparison": _(
            "With those drawn to wait, where the list is drawn by lot; else with the counties outside the "
            "project, which is coarser."
        )
        if compared.request.contacts
        else _("With the counties outside the project, which is coarse; no list of contacts is planned."),
    }


def answers(compared: Compared, language: str) -> list[tuple[str, str, str | None]]:
    """Return guide, question and answer of each question; None where it is open."""
    facts, found = _facts(compared, language), []
    for one in _words()["questions"]:
        told = one.get(f"answer_{language}")
        if told is not None and one.get("needs") == "contacts" and not compared.request.contacts:
            told = None
        found.append(
            (
                one["guide"],
                one[language],
                None if told is None else translator(language)(told).format(**facts),
            )
        )
    return found


def _questions(compared: Compared, language: str) -> str:
    _ = translator(language)
    parts = []
    still_open = escape(_("open"))
    every = answers(compared, language)
    for guide in _words()["guides"]:
        own = [(question, answer) for of, question, answer in every if of == guide["id"]]
        rows = [
            Row(escape(question), [escape(answer) if answer else f"<em>{still_open}</em>"])
            for question, answer in own
        ]
        caption = _("{guide}: {n} of {all} answered here").format(
            guide=guide[language], n=sum(bool(answer) for _q, answer in own), all=len(own)
        )
        table = write(f"table-{guide['id']}", caption, [_("Question"), _("Answer")], rows)
        source = _("Source: {source}; in words of our own.").format(source=guide["source"])
        parts.append(boxed(table, caption, 2) + f'<p class="source">{escape(source)}</p>')
    return "".join(parts)


def _money(compared: Compared, language: str) -> str:
    asked = compared.request
    if asked.budget is None:
        return ""
    _ = translator(language)
    text = _("{budget} SEK over {goal} households is {each} SEK a household if the goal is reached.").format(
        budget=_n(asked.budget, language),
        goal=_n(asked.goal, language),
        each=_n(asked.budget / asked.goal, language),
    )
    sight = compared.county
    if sight and sight.value and math.isfinite(sight.value) and not sight.sees:
        text += " " + _(
            "As long as only the county's statistics are asked, nobody can tell it from {worst} SEK a "
            "household or from nothing at all."
        ).format(worst=_n(asked.budget / max(1.0, sight.value - asked.goal), language))
    return f"<p>{escape(text)}</p>"


def _strayed(compared: Compared, sight: Sight, language: str) -> str:
    """Return the range that most past projects of this length fell in; empty for one longer than tried."""
    factor = STRAYED.get(compared.request.years)
    if factor is None or not sight.value or not math.isfinite(sight.value):
        return ""
    _ = translator(language)
    return _(
        "So the smallest effect is a range: in 80 of 100 past cases of this length the finished window gave "
        "what here is {low} to {high} households."
    ).format(low=_n(sight.value / factor, language), high=_n(sight.value * factor, language))


def _how(compared: Compared, language: str) -> str:
    _ = translator(language)
    sight = compared.county
    assert sight is not None
    low, value, high = compared.per_household
    first, last = sight.windows or (0, 0)
    told = [
        _(
            "Each county was put in the project's place in every past window as long as the project that "
            "began in {first}–{last}. What chance then gave, over all counties and windows, is what the "
            "project must be told apart from: two-sided at 10 per cent, found in 80 of 100 cases."
        ).format(first=first, last=last),
        _(
            "Moves become households by {value} moves a household; with {low} or {high} the smallest effect "
            "is {more} or {less} households."
        ).format(
            value=number(value, language, 1),
            low=number(low, language, 1),
            high=number(high, language, 1),
            more=_n((sight.value or 0) * value / low, language),
            less=_n((sight.value or 0) * value / high, language),
        ),
        _(
            "Held against past projects that never were, such a promise was within 15 per cent of what the "
            "finished window then gave in 82 of 100 cases: in 94 for one year, 81 for two and 68 for three. "
            "A report's own interval rests on the years of the project alone and strays more."
        ),
        _strayed(compared, sight, language),
        _(
            "In a draw the effect is told for all contacts, as if each were served; of those who wait, "
            "{base} are assumed to move anyway ({low} to {high} in the range)."
        ).format(
            base=percent(compared.request.moves_anyway, language),
            low=percent(compared.moves_anyway_range[0], language),
            high=percent(compared.moves_anyway_range[1], language),
        ),
    ]
    return "".join(f"<p>{escape(one)}</p>" for one in told)


def banner(compared: Compared, language: str) -> str:
    """Return the label: what on the page is assumed and not observed."""
    _ = translator(language)
    return _(
        "Assumed, not observed: the number of contacts ({contacts}) and the share of them that moves anyway "
        "({base}). Everything else rests on official statistics."
    ).format(
        contacts=_n(compared.request.contacts, language),
        base=percent(compared.request.moves_anyway, language),
    )


def title(compared: Compared, language: str) -> str:
    """Return the page's title."""
    _ = translator(language)
    return _("Before the project: {region}, {years}").format(region=_region(compared), years=_years(compared))


def section(compared: Compared, id: str, language: str) -> Any:
    """Return one part of the page, as a notebook shows it.

    ``id``: summary, picture, designs, needs, questions or how.

    Raises
    ------
    ParameterError
        If there is no such part.
    """
    from attraktiv_eval.reporting.view import Display

    parts = {
        "summary": _summary,
        "picture": _figure,
        "designs": _designs,
        "needs": _needs,
        "questions": _questions,
        "how": _how,
    }
    if id not in parts:
        raise ParameterError(f"the page has no part {id!r}", remedy=one_of(parts, id))
    return Display(parts[id](compared, language), id)


def _summary(compared: Compared, language: str) -> str:
    return (
        f'<p class="banner">{escape(banner(compared, language))}</p>'
        f'<p class="answer">{escape(visible(compared, language))} {escape(restated(compared, language))}</p>'
        f"{_money(compared, language)}"
    )


def document_of(
    compared: Compared, language: str, languages: Sequence[str] = (), draft: Draft | None = None
) -> str:
    """Return the whole page in one language."""
    _ = translator(language)
    parts = [_summary(compared, language), _figure(compared, language)]
    for id, heading, text in (
        ("designs", _("What each design could see"), _designs(compared, language)),
        ("needs", _("What each design needs"), _needs(compared, language)),
        ("questions", _("The questions of two guides"), _questions(compared, language)),
        ("draft", _("The draft"), draft.html(language) if draft else ""),
        ("how", _("How the numbers are made"), _how(compared, language)),
    ):
        if text:
            parts.append(f'<h2 id="{id}">{escape(heading)}</h2>{text}')
    return page.titled(title(compared, language), parts, language, languages, "design")


# --- The draft: project, workbook, survey, plan; hashed


@dataclass(frozen=True)
class Draft:
    """The files of a draft and the plan's hash; ``before`` says whether it was written before the start."""

    files: dict[str, str]
    sha256: str
    written: date
    before: bool

    def html(self, language: str) -> str:
        """Return the files with their hashes, and whether the plan came before the start."""
        _ = translator(language)
        said = (
            _("Written {day}, before the project's first day. The plan's hash is {hash}.")
            if self.before
            else _("Written {day}, after the project's first day: not a plan made blind. Its hash is {hash}.")
        ).format(day=self.written.isoformat(), hash=self.sha256)
        items = "".join(
            f"<li>{escape(name)}: <code>{digest_of[:16]}…</code></li>"
            for name, digest_of in self.files.items()
        )
        more = _("Enter it in a register of plans: attraktiv-eval register add.")
        return f"<p>{escape(said)}</p><ul>{items}</ul><p>{escape(more)}</p>"


def plan_content(compared: Compared, files: dict[str, str], written: date) -> dict[str, Any]:
    """Return what the plan says, without its own hash."""
    asked = compared.request
    content: dict[str, Any] = {
        "kind": "design",
        "written": written.isoformat(),
        "before_start": written < date(asked.first, 1, 1),
        "regions": list(asked.regions),
        "first_year": asked.first,
        "last_year": asked.last,
        "goal_households": asked.goal,
        "contacts": asked.contacts,
        "budget_sek": asked.budget,
        "moves_anyway": asked.moves_anyway,
        "share_served_first": asked.share,
        "outcome": compared.outcome,
        "method": compared.county.method if compared.county else "",
        "level": 0.9,
        "power": POWER,
        "follow_up_months": FOLLOW_UP,
        "statistic": "t = A / s*, against all counties and past windows",
        "draw": "intention to treat by randomisation inference; compliers with bounds for drop-out",
        "data_sha256": compared.data_sha256,
        "goal_restated": restated(compared, "en"),
        "files": files,
        "design": [
            {
                "id": one.id,
                "what": one.what,
                "smallest_effect": _six(one.value),
                "power_at_goal": _six(one.power),
                "method": one.method,
            }
            for one in compared.sights
            if one.value is not None and math.isfinite(one.value)
        ],
    }
    return {key: value for key, value in content.items() if value is not None}


def _six(value: float | None) -> float:
    return float(f"{value or 0.0:.6g}")


def _survey(language: str, heading: str) -> str:
    _ = translator(language)
    asked = "\n".join(f"{at}. {one[language]}" for at, one in enumerate(_words()["survey"], start=1))
    lead = _(
        "The same questions, on the same day, to those who were served and to those who wait, {n} months "
        "after the draw."
    ).format(n=FOLLOW_UP)
    return f"# {heading}\n\n{lead}\n\n{asked}\n"


def write_design(
    compared: Compared,
    directory: Path,
    languages: list[str] | tuple[str, ...] = LANGUAGES,
    name: str = "",
    today: date | None = None,
) -> list[Path]:
    """Write page, table, draft project, workbook, survey questions and hashed plan, all or nothing.

    Parameters
    ----------
    directory : Path
        A new or empty folder.
    name : str
        What the project is called.
    today : date, optional
        The day the plan carries.

    Returns
    -------
    list of Path
        The files, the pages first.

    Raises
    ------
    PublicationError
        If the folder holds something already or cannot be written.
    """
    from attraktiv_eval.runs.new_project import check_place

    directory = Path(directory)
    check_place(directory)
    with writing("the folder", directory):
        directory.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=".design-", dir=directory.parent, ignore_cleanup_errors=True
        ) as folder:
            made = Path(folder) / "draft"
            made.mkdir()
            _write_into(made, compared, [*languages], name, today or resources.today())
            if directory.exists():
                directory.rmdir()
            made.replace(directory)
    pages = sorted(directory.glob("design*.html"))
    return [*pages, *(path for path in sorted(directory.rglob("*")) if path.is_file() and path not in pages)]


def _write_into(folder: Path, compared: Compared, languages: list[str], name: str, today: date) -> None:
    from attraktiv_eval.reporting.report import write_csv
    from attraktiv_eval.runs.new_project import Answers, make_project

    asked = compared.request
    for code in asked.regions:
        called = name or f"{regions.COUNTIES[code]} {_years(compared)}"
        answers_of = Answers(
            called, code, date(asked.first, 1, 1), date(asked.last, 12, 31), {"households": _share_of(asked)}
        )
        make_project(folder / ("project" if len(asked.regions) == 1 else f"project-{code}"), answers_of)
    write_csv(compared.table(), folder / "designs.csv")
    for language in languages:
        text = _survey(language, title(compared, language))
        (folder / in_language("survey", language, "md")).write_text(text, encoding="utf-8", newline="\n")
    files = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    content = plan_content(compared, files, today)
    sha256 = digest(content)
    text = _PLAN_HEAD + toml_text({"sha256": sha256, **content})
    (folder / "design_plan.toml").write_text(text, encoding="utf-8", newline="\n")
    draft = Draft(files, sha256, today, bool(content["before_start"]))
    page.write_pages(
        folder, "design", languages, lambda language: document_of(compared, language, languages, draft)
    )


def _share_of(asked: Any) -> int:
    return max(1, round(asked.goal / len(asked.regions)))


_PLAN_HEAD = """\
# The plan before the project. Written by: attraktiv-eval design. Not to be edited by hand: sha256 is the hash
# of all that it says, and the hash of every file of the draft stands in it.

"""


# --- The page of a draw: evidence of its own kind


def draw_document(result: DrawResult, language: str, languages: Sequence[str] = ()) -> str:
    """Return the page of a draw in one language."""
    _ = translator(language)
    heading = _("What the draw shows")
    kind = _(
        "Evidence of its own kind: who was served first was drawn by lot. It stands beside the three levels "
        "and is never added to them."
    )
    finding = _("p = {p} by randomisation").format(p=number(result.p_value, language, 3))
    what = _("Households more of all applicants, with 90 per cent intervals")
    parts = [paragraphs(escape(draw_sentence(result, language)), escape(kind))]
    if not result.small:
        drawn = partial(draw_figure, result, language)
        parts.append(style.on_page(drawn, "fig-draw", _("Dot chart"), finding, what, language))
    parts.append(draw_tables(result, language))
    return page.titled(heading, parts, language, languages, "draw_result")


def write_draw(result: DrawResult, directory: Path, languages: list[str]) -> list[Path]:
    """Write the page of a draw in each language beside it; return the files."""
    with writing("the folder", directory):
        return page.write_pages(
            directory, "draw_result", languages, lambda language: draw_document(result, language, languages)
        )
