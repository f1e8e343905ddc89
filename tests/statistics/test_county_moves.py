"""Moves from county to county: who goes where, and that they sum to the county's domestic in-moves."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scb_standin import StandIn
from scb_tables import Table, world

from attraktiv_eval.errors import SourceError
from attraktiv_eval.regions import COUNTIES
from attraktiv_eval.statistics.scb.client import Client
from attraktiv_eval.statistics.scb.fetch import fetch
from attraktiv_eval.statistics.tables import read_tidy


class Between(Table):
    """Invented moves between counties: each county's in-moves from the others, shared out evenly."""

    def __init__(self) -> None:
        towards = {code: f" {name} (Inflyttningslän)" for code, name in COUNTIES.items()}
        away = {code: f" {name} (Utflyttningslän)" for code, name in COUNTIES.items()}
        variables = {
            "InflyttningsL": towards,
            "UtflyttningsL": away,
            "Kon": {"1": "män", "2": "kvinnor"},
            "ContentsCode": {"000000OW": "Antal"},
            "Tid": {str(year): str(year) for year in range(2000, 2025)},
        }
        super().__init__("TAB4409", "Inrikes omflyttning mellan län", "BE0101J", variables)
        self.eliminable = {"Kon"}

    def _cube(self, selection: dict[str, list[str]]) -> np.ndarray:
        cube = np.zeros([len(codes) for codes in selection.values()])
        years = [int(year) - 1997 for year in selection["Tid"]]
        for i, to in enumerate(selection["InflyttningsL"]):
            came = world().counts("in_other_counties", to)[years]
            for j, origin in enumerate(selection["UtflyttningsL"]):
                others = [code for code in COUNTIES if code != to]
                if origin != to:
                    share = np.floor(came / 20) + (came % 20 > others.index(origin))
                    men = np.floor(share / 2)
                    for k, sex in enumerate(selection.get("Kon", ["1", "2"])):
                        cube[i, j, k, 0, :] = men if sex == "1" else share - men
        return cube


@pytest.fixture
def between(standin: StandIn) -> StandIn:
    standin.shelf.tables["TAB4409"] = Between()
    return standin


def test_moves_between_counties_sum_to_the_domestic_in_moves(between: StandIn, tmp_path: Path) -> None:
    done = fetch(["moves", "county_moves"], tmp_path, between.url)
    states = {(one.name, one.id): one.state for one in done}
    assert states["county_moves", "TAB4409"] == "fetched"
    assert states["county_moves", "TAB6672"] == "failed"  # the years from 2025 are not on this shelf
    table = read_tidy(tmp_path / "county_moves.csv")
    assert len(table) == 21 * 21 * 25
    assert table["origin_code"].str.fullmatch(r"\d\d").all()
    assert set(table["region_name"]) == set(COUNTIES.values())
    own = table[(table["region_code"] == "23") & (table["year"] == 2021)]
    assert own["moves"].sum() == world().counts("domestic_in_moves", "23")[2021 - 1997]


def test_moves_between_counties_that_do_not_sum_are_stopped(between: StandIn, tmp_path: Path) -> None:
    between.shelf.table("TAB4409").changed["23", "24", "1", "000000OW", "2021"] = 9999.0
    done = {result.id: result for result in fetch(["moves", "county_moves"], tmp_path, between.url)}
    assert done["TAB1212"].state == "fetched"  # the core is published, the side table left out
    assert done["TAB4409"].state == "failed"
    told = done["TAB4409"].message
    assert "table county_moves, region 23, year 2021: domestic_in_moves is not the sum" in told
    assert not (tmp_path / "county_moves.csv").exists()


def test_a_variable_is_left_out_only_where_the_service_sums_it(between: StandIn, tmp_path: Path) -> None:
    from attraktiv_eval.statistics.scb.catalogue import Catalogue, resolve

    newer = next(t for t in Catalogue.load().tables if t.id == "TAB6672")
    metadata = Client(between.url).metadata("TAB4409")
    metadata = json.loads(json.dumps(metadata).replace('"2024"', '"2025"'))
    assert "Kon" not in resolve(newer, metadata)
    metadata["dimension"]["Kon"]["extension"]["elimination"] = False
    with pytest.raises(SourceError, match="Kon cannot be left out"):
        resolve(newer, metadata)


@pytest.mark.parametrize("short", ["/api/v2/", "/api", "/api/"])
def test_an_address_that_stops_short_is_completed(standin: StandIn, short: str) -> None:
    client = Client(standin.url.removesuffix("/api/v2") + short, attempts=1)
    assert client.limits().cells == 150_000
    assert client.base_url == standin.url


def test_quarters_of_two_tables_make_one_year() -> None:
    from attraktiv_eval.statistics.scb.catalogue import Catalogue, join

    old, new = (t for t in Catalogue.load().tables if t.name == "vacancies")

    def frame(quarters: list[int], value: float) -> pd.DataFrame:
        return pd.DataFrame(
            {"region_code": "23", "region_name": "x", "year": 2024, "quarter": quarters, "vacancies": value}
        )

    both = join([(old, frame([1, 2], 10.0)), (new, frame([2, 3, 4], 20.0))])
    assert both["quarter"].tolist() == [1, 2, 3, 4]
    assert both["vacancies"].tolist() == [10.0, 20.0, 20.0, 20.0]
