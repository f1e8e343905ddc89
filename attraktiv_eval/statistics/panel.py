"""The panel: official figures by region and year, as counts and as rates per 1,000 inhabitants."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from attraktiv_eval import regions, resources
from attraktiv_eval.errors import SourceError
from attraktiv_eval.statistics.fetched import (
    FileName,
    downloads_in,
    noisy_years,
    read_fetched,
    series_of,
    sources_of,
)
from attraktiv_eval.statistics.outcomes import BEST_FIRST, OUTCOMES, YEARS_BEFORE, Choice
from attraktiv_eval.statistics.reading import COUNTS, PANEL_FILE, read_municipalities
from attraktiv_eval.toml_files import read_toml

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Level", "Panel", "sum_to_counties"]

Level = Literal["county", "municipality"]


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
        file, tables, sha256 (of its bytes), changed (after the fetch), updated, read, licence and note of
        every file.
    noisy_years : list of int
        Years whose fetched figures carry SCB's small random error (cell-key method, from 2025).

    Examples
    --------
    >>> panel = Panel.load()
    >>> list(panel.outcomes["id"])
    ['in_moves', 'out_moves', 'net_migration']
    >>> int(panel.counts("in_moves").loc[2021, "23"])
    8020
    """

    table: pd.DataFrame
    series: dict[tuple[str, str], pd.DataFrame] = field(repr=False)
    sources: list[dict[str, Any]] = field(repr=False)
    noisy_years: list[int] = field(default_factory=list)

    @classmethod
    def load(cls, directory: Path | None = None) -> Panel:
        """Read the panel of a folder; None reads the shipped ``data/statistics``.

        Fetched tables in the folder add outcomes, and replace embedded series of the same name; so do files
        downloaded by hand from SCB's page. Without a panel of its own the folder stands on the embedded one.

        Raises
        ------
        SourceError
            If a file is missing or malformed, with file, row and column; if a region lacks a year.
        """
        folder = resources.find("data/statistics") if directory is None else Path(directory)
        base, fetched, extra = folder, read_fetched(folder), list(sources_of(folder))
        has_panel = (folder / PANEL_FILE).is_file()
        by_hand = downloads_in(folder)
        if by_hand:
            from attraktiv_eval.statistics.scb.byhand import read_files

            tables, told = read_files(by_hand, strict=not has_panel)
            fetched, extra = fetched | tables, [*extra, *told]
            base = folder if has_panel else resources.find("data/statistics")
        table = read_municipalities(base / PANEL_FILE)
        series = _joined(_embedded_series(table), series_of(fetched))
        return cls(table, series, [*_sources(base), *extra], noisy_years(fetched))

    def _repr_html_(self) -> str:
        """Return the outcomes and the sources, as a notebook shows them."""
        import pandas as pd

        from attraktiv_eval.showing import as_html

        sources = pd.DataFrame(self.sources, columns=["file", "tables", "updated", "read", "licence"])
        told = f"Official statistics: {len(self.table):,} rows of municipality and year."
        return as_html([told], {"Outcomes": self.outcomes, "Sources": sources})

    @property
    def outcomes(self) -> pd.DataFrame:
        """The outcomes of this panel: id, first_year, last_year, label (English), goal, role, levels."""
        import pandas as pd

        rows = []
        for id, outcome in OUTCOMES.items():
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
        if (outcome, level) not in self.series:
            known = [name for name, at in self.series if at == level]
            raise SourceError(
                f"the panel holds no {outcome} by {level}",
                remedy=f"choose one of {', '.join(known)}, or fetch more tables with attraktiv-eval fetch",
            )
        counts = self.series[outcome, level]
        if until is not None:
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
        if outcome in OUTCOMES and not OUTCOMES[outcome].per_inhabitant:
            return 10 * self.counts("population_20_64", level, until)
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
        if outcome in OUTCOMES and not OUTCOMES[outcome].per_inhabitant:
            return counts
        people = self.population(level, until)
        if level == "municipality":
            for code, (first_year, mother) in regions.FORMED_LATER.items():
                if {code, mother} <= set(people.columns):
                    last = people.index == first_year - 1
                    people.loc[last, mother] = people.loc[last, [mother, code]].sum(axis=1, skipna=False)
        population = people.reindex(index=counts.index, columns=counts.columns)
        return (1000 * counts / population).dropna(how="all")

    def primary_outcome(self, goal: str = "households", first_treated: int = 2020) -> str | None:
        """Return the best outcome for a goal that this panel holds, by the stated rule; None without any.

        The first of ``BEST_FIRST[goal]`` that covers every county in at least ``YEARS_BEFORE[goal]`` years
        before the project and in its first year.
        """
        return self.choice(goal, first_treated).id

    def choice(self, goal: str = "households", first_treated: int = 2020) -> Choice:
        """Return the primary outcome with the reason for it: :meth:`Choice.sentence` says it in words."""
        lacking: list[str] = []
        for id in BEST_FIRST.get(goal, ()):
            if self._covers(id, first_treated, YEARS_BEFORE[goal]):
                return Choice(goal, id, tuple(lacking))
            lacking.append(id)
        return Choice(goal, None, tuple(lacking))

    def _covers(self, id: str, first_treated: int, least: int) -> bool:
        if (id, "county") not in self.series:
            return False
        counts = self.series[id, "county"]
        complete = counts.reindex(columns=list(regions.COUNTIES)).notna().all(axis=1)
        years = counts.index[complete]
        return bool((years < first_treated).sum() >= least and first_treated in years)


def _embedded_series(table: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    wide = {name: _wide(table, name) for name in COUNTS}
    wide["out_moves"] = wide["in_moves"] - wide["net_migration"]
    series: dict[tuple[str, str], pd.DataFrame] = {}
    for name, counts in wide.items():
        municipal = counts.dropna(how="all")
        series[name, "municipality"] = municipal
        series[name, "county"] = sum_to_counties(municipal)
    return series


def _joined(
    embedded: dict[tuple[str, str], pd.DataFrame], fetched: dict[tuple[str, str], pd.DataFrame]
) -> dict[tuple[str, str], pd.DataFrame]:
    """Return every series, fetched figures before embedded ones.

    A county's gross moves stay the sum of its municipalities', so that they mean the same without a fetch.
    """
    series = dict(embedded)
    for key, counts in fetched.items():
        series[key] = counts.combine_first(embedded[key]) if key in embedded else counts
    for outcome in ("in_moves", "out_moves"):
        series[outcome, "county"] = sum_to_counties(series[outcome, "municipality"])
    return series


def _wide(table: pd.DataFrame, column: str) -> pd.DataFrame:
    wide = table.pivot(index="year", columns="region_code", values=column)  # noqa: PD010
    return wide.astype("float64")


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


def _sources(folder: Path) -> list[dict[str, Any]]:
    entries = _described(folder / "sources.toml")
    if all(entry.file != PANEL_FILE for entry in entries):
        entries = [*entries, _Source(file=PANEL_FILE)]
    return [
        {
            "file": entry.file,
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
        for entry in entries
        if (folder / entry.file).is_file()
    ]


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
