"""Structural time series: forecast the treated unit from its own level and the donors' common movements."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.design import Design, Prepared
from attraktiv_eval.counterfactual.estimate import Estimate, Fit, estimate_with
from attraktiv_eval.counterfactual.method import Method
from attraktiv_eval.counterfactual.solvers.variances import Summit, highest
from attraktiv_eval.errors import DesignError

__all__ = ["METHOD", "kernel", "principal_components", "structural_time_series"]

#: The levels, each with the number of its states that are diffuse at first.
DIFFUSE = {"local level": 1, "local linear trend": 2}
LEVELS = tuple(DIFFUSE)
EXPLAINED = 0.80
MOST_COMPONENTS = 3
LEVEL_90 = 1.6448536269514722
_FLAT = 1e-4  # the largest slope of the log-likelihood by the share of a variance at an optimum
_SPARE_PERIODS = 5  # periods before that must be left over for the level and its variances


def kernel(
    y: np.ndarray,
    X: np.ndarray,
    before: np.ndarray,
    window: np.ndarray,
    *,
    n_treated: int = 1,
    positions: np.ndarray | None = None,
) -> Fit:
    """Fit a structural time series to arrays; see :func:`structural_time_series`."""
    steps = _steps_ahead(before, positions)
    centre, spread = y[before].mean(), y[before].std()
    if np.ptp(y[before]) == 0.0:
        kept = {"notes": ["no variation before: the level is kept"]}
        return Fit(y - centre, np.full(len(y), centre), details=kept)
    scores, explained = principal_components(X, before)
    z = (y[before] - centre) / spread
    summits = {level: highest(z, scores[before], level) for level in LEVELS}
    aicc = {level: _aicc(summit, len(z), level) for level, summit in summits.items()}
    name = min(LEVELS, key=lambda level: aicc[level])
    fit = _smoothed(z, scores[before], name, summits[name].params)
    counterfactual = centre + spread * _predictions(fit, scores, before, window, steps)
    gap = y - counterfactual
    covariance = spread**2 * _forecast_covariance(fit, steps[window])
    effect, error = float(gap[window].mean()), float(np.sqrt(covariance.mean()))
    details: dict[str, Any] = {
        "model": name,
        "components": scores.shape[1],
        "explained": explained,
        "aicc": aicc,
        "converged": summits[name].slope < _FLAT,
        "forecast_error": np.sqrt(np.diag(covariance)),
        "forecast_interval": (effect - LEVEL_90 * error, effect + LEVEL_90 * error),
        "interval_kind": "forecast",
    }
    return Fit(gap, counterfactual, details=details)


def _steps_ahead(before: np.ndarray, positions: np.ndarray | None) -> np.ndarray:
    """Return how many steps each period lies after the last one before the window, shape (T,).

    Periods that are left out between the two leave the window as many steps ahead as it is.
    """
    places = np.arange(len(before)) if positions is None else positions
    past = places[before]
    if past[-1] - past[0] != len(past) - 1:
        raise DesignError(
            "a structural time series needs every period before the window",
            remedy="begin the outcome after the last gap, or use another method",
        )
    return places - past[-1]


def _predictions(
    result: Any, scores: np.ndarray, before: np.ndarray, window: np.ndarray, steps: np.ndarray
) -> np.ndarray:
    """Return one-step-ahead predictions before, and forecasts as far as the donors are known."""
    predicted = np.full(len(before), np.nan)
    predicted[before] = _one_step_ahead(result)
    after = np.flatnonzero(~(before | window))
    known = np.isfinite(scores[after]).all(axis=1)
    reach = len(after) if known.all() else int(known.argmin())
    ahead = np.concatenate([np.flatnonzero(window), after[:reach]])
    places = steps[ahead] - 1
    exog = np.zeros((int(places[-1]) + 1, scores.shape[1]))  # of a period left out nothing is asked
    exog[places] = scores[ahead]
    forecast = result.get_forecast(len(exog), exog=exog if scores.shape[1] else None).predicted_mean
    predicted[ahead] = np.asarray(forecast)[places]
    return predicted


def principal_components(X: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the donors' common movements (T, k) and the share of their variance before that these explain.

    Each donor is standardised by its own mean and standard deviation before, where the components are
    found; k is the smallest number that explains 80 %, at most 3, and fewer where there are hardly more
    periods than that.
    """
    past = X[before]
    spread = past.std(axis=0)
    varied = np.ptp(past, axis=0) > 0.0
    if not varied.any():
        return np.empty((len(X), 0)), 0.0
    standard = (X[:, varied] - past[:, varied].mean(axis=0)) / spread[varied]
    _, singular, loadings = np.linalg.svd(standard[before], full_matrices=False)
    shares = np.cumsum(singular**2) / np.sum(singular**2)
    count = min(
        int(np.searchsorted(shares, EXPLAINED - 1e-12)) + 1, MOST_COMPONENTS, len(past) - _SPARE_PERIODS
    )
    if count <= 0:
        return np.empty((len(X), 0)), 0.0
    leading = loadings[np.arange(count), np.abs(loadings[:count]).argmax(axis=1)]
    scores = standard @ (loadings[:count] * np.sign(leading)[:, None]).T
    return scores / scores[before].std(axis=0), float(shares[count - 1])


