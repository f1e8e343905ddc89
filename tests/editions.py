"""Publishes editions of a report, and reads every number of a published folder with its cell's identity.

Written apart from the package: a reader has the folder, the words of the report and nothing else.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from bs4 import BeautifulSoup
from docx import Document
from docx.table import Table as WordTable
from openpyxl import load_workbook

from attraktiv_eval.evaluation import Evaluation, Inputs, compute
from attraktiv_eval.reporting import labels, tables
from attraktiv_eval.reporting.downloads import write_word, write_workbook
from attraktiv_eval.reporting.report import Report, write_tables
from attraktiv_eval.reporting.view import View
from attraktiv_eval.runs.publication import Outputs

LANGUAGES = ("sv", "en")
#: Columns that tell a row of a table from another.
KEYS = {
    "municipality_code", "kind", "origin", "phase", "area", "reason", "months", "goal", "filter", "year",
}  # fmt: skip

#: Columns that only pages have, and whose numbers they write.
PAGES = {"kept_share": ("kept",), "kept_told": ("kept_low", "kept_high")}

Cell = tuple[str, str, str]


class Edition:
    """The cells of a folder: ``(table, row, column)`` with what each file prints there, None for a blank."""

    def __init__(self, folder: Path, view: View) -> None:
        self.view, self.cells = view, {}
        documents = [("json", *self._of_json(folder)), *(self._of_csv(one) for one in _csvs(folder))]
        self.columns: dict[str, list[str]] = {}
        self.ids: dict[str, set[str]] = {}
        for source, name, columns, rows in _flat(documents):
            self.columns.setdefault(name, columns)
            for row in rows:
                self._add(source, name, columns, row)
        for language in LANGUAGES:
            self._workbook(folder, language)
            self._page(folder, language)
            self._word(folder, language)

    # ------------------------------------------------------------------------------- what each file holds

    def _of_json(self, folder: Path) -> tuple[list[tuple[str, list[str], list[list[Any]]]]]:
        document = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        found = [(name, one["columns"], one["rows"]) for name, one in document["tables"].items()]
        figures = [
            [one["id"], *(one[end] for end in ("value", "low", "high"))] for one in document["figures"]
        ]
        return ([*found, ("figures", ["kind", "value", "low", "high"], figures)],)

    @staticmethod
    def _of_csv(path: Path) -> tuple[str, list[tuple[str, list[str], list[list[Any]]]]]:
        with path.open(encoding="utf-8-sig", newline="") as file:
            columns, *rows = list(csv.reader(file, delimiter=";"))
        return "csv", [(path.stem, columns, rows)]

    def _workbook(self, folder: Path, language: str) -> None:
        ending = "" if language == "sv" else f".{language}"
        book = load_workbook(folder / f"tables{ending}.xlsx")
        titles = {tables.title(name, language): name for name in self.columns}
        listed = {
            row[0]: titles.get(row[1])
            for row in book.worksheets[1].iter_rows(values_only=True)
            if len(row) > 1 and row[1]
        }
        for sheet in book.worksheets[2:]:
            name = listed[sheet.title]
            if name is not None:
                heads, *rows = list(sheet.iter_rows(values_only=True))
                self._worded(f"xlsx {language}", name, list(heads), rows, language)

    def _page(self, folder: Path, language: str) -> None:
        ending = "" if language == "sv" else f".{language}"
        page = BeautifulSoup((folder / f"evaluation{ending}.html").read_text(encoding="utf-8"), "html.parser")
        stems = [(f"table-{one.replace('_', '-')}-", one) for one in self.columns]
        for table in page.find_all("table"):
            name = max(
                (one for stem, one in stems if f"{table['id']}-".startswith(stem)), key=len, default=None
            )
            lines = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")]
            if name is not None and lines:
                self._worded(f"page {language}", name, lines[0], lines[1:], language)
        for calculation in page.find_all(attrs={"data-model": True}):
            for goal in json.loads(str(calculation["data-model"]))["goals"]:
                self._calculation(f"model {language}", goal)

    def _calculation(self, source: str, told: dict[str, Any]) -> None:
        """Add what a page's calculation of level 2 draws from, in the cells of the tables that tell it."""
        goal, stay, local = told["id"], told["stay"], told["local"]
        cells: dict[Cell, float] = {("goals", goal, "known"): told["moved"]}
        for filter in ("deadweight", "other_projects"):
            cells["filters", f"{goal}/{filter}", "known"] = told["answered"]
        ends = ("kept_low", "kept", "kept_high")
        for filter, kept in (
            ("retention", stay and stay["range"]),
            ("displacement", local and [1 - one for one in local["range"][::-1]]),
        ):
            cells |= {
                ("filters", f"{goal}/{filter}", end): one for end, one in zip(ends, kept or (), strict=False)
            }
        for cell, value in cells.items():
            self.cells.setdefault(cell, {})[source] = float(value)

    def _word(self, folder: Path, language: str) -> None:
        ending = "" if language == "sv" else f".{language}"
        titles = {tables.title(name, language): name for name in self.columns}
        name = None
        for block in Document(folder / f"evaluation{ending}.docx").iter_inner_content():
            if isinstance(block, WordTable):
                lines = [[cell.text for cell in row.cells] for row in block.rows]
                self._worded(f"word {language}", titles[str(name)], lines[0], lines[1:], language)
            name = getattr(block, "text", None)

    def _worded(self, source: str, name: str, heads: list[Any], rows: list[Any], language: str) -> None:
        """Add a table in words, turned into the ids that the CSV file has."""
        every = {*self.columns[name], *KEYS, *PAGES}
        columns = {labels.heading(one, language): one for one in sorted(every, key=self._own(name))}
        ids = [columns.get(str(head), str(head)) for head in heads]
        view = View(self.view.evaluation, language)
        for row in rows:
            self._add(
                source, name, ids, [self._id(view, one, cell) for one, cell in zip(ids, row, strict=True)]
            )

    def _own(self, name: str) -> Any:
        """Sort a table's own columns last, so that their headings win over those of other tables."""
        return lambda one: (one in self.columns[name], one)

    def _id(self, view: View, column: str, cell: Any) -> Any:
        if column not in KEYS or not isinstance(cell, str):
            return cell
        known = {view.word(column, one): one for one in self.ids.get(column, ())}
        known |= {labels.word(column, "retention_of_hires", view.language): "retention"}
        return known.get(cell, cell)

    def _add(self, source: str, name: str, columns: list[str], row: Any) -> None:
        keys = [column for column in columns if column in KEYS]
        for column, value in zip(columns, row, strict=True):
            if column in keys:
                self.ids.setdefault(column, set()).update({str(value), *str(value).split("+")})
        id = (
            "/".join(str(value) for column, value in zip(columns, row, strict=True) if column in keys)
            or "all"
        )
        for column, value in zip(columns, row, strict=True):
            own = PAGES.get(column, (column,))
            parts = str(value).split(" – ") if len(own) > 1 else [value]
            for one, part in zip(own, parts if len(parts) == len(own) else [None] * len(own), strict=True):
                if column not in keys:
                    self.cells.setdefault((name, id, one), {})[source] = number(
                        part, english=source in ("page en", "word en")
                    )

    # ---------------------------------------------------------------------- what a reader makes of it

    def table(self, name: str, key: str, columns: tuple[str, ...]) -> pd.DataFrame:
        """Return a table as far as any file prints it: a cell is blank only where all of them leave it so."""
        ids = list(dict.fromkeys(id for one, id, _ in self.cells if one == name))
        rows = []
        for id in ids:
            printed = [
                next((one for one in self.cells.get((name, id, c), {}).values() if one is not None), None)
                for c in columns
            ]
            rows.append([id, *printed])
        found = pd.DataFrame(rows, columns=[key or "row", *columns])
        return found.astype(dict.fromkeys(columns, "Float64"))

    def disagreeing(self, names: set[str]) -> list[tuple[Cell, dict[str, float | None]]]:
        """Return the cells of which one file prints a number and another none, or another number."""
        found = []
        for cell, printed in self.cells.items():
            told = [one for one in printed.values() if one is not None]
            one_blank = len(told) not in (0, len(printed))
            if cell[0] in names and (one_blank or (told and max(told) - min(told) > _step(printed))):
                found.append((cell, printed))
        return found

    def held(self) -> set[str]:
        """Return the kinds of unit whose tables stand as an earlier edition printed them; a note says it."""
        told = self.notes
        return set(told.loc[told["kind"] == "tables_held", "list"])

    @property
    def notes(self) -> pd.DataFrame:
        """The notes of the report, as its CSV file has them."""
        return self._notes

    @classmethod
    def read(cls, folder: Path, view: View) -> Edition:
        """Read a folder that is out."""
        edition = cls(folder, view)
        edition._notes = pd.read_csv(folder / "tables" / "notes.csv", sep=";", dtype=str)
        return edition


