"""Errors are one line with place and remedy, wherever they come from."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attraktiv_eval import errors
from attraktiv_eval.errors import EvaluationError, RecordError

KINDS = [getattr(errors, name) for name in errors.__all__]


def test_file_row_column_message_and_remedy_stand_in_this_order():
    error = RecordError("is no day", remedy="write 2021-03-01", file="lista.csv", row=7, column="datum")
    assert str(error) == "lista.csv, row 7, column datum: is no day; remedy: write 2021-03-01"


@given(message=st.text(min_size=1), remedy=st.text(min_size=1))
def test_a_line_is_never_broken(message, remedy):
    assert len(EvaluationError(message, remedy=remedy).one_line().splitlines()) <= 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_survives_another_process(kind):
    error = kind("is wrong", remedy="mend it", file="a.csv", row=2, column="b")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind and str(again) == str(error)


def told(*cells: str, tmp_path) -> list[list[str]]:
    """Return what an IPython without colours prints for each failing cell, line by line."""
    code = f"""if True:
        from IPython.core.interactiveshell import InteractiveShell
        shell = InteractiveShell.instance(colors="nocolor")
        for cell in {cells!r}:
            assert shell.run_cell(cell).error_in_exec is not None
            print("=== done")
    """
    home = {**os.environ, "IPYTHONDIR": str(tmp_path / "ipython"), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True, env=home
    )
    return [part.splitlines() for part in done.stdout.split("=== done\n")][:-1]


def test_a_notebook_shows_the_line_alone_and_a_bug_with_its_calls(tmp_path):
    asked = "import attraktiv_eval as ae; ae.donor_pool('every')"
    behind = "from attraktiv_eval.errors import RecordError\ntry: 1 / 0\nexcept ZeroDivisionError: "
    raised = behind + "raise RecordError('no day', remedy='mend', file='å.csv')"
    wrong, chained, bug = told(asked, raised, "1 / 0", tmp_path=tmp_path)
    assert len(wrong) == 1 and wrong[0].startswith("DesignError: unknown donor pool 'every'")
    assert chained == ["RecordError: å.csv: no day; remedy: mend"]
    assert len(bug) > 3
