"""The county's findings: the primary specification, its equals, and everything shown beside them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from attraktiv_eval.counterfactual.inference.event_study import draw_factor
from attraktiv_eval.counterfactual.method import method_of, quick_methods, shown_methods
from attraktiv_eval.errors import DesignError, SourceError
from attraktiv_eval.findings import Level3
from attraktiv_eval.level3.comparison import (
    Comparison,
    Window,
    base_periods,
    compare,
    compare_flows,
)
from attraktiv_eval.level3.units import households_from_persons
from attraktiv_eval.metrics import HouseholdSize
from attraktiv_eval.regions import pools_of
from attraktiv_eval.statistics.outcomes import OUTCOMES, YEARS_BEFORE, Choice

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from attraktiv_eval.evaluation.inputs import ComparisonDesign
    from attraktiv_eval.level3.comparison import Municipalities
    from attraktiv_eval.level3.plan import Plan
    from attraktiv_eval.level3.rival_explanations import Rivals
    from attraktiv_eval.project import Goal
    from attraktiv_eval.statistics.panel import Panel

#: Kept by municipality in every panel, moves inside the county included.
MUNICIPAL_OUTCOME = OUTCOMES.municipal
#: Kept by municipality where ``municipality_moves`` was fetched; shown beside, never in its place.
BY_BIRTH = OUTCOMES.marked("by_birth")
_ONE_PERSON = HouseholdSize(1.0, 1.0, 1.0, "persons", 0)


@dataclass(frozen=True)
class CountyFindings:
    """Level 3 of one report.

    Attributes
    ----------
    outcome : str
        The primary outcome, the best that the panel holds.
    choice : Choice
        The rule that chose it, the years compared, and the better outcomes that the panel lacks.
    window : Window
        The years compared: those of the report that the primary outcome covers.
    primary : Comparison
        The primary specification of the analysis plan, on the primary outcome.
    equals : list of Comparison
        The rest of the plan's equivalence set: as good in years without the project.
    shown : list of Comparison
        Every comparison of the report's tables and figures, the primary one and its equals among them.
    controls : list of Comparison
        Negative controls: in-moves and net migration from abroad, where the panel holds them.
    flows : list of Comparison
        In, out and net over the county border, by one common set of weights for each kind of flow.
    municipalities : Municipalities or None
        Each of the county's municipalities alone, among those outside the county.
    by_birth : list of Municipalities
        The same at ages 20–64, all and by where those who move were born, where the statistics hold it:
        onward moves after an asylum stand with those born abroad.
    others : list of Comparison
        What an ``outcomes.toml`` shows beside the primary outcome, each in its own unit, and its negative
        controls: by the primary specification.
    left_out : dict of str to str
        Those of them that the statistics do not carry, and why.
    regions : DataFrame or None
        Each of several counties alone beside the stack of them, as :func:`region_effects` tells them.
    """

    window: Window
    outcome: str
    primary: Comparison
    equals: list[Comparison]
    shown: list[Comparison]
    level3: Level3
    plan: Plan
    specifications: pd.DataFrame = field(repr=False)
    base_periods: pd.DataFrame = field(repr=False)
    rivals: Rivals = field(repr=False)
    choice: Choice
    controls: list[Comparison] = field(default_factory=list)
    flows: list[Comparison] = field(default_factory=list)
    municipalities: Municipalities | None = field(default=None, repr=False)
    by_birth: list[Municipalities] = field(default_factory=list, repr=False)
    others: list[Comparison] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    regions: pd.DataFrame | None = field(default=None, repr=False)

    def for_goal(self, goal: Goal) -> Level3 | None:
        """Return the comparison in the units of a goal: households, or the persons that statistics count."""
        if goal.counts == "persons":
            return in_households(self.primary, self.equals, _ONE_PERSON)
        return self.level3 if goal.counts == "households" else None


def county_findings(
    design: ComparisonDesign, size: HouseholdSize
) -> tuple[CountyFindings | None, str | None]:
    """Return the findings, or None and why the statistics do not carry them."""
    try:
        return _findings(design, design.window, size), None
    except (DesignError, SourceError) as refused:
        return None, refused.message


def _no_outcome(panel: Panel, window: Window) -> str:
    """Return why no outcome of those who move in can be compared, with the counties that have no figure."""
    held = [
        panel.rate(id, "county")
        for id in panel.defined.best_first("households")
        if (id, "county") in panel.series
    ]
    told = (
        f"no outcome of those who move in holds every county in {YEARS_BEFORE['households']} years before "
        f"{window.first}, in {window.first} and in two thirds of {window.first}-{window.last}"
    )
    known = {county for rates in held for county in rates.columns[rates.notna().any()]}
    without = [name for county, name in panel.units.items() if county not in known]
    return f"{told}; no figures for {', '.join(without)}" if held and without else told


def _findings(design: ComparisonDesign, window: Window, size: HouseholdSize) -> CountyFindings:
    from attraktiv_eval.level3.rival_explanations import rivals
    from attraktiv_eval.level3.specification_curve import specification_curve

    panel, region, plan = design.seen, design.project.region.code, design.plan()
    choice = panel.choice("households", window.first, window.last, region)
    outcome = choice.id
    if outcome is None or choice.years is None or outcome not in plan.outcomes:
        raise DesignError(_no_outcome(panel, window), remedy="fetch them")
    compared = Window(window.first, choice.years[1], window.until)
    windows = _windows(panel, choice, window, region)
    shown = [
        one for name, own in windows.items() for one in _compared(panel, region, own, plan, name, outcome)
    ]
    primary = next(one for one in shown if one.outcome == outcome and one.primary)
    others, left_out = _beside(panel, region, window, primary)
    equals = [one for one in shown if one.outcome == outcome and one.equivalent and not one.primary]
    return CountyFindings(
        window=compared,
        outcome=outcome,
        primary=primary,
        equals=equals,
        shown=shown,
        level3=in_households(primary, equals, size),
        plan=plan,
        specifications=_with_slow(
            specification_curve(
                panel,
                region,
                (window.first, window.last),
                methods=quick_methods(),
                outcomes=list(windows),
                until=window.until,
                plan=plan,
            ),
            shown,
        ),
        base_periods=base_periods(panel, region, window),
        rivals=rivals(
            panel,
            design.project,
            plan,
            window=(compared.first, compared.last),
            until=window.until,
            outcome=outcome,
            events=design.events(),
        ),
        choice=choice,
        flows=compare_flows(panel, region, window, primary.pool),
        controls=_controls(panel, region, compared, plan, outcome),
        municipalities=_municipalities(design, window, outcome, primary),
        by_birth=_by_birth(design, window, primary),
        others=others,
        left_out=left_out,
        regions=_each_region(panel, compared, outcome, primary) if design.project.region.several else None,
    )


def _each_region(panel: Panel, window: Window, outcome: str, primary: Comparison) -> pd.DataFrame:
    """Return each of several counties alone, by the primary specification."""
    from attraktiv_eval.level3.comparison import region_effects

    rates = panel.rate(outcome, "county", until=window.until).loc[primary.first_year :]
    return region_effects(rates, primary.placebos, panel.base(outcome, "county", until=window.until))


def _windows(panel: Panel, choice: Choice, window: Window, region: str) -> dict[str, Window]:
    """Return what is shown, the primary outcome first, each in the years of the window that it covers.

    An outcome that lacks a year of the county's own before the project cannot be compared, and is left out.
    """
    beside = panel.defined.beside(in_moves=True)
    names = dict.fromkeys(name for name in (choice.id, choice.beside, *beside) if name)
    held = [name for name in names if (name, "county") in panel.series]
    whole = [name for name in held if not panel.has_hole(name, region, window.first)]
    covered = {name: window.covered(panel, name) for name in whole}
    return {name: own for name, own in covered.items() if own is not None}


def _beside(
    panel: Panel, region: str, window: Window, primary: Comparison
) -> tuple[list[Comparison], dict[str, str]]:
    """Return what is shown beside in another unit, by the primary specification, and what is left out."""
    found, left_out = [], {}
    for name in panel.defined.beside(in_moves=False):
        if (name, "county") not in panel.series:
            left_out[name] = "no_counties"
            continue
        if window.covered(panel, name) is None or panel.has_hole(name, region, window.first):
            left_out[name] = "too_few_years"
            continue
        one = _carried(panel, region, window, name, primary.method, primary.pool)
        if one is None:
            left_out[name] = "design_refused"
        else:
            found.append(one)
    return found, left_out


def _compared(
    panel: Panel, region: str, window: Window, plan: Plan, name: str, outcome: str
) -> list[Comparison]:
    """Return an outcome's comparisons; one that the plan is silent on takes the primary outcome's."""
    own = name if name in plan.outcomes else outcome
    equals = sorted(plan.equivalent(name)) if own == name else []
    first_year = plan.first_year(name) if own == name else None
    return _of_pairs(panel, region, window, name, plan.primary(own), equals, first_year)


def _municipalities(
    design: ComparisonDesign, window: Window, outcome: str, primary: Comparison
) -> Municipalities | None:
    """Return the municipalities' own effects, or None where the statistics do not carry them.

    By the primary method where it is quick enough for hundreds of placebos; on the primary outcome where
    it is kept by municipality, else on all moves into each.
    """
    if not _one_by_one(design):
        return None
    for name in dict.fromkeys((outcome, MUNICIPAL_OUTCOME)):
        covered = window.covered(design.panel, name)
        found = None if covered is None else _each(design, covered, name, primary)
        if found is not None:
            return found
    return None


def _one_by_one(design: ComparisonDesign) -> bool:
    """Whether municipalities are shown one by one: those of a county, or of several that began together."""
    return design.project.region.kind != "municipality" and len(set(design.project.starts.values())) < 2


def _by_birth(design: ComparisonDesign, window: Window, primary: Comparison) -> list[Municipalities]:
    """Return the municipalities' effects at ages 20–64, all and by region of birth, where they are held."""
    found: list[Municipalities | None] = []
    for name in BY_BIRTH if _one_by_one(design) else ():
        if (name, "municipality") not in design.panel.series:
            continue
        years = set(design.panel.rate(name, "municipality", until=window.until).index)
        last = window.first - 1
        while last + 1 in years and last < window.last:
            last += 1
        if last >= window.first:
            covered = Window(window.first, last, window.until)
            found.append(_each(design, covered, name, primary))
    return [one for one in found if one is not None]


