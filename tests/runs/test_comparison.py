"""What changed between two reports, and why."""

from __future__ import annotations

import copy
import json

import pytest

from attraktiv_eval.errors import ParameterError
from attraktiv_eval.runs.comparison import (
    changes,
    compare_reports,
    differ,
    forget_previous,
    keep_previous,
)

VERDICT = {
    "goal": "households",
    "level": 3,
    "rule": "too_noisy",
    "values": {"goal": 400, "mde": 900.0},
    "reasons": [],
}
REPORT = {
    "run": {
        "run_id": "2021-aaaaaaaaaaaa",
        "git": {"commit": "0123456789abcdef", "dirty": False},
        "software": {"python": "3.11.7", "pandas": "3.1.1"},
        "assumptions": {"persons_per_moving_household": [1.3, 1.6, 2.0]},
        "inputs": [{"part": "records", "file": "hushåll.csv", "sha256": "a" * 64}],
    },
    "results": {
        "project": "Påhittat",
        "figures": [{"id": "households.level3", "value": 250.0, "low": -480.0, "high": 1200.0}],
        "verdicts": [VERDICT],
    },
}


NEW_FILE = {"part": "records", "file": "ny.csv", "sha256": ""}


@pytest.fixture
def later():
    return copy.deepcopy(REPORT)


def test_the_same_report_has_no_difference(later):
    assert differ(REPORT, later).lines("en") == [
        "Nothing that the report rests on has changed.",
        "No figure has changed.",
    ]


def test_a_changed_assumption_is_named_with_what_it_moved(later):
    later["run"]["assumptions"]["persons_per_moving_household"] = [1.3, 1.8, 2.0]
    later["results"]["figures"][0]["value"] = 222.2
    assert differ(REPORT, later).lines("en") == [
        "Assumption “Persons per household that moves in” (persons_per_moving_household) changed from 1.60 "
        "(1.30; 2.00) to 1.80 (1.30; 2.00).",
        "Households, level 3: 250 (−480; 1,200) → 222 (−480; 1,200)",
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda run: run["inputs"][0].update(sha256="b" * 64), "Input file changed: records/hushåll.csv."),
        (lambda run: run["inputs"].clear(), "Input file no longer used: records/hushåll.csv."),
        (lambda run: run["inputs"].append(NEW_FILE), "New input file: records/ny.csv."),
        (lambda run: run["software"].update(pandas="3.2.0"), "pandas changed from version 3.1.1 to 3.2.0."),
        (lambda run: run["git"].update(dirty=True), "The code changed from 0123456789ab to 0123456789ab+."),
        (lambda run: run.update(git=None), "The code changed from 0123456789ab to –."),
    ],
)  # fmt: skip
def test_each_cause_is_told(later, change, told):
    change(later["run"])
    assert differ(REPORT, later).lines("en")[0] == told


def test_an_assumption_of_ones_own_is_named_by_its_id(later):
    later["run"]["assumptions"]["own_judgement"] = [0.1, 0.2, 0.3]
    assert differ(REPORT, later).lines("sv")[0].startswith("Antagandet own_judgement ändrades från –")


@pytest.mark.parametrize(
    ("id", "name"),
    [
        ("municipality.2303.in_moves.effect", "kommun 2303, Inflyttningar, effekt"),
        ("municipalities.told_apart", "kommunerna, går att skilja från slumpen"),
        ("municipalities.in_moves.all", "kommunerna, Inflyttningar, antal"),
        ("county.control.out_moves.synthetic_control.all.effect",
         "Utflyttningar, Syntetisk kontroll, Alla övriga län, effekt"),
        ("county.in_moves.synthetic_did.all.true_level",
         "Inflyttningar, Syntetisk skillnad i skillnader, Alla övriga län, intervallets verkliga nivå"),
        ("county.net_migration.change_from.1997-2019", "Flyttnetto, förändring från 1997–2019"),
        ("county.other.vacant_homes.synthetic_did.all.p_value",
         "Lediga bostäder, Syntetisk skillnad i skillnader, Alla övriga län, p-värde"),
        ("households.level3.breakdown",
         "Hushåll, nivå 3, hur många gånger den värsta driften före som den tål"),
        ("households.level3.exaggeration_low",
         "Hushåll, nivå 3, hur många gånger ett fynd överskattar målet, minst"),
        ("households.level3.sentence.wrong",
         "Hushåll, nivå 3, hur ofta dess mening är fel, av 100 fall"),
        ("households.level2.high_bound", "Hushåll, nivå 2, om varje okänt räknas"),
        ("households.pace.2021", "Hushåll, jämn takt till slutet av 2021"),
        ("households.known.2021", "Hushåll, kända till slutet av 2021"),
        ("months.2022.before", "flyttningar per månad, 2022, samma månader före projektet"),
        ("money.cost", "pengar (kr), hela projektets kostnad"),
        ("records.rejected", "projektets register, avvisade rader"),
        ("records.linkage.recall",
         "projektets register, hopkoppling av poster, andel av dem som hör ihop som kopplades"),
    ],
)  # fmt: skip
def test_a_figure_has_a_name(later, id, name):
    before = copy.deepcopy(REPORT)
    for report, value in ((before, 1.0), (later, 2.0)):
        report["results"]["figures"] = [{"id": id, "value": value, "low": None, "high": None}]
    later["run"]["outcomes"] = {"vacant_homes": {"sv": "Lediga bostäder", "en": "Vacant homes"}}
    assert f"{name}: 1 → 2" in differ(before, later).lines("sv")
    assert not any(id in line for line in differ(before, later).lines("en"))


