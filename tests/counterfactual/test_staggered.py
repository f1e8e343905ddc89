"""One project in several regions with starts of their own, and what projects learn from one another."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attraktiv_eval.counterfactual import Design, estimate, placebo_in_space, placebo_in_time
from attraktiv_eval.counterfactual.staggered import POOLED, partial_pooling, pooled_weights, staggered
from attraktiv_eval.errors import DesignError

SINGLE = ["demeaned_synthetic_control", "difference_in_differences", "synthetic_did"]
STARTS = {"a": 2014, "b": 2015, "c": 2017, "d": 2014}


def made(seed: int, effect: float = 0.0, starts=STARTS, units: int = 20) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    years, names = range(2000, 2021), [chr(97 + i) for i in range(units)]
    factor = rng.normal(0, 1, len(years)).cumsum()[:, None] * rng.normal(1, 0.3, units)
    table = pd.DataFrame(30 + factor + rng.normal(0, 0.6, (len(years), units)), years, names)
    for unit, first in starts.items():
        table.loc[first:, unit] += effect
    return table


@pytest.mark.parametrize("method", SINGLE)
def test_each_region_is_the_method_alone_against_those_that_never_had_it(method):
    table = made(1, 2.0)
    found = staggered(table, STARTS, 3, method)
    never = [unit for unit in table if unit not in STARTS]
    for row in found.regions.itertuples():
        past = table.loc[: row.first + 2]
        alone = estimate(past, Design([row.unit], row.first, row.first + 2, never), method)
        assert row.effect == pytest.approx(alone.effect, abs=1e-9)
    assert found.effect == pytest.approx(found.regions["effect"].mean())


def test_agreement_with_imputation_of_an_independent_package():
    """Each cohort with the never-treated: diff-diff's imputation (Borusyak, Jaravel & Spiess)."""
    from diff_diff import ImputationDiD

    table, years = made(2, 1.5), 3
    found = staggered(table, STARTS, years, "difference_in_differences").regions.set_index("unit")
    never = [unit for unit in table if unit not in STARTS]
    for unit, first in STARTS.items():
        past = table.loc[: first + years - 1, [unit, *never]]
        long = past.rename_axis("year").reset_index().melt("year", var_name="unit", value_name="y")
        long["first"] = np.where(long["unit"] == unit, first, 0)
        told = ImputationDiD().fit(long, outcome="y", unit="unit", time="year", first_treat="first")
        assert found.loc[unit, "effect"] == pytest.approx(float(told.overall_att), abs=1e-8)


def test_agreement_with_the_partially_pooled_control_of_an_independent_package():
    """mlsynth 1.0.0, PPSCM (a port of augsynth's multisynth), with two-way effects, lam=0, three leads.

    Separate fits agree to the last digit that it prints. Pooled ones have the same share of pooling to one in
    a hundred, and effects to two in a hundred: it weighs the two misfits by other norms.
    """
    starts = dict.fromkeys("abcd", 2015)
    table = made(11, 1.5, starts)
    alone = staggered(table, starts, 3, POOLED, pooling=0.0)
    assert alone.effect == pytest.approx(1.3606429475380921, abs=1e-6)
    assert alone.paths.mean(axis=1).to_numpy() == pytest.approx([1.300146, 1.421782, 1.360001], abs=1e-5)
    assert staggered(table, starts, 3, POOLED).pooling == pytest.approx(0.46855755, rel=0.01)
    assert staggered(table, starts, 3, POOLED, pooling=0.3).effect == pytest.approx(1.3766490, rel=0.01)
    later = {"a": 2014, "b": 2015, "c": 2017, "d": 2014}
    own = staggered(made(11, 1.5, later), later, 3, POOLED, pooling=0.0)
    assert own.effect == pytest.approx(1.4539532628793694, rel=0.01)


