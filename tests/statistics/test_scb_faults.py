"""When the service, the net, the disk, the clock or the table itself is at fault."""

from __future__ import annotations

import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from scb_standin import StandIn

from attraktiv_eval.errors import SourceError
from attraktiv_eval.statistics.scb import client as scb_client
from attraktiv_eval.statistics.scb.client import Client
from attraktiv_eval.statistics.scb.fetch import fetch

FETCH = """
import sys
from attraktiv_eval.statistics.scb import client as scb_client
from attraktiv_eval.statistics.scb.client import Client
from attraktiv_eval.statistics.scb.fetch import fetch
client = Client(sys.argv[1], attempts=3, backoff=0.01)
fetch(sys.argv[3:], sys.argv[2], sys.argv[1], client=client)
"""


def _in_another_process(url: str, folder: Path, *tables: str, before: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", before + FETCH, url, str(folder), *tables],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("fault", ["429", "500", "503", "truncated", "half", "no-json"])
def test_a_passing_fault_is_met_by_trying_again(
    standin: StandIn, quick: Client, tmp_path: Path, fault: str
) -> None:
    standin.plan(fault, fault)
    fetch(["population"], tmp_path, standin.url, client=quick)
    assert standin.paths()["/tables/TAB638/data"] == 3
    assert (tmp_path / "population.csv").is_file()


@pytest.mark.parametrize(("end", "path"), [("/config", "/config"), ("/TAB638", "/tables/TAB638")])
def test_questions_about_the_table_are_tried_again_too(
    standin: StandIn, quick: Client, tmp_path: Path, end: str, path: str
) -> None:
    standin.plan("503", "429", on=end)
    fetch(["population"], tmp_path, standin.url, client=quick)
    assert standin.paths()[path] == 3


def test_a_lasting_fault_ends_with_a_word_and_what_is_fetched_stays(
    standin: StandIn, quick: Client, tmp_path: Path
) -> None:
    standin.plan("", "503", "503", "503")
    with pytest.raises(SourceError, match=r"status 503.*3 attempts.*run the same command again"):
        fetch(["population"], tmp_path, standin.url, client=quick)
    assert not (tmp_path / "population.csv").exists()
    fetch(["population"], tmp_path, standin.url, client=quick)
    assert standin.paths()["/tables/TAB638/data"] == 1


def test_retry_after_in_seconds_is_obeyed(standin: StandIn, quick: Client, tmp_path: Path) -> None:
    standin.plan("429-seconds")
    started = time.monotonic()
    fetch(["population"], tmp_path, standin.url, client=quick)
    assert 1.0 <= time.monotonic() - started < 20


@pytest.mark.parametrize(
    "offset",
    [5 * 365 * 86400.0, *(pytest.param(one, marks=pytest.mark.prove) for one in (0.0, -5 * 365 * 86400.0))],
)
def test_retry_after_as_a_date_is_read_by_the_service_s_clock(
    standin: StandIn, quick: Client, tmp_path: Path, offset: float
) -> None:
    """The clock of this machine may be years off: two seconds ahead by theirs are two seconds."""
    standin.clock_offset = offset
    standin.plan("429-date")
    started = time.monotonic()
    fetch(["population"], tmp_path, standin.url, client=quick)
    assert 1.0 <= time.monotonic() - started < 20
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    year = int(manifest["tables"]["population/TAB638"]["parts"][0]["read"][:4])
    assert year - time.gmtime().tm_year == round(offset / (365 * 86400))


def test_an_order_to_wait_for_years_is_not_obeyed(standin: StandIn, quick: Client, tmp_path: Path) -> None:
    standin.plan("429-years")
    with pytest.raises(SourceError, match="asked to wait 99999999 seconds"):
        fetch(["population"], tmp_path, standin.url, client=quick)


def test_an_answer_that_drips_is_given_up_in_time(standin: StandIn, tmp_path: Path) -> None:
    standin.plan("slow")
    client = Client(standin.url, connect=5, read=5, deadline=1, attempts=2, backoff=0.01)
    started = time.monotonic()
    fetch(["population"], tmp_path, standin.url, client=client)
    assert 1 <= time.monotonic() - started < 6  # a second of dripping, then a whole answer
    assert standin.paths()["/tables/TAB638/data"] == 2


def test_a_service_that_is_silent_is_given_up_in_time(standin: StandIn, tmp_path: Path) -> None:
    standin.plan("hang", "hang")
    client = Client(standin.url, connect=1, read=0.3, attempts=2, backoff=0.01)
    with pytest.raises(SourceError, match="no whole answer"):
        fetch(["population"], tmp_path, standin.url, client=client)


@pytest.mark.parametrize(
    ("fault", "said"), [("wrong", "values for"), ("other", "Civilstand was asked for or given, not both")]
)
def test_a_whole_but_wrong_answer_is_refused_and_not_kept(
    standin: StandIn, quick: Client, tmp_path: Path, fault: str, said: str
) -> None:
    standin.plan(fault)
    with pytest.raises(SourceError, match=said):
        fetch(["population"], tmp_path, standin.url, client=quick)
    assert not list(tmp_path.rglob("raw/*/*.json"))


def test_killed_in_the_middle_and_started_again(tmp_path: Path) -> None:
    with StandIn(cells=12_000) as server:
        server.plan("", "", "", "", "hang")
        process = _in_another_process(server.url, tmp_path, "population")
        while len(server.asked("/data")) < 5:
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        interrupted = server.asked("/data")[4]
        fetch(["population"], tmp_path, server.url)
        times = Counter(json.dumps(body) for body in server.asked("/data"))
        assert times.pop(json.dumps(interrupted)) == 2
        assert set(times.values()) == {1}
    assert not list(tmp_path.rglob("*.part"))


def test_a_break_after_which_the_limit_is_another(tmp_path: Path) -> None:
    with StandIn(cells=12_000) as server:
        server.plan("", "", "503")
        with pytest.raises(SourceError):
            fetch(["population"], tmp_path, client=Client(server.url, attempts=1))
        server.cells = 30_000
        fetch(["population"], tmp_path, server.url)
    assert (tmp_path / "population.csv").is_file()


def test_an_answer_written_just_before_a_break_is_not_fetched_again(standin: StandIn, tmp_path: Path) -> None:
    """Killed between the answer and its line in the manifest."""
    fetch(["population"], tmp_path, standin.url)
    (tmp_path / "manifest.json").unlink()
    (tmp_path / "population.csv").unlink()
    asked = len(standin.asked("/data"))
    fetch(["population"], tmp_path, standin.url)
    assert len(standin.asked("/data")) == asked
    assert (tmp_path / "population.csv").is_file()


def test_an_answer_damaged_on_disk_is_fetched_again(standin: StandIn, tmp_path: Path) -> None:
    fetch(["population"], tmp_path, standin.url)
    damaged = next((tmp_path / "raw" / "TAB638").glob("*.json"))
    damaged.write_bytes(damaged.read_bytes()[:1000])
    fetch(["population"], tmp_path, standin.url)
    assert standin.paths()["/tables/TAB638/data"] == 2
    assert len(damaged.read_bytes()) > 1000


def test_a_damaged_manifest_says_so(standin: StandIn, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"format": 9}', encoding="utf-8")
    with pytest.raises(SourceError, match=r"the manifest is damaged \(format 9\)"):
        fetch(["population"], tmp_path, standin.url)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="file size limits are of POSIX")
