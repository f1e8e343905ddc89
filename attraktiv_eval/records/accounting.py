"""Every row accounted for: read = kept + merged + rejected, file by file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from attraktiv_eval.records.model import REJECTED_COLUMNS, Cleaned, Fault, Records
from attraktiv_eval.records.saving import write_csv

__all__ = ["account", "fault_table", "write_rejected"]


def account(
    tables: Sequence[Cleaned], frames: dict[str, pd.DataFrame], merged: dict[str, np.ndarray]
) -> pd.DataFrame:
    """Return a row a table: file, sheet, list, read, kept, merged, rejected."""
    joined = {
        name: frame.loc[merged[name], ["_file", "_sheet"]].value_counts().to_dict()
        for name, frame in frames.items()
    }
    rows = []
    for table in tables:
        n = int(joined.get(table.name, {}).get((table.file, table.sheet), 0))
        rejected = len({fault.row for fault in table.rejected})
        rows.append((table.file, table.sheet, table.name, table.read, table.read - rejected - n, n, rejected))
    return pd.DataFrame(rows, columns=["file", "sheet", "list", "read", "kept", "merged", "rejected"])


def fault_table(faults: Sequence[Fault]) -> pd.DataFrame:
    """Return faults as a table, in the order of files and rows; a row may have several."""
    rows = sorted((f.file, f.sheet, f.row, f.column, f.kind, f.remedy) for f in faults)
    return pd.DataFrame(rows, columns=REJECTED_COLUMNS)


def write_rejected(records: Records, path: Path) -> None:
    """Write ``rejected_rows.csv``: every rejected row, and every cell left out of a row that was kept.

    Each line names file, sheet, row, column, kind of fault and remedy; never the value itself.
    """
    rows = records.rejected.assign(left_out="row")
    cells = records.cells.assign(left_out="cell")
    table = pd.concat([rows, cells], ignore_index=True)[["left_out", *REJECTED_COLUMNS]]
    write_csv(table, path)
