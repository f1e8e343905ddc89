"""Small counts: suppressed, and not to be worked out again from sums or earlier reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from editions import Edition, publish, registered
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from attraktiv_eval import explore
from attraktiv_eval.additionality import Contributions, contribution, simulation
from attraktiv_eval.additionality.simulation import Observed, Share, in_fives
from attraktiv_eval.assumptions import Assumptions
from attraktiv_eval.disclosure import SHEETS, Report, protect, protect_editions, protect_series, suppress
from attraktiv_eval.disclosure.suppression import in_steps
from attraktiv_eval.errors import PublicationError
from attraktiv_eval.evaluation import Evaluation, load_inputs
from attraktiv_eval.evaluation.verbs import Compared
from attraktiv_eval.metrics import reach
from attraktiv_eval.records import load_records
from attraktiv_eval.reporting.downloads import write_workbook
from attraktiv_eval.reporting.method_validation import SENTENCES
from attraktiv_eval.reporting.tables import DERIVED
from attraktiv_eval.reporting.view import View
from attraktiv_eval.resources import find
from attraktiv_eval.runs.publication import Outputs
from attraktiv_eval.table_specifications import TABLES, Column, Money, Open, Sheet, Table, checked

PLACES = ["2303", "2305", "2309", "2313", "2321", "2326", "2361", "2380"]
KINDS = ["single", "couple", "family", "other", "unknown"]

# ------------------------------------------------------------ the attacker: written apart from the package

ADDITIVE = {
    "households_by_municipality": ("municipality_code", "households_by_year", ("reached", "moved_in")),
    "households_by_kind": ("kind", "households_by_year", ("reached", "moved_in")),
    "households_by_origin": ("origin", "households_by_year", ("moved_in",)),
    "companies_by_municipality": ("municipality_code", "companies_by_year", ("supported", "met", "hired")),
}
OVERLAPPING = {
    "households_by_phase": ("phase", ("reached", "known", "moved_in")),
    "households_by_area": ("area", ("reached", "known", "moved_in")),
    "funnel": ("phase", ("households", "known", "moved_in")),
    "companies_by_phase": ("phase", ("reached", "known", "hired")),
    "companies_by_area": ("area", ("reached", "known", "hired")),
    "counted_apart": ("reason", ("households",)),
    "retention": ("months", ("at_risk",)),
    "time_to_move": ("", ("households",)),
    "filters": ("goal/filter", ("known",)),
}
#: What a row computes from its counts: blank where one of them is.
COMPUTED = {
    "funnel": {"share": ("moved_in", "known"), "low": ("moved_in", "known"), "high": ("moved_in", "known"),
               "least": ("moved_in", "households"), "most": ("moved_in", "households")},
    "retention": dict.fromkeys(("share", "low", "high"), ("at_risk",)),
    "time_to_move": dict.fromkeys(("p25", "median", "p75"), ("households",)),
    "filters": dict.fromkeys(("kept_low", "kept", "kept_high"), ("known",)),
}  # fmt: skip
PARTS = {
    "households_by_kind": [("moved_in", "reached")],
    "households_by_phase": [("moved_in", "known"), ("known", "reached")],
    "households_by_area": [("moved_in", "known"), ("known", "reached")],
    "funnel": [("moved_in", "known"), ("known", "households")],
    "companies_by_municipality": [("hired", "met"), ("met", "supported")],
    "companies_by_phase": [("hired", "known"), ("known", "reached")],
    "companies_by_area": [("hired", "known"), ("known", "reached")],
}
#: Tables of households whose names do not begin so.
APART = {"funnel", "counted_apart", "retention", "time_to_move"}
SAME = {"funnel": "households_by_phase"}
#: Tables of a run that the attack leaves out, each with the reason (docs/decisions/0004).
LEFT_OUT = {
    "the project's own totals for the whole county": {
        "bounds", "companies_by_year", "cost_per_result", "goals", "households_by_year", "paths",
        "tornado",
    },
    "organisations are named in public": {"organisations", "organisations_by_type"},
    "money and activities, no households or companies": {
        "activities_by_area", "activities_by_phase", "assumptions", "funding",
    },
    "what the comparison assumes, in words": {"identification"},
    "rows of files, not households or companies": {
        "accounting", "linkage", "linkage_quality", "notes", "rejected_kinds",
    },
    "official statistics, published by others": {
        "base_periods", "company_estimates", "company_gaps", "controls", "estimates", "flows", "gaps",
        "municipality_effects", "municipality_effects_by_birth", "moves_by_month", "other_estimates",
        "labour_shortage", "placebo_gaps",
        "region_effects", "rivals", "specifications", "weights",
    },
    "a draw guards its own counts: left out or rounded to fives, tried with its reports": {
        "draw", "draw_arms",
    },
    "the validation of the methods: official statistics, and draws of simulated panels": {
        f"validation_{one}" for one in SENTENCES
    },
}  # fmt: skip


#: The printed total of the county that no part of it exceeds.
TOPS = {
    "reached": "reached", "known": "reached", "moved_in": "moved_in", "at_risk": "moved_in",
    "supported": "supported", "met": "met", "hired": "hired",
}  # fmt: skip


class Attack:
    """All that a reader of successive reports can put into one programme, of whole numbers where asked.

    ``grown`` are pairs of reports of which nothing that the second counts is less than in the first; each
    report and the next unless given.
    """

    def __init__(self, reports, grown=None, *, whole=False):
        self.names, self.low, self.equal, self.order, self.hidden = {}, [], [], [], []
        self.covers, self.facts, self.high, self.whole = [], None, {}, whole
        for age, tables in enumerate(reports):
            for name, (key, total, columns) in ADDITIVE.items():
                if name in tables:
                    self.read(age, name, tables[name], key, columns)
                    for column in columns:
                        parts = [k for row in tables[name][key] for k in str(row).split("+")]
                        every = [self.at(age, name, k, column) for k in parts]
                        self.equal.append((every, tables[total][column].sum()))
            for name, (key, columns) in OVERLAPPING.items():
                if name in tables:
                    self.read(age, name, tables[name], key, columns)
            self.top(age, tables)
        for one, other in pairwise(range(len(reports))) if grown is None else grown:
            self.grow(one, other, reports[one], reports[other])

    def top(self, age, tables):
        """Read that no part of the county exceeds the printed total of the county."""
        for (when, name, _, column), place in self.names.items():
            years = tables.get("companies_by_year" if name.startswith("companies") else "households_by_year")
            total = "supported" if name.startswith("companies") and column in ("reached", "known") else None
            total = total or ("moved_in" if name == "time_to_move" else TOPS.get(column))
            apart = name in ("counted_apart", "filters")
            if when == age and not apart and years is not None and total in years:
                self.high[place] = float(years[total].sum())

    def at(self, age, table, key, column, least=0):
        column = self.column(table, column)
        name = (age, SAME.get(table, table), str(key), column)
        if name not in self.names:
            self.names[name] = len(self.low)
            self.low.append(0)
        place = self.names[name]
        self.low[place] = max(self.low[place], least)
        return place

    def read(self, age, name, table, key, columns):
        for id, (_, row) in zip(ids_of(table, key), table.iterrows(), strict=True):
            parts = id.split("+")
            if name in OVERLAPPING and len(parts) > 1:
                self.unite(age, name, parts, row[list(columns)])
                continue
            for column in columns:
                hidden = pd.isna(row[column])
                least = 1 if hidden and len(parts) == 1 else 0
                cells = [self.at(age, name, part, column, least) for part in parts]
                if hidden:
                    self.hidden.append((age, name, id, column, cells))
                else:
                    self.equal.append((cells, float(row[column])))
            for small, large in PARTS.get(name, []):
                for part in parts:
                    self.order.append((self.at(age, name, part, small), self.at(age, name, part, large)))

    def unite(self, age, name, parts, row):
        """Read those in any of the categories: no fewer than in one of them, no more than in all together."""
        whole = "+".join(parts)
        for column, value in row.items():
            union = self.at(age, name, whole, column)
            cells = [self.at(age, name, part, column) for part in parts]
            self.order += [(cell, union) for cell in cells]
            self.covers.append((union, cells))
            if pd.isna(value):
                self.low[union] = max(self.low[union], 1)
                self.hidden.append((age, name, whole, column, [union]))
            else:
                self.equal.append(([union], float(value)))
            if pd.isna(value) or value > 0:
                self.hidden += [
                    (age, name, part, column, [cell]) for part, cell in zip(parts, cells, strict=True)
                ]
        for small, large in PARTS.get(name, []):
            for part in [*parts, whole]:
                self.order.append((self.at(age, name, part, small), self.at(age, name, part, large)))

    def grow(self, one, other, before, after):
        for (was, table, key, column), place in list(self.names.items()):
            if (
                was == one
                and (other, table, key, column) in self.names
                and table in before
                and table in after
            ):
                self.order.append((place, self.names[other, table, key, column]))

    def width(self, cells, less=()):
        """Return the width of what cells sum to, others taken away."""
        n = len(self.low)
        if self.facts is None:
            self.facts = self.known(n)
        a_eq, a_ub = self.facts
        ends = []
        for sign in (1, -1):
            cost = np.zeros(n)
            cost[list(cells)] = sign
            cost[list(less)] -= sign
            found = self.end(cost, a_eq, a_ub)
            if found.status == 3:
                return np.inf
            assert found.status == 0, found.message
            ends.append(found.fun)
        return -ends[1] - ends[0]

    def end(self, cost, a_eq, a_ub):
        """Return the smallest value; presolving may call a problem without an end infeasible."""
        top = 10_000 if self.whole else None  # a programme of whole numbers cannot tell an open end
        bounds = [(low, self.high.get(place, top)) for place, low in enumerate(self.low)]
        for presolve in (True, False):
            found = linprog(
                cost,
                A_eq=a_eq,
                b_eq=[value for _, value in self.equal],
                A_ub=a_ub if a_ub.shape[0] else None,
                b_ub=np.zeros(a_ub.shape[0]) if a_ub.shape[0] else None,
                bounds=bounds,
                options={"presolve": presolve},
                integrality=1 if self.whole else None,
            )
            if found.status != 2:
                break
        return found

    def known(self, n):
        """Return the sums and the inequalities that the reader knows, as matrices."""
        a_eq = np.zeros((len(self.equal), n))
        for row, (every, _) in enumerate(self.equal):
            a_eq[row, every] = 1
        a_ub = np.zeros((len(self.order) + len(self.covers), n))
        for row, (small, large) in enumerate(self.order):
            a_ub[row, small], a_ub[row, large] = 1, -1
        for row, (union, cells) in enumerate(self.covers, start=len(self.order)):
            a_ub[row, cells], a_ub[row, union] = -1, 1
        return a_eq, a_ub

    def told_differences(self, truths):
        """Return the small differences within a row that are told though a table was made to hide counts."""
        found = []
        for age, tables in enumerate(truths):
            for name, pairs in PARTS.items():
                key = (ADDITIVE | OVERLAPPING)[name][0]
                for _, row in tables[name].iterrows() if name in tables else ():
                    for small, large in pairs:
                        places = [
                            self.names.get((age, SAME.get(name, name), str(row[key]), self.column(name, one)))
                            for one in (large, small)
                        ]
                        if 0 < row[large] - row[small] < 5 and None not in places:
                            wide = self.width(places[:1], places[1:])
                            found += [(age, name, row[key], small, large)] if wide < 4 - 1e-6 else []
        return found

    def told_changes(self, truths):
        """Return the small changes between editions of which a reader learns more than the totals tell."""
        found = []
        whole = {name: (key, None, columns) for name, (key, columns) in OVERLAPPING.items()}
        for name, (key, total, columns) in (ADDITIVE | whole).items():
            for column in columns if name in truths[0] else ():
                for (one, before), (two, after) in combinations(enumerate(truths), 2):
                    grown = int(after[total][column].sum() - before[total][column].sum()) if total else 4
                    first, last = (
                        dict(zip(ids_of(table[name], key), table[name][column], strict=True))
                        for table in (before, after)
                    )
                    for category, was, now in ((id, first[id], last[id]) for id in first if id in last):
                        place = SAME.get(name, name), category, self.column(name, column)
                        at = [self.names.get((age, *place)) for age in (two, one)]
                        if 0 < now - was < 5 and None not in at:
                            wide = self.width(at[:1], at[1:])
                            found += (
                                [(one, two, name, category, column)] if wide < min(4, grown) - 1e-6 else []
                            )
        return found

    @staticmethod
    def column(table, column):
        return "reached" if (table, column) == ("funnel", "households") else column

    def narrow(self):
        """Return the hidden cells of which a reader learns more than the total over them tells."""
        found = []
        for *cell, places in self.hidden:
            tops = [self.high[place] - 1 for place in places if place in self.high]
            width = self.width(places)
            found += [(tuple(cell), width)] if width < min([4, *tops]) - 1e-6 else []
        return found


def ids_of(table, key):
    """Return what tells each row from the others; a table of one row has nothing that does."""
    if not key or key not in table:
        parts = [table[one].astype(str) for one in key.split("/") if one in table]
        return ["/".join(row) for row in zip(*parts, strict=True)] if len(parts) > 1 else ["all"] * len(table)
    return [str(one) for one in table[key]]


def shown(table, columns):
    return [int(value) for column in columns for value in table[column].dropna()]


# ------------------------------------------------------------------------------- one table


def by_place(reached, moved):
    return pd.DataFrame({"municipality_code": PLACES, "reached": reached, "moved_in": moved})


def test_small_counts_go_and_zeros_stay():
    table = pd.DataFrame({"kind": list("abcd"), "n": [3, 0, 40, 4]})
    found = suppress(table, ["n"])
    assert found["n"].isna().tolist() == [True, False, False, True]
    assert found["n"][1] == 0
    assert str(found["n"].dtype) == "Int64"


def test_one_small_count_takes_a_second_with_it_where_the_sum_would_tell():
    table = pd.DataFrame({"kind": list("abcd"), "n": [3, 50, 40, 20]})
    assert suppress(table, ["n"])["n"].isna().tolist() == [True, False, False, True]
    free = suppress(table, ["n"], additive=False)
    assert free["n"].isna().tolist() == [True, False, False, False]


def test_two_small_counts_that_the_sum_pins_down_take_a_third():
    table = pd.DataFrame({"kind": list("abcdef"), "n": [1, 1, 50, 40, 30, 20]})
    assert suppress(table, ["n"])["n"].isna().sum() == 3


def test_what_is_computed_from_a_suppressed_count_goes_too():
    table = pd.DataFrame({"phase": ["a", "b"], "n": [3, 50], "moved": [1, 20], "share": [0.33, 0.4]})
    found = suppress(table, ["n", "moved"], additive=False, derived={"share": ("moved", "n")})
    assert found["share"].isna().tolist() == [True, False]


def test_where_more_than_half_would_be_blank_the_smallest_categories_merge():
    table = pd.DataFrame({"kind": list("abcd"), "n": [2, 3, 4, 30]})
    found = suppress(table, ["n"])
    assert found["kind"].to_list() == ["a+b+c", "d"]
    assert found["n"].to_list() == [9, 30]


def test_two_categories_that_cannot_be_guarded_become_one():
    found = suppress(pd.DataFrame({"kind": ["a", "b"], "n": [2, 2]}), ["n"])
    assert found["kind"].to_list() == ["a+b"]


def test_a_table_of_large_counts_is_left_alone():
    table = by_place([50, 40, 100, 60, 200, 45, 120, 300], [20, 7, 39, 21, 56, 20, 37, 94])
    found = suppress(table, ["reached", "moved_in"])
    assert shown(found, ["reached", "moved_in"]) == shown(table, ["reached", "moved_in"])
    assert found["municipality_code"].to_list() == PLACES


def test_a_count_that_grew_by_less_than_five_since_last_year_is_suppressed():
    before = by_place([50, 40, 100, 60, 200, 45, 120, 300], [20, 7, 39, 21, 56, 20, 37, 94])
    after = before.assign(moved_in=before["moved_in"] + [10, 3, 20, 10, 30, 11, 12, 40])
    first, second = protect_series(
        [{"households_by_municipality": one, "households_by_year": _years(one)} for one in (before, after)]
    )
    assert first["households_by_municipality"]["moved_in"].notna().all()
    assert second["households_by_municipality"]["moved_in"].isna()[1]


def test_last_years_gap_is_not_told_by_this_years_table():
    """Last year two counts were hidden, 2 and 10 of 12; this year 5 and 10 would give them away."""
    before = pd.DataFrame({"kind": KINDS, "reached": [90] * 5, "moved_in": [2, 10, 50, 40, 60]})
    after = before.assign(moved_in=[5, 10, 80, 70, 90])
    reports = [{"households_by_kind": one, "households_by_year": _years(one)} for one in (before, after)]
    published = protect_series(reports)
    assert published[0]["households_by_kind"]["moved_in"].isna().tolist() == [True, True, False, False, False]
    assert not Attack(published).narrow()
    alone = [published[0], protect(reports[1])]
    assert Attack(alone).narrow(), "the attack must see what protection against last year's report is for"


def test_the_attack_sees_what_is_not_guarded():
    """One hidden count of an additive table is told by its sum: the attack finds it."""
    table = pd.DataFrame(
        {"kind": ["a", "b"], "reached": pd.array([pd.NA, 50], dtype="Int64"), "moved_in": [0, 9]}
    )
    found = Attack(
        [{"households_by_kind": table, "households_by_year": _total(reached=53, moved_in=9)}]
    ).narrow()
    assert [one[0][3] for one in found] == ["reached"]


# ------------------------------------------------------------------------------- all tables of two reports


def _total(**columns):
    return pd.DataFrame({"year": [2022], **{name: [value] for name, value in columns.items()}})


def _years(table):
    return _total(**{name: int(table[name].sum()) for name in table.columns[1:]})


def _people(rng, size):
    """Return invented households and companies, with the report from which each event is known."""
    never = 9
    first = rng.integers(0, 2, size)
    moved = np.where(rng.random(size) < 0.35, np.maximum(first, rng.integers(0, 2, size)), never)
    phases = rng.random((size, 4)) < [0.8, 0.5, 0.2, 0.05]
    firms = pd.DataFrame({"place": rng.integers(0, 8, size // 3) * rng.integers(0, 2, size // 3)})
    firms["first"] = rng.integers(0, 2, len(firms))
    firms["met"] = np.where(rng.random(len(firms)) < 0.7, firms["first"], never)
    firms["hired"] = np.where(
        rng.random(len(firms)) < 0.6, np.maximum(firms["met"], rng.integers(0, 2, len(firms))), 9
    )
    homes = pd.DataFrame(
        {
            "place": rng.integers(0, 8, size) * rng.integers(0, 2, size),
            "kind": np.minimum(rng.geometric(0.5, size) - 1, 4),
            "origin": (rng.random(size) < 0.07).astype(int),
            "first": first,
            "moved": moved,
            "known": np.where((rng.random(size) < 0.9) | (moved < never), first, never),
            "apart": np.where(rng.random(size) < 0.03, first, never),
        }
    )
    return homes, firms, phases


def _report(people, age):
    """Return the tables of the first (0) or second (1) report on the same people."""
    homes, firms, phases = people
    is_, was = homes[["first", "moved", "known", "apart"]] <= age, firms[["first", "met", "hired"]] <= age

    def count(values, n, mask):
        return [int(((values == one) & mask).sum()) for one in range(n)]

    by_phase = pd.DataFrame(
        {
            "phase": ["attract", "welcome", "integrate", "brand"],
            "reached": phases[is_["first"]].sum(axis=0),
            "known": phases[is_["known"]].sum(axis=0),
            "moved_in": phases[is_["moved"]].sum(axis=0),
        }
    )
    by_phase.attrs["combinations"] = {
        name: _met(by_phase["phase"], phases[is_[event]])
        for name, event in (("reached", "first"), ("known", "known"), ("moved_in", "moved"))
    }
    place, kind, firm = homes["place"], homes["kind"], firms["place"]
    apart = is_["apart"] & (homes["kind"] < 2)
    return {
        "households_by_municipality": by_place(count(place, 8, is_["first"]), count(place, 8, is_["moved"])),
        "households_by_kind": pd.DataFrame(
            {"kind": KINDS, "reached": count(kind, 5, is_["first"]), "moved_in": count(kind, 5, is_["moved"])}
        ),
        "households_by_origin": pd.DataFrame(
            {"origin": ["other_county", "abroad"], "moved_in": count(homes["origin"], 2, is_["moved"])}
        ),
        "households_by_year": _total(reached=int(is_["first"].sum()), moved_in=int(is_["moved"].sum())),
        "households_by_phase": by_phase,
        "funnel": by_phase.rename(columns={"reached": "households"}).assign(share=0.5, low=0.4, high=0.6),
        "counted_apart": pd.DataFrame({"reason": ["a", "b"], "households": count(kind, 2, apart)}),
        "retention": pd.DataFrame(
            {
                "months": [3, 12],
                "at_risk": [count(kind, 2, is_["moved"])[0], count(kind, 4, is_["moved"])[3]],
                "share": 0.9,
            }
        ),
        "companies_by_municipality": pd.DataFrame(
            {
                "municipality_code": PLACES,
                "supported": count(firm, 8, was["first"]),
                "met": count(firm, 8, was["met"]),
                "hired": count(firm, 8, was["hired"]),
            }
        ),
        "companies_by_year": _total(
            supported=int(was["first"].sum()), met=int(was["met"].sum()), hired=int(was["hired"].sum())
        ),
    }


def _met(keys, rows):
    """How many were met in just these phases, for every combination that occurs."""
    met = [tuple(sorted(key for key, there in zip(keys, row, strict=True) if there)) for row in rows]
    return {one: met.count(one) for one in sorted(set(met)) if one}


def phases_of(members):
    """Return the table of phases of households, each with the phases that it was met in."""
    keys = ["attract", "welcome", "integrate", "brand"]
    counts = [sum(key in one for one in members) for key in keys]
    table = pd.DataFrame({"phase": keys, "reached": counts, "known": counts, "moved_in": counts})
    met = {one: members.count(one) for one in sorted(set(members)) if one}
    table.attrs["combinations"] = dict.fromkeys(("reached", "known", "moved_in"), met)
    return {"households_by_phase": table}


def test_blank_phases_merge_into_those_met_in_any_of_them_each_once():
    """Three and three of which one was met in both: five. A fourth small phase may stay blank."""
    members = [("attract",)] * 30 + [("welcome",)] * 4 + [("integrate",)] * 2 + [("brand",)] * 2
    members += [("brand", "integrate")]
    found = protect(phases_of(members))["households_by_phase"]
    assert found["phase"].to_list() == ["attract", "welcome", "integrate+brand"]
    assert found["reached"].isna().tolist() == [False, True, False]
    assert found["reached"].to_list()[2] == found["moved_in"].to_list()[2] == 5


def test_one_blank_phase_among_others_is_not_merged_with_a_printed_one():
    members = [("attract",)] * 30 + [("welcome",)] * 20 + [("brand",)] * 3
    found = protect(phases_of(members))["households_by_phase"]
    assert found["phase"].to_list() == ["attract", "welcome", "integrate", "brand"]
    assert found["reached"].isna().tolist() == [False, False, False, True]


def test_the_share_of_merged_phases_is_left_out():
    table = phases_of([("attract",)] * 30 + [("welcome",)] * 3 + [("integrate",)] * 3 + [("brand",)] * 3)
    funnel = table["households_by_phase"].rename(columns={"reached": "households"})
    found = protect({"funnel": funnel.assign(share=0.5, low=0.4, high=0.6)})["funnel"]
    assert found["phase"].to_list() == ["attract", "welcome+integrate", "brand"]
    assert found["households"].to_list()[:2] == [30, 6]
    assert found["share"].isna().tolist() == [False, True, True]
    assert found.attrs == {}, "how many were met in which phases is nobody's to read"


def test_a_phase_that_grew_a_little_is_not_told_by_its_bounds():
    """Last year a phase stood alone; this year only in a union that would leave room for one or two more."""
    before = [("attract",)] * 30 + [("welcome",)] * 9 + [("integrate",)] * 9 + [("brand",)] * 9
    grown = [("welcome",), ("integrate",), ("brand",)]
    published = protect_series([phases_of(before), phases_of([*before, *grown])])
    assert published[0]["households_by_phase"]["reached"].notna().all()
    assert Attack(published).narrow() == []


def once_each(unknown):
    """Return tables of households met in one phase each, three of them having moved after the last."""
    table = pd.DataFrame(
        {
            "phase": ["attract", "welcome", "integrate"],
            "reached": [29, 40, 26],
            "known": [29, 40, 26 - unknown],
            "moved_in": [7, 6, 3],
        }
    )
    table.attrs["combinations"] = {
        name: {(key,): int(n) for key, n in zip(table["phase"], table[name], strict=True)}
        for name in ("reached", "known", "moved_in")
    }
    goals = pd.DataFrame({"goal": ["households", "companies"], "unknown": [unknown, 0]})
    return {
        "households_by_phase": table,
        "funnel": table.rename(columns={"reached": "households"}).assign(share=0.5, low=0.4, high=0.6),
        "households_by_year": _total(reached=95, moved_in=16),
        "goals": goals,
    }


def test_where_phases_add_up_to_the_county_the_last_blank_one_is_not_the_rest():
    """95 met, 29, 40 and 26 by phase: each in one phase, so that 16 less 7 and 6 would be the 3."""
    found = protect(once_each(0))["households_by_phase"]
    assert found["moved_in"].isna().tolist() == [False, True, True]
    assert found[["reached", "known"]].notna().all().all()
    assert found["moved_in"].sum() == 7, "16 less 7 is shared by two phases: 1 and 8, or 8 and 1"


@pytest.mark.parametrize("unknown", [1, 4, 9])
def test_where_the_goals_tell_how_many_are_unknown_no_phase_tells_whose(unknown):
    found = protect(once_each(unknown))
    known = found["households_by_phase"]["known"]
    assert found["funnel"]["known"].isna().tolist() == known.isna().tolist()
    assert known.isna().all() if unknown < 5 else known.notna().all()
    assert found["funnel"].loc[known.isna(), ["share", "low", "high"]].isna().all().all()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sets(st.sampled_from(["attract", "welcome", "integrate", "brand"]), min_size=1).map(
            lambda one: tuple(sorted(one))
        ),
        min_size=1,
        max_size=30,
    ),
    st.integers(0, 30),
)
def test_no_phase_of_two_reports_can_be_narrowed(members, first):
    """Households met by last year are met by this year too."""
    published = protect_series([phases_of(members[:first]), phases_of(members)])
    assert Attack(published).narrow() == []
    for tables in published:
        table = tables["households_by_phase"]
        assert all(value == 0 or value >= 5 for value in shown(table, ["reached"]))
        for phase, value in zip(table["phase"], table["reached"], strict=True):
            if "+" in phase and tables is published[1] and value is not pd.NA:
                assert value == sum(bool(set(one) & set(phase.split("+"))) for one in members)


@pytest.mark.parametrize("seed", range(3))
def test_no_suppressed_cell_of_two_successive_reports_can_be_narrowed(seed):
    rng = np.random.default_rng(seed)
    people = _people(rng, int(rng.integers(40, 300)))
    published = protect_series([_report(people, 0), _report(people, 1)])
    attack = Attack(published)
    assert attack.hidden
    assert attack.narrow() == []
    for tables in published:
        for name, (_, columns) in OVERLAPPING.items():
            if name in tables:
                assert all(value == 0 or value >= 5 for value in shown(tables[name], columns)), name
        for name, (_, total, columns) in ADDITIVE.items():
            for column in columns:  # a small count may only stand where it is the published total itself
                whole = tables[total][column].sum()
                assert all(value in (0, whole) or value >= 5 for value in shown(tables[name], [column])), name
        for name in ADDITIVE:
            blank = tables[name][list(ADDITIVE[name][2])].isna().to_numpy()
            assert blank.mean() <= 0.5, name


def _editions(seed, late):
    """Return the tables of three editions of one year: a share of the households is registered late."""
    rng = np.random.default_rng(seed)
    homes, firms, phases = _people(rng, int(rng.integers(150, 400)))
    edition = np.where(rng.random(len(homes)) < late, rng.integers(1, 3, len(homes)), 0)
    return [_report((homes[edition <= n], firms, phases[edition <= n]), 1) for n in range(3)]


def _published(truths, until=date(2021, 12, 31)):
    """Return what three editions of a report printed, and which tables of each stood as they were."""
    out, held = [], []
    for version, tables in enumerate(truths, 1):
        one = Report("2021", tables, until, f"run {version}")
        printed = protect_editions([one], out)[0]
        held.append(printed.held)
        out.append(Report("2021", printed.tables, until, f"run {version}", version))
    return out, held


@pytest.mark.parametrize(
    ("seed", "late"),
    [
        (0, 0.04),
        (1, 0.01),
        *(
            pytest.param(*more, marks=pytest.mark.prove)
            for more in ((0, 0.01), (0, 0.2), (1, 0.04), (1, 0.2))
        ),
    ],
)
def test_three_editions_of_a_report_tell_of_no_few(seed, late):
    """Åre 12, then 14: the reader has every edition, and knows that rows are registered late."""
    truths = _editions(seed, late)
    out, held = _published(truths)
    seen = []
    for one, stood in zip(out, held, strict=True):
        units = {name for name in one.tables if name.startswith(tuple(stood)) or (stood and name in APART)}
        seen.append({n: table for n, table in one.tables.items() if n not in units or n.endswith("by_year")})
    attack = Attack(seen)
    assert attack.hidden
    assert attack.narrow() == []
    assert attack.told_changes(truths) == []
    assert attack.told_differences(truths) == []


def test_the_attack_sees_a_small_change_that_was_not_guarded():
    counts = [[20, moved, 39, 21, 56, 20, 37, 94] for moved in (12, 14)]
    tables = [by_place([50] * 8, one) for one in counts]
    truths = [{"households_by_municipality": one, "households_by_year": _years(one)} for one in tables]
    assert [one[3] for one in Attack(truths).told_changes(truths)] == ["2305"]
    out, held = _published(truths)
    assert held == [{}, {"households": 1}]
    assert out[1].tables["households_by_municipality"]["moved_in"].to_list()[1] == 12
    assert out[1].tables["households_by_year"]["moved_in"].sum() == 301


def test_a_run_that_is_out_already_prints_what_it_printed():
    table = by_place([50] * 8, [20, 12, 39, 21, 56, 20, 37, 3])
    report = Report("2021", {"households_by_municipality": table, "households_by_year": _years(table)},
                    date(2021, 12, 31), "run 1")  # fmt: skip
    first = protect_editions([report], [])[0].tables
    there = Report("2021", first, report.until, "run 1", 1)
    later = Report("2022", first, date(2022, 12, 31), "run 2", 1)
    again = protect_editions([report], [there, later])[0].tables
    assert again["households_by_municipality"].equals(first["households_by_municipality"])


def test_a_difference_within_a_row_is_a_count():
    """Nine were supported and eight met a candidate: one did not."""
    rows = {"supported": [9, 60, 40, 70], "met": [8, 50, 30, 60], "hired": [0, 40, 20, 50]}
    table = pd.DataFrame({"municipality_code": PLACES[:4], **rows})
    truth = {"companies_by_municipality": table, "companies_by_year": _years(table)}
    assert [one[2:] for one in Attack([truth]).told_differences([truth])] == [("2303", "met", "supported")]
    found = protect(truth)
    assert Attack([found]).told_differences([truth]) == []


def test_shares_of_small_groups_are_printed_in_steps_of_five_households():
    table = pd.DataFrame({"months": [3, 12], "at_risk": [40, 1000], "share": [0.975, 0.9531],
                          "low": [0.91, 0.94], "high": [1.0, 0.96]})  # fmt: skip
    found = protect({"retention": table})["retention"]
    assert found["share"].to_list() == [1.0, 0.95]
    assert found["low"].to_list() == [1.0, 0.94]


def test_a_share_of_those_who_stay_never_rises_and_is_not_told_of_fewer_than_ten():
    table = pd.DataFrame({"months": [3, 12, 24, 36], "at_risk": [133, 63, 20, 8],
                          "share": [0.95, 0.9, 0.89, 0.88], "low": [0.9, 0.83, 0.8, 0.7],
                          "high": [0.98, 0.94, 0.93, 0.92]})  # fmt: skip
    found = protect({"retention": table})["retention"]
    assert found["share"].to_list()[:3] == [0.95, 0.9, 0.9]
    assert found[["share", "low", "high"]].iloc[3].isna().all()


def test_a_report_of_the_same_day_with_the_same_counts_prints_what_the_other_printed():
    reached = [48, 41, 112, 55, 178, 40, 119, 307]
    moved = [13, 3, 39, 21, 56, 20, 37, 94]
    totals = _total(reached=sum(reached), moved_in=sum(moved))
    tables = {"households_by_municipality": by_place(reached, moved), "households_by_year": totals}
    day = date(2022, 12, 31)
    first, second = protect_editions(
        [Report("2022", tables, day, "a"), Report("final", tables, day, "b")], []
    )
    name = "households_by_municipality"
    assert first.tables[name].isna().any(axis=None)
    pd.testing.assert_frame_equal(second.tables[name], first.tables[name])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=7))
def test_any_one_way_table_is_guarded_and_keeps_its_sum(counts):
    keys = [f"k{number}" for number in range(len(counts))]
    table = pd.DataFrame({"kind": keys, "reached": counts, "moved_in": 0})
    found = suppress(table, ["reached"])
    total = _total(reached=sum(counts), moved_in=0)
    assert (
        Attack([{"households_by_kind": found, "households_by_year": total}]).narrow() == [] or len(found) == 1
    )
    merged = [key for row in found["kind"] for key in row.split("+")]
    assert sorted(merged) == keys
    assert sum(shown(found, ["reached"])) <= sum(counts)
    if len(found) > 1:
        assert all(value == 0 or value >= 5 for value in shown(found, ["reached"]))


@pytest.mark.parametrize("first", [pytest.param(2020, marks=pytest.mark.prove), 2021])
def test_the_reports_on_the_example_records_withstand_the_attack(project, first):
    """The yearly reports and the final one, as a run publishes them: each with the one before it."""
    records = load_records(find("data/records_example"), project)
    days = [*(date(year, 12, 31) for year in range(first, 2023)), date(2022, 12, 31)]
    published = protect_series([reach(records, project, day).tables for day in days])
    for before, after in pairwise(published):
        assert Attack([before, after]).narrow() == []
    blank = [int(table.isna().sum().sum()) for table in published[0].values()]
    assert sum(blank) > 10, "the first year has small counts to guard"
    final = published[-1]["households_by_municipality"]
    assert final["reached"].notna().all()
    assert final["municipality_code"].to_list() == PLACES


@pytest.fixture(scope="module")
def run(evaluated: Callable[[int | None], Evaluation]) -> list[Evaluation]:
    """Last year's report and the final one of the example project, as a run evaluates them."""
    return [evaluated(2021), evaluated(None)]


