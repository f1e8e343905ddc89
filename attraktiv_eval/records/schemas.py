"""The lists as pandera schemas, built from ``fields.toml``: one column a field.

A column's title is its Swedish heading, its description the meaning in English; its metadata holds ``kind``
(how its text is read), ``heading``, ``meaning`` and ``example`` by language, ``also`` (further headings),
``stamps`` (a day's headings that systems write), ``choice`` (the vocabulary) and ``essential`` (a fault in it
rejects the row, not just the cell).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from attraktiv_eval import resources
from attraktiv_eval.texts import LANGUAGES

#: choice -> id -> words; the workbook's drop-down offers the first in Swedish, the second in English.
CHOICES: dict[str, dict[str, tuple[str, ...]]] = {
    "yes_no": {
        "yes": ("ja", "yes", "j", "y", "x", "sant", "true", "1", "ja.", "jajamän", "japp", "jo", "✓", "✔"),
        "no": ("nej", "no", "n", "falskt", "false", "0", "ej", "inte", "nä", "nix"),
        "unknown": (
            "okänt",
            "unknown",
            "vet ej",
            "vet inte",
            "?",
            "oklart",
            "okänd",
            "ingen uppgift",
            "ej känt",
        ),
    },
    "phase": {
        "attract": ("attrahera", "attract", "attraktion", "attraherande", "fas 1", "1"),
        "welcome": ("välkomna", "welcome", "mottagande", "välkomnande", "fas 2", "2"),
        "integrate": ("integrera", "integrate", "integration", "etablering", "fas 3", "3"),
        "brand": ("stärkt varumärke", "brand", "varumärke", "strengthened brand", "rykte", "fas 4", "4"),
    },
    "area": {
        "collaboration_platform": (
            "utvecklad plattform för samverkan",
            "developed platform for collaboration",
            "collaboration platform",
            "samverkan",
            "plattform",
            "samverkansplattform",
        ),
        "labour_market_marketing": (
            "marknadsföring av arbetsmarknadsregionen",
            "marketing of the labour-market region",
            "labour-market marketing",
            "marknadsföring",
            "marketing",
        ),
    },
    "channel": {
        "fair": ("mässa", "fair", "jobbmässa", "hemvändarmässa", "event", "evenemang"),
        "web": ("webb", "web", "webbformulär", "webbplats", "formulär", "hemsida", "website"),
        "email": ("e-post", "email", "epost", "mejl", "mail", "e-mail"),
        "telephone": ("telefon", "telephone", "phone", "tel", "samtal"),
        "meeting": ("möte", "meeting", "besök", "visit", "personligt möte"),
        "social_media": ("sociala medier", "social media", "facebook", "linkedin", "instagram"),
        "employer": ("arbetsgivare", "employer", "via arbetsgivare", "rekryterare"),
        "other": ("annat", "other", "övrigt"),
    },
    "organisation_type": {
        "region": ("region", "regional authority"),
        "municipality": ("kommun", "municipality"),
        "public_agency": ("myndighet", "public agency", "statlig myndighet", "public_agency"),
        "university": ("lärosäte", "university", "universitet", "högskola"),
        "company": ("företag", "company", "bolag"),
        "business_organisation": (
            "näringslivsorganisation",
            "business organisation",
            "business_organisation",
            "företagarorganisation",
        ),
        "association": ("förening", "association", "ideell förening"),
        "other": ("annan", "other", "övrig"),
    },
    "role": {
        "owner": ("projektägare", "owner", "ägare", "project owner"),
        "partner": ("samverkanspart", "partner", "deltagare", "participant"),
        "financier": ("finansiär", "financier", "medfinansiär"),
        "other": ("annan", "other"),
    },
    "funding_kind": {
        "grant": ("bidrag", "grant", "tillväxtmedel", "projektmedel"),
        "own": ("egna medel", "own", "egen finansiering", "own funds"),
        "cash": ("kontant", "cash", "kontant medfinansiering", "kontanta medel"),
        "in_kind": (
            "eget arbete",
            "in kind",
            "in_kind",
            "in-kind",
            "natura",
            "arbetstid",
            "medfinansiering in natura",
        ),
    },
    "scale": {
        "1": ("säkert ändå", "surely anyway", "1", "1 säkert ändå"),
        "2": ("troligen ändå", "probably anyway", "2", "2 troligen ändå"),
        "3": ("kanske", "perhaps", "maybe", "3", "3 kanske"),
        "4": ("troligen inte", "probably not", "4", "4 troligen inte"),
        "5": ("säkert inte", "surely not", "5", "5 säkert inte"),
    },
}


#: A letter whose UTF-8 was read as an eight-bit code page: its first byte, then one or two that follow.
_BROKEN = re.compile(
    "[\u00c2-\u00c5\u00cc\u00cd][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u2122]"
    "|\u00e2[\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u2122]{2}"
)
_SPACES = str.maketrans(
    {"\u00a0": " ", "\u2007": " ", "\u202f": " ", "\u200b": None, "\ufeff": None, "\u00ad": None}
)


#: Texts that are even already, as almost all are: a quick look before the long one.
is_even = re.compile("[ -~åäöÅÄÖéÉüÜ]*").fullmatch


def even(text: str) -> str:
    """Return text with composed letters and plain spaces, mended where another code page was read.

    The one door of letters: headings, names of sheets and cells all pass it.

    Examples
    --------
    >>> even("Ã…re") == even("A\u030are") == "Åre"
    True
    """
    if text.isascii() or is_even(text):
        return text
    if _BROKEN.search(text):
        text = _BROKEN.sub(lambda found: _mended(found[0]), text)
    return unicodedata.normalize("NFC", text.translate(_SPACES))


def _mended(letters: str) -> str:
    """Return the letter that two or three signs of Windows-1252 or Latin-1 were bytes of."""
    try:
        return b"".join(
            sign.encode("latin-1") if ord(sign) < 256 else sign.encode("cp1252") for sign in letters
        ).decode("utf-8")
    except UnicodeError:
        return letters


def folded(text: str) -> str:
    """Return text without the dots, rings and accents of its letters: ``hushålls-id`` as ``hushalls-id``."""
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFD", text)
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def plain(text: str) -> str:
    """Return a word as it is compared: lower case, single spaces, no final point."""
    return " ".join(even(text).replace("_", " ").casefold().split()).strip(" .,:;!-–")


#: choice -> word as compared -> id.
WORDS: dict[str, dict[str, str]] = {
    choice: {
        **{plain(identity): identity for identity in words},
        **{plain(word) or word: identity for identity, several in words.items() for word in several},
    }
    for choice, words in CHOICES.items()
}


@cache
def _without_dots(choice: str) -> dict[str, str]:
    """Return word without dots over its letters -> id, where that is clear."""
    found: dict[str, str] = {}
    for word, identity in WORDS[choice].items():
        found[folded(word)] = identity if found.get(folded(word), identity) == identity else ""
    return found


def id_of(choice: str, text: str) -> str | None:
    """Return the id that a word means in a choice, or None where it is not known."""
    word = plain(text) or text.strip()
    return WORDS[choice].get(word) or _without_dots(choice).get(word) or None


_NONE = frozenset(
    plain(word)
    for word in (
        "nej", "nej inga", "nej inga alls", "nej inga andra", "nej inga andra projekt", "nej inget",
        "nej ingen",
        "nej inget annat", "nej tack", "nej inte", "nej det har vi inte", "nej aldrig", "inga", "inga alls",
        "inga andra", "inga andra projekt", "inga andra insatser", "ingen", "inget", "inget annat",
        "ingenting",
        "inte vad jag vet", "inte vad vi vet", "inte som jag vet", "inte som vi vet", "nej inte vad jag vet",
        "nej inte vad vi vet", "nej inte som jag vet", "inte något", "inte några",
        "ej", "nä", "nää", "näe", "nix", "icke", "nej då", "nej nej", "ingen annan", "nej ingen annan",
        "ingen hjälp", "inga projekt", "inget annat projekt", "aldrig", "nope", "nada", "0",
        "no", "none", "no none", "none at all", "no others", "no other", "no other projects", "no thanks",
        "no thank you", "nothing", "not that i know", "not that i know of", "no not that i know of",
        "not as far as i know", "not that we know of",
    )
)  # fmt: skip
_NOT_KNOWN = frozenset(
    plain(word)
    for word in (
        "vet ej", "vet inte", "jag vet inte", "osäker", "osäkert", "kanske", "eventuellt", "möjligen",
        "minns inte",
        "minns ej", "kommer inte ihåg", "ingen aning", "ingen uppgift", "don't know", "dont know",
        "i don't know",
        "not sure", "unsure", "maybe", "perhaps", "can't remember",
    )
)  # fmt: skip
_DENIALS = frozenset(
    [
        "nej", "nä", "nää", "näe", "nix", "icke", "aldrig", "inga", "ingen", "inget", "inte", "ej",
        "ingenting", "no", "nope", "nah", "none", "not", "nothing", "never",
    ]
)  # fmt: skip


def other_projects(text: str) -> int | str | None:
    """Return how many other projects an answer names; None where it says that nobody knows.

    Words are read or told, never guessed by their form: an answer that begins with a denial but is not known
    as one is ``unknown_word``, as is a bare number beyond 1, which may be a count or a code of no.

    Examples
    --------
    >>> other_projects("Nej, inga"), other_projects("Leader; Eures"), other_projects("Ja, Leader")
    (0, 2, 1)
    """
    said = id_of("yes_no", text)
    if said is not None:
        return {"yes": 1, "no": 0}.get(said)
    word = " ".join(re.sub(r"[,.!?;:]", " ", plain(text)).split())
    if word in _NONE or folded(word) in _NONE:
        return 0
    if word in _NOT_KNOWN:
        return None
    first, _, rest = word.partition(" ")
    if first in _DENIALS or not re.search(r"[^\W\d_]{2}", word):
        return "unknown_word"
    names = even(text)
    if id_of("yes_no", first) == "yes":
        names = re.split(r"[\s,.!:;–-]+", names.strip(), maxsplit=1)[1] if rest else ""
    parts = [part for part in re.split(r"[;,\n/&]| och | and ", names) if re.search(r"\w", part)]
    return max(1, len(parts))


def words_to_choose(choice: str, language: str) -> list[str]:
    """Return the words of a choice in a language, in its order.

    Examples
    --------
    >>> words_to_choose("yes_no", "sv"), words_to_choose("yes_no", "en")
    (['ja', 'nej', 'okänt'], ['yes', 'no', 'unknown'])
    """
    return [words[LANGUAGES.index(language)] for words in CHOICES[choice].values()]


# --- The lists as pandera schemas, built from fields.toml: one column a field

TEXT = pd.StringDtype(na_value=float("nan"))

#: Kinds of columns whose text is replaced by a pseudonym.
PERSONAL: tuple[str, ...] = ("personal_number", "email", "phone", "person_name", "address")

#: Names that a sheet or file may have, list by list; the workbooks' sheets bear the first two.
LIST_WORDS: dict[str, tuple[str, ...]] = {
    "contacts": ("kontakter", "contacts", "kontakt", "kontaktlista"),
    "households": ("hushåll", "households", "hushall", "inflyttare", "boende", "uppföljning"),
    "companies": ("företag", "companies", "foretag", "arbetsgivare"),
    "organisations": ("organisationer", "organisations", "deltagande organisationer", "parter"),
    "activities": ("aktiviteter", "activities", "insatser"),
    "survey_households": ("enkät hushåll", "survey households", "enkat hushall", "hushållsenkät"),
    "survey_companies": ("enkät företag", "survey companies", "enkat foretag", "företagsenkät"),
    "funding": ("finansiering", "funding", "medel"),
}


def list_words(name: str, language: str) -> str:
    """Return what a list is called, as in ``enkät hushåll`` and ``survey households``."""
    return LIST_WORDS[name][0] if language == "sv" else name.replace("_", " ")


#: Sheets of the empty workbooks that explain and hold no rows, by language.
COVERS: dict[str, tuple[str, str]] = {
    "sv": ("Om arbetsboken", "Ord att välja"),
    "en": ("About the workbook", "Words to choose"),
}
NOT_LISTS: tuple[str, ...] = tuple(name for names in COVERS.values() for name in names)

#: At least one of these must be filled in, or the row belongs to nobody.
IDENTITY: dict[str, tuple[str, ...]] = {
    "contacts": (
        "household_id",
        "personal_number",
        "email",
        "phone",
        "person_name",
        "address",
        "company_number",
        "company_name",
    ),
    "households": ("household_id", "personal_number", "email", "phone", "person_name", "address"),
    "companies": ("organisation_number", "name"),
    "organisations": ("organisation_number", "name"),
    "survey_households": ("household_id", "email", "phone", "personal_number"),
    "survey_companies": ("organisation_number", "name"),
}

_DTYPES: dict[str, Any] = {
    "date": "datetime64[ns]",
    "whole": "Int64",
    "scale": "Int64",
    "amount": "float64",
}


def _examples(field: dict[str, Any]) -> dict[str, str]:
    """Return a field's example in each language; of a choice the word that the workbook offers."""
    choice, example = field.get("choice", ""), field.get("example", "")
    found = {"sv": example, "en": field.get("example_en", example)}
    if field["kind"] == "choice" and example:
        found["en"] = CHOICES[choice][str(id_of(choice, example))][1].capitalize()
    return found


