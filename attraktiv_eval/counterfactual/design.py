"""Who was treated, when, and against whom: the design of a comparison, its periods and its arrays."""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from attraktiv_eval import regions
from attraktiv_eval.errors import DesignError

__all__ = [
    "FEWEST_PERIODS_BEFORE",
    "Clock",
    "Design",
    "Prepared",
    "between",
    "clock_of",
]


#: Periods in a year, and how a text names one of them.
_TEXTS = (
    (1, re.compile(r"(-?\d{1,5})")),
    (2, re.compile(r"(\d{4})[-\s]?[Hh]([12])")),
    (4, re.compile(r"(\d{4})[-\s]?[QqKk]([1-4])")),
    (12, re.compile(r"(\d{4})[-\s]?[Mm]?(0[1-9]|1[0-2])")),
)
_DECIMAL = re.compile(r"-?\d{1,5}[.,]\d+")
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

    @cached_property
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
            period = label if isinstance(label, pd.Period) else pd.Period(_dated(label, self.frequency))
            if (
                period.freqstr[0] == self.frequency[0] == "Y"
            ):  # a year that does not end in December, by its name
                return period.year - 1970
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
        if not any(one.startswith(label) for one in labels):
            raise ValueError(f"{label} is no period")
        if end == "start":
            return sum(one < label for one in labels)
        return max(place for place, one in enumerate(labels) if one <= label or one.startswith(label))


def clock_of(index: pd.Index) -> Clock:
    """Return the clock of an index of periods.

    Parameters
    ----------
    index : pandas.Index, rising
        Years as int; quarters or months as int (20201, 202001), decimals (2012.25, also as text) or str
        (``"2020Q1"``, ``"2020K1"``, ``"2020M01"``); a PeriodIndex or DatetimeIndex. Other labels are rows.

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
    decimals = [_decimal(label) for label in index]
    if any(_DECIMAL.fullmatch(str(label).strip()) for label in index) and None not in decimals:
        return _numeric(np.array(decimals, dtype=float), index)
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


def _decimal(label: Any) -> float | None:
    """Return a text such as 2012.25, 2012,25 or 2012 as a number; None where it is none."""
    text = str(label).strip()
    if _DECIMAL.fullmatch(text):
        return float(text.replace(",", "."))
    return float(text) if _TEXTS[0][1].fullmatch(text) else None


def _from_text(text: str, per_year: int) -> int | None:
    found = dict(_TEXTS)[per_year].fullmatch(text.strip())
    if found is None:
        return None
    year = int(found[1])
    return year if per_year == 1 else year * per_year + int(found[2]) - 1


def _dated(label: Any, frequency: str) -> str:
    """Return the label of a period as pandas reads it; decimals, such as 2012.25, count in its frequency."""
    if isinstance(label, str) and _DECIMAL.fullmatch(label.strip()):
        label = _decimal(label)
    if not isinstance(label, numbers.Real) or isinstance(label, numbers.Integral):
        return str(label)
    per_year = {"Y": 1, "Q": 4, "M": 12}.get(frequency[0])
    if per_year is None:
        raise ValueError(f"{label} is no period of {frequency}")
    year, within = divmod(_read(label, per_year)[1], per_year)
    return {1: f"{year}", 4: f"{year}Q{within + 1}", 12: f"{year}-{within + 1:02d}"}[per_year]


def _read(label: Any, per_year: int) -> tuple[int, int]:
    """Return the periods in a year and the number of one period, read from a label of a window's end."""
    if isinstance(label, pd.Period):
        label = str(label)
    if isinstance(label, str) and _DECIMAL.fullmatch(label.strip()):
        label = _decimal(label)
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
    index = index.tz_localize(None)  # the day that is written, wherever its clock stands
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


# --- Who was treated, when, and against whom

FEWEST_PERIODS_BEFORE = 4
LARGEST = 1e20  # beyond it sums of squares and sentences lose their meaning
SMALLEST = 1e-100  # so does a table of which no figure reaches this


