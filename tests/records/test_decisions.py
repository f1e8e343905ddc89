"""A person's decisions: proposed by the run, kept, obeyed by the next one, and never lost in silence."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attraktiv_eval.errors import RecordError
from attraktiv_eval.project import Project
from attraktiv_eval.records import Records, load_records
from attraktiv_eval.records.linkage import plain_name
from attraktiv_eval.records.loading import read_decisions, write_decisions
from attraktiv_eval.records.pseudonyms import KEY_VARIABLE
from attraktiv_eval.records.workbook import (
    as_it_was,
    as_plain_text,
    put_text,
    without_control_signs,
    write_csv,
)

PROJECT = Project.load()
HEAD = "Kontakt-id;Datum;Hushålls-id;E-post;Bor i kommun"
SLIP = (
    "K1;2021-03-01;;torvanesi@example.org;0180",
    "K2;2021-03-02;;torvnaesi@example.org;1480",
    "K3;2021-03-03;H3;vilopeka@example.org;0180",
)


def folder(tmp_path: Path, *rows: str) -> Path:
    (tmp_path / "kontakter.csv").write_text("\n".join([HEAD, *rows]), encoding="utf-8")
    return tmp_path


def decide(records: Records, path: Path, word: str) -> None:
    """Write the run's proposals and fill in a decision, as a person would."""
    assert write_decisions(records.grey_zone, path / "decisions.csv", records.decisions) == 1
    table = pd.read_csv(path / "decisions.csv", sep=";", dtype=str, encoding="utf-8-sig")
    table["decision"] = word
    table.to_csv(path / "decisions.csv", sep=";", index=False, encoding="cp1252")  # as Excel may save it


