"""What a reader who doubts may ask of the methods, as tidy tables: the content of ``method_validation``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attraktiv_eval import resources
from attraktiv_eval.counterfactual.estimate import estimate
from attraktiv_eval.counterfactual.inference import Placebos, placebo_in_space, placebo_in_time
from attraktiv_eval.counterfactual.municipalities import Municipalities, municipality_effects
from attraktiv_eval.counterfactual.persons import effect_in_persons
from attraktiv_eval.counterfactual.power import minimum_detectable_effect, power_from_placebos
from attraktiv_eval.counterfactual.rivals import Rivals, rivals
from attraktiv_eval.counterfactual.specifications import cell, specification_curve

if TYPE_CHECKING:
    from attraktiv_eval.counterfactual.design import Design
    from attraktiv_eval.counterfactual.plan import Plan
    from attraktiv_eval.statistics.panel import Panel

__all__ = [
    "County",
    "Municipalities",
    "Rivals",
    "covid",
    "municipalities",
    "optimality",
    "power_curve",
    "pseudo_effects_by_method",
    "published",
    "rivals",
    "sight",
]

PUBLISHED = "tests/reference/published.toml"
CONVEX = ("synthetic_control", "demeaned_synthetic_control", "augmented_synthetic_control", "synthetic_did")
HOUSEHOLDS = tuple(range(100, 2001, 100))
QUICK = ("difference_in_differences", *CONVEX)
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
    def window(self) -> tuple[int, int]:
        """First and last year of the project."""
        return int(self.plan.content["first_treated"]), int(self.plan.content["last_treated"])

    @property
    def population(self) -> pd.Series:
        """Inhabitants on 31 December by year."""
        return self.panel.population("county")[self.region]

    @property
    def exposure(self) -> float:
        """Thousands of inhabitants summed over the window: turns a mean rate into moves."""
        return float(self.population.loc[self.window[0] : self.window[1]].sum()) / 1000

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
        return cell(rates, self.region, self.window, pool, self.plan.first_year(outcome))


def published(path: Path | None = None) -> pd.DataFrame:
    """Return the published figures beside ours: method, what, published, ours, difference, tolerance.

    They are kept true by the tests; the file is part of a checkout, not of an installed copy.

    Raises
    ------
    SourceError
        If the file is not there.
    """
    file = resources.find(PUBLISHED) if path is None else Path(path)
    rows = [row for row in tomllib.loads(file.read_text(encoding="utf-8"))["figure"] if "published" in row]
    table = pd.DataFrame(rows)[["method", "what", "published", "ours", "tolerance"]]
    table.insert(4, "difference", table["ours"] - table["published"])
    return table


def optimality(county: County) -> pd.DataFrame:
    """Return the certificate of every convex solve.

    Columns: outcome, method, pool, residual, donors, weighted (how many), weight_sum.
    """
    rows = []
    for outcome in county.plan.outcomes:
        pool = county.plan.primary(outcome)[1]
        table, design = county.cell(outcome, pool)
        for method in CONVEX:
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
    households: Iterable[int] = HOUSEHOLDS,
) -> pd.DataFrame:
    """Return what the primary specification would make of each true effect in households over the window.

    Columns: outcome, households, power, wrong_sign, exaggeration, smallest_exaggeration.
    """
    sizes = np.array(list(households))
    effects = sizes * persons_per_household / county.exposure
    told = power_from_placebos(county.placebos(outcome), effects)
    told = told.drop(columns="effect")
    told.insert(0, "households", sizes)
    told.insert(0, "outcome", outcome)
    return told


def sight(county: County, persons_per_household: tuple[float, float, float], goal: int) -> pd.DataFrame:
    """Return how far the primary specification of each outcome can see.

    Parameters
    ----------
    persons_per_household : (value, low, high)
    goal : int
        The goal in households.

    Returns
    -------
    DataFrame, one row an outcome
        outcome, method, pool, n, smallest_p, detectable_persons, detectable_households (at the value),
        detectable_low and detectable_high (at the high and the low end), power_at_goal,
        exaggeration_at_goal, found_at_goal (whether any placebo carries the goal over the border).
    """
    value, low, high = persons_per_household
    rows = []
    for outcome in county.plan.outcomes:
        method, pool = county.plan.primary(outcome)
        placebos = county.placebos(outcome)
        seen = minimum_detectable_effect(placebos) * county.exposure
        at = power_from_placebos(placebos, [goal * value / county.exposure]).iloc[0]
        found = not np.isnan(at["exaggeration"])
        rows.append(
            {
                "outcome": outcome,
                "method": method,
                "pool": pool,
                "n": placebos.n,
                "smallest_p": placebos.smallest_p,
                "detectable_persons": seen,
                "detectable_households": seen / value,
                "detectable_low": seen / high,
                "detectable_high": seen / low,
                "power_at_goal": at["power"],
                "exaggeration_at_goal": at["exaggeration"] if found else at["smallest_exaggeration"],
                "found_at_goal": found,
            }
        )
    return pd.DataFrame(rows)


def pseudo_effects_by_method(county: County, methods: Iterable[str]) -> pd.DataFrame:
    """Return each method's estimate beside what it finds in the window before, by the plan's primary pool.

    Columns: outcome, method, pool, effect_persons, pseudo_persons, share (pseudo over effect), primary.
    """
    rows = []
    for outcome in county.plan.outcomes:
        best, pool = county.plan.primary(outcome)
        table, design = county.cell(outcome, pool)
        for method in methods:
            real = effect_in_persons(estimate(table, design, method).effects, county.population)
            pseudo = effect_in_persons(placebo_in_time(table, design, method).effects, county.population)
            rows.append((outcome, method, pool, real, pseudo, pseudo / real, method == best))
    return pd.DataFrame(
        rows, columns=["outcome", "method", "pool", "effect_persons", "pseudo_persons", "share", "primary"]
    )


def covid(county: County) -> pd.DataFrame:
    """Return each quick method's, and the primary, estimate a year with and without 2020–2021.

    Columns: outcome, method, pool, a_year (moves a year over the window), without (moves in what is left),
    low, high (placebo interval of the latter), p_value.
    """
    parts = []
    length = county.window[1] - county.window[0] + 1
    for outcome in county.plan.outcomes:
        best, pool = county.plan.primary(outcome)
        told = specification_curve(
            county.panel,
            county.region,
            county.window,
            methods=list(dict.fromkeys([*QUICK, best])),
            outcomes=[outcome],
            pools=[pool],
            first_years=[None],
        )
        whole, left = told[~told["without_covid"]], told[told["without_covid"]]
        part = whole[["outcome", "method", "pool"]].reset_index(drop=True)
        part["a_year"] = whole["effect_persons"].to_numpy() / length
        part["without"] = left["effect_persons"].to_numpy()
        for column in ("low", "high", "p_value"):
            part[column] = left[column].to_numpy()
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def municipalities(county: County, names: Mapping[str, str]) -> Municipalities:
    """Return the effects of the municipalities on the primary outcome, by its primary method."""
    outcome = county.plan.primary_outcome
    method = county.plan.primary(outcome)[0]
    return municipality_effects(county.panel, names, county.window, outcome=outcome, method=method)
