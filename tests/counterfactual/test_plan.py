"""The analysis plan: set by rule, from years before the project only, and never overwritten in silence."""

from __future__ import annotations

import hashlib
from datetime import date
from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from attraktiv_eval.counterfactual.estimators import METHODS
from attraktiv_eval.errors import DesignError
from attraktiv_eval.level3.plan import (
    Plan,
    against_the_best,
    confidence_set,
    data_digest,
    in_force,
    make_plan,
    plan_for,
    pseudo_starts,
    race,
    ranked,
    write_plan,
)
from attraktiv_eval.project import Project
from attraktiv_eval.reporting import provenance
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


COUNTIES, EIGHT = np.arange(15), np.arange(8)
#: Losses of eight candidates in fifteen counties, without a draw.
LOSSES = np.array(
    [(3 + c / 4 + np.sin(1.7 * COUNTIES + c * c) + np.cos(0.9 * COUNTIES * (c + 1))) ** 2 / 4 for c in EIGHT]
)


def test_the_confidence_set_is_that_of_another_program():
    """The package arch 8.0.0 gives these, MCS(method="R", block_size=1) with 100,000 resamples."""
    expected = [1.0, 0.4380, 0.4380, 0.2392, 0.1188, 0.0, 0.0, 0.0]
    np.testing.assert_allclose(confidence_set(LOSSES), expected, atol=0.02)


def test_a_paired_comparison_with_the_best_is_what_enumeration_gives():
    """Three counties have 27 resamples, all equally likely; draws come near their share."""
    losses = np.array([[1.0, 2.0, 3.0], [2.0, 2.5, 1.8], [3.5, 4.0, 2.5]])
    resamples = [losses[:, list(rows)].mean(axis=1) for rows in product(range(3), repeat=3)]
    p_values, wins = against_the_best(losses, resamples=40_000)
    best = losses.mean(axis=1).argmin()
    assert best == 0 and p_values[0] == 1
    for i in range(3):
        assert p_values[i] == pytest.approx(np.mean([r[i] <= r[best] for r in resamples]), abs=0.01)
        assert wins[i] == pytest.approx(np.mean([r.argmin() == i for r in resamples]), abs=0.01)


def test_the_confidence_set_is_that_of_a_calculation_pair_by_pair():
    """The same draws, one pair of candidates after another, as the paper writes it (section 3.1.2)."""
    losses, draws = LOSSES[[0, 2, 4, 5]], 300
    drawn = np.random.default_rng(5).integers(15, size=(draws, 15))
    left, highest, expected = [0, 1, 2, 3], 0.0, {}
    while len(left) > 1:
        farthest, chance = {}, np.zeros(draws)
        for i in left:
            for j in left:
                if i != j:
                    gap = losses[i].mean() - losses[j].mean()
                    noise = np.array([losses[i][row].mean() - losses[j][row].mean() for row in drawn]) - gap
                    spread = np.sqrt((noise**2).mean())
                    farthest[i] = max(farthest.get(i, -np.inf), gap / spread)
                    chance = np.maximum(chance, np.abs(noise) / spread)
        worst = max(farthest, key=farthest.get)
        highest = max(highest, (chance >= farthest[worst]).mean())
        expected[worst] = highest
        left.remove(worst)
    p_values = confidence_set(losses, resamples=draws, seed=5)
    np.testing.assert_allclose(p_values, [expected.get(i, 1.0) for i in range(4)], atol=1e-9)


@given(
    arrays(float, st.tuples(st.integers(2, 6), st.integers(2, 9)), elements=st.integers(0, 40).map(float)),
    st.randoms(use_true_random=False),
)
@settings(max_examples=60, deadline=None)
def test_a_confidence_set_holds_its_best_and_knows_neither_order_nor_scale(losses, random):
    p_values, (direct, wins) = confidence_set(losses, 200), against_the_best(losses, 200)
    best = int(losses.mean(axis=1).argmin())
    assert p_values.max() == direct.max() == direct[best] == 1
    assert (direct >= wins).all() and wins.sum() == pytest.approx(1)
    same = np.isclose(losses.mean(axis=1), losses[best].mean())
    assert p_values[same].max() == 1
    np.testing.assert_allclose(confidence_set(7 * losses, 200), p_values)
    np.testing.assert_allclose(against_the_best(7 * losses, 200)[0], direct)
    order = list(range(len(losses)))
    random.shuffle(order)
    np.testing.assert_allclose(against_the_best(losses[order], 200)[1], wins[order], atol=1e-9)
    if len(set(losses.mean(axis=1))) == len(losses):
        np.testing.assert_allclose(confidence_set(losses[order], 200), p_values[order])
        np.testing.assert_allclose(against_the_best(losses[order], 200)[0], direct[order])


def test_a_candidate_that_is_worse_in_every_county_alike_is_told_apart_and_a_twin_is_not():
    base = np.linspace(1, 2, 15)
    losses = np.array([base, base, base + 1])
    assert confidence_set(losses).tolist() == [1.0, 1.0, 0.0]
    p_values, wins = against_the_best(losses)
    assert p_values.tolist() == [1.0, 1.0, 0.0] and wins.tolist() == [0.5, 0.5, 0.0]