@dataclass(frozen=True)
class Prepared:
    """The arrays of one comparison, free of gaps before and in the window.

    Attributes
    ----------
    y : array, shape (T,)
        Outcome of the treated unit, or the weighted mean of the treated group.
    X : array, shape (T, N)
        Outcomes of the donors.
    before, window : bool arrays, shape (T,)
        Periods before the treatment, and the treated ones. Periods in neither come after the window.
    periods : pandas.Index, length T
    donors : list, length N
    dropped : dict
        Donor left out -> why.
    n_treated : int
        Number of treated units, also where they are one group.
    notes : list of str
    clock : Clock
        Where the periods lie; years that are left out before the window leave a hole in it.
    """

    y: np.ndarray
    X: np.ndarray
    before: np.ndarray
    window: np.ndarray
    periods: pd.Index
    donors: list[Any]
    dropped: dict[Any, str] = field(default_factory=dict)
    n_treated: int = 1
    notes: list[str] = field(default_factory=list)
    clock: Clock | None = None

    @cached_property
    def units(self) -> pd.Index:
        """The donors as an index."""
        return pd.Index(self.donors, tupleize_cols=False)

    @cached_property
    def inside(self) -> pd.Index:
        """The periods of the window, which follow one another."""
        first = int(self.window.argmax())
        return self.periods[first : first + int(self.window.sum())]

    def check_placebos(self) -> None:
        """Refuse a comparison without donors enough to stand in the treated unit's place.

        Raises
        ------
        DesignError
        """
        if len(self.donors) < 2:
            raise DesignError(
                "a placebo test needs at least two comparison regions", remedy="give the design more donors"
            )