def _column(field: dict[str, Any]) -> pa.Column:
    kind, choice = field["kind"], field.get("choice")
    checks: list[pa.Check] = []
    if choice and kind != "scale":
        checks.append(pa.Check.isin(list(CHOICES[choice])))
    if kind in ("whole", "amount"):
        checks.append(pa.Check.ge(0))
    if kind == "scale":
        checks.append(pa.Check.in_range(1, 5))
    if kind == "municipality":
        checks.append(pa.Check.str_matches(r"^\d{4}$"))
    required = field.get("required", False)
    return pa.Column(
        _DTYPES.get(kind, TEXT),
        checks,
        nullable=True,
        required=required,
        title=field["sv"],
        description=field["meaning"],
        metadata={
            "kind": kind,
            "heading": {"sv": field["sv"], "en": field["en"]},
            "meaning": {"sv": field["meaning_sv"], "en": field["meaning"]},
            "also": tuple(field.get("also", ())),
            "stamps": tuple(field.get("stamps", ())),
            "example": _examples(field),
            "choice": choice,
            "essential": required or field.get("essential", False),
        },
    )


@cache
def schemas() -> dict[str, pa.DataFrameSchema]:
    """Return the schema of each list; a required column must be in the file."""
    path = resources.find("attraktiv_eval/records/fields.toml")
    lists: dict[str, dict[str, dict[str, Any]]] = tomllib.loads(path.read_text(encoding="utf-8"))
    found = {}
    for name, fields in lists.items():
        whole = {
            key: lists[field["like"]][key] if "like" in field else field for key, field in fields.items()
        }
        columns = {key: _column(field) for key, field in whole.items()}
        found[name] = pa.DataFrameSchema(columns, name=name, strict=True)
    return found


