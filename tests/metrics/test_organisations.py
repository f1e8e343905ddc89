"""The national indicator: named organisations, each counted once."""

from __future__ import annotations

from datetime import date

from attraktiv_eval.metrics import reach
from attraktiv_eval.metrics.companies import participating_organisations

UNTIL = date(2022, 12, 31)


def organisation(name, number=None, joined="2020-01-01", **more):
    return {"name": name, "organisation_number": number, "type": "municipality", "joined": joined, **more}


def test_the_seventeen_named_in_public_stand_in_for_a_missing_list(records_of, project):
    count = reach(records_of(), project, UNTIL).goals["organisations"]
    assert (count.target, count.known) == (20, 17)
    table = reach(records_of(), project, UNTIL).tables["organisations"]
    assert "Mittuniversitetet" in set(table["name"])
    by_type = reach(records_of(), project, UNTIL).tables["organisations_by_type"]
    assert by_type.iloc[0].to_list() == ["municipality", 8]
    assert by_type["organisations"].sum() == 17
    assert list(table.columns) == ["name", "organisation_number", "type", "role", "joined"]


def test_an_organisation_counts_once_by_its_number_or_its_name(records_of, project):
    rows = [
        organisation("Region A", "232100-0214"),
        organisation("Region A (kansliet)", "232100-0214"),
        organisation("Förening B"),
        organisation("förening b "),
        organisation(None, "556000-0001"),
    ]
    assert len(participating_organisations(records_of(organisations=rows), project, UNTIL)) == 2


def test_one_that_joined_later_is_not_there_and_one_without_a_day_is(records_of, project):
    rows = [organisation("A"), organisation("B", joined="2022-05-01"), organisation("C", joined=None)]
    found = participating_organisations(records_of(organisations=rows), project, date(2021, 12, 31))
    assert found["name"].to_list() == ["A", "C"]
    paths = reach(records_of(organisations=rows), project, UNTIL).tables["paths"]
    joined = paths[paths["goal"] == "organisations"].set_index("year")["cumulated"]
    assert joined.to_dict() == {2020: 2, 2021: 2, 2022: 3}


def test_a_public_organisation_is_spelt_as_the_project_spells_it(records_of, project):
    """Lists come in capitals; the report names a municipality as it names itself."""
    public = project.organisations[1].name
    listed = [organisation(f" {public.upper()}")]
    named = participating_organisations(records_of(organisations=listed), project, UNTIL)
    assert list(named["name"]) == [public]


def test_one_that_left_counts_until_then(records_of, project):
    rows = [organisation("A", left="2022-03-01"), organisation("B", left=None), organisation("C")]
    records = records_of(organisations=rows)
    for day, names in ((date(2021, 12, 31), ["A", "B", "C"]), (UNTIL, ["B", "C"])):
        assert participating_organisations(records, project, day)["name"].to_list() == names
