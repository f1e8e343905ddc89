"""What the records say that level 2 needs: who counts, who answered what, who stayed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import product
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

__all__ = ["STEPS", "Observed", "Share", "in_fives", "observe"]

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

    @property
    def by_step(self) -> np.ndarray:
        """Number of answers in each step."""
        return self.counts.sum(axis=1) + self.untold

    @property
    def answered(self) -> int:
        """Size of A: those of M that answered."""
        return round(float(self.by_step.sum()))

    def with_few_untold(self) -> Observed:
        """Return the same with the answers as they may be shown: see :func:`in_fives`.

        Steps and other projects are told each by itself, as if the one said nothing of the other; whoever
        names more than four other projects counts as naming four.
        """
        if not self.answered:
            return self
        steps = in_fives(tuple(int(n) for n in self.by_step))
        told = self.counts.sum(axis=0)
        told = np.append(told[: STEPS - 1], told[STEPS - 1 :].sum()) if len(told) > STEPS else told
        others = in_fives(tuple(int(n) for n in told)) if told.sum() else (1.0,)
        shares = np.array(others) / sum(others)
        return replace(self, counts=np.outer(steps, shares), untold=np.zeros(STEPS))


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
    return Observed(
        "households", len(moved), counts, untold, retention if len(stayed_or_left) else None, None
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
    return Observed("companies", len(hired), counts, untold, kept, local)


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
    rows = survey[[key, "answer", "other_projects_named", "date"]]
    rows = rows.assign(date=as_dates(rows["date"]), answer=pd.to_numeric(rows["answer"], errors="coerce"))
    of_list = rows["date"].max() if rows["date"].notna().any() else pd.Timestamp(project.end)
    in_time = rows["date"].fillna(of_list) <= pd.Timestamp(until)
    rows = rows[in_time & rows["answer"].between(1, STEPS) & rows[key].isin(moved[key])]
    rows = rows.sort_values([key, "date", "answer"], na_position="first").drop_duplicates(key, keep="last")
    step = rows["answer"].astype(int).to_numpy() - 1
    others = rows["other_projects_named"].to_numpy(dtype=float, na_value=np.nan)
    told = np.isfinite(others)
    counts = np.zeros((STEPS, int(others[told].max(initial=0)) + 1), dtype=int)
    np.add.at(counts, (step[told], others[told].astype(int)), 1)
    np.add.at(untold, step[~told], 1)
    return counts, untold


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


# --- Answers as they may be shown

#: A count of so few may not be told, and what can be worked out of it must leave so much room.
_FEW, _ROOM = 5, 4


@cache
def in_fives(counts: tuple[int, ...]) -> tuple[float, ...]:
    """Return counts on a scale, in fives (else in tens), so that no small one of them can be worked out.

    Each count goes up or down to a multiple of the step; among all ways the one is taken that best keeps the
    mean on the scale, and its sum is made what it was. Where whoever knows this and the sum could still
    narrow a count to less than :data:`_ROOM`, the mean alone is told, to half a step and off the ends.

    Parameters
    ----------
    counts : tuple of int

    Examples
    --------
    >>> [round(n, 1) for n in in_fives((37, 45, 36, 24, 6))]
    [39.5, 44.4, 34.5, 19.7, 9.9]
    """
    total = sum(counts)
    if len(counts) == 1 or not total:
        return tuple(float(n) for n in counts)
    for step in (_FEW, 2 * _FEW):
        (found,) = _rounded(np.array([counts]), step)
        if _is_wide(tuple(int(n) for n in found), total, step):
            return tuple(float(n) for n in found * total / found.sum())
    place = np.arange(len(counts)) @ np.array(counts) / total
    end = 1.0 if len(counts) >= STEPS else 0.5
    place = min(max(round(2 * place) / 2, end), len(counts) - 1 - end)
    near = np.maximum(1 - np.abs(np.arange(len(counts)) - place), 0)
    return tuple(float(n) for n in near * total / near.sum())


def _rounded(counts: np.ndarray, step: int) -> np.ndarray:
    """Return rows of counts in multiples of a step, with the mean on the scale kept best."""
    scale = np.arange(counts.shape[1])
    ups = np.array(list(product((0, 1), repeat=len(scale))))
    ways = (counts // step * step)[:, None, :] + step * ups[None]
    sums = ways.sum(axis=2)
    far = np.abs((ways @ scale) / np.maximum(sums, 1) - ((counts @ scale) / counts.sum(axis=1))[:, None])
    moved = np.abs(ways - counts[:, None, :]).sum(axis=2)
    whole = ((ups[None] == 1) & (counts % step == 0)[:, None, :]).any(axis=2) | (sums == 0)
    cost = np.round(far, 9) * 1e6 + moved + whole * 1e12
    return np.asarray(ways[np.arange(len(counts)), cost.argmin(axis=1)])


@cache
def _is_wide(found: tuple[int, ...], total: int, step: int) -> bool:
    """Return whether every count that is rounded so, with this sum, leaves room for each of its parts."""
    ends = [np.arange(max(0, n - step + 1), n + step) for n in found]
    first = np.stack(np.meshgrid(*ends[:-1], indexing="ij")).reshape(len(found) - 1, -1).T
    every = np.column_stack([first, total - first.sum(axis=1)])
    every = every[(every[:, -1] >= ends[-1][0]) & (every[:, -1] <= ends[-1][-1])]
    low, high = np.full(len(found), total), np.zeros(len(found), dtype=int)
    for part in np.array_split(every, 1 + len(every) // 5000):
        same = part[(_rounded(part, step) == found).all(axis=1)] if len(part) else part
        if len(same):
            low, high = np.minimum(low, same.min(axis=0)), np.maximum(high, same.max(axis=0))
            if ((high - low) >= _ROOM).all():
                return True
    return False
