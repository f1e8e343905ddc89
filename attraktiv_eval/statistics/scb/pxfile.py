"""The px format: keywords, then all figures of a cube in one list."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

from attraktiv_eval.errors import SourceError
from attraktiv_eval.resources import read_input
from attraktiv_eval.statistics.scb.downloads import CELL, CONTENTS, MEASURE, PERIOD, REGION, TIME, WORDS

__all__ = ["read_px"]

STATEMENT = re.compile(
    r'([A-Z0-9-]+)(?:\[[a-z]{2}\])?(?:\("([^"]*)"[^)]*\))?=((?:"[^"]*"|[^;"])*);', re.DOTALL
)


def read_px(path: Path) -> tuple[list[dict[str, str]], str | None]:
    """Return a px file's cells in long form, and the table id or matrix that it states.

    Raises
    ------
    SourceError
        If keywords lack, or the figures are not as many as the cells.
    """
    content = read_input(path)
    charset = "utf-8-sig" if b"utf-8" in content[:2000].lower() else "iso-8859-1"
    text = content.decode(charset, errors="replace")
    head, mark, data = text.partition("DATA=")
    keys: dict[tuple[str, str], list[str]] = {}
    for found in STATEMENT.finditer(head):
        keys.setdefault((found[1], found[2] or ""), _values(found[3]))
    variables = keys.get(("STUB", ""), []) + keys.get(("HEADING", ""), [])
    if not mark or not variables:
        raise SourceError(
            "no px file: STUB, HEADING or DATA is missing", remedy="download it again", file=path
        )
    cells = re.findall(r'"[^"]*"|[^\s;"]+', data)
    labels = [_labels(keys, variable) for variable in variables]
    rows = list(product(*labels))
    if len(rows) != len(cells):
        raise SourceError(
            f"{len(cells)} figures for {len(rows)} cells", remedy="download it again", file=path
        )
    names = [WORDS.get(variable.casefold(), variable) for variable in variables]
    measure = next((i for i, name in enumerate(names) if name in CONTENTS), None)
    sole = (keys.get(("CONTENTS", ""), [""]) or [""])[0]
    long = []
    for row, cell in zip(rows, cells, strict=True):
        place = {name: value for i, (name, value) in enumerate(zip(names, row, strict=True)) if i != measure}
        place[MEASURE] = row[measure] if measure is not None else sole
        place[CELL] = cell.strip('"')
        long.append(place)
    stated = next((v[0] for k in ("TABLEID", "MATRIX") if (v := keys.get((k, "")))), None)
    return long, stated


def _labels(keys: dict[tuple[str, str], list[str]], variable: str) -> list[str]:
    """Return codes for regions and periods, words for the rest: the catalogue has the page's words."""
    labels = keys.get(("VALUES", variable), [])
    codes = keys.get(("CODES", variable), labels)
    name = WORDS.get(variable.casefold(), variable)
    looks_like_code = all(re.fullmatch(r"\d{2}(\d{2})?", code) for code in codes)
    dated = all(PERIOD.fullmatch(code) for code in codes)
    return codes if (name == REGION and looks_like_code) or (name == TIME and dated) else labels


def _values(text: str) -> list[str]:
    """Return quoted words; words broken over lines are put together, words after a comma are apart."""
    if '"' not in text:
        return [text.strip()]
    return ["".join(re.findall(r'"([^"]*)"', part)) for part in re.split(r'(?<="),\s*(?=")', text.strip())]
