"""Make a draft of a catalogue's table out of a pasted address of the interface or a saved query.

Nothing of the table's figures is asked for: only its metadata, for the labels.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from attraktiv_eval.errors import SourceError, in_file
from attraktiv_eval.resources import parse_toml, toml_pairs
from attraktiv_eval.statistics.scb.catalogue import TIME, Catalogue, level_of_code, resolve, year_of
from attraktiv_eval.statistics.scb.client import Client, NotFound
from attraktiv_eval.statistics.scb.jsonstat import labels_of, notes_of


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


# --- Make a draft of a catalogue's table out of a pasted address of the interface or a saved query

CONTENTS = "ContentsCode"
REMEDY = "paste the whole address from SCB's page (API for this table), or give a saved query as JSON"


@dataclass(frozen=True)
class Query:
    """What was pasted: the table, the codes or expressions of each variable, and the service where told."""

    id: str
    selection: dict[str, list[str]]
    base_url: str | None = None


def read_query(given: str, id: str | None = None) -> Query:
    """Read a pasted address of ``/tables/{id}/data``, or a file with such a query as JSON.

    Parameters
    ----------
    given : str
        An address, or the path of a file: what is sent to ``/data``, a saved query of the service, the
        query of the older interface, or a line with an address.
    id : str, optional
        The table, where the query does not name it.

    Raises
    ------
    SourceError
        If it cannot be read, names no table, or asks for groups of codes (code lists), which the catalogue
        cannot.
    """
    text, file = given.strip(), None
    if not re.match(r"https?://", text):
        file = Path(given)
        try:
            text = file.read_text(encoding="utf-8-sig").strip()
        except (OSError, UnicodeDecodeError, ValueError) as error:
            why = getattr(error, "strerror", None) or "no text in UTF-8"
            raise SourceError(f"the query cannot be read ({why})", remedy=REMEDY, file=given[:200]) from None
    if re.match(r"https?://", text):
        return _of_address(text, id)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise SourceError("the query is no JSON and no address", remedy=REMEDY, file=file) from None
    with in_file(Path(given)):
        return _of_document(document, id)


def _of_address(address: str, id: str | None) -> Query:
    parts = urlsplit(address.split()[0])
    found = re.search(r"^(.*)/tables/([^/]+)(?:/\w+)?/?$", parts.path)
    if not found:
        raise SourceError(
            f"{address[:120]}: no address of a table's data (…/tables/TAB…/data?valueCodes[…]=…)",
            remedy=REMEDY,
        )
    named, selection = unquote(found[2]), {}
    for key, value in parse_qsl(parts.query):
        what = re.fullmatch(r"(\w+)\[(.+)\]", key)
        if what and what[1].casefold() == "valuecodes":
            selection[what[2]] = _codes(value)
        elif what and what[1].casefold() in ("codelist", "outputvalues"):
            raise _of_groups(what[2])
    _check_same(named, id)
    return Query(check_id(named), selection, f"{parts.scheme}://{parts.netloc}{found[1]}")


def _codes(listed: str) -> list[str]:
    """Return the codes between the commas; one with a comma of its own stands in brackets."""
    parts = [part.strip() for part in re.split(r",(?![^()]*\))(?![^\[\]]*\])", listed)]
    return [part[1:-1] if re.fullmatch(r"\[.*\]", part) else part for part in parts if part]


def _of_document(document: Any, id: str | None) -> Query:
    """Read a query as JSON: of /data, a saved one of either interface, or one of the older interface."""
    held = document
    for key in ("savedQuery", "queryObj"):
        if isinstance(held, dict) and isinstance(held.get(key), dict):
            held = held[key]
    named = held.get("tableId") if isinstance(held, dict) else None
    parts = held.get("selection", held.get("query")) if isinstance(held, dict) else None
    if isinstance(parts, dict):
        parts = parts.get("selection")
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise SourceError('the query has no list "selection" (or "query") of variables', remedy=REMEDY)
    selection = dict(map(_variable, parts))
    if named is not None:
        _check_same(str(named), id)
    if named is None and id is None:
        raise SourceError("the query does not say which table it asks", remedy="name it with --table TAB…")
    return Query(check_id(str(named or id)), selection)


def _variable(part: dict[str, Any]) -> tuple[str, list[str]]:
    """Return a variable and its codes, of the interface or of the older one."""
    held = part.get("selection")
    older: dict[str, Any] = held if isinstance(held, dict) else {}
    name, codes = part.get("variableCode", part.get("code")), part.get("valueCodes", older.get("values"))
    told = str(older.get("filter", "item"))
    if part.get("codelist") or part.get("codeList") or told.startswith("agg:"):
        raise _of_groups(str(name))
    if not isinstance(name, str) or not isinstance(codes, list) or not all(isinstance(c, str) for c in codes):
        raise SourceError(
            f"a variable of the query has no name or no list of codes as text: {str(part)[:80]}",
            remedy=REMEDY,
        )
    if told == "top" and len(codes) == 1:
        codes = [f"TOP({codes[0]})"]
    elif told not in ("item", "all", "top") and not told.startswith("vs:"):
        raise SourceError(f"{name}: the filter {told!r} is not known", remedy="list the codes (item)")
    return name, codes


def _check_same(named: str, id: str | None) -> None:
    if id is not None and id != named:
        raise SourceError(
            f"the query is about table {named}, but --table names {id}", remedy="leave out --table"
        )


def _of_groups(variable: str) -> SourceError:
    return SourceError(
        f"the query asks for groups of {variable} (a code list), which the catalogue cannot name",
        remedy=f"choose values of {variable} themselves on SCB's page, and copy the query anew",
    )


def draft(query: Query, client: Client) -> tuple[str, str]:
    """Return a draft of the table for ``catalogue.toml``, and what to look at in it.

    The draft is held against the rules of the catalogue and against the table as it is today.

    Raises
    ------
    SourceError
        If the query does not fit the table, or the table has no regions, years or contents.
    """
    client.limits()
    metadata, info = client.metadata(query.id), client.table(query.id)
    labels = {name: labels_of(metadata["dimension"][name]) for name in metadata["id"]}
    strange = [name for name in query.selection if name not in labels]
    if strange:
        raise SourceError(
            f"table {query.id} has no variable {strange[0]}; it has {', '.join(labels)}", remedy=REMEDY
        )
    for needed in (TIME, CONTENTS):
        if needed not in labels:
            raise SourceError(
                f"table {query.id} has no variable {needed}; the catalogue needs it",
                remedy="take another table",
            )
    chosen = {
        name: _spread(query.id, name, query.selection[name], codes)
        for name, codes in labels.items()
        if name in query.selection
    }
    entry, look = _entry(query.id, metadata, str(info.get("label") or query.id), labels, chosen)
    text = _toml(entry)
    table = Catalogue.model_validate(parse_toml(text)).tables[0]
    asked = resolve(table, metadata)
    cells = 1
    for codes in asked.values():
        cells *= len(codes)
    told = (
        f"a draft, nothing is fetched: {cells} cells. Put it into catalogue.toml of the folder of --to, "
        f"beside the tables of the shipped one; then fetch --table {entry['name']}"
    )
    return text, ". Look at: ".join([told, "; ".join(look)] if look else [told])


def _spread(id: str, variable: str, words: list[str], labels: dict[str, str]) -> list[str]:
    """Return the codes that the words of a query stand for, in the table's order."""
    codes = list(labels)
    found: set[str] = set()
    for word in words:
        kept = _expression(word, codes, latest_first=variable == TIME)
        if not kept:
            raise SourceError(
                f"table {id} has no {word!r} of {variable}",
                remedy=f"see its codes with fetch --show {id}",
            )
        found |= set(kept)
    return [code for code in codes if code in found]