def _each(design: ComparisonDesign, covered: Window, name: str, primary: Comparison) -> Municipalities | None:
    """Return each municipality's own effect, or None where the statistics do not carry it."""
    from attraktiv_eval.level3.comparison import MUNICIPAL_METHOD, municipality_effects

    try:
        return municipality_effects(
            design.panel,
            design.project.region.municipalities,
            (covered.first, covered.last),
            outcome=name,
            method=MUNICIPAL_METHOD if method_of(primary.method).slow else primary.method,
            until=covered.until,
        )
    except (DesignError, SourceError):
        return None


def _with_slow(curve: pd.DataFrame, shown: list[Comparison]) -> pd.DataFrame:
    """Return the curve with the slow methods' rows where the rule chose them; they are estimated already."""
    import pandas as pd

    from attraktiv_eval.level3.specification_curve import curve_table

    slow = [one for one in shown if method_of(one.method).slow]
    if not slow:
        return curve
    return pd.concat([curve, curve_table(slow)[curve.columns]], ignore_index=True)


def _controls(panel: Panel, region: str, window: Window, plan: Plan, outcome: str) -> list[Comparison]:
    """Return the negative controls; one that the statistics do not carry is left out, as its rival says."""
    from attraktiv_eval.level3.rival_explanations import control_specification, controls_held

    specified = ((name, control_specification(plan, name, outcome)) for name in controls_held(panel))
    found = (_carried(panel, region, window, name, *pair) for name, pair in specified)
    return [one for one in found if one is not None]


