"""Makes the pages of an invented evaluation, as a run would, but without a kernel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from attraktiv_eval.reporting.first_screen import report_title
from attraktiv_eval.reporting.page import render
from attraktiv_eval.reporting.report import Report
from attraktiv_eval.reporting.sections import BODY
from attraktiv_eval.reporting.view import Display

#: Heading in Swedish, in English, and the parts that stand under it.
SECTIONS: list[tuple[str, str, list[tuple[str, str]]]] = [
    (
        "Huvudtexten",
        "The main text",
        [("text", name) for name in BODY if name != "limits"],
    ),
    ("Bilaga: för den som granskar", "Appendix: for the auditor", []),
    ("Projektet", "The project", [("text", "project"), ("table", "organisations")]),
    ("Utveckling mot plan", "Development against plan", [("text", "development"), ("table", "paths")]),
    (
        "Nivå 1: vilka projektet nådde",
        "Level 1: whom the project reached",
        [("text", "level1"), ("text", "records"), ("table", "accounting"), ("table", "counted_apart")],
    ),
    (
        "Nivå 2: vad projektet bidrog till",
        "Level 2: what the project contributed to",
        [
            ("text", "level2"),
            ("figure", "tornado"),
            ("what_if", "level2"),
            ("figure", "retention"),
            ("text", "assumptions"),
            ("table", "assumptions"),
        ],
    ),
    (
        "Nivå 3: länet mot jämförbara regioner",
        "Level 3: the county against comparable regions",
        [
            ("text", "level3"),
            ("figure", "county_comparison"),
            ("figure", "gaps"),
            ("table", "estimates"),
            ("figure", "specification_curve"),
            ("text", "before_after"),
            ("table", "base_periods"),
        ],
    ),
    ("Andra förklaringar", "Rival explanations", [("text", "rivals"), ("table", "rivals")]),
    ("Faser", "Phases", [("text", "phases"), ("figure", "funnel")]),
    ("Pengar", "Money", [("text", "money"), ("table", "funding"), ("table", "cost_per_result")]),
    ("Kommuner", "Municipalities", [("text", "municipalities"), ("figure", "municipality_map")]),
    ("Det oförutsedda", "The unforeseen", [("text", "unforeseen")]),
    ("Vad uppgifterna inte kan säga", "What the data cannot say", [("text", "limits")]),
    ("Metod", "Method", [("text", "method")]),
    ("Härkomst", "Provenance", [("text", "provenance"), ("provenance", "")]),
]


def write_page(
    evaluation: Any, folder: Path, language: str, run: dict[str, Any], only: tuple[str, ...] = ()
) -> Path:
    """Write the executed notebook, the files it leads to and the page; return the page.

    With ``only``, English headings, the page has these sections and no files beside it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    report = Report(evaluation, language)
    cells = [_code("report.first_screen()", report.first_screen())]
    for swedish, english, parts in SECTIONS:
        if only and english not in only:
            continue
        cells += [_prose(f"## {swedish}", "lang-sv"), _prose(f"## {english}", "lang-en")]
        cells += [_code(_source(kind, id), _part(report, kind, id, run)) for kind, id in parts]
    stem = "final_report" if evaluation.final else "evaluation"
    ending = "" if language == "sv" else f".{language}"
    notebook, page = folder / f"{stem}{ending}.ipynb", folder / f"{stem}{ending}.html"
    nbformat.write(new_notebook(cells=cells), notebook)
    if not only:
        report.save(folder)
    render(notebook, page, language=language, title=report_title(report.view), run=run)
    return page


def _part(report: Report, kind: str, id: str, run: dict[str, Any]) -> Display:
    return report.provenance(run) if kind == "provenance" else getattr(report, kind)(id)


def _source(kind: str, id: str) -> str:
    """Return the cell of a part; a cell of a report's notebook shows one section or several, by name."""
    return f'report.section("promised", "{id}")' if kind == "text" else f'report.{kind}("{id}")'


def _prose(text: str, tag: str) -> Any:
    return new_markdown_cell(text, metadata={"tags": [tag]})


def _code(source: str, shown: Display) -> Any:
    output = new_output("execute_result", data=shown._repr_mimebundle_(), execution_count=1)
    return new_code_cell(source, outputs=[output], execution_count=1)
