"""The tables that the evaluation counts: one row a linked household, company or organisation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from attraktiv_eval.records.days import period_bounds
from attraktiv_eval.records.faults import REMEDIES
from attraktiv_eval.records.groups import smallest
from attraktiv_eval.records.model import Cleaned, Fault

__all__ = [
    "company_table",
    "contact_table",
    "destination_gaps",
    "household_table",
    "organisation_table",
    "residence_table",
    "survey_table",
]

_TEXT = pd.StringDtype(na_value=np.nan)
_RANK = {"day": 0, "week": 1, "month": 2, "year": 3}


def _first(frame: pd.DataFrame, by: str, column: str) -> pd.Series:
    """Return the smallest value of a column in each group: the same for every order of the rows."""
    known = frame.dropna(subset=[by, column])
    return smallest(known[column], known[by].to_numpy(dtype=object))


def contact_table(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return the contacts: contact_id, date, household_id, company_id, channel, phase, area and so on."""
    columns = [
        "contact_id",
        "date",
        "date_precision",
        "household_id",
        "company_id",
        "channel",
        "phase",
        "area",
        "municipality_code",
        "organisation",
    ]
    table = contacts[columns].copy()
    return table.sort_values(["date", "household_id", "company_id", "contact_id"], ignore_index=True)


def household_table(
    households: pd.DataFrame | None, contacts: pd.DataFrame | None, start: date | None = None
) -> tuple[pd.DataFrame, int]:
    """Return one row a household, and in how many the rows disagree on the day of the move.

    ``moved`` is yes only where the day, month or year of the move is known; the most precise and then the
    earliest statement of it counts. First contact is the earliest of the contacts and of the list, on or
    after the ``start`` of the project, as far as days are known: ``first_contact_last`` is the last day
    that it can have been, and ``met_before`` tells whether an earlier contact is known.
    ``destination_unread`` tells of a destination that stands there and cannot be read, or is not told in a
    list that names destinations.
    """
    every = _first_contacts(households, contacts)
    table = pd.DataFrame(index=pd.Index(sorted(every["household_id"].dropna().unique()), name="household_id"))
    rows = households if households is not None else pd.DataFrame(columns=["household_id"])
    for column in ("adults", "children"):
        known = rows.groupby("household_id")[column].max() if column in rows else pd.Series(dtype="Int64")
        table[column] = known.reindex(table.index).astype("Int64")
    table["kind"] = _kinds(table["adults"], table["children"])
    for column in ("origin_code", "origin_country"):
        table[column] = _optional(rows, column, table.index)
    early = every["last"] < pd.Timestamp(start) if start else every["last"].isna() & every["last"].notna()
    within = every[~early].groupby("household_id")[["date", "last"]].min()
    table["first_contact"] = within["date"].reindex(table.index).astype("datetime64[ns]")
    table["first_contact_last"] = within["last"].reindex(table.index).astype("datetime64[ns]")
    table["met_before"] = table.index.isin(every.loc[early, "household_id"])
    moves, disagreeing = _moves(rows)
    table["moved"] = _moved(rows, moves).reindex(table.index).fillna("unknown").astype(_TEXT)
    for column in ("moved_in", "moved_in_precision", "destination_code"):
        table[column] = moves[column].reindex(table.index)
    table["destination_code"] = table["destination_code"].fillna(
        _optional(rows, "destination_code", table.index)
    )
    unread: Sequence[str] | pd.Series = (
        rows.loc[rows["_unread"] & rows["destination_code"].isna(), "household_id"]
        if "_unread" in rows
        else []
    )
    table["destination_unread"] = table.index.isin(unread) & table["destination_code"].isna()
    table["source"] = _optional(rows, "source", table.index)
    for column in ("moved_in_precision", "destination_code", "source"):
        table[column] = table[column].astype(_TEXT)
    table["moved_in"] = table["moved_in"].astype("datetime64[ns]")
    return table.reset_index().astype({"household_id": _TEXT}), disagreeing


def destination_gaps(
    tables: Sequence[Cleaned], frames: dict[str, pd.DataFrame], households: pd.DataFrame | None
) -> list[Fault]:
    """Return the empty cells of destinations of moves that no other row of the household tells either."""
    if households is None or "households" not in frames:
        return []
    rows = frames["households"]
    unknown = households.loc[households["destination_unread"], "household_id"]
    gaps = rows[rows["_no_destination"] & rows["household_id"].isin(unknown)]
    headings = {(one.file, one.sheet): one.headings for one in tables if one.name == "households"}
    kind = "missing_destination"
    return [
        Fault(file, sheet, int(row), headings[file, sheet].get("destination_code", ""), kind, REMEDIES[kind])
        for file, sheet, row in gaps[["_file", "_sheet", "_row"]].to_numpy()
    ]


