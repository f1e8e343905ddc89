"""Who was treated, when, and against whom: the design of a comparison, and its arrays."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.periods import Clock, between, clock_of
from attraktiv_eval.errors import DesignError

__all__ = ["FEWEST_PERIODS_BEFORE", "Design", "Prepared"]

FEWEST_PERIODS_BEFORE = 4
TIMED = frozenset({"synthetic_did", "structural_time_series"})  # whose arithmetic reads neighbouring periods

LARGEST = 1e20  # beyond it sums of squares and sentences lose their meaning


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

    def timing(self, method: str) -> dict[str, Any]:
        """Return what a method's kernel must know of periods that are left out; nothing where none is."""
        if self.clock is None or self.clock.whole or method not in TIMED:
            return {}
        return {"positions": self.clock.positions}


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

    def __post_init__(self) -> None:
        treated = _as_tuple(self.treated)
        object.__setattr__(self, "treated", treated)
        if not treated:
            raise DesignError("no treated unit is named", remedy="name at least one treated unit")
        _refuse_repeats("treated", treated)
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

    def prepare(self, outcome: pd.DataFrame) -> Prepared:
        """Check the outcome against the design and return its arrays.

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
        blank = before & ~np.isfinite(values).any(axis=1)
        if blank.any():
            outcome, clock, values = outcome.loc[~blank], clock.kept(~blank), values[~blank]
            before, window = before[~blank], window[~blank]
        if before.sum() < FEWEST_PERIODS_BEFORE:
            raise DesignError(
                f"only {before.sum()} periods lie before {self.first_treated}",
                remedy=f"use at least {FEWEST_PERIODS_BEFORE} periods before the treatment",
            )
        used = before | window
        units, others = values[:, : len(treated)], values[:, len(treated) :]
        _refuse_gaps(units[used], outcome.index[used], treated)
        finite = np.isfinite(others[used])
        whole = finite.all(axis=0)
        dropped = {
            donors[place]: _gap_reason(outcome.index[used][~finite[:, place]])
            for place in np.flatnonzero(~whole)
        }
        kept = [unit for unit, ok in zip(donors, whole, strict=True) if ok]
        if not kept:
            raise DesignError(
                f"no donor is left; dropped: {'; '.join(f'{u} ({r})' for u, r in dropped.items()) or 'none'}",
                remedy="use donors with figures in every period before and in the window",
            )
        y = group_mean(units, self._group_weights(outcome, treated, used))
        X = np.ascontiguousarray(others[:, whole])
        _refuse_constant(y[before], X[before])
        notes = [f"dropped {unit}: {reason}" for unit, reason in dropped.items()]
        holes = [] if clock.whole else clock.kept(used).holes()
        notes += [f"no figures for {_names(holes)}: left out before the window"] if holes else []
        return Prepared(y, X, before, window, outcome.index, kept, dropped, len(treated), notes, clock)

    def _donors_in(self, outcome: pd.DataFrame) -> list[Any]:
        treated = self.treated
        unknown = [unit for unit in treated if unit not in outcome.columns]
        if unknown:
            raise DesignError(
                f"treated unit not in the outcome: {_names(unknown)}",
                remedy="use the names of the outcome's columns (codes are text, such as '23')",
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
                    remedy="use the names of the outcome's columns, or leave donors out to use all others",
                    column=str(unknown[0]),
                )
        if not donors:
            raise DesignError(
                "there are no donors", remedy="give an outcome with at least one untreated unit"
            )
        return donors

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
        try:
            if isinstance(weights, pd.DataFrame):
                values = weights.reindex(outcome.index).loc[:, treated].to_numpy(dtype=float, na_value=np.nan)
                checked = values[used]
            else:
                values = weights.loc[treated].to_numpy(dtype=float, na_value=np.nan)[None, :]
                checked = values
        except (TypeError, ValueError) as error:
            raise DesignError(
                f"the weights of the treated group cannot be used: {error}",
                remedy="give one number a treated unit, or one a unit and period",
            ) from error
        if not (np.isfinite(checked).all() and (checked >= 0).all() and (checked.sum(axis=1) > 0).all()):
            raise DesignError(
                "the weights of the treated group have gaps, are negative or sum to nothing",
                remedy="give every treated unit a weight, such as population, in every period of the design",
            )
        return values


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
    try:
        hash(units)
    except TypeError as error:
        raise DesignError(
            f"the {what} are not names of units", remedy="name the units as the outcome's columns do"
        ) from error
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
    """Return the units' figures, shape (periods, units); figures beyond ``LARGEST`` are refused."""
    found = _floats(outcome, units)
    finite = found[np.isfinite(found)]
    if finite.size and np.abs(finite).max() > LARGEST:
        raise DesignError(
            f"the outcome holds figures larger than {LARGEST:.0e}", remedy="give it in a larger unit"
        )
    return found


def _floats(outcome: pd.DataFrame, units: list[Any]) -> np.ndarray:
    values = outcome.to_numpy()
    if values.dtype.kind in "iuf":
        places = outcome.columns.get_indexer(pd.Index(units, dtype=outcome.columns.dtype))
        return np.asarray(np.take(values, places, axis=1), dtype=float)
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


def _refuse_gaps(units: np.ndarray, periods: pd.Index, treated: list[Any]) -> None:
    if np.isfinite(units).all():
        return
    for unit, column in zip(treated, units.T, strict=True):
        missing = ~np.isfinite(column)
        if missing.any():
            raise DesignError(
                f"the treated unit {unit} has {_gap_reason(periods[missing])}",
                remedy="begin the outcome after the gap, end the window before it, or fill it at the source",
                column=str(unit),
            )


def _refuse_constant(y: np.ndarray, X: np.ndarray) -> None:
    if np.ptp(y) == 0:
        raise DesignError(
            "the outcome of the treated unit is constant before the treatment",
            remedy="choose an outcome that varies over time",
        )
    if (np.ptp(X, axis=0) == 0).all():
        raise DesignError(
            "the outcome is constant before the treatment in every donor",
            remedy="choose an outcome and donors that vary over time",
        )
