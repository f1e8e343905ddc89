"""Groups of municipalities among groups of municipalities."""

from __future__ import annotations

import itertools

import joblib
import numpy as np
import pandas as pd
import pytest

from attraktiv_eval.counterfactual.design import Design
from attraktiv_eval.counterfactual.inference import placebo_in_space, wider
from attraktiv_eval.counterfactual.inference.placebo_in_space import draw_groups, population_classes
from attraktiv_eval.errors import DesignError


def panel(units: int = 40, periods: int = 12) -> tuple[pd.DataFrame, pd.DataFrame]:
    generator = np.random.default_rng(5)
    codes = [f"{10 + i // 4}{i % 4:02d}" for i in range(units)]  # ten counties of four
    index = pd.RangeIndex(2000, 2000 + periods)
    rates = pd.DataFrame(generator.normal(size=(periods, units)), index, codes)
    people = pd.DataFrame(
        np.exp(generator.normal(9, 1, units)) * np.linspace(1, 1.1, periods)[:, None], index, codes
    )
    return rates, people


def test_population_classes_are_of_equal_size_and_in_order():
    sizes = pd.Series(np.random.default_rng(1).permutation(290), [f"m{i:03d}" for i in range(290)])
    classes = population_classes(sizes)
    assert classes.value_counts().tolist() == [29] * 10
    assert (sizes.groupby(classes).max().to_numpy()[:-1] < sizes.groupby(classes).min().to_numpy()[1:]).all()


def test_each_drawn_unit_is_of_the_class_of_the_one_it_replaces():
    classes = pd.Series([0, 0, 1, 0, 0, 0, 1, 1], list("abcdefgh"))
    groups = draw_groups(["a", "b", "c"], list("defgh"), classes, 50, seed=3)
    assert len({tuple(group) for group in groups}) == len(groups) <= 20
    assert all(len(set(group)) == 3 for group in groups)
    assert all(sorted(classes[list(group)]) == [0, 0, 1] for group in groups)
    assert groups == draw_groups(["a", "b", "c"], list("defgh"), classes, 50, seed=3)
    drawn = [draw_groups(["a", "b", "c"], list("defgh"), classes, 2, seed) for seed in range(6)]
    assert len({str(group) for group in drawn}) > 1


def test_a_class_without_enough_donors_says_so():
    classes = pd.Series([0, 0, 1, 0, 1], list("abcde"))
    with pytest.raises(DesignError, match="1 donors for 2 treated"):
        draw_groups(["a", "b"], ["d", "e"], classes, 5, seed=1)


def test_random_groups_are_counted_as_distinct_groups():
    rng = np.random.default_rng(3)
    outcome = pd.DataFrame(rng.normal(size=(23, 9)) + 50, range(2000, 2023), list("abcdefghi"))
    outcome.loc[2020:, list("abcd")] += 100
    placebos = placebo_in_space(outcome, Design(list("abcd"), 2020, 2022), "difference_in_differences")
    assert placebos.n == placebos.effects.round(9).nunique() == 5
    assert placebos.p_value == placebos.smallest_p == pytest.approx(1 / 6)
    assert placebos.interval() == (-np.inf, np.inf)


def test_one_treated_unit_has_no_random_groups():
    rates, people = panel()
    design = Design(list(rates.columns[:1]), 2009, 2011, weights=people)
    with pytest.raises(DesignError, match="no random groups"):
        placebo_in_space(rates, design, "difference_in_differences", groups="random")


def test_a_group_of_all_donors_is_refused():
    rates, _ = panel(units=4)
    design = Design(list(rates.columns[:2]), 2009, 2011)
    with pytest.raises(DesignError, match="two placebo groups"):
        placebo_in_space(rates, design, "difference_in_differences")


def test_random_groups_are_ranked_on_one_scale_and_repeat_with_the_seed():
    rates, people = panel()
    design = Design(list(rates.columns[:4]), 2009, 2011, weights=people)
    one = placebo_in_space(
        rates, design, "difference_in_differences", groups="random", draws=60, populations=people
    )
    with joblib.parallel_config(backend="threading"):
        again = placebo_in_space(rates, design, "difference_in_differences", draws=60, n_jobs=2)
    assert one.rule == "scaled" and one.floor > 0 and one.n <= 60
    pd.testing.assert_series_equal(one.effects, again.effects)
    assert one.smallest_p == pytest.approx(1 / (one.n + 1))


def test_a_county_placebo_is_the_group_as_if_treated_without_the_real_one():
    rates, people = panel()
    treated = list(rates.columns[:4])
    design = Design(treated, 2009, 2011, weights=people)
    placebos = placebo_in_space(rates, design, "synthetic_did", groups="counties", populations=people)
    assert list(placebos.effects.index) == [str(code) for code in range(11, 20)]
    others = rates.drop(columns=treated)
    county = [code for code in others.columns if code.startswith("13")]
    own = placebo_in_space(
        others, Design(county, 2009, 2011, weights=people), "synthetic_did", groups="counties"
    )
    assert placebos.effects["13"] == pytest.approx(own.own_effect)


def test_any_grouping_may_be_given_and_every_donor_must_have_a_group():
    rates, people = panel()
    design = Design(list(rates.columns[:4]), 2009, 2011, weights=people)
    names = {code: f"group {i % 5}" for i, code in enumerate(rates.columns[4:])}
    placebos = placebo_in_space(rates, design, "difference_in_differences", groups=names)
    assert placebos.n == 5 and placebos.kind == "groups"
    names.pop(rates.columns[-1])
    with pytest.raises(DesignError, match="no group for"):
        placebo_in_space(rates, design, "difference_in_differences", groups=names)
    with pytest.raises(DesignError, match="unknown placebo groups"):
        placebo_in_space(rates, design, "difference_in_differences", groups="parishes")


def test_the_wider_of_two_tests_stands():
    rates, people = panel()
    design = Design(list(rates.columns[:4]), 2009, 2011, weights=people)
    random, counties = (
        placebo_in_space(rates, design, "difference_in_differences", groups=kind, draws=100)
        for kind in ("random", "counties")
    )
    stands = wider(random, counties)
    assert stands.half_width() == max(random.half_width(), counties.half_width())


def test_without_populations_any_donors_make_a_placebo_group() -> None:
    generator = np.random.default_rng(3)
    walks = generator.normal(size=(14, 9)).cumsum(axis=0)
    outcome = pd.DataFrame(walks, index=range(2000, 2014), columns=[f"u{i}" for i in range(9)])
    design = Design(["u0", "u1", "u2"], 2010, 2012)
    found = placebo_in_space(outcome, design, "difference_in_differences", draws=200)
    assert found.n <= 20  # groups of three of six donors
    drift = outcome.loc[2010:2012].mean() - outcome.loc[:2009].mean()
    donors = sorted(outcome.columns[3:])
    triples = [list(three) for three in itertools.combinations(donors, 3)]
    possible = [
        drift[three].mean() - drift[[u for u in donors if u not in three]].mean() for three in triples
    ]
    distance = np.abs(found.effects.to_numpy()[:, None] - np.array(possible)).min(axis=1)
    assert distance.max() < 1e-9
    assert found.effects.round(9).nunique() == len(triples)
