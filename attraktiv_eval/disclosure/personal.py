"""Looks through written files for what must not leave: identity numbers, addresses, telephone numbers."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Trace", "scan"]

_IDENTITY = re.compile(r"(?<![\d.,\-])(?:19|20)?(\d{2})(\d{2})(\d{2})([-+])?(\d{4})(?![\d\-]|[.,]\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}")
_PHONE = re.compile(
    r"(?<![\w.,\-+])(?:\+46|0046|0)[\s-]?(?:\(0\))?\d{1,3}[\s-]\d{2,3}(?:[\s-]?\d{2,3}){1,3}(?![\w-])"
)
_MOBILE = re.compile(r"(?<![\w.,\-+])(?:\+46\s?7|07)[02369](?:[\s-]?\d){7}(?![\w-])")
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
            for line, content in enumerate(text.splitlines(), start=1):
                found += [Trace(where, line, kind) for kind in _kinds(content)]
    return found


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    """Return the text of a file, or of each file in it."""
    if path.suffix.lower() in _PACKED and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            for name in sorted(packed.namelist()):
                yield name, packed.read(name).decode("utf-8", errors="replace")
    else:
        yield "", path.read_bytes().decode("utf-8", errors="replace")


def _kinds(content: str) -> list[str]:
    kinds = []
    if any(_is_identity(match) for match in _IDENTITY.finditer(content)):
        kinds.append("identity_number")
    if _EMAIL.search(content):
        kinds.append("email")
    if _PHONE.search(content) or _MOBILE.search(content):
        kinds.append("telephone")
    return kinds


def _is_identity(match: re.Match[str]) -> bool:
    """Return whether ten digits are a day (a coordination number's is 60 more) with a right check digit."""
    _, month, day, _, _ = match.groups()
    number = int(day) - 60 if int(day) > 60 else int(day)
    if not (1 <= int(month) <= 12 and 1 <= number <= 31):
        return False
    digits = [int(one) for group in match.groups() if group and group.isdigit() for one in group]
    total = sum(sum(divmod(d * (2 - i % 2), 10)) for i, d in enumerate(digits))
    return total % 10 == 0
