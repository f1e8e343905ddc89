"""Whatever the public functions are given: a number, or an error of the package's own."""

from __future__ import annotations

import math
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from attraktiv_eval.counterfactual import (
    METHODS,
    Design,
    conformal_interval,
    drift_test,
    estimate,
    event_study,
    leave_one_out,
    placebo_in_space,
    placebo_in_time,
)
from attraktiv_eval.counterfactual.common_weights import common_weights
from attraktiv_eval.counterfactual.inference import pseudo_effects
from attraktiv_eval.counterfactual.staggered import partial_pooling, staggered
from attraktiv_eval.errors import DesignError, EvaluationError, SourceError
from attraktiv_eval.level3.specification_curve import specification_curve
from attraktiv_eval.statistics.panel import Panel

QUICK = [name for name, method in METHODS.items() if not method.slow]


def panel(seed: int = 0, periods: int = 12, units: int = 6) -> pd.DataFrame:
    walks = np.random.default_rng(seed).normal(size=(periods, units)).cumsum(axis=0)
    return pd.DataFrame(walks, index=range(2000, 2000 + periods), columns=list("abcdefghijklmnop")[:units])


def plain(table: pd.DataFrame) -> Design:
    return Design("a", table.index[-2], table.index[-1])


SHAPES = {
    "same donors": lambda t: t.assign(**dict.fromkeys(t.columns[1:], t["b"])),
    "all the same": lambda t: t.assign(**dict.fromkeys(t.columns, t["a"])),
    "one flat donor": lambda t: t.assign(c=5.0),
    "flat donors but one": lambda t: t.assign(**dict.fromkeys(t.columns[2:], 1.0)),
    "the treated is a mix": lambda t: t.assign(a=0.5 * t["b"] + 0.5 * t["c"]),
    "all are mixes of one": lambda t: t.assign(**{u: t["b"] * k for k, u in enumerate(t.columns, 1)}),
    "huge": lambda t: t * 1e12,
    "tiny": lambda t: t * 1e-12,
    "far from nothing": lambda t: t + 1e9,
    "whole numbers": lambda t: (10 * t).round().astype(int),
    "one donor": lambda t: t[["a", "b"]],
    "two donors": lambda t: t[["a", "b", "c"]],
    "three donors": lambda t: t[["a", "b", "c", "d"]],
    "infinite": lambda t: t.mask(t > 2, np.inf),
    "holes": lambda t: t.mask(t > 2),
    "a year blank": lambda t: t.mask(t.index.to_series() == 2004),
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 500), st.integers(6, 14), st.sampled_from(sorted(SHAPES)), st.sampled_from(QUICK))
@example(1, 7, "same donors", "augmented_synthetic_control")  # their mean is not quite any of them
def test_odd_panels_give_a_number_or_a_design_error(seed, periods, shape, method):
    table = SHAPES[shape](panel(seed, periods))
    size = float(np.nanmax(np.abs(table.replace([np.inf, -np.inf], np.nan).to_numpy(dtype=float))))
    try:
        placebos = placebo_in_space(table, plain(table), method)
    except DesignError as error:
        assert "\n" not in str(error) and error.remedy
        return
    low, high = placebos.interval(0.5)
    effects = [placebos.own_effect, *placebos.effects]
    assert all(math.isfinite(value) and abs(value) <= 1e3 * size for value in effects)
    assert math.isfinite(placebos.own_ratio) or placebos.own_ratio == math.inf
    assert low <= placebos.own_effect <= high
    assert (low > 0 or high < 0) == (placebos.p_value <= 0.5)
    if math.isfinite(high):
        widest = max(abs(value) for value in effects) * max(
            1.0, placebos.scale / (placebos.floor or math.inf)
        )
        assert high - low <= 2.000001 * widest
    told = placebos.sentence("en")
    assert ("too few for an interval" in told) == (placebos.interval() == (-math.inf, math.inf))
    assert "e+" not in told and not placebos.variants().empty


