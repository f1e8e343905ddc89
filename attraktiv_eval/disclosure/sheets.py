"""Which tables hold counts of households and companies, and how their cells hang together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["SHEETS", "Sheet"]


@dataclass(frozen=True)
class Sheet:
    """How one table's counts are protected.

    Parameters
    ----------
    name : str
        The table's name.
    key : str
        Column of the categories.
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
        Columns of shares that never rise from row to row, printed in steps that are at least five of the
        units in the other column: a share of 0.975 of 40 tells that one has left.
    """

    name: str
    key: str
    counts: Mapping[str, str]
    total: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    derived: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    within: tuple[tuple[str, str], ...] = ()
    overlapping: bool = False
    rounded: Mapping[str, str] = field(default_factory=dict)

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
    ),
    Sheet(
        "time_to_move",
        "households",
        {"households": "households.timed"},
        derived=dict.fromkeys(("p25", "median", "p75"), ("households",)),
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
