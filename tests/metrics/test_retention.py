"""Retention by Kaplan-Meier: departures lie between two checks."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attraktiv_eval.additionality.simulation import drawn_share
from attraktiv_eval.metrics import retention_ratio, retention_table
from attraktiv_eval.metrics.households import departures

UNTIL = date(2023, 12, 31)


def moved(n):
    ids = [f"h{i}" for i in range(n)]
    return pd.DataFrame({"household_id": ids, "moved_in": pd.Timestamp("2021-01-01")})


def checks(*rows):
    return pd.DataFrame(rows, columns=["household_id", "checked", "resident"])


def test_a_departure_lies_between_the_last_check_that_found_and_the_first_that_did_not():
    seen = checks(("h0", "2021-05-02", True), ("h0", "2021-08-30", False), ("h0", "2022-05-01", False))
    found = {
        place: departures(moved(1), seen, UNTIL, place)["months"].item() * 30.4375 for place in (0, 0.5, 1)
    }
    assert found == pytest.approx({0: 121, 0.5: 181, 1: 241})
    assert departures(moved(1), seen, UNTIL)["departed"].item()


def test_checks_before_the_move_or_after_the_day_tell_nothing():
    seen = checks(("h0", "2020-12-01", False), ("h0", "2024-01-01", False))
    assert departures(moved(1), seen, UNTIL).empty
    assert departures(moved(1), None, UNTIL).empty


def test_kaplan_meier_by_hand():
    """Ten households: two leave at about 6 months, four are last seen at 8, four at 25.

    S(12) = 8/10 at 6 months, nobody leaves later: S(24) = 0.8; at risk 4 and 4.
    """
    rows = [(f"h{i}", "2021-05-02", True) for i in range(2)] + [
        (f"h{i}", "2021-08-30", False) for i in range(2)
    ]
    rows += [(f"h{i}", "2021-09-01", True) for i in range(2, 6)]
    rows += [(f"h{i}", "2023-02-01", True) for i in range(6, 10)]
    stay = departures(moved(10), checks(*rows), UNTIL)
    table = retention_table(stay).set_index("months")
    assert table["share"].to_dict() == pytest.approx({3: 1.0, 12: 0.8, 24: 0.8})
    assert table["at_risk"].to_dict() == {3: 10, 12: 4, 24: 4}
    assert table.loc[12, "low"] < 0.8 < table.loc[12, "high"]
    ratio = retention_ratio(moved(10), checks(*rows), UNTIL)
    assert ratio.value == pytest.approx(0.8)
    assert ratio.known == 10


def test_nobody_under_observation_gives_no_share():
    stay = departures(moved(2), checks(("h0", "2021-04-20", True), ("h1", "2021-04-20", True)), UNTIL)
    table = retention_table(stay).set_index("months")
    assert table.loc[12, "at_risk"] == 0
    assert pd.isna(table.loc[12, "share"])


def test_without_checks_past_three_months_both_ends_are_open():
    for seen in (None, checks(("h0", "2021-02-20", True))):
        ratio = retention_ratio(moved(2), seen, UNTIL)
        assert (ratio.low, ratio.value, ratio.high, ratio.missing) == (0, 1, 1, 2)
        assert not ratio.measured


@pytest.mark.parametrize(("left", "stayed", "ends"), [(40, 0, (0, 0, 0.6)), (40, 1, (0.01, 1 / 41, 0.6))])
def test_departures_that_were_noted_leave_the_others_unknown(left, stayed, ends):
    """Of 100 movers 40 are noted as left; whoever was never checked neither stayed nor left."""
    rows = [(f"h{i}", "2021-08-20", False) for i in range(left)]
    rows += [(f"h{left + i}", "2022-02-20", True) for i in range(stayed)]
    ratio = retention_ratio(moved(100), checks(*rows), UNTIL)
    assert (ratio.low, ratio.value, ratio.high) == pytest.approx(ends)
    assert ratio.missing == 100 - left - stayed


def test_all_followed_up_leaves_nothing_open():
    rows = [(f"h{i}", "2021-08-20", False) for i in range(40)]
    rows += [(f"h{i}", "2022-02-20", True) for i in range(40, 100)]
    ratio = retention_ratio(moved(100), checks(*rows), UNTIL)
    assert (ratio.low, ratio.value, ratio.high) == pytest.approx((0.6, 0.6, 0.6))
    assert (ratio.missing, ratio.open) == (0, 0)


#: A household: months since its move, and how its story goes on: None not checked, else month last found and
#: month found gone (or None).
STORY = st.one_of(
    st.none(),
    st.tuples(st.integers(4, 20), st.none()),
    st.tuples(st.integers(3, 8), st.integers(9, 14)),
)
WORLD = st.lists(st.tuples(st.integers(1, 24), STORY, st.booleans()), min_size=1, max_size=14)


def told(world, complete=None):
    """Return households and checks; ``complete`` tells of each not checked whether it left or stayed."""
    homes, rows = [], []
    for n, (passed, written, left) in enumerate(world):
        story = written
        came = pd.Timestamp(UNTIL) - pd.Timedelta(days=round(passed * 30.4375) + 1)
        homes.append({"household_id": f"h{n}", "moved_in": came})
        if story is None and complete is not None:
            end = min(passed, 12)
            if end > 3:
                story = (end - 0.05, end) if complete(left) else (min(passed, 12.5), None)
        if story is None or story[0] > passed:
            continue
        for month, here in ((story[0], True), (story[1], False)):
            if month is not None and month <= passed:
                rows.append((f"h{n}", came + pd.Timedelta(days=round(month * 30.4375)), here))
    return pd.DataFrame(homes), checks(*rows)


@settings(max_examples=30, deadline=None)
@given(WORLD)
def test_the_bounds_hold_the_truth_of_every_completion(world):
    homes, seen = told(world)
    bounds = retention_ratio(homes, seen, UNTIL)
    for complete in (lambda left: left, lambda _left: True, lambda _left: False):
        truth = retention_ratio(*told(world, complete), UNTIL)
        if truth.measured and bounds.measured:
            assert bounds.low - 1e-9 <= truth.value <= bounds.high + 1e-9
        assert bounds.low <= bounds.value <= bounds.high


@settings(max_examples=30, deadline=None)
@given(WORLD, st.data())
def test_more_follow_up_never_widens_the_bounds(world, data):
    """One household that was not checked is: the bounds lie within those before, and fewer are missing."""
    silent = [n for n, (passed, story, _left) in enumerate(world) if story is None and passed > 4]
    if not silent:
        return
    n = data.draw(st.sampled_from(silent))
    passed, _story, left = world[n]
    end = min(passed, 12)
    more = [*world]
    more[n] = (passed, (end - 0.05, end) if left else (min(passed, 12.5), None), left)
    before, after = (retention_ratio(*told(one), UNTIL) for one in (world, more))
    if before.measured:
        assert after.low >= before.low - 1e-9
        assert after.high <= before.high + 1e-9
    assert after.missing < before.missing


@pytest.mark.parametrize("worlds", [60, pytest.param(600, marks=pytest.mark.prove)])
def test_the_sampling_error_of_retention_covers_what_the_rest_turns_out_to_be(worlds):
    """200 movers with a true retention of 0.8, half of them followed up for a year, half only just moved in.

    The draws hold the final share of all 200 in nine of ten worlds.
    """
    rng = np.random.default_rng(11)
    homes = pd.DataFrame(
        {
            "household_id": [f"h{i}" for i in range(200)],
            "moved_in": [pd.Timestamp("2022-06-01")] * 100 + [pd.Timestamp("2023-11-01")] * 100,
        }
    )
    covered = []
    for _world in range(worlds):
        stays = rng.random(200) < 0.8
        rows = [(f"h{i}", *(("2023-09-01", True) if stays[i] else ("2023-02-01", False))) for i in range(100)]
        drawn = drawn_share(retention_ratio(homes, checks(*rows), UNTIL), rng, 1000)
        covered.append(np.quantile(drawn, 0.05) <= stays.mean() <= np.quantile(drawn, 0.95))
    assert 0.84 <= np.mean(covered) <= 0.96


def test_both_ends_of_the_departure_are_shown():
    """Found at 10 months, gone at 15: before month 12 if early in between, after it if late."""
    rows = [("h0", "2021-11-01", True), ("h0", "2022-04-01", False), ("h1", "2022-06-01", True)]
    ratio = retention_ratio(moved(2), checks(*rows), UNTIL)
    assert (ratio.low, ratio.high) == pytest.approx((0.5, 1.0))


def test_checks_of_households_that_had_not_moved_yet_say_nothing():
    households = pd.DataFrame({"household_id": ["H1"], "moved_in": pd.to_datetime([None])})
    residence = pd.DataFrame({"household_id": ["H1"], "checked": [date(2021, 5, 1)], "resident": ["yes"]})
    assert departures(households, residence, date(2021, 12, 31)).empty
