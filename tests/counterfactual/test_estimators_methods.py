"""Each method against its own definition."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated import panel
from statsmodels.regression.linear_model import OLS

from attraktiv_eval.counterfactual import KERNELS, METHODS, Design, conformal_interval, estimate
from attraktiv_eval.counterfactual.estimators.augmented_synthetic_control import ridge_grid
from attraktiv_eval.counterfactual.estimators.matrix_completion import FOLDS, GRID, _folds, choose_penalty
from attraktiv_eval.counterfactual.estimators.structural_time_series import principal_components
from attraktiv_eval.counterfactual.solvers.nuclear import complete, largest_penalty
from attraktiv_eval.counterfactual.solvers.simplex import convex_weights
from attraktiv_eval.counterfactual.solvers.variances import highest
from attraktiv_eval.errors import DesignError
from attraktiv_eval.statistics.panel import Panel
from attraktiv_eval.texts import LANGUAGES

DESIGN = Design(["u00"], 2013, 2016)
OUTCOME = panel(3, units=8)
ROOT = Path(__file__).resolve().parents[2]
#: The methods that are named by hand outside their own file, and why; a parameter's default needs no reason.
CHOSEN = {
    ("attraktiv_eval/counterfactual/power.py", "METHOD"): "a parameter's default, twice",
    ("attraktiv_eval/counterfactual/staggered.py", "SCALED_AS"): "whose placebos scale the pooled weights",
    ("attraktiv_eval/design/compared.py", "METHODS_COMPARED"): "whose range a design shows before a project",
    ("attraktiv_eval/design/compared.py", "METHOD_OF_MUNICIPALITIES"): "one for hundreds of units",
    ("attraktiv_eval/explore/level_boards.py", "METHOD"): "what the panel opens with",
    ("attraktiv_eval/level3/comparison.py", "MUNICIPAL_METHOD"): "in the place of a slow primary one",
    ("scripts/scale_race.py", "RACED"): "whom the recorded race of scales was run with",
}


def named_by_hand(source: str) -> set[str]:
    """Return where a module spells a method's name: the name given at its top, or else the line.

    A default of a parameter ``method`` is how a function says what it does where nothing is asked, and prose
    in docstrings names methods as it likes; neither is a list.
    """
    tree, found = ast.parse(source), set()
    spared: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arguments):
            pairs = [*zip(node.args[::-1], node.defaults[::-1], strict=False)]
            pairs += [*zip(node.kwonlyargs, node.kw_defaults, strict=True)]
            spared |= {id(default) for name, default in pairs if name.arg == "method"}
    for statement in tree.body:
        given = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
        for node in ast.walk(statement):
            if isinstance(node, ast.Constant) and node.value in METHODS and id(node) not in spared:
                found.add(getattr(given[0], "id", f"line {node.lineno}"))
    return found


def test_no_module_but_its_own_lists_a_method():
    files = [*(ROOT / "attraktiv_eval").rglob("*.py"), *(ROOT / "scripts").rglob("*.py")]
    found = {
        (path.relative_to(ROOT).as_posix(), where)
        for path in files
        if path.parent.name != "estimators"
        for where in named_by_hand(path.read_text(encoding="utf-8"))
    }
    assert found == set(CHOSEN)


@pytest.mark.parametrize(
    ("source", "where"),
    [
        ('SLOW = ("matrix_completion",)', {"SLOW"}),
        ('NAMES: dict[str, str] = {"synthetic_did": "x"}', {"NAMES"}),
        ('def f(one):\n    return one == "synthetic_control"', {"line 2"}),
        ('def f(method="synthetic_control"):\n    """As synthetic_control."""', set()),
        ('def f(*, method="synthetic_control", other="synthetic_did"): ...', {"line 1"}),
    ],
)
def test_a_list_of_methods_is_found_out(source, where):
    assert named_by_hand(source) == where


@pytest.mark.parametrize("name", METHODS)
def test_every_method_is_complete(name):
    method = METHODS[name]
    assert import_module(f"attraktiv_eval.counterfactual.estimators.{name}").METHOD is method
    assert (method.name, method.estimate.__name__, KERNELS[name]) == (name, name, method.kernel)
    assert set(method.labels) == set(LANGUAGES) and all(method.labels.values())
    for language in LANGUAGES:
        assert [one.labels[language] for one in METHODS.values()].count(method.labels[language]) == 1
    assert method.__doc__ == method.estimate.__doc__
    assert method(OUTCOME, DESIGN).effect == estimate(OUTCOME, DESIGN, name).effect


@pytest.mark.parametrize("name", METHODS)
def test_what_a_method_says_of_itself_is_what_it_does(name):
    method = METHODS[name]
    result = estimate(OUTCOME, DESIGN, name)
    assert method.convex == (result.residual is not None)
    assert method.forecasts == ("forecast_interval" in result.details)
    if result.weights is not None:
        assert method.lists_weights == (len(set(result.weights)) > 1)
    if method.tuned_once is not None:
        tuned = {method.tuned_once: result.details[method.tuned_once]}
        assert method.tuned_once in method.options
        assert estimate(OUTCOME, DESIGN, name, **tuned).effect == pytest.approx(result.effect)
    if method.conformal:
        assert conformal_interval(OUTCOME, DESIGN, name).low < np.inf
    else:
        with pytest.raises(DesignError, match="no conformal interval"):
            conformal_interval(OUTCOME, DESIGN, name)


AT_ONCE = [name for name, method in METHODS.items() if method.every_unit]
BEFORE, WINDOW = np.arange(16) < 12, (np.arange(16) >= 12) & (np.arange(16) < 15)


def one_by_one(name, X, **option):
    kernel = METHODS[name].kernel
    gaps = [kernel(X[:, j], np.delete(X, j, 1), BEFORE, WINDOW, **option).gap for j in range(X.shape[1])]
    return np.column_stack(gaps)


@pytest.mark.parametrize("name", AT_ONCE)
def test_all_placebos_at_once_are_those_one_by_one(name):
    method, X = METHODS[name], OUTCOME.to_numpy()
    option = {method.tuned_once: 0.05} if method.tuned_once else {}
    at_once = method.every_unit(X, BEFORE, WINDOW, n_treated=1, **option)
    np.testing.assert_allclose(at_once, one_by_one(name, X, **option), atol=1e-6 * X.std())
    hole = np.where(np.arange(X.size).reshape(X.shape) == 5, np.nan, X)
    assert method.every_unit(hole, BEFORE, WINDOW, n_treated=1, **option) is None
    if method.tuned_once:
        assert method.every_unit(X, BEFORE, WINDOW, n_treated=1) is None


def odd_panels(seed, units, kind):
    """Panels on which several mixes fit equally well, or almost none does."""
    rng = np.random.default_rng(seed)
    X = panel(seed, units=units).to_numpy().copy()
    if kind == "twins":
        X[:, -1] = X[:, 0]
    elif kind == "alike":
        X = X[:, :1] + np.zeros((1, units))
    elif kind == "whole":
        X = rng.integers(0, 3, size=X.shape).astype(float)
    elif kind == "constant":
        X[:, 0] = 3.0
    elif kind == "volatile":
        X[:, 0] *= 100.0
    elif kind == "steady":
        X = np.add.outer(np.arange(16.0), rng.integers(0, 9, size=units))
        X[:, 0] += rng.normal(size=16)
    elif kind == "high":
        X += 1e6
    return X


@pytest.mark.parametrize("name", [name for name in AT_ONCE if not METHODS[name].slow])
@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    units=st.sampled_from([3, 4, 11, 13, 30]),
    kind=st.sampled_from(["", "twins", "alike", "whole", "constant", "volatile", "steady", "high"]),
)
def test_what_is_not_certain_at_once_is_solved_one_by_one(name, seed, units, kind):
    X = odd_panels(seed, units, kind)
    option = {METHODS[name].tuned_once: 0.5 * X.std() ** 2 + 0.1} if METHODS[name].tuned_once else {}
    at_once = METHODS[name].every_unit(X, BEFORE, WINDOW, n_treated=1, **option)
    if at_once is not None:
        near = 1e-7 * (np.ptp(X) + 1.0)
        np.testing.assert_allclose(at_once, one_by_one(name, X, **option), atol=near)
    else:
        assert units == 3 or kind in ("alike", "steady", "whole", "constant")


def test_difference_in_differences_is_the_two_way_regression():
    result = estimate(OUTCOME, DESIGN, "difference_in_differences")
    long = OUTCOME.rename_axis(columns="unit").reset_index().melt("year", var_name="unit", value_name="y")
    dummies = pd.get_dummies(long[["unit"]], dtype=float).join(
        pd.get_dummies(long["year"], prefix="t", drop_first=True, dtype=float)
    )
    treated = ((long["unit"] == "u00") & (long["year"] >= 2013)).astype(float).rename("effect")
    fit = OLS(long["y"], dummies.join(treated)).fit()
    assert result.effect == pytest.approx(fit.params["effect"], abs=1e-10)
    assert result.details["point"] == pytest.approx(result.effect, abs=1e-10)

    leads = pd.get_dummies(long["year"], prefix="e", dtype=float).drop(columns="e_2012")
    leads = leads.mul(long["unit"] == "u00", axis=0)
    coefficients = OLS(long["y"], dummies.join(leads)).fit().params[leads.columns]
    study = result.details["event_study"]
    assert study[2012] == 0
    assert np.allclose(study.drop(2012), coefficients, atol=1e-9)
    assert result.details["pre_trend"] == pytest.approx(np.sqrt((study.loc[:2011] ** 2).mean()))


def test_difference_in_differences_claims_no_standard_error():
    told = estimate(OUTCOME, DESIGN, "difference_in_differences").details
    assert not {"se", "p_value", "interval"} & set(told)


def test_synthetic_control_is_the_weighted_mean_of_its_donors():
    result = estimate(OUTCOME, DESIGN)
    assert np.allclose(result.counterfactual, OUTCOME.iloc[:, 1:] @ result.weights)
    assert result.pre_rmse == pytest.approx(np.sqrt((result.gap.loc[:2012] ** 2).mean()))


def test_demeaned_synthetic_control_has_no_mean_gap_before():
    result = estimate(OUTCOME, DESIGN, "demeaned_synthetic_control")
    assert result.gap.loc[:2012].mean() == pytest.approx(0, abs=1e-12)
    shifted = OUTCOME + np.arange(8) * 50.0
    assert estimate(shifted, DESIGN, "demeaned_synthetic_control").effect == pytest.approx(result.effect)


def test_augmented_weights_follow_their_formula():
    ridge = 3.7
    result = estimate(OUTCOME, DESIGN, "augmented_synthetic_control", ridge=ridge)
    past = OUTCOME.loc[:2012]
    centre = past.iloc[:, 1:].mean(axis=1)
    X0, x1 = past.iloc[:, 1:].sub(centre, axis=0).T.to_numpy(), (past["u00"] - centre).to_numpy()
    w = convex_weights(past["u00"].to_numpy(), past.iloc[:, 1:].to_numpy()).weights
    expected = w + (x1 - X0.T @ w) @ np.linalg.inv(X0.T @ X0 + ridge * np.eye(len(x1))) @ X0.T
    assert np.allclose(result.weights, expected, atol=1e-10)
    assert result.details["ridge"] == ridge
    negative = result.weights[result.weights < 0].sum()
    assert result.details["extrapolation"] == pytest.approx(-negative)


def test_augmented_penalty_by_leaving_one_period_out():
    result = estimate(OUTCOME, DESIGN, "augmented_synthetic_control")
    past = OUTCOME.loc[:2012]
    X0 = past.iloc[:, 1:].sub(past.iloc[:, 1:].mean(axis=1), axis=0).T.to_numpy()
    grid = ridge_grid(X0)
    assert len(grid) == 21
    assert grid[0] == pytest.approx(np.linalg.svd(X0, compute_uv=False)[0] ** 2)
    assert grid[10] == pytest.approx(grid[0] * 1e-4)
    errors = np.empty((len(past), len(grid)))
    for row, year in enumerate(past.index):
        rest = OUTCOME.drop(index=year)
        for column, ridge in enumerate(grid):
            w = estimate(rest, DESIGN, "augmented_synthetic_control", ridge=ridge).weights
            errors[row, column] = (past.loc[year, "u00"] - past.loc[year].iloc[1:] @ w) ** 2
    mean, spread = errors.mean(axis=0), errors.std(axis=0, ddof=1) / np.sqrt(len(past))
    best = mean.argmin()
    chosen = max(g for g, m in zip(grid, mean, strict=True) if m <= mean[best] + spread[best])
    assert result.details["ridge"] == pytest.approx(chosen)
    assert np.allclose(result.details["cross_validation"]["mean_squared_error"], mean)


def test_a_large_augmented_penalty_is_synthetic_control():
    far = estimate(OUTCOME, DESIGN, "augmented_synthetic_control", ridge=1e12).effect
    assert far == pytest.approx(estimate(OUTCOME, DESIGN).effect, abs=1e-8)


@pytest.mark.parametrize("value", [0, -1.0, float("nan")])
def test_penalties_must_be_positive(value):
    with pytest.raises(DesignError, match="above 0"):
        estimate(OUTCOME, DESIGN, "augmented_synthetic_control", ridge=value)
    with pytest.raises(DesignError, match="above 0"):
        estimate(OUTCOME, DESIGN, "matrix_completion", penalty=value)


def test_synthetic_did_baseline_and_period_weights():
    result = estimate(OUTCOME, DESIGN, "synthetic_did")
    along = result.details["period_weights"]
    assert along.index.tolist() == list(range(2001, 2013))
    assert (along >= 0).all()
    assert along.sum() == pytest.approx(1, abs=1e-12)
    raw = OUTCOME["u00"] - OUTCOME.iloc[:, 1:] @ result.weights
    assert result.effect == pytest.approx(raw.loc[2013:].mean() - raw.loc[:2012] @ along)
    sigma = OUTCOME.iloc[:12, 1:].diff().iloc[1:].to_numpy().std(ddof=1)
    assert result.details["zeta"] == pytest.approx(4**0.25 * sigma)


def test_synthetic_did_on_donors_without_noise_falls_back_on_least_norm():
    """All first differences alike: the noise is nothing, and so is the penalty."""
    steady = pd.DataFrame(np.add.outer(np.arange(10.0), np.arange(6.0)), columns=list("abcdef"))
    steady["a"] += np.random.default_rng(2).normal(size=10)
    result = estimate(steady, Design(["a"], 8, 9), "synthetic_did")
    assert np.allclose(result.weights, 0.2)


def treated_panel() -> tuple[np.ndarray, np.ndarray]:
    values = np.roll(OUTCOME.to_numpy(), -1, axis=1)
    observed = np.ones(values.shape, dtype=bool)
    observed[12:, -1] = False
    return values, observed


@pytest.mark.parametrize("share", [0.5, 0.1, 0.02])
def test_matrix_completion_meets_the_conditions_of_its_optimum(share):
    values, observed = treated_panel()
    threshold = share * largest_penalty(values, observed) * observed.sum() / 2
    fitted = complete(values, observed[None], np.array([threshold]), tolerance=1e-12)[0]
    left = np.where(observed, values - fitted, 0.0)
    assert np.allclose(left.sum(axis=0), 0, atol=1e-8)
    assert np.allclose(left.sum(axis=1), 0, atol=1e-8)
    low_rank = fitted - fitted.mean(axis=0) - fitted.mean(axis=1, keepdims=True) + fitted.mean()
    left_vectors, singular, right_vectors = np.linalg.svd(low_rank, full_matrices=False)
    rank = int((singular > 1e-8).sum())
    U, V = left_vectors[:, :rank], right_vectors[:rank]
    assert rank > 0
    assert np.linalg.norm(left, 2) <= threshold * (1 + 1e-8)
    assert np.allclose(U.T @ left @ V.T, threshold * np.eye(rank), atol=1e-6 * threshold)


def test_matrix_completion_without_a_low_rank_part_is_difference_in_differences():
    values, observed = treated_panel()
    largest = largest_penalty(values, observed)
    effect = estimate(OUTCOME, DESIGN, "difference_in_differences").effect
    for penalty in (largest * 1.0001, largest * 100):
        result = estimate(OUTCOME, DESIGN, "matrix_completion", penalty=penalty)
        assert result.effect == pytest.approx(effect, abs=1e-7)
        assert result.details["rank"] == 0
    assert estimate(OUTCOME, DESIGN, "matrix_completion", penalty=largest * 0.9).details["rank"] == 1


def test_matrix_completion_chooses_by_folds_of_the_observed_cells():
    values, observed = treated_panel()
    penalty, table = choose_penalty(values, observed, seed=3)
    assert len(table) == 30
    assert table["penalty"].iloc[0] == pytest.approx(largest_penalty(values, observed))
    assert table["penalty"].iloc[-1] == pytest.approx(table["penalty"].iloc[0] * 1e-3)
    best = table.loc[table["mean_squared_error"].idxmin()]
    within = table[table["mean_squared_error"] <= best["mean_squared_error"] + best["standard_error"]]
    assert penalty == within["penalty"].max()
    assert choose_penalty(values, observed, seed=3)[0] == penalty
    again = np.where(observed, values, -1e6)
    assert choose_penalty(again, observed, seed=3)[0] == penalty


def test_structural_forecast_error_is_that_of_statsmodels():
    from attraktiv_eval.counterfactual.estimators import structural_time_series as module

    result = estimate(OUTCOME, DESIGN, "structural_time_series")
    prepared = DESIGN.prepare(OUTCOME)
    scores, _ = principal_components(prepared.X, prepared.before)
    y = prepared.y[prepared.before]
    z, x = (y - y.mean()) / y.std(), scores[prepared.before]
    params = highest(z, x, result.details["model"]).params
    fit = module._smoothed(z, x, result.details["model"], params)
    forecast = fit.get_forecast(4, exog=scores[prepared.window])
    assert np.allclose(result.details["forecast_error"], y.std() * forecast.se_mean, rtol=1e-6)
    assert np.allclose(result.counterfactual.loc[2013:], y.mean() + y.std() * forecast.predicted_mean)
    low, high = result.details["forecast_interval"]
    assert low < result.effect < high
    assert result.details["interval_kind"] == "forecast"


def test_structural_error_of_the_mean_is_that_of_simulated_paths():
    """The errors of a random walk's forecasts go together; their mean is far from independent."""
    from attraktiv_eval.counterfactual.estimators import structural_time_series as module

    walk = np.random.default_rng(4).normal(size=40).cumsum()
    z, none = (walk - walk.mean()) / walk.std(), np.empty((40, 0))
    level = "local linear trend"
    fit = module._smoothed(z, none, level, highest(z, none, level).params)
    covariance = module._forecast_covariance(fit, np.arange(1, 5 + 1))
    simulated = fit.simulate(5, anchor="end", repetitions=4000, rng=np.random.default_rng(1))[:, 0, :]
    state = fit.predicted_state_cov[:, :, -1]
    assert np.allclose(np.diag(covariance), fit.get_forecast(5).se_mean ** 2, rtol=1e-6)
    assert np.sqrt(covariance.mean()) == pytest.approx(np.asarray(simulated).mean(axis=0).std(), rel=0.1)
    assert state.shape == (2, 2)