def _step(printed: dict[str, float | None]) -> float:
    """Return how far a page may round what a CSV file prints whole."""
    return 0.51 if max(abs(one) for one in printed.values() if one is not None) > 1 else 0.00051


def _csvs(folder: Path) -> list[Path]:
    return sorted((folder / "tables").glob("*.csv"))


def _flat(documents: list[Any]) -> Iterator[tuple[str, str, list[str], list[list[Any]]]]:
    for source, found in documents:
        for name, columns, rows in found:
            yield source, name, columns, rows


def number(value: Any, *, english: bool = False) -> float | None:
    """Return the number that a cell holds, as the language writes it: 1 234, 0,5, 75,0 %; 1,234 and 0.5."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, (int, float, np.number)):
        return float(value)
    text = re.sub(r"[\s\u00a0\u2009\u202f]", "", str(value)).replace("\u2212", "-")
    share = text.endswith("%")
    text = text.rstrip("%")
    if english:
        text = text.replace(",", "")
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        return None
    return found / 100 if share else found


# ------------------------------------------------------------------------------------ editions are published


def registered(inputs: Inputs, late: set[str]) -> Inputs:
    """Return inputs whose lists do not hold the households that are registered later."""
    lists = {
        name: frame[~frame["household_id"].isin(late)]
        for name in ("contacts", "households", "survey_households", "residence")
        if (frame := getattr(inputs.records, name)) is not None
    }
    return replace(inputs, records=replace(inputs.records, **lists))


def _is_of_counts(name: str) -> bool:
    """Whether a table counts households or companies: these stand in the Word documents of the editions."""
    apart = ("funnel", "counted_apart", "retention", "time_to_move", "filters")
    return name.startswith(("households_by_", "companies_by_")) or name in apart


def publish(inputs: Inputs, outputs: Outputs, name: str, run_id: str) -> tuple[Path, Evaluation]:
    """Compute a report against every edition that is out, and publish its folder; pages hold all tables."""
    year = None if name == "final" else int(name)
    with outputs.opened():
        version, replaces = outputs.version(name, run_id)
        folder = outputs.staging(name)
        run = {"run_id": run_id, "version": version, "replaces": replaces, "report": name, "started": run_id}
        (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
        found = compute(inputs, year, folder, published=outputs.editions(), running=[name])
        found.save(folder)
        for language in LANGUAGES:
            ending = "" if language == "sv" else f".{language}"
            report = Report(found, language)
            write_tables(report.view, folder / "tables")
            write_workbook(report.view, folder / f"tables{ending}.xlsx")
            shown = "\n".join(tables.html(report.view, one) for one in found.tables)
            shown += report.what_if().html
            (folder / f"evaluation{ending}.html").write_text(shown, encoding="utf-8")
            counts = "\n".join(tables.html(report.view, one) for one in found.tables if _is_of_counts(one))
            write_word(
                f'<title>x</title><main id="main">{counts}</main>',
                folder / f"evaluation{ending}.docx",
                language=language,
            )
        outputs.publish(name, folder)
    return outputs.root / name, found
