"""The remedy for a missing extra: typed as it stands, it reaches the Python that runs."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest

from attraktiv_eval.resources import installing


def test_the_python_is_named_from_where_one_stands(monkeypatch, tmp_path):
    place = tmp_path / "mitt projekt å"
    own = place / ".venv" / "bin" / "python"
    place.mkdir()
    monkeypatch.setattr(sys, "executable", str(own))
    monkeypatch.chdir(place)
    assert installing("fetch") == f'{Path(".venv/bin/python")} -m pip install "attraktiv-eval[fetch]"'
    monkeypatch.chdir(tmp_path)
    told = installing("fetch")
    assert told == f'"{own.relative_to(tmp_path)}" -m pip install "attraktiv-eval[fetch]"'
    monkeypatch.chdir(Path(place.anchor))
    if os.name != "nt":
        assert Path(place.anchor, shlex.split(installing("fetch"))[0]) == own


@pytest.mark.prove
def test_pip_takes_the_package_from_what_is_installed(tmp_path):
    """Without any index: what is installed is found, and nothing else is sought."""
    import subprocess

    pip = [sys.executable, "-m", "pip"]
    if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode:
        pytest.skip("this Python has no pip")
    asked = [*pip, "install", "--no-index", "--disable-pip-version-check", "attraktiv-eval[explore]"]
    done = subprocess.run(asked, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert "already satisfied: attraktiv-eval[explore]" in done.stdout
