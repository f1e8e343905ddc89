"""Level 1 of the example records equals their truth exactly, for several invented worlds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from attraktiv_eval.metrics import reach
from attraktiv_eval.project import Project
from attraktiv_eval.records import load_records
from scripts.example_records import write_example


@pytest.mark.parametrize("seed", [20191217, pytest.param(3, marks=pytest.mark.prove)])
def test_level_1_is_the_truth(seed: int, tmp_path: Path, project: Project) -> None:
    truth = write_example(tmp_path, project, seed=seed)
    records = load_records(tmp_path, project)
    found = reach(records, project, date(2022, 12, 31))
    households, companies = truth["households"], truth["companies"]
    assert (found.goals["households"].known, found.goals["households"].unknown) == (
        households["moved_in"],
        households["unknown"],
    )
    assert found.goals["households"].reached == households["reached"]
    assert found.goals["companies"].known == companies["hired"]
    assert found.goals["organisations"].known == len(project.organisations)
    by_year = found.tables["households_by_year"].set_index("year")
    assert {str(year): int(n) for year, n in by_year["moved_in"].items()} == households["moved_in_by_year"]
    assert {str(year): int(n) for year, n in by_year["reached"].items()} == households["reached_by_year"]
    apart = found.tables["counted_apart"].set_index("reason")["households"]
    assert apart["before_first_contact"] == households["counted_apart"]["before_contact"]
    assert apart["inside_county"] == households["counted_apart"]["inside_county"]
    assert apart["out_again"] == households["counted_apart"]["out_again"]
