"""What one gap series says: its mean in the window, and how far it strayed before.

The gap g is the treated unit less its counterfactual, period by period. All inference in this
package rests on three numbers of it: A, the mean of g over the window; s, the size of g before the
window; and t = |A| / s, which makes a noisy unit and a calm one comparable.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

__all__ = ["GapMeasures", "critical_rank", "measure", "snap", "strayed"]

ROOT_MEAN_SQUARE = frozenset({"synthetic_control"})  # its gap is meant to be zero before, not merely flat
SMALL_SHARE = 0.05  # a scale below this share of the outcome's own spread says nothing about noise
TIE = 1e-9  # relative; below it two statistics count as equal


@dataclass(frozen=True)
class GapMeasures:
    """The measures of one gap series, in the outcome's own unit.

    ``effect`` is A, ``scale`` is s, ``rmspe`` the root mean square of the gap before (after its own
    baseline, where the method has one) and ``ratio`` the same in the window over that before.
    """

    effect: float
    scale: float
    rmspe: float
    ratio: float

    @property
    def statistic(self) -> float:
        """Return |A| / s; infinite for a perfect fit before with a gap in the window."""
        if self.scale > 0:
            return abs(self.effect) / self.scale
        return math.inf if self.effect else 0.0


def strayed(before: np.ndarray, method: str) -> float:
    """Return the scale s of the gaps before the window.

    Root mean square for ``synthetic_control``; for every other method the standard deviation (ddof 0)
    about the plain mean of the gaps before, so that a method with a baseline is not charged for it.
    """
    centre = 0.0 if method in ROOT_MEAN_SQUARE else before.mean()
    return float(np.sqrt(np.mean((before - centre) ** 2)))


def measure(gap: np.ndarray, before: np.ndarray, window: np.ndarray, method: str) -> GapMeasures:
    """Return A, s and the ratio of the root mean squares of one gap series.

    Parameters
    ----------
    gap : array, shape (periods,)
        Its mean over the window is the effect.
    before, window : array of bool, shape (periods,)
    method : str
        Name of the method, which decides the scale.
    """
    past, inside = gap[before], gap[window]
    scale = strayed(past, method)
    after = float(np.sqrt(np.mean(inside**2)))
    ratio = after / scale if scale > 0 else (math.inf if after > 0 else 0.0)
    return GapMeasures(float(inside.mean()), scale, scale, ratio)


def critical_rank(level: float, n: int) -> int:
    """Return r = ceil(level (n + 1)): which of n ordered placebo statistics bounds the interval."""
    return math.ceil(level * (n + 1) - 1e-9)


def snap(statistics: np.ndarray, own: float) -> np.ndarray:
    """Make statistics that differ from the treated unit's by rounding alone equal to it.

    Without this a donor that duplicates the treated unit would count as larger on one machine and as
    smaller on another, and the interval and the p-value could disagree.
    """
    with np.errstate(invalid="ignore"):
        near = np.abs(statistics - own) <= TIE * abs(own)
    return np.where(near, own, statistics)
