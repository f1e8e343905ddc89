"""What the records say that level 2 needs: who counts, who answered what, who stayed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attraktiv_eval.metrics.companies import classify_companies
from attraktiv_eval.metrics.households import classify_households
from attraktiv_eval.metrics.retention import Retention, retention_ratio
from attraktiv_eval.records.dates import as_dates, is_no, is_yes

if TYPE_CHECKING:
    from attraktiv_eval.project import Project
    from attraktiv_eval.records import Records

__all__ = ["STEPS", "Observed", "Share", "observe"]

#: Steps of the answer scale, from "surely anyway" to "surely not".
STEPS = 5


@dataclass(frozen=True)
class Share:
    """A share of those of M that the records tell it of.

    ``low`` and ``high`` are the share of all of M if the ``missing`` all lowered or all raised it. The part
    ``open`` cannot be known yet; the value is a forecast for it, from ``size`` cases.
    """

    value: float
    low: float
    high: float
    known: int
    missing: int = 0
    open: float = 0.0
    size: float = 0.0


@dataclass(frozen=True)
class Observed:
    """What is known of the households (or companies) of level 1 by a day.

    ``counts[s, m]`` is the number of answers in step s + 1 that name m other projects, and ``untold[s]``
    those that do not say. ``moved`` is M, answered or not. ``retention`` is R with both ends, or None where
    nobody moved, or (companies) nothing is recorded; ``local`` the share of hires who already lived and
    worked in the county.
    """

    goal: str
    moved: int
    counts: np.ndarray
    untold: np.ndarray
    retention: Retention | Share | None
    local: Share | None
    other_counties: Share | None

    @property
    def by_step(self) -> np.ndarray:
        """Number of answers in each step."""
        return self.counts.sum(axis=1) + self.untold

    @property
    def answered(self) -> int:
        """Size of A: those of M that answered."""
        return int(self.by_step.sum())


def observe(
    records: Records, project: Project, goal: str, until: date, position: tuple[float, float, float]
) -> Observed | None:
    """Return what the records hold for a goal by a day; None where the list itself is missing.

    ``position`` is where between two checks a departure lies: low, value, high.
    """
    if goal in records.missing:
        return None
    if goal == "households":
        return _observe_households(records, project, until, position)
    return _observe_companies(records, project, until)


def _observe_households(
    records: Records, project: Project, until: date, position: tuple[float, float, float]
) -> Observed:
    homes = classify_households(records, project, until)
    moved = homes[homes["status"] == "moved_in"]
    stayed_or_left = homes[homes["status"].isin(["moved_in", "out_again"])]
    retention = retention_ratio(stayed_or_left, records.residence, until, position=position)
    counts, untold = _answers(records.survey_households, "household_id", moved, project, until)
    origin = _share(int(moved["origin_code"].notna().sum()), len(moved))
    return Observed(
        "households", len(moved), counts, untold, retention if len(stayed_or_left) else None, None, origin
    )


def _observe_companies(records: Records, project: Project, until: date) -> Observed:
    firms = classify_companies(records, until, project)
    hired = firms.loc[firms["status"] == "hired", ["company_id", "first_hire"]]
    counts, untold = _answers(records.survey_companies, "company_id", hired, project, until)
    columns = ["company_id", "hire_already_local", "employed_at_12_months"]
    assert records.companies is not None
    told = records.companies.reindex(columns=columns).drop_duplicates("company_id")
    told = hired.merge(told, on="company_id", how="left")
    year_passed = told["first_hire"] + pd.DateOffset(months=12) <= pd.Timestamp(until)
    local = _yes_share(told["hire_already_local"])
    kept = _yes_share(told["employed_at_12_months"].where(year_passed), due=year_passed)
    return Observed("companies", len(hired), counts, untold, kept, local, None)


def _answers(
    survey: pd.DataFrame | None, key: str, moved: pd.DataFrame, project: Project, until: date
) -> tuple[np.ndarray, np.ndarray]:
    """Return the answers of those in ``moved``: counts by step and other projects, and those untold.

    The latest answer by ``until`` counts; an answer without a date counts from the day of its list, that of
    its last dated answer, and a list without any date from the end of the project.
    """
    counts, untold = np.zeros((STEPS, 1), dtype=int), np.zeros(STEPS, dtype=int)
    if survey is None or survey.empty:
        return counts, untold
    named = "other_projects_named" if "other_projects_named" in survey else "other_projects"
    rows = survey.reindex(columns=[key, "answer", named, "date"]).rename(columns={named: "other_projects"})
    rows = rows.assign(date=as_dates(rows["date"]), answer=pd.to_numeric(rows["answer"], errors="coerce"))
    of_list = rows["date"].max() if rows["date"].notna().any() else pd.Timestamp(project.end)
    in_time = rows["date"].fillna(of_list) <= pd.Timestamp(until)
    rows = rows[in_time & rows["answer"].between(1, STEPS) & rows[key].isin(moved[key])]
    rows = rows.sort_values([key, "date", "answer"], na_position="first").drop_duplicates(key, keep="last")
    step = rows["answer"].astype(int).to_numpy() - 1
    others = rows["other_projects"].map(_others).to_numpy(dtype=float)
    told = np.isfinite(others)
    counts = np.zeros((STEPS, int(others[told].max(initial=0)) + 1), dtype=int)
    np.add.at(counts, (step[told], others[told].astype(int)), 1)
    np.add.at(untold, step[~told], 1)
    return counts, untold


def _others(value: object) -> float:
    """Return how many other projects are named: yes is one, a number is itself, no answer is NaN."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return np.nan
    if isinstance(value, (bool, np.bool_)) or str(value) in ("yes", "no"):
        return float(value is True or value is np.True_ or str(value) in ("yes", "True"))
    number = pd.to_numeric(str(value), errors="coerce")
    return float(number) if np.isfinite(number) and number >= 0 else np.nan


def _yes_share(values: pd.Series, due: pd.Series | None = None) -> Share | None:
    """Return the share of yes among those told, with its ends over the untold; ``due`` are to be told."""
    yes, no = int(is_yes(values).sum()), int(is_no(values).sum())
    known = yes + no
    if known == 0:
        return None
    n = len(values) if due is None else int(due.sum())
    missing = n - known
    later = 0.0 if due is None else 1 - n / len(due)
    return Share(yes / known, yes / n, (yes + missing) / n, known, missing, later, float(known))


def _share(part: int, whole: int) -> Share | None:
    return Share(part / whole, part / whole, part / whole, whole) if whole else None
