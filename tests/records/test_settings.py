"""The folder's settings, units in headings, and two columns of one field."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attraktiv_eval.errors import RecordError
from attraktiv_eval.records.check import check
from attraktiv_eval.records.files import presets, propose, read_settings, write_proposal
from attraktiv_eval.records.headings import find_headings, nearest
from attraktiv_eval.records.records import Sheet
from attraktiv_eval.records.schemas import schemas
from tests.bad_input.old_books import old_book

FORM = "ID,Start time,Completion time,Email,Name,Vad hade hänt?,Annat\n"
ROWS = "1,1/2/2021,05/13/2021,kim@example.org,Kim,4,x\n2,1/2/2021,05/02/2021,ko@example.org,Ko,4,x\n"
FULL = """
[[files]]
pattern = "export*.csv"
list = "survey_households"
preset = "microsoft_forms"
[files.headings]
"Vad hade hänt?" = "answer"
"Annat" = ""
"""


def test_an_export_is_mapped_once(tmp_path: Path, project) -> None:
    (tmp_path / "export 2021-06-01.csv").write_text(FORM + ROWS, encoding="utf-8")
    assert check(tmp_path, project, key=b"k" * 32).exit_code == 2
    proposed = tomllib.loads(write_proposal(tmp_path).read_text(encoding="utf-8"))
    assert proposed["files"][0]["preset"] == "microsoft_forms"
    assert set(proposed["files"][0]["headings"]) == {"Vad hade hänt?", "Annat"}
    (tmp_path / "lists.toml").write_text(FULL, encoding="utf-8")
    found = check(tmp_path, project, key=b"k" * 32).records
    days = found.survey_households["date"].dt.strftime("%Y-%m-%d")
    assert sorted(days) == ["2021-05-02", "2021-05-13"]
    assert found.survey_households["answer"].tolist() == [4, 4]
    assert not set(found.notes["kind"]) & {"unknown_heading", "pattern_without_file"}
    assert "lists.toml" in [one["file"] for one in found.inputs]
    with pytest.raises(RecordError):
        write_proposal(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["x = 1", "[[files]]\nfoo = 1", "[[files]]\npattern = 'a'\ndate_order = 'q'", "[", "files = 3",
     "[[files]]", "[[files]]\npattern = 'a'\n[files.headings]\nID = 'nope'",
     "[[files]]\npattern = 'a'\nunit = 'eur'",
     "[[files]]\npattern = 'a'\nheadings = 3", "[[files]]\npattern = 'a'\nlist = ['contacts']"],
)  # fmt: skip
def test_wrong_settings_are_one_line(tmp_path: Path, project, text: str) -> None:
    (tmp_path / "lists.toml").write_text(text, encoding="utf-8")
    (tmp_path / "kontakter.csv").write_text("Datum;E-post\n2021-01-01;kim@example.org\n", encoding="utf-8")
    found = check(tmp_path, project, key=b"k" * 32)
    assert (found.exit_code, len(found.lines("en"))) == (2, 1)
    assert found.lines("en")[0].startswith("lists.toml: ")


def test_a_pattern_that_meets_no_file_is_told(load) -> None:
    found = load(
        {
            "lists.toml": "[[files]]\npattern = 'q*'\n",
            "kontakter.csv": "Datum;E-post\n2021-01-01;a@example.org\n",
        }
    )
    assert found.notes.loc[found.notes["kind"] == "pattern_without_file", "value"].tolist() == ["q*"]


def test_what_the_settings_state_decides(load) -> None:
    text = "Hushålls-id;Inflyttat;Inflyttningsdatum;Första kontakt\n1;ja;03/04/2021;2021-01-01\n"
    found = load({"hushall.csv": text, "lists.toml": "date_order = 'mdy'"})
    assert found.households["moved_in"].dt.strftime("%Y-%m-%d").tolist() == ["2021-03-04"]
    assert "date_order_assumed" not in set(found.notes["kind"])


def test_presets_name_fields_that_exist() -> None:
    forms = {"microsoft_forms", "google_forms", "netigate"}
    assert set(presets()) == forms | {"hubspot", "lime", "outlook", "dynamics", "salesforce", "superoffice"}
    known = {field for schema in schemas().values() for field in schema.columns} | {""}
    assert {field for headings in presets().values() for field in headings.values()} <= known


@pytest.mark.parametrize(
    ("heading", "decided"),
    [("Beslutat (tkr)", 1500.0), ("Beslutat, tkr", 1500.0), ("Beslutat (mkr)", 1_500_000.0),
     ("Beslutat (kr)", 1.5), ("Beslutat (SEK)", 1.5), ("Beslutat (EUR)", None),
     ("Beslutat inkl. moms", None)],
)  # fmt: skip
def test_a_unit_in_a_heading_is_applied_or_refused(load, heading: str, decided: float | None) -> None:
    text = f"Finansiär;Slag;{heading};Utbetalat (kr);Datum\nA;Kontant;1,5;7;2021-01-01\n"
    found = load({"finansiering.csv": text})
    own = found.funding["decided_sek"].tolist()[0]
    assert own == decided if decided is not None else own != own
    assert found.funding["paid_sek"].tolist() == [7.0]
    told = set(found.notes["kind"])
    assert ("vat_or_currency" in told) == (decided is None)
    assert ("unit_applied" in told) == (decided is not None and decided > 2)


def test_a_line_above_the_table_states_the_unit(load) -> None:
    text = (
        "Alla belopp i tkr;;;\nFinansiär;Slag;Beslutat;Utbetalat (kr)\nA;Kontant;100;5\nB;Kontant;1,5 mkr;7\n"
    )
    found = load({"finansiering.csv": text})
    assert found.funding["decided_sek"].tolist() == [100_000.0, 1_500_000.0]
    assert found.funding["paid_sek"].tolist() == [5.0, 7.0]


def test_two_columns_of_one_field_are_told_apart(load) -> None:
    text = "Hushålls-id;Inflyttad;Inflyttningsdatum;E-post;E-postadress\n"
    found = load({"hushall.csv": text + "1;Ja;2021-05-01;anonymous;kim@example.org\n2;Nej;;;\n"})
    assert found.households["moved"].tolist() == ["yes", "no"]
    assert found.cells.empty and "unknown_heading" not in set(found.notes["kind"])
    found = load({"hushall.csv": text + "1;Ja;2021-05-01;;\n2;Nej;;;\n3;kanske;2021-06-01;;\n"})
    assert found.rejected[["row", "column", "kind"]].to_numpy().tolist() == [[4, "Inflyttad", "unknown_word"]]


def test_a_companys_employees_are_no_hires(load) -> None:
    found = load({"foretag.csv": "Företag;Antal anställda;Första stöd\nA AB;50;2021-01-01\n"})
    assert found.companies["hires_made"].isna().all()
    assert found.notes.loc[found.notes["kind"] == "unknown_heading", "value"].tolist() == ["Antal anställda"]


@settings(max_examples=100)
@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=5))
def test_any_headings_give_settings_that_can_be_read(headings: list[str]) -> None:
    sheet = Sheet("kontakter 2021-01.csv", "", [], [[text, "x"] for text in headings], [1, 2])
    proposed = tomllib.loads(propose([sheet]))
    assert proposed["files"][0]["pattern"] == "kontakter *.csv"


def test_no_export_is_proposed_for_headings_that_the_list_explains() -> None:
    """Microsoft Forms has Id, Namn and E-post too, and its own Namn is nobody's."""
    headings = ["Id", "Namn", "E-post", "Inflyttningsdatum", "Till kommun"]
    row = ["1", "Kim Ek", "kim@example.org", "2021-09-01", "Åre"]
    proposed = tomllib.loads(
        propose(
            [Sheet("hushåll.csv", "", [], [list(two) for two in zip(headings, row, strict=True)], [1, 2])]
        )
    )
    assert proposed["files"][0] == {"pattern": "hushåll.csv", "list": "households"}


