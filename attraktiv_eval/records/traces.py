"""What looks personal in a text: identity numbers, e-mail addresses, telephone numbers, as people write them.

The one definition of it, for two rooms: the door replaces what is found
(:mod:`attraktiv_eval.records.pseudonyms`), the alarm stops a report that carries it
(:mod:`attraktiv_eval.disclosure.personal_data`). What counts is what a number looks like, never whether it is
valid: a wrong check digit is a slip of the pen in a real number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class _Sought(NamedTuple):
    """A pattern, and a quicker look for the places where it can begin; see :func:`_sought`."""

    look: re.Pattern[str]
    whole: re.Pattern[str]


def _sought(whole: str, first: str = r"\d(?<!\d\d)", then: str = "", flags: int = 0) -> _Sought:
    """Return a pattern of numbers with a look that consumes the ``first`` sign wherever it may begin.

    A look that starts with a sign skips what is none, several times quicker than a pattern that starts with
    what may not stand before it. What must follow is the pattern itself, asked from one sign back, or
    ``then``, which lets more through: what is found is what the pattern alone finds.
    """
    look = first + (then or f"(?<=(?={whole}).)")
    return _Sought(re.compile(look, flags), re.compile(whole, flags))


def _every(sought: _Sought, text: str) -> Iterator[re.Match[str]]:
    """Yield every match of a pattern, none within another, as ``finditer`` does."""
    end = 0
    for place in sought.look.finditer(text):
        if place.start() >= end and (match := sought.whole.match(text, place.start())):
            end = match.end()
            yield match


_DASH = "\\-+\u00ad\u058a\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d"
_SPACE = " \\t\u00a0\u2000-\u200d\u202f\u205f\u2060\u3000\ufeff"
#: Other signs that people put where the dash of a number should be; never a point, which decimals have.
_OTHER = "~\u02dc\u223c\u30fc\uff3f\uff5e_/:"
_GAP = f"[{_SPACE}]{{0,2}}[{_DASH}{_OTHER}]?[{_SPACE}]{{0,2}}"
_DAY = r"(?:0[0-9]|1[0-2])(?:[0-2]\d|3[01]|[6-8]\d|9[01])"
#: Four signs of which at least two are digits: reserve numbers of health care have letters (T12D).
_RESERVE = r"(?=[^\W_]{4}(?![^\W_]))(?=(?:[A-Za-z]*\d){2})(?=\d*[A-Za-z])[\dA-Za-z]{4}"
_TAIL = rf"(?:\d{{2}}[{_SPACE}]?\d{{2}}|{_RESERVE})"
_IDENTITY = _sought(
    rf"(?<!\d)(?P<century>18|19|20)?(?P<year>\d{{2}})(?P<day>{_DAY})(?P<gap>{_GAP})(?P<tail>{_TAIL})(?!\d)"
)
#: The day written apart: 1985-01-01-1234, 85 01 01 1234.
_APART = _sought(
    rf"(?<!\d)(?P<century>18|19|20)?(?P<year>\d{{2}})(?P<sign>[{_DASH}{_SPACE}./])(?P<month>0\d|1[0-2])(?P=sign)"
    rf"(?P<day>[0-2]\d|3[01]|[6-8]\d|9[01])(?P<gap>[{_DASH}{_SPACE}]{{1,3}})(?P<tail>{_TAIL})"
    rf"(?!\d|[{_DASH}]\d\d(?!\d))",
    then=rf"(?=\d{{1,3}}[{_DASH}{_SPACE}./](?:0\d|1[0-2])[{_DASH}{_SPACE}./])",
)
#: A point for the dash: 19850101.1234. Six digits and a point are an amount, unless the check digit holds and
#: the number stands in a sentence.
_POINTED = _sought(
    rf"(?<![\d.,\-])(?P<century>18|19|20)?(?P<year>\d{{2}})(?P<day>{_DAY})(?P<gap>[{_SPACE}]?\.[{_SPACE}]?)(?P<tail>\d{{4}})"
    rf"(?![\d]|[.,]\d|[{_SPACE}]?(?:kr|sek|tkr|mkr|kronor|%|procent|px|e[+-]?\d))",
    flags=re.IGNORECASE,
)
#: Digit by digit with blanks or other signs between: 8 5 0 1 0 1 - 1 2 3 4; ten or twelve, and none beside.
_ONE = f"[{_SPACE}.{_DASH}]"
_DIGITWISE = _sought(
    rf"(?<![\d.,])(?<!\d{_ONE})(?P<digits>\d(?:[{_SPACE}.]{{1,2}}\d){{5}}(?:(?:[{_SPACE}.]{{1,2}}\d){{2}})?"
    rf"{_ONE}{{1,3}}\d(?:[{_SPACE}.]{{1,2}}\d){{3}})(?!\d|{_ONE}{{1,2}}\d)"
)
_VARIED = 4  # different digits: 0 1 0 1 0 1 are answers
_WHOLE = re.compile(rf"(?P<century>18|19|20)?(?P<year>\d{{2}})(?P<day>{_DAY})(?P<tail>\d{{4}})")
#: In two cells side by side, of a table as text or as HTML. Two numbers there are mostly an amount and a
#: year: they are a person's where the day has its century or a dash stands before the four, and the check
#: digit holds.
_OVER_CELLS = _sought(
    rf"(?<![\w.,\-])(?P<century>18|19|20)?(?P<year>\d{{2}})(?P<day>{_DAY})"
    rf"(?P<gap>\"?(?:[;\t|]|,[ ]?|</t[dh]>\s*<t[dh][^>]{{0,200}}>)\"?)"
    rf"(?P<dash>[{_DASH}])?(?P<tail>\d{{4}})(?![\w]|[.,]\d)"
)
#: The day in groups: 1985 0101-1234, 85 0101 1234.
_GROUPED = _sought(
    rf"(?<![\d.,])(?<!\d[{_SPACE}])(?P<century>18|19|20)(?P<year>\d{{2}})[{_SPACE}{_DASH}](?P<day>{_DAY})"
    rf"(?P<gap>[{_SPACE}{_DASH}]{{1,3}})(?P<tail>\d{{2}}[{_SPACE}]?\d{{2}})(?!\d|[{_SPACE}{_DASH}]\d)"
)
#: From this year on a day that is written apart is a day of a project; what may be a time after it is a time.
_RECENT = 2013

_AREA = r"(?:8|7[02369]|1[013689]|[2-69]\d{1,2})"
_LANDS = r"(?:45|46|47|48|49|44|31|33|298|354|358)"
_BETWEEN = f"[{_SPACE}{_DASH}/]"
_DOTTED = f"[{_SPACE}{_DASH}./]"  # of mobile numbers alone: 08.754817 are seconds
_PHONE = _sought(
    rf"(?<![\w.,])(?:"
    rf"(?:\+|00){_BETWEEN}?{_LANDS}{_BETWEEN}?(?:\(0\))?(?:{_BETWEEN}{{0,2}}\d){{7,11}}"  # +46 (0)70-174
    rf"|467[02369]\d{{7}}"
    rf"|\(?07[02369]\)?(?:{_DOTTED}{{0,3}}\d){{7}}"
    rf"|\(?0{_AREA}\)?{_BETWEEN}{{1,3}}[1-9]\d{{1,3}}(?:[{_SPACE}]?\d{{2,4}}){{1,3}}"  # 063/12 34 56
    rf"|\(?0(?!8){_AREA}\)?{_BETWEEN}{{1,3}}[1-9]\d{{1,3}}(?:{_BETWEEN}?\d{{2,4}}){{1,3}}"  # 063-12-34-56
    rf"|0(?:8[1-9]\d{{6,7}}|(?!8){_AREA}[1-9]\d{{5,6}})"  # 0631234567; eight digits are an id of a cell
    rf")(?![\d]|[.,]\d|\w)",
    first=r"[+(04](?<![\w.,].)",
)
_AT = r"(?:[ ]?[@\uff20][ ]?|[ ]?[(\[{][ ]?(?:at|a|@|snabel-?a)[ ]?[)\]}][ ]?|[ ]snabel-?a[ ])"
_EMAIL = re.compile(rf"(?<![\w.+-])[\w.+-]{{1,64}}{_AT}[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{{2,}}", re.IGNORECASE)
_AT_SIGN = re.compile(r"[@\uff20]|[(\[{] ?(?:at|a|snabel-?a) ?[)\]}]|[ ]snabel-?a[ ]", re.IGNORECASE)
#: Digits of East Asian keyboards, which are as wide as their letters.
WIDE_DIGITS = {0xFF10 + digit: str(digit) for digit in range(10)}
#: What stands beside ten digits that are part of a checksum, of an id made by a program, or of decimals.
_CHECKSUM_BEFORE = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-f]+|[a-z])$|(?:^|\d|[^\w])[.]$|\d,$")
_CHECKSUM_AFTER = re.compile(r"[0-9a-f]|[.,](?!0+(?!\d))\d")
_DIGITS = re.compile(r"\d(?:\D{0,4}\d){7}")


class Trace(NamedTuple):
    """Something that looks personal: where it begins and ends in the text, and of what kind it is.

    Kinds are ``identity_number``, ``telephone`` and ``email``.
    """

    start: int
    end: int
    kind: str


def find_traces(text: str, *, stamps: bool = False) -> list[Trace]:
    """Return all in a text that looks personal, in the order in which it stands there.

    Parameters
    ----------
    text : str
    stamps : bool
        Whether a day of 2013 or later with a time of day after it (20211123-1846) counts too. It is a time
        stamp far more often than the number of a child: the door, to which a wrong guess costs nothing, takes
        it; the alarm does not.

    Returns
    -------
    list of Trace
        None within another. Personal identity numbers with ten or twelve digits, coordination numbers (60
        added to the day, month and day unknown), reserve numbers with letters, whatever their check digit
        and with any dash or space; not organisation numbers, whose third digit is 2 or more.

    Examples
    --------
    >>> [trace.kind for trace in find_traces("19121212-1212, 063/12 34 56, kim@example.org")]
    ['identity_number', 'telephone', 'email']
    >>> find_traces("232100-0214, 2019-2022, 19 283 329 kr")
    []
    """
    found = []
    text = text if text.isascii() else text.translate(WIDE_DIGITS)
    if _DIGITS.search(text):
        found = [
            Trace(*match.span(), "telephone")
            for match in _every(_PHONE, text)
            if not _is_part_of_amount(text, match)
        ]
        taken = {trace.start for trace in found}
        for match in _identities(text, stamps):
            if match.start() not in taken:
                found.append(Trace(*match.span(), "identity_number"))
    found += [Trace(*match.span(), "email") for match in _emails(text)]
    return list(_apart(sorted(found, key=lambda trace: (trace.start, -trace.end))))


_DAY_OF_BIRTH = re.compile(rf"(?:18|19|20)?\d{{2}}{_DAY}")
_LAST_FOUR = re.compile(rf"[{_DASH}]?\d{{4}}")


def is_over_two_headings(first: str | None, second: str | None) -> bool:
    """Return whether two headings side by side are a day of birth and the four digits after it.

    Among cells two such numbers are mostly an amount and a year (:data:`_OVER_CELLS`); a heading is none.

    Examples
    --------
    >>> is_over_two_headings("19850101", "1234"), is_over_two_headings("2020", "2021")
    (True, False)
    """
    both = _DAY_OF_BIRTH.fullmatch((first or "").strip()), _LAST_FOUR.fullmatch((second or "").strip())
    return all(both)


def traces_in_document(document: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield key and kind of all that looks personal in the texts of a TOML file, but for its contacts.

    A contact is there to be published; everything else in a project's file is about no person.
    """
    if isinstance(document, Mapping):
        for name, value in document.items():
            yield from traces_in_document(value, f"{key}.{name}" if key else str(name))
    elif isinstance(document, (list, tuple)):
        for number, value in enumerate(document, 1):
            yield from traces_in_document(value, f"{key}[{number}]")
    elif isinstance(document, str) and key.rpartition(".")[2] != "contact":
        yield from ((key, trace.kind) for trace in find_traces(document))


