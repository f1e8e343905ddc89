"""Headings: an unknown one is shown beside the nearest known one, never one that says the opposite."""

from __future__ import annotations

import pytest

from attraktiv_eval.project import Project
from attraktiv_eval.records.check import check
from attraktiv_eval.records.headings import first_of, nearest


@pytest.mark.parametrize(
    ("name", "heading", "shown"),
    [
        ("households", "Inflytningsdatum", "Inflyttningsdatum"),
        ("companies", "Organisationsnumer", "Organisationsnummer"),
        ("contacts", "Kontaktkanal", "Kanal"),
        ("contacts", "E-posst", "E-post"),
        ("contacts", "Barn", None),
        ("households", "Antal personer", None),
    ],
)
def test_an_unknown_heading_is_shown_with_the_nearest_known_one(name, heading, shown):
    assert nearest(heading, name) == shown


@pytest.mark.parametrize("heading", ["Utflyttat", "Utflyttad", "Utflyttning", "Moved out"])
def test_a_move_out_is_never_shown_beside_a_move_in(heading):
    assert nearest(heading, "households") not in ("Inflyttat", "Inflyttningsdatum", "Flyttar till kommun")


def test_a_fault_names_the_heading_as_the_file_spells_it(load):
    records = load(
        {
            "contacts.csv": 'date,"household\nreference",e-mail\n2021-02-31,H-1,\n'
            "2021-03-01,H-2,kim(at)example\n2021-03-02,,\n",
            "hushall.csv": "Hushållsnr;Flyttat?;Inflyttningsdatum\nH-1;nej;2021-05-01\n",
        }
    )
    told = records.rejected.set_index("kind")["column"].to_dict()
    assert told == {
        "unreadable_date": "date",
        "no_identity": "household reference",
        "contradiction": "Flyttat?",
    }
    assert list(records.cells["column"]) == ["e-mail"]


def test_of_very_many_unknown_headings_all_are_told_and_few_compared(load):
    wide = [f"Kontaktkanal {i}" for i in range(3_000)]
    text = ";".join(["Datum", "E-post", *wide]) + "\n2021-01-01;kim@example.org" + ";svar" * len(wide) + "\n"
    notes = load({"kontakter.csv": text}).notes
    told = notes.loc[notes["kind"] == "unknown_heading", "value"]
    assert len(told) == 3_000
    assert 0 < told.str.contains("→").sum() <= 200


def test_headings_of_a_list_without_rows_are_not_shown_for_they_may_be_a_person(tmp_path):
    file = tmp_path / "kontakter.csv"
    file.write_text("Kontakt-id;Datum;Hushålls-id;anna.berg@example.org;Storgatan 7\n", encoding="utf-8")
    found = check(tmp_path, Project.load())
    for language in ("sv", "en"):
        said = "\n".join(found.lines(language))
        assert "anna" not in said and "Storgatan" not in said
    assert any(line.startswith("kontakter.csv: 2 headings are not known") for line in found.lines("en"))


def test_no_heading_is_shown_beside_one_that_looks_personal(tmp_path):
    file = tmp_path / "kontakter.csv"
    row = "K1;2021-03-01;H1;;;\n"
    file.write_text(
        "Kontakt-id;Datum;Hushålls-id;19970127-2396;Drakberg, Kim;Kanall\n" + row, encoding="utf-8"
    )
    said = "\n".join(line for one in ("sv", "en") for line in check(tmp_path, Project.load()).lines(one))
    assert "Drakberg" not in said and "970127" not in said and "3 headings are not known" in said


@pytest.mark.parametrize("columns", ["Flyttat;Inflyttat", "Inflyttat;Flyttat"])
def test_whether_and_when_are_told_apart_by_what_stands_in_two_columns_of_one_meaning(tmp_path, columns):
    cells = ["Ja", "2021-08-01"] if columns.startswith("Flyttat") else ["2021-08-01", "Ja"]
    rows = f"Hushålls-id;Vuxna;Barn;{columns};Till kommun\nH7;2;0;{';'.join(cells)};Åre\n"
    (tmp_path / "hushall.csv").write_text(rows, encoding="utf-8")
    found = check(tmp_path, Project.load())
    assert not found.errors and found.records is not None
    (home,) = found.records.households.to_dict("records")
    assert (home["moved"], str(home["moved_in"])[:10], home["destination_code"]) == (
        "yes",
        "2021-08-01",
        "2321",
    )
    both = rows.replace("2021-08-01", "Nej")
    (tmp_path / "hushall.csv").write_text(both, encoding="utf-8")
    assert any("two columns" in error.message for error in check(tmp_path, Project.load()).errors)


def test_numbered_headings_numbers_of_things_and_nouns_of_arrival_are_understood(load):
    head = "Hushåll nr;Förnamn 1;Efternamn;E-post 1;Ankomst;Till kommun"
    records = load({"hushåll.csv": f"{head}\nB1;Kim;Ek;torvanesi@example.org;2021-03-01;Åre"})
    assert records.notes[records.notes["kind"] == "unknown_heading"].empty
    home = records.households.iloc[0]
    assert (home["household_id"], home["moved"], str(home["moved_in"])[:10]) == ("B1", "yes", "2021-03-01")
    assert (first_of("epost1", {"epost"}), first_of("epost", {"epost"})) == ("epost", None)


