"""The page that leads to every report: years, languages and downloads, with the verdict over time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from attraktiv_eval.reporting import labels, page
from attraktiv_eval.reporting.tables import Row, boxed, write
from attraktiv_eval.reporting.view import escape
from attraktiv_eval.texts import number, span, translator

if TYPE_CHECKING:
    from attraktiv_eval.project import Project

__all__ = ["report_name", "write_index"]


def write_index(folder: Path, entries: list[dict[str, Any]], language: str, project: Project) -> Path:
    """Write ``index.html`` (Swedish) or ``index.<language>.html`` and return its path.

    Parameters
    ----------
    folder : Path
        The output folder.
    entries : list of dict
        One a published report, in order: ``name`` (the folder: "2021" or "final"), ``run`` (run.json),
        ``results`` (results.json) and ``languages``.
    language : {"sv", "en"}
    project : Project
    """
    _ = translator(language)
    ending = "" if language == "sv" else f".{language}"
    title = _("{name}: all reports").format(name=project.name)
    parts = [
        f'<h1 class="report-title">{escape(title)}</h1>',
        _banner(entries, language),
        f'<p class="answer">{escape(_introduction(entries, language))}</p>',
        *(_over_time(entries, project, goal, language) for goal in project.goals if entries),
        _reports_heading(language),
        *(_entry(Path(folder), entry, language) for entry in entries),
    ]
    languages = sorted({one for entry in entries for one in entry["languages"]}, reverse=True)
    path = Path(folder) / f"index{ending}.html"
    text = page.document(
        "\n".join(part for part in parts if part),
        language=language,
        title=title,
        top=page.languages_line(languages, language, "index"),
        label=page.label_of(_banner(entries, language)),
    )
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _reports_heading(language: str) -> str:
    _ = translator(language)
    text = _("Reports")
    return f'<h2 id="reports">{escape(text)}</h2>'


def _banner(entries: list[dict[str, Any]], language: str) -> str:
    _ = translator(language)
    if not any((entry.get("results") or {}).get("example_data") for entry in entries):
        return ""
    text = _(
        "Example data: the households, companies, survey answers, activities and payments in these reports "
        "are invented, the figures from Statistics Sweden (SCB) are real."
    )
    return f'<p class="banner example">{escape(text)}</p>'


def _introduction(entries: list[dict[str, Any]], language: str) -> str:
    _ = translator(language)
    if not entries:
        return _("No report is published yet.")
    return _(
        "The reports say what the project promised, whom it reached, to how many it plausibly contributed, "
        "and what the county’s statistics can and cannot show."
    )


def report_name(name: str, language: str) -> str:
    """Return what a report is called: Yearly evaluation 2021, Final report."""
    _ = translator(language)
    return _("Final report") if name == "final" else _("Yearly evaluation {year}").format(year=name)


def _over_time(entries: list[dict[str, Any]], project: Project, goal: str, language: str) -> str:
    """Return a goal's table over time: one row a report, one column a level."""
    _ = translator(language)
    caption = _("{goal} over time: the three levels in each report").format(
        goal=getattr(project.goals[goal], f"name_{language}")
        or labels.word("goal", project.goals[goal].counts, language)
    )
    levels = (1, 2, 3) if project.goals[goal].followed else (1,)
    heads = [_("Report"), _("Goal"), *(labels.word("level", level, language) for level in levels)]
    rows = [_time_row(entry, goal, levels, language) for entry in entries]
    table = write(f"over-time-{goal}", caption, heads, rows)
    return boxed(table, caption, len(heads))


def _time_row(entry: dict[str, Any], goal: str, levels: tuple[int, ...], language: str) -> Row:
    figures = {one.get("id"): one for one in (entry.get("results") or {}).get("figures") or []}
    target = figures.get(f"{goal}.goal", {}).get("value")
    cells = [_count(target, language), *(_cell(entry, figures, goal, level, language) for level in levels)]
    name = escape(report_name(entry["name"], language))
    link = f'<a href="{_page(entry, language)}">{name}</a>'
    return Row(link, [escape(cell) for cell in cells])


def _cell(
    entry: dict[str, Any], figures: dict[str, dict[str, Any]], goal: str, level: int, language: str
) -> str:
    """Return a level as results.json has it: the figure, and at level 3 the verdict in short."""
    _ = translator(language)
    if level == 1:
        return _count(figures.get(f"{goal}.known", {}).get("value"), language)
    if level == 3:
        return _verdict(entry, goal, language)
    found = figures.get(f"{goal}.level2", {})
    if found.get("value") is None:
        return "–"
    said = span(found["low"], found["high"], language)
    return _("assumption: {range}").format(range=said) if found.get("method") == "assumption_only" else said


def _count(value: float | None, language: str) -> str:
    return "–" if value is None else number(value, language)


def _verdict(entry: dict[str, Any], goal: str, language: str) -> str:
    from attraktiv_eval.findings import Verdict, verdict_short

    kept = (entry.get("results") or {}).get("verdicts") or []
    rows = kept if isinstance(kept, list) else [one for levels in kept.values() for one in levels.values()]
    for one in rows:
        if one.get("goal") == goal and int(one.get("level", 0)) == 3:
            verdict = Verdict(
                3, goal, one["rule"], dict(one.get("values") or {}), list(one.get("reasons") or [])
            )
            return verdict_short(verdict, language)
    return "–"


def _stem(name: str) -> str:
    return "final_report" if name == "final" else "evaluation"


def _page(entry: dict[str, Any], language: str) -> str:
    chosen = language if language in entry["languages"] else entry["languages"][0]
    ending = "" if chosen == "sv" else f".{chosen}"
    return f"{entry['name']}/{_stem(entry['name'])}{ending}.html"


def _entry(folder: Path, entry: dict[str, Any], language: str) -> str:
    """Return a report's links: pages, notebooks, workbook and PDF where they are, and the data."""
    _ = translator(language)
    name = entry["name"]
    links = []
    for one in entry["languages"]:
        ending = "" if one == "sv" else f".{one}"
        tongue = {"sv": _("in Swedish"), "en": _("in English")}.get(one, one)
        stem = f"{name}/{_stem(name)}{ending}"
        kinds = {
            f"{stem}.html": _("Report"),
            f"{stem}.pdf": _("Report as PDF"),
            f"{stem}.docx": _("Main text as a Word document"),
            f"{name}/tables{ending}.xlsx": _("Tables as an Excel workbook"),
            f"{stem}.ipynb": _("Notebook"),
        }
        links += [
            _link(entry, file, f"{kind} {tongue}", language)
            for file, kind in kinds.items()
            if file.endswith(".html") or (folder / file).is_file()
        ]
    figures, record = _("Figures as JSON"), _("The run as JSON")
    if (folder / name / "ro-crate-metadata.json").is_file():
        described = _("Description for archives (RO-Crate)")
        links.append(_link(entry, f"{name}/ro-crate-metadata.json", described, language))
    links.append(_link(entry, f"{name}/results.json", figures, language))
    links.append(_link(entry, f"{name}/run.json", record, language))
    version = _("version {n}").format(n=entry["run"].get("version", 1))
    items = "".join(f"<li>{one}</li>" for one in links)
    heading = f"<h3>{escape(report_name(name, language))}</h3>"
    return f'{heading}<p class="note">{escape(version)}</p><ul>{items}</ul>'


def _link(entry: dict[str, Any], file: str, words: str, language: str) -> str:
    """Return a link that says of which report it fetches what, also to one who hears it alone."""
    told = f"{report_name(entry['name'], language)}: {words[:1].lower()}{words[1:]}"
    return f'<a href="{file}">{escape(told)}</a>'