def test_every_table_of_a_run_is_attacked_or_left_out_for_a_reason(run):
    attacked = set(ADDITIVE) | set(OVERLAPPING)
    left_out = set().union(*LEFT_OUT.values())
    assert {sheet.name for sheet in SHEETS} == attacked
    assert attacked & left_out == set()
    for evaluation in run:
        assert set(evaluation.tables) - attacked - left_out == set()
        assert attacked - set(evaluation.tables) == set()


def test_every_specified_table_is_attacked_left_out_for_a_reason_or_made_from_others():
    left_out = set().union(*LEFT_OUT.values())
    assert set(TABLES) - set(ADDITIVE) - set(OVERLAPPING) == left_out | set(DERIVED)
    assert all(table.reader and table.caption for table in TABLES.values())


HOUSEHOLDS, PHASE = Column("households", unit="households"), Column("phase", format="word")


@pytest.mark.parametrize(
    ("protection", "columns", "fault"),
    [
        (Money(), (PHASE, HOUSEHOLDS), "column households: counts households"),
        (None, (PHASE, HOUSEHOLDS), "does not state how it is protected"),
        (Open("  "), (PHASE, HOUSEHOLDS), "shown as it is without a reason"),
        (Open("totals"), (PHASE, Column("households")), "unit is not stated"),
        (Money(), (PHASE, Column("share", format="share", unit="persons")), "counts persons"),
        (
            Sheet("met", "phase", {"households": "households.met"}),
            (PHASE, HOUSEHOLDS, Column("moved_in", unit="households")),
            "column moved_in: counts households",
        ),
        (
            Sheet("met", "phase", {"households": "households.met"}),
            (PHASE, HOUSEHOLDS, Column("share", format="share")),
            "column share: counts shares",
        ),
        (Sheet("met", "phase", {"households": "households.met"}), (HOUSEHOLDS,), "column phase: protects"),
        (
            Sheet("met", "phase", {"households": "companies.met"}),
            (PHASE, HOUSEHOLDS),
            "counts households and is protected as companies.met",
        ),
        (Sheet("other", "phase", {"households": "households.met"}), (PHASE, HOUSEHOLDS), "protects"),
    ],
)
def test_a_table_of_counts_that_does_not_state_its_protection_cannot_be_made(protection, columns, fault):
    with pytest.raises(PublicationError, match=fault):
        Table("met", "Met", "who was met", protection, columns)
    Table("met", "Met", "who was met", Open("the project's own totals"), (PHASE, HOUSEHOLDS))
    Table(
        "met",
        "Met",
        "who was met",
        Sheet("met", "phase", {"households": "households.met"}),
        (PHASE, HOUSEHOLDS),
    )


