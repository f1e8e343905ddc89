"""Conformal intervals: which constant effects would leave the treated unit's errors in no special order."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.design import Design, known_design
from attraktiv_eval.counterfactual.estimate import axes, real
from attraktiv_eval.counterfactual.inference.placebos import OTHERS, TREATED, checked_level
from attraktiv_eval.counterfactual.method import method_name, method_of, methods
from attraktiv_eval.errors import DesignError, one_of
from attraktiv_eval.texts import decimals_for, number, percent, span, translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "Conformal",
    "conformal_interval",
    "conformal_p_value",
    "conformal_sentence",
    "plot_conformal",
]


GRID = 201
DOUBLINGS = 8
BISECTIONS = 30


@dataclass(frozen=True)
class Conformal:
    """A conformal interval for a constant effect in the window, in the outcome's unit per period.

    Attributes
    ----------
    low, high : float
        Smallest and largest effect that is not rejected; infinite where the grid's edge is reached.
    p_value : float
        Of no effect.
    smallest_p : float
        One over the number of periods: no effect can have a smaller p-value.
    broken : bool
        Whether the effects not rejected form more than one piece; ``pieces`` lists them.
    at_edge : bool
        Whether an effect at the edge of the widest grid was not rejected.
    by_period : DataFrame
        One row a period of the window, each from the periods before and that one alone: period, low,
        high, p_value, broken, at_edge.
    grid : DataFrame
        effect, p_value: what was evaluated.
    """

    low: float
    high: float
    p_value: float
    smallest_p: float
    level: float
    method: str
    broken: bool
    at_edge: bool
    pieces: list[tuple[float, float]]
    by_period: pd.DataFrame = field(repr=False)
    grid: pd.DataFrame = field(repr=False)

    def table(self) -> pd.DataFrame:
        """Return the intervals, the whole window first, then period by period."""
        whole = pd.DataFrame(
            {
                "period": ["window"],
                "low": [self.low],
                "high": [self.high],
                "p_value": [self.p_value],
                "broken": [self.broken],
                "at_edge": [self.at_edge],
            }
        )
        return pd.concat([whole, self.by_period.assign(period=self.by_period["period"].map(str))])

    def sentence(self, language: str = "sv") -> str:
        """Return the interval in one sentence, with what is wrong with it."""
        return conformal_sentence(self, language)

    def _repr_html_(self) -> str:
        """Return the sentence and the table, as a notebook shows them."""
        from attraktiv_eval.counterfactual.estimate import shown
        from attraktiv_eval.texts import shown_in, translator

        _ = translator(shown_in())
        return shown(self, _("Intervals"))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the p-value of every effect on the grid; return the axes."""
        return plot_conformal(self, ax)


def conformal_interval(
    outcome: pd.DataFrame,
    design: Design,
    method: str = "synthetic_control",
    *,
    level: float = 0.90,
    n_jobs: int = 1,
) -> Conformal:
    """Return all constant effects that a permutation test over time does not reject.

    Parameters
    ----------
    method : str
        One whose :class:`Method` is ``conformal``.
    level : float
        An effect belongs to the interval where its p-value exceeds 1 − level.
    n_jobs : int
        Taken for likeness with the other tests; the work is too small to share out.

    Raises
    ------
    DesignError
        For another method; if a period is left out and the window has more than one.

    Notes
    -----
    Chernozhukov, Wüthrich & Zhu (2021), section 2: the counterfactual is fitted on all periods after the
    effect is subtracted in the window; the statistic is the sum of absolute errors in the window; the
    permutations are the cyclic shifts, the identity included.

    Examples
    --------
    >>> import attraktiv_eval as ae
    >>> rates = ae.Panel.load().rate("net_migration")
    >>> design = ae.Design(["23"], 2020, 2022)
    >>> found = conformal_interval(rates, design, "difference_in_differences")
    >>> found.low < found.high
    True
    """
    design = known_design(design, outcome)
    if not method_of(method).conformal:
        those = [name for name, one in methods().items() if one.conformal]
        raise DesignError(f"no conformal interval for {method}", remedy=one_of(those, method))
    level = checked_level(level)
    prepared = design.prepare(outcome)
    used = prepared.before | prepared.window
    _refuse_holes(prepared)
    whole = _Series(prepared.y[used], prepared.X[used], prepared.window[used], method)
    low, high, pieces, edge, grid = _invert(whole, 1 - level)
    rows = []
    for place in np.flatnonzero(prepared.window):
        rows.append(_one_period(prepared, int(place), method, level))
    return Conformal(
        low=low,
        high=high,
        p_value=whole.p_value(0.0),
        smallest_p=1 / int(used.sum()),
        level=level,
        method=method,
        broken=len(pieces) > 1,
        at_edge=edge,
        pieces=pieces,
        by_period=pd.DataFrame(rows, columns=["period", "low", "high", "p_value", "broken", "at_edge"]),
        grid=grid,
    )


