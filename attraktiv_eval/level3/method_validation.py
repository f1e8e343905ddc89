"""What a reader who doubts may ask of the methods, as tidy tables: the content of ``method_validation``."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attraktiv_eval import regions, resources
from attraktiv_eval.counterfactual.estimators import estimate
from attraktiv_eval.counterfactual.inference import Placebos, placebo_in_space, placebo_in_time
from attraktiv_eval.counterfactual.method import method_of, methods, quick_methods
from attraktiv_eval.counterfactual.power import minimum_detectable_effect, power_from_placebos
from attraktiv_eval.errors import DesignError, SourceError, guard
from attraktiv_eval.findings import RULES, Level3, verdict
from attraktiv_eval.level3.comparison import MUNICIPAL_METHOD, Municipalities, municipality_effects
from attraktiv_eval.level3.rival_explanations import MUNICIPAL_OUTCOME
from attraktiv_eval.level3.specification_curve import COVID_YEARS, cell, specification_curve
from attraktiv_eval.level3.units import effect_in_persons, households_from_persons
from attraktiv_eval.statistics.outcomes import OUTCOMES

if TYPE_CHECKING:
    from attraktiv_eval.counterfactual.design import Design
    from attraktiv_eval.level3.plan import Plan
    from attraktiv_eval.statistics.panel import Panel


PUBLISHED = "tests/reference/published.toml"
HOUSEHOLDS = tuple(range(100, 2001, 100))
WEIGHTED = 1e-6  # a donor with a smaller weight carries none


@dataclass(frozen=True)
class County:
    """A panel, its plan, and the county and years that the questions are about."""

    panel: Panel
    plan: Plan
    known: dict[str, Placebos] = field(default_factory=dict, repr=False)

    @property
    def region(self) -> str:
        """The county code."""
        return self.plan.region

    @property
    def project_years(self) -> tuple[int, int]:
        """First and last year of the project."""
        return int(self.plan.content["first_treated"]), int(self.plan.content["last_treated"])

    @property
    def outcomes(self) -> list[str]:
        """The outcomes of the plan whose statistics reach the project's first year."""
        years = self.project_years
        return [name for name in self.plan.outcomes if self.panel.years_covered(name, years) is not None]

    def window(self, outcome: str) -> tuple[int, int]:
        """Return the first and last year compared: those of the project that an outcome covers.

        Raises
        ------
        DesignError
            If it covers none.
        """
        covered = self.panel.years_covered(outcome, self.project_years)
        if covered is None:
            first, last = self.project_years
            raise DesignError(
                f"the statistics on {outcome} do not reach {first}, the first year of {first} to {last}",
                remedy="fetch later figures with attraktiv-eval fetch",
            )
        return covered

    def years(self, outcome: str) -> str:
        """Return the years compared as text."""
        first, last = self.window(outcome)
        return str(first) if first == last else f"{first}–{last}"

    def population(self, outcome: str) -> pd.Series:
        """Return what turns an effect per 1,000 into persons, by year: inhabitants on 31 December."""
        return self.panel.base(outcome, "county")[self.region]

    def exposure(self, outcome: str) -> float:
        """Return thousands of inhabitants summed over the years compared: turns a mean rate into moves."""
        first, last = self.window(outcome)
        return float(self.population(outcome).loc[first:last].sum()) / 1000

    def placebos(self, outcome: str) -> Placebos:
        """Return the placebo test of the primary specification of an outcome."""
        if outcome not in self.known:
            method, pool = self.plan.primary(outcome)
            table, design = self.cell(outcome, pool)
            self.known[outcome] = placebo_in_space(table, design, method)
        return self.known[outcome]

    def cell(self, outcome: str, pool: str) -> tuple[pd.DataFrame, Design]:
        """Return outcome table and design for a donor pool, years from the plan's first."""
        rates = self.panel.rate(outcome, "county")
        return cell(rates, self.region, self.window(outcome), pool, self.plan.first_year(outcome))