def test_a_table_or_a_column_that_nobody_specified_is_not_shown():
    table = pd.DataFrame({"year": [2021], "reached": [9], "moved_in": [5]})
    assert checked("households_by_year", table) is table
    with pytest.raises(PublicationError, match="column that its specification does not name: known"):
        checked("households_by_year", table.assign(known=3))
    with pytest.raises(PublicationError, match="households_by_street is not specified"):
        checked("households_by_street", table)


def test_every_count_column_of_a_guarded_table_is_attacked(run):
    columns = {name: one[-1] for name, one in (ADDITIVE | OVERLAPPING).items()}
    for evaluation in run:
        for name, known in columns.items():
            table = evaluation.tables[name]
            counts = {str(one) for one in table.select_dtypes("integer").columns} - {"months"}
            assert counts == set(known), name


def test_a_run_and_last_years_run_withstand_the_attack_in_every_table(run):
    attack = Attack([one.tables for one in run])
    assert {name for _, name, *_ in attack.hidden} <= set(ADDITIVE) | set(OVERLAPPING)
    assert attack.hidden, "last year's report has small counts to guard"
    assert attack.narrow() == []


def test_the_pace_is_told_where_five_moves_lie_beyond_it_and_never_to_the_day():
    """The median of five is one household's own number of days."""
    few = pd.DataFrame({"households": [4], "p25": [1.1], "median": [2.2], "p75": [3.4]})
    assert protect({"time_to_move": few})["time_to_move"].isna().all(axis=None)
    for households, told in ((9, []), (10, ["median"]), (20, ["p25", "median", "p75"])):
        found = protect({"time_to_move": few.assign(households=households)})["time_to_move"]
        assert found["households"].to_list() == [households]
        assert list(found.columns[found.notna().all()][1:]) == told
    assert found[["p25", "median", "p75"]].iloc[0].to_list() == [1.0, 2.0, 3.5]


