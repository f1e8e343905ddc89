"""One draw of level 2, ten thousand at a time.

N2 = R x keep x [ sum over answers of p_s k_i  +  unanswered x v x sum over steps of q_s p_s kbar_s ]

with p_s the probability that a household (company) in answer step s would not have come (hired) within 24
months otherwise, k_i the project's part of the credit beside other projects, kbar_s its mean in the step,
q the mix of answers that the unanswered would have given, v their share of the answered mean, R retention
and keep = 1 - displacement (1 for households: the border rule has done it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attraktiv_eval.metrics.companies import classify_companies
from attraktiv_eval.metrics.households import Retention, classify_households, retention_ratio
from attraktiv_eval.records.dates import as_dates, is_no, is_yes

if TYPE_CHECKING:
    from attraktiv_eval.assumptions import Assumption
    from attraktiv_eval.project import Project
    from attraktiv_eval.records import Records

__all__ = [
    "STEPS",
    "Draws",
    "Inputs",
    "Observed",
    "Range",
    "Share",
    "at_modes",
    "credit_range",
    "drawn_share",
    "in_fives",
    "mean_credit",
    "net",
    "observe",
    "simulate",
    "triangular",
]


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


# --- One draw of level 2, ten thousand at a time


@dataclass(frozen=True)
class Range:
    """Low, mode and high of a triangular distribution."""

    low: float
    mode: float
    high: float

    @classmethod
    def of(cls, assumption: Assumption) -> Range:
        """Return the range of a stated assumption."""
        return cls(assumption.low, assumption.value, assumption.high)

    def draw(self, uniform: np.ndarray) -> np.ndarray:
        """Return the quantiles of the triangular distribution at ``uniform``."""
        return triangular(uniform, self.low, self.mode, self.high)


def triangular(uniform: np.ndarray, low: float, mode: float, high: float) -> np.ndarray:
    """Return quantiles of the triangular distribution; a range without width gives its one value.

    Parameters
    ----------
    uniform : array
        Values between 0 and 1.
    low, mode, high : float
        Ends and mode, in this order.
    """
    u = np.asarray(uniform, dtype=float)
    width = high - low
    if width <= 0:
        return np.full_like(u, mode)
    rising = low + np.sqrt(u * width * (mode - low))
    falling = high - np.sqrt((1 - u) * width * (high - mode))
    return np.where(u < (mode - low) / width, rising, falling)


@dataclass(frozen=True)
class Inputs:
    """The stated assumptions of one goal, as ranges.

    ``steps`` are the five p_s; ``displacement`` is None for households; ``deadweight`` is used only
    without a survey.
    """

    steps: tuple[Range, ...]
    unanswered: Range
    credit: Range
    deadweight: Range
    displacement: Range | None

    @classmethod
    def of(cls, assumptions: Mapping[str, Assumption], goal: str) -> Inputs:
        """Return the inputs of a goal, ``households`` or ``companies``."""
        verb = "moved" if goal == "households" else "hired"
        steps = tuple(Range.of(assumptions[f"would_not_have_{verb}_{step}"]) for step in range(1, STEPS + 1))
        lost = Range.of(assumptions["displacement_companies"]) if goal == "companies" else None
        return cls(
            steps,
            Range.of(assumptions["unanswered_share_of_answered"]),
            Range.of(assumptions["other_project_credit"]),
            Range.of(assumptions[f"deadweight_{goal}"]),
            lost,
        )


def credit_range(credit: Range, others: int) -> Range:
    """Return the project's credit beside ``others`` named projects, from the range for one.

    The low end for one project (1/2) becomes 1/(1 + m); the mode keeps its place between the ends (halfway).
    """
    if others == 0:
        return Range(1.0, 1.0, 1.0)
    low = credit.low * 2 / (1 + others)
    place = (credit.mode - credit.low) / (credit.high - credit.low) if credit.high > credit.low else 0.0
    return Range(low, low + place * (credit.high - low), credit.high)


def mean_credit(observed: Observed, credits: np.ndarray) -> np.ndarray:
    """Return kbar, shape (draws, steps): the mean credit in each step, over all answers where it is empty.

    Parameters
    ----------
    observed : Observed
    credits : array, shape (draws, m + 1)
        Credit beside 0, 1, ... m other projects.
    """
    counts = observed.counts.astype(float)
    told = counts.sum(axis=1)
    whole = counts.sum()
    overall = credits @ counts.sum(axis=0) / whole if whole else np.ones(len(credits))
    by_step = credits @ (counts / np.maximum(told, 1)[:, None]).T
    return np.where(told[None, :] > 0, by_step, overall[:, None])


def net(
    observed: Observed,
    p: np.ndarray,
    q: np.ndarray,
    v: np.ndarray,
    credits: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the answered's and the unanswered's part of the bracket, each of shape (draws,).

    Parameters
    ----------
    observed : Observed
    p, q : array, shape (draws, steps)
    v : array, shape (draws,)
    credits : array, shape (draws, m + 1)
    """
    kbar = mean_credit(observed, credits)
    answered = (p * kbar) @ observed.by_step.astype(float)
    silent = observed.moved - observed.answered
    return answered, silent * v * (q * p * kbar).sum(axis=1)


