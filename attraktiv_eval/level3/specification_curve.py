"""The specification curve: the same question asked in every defensible way."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from attraktiv_eval import regions
from attraktiv_eval.counterfactual.design import Design
from attraktiv_eval.counterfactual.estimate import processes, whole_number
from attraktiv_eval.counterfactual.inference.placebos import checked_level
from attraktiv_eval.counterfactual.method import method_of
from attraktiv_eval.errors import DesignError, guard, one_of
from attraktiv_eval.level3.comparison import design_of
from attraktiv_eval.level3.units import hangs_on, told_in_persons
from attraktiv_eval.statistics.outcomes import OUTCOMES

if TYPE_CHECKING:
    from attraktiv_eval.level3.comparison import Comparison
    from attraktiv_eval.level3.plan import Plan
    from attraktiv_eval.statistics.panel import Panel

__all__ = [
    "COVID_YEARS",
    "FIRST_YEARS",
    "OUTCOMES_SHOWN",
    "Specification",
    "curve_table",
    "specification_curve",
    "specifications",
]

OUTCOMES_SHOWN = (OUTCOMES.best_first("households")[0], *OUTCOMES.beside(in_moves=True))
FIRST_YEARS: tuple[int | None, ...] = (None, 2003, 2010)  # None: the outcome's own first year
COVID_YEARS = (2020, 2021)
LEVEL = 0.90
COLUMNS = [
    "outcome",
    "method",
    "pool",
    "first_year",
    "window_first",
    "window_last",
    "without_covid",
    "n",
    "effect",
    "effect_low",
    "effect_high",
    "effect_persons",
    "low",
    "high",
    "interval",
    "true_level",
    "setting_unit",
    "low_without",
    "high_without",
    "p_value",
    "smallest_p",
    "rank",
    "rule",
    "pre_rmse",
    "primary",
    "equivalent",
    "note",
]


@dataclass(frozen=True)
class Specification:
    """One way to ask: a method, an outcome, a donor pool, a first year, with or without the COVID years.

    ``window`` are the first and last year compared: those of the window that the outcome covers.
    """

    outcome: str
    method: str
    pool: str
    first_year: int
    without_covid: bool
    window: tuple[int, int]


def specifications(
    panel: Panel,
    window: tuple[int, int],
    *,
    methods: Iterable[str] | None = None,
    outcomes: Iterable[str] = OUTCOMES_SHOWN,
    pools: Iterable[str] | None = None,
    first_years: Iterable[int | None] = FIRST_YEARS,
) -> list[Specification]:
    """Return every combination that the panel can carry, in a fixed order.

    Each outcome is asked about the years of the window that it covers, from the first on; the years of COVID
    can be left out only where they hold a later year. One that the panel lacks is passed over.

    Raises
    ------
    DesignError
        If the window or a first year is none.
    """
    from attraktiv_eval.counterfactual.estimators import METHODS

    window, first_years = _years_of(window), [_first_year(year) for year in first_years]
    methods, outcomes, pools = (_several(given) for given in (methods, outcomes, pools))
    held, panel_pools = panel.outcomes.set_index("id"), regions.pools_of(next(iter(panel.units)))
    chosen = []
    for outcome in outcomes:
        if outcome not in held.index:
            continue
        covered = panel.years_covered(outcome, window)
        if covered is None:
            continue
        years = (window[0], covered[1])
        covid = (False, True) if years[0] <= COVID_YEARS[-1] < years[1] else (False,)
        own = int(held.loc[outcome, "first_year"])  # type: ignore[arg-type]
        starts = list(dict.fromkeys(max(own, year) if year else own for year in first_years))
        chosen += [
            Specification(outcome, method, pool, start, without, years)
            for method in (METHODS if methods is None else methods)
            for pool in (panel_pools if pools is None else pools)
            for start in starts
            for without in covid
        ]
    return chosen


def _several(given: Any) -> Any:
    """Return what is asked for as a list; one name is a list of one."""
    return [given] if isinstance(given, str) else given


def _years_of(window: Any) -> tuple[int, int]:
    if isinstance(window, Sequence) and not isinstance(window, str) and len(window) == 2:
        first, last = (whole_number(year, "a year of the window") for year in window)
        if first <= last:
            return first, last
    raise DesignError(
        f"{window!r} is no window", remedy="give its first and its last year, such as (2020, 2022)"
    )


def _first_year(year: Any) -> int | None:
    return None if year is None else whole_number(year, "a first year")


def specification_curve(
    panel: Panel,
    region: str | None = None,
    window: tuple[int, int] | None = None,
    *,
    methods: Sequence[str] | None = None,
    outcomes: Sequence[str] = OUTCOMES_SHOWN,
    pools: Sequence[str] | None = None,
    first_years: Sequence[int | None] = FIRST_YEARS,
    until: int | None = None,
    plan: Plan | None = None,
    level: float = LEVEL,
    n_jobs: int = 1,
) -> pd.DataFrame:
    """Estimate every specification with its placebo interval, and mark the primary one and its equals.

    Parameters
    ----------
    panel : Panel
    region : str, optional
        County code of the treated county; default the shipped project's.
    window : (int, int), optional
        First and last year of the window; default the shipped project's. An outcome that ends earlier is
        compared in the years that it covers, which the row names.
    until : int, optional
        Last year whose figures may be used; a report on an earlier year sees nothing later.
    plan : Plan, optional
        Names the primary specification of each outcome and the equivalence set.
    n_jobs : int
        Processes; the result does not depend on it.

    Returns
    -------
    DataFrame, one row a specification
        outcome, method, pool, first_year (of the figures), window_first, window_last (the years compared),
        without_covid; n donors; effect, effect_low, effect_high (per 1,000 inhabitants and year);
        effect_persons, low, high (moves over the window); interval ("placebo", "forecast" or None);
        true_level (that the interval really has), setting_unit (the region that sets its width), low_without,
        high_without (its ends without that region); p_value, smallest_p, rank, rule; pre_rmse; primary,
        equivalent;
        note: why a specification could not be estimated.

    Raises
    ------
    DesignError
        If there is no such region or outcome, or an argument is none.

    Notes
    -----
    Without the COVID years their rows are taken out of the data and the window is what is left of it.
    A method with a forecast shows the interval of it, so labelled, and has placebos in the
    primary specification only.
    """
    if region is None or window is None:
        from attraktiv_eval.project import Project

        shipped = Project.load()
        region = region or shipped.region.code
        window = window or (shipped.years[0], shipped.years[-1])
    n_jobs, level = processes(n_jobs), checked_level(level)
    for outcome in _several(outcomes):
        if outcome not in panel.defined:
            raise DesignError(f"unknown outcome {outcome!r}", remedy=one_of(list(panel.defined), outcome))
    chosen = specifications(
        panel, window, methods=methods, outcomes=outcomes, pools=pools, first_years=first_years
    )
    region = regions.code_of(region, panel.units)
    people = {name: panel.base(name, "county", until)[region] for name in {one.outcome for one in chosen}}
    rates = {name: panel.rate(name, "county", until=until) for name in {one.outcome for one in chosen}}
    jobs = [(one, rates[one.outcome], _marks(one, plan, rates[one.outcome])) for one in chosen]
    common: tuple[Any, ...] = (region, people, level, panel)
    if n_jobs == 1:
        rows = [_row(*job, *common) for job in jobs]
    else:
        from joblib import Parallel, delayed

        rows = Parallel(n_jobs=n_jobs)(delayed(_row)(*job, *common) for job in jobs)
    return pd.DataFrame(rows, columns=COLUMNS)


def _marks(one: Specification, plan: Plan | None, rates: pd.DataFrame) -> tuple[bool, bool]:
    """Tell whether a specification is the plan's primary one, and whether it is in the equivalence set."""
    if plan is None or one.without_covid or one.outcome not in plan.outcomes:
        return False, False
    if one.first_year != plan.first_year(one.outcome):
        return False, False
    place = (one.method, one.pool)
    return place == plan.primary(one.outcome), place in plan.equivalent(one.outcome)


