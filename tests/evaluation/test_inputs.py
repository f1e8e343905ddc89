"""Every file that is read enters the run's id by its bytes, and the list of inputs is made by the reading."""

from __future__ import annotations

import functools
import gc
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest

from attraktiv_eval import regions, resources
from attraktiv_eval.errors import DesignError, ParameterError
from attraktiv_eval.evaluation.inputs import (
    code_files,
    load_inputs,
    load_project,
    load_records,
    load_statistics,
)
from attraktiv_eval.reporting import provenance
from attraktiv_eval.reporting.figures import style as figure_sources
from attraktiv_eval.reporting.view import View
from attraktiv_eval.resources import FileRead, note_input, read_input, recorded
from attraktiv_eval.runs.publication import Identity, Outputs

LISTS = ("kontakter_mottagare_d.csv", "hushall_och_uppfoljning.xlsx", "organisationer.csv", "foretag.csv")


def _table(column: str, first: int, extra: str = "") -> str:
    head = f"region_code,region_name,year,{column}{',' + extra if extra else ''},noise"
    rows = [
        f"{code},{name},{year},{100 + int(code) + year - first},False"
        for code, name in regions.COUNTIES.items()
        for year in range(first, 2023)
    ]
    return "\n".join([head, *rows]) + "\n"


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first rows of some lists, each in its own encoding and sheets: all rows take a second each time."""
    made = tmp_path_factory.mktemp("lists")
    for name in (*LISTS, "EXEMPELDATA.txt", "truth.json"):
        shutil.copyfile(resources.find(f"data/records_example/{name}"), made / name)
    for file in made.glob("*.csv"):
        content = file.read_bytes()
        encoding = "utf-16" if content.startswith(b"\xff\xfe") else "latin-1"
        file.write_bytes("".join(content.decode(encoding).splitlines(keepends=True)[:60]).encode(encoding))
    for file in made.glob("*.xlsx"):
        book = openpyxl.load_workbook(file)
        for sheet in book:
            sheet.delete_rows(60, sheet.max_row)
        book.save(file)
    return made


@pytest.fixture
def folder(tmp_path: Path, lists: Path) -> Path:
    """Make a folder of one's own with every kind of input: judgements, plan, rivals, statistics, records."""
    for name in ("project", "assumptions", "analysis_plan", "rivals"):
        shutil.copyfile(resources.find(f"data/{name}.toml"), tmp_path / f"{name}.toml")
    shutil.copytree(lists, tmp_path / "records")
    decisions = "list;left;right;decision\n"
    (tmp_path / "records" / "decisions.csv").write_text(decisions, encoding="utf-8")
    (tmp_path / "records" / "nested").mkdir()
    (tmp_path / "records" / "foretag.csv").rename(tmp_path / "records" / "nested" / "foretag.csv")
    statistics = tmp_path / "statistics"
    shutil.copytree(resources.find("data/statistics"), statistics)
    (statistics / "catalogue.toml").unlink()
    (statistics / "workplaces.csv").write_text(_table("workplaces", 2005), encoding="utf-8")
    (statistics / "employment_rams.csv").write_text(_table("employment_rate_rams", 2004), encoding="utf-8")
    quarters = [f"nystartade företag 20{year}K{quarter}" for year in range(11, 23) for quarter in range(1, 5)]
    rows = [f"{code} {name};{';'.join('7' * 48)}" for code, name in regions.COUNTIES.items()]
    by_hand = "\n".join(["region;" + ";".join(quarters), *rows]) + "\n"
    (statistics / "nystartade_foretag_kvartal_lan.csv").write_text(by_hand, encoding="utf-8")
    account = {
        "format": 1,
        "licence": "CC0 1.0",
        "tables": {
            "workplaces/TAB1": {
                "label": "Workplaces",
                "updated": "2026-01-01",
                "parts": [{"read": "2026-01-02"}],
            }
        },
        "tidy": {"workplaces.csv": {"tables": ["TAB1"], "sha256": _hash(statistics / "workplaces.csv")}},
    }
    (statistics / "manifest.json").write_text(json.dumps(account), encoding="utf-8")
    return tmp_path


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _load(folder: Path):
    return load_inputs(folder / "project.toml", None, folder / "statistics")


