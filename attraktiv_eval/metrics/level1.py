"""Level 1 in one call: counts against the goals, and every table behind them.

Households and companies by phase of Talent Attraction Management and by activity area, the funnel; what
financiers decided and paid, and what a result cost.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from attraktiv_eval.metrics import companies, households
from attraktiv_eval.project import COUNTED
from attraktiv_eval.records.dates import known_by
from attraktiv_eval.records.linkage import financier_names
from attraktiv_eval.records.loading import parted_names
from attraktiv_eval.resources import content_hash

if TYPE_CHECKING:
    from attraktiv_eval.project import Goal, Phase, Project
    from attraktiv_eval.records import Records

# --- Households and companies by phase and by activity area, and the funnel


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
    status, counted = result
    groups = {
        "reached": pairs,
        "known": pairs[pairs["status"] != "unknown"],
        counted: pairs[pairs["status"] == status],
    }
    table = households.counted_by(column, keys, {name: rows[column] for name, rows in groups.items()})
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
    table = households.counted_by(column, keys, {"activities": key})
    numbers = {name: pd.to_numeric(held[name], errors="coerce").astype("float64") for name in columns[2:]}
    every = table[column].tolist()
    sums = {name: values.groupby(key).sum(min_count=1).reindex(every) for name, values in numbers.items()}
    for name, values in sums.items():
        table[name] = values.round().astype("Int64").to_numpy()
    return table


# --- Money: what financiers decided and paid, and what a result cost

COST_COLUMNS = [
    "goal", "level", "cost_low", "cost_high", "results_low", "results_high", "ratio_low", "ratio_high",
]  # fmt: skip


def funding_table(records: Records, project: Project, until: date) -> pd.DataFrame:
    """Return ``financier, kind, decided_sek, paid_sek``; an amount nobody stated is missing, not zero.

    Decisions come from the project's own description, and from the records where it has none; payments are
    those dated by ``until``. A financier of the records is the project's own where the names are the same
    but for case, accents and legal form, or where one says the other with words added (``Tillväxtmedel``
    beside ``Tillväxtmedel (Region ...)``) and states the very amount that was decided, and no person has
    parted the two: its money is counted once. Without that evidence the two are a pair to decide.
    """
    keys = ["financier", "kind"]
    decided = pd.DataFrame(
        [(one.financier, one.kind, one.decided_sek) for one in project.funding],
        columns=[*keys, "decided_sek"],
    )
    if records.funding is None or records.funding.empty:
        return decided.assign(decided_sek=_amounts(decided["decided_sek"]), paid_sek=_missing(len(decided)))
    listed = records.funding.reindex(columns=[*keys, "decided_sek", "paid_sek", "date"]).dropna(subset=keys)
    own = [(one.financier, one.kind, one.decided_sek) for one in project.funding]
    listed["financier"] = financier_names(listed, own, parted_names(records.decisions))
    paid = known_by(listed, "date", until).groupby(keys)["paid_sek"].agg(_sum)
    told = listed.groupby(keys)["decided_sek"].agg(lambda amounts: amounts.dropna().astype(float).max())
    table = decided.merge(told.rename("told").reset_index(), on=keys, how="outer", sort=False)
    table = table.merge(paid.rename("paid_sek").reset_index(), on=keys, how="left")
    public = pd.to_numeric(table["decided_sek"], errors="coerce")
    table["decided_sek"] = _amounts(public.fillna(pd.to_numeric(table["told"], errors="coerce")))
    table["paid_sek"] = _amounts(table["paid_sek"])
    order = {(one.financier, one.kind): place for place, one in enumerate(project.funding)}
    rank = [order.get(key, len(order)) for key in zip(table["financier"], table["kind"], strict=True)]
    table = table.assign(rank=rank).sort_values(["rank", "financier", "kind"], ignore_index=True)
    return table[[*keys, "decided_sek", "paid_sek"]]


def _sum(amounts: pd.Series) -> float:
    return pd.to_numeric(amounts, errors="coerce").astype("float64").sum(min_count=1)


def _amounts(values: pd.Series) -> pd.Series:
    return pd.to_numeric(values, errors="coerce").astype("Float64").round(0).astype("Int64")


def _missing(rows: int) -> pd.Series:
    return pd.Series([pd.NA] * rows, dtype="Int64")


def cost_range(funding: pd.DataFrame) -> tuple[float, float]:
    """Return the smallest and largest known cost in SEK: what was paid, and the larger of paid and decided.

    Unknown amounts are in neither, so the true cost is at least this. Missing where no amount is known, or
    none above zero: a list without money, as where there was no project, is not a project that cost nothing.
    """
    paid = pd.to_numeric(funding["paid_sek"], errors="coerce").astype("float64")
    decided = pd.to_numeric(funding["decided_sek"], errors="coerce").astype("float64")
    most = pd.concat([paid, decided], axis=1).max(axis=1).sum(min_count=1)
    least = paid.sum(min_count=1)
    if most == 0:
        return float("nan"), float("nan")
    return (float(most) if pd.isna(least) else float(least)), float(most)


def cost_per_result(
    funding: pd.DataFrame, results: Mapping[tuple[str, int], tuple[float, float] | None]
) -> pd.DataFrame:
    """Return the whole project's cost per result, for each goal and level, as ranges.

    Parameters
    ----------
    funding : DataFrame
        From :func:`funding_table`.
    results : mapping of (goal, level) to (low, high)
        How many results, at the least and at the most; None where a level says nothing.

    Returns
    -------
    DataFrame
        ``goal, level, cost_low, cost_high, results_low, results_high, ratio_low, ratio_high`` in SEK and
        SEK per result, rounded by :func:`round_cost` wherever it is told. ``ratio_high`` is missing where the
        low end is no result at all: any cost is possible.

    Notes
    -----
    The same money bought all the goals, so the rows must not be added.
    """
    least, most = cost_range(funding)
    rows = []
    for (goal, level), span in results.items():
        if span is None:
            continue
        low, high = span
        cheap = least / high if high > 0 else float("nan")
        dear = most / low if low > 0 else float("nan")
        rows.append((goal, level, least, most, float(low), float(high), round_cost(cheap), round_cost(dear)))
    return pd.DataFrame(rows, columns=COST_COLUMNS)


def round_cost(value: float) -> float:
    """Return a cost per result in three digits, at the finest in hundreds of SEK: no more is known of it.

    Below 1,000 it is told to the krona, so that a small cost never becomes none.
    """
    if not math.isfinite(value):
        return value
    step = next(step for step, below in ((1, 1e3), (100, 1e5), (1e3, 1e6), (1e4, math.inf)) if value < below)
    return float(step * round(value / step))


# --- Counts against the goals, and the path to each

#: How the names of tables begin that count households; a project whose goals count none has none of them.
OF_HOUSEHOLDS = ("households_", "funnel", "counted_apart", "retention", "time_to_move")

COLUMNS = ["goal", "year", "count", "cumulated", "unknown", "pace"]


@dataclass(frozen=True)
class GoalCount:
    """A goal's count on a day.

    ``known`` is None where the list is missing: then there is no evidence, which is not zero. ``unknown``
    are units that were reached but not followed to the end; ``reached`` are all those reached. ``counts``
    is what the goal counts, where its id does not say it.
    """

    target: int
    known: int | None
    unknown: int
    reached: int
    counts: str = ""


@dataclass(frozen=True)
class Reached:
    """The classified lists that every goal is counted from, none later than ``until``."""

    records: Records
    households: pd.DataFrame = field(repr=False)
    companies: pd.DataFrame = field(repr=False)
    organisations: pd.DataFrame = field(repr=False)
    until: date

    def rows(self, counts: str, which: str) -> pd.DataFrame:
        """Return ``year, n``: one row a unit or group of units that is known, unknown or reached.

        Parameters
        ----------
        counts : str
            What the goal counts.
        which : {"known", "unknown", "reached"}

        Notes
        -----
        A household whose size is not recorded has one member at least, and counts as one person.
        """
        if COUNTED[counts] == "households":
            rows = _households(self.households, which)
            return rows.assign(n=1) if counts == "households" else rows
        if counts == "companies":
            return _companies(self.companies, which)
        if counts == "organisations":
            years = self.organisations["joined"].dt.year
            return pd.DataFrame({"year": years, "n": 1}).iloc[: 0 if which == "unknown" else None]
        return _participations(self.records, self.until).iloc[: 0 if which == "unknown" else None]


def _households(homes: pd.DataFrame, which: str) -> pd.DataFrame:
    met = homes[homes["first_contact"].notna()]
    chosen = {
        "known": homes[homes["status"] == "moved_in"],
        "unknown": met[met["status"] == "unknown"],
        "reached": met,
    }[which]
    year = chosen["year"] if which == "known" else chosen["first_contact"].dt.year
    return pd.DataFrame({"year": year, "n": members(chosen)})


def members(homes: pd.DataFrame) -> pd.Series:
    """Return the members of each household; one where its size is not recorded."""
    return homes["persons"].astype("Float64").fillna(1).clip(lower=1).round().astype(int)


def _companies(firms: pd.DataFrame, which: str) -> pd.DataFrame:
    status = {"known": ["hired"], "unknown": ["unknown"]}.get(which)
    chosen = firms if status is None else firms[firms["status"].isin(status)]
    year = chosen["year"] if which == "known" else chosen["first_support"].dt.year
    return pd.DataFrame({"year": year, "n": 1})


def _participations(records: Records, until: date) -> pd.DataFrame:
    """Return the participations of each activity by a day; an activity without a number has none to count."""
    if records.activities is None:
        return pd.DataFrame({"year": pd.Series(dtype="Int64"), "n": pd.Series(dtype=int)})
    held = known_by(records.activities, "date", until)
    reach = pd.to_numeric(held["reach"], errors="coerce").fillna(0).astype(int)
    return pd.DataFrame({"year": pd.to_datetime(held["date"]).dt.year, "n": reach})


def count_goal(goal: Goal, of: Reached) -> GoalCount:
    """Return the count of one goal; a missing list gives no count, but named organisations always stand."""
    unknown, reached = (int(of.rows(goal.counts, one)["n"].sum()) for one in ("unknown", "reached"))
    listed = goal.counts == "organisations" or goal.measured_by not in of.records.missing
    known = int(of.rows(goal.counts, "known")["n"].sum()) if listed else None
    counts = "" if goal.counts == goal.id else goal.counts
    return GoalCount(goal.target, known, unknown, reached, counts)


def paths(project: Project, goals: dict[str, GoalCount], of: Reached, years: list[int]) -> pd.DataFrame:
    """Return ``goal, year, count, cumulated, unknown, pace``: the way to each goal, year by year.

    ``unknown`` are those first met by the year's end of whom the outcome is still unknown on the day of the
    report. ``pace`` is the goal times the share of the project's days that had passed at the year's end.
    """
    rows = []
    for name, counted in goals.items():
        if counted.known is None:
            continue
        counts = project.goals[name].counts
        by_year = _by_year(of.rows(counts, "known"), project, counts)
        unknown = of.rows(counts, "unknown")
        for year in sorted({*years, *map(int, by_year.index)}):
            cumulated = int(by_year[by_year.index <= year].sum())
            still_open = int(unknown.loc[unknown["year"].fillna(year) <= year, "n"].sum())
            count = int(by_year.get(year, 0))
            rows.append((name, year, count, cumulated, still_open, even_pace(project, name, year)))
    return pd.DataFrame(rows, columns=COLUMNS)


def _by_year(rows: pd.DataFrame, project: Project, counts: str) -> pd.Series:
    """Return the number by year; organisations there from the start belong to the first year."""
    year = rows["year"]
    if counts == "organisations":
        year = year.fillna(project.start.year).clip(lower=project.start.year)
    kept = rows.assign(year=year).dropna(subset=["year"])
    return kept.groupby(kept["year"].astype(int))["n"].sum()


def even_pace(project: Project, goal: str, year: int) -> float:
    """Return the goal times the share of the project's days that had passed at the year's end."""
    days = (project.end - project.start).days + 1
    passed = (min(date(year, 12, 31), project.end) - project.start).days + 1
    return project.goals[goal].target * max(passed, 0) / days


# --- Level 1 in one call: counts against the goals, and every table behind them


@dataclass(frozen=True, repr=False)
class Reach:
    """Whom the project reached, by ``until``: counts by goal and tables by name."""

    until: date
    goals: dict[str, GoalCount]
    tables: dict[str, pd.DataFrame] = field(repr=False)
    households: pd.DataFrame = field(repr=False)
    companies: pd.DataFrame = field(repr=False)
    #: What was counted, and for which project.
    records: Records = field(repr=False)
    project: Project = field(repr=False)
    #: The hash of what was counted: what no longer has it was changed by hand.
    made: str = field(default="", repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "made", self.made or content_hash(self))

    def __repr__(self) -> str:
        """Return what is known of each goal in one line."""
        known = ", ".join(f"{goal}={count.known}" for goal, count in self.goals.items())
        return f"Reach(until {self.until}, {known})"

    def _repr_html_(self) -> str:
        """Return the counts against the goals, as a notebook shows them; no rows about households."""
        from attraktiv_eval.texts import as_html, day, headed, own_records, shown_in, translator

        _ = translator(shown_in())
        goals = pd.DataFrame([{"goal": goal, **vars(count)} for goal, count in self.goals.items()])
        told = [
            _("Level 1, until {day}.").format(day=day(self.until, shown_in())),
            own_records(self.records.example_data),
            _("Tables: {names}.").format(names=", ".join(self.tables)),
        ]
        counted = {
            "goal": "id",
            "target": _("Goal"),
            "reached": _("Had contact"),
            "known": _("Known"),
            "unknown": _("Not followed up"),
        }
        tables = {_("Goals"): headed(goals, counted)}
        places = self.tables.get("households_by_municipality")
        if places is None:  # a project of companies alone
            return as_html(told, tables)
        names = self.project.region.municipalities
        places = places.assign(municipality_code=[names.get(str(one), one) for one in places.iloc[:, 0]])
        headings = {
            "municipality_code": _("Municipality"),
            "reached": _("Had contact"),
            "moved_in": _("Moved in"),
        }
        return as_html(told, tables | {_("Households by municipality"): headed(places, headings)})


def reach(records: Records, project: Project, until: date | int | str | None = None) -> Reach:
    """Count whom the project reached by a day; nothing later is used.

    Parameters
    ----------
    records : Records
    project : Project
    until : date, int or str, optional
        A day ("2021-12-31"), or a year of the project; None counts to the project's end, of a
        running one to today.

    Returns
    -------
    Reach
        ``tables`` holds paths, organisations, organisations_by_type, households_by_year (_municipality,
        _phase, _area, _kind, _origin), counted_apart, funnel, retention, time_to_move, companies_by_year
        (_municipality, _phase, _area), activities_by_phase (_area) and funding.

    Examples
    --------
    >>> from attraktiv_eval import explore
    >>> inputs = explore.opened()
    >>> reach(inputs.records, inputs.project, inputs.project.end).goals["households"].target
    400
    """
    until = project.last_day(until)
    homes = households.classify_households(records, project, until)
    firms = companies.classify_companies(records, until, project)
    named = companies.participating_organisations(records, project, until)
    years = list(range(project.start.year, until.year + 1))
    municipalities = list(project.region.municipalities)
    by_phase, by_area = _by_contact(records, project, homes, until, "household_id", ("moved_in", "moved_in"))
    firm_phase, firm_area = _by_contact(records, project, firms, until, "company_id", ("hired", "hired"))
    stay = households.departures(_movers(homes), records.residence, until)
    lists = Reached(records, homes, firms, named, until)
    goals = {goal.id: count_goal(goal, lists) for goal in project.goals.values()}
    tables = {
        "organisations": named,
        "organisations_by_type": companies.by_type(named),
        "households_by_year": households.households_by_year(homes, years),
        "households_by_municipality": households.by_key(
            homes, "interest", "destination_code", municipalities, "municipality_code"
        ),
        "households_by_phase": by_phase,
        "households_by_area": by_area,
        "households_by_kind": households.by_key(
            homes, "kind", "kind", ["single", "couple", "family", "other"], "kind"
        ),
        "households_by_origin": _by_origin(homes),
        "counted_apart": households.counted_apart(homes),
        "funnel": funnel(by_phase),
        "retention": households.retention_table(stay),
        "time_to_move": households.time_to_move(homes),
        "companies_by_year": companies.companies_by_year(firms, years),
        "companies_by_municipality": companies.companies_by_municipality(firms, municipalities),
        "companies_by_phase": firm_phase,
        "companies_by_area": firm_area,
        "activities_by_phase": activities_by(records, "phase", _ids(project.phases), until),
        "activities_by_area": activities_by(records, "area", _ids(project.areas), until),
        "funding": funding_table(records, project, until),
    }
    tables = {name: _as_known(name, table, records) for name, table in tables.items()}
    if not project.counts_movers:
        tables = {name: table for name, table in tables.items() if not name.startswith(OF_HOUSEHOLDS)}
    tables["paths"] = paths(project, goals, lists, years)
    return Reach(until, goals, tables, homes, firms, records, project)


def _by_contact(
    records: Records,
    project: Project,
    classified: pd.DataFrame,
    until: date,
    unit: str,
    result: tuple[str, str],
) -> list[pd.DataFrame]:
    """Return the tables by phase and by area."""
    keys = {"phase": _ids(project.phases), "area": _ids(project.areas)}
    return [
        by_contact(records, classified, column, every, until, unit=unit, result=result)
        for column, every in keys.items()
    ]


def _as_known(name: str, table: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Return a table as far as the lists carry it: a count nobody could have made is missing, not zero."""
    whose, _by, kind = name.partition("_by_")
    met = {"companies": "company_id", "households": "household_id"}.get(whose)
    if met and kind in ("phase", "area") and not _met(records, met):
        return table.iloc[:0]
    if name.startswith("companies_") and "companies" in records.missing:
        return table.iloc[:0]
    if not name.startswith(OF_HOUSEHOLDS):
        return table
    if "households" not in records.missing:
        return table
    if "contacts" in records.missing or not {"reached", "households"} & set(table.columns[1:]):
        return table.iloc[:0]
    if name == "counted_apart":
        return table.iloc[:0]
    lost = [column for column in ("known", "moved_in") if column in table]
    return table.assign(**{column: pd.array([pd.NA] * len(table), dtype="Int64") for column in lost})


def _met(records: Records, unit: str) -> bool:
    """Whether any contact names a household, or a company."""
    met = records.contacts
    return met is not None and unit in met and bool(met[unit].notna().any())


def _ids(parts: list[Phase]) -> list[str]:
    return [one.id for one in parts]


def _movers(homes: pd.DataFrame) -> pd.DataFrame:
    return homes[homes["status"].isin(["moved_in", "out_again"])]


def _by_origin(homes: pd.DataFrame) -> pd.DataFrame:
    """Return ``origin, moved_in``: those from other Swedish counties, and from abroad."""
    moved = homes[homes["status"] == "moved_in"]
    swedish = int(moved["origin_code"].notna().sum())
    return pd.DataFrame(
        {"origin": ["other_county", "abroad"], "moved_in": [swedish, int(len(moved) - swedish)]}
    )
