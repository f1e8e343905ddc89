"""Write docs/texts.md: the first screen of the final report in both languages, as the reports show it.

Run after figures or words have changed; a test compares the page with what the code says.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attraktiv_eval.reporting.first_screen import banner, levels, report_title, sentences
from attraktiv_eval.reporting.report import Report
from attraktiv_eval.reporting.view import plain

if TYPE_CHECKING:
    from attraktiv_eval.evaluation import Evaluation

PAGE = Path(__file__).resolve().parent.parent / "docs" / "texts.md"
HEAD = """# The first screens

What a reader meets first in the final report, made from the shipped official figures and the invented
example records. Written by `scripts/first_screens.py`; a test fails where the page and the code disagree. The
texts of the whole report lie in the catalogue `attraktiv_eval/locale`.
"""


def first_screen(evaluation: Evaluation, language: str) -> str:
    """Return one first screen as Markdown: title, the four sentences, the table, the banner."""
    view = Report(evaluation, language).view
    parts = [f"## {report_title(view)}"]
    parts.append("\n".join(f"{at}. {plain(text)}" for at, text in enumerate(sentences(view), start=1)))
    heads = [view._("Goal"), *(view.word("level", level) for level in (1, 2, 3))]
    table = [f"| | {' | '.join(heads)} |", "|---|---:|---|---|---|"]
    for goal in view.evaluation.project.goals:
        target = view.number(view.evaluation.project.goals[goal].target)
        cells = " | ".join(plain(cell) for cell in levels(view, goal))
        table.append(f"| {view.word('goal', goal)} | {target} | {cells} |")
    parts.append("\n".join(table))
    parts.append(f"*{plain(banner(view))}*" if banner(view) else "")
    return "\n\n".join(part for part in parts if part)


def page(evaluation: Evaluation) -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *(first_screen(evaluation, language) + "\n" for language in ("sv", "en"))])


if __name__ == "__main__":
    from attraktiv_eval.evaluation import evaluate

    PAGE.write_text(page(evaluate()), encoding="utf-8", newline="\n")