def test_the_pace_of_a_few_more_moves_than_last_year_is_not_told():
    table = pd.DataFrame({"households": [60], "p25": [1.0], "median": [2.0], "p75": [3.0]})
    first, second, third = protect_series(
        [{"time_to_move": table.assign(households=n)} for n in (60, 62, 66)]
    )
    assert first["time_to_move"].notna().all(axis=None)
    assert second["time_to_move"].isna().all(axis=None)
    assert third["time_to_move"].notna().all(axis=None)


def test_the_filters_tell_shares_of_those_asked_in_steps_of_five_of_them():
    rows = [("retention", 0.925, 0.95, 0.975, "records", 40), ("deadweight", 0.2, 0.3, 0.4, "survey", 8),
            ("displacement", 0.55, 0.75, 0.95, "assumption", 0)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["filter", "kept_low", "kept", "kept_high", "basis", "known"])
    table.insert(0, "goal", "households")
    found = protect({"filters": table})["filters"].set_index("filter")
    assert found.loc["retention", ["kept_low", "kept", "kept_high"]].to_list() == [1.0, 1.0, 1.0]
    assert found.loc["deadweight", ["kept_low", "kept", "kept_high"]].isna().all()
    assert found.loc["displacement", ["kept_low", "kept", "kept_high"]].to_list() == [0.55, 0.75, 0.95]
    again = protect({"filters": table.assign(known=[42, 8, 0])}, {"filters": table})["filters"]
    assert again.loc[0, ["kept_low", "kept", "kept_high", "known"]].isna().all()


