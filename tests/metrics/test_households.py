"""Households: reached, moved in, counted apart, unknown."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attraktiv_eval.metrics import classify_households, household_size, reach
from attraktiv_eval.metrics.households import counted_apart, time_to_move
from attraktiv_eval.records import load_records
from attraktiv_eval.records.records import LISTS

UNTIL = date(2022, 12, 31)


def household(number=1, **changes):
    row = {
        "household_id": f"h{number}",
        "first_contact": "2021-02-10",
        "moved": "yes",
        "moved_in": "2021-06-15",
        "moved_in_precision": "day",
        "origin_code": "0180",
        "origin_country": None,
        "destination_code": "2380",
        "kind": "couple",
        "adults": 2,
        "children": 0,
    }
    return {**row, **changes}


def status_of(records_of, project, row, until=UNTIL, **lists):
    found = classify_households(records_of(households=[row], **lists), project, until)
    return found["status"].to_list()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "moved_in"),
        ({"origin_code": None, "origin_country": "Norge"}, "moved_in"),
        ({"destination_code": None}, "moved_in"),
        ({"moved": "no", "moved_in": None}, "not_moved"),
        ({"moved": "unknown", "moved_in": None}, "unknown"),
        ({"moved": None, "moved_in": None}, "unknown"),
        ({"moved_in": None}, "unknown"),
        ({"origin_code": None}, "unknown"),
        ({"moved_in": "2023-01-01"}, "not_moved"),
        ({"moved_in": "2021-02-09"}, "before_first_contact"),
        ({"moved_in": "2021-02-10"}, "moved_in"),
        ({"origin_code": "2321"}, "inside_county"),
        ({"destination_code": "0180"}, "elsewhere"),
        ({"moved_in": "2021-01-01", "moved_in_precision": "month"}, "before_first_contact"),
        ({"moved_in": "2021-02-01", "moved_in_precision": "month"}, "unknown"),
        ({"moved_in": "2021-03-01", "moved_in_precision": "month"}, "moved_in"),
        ({"moved_in": "2021-01-01", "moved_in_precision": "year"}, "unknown"),
        ({"moved_in": "2022-01-01", "moved_in_precision": "year"}, "moved_in"),
        ({"first_contact": None}, "no_known_contact"),
    ],
)
def test_each_household_has_one_status(records_of, project, changes, status):
    assert status_of(records_of, project, household(**changes)) == [status]


def test_rows_made_by_hand_are_those_that_the_reader_makes_of_a_file(records_of, project, tmp_path):
    rows = [household(), household(2, moved="no", moved_in=None, destination_code=None)]
    headings = "Hushålls-id;Vuxna;Barn;Flyttar från kommun;Första kontakt;Inflyttat;Inflyttningsdatum;"
    lines = ["h1;2;0;0180;2021-02-10;ja;2021-06-15;2380", "h2;2;0;0180;2021-02-10;nej;;2380"]
    (tmp_path / "hushåll.csv").write_text(
        "\n".join([f"{headings}Flyttar till kommun", *lines]), encoding="utf-8"
    )
    read = load_records(tmp_path, project, key=b"a key for tests, 32 bytes long..")
    by_hand = records_of(households=rows)
    assert (read.missing, read.example_data) == (by_hand.missing, by_hand.example_data)
    same = [name for name in rows[0] if name not in ("household_id", "moved_in_precision")]
    pd.testing.assert_frame_equal(read.households[same], by_hand.households[same])
    for name in LISTS:  # the lists that are not there aside, columns and types are the reader's own
        made, own = getattr(records_of(**{name: []}), name), getattr(read, name)
        assert own is None or made.dtypes.to_dict() == own.dtypes.to_dict()
    with pytest.raises(KeyError, match="no column"):
        records_of(households=[household(movedin="2021-06-15")])


def test_a_move_before_contact_inside_the_county_is_told_as_inside(records_of, project):
    row = household(origin_code="2321", moved_in="2021-01-01")
    assert status_of(records_of, project, row) == ["inside_county"]


@pytest.mark.parametrize(
    ("checked", "resident", "status"),
    [
        ("2021-08-01", False, "out_again"),
        ("2021-08-01", True, "moved_in"),
        ("2021-12-10", False, "out_again"),  # halfway between the move and the check: 2.9 months
        ("2022-01-15", False, "moved_in"),  # halfway: 3.5 months
    ],
)
def test_a_household_that_is_gone_within_three_months_is_counted_apart(
    records_of, project, checked, resident, status
):
    residence = [{"household_id": "h1", "checked": checked, "resident": resident}]
    assert status_of(records_of, project, household(), residence=residence) == [status]


def test_a_departure_found_later_than_the_day_is_not_used(records_of, project):
    residence = [{"household_id": "h1", "checked": "2021-08-01", "resident": False}]
    found = status_of(records_of, project, household(), until=date(2021, 7, 31), residence=residence)
    assert found == ["moved_in"]


def test_a_household_first_met_after_the_day_is_not_there(records_of, project):
    assert status_of(records_of, project, household(), until=date(2021, 2, 9)) == []
    assert status_of(records_of, project, household(), until=date(2021, 2, 10)) == ["not_moved"]


def test_a_household_that_only_the_contacts_know_is_reached_and_unknown(records_of, project):
    contacts = [{"contact_id": "c1", "date": "2021-01-01", "household_id": "h9", "phase": "attract"}]
    records = records_of(households=[household()], contacts=contacts)
    count = reach(records, project, UNTIL).goals["households"]
    assert (count.reached, count.known, count.unknown) == (2, 1, 1)


def test_an_earlier_contact_moves_the_first_contact(records_of, project):
    contacts = [{"contact_id": "c1", "date": "2020-12-24", "household_id": "h1", "municipality_code": "2303"}]
    row = household(moved_in="2021-01-20")
    assert status_of(records_of, project, row) == ["before_first_contact"]
    assert status_of(records_of, project, row, contacts=contacts) == ["moved_in"]


def test_without_a_list_of_households_there_is_no_evidence_of_moves(records_of, project):
    contacts = [{"contact_id": "c1", "date": "2021-01-01", "household_id": "h9", "phase": "attract"}]
    count = reach(records_of(contacts=contacts), project, UNTIL).goals["households"]
    assert count.known is None
    assert count.reached == 1
    tables = reach(records_of(contacts=contacts), project, UNTIL).tables
    assert tables["households_by_year"]["reached"].sum() == 1
    assert tables["households_by_year"]["moved_in"].isna().all(), "not counted is not zero"
    assert tables["funnel"]["moved_in"].isna().all()
    assert tables["counted_apart"].empty
    assert reach(records_of(), project, UNTIL).tables["households_by_kind"].empty


def test_tables_by_year_municipality_and_kind_add_up_to_the_count(records_of, project):
    rows = [
        household(1),
        household(2, moved_in="2022-03-01", destination_code="2303", kind="family"),
        household(3, destination_code=None, kind=None),
        household(4, moved="no", moved_in=None),
        household(5, moved_in="2021-01-01"),
    ]
    found = reach(records_of(households=rows), project, UNTIL)
    assert found.goals["households"].known == 3
    for name in ("households_by_year", "households_by_municipality", "households_by_kind"):
        assert found.tables[name]["moved_in"].sum() == 3, name
        assert found.tables[name]["reached"].sum() == 5, name
    by_year = found.tables["households_by_year"].set_index("year")["moved_in"]
    assert by_year.to_dict() == {2020: 0, 2021: 2, 2022: 1}
    by_place = found.tables["households_by_municipality"].set_index("municipality_code")["moved_in"]
    assert by_place["2303"] == 1
    assert by_place["unknown"] == 1
    apart = found.tables["counted_apart"].set_index("reason")["households"]
    assert apart["before_first_contact"] == 1
    assert apart.sum() == 1


def test_the_path_to_the_goal_is_cumulated_beside_an_even_pace(records_of, project):
    rows = [household(1), household(2, moved_in="2022-03-01"), household(3, moved="unknown", moved_in=None)]
    paths = reach(records_of(households=rows), project, UNTIL).tables["paths"]
    homes = paths[paths["goal"] == "households"].set_index("year")
    assert homes["cumulated"].to_dict() == {2020: 0, 2021: 1, 2022: 2}
    assert homes["unknown"].to_dict() == {2020: 0, 2021: 1, 2022: 1}
    assert homes.loc[2022, "pace"] == 400
    assert homes.loc[2020, "pace"] == pytest.approx(400 * 366 / 1096)


def test_time_to_move_is_in_months_with_quartiles(records_of, project):
    rows = [household(n, first_contact=f"2021-0{n}-15", moved_in="2021-07-15") for n in (1, 4, 6)]
    found = time_to_move(classify_households(records_of(households=rows), project, UNTIL))
    assert found["households"].item() == 3
    assert found["median"].item() == pytest.approx(2.99, abs=0.01)


def test_own_size_of_households_replaces_the_assumption_from_thirty_on(records_of, project, assumptions):
    stated = assumptions["persons_per_moving_household"]
    rows = [household(n, adults=1 + n % 2, children=0) for n in range(30)]
    few = household_size(classify_households(records_of(households=rows[:29]), project, UNTIL), stated)
    assert (few.source, few.value, few.low, few.high) == ("assumption", 1.6, 1.3, 2.0)
    many = household_size(classify_households(records_of(households=rows), project, UNTIL), stated)
    assert many.source == "records"
    assert many.value == 1.5
    assert many.low == pytest.approx(1.5 - 1.6449 * 0.50855 / 30**0.5, abs=1e-4)


DAYS = st.dates(date(2020, 1, 1), date(2023, 6, 30)).map(str)
HOUSEHOLDS = st.builds(
    lambda n, first, moved, day, origin, precision: household(
        n, first_contact=first, moved=moved, moved_in=day, origin_code=origin, moved_in_precision=precision
    ),
    st.integers(1, 40),
    st.one_of(st.none(), DAYS),
    st.sampled_from(["yes", "no", "unknown"]),
    st.one_of(st.none(), DAYS),
    st.sampled_from(["0180", "2380", None]),
    st.sampled_from(["day", "month", "year"]),
)
CONTACTS = st.builds(
    lambda n, h, day, phase, place: {
        "contact_id": f"c{n}", "date": day, "household_id": f"h{h}", "phase": phase,
        "municipality_code": place,
    },
    st.integers(0, 10_000),
    st.integers(1, 45),
    DAYS,
    st.sampled_from(["attract", "welcome", None]),
    st.sampled_from(["2303", "2380", None]),
)  # fmt: skip


def _unique(rows):
    return list({row["household_id"]: row for row in rows}.values())


@settings(max_examples=10, deadline=None)
@given(
    homes=st.lists(HOUSEHOLDS, min_size=1, max_size=25),
    contacts=st.lists(CONTACTS, max_size=25),
    data=st.data(),
)
def test_any_order_of_rows_gives_the_same_tables(records_of, project, homes, contacts, data):
    homes = _unique(homes)
    one = reach(records_of(households=homes, contacts=contacts), project, UNTIL)
    two = reach(
        records_of(
            households=data.draw(st.permutations(homes)), contacts=data.draw(st.permutations(contacts))
        ),
        project,
        UNTIL,
    )
    assert one.goals == two.goals
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(table, two.tables[name])


@settings(max_examples=10, deadline=None)
@given(
    homes=st.lists(HOUSEHOLDS, min_size=1, max_size=25),
    contacts=st.lists(CONTACTS, max_size=15),
    new=CONTACTS,
)
def test_adding_a_contact_never_lowers_a_count(records_of, project, homes, contacts, new):
    homes = _unique(homes)
    before = reach(records_of(households=homes, contacts=contacts), project, UNTIL)
    after = reach(records_of(households=homes, contacts=[*contacts, new]), project, UNTIL)
    assert after.goals["households"].reached >= before.goals["households"].reached
    assert after.goals["households"].known >= before.goals["households"].known
    for name in ("households_by_phase", "funnel"):
        grown = after.tables[name].set_index("phase") - before.tables[name].set_index("phase")
        assert (grown["moved_in"].dropna() >= 0).all()


@settings(max_examples=10, deadline=None)
@given(homes=st.lists(HOUSEHOLDS, min_size=1, max_size=25), until=st.dates(date(2020, 1, 1), UNTIL))
def test_every_household_reached_has_one_place_in_the_count(records_of, project, homes, until):
    homes = _unique(homes)
    records = records_of(households=homes)
    found = classify_households(records, project, until)
    assert found["household_id"].is_unique
    count = reach(records, project, until).goals["households"]
    apart = counted_apart(found).set_index("reason")["households"].drop("no_known_contact").sum()
    not_moved = int((found["status"] == "not_moved").sum())
    assert count.reached == count.known + count.unknown + apart + not_moved


@settings(max_examples=10, deadline=None)
@given(homes=st.lists(HOUSEHOLDS, min_size=1, max_size=25), until=st.dates(date(2020, 1, 1), UNTIL))
def test_what_happens_after_the_day_changes_nothing(records_of, project, homes, until):
    """Moves after the day may as well be unknown to the records: the count of the day is the same."""
    homes = _unique(homes)
    cut = [
        {**one, "moved": "no", "moved_in": None} if one["moved_in"] and one["moved_in"] > str(until) else one
        for one in homes
        if not one["first_contact"] or one["first_contact"] <= str(until)
    ]
    cut = cut or [household(99, first_contact="2023-05-05")]
    one, two = (
        reach(records_of(households=rows), project, until).goals["households"] for rows in (homes, cut)
    )
    assert (one.reached, one.known) == (two.reached, two.known)
