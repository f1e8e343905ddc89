"""The tables of one report, tidy, with small cells suppressed before anything is shown or written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from attraktiv_eval.disclosure import Report
from attraktiv_eval.level3.comparison import (
    estimates_table,
    gaps_table,
    own_units_table,
    placebo_gaps_table,
    weights_table,
)
from attraktiv_eval.statistics.tables import labour_shortage, moves_by_month
from attraktiv_eval.table_specifications import TABLES, OfficialStatistics, checked
from attraktiv_eval.texts import LANGUAGES, about, worded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from attraktiv_eval.additionality import Contribution
    from attraktiv_eval.evaluation.draw import ProjectDraw
    from attraktiv_eval.evaluation.inputs import Inputs
    from attraktiv_eval.evaluation.level3 import CompanyFindings, CountyFindings
    from attraktiv_eval.findings import Level3, Verdict
    from attraktiv_eval.level3.comparison import Municipalities
    from attraktiv_eval.metrics import HouseholdSize, Reach
    from attraktiv_eval.project import Project
    from attraktiv_eval.statistics.panel import Level, Panel

#: Verdicts of level 3 under which an effect is held possible at all: what is not credited has no price.
PRICED = {"effect_supported", "effect_of_uncertain_size", "too_coarse", "no_goal_effect", "goal_incompatible"}

#: Tables whose rows rest on official statistics: those that carry a mark where a year has SCB's random error.
OF_OFFICIAL_FIGURES = {
    name
    for name, table in TABLES.items()
    if isinstance(table.protection, OfficialStatistics) and table.protection.marked
}

#: What before and after are compared on in every report.
OF_BASE_PERIODS = "net_migration"


def _columns(name: str) -> list[str]:
    """Return the columns of a table but for the mark of SCB's random error, which is put in last."""
    return [one.id for one in TABLES[name].columns if one.id != "noisy_years"]


def protected_tables(
    inputs: Inputs,
    reached: Reach,
    contributions: Mapping[str, Contribution],
    county: CountyFindings | None,
    level3: Mapping[str, Level3 | None],
    verdicts: Mapping[str, Mapping[int, Verdict]],
    size: HouseholdSize,
    earlier: Sequence[Report] = (),
    companies: CompanyFindings | None = None,
    published: Sequence[Report] = (),
    own: Report | None = None,
    draw: ProjectDraw | None = None,
) -> dict[str, pd.DataFrame]:
    """Return every table by name; counts of people and firms under five are NA.

    ``earlier`` are the reports that go out before this one, oldest first, as they will be printed, and
    ``published`` every edition that is out: what they show must not give away a suppressed count of this
    one. ``own`` names this report.
    """
    from attraktiv_eval.disclosure import protect_next

    tables = dict(reached.tables)
    tables["goals"] = _goals(reached, contributions, level3)
    compared = None if county is None or county.primary is None else county.primary.years[1]
    whole = compared is not None and compared >= reached.until.year
    tables["cost_per_result"] = _costs(reached, contributions, level3 if whole else {}, verdicts)
    tables |= _level2(contributions)
    tables["assumptions"] = _assumptions(inputs)
    compares = county is not None or (companies is not None and bool(companies.shown))
    if inputs.assumptions.identifying and compares:
        tables["identification"] = _in_its_words(inputs.assumptions.identification(), inputs.project)
    tables |= _records(inputs)
    this = replace(own, tables=tables) if own else Report("", tables, date.max)
    printed = protect_next(this, earlier, published)
    tables = printed.tables
    tables["notes"] = pd.concat([tables["notes"], _held(printed.held)], ignore_index=True)
    if inputs.seen.months is not None and county is not None:
        last = min(county.window.until or inputs.project.years[-1], inputs.project.years[-1])
        shown = (inputs.project.start.year, last)
        tables["moves_by_month"] = moves_by_month(inputs.seen.months, inputs.project.region.code, shown)
    if inputs.seen.shortage is not None and inputs.project.goals_that_count("companies"):
        asked = labour_shortage(inputs.seen.shortage, inputs.project.region.code, reached.until.year)
        if not asked.empty:
            tables["labour_shortage"] = asked
    if draw is not None:
        tables["draw"] = draw.effects()
        arms = draw.arms()
        tables |= {} if arms is None else {"draw_arms": arms}
    if county is not None:
        tables |= {
            "gaps": gaps_table(county.shown),
            "placebo_gaps": placebo_gaps_table(county.shown),
            "estimates": estimates_table(county.shown, size.value),
            "weights": weights_table(county.shown),
            "base_periods": county.base_periods,
            "specifications": county.specifications,
            "rivals": county.rivals.table(),
        }
        if county.regions is not None:
            regions = county.regions.assign(outcome=county.outcome, method=county.primary.method)
            tables["region_effects"] = regions[_columns("region_effects")]
        if county.municipalities is not None:
            tables["municipality_effects"] = _municipalities(county.municipalities)
        if county.by_birth:
            tables["municipality_effects_by_birth"] = pd.concat(
                [_municipalities(one) for one in county.by_birth], ignore_index=True
            )
        if county.flows:
            tables["flows"] = estimates_table(county.flows, size.value)
        if county.controls:
            tables["controls"] = estimates_table(county.controls, size.value)
        if county.others:
            tables["other_estimates"] = own_units_table(county.others)
    if companies is not None and companies.shown:
        tables["company_estimates"] = own_units_table(companies.shown)
        tables["company_gaps"] = gaps_table(companies.shown)
    return {
        name: checked(name, marked(name, table, inputs.seen, reached.until.year))
        for name, table in tables.items()
    }


