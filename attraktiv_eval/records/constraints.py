"""Evidence against a join: what two groups of rows state, and cannot both be of one household.

A rule proposes to join the groups of rows that share a key. Groups whose facts contradict one another are not
joined, neither straight nor through a third, and what is left open is handed on for a person to decide:

* within a key, the groups that do not contradict one another are joined if all of them fit all the others;
  where one of them fits two that contradict one another, nobody can tell whose it is, and none is joined;
* the joins of all keys are then made together, except in a chain that would bring two groups together that
  contradict one another: of such a chain nothing is joined.

Neither depends on the order of rows, files or keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import pandas as pd

from attraktiv_eval.records.groups import Groups

__all__ = ["Facts", "Open", "join_consistent"]

#: More groups than this behind one key, each known to be another: the key is nobody's own.
MANY = 3
_LISTED = 10  # open pairs of one key or chain that are listed for a person

_LOCAL = ("given", "family")  # facts of the rows that hold a key, not of their whole group

Signature = dict[str, frozenset[str]]


@dataclass(frozen=True)
class Open:
    """Two rows that a rule would have joined, and what speaks against it."""

    left: int
    right: int
    rule: str
    score: float
    against: tuple[str, ...]


@dataclass
class Facts:
    """What each row states, and which rows a person or a partner's address has spoken of.

    Parameters
    ----------
    columns : dict
        Name of a fact -> its value a row, missing where nothing is stated; ``|`` between several. Two groups
        contradict one another in a fact if both state it and no value is common to both.
    reference, scope : Series
        Reference of each row and the scope it belongs to. Two groups contradict one another if both hold a
        reference of one scope: one household has one reference in a scope.
    """

    columns: dict[str, pd.Series]
    reference: pd.Series
    scope: pd.Series
    different: list[tuple[int, int]] = field(default_factory=list)
    allowed: set[frozenset[str]] = field(default_factory=set)

    def contradictions(self, one: Signature, other: Signature, names: Collection[str]) -> tuple[str, ...]:
        """Return what contradicts among the named facts.

        ``stranger`` is a weaker stop than its parts: other given names, and another town or day of move.
        """
        differ = {name for name in self.columns if one[name] and other[name] and not one[name] & other[name]}
        found = [name for name in names if name in differ]
        if "stranger" in names and "given" in differ and differ & {"origin", "moved_day", "moved_month"}:
            found.append("stranger")
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

    def values(self, name: str) -> np.ndarray | None:
        """Return the values of a fact, a row each; None for what is no column."""
        if name == "reference":
            return self.reference.to_numpy(dtype=object)
        name = "given" if name == "stranger" else name
        return self.columns[name].to_numpy(dtype=object) if name in self.columns else None

    def signatures(self, labels: np.ndarray, wanted: np.ndarray) -> dict[int, Signature]:
        """Return for each wanted group what its rows state."""
        rows = np.flatnonzero(np.isin(labels, wanted))
        mine = labels[rows]
        found: dict[int, dict[str, set[str]]] = {int(group): defaultdict(set) for group in np.unique(mine)}
        names = (*self.columns, "reference")
        for name in names:
            column = self.values(name)
            if column is None:
                continue
            values = column[rows]
            here = pd.notna(values)
            for group, value in zip(mine[here], values[here], strict=True):
                parts = (value,) if name == "reference" else value.split("|")
                found[int(group)][name].update(parts)
        told = {int(labels[row]) for pair in self.different for row in pair}
        apart: dict[int, set[str]] = defaultdict(set)
        for a, b in self.different:
            apart[int(labels[a])].add(str(labels[b]))
            apart[int(labels[b])].add(str(labels[a]))
        return {
            group: {
                **{name: frozenset(sets.get(name, ())) for name in names},
                "groups": frozenset([str(group)]) if group in told else frozenset(),
                "not": frozenset(apart.get(group, ())),
            }
            for group, sets in found.items()
        }


def join_consistent(
    groups: Groups, rule: str, keys: pd.Series, facts: Facts, names: Collection[str], score: float = 100.0
) -> tuple[list[Open], int]:
    """Join the groups that share a key and whose facts do not contradict one another.

    Parameters
    ----------
    groups : Groups
        Changed in place.
    keys : Series
        Key of each row, missing where it has none.
    names : collection of str
        The facts that stop this rule. Given names count for the rows that hold the key: two adults of one
        household, each with a mailbox, contradict nobody.

    Returns
    -------
    The pairs left open, and how many keys were so many's that nobody was joined by them.
    """
    held = pd.DataFrame({"key": pd.factorize(keys.to_numpy(dtype=object))[0], "row": np.arange(len(keys))})
    held = held[held["key"] >= 0]
    held["group"] = groups.labels[held["row"]]
    common = _common(held, facts, names)
    held = held[~held["key"].isin(common)]
    every = held
    held = held.drop_duplicates(["key", "group"])
    held = held[held.groupby("key")["group"].transform("size") > 1]
    if held.empty:
        groups.join(rule, np.array([], dtype=int), np.array([], dtype=int), score)
        return [], len(common)
    anchor = held.groupby("key")["row"].transform("first").to_numpy()
    trial = groups.would(anchor, held["row"].to_numpy())
    doubtful = _doubtful(trial, held, facts, names)
    unsure = np.isin(trial[held["row"]], doubtful)
    left, right = list(anchor[~unsure]), list(held["row"].to_numpy()[~unsure])
    open_pairs: list[Open] = []
    if unsure.any():
        part = held[unsure].assign(chain=trial[held["row"].to_numpy()[unsure]])
        signatures = facts.signatures(groups.labels, part["group"].unique())
        first = dict(zip(part["group"], part["row"], strict=True))
        local = _local(every[every["key"].isin(part["key"])], facts, names)
        for _, chain in part.groupby("chain"):
            edges, left_open, dropped = _chain(chain, signatures, local, facts, names)
            left += [first[a] for a, _ in edges]
            right += [first[b] for _, b in edges]
            open_pairs += [Open(first[a], first[b], rule, score, why) for a, b, why in left_open]
            common |= dropped
    left_rows, right_rows = np.array(left, dtype=np.int64), np.array(right, dtype=np.int64)
    different = left_rows != right_rows
    groups.join(rule, left_rows[different], right_rows[different], score)
    return open_pairs, len(common)


def _common(held: pd.DataFrame, facts: Facts, names: Collection[str]) -> set[int]:
    """Return the keys behind which more than three different households are known to be."""
    found: set[int] = set()
    rows = held["row"].to_numpy()
    for name in names:
        column = facts.values(name)
        if column is None:
            continue
        values = column[rows]
        part = pd.DataFrame({"key": held["key"].to_numpy(), "value": values}).dropna()
        by = ["key"]
        if name == "reference":
            part["scope"] = facts.scope.to_numpy(dtype=object)[rows][pd.notna(values)]
            by = ["key", "scope"]
        else:
            part["value"] = part["value"].str.split("|").str[0]
        counts = part.drop_duplicates().groupby(by).size()
        found.update(counts[counts > MANY].index.get_level_values("key"))
    return found


def _doubtful(trial: np.ndarray, held: pd.DataFrame, facts: Facts, names: Collection[str]) -> np.ndarray:
    """Return the chains in which some fact has more than one value, or a person said different."""
    chains = np.unique(trial[held["row"]])
    rows = np.flatnonzero(np.isin(trial, chains))
    found: set[int] = set()
    for name in names:
        column = facts.values(name)
        if column is None:
            continue
        values = column[rows]
        part = pd.DataFrame({"chain": trial[rows], "value": values})
        by = ["chain"]
        if name == "reference":
            part["scope"] = facts.scope.to_numpy(dtype=object)[rows]
            by = ["chain", "scope"]
        counts = part.dropna().drop_duplicates().groupby(by).size()
        found.update(counts[counts > 1].index.get_level_values("chain"))
    found.update(int(trial[a]) for a, b in facts.different if trial[a] == trial[b])
    return np.array(sorted(found), dtype=np.int64)


def _chain(
    chain: pd.DataFrame,
    signatures: dict[int, Signature],
    local: dict[tuple[int, int], Signature],
    facts: Facts,
    names: Collection[str],
) -> tuple[list[tuple[int, int]], list[tuple[int, int, tuple[str, ...]]], set[int]]:
    """Return the edges between groups, the pairs left open, and the keys that are too common to tell."""
    edges: list[tuple[int, int]] = []
    left_open: list[tuple[int, int, tuple[str, ...]]] = []
    dropped: set[int] = set()
    everywhere, wide = signatures, {group: _Alike(signatures[group]) for group in chain["group"].unique()}
    for key in chain["key"].unique().tolist():
        block = chain[chain["key"] == key]
        signatures = {group: {**everywhere[group], **local.get((key, group), {})} for group in block["group"]}
        alike = {group: _Alike(signatures[group]) for group in block["group"]}
        kinds: dict[_Alike, list[int]] = defaultdict(list)
        for group in block["group"]:
            kinds[alike[group]].append(int(group))
        if len(kinds) > _LISTED * MANY:
            dropped.add(key)
            continue
        first = [members[0] for members in kinds.values()]
        clash = {
            (a, b): why
            for a, b in combinations(first, 2)
            if (why := facts.contradictions(signatures[a], signatures[b], names))
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
    return *_without_torn_chains(edges, left_open, wide, everywhere, facts, lasting), dropped


def _local(held: pd.DataFrame, facts: Facts, names: Collection[str]) -> dict[tuple[int, int], Signature]:
    """Return for each key and group the facts that count for the rows of the key alone."""
    found: dict[tuple[int, int], Signature] = {}
    for name in _LOCAL:
        if name not in names or name not in facts.columns:
            continue
        values = facts.columns[name].to_numpy(dtype=object)[held["row"]]
        for key, group, value in zip(held["key"].tolist(), held["group"].tolist(), values, strict=True):
            signature = found.setdefault((key, group), {})
            parts = frozenset(value.split("|")) if isinstance(value, str) else frozenset()
            signature[name] = signature.get(name, frozenset()) | parts
    return found


class _Alike:
    """A signature that can be compared and counted: groups that state the same are treated as one."""

    def __init__(self, signature: Signature) -> None:
        self.key = tuple(sorted((name, tuple(sorted(values))) for name, values in signature.items()))

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Alike) and self.key == other.key


def _most_apart(
    first: list[int], alike: dict[int, _Alike], clash: dict[tuple[int, int], tuple[str, ...]]
) -> int:
    """Return how many groups contradict one another all, found greedily from the most contradicted."""
    degree = dict.fromkeys(first, 0)
    for a, b in clash:
        degree[a] += 1
        degree[b] += 1
    chosen: list[int] = []
    for group in sorted(first, key=lambda one: (-degree[one], alike[one].key)):
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
    alike: dict[int, _Alike],
    signatures: dict[int, Signature],
    facts: Facts,
    names: Collection[str],
) -> tuple[list[tuple[int, int]], list[tuple[int, int, tuple[str, ...]]]]:
    part = _linked({one for edge in edges for one in edge}, edges)
    inside: dict[int, dict[_Alike, int]] = defaultdict(dict)
    for group, chain in part.items():
        inside[chain].setdefault(alike[group], group)
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
