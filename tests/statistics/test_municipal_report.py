"""From a folder that holds moves by municipality and birth, and by month, to the report and its exports."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from scb_standin import StandIn
from test_moves_by_month import Months
from test_municipality_moves import Births

import attraktiv_eval as ae
from attraktiv_eval import resources
from attraktiv_eval.evaluation.tables import OF_OFFICIAL_FIGURES, marked
from attraktiv_eval.reporting.report import Report
from attraktiv_eval.statistics.panel import Panel
from attraktiv_eval.statistics.scb.fetch import fetch

TABLES = ["moves", "moves_by_age", "population", "municipality_moves", "moves_by_month"]


@pytest.fixture(scope="module")
def statistics(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder fetched from a stand-in whose figures of 2025 carry noise."""
    folder = tmp_path_factory.mktemp("statistics")
    tables = [Births(), Births(noise=4), Months("TAB1625", range(2000, 2025))]
    tables.append(Months("TAB6473", range(2025, 2027), noise=5))
    with StandIn() as server:
        server.cells = 400_000
        server.shelf.tables |= {table.id: table for table in tables}
        fetch(TABLES, folder, server.url)
    yield folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same project three years later, so that 2025 is among its years."""
    text = resources.find("data/project.toml").read_text(encoding="utf-8")
    moved = {"2020-01-01": "2023-01-01", "2022-12-31": "2025-12-31", "2023-03-31": "2026-03-31"}
    for old, new in moved.items():
        text = re.sub(rf"(?m)^(\w+ = ){old}$", rf"\g<1>{new}", text)
    file = tmp_path_factory.mktemp("project") / "project.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def report(statistics: Path, project: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Path]:
    found = Report(ae.evaluate(2025, project=project, statistics=statistics), "en")
    folder = tmp_path_factory.mktemp("report")
    found.save(folder)
    return found, folder


def _csv(folder: Path, name: str) -> list[dict[str, str]]:
    text = (folder / "tables" / f"{name}.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines(), delimiter=";"))


@pytest.mark.prove
def test_the_new_tables_reach_the_report(report: tuple[Report, Path]) -> None:
    found, folder = report
    births = _csv(folder, "municipality_effects_by_birth")
    assert {row["outcome"] for row in births} == {
        "domestic_in_moves_over_border_20_64",
        "domestic_in_moves_20_64_born_in_sweden",
        "domestic_in_moves_20_64_born_abroad",
    }
    assert len({row["municipality_code"] for row in births}) == 8 == len(births) / 3
    assert {(row["window_first"], row["window_last"]) for row in births} == {("2023", "2025")}
    months = _csv(folder, "moves_by_month")
    assert [(row["year"], row["month"]) for row in months] == [
        (str(year), str(month)) for year in (2023, 2024, 2025) for month in range(1, 13)
    ]
    assert "Härjedalen" in str(found.table("municipality_effects_by_birth"))
    assert "Same month before, mean" in str(found.table("moves_by_month"))
    text = " ".join(str(found.text(key)) for key in ("municipalities", "before_after"))
    assert "Domestic in-moves over the county border, ages 20–64, born abroad, 2023–2025: " in text
    assert "In-moves from other counties by month, against the mean of the same months in 2018–2022: " in text


@pytest.mark.prove
def test_years_with_noise_are_marked_wherever_their_figures_stand(report: tuple[Report, Path]) -> None:
    found, folder = report
    for name in ("gaps", "placebo_gaps", "moves_by_month"):
        marks = {(row["year"] >= "2025", row["noise"]) for row in _csv(folder, name)}
        assert marks == {(False, "false"), (True, "true")}, name
    for name in ("estimates", "municipality_effects_by_birth", "base_periods", "specifications"):
        told = {(row["window_last"], row["noisy_years"]) for row in _csv(folder, name)}
        assert ("2025", "2025") in told, name
        assert all((last >= "2025") == (years == "2025") for last, years in told), name
    sheets = {sheet.title: sheet for sheet in load_workbook(folder / "tables.en.xlsx").worksheets}
    heads = {title: [cell.value for cell in sheet[1]] for title, sheet in sheets.items()}
    assert sum("With random error" in head for head in heads.values()) >= 3
    assert sum("Years with random error" in head for head in heads.values()) >= 4
    said = "SCB has added small random errors to the figures for 2025 (the cell-key method)."
    for name in ("county_comparison", "gap_summary", "estimates", "moves_by_month"):
        assert str(found.table(name)).count(said) == 1, name


def test_a_table_without_noise_is_left_as_it_is() -> None:
    panel = Panel.load()
    table = pd.DataFrame({"outcome": ["in_moves"], "year": [2021], "gap": [1.0]})
    assert marked("gaps", table, panel, 2022) is table
    panel.noisy_years.append(2021)
    panel.noise["in_moves", "county"] = (2021,)
    assert marked("gaps", table, panel, 2022)["noise"].tolist() == [True]
    assert marked("goals", table, panel, 2022) is table
    assert marked("gaps", table.assign(year=2020), panel, 2022).columns.tolist() == ["outcome", "year", "gap"]
    spans = pd.DataFrame({"outcome": ["in_moves", "in_moves"], "window_last": [2021, 2020]})
    assert marked("estimates", spans, panel, 2022)["noisy_years"].fillna("").tolist() == ["2021", ""]
    checks = pd.DataFrame({"checked": [True, False]})
    assert marked("rivals", checks, panel, 2021)["noisy_years"].fillna("").tolist() == ["2021", ""]
    assert marked("rivals", checks, panel, 2020) is checks
    assert "gaps" in OF_OFFICIAL_FIGURES
