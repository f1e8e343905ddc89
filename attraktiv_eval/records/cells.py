"""Each kind of column: text in, value out, or the kind of fault. Equal texts are read once."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from attraktiv_eval import regions, resources
from attraktiv_eval.errors import SourceError
from attraktiv_eval.records import identifiers
from attraktiv_eval.records.dates import read_date
from attraktiv_eval.records.numbers import read_number, read_whole
from attraktiv_eval.records.vocabulary import id_of

__all__ = ["Reader", "Value", "mended"]

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
_BROKEN_UTF8 = re.compile("[ÃÂ][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u2122]")


class Value(NamedTuple):
    """What a text was read as; ``fault`` is set where it could not be, ``mended`` where it was evened out."""

    value: Any = None
    fault: str | None = None
    precision: str | None = None
    mended: str | None = None


def mended(text: str) -> str:
    """Return text whose UTF-8 was once read as Windows-1252 as it should be: ``Ã…re`` becomes ``Åre``."""
    if text.isascii() or not _BROKEN_UTF8.search(text):
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


@cache
def _municipality_names() -> dict[str, str]:
    """Return municipality name as compared -> code, for the whole country."""
    try:
        path = resources.find("data/statistics/municipalities.csv")
    except SourceError:
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {_place(row["region_name"]): row["region_code"] for row in csv.DictReader(file)}


def _place(text: str) -> str:
    return re.sub(r"\b(kommun|stad|municipality)\b", "", text.casefold()).strip()


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
    """

    def __init__(self, kind: str, choice: str | None, earliest: date, latest: date) -> None:
        self.kind, self.choice = kind, choice
        self.earliest, self.latest = earliest, latest
        self._read: Callable[[str], Value] = getattr(self, f"_{kind}")

    def __call__(self, text: str) -> Value:
        """Return the value of a text that is not empty."""
        plain = text.replace("\u00a0", " ").strip("\u200b\ufeff ")
        value = mended(plain)
        if value[:1] == "#" and value.upper() in _ERRORS:
            return Value(fault="spreadsheet_error")
        if len(value) < 17 and value.casefold() in _NOTHING:
            return Value()
        found = self._read(value)
        return found if value == plain else found._replace(mended="encoding")

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
        answer = id_of("yes_no", text)
        if answer in ("yes", "no"):
            return Value("1" if answer == "yes" else "0")
        if answer == "unknown":
            return Value()
        return Value(str(len([part for part in re.split(r"[;,\n/&]| och | and ", text) if part.strip()])))

    def _choice(self, text: str) -> Value:
        found = id_of(self.choice or "", text)
        return Value(found) if found else Value(fault="unknown_word")

    def _scale(self, text: str) -> Value:
        number = text.strip().removesuffix(".0").removesuffix(",0")
        leading = re.match(r"([1-5])(?=\s*[-–=.:)]|\s+\D|$)", number)
        found = leading[1] if leading else id_of("scale", number)
        return Value(int(found)) if found else Value(fault="unknown_word")

    def _date(self, text: str) -> Value:
        found = read_date(text)
        if found is None:
            return Value(fault="unreadable_date")
        day, precision = found
        if not self.earliest <= day <= self.latest:
            return Value(fault="date_out_of_range")
        return Value(day, precision=precision)

    def _whole(self, text: str) -> Value:
        number = read_whole(text)
        return Value(fault=number) if isinstance(number, str) else Value(number)

    def _amount(self, text: str) -> Value:
        number = read_number(text)
        if isinstance(number, str):
            return Value(fault=number)
        return Value(fault="negative_number") if number < 0 else Value(number)

    def _municipality(self, text: str) -> Value:
        found = re.match(r"\d{3,4}(?!\d)", text)
        if found:
            code = found[0].zfill(4)
            if not regions.is_municipality(code):
                return Value(fault="unknown_municipality")
            return Value(code, mended="lost_zero" if len(found[0]) == 3 else None)
        place = _place(text)
        names = _municipality_names()
        code = names.get(place) or names.get(place.removesuffix("s")) or ""
        return Value(code) if code else Value(fault="unknown_municipality")

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