def test_disk_full(fetched: Path, tmp_path: Path) -> None:
    """A limit on file size stands for a full disk: what stood there still stands, and nothing is half."""
    shutil.copytree(fetched, tmp_path, dirs_exist_ok=True)
    before = {f: f.read_bytes() for f in (tmp_path / "population.csv", tmp_path / "manifest.json")}
    with StandIn() as server:
        server.shelf.table("TAB638").updated = "2027-01-01T00:00:00Z"
        limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        process = _in_another_process(server.url, tmp_path, "population", before=limit)
        said = process.communicate(timeout=60)[1]
        assert process.returncode != 0
        assert "cannot be written (File too large)" in said
        assert "make room on the disk" in said
        assert not list(tmp_path.rglob("*.part"))
        assert {file: file.read_bytes() for file in before} == before
        fetch(["population"], tmp_path, server.url)
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["tables"]["population/TAB638"]["updated"] == "2027-01-01T00:00:00Z"


def test_changed_codes_are_named_with_those_that_are_there_now(standin: StandIn, tmp_path: Path) -> None:
    variables = standin.shelf.table("TAB1212").variables
    variables["ContentsCode"] = {
        code.replace("BE0101", "000008"): label for code, label in variables["ContentsCode"].items()
    }
    with pytest.raises(SourceError) as caught:
        fetch(["moves"], tmp_path, standin.url)
    line = str(caught.value)
    assert "TAB1212 has no ContentsCode BE0101AU for in_moves" in line
    assert "000008AU (Inflyttningar)" in line
    assert "correct moves.in_moves" in line
    assert not standin.asked("/data")