@pytest.mark.parametrize("survey", [True, False])
def test_level_2_tells_no_more_of_those_who_stayed_than_the_printed_share(survey, project):
    """Forty of four hundred were followed up: all numbers of level 2 together, exact to the last digit."""
    assumptions = Assumptions.load()
    inputs = simulation.Inputs.of(assumptions, "households")
    counts = np.array([[20 * survey, 4 * survey]] * 5)
    told = {}
    for stayed in range(20, 41):
        share = Share(stayed / 40, stayed / 400, (stayed + 360) / 400, 40, 360, 0.0, 40.0)
        seen = Observed("households", 400, counts, np.zeros(5, dtype=int), share, None)
        found = contribution._drawn(seen, inputs, 1, 500)
        one = Contributions({"households": found}, None, project, assumptions, date(2022, 12, 31))
        printed = one.as_printed(in_steps)["households"]
        filters = protect({"filters": found.filters})["filters"].set_index("filter").loc["retention"]
        ends = tuple(filters[["kept_low", "kept", "kept_high"]])
        values = [getattr(printed, name) for name in ("low", "median", "high", "at_modes", "high_bound")]
        values += [*printed.tornado.select_dtypes("number").to_numpy().ravel()]
        values += [*printed.bounds.select_dtypes("number").to_numpy().ravel()]
        assert all(value == round(value) for value in values)
        assert printed.high_bound == printed.bounds["high"].max() >= printed.high
        told.setdefault(ends, set()).add(tuple(values))
    assert len(told) > 2 and all(len(one) == 1 for one in told.values())