@dataclass(frozen=True)
class Draws:
    """Draws of N2 and of what it is made of, each of shape (draws,).

    ``none`` and ``every`` are N2 with every unanswered unit at 0 and at 1; ``left`` and ``stayed`` with all
    who were not followed up at either end; ``best`` with every unknown of both kinds, and every hire whose
    past is unknown, on the project's side. ``retention`` and ``lost`` are the drawn R and displacement.
    """

    net: np.ndarray
    none: np.ndarray
    every: np.ndarray
    left: np.ndarray
    stayed: np.ndarray
    best: np.ndarray
    retention: np.ndarray
    lost: np.ndarray


def simulate(observed: Observed, inputs: Inputs, *, seed: int, draws: int) -> Draws:
    """Draw the net number of households or companies.

    Parameters
    ----------
    observed : Observed
        Must have at least one answer, else the deadweight of ``inputs`` is drawn instead.
    inputs : Inputs
    seed : int
    draws : int

    Returns
    -------
    Draws
    """
    rng = np.random.default_rng(seed)
    one_p, one_k, one_v, one_d = rng.random((4, draws))
    q = rng.dirichlet(observed.by_step + 0.5, size=draws)
    retention = drawn_share(observed.retention, rng, draws)
    lost = _lost_draws(observed, inputs, one_d, rng)
    kept = retention * (1 - lost)
    if observed.answered:
        p = np.column_stack([step.draw(one_p) for step in inputs.steps])
        credits = np.column_stack(
            [credit_range(inputs.credit, m).draw(one_k) for m in range(observed.counts.shape[1])]
        )
        answered, silent = net(observed, p, q, inputs.unanswered.draw(one_v), credits)
        every = answered + (observed.moved - observed.answered)
    else:
        answered, silent = np.zeros(draws), observed.moved * (1 - inputs.deadweight.draw(one_p))
        every = np.full(draws, float(observed.moved))
    worst, best = _ends(observed.retention)
    least_lost = lost if observed.local is None else np.minimum(lost, observed.local.low)
    return Draws(
        net=kept * (answered + silent),
        none=kept * answered,
        every=kept * every,
        left=(1 - lost) * worst * (answered + silent),
        stayed=(1 - lost) * best * (answered + silent),
        best=(1 - least_lost) * np.maximum(best, retention) * every,
        retention=retention,
        lost=lost,
    )


def drawn_share(share: Share | Retention | None, rng: np.random.Generator, draws: int) -> np.ndarray:
    """Return draws of a share of M: spread over what the missing leave open, with its sampling error.

    Whoever was not followed up is spread over both ends, a triangle with its top at the share of the others.
    Those whose state is known have no sampling error. For the part ``open`` that cannot be known yet the
    share is a forecast: its error is that of a Beta(size x share + 1/2, size x (1 - share) + 1/2), times the
    root of that part (the correction for a finite population). Without a share, or where nobody was followed
    up, there is 1: nothing is deducted.

    Parameters
    ----------
    share : Share, Retention or None
    rng : numpy Generator
    draws : int
    """
    uniform = rng.random(draws)
    if share is None or not share.known:
        return np.ones(draws)
    spread = triangular(uniform, share.low, share.value, share.high)
    if not share.open or not share.size:
        return spread
    sampled = rng.beta(share.size * share.value + 0.5, share.size * (1 - share.value) + 0.5, size=draws)
    return np.clip(spread + np.sqrt(share.open) * (sampled - share.value), 0.0, 1.0)


def _lost_draws(
    observed: Observed, inputs: Inputs, uniform: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the displacement by draw: from the records where they tell it, else by assumption."""
    if inputs.displacement is None:
        return np.zeros(len(uniform))
    if observed.local is not None:
        return drawn_share(observed.local, rng, len(uniform))
    return inputs.displacement.draw(uniform)


def _ends(share: Share | Retention | None) -> tuple[float, float]:
    return (1.0, 1.0) if share is None else (share.low, share.high)


def at_modes(observed: Observed, inputs: Inputs, **changed: object) -> float:
    """Return the value with every input at its mode, but for those given.

    Parameters
    ----------
    observed : Observed
    inputs : Inputs
    **changed
        ``steps`` (five values), ``mix`` (five shares), ``unanswered``, ``credit_at`` (a quantile, 0 to 1),
        ``retention``, ``displacement`` or ``deadweight``.
    """
    modes = [step.mode for step in inputs.steps]
    retention = changed.get("retention", observed.retention.value if observed.retention else 1.0)
    kept = float(retention) * (1 - float(changed.get("displacement", _lost(observed, inputs))))  # type: ignore[arg-type]
    if not observed.answered:
        dead = changed.get("deadweight", inputs.deadweight.mode)
        return kept * observed.moved * (1 - float(dead))  # type: ignore[arg-type]
    ranges = [credit_range(inputs.credit, m) for m in range(observed.counts.shape[1])]
    at = changed.get("credit_at")
    credits = np.array([[one.mode if at is None else float(one.draw(np.array(at))) for one in ranges]])
    p = np.asarray([changed.get("steps", modes)], dtype=float)
    q = np.asarray([changed.get("mix", observed.by_step / observed.answered)], dtype=float)
    v = np.asarray([changed.get("unanswered", inputs.unanswered.mode)], dtype=float)
    answered, silent = net(observed, p, q, v, credits)
    return kept * float(answered[0] + silent[0])


def _lost(observed: Observed, inputs: Inputs) -> float:
    if inputs.displacement is None:
        return 0.0
    local: Share | None = observed.local
    return local.value if local is not None else inputs.displacement.mode
