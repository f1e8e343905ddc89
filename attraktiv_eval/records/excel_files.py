"""Excel workbooks, read by python-calamine: values as they were last saved, formulas never evaluated."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import python_calamine as calamine

from attraktiv_eval.errors import RecordError
from attraktiv_eval.records.records import Column, Places, Sheet

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


# --- Excel workbooks, read by python-calamine

_LARGEST = 1_000_000_000  # bytes unpacked; a full sheet of a million rows and 20 columns has fewer
_OLD = (".xls", ".xlsb", ".ods")
_MEMORY = 4 * 2**30  # bytes that reading a workbook of an old kind may take
_MOST_CELLS = 50_000_000  # calamine holds a sheet as one block; a stray last cell would make it 400 GB


def read_excel(path: Path, name: str) -> list[Sheet]:
    """Read every sheet of a workbook as text, hidden ones too.

    Dates become ISO text, whole numbers lose their ``.0``. A cell merged downwards counts for all its rows.

    Raises
    ------
    RecordError
        If the workbook is protected by a password, cut off, or no workbook at all.
    """
    _check_size(path, name)
    return _read_apart(path, name) if path.suffix.casefold() in _OLD else _read(path, name)


def _read_apart(path: Path, name: str) -> list[Sheet]:
    """Read a workbook of an old kind in a process of its own, with bounded memory where that can be set.

    Calamine lays out as many cells as such a file claims to have: damaged by a byte it may ask for more
    memory than there is, and then no exception comes but the end of the process.
    """
    around = os.pathsep.join([str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH", "")])
    call = "from attraktiv_eval.records.excel_files import _answer; _answer()"
    done = subprocess.run(
        [sys.executable, "-c", call, str(path), name],
        env={**os.environ, "PYTHONPATH": around, "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise _broken(name)
    found: list[Sheet] | RecordError = pickle.loads(done.stdout)
    if isinstance(found, RecordError):
        raise found
    return found


def _answer() -> None:
    """Write the sheets of the workbook that the command line names, or the error, to standard output."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    path, name = sys.argv[1:]
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    found: list[Sheet] | RecordError
    try:
        found = _read(Path(path), name)
    except RecordError as error:
        found = error
    with out:
        pickle.dump(found, out)


def _read(path: Path, name: str) -> list[Sheet]:
    hidden = hidden_parts(path)
    with _one_line(name, quiet=path.suffix.casefold() in _OLD):
        book = calamine.CalamineWorkbook.from_path(str(path))
        try:
            epoch = from_1904(path)
            return [replace(sheet, from_1904=epoch) for sheet in _sheets(book, name, hidden)]
        finally:
            book.close()


def _sheets(book: calamine.CalamineWorkbook, name: str, hidden: dict[str, Hidden]) -> list[Sheet]:
    sheets = []
    for meta in book.sheets_metadata:
        if meta.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        beside = hidden.get(meta.name, Hidden())
        if beside.extent > _MOST_CELLS:
            raise _too_far(name, meta.name)
        sheet = _sheet(book.get_sheet_by_name(meta.name), name, beside)
        if meta.visible != calamine.SheetVisibleEnum.Visible:
            sheet.notes.append(("hidden_sheet", meta.name))
        sheets.append(sheet)
    return sheets


@contextmanager
def _one_line(name: str, *, quiet: bool) -> Iterator[None]:
    """Turn whatever calamine raises into one line.

    On a cut-off workbook of an old kind it panics: what reaches Python is no ``Exception``, and a trace is
    printed past ``sys.stderr``. ``quiet`` keeps that trace from the terminal.
    """
    try:
        with _standard_error_at_rest() if quiet else nullcontext():
            yield
    except calamine.PasswordError:
        raise _protected(name) from None
    except RecordError:
        raise
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:
        if "assword" in str(error) or "ncrypt" in str(error):
            raise _protected(name) from None
        raise _broken(name) from None


@contextmanager
def _standard_error_at_rest() -> Iterator[None]:
    """Send what is written to the process's standard error nowhere, and give it back afterwards."""
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # a program without a terminal has none
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _check_size(path: Path, name: str) -> None:
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise _broken(name) from None
    if size > _LARGEST:
        raise RecordError(
            "the workbook unpacks to more than 1 GB",
            remedy="save only the lists in a new workbook, or as CSV",
            file=name,
        )


def _protected(name: str) -> RecordError:
    return RecordError(
        "the workbook is protected by a password",
        remedy="open it and save a copy without the password",
        file=name,
    )


def _too_far(name: str, sheet: str) -> RecordError:
    return RecordError(
        f"the sheet {sheet} has a cell far from its list, in one of the last rows and columns",
        remedy="delete the rows below and the columns to the right of the list, and save the workbook again",
        file=name,
    )


def _broken(name: str) -> RecordError:
    return RecordError(
        "the workbook is damaged or cut off",
        remedy="open it in Excel and save it again, or fetch it again",
        file=name,
    )


def _sheet(sheet: calamine.CalamineSheet, file: str, hidden: Hidden) -> Sheet:
    cells = sheet.to_python(skip_empty_area=False)
    notes: list[tuple[str, str]] = []
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        if bottom > top and left == right and top < len(cells) and left < len(cells[top]):
            for row in cells[top + 1 : bottom + 1]:
                row[left] = cells[top][left]
            notes.append(("merged_downwards", f"{_letter(left)}{top + 1}:{_letter(right)}{bottom + 1}"))
    kept = [(number, row) for number, row in enumerate(cells, 1) if row.count("") < len(row)]
    columns = [_column(column) for column in zip(*(row for _, row in kept), strict=True)]
    if hidden.rows:
        notes.append(("hidden_rows", str(hidden.rows)))
    if hidden.columns:
        notes.append(("hidden_columns", str(hidden.columns)))
    if hidden.formulas:
        notes.append(("formulas_without_value", str(hidden.formulas)))
    return Sheet(file, sheet.name, [], columns, [number for number, _ in kept], notes=notes)


def _column(cells: tuple[Any, ...]) -> Column:
    """Return a column as text; each distinct cell is turned into text once."""
    places = Places()
    if bool in set(map(type, cells)):  # True == 1.0 would share a text
        return places.column(places.codes([text(cell) for cell in cells]), lambda cell: cell)
    return places.column(places.codes(cells), text)


def text(cell: Any) -> str | None:
    """Return a cell's value as text, None where it is empty.

    A number with decimals gets one zero more than it needs, so that no three decimals can be taken for
    thousands.
    """
    if isinstance(cell, str):
        return cell.replace("\u00a0", " ").strip() or None
    if isinstance(cell, bool):
        return "ja" if cell else "nej"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{cell!r}0" if "e" not in repr(cell) else f"{cell:f}"
    if isinstance(cell, datetime):
        return (
            cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="seconds")
        )
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time | timedelta):
        return str(cell)
    return None if cell is None else str(cell)


def _letter(index: int) -> str:
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name