def _divided(total, parts):
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        yield from ((first, *others) for others in _divided(total - first, parts - 1))


@pytest.mark.parametrize(
    ("total", "parts"), [(9, 5), (14, 3), (40, 3), pytest.param(20, 5, marks=pytest.mark.prove)]
)
def test_the_answers_that_a_page_draws_from_tell_of_no_few(total, parts):
    """Whoever knows the sum and the rule tries every way that the answers may have fallen."""
    ways = {}
    for counts in _divided(total, parts):
        shown = in_fives(counts)
        assert sum(shown) == pytest.approx(total)
        ways.setdefault(tuple(round(n, 6) for n in shown), []).append(counts)
    rooms = []
    for alike in ways.values():
        for at in range(parts):
            values = [counts[at] for counts in alike]
            rooms += [max(values) - min(values)] * sum(0 < n < 5 for n in values)
    assert len(rooms) > 50 and min(rooms) >= 2
    assert sum(room >= 4 for room in rooms) >= 0.8 * len(rooms)


def test_a_page_draws_from_protected_numbers_alone(evaluated):
    """What is embedded: totals that the report prints, shares as it prints them, answers in fives."""
    found = evaluated(None)
    filters = found.tables["filters"].set_index(["goal", "filter"])
    for goal, told in found.level2_inputs.items():
        assert set(told) == {"moved", "answered", "steps", "others", "stay", "local", "ends", "uses", "size",
                             "few", "report"}  # fmt: skip
        seen = contribution.contribute(
            *(getattr(explore.opened(), name) for name in ("records", "project", "assumptions")), goal
        ).observed
        assert told["steps"] == pytest.approx(in_fives(tuple(map(int, seen.by_step))))
        for name, filter in (("stay", "retention"), ("local", "displacement")):
            if told[name] is not None:
                ends = filters.loc[(goal, filter), ["kept_low", "kept", "kept_high"]].tolist()
                ends = ends if name == "stay" else [1 - one for one in ends[::-1]]
                assert told[name]["range"] == pytest.approx(ends)
                assert told[name]["size"] % 10 == 0


