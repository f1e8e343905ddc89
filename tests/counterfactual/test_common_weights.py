"""In, out and net by one common set of weights: what adds up in the statistics adds up in the estimates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from attraktiv_eval.counterfactual import Design, placebo_in_space
from attraktiv_eval.counterfactual.common_weights import common_weights, common_weights_before
from attraktiv_eval.errors import DesignError
from attraktiv_eval.level3.comparison import FLOWS, Window, compare_flows, estimates_table
from attraktiv_eval.statistics.panel import Panel
from attraktiv_eval.texts import decimals_that_add, number


def invented(seed: int, years: int = 14, units: int = 7) -> dict[str, pd.DataFrame]:
    draw = np.random.default_rng(seed)
    index = range(2000, 2000 + years)
    columns = [f"u{i}" for i in range(units)]
    trend = draw.normal(size=(years, 1)).cumsum(axis=0)
    came = pd.DataFrame(30 + trend + draw.normal(size=(years, units)), index, columns)
    left = pd.DataFrame(25 + 0.5 * trend + 3 * draw.normal(size=(years, units)), index, columns)
    return {"in": came, "out": left, "net": came - left}


DESIGN = Design("u0", 2011, 2012)


def by_hand(outcomes: dict[str, pd.DataFrame]) -> np.ndarray:
    """The weights by a plain non-negative least squares with a heavy row for the sum."""
    rows, target = [], []
    for table in outcomes.values():
        own = table - table.loc[:2010].mean()
        own = own.loc[:2010]
        own = own / np.sqrt((own.to_numpy() ** 2).mean())
        target.append(own["u0"].to_numpy())
        rows.append(own.drop(columns="u0").to_numpy())
    heavy = 1e5
    A = np.vstack([*rows, np.full((1, rows[0].shape[1]), heavy)])
    return nnls(A, np.concatenate([*target, [heavy]]))[0]


@pytest.mark.parametrize("seed", range(8))
def test_the_weights_are_those_of_a_plain_stacked_solve(seed: int) -> None:
    outcomes = invented(seed)
    found = common_weights(outcomes, DESIGN)
    weights = by_hand(outcomes)
    for id, one in found.items():
        own = one.estimate.weights
        assert own is not None and own.to_numpy() == pytest.approx(weights, abs=1e-5)
        table = outcomes[id] - outcomes[id].loc[:2010].mean()
        gap = table["u0"] - table.drop(columns="u0") @ weights
        assert one.estimate.gap.to_numpy() == pytest.approx(gap.to_numpy(), abs=1e-3)
        assert (one.estimate.residual or 0) < 1e-6


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.floats(0.01, 1000))
def test_in_less_out_is_net_for_the_unit_and_every_placebo(seed: int, factor: float) -> None:
    outcomes = {id: factor * table for id, table in invented(seed).items()}
    found = common_weights(outcomes, DESIGN)
    for name in ("gaps", "effects"):
        came, left, net = (getattr(found[id], name) for id in ("in", "out", "net"))
        assert np.allclose(came - left, net, atol=1e-9 * factor)
    came, left, net = (found[id].estimate.effects for id in ("in", "out", "net"))
    assert np.allclose(came - left, net, atol=1e-9 * factor)
    plain = common_weights(invented(seed), DESIGN)
    assert found["net"].own_effect == pytest.approx(
        factor * plain["net"].own_effect, rel=1e-4, abs=1e-7 * factor
    )
    assert found["net"].p_value == plain["net"].p_value


def test_one_outcome_alone_is_demeaned_synthetic_control() -> None:
    table = invented(3)["in"]
    alone = common_weights({"in": table}, DESIGN)["in"]
    plain = placebo_in_space(table, DESIGN, "demeaned_synthetic_control")
    assert alone.own_effect == pytest.approx(plain.own_effect, abs=1e-8)
    assert alone.p_value == plain.p_value
    assert alone.interval() == pytest.approx(plain.interval(), abs=1e-8)


def test_a_donor_that_lacks_a_figure_of_one_outcome_is_left_out_of_all() -> None:
    outcomes = invented(1)
    outcomes["out"].loc[2004, "u3"] = np.nan
    found = common_weights(outcomes, DESIGN)
    without = common_weights({id: t.drop(columns="u3") for id, t in invented(1).items()}, DESIGN)
    for id, one in found.items():
        assert "u3" in one.left_out and one.n == 5
        assert one.own_effect == pytest.approx(without[id].own_effect)


def test_the_years_before_use_nothing_later() -> None:
    outcomes = invented(2)
    changed = {id: table.copy() for id, table in outcomes.items()}
    for table in changed.values():
        table.loc[2011:] += 100.0
    one, other = (common_weights_before(given, DESIGN) for given in (outcomes, changed))
    assert one["net"].effects.index.tolist() == [2009, 2010]
    for id in one:
        assert one[id].effect == other[id].effect


def test_what_cannot_be_estimated_is_refused() -> None:
    outcomes = invented(0)
    with pytest.raises(DesignError, match="no outcome"):
        common_weights({}, DESIGN)
    with pytest.raises(DesignError, match="different periods"):
        common_weights(outcomes | {"out": outcomes["out"].loc[2001:]}, DESIGN)
    outcomes["in"].loc[2005, "u0"] = np.nan
    with pytest.raises(DesignError):
        common_weights(outcomes, DESIGN)


def test_the_county_s_flows_add_up_in_persons_and_name_their_years() -> None:
    panel = Panel.load()
    found = {one.outcome: one for one in compare_flows(panel, "23", Window(2020, 2022, None))}
    assert list(found) == [name for names in FLOWS for name in names]
    assert {one.years for one in found.values()} == {(2020, 2021)}
    for came, left, net in FLOWS:
        parts = [found[name].persons for name in (came, left, net)]
        assert parts[0] - parts[1] == pytest.approx(parts[2], abs=1e-9)
        before = [found[name].pseudo_persons for name in (came, left, net)]
        assert before[0] - before[1] == pytest.approx(before[2], abs=1e-9)
        assert found[came].estimate.weights.equals(found[net].estimate.weights)
    table = estimates_table(list(found.values()), 1.6).set_index("outcome")
    domestic = [round(table.loc[name, "effect_persons"]) for name in FLOWS[0]]
    assert domestic == [482, -438, 920]


def test_without_moves_over_the_border_there_are_no_flows() -> None:
    panel = Panel.load()
    bare = Panel(panel.table, {key: s for key, s in panel.series.items() if "border" not in key[0]}, [])
    assert compare_flows(bare, "23", Window(2020, 2022, None)) == []


@given(first=st.floats(-1e5, 1e5), second=st.floats(-1e5, 1e5))
def test_printed_parts_add_up_in_the_fewest_decimals(first: float, second: float) -> None:
    decimals = decimals_that_add(first, second, first - second)
    printed = [
        float(number(v, "en", decimals).replace(",", "").replace("−", "-"))
        for v in (first, second, first - second)
    ]
    if decimals < 6:
        assert printed[0] - printed[1] == pytest.approx(printed[2], abs=1e-4 * 10**-decimals)
