"""Activities by phase: how many, whom they reached, what they cost."""

from __future__ import annotations

from datetime import date

import pandas as pd

from attraktiv_eval.metrics import reach
from attraktiv_eval.metrics.level1 import activities_by

UNTIL = date(2021, 12, 31)
PHASES = ["attract", "welcome", "integrate", "brand"]


def activity(day, phase, reach=None, cost=None):
    return {"date": day, "phase": phase, "area": "collaboration_platform", "reach": reach, "cost_sek": cost}


def test_activities_are_added_by_phase_and_what_is_not_stated_stays_unknown(records_of):
    rows = [
        activity("2020-05-01", "attract", 100, 1000.4),
        activity("2021-05-01", "attract", 50, None),
        activity("2021-06-01", "welcome"),
        activity("2021-07-01", None, 5, 10),
        activity("2022-01-01", "attract", 999, 999),
    ]
    found = activities_by(records_of(activities=rows), "phase", PHASES, UNTIL).set_index("phase")
    assert found.index.to_list() == [*PHASES, "unknown"]
    assert found.loc["attract"].to_list() == [2, 150, 1000]
    assert found.loc["welcome", "activities"] == 1
    assert pd.isna(found.loc["welcome", "cost_sek"])
    assert found.loc["brand", "activities"] == 0
    assert found.loc["unknown"].to_list() == [1, 5, 10]


def test_without_a_list_there_is_no_table(records_of, project):
    assert activities_by(records_of(), "phase", PHASES, UNTIL).empty
    tables = reach(records_of(), project, UNTIL).tables
    assert tables["activities_by_phase"].empty
    assert tables["activities_by_area"].empty