def test_what_is_proposed_shows_nobodys_row_and_leaves_no_amount_out(tmp_path: Path, project) -> None:
    rows = "Grimhild Zackrisdotter;vol_ek (at) kvarnmail.nu;2021-03-01\nKim Ek;kim@example.org;2021-03-02\n"
    (tmp_path / "kontakter.csv").write_text(rows, encoding="utf-8")
    rows = "Finansiär;Typ;Utbetalt (tkr);Datum\nÅre kommun;bidrag;5;2021-01-01\n"
    (tmp_path / "finansiering.csv").write_text(rows, encoding="utf-8")
    rows = "Datum;E-post;Lars Ek\n2021-03-01;kim@example.org;x\n"
    (tmp_path / "mässan.csv").write_text(rows, encoding="utf-8")
    before = check(tmp_path, project, key=b"k" * 32)
    text = write_proposal(tmp_path).read_text(encoding="utf-8")
    assert not [one for one in ("Zackris", "kvarnmail", "2021-03-01", "Lars") if one in text]
    assert "may be a person's own row" in text
    after = check(tmp_path, project, key=b"k" * 32)
    assert after.records.funding["paid_sek"].tolist() == [5000.0]
    assert before.accounting.equals(after.accounting)
    assert not [line for line in before.lines("en") if "Lars" in line or "Zackris" in line]


