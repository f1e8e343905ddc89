"""Level 3 for one report: the county against comparison counties, with nothing later than its year."""

from __future__ import annotations

from collections.abc import Collection
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
from attraktiv_eval.errors import DesignError
from attraktiv_eval.level3.units import effect_in_persons, hangs_on, interval_in_persons, rate_in_persons
from attraktiv_eval.statistics.outcomes import OUTCOMES, Outcome

if TYPE_CHECKING:
    from attraktiv_eval.counterfactual import Estimate, Placebos
    from attraktiv_eval.counterfactual.inference import DriftTest
    from attraktiv_eval.statistics.panel import Panel

__all__ = [
    "Comparison",
    "Window",
    "base_periods",
    "compare",
    "estimates_table",
    "own_units_table",
    "rates_and_design",
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


def base_periods(panel: Panel, region: str, window: Window, outcome: str = "net_migration") -> pd.DataFrame:
    """Return the change of a yearly mean against base periods of different length: its sign depends on them.

    Returns
    -------
    DataFrame
        first_year, last_year (of the base), window_first, window_last (compared with it), base_mean,
        window_mean, change; in moves a year.
    """
    counts = panel.counts(outcome, "county", until=window.until)[region]
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
