"""The column decides how a cell is read, words are read or told, and places are looked up, never cut out."""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from attraktiv_eval.errors import RecordError
from attraktiv_eval.metrics import classify_households
from attraktiv_eval.metrics.companies import classify_companies
from attraktiv_eval.project import Project
from attraktiv_eval.records import Records, load_records
from attraktiv_eval.records.check import check
from attraktiv_eval.records.dates import read_date
from attraktiv_eval.records.schemas import even, other_projects
from attraktiv_eval.records.values import (
    Reader,
    Ways,
    country_of,
    decimal_sign,
    direction,
    heading_unit,
    municipality_names,
    municipality_of,
    read_number,
    sheet_orders,
)

SPAN = date(2015, 1, 1), date(2027, 12, 31)
END = date(2022, 12, 31)
HEADINGS = (
    "household reference,adults,first contact,moved,moved in,origin municipality,destination municipality\n"
)


def days(column: pd.Series) -> list[str]:
    return column.dt.strftime("%Y-%m-%d").tolist()


def test_a_town_abroad_of_somebody_from_sweden_is_told_and_is_neither(load) -> None:
    rows = ["1;2021-03-01;Sverige;Oslo;Åre", "2;2021-03-02;Norge;Oslo;Åre", "3;2021-03-02;;Oslo;Åre"]
    found = load(
        {"inflyttare.csv": "\n".join(["Hushålls-id;Inflyttningsdatum;Land;Från kommun;Till kommun", *rows])}
    )
    assert found.cells[["row", "column", "kind"]].to_numpy().tolist() == [[2, "Från kommun", "town_abroad"]]
    assert found.households["origin_country"].tolist() == ["Sverige", "Norge", "Norge"]
    assert found.households["origin_code"].isna().all()


def test_months_before_days_are_read_so_where_the_column_tells(load, project: Project) -> None:
    rows = [
        "1,1,01/05/2021,yes,03/04/2021,Stockholm,Östersund",
        "2,1,01/15/2021,yes,05/25/2021,Malmö,Åre",
        "3,1,01/20/2021,yes,12/05/2021,Malmö,Åre",
    ]
    found = load({"households.csv": HEADINGS + "\n".join(rows)})
    assert days(found.households["first_contact"]) == ["2021-01-05", "2021-01-15", "2021-01-20"]
    assert days(found.households["moved_in"]) == ["2021-03-04", "2021-05-25", "2021-12-05"]
    assert set(classify_households(found, project, END)["status"]) == {"moved_in"}
    one_tells = load({"households.csv": HEADINGS + "1,1,01/25/2021,yes,03/04/2021,Stockholm,Östersund\n"})
    assert days(one_tells.households["moved_in"]) == ["2021-03-04"]  # the other column of the list tells


def test_a_column_that_contradicts_itself_is_told_not_read(load) -> None:
    rows = [
        "1,1,2021-01-01,yes,13/05/2021,,",
        "2,1,2021-01-01,yes,05/13/2021,,",
        "3,1,2021-01-01,yes,05/06/2021,,",
    ]
    found = load({"households.csv": HEADINGS + "\n".join(rows)})
    assert found.rejected[["row", "kind"]].to_numpy().tolist() == [[4, "ambiguous_date"]]
    assert days(found.households["moved_in"]) == ["2021-05-13", "2021-05-13"]


def test_an_order_that_nothing_decides_is_said(load) -> None:
    found = load({"households.csv": HEADINGS + "1,1,01/05/2021,yes,2021-06-01,,\n"})
    assert days(found.households["first_contact"]) == ["2021-05-01"]
    assert found.notes.loc[found.notes["kind"] == "date_order_assumed", "value"].tolist() == [
        "first contact (1)"
    ]


@given(
    st.lists(st.dates(*SPAN), min_size=1, max_size=12), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y"])
)
def test_a_column_that_tells_its_order_gives_every_day_back(drawn: list[date], form: str) -> None:
    drawn = [*drawn, date(2021, 1, 31)]
    texts = [f"{day:{form}}" for day in drawn]
    order, short = sheet_orders({"date": texts}, *SPAN)[0]["date"]
    read = [read_date(text, order, short) for text in texts]
    assert [day[0] for day in read if day] == drawn or "%y" in form


@pytest.mark.parametrize(
    "text",
    ["vecka 14 2021", "v.14 2021", "v 14 -21", "2021-W14", "2021 v14", "Vecka 14, 2021", "week 14 2021"],
)
def test_a_week_is_known_to_the_week(text: str) -> None:
    assert read_date(text) == (date(2021, 4, 5), "week")
    assert read_date("v.14") is None