def published() -> pd.DataFrame:
    """Return the published figures beside ours: method, what, published, ours, difference, tolerance.

    They are kept true by the tests; the file is part of a checkout, not of an installed copy.

    Raises
    ------
    SourceError
        If the file is not there.
    """
    file = resources.find(PUBLISHED)
    rows = [row for row in tomllib.loads(file.read_text(encoding="utf-8"))["figure"] if "published" in row]
    table = pd.DataFrame(rows)[["method", "what", "published", "ours", "tolerance"]]
    table.insert(4, "difference", table["ours"] - table["published"])
    return table


def optimality(county: County) -> pd.DataFrame:
    """Return the certificate of every convex solve.

    Columns: outcome, method, pool, residual, donors, weighted (how many), weight_sum.
    """
    rows = []
    for outcome in county.outcomes:
        pool = county.plan.primary(outcome)[1]
        table, design = county.cell(outcome, pool)
        for method in (name for name, one in methods().items() if one.convex):
            own = estimate(table, design, method)
            weights = own.weights if own.weights is not None else pd.Series(dtype=float)
            rows.append(
                (
                    outcome,
                    method,
                    pool,
                    own.residual,
                    len(weights),
                    int((weights.abs() > WEIGHTED).sum()),
                    float(weights.sum()),
                )
            )
    return pd.DataFrame(
        rows, columns=["outcome", "method", "pool", "residual", "donors", "weighted", "weight_sum"]
    )


def power_curve(
    county: County,
    outcome: str,
    persons_per_household: float,
) -> pd.DataFrame:
    """Return what the primary specification would make of each true effect in households.

    The households are those of all the years compared.

    Columns: outcome, households, power, wrong_sign, exaggeration, smallest_exaggeration.
    """
    sizes = np.array(HOUSEHOLDS)
    effects = sizes * persons_per_household / county.exposure(outcome)
    told = power_from_placebos(county.placebos(outcome), effects)
    told = told.drop(columns="effect")
    told.insert(0, "households", sizes)
    told.insert(0, "outcome", outcome)
    return told


def sight(
    county: County, persons_per_household: tuple[float, float, float], paces: Mapping[str, float]
) -> pd.DataFrame:
    """Return how far the primary specification of each outcome can see.

    Parameters
    ----------
    persons_per_household : (value, low, high)
    paces : mapping of outcome to float
        The households that the goal asks for by the last year compared of each outcome: its even pace.

    Returns
    -------
    DataFrame, one row an outcome
        outcome, years (compared), method, pool, n, smallest_p, detectable_persons, detectable_households (at
        the value), detectable_low and detectable_high (at the high and the low end), pace,
        power_at_pace, exaggeration_at_pace, found_at_pace (whether any placebo carries it over the border).
    """
    value, low, high = persons_per_household
    rows = []
    for outcome in county.outcomes:
        method, pool = county.plan.primary(outcome)
        placebos, exposure = county.placebos(outcome), county.exposure(outcome)
        seen = minimum_detectable_effect(placebos) * exposure
        at = power_from_placebos(placebos, [paces[outcome] * value / exposure]).iloc[0]
        found = not np.isnan(at["exaggeration"])
        rows.append(
            {
                "outcome": outcome,
                "years": county.years(outcome),
                "method": method,
                "pool": pool,
                "n": placebos.n,
                "smallest_p": placebos.smallest_p,
                "detectable_persons": seen,
                "detectable_households": seen / value,
                "detectable_low": seen / high,
                "detectable_high": seen / low,
                "pace": paces[outcome],
                "power_at_pace": at["power"],
                "exaggeration_at_pace": at["exaggeration"] if found else at["smallest_exaggeration"],
                "found_at_pace": found,
            }
        )
    return pd.DataFrame(rows)


def pseudo_effects_by_method(county: County, methods: Iterable[str]) -> pd.DataFrame:
    """Return each method's estimate beside what it finds in the window before, by the plan's primary pool.

    Columns: outcome, years (compared), method, pool, effect_persons, pseudo_persons, share (pseudo over
    effect), primary. The window before is as long as the years compared.
    """
    rows = []
    for outcome in county.outcomes:
        best, pool = county.plan.primary(outcome)
        table, design = county.cell(outcome, pool)
        people, years = county.population(outcome), county.years(outcome)
        for method in methods:
            real = effect_in_persons(estimate(table, design, method).effects, people)
            pseudo = effect_in_persons(placebo_in_time(table, design, method).effects, people)
            rows.append((outcome, years, method, pool, real, pseudo, pseudo / real, method == best))
    columns = ["outcome", "years", "method", "pool", "effect_persons", "pseudo_persons", "share", "primary"]
    return pd.DataFrame(rows, columns=columns)


