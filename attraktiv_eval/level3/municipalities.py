"""The municipalities of a county, or the counties of a project, one by one and as one group."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from attraktiv_eval.counterfactual.design import Design
from attraktiv_eval.counterfactual.inference import Placebos, placebo_in_space, wider
from attraktiv_eval.level3.units import hangs_on, told_in_persons
from attraktiv_eval.regions import name_of
from attraktiv_eval.texts import number, span, translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attraktiv_eval.statistics.panel import Panel

__all__ = ["MUNICIPAL_METHOD", "Municipalities", "as_one_group", "municipality_effects", "region_effects"]

LEVEL = 0.90
#: Half the width of a normal 90 % interval, in standard errors.
NORMAL = 1.6448536269514722
#: In the place of a primary method that would take minutes over hundreds of municipalities.
MUNICIPAL_METHOD = "demeaned_synthetic_control"


@dataclass(frozen=True)
class Municipalities:
    """The effects of the municipalities with their placebo intervals.

    Attributes
    ----------
    rows : DataFrame
        One row a municipality: region_code, region_name, window_first, window_last (the years compared),
        effect, effect_low, effect_high (per 1,000 and year), effect_persons, low, high (moves over the
        window), true_level, setting_unit, setting_name, low_without and high_without (what the interval
        hangs on, as :func:`hangs_on` returns it), p_value, smallest_p, n, rule, told_apart.
    placebos : dict of code to Placebos
    """

    rows: pd.DataFrame
    placebos: dict[str, Placebos]
    outcome: str
    method: str
    level: float = LEVEL

    def table(self) -> pd.DataFrame:
        """Return the rows."""
        return self.rows.copy()

    def sentence(self, language: str = "sv") -> str:
        """Return which municipalities can be told apart from noise, and how many would be by chance."""
        _ = translator(language)
        found = self.rows[self.rows["told_apart"]]
        counts = {
            "all": number(len(self.rows), language),
            "years": _years(self.rows.iloc[0]),
            "chance": number((1 - self.level) * len(self.rows), language, 1),
        }
        if found.empty:
            return _(
                "None of the {all} municipalities deviates in {years} more than chance usually gives. "
                "Chance alone is expected to give {chance} of them."
            ).format(**counts)
        names = ", ".join(
            f"{name} ({number(effect, language, signed=True)})"
            for name, effect in zip(found["region_name"], found["effect_persons"], strict=True)
        )
        return _(
            "{found} of {all} municipalities deviate in {years} more than chance usually gives: "
            "{names} moves. Chance alone is expected to give {chance} of them. The others cannot be "
            "told apart from chance."
        ).format(found=number(len(found), language), names=names, **counts)

    def sentences(self, language: str = "sv") -> pd.Series:
        """Return one plain statement for each municipality, by code."""
        _ = translator(language)
        texts = {}
        for row in self.rows.to_dict("records"):
            values = {
                "name": row["region_name"],
                "years": _years(row),
                "effect": number(row["effect_persons"], language, signed=True),
                "interval": span(row["low"], row["high"], language),
            }
            if row["told_apart"]:
                text = _("{name}: {effect} moves in {years} ({interval}), more than chance usually gives.")
            else:
                text = _("{name}: {effect} moves in {years} ({interval}); cannot be told apart from chance.")
            texts[row["region_code"]] = text.format(**values)
        return pd.Series(texts, name="sentence")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the effects per 1,000 inhabitants and year with their intervals; return the axes."""
        from attraktiv_eval.counterfactual.inference.placebos import OTHERS, TREATED, axes

        ax = axes(ax)
        rows = self.rows[::-1]
        ax.hlines(rows["region_name"], rows["effect_low"], rows["effect_high"], color=OTHERS, linewidth=3)
        ax.plot(rows["effect"], rows["region_name"], "o", color=TREATED)
        ax.axvline(0, color="black", linewidth=0.6)
        return ax


def _years(row: Any) -> str:
    first, last = int(row["window_first"]), int(row["window_last"])
    return str(first) if first == last else f"{first}–{last}"


def municipality_effects(
    panel: Panel,
    municipalities: Mapping[str, str],
    window: tuple[int, int],
    *,
    outcome: str = "in_moves",
    method: str = "difference_in_differences",
    first_year: int | None = None,
    until: int | None = None,
    level: float = LEVEL,
    n_jobs: int = 1,
) -> Municipalities:
    """Estimate each municipality of the county alone, with every municipality outside it as a placebo.

    Parameters
    ----------
    municipalities : mapping of code to name
        Of the treated county; none of them is a donor.
    method : str
        As a rule the plan's primary method for this outcome.

    Raises
    ------
    DesignError, SourceError
        If the statistics do not carry the comparison.
    """
    rates = panel.rate(outcome, "municipality", until=until)
    rates = rates if first_year is None else rates.loc[first_year:]
    population = panel.population("municipality", until=until)
    donors = [code for code in rates.columns if code not in municipalities]
    called = dict(panel.table[["region_code", "region_name"]].drop_duplicates().to_numpy())
    found, rows, shared = {}, [], None
    for code, name in municipalities.items():
        design = Design([code], window[0], window[1], donors)
        placebos = placebo_in_space(rates, design, method, n_jobs=n_jobs, gaps=shared)
        shared = placebos.gaps
        found[code] = placebos
        place = {
            "region_code": code,
            "region_name": name,
            "window_first": window[0],
            "window_last": window[1],
        }
        rows.append({**place, **_row(placebos, population[code], level)})
        rows[-1]["setting_name"] = called.get(rows[-1]["setting_unit"])
    return Municipalities(pd.DataFrame(rows), found, outcome, method, level)


