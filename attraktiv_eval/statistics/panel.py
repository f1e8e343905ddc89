"""The panel: official figures by region and year, as counts and as rates per 1,000 inhabitants."""

from __future__ import annotations

import numbers
import re
import shutil
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from attraktiv_eval import regions, resources
from attraktiv_eval.errors import DesignError, SourceError, one_of
from attraktiv_eval.resources import Origin, note_input, read_toml, toml_pairs, writing
from attraktiv_eval.statistics.outcomes import (
    OUTCOMES,
    OUTCOMES_FILE,
    SHARE_OF_WINDOW,
    YEARS_BEFORE,
    Choice,
    Outcomes,
)
from attraktiv_eval.statistics.tables import (
    COUNTIES_FILE,
    COUNTS,
    COUNTY_COUNTS,
    PANEL_FILE,
    FileName,
    check_own,
    downloads_in,
    noisy_years,
    origins_of,
    read_as_typed,
    read_counties,
    read_fetched,
    read_municipalities,
    series_of,
    sources_of,
    used_until,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Level", "Panel", "add_outcome", "sum_to_counties"]

Level = Literal["county", "municipality"]
Held = TypeVar("Held")

#: Inhabitants of the counties as they were at the time, which the moves over their borders belong to.
OF_THE_TIME = "population_of_the_time"

PANEL_FILES = (PANEL_FILE, COUNTIES_FILE)


@dataclass(frozen=True, eq=False)
class Panel:
    """Official statistics by region and year.

    Attributes
    ----------
    table : DataFrame
        One row a municipality and year: region_code, region_name, year, population (31 December),
        net_migration, net_migration_exact, in_moves. Missing figures are NA, never zero.
    series : dict of (outcome, level) to DataFrame
        Counts by year (index) and region code (columns), float.
    sources : list of dict
        file, name, tables, sha256 (of its bytes), changed (after the fetch), updated, read, licence, note,
        outcomes (that rest on it) and noise (its years with SCB's random error) of every file.
    noisy_years : list of int
        Years whose fetched figures carry SCB's small random error (cell-key method, from 2025).
    origins : dict of (outcome, level) to tuple of str
        The names of the files behind each series, without their endings.
    noise : dict of (outcome, level) to tuple of int
        The years of each series' own files that carry SCB's small random error.
    months : DataFrame or None
        The tidy table of moves by county and month, where it was fetched; see :func:`moves_by_month`.
    shortage : DataFrame or None
        The share of companies short of labour by county and year, where a file of the survey lies in the
        folder; see :func:`attraktiv_eval.statistics.other_publishers.read_surveys`. Context, never an
        outcome.
    defined : Outcomes
        What it may hold: the package's own outcomes, and those of the folder's ``outcomes.toml``.

    Examples
    --------
    >>> panel = Panel.load()
    >>> panel.choice("households", 2020, 2022).years
    (2020, 2021)
    >>> int(panel.counts("domestic_in_moves_over_border").loc[2021, "23"])
    4596
    """

    table: pd.DataFrame
    series: dict[tuple[str, str], pd.DataFrame] = field(repr=False)
    sources: list[dict[str, Any]] = field(repr=False)
    noisy_years: list[int] = field(default_factory=list)
    origins: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict, repr=False)
    noise: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict, repr=False)
    months: pd.DataFrame | None = field(default=None, repr=False)
    shortage: pd.DataFrame | None = field(default=None, repr=False)
    defined: Outcomes = field(default_factory=lambda: OUTCOMES, repr=False)
    #: The regions that can be compared, by code; those that stand at the level "county".
    units: Mapping[str, str] = field(default_factory=lambda: regions.COUNTIES, repr=False)
    #: The first years of several counties of a project, where the panel is seen from them.
    starts: Mapping[str, int] = field(default_factory=dict, repr=False)
    #: The folder and the files that it was read from.
    origin: Origin = field(default_factory=Origin, repr=False)

    @classmethod
    def load(cls, directory: Path | None = None) -> Panel:
        """Read the panel of a folder; None reads the shipped ``data/statistics``.

        Fetched tables in the folder add outcomes, and replace embedded series of the same name; so do files
        downloaded by hand from SCB's page, and the CSV files of outcomes of one's own, which an
        ``outcomes.toml`` in the folder tells of as ``data/statistics/outcomes.toml`` does. A folder with
        ``municipalities.csv`` stands on that alone and on ``counties.csv`` where it is there too: without the
        latter it has no moves over the county border but fetched ones. A folder of ``counties.csv``, of
        fetched tables, downloads or outcomes of one's own stands on the embedded file where it has none of
        its own.

        Raises
        ------
        SourceError
            If a file is missing or malformed, with file, row and column; if a region lacks a year.
        """
        folder = resources.find("data/statistics") if directory is None else Path(directory)
        defined = Outcomes.load(folder)
        own_tables = defined.own_tables()
        fetched, extra = read_fetched(folder, defined), list(sources_of(folder))
        by_hand = downloads_in(folder, own_tables)
        files = _files(folder, alone=not (by_hand or own_tables or fetched))
        if by_hand:
            from attraktiv_eval.statistics.scb.byhand import read_files

            tables, told = read_files(by_hand, strict=files[0].parent != folder)
            fetched, extra = fetched | tables, [*extra, *told]
        check_own(fetched, defined, folder)
        table = read_municipalities(files[0])
        embedded = {key: counts.copy() for key, counts in _embedded(files[0], note_input(files[0]))}
        if files[1].is_file():
            embedded |= _border_series(read_counties(files[1]), table)
        series = _joined(embedded, series_of(fetched, defined), defined)
        sources = [*_sources(files), *extra]
        sources += _own_sources(folder, defined, {source["file"] for source in sources})
        origins = _origins(embedded, fetched, defined)
        noise = {
            key: tuple(noisy_years({name: fetched[name] for name in names if name in fetched}))
            for key, names in origins.items()
        }
        months, shortage = fetched.get("moves_by_month"), fetched.get("labour_shortage")
        panel = cls(table, series, sources, noisy_years(fetched), origins, noise, months, shortage, defined)
        for source in sources:
            source["outcomes"] = [id for id in defined if source["name"] in panel._names_behind(id)]
            own = {name: table for name, table in fetched.items() if name == source["name"]}
            source["noise"] = noisy_years(own)
        return panel

    def seen_from(self, region: str, starts: Mapping[str, int] | None = None) -> Panel:
        """Return the panel as a project's region is compared in it: its own level is called "county".

        One county sees it as it is. A municipality is compared with municipalities, so their series stand at
        the level; outcomes that are kept by county alone are not there, and those over the county border,
        which is not its own, are not what its goals are compared by. Several counties are one more region
        beside all, whose counts and inhabitants are the sums of theirs.

        Parameters
        ----------
        region : str
            A code, or those of several counties joined by a plus sign.
        starts : mapping of code to year, optional
            The first year of each of several counties.

        Examples
        --------
        >>> seen = Panel.load().seen_from("20+21")
        >>> moves = seen.counts("in_moves").loc[2021]
        >>> float(moves[["20", "21"]].sum() - moves["20+21"])
        0.0
        """
        if regions.is_municipality(region):
            return self._of_municipalities()
        codes = list(regions.codes_of(region))
        if len(codes) == 1:
            return self
        series = {
            (id, level): counts
            if level != "county" or not set(codes) <= set(counts.columns)
            else counts.assign(**{region: counts[codes].sum(axis=1, skipna=False)})
            for (id, level), counts in self.series.items()
        }
        rates = [id for id, level in series if level == "county" and self._is_rate(id)]
        for id in rates:  # a per cent of those aged 20-64 is their mean, not their sum
            table = series[id, "county"]
            if ("population_20_64", "county") in self.series:
                people = self.series["population_20_64", "county"].reindex(table.index)[codes]
                series[id, "county"] = table.assign(
                    **{region: (table[codes] * people).sum(axis=1, skipna=False) / people.sum(axis=1)}
                )
            else:
                series[id, "county"] = table.drop(columns=[region])
        return replace(self, series=series, starts=dict(starts or {}), months=None, shortage=None)

    def _of_municipalities(self) -> Panel:
        latest = self.table[self.table["year"] == self.table["year"].max()]
        names = dict(zip(latest["region_code"].astype(str), latest["region_name"].astype(str), strict=True))

        def swapped(table: Mapping[tuple[str, str], Held]) -> dict[tuple[str, str], Held]:
            own = {(id, "county"): one for (id, level), one in table.items() if level == "municipality"}
            return {key: one for key, one in table.items() if key[1] != "county"} | own

        return replace(
            self,
            series=swapped(self.series),
            origins=swapped(self.origins),
            noise=swapped(self.noise),
            units=names,
            months=None,
            shortage=None,
            defined=self.defined.of_municipalities(),
        )

    def tables_behind(self, outcome: str, level: Level = "county", until: int | None = None) -> list[str]:
        """Return the SCB tables that a rate of this outcome rests on: its counts, and the inhabitants.

        With ``until``, tables whose figures all are of later years are not among them.
        """
        names = self._names_behind(outcome, level)
        found: dict[str, None] = {}
        for source in self.sources:
            if not self.origins or source.get("name") in names:
                found |= dict.fromkeys(used_until(source, until))
        return list(found)

    def _names_behind(self, outcome: str, level: Level = "county") -> list[str]:
        own = self.origins.get((outcome, level), ())
        people = "population_20_64" if self._is_rate(outcome) else "population"
        return [*own, *self.origins.get((people, level), ())] if own else []

    def _is_rate(self, outcome: str) -> bool:
        return outcome in self.defined and not self.defined[outcome].per_inhabitant

    def noisy(self, outcome: str, level: Level = "county") -> list[int]:
        """Return the years of this outcome, or of its inhabitants, that carry SCB's small random error."""
        people = "population_20_64" if self._is_rate(outcome) else "population"
        years = {*self.noise.get((outcome, level), ()), *self.noise.get((people, level), ())}
        return (
            sorted(years & set(self.series[outcome, level].index)) if (outcome, level) in self.series else []
        )

    def __repr__(self) -> str:
        """Return how many outcomes and of what years, in one line."""
        outcomes = self.outcomes
        if outcomes.empty:
            return "Panel(no outcomes)"
        years = f"{outcomes['first_year'].min()}–{outcomes['last_year'].max()}"
        return f"Panel({len(outcomes)} outcomes, {years}, {len(self.sources)} files)"

    def _repr_html_(self) -> str:
        """Return the outcomes and the sources, as a notebook shows them."""
        import pandas as pd

        from attraktiv_eval.texts import as_html, headed, number, shown_in, translator

        language = shown_in()
        _ = translator(language)
        outcomes = self.outcomes
        labels = [self.defined[id].label(language) for id in outcomes["id"]] if len(outcomes) else []
        columns = {
            "id": "id",
            "label": _("Outcome"),
            "first_year": _("First year"),
            "last_year": _("Last year"),
            "levels": _("Levels"),
        }
        sources = pd.DataFrame(self.sources, columns=["file", "tables", "updated", "read", "licence"])
        headings = {"file": _("File"), "tables": _("Tables"), "updated": _("Updated"), "read": _("Read")}
        told = _("Official statistics: {n} rows of municipality and year.")
        shown = {
            _("Outcomes"): headed(outcomes.assign(label=labels), columns),
            _("Sources"): headed(sources, headings | {"licence": _("Licence")}),
        }
        return as_html([told.format(n=number(len(self.table), language))], shown)

    @property
    def outcomes(self) -> pd.DataFrame:
        """The outcomes of this panel: id, first_year, last_year, label (English), goal, role, levels."""
        import pandas as pd

        rows = []
        for id, outcome in self.defined.items():
            levels = [level for level in ("county", "municipality") if (id, level) in self.series]
            if levels:
                years = self.series[id, levels[0]].index
                rows.append(
                    {
                        "id": id,
                        "first_year": int(years.min()),
                        "last_year": int(years.max()),
                        "label": outcome.label(),
                        "goal": outcome.goal,
                        "role": outcome.role,
                        "levels": ", ".join(levels),
                    }
                )
        return pd.DataFrame(rows)

    def counts(self, outcome: str, level: Level = "county", until: int | None = None) -> pd.DataFrame:
        """Return counts by year (index) and region code (columns), as float.

        Parameters
        ----------
        outcome : str
            An id of :attr:`outcomes`, or ``"population"``.
        level : {"county", "municipality"}
        until : int, optional
            Last year to return: a report on an earlier year sees nothing later.

        Raises
        ------
        SourceError
            If the panel does not hold the outcome at this level, or nothing up to ``until``.
        """
        if not (isinstance(outcome, str) and isinstance(level, str) and (outcome, level) in self.series):
            known = [name for name, at in self.series if at == level]
            levels = sorted({at for _name, at in self.series})
            if level not in levels:
                raise SourceError(f"the panel has no level {level!r}", remedy=one_of(levels, level))
            raise SourceError(
                f"the panel holds no {outcome} by {level}",
                remedy=f"{one_of(known, outcome)}, or fetch more tables with attraktiv-eval fetch",
            )
        counts = self.series[outcome, level]
        if until is not None:
            if not isinstance(until, numbers.Integral) or isinstance(until, bool):
                raise SourceError(f"{until!r} is no year", remedy="give the last year as a whole number")
            counts = counts.loc[:until]
            if counts.empty:
                raise SourceError(
                    f"the panel holds no {outcome} up to {until}",
                    remedy="choose a later year or another outcome",
                )
        return counts.copy()

    def population(self, level: Level = "county", until: int | None = None) -> pd.DataFrame:
        """Return inhabitants on 31 December by year (index) and region code (columns), as float."""
        return self.counts("population", level, until)

    def base(self, outcome: str, level: Level = "county", until: int | None = None) -> pd.DataFrame:
        """Return what turns an effect per 1,000 into counts: inhabitants, by year and region code.

        For a per cent of those aged 20–64 it is ten times their number.

        Raises
        ------
        SourceError
            If their number is not in the panel.
        """
        if self._is_rate(outcome):
            return 10 * self.counts("population_20_64", level, until)
        return self._inhabitants(outcome, level, until)

    def _inhabitants(self, outcome: str, level: Level, until: int | None) -> pd.DataFrame:
        """Return inhabitants in the division that an outcome is counted in."""
        border = outcome in self.defined and self.defined[outcome].over_border
        if border and (OF_THE_TIME, level) in self.series:
            return self.counts(OF_THE_TIME, level, until)
        return self.population(level, until)

    def rate(self, outcome: str, level: Level = "county", until: int | None = None) -> pd.DataFrame:
        """Return counts per 1,000 inhabitants on 31 December of the same year; a rate as it is.

        A county's rate is its sum of counts over its sum of population, never a mean of rates. Years without
        population are left out. In the last year before a new municipality (``regions.FORMED_LATER``) SCB
        counts its inhabitants apart but not yet its moves; they are added to where the moves are.

        Examples
        --------
        >>> round(float(Panel.load().rate("net_migration").loc[2021, "23"]), 2)
        6.88
        """
        counts = self.counts(outcome, level, until)
        if self._is_rate(outcome):
            return counts
        people = self._inhabitants(outcome, level, until)
        for code, (first_year, mother) in regions.FORMED_LATER.items():
            if {code, mother} <= set(people.columns):
                last = people.index == first_year - 1
                people.loc[last, mother] = people.loc[last, [mother, code]].sum(axis=1, skipna=False)
        population = people.reindex(index=counts.index, columns=counts.columns)
        return (1000 * counts / population).dropna(how="all")

    def similar(
        self, region: str, before: int, outcome: str = "in_moves", years: int = 10, count: int = 20
    ) -> pd.DataFrame:
        """Return the regions that were most like one before a project, the most alike first.

        Alike in size (the logarithm of inhabitants at the end of the last year before), in history (mean rate
        of the outcome, and its change a year, over the years before), and as sparse: a municipality is only
        held against those of its main group in SKR's division (A big cities, B bigger towns, C smaller towns
        and rural), a county against those on its side of the pool ``sparsely_populated``. No figure of the
        project's own years is looked at, so the choice cannot follow the effect.

        Parameters
        ----------
        region : str
            A county or municipality, by code or name.
        before : int
            First year of the project.
        outcome : str
            What its history is of.
        years : int
            How many years before are looked at.
        count : int
            How many regions to return, at most.

        Returns
        -------
        DataFrame
            ``region_code, region_name, population, mean, change, distance``; the first row is the region
            itself, at distance 0. ``mean`` and ``change`` are per 1,000 inhabitants; ``distance`` is
            Euclidean over the three traits, each divided by its standard deviation. A region that lacks a
            year is not among them.

        Raises
        ------
        DesignError
            If there is no such region, it lacks a year, or ``years`` or ``count`` is no whole number above
            one and zero.

        Examples
        --------
        >>> Panel.load().similar("Krokom", 2020, count=2).region_name.tolist()
        ['Krokom', 'Mörbylånga', 'Alvesta']
        """
        import numpy as np
        import pandas as pd

        if not all(isinstance(one, int) for one in (before, years, count)) or years < 2 or count < 1:
            raise DesignError(
                f"before={before!r}, years={years!r} and count={count!r} describe no pool",
                remedy="give whole numbers, at least two years and one region",
            )
        names = (
            dict(zip(self.table["region_code"], self.table["region_name"], strict=False)) | regions.COUNTIES
        )
        code = regions.code_of(region, names)
        level: Level = "county" if code in regions.COUNTIES else "municipality"
        wanted = range(before - years, before)
        rates = self.rate(outcome, level, before - 1).reindex(wanted).dropna(axis=1)
        people = self.population(level, before - 1)
        if code not in rates.columns or before - 1 not in people.index:
            raise DesignError(
                f"{outcome} of {names[code]} lacks a year of {wanted[0]} to {wanted[-1]}",
                remedy="choose another outcome, fewer years or a later start",
            )
        among = [one for one in regions.as_sparse_as(code) if one in rates.columns]
        steps = np.arange(years) - (years - 1) / 2
        found = pd.DataFrame(
            {
                "region_name": [names[one] for one in among],
                "population": people.loc[before - 1, among].to_numpy(dtype=float),
                "mean": rates[among].mean().to_numpy(),
                "change": (steps @ rates[among].to_numpy()) / (steps @ steps),
            },
            index=pd.Index(among, name="region_code"),
        )
        traits = found[["mean", "change"]].assign(size=np.log(found["population"]))
        spread = traits.std(ddof=0)
        apart = (traits - traits.loc[code]).div(spread.where(spread > 0, 1.0))
        found["distance"] = np.sqrt((apart**2).sum(axis=1))
        nearest = found.drop(index=code).sort_values(["distance", "region_name"], kind="stable").head(count)
        return pd.concat([found.loc[[code]], nearest]).reset_index()

    def primary_outcome(
        self,
        goal: str = "households",
        first_treated: int = 2020,
        last_treated: int | None = None,
        region: str | None = None,
    ) -> str | None:
        """Return the best outcome for a goal that this panel holds, by :meth:`choice`; None without any."""
        return self.choice(goal, first_treated, last_treated, region).id

    def choice(
        self,
        goal: str = "households",
        first_treated: int = 2020,
        last_treated: int | None = None,
        region: str | None = None,
    ) -> Choice:
        """Return the primary outcome and the years compared, with the reason: :meth:`Choice.sentence`.

        The first of ``defined.best_first(goal)`` that covers every county in at least
        ``YEARS_BEFORE[goal]`` years before the project, in its first year, and in at least
        ``SHARE_OF_WINDOW`` of the years from ``first_treated`` to ``last_treated`` (default: the first
        alone). The years of them that it covers without a hole are the ones compared. Where ``region`` is
        given, its own figures before must have no hole and change at all: no method can be fitted to it
        else, and the next outcome is compared instead.
        """
        if goal not in YEARS_BEFORE:
            raise SourceError(f"no outcome belongs to a goal {goal!r}", remedy=one_of(YEARS_BEFORE, goal))
        if region and "+" not in region:
            region = regions.code_of(region, self.units)
        window = (first_treated, last_treated or first_treated)
        lacking: list[str] = []
        ids = self.defined.best_first(goal)
        for place, id in enumerate(ids):
            years = self._compared(id, window, YEARS_BEFORE[goal])
            if years is not None and not (region and self._unfit(id, region, first_treated)):
                others = ids[place + 1 :] if years != window else ()
                whole = (other for other in others if self._compared(other, window, 1) == window)
                beside = next(whole, None)
                return Choice(goal, id, tuple(lacking), window, years, beside, self.defined)
            lacking.append(id)
        return Choice(goal, None, tuple(lacking), window, defined=self.defined)

    def has_hole(self, outcome: str, region: str, first_treated: int) -> bool:
        """Whether a region's figure lacks in a year before the project, after its first one."""
        own = self.rate(outcome, "county")[region].loc[: first_treated - 1]
        begun = own.first_valid_index()
        return begun is None or bool(own.loc[begun:].isna().any())

    def _unfit(self, outcome: str, region: str, first_treated: int) -> bool:
        """Whether no method can be fitted to a region: a hole, or the same count in every year before."""
        counts = self.series[outcome, "county"][region].loc[: first_treated - 1]
        return bool(counts.max() == counts.min()) or self.has_hole(outcome, region, first_treated)

    def _compared(self, outcome: str, window: tuple[int, int], before: int) -> tuple[int, int] | None:
        """Return the years that an outcome is compared in; None where it covers too little."""
        years = self.years_covered(outcome, window)
        if years is None or sum(year < window[0] for year in self._complete_years(outcome)) < before:
            return None
        covered, asked = years[1] - years[0] + 1, window[1] - window[0] + 1
        return years if covered >= SHARE_OF_WINDOW * asked else None

    def years_covered(self, outcome: str, window: tuple[int, int]) -> tuple[int, int] | None:
        """Return the years of a window, from its first on, that hold every county without a hole.

        None where the first is not covered.
        """
        held = self._complete_years(outcome)
        last = window[0] - 1
        while last + 1 in held and last < window[1]:
            last += 1
        return None if last < window[0] else (window[0], last)

    def _complete_years(self, outcome: str) -> set[int]:
        """Return the years in which the rate of every county is known."""
        if (outcome, "county") not in self.series:
            return set()
        rates = self.rate(outcome, "county").reindex(columns=list(self.units))
        return {int(year) for year in rates.index[rates.notna().all(axis=1)]}