@given(st.integers(0, 500), st.floats(0.05, 1))
@settings(max_examples=15, deadline=None)
def test_pooled_weights_are_convex_and_fit_the_mean_no_worse(seed, pooling):
    rng = np.random.default_rng(seed)
    targets = [rng.normal(0, 1, 10) for _ in range(3)]
    donors = [rng.normal(0, 1, (10, 6)) for _ in range(3)]

    def misfits(weights):
        left = np.array([y - X @ w for y, X, w in zip(targets, donors, weights, strict=True)])
        return (left.mean(axis=0) ** 2).sum(), (left**2).sum() / 3

    apart, _ = pooled_weights(targets, donors, 0)
    together, _ = pooled_weights(targets, donors, pooling)
    for w in together:
        assert w.min() >= -1e-9 and w.sum() == pytest.approx(1)
    pool, single = misfits(together)
    pool_apart, single_apart = misfits(apart)
    tolerance = 1e-7
    assert pooling * pool + (1 - pooling) * single <= (
        pooling * pool_apart + (1 - pooling) * single_apart + tolerance
    )
    assert pool <= pool_apart + tolerance and single >= single_apart - tolerance


def test_without_pooling_it_is_the_separate_demeaned_control():
    table = made(3)
    same = dict.fromkeys("abcd", 2015)
    pooled = staggered(table, same, 3, POOLED, pooling=0.0)
    single = staggered(table, same, 3, "demeaned_synthetic_control")
    assert pooled.regions["effect"].to_numpy() == pytest.approx(single.regions["effect"].to_numpy(), abs=1e-6)


def held(draws: int, method: str) -> tuple[float, float]:
    found = [staggered(made(seed, 1.0), STARTS, 3, method) for seed in range(draws)]
    return (
        float(np.mean([one.low <= 1.0 <= one.high for one in found])),
        float(np.mean([one.p_value <= 0.1 for one in found])),
    )


def test_the_pooled_interval_holds_a_planted_effect_about_nine_times_in_ten():
    coverage, seen = held(40, "difference_in_differences")
    assert coverage >= 0.8 and seen > 0.4


def test_several_regions_see_less_than_one():
    found = staggered(made(4), STARTS, 3)
    single = (found.regions["high"] - found.regions["low"]).mean()
    assert found.high - found.low < 0.75 * single


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: ({"z": 2014}, t, 3), "no figures"),
        (lambda t: (STARTS, t.assign(a=t["a"].where(t.index != 2010)), 3), "gap"),
        (lambda t: (STARTS, t.drop(index=2010), 3), "year is missing"),
        (lambda t: ({"a": 2002}, t, 3), "years before"),
        (lambda t: ({"a": 2019}, t, 3), "from then on"),
        (lambda t: ({}, t, 3), "no region"),
        (lambda t: (dict.fromkeys(list(t)[:12], 2014), t, 3), "too few regions"),
    ],
)
def test_what_cannot_be_compared_is_said(change, told):
    starts, table, years = change(made(5))
    with pytest.raises(DesignError, match=told):
        staggered(table, starts, years)


# --- Learning across projects


def portfolios(draws: int, seed: int = 20200101) -> tuple[float, float]:
    """Return by how much pooling lowers the root mean square error of planted portfolios, and coverage."""
    rng = np.random.default_rng(seed)
    pooled, single, inside = [], [], []
    for _one in range(draws):
        spread, errors = rng.uniform(20, 100), rng.uniform(60, 160, 10)
        truth = rng.normal(100, spread, 10)
        seen = truth + errors * rng.normal(size=10)
        table = partial_pooling(seen, errors).table
        pooled.append(((table["pooled"] - truth) ** 2).mean())
        single.append(((seen - truth) ** 2).mean())
        inside.append(((table["low"] <= truth) & (truth <= table["high"])).mean())
    return 1 - float(np.sqrt(np.mean(pooled) / np.mean(single))), float(np.mean(inside))


def test_ten_projects_learn_from_one_another():
    """RMSE at least 25 % below single estimates, coverage 87-93 %, on 300 planted portfolios of ten."""
    lower, coverage = portfolios(300)
    assert lower >= 0.25 and 0.87 <= coverage <= 0.93, (lower, coverage)


def test_eight_schools():
    """Rubin (1981); Gelman et al., BDA3, table 5.3: the posterior medians, uniform on tau."""
    y, s = [28, 8, -3, 7, -1, 1, 18, 12], [15, 10, 16, 11, 9, 11, 10, 18]
    found = partial_pooling(y, s)
    published = np.array([10, 8, 7, 7, 5, 6, 10, 8])
    assert np.abs(found.table["pooled"] - published).max() < 1.7
    assert list(found.table["estimate"]) == y, "each project's own estimate stands beside"


