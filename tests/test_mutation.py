"""The verdict's rules are changed in hundreds of small ways; the tests must notice each change."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

#: Changes that change nothing: a goal without ``counts`` is told by its id whether that is "" or None.
EQUIVALENT = {'+                counts=getattr(count, "counts", None),'}

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(sys.platform == "win32", reason="mutmut forks, which Windows cannot"),
]


def mutmut(*words: str, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *words],
        cwd=cwd,
        check=False,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        timeout=900,
    )
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    return done.stdout


def test_every_change_of_the_rules_is_noticed(tmp_path: Path) -> None:
    for name in ("attraktiv_eval", "data", "tests", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "pyproject.toml", tmp_path)
    said = mutmut("run", "--max-children", "2", cwd=tmp_path)
    tried, of = re.findall(r"(\d+)/(\d+)", said)[-1]
    assert tried == of and int(of) > 300
    lines = mutmut("results", cwd=tmp_path).splitlines()
    left = [line.split(":")[0].strip() for line in lines if line.strip()]
    unnoticed = {}
    for name in left:
        shown = mutmut("show", name, cwd=tmp_path).splitlines()
        unnoticed[name] = [line for line in shown if line.startswith("+") and not line.startswith("+++")]
    assert {name: lines for name, lines in unnoticed.items() if not EQUIVALENT.issuperset(lines)} == {}
