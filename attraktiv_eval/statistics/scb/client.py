"""A small, patient client of PxWebApi 2: time-outs, retries, limits and whole answers."""

from __future__ import annotations

import contextlib
import html
import json
import os
import random
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from attraktiv_eval.errors import SourceError
from attraktiv_eval.resources import digest_of, writing
from attraktiv_eval.statistics.scb.catalogue import TIME, Table, resolve, split
from attraktiv_eval.statistics.scb.jsonstat import Cube, assemble, check_document, labels_of, notes_of

BASE_URL = "https://statistikdatabasen.scb.se/api/v2"

#: Used where /config states no calls a window: 0 there means that the limit is told elsewhere, not that
#: there is none.
CAREFUL_CALLS, CAREFUL_WINDOW = 10, 10.0

LONGEST_WAIT = 600.0
#: A wait longer than this is told.
TOLD_WAIT = 2.0

#: Called with the seconds of a wait and the reason for it.
OnWait = Callable[[float, str], None]

RUN_AGAIN = "wait a while and run the same command again; what is already fetched is kept"


class TooManyCells(Exception):
    """The service refused a selection as too large; the caller splits it further."""


class NotFound(SourceError):
    """The service has no such table, or a search finds none or several."""


class _Again(Exception):
    """A fault that may pass: ``after`` is the wait in seconds that the service asks for, or None."""

    def __init__(self, what: str, after: float | None = None) -> None:
        super().__init__(what)
        self.after = after


@dataclass(frozen=True)
class Answer:
    """A whole answer: the bytes as received, the document in them, its address and when it was given."""

    body: bytes
    document: Any
    url: str
    read: str


@dataclass(frozen=True)
class Limits:
    """Cells a call, and calls in a window of seconds, as /config states them."""

    cells: int
    calls: int
    window: float


class _Pace:
    """Lets through so many calls in a window, by a clock that no one can set back."""

    def __init__(self) -> None:
        self.calls, self.window = CAREFUL_CALLS, CAREFUL_WINDOW
        self._made: deque[float] = deque()

    def wait(self, on_wait: OnWait) -> None:
        while self._made and time.monotonic() - self._made[0] >= self.window:
            self._made.popleft()
        if len(self._made) >= self.calls:
            seconds = max(0.0, self.window - (time.monotonic() - self._made[0]))
            on_wait(seconds, f"the service allows {self.calls} calls in {self.window:g} s")
            time.sleep(seconds)
            self._made.popleft()
        self._made.append(time.monotonic())


