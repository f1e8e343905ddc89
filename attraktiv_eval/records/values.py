"""Each kind of column: text in, value out, or the kind of fault. Equal texts are read once."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple
from unicodedata import normalize

from attraktiv_eval import resources
from attraktiv_eval.records import pseudonyms
from attraktiv_eval.records.dates import Evidence, evidence, hangs_on_order, is_serial, read_date
from attraktiv_eval.records.schemas import even, folded, id_of, is_even, other_projects, plain
from attraktiv_eval.records.traces import find_traces
from attraktiv_eval.regions import COUNTIES, county_of

#: No amount and no count of a project is larger; numbers of 64 bits hold it.
LARGEST = 10**15
_LARGEST_COUNT = 10**8  # a telephone number without its zero has more
_LONG = re.compile(r"(?:\d\D{0,4}){9}")

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
    """Return the number, or the kind of fault: ``no_number``, ``ambiguous_number`` or ``person_as_number``.

    ``1.234`` and ``1,234`` can mean one and a bit or a thousand and more; neither is guessed. What is larger
    than any amount is a key that stuck, not a number, and what looks like an identity or telephone number is
    somebody's.

    Examples
    --------
    >>> read_number("1 234,50 kr")
    1234.5
    >>> read_number("1.234")
    'ambiguous_number'
    """
    if _LONG.search(text) and find_traces(text, stamps=True):
        return "person_as_number"
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
    if value > _LARGEST_COUNT:
        return "no_number"
    if value != int(value) or value < 0:
        return "no_whole_number"
    return int(value)


# --- How a column is to be read, decided by the whole column and its heading

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
_UNIT_WORD = re.compile(
    r"(?<![^\W\d_])("
    + "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True) if unit.isascii())
    + r"|€|\$)(?![^\W_])"
)
_ABOVE = re.compile(r"\b(?:belopp|summor|siffror|amounts?|figures|alla|allt|all)\b")
_POSTCODE = re.compile(r"(?<!\d)\d{3} ?\d{2}(?!\d)")
_LEGEND = re.compile(r"([1-5])\s*[=:]\s*([^\d,;)(]+(?:, ?[^\d,;)(=]+)?)")
_ASKED_ANYWAY = re.compile(r"(?:anda|oavsett|anyway|aven utan|also without)")


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
    found = [UNITS[unit] for unit in _UNIT_WORD.findall(_words(text))]
    if not found:
        return False, 1.0
    factors = [factor for factor in found if factor is not None]
    if len(factors) < len(found) or len(set(factors) - {1.0}) > 1:
        return True, None
    return True, max(factors)


def without_unit(text: str) -> str:
    """Return a heading without its unit, its parentheses left empty."""
    return re.sub(r"[(\[]\s*[,;/]*\s*[)\]]", " ", _UNIT_WORD.sub(" ", _words(text)))


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
    return 0 if _ASKED_ANYWAY.search(folded(even(heading).casefold())) else 1


def asks_anyway(heading: str) -> bool:
    """Return whether a heading asks what had happened without the project."""
    text = folded(even(heading).casefold())
    return bool(
        _ASKED_ANYWAY.search(text) or re.search(r"utan (?:projekt|oss|stod|hjalp)|without (?:the|our)", text)
    )


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
    columns: dict[str, Sequence[str]], earliest: date, latest: date, stated: str | None = None
) -> tuple[dict[str, tuple[str, str]], dict[str, int]]:
    """Return the order of each date column, and how many of its dates hang on an order that nothing tells.

    A column that does not tell goes by the other columns of its table, and they by what is stated, else by
    the day first. A column that contradicts itself (``?``) is read as stated: what cannot be is told cell by
    cell.

    Parameters
    ----------
    columns : dict of str to sequence of str
        Distinct texts of each column of dates.
    earliest, latest : date
    stated : {"dmy", "mdy", "ymd"}, optional
        As the settings state it.
    """
    default = stated or "dmy"
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
        if stated:
            first = _as_default(stated)[0], stated
            whole, short = (one if one != "?" else first[at] for at, one in enumerate((whole, short)))
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


# --- Places as people write them

#: Stands for a municipality where a place lies in another country.
ABROAD = "0000"
SWEDEN = "Sverige"

_CODE = re.compile(r"(?<!\d)\d{4}(?!\d)")
_PLACE_POSTCODE = re.compile(r"(?<!\d)(?:SE?[- ]?)?\d{3} ?\d{2}(?!\d)", re.IGNORECASE)
_PARTS = re.compile(r"[,;/()\[\]|]| [-–] ")
_KIND = re.compile(r"\b(?:kommun(?:en)?|k:n|kn|stad|municipality|tätort|c)\b\.?$")
_WHOLE = re.compile(r"\b(?:kommun(?:en)?|k:n|kn|stad|municipality)\b\.?$")
#: Said of a country that is not named; the words are of both languages.
_ELSEWHERE = ("utlandet", "utomlands", "utland", "annat land", "abroad", "other country", "foreign country")
_CONTINENTS = ("Europe", "America", "Asia", "Africa", "Australia")
_MORE_NAMES = {
    SWEDEN: ("sverige", "sweden", "se", "swe", "sv"),
    "Storbritannien": (
        "england",
        "skottland",
        "wales",
        "nordirland",
        "scotland",
        "great britain",
        "uk",
        "gb",
    ),
    "USA": ("usa", "us", "amerika", "förenta staterna", "united states of america"),
    "Nederländerna": ("holland", "the netherlands"),
    "Tjeckien": ("tjeckiska republiken", "czech republic"),
    "Turkiet": ("turkey",),
    "Danmark": ("dk", "dan"),
    "Norge": (
        "no",
        "nor",
        "trondheim",
        "bergen",
        "stavanger",
        "tromsø",
        "tromsö",
        "bodø",
        "steinkjer",
        "levanger",
        "røros",
    ),
    "Finland": ("fi", "fin", "åland"),
    "Tyskland": ("de", "ger", "deu", "hamburg", "münchen", "munich"),
}


@cache
def municipality_names() -> dict[str, str]:
    """Return code -> name of the country's 290 municipalities."""
    path = resources.find("data/statistics/municipalities.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return {row["region_code"]: row["region_name"] for row in csv.DictReader(file)}


@cache
def _places() -> tuple[dict[str, str], dict[str, str]]:
    """Return name as compared -> code, and the same without dots over the letters where that is clear.

    A municipality's name goes before a locality's; a locality of two municipalities is in neither table.
    """
    path = resources.find("attraktiv_eval/records/localities.toml")
    listed = tomllib.loads(path.read_text(encoding="utf-8"))
    names: dict[str, str] = {}
    for code, several in listed.items():
        for name in several:
            names[_plain_place(name)] = code if names.get(_plain_place(name), code) == code else ""
    names.update((_plain_place(name), code) for code, name in municipality_names().items())
    bare: dict[str, str] = {}
    for name, code in names.items():
        known = bare.setdefault(folded(name), code)
        if known != code:
            bare[folded(name)] = ""
    return names, bare


@cache
def _countries() -> dict[str, str]:
    """Return name of a country or a great city as compared -> the country's Swedish name.

    CLDR's names, as Babel carries them; the cities are those that time zones are named after.
    """
    from babel import Locale
    from babel.core import get_global

    swedish = Locale("sv").territories
    codes = [
        str(code) for code in swedish if len(str(code)) == 2 and code not in ("ZZ", "EU", "EZ", "UN", "QO")
    ]
    found = {}
    for language in ("en", "sv"):
        names = Locale(language).territories
        found.update({_plain_place(names[code]): str(swedish[code]) for code in codes if code in names})
        cities = {zone: names.get("city") for zone, names in Locale(language).time_zones.items()}
        for zone, code in get_global("zone_territories").items():
            continent, _, rest = str(zone).partition("/")
            if continent in _CONTINENTS and "/" not in rest and code in codes and code != "SE":
                city = cities.get(zone) or rest.replace("_", " ")
                found.setdefault(_plain_place(city), str(swedish[code]))
    found.update(dict.fromkeys(_ELSEWHERE, "Utlandet"))
    found.update({word: name for name, words in _MORE_NAMES.items() for word in words})
    return found


def country_of(text: str) -> str | None:
    """Return the Swedish name of a country written in Swedish or English, or None where it is none.

    Examples
    --------
    >>> country_of("norway"), country_of("Sverige"), country_of("Atlantis")
    ('Norge', 'Sverige', None)
    """
    word = _plain_place(text)
    found = _countries().get(word)
    if found or word.isascii() is False:
        return found
    bare = {folded(name): country for name, country in _countries().items() if not name.isascii()}
    return bare.get(word)


def municipality_of(text: str) -> str | None:
    """Return the code of the municipality that a text means, ``0000`` where it lies abroad, or None.

    A text may hold a code, a name, a locality, a postcode with its town, and several of them as long as all
    mean one municipality. A postcode alone means none: its borders are not those of municipalities.

    Examples
    --------
    >>> municipality_of("834 32 Brunflo"), municipality_of("Åre (2321)"), municipality_of("Gbg")
    ('2380', '2321', '1480')
    >>> municipality_of("114 34"), municipality_of("Östersund/Åre"), municipality_of("Norge")
    (None, None, '0000')
    """
    text = even(text)
    rest = _PLACE_POSTCODE.sub(" ", text)
    codes = set(_CODE.findall(rest))
    if not codes <= set(municipality_names()):
        return None
    rest = _CODE.sub(",", rest)
    counties: set[str] = set()
    unknown = False
    for part in filter(None, (part.strip(" .:-–") for part in _PARTS.split(rest))):
        code = _place(part)
        if code:
            codes.add(code)
        elif (county := _county(part)) is not None:
            counties.add(county)
        elif len(part) > 2 and (country := country_of(part)) is not None:
            codes |= set() if country == SWEDEN else {ABROAD}
        else:
            unknown = True
    if codes == {ABROAD}:
        return ABROAD  # a town that is not known, in another country
    if len(codes) != 1 or unknown:
        return None
    code = codes.pop()
    return code if code == ABROAD or counties <= {county_of(code)} else None


def _place(part: str) -> str:
    """Return the code of a place, empty where it is not known or not clear."""
    names, bare = _places()
    for text in (part, re.sub(r"^[Ii] ", "", part)):
        word = _plain_place(text)
        forms = [word]
        if _KIND.search(word):
            without = _KIND.sub("", word).strip()
            forms += [without, without.removesuffix("s")]
        for form in forms:
            if code := names.get(form) or bare.get(form, ""):
                return code
    return ""


def _county(part: str) -> str | None:
    word = _plain_place(part)
    for code, name in COUNTIES.items():
        known = name.casefold()
        bare = known.removesuffix(" län").removesuffix("s")
        if word in (known, folded(known)) or (word in (bare, folded(bare)) and not _place(part)):
            return code
    return None


def _plain_place(text: str) -> str:
    return " ".join(even(text).casefold().replace("-", " ").split()).strip(" .:")


# --- Each kind of column

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
#: What a form writes for an address where nobody signed in.
_NOBODY = {"anonymous", "anonym"}
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
        self.earliest, self.latest, self.today = earliest, latest, resources.today()
        self._read: Callable[[str], Value] = getattr(self, f"_{kind}")

    def __call__(self, text: str) -> Value:
        """Return the value of a text that is not empty."""
        whole = is_even(text)
        value = (text if whole else even(text)).strip()
        if value[:1] == "#" and value.upper() in _ERRORS:
            return Value(fault="spreadsheet_error")
        if len(value) < 17 and value.casefold() in _NOTHING:
            return Value()
        found = self._read(value)
        return found if whole or _as_it_came(text) == value else found._replace(mended="encoding")

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
        if "?" in (ways.order, ways.short):
            if hangs_on_order(text):
                return Value(fault="ambiguous_date")
            of_1904 = bool(ways.from_1904)
            tries = (read_date(text, order, order, from_1904=of_1904) for order in ("dmy", "mdy", "ymd"))
            found = next((day for day in tries if day), None)
        else:
            found = read_date(text, ways.order, ways.short, from_1904=bool(ways.from_1904))
        if found is None:
            return Value(fault="unreadable_date")
        day, precision = found
        if not self.earliest <= day <= self.latest:
            return Value(fault="date_out_of_range")
        if day > self.today:
            return Value(fault="future_date")
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
        found = pseudonyms.organisation_number(text)
        return Value(f"{found[0]}:{found[1]}") if found else Value(fault="wrong_check_digit")

    def _personal_number(self, text: str) -> Value:
        found = pseudonyms.personal_number(text)
        return Value(found) if found else Value(fault="no_personal_number")

    def _email(self, text: str) -> Value:
        if text.casefold() in _NOBODY:
            return Value()
        found = pseudonyms.email_key(text)
        return Value(found) if found else Value(fault="no_email")

    def _phone(self, text: str) -> Value:
        found = pseudonyms.phone_key(text)
        return Value(found) if found else Value(fault="no_phone")

    def _address(self, text: str) -> Value:
        found = pseudonyms.address_key(text)
        return Value(found) if found else Value(fault="no_address")
