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
from attraktiv_eval.counterfactual.estimators import estimate
from attraktiv_eval.counterfactual.inference import Placebos, placebo_in_space, placebo_in_time
from attraktiv_eval.counterfactual.method import method_of, methods, quick_methods
from attraktiv_eval.counterfactual.power import minimum_detectable_effect, power_from_placebos
from attraktiv_eval.errors import DesignError
from attraktiv_eval.level3.municipalities import MUNICIPAL_METHOD, Municipalities, municipality_effects
from attraktiv_eval.level3.rival_explanations import MUNICIPAL_OUTCOME, Rivals, rivals
from attraktiv_eval.level3.specification_curve import COVID_YEARS, cell, specification_curve
from attraktiv_eval.level3.units import effect_in_persons

if TYPE_CHECKING:
    from attraktiv_eval.counterfactual.design import Design
    from attraktiv_eval.level3.plan import Plan
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
    households: Iterable[int] = HOUSEHOLDS,
) -> pd.DataFrame:
    """Return what the primary specification would make of each true effect in households.

    The households are those of all the years compared.

    Columns: outcome, households, power, wrong_sign, exaggeration, smallest_exaggeration.
    """
    sizes = np.array(list(households))
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
