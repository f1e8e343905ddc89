"""Cells told while they are executed."""

from __future__ import annotations

import time

import pytest

from attraktiv_eval.runs.pipeline import FILE, done_cell, watched


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
