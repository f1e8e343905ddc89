"""In-moves over the county border by municipality at ages 20–64, by country of birth."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scb_standin import StandIn
from scb_tables import FIVE, SINGLE, Table, world

from attraktiv_eval.errors import SourceError
from attraktiv_eval.evaluation.level3 import BY_BIRTH, _by_birth
from attraktiv_eval.level3.comparison import Window
from attraktiv_eval.project import Project
from attraktiv_eval.regions import COUNTIES, county_of
from attraktiv_eval.statistics.checks import check_births
from attraktiv_eval.statistics.panel import Panel
from attraktiv_eval.statistics.scb.catalogue import Catalogue, resolve
from attraktiv_eval.statistics.scb.fetch import fetch
from attraktiv_eval.statistics.tables import read_tidy

GROWN = [str(age) for age in range(20, 65)]
CAME = "Inflyttningar från övriga län"


def whole(noise: int = 0) -> dict[str, np.ndarray]:
    """In-moves at ages 20–64 by region, 1997–2024: a county's are those of the stand-in's TAB1212.

    With noise, of one year, 2025: about those of its TAB6640.
    """
    own, found = world(), {}
    for county in COUNTIES:
        came = own.counts("in_other_counties", county)
        total = 9 * np.floor(came / len(FIVE)) if noise else 45 * np.floor(came / len(SINGLE))
        inside = [code for code in own.municipalities if county_of(code) == county]
        weights = np.array([own.counts("in_other_counties", code) for code in inside])
        ends = np.floor(weights.cumsum(axis=0) / weights.sum(axis=0).clip(1) * total)
        found |= dict(zip(inside, np.diff(ends, axis=0, prepend=0), strict=True))
        found[county] = total
    return found


def abroad(counts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Those born abroad, a fifth of each municipality's; a county's are their sum."""
    found = {code: np.floor(own / 5) for code, own in counts.items() if len(code) == 4}
    for county in COUNTIES:
        found[county] = sum(own for code, own in found.items() if code[:2] == county and len(code) == 4)
    return found


class Births(Table):
    """Invented in-moves by age, sex and country of birth, those of all ages spread as the catalogue asks."""

    def __init__(self, noise: int = 0) -> None:
        own = world()
        regions = {code: own.names[code] for code in [*COUNTIES, *own.municipalities]}
        ages = [*SINGLE, *([*FIVE, "TotSA"] if noise else ["tot"])]
        variables = {
            "Region": {"00": "Riket", **regions},
            "Alder": {age: f"{age} år" for age in ages},
            "Kon": {"1": "män", "2": "kvinnor", **({"TotSa": "totalt"} if noise else {})},
            "Fodelseregion": {"F": "född i Sverige", "U": "utrikes född", "S": "samtliga"},
            "ContentsCode": {"X1": "Inflyttningar från kommuner inom länet", "X2": CAME},
            "Tid": {str(year): str(year) for year in ([2025] if noise else range(2002, 2025))},
        }
        id = "TAB6657" if noise else "TAB4693"
        super().__init__(id, "Flyttningar efter region, födelseregion", "BE0101J", variables, noise=noise)
        self.eliminable = {"Region", "Kon", "Alder"}
        self.counts = whole(noise)
        self.abroad = abroad(self.counts)

    def _cube(self, selection: dict[str, list[str]]) -> np.ndarray:
        axes = [len(codes) for codes in selection.values()]
        cube = np.zeros(axes).reshape([*axes[:2], -1, *axes[-3:]])  # without sexes: one
        draw = np.random.default_rng(7)
        places = [min(int(year), 2024) - 1997 for year in selection["Tid"]]
        ages = selection["Alder"]
        sexes = selection.get("Kon", ["whole"])
        assert set(ages) <= {*GROWN, *(age for age in FIVE if age[:1] in "23456" and "-" in age)}
        for r, region in enumerate(selection["Region"]):
            if region == "00":
                continue
            for b, birth in enumerate(selection["Fodelseregion"]):
                own = self.abroad[region] if birth == "U" else self.counts[region] - self.abroad[region]
                shares = np.zeros((len(ages), len(sexes), len(places)))
                shares += np.floor(own[places] / (len(ages) * len(sexes)))
                shares[0, 0] += own[places] - shares.sum(axis=(0, 1))
                if self.noise:
                    shares += draw.integers(-3, 4, shares.shape) * (shares > 3)
                cube[r, :, :, b, 0, :] = shares
        return cube.reshape(axes)


@pytest.fixture
def births(standin: StandIn) -> StandIn:
    for table in (Births(), Births(noise=4)):
        standin.shelf.tables[table.id] = table
    return standin


TABLES = ["moves", "moves_by_age", "population", "municipality_moves"]


