"""A command that is interrupted at the keyboard says so, and what is published stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PORTFOLIO = 'name = "Ett"\nyears = [2020]\nfinal = false\npages = false\n[[project]]\nid = "one"\n'


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to another process")
@pytest.mark.parametrize(
    ("command", "mark"),
    [
        ("run", "lock"),  # taken when the work begins
        ("portfolio", "lock"),
        pytest.param("reports", "staging/2021/.cells", marks=pytest.mark.prove),
    ],
)
@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_is_told_and_ends_with_130(tmp_path, command, mark):
    (tmp_path / "portfolio.toml").write_text(PORTFOLIO, encoding="utf-8")
    words = {
        "run": ["run", "--year", "2020"],
        "reports": ["run", "--year", "2020", "--year", "2021"],
        "portfolio": ["portfolio", "portfolio.toml"],
    }[command]
    started = subprocess.Popen(
        [sys.executable, "-m", "attraktiv_eval", *words, "--output", "out"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    sign = tmp_path / "out" / ".work" / mark
    end = time.monotonic() + 120
    while started.poll() is None and not sign.exists() and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(0.2)
    os.killpg(started.pid, signal.SIGINT)
    told = started.communicate(timeout=120)[1]
    assert started.returncode == 130, told
    assert "interrupted; what was published before stands" in told.splitlines(), told
    assert "Traceback" not in told and not Path(tmp_path / "out" / "2020").exists()
    assert mark == "lock" or not sign.parent.exists()


def test_an_interrupt_amid_an_exec_of_text_ends_with_130_too(tmp_path):
    """Imports run text: without a remedy, Python then kills itself with the signal when all is done."""
    code = "import sys\nfrom attraktiv_eval import cli\n@cli.app.command()\ndef amid():\n"
    code += "    exec('raise KeyboardInterrupt')\nsys.argv[1:] = ['amid']\ncli.main()\n"
    (tmp_path / "interrupted.py").write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "interrupted"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        130,
        "interrupted; what was published before stands",
    )
