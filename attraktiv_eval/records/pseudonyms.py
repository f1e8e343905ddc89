"""Identifiers of persons and organisations: checked, made comparable, and replaced by pseudonyms.

Check digits by python-stdnum. A coordination number has 60 added to the day; an organisation number's third
digit is 2 or more, which tells it from the personal number that a sole trader uses.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import cache, partial
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA
from stdnum import luhn

from attraktiv_eval import resources
from attraktiv_eval.errors import RecordError
from attraktiv_eval.records.schemas import (
    PERSONAL,
    coded,
    each,
    first_known,
    is_packed,
    kind_of,
    schemas,
    texts_of,
)
from attraktiv_eval.records.traces import WIDE_DIGITS, find_traces

KEY_VARIABLE = "ATTRAKTIV_EVAL_KEY_FILE"

#: Published on purpose: the example records are invented, and their runs must be byte-identical.
EXAMPLE_KEY = b"published key for invented example records only"

_HYPHENS = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d\u00af_/]")
_SIGNS = re.compile(r"[^\w\s]")
_BETWEEN = re.compile(r"[\s\u00a0()./–-]")
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
    this = today or resources.today()
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
    digits = _BETWEEN.sub("", value).lstrip("+")
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
    return " ".join(_SIGNS.sub(" ", text.casefold()).split())


_BREAKS = re.compile(r"[,;\n]+")
_POSTCODE = re.compile(r"\b(\d{3})[ \u00a0](\d{2})\b")
_WAY = re.compile(r"(?<=\w)v(?:äg)?\.? ?(?=\d)")
_STREET = re.compile(r"(?<=\w)g(?:at)?\.? ?(?=\d)")
_TO_TOWN = re.compile(r"^.*\d\w?(?: [a-z](?= |$))?(?: |$)|^\D*$")
_LETTER_AND_DIGIT = re.compile(r".*\d", re.DOTALL), re.compile(r"[\W\d]*[^\W\d]")


def address_key(text: str) -> str | None:
    """Return a postal address as it is compared, or None where it has no house number.

    Case, points, commas and the abbreviations ``v.`` and ``g.`` for ``vägen`` and ``gatan`` are evened out.
    """
    value = _POSTCODE.sub(r"\1\2", _BREAKS.sub(" ", text.casefold()))
    value = " ".join(value.split())
    value = _WAY.sub("vägen ", value, count=1)
    value = _STREET.sub("gatan ", value, count=1)
    value = " ".join(_SIGNS.sub(" ", value).split())
    return value if all(one.match(value) for one in _LETTER_AND_DIGIT) else None


def town_in_address(address: str) -> str:
    """Return what stands after the last number of an address as it is compared: after the postcode, mostly.

    Examples
    --------
    >>> town_in_address("storgatan 3 b 12345 solna"), town_in_address("storgatan 3 b")
    ('solna', '')
    """
    return _TO_TOWN.sub("", address).removesuffix(" sverige").removesuffix(" sweden")


def names_a_place(address: str) -> bool:
    """Return whether an address as it is compared has a postcode or a town: there is a Storgatan 1 in most.

    Examples
    --------
    >>> [names_a_place(text) for text in ("storgatan 3 b", "storgatan 3 83134", "storgatan 3 östersund")]
    [False, True, True]
    """
    return bool(town_in_address(address) or re.search(r"\b\d{5}$", address))


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


def _persons(text: str) -> list[list[str]]:
    """Return the words of each person in a name; a comma turns one name round, or stands between several."""
    parts = _AND.split(text.casefold())
    if len(parts) > 1 and text.count(",") and len(parts[-1].split()) > 1:  # Anna, Bo & Erik Ek
        parts = [part for several in parts for part in several.split(",")]
    elif len(parts) > 1 and text.count(",") == 1 and "," in parts[0]:  # Ek, Anna & Erik
        family, parts[0] = parts[0].split(",")
        parts[-1] = f"{parts[-1]} {family}"
    found = [name_key(part).split() for part in parts]
    return [words for words in found if words]


def given_names(text: str) -> list[str]:
    """Return the given names in a person's name, or of several persons; empty where only a surname stands.

    Examples
    --------
    >>> given_names("Ek, Anna-Karin"), given_names("Anna, Bo & Erik Ek"), given_names("A. Ek")
    (['anna', 'karin'], ['anna', 'bo', 'erik'], [])
    """
    persons = _persons(text)
    whole = any(len(words) > 1 for words in persons)  # a word that stands alone may be a surname
    found = {word for words in persons for word in (words[:-1] if len(words) > 1 else words)}
    return sorted(word for word in found if whole and len(word) > 1 and word not in _FAMILY)


def whole_names(text: str) -> list[str]:
    """Return the whole name of each person in a name, the surname of the last also for those before.

    Examples
    --------
    >>> whole_names("Anna & Erik von Post"), whole_names("Ek, Kim"), whole_names("Anna och Erik")
    (['anna von post', 'erik von post'], ['kim ek'], [])
    """
    persons = [words for words in _persons(text) if not _FAMILY & set(words)]
    if not persons or len(persons[-1]) < 2:
        return []
    family = persons[-1][-1:]
    for word in reversed(persons[-1][1:-1]):
        if word not in _PARTICLES:
            break
        family = [word, *family]
    return [" ".join(words if len(words) > 1 else [*words, *family]) for words in persons]


def surname(text: str) -> str:
    """Return the last word of a person's name, as it is compared; empty where only one word stands."""
    words = (_persons(text) or [[]])[-1]
    return words[-1] if len(words) > 1 else ""


