"""Periods on their own regular clock: years or quarters given as int, decimals, str or pandas Period.

Years are periods, not rows: a year that a table leaves out stays a year. :class:`Clock` says where each
period of an index lies, and everything that counts periods asks it.
"""

from __future__ import annotations

import math
import numbers
import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from attraktiv_eval.errors import DesignError

__all__ = ["Clock", "between", "clock_of"]

#: Periods in a year, and how a text names one of them.
_TEXTS = (
    (1, re.compile(r"(-?\d{1,5})")),
    (2, re.compile(r"(\d{4})[-\s]?[Hh]([12])")),
    (4, re.compile(r"(\d{4})[-\s]?[QqKk]([1-4])")),
    (12, re.compile(r"(\d{4})[-\s]?[Mm]?(0[1-9]|1[0-2])")),
)
_LETTER = {1: "", 2: "H", 4: "Q", 12: "M"}
_DECIMALS = {1: 1e-6, 2: 0.02, 4: 0.02, 12: 0.13}  # how far a decimal may be rounded, in periods
_DATED = ("Y", "Q", "M", "W", "D")


@dataclass(frozen=True)
class Clock:
    """Where the periods of an index lie.

    Attributes
    ----------
    ticks : int array, shape (T,)
        The number of each period, counted in ``per_year`` from the year 0, or in the index's own frequency.
    step : int
        How many ticks lie between neighbouring periods: 5 where every fifth year is observed.
    per_year : int
        1, 2, 4 or 12; 0 where the index has a frequency of pandas' own, or counts rows.
    frequency : str or None
        pandas' frequency, where it has one.
    labels : tuple of str, or None
        The labels themselves where they name no time: then a period is a row.
    """

    ticks: np.ndarray
    step: int
    per_year: int
    frequency: str | None = None
    labels: tuple[str, ...] | None = None

    @property
    def positions(self) -> np.ndarray:
        """The place of each period, 0 for the first; a hole leaves a number out."""
        return (self.ticks - self.ticks[0]) // self.step

    def first(self, label: Any) -> int:
        """Return the position at which a window from ``label`` on begins."""
        return math.ceil((self._tick(label, "start") - int(self.ticks[0])) / self.step)

    def last(self, label: Any) -> int:
        """Return the position at which a window up to ``label`` ends."""
        return math.floor((self._tick(label, "end") - int(self.ticks[0])) / self.step)

    @property
    def whole(self) -> bool:
        """Whether no period is missing between the first and the last."""
        return int(self.positions[-1]) == len(self.ticks) - 1

    def holes(self) -> list[str]:
        """Return the names of the periods that are missing between the first and the last."""
        there = set(self.positions.tolist())
        return [self.name(place) for place in range(int(self.positions[-1])) if place not in there]

    def kept(self, rows: np.ndarray) -> Clock:
        """Return the clock of some of the periods; ``rows`` is a bool array, shape (T,)."""
        labels = self.labels and tuple(label for label, row in zip(self.labels, rows, strict=True) if row)
        return replace(self, ticks=self.ticks[rows], labels=labels)

    def name(self, position: int) -> str:
        """Return what the period at a position is called, also where the index lacks it."""
        tick = int(self.ticks[0]) + position * self.step
        if self.labels is not None:
            return self.labels[position] if 0 <= position < len(self.labels) else str(position)
        if self.frequency is not None:
            return str(pd.Period(ordinal=tick, freq=self.frequency))
        if self.per_year == 1:
            return str(tick)
        within = tick % self.per_year + 1
        return f"{tick // self.per_year}{_LETTER[self.per_year]}{within:0{2 if self.per_year == 12 else 1}}"

    def _tick(self, label: Any, end: str) -> int:
        if self.labels is not None:
            return self._row(str(label), end)
        if self.frequency is not None:
            period = label if isinstance(label, pd.Period) else pd.Period(str(label))
            return int(period.asfreq(self.frequency, how=end).ordinal)  # type: ignore[arg-type]
        per_year, tick = _read(label, self.per_year)
        if per_year == self.per_year:
            return tick
        if per_year > self.per_year:
            raise ValueError(f"{label} is a part of a period")
        if end == "start":
            return tick * self.per_year // per_year
        return ((tick + 1) * self.per_year - 1) // per_year

    def _row(self, label: str, end: str) -> int:
        labels = self.labels or ()
        if end == "start":
            return sum(one < label for one in labels)
        inside = [place for place, one in enumerate(labels) if one <= label or one.startswith(label)]
        if inside and inside[-1] == len(labels) - 1 and labels[-1] < label:
            return len(labels)
        return inside[-1] if inside else -1


