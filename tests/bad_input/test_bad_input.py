"""Every bad or odd file gets the answer that stands beside it, and never a traceback."""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path

import pandas as pd
import pytest

from attraktiv_eval.errors import RecordError
from attraktiv_eval.project import Project
from attraktiv_eval.records import Records, load_records
from attraktiv_eval.records.check import check
from attraktiv_eval.records.excel_files import read_excel

from .corpus import CASES, Case
from .old_books import old_book

KEY = b"a key for tests, 32 bytes long.."
PROJECT = Project.load()


def test_the_corpus_is_large_and_its_names_differ() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_answer(case: Case, tmp_path: Path) -> None:
    for name, data in case.files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    if case.error is not None:
        with pytest.raises(RecordError) as caught:
            load_records(tmp_path, PROJECT, key=KEY)
        line = str(caught.value)
        assert case.error in line
        assert "\n" not in line
        assert "remedy: " in line
        assert str(tmp_path.parent) not in line
        assert check(tmp_path, PROJECT, key=KEY).exit_code == 2
        return
    compare(load_records(tmp_path, PROJECT, key=KEY), case)


def compare(records: Records, case: Case) -> None:
    counts = records.accounting[["read", "kept", "merged", "rejected"]].sum()
    assert tuple(int(n) for n in counts) == case.rows
    assert records.rejected["kind"].value_counts().to_dict() == case.rejected
    assert records.cells["kind"].value_counts().to_dict() == case.cells
    notes = dict(zip(records.notes["kind"], records.notes["value"], strict=True))
    for kind, value in case.notes.items():
        assert kind in notes
        assert value is None or notes[kind] == value
    if case.households is not None:
        assert len(records.households) == case.households
    if case.holds is not None:
        table, column, expected = case.holds
        found = getattr(records, table)[column]
        if isinstance(found.dtype, pd.DatetimeTZDtype) or found.dtype.kind == "M":
            found = found.dt.strftime("%Y-%m-%d")
        assert found.tolist() == expected


def test_a_locked_file_gets_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kontakter.csv").write_text("Datum;Hushålls-id\n2021-03-01;H1\n", encoding="utf-8")
    opened = Path.open

    def refuse(self: Path, *args, **kwargs):
        if self.name == "kontakter.csv":
            raise PermissionError(13, "Permission denied")
        return opened(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(RecordError, match="cannot be opened; remedy: close it in the other program"):
        load_records(tmp_path, PROJECT, key=KEY)


@pytest.mark.parametrize(("name", "words"), [("nowhere", "is not there"), ("file.csv", "not a file")])
def test_no_folder(name: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_text("Datum\n", encoding="utf-8")
    with pytest.raises(RecordError, match=words):
        load_records(tmp_path / name, PROJECT)


def test_check_names_every_bad_file_not_only_the_first(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        (tmp_path / name).write_bytes(b"PK\x03\x04 nothing")
    (tmp_path / "kontakter.csv").write_text("Datum;Hushålls-id\n2021-03-01;H1\n", encoding="utf-8")
    found = check(tmp_path, PROJECT, key=KEY)
    assert [error.file for error in found.errors] == ["a.xlsx", "b.xlsx"]
    assert found.accounting["kept"].sum() == 1


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="links need a right on Windows")
@pytest.mark.parametrize("target", ["nowhere.csv", "kontakter.csv"])
def test_a_link_that_leads_nowhere_gets_one_line(target: str, tmp_path: Path) -> None:
    (tmp_path / "kontakter.csv").symlink_to(target)
    (tmp_path / "itself").symlink_to(".")
    with pytest.raises(RecordError, match=r"^kontakter.csv: the link leads nowhere; remedy: "):
        load_records(tmp_path, PROJECT, key=KEY)


PEOPLE = (
    "Kontakt-id;Datum;Hushålls-id;E-post;Telefon;Namn;Adress;Personnummer;Kommun",
    "torvanesi@example.org;19970127-2396;Ek, Kim;070-174 06 05;Påhittsvägen 1;19970127-2396;07;0;Ek, Kim",
    ";aldrig;;torvanesi@example;070-174;Ek, Kim;Påhittsvägen;19970127-2397;Ek, Kim",
    "K3;2021-03-01;H3;torvanesi(at)example.org;070;;Påhittsvägen;1997-01-27;Ek, Kim",
)


def test_nothing_personal_is_written_beside_the_report(tmp_path: Path) -> None:
    (tmp_path / "kontakter.csv").write_text("\n".join(PEOPLE), encoding="utf-8")
    found = check(tmp_path, PROJECT, key=KEY)
    assert found.records is not None
    assert len(found.records.rejected) == 2
    assert len(found.records.cells) > 3
    out = tmp_path / "out"
    for path in found.write(out):
        text = path.read_text(encoding="utf-8-sig").casefold()
        for secret in ("torvanesi", "2396", "2397", "kim", "påhitt", "070", "aldrig", "1997"):
            assert secret not in text
    for line in found.lines("sv"):
        assert "kim" not in line.casefold()
        assert "torvanesi" not in line


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sets no bound on a process's memory")
def test_an_old_workbook_that_claims_billions_of_cells_is_one_line(tmp_path: Path) -> None:
    """One damaged byte moves the last cell away; laid out, the sheet would take 100 GB."""
    whole = old_book({"Kontakter": [["Kontakt-id", "Datum"], ["K1", "2021-01-01"]]})
    place, far = struct.pack("<HHH", 1, 1, 0), struct.pack("<HHH", 65_535, 65_535, 0)
    assert whole.count(place) == 1
    file = tmp_path / "listor.xls"
    file.write_bytes(whole)
    assert len(read_excel(file, file.name)) == 1
    file.write_bytes(whole.replace(place, far))
    with pytest.raises(RecordError, match=r"^listor\.xls: the workbook is damaged or cut off; remedy: "):
        read_excel(file, file.name)
