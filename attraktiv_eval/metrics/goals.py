"""The count of a goal, by what it counts: households, persons, companies, organisations, participations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from attraktiv_eval.metrics.dates import known_by

if TYPE_CHECKING:
    from attraktiv_eval.project import Goal, Project
    from attraktiv_eval.records import Records

__all__ = ["GoalCount", "Reached", "count_goal", "members", "paths"]

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
        if counts in ("households", "persons"):
            rows = _households(self.households, which)
            return rows if counts == "persons" else rows.assign(n=1)
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
