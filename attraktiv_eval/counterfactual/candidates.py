"""How well each candidate specification would have done where nothing was done, before the project."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attraktiv_eval import regions
from attraktiv_eval.counterfactual.design import TIMED
from attraktiv_eval.counterfactual.inference.fitting import kernel_of
from attraktiv_eval.counterfactual.periods import clock_of
from attraktiv_eval.errors import DesignError

if TYPE_CHECKING:
    from attraktiv_eval.statistics.panel import Panel

__all__ = ["CANDIDATE_POOLS", "MIN_BEFORE", "Race", "pseudo_starts", "race"]

CANDIDATE_POOLS = ("all", "no_metropolitan", "no_metropolitan_no_green")
MIN_BEFORE = 12  # years before a pretended start


@dataclass(frozen=True)
class Race:
    """The candidates for one outcome, from the best down.

    Attributes
    ----------
    table : DataFrame, one row a candidate
        method, pool, error (root mean square of A, per 1,000 a year), mean_squared_error, excess (over the
        lowest), standard_error (of the excess, clustered by county), primary, equivalent.
    targets : list of str
        The counties that were put in the treated county's place.
    starts : list of int
        The pretended starts.
    first_year : int
    """

    outcome: str
    table: pd.DataFrame
    targets: list[str]
    starts: list[int]
    first_year: int


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
    pools = {pool: _in(regions.donor_pool(pool, region), rates) for pool in CANDIDATE_POOLS}
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
    return Race(outcome, _ranked(names, squares.mean(axis=1)), targets, starts, int(rates.index[0]))


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
    timing = {"positions": clock.positions} if method in TIMED and not clock.whole else {}
    effects = []
    for target in targets:
        others = past[[code for code in pool if code != target]].to_numpy()
        fit = kernel(past[target].to_numpy(), others, before, window, n_treated=1, **timing)
        effects.append(float(fit.gap[window].mean()))
    return effects


def _ranked(names: list[tuple[str, str]], by_county: np.ndarray) -> pd.DataFrame:
    """Return the candidates from the best down, with the equivalence set.

    Parameters
    ----------
    by_county : array, shape (candidates, counties)
        Mean squared A over the starts.
    """
    mean = by_county.mean(axis=1)
    best = int(np.argmin(mean))
    paired = by_county - by_county[best]
    counties = by_county.shape[1]
    spread = paired.std(axis=1, ddof=1) / math.sqrt(counties)
    table = pd.DataFrame(
        {
            "method": [method for method, _ in names],
            "pool": [pool for _, pool in names],
            "error": np.sqrt(mean),
            "mean_squared_error": mean,
            "excess": mean - mean[best],
            "standard_error": spread,
            "primary": np.arange(len(names)) == best,
            "equivalent": mean - mean[best] <= spread,
        }
    )
    return table.sort_values("error", kind="stable", ignore_index=True)
