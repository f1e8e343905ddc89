"""One draw of level 2, ten thousand at a time.

N2 = R x keep x [ sum over answers of p_s k_i  +  unanswered x v x sum over steps of q_s p_s kbar_s ]

with p_s the probability that a household (company) in answer step s would not have come (hired) within 24
months otherwise, k_i the project's part of the credit beside other projects, kbar_s its mean in the step,
q the mix of answers that the unanswered would have given, v their share of the answered mean, R retention
and keep = 1 - displacement (1 for households: the border rule has done it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attraktiv_eval.additionality.observed import STEPS, Observed, Share

if TYPE_CHECKING:
    from attraktiv_eval.assumptions import Assumption
    from attraktiv_eval.metrics.retention import Retention

__all__ = [
    "Draws",
    "Inputs",
    "Range",
    "at_modes",
    "credit_range",
    "drawn_share",
    "mean_credit",
    "net",
    "simulate",
    "triangular",
]


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