def test_structural_components_explain_four_fifths():
    X = panel(6, units=12, factors=1, noise=0.05).to_numpy()
    before = np.arange(16) < 12
    scores, share = principal_components(X, before)
    assert scores.shape == (16, 1)
    assert share > 0.8
    assert np.allclose(scores[before].std(axis=0), 1)
    many, share = principal_components(np.random.default_rng(1).normal(size=(16, 30)), before)
    assert many.shape == (16, 3)
    assert share < 0.8


def test_structural_trend_is_followed():
    rng = np.random.default_rng(9)
    years = np.arange(30.0)
    outcome = pd.DataFrame({f"d{n}": rng.normal(size=30) for n in range(5)})
    outcome["a"] = 2 * years + 0.05 * rng.normal(size=30)
    result = estimate(outcome, Design(["a"], 27, 29), "structural_time_series")
    assert result.details["model"] == "local linear trend"
    assert result.effect == pytest.approx(0, abs=1)


def test_kernels_bear_a_constant_series_in_the_treated_place():
    """Placebos put every donor there, also one that never changes."""
    X, before = OUTCOME.to_numpy(), np.arange(16) < 12
    for name, kernel in KERNELS.items():
        fit = kernel(np.full(16, 3.0), X, before, ~before)
        assert np.isfinite(fit.gap).all(), name


