"""A person's decisions on pairs in the grey zone, in ``decisions.csv`` beside the lists."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from attraktiv_eval.errors import RecordError
from attraktiv_eval.records.names import plain_name
from attraktiv_eval.records.reading import DECISIONS

__all__ = ["Decisions", "read_decisions", "write_decisions"]

_COLUMNS = ["list", "left", "right", "score", "decision"]
_SAME = {"same", "samma", "ja", "yes"}
_DIFFERENT = {"different", "olika", "nej", "no"}


@dataclass
class Decisions:
    """Pair, smaller first -> same or not; names as they are compared, households by their reference."""

    households: dict[tuple[str, str], bool] = field(default_factory=dict)
    companies: dict[tuple[str, str], bool] = field(default_factory=dict)
    organisations: dict[tuple[str, str], bool] = field(default_factory=dict)


def read_decisions(directory: Path) -> Decisions:
    """Read the decisions of a folder; none if it has no ``decisions.csv``. A row left blank decides nothing.

    Raises
    ------
    RecordError
        If a column is missing, or a decision is neither same nor different.
    """
    decisions = Decisions()
    path = directory / DECISIONS
    if not path.is_file():
        return decisions
    with path.open(encoding="utf-8-sig", newline="") as file:
        text = file.read()
    reader = csv.DictReader(text.splitlines(), delimiter=";" if ";" in text.split("\n", 1)[0] else ",")
    missing = [name for name in _COLUMNS if name != "score" and name not in (reader.fieldnames or [])]
    if missing:
        raise RecordError(
            f"the column {missing[0]} is missing",
            remedy="keep the columns that the run wrote",
            file=DECISIONS,
        )
    for number, row in enumerate(reader, 2):
        word = (row["decision"] or "").strip().casefold()
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
    return decisions


def _add(decisions: Decisions, row: dict[str, str], same: bool, number: int) -> None:
    table = getattr(decisions, row["list"].strip(), None)
    if table is None:
        raise RecordError(
            "a decision is on an unknown list",
            remedy="write households, companies or organisations",
            file=DECISIONS,
            row=number,
            column="list",
        )
    left, right = row["left"].strip(), row["right"].strip()
    if row["list"].strip() != "households":
        left, right = plain_name(left), plain_name(right)
    table[min(left, right), max(left, right)] = same


def write_decisions(grey_zone: pd.DataFrame, path: Path) -> int:
    """Write the grey zone for a person to decide on, and return how many pairs are new.

    A file that is there keeps its rows and decisions; new pairs are added below. The run reads it as
    ``decisions.csv`` in the folder of records.
    """
    new = grey_zone.assign(decision="")[_COLUMNS].astype(str)
    if path.is_file():
        known = pd.read_csv(path, sep=";", dtype=str, keep_default_na=False, encoding="utf-8-sig")
        pairs = set(zip(known["list"], known["left"], known["right"], strict=True))
        asked = [pair in pairs for pair in zip(new["list"], new["left"], new["right"], strict=True)]
        new = new[[not one for one in asked]]
        table = pd.concat([known, new], ignore_index=True)
    else:
        table = new
    table.to_csv(path, sep=";", index=False, encoding="utf-8-sig", lineterminator="\n")
    return len(new)
