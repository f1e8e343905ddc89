"""No identifier of a person leaves the door: not in a table, not in a fault, not in a note."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from attraktiv_eval.errors import RecordError
from attraktiv_eval.project import Project
from attraktiv_eval.records import Records, load_records
from attraktiv_eval.records.check import Check, check
from attraktiv_eval.records.pseudonyms import EXAMPLE_KEY, KEY_VARIABLE, Pseudonyms, scrub

SECRETS = [
    "torvanesi",
    "701740605",
    "174 06 05",
    "970127",
    "Påhittsvägen",
    "påhittsvägen",
    "Kim Ek",
    "kim ek",
    "00Q1",
]
TEXT = (
    "Kontakt-id;Datum;Hushålls-id;E-post;Telefon;Adress;Personnummer;Namn;Organisation\n"
    "K1;2021-03-01;19970127-2396;torvanesi@example.org;070-174 06 05;Påhittsvägen 7;970127-2396;Kim Ek;A\n"
    "K2;2021-03-02;H2 torvanesi@example.org;x torvanesi;nr 701740605;Påhittsvägen;970127-2397;Ek, Kim;"
    "torvanesi@example.org\n"
    "970127-2396;2021-02-31;H3;;;;;;ring 070-174 06 05\n"
)


def everything(records: Records) -> str:
    parts = []
    for field in dataclasses.fields(records):
        value = getattr(records, field.name)
        parts.append(value.to_csv() if isinstance(value, pd.DataFrame) else repr(value))
    return "\n".join(parts)


def test_nothing_personal_is_left_in_any_table(load: Callable[..., Records]) -> None:
    text = everything(load({"kontakter.csv": TEXT}))
    assert [secret for secret in SECRETS if secret in text] == []
    assert "example.org" not in text


def test_a_fault_tells_where_and_never_what(load: Callable[..., Records]) -> None:
    records = load({"kontakter.csv": TEXT})
    fault = records.rejected.iloc[0]
    assert (fault["file"], fault["row"], fault["column"], fault["kind"]) == (
        "kontakter.csv",
        4,
        "Datum",
        "unreadable_date",
    )
    assert set(records.cells["kind"]) == {"no_email", "no_phone", "no_address", "no_personal_number"}


def test_the_same_key_gives_the_same_pseudonyms_and_another_gives_others(
    tmp_path: Path, project: Project
) -> None:
    (tmp_path / "kontakter.csv").write_text(TEXT, encoding="utf-8")
    first = load_records(tmp_path, project, key=b"one key of 32 bytes, made by hand")
    again = load_records(tmp_path, project, key=b"one key of 32 bytes, made by hand")
    other = load_records(tmp_path, project, key=b"another key, also long enough....")
    assert first.members.equals(again.members)
    assert not first.members.equals(other.members)


def test_the_key_file_is_found_by_the_environment(tmp_path: Path, project: Project, monkeypatch) -> None:
    lists, key = tmp_path / "lists", tmp_path / "key"
    lists.mkdir()
    (lists / "kontakter.csv").write_text(TEXT, encoding="utf-8")
    key.write_bytes(b"one key of 32 bytes, made by hand\n")
    monkeypatch.setenv(KEY_VARIABLE, os.fspath(key))
    by_file = load_records(lists, project)
    assert by_file.members.equals(load_records(lists, project, key=key.read_bytes().strip()).members)
    assert "key_file" in set(by_file.notes["kind"])
    monkeypatch.setenv(KEY_VARIABLE, os.fspath(tmp_path / "nowhere"))
    with pytest.raises(RecordError, match="key file"):
        load_records(lists, project)


def test_without_a_key_one_is_made_and_lost(tmp_path: Path, project: Project, monkeypatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    (tmp_path / "kontakter.csv").write_text(TEXT, encoding="utf-8")
    first, second = load_records(tmp_path, project), load_records(tmp_path, project)
    assert "key_made" in set(first.notes["kind"])
    assert not first.members.equals(second.members)
    assert len(first.households) == len(second.households)


def test_a_key_of_ones_own_is_never_replaced_by_the_published_one(tmp_path: Path, project: Project) -> None:
    (tmp_path / "kontakter.csv").write_text(TEXT, encoding="utf-8")
    ids = load_records(tmp_path, project, key=b"one key of 32 bytes, made by hand").members["household_id"]
    published = load_records(tmp_path, project, key=EXAMPLE_KEY).members["household_id"]
    assert not set(ids.dropna()) & set(published.dropna())


def test_a_pseudonym_is_keyed_and_depends_on_its_kind() -> None:
    one = Pseudonyms(b"one key of 32 bytes, made by hand")
    assert one("email", "a@example.org") == one("email", "a@example.org") != one("phone", "a@example.org")
    assert one.many("email", ["a@example.org"]) == [one("email", "a@example.org")]
    with pytest.raises(RecordError, match="too short"):
        Pseudonyms(b"short")


def test_a_reference_that_looks_like_an_identity_number_never_stays(load: Callable[..., Records]) -> None:
    """A coordination number without a month, a reserve number, and one with a word processor's hyphen."""
    numbers = ["19150088-2392", "19850101-T12D", "19121212\u20111212"]
    rows = [f"{number};1;2021-01-01;no;;Lund;" for number in numbers]
    head = "Hushålls-id;Vuxna;Första kontakt;Flyttat in;Inflyttningsdatum;Ursprungskommun;Kommun"
    records = load({"hushåll.csv": "\n".join([head, *rows])})
    assert len(records.households) == 3
    text = everything(records)
    assert [one for one in numbers if one in text or re.sub(r"\W", "", one) in text] == []


