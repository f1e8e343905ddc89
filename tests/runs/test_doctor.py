"""The doctor says one line a question, and what to do where something is wrong."""

from __future__ import annotations

import sys

import pytest

from attraktiv_eval.reporting import page
from attraktiv_eval.runs import doctor
from attraktiv_eval.runs.doctor import examine


def by_name(output):
    return {line.name: line for line in examine(output)}


def test_this_environment_is_fine(tmp_path):
    lines = by_name(tmp_path / "not yet" / "made")
    assert list(lines) == ["Python", "kernel", "locale", "Swedish", "output", "Chromium"]
    assert all(line.fine for name, line in lines.items() if name != "locale")
    assert all(len(line.told.splitlines()) == 1 for line in lines.values())


def test_a_kernel_of_another_python_is_found_out(tmp_path, monkeypatch):
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    other = KernelSpec(argv=[str(tmp_path / "python"), "-m", "ipykernel_launcher"])
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda self, name: other)
    line = by_name(tmp_path)["kernel"]
    assert not line.fine and "python -m ipykernel install" in line.told


def test_an_output_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    def refuse(**given):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuse)
    line = by_name(tmp_path)["output"]
    assert not line.fine and "--output" in line.told


def test_an_old_python_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 1))
    assert not by_name(tmp_path)["Python"].fine


@pytest.mark.parametrize("found", [None, "/usr/bin/chromium"])
def test_without_chromium_all_but_the_pdf_works(tmp_path, monkeypatch, found):
    monkeypatch.setattr(page.shutil, "which", lambda name: found)
    line = by_name(tmp_path)["Chromium"]
    assert line.fine and ("no PDF" in line.told) == (found is None)
