"""A table made into records: its list, its headings, its columns typed, and the rows that cannot be used."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from attraktiv_eval.errors import RecordError
from attraktiv_eval.records.faults import REMEDIES
from attraktiv_eval.records.headings import Headings, find_headings, nearest, plain_heading, synonyms
from attraktiv_eval.records.identifiers import email_key, phone_key
from attraktiv_eval.records.model import LISTS, Cleaned, Fault, Sheet
from attraktiv_eval.records.rows import Rows
from attraktiv_eval.records.schemas import NOT_LISTS, kind_of, schemas
from attraktiv_eval.records.settings import Given
from attraktiv_eval.records.vocabulary import id_of
from attraktiv_eval.records.ways import heading_unit, table_unit, without_unit

_MOST_SHOWN = 200  # unknown headings for which the nearest known one is sought
_FEW_TEXTS = 20_000  # a column of more different texts holds no heading that is sought again
_LONGEST = 120  # signs of a heading; a longer cell is prose

__all__ = ["Cleaned", "clean_sheet"]


def clean_sheet(sheet: Sheet, earliest: date, latest: date, given: Given | None = None) -> Cleaned | None:
    """Type the columns of a table and set aside the rows that cannot be used.

    Returns
    -------
    Cleaned, or None if the table is no list (a cover sheet, a diagram).

    Raises
    ------
    RecordError
        If a required column is missing, two columns mean the same, or the headings fit two lists.
    """
    if sheet.name in NOT_LISTS:
        return None
    rows = [list(row) for row in zip(*(column[:60] for column in sheet.columns), strict=True)]
    given = given or Given()
    found = find_headings(
        [[_bare(cell, given) for cell in row] for row in rows[:40]],
        sheet.name,
        sheet.file.rsplit("/", 1)[-1],
        stated=given.list,
        own=given.headings,
    )
    if found.name is None:
        return None
    if found.rivals:
        raise RecordError(
            f"the headings fit both {found.name} and {', '.join(found.rivals)}",
            remedy="name the sheet or the file after its list, for example Kontakter",
            file=sheet.file,
        )
    if again := _headings_again(sheet, found, given):
        return _in_parts(sheet, again, earliest, latest, given)
    headings = rows[found.row]
    told = _tell_apart(sheet, found) | _name_in_two(sheet, found, headings, given)
    factors, units = _units(sheet, found, rows, given, told)
    sheet.heading_row = sheet.rows[found.row]
    fields = _fields(sheet, found.name, headings, found.fields)
    notes = units + _unknown_headings(found.name, headings, found.fields, given, told)
    mark = next((i for i, text in enumerate(headings) if text and plain_heading(text) == "exempelrad"), None)
    body = {name: sheet.columns[index][found.row + 1 :] for name, index in fields.items()}
    shown = {name: headings[index] for name, index in fields.items()}
    beyond = _beyond(sheet, headings, found.row)
    if sheet.name:
        notes += [("no_heading", str(len(beyond)))] if beyond else []
        beyond = []
    marks = sheet.columns[mark][found.row + 1 :] if mark is not None else None
    numbers = np.asarray(sheet.rows[found.row + 1 :], dtype=np.int64)
    aside = [
        sheet.columns[index][found.row + 1 :]
        for index, (text, name) in enumerate(zip(headings, found.fields, strict=True))
        if text and name is None and index != mark
    ]
    span = earliest, latest
    table = Rows(found.name, sheet, body, shown, marks, numbers, span, aside, factors, given)
    table.overflow(beyond)
    cleaned = table.clean()
    stray = _above(sheet, found, shown, (earliest, latest))
    cleaned.read += len(stray)
    cleaned.rejected += [
        Fault(sheet.file, sheet.name, row, "", "above_headings", REMEDIES["above_headings"]) for row in stray
    ]
    cleaned.notes = [*sheet.notes, *notes, *cleaned.notes]
    return cleaned


def _headings_again(sheet: Sheet, found: Headings, given: Given) -> int | None:
    """Return the index of the first row below where headings stand in another order or language, if any.

    Most of its filled cells, at least two, are headings of the list; every required field is among them, and
    they do not all stand where they stood above. The same headings again are a row to reject, no split.
    """
    table = synonyms(found.name or "") | {text: name for text, name in given.headings.items() if name}
    hits: dict[int, dict[int, str]] = {}
    for index, column in enumerate(sheet.columns):
        below = column[found.row + 1 :]
        distinct = set(below)
        if len(distinct) > _FEW_TEXTS:
            continue
        known = {
            text: table[plain]
            for text in distinct
            if text and len(text) <= _LONGEST and (plain := plain_heading(_bare(text, given) or "")) in table
        }
        for at in (at for at, text in enumerate(below) if text in known) if known else ():
            hits.setdefault(at + found.row + 1, {})[index] = known[below[at] or ""]
    required = {key for key, column in schemas()[found.name or ""].columns.items() if column.required}
    for at, meant in sorted(hits.items()):
        filled = sum(column[at] is not None for column in sheet.columns)
        fields = list(meant.values())
        if len(set(fields)) < 2 or 2 * len(fields) <= filled or not required <= set(fields):
            continue
        if any(found.fields[index] != name for index, name in meant.items()):
            return at
    return None


def _in_parts(sheet: Sheet, at: int, earliest: date, latest: date, given: Given) -> Cleaned | None:
    """Clean the table above and the table from a row on, and return them as one."""
    parts = []
    for rows in (slice(None, at), slice(at, None)):
        columns = [column[rows] for column in sheet.columns]
        part = replace(sheet, columns=columns, rows=sheet.rows[rows], notes=[] if rows.start else sheet.notes)
        parts.append(clean_sheet(part, earliest, latest, given))
    first, second = parts
    if first is None or second is None:
        return first or second
    frames = [part.frame for part in (first, second) if len(part.frame)]
    return replace(
        first,
        frame=pd.concat(frames, ignore_index=True) if len(frames) > 1 else (frames or [first.frame])[0],
        read=first.read + second.read,
        rejected=first.rejected + second.rejected,
        cells=first.cells + second.cells,
        notes=[*first.notes, *second.notes, ("headings_again", str(sheet.rows[at]))],
    )


def _bare(cell: str | None, given: Given) -> str | None:
    """Return a heading without its unit where it is not known with it."""
    if not cell or len(cell) > _LONGEST or not heading_unit(cell)[0]:
        return cell
    plain = plain_heading(cell)
    known = plain in given.headings or any(plain in synonyms(name) for name in LISTS)
    return cell if known else without_unit(cell)


def _units(
    sheet: Sheet, found: Headings, rows: list[list[str | None]], given: Given, told: set[int]
) -> tuple[dict[str, float], list[tuple[str, str]]]:
    """Return what the amounts of each column are in kronor; a column of another money is left out and told.

    The heading goes before a line above the table, and that before the settings.
    """
    factors: dict[str, float] = {}
    notes: list[tuple[str, str]] = []
    above = table_unit([sheet.name, *(cell for row in rows[: found.row] for cell in row)])
    columns = schemas()[found.name or ""].columns
    for index, name in enumerate(found.fields):
        if name is None or kind_of(columns[name]) not in ("amount", "whole"):
            continue
        heading = rows[found.row][index] or ""
        stated, factor = heading_unit(heading)
        if not stated and kind_of(columns[name]) == "amount":
            factor = above if above != 1 else given.factor or 1.0
        if factor is None:
            notes.append(("vat_or_currency", heading))
            found.fields[index] = None
            told.add(index)
        elif factor != 1:
            factors[name] = factor
            notes.append(("unit_applied", f"{heading} (x {factor:.0f})"))
    return factors, notes


def _tell_apart(sheet: Sheet, found: Headings) -> set[int]:
    """Tell two columns of one field apart by what stands in them, where that is clear.

    ``Inflyttad`` with yes and no beside ``Inflyttningsdatum`` is whether, not when. Of two addresses of one
    person (``E-post`` beside ``E-postadress``) the first that can be read counts, row by row; the indices of
    columns that went up in another are returned.
    """
    gone: set[int] = set()
    for index, name in enumerate(found.fields):
        first = found.fields.index(name)
        if name is None or first == index:
            continue
        below = slice(found.row + 1, None)
        if name == "moved_in" and "moved" not in found.fields:
            for at in (first, index):
                cells = {cell for cell in sheet.columns[at][below] if cell}
                if cells and all(id_of("yes_no", cell) for cell in cells):
                    found.fields[at] = "moved"
                    break
        elif name in ("email", "phone"):
            read = email_key if name == "email" else phone_key
            one, other = sheet.columns[first][below], sheet.columns[index][below]
            sheet.columns[first][below] = [
                b if b and not (a and read(a)) and read(b) else a for a, b in zip(one, other, strict=True)
            ]
            found.fields[index] = None
            gone.add(index)
    return gone


#: Headings as compared of a name that stands in two columns.
_GIVEN = {"förnamn", "fornamn", "tilltalsnamn", "firstname", "givenname"}
_SURNAME = {"efternamn", "lastname", "surname", "familyname"}


def _name_in_two(sheet: Sheet, found: Headings, headings: list[str | None], given: Given) -> set[int]:
    """Make one name of a given name and a surname that stand in a column each; return the second's index.

    A row with only one of them has no name: Anna is many. A column that the settings speak of is theirs.
    """
    if "person_name" not in schemas()[found.name or ""].columns or "person_name" in found.fields:
        return set()
    plain = [
        plain_heading(text) if text and name is None else ""
        for text, name in zip(headings, found.fields, strict=True)
    ]
    first = [i for i, text in enumerate(plain) if text in _GIVEN and text not in given.headings]
    last = [i for i, text in enumerate(plain) if text in _SURNAME and text not in given.headings]
    if len(first) != 1 or len(last) != 1:
        return set()
    below = slice(found.row + 1, None)
    one, other = sheet.columns[first[0]], sheet.columns[last[0]]
    one[below] = [f"{a} {b}" if a and b else None for a, b in zip(one[below], other[below], strict=True)]
    found.fields[first[0]] = "person_name"
    return {last[0]}


def _above(sheet: Sheet, found: Headings, shown: dict[str, str | None], span: tuple[date, date]) -> list[int]:
    """Return the rows above the headings that would be records below them, as after a sort of the sheet.

    A title fills a cell or two; a record at least half of the columns, with values that can be read.
    """
    filled = [sum(cells[row] is not None for cells in _known(sheet, found)) for row in range(found.row)]
    likely = [row for row, n in enumerate(filled) if n > 1 and 2 * n >= len(shown)]
    if not likely or found.name is None:
        return []
    body = {
        name: [sheet.columns[index][row] for row in likely]
        for index, name in enumerate(found.fields)
        if name in shown
    }
    rows = np.asarray([sheet.rows[row] for row in likely], dtype=np.int64)
    kept = Rows(found.name, sheet, body, shown, None, rows, span, []).clean()
    return [int(row) for row in kept.frame["_row"]]


def _known(sheet: Sheet, found: Headings) -> list[list[str | None]]:
    return [sheet.columns[index] for index, name in enumerate(found.fields) if name is not None]


def _beyond(sheet: Sheet, headings: list[str | None], row: int) -> list[list[str | None]]:
    """Return the filled columns to the right of the last heading: cells that nothing names."""
    last = max(index for index, text in enumerate(headings) if text)
    return [cells for column in sheet.columns[last + 1 :] if any(cells := column[row + 1 :])]


def _fields(sheet: Sheet, name: str, headings: list[str | None], fields: list[str | None]) -> dict[str, int]:
    """Return field -> column; the second of two columns may only be there if it is empty or equal."""
    chosen: dict[str, int] = {}
    for index, field_name in enumerate(fields):
        if field_name is None:
            continue
        if field_name in chosen:
            below = sheet.rows.index(sheet.heading_row) + 1
            first, second = sheet.columns[chosen[field_name]][below:], sheet.columns[index][below:]
            if any(b is not None and a != b for a, b in zip(first, second, strict=True)):
                raise RecordError(
                    f"two columns mean {field_name}: {headings[chosen[field_name]]} and {headings[index]}",
                    remedy="keep one of them",
                    file=sheet.file,
                    column=headings[index],
                )
            continue
        chosen[field_name] = index
    for field_name, column in schemas()[name].columns.items():
        if column.required and field_name not in chosen:
            like = _like(column.title, headings, fields)
            raise RecordError(
                f"the list {name}{f' ({sheet.name})' if sheet.name else ''} lacks the column {column.title}",
                remedy=f"rename the column {like} to {column.title}"
                if like
                else f"add a column {column.title}",
                file=sheet.file,
                column=column.title,
            )
    return chosen


def _like(title: str, headings: list[str | None], fields: list[str | None]) -> str | None:
    from rapidfuzz import fuzz, process

    unknown = [text for text, name in zip(headings, fields, strict=True) if text and name is None]
    found = process.extractOne(title, unknown, scorer=fuzz.ratio, processor=plain_heading, score_cutoff=55)
    return found[0] if found else None


def _unknown_headings(
    name: str, headings: list[str | None], fields: list[str | None], given: Given, told: set[int]
) -> list[tuple[str, str]]:
    """Return a note for each heading that is not known, with its nearest known one."""
    notes: list[tuple[str, str]] = []
    for index, (text, field_name) in enumerate(zip(headings, fields, strict=True)):
        if not text or field_name is not None or index in told:
            continue
        plain = plain_heading(text)
        if plain != "exempelrad" and given.headings.get(plain, "") is not None:
            like = nearest(text, name) if len(notes) < _MOST_SHOWN else None
            notes.append(("unknown_heading", f"{text} → {like}?" if like else text))
    return notes
