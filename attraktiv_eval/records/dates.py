"""Dates as people write them, with the precision they were written to."""

from __future__ import annotations

import re
from datetime import date, timedelta

__all__ = ["MONTHS", "SWEDISH_MONTHS", "read_date"]

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
_SHORT_YEAR_FIRST = re.compile(r"(\d{2})-(\d{2})-(\d{2})")
_DIGITS = re.compile(r"(\d{4}|\d{2})(\d{2})(\d{2})")
_DAY_FIRST = re.compile(rf"(\d{{1,2}})(?: ?[/.] ?| )(\d{{1,2}})(?: ?[/.\-] ?| )(\d{{4}}|\d{{2}}){_TIME}")
_DAY_FIRST_DASHED = re.compile(rf"(\d{{1,2}})-(\d{{1,2}})-(\d{{4}}){_TIME}")
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
_EPOCH = date(1899, 12, 30)
_SERIALS = range(29221, 65381)  # 1980-01-01 to 2078-12-31


def read_date(text: str) -> tuple[date, str] | None:
    """Return the day and its precision (``day``, ``month`` or ``year``), or None if it is no date.

    A month or a year is kept as its first day. Day comes before month, as in Sweden; a two-digit year
    is of this century up to 69. A number of five digits is a spreadsheet's serial date.

    Examples
    --------
    >>> read_date("1/3 2021")
    (datetime.date(2021, 3, 1), 'day')
    >>> read_date("mars 2021")
    (datetime.date(2021, 3, 1), 'month')
    """
    value = " ".join(text.replace("\u00a0", " ").casefold().split()).strip(" .,")
    value = _WEEKDAY.sub("", value.replace("−", "-").replace("–", "-"), count=1)
    value = re.sub(r"(?<=^\d{8})[.,]0+$", "", value)
    if found := (
        _YEAR_FIRST.fullmatch(value) or _SHORT_YEAR_FIRST.fullmatch(value) or _DIGITS.fullmatch(value)
    ):
        return _day(*found.groups()) or _coarse(value)
    if found := _DAY_FIRST_DASHED.fullmatch(value) or _DAY_FIRST.fullmatch(value):
        day, month, year = found.groups()
        return _day(year, month, day)
    if (found := _DAY_WORD.fullmatch(value)) and found[2] in MONTHS:
        day, name, year = found.groups()
        return _day(year, MONTHS[name], day)
    if (found := _YEAR_WORD_DAY.fullmatch(value)) and found[2] in MONTHS:
        year, name, day = found.groups()
        return _day(year, MONTHS[name], day)
    if found := _WORD_DAY.fullmatch(value):
        name, day, year = found.groups()
        return _day(year, MONTHS.get(name), day)
    return _coarse(value)


def _coarse(value: str) -> tuple[date, str] | None:
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
        return _EPOCH + timedelta(days=int(found[1])), "day"
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
