"""Records made by hand for the tests: only the columns a test names need be given."""

from __future__ import annotations

import gc
import os
import pickle
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from filelock import FileLock
from hypothesis import settings
from hypothesis.internal.conjecture.providers import HypothesisProvider
from hypothesis.internal.constants_ast import Constants

from attraktiv_eval import resources
from attraktiv_eval.assumptions import Assumptions
from attraktiv_eval.project import Project

os.environ["OPENPYXL_LXML"] = (
    "False"  # openpyxl asks when it is first imported; the example's bytes hang on it
)

gc.set_threshold(20_000, 20, 20)  # as in a run; by default a tenth of the tests' time looks for circles

if TYPE_CHECKING:
    from attraktiv_eval.evaluation import Evaluation
    from attraktiv_eval.records import Records

#: Hypothesis mixes numbers and words that stand in the loaded source files among what it draws: a test that
#: draws the same each time would draw something else beside other tests, or after a change elsewhere. It has
#: no setting for that; tests/test_package.py holds that this is one.
HypothesisProvider._local_constants = Constants()

#: The quick tests draw the same cases every time and on every machine, so that none of them fails of a case
#: that the change at hand has nothing to do with; `make prove` draws others, and a failure prints its case.
settings.register_profile("quick", derandomize=True, database=None, deadline=None)
settings.register_profile("prove", derandomize=False, deadline=None, print_blob=True)
settings.load_profile("quick")


#: What the reader fills in where a row does not say it: the same day, told to the day.
SAME_DAY = {
    "first_contact_last": "first_contact",
    "first_support_last": "first_support",
    "first_hire_last": "first_hire",
}


def _read_as(read: pd.DataFrame, rows: list[dict]) -> pd.DataFrame:
    """Return rows with the columns and types of a list that was read; a column that it lacks is an error."""
    if unknown := {name for row in rows for name in row} - set(read):
        raise KeyError(f"the reader gives no column {sorted(unknown)}")
    found = {}
    for column, dtype in read.dtypes.items():
        other = None if dtype.kind != "b" else False
        other = "day" if column.endswith("_precision") else other
        cells = [row.get(column, row.get(SAME_DAY.get(column), other)) for row in rows]
        found[column] = pd.Series(cells, dtype=dtype)
    return pd.DataFrame(found)


@pytest.fixture(scope="session")
def records_of() -> Callable[..., Records]:
    """Return a function that makes records from lists of rows; a list not given is missing.

    A row need name only what a test is about: columns and types are those in which the reader hands over
    the example records.
    """
    from attraktiv_eval.records import load_records
    from attraktiv_eval.records.records import LISTS

    read = load_records(resources.find("data/records_example"), Project.load())

    def records_of(**lists: list[dict]) -> Records:
        residence = _read_as(read.residence, lists.pop("residence", []))
        frames = {
            name: _read_as(getattr(read, name), lists[name]) if name in lists else None for name in LISTS
        }
        missing = [name for name in LISTS if name not in lists]
        return replace(
            read, **frames, residence=residence, missing=missing, example_data=False, decisions=None
        )

    return records_of


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


CHROMIUM_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, one a worker, since two may not be driven at once; skipped where there is none."""
    from attraktiv_eval.reporting.downloads import find_chromium

    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium on the search path: the pages cannot be opened")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield opened
        opened.close()
