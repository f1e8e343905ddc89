"""Whatever is written to a CSV file is read back, in every encoding and with every separator."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attraktiv_eval.records.csv_files import encoding_of, read_csv, separator_of

LETTERS = st.characters(codec="cp1252", exclude_categories=["Cc", "Cs", "Zs"])
CELL = st.text(st.one_of(LETTERS, st.sampled_from(' ;,\t"\n')), max_size=12)
TABLE = st.lists(st.lists(CELL, min_size=4, max_size=4), min_size=3, max_size=9)
HEAD = ["Datum", "Hushålls-id", "Område", "Källa"]


def written(rows: list[list[str]], encoding: str, separator: str) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(rows)
    return buffer.getvalue().encode(encoding)


@settings(max_examples=60, deadline=None)
@given(TABLE, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.sampled_from(";,\t|"))
def test_every_cell_comes_back(rows: list[list[str]], encoding: str, separator: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.csv")
        path.write_bytes(written([HEAD, *rows], encoding, separator))
        sheet = read_csv(path, "a.csv")
    expected = [HEAD] + [[cell.strip() or None for cell in row] for row in rows if any(row)]
    assert [list(row) for row in zip(*sheet.columns, strict=True)] == expected


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.sampled_from("abcåäöÅÄÖ éÉ0189"), min_size=3).filter(
        lambda text: any(x in text for x in "åäöÅÄÖ")
    )
)
def test_swedish_letters_tell_the_code_page(text: str) -> None:
    for encoding in ("cp1252", "mac_roman", "cp850"):
        data = f"Datum;Område\n{text}".encode(encoding)
        assert data.decode(encoding_of(data)) == f"Datum;Område\n{text}"


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a;b\n1,5;2,5\n", ";"),
        ("a,b\n1.5,2.5\n", ","),
        ("a\tb\n1,5\t2,5\n", "\t"),
        ('a,b\n"1;2;3;4",2\n', ","),
        ("Namn\nx\n", ";"),
    ],
)
def test_the_separator_is_found_beside_decimal_commas(text: str, separator: str) -> None:
    assert separator_of(text)[0] == separator


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('Datum;Källa\n\n2021-01-01;"två\nrader"\n;;\n2021-01-02;x\n', encoding="utf-8")
    assert read_csv(path, "a.csv").rows == [1, 3, 5]


def test_a_large_file_keeps_every_row_in_order(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = [f"K{i};{'x' if i % 2 else ''};{i % 7}" for i in range(5_003)]
    path.write_text("\n".join(["Id;Källa;Barn", *lines]), encoding="utf-8")
    sheet = read_csv(path, "a.csv")
    assert sheet.columns[0] == ["Id", *(f"K{i}" for i in range(5_003))]
    assert sheet.columns[1][1:5] == [None, "x", None, "x"]
    assert sheet.rows == list(range(1, 5_005))
