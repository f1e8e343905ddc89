"""Written files are looked through for identity numbers, addresses and telephone numbers."""

from __future__ import annotations

import base64
import io
import zipfile
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn

from attraktiv_eval.disclosure import scan
from attraktiv_eval.records import traces
from attraktiv_eval.records.traces import find_traces
from scripts.example_records.dirt import TEST_NUMBERS

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


@pytest.mark.parametrize(
    "sign", ["~", "_", "/", ":", "\u30fc", "\ufe63", "\u2012", " \u2013 ", "\u200b", "\u00a0"]
)
def test_any_sign_between_the_day_and_the_last_digits_is_a_dash(tmp_path, sign):
    assert kinds(tmp_path, f"nr {LONG[2:8]}{sign}{LONG[8:]} i listan") == ["identity_number"]
    assert kinds(tmp_path, f"nr {LONG[:8]}{sign}{LONG[8:]} i listan") == ["identity_number"]


@pytest.mark.parametrize("sign", [".", "/", "-", " "])
def test_a_day_with_signs_between_its_parts_is_found(tmp_path, sign):
    assert kinds(tmp_path, sign.join(["1985", "01", "01"]) + "-4321") == ["identity_number"]
    assert kinds(tmp_path, sign.join(["2021", "01", "01"]) + "-2022") == []


@pytest.mark.parametrize(
    "text",
    [
        f"{LONG[:8]}.{LONG[8:]}",
        f"nr {LONG[2:8]}.{LONG[8:]} i listan",
        " ".join(LONG),
        f"{' '.join(LONG[2:8])} - {' '.join(LONG[8:])}",
        f"{LONG[:4]} {LONG[4:8]} {LONG[8:]}",
        f"{LONG[:8]};{LONG[8:]}",
        f"{LONG[2:8]};-{LONG[8:]}",
        f'"{LONG[:8]}","{LONG[8:]}"',
        f"<tr><td>{LONG[:8]}</td><td>{LONG[8:]}</td></tr>",
    ],
)
def test_a_number_with_a_point_digit_by_digit_or_in_two_cells_is_found(tmp_path, text):
    assert kinds(tmp_path, text) == ["identity_number"]


