"""CSV files as people save them: any of the usual encodings, separators and line ends."""

from __future__ import annotations

import codecs
import csv
import gc
import io
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

import numpy as np

from attraktiv_eval.errors import RecordError
from attraktiv_eval.records.records import Column, Places, Sheet, below_one_another, column_of
from attraktiv_eval.resources import read_input

if TYPE_CHECKING:
    import _csv


_CHUNK = 1_000  # a chunk of this size stays in the processor's cache: a third faster than 50,000
_SEPARATORS = ";,\t|"
_SWEDISH, _NEARLY = "åäöÅÄÖ", "éÉüÜ"
_LONGEST = 1_000_000
#: Separators that a line inside a cell must hold to be taken for a row that was swallowed.
_FEWEST = 3
_NO_TEXT = b"\x00\xef\xbb\xbf\xff\xfe\r\n\t ;,"
_MANY = 5_000_000  # bytes from which the start of another parser is worth its while
_LINES = 200  # a cell of more lines than this is no cell


def encoding_of(data: bytes) -> str:
    """Return the encoding of a text file: by its mark, else the first that fits.

    UTF-8, UTF-16 (with or without mark), and of the eight-bit code pages the one that gives most Swedish
    letters: Windows-1252, else Mac Roman or code page 850.
    """
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = data[:4000]
    if len(head) > 3 and head[1::2].count(0) > 0.4 * len(head[1::2]):
        return "utf-16-le"
    if len(head) > 3 and head[::2].count(0) > 0.4 * len(head[::2]):
        return "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 and data[: error.start].count(b"\xc3") > 0:
            return "utf-8"  # cut off within a letter: reading on will say so
        return max(("cp1252", "mac_roman", "cp850"), key=lambda name: _letters(data, name))
    return "utf-8"


def _letters(data: bytes, encoding: str) -> int:
    text = data[:200_000].decode(encoding, errors="replace")
    counts = Counter(text)
    known = _SWEDISH + _NEARLY + "\u00a0"
    strange = sum(n for sign, n in counts.items() if ord(sign) > 127 and sign not in known)
    return 3 * sum(counts[sign] for sign in _SWEDISH) + sum(counts[sign] for sign in _NEARLY) - strange


def separator_of(text: str) -> tuple[str, int]:
    """Return the separator and how many lines at the top only state it (``sep=;``).

    The one that most of the first lines hold equally often wins; quoted text is left out of the count.
    """
    first = text[:200].lstrip("\ufeff")
    if first.casefold().startswith("sep=") and len(first) > 4 and first[4] in _SEPARATORS:
        return first[4], 1
    best, sign = (0, 0), ";"
    for candidate in _SEPARATORS:
        try:
            rows = list(islice(csv.reader(io.StringIO(text[:65536], newline=""), delimiter=candidate), 50))
        except csv.Error:
            continue
        widths = Counter(len(row) for row in rows[:-1] or rows if any(row))
        wide = [(n, width) for width, n in widths.items() if width > 1]
        if wide and max(wide) > best:
            best, sign = max(wide), candidate
    return sign, 0


def read_csv(path: Path, name: str, encoding: str | None = None) -> Sheet:
    """Read a CSV file as text, column by column.

    Parameters
    ----------
    path : Path
    name : str
        The file's name as it is shown in notes and errors.
    encoding : str, optional
        As the folder's settings state it; else it is found.

    Raises
    ------
    RecordError
        If the file is empty, holds bytes that are no text, or a quotation mark is never closed.
    """
    data = read_input(path)
    if not (data[:4000].strip(_NO_TEXT) or data.strip(_NO_TEXT)):
        raise RecordError("the file is empty", remedy="remove it, or save it again with its rows", file=name)
    stated, encoding = encoding is not None, encoding or encoding_of(data)
    if encoding in ("utf-8", "utf-8-sig", "cp1252", "mac_roman", "cp850") and b"\x00" in data:
        raise RecordError(
            "the file holds bytes that are no text", remedy="save it again as CSV (UTF-8)", file=name
        )
    try:
        head = data[:400_000].decode(encoding, errors="replace")
        separator, skip = separator_of(head)
        stream = io.TextIOWrapper(
            io.BytesIO(data),
            encoding=encoding,
            errors="strict" if "utf" in encoding else "replace",
            newline="",
        )
        sheet = _without_quotes(data, encoding, separator, skip, name)
        sheet = sheet or _columns(stream, separator, skip, name)
        _check_last_cell(sheet, _tail(data, encoding), name)
    except UnicodeError:
        raise RecordError(
            "the file is cut off or its encoding is mixed", remedy="save it again as CSV (UTF-8)", file=name
        ) from None
    if encoding in _CODE_PAGES and not stated:
        sheet.notes.append(("encoding", encoding))
    return sheet


