"""Level 2 for a goal that counts persons: the members of the households that the project contributed to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from attraktiv_eval.metrics.goals import members
from attraktiv_eval.metrics.households import classify_households

if TYPE_CHECKING:
    from attraktiv_eval.additionality.contribution import Contribution
    from attraktiv_eval.project import Project
    from attraktiv_eval.records import Records

__all__ = ["in_persons"]


def in_persons(found: Contribution, records: Records, project: Project, until: date) -> Contribution:
    """Return a contribution to households as one to persons.

    Notes
    -----
    Who would have come anyway is answered by households, so each draw is of households, times the mean
    number of members of those known to have moved in. That large and small households answer alike is an
    assumption; the records seldom hold enough answers to tell. The filters are shares and stay as they are.
    """
    homes = classify_households(records, project, until)
    moved = homes[homes["status"] == "moved_in"]
    size = float(members(moved).mean()) if len(moved) else 1.0
    tables = {}
    for name in ("tornado", "bounds"):
        table = getattr(found, name).copy()
        ends = [column for column in ("low", "median", "high", "base") if column in table]
        tables[name] = table.assign(**{column: table[column] * size for column in ends})
    values = {name: getattr(found, name) for name in ("low", "median", "high", "at_modes", "high_bound")}
    scaled = {name: None if value is None else value * size for name, value in values.items()}
    return replace(found, **scaled, **tables)  # type: ignore[arg-type]
