"""The check never goes in a circle: it lists, names, says what to mend first, and compares deliveries."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from attraktiv_eval.cli import app
from attraktiv_eval.records.check import changes, check

KEY = b"k" * 32


def write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_where_every_row_is_rejected_the_faults_are_still_listed_and_written(tmp_path: Path, project) -> None:
    folder = write(tmp_path / "in", {"kontakter.csv": "Datum;E-post\nx;kim@example.org\ny;ko@example.org\n"})
    found = check(folder, project, key=KEY)
    assert (found.records, found.exit_code) == (None, 2)
    lines = found.lines("en")
    assert sum(line.startswith("rejected: kontakter.csv, row ") for line in lines) == 2
    written = found.write(tmp_path / "out")
    assert [file.name for file in written] == ["rejected_rows.csv"]
    assert len(written[0].read_text(encoding="utf-8-sig").splitlines()) == 3


def test_files_that_are_passed_over_are_named(tmp_path: Path, project) -> None:
    folder = write(tmp_path / "in", {"kontakter.csv": "Datum;E-post\n2021-01-01;kim@example.org\n"})
    for name in ("a.pdf", "b.docx", "c.eml", "d.numbers", "e.zip"):
        (folder / name).write_bytes(b"x")
    found = check(folder, project, key=KEY)
    told = [line.split(":")[0] for line in found.lines("en") if "passed over" in line]
    assert told == ["a.pdf", "b.docx", "c.eml", "d.numbers", "e.zip"]
    (folder / "kontakter.csv").unlink()
    assert "a.pdf" in check(folder, project, key=KEY).lines("en")[0]


def test_what_gains_most_rows_stands_first(tmp_path: Path, project) -> None:
    rows = "x;a@example.org;\n" * 1 + "2021-01-01;;\n" * 3 + "2021-01-01;ko@example.org;Nowhere\n" * 2
    folder = write(tmp_path / "in", {"kontakter.csv": "Datum;E-post;Kommun\n" + rows})
    lines = check(folder, project, key=KEY).lines("en")
    at = lines.index("Do these first:")
    assert [line.strip().split(":")[0] for line in lines[at + 1 :]] == ["3 rows", "1 row", "2 rows"]


def test_a_delivery_is_compared_with_the_last(tmp_path: Path, project) -> None:
    heads = "Hushålls-id;Inflyttat;Inflyttningsdatum;Vuxna\n"
    old = write(
        tmp_path / "old", {"hushall.csv": heads + "1;nej;;1\n2;ja;2021-05-01;1\n", "borta.csv": "Datum\n"}
    )
    new = write(tmp_path / "new", {"hushall.csv": heads + "1;ja;2022-05-01;1\n3;nej;;1\n4;nej;;2\n"})
    lines = changes(check(old, project, key=KEY), check(new, project, key=KEY), "en")
    assert lines[-2:] == [
        "households: 2 new, 1 gone, 1 moved otherwise than before",
        "  hushall.csv, row 2",
    ]
    assert "households: 2 rows before, 3 now" in lines
    assert "hushall.csv: the file has changed" in lines
    again = [check(new, project, key=KEY) for _ in range(2)]
    assert changes(*again, "en") == ["households: 0 new, 0 gone, 0 moved otherwise than before"]
    done = CliRunner().invoke(
        app, ["check", "--records", str(new), "--against", str(old), "--language", "en"]
    )
    assert done.exit_code == 0 and "moved otherwise than before" in done.output


def test_another_destination_is_a_move_told_otherwise(tmp_path: Path, project) -> None:
    heads = "Hushålls-id;Inflyttat;Inflyttningsdatum;Till kommun\n"
    old = write(tmp_path / "old", {"hushall.csv": heads + "H1;ja;2021-05-01;Åre\nH2;ja;2021-05-01;Åre\n"})
    new = write(tmp_path / "new", {"hushall.csv": heads + "H1;ja;2021-05-01;Järpen\nH2;ja;2021-05-01;Berg\n"})
    lines = changes(check(old, project, key=KEY), check(new, project, key=KEY), "en")
    assert lines[-2:] == ["households: 0 new, 0 gone, 1 moved otherwise than before", "  hushall.csv, row 3"]


def test_whole_files_and_rows_that_no_count_takes_in_stand_first(tmp_path: Path, project) -> None:
    folder = write(
        tmp_path / "in",
        {
            "kontakter.csv": "Datum;E-post\n2021-01-01;kim@example.org\nSumma;\nx;ko@example.org\n",
            "företag.csv": "Företag;Namn\nA;B\n",
            "enkät hushåll.csv": "E-post;Svar;Datum\n" + "kim@example.org;4;\n" * 2 + "ko@example.org;4;\n",
            "okänd.csv": "Färg;Form\n" + "röd;rund\n" * 7,
        },
    )
    lines = check(folder, project, key=KEY).lines("en")
    first = [line.strip().split(": ")[:2] for line in lines[lines.index("Do these first:") + 1 :]]
    assert first == [
        ["the whole file", "företag.csv, column Namn"],
        ["8 rows", "okänd.csv"],
        ["3 rows", "enkät hushåll.csv"],
        ["1 row", "kontakter.csv, Datum"],
        ["1 row", "kontakter.csv"],
    ]


def test_columns_that_are_not_used_are_among_the_first_to_mend_and_lists_have_swedish_names(
    tmp_path: Path, project
) -> None:
    rows = "".join(f"2021-01-0{n};kim{n}@example.org;Åre;x\n" for n in range(1, 6))
    files = {"kontakter.csv": f"Datum;E-post;Bostads kommuner;Anteckning\n{rows}2021-01-07;ingen;;\n"}
    lines = check(write(tmp_path / "in", files), project, key=KEY).lines("sv")
    first = lines[lines.index("Gör det här först:") + 1 :]
    assert any(line.startswith("  5 rader: kontakter.csv, Bostads kommuner → ") for line in first), first
    assert not any("Anteckning" in line for line in first)
    assert any(line.startswith("kontakter.csv (kontakter): ") for line in lines)
    assert "Listor som saknas: hushåll, företag, organisationer, aktiviteter" in "\n".join(lines)
