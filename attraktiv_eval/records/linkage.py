"""Which rows are one company or organisation: by number, else by name, with a grey zone for a person."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from attraktiv_eval.errors import RecordError
from attraktiv_eval.records.schemas import as_text, coded, codes_of, from_codes, texts_of
from attraktiv_eval.records.values import ABROAD, municipality_names, municipality_of


def smallest(values: pd.Series, by: pd.Series | np.ndarray) -> pd.Series:
    """Return the smallest text of each group, missing where it has none, whatever the order of the rows.

    The same as ``values.groupby(by).min()``, which takes a Python call a group for text.
    """
    values = coded(values)
    codes, texts = codes_of(values), texts_of(values)
    order = pd.Series(np.where(codes < 0, len(texts), codes))
    best = order.groupby(np.asarray(by)).min()
    found = np.array([*texts, None], dtype=object)[best.to_numpy()]
    return pd.Series(pd.array(found, dtype=pd.StringDtype(na_value=np.nan)), index=best.index)


class Groups:
    """A partition of rows that rules make coarser.

    Parameters
    ----------
    size : int
        Number of rows; each begins as a group of its own.

    Notes
    -----
    ``counts`` holds rule -> how many groups fewer there were after it. The result does not depend on the
    order of the rows.
    """

    def __init__(self, size: int) -> None:
        self.labels = np.arange(size, dtype=np.int32)
        self.counts: dict[str, int] = {}
        self._lefts: list[np.ndarray] = []
        self._rights: list[np.ndarray] = []
        self._said: list[tuple[str, np.ndarray | float]] = []

    @property
    def n(self) -> int:
        """Number of groups."""
        return int(self.labels.max()) + 1 if len(self.labels) else 0

    @property
    def joins(self) -> pd.DataFrame:
        """Return every join: left and right (rows), rule, score."""
        parts = [
            pd.DataFrame({"left": left, "right": right, "rule": rule, "score": scores})
            for left, right, (rule, scores) in zip(self._lefts, self._rights, self._said, strict=True)
        ]
        columns = ["left", "right", "rule", "score"]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)

    def join(self, rule: str, left: np.ndarray, right: np.ndarray, score: float | np.ndarray = 100.0) -> None:
        """Join row ``left[i]`` with row ``right[i]`` for every i; ``score`` (0-100): how alike they are."""
        before = self.n
        if len(left):
            a, b = np.asarray(left, dtype=np.int32), np.asarray(right, dtype=np.int32)
            new = self.labels[a] != self.labels[b]
            self._lefts.append(a[new])
            self._rights.append(b[new])
            alike = np.asarray(score, dtype=float)
            self._said.append((rule, alike[new] if alike.ndim else float(alike)))
            self.labels = self.would(a[new], b[new])
        self.counts[rule] = self.counts.get(rule, 0) + before - self.n

    def would(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return the label of each row as it would be if the rows were joined too."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        a, b = self.labels[left], self.labels[right]
        a, b = a[a != b], b[a != b]  # what is joined already only takes memory
        graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(self.n, self.n))
        _, labels = connected_components(graph, directed=False)
        return labels[self.labels]

    def join_equal(self, rule: str, keys: pd.Series) -> None:
        """Join all rows with the same key; rows without a key stay as they are."""
        self.join_numbered(rule, pd.factorize(keys)[0])

    def join_numbered(self, rule: str, keys: np.ndarray) -> None:
        """Join all rows with the same key, numbered from 0; those with -1 stay as they are."""
        rows = np.flatnonzero(keys >= 0).astype(np.int32)
        codes = keys[rows]
        first = np.full(int(codes.max(initial=-1)) + 1, -1, dtype=np.int32)
        first[codes[::-1]] = rows[::-1]
        anchors = first[codes]
        different = anchors != rows
        self.join(rule, anchors[different], rows[different])


# --- Which rows are one company or organisation

_TEXT = pd.StringDtype(na_value=np.nan)
_ROWS = 500
_MOST = 3  # names that one may stand for; of more nobody can tell
_NUMBERING = re.compile(r"\d+|\b\w\b")  # firm 1 and firm 2, unit A and unit B
_SHORT_NAME = re.compile(r"[a-z]{3,6}")
#: Where a part of a long word begins.
_PARTS = re.compile(
    "universitet|hogskol|styrels|forbund|forening|kammar|verket|byran|forsakring|kraft|bank|foretag|formedling|stiftels"
)
_SHORT = 5  # letters from which a word that differs may be a slip
_FORMS = re.compile(
    r"\b(?:ab|aktiebolag(?:et)?|publ|hb|handelsbolag|kb|kommanditbolag|ek for|ekonomisk forening|"
    r"ideell forening|enskild firma|ef|i likvidation|kommun(?:en)?|municipality)\b"
)


def plain_name(name: str) -> str:
    """Return a name as it is compared: no case, accents, signs or legal form.

    Examples
    --------
    >>> plain_name("Bergs kommun"), plain_name("BERG KOMMUN")
    ('berg', 'berg')
    """
    value = unicodedata.normalize("NFKD", name.casefold())
    value = "".join(sign for sign in value if not unicodedata.combining(sign)).replace("&", " och ")
    value = " ".join(re.sub(r"[^\w\s]|_", " ", value).split())
    bare = " ".join(_FORMS.sub(" ", value).split())
    if bare != value and re.search(r"\bkommun", value) and bare.endswith("s") and " " not in bare:
        bare = bare[:-1]
    return bare or value


_FORM = re.compile(
    r"\b(?:(ab|aktiebolag(?:et)?)|(hb|handelsbolag(?:et)?)|(kb|kommanditbolag(?:et)?)"
    r"|(ek\.? ?for\.?|ekonomisk forening|ek\.? ?för\.?|ekonomisk förening)|(enskild firma|ef))(?!\w)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\((\d{6})-?(\d{4})\)\s*$")


def legal_form(name: str) -> str:
    """Return the legal form that a company's name states; empty where it states none.

    Examples
    --------
    >>> legal_form("Nilsson AB"), legal_form("Nilssons handelsbolag"), legal_form("Nilsson")
    ('ab', 'hb', '')
    """
    found = _FORM.search(name)
    return ("ab", "hb", "kb", "ek for", "ef")[found.lastindex - 1] if found and found.lastindex else ""


def decided_name(name: str) -> str:
    """Return a name of a decision as it is compared: with its legal form, or its number where one stands."""
    number = _NUMBERED.search(name)
    if number:
        return f"#{number[1]}{number[2]}"
    return f"{plain_name(name)} {legal_form(name)}".strip()


def _keys(names: pd.Series, parted: Collection[str] = ()) -> pd.Series:
    """Return names as they are compared; with the legal form where one name stands with several.

    So does a name in ``parted``, of which a person has said that with and without a form are two.
    """
    plain = names.map(plain_name, na_action="ignore")
    forms = names.map(legal_form, na_action="ignore")
    stated = pd.DataFrame({"plain": plain, "form": forms.where(forms != "")}).dropna().drop_duplicates()
    several = {*stated.loc[stated["plain"].duplicated(), "plain"], *parted}
    if not several:
        return plain
    return plain.where(~(plain.isin(several) & (forms != "")), plain + " " + forms)


def _by_place(plain: pd.Series, rows: pd.DataFrame) -> tuple[pd.Series, dict[str, tuple[str, str]]]:
    """Tell a name apart by municipality, where it stands in several and no legal form makes it one's own.

    A registered name is borne by one firm in the country or county; Pizzeria Milano may be two. Returned are
    the names as compared, and of each that got a place the municipality's name and what it was before.
    """
    stated = rows["municipality_code"].notna() & plain.notna()
    form = rows["name"].map(legal_form, na_action="ignore").astype(_TEXT).fillna("")
    registered = set(plain[form != ""].dropna())
    towns = rows["municipality_code"][stated].groupby(plain[stated]).nunique()
    several = set(towns.index[towns > 1]) - registered
    mine = stated & plain.isin(several)
    if not mine.any():
        return plain, {}
    names = rows.loc[mine, "municipality_code"].map(municipality_names()).fillna(rows["municipality_code"])
    made = plain[mine] + " " + names.map(plain_name)
    placed = {
        key: (town, base) for key, town, base in zip(made, names, plain[mine], strict=True) if key != base
    }
    return plain.mask(mine, made).astype(_TEXT), placed


def _towns_apart(
    placed: Mapping[str, tuple[str, str]], decided: dict[tuple[str, str], bool]
) -> Iterator[tuple[tuple[str, str], float, str]]:
    """Yield the pairs of one name in two municipalities."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for key, (_, base) in sorted(placed.items()):
        by_name[base].append(key)
    for several in by_name.values():
        yield from ((pair, 90.0, "same_name") for pair in pairwise(several) if pair not in decided)


