"""A table made into records: its list, its headings, its columns typed, and the rows that cannot be used."""

from __future__ import annotations

import ctypes
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attraktiv_eval.errors import RecordError
from attraktiv_eval.project import Project
from attraktiv_eval.records.csv_files import read_in_parts
from attraktiv_eval.records.dates import is_serial
from attraktiv_eval.records.faults import REMEDIES
from attraktiv_eval.records.files import (
    SETTINGS,
    Given,
    export_of,
    files_in,
    fingerprint,
    passed_over,
    preset_headings,
    published_in,
    read_file,
    read_settings,
)
from attraktiv_eval.records.headings import (
    GIVEN_NAMES,
    LONGEST,
    SURNAMES,
    Headings,
    bare_heading,
    find_headings,
    first_of,
    is_stamp_of_row,
    is_value,
    named_list,
    nearest,
    plain_heading,
    synonyms,
)
from attraktiv_eval.records.linkage import OwnFinancier
from attraktiv_eval.records.pseudonyms import email_key, names_of_persons, phone_key
from attraktiv_eval.records.records import LISTS, Cleaned, Column, Fault, Sheet
from attraktiv_eval.records.schemas import (
    IDENTITY,
    NOT_LISTS,
    coded,
    first_known,
    from_codes,
    id_of,
    kind_of,
    schemas,
    stacked,
)
from attraktiv_eval.records.traces import is_over_two_headings
from attraktiv_eval.records.values import (
    ABROAD,
    SWEDEN,
    Reader,
    Value,
    Ways,
    country_of,
    decimal_sign,
    direction,
    has_postcode,
    heading_unit,
    municipality_of,
    sheet_orders,
    table_unit,
)
from attraktiv_eval.records.workbook import EXAMPLE_MARKS, example_rows

if TYPE_CHECKING:
    import pandera.pandas as pa


_TOTAL = re.compile(
    r"(?:(?:del|total)?summa|summor|(?:sub|grand ?)?total(?:t|er|s)?|sum|(?:s:a|s\.a))"
    r"(?: (?:19|20)\d\d| (?:kr|sek|antal|st))?[\s:.=]*",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?:total(?:t|er|s)?|summa|antal|sammanlagt|inalles)\W+\d[\d \u00a0.,]*(?:st|stycken|pcs|kr|sek|tkr|"
    r"organisationer|företag|hushåll|personer|parter|rader|kontakter|deltagare|svar|organisations|companies|"
    r"households|people|rows|contacts)?[\s.!]*",
    re.IGNORECASE,
)
_FOOTNOTE = re.compile(
    r"(?:(?:käll(?:a|or)|sources?|anm(?:ärkning)?\.?|obs|fotnot|footnote|not|note|kommentar) ?:\s*\S.*"
    r"|\*+\)? ?\w.*|(?:senast )?(?:uppdaterad|utskriven|updated|printed)\b.*\d.*)",
    re.IGNORECASE | re.DOTALL,
)

#: The first three letters of every such word: a quick look that spares a million references the expressions.
_STARTS = frozenset(
    [
        "sum",
        "tot",
        "del",
        "sub",
        "gra",
        "s:a",
        "s.a",
        "käl",
        "sou",
        "anm",
        "obs",
        "fot",
        "foo",
        "not",
        "kom",
        "sen",
        "upp",
        "uts",
        "upd",
        "pri",
        "ant",
        "sam",
        "ina",
    ]
)


def repeated_headings(body: Mapping[str, Column], headings: dict[str, str | None], size: int) -> np.ndarray:
    """Return the rows where most cells, and at least two, say what stands above them as a heading."""
    same = np.zeros(size, dtype=np.int64)
    for name, cells in body.items():
        heading = headings[name]
        if heading in cells.texts:
            same[cells.where(heading.__eq__)] += 1
    found = [
        index
        for index in np.flatnonzero(same >= 2)
        if 2 * same[index] > sum(cells[index] is not None for cells in body.values())
    ]
    return np.array(found, dtype=np.int64)


def totals(columns: Sequence[Column]) -> np.ndarray:
    """Return the rows where a cell of any column says that the row is a sum."""
    return _union(
        [
            _where(cells, lambda text: bool(_TOTAL.fullmatch(text) or _COUNTED.fullmatch(text)))
            for cells in columns
        ]
    )


def footnotes(body: Mapping[str, Column], kinds: dict[str, str]) -> np.ndarray:
    """Return the rows where a cell is a footnote, such as ``Källa: ...``.

    In a column of free text, where a source may be stated, only if nothing else of the row is filled in.
    """
    found = []
    for name, cells in body.items():
        rows = _where(cells, lambda text: bool(_FOOTNOTE.fullmatch(text)))
        if kinds[name] == "text":
            others = [column for other, column in body.items() if other != name]
            for column in others:
                rows = rows[~column.filled[rows]]
        found.append(rows)
    return _union(found)


def _where(cells: Column, fits: Callable[[str], bool]) -> np.ndarray:
    """Return the rows whose text fits; of the distinct texts only those that begin as such words do."""
    likely = {start for start in cells.starts if start.casefold() in _STARTS or start[0] == "*"}
    return cells.where(lambda text: text[:3] in likely and fits(text)) if likely else cells.rows([])


