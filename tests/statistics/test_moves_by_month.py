"""Moves by month: the tidy table, joined over two of SCB's, and the running year that is not whole."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scb_standin import StandIn
from scb_tables import CHANGES, Table, world

from attraktiv_eval.errors import SourceError
from attraktiv_eval.regions import COUNTIES
from attraktiv_eval.reporting.sections.levels import _months
from attraktiv_eval.reporting.view import View
from attraktiv_eval.statistics.panel import Panel
from attraktiv_eval.statistics.scb.fetch import fetch
from attraktiv_eval.statistics.tables import moves_by_month, read_tidy

PARTS = np.array([5, 5, 6, 6, 7, 10, 11, 16, 11, 8, 8, 7])


class Months(Table):
    """Invented moves by month: most of them in August; 2026 ends with April."""

    def __init__(self, id: str, years: range, *, noise: int = 0) -> None:
        periods = [f"{year}M{month:02}" for year in years for month in range(1, 13)]
        periods = [period for period in periods if period <= "2026M04"]
        variables = {
            "Region": {"00": "Riket", **COUNTIES, "2380": "Östersund"},
            "Forandringar": {code: label for code, (label, _) in CHANGES.items()},
            "Kon": {
                "1": "män",
                "2": "kvinnor",
                **({"TotSa": "totalt, båda"} if noise else {"1+2": "totalt"}),
            },
            "ContentsCode": {"000003O5": "Befolkning"},
            "Tid": {period: period for period in periods},
        }
        super().__init__(id, "Befolkningsstatistik efter region och kön, månad", "BE0101G", variables)

    def _cube(self, selection: dict[str, list[str]]) -> np.ndarray:
        cube = np.zeros([len(codes) for codes in selection.values()])
        for r, region in enumerate(selection["Region"]):
            for f, change in enumerate(selection["Forandringar"]):
                for t, period in enumerate(selection["Tid"]):
                    year, month = int(period[:4]), int(period[5:])
                    came = world().counts(CHANGES[change][1], region)[min(year, 2024) - 1997]
                    cube[r, f, :, 0, t] = np.floor(came * PARTS[month - 1] / 100)
        return cube


@pytest.fixture
def months(standin: StandIn) -> StandIn:
    for table in (Months("TAB1625", range(2000, 2025)), Months("TAB6473", range(2025, 2027), noise=5)):
        standin.shelf.tables[table.id] = table
    return standin


def test_months_are_joined_and_the_running_year_ends_where_it_ends(months: StandIn, tmp_path: Path) -> None:
    done = fetch(["moves_by_month"], tmp_path, months.url)
    assert [one.state for one in done] == ["fetched", "fetched"]
    table = read_tidy(tmp_path / "moves_by_month.csv")
    assert table is not None
    assert set(table["region_code"]) == set(COUNTIES)
    own = table[table["region_code"] == "23"]
    assert len(own) == 25 * 12 + 12 + 4
    assert own["month"].tolist() == [*(26 * list(range(1, 13))), 1, 2, 3, 4]
    assert own.loc[own["noise"], "year"].unique().tolist() == [2025, 2026]
    came = world().counts("in_other_counties", "23")[2015 - 1997]
    august = own[(own["year"] == 2015) & (own["month"] == 8)].iloc[0]
    assert august["in_other_counties"] == np.floor(came * 16 / 100)
    shown = moves_by_month(table, "23", (2024, 2026))
    assert shown["year"].tolist() == [2024] * 12 + [2025] * 12 + [2026] * 4
    assert shown.groupby("year")["whole_year"].all().to_dict() == {2024: True, 2025: True, 2026: False}
    before = [
        np.floor(world().counts("in_other_counties", "23")[y - 1997] * 16 / 100) for y in range(2019, 2024)
    ]
    of_august = shown[(shown["year"] == 2025) & (shown["month"] == 8)].iloc[0]
    assert of_august["before_mean"] == pytest.approx(np.mean(before))
    assert (of_august["before_low"], of_august["before_high"]) == (min(before), max(before))
    lost = (table["year"] == 2021) & (table["month"] == 8)
    gone = moves_by_month(table[~lost], "23", (2024, 2026))
    assert gone.loc[gone["month"] == 8, "before_mean"].isna().all()  # four years are not five
    assert gone.loc[gone["month"] != 8, "before_mean"].notna().all()
    unpublished = table.assign(
        in_other_counties=table["in_other_counties"].where((table["year"] < 2026) | (table["month"] < 3))
    )
    assert moves_by_month(unpublished, "23", (2026, 2026))["month"].tolist() == [1, 2]

    page = View(SimpleNamespace(tables={"moves_by_month": shown}), "en")  # type: ignore[arg-type]
    (said,) = _months(page)
    assert "2026, which is not whole" in said
    assert "in 4 months" in said
    assert "2025: <data" in said
    assert {one.state for one in fetch(["moves_by_month"], tmp_path, months.url)} == {"unchanged"}


def _by_hand(file: Path, sexes: tuple[str, ...], periods: list[str], counties: list[str]) -> Path:
    """As the page gives it: a row a county, change and sex, a column a month."""
    rows = [["region", "förändringar", "kön", *(f"Befolkning {period}" for period in periods)]]
    for county in counties:
        for sex in sexes:
            count = "20" if sex == "totalt" else "10"
            place = f"{county} {COUNTIES[county]}"
            rows.append([place, "inflyttningar från övriga län", sex, *[count] * len(periods)])
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)
    file.write_text(text + "\n", encoding="utf-8")
    return file


EVERY = list(COUNTIES)


@pytest.mark.parametrize(
    ("name", "sexes", "months", "noise"),
    [
        ("TAB1625.csv", ("män", "kvinnor"), [f"2020M{month:02}" for month in range(1, 13)], False),
        ("ManadBefStatRegion.csv", ("totalt",), ["2021M11", "2021M12"], False),
        ("TAB6473.csv", ("totalt",), ["2026M01"], True),
    ],
)
def test_months_downloaded_by_hand_are_read(tmp_path: Path, name, sexes, months, noise) -> None:
    _by_hand(tmp_path / name, sexes, months, EVERY)
    read = Panel.load(tmp_path).months
    assert read is not None
    own = read[read["region_code"] == "23"]
    told = [f"{year}M{month:02}" for year, month in zip(own["year"], own["month"], strict=True)]
    assert told == months
    assert set(own["in_other_counties"]) == {20}
    assert set(own["noise"]) == {noise}


@pytest.mark.parametrize(
    ("sexes", "months", "counties", "said"),
    [
        (("män",), ["2020M01"], EVERY, "Kon has only män; women is missing"),
        (("totalt",), ["2020M01"], ["23", "24"], "2020M01: county 01, 03, 04 and 16 more lacking"),
        (("totalt",), ["2020M13"], EVERY, "no year is found"),
    ],
)
def test_a_part_of_the_months_is_refused_in_one_line(tmp_path: Path, sexes, months, counties, said) -> None:
    _by_hand(tmp_path / "TAB1625.csv", sexes, months, counties)
    with pytest.raises(SourceError) as caught:
        Panel.load(tmp_path)
    line = caught.value.one_line()
    assert said in line and "remedy: " in line and "\n" not in line