def link_names(
    rows: pd.DataFrame, least: float, grey: float, decided: dict[tuple[str, str], bool]
) -> tuple[Groups, list[NamePair], set[tuple[str, str]]]:
    """Join rows with the same number, then names that are equal or alike.

    Parameters
    ----------
    rows : DataFrame
        ``number``, ``name`` and ``municipality_code``, text, missing where not known. A number that a person
        has parted gets a mark in place (``/2``).
    least, grey : float
        Least similarity (0-100) for a merge, and for a place in the grey zone.
        Where ``decided`` is given, also ``place``: where the row stands (file, sheet, row).
    decided : dict
        Pairs of names or places as :func:`decided_name` gives them, smaller first -> same or not.

    Returns
    -------
    Groups, the pairs left to a person, and the decisions that could not be applied: they meet
    nothing, or a name that several numbers bear. Two different numbers, and two legal forms, are joined
    by a person's decision only; one name under two numbers, or without a legal form in two municipalities,
    is left to a person. Two that a person has parted
    stay two, also under one number or name.

    Raises
    ------
    RecordError
        If two are decided to be different and, through others, the same.
    """
    groups = Groups(len(rows))
    parted = {
        plain_name(a) for (a, b), same in decided.items() if not same and plain_name(a) == plain_name(b)
    }
    plain, placed = _by_place(_keys(rows["name"], parted), rows)
    settled = _Decided(rows, plain, decided)
    settled.part()
    rows, plain, decided = settled.rows, settled.plain, settled.names
    groups.join_equal("same_number", rows["number"])
    itself = {(name, name): 100.0 for name in plain.dropna().unique()}
    _join_by_name(groups, rows, plain, "same_name", itself)
    alike, open_pairs = _similar(plain, rows, groups, least, grey, decided)
    base = {key: name for key, (_, name) in placed.items()}
    bare = {pair: score for pair, score in alike.items() if len({base.get(one, one) for one in pair}) == 1}
    open_pairs += [(*pair, score) for pair, score in bare.items()]
    alike = {pair: score for pair, score in alike.items() if pair not in bare}
    torn = _torn(alike, groups, plain, rows, settled.different)
    open_pairs = sorted([*open_pairs, *((*pair, alike.pop(pair)) for pair in torn)])
    _join_by_name(groups, rows, plain, "similar_name", alike)
    settled.join(groups)
    named = plain.notna()
    shown = smallest(rows["name"][named], plain[named].to_numpy(dtype=object))
    for name, (town, _base) in placed.items():
        if name in shown:
            shown[name] = f"{shown[name]} ({town})"
    label = pd.Series(groups.labels, index=rows.index).groupby(plain).min()
    told = _Told(plain, rows, groups)
    asked: dict[tuple[str, str], NamePair] = {}
    for (a, b), score, why in [
        *(((a, b), score, "similar_name") for a, b, score in open_pairs),
        *_forms_apart(plain, shown, decided),
        *_towns_apart(placed, decided),
        *_placed(plain, told, decided),
        *_abbreviated(plain, told, decided),
    ]:
        if label[a] != label[b] and (a, b) not in asked:
            against = told.against(a, b)
            points = score if why == "similar_name" else score - 5.0 * len(against)
            both = f"{why}, municipality" if told.places[a] & told.places[b] else why
            asked[a, b] = NamePair(str(shown[a]), str(shown[b]), points, both, ", ".join(against))
    return groups, [*asked.values(), *_renumbered(groups, rows, plain, decided)], settled.lost


