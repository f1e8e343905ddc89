"""Every row accounted for: read = kept + merged + rejected, file by file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from attraktiv_eval.records.headings import plain_heading, synonyms
from attraktiv_eval.records.model import REJECTED_COLUMNS, Cleaned, Fault, Records
from attraktiv_eval.records.saving import write_csv

__all__ = [
    "ACCOUNTED",
    "account",
    "by_list",
    "fault_table",
    "published_faults",
    "rejected_table",
    "write_rejected",
]


#: Of every table of the lists; ``unused`` is a part of ``kept``.
ACCOUNTED = ["file", "sheet", "list", "read", "kept", "merged", "rejected", "unused"]


def account(
    tables: Sequence[Cleaned],
    frames: dict[str, pd.DataFrame],
    merged: dict[str, np.ndarray],
    unused: dict[str, np.ndarray] | None = None,
) -> pd.DataFrame:
    """Return a row a table: file, sheet, list, read, kept, merged, rejected, and of the kept the unused."""
    idle = {
        name: frames[name].loc[rows & ~merged[name], ["_file", "_sheet"]].value_counts().to_dict()
        for name, rows in (unused or {}).items()
    }
    joined = {
        name: frame.loc[merged[name], ["_file", "_sheet"]].value_counts().to_dict()
        for name, frame in frames.items()
    }
    rows = []
    for table in tables:
        n = int(joined.get(table.name, {}).get((table.file, table.sheet), 0))
        rejected = len({fault.row for fault in table.rejected})
        without = int(idle.get(table.name, {}).get((table.file, table.sheet), 0))
        counts = (table.read, table.read - rejected - n, n, rejected, without)
        rows.append((table.file, table.sheet, table.name, *counts))
    return pd.DataFrame(rows, columns=ACCOUNTED)


def fault_table(faults: Sequence[Fault]) -> pd.DataFrame:
    """Return faults as a table, in the order of files and rows; a row may have several."""
    rows = sorted((f.file, f.sheet, f.row, f.column, f.kind, f.remedy) for f in faults)
    return pd.DataFrame(rows, columns=REJECTED_COLUMNS)


def by_list(records: Records) -> dict[str, pd.DataFrame]:
    """Return accounting, kinds of fault and notes by list, as they may be published.

    Returns
    -------
    dict of str to DataFrame
        ``accounting`` (list, files, read, kept, merged, rejected, unused), ``rejected_kinds`` (list, kind,
        rows) and ``notes`` (list, kind, value). Nothing of them stood outside a cell, or in one: no name of a
        file or sheet, no heading. The value of a note is a number: of what was noted, or of the times.
    """
    table, lists = records.accounting, _lists(records)
    order = dict.fromkeys(table["list"])
    sums = table.groupby("list", sort=False)[ACCOUNTED[3:]].sum()
    sums.insert(0, "files", table.groupby("list", sort=False).size())
    faults = pd.Series(
        [
            lists.get((file, sheet), "")
            for file, sheet in zip(records.rejected["file"], records.rejected["sheet"], strict=True)
        ],
        dtype=object,
    )
    kinds = records.rejected.assign(list=faults).groupby(["list", "kind"]).size().rename("rows").reset_index()
    return {
        "accounting": sums.loc[list(order)].reset_index(),
        "rejected_kinds": kinds,
        "notes": _notes_by_list(records.notes, lists),
    }


def _lists(records: Records) -> dict[tuple[str, str], str]:
    """Return file and sheet -> list."""
    table = records.accounting
    return dict(zip(zip(table["file"], table["sheet"], strict=True), table["list"], strict=True))


def _notes_by_list(notes: pd.DataFrame, lists: dict[tuple[str, str], str]) -> pd.DataFrame:
    counted: dict[tuple[str, str], int] = {}
    encodings: dict[tuple[str, str], set[str]] = {}
    for row in notes.fillna("").to_dict("records"):
        key = lists.get((row["file"], row["sheet"]), ""), str(row["kind"])
        value = str(row["value"])
        counted[key] = counted.get(key, 0) + (int(value) if value.isascii() and value.isdigit() else 1)
        if row["kind"] == "encoding":
            encodings.setdefault(key, set()).add(value)
    rows = [
        (name, kind, ", ".join(sorted(encodings[name, kind])) if kind == "encoding" else str(n))
        for (name, kind), n in sorted(counted.items())
    ]
    return pd.DataFrame(rows, columns=["list", "kind", "value"])


def published_faults(records: Records) -> pd.DataFrame:
    """Return every rejected row and cell as a report may carry it: by list, its table's number and row.

    Tables of a list are numbered in the order of their files. A column is named by its field in the data
    dictionary, and left blank where its heading is not known: it may be anything.
    """
    table = _faults(records)
    lists = _lists(records)
    number = {
        place: n
        for name in set(lists.values())
        for n, place in enumerate((p for p, of in lists.items() if of == name), 1)
    }
    places = list(zip(table["file"], table["sheet"], strict=True))
    names = [lists.get(place, "") for place in places]
    fields = [
        synonyms(name).get(plain_heading(column), "") if name else ""
        for name, column in zip(names, table["column"], strict=True)
    ]
    shown = table[["left_out", "row", "kind", "remedy"]].copy()
    shown.insert(1, "list", names)
    shown.insert(2, "table", [number.get(place, "") for place in places])
    shown.insert(4, "column", fields)
    return shown


def _faults(records: Records) -> pd.DataFrame:
    return rejected_table(records.rejected, records.cells)


def rejected_table(rejected: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Return rejected rows and cells left out as one table, ``left_out`` telling which is which."""
    rows = rejected.assign(left_out="row")
    cells = cells.assign(left_out="cell")
    return pd.concat([rows, cells], ignore_index=True)[["left_out", *REJECTED_COLUMNS]]


def write_rejected(records: Records, path: Path, *, published: bool = False) -> None:
    """Write ``rejected_rows.csv``: every rejected row, and every cell left out of a row that was kept.

    Each line names file, sheet, row, column, kind of fault and remedy; never the value itself. In a
    ``published`` report it names list and number of table in place of file and sheet.
    """
    write_csv(published_faults(records) if published else _faults(records), path)
