"""How well the linkage finds the true households, where the truth is known: in the example records."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from attraktiv_eval.resources import read_input

__all__ = ["linkage_quality"]


def linkage_quality(members: pd.DataFrame, directory: Path) -> pd.DataFrame | None:
    """Return precision and recall of the linkage over pairs of rows: list, pairs, precision, recall.

    Precision is the share of joined pairs of rows that truly belong to one household, recall the share of
    pairs that belong together and were joined; ``pairs`` is the number of pairs that belong together.

    Parameters
    ----------
    members : DataFrame
        list, file, sheet, row, household_id, as in :class:`Records`.
    directory : Path
        Folder of the records; None is returned where it has no ``truth.json`` that fits the files.
    """
    path = directory / "truth.json"
    if not path.is_file():
        return None
    truth = json.loads(read_input(path)).get("members", {})
    rows = members.dropna(subset=["household_id"])
    known = [_true(truth, row) for row in rows[["file", "sheet", "row"]].itertuples(index=False)]
    if any(number is None for number in known):
        return None
    rows = rows.assign(true=pd.Series(known, index=rows.index, dtype="Int64"))
    both = _pairs(rows, ["true", "household_id"])
    together, joined = _pairs(rows, ["true"]), _pairs(rows, ["household_id"])
    quality = {"list": "households", "pairs": together, "precision": both / joined, "recall": both / together}
    return pd.DataFrame([quality])


def _true(truth: dict, row: tuple) -> int | None:
    """Return the true household of a row of a file, None where the truth does not know the row."""
    file, sheet, number = row
    part = truth.get(f"{file}|{sheet}" if sheet else file)
    if part is None or not 0 <= number - part["first_row"] < len(part["households"]):
        return None
    return int(part["households"][number - part["first_row"]])


def _pairs(rows: pd.DataFrame, by: list[str]) -> int:
    sizes = rows.groupby(by).size()
    return int((sizes * (sizes - 1) // 2).sum())