def test_no_settings_say_nothing(tmp_path: Path) -> None:
    assert read_settings(tmp_path).of("a.csv").headings == {}


def test_headings_again_in_another_order_split_the_list_there(load) -> None:
    first = "Datum;E-post;Kommun\n2021-01-01;kim@example.org;Åre\n"
    second = "Municipality;Date;E-mail\nBerg;2021-02-02;ko@example.org\nRagunda;2021-03-03;my@example.org\n"
    found = load({"kontakter.csv": first + second})
    assert found.contacts["municipality_code"].tolist() == ["2321", "2326", "2303"]
    assert found.accounting[["read", "kept", "rejected"]].to_numpy().tolist() == [[3, 3, 0]]
    assert found.notes.loc[found.notes["kind"] == "headings_again", "value"].tolist() == ["3"]
    same = load({"kontakter.csv": first + first})
    assert same.rejected["kind"].tolist() == ["repeated_heading"]


def test_what_has_not_happened_is_rejected_and_counted(tmp_path: Path, project, monkeypatch) -> None:
    monkeypatch.setenv("ATTRAKTIV_EVAL_TODAY", "2021-06-15")
    lists = {
        "kontakter": "Datum;Hushålls-id\n2021-01-01;H-1\n2021-06-15;H-2\n2021-06-16;H-3\n",
        "hushåll": "Hushålls-id;Inflyttat;Inflyttningsdatum;Bor kvar;Kontrollerat\n"
        "H-1;Ja;2021-03-01;Ja;2021-12-01\nH-2;Ja;2021-06;;\nH-3;Ja;2022-01-10;;\n",
        "företag": "Företag;Kommun;Första stöd;Anställda via projektet;Första anställning\n"
        "Ett AB;2380;2021-01-01;1;2021-05-01\nTvå AB;2380;2021-01-01;1;2021-09\n",
    }
    for name, text in lists.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    found = check(tmp_path, project, key=b"k" * 32).records
    later = found.rejected[found.rejected["kind"] == "future_date"]
    told = sorted(zip(later["file"], later["row"], later["column"], strict=True))
    assert told == [
        ("företag.csv", 3, "Första anställning"),
        ("hushåll.csv", 4, "Inflyttningsdatum"),
        ("kontakter.csv", 4, "Datum"),
    ]
    assert found.accounting["rejected"].sum() == 3
    assert (found.households["moved"] == "yes").sum() == 2 and len(found.companies) == 1
    assert found.cells.query("kind == 'future_date'")["row"].tolist() == [2]
    assert found.residence.empty


