"""Historical job advertisements counted from files of JSON lines, as the employment service writes them."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from attraktiv_eval.cli import app
from attraktiv_eval.errors import SourceError
from attraktiv_eval.statistics.other_publishers import count_advertisements
from attraktiv_eval.statistics.panel import Panel
from attraktiv_eval.statistics.tables import read_tidy


def advertisement(id: int, day: str, code: str | None = "2380", openings: object = 1, **address: Any) -> dict:
    place = {"municipality_code": code, "municipality": "x", "region_code": None} | address
    return {
        "id": id,
        "headline": "Kock sökes",
        "publication_date": f"{day}T10:00:00",
        "number_of_vacancies": openings,
        "workplace_address": place,
    }


def year(of: int) -> list[dict]:
    """Two advertisements a month in Östersund with three openings, one in Åre in January."""
    every = [
        advertisement(1000 * of + 10 * month + n, f"{of}-{month:02}-15", openings=n)
        for month in range(1, 13)
        for n in (1, 2)
    ]
    return [*every, advertisement(7, f"{of}-01-31", "2321", 4)]


def written(path: Path, found: list[dict]) -> Path:
    text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in found).encode("utf-8")
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(path.name.removesuffix(".zip"), text)
    elif path.suffix == ".gz":
        path.write_bytes(gzip.compress(text))
    else:
        path.write_bytes(text)
    return path


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.zip", "jsonl.gz"])
def test_counts_by_municipality_county_and_month(tmp_path: Path, ending: str) -> None:
    files = [written(tmp_path / f"{of}.{ending}", year(of)) for of in (2020, 2021)]
    to = tmp_path / "statistics"
    done = count_advertisements(files, to)
    assert (done.state, done.message) == ("fetched", "")
    table = read_tidy(to / "advertisements.csv")
    assert table is not None
    rows = table.set_index(["region_code", "year", "month"])
    assert rows.loc[("2380", 2020, 3), ["advertisements", "openings"]].tolist() == [2, 3]
    assert rows.loc[("2321", 2021, 1), "openings"] == 4
    assert rows.loc[("2321", 2021, 2), "advertisements"] == 0
    assert rows.loc[("23", 2020, 1), ["advertisements", "openings"]].tolist() == [3, 7]
    assert len(rows) == (290 + 21) * 24
    panel = Panel.load(to)
    assert panel.counts("advertisements", "municipality").loc[2020, "2380"] == 24
    assert panel.counts("advertised_openings").loc[2021, "23"] == 40
    source = next(one for one in panel.sources if one["file"] == "advertisements.csv")
    assert (source["publisher"], source["changed"]) == ("Arbetsförmedlingen (JobTech)", False)


def test_what_is_not_counted_is_told_and_what_is_not_known_is_missing(tmp_path: Path) -> None:
    found = [
        *year(2020)[2:],  # without January in Östersund
        advertisement(1, "2020-05-01", None),
        advertisement(2, "2020-05-01", None, region_code="23"),
        advertisement(3, "2019-12-31"),
        advertisement(4, "2020-06-01", openings=None),
        advertisement(4, "2020-06-01", openings=None),
    ]
    done = count_advertisements([written(tmp_path / "2020.jsonl", found)], tmp_path / "to")
    assert done.message == (
        "1 advertisements without a municipality or county in Sweden are not counted; 1 advertisements of "
        "another year than their file's are not counted; 1 advertisements stand twice in a file and count "
        "once"
    )
    table = read_tidy(tmp_path / "to" / "advertisements.csv")
    assert table is not None
    rows = table.set_index(["region_code", "month"])
    assert rows.loc[("23", 5), "advertisements"] == rows.loc[("2380", 5), "advertisements"] + 1
    assert rows.loc[("2380", 6), "advertisements"] == 3
    assert pd.isna(rows.loc[("2380", 6), "openings"]) and pd.isna(rows.loc[("23", 6), "openings"])
    assert pd.isna(Panel.load(tmp_path / "to").counts("advertised_openings").loc[2020, "23"])


def test_a_year_of_fewer_months_is_no_year(tmp_path: Path) -> None:
    half = [one for one in year(2021) if one["publication_date"] < "2021-07"]
    files = [written(tmp_path / "2020.jsonl", year(2020)), written(tmp_path / "2021_q1_q2.jsonl", half)]
    done = count_advertisements(files, tmp_path / "to")
    assert done.message == "not whole: 2021"
    assert Panel.load(tmp_path / "to").counts("advertisements").index.tolist() == [2020]


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


FAULTS = [
    ("2020.jsonl", _cut, "row 25: the line is no JSON"),
    ("2020.jsonl.zip", _cut, "the file cannot be read to its end"),
    ("2020.jsonl.gz", _cut, "the file cannot be read to its end"),
    ("2020.jsonl", lambda path: path.write_text("[\n{}\n]", encoding="utf-8"), "row 1: the line is no JSON"),
    ("2020.jsonl", lambda path: path.write_text("[1]\n", encoding="utf-8"), "is no advertisement"),
    ("2020.jsonl", lambda path: path.write_text("", encoding="utf-8"), "no advertisement with its place"),
    ("2020.jsonl", lambda path: path.write_text('{"id": 1}\n', encoding="utf-8"), "None is no day"),
    ("2020.jsonl", lambda path: path.unlink(), "cannot be read (No such file or directory)"),
    ("2020_1_percent.jsonl", lambda _path: None, "a sample of the advertisements"),
    ("annonser.jsonl", lambda _path: None, "not named after one year"),
]


@pytest.mark.parametrize(("name", "spoil", "said"), FAULTS, ids=[f"{n}-{s[:24]}" for n, _, s in FAULTS])
def test_a_file_that_is_not_whole_is_one_line(tmp_path: Path, name: str, spoil: Any, said: str) -> None:
    to = tmp_path / "to"
    count_advertisements([written(tmp_path / "2019.jsonl", year(2019))], to)
    held = {file: file.read_bytes() for file in to.rglob("*") if file.is_file()}
    file = written(tmp_path / name, year(2020))
    spoil(file)
    with pytest.raises(SourceError) as caught:
        count_advertisements([file], to)
    line = caught.value.one_line()
    assert said in line and "remedy: " in line and "\n" not in line
    assert {file: file.read_bytes() for file in to.rglob("*") if file.is_file()} == held


def test_years_that_were_held_are_not_lost_and_no_file_counts_twice(tmp_path: Path) -> None:
    files = [written(tmp_path / f"{of}.jsonl", year(of)) for of in (2019, 2020)]
    told = CliRunner().invoke(
        app,
        ["fetch", "--advertisements", str(files[0]), "--to", str(tmp_path / "to")],
        catch_exceptions=False,
    )
    assert told.exit_code == 0 and "advertisements: fetched" in told.output
    with pytest.raises(SourceError, match="no longer hold 2019"):
        count_advertisements(files[1:], tmp_path / "to")
    copy = written(tmp_path / "2019_copy.jsonl", year(2019))
    with pytest.raises(SourceError, match="given twice"):
        count_advertisements([*files, copy], tmp_path / "to")
