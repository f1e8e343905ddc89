"""The command line in the tests' own process: words, output and exit code without a start of Python.

One test of each kind still starts a process: a run and a refusal in tests/runs/test_end_to_end.py, a plan in
tests/design/test_guides.py, answers through a pipe in tests/runs/test_new_project.py.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path
from subprocess import CompletedProcess
from unittest import mock

from attraktiv_eval.cli import main


def attraktiv_eval(*words: object, cwd: Path, **around: str) -> CompletedProcess[str]:
    """Return what the command says and its exit code, called in a folder and with more in its environment."""
    asked = ["attraktiv-eval", *map(str, words)]
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        mock.patch.object(sys, "argv", asked),
        mock.patch.dict(os.environ, {"COLUMNS": "200", **around}),
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return CompletedProcess(asked, code, out.getvalue(), err.getvalue())
