"""Each kind of column: text in, value out, or the kind of fault. Equal texts are read once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple
from unicodedata import normalize

from attraktiv_eval.records import identifiers
from attraktiv_eval.records.dates import hangs_on_order, is_serial, read_date
from attraktiv_eval.records.numbers import read_number, read_whole, unit_of
from attraktiv_eval.records.places import country_of, municipality_names, municipality_of
from attraktiv_eval.records.vocabulary import even, id_of, other_projects, plain
from attraktiv_eval.records.ways import Ways

__all__ = ["Reader", "Value"]

_ERRORS = {
    "#REF!",
    "#N/A",
    "#VALUE!",
    "#DIV/0!",
    "#NAME?",
    "#NULL!",
    "#NUM!",
    "#GETTING_DATA",
    "#SAKNAS!",
    "#VÄRDEFEL!",
}
_NOTHING = {"", "-", "–", "n/a", "na", "null", "none", "saknas", "uppgift saknas", "ej ifyllt", "nan"}
_AS_IT_IS = {
    "reference": re.compile(r"[A-Za-z0-9./:_+-]*\d[A-Za-z0-9./:_+-]*"),
    "email": re.compile(r"[a-z0-9_.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}"),
}
_GAPS = re.compile(r"\s\s|[\t\r\n]")
_SCALE = re.compile(r"([1-5])(?:[.,]0+)?")
_SCALE_WORDS = re.compile(r"([1-5])\s*(?:[-–=:.)(]+|\s)\s*(\D+?)\s*\)?")
#: Answers to "would you have moved anyway?", which the words of a yes or a no turn round.
_ANYWAY = {
    **dict.fromkeys(("ja säkert", "ja absolut", "ja definitivt", "yes surely", "yes certainly"), 1),
    **dict.fromkeys(("ja troligen", "ja troligtvis", "ja kanske", "yes probably"), 2),
    **dict.fromkeys(("nej troligen inte", "nej troligen", "nej troligtvis inte", "no probably not"), 4),
    **dict.fromkeys(("nej säkert inte", "nej absolut inte", "nej definitivt inte", "no surely not"), 5),
}


class Value(NamedTuple):
    """What a text was read as; ``fault`` is set where it could not be, ``mended`` where it was evened out."""

    value: Any = None
    fault: str | None = None
    precision: str | None = None
    mended: str | None = None


def _as_it_came(text: str) -> str:
    """Return text without the blanks that mean nothing, its letters composed but not mended."""
    blanks = re.sub("[\u00a0\u2007\u202f]", " ", re.sub("[\u200b\ufeff\u00ad]", "", text))
    return normalize("NFC", blanks).strip()


class Reader:
    """Reads the texts of one kind of column.

    Parameters
    ----------
    kind : str
        Kind of the column, as in the schemas.
    choice : str, optional
        The vocabulary of a column of kind ``choice``.
    earliest, latest : date
        Days outside are faults.
    ways : Ways, optional
        What the column decides.
    """

    def __init__(
        self, kind: str, choice: str | None, earliest: date, latest: date, ways: Ways | None = None
    ) -> None:
        self.kind, self.choice, self.ways = kind, choice, ways or Ways()
        self.earliest, self.latest = earliest, latest
        self._read: Callable[[str], Value] = getattr(self, f"_{kind}")

    def __call__(self, text: str) -> Value:
        """Return the value of a text that is not empty."""
        value = even(text).strip()
        if value[:1] == "#" and value.upper() in _ERRORS:
            return Value(fault="spreadsheet_error")
        if len(value) < 17 and value.casefold() in _NOTHING:
            return Value()
        found = self._read(value)
        return found if _as_it_came(text) == value else found._replace(mended="encoding")

    def all(self, texts: Sequence[str]) -> tuple[list[Any], dict[int, Value]]:
        """Return the value of each text, and the index of those that are faulty, mended or no whole day.

        Texts that need no second look, as almost all references and e-mail addresses, are taken as they are.
        """
        values: list[Any] = list(texts)
        odd: dict[int, Value] = {}
        simple = _AS_IT_IS.get(self.kind)
        rest = range(len(values))
        if simple is not None:
            fits = simple.fullmatch
            rest = [index for index, text in enumerate(values) if not fits(text)]  # type: ignore[assignment]
        for index in rest:
            found = self(values[index])
            values[index] = found.value
            if found.fault or found.precision or found.mended:
                odd[index] = found
        return values, odd

    def _text(self, text: str) -> Value:
        return Value(" ".join(text.split()) if _GAPS.search(text) else text)

    _reference = _organisation_name = _person_name = _text

    def _projects(self, text: str) -> Value:
        number = other_projects(text)
        return (
            Value(fault=number) if isinstance(number, str) else Value(None if number is None else str(number))
        )

    def _choice(self, text: str) -> Value:
        found = id_of(self.choice or "", text)
        return Value(found) if found else Value(fault="unknown_word")

    def _scale(self, text: str) -> Value:
        """Return 1 (surely anyway) to 5 (surely not); words beside the digit must agree with it."""
        digit = _SCALE.fullmatch(text)
        beside = None if digit else _SCALE_WORDS.fullmatch(text)
        number = int((digit or beside)[1]) if digit or beside else None  # type: ignore[index]
        said = None if digit else self._said(beside[2] if beside else text)
        if number is None:
            return Value(said) if said else Value(fault="unknown_word")
        turned = number if self.ways.scale >= 0 else 6 - number
        if beside:
            agrees = said is not None and (said == turned or self.ways.scale == 0)
            return Value(said) if agrees else Value(fault="contradicting_scale")
        return Value(turned) if self.ways.scale else Value(fault="scale_direction")

    def _said(self, text: str) -> int | None:
        """Return what words say on the scale, whatever stands for them as a digit."""
        known = id_of("scale", text)
        if known and not plain(text).isdigit():
            return int(known)
        word = " ".join(plain(text).replace(",", " ").split())
        return _ANYWAY.get(word) if self.ways.scale <= 0 else None

    def _date(self, text: str) -> Value:
        ways = self.ways
        if is_serial(text) and ways.from_1904 is None:
            return Value(fault="ambiguous_date")
        found = read_date(text, ways.order, ways.short, from_1904=bool(ways.from_1904))
        if "?" in (ways.order, ways.short):
            if hangs_on_order(text):
                return Value(fault="ambiguous_date")
            tries = (read_date(text, order, order) for order in ("dmy", "mdy", "ymd"))
            found = next((day for day in tries if day), None)
        if found is None:
            return Value(fault="unreadable_date")
        day, precision = found
        if not self.earliest <= day <= self.latest:
            return Value(fault="date_out_of_range")
        return Value(day, precision=precision)

    def _whole(self, text: str) -> Value:
        if self.ways.factor != 1:
            number = read_number(text, self.ways.decimal)
            number = number if isinstance(number, str) else round(number * self.ways.factor, 6)
            number = number if isinstance(number, str) or number.is_integer() else "no_whole_number"
            number = number if isinstance(number, str) else int(number)
        else:
            number = read_whole(text, self.ways.decimal)
        return Value(fault=number) if isinstance(number, str) else Value(number)

    def _amount(self, text: str) -> Value:
        number = read_number(text, self.ways.decimal)
        if isinstance(number, str):
            return Value(fault=number)
        if unit_of(text) is None:  # a unit in the cell goes before the heading's
            number *= self.ways.factor
        return Value(fault="negative_number") if number < 0 else Value(number)

    def _municipality(self, text: str) -> Value:
        if re.fullmatch(r"\d{3}", text):
            code = text.zfill(4)
            known = self.ways.codes and code in municipality_names()
            return Value(code, mended="lost_zero") if known else Value(fault="unknown_municipality")
        code = municipality_of(text) or ""
        return Value(code) if code else Value(fault="unknown_municipality")

    def _country(self, text: str) -> Value:
        country = country_of(text)
        return Value(country) if country else Value(fault="unknown_country")

    def _organisation_number(self, text: str) -> Value:
        found = identifiers.organisation_number(text)
        return Value(f"{found[0]}:{found[1]}") if found else Value(fault="wrong_check_digit")

    def _personal_number(self, text: str) -> Value:
        found = identifiers.personal_number(text)
        return Value(found) if found else Value(fault="no_personal_number")

    def _email(self, text: str) -> Value:
        found = identifiers.email_key(text)
        return Value(found) if found else Value(fault="no_email")

    def _phone(self, text: str) -> Value:
        found = identifiers.phone_key(text)
        return Value(found) if found else Value(fault="no_phone")

    def _address(self, text: str) -> Value:
        found = identifiers.address_key(text)
        return Value(found) if found else Value(fault="no_address")