class NamePair(NamedTuple):
    """Two names that a person should decide on, how alike they are, and what speaks for and against."""

    left: str
    right: str
    score: float
    speaks_for: str = ""
    speaks_against: str = ""


class _Told:
    """What is told of each name: its municipalities and numbers."""

    def __init__(self, plain: pd.Series, rows: pd.DataFrame, groups: Groups) -> None:
        self.places = _sets(plain, rows["municipality_code"])
        self.numbers = _sets(plain, rows["number"])
        known = _numbers(groups, rows)
        for name, several in _sets(plain, groups.labels).items():
            for group in several:
                self.numbers[name] |= known.get(int(group), set())

    def against(self, a: str, b: str) -> list[str]:
        """Return what speaks against two names being one."""
        found = []
        if self.numbers[a] and self.numbers[b] and not self.numbers[a] & self.numbers[b]:
            found.append("number")
        if self.places[a] and self.places[b] and not self.places[a] & self.places[b]:
            found.append("municipality")
        if legal_form(a) != legal_form(b):
            found.append("form")
        return found


def _placed(
    plain: pd.Series, told: _Told, decided: dict[tuple[str, str], bool]
) -> Iterator[tuple[tuple[str, str], float, str]]:
    """Yield the pairs of a name and the same with a place after it: X i Östersund AB beside X AB.

    Where X is known to be in another municipality the two are two, and nobody is asked.
    """
    names = set(plain.dropna())
    by_base: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in sorted(names):
        base, code = _without_place(name)
        if code and base in names:
            by_base[base].append((name, code))
    for base, several in by_base.items():
        for name, code in several:
            here = told.places[base]
            near = code in here or (not here and len(several) <= _MOST)
            pair = (min(base, name), max(base, name))
            if near and pair not in decided:
                yield pair, 90.0 if here else 85.0, "same_name_but_place"


@cache
def _code(words: str) -> str | None:
    code = municipality_of(words) if words.replace(" ", "").isalpha() else None
    return None if code == ABROAD else code


def _without_place(name: str) -> tuple[str, str | None]:
    """Return a name without the place that it ends with, and the place's municipality."""
    words = name.split()
    for size in (2, 1):
        code = _code(" ".join(words[-size:])) if len(words) > size else None
        if code:
            rest = words[:-size]
            return " ".join(rest[:-1] if rest[-1] in ("i", "in", "pa") and len(rest) > 1 else rest), code
    return name, None