@dataclass(frozen=True, eq=False)
class Design:
    """Who was treated, when, and against whom.

    Parameters
    ----------
    treated : sequence of unit names, or one name
        Several units are one treated group: the weighted mean of their outcomes. For one estimate a unit,
        make one design a unit.
    first_treated, last_treated : int, str or pandas.Period
        The window, both ends included, in the terms of the outcome's index. Data after the window are
        shown in results and used by nothing.
    donors : sequence of unit names, optional
        The comparison units. Default: every column that is not treated. All donors weigh alike.
    weights : Series by unit or DataFrame period x unit, optional
        Weights of the treated units in their group, such as population. Default: equal.
        Rates weighted by population give the rate of the group as a whole.
    starts : mapping of treated unit to its first treated period, optional
        Each treated unit is then fitted alone, up to its own start, and their gaps are stacked by weight: a
        unit that has not begun adds nothing. No start lies before ``first_treated``.

    Raises
    ------
    DesignError
        If the design contradicts itself. What only the data can tell is said by :meth:`prepare`.

    Examples
    --------
    >>> Design("23", first_treated=2020, last_treated=2022, donors=["24", "25"]).treated
    ('23',)
    """

    treated: Sequence[Any]
    first_treated: Any
    last_treated: Any
    donors: Sequence[Any] | None = None
    weights: pd.Series | pd.DataFrame | None = None
    starts: Mapping[Any, Any] | None = None

    @property
    def name(self) -> str:
        """The treated unit's name, or the group's names joined by a plus sign."""
        return "+".join(str(unit) for unit in self.treated)

    @property
    def stacked(self) -> bool:
        """Whether each of several treated units is fitted alone, from its own start."""
        return self.starts is not None and len(self.treated) > 1

    def __post_init__(self) -> None:
        treated = _as_tuple(self.treated)
        object.__setattr__(self, "treated", treated)
        if not treated:
            raise DesignError("no treated unit is named", remedy="name at least one treated unit")
        _refuse_repeats("treated", treated)
        if self.starts is not None:
            if not isinstance(self.starts, Mapping) or set(self.starts) != set(treated):
                raise DesignError(
                    "the starts are not those of the treated units", remedy="give each treated unit its start"
                )
            for unit, start in self.starts.items():
                if not isinstance(start, numbers.Integral) or isinstance(start, bool):
                    raise DesignError(
                        f"the start of {unit} is {start!r}, not a year", remedy="give its first year"
                    )
        if self.donors is None:
            return
        donors = _as_tuple(self.donors)
        object.__setattr__(self, "donors", donors)
        if not donors:
            raise DesignError(
                "the list of donors is empty", remedy="name donors, or leave them out to use all"
            )
        _refuse_repeats("donors", donors)
        both = [unit for unit in treated if unit in set(donors)]
        if both:
            raise DesignError(
                f"treated and also a donor: {_names(both)}", remedy="take the treated units out of the donors"
            )

    def prepare(self, outcome: pd.DataFrame | Prepared) -> Prepared:
        """Check the outcome against the design and return its arrays.

        What it has prepared already is returned as it is, so that several steps can share one check.

        Parameters
        ----------
        outcome : DataFrame, period x unit, float
            The index is the period (int, str or pandas Period), rising; the columns are the units.

        Raises
        ------
        DesignError
            No such treated unit or donor; the window lies after the data; fewer than four periods before;
            a gap in the treated unit; no donor without a gap; an outcome that never changes.

        Notes
        -----
        A period before the window that the table lacks, or in which no unit has a figure, is left out and
        named in ``notes``; the others keep their distance in time. The window must be whole.
        """
        return outcome if isinstance(outcome, Prepared) else self._prepared(outcome)

    def _prepared(self, outcome: pd.DataFrame) -> Prepared:
        _check_shape(outcome)
        treated = list(self.treated)
        donors = self._donors_in(outcome)
        clock = clock_of(outcome.index)
        before, window, missing = between(clock, self.first_treated, self.last_treated)
        if missing:
            raise DesignError(
                f"the window {self.first_treated} to {self.last_treated} lacks {_names(missing)}",
                remedy="add the missing periods, or choose a window that the data cover whole",
            )
        values = _numbers(outcome, [*treated, *donors])
        finite = np.isfinite(values)
        whole = bool(finite.all())
        if not whole:
            kept = ~before | finite.any(axis=1)
            outcome, clock, values = outcome.loc[kept], clock.kept(kept), values[kept]
            before, window, finite = before[kept], window[kept], finite[kept]
        if (many := int(np.count_nonzero(before))) < FEWEST_PERIODS_BEFORE:
            raise DesignError(
                f"only {many} periods lie before {self.first_treated}",
                remedy=f"use at least {FEWEST_PERIODS_BEFORE} periods before the treatment",
            )
        used = before | window
        units, others = values[:, : len(treated)], values[:, len(treated) :]
        dropped: dict[Any, str] = {}
        if not whole:
            _refuse_gaps(~finite[:, : len(treated)] & used[:, None], outcome.index, treated)
            donors, others, dropped = _without_gaps(donors, others, used, outcome.index)
        y = group_mean(units, self._group_weights(outcome, treated, used))
        X = np.ascontiguousarray(others)
        _refuse_constant(y[before], X[before])
        notes = [f"dropped {unit}: {reason}" for unit, reason in dropped.items()]
        holes = [] if clock.whole else clock.kept(used).holes()
        notes += [f"no figures for {_names(holes)}: left out before the window"] if holes else []
        return Prepared(y, X, before, window, outcome.index, donors, dropped, len(treated), notes, clock)

    def _donors_in(self, outcome: pd.DataFrame) -> list[Any]:
        treated = self.treated
        unknown = [unit for unit in treated if unit not in outcome.columns]
        if unknown:
            raise DesignError(
                f"treated unit not in the outcome: {_names(unknown)}",
                remedy="use the names of the outcome's columns (codes are text, such as '23')"
                + _like(unknown[0], outcome),
                column=str(unknown[0]),
            )
        if self.donors is None:
            donors = [unit for unit in outcome.columns if unit not in set(treated)]
        else:
            donors = list(self.donors)
            unknown = [unit for unit in donors if unit not in outcome.columns]
            if unknown:
                raise DesignError(
                    f"donor not in the outcome: {_names(unknown)}",
                    remedy="use the names of the outcome's columns, or leave donors out to use all others"
                    + _like(unknown[0], outcome),
                    column=str(unknown[0]),
                )
        if not donors:
            raise DesignError(
                "there are no donors", remedy="give an outcome with at least one untreated unit"
            )
        return donors

    def group_weights(self, outcome: pd.DataFrame) -> pd.DataFrame:
        """Return the weights of the treated units by period, which :meth:`prepare` has checked."""
        treated = list(self.treated)
        values = self._group_weights(outcome, treated, np.zeros(len(outcome), dtype=bool))
        every = np.broadcast_to(values, (len(outcome), len(treated)))
        return pd.DataFrame(every, outcome.index, treated)

    def _group_weights(self, outcome: pd.DataFrame, treated: list[Any], used: np.ndarray) -> np.ndarray:
        """Return weights (T, treated), or (1, treated) where they do not change over time."""
        if self.weights is None:
            return np.ones((1, len(treated)))
        weights = self.weights
        if not isinstance(weights, pd.Series | pd.DataFrame):
            raise DesignError(
                f"the weights of the treated group are a {type(weights).__name__}",
                remedy="give a Series by unit or a DataFrame of period x unit",
            )
        columns = weights.columns if isinstance(weights, pd.DataFrame) else weights.index
        missing = [unit for unit in treated if unit not in columns]
        if missing:
            raise DesignError(
                f"no weight for the treated unit {_names(missing)}",
                remedy="give a weight for every treated unit",
            )
        values = weight_numbers(weights, outcome.index, treated, "the weights of the treated group")
        checked = values[used] if isinstance(weights, pd.DataFrame) else values
        if not (np.isfinite(checked).all() and (checked >= 0).all() and (checked.sum(axis=1) > 0).all()):
            raise DesignError(
                "the weights of the treated group have gaps, are negative or sum to nothing",
                remedy="give every treated unit a weight, such as population, in every period of the design",
            )
        return values


