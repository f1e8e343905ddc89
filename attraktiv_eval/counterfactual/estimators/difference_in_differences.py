"""Difference in differences with one treated unit or group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.design import Design, known_design
from attraktiv_eval.counterfactual.estimate import Estimate, Fit, estimate_with
from attraktiv_eval.counterfactual.method import Method

__all__ = ["METHOD", "difference_in_differences", "kernel"]


def kernel(
    y: np.ndarray, X: np.ndarray, before: np.ndarray, window: np.ndarray, *, n_treated: int = 1
) -> Fit:
    """Fit difference in differences to arrays; see :func:`difference_in_differences`."""
    difference = y - X.mean(axis=1)
    gap = difference - difference[before].mean()
    return Fit(gap, y - gap, np.full(X.shape[1], 1.0 / X.shape[1]))


def difference_in_differences(outcome: pd.DataFrame, design: Design) -> Estimate:
    """Change of the treated unit less the mean change of the donors.

    Parameters
    ----------
    outcome : DataFrame, period x unit
    design : Design

    Returns
    -------
    Estimate
        ``details["event_study"]``: coefficients by period, the last period before being the base (0);
        ``details["pre_trend"]``: root mean square of the leads.

    Raises
    ------
    DesignError
        See :meth:`Design.prepare`.

    Notes
    -----
    Unit and time effects by least squares. In a balanced panel with one treated unit the two-way regression
    is the regression of the difference between the treated unit and the donors' mean on the window, which
    is what is fitted here. No clustered standard error is given: with one treated unit it rejects "no
    effect" far too often (Conley & Taber 2011); inference is by placebo. Reproduces -27.349 on the smoking
    data (Arkhangelsky et al. 2021, table 1).

    Examples
    --------
    >>> from attraktiv_eval import Design, Panel
    >>> rates = Panel.load().rate("net_migration")
    >>> design = Design("23", 2020, 2022)
    >>> round(difference_in_differences(rates, design).effect, 2)
    4.97
    """
    prepared = known_design(design).prepare(outcome)
    result = estimate_with(METHOD, prepared, design)
    result.details.update(_regressions(prepared))
    return result


def _regressions(prepared: Any) -> dict[str, Any]:
    from statsmodels.regression.linear_model import OLS

    used = prepared.before | prepared.window
    difference = (prepared.y - prepared.X.mean(axis=1))[used]
    periods, window = prepared.periods[used], prepared.window[used]
    point = OLS(difference, np.column_stack([np.ones(len(window)), window])).fit().params[1]
    base = int(np.flatnonzero(~window)[-1])
    dummies = np.eye(len(window))
    dummies[:, base] = 1.0
    coefficients = OLS(difference, dummies).fit().params
    coefficients[base] = 0.0
    leads = np.delete(coefficients[~window], base)
    return {
        "point": float(point),
        "event_study": pd.Series(coefficients, index=periods, name="coefficient"),
        "pre_trend": float(np.sqrt(np.mean(leads**2))),
    }


METHOD = Method(
    name="difference_in_differences",
    labels={"sv": "Skillnad i skillnader", "en": "Difference in differences"},
    estimate=difference_in_differences,
    kernel=kernel,
    place=10,
    shown=True,
    lists_weights=False,
    conformal=True,
)
