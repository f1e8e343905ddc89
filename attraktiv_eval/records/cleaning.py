"""A table made into records: its list, its headings, its columns typed, and the rows that cannot be used."""

from __future__ import annotations

from datetime import date

import numpy as np

from attraktiv_eval.errors import RecordError
from attraktiv_eval.records.faults import REMEDIES
from attraktiv_eval.records.headings import Headings, find_headings, nearest, plain_heading
from attraktiv_eval.records.model import Cleaned, Fault, Sheet
from attraktiv_eval.records.rows import Rows
from attraktiv_eval.records.schemas import NOT_LISTS, schemas

__all__ = ["Cleaned", "clean_sheet"]


def clean_sheet(sheet: Sheet, earliest: date, latest: date) -> Cleaned | None:
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
    found = find_headings(rows, sheet.name, sheet.file.rsplit("/", 1)[-1])
    if found.name is None:
        return None
    if found.rivals:
        raise RecordError(
            f"the headings fit both {found.name} and {', '.join(found.rivals)}",
            remedy="name the sheet or the file after its list, for example Kontakter",
            file=sheet.file,
        )
    headings = rows[found.row]
    sheet.heading_row = sheet.rows[found.row]
    fields = _fields(sheet, found.name, headings, found.fields)
    notes = _unknown_headings(sheet, found.name, headings, found.fields)
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
    table = Rows(found.name, sheet, body, shown, marks, numbers, (earliest, latest), aside)
    table.overflow(beyond)
    cleaned = table.clean()
    stray = _above(sheet, found, shown, (earliest, latest))
    cleaned.read += len(stray)
    cleaned.rejected += [
        Fault(sheet.file, sheet.name, row, "", "above_headings", REMEDIES["above_headings"]) for row in stray
    ]
    cleaned.notes = [*sheet.notes, *notes, *cleaned.notes]
    return cleaned


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
    sheet: Sheet, name: str, headings: list[str | None], fields: list[str | None]
) -> list[tuple[str, str]]:
    """Return a note for each heading that is not known, with its nearest known one."""
    notes = []
    for text, field_name in zip(headings, fields, strict=True):
        if text and field_name is None and plain_heading(text) != "exempelrad":
            like = nearest(text, name)
            notes.append(("unknown_heading", f"{text} → {like}?" if like else text))
    return notes
