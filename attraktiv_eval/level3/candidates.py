"""How well each candidate specification would have done where nothing was done, before the project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attraktiv_eval import regions
from attraktiv_eval.counterfactual.design import clock_of
from attraktiv_eval.counterfactual.inference.fits import kernel_of
from attraktiv_eval.counterfactual.method import method_of
from attraktiv_eval.errors import DesignError

if TYPE_CHECKING:
    from attraktiv_eval.statistics.panel import Panel

__all__ = [
    "CANDIDATE_POOLS",
    "LEVEL",
    "MIN_BEFORE",
    "RESAMPLES",
    "Race",
    "against_the_best",
    "candidate_pools",
    "confidence_set",
    "pseudo_starts",
    "race",
    "ranked",
]

CANDIDATE_POOLS = ("all", "no_metropolitan", "no_metropolitan_no_green")
MIN_BEFORE = 12  # years before a pretended start
LEVEL = 0.10  # a candidate whose p-value is below this is told from the best
LEAST_EQUAL = 3  # members of the equivalence set, whatever the test says
RESAMPLES = 10_000  # of the counties
SEED = 20200101


@dataclass(frozen=True)
class Race:
    """The candidates for one outcome, from the best down.

    Attributes
    ----------
    table : DataFrame, one row a candidate
        method, pool, error (root mean square of A, per 1,000 a year), mean_squared_error, excess (over the
        lowest), p_value (of the paired comparison with the best), confidence_set (p-value of the sequential
        model confidence set), wins (share of the resamples of counties in which it is the best), primary,
        equivalent.
    targets : list of str
        The counties that were put in the treated county's place.
    starts : list of int
        The pretended starts.
    length : int
        Years of each pretended window: as many as are compared.
    first_year : int
    """

    outcome: str
    table: pd.DataFrame
    targets: list[str]
    starts: list[int]
    length: int
    first_year: int


def candidate_pools(region: str) -> tuple[str, ...]:
    """Return the pools that race: of a municipality those of its groups."""
    return regions.pools_of(region) if regions.is_municipality(region) else CANDIDATE_POOLS


def pseudo_starts(
    years: Sequence[int], first_treated: int, length: int, min_before: int = MIN_BEFORE
) -> list[int]:
    """Return every year with enough years before it and its whole window before the project."""
    there = set(years)
    return [
        year
        for year in years
        if sum(earlier < year for earlier in years) >= min_before
        and year + length <= first_treated
        and there.issuperset(range(year, year + length))
    ]


def race(
    panel: Panel,
    region: str,
    outcome: str,
    first_treated: int,
    length: int,
    *,
    methods: Sequence[str],
    min_before: int = MIN_BEFORE,
    n_jobs: int = 1,
    advance: Callable[[int, int], None] | None = None,
) -> Race:
    """Return the candidates of one outcome ranked by their error in years and counties without the project.

    Targets are the counties other than the treated that belong to every candidate pool; each is fitted by
    its pool less itself, the treated county never among the donors, from figures up to the end of the
    pretended window. The error of a candidate is the root mean square of A over targets and starts.

    Parameters
    ----------
    advance : callable, optional
        Told after each candidate and start how many are done, and how many there are.

    Raises
    ------
    DesignError
        If the outcome has no pretended start, or fewer than two targets.
    """
    rates = panel.rate(outcome, "county", until=first_treated - 1)
    rates = rates.loc[:, rates.notna().all(axis=0)]
    starts = pseudo_starts([int(year) for year in rates.index], first_treated, length, min_before)
    pools = {pool: _in(regions.donor_pool(pool, region), rates) for pool in candidate_pools(region)}
    targets = sorted(set.intersection(*[set(codes) for codes in pools.values()]))
    if not starts or len(targets) < 2:
        raise DesignError(
            f"{outcome} has {len(starts)} pretended starts and {len(targets)} targets before {first_treated}",
            remedy=f"use an outcome with more than {min_before + length - 1} years before the project",
        )
    jobs = [(method, pool, start) for method in methods for pool in pools for start in starts]
    calls = [(rates, pools[pool], targets, method, start, length) for method, pool, start in jobs]
    found = []
    for effects in _in_turn(calls, n_jobs):
        found.append(effects)
        if advance is not None:
            advance(len(found), len(calls))
    shape = (len(methods) * len(pools), len(starts), len(targets))
    squares = np.array(found).reshape(shape) ** 2
    names = [(method, pool) for method in methods for pool in pools]
    table = ranked(names, squares.mean(axis=1))
    return Race(outcome, table, targets, starts, length, int(rates.index[0]))


def _in_turn(calls: list[tuple[Any, ...]], n_jobs: int) -> Iterable[list[float]]:
    """Yield the effects of each call in their order, from one process or several."""
    if n_jobs == 1:
        return (_effects(*call) for call in calls)
    from joblib import Parallel, delayed

    parallel = Parallel(n_jobs=n_jobs, return_as="generator")
    effects: Iterable[list[float]] = parallel(delayed(_effects)(*call) for call in calls)
    return effects


def _in(codes: list[str], rates: pd.DataFrame) -> list[str]:
    return [code for code in codes if code in rates.columns]


def _effects(
    rates: pd.DataFrame, pool: list[str], targets: list[str], method: str, start: int, length: int
) -> list[float]:
    """Return A for each target at one pretended start, by one method and pool."""
    kernel = kernel_of(method)
    past = rates.loc[: start + length - 1]
    years = past.index.to_numpy()
    before, window = years < start, years >= start
    clock = clock_of(past.index)
    timing = method_of(method).timing(clock)
    effects = []
    for target in targets:
        others = past[[code for code in pool if code != target]].to_numpy()
        fit = kernel(past[target].to_numpy(), others, before, window, n_treated=1, **timing)
        effects.append(float(fit.gap[window].mean()))
    return effects


def ranked(names: list[tuple[str, str]], by_county: np.ndarray) -> pd.DataFrame:
    """Return the candidates from the best down, with the equivalence set.

    The set holds every candidate that is at least as good as the best in 10 % or more of the paired resamples
    of the counties, and never fewer than the three best. The model confidence set of Hansen, Lunde & Nason
    stands beside it: with 15 counties and 21 candidates, compared with each other one after another, it tells
    hardly any from the best.

    Parameters
    ----------
    names : list of (method, pool)
    by_county : array, shape (candidates, counties)
        Mean squared A over the starts.
    """
    mean = by_county.mean(axis=1)
    order = np.argsort(mean, kind="stable")
    place = np.argsort(order, kind="stable")
    p_values, wins = against_the_best(by_county)
    table = pd.DataFrame(
        {
            "method": [method for method, _ in names],
            "pool": [pool for _, pool in names],
            "error": np.sqrt(mean),
            "mean_squared_error": mean,
            "excess": mean - mean[order[0]],
            "p_value": p_values,
            "confidence_set": confidence_set(by_county),
            "wins": wins,
            "primary": place == 0,
            "equivalent": (p_values >= LEVEL) | (place < LEAST_EQUAL),
        }
    )
    return table.iloc[order].reset_index(drop=True)


def against_the_best(
    losses: np.ndarray, resamples: int = RESAMPLES, seed: int = SEED
) -> tuple[np.ndarray, np.ndarray]:
    """Return how often each candidate is at least as good as the best, and how often it wins.

    Parameters
    ----------
    losses : array, shape (candidates, counties)
        All candidates are judged on the same counties, which are drawn with replacement.
    resamples, seed : int

    Returns
    -------
    p_values, wins : arrays, shape (candidates,)
        The share of resamples in which the mean loss is no higher than that of the candidate with the lowest
        over all counties: 1 for that one, and the p-value of "as good as the best", one-sided, for others.
        ``wins`` is the share in which a candidate has the lowest of all; where several do, they share.
    """
    means = _resampled(losses, resamples, seed)
    best = means[:, [int(np.argmin(losses.mean(axis=1)))]]
    p_values = (means <= best * (1 + 1e-12)).mean(axis=0)
    lowest = np.isclose(means, means.min(axis=1, keepdims=True), rtol=1e-12, atol=0.0)
    return p_values, (lowest / lowest.sum(axis=1, keepdims=True)).mean(axis=0)


def _resampled(losses: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """Return mean losses over each resample of the counties, shape (resamples, candidates)."""
    counties = losses.shape[1]
    drawn = np.random.default_rng(seed).integers(counties, size=(resamples, counties))
    times = np.zeros((resamples, counties))
    np.add.at(times, (np.arange(resamples)[:, None], drawn), 1.0)
    means: np.ndarray = times @ losses.T / counties
    return means


def confidence_set(losses: np.ndarray, resamples: int = RESAMPLES, seed: int = SEED) -> np.ndarray:
    """Return the p-value of each candidate in the model confidence set.

    Candidates are compared two by two on the same counties. The worst is put out, one after another: the one
    whose mean loss lies most standard errors above that of some other candidate left. Its p-value is the
    share of resamples in which chance alone sets two of them as far apart, or that of one put out before it
    where that is larger; the last one has 1. Those with a p-value of at least 0.10 are the set at the 10 %
    level.

    Parameters
    ----------
    losses : array, shape (candidates, counties)
        Each county is one draw; all candidates are judged on the same counties.
    resamples : int
        Draws of the counties, with replacement.
    seed : int

    Returns
    -------
    array, shape (candidates,)

    Notes
    -----
    Hansen, Lunde & Nason (2011), The model confidence set, Econometrica 79(2), the statistic T_R of paired
    differences; in place of blocks of time single counties are drawn.
    """
    candidates = len(losses)
    apart, by_chance = _paired(losses.mean(axis=1), _resampled(losses, resamples, seed))
    left, p_values, highest = list(range(candidates)), np.ones(candidates), 0.0
    while len(left) > 1:
        pairs = np.ix_(left, left)
        farthest = apart[pairs].max(axis=1)
        chance = by_chance[:, left][:, :, left].max(axis=(1, 2))
        as_far = chance >= farthest.max() * (1 - 1e-9)  # the same draw must tie with itself on any scale
        highest = max(highest, float(as_far.mean()))
        p_values[left.pop(int(np.argmax(farthest)))] = highest
    return p_values


def _paired(mean: np.ndarray, means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how far each candidate lies above each other one, and what chance makes of it, in spreads.

    A difference that is the same in every resample is nothing where it is zero, else without end.

    Parameters
    ----------
    mean, means : arrays, shapes (candidates,) and (resamples, candidates)
        Mean losses over the counties, and over each resample of them.

    Returns
    -------
    arrays, shapes (candidates, candidates) and (resamples, candidates, candidates)
    """
    gaps = mean[:, None] - mean[None, :]
    chance = means[:, :, None] - means[:, None, :] - gaps
    spread = np.sqrt((chance**2).mean(axis=0))
    none = 1e-12 * np.abs(mean).max(initial=0.0)
    steady = spread <= none
    scale = np.where(steady, 1.0, spread)
    endless = np.where(np.abs(gaps) <= none, 0.0, np.copysign(np.inf, gaps))
    return np.where(steady, endless, gaps / scale), np.where(steady, 0.0, np.abs(chance) / scale)
