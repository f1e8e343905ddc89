"""``results.json``: every figure of a report with its range, evidence and origin, and nothing else.

Written after suppression, checked against the published schema, and the same bytes for the same figures.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attraktiv_eval import resources
from attraktiv_eval.table_specifications import CARRIED

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from attraktiv_eval.additionality import Contribution
    from attraktiv_eval.evaluation.draw import ProjectDraw
    from attraktiv_eval.evaluation.inputs import Inputs
    from attraktiv_eval.evaluation.level3 import CompanyFindings, CountyFindings
    from attraktiv_eval.findings import Level3, Verdict
    from attraktiv_eval.level3.comparison import Comparison, Municipalities
    from attraktiv_eval.metrics import GoalCount, HouseholdSize
    from attraktiv_eval.project import Goal, Project
    from attraktiv_eval.statistics.outcomes import Outcome

__all__ = [
    "DIGITS",
    "document",
    "evaluation_document",
    "figure",
    "read_tables",
    "schema",
    "told",
    "validate",
    "write",
]


#: Significant digits of a written number; further ones differ between machines.
DIGITS = 6

#: The source of what the project itself has written.
PROJECT = ["data/project.toml"]

Kind = Literal["count", "estimate", "design", "goal", "money", "draw"]


def figure(
    id: str,
    value: float | None,
    *,
    unit: str,
    kind: Kind,
    evidence_level: Literal[1, 2, 3] | None = None,
    low: float | None = None,
    high: float | None = None,
    interval: float | None = None,
    range: float | None = None,
    method: str | None = None,
    sources: Sequence[str] = (),
    assumptions: Sequence[str] = (),
    example_data: bool = False,
    reason: str | None = None,
    years: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """Return one figure as it stands in ``results.json``.

    Parameters
    ----------
    id : str
        Such as ``households.level2``.
    value, low, high : float, optional
        A missing value (None, NaN, NA) must come with a ``reason``; an infinite end of an interval is
        written as null and named under ``unbounded``.
    unit : str
        ``households``, ``persons``, ``SEK``, ``share`` ...
    kind : str
        ``count``, ``estimate`` (needs low and high), ``design`` (a property of the method: p-value, rank,
        smallest detectable effect), ``goal`` or ``money``.
    evidence_level : int or None
        1, 2 or 3; None for goals, money and what a draw shows, which is evidence of its own kind.
    interval : float or None
        0.90, or None where low and high are bounds or absent.
    range : float, optional
        Share of the calculations that lie from low to high, where they are drawn over judgements: no
        interval, for it does not narrow with data. Written where it is given.
    method, sources, assumptions
        Id of the method, SCB tables or lists, ids of assumptions.
    reason : str, optional
        Why there is no value: ``suppressed``, ``list_missing``, ``not_applicable`` ...
    years : (int, int), optional
        First and last year that an estimate of level 3 compares; written where they are given.
    """
    if kind == "money":  # a sum in whole kronor is kept whole, as it is printed
        value, low, high = (_whole(one) for one in (value, low, high))
    if _is_missing(value):
        value = low = high = interval = range = None
    elif reason is not None:
        raise ValueError(f"figure {id} has both a value and a reason for having none")
    one: dict[str, Any] = {
        "id": id,
        "value": _plain(value),
        "low": _end(low),
        "high": _end(high),
        "interval": interval,
        "unit": unit,
        "evidence_level": evidence_level,
        "kind": kind,
        "method": method,
        "sources": list(sources),
        "assumptions": list(assumptions),
        "example_data": bool(example_data),
    }
    if range is not None:
        one["range"] = range
    if years is not None:
        one |= {"first_year": int(years[0]), "last_year": int(years[1])}
    if reason is not None:
        one["reason"] = reason
    unbounded = [name for name, end in (("low", low), ("high", high)) if end is not None and math.isinf(end)]
    if unbounded:
        one["unbounded"] = unbounded
    return one


def document(
    run_id: str,
    figures: Iterable[Mapping[str, Any]],
    verdicts: Iterable[Verdict] | Mapping[str, Mapping[int, Verdict]],
    *,
    project: str,
    year: int,
    final: bool,
    until: date,
    example_data: bool,
    missing: Iterable[str] = (),
    tables: Mapping[str, pd.DataFrame] | None = None,
) -> dict[str, Any]:
    """Return the whole of ``results.json``.

    Parameters
    ----------
    run_id : str
    figures : iterable of dict
        From :func:`figure`; each id once.
    verdicts : iterable of Verdict, or mapping of goal and level to Verdict
    project, year, final, until, example_data, missing
        What was evaluated, and which lists were missing.
    tables : mapping of name to DataFrame, optional
        Count tables *after suppression*; next year's report needs them to guard this one's gaps.

    Raises
    ------
    ValueError
        If a figure's id is given twice, or a number is not finite.
    """
    listed = [dict(one) for one in figures]
    ids = [one["id"] for one in listed]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise ValueError(f"figure {twice[0]} is given twice")
    if isinstance(verdicts, Mapping):
        verdicts = [one for levels in verdicts.values() for one in levels.values()]
    return {
        "schema_version": 1,
        "run_id": run_id,
        "project": project,
        "year": int(year),
        "final": bool(final),
        "until": until.isoformat(),
        "example_data": bool(example_data),
        "missing": list(missing),
        "figures": [{key: _plain(value) for key, value in one.items()} for one in listed],
        "verdicts": [_verdict(one) for one in verdicts],
        "tables": {name: _table(table) for name, table in (tables or {}).items()},
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    facts = {key: _loose(value) for key, value in verdict.values.items() if key != "unit_words"}  # noqa: PD011
    return {
        "goal": verdict.goal,
        "level": verdict.level,
        "rule": verdict.rule,
        "values": facts,
        "reasons": list(verdict.reasons),
    }


def _table(table: pd.DataFrame) -> dict[str, Any]:
    rows = [[_in_table(cell) for cell in row] for row in table.itertuples(index=False, name=None)]
    return {"columns": [str(name) for name in table.columns], "rows": rows}


def _in_table(cell: Any) -> Any:
    """Return a cell as JSON holds it; a whole number the same way whatever kind its column happens to be.

    A table that is read back from an earlier edition has other kinds of columns than one made now.
    """
    plain = _loose(cell)
    return int(plain) if isinstance(plain, float) and plain.is_integer() else plain


def read_tables(path: Path) -> dict[str, pd.DataFrame]:
    """Return the count tables of an earlier ``results.json``, suppressed cells missing."""
    import pandas as pd

    doc = json.loads(Path(path).read_text(encoding="utf-8"))
    return {
        name: pd.DataFrame(one["rows"], columns=one["columns"]).convert_dtypes()
        for name, one in doc.get("tables", {}).items()
    }


def write(path: Path, doc: Mapping[str, Any]) -> None:
    """Check a document against the schema and write it; the same document gives the same bytes.

    Raises
    ------
    ValueError
        If the document does not follow the schema: a fault of the program, not of its user.
    """
    validate(doc)
    text = json.dumps(doc, ensure_ascii=False, allow_nan=False, indent=1)
    Path(path).write_text(text + "\n", encoding="utf-8", newline="\n")


@cache
def schema() -> dict[str, Any]:
    """Return the published JSON schema of ``results.json``."""
    text = resources.find("attraktiv_eval/results.schema.json").read_text(encoding="utf-8")
    return json.loads(text)


def validate(doc: Mapping[str, Any]) -> None:
    """Check a document against the schema.

    Raises
    ------
    ValueError
        With the place and the fault, for the first one found.
    """
    from fastjsonschema import JsonSchemaValueException

    try:
        _checker()(doc)
    except JsonSchemaValueException as fault:
        place = "/".join(str(part) for part in fault.path[1:])
        raise ValueError(f"results.json, {place or 'top'}: {fault.message}") from None


@cache
def _checker() -> Callable[[Mapping[str, Any]], Any]:
    """Return the schema as a function; jsonschema reads a whole grammar of addresses before it starts."""
    from fastjsonschema import compile as compiled

    check: Callable[[Mapping[str, Any]], Any] = compiled(schema(), use_default=False)
    return check


def _is_missing(value: object) -> bool:
    return value is None or type(value).__name__ in ("NAType", "NaTType") or value != value


def _whole(value: Any) -> Any:
    """Return an amount of whole kronor as an integer, which no number of digits shortens."""
    if _is_missing(value) or not math.isfinite(value) or float(value) != round(float(value)):
        return value
    return round(float(value))


def _end(value: float | None) -> Any:
    return None if value is None or math.isinf(value) else _plain(value)


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it; floats at six significant digits, never minus zero."""
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a number in results.json is not finite")
        return float(f"{value:.{DIGITS}g}") + 0.0
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value


