"""The tables that tell how the records came about: rules, notes, and which row is whose."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from attraktiv_eval.records.households import Linked
from attraktiv_eval.records.material import Material

__all__ = ["grey_table", "linkage_table", "member_table", "note_table"]

_ROWS_SHOWN = 3


def linkage_table(
    linked: Linked,
    companies: dict[str, int],
    organisations: dict[str, int],
    frames: dict[str, pd.DataFrame],
    merged: dict[str, np.ndarray],
) -> pd.DataFrame:
    """Return how many rows each rule of linkage merged: rule, list, merged."""
    rows = [(rule, "households", n) for rule, n in linked.counts.items()]
    rows += [(rule, "companies", n) for rule, n in companies.items()]
    rows += [(rule, "organisations", n) for rule, n in organisations.items()]
    for name in ("contacts", "activities", "funding"):
        if name in frames:
            rows.append(("same_row", name, int(merged[name].sum())))
    return pd.DataFrame(rows, columns=["rule", "list", "merged"])


def note_table(
    material: Material,
    origin: str,
    linked: Linked,
    unapplied: int,
    disagreeing: int,
    frames: dict[str, pd.DataFrame],
    households: pd.DataFrame | None,
) -> pd.DataFrame:
    """Return what was noted while the lists were read and linked: file, sheet, kind, value."""
    rows = list(material.notes)
    rows.append(("", "", f"key_{origin}", ""))
    if unapplied:
        rows.append(
            ("", "", f"decisions_not_applied_{'made' if origin == 'made' else 'kept'}", str(unapplied))
        )
    if linked.shared:
        rows.append(("", "", "shared_by_many", str(linked.shared)))
    if disagreeing:
        rows.append(("", "", "moves_disagree", str(disagreeing)))
    if "households" in frames:
        frame = frames["households"]
        said = set(frame.loc[frame["moved"] == "yes", "household_id"])
        dated = set(frame.loc[frame["moved_in"].notna(), "household_id"])
        if said - dated:
            rows.append(("", "", "moved_without_date", str(len(said - dated))))
    if households is not None and "survey_households" in frames:
        strangers = set(frames["survey_households"]["household_id"].dropna()) - set(
            households["household_id"]
        )
        if strangers:
            rows.append(("", "", "answers_of_strangers", str(len(strangers))))
    counts = Counter(
        (fault.file, fault.sheet, fault.kind) for table in material.tables for fault in table.cells
    )
    rows += [(file, sheet, f"cells_{kind}", str(n)) for (file, sheet, kind), n in sorted(counts.items())]
    return pd.DataFrame(rows, columns=["file", "sheet", "kind", "value"])


def member_table(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the household of each row: list, file, sheet, row, household_id."""
    parts = []
    for name in ("contacts", "households", "survey_households"):
        if name in frames:
            part = frames[name][["_file", "_sheet", "_row", "household_id"]]
            parts.append(
                part.rename(columns={"_file": "file", "_sheet": "sheet", "_row": "row"}).assign(list=name)
            )
    columns = ["list", "file", "sheet", "row", "household_id"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def grey_table(members: pd.DataFrame, **pairs: list[tuple[str, str, float]]) -> pd.DataFrame:
    """Return the pairs that a person should decide on: list, left, right, score, left_rows, right_rows.

    A household is named by its reference, and where it has none by a name that says nothing; the rows that
    it stands on tell the person which it is.
    """
    rows = [(name, *pair) for name, several in pairs.items() for pair in several]
    table = pd.DataFrame(rows, columns=["list", "left", "right", "score"])
    asked = set(table.loc[table["list"] == "households", ["left", "right"]].to_numpy().ravel())
    mine = members[members["household_id"].isin(asked)].sort_values(["file", "sheet", "row"])
    places = {
        household: "; ".join(
            " ".join(part for part in (file, sheet, str(row)) if part)
            for file, sheet, row in group[["file", "sheet", "row"]].head(_ROWS_SHOWN).to_numpy()
        )
        for household, group in mine.groupby("household_id")
    }
    for side in ("left", "right"):
        table[f"{side}_rows"] = [
            places.get(one, "") if name == "households" else ""
            for name, one in zip(table["list"], table[side], strict=True)
        ]
    return table