def weight_numbers(
    weights: pd.Series | pd.DataFrame, periods: pd.Index, units: list[Any], what: str
) -> np.ndarray:
    """Return weights as numbers, shape (periods, units), or (1, units) for a Series by unit.

    Raises
    ------
    DesignError
        If they hold something else than real numbers; gaps are left as NaN.
    """
    try:
        table = weights.reindex(periods)[units] if isinstance(weights, pd.DataFrame) else weights[units]
        values = np.atleast_2d(table.to_numpy(na_value=np.nan))
        if values.dtype.kind == "c":
            raise TypeError("complex numbers")
        return values.astype(float)
    except (TypeError, ValueError) as error:
        raise DesignError(
            f"{what} cannot be used: {error}", remedy="give one number a unit, or one a unit and period"
        ) from error


def table_of_numbers(outcome: Any) -> tuple[pd.DataFrame, Clock]:
    """Return a table of period x unit as floats, its gaps as NaN, and its clock.

    Raises
    ------
    DesignError
        If it is no such table, or its periods cannot be read.
    """
    _check_shape(outcome)
    values = _numbers(outcome, list(outcome.columns))
    values = np.where(np.isfinite(values), values, np.nan)
    return pd.DataFrame(values, outcome.index, outcome.columns), clock_of(outcome.index)


