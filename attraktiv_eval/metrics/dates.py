"""Dates that are known to the day, the month or the year, and what was known on a given day."""

from __future__ import annotations

from datetime import date

import pandas as pd

from attraktiv_eval.records.days import as_dates, period_bounds

__all__ = ["DAYS_PER_MONTH", "as_dates", "is_no", "is_yes", "known_by", "period_bounds"]

#: Mean length of a month in days (365.25 / 12).
DAYS_PER_MONTH = 30.4375


def known_by(table: pd.DataFrame, column: str, until: date) -> pd.DataFrame:
    """Return the rows dated no later than ``until``; a row without a date is left out."""
    return table[as_dates(table[column]) <= pd.Timestamp(until)]


def is_yes(values: pd.Series) -> pd.Series:
    """Return True where the value is "yes" or true, else False (unknown is False)."""
    return values.map(lambda value: value is True or str(value) in ("yes", "True")).astype(bool)


def is_no(values: pd.Series) -> pd.Series:
    """Return True where the value is "no" or false, else False (unknown is False)."""
    return values.map(lambda value: value is False or str(value) in ("no", "False")).astype(bool)
