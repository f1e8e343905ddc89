"""The report of an evaluation in one language: what a notebook calls to show its parts."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attraktiv_eval.errors import ParameterError, one_of
from attraktiv_eval.records.workbook import as_plain_text
from attraktiv_eval.reporting import tables
from attraktiv_eval.reporting.downloads import FIGURES_OF_BODY, write_workbook
from attraktiv_eval.reporting.figures import FIGURES, SHOWS, FigureText, figure_text
from attraktiv_eval.reporting.first_screen import first_screen, heading
from attraktiv_eval.reporting.page import what_if
from attraktiv_eval.reporting.provenance import provenance
from attraktiv_eval.reporting.sections import HEADINGS, PARTS, WHERE_HELD, parts_of, section
from attraktiv_eval.reporting.view import Display, View, escape, paragraphs
from attraktiv_eval.table_specifications import TABLES
from attraktiv_eval.texts import about, in_language, translator

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Report",
    "write_csv",
    "write_figures",
    "write_tables",
]


#: Texts, figures and tables about moves: a project whose goals count nobody who moves says nothing there.
OF_MOVERS = (
    "before_after", "municipalities", "phases", "rivals",
    "region_effects",
    "retention", "county_comparison", "gaps", "specification_curve", "funnel", "municipality_map",
    "households_", "counted_apart", "time_to_move", "estimates", "flows", "controls", "weights",
    "base_periods", "municipality_effects",
)  # fmt: skip
#: Those about companies that hire.
OF_HIRES = ("company_", "companies_", "level3_companies", "labour_shortage")


def write_tables(view: View, folder: Path) -> list[Path]:
    """Write every table as CSV for Swedish Excel: byte order mark, semicolon, decimal comma."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in sorted(tables.names(view)):
        table = _rules(view) if name == "verdicts" else tables.derived(view, name)
        if table is None:
            continue
        written.append(write_csv(tables.labelled(view, name, table), folder / f"{name}.csv"))
    return written


def write_csv(table: pd.DataFrame, path: Path) -> Path:
    """Write one table as CSV for Swedish Excel and return its path."""
    path.write_bytes(("\ufeff" + _csv(table)).encode("utf-8"))
    return path


def _rules(view: View) -> pd.DataFrame:
    """Return the verdicts by rule id: the file is the same in both languages, the page has the words."""
    import pandas as pd

    rows = [
        (goal, level, verdict.rule, " ".join(verdict.reasons))
        for goal, levels in view.evaluation.verdicts.items()
        for level, verdict in sorted(levels.items())
    ]
    return pd.DataFrame(rows, columns=["goal", "level", "rule", "reasons"])


def _csv(table: pd.DataFrame) -> str:
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\n")
    writer.writerow([as_plain_text(str(column)) for column in table.columns])
    for row in table.astype(object).itertuples(index=False):
        writer.writerow([_cell(value) for value in row])
    return buffer.getvalue()


def _cell(value: object) -> str:
    """Return a cell as text: at most six significant digits where a number is no whole one."""
    if value is None or value is not value or str(value) in ("<NA>", "NaT", "nan"):
        return ""
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return str(value).lower()
    if hasattr(value, "isoformat"):
        return str(value.isoformat())[:10]
    if isinstance(value, float) or type(value).__name__.startswith("float"):
        number = float(value)  # type: ignore[arg-type]
        if math.isfinite(number) and abs(number - round(number)) < 1e-9 and abs(number) < 1e15:
            return str(round(number))
        return f"{number:.6g}".replace(".", ",")
    return as_plain_text(value) if isinstance(value, str) else str(value)


def write_figures(figures: list[FigureText], folder: Path, language: str) -> list[Path]:
    """Write figures as SVG files that stand alone."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for figure in figures:
        path = folder / in_language(figure.id, language, "svg")
        path.write_text(figure.file(), encoding="utf-8", newline="\n")
        written.append(path)
    return written


# --- The report of an evaluation in one language


def _in_its_words(show: Callable[..., Any]) -> Callable[..., Any]:
    """Let a part speak of the project's region as what it is, and of what its goals count."""

    @wraps(show)
    def shown(report: Report, *arguments: Any) -> Any:
        project = report.view.evaluation.project
        region = getattr(project, "region", None)
        with about(getattr(region, "kind", "county"), getattr(project, "counted", ())):
            return show(report, *arguments)

    return shown


