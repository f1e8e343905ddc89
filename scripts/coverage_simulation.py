"""Simulated panels that look like the counties before the project, for judging intervals.

A few common factors and each county's own autocorrelated noise are fitted to the years before; panels of
the same size are then drawn from them, without any effect. What a method finds there, it finds in nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.design import clock_of
from attraktiv_eval.counterfactual.estimate import unit_gaps
from attraktiv_eval.counterfactual.inference.conformal import conformal_p_value
from attraktiv_eval.counterfactual.inference.placebos import critical_rank, floor_of, measure, nothing
from attraktiv_eval.counterfactual.method import FURTHER_SETTINGS, LEVEL, SETTINGS, method_of
from attraktiv_eval.errors import DesignError

if TYPE_CHECKING:
    from attraktiv_eval.statistics.panel import Panel

__all__ = [
    "FactorModel",
    "SimulatedPanel",
    "coverage",
    "fit_factor_model",
    "intervals",
    "model_of",
    "simulate",
]


DONORS = {"fifteen_donors": 15, "seventeen_donors": 17}
DIP = -0.8416  # standard deviations: the lowest fifth of a normal law
EXPLAINED = 0.80
MOST_FACTORS = 3
BURN_IN = 50
LARGEST_AR = 0.95
SHOCK = 1.0  # in standard deviations of the treated county's own noise


@dataclass(frozen=True)
class FactorModel:
    """A factor model of a panel: y_it = mean_i + loadings_i . f_t + e_it, with AR(1) factors and noise.

    Attributes
    ----------
    means : array, shape (units,)
    loadings : array, shape (units, factors)
    factor_ar, factor_sd : array, shape (factors,)
        Autoregression and standard deviation of the innovations.
    noise_ar, noise_sd : array, shape (units,)
    units : list
    """

    means: np.ndarray
    loadings: np.ndarray
    factor_ar: np.ndarray
    factor_sd: np.ndarray
    noise_ar: np.ndarray
    noise_sd: np.ndarray
    units: list[str]

    def table(self) -> pd.DataFrame:
        """Return one row a unit: unit, mean, noise_ar, noise_sd (of the noise itself, not its innovation)."""
        spread = self.noise_sd / np.sqrt(1 - self.noise_ar**2)
        return pd.DataFrame(
            {"unit": self.units, "mean": self.means, "noise_ar": self.noise_ar, "noise_sd": spread}
        )


@dataclass(frozen=True)
class SimulatedPanel:
    """One draw: outcomes (periods, units) and the column that is called treated. There is no effect in it."""

    outcome: np.ndarray
    treated: int
    before: np.ndarray
    window: np.ndarray

    @property
    def y(self) -> np.ndarray:
        """The treated unit's outcome, shape (periods,)."""
        return self.outcome[:, self.treated]

    @property
    def X(self) -> np.ndarray:
        """The donors' outcomes, shape (periods, units − 1)."""
        return np.delete(self.outcome, self.treated, axis=1)


def fit_factor_model(rates: pd.DataFrame) -> FactorModel:
    """Fit factors and noise to a panel of years before the project.

    The number of factors is the smallest that explains 80 % of the variance about the units' means, at most
    three. Autoregressions are by least squares.

    Raises
    ------
    DesignError
        If a figure or a year is missing.
    """
    values = rates.to_numpy(dtype=float)
    if not (np.isfinite(values).all() and clock_of(rates.index).whole):
        raise DesignError("the panel to imitate has gaps", remedy="begin it after the last gap")
    means = values.mean(axis=0)
    left, singular, right = np.linalg.svd(values - means, full_matrices=False)
    shares = np.cumsum(singular**2) / np.sum(singular**2)
    count = min(int(np.searchsorted(shares, EXPLAINED)) + 1, MOST_FACTORS)
    factors = left[:, :count] * singular[:count]
    noise = values - means - factors @ right[:count]
    factor_ar, factor_sd = _autoregression(factors)
    noise_ar, noise_sd = _autoregression(noise)
    return FactorModel(
        means,
        right[:count].T,
        factor_ar,
        factor_sd,
        noise_ar,
        noise_sd,
        [str(unit) for unit in rates.columns],
    )


