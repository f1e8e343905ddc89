"""The px format: keywords, then all figures of a cube in one list."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

from attraktiv_eval.errors import SourceError
from attraktiv_eval.resources import read_input
from attraktiv_eval.statistics.scb.downloads import (
    CELL,
    CONTENTS,
    MEASURE,
    ORIGIN,
    PERIOD,
    REGION,
    TIME,
    WORDS,
)

__all__ = ["read_px"]

DATA = re.compile(r"(?<![A-Z-])DATA\s*=")

STATEMENT = re.compile(
    r'([A-Z0-9-]+)(?:\[[a-z]{2}\])?(?:\("([^"]*)"[^)]*\))?=((?:"[^"]*"|[^;"])*);', re.DOTALL
)


def read_px(path: Path) -> tuple[list[dict[str, str]], str | None, str]:
    """Return a px file's cells in long form, the table id or matrix that it states, and its title.

    A file with KEYS gives only some of its rows, each with the words of its stub before the figures.

    Raises
    ------
    SourceError
        If keywords lack, or the figures are not as many as the cells.
    """
    content = read_input(path)
    charset = "utf-8-sig" if b"utf-8" in content[:2000].lower() else "iso-8859-1"
    text = content.decode(charset, errors="replace")
    start = DATA.search(re.sub(r'"[^"]*"', lambda quoted: "x" * len(quoted[0]), text))  # a note may say DATA=
    mark = start is not None
    head, data = (text[: start.start()], text[start.end() :]) if start else (text, "")
    keys: dict[tuple[str, str], list[str]] = {}
    for found in STATEMENT.finditer(head):
        keys.setdefault((found[1], found[2] or ""), _values(found[3]))
    variables = keys.get(("STUB", ""), []) + keys.get(("HEADING", ""), [])
    if not mark or not variables:
        raise SourceError(
            "no px file: STUB, HEADING or DATA is missing", remedy="download it again", file=path
        )
    labels = [_labels(keys, variable) for variable in variables]
    if any(key == "KEYS" for key, _ in keys):
        rows, cells = _keyed(data, keys, labels, path)
    else:
        cells = re.findall(r'"[^"]*"|[^\s;",]+', data)
        rows = list(product(*labels))
    if len(rows) != len(cells):
        raise SourceError(
            f"{len(cells)} figures for {len(rows)} cells",
            remedy="the file is cut off or changed: download it again, as CSV if it stays",
            file=path,
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
    title = " ".join((keys.get(("TITLE", "")) or keys.get(("DESCRIPTION", "")) or [""])[:1])
    return long, stated, title


def _keyed(
    data: str, keys: dict[tuple[str, str], list[str]], labels: list[list[str]], path: Path
) -> tuple[list[tuple[str, ...]], list[str]]:
    """Return rows and figures of a file whose rows begin with the codes or words of their stub."""
    stub = keys.get(("STUB", ""), [])
    rest = list(product(*labels[len(stub) :]))
    rows: list[tuple[str, ...]] = []
    cells: list[str] = []
    for line in data.split("\n"):
        items = re.findall(r'"([^"]*)"|([^\s;",]+)', line)
        if not items:
            continue
        words, figures = [a for a, b in items[: len(stub)]], [a or b for a, b in items[len(stub) :]]
        if len(words) < len(stub) or len(figures) != len(rest):
            raise SourceError(
                f"a row has {len(figures)} figures for {len(rest)} columns, after {len(words)} keys",
                remedy="this px file has KEYS, and its rows do not fit them: download the table as CSV",
                file=path,
            )
        first = []
        for variable, word, known in zip(stub, words, labels, strict=False):
            codes = keys.get(("CODES", variable), [])
            values = keys.get(("VALUES", variable), [])
            place = codes.index(word) if word in codes else values.index(word) if word in values else None
            if place is None:
                raise SourceError(
                    f"the key {word!r} is no value of {variable}",
                    remedy="download the table as CSV",
                    file=path,
                )
            first.append(known[place])
        rows += [(*first, *columns) for columns in rest]
        cells += figures
    return rows, cells


def _labels(keys: dict[tuple[str, str], list[str]], variable: str) -> list[str]:
    """Return codes for regions and periods, words for the rest: the catalogue has the page's words."""
    labels = keys.get(("VALUES", variable), [])
    codes = keys.get(("CODES", variable), labels)
    name = WORDS.get(variable.casefold(), variable)
    looks_like_code = all(re.fullmatch(r"\d{2}(\d{2})?", code) for code in codes)
    dated = all(PERIOD.fullmatch(code) for code in codes)
    if name in (REGION, ORIGIN) and looks_like_code:
        return [f"{code} {label}" for code, label in zip(codes, labels, strict=True)]
    return codes if name == TIME and dated else labels


def _values(text: str) -> list[str]:
    """Return quoted words; words broken over lines are put together, words after a comma are apart."""
    if '"' not in text:
        return [text.strip()]
    return ["".join(re.findall(r'"([^"]*)"', part)) for part in re.split(r'(?<="),\s*(?=")', text.strip())]
