"""The example's workbook: a cover sheet, a merged title, headings on the fourth row, hidden parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from attraktiv_eval.records.schemas import schemas
from attraktiv_eval.records.workbook import save_same_bytes
from scripts.example_records.dirt import Dirt
from scripts.example_records.lists import Row

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["write_household_workbook"]

_FIELDS = [
    "household_id",
    "adults",
    "children",
    "origin_code",
    "origin_country",
    "first_contact",
    "moved",
    "moved_in",
    "destination_code",
    "source",
]
_EPOCH = date(1899, 12, 30)


def write_household_workbook(path: Path, rows: Sequence[Row], checks: Sequence[Row], dirt: Dirt) -> None:
    """Write the households and the residence checks."""
    from openpyxl import Workbook

    book = Workbook()
    cover = book.active
    cover.title = "Om filen"
    cover["A1"] = "Påhittade uppgifter för att visa hur en lista kan se ut"
    sheet = book.create_sheet("Hushåll")
    sheet["A1"] = "Hushåll som projektet har haft kontakt med"
    sheet.merge_cells("A1:J1")
    sheet["A2"] = "Påhittade uppgifter"
    _fill(sheet, 4, _FIELDS, rows)
    for row in (60, 61, 75):
        sheet.row_dimensions[row].hidden = True
    sheet.column_dimensions["J"].hidden = True
    followed = book.create_sheet("Uppföljning")
    _fill(followed, 1, ["household_id", "still_resident", "checked", "source"], checks)
    save_same_bytes(book, path)
    dirt.add("hidden_rows", 3, "notes:hidden_rows")
    dirt.add("hidden_columns", 1, "notes:hidden_columns")


def _fill(sheet: Worksheet, top: int, fields: Sequence[str], rows: Sequence[Row]) -> None:
    columns = schemas()["households"].columns
    for index, field in enumerate(fields, 1):
        sheet.cell(top, index, columns[field].title)
    for number, row in enumerate(rows, top + 1):
        for index, field in enumerate(fields, 1):
            value = _value(field, row.cells.get(field, ""), number)
            if value is not None:
                sheet.cell(number, index, value)
                if isinstance(value, date):
                    sheet.cell(number, index).number_format = "yyyy-mm-dd"


def _value(field: str, text: str, number: int) -> object:
    """Return a cell: dates by turns as dates, serial numbers and text, as lists that grew over years have."""
    if text == "":
        return None
    if field in ("first_contact", "moved_in", "checked") and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        day = date.fromisoformat(text)
        if number % 7 == 0:
            return (day - _EPOCH).days
        return text[2:] if number % 11 == 0 else day
    return int(text) if field in ("adults", "children") and text.isdigit() else text
