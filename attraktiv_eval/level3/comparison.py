"""Level 3 for one report: the county against comparison counties, with nothing later than its year."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attraktiv_eval import regions
from attraktiv_eval.counterfactual import (
    Design,
    drift_test,
    minimum_detectable_effect,
    placebo_in_space,
    placebo_in_time,
)
from attraktiv_eval.counterfactual.method import methods
from attraktiv_eval.errors import DesignError, guard
from attraktiv_eval.level3.units import (
    effect_in_persons,
    hangs_on,
    interval_in_persons,
    rate_in_persons,
    told_in_persons,
)
from attraktiv_eval.regions import name_of
from attraktiv_eval.statistics.outcomes import OUTCOMES, Outcome
from attraktiv_eval.texts import number, span, translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attraktiv_eval.counterfactual import Estimate, Placebos
    from attraktiv_eval.counterfactual.inference import DriftTest
    from attraktiv_eval.statistics.panel import Panel

__all__ = [
    "MUNICIPAL_METHOD",
    "Comparison",
    "Municipalities",
    "Window",
    "base_periods",
    "compare",
    "estimates_table",
    "municipality_effects",
    "own_units_table",
    "rates_and_design",
    "region_effects",
]


#: Shown beside the primary outcome, where the statistics hold them: all in-moves, those who left, the net.
OUTCOMES_SHOWN = OUTCOMES.beside(in_moves=True)

#: In, out and net over the county border: what is estimated by one common set of weights.
FLOWS = tuple((came, left, net) for net, came, left in OUTCOMES.nets)


#: Random groups whose gaps are drawn and tabled; inference takes them all.
GROUPS_SHOWN = 40


@dataclass(frozen=True)
class Window:
    """The years whose effect is estimated, and the last year whose figures may be used (None: all)."""

    first: int
    last: int
    until: int | None

    def years(self) -> list[int]:
        """Return the years of the window."""
        return list(range(self.first, self.last + 1))

    def covered(self, panel: Panel, outcome: str) -> Window | None:
        """Return the years of the window that an outcome covers from the first on; None without any."""
        years = panel.years_covered(outcome, (self.first, self.last))
        return None if years is None else Window(self.first, years[1], self.until)


@dataclass(frozen=True)
class Comparison:
    """One method on one outcome, with its placebos and its pseudo-effect.

    Attributes
    ----------
    placebos : Placebos
        The estimate in rates per 1,000 inhabitants, and every comparison county in the county's place.
    pseudo : Estimate or None
        The same method asked about the window of equal length just before the project.
    population : Series
        The region's inhabitants on 31 December, by year; what turns a rate into counts.
    stock : bool
        Whether the outcome stands at a point of time: its effect is then the mean of the years.
    drift : DriftTest or None
        Whether the deviation grew from just before; made for what a verdict rests on, where the years allow.
    of : Outcome or None
        What the outcome is; None is the package's own of this id.
    """

    outcome: str
    method: str
    pool: str
    first_year: int
    placebos: Placebos
    pseudo: Estimate | None
    population: pd.Series
    stock: bool = False
    primary: bool = False
    equivalent: bool = False
    drift: DriftTest | None = None
    of: Outcome | None = None

    @property
    def defined(self) -> Outcome:
        """What the outcome is: its words, and what it counts."""
        return self.of or OUTCOMES[self.outcome]

    @property
    def estimate(self) -> Estimate:
        """The estimate itself, in rates."""
        return self.placebos.estimate

    @property
    def years(self) -> tuple[int, int]:
        """The first and last year compared."""
        effects = self.estimate.effects
        return int(effects.index[0]), int(effects.index[-1])

    @property
    def inhabitants(self) -> pd.Series:
        """Inhabitants on 31 December of each year of the window."""
        return self.population.reindex(self.estimate.effects.index)

    @property
    def _averaged(self) -> int:
        return len(self.estimate.effects) if self.stock else 1

    @property
    def persons(self) -> float:
        """The effect over the whole window, in moves; of a stock, the mean of its years."""
        return effect_in_persons(self.estimate.effects, self.population) / self._averaged

    @property
    def interval(self) -> tuple[float, float]:
        """The 90 % placebo interval, in moves over the whole window."""
        low, high = self.placebos.interval(level=0.9)
        first, last = interval_in_persons(self.estimate.effects, low, high, self.population)
        return first / self._averaged, last / self._averaged

    @property
    def specified(self) -> dict[str, Any]:
        """Outcome, method, pool, first year of the base, and window: how a row of a table begins."""
        return {
            "outcome": self.outcome,
            "method": self.method,
            "pool": self.pool,
            "first_year": self.first_year,
            "window_first": self.years[0],
            "window_last": self.years[1],
        }

    @property
    def hangs_on(self) -> dict[str, Any]:
        """The true level of the interval, who sets its width, and its ends without: moves over the window."""
        return hangs_on(self.placebos, self.population, averaged=self._averaged)

    @property
    def tested(self) -> dict[str, Any]:
        """Interval, what it hangs on, and its rank among the placebos: how a row of a table goes on."""
        low, high = self.interval
        return {
            "low": low,
            "high": high,
            **self.hangs_on,
            "p_value": self.placebos.p_value,
            "smallest_p": self.placebos.smallest_p,
            "rank": self.placebos.rank,
            "n": self.placebos.n,
        }

    @property
    def standing(self) -> dict[str, Any]:
        """Fit before, and what the rule made of it: how a row of a table ends."""
        return {"pre_rmse": self.estimate.pre_rmse, "primary": self.primary, "equivalent": self.equivalent}

    @property
    def detectable(self) -> float:
        """The smallest detectable effect, in moves over the whole window."""
        return rate_in_persons(minimum_detectable_effect(self.placebos), self.inhabitants) / self._averaged

    @property
    def noise(self) -> tuple[float, ...]:
        """What each comparison region shows, on the treated one's scale, in moves over the whole window."""
        return tuple(rate_in_persons(rate, self.inhabitants) / self._averaged for rate in self.placebos.noise)

    @property
    def border(self) -> float:
        """From which size an estimate is told apart from chance, in moves over the whole window."""
        return rate_in_persons(self.placebos.half_width(), self.inhabitants) / self._averaged

    @property
    def change(self) -> tuple[float, float]:
        """The 90 % interval of the drift test, in moves over the whole window; NaN where none was made."""
        if self.drift is None:
            return float("nan"), float("nan")
        low, high = self.drift.interval(level=0.9)
        first, last = (rate_in_persons(end, self.inhabitants) / self._averaged for end in (low, high))
        return first, last

    @property
    def pseudo_persons(self) -> float:
        """The pseudo-effect of the window before the project, in moves; NaN where it cannot be made."""
        if self.pseudo is None:
            return float("nan")
        return effect_in_persons(self.pseudo.effects, self.population) / self._averaged

    def table(self) -> pd.DataFrame:
        """Return the effect, its interval, the smallest detectable effect and the pseudo-effect, one a row.

        Columns: ``what, value``, the value in what the outcome counts, over the whole window.
        """
        low, high = self.interval
        rows = {
            "deviation": self.persons,
            "interval_low": low,
            "interval_high": high,
            "smallest_detectable": self.detectable,
            "pseudo_effect": self.pseudo_persons,
        }
        return pd.DataFrame({"what": list(rows), "value": list(rows.values())})

    def _repr_html_(self) -> str:
        """Return sentence, effects and versions of the placebo test, as a notebook shows them."""
        from attraktiv_eval.texts import as_html, drawn_as_svg, number, shown_in, translator

        language = shown_in()
        _ = translator(language)
        names = {
            "deviation": _("Deviation of the county"),
            "interval_low": _("Interval, low"),
            "interval_high": _("Interval, high"),
            "smallest_detectable": _("Smallest effect that could be seen"),
            "pseudo_effect": _("The same asked about the years just before"),
        }
        effects = self.table()
        told = [number(value, language) for value in effects["value"]]
        values = {"first": self.years[0], "last": self.years[1]}
        outcome = self.defined.label(language)
        over = _("mean of {first}–{last}") if self.stock else _("sum of {first}–{last}")
        counted = pd.DataFrame(
            {
                _("What"): [names.get(str(one), str(one)) for one in effects["what"]],
                _("Value"): told,
            }
        )
        tables = {
            f"{outcome}, {over.format(**values)}": counted,
            _("Versions of the test"): self.placebos.variants(),
        }
        said = self.placebos.sentence(language)
        seen = _("The smallest effect that could have been seen: {n} {unit}, {over}.").format(
            n=number(self.detectable, language),
            unit=self.defined.unit_words(language),
            over=over.format(**values),
        )
        return as_html([said, seen], {}) + drawn_as_svg(self.placebos.plot, said) + as_html([], tables)