def clock_of(index: pd.Index) -> Clock:
    """Return the clock of an index of periods.

    Parameters
    ----------
    index : pandas.Index, rising
        Years as int; quarters or months as int (20201, 202001), decimals (2012.25) or str (``"2020Q1"``,
        ``"2020K1"``, ``"2020M01"``); a PeriodIndex or DatetimeIndex. Other labels are taken as rows.

    Raises
    ------
    DesignError
        If the labels cannot be put in order, or two of them are the same period.
    """
    if isinstance(index, pd.DatetimeIndex):
        index = _regular(index)
    if isinstance(index, pd.PeriodIndex):
        return _checked(np.asarray(index.asi8, dtype=np.int64), 0, index, index.freqstr)
    if index.dtype.kind in "iu":
        return _whole(index.to_numpy(dtype=np.int64), index)
    if pd.api.types.is_bool_dtype(index) or pd.api.types.is_complex_dtype(index):
        raise _unreadable(index)
    if pd.api.types.is_numeric_dtype(index):
        values = index.to_numpy(dtype=float)
        if not np.isfinite(values).all():
            raise _unreadable(index)
        return _numeric(values, index)
    decimals = pd.to_numeric(pd.Series([str(label) for label in index]), errors="coerce")
    if any("." in str(label) for label in index) and np.isfinite(decimals).all():
        return _numeric(np.asarray(decimals, dtype=float), index)
    for per_year, _ in _TEXTS:
        ticks = [_from_text(str(label), per_year) for label in index]
        if all(tick is not None for tick in ticks):
            return _checked(np.array(ticks, dtype=np.int64), per_year, index)
    return Clock(np.arange(len(index)), 1, 0, labels=tuple(str(label) for label in index))


def _whole(values: np.ndarray, index: pd.Index) -> Clock:
    per_year, ticks = _numbered(values)
    return _checked(ticks, per_year, index)


def _numbered(values: np.ndarray) -> tuple[int, np.ndarray]:
    """Read whole numbers as months (202001), quarters (20201) or, as a rule, years."""
    within = values % 100
    if values[0] >= 100000 and ((values >= 100000) & (within >= 1) & (within <= 12)).all():
        return 12, values // 100 * 12 + within - 1
    if values[0] >= 10000 and ((values >= 10000) & (values % 10 >= 1) & (values % 10 <= 4)).all():
        return 4, values // 10 * 4 + values % 10 - 1
    return 1, values


def _numeric(values: np.ndarray, index: pd.Index) -> Clock:
    whole = np.round(values).astype(np.int64)
    if (whole == values).all():
        return _whole(whole, index)
    for per_year, near in _DECIMALS.items():
        ticks = np.round(values * per_year)
        if (np.abs(values * per_year - ticks) <= near).all():
            return _checked(ticks.astype(np.int64), per_year, index)
    raise _unreadable(index)


def _checked(ticks: np.ndarray, per_year: int, index: pd.Index, frequency: str | None = None) -> Clock:
    steps = np.diff(ticks)
    if (steps <= 0).any():
        place = int(np.flatnonzero(steps <= 0)[0])
        raise DesignError(
            f"the periods {index[place]} and {index[place + 1]} are the same, or out of order",
            remedy="sort the index; one row a period",
        )
    step = int(np.gcd.reduce(steps)) if len(steps) else 1
    return Clock(ticks, step, per_year, frequency)


