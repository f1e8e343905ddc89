"""Dates as people write them, with the precision they were written to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

#: The orders in which day, month and year may stand: dmy as in Sweden, mdy as in America, ymd.
ORDERS: tuple[str, ...] = ("dmy", "mdy", "ymd")

_NAMES = (
    ("januari", "january", "jan"),
    ("februari", "february", "feb", "febr"),
    ("mars", "march", "mar"),
    ("april", "apr"),
    ("maj", "may"),
    ("juni", "june", "jun"),
    ("juli", "july", "jul"),
    ("augusti", "august", "aug"),
    ("september", "sep", "sept"),
    ("oktober", "october", "okt", "oct"),
    ("november", "nov"),
    ("december", "dec"),
)
SWEDISH_MONTHS: tuple[str, ...] = tuple(names[0] for names in _NAMES)
MONTHS: dict[str, int] = {name: number for number, names in enumerate(_NAMES, 1) for name in names}

_TIME = r"(?:[t ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})[-/. ](\d{{1,2}})[-/. ](\d{{1,2}}){_TIME}")
_SHORT = re.compile(rf"(\d{{1,2}})(?: ?([-/.]) ?| )(\d{{1,2}})(?: ?[-/.] ?| )(\d{{2}}){_TIME}")
_DIGITS = re.compile(r"(\d{4}|\d{2})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})(?: ?[-/.] ?| )(\d{{1,2}})(?: ?[-/.] ?| )(\d{{4}}){_TIME}")
_DAY_WORD = re.compile(
    rf"(?:den )?(\d{{1,2}})(?::?[ae]|st|nd|rd|th|\.)?[ /-]*([a-z]+)\.?[ /,'-]*(\d{{4}}|\d{{2}}){_TIME}"
)
_YEAR_WORD_DAY = re.compile(r"(\d{4})[ -]*([a-z]+)\.?[ -]*(\d{1,2})")
_WEEKDAY = re.compile(
    r"(?:m[åa]n|tis|ons|tors?|fre|l[öo]r|s[öo]n|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)"
    r"(?:dag|day)?\.?,? (?:den )?"
)
_WORD_DAY = re.compile(r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?, ?(\d{4})")
_MONTH_WORD = re.compile(r"([a-z]+)\.?[ -]*'?(\d{4}|\d{2})")
_YEAR_MONTH_WORD = re.compile(r"(\d{4})[ -]*([a-z]+)\.?")
_YEAR_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})")
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})")
_YEAR = re.compile(r"(19|20)\d{2}")
_JOINED_MONTH = re.compile(r"(20\d{2})(\d{2})")
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?")
_WEEK = re.compile(r"(?:vecka|week|wk|v|w)[ .:]*(\d{1,2})[ ,./'-]*(?:år )?(\d{4}|\d{2})")
_YEAR_WEEK = re.compile(r"(\d{4})[ ,./-]*(?:vecka|week|wk|v|w)[ .:]*(\d{1,2})")
_EPOCH = date(1899, 12, 30)
_EPOCH_1904 = date(1904, 1, 1)
_SERIALS = range(29221, 65381)  # 1980-01-01 to 2078-12-31


@dataclass(frozen=True)
class Evidence:
    """What the dates of a column say of the order of day, month and year.

    ``whole`` tells for each order how many of the dates with four digits of the year it can read, ``short``
    the same of those with two; ``dates`` how many of each kind there are, and ``differing`` how many of all
    mean one day in one order and another in the next.
    """

    whole: dict[str, int]
    short: dict[str, int]
    dates: tuple[int, int]
    differing: int = 0

    def order(self, default: str = "dmy") -> tuple[str, str]:
        """Return the order of whole and of short dates; ``?`` where no order reads all of the column.

        ``own`` is the order of short dates where each is read by its signs.
        """
        return (
            _most(self.whole, self.dates[0], "mdy" if default == "mdy" else "dmy"),
            _most(self.short, self.dates[1], "own" if default == "dmy" else default),
        )


def _most(readable: dict[str, int], dates: int, default: str) -> str:
    if not dates or readable[default] == dates:
        return default
    return next((order for order, n in readable.items() if n == dates), "?")


def evidence(texts: Iterable[str], earliest: date, latest: date) -> Evidence:
    """Return what the dates of a column say of their order.

    Parameters
    ----------
    texts : iterable of str
        The distinct texts of the column.
    earliest, latest : date
        An order that puts a short date outside is no reading of it.
    """
    tables = dict.fromkeys(("dmy", "mdy"), 0), dict.fromkeys(("own", *ORDERS), 0)
    dates, differing = [0, 0], 0
    for text in texts:
        value = _even(text)
        which = 0 if _YEAR_LAST.fullmatch(value) else 1 if _SHORT.fullmatch(value) else None
        if which is None:
            continue
        days = {order: read_date(text, order, order) for order in tables[which]}
        known = {
            order: day[0]
            for order, day in days.items()
            if day and (not which or earliest <= day[0] <= latest)
        }
        dates[which] += bool(known)  # wrong in every order, a date says nothing of them
        for order in known:
            tables[which][order] += 1
        differing += len(set(known.values())) > 1
    return Evidence(*tables, (dates[0], dates[1]), differing)


def hangs_on_order(text: str) -> bool:
    """Return whether a text is a date that another order of day and month could read as another day."""
    value = _even(text)
    if _YEAR_LAST.fullmatch(value):
        days = [read_date(text, order) for order in ("dmy", "mdy")]
    elif _SHORT.fullmatch(value):
        days = [read_date(text, "dmy", order) for order in ORDERS]
    else:
        return False
    return len({day for day in days if day}) > 1


def is_serial(text: str) -> bool:
    """Return whether a text is a spreadsheet's serial date."""
    found = _SERIAL.fullmatch(text.strip())
    return bool(found) and int(found[1]) in _SERIALS  # type: ignore[index]


