"""Errors are one line with place and remedy, wherever they come from."""

from __future__ import annotations

import pickle

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
