"""Files damaged at random: each is read with every row accounted for, or refused in one line."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from csv import writer
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attraktiv_eval import resources
from attraktiv_eval.assumptions import Assumptions
from attraktiv_eval.errors import EvaluationError, RecordError
from attraktiv_eval.level3.plan import Plan
from attraktiv_eval.level3.rival_explanations import load_events
from attraktiv_eval.project import Project
from attraktiv_eval.records.check import Check, check
from attraktiv_eval.records.headings import find_headings
from attraktiv_eval.records.loading import read_decisions
from attraktiv_eval.runs.portfolio import Portfolio
from attraktiv_eval.statistics.panel import Panel

from .damage import (
    LISTS,
    PERSONAL,
    Grid,
    byte_strokes,
    damaged_bytes,
    damaged_grid,
    damaged_parts,
    damaged_toml,
    grid_strokes,
    in_a_workbook,
    share,
    toml_strokes,
    written,
)
from .old_books import ods, old_book

pytestmark = pytest.mark.prove

KEY = b"a key for tests, 32 bytes long.."
PROJECT = Project.load()


def cases(number: int, strategy: st.SearchStrategy, holds: Callable[[Any], str]) -> Counter[str]:
    """Try so many cases, the same ones every time, and return how they ended; a failing one is shrunk."""
    ended: Counter[str] = Counter()

    @settings(
        max_examples=number,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def each(case: Any) -> None:
        ended[holds(case)] += 1

    each()
    return ended


@contextmanager
def folder_of(files: dict[str, bytes]) -> Iterator[Path]:
    """Write files into a folder, and see at the end that nobody has touched them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "inlämnat"
        folder.mkdir()
        for file, data in files.items():
            (folder / file).write_bytes(data)
        yield folder
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == files


def assert_one_line(error: EvaluationError, *names: str) -> None:
    line = str(error)
    assert "\n" not in line and "\r" not in line
    assert "; remedy: " in line
    assert any(name in line for name in names), line
    assert_nothing_personal(line)


def assert_nothing_personal(text: str) -> None:
    assert [secret for secret in PERSONAL if secret.casefold() in text.casefold()] == []


# Records --------------------------------------------------------------------------------------------------


def judged(folder: Path) -> Check:
    """Check a folder of records, and that what is said of it is in order, whatever was found."""
    found = check(folder, PROJECT, key=KEY)
    names = [folder.name, *(path.name for path in folder.iterdir())]
    for error in found.errors:
        assert_one_line(error, *names)
    for language in ("sv", "en"):
        lines = found.lines(language, most=10_000)
        assert all("\n" not in line for line in lines)
        assert_nothing_personal("\n".join(lines))
    assert found.exit_code == (2 if found.errors or found.records is None else 0)
    if found.records is not None:
        table, rejected = found.accounting, found.records.rejected
        assert (table["read"] == table["kept"] + table["merged"] + table["rejected"]).all()
        assert (table[["kept", "merged", "rejected"]] >= 0).all(axis=None)
        assert len(rejected.drop_duplicates(["file", "sheet", "row"])) == table["rejected"].sum()
        for told in (rejected, found.records.cells, found.records.notes):
            assert_nothing_personal(told.to_csv())
    return found


def text(cell: Any) -> str | None:
    """Return what a cell shows, None where it is empty."""
    shown = "" if cell is None else str(cell).replace("\u00a0", " ").strip()
    return shown or None


def rows_that_count(grid: Grid, list_name: str, *names: str) -> tuple[int, int]:
    """Count the rows below the headings that fill a known column, and the row of the headings."""
    width = max(map(len, grid))
    cells = [[text(cell) for cell in row] + [None] * (width - len(row)) for row in grid]
    filled = [row for row in cells if any(row)]
    found = find_headings(filled[:60], *names)
    assert found.name == list_name
    known = [at for at, field in enumerate(found.fields) if field]
    return sum(any(row[at] for at in known) for row in filled[found.row + 1 :]), found.row


