"""The evaluated project is read whole, and a faulty description names file, key and remedy."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from attraktiv_eval import resources
from attraktiv_eval.errors import ProjectError
from attraktiv_eval.project import Project

SHIPPED = resources.find("data/project.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def project() -> Project:
    return Project.load()


def test_period_and_final_report(project: Project) -> None:
    assert (project.start, project.end) == (date(2020, 1, 1), date(2022, 12, 31))
    assert project.final_report_due == date(2023, 3, 31)
    assert project.years == [2020, 2021, 2022]


def test_goals(project: Project) -> None:
    assert {id: goal.target for id, goal in project.goals.items()} == {
        "households": 400,
        "companies": 200,
        "organisations": 20,
    }


def test_money_is_what_was_published_and_the_rest_is_unknown(project: Project) -> None:
    known = {part.kind: part.decided_sek for part in project.funding if part.decided_sek is not None}
    assert known == {"grant": 19_283_329, "own": 2_658_128}
    unknown = [part for part in project.funding if part.decided_sek is None]
    assert [part.kind for part in unknown].count("in_kind") == 9
    assert {part.financier for part in unknown if part.kind == "cash"} == {
        "Länsförsäkringar Jämtland",
        "Jämtkraft",
    }


def test_seventeen_organisations_and_no_guessed_number(project: Project) -> None:
    names = [organisation.name for organisation in project.organisations]
    assert len(names) == len(set(names)) == 17
    numbers = {o.name: o.organisation_number for o in project.organisations if o.organisation_number}
    assert numbers == {"Region Jämtland Härjedalen": "232100-0214"}


def test_region_phases_and_areas(project: Project) -> None:
    assert project.region.code == "23"
    assert len(project.region.municipalities) == 8
    assert project.region.municipalities["2380"] == "Östersund"
    assert [phase.id for phase in project.phases] == ["attract", "welcome", "integrate", "brand"]
    assert [area.id for area in project.areas] == ["collaboration_platform", "labour_market_marketing"]


def test_every_statement_has_a_source(project: Project) -> None:
    for part in (*project.goals.values(), *project.funding, *project.organisations, project.region):
        assert len(part.source) > 5


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('code = "23"', "code = 23", "region.code"),
        ('2303 = "Ragunda"', '0114 = "Upplands Väsby"', "0114 does not lie in county 23"),
        ("end = 2022-12-31", "end = 2019-12-31", "before the start"),
        ("end = 2022-12-31", 'end = "2022-12-31"', "key end"),
        ("target = 400", "target = 0", "goals.households.target"),
        ("target = 400\n", "", "goals.households.target"),
        ('id = "companies"', 'id = "households"', "households is given twice"),
        ('name = "En attraktiv region"', 'namn = "En attraktiv region"', "namn"),
        ("decided_sek = 2_658_128", "decided_sek = -1", "funding.1.decided_sek"),
        ('"232100-0214"', '"2321000214"', "organisations.0.organisation_number"),
        ("final_report_due = 2023-03-31", "final_report_due = 2022-03-31", "before the end"),
        ('id = "welcome"', 'id = "attract"', "phase attract is given twice"),
        ("start = 2020-01-01", "start = 0001-01-01", "start 0001-01-01 is no day of a project"),
        ("final_report_due = 2023-03-31", "final_report_due = 9999-12-31", "is no day of a project"),
        ("target = 400", f"target = {'9' * 400}", "goals.households.target"),
        ("target = 400", f"target = {'9' * 5000}", "too many digits"),
        ("target = 400", f"target = {'[' * 3000}{']' * 3000}", "nested too deeply"),
        ('id = "companies"', "id = [1]", "goals"),
    ],
)
def test_a_faulty_description_names_file_and_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in SHIPPED
    file = tmp_path / "project.toml"
    file.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProjectError) as caught:
        Project.load(file)
    line = str(caught.value)
    assert said in line
    assert line.startswith(str(file))
    assert "remedy:" in line
    assert "\n" not in line


def test_a_missing_file_and_broken_toml(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="cannot be read"):
        Project.load(tmp_path / "nowhere.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("name = ", encoding="utf-8")
    with pytest.raises(ProjectError, match="no valid TOML"):
        Project.load(broken)
    broken.write_bytes("name = 'Åre'".encode("latin-1"))
    with pytest.raises(ProjectError, match="UTF-8"):
        Project.load(broken)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "project.toml"
    file.write_text(SHIPPED, encoding="utf-8-sig")
    assert Project.load(file) == Project.load()


def test_an_end_date_that_moves_the_years(tmp_path: Path) -> None:
    file = tmp_path / "project.toml"
    changed = SHIPPED.replace("end = 2022-12-31", "end = 2023-12-31").replace("2023-03-31", "2024-03-31")
    file.write_text(changed, encoding="utf-8")
    assert Project.load(file).years == [2020, 2021, 2022, 2023]
