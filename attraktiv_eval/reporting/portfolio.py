"""The page of a portfolio: every report, what failed, and the counties side by side as placebos."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attraktiv_eval.reporting import page
from attraktiv_eval.reporting.display import escape
from attraktiv_eval.reporting.exports import write_csv
from attraktiv_eval.reporting.index import report_name
from attraktiv_eval.reporting.portfolio_counties import counties_frame, counties_html, county_rows
from attraktiv_eval.texts import number, translator

if TYPE_CHECKING:
    from attraktiv_eval.project import Project

__all__ = ["Entry", "write_portfolio"]


@dataclass(frozen=True)
class Entry:
    """One report of a portfolio: ``results`` and ``run`` are None where it is not published.

    ``project`` is None where its description cannot be read; the report is then called by its id.
    """

    id: str
    project: Project | None
    report: str
    results: dict[str, Any] | None
    run: dict[str, Any] | None
    error: str = ""
    as_if: bool = False


def write_portfolio(
    folder: Path,
    name: str,
    entries: list[Entry],
    language: str,
    languages: list[Any],
    own_county: str | None = None,
) -> Path:
    """Write ``index.html`` (Swedish) or ``index.<language>.html`` of a portfolio and return its path.

    Beside it, ``counties-<report>.csv`` holds the counties that are shown as if.

    Parameters
    ----------
    entries : list of Entry
        In the order of the portfolio.
    own_county : str, optional
        The county that the project was really in, marked among those that are as if.
    """
    _ = translator(language)
    ending = "" if language == "sv" else f".{language}"
    title = _("{name} · Portfolio").format(name=name)
    parts = [
        f'<h1 class="report-title">{escape(title)}</h1>',
        _banner(entries, language),
        f'<p class="answer">{escape(_summary(entries, language))}</p>',
    ]
    for report in dict.fromkeys(entry.report for entry in entries if entry.as_if):
        rows = county_rows([one for one in entries if one.as_if and one.report == report], own_county)
        parts += counties_html(rows, report, language)
        if rows:
            write_csv(counties_frame(rows), folder / f"counties-{report}.csv")
    parts += [_failures(entries, language), _reports(entries, language)]
    text = page.document(
        "\n".join(part for part in parts if part),
        language=language,
        title=title,
        top=page.languages_line([str(one) for one in languages], language, "index"),
    )
    path = folder / f"index{ending}.html"
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _banner(entries: list[Entry], language: str) -> str:
    if not any((entry.results or {}).get("example_data") for entry in entries):
        return ""
    _ = translator(language)
    text = _(
        "Example data: in some of these reports the households, companies, survey answers, activities and "
        "payments are invented."
    )
    return f'<p class="banner">{escape(text)}</p>'


def _summary(entries: list[Entry], language: str) -> str:
    _ = translator(language)
    there = sum(entry.results is not None for entry in entries)
    failed = sum(bool(entry.error) for entry in entries)
    text = _("{n} of {all} reports are published.").format(
        n=number(there, language), all=number(len(entries), language)
    )
    if not failed:
        return text
    return text + " " + _("{n} failed.").format(n=number(failed, language))


def _failures(entries: list[Entry], language: str) -> str:
    failed = [entry for entry in entries if entry.error]
    if not failed:
        return ""
    _ = translator(language)
    heading = _("What failed")
    items = "".join(f"<li>{escape(_called(entry, language))}: {escape(entry.error)}</li>" for entry in failed)
    return f'<h2 id="failed">{escape(heading)}</h2><ul>{items}</ul>'


def _reports(entries: list[Entry], language: str) -> str:
    _ = translator(language)
    items = []
    for entry in entries:
        if entry.run is None:
            continue
        called = escape(_called(entry, language))
        place = f"{entry.id}/results.json"
        data, report = escape(_("Figures as JSON")), escape(_("Report"))
        links = [f'<a href="{place}">{data}</a>']
        if entry.run.get("pages", True):
            links.insert(0, f'<a href="{page_of(entry, language)}">{report}</a>')
        items.append(f"<li>{called}: {', '.join(links)}</li>")
    heading = escape(_("All reports"))
    return f'<h2 id="reports">{heading}</h2><ul>{"".join(items)}</ul>' if items else ""


def page_of(entry: Entry, language: str) -> str:
    """Return the address of a report's page, in the language where it exists."""
    known = (entry.run or {}).get("languages") or ["sv"]
    chosen = language if language in known else known[0]
    stem = "final_report" if entry.report == "final" else "evaluation"
    return f"{entry.id}/{stem}{'' if chosen == 'sv' else '.' + chosen}.html"


def _called(entry: Entry, language: str) -> str:
    project = entry.project
    name = entry.id.split("/")[0] if project is None else f"{project.name}, {project.region.name}"
    text = f"{name}, {report_name(entry.report, language)}"
    _ = translator(language)
    return _("as if: {report}").format(report=text) if entry.as_if else text