_AND = re.compile(r"\s*(?:&|\+|/|\boch\b|\band\b|\bsamt\b)\s*")
_PARTICLES = frozenset(
    {"af", "al", "av", "da", "de", "del", "den", "der", "di", "dos", "el", "la", "van", "von"}
)
_FAMILY = frozenset({"familjen", "familj", "fam", "family", "the"})


# --- The door: personal identifiers are replaced by pseudonyms before anything is linked

#: Pairs of pseudonyms and their similarity, 0-100.
SimilarPairs = list[tuple[str, str, float]]

#: A quick look before the long one: eight digits near each other, or an at sign in some form.
_SUSPECT = re.compile(r"(?:\d\D{0,4}){8}|[@\uff20]|[(\[{] ?(?:at?[ )\]}]|snabel)|snabel", re.IGNORECASE)
_AT_WRITTEN = re.compile(r"\s*[(\[{].*[)\]}]\s*|\s*[@\uff20]\s*|\s+snabel-?a\s+", re.IGNORECASE)
_NO_LETTER = re.compile(r"[\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")
_BLOCK = 60


def close_the_door(frames: dict[str, pd.DataFrame], key: bytes) -> dict[str, SimilarPairs]:
    """Replace every personal identifier in the frames, in place, and return the similar pairs by kind.

    Parameters
    ----------
    frames : dict
        List -> cleaned rows, as :func:`cleaning.clean_sheet` makes them.
    key : bytes
        Key of the pseudonyms.
    """
    pseudonyms = Pseudonyms(key)
    plain: dict[str, set[str]] = {"email": set(), "address": set()}
    for name, frame in frames.items():
        traders = names_of_persons(name, frame)
        for column_name, column in schemas()[name].columns.items():
            kind, texts = kind_of(column), frame[column_name]
            if kind in plain:
                plain[kind].update(texts_of(each(texts, str)))
            if kind in PERSONAL:
                frame[column_name] = each(texts, partial(_pseudonym, pseudonyms, kind))
            elif kind == "organisation_number":
                frame[column_name] = each(texts, partial(_organisation, pseudonyms))
            elif kind in ("reference", "text", "organisation_name") and not is_packed(texts):
                frame[column_name] = scrubbed(texts, pseudonyms)
        for column_name, named in traders.items():
            if named.any():
                theirs = each(
                    frame[column_name].where(named), lambda text: pseudonyms("name", name_key(text))
                )
                frame[column_name] = first_known(theirs, frame[column_name])
    return {
        kind: _as_pseudonyms(alike(plain[kind]), partial(pseudonyms, kind))
        for kind, alike in (("email", similar_emails), ("address", similar_addresses))
    }


