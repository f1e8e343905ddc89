"""Level 1 in one call: counts against the goals, and every table behind them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from attraktiv_eval.metrics import (
    activities,
    companies,
    funding,
    households,
    organisations,
    phases,
    retention,
)
from attraktiv_eval.metrics.goals import GoalCount, Reached, count_goal, paths

if TYPE_CHECKING:
    from attraktiv_eval.project import Phase, Project
    from attraktiv_eval.records import Records

__all__ = ["GoalCount", "Reach", "reach"]


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
            _("Level 1, reached, until {day}.").format(day=day(self.until, shown_in())),
            own_records(self.records.example_data),
            _("Tables: {names}.").format(names=", ".join(self.tables)),
        ]
        counted = {
            "goal": "id",
            "target": _("Goal"),
            "reached": _("Reached"),
            "known": _("Known"),
            "unknown": _("Not followed up"),
        }
        names = self.project.region.municipalities
        places = self.tables["households_by_municipality"]
        places = places.assign(municipality_code=[names.get(str(one), one) for one in places.iloc[:, 0]])
        headings = {
            "municipality_code": _("Municipality"),
            "reached": _("Reached"),
            "moved_in": _("Moved in"),
        }
        tables = {_("Goals"): headed(goals, counted)}
        return as_html(told, tables | {_("Households by municipality"): headed(places, headings)})


def reach(records: Records, project: Project, until: date | int | None = None) -> Reach:
    """Count whom the project reached by a day; nothing later is used.

    Parameters
    ----------
    records : Records
    project : Project
    until : date or int, optional
        A day, or a year of the project; None counts to the project's end.

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
    named = organisations.participating_organisations(records, project, until)
    years = list(range(project.start.year, until.year + 1))
    municipalities = list(project.region.municipalities)
    by_phase, by_area = _by_contact(records, project, homes, until, "household_id", ("moved_in", "moved_in"))
    firm_phase, firm_area = _by_contact(records, project, firms, until, "company_id", ("hired", "hired"))
    stay = retention.departures(_movers(homes), records.residence, until)
    lists = Reached(records, homes, firms, named, until)
    goals = {goal.id: count_goal(goal, lists) for goal in project.goals.values()}
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
        "activities_by_phase": activities.activities_by(records, "phase", _ids(project.phases), until),
        "activities_by_area": activities.activities_by(records, "area", _ids(project.areas), until),
        "funding": funding.funding_table(records, project, until),
    }
    tables = {name: _as_known(name, table, records) for name, table in tables.items()}
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
    if not name.startswith(("households_", "funnel", "counted_apart", "retention", "time_to_move")):
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
