"""The doctor says one line a question, and what to do where something is wrong."""

from __future__ import annotations

import subprocess
import sys

import pytest

from attraktiv_eval import resources
from attraktiv_eval.errors import ParameterError
from attraktiv_eval.project import Project
from attraktiv_eval.reporting import downloads
from attraktiv_eval.runs import execution, pipeline
from attraktiv_eval.runs.execution import RunParameters, examine


def by_name(output):
    return {line.name: line for line in examine(output)}


def test_this_environment_is_fine(tmp_path):
    lines = by_name(tmp_path / "not yet" / "made")
    assert list(lines) == ["Python", "kernel", "loopback", "locale", "Swedish", "output", "Chromium"]
    assert all(line.fine for name, line in lines.items() if name != "locale")
    assert all(len(line.told.splitlines()) == 1 for line in lines.values())


def test_a_kernel_of_another_python_is_found_out(tmp_path, monkeypatch):
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    other = KernelSpec(argv=[str(tmp_path / "python"), "-m", "ipykernel_launcher"])
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda self, name: other)
    line = by_name(tmp_path)["kernel"]
    assert not line.fine and "python -m ipykernel install" in line.told


def test_a_machine_that_cannot_reach_itself_is_told_at_once(tmp_path, monkeypatch):
    def refuse(*given, **more):
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(resources.socket, "create_connection", refuse)
    line = by_name(tmp_path)["loopback"]
    assert not line.fine and "127.0.0.1" in line.told and "remedy" in line.told
    described = Project.load()
    with pytest.raises(ParameterError, match=r"127\.0\.0\.1"):
        pipeline.run(RunParameters(years=(2020,), final=False, languages=("sv",)), described)


def test_a_run_without_loopback_is_one_line_and_exit_code_2(tmp_path):
    code = f"""if True:
        import socket, sys
        def refuse(*given, **more):
            raise OSError(101, "Network is unreachable")
        socket.create_connection = refuse
        sys.argv = ["attraktiv-eval", "run", "--output", {str(tmp_path / "out")!r}]
        from attraktiv_eval.cli import main
        main()
    """
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False, timeout=60
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr and "127.0.0.1" in done.stderr.strip().splitlines()[-1]


def test_an_output_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    def refuse(**given):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(execution.tempfile, "TemporaryFile", refuse)
    line = by_name(tmp_path)["output"]
    assert not line.fine and "--output" in line.told


def test_an_old_python_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 1))
    assert not by_name(tmp_path)["Python"].fine


@pytest.mark.parametrize("found", [None, "/usr/bin/chromium"])
def test_without_chromium_all_but_the_pdf_works(tmp_path, monkeypatch, found):
    monkeypatch.setattr(downloads.shutil, "which", lambda name: found)
    line = by_name(tmp_path)["Chromium"]
    assert line.fine and ("no PDF" in line.told) == (found is None)