def _row(placebos: Placebos, population: pd.Series, level: float) -> dict[str, object]:
    low, high = placebos.interval(level)
    return {
        **told_in_persons(placebos.estimate, low, high, population),
        **hangs_on(placebos, population, level),
        "p_value": placebos.p_value,
        "smallest_p": placebos.smallest_p,
        "n": placebos.n,
        "rule": placebos.rule,
        "told_apart": placebos.p_value <= 1 - level + 1e-12,
    }


def region_effects(rates: pd.DataFrame, placebos: Placebos, population: pd.DataFrame) -> pd.DataFrame:
    """Return each of several counties alone beside the stack of them, and what each borrows from the others.

    Parameters
    ----------
    rates : DataFrame, year x region
    placebos : Placebos
        Of the stack; its design says which regions, from when, against whom.
    population : DataFrame, year x region
        What turns a rate into counts.

    Returns
    -------
    DataFrame, one row a county that has begun
        region_code, window_first, window_last, effect_persons, low, high, true_level, setting_unit,
        setting_name, low_without, high_without, p_value, smallest_p, n, told_apart; pooled_persons,
        pooled_low, pooled_high and own_weight: the estimate drawn towards the mean of all, and the share of
        its own in it. NaN where fewer than three have an interval.

    Notes
    -----
    The pooled estimates are those of :func:`partial_pooling`, made in rates, half an interval taken as 1.645
    standard errors: counties of unlike size have effects of unlike size in moves.
    """
    from attraktiv_eval.counterfactual.staggered import partial_pooling

    design, method = placebos.estimate.design, placebos.estimate.method
    rows, means, errors = [], [], []
    for code in design.treated:
        first = max((design.starts or {}).get(code, design.first_treated), design.first_treated)
        if first > design.last_treated:
            continue
        own = placebo_in_space(rates, Design([code], first, design.last_treated, design.donors), method)
        rows.append(
            {
                "region_code": code,
                "window_first": first,
                "window_last": design.last_treated,
                **_row(own, population[code], LEVEL),
            }
        )
        rows[-1]["setting_name"] = name_of(str(rows[-1]["setting_unit"]))
        means.append(own.estimate.effect)
        errors.append(own.half_width(LEVEL) / NORMAL)
    table = pd.DataFrame(rows)
    moves = [
        population.loc[row["window_first"] : row["window_last"], row["region_code"]].sum() / 1000
        for row in rows
    ]
    names = {"pooled": "pooled_persons", "low": "pooled_low", "high": "pooled_high"}
    table = table.assign(**dict.fromkeys((*names.values(), "own_weight"), float("nan")))
    if len(rows) >= 3 and all(math.isfinite(one) and one > 0 for one in errors):
        shared = partial_pooling(means, errors, LEVEL).table
        for name, column in names.items():
            table[column] = shared[name].to_numpy() * moves
        table["own_weight"] = shared["own_weight"].to_numpy()
    return table.drop(columns=["effect", "effect_low", "effect_high", "rule"])


def as_one_group(
    panel: Panel,
    municipalities: Mapping[str, str],
    window: tuple[int, int],
    *,
    outcome: str = "in_moves",
    method: str = "difference_in_differences",
    first_year: int | None = None,
    until: int | None = None,
    draws: int = 1000,
    seed: int = 20200101,
    level: float = LEVEL,
    n_jobs: int = 1,
) -> tuple[Placebos, dict[str, Placebos]]:
    """Estimate the municipalities as one group, against random groups and against the real counties.

    Returns
    -------
    (Placebos, dict)
        The test whose interval is the wider, which stands, and both by kind ("random", "counties"). One
        municipality has no random groups.
    """
    rates = panel.rate(outcome, "municipality", until=until)
    rates = rates if first_year is None else rates.loc[first_year:]
    population = panel.population("municipality", until=until).loc[rates.index]
    design = Design(list(municipalities), window[0], window[1], weights=population)
    both = {
        kind: placebo_in_space(
            rates,
            design,
            method,
            groups=kind,
            populations=population,
            draws=draws,
            seed=seed,
            n_jobs=n_jobs,
        )
        for kind in (("random", "counties") if len(municipalities) > 1 else ("counties",))
    }
    return wider(both.get("random", both["counties"]), both["counties"], level), both
