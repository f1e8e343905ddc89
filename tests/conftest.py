"""Records made by hand for the tests: only the columns a test names need be given."""

from __future__ import annotations

import pickle
import signal
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from filelock import FileLock
from hypothesis import settings
from hypothesis.internal.conjecture.providers import HypothesisProvider
from hypothesis.internal.constants_ast import Constants

from attraktiv_eval.assumptions import Assumptions
from attraktiv_eval.project import Project

if TYPE_CHECKING:
    from attraktiv_eval.evaluation import Evaluation

LISTS = (
    "contacts",
    "households",
    "companies",
    "organisations",
    "activities",
    "survey_households",
    "survey_companies",
    "funding",
)


#: Hypothesis mixes numbers and words that stand in the loaded source files among what it draws: a test that
#: draws the same each time would draw something else beside other tests, or after a change elsewhere. It has
#: no setting for that; tests/test_package.py holds that this is one.
HypothesisProvider._local_constants = Constants()

#: The quick tests draw the same cases every time and on every machine, so that none of them fails of a case
#: that the change at hand has nothing to do with; `make prove` draws others, and a failure prints its case.
settings.register_profile("quick", derandomize=True, database=None, deadline=None)
settings.register_profile("prove", derandomize=False, deadline=None, print_blob=True)
settings.load_profile("quick")


def _records(**lists: list[dict]) -> SimpleNamespace:
    residence = pd.DataFrame(lists.pop("residence", []), columns=["household_id", "checked", "resident"])
    frames = {name: pd.DataFrame(lists[name]) if name in lists else None for name in LISTS}
    missing = [name for name in LISTS if name not in lists]
    told = {"residence": residence, "missing": missing, "example_data": False, "decisions": None}
    return SimpleNamespace(**frames, **told)


@pytest.fixture(scope="session")
def records_of():
    """Return a function that makes records from lists of rows; a list not given is missing."""
    return _records


@pytest.fixture(scope="session")
def project() -> Project:
    return Project.load()


@pytest.fixture(scope="session")
def evaluated(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[[int | None], Evaluation]:
    """Return a function that evaluates the shipped project until a year, or whole: once for all workers."""
    from attraktiv_eval.evaluation import evaluate

    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent

    def evaluated(year: int | None = None) -> Evaluation:
        kept = shared / f"evaluated-{year}.pickle"
        with FileLock(f"{kept}.lock"):
            if not kept.is_file():
                kept.write_bytes(pickle.dumps(evaluate(year)))
            return pickle.loads(kept.read_bytes())

    return evaluated


@pytest.fixture(scope="session")
def assumptions() -> Assumptions:
    return Assumptions.load()


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let the processes of a test hear an interrupt, which tests that run in the background are deaf to."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
