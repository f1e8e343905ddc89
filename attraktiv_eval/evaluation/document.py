"""The figures of ``results.json``: each with its range, its evidence and what it rests on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from attraktiv_eval import results
from attraktiv_eval.disclosure import SHEETS
from attraktiv_eval.evaluation.told import told
from attraktiv_eval.statistics.outcomes import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    import pandas as pd

    from attraktiv_eval.additionality import Contribution
    from attraktiv_eval.counterfactual.municipalities import Municipalities
    from attraktiv_eval.evaluation.company import CompanyFindings
    from attraktiv_eval.evaluation.county import Comparison
    from attraktiv_eval.evaluation.inputs import Inputs
    from attraktiv_eval.evaluation.level3 import CountyFindings
    from attraktiv_eval.findings import Verdict
    from attraktiv_eval.metrics import GoalCount, HouseholdSize
    from attraktiv_eval.project import Goal

__all__ = ["document"]

#: Tables that hold counts of people or firms; the next report needs them to guard this one's gaps.
COUNT_TABLES = ("households_by_year", "companies_by_year", *(sheet.name for sheet in SHEETS))


def document(
    run_id: str,
    year: int | None,
    until: date,
    inputs: Inputs,
    goals: Mapping[str, GoalCount],
    contributions: Mapping[str, Contribution],
    county: CountyFindings | None,
    verdicts: Mapping[str, Mapping[int, Verdict]],
    size: HouseholdSize,
    tables: Mapping[str, pd.DataFrame],
    companies: CompanyFindings | None = None,
) -> dict[str, Any]:
    """Return what ``results.json`` holds of a report; it has no words of either language."""
    example = inputs.records.example_data
    figures: list[dict[str, Any]] = []
    for goal, count in goals.items():
        promised = inputs.project.goals[goal]
        figures += _level1(promised, count, example)
        figures += _level2(promised, contributions[goal], example)
        if promised.counts == "companies":
            figures.append(_companies(promised, companies, inputs))
        else:
            figures.append(_level3(promised, county, size, inputs))
            figures += _worth(promised, verdicts.get(goal, {}).get(3))
        figures += _hardness(promised, verdicts.get(goal, {}).get(3))
    if county is not None:
        for one in county.shown:
            figures += _comparison(one, inputs)
        for one in county.flows:
            figures += _comparison(one, inputs, "county.flow")
        for one in county.controls:
            figures += _comparison(one, inputs, "county.control")
        if county.municipalities is not None:
            figures += _municipalities(county.municipalities, inputs)
        for beside in county.by_birth:
            figures += _municipalities(beside, inputs, f"municipalities.{beside.outcome}")
    for one in companies.shown if companies is not None else []:
        figures += _comparison(one, inputs)
    figures += _money(inputs, tables["funding"], example)
    if "moves_by_month" in tables:
        figures += _months(tables["moves_by_month"], inputs)
    figures += told(tables, example, inputs.panel.tables_behind("net_migration"))
    return results.document(
        run_id,
        figures,
        verdicts,
        project=inputs.project.name,
        year=year or until.year,
        final=year is None,
        until=until,
        example_data=example,
        missing=inputs.records.missing,
        tables={name: tables[name] for name in COUNT_TABLES if name in tables},
    )


def _level1(goal: Goal, count: GoalCount, example: bool) -> Iterator[dict[str, Any]]:
    lists = [goal.measured_by, *(["contacts"] if goal.measured_by == "households" else [])]
    yield results.figure(
        f"{goal.id}.goal", count.target, unit=goal.counts, kind="goal", sources=["data/project.toml"]
    )
    for name, value in (("reached", count.reached), ("known", count.known), ("unknown", count.unknown)):
        missing = count.known is None
        yield results.figure(
            f"{goal.id}.{name}",
            None if missing else value,
            unit=goal.counts,
            kind="count",
            evidence_level=1,
            sources=lists,
            example_data=example,
            reason="list_missing" if missing else None,
        )


def _level2(goal: Goal, contribution: Contribution, example: bool) -> Iterator[dict[str, Any]]:
    yield results.figure(
        f"{goal.id}.level2",
        contribution.median,
        low=contribution.low,
        high=contribution.high,
        range=0.90,
        unit=goal.counts,
        kind="estimate",
        evidence_level=2,
        method="survey_simulation" if contribution.has_survey else "assumption_only",
        sources=[goal.measured_by, *([f"survey_{goal.measured_by}"] if contribution.has_survey else [])],
        assumptions=contribution.assumptions,
        example_data=example,
        reason=contribution.reason,
    )
    if contribution.high_bound is not None:
        yield results.figure(
            f"{goal.id}.level2.high_bound",
            contribution.high_bound,
            unit=goal.counts,
            kind="design",
            evidence_level=2,
            method="every_unknown_counted",
            sources=[goal.measured_by],
            example_data=example,
        )


def _level3(goal: Goal, county: CountyFindings | None, size: HouseholdSize, inputs: Inputs) -> dict[str, Any]:
    found = None if county is None else county.for_goal(goal)
    if county is None or found is None:
        moves = goal.measured_by == "households"
        reason = "design_refused" if moves else "no_statistics" if goal.followed else "not_applicable"
        return results.figure(
            f"{goal.id}.level3", None, unit=goal.counts, kind="estimate", evidence_level=3, reason=reason
        )
    divided = goal.counts == "households" and size.source == "assumption"
    return results.figure(
        f"{goal.id}.level3",
        found.estimate,
        low=found.low,
        high=found.high,
        interval=0.90,
        unit=goal.counts,
        kind="estimate",
        evidence_level=3,
        method=f"{county.primary.method}/{county.primary.pool}/{county.outcome}",
        sources=inputs.panel.tables_behind(county.outcome),
        years=county.primary.years,
        assumptions=["persons_per_moving_household"] if divided else [],
        example_data=False,
    )


def _worth(goal: Goal, verdict: Verdict | None) -> Iterator[dict[str, Any]]:
    """Yield what the printed sentence of level 3 is worth, of 100 real cases without a project."""
    from attraktiv_eval.findings.operating_characteristics import FILE, worth_of

    found = None if verdict is None else worth_of(verdict.rule)
    if found is None:
        return
    told = {
        "cases": (found.cases, "cases"),
        "wrong": (100 * found.wrong if found.claims else None, "of_100_cases"),
        "printed_without_effect": (100 * found.idle, "of_100_cases"),
    }
    for name, (value, unit) in told.items():
        yield results.figure(
            f"{goal.id}.level3.sentence.{name}",
            value,
            unit=unit,
            kind="design",
            evidence_level=3,
            method=verdict.rule if verdict is not None else None,
            sources=[FILE],
            reason=None if value is not None else "claims_nothing",
        )


def _hardness(goal: Goal, verdict: Verdict | None) -> Iterator[dict[str, Any]]:
    """Yield how much drift level 3 bears, and how much a find at the goal or its pace overstates.

    The exaggeration is the smallest and the largest factor over the equally good specifications.
    """
    if verdict is None:
        return
    told = dict(verdict.values)
    for name in ("breakdown", "exaggeration_low", "exaggeration_high"):
        if name not in told:
            continue
        known = told[name] is not None and math.isfinite(told[name])
        yield results.figure(
            f"{goal.id}.level3.{name}",
            told[name] if known else None,
            unit="times",
            kind="design",
            evidence_level=3,
            method="placebo_in_space",
            reason=None if known else "too_few_years" if name == "breakdown" else "none_detectable",
        )


def _companies(goal: Goal, companies: CompanyFindings | None, inputs: Inputs) -> dict[str, Any]:
    """Return the figure of level 3 on companies, in the outcome's own unit."""
    found = None if companies is None else companies.level3
    if companies is None or companies.primary is None or found is None:
        reason = "no_statistics" if companies is None else companies.reason
        return results.figure(
            f"{goal.id}.level3", None, unit=goal.counts, kind="estimate", evidence_level=3, reason=reason
        )
    primary = companies.primary
    return results.figure(
        f"{goal.id}.level3",
        found.estimate,
        low=found.low,
        high=found.high,
        interval=0.90,
        unit=found.unit,
        kind="estimate",
        evidence_level=3,
        method=f"{primary.method}/{primary.pool}/{primary.outcome}",
        sources=inputs.panel.tables_behind(primary.outcome),
        years=primary.years,
    )


