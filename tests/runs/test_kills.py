"""A run is killed at any moment; what is published is whole, and the next run succeeds."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(sys.platform == "win32", reason="kills a group of processes by signal"),
]

SEED = 20201231
#: Files that a run leaves on its way, under .work: a kill comes after one of them.
EARLY = ["lock", "staging/2020/run.json", "staging/2020/.editions.pickle", "staging/2020/evaluation.ipynb"]
LATE = ["staging/2020/evaluation.html", "journal/2020.json"]


def _command(output: Path) -> list[str]:
    return [sys.executable, "-m", "attraktiv_eval", "run", "--year", "2020", "--output", str(output)]


def _run(output: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(output), cwd=cwd, check=False, capture_output=True, encoding="utf-8", timeout=900
    )


def _killed_at(mark: str, later: float, output: Path, cwd: Path) -> bool:
    """Start a run, wait till a file of its work is there and some seconds more, and kill it with its kernels.

    Returns whether it was still at work. What a run does first takes longest on a busy machine, so its
    progress is a better clock than seconds.
    """
    started = subprocess.Popen(
        _command(output),
        cwd=cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    end = time.monotonic() + 600
    while started.poll() is None and time.monotonic() < end and not list((output / ".work").glob(mark)):
        time.sleep(0.002)
    try:
        started.wait(timeout=later)
    except subprocess.TimeoutExpired:
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()
        return True
    return False


def _whole(folder: Path) -> str:
    """Return the run id of a published report, after checking that its parts agree on it."""
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    page = (folder / "evaluation.html").read_text(encoding="utf-8")
    told = re.search(r'<meta name="attraktiv-eval:run" content="([^"]*)">', page)
    assert told is not None and page.rstrip().endswith("</html>")
    assert run["run_id"] == results["run_id"] == told.group(1)
    assert run["ended"] and (folder / "tables" / "goals.csv").is_file()
    json.loads((folder / "evaluation.ipynb").read_text(encoding="utf-8"))
    return str(run["run_id"])


def test_a_run_killed_at_random_moments_leaves_whole_reports(tmp_path: Path):
    output = tmp_path / "outputs"
    chance = random.Random(SEED)
    # the first two kills find nothing published, those after them a report to spoil
    marks = [*chance.sample(EARLY, 2), None, *chance.sample(EARLY, 1), *LATE]
    interrupted = 0
    for mark in marks:
        if mark is None:
            done = _run(output, tmp_path)
            assert done.returncode == 0, done.stderr
            continue
        later = chance.uniform(0, 0.4) if mark in EARLY else chance.uniform(0, 0.02)
        interrupted += _killed_at(mark, later, output, tmp_path)
        for published in [output / "2020", *(output / "versions").glob("*")]:
            assert not published.exists() or _whole(published)
    assert interrupted >= 3
    last = _run(output, tmp_path)
    assert last.returncode == 0, last.stderr
    assert _whole(output / "2020") and (output / "index.html").is_file()
    assert not list((output / ".work" / "journal").glob("*.json"))


#: Places in a publication after which the process dies, by the call that is about to be made.
PLACES = ("_write", "_complete", "exchange", "rename", "unlink", "_set_aside")

DYING = """
import os, sys
from pathlib import Path
from attraktiv_eval.runs import publication
place, root = sys.argv[1], Path(sys.argv[2])
def die(*_args, **_kwargs):
    os.kill(os.getpid(), 9)
owner = {"rename": Path, "unlink": Path, "_complete": publication.Outputs,
         "_set_aside": publication.Outputs}.get(place, publication)
outputs = publication.Outputs(root)
with outputs.opened():
    staged = outputs.staging("2020")
    told = '{"run_id": "b", "version": 2, "started": "2", "report": "2020", '
    told += '"project": "p", "until": "2020-12-31"}'
    for name in ("run.json", "results.json"):
        (staged / name).write_text(told, encoding="utf-8")
    setattr(owner, place, die)
    outputs.publish("2020", staged)
"""


@pytest.mark.parametrize("place", PLACES)
def test_a_publication_that_dies_at_each_step_is_completed_or_undone(tmp_path: Path, place: str):
    from attraktiv_eval.runs.publication import Outputs

    root = tmp_path / "outputs"
    old = root / "2020"
    old.mkdir(parents=True)
    for name in ("run.json", "results.json"):
        (old / name).write_text('{"run_id": "a", "version": 1, "started": "1"}', encoding="utf-8")
    died = subprocess.run([sys.executable, "-c", DYING, place, str(root)], check=False)
    assert died.returncode in (-signal.SIGKILL, 0)
    outputs = Outputs(root)
    with outputs.opened():
        pass
    ids = {json.loads((old / name).read_text())["run_id"] for name in ("run.json", "results.json")}
    assert ids in ({"a"}, {"b"})
    kept = root / "versions" / "2020-v1" / "run.json"
    assert ids == {"a"} or json.loads(kept.read_text())["run_id"] == "a"
    assert not list((root / ".work" / "journal").glob("*.json"))


def test_the_records_that_a_killed_run_left_are_removed_by_the_next_run(tmp_path: Path):
    """What the reports of a run share lies in the folder for temporary files, and nothing else."""
    temporary, output = tmp_path / "tmp", tmp_path / "outputs"
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary)}
    started = subprocess.Popen(
        _command(output), cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    end = time.monotonic() + 600
    while not (kept := list(temporary.glob("attraktiv-eval-run-*/*.pickle"))) and time.monotonic() < end:
        assert started.poll() is None, "the run ended before it shared anything"
        time.sleep(0.002)
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()
    assert kept and kept[0].is_file()
    again = subprocess.run(
        _command(output),
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=900,
        check=False,
    )
    assert again.returncode == 0, again.stderr
    assert _whole(output / "2020") and list(temporary.glob("attraktiv-eval-*")) == []
    assert not (output / ".work" / "staging").exists() or not any((output / ".work" / "staging").iterdir())