@pytest.mark.parametrize("donors", [1, 2, 3])
@pytest.mark.parametrize("method", METHODS)
def test_four_periods_before_and_few_donors(method, donors):
    table = panel(3, periods=6, units=donors + 1)
    try:
        found = estimate(table, plain(table), method)
    except DesignError as error:
        assert error.remedy
        return
    assert math.isfinite(found.effect) and abs(found.effect) < 100
    if donors > 1:
        placebos = placebo_in_space(table, plain(table), method)
        assert f"{donors} placebos are too few" in placebos.sentence("en")


TABLES = {
    "columns of two levels": lambda t: pd.concat({"x": t}, axis=1),
    "rows of two levels": lambda t: pd.concat({"x": t}),
    "complex": lambda t: t.astype(complex),
    "text": lambda t: t.astype(object).assign(b="1.5"),
    "numbers as text": lambda t: t.astype(str),
    "truths": lambda t: t > 0,
    "dates": lambda t: t.assign(b=pd.Timestamp("2020-01-01")),
    "lists": lambda t: t.astype(object).assign(b=[[1]] * len(t)),
    "unit twice": lambda t: pd.concat([t, t[["b"]]], axis=1),
    "year twice": lambda t: pd.concat([t.iloc[:1], t]),
    "out of order": lambda t: t.iloc[::-1],
    "years as truths": lambda t: t.iloc[:2].set_axis([False, True]),
    "years without number": lambda t: t.set_axis([*t.index[:-1].astype(float), math.nan]),
    "an array": lambda t: t.to_numpy(),
    "nothing": lambda t: t.iloc[:0],
    "no table": lambda t: None,
}


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize(
    "ask", [estimate, placebo_in_space, placebo_in_time, leave_one_out, conformal_interval, event_study]
)
def test_tables_that_are_none_are_refused(kind, ask):
    table, design = panel(), Design("a", 2010, 2011)
    with warnings.catch_warnings(), pytest.raises(DesignError) as caught:
        warnings.simplefilter("error")
        ask(TABLES[kind](table), design)
    assert caught.value.remedy and "\n" not in str(caught.value)


def test_numbers_as_objects_are_numbers():
    table = panel()
    decimals = table.round(6).astype(object)
    decimals["b"] = [Decimal(str(value)) for value in decimals["b"]]
    ours = estimate(decimals.drop(columns="b"), plain(table))
    assert ours.effect == pytest.approx(estimate(table.round(6).drop(columns="b"), plain(table)).effect)
    with pytest.raises(DesignError, match="not a number"):
        estimate(decimals, plain(table))


@pytest.mark.parametrize(
    "arguments",
    [
        {"method": "nothing"}, {"method": None}, {"method": ["synthetic_control"]},
        {"ridge": 1.0}, {"method": "augmented_synthetic_control", "ridge": math.nan},
        {"method": "augmented_synthetic_control", "ridge": "1"},
        {"method": "augmented_synthetic_control", "ridge": -1},
        {"method": "matrix_completion", "penalty": 0},
        {"method": "matrix_completion", "seed": -1}, {"positions": [1, 2]}, {"nonsense": 1},
        {"n_jobs": 0}, {"n_jobs": 1.5}, {"n_jobs": True}, {"draws": 0}, {"draws": 2.5}, {"seed": -1},
        {"gaps": 3}, {"gaps": np.zeros((3, 3))}, {"populations": 3}, {"populations": pd.Series([1.0])},
        {"seed": None}, {"groups": "parishes"}, {"groups": 5}, {"groups": ["a"]}, {"groups": "random"},
    ],
    ids=str,
)  # fmt: skip
def test_arguments_that_are_none_are_refused(arguments):
    table = panel()
    with pytest.raises(DesignError) as caught:
        placebo_in_space(table, plain(table), **arguments)
    assert caught.value.remedy


@pytest.mark.parametrize("design", [None, "a", ["a"], 2010])
def test_a_design_that_is_none_is_refused(design):
    for ask in (estimate, placebo_in_space, leave_one_out, drift_test):
        with pytest.raises(DesignError, match="is no design"):
            ask(panel(), design)


