"""The likelihood's summit, held against statsmodels' own likelihood and search."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.statespace.structural import UnobservedComponents

from attraktiv_eval import Design, Panel
from attraktiv_eval.counterfactual.estimators.structural_time_series import _aicc, principal_components
from attraktiv_eval.counterfactual.solvers.variances import BANDS, highest

LEVELS = tuple(BANDS)


def model(z, x, level, **options):
    return UnobservedComponents(z, level=level, exog=x if x.shape[1] else None, **options)


def series(seed, periods, regressors, noise, walk, slope):
    """Return a series of unit spread made of noise, a walk, a trend that walks and regressors."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(periods, regressors))
    z = noise * rng.normal(size=periods) + walk * rng.normal(size=periods).cumsum()
    z = z + slope * rng.normal(size=periods).cumsum().cumsum() + x.sum(axis=1)
    x, z = x - x.mean(axis=0), z - z.mean()
    return z / z.std(), x / x.std(axis=0)


def searched(z, x, level, starts):
    """Return the highest likelihood that statsmodels' own search finds from several starts."""
    made = model(z, x, level, use_exact_diffuse=True)
    found = []
    for start in starts:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = made.fit(start, method="bfgs", gtol=1e-8, maxiter=500, disp=False, cov_type="none")
        found.append(fit.llf)
    return max(found)


@pytest.mark.parametrize("level", LEVELS)
@given(
    seed=st.integers(0, 10_000),
    periods=st.integers(12, 40),
    regressors=st.integers(0, 3),
    walk=st.sampled_from([0.0, 0.1, 1.0]),
    slope=st.sampled_from([0.0, 0.02, 0.5]),
)
@settings(max_examples=12, deadline=None)
def test_no_search_of_statsmodels_climbs_higher(level, seed, periods, regressors, walk, slope):
    z, x = series(seed, periods, regressors, 1.0, walk, slope)
    found = highest(z, x, level)
    made = model(z, x, level, use_exact_diffuse=True)
    value = made.loglike(found.params, transformed=True)
    count = len(BANDS[level])
    starts = [made.start_params, np.append(np.full(count, 0.1), found.params[count:]), found.params + 1e-3]
    assert value >= searched(z, x, level, starts) - 1e-6


@pytest.mark.parametrize("level", LEVELS)
def test_the_slope_of_statsmodels_likelihood_is_nothing_there(level):
    z, x = series(5, 30, 2, 0.5, 0.5, 0.1)
    found = highest(z, x, level)
    made = model(z, x, level, use_exact_diffuse=True)
    inside = np.append(found.params[: len(BANDS[level])] > 0, np.ones(2, dtype=bool))
    slope = made.score(found.params, transformed=True, approx_complex_step=False, approx_centered=True)
    assert np.abs(slope[inside]).max() < 1e-3 * len(z)
    assert found.slope < 1e-5


@pytest.mark.parametrize("level", LEVELS)
def test_the_criterion_is_that_of_statsmodels(level):
    z, x = series(6, 25, 2, 0.5, 0.5, 0.1)
    found = highest(z, x, level)
    theirs = model(z, x, level).filter(found.params, cov_type="none").aicc
    assert _aicc(found, len(z), level) == pytest.approx(theirs, abs=1e-4)


def test_the_criterion_is_infinite_where_there_are_too_few_periods():
    z, x = series(6, 7, 2, 0.5, 0.5, 0.1)
    assert _aicc(highest(z, x, "local linear trend"), 7, "local linear trend") == np.inf


def test_a_higher_summit_than_the_one_near_the_usual_start_is_found():
    """One county's net migration has a likelihood of two summits: a climb from the usual starts ends low."""
    prepared = Design(["23"], 2020, 2022).prepare(Panel.load().rate("net_migration"))
    column = list(prepared.donors).index("06")
    y = prepared.X[prepared.before, column]
    scores, _ = principal_components(np.delete(prepared.X, column, axis=1), prepared.before)
    z, x = (y - y.mean()) / y.std(), scores[prepared.before]
    made = model(z, x, "local level", use_exact_diffuse=True)
    usual = np.asarray(made.start_params)
    second = np.append([0.05, 0.05], usual[2:])
    value = made.loglike(highest(z, x, "local level").params, transformed=True)
    assert value > searched(z, x, "local level", [usual, second]) + 0.3


@pytest.mark.parametrize("level", LEVELS)
def test_a_series_that_its_regressors_explain_wholly_has_an_answer(level):
    z, x = series(7, 20, 2, 1.0, 0.0, 0.0)
    found = highest(x[:, 0], x, level)
    assert np.isfinite(found.params).all()
    assert found.params[-2:] == pytest.approx([1.0, 0.0], abs=1e-6)
    straight = np.arange(20.0)
    straight = ((straight - straight.mean()) / straight.std())[:, None]
    assert np.isfinite(highest(z, straight, level).params).all()
