"""Periods before a window and in it, for years or quarters given as int, str or pandas Period."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from attraktiv_eval.errors import DesignError

__all__ = ["between"]


def between(index: pd.Index, first: Any, last: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the masks of the periods before ``first`` and from ``first`` to ``last``.

    A year in an index of quarters or months means its first period as ``first`` and its last one as ``last``.

    Parameters
    ----------
    index : pandas.Index, rising
        Years as int, periods as str (``"2020"``, ``"2020Q1"``, ``"2020K1"``), or a PeriodIndex or DatetimeIndex.
    first, last : int, str or pandas.Period

    Raises
    ------
    DesignError
        If the window ends before it begins, holds no period, or reaches beyond the data.
    """
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
    if isinstance(index, pd.DatetimeIndex):
        index = index.to_period()
        if not isinstance(index, pd.PeriodIndex):
            raise ValueError("dates without a regular frequency")
    if isinstance(index, pd.PeriodIndex):
        start, end = _as_period(first, index, "start"), _as_period(last, index, "end")
        return np.asarray(index >= start), np.asarray(index <= end), bool(index[-1] >= end)
    if pd.api.types.is_numeric_dtype(index):
        start, end = float(str(first)), float(str(last))
        values = index.to_numpy(dtype=float)
        return values >= start, values <= end, bool(values[-1] >= end)
    start, end = str(first), str(last)
    labels = [str(label) for label in index]
    at_end = np.array([label <= end or label.startswith(end) for label in labels])
    reaches = labels[-1] >= end
    return np.array([label >= start for label in labels]), at_end, reaches


def _as_period(value: Any, index: pd.PeriodIndex, how: str) -> pd.Period:
    period = value if isinstance(value, pd.Period) else pd.Period(str(value))
    return period.asfreq(index.freqstr, how=how)  # type: ignore[arg-type]


def _reversed(index: pd.Index, first: Any, last: Any) -> bool:
    if pd.api.types.is_numeric_dtype(index):
        return float(str(last)) < float(str(first))
    if isinstance(index, pd.PeriodIndex):
        return bool(_as_period(last, index, "end") < _as_period(first, index, "start"))
    return str(last) < str(first) and not str(first).startswith(str(last))