def test_a_changed_total_is_named_with_those_that_are_there_now(standin: StandIn, tmp_path: Path) -> None:
    ages = standin.shelf.table("TAB1212").variables["Alder"]
    ages["TOT1"] = ages.pop("tot")
    with pytest.raises(SourceError, match=r"TAB1212 has no 'tot' of Alder; it has 0 \(0 år\)"):
        fetch(["moves"], tmp_path, standin.url)


def test_a_new_variable_is_not_left_to_the_service_to_sum_away(standin: StandIn, tmp_path: Path) -> None:
    standin.shelf.table("TAB1212").variables["Bakgrund"] = {"1": "inrikes född", "2": "utrikes född"}
    with pytest.raises(SourceError, match=r"TAB1212 has a variable Bakgrund.*1 \(inrikes född\)"):
        fetch(["moves"], tmp_path, standin.url)


def test_a_lost_variable_is_named(standin: StandIn, tmp_path: Path) -> None:
    del standin.shelf.table("TAB1212").variables["Kon"]
    with pytest.raises(SourceError, match="TAB1212 has no variable Kon; it has Region, Alder"):
        fetch(["moves"], tmp_path, standin.url)


@pytest.mark.parametrize("year", ["1997", "2011", "2024"])
def test_a_year_that_is_not_there_is_named(standin: StandIn, tmp_path: Path, year: str) -> None:
    del standin.shelf.table("TAB1212").variables["Tid"][year]
    with pytest.raises(SourceError, match=f"TAB1212 has no year {year}"):
        fetch(["moves"], tmp_path, standin.url)


def test_a_year_that_disappeared_since_the_last_time_is_named(
    fetched: Path, standin: StandIn, tmp_path: Path
) -> None:
    shutil.copytree(fetched, tmp_path, dirs_exist_ok=True)
    table = standin.shelf.table("TAB6640")
    table.updated = "2027-02-22T07:00:00Z"
    table.variables["Tid"] = {"2026": "2026"}
    before = (tmp_path / "moves.csv").read_bytes()
    with pytest.raises(SourceError, match=r"no year 2025|no longer has 2025"):
        fetch(["moves"], tmp_path, standin.url)
    assert (tmp_path / "moves.csv").read_bytes() == before


def test_a_table_updated_while_it_is_fetched(tmp_path: Path) -> None:
    with StandIn(cells=20_000) as server:
        server.plan("", "stamp")
        with pytest.raises(SourceError, match=r"was updated at SCB while it was fetched"):
            fetch(["population"], tmp_path, server.url)


def test_a_table_that_is_gone(standin: StandIn, quick: Client, tmp_path: Path) -> None:
    del standin.shelf.tables["TAB638"]
    with pytest.raises(SourceError, match=r"not found.*SCB may have replaced the table"):
        fetch(["population"], tmp_path, standin.url, client=quick)