def _change(file: Path) -> None:
    """Change a file by a byte or two so that it still says the same."""
    content = file.read_bytes()
    added = {".toml": b"#\n", ".xlsx": b"\0"}.get(file.suffix, b"\n")
    file.write_bytes(content + (b"\n\0" if content.startswith(b"\xff\xfe") else added))


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.prove)])
def test_every_file_of_a_folder_that_is_read_changes_the_id_by_one_byte(folder: Path, every: bool):
    """Each file in turn; in the quick tests one of each kind in each folder."""
    inputs = _load(folder)
    named = {(one["part"], one["file"]): one["sha256"] for one in inputs.files()}
    own = [one for one in inputs.read if one.path.is_relative_to(folder)]
    lying = {path for path in folder.rglob("*") if path.is_file()}
    assert {one.path for one in own} == lying
    names = inputs.published_names()
    assert all(named[one.part, names[one.part, one.file]] == _hash(one.path) for one in own)
    ids = {inputs.run_id(2021), inputs.run_id(None)}
    one_a_kind = {(path.parent, path.suffix): path for path in sorted(lying)}
    for file in sorted(lying) if every else one_a_kind.values():
        kept = file.read_bytes()
        _change(file)
        changed = _load(folder)
        file.write_bytes(kept)
        assert not {changed.run_id(2021), changed.run_id(None)} & ids, file.name
        assert sum(named.get((one["part"], one["file"])) != one["sha256"] for one in changed.files()) == 1
    again = _load(folder)
    assert again.files() == inputs.files() and again.run_id(None) == inputs.run_id(None)


def test_nothing_is_opened_that_neither_the_inputs_nor_the_code_name(folder: Path):
    """Record what Python itself opens while everything is read, in a process of its own."""
    opened = _opened(folder, "")
    assert {path.name for path in opened} >= {"workplaces.csv", "decisions.csv", "rivals.toml", "truth.json"}
    _all_named(folder, opened)


@pytest.mark.prove
def test_nothing_more_is_opened_by_a_whole_evaluation(folder: Path):
    _all_named(folder, _opened(folder, "compute(inputs, 2021)"))


def _opened(folder: Path, more: str) -> set[Path]:
    program = f"""
import sys
opened = set()
sys.addaudithook(lambda event, args: opened.add(str(args[0])) if event == "open" else None)
from pathlib import Path
from attraktiv_eval.evaluation import compute, load_inputs
inputs = load_inputs(Path("project.toml"), None, Path("statistics"))
{more}
print("\\n".join(opened))
"""
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return {(folder / name).resolve() for name in done.stdout.splitlines()}


def _all_named(folder: Path, opened: set[Path]) -> None:
    shipped = resources.find("data/project.toml").parent.resolve()
    inputs = {path for path in opened if path.is_relative_to(folder) or path.is_relative_to(shipped)}
    known = {one.path.resolve() for one in _load(folder).read} | {path.resolve() for _, path in code_files()}
    assert inputs - known == set()


def test_two_reports_on_other_workplaces_are_two_versions(folder: Path, tmp_path: Path):
    outputs = Outputs(tmp_path / "outputs")
    with outputs.opened():
        for n, expected in enumerate([(1, None), (1, None), (2, 1)]):
            if n == 2:
                file = folder / "statistics" / "workplaces.csv"
                file.write_text(file.read_text(encoding="utf-8").replace(",100", ",999", 1), encoding="utf-8")
                _change(file)
            run_id = _load(folder).run_id(2021)
            version, replaces = outputs.version("2021", run_id)
            assert (version, replaces) == expected
            staged = outputs.staging(f"2021-{n}")
            run = {"run_id": run_id, "version": version, "replaces": replaces, "started": str(n)}
            (staged / "run.json").write_text(json.dumps(run), encoding="utf-8")
            outputs.publish("2021", staged)
    assert outputs.published("2021")["started"] == "2"
    assert json.loads((outputs.root / "versions/2021-v1/run.json").read_text(encoding="utf-8"))
    assert Identity("23", "a").is_other_than(Identity("23", "b"))


def test_a_table_edited_after_the_fetch_has_its_own_hash_and_is_told(folder: Path):
    file = folder / "statistics" / "workplaces.csv"
    before = {one["file"]: one for one in _load(folder).panel.sources}
    assert not before["workplaces.csv"]["changed"] and before["workplaces.csv"]["tables"] == ["TAB1"]
    assert before["employment_rams.csv"]["tables"] == [] and not before["employment_rams.csv"]["changed"]
    _change(file)
    inputs = _load(folder)
    after = {one["file"]: one for one in inputs.panel.sources}
    assert after["workplaces.csv"]["sha256"] == _hash(file)
    assert after["workplaces.csv"]["changed"] and not after["municipalities.csv"]["changed"]
    told = [one for one in inputs.files() if "changed_after_fetch" in one]
    assert told == [
        {
            "part": "statistics",
            "file": "workplaces.csv",
            "sha256": _hash(file),
            "changed_after_fetch": True,
        }
    ]
    evaluation = SimpleNamespace(sources=inputs.panel.sources, inputs=inputs.files(), tables={})
    for language, words in (("sv", "Ändrad efter hämtningen"), ("en", "Changed after the fetch")):
        page = " ".join(provenance.sources(View(evaluation, language), {}))
        assert page.count(words) == 2
    assert "employment_rams.csv: nothing tells where it comes from" in page


