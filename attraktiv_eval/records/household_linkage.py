"""Which rows are one household: exact rules first, then fuzzy ones, each named, counted and stopped by facts.

Rules, in order. Without condition: a person's decision; the same in all that tells who it is, and the same
day; the same reference in one list. Then, each stopped by evidence against it (:mod:`constraints`): the same
reference in
lists that share their references (:mod:`references`); personal number; e-mail address; telephone number; a
partner's e-mail address; the same name in one municipality or at the same address; two at one address, where
no third household is known there and the contacts lie within a year; an address spelt almost the same (same
condition); an e-mail address with one slip where name or town of origin agree too.

Evidence against a join is another reference of the same scope, personal number, town of origin (a town of the
project's own counts for none: people have moved there), day or month of the move, given names at one mailbox
or telephone (but at an address made of the surname that they share), and a person's decision. What is
stopped, and what the fuzzy rules leave open, is left to a person. A telephone number or e-mail address that
more than three different households share, and a reception's or one that stands for none, links nobody.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations, pairwise, product
from typing import NamedTuple

import numpy as np
import pandas as pd

from attraktiv_eval.errors import RecordError
from attraktiv_eval.records.dates import period_bounds
from attraktiv_eval.records.files import DECISIONS
from attraktiv_eval.records.linkage import Groups, OpenPair, places, smallest
from attraktiv_eval.records.pseudonyms import (
    Pseudonyms,
    SimilarPairs,
    given_names,
    is_nobodys_email,
    is_nobodys_phone,
    names_a_place,
    surname,
    town_in_address,
    whole_names,
)
from attraktiv_eval.records.references import (
    ReferenceScopes,
    Scoped,
    looks_like_a_date,
    reference_key,
    scoped,
)
from attraktiv_eval.records.schemas import (
    TEXT,
    among,
    as_text,
    coded,
    codes_of,
    each,
    first_known,
    first_of_each,
    folded,
    from_codes,
    joined_texts,
    numbered,
    ranked,
    stacked,
    texts_of,
)
from attraktiv_eval.records.values import ABROAD, municipality_of

_WHO_NAMED = ["personal_number", "email", "phone", "address", "person_name"]
_REST_NAMED = ["origin", "moved_day"]


def mark_people(frames: Mapping[str, pd.DataFrame], key: bytes) -> None:
    """Note, before the door is closed, what pseudonyms do not show: given names and addresses of nobody.

    ``_given``, ``_surname`` and ``_persons`` hold pseudonyms of the names, ``_mailbox`` that of a surname
    which the e-mail address holds, ``_town`` the municipality that a postal address names, ``_placed``
    whether it names any place, ``_no_email`` and ``_no_phone`` whether a mailbox or number is a reception's
    or stands for none (``info@``, ``saknas@``).
    """
    pseudonyms = Pseudonyms(key)
    for name in PEOPLE:
        frame = frames.get(name)
        if frame is None:
            continue
        for column, wanted, found in (
            ("_given", "person_name", lambda text: sorted(pseudonyms.many("given", given_names(text)))),
            ("_surname", "person_name", lambda text: [pseudonyms("surname", surname(text))]),
            ("_persons", "person_name", lambda text: pseudonyms.many("name", whole_names(text))),
            ("_town", "address", lambda text: [municipality_of(town_in_address(text) or "?") or ""]),
            ("_placed", "address", lambda text: ["yes" * names_a_place(text)]),
            ("_no_email", "email", lambda text: ["yes" * is_nobodys_email(text)]),
            ("_no_phone", "phone", lambda text: ["yes" * is_nobodys_phone(text)]),
        ):
            values = frame[wanted] if wanted in frame else pd.Series(None, index=frame.index, dtype=object)
            frame[column] = each(values, partial(_all_in_one, found))
        frame["_mailbox"] = _surname_in_mailbox(frame, pseudonyms)


def _all_in_one(found: Callable[[str], list[str]], text: str) -> str | None:
    return "|".join(found(text)) or None


def _surname_in_mailbox(frame: pd.DataFrame, pseudonyms: Pseudonyms) -> pd.Series:
    """Return the pseudonym of each row's surname where its e-mail address holds it: the family's mailbox."""
    both = frame.reindex(columns=["email", "person_name"])
    pairs = numbered([codes_of(both[name]) for name in both])
    several, first = np.unique(pairs, return_index=True)
    found = [
        pseudonyms("surname", family)
        if isinstance(email, str)
        and isinstance(name, str)
        and len(word := _letters(family := surname(name))) >= _SURNAME
        and word in _letters(email.partition("@")[0])
        else None
        for email, name in as_text(both.iloc[first]).itertuples(index=False)
    ]
    held, texts = pd.factorize(np.array([*found], dtype=object))
    return from_codes(held[np.searchsorted(several, pairs)], texts, frame.index)


_SURNAME = 3  # letters of a surname that tell in an address


def _letters(text: str) -> str:
    return re.sub("[^a-z]", "", folded(text.casefold()).encode("ascii", "ignore").decode())


class NameOfRows(NamedTuple):
    """One way in which a row may call its household.

    ``base`` has the number of what the name begins with, -1 where the row has no such name; ``of`` gives the
    names of some rows, so that those that nobody needs are not made.
    """

    base: np.ndarray
    of: Callable[[np.ndarray], pd.Series]


def household_ids(groups: Groups, names: Sequence[NameOfRows]) -> pd.Series:
    """Return a household id a row: the shortest of the names of its rows that no other household bears.

    Parameters
    ----------
    groups : Groups
    names : sequence of NameOfRows
        Names that each row gives its household, from :func:`names_of_rows`: the first are tried first. Every
        name is a row's own, so that a person's decision on it finds its row again.
    """
    labels = groups.labels
    found = np.full(groups.n, None, dtype=object)
    for base, of in names:
        open_ = pd.isna(found)
        rival = np.zeros(int(base.max(initial=-1)) + 2, dtype=bool)
        rival[base[open_[labels]]] = True  # another household may bear a name that begins alike
        rival[-1] = False
        touched = np.zeros(groups.n, dtype=bool)
        touched[labels[rival[base]]] = True
        rows = np.flatnonzero(touched[labels])
        if not len(rows):
            continue
        best = smallest(of(rows), labels[rows])
        best = best[best.notna() & ~best.duplicated(keep=False)]
        best = best[open_[best.index] & ~best.isin(set(found[~open_]))]
        found[best.index] = best.to_numpy(dtype=object)
    codes, texts = pd.factorize(found)
    return from_codes(codes[labels], texts)


def names_of_rows(
    references: pd.Series, own: NameOfRows, place: Callable[[np.ndarray], pd.Series]
) -> list[NameOfRows]:
    """Return what a row may call its household: its reference, alone, with its own name, with its place.

    A row without a reference has only the last two: they stand behind, since a reference says more.
    """
    base = codes_of(references)

    def said(rows: np.ndarray) -> pd.Series:
        return references.iloc[rows].astype(TEXT)

    def by_own(rows: np.ndarray) -> pd.Series:
        return _marks(own.of(rows))

    def by_place(rows: np.ndarray) -> pd.Series:
        return _marks(place(rows))

    return [
        NameOfRows(base, lambda rows: references.iloc[rows]),
        NameOfRows(base, lambda rows: said(rows) + "~" + by_own(rows)),
        NameOfRows(base, lambda rows: said(rows) + "~" + by_own(rows) + by_place(rows)),
        own,
        NameOfRows(own.base, lambda rows: own.of(rows) + "~" + by_place(rows)),
    ]


def _marks(texts: pd.Series) -> pd.Series:
    """Return six hexadecimal digits of each text's SHA-256."""
    return texts.map({text: hashlib.sha256(text.encode()).hexdigest()[:6] for text in texts.unique()})


