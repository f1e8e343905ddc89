"""Households and companies by phase of Talent Attraction Management and by activity area, and the funnel."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from attraktiv_eval.records.dates import known_by

if TYPE_CHECKING:
    from attraktiv_eval.records import Records

__all__ = [
    "activities_by",
    "by_contact",
    "funnel",
]


def by_contact(
    records: Records,
    classified: pd.DataFrame,
    column: str,
    keys: list[str],
    until: date,
    *,
    unit: str = "household_id",
    result: tuple[str, str] = ("moved_in", "moved_in"),
) -> pd.DataFrame:
    """Return households or companies by phase or area of their contacts.

    Parameters
    ----------
    records : Records
    classified : DataFrame
        From ``classify_households`` or ``classify_companies``.
    column, keys
        ``phase`` or ``area``, and the keys that always have a row.
    until : date
        Later contacts are not used.
    unit : str
        ``household_id`` or ``company_id``.
    result : tuple of str
        The status that counts as a result, and the column that it is counted in.

    Returns
    -------
    DataFrame
        ``column, reached, known`` and the result. A household counts in every phase (or area) in which it
        had a contact, so the rows overlap and do not add up. ``known`` are those whose outcome is known
        (counted-apart ones included), the base of any share. Contacts with no phase are under ``unknown``.
        ``attrs["combinations"]`` counts each of them once: by the phases (or areas) in which it was met.
    """
    columns = [unit, "date", column]
    contacts = pd.DataFrame(columns=columns) if records.contacts is None else records.contacts
    contacts = known_by(contacts.reindex(columns=columns), "date", until).dropna(subset=[unit])
    pairs = contacts.assign(**{column: contacts[column].astype("object").fillna("unknown")})
    pairs = pairs[[unit, column]].drop_duplicates()
    pairs["status"] = pairs[unit].map(classified.set_index(unit)["status"])
    pairs = pairs.dropna(subset=["status"])
    others = sorted(set(pairs[column]) - set(keys) - {"unknown"})
    every = [*keys, *others, *(["unknown"] if (pairs[column] == "unknown").any() else [])]
    status, counted = result
    groups = {
        "reached": pairs,
        "known": pairs[pairs["status"] != "unknown"],
        counted: pairs[pairs["status"] == status],
    }
    counts = {name: rows[column].value_counts() for name, rows in groups.items()}
    table = pd.DataFrame(
        {
            column: pd.Series(every, dtype="str"),
            **{name: [int(count.get(one, 0)) for one in every] for name, count in counts.items()},
        }
    )
    table.attrs["combinations"] = {name: _combinations(rows, unit, column) for name, rows in groups.items()}
    return table


def _combinations(pairs: pd.DataFrame, unit: str, column: str) -> dict[tuple[str, ...], int]:
    """Return how many units were met in just these categories, for every combination that occurs."""
    met = Counter(tuple(sorted(map(str, found))) for _, found in pairs.groupby(unit, sort=True)[column])
    return dict(sorted(met.items()))


def funnel(by_phase: pd.DataFrame) -> pd.DataFrame:
    """Return the funnel: ``phase, households, known, moved_in, share, low, high, least, most``.

    The share is of the households whose outcome is known; the interval is Wilson's at 90 per cent
    (statsmodels ``proportion_confint``). Where no outcome is known, the share is missing.
    ``least`` and ``most`` are the share of all of the phase if none, and if all, of the others moved in.
    """
    from statsmodels.stats.proportion import proportion_confint

    table = by_phase.rename(columns={"reached": "households"}).copy()
    some = table["known"] > 0
    table["share"] = (table["moved_in"] / table["known"]).where(some)
    known, moved = table["known"].where(some, 1), table["moved_in"]
    low, high = proportion_confint(moved.to_numpy(), known.to_numpy(), alpha=0.10, method="wilson")
    table["low"] = pd.Series(low, index=table.index, dtype=float).where(some)
    table["high"] = pd.Series(high, index=table.index, dtype=float).where(some)
    whole = table["households"].where(table["households"] > 0)
    table["least"] = (table["moved_in"] / whole).astype(float)
    table["most"] = ((table["moved_in"] + table["households"] - table["known"]) / whole).astype(float)
    return table


# --- What the project did


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