def names_of_persons(name: str, frame: pd.DataFrame, *, by_form: bool = False) -> dict[str, pd.Series]:
    """Return column of organisations' names -> rows where a person's stands: by its number, else by its form.

    A name that reads like a person's is an organisation's where an organisation's number stands beside it.
    ``by_form``: only those told by their form alone.
    """
    numbers = {"company_name": "company_number", "name": "organisation_number"}
    found = {}
    for column, schema in schemas()[name].columns.items():
        if column not in frame or kind_of(schema) != "organisation_name":
            continue
        reads = each(frame[column], lambda text: "yes" if reads_like_a_person(text) else None).notna()
        number = numbers.get(column)
        if number in frame:
            kind = each(frame[number], lambda text: text.partition(":")[0])
            by_number = (kind == "person") & frame[column].notna()
            reads &= ~kind.isin(["organisation", "person"])
            reads = reads if by_form else reads | by_number
        found[column] = reads.fillna(False).astype(bool)
    return found


def reads_like_a_person(text: str) -> bool:
    """Return whether an organisation's name reads like a person's: usual given names and a surname, no more.

    Examples
    --------
    >>> [reads_like_a_person(text) for text in ("Ek-Dal, Jan-Erik", "Eva & Bo Åslund", "Sponsor Eva Ek")]
    [True, True, True]
    >>> [reads_like_a_person(text) for text in ("Jan Nilsson AB", "Sven Jonsson Fastigheter", "Lars Bygg")]
    [False, False, False]
    """
    words = re.sub(
        r"^\W*(?:(?:sponsor|privat(?:person)?|enskild|firma|kontaktperson|handläggare)\b\W*)+",
        "",
        text.casefold(),
    )
    if re.search(r"[^\w\s&+/,.'-]|\d", words):
        return False
    persons = [one.split() for one in whole_names(_without_hyphens(words))]
    return bool(persons) and all(_is_a_persons(*one) for one in persons)


def _without_hyphens(name: str) -> str:
    """Return a name with a given name in two parts as two words, and a surname in two parts as one."""
    given = _given_names()
    return re.sub(
        r"\w+(?:-\w+)+",
        lambda found: found[0].replace("-", " " if {*found[0].split("-")} <= given else ""),
        name,
    )


def _is_a_persons(first: str, *rest: str) -> bool:
    *middle, last = rest
    given = _given_names()
    plain = all(word in given or word in _PARTICLES or _IS_SURNAME.search(word) for word in middle)
    usual = not middle or middle[-1] in given | _PARTICLES or _IS_SURNAME.search(last)
    return first in given and plain and bool(usual) and len(last) > 1 and not _IS_TRADE.search(last)


@cache
def _given_names() -> frozenset[str]:
    path = resources.find("attraktiv_eval/records/given_names.toml")
    lists = tomllib.loads(path.read_text(encoding="utf-8"))  # of the package: its code's hash tells of it
    return frozenset(name for names in lists.values() for name in names)


_IS_SURNAME = re.compile(
    r"(?:ss?on|sen|berg|lund|str[öo]m|gren|[qk]v?ist|quist|man|lind|dahl|dal|mark|blad|holm|n[ée]n?)$"
)
#: Last words of names of trades and places: Lars Bygg, Anna Hotell.
_IS_TRADE = re.compile(
    r"(?:bygg|el|rör|måleri|fastighet(?:er)?|åkeri|taxi|konsult|hotell?|gård"
    r"|stug(?:or|a)|[ck]af[ée]|kaffe|restaurang|livs|bageri"
    r"|skog|transport|frisör|salong|foto|media|design|musik|förlag|butik|handel"
    r"|maskin|snickeri|plåt|trädgård|turism|event"
    r"|kyrka|församling|skola|stiftelse|fond|förening|museum|region|kommun|län"
    r"|bolag|grupp(?:en)?|group|bank|data|teknik"
    r"|bröd|mat|städ|vård|hälsa|gym|sport|firma|ab|hb|kb|inc|ltd|as|oy|gmbh"
    r"|stad|consulting|solutions|invest|minne|minnesfond)$"
)


def _pseudonym(pseudonyms: Pseudonyms, kind: str, text: str) -> str:
    return pseudonyms(kind, name_key(text) if kind == "person_name" else text)


