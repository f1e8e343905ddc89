"""Companies' own level 3: with statistics that hold it, too short a series, and none."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import attraktiv_eval as ae
from attraktiv_eval import resources
from attraktiv_eval.evaluation import Evaluation
from attraktiv_eval.evaluation.level3 import CompanyFindings, company_findings
from attraktiv_eval.findings import verdict
from attraktiv_eval.level3.comparison import Window, own_units_table
from attraktiv_eval.project import Project
from attraktiv_eval.regions import COUNTIES
from attraktiv_eval.statistics.panel import Panel

QUARTERS = (1, 2, 3, 4)


def vacancies(folder: Path, rise: float = 0.0, first: int = 2006, last: int = 2023) -> Path:
    """Write invented vacancies: a level a county, the same waves everywhere, noise, and a planted rise."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in ("municipalities.csv", "sources.toml"):
        shutil.copyfile(resources.find(f"data/statistics/{file}"), folder / file)
    people = Panel.load().population().loc[2019]
    draw = np.random.default_rng(7)
    lines = ["region_code,region_name,year,quarter,vacancies,noise"]
    for year in range(first, last + 1):
        common = 1 + 0.1 * np.sin(year)
        for code in COUNTIES:
            level = 0.01 * people[code] * common
            added = rise if code == "23" and 2020 <= year <= 2022 else 0.0
            for quarter in QUARTERS:
                count = level * (1 + draw.normal(0, 0.02)) + added
                lines.append(f"{code},{COUNTIES[code]},{year},{quarter},{count:.0f},False")
    (folder / "vacancies.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def verdict_of(evaluation):
    return evaluation.verdicts["companies"][3]


def figures(evaluation) -> dict[str, dict]:
    return {one["id"]: one for one in evaluation.document["figures"]}


def text(evaluation, language: str, key: str = "level3_companies") -> str:
    return ae.Report(evaluation, language).text(key).html


def findings(folder: Path, year: int = 2022) -> CompanyFindings:
    panel = Panel.load(folder)
    inputs = SimpleNamespace(panel=panel, seen=panel, project=Project.load())
    return company_findings(inputs, Window(2020, year, year))


@pytest.fixture(scope="module")
def risen(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return ae.evaluate(2022, statistics=vacancies(tmp_path_factory.mktemp("risen"), rise=1200.0))


@pytest.fixture(scope="module")
def bare(evaluated: Callable[[int | None], Evaluation]) -> Evaluation:
    """A report on the shipped statistics, which hold nothing on companies."""
    return evaluated(2022)


def test_a_planted_rise_is_found_in_its_own_unit(risen) -> None:
    level3 = risen.companies.level3
    assert level3.estimate == pytest.approx(1200, abs=60)  # a stock: the mean of the years, not their sum
    assert level3.low > 0
    figure = figures(risen)["companies.level3"]
    assert (figure["unit"], figure["evidence_level"], figure["interval"]) == ("vacancies", 3, 0.9)
    assert verdict_of(risen).rule in ("effect_supported", "effect_of_uncertain_size")
    assert verdict_of(risen).values["unit"] == "vacancies"


def test_a_rise_above_the_companies_known_is_no_reason_against_it(risen) -> None:
    """Vacancies are not companies: more of them than companies that hired proves nothing."""
    assert risen.companies.level3.estimate > risen.goals["companies"].known
    assert "exceeds_known" not in verdict_of(risen).reasons


def test_without_an_effect_nothing_is_found_and_nothing_ruled_out(tmp_path: Path) -> None:
    level3 = findings(vacancies(tmp_path / "still")).level3
    assert level3.low < 0 < level3.high
    assert 0 < level3.mde < math.inf
    found = verdict(3, "companies", 200, known=148, comparison=level3)
    assert found.rule in ("too_coarse", "no_goal_effect", "methods_disagree")
    assert verdict(3, "companies", 10_000, known=148, comparison=level3).rule != "goal_incompatible"


def test_every_comparison_is_in_the_results_and_the_table(risen) -> None:
    table = risen.tables["company_estimates"]
    assert set(table["unit"]) == {"vacancies"}
    assert table["primary"].sum() == 1
    known = figures(risen)
    for row in table.to_dict("records"):
        one = known[f"county.vacancies.{row['method']}.{row['pool']}.effect"]
        assert one["value"] == pytest.approx(row["effect_units"], rel=1e-5)
        assert one["unit"] == "vacancies"
    assert "table-company-estimates" in ae.Report(risen, "sv").table("company_estimates").html


def test_vacancies_never_stand_where_companies_are_counted(risen) -> None:
    goals = risen.tables["goals"].set_index("goal")
    assert goals.loc["companies", ["l3_effect", "l3_low", "l3_high", "mde_low", "mde_high"]].isna().all()
    costs = risen.tables["cost_per_result"]
    assert not ((costs["goal"] == "companies") & (costs["level"] == 3)).any()


@pytest.mark.parametrize(
    ("language", "said", "words"),
    [
        ("en", "the county deviated by", "vacancies; the goal is 200"),
        ("sv", "länet avvek med", "lediga jobb; målet är 200"),
    ],
)
def test_the_report_tells_it_in_both_languages(risen, language: str, said: str, words: str) -> None:
    page = text(risen, language)
    assert said in page
    assert words in page


def test_a_report_sees_nothing_later_than_its_year(tmp_path: Path) -> None:
    folder = vacancies(tmp_path / "later", rise=400.0)
    early = findings(folder, 2020).level3
    lines = (folder / "vacancies.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if line.startswith("region") or line.split(",")[2] <= "2020"]
    (folder / "vacancies.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert findings(folder, 2020).level3 == early


@pytest.mark.parametrize(
    ("first", "last", "reason", "said"),
    [
        (2015, 2023, "too_few_years", "begin too late"),
        (2006, 2020, "too_few_years", "begin too late"),
    ],
)
def test_a_series_that_does_not_reach_is_not_tested_and_says_why(
    bare, tmp_path: Path, first: int, last: int, reason: str, said: str
) -> None:
    found = findings(vacancies(tmp_path / "part", first=first, last=last))
    assert (found.level3, found.reason) == (None, reason)
    assert said in text(replace(bare, companies=found), "en")


def test_a_series_that_ends_early_is_compared_in_its_years(risen, tmp_path: Path) -> None:
    """Two of three years are enough, and every row says which they are."""
    found = findings(vacancies(tmp_path / "short", rise=1200.0, last=2021))
    assert found.choice.years == (2020, 2021) and found.choice.shortened
    assert found.level3.estimate == pytest.approx(1200, abs=60)
    table = own_units_table(found.shown)
    assert set(zip(table["window_first"], table["window_last"], strict=True)) == {(2020, 2021)}
    short = replace(risen, companies=found, tables=risen.tables | {"company_estimates": table})
    said = text(short, "en").split("It is the first in a list")[0]
    assert "2020–2021" in said and "2020–2022" not in said


def test_a_gap_in_a_comparison_county_leaves_that_county_out(tmp_path: Path) -> None:
    folder = vacancies(tmp_path / "gap", rise=400.0)
    lines = (folder / "vacancies.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("09,Gotlands län,2012,3")]
    assert len(kept) == len(lines) - 1
    (folder / "vacancies.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    found = findings(folder)
    assert found.level3.estimate == pytest.approx(400, abs=60)
    assert all("09" not in one.placebos.gaps.columns for one in found.shown)


def test_employment_is_counted_in_persons_aged_20_to_64(tmp_path: Path) -> None:
    """One per cent more of those aged 20–64 is one hundredth of their number."""
    folder = vacancies(tmp_path / "work")
    (folder / "vacancies.csv").unlink()
    draw = np.random.default_rng(3)
    work = ["region_code,region_name,year,employment_rate,noise"]
    ages = ["region_code,region_name,year,age_group,population,noise"]
    for year in range(2005, 2024):
        for code, name in COUNTIES.items():
            rate = 78 + draw.normal(0, 0.05) + (1.0 if code == "23" and 2020 <= year <= 2022 else 0.0)
            work.append(f"{code},{name},{year},{rate:.3f},False")
            ages += [f"{code},{name},{year},{group},25000,False" for group in ("20-34", "35-49", "50-64")]
    (folder / "employment.csv").write_text("\n".join(work) + "\n", encoding="utf-8")
    refused = findings(folder)
    assert refused.reason == "design_refused"
    assert "population_20_64" in refused.detail
    (folder / "population_by_age.csv").write_text("\n".join(ages) + "\n", encoding="utf-8")
    level3 = findings(folder).level3
    assert level3.unit == "employed"
    assert level3.estimate == pytest.approx(750, abs=75)


def test_without_statistics_the_report_says_that_they_can_be_fetched(bare) -> None:
    assert verdict_of(bare).rule == "not_tested"
    assert figures(bare)["companies.level3"]["reason"] == "no_statistics"
    for language, said, remedy in (
        ("en", "Not tested: vacancies", "fetched from SCB"),
        ("sv", "Inte prövat: lediga jobb", "hämtas från SCB"),
    ):
        page = text(bare, language)
        assert said in page
        assert remedy in page