def _in_its_words(table: pd.DataFrame, project: Project) -> pd.DataFrame:
    """Return a table with words in both languages in those of the project's kind of region."""
    table = table.copy()
    with about(project.region.kind, project.counted):
        for language in LANGUAGES:
            own = rf"(.*_)?{language}" + ("|reference" if language == "en" else "")
            for name in table.columns[table.columns.str.fullmatch(own)]:
                table[name] = [worded(text, language) for text in table[name]]
    return table


#: How the ids of assumptions begin that are about households that move.
OF_MOVERS = ("persons_per_moving_household", "deadweight_households", "would_not_have_moved_", "departure_")
#: Those about companies that hire.
OF_HIRES = ("deadweight_companies", "displacement_companies", "would_not_have_hired_")


def _assumptions(inputs: Inputs) -> pd.DataFrame:
    """Return the assumptions that a figure can rest on: none of moves or hires where no goal counts them."""
    table, project = _in_its_words(inputs.assumptions.table(), inputs.project), inputs.project
    idle = (*(() if project.counts_movers else OF_MOVERS), *(() if project.counts_hires else OF_HIRES))
    return table[~table["id"].str.startswith(idle)].reset_index(drop=True) if idle else table


def marked(name: str, table: pd.DataFrame, panel: Panel, until: int) -> pd.DataFrame:
    """Return a table of official figures with its years of SCB's random error (cell-key method) marked.

    A table by outcome and year gets ``noise``, one whose rows span years ``noisy_years``: those among them,
    joined by commas. A table without such a year, and one of the project's own records, is returned as it is.
    A check of a rival explanation may rest on any series of moves: it carries the years of all of them to
    ``until``, the year that the report asks about.
    """
    if "noise" in table or not panel.noisy_years or name not in OF_OFFICIAL_FIGURES:
        return table
    level: Level = "municipality" if name.startswith("municipality_") else "county"
    if "outcome" in table:
        noisy = {outcome: panel.noisy(str(outcome), level) for outcome in table["outcome"].unique()}
        years = [noisy[outcome] for outcome in table["outcome"]]
    elif name == "base_periods":
        years = [list(panel.noise.get((OF_BASE_PERIODS, level), ()))] * len(table)
    else:
        moves = {year for (_outcome, at), own in panel.noise.items() if at == level for year in own}
        years = [sorted(moves) if held else [] for held in table["checked"]]
    if "year" in table:
        noise = [year in own for year, own in zip(table["year"], years, strict=True)]
        return table.assign(noise=noise) if any(noise) else table
    last = table["window_last"] if "window_last" in table else [until] * len(table)
    told = [", ".join(str(y) for y in own if y <= end) for own, end in zip(years, last, strict=True)]
    return (
        table.assign(noisy_years=pd.array([one or pd.NA for one in told], "string")) if any(told) else table
    )


