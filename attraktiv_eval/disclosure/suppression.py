"""Suppression of small counts in all tables of a report at once, also against earlier reports.

A count from 1 to 4 is suppressed; zeros are shown. Then, as long as a reader could narrow a suppressed
count, or the change of a count since an earlier report that is itself from 1 to 4, to less than
:data:`WIDTH` between its ends (:mod:`attraktiv_eval.disclosure.attacker`), the smallest count that tells is
suppressed too. Where more than half of a table would be blank, or nothing is left to suppress, its two
smallest categories merge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from attraktiv_eval.disclosure.cells import THRESHOLD, WIDTH, Cells, Tables
from attraktiv_eval.disclosure.sheets import SHEETS, Sheet

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["THRESHOLD", "WIDTH", "protect", "protect_series", "suppress"]


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
    present = [_counted(sheet, tables[sheet.name]) for sheet in sheets if sheet.name in tables]
    merged = {sheet.name: _singles(tables[sheet.name], sheet) for sheet in present}
    while True:
        report = Cells(tables, present, merged, earlier)
        crowded = report.hide()
        if crowded is None or not report.merge(crowded):
            return report.printed()


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
    return [(str(one),) for one in table[sheet.key]]
