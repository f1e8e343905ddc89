"""Level 2 finds the truth of invented records: the 90 per cent range covers it about as often as it says."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from attraktiv_eval.additionality import contribute
from attraktiv_eval.assumptions import Assumptions
from attraktiv_eval.metrics import reach
from attraktiv_eval.project import Project
from attraktiv_eval.records import load_records
from scripts.example_records import write_example
from scripts.example_records.truth import contributed
from scripts.example_records.writing import SEED

UNTIL = date(2022, 12, 31)
GOALS = ("households", "companies")


def judged(seed: int) -> dict[str, tuple[float, float, float]]:
    """Write invented records, read them back, and return low, truth and high for each goal."""
    project, assumptions = Project.load(), Assumptions.load()
    with TemporaryDirectory() as folder:
        truth = write_example(Path(folder), project, seed=seed)
        records = load_records(Path(folder), project, assumptions=assumptions)
    counts = reach(records, project, UNTIL).goals
    assert counts["households"].known == truth["households"]["moved_in"], seed
    assert counts["companies"].known == truth["companies"]["hired"], seed
    found = {goal: contribute(records, project, assumptions, goal, UNTIL) for goal in GOALS}
    return {
        goal: (float(one.low), contributed(truth, goal, assumptions), float(one.high))
        for goal, one in found.items()
    }


def test_the_shipped_example_is_covered():
    for goal, (low, true, high) in judged(SEED).items():
        assert low <= true <= high, goal


@pytest.mark.prove
def test_the_range_covers_the_truth_in_85_to_95_of_100_seeds():
    with ProcessPoolExecutor(2) as pool:
        found = list(pool.map(judged, range(SEED, SEED + 100)))
    for goal in GOALS:
        covered = sum(low <= true <= high for low, true, high in (one[goal] for one in found))
        assert 85 <= covered <= 95, (goal, covered)