def _autoregression(series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return lag-one coefficients and standard deviations of the innovations, by column."""
    past, now = series[:-1], series[1:]
    slope = np.clip((past * now).sum(axis=0) / (past**2).sum(axis=0), -LARGEST_AR, LARGEST_AR)
    return slope, (now - slope * past).std(axis=0)


def simulate(
    model: FactorModel,
    setting: str,
    generator: np.random.Generator,
    *,
    treated: str,
    neighbours: Sequence[str] = (),
    periods_before: int = 23,
    periods_window: int = 3,
) -> SimulatedPanel:
    """Draw one panel without any effect.

    Parameters
    ----------
    setting : str
        One of ``SETTINGS`` or ``FURTHER_SETTINGS``.
    treated : str
        The treated unit in every setting but ``equal_noise``, where it is drawn, and ``calmest`` and
        ``noisiest``, which say it themselves.
    neighbours : sequence of str
        The units that share the regional shock, half as strongly.
    """
    known = (*SETTINGS, *FURTHER_SETTINGS)
    if setting not in known:
        raise DesignError(f"unknown setting {setting!r}", remedy=f"choose one of {', '.join(known)}")
    if treated not in model.units:
        raise DesignError(f"the model has no unit {treated!r}", remedy="name one of the panel's units")
    periods, units = periods_before + periods_window, len(model.units)
    ar, sd = model.noise_ar, model.noise_sd
    if setting == "equal_noise":
        ar = np.full(units, float(np.median(ar)))
        sd = np.full(units, float(np.sqrt(np.mean(sd**2))))
    factors = _paths(model.factor_ar, model.factor_sd, periods, generator)
    noise = _paths(ar, sd, periods, generator)
    place = int(generator.integers(units)) if setting == "equal_noise" else model.units.index(treated)
    spread = sd / np.sqrt(1 - ar**2)
    if setting in ("calmest", "noisiest"):
        place = int(spread.argmin() if setting == "calmest" else spread.argmax())
    while setting == "after_dip" and noise[periods_before - 1, place] > DIP * spread[place]:
        noise[:, place] = _paths(ar[[place]], sd[[place]], periods, generator)[:, 0]
    outcome = model.means + factors @ model.loadings.T + noise
    if setting in DONORS:
        others = generator.permutation(np.delete(np.arange(units), place))[: DONORS[setting]]
        outcome, place = outcome[:, [place, *sorted(others)]], 0
    window = np.arange(periods) >= periods_before
    if setting == "regional_shock":
        size = SHOCK * spread[place]
        near = np.array([model.units.index(code) for code in neighbours if code in model.units], dtype=int)
        outcome[window, place] += size
        outcome[window.nonzero()[0][:, None], near] += size / 2
    return SimulatedPanel(outcome, place, ~window, window)


def _paths(ar: np.ndarray, sd: np.ndarray, periods: int, generator: np.random.Generator) -> np.ndarray:
    """Return autoregressive paths in their long run, shape (periods, series)."""
    shocks = generator.normal(size=(BURN_IN + periods, len(ar))) * sd
    path = np.zeros_like(shocks)
    for t in range(1, len(shocks)):
        path[t] = ar * path[t - 1] + shocks[t]
    return path[BURN_IN:]


SEED = 20191231


def model_of(panel: Panel, outcome: str = "net_migration", last_year: int = 2019) -> FactorModel:
    """Return the factor model of the counties' rates up to the year before the project."""
    return fit_factor_model(panel.rate(outcome, "county", until=last_year))


def intervals(drawn: SimulatedPanel, method: str, level: float = LEVEL) -> list[tuple[str, bool, float]]:
    """Return kind, whether zero is inside, and half the width, for each interval that a method has.

    Kinds: "placebo" (by the rule of the package), "absolute" (by |A| alone), "conformal" (no width: only
    zero is tested) and "forecast".
    """
    kernel = method_of(method).kernel
    fit = kernel(drawn.y, drawn.X, drawn.before, drawn.window, n_treated=1)
    found = []
    if method_of(method).forecasts:
        low, high = fit.details["forecast_interval"]
        found.append(("forecast", bool(low <= 0 <= high), (high - low) / 2))
    else:
        found += _placebo(drawn, fit, method, level)
    if method_of(method).conformal:
        p = conformal_p_value(drawn.y, drawn.X, drawn.window, 0.0, method)
        found.append(("conformal", p > 1 - level + 1e-12, math.nan))
    return found


def _placebo(drawn: SimulatedPanel, fit: object, method: str, level: float) -> list[tuple[str, bool, float]]:
    tuned = method_of(method).tuned_once
    details = fit.details  # type: ignore[attr-defined]
    options = {} if tuned is None else {tuned: details[tuned]}
    X, before, window = drawn.X, drawn.before, drawn.window
    gaps = unit_gaps(X, range(X.shape[1]), before, window, method, **options)
    found = measure(np.column_stack([gaps, fit.gap]), before, window, method)  # type: ignore[attr-defined]
    size = np.abs(found.effect)
    floor = floor_of(found.scale, nothing(drawn.y, X, before)[0])
    scale = np.maximum(found.scale, floor) if floor > 0 else np.ones(len(size))
    rank = critical_rank(level, len(size) - 1)
    by_rule = by_size = math.inf
    if rank < len(size):
        by_rule = float(scale[-1] * np.sort(size[:-1] / scale[:-1])[rank - 1])
        by_size = float(np.sort(size[:-1])[rank - 1])
    return [
        ("placebo", bool(size[-1] <= by_rule), by_rule),
        ("absolute", bool(size[-1] <= by_size), by_size),
    ]


def coverage(
    model: FactorModel,
    methods: Iterable[str],
    *,
    settings: Sequence[str] = SETTINGS,
    draws: int = 2000,
    seed: int = SEED,
    level: float = LEVEL,
    n_jobs: int = 1,
    treated: str | None = None,
    neighbours: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return how often each interval of each method holds the truth.

    The same seed gives every method the same panels, whatever the number of processes.

    Parameters
    ----------
    treated : str, optional
        The unit in whose place an effect is looked for; default the shipped project's county.
    neighbours : sequence of str, optional
        Units that share the regional shock, half as strongly; default the counties next to the treated one.

    Returns
    -------
    DataFrame
        setting, method, interval, draws, coverage, rejection (1 − coverage), standard_error (of the
        simulation), half_width (median, per 1,000 a year), level, seed.
    """
    place = _place(treated, neighbours)
    jobs = [(setting, method) for setting in settings for method in methods]
    rows = []
    for setting, method in jobs:
        parts = _parts(model, setting, method, draws, seed, level, n_jobs, place)
        kinds = list(dict.fromkeys(kind for kind, _, _ in parts))
        for kind in kinds:
            inside = np.array([held for name, held, _ in parts if name == kind])
            half = np.array([width for name, _, width in parts if name == kind])
            share = float(inside.mean())
            rows.append(
                {
                    "setting": setting,
                    "method": method,
                    "interval": kind,
                    "draws": len(inside),
                    "coverage": share,
                    "rejection": 1 - share,
                    "standard_error": math.sqrt(share * (1 - share) / len(inside)),
                    "half_width": float(np.median(half)),
                    "level": level,
                    "seed": seed,
                }
            )
    return pd.DataFrame(rows)


def _place(treated: str | None, neighbours: Sequence[str] | None) -> tuple[str, tuple[str, ...]]:
    """Return the treated unit and its neighbours, those of the shipped project where none are named."""
    from attraktiv_eval import regions

    if treated is None:
        from attraktiv_eval.project import Project

        treated = Project.load().region.code
    near = regions.NEIGHBOURS.get(treated, ()) if neighbours is None else neighbours
    return treated, tuple(near)


def _parts(
    model: FactorModel,
    setting: str,
    method: str,
    draws: int,
    seed: int,
    level: float,
    n_jobs: int,
    place: tuple[str, tuple[str, ...]],
) -> list[tuple[str, bool, float]]:
    if n_jobs == 1:
        return _some(model, setting, method, range(draws), seed, level, place)
    from joblib import Parallel, delayed, effective_n_jobs

    chunks = np.array_split(np.arange(draws), 8 * effective_n_jobs(n_jobs))
    calls = (
        delayed(_some)(model, setting, method, chunk, seed, level, place) for chunk in chunks if len(chunk)
    )
    return [row for part in Parallel(n_jobs=n_jobs)(calls) for row in part]


def _some(
    model: FactorModel,
    setting: str,
    method: str,
    draws: Iterable[int],
    seed: int,
    level: float,
    place: tuple[str, tuple[str, ...]],
) -> list[tuple[str, bool, float]]:
    found = []
    for draw in draws:
        generator = np.random.default_rng([seed, (*SETTINGS, *FURTHER_SETTINGS).index(setting), int(draw)])
        drawn = simulate(model, setting, generator, treated=place[0], neighbours=place[1])
        found += intervals(drawn, method, level)
    return found
