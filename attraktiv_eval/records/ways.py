"""How a column is to be read, decided by the whole column and its heading: dates, numbers, scales, units."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from attraktiv_eval.records.dates import Evidence, evidence
from attraktiv_eval.records.vocabulary import even, folded, id_of, plain

__all__ = [
    "UNITS",
    "Ways",
    "direction",
    "has_postcode",
    "heading_unit",
    "sheet_orders",
    "table_unit",
    "without_unit",
]

#: Unit in a heading -> kronor (or ones); None where an amount in it cannot be used.
UNITS: dict[str, float | None] = {
    **dict.fromkeys(("kr", "sek", "kronor", "skr"), 1.0),
    **dict.fromkeys(
        ("tkr", "ksek", "kkr", "tsek", "tusental kronor", "tusentals kronor", "tusen kronor"), 1e3
    ),
    **dict.fromkeys(
        ("tusental", "tusentals kr", "tusental kr", "1000-tal", "1 000 kr", "1000 kr", "thousands"), 1e3
    ),
    **dict.fromkeys(("sek thousands", "thousand sek", "000 sek", "sek 000"), 1e3),
    **dict.fromkeys(
        ("mkr", "mnkr", "msek", "miljoner kronor", "miljoner kr", "miljoner", "sek million"), 1e6
    ),
    **dict.fromkeys(("eur", "euro", "usd", "nok", "dkk", "gbp", "keur", "teur", "meur", "€", "$"), None),
    **dict.fromkeys(("inkl moms", "inklusive moms", "incl vat", "including vat", "inc vat"), None),
    **dict.fromkeys(("exkl moms", "exklusive moms", "ex moms", "excl vat", "excluding vat", "ex vat"), 1.0),
}
_UNIT = re.compile(
    r"(?<![^\W\d_])("
    + "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True) if unit.isascii())
    + r"|€|\$)(?![^\W_])"
)
_ABOVE = re.compile(r"\b(?:belopp|summor|siffror|amounts?|figures|alla|allt|all)\b")
_POSTCODE = re.compile(r"(?<!\d)\d{3} ?\d{2}(?!\d)")
_LEGEND = re.compile(r"([1-5])\s*[=:]\s*([^\d,;)(]+(?:, ?[^\d,;)(=]+)?)")
_ANYWAY = re.compile(r"(?:anda|oavsett|anyway|aven utan|also without)")


@dataclass(frozen=True)
class Ways:
    """How the texts of one column are to be read, as the column and its heading decide, not the cell.

    Parameters
    ----------
    order, short : str
        Order of dates with four and with two digits of the year (:mod:`.dates`); ``?`` where the column
        contradicts itself: then what hangs on the order is told, not read.
    from_1904 : bool, optional
        Whether serial dates count from 1904; None where that cannot be known.
    decimal : str, optional
        Sign before decimals.
    factor : float
        What the heading's unit is in kronor, or in ones.
    scale : int
        1 where 1 means surely anyway, -1 where it means surely not, 0 where the heading leaves it open.
    codes : bool
        Whether three digits can be a municipality's code without its zero; not beside postcodes.
    """

    order: str = "dmy"
    short: str = "own"
    from_1904: bool | None = False
    decimal: str | None = None
    factor: float = 1.0
    scale: int = 1
    codes: bool = True


def has_postcode(text: str) -> bool:
    """Return whether a text holds a postcode."""
    return bool(_POSTCODE.search(text))


def _words(text: str) -> str:
    return " ".join(re.sub(r"[._]", " ", even(text).casefold()).split())


def heading_unit(text: str) -> tuple[bool, float | None]:
    """Return whether a heading states a unit, and what it is in kronor; None where it cannot be used.

    Examples
    --------
    >>> heading_unit("Beslutat (tkr)"), heading_unit("Kostnad inkl. moms"), heading_unit("Kostnad")
    ((True, 1000.0), (True, None), (False, 1.0))
    """
    found = [UNITS[unit] for unit in _UNIT.findall(_words(text))]
    if not found:
        return False, 1.0
    factors = [factor for factor in found if factor is not None]
    if len(factors) < len(found) or len(set(factors) - {1.0}) > 1:
        return True, None
    return True, max(factors)


def without_unit(text: str) -> str:
    """Return a heading without its unit, its parentheses left empty."""
    return re.sub(r"[(\[]\s*[,;/]*\s*[)\]]", " ", _UNIT.sub(" ", _words(text)))


def table_unit(cells: Iterable[str | None]) -> float | None:
    """Return what the amounts of a table are in kronor, as a line above it says: ``alla belopp i tkr``.

    1.0 where none says so; None where it is no unit that can be used.
    """
    for cell in cells:
        if cell and _ABOVE.search(_words(cell)):
            stated, factor = heading_unit(cell)
            if stated:
                return factor
    return 1.0


def direction(heading: str) -> int:
    """Return 1 where the digit 1 means surely anyway, -1 where it means surely not, 0 where that is open.

    A legend in the heading decides (``1 = säkert inte``); without one a heading that asks whether all had
    happened anyway leaves it open, since a high digit then may mean yes.
    """
    legend = {int(digit): _meaning(words) for digit, words in _LEGEND.findall(even(heading))}
    known = {digit: said for digit, said in legend.items() if said}
    if known:
        straight = all(digit == said for digit, said in known.items())
        turned = all(digit == 6 - said for digit, said in known.items())
        return 1 if straight and not turned else -1 if turned and not straight else 0
    if legend:
        return 0
    return 0 if _ANYWAY.search(folded(even(heading).casefold())) else 1


def _meaning(words: str) -> int | None:
    """Return where on the scale the words of a legend stand: 1 surely anyway to 5 surely not."""
    word = plain(words)
    known = id_of("scale", word)
    if known and not word.isdigit():
        return int(known)
    word = " ".join(word.replace(",", " ").split())
    if word in ("ja säkert", "ja absolut", "ja definitivt", "säkert ja", "ja", "yes", "helt säkert ändå"):
        return 1
    if word in ("nej säkert inte", "nej absolut inte", "nej", "no", "absolut inte", "definitivt inte"):
        return 5
    return None


def sheet_orders(
    columns: dict[str, Sequence[str]], earliest: date, latest: date, default: str = "dmy"
) -> tuple[dict[str, tuple[str, str]], dict[str, int]]:
    """Return the order of each date column, and how many of its dates hang on an order that nothing tells.

    A column that does not tell goes by the other columns of its table, and they by ``default``.

    Parameters
    ----------
    columns : dict of str to sequence of str
        Distinct texts of each column of dates.
    earliest, latest : date
    default : {"dmy", "mdy", "ymd"}
        As the settings state it.
    """
    seen = {name: evidence(texts, earliest, latest) for name, texts in columns.items()}
    told = {name: found.order(default) for name, found in seen.items()}
    fallback = _told_by_others(seen, default)
    orders, assumed = {}, {}
    for name, found in seen.items():
        whole, short = told[name]
        if found.differing and _open(found.whole, found.dates[0]):
            whole = fallback[0]
        if found.differing and _open(found.short, found.dates[1]):
            short = fallback[1]
        orders[name] = (whole, short)
        nothing = fallback == _as_default(default)
        if nothing and (_open(found.whole, found.dates[0]) or _open(found.short, found.dates[1])):
            assumed[name] = found.differing
    return orders, {name: n for name, n in assumed.items() if n}


def _as_default(default: str) -> tuple[str, str]:
    return "mdy" if default == "mdy" else "dmy", "own" if default == "dmy" else default


def _open(readable: dict[str, int], dates: int) -> bool:
    """Return whether several orders read every date of a column."""
    return bool(dates) and sum(n == dates for order, n in readable.items() if order != "own") > 1


def _told_by_others(seen: dict[str, Evidence], default: str) -> tuple[str, str]:
    """Return the orders that the columns which tell agree on, else the default's."""
    first = _as_default(default)
    found = []
    for at, which in enumerate(("whole", "short")):
        told = {
            found.order(default)[at]
            for found in seen.values()
            if found.dates[at] and not _open(getattr(found, which), found.dates[at])
        }
        found.append(told.pop() if len(told) == 1 and "?" not in told else first[at])
    return found[0], found[1]