def assert_every_row_is_accounted_for(found: Check, file: str, sheet: str, grid: Grid) -> None:
    """Compare the accounting of a list with the rows that were written."""
    records = found.records
    if records is None or any(error.file == file for error in found.errors):
        return
    own = {
        name: table[(table["file"] == file) & (table["sheet"] == sheet)]
        for name, table in (
            ("read", found.accounting),
            ("notes", records.notes),
            ("rejected", records.rejected),
        )
    }
    if own["read"].empty:
        assert (own["notes"]["kind"] == "no_list").any() or not any(text(c) for row in grid for c in row)
        return
    below, headings = rows_that_count(
        grid, own["read"]["list"].item(), *([sheet, file] if sheet else ["", file])
    )
    above = int((own["rejected"]["kind"] == "above_headings").sum())
    assert above <= headings
    notes = own["notes"]
    examples = pd.to_numeric(notes.loc[notes["kind"] == "example_row", "value"]).sum()
    again = int((notes["kind"] == "headings_again").sum())  # a row of headings in another order is no row
    assert own["read"]["read"].item() + examples + again == below + above


lists = st.lists(st.sampled_from(list(LISTS)), min_size=1, max_size=3, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: st.lists(grid_strokes, max_size=3) for name in names})
)


def test_lists_with_damaged_cells_rows_and_columns() -> None:
    def holds(case: tuple[str, dict[str, list]]) -> str:
        form, strokes = case
        grids = {name: damaged_grid(LISTS[name], how)[0] for name, how in strokes.items()}
        with folder_of(written(grids, form)) as folder:
            found = judged(folder)
        for name, grid in grids.items():
            if form == "csv":
                assert_every_row_is_accounted_for(found, f"{name}.csv", "", grid)
            else:
                assert_every_row_is_accounted_for(found, "listor.xlsx", name, in_a_workbook(grid))
        return "refused" if found.exit_code else "read"

    ended = cases(400, st.tuples(st.sampled_from(["csv", "xlsx"]), lists), holds)
    assert ended["read"] >= 200 and ended["refused"] >= 20, ended


def files_of_records() -> dict[str, bytes]:
    """Return the first lists in every form that is read."""
    first = {name: LISTS[name] for name in ("kontakter", "hushåll", "företag")}
    plain = {name: [[str(cell) for cell in row] for row in grid] for name, grid in first.items()}
    return {
        **written(first, "csv"),
        **written(first, "xlsx"),
        "listor.ods": ods(plain),
        "listor.xls": old_book({"kontakter": plain["kontakter"]}),
    }


def test_files_of_records_with_damaged_bytes(capfd: pytest.CaptureFixture[str]) -> None:
    whole = files_of_records()

    def holds(case: tuple[str, list, float | None]) -> str:
        name, strokes, part = case
        packed = name.endswith((".xlsx", ".ods")) and part is not None
        data = damaged_parts(whole[name], part, strokes) if packed else damaged_bytes(whole[name], strokes)
        with folder_of({name: data}) as folder:
            found = judged(folder)
        if name.endswith(".csv") and b'"' not in data and b"\x00" not in data and found.records is not None:
            lines = [line for line in data.replace(b"\r", b"\n").split(b"\n") if line.strip(b"; \t")]
            assert found.accounting["read"].sum() <= len(lines) - 1
        return "refused" if found.exit_code else "read"

    strokes = st.lists(byte_strokes, min_size=1, max_size=3)
    ended = cases(500, st.tuples(st.sampled_from(list(whole)), strokes, st.none() | share), holds)
    assert ended["read"] >= 100 and ended["refused"] >= 100, ended
    assert capfd.readouterr() == ("", "")