def test_what_is_no_name_no_placebo_and_no_language_is_refused():
    for name in ("treated", "donors"):
        with pytest.raises(DesignError, match="not names of units"):
            Design(
                **{
                    "treated": "a",
                    "donors": ["b"],
                    "first_treated": 2010,
                    "last_treated": 2011,
                    name: [pd.NA],
                }
            )
    table = panel()
    found = placebo_in_space(table, plain(table))
    for units in (["b"], pd.Index(["a"]), None):
        with pytest.raises(DesignError, match="not all of these are placebos"):
            found.of(units)
    with pytest.raises(DesignError, match="placebos is of type int"):
        drift_test(table, plain(table), placebos=3)
    with pytest.raises(EvaluationError, match="unknown language"):
        found.sentence(["sv"])


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=5), st.integers(), st.just(1j)),
    st.sampled_from(["first", "last", "treated", "donors", "weights", "level", "min_before"]),
)
def test_any_value_in_any_place_gives_a_number_or_an_error_of_ours(value, place):
    table = panel()
    window = {"first_treated": 2010, "last_treated": 2011}
    try:
        if place in ("first", "last"):
            design = Design("a", **{**window, f"{place}_treated": value})
        elif place == "donors":
            design = Design("a", donors=[value, "b", "c"], **window)
        elif place == "treated":
            design = Design([value, "a"], **window)
        elif place == "weights":
            design = Design(["a", "b"], weights=value, **window)
        else:
            design = Design("a", **window)
        if place == "level":
            low, high = placebo_in_space(table, design).interval(value)
            assert low <= high and 0 < value < 1
        elif place == "min_before":
            assert len(pseudo_effects(table, design, min_before=value))
        else:
            assert math.isfinite(estimate(table, design).effect)
    except EvaluationError as error:
        assert error.remedy


QUICK_METHODS = [name for name, method in METHODS.items() if not method.forecasts]


def factors(seed: int, donors: int = 8, periods: int = 14) -> pd.DataFrame:
    """Two common factors and noise, around a level of 10."""
    drawn = np.random.default_rng(seed)
    paths = drawn.normal(size=(periods, 2)).cumsum(axis=0)
    values = 10 + paths @ drawn.normal(size=(2, donors + 1)) + 0.5 * drawn.normal(size=(periods, donors + 1))
    columns = [f"u{i}" for i in range(donors + 1)]
    return pd.DataFrame(values, index=range(2000, 2000 + periods), columns=columns)


@pytest.mark.parametrize("method", QUICK_METHODS)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), donors=st.integers(1, 9))
def test_donors_that_are_all_alike_are_their_mean_whatever_the_method(method, seed, donors):
    """No weights part identical donors: the gap can be no larger than the outcomes themselves."""
    table = factors(seed, donors)
    for name in table.columns[1:]:
        table[name] = table["u1"]
    design = Design(["u0"], 2011, 2013)
    found = estimate(table, design, method)
    assert abs(found.effect) <= 2 * table.abs().to_numpy().max()
    single = estimate(table[["u0", "u1"]], design, method)
    if method != "matrix_completion":  # its penalty weighs the donors' rows together
        assert found.effect == pytest.approx(single.effect, abs=1e-6)


@pytest.mark.parametrize("method", QUICK_METHODS)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.sampled_from([1e-9, 1e-3, 1e3, 1e9]))
def test_the_unit_of_the_outcome_is_the_unit_of_the_interval(method, seed, factor):
    table, design = factors(seed, 11), Design(["u0"], 2011, 2013)
    one = placebo_in_space(table, design, method)
    other = placebo_in_space(table * factor, design, method)
    assert other.own_effect == pytest.approx(one.own_effect * factor, rel=1e-4, abs=1e-5 * factor)
    assert other.half_width(0.8) == pytest.approx(one.half_width(0.8) * factor, rel=1e-3)
    assert other.n == one.n and other.rule == one.rule