def _loose(value: Any) -> Any:
    """Return a value as JSON holds it, with null for what is missing or has no bound."""
    if isinstance(value, (list, tuple)):
        return [_loose(one) for one in value]
    if _is_missing(value) or (isinstance(value, float) and math.isinf(value)):
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    return _plain(value)


# --- Further figures of results.json


def told(
    tables: Mapping[str, pd.DataFrame],
    example: bool,
    statistics: list[str],
    goals: Mapping[str, Goal],
    named: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Return the figures on pace, rows of the records, cost per result, single assumptions, and change.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The report's tables, after suppression; one that is missing gives no figure.
    example : bool
        Whether the records are invented.
    statistics : list of str
        The tables that official statistics come from.
    goals : mapping of str to Goal
        What each goal of the project counts, and in which list.
    named : sequence of str
        Goals that count organisations which the project itself names: they are not invented.
    """
    return [
        *_path(tables.get("paths"), example, goals, named),
        *_rows(tables.get("accounting"), example),
        *_quality(tables.get("linkage_quality"), example),
        *_cost(tables.get("cost_per_result"), example),
        *_tornado(tables.get("tornado"), example, goals),
        *_changes(tables.get("base_periods"), statistics),
    ]


def _path(
    paths: pd.DataFrame | None, example: bool, goals: Mapping[str, Goal], named: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Yield what is known of each goal at each year's end, and what an even pace asks."""
    for row in [] if paths is None else paths.to_dict("records"):
        goal, year, known = str(row["goal"]), row["year"], row["cumulated"]
        unit, listed = goals[goal].counts, [goals[goal].measured_by]
        yield figure(f"{goal}.pace.{year}", row["pace"], unit=unit, kind="goal", sources=PROJECT)
        reason = "suppressed" if _is_missing(known) else None
        invented = example and goal not in named
        yield _count(f"{goal}.known.{year}", known, unit, listed, example_data=invented, reason=reason)


def _count(id: str, value: float | None, unit: str, sources: Sequence[str], **more: Any) -> dict[str, Any]:
    """Return a count of level 1, by the lists that it was counted in."""
    return figure(id, value, unit=unit, kind="count", evidence_level=1, sources=sources, **more)


def _rows(accounting: pd.DataFrame | None, example: bool) -> Iterator[dict[str, Any]]:
    """Yield how many rows of the records were read, kept, merged and rejected."""
    if accounting is None:
        return
    for name in ("read", "kept", "merged", "rejected"):
        total = int(accounting[name].sum())
        yield _count(f"records.{name}", total, "rows", ["records"], example_data=example)


def _quality(quality: pd.DataFrame | None, example: bool) -> Iterator[dict[str, Any]]:
    """Yield precision and recall of the linkage, where the truth of the records is known."""
    common: dict[str, Any] = {"unit": "share", "kind": "design", "evidence_level": 1, "sources": ["records"]}
    for row in [] if quality is None else quality.to_dict("records"):
        for name in ("precision", "recall"):
            yield figure(f"records.linkage.{name}", row[name], example_data=example, **common)


def _cost(costs: pd.DataFrame | None, example: bool) -> Iterator[dict[str, Any]]:
    """Yield the whole project's cost, and the cost per result; the value is the low end of the range."""
    rows = [] if costs is None else costs.dropna(subset=["ratio_low"]).to_dict("records")
    sources = [*PROJECT, "funding"]
    common: dict[str, Any] = {"unit": "SEK", "kind": "money", "sources": sources, "example_data": example}
    for row in rows[:1]:
        ends = {"low": row["cost_low"], "high": row["cost_high"]}
        yield figure("money.cost", row["cost_low"], **ends, **common)
    for row in rows:
        high = row["ratio_high"] if row["ratio_high"] == row["ratio_high"] else float("inf")
        stem = f"{row['goal']}.cost_per_result.level{row['level']}"
        yield figure(stem, row["ratio_low"], low=row["ratio_low"], high=high, **common)


def _tornado(
    tornado: pd.DataFrame | None, example: bool, goals: Mapping[str, Goal]
) -> Iterator[dict[str, Any]]:
    """Yield what level 2 comes to with one assumption at its low and at its high value."""
    for row in [] if tornado is None else tornado.to_dict("records"):
        goal, assumption = str(row["goal"]), str(row["assumption"])
        yield figure(
            f"{goal}.level2.{assumption}",
            row["base"],
            low=row["low"],
            high=row["high"],
            unit=goals[goal].counts if goal in goals else goal,
            kind="estimate",
            evidence_level=2,
            method="one_at_a_time",
            sources=["records"],
            assumptions=[assumption],
            example_data=example,
        )


def _changes(periods: pd.DataFrame | None, statistics: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the change of yearly net migration against each base period."""
    common: dict[str, Any] = {"kind": "count", "evidence_level": 3, "sources": statistics}
    for row in [] if periods is None else periods.to_dict("records"):
        stem = f"county.net_migration.change_from.{row['first_year']}-{row['last_year']}"
        years = row["window_first"], row["window_last"]
        yield figure(stem, row["change"], unit="moves_a_year", years=years, **common)


# --- The figures of results.json


def evaluation_document(
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
    draw: ProjectDraw | None = None,
) -> dict[str, Any]:
    """Return what ``results.json`` holds of a report; it has no words of either language."""
    example = inputs.records.example_data
    figures: list[dict[str, Any]] = []
    for goal, count in goals.items():
        promised = inputs.project.goals[goal]
        figures += _level1(promised, count, example and not _named(inputs, promised, tables))
        figures += _level2(promised, contributions[goal], example and not _named(inputs, promised, tables))
        if promised.counts == "companies":
            figures.append(_companies(promised, companies, inputs))
        else:
            figures.append(_level3(promised, county, size, inputs))
            figures += _worth(promised, verdicts.get(goal, {}).get(3), inputs.project)
        figures += _hardness(promised, verdicts.get(goal, {}).get(3))
    if county is not None:
        others = {"flow": county.flows, "control": county.controls, "other": county.others}
        kinds = {"county": county.shown} | {f"county.{kind}": shown for kind, shown in others.items()}
        for stem, shown in kinds.items():
            for one in shown:
                figures += _comparison(one, inputs, stem)
        figures += _regions(county, inputs)
        if county.municipalities is not None:
            figures += _municipalities(county.municipalities, inputs)
        for beside in county.by_birth:
            figures += _municipalities(beside, inputs, f"municipalities.{beside.outcome}")
    figures += _draw(draw)
    for one in companies.shown if companies is not None else []:
        figures += _comparison(one, inputs)
    figures += _money(inputs, tables["funding"], example)
    if "moves_by_month" in tables:
        figures += _months(tables["moves_by_month"], inputs)
    named = [id for id, promised in inputs.project.goals.items() if _named(inputs, promised, tables)]
    figures += told(tables, example, inputs.seen.tables_behind("net_migration"), inputs.project.goals, named)
    return document(
        run_id,
        figures,
        verdicts,
        project=inputs.project.name,
        year=year or until.year,
        final=year is None,
        until=until,
        example_data=example,
        missing=inputs.project.asked_for(inputs.records.missing),
        tables={name: tables[name] for name in CARRIED if name in tables},
    )


def _named(inputs: Inputs, goal: Goal, tables: Mapping[str, pd.DataFrame]) -> bool:
    """Return whether a goal counts organisations that the project itself names, all of them: not invented."""
    listed = tables.get("organisations")
    return (
        goal.measured_by == "organisations"
        and listed is not None
        and inputs.project.names_all(listed["name"])
    )


def _level1(goal: Goal, count: GoalCount, example: bool) -> Iterator[dict[str, Any]]:
    lists = [goal.measured_by, *(["contacts"] if goal.measured_by == "households" else [])]
    yield figure(f"{goal.id}.goal", count.target, unit=goal.counts, kind="goal", sources=PROJECT)
    reason = "list_missing" if count.known is None else None
    for name, value in (("reached", count.reached), ("known", count.known), ("unknown", count.unknown)):
        counted = None if reason else value
        yield _count(f"{goal.id}.{name}", counted, goal.counts, lists, example_data=example, reason=reason)


def _level2(goal: Goal, contribution: Contribution, example: bool) -> Iterator[dict[str, Any]]:
    common: dict[str, Any] = {"unit": goal.counts, "evidence_level": 2, "example_data": example}
    yield figure(
        f"{goal.id}.level2",
        contribution.median,
        low=contribution.low,
        high=contribution.high,
        range=0.90,
        kind="estimate",
        method="survey_simulation" if contribution.has_survey else "assumption_only",
        sources=[goal.measured_by, *([f"survey_{goal.measured_by}"] if contribution.has_survey else [])],
        assumptions=contribution.assumptions,
        reason=contribution.reason,
        **common,
    )
    if contribution.high_bound is not None:
        common |= {"kind": "design", "method": "every_unknown_counted", "sources": [goal.measured_by]}
        yield figure(f"{goal.id}.level2.high_bound", contribution.high_bound, **common)


def _level3(goal: Goal, county: CountyFindings | None, size: HouseholdSize, inputs: Inputs) -> dict[str, Any]:
    found = None if county is None else county.for_goal(goal)
    if county is None or found is None:
        moves = goal.measured_by == "households"
        return _untested(
            goal, "design_refused" if moves else "no_statistics" if goal.followed else "not_applicable"
        )
    divided = goal.counts == "households" and size.source == "assumption"
    rests_on = ["persons_per_moving_household"] if divided else []
    return _tested(goal, found, county.primary, inputs, goal.counts, rests_on)


def _untested(goal: Goal, reason: str | None) -> dict[str, Any]:
    """Return the figure of level 3 where there is none, and why."""
    return figure(
        f"{goal.id}.level3", None, unit=goal.counts, kind="estimate", evidence_level=3, reason=reason
    )


def _tested(
    goal: Goal, found: Level3, primary: Comparison, inputs: Inputs, unit: str, assumptions: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the figure of level 3 of a goal, by its primary comparison."""
    return figure(
        f"{goal.id}.level3",
        found.estimate,
        low=found.low,
        high=found.high,
        interval=0.90,
        unit=unit,
        kind="estimate",
        evidence_level=3,
        method=f"{primary.method}/{primary.pool}/{primary.outcome}",
        sources=inputs.seen.tables_behind(primary.outcome, until=primary.years[-1]),
        years=primary.years,
        assumptions=assumptions,
    )


def _worth(goal: Goal, verdict: Verdict | None, project: Project) -> Iterator[dict[str, Any]]:
    """Yield what the printed sentence of level 3 is worth, of 100 real cases without a project.

    The cases are single counties: nothing is known for a region of another kind.
    """
    from attraktiv_eval.level3.method_validation import FILE, worth_of

    found = None if verdict is None or project.region.kind != "county" else worth_of(verdict.rule)
    if found is None:
        return
    told = {
        "cases": (found.cases, "cases"),
        "wrong": (100 * found.wrong if found.claims else None, "of_100_cases"),
        "printed_without_effect": (100 * found.idle, "of_100_cases"),
    }
    rule = verdict.rule if verdict is not None else None
    common: dict[str, Any] = {"kind": "design", "evidence_level": 3, "method": rule, "sources": [FILE]}
    for name, (value, unit) in told.items():
        reason = None if value is not None else "claims_nothing"
        yield figure(f"{goal.id}.level3.sentence.{name}", value, unit=unit, reason=reason, **common)


def _hardness(goal: Goal, verdict: Verdict | None) -> Iterator[dict[str, Any]]:
    """Yield how much drift level 3 bears, and how much a find at the goal or its pace overstates.

    The exaggeration is the smallest and the largest factor over the equally good specifications.
    """
    if verdict is None:
        return
    told = dict(verdict.values)
    common: dict[str, Any] = {"unit": "times", "kind": "design", "evidence_level": 3}
    common["method"] = "placebo_in_space"
    for name in ("breakdown", "exaggeration_low", "exaggeration_high"):
        if name not in told:
            continue
        known = told[name] is not None and math.isfinite(told[name])
        lacks = "too_few_years" if name == "breakdown" else "none_detectable"
        value, reason = (told[name], None) if known else (None, lacks)
        yield figure(f"{goal.id}.level3.{name}", value, reason=reason, **common)


def _companies(goal: Goal, companies: CompanyFindings | None, inputs: Inputs) -> dict[str, Any]:
    """Return the figure of level 3 on companies, in the outcome's own unit."""
    found = None if companies is None else companies.level3
    if companies is None or companies.primary is None or found is None:
        return _untested(goal, "no_statistics" if companies is None else companies.reason)
    return _tested(goal, found, companies.primary, inputs, found.unit)


def _comparison(one: Comparison, inputs: Inputs, stem: str = "county") -> Iterator[dict[str, Any]]:
    stem = f"{stem}.{one.outcome}.{one.method}.{one.pool}"
    counted = one.defined.unit
    sources = inputs.seen.tables_behind(one.outcome, until=one.years[-1])
    common: dict[str, Any] = {"evidence_level": 3, "method": one.method, "sources": sources}
    common["years"] = one.years
    low, high = one.interval
    effect: dict[str, Any] = {"low": low, "high": high, "interval": 0.90, "unit": counted, "kind": "estimate"}
    yield figure(f"{stem}.effect", one.persons, **effect, **common)
    pseudo = one.pseudo_persons
    designs = {
        "p_value": (one.placebos.p_value, "share"),
        "rank": (one.placebos.rank, "rank"),
        "smallest_detectable_effect": (one.detectable, counted),
        "pre_rmse": (one.estimate.pre_rmse, _rate_unit(one.defined)),
        "pseudo_effect": (None if math.isnan(pseudo) else pseudo, counted),
        "true_level": (one.placebos.true_level(), "share"),
    }
    reasons = {"pseudo_effect": "too_few_years", "true_level": "too_few_placebos"}
    for name, (value, unit) in designs.items():
        bounded = value is not None and math.isfinite(value)
        shown, reason = (value, None) if bounded else (None, reasons.get(name, "none_detectable"))
        yield figure(f"{stem}.{name}", shown, unit=unit, kind="design", reason=reason, **common)


def _months(table: pd.DataFrame, inputs: Inputs) -> Iterator[dict[str, Any]]:
    """Return each year's moves in the months that it has, and the mean of the same months before."""
    held = (one for one in inputs.panel.sources if one.get("name") == "moves_by_month")
    sources = [id for source in held for id in source["tables"]]
    common: dict[str, Any] = {"unit": "moves", "kind": "count", "evidence_level": 3, "sources": sources}
    for year, own in table.dropna(subset=["before_mean"]).groupby("year"):
        for name, column in (("moves", "moves"), ("before", "before_mean")):
            yield figure(f"months.{year}.{name}", float(own[column].sum()), **common)


def _draw(found: ProjectDraw | None) -> Iterator[dict[str, Any]]:
    """Return what a draw shows: evidence of its own kind, so of no level."""
    if found is None:
        return
    method = {"offered": "randomisation_inference", "took_up": "anderson_rubin"}
    common: dict[str, Any] = {"unit": "households", "kind": "draw", "sources": ["draw"]}
    for row in found.effects().to_dict("records"):
        stem = str(row["draw_effect"])
        bounds, known = stem.endswith("_bounds"), math.isfinite(row["more"])
        ends: dict[str, Any] = {"reason": "take_up_too_small"}
        if known:
            ends = {"low": row["low"], "high": row["high"], "interval": None if bounds else 0.90}
        ends["method"] = method.get(stem.removesuffix("_bounds"))
        yield figure(f"draw.{stem}", row["more"] if known else None, **ends, **common)
    result = found.result
    yield figure("draw.applicants", result.applicants, **common)
    p, reason = (None, "small_count") if result.small else (result.p_value, None)
    yield figure("draw.p_value", p, reason=reason, **common | {"unit": "share"})


def _regions(county: CountyFindings, inputs: Inputs) -> Iterator[dict[str, Any]]:
    """Return each county of the project alone, and drawn towards the others."""
    unit = inputs.seen.defined[county.outcome].unit
    for row in [] if county.regions is None else county.regions.to_dict("records"):
        stem = f"region.{row['region_code']}.{county.outcome}"
        years = int(row["window_first"]), int(row["window_last"])
        sources = inputs.seen.tables_behind(county.outcome, until=years[1])
        common: dict[str, Any] = {"evidence_level": 3, "sources": sources, "years": years}
        yield from _alone(stem, row, unit, common, method=county.primary.method)
        if row["own_weight"] == row["own_weight"]:
            drawn = {"low": row["pooled_low"], "high": row["pooled_high"], "interval": 0.90, "unit": unit}
            drawn |= {"method": "partial_pooling", "kind": "estimate"}
            yield figure(f"{stem}.drawn", row["pooled_persons"], **drawn, **common)
            yield figure(f"{stem}.own_weight", row["own_weight"], unit="share", kind="design", **common)


def _alone(
    stem: str, row: Mapping[Any, Any], unit: str, common: dict[str, Any], **of_effect: Any
) -> Iterator[dict[str, Any]]:
    """Return the effect and the p-value of one county or municipality alone."""
    own = {"low": row["low"], "high": row["high"], "interval": 0.90, **of_effect}
    yield figure(f"{stem}.effect", row["effect_persons"], unit=unit, kind="estimate", **own, **common)
    yield figure(f"{stem}.p_value", row["p_value"], unit="share", kind="design", **common)


def _municipalities(
    found: Municipalities, inputs: Inputs, counted: str = "municipalities"
) -> Iterator[dict[str, Any]]:
    """Return each municipality's own effect, and how many stand out beside how many chance would give."""
    first = found.rows.iloc[0]
    common: dict[str, Any] = {
        "evidence_level": 3,
        "method": found.method,
        "sources": inputs.seen.tables_behind(found.outcome, "municipality", int(first["window_last"])),
        "years": (int(first["window_first"]), int(first["window_last"])),
    }
    unit = inputs.panel.defined[found.outcome].unit
    for row in found.rows.to_dict("records"):
        yield from _alone(f"municipality.{row['region_code']}.{found.outcome}", row, unit, common)
    counts = {
        "told_apart": int(found.rows["told_apart"].sum()),
        "by_chance": (1 - found.level) * len(found.rows),
        "all": len(found.rows),
        "compared": int(found.rows["n"].iloc[0]),
    }
    for name, value in counts.items():
        yield figure(f"{counted}.{name}", value, unit="municipalities", kind="design", **common)


def _rate_unit(of: Outcome) -> str:
    return f"{of.unit}_per_1000_inhabitants" if of.per_inhabitant else "per_cent"


def _money(inputs: Inputs, funding: pd.DataFrame, example: bool) -> Iterator[dict[str, Any]]:
    common: dict[str, Any] = {"unit": "SEK", "kind": "money"}
    for kind in sorted({one.kind for one in inputs.project.funding}):
        amounts = [one.decided_sek for one in inputs.project.funding if one.kind == kind]
        known = [one for one in amounts if one is not None]
        total, reason = (sum(known), None) if known else (None, "amount_not_published")
        yield figure(f"money.{kind}.decided", total, sources=PROJECT, reason=reason, **common)
    paid = funding["paid_sek"].sum(min_count=1)
    missing = inputs.records.funding is None or _is_missing(paid)
    amount, reason = (None, "list_missing") if missing else (float(paid), None)
    yield figure("money.paid", amount, sources=["funding"], example_data=example, reason=reason, **common)
