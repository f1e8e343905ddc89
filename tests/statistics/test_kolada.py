"""Kolada's key figures, against a stand-in written from the public description of its API v3."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pandas as pd
import pytest
from typer.testing import CliRunner

from attraktiv_eval.cli import app
from attraktiv_eval.errors import EvaluationError, SourceError
from attraktiv_eval.reporting.provenance import _statistic
from attraktiv_eval.reporting.view import View
from attraktiv_eval.statistics.other_publishers import fetch_indicators
from attraktiv_eval.statistics.panel import Panel
from attraktiv_eval.statistics.scb.client import Client, Manifest
from attraktiv_eval.statistics.tables import read_tidy

PLACES = ("0000", "0023", "2380", "2303", "0114", "G40050")
LAST = 2025


class Kolada:
    """A server of invented key figures: 30 rows a page, years to 2025."""

    def __init__(self) -> None:
        self.rows = {(place, year): _row(place, year) for year in range(2010, LAST + 1) for place in PLACES}
        self.kpi: dict[str, Any] = {
            "id": "N03937",
            "title": "Arbetslöshet 18-64 år",
            "municipality_type": "K",
        }
        self.page = 30
        self.round = False
        self.count: int | None = None
        self.login = False
        self.asked: list[str] = []

    def answer(self, path: str, query: dict[str, str], host: str) -> tuple[int, bytes, str]:
        self.asked.append(path)
        if self.login:
            return 200, b"<html><title>Logga in</title></html>", "text/html"
        if path == "/v3/kpi/N03937":
            return 200, json.dumps(self.kpi).encode(), "application/json"
        head = "/v3/data/kpi/N03937/year/"
        if not path.startswith(head):
            return 404, b'{"detail": "Not Found"}', "application/json"
        years = [int(year) for year in path.removeprefix(head).split(",")]
        if len(years) > 25:
            return 422, b'{"detail": "too many years"}', "application/json"
        chosen = [row for (_place, year), row in self.rows.items() if year in years]
        at = int(query.get("page", 1))
        own = chosen[(at - 1) * self.page : at * self.page]
        found: dict[str, Any] = {"count": len(own) if self.count is None else self.count, "values": own}
        if at * self.page < len(chosen):
            following = 1 if self.round else at + 1
            # the service is known to write another scheme or host than the one that was asked
            found["next_url"] = f"http://elsewhere.invalid{path}?page={following}&per_page=5000"
        return 200, json.dumps(found).encode(), "application/json"


def _row(place: str, year: int) -> dict[str, Any]:
    value = None if (place, year) == ("0114", LAST) else 5 + year % 10 / 10 + len(place) / 100
    figures = [{"gender": "T", "value": value, "count": 1, "status": ""}]
    figures += [{"gender": sex, "value": 99.0, "count": 1, "status": ""} for sex in "KM"]
    return {"kpi": "N03937", "municipality": place, "period": year, "values": figures}


@pytest.fixture
def service() -> Iterator[tuple[Kolada, str]]:
    kolada = Kolada()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            status, body, kind = kolada.answer(parts.path, dict(parse_qsl(parts.query)), "")
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield kolada, f"http://127.0.0.1:{server.server_port}/v3"
    server.shutdown()
    server.server_close()
    thread.join()


def fetched(url: str, folder: Path) -> Any:
    client = Client(url, attempts=2, backoff=0.01)
    return fetch_indicators(["unemployment"], folder, url, client=client)[0]


def test_the_figure_of_both_sexes_by_municipality_and_region(service, tmp_path: Path) -> None:
    _kolada, url = service
    done = fetched(url, tmp_path)
    assert (done.state, done.id) == ("fetched", "N03937")
    assert done.cells == 4 * 16 - 1
    assert "municipalities have no figure for 2025" in done.message
    table = read_tidy(tmp_path / "unemployment.csv")
    assert table is not None
    rows = table.set_index(["region_code", "year"])["unemployment_rate"]
    assert rows["2380", 2021] == pytest.approx(5.14)
    assert rows["23", 2021] == pytest.approx(5.14)  # Kolada's 0023
    assert pd.isna(rows["0114", 2025])  # missing, never zero
    assert pd.isna(rows["0180", 2021])  # not among the rows
    assert {code for code in table["region_code"] if len(code) != 4} == {"23"}
    assert not table["noise"].any()
    panel = Panel.load(tmp_path)
    assert panel.counts("unemployment_rate", "municipality").loc[2021, "2380"] == pytest.approx(5.14)
    assert "unemployment_rate" not in set(panel.outcomes["id"])
    source = next(one for one in panel.sources if one["file"] == "unemployment.csv")
    assert (source["publisher"], source["tables"], source["changed"]) == ("Kolada (RKA)", ["N03937"], False)
    said = _statistic(View(SimpleNamespace(), "en"), source)
    assert said.startswith("Kolada (RKA), N03937, in unemployment.csv")
    assert "free to use with the source named" in said and "SCB" not in said


def test_the_same_answers_are_unchanged_and_others_are_taken(service, tmp_path: Path) -> None:
    kolada, url = service
    fetched(url, tmp_path)
    held = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert fetched(url, tmp_path).state == "unchanged"
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == held
    kolada.rows["2380", 2021]["values"][0]["value"] = 7.5
    assert fetched(url, tmp_path).state == "fetched"
    table = read_tidy(tmp_path / "unemployment.csv")
    assert table is not None
    assert (table["unemployment_rate"] == 7.5).sum() == 1
    (tmp_path / "unemployment.csv").write_text("edited", encoding="utf-8")
    assert fetched(url, tmp_path).state == "fetched"
    again = read_tidy(tmp_path / "unemployment.csv")
    assert again is not None and again.equals(table)


def test_a_fetch_that_was_stopped_ends_as_an_uninterrupted_one(service, tmp_path: Path, monkeypatch) -> None:
    _kolada, url = service
    fetched(url, tmp_path / "whole")
    saved = Manifest.save
    monkeypatch.setattr(Manifest, "save", lambda self: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        fetched(url, tmp_path / "stopped")
    monkeypatch.setattr(Manifest, "save", saved)
    assert fetched(url, tmp_path / "stopped").state == "fetched"
    for file in (path for path in (tmp_path / "whole").rglob("*") if path.is_file()):
        if file.name != "manifest.json":
            assert (
                tmp_path / "stopped" / file.relative_to(tmp_path / "whole")
            ).read_bytes() == file.read_bytes()


def _figure(kolada: Kolada, value: object) -> None:
    kolada.rows["2380", 2021]["values"][0]["value"] = value


def _other_year(kolada: Kolada) -> None:
    kolada.rows["2380", 2021]["period"] = 1999


def _twice(kolada: Kolada) -> None:
    kolada.rows["twice", 2021] = kolada.rows["2380", 2021]


FAULTS = [
    (lambda k: _figure(k, "5,2"), "region 2380, year 2021: '5,2' is no number"),
    (lambda k: _figure(k, True), "True is no number"),
    (lambda k: _figure(k, float("nan")), "nan is no number"),
    (lambda k: _figure(k, 520), "region 2380, year 2021: 520 lies outside 0.0 to 100.0"),
    (_other_year, "a row of N03937 in 1999, which was not asked for"),
    (_twice, "region 2380, year 2021: two figures"),
    (lambda k: k.rows["2380", 2021].update(kpi="N00001"), "a row of N00001 in 2021"),
    (lambda k: k.rows["2380", 2021].pop("values"), "a row without kpi, municipality, period and values"),
    (lambda k: setattr(k, "round", True), "leads from page to page without end"),
    (lambda k: setattr(k, "count", 4000), "states 4000 values and holds 96"),
    (lambda k: k.kpi.update(id="N00005"), "tells of 'N00005'"),
    (lambda k: k.rows.clear(), "holds no figure"),
    (lambda k: setattr(k, "login", True), "a web page came instead of data (Logga in)"),
    (
        lambda k: [k.rows.pop(key) for key in list(k.rows) if key[1] == 2010],
        "no longer has 2010, which it had when it was fetched",
    ),
]


@pytest.mark.parametrize(("spoil", "said"), FAULTS, ids=[said[:40] for _, said in FAULTS])
def test_what_is_wrong_is_one_line_and_leaves_the_folder_as_it_was(
    service, tmp_path: Path, spoil: Any, said: str
) -> None:
    kolada, url = service
    fetched(url, tmp_path)
    held = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    spoil(kolada)
    with pytest.raises(SourceError) as caught:
        fetched(url, tmp_path)
    assert said in caught.value.one_line()
    assert "\n" not in caught.value.one_line() and "remedy: " in caught.value.one_line()
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == held


def test_the_sexes_are_never_put_together_and_a_deleted_figure_is_missing(service, tmp_path: Path) -> None:
    kolada, url = service
    kolada.rows["2380", 2021]["values"].pop(0)
    kolada.rows["2303", 2021]["values"][0]["isdeleted"] = True
    fetched(url, tmp_path)
    table = read_tidy(tmp_path / "unemployment.csv")
    assert table is not None
    rows = table.set_index(["region_code", "year"])["unemployment_rate"]
    assert pd.isna(rows["2380", 2021]) and pd.isna(rows["2303", 2021])
    assert rows["2303", 2020] == pytest.approx(5.04)


def test_the_command_fetches_by_name_and_tells(service, tmp_path: Path) -> None:
    kolada, url = service
    words = ["fetch", "--kolada", "unemployment", "--base-url", url, "--to", str(tmp_path)]
    planned = CliRunner().invoke(app, [*words, "--dry-run"])
    assert planned.exit_code == 0 and "unemployment: planned" in planned.output
    assert not list(tmp_path.iterdir())
    assert all(path.startswith("/v3/kpi/") for path in kolada.asked)
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0 and "unemployment: fetched, 63 cells" in done.output
    for wrong in (["--kolada", "jobless"], ["--kolada", "unemployment", "--table", "moves"]):
        refused = CliRunner().invoke(app, ["fetch", *wrong, "--base-url", url, "--to", str(tmp_path)])
        assert isinstance(refused.exception, EvaluationError)
    assert [path for path in tmp_path.rglob("*") if path.name == "moves.csv"] == []