def test_serials_count_from_1904_where_the_workbook_does(tmp_path, project: Project) -> None:
    for epoch, first in ((CALENDAR_MAC_1904, date(1904, 1, 1)), (None, date(1899, 12, 30))):
        book = openpyxl.Workbook()
        if epoch:
            book.epoch = epoch
        sheet = book.active
        sheet.title = "Hushåll"
        sheet.append(["Hushålls-id", "Inflyttat", "Inflyttningsdatum"])
        sheet.append(["H1", "ja", (date(2021, 5, 3) - first).days])
        book.save(tmp_path / "hushall.xlsx")
        found = load_records(tmp_path, project, key=b"k" * 32)
        assert days(found.households["moved_in"]) == ["2021-05-03"]


def test_the_column_tells_thousands_from_decimals() -> None:
    assert decimal_sign(["1.234", "12.345,50"]) == ","
    assert [read_number(text, ",") for text in ("1.234", "1,234")] == [1234, 1.234]
    assert decimal_sign(["1.234", "12.5"]) == "."
    assert decimal_sign(["1.5", "1,5"]) is decimal_sign(["1.234"]) is None


@given(st.lists(st.integers(1000, 10**9), min_size=1, max_size=9), st.sampled_from([",.", ".,"]))
def test_a_column_of_thousands_gives_every_amount_back(values: list[int], signs: str) -> None:
    group, decimal = signs
    values = [*values, 1_234_567]
    texts = [f"{value:,}".replace(",", group) for value in values]
    assert decimal_sign(texts) == decimal
    assert [read_number(text, decimal) for text in texts] == values


NONE = [
    "Nej",
    "Nej, inga",
    "Inga",
    "Nej tack",
    "nej!",
    "Inte vad jag vet",
    "No, none",
    "Nej, inga andra projekt.",
    "Nä",
    "Nix!",
    "Ingen annan",
]


@pytest.mark.parametrize("text", NONE)
def test_no_other_project_in_many_words(text: str) -> None:
    assert other_projects(text) == 0


@pytest.mark.parametrize(
    ("text", "read"),
    [("Ja", 1), ("Leader; Eures", 2), ("Ja, Leader", 1), ("Vet ej", None), ("Kanske", None),
     ("2", "unknown_word"), ("Nej, men Leader", "unknown_word"), ("!", "unknown_word"),
     ("Nä men kommunen", "unknown_word")],
)  # fmt: skip
def test_other_projects_are_read_or_told(text: str, read: object) -> None:
    assert other_projects(text) == read


def test_no_in_many_words_moves_no_share(load) -> None:
    rows = HEADINGS + "".join(
        f"{i},1,2021-01-01,yes,2021-05-01,Stockholm,Östersund\n" for i in range(1, len(NONE) + 1)
    )
    told = "".join(f'{i},4,"{text}",2021-12-01\n' for i, text in enumerate(NONE, 1))
    survey = "household reference,answer,other projects,date\n" + told
    found = load({"households.csv": rows, "survey_households.csv": survey})
    assert found.survey_households["other_projects_named"].tolist() == [0] * len(NONE)


def scale(text: str, way: int = 1) -> tuple[object, str | None]:
    found = Reader("scale", "scale", *SPAN, Ways(scale=way))(text)
    return found.value, found.fault


@pytest.mark.parametrize("text", ["3.5", "3,5", "4-5", "5 av 10", "6", "Ja", "10"])
def test_a_scale_is_never_cut_out_of_a_text(text: str) -> None:
    assert scale(text) == (None, "unknown_word")


def test_digits_and_words_of_a_scale_must_agree() -> None:
    assert scale("5 - Säkert inte") == scale("5,0") == (5, None)
    assert scale("5 = Ja, säkert") == scale("1 = säkert inte") == (None, "contradicting_scale")
    assert scale("5 = Ja, säkert", 0) == (1, None)
    assert scale("5", 0) == (None, "scale_direction")
    assert scale("5", -1) == scale("5 = säkert ändå", -1) == (1, None)


@pytest.mark.parametrize(
    ("heading", "way"),
    [("Svar", 1), ("Hade ni flyttat ändå?", 0), ("Svar (1 = säkert ändå, 5 = säkert inte)", 1),
     ("Hade ni flyttat ändå? (1=nej, säkert inte; 5=ja, säkert)", -1),
     ("Hade ni flyttat andå (1=ja, 5=nej)", 1)],
)  # fmt: skip
def test_the_heading_tells_the_direction_of_the_scale(heading: str, way: int) -> None:
    assert direction(heading) == way