class Client:
    """Speaks PxWebApi 2.

    Parameters
    ----------
    base_url : str
        Address of the service up to and with ``/v2``.
    connect, read, deadline : float
        Seconds to connect, between two parts of an answer, and for a whole answer.
    attempts : int
        How often a call is tried before giving up.
    backoff : float
        Seconds before the second attempt; doubled for each further one, with a random part, at most a minute.
    on_wait : callable, optional
        Called before each wait of more than two seconds with its seconds and its reason.

    Notes
    -----
    ``HTTPS_PROXY`` and ``REQUESTS_CA_BUNDLE`` of the environment are obeyed.
    """

    def __init__(
        self,
        base_url: str = BASE_URL,
        *,
        connect: float = 10.0,
        read: float = 120.0,
        deadline: float = 300.0,
        attempts: int = 6,
        backoff: float = 1.0,
        on_wait: OnWait | None = None,
    ) -> None:
        import requests

        _check_certificates()
        self.base_url = base_url.rstrip("/")
        self._on_wait = on_wait
        self.attempts, self.backoff, self.deadline = attempts, backoff, deadline
        self._timeout = (connect, read)
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": "attraktiv-eval", "Accept": "application/json"})
        self._pace = _Pace()
        self._limits: Limits | None = None
        self._tables: dict[str, dict[str, Any]] = {}

    def limits(self) -> Limits:
        """Return the limits of the service, asked for once."""
        if self._limits is None:
            config = self._config()
            try:
                cells = int(config["maxDataCells"])
                calls, window = int(config["maxCallsPerTimeWindow"]), float(config["timeWindow"])
                if cells < 1:
                    raise ValueError("no cells")
            except (KeyError, TypeError, ValueError, OverflowError):
                raise SourceError(
                    f"{self.base_url}/config does not state the limits of PxWebApi 2",
                    remedy="give the address of a PxWebApi 2 service, up to and with /v2",
                ) from None
            if calls > 0 and 0 < window <= LONGEST_WAIT:
                self._pace.calls, self._pace.window = calls, window
            self._limits = Limits(cells, self._pace.calls, self._pace.window)
        return self._limits

    def _config(self) -> Any:
        """Return /config; an address that stops short of ``/v2`` is completed."""
        given = self.base_url
        try:
            return self._get("/config").document
        except NotFound:
            for ending in ("/v2", "/api/v2"):
                self.base_url = given + ending
                with contextlib.suppress(NotFound):
                    return self._get("/config").document
            self.base_url = given
            raise

    def table(self, id: str) -> dict[str, Any]:
        """Return /tables/{id}, asked for once: label, when it was updated, first and last period."""
        if id not in self._tables:
            self._tables[id] = self._object(f"/tables/{id}", ())
        return self._tables[id]

    def metadata(self, id: str) -> dict[str, Any]:
        """Return the json-stat2 metadata of a table: its variables and their codes and labels."""
        path = f"/tables/{id}/metadata"
        found = self._object(path, ("id", "dimension"))
        dimensions, names = found["dimension"], found["id"]
        if (
            not isinstance(names, list)
            or not isinstance(dimensions, dict)
            or not set(names) <= set(dimensions)
        ):
            raise self._other(path)
        try:
            for name in names:
                labels_of(dimensions[name])
            notes_of(found)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise self._other(path) from None
        return found

    def search(self, query: str) -> list[dict[str, Any]]:
        """Return every table that the service finds for a query, over all pages."""
        found: list[dict[str, Any]] = []
        page = pages = 1
        while page <= pages:
            asked = {
                "query": query,
                "pageSize": "100",
                "pageNumber": str(page),
                "includeDiscontinued": "true",
            }
            document = self._object("/tables", ("tables", "page"), asked)
            try:
                found.extend({**hit, "id": hit["id"], "label": hit["label"]} for hit in document["tables"])
                pages = int(document["page"]["totalPages"])
            except (KeyError, TypeError, ValueError):
                raise self._other("/tables") from None
            page += 1
        return found

    def data(self, id: str, selection: dict[str, list[str]]) -> Answer:
        """Return the cells of a selection as json-stat2.

        Raises
        ------
        TooManyCells
            If the service finds the selection too large.
        SourceError
            If the service refuses it, cannot be reached, or does not recover within the attempts.
        """
        body = {"selection": [{"variableCode": name, "valueCodes": list(c)} for name, c in selection.items()]}
        asked = {"lang": "sv", "outputFormat": "json-stat2"}
        return self._call("POST", f"/tables/{id}/data", asked, body)

    def call(self, path: str, asked: dict[str, str] | None = None) -> Answer:
        """Return the answer to a GET of another service's interface, with the same patience."""
        return self._call("GET", path, asked or {}, None)

    def _object(
        self, path: str, keys: tuple[str, ...], asked: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """Return a document that must be an object with these keys."""
        document = self._get(path, asked).document
        if not isinstance(document, dict) or not set(keys) <= set(document):
            raise self._other(path)
        return document

    def _other(self, path: str) -> SourceError:
        return SourceError(
            f"{self.base_url}{path}: the answer is not that of PxWebApi 2",
            remedy="give the address of a PxWebApi 2 service, up to and with /v2",
        )

    def _get(self, path: str, asked: dict[str, str] | None = None) -> Answer:
        return self._call("GET", path, {"lang": "sv", **(asked or {})}, None)

    def _call(self, method: str, path: str, asked: dict[str, str], body: Any) -> Answer:
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

        retrying = Retrying(
            retry=retry_if_exception_type(_Again),
            stop=stop_after_attempt(self.attempts),
            wait=lambda state: self._wait(
                state.outcome.exception() if state.outcome else None, state.attempt_number
            ),
            before_sleep=lambda state: self._told(
                state.upcoming_sleep, str(state.outcome.exception()) if state.outcome else ""
            ),
            reraise=True,
        )
        try:
            return retrying(self._once, method, self.base_url + path, asked, body)
        except _Again as fault:
            raise SourceError(
                f"{self.base_url}{path}: {fault} ({self.attempts} attempts)", remedy=RUN_AGAIN
            ) from None

    def _told(self, seconds: float, reason: str) -> None:
        if self._on_wait is not None and seconds > TOLD_WAIT:
            self._on_wait(seconds, reason)

    def _wait(self, fault: BaseException | None, attempt: int) -> float:
        after = fault.after if isinstance(fault, _Again) else None
        if after is not None:
            return after
        return min(60.0, self.backoff * 2 ** (attempt - 1)) * random.uniform(0.5, 1.0)

    def _once(self, method: str, url: str, asked: dict[str, str], body: Any) -> Answer:
        import requests

        self._pace.wait(self._told)
        until = time.monotonic() + self.deadline
        try:
            with self._session.request(
                method,
                url,
                params=asked,
                json=body,
                timeout=self._timeout,
                stream=True,
                allow_redirects=method == "GET",  # a POST that is led elsewhere becomes a GET on the way
            ) as response:
                content = _read(response, until)
                _judge(response, content)
                address, said = response.url, response.headers.get("Date")
        except requests.exceptions.SSLError as error:
            raise _certificate(url, error) from None
        except requests.exceptions.ProxyError as error:
            if "407" in str(error):
                raise SourceError(
                    f"{url}: the proxy asks for a log-in (status 407)",
                    remedy="write HTTPS_PROXY as http://user:password@proxy:port, or ask who runs the proxy",
                ) from None
            raise _Again("the proxy could not be reached or refused; see HTTPS_PROXY") from None
        except (
            requests.exceptions.InvalidURL,
            requests.exceptions.InvalidSchema,
            requests.exceptions.MissingSchema,
        ) as error:
            raise SourceError(
                f"{url}: no address ({error})", remedy="give --base-url as https://.../v2"
            ) from None
        except requests.exceptions.TooManyRedirects:
            raise SourceError(
                f"{url}: the service leads from address to address without end",
                remedy="open the address in a browser, and give --base-url as it ends there",
            ) from None
        except (requests.exceptions.RequestException, OSError) as error:
            raise _Again(f"no whole answer ({error.__class__.__name__})") from None
        try:
            document = json.loads(content)
        except (ValueError, RecursionError):
            page = _page_title(content)
            if page is not None:
                raise _Again(f"a web page came instead of data ({page}): a log-in, or maintenance") from None
            raise _Again("the answer is cut off or no JSON") from None
        return Answer(content, document, address, _moment(said).isoformat(timespec="seconds"))


def _read(response: Any, until: float) -> bytes:
    """Return the whole body; an answer that drips past the deadline is given up.

    Each part is what has arrived, however little: a read of a fixed size would wait for it to be full, and
    look at the clock only then.
    """
    import urllib3

    parts = []
    try:
        while part := response.raw.read1(1 << 16, decode_content=True):
            parts.append(part)
            if time.monotonic() > until:
                raise _Again("the answer did not end in time")
    except urllib3.exceptions.HTTPError as error:
        raise _Again(f"no whole answer ({error.__class__.__name__})") from None
    return b"".join(parts)


def _judge(response: Any, content: bytes) -> None:
    """Raise what the status means; return on success."""
    status = response.status_code
    if status < 300:
        return
    title = _title(content) or _page_title(content) or ""
    if status < 400:
        where = response.headers.get("Location", "an address that it does not tell")
        raise SourceError(
            f"{response.url}: the service has moved to {where}",
            remedy="give the new address up to and with /v2 as --base-url",
        )
    if status in (401, 407):
        who = "proxy" if status == 407 else "service"
        raise SourceError(
            f"{response.url}: the {who} asks for a log-in (status {status})",
            remedy="SCB's own service asks for none: check --base-url, and HTTPS_PROXY",
        )
    if status == 429 or status >= 500:
        after = _retry_after(response.headers.get("Retry-After"), response.headers.get("Date"))
        if after is not None and after > LONGEST_WAIT:
            raise SourceError(f"{response.url}: asked to wait {after:.0f} seconds", remedy=RUN_AGAIN)
        raise _Again(f"status {status} {title}".strip(), after)
    # The specification says 403; the live service has been seen to say 400 "Too many cells selected".
    asked_for_data = str(response.url).split("?")[0].endswith("/data")
    if asked_for_data and (status == 400 and "too many cells" in title.lower()):
        raise TooManyCells(title)
    if status == 403 and asked_for_data and _page_title(content) is None:
        raise TooManyCells(title)
    if status == 403:
        page = _page_title(content) or title
        raise SourceError(
            f"{response.url}: access denied (status 403) {page}".strip(),
            remedy="ask who runs your network whether the address is barred; or download the tables by hand",
        )
    if status == 404:
        raise NotFound(
            f"{response.url}: not found {title}".strip(),
            remedy="check --base-url and the table's id in the catalogue; SCB may have replaced the table",
        )
    raise SourceError(
        f"{response.url}: refused with status {status} {title}".strip(),
        remedy="compare the selection in the catalogue with the table on SCB's page",
    )


def _title(content: bytes) -> str:
    try:
        document = json.loads(content)
        return " ".join(str(document[k]) for k in ("title", "detail") if document.get(k))
    except (ValueError, TypeError, AttributeError):
        return ""


def _page_title(content: bytes) -> str | None:
    """Return the title of a web page, or its first words; None where the content is no web page."""
    text = content[:20_000].decode("utf-8", errors="replace").lstrip("\ufeff \t\r\n")
    if not text.startswith("<"):
        return None
    titled = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    plain = titled[1] if titled else re.sub(r"<[^>]*>", " ", text)
    return " ".join(html.unescape(plain).split())[:80] or "without a title"


def _check_certificates() -> None:
    """Raise where the environment names a file of certificates that is not there."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        given = os.environ.get(name)
        if given:
            if not Path(given).exists():
                raise SourceError(
                    f"{name} names {given}, which is not there",
                    remedy="set it to the file with the company's certificate, or unset it",
                )
            return


def _certificate(url: str, error: Exception) -> SourceError:
    """Return what an error of the encrypted connection means."""
    said = str(error).lower()
    if "wrong_version_number" in said or "record layer failure" in said or "unknown protocol" in said:
        return SourceError(
            f"{url}: the service does not speak https at this address",
            remedy="check the port and the scheme of --base-url",
        )
    return SourceError(
        f"{url}: the certificate was not accepted ({error.__class__.__name__})",
        remedy="behind a company's proxy, set REQUESTS_CA_BUNDLE to the file with its certificate",
    )


def _retry_after(value: str | None, said: str | None) -> float | None:
    """Return the seconds of a Retry-After header, a number or a date, or None.

    A date is compared with the service's own clock (its Date header), so a wrong clock here does no harm.
    """
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - _moment(said)).total_seconds())
    except (ValueError, TypeError):
        return None


def _moment(said: str | None) -> datetime:
    """Return the time by the service's clock where it tells it, else by this machine's."""
    try:
        if said:
            return parsedate_to_datetime(said).astimezone(UTC)
    except (ValueError, TypeError):
        pass
    return datetime.now(UTC)


# --- What has been fetched

NAME = "manifest.json"
FORMAT = 1


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: beside it, to the disk, then in its place.

    Raises
    ------
    SourceError
        If the disk is full or the folder cannot be written; an earlier file stands as it was.
    """
    beside = path.with_name(path.name + ".part")
    remedy = "make room on the disk, or choose another folder with --to, and run the command again"
    with writing("", path, remedy, SourceError):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)  # noqa: PTH105
        except OSError:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
            raise


