"""Tables and workbooks saved so that text stays text and the same content gives the same bytes.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-`` or ``@`` for a formula, whoever wrote it into
a list. Such a text gets an apostrophe before it in a CSV file and is marked as text in a workbook.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["as_it_was", "as_plain_text", "put_text", "save_same_bytes", "without_control_signs", "write_csv"]

_MOMENT = datetime(2023, 3, 15)
_STARTS = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_FORMULA = re.compile(rf"'*[{_STARTS}]")
_GUARDED = re.compile(rf"'(?='*[{_STARTS}])")
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
#: What XML cannot hold, but for tab and line feed.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def without_control_signs(text: str) -> str:
    """Return a text without the control signs that no spreadsheet can hold."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", " "))


def as_plain_text(text: str) -> str:
    """Return a text as a CSV file holds it, so that a spreadsheet runs none of it.

    A signed number stays a number. :func:`as_it_was` takes the apostrophe away again.

    Examples
    --------
    >>> as_plain_text("=1+1"), as_plain_text("-12,5"), as_plain_text("Åre")
    ("'=1+1", '-12,5', 'Åre')
    """
    text = without_control_signs(text)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def as_it_was(text: str) -> str:
    """Return a text as it was before :func:`as_plain_text`.

    Examples
    --------
    >>> as_it_was(as_plain_text("=1+1")), as_it_was("'n Åre")
    ('=1+1', "'n Åre")
    """
    return _GUARDED.sub("", text, count=1) if text.startswith("'") else text


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV for a spreadsheet: byte order mark, semicolon, text that stays text."""
    kept = table.rename(columns=lambda name: as_plain_text(str(name)))
    for column in kept.columns:
        kept[column] = [as_plain_text(one) if isinstance(one, str) else one for one in kept[column]]
    kept.to_csv(path, sep=";", index=False, encoding="utf-8-sig", lineterminator="\n")


def put_text(cell: Any, text: str) -> Any:
    """Put a text into an openpyxl cell as text, also where it looks like a formula, and return the cell."""
    cell.value = without_control_signs(text)
    cell.data_type = "s"
    return cell


def save_same_bytes(book: Any, path: Path) -> None:
    """Save an openpyxl workbook with fixed times and its parts in order of name."""
    book.properties.creator = "attraktiv_eval"
    book.properties.created = book.properties.modified = _MOMENT
    buffer = io.BytesIO()
    book.save(buffer)
    stamp = rb"(<dcterms:modified[^>]*>)[^<]*"
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist()):
            data = source.read(name)
            if name == "docProps/core.xml":
                data = re.sub(stamp, rb"\g<1>2023-03-15T00:00:00Z", data)
            info = zipfile.ZipInfo(name, _MOMENT.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            target.writestr(info, data)