@pytest.mark.parametrize(
    ("text", "code"),
    [("834 32 Brunflo", "2380"), ("840 58 Pilgrimstad", "2305"), ("831 34 Östersund", "2380"),
     ("114 34", None),
     ("114 34 Stockholm", "0180"), ("Järpen", "2321"), ("Sveg", "2361"), ("Funäsdalen", "2361"),
     ("Frösön", "2380"),
     ("Gbg", "1480"), ("Sthlm", "0180"), ("Östersund kn", "2380"), ("Östersunds kommun", "2380"),
     ("Åre (2321)", "2321"), ("2380 Åre", None), ("9999", None), ("0199", None), ("Ostersund", "2380"),
     ("Östersund/Åre", None), ("Malmö, Jämtlands län", None), ("Oslo", "0000"), ("Norge", "0000"),
     ("Sverige", None), ("Oslo, Norge", "0000")],
)  # fmt: skip
def test_a_place_is_looked_up(text: str, code: str | None) -> None:
    for spelt in (text, unicodedata.normalize("NFD", text), text.encode().decode("cp1252", "ignore")):
        if even(spelt) == text:
            assert municipality_of(spelt) == code


def test_every_municipality_is_found_by_its_code_and_by_its_name() -> None:
    names = municipality_names()
    assert len(names) == 290
    for code, name in names.items():
        assert municipality_of(code) == municipality_of(name) == municipality_of(f"{name} ({code})") == code


def test_three_digits_are_a_code_unless_the_column_holds_postcodes(load) -> None:
    rows = "1,1,,yes,2021-05-01,{},Åre\n2,1,,yes,2021-05-01,{},Åre\n"
    codes = load({"households.csv": HEADINGS + rows.format("180", "1480")})
    assert codes.households["origin_code"].tolist() == ["0180", "1480"]
    cut = load({"households.csv": HEADINGS + rows.format("114", "114 34 Stockholm")})
    assert cut.households["origin_code"].fillna("").tolist() == ["", "0180"]


def test_countries_are_known_in_two_languages() -> None:
    assert [country_of(word) for word in ("Norway", "norge", "Osterrike", "UK", "utomlands")] == [
        "Norge", "Norge", "Österrike", "Storbritannien", "Utlandet"
    ]  # fmt: skip
    assert country_of("Jotunheim") is None


@settings(max_examples=200)
@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_and_never_raises(text: str) -> None:
    for kind in ("municipality", "country", "date", "amount", "whole", "projects", "scale"):
        found = Reader(kind, "scale" if kind == "scale" else None, *SPAN, Ways())(text or "x")
        assert found.value is None or found.fault is None
    assert even(even(text)) == even(text)
    heading_unit(text)
    direction(text)


def test_decomposed_and_twice_read_letters_are_the_same_list(load) -> None:
    text = (
        "Hushålls-id;Inflyttat;Inflyttningsdatum;Från kommun;Till kommun\n1;Ja;2021-05-01;Malmö;Östersund\n"
    )
    plain = load({"hushåll.csv": text}).households
    for spelt in (
        unicodedata.normalize("NFD", text),
        text.encode("utf-8").decode("latin-1"),
        text.replace("å", "a").replace("ö", "o"),
    ):
        pd.testing.assert_frame_equal(load({"hushåll.csv": spelt}).households, plain)


STATUS = (
    "Hushålls-id;Inflyttat;Inflyttningsdatum;Från kommun;Land;Till kommun;"
    "Bor kvar;Kontrollerat;Första kontakt\n"
)


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        ("ja;2021-05-01;Malmö;;Åre;;;2021-02-01", "moved_in"),
        ("ja;2021-05-01;Xyz;Sverige;Åre;;;2021-02-01", "unknown"),
        ("ja;2021-05-01;Xyz;Norge;Åre;;;2021-02-01", "moved_in"),
        ("ja;2021-05-01;Malmö;Norge;Åre;;;2021-02-01", "unknown"),
        ("ja;2021-05-01;Norge;;Åre;;;2021-02-01", "moved_in"),
        ("ja;2021-05-01;;Atlantis;Åre;;;2021-02-01", "unknown"),
        ("ja;2021-05-01;Malmö;;Xyzby;;;2021-02-01", "unknown"),
        ("ja;2021-05-01;Malmö;;;;;2021-02-01", "unknown"),
        (";2021-05-01;Malmö;;;;;2021-02-01", "unknown"),
        ("ja;2021-05-01;Malmö;;Norge;;;2021-02-01", "elsewhere"),
        ("ja;2019-05-01;Malmö;;Åre;;;2019-02-01", "before_project"),
        ("ja;2021-05-01;Malmö;;Åre;;;2019-02-01", "before_project"),
        ("ja;2021-05-01;Malmö;;Åre;;;2021", "unknown"),
        ("ja;2021-05-01;Malmö;;Åre;;;2020", "moved_in"),
        ("ja;v. 5 2021;Malmö;;Åre;;;2021-02-02", "unknown"),
        ("ja;v. 6 2021;Malmö;;Åre;;;2021-02-02", "moved_in"),
    ],
)
def test_what_cannot_be_read_never_counts(load, project: Project, cells: str, status: str) -> None:
    found = load({"hushall.csv": f"{STATUS}1;{cells}\n2;nej;;;;;;;2021-01-01\n"})
    assert classify_households(found, project, END)["status"].tolist()[0] == status