def _organisation(pseudonyms: Pseudonyms, text: str) -> str:
    """Return ten digits for an organisation, a pseudonym for a sole trader."""
    kind, digits = text.split(":")
    return digits if kind == "organisation" else pseudonyms("personal_number", digits)


def scrubbed(texts: pd.Series, pseudonyms: Pseudonyms) -> pd.Series:
    """Return the texts without what looks personal; where none does, the column itself."""
    suspect = {text for text in texts_of(coded(texts)) if _SUSPECT.search(text)}
    new = {text: scrub(text, pseudonyms) for text in suspect}
    return each(texts, lambda text: new.get(text, text)) if any(new[text] != text for text in new) else texts


def scrub(text: str, pseudonyms: Pseudonyms) -> str:
    """Return a reference or free text with all that looks personal in it replaced by pseudonyms.

    One number gives one pseudonym however it is written, and the same as in a column of its own.
    """
    parts, end = [], 0
    for trace in find_traces(text, stamps=True):
        kind, value = _compared(text[trace.start : trace.end], trace.kind)
        parts += [text[end : trace.start], pseudonyms(kind, value)]
        end = trace.end
    return "".join([*parts, text[end:]])


def _compared(text: str, kind: str) -> tuple[str, str]:
    """Return the kind of pseudonym and the form in which what was found is compared."""
    if kind == "email":
        return "email", email_key(_AT_WRITTEN.sub("@", text)) or text.casefold()
    text = text.translate(WIDE_DIGITS)
    if kind == "telephone":
        return "phone", phone_key(re.sub(r"[^\d+()]", "", text)) or text
    value = re.sub(r"[^0-9A-Z+]", "", text.upper())
    digits = value.replace("+", "")
    written = digits[:-4] + ("+" if "+" in value else "") + digits[-4:]
    return "personal_number", personal_number(written) or _twelve(digits, "+" in value)


def _twelve(number: str, over_100: bool) -> str:
    """Return a number with its century, as :func:`identifiers.personal_number` takes it to be."""
    if len(number) != 10:
        return number
    this = resources.today().year
    born = this // 100 * 100 + int(number[:2])
    born -= 100 * ((born > this) + over_100)
    return f"{born}{number[2:]}"


def _as_pseudonyms(pairs: Iterable[tuple[str, str, float]], named: Callable[[str], str]) -> SimilarPairs:
    found = ((named(a), named(b), score) for a, b, score in pairs)
    return sorted((min(a, b), max(a, b), score) for a, b, score in found)


def similar_emails(emails: Iterable[str]) -> list[tuple[str, str, float]]:
    """Return pairs of addresses one slip apart: a sign wrong, missing, added, or two exchanged.

    Two addresses one slip apart share the address itself or a form with one sign left out; so only those
    that share such a form are compared (blocking), never all pairs. Where the words that differ each stand in
    other addresses too, they are two names and no slip.
    """
    texts = sorted(emails)
    pairs: set[tuple[int, int]] = set()
    for group in _sharing_a_form(texts):
        if len(group) <= _BLOCK:
            pairs.update(combinations(sorted(group), 2))
    near = [
        (texts[a], texts[b])
        for a, b in sorted(pairs)
        if OSA.distance(texts[a], texts[b], score_cutoff=1) == 1 and not _numbered(texts[a], texts[b])
    ]
    asked = {word for pair in near for text in pair for word in _WORD.findall(text)}
    borne = Counter(word for text in texts if asked for word in {*_WORD.findall(text)} & asked)
    return [
        (a, b, round(100 * (1 - 1 / max(len(a), len(b))), 1))
        for a, b in near
        if not _names_of_others(a, b, borne)
    ]


_BASE, _MIX = np.uint64(0x100000001B3), np.uint64(0x9E3779B97F4A7C15)
_ROWS = 20_000  # texts whose forms are made at a time
_FORMS, _TURNS = 8_000_000, 8  # forms that are held at a time, unless they are more than so many times that
_PARTS = 16  # parts in which they are compared