def _first_contacts(households: pd.DataFrame | None, contacts: pd.DataFrame | None) -> pd.DataFrame:
    """Return household_id, date and the last day that each can mean, of contacts and of stated first ones."""
    parts = []
    for frame, column in ((households, "first_contact"), (contacts, "date")):
        if frame is not None:
            date_, last = period_bounds(frame[column], frame.get(f"{column}_precision"))
            parts.append(pd.DataFrame({"household_id": frame["household_id"], "date": date_, "last": last}))
    none = pd.DataFrame({"household_id": pd.Series(dtype=_TEXT), "date": pd.Series(dtype="datetime64[ns]")})
    every = pd.concat(parts, ignore_index=True) if parts else none.assign(last=none["date"])
    return every.dropna(subset=["household_id"])


def _optional(rows: pd.DataFrame, column: str, index: pd.Index) -> pd.Series:
    known = _first(rows, "household_id", column) if column in rows else pd.Series(dtype=_TEXT)
    return known.reindex(index).astype(_TEXT)


def _kinds(adults: pd.Series, children: pd.Series) -> pd.Series:
    """Return single, couple, family (children), other (three adults or more) or unknown."""
    kind = pd.Series("unknown", index=adults.index, dtype=_TEXT)
    grown, young = adults.fillna(-1), children.fillna(0)
    kind[grown == 1] = "single"
    kind[grown == 2] = "couple"
    kind[grown > 2] = "other"
    kind[young > 0] = "family"
    return kind