def test_an_empty_destination_is_unknown_and_told_where_the_list_names_destinations(
    load, project: Project
) -> None:
    head = "Hushålls-id;Inflyttat;Inflyttningsdatum;Från kommun;Första kontakt"
    moves = [f"{n};ja;2021-05-01;Malmö;2021-02-01" for n in (1, 2, 3)]
    with_column = "\n".join(
        [f"{head};Till kommun", *map("".join, zip(moves, (";Åre", ";", ";"), strict=True))]
    )
    known = load({"hushall.csv": with_column + "\n3;;;;;Berg\n"}, "with")
    status = classify_households(known, project, END).set_index("household_id")["status"]
    assert status.to_dict() == {"1": "moved_in", "2": "unknown", "3": "moved_in"}
    told = known.cells[["file", "row", "column", "kind"]].to_numpy().tolist()
    assert told == [["hushall.csv", 3, "Till kommun", "missing_destination"]]
    noted = known.notes.loc[known.notes["kind"] == "cells_missing_destination", "value"]
    assert noted.tolist() == ["1"]

    bare = load({"hushall.csv": "\n".join([head, *moves])}, "without")
    assert set(classify_households(bare, project, END)["status"]) == {"moved_in"} and bare.cells.empty


mover = st.tuples(
    st.sampled_from(["1", "2", "3"]),
    st.sampled_from(["ja", "ja", "nej", "okänt", ""]),
    st.sampled_from(["2021-05-01", "2021-08-01", ""]),
    st.sampled_from(["Åre", "Berg", "Stockholm", "Xyzby", ""]),
)


@settings(max_examples=6, deadline=None)
@given(st.lists(mover, min_size=1, max_size=5), st.sets(st.sampled_from(["1", "2", "3"])))
def test_emptying_a_destination_never_raises_the_number_of_movers(
    rows: list[tuple[str, str, str, str]], emptied: set[str]
) -> None:
    project = Project.load()

    def movers(told: list[tuple[str, str, str, str]]) -> int:
        lines = [f"{n};{moved};{day};Malmö;{town};2021-02-01" for n, moved, day, town in told]
        head = "Hushålls-id;Inflyttat;Inflyttningsdatum;Från kommun;Till kommun;Första kontakt"
        with tempfile.TemporaryDirectory() as name:
            (Path(name) / "hushall.csv").write_text("\n".join([head, *lines]), encoding="utf-8")
            try:
                found = load_records(Path(name), project, key=b"k" * 32)
            except RecordError:  # a row that says no and a day contradicts itself, and all of them may
                return 0
        return int((classify_households(found, project, END)["status"] == "moved_in").sum())

    before = movers(rows)
    homes = ("Åre", "Berg")
    assert movers([(*row[:3], "" if row[0] in emptied else row[3]) for row in rows]) <= before
    assert movers([(*row[:3], "" if row[3] in homes else row[3]) for row in rows]) == 0
    for at, row in enumerate(rows):
        if row[3] in homes:
            assert movers([*rows[:at], (*row[:3], ""), *rows[at + 1 :]]) <= before


def test_a_hire_before_the_support_is_not_moved_after_it(load, project: Project) -> None:
    rows = "Företag;Första stöd;Anställda via projektet;Första anställning\n"
    rows += "A AB;2021-03-01;1;2021-02-01\nB AB;;1;2021-02-01\n"
    rows += "C AB;2021-01-01;1;2021-02-01\nD AB;2021;1;2021-02-01\n"
    found = classify_companies(load({"foretag.csv": rows}), END, project)
    assert sorted(found["status"]) == ["before_support", "hired", "unknown", "unknown"]


