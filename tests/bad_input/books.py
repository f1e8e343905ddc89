"""Workbooks and other files made for the corpus, as bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

from openpyxl import Workbook

__all__ = ["OLD_EXCEL", "book", "zipped"]

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
#: The first bytes of an Excel 97 workbook, enough to be known as one.
OLD_EXCEL = OLE + bytes(1016)


def book(sheets: dict[str, Sequence[Sequence[object]]], change: Callable[[Any], None] | None = None) -> bytes:
    """Return a workbook with the given rows, changed by a function before it is saved."""
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    if change:
        change(made)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    """Return a ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()
