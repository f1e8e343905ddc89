"""Which rows are one household: exact rules first, then fuzzy ones, each named, counted and stopped by facts.

Rules, in order. Without condition: a person's decision; the same in all that tells who it is, and the same
day; the same reference in one list. Then, each stopped by evidence against it (:mod:`constraints`): the same
reference in
lists that share their references (:mod:`references`); personal number; e-mail address; telephone number; a
partner's e-mail address; the same name in one municipality or at the same address; two at one address, where
no third household is known there and the contacts lie within a year; an address spelt almost the same (same
condition); an e-mail address with one slip where name or town of origin agree too.

Evidence against a join is another reference of the same scope, personal number, town of origin (a town of the
project's own counts for none: people have moved there), day or month of the move, given names at one
mailbox or
telephone, and a person's decision. What is stopped, and what the fuzzy rules leave open, is left to a
person. A
telephone number or e-mail address that more than three different households share, and a reception's or one
that stands for none, links nobody.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from attraktiv_eval.records.constraints import Facts, Open, join_consistent
from attraktiv_eval.records.door import SimilarPairs
from attraktiv_eval.records.groups import Groups
from attraktiv_eval.records.household_names import (
    Settled,
    household_ids,
    own_names,
    places,
    refuse_contradictions,
    settle,
    split,
)
from attraktiv_eval.records.references import ReferenceScopes, Scoped, looks_like_a_date, scoped

__all__ = ["PEOPLE", "Linked", "OpenPair", "link_households"]

#: The lists whose rows are persons or households.
PEOPLE: tuple[str, ...] = ("contacts", "households", "survey_households")

_TEXT = pd.StringDtype(na_value=np.nan)
_YEAR = np.timedelta64(366, "D")
_PLACE = ("file", "sheet", "row")
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
_WHO = ["household_id", "personal_number", "email", "phone", "person_name", "address"]
_ALWAYS = ("reference", "decision")
_MOVE = (*_ALWAYS, "personal_number", "origin", "moved_day", "moved_month")
_MAILBOX = (*_MOVE, "given")
_TELEPHONE = (*_MOVE, "family")  # a couple of one surname and town may have one telephone
_NAME_AND_TOWN = (*_MOVE, "email", "phone")
_OTHER_LIST = ("decision", "personal_number", "stranger")
_MOST_BETWEEN = 10  # pairs of households behind two addresses that a person is asked about
_LESS = 10.0  # points that each contradiction takes from the score of a pair to decide


@dataclass(frozen=True)
class OpenPair:
    """Two households that a person should decide on: their ids, and what speaks for and against."""

    left: str
    right: str
    score: float
    speaks_for: str = ""
    speaks_against: str = ""


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
        ids = pd.Series(pd.NA, index=range(size), dtype=_TEXT)
        mine = self.rows[self.rows["list"] == name]
        ids.iloc[mine["position"].to_numpy()] = mine["household_id"].to_numpy()
        return ids


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
    every = pd.concat([people, hires], ignore_index=True) if len(hires) else people
    told = scoped(every, headings or {}, scopes or ReferenceScopes())
    size = len(people)
    mine = Scoped(
        told.identity.iloc[:size],
        told.scope.iloc[:size],
        told.name.iloc[:size],
        told.key.iloc[:size],
        told.meetings,
    )
    own = own_names(people, fingerprints)
    settled = settle(people, mine, own, decided)
    joining = _Joining(people, mine, settled, similar, (least, grey))
    groups, open_pairs, shared = joining.run()
    parted = joining.identity.fillna("") != mine.identity.fillna("")
    if parted.any():
        mine.name = mine.name.where(~parted, mine.name + "/" + joining.identity.str.rsplit("/", n=1).str[-1])
    mine.identity = joining.identity
    ids = household_ids(groups, mine.name, own)
    table = people[["list", "position"]].assign(household_id=ids, reference=mine.name, identity=mine.identity)
    if len(hires):
        by = dict(zip(mine.identity, ids, strict=True))
        hired = hires[["list", "position"]].assign(
            household_id=told.identity.iloc[len(people) :].map(by).to_numpy()
        )
        table = pd.concat([table, hired], ignore_index=True)
    open_named = _named(open_pairs, ids, settled)
    days = every.loc[looks_like_a_date(every["household_id"]), ["file", "sheet"]]
    counted = Counter(zip(days["file"].astype(str), days["sheet"].astype(str), strict=True))
    return Linked(
        table,
        groups.counts,
        open_named,
        shared,
        settled.lost,
        told.meetings,
        _joined(groups, people, mine, own, ids),
        dict(counted),
    )


def _people(frames: dict[str, pd.DataFrame], home: Collection[str]) -> pd.DataFrame:
    parts = [_part(name, frames[name]) for name in PEOPLE if name in frames and not frames[name].empty]
    people = pd.concat(parts, ignore_index=True)
    for column in ("date", "moved_in"):
        people[column] = pd.to_datetime(people[column]).astype("datetime64[ns]")
    for column in (*_COLUMNS[:9], "moved_in_precision", "given", "surname"):
        people[column] = people[column].astype(_TEXT)
    day = people["moved_in"].dt.strftime("%Y-%m-%d").astype(_TEXT)
    precision = people["moved_in_precision"].fillna("day")
    people["moved_day"] = day.where(precision == "day")
    people["moved_month"] = day.str[:7].where(precision != "year")
    people["origin"] = people["origin_code"].where(~people["origin_code"].isin(list(home)))
    family = people["given"] + "|" + people["surname"] + "@" + people["origin_code"]
    people["family"] = family.fillna(people["given"]).astype(_TEXT)
    return people


def _part(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    part = frame.reindex(columns=_COLUMNS)
    if name == "households":
        part["date"] = frame["first_contact"]
        part["municipality_code"] = frame["destination_code"]
    part.insert(0, "list", name)
    part.insert(1, "position", np.arange(len(frame)))
    part[list(_PLACE)] = frame[[f"_{one}" for one in _PLACE]].to_numpy()
    for column in ("given", "surname", "no_email", "no_phone"):
        part[column] = frame.get(f"_{column}")
    return part[part[_WHO].notna().any(axis=1)]


def _hires(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the references of hired households in the list of companies."""
    frame = frames.get("companies")
    if frame is None or "household_id" not in frame:
        return pd.DataFrame()
    part = frame[["household_id"]].copy()
    part.insert(0, "list", "companies")
    part.insert(1, "position", np.arange(len(frame)))
    part[list(_PLACE)] = frame[[f"_{one}" for one in _PLACE]].to_numpy()
    return part[part["household_id"].notna()]


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
        self.identity = split(told.identity, people, settled.different)
        columns = {fact: people[fact] for fact in ("given", "family", "origin", "moved_day", "moved_month")}
        self.email = people["email"].where(~people["no_email"].eq(True))
        self.phone = people["phone"].where(~people["no_phone"].eq(True))
        columns |= {"personal_number": people["personal_number"], "email": self.email, "phone": self.phone}
        columns["name"] = people["person_name"]
        self.facts = Facts(columns, self.identity, told.scope, settled.different)

    def run(self) -> tuple[Groups, list[Open], int]:
        """Return the groups, the pairs left open, and how many keys were too common."""
        people, groups = self.people, self.groups
        self._decided()
        told = people[
            ["personal_number", "email", "phone", "partner_email", "person_name", "address"]
        ].assign(
            **{name: people[name] for name in ("origin_code", "municipality_code", "date", "moved_in")},
            reference=self.identity,
        )
        groups.join_equal("same_row", pd.util.hash_pandas_object(told, index=False))
        place = people["list"] + "\x1f" + people["file"] + "\x1f" + people["sheet"].fillna("")
        groups.join_equal("same_reference", (self.identity + "\x1f" + place).astype(_TEXT))
        self._join("same_reference", self.identity, _OTHER_LIST)
        self._join("same_personal_number", people["personal_number"], _ALWAYS)
        for rule, column, keys, names in (
            ("same_email", "email", self.email, _MAILBOX),
            ("same_phone", "phone", self.phone, _TELEPHONE),
        ):
            self.shared += self._join(rule, keys, names)
            self.shared += people[column][keys.isna()].dropna().nunique()
        self._join_partners()
        self._join(
            "same_name_and_place", (people["person_name"] + "|" + people["address"]).astype(_TEXT), _MOVE
        )
        towns = (people["person_name"] + "|" + people["origin_code"]).where(people["address"].isna())
        towns = towns.where(people["given"].notna())  # Anna of a town is many
        self._join("same_name_and_place", towns.astype(_TEXT), _NAME_AND_TOWN)
        self._join_address("same_address", people["address"])
        pairs = [pair for pair in self.similar.get("address", []) if pair[2] >= self.limits[0]]
        self._join_address("similar_address", _alike(people["address"], pairs), self.limits[0])
        self._join_similar_emails()
        return groups, self.open, self.shared

    def _join(self, rule: str, keys: pd.Series, names: Collection[str], score: float = 100.0) -> int:
        left_open, many = join_consistent(self.groups, rule, keys, self.facts, names, score)
        self.open += left_open
        return many

    def _decided(self) -> None:
        refuse_contradictions(self.groups, self.settled)
        rows = np.array(self.settled.same, dtype=np.int64).reshape(-1, 2)
        self.groups.join("decided_by_a_person", rows[:, 0], rows[:, 1])
        for a, b in self.settled.same:
            if isinstance(self.identity[a], str) and isinstance(self.identity[b], str):
                self.facts.allowed.add(frozenset((self.identity[a], self.identity[b])))

    def _join_partners(self) -> None:
        """Join a contact with the household whose e-mail address it gives as its partner's.

        The two may have references of their own. An address that two households use tells of none.
        """
        people, labels = self.people, self.groups.labels
        asked = set(people["partner_email"].dropna())
        owners = pd.DataFrame({"key": self.email, "group": labels})[self.email.isin(asked)].drop_duplicates()
        single = owners.drop_duplicates("key", keep=False)["key"]
        keys = people["partner_email"].where(people["partner_email"].isin(single))
        named = keys.notna().to_numpy()
        first = owners.set_index("key")["group"]
        for row in np.flatnonzero(named):
            mine = self._references_of(labels, int(labels[row]))
            for one in mine:
                for other in self._references_of(labels, int(first[keys[row]])):
                    self.facts.allowed.add(frozenset((one, other)))
        target = self.email.where(self.email.isin(set(keys.dropna())) & ~named)
        self._join("partner_email", keys.fillna(target), _ALWAYS)

    def _references_of(self, labels: np.ndarray, group: int) -> set[str]:
        if not hasattr(self, "_held"):
            known = self.identity.notna().to_numpy()
            self._held: dict[int, set[str]] = {}
            for one, text in zip(labels[known], self.identity[known], strict=True):
                self._held.setdefault(int(one), set()).add(text)
        return self._held.get(group, set())

    def _join_address(self, rule: str, addresses: pd.Series, score: float = 100.0) -> None:
        """Join the two groups at an address, if there are just two and their contacts lie within a year."""
        frame = pd.DataFrame({"address": addresses, "group": self.groups.labels, "date": self.people["date"]})
        first = frame.groupby("group")["date"].min()
        here = frame.dropna(subset=["address"]).drop_duplicates(["address", "group"])
        here = here[here.groupby("address")["group"].transform("size") == 2].copy()
        here["first"] = here["group"].map(first).astype("datetime64[ns]")
        days = here.groupby("address")["first"].agg(["min", "max", "count"])
        near = set(days.index[(days["max"] - days["min"] <= _YEAR) & (days["count"] == 2)])
        self._join(rule, addresses.where(addresses.isin(near)), _MOVE, score)

    def _join_similar_emails(self) -> None:
        """Join rows whose e-mail addresses are a slip apart if name or town agrees and nothing disagrees.

        Of an address that several households hold nobody can tell whose the other is: a person decides.
        """
        labels = self.groups.labels
        near = [pair for pair in self.similar.get("email", []) if pair[2] >= self.limits[1]]
        asked = {email for *both, _ in near for email in both}
        held: dict[str, dict[int, int]] = defaultdict(dict)
        for row in np.flatnonzero(self.email.isin(asked)):
            held[str(self.email.iloc[row])].setdefault(int(labels[row]), int(row))
        pairs: list[tuple[int, int, float]] = []
        several: set[tuple[int, int]] = set()
        for email, slip, score in near:
            between = [(left, right) for left in held[email].values() for right in held[slip].values()]
            between = between if len(between) <= _MOST_BETWEEN else []
            pairs += [(left, right, score) for left, right in between if labels[left] != labels[right]]
            several |= set(between) if len(between) > 1 else set()
        keys = pd.Series(pd.NA, index=self.people.index, dtype=_TEXT)
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
        keys.iloc[rows] = [str(chains[row]) for row in rows]
        score = min((score for _, _, score in sure), default=self.limits[0])
        self._join("similar_email", keys, (*_MAILBOX, "name"), score)


