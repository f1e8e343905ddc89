"""Errors are one line with place and remedy, wherever they come from."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys

import pytest
from commands import attraktiv_eval
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
    typed = ("ae.evaluate(projet=1)", "ae.Panel.load(1, 2)", "ae.evalute(2021)", "ae.load_project().gaols")
    other = ("ae.reach(ae.load_project(), 2021)", "len(1)", "None.goals", "int('x')")
    wrong, chained, bug, *calls = told(asked, raised, "1 / 0", *typed, *other, tmp_path=tmp_path)
    assert len(wrong) == 1 and wrong[0].startswith("DesignError: unknown donor pool 'every'")
    assert chained == ["RecordError: å.csv: no day; remedy: mend"]
    assert len(bug) > 3
    assert calls[0][0].startswith("ParameterError: evaluate() takes no 'projet'; remedy: write 'project', or")
    assert calls[1][0].startswith("ParameterError: Panel.load() takes from 1 to 2 positional arguments but 3")
    assert calls[2][0].startswith("ParameterError: attraktiv_eval has no 'evalute'; remedy: write 'evaluate'")
    assert calls[3][0].startswith("ParameterError: Project has no 'gaols'; remedy: write 'goals', or choose")
    of_another_kind = (
        "reach() was given Project for 'records'; remedy: give Records, as load_records returns it"
    )
    assert calls[4] == [f"ParameterError: {of_another_kind}"]
    assert [len(call) for call in calls[:5]] == [1] * 5 and all(len(call) > 3 for call in calls[5:])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("run --yaer 2021", "attraktiv-eval run has no option --yaer; remedy: write '--year', or"),
        ("chekc", "attraktiv-eval has no command 'chekc'; remedy: write 'check', or"),
        ("draw opne", "attraktiv-eval draw has no command 'opne'; remedy: write 'open', or"),
        ("--versoin", "attraktiv-eval has no option --versoin; remedy: write '--version', or"),
        (
            "check",
            "attraktiv-eval check: Missing option '--records'; remedy: write --records DIR (The project's",
        ),
        (
            "workbook",
            "attraktiv-eval workbook: Missing argument 'DIR'; remedy: write DIR (Folder to write into)",
        ),
        ("check --records", "attraktiv-eval: Option '--records' requires an argument; remedy: see"),
        ("run --year abc", "attraktiv-eval run: Invalid value for '--year'"),
        ("portfolio x --workers 0", "attraktiv-eval portfolio: Invalid value for '--workers'"),
        ("run twice", "attraktiv-eval run: Got unexpected extra argument"),
    ],
)
def test_a_misspelt_word_of_a_command_is_one_line_with_the_nearest_right_one(words, said, tmp_path):
    done = attraktiv_eval(*words.split(), cwd=tmp_path)
    assert done.returncode == 2 and not done.stdout
    assert done.stderr.startswith(said) and len(done.stderr.splitlines()) == 1


def test_a_command_without_words_shows_what_there_is(tmp_path):
    done = attraktiv_eval("draw", cwd=tmp_path)
    assert (
        done.returncode == 2 and "Usage" in done.stdout + done.stderr and "seal" in done.stdout + done.stderr
    )
