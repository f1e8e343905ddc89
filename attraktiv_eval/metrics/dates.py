"""Dates that are known to the day, the month or the year, and what was known on a given day."""

from __future__ import annotations

from datetime import date

import pandas as pd

__all__ = ["DAYS_PER_MONTH", "as_dates", "is_no", "is_yes", "known_by", "period_bounds"]

#: Mean length of a month in days (365.25 / 12).
DAYS_PER_MONTH = 30.4375


def as_dates(values: pd.Series) -> pd.Series:
    """Return the values as ``datetime64[ns]``; what is missing or no date becomes NaT."""
    return pd.to_datetime(values, errors="coerce").astype("datetime64[ns]")


def known_by(table: pd.DataFrame, column: str, until: date) -> pd.DataFrame:
    """Return the rows dated no later than ``until``; a row without a date is left out."""
    return table[as_dates(table[column]) <= pd.Timestamp(until)]


def period_bounds(dates: pd.Series, precision: pd.Series | None) -> tuple[pd.Series, pd.Series]:
    """Return the first and the last day that a date can mean.

    Parameters
    ----------
    dates : Series of datetime64
        Any day of the period meant.
    precision : Series of "day", "month" or "year", optional
        How exactly each date is known; None or a missing value means the day.

    Returns
    -------
    tuple of Series of datetime64
        First and last day; NaT where the date is missing.
    """
    first, last = as_dates(dates), as_dates(dates)
    if precision is None:
        return first, last
    for name, frequency in (("month", "M"), ("year", "Y")):
        coarse = (precision == name).fillna(False).astype(bool) & first.notna()
        periods = first[coarse].dt.to_period(frequency)
        first = first.mask(coarse, periods.dt.start_time.astype("datetime64[ns]"))
        last = last.mask(coarse, periods.dt.end_time.dt.normalize().astype("datetime64[ns]"))
    return first, last


def is_yes(values: pd.Series) -> pd.Series:
    """Return True where the value is "yes" or true, else False (unknown is False)."""
    return values.map(lambda value: value is True or str(value) in ("yes", "True")).astype(bool)


def is_no(values: pd.Series) -> pd.Series:
    """Return True where the value is "no" or false, else False (unknown is False)."""
    return values.map(lambda value: value is False or str(value) in ("no", "False")).astype(bool)
