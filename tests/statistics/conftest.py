"""One stand-in of SCB's interface and one whole fetch from it, shared by the tests of this room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from scb_standin import StandIn

from attraktiv_eval.statistics.panel import Panel
from attraktiv_eval.statistics.scb.client import Client
from attraktiv_eval.statistics.scb.fetch import fetch


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with StandIn() as server:
        yield server


@pytest.fixture
def quick(standin: StandIn) -> Client:
    """A client with short waits."""
    return Client(standin.url, connect=2, read=2, deadline=4, attempts=3, backoff=0.01)


@pytest.fixture(scope="session")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every core table, fetched over HTTP."""
    folder = tmp_path_factory.mktemp("fetched")
    with StandIn() as server:
        fetch(to=folder, base_url=server.url, tables=list(CORE))
    return folder


@pytest.fixture(scope="session")
def fetched_panel(fetched: Path) -> Panel:
    return Panel.load(fetched)


CORE = ("moves", "moves_by_age", "changes", "population", "population_by_age")
