"""Money: what financiers decided and paid, and what a result cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from attraktiv_eval.records.dates import known_by
from attraktiv_eval.records.decisions import parted_names
from attraktiv_eval.records.linkage import financier_names

if TYPE_CHECKING:
    from attraktiv_eval.project import Project
    from attraktiv_eval.records import Records

__all__ = ["cost_per_result", "cost_range", "funding_table", "round_cost"]

COST_COLUMNS = [
    "goal", "level", "cost_low", "cost_high", "results_low", "results_high", "ratio_low", "ratio_high",
]  # fmt: skip


def funding_table(records: Records, project: Project, until: date) -> pd.DataFrame:
    """Return ``financier, kind, decided_sek, paid_sek``; an amount nobody stated is missing, not zero.

    Decisions come from the project's own description, and from the records where it has none; payments are
    those dated by ``until``. A financier of the records is the project's own where the names are the same
    but for case, accents and legal form, or where one says the other with words added (``Tillväxtmedel``
    beside ``Tillväxtmedel (Region ...)``) and states the very amount that was decided, and no person has
    parted the two: its money is counted once. Without that evidence the two are a pair to decide.
    """
    keys = ["financier", "kind"]
    decided = pd.DataFrame(
        [(one.financier, one.kind, one.decided_sek) for one in project.funding],
        columns=[*keys, "decided_sek"],
    )
    if records.funding is None or records.funding.empty:
        return decided.assign(decided_sek=_amounts(decided["decided_sek"]), paid_sek=_missing(len(decided)))
    listed = records.funding.reindex(columns=[*keys, "decided_sek", "paid_sek", "date"]).dropna(subset=keys)
    own = [(one.financier, one.kind, one.decided_sek) for one in project.funding]
    listed["financier"] = financier_names(listed, own, parted_names(records.decisions))
    paid = known_by(listed, "date", until).groupby(keys)["paid_sek"].agg(_sum)
    told = listed.groupby(keys)["decided_sek"].agg(lambda amounts: amounts.dropna().astype(float).max())
    table = decided.merge(told.rename("told").reset_index(), on=keys, how="outer", sort=False)
    table = table.merge(paid.rename("paid_sek").reset_index(), on=keys, how="left")
    public = pd.to_numeric(table["decided_sek"], errors="coerce")
    table["decided_sek"] = _amounts(public.fillna(pd.to_numeric(table["told"], errors="coerce")))
    table["paid_sek"] = _amounts(table["paid_sek"])
    order = {(one.financier, one.kind): place for place, one in enumerate(project.funding)}
    rank = [order.get(key, len(order)) for key in zip(table["financier"], table["kind"], strict=True)]
    table = table.assign(rank=rank).sort_values(["rank", "financier", "kind"], ignore_index=True)
    return table[[*keys, "decided_sek", "paid_sek"]]


def _sum(amounts: pd.Series) -> float:
    return pd.to_numeric(amounts, errors="coerce").astype("float64").sum(min_count=1)


def _amounts(values: pd.Series) -> pd.Series:
    return pd.to_numeric(values, errors="coerce").astype("Float64").round(0).astype("Int64")


def _missing(rows: int) -> pd.Series:
    return pd.Series([pd.NA] * rows, dtype="Int64")


def cost_range(funding: pd.DataFrame) -> tuple[float, float]:
    """Return the smallest and largest known cost in SEK: what was paid, and the larger of paid and decided.

    Unknown amounts are in neither, so the true cost is at least this. Missing where no amount is known, or
    none above zero: a list without money, as where there was no project, is not a project that cost nothing.
    """
    paid = pd.to_numeric(funding["paid_sek"], errors="coerce").astype("float64")
    decided = pd.to_numeric(funding["decided_sek"], errors="coerce").astype("float64")
    most = pd.concat([paid, decided], axis=1).max(axis=1).sum(min_count=1)
    least = paid.sum(min_count=1)
    if most == 0:
        return float("nan"), float("nan")
    return (float(most) if pd.isna(least) else float(least)), float(most)


def cost_per_result(
    funding: pd.DataFrame, results: Mapping[tuple[str, int], tuple[float, float] | None]
) -> pd.DataFrame:
    """Return the whole project's cost per result, for each goal and level, as ranges.

    Parameters
    ----------
    funding : DataFrame
        From :func:`funding_table`.
    results : mapping of (goal, level) to (low, high)
        How many results, at the least and at the most; None where a level says nothing.

    Returns
    -------
    DataFrame
        ``goal, level, cost_low, cost_high, results_low, results_high, ratio_low, ratio_high`` in SEK and
        SEK per result, rounded by :func:`round_cost` wherever it is told. ``ratio_high`` is missing where the
        low end is no result at all: any cost is possible.

    Notes
    -----
    The same money bought all the goals, so the rows must not be added.
    """
    least, most = cost_range(funding)
    rows = []
    for (goal, level), span in results.items():
        if span is None:
            continue
        low, high = span
        cheap = least / high if high > 0 else float("nan")
        dear = most / low if low > 0 else float("nan")
        rows.append((goal, level, least, most, float(low), float(high), round_cost(cheap), round_cost(dear)))
    return pd.DataFrame(rows, columns=COST_COLUMNS)


def round_cost(value: float) -> float:
    """Return a cost per result in three digits, at the finest in hundreds of SEK: no more is known of it.

    Below 1,000 it is told to the krona, so that a small cost never becomes none.
    """
    if not math.isfinite(value):
        return value
    step = next(step for step, below in ((1, 1e3), (100, 1e5), (1e3, 1e6), (1e4, math.inf)) if value < below)
    return float(step * round(value / step))
