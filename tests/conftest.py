"""Records made by hand for the tests: only the columns a test names need be given."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from attraktiv_eval.assumptions import Assumptions
from attraktiv_eval.project import Project

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


def _records(**lists: list[dict]) -> SimpleNamespace:
    residence = pd.DataFrame(lists.pop("residence", []), columns=["household_id", "checked", "resident"])
    frames = {name: pd.DataFrame(lists[name]) if name in lists else None for name in LISTS}
    missing = [name for name in LISTS if name not in lists]
    return SimpleNamespace(**frames, residence=residence, missing=missing, example_data=False)


@pytest.fixture(scope="session")
def records_of():
    """Return a function that makes records from lists of rows; a list not given is missing."""
    return _records


@pytest.fixture(scope="session")
def project() -> Project:
    return Project.load()


@pytest.fixture(scope="session")
def assumptions() -> Assumptions:
    return Assumptions.load()