def _abbreviated(
    plain: pd.Series, told: _Told, decided: dict[tuple[str, str], bool]
) -> Iterator[tuple[tuple[str, str], float, str]]:
    """Yield the pairs of a short name and the one that it may stand for: Miun, Mittuniversitetet.

    A short name that may stand for many says nothing of any.
    """
    names = sorted(set(plain.dropna()))
    by_first: dict[str, list[str]] = defaultdict(list)
    for name in names:
        by_first[name[:1]].append(name)
    for short in (name for name in names if _SHORT_NAME.fullmatch(name)):
        meant = [
            name
            for name in by_first[short[0]]
            if len(name) >= 2 * len(short) and _stands_for(short, name) and not told.against(short, name)
        ]
        for name in meant if len(meant) <= _MOST else ():
            pair = (min(short, name), max(short, name))
            if pair not in decided:
                yield pair, 80.0, "abbreviation"


def _stands_for(short: str, name: str) -> bool:
    """Return whether a short name is made of the first letters of a name's words or of their parts."""
    words = [word for word in name.split() if word not in ("och", "i", "for", "av", "of", "and")]
    if len(words) > 2 and "".join(word[0] for word in words) == short:
        return True
    for at in range(1, len(short) - 1):
        first, rest = short[:at], short[at:]
        if words and words[0].startswith(first):
            ends = [part.start() for part in _PARTS.finditer(words[0], at)]
            if any(words[0].startswith(rest, end) for end in ends):
                return True
    return False


class _Decided:
    """A person's decisions as rows: which pairs are the same or different, and how many meet nothing."""

    def __init__(self, rows: pd.DataFrame, plain: pd.Series, decided: dict[tuple[str, str], bool]) -> None:
        self.rows, self.plain = rows, plain.copy()
        self.lost: set[tuple[str, str]] = set()
        self.same: list[tuple[int, int]] = []
        self.different: list[tuple[list[int], list[int]]] = []
        self.names: dict[tuple[str, str], bool] = {}
        self._here = self._places(decided)
        for (a, b), same in sorted(decided.items()):
            one, other = self._rows_of(a), self._rows_of(b)
            keys = (a if a in self._here else plain_name(a), b if b in self._here else plain_name(b))
            self.names[min(keys), max(keys)] = same
            if not (self._add_same if same else self._add_different)(one, other):
                self.lost.add((a, b))

    def _places(self, decided: dict[tuple[str, str], bool]) -> dict[str, list[int]]:
        """Return each number, name and place that a decision speaks of -> its rows."""
        found: dict[str, list[int]] = defaultdict(list)
        if not decided:
            return found
        asked = {form for pair in decided for name in pair for form in (name, plain_name(name))}
        numbers = "#" + self.rows["number"]
        places = self.rows["place"].map(decided_name) if "place" in self.rows else numbers
        for column in (numbers, self.plain, places):
            here = column[column.isin(asked)]
            for row, name in zip(np.flatnonzero(column.isin(asked)), here, strict=True):
                found[name].append(int(row))
        return found

    def _rows_of(self, name: str) -> list[int]:
        return self._here.get(name) or self._here.get(plain_name(name), [])

    def _add_same(self, one: list[int], other: list[int]) -> bool:
        """Take the rows without a number of a name that several bear; of several numbers nobody can tell."""
        number = self.rows["number"].to_numpy(dtype=object)
        picked = []
        for mine in (one, other):
            bare = [row for row in mine if not isinstance(number[row], str)]
            picked.append((bare or mine) if bare or len({number[row] for row in mine}) == 1 else [])
        if all(picked):
            self.same += [(picked[0][0], row) for row in (*picked[0][1:], *picked[1])]
            self._remember(picked[0], picked[1], same=True)
        return all(picked)

    def _add_different(self, one: list[int], other: list[int]) -> bool:
        """Take what the two do not have in common; a name and the number that it bears overlap."""
        common = set(one) & set(other)
        left = [row for row in one if row not in common] or one
        right = [row for row in other if row not in set(left)]
        if left and right:
            self.different.append((left, right))
        return bool(left and right)

    def part(self) -> None:
        """Give the second of two that are different a number and a name of its own, where they share one."""
        for n, (left, right) in enumerate(self.different, 2):
            numbers = self.rows["number"].to_numpy(dtype=object).copy()
            names = self.plain.to_numpy(dtype=object).copy()
            shared = {numbers[row] for row in left} & {numbers[row] for row in right}
            for row in right:
                if isinstance(numbers[row], str) and numbers[row] in shared:
                    numbers[row] = f"{numbers[row]}/{n}"
            told = all(isinstance(numbers[row], str) for row in (*left, *right))
            again = {names[row] for row in left} if not told else set()
            for row in right:
                if isinstance(names[row], str) and names[row] in again:
                    names[row] = f"{names[row]}/{n}"
            self.rows["number"] = pd.Series(numbers, index=self.rows.index, dtype=_TEXT)
            self.plain = pd.Series(names, index=self.plain.index, dtype=_TEXT)
            self._remember(left, right, same=False)

    def _remember(self, left: list[int], right: list[int], *, same: bool) -> None:
        """Note the names and numbers of the two as decided, so that nobody is asked of them again."""
        for column in (self.plain, "#" + self.rows["number"]):
            values = column.to_numpy(dtype=object)
            for a, b in {(values[a], values[b]) for a in left for b in right}:
                if isinstance(a, str) and isinstance(b, str) and a != b:
                    self.names[min(a, b), max(a, b)] = same

    def join(self, groups: Groups) -> None:
        """Join what a person has said to be the same, whatever its numbers."""
        found = np.array(self.same, dtype=np.int64).reshape(-1, 2)
        groups.join("decided_by_a_person", found[:, 0], found[:, 1])
        labels = groups.labels
        if any(
            {labels[row] for row in left} & {labels[row] for row in right} for left, right in self.different
        ):
            raise RecordError(
                "two are decided to be different and, through others, the same",
                remedy="change one of the decisions: if A is B and B is C, A cannot differ from C",
                file="decisions.csv",
            )


