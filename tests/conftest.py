"""Records made by hand for the tests: only the columns a test names need be given."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from filelock import FileLock
from hypothesis import settings
from hypothesis.internal.conjecture.providers import HypothesisProvider
from hypothesis.internal.constants_ast import Constants

from attraktiv_eval.assumptions import Assumptions
from attraktiv_eval.evaluation import inputs
from attraktiv_eval.project import Project

os.environ["OPENPYXL_LXML"] = (
    "False"  # openpyxl asks when it is first imported; the example's bytes hang on it
)

#: What is read and compared from exactly the same is made once for all tests and workers, as in a run.
#: The name is the tests' own, so that the processes which they start make everything anew.
inputs.KEPT = "ATTRAKTIV_EVAL_KEPT_AMONG_TESTS"
_kept = None if inputs.KEPT in os.environ else tempfile.TemporaryDirectory(prefix="attraktiv-eval-tests-")
if _kept is not None:
    os.environ[inputs.KEPT] = _kept.name

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


#: Lists as somebody sends them, with a line that says who it is about and no more; the second household moved
#: and was met again. Of a contact no one is also reached who is not named.
SENT = {
    "kontakter": "Kontakt-id;Datum;Hushålls-id;Organisationsnummer;Kanal;Fas;Område;Kommun;Organisation\n"
    "k1;2020-01-01;h1;;;;;;",
    "hushåll": "Hushålls-id;Vuxna;Barn;Flyttar från kommun;Flyttar från land;Första kontakt;Inflyttat;"
    "Inflyttningsdatum;Flyttar till kommun;Källa;Bor kvar;Kontrollerat\n"
    "h1;;;;;;;;;;;\nh2;;;0180;;2020-01-01;ja;2020-02-01;;;ja;2021-01-01",
    "företag": "Organisationsnummer;Företag;Kommun;Första stöd;Förmedlade lediga jobb;"
    "Presenterade kandidater;Anställda via projektet;Första anställning;Anställt hushålls-id;"
    "Bodde och arbetade redan i länet;Anställd efter 12 månader\n"
    "556000-0001;Ett AB;;;;;;;;;",
    "organisationer": "Organisation;Organisationsnummer;Typ;Roll;Med från;Lämnade;Kontant (kr);"
    "Eget arbete (kr)\n"
    "En förening;;;;;;;",
    "aktiviteter": "Datum;Fas;Område;Räckvidd;Kostnad (kr)\n2020-01-01;;;;",
    "enkät hushåll": "Hushålls-id;Svar;Andra projekt;Svarsdatum\nh1;1;;",
    "enkät företag": "Organisationsnummer;Företag;Svar;Andra projekt;Svarsdatum\n556000-0001;Ett AB;1;;",
    "finansiering": "Finansiär;Slag;Beslutat (kr);Utbetalat (kr);Datum\nEn finansiär;Bidrag;;1;2020-01-01",
}

#: What the reader makes of a day that a row says: its last day is the same.
SAME_DAY = {
    "first_contact_last": "first_contact",
    "first_support_last": "first_support",
    "first_hire_last": "first_hire",
}


def _changed(read: pd.DataFrame, rows: list[dict], unsaid: dict[str, Any]) -> pd.DataFrame:
    """Return the first row that was read once for each given one, with what that one says written over it.

    A column that the list lacks is an error; columns keep their types.
    """
    if unknown := {name for row in rows for name in row} - set(read):
        raise KeyError(f"the reader gives no column {sorted(unknown)}")
    said = [
        unsaid | {last: row[first] for last, first in SAME_DAY.items() if first in row} | row for row in rows
    ]
    made = read.iloc[[0] * len(rows)].reset_index(drop=True)
    for column in {name: None for row in said for name in row if name in read}:
        cells = [row.get(column, read[column].iloc[0]) for row in said]
        made[column] = pd.Series(cells, dtype=read[column].dtype)
    return made


@pytest.fixture(scope="session")
def records_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Records]:
    """Return a function that makes records from lists of rows; a list not given is missing.

    A row need name only what a test is about: the rest is what the reader made of a line of files that
    say nothing of it.
    """
    from attraktiv_eval.records import load_records
    from attraktiv_eval.records.records import LISTS

    folder = tmp_path_factory.mktemp("sent")
    for name, lines in SENT.items():
        (folder / f"{name}.csv").write_text(lines, encoding="utf-8")
    read = load_records(folder, Project.load(), key=b"a key for tests, 32 bytes long..")
    unsaid = {"contacts": {"household_id": None}, "households": {"moved_in_precision": "day"}}

    def records_of(**lists: list[dict]) -> Records:
        frames = {
            name: _changed(getattr(read, name), lists[name], unsaid.get(name, {})) if name in lists else None
            for name in LISTS
        }
        residence = _changed(read.residence, lists.get("residence", []), {})
        return replace(
            read, **frames, residence=residence, missing=[name for name in LISTS if name not in lists]
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
