"""References of households: how they are compared, and how far each one reaches.

A reference has a scope. A bare running number (1, 2, 3 …) belongs to its own list, file and sheet; it reaches
another list only where the two are known to share their references:

* the folder's settings say so (``[[references]]`` in ``lists.toml``);
* **the evidence agrees**: of the references that both lists hold, those that can be compared agree for at
  least three in four, and so many would agree by chance in less than one case of ten thousand. Two rows
  agree where a personal number, e-mail address, telephone number, postal address or name is the same, or,
  where they share none of these columns, the town that they come from; they contradict one another where both
  state one of these and all that both state differs. Chance is what the references of one list show against
  the *next* references of the other;
* they are lists of different kinds in one workbook, or from one sender (files whose names or folders are the
  same but for the name of the list and dates), or a survey beside the only list of its kind; their headings
  say that it is a household's reference and not just an ``ID``, and the evidence does not speak against it
  (three that can be compared, most of them contradictory).

A reference with letters (``Å-12``, ``H-0001``) or of seven digits and more is somebody's own kind, and is
shared by all lists that use that kind, unless the evidence speaks against it: five of the shared references
or more contradict and fewer than half agree. Then these lists, too, share only where the evidence agrees.
Where every list keeps to a first number of its own, as deliveries that each count anew do (``L1-07``, then
``L2-03``), that number belongs to the kind: another reference in the next delivery is no other household.
"""

from __future__ import annotations

import hashlib
import math
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from attraktiv_eval.errors import RecordError
from attraktiv_eval.records.headings import plain_heading
from attraktiv_eval.records.schemas import (
    LIST_WORDS,
    as_text,
    codes_of,
    each,
    first_known,
    from_codes,
    joined_texts,
    numbered,
    texts_of,
)

_SETTINGS = "lists.toml"
_SAMPLE = 100  # shared references that are compared for a pair of lists
_AGREE, _CHANCE, _LEAST_CHANCE = 0.75, 1e-4, 0.02
_AGAINST, _AGAINST_LETTERS = 3, 5
_LONG = 7  # digits from which a number is no running number
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d_]")
_TWO_NUMBERS = re.compile(r"^[^\W\d]+(\d+)[-./: ]\d+$")
_NUMERIC = re.compile(r"\d+(?:[.,]0+)?")
_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(?:[ T]00:00:00)?|\d{1,2}-(?:jan|feb|mar|apr|maj|may|jun|jul|aug|sep|okt|oct|nov|dec)",
    re.I,
)
#: Headings that number the rows of any form or table, and name no household.
_ANY_ID = {
    plain_heading(text) for text in ("id", "nr", "no", "nummer", "number", "löpnr", "löpnummer", "rad", "#")
}
_STRONG = ("personal_number", "email", "phone", "address", "person_name", "given")
_WEAK = ("origin_code",)


@dataclass(frozen=True)
class ReferenceScopes:
    """What the folder's settings say of references: groups of patterns of file names.

    ``shared``: the files of a group share their references; ``own``: each list of these has its own.
    A pattern is compared with the path in the folder and with the name alone, without regard to case.
    """

    shared: tuple[tuple[str, ...], ...] = ()
    own: tuple[str, ...] = ()

    def groups_of(self, file: str) -> set[int]:
        """Return which groups a file belongs to."""
        return {n for n, patterns in enumerate(self.shared) if _fits(file, patterns)}

    def is_own(self, file: str) -> bool:
        """Return whether the references of a file are said to be its own."""
        return _fits(file, self.own)


def _fits(file: str, patterns: Iterable[str]) -> bool:
    path = unicodedata.normalize("NFC", file).casefold()
    names = {path, path.rsplit("/", 1)[-1]}
    wanted = [unicodedata.normalize("NFC", pattern).casefold() for pattern in patterns]
    return any(fnmatchcase(name, pattern) for name in names for pattern in wanted)