def own_names(people: pd.DataFrame, fingerprints: dict[str, str] | None) -> NameOfRows:
    """Return the name that each row would give a household without a reference.

    With a key that is kept the name is made of the pseudonyms that the row holds, and of town and day of move
    only where rows that hold the same ones differ in them: a town that is mended renames nobody. Without one
    (``fingerprints``
    given) pseudonyms change from run to run: the name is then made of the file's SHA-256, the sheet and the
    row, so that it stays for as long as the file is unchanged.
    """
    if fingerprints is None:
        who = numbered([codes_of(people[name]) for name in _WHO_NAMED])
        rest = numbered([codes_of(people[name]) for name in _REST_NAMED])
        both = pd.DataFrame({"who": who, "rest": rest})[people[_REST_NAMED].notna().any(axis=1).to_numpy()]
        several = both.drop_duplicates()["who"].value_counts()
        told = np.isin(who, several.index[several > 1])

        def of(rows: np.ndarray) -> pd.Series:
            chosen = people.iloc[rows]
            more = _together(chosen, _REST_NAMED).where(told[rows], "")
            return (_together(chosen, _WHO_NAMED) + "|" + more).map(_own_name).astype(TEXT)

        return NameOfRows(numbered([who, np.where(told, rest, -1)]).astype(np.int32), of)

    def of_row(rows: np.ndarray) -> pd.Series:
        places = people[[*_PLACE]].iloc[rows]
        stands = zip(places["file"], places["sheet"], places["row"], strict=True)
        by_row = [_own_name(f"{fingerprints.get(file, file)}|{sheet}|{row}") for file, sheet, row in stands]
        return pd.Series(by_row, index=rows, dtype=TEXT)

    return NameOfRows(np.arange(len(people), dtype=np.int64), of_row)


def _own_name(text: str) -> str:
    return f"U-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _together(people: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    parts = [people[column].astype(TEXT).fillna("") for column in columns]
    return pd.Series(["|".join(values) for values in zip(*parts, strict=True)], index=people.index)


class Settled:
    """Decisions as rows: ``same`` and ``different`` pairs, and how many meet nothing (``lost``).

    ``apart`` holds all rows that each of two names said to be different stands for.
    """

    def __init__(self) -> None:
        self.same: list[tuple[int, int]] = []
        self.different: list[tuple[int, int]] = []
        self.apart: list[tuple[list[int], list[int]]] = []
        self.lost = 0


def settle(
    people: pd.DataFrame, scoped: Scoped, named: Sequence[NameOfRows], decided: dict[tuple[str, str], bool]
) -> Settled:
    """Find the rows that a person's decisions speak of.

    A household is found by each name that a row gives it (:func:`names_of_rows`), and by the place of one of
    its rows (``file sheet row``, as ``joined_rows.csv`` names it). A reference that several lists hold
    for themselves names nobody without its mark.
    """
    settled = Settled()
    if not decided:
        return settled
    asked = {name for pair in decided for name in pair}

    def by_place(some: np.ndarray) -> pd.Series:
        return places(people.iloc[some])

    rows: dict[str, list[int]] = {}
    for of in (by_place, *(one.of for one in named)):
        wanted = asked - rows.keys()
        for start in range(0, len(people), _BLOCK):
            names = of(np.arange(start, min(start + _BLOCK, len(people))))
            here = names[names.isin(wanted)]
            for row, name in zip(here.index, here, strict=True):
                rows.setdefault(name, []).append(int(row))
    left = {name: reference_key(name) for name in asked if name not in rows}
    mine = among(scoped.key, set(left.values()))
    meant, scope = scoped.key[mine].astype(TEXT), scoped.scope[mine].astype(TEXT)
    scopes = scope.groupby(meant).nunique()
    for row, name in zip(meant.index, meant, strict=True):
        if scopes[name] == 1:
            rows.setdefault(f"\x1f{name}", []).append(int(row))
    for pair, same in decided.items():
        one, other = (rows.get(name, rows.get(f"\x1f{left.get(name)}")) or [] for name in pair)
        if not one or not other or set(one) & set(other):
            settled.lost += 1
        elif same:
            settled.same.append((one[0], other[0]))
        else:
            settled.apart.append((one, other))
            settled.different += list(product(one[:_NAMED], other[:_NAMED]))
    return settled


_BLOCK = 200_000  # rows whose names are made at a time
_NAMED = 20  # rows of one name that a decision is held against one by one


def refuse_contradictions(groups: Groups, settled: Settled) -> None:
    """Refuse decisions that contradict one another once rows said to be the same are joined.

    Raises
    ------
    RecordError
        If two rows are said to be different and, straight or through others, the same.
    """
    if not settled.same:
        return
    pairs = np.array(settled.same, dtype=np.int64)
    labels = groups.would(pairs[:, 0], pairs[:, 1])
    if any(labels[a] == labels[b] for a, b in settled.different):
        raise RecordError(
            "two households are decided to be different and, through others, the same",
            remedy="change one of the decisions: if A is B and B is C, A cannot differ from C",
            file=DECISIONS,
        )


def split(identity: pd.Series, people: pd.DataFrame, apart: list[tuple[list[int], list[int]]]) -> pd.Series:
    """Give a reference of its own to what a person has parted from others of the same reference.

    The rows named second leave, and with them the rows of the reference that share an e-mail address, number
    or name with the first of them and not with the row named first.
    """
    if not apart:
        return identity
    identity = identity.astype(TEXT)
    for number, ((a, *_), (b, *others)) in enumerate(sorted(apart), 2):
        if not isinstance(identity[a], str) or identity[a] != identity[b]:
            continue
        mine = identity.index[identity == identity[b]]
        who = as_text(people.loc[[a, b, *mine], _WHO_NAMED])
        with_a, with_b = ((who == who.iloc[at]).any(axis=1).iloc[2:] for at in (0, 1))
        leaving = mine[(with_b & ~with_a) | mine.isin([b, *others])]
        identity[leaving] = f"{identity[b]}/{number}"
    return coded(identity)


# --- Evidence against a join

#: More groups than this behind one key, each known to be another: the key is nobody's own.
MANY = 3
_CHAINS = 5_000  # chains that are looked into at a time
_LISTED = 10  # open pairs of one key or chain that are listed for a person

#: Rule -> what else tells that a key is a crowd's: a household has no four numbers behind one mailbox.
_CROWDS = {"same_email": ("phone",), "same_phone": ("email",)}
_LOCAL = (
    "given",
    "family",
    "mailbox",
    "own_email",
    "own_phone",
)  # facts of the rows that hold a key, not of their whole group
_TOWN_AND_MOVE = ("origin", "moved_day", "moved_month")

Signature = dict[str, frozenset[str]]  # fact -> what is stated of it, the facts in the order of their names


@dataclass(frozen=True)
class Open:
    """Two rows that a rule would have joined, and what speaks against it."""

    left: int
    right: int
    rule: str
    score: float
    against: tuple[str, ...]


