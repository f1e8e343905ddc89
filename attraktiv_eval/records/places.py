"""Places as people write them: municipalities by code or name, localities, postal towns, and countries."""

from __future__ import annotations

import csv
import re
import tomllib
from functools import cache

from attraktiv_eval import resources
from attraktiv_eval.records.vocabulary import even, folded
from attraktiv_eval.regions import COUNTIES, county_of

__all__ = ["ABROAD", "SWEDEN", "country_of", "municipality_names", "municipality_of"]

#: Stands for a municipality where a place lies in another country.
ABROAD = "0000"
SWEDEN = "Sverige"

_CODE = re.compile(r"(?<!\d)\d{4}(?!\d)")
_POSTCODE = re.compile(r"(?<!\d)(?:SE?[- ]?)?\d{3} ?\d{2}(?!\d)", re.IGNORECASE)
_PARTS = re.compile(r"[,;/()\[\]|]| [-–] ")
_KIND = re.compile(r"\b(?:kommun(?:en)?|k:n|kn|stad|municipality|tätort|c)\b\.?$")
_WHOLE = re.compile(r"\b(?:kommun(?:en)?|k:n|kn|stad|municipality)\b\.?$")
#: Said of a country that is not named; the words are of both languages.
_ELSEWHERE = ("utlandet", "utomlands", "utland", "annat land", "abroad", "other country", "foreign country")
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
    "Norge": ("no", "nor"),
    "Finland": ("fi", "fin", "åland"),
    "Tyskland": ("de", "ger", "deu"),
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
            names[_plain(name)] = code if names.get(_plain(name), code) == code else ""
    names.update((_plain(name), code) for code, name in municipality_names().items())
    bare: dict[str, str] = {}
    for name, code in names.items():
        known = bare.setdefault(folded(name), code)
        if known != code:
            bare[folded(name)] = ""
    return names, bare


@cache
def _countries() -> dict[str, str]:
    """Return name of a country as compared -> its Swedish name; CLDR's names, as Babel carries them."""
    from babel import Locale

    swedish = Locale("sv").territories
    codes = [
        str(code) for code in swedish if len(str(code)) == 2 and code not in ("ZZ", "EU", "EZ", "UN", "QO")
    ]
    found = {}
    for language in ("en", "sv"):
        names = Locale(language).territories
        found.update({_plain(names[code]): str(swedish[code]) for code in codes if code in names})
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
    word = _plain(text)
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
    rest = _POSTCODE.sub(" ", text)
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
        word = _plain(text)
        forms = [word]
        if _KIND.search(word):
            without = _KIND.sub("", word).strip()
            forms += [without, without.removesuffix("s")]
        for form in forms:
            if code := names.get(form) or bare.get(form, ""):
                return code
    return ""


def _county(part: str) -> str | None:
    word = _plain(part)
    for code, name in COUNTIES.items():
        known = name.casefold()
        bare = known.removesuffix(" län").removesuffix("s")
        if word in (known, folded(known)) or (word in (bare, folded(bare)) and not _place(part)):
            return code
    return None


def _plain(text: str) -> str:
    return " ".join(even(text).casefold().replace("-", " ").split()).strip(" .:")
