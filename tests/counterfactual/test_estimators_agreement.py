"""The same numbers from independent packages, on simulated panels by seed.

They are imported where they are asked: both workers collect every test, one of them runs these.
Known of them: the Frank-Wolfe solvers of synthdid-py and diff-diff stop early, so our objective may
be lower but never higher; pysyncon solves by SLSQP and cannot be trusted with a missing value.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from simulated import panel
from synthdid import did_estimate, sc_estimate, synthdid_estimate

from attraktiv_eval.counterfactual import Design, estimate
from attraktiv_eval.counterfactual.estimators.synthetic_did import TIME_PENALTY

DESIGN = Design(["u00"], 2012, 2015)
UNTIL = 2015
SEEDS = range(6)


def simulated(seed: int) -> pd.DataFrame:
    """Return a panel whose treated unit is near a mix of four donors, so that several carry weight."""
    outcome = panel(seed, units=10 + seed).loc[:UNTIL]
    rng = np.random.default_rng(100 + seed)
    outcome["u00"] = outcome.iloc[:, 1:5] @ [0.4, 0.3, 0.2, 0.1] + 0.4 * rng.normal(size=len(outcome))
    return outcome


def theirs(outcome: pd.DataFrame, estimator):
    """Run an estimator of synthdid-py, which wants units down, the treated one last."""
    ordered = outcome[[*outcome.columns[1:], "u00"]].T.to_numpy()
    return estimator(ordered, outcome.shape[1] - 1, int((outcome.index < 2012).sum()))


@pytest.mark.parametrize("seed", SEEDS)
def test_difference_in_differences_by_synthdid(seed):
    outcome = simulated(seed)
    ours = estimate(outcome, DESIGN, "difference_in_differences").effect
    assert ours == pytest.approx(float(theirs(outcome, did_estimate)), abs=1e-10)


@pytest.mark.parametrize("seed", SEEDS)
def test_synthetic_control_by_synthdid(seed):
    outcome = simulated(seed)
    ours, other = estimate(outcome, DESIGN), theirs(outcome, sc_estimate)
    past = outcome.loc[:2011]

    def squared_gap(w):
        return float(((past["u00"] - past.iloc[:, 1:] @ w) ** 2).sum())

    best, reached = squared_gap(ours.weights.to_numpy()), squared_gap(other.weights.omega)
    assert best <= reached + 1e-9
    if ours.details["unique"] and reached < best * 1.0001:
        assert np.allclose(ours.weights, other.weights.omega, atol=0.02)
        assert ours.effect == pytest.approx(float(other), abs=0.05)


@pytest.mark.parametrize("seed", SEEDS)
def test_synthetic_did_by_synthdid(seed):
    outcome = simulated(seed)
    ours, other = estimate(outcome, DESIGN, "synthetic_did"), theirs(outcome, synthdid_estimate)
    past, later = outcome.loc[:2011], outcome.loc[2012:].iloc[:, 1:].mean()
    across = past.iloc[:, 1:].sub(past["u00"], axis=0)
    along = past.iloc[:, 1:].T.sub(later, axis=0)

    def unit_objective(w):
        return float(
            ((across - across.mean()) @ w).pow(2).sum() + len(past) * ours.details["zeta"] ** 2 * (w @ w)
        )

    def time_objective(w):
        ridge = across.shape[1] * (TIME_PENALTY * ours.details["sigma"]) ** 2
        return float(((along - along.mean()) @ w).pow(2).sum() + ridge * (w @ w))

    omega, lambda_ = other.weights.omega, other.weights.lambda_
    assert unit_objective(ours.weights.to_numpy()) <= unit_objective(omega) + 1e-9
    assert time_objective(ours.details["period_weights"].to_numpy()) <= time_objective(lambda_) + 1e-9
    assert np.allclose(ours.weights, omega, atol=0.02)
    assert ours.effect == pytest.approx(float(other), abs=0.05)


def as_long(outcome: pd.DataFrame) -> pd.DataFrame:
    table = outcome.rename_axis(index="time", columns="unit").reset_index()
    return table.melt(id_vars="time", var_name="unit", value_name="y")


def prepared(outcome: pd.DataFrame):
    from pysyncon import Dataprep

    before = [year for year in outcome.index if year < 2012]
    return Dataprep(
        foo=as_long(outcome),
        predictors=[],
        predictors_op="mean",
        dependent="y",
        unit_variable="unit",
        time_variable="time",
        treatment_identifier="u00",
        controls_identifier=list(outcome.columns[1:]),
        time_predictors_prior=before,
        time_optimize_ssr=before,
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("ridge", [0.5, 20.0])
def test_augmented_weights_by_pysyncon(seed, ridge):
    from pysyncon import AugSynth

    outcome = simulated(seed)
    other = AugSynth()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other.fit(prepared(outcome), lambda_=ridge, use_covariates=False)
    ours = estimate(outcome, DESIGN, "augmented_synthetic_control", ridge=ridge)
    past = outcome.loc[:2011]

    def squared_gap(w):
        return float(((past["u00"] - past.iloc[:, 1:] @ w) ** 2).sum())

    best, reached = squared_gap(ours.details["convex_weights"].to_numpy()), squared_gap(other.synw)
    assert best <= reached + 1e-6
    if ours.details["unique"]:
        assert np.allclose(ours.weights, other.W, atol=2e-3)
        gap = outcome["u00"] - outcome.iloc[:, 1:] @ other.W
        assert ours.effect == pytest.approx(gap.loc[2012:].mean(), abs=1e-2)


@pytest.mark.parametrize("seed", SEEDS)
def test_synthetic_control_by_pysyncon(seed):
    from pysyncon import Synth

    outcome = simulated(seed)
    other = Synth()
    before = outcome.index[outcome.index < 2012]
    past = outcome.loc[before]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other.fit(
            X0=past.iloc[:, 1:],
            X1=past["u00"],
            Z0=past.iloc[:, 1:],
            Z1=past["u00"],
            custom_V=np.ones(len(past)),
        )
    ours = estimate(outcome, DESIGN).weights.to_numpy()

    def squared_gap(w):
        return float(((past["u00"] - past.iloc[:, 1:] @ w) ** 2).sum())

    assert squared_gap(ours) <= squared_gap(np.asarray(other.W)) + 1e-9


def by_diff_diff(outcome: pd.DataFrame, estimator, treatment: str):
    long = as_long(outcome)
    long["treated"] = (long["unit"] == "u00").astype(int)
    long["now"] = long["treated"] * (long["time"] >= 2012).astype(int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return estimator.fit(long, "y", treatment, "unit", "time", post_periods=list(range(2012, UNTIL + 1)))


@pytest.mark.parametrize("seed", SEEDS)
def test_synthetic_control_by_diff_diff(seed):
    from diff_diff import SyntheticControl

    outcome = simulated(seed)
    before = int((outcome.index < 2012).sum())
    other = by_diff_diff(
        outcome, SyntheticControl(v_method="custom", custom_v=np.ones(before), standardize="none"), "now"
    )
    ours = estimate(outcome, DESIGN)
    past = outcome.loc[:2011]
    weights = pd.Series(other.donor_weights).reindex(outcome.columns[1:]).fillna(0)

    def squared_gap(w):
        return float(((past["u00"] - past.iloc[:, 1:] @ w) ** 2).sum())

    assert squared_gap(ours.weights) <= squared_gap(weights) + 1e-9
    if ours.details["unique"]:
        assert np.allclose(ours.weights, weights, atol=5e-3)
        assert ours.effect == pytest.approx(other.att, abs=5e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_synthetic_did_by_diff_diff(seed):
    from diff_diff import SyntheticDiD

    outcome = simulated(seed)
    other = by_diff_diff(outcome, SyntheticDiD(n_bootstrap=2, seed=1), "treated")
    assert estimate(outcome, DESIGN, "synthetic_did").effect == pytest.approx(other.att, abs=2e-3)


def test_one_missing_value_costs_one_donor():
    """The reason why gaps are looked for before anything is fitted."""
    outcome = simulated(2)
    outcome.loc[2005, "u03"] = np.nan
    result = estimate(outcome, DESIGN, "augmented_synthetic_control", ridge=5.0)
    assert list(result.dropped) == ["u03"]
    clean = estimate(outcome.drop(columns="u03"), DESIGN, "augmented_synthetic_control", ridge=5.0)
    assert result.effect == clean.effect