def test_published_tables_in_a_folder_of_records_are_left_out_and_told(tmp_path: Path, project) -> None:
    rows = "Datum;Hushålls-id\n2021-01-01;H-1\n2021-02-01;H-2\n"
    (tmp_path / "kontakter.csv").write_text(rows, encoding="utf-8")
    for name in ("outputs/2021", "outputs/versions/2021-v1", "gammal/final"):
        (tmp_path / name / "tables").mkdir(parents=True)
        (tmp_path / name / "tables" / "kontakter.csv").write_text(rows.replace("H-", "G-"), encoding="utf-8")
        for marker in ("run.json", "results.json"):
            (tmp_path / name / marker).write_text("{}", encoding="utf-8")
    (tmp_path / "outputs" / ".work").mkdir()
    (tmp_path / "outputs" / "counties-2021.csv").write_text(rows.replace("H-", "F-"), encoding="utf-8")
    found = check(tmp_path, project, key=b"k" * 32)
    assert found.records.accounting["read"].sum() == 2
    told = found.records.notes.query("kind == 'published_report'")["file"].tolist()
    assert told == ["gammal/final", "outputs"]
    assert any("its tables are no records" in line for line in found.lines("en"))
    assert "passed_over" not in set(found.records.notes["kind"])


PERSON = "Ek,kim@example.org,070-174 06 05"
EXPORTS = [
    ("HubSpot", "a", "Record ID,First Name,Last Name,Email,Phone Number,Create Date",
     f"7,Kim,{PERSON},2021-03-04 10:10"),
    ("HubSpot", "a", "Post-ID,Förnamn,Efternamn,E-post,Telefonnummer,Skapandedatum",
     f"7,Kim,{PERSON},2021-03-04"),
    ("Lime", "a", "Id,Förnamn,Efternamn,E-post,Mobiltelefon,Skapad,Skapad av",
     f"7,Kim,{PERSON},2021-03-04 10:10,Ko"),
    ("Microsoft Forms", "kontakter", "ID,Starttid,Slutförandetid,E-post,Namn,Din e-post",
     "1,2021-03-04 10:10,2021-03-04 10:12,anonymous,Anonymous,kim@example.org"),
    ("Google Forms", "kontakter", "Timestamp,Email Address",
     "3/4/2021 10:10:10,kim@example.org\n3/24/2021 10:10:10,k@example.org"),
    ("Google Forms", "a", "Tidstämpel,E-postadress,Namn,Telefon", "2021-03-04 10:10,kim@example.org,Kim Ek,"),
    ("Outlook", "a", "Subject,From: (Name),From: (Address),Received",
     "A,Kim Ek,kim@example.org,2021-03-04 10:10"),
    ("Outlook", "a", "Ämne,Från: (namn),Från: (adress),Mottaget",
     "A,Kim Ek,kim@example.org,2021-03-04 10:10"),
    ("Microsoft Dynamics", "a", "(Do Not Modify) Contact,(Do Not Modify) Row Checksum,Full Name,Email,"
     "Mobile Phone,Address 1: City,Address 1: ZIP/Postal Code,Created On,Owner",
     "7,x,Kim Ek,kim@example.org,070-174 06 05,Lund,222 22,2021-03-04 10:10,B"),
    ("Microsoft Dynamics", "a", "(Ändra inte) Kontakt,Fullständigt namn,E-post,Adress 1: Ort,Skapad den",
     "7,Kim Ek,kim@example.org,Lund,2021-03-04"),
    ("Salesforce", "a", "Contact ID,First Name,Last Name,Email,Phone,Mailing City,Account Name,Created Date",
     "7,Kim,Ek,kim@example.org,,Lund,,2021-03-04"),
    ("SuperOffice", "a", "Förnamn,Efternamn,E-post,Postadress: Ort,Registrerad,Registrerad av,Vår kontakt",
     "Kim,Ek,kim@example.org,Lund,2021-03-04,Bo Ek,Bo Ek"),
]  # fmt: skip


@pytest.mark.parametrize(("system", "name", "head", "row"), EXPORTS)
def test_an_export_is_known_by_its_own_marks(load, system: str, name: str, head: str, row: str) -> None:
    found = load({f"{name}.csv": f"{head}\n{row}\n"})
    assert found.contacts["date"].dt.strftime("%Y-%m-%d").min() == "2021-03-04"
    assert found.notes.loc[found.notes["kind"] == "export", "value"].tolist() == [system]
    assert "unknown_heading" not in set(found.notes["kind"]) and found.cells.empty