@pytest.mark.parametrize(("word", "households"), [("samma", 2), ("olika", 3)])
@pytest.mark.parametrize("kept", [True, False], ids=["with a key", "without a key"])
def test_a_decision_holds_for_households_without_a_reference(
    word: str, households: int, kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    key = b"a key for tests, 32 bytes long.." if kept else None
    lists = folder(tmp_path, *SLIP)
    before = load_records(lists, PROJECT, key=key)
    assert len(before.households) == 3
    assert before.grey_zone[["left_rows", "right_rows"]].to_numpy().ravel().tolist() in (
        ["kontakter.csv 2", "kontakter.csv 3"],
        ["kontakter.csv 3", "kontakter.csv 2"],
    )
    decide(before, lists, word)
    after = load_records(lists, PROJECT, key=key)
    assert len(after.households) == households
    assert after.grey_zone.empty
    assert after.unapplied == 0


def test_with_a_key_a_decision_holds_when_the_list_has_grown(tmp_path: Path) -> None:
    key = b"a key for tests, 32 bytes long.."
    lists = folder(tmp_path, *SLIP)
    decide(load_records(lists, PROJECT, key=key), lists, "same")
    folder(tmp_path, "K0;2021-01-01;H0;nydenola@example.org;0180", *SLIP)
    after = load_records(lists, PROJECT, key=key)
    assert (len(after.households), after.unapplied) == (3, 0)


def test_without_a_key_a_changed_file_is_said_and_nothing_is_joined_by_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    lists = folder(tmp_path, *SLIP)
    decide(load_records(lists, PROJECT), lists, "same")
    folder(tmp_path, "K0;2021-01-01;H0;nydenola@example.org;0180", *SLIP)
    after = load_records(lists, PROJECT)
    assert len(after.households) == 4
    assert after.unapplied == 1
    notes = dict(zip(after.notes["kind"], after.notes["value"], strict=True))
    assert notes["decisions_not_applied_made"] == "1"


def test_a_decision_by_any_reference_of_a_household_holds(load: Callable[..., Records]) -> None:
    head = "Kontakt-id;Datum;Hushålls-id;E-post\n"
    lists = {
        "kontakter.csv": head
        + "K1;2021-03-01;H-1;torvanesi@example.org\nK2;2021-03-02;P-9;torvanesi@example.org\n"
        + "K3;2021-03-03;R-5;\n",
        "decisions.csv": "list;left;right;decision\nhouseholds;r-5;P-9;same\n",
    }
    records = load(lists)
    assert (len(records.households), records.unapplied) == (1, 0)


def test_decisions_on_what_is_not_found_are_counted(load: Callable[..., Records]) -> None:
    lists = {
        "kontakter.csv": "Kontakt-id;Datum;Hushålls-id\nK1;2021-03-01;H1\n",
        "decisions.csv": "list;left;right;decision\nhouseholds;H1;H2;same\ncompanies;A AB;B AB;olika\n",
    }
    assert load(lists).unapplied == 2


def test_a_wrong_decision_is_named_by_the_row_that_a_spreadsheet_shows(tmp_path: Path) -> None:
    rows = [
        "sep=;",
        "list;left;right;score;decision",
        "",
        "companies;A;B;90;",
        ";;;;",
        "companies;A;B;90;kanske",
    ]
    (tmp_path / "decisions.csv").write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(RecordError, match=r"^decisions.csv, row 6, column decision: "):
        read_decisions(tmp_path)


def test_a_quotation_mark_that_swallows_the_decisions_is_one_line(tmp_path: Path) -> None:
    text = 'list;left;right;score;decision\ncompanies;"A;B;90;\n' + "x" * 2_000_000
    (tmp_path / "decisions.csv").write_text(text, encoding="utf-8")
    with pytest.raises(RecordError, match=r"^decisions.csv: a cell is far too long"):
        read_decisions(tmp_path)


def test_decisions_are_an_input(load: Callable[..., Records]) -> None:
    lists = {"kontakter.csv": "Kontakt-id;Datum;Hushålls-id\nK1;2021-03-01;H1\nK2;2021-03-01;H2\n"}
    assert [one["file"] for one in load(lists, "a").inputs] == ["kontakter.csv"]
    found = []
    for name, word in (("b", "same"), ("c", "different")):
        decided = f"list;left;right;decision\nhouseholds;H1;H2;{word}\n"
        found.append(load({**lists, "decisions.csv": decided}, name).inputs[-1])
    assert [one["file"] for one in found] == ["decisions.csv", "decisions.csv"]
    assert found[0]["sha256"] != found[1]["sha256"]


def test_what_is_decided_is_kept_and_asked_once(tmp_path: Path) -> None:
    columns = ["list", "left", "right", "score", "left_rows", "right_rows"]
    grey = pd.DataFrame(
        [("companies", "A", "B", 90.0, "", ""), ("companies", "C", "D", 91.0, "", "")], columns=columns
    )
    records, report = tmp_path / "records", tmp_path / "report"
    records.mkdir()
    report.mkdir()
    text = "list;left;right;score;decision\ncompanies;A;B;90;same\ncompanies;E;F;90;different\n"
    (records / "decisions.csv").write_text(text, encoding="utf-8")
    known = read_decisions(records).table
    for new in (1, 0):
        assert write_decisions(grey, report / "decisions.csv", known) == new
        table = read_decisions(report).table
        assert table[["left", "right", "decision"]].to_numpy().tolist() == [
            ["A", "B", "same"],
            ["E", "F", "different"],
            ["C", "D", ""],
        ]


def test_a_name_that_begins_like_a_formula_is_text_and_comes_back(tmp_path: Path) -> None:
    """A spreadsheet would run ``=HYPERLINK(...)`` of a company's name; the decision on it is still obeyed."""
    names = ['=HYPERLINK("http://x","A") Fjällhotel', '=HYPERLINK("http://x","A") Fjällhotell']
    grey = pd.DataFrame(
        {
            "list": ["companies"],
            "left": names[:1],
            "right": names[1:],
            "score": [98.3],
            "left_rows": "",
            "right_rows": "",
        }
    )
    write_decisions(grey, tmp_path / "decisions.csv")
    table = pd.read_csv(tmp_path / "decisions.csv", sep=";", dtype=str, encoding="utf-8-sig")
    assert [table[side][0][:2] for side in ("left", "right")] == ["'=", "'="]
    table.assign(decision="same").to_csv(tmp_path / "decisions.csv", sep=";", index=False)
    found = read_decisions(tmp_path)
    assert found.table[["left", "right"]].to_numpy().tolist() == [names]
    assert found.companies == {tuple(sorted(map(plain_name, names))): True}
    write_decisions(grey, tmp_path / "decisions.csv", found.table)
    assert len(read_decisions(tmp_path).table) == 1, "the pair is not asked about again"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=12))
def test_text_guarded_for_a_spreadsheet_comes_back_unchanged(text: str) -> None:
    guarded = as_plain_text(text)
    assert as_it_was(guarded) == without_control_signs(text)
    assert not guarded.startswith(("=", "+", "-", "@", "\t")) or re.fullmatch(r"[-+]\d+([.,]\d+)?", guarded)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\uff1d", "\uff0b", "\uff20", "\ufe66", "\ufe62"])
