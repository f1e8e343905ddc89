"""Dates, numbers, identifiers and choices as people write them."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from attraktiv_eval.records.dates import SWEDISH_MONTHS, read_date
from attraktiv_eval.records.pseudonyms import (
    address_key,
    email_key,
    name_key,
    organisation_number,
    personal_number,
    phone_key,
)
from attraktiv_eval.records.schemas import CHOICES, id_of
from attraktiv_eval.records.values import read_number, read_whole

FIRST = date(2021, 3, 1)

# Published by the Swedish Tax Agency as test numbers (open data sets Testpersonnummer and
# Testsamordningsnummer, CC0): valid in day and check digit, given to nobody.
TEST_NUMBERS = (
    "199701272396",
    "199802032392",
    "200002292399",
    "201312312398",
    "189001019802",
)
TEST_COORDINATION_NUMBER = "191401682396"  # born on 8 January 1914: 60 is added to the day
TODAY = date(2023, 3, 15)


DAYS = """
2021-03-01, 2021/03/01, 2021.3.1, 20210301, 21-03-01, 210301, 1/3 2021, 1/3-21, 01/03/2021, 1.3.2021
1 mars 2021, den 1 mars 2021, 1:a mars 2021, 1 mar 21
1 March 2021, 44256, 44256.5, 2021-03-01 14:30, 2021-03-01T14:30:00Z
"""


@pytest.mark.parametrize(
    "text", [*re.split(", |\n", DAYS.strip()), " 2021-03-01 ", "1\u00a0mars\u00a02021", "March 1, 2021"]
)
def test_a_day_is_read(text: str) -> None:
    assert read_date(text) == (FIRST, "day")


@pytest.mark.parametrize(
    "text", ["mars 2021", "Mars -21", "mar 2021", "2021-03", "3/2021", "2021 mars", "March 2021"]
)
def test_a_month_keeps_its_precision(text: str) -> None:
    assert read_date(text) == (FIRST, "month")


def test_a_year_keeps_its_precision() -> None:
    assert read_date("2021") == (date(2021, 1, 1), "year")


@pytest.mark.parametrize(
    "text",
    [
        "2021-02-30",
        "31/4 2021",
        "13/13 2021",
        "vår",
        "mars",
        "1 marz 2021",
        "2021-13",
        "12345678",
        "-",
        "1/3",
    ],
)
def test_no_date_is_made_up(text: str) -> None:
    assert read_date(text) is None


@given(st.dates(date(2015, 1, 1), date(2049, 12, 31)))
def test_every_way_of_writing_gives_the_day_back(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    month = SWEDISH_MONTHS[day.month - 1]
    ways = [
        f"{day}",
        f"{day:%y-%m-%d}",
        f"{day.day}/{day.month} {day.year}",
        f"{day.day} {month} {day.year}",
        f"{serial}",
    ]
    assert [read_date(way) for way in ways] == [(day, "day")] * len(ways)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234", 1234),
        ("1 234", 1234),
        ("1\u00a0234\u00a0567", 1234567),
        ("1\u202f234,5", 1234.5),
        ("1.234.567,89", 1234567.89),
        ("1,234,567.89", 1234567.89),
        ("12,5", 12.5),
        ("0,125", 0.125),
        ("1 000:-", 1000),
        ("SEK 500", 500),
        ("1,5 mkr", 1_500_000),
        ("−7", -7),
        ("1'000", 1000),
    ],
)
def test_a_number_is_read(text: str, value: float) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("1.234", "ambiguous_number"),
        ("12,345", "ambiguous_number"),
        ("två", "no_number"),
        ("1-2", "no_number"),
        ("", "no_number"),
        ("195812041340", "person_as_number"),
        ("581264-1340", "person_as_number"),
        ("581204 1340.0", "person_as_number"),
        ("070-174 06 05", "person_as_number"),
    ],
)
def test_no_number_is_guessed(text: str, fault: str) -> None:
    assert read_number(text) == fault


def test_a_telephone_number_without_its_zero_is_no_count() -> None:
    assert read_whole("701740605") == "no_number" and read_whole("99 999 999") == 99_999_999


@given(st.integers(0, 10**9), st.sampled_from([" ", "\u00a0", "\u202f", "\u2009"]))
def test_spaces_between_thousands_change_nothing(value: int, space: str) -> None:
    text = f"{value:,}".replace(",", space)
    assert read_number(text) == value
    assert read_whole(text) == (value if value <= 10**8 else "no_number")


@given(st.floats(0, 1e9).map(lambda x: round(x, 2)))
def test_comma_and_point_before_two_decimals_are_one(value: float) -> None:
    text = f"{value:.2f}"
    assert read_number(text) == read_number(text.replace(".", ",")) == pytest.approx(value)


@pytest.mark.parametrize("number", TEST_NUMBERS)
def test_test_numbers_are_valid_in_every_spelling(number: str) -> None:
    assert luhn.is_valid(number[2:])
    sign = "+" if number.startswith("18") else "-"
    assert personal_number(number, TODAY) == number
    assert personal_number(f"{number[:8]}-{number[8:]}", TODAY) == number
    assert personal_number(f"{number[2:8]}{sign}{number[8:]}", TODAY) == number


def test_a_coordination_number_is_known_by_its_day() -> None:
    assert personal_number(TEST_COORDINATION_NUMBER, TODAY) == TEST_COORDINATION_NUMBER
    assert personal_number("191401922390", TODAY) is None  # day 92 - 60 is no day


@pytest.mark.parametrize("number", TEST_NUMBERS)
def test_one_wrong_digit_is_found(number: str) -> None:
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert personal_number(wrong, TODAY) is None


@pytest.mark.parametrize(
    "text", ["232100-0214", "2321000214", "16 232100-0214", "162321000214", "SE232100021401", "232100 0214"]
)
def test_the_regions_own_number(text: str) -> None:
    assert organisation_number(text) == ("organisation", "2321000214")


@pytest.mark.parametrize("text", ["232100-0215", "23210-0214", "", "abc", "120100-0000"])
def test_an_organisation_number_that_is_none(text: str) -> None:
    assert organisation_number(text) is None


def test_a_sole_traders_number_is_a_persons() -> None:
    assert organisation_number("970127-2396") == ("person", "199701272396")


@pytest.mark.parametrize(
    "text",
    [
        "kim@example.org",
        " KIM@Example.org ",
        "mailto:kim@example.org",
        "Kim Ek <kim@example.org>",
        "kim@example.org;",
    ],
)
def test_one_address_in_many_forms(text: str) -> None:
    assert email_key(text) == "kim@example.org"


@pytest.mark.parametrize(
    "text",
    ["070-174 06 05", "0701740605", "+46 70 174 06 05", "0046701740605", "+46 (0)70 174 06 05", "701740605"],
)
def test_one_telephone_number_in_many_forms(text: str) -> None:
    assert phone_key(text) == "+46701740605"


@pytest.mark.parametrize(
    "text",
    [
        "Exempelvägen 1, 831 00 Stad",
        "exempelv. 1, 83100 Stad",
        "Exempelväg. 1 831 00 STAD",
        "Exempelv 1\n831 00 Stad",
    ],
)
def test_one_postal_address_in_many_forms(text: str) -> None:
    assert address_key(text) == "exempelvägen 1 83100 stad"


def test_two_orders_of_a_name_are_one() -> None:
    assert name_key("Ek, Kim") == name_key("kim  EK") == "kim ek"


@pytest.mark.parametrize("choice", CHOICES)
def test_every_word_means_one_thing(choice: str) -> None:
    words = [(word.casefold(), identity) for identity, several in CHOICES[choice].items() for word in several]
    assert all(id_of(choice, word) == identity for word, identity in words)
    assert id_of(choice, "något annat helt") is None