@pytest.mark.parametrize("head", ["Address 1: City", "Mailing City", "Postadress: Ort", "Postort"])
def test_the_town_of_an_address_is_where_the_person_lives(head: str) -> None:
    found = find_headings([["Datum", "E-post", head], ["2021-03-04", "kim@example.org", "Lund"]])
    assert found.fields == ["date", "email", "origin_code"]
    assert nearest("Adress 2: Postnr", "contacts") is None  # the last part says what it is
    assert nearest("Kontaktad av", "contacts") is nearest("Familj", "households") is None


def test_a_form_whose_answer_is_a_question_is_mapped_by_what_is_proposed(tmp_path: Path, project) -> None:
    asked = "Hur stor betydelse hade vi för flytten? (5 = avgörande)"
    rows = f"Respondent ID;Completed;E-post;{asked};Vad tyckte ni?\n1;2022-10-02;kim@example.org;4;Bra\n"
    (tmp_path / "Netigate enkät hushåll.csv").write_text(rows, encoding="utf-8")
    (told,) = check(tmp_path, project, key=b"k" * 32).errors
    assert '"that heading" = "answer"' in str(told)
    path = write_proposal(tmp_path)
    text = path.read_text(encoding="utf-8")
    assert f'"{asked}" = ""  # Svar?' in text and '"Vad tyckte ni?" = ""\n' in text and '"answer"' in text
    text = text.replace(f'"{asked}" = ""', f'"{asked}" = "answer"').replace(
        "preset", 'scale = "1_surely_anyway"\npreset'
    )
    path.write_text(text, encoding="utf-8")
    found = check(tmp_path, project, key=b"k" * 32)
    assert not found.errors and found.records.survey_households["answer"].tolist() == [4]


def test_a_form_without_a_question_that_is_known_is_no_list_of_contacts(tmp_path: Path, project) -> None:
    (tmp_path / "export.csv").write_text(FORM + ROWS, encoding="utf-8")
    assert check(tmp_path, project, key=b"k" * 32).records is None


def test_a_list_of_ones_own_with_headings_that_an_export_has_too_is_read_as_it_is(load) -> None:
    found = load(
        {"a.csv": "Datum;Ort;E-post;Telefon;Företag\n2021-03-04;Åre;kim@example.org;063-12 34 56;A\n"}
    )
    assert "export" not in set(found.notes["kind"])


def test_what_the_settings_say_goes_before_an_exports_own_meaning(load) -> None:
    _, _, head, _ = EXPORTS[0]
    text = f"{head},Met\n77,Kim,{PERSON},2021-03-04,2021-05-06\n"
    own = '[[files]]\npattern = "a*"\n[files.headings]\n"Create Date" = ""\n"Met" = "date"\n'
    found = load({"a.csv": text, "lists.toml": own})
    assert found.contacts["date"].dt.strftime("%Y-%m-%d").tolist() == ["2021-05-06"]


def test_what_is_proposed_for_a_workbook_of_several_lists_changes_nothing(tmp_path: Path, project) -> None:
    book = old_book(
        {
            "Kontakter": [
                ["Datum", "Förnamn", "Efternamn", "E-post", "Q"],
                ["2021-01-01", "Kim", "Ek", "k@example.org", "1"],
            ],
            "Hushåll": [["Hushålls-id", "Inflyttningsdatum", "Namn"], ["H1", "2021-05-01", "Kim Ek"]],
        }
    )
    (tmp_path / "Berg.xls").write_bytes(book)
    before = check(tmp_path, project, key=b"k" * 32)
    proposed = tomllib.loads(write_proposal(tmp_path).read_text(encoding="utf-8"))
    assert proposed["files"] == [{"pattern": "Berg.xls", "headings": {"Q": ""}}]
    after = check(tmp_path, project, key=b"k" * 32)
    assert after.errors == [] and before.accounting.equals(after.accounting)
