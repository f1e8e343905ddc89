"""Identifiers of persons and organisations: checked, made comparable, and replaced by pseudonyms.

Check digits by python-stdnum. A coordination number has 60 added to the day; an organisation number's third
digit is 2 or more, which tells it from the personal number that a sole trader uses.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from pathlib import Path

from stdnum import luhn

from attraktiv_eval.errors import RecordError

__all__ = [
    "EXAMPLE_KEY",
    "KEY_VARIABLE",
    "Pseudonyms",
    "address_key",
    "email_key",
    "find_key",
    "given_names",
    "is_nobodys_email",
    "is_nobodys_phone",
    "name_key",
    "organisation_number",
    "personal_number",
    "phone_key",
    "surname",
]

KEY_VARIABLE = "ATTRAKTIV_EVAL_KEY_FILE"

#: Published on purpose: the example records are invented, and their runs must be byte-identical.
EXAMPLE_KEY = b"published key for invented example records only"

_HYPHENS = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d\u00af_/]")
_JOINERS = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")  # soft hyphens and signs without width
_NUMBER = re.compile(r"(\d{2})?(\d{2})(\d{2})(\d{2})([-+]?)(\d{4})")
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]{2,}")


def personal_number(text: str, today: date | None = None) -> str | None:
    """Return a personal identity or coordination number as twelve digits, or None if it is not valid.

    Valid means a real day and a right check digit. Without a century the person is taken to be under
    100 years old, over 100 with a plus sign.
    """
    found = _NUMBER.fullmatch(re.sub(r"[\s\u00a0]", "", text).replace("–", "-"))
    if not found:
        return None
    century, year, month, day, sign, last = found.groups()
    if not luhn.is_valid(year + month + day + last):
        return None
    this = today or date.today()
    if century is None:
        full = this.year // 100 * 100 + int(year)
        full -= 100 if full > this.year else 0
        full -= 100 if sign == "+" else 0
    else:
        full = int(century + year)
    plain_day = int(day) - 60 if int(day) > 60 else int(day)
    try:
        born = date(full, int(month), plain_day)
    except ValueError:
        return None
    return f"{full}{month}{day}{last}" if date(1840, 1, 1) <= born <= this else None


def organisation_number(text: str) -> tuple[str, str] | None:
    """Return ``("organisation", ten digits)``, ``("person", twelve digits)``, or None if not valid.

    Takes hyphens and dashes of all kinds, also soft ones, spaces, points, an apostrophe, what a spreadsheet
    adds to a number (``.0``), the prefix 16 and a Swedish VAT number (SE...01).

    Examples
    --------
    >>> {organisation_number(text) for text in ("'556036-0793", "5560360793.0", "16 556036\u20110793")}
    {('organisation', '5560360793')}
    """
    value = re.sub(r"[.,]0+$", "", _JOINERS.sub("", text.strip().upper()))
    value = re.sub(r"[\s.'´`’‘]", "", _HYPHENS.sub("-", value))
    digits = value.replace("-", "")
    if digits.startswith("SE") and len(digits) == 14 and digits.endswith("01"):
        digits = value = digits[2:12]
    if len(digits) == 12 and digits.startswith("16"):
        digits = digits[2:]
    if len(digits) == 10 and digits.isascii() and digits.isdigit() and digits[2] >= "2":
        return ("organisation", digits) if luhn.is_valid(digits) else None
    person = personal_number(value)
    return ("person", person) if person else None


def email_key(text: str) -> str | None:
    """Return an e-mail address as it is compared: lower case, without ``mailto:`` and a name around it."""
    value = text.casefold().replace("mailto:", "").replace("\u00a0", " ").strip()
    if "<" in value and ">" in value:
        value = value[value.index("<") + 1 : value.index(">")]
    value = value.replace(" ", "").strip(".,;")
    return value if _EMAIL.fullmatch(value) else None


def phone_key(text: str) -> str | None:
    """Return a telephone number with country code and digits only, or None if it is none."""
    value = text.replace("(0)", "")
    plus = value.strip().startswith(("+", "00"))
    digits = re.sub(r"[\s\u00a0()./–-]", "", value).lstrip("+")
    if not (digits.isascii() and digits.isdigit()):
        return None
    if plus:
        digits = digits.removeprefix("00")
        digits = "46" + digits[3:] if digits.startswith("460") else digits
    elif digits.startswith("0"):
        digits = "46" + digits[1:]
    elif not digits.startswith("46"):
        digits = "46" + digits
    return f"+{digits}" if 9 <= len(digits) <= 15 else None


def name_key(text: str) -> str:
    """Return a person's name as it is compared: ``Ek, Kim`` and ``kim ek`` are one."""
    if text.count(",") == 1:
        last, first = text.split(",")
        text = f"{first} {last}"
    return " ".join(re.sub(r"[^\w\s]", " ", text.casefold()).split())


_STREET = (
    (re.compile(r"v(?:äg(?:en)?)?\.?(?= \d|$)"), "vägen"),
    (re.compile(r"g(?:at(?:an)?)?\.?(?= \d|$)"), "gatan"),
)