def _row(
    one: Specification,
    rates: pd.DataFrame,
    marks: tuple[bool, bool],
    region: str,
    people: dict[str, pd.Series],
    level: float,
    panel: Panel,
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "outcome": one.outcome,
        "method": one.method,
        "pool": one.pool,
        "first_year": one.first_year,
        "window_first": _first_compared(one),
        "window_last": one.window[1],
        "without_covid": one.without_covid,
        "primary": marks[0],
        "equivalent": marks[1],
        "interval": None,
        "setting_unit": None,
        "note": None,
    }
    try:
        table, design = cell(
            rates, region, one.window, one.pool, one.first_year, one.without_covid, (panel, one.outcome)
        )
        population = people[one.outcome]
        row.update(
            _estimated(table, design, one.method, population, level, with_placebos=_tested(one, marks))
        )
    except DesignError as error:
        row["note"] = error.message
    return row


def _first_compared(one: Specification) -> int:
    return max(one.window[0], COVID_YEARS[-1] + 1) if one.without_covid else one.window[0]


def _tested(one: Specification, marks: tuple[bool, bool]) -> bool:
    return marks[0] or not method_of(one.method).forecasts


def cell(
    rates: pd.DataFrame,
    region: str,
    window: tuple[int, int],
    pool: str = "all",
    first_year: int | None = None,
    without_covid: bool = False,
    of: tuple[Panel, str] | None = None,
) -> tuple[pd.DataFrame, Design]:
    """Return the outcome and the design of one specification.

    ``of`` are the panel and the outcome's id, which the weights of several counties are read from.
    """
    table = rates if first_year is None else rates.loc[first_year:]
    first, last = window
    if without_covid:
        table = table.drop(index=[year for year in COVID_YEARS if year in table.index])
        first = max(first, COVID_YEARS[-1] + 1)
    donors = [code for code in regions.donor_pool(pool, region) if code in table.columns]
    if of is not None and len(regions.codes_of(region)) > 1:
        return table, design_of(of[0], region, of[1], (first, last), donors)
    return table, Design([region], first, last, donors)


