"""Write environment.yml from pyproject.toml (make environment).

The test of the same name in ``tests/`` makes it again and compares.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = (
    "# Made from pyproject.toml by `make environment`; do not edit.\n"
    "# conda env create -f environment.yml && conda activate attraktiv-eval && attraktiv-eval run\n"
)


def environment() -> str:
    """Return the text of environment.yml without its header."""
    extras = [word for extra in ("explore", "fetch", "build", "test") for word in ("-e", extra)]
    command = [sys.executable, "-m", "pyproject2conda", "yaml", "--pyproject", "pyproject.toml"]
    options = ["--name", "attraktiv-eval", "--python-include", "python>=3.11,<3.15", "--no-header"]
    done = subprocess.run(
        [*command, *extras, *options, "--req=--editable ."],
        capture_output=True,
        check=True,
        cwd=ROOT,
        encoding="utf-8",
    )
    return done.stdout.strip() + "\n"


if __name__ == "__main__":
    (ROOT / "environment.yml").write_text(HEADER + environment(), encoding="utf-8", newline="\n")
