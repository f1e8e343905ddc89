"""A stand-in for SCB's PxWebApi 2 on loopback, written from the public specification of the interface.

It answers /config, /tables (with paging), /tables/{id}, /metadata, /defaultselection, /data (GET and POST)
and /codelists/{id} in the shapes of the live service, with its known habits: no selection gives the default
selection, a missing mandatory variable is spelt "mandantory", a code given twice gives 500, a long address
gives 404. The figures are invented (see scb_world). Faults are planned with ``plan``.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections import Counter
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

import numpy as np
from scb_tables import Refused, Shelf

PREFIX = "/api/v2"

#: Pages that come in the place of an answer: status and title.
PAGES = {
    "log-in": (200, "Logga in på Kommunnätet"),
    "maintenance": (200, "Driftstopp för underhåll"),
    "401": (401, "Log in"),
    "barred-page": (403, "Åtkomst nekad av webbfiltret"),
    "502-page": (502, "Bad gateway of the proxy"),
}


class StandIn:
    """The server; use it as a context manager. ``log`` holds (method, path, body) of every request."""

    def __init__(
        self, shelf: Shelf | None = None, *, cells: int = 150_000, calls: int = 0, refuse: int = 403
    ) -> None:
        self.shelf = shelf or Shelf()
        self.cells, self.calls, self.window, self.refuse = cells, calls, 1, refuse
        self.stated_cells: int | None = None
        self.clock_offset = 0.0
        self.log: list[tuple[str, str, object]] = []
        self.faults: list[tuple[str, str]] = []
        self.hang = threading.Event()
        self.times: list[float] = []
        self._scheme = "http"
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> StandIn:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.hang.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}{PREFIX}"

    def secure(self, context: ssl.SSLContext) -> None:
        """Speak https from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "https"

    def plan(self, *faults: str, on: str = "/data") -> None:
        """Let the next requests whose path ends so meet these faults, one each ("" is none)."""
        self.faults.extend((on, fault) for fault in faults)

    def asked(self, end: str) -> list[object]:
        """The bodies of the requests whose path ends so."""
        return [body for _, path, body in self.log if path.endswith(end)]

    def paths(self) -> Counter[str]:
        return Counter(path for _, path, _ in self.log)

    def fault_for(self, path: str) -> str:
        for i, (on, fault) in enumerate(self.faults):
            if path.endswith(on):
                del self.faults[i]
                return fault
        return ""

    def config(self) -> dict[str, object]:
        return {
            "apiVersion": "2.3.2",
            "appVersion": "stand-in",
            "languages": [{"id": "sv", "label": "Svenska"}],
            "defaultLanguage": "sv",
            "maxDataCells": self.stated_cells or self.cells,
            "maxCallsPerTimeWindow": self.calls or 10_000,
            "timeWindow": self.window,
            "license": "https://creativecommons.org/share-your-work/public-domain/cc0/",
            "defaultDataFormat": "json-stat2",
            "dataFormats": ["json-stat2", "csv", "px", "xlsx"],
            "features": [],
        }


