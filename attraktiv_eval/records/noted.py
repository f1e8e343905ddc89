"""The tables that tell how the records came about: rules, notes, and which row is whose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from attraktiv_eval.records.days import period_bounds
from attraktiv_eval.records.households import Linked, OpenPair
from attraktiv_eval.records.material import Material
from attraktiv_eval.records.model import Fault

__all__ = ["all_unused", "grey_table", "linkage_table", "member_table", "note_table", "unused_rows"]

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
    cells: Sequence[Fault],
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
    rows += [(file, sheet, "reference_is_a_day", str(n)) for (file, sheet), n in sorted(linked.days.items())]
    if disagreeing:
        rows.append(("", "", "moves_disagree", str(disagreeing)))
    rows += [
        ("", "", f"{name}_before_project", str(n)) for name, n in _too_early(frames, material.start) if n
    ]
    rows += [(*place, f"not_used_{why}", str(n)) for place, why, n in _not_used(frames)]
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
    counts = Counter((fault.file, fault.sheet, fault.kind) for fault in cells)
    rows += [(file, sheet, f"cells_{kind}", str(n)) for (file, sheet, kind), n in sorted(counts.items())]
    return pd.DataFrame(rows, columns=["file", "sheet", "kind", "value"])


def _too_early(frames: dict[str, pd.DataFrame], start: date | None) -> list[tuple[str, int]]:
    """Return how many contacts, moves and hires are known to be older than the project."""
    found = []
    for name, frame, column in (
        ("contacts", "contacts", "date"),
        ("moves", "households", "moved_in"),
        ("hires", "companies", "first_hire"),
    ):
        if frame in frames and start is not None:
            _, last = period_bounds(frames[frame][column], frames[frame][f"{column}_precision"])
            found.append((name, int((last < pd.Timestamp(start)).sum())))
    return found


def unused_rows(frames: dict[str, pd.DataFrame]) -> dict[str, dict[str, np.ndarray]]:
    """Return list -> why -> which of its rows are kept and yet enter no count.

    An answer without its day is in no year's evaluation, a payment without its day or kind in no sum, a
    check without its day says nothing of when.
    """
    found: dict[str, dict[str, np.ndarray]] = {}
    for name, frame in frames.items():
        why: dict[str, np.ndarray] = {}
        if name in ("survey_households", "survey_companies"):
            who = "household_id" if name == "survey_households" else "company_id"
            why["no_day"] = frame["date"].isna().to_numpy()
            if who in frame:
                why["nobody"] = frame[who].isna().to_numpy() & ~why["no_day"]
        elif name == "funding":
            why["no_kind"] = frame["kind"].isna().to_numpy()
            paid = frame["paid_sek"].notna()
            why["no_day"] = (paid & frame["date"].isna() & frame["decided_sek"].isna()).to_numpy() & ~why[
                "no_kind"
            ]
            why["no_amount"] = (~paid & frame["decided_sek"].isna()).to_numpy() & ~why["no_kind"]
        found[name] = {reason: rows for reason, rows in why.items() if rows.any()}
    return found


def all_unused(frames: dict[str, pd.DataFrame]) -> dict[str, np.ndarray]:
    """Return list -> which of its rows are kept and enter no count, for whatever reason."""
    return {
        name: np.logical_or.reduce(list(why.values())) for name, why in unused_rows(frames).items() if why
    }


def _not_used(frames: dict[str, pd.DataFrame]) -> list[tuple[tuple[str, str], str, int]]:
    """Return (file, sheet) and why how many rows are kept and not used."""
    told = []
    for name, reasons in unused_rows(frames).items():
        for reason, rows in reasons.items():
            places = frames[name].loc[rows, ["_file", "_sheet"]].astype(str)
            counts = Counter(zip(places["_file"], places["_sheet"], strict=True))
            told += [(place, reason, n) for place, n in sorted(counts.items())]
    return told


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


def grey_table(members: pd.DataFrame, **pairs: list[OpenPair]) -> pd.DataFrame:
    """Return the pairs that a person should decide on.

    list, left, right, score, left_rows, right_rows, speaks_for, speaks_against.

    A household is named by its reference, and where it has none by a name that says nothing; the rows that
    it stands on tell the person which it is.
    """
    rows = [
        (name, one.left, one.right, one.score, one.speaks_for, one.speaks_against)
        for name, several in pairs.items()
        for one in several
    ]
    table = pd.DataFrame(rows, columns=["list", "left", "right", "score", "speaks_for", "speaks_against"])
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
    columns = ["list", "left", "right", "score", "left_rows", "right_rows"]
    return table[[*columns, "speaks_for", "speaks_against"]]