def read_in_parts(
    path: Path, name: str, encoding: str | None = None, size: int = 100_000, *, passed: Collection[int] = ()
) -> Iterator[Sheet]:
    """Read a large CSV file a part at a time, so that memory does not grow with its rows.

    Parameters
    ----------
    path, name, encoding
        As of :func:`read_csv`.
    size : int
        Rows of a part, but for the last.
    passed : collection of int
        Columns that are left empty; more may be added while the parts are read.

    Yields
    ------
    Sheet
        ``rows`` go on counting; the first part has the headings.

    Raises
    ------
    RecordError
        As :func:`read_csv` does.
    """
    stated, encoding = encoding is not None, encoding or _encoding_of_file(path)
    with path.open("rb") as file:
        separator, skip = separator_of(file.read(400_000).decode(encoding, errors="replace"))
    try:
        with path.open("rb") as file:
            for sheet in _at_rest(_of_file(file, encoding, separator, skip, name, size, passed)):
                if encoding in _CODE_PAGES and not stated:
                    sheet.notes.append(("encoding", encoding))
                yield sheet
    except UnicodeError:
        raise RecordError(
            "the file is cut off or its encoding is mixed", remedy="save it again as CSV (UTF-8)", file=name
        ) from None


def _of_file(
    file: BinaryIO, encoding: str, separator: str, skip: int, name: str, size: int, passed: Collection[int]
) -> Iterator[Sheet]:
    """Yield the parts of a file: by the parser of pandas as far as all is plain, from there row by row."""
    at = number = 0
    held: list[Sheet] = []
    for block in () if skip else _blocks(file, min(size, _LINES_PARSED)):
        if not _is_plain(block, encoding if at == 0 else "utf-8-sig" * encoding.startswith("utf-8")):
            break
        width = 1 + max(line.count(separator.encode()) for line in block.split(b"\n"))
        sheet = _parsed(block, encoding, separator, name, range(width), passed)
        if sheet is None:
            break
        sheet.rows = [row + number for row in sheet.rows]
        at, number = at + len(block), number + block.count(b"\n")
        held += [sheet] if sheet.rows else []
        if sum(len(one.rows) for one in held) >= size:
            yield _as_one(held)
            held = []
    else:
        yield from [_as_one(held)] if held else []
        if at:
            return
    yield from [_as_one(held)] if held else []
    file.seek(at)
    errors = "strict" if "utf" in encoding else "replace"
    with io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="") as stream:
        yield from _parts(stream, separator, skip, name, size, number, passed)


def _as_one(sheets: list[Sheet]) -> Sheet:
    """Return tables of one file below one another; their columns are taken from them one by one."""
    if len(sheets) == 1:
        return sheets[0]
    columns = []
    for index in range(max(len(sheet.columns) for sheet in sheets)):
        parts = [
            sheet.columns[index] if index < len(sheet.columns) else Column.of([None] * len(sheet.rows))
            for sheet in sheets
        ]
        for sheet in sheets:
            sheet.columns[index : index + 1] = [Column.of([])]
        columns.append(below_one_another(parts))
    return Sheet(sheets[0].file, "", [], columns, [row for sheet in sheets for row in sheet.rows])


_LINES_PARSED = 100_000  # lines that are parsed at a time