@given(st.lists(st.floats(-500, 500), min_size=3, max_size=12), st.floats(1, 200))
@settings(max_examples=30, deadline=None)
def test_a_pooled_estimate_lies_between_its_own_and_the_mean(values, error):
    found = partial_pooling(values, [error] * len(values))
    for row in found.table.itertuples():
        low, high = sorted((row.estimate, found.mean))
        assert low - 1e-6 * (1 + abs(low)) <= row.pooled <= high + 1e-6 * (1 + abs(high))
        assert row.low < row.pooled < row.high and 0 <= row.own_weight <= 1


@pytest.mark.parametrize("errors", [[1, 1], [1, 1, 0], [1, 1, np.nan], [1, 1, np.inf]])
def test_a_missing_error_is_refused(errors):
    with pytest.raises(DesignError, match="pooling needs"):
        partial_pooling([1.0] * len(errors), errors)


# --- Several regions as one design, in the years of the calendar


def stacked(table: pd.DataFrame, starts=STARTS, last: int = 2019, weights=None) -> Design:
    donors = [unit for unit in table if unit not in starts]
    return Design(list(starts), min(starts.values()), last, donors, weights, starts)


@pytest.mark.parametrize("method", SINGLE)
def test_a_stack_is_each_unit_alone_from_its_own_start_added_by_weight(method):
    table = made(6, 1.5)
    sizes = pd.Series({"a": 4.0, "b": 1.0, "c": 2.0, "d": 3.0})
    design = stacked(table, weights=sizes)
    found = estimate(table, design, method)
    share = sizes / sizes.sum()
    added = pd.Series(0.0, range(2014, 2020))
    for unit, first in STARTS.items():
        alone = estimate(table, Design([unit], first, 2019, design.donors), method).effects
        added = added.add(share[unit] * alone, fill_value=0.0)
    assert found.effects.to_numpy() == pytest.approx(added.to_numpy(), abs=1e-9)
    assert found.effects.loc[2014] != pytest.approx(found.effects.loc[2017])


def test_a_stack_agrees_with_imputation_of_an_independent_package():
    """diff-diff's imputation (Borusyak, Jaravel & Spiess), each cohort with the never-treated, added."""
    from diff_diff import ImputationDiD

    table = made(7, 1.0)
    found = estimate(table, stacked(table), "difference_in_differences")
    total = 0.0
    for unit, first in STARTS.items():
        past = table.loc[:2019, [unit, *(one for one in table if one not in STARTS)]]
        long = past.rename_axis("year").reset_index().melt("year", var_name="unit", value_name="y")
        long["first"] = np.where(long["unit"] == unit, first, 0)
        told = ImputationDiD().fit(long, outcome="y", unit="unit", time="year", first_treat="first")
        total += float(told.overall_att) * (2019 - first + 1)
    assert found.effects.sum() == pytest.approx(total / len(STARTS), abs=1e-8)


def test_the_placebos_of_a_stack_are_groups_of_others_with_its_starts_and_their_interval_holds():
    inside, seen = [], []
    for seed in range(30):
        placebos = placebo_in_space(made(seed, 1.0), stacked(made(seed)), "difference_in_differences")
        low, high = placebos.interval()
        inside.append(low <= placebos.estimate.details["shares"].loc[2014:2019].sum(axis=1).mean() <= high)
        seen.append(placebos.p_value <= 0.1)
    assert placebos.kind == "random" and not {"a", "b", "c", "d"} & set("+".join(placebos.effects.index))
    assert np.mean(inside) >= 0.8 and np.mean(seen) > 0.3, (np.mean(inside), np.mean(seen))


def test_a_placebo_in_time_of_a_stack_pretends_all_starts_earlier():
    table = made(8)
    table.loc[2014:, ["a", "d"]] += 50.0
    before = placebo_in_time(table, stacked(table), "difference_in_differences")
    assert list(before.effects.index) == list(range(2008, 2014)) and abs(before.effect) < 5
    assert before.design.starts == {unit: first - 6 for unit, first in STARTS.items()}


def test_starts_of_others_than_the_treated_are_refused():
    with pytest.raises(DesignError, match="starts"):
        Design(["a", "b"], 2014, 2016, starts={"a": 2014, "z": 2014})