def _identities(text: str, stamps: bool) -> Iterator[re.Match[str]]:
    for match in _every(_IDENTITY, text):
        if _looks_written(text, match) and (stamps or not _is_stamp(match)):
            yield match
    for match in _every(_APART, text):
        if not _is_recent(match) or (stamps and match["gap"].strip()):
            yield match
    for match in _every(_GROUPED, text):
        if not _is_recent(match):
            yield match
    for match in _every(_POINTED, text):
        told = match["century"] or (_holds(match) and not _is_a_cell(text, match))
        if stamps or (told and not _is_stamp(match)):
            yield match
    for match in _every(_DIGITWISE, text):
        whole = _WHOLE.fullmatch(re.sub(r"\D", "", match["digits"]))
        if not whole or len({*whole[0]}) < _VARIED:
            continue
        if stamps or (not _is_stamp(whole) and (whole["century"] or _holds(whole))):
            yield match
    for match in _every(_OVER_CELLS, text):
        if (match["century"] or match["dash"]) and _holds(match) and not _is_recent(match):
            yield match


def _is_a_cell(text: str, match: re.Match[str]) -> bool:
    """Return whether a number stands alone in a cell of a table as text: with a point it is an amount."""
    before = text[max(0, match.start() - 9) : match.start()].rstrip(" ")[-1:]
    after = text[match.end() : match.end() + 9].lstrip(" ")[:1]
    return before in ("", *"\n;,\t[:") and after in ("", *"\r\n;,\t]}")


