"""Retention by Kaplan-Meier: departures lie between two checks."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from attraktiv_eval.metrics import retention_ratio, retention_table
from attraktiv_eval.metrics.retention import departures

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


def test_without_checks_past_three_months_nothing_is_deducted():
    for seen in (None, checks(("h0", "2021-02-20", True))):
        ratio = retention_ratio(moved(2), seen, UNTIL)
        assert ratio.value == 1
        assert not ratio.measured


def test_both_ends_of_the_departure_are_shown():
    """Found at 10 months, gone at 15: before month 12 if early in between, after it if late."""
    rows = [("h0", "2021-11-01", True), ("h0", "2022-04-01", False), ("h1", "2022-06-01", True)]
    ratio = retention_ratio(moved(2), checks(*rows), UNTIL)
    assert (ratio.low, ratio.high) == pytest.approx((0.5, 1.0))