def test_the_equivalence_set_never_has_fewer_than_the_three_best():
    base = np.linspace(1, 2, 15)
    names = [(name, "all") for name in "abcde"]
    told = ranked(names, np.array([base + 3, base + 1, base, base + 4, base + 2]))
    assert told["method"].tolist() == ["c", "b", "e", "a", "d"]
    assert told["equivalent"].tolist() == [True, True, True, False, False]
    assert told["primary"].tolist() == [True, False, False, False, False]
    assert told["p_value"].tolist() == [1.0, 0.0, 0.0, 0.0, 0.0] and told["wins"].iloc[0] == 1
    assert told["excess"].tolist() == pytest.approx([0, 1, 2, 3, 4])


def test_no_figure_of_the_projects_own_years_enters(panel, project):
    later = {key: frame.copy() for key, frame in panel.series.items()}
    for frame in later.values():
        frame.loc[2020:] = frame.loc[2020:] * 3 + 17
    table = panel.table.copy()
    table.loc[table["year"] >= 2020, "net_migration"] = 0
    changed = Panel(table=table, series=later, sources=panel.sources)
    known = list(panel.outcomes["id"])
    for one in (panel, changed):
        assert data_digest(one, 2019, known) == data_digest(panel, 2019, known)
    same = [make_plan(one, project, methods=FAST[:2], today=DAY) for one in (panel, changed)]
    assert same[0].content == same[1].content


def test_a_plan_is_read_back_whole_and_knows_its_hash(tmp_path, quick):
    written = quick(tmp_path / "plan.toml")
    read = Plan.load(tmp_path / "plan.toml")
    assert read.content == written.content and read.sha256 == written.sha256
    assert read.written == DAY and read.content["last_year_used"] == 2019
    assert read.primary("net_migration")[1] == "no_metropolitan"
    assert read.equivalent("net_migration")[0] == read.primary("net_migration")
    assert len(read.equivalent("net_migration")) == 3
    assert read.sha256 == hashlib.sha256((tmp_path / "plan.toml").read_bytes()).hexdigest()


def test_a_plan_set_on_the_spot_has_the_same_hash_on_every_day(panel, project):
    one, other = (make_plan(panel, project, methods=FAST[:1]) for _ in range(2))
    assert one.written is None and one.sha256 == other.sha256 == hashlib.sha256(one.bytes).hexdigest()
    assert b"written" not in one.bytes.partition(b"region")[2]
    assert "Set on the spot by this run" in one.sentence("en")
    assert "Plan of" not in one.sentence("en")


def test_the_sum_of_the_figures_covers_every_series_used(panel):
    for outcome, table in panel.series.items():
        if outcome[1] == "county" and outcome[0] in {"in_moves", "net_migration", "population"}:
            changed = {key: frame.copy() for key, frame in panel.series.items()}
            changed[outcome].iloc[0 if outcome[0] != "population" else 20, 3] += 1
            other = Panel(table=panel.table, series=changed, sources=panel.sources)
            used = ["in_moves", "net_migration"]
            assert data_digest(other, 2019, used) != data_digest(panel, 2019, used), (outcome, table.shape)


def _panel_with(panel: Panel, outcome: str, last: int) -> Panel:
    """Return a panel that holds an outcome of its own, made of net migration, up to a year."""
    series = dict(panel.series)
    series[outcome, "county"] = (series["net_migration", "county"].abs() + 500).loc[:last]
    return Panel(table=panel.table, series=series, sources=panel.sources)


def _without(panel: Panel, outcome: str) -> Panel:
    series = {key: frame for key, frame in panel.series.items() if key[0] != outcome}
    return Panel(table=panel.table, series=series, sources=panel.sources)


def test_the_pretended_windows_are_as_long_as_the_years_compared(panel, project):
    plan = make_plan(
        _panel_with(panel, "domestic_in_moves_over_border", 2021), project, methods=FAST[:1], today=DAY
    )
    starts = {one["id"]: one["pretended_starts"] for one in plan.content["outcome"]}
    assert starts["domestic_in_moves_over_border"] == list(range(2009, 2019))  # windows of two years
    assert starts["net_migration"] == list(range(2009, 2018))
    assert plan.compared("domestic_in_moves_over_border") == (2020, 2021)
    assert plan.compared("net_migration") == (2020, 2022)


def test_a_plan_says_whether_it_was_set_before_or_after_the_projects_own_figures(panel, project):
    def made(first: int, last: int, **more):
        own = project.model_copy(update={"start": date(first, 1, 1), "end": date(last, 12, 31)})
        return make_plan(panel, own, methods=FAST[:1], **more)

    after = made(2021, 2022)
    assert after.known == (2021, 2022)
    assert after.statement("en").startswith("Set by rule after the figures for 2021–2022 were public; ")
    assert "first look" not in after.statement("en")
    amended = made(2021, 2022, amendments=[{"date": "2026-11-30", "reason": "x", "replaced_sha256": "0"}])
    assert "2021–2022 were public and after a first look" in amended.statement("en")
    before = made(2025, 2027)
    assert before.known is None
    assert before.statement("en") == (
        "Set by rule before the statistics held any figure of the project’s own years, 2025–2027."
    )
    partly = made(2023, 2025)
    assert partly.known == (2023, 2024) and "2023–2024" in partly.statement("sv")
    for plan in (after, before, partly):
        assert "2020" not in plan.statement("sv") + plan.statement("en")