def _renumbered(
    groups: Groups, rows: pd.DataFrame, plain: pd.Series, decided: dict[tuple[str, str], bool]
) -> list[NamePair]:
    """Return the pairs of one name under two numbers, as it may be where a number has changed."""
    stated = pd.DataFrame(
        {"plain": plain, "number": rows["number"], "name": rows["name"], "group": groups.labels}
    )
    stated = stated[stated["number"].str.fullmatch(r"\d{10}", na=False)].dropna()
    stated = stated.sort_values(["plain", "number", "name"]).drop_duplicates(["plain", "number"])
    found = []
    for _, part in stated[stated["plain"].duplicated(keep=False)].groupby("plain"):
        several = list(zip(part["number"], part["name"], part["group"], strict=True))
        for (a, one, left), (b, other, right) in pairwise(several):
            if left != right and (f"#{a}", f"#{b}") not in decided:
                names = f"{one} ({a[:6]}-{a[6:]})", f"{other} ({b[:6]}-{b[6:]})"
                found.append(NamePair(*names, 90.0, "same_name", "number"))
    return found


def _forms_apart(
    plain: pd.Series, shown: pd.Series, decided: dict[tuple[str, str], bool]
) -> list[tuple[tuple[str, str], float, str]]:
    """Return the pairs of one name in two legal forms, or with and without one."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for name in sorted(set(plain.dropna())):
        by_name[plain_name(str(shown[name]))].append(name)
    return [
        ((a, b), 95.0, "same_name")
        for several in by_name.values()
        for a, b in pairwise(several)
        if (a, b) not in decided
    ]


def _numbers(groups: Groups, rows: pd.DataFrame) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    known = rows["number"].notna().to_numpy()
    for group, number in zip(groups.labels[known], rows["number"][known], strict=True):
        found[int(group)].add(number)
    return found


def _join_by_name(
    groups: Groups, rows: pd.DataFrame, plain: pd.Series, rule: str, pairs: Mapping[tuple[str, str], float]
) -> None:
    """Join the rows of each pair of names, given with its likeness, unless their numbers tell them apart."""
    where: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(plain):
        if isinstance(name, str):
            where[name].append(row)
    left: list[int] = []
    right: list[int] = []
    scores: list[float] = []
    numbers = _numbers(groups, rows)
    for (a, b), score in sorted(pairs.items()):
        here = sorted({*where.get(a, []), *where.get(b, [])})
        if len({number for row in here for number in numbers.get(int(groups.labels[row]), ())}) > 1:
            here = [row for row in here if not numbers.get(int(groups.labels[row]))]
        left.extend(here[:1] * (len(here) - 1))
        right.extend(here[1:])
        scores.extend([score] * (len(here) - 1))
    groups.join(rule, np.array(left, dtype=int), np.array(right, dtype=int), np.array(scores, dtype=float))


def _similar(
    plain: pd.Series,
    rows: pd.DataFrame,
    groups: Groups,
    least: float,
    grey: float,
    decided: dict[tuple[str, str], bool],
) -> tuple[dict[tuple[str, str], float], list[tuple[str, str, float]]]:
    """Return the pairs of names that are alike enough, and those in the grey zone.

    At least one of two names must lack a number, digits and single letters in the names must agree, and the
    municipalities must not differ.
    """
    names = sorted(plain.dropna().unique())
    numbers = _numbers(groups, rows)
    label, place = _sets(plain, groups.labels), _sets(plain, rows["municipality_code"])
    bare = [name for name in names if not all(numbers.get(int(group)) for group in label[name])]
    if not bare:
        return {}, []
    alike, left_open = {}, {}
    for one, other, score in _near(bare, names, grey):
        a, b = sorted((one, other))
        if a == b or _NUMBERING.findall(a) != _NUMBERING.findall(b) or (a, b) in decided:
            continue
        if plain_name(a) == plain_name(b):
            continue  # one name in two legal forms
        apart = bool(place[a] and place[b] and not place[a] & place[b]) or _other_words(a, b)
        if score >= least and not apart:
            alike[a, b] = score
        else:
            left_open[a, b] = score
    return alike, [(a, b, score) for (a, b), score in sorted(left_open.items())]


def _other_words(a: str, b: str) -> bool:
    """Return whether two names differ in a short word: Åre and Ås are two places, not a slip."""
    one, other = set(a.split()), set(b.split())
    return any(len(word) < _SHORT for word in (one - other) | (other - one))


def _near(bare: list[str], names: list[str], least: float) -> Iterator[tuple[str, str, float]]:
    """Yield the pairs of names at or above a similarity, a block of rows at a time to spare memory."""
    for start in range(0, len(bare), _ROWS):
        block = bare[start : start + _ROWS]
        table = process.cdist(block, names, scorer=fuzz.ratio, score_cutoff=least, dtype=np.float32)
        for i, j in zip(*np.nonzero(table), strict=True):
            yield block[i], names[j], round(float(table[i, j]), 1)


def _sets(plain: pd.Series, values: pd.Series | np.ndarray) -> dict[str, set]:
    """Return name -> the values of its rows, without missing ones."""
    found: dict[str, set] = defaultdict(set)
    for name, value in zip(plain, values, strict=True):
        if isinstance(name, str):
            found[name].update(() if value != value else (value,))
    return found


def _torn(
    alike: dict[tuple[str, str], float],
    groups: Groups,
    plain: pd.Series,
    rows: pd.DataFrame,
    different: list[tuple[list[int], list[int]]],
) -> list[tuple[str, str]]:
    """Return the pairs that would, together, join two numbers, or two that are decided to be different."""
    if not alike:
        return []
    numbers = _numbers(groups, rows)
    trial = Groups(len(groups.labels))
    first = pd.Series(range(len(plain)), index=plain.index).groupby(plain).min()
    anchor = pd.Series(range(len(plain))).groupby(groups.labels).transform("min").to_numpy()
    trial.join("", anchor, np.arange(len(plain)))
    trial.join("", np.array([first[a] for a, _ in alike]), np.array([first[b] for _, b in alike]))
    inside: dict[int, set[str]] = defaultdict(set)
    for row, group in enumerate(groups.labels):
        inside[int(trial.labels[row])] |= numbers.get(int(group), set())
    torn = {label for label, several in inside.items() if len(several) > 1}
    for left, right in different:
        torn |= {int(trial.labels[row]) for row in left} & {int(trial.labels[row]) for row in right}
    return [pair for pair in alike if int(trial.labels[first[pair[0]]]) in torn]


def places(people: pd.DataFrame) -> pd.Series:
    """Return the place of each row as ``joined_rows.csv`` writes it: file, sheet, row."""
    rows = zip(people["file"], people["sheet"], people["row"], strict=True)
    return pd.Series(
        [" ".join(str(part) for part in row if part != "") for row in rows], index=people.index, dtype=_TEXT
    )


@dataclass(frozen=True)
class OpenPair:
    """Two households that a person should decide on: their ids, and what speaks for and against."""

    left: str
    right: str
    score: float
    speaks_for: str = ""
    speaks_against: str = ""


# --- Companies and organisations across the lists that name them

_NEVER = 101.0  # a likeness that no two names have


@dataclass
class LinkedNames:
    """Rule -> merges, the pairs to decide, and the decisions that could not be applied."""

    counts: dict[str, int] = field(default_factory=dict)
    grey: list[OpenPair] = field(default_factory=list)
    lost: set[tuple[str, str]] = field(default_factory=set)
    #: Every join, a row each, as ``joined_rows.csv`` shows them.
    joined: pd.DataFrame = field(default_factory=pd.DataFrame)


def link_companies(
    frames: dict[str, pd.DataFrame], least: float, grey: float, decided: dict[tuple[str, str], bool]
) -> LinkedNames:
    """Give the rows of companies, contacts and company surveys a ``company_id``, in place."""
    where = {
        "contacts": ("company_number", "company_name"),
        "companies": ("organisation_number", "name"),
        "survey_companies": ("organisation_number", "name"),
    }
    return _link(frames, where, "company_id", "C", (least, grey), decided)


def link_organisations(
    frames: dict[str, pd.DataFrame], least: float, grey: float, decided: dict[tuple[str, str], bool]
) -> LinkedNames:
    """Give the rows of the list of organisations an ``organisation_id``, in place."""
    where = {"organisations": ("organisation_number", "name")}
    return _link(frames, where, "organisation_id", "O", (least, grey), decided)


def link_financiers(
    frames: dict[str, pd.DataFrame],
    own: Sequence[OwnFinancier],
    grey: float,
    decided: dict[tuple[str, str], bool],
) -> LinkedNames:
    """Name the financiers that a person has said to be one alike, in place; near names are pairs to decide.

    Parameters
    ----------
    own : sequence of (financier, kind, decided amount)
        As the project's own description names them.
    grey : float
        Least similarity (0-100) of a pair that a person is asked about. No two are joined by it.
    decided : dict
        The decisions on organisations.
    """
    frame = frames.get("funding")
    if frame is None:
        return LinkedNames(lost=set(decided))
    public = list(dict.fromkeys(name for name, *_ in own))
    listed = sorted(set(frame["financier"].dropna()) - set(public))
    rows = pd.DataFrame({"name": [*public, *listed]}, dtype=_TEXT)
    rows = rows.assign(
        **{name: pd.Series(pd.NA, rows.index, dtype=_TEXT) for name in ("number", "municipality_code")}
    )
    groups, pairs, lost = link_names(rows, _NEVER, grey, decided)
    said = groups.joins[groups.joins["rule"] == "decided_by_a_person"]
    asked = {int(groups.labels[row]) for row in said["left"]}
    first = rows["name"].groupby(groups.labels).first()
    again = {
        name: str(first[label])
        for name, label in zip(rows["name"], groups.labels, strict=True)
        if label in asked
    }
    before = frame["financier"].copy()
    frame["financier"] = before.replace(again).astype(_TEXT)
    apart = {frozenset(pair) for pair, same in decided.items() if not same}
    named = pd.Series(financier_names(frame, own, apart), index=frame.index, dtype=_TEXT)
    means = {**dict(zip(rows["name"], rows["name"], strict=True)), **dict(zip(before, named, strict=True))}
    every = [*pairs, *_parts_of_several(listed, public, means, decided)]
    open_pairs = [
        OpenPair(*pair)
        for pair in every
        if means[pair.left] != means[pair.right] and not {pair.left, pair.right} <= set(public)
    ]
    return LinkedNames({}, open_pairs, lost, _renamed(frame, before, named, again))


def _parts_of_several(
    listed: Sequence[str], public: Sequence[str], means: dict[str, str], decided: dict[tuple[str, str], bool]
) -> Iterator[NamePair]:
    """Yield the pairs of a name and each of the project's own that it may stand for."""
    for name in listed:
        meant = [one for one in public if _is_part(name, one)] if means[name] == name else []
        for one in meant:
            a, b = sorted((decided_name(name), decided_name(one)))
            if (a, b) not in decided:
                yield NamePair(min(name, one), max(name, one), 85.0, "part_of_name", "")


