"""What a reader can work out of a suppressed count, by linear programming.

The reader knows every printed cell, that printed sums hold, that a suppressed cell is at least 1 (zeros are
shown), that parts are no larger than wholes, and that what is counted up to a later day is no smaller.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

#: Report (0 is this one, 1 the one before ...), measure, key, category.
Atom = tuple[int, str, str, str]


@dataclass
class Knowledge:
    """Linear facts about whole numbers, each an atom.

    ``at_least`` gives the atoms' lower bounds, ``sums`` printed sums of atoms, ``order`` pairs of atoms of
    which the first is no larger than the second, ``limits`` weighted sums of atoms that are not above zero.
    """

    at_least: dict[Atom, float] = field(default_factory=dict)
    sums: list[tuple[tuple[Atom, ...], float]] = field(default_factory=list)
    order: list[tuple[Atom, Atom]] = field(default_factory=list)
    limits: list[Mapping[Atom, float]] = field(default_factory=list)

    def solve(self) -> Solved:
        """Return the facts with what is printed outright put in its place."""
        fixed = {atoms[0]: value for atoms, value in self.sums if len(atoms) == 1}
        free = [atom for atom in self.at_least if atom not in fixed]
        place = {atom: number for number, atom in enumerate(free)}
        low = np.array([self.at_least[atom] for atom in free], dtype=float)
        high = np.full(len(free), np.inf)
        equal, less = [], []
        for atoms, value in self.sums:
            unknown = [place[atom] for atom in atoms if atom in place]
            if unknown:
                equal.append((unknown, value - sum(fixed[atom] for atom in atoms if atom in fixed)))
        for small, large in self.order:
            if small in place and large in place:
                less.append((place[small], place[large]))
            elif small in place:
                high[place[small]] = min(high[place[small]], fixed[large])
            elif large in place:
                low[place[large]] = max(low[place[large]], fixed[small])
        limits = []
        for limit in self.limits:
            signs = {place[atom]: share for atom, share in limit.items() if atom in place}
            if signs:
                room = -sum(share * fixed[atom] for atom, share in limit.items() if atom in fixed)
                limits.append((signs, room))
        facts = [atoms for atoms, _ in self.sums if len(atoms) > 1] + self.order
        facts += [tuple(limit) for limit in self.limits]
        return Solved(fixed, place, low, high, equal, less, limits, facts)


@dataclass
class Solved:
    """Facts about the atoms that are not printed, and the intervals that follow from them."""

    fixed: dict[Atom, float]
    place: dict[Atom, int]
    low: np.ndarray
    high: np.ndarray
    equal: list[tuple[list[int], float]]
    less: list[tuple[int, int]]
    limits: list[tuple[dict[int, float], float]]
    facts: list[tuple[Atom, ...]]

    def __post_init__(self) -> None:
        ties = [*(one for one, _ in self.equal), *(list(pair) for pair in self.less)]
        self.group = _groups(len(self.low), [*ties, *(list(signs) for signs, _ in self.limits)])

    def interval(self, expression: Mapping[Atom, float]) -> tuple[float, float]:
        """Return the smallest and the largest value that an expression can have, for all the reader knows."""
        constant = sum(share * self.fixed[atom] for atom, share in expression.items() if atom in self.fixed)
        free = {self.place[atom]: share for atom, share in expression.items() if atom in self.place}
        if not free:
            return constant, constant
        low, high = self._range(free)
        return constant + low, constant + high

    def tied(self, expression: Mapping[Atom, float]) -> set[Atom]:
        """Return the atoms that facts tie to an expression, printed ones and its own among them."""
        groups = {self.group[self.place[atom]] for atom in expression if atom in self.place}
        near = {atom for atom, number in self.place.items() if self.group[number] in groups} | set(expression)
        return near.union(*(atoms for atoms in self.facts if near.intersection(atoms)))

    def _range(self, free: Mapping[int, float]) -> tuple[float, float]:
        groups = {self.group[number] for number in free}
        members = [number for number in range(len(self.low)) if self.group[number] in groups]
        if not any(self._ties(groups)):
            ends = [(self.low[n] * s, self.high[n] * s) if s > 0 else (self.high[n] * s, self.low[n] * s)
                    for n, s in free.items()]  # fmt: skip
            return float(sum(low for low, _ in ends)), float(sum(high for _, high in ends))
        # Facts of two years may contradict each other; then order tells nothing, and at last no limit.
        for ordered, limited in ((True, True), (False, True), (False, False)):
            low = self._end(free, members, groups, 1.0, ordered, limited)
            high = self._end(free, members, groups, -1.0, ordered, limited)
            if low is not None and high is not None:
                return low, -high
        return -np.inf, np.inf

    def _ties(self, groups: set[int]) -> list[bool]:
        firsts = [one[0] for one, _ in self.equal] + [small for small, _ in self.less]
        firsts += [next(iter(signs)) for signs, _ in self.limits]
        return [self.group[first] in groups for first in firsts]

    def _end(
        self,
        free: Mapping[int, float],
        members: list[int],
        groups: set[int],
        sign: float,
        ordered: bool,
        limited: bool,
    ) -> float | None:
        at = {number: position for position, number in enumerate(members)}
        cost = np.zeros(len(members))
        for number, share in free.items():
            cost[at[number]] = sign * share
        equal = [(one, value) for one, value in self.equal if self.group[one[0]] in groups]
        less = [pair for pair in self.less if ordered and self.group[pair[0]] in groups]
        a_eq, b_eq = np.zeros((len(equal), len(members))), np.array([value for _, value in equal])
        for row, (one, _) in enumerate(equal):
            a_eq[row, [at[number] for number in one]] = 1.0
        limits = [one for one in self.limits if limited and self.group[next(iter(one[0]))] in groups]
        a_ub, b_ub = np.zeros((len(less) + len(limits), len(members))), np.zeros(len(less) + len(limits))
        for row, (small, large) in enumerate(less):
            a_ub[row, at[small]], a_ub[row, at[large]] = 1.0, -1.0
        for row, (signs, room) in enumerate(limits, start=len(less)):
            b_ub[row] = room
            for number, sign in signs.items():
                a_ub[row, at[number]] = sign
        high = self.high[members] if ordered else np.full(len(members), np.inf)
        return _least(cost, a_ub, b_ub, a_eq, b_eq, np.column_stack([self.low[members], high]))


#: Programmes that were solved before, by their bytes: most come again in the next round of suppression.
_SOLVED: dict[bytes, float | None] = {}
_MOST_SOLVED = 100_000


def _least(*programme: np.ndarray) -> float | None:
    """Return the least cost under the facts: infinite, or None where they contradict each other.

    Parameters
    ----------
    programme : arrays
        Costs, inequalities (left, right), equations (left, right), and the lowest and highest values.
    """
    from scipy.optimize import linprog

    digest = hashlib.sha256()
    for part in programme:
        digest.update(f"{part.shape}{part.dtype}".encode())
        digest.update(np.ascontiguousarray(part).tobytes())
    key = digest.digest()
    if key not in _SOLVED:
        cost, a_ub, b_ub, a_eq, b_eq, bounds = programme
        found = linprog(
            cost,
            A_ub=a_ub if len(a_ub) else None,
            b_ub=b_ub if len(a_ub) else None,
            A_eq=a_eq if len(a_eq) else None,
            b_eq=b_eq if len(a_eq) else None,
            bounds=bounds,
            method="highs",
        )
        if len(_SOLVED) >= _MOST_SOLVED:
            _SOLVED.clear()
        least = float(found.fun) if found.status == 0 else None
        _SOLVED[key] = -np.inf if found.status == 3 else least
    return _SOLVED[key]


def _groups(size: int, ties: list[list[int]]) -> list[int]:
    """Return, for each number, the smallest number that ties connect it to."""
    root = list(range(size))

    def find(number: int) -> int:
        while root[number] != number:
            root[number] = root[root[number]]
            number = root[number]
        return number

    for tie in ties:
        first = find(tie[0])
        for other in tie[1:]:
            root[find(other)] = first
    return [find(number) for number in range(size)]