def _comparison(one: Comparison, inputs: Inputs, stem: str = "county") -> Iterator[dict[str, Any]]:
    stem = f"{stem}.{one.outcome}.{one.method}.{one.pool}"
    counted = OUTCOMES[one.outcome].unit
    low, high = one.interval
    common: dict[str, Any] = {
        "evidence_level": 3,
        "method": one.method,
        "sources": inputs.panel.tables_behind(one.outcome),
    }
    common |= {"years": one.years}
    yield results.figure(
        f"{stem}.effect",
        one.persons,
        low=low,
        high=high,
        interval=0.90,
        unit=counted,
        kind="estimate",
        **common,
    )
    pseudo = one.pseudo_persons
    designs = {
        "p_value": (one.placebos.p_value, "share"),
        "rank": (one.placebos.rank, "rank"),
        "smallest_detectable_effect": (one.detectable, counted),
        "pre_rmse": (one.estimate.pre_rmse, _rate_unit(one.outcome)),
        "pseudo_effect": (None if math.isnan(pseudo) else pseudo, counted),
        "true_level": (one.placebos.true_level(), "share"),
    }
    reasons = {"pseudo_effect": "too_few_years", "true_level": "too_few_placebos"}
    for name, (value, unit) in designs.items():
        bounded = value is not None and math.isfinite(value)
        yield results.figure(
            f"{stem}.{name}",
            value if bounded else None,
            unit=unit,
            kind="design",
            reason=None if bounded else reasons.get(name, "none_detectable"),
            **common,
        )


