"""The example records: their truth, their planted dirt, and that nothing in them is anybody's."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from attraktiv_eval import resources
from attraktiv_eval.project import Project
from attraktiv_eval.records import Records, load_records
from attraktiv_eval.records.tables import linkage_quality
from scripts.example_records import write_example
from scripts.example_records.truth import contributed


@pytest.fixture(scope="module")
def truth(example_folder: Path) -> dict:
    return json.loads((example_folder / "truth.json").read_text(encoding="utf-8"))


def test_the_shipped_files_are_the_generators_own_bytes(example_folder: Path) -> None:
    shipped = resources.find("data/records_example")
    names = sorted(path.name for path in shipped.iterdir())
    assert names == sorted(path.name for path in example_folder.iterdir())
    for name in names:
        assert (shipped / name).read_bytes() == (example_folder / name).read_bytes(), name


def test_another_seed_gives_other_records(tmp_path: Path, project: Project) -> None:
    first = write_example(tmp_path / "a", project, seed=1)
    second = write_example(tmp_path / "b", project, seed=2)
    assert first["households"] != second["households"]


def test_it_says_that_it_is_invented(example: Records, truth: dict) -> None:
    assert example.example_data
    assert truth["invented"] is True


def test_every_planted_fault_shows_in_the_accounting(example: Records, truth: dict) -> None:
    planted: Counter[str] = Counter()
    for kind in truth["dirt"].values():
        planted[kind["shows_as"]] += kind["planted"]
    planted.pop("none")
    assert len(truth["dirt"]) >= 12
    assert {place: found(example, place) for place in planted} == dict(planted)


@pytest.mark.parametrize("seed", [22])
def test_the_planted_counts_hold_for_other_worlds(seed: int, tmp_path: Path, project: Project) -> None:
    truth = write_example(tmp_path, project, seed=seed)
    records = load_records(tmp_path, project)
    planted: Counter[str] = Counter()
    for kind in truth["dirt"].values():
        planted[kind["shows_as"]] += kind["planted"]
    planted.pop("none")
    assert {place: found(records, place) for place in planted} == dict(planted)


def found(records: Records, place: str) -> int:
    """Return how many of a planted kind the run's accounting shows."""
    what, *where = place.split(":")
    if what == "rejected":
        return len(
            records.rejected[records.rejected["kind"] == where[0]].drop_duplicates(["file", "sheet", "row"])
        )
    if what == "cells":
        return int((records.cells["kind"] == where[0]).sum())
    if what == "notes":
        return int(records.notes.loc[records.notes["kind"] == where[0], "value"].astype(int).sum())
    if what == "linkage":
        table = records.linkage
        return int(table.loc[(table["list"] == where[0]) & (table["rule"] == where[1]), "merged"].sum())
    if what == "merged":
        return int(records.accounting.loc[records.accounting["list"] == where[0], "merged"].sum())
    if what == "residence":
        return len(records.residence)
    if what == "grey":
        return int((records.grey_zone["list"] == where[0]).sum())
    if what == "precision":
        return int((records.households["moved_in_precision"] == where[0]).sum())
    assert what == "pseudonyms"
    return int(records.companies["company_id"].str.startswith("p").sum())


def test_read_is_kept_and_merged_and_rejected(example: Records) -> None:
    table = example.accounting
    assert (table["read"] == table["kept"] + table["merged"] + table["rejected"]).all()
    assert (table[["read", "kept", "merged", "rejected"]] >= 0).all(axis=None)
    rows = example.rejected.drop_duplicates(["file", "sheet", "row"])
    assert len(rows) == table["rejected"].sum()


def test_the_counts_are_the_truth(example: Records, truth: dict) -> None:
    households, companies = example.households, example.companies
    assert len(households) == truth["households"]["reached"]
    assert (households["moved"] == "unknown").sum() == truth["households"]["unknown"]
    assert (households["moved"] == "no").sum() == truth["households"]["not_moved"]
    moved = truth["households"]["moved_in"] + sum(truth["households"]["counted_apart"].values())
    assert (households["moved"] == "yes").sum() == moved
    years = households["first_contact"].dt.year.value_counts()
    assert {str(year): int(n) for year, n in years.items()} == truth["households"]["reached_by_year"]
    assert len(companies) == truth["companies"]["reached"]
    assert (companies["hires_made"] > 0).sum() == truth["companies"]["hired"]
    assert companies["hires_made"].sum() == truth["companies"]["hires"]
    assert (companies["candidates_presented"] > 0).sum() == truth["companies"]["met_a_candidate"]
    assert len(example.organisations) == 17


@pytest.mark.parametrize("seed", [7, pytest.param(20191217, marks=pytest.mark.prove)])
def test_linkage_finds_the_true_households(seed: int, tmp_path: Path, project: Project) -> None:
    truth = write_example(tmp_path, project, seed=seed)
    quality = load_records(tmp_path, project).quality.iloc[0]
    assert quality["pairs"] > 3000
    assert quality["precision"] >= 0.98
    assert quality["recall"] >= 0.98
    assert truth["households"]["reached"] == 900


def test_a_wrong_join_and_a_missed_one_lower_the_quality(example: Records, example_folder: Path) -> None:
    members = example.members
    joined = members.assign(household_id=members["household_id"].replace({"H0001": "H0003"}))
    assert linkage_quality(joined, example_folder).loc[0, "precision"] < 1
    missed = members.copy()
    missed.loc[missed[missed["household_id"] == "H0001"].index[0], "household_id"] = "U-1"
    assert linkage_quality(missed, example_folder).loc[0, "recall"] < 1


def test_addresses_are_of_example_org_and_there_are_no_names(example_folder: Path) -> None:
    for path in example_folder.glob("*.csv"):
        data = path.read_bytes()
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1")
        addresses = re.findall(r"[\w.+-]+@[\w.-]+", text)
        assert all(address.casefold().endswith("example.org") for address in addresses)
        assert "Namn" not in text.splitlines()[0].split(";")


def test_no_contact_is_invented_for_a_real_organisation(example: Records, project: Project) -> None:
    real = {one.name for one in project.organisations}
    assert not set(example.contacts["organisation"].dropna()) & real
    assert not set(example.companies["name"].dropna()) & real


def test_the_true_contribution_is_less_than_the_count(truth: dict) -> None:
    for goal, gross in (
        ("households", truth["households"]["moved_in"]),
        ("companies", truth["companies"]["hired"]),
    ):
        assert 0 < contributed(truth, goal) < gross