def _check_accounts(held: Any) -> None:
    """Raise ValueError or KeyError unless the accounts have the shape that the fetch reads."""
    for kind in ("tables", "tidy"):
        if not isinstance(held[kind], dict) or not all(isinstance(one, dict) for one in held[kind].values()):
            raise ValueError(f"{kind} is no account of tables")
    for key, account in held["tables"].items():
        lacking = {"id", "updated", "asked", "complete", "selection", "parts"} - set(account)
        parts = account.get("parts")
        if lacking or not isinstance(account.get("selection"), dict) or not isinstance(parts, list):
            raise ValueError(f"{key} lacks {', '.join(sorted(lacking)) or 'its parts'}")
        for part in parts:
            if not {"file", "selection", "sha256", "cells", "read"} <= set(part):
                raise ValueError(f"a part of {key} is no account of an answer")
            if Path(part["file"]).is_absolute() or ".." in Path(part["file"]).parts:
                raise ValueError(f"{key} names a file outside the folder")


@dataclass
class Manifest:
    """The account of a folder: of every table its update, and each part's address, time and hash.

    ``tables`` maps a catalogue key such as ``moves/TAB1212`` to ``id``, ``label``, ``updated``, ``asked``
    (the fingerprint of what was asked for), ``complete``, ``notes`` (those that SCB marks as mandatory) and
    ``parts``; ``tidy`` maps a file to its ``sha256``, the tables in it, ``made_of`` (the hash of the answers
    that it was made of) and ``remarks`` (what the checks found odd in years with noise).
    """

    folder: Path
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    tidy: dict[str, dict[str, Any]] = field(default_factory=dict)
    licence: str = "CC0 1.0"

    @classmethod
    def load(cls, folder: Path) -> Manifest:
        """Read the manifest of a folder; a folder without one has an empty account.

        Raises
        ------
        SourceError
            If the manifest is damaged or of another version.
        """
        file = folder / NAME
        if not file.is_file():
            return cls(folder)
        try:
            held = json.loads(file.read_text(encoding="utf-8"))
            if held["format"] != FORMAT:
                raise ValueError(f"format {held['format']}")
            _check_accounts(held)
            return cls(folder, held["tables"], held["tidy"], held.get("licence", "CC0 1.0"))
        except (ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError) as error:
            raise SourceError(
                f"the manifest is damaged ({error or 'empty'})",
                remedy="remove it and run fetch again; answers on disk that are whole are used",
                file=file,
            ) from None

    def save(self) -> None:
        """Write the manifest whole."""
        held = {"format": FORMAT, "licence": self.licence, "tables": self.tables, "tidy": self.tidy}
        text = json.dumps(held, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        write_whole(self.folder / NAME, text.encode("utf-8"))

    def is_whole(self, part: dict[str, Any], updated: str = "") -> bool:
        """Say whether the raw answer of a part lies on disk as it was received, of this update or a later."""
        file = self.folder / part["file"]
        content = file.read_bytes() if file.is_file() else b""
        told = re.search(rb'"updated"\s*:\s*"([^"]*)"', content[:20_000])
        older = updated and told and _is_older(told[1].decode("utf-8", errors="replace"), updated)
        return digest_of(content) == part["sha256"] and not older

    def is_current(self, key: str, id: str, updated: str, asked: str) -> bool:
        """Say whether a table is complete on disk, for the same question and the same update of SCB's.

        What lies on disk tells, not the manifest alone: the answers hold every cell, and none is of an
        earlier update. A service that does not tell when a table was updated is asked anew each time.
        """
        held = self.tables.get(key)
        if not updated or not held or not held.get("complete"):
            return False
        if (held["id"], held["updated"], held["asked"]) != (id, updated, asked):
            return False
        try:
            whole = sum(cells_of(part["selection"]) for part in held["parts"]) == cells_of(held["selection"])
        except (AttributeError, TypeError):
            return False
        return whole and all(self.is_whole(part, updated) for part in held["parts"])

    def made_of(self, keys: list[str]) -> str:
        """Return one hash over the answers of some tables: a tidy file is current only if made of these."""
        parts = [[key, *sorted(part["sha256"] for part in self.tables[key]["parts"])] for key in sorted(keys)]
        return digest_of(json.dumps(parts).encode())

    def is_made(self, name: str, keys: list[str]) -> bool:
        """Say whether a tidy file and its list of missing cells lie there as made of the answers held."""
        for file in (f"{name}.csv", f"missing/{name}.csv"):
            held, path = self.tidy.get(file, {}), self.folder / file
            if held.get("made_of") != self.made_of(keys) or not path.is_file():
                return False
            if digest_of(path.read_bytes()) != held.get("sha256"):
                return False
        return True

    def refuse(self, keys: list[str]) -> None:
        """Count tables as not fetched, for their figures failed a check; keep the answers under another name.

        The next fetch asks for them again.
        """
        for key in keys:
            account = self.tables.get(key)
            if account is None:
                continue
            for part in account["parts"]:
                file = self.folder / part["file"]
                if file.is_file():
                    os.replace(file, file.with_name(file.name + ".refused"))  # noqa: PTH105
            account["complete"], account["parts"], account["stamp"] = False, [], None

    def documents(self, key: str) -> Iterator[tuple[dict[str, Any], Any]]:
        """Yield each part of a table with its document, read from disk."""
        for part in self.tables[key]["parts"]:
            yield part, json.loads((self.folder / part["file"]).read_bytes())


# --- Bring one table of the catalogue to disk

#: Called with the table's key, the cells that are there and the cells in all.
Progress = Callable[[str, int, int], None]

UPDATED = "updated"


def cells_of(selection: dict[str, list[str]]) -> int:
    """Return the number of cells of a selection."""
    from pxweb.api import count_data_cells

    return int(count_data_cells(selection))


def find_id(table: Table, client: Client, manifest: Manifest) -> str:
    """Return SCB's id of a table: the catalogue's, the one found before, or the only one a search finds.

    The search helps too where the service has no table of the catalogue's id.

    Raises
    ------
    NotFound
        If the search finds none or several; names them.
    SourceError
        If the table is downloaded by hand.
    """
    held = manifest.tables.get(table.key)
    if held and held.get("id") and (table.search or held["id"] == table.id):
        return str(held["id"])
    if table.id:
        try:
            client.table(table.id)
        except NotFound:
            if table.search is None:
                raise
        else:
            return table.id
    if table.search is None:
        raise SourceError(
            f"{table.name} cannot be fetched; it is downloaded by hand from {table.url}",
            remedy="put the file in the folder that --statistics names",
        )
    found = [hit for hit in client.search(table.search.query) if _lies_in(hit, table.search.folder)]
    if len(found) != 1:
        listed = ", ".join(f"{hit['id']} ({hit['label']})" for hit in found[:8]) or "none"
        raise NotFound(
            f"a search for {table.search.query!r} in {table.search.folder} finds {listed}; one is needed",
            remedy=f"write the id of the right table for {table.name} in the catalogue",
            file="data/statistics/catalogue.toml",
        )
    return str(found[0]["id"])


def _lies_in(hit: dict[str, Any], folder: str) -> bool:
    return any(str(step.get("id", "")).startswith(folder) for path in hit.get("paths", []) for step in path)


def download(
    table: Table,
    client: Client,
    manifest: Manifest,
    progress: Progress | None = None,
    *,
    again: bool = False,
) -> bool:
    """Fetch what lacks of a table, and note every part in the manifest as it arrives.

    Parameters
    ----------
    again : bool
        Ask anew for all of it, whatever lies on disk.

    Returns
    -------
    bool
        False where the table on disk is the latest already: then only /tables/{id} was asked for.

    Raises
    ------
    SourceError
        If the service fails, or the table no longer fits the catalogue, or is updated meanwhile.
    """
    id = find_id(table, client, manifest)
    info = client.table(id)
    updated, asked = str(info.get(UPDATED) or ""), table.fingerprint()
    if not again and manifest.is_current(table.key, id, updated, asked):
        return False
    again = again or (not updated and bool(manifest.tables.get(table.key, {}).get("complete")))
    metadata = client.metadata(id)
    selection = resolve(table.model_copy(update={"id": id}), metadata)
    held = manifest.tables.get(table.key, {})
    held = held if held.get("asked") == asked else {}
    _check_no_year_lost(id, held, selection)
    same = held.get(UPDATED) == updated and not again
    account = {
        "id": id,
        "label": info.get("label", table.title),
        UPDATED: updated,
        "stamp": held.get("stamp") if same else None,
        "asked": asked,
        "selection": selection,
        "notes": notes_of(metadata),
        "complete": False,
        "parts": [part for part in held.get("parts", []) if manifest.is_whole(part, updated)] if same else [],
    }
    manifest.tables[table.key] = account
    _fetch_parts(table.name, client, manifest, account, progress, again)
    account["complete"] = True
    manifest.save()
    return True


def _fetch_parts(
    name: str,
    client: Client,
    manifest: Manifest,
    account: dict[str, Any],
    progress: Progress | None,
    again: bool,
) -> None:
    total = cells_of(account["selection"])
    waiting = split(account["selection"], client.limits().cells)
    planned = {_question(part) for part in waiting}  # the limit may be another than before the break
    account["parts"] = [part for part in account["parts"] if _question(part["selection"]) in planned]
    there = {_question(part["selection"]) for part in account["parts"]}
    done = sum(part["cells"] for part in account["parts"])
    while waiting:
        if progress:
            progress(name, done, total)
        part = waiting.pop(0)
        if _question(part) in there:
            continue
        entry = None if again else _on_disk(manifest, account, part)
        if entry is None:
            try:
                answer = client.data(account["id"], part)
            except TooManyCells:
                waiting[:0] = _halve(part, account["id"])
                continue
            entry = _keep(manifest, account, part, answer)
        account["parts"].append(entry)
        done += entry["cells"]
        manifest.save()
    if progress:
        progress(name, total, total)


def _halve(part: dict[str, list[str]], id: str) -> list[dict[str, list[str]]]:
    """Split a part that the service finds too large, though /config allows it."""
    cells = cells_of(part)
    if cells == 1:
        raise SourceError(f"table {id}: even one cell is too many", remedy="try again another day")
    return split(part, cells // 2)


def _question(part: dict[str, list[str]]) -> str:
    """Return what was asked for as text, the same in whatever order the variables stand."""
    return json.dumps(part, sort_keys=True)


def _file(account: dict[str, Any], part: dict[str, list[str]]) -> str:
    """Return the name of a raw answer: it follows from the table, its update and what was asked for."""
    name = digest_of(f"{account[UPDATED]} {_question(part)}".encode())[:20]
    return f"raw/{account['id']}/{name}.json"


def _keep(
    manifest: Manifest, account: dict[str, Any], part: dict[str, list[str]], answer: Answer
) -> dict[str, Any]:
    """Check an answer, write it as it came, and return its entry of the manifest."""
    where = f"table {account['id']}"
    check_document(answer.document, part, where)
    stamp = answer.document.get(UPDATED)
    if _is_older(stamp, account[UPDATED]):
        raise SourceError(
            f"{where} was updated {account[UPDATED]}, but the answer is of {stamp}: an old copy from "
            "a proxy or the service",
            remedy="wait a while and run the same command again",
        )
    if account["stamp"] and stamp != account["stamp"]:
        raise SourceError(
            f"{where} was updated at SCB while it was fetched ({account['stamp']}, then {stamp})",
            remedy="run the same command again; it is then fetched anew",
        )
    account["stamp"] = stamp
    file = _file(account, part)
    write_whole(manifest.folder / file, answer.body)
    return _entry(file, part, answer.body, answer.url, answer.read)


def _on_disk(
    manifest: Manifest, account: dict[str, Any], part: dict[str, list[str]]
) -> dict[str, Any] | None:
    """Return the entry of an answer that was written just before a break, if it is whole."""
    file = _file(account, part)
    path = manifest.folder / file
    if not path.is_file():
        return None
    content = path.read_bytes()
    try:
        document = json.loads(content)
        check_document(document, part, str(path))
    except (SourceError, ValueError, RecursionError):
        return None
    stamp = document.get(UPDATED)
    if _is_older(stamp, account[UPDATED]) or (account["stamp"] and stamp != account["stamp"]):
        return None
    account["stamp"] = stamp
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
    return _entry(file, part, content, "", written)


def _is_older(stamp: Any, updated: str) -> bool:
    """Say whether an answer is of an earlier update than the table; times that cannot be read are not."""
    try:
        given, known = (datetime.fromisoformat(str(moment)) for moment in (stamp, updated))
        return given.replace(tzinfo=given.tzinfo or UTC) < known.replace(tzinfo=known.tzinfo or UTC)
    except ValueError:
        return False


def _entry(file: str, part: dict[str, list[str]], content: bytes, url: str, read: str) -> dict[str, Any]:
    return {
        "file": file,
        "url": url,
        "selection": part,
        "read": read,
        "sha256": digest_of(content),
        "cells": cells_of(part),
    }


def _check_no_year_lost(id: str, held: dict[str, Any], selection: dict[str, list[str]]) -> None:
    lost = sorted(set(held.get("selection", {}).get(TIME, [])) - set(selection[TIME]))
    if lost:
        raise SourceError(
            f"table {id} no longer has {lost[0]}, which it had when updated {held.get(UPDATED)}",
            remedy="look at SCB's page; the figures fetched before stand as they were",
        )


def cube_of(table: Table, manifest: Manifest) -> Cube:
    """Return all cells of a fetched table, each raw answer checked once more against what was asked.

    Raises
    ------
    SourceError
        If an answer on disk is damaged or cells lack.
    """
    account = manifest.tables[table.key]
    documents = []
    for part, document in manifest.documents(table.key):
        check_document(document, part["selection"], part["file"])
        documents.append(document)
    return assemble(account["selection"], documents, f"table {account['id']}")