@pytest.mark.parametrize(
    "method",
    ["difference_in_differences", "demeaned_synthetic_control", "synthetic_did"],
)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), level=st.floats(-1000, 1000))
def test_a_level_of_its_own_changes_nothing_for_methods_with_a_baseline(method, seed, level):
    table, design = factors(seed, 11), Design(["u0"], 2011, 2013)
    one, moved = placebo_in_space(table, design, method), table.copy()
    moved["u3"] += level
    moved["u0"] -= level
    for other in (placebo_in_space(moved, design, method), placebo_in_space(table + level, design, method)):
        assert other.own_effect == pytest.approx(one.own_effect, rel=1e-3, abs=1e-3)
        assert other.half_width(0.8) == pytest.approx(one.half_width(0.8), rel=5e-3)


@pytest.mark.parametrize("factor", [1e21, 1e150, 1e300])
@pytest.mark.parametrize("method", METHODS)
def test_figures_that_cannot_be_squared_are_refused(method, factor):
    with pytest.raises(DesignError, match="give it in a larger unit"):
        estimate(factors(1) * factor, Design(["u0"], 2011, 2013), method)


@pytest.mark.parametrize("method", QUICK)
def test_figures_that_vanish_when_squared_are_refused(method):
    with pytest.raises(DesignError, match="give it in a smaller unit"):
        estimate(factors(1) * 1e-200, Design(["u0"], 2011, 2013), method)


def test_one_donor_has_no_placebos_whatever_is_asked():
    table = factors(1, donors=1)
    design = Design(["u0"], 2011, 2013)
    for ask in (placebo_in_space, pseudo_effects):
        with pytest.raises(DesignError, match="at least two comparison regions"):
            ask(table, design, "demeaned_synthetic_control")


def test_dates_with_a_time_zone_are_the_days_they_say():
    table = factors(1)
    zoned = table.set_axis(pd.to_datetime([f"{year}-12-31" for year in table.index]).tz_localize("CET"))
    design = Design(["u0"], 2011, 2013)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert estimate(zoned, design).effect == pytest.approx(estimate(table, design).effect)


def test_years_that_end_in_june_are_called_by_their_names():
    table = factors(1)
    fiscal = table.set_axis(pd.PeriodIndex([f"{year}-06" for year in table.index], freq="Y-JUN"))
    for first, last in ((2011, 2013), ("2011", "2013"), (fiscal.index[11], fiscal.index[13])):
        assert len(estimate(fiscal, Design(["u0"], first, last)).effects) == 3


@pytest.mark.parametrize("labels", [[f"year {y}" for y in range(2000, 2014)], pd.interval_range(2000, 2014)])
def test_a_window_in_other_terms_than_the_periods_is_told_to_use_theirs(labels):
    table = factors(1).set_axis(labels)
    with pytest.raises(DesignError, match="cannot be read against periods such as") as caught:
        estimate(table, Design(["u0"], 2011, 2013))
    assert caught.value.remedy == "name the window in the terms of the outcome's index"


def many(units: int = 12) -> pd.DataFrame:
    return factors(4, donors=units - 1, periods=20)


@pytest.mark.parametrize(
    "arguments",
    [
        {"starts": {"u0": "x"}}, {"starts": {"u0": None}}, {"starts": {"u0": 2016.5}}, {"starts": {}},
        {"starts": [("u0", 2016)]}, {"starts": None}, {"years": None}, {"years": "3"}, {"years": 2.5},
        {"years": 0}, {"pooling": "x", "method": "pooled_synthetic_control"}, {"level": 0}, {"level": 90},
        {"level": None}, {"level": math.nan}, {"method": "nothing"}, {"outcome": None},
        {"outcome": many().to_numpy()}, {"outcome": many() + 1j}, {"outcome": many() > 10},
        {"outcome": many().set_axis([year + 0.25 for year in range(2000, 2020)])},
        {"outcome": pd.concat({"x": many()}, axis=1)}, {"outcome": many().drop(2010)},
        {"outcome": many().set_axis(pd.period_range("2000Q1", periods=20, freq="Q"))},
    ],
    ids=str,
)  # fmt: skip
def test_staggered_starts_that_are_none_are_refused(arguments):
    given = {"outcome": many(), "starts": {"u0": 2015, "u1": 2016}, "years": 3, **arguments}
    with warnings.catch_warnings(), pytest.raises(DesignError) as caught:
        warnings.simplefilter("error")
        staggered(**given)
    assert caught.value.remedy and "\n" not in str(caught.value)


