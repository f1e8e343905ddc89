"""What a draw among applicants shows: within strata, by randomisation inference.

Evidence of its own kind: it stands beside the three levels and is never added to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from attraktiv_eval.counterfactual.inference.placebos import LEVEL, critical_rank
from attraktiv_eval.errors import DesignError

__all__ = ["SMALL", "DrawResult", "analyse"]

SMALL = 5  # a count below it is not published
DRAWS = 9999
SEED = 20200101


@dataclass(frozen=True)
class DrawResult:
    """What a draw shows, in shares of the applicants: an effect of 0.05 is five households of 100.

    Attributes
    ----------
    effect, low, high : float
        Intention to treat: those drawn to be served less those who wait; 90 % interval.
    p_value : float
        By randomisation, two-sided.
    bounds : (float, float)
        The ends of the interval with every unknown counted against, and every unknown for.
    took_up : float
        How many more of those served were helped than of those who wait.
    complier, complier_low, complier_high : float
        The effect on those who take it up because they are drawn; infinite where the take-up is too small.
    complier_bounds : (float, float)
        With the unknown outcomes and take-up at both ends.
    counts : dict
        served, waiting; moved_served, moved_waiting; unknown_served, unknown_waiting; helped_served,
        helped_waiting.
    """

    effect: float
    low: float
    high: float
    p_value: float
    bounds: tuple[float, float]
    took_up: float
    complier: float
    complier_low: float
    complier_high: float
    complier_bounds: tuple[float, float]
    counts: dict[str, int]

    @property
    def applicants(self) -> int:
        """How many were drawn among."""
        return self.counts["served"] + self.counts["waiting"]

    @property
    def small(self) -> bool:
        """Whether a count below five stands in it, which is not published."""
        told = dict(self.counts)
        for arm in ("served", "waiting"):
            known = told[arm] - told[f"unknown_{arm}"]
            told[f"stayed_{arm}"] = known - told[f"moved_{arm}"]
            told[f"unhelped_{arm}"] = told[arm] - told[f"helped_{arm}"]
        return any(0 < count < SMALL for count in told.values())


def analyse(
    served: np.ndarray, stratum: np.ndarray, moved: np.ndarray, helped: np.ndarray, level: float = LEVEL
) -> DrawResult:
    """Analyse a draw as it was drawn: within strata, by randomisation inference.

    Parameters
    ----------
    served : bool array, shape (applicants,)
        Drawn to be served first.
    stratum : array, shape (applicants,)
    moved, helped : float array, shape (applicants,)
        1, 0 or NaN where it is not known.

    Raises
    ------
    DesignError
        If a stratum has no known outcome among those served or those who wait.

    Notes
    -----
    The estimate is the mean of the strata's differences, weighted by their applicants. Under no effect the
    number of movers among those served is hypergeometric in each stratum, which gives the studentised
    randomisation law; its quantile times Neyman's standard error is the interval (Wu & Ding 2021). Compliers:
    Anderson and Rubin's set, as Imbens & Rosenbaum (2005). Drop-out: Manski's bounds.
    """
    served = np.asarray(served, dtype=bool)
    moved, helped = np.asarray(moved, dtype=float), np.asarray(helped, dtype=float)
    _names, strata = np.unique(np.asarray(stratum), return_inverse=True)
    known = ~np.isnan(moved)
    effect, error, quantile, p = _offered(served, strata, moved, known, level)
    counts = _counts(served, moved, helped)
    against = np.where(known, moved, np.where(served, 0.0, 1.0))
    favour = np.where(known, moved, np.where(served, 1.0, 0.0))
    every = np.ones_like(known)
    worst = _offered(served, strata, against, every, level)
    best = _offered(served, strata, favour, every, level)
    bounds = (worst[0] - worst[2] * worst[1], best[0] + best[2] * best[1])
    told = known & ~np.isnan(helped)
    took, complier = _compliers(served, strata, moved, helped, told, quantile)
    unknown = np.isnan(helped)
    ends = [
        _compliers(served, strata, y, np.where(unknown, np.where(served, a, 1 - a), helped), every, quantile)[
            1
        ]
        for y in (against, favour)
        for a in (0.0, 1.0)
    ]
    return DrawResult(
        effect,
        effect - quantile * error,
        effect + quantile * error,
        p,
        bounds,
        took,
        *complier,
        (min(one[1] for one in ends), max(one[2] for one in ends)),
        counts,
    )


def _counts(served: np.ndarray, moved: np.ndarray, helped: np.ndarray) -> dict[str, int]:
    counts = {}
    for name, arm in (("served", served), ("waiting", ~served)):
        counts[name] = int(arm.sum())
        counts[f"moved_{name}"] = int(np.nansum(moved[arm]))
        counts[f"unknown_{name}"] = int(np.isnan(moved[arm]).sum())
        counts[f"helped_{name}"] = int(np.nansum(helped[arm]))
    return counts


def _offered(
    served: np.ndarray, strata: np.ndarray, y: np.ndarray, known: np.ndarray, level: float
) -> tuple[float, float, float, float]:
    """Return effect, standard error, critical value and p-value of being drawn."""
    rng = np.random.default_rng(SEED)
    total = len(y)
    effect = variance = 0.0
    drawn_effect, drawn_variance = np.zeros(DRAWS), np.zeros(DRAWS)
    for one in range(strata.max() + 1):
        inside = (strata == one) & known
        weight = float((strata == one).sum()) / total
        first, second = int((inside & served).sum()), int((inside & ~served).sum())
        if not first or not second:
            raise DesignError(
                "a stratum has no known outcome among those served, or those who wait",
                remedy="follow up more of them, or analyse without strata that nobody answered in",
            )
        a, b = float(y[inside & served].sum()), float(y[inside & ~served].sum())
        d, v = _difference(a, b, first, second)
        effect, variance = effect + weight * d, variance + weight**2 * v
        movers = int(a + b)
        under = rng.hypergeometric(movers, first + second - movers, first, DRAWS)
        d, v = _difference(under, movers - under, first, second)
        drawn_effect, drawn_variance = drawn_effect + weight * d, drawn_variance + weight**2 * v
    error, drawn_error = np.sqrt(variance), np.sqrt(drawn_variance)
    t = abs(effect) / error
    chance = np.abs(drawn_effect) / drawn_error
    quantile = float(np.sort(chance)[critical_rank(level, DRAWS) - 1])
    p = (1 + int((chance >= t - 1e-12).sum())) / (DRAWS + 1)
    return float(effect), float(error), quantile, p


def _difference(a: Any, b: Any, first: int, second: int) -> tuple[Any, Any]:
    """Return the difference of two shares and Neyman's variance, which is never nothing."""
    one, other = a / first, b / second
    spread = _spread(one, first) / first + _spread(other, second) / second
    return one - other, spread


