"""Cells told across processes, and workers that do not outlive their run."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from attraktiv_eval.runs.pipeline import FILE, done_cell, end_with, watched


def test_every_cell_is_told_once_with_its_report_and_language(tmp_path):
    folders = {name: tmp_path / name for name in ("2020", "final")}
    for folder in folders.values():
        folder.mkdir()
    steps, cells = [], []
    with watched(folders, lambda name, language: steps.append((name, language)), lambda: cells.append(1)):
        for language in ("sv", "sv", "en"):
            done_cell(folders["2020"], language)
        end = time.monotonic() + 30
        while len(cells) < 3 and time.monotonic() < end:
            time.sleep(0.01)
        assert len(cells) == 3  # told while the work goes on
        done_cell(folders["final"], "sv")
    assert len(cells) == 4
    assert steps == [("2020", "sv"), ("2020", "sv"), ("2020", "en"), ("final", "sv")]
    assert not list(tmp_path.rglob(FILE))


def test_the_files_are_gone_where_the_work_fails(tmp_path):
    with pytest.raises(ZeroDivisionError), watched({"2020": tmp_path}, print, list):
        done_cell(tmp_path, "sv")
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


WORKER = """
import sys, time
from attraktiv_eval.runs.pipeline import end_with
end_with(int(sys.argv[1]))
print("at work", flush=True)
time.sleep(60)
"""

RUN = """
import os, subprocess, sys
worker = subprocess.Popen([sys.executable, "-c", sys.argv[1], str(os.getpid())], stdout=subprocess.PIPE)
worker.stdout.readline()
print(worker.pid, flush=True)
sys.stdin.readline()
os._exit(9)
"""


def test_a_worker_ends_with_its_run():
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    )
    assert run.stdin is not None and run.stdout is not None
    worker = int(run.stdout.readline())
    assert _alive(worker)
    run.communicate("die\n", timeout=30)
    end = time.monotonic() + 20
    while _alive(worker) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _alive(worker)


def _alive(process: int) -> bool:
    import psutil

    return psutil.pid_exists(process) and psutil.Process(process).status() != psutil.STATUS_ZOMBIE


def test_the_run_itself_is_not_watched():
    end_with(os.getpid())
    assert "end-with-run" not in [thread.name for thread in threading.enumerate()]