def covid(county: County) -> pd.DataFrame:
    """Return each quick method's, and the primary, estimate a year with and without 2020–2021.

    Columns: outcome, years (compared), method, pool, a_year (moves a year over them), without (moves a year
    in what is left), low, high (placebo interval of the latter), true_level (that it really has), p_value.
    The last five are missing where no year is left.
    """
    parts = []
    for outcome in county.outcomes:
        best, pool = county.plan.primary(outcome)
        first, last = county.window(outcome)
        told = specification_curve(
            county.panel,
            county.region,
            (first, last),
            methods=list(dict.fromkeys([*quick_methods(), best])),
            outcomes=[outcome],
            pools=[pool],
            first_years=[None],
        )
        whole, left = told[~told["without_covid"]], told[told["without_covid"]]
        part = whole[["outcome", "method", "pool"]].reset_index(drop=True)
        part.insert(1, "years", county.years(outcome))
        part["a_year"] = whole["effect_persons"].to_numpy() / (last - first + 1)
        later = left.set_index("method").reindex(part["method"])
        remaining = last - max(first, COVID_YEARS[-1] + 1) + 1
        for column, name in (("effect_persons", "without"), ("low", "low"), ("high", "high")):
            part[name] = later[column].to_numpy(dtype=float) / max(remaining, 1)
        for name in ("true_level", "p_value"):
            part[name] = later[name].to_numpy(dtype=float)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def municipalities(county: County, names: Mapping[str, str]) -> Municipalities:
    """Return the effects of the municipalities, by the primary method of the primary outcome.

    On the primary outcome where it is kept by municipality, else on all moves into each, in the years of the
    project that the outcome covers. A method too slow for hundreds of placebos gives way to a quick one.
    """
    outcome = county.plan.primary_outcome
    best = county.plan.primary(outcome)[0]
    method = MUNICIPAL_METHOD if method_of(best).slow else best
    if (outcome, "municipality") not in county.panel.series:
        outcome = MUNICIPAL_OUTCOME
    return municipality_effects(county.panel, names, county.window(outcome), outcome=outcome, method=method)


# --- Operating characteristics of the verdict
# Real statistics of counties and years without any project, each in the project's place, with effects of
# known size added. An effect added to a county in the window moves its gap there by as much and nothing
# else, in every method whose weights do not see the window, so one placebo test serves all effects.


FILE = "data/validation/verdicts.csv"
#: Households over the whole project, at an even pace; the goal is one of them.
PLANTED = (0, 100, 200, 400, 800, 1600)
GOAL = 400
#: Years of the project, and the windows of its reports.
YEARS = 3
WINDOWS = (2, 3)
YEARS_BEFORE = 12
FEWEST = 3

#: Where each sentence is false, of the planted effect and the goal in households. ``too_coarse``,
#: ``methods_disagree`` and ``drift_untested`` claim nothing of the effect, so they are never false;
#: ``exceeds_known`` needs records, which the placebo projects have none of.
FALSE_WHERE: dict[str, Callable[[float, float], bool]] = {
    "goal_incompatible": lambda planted, goal: planted >= goal,
    "no_goal_effect": lambda planted, goal: planted >= goal,
    "fewer_moved_in": lambda planted, goal: planted >= 0,
    "seen_before": lambda planted, goal: planted >= goal,
    "not_grown": lambda planted, goal: planted >= goal,
    "effect_supported": lambda planted, goal: planted <= 0,
    "effect_of_uncertain_size": lambda planted, goal: planted <= 0,
}
#: The share of cases in which a sentence may be false.
GOALS = {"effect_supported": 0.05, "goal_incompatible": 0.10}
RULES_JUDGED = tuple(
    rule for rule in RULES[3] if rule not in ("not_applicable", "not_followed", "not_tested")
)


