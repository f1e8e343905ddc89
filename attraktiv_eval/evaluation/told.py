"""Further figures of ``results.json``: those that a report's sentences state beside the verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attraktiv_eval import results

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

__all__ = ["told"]


def told(tables: Mapping[str, pd.DataFrame], example: bool, statistics: list[str]) -> list[dict[str, Any]]:
    """Return the figures on pace, rows of the records, cost per result, single assumptions, and change.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The report's tables, after suppression; one that is missing gives no figure.
    example : bool
        Whether the records are invented.
    statistics : list of str
        The tables that official statistics come from.
    """
    return [
        *_path(tables.get("paths"), example),
        *_rows(tables.get("accounting"), example),
        *_quality(tables.get("linkage_quality"), example),
        *_cost(tables.get("cost_per_result"), example),
        *_tornado(tables.get("tornado"), example),
        *_changes(tables.get("base_periods"), statistics),
    ]


def _path(paths: pd.DataFrame | None, example: bool) -> Iterator[dict[str, Any]]:
    """Yield what is known of each goal at each year's end, and what an even pace asks."""
    for row in [] if paths is None else paths.to_dict("records"):
        goal, year, known = str(row["goal"]), row["year"], row["cumulated"]
        yield results.figure(
            f"{goal}.pace.{year}", row["pace"], unit=goal, kind="goal", sources=["data/project.toml"]
        )
        yield results.figure(
            f"{goal}.known.{year}",
            known,
            unit=goal,
            kind="count",
            evidence_level=1,
            sources=[goal],
            example_data=example,
            reason="suppressed" if known is None or known != known or str(known) == "<NA>" else None,
        )


def _rows(accounting: pd.DataFrame | None, example: bool) -> Iterator[dict[str, Any]]:
    """Yield how many rows of the records were read, kept, merged and rejected."""
    for name in [] if accounting is None else ("read", "kept", "merged", "rejected"):
        yield results.figure(
            f"records.{name}",
            int(accounting[name].sum()) if accounting is not None else None,
            unit="rows",
            kind="count",
            evidence_level=1,
            sources=["records"],
            example_data=example,
        )


def _quality(quality: pd.DataFrame | None, example: bool) -> Iterator[dict[str, Any]]:
    """Yield precision and recall of the linkage, where the truth of the records is known."""
    for row in [] if quality is None else quality.to_dict("records"):
        for name in ("precision", "recall"):
            yield results.figure(
                f"records.linkage.{name}",
                row[name],
                unit="share",
                kind="design",
                evidence_level=1,
                sources=["records"],
                example_data=example,
            )


def _cost(costs: pd.DataFrame | None, example: bool) -> Iterator[dict[str, Any]]:
    """Yield the whole project's cost, and the cost per result; the value is the low end of the range."""
    rows = [] if costs is None else costs.dropna(subset=["ratio_low"]).to_dict("records")
    common: dict[str, Any] = {
        "unit": "SEK",
        "kind": "money",
        "sources": ["data/project.toml", "funding"],
        "example_data": example,
    }
    for row in rows[:1]:
        ends = {"low": row["cost_low"], "high": row["cost_high"]}
        yield results.figure("money.cost", row["cost_low"], **ends, **common)
    for row in rows:
        high = row["ratio_high"] if row["ratio_high"] == row["ratio_high"] else float("inf")
        yield results.figure(
            f"{row['goal']}.cost_per_result.level{row['level']}",
            row["ratio_low"],
            low=row["ratio_low"],
            high=high,
            **common,
        )


def _tornado(tornado: pd.DataFrame | None, example: bool) -> Iterator[dict[str, Any]]:
    """Yield what level 2 comes to with one assumption at its low and at its high value."""
    for row in [] if tornado is None else tornado.to_dict("records"):
        goal, assumption = str(row["goal"]), str(row["assumption"])
        yield results.figure(
            f"{goal}.level2.{assumption}",
            row["base"],
            low=row["low"],
            high=row["high"],
            unit=goal,
            kind="estimate",
            evidence_level=2,
            method="one_at_a_time",
            sources=["records"],
            assumptions=[assumption],
            example_data=example,
        )


def _changes(periods: pd.DataFrame | None, statistics: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the change of yearly net migration against each base period."""
    for row in [] if periods is None else periods.to_dict("records"):
        yield results.figure(
            f"county.net_migration.change_from.{row['first_year']}-{row['last_year']}",
            row["change"],
            years=(row["window_first"], row["window_last"]),
            unit="moves_a_year",
            kind="count",
            evidence_level=3,
            sources=statistics,
        )
