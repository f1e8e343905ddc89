"""The analysis plan: set by rule, from years before the project only, and never overwritten in silence."""

from __future__ import annotations

import hashlib
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from attraktiv_eval.counterfactual.candidates import _ranked, pseudo_starts, race
from attraktiv_eval.counterfactual.estimators import METHODS
from attraktiv_eval.counterfactual.plan import Plan, data_digest, make_plan, plan_for, write_plan
from attraktiv_eval.errors import DesignError
from attraktiv_eval.project import Project
from attraktiv_eval.reporting import statements
from attraktiv_eval.reporting.view import View
from attraktiv_eval.statistics.panel import Panel

FAST = ["difference_in_differences", "synthetic_control", "demeaned_synthetic_control", "synthetic_did"]
DAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def panel() -> Panel:
    return Panel.load()


@pytest.fixture(scope="module")
def project() -> Project:
    return Project.load()


@pytest.fixture
def quick(monkeypatch, panel, project):
    """Write plans of one cheap method."""
    import attraktiv_eval.counterfactual.estimators as estimators

    monkeypatch.setattr(estimators, "METHODS", {"difference_in_differences": METHODS[FAST[0]]})
    return lambda path, **more: write_plan(panel, project, path, today=DAY, **more)


def test_pretended_starts_have_twelve_years_before_and_end_before_the_project():
    assert pseudo_starts(range(1997, 2020), 2020, 3) == list(range(2009, 2018))
    assert pseudo_starts(range(2002, 2020), 2020, 3) == [2014, 2015, 2016, 2017]
    assert pseudo_starts(range(2010, 2020), 2020, 3) == []


def test_among_four_methods_net_migration_gets_differences_without_metropolitan_counties(panel):
    result = race(panel, "23", "net_migration", 2020, 3, methods=FAST)
    best = result.table.iloc[0]
    assert (best["method"], best["pool"]) == ("difference_in_differences", "no_metropolitan")
    assert result.starts == list(range(2009, 2018)) and len(result.targets) == 15
    assert "23" not in result.targets and not {"01", "12", "14", "24", "25"} & set(result.targets)


def test_the_equivalence_set_is_one_standard_error_of_the_paired_difference():
    by_county = np.array([[1.0, 2.0, 3.0, 2.0], [1.1, 2.3, 3.2, 2.2], [4.0, 5.0, 6.0, 5.5]])
    names = [("a", "all"), ("b", "all"), ("c", "all")]
    told = _ranked(names, by_county).set_index("method")
    paired = by_county[1] - by_county[0]
    assert told.loc["b", "excess"] == pytest.approx(paired.mean())
    assert told.loc["b", "standard_error"] == pytest.approx(paired.std(ddof=1) / 2)
    assert told["equivalent"].tolist() == [True, False, False]
    by_county[1] = [0.0, 4.0, 2.0, 2.2]  # as far off on average, but sometimes better
    assert _ranked(names, by_county).set_index("method")["equivalent"].tolist() == [True, True, False]


def test_no_figure_of_the_projects_own_years_enters(panel, project):
    later = {key: frame.copy() for key, frame in panel.series.items()}
    for frame in later.values():
        frame.loc[2020:] = frame.loc[2020:] * 3 + 17
    table = panel.table.copy()
    table.loc[table["year"] >= 2020, "net_migration"] = 0
    changed = Panel(table=table, series=later, sources=panel.sources)
    for one in (panel, changed):
        assert data_digest(one, 2019) == data_digest(panel, 2019)
    same = [make_plan(one, project, methods=FAST[:2], today=DAY) for one in (panel, changed)]
    assert same[0].content == same[1].content


def test_a_plan_is_read_back_whole_and_knows_its_hash(tmp_path, quick):
    written = quick(tmp_path / "plan.toml")
    read = Plan.load(tmp_path / "plan.toml")
    assert read.content == written.content and read.sha256 == written.sha256
    assert read.written == DAY and read.content["last_year_used"] == 2019
    assert read.primary("net_migration")[1] == "no_metropolitan"
    assert read.equivalent("net_migration")[0] == read.primary("net_migration")


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_it_is_told_how_far_the_plan_is_outcome_by_outcome(panel, project, n_jobs):
    told: dict[str, list[tuple[int, int | None]]] = {}
    made = make_plan(
        panel,
        project.model_copy(update={"start": date(2016, 1, 1), "end": date(2018, 12, 31)}),
        methods=FAST[:1],
        n_jobs=n_jobs,
        advance=lambda outcome, done, total: told.setdefault(outcome, []).append((done, total)),
    )
    assert set(told) == {*made.outcomes, *made.content["left_out"]} and made.content["left_out"]
    for outcome, steps in told.items():
        assert steps[0] == (0, None)
        last = steps[-1][1]
        count = 0 if outcome not in made.outcomes else 3 * len(made._outcome(outcome)["pretended_starts"])
        assert last == count and steps[1:] == ([(n + 1, count) for n in range(count)] or [(0, 0)])