def _refuse_holes(prepared: Any) -> None:
    """Refuse years left out where the window has several periods; of a single one the order is nothing."""
    holes = prepared.clock.kept(prepared.before | prepared.window).holes()
    if holes and prepared.window.sum() > 1:
        raise DesignError(
            f"no conformal interval without {', '.join(holes)}: its permutations move the window in time",
            remedy="begin the outcome after the last gap",
        )


def conformal_p_value(
    y: np.ndarray, X: np.ndarray, window: np.ndarray, effect: float, method: str = "synthetic_control"
) -> float:
    """Return the share of the cyclic shifts with errors at least as large as the window's own.

    Parameters
    ----------
    y : array, shape (periods,); X : array, shape (periods, donors); window : bool array, shape (periods,)
        The periods before and in the window, nothing later.
    effect : float
        The constant effect that is tested.
    """
    try:
        y, X, window = np.asarray(y, dtype=float), np.asarray(X, dtype=float), np.asarray(window)
    except (TypeError, ValueError, OverflowError):
        y = np.empty(0)
    if not (y.size and X.ndim == 2 and window.dtype == bool and y.shape == window.shape == X.shape[:1]):
        raise DesignError(
            "the outcomes and the window are not of the same periods",
            remedy="give y (periods), X (periods x donors) and a mask of the window, all of numbers",
        )
    if not (window.any() and np.isfinite(y).all() and np.isfinite(X).all() and math.isfinite(real(effect))):
        raise DesignError("a figure, the effect or the window is missing", remedy="give them without gaps")
    return _Series(y, X, window, method).p_value(effect)


@dataclass
class _Series:
    y: np.ndarray
    X: np.ndarray
    window: np.ndarray
    method: str

    def p_value(self, effect: float) -> float:
        errors = self.errors(effect)
        places = np.flatnonzero(self.window)
        shifts = np.arange(len(errors))
        sums = np.abs(errors)[(places[:, None] + shifts[None, :]) % len(errors)].sum(axis=0)
        return float(np.mean(sums >= sums[0] - 1e-9 * max(sums[0], 1e-300)))

    def errors(self, effect: float) -> np.ndarray:
        everywhere = np.ones(len(self.y), dtype=bool)
        null = self.y - effect * self.window
        return np.asarray(method_of(self.method).kernel(null, self.X, everywhere, self.window).gap)


def _one_period(prepared: Any, place: int, method: str, level: float) -> tuple[Any, ...]:
    used = prepared.before.copy()
    used[place] = True
    alone = np.zeros(len(used), dtype=bool)
    alone[place] = True
    series = _Series(prepared.y[used], prepared.X[used], alone[used], method)
    low, high, pieces, edge, _ = _invert(series, 1 - level)
    return prepared.periods[place], low, high, series.p_value(0.0), len(pieces) > 1, edge


