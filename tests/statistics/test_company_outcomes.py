"""Outcomes for companies, where fetched: quarters become years, and the rule finds the best."""

from __future__ import annotations

from pathlib import Path

import pytest
from scb_standin import StandIn
from scb_tables import Vacancies

from attraktiv_eval.errors import SourceError
from attraktiv_eval.statistics.panel import Panel
from attraktiv_eval.statistics.scb.catalogue import Catalogue
from attraktiv_eval.statistics.scb.fetch import fetch


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """Beside the statistics: the shipped catalogue without the newer vacancies, which the stand-in lacks."""
    from attraktiv_eval import resources

    text = resources.find("data/statistics/catalogue.toml").read_text(encoding="utf-8")
    parts = text.split("[[tables]]")
    (tmp_path / "to").mkdir()
    file = tmp_path / "to" / "catalogue.toml"
    file.write_text("[[tables]]".join(p for p in parts if "RegionIndE1KN" not in p), encoding="utf-8")
    assert len(Catalogue.load(file).tables) == len(Catalogue.load().tables) - 1
    return file


def test_vacancies_are_found_by_search_and_become_yearly_means(
    standin: StandIn, tmp_path: Path, catalogue: Path
) -> None:
    standin.shelf.tables["TAB9001"] = Vacancies()
    folder = tmp_path / "to"
    done = fetch(["vacancies"], folder, standin.url)
    assert [(one.id, one.state) for one in done] == [("TAB9001", "fetched")]
    panel = Panel.load(folder)
    assert panel.primary_outcome("companies") == "vacancies"
    yearly = panel.counts("vacancies")
    assert yearly.index.tolist() == list(range(2006, 2025))
    assert yearly.columns.size == 21
    assert yearly.loc[2020, "01"] == 102.5  # the mean of 101, 102, 103 and 104
    assert panel.rate("vacancies").loc[2020, "23"] == pytest.approx(1000 * yearly.loc[2020, "23"] / 131155)
    assert "Vacancies" in panel.choice("companies").sentence("en")

    searches = standin.paths()["/tables"]
    assert fetch(["vacancies"], folder, standin.url)[0].state == "unchanged"
    assert standin.paths()["/tables"] == searches


def test_a_year_without_all_its_quarters_is_missing(
    standin: StandIn, tmp_path: Path, catalogue: Path
) -> None:
    table = Vacancies()
    table.symbols["23", "T", "J1", "2020K2"] = ".."
    standin.shelf.tables["TAB9001"] = table
    fetch(["vacancies"], tmp_path / "to", standin.url)
    panel = Panel.load(tmp_path / "to")
    assert panel.counts("vacancies")["23"].isna().loc[2020]
    assert panel.primary_outcome("companies") is None


def test_a_search_that_finds_two_asks_for_the_id(standin: StandIn, tmp_path: Path, catalogue: Path) -> None:
    standin.shelf.tables["TAB9001"] = Vacancies()
    twin = Vacancies()
    twin.id = "TAB9002"
    standin.shelf.tables["TAB9002"] = twin
    with pytest.raises(SourceError, match=r"finds TAB9001 \(Lediga jobb.*TAB9002"):
        fetch(["vacancies"], tmp_path / "to", standin.url)


def test_a_share_is_no_count_per_inhabitant(tmp_path: Path, fetched: Path) -> None:
    import shutil

    shutil.copytree(fetched, tmp_path, dirs_exist_ok=True)
    rows = [f"{code},x,2020,78.5,False" for code in Panel.load().counts("in_moves").columns]
    head = "region_code,region_name,year,employment_rate,noise"
    (tmp_path / "employment.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    panel = Panel.load(tmp_path)
    assert panel.rate("employment_rate").loc[2020, "23"] == 78.5
    assert panel.primary_outcome("companies") is None  # too few years before the project