def _renamed(frame: pd.DataFrame, before: pd.Series, named: pd.Series, again: dict[str, str]) -> pd.DataFrame:
    """Return the rows whose financier is counted under another name, as ``joined_rows.csv`` shows them."""
    other = before.notna() & (before != named)
    table = frame.loc[other, ["_file", "_sheet", "_row"]].set_axis(["file", "sheet", "row"], axis=1)
    table.insert(0, "list", "funding")
    table["id"], table["name"] = named[other], before[other]
    table["rule"] = [
        "decided_by_a_person"
        if name in again
        else "same_name"
        if plain_name(name) == plain_name(new)
        else "part_of_name"
        for name, new in zip(table["name"], table["id"], strict=True)
    ]
    return table.assign(score=100.0, joined_with="", joined_with_name=table["id"]).reset_index(drop=True)


#: Financier, kind of money and amount decided in kronor (None where not known), as a project states them.
OwnFinancier = tuple[str, str, float | None]


def financier_names(
    listed: pd.DataFrame, own: Sequence[OwnFinancier], apart: Collection[frozenset[str]] = ()
) -> list[str]:
    """Return the financier of each row as the project's own description names it, where it is the same.

    It is where the names are the same but for case, accents and legal form, or where one says the other with
    words added **and** the rows state the amount that the project's description says was decided. Without
    that evidence the two stay two, and are a pair for a person.

    Parameters
    ----------
    listed : DataFrame
        ``financier``, ``kind`` and, where it is known, ``decided_sek``, a row each.
    own : sequence of (financier, kind, decided amount)
    apart : collection of pairs of names
        As they are compared; two that a person has parted are two.
    """
    known = list(dict.fromkeys(name for name, *_ in own))
    stated = _stated_amounts(listed)
    found = {
        (name, kind): _own_name(str(name), kind, own, stated.get((name, kind), set()), apart) or name
        for name, kind in dict.fromkeys(zip(listed["financier"], listed["kind"], strict=True))
        if isinstance(name, str)
    }
    parted = {name for pair in apart for name in pair}
    spelt: dict[str, str] = {}

    def form(name: str) -> str:
        return decided_name(name) if decided_name(name) in parted else plain_name(name)

    for name in sorted({str(name) for name in found.values()}):
        spelt.setdefault(form(name), name)  # of several spellings of one, the first
    named = {key: name if name in known else spelt[form(str(name))] for key, name in found.items()}
    return [named.get(key, key[0]) for key in zip(listed["financier"], listed["kind"], strict=True)]


