"""Writes tables as CSV and figures as SVG: the same bytes whenever nothing that matters changed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from attraktiv_eval.records.workbook import as_plain_text
from attraktiv_eval.reporting import tables

if TYPE_CHECKING:
    import pandas as pd

    from attraktiv_eval.reporting.figure import FigureText
    from attraktiv_eval.reporting.view import View

__all__ = ["write_csv", "write_figures", "write_tables"]


def write_tables(view: View, folder: Path) -> list[Path]:
    """Write every table as CSV for Swedish Excel: byte order mark, semicolon, decimal comma."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in sorted(tables.names(view)):
        table = _rules(view) if name == "verdicts" else tables.derived(view, name)
        if table is None:
            continue
        written.append(write_csv(table, folder / f"{name}.csv"))
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
    ending = "svg" if language == "sv" else f"{language}.svg"
    written = []
    for figure in figures:
        path = folder / f"{figure.id}.{ending}"
        path.write_text(figure.file(), encoding="utf-8", newline="\n")
        written.append(path)
    return written