def test_ages_and_sexes_are_summed_and_births_kept_apart(births: StandIn, tmp_path: Path) -> None:
    births.cells = 400_000
    done = fetch(TABLES, tmp_path, births.url)
    states = {(one.name, one.id): (one.state, one.message) for one in done}
    assert states["municipality_moves", "TAB4693"] == ("fetched", "")  # its noisy year is within its noise
    assert states["municipality_moves", "TAB6657"] == ("fetched", "")
    table = read_tidy(tmp_path / "municipality_moves.csv")
    assert table is not None
    rows = table.set_index(["region_code", "year"])
    counts, foreign = whole(), abroad(whole())
    for place in ("23", "2380", "0114"):
        own = rows.loc[place].loc[:2024]
        assert own["born_abroad"].tolist() == foreign[place][5:].tolist()
        assert own["born_in_sweden"].tolist() == (counts[place] - foreign[place])[5:].tolist()
        known = abroad(whole(noise=4))[place][-1]
        assert 0 <= abs(rows.loc[place].loc[2025, "born_abroad"] - known) <= 27
    assert table.loc[table["noise"], "year"].unique().tolist() == [2025]

    panel = Panel.load(tmp_path)
    every = panel.counts("domestic_in_moves_over_border_20_64", "municipality")
    assert every["2380"].loc[:2024].tolist() == counts["2380"][5:].tolist()
    behind = panel.tables_behind("domestic_in_moves_20_64_born_abroad", "municipality")
    assert {"TAB4693", "TAB6657"} <= set(behind)
    county = panel.counts("domestic_in_moves_over_border_20_64", "county")
    inside = [code for code in every.columns if code.startswith("23")]
    assert (every.loc[2002:2024, inside].sum(axis=1) == county.loc[2002:2024, "23"]).all()
    assert ("domestic_in_moves_20_64_born_abroad", "county") not in panel.series

    project = Project.load()
    case = SimpleNamespace(panel=panel, project=project)
    method = SimpleNamespace(method="difference_in_differences")
    found = _by_birth(case, Window(2020, 2022, None), method)  # type: ignore[arg-type]
    assert [one.outcome for one in found] == list(BY_BIRTH)
    for one in found:
        assert one.rows["region_code"].tolist() == list(project.region.municipalities)
        assert set(one.rows["window_last"]) == {2022}
    effects = [one.rows.set_index("region_code")["effect"] for one in found]
    assert np.allclose(effects[0], effects[1] + effects[2])  # the same comparison of parts and whole
    assert (
        _by_birth(SimpleNamespace(panel=Panel.load(), project=project), Window(2020, 2022, None), method)
        == []
    )  # type: ignore[arg-type]


def test_births_that_do_not_make_the_moves_of_the_county_are_refused(births: StandIn, tmp_path: Path) -> None:
    births.cells = 400_000
    births.shelf.tables["TAB4693"].changed["23", "30", "1", "U", "X2", "2015"] = 5_000.0
    done = fetch(["moves_by_age"], tmp_path, births.url)
    assert {one.state for one in done} == {"fetched"}
    failed, *_ = fetch(["municipality_moves"], tmp_path, births.url)
    assert failed.state == "failed"
    assert "table municipality_moves, region 23, year 2015: born_abroad of the county" in failed.message
    assert not (tmp_path / "municipality_moves.csv").exists()

    births.shelf.tables["TAB4693"].changed.clear()
    fetch(["municipality_moves"], tmp_path, births.url)
    ages, moves = read_tidy(tmp_path / "moves_by_age.csv"), read_tidy(tmp_path / "municipality_moves.csv")
    assert ages is not None
    assert moves is not None
    assert check_births(ages, moves) is None
    row = (moves["region_code"] == "23") & (moves["year"] == 2015)
    moves.loc[row, "born_abroad"] += 1
    with pytest.raises(SourceError, match=r"municipality_moves, region 23, year 2015: in-moves of those"):
        check_births(ages, moves)


def test_a_third_country_of_birth_or_a_lost_age_does_not_pass(births: StandIn) -> None:
    exact, noisy = Catalogue.load().named(["municipality_moves"])
    metadata = births.shelf.tables["TAB4693"].metadata()
    asked = resolve(exact, metadata)
    assert asked["Alder"] == GROWN
    assert asked["Fodelseregion"] == ["F", "U"]
    assert resolve(noisy, births.shelf.tables["TAB6657"].metadata())["Alder"] == [
        f"{age}-{age + 4}" for age in range(20, 65, 5)
    ]
    del metadata["dimension"]["Alder"]["category"]["index"]["37"]
    with pytest.raises(SourceError, match="@single_years:20-64"):
        resolve(exact, metadata)
