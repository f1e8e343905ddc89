"""Looks through written files for what must not leave: identity numbers, addresses, telephone numbers."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Trace", "scan"]

_IDENTITY = re.compile(
    r"(?<![\da-fA-F.,\-])(?:19|20)?(\d{2})(\d{2})(\d{2})([-+])?(\d{4})(?![\da-fA-F\-]|[.,]\d)"
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}")
_PHONE = re.compile(
    r"(?<![\w.,\-+])(?:(?:\+46|0046)[ \u00a0-]?(?:\(0\))?[ \u00a0]?|0)"
    r"[1-9]\d{0,2}[ \u00a0-]\d{2,3}(?:[ \u00a0-]?\d{2,3}){1,3}(?![\w-])"
)
_MOBILE = re.compile(r"(?<![\w.,\-+])(?:\+46[ \u00a0]?7|07)[02369](?:[ \u00a0-]?\d){7}(?![\w-])")
#: Where any of the numbers can stand, with room for what comes before and after.
_DIGITS = re.compile(r"\d[\d ()+\u00a0-]{6,}\d")
_ROOM = 5
_PACKED = {".xlsx", ".zip"}


@dataclass(frozen=True)
class Trace:
    """Something that looks personal: where it stands and of what kind; never the thing itself."""

    file: str
    line: int
    kind: str


def scan(folder: Path) -> list[Trace]:
    """Return everything in a folder's files that looks personal, in order of file and line.

    Parameters
    ----------
    folder : Path
        Searched with all that is below it; Excel and zip files are opened.

    Returns
    -------
    list of Trace
        Kinds ``identity_number`` (personal and coordination numbers with a right date and check digit),
        ``email`` (example.org included) and ``telephone``. Empty where nothing was found.
    """
    folder = Path(folder)
    found = []
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        name = path.relative_to(folder).as_posix()
        for part, text in _texts(path):
            where = f"{name}:{part}" if part else name
            found += [Trace(where, line, kind) for line, kind in _traces(text)]
    return found


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    """Return the text of a file, or of each file in it."""
    if path.suffix.lower() in _PACKED and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            for name in sorted(packed.namelist()):
                yield name, packed.read(name).decode("utf-8", errors="replace")
    else:
        yield "", path.read_bytes().decode("utf-8", errors="replace")


def _traces(text: str) -> list[tuple[int, str]]:
    """Return line and kind of all that looks personal, each kind once a line."""
    places = []
    for run in _DIGITS.finditer(text):
        near = text[max(0, run.start() - _ROOM) : run.end() + _ROOM]
        if any(_is_identity(match) for match in _IDENTITY.finditer(near)):
            places.append((run.start(), "identity_number"))
        if _PHONE.search(near) or _MOBILE.search(near):
            places.append((run.start(), "telephone"))
    sign = text.find("@")
    while sign >= 0:
        if _EMAIL.search(text, max(0, sign - 65), sign + 255):
            places.append((sign, "email"))
        sign = text.find("@", sign + 1)
    return sorted({(text.count("\n", 0, start) + 1, kind) for start, kind in places})


def _is_identity(match: re.Match[str]) -> bool:
    """Return whether ten digits are a day (a coordination number's is 60 more) with a right check digit."""
    _, month, day, _, _ = match.groups()
    number = int(day) - 60 if int(day) > 60 else int(day)
    if not (1 <= int(month) <= 12 and 1 <= number <= 31):
        return False
    digits = [int(one) for group in match.groups() if group and group.isdigit() for one in group]
    total = sum(sum(divmod(d * (2 - i % 2), 10)) for i, d in enumerate(digits))
    return total % 10 == 0