def in_households(primary: Comparison, equals: list[Comparison], size: HouseholdSize) -> Level3:
    """Return the primary comparison in households, its equally good specifications as members.

    The ends of an interval are the smallest and largest quotient of its ends and the ends of the persons
    per household; estimates and smallest detectable effects use the most plausible value.
    """
    members = tuple(_one(other, size) for other in equals)
    return _one(primary, size, members)


def _one(comparison: Comparison, size: HouseholdSize | None, members: tuple[Level3, ...] = ()) -> Level3:
    """Return a comparison in households of a size; None leaves it in what the statistics count."""

    def ends(of: tuple[float, float]) -> tuple[float, float]:
        return of if size is None else households_from_persons(*of, size)

    each = 1.0 if size is None else size.value
    (low, high), (change_low, change_high) = ends(comparison.interval), ends(comparison.change)
    pseudo = comparison.pseudo
    years = None if pseudo is None else (int(pseudo.effects.index[0]), int(pseudo.effects.index[-1]))
    return Level3(
        estimate=comparison.persons / each,
        low=low,
        high=high,
        mde=comparison.detectable / each,
        pseudo_effect=None if pseudo is None else comparison.pseudo_persons / each,
        pseudo_years=years,
        change_low=change_low,
        change_high=change_high,
        breakdown=float("nan") if comparison.drift is None else comparison.drift.breakdown,
        noise=tuple(persons / each for persons in comparison.noise),
        border=comparison.border / each,
        draw_factor=draw_factor(comparison.placebos.rank, comparison.placebos.n),
        members=members,
    )


