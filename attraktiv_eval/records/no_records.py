"""Rows of a list that are no records: headings that stand again, totals, footnotes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

__all__ = ["footnotes", "repeated_headings", "totals"]

_TOTAL = re.compile(
    r"(?:(?:del|total)?summa|summor|(?:sub|grand ?)?total(?:t|er|s)?|sum|(?:s:a|s\.a))"
    r"(?: (?:19|20)\d\d| (?:kr|sek|antal|st))?[\s:.=]*",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?:total(?:t|er|s)?|summa|antal|sammanlagt|inalles)\W+\d[\d \u00a0.,]*(?:st|stycken|pcs|kr|sek|tkr|"
    r"organisationer|företag|hushåll|personer|parter|rader|kontakter|deltagare|svar|organisations|companies|"
    r"households|people|rows|contacts)?[\s.!]*",
    re.IGNORECASE,
)
_FOOTNOTE = re.compile(
    r"(?:(?:käll(?:a|or)|sources?|anm(?:ärkning)?\.?|obs|fotnot|footnote|not|note|kommentar) ?:\s*\S.*"
    r"|\*+\)? ?\w.*|(?:senast )?(?:uppdaterad|utskriven|updated|printed)\b.*\d.*)",
    re.IGNORECASE | re.DOTALL,
)

#: The first three letters of every such word: a quick look that spares a million references the expressions.
_STARTS = frozenset(
    [
        "sum",
        "tot",
        "del",
        "sub",
        "gra",
        "s:a",
        "s.a",
        "käl",
        "sou",
        "anm",
        "obs",
        "fot",
        "foo",
        "not",
        "kom",
        "sen",
        "upp",
        "uts",
        "upd",
        "pri",
        "ant",
        "sam",
        "ina",
    ]
)


def repeated_headings(
    body: dict[str, list[str | None]], headings: dict[str, str | None], size: int
) -> np.ndarray:
    """Return the rows where most cells, and at least two, say what stands above them as a heading."""
    same = np.zeros(size, dtype=np.int64)
    for name, cells in body.items():
        if cells.count(headings[name]):
            same += np.array([cell == headings[name] for cell in cells], dtype=np.int64)
    found = [
        index
        for index in np.flatnonzero(same >= 2)
        if 2 * same[index] > sum(cells[index] is not None for cells in body.values())
    ]
    return np.array(found, dtype=np.int64)


def totals(columns: Sequence[list[str | None]]) -> np.ndarray:
    """Return the rows where a cell of any column says that the row is a sum."""
    return _union(
        [
            _where(cells, lambda text: bool(_TOTAL.fullmatch(text) or _COUNTED.fullmatch(text)))
            for cells in columns
        ]
    )


def footnotes(body: dict[str, list[str | None]], kinds: dict[str, str]) -> np.ndarray:
    """Return the rows where a cell is a footnote, such as ``Källa: ...``.

    In a column of free text, where a source may be stated, only if nothing else of the row is filled in.
    """
    found = []
    for name, cells in body.items():
        rows = _where(cells, lambda text: bool(_FOOTNOTE.fullmatch(text)))
        if kinds[name] == "text":
            others = [column for other, column in body.items() if other != name]
            rows = np.array([row for row in rows if all(c[row] is None for c in others)], dtype=np.int64)
        found.append(rows)
    return _union(found)


def _where(cells: list[str | None], fits: Callable[[str], bool]) -> np.ndarray:
    """Return the rows whose text fits; each distinct text is looked at once."""
    likely = [text for text in set(cells) if text and (text[:3].casefold() in _STARTS or text[0] == "*")]
    texts = {text for text in likely if fits(text)}
    rows = [row for row, cell in enumerate(cells) if cell in texts] if texts else []
    return np.array(rows, dtype=np.int64)


def _union(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.unique(np.concatenate([np.array([], dtype=np.int64), *parts]))