def _stated_amounts(listed: pd.DataFrame) -> dict[tuple[str, str], set[int]]:
    """Return financier and kind -> the amounts that its rows say were decided, in whole kronor."""
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    if "decided_sek" in listed:
        rows = listed.dropna(subset=["financier", "kind", "decided_sek"])
        for name, kind, amount in rows[["financier", "kind", "decided_sek"]].to_numpy().tolist():
            found[name, kind].add(round(float(amount)))
    return found


def _own_name(
    name: str,
    kind: str,
    own: Sequence[OwnFinancier],
    amounts: Collection[int],
    apart: Collection[frozenset[str]],
) -> str | None:
    """Return the one of the project's own names that is meant, or None where none or several could be."""
    mine = {decided_name(name), plain_name(name)}
    known = [
        one
        for one in own
        if not any(
            frozenset((a, b)) in apart
            for a in mine
            for b in (decided_name(one[0]), plain_name(one[0]))
            if a != b
        )
    ]
    same = [one for one in known if plain_name(one[0]) == plain_name(name)]
    if same:
        return next((one[0] for one in same if one[1] == kind), same[0][0])
    meant = {
        one
        for one, of, decided in known
        if of == kind and decided and round(decided) in amounts and _is_part(name, one)
    }
    return meant.pop() if len(meant) == 1 else None