def test_decisions() -> None:
    made = [
        ["list", "left", "right", "score", "decision", "left_rows", "right_rows"],
        ["companies", "Torvasil AB", "Torvasil Bygg AB", "90", "same", "a.csv:1", "b.csv:2"],
        ["households", "H1", "H2", "80", "olika", "", ""],
        ["organisations", "Påhittade kommunen", "Påhittade", "70", "", "", ""],
    ]

    def holds(case: tuple[list, list]) -> str:
        grid, _ = damaged_grid(made, case[0])
        data = damaged_bytes(written({"decisions": grid}, "csv")["decisions.csv"], case[1])
        with folder_of({"decisions.csv": data}) as folder:
            try:
                table = read_decisions(folder).table
            except RecordError as error:
                assert_one_line(error, "decisions.csv")
                return "refused"
        if not case[1]:
            assert table is not None
            assert len(table) == sum(any(map(text, row)) for row in grid if row != ["\ufeff"]) - 1
        return "read"

    ended = cases(500, _one_kind(grid_strokes, byte_strokes), holds)
    assert ended["read"] >= 100 and ended["refused"] >= 100, ended


def _one_kind(*strokes: st.SearchStrategy) -> st.SearchStrategy:
    """Return one or two strokes of one kind, and none of the others."""
    some = [st.lists(one, min_size=1, max_size=2) for one in strokes]
    return st.one_of(
        *(
            st.tuples(*(one if at == chosen else st.just([]) for at, one in enumerate(some)))
            for chosen in range(len(some))
        )
    )


# Files of TOML --------------------------------------------------------------------------------------------

PORTFOLIO = b"""\
name = "Invented portfolio"
languages = ["sv"]
years = [2021]
final = true
pages = false

[[project]]
id = "one"
project = ""
records = ""

[counties]
codes = ["23", "07"]
"""

TOML: dict[str, tuple[str | bytes, Callable[[Path], Any]]] = {
    "project.toml": ("data/project.toml", Project.load),
    "assumptions.toml": ("data/assumptions.toml", Assumptions.load),
    "rivals.toml": ("data/rivals.toml", load_events),
    "analysis_plan.toml": ("data/analysis_plan.toml", Plan.load),
    "portfolio.toml": (PORTFOLIO, Portfolio.load),
}


@pytest.mark.parametrize("name", TOML)
def test_files_of_toml(name: str) -> None:
    shipped, load = TOML[name]
    whole = shipped if isinstance(shipped, bytes) else resources.find(shipped).read_bytes()

    def holds(strokes: list) -> str:
        with folder_of({name: damaged_toml(whole, strokes)}) as folder:
            try:
                read = load(folder / name)
            except EvaluationError as error:
                assert_one_line(error, name)
                return "refused"
        if isinstance(read, Project):
            assert read.goals and read.years and 1900 <= read.start.year <= read.end.year <= 2200
            assert read.main_goal in read.goals
        if isinstance(read, Assumptions):
            assert all(-1e300 < one.low <= one.value <= one.high < 1e309 for one in read.values())
        return "read"

    ended = cases(400, st.lists(toml_strokes, min_size=1, max_size=2), holds)
    assert ended["read"] >= 40 and ended["refused"] >= 40, ended


# Statistics -----------------------------------------------------------------------------------------------

MANIFEST = b"""{"format": 1, "licence": "CC0 1.0", "tables": {"moves/TAB1212":
{"id": "TAB1212", "label": "Moves", "updated": "2025-01-01", "parts": [{"read": "2025-02-01"}]}},
"tidy": {"moves.csv": {"tables": ["TAB1212"], "sha256": "0"}}}"""


def tables() -> tuple[Grid, Grid]:
    """Return a small panel out of the shipped one, and a fetched table with invented figures."""
    shipped = pd.read_csv(
        resources.find("data/statistics/municipalities.csv"), dtype="str", keep_default_na=False
    )
    few = shipped[shipped["region_code"].isin(["2380", "2321", "0114", "0115"]) & (shipped["year"] >= "2019")]
    moves = [
        [code, "invented", year, "100", "90", "10", "False"]
        for code in ("23", "2380", "01")
        for year in ("2019", "2020", "2021")
    ]
    head = ["region_code", "region_name", "year", "in_moves", "out_moves", "net_migration", "noise"]
    return [list(few.columns), *few.to_numpy().tolist()], [head, *moves]