def kind_of(column: pa.Column) -> str:
    """Return how a column's text is read."""
    return str(column.metadata["kind"])


# --- Columns of text in which each distinct text is held once: categorical, the texts in their order


def from_codes(
    codes: np.ndarray, texts: Sequence[Any] | np.ndarray, index: pd.Index | None = None
) -> pd.Series:
    """Return a column by each row's place in ``texts``, which are distinct; -1 where it has none."""
    held = np.empty(len(texts), dtype=object)
    held[:] = texts
    order = np.argsort(held, kind="stable")
    places = np.empty(len(held) + 1, dtype=np.int32)
    places[order], places[-1] = np.arange(len(held), dtype=np.int32), -1
    sorted_texts = pd.Index(held[order], dtype=object)
    assert (
        sorted_texts.is_monotonic_increasing
    )  # known of its kind before it is asked: no table of all is made
    column = pd.Categorical.from_codes(places[codes], dtype=pd.CategoricalDtype(sorted_texts), validate=False)
    return pd.Series(column, index=index, copy=False)


def coded(values: pd.Series) -> pd.Series:
    """Return texts as such a column."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values
    return from_codes(*pd.factorize(values.to_numpy(dtype=object)), values.index)


def codes_of(values: pd.Series) -> np.ndarray:
    """Return the place of each row's text, -1 where it has none."""
    return coded(values).cat.codes.to_numpy(dtype=np.int32)


