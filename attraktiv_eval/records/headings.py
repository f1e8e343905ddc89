"""Which list a table is, which row its headings stand on, and which field each heading means."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from rapidfuzz import fuzz, process

from attraktiv_eval.records.pseudonyms import reads_like_a_person
from attraktiv_eval.records.records import LISTS
from attraktiv_eval.records.schemas import LIST_WORDS, even, folded, kind_of, schemas
from attraktiv_eval.records.traces import find_traces
from attraktiv_eval.records.values import asks_anyway, heading_unit, municipality_of, without_unit

_SEARCHED = 40
_TOO_SHORT = 4  # letters below which likeness says nothing
_ALIKE = 70  # per cent of likeness from which a known heading is shown beside an unknown one
LONGEST = 120  # signs of a heading; a longer cell is prose
_DATES = {"datum", "date"}  # many a heading ends so, whatever the day is of
_WAYS = {"out": ("ut", "out", "från", "from"), "in": ("in", "till", "to")}  # at either end
#: A day or a number where a heading should stand, but for a year: the row is somebody's record.
_VALUE = re.compile(r"(?!(?:19|20)\d\d\b)[\d./:,-][\d\s./:,-]*$|(?:19|20)\d\d[./-]?\d\d[./-]?\d\d\b")
#: A piece of an e-mail address, or a street with its number.
_OF_SOMEBODY = re.compile(
    r"\S?@\S|(?:gata|gatan|gränd|väg|vägen|stig|stigen|backen|torget|allén) ?\d", re.IGNORECASE
)
#: What may stand in parentheses after a heading without changing its meaning; a unit such as tkr may not.
_EXPLAINED = re.compile(
    r"\((?:sek|kr|kronor|antal|st|[åymd]{2,4}[-./ ]?[åymd]{2}[-./ ]?[åymd]{2}(?:-?[x0-9]{4})?|datum|date"
    r"|kod|code|kommunkod|ja ?/ ?nej|j ?/ ?n|yes ?/ ?no|y ?/ ?n|obligatoriskt?|frivilligt?|valfri(?:tt)?"
    r"|om känt|required|optional|if known|1 ?[-–] ?5|(?:barn )?(?:under 18|0 ?[-–] ?17)(?: år)?)\)"
)


#: A scale's legend in parentheses, which the reader of the scale goes by.
_LEGEND = re.compile(r"\([^()]*\d ?[=:][^()]*\)")

#: How a form asks for what a list names: your e-mail address.
_YOUR = re.compile(r"^\s*(?:din|ditt|dina|er|ert|era|your)\s+")


def plain_heading(text: str) -> str:
    """Return a heading as it is compared: lower case letters and digits, without signs, spaces and units."""
    value = _YOUR.sub("", _EXPLAINED.sub(" ", _LEGEND.sub(" ", even(text).casefold())))
    return re.sub(r"[\W_]", "", value)


def _plain_name(text: str) -> str:
    return " ".join(re.sub(r"[\W_]", " ", even(text).casefold()).split())


#: Headings that are like a known one and mean something else: a company's employees are no hires, a postcode
#: is no town, and a family's name is no reference of it.
_SAID_OF_OTHERS = (
    *("antalanställda", "anställda", "employees", "numberofemployees"),
    *("familj", "familjen", "family"),
    *("postnr", "postnummer", "postkod", "postcode", "postalcode", "zippostalcode", "zip"),
)

#: Headings as compared of a name that stands in two columns, which together are a name.
GIVEN_NAMES = frozenset({"förnamn", "fornamn", "tilltalsnamn", "firstname", "givenname"})
SURNAMES = frozenset({"efternamn", "lastname", "surname", "familyname"})


#: What follows the thing that a reference is of, or the event that a day is of; each may stand for another.
_ENDS = {
    "reference": ("id", "nr", "nummer", "no", "number", "ref", "referens"),
    "date": ("datum", "date", "dag", "den", "day", "månad"),
}
_BEFORE = {"reference": ("idnr", "idnummer", "id", "nr"), "date": ("datumför", "datum", "dateof", "dagför")}
#: Forms of one Swedish verb: kontrollerat, kontrollerad, kontrollerades.
_VERB = re.compile(r"(?<=[a-zåäö]{3})a(?:t|d|ts|des|de)$")
_SHORTEST = 4  # letters of a thing or event: "id nr" may be anybody's
#: Things whose number is not the project's own reference of them.
_NO_THINGS = {
    "person",
    "personal",
    "nummer",
    "number",
    "referens",
    "reference",
    "start",
    "dagför",
    "datumför",
}


def _spellings(heading: str, kind: str) -> set[str]:
    """Return other forms of a known heading: ``hushåll nr`` of ``hushålls-id``, ``flyttdag`` of ``flytt``."""
    ends, before = _ENDS.get(kind, ()), _BEFORE.get(kind, ())
    found = {_VERB.sub(end, heading) for end in ("at", "ad", "ats", "ades")} if kind == "date" else set()
    for whole in {heading, *(heading.removesuffix(end) for end in ends)}:
        thing = next(
            (whole.removeprefix(one) for one in before if kind == "date" and whole.startswith(one)), whole
        )
        for stem in {thing, thing.removesuffix("s")}:
            if len(stem) >= _SHORTEST and stem not in _NO_THINGS and not stem.endswith(ends):
                found |= {stem + s + end for end in ends for s in ("", "s")}
                found |= {one + stem for one in before}
    return found


def first_of(heading: str, known: Collection[str]) -> str | None:
    """Return the known heading that a numbered one is the first of: ``e-post 1`` is ``e-post``; or None."""
    rest = heading.removesuffix("1") if heading.endswith("1") else heading.removeprefix("1")
    return rest if rest != heading and rest in known else None


_INSIDE = re.compile(r"\(([^()]+)\)\s*$")
_PERSONS = {"personal_number", "email", "phone", "address", "person_name"}
#: Headings of a list of households that say where they live now, where another says where they came from.
_NOW = frozenset(
    [
        *("ort", "kommun", "bostadsort", "nuvarandeort", "nuvarandekommun", "nuvarandebostadskommun"),
        *("nuvarandebostadsort", "bostadskommun", "hemkommun", "kommunnu", "bornu", "bori", "bornui"),
        *("town", "city", "municipality", "currentmunicipality"),
    ]
)


def is_stamp_of_row(heading: str) -> bool:
    """Return whether a heading is the day on which a system made the row, and no day that anybody stated."""
    return plain_heading(heading) in _stamps()


@cache
def _stamps() -> tuple[str, ...]:
    """Return the headings as compared of the days that systems stamp on rows, the likeliest first."""
    return tuple(map(plain_heading, schemas()["contacts"].columns["date"].metadata["stamps"]))


@cache
def _days_instead(name: str) -> tuple[str, ...]:
    """Return the headings as compared that are a list's day where it states no other, the best first."""
    if name not in ("contacts", "survey_households", "survey_companies"):
        return ()
    known = synonyms("households") if name == "contacts" else {}
    return (*(heading for heading, means in known.items() if means == "first_contact"), *_stamps())