def _invert(
    series: _Series, alpha: float
) -> tuple[float, float, list[tuple[float, float]], bool, pd.DataFrame]:
    """Return the effects with p > alpha: ends, pieces, whether the edge was reached, and the grid."""
    known: dict[float, float] = {}

    def accepted(effect: float) -> bool:
        if effect not in known:
            known[effect] = series.p_value(effect)
        return known[effect] > alpha + 1e-12

    centre, reach = _start(series)
    for _ in range(DOUBLINGS):
        points = np.linspace(centre - reach, centre + reach, GRID)
        inside = np.array([accepted(float(point)) for point in points])
        if not (inside[0] or inside[-1]):
            break
        reach *= 2
    for _ in range(DOUBLINGS):  # a set narrower than the grid's step: look closer where p is largest
        if inside.any():
            break
        best = max(known, key=lambda effect: known[effect])
        step = points[1] - points[0]
        points = np.linspace(best - step, best + step, GRID)
        inside = np.array([accepted(float(point)) for point in points])
    edge = bool(inside[0] or inside[-1])
    grid = pd.DataFrame(sorted(known.items()), columns=["effect", "p_value"])
    pieces = [_ends(points, run, accepted) for run in _runs(inside)]
    if not pieces:
        return math.nan, math.nan, [], edge, grid
    return pieces[0][0], pieces[-1][1], pieces, edge, grid


def _start(series: _Series) -> tuple[float, float]:
    errors = series.errors(0.0)
    inside = series.window
    past = errors[~inside]
    centre = float(errors[inside].mean() - past.mean())
    spread = float(np.std(past)) + float(np.std(errors[inside])) + abs(centre)
    return centre, 4 * spread if spread > 0 else 1.0


def _runs(inside: np.ndarray) -> list[tuple[int, int]]:
    """Return first and last place of each run of True."""
    steps = np.diff(np.concatenate([[0], inside.astype(int), [0]]))
    return list(zip(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1) - 1, strict=True))


def _ends(points: np.ndarray, run: tuple[int, int], accepted: Any) -> tuple[float, float]:
    """Return the ends of one accepted run, each bisected between its last accepted and first rejected."""
    first, last = run
    low = -math.inf if first == 0 else _bisect(points[first], points[first - 1], accepted)
    high = math.inf if last == len(points) - 1 else _bisect(points[last], points[last + 1], accepted)
    return low, high


def _bisect(inside: float, outside: float, accepted: Any) -> float:
    for _ in range(BISECTIONS):
        middle = (inside + outside) / 2
        if accepted(float(middle)):
            inside = middle
        else:
            outside = middle
    return float(inside)


def conformal_sentence(result: Conformal, language: str) -> str:
    """Return the conformal interval, and say if it is broken or has no end."""
    _ = translator(language)
    shown = decimals_for(result.low, result.high)
    values = {
        "method": method_name(result.method, language),
        "level": percent(result.level, language),
        "p": number(result.p_value, language, 3),
        "smallest": number(result.smallest_p, language, 3),
        "interval": span(result.low, result.high, language, shown),
        "pieces": number(len(result.pieces), language),
    }
    if not result.pieces:
        return _("{method}: every constant effect is rejected at {level}.").format(**values)
    if result.at_edge:
        return _(
            "{method}: the {level} conformal interval has no end within the widest range tried; "
            "p = {p} for no effect (smallest possible {smallest})."
        ).format(**values)
    if result.broken:
        return _(
            "{method}: {level} conformal interval {interval} a period, in {pieces} pieces; p = {p} for no "
            "effect (smallest possible {smallest})."
        ).format(**values)
    return _(
        "{method}: {level} conformal interval {interval} a period; p = {p} for no effect "
        "(smallest possible {smallest})."
    ).format(**values)


def plot_conformal(result: Conformal, ax: Axes | None = None) -> Axes:
    """Draw the p-value of every effect tried, and the border of the interval."""
    ax = axes(ax)
    ax.step(result.grid["effect"], result.grid["p_value"], color=TREATED, where="mid")
    ax.axhline(1 - result.level, color=OTHERS)
    return ax
