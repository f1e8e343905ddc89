"""Simulated panels, and how often the intervals hold the truth on them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attraktiv_eval.counterfactual.estimators import METHODS
from attraktiv_eval.counterfactual.method import (
    GOAL,
    SETTINGS,
    coverage_is_known,
    coverage_note,
    missed_coverage,
    recorded_coverage,
    recorded_scale_race,
)
from attraktiv_eval.errors import DesignError
from attraktiv_eval.regions import COUNTIES, NEIGHBOURS
from attraktiv_eval.statistics.panel import Panel
from scripts.coverage_simulation import coverage, fit_factor_model, model_of, simulate
from scripts.scale_race import SCALES, outside_scales

CONVEX = [
    "difference_in_differences",
    "synthetic_control",
    "demeaned_synthetic_control",
    "augmented_synthetic_control",
    "synthetic_did",
]


PLACE = {"treated": "23", "neighbours": NEIGHBOURS["23"]}


@pytest.fixture(scope="module")
def model():
    return model_of(Panel.load())


def test_the_panels_are_of_the_countys_size_and_repeat_with_the_seed(model):
    one, two = (simulate(model, "own_noise", np.random.default_rng(4), treated="23") for _ in range(2))
    assert one.outcome.shape == (26, 21) and one.window.sum() == 3
    assert model.units[one.treated] == "23"
    np.testing.assert_array_equal(one.outcome, two.outcome)


def test_a_known_model_is_found_again():
    generator = np.random.default_rng(3)
    factor = np.zeros(400)
    for t in range(1, 400):
        factor[t] = 0.7 * factor[t - 1] + generator.normal()
    loadings = generator.uniform(0.5, 2.0, 12)
    noise = generator.normal(size=(400, 12)) * np.linspace(0.2, 0.6, 12)
    table = pd.DataFrame(5 + np.outer(factor, loadings) + noise, columns=[f"c{i}" for i in range(12)])
    found = fit_factor_model(table)
    assert found.loadings.shape == (12, 1) and found.factor_ar[0] == pytest.approx(0.7, abs=0.1)
    ratio = found.loadings[:, 0] * found.factor_sd[0] / loadings
    np.testing.assert_allclose(np.abs(ratio), 1.0, rtol=0.15)
    np.testing.assert_allclose(found.noise_sd, np.linspace(0.2, 0.6, 12), rtol=0.15)


def test_the_settings_differ_as_they_say(model):
    draws = {
        s: [simulate(model, s, np.random.default_rng([1, i]), **PLACE) for i in range(40)] for s in SETTINGS
    }
    assert len({one.treated for one in draws["equal_noise"]}) > 10
    assert len({one.treated for one in draws["regional_shock"]}) == 1
    shock = draws["regional_shock"][0].outcome - draws["own_noise"][0].outcome
    moved = {model.units[i] for i in np.flatnonzero(np.abs(shock).sum(axis=0))}
    assert moved == {"20", "21", "22", "23", "24"}
    assert not shock[:23].any() and shock[24, 20 - 2] == pytest.approx(shock[24].max())


def test_a_treated_unit_that_the_model_lacks_is_refused(model):
    with pytest.raises(DesignError, match="no unit '99'"):
        simulate(model, "own_noise", np.random.default_rng(1), treated="99")


def test_the_further_settings_are_what_they_say(model):
    generators = (np.random.default_rng([1, draw]) for draw in range(20))
    for generator in generators:
        few = simulate(model, "fifteen_donors", generator, **PLACE)
        assert few.X.shape == (26, 15)
        spread = model.table().set_index("unit")["noise_sd"]
        for setting, chosen in (("calmest", spread.idxmin()), ("noisiest", spread.idxmax())):
            drawn = simulate(model, setting, generator, **PLACE)
            assert model.units[drawn.treated] == chosen
    seeds = [np.random.default_rng([2, draw]) for draw in range(200)]
    dips = [simulate(model, "after_dip", seed, **PLACE).y for seed in seeds]
    plain = [simulate(model, "own_noise", np.random.default_rng([2, draw]), **PLACE).y for draw in range(200)]
    apart = np.mean([y[22] - y[:22].mean() for y in dips]) - np.mean([y[22] - y[:22].mean() for y in plain])
    assert apart < 0


def test_the_scales_outside_the_sample_are_the_misses_of_pretended_windows():
    values = np.random.default_rng(1).normal(size=(20, 6)).cumsum(axis=0)
    y, X = values[:, 0], values[:, 1:]
    found = outside_scales(y, X, 17, 3, "difference_in_differences", min_before=12)
    misses = []
    for start in (12, 13, 14):
        change = values[start : start + 3].mean(axis=0) - values[:start].mean(axis=0)
        misses.append(change[0] - change[1:].mean())
    assert len(found) == 6 and found[-1] == pytest.approx(np.sqrt(np.mean(np.square(misses))))
    changed = values.copy()
    changed[17:] = 99.0
    again = outside_scales(changed[:, 0], changed[:, 1:], 17, 3, "difference_in_differences", min_before=12)
    np.testing.assert_array_equal(found, again)


def test_the_scale_that_is_used_won_the_recorded_race():
    told = recorded_scale_race()
    wide = told.pivot_table(index=["panel", "method"], columns="scale", values="mean_half_width")
    assert (wide["in_sample"] < wide["out_of_sample"]).mean() > 0.5
    held = told[told["panel"].isin(SETTINGS[:2]) & (told["scale"] == "in_sample")]
    assert held["coverage"].between(GOAL[0] - 0.03, GOAL[1] + 0.03).all()  # 400 draws
    assert set(told["scale"]) == set(SCALES) and (told["cases"] >= 100).any()


def test_neighbours_are_neighbours_of_each_other():
    assert set(NEIGHBOURS) == set(COUNTIES)
    assert all(code in NEIGHBOURS[other] for code, near in NEIGHBOURS.items() for other in near)


def test_an_unknown_setting_is_refused(model):
    with pytest.raises(DesignError, match="unknown setting"):
        simulate(model, "calm", np.random.default_rng(1), treated="23")


def test_a_small_run_holds_the_truth_about_nine_times_in_ten(model):
    told = coverage(model, CONVEX[:3], settings=SETTINGS[:2], draws=150, seed=8)
    placebo = told[told["interval"] == "placebo"]
    assert placebo["coverage"].between(0.82, 0.97).all()  # three standard errors of 150 draws
    assert (told["coverage"] + told["rejection"] == 1).all()
    again = coverage(model, CONVEX[:1], settings=SETTINGS[:1], draws=150, seed=8)
    pd.testing.assert_frame_equal(again, told.head(len(again)))


def test_the_recorded_run_meets_the_goal_or_the_method_says_so():
    told = recorded_coverage()
    placebo = told[told["interval"].isin(["placebo", "forecast"]) & told["setting"].isin(SETTINGS[:2])]
    assert set(placebo["method"]) == set(METHODS)
    assert (placebo["draws"] >= 2000).all()
    for (method, interval), rows in placebo.groupby(["method", "interval"]):
        met = rows["coverage"].between(*GOAL).all()
        assert (coverage_note(method, interval) == "") == met


@pytest.mark.parametrize(("language", "said"), [("en", "is not known"), ("sv", "är inte känt")])
def test_what_was_never_tried_on_simulated_panels_has_no_known_coverage(language, said):
    assert not coverage_is_known("my_method", "placebo") and missed_coverage("my_method", "placebo") is None
    assert said in coverage_note("my_method", "placebo", language)
    assert said in coverage_note("structural_time_series", "placebo", language)
    assert coverage_is_known("synthetic_did", "placebo")
    assert coverage_note("synthetic_did", "placebo", language) == ""


@pytest.mark.prove
@pytest.mark.parametrize("method", CONVEX[:3])
def test_the_full_run_gives_the_recorded_figures(model, method):
    told = coverage(model, [method], n_jobs=-1)
    recorded = recorded_coverage()
    own = recorded[(recorded["method"] == method) & recorded["setting"].isin(SETTINGS)]
    np.testing.assert_allclose(told["coverage"], own["coverage"], atol=0.002)