class Report:
    """The parts of a report: each method returns something that Jupyter shows.

    Parameters
    ----------
    evaluation : Evaluation
        What a run found: its tables, verdicts, project and assumptions.
    language : {"sv", "en"}

    Notes
    -----
    Whatever the evaluation lacks is said in words in its place; nothing here fails for want of a table.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from attraktiv_eval import Project  # found stands for what evaluate(2021) finds
    >>> found = SimpleNamespace(year=2021, final=False, project=Project.load(), tables={})
    >>> Report(found, "en").text("title")
    En attraktiv region: yearly evaluation 2021
    """

    def __init__(self, evaluation: Any, language: str = "sv") -> None:
        if not hasattr(evaluation, "project"):
            raise ParameterError(
                f"{evaluation!r:.60} is no evaluation", remedy="give what evaluate() or protect() returns"
            )
        self.view = View(evaluation, language)
        self._figures: dict[str, FigureText | None] = {}

    @property
    def language(self) -> str:
        """The language of the report."""
        return self.view.language

    @_in_its_words
    def first_screen(self) -> Display:
        """Show what was promised and what is found: summary, picture, levels, path to the goals."""
        return Display(
            first_screen(self.view, self._figure_html("levels"), self._figure_html("path_to_goals"))
        )

    @property
    def sections(self) -> list[str]:
        """The names of the sections, as the final report shipped has them in order."""
        return list(PARTS)

    @_in_its_words
    def section(self, *names: str) -> Display:
        """Show sections, one after another: of each its heading, its text, then its figures and tables.

        Parameters
        ----------
        *names : str
            Of :attr:`sections`, in the order in which they shall stand.

        Raises
        ------
        ParameterError
            If there is no such section.
        """
        makers = {"text": self.text, "figure": self.figure, "table": self.table, "what_if": self.what_if}
        shown = []
        for name in names:
            parts = [part for part in parts_of(name) if part[1] not in WHERE_HELD or self._holds(part[1])]
            made = [makers[kind](id) for kind, id in parts]
            rank, message = HEADINGS[name]
            words = translator(self.language)(message)
            # A section that begins with nothing, or a chapter of nothing, is about what no goal counts.
            if any(one.html for one in (made if rank == 2 else made[:1])):
                shown.append(Display(f"<h{rank}>{escape(words)}</h{rank}>"))
            shown += made
        return Display("\n".join(one.html for one in shown), "\n\n".join(str(one) for one in shown))

    def _idle(self, id: str) -> bool:
        """Whether a part is about moves, or about hires, that no goal of the project counts."""
        of = self.view.evaluation.project
        moves, hires = id.startswith(OF_MOVERS), id.startswith(OF_HIRES)
        return (moves and not of.counts_movers) or (hires and not of.counts_hires)

    def _holds(self, table: str) -> bool:
        return self.view.table(table) is not None

    def __repr__(self) -> str:
        """Return what it is a report of, in one line."""
        return f"Report({str(self.text('title'))!r}, {self.language!r}, {len(self.sections)} sections)"

    def _repr_html_(self) -> str:
        """Return the first screen, as a notebook shows it."""
        return self.first_screen().html

    @_in_its_words
    def text(self, key: str) -> Display:
        """Show a section's text; ``"title"`` shows the heading of the report.

        Raises
        ------
        ParameterError
            If there is no such text.
        """
        if key == "title":
            return Display(heading(self.view))
        if self._idle(key):
            return Display("")
        word = self.view._("The draw")
        above = f"<h3>{escape(word)}</h3>\n" if key == "draw" else ""
        return Display(f'<div class="text">\n{above}{paragraphs(*section(key)(self.view))}\n</div>')

    @_in_its_words
    def figure(self, id: str) -> Display:
        """Show a figure with headline, source line, its table folded under it, and its CSV.

        Raises
        ------
        ParameterError
            If there is no such figure.
        """
        if self._idle(id):
            return Display("")
        return Display(self._figure_html(id))

    @_in_its_words
    def table(self, id: str) -> Display:
        """Show a table of the run, in words, or say that the run has none.

        Raises
        ------
        ParameterError
            If no run has such a table.
        """
        _ = self.view._
        known = {*TABLES, *tables.DERIVED, *tables.READING, *self.view.evaluation.tables}
        if id not in known:
            raise ParameterError(f"there is no table {id!r}", remedy=one_of(sorted(known), id))
        made = tables.html(self.view, id)
        if not made and self._idle(id):
            return Display("")
        if not made:
            words = _("No table “{title}” in this run.").format(title=tables.title(id, self.language))
            return Display(f'<p class="note">{escape(words)}</p>')
        words = tables.csv_words(id, self.language)
        link = f'<p class="files"><a href="tables/{id}.csv" download>{escape(words)}</a></p>'
        if made.count("<tr") > tables.FOLDED:
            caption, word = escape(tables.title(id, self.language)), escape(_("Table"))
            made = f"<details><summary>{word}: {caption}</summary>\n{made}\n</details>"
        return Display(f'<div class="table-block">\n{made}\n{link}\n</div>')

    @_in_its_words
    def what_if(self, level: str = "level2") -> Display:
        """Show where a reader can draw level 2 anew with assumptions of their own.

        The page brings the script; a notebook shows a sentence, and nothing where there is no level 2.

        Raises
        ------
        ParameterError
            If it is asked for another level.
        """
        if level != "level2":
            raise ParameterError(f"nothing can be drawn anew of {level!r}", remedy="ask for level2")
        return Display(what_if(self.view))

    @_in_its_words
    def provenance(self, run: dict[str, Any] | str | Path | None = None) -> Display:
        """Show where everything comes from.

        Parameters
        ----------
        run : dict or path, optional
            What the run knows about itself, or the folder that its ``run.json`` lies in.
        """
        return Display(provenance(self.view, _run_record(run)))

    @_in_its_words
    def save(self, folder: Path | str) -> list[Path]:
        """Write ``tables/*.csv``, ``figures/*.svg`` and ``tables.xlsx`` into a folder; return the files.

        A final report's figures of the body are written as PNG too.

        Nothing is written where the folder is empty text, as in a notebook outside a run.

        The CSV files hold ids and numbers, the same in both languages, with byte order mark, semicolon
        and decimal comma; where the records are invented, a last column ``example_data`` says so of each
        row. The figures speak the report's language: ``gaps.svg`` and ``gaps.en.svg``.
        """
        if not str(folder):
            return []
        folder = Path(folder)
        figures = [text for figure in FIGURES if (text := self._figure(figure))]
        return [
            *write_tables(self.view, folder / "tables"),
            *write_figures(figures, folder / "figures", self.language),
            *self._pictures(figures, folder / "figures"),
            write_workbook(self.view, folder / in_language("tables", self.language, "xlsx")),
        ]

    def _pictures(self, figures: list[FigureText], folder: Path) -> list[Path]:
        """Write the figures of a final report's body as PNG, for its Word document."""
        shown = [one for one in figures if self.view.evaluation.final and one.id in FIGURES_OF_BODY]
        paths = [folder / in_language(one.id, self.language, "png") for one in shown]
        for one, path in zip(shown, paths, strict=True):
            path.write_bytes(one.picture())
        return paths

    def _figure(self, id: str) -> FigureText | None:
        if id not in self._figures:
            self._figures[id] = figure_text(self.view, id)
        return self._figures[id]

    def _figure_html(self, id: str) -> str:
        made = self._figure(id)
        if made is None:
            title = tables.title(SHOWS[id], self.language)
            words = self.view._("A figure is left out: the run lacks the table “{title}”.").format(
                title=title
            )
            return f'<p class="note">{escape(words)}</p>'
        return made.html(self.view)


def _run_record(run: dict[str, Any] | str | Path | None) -> dict[str, Any]:
    """Return what a run knows about itself, read from ``run.json`` where a folder is given."""
    if isinstance(run, dict):
        return run
    file = Path(run) / "run.json" if run else None
    if file is None or not file.is_file():
        return {}
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found