class Stated:
    """What the rows state of one fact: a number a row, -1 where nothing; texts are made when asked for.

    A fact may have ``several`` parts, what stands beside it (``more``) not counted; a ``whole`` text is never
    parted.
    """

    def __init__(
        self, values: pd.Series, more: pd.Series | None = None, *, several: bool = False, whole: bool = False
    ) -> None:
        self._values, self._more, self._whole = coded(values), more, whole
        self.codes, self._several = self._values.cat.codes.to_numpy(), several
        self._places = self.codes
        if more is not None:
            both = numbered([self.codes, codes_of(more)]).astype(np.int32)
            self.codes = np.where(self.codes < 0, np.int32(-1), both)

    def first(self, rows: np.ndarray) -> np.ndarray:
        """Return the number of the first of several parts that some rows state."""
        if not self._several:
            return self.codes[rows]
        firsts = pd.factorize(np.array([text.partition("|")[0] for text in texts_of(self._values)], object))[
            0
        ]
        return np.append(firsts, -1)[self._places[rows]]

    def parts(self, rows: np.ndarray) -> dict[int, frozenset[str]]:
        """Return what some rows state, by the number of each."""
        said = texts_of(self._values)[codes_of(self._values.iloc[rows])].tolist()
        texts = [[text] if self._whole else text.split("|") for text in said]
        if self._more is not None:
            beside = self._more.iloc[rows].astype(TEXT)
            texts = [
                [*parts, one] if isinstance(one, str) else parts
                for parts, one in zip(texts, beside, strict=True)
            ]
        return dict(zip(self.codes[rows].tolist(), map(frozenset, texts), strict=True))


@dataclass
class Facts:
    """What each row states, and which rows a person or a partner's address has spoken of.

    Parameters
    ----------
    columns : dict
        Name of a fact -> what each row states of it. Two groups
        contradict one another in a fact if both state it and no value is common to both.
    reference, scope : Series
        Reference of each row and the scope it belongs to. Two groups contradict one another if both hold a
        reference of one scope: one household has one reference in a scope.
    """

    columns: dict[str, Stated]
    reference: pd.Series
    scope: pd.Series
    different: list[tuple[int, int]] = field(default_factory=list)
    allowed: set[frozenset[str]] = field(default_factory=set)

    def contradictions(self, one: Signature, other: Signature, names: Collection[str]) -> tuple[str, ...]:
        """Return what contradicts among the named facts.

        ``stranger`` is a weaker stop than its parts: other given names, and another town or day of move.
        ``family`` stops two given names, but of one surname in households that one town is known of.
        """

        def differ(name: str) -> bool:
            return bool(one[name]) and bool(other[name]) and one[name].isdisjoint(other[name])

        found = [name for name in names if name in self.columns and differ(name)]
        if "stranger" in names and differ("given") and any(map(differ, _TOWN_AND_MOVE)):
            found.append("stranger")
        if "family" in names:
            both = one["family"] & other["family"]
            if both and all(text.startswith("@") for text in both) and not one["place"] & other["place"]:
                found.append("family")
        if "reference" in names and self._references_differ(one["reference"], other["reference"]):
            found.append("reference")
        if one["not"] & other["groups"]:
            found.append("decision")
        return tuple(found)

    def _references_differ(self, one: frozenset[str], other: frozenset[str]) -> bool:
        scopes = {text.split("\x1f")[0] for text in one} & {text.split("\x1f")[0] for text in other}
        if not scopes:
            return False
        return any(
            frozenset((a, b)) not in self.allowed
            for a in one
            if a.split("\x1f")[0] in scopes
            for b in other
            if b.split("\x1f")[0] == a.split("\x1f")[0] and a != b
        )

    def values(
        self, name: str, rows: np.ndarray, by: Mapping[str, np.ndarray], *, first: bool = False
    ) -> pd.DataFrame:
        """Return what some rows state of a fact beside what they are told by; a reference in its scope.

        Rows that state nothing are left out, and so is what stands twice; ``first``: of several parts the
        first.
        """
        if name == "reference":
            codes = codes_of(self.reference)[rows]
            by = {**by, "scope": codes_of(self.scope)[rows]}
        else:
            stated = self.columns.get("given" if name == "stranger" else name)
            if stated is None:
                return pd.DataFrame({**{key: codes[:0] for key, codes in by.items()}, "value": []})
            codes = stated.first(rows) if first else stated.codes[rows]
        table = pd.DataFrame({**by, "value": codes}, copy=False)
        table = table[table["value"] >= 0]
        return table[first_of_each(*(table[name].to_numpy() for name in table))]

    def signatures(self, labels: np.ndarray, wanted: np.ndarray) -> dict[int, Signature]:
        """Return for each wanted group what its rows state."""
        if not len(wanted):
            return {}
        chosen = np.zeros(int(labels.max(initial=-1)) + 1, dtype=bool)
        chosen[wanted] = True
        rows = np.flatnonzero(chosen[labels])
        mine = labels[rows]
        nothing: frozenset[str] = frozenset()
        names = sorted([*self.columns, "reference", "groups", "not"])
        found: dict[int, Signature] = {
            group: dict.fromkeys(names, nothing) for group in np.unique(mine).tolist()
        }
        for name in (*self.columns, "reference"):
            stated = self.columns[name] if name in self.columns else Stated(self.reference, whole=True)
            pairs = pd.DataFrame({"group": mine, "value": stated.codes[rows], "row": rows}, copy=False)
            pairs = pairs[pairs["value"] >= 0].drop_duplicates(["group", "value"])
            told = stated.parts(pairs["row"][~pairs["value"].duplicated()].to_numpy())
            for group, value in zip(pairs["group"].tolist(), pairs["value"].tolist(), strict=True):
                signature = found[group]
                signature[name] = signature[name] | told[value] if signature[name] else told[value]
        for a, b in self.different:
            for one, other in ((int(labels[a]), int(labels[b])), (int(labels[b]), int(labels[a]))):
                if one in found:
                    found[one]["groups"] = frozenset([str(one)])
                    found[one]["not"] |= {str(other)}
        return found


def join_consistent(
    groups: Groups, rule: str, keys: pd.Series, facts: Facts, names: Collection[str], score: float = 100.0
) -> tuple[list[Open], int]:
    """Join the groups that share a key and whose facts do not contradict one another.

    Parameters
    ----------
    groups : Groups
        Changed in place.
    keys : Series
        Key of each row, missing where it has none; a row that has several stands there once for each.
    names : collection of str
        The facts that stop this rule. Given names count for the rows that hold the key: two adults of one
        household, each with a mailbox, contradict nobody.

    Returns
    -------
    The pairs left open, and how many keys were so many's that nobody was joined by them.
    """
    held = pd.DataFrame(
        {"key": _numbers_of(keys).astype(np.int32), "row": keys.index.to_numpy().astype(np.int32)}
    )
    held = held[held["key"] >= 0]
    held["group"] = groups.labels[held["row"]].astype(np.int32)
    common = _common(held, facts, [*names, *_CROWDS.get(rule, ())])
    held = held[~held["key"].isin(common)]
    every = held
    held = held[first_of_each(held["key"].to_numpy(), held["group"].to_numpy())]
    held = held[np.bincount(held["key"], minlength=1)[held["key"]] > 1]
    if held.empty:
        groups.join(rule, np.array([], dtype=int), np.array([], dtype=int), score)
        return [], len(common)
    anchor = held.groupby("key")["row"].transform("first").to_numpy()
    trial = groups.would(anchor, held["row"].to_numpy())
    chains = trial[held["row"]]
    unsure = np.isin(chains, _doubtful(trial, held, facts, names))
    left: list[int] = []
    right: list[int] = []
    open_pairs: list[Open] = []
    for part, near in _batches(held[unsure].assign(chain=chains[unsure]), every):
        signatures = facts.signatures(groups.labels, part["group"].unique())
        first = dict(zip(part["group"].tolist(), part["row"].tolist(), strict=True))
        local = _local(near, facts, {*names, "given"})
        for blocks in _by_chain(part):
            edges, left_open, dropped = _chain(blocks, signatures, local, facts, names)
            left += [first[a] for a, _ in edges]
            right += [first[b] for _, b in edges]
            open_pairs += [Open(first[a], first[b], rule, score, why) for a, b, why in left_open]
            common |= dropped
    left_rows = np.concatenate([anchor[~unsure], np.array(left, dtype=np.int64)])
    right_rows = np.concatenate([held["row"].to_numpy()[~unsure], np.array(right, dtype=np.int64)])
    different = left_rows != right_rows
    groups.join(rule, left_rows[different], right_rows[different], score)
    return open_pairs, len(common)


