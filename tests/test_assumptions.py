"""Every judgement has a value inside its range, a unit, a day and a reference."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attraktiv_eval import resources
from attraktiv_eval.assumptions import REQUIRED, Assumption, Assumptions
from attraktiv_eval.errors import AssumptionError

SHIPPED = resources.find("data/assumptions.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def assumptions() -> Assumptions:
    return Assumptions.load()


def test_persons_per_moving_household(assumptions: Assumptions) -> None:
    persons = assumptions["persons_per_moving_household"]
    assert (persons.value, persons.low, persons.high) == (1.6, 1.3, 2.0)


def test_every_required_assumption_is_there_with_words_and_reference(assumptions: Assumptions) -> None:
    table = assumptions.table()
    assert set(REQUIRED) <= set(table["id"])
    assert len(table) == len(assumptions)
    for column in ("unit", "reference", "sv", "en"):
        assert table[column].str.len().gt(3).all()
    assert (table["sv"] != table["en"]).all()


def test_the_unanswered_stand_between_nothing_and_the_answered_mean(assumptions: Assumptions) -> None:
    unanswered = assumptions["unanswered_share_of_answered"]
    assert (unanswered.low, unanswered.value, unanswered.high) == (0.0, 0.5, 1.0)


def test_what_the_comparison_assumes_is_told_in_both_languages(assumptions: Assumptions) -> None:
    table = assumptions.identification()
    assert table["id"].to_list() == ["parallel_paths", "no_spill_over", "no_other_event", "no_anticipation"]
    assert table.drop(columns="id").map(len).gt(10).all(axis=None)
    for stem in ("", "credible_", "against_", "check_"):
        assert (table[f"{stem}sv"] != table[f"{stem}en"]).all()


def test_a_file_without_identifying_assumptions_has_the_shipped_ones(tmp_path: Path) -> None:
    own = tmp_path / "assumptions.toml"
    own.write_text(SHIPPED.split("[[identifying]]")[0], encoding="utf-8")
    assert Assumptions.load(own).identifying == Assumptions.load().identifying
    own.write_text(SHIPPED.replace("against_sv", "emot_sv", 1), encoding="utf-8")
    with pytest.raises(AssumptionError, match="identifying"):
        Assumptions.load(own)


def test_an_unknown_id_is_an_error_and_not_a_default(assumptions: Assumptions) -> None:
    with pytest.raises(AssumptionError, match="no assumption optimism"):
        assumptions["optimism"]
    assert "optimism" not in assumptions


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("value = 1.6", "value = 2.6", "not in this order"),
        ("value = 1.6\n", "", "persons_per_moving_household.value"),
        ("value = 1.6", 'value = "1,6"', "persons_per_moving_household.value"),
        ("high = 0.95", "high = 1.95", "between 0 and 1"),
        ("[persons_per_moving_household]", "[persons]", "persons_per_moving_household is missing"),
        ('unit = "persons per household"', 'unit = ""', "unit"),
        ("low = 0.60\nhigh = 0.95", "low = 0.30\nhigh = 0.95", "would_not_have_moved_5.low"),
        ("valid_from = 2020-01-01", "valid_from = 2020", "valid_from"),
        ("high = 2.0", "high = inf", "finite"),
        ("value = 1.6", f"value = {'9' * 400}", "persons_per_moving_household.value"),
        ("value = 1.6", f"value = {'9' * 5000}", "too many digits"),
    ],
)
def test_a_faulty_assumption_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in SHIPPED
    file = tmp_path / "assumptions.toml"
    file.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(AssumptionError) as caught:
        Assumptions.load(file)
    assert said in str(caught.value)
    assert str(file) in str(caught.value)


def test_a_missing_file_and_a_loose_key(tmp_path: Path) -> None:
    with pytest.raises(AssumptionError, match="cannot be read"):
        Assumptions.load(tmp_path / "nowhere.toml")
    file = tmp_path / "assumptions.toml"
    file.write_text("value = 1.0\n" + SHIPPED, encoding="utf-8")
    with pytest.raises(AssumptionError, match="outside every assumption"):
        Assumptions.load(file)


@given(st.tuples(*[st.floats(-5, 5)] * 3))
def test_an_assumption_is_ordered_or_refused(numbers: tuple[float, float, float]) -> None:
    low, value, high = numbers
    words = {"unit": "points", "reference": "a test", "sv": "prov", "en": "trial"}
    parts = {"id": "x", "low": low, "value": value, "high": high, "valid_from": date(2020, 1, 1), **words}
    if low <= value <= high:
        assert Assumption.model_validate(parts).low <= Assumption.model_validate(parts).high
    else:
        with pytest.raises(ValueError, match="not in this order"):
            Assumption.model_validate(parts)