def compare(
    panel: Panel,
    region: str,
    window: Window,
    *,
    outcome: str,
    method: str,
    pool: str = "",
    without: Collection[str] = (),
    first_year: int | None = None,
    primary: bool = False,
    equivalent: bool = False,
    placebos: Placebos | None = None,
) -> Comparison:
    """Estimate one method on one outcome, with placebos in space and the pseudo-effect before.

    Parameters
    ----------
    without : collection of str
        Codes of counties of the pool that are left out.
    placebos : Placebos, optional
        The same test in space, where it is made already.

    Raises
    ------
    DesignError, SourceError
        If the statistics do not carry the comparison.
    """
    pool = pool or regions.pools_of(region)[0]
    rates, design = rates_and_design(panel, region, window, outcome, pool, without, first_year)
    placebos = placebos or placebo_in_space(rates, design, method)
    try:
        pseudo = placebo_in_time(rates, design, method)
        decides = primary or equivalent
        drift = drift_test(rates, design, method, placebos=placebos) if decides else None
    except DesignError:
        pseudo = drift = None
    base = panel.base(outcome, "county", until=window.until)[region]
    start, of = int(rates.index[0]), panel.defined[outcome]
    return Comparison(
        outcome, method, pool, start, placebos, pseudo, base, of.stock, primary, equivalent, drift, of
    )