def _held(held: Mapping[str, int]) -> pd.DataFrame:
    """Return a note for tables that stand as an earlier version of the report published them."""
    rows = [(unit, "tables_held", str(version)) for unit, version in held.items()]
    return pd.DataFrame(rows, columns=["list", "kind", "value"])


def _municipalities(found: Municipalities) -> pd.DataFrame:
    """Return one row a municipality: effect and interval in moves, and whether chance gives as much."""
    table = found.table().rename(columns={"region_code": "municipality_code"})
    table.insert(0, "outcome", found.outcome)
    table.insert(1, "method", found.method)
    return table[_columns("municipality_effects")]


_LEVEL_3 = {"effect": "estimate", "low": "low", "high": "high"}


def _goals(
    reached: Reach, contributions: Mapping[str, Contribution], level3: Mapping[str, Level3 | None]
) -> pd.DataFrame:
    rows = []
    for goal, count in reached.goals.items():
        second, third = contributions[goal], _in_units_of_the_goal(level3.get(goal))
        first = {name: getattr(count, name) for name in ("target", "reached", "known", "unknown")}
        told = {f"l2_{name}": getattr(second, name) for name in ("low", "median", "high", "high_bound")}
        told |= {"l2_survey": second.has_survey}
        told |= {f"l3_{name}": getattr(third, of, None) for name, of in _LEVEL_3.items()}
        seen = [] if third is None else [one.mde for one in third.everyone]
        told |= {"mde_low": min(seen, default=None), "mde_high": max(seen, default=None)}
        rows.append({"goal": goal, **first, **told})
    return pd.DataFrame(rows).convert_dtypes()


def _in_units_of_the_goal(third: Level3 | None) -> Level3 | None:
    """Return nothing where the statistics count something else: vacancies are no companies."""
    return None if third is None or third.unit else third


def _costs(
    reached: Reach,
    contributions: Mapping[str, Contribution],
    level3: Mapping[str, Level3 | None],
    verdicts: Mapping[str, Mapping[int, Verdict]],
) -> pd.DataFrame:
    """Return cost per result; an effect that cannot be credited to the project has no price.

    Nor has one of fewer years than the money: ``level3`` is empty where the comparison ends earlier.
    """
    from attraktiv_eval.metrics import cost_per_result

    results: dict[tuple[str, int], tuple[float, float] | None] = {}
    for goal, count in reached.goals.items():
        if count.known is not None:
            results[goal, 1] = (count.known, count.known + count.unknown)
        second, third = contributions[goal], _in_units_of_the_goal(level3.get(goal))
        if second.applies and second.low is not None and second.high is not None:
            results[goal, 2] = (second.low, second.high)
        if third is not None and verdicts[goal][3].rule in PRICED:
            results[goal, 3] = (max(third.low, 0.0), max(third.high, 0.0))
    return cost_per_result(reached.tables["funding"], results)


def _level2(contributions: Mapping[str, Contribution]) -> dict[str, pd.DataFrame]:
    applied = [one for one in contributions.values() if one.applies]
    if not applied:
        return {}
    return {
        name: pd.concat([getattr(one, name) for one in applied], ignore_index=True)
        for name in ("filters", "tornado", "bounds")
    }


def _records(inputs: Inputs) -> dict[str, pd.DataFrame]:
    """Return how the count came about: rows by list, kinds of fault, and what was joined.

    By list, never by file: a name that someone gave a file or a sheet may be a person's, and where each
    municipality sends a file of its own, its rows would tell what is suppressed by municipality.
    """
    from attraktiv_eval.records.tables import by_list

    records = inputs.records
    quality = {} if records.quality is None else {"linkage_quality": records.quality}
    linkage, asked = records.linkage, inputs.project.asked_for(records.linkage["list"])
    # Of a list that nobody asked for, and in which none was joined, no rule is told.
    linkage = linkage[linkage["list"].isin(asked) | (linkage["merged"] > 0)].reset_index(drop=True)
    return {**quality, "linkage": linkage, **by_list(records)}