def test_an_id_that_nobody_named_is_told_as_it_is(later):
    before = copy.deepcopy(REPORT)
    for id in ("households.level3.newly_made", "county.in_moves", "months.2022.x", "alone", "records.x"):
        for report, value in ((before, 1.0), (later, 2.0)):
            report["results"]["figures"] = [{"id": id, "value": value, "low": None, "high": None}]
        assert f"{id}: 1 → 2" in differ(before, later).lines("en")


def test_a_verdict_whose_words_stay_is_not_told_twice(later):
    later["results"]["verdicts"][0]["values"] = {"goal": 400, "mde": 900.4}
    assert not any("verdict" in line for line in differ(REPORT, later).lines("en"))


def test_a_range_without_a_middle_is_told_as_a_range(later):
    before = copy.deepcopy(REPORT)
    for report, low in ((before, 100.0), (later, 200.0)):
        report["results"]["figures"] = [
            {"id": "households.cost_per_result.level2", "value": low, "low": low, "high": 900.0}
        ]
    assert "Households, cost per result at level 2 (SEK): 100; 900 → 200; 900" in differ(before, later).lines(
        "en"
    )


def test_a_changed_verdict_is_told(later):
    later["results"]["verdicts"][0]["rule"] = "undecided"
    assert "Households, verdict, level 3: too noisy (smallest detectable 900) → undecided" in differ(
        REPORT, later
    ).lines("en")


def test_reports_are_read_from_their_folders(tmp_path, later):
    for name, report in (("a", REPORT), ("b", later)):
        (tmp_path / name).mkdir()
        for part in ("run", "results"):
            (tmp_path / name / f"{part}.json").write_text(json.dumps(report[part]), encoding="utf-8")
    assert compare_reports(tmp_path / "a", tmp_path / "b").figures == []


@pytest.mark.parametrize(
    ("run", "results", "told"),
    [({"region": "07"}, {}, "Påhittat, county 23; Påhittat, county 07"), ({}, {"project": "Y"}, "23; Y")],
)
def test_two_projects_are_not_compared(tmp_path, later, run, results, told):
    before = copy.deepcopy(REPORT)
    before["run"]["region"] = "23"
    later["run"] |= run
    later["results"] |= results
    for name, report in (("a", before), ("b", later)):
        (tmp_path / name).mkdir()
        for part in ("run", "results"):
            (tmp_path / name / f"{part}.json").write_text(json.dumps(report[part]), encoding="utf-8")
    with pytest.raises(ParameterError, match=told):
        compare_reports(tmp_path / "a", tmp_path / "b")


def test_a_folder_without_a_report_is_one_clear_line(tmp_path):
    with pytest.raises(
        ParameterError, match=r"run\.json: the folder holds no published report; remedy: give"
    ):
        compare_reports(tmp_path, tmp_path)


def test_the_next_report_shows_what_changed(tmp_path, later):
    published, staged = tmp_path / "published", tmp_path / "staged"
    later["results"]["figures"][0]["value"] = 222.2
    for folder, report in ((published, REPORT), (staged, later)):
        folder.mkdir()
        for part in ("run", "results"):
            content = report[part] | ({"version": 1} if part == "run" else {})
            (folder / f"{part}.json").write_text(json.dumps(content), encoding="utf-8")
    assert "first report of its kind" in str(changes(staged, "en"))
    keep_previous(published, staged)
    shown = str(changes(staged, "en"))
    assert "Compared with version 1" in shown and "250" in shown and "222" in shown
    forget_previous(staged)
    assert sorted(path.name for path in staged.iterdir()) == ["results.json", "run.json"]


def test_outside_a_run_there_is_nothing_to_compare():
    assert "replaces none" in str(changes("", "en"))
