"""Periods before a window and in it, for years or quarters given as int, str or pandas Period."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from attraktiv_eval.errors import DesignError

__all__ = ["between"]


def between(index: pd.Index, first: Any, last: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the masks of the periods before ``first`` and from ``first`` to ``last``.

    A year in an index of quarters or months means its first period as ``first`` and its last one as
    ``last``.

    Parameters
    ----------
    index : pandas.Index, rising
        Years as int, periods as str (``"2020"``, ``"2020Q1"``, ``"2020K1"``), or a PeriodIndex or
        DatetimeIndex.
    first, last : int, str or pandas.Period

    Raises
    ------
    DesignError
        If the window ends before it begins, holds no period, or reaches beyond the data.
    """
    if isinstance(index, pd.DatetimeIndex):
        index = _regular(index)
    try:
        after_start, before_end, reaches = _compare(index, first, last)
    except (TypeError, ValueError) as error:
        raise DesignError(
            f"the window {first} to {last} cannot be read against periods such as {index[0]!r}",
            remedy="name the window in the terms of the outcome's index",
        ) from error
    window = after_start & before_end
    if _reversed(index, first, last):
        raise DesignError(f"the window ends ({last}) before it begins ({first})", remedy="exchange the two")
    if not after_start.any():
        raise DesignError(
            f"the window begins in {first}, after the data, which end in {index[-1]}",
            remedy="choose a window that the data cover, or fetch later data",
        )
    if not reaches:
        raise DesignError(
            f"the window ends in {last}, after the data, which end in {index[-1]}",
            remedy=f"end the window in {index[-1]}, or fetch later data",
        )
    if not window.any():
        raise DesignError(
            f"no period of the data lies between {first} and {last}",
            remedy="choose a window that the data cover",
        )
    return ~after_start, window


def _compare(index: pd.Index, first: Any, last: Any) -> tuple[np.ndarray, np.ndarray, bool]:
    """Return which periods lie at or after the start, at or before the end, and if the data reach it."""
    if isinstance(index, pd.PeriodIndex):
        begin, end = _as_period(first, index, "start"), _as_period(last, index, "end")
        return np.asarray(index >= begin), np.asarray(index <= end), bool(index[-1] >= end)
    if pd.api.types.is_numeric_dtype(index):
        years = index.to_numpy(dtype=float)
        return years >= float(str(first)), years <= float(str(last)), bool(years[-1] >= float(str(last)))
    labels, low, high = [str(label) for label in index], str(first), str(last)
    until = np.array([label <= high or label.startswith(high) for label in labels])
    return np.array([label >= low for label in labels]), until, labels[-1] >= high


def _as_period(value: Any, index: pd.PeriodIndex, how: str) -> pd.Period:
    period = value if isinstance(value, pd.Period) else pd.Period(str(value))
    return period.asfreq(index.freqstr, how=how)  # type: ignore[arg-type]


def _reversed(index: pd.Index, first: Any, last: Any) -> bool:
    if pd.api.types.is_numeric_dtype(index):
        return float(str(last)) < float(str(first))
    if isinstance(index, pd.PeriodIndex):
        return bool(_as_period(last, index, "end") < _as_period(first, index, "start"))
    return str(last) < str(first) and not str(first).startswith(str(last))


def _regular(index: pd.DatetimeIndex) -> pd.PeriodIndex:
    try:
        return index.to_period()
    except ValueError as error:
        raise DesignError(
            "the periods are dates without a regular frequency",
            remedy="index the outcome by year, or by pandas Period",
        ) from error