@dataclass(frozen=True)
class Case:
    """A unit in the project's place: which panel and outcome, and the years of the window."""

    panel: str
    outcome: str
    unit: str
    first: int
    last: int
    donors: tuple[str, ...]


@dataclass(frozen=True)
class Measured:
    """What one specification finds in one case, per 1,000 inhabitants and year."""

    effect: float
    half: float
    mde: float
    pseudo: float
    change: float
    change_half: float
    noise: tuple[float, ...]

    def level3(self, planted: float, persons_a_rate: float, size: tuple[float, float, float]) -> Level3:
        """Return the comparison in households, with an effect of ``planted`` per 1,000 a year added.

        Parameters
        ----------
        planted : float
        persons_a_rate : float
            Thousands of inhabitants summed over the window.
        size : (value, low, high)
            Persons per household.
        """
        value = size[0]
        each = persons_a_rate / value
        return Level3(
            (self.effect + planted) * each,
            *self._households(self.effect + planted, self.half, persons_a_rate, size),
            mde=self.mde * each,
            pseudo_effect=self.pseudo * each,
            pseudo_years=(0, 0),
            change_low=(self.change + planted - self.change_half) * each,
            change_high=(self.change + planted + self.change_half) * each,
            noise=tuple(one * each for one in self.noise),
            border=self.half * each,
        )

    @staticmethod
    def _households(
        effect: float, half: float, persons_a_rate: float, size: tuple[float, float, float]
    ) -> tuple[float, float]:
        ends = [(effect - half) * persons_a_rate, (effect + half) * persons_a_rate]
        return households_from_persons(ends[0], ends[1], _Size(*size))


@dataclass(frozen=True)
class _Size:
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Worth:
    """What a sentence is worth: the line of the table for it.

    ``wrong`` is the largest share, over the planted effects under which the sentence is false, of the cases
    in which it is printed; ``at`` is that effect in households, and ``idle`` how often it is printed without
    an effect. ``claims`` is false of a sentence that claims nothing of the effect.
    """

    rule: str
    wrong: float
    at: int | None
    idle: float
    cases: int
    claims: bool = True


def panels(panel: Panel) -> dict[tuple[str, str], pd.DataFrame]:
    """Return the rates per 1,000 inhabitants by kind of unit and outcome, years down and units across.

    Counties; each county's largest municipality; and the rest of each county, its other municipalities as one
    group: sums of counts over sums of inhabitants, never means of rates.
    """
    found: dict[tuple[str, str], pd.DataFrame] = {}
    held = set(panel.series)
    for outcome in OUTCOMES.marked("figure"):
        if (outcome, "county") in held:
            found["counties", outcome] = panel.rate(outcome, "county")
        if (outcome, "municipality") in held:
            found |= _groups(panel, outcome)
    return found


def _groups(panel: Panel, outcome: str) -> dict[tuple[str, str], pd.DataFrame]:
    counts = panel.counts(outcome, "municipality").dropna(axis=1)
    people = panel.population("municipality").reindex(index=counts.index, columns=counts.columns)
    county = np.array([regions.county_of(code) for code in counts.columns])
    latest = people.iloc[-1]
    largest = {latest[county == code].idxmax() for code in sorted(set(county))}
    seat = np.array([code in largest for code in counts.columns])
    found = {}
    for kind, chosen in (("largest_municipality", seat), ("rest_of_county", ~seat)):
        moved, living = (table.loc[:, chosen].T.groupby(county[chosen]).sum().T for table in (counts, people))
        found[kind, outcome] = 1000 * moved / living
    return found


def cases(
    tables: dict[tuple[str, str], pd.DataFrame],
    project: tuple[str, int, int],
    windows: Sequence[int] = WINDOWS,
) -> list[Case]:
    """Return every unit at every pretended start that the figures allow.

    Parameters
    ----------
    tables : dict of (panel, outcome) to DataFrame
        From :func:`panels`.
    project : (region, first year, last year)
        The project's own county is neither compared nor a donor in years from its start on.
    windows : sequence of int
        Lengths of the windows, in years.
    """
    region, start, _ = project
    found = []
    for (kind, outcome), table in tables.items():
        years = [int(year) for year in table.index]
        for length in windows:
            for first in years[YEARS_BEFORE:]:
                last = first + length - 1
                if last > years[-1]:
                    continue
                units = tuple(unit for unit in table.columns if unit != region or last < start)
                found += [Case(kind, outcome, str(unit), first, last, units) for unit in units]
    return found


