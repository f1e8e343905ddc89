"""A person's decisions on pairs in the grey zone, in ``decisions.csv`` beside the lists."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from attraktiv_eval.errors import RecordError
from attraktiv_eval.records.csv_files import encoding_of, separator_of
from attraktiv_eval.records.files import DECISIONS
from attraktiv_eval.records.linkage import decided_name
from attraktiv_eval.records.workbook import as_it_was, write_csv
from attraktiv_eval.resources import read_input

_COLUMNS = [
    "list",
    "left",
    "right",
    "score",
    "decision",
    "left_rows",
    "right_rows",
    "speaks_for",
    "speaks_against",
]
_NUMBER = re.compile(r"\s*\(\d{6}-?\d{4}\)\s*$")
_NEEDED = ("list", "left", "right", "decision")
_LISTS = ("households", "companies", "organisations")
_SAME = {"same", "samma", "ja", "yes"}
_DIFFERENT = {"different", "olika", "nej", "no"}


@dataclass
class Decisions:
    """Pair, smaller first -> same or not; names as they are compared, households by their reference."""

    households: dict[tuple[str, str], bool] = field(default_factory=dict)
    companies: dict[tuple[str, str], bool] = field(default_factory=dict)
    organisations: dict[tuple[str, str], bool] = field(default_factory=dict)
    #: The rows of the file as they stand; None where there is no file.
    table: pd.DataFrame | None = None


def find_decisions(directory: Path) -> Path | None:
    """Return the file of decisions, in any case of letters and any subfolder; None without one.

    Raises
    ------
    RecordError
        If there are several.
    """
    found = sorted(
        path
        for path in directory.rglob("*")
        if path.name.casefold() == DECISIONS
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(directory).parts)
    )
    if len(found) > 1:
        raise RecordError(
            f"there are {len(found)} files of decisions in the folder",
            remedy="put their rows into one",
            file=DECISIONS,
        )
    return found[0] if found else None


def read_decisions(directory: Path) -> Decisions:
    """Read the decisions of a folder; none if it has no ``decisions.csv``. A row left blank decides nothing.

    Raises
    ------
    RecordError
        If the file cannot be read, a column is missing, or a decision is neither same nor different.
    """
    decisions = Decisions()
    path = find_decisions(directory)
    if path is None:
        return decisions
    headings, numbered = _read(path)
    missing = [name for name in _NEEDED if name not in headings]
    if missing:
        raise RecordError(
            f"the column {missing[0]} is missing",
            remedy="keep the columns that the run wrote",
            file=DECISIONS,
        )
    rows = {
        n: {name: as_it_was(row.get(name, "").strip()) for name in _COLUMNS} for n, row in numbered.items()
    }
    decisions.table = pd.DataFrame(list(rows.values()), columns=_COLUMNS, dtype=str)
    for number, row in rows.items():
        word = row["decision"].casefold()
        if not word:
            continue
        if word not in _SAME | _DIFFERENT:
            raise RecordError(
                "a decision is neither same nor different",
                remedy="write same, different, or nothing",
                file=DECISIONS,
                row=number,
                column="decision",
            )
        _add(decisions, row, word in _SAME, number)
    for name in _LISTS:
        _refuse_contradictions(getattr(decisions, name))
    return decisions


def parted_names(decisions: pd.DataFrame | None) -> set[frozenset[str]]:
    """Return the pairs of names, as they are compared, of organisations that a person has parted."""
    if decisions is None:
        return set()
    said = decisions[
        (decisions["list"] == "organisations") & decisions["decision"].str.casefold().isin(_DIFFERENT)
    ]
    return {
        frozenset((decided_name(a), decided_name(b)))
        for a, b in zip(said["left"], said["right"], strict=True)
    }


def _refuse_contradictions(pairs: dict[tuple[str, str], bool]) -> None:
    """Refuse decisions by which two are different and, through others, the same."""
    part: dict[str, str] = {}

    def root(name: str) -> str:
        while part.setdefault(name, name) != name:
            name = part[name]
        return name

    for (a, b), same in pairs.items():
        if same:
            part[root(a)] = root(b)
    if any(root(a) == root(b) for (a, b), same in pairs.items() if not same and a != b):
        raise RecordError(
            "two are decided to be different and, through others, the same",
            remedy="change one of the decisions: if A is B and B is C, A cannot differ from C",
            file=DECISIONS,
        )


def _read(path: Path) -> tuple[list[str], dict[int, dict[str, str]]]:
    """Return the headings, and row of the file -> cells; saved by the run or again by a spreadsheet."""
    data = read_input(path)
    try:
        text = data.decode(encoding_of(data))
    except UnicodeDecodeError:
        raise RecordError(
            "the file is cut off or its encoding is mixed",
            remedy="save it again as CSV (UTF-8)",
            file=DECISIONS,
        ) from None
    separator, stated = separator_of(text)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        raise RecordError(
            "a cell is far too long, as where a quotation mark is never closed",
            remedy='close it with ", or shorten the cell',
            file=DECISIONS,
        ) from None
    filled = {n: line for n, line in enumerate(lines, 1) if n > stated and any(map(str.strip, line))}
    headings = next(iter(filled.values()), [])
    rows = {n: dict(zip(headings, line, strict=False)) for n, line in list(filled.items())[1:]}
    return headings, rows


def _add(decisions: Decisions, row: dict[str, str], same: bool, number: int) -> None:
    table = getattr(decisions, row["list"], None) if row["list"] in _LISTS else None
    if table is None:
        raise RecordError(
            "a decision is on an unknown list",
            remedy="write households, companies or organisations",
            file=DECISIONS,
            row=number,
            column="list",
        )
    left, right = row["left"], row["right"]
    if row["list"] != "households":
        numbered = decided_name(left) == decided_name(right)  # two names under one number
        left, right = (decided_name(_NUMBER.sub("", one) if numbered else one) for one in (left, right))
    pair = min(left, right), max(left, right)
    if table.get(pair, same) != same:
        raise RecordError(
            "a pair is decided to be the same and to be different",
            remedy="keep one of the two rows",
            file=DECISIONS,
            row=number,
            column="decision",
        )
    table[pair] = same


def write_decisions(grey_zone: pd.DataFrame, path: Path, known: pd.DataFrame | None = None) -> int:
    """Write the grey zone for a person to decide on, and return how many pairs are new.

    Parameters
    ----------
    grey_zone : DataFrame
        The pairs that are left to decide.
    path : Path
        A file that is there keeps its rows and decisions; new pairs are added below.
    known : DataFrame, optional
        Rows of an earlier ``decisions.csv``, which come first: the file that is written can take its place in
        the folder of records without anything being decided twice.
    """
    parts = [] if known is None else [known]
    if path.is_file():
        there = read_decisions(path.parent).table
        parts = [there, *parts] if there is not None else parts
    before = len(_once(parts))
    new = grey_zone.assign(decision="").reindex(columns=_COLUMNS).astype(object).fillna("").astype(str)
    table = _once([*parts, new])
    write_csv(table, path)
    return len(table) - before


def _once(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of the parts, of a pair the one that is decided, else the first."""
    if not parts:
        return pd.DataFrame(columns=_COLUMNS, dtype=str)
    table = pd.concat(parts, ignore_index=True)
    pairs = table[["list", "left", "right"]].agg("|".join, axis=1) if len(table) else table["list"]
    decided = table["decision"].ne("")
    order = decided.groupby(pairs).cumsum().where(decided, 2)
    best = order.eq(1) | (~pairs.duplicated() & ~decided.groupby(pairs).transform("any"))
    return table[best].reset_index(drop=True)