def _is_recent(match: re.Match[str]) -> bool:
    return match["century"] == "20" and 2000 + int(match["year"]) >= _RECENT


def _holds(match: re.Match[str]) -> bool:
    """Return whether the check digit is right (that of Luhn)."""
    digits = match["year"] + match["day"] + match["tail"]
    return sum(sum(divmod(int(one) * (2 - n % 2), 10)) for n, one in enumerate(digits)) % 10 == 0


def _looks_written(text: str, match: re.Match[str]) -> bool:
    """Return whether digits stand as a number of their own, not in a checksum, an id or as decimals."""
    if match["gap"]:
        return True
    if not match["tail"].isdigit():
        return bool(match["century"]) and match["tail"][0].upper() > "F"
    before, after = text[max(0, match.start() - 12) : match.start()], text[match.end() : match.end() + 12]
    if _CHECKSUM_BEFORE.search(before) or _CHECKSUM_AFTER.match(after):
        return False
    return match["tail"] != "0000"


def _is_part_of_amount(text: str, match: re.Match[str]) -> bool:
    """Return whether what looks like a telephone number is the end of an amount: 4 816 073–24 141 457 kr."""
    before = text[max(0, match.start() - 2) : match.start()]
    grouped = re.match(r"\d[ \u00a0\u202f]", before) is not None
    return grouped and re.match(r"0\d{1,3}[-/]", match[0]) is None


def _is_stamp(match: re.Match[str]) -> bool:
    """Return whether it can be a day of a project's time and a time of that day."""
    tail = match["tail"]
    if match["century"] != "20" or 2000 + int(match["year"]) < _RECENT or not tail.isdigit():
        return False
    return int(match["day"][2:]) <= 31 and int(tail[:2]) < 24 and int(tail[2:]) < 60


def _emails(text: str) -> Iterator[re.Match[str]]:
    end = 0
    for sign in _AT_SIGN.finditer(text):
        if sign.start() >= end:
            match = _EMAIL.search(text, max(end, sign.start() - 66), sign.end() + 255)
            if match:
                end = match.end()
                yield match


def _apart(traces: list[Trace]) -> Iterator[Trace]:
    """Yield traces that begin after the one before has ended."""
    end = 0
    for trace in traces:
        if trace.start >= end:
            end = trace.end
            yield trace
