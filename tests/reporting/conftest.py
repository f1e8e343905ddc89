"""An invented evaluation with plausible numbers, so that the reports can be tested without a run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest
from invented import invented_evaluation

from attraktiv_eval.reporting.report import Report


@pytest.fixture(scope="session")
def evaluation_of() -> Callable[..., SimpleNamespace]:
    """The factory itself: evaluation_of(year=2021, final=False, without=("estimates",))."""
    return invented_evaluation


@pytest.fixture(scope="session")
def final() -> SimpleNamespace:
    return invented_evaluation(2022, final=True)


@pytest.fixture(scope="session")
def yearly() -> SimpleNamespace:
    return invented_evaluation(2021)


@pytest.fixture(scope="session")
def swedish(final: SimpleNamespace) -> Report:
    return Report(final, "sv")


@pytest.fixture(scope="session")
def english(final: SimpleNamespace) -> Report:
    return Report(final, "en")


@pytest.fixture(scope="session")
def run() -> dict:
    """What a run tells the page about itself."""
    return {
        "run_id": "20230115T101500Z-1a2b3c",
        "version": 3,
        "replaces": 2,
        "finished": "2023-01-15T10:15:00+00:00",
        "data_until": date(2022, 12, 31).isoformat(),
        "languages": {"sv": "evaluation.html", "en": "evaluation.en.html"},
        "notebook": "evaluation.ipynb",
        "index": "../index.html",
        "git_commit": "0123456789abcdef0123456789abcdef01234567",
        "git_dirty": False,
        "parameters": {"year": 2022},
        "seeds": {"additionality": 1},
        "versions": {"python": "3.11.9"},
        "inputs": [{"file": "municipalities.csv", "sha256": "a" * 64}],
    }
