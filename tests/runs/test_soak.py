"""Many runs in one process and one folder of outputs: nothing is left behind, and nothing moves."""

from __future__ import annotations

import gc
import hashlib
import json
import shutil
import sys
import tempfile
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import psutil
import pytest

from attraktiv_eval import resources
from attraktiv_eval.project import Project
from attraktiv_eval.runs import pipeline
from attraktiv_eval.runs.execution import RunParameters, checked

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(sys.platform == "win32", reason="counts open files as POSIX systems do"),
]

#: Runs with the inputs as they are, with another assumption, and with the first one again.
FIRST, OTHER, AGAIN = 12, 4, 10
#: Runs after which the process has loaded and kept all that it will.
WARM = 6
#: Growth of the resident memory over all runs after the warm ones, in MB; a leaked report weighs 2 MB.
MOST_GROWTH = 12
#: A list must not be long for a run to go through all its steps; these lines of the invented examples do.
LISTS = {"kontakter_mottagare_a.csv": 60, "organisationer.csv": 20, "finansiering.csv": 20}


@dataclass(frozen=True)
class Traces:
    """What a process holds after a run."""

    memory: float
    files: int
    threads: Counter[str]
    processes: set[int]
    temporary: tuple[str, ...]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one's own with short lists, and folders for temporary files that are only this test's."""
    for name, variable in (
        ("tmp", "TMPDIR"),
        ("runtime", "JUPYTER_RUNTIME_DIR"),
        ("tmp", "JOBLIB_TEMP_FOLDER"),
    ):
        (tmp_path / name).mkdir(exist_ok=True)
        monkeypatch.setenv(variable, str(tmp_path / name))
    monkeypatch.setattr(tempfile, "tempdir", None)
    for name in ("project.toml", "assumptions.toml"):
        shutil.copy(resources.find(f"data/{name}"), tmp_path / name)
    (tmp_path / "records").mkdir()
    for name, lines in LISTS.items():
        text = (resources.find("data/records_example") / name).read_text(encoding="utf-8-sig")
        kept = "\n".join(text.splitlines()[:lines])
        (tmp_path / "records" / name).write_text(kept, encoding="utf-8")
    # few years, so that level 3 is refused at once: what is tried here is the run, not the estimators
    (tmp_path / "statistics").mkdir()
    table = pd.read_csv(
        resources.find("data/statistics/municipalities.csv"), dtype="str", keep_default_na=False
    )
    late = table[table["year"] >= "2016"]
    late.to_csv(tmp_path / "statistics" / "municipalities.csv", index=False)
    return tmp_path


def parameters(place: Path, *, final: bool = False) -> RunParameters:
    return checked(
        Project.load(place / "project.toml"),
        years=[2021],
        final=final,
        languages=["sv"],
        project_file=place / "project.toml",
        records=place / "records",
        statistics=place / "statistics",
        output=place / "outputs",
    )


def traces(place: Path) -> Traces:
    gc.collect()
    me = psutil.Process()
    return Traces(
        memory=me.memory_info().rss / 2**20,
        files=me.num_fds(),
        threads=Counter(one.name for one in threading.enumerate()),
        processes={one.pid for one in me.children(recursive=True)},
        temporary=tuple(
            sorted(path.name for folder in ("tmp", "runtime") for path in (place / folder).rglob("*"))
        ),
    )


def data_of(folder: Path) -> dict[str, str]:
    """Return the hash of every data output of a report."""
    files = [folder / "results.json", *(folder / "tables").rglob("*"), *(folder / "figures").rglob("*")]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(files)
        if path.is_file()
    }


def version_of(folder: Path) -> tuple[int, int | None]:
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return run["version"], run["replaces"]


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_many_runs_leave_nothing_and_change_nothing(place: Path) -> None:
    chosen, project = parameters(place), Project.load(place / "project.toml")
    outputs, published = place / "outputs", place / "outputs" / "2021"
    first = (place / "assumptions.toml").read_text(encoding="utf-8")
    other = first.replace("value = 1.6", "value = 1.7", 1)
    assert other != first
    before, seen = traces(place), []  # workers of other tests may live, and end in time
    data: dict[str, list[dict[str, str]]] = {first: [], other: []}
    for text, runs, version in ((first, FIRST, (1, None)), (other, OTHER, (2, 1)), (first, AGAIN, (3, 2))):
        (place / "assumptions.toml").write_text(text, encoding="utf-8")
        for _ in range(runs):
            pipeline.run(chosen, project)
            seen.append(traces(place))
            data[text].append(data_of(published))
            assert version_of(published) == version
            assert names_in(outputs) <= {"2021", "index.html", "versions", ".work"}
            kept = {f"2021-v{n}" for n in range(1, version[0])}
            assert (names_in(outputs / "versions") if kept else set()) == kept
            assert not any((outputs / ".work" / "journal").iterdir())
    same = {tuple(sorted(one.items())) for one in data[first]}
    assert len(same) == 1 and len(data[first][0]) > 10, "the same inputs gave other figures"
    assert {one["results.json"] for one in data[other]}.isdisjoint({data[first][0]["results.json"]})
    assert data_of(outputs / "versions" / "2021-v1") == data[first][0]
    assert data_of(outputs / "versions" / "2021-v2") == data[other][0]
    warm = seen[WARM - 1]
    for one in seen[WARM:]:
        assert one.processes <= before.processes, "a kernel or a worker lives on"
        assert one.temporary == (), "a temporary file is left"
        assert not one.threads - warm.threads
        assert one.files <= warm.files
    assert max(one.memory for one in seen[-3:]) - warm.memory < MOST_GROWTH, [round(s.memory) for s in seen]


def test_runs_of_two_reports_at_once_keep_nothing_open(place: Path) -> None:
    """Two reports are made by two threads, each beside its kernel; what a thread opened is closed with it."""
    chosen, project = parameters(place, final=True), Project.load(place / "project.toml")
    before, seen = traces(place), []
    for _ in range(5):
        pipeline.run(chosen, project)
        seen.append(traces(place))
    assert names_in(place / "outputs") == {"2021", "final", "index.html", ".work"}
    for one in seen[1:]:
        assert one.processes <= before.processes, "a kernel or a worker lives on"
        assert not one.threads - seen[0].threads
        assert one.files <= seen[0].files
        assert not any(name.endswith(".json") for name in one.temporary), "a kernel's file is left"