def address_key(text: str) -> str | None:
    """Return a postal address as it is compared, or None where it has no house number.

    Case, points, commas and the abbreviations ``v.`` and ``g.`` for ``vägen`` and ``gatan`` are evened out.
    """
    value = re.sub(r"[,;\n]+", " ", text.casefold())
    value = re.sub(r"\b(\d{3})[ \u00a0](\d{2})\b", r"\1\2", value)
    value = " ".join(value.split())
    value = re.sub(r"(?<=\w)v(?:äg)?\.? ?(?=\d)", "vägen ", value, count=1)
    value = re.sub(r"(?<=\w)g(?:at)?\.? ?(?=\d)", "gatan ", value, count=1)
    value = " ".join(re.sub(r"[^\w\s]", " ", value).split())
    return value if re.search(r"\d", value) and re.search(r"[^\W\d]", value) else None


class Pseudonyms:
    """Turn an identifier into a keyed pseudonym: HMAC-SHA-256, its first 20 hexadecimal digits.

    The same identifier always gives the same pseudonym under one key and cannot be found without it.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise RecordError(
                "the key is too short", remedy="use a key of at least 16 bytes, such as 32 random ones"
            )
        self._key = key

    def __call__(self, kind: str, value: str) -> str:
        """Return the pseudonym of a value of a kind."""
        digest = hmac.digest(self._key, f"{kind}:{value}".encode(), "sha256").hex()
        return f"p{digest[:20]}"

    def many(self, kind: str, values: Iterable[str]) -> list[str]:
        """Return the pseudonym of each value."""
        key, head = self._key, f"{kind}:"
        return ["p" + hmac.digest(key, (head + value).encode(), "sha256").hex()[:20] for value in values]


def find_key(key: bytes | None, *, example: bool) -> tuple[bytes, str]:
    """Return the key and where it comes from: ``given``, ``file``, ``example`` or ``made`` for this run.

    Raises
    ------
    RecordError
        If the file that the environment variable names cannot be read.
    """
    if key is not None:
        return key, "given"
    if example:
        return EXAMPLE_KEY, "example"
    name = os.environ.get(KEY_VARIABLE, "")
    if not name:
        return secrets.token_bytes(32), "made"
    try:
        return Path(name).read_bytes().strip(), "file"
    except OSError:
        raise RecordError(
            f"the key file that {KEY_VARIABLE} names cannot be read",
            remedy="correct the path, or unset the variable so that a key is made for this run",
        ) from None


#: First parts of addresses of receptions and offices, and of addresses that stand for none.
_NOBODYS = frozenset(
    word
    for line in (
        "info kontakt contact reception receptionen vaxel växel kundtjanst kundtjänst kundservice service",
        "support noreply nobody saknas okand okänd ingen inget inga finnsej harej ejangiven ejangivet",
        "angesej",
        "test epost email mail mejl namn fornamnefternamn none na unknown missing placeholder dummy anonym",
        "anonymous x xx xxx abc asdf hr post office personal rekrytering inflyttarservice inflyttning",
        "registrator kommun kommunen",
    )
    for word in line.split()
)


def is_nobodys_email(email: str) -> bool:
    """Return whether a mailbox is a reception's, an office's or stands for none: it tells nobody apart.

    Examples
    --------
    >>> is_nobodys_email("saknas@example.org"), is_nobodys_email("anna.ek@example.org")
    (True, False)
    """
    return re.sub(r"[\W\d_]", "", email.partition("@")[0]) in _NOBODYS


def is_nobodys_phone(phone: str) -> bool:
    """Return whether a telephone number stands for none: one digit throughout, or counted up or down.

    Examples
    --------
    >>> is_nobodys_phone("+46000000000"), is_nobodys_phone("+46701234567"), is_nobodys_phone("+46701740605")
    (True, True, False)
    """
    last = phone[-6:]
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(last)} if last.isdigit() else set()
    return len(steps) == 1 and steps <= {0, 1, 9}


def given_names(text: str) -> list[str]:
    """Return the given names in a person's name, or of several persons; empty where only a surname stands.

    Examples
    --------
    >>> given_names("Ek, Anna-Karin"), given_names("Anna & Erik Ek"), given_names("A. Ek")
    (['anna', 'karin'], ['anna', 'erik'], [])
    """
    persons = [
        name_key(part).split()
        for part in re.split(r"\s*(?:&|\+|/|\boch\b|\band\b|\bsamt\b)\s*", text.casefold())
    ]
    whole = any(len(words) > 1 for words in persons)  # a word that stands alone may be a surname
    found = {word for words in persons for word in (words[:-1] if len(words) > 1 else words)}
    return sorted(word for word in found if whole and len(word) > 1 and word not in _FAMILY)


def surname(text: str) -> str:
    """Return the last word of a person's name, as it is compared; empty where only one word stands."""
    words = name_key(text).split()
    return words[-1] if len(words) > 1 else ""


_FAMILY = frozenset({"familjen", "familj", "fam", "family", "the"})