def test_a_figure_cites_the_tables_that_it_rests_on_and_no_others(folder: Path):
    panel = _load(folder).panel
    assert panel.tables_behind("workplaces") == ["TAB638", "TAB1212", "TAB1"]
    assert "TAB1" not in panel.tables_behind("net_migration")
    behind = {one["file"]: one["outcomes"] for one in panel.sources}
    assert behind["workplaces.csv"] == ["workplaces"] and "workplaces" in behind["municipalities.csv"]
    assert behind["employment_rams.csv"] == ["employment_rate_rams"]
    assert "domestic_in_moves_over_border" in behind["counties.csv"]
    assert "workplaces" not in behind["counties.csv"]
    view = View(SimpleNamespace(sources=panel.sources, tables={}), "en")
    assert "TAB1," in figure_sources.statistics(view, ["workplaces"])
    assert "TAB1," not in figure_sources.statistics(view, ["in_moves"])


def test_years_with_noise_are_told_where_their_table_is_used(folder: Path):
    file = folder / "statistics" / "workplaces.csv"
    text = file.read_text(encoding="utf-8").splitlines()
    noisy = [line.replace("False", "True") if ",2022," in line else line for line in text]
    file.write_text("\n".join(noisy) + "\n", encoding="utf-8")
    panel = _load(folder).panel
    assert panel.noisy("workplaces") == [2022] and panel.noisy("in_moves") == []
    view = View(SimpleNamespace(sources=panel.sources, inputs=[], tables={}), "en")
    words = "SCB has added small random errors to the figures for 2022"
    assert words in figure_sources.statistics(view, ["workplaces"])
    assert words not in figure_sources.statistics(view, ["in_moves"])
    assert " ".join(provenance.sources(view, {})).count(words) == 1


def test_the_shipped_figures_are_those_that_their_account_vouches_for():
    assert not [one["file"] for one in load_inputs(None, None, None).panel.sources if one["changed"]]


def test_a_figure_of_the_embedded_panel_that_was_edited_is_told(folder: Path):
    _change(folder / "statistics" / "municipalities.csv")
    changed = {one["file"] for one in _load(folder).panel.sources if one["changed"]}
    assert changed == {"municipalities.csv"}


def test_a_shipped_file_in_the_place_of_one_s_own_is_published_by_its_name(tmp_path: Path):
    """A folder without a panel of its own stands on the shipped file, which is named as what it is."""
    shipped = resources.find("data/statistics/counties.csv")
    own = tmp_path / "statistics"
    own.mkdir()
    (own / "counties.csv").write_bytes(shipped.read_bytes())
    inputs = load_inputs(None, None, own)
    assert [one["file"] for one in inputs.published_sources()] == ["municipalities.csv", "counties.csv"]
    assert {one["file"] for one in inputs.files()} >= {"municipalities.csv", "counties.csv"}


def test_a_faulty_plan_is_kept_as_its_fault_and_still_enters_the_id(folder: Path):
    before = _load(folder)
    file = folder / "analysis_plan.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("2019", "2018"), encoding="utf-8")
    inputs = _load(folder)
    with pytest.raises(DesignError, match="changed after it was written"):
        inputs.plan()
    assert inputs.run_id(2021) != before.run_id(2021)


def test_a_reading_is_noted_once_and_only_by_who_asks(tmp_path: Path):
    own, other = tmp_path / "own", tmp_path / "other.txt"
    own.mkdir()
    (own / "a.txt").write_bytes(b"a")
    other.write_bytes(b"b")
    read: list[FileRead] = []
    with recorded("records", own, read):
        assert read_input(own / "a.txt") == b"a"
        assert note_input(own / "a.txt") == hashlib.sha256(b"a").hexdigest()
        read_input(other)
        (own / "a.txt").write_bytes(b"c")
        read_input(own / "a.txt")
    read_input(other)
    assert [(one.part, one.file) for one in read] == [
        ("records", "a.txt"),
        ("package", "other.txt"),
        ("records", "a.txt"),
    ]


@pytest.mark.parametrize("load", [load_project, load_records, load_statistics])
@pytest.mark.parametrize("given", [180, 1.5, True, ["a"]])
def test_a_path_that_is_no_text_is_refused_in_one_line(load, given):
    with pytest.raises(ParameterError, match="a path is text"):
        load(given)


def test_what_a_process_has_read_before_is_no_input() -> None:
    """What is read once a process, noted as an input, would be one of the first run alone."""
    for held in [one for one in gc.get_objects() if isinstance(one, functools._lru_cache_wrapper)]:
        if held.__module__.startswith("attraktiv_eval."):
            held.cache_clear()
    first, again = (load_inputs(None, None, None).files() for _ in range(2))
    assert first == again and "package" not in {one["part"] for one in first}