def specifications(plan: Plan, outcome: str) -> list[tuple[str, str]]:
    """Return method and pool of the set: the plan's for the outcome without slow methods, three at least."""
    chosen = plan.equivalent(outcome) if outcome in plan.outcomes else []
    quick = [pair for pair in chosen if not method_of(pair[0]).slow]
    plain = [(method, "all") for method in quick_methods()]
    return list(dict.fromkeys([*quick, *plain]))[: max(FEWEST, len(quick))]


def measure(case: Case, table: pd.DataFrame, method: str, pool: str) -> Measured:
    """Return what a specification finds in a case, from no figure later than its window."""
    from attraktiv_eval.counterfactual import Design, drift_test, minimum_detectable_effect, placebo_in_space

    donors = [code for code in regions.donor_pool(pool, case.unit) if code in case.donors]
    design = Design([case.unit], case.first, case.last, donors)
    seen = table.loc[: case.last]
    placebos = placebo_in_space(seen, design, method)
    drift = drift_test(seen, design, method, placebos=placebos)
    return Measured(
        effect=placebos.own_effect,
        half=placebos.half_width(),
        mde=minimum_detectable_effect(placebos),
        pseudo=drift.pseudo_effect,
        change=drift.change,
        change_half=drift.changes.half_width(),
        noise=tuple(placebos.noise),
    )


def judge(
    case: Case,
    found: Sequence[Measured],
    inhabitants: float,
    size: tuple[float, float, float],
) -> Iterator[tuple[int, str]]:
    """Yield each planted effect in households over the whole project, and the rule of the verdict.

    Parameters
    ----------
    found : sequence of Measured
        The primary specification first.
    inhabitants : float
        Of the project's county, in thousands: effects are as large for the inhabitants of a unit as they
        would be for the project's.
    size : (value, low, high)
        Persons per household.
    """
    years = case.last - case.first + 1
    for households in PLANTED:
        rate = households * size[0] / (YEARS * inhabitants)
        first, *rest = [one.level3(rate, years * inhabitants, size) for one in found]
        whole = replace(first, members=tuple(rest), pace=GOAL * years / YEARS)
        yield households, verdict(3, "households", GOAL, comparison=whole).rule


def judged(
    panel: Panel,
    plan: Plan,
    size: tuple[float, float, float],
    *,
    only: Callable[[Case], bool] = lambda case: True,
    n_jobs: int = 1,
) -> pd.DataFrame:
    """Return one row a case and planted effect: panel, outcome, unit, first, years, planted, rule.

    Cases whose figures do not carry the design are left out.
    """
    from joblib import Parallel, delayed

    tables = panels(panel)
    project = (plan.region, int(plan.content["first_treated"]), int(plan.content["last_treated"]))
    inhabitants = float(panel.population("county")[plan.region][project[1] - 1]) / 1000
    wanted = [case for case in cases(tables, project) if only(case)]
    jobs = (
        delayed(_judged)(
            case, tables[case.panel, case.outcome], specifications(plan, case.outcome), inhabitants, size
        )
        for case in wanted
    )
    rows = [row for part in Parallel(n_jobs=n_jobs, batch_size=20)(jobs) for row in part]
    return pd.DataFrame(rows, columns=["panel", "outcome", "unit", "first", "years", "planted", "rule"])


def _judged(
    case: Case,
    table: pd.DataFrame,
    pairs: list[tuple[str, str]],
    inhabitants: float,
    size: tuple[float, float, float],
) -> list[tuple[str, str, str, int, int, int, str]]:
    try:
        found = [measure(case, table, method, pool) for method, pool in pairs]
    except (DesignError, SourceError):
        return []
    years = case.last - case.first + 1
    return [
        (case.panel, case.outcome, case.unit, case.first, years, planted, rule)
        for planted, rule in judge(case, found, inhabitants, size)
    ]


