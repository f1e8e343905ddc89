"""Suppression of small counts in all tables of a report at once, also against earlier reports.

A count from 1 to 4 is suppressed; zeros are shown. Then, as long as a reader could narrow a suppressed
count, or the change of a count since an earlier report that is itself from 1 to 4, to less than
:data:`WIDTH` between its ends (:mod:`attraktiv_eval.disclosure.attacker`), the smallest count that tells is
suppressed too. Where more than half of a table would be blank, or nothing is left to suppress, its two
smallest categories merge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from attraktiv_eval.disclosure.cells import THRESHOLD, WIDTH, Cells, Edition, Tables
from attraktiv_eval.disclosure.sheets import SHEETS, Sheet

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "RENEWED",
    "THRESHOLD",
    "WIDTH",
    "Printed",
    "Report",
    "protect",
    "protect_editions",
    "protect_series",
    "suppress",
]

#: A report's tables of counts are made anew when one of its totals has changed by at least this much.
RENEWED = 2 * THRESHOLD


def suppress(
    table: pd.DataFrame,
    counts: Sequence[str],
    *,
    key: str | None = None,
    additive: bool = True,
    derived: Mapping[str, tuple[str, ...]] | None = None,
    previous: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return one table with its small counts suppressed.

    Parameters
    ----------
    table : DataFrame
        One row a category.
    counts : sequence of str
        Columns that hold counts.
    key : str, optional
        Column of the categories; the first one unless given.
    additive : bool
        Whether the rows add up to a total that is known.
    derived : mapping of column to columns, optional
        Columns that are computed from counts and go missing with them.
    previous : DataFrame, optional
        The same table as an earlier report published it.

    Returns
    -------
    DataFrame
        Suppressed cells are ``<NA>``; count columns have dtype Int64. Categories may have merged.

    Examples
    --------
    >>> import pandas as pd
    >>> places = ["2303", "2305", "2326", "2380"]
    >>> counts = pd.DataFrame({"municipality": places, "moved_in": [2, 9, 21, 40]})
    >>> [value is pd.NA for value in suppress(counts, ["moved_in"])["moved_in"]]
    [True, True, False, False]
    """
    key = key or str(table.columns[0])
    total = {one: ("total", one) for one in counts} if additive else {}
    sheet = Sheet("table", key, {one: one for one in counts}, total, derived or {})
    tables = {"table": table, "total": table[list(counts)]}
    earlier = [] if previous is None else [{"table": previous}]
    return protect(tables, earlier, sheets=(sheet,))["table"]


def protect(
    tables: Tables, previous: Sequence[Tables] | Tables = (), *, sheets: Sequence[Sheet] = SHEETS
) -> dict[str, pd.DataFrame]:
    """Return the tables of a report with small counts suppressed.

    Parameters
    ----------
    tables : mapping of name to DataFrame
        All tables of the report; those that no sheet describes are returned as they are.
    previous : mapping of name to DataFrame, or a sequence of such
        The tables as earlier reports published them (``results.read_tables``).
    sheets : sequence of Sheet

    Returns
    -------
    dict of name to DataFrame
        Suppressed cells are ``<NA>``, and so is what was computed from them.
    """
    earlier = [previous] if isinstance(previous, Mapping) else list(previous)
    editions = [one if isinstance(one, Edition) else Edition(one) for one in earlier]
    return _protect(tables, editions, None, sheets)[0]


def _protect(
    tables: Tables, editions: Sequence[Edition], until: date | None, sheets: Sequence[Sheet]
) -> tuple[dict[str, pd.DataFrame], set[str]]:
    """Return the tables to print, and of what kinds of unit a count could still be narrowed."""
    present = [_counted(sheet, tables[sheet.name]) for sheet in sheets if sheet.name in tables]
    merged = {sheet.name: _singles(tables[sheet.name], sheet) for sheet in present}
    while True:
        report = Cells(tables, present, merged, editions, until)
        crowded = report.hide()
        if crowded is None or not report.merge(crowded):
            return report.printed(), {_unit(atom[1]) for one in report.weak for atom in one}