def test_parentheses_where_they_live_now_and_a_question_tell_what_a_heading_means(load):
    records = load(
        {
            "hushåll.csv": "Boende (namn);E-post;E-post 2;Flyttdatum;Tidigare kommun;Nuvarande kommun\n"
            "Kim & Bo Ek;kim@example.org;bo@example.org;2021-03-01;Solna;Malmö\n",
            "kontakter.csv": "Datum;E-post\n2020-01-05;bo@example.org\n",
            "hushållsenkät.csv": "E-post;Hade ni flyttat hit även utan stöd?\nkim@example.org;Säkert inte\n",
        }
    )
    assert records.households["destination_code"].to_list() == ["1280"]  # and not counted as moved in
    assert records.survey_households["answer"].to_list() == [5]
    assert records.notes[records.notes["kind"] == "unknown_heading"].empty


def test_two_lists_side_by_side_are_two_and_a_list_with_an_empty_column_is_one(load):
    counted = load(
        {
            "blad.csv": "Hushåll;Namn;Mejl;Flyttdatum;;Företag;Org.nr;Kommun\n"
            "1;Kim Ek;kim@example.org;2021-03-01;;Påhitt AB;556036-0793;Åre\n"
            "2;Bo Al;bo@example.org;2021-03-02;;;;\n",
            "kontakter.csv": "Datum;E-post;;Företag;Kommun\n2021-03-01;kim@example.org;;Påhitt AB;Åre\n",
        }
    ).accounting
    told = counted[["file", "list", "read"]].apply(tuple, axis=1).to_list()
    assert sorted(told) == [
        ("blad.csv", "companies", 1),
        ("blad.csv", "households", 2),
        ("kontakter.csv", "contacts", 1),
    ]


@pytest.mark.parametrize(
    ("cells", "known"), [(("Lund", "Oslo", "?"), True), (("Kim Ek", "Bo Al", "Lund"), False)]
)
def test_from_is_a_town_where_most_of_it_are_towns(load, cells, known):
    rows = "".join(f"2021-03-0{n};kim{n}@example.org;{cell}\n" for n, cell in enumerate(cells, 1))
    notes = load({"kontakter.csv": f"Datum;E-post;Från\n{rows}"}).notes
    assert ("unknown_heading" in set(notes["kind"])) is not known


@pytest.mark.parametrize(
    "value", ["2321", "2021-02-10", "20210210 12:30", "2", "Åre", "@example.org", "Påhittsvägen 7 B"]
)
def test_headings_beside_what_a_cell_holds_are_somebodys_record_and_are_not_shown(load, value):
    rows = "2021-03-01;kim@example.org;x;y\n"
    notes = load({"kontakter.csv": f"Datum;E-post;Påhitts Snickeri;{value}\n{rows}"}).notes
    assert "unknown_headings_only" in set(notes["kind"])
    assert not notes["value"].astype(str).str.contains("Snickeri").any()


@pytest.mark.parametrize("heading", ["Första kontakt", "Skapad", "Created On", "Mottaget"])
def test_a_list_of_contacts_that_states_no_other_day_has_that_of_its_rows(load, heading):
    text = f"Hushålls-id;{heading};Kontaktdatum\nH-1;2021-01-09;2021-03-01\n"
    assert str(load({"kontakter.csv": text}).contacts["date"][0])[:10] == "2021-03-01"
    text = f"Hushålls-id;{heading};Kanal\nH-1;2021-03-01;Mässa\n"
    assert str(load({"kontakter.csv": text}).contacts["date"][0])[:10] == "2021-03-01"


def test_forms_of_one_verb_and_numbers_of_a_household_are_understood(load):
    head = "Id-nr hushåll;Inflyttat;Inflyttningsdatum;Ursprungskommun;Till kommun;Bor kvar;Kontrollerad\n"
    records = load({"hushåll.csv": head + "H1;ja;2021-05-01;Uppsala;Åre;ja;2022-06-01\n"})
    one = records.households.iloc[0]
    assert (one["household_id"], one["origin_code"], str(one["moved_in"])[:10]) == (
        "H1",
        "0380",
        "2021-05-01",
    )
    assert str(records.residence["checked"].iloc[0])[:10] == "2022-06-01"


def test_days_under_a_heading_of_yes_and_no_and_the_day_of_joining_are_read(load):
    records = load(
        {
            "hushåll.csv": "Hushålls-id;Inflyttat;Till kommun\nH-1;2021-05-01;Åre\nH-2;2021-06-01;Berg\n",
            "organisationer.csv": "Organisation;Typ;Gick med\nÅre kommun;kommun;2020-02-01\n",
        }
    )
    assert records.households["moved_in"].dt.month.tolist() == [5, 6]
    assert str(records.organisations["joined"].iloc[0])[:10] == "2020-02-01"


@pytest.mark.parametrize(("cells", "number"), [(("Anna och Bo Ek", "Kim Å"), False), (("12", "13"), True)])
def test_under_a_heading_of_households_the_cells_tell_names_from_numbers(load, cells, number):
    rows = "".join(f"{cell};{n}@example.org;2021-03-01\n" for n, cell in enumerate(cells))
    found = load({"kontakter.csv": "Hushåll;E-post;Datum\n" + rows}).contacts["household_id"].tolist()
    assert (found == [*cells]) is number


def test_a_stamp_of_a_form_gives_way_to_a_stated_day_and_is_told(load):
    rows = "2021-03-04 10:00:00;2021-03-01;kim@example.org;Kim Ek\n"
    records = load({"kontakter.csv": f"Tidstämpel;Kontaktdatum;E-post;Namn\n{rows}"})
    assert records.contacts["date"].dt.strftime("%Y-%m-%d").to_list() == ["2021-03-01"]
    told = records.notes[records.notes["kind"] == "unknown_heading"]
    assert told["value"].str.startswith("Tidstämpel").any()