def _estimated(
    table: pd.DataFrame,
    design: Design,
    method: str,
    population: pd.Series,
    level: float,
    *,
    with_placebos: bool,
) -> dict[str, Any]:
    if not with_placebos:
        return _forecast(table, design, method, population, level)
    from attraktiv_eval.counterfactual.inference.placebo_in_space import placebo_in_space

    placebos = placebo_in_space(table, design, method)
    own, half = placebos.estimate, placebos.half_width(level)
    return {
        **told_in_persons(own, own.effect - half, own.effect + half, population),
        "pre_rmse": own.pre_rmse,
        "n": placebos.n,
        "interval": "placebo",
        **hangs_on(placebos, population, level),
        "p_value": placebos.p_value,
        "smallest_p": placebos.smallest_p,
        "rank": placebos.rank,
        "rule": placebos.rule,
    }


def _forecast(
    table: pd.DataFrame, design: Design, method: str, population: pd.Series, level: float
) -> dict[str, Any]:
    """Return the estimate with the interval of its own forecast, where the method gives one."""
    from attraktiv_eval.counterfactual.estimators import estimate

    own = estimate(table, design, method)
    low, high = own.details.get("forecast_interval", (math.nan, math.nan))
    return {
        **told_in_persons(own, low, high, population),
        "pre_rmse": own.pre_rmse,
        "n": len(design.prepare(table).donors),
        "interval": "forecast",
    }


def curve_table(comparisons: list[Comparison]) -> pd.DataFrame:
    """Return comparisons as rows of a specification curve: what the curve itself has no time to estimate."""
    rows = []
    for one in comparisons:
        effect_low, effect_high = one.placebos.interval(level=0.9)
        rows.append(
            {
                **one.specified,
                "without_covid": False,
                "effect": one.estimate.effect,
                "effect_low": effect_low,
                "effect_high": effect_high,
                "effect_persons": one.persons,
                "interval": "placebo",
                **one.tested,
                "rule": one.placebos.rule,
                **one.standing,
                "note": None,
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


guard(globals())
