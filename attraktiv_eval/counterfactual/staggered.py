"""One project in several regions with starts of their own: each region, all together, what each borrows.

Each region's gap is counted from its own start and stands against regions that never had the project; the
gaps are then stacked. What chance gives is asked of the never-treated at random starts.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.design import table_of_numbers
from attraktiv_eval.counterfactual.estimate import Estimate, unit_gaps, whole_number
from attraktiv_eval.counterfactual.inference.placebos import (
    LEVEL,
    checked_level,
    critical_rank,
    floor_of,
    measure,
    strayed,
)
from attraktiv_eval.counterfactual.method import method_of
from attraktiv_eval.counterfactual.solvers.simplex import simplex_weights
from attraktiv_eval.errors import DesignError, guard

if TYPE_CHECKING:
    from attraktiv_eval.counterfactual.design import Design, Prepared
    from attraktiv_eval.counterfactual.method import Method

__all__ = [
    "GROUPS",
    "PartialPooling",
    "Staggered",
    "partial_pooling",
    "pooled_weights",
    "stacked_estimate",
    "stacked_gaps",
    "staggered",
]

#: Random groups of regions without the project that a stacked estimate is held against.
GROUPS = 199

FEWEST_BEFORE = 4
CHANCE_BEFORE = 6  # years before a window of the never-treated: with fewer, a scale is chance itself
DRAWS = 4000
SEED = 20200101
ROUNDS = 200
POOLED = "pooled_synthetic_control"
#: The method whose placebos scale it: each region alone, by its own level.
SCALED_AS = "demeaned_synthetic_control"


@dataclass(frozen=True)
class Staggered:
    """The effects of a project that began at different times, per 1,000 inhabitants and year.

    Attributes
    ----------
    regions : DataFrame, one row a region
        unit, first, effect, low, high, scale.
    paths : DataFrame, event year x region
        The gap, 0 for the first year of the project.
    effect, low, high, p_value : float
        The regions' mean, its 90 % interval and p-value by random windows of never-treated regions.
    pooling : float
        nu of Ben-Michael, Feller & Rothstein: 0 fits each region alone; NaN for another method.
    """

    regions: pd.DataFrame
    paths: pd.DataFrame
    effect: float
    low: float
    high: float
    p_value: float
    method: str
    pooling: float


def staggered(
    outcome: pd.DataFrame,
    starts: Mapping[str, int],
    years: int,
    method: str = "demeaned_synthetic_control",
    *,
    pooling: float | None = None,
    level: float = LEVEL,
) -> Staggered:
    """Estimate a project that several regions began in years of their own, each region and pooled.

    Parameters
    ----------
    outcome : DataFrame, year x unit
    starts : mapping of unit to its first year
    years : int
        How many years from the start on are compared, in each region.
    method : str
        A name in ``METHODS``, or ``pooled_synthetic_control``: demeaned synthetic controls fitted together.
    pooling : float, optional
        nu of the latter, between 0 and 1; default the ratio of the pooled to the single misfit of separate
        fits.
    level : float

    Raises
    ------
    DesignError
        If a region, a year or enough never-treated regions are missing.

    Notes
    -----
    Ben-Michael, Feller & Rothstein (2022): the weights minimise nu q_pool^2 + (1 - nu) q_sep^2, after each
    unit's mean before its start is taken away. The pooled effect is the regions' plain mean. Its law is that
    of as many never-treated regions at starts drawn at random; each deviation is brought to the region's own
    scale.
    """
    level = checked_level(level)
    table, pasts = _checked(outcome, starts, years)
    never = [code for code in table.columns if code not in starts]
    if method == POOLED:
        gaps, nu = _pooled_gaps(table, starts, pasts, never, pooling)
    else:
        gaps, nu = _single_gaps(table, starts, years, never, method), math.nan
    rows, paths = [], {}
    for unit, first in starts.items():
        gap = gaps[unit]
        scale = float(strayed(gap.loc[: first - 1].to_numpy()[:, None], _scaled_as(method))[0])
        paths[unit] = gap.loc[first : first + years - 1].set_axis(range(years))
        rows.append((unit, first, float(paths[unit].mean()), scale))
    t = _chance(table[never], years, _scaled_as(method))
    floor = floor_of(np.array([row[3] for row in rows]))
    scales = np.array([max(row[3], floor) for row in rows])
    every = np.sort(np.abs(t.ravel()))
    single = every[critical_rank(level, len(every)) - 1]
    effects = np.array([row[2] for row in rows])
    rng = np.random.default_rng(SEED)
    window = rng.integers(0, len(t), (DRAWS, len(rows)))
    units = rng.permuted(np.tile(np.arange(t.shape[1]), (DRAWS, 1)), axis=1)[:, : len(rows)]
    noise = np.abs((t[window, units] * scales).mean(axis=1))
    half = float(np.sort(noise)[critical_rank(level, DRAWS) - 1])
    mean = float(effects.mean())
    regions = pd.DataFrame(rows, columns=["unit", "first", "effect", "scale"])
    regions["low"], regions["high"] = effects - single * scales, effects + single * scales
    p = (1 + int((noise >= abs(mean) - 1e-12).sum())) / (DRAWS + 1)
    return Staggered(
        regions[["unit", "first", "effect", "low", "high", "scale"]],
        pd.DataFrame(paths),
        mean,
        mean - half,
        mean + half,
        p,
        method,
        nu,
    )


def _scaled_as(method: str) -> str:
    return SCALED_AS if method == POOLED else method


def _checked(
    outcome: pd.DataFrame, starts: Mapping[str, int], years: int
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    years = whole_number(years, "years", 1)
    table, clock = table_of_numbers(outcome)
    if not isinstance(starts, Mapping) or not starts:
        raise DesignError("no region, or no year, is given", remedy="give each region its first year")
    if clock.per_year != 1 or clock.step != 1 or not clock.whole:
        raise DesignError(
            "a year is missing in the table, or its rows are no years",
            remedy="give every year, one row each, the year as a whole number",
        )
    index = clock.ticks.tolist()
    table.index = pd.Index(index)
    pasts = {}
    for unit, first in starts.items():
        whole_number(first, f"the first year of {unit}")
        if unit not in table.columns or table[unit].isna().any():
            raise DesignError(
                f"{unit} has no figures, or a gap in them", remedy="leave it out, or fill it in"
            )
        if first - index[0] < FEWEST_BEFORE or first + years - 1 > index[-1]:
            raise DesignError(
                f"{unit} needs {FEWEST_BEFORE} years before {first} and {years} from then on",
                remedy="compare fewer years, or fetch a longer series",
            )
        pasts[unit] = np.array(index) < first
    table = table.dropna(axis=1)
    if len([code for code in table.columns if code not in starts]) <= max(4, len(starts)):
        raise DesignError("too few regions never had the project", remedy="give more to compare with")
    return table, pasts


def _single_gaps(
    table: pd.DataFrame, starts: Mapping[str, int], years: int, never: Sequence[str], method: str
) -> dict[str, pd.Series]:
    gaps = {}
    for unit, first in starts.items():
        past = table.loc[: first + years - 1]
        before = np.asarray(past.index < first)
        fit = method_of(method).kernel(past[unit].to_numpy(), past[list(never)].to_numpy(), before, ~before)
        gaps[unit] = pd.Series(np.asarray(fit.gap, dtype=float), past.index)
    return gaps


def _pooled_gaps(
    table: pd.DataFrame,
    starts: Mapping[str, int],
    pasts: Mapping[str, np.ndarray],
    never: Sequence[str],
    pooling: float | None,
) -> tuple[dict[str, pd.Series], float]:
    donors = table[list(never)].to_numpy(dtype=float)
    left = {}
    for unit in starts:
        before = pasts[unit]
        y = table[unit].to_numpy(dtype=float)
        left[unit] = (y - y[before].mean(), donors - donors[before].mean(axis=0))
    common = min(int(before.sum()) for before in pasts.values())
    targets = [left[unit][0][pasts[unit]][-common:] for unit in starts]
    mixes = [left[unit][1][pasts[unit]][-common:] for unit in starts]
    weights, nu = pooled_weights(targets, mixes, pooling)
    gaps = {}
    for unit, w in zip(starts, weights, strict=True):
        y, others = left[unit]
        gaps[unit] = pd.Series(y - others @ w, table.index)
    return gaps, nu


def pooled_weights(
    targets: Sequence[np.ndarray], donors: Sequence[np.ndarray], pooling: float | None = None
) -> tuple[list[np.ndarray], float]:
    """Return the convex weights of several treated units that fit each of them and their mean.

    Parameters
    ----------
    targets : sequence of array, shape (periods,)
        The treated units before their starts, counted back from them.
    donors : sequence of array, shape (periods, donors)
    pooling : float, optional
        nu; default q_pool / q_sep of separate fits.

    Returns
    -------
    list of array, float
        The weights, each >= 0, summing to 1, and nu.

    Notes
    -----
    Ben-Michael, Feller & Rothstein (2022). The objective is convex and its constraints are apart for each
    unit, so that solving for one unit at a time, the others held, comes to its minimum.
    """
    many = len(targets)

    def columns(place: int, parts: Sequence[tuple[float, np.ndarray]]) -> np.ndarray:
        """Return donors less target, stacked: what ``simplex_weights`` makes small."""
        return np.vstack([factor * (donors[place] - goal[:, None]) for factor, goal in parts])

    weights = [simplex_weights(columns(place, [(1.0, targets[place])])) for place in range(many)]
    misfit = np.array([targets[place] - donors[place] @ weights[place] for place in range(many)])
    apart = math.sqrt(float((misfit**2).mean()))
    together = math.sqrt(float((misfit.mean(axis=0) ** 2).mean()))
    if pooling is not None and not (isinstance(pooling, numbers.Real) and 0 <= pooling <= 1):
        raise DesignError(f"pooling {pooling!r} is no share", remedy="give a number from 0 to 1")
    nu = (together / apart if apart > 0 else 0.0) if pooling is None else float(pooling)
    if nu == 0 or many == 1:
        return weights, nu
    for _round in range(ROUNDS):
        before = [w.copy() for w in weights]
        for place in range(many):
            others = misfit.sum(axis=0) - misfit[place]
            parts = [
                (math.sqrt(nu) / many, targets[place] + others),
                (math.sqrt((1 - nu) / many), targets[place]),
            ]
            weights[place] = simplex_weights(columns(place, parts))
            misfit[place] = targets[place] - donors[place] @ weights[place]
        if max(float(np.abs(w - old).max()) for w, old in zip(weights, before, strict=True)) < 1e-10:
            break
    return weights, nu


def _chance(never: pd.DataFrame, years: int, method: str) -> np.ndarray:
    """Return A / s* of every never-treated region at every start, shape (starts, regions)."""
    index = [int(year) for year in never.index]
    rows = []
    for first in index[CHANCE_BEFORE:]:
        if first + years - 1 > index[-1]:
            break
        past = never.loc[: first + years - 1]
        before = np.asarray(past.index < first)
        found = measure(
            unit_gaps(past.to_numpy(dtype=float), range(past.shape[1]), before, ~before, method),
            before,
            ~before,
            method,
        )
        floor = floor_of(found.scale)
        if floor > 0:
            rows.append(found.effect / np.maximum(found.scale, floor))
    if not rows:
        raise DesignError("the regions that never had the project show no spread", remedy="check the figures")
    return np.array(rows)


# --- Several regions as one design: each fitted alone, from its own start, in the years of the calendar


def stacked_estimate(method: Method, outcome: pd.DataFrame, design: Design, **options: Any) -> Estimate:
    """Return the estimate of several units, each fitted alone, whose gaps are stacked by weight.

    In a period of the window a unit that has not begun adds nothing, and its own fit takes that period in.
    ``details["each"]`` holds the gap of every unit by period, also where the stack leaves it out.

    Notes
    -----
    Ben-Michael, Feller & Rothstein (2022) with nu = 0: the separate fits, averaged; by the weights of the
    design in place of equal ones, so that rates weighted by population give moves.
    """
    prepared = design.prepare(outcome)
    shares, begun = _shares(outcome, design, prepared)
    timing = method.timing(prepared.clock)
    gaps, weights, residuals = [], [], []
    for place, unit in enumerate(design.treated):
        fit = method.kernel(
            outcome.loc[prepared.periods, unit].to_numpy(dtype=float),
            prepared.X,
            *_own(prepared, begun[:, place]),
            n_treated=1,
            **timing,
            **options,
        )
        gaps.append(np.asarray(fit.gap, dtype=float))
        weights.append(fit.weights)
        residuals.append(fit.residual)
    each = np.column_stack(gaps)
    gap = (each * shares * begun).sum(axis=1)
    periods, inside = prepared.periods, prepared.window
    mixed = None
    if all(one is not None for one in weights):
        mixed = pd.Series(np.array(weights).T @ shares[inside].mean(axis=0), prepared.units, name="weight")
    return Estimate(
        effect=float(gap[inside].mean()),
        effects=pd.Series(gap[inside], periods[inside], name="effect"),
        counterfactual=pd.Series(prepared.y - gap, periods, name="counterfactual"),
        actual=pd.Series(prepared.y, periods, name="actual"),
        gap=pd.Series(gap, periods, name="gap"),
        weights=mixed,
        pre_rmse=float(np.sqrt(np.mean(gap[prepared.before] ** 2))),
        residual=max((one for one in residuals if one is not None), default=None),
        method=method.name,
        design=design,
        dropped=dict(prepared.dropped),
        details={
            "notes": list(prepared.notes),
            "each": pd.DataFrame(each, periods, list(design.treated)),
            "shares": pd.DataFrame(shares * begun, periods, list(design.treated)),
        },
    )


def _own(prepared: Prepared, begun: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the periods before a unit's start and those of its window; one yet to begin has the group's."""
    window = prepared.window & begun
    if not window.any():
        return prepared.before, prepared.window
    return prepared.before | (prepared.window & ~begun), window