def _union(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.unique(np.concatenate([np.array([], dtype=np.int64), *parts]))


# --- The rows of a list while they are typed

#: Days of what follows upon a row's event; where one has not come yet, the event stands without it.
_LATER = ("checked", "left")


class Rows:
    """The rows below the headings, while they are being typed.

    ``headings`` tells each field's heading as the file spells it. ``aside`` holds the columns whose headings
    are not known; they are read only to find rows of totals. ``factors`` holds what the amounts of a column
    are in kronor, where its heading or the table says so; ``given`` what the settings state.
    """

    def __init__(
        self,
        name: str,
        sheet: Sheet,
        body: dict[str, Column],
        headings: dict[str, str | None],
        marks: Column | None,
        rows: np.ndarray,
        span: tuple[date, date],
        aside: list[Column],
        factors: dict[str, float] | None = None,
        given: Given | None = None,
    ) -> None:
        self.name, self.sheet, self.body = name, sheet, body
        self.headings, self.marks = headings, marks
        self.rows, self.aside = rows, aside
        self.earliest, self.latest = span
        self.schema = schemas()[name]
        self.bad = np.zeros(len(rows), dtype=bool)
        self.rejected: list[Fault] = []
        self.cells: list[Fault] = []
        self.notes: list[tuple[str, str]] = []
        self.mended: Counter[str] = Counter()
        self.factors, stated = factors or {}, given or Given()
        self.order, self.scale = stated.date_order, stated.scale
        self.orders: dict[str, tuple[str, str]] = {}
        #: Field -> texts that its column has in other parts of the table.
        self.elsewhere: dict[str, list[str]] = {}

    def overflow(self, beyond: list[Column]) -> None:
        """Reject the rows of a CSV file with more cells than headings: their cells may be shifted."""
        for cells in beyond:
            where = np.flatnonzero(cells.filled & ~self.bad)
            self._reject(where, "", "too_many_cells")

    def clean(self) -> Cleaned:
        """Return the rows that can be used, typed."""
        self._leave_out_examples()
        self._leave_out_rows_that_are_no_records()
        self._decide_orders()
        columns: dict[str, object] = {}
        for name, column in self.schema.columns.items():
            columns.update(self._typed(name, column))
        frame = pd.DataFrame(columns, index=range(len(self.rows)), copy=False)
        self._say_abroad(frame)
        self._leave_out_rows_of_nobody(frame)
        for column, persons in names_of_persons(self.name, frame, by_form=True).items():
            told = np.flatnonzero(persons.to_numpy(dtype=bool) & ~self.bad)
            self.cells += [self._fault(row, self._heading(column), "person_as_organisation") for row in told]
        self.notes += [(f"mended_{kind}", str(n)) for kind, n in sorted(self.mended.items()) if n]
        everywhere = np.zeros(len(frame), dtype=np.int8)
        for name, text in (("_file", self.sheet.file), ("_sheet", self.sheet.name)):
            frame[name] = from_codes(everywhere, [text], frame.index)
        frame["_row"] = np.asarray(self.rows, dtype=np.int32)
        if self.name == "households":
            frame["_unread"], frame["_no_destination"] = self._unknown_destinations(frame)
        kept = frame[~self.bad].reset_index(drop=True) if self.bad.any() else frame
        return Cleaned(
            self.name,
            self.sheet.file,
            self.sheet.name,
            kept,
            len(self.rows),
            self.rejected,
            self.cells,
            self.notes,
            {name: self._heading(name) for name in self.headings if name in self.schema.columns},
        )

    def _say_abroad(self, frame: pd.DataFrame) -> None:
        """Take a country that stands in a town's column as one: an origin abroad, else no municipality.

        Only of a move's destination it says something that counts: the household went elsewhere.
        """
        for name, column in self.schema.columns.items():
            if kind_of(column) != "municipality" or name == "destination_code":
                continue
            abroad = (frame[name] == ABROAD).to_numpy(dtype=bool)
            if not abroad.any():
                continue
            frame[name] = frame[name].mask(abroad)
            if name == "origin_code":
                kept = "origin_country" if "origin_country" in frame else "_country"
                if kept in frame:
                    both = abroad & (frame[kept] == SWEDEN).to_numpy(dtype=bool)
                    heading = self._heading(name)
                    self.cells += [self._fault(row, heading, "town_abroad") for row in np.flatnonzero(both)]
                said = pd.Series(list(self.body[name][abroad]), frame.index[abroad], dtype=object)
                known = said.map(lambda text: country_of(str(text)) or "Utlandet").reindex(frame.index)
                frame[kept] = first_known(frame[kept], known) if kept in frame else coded(known)

    def _unknown_destinations(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return which rows tell no destination that can be used, and which of them leave its cell empty.

        Where the list names destinations, a row that says that the household moved and leaves its cell empty
        does not say where to. A list without such a column means by a move one into the county.
        """
        if "destination_code" not in self.body:
            none = np.zeros(len(self.rows), dtype=bool)
            return none, none.copy()
        written = self.body["destination_code"].filled
        moved = ((frame["moved"] == "yes") | frame["moved_in"].notna()).to_numpy(dtype=bool)
        empty = ~written & moved
        return (written & frame["destination_code"].isna().to_numpy()) | empty, empty

    def _heading(self, name: str) -> str:
        """Return a field's heading on one line as the file spells it; the dictionary's where it has none."""
        return " ".join((self.headings.get(name) or self.schema.columns[name].title).split())

    def _reject(self, where: np.ndarray, column: str, kind: str) -> None:
        for index in where:
            self.rejected.append(self._fault(index, column, kind))
        self.bad[where] = True

    def _fault(self, index: int | np.integer, column: str, kind: str) -> Fault:
        return Fault(
            self.sheet.file, self.sheet.name, int(self.rows[int(index)]), column, kind, REMEDIES[kind]
        )

    def _drop(self, keep: np.ndarray) -> None:
        """Leave rows out as if they had never been there, but for a note."""
        if keep.all():
            return
        self.body = {name: cells[keep] for name, cells in self.body.items()}
        self.aside = [cells[keep] for cells in self.aside]
        if self.marks is not None:
            self.marks = self.marks[keep]
        self.rows, self.bad = self.rows[keep], self.bad[keep]

    def _leave_out_examples(self) -> None:
        """Leave out the workbook's example row; a marked row that says something else is rejected."""
        is_example, other = example_rows(self.schema, self.body, self.marks, len(self.rows))
        if is_example.any():
            self.notes.append(("example_row", str(int(is_example.sum()))))
        self._reject(np.flatnonzero(other), self.headings.get("example_row") or "", "marked_as_example")
        self._drop(~is_example & (self._filled() | other))

    def _filled(self) -> np.ndarray:
        """Return which rows have a value in any known column."""
        filled = np.zeros(len(self.rows), dtype=bool)
        for cells in self.body.values():
            if filled.all():
                break
            filled |= cells.filled
        return filled

    def _leave_out_rows_that_are_no_records(self) -> None:
        """Reject headings that are repeated further down, rows of totals, and footnotes."""
        self._reject(repeated_headings(self.body, self.headings, len(self.rows)), "", "repeated_heading")
        kinds = {name: kind_of(column) for name, column in self.schema.columns.items()}
        for kind, where in (
            ("total_row", totals([*self.body.values(), *self.aside])),
            ("footnote", footnotes(self.body, kinds)),
        ):
            self._reject(where[~self.bad[where]], "", kind)

    def _decide_orders(self) -> None:
        """Decide the order of day, month and year by the columns of dates; tell where nothing does."""
        dates: dict[str, Sequence[str]] = {
            name: list(dict.fromkeys(self._known(name)))
            for name, column in self.schema.columns.items()
            if kind_of(column) == "date" and name in self.body
        }
        self.orders, assumed = sheet_orders(dates, self.earliest, self.latest, self.order)
        if self.order is None:
            self.notes += [
                ("date_order_assumed", f"{self._heading(name)} ({n})") for name, n in assumed.items()
            ]

    def _known(self, name: str) -> list[str]:
        """Return the texts of a column, those that stand in other parts of the table too."""
        return [*self.body[name].texts, *self.elsewhere.get(name, ())]

    def _ways(self, name: str, kind: str, texts: list[str]) -> Ways:
        """Return how a column is to be read, by all its texts and its heading."""
        if kind == "date":
            order, short = self.orders[name]
            return Ways(order=order, short=short, from_1904=self.sheet.from_1904)
        if kind in ("amount", "whole"):
            sign = decimal_sign(texts) if not self.sheet.name else _comma_only(texts)
            return Ways(decimal=sign, factor=self.factors.get(name, 1.0))
        if kind == "scale":
            return Ways(scale=direction(self.headings.get(name) or "") if self.scale is None else self.scale)
        if kind == "municipality":
            return Ways(codes=not any(map(has_postcode, texts)))
        return Ways()

    def _typed(self, name: str, column: pa.Column) -> dict[str, object]:
        """Return the typed column, and its precision where it is a date."""
        kind = kind_of(column)
        size = len(self.rows)
        if name not in self.body:
            empty: dict[str, object] = {name: _empty(size, kind)}
            if kind == "date":
                empty[f"{name}_precision"] = _empty(size, "text")
            return empty
        codes, texts = self.body[name].codes, self.body[name].texts
        ways = self._ways(name, kind, self._known(name))
        reader = Reader(kind, column.metadata["choice"], self.earliest, self.latest, ways)
        values, odd = reader.all(texts)
        if kind == "date":
            self._note_serials(codes, texts, ways)
        heading = self._heading(name)
        essential = column.metadata["essential"]
        self._note_faults(codes, odd, heading, essential=essential, later=name in _LATER)
        self._note_mended(codes, odd)
        if column.required:
            none = [
                value is None and not (index in odd and odd[index].fault)
                for index, value in enumerate(values)
            ]
            self._reject(np.flatnonzero(np.array([*none, True])[codes] & ~self.bad), heading, "missing_value")
        taken = np.empty(len(values) + 1, dtype=object)
        taken[:-1] = values
        result: dict[str, object] = {name: _series(taken, codes, kind)}
        if kind == "date":
            taken[:-1] = [odd[index].precision if index in odd else None for index in range(len(values))]
            result[f"{name}_precision"] = _series(taken, codes, "text")
        return result

    def _note_serials(self, codes: np.ndarray, texts: list[str], ways: Ways) -> None:
        """Count the serial dates of a text file, whose first year only the workbook knew."""
        serial = [index for index, text in enumerate(texts) if is_serial(text)]
        if serial and not self.sheet.name and ways.from_1904 is False:
            self.mended["serial_date"] += int((np.isin(codes, serial) & ~self.bad).sum())

    def _note_mended(self, codes: np.ndarray, odd: dict[int, Value]) -> None:
        """Count the cells of records that were evened out, by kind."""
        for kind in {value.mended for value in odd.values() if value.mended}:
            mended = [index for index, value in odd.items() if value.mended == kind]
            self.mended[kind] += int((np.isin(codes, mended) & ~self.bad).sum())

    def _note_faults(
        self, codes: np.ndarray, odd: dict[int, Value], heading: str, *, essential: bool, later: bool = False
    ) -> None:
        """Reject the rows of faulty cells, or leave the cells out.

        A day that has not come is no record of what happened; ``later``: only of what follows upon it.
        """
        for kind in sorted({value.fault for value in odd.values() if value.fault}):
            faulty = [index for index, value in odd.items() if value.fault == kind]
            where = np.flatnonzero(np.isin(codes, faulty) & ~self.bad)
            if essential or (kind == "future_date" and not later):
                self._reject(where, heading, kind)
            else:
                self.cells.extend(self._fault(index, heading, kind) for index in where)

    def _leave_out_rows_of_nobody(self, frame: pd.DataFrame) -> None:
        """Reject rows that no household or company can be told from, and rows that contradict themselves."""
        who = IDENTITY.get(self.name)
        if who:
            nobody = np.flatnonzero(~self.bad)
            for name in who:
                nobody = nobody[frame[name].array[nobody].isna()]
            there = next((name for name in who if name in self.headings), who[0])
            self._reject(nobody, self._heading(there), "no_identity")
        if self.name == "households":
            both = ((frame["moved"] == "no") & frame["moved_in"].notna()).to_numpy(dtype=bool) & ~self.bad
            self._reject(np.flatnonzero(both), self._heading("moved"), "contradiction")


def _comma_only(texts: list[str]) -> str | None:
    """Return the decimal comma where typed numbers tell it: a workbook's own numbers always have a point."""
    return decimal_sign([text for text in texts if "," in text])


def _empty(size: int, kind: str) -> object:
    return _series(np.array([None], dtype=object), np.zeros(size, dtype=np.int64), kind)


def _series(taken: np.ndarray, codes: np.ndarray, kind: str) -> object:
    """Return the values of the codes as an array of the kind's type; code -1 is the last, empty one."""
    if kind == "date":
        days = np.array(
            [np.datetime64("NaT", "ns") if day is None else np.datetime64(day, "ns") for day in taken]
        )
        return days.astype("datetime64[ns]")[codes]
    if kind in ("whole", "scale"):
        missing = np.array([value is None for value in taken])
        numbers = np.array([0 if value is None else value for value in taken], dtype=np.int64)
        return pd.arrays.IntegerArray(numbers[codes], missing[codes])
    if kind == "amount":
        return np.array([np.nan if value is None else value for value in taken], dtype=float)[codes]
    places, texts = pd.factorize(taken)
    return from_codes(places[codes], texts).array


# --- A table made into records

_EXAMPLE = {plain_heading(one) for one in EXAMPLE_MARKS.values()}
_MOST_SHOWN = 200  # unknown headings for which the nearest known one is sought
_FEW_TEXTS = 20_000  # a column of more different texts holds no heading that is sought again
_MOST_GAPS = 20  # empty columns of a sheet beside which another table is sought
_MOST_TABLES = 200  # empty rows of a sheet below which another table is sought
_DIGIT = re.compile(r"\d")
_OF_A_DAY = 4  # digits that a day has at least
_SAMPLE = 200  # different cells that tell what a column is


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
    rows = sheet.top()
    given = given or Given()
    system = next(filter(None, (export_of(row) for row in rows[:_EXPORT_ROWS])), None)
    stated, given = given, _with_preset(given, system, rows, sheet)
    found = _find(rows, sheet, given)
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
    _whether_beside_when(sheet, found, headings)
    _from_a_town(sheet, found, headings, given)
    factors, units = _units(sheet, found, rows, given, told)
    sheet.heading_row = sheet.rows[found.row]
    stamps = _stamps_that_give_way(found, headings)
    fields = _fields(sheet, found.name, headings, found.fields)
    if system:
        units.append(("export", _SYSTEMS[system]))
        told |= {i for i, text in enumerate(headings) if text and _said_by_preset(text, given, stated)}
    idle = _unknown_headings(found.name, headings, found.fields, given, told - stamps)
    alone = found.row + 1 == len(sheet.rows)
    apart = any(is_over_two_headings(*two) for two in pairwise(headings))
    beyond = _beyond(sheet, headings, found.row)
    apart |= bool(beyond) and not sheet.name  # a row of headings that lost its end may hold the next row's
    if idle and (alone or apart or any(is_value(headings[index] or "") for index in idle)):
        notes = [*units, ("unknown_headings_only", str(len(idle)))]  # they may be a person's own row
        idle = {}
    else:
        notes = [*units, *(("unknown_heading", text) for text in idle.values())]
    mark = next((i for i, text in enumerate(headings) if text and plain_heading(text) in _EXAMPLE), None)
    body = {name: sheet.columns[index][found.row + 1 :] for name, index in fields.items()}
    shown = {name: headings[index] for name, index in fields.items()}
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
    named = shown if mark is None else {**shown, "example_row": headings[mark]}
    table = Rows(found.name, sheet, body, named, marks, numbers, span, aside, factors, given)
    if sheet.elsewhere:
        table.elsewhere = {name: sheet.elsewhere[index] for name, index in fields.items()}
    table.overflow(beyond)
    cleaned = table.clean()
    cleaned.unknown = {
        text: int(sheet.columns[index][found.row + 1 :].filled.sum()) for index, text in idle.items()
    }
    stray = [row for row in _above(sheet, found, shown, (earliest, latest)) if row > 0]
    cleaned.read += len(stray)
    cleaned.rejected += [
        Fault(sheet.file, sheet.name, row, "", "above_headings", REMEDIES["above_headings"]) for row in stray
    ]
    cleaned.notes = [*sheet.notes, *notes, *cleaned.notes]
    return cleaned


#: Rows in which an export has its headings; what it adds to them is a title or two.
_EXPORT_ROWS = 5
_SYSTEMS = {
    "hubspot": "HubSpot",
    "lime": "Lime",
    "microsoft_forms": "Microsoft Forms",
    "google_forms": "Google Forms",
    "netigate": "Netigate",
    "outlook": "Outlook",
    "dynamics": "Microsoft Dynamics",
    "salesforce": "Salesforce",
    "superoffice": "SuperOffice",
}


#: Systems of forms: an export is a survey's or of those who signed up; what it adds of itself does not tell.
_FORMS = ("microsoft_forms", "google_forms", "netigate")


def _find(rows: list[list[str | None]], sheet: Sheet, given: Given) -> Headings:
    return find_headings(
        [[bare_heading(cell, given.headings) for cell in row] for row in rows[:40]],
        sheet.name,
        sheet.file.rsplit("/", 1)[-1],
        stated=given.list,
        own=given.headings,
    )


def _with_preset(given: Given, system: str | None, rows: list[list[str | None]], sheet: Sheet) -> Given:
    """Return what is stated of a file with what the export of a system means; the settings go before.

    Which list a form is, its questions must tell, or its name: the columns of the system's own are no sign.
    """
    if system is None:
        return given
    meant = preset_headings(system)
    name = given.list or named_list(sheet.name, sheet.file.rsplit("/", 1)[-1])
    if system in _FORMS and name is None:
        name = _find(rows, sheet, replace(given, headings={**dict.fromkeys(meant), **given.headings})).name
        if name is None:
            return given
    return replace(
        given, list=given.list or (name if system in _FORMS else None), headings={**meant, **given.headings}
    )


def _said_by_preset(text: str, given: Given, stated: Given) -> bool:
    """Return whether the preset, and not the settings, says what a heading means, also of another list."""
    plain = plain_heading(text)
    return plain in given.headings and plain not in stated.headings


def _side_by_side(sheet: Sheet, given: Given) -> list[Sheet]:
    """Return a sheet, or its tables where empty columns stand between lists of their own.

    Each has what its list must have, and read apart more headings are known than in one list together.
    """
    gaps = [index for index, column in enumerate(sheet.columns) if not column.texts]
    if not gaps or len(gaps) > _MOST_GAPS or given.list is not None:
        return [sheet]
    rows = sheet.top()
    known = 0
    starts: list[int] = []
    for start, end in pairwise([-1, *gaps, len(sheet.columns)]):
        found = find_headings(
            [[bare_heading(cell, given.headings) for cell in row[start + 1 : end]] for row in rows[:40]]
        )
        fields = {name for name in found.fields if name}
        columns = schemas()[found.name].columns if found.name else {}
        who = IDENTITY.get(found.name or "", ())
        whole = {key for key, column in columns.items() if column.required} <= fields
        if found.name and len(fields) > 1 and whole and (not who or fields & {*who}):
            starts.append(start + 1)
            known += len(fields)
    together = {name for name in _find(rows, sheet, given).fields if name}
    if len(starts) < 2 or known <= len(together):
        return [sheet]
    ends = pairwise([0, *starts[1:], len(sheet.columns)])
    return [
        replace(sheet, columns=sheet.columns[slice(*part)], notes=[] if number else sheet.notes)
        for number, part in enumerate(ends)
    ]


def _tables(sheet: Sheet, given: Given) -> list[Sheet]:
    """Return a sheet, or its tables where below an empty row the headings of another list stand.

    Most of that row's filled cells are headings of the other list, more than of the list above.
    """
    numbers = np.asarray(sheet.rows, dtype=np.int64)
    after_blank = (np.flatnonzero(np.diff(numbers) > 1) + 1).tolist() if given.list is None else []
    starts: list[int] = []
    above = None
    for at in after_blank[:_MOST_TABLES]:
        cells = [column[at] for column in sheet.columns]
        filled = {plain_heading(bare_heading(cell, given.headings) or "") for cell in cells if cell}
        if len(filled) < 2 or not all(len(cell or "") <= LONGEST for cell in cells):
            continue
        if above is None:
            rows = sheet.top()
            above = _find(rows, sheet, given)
        known = {name: {table[one] for one in filled if one in (table := synonyms(name))} for name in LISTS}
        best = max(LISTS, key=lambda name: len(known[name]))
        mine = known[above.name] if above.name else set()
        if above.name and at > above.row and len(known[best]) > max(1, len(mine), len(filled) // 2):
            starts.append(at)
    parts = [slice(*ends) for ends in pairwise([0, *starts, len(numbers)])] if starts else []
    return [
        replace(sheet, columns=[column[part] for column in sheet.columns], rows=sheet.rows[part])
        for part in parts
    ] or [sheet]


def _headings_again(sheet: Sheet, found: Headings, given: Given) -> int | None:
    """Return the index of the first row below where headings stand in another order or language, if any.

    Most of its filled cells, at least two, are headings of the list; every required field is among them, and
    they do not all stand where they stood above. The same headings again are a row to reject, no split.
    """
    table = synonyms(found.name or "") | {text: name for text, name in given.headings.items() if name}
    hits: dict[int, tuple[Column, dict[str, str], np.ndarray]] = {}
    for index, column in enumerate(sheet.columns):
        below = column[found.row + 1 :]
        if len(below.texts) > _FEW_TEXTS:
            continue
        known = {
            text: table[plain]
            for text in below.texts
            if len(text) <= LONGEST
            and (plain := plain_heading(bare_heading(text, given.headings) or "")) in table
        }
        if known and len(where := below.where(known.__contains__)):
            hits[index] = below, known, where
    if len(hits) < 2:
        return None
    size = len(sheet.rows) - found.row - 1
    many = np.sum([np.bincount(where, minlength=size) for _, _, where in hits.values()], axis=0)
    likely = np.flatnonzero(many >= 2)
    filled = np.sum([column.codes[found.row + 1 :][likely] >= 0 for column in sheet.columns], axis=0)
    required = {key for key, column in schemas()[found.name or ""].columns.items() if column.required}
    for at in likely[2 * many[likely] > filled].tolist():
        meant = {
            index: known[text]
            for index, (below, known, _) in hits.items()
            if (text := below[at]) is not None and text in known
        }
        fields = set(meant.values())
        if len(fields) < 2 or not required <= fields:
            continue
        if any(found.fields[index] != name for index, name in meant.items()):
            return at + found.row + 1
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
        frame=stacked(frames or [first.frame]),
        read=first.read + second.read,
        rejected=first.rejected + second.rejected,
        cells=first.cells + second.cells,
        unknown=dict(Counter(first.unknown) + Counter(second.unknown)),
        notes=[*first.notes, *second.notes, ("headings_again", str(sheet.rows[at]))],
    )


#: Texts of a column that are kept to decide how it is read; a column of more tells by these.
_DECIDING = 50_000
_FIRST_READ = 100_000  # rows that are looked at together for what decides
_PART, _MOST_ROWS = 150_000_000, 700_000  # bytes and rows of a part: each text of it is cleaned once


def _rows_of_a_part(path: Path) -> int:
    with path.open("rb") as file:
        start = file.read(1_000_000)
    return min(_PART * (1 + start.count(b"\n")) // max(len(start), 1), _MOST_ROWS)


def clean_in_parts(
    path: Path, name: str, earliest: date, latest: date, given: Given | None = None, size: int = 0
) -> Iterator[Cleaned]:
    """Clean a large CSV file part by part, each column read as all of it decides; memory stays bounded.

    The file is read twice: first for its headings and for the distinct texts that decide the order of days,
    the sign before decimals and the like, then for its rows, ``size`` at a time (by default some 150 MB).

    Yields
    ------
    Cleaned
        ``read``, ``rejected`` and ``cells`` are of the part; nothing where the file is no list.

    Raises
    ------
    RecordError
        As :func:`clean_sheet`, or if headings in another order stand further down: such a file is two.
    """
    given = given or Given()
    size = size or _rows_of_a_part(path)
    seen: list[dict[str, None]] = []
    head: list[list[str | None]] = []
    passed: set[int] = set()
    for part in read_in_parts(path, name, given.encoding, min(size, _FIRST_READ), passed=passed):
        head = head or part.top()
        seen += [{} for _ in part.columns[len(seen) :]]
        for index, column in enumerate(part.columns):
            seen[index].update(dict.fromkeys(column.texts))
            passed |= {index} if len(seen[index]) > _DECIDING else set()
    found = find_headings(
        [[bare_heading(cell, given.headings) for cell in row] for row in head[:40]],
        name.rsplit("/", 1)[-1],
        stated=given.list,
        own=given.headings,
    )
    above = head[: found.row + 1]
    elsewhere = [
        list(dict.fromkeys(texts.keys() - set(cells))) for texts, *cells in zip(seen, *above, strict=False)
    ]
    for number, part in enumerate(read_in_parts(path, name, given.encoding, size)):
        columns = list(part.columns)
        columns += [Column.of([None] * len(part.rows)) for _ in seen[len(columns) :]]
        rows = list(part.rows)
        if number:
            tops = zip(columns, *above, strict=False)
            columns = [column.below(list(cells)) for column, *cells in tops] + columns[len(above[0]) :]
            rows = [*range(-len(above), 0), *rows]
        sheet = replace(part, columns=columns, rows=rows, elsewhere=elsewhere)
        cleaned = clean_sheet(sheet, earliest, latest, given)
        if cleaned is None:
            return
        if any(kind == "headings_again" for kind, _ in cleaned.notes):
            raise RecordError(
                "headings in another order stand further down",
                remedy="save what stands below them as a file of its own",
                file=name,
            )
        yield cleaned


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

    ``Inflyttad`` with yes and no, and no day, beside ``Inflyttningsdatum`` is whether, not when; of
    ``Flyttat`` and ``Inflyttat`` the one without any yes or no is when. Of two addresses of one person
    (``E-post`` beside ``E-postadress``) the first that can be read counts, row by row; the indices of columns
    that went up in another are returned.
    """
    gone: set[int] = set()
    for index, name in enumerate(found.fields):
        first = found.fields.index(name)
        if name is None or first == index:
            continue
        below = slice(found.row + 1, None)
        other_field = {"moved_in": "moved", "moved": "moved_in"}.get(name)
        if other_field and other_field not in found.fields:
            for at in (first, index):
                cells = [*sheet.columns[at][below].texts, *(sheet.elsewhere[at] if sheet.elsewhere else ())]
                said = [id_of("yes_no", cell) is not None for cell in cells]
                days = [
                    cell for cell, word in zip(cells, said, strict=True) if not word and _DIGIT.search(cell)
                ]
                if cells and (any(said) and not days if other_field == "moved" else not any(said)):
                    found.fields[at] = other_field
                    break
        elif name in ("email", "phone"):
            read = email_key if name == "email" else phone_key
            one, other = sheet.columns[first], sheet.columns[index]
            better = np.zeros(len(one), dtype=bool)
            better[other.where(read)] = True
            better[one.where(read)] = better[: found.row + 1] = False
            sheet.columns[first] = one.merged(other, ~better)
            found.fields[index] = None
            gone.add(index)
    return gone


def _whether_beside_when(sheet: Sheet, found: Headings, headings: list[str | None]) -> None:
    """Make two columns of one that says when a household moved, and no where it did not.

    A column that asks whether is one of these where what it answers are days, such as ``Inflyttat``.
    """
    if found.fields.count("moved") == 1 and "moved_in" not in found.fields and found.name == "households":
        at = found.fields.index("moved")
        cells = [*sheet.columns[at][found.row + 1 :].texts, *(sheet.elsewhere[at] if sheet.elsewhere else ())]
        days = [cell for cell in cells[:_SAMPLE] if len(re.sub(r"\D", "", cell)) >= _OF_A_DAY]
        if days and all(id_of("yes_no", cell) is not None for cell in cells[:_SAMPLE] if cell not in days):
            found.fields[at] = "moved_in"
    if found.fields.count("moved_in") != 1 or "moved" in found.fields or found.name != "households":
        return
    at = found.fields.index("moved_in")
    column = sheet.columns[at]
    says = np.zeros(len(column), dtype=bool)
    says[column.where(lambda cell: id_of("yes_no", cell) is not None)] = True
    says[: found.row + 1] = False
    if not says.any():
        return
    empty = Column.of([None] * len(column))
    sheet.columns[at] = empty.merged(column, says)
    sheet.columns.append(column.merged(empty, says))
    sheet.elsewhere += [[] for _ in sheet.elsewhere[:1]]
    found.fields.append("moved")
    headings.append(headings[at])


def _from_a_town(sheet: Sheet, found: Headings, headings: list[str | None], given: Given) -> None:
    """Take ``Från`` of a list of contacts for where they live where most of it are municipalities or lands.

    In an export of letters it is who wrote.
    """
    if found.name != "contacts" or "origin_code" in found.fields:
        return
    for index, (text, name) in enumerate(zip(headings, found.fields, strict=True)):
        plain = plain_heading(text) if text and name is None else ""
        if plain not in ("från", "fran", "from") or plain in given.headings:
            continue
        cells = sheet.columns[index][found.row + 1 :].texts
        cells = [*cells, *(sheet.elsewhere[index] if sheet.elsewhere else ())][:_SAMPLE]
        if 2 * sum(municipality_of(cell) is not None for cell in cells) > len(cells):
            found.fields[index] = "origin_code"
            return


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
    first, last = (
        [
            i
            for i, text in enumerate(plain)
            if text and text not in given.headings and (text in names or first_of(text, other))
        ]
        for names, other in ((GIVEN_NAMES, GIVEN_NAMES - {*plain}), (SURNAMES, SURNAMES - {*plain}))
    )
    if len(first) != 1 or len(last) != 1:
        return set()
    one, other = list(sheet.columns[first[0]]), list(sheet.columns[last[0]])
    below = slice(found.row + 1, None)
    one[below] = [f"{a} {b}" if a and b else None for a, b in zip(one[below], other[below], strict=True)]
    sheet.columns[first[0]] = Column.of(one)
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
        name: sheet.columns[index][np.asarray(likely)]
        for index, name in enumerate(found.fields)
        if name in shown
    }
    rows = np.asarray([sheet.rows[row] for row in likely], dtype=np.int64)
    kept = Rows(found.name, sheet, body, shown, None, rows, span, []).clean()
    return [int(row) for row in kept.frame["_row"]]


def _known(sheet: Sheet, found: Headings) -> list[Column]:
    return [sheet.columns[index] for index, name in enumerate(found.fields) if name is not None]


def _beyond(sheet: Sheet, headings: list[str | None], row: int) -> list[Column]:
    """Return the filled columns to the right of the last heading: cells that nothing names."""
    last = max(index for index, text in enumerate(headings) if text)
    return [cells for column in sheet.columns[last + 1 :] if (cells := column[row + 1 :]).texts]


def _stamps_that_give_way(found: Headings, headings: list[str | None]) -> set[int]:
    """Take the day from a system's own stamp of the row where another column states it; return the stamps."""
    days = {index for index, name in enumerate(found.fields) if name == "date"}
    stamps = {index for index in days if is_stamp_of_row(headings[index] or "")}
    if len(stamps) < len(days):
        for index in stamps:
            found.fields[index] = None
        return stamps
    return set()


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
                else _to_add(field_name, column.title),
                file=sheet.file,
                column=column.title,
            )
    return chosen


def _to_add(field_name: str, title: str) -> str:
    return (
        f"add a column {title}, or say in lists.toml (attraktiv-eval check --write-settings writes one) "
        f'which heading it is: under [files.headings] "that heading" = "{field_name}"'
    )


def _like(title: str, headings: list[str | None], fields: list[str | None]) -> str | None:
    from rapidfuzz import fuzz, process

    unknown = [text for text, name in zip(headings, fields, strict=True) if text and name is None]
    found = process.extractOne(title, unknown, scorer=fuzz.ratio, processor=plain_heading, score_cutoff=55)
    return found[0] if found else None


def _unknown_headings(
    name: str, headings: list[str | None], fields: list[str | None], given: Given, told: set[int]
) -> dict[int, str]:
    """Return the place of each heading that is not known, and the heading with its nearest known one."""
    found: dict[int, str] = {}
    taken = {*fields}
    for index, (text, field_name) in enumerate(zip(headings, fields, strict=True)):
        if not text or field_name is not None or index in told:
            continue
        plain = plain_heading(text)
        if plain not in _EXAMPLE and given.headings.get(plain, "") is not None:
            like = nearest(text, name, taken) if len(found) < _MOST_SHOWN else None
            found[index] = f"{text} → {like}?" if like else text
    return found


# --- What lies in a folder of lists

_YEARS_AROUND = 5


@dataclass
class Material:
    """What was read from a folder: cleaned tables in the order of the files, and what was not a list."""

    tables: list[Cleaned] = field(default_factory=list)
    notes: list[tuple[str, str, str, str]] = field(default_factory=list)
    inputs: list[dict[str, object]] = field(default_factory=list)
    errors: list[RecordError] = field(default_factory=list)
    start: date | None = None
    #: Codes of the project's municipalities.
    home: frozenset[str] = frozenset()
    #: Financier, kind of money and amount decided, as the project's own description states them.
    financiers: list[OwnFinancier] = field(default_factory=list)


def read_folder(directory: Path, project: Project) -> Material:
    """Read and clean every file of a folder; files that cannot be read are kept as errors."""
    earliest = date(project.start.year - _YEARS_AROUND, 1, 1)
    latest = date(project.end.year + _YEARS_AROUND, 12, 31)
    material = Material(start=project.start, home=frozenset(project.region.municipalities))
    material.financiers = [(one.financier, one.kind, one.decided_sek) for one in project.funding]
    files = files_in(directory)
    names = [path.relative_to(directory).as_posix() for path in files]
    settings = read_settings(directory)
    if (directory / SETTINGS).is_file():
        stated = len(settings.entries)
        material.inputs.append(
            {"file": SETTINGS, "sha256": fingerprint(directory / SETTINGS), "rows": stated}
        )
    for pattern in settings.without_file(names):
        material.notes.append((SETTINGS, "", "pattern_without_file", pattern))
    material.notes += [(name, "", "passed_over", "") for name in passed_over(directory)]
    material.notes += [(name, "", "published_report", "") for name in published_in(directory)]
    for path, name in zip(files, names, strict=True):
        try:
            _read_one(path, name, material, (earliest, latest), settings.of(name))
        except RecordError as error:
            material.errors.append(error)
    if not material.tables and not material.errors:
        raise RecordError(
            "no file in the folder is a list that is known",
            remedy="use the headings of the data dictionary; attraktiv-eval workbook makes an empty workbook",
            file=directory.name or directory,
        )
    return material


#: A text file of more bytes is read part by part.
_LARGE = 250_000_000


#: Of the C library of Linux: arrays of so many bytes go back to the system as soon as nobody holds them.
_MMAP_THRESHOLD, _GIVEN_BACK = -3, 1_000_000


def _give_back() -> None:
    """Let freed arrays go back to the system at once; by default some of up to 32 MB are kept for later."""
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_MMAP_THRESHOLD, _GIVEN_BACK)


def _is_large(path: Path) -> bool:
    text = path.suffix.casefold() in (".csv", ".tsv", ".txt")
    return text and path.is_file() and path.stat().st_size > _LARGE


def _together(parts: Iterable[Cleaned]) -> Cleaned | None:
    """Return the parts of one table as one; parts of like size are put together first, to hold texts once."""
    held: list[Cleaned] = []
    for part in parts:
        held.append(part)
        while len(held) > 1 and held[-2].read <= held[-1].read:
            held[-2:] = [_as_one(held[-2:])]
    return _as_one(held) if held else None


def _as_one(parts: list[Cleaned]) -> Cleaned:
    """Return parts of one table as one; what each of them tells is told once, its numbers added."""
    mended: Counter[str] = Counter()
    notes: dict[tuple[str, str], None] = {}
    for kind, value in (note for part in parts for note in part.notes):
        if kind.startswith("mended_"):
            mended[kind] += int(value)
        else:
            notes[kind, value] = None
    return replace(
        parts[0],
        frame=stacked([part.frame for part in parts]),
        read=sum(part.read for part in parts),
        rejected=[fault for part in parts for fault in part.rejected],
        cells=[fault for part in parts for fault in part.cells],
        unknown=dict(sum((Counter(part.unknown) for part in parts), Counter())),
        notes=[*notes, *((kind, str(n)) for kind, n in sorted(mended.items()))],
    )


def _every_table(sheets: list[Sheet], given: Given) -> Iterator[tuple[Sheet, bool]]:
    """Yield each table of the sheets, and whether it stands below or beside another."""
    for sheet in sheets:
        if sheet.columns:
            parts = [table for part in _side_by_side(sheet, given) for table in _tables(part, given)]
            yield from ((table, number > 0) for number, table in enumerate(parts))


def _read_one(path: Path, name: str, material: Material, span: tuple[date, date], given: Given) -> None:
    rows = 0
    large = _is_large(path)
    sheets = [] if large else read_file(path, name, given.encoding)
    if large:
        _give_back()
        cleaned = _together(clean_in_parts(path, name, *span, given))
        if cleaned is None:
            material.notes.append((name, "", "no_list", ""))
        else:
            rows += cleaned.read
            material.tables.append(cleaned)
            material.notes.extend((name, "", kind, value) for kind, value in cleaned.notes)
    for sheet, further in _every_table(sheets, given):
        try:
            cleaned = clean_sheet(sheet, *span, given)
        except RecordError:
            if not further:
                raise
            cleaned = None
        if cleaned is None:
            if sheet.name in NOT_LISTS:
                continue
            kind = "not_used_table" if further else "no_list"
            material.notes.append((name, sheet.name, kind, str(len(sheet.rows) - further)))
            continue
        rows += cleaned.read
        if cleaned.read == 0:
            material.notes.append((name, sheet.name, "empty_list", cleaned.name))
        material.tables.append(cleaned)
        material.notes.extend((name, sheet.name, kind, value) for kind, value in cleaned.notes)
    material.inputs.append({"file": name, "sha256": fingerprint(path), "rows": rows})