def _expression(word: str, codes: list[str], *, latest_first: bool) -> list[str]:
    """Return the codes of one word: a code, a wildcard, or one of the interface's expressions.

    Which end is the top is known of periods only, where it is the latest.
    """
    if word in codes:
        return [word]
    called = re.fullmatch(r"(top|bottom|from|to|range)\(([^()]*)\)", word, re.IGNORECASE)
    if not called:
        if not set("*?") & set(word):
            return []
        pattern = re.escape(word).replace(r"\*", ".*").replace(r"\?", ".")
        return [code for code in codes if re.fullmatch(pattern, code)]
    name, arguments = called[1].casefold(), [part.strip() for part in called[2].split(",")]
    if name in ("top", "bottom"):
        if not latest_first or not all(part.isdecimal() for part in arguments) or len(arguments) > 2:
            return []
        count, offset = int(arguments[0]), int(arguments[1]) if len(arguments) == 2 else 0
        ordered = codes if name == "bottom" else codes[::-1]
        return ordered[offset : offset + count]
    ends = [codes.index(part) for part in arguments if part in codes]
    if len(ends) != (2 if name == "range" else 1) or len(ends) != len(arguments):
        return []
    low = ends[0] if name in ("from", "range") else 0
    high = ends[-1] if name in ("to", "range") else len(codes) - 1
    return codes[low : high + 1]