@lru_cache(maxsize=4)
def _embedded(path: Path, _digest: str) -> tuple[tuple[tuple[str, str], pd.DataFrame], ...]:
    """Return the series of the municipalities' file; of the same bytes once in a process."""
    table = read_municipalities(path)
    wide = {name: _wide(table, name) for name in COUNTS}
    wide["out_moves"] = wide["in_moves"] - wide["net_migration"]
    series: dict[tuple[str, str], pd.DataFrame] = {}
    for name, counts in wide.items():
        municipal = counts.dropna(how="all")
        series[name, "municipality"] = municipal
        series[name, "county"] = sum_to_counties(municipal)
    return tuple(series.items())


def _border_series(counties: pd.DataFrame, municipal: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """Return what the counties' file holds: moves over the border, and inhabitants in the same division.

    SCB counts inhabitants of 31 December in the division of the following day, moves in that of the year:
    in the last year before Heby changed county its inhabitants are put where its moves are.
    """
    wide = {name: _wide(counties, name) for name in COUNTY_COUNTS}
    people = wide["population"].copy()
    code, first_year, new, old = regions.CHANGED_COUNTY
    heby = municipal[(municipal["region_code"] == code) & (municipal["year"] == first_year - 1)]
    if len(heby) and first_year - 1 in people.index and {new, old} <= set(people.columns):
        moved = float(heby["population"].astype("Float64").fillna(float("nan")).iloc[0])
        last = people.index == first_year - 1
        people.loc[last, new] = people.loc[last, new] - moved
        people.loc[last, old] = people.loc[last, old] + moved
    found = {
        "domestic_in_moves_over_border": wide["domestic_in_moves"],
        "domestic_out_moves_over_border": wide["domestic_out_moves"],
        "in_moves_over_border": wide["in_moves"],
        "out_moves_over_border": wide["out_moves"],
        "immigration": wide["immigration"],
        "foreign_net": wide["immigration"] - wide["emigration"],
        OF_THE_TIME: people,
    }
    return {(name, "county"): counts.dropna(how="all") for name, counts in found.items()}


def _joined(
    embedded: dict[tuple[str, str], pd.DataFrame],
    fetched: dict[tuple[str, str], pd.DataFrame],
    defined: Outcomes,
) -> dict[tuple[str, str], pd.DataFrame]:
    """Return every series, fetched figures before embedded ones.

    A county's gross moves stay the sum of its municipalities', so that they mean the same without a fetch.
    """
    series = dict(embedded)
    for key, counts in fetched.items():
        series[key] = counts.combine_first(embedded[key]) if key in embedded else counts
    for outcome in defined.marked("sum_to_counties"):
        if (outcome, "municipality") in series:
            series[outcome, "county"] = sum_to_counties(series[outcome, "municipality"])
    if (OF_THE_TIME, "county") in series:
        fetched_people = fetched.get(("population", "county"))
        own = series[OF_THE_TIME, "county"].combine_first(series["population", "county"])
        series[OF_THE_TIME, "county"] = own if fetched_people is None else fetched_people.combine_first(own)
    for net, came, left in defined.nets:
        if {(came, "county"), (left, "county")} <= set(series):
            series[net, "county"] = (series[came, "county"] - series[left, "county"]).dropna(how="all")
    return series


def _origins(
    embedded: dict[tuple[str, str], pd.DataFrame], fetched: dict[str, pd.DataFrame], defined: Outcomes
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the names of the files behind each series: what was fetched, and what stands elsewhere."""
    panel, counties = Path(PANEL_FILE).stem, Path(COUNTIES_FILE).stem
    gross = {(name, level) for name in (*COUNTS, "out_moves") for level in ("municipality", "county")}
    found: dict[tuple[str, str], tuple[str, ...]] = {
        key: (panel if key in gross else counties,) for key in embedded
    }
    for key, name in origins_of(fetched, defined).items():
        found[key] = (*found.get(key, ()), name)
    for outcome in defined.marked("sum_to_counties"):
        if (outcome, "municipality") in found:
            found[outcome, "county"] = found[outcome, "municipality"]
    for net, came, left in defined.nets:
        if {(came, "county"), (left, "county")} <= set(found):
            found[net, "county"] = (*found[came, "county"], *found[left, "county"])
    return found


def _wide(table: pd.DataFrame, column: str) -> pd.DataFrame:
    counts = table.assign(**{column: table[column].astype("float64")})  # one array, not one a region
    return counts.pivot(index="year", columns="region_code", values=column)  # noqa: PD010


def sum_to_counties(municipal: pd.DataFrame) -> pd.DataFrame:
    """Return municipal counts summed to counties; a county with a missing figure is missing, not smaller.

    Municipalities formed later (``regions.FORMED_LATER``) are a part of another one of the same county in the
    years before, and count as nothing there.
    """
    complete = municipal.copy()
    for code, (first_year, _) in regions.FORMED_LATER.items():
        if code in complete.columns:
            before = complete.index < first_year
            complete.loc[before, code] = complete.loc[before, code].fillna(0.0)
    counties = complete.columns.map(regions.county_of)
    summed = complete.T.groupby(counties).sum(min_count=1).T
    gaps = complete.isna().T.groupby(counties).any().T
    summed = summed.mask(gaps)
    summed.columns.name = "region_code"
    return summed


class _Source(BaseModel):
    """A file of the panel, as ``sources.toml`` tells of it; what else it says is for people."""

    model_config = ConfigDict(frozen=True, strict=True)

    file: FileName
    tables: list[str] | str = []
    sha256: str | None = None
    updated: str | None = None
    read: str | None = None
    licence: str = ""
    first_year: int | None = None
    last_year: int | None = None
    note: str = ""


class _Described(BaseModel):
    sources: list[_Source] = []


def _files(folder: Path, *, alone: bool) -> tuple[Path, Path]:
    """Return the files of municipalities and counties: the folder's, or the embedded one in its place.

    A folder with municipalities of its own has no embedded counties beside them: they need not agree.
    """
    embedded = resources.find("data/statistics")
    has_panel, has_counties = ((folder / name).is_file() for name in (PANEL_FILE, COUNTIES_FILE))
    municipal = folder if has_panel or (alone and not has_counties) else embedded
    county = folder if has_counties or municipal == folder else embedded
    return municipal / PANEL_FILE, county / COUNTIES_FILE


def _sources(files: tuple[Path, ...]) -> list[dict[str, Any]]:
    found = []
    for folder in dict.fromkeys(file.parent for file in files):
        names = [file.name for file in files if file.parent == folder]
        entries = _described(folder / "sources.toml")
        told = {entry.file for entry in entries}
        entries += [_Source(file=name) for name in names if name not in told]
        own = [entry for entry in entries if entry.file in names or entry.file not in PANEL_FILES]
        found += [_source(entry, folder) for entry in own if (folder / entry.file).is_file()]
    return found


def _own_sources(folder: Path, defined: Outcomes, told: Collection[str]) -> list[dict[str, Any]]:
    """Return the files of outcomes of one's own that nothing tells of yet, each with what its entries say."""
    described = {entry.file: entry for entry in _described(folder / "sources.toml")}
    found = []
    for name in defined.own_tables():
        file = f"{name}.csv"
        if file not in told:
            rest_on_it = [
                (id, one)
                for id, one in defined.items()
                if one.own and any(series.table == name for series in one.series)
            ]
            tables = list(dict.fromkeys(one.source or id for id, one in rest_on_it))
            found.append(_source(described.get(file) or _Source(file=file, tables=tables), folder))
    return found


def _source(entry: _Source, folder: Path) -> dict[str, Any]:
    return {
        "file": entry.file,
        "name": Path(entry.file).stem,
        "tables": entry.tables,
        "sha256": (digest := resources.note_input(folder / entry.file)),
        "changed": entry.sha256 not in (None, digest),
        "first_year": entry.first_year,
        "last_year": entry.last_year,
        "updated": entry.updated,
        "read": entry.read,
        "licence": entry.licence,
        "note": entry.note,
    }


def _described(file: Path) -> list[_Source]:
    """Return the sources that a file tells of; none where there is no file."""
    if not file.is_file():
        return []
    remedy = "write it as data/statistics/sources.toml, or remove it"
    try:
        return _Described.model_validate(read_toml(file)).sources
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        key = ".".join(map(str, fault["loc"]))
        raise SourceError(f"key {key}: {fault['msg']}", remedy=remedy, file=file) from None
    except (ValueError, OSError) as error:
        raise SourceError(f"the sources cannot be read: {error}", remedy=remedy, file=file) from None


# --- An outcome of one's own, from a CSV


def add_outcome(
    csv: str | Path,
    to: str | Path,
    *,
    label: str | tuple[str, str] = "",
    unit: str | tuple[str, str] = "",
    column: str = "",
    id: str = "",
    goal: str = "households",
    stock: bool = False,
    source: str = "",
) -> Panel:
    """Put figures of one's own into a folder of statistics, and return its panel.

    The folder is then given as ``statistics`` to :func:`load_statistics`, to the boards and to a run, and the
    figures stand in each with their label and unit. A call again with the same words brings newer figures.

    Parameters
    ----------
    csv : str or Path
        A row a region and year: a column with the region's code or name, one with the year, one with figures.
        In UTF-8, with commas, or as a Swedish spreadsheet saves it. An empty cell is missing.
    to : str or Path
        The folder; made where there is none. What it lacks of tables is the shipped one.
    label, unit : str or (str, str)
        The words, in Swedish and English; one text is taken for both. Both must be said.
    column : str, optional
        The heading of the figures, where there are several.
    id : str, optional
        What the outcome is called in code; made of the file's name unless given.
    goal : {"households", "companies"}
        The promise that it stands beside.
    stock : bool
        Whether a figure stands at a point of time, so that years are averaged and not summed.
    source : str, optional
        Where the figures come from; published with the report.

    Raises
    ------
    SourceError
        If the table or a word cannot be used, or another outcome has the id; nothing is written then.

    Examples
    --------
    >>> import tempfile
    >>> from attraktiv_eval.resources import find
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = find("data/statistics/counties.csv")
    ...     told = {"label": ("Utvandring", "Emigration"), "unit": ("personer", "persons")}
    ...     panel = add_outcome(file, folder, column="emigration", id="emigration", **told)
    >>> round(float(panel.rate("emigration").loc[2021, "23"]), 2)
    1.91
    """
    file, folder = Path(csv), Path(to)
    for name, words in {"label": label, "unit": unit}.items():
        if not words:
            raise SourceError(
                f"no {name} says what the figures are",
                remedy='give label="Påbörjade bostäder", unit="bostäder"',
                file=file,
            )
    table, column = read_as_typed(file, column)
    id = id or _as_id(file.stem)
    told = {"column": column, "goal": goal, "stock": stock, "source": source}
    entry = _entry(id, _in_both(label), _in_both(unit), table, told)
    stands = folder / OUTCOMES_FILE
    before = stands.read_text(encoding="utf-8-sig") if stands.is_file() else ""
    known = before and Outcomes.load(folder).get(id)
    if not known and (folder / f"{id}.csv").exists():
        raise SourceError("a table of this name is there already", remedy="give another id", file=folder)
    after = before if entry in before else f"{before.rstrip()}\n\n{entry}".lstrip()
    written = {f"{id}.csv": table.to_csv(index=False, lineterminator="\n"), OUTCOMES_FILE: after}
    _try(written, folder, file)
    with writing("the folder", folder, "give another folder", SourceError):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in written.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return Panel.load(folder)


def _try(written: Mapping[str, str], folder: Path, file: Path) -> None:
    """Read a copy of a folder with new files in it; a fault names the file that the figures came from."""
    with TemporaryDirectory() as tried:
        copy = Path(tried) / "statistics"
        if folder.is_dir():
            shutil.copytree(folder, copy)
        copy.mkdir(exist_ok=True)
        for name, text in written.items():
            (copy / name).write_text(text, encoding="utf-8", newline="\n")
        try:
            Panel.load(copy)
        except SourceError as error:
            name = Path(error.file or "").name
            told = folder / name if name != next(iter(written)) else file
            raise SourceError(
                error.message, remedy=error.remedy, file=told, row=error.row, column=error.column
            ) from None


def _as_id(text: str) -> str:
    """Return a name as an id: small letters a to z, digits and _."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def _in_both(words: str | tuple[str, str]) -> tuple[str, str]:
    return (words, words) if isinstance(words, str) else words


def _entry(
    id: str, label: tuple[str, str], unit: tuple[str, str], table: pd.DataFrame, told: Mapping[str, Any]
) -> str:
    """Return the entry of an outcome of one's own, as a file of outcomes has it."""
    known = {one.unit: (one.unit_sv, one.unit_en) for one in OUTCOMES.values()}
    named = next((name for name, words in known.items() if words == unit), "")
    counted = named or f"{id}_unit"
    places = sorted({"county" if len(code) == 2 else "municipality" for code in table["region_code"]})
    entry = {"id": id, "sv": label[0], "en": label[1], "goal": told["goal"], "unit": counted, "beside": True}
    entry |= {"stock": True} if told["stock"] else {}
    entry |= {"sum_to_counties": True} if places == ["municipality"] else {}
    entry |= {"source": told["source"]} if told["source"] else {}
    entry["series"] = [{"table": id, "column": told["column"], "level": places}]
    lines = [] if named else [f"[units.{counted}]", *toml_pairs({"sv": unit[0], "en": unit[1]}), ""]
    lines += ["[[outcomes]]", *toml_pairs(entry)]
    return "\n".join(lines) + "\n"
