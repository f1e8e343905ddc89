"""run.json: what made a report, so that anyone can make it again."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from attraktiv_eval.resources import checkout

__all__ = ["git_state", "now", "software", "write_run"]

_PACKAGES = (
    "attraktiv-eval",
    "great_tables",
    "jupyterlab",
    "matplotlib",
    "nbconvert",
    "numpy",
    "pandas",
    "papermill",
    "scipy",
    "seaborn",
    "statsmodels",
)


def now() -> str:
    """Return the time in UTC to the second, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def software() -> dict[str, str]:
    """Return the versions of Python and of the packages that the figures rest on."""
    return {"python": platform.python_version()} | {name: version(name) for name in _PACKAGES}


def git_state() -> dict[str, Any] | None:
    """Return the commit of the checkout and whether files differ from it; None outside a checkout."""
    root = checkout()
    if root is None or not (root / ".git").exists():
        return None
    try:
        commit = _git(root, "rev-parse", "HEAD")
        dirty = bool(_git(root, "status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.CalledProcessError):
        return None
    return {"commit": commit, "dirty": dirty}


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-c", f"safe.directory={root}", *words],
        cwd=root,
        check=True,
        capture_output=True,
        encoding="utf-8",
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0) if sys.platform == "win32" else 0,
    )
    return done.stdout.strip()


def write_run(folder: Path, run: dict[str, Any]) -> None:
    """Write run.json into a folder, keys in the order given."""
    text = json.dumps(run, ensure_ascii=False, indent=2) + "\n"
    (folder / "run.json").write_text(text, encoding="utf-8", newline="\n")
