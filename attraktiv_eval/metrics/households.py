"""Households: reached, moved in, counted apart, or not known, and how many still live in the county.

Retention is by Kaplan-Meier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from attraktiv_eval.records.dates import DAYS_PER_MONTH, as_dates, is_no, is_yes, known_by, period_bounds

if TYPE_CHECKING:
    from statsmodels.duration.survfunc import SurvfuncRight

    from attraktiv_eval.assumptions import Assumption
    from attraktiv_eval.project import Project
    from attraktiv_eval.records import Records


def departures(
    households: pd.DataFrame, residence: pd.DataFrame | None, until: date, position: float = 0.5
) -> pd.DataFrame:
    """Return how long each household is known to have stayed.

    Parameters
    ----------
    households : DataFrame
        With ``household_id`` and ``moved_in`` (datetime); a household without a move is left out.
    residence : DataFrame or None
        One row a check: ``household_id, checked, resident``.
    until : date
        Checks after this day are not used.
    position : float
        Where a departure lies between the last check that found the household and the first that did
        not: 0 at the former, 1 at the latter, 0.5 halfway.

    Returns
    -------
    DataFrame
        ``household_id, months, departed``: months from the move to the departure (``departed`` True) or
        to the last check. A household never checked is not in it: nothing is known of its stay.
    """
    return _between(_found_and_gone(households, residence, until), position)


def _found_and_gone(households: pd.DataFrame, residence: pd.DataFrame | None, until: date) -> pd.DataFrame:
    """Return ``seen, gone`` by household: months to the last check that found it, the first that did not."""
    moved = households.dropna(subset=["moved_in"])
    if residence is None or residence.empty or moved.empty:
        return pd.DataFrame({"seen": np.array([], float), "gone": np.array([], float)})
    start = moved.set_index("household_id")["moved_in"]
    if "moved_in_last" in moved:
        start = start + (moved.set_index("household_id")["moved_in_last"] - start) / 2
    checks = known_by(residence, "checked", until)
    checks = checks[checks["household_id"].isin(start.index)]
    months = (pd.to_datetime(checks["checked"]) - checks["household_id"].map(start)).dt.days / DAYS_PER_MONTH
    checks = checks.assign(months=months.astype(float), here=is_yes(checks["resident"]))
    checks = checks[(checks["months"] >= 0) & (checks["here"] | is_no(checks["resident"]))]
    gone = checks[~checks["here"]].groupby("household_id")["months"].min().rename("gone")
    here = checks[checks["here"]].join(gone, on="household_id")
    here = here[here["gone"].isna() | (here["months"] < here["gone"])]
    seen = here.groupby("household_id")["months"].max().rename("seen")
    return pd.concat([seen, gone], axis=1)


def _between(checked: pd.DataFrame, position: float) -> pd.DataFrame:
    """Return ``household_id, months, departed``, a departure lying at a position between its two checks."""
    left = checked["gone"].notna()
    last = checked["seen"].fillna(0.0)
    when = (last + position * (checked["gone"] - last)).where(left, last)
    stay = pd.DataFrame({"months": when.astype(float), "departed": left.astype(bool)})
    return stay.rename_axis("household_id").reset_index().sort_values("household_id")


def _survival(stay: pd.DataFrame) -> SurvfuncRight:
    from statsmodels.duration.survfunc import SurvfuncRight

    return SurvfuncRight(stay["months"].to_numpy(), stay["departed"].to_numpy().astype(int))


def _at(survival: SurvfuncRight, month: float) -> tuple[float, float]:
    """Return the survival and its Greenwood standard error at a month."""
    before = np.searchsorted(survival.surv_times, month, side="right") - 1
    if before < 0:
        return 1.0, 0.0
    share = float(survival.surv_prob[before])
    error = float(survival.surv_prob_se[before])
    return share, error if np.isfinite(error) else 0.0


def retention_table(stay: pd.DataFrame, months: tuple[int, ...] = (3, 12, 24)) -> pd.DataFrame:
    """Return ``months, at_risk, share, low, high``: the share that stayed, with a 90 per cent interval.

    Parameters
    ----------
    stay : DataFrame
        From :func:`departures`.
    months : tuple of int
        Months after the move.

    Notes
    -----
    Kaplan-Meier (statsmodels ``SurvfuncRight``), Greenwood standard errors on the log(-log) scale.
    ``at_risk`` are households observed for at least so long; with none, the share is missing.
    """
    rows = []
    survival = _survival(stay) if len(stay) else None
    for month in months:
        at_risk = int((stay["months"] >= month).sum())
        if survival is None or at_risk == 0:
            rows.append((month, at_risk, np.nan, np.nan, np.nan))
            continue
        share, error = _at(survival, month)
        rows.append((month, at_risk, share, *_log_log_interval(share, error)))
    return pd.DataFrame(rows, columns=["months", "at_risk", "share", "low", "high"])


def _log_log_interval(share: float, error: float) -> tuple[float, float]:
    if not 0 < share < 1 or error == 0:
        return share, share
    spread = _Z90 * error / (share * abs(np.log(share)))
    return float(share ** np.exp(spread)), float(share ** np.exp(-spread))


@dataclass(frozen=True)
class Retention:
    """R = S(12) / S(3) of whoever was followed up, with what the others leave open.

    ``value`` is the Kaplan-Meier ratio of those followed up; where nobody was (``known`` 0) it is 1, for
    nothing is then deducted, and the ends say that this is not known.
    ``low`` and ``high`` are its ends if all who were not followed up left, and if all stayed, with the
    departures between two checks at either end. ``known`` were followed up, ``missing`` were not. The part
    ``open`` has not yet had its twelve months, so the value is a forecast for it, made from as many
    households as ``size`` says; ``months`` is how far the checks reach (at most 12).
    """

    value: float
    low: float
    high: float
    months: float
    known: int
    missing: int = 0
    open: float = 0.0
    size: float = 0.0

    @property
    def mostly_missing(self) -> bool:
        """Whether more were not followed up than were: the few then say little of the others."""
        return 0 < self.known < self.missing

    @property
    def measured(self) -> bool:
        """Whether any household was checked more than three months after its move."""
        return self.months > FROM_MONTH


#: Between these months after the move retention is asked; a check this late answers for the twelfth.
FROM_MONTH, TO_MONTH, LATE_CHECK = 3.0, 12.0, 11.0


def retention_ratio(
    households: pd.DataFrame,
    residence: pd.DataFrame | None,
    until: date,
    *,
    position: tuple[float, float, float] = (0.0, 0.5, 1.0),
) -> Retention:
    """Return the share of households that stayed three months and then stay to twelve.

    Parameters
    ----------
    households : DataFrame
        ``household_id, moved_in`` of the households that moved in or moved out again.
    residence : DataFrame or None
        The checks.
    until : date
        Last day of knowledge.
    position : tuple of three floats
        Where between two checks a departure lies: low, the value used, high.

    Notes
    -----
    A household is followed up where its departure is known or a check found it after its third month; what
    comes after its last check is a forecast from the others (Kaplan-Meier), as for one that was checked
    earlier and whose twelfth month has not passed. Every other household whose third month has passed neither
    stayed nor left: the ends count them all as leaving just before the twelfth month (or the last day), and
    as staying to it. No other completion gives a lower or a higher ratio: moving a
    departure past a censoring leaves fewer at risk when it comes.
    Where the checks do not reach the twelfth month the rate of departure is carried on to it.
    """
    checked = _found_and_gone(households, residence, until)
    stays = {one: _between(checked, one) for one in position}
    follow = [_followed(households, until, stays[one], stays[position[1]]) for one in position]
    n = len(follow[1])
    if n == 0:
        return Retention(1.0, 1.0, 1.0, 0.0, 0)
    middle = follow[1]
    missing = int((middle["state"] == "missing").sum())
    seen = middle[middle["months"] > FROM_MONTH]
    reach = float(seen["months"].clip(upper=TO_MONTH).max()) if len(seen) else 0.0
    if reach <= FROM_MONTH:
        return Retention(1.0, 0.0, 1.0, 0.0, 0, missing=n, open=0.0)
    ratios = [ratio for table in follow for ratio in _ends(table)]
    found = _ratio(_asked(middle), None)
    waiting = float((middle["state"].isin(["so_far", "waiting"])).mean())
    return Retention(
        found,
        min(*ratios, found),
        max(*ratios, found),
        reach,
        int((middle["months"] > 0).sum()),
        missing=missing,
        open=waiting,
        size=_effective_size(seen),
    )


def _followed(
    households: pd.DataFrame, until: date, stays: pd.DataFrame, halfway: pd.DataFrame
) -> pd.DataFrame:
    """Return ``months, departed, horizon, state`` of every household that did not leave by the third month.

    ``stays`` and ``halfway`` are from :func:`departures`. Who left by the third month is decided once, by
    ``halfway``: they are counted apart. ``state``: left, stayed
    (found after eleven months), so_far (found after three), missing, or waiting (its third month has not
    passed, or it was found before that and its twelfth has not).
    """
    moved = households.dropna(subset=["moved_in"]).drop_duplicates("household_id")
    start = as_dates(moved["moved_in"])
    if "moved_in_last" in moved:
        start = start + (as_dates(moved["moved_in_last"]) - start) / 2
    passed = (pd.Timestamp(until) - start).dt.days / DAYS_PER_MONTH
    table = pd.DataFrame({"household_id": moved["household_id"], "horizon": passed.clip(upper=TO_MONTH)})
    stay = stays.set_index("household_id")
    told = table["household_id"].map
    table["departed"] = told(stay["departed"].to_dict()).eq(True)
    table["months"] = told(stay["months"].to_dict()).astype(float).fillna(0.0)
    again = halfway["departed"] & (halfway["months"] <= FROM_MONTH)
    table = table[~table["household_id"].isin(halfway.loc[again, "household_id"])]
    soon = table["departed"] & (table["months"] <= FROM_MONTH)
    table["months"] = table["months"].mask(soon, np.nextafter(FROM_MONTH, TO_MONTH))
    state = pd.Series("missing", index=table.index, dtype=object)
    state = state.mask((table["months"] > 0) & (table["horizon"] < TO_MONTH), "waiting")
    state = state.mask(table["months"] > FROM_MONTH, "so_far")
    state = state.mask((table["horizon"] <= FROM_MONTH) & ~table["departed"], "waiting")
    state = state.mask(table["months"] >= LATE_CHECK, "stayed")
    state = state.mask(table["departed"] & (table["months"] <= TO_MONTH), "left")
    return table.assign(state=state)


def _ends(table: pd.DataFrame) -> list[float]:
    """Return the ratio if all the missing stayed, and if all left, at each time that could matter.

    Where the checks do not reach the twelfth month, an early departure can cost more than a late one: the
    rate up to the last check is carried on.
    """
    seen = np.unique(table.loc[table["state"] != "missing", "months"].to_numpy(float))
    inside = seen[seen > FROM_MONTH]
    step = max(1, len(inside) // 40)
    after = np.nextafter(np.concatenate([inside[::step], inside[-1:]]), TO_MONTH)  # fewer are then at risk
    times = [np.nextafter(FROM_MONTH, TO_MONTH), *after, TO_MONTH]
    asked = _asked(table)
    return [_ratio(asked, "stayed"), *(_ratio(asked, "left", by=float(time)) for time in times)]


class _Asked(NamedTuple):
    """The households that are not waiting: months seen, whether they left, are missing, and their horizon."""

    months: np.ndarray
    departed: np.ndarray
    unknown: np.ndarray
    horizon: np.ndarray


def _asked(table: pd.DataFrame) -> _Asked:
    rows = table[table["state"] != "waiting"]
    state = rows["state"]
    return _Asked(
        rows["months"].to_numpy(float),
        (state == "left").to_numpy(),
        (state == "missing").to_numpy(),
        rows["horizon"].to_numpy(float),
    )


def _ratio(asked: _Asked, missing: str | None, by: float = TO_MONTH) -> float:
    """Return the Kaplan-Meier ratio without the missing, or with all leaving (``by``) or all staying."""
    unknown, horizon = asked.unknown, asked.horizon
    months, departed = asked.months.copy(), asked.departed.copy()
    if missing is not None:
        months[unknown] = np.minimum(horizon[unknown], by if missing == "left" else TO_MONTH)
        departed[unknown] = missing == "left"
    if missing == "stayed":
        months[~departed] = np.maximum(months, horizon)[~departed]
    months = np.minimum(months, TO_MONTH)
    inside = months > FROM_MONTH
    months, departed = months[inside], departed[inside]
    if len(months) == 0:
        return 1.0
    times, at_risk, gone = _steps(months, departed)
    ratio = float(np.prod(1 - gone / at_risk)) if len(times) else 1.0
    reach = float(months.max())
    if reach < LATE_CHECK and missing != "stayed":
        ratio **= (TO_MONTH - FROM_MONTH) / (reach - FROM_MONTH)
    return ratio


def _steps(months: np.ndarray, departed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the months with a departure, how many were at risk then, and how many left."""
    times, gone = np.unique(months[departed], return_counts=True)
    at_risk = len(months) - np.searchsorted(np.sort(months), times, side="left")
    return times, at_risk, gone