def compare_flows(panel: Panel, region: str, window: Window, pool: str = "") -> list[Comparison]:
    """Estimate in, out and net by one common set of weights, domestic flows and all flows apart.

    Flows that the panel lacks are left out. In persons, as in rates, in-moves less out-moves are the net.
    Several counties have no common weights: each is fitted alone.
    """
    found: list[Comparison] = []
    if len(regions.codes_of(region)) > 1:
        return found
    for names in FLOWS:
        windows = [window.covered(panel, name) for name in names]
        years = [own.last for own in windows if own is not None]
        if len(years) < len(names):
            continue
        covered = Window(window.first, min(years), window.until)
        try:
            found += _flows(panel, region, covered, names, pool)
        except DesignError:
            continue
    return found


def _flows(panel: Panel, region: str, window: Window, names: tuple[str, ...], pool: str) -> list[Comparison]:
    from attraktiv_eval.counterfactual.common_weights import NAME, common_weights, common_weights_before

    rates = {name: panel.rate(name, "county", until=window.until) for name in names}
    shared = sorted(set.intersection(*[set(table.index) for table in rates.values()]))
    rates = {name: table.loc[shared] for name, table in rates.items()}
    pool = pool or regions.pools_of(region)[0]
    donors = [code for code in regions.donor_pool(pool, region) if code in rates[names[0]].columns]
    design = Design([region], window.first, window.last, donors)
    placebos = common_weights(rates, design)
    try:
        before: dict[str, Estimate] = common_weights_before(rates, design)
    except DesignError:
        before = {}
    return [
        Comparison(
            name,
            NAME,
            pool,
            int(shared[0]),
            placebos[name],
            before.get(name),
            panel.base(name, "county", until=window.until)[region],
        )
        for name in names
    ]


def rates_and_design(
    panel: Panel,
    region: str,
    window: Window,
    outcome: str,
    pool: str = "",
    without: Collection[str] = (),
    first_year: int | None = None,
) -> tuple[pd.DataFrame, Design]:
    """Return what a comparison is estimated on: the outcome's rates, and who is compared when."""
    rates = panel.rate(outcome, "county", until=window.until)
    rates = rates.loc[first_year:] if first_year is not None else rates
    pooled = regions.donor_pool(pool or regions.pools_of(region)[0], region)
    donors = [code for code in pooled if code in rates.columns and code not in without]
    return rates, design_of(panel, region, outcome, (window.first, window.last), donors)


def design_of(
    panel: Panel, region: str, outcome: str, years: tuple[int, int], donors: Collection[str]
) -> Design:
    """Return who is compared when: one region, or several counties, each from its own start, stacked.

    Several counties are weighed by what turns the outcome's rate into counts, so that the stack is in moves.
    """
    codes = list(regions.codes_of(region))
    if len(codes) == 1:
        return Design(codes, *years, list(donors))
    starts = {code: panel.starts.get(code, years[0]) for code in codes}
    return Design(codes, *years, list(donors), panel.base(outcome, "county")[codes], starts)


def estimates_table(comparisons: list[Comparison], persons_per_household: float) -> pd.DataFrame:
    """Return one row a comparison: effect, interval, rank, smallest detectable effect, pseudo-effect."""
    rows = [
        {
            **one.specified,
            "effect_persons": one.persons,
            **one.tested,
            "mde_persons": one.detectable,
            "mde_households": one.detectable / persons_per_household,
            "pseudo_effect_persons": one.pseudo_persons,
            **one.standing,
        }
        for one in comparisons
    ]
    return pd.DataFrame(rows)


def own_units_table(comparisons: list[Comparison]) -> pd.DataFrame:
    """Return one row a comparison, in the outcome's own unit."""
    rows = [
        {
            **one.specified,
            "unit": one.defined.unit,
            "effect_units": one.persons,
            **one.tested,
            "mde": one.detectable,
            "pseudo_effect": one.pseudo_persons,
            **one.standing,
        }
        for one in comparisons
    ]
    return pd.DataFrame(rows)


