"""The rows of a list while they are typed: each cell a value or a fault, each row kept or rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attraktiv_eval.records.cells import Reader, Value
from attraktiv_eval.records.dates import is_serial
from attraktiv_eval.records.examples import EXAMPLE_MARK, example_rows
from attraktiv_eval.records.faults import REMEDIES
from attraktiv_eval.records.model import Cleaned, Fault, Sheet
from attraktiv_eval.records.no_records import footnotes, repeated_headings, totals
from attraktiv_eval.records.numbers import decimal_sign
from attraktiv_eval.records.places import ABROAD, country_of
from attraktiv_eval.records.schemas import IDENTITY, kind_of, schemas
from attraktiv_eval.records.settings import Given
from attraktiv_eval.records.ways import Ways, direction, has_postcode, sheet_orders

if TYPE_CHECKING:
    import pandera.pandas as pa

__all__ = ["Rows"]

_TEXT = pd.StringDtype(na_value=np.nan)


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
        body: dict[str, list[str | None]],
        headings: dict[str, str | None],
        marks: list[str | None] | None,
        rows: np.ndarray,
        span: tuple[date, date],
        aside: list[list[str | None]],
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

    def overflow(self, beyond: list[list[str | None]]) -> None:
        """Reject the rows of a CSV file with more cells than headings: their cells may be shifted."""
        for cells in beyond:
            where = np.flatnonzero(np.array([cell is not None for cell in cells]) & ~self.bad)
            self._reject(where, "", "too_many_cells")

    def clean(self) -> Cleaned:
        """Return the rows that can be used, typed."""
        self._leave_out_examples()
        self._leave_out_rows_that_are_no_records()
        self._decide_orders()
        columns: dict[str, object] = {}
        for name, column in self.schema.columns.items():
            columns.update(self._typed(name, column))
        frame = pd.DataFrame(columns, index=range(len(self.rows)))
        self._say_abroad(frame)
        self._leave_out_rows_of_nobody(frame)
        self.notes += [(f"mended_{kind}", str(n)) for kind, n in sorted(self.mended.items()) if n]
        frame["_file"] = pd.Series(self.sheet.file, index=frame.index, dtype=_TEXT)
        frame["_sheet"] = pd.Series(self.sheet.name, index=frame.index, dtype=_TEXT)
        frame["_row"] = self.rows
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
            frame.loc[abroad, name] = None
            if name == "origin_code" and "origin_country" in frame:
                said = pd.Series(np.asarray(self.body[name], dtype=object)[abroad], frame.index[abroad])
                known = said.map(lambda text: country_of(str(text)) or "Utlandet").astype(_TEXT)
                frame.loc[abroad, "origin_country"] = frame.loc[abroad, "origin_country"].fillna(known)

    def _unknown_destinations(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return which rows tell no destination that can be used, and which of them leave its cell empty.

        Where the list names destinations, a row that says that the household moved and leaves its cell empty
        does not say where to. A list without such a column means by a move one into the county.
        """
        if "destination_code" not in self.body:
            none = np.zeros(len(self.rows), dtype=bool)
            return none, none.copy()
        written = np.array([cell is not None for cell in self.body["destination_code"]], dtype=bool)
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
        self.body = {
            name: [cell for cell, here in zip(cells, keep, strict=True) if here]
            for name, cells in self.body.items()
        }
        self.aside = [[cell for cell, here in zip(cells, keep, strict=True) if here] for cells in self.aside]
        if self.marks is not None:
            self.marks = [cell for cell, here in zip(self.marks, keep, strict=True) if here]
        self.rows, self.bad = self.rows[keep], self.bad[keep]

    def _leave_out_examples(self) -> None:
        """Leave out the workbook's example row; a marked row that says something else is rejected."""
        is_example, other = example_rows(self.schema, self.body, self.marks, len(self.rows))
        if is_example.any():
            self.notes.append(("example_row", str(int(is_example.sum()))))
        self._reject(np.flatnonzero(other), EXAMPLE_MARK, "marked_as_example")
        self._drop(~is_example & (self._filled() | other))

    def _filled(self) -> np.ndarray:
        """Return which rows have a value in any known column."""
        filled = np.zeros(len(self.rows), dtype=bool)
        for cells in self.body.values():
            if filled.all():
                break
            filled |= np.array([cell is not None for cell in cells], dtype=bool)
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
            name: [cell for cell in set(self.body[name]) if cell]
            for name, column in self.schema.columns.items()
            if kind_of(column) == "date" and name in self.body
        }
        self.orders, assumed = sheet_orders(dates, self.earliest, self.latest, self.order or "dmy")
        if self.order is None:
            self.notes += [
                ("date_order_assumed", f"{self._heading(name)} ({n})") for name, n in assumed.items()
            ]

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
        cells = np.asarray(self.body[name], dtype=object)
        codes, uniques = pd.factorize(cells)
        texts = uniques.tolist()
        ways = self._ways(name, kind, texts)
        reader = Reader(kind, column.metadata["choice"], self.earliest, self.latest, ways)
        values, odd = reader.all(texts)
        if kind == "date":
            self._note_serials(codes, texts, ways)
        heading = self._heading(name)
        self._note_faults(codes, odd, heading, essential=column.metadata["essential"])
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
        self, codes: np.ndarray, odd: dict[int, Value], heading: str, *, essential: bool
    ) -> None:
        for kind in sorted({value.fault for value in odd.values() if value.fault}):
            faulty = [index for index, value in odd.items() if value.fault == kind]
            where = np.flatnonzero(np.isin(codes, faulty) & ~self.bad)
            if essential:
                self._reject(where, heading, kind)
            else:
                self.cells.extend(self._fault(index, heading, kind) for index in where)

    def _leave_out_rows_of_nobody(self, frame: pd.DataFrame) -> None:
        """Reject rows that no household or company can be told from, and rows that contradict themselves."""
        who = IDENTITY.get(self.name)
        if who:
            nobody = frame[list(who)].isna().all(axis=1).to_numpy() & ~self.bad
            there = next((name for name in who if name in self.headings), who[0])
            self._reject(np.flatnonzero(nobody), self._heading(there), "no_identity")
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
        days = np.array([np.datetime64("NaT") if day is None else np.datetime64(day, "ns") for day in taken])
        return days.astype("datetime64[ns]")[codes]
    if kind in ("whole", "scale"):
        missing = np.array([value is None for value in taken])
        numbers = np.array([0 if value is None else value for value in taken], dtype=np.int64)
        return pd.arrays.IntegerArray(numbers[codes], missing[codes])
    if kind == "amount":
        return np.array([np.nan if value is None else value for value in taken], dtype=float)[codes]
    return pd.array(taken, dtype=_TEXT).take(np.where(codes < 0, len(taken) - 1, codes))
