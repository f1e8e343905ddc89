"""Level 1 in one call: counts against the goals, and every table behind them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from attraktiv_eval.metrics import companies, funding, households, phases, retention
from attraktiv_eval.project import COUNTED
from attraktiv_eval.records.dates import known_by

if TYPE_CHECKING:
    from attraktiv_eval.project import Goal, Phase, Project
    from attraktiv_eval.records import Records

__all__ = [
    "GoalCount",
    "Reach",
    "Reached",
    "count_goal",
    "members",
    "paths",
    "reach",
]


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
    stay = retention.departures(_movers(homes), records.residence, until)
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
        "funnel": phases.funnel(by_phase),
        "retention": retention.retention_table(stay),
        "time_to_move": households.time_to_move(homes),
        "companies_by_year": companies.companies_by_year(firms, years),
        "companies_by_municipality": companies.companies_by_municipality(firms, municipalities),
        "companies_by_phase": firm_phase,
        "companies_by_area": firm_area,
        "activities_by_phase": phases.activities_by(records, "phase", _ids(project.phases), until),
        "activities_by_area": phases.activities_by(records, "area", _ids(project.areas), until),
        "funding": funding.funding_table(records, project, until),
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
        phases.by_contact(records, classified, column, every, until, unit=unit, result=result)
        for column, every in keys.items()
    ]


def _as_known(name: str, table: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Return a table as far as the lists carry it: a count nobody could have made is missing, not zero."""
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