def _is_part(one: str, other: str) -> bool:
    """Return whether one name says the other with words added."""
    words, others = set(plain_name(one).split()), set(plain_name(other).split())
    return bool(words) and bool(others) and (words <= others or others <= words)


def _link(
    frames: dict[str, pd.DataFrame],
    where: dict[str, tuple[str, str]],
    column: str,
    letter: str,
    limits: tuple[float, float],
    decided: dict[tuple[str, str], bool],
) -> LinkedNames:
    parts = []
    for name, (number, text) in where.items():
        if name in frames:
            frame = frames[name]
            here = np.flatnonzero(frame[number].notna() | frame[text].notna())
            frame = as_text(frame.iloc[here])
            part = pd.DataFrame({"list": name, "number": frame[number], "name": frame[text]})
            use = name == "companies" and "municipality_code" in frame
            part["municipality_code"] = (
                frame["municipality_code"] if use else pd.Series(pd.NA, frame.index, dtype=_TEXT)
            )
            part["position"] = here
            part[["file", "sheet", "row"]] = frame[["_file", "_sheet", "_row"]].to_numpy()
            parts.append(part)
    if not parts:
        return LinkedNames(lost=set(decided))
    rows = pd.concat(parts, ignore_index=True)
    rows["place"] = places(rows)
    groups, open_pairs, lost = link_names(rows, *limits, decided)
    ids = _ids(rows, groups.labels, letter)
    for name in where:
        if name in frames:
            mine = rows["list"] == name
            codes, texts = pd.factorize(ids[mine].to_numpy(dtype=object))
            held = np.full(len(frames[name]), -1, dtype=np.int32)
            held[rows.loc[mine, "position"].to_numpy()] = codes
            frames[name][column] = from_codes(held, texts).array
            if name != "contacts":
                frames[name][column] = frames[name][column].astype(_TEXT)
    return LinkedNames(
        groups.counts, [OpenPair(*pair) for pair in open_pairs], lost, _joined(groups, rows, ids)
    )


def _ids(rows: pd.DataFrame, labels: np.ndarray, letter: str) -> pd.Series:
    """Return the group's smallest number, else an id made of its smallest plain name."""
    group = pd.Series(labels, index=rows.index)
    number = smallest(rows["number"], labels)
    plain = smallest(rows["name"].map(plain_name, na_action="ignore"), labels)
    made = plain.map(lambda name: f"{letter}-{_short(name)}", na_action="ignore").astype(_TEXT)
    twice = made.duplicated(keep=False) & number.isna()
    made = made.where(~twice, made + "-" + made.groupby(made).cumcount().add(1).astype(str))
    return group.map(number.where(number.notna(), made)).astype(_TEXT)


def _joined(groups: Groups, rows: pd.DataFrame, ids: pd.Series) -> pd.DataFrame:
    """Return every join of two rows: where both stand, their id, the rule, and how alike they are."""
    joins = groups.joins
    left, right = joins["left"].to_numpy(dtype=np.int64), joins["right"].to_numpy(dtype=np.int64)
    table = rows.iloc[right][["list", "file", "sheet", "row"]].reset_index(drop=True)
    table["id"] = ids.to_numpy()[right]
    name, where = rows["name"].to_numpy(dtype=object), rows["place"].to_numpy(dtype=object)
    table["name"], table["rule"], table["score"] = name[right], joins["rule"], joins["score"]
    table["joined_with"], table["joined_with_name"] = where[left], name[left]
    return table.sort_values(["id", "file", "sheet", "row", "rule"], ignore_index=True)


def _short(name: str) -> str:
    """Return ten digits that stand for a name; no secret, since a company's name is none."""
    return hashlib.sha256(name.encode()).hexdigest()[:10]