def _blocks(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Yield so many lines of a file at a time."""
    pieces: list[bytes] = []
    lines = 0
    while piece := file.read(_PIECE):
        pieces.append(piece)
        lines += piece.count(b"\n")
        if lines >= size:
            whole = b"".join(pieces)
            end = whole.rindex(b"\n") + 1
            pieces, lines = [whole[end:]], 0
            yield whole[:end]
    if any(pieces):
        yield b"".join(pieces)


_PIECE = 4_000_000  # bytes that are read at a time


def _at_rest(sheets: Iterator[Sheet]) -> Iterator[Sheet]:
    """Make each table with the garbage collector at rest: millions of new strings hold no cycles."""
    while True:
        resting = gc.isenabled()
        gc.disable()
        try:
            sheet = next(sheets, None)
        finally:
            if resting:
                gc.enable()
        if sheet is None:
            return
        yield sheet


_CODE_PAGES = ("mac_roman", "cp850", "cp1252")


def _encoding_of_file(path: Path) -> str:
    """Return the encoding of a file without holding it: by its beginning, and where that is UTF-8 by all."""
    with path.open("rb") as file:
        head = file.read(4_000_000)
        found = encoding_of(head.rsplit(b"\n", 1)[0] if b"\x00" not in head else head)
        if found != "utf-8":
            return found
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            decoder.decode(head)
            while data := file.read(1 << 22):
                decoder.decode(data)
        except UnicodeDecodeError:
            return max(_CODE_PAGES, key=lambda one: _letters(data or head, one))
    return "utf-8"


def _tail(data: bytes, encoding: str) -> str:
    """Return the end of a text; of one in two-byte letters all, since only its mark tells their order."""
    return (data if "16" in encoding else data[-_LONGEST:]).decode(encoding, errors="replace")


def _check_last_cell(sheet: Sheet, tail: str, name: str) -> None:
    """Refuse a file whose last cell runs over several lines and is not closed at its end.

    Such a cell has swallowed the rows below the quotation mark that opens it.

    Raises
    ------
    RecordError
        With the row on which the quotation mark stands.
    """
    cells = [text for column in sheet.columns if len(column) and (text := column[-1]) is not None]
    if cells and "\n" in cells[-1].replace("\r", "\n") and not tail.rstrip().endswith('"'):
        raise _never_closed(name, sheet.rows[-1])


def _without_quotes(data: bytes, encoding: str, separator: str, skip: int, name: str) -> Sheet | None:
    """Read a large file without quotation marks, where each line is a row, by the parser of pandas.

    Returns None where the file is small or anything in it is not that plain: then it is read row by row.
    """
    if len(data) < _MANY or skip or not _is_plain(data, encoding):
        return None
    return _parsed(data, encoding, separator, name)


def _is_plain(data: bytes, encoding: str) -> bool:
    """Return whether each line is a row, and nothing in it stands for anything but itself."""
    if encoding not in ("utf-8", "utf-8-sig") or b'"' in data or b"\x00" in data:
        return False
    mark = encoding == "utf-8" and data.startswith(codecs.BOM_UTF8)
    return data.count(b"\r") == data.count(b"\r\n") and not mark


def _parsed(
    data: bytes,
    encoding: str,
    separator: str,
    name: str,
    width: range | None = None,
    passed: Collection[int] = (),
) -> Sheet | None:
    """Read rows by the parser of pandas; None where it cannot, as where a row is longer than its width."""
    import pandas as pd

    try:
        table = pd.read_csv(
            io.BytesIO(data),
            sep=separator,
            header=None,
            names=list(width) if width is not None else None,
            usecols=[place for place in width if place not in passed] if width is not None else None,
            index_col=None if width is None else False,
            dtype=object,
            na_filter=False,
            quoting=csv.QUOTE_NONE,
            skip_blank_lines=False,
            encoding=encoding,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError):  # a row has more cells than the first
        return None
    columns: list[Column] = []
    empty = np.ones(len(table), dtype=bool)
    for place in width or range(len(table.columns)):
        if place not in table:
            columns.append(Column(np.full(len(empty), -1, dtype=np.int32), []))
            continue
        cells = table[place].to_numpy()
        del table[place]
        codes, raw = pd.factorize(cells, use_na_sentinel=False)
        texts = [cell if isinstance(cell, str) else "" for cell in raw.tolist()]
        if max(map(len, texts), default=0) >= _LONGEST:
            return None
        if empty.any():
            empty &= np.array([not text for text in texts], dtype=bool)[codes]
        columns.append(column_of(codes.astype(np.int32), texts, str.strip))
    rows = np.arange(1, len(empty) + 1)
    if empty.any():
        columns = [column[~empty] for column in columns]
        rows = rows[~empty]
    return Sheet(name, "", [], columns, rows.tolist())


def _columns(stream: io.TextIOWrapper, separator: str, skip: int, name: str) -> Sheet:
    """Read the rows in chunks and number the cells of each chunk, equal ones alike."""
    return next(_at_rest(_parts(stream, separator, skip, name)), Sheet(name, "", [], [], []))


def _parts(
    stream: TextIO,
    separator: str,
    skip: int,
    name: str,
    size: int | None = None,
    number: int = 0,
    passed: Collection[int] = (),
) -> Iterator[Sheet]:
    """Yield the rows as tables of so many rows each; all of them as one unless a size is given.

    ``number`` rows of the file came before; the columns ``passed`` are left empty.
    """
    csv.field_size_limit(_LONGEST)
    reader = csv.reader(stream, delimiter=separator, strict=False)
    places: list[Places] = []
    codes: list[list[np.ndarray]] = []
    rows: list[int] = []
    while chunk := _chunk(reader, number, name, separator):
        first = number + 1
        number += len(chunk)
        if skip:
            chunk, first, skip = chunk[skip:], first + skip, 0
        before = len(rows)
        if all(map(any, chunk)):
            rows.extend(range(first, number + 1))
        else:
            kept = [(at, row) for at, row in enumerate(chunk, first) if any(row)]
            rows.extend(at for at, _ in kept)
            chunk = [row for _, row in kept]
        widest = max(map(len, chunk), default=0)
        while len(places) < widest:
            places.append(Places())
            codes.append([places[-1].codes([""]).repeat(before)] if before else [])
        for index, cells in enumerate(zip_longest(*chunk, fillvalue="")):
            empty = places[index].codes([""]).repeat(len(chunk)) if index in passed else None
            codes[index].append(places[index].codes(cells) if empty is None else empty)
        for index in range(widest, len(places)):
            codes[index].append(places[index].codes([""]).repeat(len(chunk)))
        if size is not None and len(rows) >= size:
            yield Sheet(name, "", [], _joined(places, codes), rows)
            places, codes, rows = [], [], []
    if rows:
        yield Sheet(name, "", [], _joined(places, codes), rows)


def _joined(places: list[Places], codes: list[list[np.ndarray]]) -> list[Column]:
    """Return the columns of the chunks; a column at a time: both would take twice the memory."""
    columns: list[Column] = []
    for index, place in enumerate(places):
        columns.append(place.column(np.concatenate(codes[index]), str.strip))
        codes[index], places[index] = [], Places()
    return columns


def _chunk(reader: _csv.Reader, number: int, name: str, separator: str) -> list[list[str]]:
    """Return the next records; ``number`` records came before.

    Raises
    ------
    RecordError
        If a record runs over hundreds of lines or a cell holds rows, which means that a quotation mark was
        never closed or is closed by a later row's; if a cell is longer than any real one.
    """
    before = reader.line_num
    try:
        chunk = list(islice(reader, _CHUNK))
    except csv.Error as error:
        if "field larger" in str(error):
            raise _too_long(name, reader.line_num) from None
        raise _never_closed(name, None) from None
    if reader.line_num - before > len(chunk):
        width = max(map(len, chunk))
        for at, row in enumerate(chunk, number + 1):
            if sum(cell.count("\n") for cell in row) > _LINES or _swallows(row, separator, width):
                raise _never_closed(name, at)
    return chunk


def _swallows(row: list[str], separator: str, width: int) -> bool:
    """Tell whether a cell of several lines holds the rest of its own row, or a whole row below it.

    Separators with a blank behind them are prose and do not count; ``width`` is that of the widest row.
    """
    for at, cell in enumerate(row):
        lines = cell.splitlines()
        if len(lines) < 2:
            continue
        first, *below = (line.count(separator) - line.count(separator + " ") for line in lines)
        if max(below) >= max(width - 1, _FEWEST):
            return True
        if first and any(below) and at + first == width - 1:
            return True
    return False


def _too_long(name: str, line: int) -> RecordError:
    return RecordError(
        f"a cell that ends at line {line} or later holds more than {_LONGEST:,} characters",
        remedy="shorten it, or close the quotation mark that is opened before that line",
        file=name,
    )


def _never_closed(name: str, row: int | None) -> RecordError:
    return RecordError(
        "a quotation mark is opened and never closed, or closed by a later row's",
        remedy='close it with ", or double the mark inside the cell',
        file=name,
        row=row,
    )