def known_design(design: Any, outcome: Any = None) -> Design:
    """Return a design with its regions as the outcome's columns have them, if one is given: Krokom as "2309".

    What is called otherwise than any column or region stays as it is, for :meth:`Design.prepare` to refuse.

    Raises
    ------
    DesignError
        If it is no design.
    """
    if not isinstance(design, Design):
        raise DesignError(
            f"{design!r:.60} is no design", remedy="say who was treated and when: Design(['23'], 2020, 2022)"
        )
    if not isinstance(outcome, pd.DataFrame):
        return design
    called = [*design.treated, *(design.donors or ())]
    columns = set(outcome.columns)
    codes = {unit: code for unit in called if (code := _code(unit, columns)) != unit}
    if not codes:
        return design
    donors = None if design.donors is None else [codes.get(unit, unit) for unit in design.donors]
    weights = design.weights
    if isinstance(weights, pd.DataFrame):
        weights = weights.rename(columns=codes)
    elif weights is not None:
        weights = weights.rename(codes)
    treated = [codes.get(unit, unit) for unit in design.treated]
    return replace(design, treated=treated, donors=donors, weights=weights)


def _code(unit: Any, columns: set[Any]) -> Any:
    """Return the code that a region named otherwise has among the columns; anything else as it is."""
    if unit in columns or not isinstance(unit, str):
        return unit
    try:
        return regions.code_of(unit, {one for one in columns if isinstance(one, str)})
    except DesignError:
        return unit


def _like(unit: Any, outcome: pd.DataFrame) -> str:
    """Return the remedy's words on the column that is most like a name, where one is."""
    known = [column for column in outcome.columns if isinstance(column, str)]
    try:
        regions.code_of(str(unit), known)
    except DesignError as error:
        near, _, _rest = error.remedy.partition(", or choose")
        return f"; {near}" if near.startswith("write") else ""
    return ""