def _unit(measure: str) -> str:
    """Return what a measure counts: households or companies."""
    return measure.partition(".")[0]


def protect_series(
    reports: Sequence[Tables], *, sheets: Sequence[Sheet] = SHEETS
) -> list[dict[str, pd.DataFrame]]:
    """Return the tables of successive reports, each protected also against all that came before it.

    Parameters
    ----------
    reports : sequence of mapping of name to DataFrame
        Oldest first.
    """
    published: list[dict[str, pd.DataFrame]] = []
    for tables in reports:
        published.append(protect(tables, published, sheets=sheets))
    return published


@dataclass(frozen=True)
class Report:
    """A report that is out, or that is about to be: its name (a year, or final), tables and identity.

    ``version`` is 0 for a report that is about to be published.
    """

    name: str
    tables: Tables
    until: date
    run_id: str = ""
    version: int = 0


@dataclass(frozen=True)
class Printed:
    """The tables of a report as they may be published; ``held`` is unit -> the version whose tables stand."""

    tables: dict[str, pd.DataFrame]
    held: Mapping[str, int]


def protect_editions(
    reports: Sequence[Report], published: Sequence[Report], *, sheets: Sequence[Sheet] = SHEETS
) -> list[Printed]:
    """Return the tables of reports that are about to be published, against every edition that is out.

    Parameters
    ----------
    reports : sequence of Report
        In the order of the days that they count to; each is out when the next one is judged.
    published : sequence of Report
        Every edition that is out: those that stand and the versions that they replaced.

    Returns
    -------
    list of Printed
        A report whose run is out already has the tables of that edition. Where little has changed since its
        last edition, or no suppression keeps a small change from being told, the tables of counts of that
        edition stand until more has changed.
    """
    out = sorted(published, key=lambda one: (one.until, one.version))
    printed: list[Printed] = []
    for report in reports:
        own = [one for one in out if one.name == report.name and one.version]
        same = [one for one in own if one.run_id == report.run_id]
        if same:
            printed.append(Printed(_stood(report, report.tables, same[-1], sheets, None), {}))
        else:
            printed.append(_against(report, out, own, sheets))
        out.append(replace(report, tables=printed[-1].tables))
        out.sort(key=lambda one: (one.until, one.version == 0, one.version))
    return printed


def _against(
    report: Report, out: Sequence[Report], own: Sequence[Report], sheets: Sequence[Sheet]
) -> Printed:
    units = sorted({_unit(measure) for sheet in sheets for measure in sheet.counts.values()})
    made = {unit: _made(own, sheets, unit) for unit in units} if own else {}
    held = {unit: one.version for unit, one in made.items() if _little_changed(report, one, sheets, unit)}
    tables = dict(report.tables)
    renewed = [sheet for sheet in sheets if not held.keys() & {_unit(one) for one in sheet.counts.values()}]
    if renewed:
        editions = [Edition(one, edition.until) for edition, one in _made_anew(out, sheets, units)]
        tables, told = _protect(report.tables, editions, report.until, renewed)
        held |= {unit: made[unit].version for unit in told if unit in made}
    for unit in held:
        tables = _stood(report, tables, made[unit], sheets, unit)
    return Printed(tables, held)


def _stood(
    report: Report, tables: Tables, edition: Report, sheets: Sequence[Sheet], unit: str | None
) -> dict[str, pd.DataFrame]:
    """Return tables with those of an edition that is out; what it did not keep is not printed beside them."""
    kept, new = (_guarded(one.tables, sheets, unit) for one in (edition, report))
    blank = {
        sheet.name: new[sheet.name].assign(
            **dict.fromkeys([one for one in sheet.numbers if one in new[sheet.name]])
        )
        for sheet in sheets
        if sheet.name in new and sheet.name not in kept
    }
    return {**tables, **blank, **kept}


