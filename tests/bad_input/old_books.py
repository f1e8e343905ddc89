"""Old Excel workbooks and OpenDocument sheets, built byte by byte as their formats say, and locked workbooks.

The compound file (MS-CFB) has sectors of 512 bytes: one of allocation, then the directory, then the streams,
each padded beyond the 4,096 bytes below which the format would want a second table of small sectors.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence

__all__ = ["compound", "ods", "old_book", "sealed"]

_SECTOR, _FREE, _END, _TABLE = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_LEAST = 4096


def compound(streams: dict[str, bytes]) -> bytes:
    """Return a compound file that holds the given streams; at most about 60,000 bytes in all."""
    padded = {
        name: data + bytes(max(_LEAST, -(-len(data) // _SECTOR) * _SECTOR) - len(data))
        for name, data in streams.items()
    }
    entries = -(-(len(streams) + 1) // 4)
    table = [_TABLE, *range(2, entries + 1), _END]
    starts = {}
    for name, data in padded.items():
        starts[name] = len(table)
        sectors = len(data) // _SECTOR
        table += [*range(len(table) + 1, len(table) + sectors), _END]
    assert len(table) <= _SECTOR // 4
    table += [_FREE] * (_SECTOR // 4 - len(table))
    names = list(padded)
    directory = _entry("Root Entry", 5, _END, 0, child=1)
    for index, name in enumerate(names, 1):
        right = index + 1 if index < len(names) else _FREE
        directory += _entry(name, 2, starts[name], len(padded[name]), right=right)
    directory += bytes(entries * _SECTOR - len(directory))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, _LEAST, _END, 0, _END, 0, 0)
    head += struct.pack("<108I", *[_FREE] * 108)
    return head + struct.pack("<128I", *table) + directory + b"".join(padded.values())


def _entry(name: str, kind: int, start: int, size: int, *, child: int = _FREE, right: int = _FREE) -> bytes:
    text = name.encode("utf-16-le")
    found = text + bytes(64 - len(text)) + struct.pack("<HBB", len(text) + 2, kind, 1)
    return found + struct.pack("<III", _FREE, right, child) + bytes(36) + struct.pack("<IQ", start, size)


def old_book(sheets: dict[str, Sequence[Sequence[str | float]]]) -> bytes:
    """Return an Excel 97 workbook (BIFF8) with text and numbers."""
    bodies = [_sheet(rows) for rows in sheets.values()]
    names = [_text(name, "<B") for name in sheets]
    opening, closing = _record(0x0809, struct.pack("<HHHHII", 0x600, 5, 0, 1997, 0, 6)), _record(0x0A, b"")
    position = len(opening) + sum(4 + 6 + len(name) for name in names) + len(closing)
    bounds = b""
    for name, body in zip(names, bodies, strict=True):
        bounds += _record(0x85, struct.pack("<IH", position, 0) + name)
        position += len(body)
    return compound({"Workbook": opening + bounds + closing + b"".join(bodies)})


def _sheet(rows: Sequence[Sequence[str | float]]) -> bytes:
    found = _record(0x0809, struct.pack("<HHHHII", 0x600, 0x10, 0, 1997, 0, 6))
    found += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows), default=0), 0))
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            place = struct.pack("<HHH", row, column, 0)
            if isinstance(cell, str):
                found += _record(0x0204, place + _text(cell, "<H"))
            else:
                found += _record(0x0203, place + struct.pack("<d", cell))
    return found + _record(0x0A, b"")


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _text(text: str, length: str) -> bytes:
    return struct.pack(length, len(text)) + b"\x01" + text.encode("utf-16-le")


def sealed(workbook: bytes, password: str = "example") -> bytes:
    """Return a workbook locked by a password (MS-OFFCRYPTO, agile encryption), by an independent program."""
    from msoffcrypto.format.ooxml import OOXMLFile

    found = io.BytesIO()
    OOXMLFile(io.BytesIO(workbook)).encrypt(password, found)
    return found.getvalue()


def ods(sheets: dict[str, Sequence[Sequence[str | float]]]) -> bytes:
    """Return an OpenDocument spreadsheet with text and numbers."""
    tables = ""
    for name, rows in sheets.items():
        lines = "".join(f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>" for row in rows)
        tables += f'<table:table table:name="{name}">{lines}</table:table>'
    spaces = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{spaces} office:version="1.2">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    listed = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/" '
        'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", listed)
    return buffer.getvalue()


def _cell(cell: str | float) -> str:
    if isinstance(cell, str):
        return f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
    return (
        f'<table:table-cell office:value-type="float" office:value="{cell}"><text:p>{cell}</text:p>'
        "</table:table-cell>"
    )