def texts_of(values: pd.Series) -> np.ndarray:
    """Return the distinct texts in their order."""
    return values.cat.categories.to_numpy(dtype=object)


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose categorical columns are plain text."""
    held = [name for name in table.columns if isinstance(table[name].dtype, pd.CategoricalDtype)]
    return table.astype(dict.fromkeys(held, TEXT)) if held else table


def as_text_unless_large(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its texts plain; of more than two million rows it keeps each distinct text once."""
    return as_text(table) if len(table) <= _PLAIN else table


_PLAIN = 2_000_000  # rows


def each(values: pd.Series, turned: Callable[[str], Any]) -> pd.Series:
    """Return a column with every text turned into another, or into none; each distinct one is turned once."""
    values = coded(values)
    codes, texts = codes_of(values), texts_of(values)
    used = np.flatnonzero(np.bincount(codes + 1, minlength=len(texts) + 1)[1:])
    new = np.empty(len(used), dtype=object)
    new[:] = [turned(text) for text in texts[used]]
    places = np.full(len(texts) + 1, -1, dtype=np.int32)
    places[used], found = pd.factorize(new)
    return from_codes(places[codes], found, values.index)


def among(values: pd.Series, wanted: Collection[str]) -> np.ndarray:
    """Return which rows hold one of some texts."""
    here = np.array([*(text in wanted for text in texts_of(values)), False], dtype=bool)
    return here[codes_of(values)]


