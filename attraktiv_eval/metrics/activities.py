"""What the project did: its activities by phase and area, whom they reached and what they cost."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from attraktiv_eval.metrics.dates import known_by

if TYPE_CHECKING:
    from attraktiv_eval.records import Records

__all__ = ["activities_by"]


def activities_by(records: Records, column: str, keys: list[str], until: date) -> pd.DataFrame:
    """Return ``column, activities, reach, cost_sek`` of the activities held by a day.

    Parameters
    ----------
    records : Records
    column : str
        ``phase`` or ``area``; activities without one are under ``unknown``.
    keys : list of str
        Keys that always have a row, in this order.
    until : date
        Later activities are not used.

    Returns
    -------
    DataFrame
        ``reach`` adds up the people stated for each activity, so one who came twice counts twice;
        ``cost_sek`` adds up what is stated. Both are missing where no activity of the row states any. Empty
        where there is no list.
    """
    columns = [column, "activities", "reach", "cost_sek"]
    if records.activities is None:
        return pd.DataFrame(columns=columns)
    held = known_by(records.activities.reindex(columns=["date", column, "reach", "cost_sek"]), "date", until)
    key = held[column].astype("object").fillna("unknown")
    others = sorted(set(key) - set(keys) - {"unknown"})
    every = [*keys, *others, *(["unknown"] if (key == "unknown").any() else [])]
    numbers = {name: pd.to_numeric(held[name], errors="coerce").astype("float64") for name in columns[2:]}
    sums = {name: values.groupby(key).sum(min_count=1).reindex(every) for name, values in numbers.items()}
    table = pd.DataFrame({column: pd.Series(every, dtype="str")})
    table["activities"] = [int((key == one).sum()) for one in every]
    for name, values in sums.items():
        table[name] = values.round().astype("Int64").to_numpy()
    return table