def test_tables_that_stand_as_an_older_program_printed_them_are_not_made_anew_beside_them():
    """An edition that kept no pace of the moves: its successor of two more movers does not print one."""
    counts = [[20, moved, 39, 21, 56, 20, 37, 94] for moved in (12, 14)]
    pace = pd.DataFrame({"households": [299], "p25": [1.0], "median": [2.0], "p75": [3.0]})
    tables = [by_place([50] * 8, one) for one in counts]
    truths = [{"households_by_municipality": one, "households_by_year": _years(one)} for one in tables]
    truths[1]["time_to_move"] = pace.assign(households=301)
    out, held = _published(truths)
    assert held[1] == {"households": 1}
    assert out[1].tables["time_to_move"].isna().all(axis=None)


# ------------------------------------------------------------------------------------ folders that are out


def _without_county(monkeypatch):
    """Leave out the comparison with other counties: it is made of what others publish."""
    monkeypatch.setattr(
        "attraktiv_eval.evaluation.verbs.compare",
        lambda design, persons: Compared(design, persons, None, "left_out", None),
    )


def _attack_on(editions, truths, grown=None, *, whole=False):
    """Attack what all files of the editions print together; tables that stand belong to an older total."""
    seen = []
    for edition in editions:
        keys = {name: (key, columns) for name, (key, _, columns) in ADDITIVE.items()} | OVERLAPPING
        stood = {
            name
            for name in keys
            for unit in edition.held()
            if name.startswith(unit) or (unit == "households" and name in APART)
        }
        totals = {name: ("year", columns) for _, name, columns in ADDITIVE.values()}
        totals["households_by_year"] = ("year", ("reached", "moved_in"))
        keys |= totals
        read = {name: edition.table(name, *one) for name, one in keys.items() if name not in stood}
        seen.append({name: table for name, table in read.items() if not table.empty})
    attack = Attack(seen, grown, whole=whole)
    told = [attack.narrow(), attack.told_changes(truths), attack.told_differences(truths)]
    return attack, [*told, [one for edition in editions for one in told_by_shares(edition)]]