def _entry(
    id: str,
    metadata: dict[str, Any],
    title: str,
    labels: dict[str, dict[str, str]],
    chosen: dict[str, list[str]],
) -> tuple[dict[str, Any], list[str]]:
    region = _region_variable(id, labels)
    contents = chosen.get(CONTENTS, list(labels[CONTENTS]))
    entry: dict[str, Any] = {"name": _free(_slug(title)), "id": id, "title": title}
    category = metadata["dimension"][CONTENTS]["category"]
    units = {str((category.get("unit") or {}).get(code, {}).get("base", "")) for code in contents}
    entry["unit"] = units.pop() if len(units) == 1 and units != {""} else "see the measures"
    periods, look = _periods(id, chosen.get(TIME, list(labels[TIME])), list(labels[TIME]))
    entry |= periods
    extension = metadata["dimension"][CONTENTS].get("extension") or {}
    kinds = {(extension.get("measuringType") or {}).get(code) for code in contents}
    if kinds == {"Stock"}:
        entry["stock"] = True
    notes = notes_of(metadata)
    noise = next((note for note in notes if "slumpmässig osäkerhet" in note or "Cell Key" in note), None)
    if noise:
        since = re.search(r"referensåret (\d{4})", noise)
        entry |= {"noise_from": int(since[1])} if since else {"noise": True}
    if region != "Region":
        entry["region_variable"] = region
    entry["note"] = (
        "; ".join(notes)[:1000] or "Drafted from a query; SCB marks no note of the table as mandatory."
    )
    entry["not_tried"] = (
        "The selection as a whole: drafted from a query, and not fetched when it was written."
    )
    selection = {}
    for name, known in labels.items():
        if name in (TIME, CONTENTS):
            continue
        selection[name] = _words(name, chosen.get(name), known, region)
        if name != region and len(chosen.get(name, ())) > 1:
            look.append(
                f"{name} has {len(chosen[name])} values: choose one, or write "
                f"sum_over = [{json.dumps(name)}] if together they make the whole, each counted once"
            )
    entry["selection"] = selection
    entry["measures"] = {}
    for code in contents:
        own = _slug(labels[CONTENTS][code])
        while own in entry["measures"]:
            own += "_more"
        entry["measures"][own] = {"code": code, "label": labels[CONTENTS][code]}
    return entry, look


def _region_variable(id: str, labels: dict[str, dict[str, str]]) -> str:
    """Return the variable of counties and municipalities."""
    held = {
        name: sum(level_of_code(code) in ("county", "municipality") for code in codes)
        for name, codes in labels.items()
        if name not in (TIME, CONTENTS)
    }
    found = [name for name, count in held.items() if count and 2 * count > len(labels[name])]
    found = ["Region"] if "Region" in found else found
    if len(found) != 1:
        raise SourceError(
            f"table {id} has {'no variable' if not found else 'several variables'} of counties or "
            f"municipalities; it has {', '.join(labels)}",
            remedy="take a table by region; one of moves from place to place is written by hand",
        )
    return found[0]


def _periods(id: str, chosen: list[str], held: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Return first and last year, and whether they are quarters or months."""
    years = [year_of(period) for period in chosen]
    if not chosen or any(year is None for year in years):
        strange = next((p for p in chosen if year_of(p) is None), "none")
        raise SourceError(
            f"table {id}: the period {strange!r} is no year, quarter or month", remedy="choose other periods"
        )
    known = sorted(year for year in years if year is not None)
    found: dict[str, Any] = {"first_year": known[0]}
    if chosen[-1] != held[-1]:
        found["last_year"] = known[-1]
    kinds = {re.sub(r"\d", "", period) for period in chosen}
    if kinds in ({"K"}, {"M"}):
        found["quarterly" if kinds == {"K"} else "monthly"] = True
    elif kinds != {""}:
        raise SourceError(
            f"table {id} has {chosen[0]} as a period; the catalogue takes years, quarters and months",
            remedy="take the table by year, quarter or month",
        )
    gaps = sorted(set(range(known[0], known[-1] + 1)) - set(known))
    look = [f"the query leaves out {gaps[0]}, the catalogue takes every year between"] if gaps else []
    return found, look


def _words(name: str, codes: list[str] | None, labels: dict[str, str], region: str) -> list[str]:
    """Return the selection of a variable as the catalogue writes it; what was not asked for is left out."""
    if codes is None:
        return ["@left_out"] if name != region else ["*"]
    if name == region:
        if codes == list(labels):
            return ["*"]
        for level in ("county", "municipality"):
            if codes == [code for code in labels if level_of_code(code) == level]:
                return ["@counties" if level == "county" else "@municipalities"]
    return codes


def _slug(label: str) -> str:
    """Return a name of small letters and underscores out of a label, of at most five words."""
    plain = unicodedata.normalize("NFKD", label.casefold()).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z]+", plain)
    return "_".join(words[:5]) or "table"


def _free(name: str) -> str:
    """Return a name that no table of the shipped catalogue has: those of one name are joined."""
    taken = {table.name for table in Catalogue.load().tables}
    while name in taken:
        name += "_own"
    return name


def _toml(entry: dict[str, Any]) -> str:
    measures = entry["measures"]
    lines = ["[[tables]]"]
    lines += toml_pairs({key: value for key, value in entry.items() if key != "measures"})
    lines += ["[tables.measures]", *toml_pairs(measures)]
    return "\n".join(lines) + "\n"