def test_an_address_that_is_no_such_service(standin: StandIn, quick: Client, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not found"):
        fetch(["population"], tmp_path, client=Client(standin.url + "/tables/TAB9", attempts=1))
    with pytest.raises(SourceError, match="does not state the limits of PxWebApi 2"):
        fetch(["population"], tmp_path, client=Client(standin.url + "/tables/TAB638", attempts=1))
    with pytest.raises(SourceError, match="no whole answer"):
        fetch(["population"], tmp_path, client=Client("http://127.0.0.1:9", attempts=2, backoff=0.01))


@pytest.mark.parametrize(
    "limits",
    [{"maxDataCells": 0}, {"maxDataCells": -1}, {"maxDataCells": float("inf")}, {"timeWindow": None}],
)
def test_limits_that_no_fetch_could_keep_are_refused_at_once(
    standin: StandIn, quick: Client, tmp_path: Path, limits: dict[str, float]
) -> None:
    config = standin.config() | limits
    standin.config = lambda: config  # type: ignore[method-assign]
    with pytest.raises(SourceError, match="does not state the limits of PxWebApi 2"):
        fetch(["population"], tmp_path, client=quick)


def test_a_window_of_years_is_not_waited_for(standin: StandIn, quick: Client) -> None:
    config = standin.config() | {"timeWindow": 1e9, "maxCallsPerTimeWindow": 1}
    standin.config = lambda: config  # type: ignore[method-assign]
    assert quick.limits().window < 60


@pytest.mark.parametrize(
    "spoilt",
    [
        {"category": {"index": None}},
        {"category": {"index": {"01": 0}, "label": ["a"]}},
        {
            "category": {"index": {"01": 0}, "label": {}},
            "note": 5,
            "extension": {"noteMandatory": {"0": True}},
        },
    ],
)
def test_metadata_of_another_shape_is_one_line(
    standin: StandIn, quick: Client, tmp_path: Path, spoilt: dict[str, object]
) -> None:
    table = standin.shelf.table("TAB638")
    told = table.metadata()
    told["dimension"]["Region"] = spoilt
    table.metadata = lambda: told
    with pytest.raises(SourceError, match="metadata: the answer is not that of PxWebApi 2"):
        fetch(["population"], tmp_path, client=quick)


@pytest.mark.parametrize(("code", "said"), [("23", "no county 23"), ("2380", "no municipality 2380")])
def test_a_region_that_the_table_has_lost_is_named(
    standin: StandIn, quick: Client, tmp_path: Path, code: str, said: str
) -> None:
    del standin.shelf.table("TAB638").variables["Region"][code]
    with pytest.raises(SourceError, match=f"table TAB638 has {said}, though it has others"):
        fetch(["population"], tmp_path, client=quick)
    assert not (tmp_path / "population.csv").exists()


def test_a_table_without_a_day_of_update_is_never_taken_for_unchanged(
    standin: StandIn, tmp_path: Path
) -> None:
    for id in ("TAB638", "TAB5557"):
        standin.shelf.table(id).updated = ""
    fetch(["population"], tmp_path, standin.url)
    standin.shelf.table("TAB5557").changed["2380", "SC", "TotSA", "TotSa", "000007ME", "2025"] = 64_999
    states = {result.state for result in fetch(["population"], tmp_path, standin.url)}
    assert states == {"fetched"}
    assert "2380,Östersund,2025,64999,True" in (tmp_path / "population.csv").read_text(encoding="utf-8")


def test_a_bad_figure_stops_the_panel_and_names_both_numbers(standin: StandIn, tmp_path: Path) -> None:
    standin.shelf.table("TAB1212").changed["2380", "tot", "1", "BE0101AZ", "2021"] = 9999.0
    with pytest.raises(SourceError) as caught:
        fetch(["moves"], tmp_path, standin.url)
    line = str(caught.value)
    assert "table moves, region 2380, year 2021: net_migration is not in_moves + -out_moves" in line
    assert "against" in line
    assert not (tmp_path / "moves.csv").exists()


def test_suppressed_cells_are_kept_apart_from_zero(standin: StandIn, tmp_path: Path) -> None:
    table = standin.shelf.table("TAB638")
    table.symbols["2303", "SK", "tot", "1", "BE0101N1", "2020"] = ".."
    table.symbols["2305", "ÄNKL", "tot", "2", "BE0101N1", "2020"] = ":"
    fetch(["population"], tmp_path, standin.url)
    lines = (tmp_path / "population.csv").read_text(encoding="utf-8").splitlines()
    assert "2303,Ragunda,2020,,False" in lines
    missing = (tmp_path / "missing" / "population.csv").read_text(encoding="utf-8")
    assert '2303,Ragunda,2020,population,..,"not available, or too uncertain to be given"' in missing
    assert "2305,Bräcke,2020,population,:,suppressed" in missing


def test_a_proxy_is_used(standin: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in plays the proxy: it is asked for another host's address."""
    for name in ("NO_PROXY", "no_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", standin.url.removesuffix("/api/v2"))
    fetch(["population"], tmp_path, "http://scb.example/api/v2")
    assert standin.paths()["/tables/TAB638/data"] == 1


class _Closed(BaseHTTPRequestHandler):
    def do_CONNECT(self) -> None:
        self.send_error(407)

    def log_message(self, *_: object) -> None:
        pass


def test_a_proxy_that_refuses_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Closed)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    for name in ("NO_PROXY", "no_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.server_address[1]}")
    client = Client("https://scb.example/api/v2", attempts=2, backoff=0.01)
    with pytest.raises(SourceError, match=r"log-in \(status 407\); remedy: write HTTPS_PROXY as"):
        fetch(["population"], tmp_path, client=client)
    server.shutdown()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
def test_a_company_s_certificate(standin: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown certificate is refused with the remedy; REQUESTS_CA_BUNDLE makes it known."""
    key, certificate = tmp_path / "key.pem", tmp_path / "company.pem"
    order = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
    ]
    order += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(order, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    standin.secure(context)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SourceError, match="set REQUESTS_CA_BUNDLE"):
        fetch(["population"], tmp_path / "to", standin.url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    fetch(["population"], tmp_path / "to", standin.url)
    assert (tmp_path / "to" / "population.csv").is_file()


@pytest.mark.parametrize(
    ("fault", "on", "said"),
    [
        ("log-in", "/data", "web page came instead of data (Logga in på Kommunnätet)"),
        ("maintenance", "/config", "web page came instead of data (Driftstopp för underhåll)"),
        ("502-page", "/data", "status 502 Bad gateway of the proxy"),
        ("401", "/config", "the service asks for a log-in (status 401)"),
        ("401", "/data", "the service asks for a log-in (status 401)"),
        ("barred", "/config", "access denied (status 403) Forbidden"),
        ("barred", "/metadata", "access denied (status 403) Forbidden"),
        ("barred-page", "/data", "access denied (status 403) Åtkomst nekad av webbfiltret"),
        ("moved", "/data", "the service has moved to https://example.org/tables/TAB638/data"),
        ("text", "/data", "a value is 'många', no number"),
        ("infinite", "/data", "a value is no finite number"),
        ("older", "/data", "the answer is of 2024-02-22T06:00:00Z: an old copy"),
    ],
)
def test_the_cause_is_named_and_nothing_is_kept(
    standin: StandIn, quick: Client, tmp_path: Path, fault: str, on: str, said: str
) -> None:
    standin.plan(*[fault] * 3, on=on)
    with pytest.raises(SourceError) as caught:
        fetch(["population"], tmp_path, standin.url, client=quick)
    assert said in caught.value.one_line()
    assert "remedy" in caught.value.one_line()
    assert not list(tmp_path.rglob("*.csv"))
    standin.faults.clear()
    fetch(["population"], tmp_path, standin.url)
    assert (tmp_path / "population.csv").is_file()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("statistikdatabasen.example/api/v2", "no address"),
        ("ftp://statistikdatabasen.example/api/v2", "no address"),
        ("https://", "no address"),
    ],
)
def test_an_address_of_another_kind(tmp_path: Path, address: str, said: str) -> None:
    started = time.monotonic()
    with pytest.raises(SourceError, match=rf"{said}.*remedy: give --base-url as https://"):
        fetch(["population"], tmp_path, address)
    assert time.monotonic() - started < 5


def test_https_where_the_service_speaks_http(standin: StandIn, tmp_path: Path) -> None:
    address = standin.url.replace("http://", "https://")
    with pytest.raises(SourceError, match="does not speak https at this address"):
        fetch(["population"], tmp_path, address, client=Client(address, attempts=2, backoff=0.01))


def test_a_file_of_certificates_that_is_not_there(
    standin: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "company.pem"))
    with pytest.raises(SourceError, match=r"REQUESTS_CA_BUNDLE names .*company.pem, which is not there"):
        fetch(["population"], tmp_path, standin.url)


def test_a_long_wait_is_told_with_its_reason(
    standin: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scb_client, "TOLD_WAIT", 0.05)
    told: list[tuple[float, str]] = []
    client = Client(standin.url, attempts=3, backoff=0.2, on_wait=lambda *wait: told.append(wait))
    standin.plan("503", "", on="/data")
    fetch(["population"], tmp_path, standin.url, client=client)
    assert told and all(seconds > 0.05 and "status 503" in why for seconds, why in told)


def test_two_fetches_into_one_folder(standin: StandIn, tmp_path: Path) -> None:
    from filelock import FileLock

    with FileLock(tmp_path / ".fetch.lock"), pytest.raises(SourceError, match="another fetch is at work"):
        fetch(["population"], tmp_path, standin.url)
    assert not (tmp_path / "population.csv").exists()
    fetch(["population"], tmp_path, standin.url)
    assert not (tmp_path / ".fetch.lock").exists()


def test_an_outage_in_a_later_table_does_not_leave_the_earlier_one_old(
    fetched: Path, standin: StandIn, quick: Client, tmp_path: Path
) -> None:
    """The first table's answers are new, its tidy file is not: the next run must not call it unchanged."""
    shutil.copytree(fetched, tmp_path, dirs_exist_ok=True)
    before = (tmp_path / "population.csv").read_bytes()
    people, ages = standin.shelf.table("TAB638"), standin.shelf.table("TAB5557")
    people.updated = ages.updated = "2027-02-22T07:00:00Z"
    ages.changed[("2380", "SC", "TotSA", "TotSa", "000007ME", "2025")] = 64_999
    standin.plan("", "", "503", "503", "503")  # population is asked for, then population_by_age fails
    with pytest.raises(SourceError, match="status 503"):
        fetch(["population", "population_by_age"], tmp_path, standin.url, client=quick)
    assert (tmp_path / "population.csv").read_bytes() == before
    done = fetch(["population"], tmp_path, standin.url)
    assert [result.state for result in done] == ["fetched", "fetched"]
    assert standin.paths()["/tables/TAB5557/data"] == 1
    assert "2380,Östersund,2025,64999" in (tmp_path / "population.csv").read_text(encoding="utf-8")
    assert {result.state for result in fetch(["population"], tmp_path, standin.url)} == {"unchanged"}


def test_figures_that_fail_a_check_are_asked_for_again_and_kept_apart(
    fetched: Path, standin: StandIn, tmp_path: Path
) -> None:
    shutil.copytree(fetched, tmp_path, dirs_exist_ok=True)
    before = (tmp_path / "population.csv").read_bytes()
    table = standin.shelf.table("TAB638")
    table.updated = "2027-02-22T07:00:00Z"
    cell = ("2380", "OG", "tot", "1", "BE0101N1", "2011")
    table.changed[cell] = 1.0
    for _ in range(2):  # not once only: the second run fails as well, and does not say unchanged
        with pytest.raises(SourceError, match="region 23, year 2011: population"):
            fetch(["population"], tmp_path, standin.url)
        assert (tmp_path / "population.csv").read_bytes() == before
    assert standin.paths()["/tables/TAB638/data"] == 2
    assert list((tmp_path / "raw" / "TAB638").glob("*.refused"))
    del table.changed[cell]
    done = fetch(["population"], tmp_path, standin.url)
    assert {result.state for result in done} == {"fetched"}
    assert (tmp_path / "population.csv").read_bytes() == before  # the same figures under a later update


def test_a_side_table_that_fails_its_check_is_left_out_and_the_core_is_published(
    standin: StandIn, tmp_path: Path
) -> None:
    from scb_tables import Households

    standin.shelf.tables["TAB4374"] = bad = Households()
    bad.changed[("23", "000000M4", "2015")] = 1.0
    done = {result.name: result for result in fetch(None, tmp_path, standin.url)}
    assert done["households"].state == "failed"
    assert "region 23, year 2015: households of the county is not" in done["households"].message
    assert (tmp_path / "moves.csv").is_file()
    assert not (tmp_path / "households.csv").exists()
    bad.changed.clear()
    done = {result.name: result for result in fetch(["households"], tmp_path, standin.url)}
    assert done["households"].state == "fetched"
    rows = (tmp_path / "households.csv").read_text(encoding="utf-8").splitlines()
    assert {row.rsplit(",", 1)[1] for row in rows if ",2024," in row} == {"False"}
    assert {row.rsplit(",", 1)[1] for row in rows if ",2025," in row} == {"True"}


def test_asked_for_again_by_name(fetched: Path, standin: StandIn, tmp_path: Path) -> None:
    shutil.copytree(fetched, tmp_path, dirs_exist_ok=True)
    fetch(["population"], tmp_path, standin.url)
    assert standin.paths()["/tables/TAB638/data"] == 0
    fetch(["population"], tmp_path, standin.url, again=["population"])
    assert standin.paths()["/tables/TAB638/data"] == 1
    assert standin.paths()["/tables/TAB5557/data"] == 1
    with pytest.raises(SourceError, match="no table 'flyttar'"):
        fetch(None, tmp_path, standin.url, again=["flyttar"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        "[" * 100_000,
        '{"format": 1, "tables": [], "tidy": {}}',
        '{"format": 1, "tables": {"moves/TAB1212": {}}, "tidy": {}}',
        '{"format": 1, "tables": {"moves/TAB1212": 3}, "tidy": {}}',
    ],
)
def test_a_manifest_of_another_shape_says_so(standin: StandIn, tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=r"manifest.json.*damaged"):
        fetch(["population"], tmp_path, standin.url)


@pytest.mark.parametrize("edit", ["day", "parts", "id"])
def test_a_manifest_edited_by_hand_does_not_make_old_figures_unchanged(
    fetched: Path, standin: StandIn, tmp_path: Path, edit: str
) -> None:
    shutil.copytree(fetched, tmp_path, dirs_exist_ok=True)
    table = standin.shelf.table("TAB5557")
    table.updated = "2027-02-22T07:00:00Z"
    table.changed["2380", "SC", "TotSA", "TotSa", "000007ME", "2025"] = 64_999
    file = tmp_path / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    account = manifest["tables"]["population/TAB5557"]
    account["updated"] = account["stamp"] = table.updated
    account |= {"day": {}, "parts": {"parts": []}, "id": {"id": "TAB638"}}[edit]
    file.write_text(json.dumps(manifest), encoding="utf-8")
    fetch(["population"], tmp_path, standin.url)
    assert "2380,Östersund,2025,64999,True" in (tmp_path / "population.csv").read_text(encoding="utf-8")
    assert {result.state for result in fetch(["population"], tmp_path, standin.url)} == {"unchanged"}


class _Stop(Exception):
    """The machine goes down here."""


def _interrupted(
    standin: StandIn, folder: Path, step: int, monkeypatch: pytest.MonkeyPatch, names: list[str]
) -> bool:
    """Fetch until the so-many-th file is written; return whether it went down before the end."""
    from attraktiv_eval.statistics.scb import client
    from attraktiv_eval.statistics.scb import fetch as fetching

    written, write_whole = 0, client.write_whole

    def write(path: Path, content: bytes) -> None:
        nonlocal written
        written += 1
        if written > step:
            raise _Stop
        write_whole(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(client, "write_whole", write)
        patched.setattr(fetching, "write_whole", write)
        patched.setattr(client.Manifest, "save", _saving(write))
        try:
            fetch(names, folder, standin.url)
        except _Stop:
            return True
    return False


def _saving(write):  # type: ignore[no-untyped-def]
    from attraktiv_eval.statistics.scb.client import Manifest

    whole = Manifest.save

    def save(self: Manifest) -> None:
        write(self.folder / "step", b"")
        whole(self)

    return save


def _figures(folder: Path) -> dict[str, bytes]:
    """Every file but the manifest, which tells times."""
    files = {f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*") if f.is_file()}
    return {name: content for name, content in files.items() if name not in ("manifest.json", "step")}


@pytest.mark.parametrize("stride", [61, pytest.param(1, marks=pytest.mark.prove)])
def test_interrupted_at_each_step_and_repeated_equals_an_uninterrupted_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stride: int
) -> None:
    """Byte for byte, the tidy files too, and with an older fetch already in the folder."""
    names = ["population", "population_by_age"]
    with StandIn(cells=50_000) as server:
        fetch(names, tmp_path / "older", server.url)
        for id in ("TAB638", "TAB5557"):
            server.shelf.table(id).updated = "2027-02-22T07:00:00Z"
        server.shelf.table("TAB5557").changed[("2380", "SC", "TotSA", "TotSa", "000007ME", "2025")] = 64_999
        shutil.copytree(tmp_path / "older", tmp_path / "whole")
        fetch(names, tmp_path / "whole", server.url)
        expected, step = _figures(tmp_path / "whole"), 0
        while True:
            folder = tmp_path / f"broken {step}"
            shutil.copytree(tmp_path / "older", folder)
            if not _interrupted(server, folder, step, monkeypatch, names):
                break
            fetch(names, folder, server.url)
            assert _figures(folder) == expected, step
            assert {r.state for r in fetch(names, folder, server.url)} == {"unchanged"}
            shutil.rmtree(folder)
            step += stride
    assert step > 10
