"""The comparisons reproduce a careful prototype, and see nothing later than their year."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from attraktiv_eval import regions, resources
from attraktiv_eval.evaluation.level3 import _municipalities, _no_outcome
from attraktiv_eval.level3.comparison import Window, base_periods, compare, estimates_table
from attraktiv_eval.level3.specification_curve import curve_table, specification_curve
from attraktiv_eval.project import Project
from attraktiv_eval.reporting.sections import levels
from attraktiv_eval.reporting.sections.results import no_statistics
from attraktiv_eval.reporting.view import View
from attraktiv_eval.statistics.panel import Panel

PANEL = Panel.load()
WHOLE = Window(2020, 2022, None)


def net(method, **given):
    return compare(PANEL, "23", WHOLE, outcome="net_migration", method=method, **given)


@pytest.mark.parametrize(
    ("method", "persons", "p_value", "low", "high", "before"),
    [
        ("difference_in_differences", 1967, 0.048, 747, 3187, 548),
        ("synthetic_control", 1435, 0.095, 582, 2288, 1069),
        ("demeaned_synthetic_control", 1850, 0.048, 883, 2816, 1070),
    ],
)
def test_net_migration_agrees_with_the_prototype(method, persons, p_value, low, high, before):
    """The prototype took the mean effect times the sum of inhabitants: within two persons of year by year."""
    one = net(method)
    assert one.persons == pytest.approx(persons, abs=2)
    assert one.placebos.p_value == pytest.approx(p_value, abs=0.0005)
    assert one.interval == pytest.approx((low, high), abs=2)
    assert one.pseudo_persons == pytest.approx(before, abs=2)


def test_the_effect_of_a_stock_is_the_mean_of_its_years():
    flow = net("synthetic_control")
    stock = replace(flow, stock=True)
    assert stock.persons == pytest.approx(flow.persons / 3)
    assert stock.interval == pytest.approx(tuple(end / 3 for end in flow.interval))
    assert stock.detectable == pytest.approx(flow.detectable / 3)
    assert stock.pseudo_persons == pytest.approx(flow.pseudo_persons / 3)
    assert stock.placebos.p_value == flow.placebos.p_value


def test_in_moves_cannot_be_told_from_no_effect():
    one = compare(PANEL, "23", WHOLE, outcome="in_moves", method="demeaned_synthetic_control")
    assert one.persons == pytest.approx(406, abs=2)
    assert one.placebos.p_value == pytest.approx(0.62, abs=0.005)
    low, high = one.interval
    assert low < 0 < high


def test_a_yearly_report_is_blind_to_later_figures():
    seen = compare(PANEL, "23", Window(2020, 2021, 2021), outcome="in_moves", method="synthetic_control")
    assert seen.estimate.actual.index.max() == 2021
    changed = Panel(
        PANEL.table,
        {
            key: frame.mul(pd.Series(frame.index > 2021, frame.index).map({True: 3.0, False: 1.0}), axis=0)
            for key, frame in PANEL.series.items()
        },
        PANEL.sources,
    )
    blind = compare(changed, "23", Window(2020, 2021, 2021), outcome="in_moves", method="synthetic_control")
    assert blind.persons == seen.persons and blind.interval == seen.interval


def test_years_after_the_window_are_shown_and_count_nowhere():
    late = compare(PANEL, "23", WHOLE, outcome="in_moves", method="synthetic_control")
    early = compare(PANEL, "23", Window(2020, 2022, 2022), outcome="in_moves", method="synthetic_control")
    assert late.estimate.actual.index.max() == 2024
    assert late.persons == pytest.approx(early.persons, abs=1e-9)
    assert late.interval == pytest.approx(early.interval, abs=1e-9)


def test_the_first_year_is_compared_with_a_window_of_equal_length():
    one = compare(PANEL, "23", Window(2020, 2020, 2020), outcome="in_moves", method="synthetic_control")
    assert list(one.pseudo.effects.index) == [2019]


def test_the_sign_of_a_before_and_after_comparison_depends_on_the_base():
    table = base_periods(PANEL, "23", WHOLE).set_index(["first_year", "last_year"])["change"]
    assert table[2010, 2014] == pytest.approx(574, abs=0.5)
    assert table[2010, 2019] == pytest.approx(256, abs=0.5)
    assert table[2015, 2019] == pytest.approx(-62, abs=0.5)


@pytest.mark.parametrize("pool", ["all", "no_metropolitan", "no_metropolitan_no_green"])
def test_tables_tell_the_true_level_and_the_interval_without_who_sets_it(pool):
    one = compare(PANEL, "23", WHOLE, outcome="net_migration", method="synthetic_control", pool=pool)
    (row,) = estimates_table([one], persons_per_household=1.6).to_dict("records")
    donors = {"all": 20, "no_metropolitan": 17, "no_metropolitan_no_green": 15}[pool]
    true = {20: 19 / 21, 17: 17 / 18, 15: 15 / 16}[donors]
    assert row["n"] == donors and row["true_level"] == pytest.approx(true)
    assert row["setting_unit"] in regions.donor_pool(pool, "23")
    others = one.placebos.statistics.drop(row["setting_unit"]).to_numpy()
    rank = math.ceil(0.9 * donors - 1e-9)  # of the donors that are left, n + 1 = donors
    half = one.placebos.scale * np.sort(others)[rank - 1]
    thousands = one.inhabitants.sum() / 1000
    wide = row["high_without"] - row["low_without"]
    assert wide == pytest.approx(2 * half * thousands, rel=1e-9)
    assert wide <= row["high"] - row["low"]
    (curve,) = curve_table([one]).to_dict("records")
    for column in ("true_level", "setting_unit", "low_without", "high_without"):
        assert curve[column] == row[column]


def test_detectable_effects_in_households_are_those_in_persons_by_the_household_size():
    table = estimates_table([net("synthetic_control")], persons_per_household=1.6)
    assert table.loc[0, "mde_households"] == pytest.approx(table.loc[0, "mde_persons"] / 1.6)
    assert 1314 <= table.loc[0, "mde_persons"] <= 3270
    assert isinstance(table, pd.DataFrame)


def test_what_the_rule_chose_stands_as_a_row_of_the_curve():
    curve = specification_curve(PANEL, "23", (2020, 2022), methods=["synthetic_control"])
    told = curve_table([net("synthetic_control")])
    assert list(told) == list(curve)
    chosen = (curve["outcome"] == "net_migration") & (curve["pool"] == "all") & ~curve["without_covid"]
    same = curve[chosen & curve["first_year"].isna()].reset_index(drop=True)
    if not len(same):
        same = curve[chosen & (curve["first_year"] == curve["first_year"].min())].reset_index(drop=True)
    columns = ["effect", "effect_low", "effect_high", "effect_persons", "low", "high", "p_value", "n", "rank"]
    pd.testing.assert_frame_equal(told[columns], same[columns], check_dtype=False)


@pytest.mark.parametrize("method", ["synthetic_did", "matrix_completion"])
def test_municipalities_fall_back_to_what_is_kept_of_them_and_to_a_quick_method(method):
    inputs = SimpleNamespace(panel=PANEL, project=Project.load())
    primary = SimpleNamespace(method=method)
    found = _municipalities(inputs, WHOLE, "domestic_in_moves_over_border", primary)
    assert found.outcome == "in_moves"
    assert found.method == ("synthetic_did" if method == "synthetic_did" else "demeaned_synthetic_control")
    assert list(found.rows["region_code"]) == list(inputs.project.region.municipalities)
    assert (
        (found.rows["low"] <= found.rows["effect_persons"])
        & (found.rows["effect_persons"] <= found.rows["high"])
    ).all()


@pytest.mark.parametrize(("year", "last", "pace"), [(2020, 2020, 134), (2021, 2021, 267), (2022, 2021, 267)])
def test_level_3_is_held_against_the_pace_of_the_years_compared(year: int, last: int, pace: int) -> None:
    from attraktiv_eval.metrics.level1 import even_pace
    from attraktiv_eval.project import Project

    choice = PANEL.choice("households", 2020, year)
    assert (choice.id, choice.years) == ("domestic_in_moves_over_border", (2020, last))
    assert round(even_pace(Project.load(), "households", last)) == pace


def test_every_figure_of_level_3_names_its_years(evaluated) -> None:
    """Nothing says 2020–2022 of an estimate of 2020–2021."""
    evaluation = evaluated(None)
    judged = evaluation.document["verdicts"]
    (third,) = [one for one in judged if (one["goal"], one["level"]) == ("households", 3)]
    assert round(third["values"]["pace"]) == 267
    known = {one["id"]: one for one in evaluation.document["figures"]}
    assert {known["households.level3"][name] for name in ("first_year", "last_year")} == {2020, 2021}
    for id, one in known.items():
        if (
            one["evidence_level"] == 3
            and one["value"] is not None
            and id.startswith(("county.", "municipal"))
        ):
            assert one["first_year"] == 2020, id
            short = any(name in id for name in ("over_border", "immigration", "foreign_net"))
            assert one["last_year"] == (2021 if short else 2022), id
    for name in ("estimates", "controls", "flows", "municipality_effects", "specifications"):
        table = evaluation.tables[name]
        assert table[["window_first", "window_last"]].notna().all(axis=None), name


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_report_says_the_years_that_it_compares(evaluated, language: str) -> None:
    import attraktiv_eval as ae

    evaluation = evaluated(None)
    first = re.sub("<[^>]+>", "", ae.Report(evaluation, language).text("level3").html).strip().split("\n")[0]
    assert "2020–2021" in first and "2020–2022" not in first and "267" in first


# --- Statistics of one's own that carry no comparison, or not with every county


def counties_with(folder: Path, change) -> Path:
    """A folder of the shipped county figures, changed."""
    own = pd.read_csv(resources.find("data/statistics/counties.csv"), dtype={"region_code": str})
    change(own)
    own["in_moves"] = own["domestic_in_moves"] + own["immigration"]
    own["net_migration"] = own["in_moves"] - own["out_moves"]
    folder.mkdir()
    own.to_csv(folder / "counties.csv", index=False)
    return folder


def test_a_series_that_never_changes_gives_way_to_the_next(tmp_path):
    def still(table):
        table.loc[table["region_code"] == "23", "domestic_in_moves"] = 4000

    found = Panel.load(counties_with(tmp_path / "own", still)).choice("households", 2020, 2022, "23")
    assert found.id == "in_moves_over_border" and found.lacking == ("domestic_in_moves_over_border",)
    assert "utan förändring" in found.sentence("sv")


def test_counties_without_figures_are_named_where_nothing_can_be_compared(tmp_path):
    own = pd.read_csv(resources.find("data/statistics/municipalities.csv"), dtype=str)
    own[~own["region_code"].str.startswith("09")].to_csv(tmp_path / "municipalities.csv", index=False)
    told = _no_outcome(Panel.load(tmp_path), Window(2020, 2022, 2022))
    assert told.endswith("; no figures for Gotlands län") and "12 years before 2020" in told
    view = View(SimpleNamespace(county=None, county_missing=told), "sv")
    assert f'<span lang="en">{told}</span>' in no_statistics(view)
    assert "<span" not in no_statistics(View(SimpleNamespace(county=None, county_missing=None), "sv"))


def test_a_county_that_lacks_a_figure_is_named_as_not_compared_with(evaluated):
    found = evaluated(2022)
    assert levels._without_figures(View(found, "sv")) == ""
    one = SimpleNamespace(outcome=found.county.outcome, estimate=SimpleNamespace(dropped={"09": "no figure"}))
    own = SimpleNamespace(
        county=SimpleNamespace(outcome=found.county.outcome, shown=[one]),
        project=found.project,
        assumptions=found.assumptions,
    )
    assert levels._without_figures(View(own, "sv")).endswith("saknas: Gotlands län.")