#: Headings under which some lists give a household's number and others its names: the cells decide.
_FAMILIES = frozenset({"familj", "familjen", "hushåll", "hushall", "hushållet", "household", "family"})


def _by_the_rest(found: Headings, rows: list[list[str | None]], own: Collection[str]) -> list[str | None]:
    """Return the fields with the day of a list that states no other, and the names under ``Familj``.

    Of headings that the settings speak of (``own``) nothing more is said.
    """
    fields = [*found.fields]
    plain = [plain_heading(cell) if cell else "" for cell in rows[found.row]]
    if found.name and "date" not in fields:
        days = [
            day
            for day in _days_instead(found.name)
            if day in plain and day not in own and fields[plain.index(day)] is None
        ]
        if days:
            fields[plain.index(days[0])] = "date"
    for index, heading in enumerate(plain):
        if heading in _FAMILIES and heading not in own and "person_name" not in fields:
            cells = [cell for row in rows[found.row + 1 :] for cell in row[index : index + 1] if cell]
            names = [cell for cell in cells if len(cell.split()) > 1 and not re.search(r"\d", cell)]
            if "person_name" in schemas()[found.name or "contacts"].columns and 2 * len(names) > len(cells):
                fields[index] = "person_name"
    return fields


def _means(
    texts: Sequence[str | None],
    plain: Sequence[str],
    name: str,
    table: dict[str, str],
    own: Collection[str] = (),
) -> list[str | None]:
    """Return the field of each heading; of those not known the first numbered, and what parentheses name.

    Neither takes a field that another heading has, nor a heading that the settings speak of (``own``).
    """
    fields = [table.get(heading) for heading in plain]
    taken = {*fields}
    if taken == {None}:
        return fields
    for index, (text, heading) in enumerate(zip(texts, plain, strict=True)):
        if not text or fields[index] is not None or not ("1" in heading or text.endswith(")")):
            continue
        means = table.get(first_of(heading, table) or "")
        if means is None and (inside := _INSIDE.search(text)):
            means = table.get(plain_heading(inside[1]))
            means = means if means in _PERSONS else None
        if means not in taken and heading not in own:
            fields[index] = means
            taken.add(means)
    if name == "households" and "origin_code" in taken and "destination_code" not in taken:
        now = [index for index, heading in enumerate(plain) if heading in _NOW and fields[index] is None]
        fields = ["destination_code" if [index] == now else field for index, field in enumerate(fields)]
    if "answer" in schemas()[name].columns and "answer" not in taken:
        asks = [i for i, text in enumerate(texts) if text and fields[i] is None and asks_anyway(text)]
        fields = ["answer" if [index] == asks else field for index, field in enumerate(fields)]
    return fields