def comma(grid: Grid) -> bytes:
    stream = io.StringIO(newline="")
    writer(stream, lineterminator="\n").writerows(grid)
    return stream.getvalue().encode("utf-8", errors="surrogatepass")


def test_statistics() -> None:
    panel, moves = tables()
    sources = resources.find("data/statistics/sources.toml").read_bytes()

    def holds(case: tuple[list, ...]) -> str:
        cells, moved, torn, told, manifest = case
        grid, _ = damaged_grid(panel, cells)
        files = {
            "municipalities.csv": damaged_bytes(comma(grid), torn),
            "moves.csv": comma(damaged_grid(moves, moved)[0]),
            "sources.toml": damaged_toml(sources, told),
            "manifest.json": damaged_bytes(MANIFEST, manifest),
        }
        with folder_of(files) as folder:
            try:
                read = Panel.load(folder)
            except EvaluationError as error:
                assert_one_line(error, *files)
                return f"refused {Path(str(error.file)).name}"
        if not torn:
            assert len(read.table) == sum(any(map(text, row)) for row in grid) - 1
        assert (read.table["population"].dropna() > 0).all()
        for outcome, level in read.series:
            assert not (read.rate(outcome, level).abs() > 1e15).any(axis=None)
        return "read"

    ended = cases(500, _one_kind(grid_strokes, grid_strokes, byte_strokes, toml_strokes, byte_strokes), holds)
    assert ended["read"] >= 50 and len(ended) == 5, ended


# The command line -----------------------------------------------------------------------------------------


def test_the_command_line(tmp_path: Path) -> None:
    """A sample through a process of its own: exit code 2 or 0, no traceback, nothing personal."""
    whole = {**files_of_records(), "project.toml": resources.find("data/project.toml").read_bytes()}
    ends: Counter[int] = Counter()

    def holds(case: tuple[str, list, float]) -> str:
        name, strokes, part = case
        if name == "project.toml":
            files, described = (
                written({"kontakter": LISTS["kontakter"]}, "csv"),
                damaged_toml(whole[name], strokes),
            )
        else:
            data = whole[name]
            hurt = damaged_parts(data, part, strokes) if name.endswith("x") else damaged_bytes(data, strokes)
            files, described = {name: hurt}, whole["project.toml"]
        project = tmp_path / "project.toml"
        project.write_bytes(described)
        with folder_of(files) as folder:
            words = ["check", "--records", folder, "--project", project, "--language", "en"]
            done = subprocess.run(
                [sys.executable, "-m", "attraktiv_eval", *words],
                check=False,
                capture_output=True,
                encoding="utf-8",
                env=os.environ | {"PYTHONUTF8": "1"},
                cwd=tmp_path,
            )
        assert done.returncode in (0, 2), done.stderr[-2000:]
        assert "Traceback" not in done.stderr and "panicked" not in done.stderr
        assert len(done.stderr.splitlines()) <= 1
        assert_nothing_personal(done.stdout + done.stderr)
        if done.returncode == 2:
            assert "; remedy: " in done.stdout + done.stderr
        ends[done.returncode] += 1
        return str(done.returncode)

    def strokes_of(name: str) -> st.SearchStrategy:
        kind = toml_strokes if name == "project.toml" else byte_strokes
        return st.tuples(st.just(name), st.lists(kind, min_size=1, max_size=2), share)

    cases(30, st.sampled_from([*whole, "project.toml", "project.toml"]).flatmap(strokes_of), holds)
    assert ends[0] >= 4 and ends[2] >= 4, ends