def test_digits_of_other_keyboards_are_digits(tmp_path):
    wide = str.maketrans("0123456789", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19")
    assert kinds(tmp_path, f"{LONG[2:8]}-{LONG[8:]} 070-174 06 05".translate(wide)) == [
        "identity_number",
        "telephone",
    ]


@pytest.mark.parametrize(
    "text",
    ["anna.ek @ example.org", "anna.ek(a)example.org", "anna.ek {at} example.org", "anna snabel-a ek.se"],
)
def test_addresses_that_are_written_around_the_sign_are_found(tmp_path, text):
    assert kinds(tmp_path, f"skriv till {text} nu") == ["email"]


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
        "850101.4321 kr, 1234567.8901, 2021/01/01-2022/12/31, 12:30:45:1234, 210301/210401",
        "@media print { @page { size: A4 } }",
        "run 2026-11-23T18:46:11+00:00, 2026-11-30T00:14:08.754817+00:00",
        "kontakter_20211123-1846.csv, 20211123_184611, 2020-01-01–2022-12-31",
        "RS 2019/123, dnr 2020-00123, 16556036-0793, 165560360793",
        "19110224;2021\n850101;4321\n850101.1234, 0 1 0 1 0 1 0 1 0 1, 2 0 2 1 0 1 0 1 1 2 3 0",
        f"belopp;år\n{LONG[2:8]}.{LONG[8:]};2021",
        "01-02-2021, 08-11-2021, +490 (−75 till 1 052), 4 816 073–24 141 457 kr",
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


def test_a_workbook_within_an_archive_is_opened_too(tmp_path):
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("docProps/core.xml", "<dc:creator>kim@example.org</dc:creator>" * 9)
    with zipfile.ZipFile(tmp_path / "evidence.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("tables.xlsx", book.getvalue())
    assert [(one.file, one.kind) for one in scan(tmp_path)] == [
        ("evidence.zip:tables.xlsx:docProps/core.xml", "email")
    ]


def test_an_empty_folder_has_nothing(tmp_path):
    assert scan(tmp_path) == []


# ------------------------------------------------------------------ as people write them, whatever is valid

DASHES = ["", "-", "+", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u2212", "\u00ad"]
SPACES = ["", " ", "\u00a0", "\u202f", "\u2009"]


@st.composite
def identity_numbers(draw):
    """Return a number with any day, coordination days and months unknown, and any last four signs."""
    year, month = draw(st.integers(1890, 2012)), draw(st.integers(0, 12))
    day = draw(st.one_of(st.integers(1, 31), st.integers(60, 91)))
    tail = draw(
        st.one_of(st.integers(1, 9999).map("{:04d}".format), st.sampled_from(["T12D", "R123", "12P4"]))
    )
    gap = draw(st.sampled_from(SPACES)) + draw(st.sampled_from(DASHES)) + draw(st.sampled_from(SPACES))
    if not tail.isdigit() and not gap:
        gap = "-"
    century = draw(st.booleans())
    return f"{year if century else f'{year % 100:02d}'}{month:02d}{day:02d}{gap}{tail}"


@settings(max_examples=400, deadline=None)
@given(
    identity_numbers(), st.sampled_from(["{}", "nr {}", "<td>{}</td>", "a;{};b", "Hushåll {}, Åre", "H-{}"])
)
def test_every_way_of_writing_an_identity_number_is_found(number, around):
    text = around.format(number)
    assert any(
        one.kind in ("identity_number", "telephone") and text[one.start : one.end].strip("H-") in number
        for one in find_traces(text)
    ), ascii(text)


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.tuples(st.integers(0, 99), st.integers(20, 99), st.integers(0, 99), st.integers(0, 9999)).map(
            lambda one: "{:02d}{:02d}{:02d}-{:04d}".format(*one)  # an organisation number
        ),
        st.tuples(st.integers(1, 99), st.integers(20, 99), st.integers(0, 99), st.integers(0, 9999)).map(
            lambda one: "16{:02d}{:02d}{:02d}{:04d}".format(*one)
        ),
        st.tuples(st.integers(1990, 2030), st.integers(1990, 2030)).map("{0[0]}–{0[1]}".format),
        st.integers(0, 999_999_999).map("{:,} kr".format).map(lambda one: one.replace(",", " ")),
        st.integers(0, 99_999_999).map(str),
        st.floats(-1e6, 1e6).map("{:.6f}".format),
        st.datetimes(datetime(2015, 1, 1), datetime(2029, 12, 31)).map("{:%Y%m%d-%H%M}".format),
        st.datetimes(datetime(2015, 1, 1), datetime(2029, 12, 31)).map("{:%Y%m%d_%H%M%S}".format),
        st.datetimes(datetime(2015, 1, 1), datetime(2029, 12, 31)).map("{:%Y-%m-%d %H:%M}".format),
        st.datetimes(datetime(2015, 1, 1), datetime(2029, 12, 31)).map("{:%Y-%m-%dT%H:%M:%S+00:00}".format),
        st.datetimes(datetime(2015, 1, 1)).map("{:%Y-%m-%dT%H:%M:%S.%f+00:00}".format),
        st.dates().map("{:%Y-%m-%d}".format),
        st.dates().map("{:%d-%m-%Y}".format),
        st.tuples(st.integers(0, 17_999_999), st.integers(1990, 2030)).map("{0[0]};{0[1]}".format),
        st.lists(st.integers(0, 1), min_size=10, max_size=10).map(lambda ones: " ".join(map(str, ones))),
    )
)
def test_organisations_years_amounts_and_times_are_no_persons(text):
    kinds = {"identity_number", "telephone"} if "T" in text else {"identity_number"}
    assert [one for one in find_traces(text) if one.kind in kinds] == []


@pytest.mark.parametrize(
    "text",
    ["070-174 06 05", "070 174 0605", "(070) 174 06 05", "070.174.06.05", "0701740605", "070\u2013174 06 05",
     "0046701740605", "0046 70 174 06 05", "+46 (0)70-174 06 05", "+46701740605", "46701740605",
     "063/12 34 56", "063-12 34 56", "063 - 12 34 56", "063-123456", "0631234567", "08-465 004 00",
     "0687-123 45", "063-12-34-56", "+47 912 34 567"],
)  # fmt: skip
def test_telephone_numbers_are_found_as_people_write_them(text):
    assert [one.kind for one in find_traces(f"ring {text} nu")] == ["telephone"]


def test_signs_that_a_format_writes_as_codes_are_read(tmp_path):
    assert kinds(tmp_path, "<p>850101&#8209;1234</p>") == ["identity_number"]
    (tmp_path / "report.html").unlink()
    assert kinds(tmp_path, '{"a": "850101\\u20111234"}', "results.json") == ["identity_number"]
    (tmp_path / "results.json").unlink()
    assert kinds(tmp_path, "kim&#64;example.org") == ["email"]


def test_the_contact_of_the_project_may_stand_in_a_report_and_nobody_else(tmp_path):
    contact = ["Utvecklingsavdelningen, region@example.org, 063-14 75 00"]
    (tmp_path / "report.html").write_text("Fråga region@example.org, tel 063 14 75 00", encoding="utf-8")
    assert scan(tmp_path, contact) == []
    (tmp_path / "report.html").write_text("Fråga kim@example.org", encoding="utf-8")
    assert [one.kind for one in scan(tmp_path, contact)] == ["email"]


def test_names_of_files_and_folders_are_looked_at(tmp_path):
    (tmp_path / "850101-1234").mkdir()
    (tmp_path / "850101-1234" / "t.csv").write_text("a", encoding="utf-8")
    assert [(one.line, one.kind) for one in scan(tmp_path)] == [(0, "identity_number")]


def test_what_a_page_carries_in_its_links_is_looked_through_too(tmp_path):
    """A table, and a table in an archive; what also lies beside the page is told of once, as that file."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("tables/inner.csv", "namn;post\nA;anna.ek@example.se\n")
    for kind, content in (("csv", b"nr\n19811218-9876\n"), ("zip", held.getvalue())):
        payload = base64.b64encode(content).decode("ascii")
        page = f'<p>x</p><a download="a.{kind}" href="data:text/{kind};base64,{payload}">a</a>'
        (tmp_path / f"{kind}.html").write_text(page, encoding="utf-8")
    assert {(one.file, one.kind) for one in scan(tmp_path)} == {
        ("csv.html:file 1", "identity_number"),
        ("zip.html:file 1 tables/inner.csv", "email"),
    }
    (tmp_path / "beside.csv").write_bytes(b"nr\n19811218-9876\n")
    assert [one.file for one in scan(tmp_path) if one.kind == "identity_number"] == ["beside.csv"]


SOUGHT = {name: one for name, one in vars(traces).items() if isinstance(one, traces._Sought)}
#: Pieces of numbers as people write them, and what stands between and beside them.
PIECES = ["19", "20", "85", "2024", "01", "0101", "0561", "1234", "12", "T12D", "8", "5", "0", "1", "kr", "a"]
PIECES += ["070", "174", "06", "05", "063", "08", "754", "46", "+46", "0046", "(", ")"]
PIECES += [LONG, LONG[:8], LONG[2:8], LONG[8:], LONG[2:], *'-\u2013 \u00a0./:;,\t\n"+_', "</td><td>"]
NEAR = [
    *(number + after for number in WRITTEN for after in ("", "0", " kr", ".5")),
    *(
        "85 01 05 12 03-1234",
        "01 05 12 03-1234",
        "1985-01-01-1234",
        "1985 0101-1234",
        f"{LONG[:8]}.{LONG[8:]}",
    ),
    *(" ".join(LONG), f"{LONG[:8]};{LONG[8:]}", f"{LONG[2:8]};-{LONG[8:]}"),
    *(
        "070-174 06 05",
        "(063) 12 34 56",
        "+46 (0)70-174 06 05",
        "0631234567",
        "46701740605",
        "0046 70 1740605",
    ),
]


@pytest.mark.parametrize("name", sorted(SOUGHT))
def test_the_quick_look_for_a_number_finds_all_that_its_pattern_finds(name):
    sought, found = SOUGHT[name], []

    @settings(max_examples=300)
    @given(st.lists(st.sampled_from(PIECES + NEAR), max_size=12).map("".join))
    def compare(text: str) -> None:
        alone = [match.span() for match in sought.whole.finditer(text)]
        assert [match.span() for match in traces._every(sought, text)] == alone
        found.extend(alone)

    compare()
    for text in (form.format(one) for one in NEAR for form in ("{0}", "a {0}\n{0}", "3{0} {0}")):
        assert [one.groups() for one in traces._every(sought, text)] == [
            one.groups() for one in sought.whole.finditer(text)
        ]
        found += [one.span() for one in sought.whole.finditer(text)]
    assert len(SOUGHT) == 7 and len(found) > 3