def test_kernels_bear_donors_that_never_change():
    y, before = OUTCOME["u00"].to_numpy(), np.arange(16) < 12
    X = np.repeat(np.arange(1.0, 6.0)[None, :] / 10, 16, axis=0)
    for name, kernel in KERNELS.items():
        fit = kernel(y, X, before, ~before)
        assert np.isfinite(fit.gap).all(), name


def test_structural_forecast_ends_where_the_donors_do():
    outcome = OUTCOME.copy()
    outcome.loc[2015, "u03"] = np.nan
    gap = estimate(outcome, Design(["u00"], 2013, 2013), "structural_time_series").gap
    assert gap.loc[:2014].notna().all()
    assert gap.loc[2015:].isna().all()


def finely_chosen(values, observed):
    """The rule of the penalty with every fit of the cross-validation carried to the end."""
    penalties = largest_penalty(values, observed) * GRID
    fold = _folds(values, observed, 0)
    held = np.array([fold == k for k in range(FOLDS)])
    training, fitted, errors = observed & ~held, None, []
    for penalty in penalties:
        fitted = complete(values, training, penalty * training.sum(axis=(1, 2)) / 2.0, fitted, 1e-10)
        errors.append([np.mean((values - fit)[out] ** 2) for fit, out in zip(fitted, held, strict=True)])
    errors = np.array(errors)
    mean, spread = errors.mean(axis=1), errors.std(axis=1, ddof=1) / np.sqrt(FOLDS)
    best = mean.argmin()
    return penalties[np.flatnonzero(mean <= mean[best] + spread[best])[0]]


@pytest.mark.parametrize(
    ("outcome", "target", "start"), [("net_migration", "04", 2009), ("in_moves", "07", 2016)]
)
def test_the_penalty_is_that_of_fits_carried_to_the_end(outcome, target, start):
    """In the first panel the error of a penalty lies within 1e-5 of the rule's limit."""
    rates = Panel.load().rate(outcome, "county", until=start + 2).drop(columns="23").dropna(axis=1)
    values = np.column_stack([rates.drop(columns=target), rates[target]])
    observed = np.ones(values.shape, dtype=bool)
    observed[rates.index >= start, -1] = False
    assert choose_penalty(values, observed)[0] == pytest.approx(finely_chosen(values, observed), rel=1e-9)
