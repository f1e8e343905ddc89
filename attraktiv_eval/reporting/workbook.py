"""An Excel workbook with every table of a report: a cover, notes, and one sheet a table, no merged cells."""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attraktiv_eval.records.workbook import put_text, without_control_signs
from attraktiv_eval.reporting import labels, tables
from attraktiv_eval.reporting.first_screen import invented, report_title
from attraktiv_eval.reporting.tables import primary_rows
from attraktiv_eval.table_specifications import TABLES

if TYPE_CHECKING:
    import pandas as pd

    from attraktiv_eval.reporting.view import View
    from attraktiv_eval.table_specifications import Column

__all__ = ["without_clock", "write_workbook"]

_EPOCH = (1980, 1, 1, 0, 0, 0)
_WIDEST = 60
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


def write_workbook(view: View, path: Path) -> Path:
    """Write the workbook; the same tables give the same bytes.

    The first sheet says what the report is, the second lists the tables; every other sheet is one table with
    its headings in row 1, numbers as numbers and ids in words. A suppressed or missing cell is empty.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    stamp = datetime(view.evaluation.until.year, view.evaluation.until.month, view.evaluation.until.day)
    book.properties.creator = "attraktiv_eval"
    title = report_title(view)
    if view.evaluation.example_data:
        title = view._("Example data – {title}").format(title=title)
    book.properties.title = without_control_signs(title)
    book.properties.created = book.properties.modified = stamp
    names = [name for name in sorted(tables.names(view)) if tables.derived(view, name) is not None]
    sheets = _sheet_names(view, names)
    _cover(view, book)
    _notes(view, book, sheets)
    for name, sheet in sheets.items():
        _table(view, book, name, sheet)
    buffer = BytesIO()
    book.save(buffer)
    path.write_bytes(without_clock(buffer.getvalue(), stamp))
    return path


def _sheet_names(view: View, names: list[str]) -> dict[str, str]:
    """Return a sheet name of at most 31 characters for each table, none twice."""
    taken: set[str] = set()
    found = {}
    for name in names:
        plain = _FORBIDDEN.sub("-", tables.title(name, view.language))
        short, count = plain[:31].strip(), 2
        while short.lower() in taken:
            short, count = f"{plain[:27].strip()} ({count})", count + 1
        taken.add(short.lower())
        found[name] = short
    return found


def _sheet(book: Any, title: str, widths: list[float], freeze: str | None = None, label: str = "") -> Any:
    """Return a new sheet; a label of invented records is printed above each of its pages."""
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    for at, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.freeze_panes = freeze
    sheet.oddHeader.left.text = label or None
    return sheet


def _bold(sheet: Any, text: str) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = put_text(WriteOnlyCell(sheet), text)
    cell.font = Font(bold=True)
    return cell


def _kept(sheet: Any, value: Any) -> Any:
    """Return what goes into a cell: a text that begins like a formula, or holds what XML cannot, as text."""
    from openpyxl.cell import WriteOnlyCell

    if not isinstance(value, str) or (value[:1] not in ("=", "'") and value.isprintable()):
        return value
    return put_text(WriteOnlyCell(sheet), value)


def _label(view: View) -> str:
    """Return the label of invented records; empty where they are real."""
    return invented(view) if view.evaluation.example_data else ""


def _cover(view: View, book: Any) -> None:
    _ = view._
    sheet = _sheet(book, _("Cover"), [34, 80], label=_label(view))
    project = view.evaluation.project
    sheet.append([_bold(sheet, report_title(view))])
    if view.evaluation.example_data:
        sheet.append([invented(view)])
    for term, value in (
        (_("Data until"), view.day(view.evaluation.until)),
        (_("Run"), getattr(view.evaluation, "run_id", "")),
        (_("Diary number"), project.diary_number or _("not filled in")),
        (_("Contact"), project.contact or _("not filled in")),
    ):
        sheet.append([_bold(sheet, term), _kept(sheet, value)])


def _notes(view: View, book: Any, sheets: dict[str, str]) -> None:
    _ = view._
    sheet = _sheet(book, _("Notes"), [34, 80], label=_label(view))
    if _label(view):
        sheet.append([_label(view)])
    for line in (
        _("One table a sheet; headings in row 1. An empty cell is missing, or too small to show."),
        _("Three levels of evidence stand side by side and are never added together."),
        _(
            "Effects are persons over the years compared unless otherwise said, with 90 per cent intervals. "
            "Level 2 is a range, in nine of ten calculations, never an interval."
        ),
        _(
            "The gaps of the comparison regions are here for the primary specification only; the CSV file "
            "holds them all."
        ),
    ):
        sheet.append([line])
    sheet.append([])
    sheet.append([_bold(sheet, _("Sheet")), _bold(sheet, _("Table"))])
    for name, title in sheets.items():
        sheet.append([title, tables.title(name, view.language)])


def _table(view: View, book: Any, name: str, title: str) -> None:
    table = primary_rows(view, name) if TABLES[name].primary_only else tables.derived(view, name)
    if table is None:
        return
    every = (TABLES[name].column(str(id)) for id in table.columns)
    shown = [column for column in every if not column.hidden]
    heads = [column.title(view.language) for column in shown]
    columns = [_column(view, table, column) for column in shown]
    if view.evaluation.example_data:
        heads.append(view._("Example data"))
        invented_rows = tables.labelled(view, name, table)["example_data"]
        columns.append([view.word("yes_no", bool(one)) for one in invented_rows])
    rows = list(zip(*columns, strict=True))
    widths = [_width(head, columns[at][:200]) for at, head in enumerate(heads)]
    sheet = _sheet(book, title, widths, freeze="A2", label=_label(view))
    sheet.append([_bold(sheet, head) for head in heads])
    for row in rows:
        sheet.append([_kept(sheet, value) for value in row])


def _column(view: View, table: pd.DataFrame, column: Column) -> list[Any]:
    """Return a column's cells; a value that comes again is not worked out again."""
    known: dict[Any, Any] = {}
    cells = []
    for value in table[column.id]:
        key = str(value) if value is None or value is not value else (type(value), value)
        if key not in known:
            known[key] = _cell(view, column, value)
        cells.append(known[key])
    return cells


def _width(head: str, cells: Sequence[Any]) -> float:
    longest = max([len(head), *(len(str(cell)) for cell in cells if cell is not None)])
    return min(_WIDEST, longest + 2)


def _cell(view: View, column: Column, value: Any) -> Any:
    """Return a cell as Excel keeps it: a number, a date or a word; empty where nothing is known."""
    if value is None or str(value) in ("<NA>", "NaT", "nan"):
        return None
    if column.format == "word" or isinstance(value, bool) or type(value).__name__ == "bool_":
        return labels.cell(column, value, view.language, view.word)
    if isinstance(value, (date, datetime)):
        return date(value.year, value.month, value.day)
    if isinstance(value, str):
        return value
    number = float(value)
    if not math.isfinite(number):
        return "∞" if number > 0 else "−∞"
    return int(number) if number == round(number) and abs(number) < 1e15 else float(f"{number:.6g}")


def without_clock(content: bytes, stamp: datetime) -> bytes:
    """Return a file of Office with every time that its writer put in replaced by the report's own day."""
    told = stamp.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for item in sorted(old.infolist(), key=lambda one: one.filename):
            data = old.read(item.filename)
            if item.filename == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told, data)
            entry = zipfile.ZipInfo(item.filename, _EPOCH)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
            new.writestr(entry, data)
    return target.getvalue()
