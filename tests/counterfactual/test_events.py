"""Rival explanations as data: the shipped ones, a project's own, and faults in the file."""

from __future__ import annotations

import pytest

from attraktiv_eval.errors import DesignError
from attraktiv_eval.level3.rival_explanations import check_name, event_name, load_events, shipped_events
from attraktiv_eval.regions import COUNTIES

OWN = """
[[event]]
id = "mill"
region = "07"
sv = "En fabrik lades ned"
en = "A mill was closed"
first_year = 2020
sign = -1
check = "without_municipalities"
municipalities = ["0760"]
"""


def test_what_is_about_one_county_names_it_and_its_own_municipalities():
    for event in shipped_events().values():
        assert event.region is None or event.region in COUNTIES
        assert all(code.startswith(event.region or "-") for code in event.municipalities)
        assert event.sv and event.en and event.sv != event.en


def test_a_projects_own_events_are_added_and_replace(tmp_path):
    file = tmp_path / "rivals.toml"
    file.write_text(OWN + OWN.replace("mill", "covid"), encoding="utf-8")
    found = load_events(file)
    assert set(found) == {*shipped_events(), "mill"} and found["covid"].region == "07"
    assert event_name("mill", "sv", found) == "En fabrik lades ned"
    assert "municipalities" in check_name("without_municipalities", "en", "mill", found)
    assert "Östersund" in check_name("without_municipalities", "en", "regiment", found)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("sign = -1", "sign = 2", "sign"),
        ('check = "without_municipalities"', 'check = "by_ear"', "check"),
        ('region = "07"', "region = 7", "region"),
        ("first_year", "year", "year"),
        ("[[event]]", "[[event", "cannot be read"),
        ("[[event]]", "event = 1\n[[other]]", "no list of tables"),
    ],
)
def test_a_fault_names_its_key(tmp_path, old, new, says):
    file = tmp_path / "rivals.toml"
    file.write_text(OWN.replace(old, new), encoding="utf-8")
    with pytest.raises(DesignError, match=says):
        load_events(file)
