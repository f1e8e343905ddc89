"""Level 3 for companies: vacancies, employment or workplaces, where the statistics hold them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attraktiv_eval.counterfactual.inference.event_study import draw_factor
from attraktiv_eval.errors import DesignError, SourceError
from attraktiv_eval.evaluation.county import (
    METHODS_IN_CURVE,
    METHODS_SHOWN,
    Comparison,
    Window,
    compare,
)
from attraktiv_eval.findings import Level3
from attraktiv_eval.statistics.outcomes import BEST_FIRST, OUTCOMES, Choice

if TYPE_CHECKING:
    import pandas as pd

    from attraktiv_eval.evaluation.inputs import ComparisonDesign
    from attraktiv_eval.statistics.panel import Panel

__all__ = ["MIN_BEFORE", "CompanyFindings", "company_findings", "company_table", "in_units"]

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
    panel = design.panel
    choice = panel.choice("companies", window.first, window.last, design.project.region.code)
    if choice.id is None:
        held = [id for id in BEST_FIRST["companies"] if (id, "county") in panel.series]
        reason = "too_few_years" if held else "no_statistics"
        return CompanyFindings(choice, reason=reason, detail=", ".join(held))
    try:
        compared = window if choice.years is None else Window(*choice.years, window.until)
        return _findings(design, compared, choice, choice.id)
    except (DesignError, SourceError) as refused:
        return CompanyFindings(choice, reason="design_refused", detail=refused.message)


def _findings(design: ComparisonDesign, window: Window, choice: Choice, outcome: str) -> CompanyFindings:
    from attraktiv_eval.counterfactual.candidates import race

    panel, region, years = design.panel, design.project.region.code, design.project.years
    panel.base(outcome)
    table = race(
        panel, region, outcome, years[0], len(years), methods=METHODS_IN_CURVE, min_before=MIN_BEFORE
    ).table
    rows = table.to_dict("records")
    best = next((str(row["method"]), str(row["pool"])) for row in rows if row["primary"])
    equal = [(str(row["method"]), str(row["pool"])) for row in rows if row["equivalent"]]
    pairs = dict.fromkeys([best, *equal, *((method, "all") for method in METHODS_SHOWN)])
    shown = [
        compare(
            panel,
            region,
            window,
            outcome=outcome,
            method=method,
            pool=pool,
            primary=(method, pool) == best,
            equivalent=(method, pool) in equal,
        )
        for method, pool in pairs
    ]
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
    found = []
    for id, other in OUTCOMES.items():
        if other.goal != "companies" or id == outcome or (id, "county") not in panel.series:
            continue
        covered = window.covered(panel, id)
        if covered is not None:
            try:
                found.append(compare(panel, region, covered, outcome=id, method=best[0], pool=best[1]))
            except (DesignError, SourceError):
                continue
    return found


def in_units(primary: Comparison, equals: list[Comparison]) -> Level3:
    """Return the primary comparison in the outcome's own unit, its equals as members."""
    members = tuple(_one(other, ()) for other in equals)
    return _one(primary, members)


def _one(comparison: Comparison, members: tuple[Level3, ...]) -> Level3:
    low, high = comparison.interval
    pseudo = comparison.pseudo
    return Level3(
        estimate=comparison.persons,
        low=low,
        high=high,
        mde=comparison.detectable,
        pseudo_effect=None if pseudo is None else comparison.pseudo_persons,
        pseudo_years=None
        if pseudo is None
        else (int(pseudo.effects.index[0]), int(pseudo.effects.index[-1])),
        change_low=comparison.change[0],
        change_high=comparison.change[1],
        breakdown=float("nan") if comparison.drift is None else comparison.drift.breakdown,
        noise=comparison.noise,
        border=comparison.border,
        draw_factor=draw_factor(comparison.placebos.rank, comparison.placebos.n),
        members=members,
        unit=OUTCOMES[comparison.outcome].unit,
    )


def company_table(findings: CompanyFindings) -> pd.DataFrame:
    """Return one row a comparison, in the outcome's own unit."""
    import pandas as pd

    rows = []
    for one in findings.shown:
        low, high = one.interval
        rows.append(
            {
                "outcome": one.outcome,
                "method": one.method,
                "pool": one.pool,
                "first_year": one.first_year,
                "window_first": one.years[0],
                "window_last": one.years[1],
                "unit": OUTCOMES[one.outcome].unit,
                "effect_units": one.persons,
                "low": low,
                "high": high,
                **one.hangs_on,
                "p_value": one.placebos.p_value,
                "smallest_p": one.placebos.smallest_p,
                "rank": one.placebos.rank,
                "n": one.placebos.n,
                "mde": one.detectable,
                "pseudo_effect": one.pseudo_persons,
                "pre_rmse": one.estimate.pre_rmse,
                "primary": one.primary,
                "equivalent": one.equivalent,
            }
        )
    return pd.DataFrame(rows)