def test_years_as_text_are_years_for_staggered_starts():
    table = many()
    texts = table.set_axis([str(year) for year in table.index])
    one, other = (staggered(each, {"u0": 2015, "u1": 2016}, 3) for each in (table, texts))
    assert one.effect == other.effect and one.p_value == other.p_value


@pytest.mark.parametrize("estimates", [["a", 1, 2], [1, 2], None, [1, math.nan, 2], [1 + 1j, 2, 3]], ids=str)
def test_estimates_that_cannot_be_pooled_are_refused(estimates):
    with pytest.raises(DesignError):
        partial_pooling(estimates, [1.0, 1.0, 1.0])
    with pytest.raises(DesignError):
        partial_pooling([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], level=90)


@pytest.mark.parametrize(
    "outcomes", [None, {}, [many()], {"a": None}, {"a": many().to_numpy()}, {"a": many() + 1j}], ids=type
)
def test_outcomes_without_a_table_have_no_common_weights(outcomes):
    with pytest.raises(DesignError):
        common_weights(outcomes, Design("u0", 2016, 2018))


def inhabitants(**changed: object) -> pd.DataFrame:
    return pd.DataFrame(1000.0, index=range(2000, 2020), columns=many().columns).assign(**changed)


@pytest.mark.parametrize(
    "populations",
    [
        inhabitants(u5=0), inhabitants(u5=-1000), inhabitants(u5=math.nan), inhabitants(u5=math.inf),
        inhabitants().iloc[:5], inhabitants().astype(str) + " x", inhabitants() + 1j,
    ],
)  # fmt: skip
def test_populations_that_count_nobody_are_refused(populations):
    design = Design(["u0", "u1"], 2016, 2018)
    with warnings.catch_warnings(), pytest.raises(DesignError, match="population"):
        warnings.simplefilter("error")
        placebo_in_space(many(), design, "difference_in_differences", populations=populations, draws=9)


def test_weights_with_an_imaginary_part_are_refused():
    design = Design(["u0", "u1"], 2016, 2018, weights=pd.Series({"u0": 1 + 1j, "u1": 2}))
    with pytest.raises(DesignError, match="complex numbers"):
        estimate(many(), design)


@pytest.mark.parametrize("starts", [3, {}, {"u0": 2016}, {"u0": "x", "u1": 2016}, {"u0": None, "u1": 2016}])
def test_own_starts_that_are_no_years_are_refused(starts):
    with pytest.raises(DesignError, match="start"):
        Design(["u0", "u1"], 2016, 2018, starts=starts)


@pytest.mark.parametrize(
    "arguments",
    [
        {"region": "99"}, {"region": 23}, {"region": "Atlantis"}, {"n_jobs": 0}, {"level": 90},
        {"window": (2020,)}, {"window": "2020"}, {"window": (2022, 2020)}, {"first_years": ["x"]},
        {"outcomes": ["nope"]}, {"outcomes": [None]},
    ],
    ids=str,
)  # fmt: skip
def test_a_curve_of_what_is_none_is_refused(arguments):
    given = {"methods": "difference_in_differences", "outcomes": "in_moves", "pools": "all", **arguments}
    with pytest.raises(DesignError) as caught:
        specification_curve(Panel.load(), **given)
    assert caught.value.remedy and "\n" not in str(caught.value)


def test_one_name_is_a_list_of_one_and_a_region_has_a_name_too():
    asked = {
        "outcomes": "in_moves",
        "pools": "all",
        "methods": "difference_in_differences",
        "first_years": [None],
    }
    by_code, by_name = (specification_curve(Panel.load(), name, **asked) for name in ("23", "Jämtland"))
    assert len(by_code) == 2 and by_code["note"].isna().all()
    pd.testing.assert_frame_equal(by_code, by_name)


@pytest.mark.parametrize("until", ["2019", 2019.5, True])
def test_a_last_year_that_is_none_is_refused(until):
    with pytest.raises(SourceError, match="is no year"):
        Panel.load().rate("in_moves", until=until)