def first_known(one: pd.Series, other: pd.Series) -> pd.Series:
    """Return the first column's texts, and where it has none the other's."""
    (mine, texts), (its, more) = ((codes_of(part), texts_of(part)) for part in (coded(one), coded(other)))
    places, found = pd.factorize(np.concatenate([texts, more]))
    places = np.append(places, -1)
    codes = np.where(mine >= 0, places[mine], np.where(its >= 0, places[its + len(texts)], -1))
    return each(from_codes(codes, found, one.index), str)


def packed(values: pd.Series) -> tuple[pd.Series, list[tuple[bytes, np.ndarray]]]:
    """Return a column whose texts are but their numbers, and the texts as bytes: a sixth of the memory."""
    codes, texts = codes_of(values), texts_of(coded(values))
    blocks = []
    for start in range(0, len(texts), _PACKED):
        some = texts[start : start + _PACKED].tolist()
        lengths = np.fromiter(map(len, some), dtype=np.int32, count=len(some))
        blocks.append(("".join(some).encode("utf-8", "surrogatepass"), lengths))
    dtype = pd.CategoricalDtype(pd.RangeIndex(len(texts)))
    return pd.Series(pd.Categorical.from_codes(codes, dtype=dtype), index=values.index), blocks


def is_packed(values: pd.Series) -> bool:
    """Return whether a column holds but the numbers of its texts."""
    held = isinstance(values.dtype, pd.CategoricalDtype)
    return held and isinstance(values.cat.categories, pd.RangeIndex)


def unpacked(values: pd.Series, blocks: Iterable[tuple[bytes, np.ndarray]]) -> pd.Series:
    """Return the column that was packed."""
    texts: list[str] = []
    for data, lengths in blocks:
        whole, ends = data.decode("utf-8", "surrogatepass"), np.cumsum(lengths).tolist()
        texts += [whole[start:end] for start, end in pairwise([0, *ends])]
    return from_codes(codes_of(values), texts, values.index)


_PACKED = 100_000  # texts of a block


