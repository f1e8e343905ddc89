"""What a sheet's XML tells beside its values: what is hidden, formulas without one, how far it reaches."""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

__all__ = ["Hidden", "from_1904", "hidden_parts"]

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*\bhidden=\"(?:1|true)\"")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b[^>]*\bhidden=\"(?:1|true)\"[^>]*>")
_SPAN = re.compile(rb"\b(min|max)=\"(\d+)\"")
_FORMULA = re.compile(rb"</(?:\w+:)?f>(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>")
_LAST = re.compile(rb" r=\"[A-Z]*(\d{1,7})\"")
_WIDE = re.compile(rb" r=\"([A-Z]{2,3})\d")
_1904 = re.compile(rb"date1904=\"(?:1|true|on)\"")
_1904_BINARY = re.compile(rb"\x99\x01[\x0c-\x7f](.)", re.DOTALL)
_1904_OLD = bytes.fromhex("220002000100")
#: What reading a part of a damaged archive may raise; the RuntimeErrors are of encrypted and odd parts.
_UNREADABLE = (
    KeyError,
    ValueError,
    OSError,
    EOFError,
    RuntimeError,
    ElementTree.ParseError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True)
class Hidden:
    """How many rows and columns of a sheet are hidden, and how many formulas have no saved value.

    ``extent`` is the number of cells, empty ones too, from the first row and column to the last.
    """

    rows: int = 0
    columns: int = 0
    formulas: int = 0
    extent: int = 0


def hidden_parts(path: Path) -> dict[str, Hidden]:
    """Return what is hidden in each sheet of an ``.xlsx`` or ``.xlsm`` workbook, by sheet name.

    Other formats, and workbooks whose parts are not where they should be, give an empty dictionary.
    """
    if not zipfile.is_zipfile(path):
        return {}
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: _scan(archive.read(part)) for name, part in _parts(archive).items()}
    except _UNREADABLE:
        return {}


def from_1904(path: Path) -> bool | None:
    """Return whether a workbook counts its days from 1904, as on old Macs; None where nothing tells."""
    suffix = path.suffix.casefold()
    try:
        if suffix in (".xlsx", ".xlsm"):
            with zipfile.ZipFile(path) as archive:
                return bool(_1904.search(archive.read("xl/workbook.xml")))
        if suffix == ".xlsb":
            with zipfile.ZipFile(path) as archive:
                found = _1904_BINARY.search(archive.read("xl/workbook.bin"))
            return bool(found and found[1][0] & 1)
    except _UNREADABLE:
        return None
    # in an old workbook the record may also be four other bytes: then it is not known
    return None if suffix == ".xls" and _1904_OLD in path.read_bytes() else False


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return sheet name -> part of the archive."""
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {part.get("Id", ""): part.get("Target", "") for part in relations}
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    found = {}
    for sheet in book.iter(f"{_MAIN}sheet"):
        target = targets.get(sheet.get(_RELATION, ""), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if part in archive.namelist():
            found[sheet.get("name", "")] = part
    return found


def _scan(xml: bytes) -> Hidden:
    columns = rows = formulas = 0
    hides = b'hidden="1"' in xml or b'hidden="true"' in xml  # most sheets hide nothing: a quick look first
    for found in _COLUMN.finditer(xml) if hides else ():
        ends = {key: int(value) for key, value in _SPAN.findall(found[0])}
        width = ends.get(b"max", 1) - ends.get(b"min", 1) + 1
        columns += width if width < 1000 else 0  # "hide all the empty columns to the right"
    if hides:
        rows = len(_ROW.findall(xml))
    if b"f>" in xml:
        formulas = len(_FORMULA.findall(xml))
    return Hidden(rows, columns, formulas, _extent(xml))


def _extent(xml: bytes) -> int:
    """Return last row times last column; within column Z, as in most sheets, only the row is sought."""
    last = _LAST.match(xml, max(xml.rfind(b' r="'), 0))
    rows = int(last[1]) if last else 0
    if not _WIDE.search(xml):
        return rows * 26
    return rows * max(_number(letters) for letters in set(_WIDE.findall(xml)))


def _number(letters: bytes) -> int:
    """Return the number of a column: 27 of AA."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number