def _alike(addresses: pd.Series, pairs: SimilarPairs) -> pd.Series:
    """Return for each address the smallest of those it is similar to, directly or through others."""
    names = sorted({name for a, b, _ in pairs for name in (a, b)})
    if not names:
        return pd.Series(pd.NA, index=addresses.index, dtype=_TEXT)
    place = {name: index for index, name in enumerate(names)}
    same = Groups(len(names))
    same.join("", np.array([place[a] for a, _, _ in pairs]), np.array([place[b] for _, b, _ in pairs]))
    first = pd.Series(names).groupby(same.labels).transform("min")
    return addresses.map(dict(zip(names, first, strict=True))).astype(_TEXT)


def _named(pairs: list[Open], ids: pd.Series, settled: Settled) -> list[OpenPair]:
    """Return the open pairs as households, the strongest of several for each, without what is decided."""
    done = {frozenset((str(ids[a]), str(ids[b]))) for a, b in settled.different}
    found: dict[tuple[str, str], OpenPair] = {}
    for one in pairs:
        left, right = sorted((str(ids[one.left]), str(ids[one.right])))
        if left == right or frozenset((left, right)) in done:
            continue
        if one.rule == "same_name_and_place" and len(one.against) > 1:
            continue  # a name that several bear
        score = round(max(50.0, one.score - _LESS * len(one.against)), 1)
        pair = OpenPair(left, right, score, one.rule, ", ".join(one.against).replace("family", "given"))
        there = found.get((left, right))
        if there is None or (score, pair.speaks_for) > (there.score, there.speaks_for):
            found[left, right] = pair
    return [found[pair] for pair in sorted(found)]


def _joined(
    groups: Groups, people: pd.DataFrame, told: Scoped, own: pd.Series, ids: pd.Series
) -> pd.DataFrame:
    """Return every join of two rows: where both stand, their household, the rule, and how alike they are."""
    joins = groups.joins
    left, right = joins["left"].to_numpy(dtype=np.int64), joins["right"].to_numpy(dtype=np.int64)
    where, name = places(people).to_numpy(), told.name.fillna(own).to_numpy()
    table = people.iloc[right][["list", *_PLACE]].reset_index(drop=True)
    table["id"] = ids.to_numpy()[right]
    table["name"], table["rule"], table["score"] = name[right], joins["rule"], joins["score"]
    table["joined_with"], table["joined_with_name"] = where[left], name[left]
    return table.sort_values(["id", "file", "sheet", "row", "rule"], ignore_index=True)
