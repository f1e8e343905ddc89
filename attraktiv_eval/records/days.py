"""Columns of days that are known to the day, the week, the month or the year."""

from __future__ import annotations

import pandas as pd

__all__ = ["as_dates", "period_bounds"]


def as_dates(values: pd.Series) -> pd.Series:
    """Return the values as ``datetime64[ns]``; what is missing or no date becomes NaT."""
    return pd.to_datetime(values, errors="coerce").astype("datetime64[ns]")


def period_bounds(dates: pd.Series, precision: pd.Series | None) -> tuple[pd.Series, pd.Series]:
    """Return the first and the last day that a date can mean.

    Parameters
    ----------
    dates : Series of datetime64
        Any day of the period meant.
    precision : Series of "day", "week", "month" or "year", optional
        How exactly each date is known; None or a missing value means the day.

    Returns
    -------
    tuple of Series of datetime64
        First and last day; NaT where the date is missing.
    """
    first, last = as_dates(dates), as_dates(dates)
    if precision is None:
        return first, last
    for name, frequency in (("week", "W-SUN"), ("month", "M"), ("year", "Y")):
        coarse = (precision == name).fillna(False).astype(bool) & first.notna()
        periods = first[coarse].dt.to_period(frequency)
        first = first.mask(coarse, periods.dt.start_time.astype("datetime64[ns]"))
        last = last.mask(coarse, periods.dt.end_time.dt.normalize().astype("datetime64[ns]"))
    return first, last
