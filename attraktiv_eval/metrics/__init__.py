"""Level 1: whom the project reached, counted from its own records.

Tidy tables in, tidy tables out; nothing is read from or written to disk here.
"""

from __future__ import annotations

from attraktiv_eval.metrics.households import (
    HouseholdSize,
    classify_households,
    household_size,
    retention_ratio,
    retention_table,
)
from attraktiv_eval.metrics.level1 import GoalCount, Reach, cost_per_result, funding_table, reach

__all__ = [
    "GoalCount",
    "HouseholdSize",
    "Reach",
    "classify_households",
    "cost_per_result",
    "funding_table",
    "household_size",
    "reach",
    "retention_ratio",
    "retention_table",
]
