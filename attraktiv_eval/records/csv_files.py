"""CSV files as people save them: any of the usual encodings, separators and line ends."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from attraktiv_eval.errors import RecordError
from attraktiv_eval.records.model import Sheet

__all__ = ["encoding_of", "read_csv", "separator_of"]

_CHUNK = 50_000
_SEPARATORS = ";,\t|"
_SWEDISH = "åäöÅÄÖéÉüÜ"
_LONGEST = 1_000_000


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
    except UnicodeDecodeError:
        return max(("cp1252", "mac_roman", "cp850"), key=lambda name: _letters(data, name))
    return "utf-8"


def _letters(data: bytes, encoding: str) -> int:
    text = data[:200_000].decode(encoding, errors="replace")
    counts = Counter(text)
    strange = sum(
        n for sign, n in counts.items() if ord(sign) > 127 and sign not in _SWEDISH and sign != "\u00a0"
    )
    return sum(counts[sign] for sign in _SWEDISH) - strange


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


def read_csv(path: Path, name: str) -> Sheet:
    """Read a CSV file as text, column by column.

    Parameters
    ----------
    path : Path
    name : str
        The file's name as it is shown in notes and errors.

    Raises
    ------
    RecordError
        If the file is empty, holds bytes that are no text, or a quotation mark is never closed.
    """
    data = path.read_bytes()
    if not data.strip(b"\x00\xef\xbb\xbf\xff\xfe\r\n\t ;,"):
        raise RecordError("the file is empty", remedy="remove it, or save it again with its rows", file=name)
    encoding = encoding_of(data)
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
        sheet = _columns(stream, separator, skip, name)
    except UnicodeError:
        raise RecordError(
            "the file is cut off or its encoding is mixed", remedy="save it again as CSV (UTF-8)", file=name
        ) from None
    if encoding in ("mac_roman", "cp850", "cp1252"):
        sheet.notes.append(("encoding", encoding))
    return sheet


def _columns(stream: io.TextIOWrapper, separator: str, skip: int, name: str) -> Sheet:
    """Read the rows in chunks and turn each chunk into columns, equal cells sharing one string."""
    csv.field_size_limit(_LONGEST)
    reader = csv.reader(stream, delimiter=separator, strict=False)
    lines = _numbered(reader, name)
    top = list(islice(lines, skip, skip + 60))
    width = max((len(row) for _, row in top), default=0)
    columns: list[list[str | None]] = [[] for _ in range(width)]
    rows: list[int] = []
    shared: list[dict[str, str]] = [{} for _ in range(width)]
    everything = chain(top, lines)
    while chunk := list(islice(everything, _CHUNK)):
        rows.extend(number for number, _ in chunk)
        longest = max(len(row) for _, row in chunk)
        for _ in range(longest - len(columns)):
            columns.append([None] * (len(rows) - len(chunk)))
            shared.append({})
        for index, column in enumerate(columns):
            known = shared[index]
            column.extend(_cell(row[index], known) if index < len(row) else None for _, row in chunk)
            if len(known) > 200_000:
                known.clear()
    return Sheet(name, "", [], columns, rows)


def _cell(text: str, known: dict[str, str]) -> str | None:
    found = known.get(text)
    if found is None:
        found = known[text] = text.replace("\u00a0", " ").strip()
    return found or None


def _numbered(reader, name: str) -> Iterator[tuple[int, list[str]]]:  # type: ignore[no-untyped-def]
    """Yield the row number, as a spreadsheet counts, and the cells of each record that is not empty."""
    number = 0
    while True:
        number += 1
        before = reader.line_num
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise RecordError(
                "a quotation mark is opened and never closed",
                remedy='close it with ", or double the mark inside the cell',
                file=name,
                row=number,
            ) from None
        if reader.line_num - before > 200:
            raise RecordError(
                "a quotation mark is opened and never closed",
                remedy='close it with ", or double the mark inside the cell',
                file=name,
                row=number,
            )
        if any(row):
            yield number, row