def _moves(rows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return moved_in, its precision and the destination of each household that has moved."""
    columns = ["moved_in", "moved_in_precision", "destination_code"]
    if rows.empty:
        return pd.DataFrame(columns=columns, index=pd.Index([], dtype=_TEXT)), 0
    known = rows[rows["moved_in"].notna()].assign(rank=lambda f: f["moved_in_precision"].map(_RANK))
    known = known.sort_values(["household_id", "rank", "moved_in", "destination_code"])
    best = known.groupby("household_id")[columns].first()
    exact = known[known["rank"] == 0].groupby("household_id")["moved_in"]
    disagreeing = int(((exact.max() - exact.min()) > np.timedelta64(31, "D")).sum()) if len(known) else 0
    return best, disagreeing


def _moved(rows: pd.DataFrame, moves: pd.DataFrame) -> pd.Series:
    """Return yes, no or unknown: yes with a known day; no where no row says yes and one says no."""
    if rows.empty:
        return pd.Series(dtype=_TEXT)
    said = pd.crosstab(rows["household_id"], rows["moved"].fillna("unknown"))
    said = said.reindex(columns=["yes", "no", "unknown"], fill_value=0)
    moved = pd.Series("unknown", index=said.index, dtype=_TEXT)
    moved[(said["no"] > 0) & (said["yes"] == 0)] = "no"
    moved[moved.index.isin(moves.index)] = "yes"
    return moved


def residence_table(households: pd.DataFrame | None) -> pd.DataFrame:
    """Return the checks: household_id, checked, resident; of two on one day, the one that says no."""
    if households is None:
        return pd.DataFrame(
            {
                "household_id": pd.Series(dtype=_TEXT),
                "checked": pd.Series(dtype="datetime64[ns]"),
                "resident": pd.Series(dtype=bool),
            }
        )
    rows = households[households["still_resident"].isin(["yes", "no"]) & households["checked"].notna()]
    rows = rows.assign(resident=rows["still_resident"] == "yes")
    table = rows.groupby(["household_id", "checked"])["resident"].min().reset_index()
    table["household_id"] = table["household_id"].astype(_TEXT)
    table["resident"] = table["resident"].astype(bool)
    return table


def company_table(companies: pd.DataFrame | None, contacts: pd.DataFrame | None) -> pd.DataFrame:
    """Return one row a company; the largest stated count, the earliest day, and the cautious answer count."""
    parts = [frame for frame in (companies, contacts) if frame is not None]
    every = pd.concat([frame.dropna(subset=["company_id"]) for frame in parts], ignore_index=True)
    rows = companies if companies is not None else every.iloc[:0]
    by = rows.groupby("company_id")
    table = pd.DataFrame(index=pd.Index(sorted(every["company_id"].unique()), name="company_id"))
    for column in ("name", "municipality_code", "hired_household"):
        known = _first(rows, "company_id", column) if column in rows else pd.Series(dtype=_TEXT)
        table[column] = known.reindex(table.index).astype(_TEXT)
    for column in ("vacancies_shared", "candidates_presented", "hires_made"):
        known = by[column].max() if column in rows else pd.Series(dtype="Int64")
        table[column] = known.reindex(table.index).astype("Int64")
    for column, places in (
        ("first_hire", ((rows, "first_hire"),)),
        ("first_support", ((rows, "first_support"), (every, "date"))),
    ):
        first, last = _earliest(places, table.index)
        table[column], table[f"{column}_last"] = first, last
    table["hire_already_local"] = _answer(rows, "hire_already_local", "yes", table.index)
    table["employed_at_12_months"] = _answer(rows, "employed_at_12_months", "no", table.index)
    table = (
        table.rename(columns={"hired_household": "household_id"}).reset_index().astype({"company_id": _TEXT})
    )
    order = ["company_id", "name", "municipality_code", "first_support", "vacancies_shared"]
    order += ["candidates_presented", "hires_made", "first_hire", "household_id", "hire_already_local"]
    return table[[*order, "employed_at_12_months", "first_support_last", "first_hire_last"]]


def _earliest(places: Sequence[tuple[pd.DataFrame, str]], index: pd.Index) -> tuple[pd.Series, pd.Series]:
    """Return the earliest day of several columns, and the last day that it can have been."""
    parts = []
    for frame, column in places:
        if column in frame:
            first, last = period_bounds(frame[column], frame.get(f"{column}_precision"))
            parts.append(pd.DataFrame({"company_id": frame["company_id"], "first": first, "last": last}))
    if not parts:
        none = pd.Series(pd.NaT, index=index, dtype="datetime64[ns]")
        return none, none.copy()
    found = pd.concat(parts).groupby("company_id")[["first", "last"]].min().reindex(index)
    return found["first"].astype("datetime64[ns]"), found["last"].astype("datetime64[ns]")


def _answer(rows: pd.DataFrame, column: str, wins: str, index: pd.Index) -> pd.Series:
    """Return yes, no or unknown: ``wins`` where any row says it."""
    if column not in rows:
        return pd.Series("unknown", index=index, dtype=_TEXT)
    other = "no" if wins == "yes" else "yes"
    said = {word: set(rows.loc[rows[column] == word, "company_id"]) for word in (wins, other)}
    words = [wins if one in said[wins] else other if one in said[other] else "unknown" for one in index]
    return pd.Series(words, index=index, dtype=_TEXT)


def organisation_table(organisations: pd.DataFrame) -> pd.DataFrame:
    """Return one row an organisation: the largest stated amounts, the earliest day of joining.

    It has left on the latest day that its rows state, or not at all where a row that is later than it says
    that it joined.
    """
    by = organisations.groupby("organisation_id")
    table = pd.DataFrame(
        index=pd.Index(sorted(organisations["organisation_id"].unique()), name="organisation_id")
    )
    for column in ("name", "organisation_number", "type", "role"):
        table[column] = _first(organisations, "organisation_id", column).reindex(table.index).astype(_TEXT)
    table["joined"] = by["joined"].min().astype("datetime64[ns]")
    left = by["left"].max() if "left" in organisations else pd.Series(pd.NaT, index=table.index)
    back = by["joined"].max()
    table["left"] = left.where(~(back > left)).astype("datetime64[ns]")
    for column in ("cash_sek", "in_kind_sek"):
        table[column] = by[column].max()
    return table.reset_index().astype({"organisation_id": _TEXT})


def survey_table(answers: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return one answer a household or company: the latest; of two on one day, the more cautious."""
    rows = answers.dropna(subset=[by]).copy()
    rows["other_projects_named"] = pd.to_numeric(rows["other_projects"]).astype("Int64")
    rows = rows.sort_values(
        [by, "date", "answer", "other_projects_named"], ascending=[True, False, True, False]
    )
    rows = rows.drop_duplicates(by)
    rows["other_projects"] = (rows["other_projects_named"] > 0).astype("boolean")
    return rows[[by, "answer", "other_projects", "other_projects_named", "date"]].reset_index(drop=True)
