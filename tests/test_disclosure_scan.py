"""Written files are looked through for identity numbers, addresses and telephone numbers."""

from __future__ import annotations

import zipfile

import pytest
from stdnum import luhn

from attraktiv_eval.disclosure import scan
from attraktiv_eval.records.example.dirt import TEST_NUMBERS

#: One of the tax agency's published test identity numbers, in every way of writing it.
LONG = TEST_NUMBERS[0]
WRITTEN = [LONG, f"{LONG[:8]}-{LONG[8:]}", LONG[2:], f"{LONG[2:8]}-{LONG[8:]}", f"{LONG[2:8]}+{LONG[8:]}"]
#: The same with 60 added to the day, and its check digit worked out anew.
COORDINATION = f"{LONG[2:6]}{int(LONG[6:8]) + 60}{LONG[8:11]}"
COORDINATION += luhn.calc_check_digit(COORDINATION)


def kinds(folder, text, name="report.html"):
    (folder / name).write_text(text, encoding="utf-8")
    return [one.kind for one in scan(folder)]


@pytest.mark.parametrize("number", WRITTEN)
def test_personal_identity_numbers_are_found(tmp_path, number):
    assert kinds(tmp_path, f"<td>{number}</td>") == ["identity_number"]


def test_coordination_numbers_are_found(tmp_path):
    assert kinds(tmp_path, COORDINATION) == ["identity_number"]


@pytest.mark.parametrize("text", ["anna.andersson@example.org", "mailto:x@y.se", "a+b@sub.example.com"])
def test_e_mail_addresses_are_found_example_org_included(tmp_path, text):
    assert kinds(tmp_path, f"skriv till {text} nu") == ["email"]


@pytest.mark.parametrize(
    "text",
    ["070-174 06 05", "0701740605", "+46 70 174 06 05", "+46701740605", "063-14 75 00", "08-465 004 00"],
)
def test_telephone_numbers_are_found(tmp_path, text):
    assert kinds(tmp_path, f"ring {text}!") == ["telephone"]


@pytest.mark.parametrize(
    "text",
    [
        "2020-01-01 till 2022-12-31",
        "232100-0214",  # an organisation number: its third digit is 2 or more
        "19,283,329 SEK, 19 283 329 kr",
        "90 % av 10 000 dragningar",
        "2019–2022: 61–118 hushåll; 1 300–2 300",
        f"0.{LONG[2:]}, -{LONG[2:]}.5, {LONG[2:]},25",
        '<path d="M 12.25 970127.23 L 100.5 20.25">',
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "TAB1212, TAB6640; 0114 Upplands Väsby; 2380",
        "@media print { @page { size: A4 } }",
        "run 2026-11-23T18:46:11+00:00",
        f"{LONG[:11]}{(int(LONG[11]) + 1) % 10}",  # the check digit is wrong
    ],
)
def test_figures_dates_codes_and_checksums_are_left_alone(tmp_path, text):
    assert kinds(tmp_path, text) == []


def test_every_file_is_opened_and_named_with_its_line(tmp_path):
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "a.csv").write_text("namn;tal\nx;1\ny;a@example.org\n", encoding="utf-8-sig")
    with zipfile.ZipFile(tmp_path / "report.xlsx", "w") as packed:
        packed.writestr("xl/sharedStrings.xml", "<t>ok</t>\n<t>070-174 06 05</t>")
    found = scan(tmp_path)
    assert [(one.file, one.line, one.kind) for one in found] == [
        ("report.xlsx:xl/sharedStrings.xml", 2, "telephone"),
        ("tables/a.csv", 3, "email"),
    ]
    assert not any("@" in repr(one) for one in found), "what was found is never repeated"


def test_an_empty_folder_has_nothing(tmp_path):
    assert scan(tmp_path) == []