def _of_pairs(
    panel: Panel,
    region: str,
    window: Window,
    outcome: str,
    best: tuple[str, str],
    equals: Collection[tuple[str, str]],
    first_year: int | None = None,
) -> list[Comparison]:
    """Return an outcome's comparisons: the best specification, its equals, and what is shown beside them."""
    widest = pools_of(region)[0]
    return [
        compare(
            panel,
            region,
            window,
            outcome=outcome,
            method=method,
            pool=pool,
            first_year=first_year,
            primary=(method, pool) == best,
            equivalent=(method, pool) in equals,
        )
        for method, pool in dict.fromkeys([best, *equals, *((one, widest) for one in shown_methods())])
    ]


def _carried(
    panel: Panel, region: str, window: Window, name: str, method: str, pool: str
) -> Comparison | None:
    """Return a comparison in the years of the window that an outcome covers; None where it carries none."""
    covered = window.covered(panel, name)
    if covered is None:
        return None
    try:
        return compare(panel, region, covered, outcome=name, method=method, pool=pool)
    except (DesignError, SourceError):
        return None


# --- Level 3 for companies

#: Years before a pretended start: the series on companies are shorter than those on moves.
MIN_BEFORE = 5


@dataclass(frozen=True)
class CompanyFindings:
    """Level 3 on companies of one report.

    Attributes
    ----------
    choice : Choice
        The rule that chose the outcome, and the better ones that the panel lacks.
    primary : Comparison or None
        The specification that erred least on years and counties without the project.
    equals, shown : list of Comparison
        Those that are as good; all that the report shows, other outcomes on companies among them.
    level3 : Level3 or None
        In the outcome's own unit: statistics count vacancies or employed, never companies helped.
    reason : str or None
        Why there is none: ``no_statistics``, ``too_few_years`` or ``design_refused``; ``detail`` says more.
    """

    choice: Choice
    primary: Comparison | None = None
    equals: list[Comparison] = field(default_factory=list)
    shown: list[Comparison] = field(default_factory=list)
    level3: Level3 | None = None
    reason: str | None = None
    detail: str = ""
    candidates: pd.DataFrame | None = field(default=None, repr=False)


def company_findings(design: ComparisonDesign, window: Window) -> CompanyFindings:
    """Return the findings, or the reason why the statistics do not carry them.

    The specification is chosen by the rule of the analysis plan, on figures from before the project alone:
    the lowest error over pretended starts, each with :data:`MIN_BEFORE` years before it.
    """
    panel = design.seen
    choice = panel.choice("companies", window.first, window.last, design.project.region.code)
    if choice.id is None:
        held = [id for id in choice.defined.best_first("companies") if (id, "county") in panel.series]
        reason = "too_few_years" if held else "no_statistics"
        return CompanyFindings(choice, reason=reason, detail=", ".join(held))
    try:
        compared = window if choice.years is None else Window(*choice.years, window.until)
        return _company_findings(design, compared, choice, choice.id)
    except (DesignError, SourceError) as refused:
        return CompanyFindings(choice, reason="design_refused", detail=refused.message)


def _company_findings(
    design: ComparisonDesign, window: Window, choice: Choice, outcome: str
) -> CompanyFindings:
    from attraktiv_eval.level3.plan import race

    panel, region, years = design.seen, design.project.region.code, design.project.years
    panel.base(outcome)
    table = race(
        panel, region, outcome, years[0], len(years), methods=quick_methods(), min_before=MIN_BEFORE
    ).table
    rows = table.to_dict("records")
    best = next((str(row["method"]), str(row["pool"])) for row in rows if row["primary"])
    equal = [(str(row["method"]), str(row["pool"])) for row in rows if row["equivalent"]]
    shown = _of_pairs(panel, region, window, outcome, best, equal)
    primary = next(one for one in shown if one.primary)
    equals = [one for one in shown if one.equivalent and not one.primary]
    return CompanyFindings(
        choice,
        primary,
        equals,
        [*shown, *_others(panel, region, window, outcome, best)],
        in_units(primary, equals),
        candidates=table,
    )


def _others(
    panel: Panel, region: str, window: Window, outcome: str, best: tuple[str, str]
) -> list[Comparison]:
    """Return the other outcomes on companies by the same specification, where they carry it."""
    held = [
        id
        for id, other in panel.defined.items()
        if other.goal == "companies" and not other.beside and id != outcome and (id, "county") in panel.series
    ]
    found = (_carried(panel, region, window, id, *best) for id in held)
    return [one for one in found if one is not None]


def in_units(primary: Comparison, equals: list[Comparison]) -> Level3:
    """Return the primary comparison in the outcome's own unit, its equals as members."""
    primary_of, *members = (_in_unit(one) for one in (primary, *equals))
    return replace(primary_of, members=tuple(members))


def _in_unit(comparison: Comparison) -> Level3:
    of = comparison.defined
    return replace(_one(comparison, None), unit=of.unit, unit_words=of.words if of.own else None)