def group_mean(units: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted mean over units, shape (T,), of outcomes (T, n) with weights (T, n) or (1, n)."""
    if units.shape[1] == 1:
        return units[:, 0].copy()
    weights = np.broadcast_to(weights, units.shape)
    return (units * weights).sum(axis=1) / weights.sum(axis=1)


def _as_tuple(units: Any) -> tuple[Any, ...]:
    if isinstance(units, str) or not hasattr(units, "__iter__"):
        return (units,)
    return tuple(units)


def _names(units: Sequence[Any], most: int = 5) -> str:
    shown = ", ".join(str(unit) for unit in units[:most])
    return shown if len(units) <= most else f"{shown} and {len(units) - most} more"


def _refuse_repeats(what: str, units: tuple[Any, ...]) -> None:
    unnamed = DesignError(
        f"the {what} are not names of units", remedy="name the units as the outcome's columns do"
    )
    try:
        hash(units)
    except TypeError as error:
        raise unnamed from error
    if any(unit is pd.NA for unit in units):
        raise unnamed
    repeated = (
        sorted({str(unit) for unit in units if units.count(unit) > 1}) if len(set(units)) < len(units) else []
    )
    if repeated:
        raise DesignError(f"named twice among the {what}: {_names(repeated)}", remedy="name each unit once")


def _refuse_columns(outcome: pd.DataFrame, units: list[Any]) -> None:
    """Refuse columns that hold something else than real numbers: text that looks like one is none."""
    for unit in units:
        values = outcome[unit]
        kind = values.dtype.kind
        if kind in "iuf":
            continue
        plain = kind == "O" and all(
            isinstance(value, numbers.Real) and not isinstance(value, bool)
            for value in values[values.notna()]
        )
        if not plain:
            raise DesignError(
                f"the outcome holds something that is not a number: {unit} is of type {values.dtype}",
                remedy="pass a DataFrame of floats, missing values as NaN",
                column=str(unit),
            )


def _check_shape(outcome: pd.DataFrame) -> None:
    if not isinstance(outcome, pd.DataFrame):
        raise DesignError(
            "the outcome is not a table of period x unit",
            remedy="pass a DataFrame, periods down and units across",
        )
    if outcome.empty:
        raise DesignError("the outcome is empty", remedy="pass a DataFrame, periods down and units across")
    if isinstance(outcome.columns, pd.MultiIndex) or isinstance(outcome.index, pd.MultiIndex):
        raise DesignError(
            "the outcome has several levels of periods or units",
            remedy="pass one row a period and one column a unit: droplevel, or select one level",
        )
    if outcome.columns.has_duplicates:
        twice = outcome.columns[outcome.columns.duplicated()].tolist()
        raise DesignError(
            f"the unit {_names(twice)} stands twice in the outcome", remedy="keep one column a unit"
        )
    if outcome.index.has_duplicates or not outcome.index.is_monotonic_increasing:
        raise DesignError(
            "the periods of the outcome are repeated or out of order",
            remedy="sort the index; one row a period",
        )


def _numbers(outcome: pd.DataFrame, units: list[Any]) -> np.ndarray:
    """Return the units' figures, shape (periods, units); those that cannot be squared are refused."""
    found = _floats(outcome, units)
    size = float(np.abs(found).max(initial=0.0))
    if not math.isfinite(size):
        size = float(np.abs(found[np.isfinite(found)]).max(initial=0.0))
    if size > LARGEST:
        raise DesignError(
            f"the outcome holds figures larger than {LARGEST:.0e}", remedy="give it in a larger unit"
        )
    if 0.0 < size < SMALLEST:
        raise DesignError(
            f"the outcome holds no figure larger than {SMALLEST:.0e}", remedy="give it in a smaller unit"
        )
    return found


def _floats(outcome: pd.DataFrame, units: list[Any]) -> np.ndarray:
    values = outcome.to_numpy()
    if values.dtype.kind in "iuf":
        place_of = {unit: place for place, unit in enumerate(outcome.columns.tolist())}
        return np.asarray(np.take(values, [place_of[unit] for unit in units], axis=1), dtype=float)
    _refuse_columns(outcome, units)
    try:
        return outcome[units].to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise DesignError(
            f"the outcome holds something that is not a number: {error}",
            remedy="pass a DataFrame of floats, missing values as NaN",
        ) from error


def _gap_reason(periods: pd.Index) -> str:
    return f"no figure for {_names([str(period) for period in periods])}"


def _without_gaps(
    donors: list[Any], others: np.ndarray, used: np.ndarray, periods: pd.Index
) -> tuple[list[Any], np.ndarray, dict[Any, str]]:
    """Return the donors with figures in every used period, theirs (T, donors), and why others are dropped."""
    gaps = ~np.isfinite(others[used])
    whole = ~gaps.any(axis=0)
    dropped = {donors[place]: _gap_reason(periods[used][gaps[:, place]]) for place in np.flatnonzero(~whole)}
    if not whole.any():
        raise DesignError(
            f"no donor is left; dropped: {'; '.join(f'{u} ({r})' for u, r in dropped.items()) or 'none'}",
            remedy="use donors with figures in every period before and in the window",
        )
    return [unit for unit, ok in zip(donors, whole, strict=True) if ok], others[:, whole], dropped


def _refuse_gaps(gaps: np.ndarray, periods: pd.Index, treated: list[Any]) -> None:
    """Refuse a treated unit without a figure; ``gaps`` says where it would be used, shape (T, treated)."""
    for unit, missing in zip(treated, gaps.T, strict=True):
        if missing.any():
            raise DesignError(
                f"the treated unit {unit} has {_gap_reason(periods[missing])}",
                remedy="begin the outcome after the gap, end the window before it, or fill it at the source",
                column=str(unit),
            )


def _refuse_constant(y: np.ndarray, X: np.ndarray) -> None:
    if (y[0] == y).all():
        raise DesignError(
            "the outcome of the treated unit is constant before the treatment",
            remedy="choose an outcome that varies over time",
        )
    if (X[0] == X).all():
        raise DesignError(
            "the outcome is constant before the treatment in every donor",
            remedy="choose an outcome and donors that vary over time",
        )
