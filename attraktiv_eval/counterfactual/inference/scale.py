"""What gap series say: their mean in the window, and how far they strayed before.

The gap g is the treated unit less its counterfactual, period by period. All inference in this
package rests on three numbers of it: A, the mean of g over the window; s, the size of g before the
window; and t = |A| / s*, which makes a noisy unit and a calm one comparable. s* is s, but never less than
half the median of s over the treated unit and its placebos: a unit that happens to be fitted almost
perfectly then cannot blow up another unit's interval. The floor is the same for all, so that the treated
unit's rank is as fair as without it.
"""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import Any

import numpy as np

from attraktiv_eval.errors import DesignError

__all__ = [
    "GapMeasures",
    "checked_level",
    "critical_rank",
    "floor_of",
    "measure",
    "nothing",
    "snap",
    "strayed",
]

ROOT_MEAN_SQUARE = frozenset({"synthetic_control"})  # its gap is meant to be zero before, not merely flat
FLOOR = 0.5  # of the median scale
PERFECT = 1e-3  # of what the plain mean of the others leaves: a median scale below it counts as zero
ROUNDING = 1e-10  # of the largest outcome: what is smaller is rounding
TIE = 1e-9  # relative; below it two statistics count as equal


@dataclass(frozen=True)
class GapMeasures:
    """The measures of some gap series, in the outcome's own unit, each of shape (series,).

    ``effect`` is A, ``scale`` is s (before the floor), and ``ratio`` the root mean square of the gap in the
    window over that before (after its own baseline, where the method has one).
    """

    effect: np.ndarray
    scale: np.ndarray
    ratio: np.ndarray


def strayed(past: np.ndarray, method: str) -> np.ndarray:
    """Return the scale s of gaps before the window, shape (series,) for gaps of shape (periods, series).

    Root mean square for ``synthetic_control``; for every other method the standard deviation (ddof 0)
    about the plain mean of the gaps before, so that a method with a baseline is not charged for it.
    """
    if method not in ROOT_MEAN_SQUARE:
        past = past - past.mean(axis=0)
    return np.asarray(np.sqrt(np.einsum("ts,ts->s", past, past) / len(past)))


def measure(
    gaps: np.ndarray, before: np.ndarray, window: np.ndarray, method: str, rounding: float = 0.0
) -> GapMeasures:
    """Return A, s and the ratio of the root mean squares of gap series.

    Parameters
    ----------
    gaps : array, shape (periods, series)
        The mean of each over the window is its effect.
    before, window : array of bool, shape (periods,)
    method : str
        Name of the method, which decides the scale.
    rounding : float
        Below it a gap is nothing: a ratio of two such numbers says nothing either.
    """
    inside = gaps[window]
    scale = strayed(gaps[before], method)
    after = np.sqrt(np.einsum("ts,ts->s", inside, inside) / len(inside))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(after > rounding, after / np.where(scale > rounding, scale, 0.0), 0.0)
    return GapMeasures(inside.mean(axis=0), scale, ratio)


def nothing(y: np.ndarray, X: np.ndarray, before: np.ndarray) -> tuple[float, float]:
    """Return below which scale a fit counts as perfect, and below which effect there is only rounding.

    A fit is perfect where it leaves less than a thousandth of what the plain mean of the other donors
    leaves of a donor, at the median. That mean takes every common movement away, so that a common trend
    changes nothing here.

    Parameters
    ----------
    y : array, shape (periods,)
    X : array, shape (periods, donors)
    before : bool array, shape (periods,)
    """
    past = X[before]
    rest = past - past.mean(axis=1, keepdims=True)
    rest = rest - rest.mean(axis=0)
    left = math.sqrt(float(np.median(np.einsum("td,td->d", rest, rest))) / len(past))
    size = max(float(np.abs(past).max()), float(np.abs(y[before]).max()))
    return max(PERFECT * left, ROUNDING * size), ROUNDING * size


def floor_of(scales: np.ndarray, perfect: float = 0.0) -> float:
    """Return half the median of scales; 0 where the median is at most ``perfect``.

    Parameters
    ----------
    scales : array, shape (placebos + 1,)
        Of the treated unit and of all its placebos.
    """
    median = float(np.median(scales))
    return FLOOR * median if median > perfect else 0.0


def checked_level(level: Any, name: str = "level") -> float:
    """Return a level between 0 and 1, both excluded.

    Raises
    ------
    DesignError
        If it is anything else; a percentage is told as the share that it means.
    """
    real = isinstance(level, numbers.Real) and not isinstance(level, bool | np.bool_)
    value = float(level) if real else math.nan
    if 0 < value < 1:
        return value
    meant = f"{value / 100:g}" if 1 < value < 100 else "0.9"
    raise DesignError(
        f"the {name} is {level!r}, not a share between 0 and 1",
        remedy=f"give a share, such as {meant} for {100 * float(meant):g} %",
    )


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