def _shares(outcome: pd.DataFrame, design: Design, prepared: Prepared) -> tuple[np.ndarray, np.ndarray]:
    """Return each unit's share of the group, and whether its gap counts: before all starts, or from its own.

    Both of shape (periods, units).
    """
    weights = design.group_weights(outcome).reindex(prepared.periods)
    shares = weights.div(weights.sum(axis=1), axis=0).ffill().to_numpy(dtype=float)
    starts = np.array([max(design.starts[unit], design.first_treated) for unit in design.treated])  # type: ignore[index]
    begun = (prepared.periods.to_numpy()[:, None] >= starts[None, :]) | prepared.before[:, None]
    return shares, begun


def stacked_gaps(
    design: Design,
    prepared: Prepared,
    method: str,
    own: Estimate,
    draws: int,
    seed: int,
    n_jobs: int,
    options: dict[str, Any],
) -> tuple[np.ndarray, list[str]]:
    """Return the stacked gaps of random groups of donors, shape (periods, groups), and the groups' names.

    Each member of a group has the start and the share of one of the treated units. Donors are fitted one by
    one, once a start.
    """
    starts = [max(design.starts[unit], design.first_treated) for unit in design.treated]  # type: ignore[index]
    many, donors = len(starts), len(prepared.donors)
    if donors <= many:
        raise DesignError(
            f"{donors} regions without the project stand against {many} with it",
            remedy="compare fewer regions together, or widen the pool",
        )
    years = prepared.periods.to_numpy()
    fitted = {
        start: unit_gaps(
            prepared.X,
            range(donors),
            *_own(prepared, prepared.before | (years >= start)),
            method,
            n_jobs=n_jobs,
            **options,
        )
        for start in dict.fromkeys(starts)
    }
    shares = own.details["shares"].to_numpy()
    rng = np.random.default_rng(seed)
    groups: dict[tuple[int, ...], None] = {}
    for _draw in range(min(draws, GROUPS)):
        groups[tuple(int(one) for one in rng.permutation(donors)[:many])] = None
    found = np.column_stack(
        [
            sum(
                shares[:, place] * fitted[start][:, unit]
                for place, (start, unit) in enumerate(zip(starts, group, strict=True))
            )
            for group in groups
        ]
    )
    names = ["+".join(str(prepared.donors[unit]) for unit in group) for group in groups]
    return found, names


