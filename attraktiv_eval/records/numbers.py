"""Numbers as people write them: spaces or points between thousands, comma or point before decimals."""

from __future__ import annotations

import re

__all__ = ["read_number", "read_whole"]

#: No amount and no count of a project is larger; numbers of 64 bits hold it.
LARGEST = 10**15

_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f']")
_UNIT = re.compile(r"(?:^(?:sek|kr))|(?:(sek|kronor|kr|:-|tkr|mkr|mnkr|st|st\.|kr\.)$)")
_TIMES = {"tkr": 1_000, "mkr": 1_000_000, "mnkr": 1_000_000}
_GROUPED_COMMA = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_GROUPED_POINT = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_PLAIN = re.compile(r"\d+(?:[.,]\d*)?|[.,]\d+")


def read_number(text: str) -> float | str:
    """Return the number, or the kind of fault: ``no_number`` or ``ambiguous_number``.

    ``1.234`` and ``1,234`` can mean one and a bit or a thousand and more; neither is guessed. What is larger
    than any amount is a key that stuck, not a number.

    Examples
    --------
    >>> read_number("1 234,50 kr")
    1234.5
    >>> read_number("1.234")
    'ambiguous_number'
    """
    value = _SPACES.sub("", text.casefold()).replace("−", "-").replace("–", "-")
    found = _UNIT.search(value)
    times = _TIMES.get(found[1] or "", 1) if found else 1
    value = _UNIT.sub("", _UNIT.sub("", value))
    sign = -1.0 if value.startswith("-") else 1.0
    value = value.lstrip("+-")
    if re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", value):
        return "ambiguous_number"
    number = _plain(value)
    if number is None or number * times > LARGEST:
        return "no_number"
    return sign * times * number


def _plain(value: str) -> float | None:
    """Return digits with or without thousands and decimals as a number, or None."""
    if _GROUPED_COMMA.fullmatch(value) and not re.fullmatch(r"0,\d+", value):
        return float(value.replace(",", ""))
    if _GROUPED_POINT.fullmatch(value) and not re.fullmatch(r"0\.\d+", value):
        return float(value.replace(".", "").replace(",", "."))
    if _PLAIN.fullmatch(value):
        return float(value.replace(",", "."))
    return None


def read_whole(text: str) -> int | str:
    """Return the whole number at or above zero, or the kind of fault."""
    value = read_number(text)
    if isinstance(value, str):
        return value
    if value != int(value) or value < 0:
        return "no_whole_number"
    return int(value)
