"""Two scales raced: how far a gap strayed in the fit, or how far the same method missed outside it.

The scale s of the package is the size of the gap before the window, in the sample that the weights were
fitted to. The other is the root mean square of the pseudo-effects of windows of equal length before the
project, each fitted without its window and what comes later. Both get the same floor. The shorter interval
whose coverage keeps to the goal is the default.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.estimate import unit_gaps
from attraktiv_eval.counterfactual.inference.placebos import critical_rank, floor_of, measure
from attraktiv_eval.counterfactual.method import SETTINGS, method_of
from attraktiv_eval.counterfactual.power import POWER
from scripts.coverage_simulation import SEED, model_of, simulate

if TYPE_CHECKING:
    from attraktiv_eval.statistics.panel import Panel

__all__ = [
    "SCALES",
    "outside_scales",
    "race_scales",
]

SCALES = ("in_sample", "out_of_sample")
RACED = (
    "difference_in_differences",
    "synthetic_control",
    "demeaned_synthetic_control",
    "synthetic_did",
)
REAL = ("domestic_in_moves_over_border", "in_moves", "net_migration")
MIN_BEFORE = 12
LENGTH = 3
LEVEL = 0.90


def outside_scales(
    y: np.ndarray, X: np.ndarray, periods: int, length: int, method: str, min_before: int = MIN_BEFORE
) -> np.ndarray:
    """Return the root mean square of the pseudo-effects before, of each donor and last the treated unit.

    Parameters
    ----------
    y : array, shape (T,)
    X : array, shape (T, N)
    periods : int
        How many periods lie before the window; nothing later is read.
    length : int
        Of the window.
    min_before : int
        Periods before the first pretended window.

    Returns
    -------
    array, shape (N + 1,)
    """
    effects = []
    for start in range(min_before, periods - length + 1):
        inside = np.arange(start + length) >= start
        gaps = _gaps(y[: start + length], X[: start + length], ~inside, inside, method)
        effects.append(gaps[inside].mean(axis=0))
    return np.asarray(np.sqrt(np.mean(np.square(effects), axis=0)))


def _gaps(y: np.ndarray, X: np.ndarray, before: np.ndarray, window: np.ndarray, method: str) -> np.ndarray:
    """Return the gaps of every donor and, last, of the treated unit, shape (T, N + 1)."""
    gaps = unit_gaps(X, range(X.shape[1]), before, window, method)
    return np.column_stack([gaps, method_of(method).kernel(y, X, before, window).gap])


def _judged(y: np.ndarray, X: np.ndarray, before: np.ndarray, window: np.ndarray, method: str) -> list[Any]:
    """Return for each scale whether zero is inside, half the width, and the smallest detectable effect."""
    found = measure(_gaps(y, X, before, window, method), before, window, method)
    outside = outside_scales(y, X, int(before.sum()), int(window.sum()), method)
    return [_one(found.effect, scales) for scales in (found.scale, outside)]


def _one(effects: np.ndarray, scales: np.ndarray) -> tuple[bool, float, float]:
    scales = np.maximum(scales, floor_of(scales))
    others, own = effects[:-1], scales[-1]
    rank = critical_rank(LEVEL, len(others))
    if rank > len(others):
        return True, math.inf, math.inf
    half = float(own * np.sort(np.abs(others) / scales[:-1])[rank - 1])
    noise = own * others / scales[:-1]
    wanted = math.ceil(POWER * len(noise) - 1e-9)
    for effect in np.unique(np.concatenate([[0.0], half - noise, -half - noise])):
        reach, slack = noise + effect, 1e-12 * (half + abs(effect))
        if effect >= 0 and int(((reach >= half - slack) | (reach < -half - slack)).sum()) >= wanted:
            return bool(abs(effects[-1]) <= half), half, float(effect)
    return bool(abs(effects[-1]) <= half), half, math.inf


def race_scales(
    panel: Panel, methods: Sequence[str] = RACED, *, draws: int = 1000, seed: int = SEED, n_jobs: int = 1
) -> pd.DataFrame:
    """Race the two scales on simulated panels and on the real counties before the project.

    Returns
    -------
    DataFrame, one row a method, panel and scale
        panel (a setting of the simulation, or an outcome of the real counties), method, scale, cases,
        coverage (the share of cases in which zero lies inside), mean_half_width, detectable (the mean
        smallest detectable effect), both per 1,000 inhabitants and year; own_detectable, that of the
        project's county in the last three years before the project that the outcome covers, in persons.
    """
    from joblib import Parallel, delayed

    jobs: list[tuple[Any, ...]] = [(_simulated, panel, setting, draws, seed) for setting in SETTINGS]
    jobs += [(_real, panel, name) for name in REAL if name in set(panel.outcomes["id"])]
    calls = [(method, job) for method in methods for job in jobs]
    tables = Parallel(n_jobs=n_jobs)(delayed(job[0])(method, *job[1:]) for method, job in calls)
    return pd.concat(tables, ignore_index=True)


def _simulated(method: str, panel: Panel, setting: str, draws: int, seed: int) -> pd.DataFrame:
    from attraktiv_eval import regions
    from attraktiv_eval.project import Project

    treated, model = Project.load().region.code, model_of(panel)
    near = regions.NEIGHBOURS.get(treated, ())
    judged = []
    for draw in range(draws):
        generator = np.random.default_rng([seed, SETTINGS.index(setting), draw])
        drawn = simulate(model, setting, generator, treated=treated, neighbours=near)
        judged.append(_judged(drawn.y, drawn.X, drawn.before, drawn.window, method))
    return _told(setting, method, judged, [math.nan, math.nan])


def _real(method: str, panel: Panel, outcome: str) -> pd.DataFrame:
    """Judge every county at every pretended start before the project, the project's county never a donor."""
    from attraktiv_eval.project import Project

    project = Project.load()
    own, last = project.region.code, project.years[0] - 1
    rates = panel.rate(outcome, "county", until=last).dropna(axis=1)
    values, column = rates.to_numpy(), list(rates.columns).index(own)
    judged, persons = [], [math.nan, math.nan]
    periods = len(values)
    for start in range(MIN_BEFORE + LENGTH, periods - LENGTH + 1):
        inside = np.arange(start + LENGTH) >= start
        for unit in range(values.shape[1]):
            y = values[: start + LENGTH, unit]
            others = [place for place in range(values.shape[1]) if place not in (unit, column)]
            told = _judged(y, values[: start + LENGTH][:, others], ~inside, inside, method)
            if unit != column:
                judged.append(told)
            elif start == periods - LENGTH:
                people = panel.population("county").loc[rates.index[-LENGTH:], own].sum() / 1000
                persons = [effect * people for _, _, effect in told]
    return _told(outcome, method, judged, persons)


def _told(panel: str, method: str, judged: list[Any], persons: list[float]) -> pd.DataFrame:
    rows = []
    for place, scale in enumerate(SCALES):
        inside, half, detectable = (np.array([one[place][part] for one in judged]) for part in range(3))
        rows.append((panel, method, scale, len(judged), inside.mean(), half.mean(), detectable.mean()))
    names = ["panel", "method", "scale", "cases", "coverage", "mean_half_width", "detectable"]
    return pd.DataFrame(rows, columns=names).assign(own_detectable=persons)