def close_together(table: pd.DataFrame) -> None:
    """Write the texts of a table anew, in place, so that they lie side by side.

    Those that are kept lie scattered among those that are not: memory is given back where none is left.
    """
    if len(table) < _PACKED:
        return
    texts: dict[str, list[tuple[bytes, np.ndarray]]] = {}
    for name in table.columns:
        values = table[name]
        coded_text = isinstance(values.dtype, pd.CategoricalDtype) and not is_packed(values)
        if coded_text and len(values.cat.categories) > _FEW:
            table[name], texts[name] = packed(values)
        del values
    for name in texts:
        table[name] = unpacked(table[name], texts[name])
        texts[name] = []


_FEW = 10_000  # texts that take no room


def numbered(columns: Iterable[np.ndarray]) -> np.ndarray:
    """Return a number a row, the same where all of several columns of codes are."""
    found = np.zeros(1, dtype=np.int64)
    for codes in columns:
        found = found if len(found) == len(codes) else np.zeros(len(codes), dtype=np.int64)
        if len(codes) and codes.max() != codes.min():
            found *= int(codes.max()) + 2  # in place: of millions of rows each further array is 80 MB
            found += codes
            found += 1
            found = ranked(found)
    return found


def ranked(numbers: np.ndarray) -> np.ndarray:
    """Return the place of each number among the distinct ones; of many by sorting, to spare memory."""
    if len(numbers) < _PACKED:
        return pd.factorize(numbers)[0]
    order = np.argsort(numbers, kind="stable").astype(np.int32)
    new = np.ones(len(numbers), dtype=bool)
    new[1:] = np.diff(numbers[order]) != 0
    found = np.empty(len(numbers), dtype=np.int64)
    found[order] = np.cumsum(new, dtype=np.int32) - 1
    return found


def first_of_each(*columns: np.ndarray) -> np.ndarray:
    """Return which rows are the first in which several columns of codes are as they are."""
    together = numbered(columns)
    size = len(columns[0])
    first = np.zeros(int(together.max(initial=-1)) + 1, dtype=np.int32)
    first[together[::-1]] = np.arange(size - 1, -1, -1, dtype=np.int32)
    chosen = np.zeros(size, dtype=bool)
    chosen[first if size else []] = True
    return chosen


def joined_texts(one: pd.Series, sign: str, other: pd.Series) -> pd.Series:
    """Return two texts in one, with a sign between them; missing where either is."""
    mine, its = codes_of(one), codes_of(other)
    pairs = np.where((mine < 0) | (its < 0), -1, mine.astype(np.int64) * (int(its.max(initial=-1)) + 1) + its)
    codes, held = pd.factorize(np.where(pairs < 0, np.nan, pairs))
    several = int(its.max(initial=-1)) + 1
    texts, more = texts_of(one), texts_of(other)
    made = [
        f"{texts[pair // several]}{sign}{more[pair % several]}" for pair in held.astype(np.int64).tolist()
    ]
    return from_codes(codes, made, one.index)


def stacked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return tables with the same columns below one another; columns of text stay as they are held."""
    if len(parts) == 1:
        return parts[0].reset_index(drop=True)
    held = {
        name: [coded(part[name]) for part in parts]
        for name in parts[0].columns
        if any(isinstance(part[name].dtype, pd.CategoricalDtype) for part in parts)
    }
    table = pd.concat([part.drop(columns=[*held]) for part in parts], ignore_index=True)
    for name, several in held.items():
        starts = np.cumsum([0, *(len(texts_of(one)) for one in several)])
        texts = np.concatenate([texts_of(one) for one in several])
        order = np.argsort(texts, kind="stable")  # of several sorted runs: quick, and no table of all texts
        texts = texts[order]
        first = np.append(True, texts[1:] != texts[:-1])[: len(texts)]
        places = np.full(len(texts) + 1, -1, dtype=np.int32)
        places[order], texts = np.cumsum(first, dtype=np.int32) - 1, texts[first]
        del order
        codes = [
            places[np.where(mine < 0, -1, mine.astype(np.int32) + np.int32(start))]
            for mine, start in zip(map(codes_of, several), starts[:-1], strict=True)
        ]
        table[name] = from_codes(np.concatenate(codes), texts, table.index)
    return table[list(parts[0].columns)]