def _handler(standin: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def date_time_string(self, timestamp: float | None = None) -> str:
            return formatdate((timestamp or time.time()) + standin.clock_offset, usegmt=True)

        def do_GET(self) -> None:
            self._answer(None)

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            self._answer(json.loads(self.rfile.read(length) or b"{}"))

        def _answer(self, body: dict | None) -> None:
            parts = urlsplit(self.path)  # behind a proxy the whole address stands here
            path = parts.path.removeprefix(PREFIX)
            asked = dict(parse_qsl(parts.query))
            standin.log.append((self.command, path, body))
            standin.times.append(time.monotonic())
            fault = standin.fault_for(path)
            if fault == "hang":
                standin.hang.wait(60)
                return
            if fault.startswith("429") or fault in ("500", "503"):
                self._busy(fault)
            elif fault in PAGES:
                self._page(*PAGES[fault])
            elif fault == "moved":
                self._send(301, {}, {"Location": f"https://example.org{path}"})
            elif fault == "barred":
                self._send(403, {"title": "Forbidden", "status": 403})
            elif len(self.path) > 2100:
                self._send(404, {"type": "Not Found", "title": "Not Found", "status": 404})
            else:
                self._give(path, asked, body, fault)

        def _give(self, path: str, asked: dict[str, str], body: dict | None, fault: str) -> None:
            try:
                document = self._document(path, asked, body)
            except Refused as refusal:
                problem = {"type": "Parameter error", "title": refusal.title, "status": refusal.status}
                self._send(refusal.status, problem)
            else:
                self._spoil(fault, document)

        def _document(self, path: str, asked: dict[str, str], body: dict | None) -> object:
            steps = unquote(path).strip("/").split("/")
            shelf = standin.shelf
            if steps == ["config"]:
                return standin.config()
            if steps == ["tables"]:
                return shelf.search(asked)
            if steps[0] == "codelists":
                return shelf.codelist(steps[1])
            table = shelf.table(steps[1])
            if len(steps) == 2:
                return shelf.info(table)
            if steps[2] == "metadata":
                return table.metadata()
            selection = table.selection(asked, body)
            if steps[2] == "defaultselection":
                return {"selection": [{"variableCode": k, "valueCodes": v} for k, v in selection.items()]}
            cells = int(np.prod([len(codes) for codes in selection.values()]))
            if cells > standin.cells:
                raise Refused(standin.refuse, "Too many cells selected")
            return table.document(selection)

        def _busy(self, fault: str) -> None:
            status = int(fault[:3])
            headers = {}
            if fault == "429-seconds":
                headers["Retry-After"] = "1"
            elif fault == "429-date":
                headers["Retry-After"] = formatdate(time.time() + standin.clock_offset + 2, usegmt=True)
            elif fault == "429-years":
                headers["Retry-After"] = "99999999"
            self._send(status, {"title": "Too many requests", "status": status}, headers)

        def _spoil(self, fault: str, document: dict) -> None:
            if fault == "wrong":  # one cell too few
                document = {**document, "value": document["value"][:-1]}
            if fault == "other":  # a variable has gone without a word
                size = [*document["size"][:1], *document["size"][2:]]
                ids = [*document["id"][:1], *document["id"][2:]]
                document = {
                    **document,
                    "id": ids,
                    "size": size,
                    "value": document["value"][: int(np.prod(size))],
                }
            if fault == "older":
                document = {**document, "updated": "2024-02-22T06:00:00Z"}
            if fault == "text":
                document = {**document, "value": ["många", *document["value"][1:]]}
            if fault == "infinite":
                document = {**document, "value": [float("inf"), *document["value"][1:]]}
            if fault == "stamp":
                document = {**document, "updated": "2031-01-01T06:00:00Z"}
            content = json.dumps(document, ensure_ascii=False).encode("utf-8")
            if fault == "no-json":
                content = b"<html>maintenance</html>"
            length = len(content)
            if fault in ("truncated", "half"):
                content = content[: length // 2]
            if fault == "half":  # cut off, yet the length agrees
                length = len(content)
            self.send_response(200)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(length))
            self.send_header("X-Rate-Limit-Limit", f"{standin.window}s")
            self.end_headers()
            if fault == "slow":
                for part in (content[i : i + 200] for i in range(0, len(content), 200)):
                    self.wfile.write(part)
                    self.wfile.flush()
                    time.sleep(0.5)  # whole, it would take far longer than any deadline in the tests
                return
            self.wfile.write(content)
            if fault == "truncated":
                self.close_connection = True

        def _page(self, status: int, title: str) -> None:
            content = f"<!DOCTYPE html><html><head><title>{title}</title></head></html>".encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _send(self, status: int, document: dict, headers: dict[str, str] | None = None) -> None:
            content = json.dumps(document).encode("utf-8")
            self.send_response(status)
            self.send_header("Content-Type", "application/problem+json")
            self.send_header("Content-Length", str(len(content)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

    return Handler