# --- What each can borrow from the others


@dataclass(frozen=True)
class PartialPooling:
    """Estimates of several projects, each with what it borrows from the others; its own stands beside it.

    Attributes
    ----------
    table : DataFrame, one row a project
        estimate, error, pooled, low, high, own_weight: the share of its own estimate in the pooled one.
    mean, spread : float
        Mean and standard deviation of the projects' true effects.
    """

    table: pd.DataFrame
    mean: float
    spread: float


def partial_pooling(estimates: Any, errors: Any, level: float = LEVEL) -> PartialPooling:
    """Return random-effects estimates: each project's own, drawn towards the mean by as much as it is unsure.

    Parameters
    ----------
    estimates, errors : sequence of float
        Estimates and their standard errors, one a project.
    level : float

    Raises
    ------
    DesignError
        If there are fewer than three, or one is no finite number, or an error is not above 0.

    Notes
    -----
    Normal effects around a mean, seen with normal errors. The spread tau is not fixed at its estimate: each
    tau of a grid is weighed by its likelihood with the mean integrated out and a flat prior on tau, so that
    the intervals hold what tau does not tell (Rubin 1981, eight schools).
    """
    level = checked_level(level)
    try:
        y, s = np.asarray(estimates, dtype=float), np.asarray(errors, dtype=float)
    except (TypeError, ValueError, OverflowError):
        y = s = np.array([math.nan])
    if (
        y.ndim != 1
        or y.shape != s.shape
        or len(y) < 3
        or not (np.isfinite(y) & np.isfinite(s) & (s > 0)).all()
    ):
        raise DesignError(
            "pooling needs three or more finite estimates, each with an error above 0",
            remedy="leave out what is missing, and say so",
        )
    top = 3 * max(float(y.std(ddof=1)), float(s.mean()))
    taus = np.linspace(0, top, 301)[:, None]
    precision = 1 / (taus**2 + s**2)
    total = precision.sum(axis=1)
    centre = (precision * y).sum(axis=1) / total
    log = 0.5 * np.log(precision).sum(axis=1) - 0.5 * np.log(total)
    log -= 0.5 * (precision * (y - centre[:, None]) ** 2).sum(axis=1)
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    own = taus**2 / (taus**2 + s**2)
    means = own * y + (1 - own) * centre[:, None]
    spreads = np.sqrt(own * s**2 + (1 - own) ** 2 / total[:, None])
    ends = [_mixed_ends(means[:, i], spreads[:, i], weight, level) for i in range(len(y))]
    table = pd.DataFrame(
        {
            "estimate": y,
            "error": s,
            "pooled": weight @ means,
            "low": [low for low, _high in ends],
            "high": [high for _low, high in ends],
            "own_weight": weight @ own,
        }
    )
    return PartialPooling(table, float(weight @ centre), float(weight @ taus[:, 0]))


def _mixed_ends(
    means: np.ndarray, spreads: np.ndarray, weight: np.ndarray, level: float
) -> tuple[float, float]:
    """Return the ends that leave equal tails of a mixture of normal laws."""
    from scipy.optimize import brentq
    from scipy.special import ndtr

    low, high = float((means - 8 * spreads).min()), float((means + 8 * spreads).max())

    def tail(share: float) -> float:
        return float(brentq(lambda x: float(weight @ ndtr((x - means) / spreads)) - share, low, high))

    return tail((1 - level) / 2), tail((1 + level) / 2)


guard(globals())