def test_one_identity_number_is_one_reference_however_it_is_written() -> None:
    pseudonyms = Pseudonyms(b"one key of 32 bytes, made by hand")
    written = ["19150088-2392", "150088+2392", "1915 00 88 - 2392", "191500882392", "19150088\u20132392"]
    written += ["19150088.2392", "1915 0088 2392", " ".join("191500882392"), "1 9 1 5 0 0 8 8 - 2 3 9 2"]
    assert len({scrub(one, pseudonyms) for one in written}) == 1
    assert scrub("nr 0046 (0)70-174 06 05", pseudonyms) == f"nr {pseudonyms('phone', '+46701740605')}"


def test_a_number_over_two_headings_is_not_shown(load: Callable[..., Records]) -> None:
    records = load(
        {"kontakter.csv": "Datum;E-post;Fas;19811218;9876\n2021-03-01;vilo@example.org;Attrahera;;"}
    )
    assert "unknown_headings_only" in set(records.notes["kind"])
    assert "9876" not in everything(records)


def test_a_check_finds_what_a_run_would_refuse_to_publish(tmp_path: Path, project: Project) -> None:
    (tmp_path / "kontakter.csv").write_text(TEXT, encoding="utf-8")
    given = project.model_copy(update={"name": "Fråga kim@example.org", "contact": "region@example.org"})
    errors = check(tmp_path, given).errors
    assert [str(one) for one in errors] == [
        "project.toml: name looks personal (email) and would be published; remedy: take it out of the text; "
        "a contact is given as contact"
    ]


def test_a_persons_name_as_an_organisations_is_a_pseudonym_and_told_until_a_number_or_form_stands(load):
    names = ["Hillevi Åslund", "Sven Jonsson Fastigheter", "Jan Nilsson Bygg AB", "Åre kommun", "Peak Region"]
    rows = "".join(f"{name};bidrag;5000;2021-02-01\n" for name in names)
    records = load({"finansiering.csv": "Finansiär;Typ;Utbetalt;Datum\n" + rows})
    assert set(names) - set(records.funding["financier"]) == {"Hillevi Åslund"}
    assert records.funding["paid_sek"].sum() == 25000
    told = records.cells[records.cells["kind"] == "person_as_organisation"]
    assert told["row"].tolist() == [2]
    assert [line for line in Check([], records).lines("en") if "row 2, Finansiär" in line]
    rows = "".join(
        f"2021-03-0{n};k{n}@example.org;{'Bo Ek' if n != 3 else 'Åre kommun'}\n" for n in range(1, 6)
    )
    records = load({"kontakter.csv": "Datum;E-post;Registrerad av\n" + rows})
    told = [line for line in Check([], records).lines("en") if "Registrerad av" in line and "row " in line]
    assert [line.partition(": the name")[0] for line in told] == [
        "cell left out: kontakter.csv, row 2–3, 5–6, Registrerad av"
    ]
    text = "Företag;Organisationsnummer;Kommun;Första stöd\nHillevi Åslund;556036-0793;Åre;2021-01-01\n"
    assert load({"företag.csv": text}).companies["name"].tolist() == ["Hillevi Åslund"]
