"""Look at what the service has: a search for tables, and what is in one of them."""

from __future__ import annotations

import re
from math import prod
from typing import Any

from attraktiv_eval.errors import SourceError
from attraktiv_eval.statistics.scb.client import Client, NotFound
from attraktiv_eval.statistics.scb.jsonstat import labels_of, notes_of

__all__ = ["check_id", "search_lines", "show_lines"]


def check_id(id: str) -> str:
    """Return a table's id; raise SourceError where it cannot be one, before it becomes part of an address."""
    if not re.fullmatch(r"[\w.-]+", id) or set(id) <= {"."}:
        raise SourceError(
            f"{id[:60]!r} is no id of a table", remedy="give an id such as TAB1212; --search WORDS lists them"
        )
    return id


def search_lines(client: Client, words: str) -> list[str]:
    """Return one line a table that a search finds: id, label, periods and when it was updated.

    Raises
    ------
    NotFound
        If the search finds none.
    SourceError
        If the words are blank or the service cannot be used.
    """
    if not words.strip():
        raise SourceError(
            "the words to search for are blank", remedy="give some, in Swedish, such as 'flyttningar län'"
        )
    client.limits()
    found = {str(hit["id"]): hit for hit in client.search(words)}
    if not found:
        raise NotFound(
            f"no table is found for {words!r}", remedy="try fewer or other words; SCB's are in Swedish"
        )
    return [_hit(hit) for hit in found.values()]


def _hit(hit: dict[str, Any]) -> str:
    periods = "–".join(str(hit[key]) for key in ("firstPeriod", "lastPeriod") if hit.get(key))
    told = [
        f"{hit['id']}: {_one_line(hit['label'])}",
        periods or "periods not told",
        f"updated {hit['updated']}" if hit.get("updated") else "no date of an update",
        *(["discontinued"] if hit.get("discontinued") is True else []),
    ]
    return "; ".join(told)


def show_lines(client: Client, id: str) -> list[str]:
    """Return what a table holds: variables, codes with labels, mandatory notes and cells in all.

    Raises
    ------
    NotFound
        If the service has no such table.
    """
    client.limits()
    metadata = client.metadata(check_id(id))
    info = client.table(id)
    lines = [_hit({**info, "id": id, "label": info.get("label") or metadata.get("label", "")})]
    sizes = []
    for name in metadata["id"]:
        dimension = metadata["dimension"][name]
        labels = labels_of(dimension)
        sizes.append(len(labels))
        left_out = (dimension.get("extension") or {}).get("elimination") is True
        called = _one_line(str(dimension.get("label", name)))
        count = f"{len(labels)} value" + ("" if len(labels) == 1 else "s")
        lines.append(f"{name} ({called}): {count}, {'may' if left_out else 'must not'} be left out")
        lines += [f"  {code}: {_one_line(label)}" for code, label in labels.items()]
    lines += [f"mandatory note: {_one_line(note)}" for note in notes_of(metadata)]
    lines.append(f"{prod(sizes)} cells in all; the service gives {client.limits().cells} a call")
    return lines


def _one_line(text: str) -> str:
    return " ".join(str(text).split())
