"""Fetching through real HTTP: what is asked for, what is kept, and what a second run does."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scb_standin import StandIn
from scb_tables import world

from attraktiv_eval.errors import SourceError
from attraktiv_eval.reporting.figures import style as figure_sources
from attraktiv_eval.reporting.view import View
from attraktiv_eval.statistics.panel import Panel
from attraktiv_eval.statistics.scb.client import Client
from attraktiv_eval.statistics.scb.fetch import fetch


def _read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", dtype={"region_code": "str"})


def test_a_fetched_county_is_what_the_service_said(fetched: Path) -> None:
    moves = _read(fetched, "moves").set_index(["region_code", "year"])
    for measure in ("domestic_in_moves", "in_moves", "net_migration", "foreign_net"):
        said = world().counts(measure, "23")
        assert moves.loc["23", measure].loc[1997:2024].tolist() == said.tolist()


def test_municipalities_and_counties_only_and_codes_are_text(fetched: Path) -> None:
    for name in ("moves", "changes", "population"):
        codes = set(_read(fetched, name)["region_code"])
        assert not codes & {"00", "0010", "0020", "0030"}
        assert len(codes) == 21 + 290
        assert "0114" in codes


def test_sexes_and_civil_states_are_summed_where_there_is_no_total(fetched: Path) -> None:
    people = _read(fetched, "population").set_index(["region_code", "year"])["population"]
    assert people.loc["23", 2024] == 132839
    assert people.loc["0114", 1997] == 36372


def test_ages_are_grouped_and_sum_to_the_total(fetched: Path) -> None:
    ages = _read(fetched, "moves_by_age").query("year < 2025")
    whole = _read(fetched, "moves").query("year < 2025 and region_code.str.len() == 2")
    summed = ages.groupby(["region_code", "year"])["domestic_in_moves"].sum()
    assert (summed == whole.set_index(["region_code", "year"])["domestic_in_moves"]).all()
    assert set(ages["age_group"]) == {"0-19", "20-34", "35-49", "50-64", "65+"}


def test_the_noisy_year_is_joined_with_a_flag(fetched: Path) -> None:
    moves = _read(fetched, "moves")
    assert moves.loc[moves["noise"], "year"].unique().tolist() == [2025]
    assert moves["year"].min() == 1997
    assert not moves.duplicated(["region_code", "year"]).any()


def test_municipalities_not_formed_yet_are_missing_and_never_zero(fetched: Path) -> None:
    moves = _read(fetched, "moves").set_index(["region_code", "year"])["in_moves"]
    assert moves.loc["0330"].loc[:2002].isna().all()
    assert moves.loc["0330"].loc[2003:].notna().all()
    assert moves.loc["0140"].loc[:1998].isna().all()
    missing = pd.read_csv(fetched / "missing" / "moves.csv", dtype="str")
    assert set(missing["symbol"]) == {"not formed"}
    people = _read(fetched, "population").set_index(["region_code", "year"])["population"]
    assert np.isnan(people.loc["0330", 2001])
    assert people.loc["0330", 2002] == 12586


def test_what_cannot_occur_is_listed_as_such(fetched: Path) -> None:
    missing = pd.read_csv(fetched / "missing" / "changes.csv", dtype="str")
    inside = missing.query("measure == 'net_own_county' and region_code == '23'")
    assert set(inside["symbol"]) == {"."}
    assert inside["meaning"].unique().tolist() == ["cannot occur"]


def test_the_manifest_vouches_for_every_answer(fetched: Path) -> None:
    manifest = json.loads((fetched / "manifest.json").read_text(encoding="utf-8"))
    parts = [part for table in manifest["tables"].values() for part in table["parts"]]
    for part in parts:
        assert {"file", "url", "selection", "read", "sha256", "cells"} <= set(part)
        assert part["cells"] <= 150_000
        assert "/data" in part["url"]
        assert (fetched / part["file"]).is_file()
    assert all(table["updated"] == "2026-06-08T06:00:00Z" for table in manifest["tables"].values())
    assert len(list((fetched / "raw").rglob("*.json"))) == len(parts)


def test_the_panel_takes_the_best_outcome_that_is_there(fetched_panel: Panel) -> None:
    panel, embedded = fetched_panel, Panel.load()
    assert panel.primary_outcome() == "domestic_in_moves_over_border"
    assert "Domestic in-moves over the county border" in panel.choice().sentence("en")
    assert "länsgränsen" in panel.choice().sentence("sv")
    assert embedded.choice("households", 2020, 2022).years == (2020, 2021)
    assert panel.choice("households", 2020, 2022).years == (2020, 2022)
    for outcome in ("in_moves", "out_moves", "net_migration", "population"):
        old = embedded.counts(outcome)
        assert panel.counts(outcome).loc[old.index].equals(old)
    border, gross = panel.counts("domestic_in_moves_over_border"), panel.counts("in_moves")
    assert (border <= gross).all(axis=None)
    assert panel.noisy_years == [2025]
    assert panel.counts("foreign_net").columns.size == 21
    own = panel.counts("domestic_in_moves_over_border", "municipality")
    assert own.filter(regex="^23").sum(axis=1).loc[2020] == border.loc[2020, "23"]
    sources = {source["file"]: source for source in panel.sources}
    assert sources["moves.csv"]["tables"] == ["TAB1212", "TAB6640"]
    assert sources["moves.csv"]["read"]
    assert sources["moves.csv"]["updated"] == "2026-06-08T06:00:00Z"


def test_mandatory_notes_of_scb_reach_the_manifest_and_the_panel(fetched: Path, fetched_panel: Panel) -> None:
    said = "Uppgifterna har en liten slumpmässig osäkerhet."
    manifest = json.loads((fetched / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["tables"]["moves/TAB6640"]["notes"] == [said]
    assert manifest["tables"]["moves/TAB1212"]["notes"] == []
    sources = {source["file"]: source for source in fetched_panel.sources}
    assert sources["moves.csv"]["scb_notes"] == [said]
    assert sources["moves.csv"]["remarks"] == []


def test_a_figure_of_earlier_years_cites_no_table_of_later_ones(fetched_panel: Panel) -> None:
    panel = fetched_panel
    assert panel.tables_behind("in_moves", until=2022) == ["TAB638", "TAB1212"]
    assert set(panel.tables_behind("in_moves", until=2025)) == {"TAB638", "TAB1212", "TAB6640", "TAB5557"}
    evaluation = SimpleNamespace(sources=panel.sources, tables={}, until=date(2022, 12, 31))
    line = figure_sources.statistics(View(evaluation, "en"), ["in_moves"])
    assert "TAB1212" in line and "TAB6640" not in line and "2025" not in line
    evaluation.until = date(2025, 12, 31)
    line = figure_sources.statistics(View(evaluation, "en"), ["in_moves"])
    assert "TAB6640" in line and "random errors to the figures for 2025" in line


def test_a_later_year_stays_unseen_in_an_earlier_report(fetched_panel: Panel) -> None:
    for outcome in fetched_panel.outcomes["id"]:
        assert fetched_panel.counts(outcome, until=2021).index.max() <= 2021


def test_a_second_run_asks_only_whether_anything_is_new(
    fetched: Path, standin: StandIn, tmp_path: Path
) -> None:
    folder = tmp_path / "again"
    shutil.copytree(fetched, folder)
    before = {file: file.stat().st_mtime_ns for file in folder.rglob("*") if file.is_file()}
    done = fetch(to=folder, base_url=standin.url, tables=["moves", "changes", "population", "moves_by_age"])
    assert {result.state for result in done} == {"unchanged"}
    asked = [path for _, path, _ in standin.log]
    assert sorted(asked) == sorted(
        [
            "/config",
            *(f"/tables/{id}" for id in ("TAB1212", "TAB6640", "TAB5169", "TAB6481", "TAB638", "TAB5557")),
        ]
    )
    assert {file: file.stat().st_mtime_ns for file in folder.rglob("*") if file.is_file()} == before


def test_an_update_at_scb_is_fetched_and_only_that(fetched: Path, standin: StandIn, tmp_path: Path) -> None:
    folder = tmp_path / "again"
    shutil.copytree(fetched, folder)
    standin.shelf.table("TAB6640").updated = "2027-02-22T07:00:00Z"
    done = fetch(to=folder, base_url=standin.url, tables=["moves"])
    assert [result.state for result in done] == ["unchanged", "fetched"]
    assert standin.paths()["/tables/TAB6640/data"] == 1
    assert standin.paths()["/tables/TAB1212/data"] == 0


def test_a_dry_run_counts_and_writes_nothing(standin: StandIn, tmp_path: Path) -> None:
    done = fetch(["moves", "changes"], tmp_path / "none", standin.url, dry_run=True)
    assert [(r.name, r.state, r.cells) for r in done[:2]] == [
        ("moves", "planned", 315 * 2 * 8 * 28),
        ("moves", "planned", 315 * 8),
    ]
    assert not (tmp_path / "none").exists()
    assert not standin.asked("/data")


def test_selections_are_split_to_the_stated_limit(tmp_path: Path) -> None:
    with StandIn(cells=20_000) as server:
        done = fetch(["moves"], tmp_path, server.url)
        assert done[0].calls >= 8
        for body in server.asked("/data"):
            assert np.prod([len(one["valueCodes"]) for one in body["selection"]]) <= 20_000
    assert (
        _read(tmp_path, "moves").query("region_code == '23' and year == 2022")["net_migration"].item() == 818
    )


@pytest.mark.parametrize("status", [403, 400])
def test_a_limit_that_config_overstates_is_found_out(tmp_path: Path, status: int) -> None:
    """The specification answers 403 to too many cells; the live service has been seen to answer 400."""
    with StandIn(cells=50_000, refuse=status) as server:
        server.stated_cells = 150_000
        fetch(["moves"], tmp_path, server.url)
    assert (
        _read(tmp_path, "moves").query("region_code == '23' and year == 2022")["net_migration"].item() == 818
    )


def test_the_pace_of_config_is_kept(tmp_path: Path) -> None:
    with StandIn(cells=80_000, calls=3) as server:
        fetch(["moves"], tmp_path, server.url)
        times = server.times[1:]  # /config itself comes before its own limit is known
    for i in range(len(times) - 3):
        assert times[i + 3] - times[i] > 0.9


def test_progress_is_told_and_ends_at_the_whole(standin: StandIn, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    fetch(["population"], tmp_path, standin.url, progress=lambda *step: told.append(step))
    assert told[0] == ("population", 0, 312 * 4 * 2 * 28)
    assert told[-1][1] == told[-1][2]


def test_a_table_without_an_id_is_found_by_search_over_pages(standin: StandIn, quick: Client) -> None:
    found = quick.search("efter region")
    assert [hit["id"] for hit in found] == ["TAB1212", "TAB6640"]
    everything = quick.search("")
    assert len(everything) == 6
    assert standin.paths()["/tables"] == 4


def test_a_table_that_is_not_at_the_core_may_fail_alone(
    fetched: Path, standin: StandIn, tmp_path: Path
) -> None:
    shutil.copytree(fetched, tmp_path, dirs_exist_ok=True)
    done = {(r.name, r.state): r for r in fetch(None, tmp_path, standin.url)}
    assert ("moves", "unchanged") in done
    lost = done["vacancies", "failed"]
    assert "finds none" in lost.message
    assert "write the id" in lost.message
    with pytest.raises(SourceError, match="finds none"):
        fetch(["vacancies"], tmp_path, standin.url)


def test_unknown_names_are_refused_before_anything_is_asked(standin: StandIn, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no table 'flyttar'; remedy: choose among moves"):
        fetch(["flyttar"], tmp_path, standin.url)
    assert not standin.log


def test_get_and_post_give_the_same(standin: StandIn) -> None:
    import requests

    address = f"{standin.url}/tables/TAB1212/data"
    words = (
        "valueCodes[Region]=2380&valueCodes[Alder]=tot&valueCodes[Kon]=1,2&valueCodes[ContentsCode]=BE0101AZ"
    )
    by_get = requests.get(f"{address}?{words}&valueCodes[Tid]=top(5)", timeout=5).json()
    codes = {
        "Region": ["2380"],
        "Alder": ["tot"],
        "Kon": ["1", "2"],
        "ContentsCode": ["BE0101AZ"],
        "Tid": ["top(5)"],
    }
    body = {"selection": [{"variableCode": k, "valueCodes": v} for k, v in codes.items()]}
    by_post = requests.post(address, json=body, timeout=5).json()
    assert by_get == by_post
    assert by_get["size"] == [1, 1, 2, 1, 5]


def test_the_stand_in_has_the_habits_of_the_service(standin: StandIn) -> None:
    import requests

    address = f"{standin.url}/tables/TAB1212"
    assert "Region" not in requests.get(f"{address}/data", timeout=5).json()["id"]
    lacking = requests.get(f"{address}/data?valueCodes[Region]=23", timeout=5)
    assert (lacking.status_code, lacking.json()["title"]) == (
        400,
        "Missing selection for mandantory variable",
    )
    assert requests.get(f"{address}/data?x={'y' * 2200}", timeout=5).status_code == 404
    twice = {"selection": [{"variableCode": v, "valueCodes": ["23", "23"]} for v in ["Region"]]}
    twice["selection"] += [
        {"variableCode": v, "valueCodes": [c]}
        for v, c in (("Alder", "tot"), ("Kon", "1"), ("ContentsCode", "BE0101AZ"), ("Tid", "2020"))
    ]
    assert requests.post(f"{address}/data", json=twice, timeout=5).status_code == 500
    metadata = requests.get(f"{address}/metadata", timeout=5).json()
    assert metadata["size"] == [315, 102, 2, 9, 28]
    assert requests.get(f"{standin.url}/codelists/vs_RegionLän07", timeout=5).json()["type"] == "Valueset"
    assert "selection" in requests.get(f"{address}/defaultselection", timeout=5).json()