@pytest.mark.parametrize(
    "before", ["", " ", "\u00a0", "\u200b", "\ufeff", "'", '"', "\u201d", "\u202e", " ' ", "\x00", "\x1b"]
)
def test_a_sign_of_a_formula_is_guarded_behind_blanks_quotes_and_signs_without_width(sign, before) -> None:
    """What a program may pass over before it runs a cell: the guard stands first, and is taken away again."""
    text = f"{before}{sign}HYPERLINK(A1)"
    guarded = as_plain_text(text)
    assert guarded.startswith("'") and as_it_was(guarded) == without_control_signs(text)
    assert as_plain_text(f"{before}Åre") == without_control_signs(f"{before}Åre")


def test_signs_that_no_spreadsheet_can_hold_give_no_trace(tmp_path: Path) -> None:
    text = "a\x00\x07\x1b\ud800\udfff\ufffeb"
    write_csv(pd.DataFrame({f"{text}h": [text, f"={text}"]}), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8-sig") == "abh\nab\n'=ab\n"
    book = openpyxl.Workbook()
    put_text(book.active["A1"], f"={text}")
    book.save(tmp_path / "a.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "a.xlsx").active["A1"]
    assert (cell.value, cell.data_type) == ("=ab", "s")


@pytest.mark.parametrize(("word", "households"), [("same", 1), ("different", None)])
@pytest.mark.parametrize("reference", ["", "7"])
def test_what_is_proposed_is_found_again_whatever_name_it_was_given(
    word: str, households: int | None, reference: str, tmp_path: Path
) -> None:
    """Rows that say the same of a person and yet stand apart, and a reference of two who cannot be one."""
    head = "Datum;Hushålls-id;Namn;E-post\n"
    names = ("Anna Ek", "Anna Ek", "Erik Ek", "")
    for n, name in enumerate(names):
        row = f"2021-03-0{n + 1};{reference};{name};ek@example.org\n"
        (tmp_path / f"kontakter {'abcd'[n]}.csv").write_text(head + row, encoding="utf-8")
    asked = []
    for _ in range(5):
        found = load_records(tmp_path, PROJECT, key=b"a key for tests, 32 bytes long..")
        assert found.unapplied == 0 and found.households["household_id"].is_unique
        asked.append(len(found.grey_zone))
        if found.grey_zone.empty:
            break
        write_decisions(found.grey_zone, tmp_path / "decisions.csv", found.decisions)
        table = pd.read_csv(tmp_path / "decisions.csv", sep=";", dtype=str, encoding="utf-8-sig")
        new = table["decision"].isna()
        parted = new & table["speaks_against"].fillna("").str.contains("given")
        table.loc[new, "decision"] = "same"
        table.loc[parted, "decision"] = word
        table.to_csv(tmp_path / "decisions.csv", sep=";", index=False, encoding="utf-8-sig")
        if word == "different":
            table.loc[new & ~parted, "decision"] = "different"
            table.to_csv(tmp_path / "decisions.csv", sep=";", index=False, encoding="utf-8-sig")
    assert asked[-1] == 0 and len(asked) < 5
    assert households is None or len(found.households) == households


def test_a_join_of_equal_rows_and_of_every_row_of_a_name_is_undone(tmp_path: Path) -> None:
    """Two rows that hold the same of a person have one name: neither may come back by another rule."""
    head, kim = "Datum;E-post;Namn", "kim.ek@example.org;Kim Ek"
    (tmp_path / "kontakter a.csv").write_text(
        f"{head}\n2021-03-01;{kim}\n2021-03-05;{kim}\n", encoding="utf-8"
    )
    (tmp_path / "kontakter b.csv").write_text(f"{head}\n2021-03-01;{kim}\n", encoding="utf-8")
    more = f"{head};Telefon\n2021-04-01;{kim};070-174 06 05\n"
    (tmp_path / "kontakter c.csv").write_text(more, encoding="utf-8")
    key = b"a key for tests, 32 bytes long.."
    first = load_records(tmp_path, PROJECT, key=key).joined
    assert set(first["rule"]) == {"same_row", "same_email"}
    named = first[first["name"] != first["joined_with_name"]].iloc[0]
    equal = ("kontakter a.csv 2", "kontakter b.csv 2")
    for one, other, homes in ((*equal, 4), (named["name"], named["joined_with_name"], 2)):
        decided = f"list;left;right;decision\nhouseholds;{one};{other};different\n"
        (tmp_path / "decisions.csv").write_text(decided, encoding="utf-8")
        parted = load_records(tmp_path, PROJECT, key=key)
        assert (len(parted.households), parted.unapplied) == (homes, 0)  # whose the other two are is asked
        assert len(parted.grey_zone) == (0 if homes == 2 else 5)