def gaps_table(comparisons: list[Comparison]) -> pd.DataFrame:
    """Return one row an outcome, method, pool and year: rates per 1,000 of the county and its comparison."""
    parts = []
    if not comparisons:
        raise DesignError("there is no comparison to tell of", remedy="compare something first")
    for one in comparisons:
        estimate = one.estimate
        parts.append(
            pd.DataFrame(
                {
                    "outcome": one.outcome,
                    "method": one.method,
                    "pool": one.pool,
                    "year": estimate.actual.index,
                    "actual": estimate.actual.to_numpy(),
                    "counterfactual": estimate.counterfactual.to_numpy(),
                    "gap": estimate.gap.to_numpy(),
                    "in_window": np.isin(estimate.actual.index, estimate.effects.index),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def placebo_gaps_table(comparisons: list[Comparison]) -> pd.DataFrame:
    """Return one row an outcome, method, pool, comparison county and year: its gap in the county's place.

    Of random groups the first :data:`GROUPS_SHOWN` are told.
    """
    parts = []
    if not comparisons:
        raise DesignError("there is no comparison to tell of", remedy="compare something first")
    for one in comparisons:
        gaps = one.placebos.gaps
        gaps = gaps if one.placebos.kind == "units" else gaps.iloc[:, :GROUPS_SHOWN]
        wide = gaps.rename_axis(index="year", columns="region_code")
        table = wide.reset_index().melt(id_vars="year", value_name="gap")
        table = table.assign(outcome=one.outcome, method=one.method, pool=one.pool)
        parts.append(table[["outcome", "method", "pool", "region_code", "year", "gap"]])
    return pd.concat(parts, ignore_index=True)


def weights_table(comparisons: list[Comparison]) -> pd.DataFrame:
    """Return one row an outcome, method, pool and county that carries weight, heaviest first."""
    listed = methods()
    rows = [
        {
            "outcome": one.outcome,
            "method": one.method,
            "pool": one.pool,
            "region_code": code,
            "region_name": regions.name_of(str(code)),
            "weight": weight,
        }
        for one in comparisons
        if one.estimate.weights is not None and (one.method not in listed or listed[one.method].lists_weights)
        for code, weight in one.estimate.weights.sort_values(ascending=False, kind="stable").items()
        if abs(weight) >= 0.0005
    ]
    return pd.DataFrame(rows, columns=["outcome", "method", "pool", "region_code", "region_name", "weight"])


def base_periods(panel: Panel, region: str, window: Window) -> pd.DataFrame:
    """Return the change of a yearly mean against base periods of different length: its sign depends on them.

    The mean is that of net migration.

    Returns
    -------
    DataFrame
        first_year, last_year (of the base), window_first, window_last (compared with it), base_mean,
        window_mean, change; in moves a year.
    """
    table = panel.counts("net_migration", "county", until=window.until)
    if region not in table.columns:
        raise DesignError(f"there is no county {region}", remedy="give its code, such as '23'")
    counts = table[region]
    during = counts.reindex(window.years()).mean()
    last = window.first - 1
    periods = [(last - 9, last - 5), (last - 9, last), (last - 4, last), (last - 2, last), (last, last)]
    rows = []
    for start, end in periods:
        if start in counts.index:
            base = counts.loc[start:end].mean()
            rows.append((start, end, window.first, window.last, base, during, during - base))
    columns = ["first_year", "last_year", "window_first", "window_last", "base_mean", "window_mean", "change"]
    return pd.DataFrame(rows, columns=columns)


# --- Each municipality beside those of other counties


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
        from attraktiv_eval.counterfactual.estimate import axes
        from attraktiv_eval.counterfactual.inference.placebos import OTHERS, TREATED

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
    until: int | None = None,
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
    population = panel.population("municipality", until=until)
    donors = [code for code in rates.columns if code not in municipalities]
    called = dict(panel.table[["region_code", "region_name"]].drop_duplicates().to_numpy())
    found, rows, shared = {}, [], None
    for code, name in municipalities.items():
        design = Design([code], window[0], window[1], donors)
        placebos = placebo_in_space(rates, design, method, gaps=shared)
        shared = placebos.gaps
        found[code] = placebos
        place = {
            "region_code": code,
            "region_name": name,
            "window_first": window[0],
            "window_last": window[1],
        }
        rows.append({**place, **_row(placebos, population[code])})
        rows[-1]["setting_name"] = called.get(rows[-1]["setting_unit"])
    return Municipalities(pd.DataFrame(rows), found, outcome, method)


def _row(placebos: Placebos, population: pd.Series) -> dict[str, object]:
    low, high = placebos.interval(LEVEL)
    return {
        **told_in_persons(placebos.estimate, low, high, population),
        **hangs_on(placebos, population, LEVEL),
        "p_value": placebos.p_value,
        "smallest_p": placebos.smallest_p,
        "n": placebos.n,
        "rule": placebos.rule,
        "told_apart": placebos.p_value <= 1 - LEVEL + 1e-12,
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
                **_row(own, population[code]),
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


guard(globals())