def _unreadable(index: pd.Index) -> DesignError:
    return DesignError(
        f"the periods, such as {index[0]!r}, are neither years, quarters nor months",
        remedy="index the outcome by year as int, or by pandas Period",
    )


def _from_text(text: str, per_year: int) -> int | None:
    found = dict(_TEXTS)[per_year].fullmatch(text.strip())
    if found is None:
        return None
    year = int(found[1])
    return year if per_year == 1 else year * per_year + int(found[2]) - 1


def _read(label: Any, per_year: int) -> tuple[int, int]:
    """Return the periods in a year and the number of one period, read from a label of a window's end."""
    if isinstance(label, pd.Period):
        label = str(label)
    if isinstance(label, numbers.Integral) and not isinstance(label, bool):
        many, ticks = _numbered(np.array([int(label)]))
        return many, int(ticks[0])
    if isinstance(label, numbers.Real) and not isinstance(label, bool):
        value = float(label)
        if not math.isfinite(value) or abs(value * per_year - round(value * per_year)) > _DECIMALS[per_year]:
            raise ValueError(f"{label} is no period")
        return per_year, round(value * per_year)
    for many, _ in reversed(_TEXTS):
        tick = _from_text(str(label), many)
        if tick is not None:
            return many, tick
    raise ValueError(f"{label} is no period")


def between(clock: Clock, first: Any, last: Any) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return the masks of the periods before ``first`` and from ``first`` to ``last``, and what is missing.

    A year in an index of quarters or months means its first period as ``first`` and its last one as
    ``last``.

    Parameters
    ----------
    clock : Clock
    first, last : int, float, str or pandas.Period

    Returns
    -------
    before, window : bool arrays, shape (T,)
    missing : list of str
        Periods of the window that the index lacks.

    Raises
    ------
    DesignError
        If the window ends before it begins, holds no period, or reaches beyond the data.
    """
    positions = clock.positions
    try:
        begin, end = clock.first(first), clock.last(last)
    except (TypeError, ValueError) as error:
        raise DesignError(
            f"the window {first} to {last} cannot be read against periods such as {clock.name(0)}",
            remedy="name the window in the terms of the outcome's index",
        ) from error
    here, reached = clock.name(int(positions[-1])), int(positions[-1])
    if end < begin:
        if (clock.labels is None and clock.first(last) >= begin) or str(first) == str(last):
            raise DesignError(
                f"no period of the data lies between {first} and {last}",
                remedy="choose a window that the data cover",
            )
        raise DesignError(f"the window ends ({last}) before it begins ({first})", remedy="exchange the two")
    if begin > reached:
        raise DesignError(
            f"the window begins in {first}, after the data, which end in {here}",
            remedy="choose a window that the data cover, or fetch later data",
        )
    if end > reached:
        raise DesignError(
            f"the window ends in {last}, after the data, which end in {here}",
            remedy=f"end the window in {here}, or fetch later data",
        )
    window = (positions >= begin) & (positions <= end)
    if not window.any():
        raise DesignError(
            f"no period of the data lies between {first} and {last}",
            remedy="choose a window that the data cover",
        )
    missing: list[str] = []
    if window.sum() != end - begin + 1:
        there = set(positions[window].tolist())
        missing = [clock.name(place) for place in range(max(begin, 0), end + 1) if place not in there]
    return positions < begin, window, missing


def _regular(index: pd.DatetimeIndex) -> pd.PeriodIndex:
    """Return dates as the longest periods of which each holds one date, all at the same end."""
    for frequency in _DATED:
        periods = index.to_period(frequency)
        days = index.normalize()
        at_end = (days == periods.start_time.normalize()) | (days == periods.end_time.normalize())
        if periods.is_unique and (bool(at_end.all()) or frequency == "D"):
            return periods
    raise DesignError(
        "the periods are dates without a regular frequency",
        remedy="index the outcome by year, or by pandas Period",
    )