def _months(table: pd.DataFrame, inputs: Inputs) -> Iterator[dict[str, Any]]:
    """Return each year's moves in the months that it has, and the mean of the same months before."""
    sources = [
        id
        for source in inputs.panel.sources
        if source.get("name") == "moves_by_month"
        for id in source["tables"]
    ]
    for year, own in table.dropna(subset=["before_mean"]).groupby("year"):
        for name, column in (("moves", "moves"), ("before", "before_mean")):
            yield results.figure(
                f"months.{year}.{name}",
                float(own[column].sum()),
                unit="moves",
                kind="count",
                evidence_level=3,
                sources=sources,
            )


def _municipalities(
    found: Municipalities, inputs: Inputs, counted: str = "municipalities"
) -> Iterator[dict[str, Any]]:
    """Return each municipality's own effect, and how many stand out beside how many chance would give."""
    common: dict[str, Any] = {
        "evidence_level": 3,
        "method": found.method,
        "sources": inputs.panel.tables_behind(found.outcome, "municipality"),
    }
    first = found.rows.iloc[0]
    common |= {"years": (int(first["window_first"]), int(first["window_last"]))}
    unit = OUTCOMES[found.outcome].unit
    for row in found.rows.to_dict("records"):
        stem = f"municipality.{row['region_code']}.{found.outcome}"
        ends = {"low": row["low"], "high": row["high"], "interval": 0.90}
        yield results.figure(
            f"{stem}.effect", row["effect_persons"], unit=unit, kind="estimate", **ends, **common
        )
        yield results.figure(f"{stem}.p_value", row["p_value"], unit="share", kind="design", **common)
    counts = {
        "told_apart": int(found.rows["told_apart"].sum()),
        "by_chance": (1 - found.level) * len(found.rows),
        "all": len(found.rows),
        "compared": int(found.rows["n"].iloc[0]),
    }
    for name, value in counts.items():
        yield results.figure(f"{counted}.{name}", value, unit="municipalities", kind="design", **common)


def _rate_unit(outcome: str) -> str:
    of = OUTCOMES[outcome]
    return f"{of.unit}_per_1000_inhabitants" if of.per_inhabitant else "per_cent"


def _money(inputs: Inputs, funding: pd.DataFrame, example: bool) -> Iterator[dict[str, Any]]:
    for kind in sorted({one.kind for one in inputs.project.funding}):
        known = [
            one.decided_sek
            for one in inputs.project.funding
            if one.kind == kind and one.decided_sek is not None
        ]
        yield results.figure(
            f"money.{kind}.decided",
            sum(known) if known else None,
            unit="SEK",
            kind="money",
            sources=["data/project.toml"],
            reason=None if known else "amount_not_published",
        )
    paid = funding["paid_sek"].sum(min_count=1)
    missing = inputs.records.funding is None or paid != paid or type(paid).__name__ == "NAType"
    yield results.figure(
        "money.paid",
        None if missing else float(paid),
        unit="SEK",
        kind="money",
        sources=["funding"],
        example_data=example,
        reason="list_missing" if missing else None,
    )
