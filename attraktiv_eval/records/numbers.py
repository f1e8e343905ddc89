"""Numbers as people write them: spaces or points between thousands, comma or point before decimals."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["decimal_sign", "read_number", "read_whole", "unit_of"]

#: No amount and no count of a project is larger; numbers of 64 bits hold it.
LARGEST = 10**15

_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f']")
_UNIT = re.compile(r"(?:^(?:sek|kr))|(?:(sek|kronor|kr|:-|tkr|ksek|kkr|mkr|mnkr|msek|st|st\.|kr\.)$)")
_TIMES = {"tkr": 1e3, "ksek": 1e3, "kkr": 1e3, "mkr": 1e6, "mnkr": 1e6, "msek": 1e6}
#: A number that tells which sign stands before decimals: two groups, a group and decimals, or decimals.
_TELLING = re.compile(
    r"\d{1,3}(?:(?P<two>[.,])\d{3})(?:(?P=two)\d{3})+"
    r"|\d{1,3}(?:(?P<before>[.,])\d{3})+(?!(?P=before))[.,]\d+"
    r"|\d+(?P<decimal>[.,])(?:\d{1,2}|\d{4,})|(?:0|\d{4,})(?P<last>[.,])\d{3}"
)
_GROUPED_COMMA = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_GROUPED_POINT = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_PLAIN = re.compile(r"\d+(?:[.,]\d*)?|[.,]\d+")


def decimal_sign(texts: Iterable[str]) -> str | None:
    """Return the sign before the decimals of a column's numbers, or None where they do not tell or disagree.

    ``1.234,50`` and ``12.5`` tell; ``1.234`` does not.
    """
    signs = set()
    for text in texts:
        value = _UNIT.sub("", _UNIT.sub("", _SPACES.sub("", text.casefold()))).lstrip("+-−–")
        if found := _TELLING.fullmatch(value):
            grouping = found["two"] or found["before"]
            sign = found["decimal"] or found["last"]
            signs.add({".": ",", ",": "."}[grouping] if grouping else sign)
    return signs.pop() if len(signs) == 1 else None


def unit_of(text: str) -> float | None:
    """Return how many kronor the unit of an amount is, None where the text has no unit."""
    found = re.search(r"(?<![a-zåäö])(kr|kronor|sek|:-|tkr|ksek|kkr|mkr|mnkr|msek)\.?\s*$", text.casefold())
    return _TIMES.get(found[1], 1) if found else None


def read_number(text: str, decimal: str | None = None) -> float | str:
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
        if decimal is None:
            return "ambiguous_number"
        value = value.replace({".": ",", ",": "."}[decimal], "").replace(decimal, ".")
        return sign * times * float(value)
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


def read_whole(text: str, decimal: str | None = None) -> int | str:
    """Return the whole number at or above zero, or the kind of fault."""
    value = read_number(text, decimal)
    if isinstance(value, str):
        return value
    if value != int(value) or value < 0:
        return "no_whole_number"
    return int(value)