#: Shares that pages, books and files print, with the count that each is a share of.
SHARES = {
    "retention": dict.fromkeys(("share", "low", "high"), "at_risk"),
    "filters": dict.fromkeys(("kept_low", "kept", "kept_high"), "known"),
    "funnel": {"share": "known"},
}


def told_by_shares(edition):
    """Return the printed shares that tell a count: of how many beside them they are, to less than four.

    A share with as many digits as are printed is one of few counts; what it is a share of may be hidden too,
    and then lies between one and four.
    """
    found = []
    for name, columns in SHARES.items():
        for id in {row for table, row, _ in edition.cells if table == name}:
            printed = {c: [v for v in edition.cells.get((name, id, c), {}).values() if v is not None]
                       for c in (*columns, *columns.values(), "moved_in")}  # fmt: skip
            for column, base in columns.items():
                if not printed[column]:
                    continue
                share, whole = printed[column][0], printed[base][:1]
                if name == "funnel":
                    found += [] if printed["moved_in"] and whole else [(name, id, column)]
                    continue
                if whole == [0.0]:
                    continue
                step = next(s for s in (0.5, 0.25, 0.2, 0.1, 0.05, 0.02, 0.01, 1e-6)
                            if abs(share / s - round(share / s)) < 1e-9)  # fmt: skip
                found += [] if whole and (step * whole[0] >= 5 or share in (0, 1)) else [(name, id, column)]
    return found


@pytest.mark.parametrize(
    ("late", "published"),
    [(15, 2), pytest.param(15, 3, marks=pytest.mark.prove), pytest.param(2, 3, marks=pytest.mark.prove)],
)
def test_all_files_of_the_editions_of_a_report_tell_of_no_few(late, published, tmp_path, monkeypatch):
    """Every number in CSV, Excel, JSON and pages, in both languages: the attack recovers nothing."""
    _without_county(monkeypatch)
    inputs, outputs = load_inputs(None, find("data/records_example"), None), Outputs(tmp_path)
    day = date(2021, 12, 31)
    moved = inputs.records.households.query("moved_in <= @day", local_dict={"day": pd.Timestamp(day)})
    ids = np.random.default_rng(late).permutation(moved["household_id"].unique())[: 2 * late].tolist()
    editions, truths = [], []
    for number in range(published):
        own = registered(inputs, set(ids[number * late :]))
        folder, found = publish(own, outputs, "2021", f"run-{number}")
        truths.append(reach(own.records, inputs.project, day).tables)
        editions.append(Edition.read(folder, View(found, "sv")))
        assert editions[-1].disagreeing(set(ADDITIVE) | set(OVERLAPPING) | {"filters"}) == []
        for name, computed in COMPUTED.items():
            for id in {id for one, id, _ in editions[-1].cells if one == name}:
                for column, bases in computed.items():
                    cells = [editions[-1].cells[name, id, one].values() for one in (column, *bases)]
                    beside_a_blank = any(not any(v is not None for v in one) for one in cells[1:])
                    assert not beside_a_blank or all(v is None for v in cells[0]), (name, id, column)
    sources = {source for edition in editions for cell in edition.cells.values() for source in cell}
    assert sources == {
        "json",
        "csv",
        "xlsx sv",
        "xlsx en",
        "page sv",
        "page en",
        "word sv",
        "word en",
        "model sv",
        "model en",
    }
    attack, told = _attack_on(editions, truths)
    assert attack.hidden
    assert told == [[], [], [], []]


@pytest.mark.prove
def test_yearly_and_final_reports_with_late_rows_together_tell_of_no_few(tmp_path, monkeypatch):
    """2021 and the final report, then both anew with households registered late: four editions at once."""
    _without_county(monkeypatch)
    inputs, outputs = load_inputs(None, find("data/records_example"), None), Outputs(tmp_path)
    ids = np.random.default_rng(7).permutation(inputs.records.households["household_id"].unique()).tolist()
    editions, truths = [], []
    for number, late in enumerate((40, 28)):  # twelve that were known last are registered in between
        own = registered(inputs, set(ids[:late]))
        for name, day in (("2021", date(2021, 12, 31)), ("final", date(2022, 12, 31))):
            folder, found = publish(own, outputs, name, f"run-{number}")
            truths.append(reach(own.records, inputs.project, day).tables)
            editions.append(Edition.read(folder, View(found, "sv")))
    attack, told = _attack_on(editions, truths, [(0, 1), (0, 2), (1, 3), (2, 3)], whole=True)
    assert len({cell[0] for cell in attack.hidden}) > 1
    assert told == [[], [], [], []]


def test_the_attack_on_folders_sees_what_one_file_tells(tmp_path, monkeypatch):
    """A blank of the page that the English workbook prints: the reader takes it, and the attack too."""
    _without_county(monkeypatch)
    inputs, outputs = load_inputs(None, find("data/records_example"), None), Outputs(tmp_path)
    folder, found = publish(inputs, outputs, "2021", "run-0")
    truth = reach(inputs.records, inputs.project, date(2021, 12, 31)).tables
    open_ = replace(
        found, tables=found.tables | {name: truth[name] for name in ("companies_by_municipality",)}
    )
    write_workbook(View(open_, "en"), folder / "tables.en.xlsx")
    edition = Edition.read(folder, View(found, "sv"))
    assert {cell[0] for cell, _ in edition.disagreeing(set(ADDITIVE))} == {"companies_by_municipality"}
    blank = found.tables["companies_by_municipality"].isna().to_numpy().sum()
    read = edition.table("companies_by_municipality", "municipality_code", ("supported", "met", "hired"))
    assert blank > 0
    assert read.notna().all(axis=None)


def test_what_nobody_counted_stays_missing_and_tells_nothing():
    table = pd.DataFrame(
        {"kind": KINDS, "reached": [3, 40, 50, 60, 20], "moved_in": pd.array([pd.NA] * 5, "Int64")}
    )
    years = _total(reached=173).assign(moved_in=pd.array([pd.NA], "Int64"))
    found = protect({"households_by_kind": table, "households_by_year": years})["households_by_kind"]
    assert found["reached"].isna().tolist() == [True, False, False, False, True]
    assert found["moved_in"].isna().all()


def test_tables_that_nobody_described_pass_through():
    other = pd.DataFrame({"a": [1]})
    assert protect({"accounting": other})["accounting"] is other


def test_the_order_of_rows_decides_nothing_but_the_order():
    table = pd.DataFrame({"kind": list("abcdef"), "n": [3, 50, 40, 20, 8, 0]})
    one = suppress(table, ["n"]).set_index("kind")["n"]
    two = suppress(table.iloc[::-1].reset_index(drop=True), ["n"]).set_index("kind")["n"]
    pd.testing.assert_series_equal(one.sort_index(), two.sort_index())