def test_rows_that_are_kept_and_not_used_are_told_and_counted(load) -> None:
    found = load(
        {
            "finansiering.csv": "Finansiär;Slag;Utbetalat (kr);Datum\n"
            "A;Kontant;5;\nB;;7;2021-01-01\nTotalt 13 st;;;\n",
            "hushall.csv": f"{STATUS}1;ja;2021-05-01;Malmö;;Åre;ja;2021-09-01;2021-01-01\n"
            "1;;;;;;nej;2022-01-01;\n",
            "survey_households.csv": "household reference,answer,date\n1,4,\n",
        }
    )
    table = found.accounting.set_index("list")
    assert table.loc["funding", ["read", "kept", "rejected", "unused"]].tolist() == [3, 2, 1, 2]
    assert table.loc["households", ["read", "kept", "merged", "unused"]].tolist() == [2, 2, 0, 0]
    assert table.loc["survey_households", "unused"] == 1
    told = found.notes[found.notes["kind"].str.startswith("not_used_")]
    assert set(told["kind"] + told["value"]) == {"not_used_no_day1", "not_used_no_kind1"}


MIXED = "Datum;E-post\n{a};torvanesi@example.org\n{b};vilopeka@example.org\n{c};ugimale@example.org\n"


@pytest.mark.parametrize(
    ("days", "order", "read"),
    [(("01/02/2021", "25/04/2021", "04/25/2021"), "dmy", ["2021-02-01", "2021-04-25"]),
     (("01/02/2021", "25/04/2021", "04/25/2021"), "mdy", ["2021-01-02", "2021-04-25"]),
     (("21-03-04", "04-03-21", "05-03-21"), "ymd", ["2021-03-04"]),
     (("21-03-04", "04-03-21", "05-03-21"), "dmy", ["2021-03-04", "2021-03-05"])],
)  # fmt: skip
def test_a_column_that_contradicts_itself_is_told_and_read_as_the_settings_state(
    tmp_path: Path, project, days: tuple[str, str, str], order: str, read: list[str]
) -> None:
    text = MIXED.format(**dict(zip("abc", days, strict=True)))
    (tmp_path / "kontakter.csv").write_text(text, encoding="utf-8")
    told = check(tmp_path, project, key=b"k" * 32)
    faults = pd.DataFrame([vars(fault) for table in told.material.tables for fault in table.rejected])
    assert set(faults["kind"]) == {"ambiguous_date"}
    (tmp_path / "lists.toml").write_text(f"date_order = '{order}'\n", encoding="utf-8")
    found = check(tmp_path, project, key=b"k" * 32).records
    assert sorted(found.contacts["date"].dt.strftime("%Y-%m-%d")) == read
    assert set(found.rejected["kind"]) <= {"unreadable_date", "date_out_of_range"}


def test_a_column_of_days_may_say_no_where_nobody_moved(load: Callable[..., Records]) -> None:
    head = "Hushålls-id;Namn (båda vuxna);Kom från;Datum för första samtal;Flyttade hit;Flyttat till"
    rows = [
        "H1;Anna & Per Ek;Lund;3 mars 2021;12 maj 2021;Åre",
        "H2;Bo Ek;Lund;4 mars 2021;nej;",
        "H3;Al Ek;;;;",
    ]
    records = load({"hushåll.csv": "\n".join([head, *rows])})
    found = records.households.set_index("household_id")
    assert found["moved"].to_dict() == {"H1": "yes", "H2": "no", "H3": "unknown"}
    assert str(found.loc["H1", "moved_in"].date()) == "2021-05-12" and records.rejected.empty
    assert "unknown_heading" not in set(records.notes["kind"])


@pytest.mark.parametrize(
    ("second", "companies"),
    [(["Företag", "Org.nr", "Kommun", "Antal anställningar"], 1), (["Företag", "Org.nr", "Anställda"], 0)],
)
def test_another_table_below_on_a_sheet_is_no_household(
    second: list[str], companies: int, tmp_path: Path, project: Project
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Hushåll"
    rows = [["Hushålls-id", "E-post", "Inflyttat"], ["H1", "vilopeka@example.org", "Ja"], ["Summa", 1], []]
    for row in [*rows, second, ["Torvasil Bygg AB", "556036-0793", "Åre", 1][: len(second)]]:
        sheet.append(row)
    book.save(tmp_path / "lista.xlsx")
    records = load_records(tmp_path, project, key=b"a key for tests, 32 bytes long..")
    assert len(records.households) == 1
    assert len(records.companies if records.companies is not None else ()) == companies
    assert ("not_used_table" in set(records.notes["kind"])) is not bool(companies)
