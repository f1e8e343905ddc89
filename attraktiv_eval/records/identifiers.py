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
    "name_key",
    "organisation_number",
    "personal_number",
    "phone_key",
]

KEY_VARIABLE = "ATTRAKTIV_EVAL_KEY_FILE"

#: Published on purpose: the example records are invented, and their runs must be byte-identical.
EXAMPLE_KEY = b"published key for invented example records only"

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

    Takes hyphen, spaces, the prefix 16 and a Swedish VAT number (SE...01).
    """
    value = re.sub(r"[\s\u00a0.–-]", lambda m: "-" if m[0] in "–-" else "", text).upper()
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