def _numbers_of(keys: pd.Series) -> np.ndarray:
    """Return a number a key, -1 where there is none."""
    if isinstance(keys.dtype, pd.CategoricalDtype):
        return codes_of(keys)
    numbers = ranked(keys.to_numpy())
    numbers[keys.isna().to_numpy()] = -1
    return numbers


def _batches(doubted: pd.DataFrame, every: pd.DataFrame) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Yield some chains at a time, to spare memory, and all the rows that hold their keys."""
    if doubted.empty:
        return
    chain_of = np.full(int(every["key"].max()) + 1, -1, dtype=np.int32)
    chain_of[doubted["key"]] = doubted["chain"]
    every = every.assign(chain=chain_of[every["key"]])
    every = every[every["chain"] >= 0].sort_values("chain", kind="stable")
    doubted = doubted.sort_values("chain", kind="stable")
    starts = np.unique(doubted["chain"])[::_CHAINS]
    cuts = [np.append(np.searchsorted(table["chain"], starts), len(table)) for table in (doubted, every)]
    for (start, end), (first, last) in zip(*map(pairwise, cuts), strict=True):
        yield doubted.iloc[start:end], every.iloc[first:last]


def _by_chain(part: pd.DataFrame) -> Iterable[dict[int, list[int]]]:
    """Return for each chain its keys and the groups that hold each."""
    found: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for chain, key, group in zip(*(part[name].tolist() for name in ("chain", "key", "group")), strict=True):
        found[chain][key].append(group)
    return found.values()


def _common(held: pd.DataFrame, facts: Facts, names: Collection[str]) -> set[int]:
    """Return the keys behind which more than three different households are known to be."""
    found: set[int] = set()
    all_keys = held["key"].to_numpy()
    often = (np.bincount(all_keys, minlength=1) > MANY)[all_keys]  # fewer rows hold no more households
    rows, keys = held["row"].to_numpy()[often], {"key": all_keys[often]}
    for name in names if len(rows) else ():
        part = facts.values(name, rows, keys, first=True)
        counts = part.groupby(["key", "scope"] if name == "reference" else ["key"]).size()
        found.update(counts[counts > MANY].index.get_level_values("key"))
    return found


def _doubtful(trial: np.ndarray, held: pd.DataFrame, facts: Facts, names: Collection[str]) -> np.ndarray:
    """Return the chains in which some fact has more than one value, or a person said different."""
    asked = np.zeros(int(trial.max()) + 1, dtype=bool)
    asked[trial[held["row"]]] = True
    rows = np.flatnonzero(asked[trial])
    chains = {"chain": trial[rows]}
    found: set[int] = set()
    for name in names:
        part = facts.values(name, rows, chains)
        counts = part.groupby(["chain", "scope"] if name == "reference" else ["chain"]).size()
        found.update(counts[counts > 1].index.get_level_values("chain"))
    found.update(int(trial[a]) for a, b in facts.different if trial[a] == trial[b])
    return np.array(sorted(found), dtype=np.int64)


def _chain(
    blocks: Mapping[int, Sequence[int]],
    signatures: dict[int, Signature],
    local: dict[tuple[int, int], Signature],
    facts: Facts,
    names: Collection[str],
) -> tuple[list[tuple[int, int]], list[tuple[int, int, tuple[str, ...]]], set[int]]:
    """Return the edges between groups, the pairs left open, and the keys that are too common to tell."""
    edges: list[tuple[int, int]] = []
    left_open: list[tuple[int, int, tuple[str, ...]]] = []
    dropped: set[int] = set()
    for key, groups in blocks.items():
        here = {group: signatures[group] | local.get((key, group), {}) for group in groups}
        alike = {group: _stated(signature) for group, signature in here.items()}
        kinds: dict[_AllStated, list[int]] = defaultdict(list)
        for group in groups:
            kinds[alike[group]].append(group)
        if len(kinds) > _LISTED * MANY:
            dropped.add(key)
            continue
        first = [members[0] for members in kinds.values()]
        clash = {
            (a, b): why
            for a, b in combinations(first, 2)
            if (why := facts.contradictions(here[a], here[b], names))
        }
        clash = {
            pair: why for pair, why in clash.items() if not _named_together(pair, why, first, here, clash)
        }
        if _most_apart(first, alike, clash) > MANY:
            dropped.add(key)
            continue
        fits = [(a, b) for a, b in combinations(first, 2) if (a, b) not in clash]
        part = _linked(first, fits)
        torn = {part[a] for a, b in clash if part[a] == part[b]}
        for members in kinds.values():
            if part[members[0]] not in torn:
                edges += [(members[0], one) for one in members[1:]]
        edges += [(a, b) for a, b in fits if part[a] not in torn]
        left_open += [(a, b, why) for (a, b), why in list(clash.items())[:_LISTED]]
        left_open += [(a, b, ("third",)) for a, b in fits if part[a] in torn][:_LISTED]
    lasting = [name for name in names if name not in _LOCAL]
    return *_without_torn_chains(edges, left_open, signatures, facts, lasting), dropped


def _named_together(
    pair: tuple[int, int],
    why: tuple[str, ...],
    groups: list[int],
    signatures: dict[int, Signature],
    clash: dict[tuple[int, int], tuple[str, ...]],
) -> bool:
    """Return whether two differ in given names alone, and a third that fits both names both."""
    if len(why) != 1 or why[0] not in ("given", "family", "mailbox"):
        return False
    given = {name for group in pair for name in signatures[group]["given"]}
    return any(
        given <= signatures[group]["given"]
        for group in groups
        if group not in pair and not any({group, one} in map(set, clash) for one in pair)
    )


def _local(held: pd.DataFrame, facts: Facts, names: Collection[str]) -> dict[tuple[int, int], Signature]:
    """Return for each key and group the facts that count for the rows of the key alone."""
    found: dict[tuple[int, int], Signature] = defaultdict(dict)
    rows = held["row"].to_numpy()
    for name in _LOCAL:
        if name not in names or name not in facts.columns:
            continue
        stated = facts.columns[name]
        pairs = held.assign(value=stated.codes[rows]).drop_duplicates(["key", "group", "value"])
        told = stated.parts(pairs["row"][(pairs["value"] >= 0) & ~pairs["value"].duplicated()].to_numpy())
        for key, group, value in zip(*(pairs[of].tolist() for of in ("key", "group", "value")), strict=True):
            signature = found[key, group]
            signature[name] = signature.get(name, frozenset()) | told.get(value, frozenset())
    return found


_AllStated = tuple[tuple[str, ...], ...]


def _stated(signature: Signature) -> _AllStated:
    """Return a signature to be compared and sorted: groups that state the same are treated as one."""
    return tuple([tuple(sorted(values)) if values else () for values in signature.values()])


def _most_apart(
    first: list[int], alike: dict[int, _AllStated], clash: dict[tuple[int, int], tuple[str, ...]]
) -> int:
    """Return how many groups contradict one another all, found greedily from the most contradicted."""
    degree = dict.fromkeys(first, 0)
    for a, b in clash:
        degree[a] += 1
        degree[b] += 1
    chosen: list[int] = []
    for group in sorted(first, key=lambda one: (-degree[one], alike[one])):
        if all((group, one) in clash or (one, group) in clash for one in chosen):
            chosen.append(group)
    return len(chosen)


def _linked(members: Iterable[int], edges: Iterable[tuple[int, int]]) -> dict[int, int]:
    part = {one: one for one in members}

    def root(one: int) -> int:
        while part[one] != one:
            part[one] = part[part[one]]
            one = part[one]
        return one

    for a, b in edges:
        part[root(a)] = root(b)
    return {one: root(one) for one in part}


def _without_torn_chains(
    edges: list[tuple[int, int]],
    left_open: list[tuple[int, int, tuple[str, ...]]],
    signatures: dict[int, Signature],
    facts: Facts,
    names: Collection[str],
) -> tuple[list[tuple[int, int]], list[tuple[int, int, tuple[str, ...]]]]:
    part = _linked({one for edge in edges for one in edge}, edges)
    inside: dict[int, dict[_AllStated, int]] = defaultdict(dict)
    for group, chain in part.items():
        inside[chain].setdefault(_stated(signatures[group]), group)
    torn = {
        chain
        for chain, kinds in inside.items()
        if len(kinds) > _LISTED * MANY
        or any(
            facts.contradictions(signatures[a], signatures[b], names)
            for a, b in combinations(kinds.values(), 2)
        )
    }
    kept = [(a, b) for a, b in edges if part[a] not in torn]
    through = [(a, b, ("third",)) for a, b in edges if part[a] in torn]
    return kept, [*left_open, *through[: 2 * _LISTED]]


# --- Which rows are one household

#: The lists whose rows are persons or households.
PEOPLE: tuple[str, ...] = ("contacts", "households", "survey_households")

_YEAR = np.timedelta64(366, "D")
_PLACE = ("file", "sheet", "row")
_NO_TEXT = ("row", "date", "moved_in")
#: What was noted of a row before the door was closed.
_NOTED = ("given", "surname", "persons", "town", "placed", "mailbox", "no_email", "no_phone")
_COLUMNS = [
    "household_id",
    "personal_number",
    "email",
    "phone",
    "partner_email",
    "person_name",
    "address",
    "origin_code",
    "municipality_code",
    "date",
    "moved_in",
    "moved_in_precision",
]
_SAME = [name for name in _COLUMNS if name not in ("household_id", "moved_in_precision")]
_WHO = ["household_id", "personal_number", "email", "phone", "person_name", "address"]
_ALWAYS = ("reference", "decision")
_MOVE = (*_ALWAYS, "personal_number", "origin", "moved_day", "moved_month")
_MAILBOX = (*_MOVE, "given")
_FAMILY_MAILBOX = (*_MOVE, "mailbox")  # two of one surname at an address that is made of it
_TELEPHONE = (*_MOVE, "family")  # a couple of one surname and town may have one telephone
_NAME_AND_TOWN = (*_MOVE, "email", "phone", "address")
_NAME_AND_MOVE = (*_MOVE, "address")  # that moved on one day: each of a couple may have an address
#: Of a couple's row nobody knows whose address and telephone it gives; the name must stand in one town alone.
_ONE_OF_A_COUPLE = (*_MOVE, "own_email", "own_phone", "address")
_OTHER_LIST = ("decision", "personal_number", "stranger")
_ASKED = 2  # towns of a name from which on it is so common that nobody is asked about a couple's
_MOST_BETWEEN = 10  # pairs of households behind two addresses that a person is asked about
_LESS = 10.0  # points that each contradiction takes from the score of a pair to decide


@dataclass
class Linked:
    """Rows of contacts, households and surveys with the household each belongs to.

    ``rows`` has list, position (row of that list's frame), household_id, and the reference's name and
    identity;
    ``counts`` rule -> merges; ``grey`` the pairs to decide; ``shared`` how many keys were too common to
    link by;
    ``lost`` how many decisions meet nothing; ``meetings`` how references of lists meet; ``joined`` every
    join.
    """

    rows: pd.DataFrame
    counts: dict[str, int]
    grey: list[OpenPair]
    shared: int = 0
    lost: int = 0
    meetings: pd.DataFrame = field(default_factory=pd.DataFrame)
    joined: pd.DataFrame = field(default_factory=pd.DataFrame)
    #: (file, sheet) -> how many references stand there as a day.
    days: dict[tuple[str, str], int] = field(default_factory=dict)

    def of(self, name: str, size: int) -> pd.Series:
        """Return the household of each row of a list, missing where the row is no household's."""
        return self.column("household_id", name, size)

    def column(self, column: str, name: str, size: int) -> pd.Series:
        """Return what ``rows`` say of each row of a list."""
        codes = np.full(size, -1, dtype=np.int32)
        mine = (self.rows["list"] == name).to_numpy(dtype=bool)
        values = coded(self.rows[column])
        codes[self.rows["position"].to_numpy()[mine]] = codes_of(values)[mine]
        return from_codes(codes, texts_of(values))


def link_households(
    frames: dict[str, pd.DataFrame],
    similar: dict[str, SimilarPairs],
    least: float,
    grey: float,
    decided: dict[tuple[str, str], bool],
    fingerprints: dict[str, str] | None = None,
    *,
    headings: Mapping[tuple[str, str, str], str] | None = None,
    scopes: ReferenceScopes | None = None,
    home: Collection[str] = (),
) -> Linked:
    """Join the rows of one household.

    Parameters
    ----------
    frames : dict
        List -> rows with pseudonyms; contacts, households and survey_households are used, and the
        references of hires in companies.
    similar : dict
        ``email`` and ``address`` -> pairs of pseudonyms and their similarity.
    least, grey : float
        Least similarity (0-100) for a merge, and for a place in the grey zone.
    decided : dict
        Pairs of households as ``decisions.csv`` names them, smaller first -> same or not.
    fingerprints : dict, optional
        File -> its SHA-256, where the key of the pseudonyms is lost with the run: a household without a
        reference is then named after the row that it stands on, so that decisions on it hold.
    headings : mapping of (list, file, sheet) to str, optional
        Heading of the references in each table.
    scopes : ReferenceScopes, optional
        What the folder's settings say of references.
    home : collection of str
        Codes of the project's municipalities.
    """
    if not any(name in frames and len(frames[name]) for name in PEOPLE):
        nobody = pd.DataFrame(columns=["list", "position", "household_id", "identity"])
        return Linked(nobody.astype({"position": int}), {}, [], lost=len(decided))
    people = _people(frames, home)
    hires = _hires(frames)
    shared = [name for name in hires if name not in _NO_TEXT]
    every = stacked([people[shared], hires[shared]]) if len(hires) else people
    told = scoped(every, headings or {}, scopes or ReferenceScopes())
    days = every.loc[looks_like_a_date(every["household_id"]), ["file", "sheet"]]
    counted = Counter(zip(days["file"].astype(str), days["sheet"].astype(str), strict=True))
    del every
    people = people.drop(columns="household_id")
    for name in PEOPLE:  # the reference as it is compared takes its place
        if name in frames:
            frames[name]["household_id"] = None
    size = len(people)
    mine = Scoped(
        told.identity.iloc[:size],
        told.scope.iloc[:size],
        told.name.iloc[:size],
        told.key.iloc[:size],
        told.meetings,
    )
    own = own_names(people, fingerprints)

    def where(rows: np.ndarray) -> pd.Series:
        return places(people.iloc[rows])

    settled = settle(people, mine, names_of_rows(mine.name, own, where), decided)
    mine.key = told.key = mine.key.iloc[:0]  # nobody asks for it again
    joining = _Joining(people, mine, settled, similar, (least, grey))
    groups, open_pairs, common = joining.run()
    if settled.apart:
        parted = joining.identity.astype(TEXT).fillna("") != mine.identity.astype(TEXT).fillna("")
        mark = each(joining.identity.where(parted), lambda text: text.rpartition("/")[2])
        mine.name = first_known(joined_texts(mine.name, "/", mark), mine.name)
    mine.identity = joining.identity
    del joining
    ids = household_ids(groups, names_of_rows(mine.name, own, where))
    table = people[["list", "position"]].assign(household_id=ids, reference=mine.name, identity=mine.identity)
    if len(hires):
        identity = told.identity.iloc[size:].reset_index(drop=True)
        asked = among(mine.identity, {*identity.dropna()})
        by = dict(zip(mine.identity[asked], ids[asked], strict=True))
        hired = hires[["list", "position"]].assign(household_id=each(identity, by.get))
        table = stacked([table, hired.reindex(columns=table.columns)])
    return Linked(
        table,
        groups.counts,
        _named(open_pairs, ids, settled),
        common,
        settled.lost,
        told.meetings,
        _joined(groups, people, mine, own, ids),
        dict(counted),
    )


def _people(frames: dict[str, pd.DataFrame], home: Collection[str]) -> pd.DataFrame:
    parts = [_part(name, frames[name]) for name in PEOPLE if name in frames and not frames[name].empty]
    people = stacked(parts)
    for column in ("date", "moved_in"):
        people[column] = pd.to_datetime(people[column]).astype("datetime64[ns]")
    moved = people.loc[people["moved_in"].notna(), ["moved_in", "moved_in_precision"]]
    precision = moved["moved_in_precision"].astype(TEXT).fillna("day")
    day = moved["moved_in"].dt.strftime("%Y-%m-%d").where(precision == "day")
    people["moved_day"] = coded(day.reindex(people.index))
    people["moved_month"] = coded(_months(moved["moved_in"], precision).reindex(people.index))
    abroad_or_home = {*home, ABROAD}
    town = each(people["town"], lambda code: None if code in abroad_or_home else code)
    people["town"] = first_known(people["origin_code"], town)
    people["origin"] = each(people["town"], lambda code: None if code in {*home} else code)
    return people


def _months(moved_in: pd.Series, precision: pd.Series) -> pd.Series:
    """Return the month of each move, both of a week that lies in two; missing where the year is all."""
    first, last = period_bounds(moved_in, precision)
    months, end = (side.dt.strftime("%Y-%m").astype(TEXT) for side in (first, last))
    across = (precision == "week") & (months != end) & moved_in.notna()
    return months.mask(across, months + "|" + end).where(precision != "year").astype(TEXT)


def _part(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    who = frame.reindex(columns=_WHO).notna().any(axis=1).to_numpy()
    rows = np.flatnonzero(who).astype(np.int32)
    part = pd.DataFrame({"list": from_codes(np.zeros(len(rows), dtype=np.int8), [name]), "position": rows})
    named = {column: column for column in _COLUMNS}
    if name == "households":
        named |= {"date": "first_contact", "municipality_code": "destination_code"}
    named |= {column: f"_{column}" for column in (*_PLACE, *_NOTED)}
    named["country"] = "origin_country" if "origin_country" in frame else "_country"
    for column, of in named.items():
        if of in frame:
            values = frame[of] if len(rows) == len(frame) else frame[of][who].reset_index(drop=True)
        else:
            values = pd.Series(None, part.index, "datetime64[ns]" if column in _NO_TEXT else object)
        part[column] = values if column in _NO_TEXT else coded(values)
    return part


def _hires(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the references of hires in the list of companies: they meet households by reference alone."""
    frame = frames.get("companies")
    if frame is None or "household_id" not in frame:
        return pd.DataFrame()
    return _part("companies", frame.loc[:, ["household_id", *(f"_{one}" for one in _PLACE)]])


class _Joining:
    """The rules, one after another, with what they leave open."""

    def __init__(
        self,
        people: pd.DataFrame,
        told: Scoped,
        settled: Settled,
        similar: Mapping[str, SimilarPairs],
        limits: tuple[float, float],
    ) -> None:
        self.people, self.settled, self.similar, self.limits = people, settled, similar, limits
        self.groups = Groups(len(people))
        self.open: list[Open] = []
        self.shared = 0
        self.identity = split(told.identity, people, settled.apart)
        self.email, self.phone = (
            _but(people[name], people[f"no_{name}"].notna()) for name in ("email", "phone")
        )
        alone = each(people["persons"], lambda text: text if "|" in text else None).isna()
        columns = {fact: people[fact] for fact in ("personal_number", "origin", "moved_day", "address")}
        columns |= {"email": self.email, "phone": self.phone, "name": people["person_name"]}
        columns |= {f"own_{name}": _but(people[name], ~alone) for name in ("email", "phone")}
        given = people["given"]
        columns["place"] = first_known(people["town"], people["country"])
        more = {
            "family": each(people["surname"], "@{}".format),
            "mailbox": each(people["mailbox"], "@{}".format),
        }
        facts = {name: Stated(values) for name, values in columns.items()}
        facts |= {name: Stated(people[name], several=True) for name in ("given", "moved_month")}
        facts |= {name: Stated(given, rest, several=True) for name, rest in more.items()}
        self.facts = Facts(facts, self.identity, told.scope, settled.different)

    def run(self) -> tuple[Groups, list[Open], int]:
        """Return the groups, the pairs left open, and how many keys were too common."""
        self._decided()
        self._join_equal_rows()
        before = -1
        while self.groups.n != before:  # until nothing more is joined: linking what is linked changes nothing
            before, self.open, self.shared = self.groups.n, [], 0
            self._join_by_rules()
        return self.groups, self.open, self.shared

    def _join_equal_rows(self) -> None:
        people, groups = self.people, self.groups
        said = numbered(
            pd.factorize(values)[0] if values.dtype.kind == "M" else codes_of(values)
            for values in (*(people[name] for name in _SAME), self.identity)
        )
        for number, (one, other) in enumerate(self.settled.apart, 1):  # equal rows that a person parted
            both = [row for row in other if said[row] in set(said[one])]
            said[both] = len(said) + number
        groups.join_numbered("same_row", said)
        references = codes_of(self.identity)
        here = numbered(
            codes_of(values)
            for values in (*(people[name] for name in _PLACE[:2]), people["list"], self.identity)
        )
        here[references < 0] = -1
        groups.join_numbered("same_reference", here)

    def _join_by_rules(self) -> None:
        people = self.people
        self._join("same_reference", self.identity, _OTHER_LIST)
        self._join("same_personal_number", people["personal_number"], _ALWAYS)
        for rule, column, keys, names in (
            ("same_email", "email", self.email, _FAMILY_MAILBOX),
            ("same_phone", "phone", self.phone, _TELEPHONE),
        ):
            self.shared += self._join(rule, keys, names)
            self.shared += people[column][keys.isna()].dropna().nunique()
        self._join_partners()
        self._join("same_name_and_place", _both(people["person_name"], people["address"]), _MOVE)
        self._join_named()
        self._join_address("same_address", people["address"])
        pairs = [pair for pair in self.similar.get("address", []) if pair[2] >= self.limits[0]]
        self._join_address("similar_address", _alike(people["address"], pairs), self.limits[0])
        self._join_similar_emails()

    def _join_named(self) -> None:
        """Join by each person's name in one town: with the day of the move, alone, and as one of a couple.

        A couple's row with that of one of the two is joined only where the name stands in one town of all; it
        is else left to a person, where no third household bears it there.
        """
        people = self.people
        persons = _each_person(people["persons"].where(people["town"].notna()))
        rows = persons.index.to_numpy()
        both = numbered([persons.to_numpy(), codes_of(people["town"])[rows]])
        towns = pd.Series(both.astype(np.int32), index=rows)
        day = codes_of(people["moved_day"])[rows]
        moves = pd.Series(numbered([towns[day >= 0].to_numpy(), day[day >= 0]]), index=rows[day >= 0])
        before = len(self.open)
        self._join("same_name_and_place", moves, _NAME_AND_MOVE)
        self._join("same_name_and_place", towns, _NAME_AND_TOWN)
        size = int(persons.max()) + 1 if len(persons) else 0
        couples = np.zeros(size, dtype=bool)
        couples[persons[persons.index.duplicated(keep=False)]] = True
        several = np.bincount(persons[~towns.duplicated()], minlength=size)
        theirs, rare, asked = (few[persons] for few in (couples, several == 1, several == _ASKED))
        self._join("same_name_and_place", towns[theirs & rare], _ONE_OF_A_COUPLE)

        asking = np.isin(rows, [row for one in self.open[before:] for row in (one.left, one.right)]) & rare
        seldom: dict[int, set[int]] = defaultdict(set)
        for row, person in zip(rows[asking].tolist(), persons[asking].tolist(), strict=True):
            seldom[row].add(person)
        self.open[before:] = [one for one in self.open[before:] if seldom[one.left] & seldom[one.right]]
        left = pd.DataFrame({"town": towns, "row": rows, "group": self.groups.labels[rows]})
        left = left[theirs & asked].drop_duplicates(["town", "group"])
        left = left[left.groupby("town")["group"].transform("size") == 2]
        told = self.facts.signatures(self.groups.labels, left["group"].unique())
        left = left.sort_values("town", kind="stable")
        firsts, seconds = (left[["row", "group"]].iloc[nth::2].to_numpy().tolist() for nth in (0, 1))
        for (a, one), (b, other) in zip(firsts, seconds, strict=True):
            if not self.facts.contradictions(told[one], told[other], _ONE_OF_A_COUPLE[: len(_MOVE)]):
                self.open.append(Open(a, b, "same_name_and_place", 100.0, ("third",)))

    def _join(self, rule: str, keys: pd.Series, names: Collection[str], score: float = 100.0) -> int:
        left_open, many = join_consistent(self.groups, rule, keys, self.facts, names, score)
        self.open += left_open
        return many

    def _decided(self) -> None:
        refuse_contradictions(self.groups, self.settled)
        rows = np.array(self.settled.same, dtype=np.int64).reshape(-1, 2)
        self.groups.join("decided_by_a_person", rows[:, 0], rows[:, 1])
        for a, b in self.settled.same:
            one, other = self.identity.iloc[a], self.identity.iloc[b]
            if isinstance(one, str) and isinstance(other, str):
                self.facts.allowed.add(frozenset((one, other)))

    def _join_partners(self) -> None:
        """Join a contact with the household whose e-mail address it gives as its partner's.

        The two may have references of their own. An address that two households use tells of none.
        """
        people, labels = self.people, self.groups.labels
        asked = {*texts_of(people["partner_email"])}
        if not asked:
            self._join("partner_email", people["partner_email"], _ALWAYS)
            return
        here = among(self.email, asked)
        held = pd.DataFrame({"key": self.email[here].astype(TEXT), "group": labels[here]}).drop_duplicates()
        owners = held.drop_duplicates("key", keep=False).set_index("key")["group"]
        keys = each(people["partner_email"], lambda email: email if email in owners.index else None)
        named = keys.notna().to_numpy()
        owner, asking = owners[keys[named].astype(TEXT)].to_numpy(), labels[named]
        told = self._references_of(labels, np.union1d(owner, asking))
        spoken = {
            frozenset((one, other))
            for mine, its in zip(asking.tolist(), owner.tolist(), strict=True)
            for one in told[mine]
            for other in told[its]
        }
        new = spoken - self.facts.allowed
        self.facts.allowed |= new
        target = self.email.where(among(self.email, {*texts_of(keys)}) & ~named)
        self._join("partner_email", first_known(keys, target), _ALWAYS)
        self._withdraw(new)

    def _withdraw(self, spoken: set[frozenset[str]]) -> None:
        """Forget that two references may be one household where the rule that said so joined nobody."""
        known = among(self.identity, {one for pair in spoken for one in pair})
        groups: dict[str, set[int]] = defaultdict(set)
        for one, group in zip(self.identity[known], self.groups.labels[known].tolist(), strict=True):
            groups[one].add(group)
        self.facts.allowed -= {
            pair for pair in spoken if not set.intersection(*(groups[one] for one in pair))
        }

    def _references_of(self, labels: np.ndarray, wanted: np.ndarray) -> dict[int, set[str]]:
        known = self.identity.notna().to_numpy() & np.isin(labels, wanted)
        held: dict[int, set[str]] = defaultdict(set)
        for one, text in zip(labels[known].tolist(), self.identity[known], strict=True):
            held[one].add(text)
        return held

    def _join_address(self, rule: str, addresses: pd.Series, score: float = 100.0) -> None:
        """Join the two groups at an address, if there are just two and their contacts lie within a year.

        An address without postcode and town may stand in any: it counts with the town that the row tells, and
        where that is not known a person decides.
        """
        placed, town = self.people["placed"].notna().to_numpy(), codes_of(self.people["town"])
        stated = codes_of(addresses)
        known = (stated >= 0) & (placed | (town >= 0))
        codes = np.where(known, numbered([stated, np.where(placed, -1, town)]), -1)
        near = self._two_at(codes)["address"].unique()
        self._join(rule, pd.Series(codes).where(np.isin(codes, near)), _MOVE, score)
        vague = self._two_at(np.where(placed, -1, stated)).sort_values("address", kind="stable")
        vague = vague[vague["address"].isin(vague["address"][~known[vague.index]])]
        told = self.facts.signatures(self.groups.labels, vague["group"].unique())
        firsts, seconds = (vague.iloc[nth::2] for nth in (0, 1))
        for a, one, b, other in zip(
            firsts.index, firsts["group"], seconds.index, seconds["group"], strict=True
        ):
            if not self.facts.contradictions(told[one], told[other], _MOVE):
                self.open.append(Open(int(a), int(b), rule, score, ("no_town",)))

    def _two_at(self, codes: np.ndarray) -> pd.DataFrame:
        """Return the two groups at each address that has just two, within a year; the index is a row."""
        frame = pd.DataFrame({"address": codes, "group": self.groups.labels, "date": self.people["date"]})
        here = frame[codes >= 0].drop_duplicates(["address", "group"])
        here = here[here.groupby("address")["group"].transform("size") == 2].copy()
        first = frame[frame["group"].isin(here["group"])].groupby("group")["date"].min()
        here["first"] = first.reindex(here["group"]).to_numpy()
        days = here.groupby("address")["first"].agg(["min", "max", "count"])
        near = days.index[(days["max"] - days["min"] <= _YEAR) & (days["count"] == 2)]
        return here[here["address"].isin(near)]

    def _join_similar_emails(self) -> None:
        """Join rows whose e-mail addresses are a slip apart if name or town agrees and nothing disagrees.

        Of an address that several households hold nobody can tell whose the other is: a person decides.
        """
        labels = self.groups.labels
        near = [pair for pair in self.similar.get("email", []) if pair[2] >= self.limits[1]]
        asked = {email for *both, _ in near for email in both}
        held: dict[str, dict[int, int]] = defaultdict(dict)
        for row in np.flatnonzero(among(self.email, asked)):
            held[str(self.email.iloc[row])].setdefault(int(labels[row]), int(row))
        pairs: list[tuple[int, int, float]] = []
        several: set[tuple[int, int]] = set()
        for email, slip, score in near:
            between = [(left, right) for left in held[email].values() for right in held[slip].values()]
            between = between if len(between) <= _MOST_BETWEEN else []
            pairs += [(left, right, score) for left, right in between if labels[left] != labels[right]]
            several |= set(between) if len(between) > 1 else set()
        keys = np.full(len(self.people), np.nan)
        groups = np.array(sorted({int(labels[row]) for a, b, _ in pairs for row in (a, b)}), dtype=np.int64)
        told = self.facts.signatures(labels, groups)
        sure: list[tuple[int, int, float]] = []
        for a, b, score in pairs:
            one, other = told[int(labels[a])], told[int(labels[b])]
            against = self.facts.contradictions(one, other, (*_MAILBOX, "name"))
            agree = one["name"] & other["name"] or one["origin"] & other["origin"]
            if (a, b) in several:
                against = (*against, "third")
            if score >= self.limits[0] and not against and agree:
                sure.append((a, b, score))
            else:
                self.open.append(Open(a, b, "similar_email", score + _LESS * len(against), against))
        chains = self.groups.would(
            np.array([a for a, _, _ in sure], dtype=np.int64),
            np.array([b for _, b, _ in sure], dtype=np.int64),
        )
        rows = [row for a, b, _ in sure for row in (a, b)]
        keys[rows] = chains[rows]
        score = min((score for _, _, score in sure), default=self.limits[0])
        self._join("similar_email", pd.Series(keys), (*_MAILBOX, "name"), score)


def _but(values: pd.Series, without: pd.Series) -> pd.Series:
    """Return a column without what stands in some rows; the column itself where there are none."""
    return values.mask(without) if without.any() else values


def _alike(addresses: pd.Series, pairs: SimilarPairs) -> pd.Series:
    """Return for each address the smallest of those it is similar to, directly or through others."""
    names = sorted({name for a, b, _ in pairs for name in (a, b)})
    if not names:
        return each(addresses, lambda address: None)
    place = {name: index for index, name in enumerate(names)}
    same = Groups(len(names))
    same.join("", np.array([place[a] for a, _, _ in pairs]), np.array([place[b] for _, b, _ in pairs]))
    first = pd.Series(names).groupby(same.labels).transform("min")
    return each(addresses, dict(zip(names, first, strict=True)).get)


def _both(one: pd.Series, other: pd.Series) -> pd.Series:
    """Return a number for each pair of texts, missing where either is."""
    mine, its = codes_of(one), codes_of(other)
    return pd.Series(numbered([mine, its])).where((mine >= 0) & (its >= 0))


def _each_person(persons: pd.Series) -> pd.Series:
    """Return each person named in a row as a number, a line a person; the index is the row."""
    codes = codes_of(persons)
    named = [text.split("|") for text in texts_of(persons)]
    size = np.array([*map(len, named)], dtype=np.int64)
    numbers = pd.factorize(np.array([one for several in named for one in several], dtype=object))[0]
    numbers = numbers.astype(np.int32)
    starts = np.cumsum(size) - size
    rows = np.flatnonzero(codes >= 0).astype(np.int32)
    times = size[codes[rows]]
    nth = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    return pd.Series(numbers[np.repeat(starts[codes[rows]], times) + nth], index=np.repeat(rows, times))


def _named(pairs: list[Open], ids: pd.Series, settled: Settled) -> list[OpenPair]:
    """Return the open pairs as households, the strongest of several for each, without what is decided."""
    done = {frozenset((str(ids.iloc[a]), str(ids.iloc[b]))) for a, b in settled.different}
    found: dict[tuple[str, str], OpenPair] = {}
    for one in pairs:
        left, right = sorted((str(ids.iloc[one.left]), str(ids.iloc[one.right])))
        if left == right or frozenset((left, right)) in done:
            continue
        if one.rule == "same_name_and_place" and len(one.against) > 1:
            continue  # a name that several bear
        score = round(max(50.0, one.score - _LESS * len(one.against)), 1)
        pair = OpenPair(
            left,
            right,
            score,
            one.rule,
            ", ".join(one.against).replace("family", "given").replace("mailbox", "given").replace("own_", ""),
        )
        there = found.get((left, right))
        if there is None or (score, pair.speaks_for) > (there.score, there.speaks_for):
            found[left, right] = pair
    return [found[pair] for pair in sorted(found)]


def _joined(
    groups: Groups, people: pd.DataFrame, told: Scoped, own: NameOfRows, ids: pd.Series
) -> pd.DataFrame:
    """Return every join of two rows: where both stand, their household, the rule, and how alike they are."""
    joins = groups.joins
    left, right = joins["left"].to_numpy(dtype=np.int64), joins["right"].to_numpy(dtype=np.int64)
    table = people.iloc[right][["list", *_PLACE]].reset_index(drop=True)
    table["id"] = ids.iloc[right].reset_index(drop=True)
    table["name"], table["rule"] = _called(right, told.name, own), coded(joins["rule"])
    table["score"] = joins["score"]
    table["joined_with"] = _of_distinct(left, lambda rows: places(people.iloc[rows]))
    table["joined_with_name"] = _called(left, told.name, own)
    order = np.lexsort([pd.factorize(table[name], sort=True)[0] for name in _BY])
    return table.iloc[order].reset_index(drop=True)


_BY = ("rule", "row", "sheet", "file", "id")  # joins are sorted by the last first


def _of_distinct(rows: np.ndarray, of: Callable[[np.ndarray], pd.Series]) -> pd.Series:
    """Return the texts of rows that may stand several times; each is made once."""
    several, codes = np.unique(rows, return_inverse=True)
    held, texts = pd.factorize(of(several).to_numpy(dtype=object))
    return from_codes(held[codes], texts)


def _called(rows: np.ndarray, references: pd.Series, own: NameOfRows) -> pd.Series:
    """Return what rows call their household: their reference, and without one their own name."""
    named = references.iloc[rows].reset_index(drop=True)
    bare = np.flatnonzero(named.isna())
    names = _of_distinct(rows[bare], own.of).set_axis(bare).reindex(named.index)
    return first_known(named, names)