@cache
def synonyms(name: str) -> dict[str, str]:
    """Return heading as compared -> field, for one list."""
    found: dict[str, str] = {}
    for field_name, column in schemas()[name].columns.items():
        for heading in (*column.metadata["heading"].values(), field_name, *column.metadata["also"]):
            found.setdefault(plain_heading(heading), field_name)
    for heading, field_name in list(found.items()):
        for other in _spellings(heading, kind_of(schemas()[name].columns[field_name])):
            found.setdefault(other, field_name)
    for heading, field_name in list(found.items()):  # hushalls-id, as a system without å writes it
        found.setdefault(folded(heading), field_name)
    return found


#: Who did it is no number, day or kind of what was done: Kontaktad av is no Kontakt-id.
_DONE_BY = re.compile(r"\w[ _](?:av|by)\W*$", re.IGNORECASE)


def nearest(heading: str, name: str, taken: Collection[str | None] = ()) -> str | None:
    """Return the known heading of a list that an unknown one is most like, or None; none of a field taken."""
    plain = plain_heading(heading.rpartition(":")[2]) or plain_heading(
        heading
    )  # Postadress: Postnr is a postcode
    if plain in _SAID_OF_OTHERS or heading_unit(heading)[0] or _DONE_BY.search(even(heading)):
        return None
    way = {"in": "out", "out": "in"}.get(_direction(plain) or "")
    titles = {
        known: title
        for known, title, ways, of in _titles(name)
        if (way is None or way not in ways) and of not in taken
    }
    ends = [one for one in titles if len(one) > 3 and one not in _DATES and plain.endswith(one)]
    if ends:  # the last part of a Swedish word says what it is: kontaktkanal is a kanal
        return titles[max(ends, key=len)]
    if len(plain) < _TOO_SHORT:
        return None  # Nr is like Pnr
    found = process.extractOne(plain, titles.keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return titles[found[0]] if found else None


def bare_heading(cell: str | None, own: Collection[str] = ()) -> str | None:
    """Return a heading without its unit where it is not known with it."""
    if not cell or len(cell) > LONGEST or not heading_unit(cell)[0]:
        return cell
    plain = plain_heading(cell)
    known = plain in own or any(plain in synonyms(name) for name in LISTS)
    return cell if known else without_unit(cell)


def is_value(text: str) -> bool:
    """Return whether what stands as a heading is what a cell of somebody's row holds."""
    found = _VALUE.match(text) or _OF_SOMEBODY.search(text) or find_traces(text)
    return bool(found) or municipality_of(text) is not None or reads_like_a_person(text)


@cache
def _titles(name: str) -> list[tuple[str, str, set[str | None], str]]:
    """Return each known heading as compared, its field's title, if either speaks of out or in, its field.

    A heading of the one is never shown beside one of the other: alike as words, opposite as facts.
    """
    columns = schemas()[name].columns
    return [
        (known, columns[of].title, {_direction(known), _direction(plain_heading(columns[of].title))}, of)
        for known, of in synonyms(name).items()
    ]


def _direction(heading: str) -> str | None:
    return next(
        (way for way, words in _WAYS.items() if heading.startswith(words) or heading.endswith(words)), None
    )


@dataclass(frozen=True)
class Headings:
    """The headings of a table: list, row (from 0), field of each column (None: unknown), and ties."""

    name: str | None
    row: int
    fields: list[str | None]
    rivals: list[str] = field(default_factory=list)


def named_list(*names: str) -> str | None:
    """Return the list that a sheet's or file's name tells, the longest word first; None if none does."""
    words = sorted(
        ((_plain_name(word), name) for name, several in LIST_WORDS.items() for word in several),
        key=lambda pair: -len(pair[0]),
    )
    for text in names:
        value = f" {_plain_name(text)} "
        for word, name in words:
            if f" {word}" in value and (f" {word} " in value or len(word) > 5):
                return name
    return None


def _meant(name: str, own: dict[str, str | None]) -> dict[str, str]:
    """Return heading as compared -> field of one list, the settings' own before the known ones."""
    if not own:
        return synonyms(name)
    table = {heading: means for heading, means in synonyms(name).items() if own.get(heading, "") is not None}
    columns = schemas()[name].columns
    return {**table, **{heading: means for heading, means in own.items() if means in columns}}  # type: ignore[misc]


def find_headings(
    rows: list[list[str | None]],
    *names: str,
    stated: str | None = None,
    own: dict[str, str | None] | None = None,
) -> Headings:
    """Find the row of headings among the first rows of a table.

    Parameters
    ----------
    rows : list of rows of text
        The first rows of the table; 40 are searched.
    names : str
        Names of the sheet and of the file; where they tell the list, the headings need only agree.
    stated : str, optional
        The list, where the folder's settings state it.
    own : dict of str to str or None, optional
        Heading as compared -> field as the settings say; None where the column is left out.
    """
    hint = stated or named_list(*names)
    tables = {name: _meant(name, own or {}) for name in ([stated] if stated else LISTS)}
    best: tuple[float, int, str] | None = None
    scores: dict[str, float] = {}
    for number, row in enumerate(rows[:_SEARCHED]):
        cells = [cell for cell in row if cell]
        plain = [plain_heading(cell) for cell in cells]
        if not any(plain):
            continue
        for name, table in tables.items():
            known = {field_name for field_name in _means(cells, plain, name, table, own or ()) if field_name}
            if name != hint and (len(known) < 2 or 3 * len(known) < len(cells)):
                continue
            if not known:
                continue
            required = [key for key, column in schemas()[name].columns.items() if column.required]
            share = len(known) / len(cells)
            score = len(known) + share + sum(key in known for key in required) + (3 if name == hint else 0)
            scores[name] = max(scores.get(name, 0), score)
            if best is None or score > best[0]:
                best = (score, number, name)
    if best is None:
        return Headings(None, 0, [])
    score, number, name = best
    rivals = [other for other, value in scores.items() if value == score and other != name]
    table = tables[name]
    plain = [plain_heading(cell) if cell else "" for cell in rows[number]]
    fields = _means(rows[number], plain, name, table, own or ())
    found = Headings(name, number, fields, [] if name == hint else rivals)
    return replace(found, fields=_by_the_rest(found, rows, own or ()))