def _smoothed(z: np.ndarray, scores: np.ndarray, level: str, params: np.ndarray) -> Any:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    exog = scores if scores.shape[1] else None
    model = UnobservedComponents(z, level=level, exog=exog, use_exact_diffuse=True)
    return model.smooth(params, cov_type="none")


def _aicc(summit: Summit, periods: int, level: str) -> float:
    """Return AICc over the periods that follow the diffuse first ones, infinite where there are too few."""
    used, count = periods - DIFFUSE[level], len(summit.params)
    if used <= count + 1:
        return np.inf
    return 2.0 * (count * used / (used - count - 1) - summit.loglike)


def _one_step_ahead(result: Any) -> np.ndarray:
    """Return the predictions before; the first, made from nothing, are the smoothed level instead."""
    predicted = np.array(result.fittedvalues, dtype=float)
    first = result.model.k_states
    design = np.asarray(result.model.ssm["design"]).reshape(1, -1)
    smoothed = (design @ result.smoothed_state)[0] + np.asarray(result.model.ssm["obs_intercept"])[0]
    predicted[:first] = smoothed[:first]
    return predicted


def _forecast_covariance(result: Any, steps: np.ndarray) -> np.ndarray:
    """Return the covariance of the forecast errors so many steps ahead, the parameters taken as known."""
    matrices = {name: np.asarray(result.model.ssm[name]) for name in ("transition", "selection", "state_cov")}
    transition, selection = matrices["transition"], matrices["selection"]
    shock = selection @ matrices["state_cov"] @ selection.T
    design = np.asarray(result.model.ssm["design"]).reshape(1, -1)
    state = result.predicted_state_cov[:, :, -1]
    most = int(steps[-1])
    covariance = np.empty((most, most))
    for i in range(most):
        cross = state
        for j in range(i, most):
            covariance[i, j] = covariance[j, i] = (design @ cross @ design.T)[0, 0]
            cross = cross @ transition.T
        state = transition @ state @ transition.T + shock
    covariance += np.eye(most) * float(np.asarray(result.model.ssm["obs_cov"]).ravel()[0])
    return covariance[np.ix_(steps - 1, steps - 1)]


def structural_time_series(outcome: pd.DataFrame, design: Design) -> Estimate:
    """Forecast of the treated unit by its own local level or trend and the donors' principal components.

    Parameters
    ----------
    outcome : DataFrame, period x unit
        Periods left out just before the window leave it as many steps ahead as it is; one left out earlier
        is refused.
    design : Design

    Returns
    -------
    Estimate
        ``weights`` is None. Before the window the counterfactual is the one-step-ahead prediction.
        ``details``: ``forecast_interval`` (90 %, the model and its parameters taken as known, so too
        narrow), ``forecast_error`` by period of the window, ``model``, ``components``, ``explained`` and
        ``aicc``.

    Raises
    ------
    DesignError
        See :meth:`Design.prepare`.

    Notes
    -----
    Brodersen, Gallusser, Koehler, Remy & Scott (2015), eq. 2.1-2.2, by maximum likelihood in place of their
    prior, with principal components in place of the spike and slab. Local level or local linear trend by
    AICc before the window. The variances are sought over all of their range
    (:func:`attraktiv_eval.counterfactual.solvers.variances.highest`); the model itself, its smoothed level
    and its forecast are statsmodels'.

    Examples
    --------
    >>> from attraktiv_eval import Design, Panel
    >>> rates = Panel.load().rate("net_migration")
    >>> design = Design("23", 2020, 2022, donors=["20", "21", "22", "24", "25"])
    >>> round(structural_time_series(rates, design).effect, 2)
    2.0
    """
    return estimate_with(METHOD, outcome, design, _tables)


def _tables(details: dict[str, Any], prepared: Prepared) -> None:
    if "forecast_error" in details:
        details["forecast_error"] = pd.Series(
            details["forecast_error"], index=prepared.inside, name="forecast_error"
        )


METHOD = Method(
    name="structural_time_series",
    labels={"sv": "Strukturell tidsserie", "en": "Structural time series"},
    estimate=structural_time_series,
    kernel=kernel,
    place=70,
    slow=True,
    forecasts=True,
)
