"""Looks through written files for what must not leave: identity numbers, addresses, telephone numbers."""

from __future__ import annotations

import base64
import html
import io
import re
import zipfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from attraktiv_eval.records.traces import find_traces
from attraktiv_eval.resources import digest_of

__all__ = ["Trace", "scan", "scan_text"]

_PACKED = {".docx", ".xlsx", ".xlsm", ".zip"}
_MARKUP = {".html", ".htm", ".svg", ".xml", ".rels", ".ipynb"}
_ESCAPED = {".json", ".ipynb"}
#: A file that a page carries in a link.
_PAYLOAD = re.compile(r"(data:[\w/+.;=-]*;base64,)([A-Za-z0-9+/]+={0,2})")
_CODE = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True)
class Trace:
    """Something that looks personal: where it stands and of what kind; never the thing itself."""

    file: str
    line: int
    kind: str


def scan(folder: Path, allowed: Sequence[str] = ()) -> list[Trace]:
    """Return everything in a folder's files that looks personal, in order of file and line.

    Parameters
    ----------
    folder : Path
        Searched with all that is below it, names of files and folders too; Excel and zip files are opened.
    allowed : sequence of str
        Texts that are meant to be published, such as the contact that the project gives. What looks personal
        in them is not told elsewhere either.

    Returns
    -------
    list of Trace
        Kinds as :func:`attraktiv_eval.records.traces.find_traces` gives them. Line 0 is a name.
    """
    folder = Path(folder)
    meant = frozenset(_plain(text[one.start : one.end]) for text in allowed for one in find_traces(text))
    found = []
    scanned = {digest_of(path.read_bytes()) for path in folder.rglob("*") if path.is_file()}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        found += [Trace(name, 0, kind) for _, kind in scan_text(path.name, meant)]
        for part, text in _texts(path, scanned) if path.is_file() else ():
            where = f"{name}:{part}" if part else name
            found += [Trace(where, line, kind) for line, kind in scan_text(text, meant)]
    return found


def scan_text(text: str, meant: frozenset[str] = frozenset()) -> list[tuple[int, str]]:
    """Return line and kind of all that looks personal in a text, each kind once a line."""
    places = [
        (one.start, one.kind) for one in find_traces(text) if _plain(text[one.start : one.end]) not in meant
    ]
    return sorted({(text.count("\n", 0, start) + 1, kind) for start, kind in places})


def _plain(text: str) -> str:
    """Return letters and digits alone: a telephone number is the same with other spaces."""
    return re.sub(r"[\W_]", "", text.casefold())


def _texts(path: Path, scanned: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Return the text of a file, or of each file in it, as a reader sees it.

    A file that a page carries is looked through as a file; not again where it lies in the folder too.
    """
    content = path.read_bytes()
    if path.suffix.lower() in _PACKED and zipfile.is_zipfile(path):
        yield from _unpacked(content)
        return
    if path.suffix.lower() == ".pdf":
        yield "", "\n".join(_said_in_pdf(content))
        return
    if path.suffix.lower() not in _MARKUP:
        yield "", _read(content, path.name)
        return
    text = content.decode("utf-8", errors="replace")
    yield "", _read(_PAYLOAD.sub(r"\1", text).encode("utf-8"), path.name)
    for number, link in enumerate(_PAYLOAD.finditer(text), start=1):
        held = base64.b64decode(link[2])
        parts = _unpacked(held, scanned) if zipfile.is_zipfile(io.BytesIO(held)) else [("", _read(held, ""))]
        if digest_of(held) not in scanned:
            yield from ((f"file {number} {part}".strip(), inner) for part, inner in parts)


def _said_in_pdf(content: bytes) -> Iterator[str]:
    """Yield what a printed page says beside its text: properties, bookmarks, names of links, descriptions.

    Its text is that of the page it was printed from, which is looked through itself; here the letters are
    packed, and stand as numbers of shapes.
    """
    from pypdf import PdfReader
    from pypdf.generic import StreamObject, TextStringObject

    reader = PdfReader(io.BytesIO(content))
    numbers = {number for held in reader.xref.values() for number in held} | set(reader.xref_objStm)
    waiting: list[object] = [reader.get_object(number) for number in sorted(numbers)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, TextStringObject):
            yield str(one)
        elif isinstance(one, StreamObject) and one.get("/Type") == "/Metadata":
            yield one.get_data().decode("utf-8", errors="replace")
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _unpacked(content: bytes, scanned: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Return each file of an archive as text, with its name; those scanned already are left out."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for name in sorted(packed.namelist()):
            inner = packed.read(name)
            if digest_of(inner) in scanned:
                continue
            if Path(name).suffix.lower() in _PACKED and zipfile.is_zipfile(io.BytesIO(inner)):
                yield from ((f"{name}:{part}", text) for part, text in _unpacked(inner, scanned))
            else:
                yield name, _read(inner, name)


def _read(data: bytes, name: str) -> str:
    """Return bytes as text, with the signs that the format writes as codes (&#8209; in a page)."""
    text = data.decode("utf-8", errors="replace")
    ending = Path(name).suffix.lower()
    if ending in _ESCAPED:
        text = _CODE.sub(lambda code: chr(int(code[1], 16)), text)
    return html.unescape(text) if ending in _MARKUP else text
