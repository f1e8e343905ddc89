"""The command that a stranger types, from records to pages, in a process of its own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import commands
import pandas as pd
import pytest

from attraktiv_eval.disclosure.personal_data import _texts
from attraktiv_eval.evaluation import evaluate
from attraktiv_eval.project import Project
from attraktiv_eval.records import load_records
from attraktiv_eval.reporting.report import Report, write_tables
from attraktiv_eval.runs.verification import verify

ROOT = Path(__file__).resolve().parent.parent.parent


def attraktiv_eval(*words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "attraktiv_eval", *map(str, words)],
        cwd=cwd or ROOT,
        check=False,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONUTF8": "1", "COLUMNS": "200"},
    )


def hashes(folder: Path) -> dict[str, str]:
    """Return the hash of every data output: results.json, tables and figures."""
    files = [folder / "results.json", *(folder / "tables").rglob("*"), *(folder / "figures").rglob("*")]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.is_file()
    }


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    """Publish 2021 and the final report in both languages.

    In a folder with spaces, å and the signs of small languages in its path, from a folder with a matplotlibrc
    of its own and with a backend that there is not.
    """
    output = tmp_path_factory.mktemp("en rapport på {svenska} $x^2$ 5 % _b") / "outputs"
    (output.parent / "matplotlibrc").write_text("text.usetex: True\nfont.size: 40\n", encoding="utf-8")
    words = ["run", "--year", 2021, "--final", "--language", "sv", "--language", "en", "--output", output]
    with pytest.MonkeyPatch.context() as own:
        own.setenv("MPLBACKEND", "no such backend")
        done = attraktiv_eval(*words, cwd=output.parent)
    assert done.returncode == 0, done.stderr
    assert "index.html" in done.stdout
    assert "Exempeldata" in done.stdout or "exempeldata" in done.stdout
    assert "rejected_rows.csv" in done.stdout
    return output


def test_the_outputs_are_those_that_were_promised(published):
    for folder, stem in (("2021", "evaluation"), ("final", "final_report")):
        names = {path.name for path in (published / folder).iterdir()}
        assert names >= {
            f"{stem}.ipynb",
            f"{stem}.html",
            f"{stem}.en.html",
            "ro-crate-metadata.json",
            "results.json",
            "run.json",
            "tables",
            "figures",
        }
        assert list((published / folder / "figures").glob("*.svg"))
        assert list((published / folder / "tables").glob("*.csv"))
        assert not [name for name in names if name.startswith(".")]
        assert verify(published / folder / f"{stem}.html").fine
        assert all(page.stat().st_size <= 2_000_000 for page in (published / folder).glob("*.html"))
    words = {path.name for path in (published / "final").glob("*.docx")}
    assert words == {"final_report.docx", "final_report.en.docx"}
    page = (published / "final" / "final_report.html").read_text(encoding="utf-8")
    assert 'download="final_report.docx"' in page
    assert (published / "index.html").is_file() and (published / "index.en.html").is_file()


@pytest.mark.parametrize("folder", ["2021", "final"])
def test_every_rejected_row_is_listed_beside_the_report_and_adds_up(published, folder):
    listed = pd.read_csv(
        published / folder / "rejected_rows.csv",
        sep=";",
        dtype=str,
        encoding="utf-8-sig",
        keep_default_na=False,
    )
    columns = ["left_out", "list", "table", "row", "column", "kind", "remedy", "example_data"]
    assert list(listed) == columns
    assert set(listed["example_data"].str.lower()) == {"true"}
    assert listed[["list", "table", "row", "kind", "remedy"]].ne("").all(axis=None)
    rows = listed[listed["left_out"] == "row"].drop_duplicates(["list", "table", "row"])
    found = load_records(
        ROOT / "data" / "records_example", Project.load(), key=b"a key for tests, 32 bytes long.."
    )
    assert len(rows) == found.accounting["rejected"].sum() > 0


@pytest.mark.parametrize("folder", ["2021", "final"])
def test_the_curve_marks_one_primary_specification_an_outcome_however_slow_it_is(published, folder):
    curve, estimates = (
        pd.read_csv(published / folder / "tables" / f"{name}.csv", sep=";", encoding="utf-8-sig")
        for name in ("specifications", "estimates")
    )
    keys = ["outcome", "method", "pool"]
    for column in ("primary", "equivalent"):
        chosen = [table.loc[table[column], keys].sort_values(keys) for table in (curve, estimates)]
        assert len(chosen[0]) and chosen[0].to_numpy().tolist() == chosen[1].to_numpy().tolist()
    assert estimates.loc[estimates["primary"], "outcome"].is_unique


@pytest.mark.parametrize("folder", ["2021", "final"])
def test_page_results_and_run_carry_the_same_run_id(published, folder):
    run = json.loads((published / folder / "run.json").read_text(encoding="utf-8"))
    results = json.loads((published / folder / "results.json").read_text(encoding="utf-8"))
    assert run["run_id"] == results["run_id"]
    for page in (published / folder).glob("*.html"):
        assert run["run_id"] in page.read_text(encoding="utf-8"), page.name


@pytest.mark.parametrize(
    "page", ["2021/evaluation.html", "2021/evaluation.en.html", "final/final_report.html"]
)
def test_every_page_says_that_the_records_are_invented(published, page):
    text = (published / page).read_text(encoding="utf-8")
    assert ("påhittade" if not page.endswith(".en.html") else "invented") in text
    results = json.loads((published / page).with_name("results.json").read_text(encoding="utf-8"))
    assert results["example_data"] is True
    told = {one["id"]: one["example_data"] for one in results["figures"]}
    assert told["households.known"] and not told["organisations.known"]  # the 17 are real


def test_run_json_names_what_the_report_was_made_from(published):
    run = json.loads((published / "2021" / "run.json").read_text(encoding="utf-8"))
    assert {"project", "assumptions", "statistics", "records"} <= {entry["part"] for entry in run["inputs"]}
    assert all(len(entry["sha256"]) == 64 for entry in run["inputs"])
    assert run["version"] == 1 and run["replaces"] is None and run["region"] == "23"
    assert run["software"]["python"] and run["seeds"]
    assert run["started"] <= run["ended"]


def test_no_file_carries_a_path_of_the_machine(published):
    """Nor does one within a file: Word, Excel, and what a page carries."""
    places = [str(ROOT), str(published.parent), tempfile.gettempdir() + os.sep, "file://"]
    kinds = set()
    for path in published.rglob("*"):
        if path.is_file() and ".work" not in path.parts:
            kinds.add(path.suffix)
            for part, text in _texts(path):
                assert not [place for place in places if place in text], f"{path.name} {part}"
    assert kinds >= {".html", ".ipynb", ".json", ".csv", ".svg", ".png", ".docx", ".xlsx", ".toml"}


def test_the_short_way_in_another_process_gives_the_bytes_of_the_run(published, evaluated, tmp_path):
    found = evaluated(2021)
    found.save(tmp_path)
    for language in ("sv", "en"):
        write_tables(Report(found, language).view, tmp_path / "tables")
    run = hashes(published / "2021")
    short = {name: value for name, value in hashes(tmp_path).items() if not name.endswith(".xlsx")}
    assert len(short) > 20 and short == {name: run.get(name) for name in short}


@pytest.mark.prove
def test_a_second_run_gives_the_same_bytes_and_keeps_its_number(published, tmp_path):
    again = tmp_path / "again"
    done = attraktiv_eval("run", "--year", 2021, "--output", again)
    assert done.returncode == 0, done.stderr
    first, second = hashes(published / "2021"), hashes(again / "2021")
    swedish = {name: value for name, value in first.items() if ".en." not in name}
    assert swedish and swedish == {name: second.get(name) for name in swedish}


BAD = [
    (["--year", 1999], "1999 is not a year of the project; remedy: choose 2020, 2021 or 2022"),
    (["--records", "no such folder"], "no such folder"),
    (["--statistics", "no such folder"], "no such folder"),
    (["--project", "no_such.toml"], "no_such.toml"),
    (["--language", "fi"], "unknown language 'fi'; remedy: choose sv or en"),
]


@pytest.mark.parametrize(("words", "told"), BAD, ids=[str(words[0]) for words, _ in BAD])
def test_bad_input_is_one_line_and_changes_nothing(published, words, told):
    before = {path: path.stat().st_mtime_ns for path in published.rglob("*") if ".work" not in path.parts}
    called = attraktiv_eval if words == BAD[0][0] else commands.attraktiv_eval
    done = called("run", *words, "--output", published, cwd=ROOT)
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if "remedy: " in line]
    assert len(lines) == 1 and told in lines[0], done.stderr
    assert "Traceback" not in done.stderr
    after = {path: path.stat().st_mtime_ns for path in published.rglob("*") if ".work" not in path.parts}
    assert after == before


def _copy_statistics(folder: Path) -> Path:
    shutil.copytree(ROOT / "data" / "statistics", folder)
    return folder / "municipalities.csv"


def test_a_column_that_lacks_is_named(tmp_path):
    file = _copy_statistics(tmp_path / "statistics")
    text = file.read_text(encoding="utf-8").replace("population", "folkmangd", 1)
    file.write_text(text, encoding="utf-8")
    words = ("run", "--statistics", file.parent, "--output", tmp_path / "outputs")
    done = commands.attraktiv_eval(*words, cwd=ROOT)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "municipalities.csv" in done.stderr and "population" in done.stderr and "remedy: " in done.stderr
    assert not (tmp_path / "outputs").exists()


def test_a_region_that_is_no_county_is_refused(tmp_path):
    text = (ROOT / "data" / "project.toml").read_text(encoding="utf-8")
    project = tmp_path / "project.toml"
    project.write_text(text.replace('code = "23"', 'code = "99"'), encoding="utf-8")
    words = ("run", "--project", project, "--output", tmp_path / "outputs")
    done = commands.attraktiv_eval(*words, cwd=ROOT)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "99" in done.stderr and "project.toml" in done.stderr
    assert not (tmp_path / "outputs").exists()


def one_list(folder: Path) -> Path:
    """Write a list of one organisation, and no other."""
    folder.mkdir()
    rows = ["organisationsnummer;namn", "232100-0214;Region Jämtland Härjedalen"]
    (folder / "organisationer.csv").write_text("\n".join(rows), encoding="utf-8")
    return folder


def levels_are_fewer(results: dict) -> None:
    assert results["example_data"] is False and "households" in results["missing"]
    rules = {(one["goal"], one["level"]): one["rule"] for one in results["verdicts"]}
    assert rules["households", 1] == rules["households", 2] == "no_evidence"
    assert not any(figure["example_data"] for figure in results["figures"])


def test_one_list_of_ones_own_leaves_fewer_levels(tmp_path):
    levels_are_fewer(evaluate(2020, records=one_list(tmp_path / "records")).document)


@pytest.mark.prove
def test_one_list_of_ones_own_leaves_a_report_with_fewer_levels(tmp_path):
    records = one_list(tmp_path / "records")
    done = attraktiv_eval("run", "--year", 2020, "--records", records, "--output", tmp_path / "outputs")
    assert done.returncode == 0, done.stderr
    levels_are_fewer(json.loads((tmp_path / "outputs" / "2020" / "results.json").read_text(encoding="utf-8")))
    page = (tmp_path / "outputs" / "2020" / "evaluation.html").read_text(encoding="utf-8")
    assert "påhittade" not in page
    notebook = (tmp_path / "outputs" / "2020" / "evaluation.ipynb").read_text(encoding="utf-8")
    assert 'records = \\"records\\"' in notebook and tmp_path.name not in notebook


@pytest.mark.prove  # make test runs the same notebook by itself with nbval, and a run with papermill
def test_papermill_by_hand_works_too(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "papermill", str(ROOT / "notebooks" / "yearly_evaluation.ipynb"),
         str(tmp_path / "out.ipynb"), "-p", "year", "2021"],
        cwd=tmp_path, check=False, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    cells = json.loads((tmp_path / "out.ipynb").read_text(encoding="utf-8"))["cells"]
    assert "2021" in json.dumps([cell.get("outputs", []) for cell in cells])
