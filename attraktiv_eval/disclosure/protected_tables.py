"""Which tables hold counts of households and companies, and how their cells hang together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SHEETS", "Sheet"]


@dataclass(frozen=True)
class Sheet:
    """How one table's counts are protected.

    Parameters
    ----------
    name : str
        The table's name.
    key : str
        Column of the categories; several that tell them together have a slash between, and a table of one
        row has none.
    counts : mapping of column to measure
        Columns that hold counts. Two tables with the same measure and key hold the same cells.
    total : mapping of column to (table, column), optional
        Where the categories add up to a published total: the table and column whose sum it is. A column
        without a total is not additive (a household counts in several phases): merging sums nothing.
    derived : mapping of column to columns
        Columns computed from counts: missing where one of these is suppressed.
    within : tuple of (smaller, larger)
        Columns that count a part of another column's units in the same row.
    overlapping : bool
        Whether a unit may count in several categories. Suppressed ones then merge into the units of any of
        them, counted anew from the table's ``attrs["combinations"]``.
    rounded : mapping of column to column
        Columns of shares, printed in steps that are at least five of the units in the other column: a share
        of 0.975 of 40 tells that one has left.
    falling : bool
        Whether rounded shares never rise from row to row.
    spread : mapping of column to number
        Quantiles of what the units of the first count have, with the share of them that lies beyond:
        printed in halves, and only where at least five lie beyond on either side. A quantile of few is one
        unit's own.
    """

    name: str
    key: str
    counts: Mapping[str, str]
    total: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    derived: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    within: tuple[tuple[str, str], ...] = ()
    overlapping: bool = False
    rounded: Mapping[str, str] = field(default_factory=dict)
    falling: bool = False
    spread: Mapping[str, float] = field(default_factory=dict)

    def rows(self, table: pd.DataFrame) -> list[str]:
        """Return the id of each row of a table."""
        if not self.key:
            return ["all"] * len(table)
        return ["/".join(map(str, ids)) for ids in zip(*(table[one] for one in self._keys), strict=True)]

    def describes(self, table: pd.DataFrame) -> bool:
        """Return whether a table has the categories and the counts, as an older program may not have."""
        return {*self._keys, *self.counts} <= set(table.columns)

    @property
    def _keys(self) -> list[str]:
        return self.key.split("/") if self.key else []

    @property
    def numbers(self) -> list[str]:
        """The columns that hold counts, and what is computed from them."""
        return list(dict.fromkeys([*self.counts, *self.derived, *self.rounded, *self.spread]))

    @property
    def additive(self) -> bool:
        """Whether every count column adds up, so that categories can merge."""
        return set(self.total) == set(self.counts)


_HOUSEHOLDS = {"reached": "households.reached", "moved_in": "households.moved_in"}
_HOUSEHOLD_TOTALS = {one: ("households_by_year", one) for one in _HOUSEHOLDS}
_COMPANIES = {"supported": "companies.supported", "met": "companies.met", "hired": "companies.hired"}
_COMPANY_TOTALS = {one: ("companies_by_year", one) for one in _COMPANIES}
_BY_CONTACT = {
    "reached": "households.reached",
    "known": "households.known",
    "moved_in": "households.moved_in",
}
_FIRMS_BY_CONTACT = {"reached": "companies.reached", "known": "companies.known", "hired": "companies.hired"}
_FIRM_PARTS = (("hired", "known"), ("known", "reached"))
_PART = (("moved_in", "reached"),)
_PARTS = (("moved_in", "known"), ("known", "reached"))

#: Every table with counts by a category. The project's own totals, for the whole county and by year
#: (goals, paths, *_by_year), are what it answers for to its board and stand as they are; organisations
#: are named in public.
SHEETS: tuple[Sheet, ...] = (
    Sheet("households_by_municipality", "municipality_code", _HOUSEHOLDS, _HOUSEHOLD_TOTALS),
    Sheet("households_by_kind", "kind", _HOUSEHOLDS, _HOUSEHOLD_TOTALS, within=_PART),
    Sheet(
        "households_by_origin",
        "origin",
        {"moved_in": "households.moved_in"},
        {"moved_in": ("households_by_year", "moved_in")},
    ),
    Sheet("households_by_phase", "phase", _BY_CONTACT, within=_PARTS, overlapping=True),
    Sheet("households_by_area", "area", _BY_CONTACT, within=_PARTS, overlapping=True),
    Sheet(
        "funnel",
        "phase",
        {"households": "households.reached", "known": "households.known", "moved_in": "households.moved_in"},
        derived=dict.fromkeys(("share", "low", "high"), ("moved_in", "known"))
        | dict.fromkeys(("least", "most"), ("moved_in", "known", "households")),
        within=(("moved_in", "known"), ("known", "households")),
        overlapping=True,
    ),
    Sheet("counted_apart", "reason", {"households": "households.apart"}),
    Sheet(
        "retention",
        "months",
        {"at_risk": "households.at_risk"},
        derived=dict.fromkeys(("share", "low", "high"), ("at_risk",)),
        rounded=dict.fromkeys(("share", "low", "high"), "at_risk"),
        falling=True,
    ),
    Sheet(
        "time_to_move",
        "",
        {"households": "households.timed"},
        derived=dict.fromkeys(("p25", "median", "p75"), ("households",)),
        spread={"p25": 0.25, "median": 0.5, "p75": 0.25},
    ),
    Sheet(
        "filters",
        "goal/filter",
        {"known": "answers.known"},
        derived=dict.fromkeys(("kept_low", "kept", "kept_high"), ("known",)),
        rounded=dict.fromkeys(("kept_low", "kept", "kept_high"), "known"),
    ),
    Sheet(
        "companies_by_municipality",
        "municipality_code",
        _COMPANIES,
        _COMPANY_TOTALS,
        within=(("hired", "met"), ("met", "supported")),
    ),
    Sheet("companies_by_phase", "phase", _FIRMS_BY_CONTACT, within=_FIRM_PARTS, overlapping=True),
    Sheet("companies_by_area", "area", _FIRMS_BY_CONTACT, within=_FIRM_PARTS, overlapping=True),
)