def _effective_size(seen: pd.DataFrame) -> float:
    """Return how many fully followed households would tell as much (Greenwood, else exposure)."""
    months = np.minimum(seen["months"].to_numpy(float), TO_MONTH)
    departed = (seen["state"] == "left").to_numpy()
    inside = months > FROM_MONTH
    months, departed = months[inside], departed[inside]
    _times, at_risk, gone = _steps(months, departed)
    ratio = float(np.prod(1 - gone / at_risk)) if len(gone) else 1.0
    if 0 < ratio < 1:
        relative = float(np.sum(gone / (at_risk * (at_risk - gone))))
        return (1 - ratio) / (ratio * relative)
    if ratio == 0:
        return float(len(months))
    return float((months - FROM_MONTH).sum() / (TO_MONTH - FROM_MONTH))


# --- Reached, moved in, counted apart, or not known

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
    movers = classified.loc[classified["status"] == "moved_in", moved]
    return counted_by(name, order, {"reached": _reached(classified)[reached], "moved_in": movers})


def counted_by(name: str, order: list[str], groups: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Return how often each key occurs in each group, a column a group; missing keys under ``unknown``.

    Parameters
    ----------
    name : str
        Heading of the key.
    order : list of str
        Keys that always have a row, in this order; others follow sorted, ``unknown`` last.
    groups : mapping of column to Series
        The key of each unit that is counted there.
    """
    counts = {group: keys.astype("object").fillna("unknown").value_counts() for group, keys in groups.items()}
    found = {key for count in counts.values() for key in count.index}
    last = ["unknown"] if "unknown" in found and "unknown" not in order else []
    every = [*order, *sorted(found - {*order, "unknown"}), *last]
    columns = {group: [int(count.get(key, 0)) for key in every] for group, count in counts.items()}
    return pd.DataFrame({name: pd.Series(every, dtype="str"), **columns})


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