def _made(own: Sequence[Report], sheets: Sequence[Sheet], unit: str) -> Report:
    """Return the edition that made the tables that the last one shows; others may have let them stand."""
    *before, last = sorted(own, key=lambda one: one.version)
    shown = _guarded(last.tables, sheets, unit)
    for one in reversed(before):
        if not _alike(_guarded(one.tables, sheets, unit), shown):
            break
        last = one
    return last


def _made_anew(
    out: Sequence[Report], sheets: Sequence[Sheet], units: Sequence[str]
) -> Iterator[tuple[Report, Tables]]:
    """Yield every edition with the tables that it made: those that it let stand belong to an older total."""
    for edition in out:
        tables = dict(edition.tables)
        own = [one for one in out if one.name == edition.name and 0 < one.version <= edition.version]
        for unit in units if own else ():
            if _made(own, sheets, unit).version != edition.version:
                for name in _guarded(tables, sheets, unit):
                    del tables[name]
        yield edition, tables


def _alike(one: Tables, other: Tables) -> bool:
    """Return whether tables print the same cells, whatever they were read from."""
    return one.keys() == other.keys() and all(
        one[name].astype(str).to_dict("list") == other[name].astype(str).to_dict("list") for name in one
    )


def _little_changed(report: Report, last: Report, sheets: Sequence[Sheet], unit: str) -> bool:
    """Return whether the project's own totals have changed, but each by less than :data:`RENEWED`.

    The totals are told anyway: where they have changed by two, each category has changed by two or less, and
    any table made anew would tell which.
    """
    sources = {
        source
        for sheet in sheets
        for column, source in sheet.total.items()
        if _unit(sheet.counts[column]) == unit
    }
    changes = []
    for table, column in sorted(sources):
        pair = [one.tables[table] for one in (last, report) if table in one.tables]
        if len(pair) < 2 or any(column not in one or one[column].isna().any() for one in pair):
            return False
        changes.append(abs(int(pair[1][column].sum()) - int(pair[0][column].sum())))
    same = all(
        _same_counts(sheet, report.tables[sheet.name], last.tables.get(sheet.name))
        for sheet in sheets
        if sheet.name in report.tables and unit in {_unit(one) for one in sheet.counts.values()}
    )
    return bool(changes) and max(changes) < RENEWED and not same


def _same_counts(sheet: Sheet, table: pd.DataFrame, before: pd.DataFrame | None) -> bool:
    """Return whether every count that an edition printed by itself is still what it was."""
    if before is None or not sheet.describes(before):
        return False
    now, then = table.set_axis(sheet.rows(table)), before.set_axis(sheet.rows(before))
    keys = [key for key in then.index if key in now.index]
    return all(
        bool((then.loc[keys, column].isna() | then.loc[keys, column].eq(now.loc[keys, column])).all())
        for column in sheet.counts
    )


def _guarded(tables: Tables, sheets: Sequence[Sheet], unit: str | None) -> dict[str, pd.DataFrame]:
    """Return the tables that a sheet describes, of one kind of unit or of all."""
    names = [
        sheet.name
        for sheet in sheets
        if unit is None or any(_unit(measure) == unit for measure in sheet.counts.values())
    ]
    return {name: tables[name] for name in names if name in tables}


def _counted(sheet: Sheet, table: pd.DataFrame) -> Sheet:
    """Return the sheet without the columns that nobody counted, because the list is missing."""
    lost = {column for column in sheet.counts if table[column].isna().any()}
    if not lost:
        return sheet
    return replace(
        sheet,
        counts={column: measure for column, measure in sheet.counts.items() if column not in lost},
        total={column: source for column, source in sheet.total.items() if column not in lost},
        derived={column: bases for column, bases in sheet.derived.items() if not lost & set(bases)},
        within=tuple(pair for pair in sheet.within if not lost & set(pair)),
    )


def _singles(table: pd.DataFrame, sheet: Sheet) -> list[tuple[str, ...]]:
    return [(one,) for one in sheet.rows(table)]
