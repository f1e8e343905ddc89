"""Level 1 in one call: counts against the goals, and every table behind them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from attraktiv_eval.metrics import companies, funding, households, organisations, phases, retention

if TYPE_CHECKING:
    from attraktiv_eval.project import Project
    from attraktiv_eval.records import Records

__all__ = ["GoalCount", "Reach", "reach"]


@dataclass(frozen=True)
class GoalCount:
    """A goal's count on a day.

    ``known`` is None where the list is missing: then there is no evidence, which is not zero. ``unknown``
    are units that were reached but not followed to the end; ``reached`` are all those reached.
    """

    target: int
    known: int | None
    unknown: int
    reached: int


@dataclass(frozen=True)
class Reach:
    """Whom the project reached, by ``until``: counts by goal and tables by name."""

    until: date
    goals: dict[str, GoalCount]
    tables: dict[str, pd.DataFrame]
    households: pd.DataFrame = field(repr=False)
    companies: pd.DataFrame = field(repr=False)


def reach(records: Records, project: Project, until: date) -> Reach:
    """Count whom the project reached by a day; nothing later is used.

    Parameters
    ----------
    records : Records
    project : Project
    until : date

    Returns
    -------
    Reach
        ``tables`` holds paths, organisations, organisations_by_type, households_by_year (_municipality,
        _phase, _area, _kind, _origin), counted_apart, funnel, retention, time_to_move, companies_by_year
        (_municipality, _phase, _area) and funding.
    """
    homes = households.classify_households(records, project, until)
    firms = companies.classify_companies(records, until)
    named = organisations.participating_organisations(records, project, until)
    years = list(range(project.start.year, until.year + 1))
    municipalities = list(project.region.municipalities)
    by_phase, by_area = _by_contact(records, project, homes, until, "household_id", ("moved_in", "moved_in"))
    firm_phase, firm_area = _by_contact(records, project, firms, until, "company_id", ("hired", "hired"))
    stay = retention.departures(_movers(homes), records.residence, until)
    goals = {
        "households": _household_count(records, project, homes),
        "companies": _company_count(records, project, firms),
        "organisations": GoalCount(project.goals["organisations"].target, len(named), 0, len(named)),
    }
    tables = {
        "organisations": named,
        "organisations_by_type": organisations.by_type(named),
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
        "funding": funding.funding_table(records, project, until),
    }
    tables["paths"] = _paths(project, goals, tables, homes, firms, named, years)
    return Reach(until, goals, tables, homes, firms)


def _by_contact(
    records: Records,
    project: Project,
    classified: pd.DataFrame,
    until: date,
    unit: str,
    result: tuple[str, str],
) -> list[pd.DataFrame]:
    """Return the tables by phase and by area."""
    keys = {"phase": [one.id for one in project.phases], "area": [one.id for one in project.areas]}
    return [
        phases.by_contact(records, classified, column, every, until, unit=unit, result=result)
        for column, every in keys.items()
    ]


def _movers(homes: pd.DataFrame) -> pd.DataFrame:
    return homes[homes["status"].isin(["moved_in", "out_again"])]


def _household_count(records: Records, project: Project, homes: pd.DataFrame) -> GoalCount:
    met = homes[homes["first_contact"].notna()]
    known = int((homes["status"] == "moved_in").sum()) if "households" not in records.missing else None
    unknown = int((met["status"] == "unknown").sum())
    return GoalCount(project.goals["households"].target, known, unknown, len(met))


def _company_count(records: Records, project: Project, firms: pd.DataFrame) -> GoalCount:
    known = int((firms["status"] == "hired").sum()) if "companies" not in records.missing else None
    unknown = int((firms["status"] == "unknown").sum())
    return GoalCount(project.goals["companies"].target, known, unknown, len(firms))


def _by_origin(homes: pd.DataFrame) -> pd.DataFrame:
    """Return ``origin, moved_in``: those from other Swedish counties, and from abroad."""
    moved = homes[homes["status"] == "moved_in"]
    swedish = int(moved["origin_code"].notna().sum())
    return pd.DataFrame(
        {"origin": ["other_county", "abroad"], "moved_in": [swedish, int(len(moved) - swedish)]}
    )


def _paths(
    project: Project,
    goals: dict[str, GoalCount],
    tables: dict[str, pd.DataFrame],
    homes: pd.DataFrame,
    firms: pd.DataFrame,
    named: pd.DataFrame,
    years: list[int],
) -> pd.DataFrame:
    """Return ``goal, year, count, cumulated, unknown, pace``: the way to each goal, year by year.

    ``unknown`` are those first met by the year's end of whom the outcome is still unknown on the day of the
    report. ``pace`` is the goal times the share of the project's days that had passed at the year's end.
    """
    joined = named["joined"].dt.year.fillna(project.start.year).clip(lower=project.start.year)
    unknown_homes = homes.loc[homes["status"] == "unknown", "first_contact"].dt.year
    unknown_firms = firms.loc[firms["status"] == "unknown", "first_support"].dt.year
    counts = {
        "households": tables["households_by_year"].set_index("year")["moved_in"],
        "companies": tables["companies_by_year"].set_index("year")["hired"],
        "organisations": joined.astype(int).value_counts(),
    }
    unknown = {
        "households": unknown_homes,
        "companies": unknown_firms,
        "organisations": pd.Series(dtype=float),
    }
    rows = []
    for goal, by_year in counts.items():
        if goals[goal].known is None:
            continue
        for year in sorted({*years, *map(int, by_year.index)}):
            cumulated = int(by_year[by_year.index <= year].sum())
            open_cases = int((unknown[goal].fillna(year) <= year).sum())
            rows.append(
                (goal, year, int(by_year.get(year, 0)), cumulated, open_cases, _pace(project, goal, year))
            )
    return pd.DataFrame(rows, columns=["goal", "year", "count", "cumulated", "unknown", "pace"])


def _pace(project: Project, goal: str, year: int) -> float:
    days = (project.end - project.start).days + 1
    passed = (min(date(year, 12, 31), project.end) - project.start).days + 1
    return project.goals[goal].target * max(passed, 0) / days
