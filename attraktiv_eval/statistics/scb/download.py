"""Bring one table of the catalogue to disk: only what is new, and never the same part twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from attraktiv_eval.errors import SourceError
from attraktiv_eval.statistics.scb.catalogue import Table
from attraktiv_eval.statistics.scb.client import Answer, Client, NotFound, TooManyCells
from attraktiv_eval.statistics.scb.jsonstat import Cube, assemble, check_document, notes_of
from attraktiv_eval.statistics.scb.manifest import Manifest, sha256, write_whole
from attraktiv_eval.statistics.scb.selection import TIME, resolve, split

__all__ = ["Progress", "cells_of", "cube_of", "download", "find_id"]

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
    if held and held.get("id"):
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
    if not again and manifest.is_current(table.key, updated, asked):
        return False
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
        "parts": [part for part in held.get("parts", []) if manifest.is_whole(part)] if same else [],
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
    name = sha256(f"{account[UPDATED]} {_question(part)}".encode())[:20]
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
        "sha256": sha256(content),
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
