"""results.json: figures with range and origin, a published schema, the same bytes every time."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft202012Validator

from attraktiv_eval import findings
from attraktiv_eval.evaluation import results


def count(**changes):
    parts = {"unit": "households", "kind": "count", "evidence_level": 1, "sources": ["records:households"]}
    return results.figure("households.level1", 214, **{**parts, **changes})


def estimate(**changes):
    parts = {
        "unit": "households",
        "kind": "estimate",
        "evidence_level": 2,
        "low": 61.23456789,
        "high": 118.0,
        "interval": 0.9,
        "method": "simulation",
        "assumptions": ["unanswered_share_of_answered"],
    }
    return results.figure("households.level2", 90.0, **{**parts, **changes})


def document(*figures, **changes):
    parts = {
        "project": "En attraktiv region",
        "year": 2021,
        "final": False,
        "until": date(2021, 12, 31),
        "example_data": True,
    }
    verdicts = [findings.verdict(1, "households", 400, known=214, unknown=36)]
    return results.document("run-1", figures, verdicts, **{**parts, **changes})


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(results.schema())


def test_a_document_is_written_with_six_significant_digits_and_the_same_bytes_twice(tmp_path):
    for name in ("one.json", "two.json"):
        results.write(tmp_path / name, document(count(), estimate()))
    one, two = ((tmp_path / name).read_bytes() for name in ("one.json", "two.json"))
    assert one == two
    assert one.endswith(b"}\n")
    assert b"\r" not in one
    written = json.loads(one)
    assert written["figures"][1]["low"] == 61.2346
    assert written["verdicts"][0]["rule"] == "goal_not_reached"


def test_a_missing_value_says_why_and_has_no_range():
    one = results.figure(
        "companies.level3",
        float("nan"),
        low=1,
        high=2,
        unit="companies",
        kind="estimate",
        evidence_level=3,
        reason="not_tested",
    )
    assert (one["value"], one["low"], one["high"], one["reason"]) == (None, None, None, "not_tested")
    results.validate(document(one))


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        (lambda: count(evidence_level=None), "evidence_level"),
        (lambda: estimate(low=None), "low"),
        (lambda: results.figure("x", None, unit="SEK", kind="money"), "reason"),
        (lambda: results.figure("x", 1, unit="SEK", kind="money", evidence_level=1), "evidence_level"),
        (lambda: count(unit="two words"), "unit"),
        (lambda: estimate(interval=0.95), "interval"),
        (lambda: {**count(), "comment": "x"}, "comment"),
    ],
)
def test_a_figure_that_is_not_whole_is_not_written(broken, place, tmp_path):
    with pytest.raises(ValueError, match=place):
        results.write(tmp_path / "results.json", document(broken()))
    assert not (tmp_path / "results.json").exists()


def test_an_interval_without_bound_is_null_and_named():
    one = estimate(low=float("-inf"), high=float("inf"))
    assert (one["low"], one["high"], one["unbounded"]) == (None, None, ["low", "high"])
    results.validate(document(one))


def test_a_figure_given_twice_or_a_value_with_a_reason_is_a_fault():
    with pytest.raises(ValueError, match="twice"):
        document(count(), count())
    with pytest.raises(ValueError, match="reason"):
        count(reason="suppressed")


def test_tables_come_back_as_they_were_with_suppressed_cells_missing(tmp_path):
    table = pd.DataFrame(
        {
            "municipality_code": ["2303", "2305"],
            "moved_in": pd.array([pd.NA, 12], dtype="Int64"),
            "share": [np.nan, 0.25],
        }
    )
    path = tmp_path / "results.json"
    results.write(path, document(count(), tables={"households_by_municipality": table}))
    back = results.read_tables(path)["households_by_municipality"]
    assert list(back["municipality_code"]) == ["2303", "2305"]
    assert back["moved_in"].isna().tolist() == [True, False]
    assert back["moved_in"][1] == 12


def test_tables_that_are_read_back_are_written_with_the_same_bytes(tmp_path):
    table = pd.DataFrame(
        {"share": [1.0, 0.25, np.nan], "n": pd.array([3, None, 0], dtype="Int64"), "month": [1.0] * 3}
    )
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    results.write(first, document(tables={"retention": table}))
    results.write(second, document(tables=results.read_tables(first)))
    assert first.read_bytes() == second.read_bytes()
    assert json.loads(first.read_text(encoding="utf-8"))["tables"]["retention"]["rows"][0] == [1, 3, 1]


def test_verdicts_with_an_unbounded_effect_are_written_as_null(tmp_path):
    noisy = findings.Level3(100.0, float("-inf"), float("inf"), float("inf"), 10.0, (2017, 2019))
    one = findings.verdict(3, "households", 400, known=300, comparison=noisy)
    doc = results.document(
        "run-1", [], [one], project="P", year=2022, final=True, until=date(2022, 12, 31), example_data=False
    )
    results.write(tmp_path / "r.json", doc)
    facts = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["verdicts"][0]["values"]
    assert facts["mde_low"] is None and facts["mde_high"] is None
    assert facts["pseudo_years"] == [2017, 2019]