def characteristics(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how often each sentence is printed and false, by planted effect; for all cases and by outcome.

    Returns
    -------
    DataFrame
        panel, outcome ("all" for every case), planted (households), rule, cases, printed (share), false
        (share), standard_error (of ``printed``, by counties), changed: of neighbouring years of the same
        unit, outcome and length of window without an effect, the share in which one prints the sentence and
        the other does not.
    """
    parts = [_of(rows, "all", "all")]
    for panel, outcome in dict.fromkeys(zip(rows["panel"], rows["outcome"], strict=True)):
        chosen = (rows["panel"] == panel) & (rows["outcome"] == outcome)
        parts.append(_of(rows[chosen], panel, outcome))
    return pd.concat(parts, ignore_index=True)


def _of(rows: pd.DataFrame, panel: str, outcome: str) -> pd.DataFrame:
    changed = _changed(rows[rows["planted"] == 0])
    found = []
    for planted in sorted(int(one) for one in rows["planted"].unique()):
        part = rows[rows["planted"] == planted]
        for rule in RULES_JUDGED:
            printed = part["rule"] == rule
            false = rule in FALSE_WHERE and FALSE_WHERE[rule](planted, GOAL)
            found.append(
                {
                    "panel": panel,
                    "outcome": outcome,
                    "planted": planted,
                    "rule": rule,
                    "cases": len(part),
                    "printed": printed.mean(),
                    "false": printed.mean() if false else 0.0,
                    "standard_error": _clustered(printed.astype(float), part["unit"]),
                    "changed": changed.get(rule, math.nan) if planted == 0 else math.nan,
                }
            )
    return pd.DataFrame(found)


def _changed(idle: pd.DataFrame) -> dict[str, float]:
    keys = ["panel", "outcome", "unit", "years"]
    later = idle.assign(first=idle["first"] - 1)
    both = idle.merge(later, on=[*keys, "first"], suffixes=("", "_later"))
    return {
        rule: float(((both["rule"] == rule) != (both["rule_later"] == rule)).mean()) for rule in RULES_JUDGED
    }


def _clustered(values: pd.Series, units: pd.Series) -> float:
    """Return the standard error of a mean whose values depend on each other within a county."""
    spread = (values - values.mean()).groupby(units.to_numpy()).sum()
    return float(np.sqrt((spread**2).sum()) / len(values))


@cache
def recorded_characteristics() -> pd.DataFrame:
    """Return the recorded table, ``data/validation/verdicts.csv``.

    Raises
    ------
    SourceError
        If the file is not there.
    """
    return pd.read_csv(resources.find(FILE), encoding="utf-8")


def worth_table() -> pd.DataFrame:
    """Return one row a sentence over all recorded cases: the share printed by planted effect, and its worth.

    Columns: rule, printed_0 and so on by households, wrong (as in :class:`Worth`), goal (the most it may be
    wrong, where one is set), changed.
    """
    whole = recorded_characteristics()
    rows = whole[whole["panel"] == "all"]
    wide = rows.pivot_table(index="rule", columns="planted", values="printed", sort=False)
    wide.columns = [f"printed_{households}" for households in wide.columns]
    wide["wrong"] = rows.groupby("rule", sort=False)["false"].max()
    wide["goal"] = pd.Series(GOALS).reindex(wide.index)
    wide["changed"] = rows[rows["planted"] == 0].set_index("rule")["changed"]
    return wide[wide.index != "exceeds_known"].reset_index()


def worth_of(rule: str) -> Worth | None:
    """Return what a rule's sentence is worth over all recorded cases; None where it was never judged."""
    whole = recorded_characteristics()
    found = whole[(whole["panel"] == "all") & (whole["rule"] == rule)].to_dict("records")
    if not found or rule == "exceeds_known":
        return None
    idle = next(float(row["printed"]) for row in found if row["planted"] == 0)
    count = int(found[0]["cases"])
    if rule not in FALSE_WHERE:
        return Worth(rule, 0.0, None, idle, count, claims=False)
    worst = max(found, key=lambda row: float(row["false"]))
    return Worth(rule, float(worst["false"]), int(worst["planted"]), idle, count)


guard(globals())