def test_a_plan_is_not_overwritten_without_a_reason(tmp_path, quick):
    path = tmp_path / "plan.toml"
    first = quick(path)
    before = path.read_bytes()
    for reason in (None, "  "):
        with pytest.raises(DesignError, match="--amend"):
            quick(path, amend=reason)
    assert path.read_bytes() == before
    reason = 'the figures were "revised"\nby SCB'
    quick(path, amend=reason)
    quick(path, amend="second")
    told = Plan.load(path).amendments
    assert [one["reason"] for one in told] == ['the figures were "revised" by SCB', "second"]
    assert told[0]["replaced_sha256"] == first.sha256 and told[0]["date"] == "2026-11-23"
    assert told[0]["replaced_written"] == first.content["written"]


@pytest.mark.parametrize(("language", "day"), [("sv", "23 november 2026"), ("en", "23 November 2026")])
def test_the_report_lists_each_amendment_with_its_day_its_reason_and_what_it_replaced(
    tmp_path, quick, language, day
):
    path = tmp_path / "plan.toml"
    first = quick(path)
    second = quick(path, amend="SCB <revised> the figures")
    third = quick(path, amend="än en gång", amend_en="once more")
    evaluation = SimpleNamespace(county=SimpleNamespace(plan=Plan.load(path)), tables={})
    told = " ".join(statements.plan(View(evaluation, language)))
    for one in (first, second, third):
        assert one.sha256 in told
    first_reason, second_reason = {
        "sv": ("SCB &lt;revised&gt; the figures", "än en gång"),
        "en": ('<span lang="sv">SCB &lt;revised&gt; the figures</span>', "once more"),
    }[language]
    assert told.index(first_reason) < told.index(second_reason)
    assert told.count(day) == 5  # the plan in force, and two amendments each with the plan it replaced
    assert told.count({"sv": f"Ersatt plan av den {day}:", "en": f"Replaced plan of {day}:"}[language]) == 2


def test_there_is_nothing_to_amend_without_a_plan(tmp_path, quick):
    with pytest.raises(DesignError, match="no plan to amend"):
        quick(tmp_path / "plan.toml", amend="reason")
    with pytest.raises(DesignError, match="no plan to amend"):
        quick(tmp_path / "plan.toml", amend_en="reason")


def test_a_plan_changed_by_hand_is_replaced_under_the_hash_of_its_file(tmp_path, quick):
    path = tmp_path / "plan.toml"
    quick(path)
    path.write_text(path.read_text(encoding="utf-8").replace("2019", "2022"), encoding="utf-8")
    changed = hashlib.sha256(path.read_bytes()).hexdigest()
    quick(path, amend="ändrad för hand")
    (told,) = Plan.load(path).amendments
    assert told["replaced_sha256"] == changed and "replaced_written" not in told
    evaluation = SimpleNamespace(county=SimpleNamespace(plan=Plan.load(path)), tables={})
    assert "Replaced plan: <code>" in " ".join(statements.plan(View(evaluation, "en")))


def test_a_plan_changed_by_hand_is_refused(tmp_path, quick):
    path = tmp_path / "plan.toml"
    quick(path)
    path.write_text(path.read_text(encoding="utf-8").replace("2019", "2022"), encoding="utf-8")
    with pytest.raises(DesignError, match="changed after it was written"):
        Plan.load(path)
    path.write_text(
        path.read_text(encoding="utf-8").replace('\nsha256 = "', '\nat = 07:32:00\nsha256 = "', 1),
        encoding="utf-8",
    )
    with pytest.raises(DesignError, match="changed after it was written"):
        Plan.load(path)


def test_the_shipped_plan_is_about_the_shipped_project_and_figures(panel, project):
    plan = Plan.load()
    assert plan.region == project.region.code
    assert plan.content["data_sha256"] == data_digest(panel, project.years[0] - 1)
    assert plan.primary_outcome == "in_moves"
    assert set(plan.content["methods"]) | set(plan.content.get("left_out", {})) >= set(METHODS)
    assert plan_for(panel, project).sha256 == plan.sha256


def test_the_shipped_plan_follows_from_the_rule_for_the_cheap_methods(panel):
    plan = Plan.load()
    table = plan.table()
    for outcome in ("in_moves", "net_migration"):
        told = table[(table["outcome"] == outcome) & table["method"].isin(FAST)]
        again = race(panel, plan.region, outcome, 2020, 3, methods=FAST).table
        merged = told.merge(again, on=["method", "pool"], suffixes=("", "_again"))
        assert len(merged) == 12
        np.testing.assert_allclose(merged["error"], merged["error_again"], rtol=1e-5)


@pytest.mark.prove
def test_the_shipped_plan_follows_from_the_rule_whole(panel, project):
    plan = Plan.load()
    again = make_plan(panel, project, today=plan.written, amendments=plan.amendments, n_jobs=-1)
    pd.testing.assert_frame_equal(plan.table(), again.table(), rtol=1e-4)


def test_the_plan_says_what_it_is_not():
    plan = Plan.load()
    assert plan.statement("en") == (
        "Set by rule after the figures for 2020–2022 were public and after a first look; "
        "not blind pre-registration."
    )
    assert plan.content["statement"] == plan.statement("en")
    assert "candidates are as good" in plan.sentence("en")
