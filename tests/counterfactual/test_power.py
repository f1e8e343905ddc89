"""Power, the smallest detectable effect and the exaggeration factor, against counting by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attraktiv_eval.counterfactual.design import Design
from attraktiv_eval.counterfactual.inference import Placebos, placebo_in_space
from attraktiv_eval.counterfactual.power import (
    detectable_effect,
    exaggeration,
    minimum_detectable_effect,
    power,
    power_from_placebos,
)
from attraktiv_eval.errors import DesignError


def placebos_of(effects: list[float], scales: list[float] | None = None, scale: float = 1.0) -> Placebos:
    names = pd.Index([f"d{i}" for i in range(len(effects))], name="unit")
    return Placebos(
        estimate=None,  # type: ignore[arg-type]
        effects=pd.Series(effects, names),
        gaps=pd.DataFrame(columns=names),
        scales=pd.Series(scales or [1.0] * len(effects), names),
        ratios=pd.Series(1.0, names),
        own_effect=0.0,
        scale=scale,
        own_ratio=1.0,
    )


def found(placebos: Placebos, delta: float) -> float:
    return float((np.abs(placebos.noise + delta) > placebos.half_width()).mean())


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.floats(-50, 50, allow_subnormal=False), min_size=10, max_size=40),
    st.floats(0.1, 5.0),
    st.integers(0, 5),
)
def test_nothing_smaller_is_detected_and_a_hair_more_is(effects, scale, seed):
    scales = list(np.random.default_rng(seed).uniform(0.5, 2.0, len(effects)))
    placebos = placebos_of(effects, scales, scale)
    smallest = minimum_detectable_effect(placebos)
    size = max(1.0, placebos.half_width() + placebos.noise.abs().max())
    assert found(placebos, smallest + 1e-6 * size) >= 0.8
    for share in (0.2, 0.5, 0.9, 0.999):
        delta = share * smallest - 1e-6 * size
        if delta >= 0:
            assert found(placebos, delta) < 0.8


def test_scaled_noise_is_brought_to_the_treated_units_scale():
    placebos = placebos_of([2.0, -3.0, 1.0], [1.0, 2.0, 4.0], scale=2.0)
    assert placebos.noise.tolist() == [4.0, -3.0, 0.5]


def test_too_few_placebos_detect_nothing():
    assert minimum_detectable_effect(placebos_of([1.0, 2.0, 3.0])) == math.inf
    assert power_from_placebos(placebos_of([1.0, 2.0, 3.0]), [1e6])["power"].iloc[0] == 0.0


def test_power_counts_what_passes_the_border_and_its_sign():
    placebos = placebos_of([float(x) for x in range(-10, 10)])  # the border is the 19th of 20, 9
    assert placebos.half_width() == 9.0
    row = power_from_placebos(placebos, [3.0]).iloc[0]
    assert row["power"] == pytest.approx(3 / 20)  # 7, 8 and 9 become 10, 11 and 12
    assert row["exaggeration"] == pytest.approx(11.0 / 3.0)
    assert row["wrong_sign"] == 0.0
    assert power_from_placebos(placebos, [0.5]).iloc[0]["wrong_sign"] == pytest.approx(1 / 20)


def test_where_nothing_is_found_the_exaggeration_is_at_least_the_border_over_the_effect():
    placebos = placebos_of([-5.0] * 12)
    assert exaggeration(placebos, 1.0) == pytest.approx(5.0)
    assert exaggeration(placebos, 100.0) == pytest.approx(0.95)


def test_the_normal_rule_of_thumb_stands_beside():
    told = detectable_effect(placebos_of([3.0, -4.0] * 6))
    assert told.normal == pytest.approx(2.49 * math.sqrt(12.5))


@pytest.mark.parametrize(
    "method",
    ["difference_in_differences", "synthetic_control", "demeaned_synthetic_control", "synthetic_did"],
)
def test_power_agrees_with_adding_the_effect_to_each_donor_and_testing_again(method):
    generator = np.random.default_rng(7)
    values = generator.normal(size=(14, 2)).cumsum(axis=0) @ generator.normal(size=(2, 14))
    table = pd.DataFrame(values + generator.normal(size=(14, 14)), columns=[f"u{i:02d}" for i in range(14)])
    design = Design("u00", 11, 13)
    placebos = placebo_in_space(table, design, method)
    for effect in (0.5, 2.0, 6.0):
        told = power(table, design, method, [effect]).iloc[0]["power"]
        hits = 0
        for unit in table.columns[1:]:
            moved = table.drop(columns="u00")
            moved.loc[11:13, unit] += effect
            own = placebo_in_space(moved, Design(unit, 11, 13), method)
            brought = own.own_effect * placebos.scale / own.scale - effect * (placebos.scale / own.scale - 1)
            hits += abs(brought) > placebos.half_width()
        assert told == pytest.approx(hits / 13)


def drawn(units: int = 14) -> tuple[pd.DataFrame, Design]:
    values = np.random.default_rng(11).normal(size=(14, units)).cumsum(axis=0)
    return pd.DataFrame(values, columns=[f"u{i:02d}" for i in range(units)]), Design("u00", 11, 13)


def test_a_table_with_its_design_and_the_placebos_made_of_them_say_the_same():
    table, design = drawn()
    method = "difference_in_differences"
    placebos = placebo_in_space(table, design, method)
    assert minimum_detectable_effect(table, design, method) == minimum_detectable_effect(placebos)
    pd.testing.assert_frame_equal(power(table, design, method, [1.0]), power(placebos, effects=[1.0]))
    pd.testing.assert_frame_equal(power(placebos, effects=1.0), power(placebos, effects=[1.0]))


def test_a_fall_is_found_as_a_rise_is_among_mirrored_placebos():
    noise = [0.5 * x for x in range(-6, 15)]
    fall = power(placebos_of(noise), effects=[-4.0]).iloc[0]
    rise = power(placebos_of([-x for x in noise]), effects=[4.0]).iloc[0]
    assert fall.drop("effect").to_dict() == rise.drop("effect").to_dict()
    assert fall["power"] > 0


@pytest.mark.parametrize("share", [math.nan, 0, 1, -0.9, 90, "0.9x", None, True, math.inf, 1 + 2j])
def test_a_share_that_is_none_is_refused(share):
    placebos = placebos_of([1.0] * 12)
    for wrong in ({"level": share}, {"power": share}):
        with pytest.raises(DesignError, match="not a share between 0 and 1"):
            minimum_detectable_effect(placebos, **wrong)
    with pytest.raises(DesignError, match="not a share"):
        power(placebos, effects=[1.0], level=share)


@pytest.mark.parametrize("effects", [math.nan, [1.0, math.nan], [math.inf], ["many"], "many", [None], [1j]])
def test_an_effect_that_is_no_number_is_refused(effects):
    with pytest.raises(DesignError, match="no finite number"):
        power(placebos_of([1.0] * 12), effects=effects)


def test_what_cannot_be_tested_is_refused_in_the_packages_own_words():
    table, design = drawn()
    with pytest.raises(DesignError, match="unknown method"):
        minimum_detectable_effect(table, design, "guesswork")
    with pytest.raises(DesignError, match="design is missing"):
        minimum_detectable_effect(table)
    with pytest.raises(DesignError, match="no design"):
        power(table, "23", "difference_in_differences", [1.0])
    with pytest.raises(DesignError, match="neither a design nor options"):
        minimum_detectable_effect(placebos_of([1.0] * 12), design)
    with pytest.raises(DesignError):
        minimum_detectable_effect(None, design)