def test_the_plan_binds_where_the_statistics_are_those_it_was_set_from(panel, project, quick, tmp_path):
    written = quick(tmp_path / "plan.toml")
    assert in_force(written, panel, project) is written


def test_other_statistics_than_the_plans_are_an_amendment_of_the_run(panel, project, tmp_path):
    """Better statistics than the plan's, and worse ones: neither takes the plan's place without a word."""
    border = "domestic_in_moves_over_border"
    poor, rich = _without(panel, border), _panel_with(panel, border, 2022)
    poor = _without(poor, "in_moves_over_border")
    for own, other in ((poor, rich), (rich, poor)):
        written = make_plan(own, project, methods=FAST[:1], today=DAY)
        plan = in_force(written, other, project, FAST[:1])
        assert plan.primary_outcome == other.primary_outcome("households", 2020) != written.primary_outcome
        told = {one["in_run"]: one for one in plan.amendments}
        assert told["outcome"]["old_outcome"] == written.primary_outcome
        assert told["outcome"]["new_outcome"] == plan.primary_outcome
        assert all(one["replaced_sha256"] == written.sha256 != plan.sha256 for one in told.values())
        evaluation = SimpleNamespace(county=SimpleNamespace(plan=plan), tables={})
        for language, words in (("sv", "I denna körning"), ("en", "In this run")):
            page = " ".join(provenance.plan(View(evaluation, language)))
            assert page.count(words) == len(told) and written.sha256 in page and plan.sha256 in page
        (tmp_path / "kept.toml").write_bytes(plan.bytes)
        assert Plan.load(tmp_path / "kept.toml").sha256 == plan.sha256


def test_other_figures_before_the_project_are_told_and_leave_the_choice_as_it_is(
    panel, project, quick, tmp_path
):
    written = quick(tmp_path / "plan.toml")
    series = {key: frame.copy() for key, frame in panel.series.items()}
    series[written.primary_outcome, "county"].loc[2015, "03"] += 1
    plan = in_force(written, Panel(table=panel.table, series=series, sources=panel.sources), project)
    assert [one["in_run"] for one in plan.amendments] == ["figures"]
    assert plan.table().equals(written.table()) and plan.written == written.written


def test_a_plan_of_another_county_or_of_other_years_does_not_bind(panel, project, quick, tmp_path):
    written = quick(tmp_path / "plan.toml")
    later = project.model_copy(update={"start": date(2021, 1, 1)})
    plan = in_force(written, panel, later, FAST[:1])
    assert [one["in_run"] for one in plan.amendments] == ["project"]
    assert plan.content["first_treated"] == 2021 and plan.written is None
    assert "on the spot" in " ".join(
        provenance.plan(View(SimpleNamespace(county=SimpleNamespace(plan=plan), tables={}), "en"))
    )


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
    told = " ".join(provenance.plan(View(evaluation, language)))
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
    assert "Replaced plan: <code>" in " ".join(provenance.plan(View(evaluation, "en")))


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
    assert plan.content["data_sha256"] == data_digest(panel, project.years[0] - 1, plan.outcomes)
    assert plan.primary_outcome == panel.primary_outcome("households", 2020, 2022)
    assert in_force(plan, panel, project) is plan
    assert set(plan.content["methods"]) | set(plan.content.get("left_out", {})) >= set(METHODS)
    assert plan_for(panel, project).sha256 == plan.sha256


def test_the_shipped_plan_follows_from_the_rule_for_the_cheap_methods(panel):
    plan = Plan.load()
    table = plan.table()
    for outcome in ("domestic_in_moves_over_border", "in_moves", "net_migration"):
        told = table[(table["outcome"] == outcome) & table["method"].isin(FAST)]
        first, last = plan.compared(outcome)
        again = race(panel, plan.region, outcome, first, last - first + 1, methods=FAST).table
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
    assert "candidates are as good, and it is the best in" in plan.sentence("en")


def test_the_shipped_plan_lists_every_plan_before_it():
    """The history of the file has five earlier plans; one of them was replaced after 18 minutes."""
    told = Plan.load().amendments
    replaced = ["322a61fe", "1263203d", "bda606d0", "830373c5", "e00e9c4a"]
    assert [one["replaced_sha256"][:8] for one in told] == replaced
    assert [one["date"][8:] for one in told] == ["23", "28", "28", "30", "30"]
    assert "18 minut" in told[0]["reason"] and "18 minut" in told[0]["reason_en"]
    assert all(one["reason"] and one["reason_en"] and one["replaced_written"] for one in told)