def read_scopes(directory: Path) -> ReferenceScopes:
    """Read ``[[references]]`` of ``lists.toml``: ``files`` (patterns) and ``shared`` (true or false).

    Raises
    ------
    RecordError
        If the file cannot be read or says something else there.
    """
    path = directory / _SETTINGS
    if not path.is_file():
        return ReferenceScopes()
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("references", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecordError(
            f"the settings cannot be read ({' '.join(str(error).split())})",
            remedy="correct the line, and save the file as UTF-8",
            file=_SETTINGS,
        ) from None
    shared, own = [], []
    for one in stated if isinstance(stated, list) else [None]:
        files = one.get("files") if isinstance(one, dict) else None
        together = one.get("shared", True) if isinstance(one, dict) else None
        if (
            not isinstance(files, list)
            or not files
            or not all(isinstance(name, str) for name in files)
            or not isinstance(together, bool)
        ):
            raise RecordError(
                "an entry of references does not say which files share them",
                remedy='write [[references]], files = ["Kontakter*.csv", "Hushåll*.xlsx"], shared = true',
                file=_SETTINGS,
            )
        if together:
            shared.append(tuple(files))
        else:
            own.extend(files)
    return ReferenceScopes(tuple(shared), tuple(own))


def reference_key(text: str) -> str:
    """Return a reference as it is compared: capitals, no sign between letter and digit, signs between digits.

    Examples
    --------
    >>> [reference_key(text) for text in ("H-001", "h 001", "1-11", "11–1", "111", "2.1")]
    ['H001', 'H001', '1-11', '11-1', '111', '2.1']
    """
    value = _DASHES.sub("-", unicodedata.normalize("NFC", text)).replace("\u00ad", "").upper()
    value = " ".join(value.split()).strip("#- .:,;/")
    value = re.sub(r"(?<=[^\W\d])[\s./:-]+(?=\d)|(?<=\d)[\s./:-]+(?=[^\W\d])", "", value)
    return re.sub(r"(?<=[^\W\d])[\s./:-]+(?=[^\W\d])", "", value)


def reference_keys(references: pd.Series, tables: np.ndarray) -> pd.Series:
    """Return references as they are compared; in a column of numbers 101.0 is 101, and 001 is 1."""
    keys, tables = each(references, lambda text: reference_key(text) or None), np.asarray(tables)
    codes = codes_of(keys)
    numeric = np.array([*map(_NUMERIC.fullmatch, texts_of(keys)), True], dtype=bool)
    plain = ~np.isin(tables, tables[~numeric[codes]]) & (codes >= 0)
    if not plain.any():
        return keys
    whole = each(keys.where(plain), lambda text: re.sub(r"[.,]0+$", "", text).lstrip("0") or "0")
    return first_known(whole, keys)


def looks_like_a_date(references: pd.Series) -> pd.Series:
    """Return which references stand as a day, as where a spreadsheet made one of 1-2."""
    return each(references, lambda text: text if _DATE.fullmatch(text) else None).notna()


def series_of(key: str) -> str:
    """Return the kind of a reference: its letters; empty for a bare running number."""
    if re.fullmatch(r"P[0-9A-F]{20}", key):
        return "*"  # a pseudonym of a personal number that stood as the reference
    letters = re.match(r"\D*", key)
    head = letters[0] if letters else ""
    rest = key[len(head) :]
    if re.search(r"[^\W\d]", rest):
        return "*"
    if not head and re.fullmatch(r"\d+", rest) and len(rest) >= _LONG:
        return f"{len(rest)} digits"
    return head


def _series(keys: pd.Series, tables: np.ndarray) -> pd.Series:
    """Return the kind of each reference.

    With the first number, where each list of a kind keeps to one of its own: L1, L2.
    """
    texts = texts_of(keys)
    every = pd.DataFrame({"key": codes_of(keys), "table": tables}).drop_duplicates()
    every = every[every["key"] >= 0]
    series = np.array([*map(series_of, texts)], dtype=object)[every["key"]]
    first = [found and found[1] for found in map(_TWO_NUMBERS.match, texts)]
    frame = every.assign(series=series, first=np.array(first, dtype=object)[every["key"]])
    frame = frame[frame["series"] != ""]
    whole = frame["first"].notna().groupby(frame["series"]).all()
    of_list = frame.groupby(["series", "table"])["first"].nunique().groupby("series").max()
    of_kind = frame.groupby("series")["first"].nunique()
    apart = {*of_kind.index[(of_kind > 1) & (of_list == 1) & whole]}

    def kind(key: str) -> str:
        name = series_of(key)
        return name + _TWO_NUMBERS.match(key)[1] if name in apart else name  # type: ignore[index]

    return each(keys, kind)


@dataclass
class Scoped:
    """References with their scope.

    ``identity`` of each row tells a reference from the same text elsewhere; ``scope`` is what it is a
    reference in; ``name`` what the household may be called; ``meetings`` says for each list of households
    and each of contacts how many references meet.
    """

    identity: pd.Series
    scope: pd.Series
    name: pd.Series
    key: pd.Series
    meetings: pd.DataFrame


def scoped(
    people: pd.DataFrame, headings: Mapping[tuple[str, str, str], str], stated: ReferenceScopes
) -> Scoped:
    """Find how far each reference reaches.

    Parameters
    ----------
    people : DataFrame
        ``list, file, sheet, household_id`` and what is known of the person, as pseudonyms.
    headings : mapping of (list, file, sheet) to str
        The heading of the column of references as the file spells it.
    stated : ReferenceScopes
    """
    stands = people[["list", "file", "sheet"]]
    numbers, first = np.unique(numbered([codes_of(stands[name]) for name in stands]), return_inverse=True)
    at = np.zeros(len(numbers), dtype=np.int64)
    at[first] = np.arange(len(people))
    named = [tuple(row) for row in as_text(stands.iloc[at]).itertuples(index=False)]
    tables = sorted(named)
    codes = np.array([tables.index(one) for one in named], dtype=np.int32)[first]
    keys = reference_keys(people["household_id"], codes)
    series = _series(keys, codes)
    lists = [_List(kind, file, sheet, headings.get((kind, file, sheet), "")) for kind, file, sheet in tables]
    frame = pd.DataFrame({"table": codes, "series": codes_of(series), "key": codes_of(keys)})
    frame = frame[frame["key"] >= 0].drop_duplicates()
    evidence = _Evidence(people, codes, codes_of(keys))
    scope_of: dict[tuple[int, str], str] = {}
    kinds = texts_of(series)
    for kind, (_, rows) in zip(kinds[np.unique(frame["series"])], frame.groupby("series"), strict=True):
        held = {int(str(table)): np.sort(part.to_numpy()) for table, part in rows.groupby("table")["key"]}
        scope_of |= _scopes(kind, held, lists, evidence, stated)
    both = np.where(codes_of(series) < 0, -1, codes.astype(np.int64) * max(len(kinds), 1) + codes_of(series))
    several, places = np.unique(both, return_inverse=True)
    reach = [
        scope_of[one // len(kinds), kinds[one % len(kinds)]] if one >= 0 else None for one in several.tolist()
    ]
    held_by, texts = pd.factorize(np.array(reach, dtype=object))
    scope = from_codes(held_by[places], texts, people.index)
    identity = joined_texts(scope, "\x1f", keys)
    return Scoped(identity, scope, _names(scope, keys), keys, _meetings(tables, codes, codes_of(identity)))


@dataclass(frozen=True)
class _List:
    kind: str
    file: str
    sheet: str
    heading: str

    @property
    def any_id(self) -> bool:
        return plain_heading(self.heading) in _ANY_ID

    @property
    def sender(self) -> frozenset[str]:
        """Return the words of the file's path that are neither the name of a list nor a date."""
        text = unicodedata.normalize("NFC", self.file.rsplit(".", 1)[0]).casefold()
        text = re.sub(r"\b(?:t\.? ?o\.? ?m|fr\.? ?o\.? ?m|f\.? ?o\.? ?m)\b\.?", " ", text)
        found = re.findall(r"[^\W\d_]+", text)
        numbered = re.findall(r"([^\W\d_]+) ?(\d{1,2})(?![\d.-])", text)  # office 1 is another than office 2
        named = {f"{word} {number}" for word, number in numbered if word not in _LIST_WORDS}
        return frozenset({word for word in found if word not in _LIST_WORDS} | named)


_LIST_WORDS = frozenset(
    word
    for text in (
        *(text for names in LIST_WORDS.values() for text in names),
        "lista listor list och and med export ny nya slutlig final version kopia copy rev form crm q v",
        "januari februari mars april maj juni juli augusti september oktober november december vår höst",
        "kvartal leverans del from fom tom från fr till om sedan efter före början slutet hela året första",
        "andra tredje delivery part since until to first second third",
        "uppfoljning enkät enkat svar inflyttade flyttat besök anmälningar deltagare hushållslista",
    )
    for word in re.findall(r"[^\W\d_]+", text.casefold())
)


def _scopes(
    kind: str, held: dict[int, np.ndarray], lists: list[_List], evidence: _Evidence, stated: ReferenceScopes
) -> dict[tuple[int, str], str]:
    """Return (table, kind) -> scope for the tables that hold references of one kind."""
    together: list[tuple[int, int]] = []
    against: list[tuple[int, int]] = []
    said: list[tuple[int, int]] = []
    for a, b in combinations(sorted(held), 2):
        one, other = lists[a], lists[b]
        if stated.groups_of(one.file) & stated.groups_of(other.file):
            said.append((a, b))
            continue
        if stated.is_own(one.file) or stated.is_own(other.file):
            against.append((a, b))
            continue
        shared = np.intersect1d(held[a], held[b], assume_unique=True).tolist()
        agree, n, chance = evidence.compare(a, b, shared) if shared else (0, 0, 1.0)
        if n and agree / n >= _AGREE and _tail(agree, n, chance) < _CHANCE:
            together.append((a, b))
        elif (
            n >= (_AGAINST_LETTERS if kind else _AGAINST)
            and agree / n < 0.5
            and n - agree >= (_AGAINST_LETTERS if kind else _AGAINST)
        ):
            against.append((a, b))
        elif not kind and one.kind != other.kind and not one.any_id and not other.any_id:
            same_book = one.file == other.file
            survey = "survey_households" in (one.kind, other.kind)  # it has no numbers of its own
            alone = survey and not one.sender and _alone(a, held, lists) and _alone(b, held, lists)
            if same_book or (one.sender == other.sender and (one.sender or alone)):
                together.append((a, b))
    if kind and not against:
        return {(table, kind): f"{kind}\x1e" for table in held}
    return _components(kind, sorted(held), together, said, against, lists)


def _alone(table: int, held: dict[int, np.ndarray], lists: list[_List]) -> bool:
    """Return whether a list is the only one of its kind that holds running numbers: no other can be meant."""
    return sum(lists[other].kind == lists[table].kind for other in held) == 1


def _components(
    kind: str,
    tables: list[int],
    together: list[tuple[int, int]],
    said: list[tuple[int, int]],
    against: list[tuple[int, int]],
    lists: list[_List],
) -> dict[tuple[int, str], str]:
    """Return the scopes: tables that share, straight or through others that speak not against it."""
    parts = _parts(tables, [*together, *said])
    broken = {parts[a] for a, b in against if parts[a] == parts[b]}
    if broken:
        kept = [(a, b) for a, b in together if parts[a] not in broken]
        parts = _parts(tables, [*kept, *said])
    anchors: dict[int, str] = {}
    for table in tables:
        one = lists[table]
        anchors.setdefault(parts[table], "|".join((one.kind, one.file, one.sheet)))
    return {(table, kind): f"{kind}\x1e{anchors[parts[table]]}" for table in tables}


def _parts(tables: list[int], edges: list[tuple[int, int]]) -> dict[int, int]:
    part = {table: table for table in tables}

    def root(table: int) -> int:
        while part[table] != table:
            table = part[table]
        return table

    for a, b in edges:
        low, high = sorted((root(a), root(b)))
        part[high] = low
    return {table: root(table) for table in tables}


def _tail(agree: int, n: int, chance: float) -> float:
    """Return the chance of at least so many that agree of ``n`` (binomial)."""
    return math.fsum(math.comb(n, k) * chance**k * (1 - chance) ** (n - k) for k in range(agree, n + 1))


class _Evidence:
    """What the rows of two lists that share references say of whether they are the same people's."""

    def __init__(self, people: pd.DataFrame, codes: np.ndarray, keys: np.ndarray) -> None:
        self._codes, self._keys = codes, keys
        self._columns = {name: people[name] for name in (*_STRONG, *_WEAK, "partner_email")}
        self._facts: dict[tuple[int, int], dict[str, frozenset[str]]] = {}

    def compare(self, a: int, b: int, shared: list[int]) -> tuple[int, int, float]:
        """Return how many references agree, of how many comparable, and the share that would by chance."""
        step = max(1, len(shared) // _SAMPLE)
        chosen = shared[::step][:_SAMPLE]
        for table in (a, b):
            self._look_up(table, chosen)
        told = [self._one(a, key, b, key) for key in chosen]
        others = [
            self._one(a, key, b, chosen[(n + shift) % len(chosen)])
            for n, key in enumerate(chosen)
            for shift in (1, 2, 3)
            if chosen[(n + shift) % len(chosen)] != key
        ]
        agree, n = sum(one > 0 for one in told), sum(one != 0 for one in told)
        by_chance = [one for one in others if one]
        chance = sum(one > 0 for one in by_chance) / len(by_chance) if by_chance else _LEAST_CHANCE
        return agree, n, min(0.95, max(_LEAST_CHANCE, chance))

    def _one(self, a: int, key: int, b: int, other: int) -> int:
        left, right = self._facts[a, key], self._facts[b, other]
        both = [name for name in _STRONG if left[name] and right[name]]
        if any(left[name] & right[name] for name in both):
            return 1
        if left["partner_email"] & right["email"] or right["partner_email"] & left["email"]:
            return 1
        weak = [name for name in _WEAK if left[name] and right[name]]
        if both or any(not left[name] & right[name] for name in weak):
            return -1
        return 1 if weak else 0

    def _look_up(self, table: int, keys: list[int]) -> None:
        """Note what the rows of a table say of some references."""
        new = [key for key in keys if (table, key) not in self._facts]
        rows = np.flatnonzero((self._codes == table) & np.isin(self._keys, new))
        for key, mine in pd.Series(rows).groupby(self._keys[rows]):
            self._facts[table, int(str(key))] = {
                name: frozenset(
                    part for value in values.iloc[mine] if isinstance(value, str) for part in value.split("|")
                )
                for name, values in self._columns.items()
            }


def _names(scope: pd.Series, keys: pd.Series) -> pd.Series:
    """Return the references as a household is called by them: with a mark where two scopes hold the same."""
    pairs = pd.DataFrame({"scope": codes_of(scope), "key": codes_of(keys)})
    pairs = pairs[pairs["key"] >= 0].drop_duplicates()
    many = pairs.loc[pairs["key"].duplicated(), "key"]
    if many.empty:
        return keys
    marks = each(scope, lambda one: hashlib.sha256(one.encode()).hexdigest()[:6])
    named = keys.where(np.isin(codes_of(keys), many))
    return first_known(joined_texts(named, "~", marks), keys)


def _meetings(tables: list[tuple[str, ...]], codes: np.ndarray, identity: np.ndarray) -> pd.DataFrame:
    """Return households_file, households_sheet, contacts_file, contacts_sheet, references, meet."""
    every = pd.DataFrame({"table": codes, "identity": identity})[identity >= 0].drop_duplicates()
    held = {table: set(part) for table, part in every.groupby("table")["identity"]} if len(tables) > 1 else {}
    rows = [
        (*tables[a][1:], *tables[b][1:], len(held.get(a, ())), len(held.get(a, set()) & held.get(b, set())))
        for a in range(len(tables))
        if tables[a][0] == "households"
        for b in range(len(tables))
        if tables[b][0] == "contacts"
    ]
    columns = ["households_file", "households_sheet", "contacts_file", "contacts_sheet", "references", "meet"]
    return pd.DataFrame(rows, columns=columns)
