"""Households by phase and area, and the funnel with Wilson intervals."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from attraktiv_eval.metrics import reach
from attraktiv_eval.metrics.level1 import funnel

UNTIL = date(2022, 12, 31)


def test_a_household_counts_once_in_every_phase_it_met(records_of, project):
    def contact(n, household, phase, day="2021-01-01"):
        return {
            "contact_id": f"c{n}", "date": day, "household_id": household, "phase": phase,
            "area": "collaboration_platform",
        }  # fmt: skip

    contacts = [
        contact(1, "h1", "attract"),
        contact(2, "h1", "attract", "2021-02-01"),
        contact(3, "h1", "welcome"),
        contact(4, "h2", "attract"),
        contact(5, "h3", None),
        contact(6, "h1", "integrate", "2023-02-01"),
        contact(7, None, "brand"),
    ]
    moved = {"household_id": "h1", "moved": "yes", "moved_in": "2021-05-01", "origin_code": "0180"}
    not_moved = {"household_id": "h2", "moved": "no"}
    found = reach(records_of(contacts=contacts, households=[moved, not_moved]), project, UNTIL)
    table = found.tables["households_by_phase"].set_index("phase")
    assert table["reached"].to_dict() == {
        "attract": 2,
        "welcome": 1,
        "integrate": 0,
        "brand": 0,
        "unknown": 1,
    }
    assert table["known"].to_dict() == {"attract": 2, "welcome": 1, "integrate": 0, "brand": 0, "unknown": 0}
    assert table["moved_in"].to_dict() == {
        "attract": 1,
        "welcome": 1,
        "integrate": 0,
        "brand": 0,
        "unknown": 0,
    }
    area = found.tables["households_by_area"].set_index("area")
    assert area.loc["collaboration_platform", "reached"] == 3


def test_the_share_is_of_known_outcomes_with_a_wilson_interval():
    """By hand: 10 of 40, z = 1.645: centre (0.25 + z²/80) / (1 + z²/40) and the usual half width."""
    table = pd.DataFrame({"phase": ["a", "b"], "reached": [50, 3], "known": [40, 0], "moved_in": [10, 0]})
    found = funnel(table).set_index("phase")
    z2 = 1.6448536**2
    centre = (0.25 + z2 / 80) / (1 + z2 / 40)
    half = 1.6448536 / (1 + z2 / 40) * (0.25 * 0.75 / 40 + z2 / 6400) ** 0.5
    assert found.loc["a", "share"] == 0.25
    assert found.loc["a", "low"] == pytest.approx(centre - half, abs=1e-6)
    assert found.loc["a", "high"] == pytest.approx(centre + half, abs=1e-6)
    assert found.loc["b", ["share", "low", "high"]].isna().all()