def _sharing_a_form(texts: Sequence[str]) -> Iterator[list[int]]:
    """Yield the places of the texts that share what is left of them without one sign, or the whole of one.

    A form of n signs is of a text of n signs or of n + 1: one length after another is looked at, in parts, so
    that the memory does not grow with all the forms.
    """
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    for length in np.union1d(lengths, lengths - 1).tolist():
        whole, longer = (np.flatnonzero(lengths == n).astype(np.int32) for n in (length, length + 1))
        turns = min(_TURNS, 1 + (len(whole) + len(longer) * (length + 1)) // _FORMS)
        for turn in range(turns):
            keys, owners = [np.array([], dtype=np.uint32)], [np.array([], dtype=np.int32)]
            for rows, signs in ((whole, np.s_[-1:]), (longer, np.s_[:-1])):
                for start in range(0, len(rows), _ROWS):
                    some = rows[start : start + _ROWS]
                    forms = _forms([texts[row] for row in some])[:, signs]
                    here = np.flatnonzero(forms % turns == turn)
                    keys.append(forms.ravel()[here])
                    owners.append(some[here // forms.shape[1]])
            yield from _owners(np.concatenate(keys), np.concatenate(owners))


def _owners(keys: np.ndarray, owners: np.ndarray) -> Iterator[list[int]]:
    """Yield the owners of each key that has more than one, looking at a part of the keys at a time."""
    for part in range(_PARTS):
        here = np.flatnonzero(keys // np.uint32(_PARTS) % _PARTS == part)
        yield from _groups(keys[here], owners[here])


def _forms(texts: Sequence[str]) -> np.ndarray:
    """Return hashes of texts of one length: without each sign in turn, and whole (the last column)."""
    length = len(texts[0])
    powers = _BASE ** np.arange(length + 1, dtype=np.uint64)
    signs = np.array(texts, dtype=f"<U{length}").view(np.uint32).reshape(-1, length).astype(np.uint64)
    before = np.zeros((len(texts), length + 1), dtype=np.uint64)
    np.cumsum(signs * powers[:-1], axis=1, out=before[:, 1:])
    moved = np.zeros_like(before)  # the signs that follow, one place nearer
    moved[:, 1:-1] = np.cumsum((signs[:, 1:] * powers[:-2])[:, ::-1], axis=1)[:, ::-1]
    moved = np.concatenate([moved[:, 1:], moved[:, :1]], axis=1)
    return (((before + moved) * _MIX) >> np.uint64(32)).astype(np.uint32)


def _numbered(a: str, b: str) -> bool:
    """Return whether two addresses differ in digits or signs only: kim1@ and kim2@ are two, not a slip."""
    return _NO_LETTER.sub("", a) == _NO_LETTER.sub("", b)


def _names_of_others(a: str, b: str, borne: Counter[str]) -> bool:
    """Return whether both spell a word that other addresses spell too: berg@ and borg@ are names, no slip."""
    one, other = set(_WORD.findall(a)), set(_WORD.findall(b))
    return all(any(borne[word] > 1 for word in words) for words in (one - other, other - one))


def _groups(keys: np.ndarray, owners: np.ndarray) -> Iterator[list[int]]:
    """Yield the owners of each key that has more than one."""
    if len(keys) == 0:
        return
    order = np.argsort(keys, kind="stable")
    keys, owners = keys[order], owners[order]
    new = np.r_[True, (keys[1:] != keys[:-1]) | (owners[1:] != owners[:-1])]  # anna without either n is one
    keys, owners = keys[new], owners[new]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    sizes = np.diff(np.r_[starts, len(keys)])
    for start, size in zip(starts[sizes > 1], sizes[sizes > 1], strict=True):
        yield owners[start : start + size].tolist()


def similar_addresses(addresses: Iterable[str], least: float = 80.0) -> list[tuple[str, str, float]]:
    """Return pairs of postal addresses with the same numbers whose words are alike.

    Only addresses with the same numbers in the same order, house, flat and post code, are compared.
    """
    blocks: dict[str, list[str]] = defaultdict(list)
    for text in sorted(addresses):
        blocks[" ".join(re.findall(r"\d+\w?", text))].append(text)
    found = []
    for block in blocks.values():
        if 1 < len(block) <= _BLOCK:
            for a, b in combinations(block, 2):
                score = fuzz.ratio(a, b)
                if score >= least:
                    found.append((a, b, round(score, 1)))
    return found
