"""Households: reached, moved in, counted apart, or not known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from attraktiv_eval.metrics.retention import departures
from attraktiv_eval.records.dates import DAYS_PER_MONTH, as_dates, is_no, is_yes, period_bounds

if TYPE_CHECKING:
    from attraktiv_eval.assumptions import Assumption
    from attraktiv_eval.project import Project
    from attraktiv_eval.records import Records

__all__ = [
    "APART",
    "MONTHS_TO_STAY",
    "HouseholdSize",
    "by_key",
    "classify_households",
    "counted_apart",
    "household_size",
    "households_by_year",
    "time_to_move",
]

#: Known moves that are shown but not counted, in the order in which they are told.
APART = (
    "before_first_contact",
    "inside_county",
    "elsewhere",
    "out_again",
    "no_known_contact",
    "before_project",
)
#: As a country of origin is written where it is none but this.
SWEDEN = "Sverige"
#: A household that leaves again within this many months has not moved in.
MONTHS_TO_STAY = 3
#: From this many households on, their own mean size replaces the assumption.
LEAST_FOR_OWN_SIZE = 30
_Z90 = 1.6448536269514722


def classify_households(records: Records, project: Project, until: date) -> pd.DataFrame:
    """Return every household that the records know on a day, with what became of it.

    Parameters
    ----------
    records : Records
        The linked lists; nothing dated after ``until`` is used.
    project : Project
        Gives the region whose border counts.
    until : date
        The last day whose events are known.

    Returns
    -------
    DataFrame
        One row a household: ``household_id, kind, origin_code, origin_country, destination_code,
        first_contact`` (datetime), ``interest`` (municipality of the first contact), ``moved_in`` and
        ``moved_in_last`` (first and last day that the move can have happened), ``year`` (of the move),
        ``persons`` and ``status``: ``moved_in``, ``not_moved``, ``unknown`` or a reason in :data:`APART`.

    Notes
    -----
    *Unknown* are households whose move is not recorded either way, or is recorded but not its date, its
    origin or its order relative to the first contact. A move after ``until`` has not happened yet.
    So are those whose country of origin is Sweden but whose town is not known, whose town and country
    contradict each other, or whose destination cannot be read or is empty in a list that names destinations.
    A contact known to the month or year may be any day of it. Households that moved before their first
    contact, before the project began, inside the county, to somewhere else, or out again within three months
    are counted apart, as are those whose only contacts are older than the project.
    """
    table = _known_households(records, project, until)
    first, last = period_bounds(table["moved_in"], table["moved_in_precision"])
    table["moved_in"], table["moved_in_last"] = first, last
    table["year"] = first.dt.year.astype("Int64")
    table["status"] = _status(table, project, until)
    left = departures(table, records.residence, until)
    out = (left["months"] <= MONTHS_TO_STAY) & left["departed"]
    gone = set(left.loc[out, "household_id"])
    again = (table["status"] == "moved_in") & table["household_id"].isin(gone)
    table.loc[again, "status"] = "out_again"
    return table.sort_values("household_id", ignore_index=True)


def _known_households(records: Records, project: Project, until: date) -> pd.DataFrame:
    """Return households with a first contact by ``until``, and movers with no known contact at all."""
    contacts = _contacts(records)
    table = _household_list(records, contacts)
    met = contacts.sort_values(["date", "municipality_code", "contact_id"], na_position="last")
    met = met.drop_duplicates("household_id").set_index("household_id")
    table["interest"] = table["household_id"].map(met["municipality_code"].to_dict())
    _bound_first_contact(table, contacts, pd.Timestamp(project.start))
    reached = table["first_contact"] <= pd.Timestamp(until)
    moved = is_yes(table["moved"]) & ~(table["moved_in"] > pd.Timestamp(until))
    untold = table["first_contact"].isna() & moved
    return table[reached | untold].reset_index(drop=True)


def _bound_first_contact(table: pd.DataFrame, contacts: pd.DataFrame, start: pd.Timestamp) -> None:
    """Set the first and the last day that the first contact within the project can have been.

    ``met_before`` are the households whose only known contacts are older than the project.
    """
    stated = as_dates(table["first_contact"])
    last = as_dates(table["first_contact_last"]).fillna(stated)
    every = pd.concat(
        [
            pd.DataFrame({"household_id": table["household_id"], "first": stated, "last": last}),
            contacts[["household_id", "first", "last"]],
        ],
        ignore_index=True,
    ).dropna(subset=["first"])
    within = every[every["last"] >= start].groupby("household_id")[["first", "last"]].min()
    table["first_contact"] = as_dates(table["household_id"].map(within["first"].to_dict()))
    table["first_contact_last"] = as_dates(table["household_id"].map(within["last"].to_dict()))
    older = set(every.loc[every["last"] < start, "household_id"])
    before = table["met_before"].astype("object").fillna(False).astype(bool) | table["household_id"].isin(
        older
    )
    table["met_before"] = before & table["first_contact"].isna()


def _contacts(records: Records) -> pd.DataFrame:
    columns = ["contact_id", "date", "date_precision", "household_id", "municipality_code"]
    if records.contacts is None:
        empty = pd.DataFrame({name: pd.Series(dtype="str") for name in columns})
        return empty.assign(**dict.fromkeys(("date", "first", "last"), as_dates(empty["date"])))
    contacts = records.contacts.reindex(columns=columns)
    first, last = period_bounds(contacts["date"], contacts["date_precision"])
    contacts = contacts.assign(date=as_dates(contacts["date"]), first=first, last=last)
    return contacts.dropna(subset=["household_id"])


def _household_list(records: Records, contacts: pd.DataFrame) -> pd.DataFrame:
    """Return the households list; households that only the contacts know have an unknown move."""
    columns = [
        "household_id", "adults", "children", "kind", "origin_code", "origin_country", "first_contact",
        "first_contact_last", "met_before", "moved", "moved_in", "moved_in_precision", "destination_code",
        "destination_unread",
    ]  # fmt: skip
    listed = pd.DataFrame(columns=columns) if records.households is None else records.households
    listed = listed.reindex(columns=columns).drop_duplicates("household_id")
    only_met = contacts.loc[~contacts["household_id"].isin(listed["household_id"]), "household_id"]
    extra = pd.DataFrame({"household_id": only_met.drop_duplicates()}).reindex(columns=columns)
    extra["moved"] = "unknown"
    parts = [part for part in (listed, extra) if len(part)]
    table = pd.concat(parts, ignore_index=True) if parts else listed.copy()
    table["moved"] = table["moved"].astype("object").fillna("unknown")
    table["kind"] = table["kind"].astype("object").fillna("unknown")
    adults = pd.to_numeric(table["adults"], errors="coerce")
    children = pd.to_numeric(table["children"], errors="coerce")
    table["persons"] = (adults + children.where(children.notna() | adults.isna(), 0)).astype("Float64")
    table["moved_in"] = as_dates(table["moved_in"])
    return table.drop(columns=["adults", "children"])


def _status(table: pd.DataFrame, project: Project, until: date) -> pd.Series:
    """Return the status of each household by the border, the day and the first contact."""
    origin = table["origin_code"].astype("string")
    country = table["origin_country"].astype("string")
    foreign = (country.notna() & (country != SWEDEN)).fillna(False)
    nowhere = (origin.isna() & ~foreign) | (origin.notna() & foreign)
    unread = table["destination_unread"].astype("object").fillna(False).astype(bool)
    inside = origin.str.startswith(project.region.codes).fillna(False)
    if project.region.kind == "municipality":  # who comes from its county may come from itself
        nowhere |= (origin == project.region.code[:2]).fillna(False)
    destination = table["destination_code"].astype("string")
    elsewhere = destination.notna() & ~destination.isin(list(project.region.municipalities))
    not_yet = table["moved_in"] > pd.Timestamp(until)
    before = table["moved_in_last"] < table["first_contact"]
    order_unclear = (table["moved_in"] < table["first_contact_last"]) & ~before
    too_early = table["moved_in_last"] < _begun(destination, project)
    status = pd.Series("moved_in", index=table.index, dtype=object)
    rules = [
        (order_unclear | nowhere | unread, "unknown"),
        (too_early, "before_project"),
        (before, "before_first_contact"),
        (elsewhere, "elsewhere"),
        (inside, "inside_county"),
        (table["first_contact"].isna(), "no_known_contact"),
        (table["met_before"], "before_project"),
        (table["moved_in"].isna(), "unknown"),
        (is_no(table["moved"]) | not_yet, "not_moved"),
        (~is_yes(table["moved"]) & ~is_no(table["moved"]), "unknown"),
    ]
    for condition, name in rules:  # a later rule overrides an earlier one
        status = status.mask(condition.fillna(False).astype(bool), name)
    return status


def _begun(destination: pd.Series, project: Project) -> pd.Series:
    """Return the day on which the project began in the county moved to; one of several may begin later."""
    first = pd.Timestamp(project.start)
    later = {code: max(first, pd.Timestamp(year, 1, 1)) for code, year in project.region.starts.items()}
    return as_dates(destination.str[:2].map(later)).fillna(first)


def households_by_year(classified: pd.DataFrame, years: list[int]) -> pd.DataFrame:
    """Return ``year, reached, moved_in``: households by year of first contact and by year of the move."""
    reached = _reached(classified)["first_contact"].dt.year.value_counts()
    moved = classified.loc[classified["status"] == "moved_in", "year"].value_counts()
    every = sorted({*years, *map(int, reached.index), *map(int, moved.index)})
    return pd.DataFrame(
        {
            "year": every,
            "reached": [int(reached.get(year, 0)) for year in every],
            "moved_in": [int(moved.get(year, 0)) for year in every],
        }
    )


def by_key(classified: pd.DataFrame, reached: str, moved: str, order: list[str], name: str) -> pd.DataFrame:
    """Return a table of households by one key; missing keys are counted under ``unknown``.

    Parameters
    ----------
    classified : DataFrame
        From :func:`classify_households`.
    reached, moved : str
        Column that holds the key of a reached household, and of one that moved in.
    order : list of str
        Keys that always have a row, in this order; others follow sorted, ``unknown`` last.
    name : str
        Heading of the key.
    """
    everyone = _reached(classified)[reached].astype("object").fillna("unknown").value_counts()
    movers = (
        classified.loc[classified["status"] == "moved_in", moved]
        .astype("object")
        .fillna("unknown")
        .value_counts()
    )
    others = sorted({*everyone.index, *movers.index} - {*order, "unknown"})
    last = ["unknown"] if "unknown" in {*everyone.index, *movers.index} and "unknown" not in order else []
    keys = [*order, *others, *last]
    return pd.DataFrame(
        {
            name: pd.Series(keys, dtype="str"),
            "reached": [int(everyone.get(key, 0)) for key in keys],
            "moved_in": [int(movers.get(key, 0)) for key in keys],
        }
    )


def _reached(classified: pd.DataFrame) -> pd.DataFrame:
    return classified[classified["first_contact"].notna()]


def counted_apart(classified: pd.DataFrame) -> pd.DataFrame:
    """Return ``reason, households``: known moves that do not count, one row for each reason."""
    counts = classified["status"].value_counts()
    return pd.DataFrame({"reason": list(APART), "households": [int(counts.get(one, 0)) for one in APART]})


def time_to_move(classified: pd.DataFrame) -> pd.DataFrame:
    """Return months from first contact to move: ``households, p25, median, p75``, one row.

    A move known to the month or the year lies at the middle of what can be meant after the contact.
    """
    moved = classified[classified["status"] == "moved_in"]
    middle = moved["moved_in"] + (moved["moved_in_last"] - moved["moved_in"]) / 2
    months = (middle - moved["first_contact"]).dt.days / DAYS_PER_MONTH
    quartiles = months.quantile([0.25, 0.5, 0.75]).to_list()
    return pd.DataFrame([[len(moved), *quartiles]], columns=["households", "p25", "median", "p75"])


@dataclass(frozen=True)
class HouseholdSize:
    """Persons per household that moves in: value, low, high; ``source`` is "records" or "assumption"."""

    value: float
    low: float
    high: float
    source: str
    known: int


def household_size(classified: pd.DataFrame, assumption: Assumption) -> HouseholdSize:
    """Return persons per household: the records' own mean where 30 or more are known, else the assumption.

    The records' range is the mean plus and minus 1.645 standard errors, a 90 per cent interval.
    """
    persons = classified.loc[classified["status"] == "moved_in", "persons"].dropna().astype(float)
    known = len(persons)
    if known < LEAST_FOR_OWN_SIZE:
        return HouseholdSize(assumption.value, assumption.low, assumption.high, "assumption", known)
    mean = float(persons.mean())
    half = _Z90 * float(persons.std(ddof=1)) / known**0.5
    return HouseholdSize(mean, mean - half, mean + half, "records", known)