def _spread(share: Any, n: int) -> Any:
    """Return the variance of a share's members; at 0 or 1 that of half a member more or less."""
    kept = np.clip(share, 0.5 / (n + 1), 1 - 0.5 / (n + 1))
    return kept * (1 - kept) * n / max(n - 1, 1)


def _compliers(
    served: np.ndarray,
    strata: np.ndarray,
    y: np.ndarray,
    helped: np.ndarray,
    known: np.ndarray,
    quantile: float,
) -> tuple[float, tuple[float, float, float]]:
    """Return the take-up because of the draw, and the effect on compliers with its interval."""
    total = len(y)
    tau = np.zeros(2)
    spread = np.zeros((2, 2))
    for one in range(strata.max() + 1):
        weight = float((strata == one).sum()) / total
        for sign, arm in ((1, served), (-1, ~served)):
            inside = (strata == one) & known & arm
            n = int(inside.sum())
            if n < 2:
                return float("nan"), (float("nan"), -np.inf, np.inf)
            both = np.vstack([y[inside], helped[inside]])
            tau += sign * weight * both.mean(axis=1)
            spread += weight**2 * np.cov(both) / n
    effect, took = float(tau[0]), float(tau[1])
    if abs(took) < 1e-12:
        return took, (float("nan"), -np.inf, np.inf)
    # (effect - beta took)^2 <= q^2 (V_y - 2 beta C + beta^2 V_d)
    q2 = quantile**2
    a = took**2 - q2 * spread[1, 1]
    b = -2 * (effect * took - q2 * spread[0, 1])
    c = effect**2 - q2 * spread[0, 0]
    inner = b**2 - 4 * a * c
    if a <= 0 or inner < 0:
        return took, (effect / took, -np.inf, np.inf)
    root = float(np.sqrt(inner))
    return took, (effect / took, (-b - root) / (2 * a), (-b + root) / (2 * a))
