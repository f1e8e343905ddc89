"""The page that leads to every report: years, languages and downloads, with the verdict over time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attraktiv_eval.reporting import page, words
from attraktiv_eval.reporting.display import escape
from attraktiv_eval.texts import number, span, translator

__all__ = ["write_index"]


def write_index(folder: Path, entries: list[dict[str, Any]], language: str, project: Any) -> Path:
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
    title = _("{name} · All reports").format(name=project.name)
    main = "\n".join(
        [
            f'<h1 class="report-title">{escape(title)}</h1>',
            _banner(entries, language),
            f'<p class="answer">{escape(_introduction(entries, language))}</p>',
            _over_time(entries, language),
            f"<h2>{escape(_('Reports'))}</h2>",
            *(_entry(entry, language, project) for entry in entries),
        ]
    )
    languages = sorted({one for entry in entries for one in entry["languages"]}, reverse=True)
    path = Path(folder) / f"index{ending}.html"
    text = page.document(
        main, language=language, title=title, top=page.languages_line(languages, language, "index")
    )
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _banner(entries: list[dict[str, Any]], language: str) -> str:
    _ = translator(language)
    if not any(_example(entry) for entry in entries):
        return ""
    words_ = _("Example data: the households and companies in these reports are invented.")
    return f'<p class="banner">{escape(words_)}</p>'


def _example(entry: dict[str, Any]) -> bool:
    results = entry.get("results") or {}
    figures = results.get("figures") or []
    return bool(results.get("example_data")) or any(one.get("example_data") for one in figures)


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


def _over_time(entries: list[dict[str, Any]], language: str) -> str:
    """Return the table of households over time, one row a report."""
    _ = translator(language)
    if not entries:
        return ""
    caption = _("Households over time: the three levels in each report")
    heads = [_("Report"), *(words.word("level", level, language) for level in (1, 2, 3))]
    rows = "".join(_time_row(entry, language) for entry in entries)
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table id="over-time"><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _time_row(entry: dict[str, Any], language: str) -> str:
    _ = translator(language)
    found = {one.get("id"): one for one in (entry.get("results") or {}).get("figures") or []}
    cells = [_cell(found, level, language) for level in (1, 2, 3)]
    name = escape(report_name(entry["name"], language))
    stem = _stem(entry["name"])
    link = f'<a href="{entry["name"]}/{stem}{_ending(entry, language)}.html">{name}</a>'
    return f'<tr><th scope="row">{link}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>'


def _cell(figures: dict[str, dict[str, Any]], level: int, language: str) -> str:
    """Return a level of the households' goal as results.json has it."""
    _ = translator(language)
    for id in (f"households_level{level}", f"households.level{level}", f"level{level}_households"):
        if id in figures and figures[id].get("value") is not None:
            one = figures[id]
            if level == 1:
                return number(one["value"], language)
            return span(one["low"], one["high"], language)
    return "–"


def _stem(name: str) -> str:
    return "final_report" if name == "final" else "evaluation"


def _ending(entry: dict[str, Any], language: str) -> str:
    chosen = language if language in entry["languages"] else entry["languages"][0]
    return "" if chosen == "sv" else f".{chosen}"


def _entry(entry: dict[str, Any], language: str, project: Any) -> str:
    _ = translator(language)
    name, stem = entry["name"], _stem(entry["name"])
    links = []
    for one in entry["languages"]:
        ending = "" if one == "sv" else f".{one}"
        label = {"sv": _("in Swedish"), "en": _("in English")}.get(one, one)
        links.append(f'<a href="{name}/{stem}{ending}.html">{escape(_("Report"))} {escape(label)}</a>')
        links.append(f'<a href="{name}/{stem}{ending}.ipynb">{escape(_("Notebook"))} {escape(label)}</a>')
    links.append(f'<a href="{name}/results.json">{escape(_("Figures as JSON"))}</a>')
    links.append(f'<a href="{name}/run.json">{escape(_("The run as JSON"))}</a>')
    version = _("version {n}").format(n=entry["run"].get("version", 1))
    heading = f"<h3>{escape(report_name(name, language))}</h3>"
    items = "".join(f"<li>{one}</li>" for one in links)
    return f'{heading}<p class="note">{escape(version)}</p><ul>{items}</ul>'