def _even(text: str) -> str:
    value = " ".join(text.replace("\u00a0", " ").casefold().split()).strip(" .,")
    value = _WEEKDAY.sub("", value.replace("−", "-").replace("–", "-"), count=1)
    return re.sub(r"(?<=^\d{8})[.,]0+$", "", value)


def read_date(
    text: str, order: str = "dmy", short: str = "own", *, from_1904: bool = False
) -> tuple[date, str] | None:
    """Return the day and its precision (``day``, ``week``, ``month`` or ``year``), or None if it is no date.

    A week is kept as its Monday (ISO 8601), a month or a year as its first day. A two-digit year is of this
    century up to 69. A number of five digits is a spreadsheet's serial date.

    Parameters
    ----------
    text : str
    order : {"dmy", "mdy"}
        Of day, month and a year of four digits that stands last.
    short : {"own", "ymd", "dmy", "mdy"}
        Of dates with two digits of the year; ``own``: the year first between hyphens, else the day.
    from_1904 : bool
        Whether serial dates count from 1904, as in workbooks of old Macs.

    Examples
    --------
    >>> read_date("1/3 2021")
    (datetime.date(2021, 3, 1), 'day')
    >>> read_date("mars 2021")
    (datetime.date(2021, 3, 1), 'month')
    >>> read_date("vecka 14 2021")
    (datetime.date(2021, 4, 5), 'week')
    """
    value = _even(text)
    if found := (_YEAR_FIRST.fullmatch(value) or _DIGITS.fullmatch(value)):
        return _day(*found.groups()) or _coarse(value, from_1904)
    if found := _YEAR_LAST.fullmatch(value):
        return _ordered(found.groups(), "mdy" if order == "mdy" else "dmy")
    if found := _SHORT.fullmatch(value):
        first, sign, second, third = found.groups()
        return _ordered(
            (first, second, third), ("ymd" if sign == "-" else "dmy") if short == "own" else short
        )
    if found := _WEEK.fullmatch(value):
        return _week(found[2], found[1])
    if found := _YEAR_WEEK.fullmatch(value):
        return _week(*found.groups())
    if (found := _DAY_WORD.fullmatch(value)) and found[2] in MONTHS:
        day, name, year = found.groups()
        return _day(year, MONTHS[name], day)
    if (found := _YEAR_WORD_DAY.fullmatch(value)) and found[2] in MONTHS:
        year, name, day = found.groups()
        return _day(year, MONTHS[name], day)
    if found := _WORD_DAY.fullmatch(value):
        name, day, year = found.groups()
        return _day(year, MONTHS.get(name), day)
    return _coarse(value, from_1904)


def _ordered(parts: tuple[str, ...], order: str) -> tuple[date, str] | None:
    """Return the day of three numbers in an order; a year of one digit is none."""
    named = dict(zip(order, parts, strict=True))
    return _day(named["y"], named["m"], named["d"]) if len(named["y"]) > 1 else None


def _week(year: str, week: str) -> tuple[date, str] | None:
    try:
        return date.fromisocalendar(_full(year), int(week), 1), "week"
    except ValueError:
        return None


def _coarse(value: str, from_1904: bool) -> tuple[date, str] | None:
    """Return a month, a year or a serial number."""
    if found := _MONTH_WORD.fullmatch(value):
        return _month(found[2], MONTHS.get(found[1]))
    if found := _YEAR_MONTH_WORD.fullmatch(value):
        return _month(found[1], MONTHS.get(found[2]))
    if found := _YEAR_MONTH.fullmatch(value) or _JOINED_MONTH.fullmatch(value):
        return _month(found[1], found[2])
    if found := _MONTH_YEAR.fullmatch(value):
        return _month(found[2], found[1])
    if _YEAR.fullmatch(value):
        return date(int(value), 1, 1), "year"
    if (found := _SERIAL.fullmatch(value)) and int(found[1]) in _SERIALS:
        return (_EPOCH_1904 if from_1904 else _EPOCH) + timedelta(days=int(found[1])), "day"
    return None


def _full(year: str) -> int:
    number = int(year)
    return number if len(year) == 4 else number + (2000 if number < 70 else 1900)


def _day(year: str, month: str | int | None, day: str) -> tuple[date, str] | None:
    try:
        return date(_full(year), int(month or 0), int(day)), "day"
    except ValueError:
        return None


def _month(year: str, month: str | int | None) -> tuple[date, str] | None:
    try:
        return date(_full(year), int(month or 0), 1), "month"
    except ValueError:
        return None


# --- Columns of days that are known to the day, the week, the month or the year


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
        if not coarse.any():
            continue
        periods = first[coarse].dt.to_period(frequency)
        first = first.mask(coarse, periods.dt.start_time.astype("datetime64[ns]"))
        last = last.mask(coarse, periods.dt.end_time.dt.normalize().astype("datetime64[ns]"))
    return first, last


# --- Dates that are known to the day

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
