"""Tables made for reading from the run's tidy tables: what a figure shows, in the figure's own shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from attraktiv_eval.reporting.view import View

__all__ = ["DERIVED", "primary_rows"]


def primary_rows(view: View, name: str) -> pd.DataFrame | None:
    """Return the rows of ``gaps`` or ``placebo_gaps`` that belong to each outcome's primary specification."""
    import pandas as pd

    from attraktiv_eval.reporting.figures.outcomes import outcomes, primary

    gaps = view.table(name)
    if gaps is None:
        return None
    parts = [view.rows(name, **primary(view, one)) for one in outcomes(view, gaps)]
    return pd.concat([part for part in parts if part is not None], ignore_index=True)


def county_comparison(view: View) -> pd.DataFrame | None:
    """Return the last ten years of the county and its comparison, by the primary method."""
    rows = primary_rows(view, "gaps")
    if rows is None:
        return None
    rows = rows[rows["year"] > rows["year"].max() - 10]
    columns = ["outcome", "year", "actual", "counterfactual", "gap", "in_window", "noise"]
    return rows[[column for column in columns if column in rows]].reset_index(drop=True)


def gap_summary(view: View) -> pd.DataFrame | None:
    """Return the estimates of the primary method by outcome."""
    rows = view.table("estimates")
    if rows is None:
        return None
    rows = rows[rows["primary"].astype(bool)]
    years = ["window_first", "window_last"]
    columns = [
        "outcome",
        "method",
        *years,
        "effect_persons",
        "low",
        "high",
        "p_value",
        "rank",
        "n",
        "mde_persons",
        "noisy_years",
    ]
    return rows[[column for column in columns if column in rows]].reset_index(drop=True)


def specification_summary(view: View) -> pd.DataFrame | None:
    """Return the range of the answers by outcome and method, over all specifications."""
    rows = view.table("specifications")
    if rows is None:
        return None
    import pandas as pd

    holds_zero = (rows["low"] <= 0) & (rows["high"] >= 0)
    keys = [key for key in ("outcome", "method", "window_first", "window_last") if key in rows]
    grouped = rows.assign(holds_zero=holds_zero).groupby(keys, sort=False)
    told = {
        "specifications": grouped.size(),
        "smallest_effect": grouped["effect_persons"].min(),
        "middle_effect": grouped["effect_persons"].median(),
        "largest_effect": grouped["effect_persons"].max(),
        "interval_holds_zero": grouped["holds_zero"].sum(),
    }
    if "noisy_years" in rows:
        told["noisy_years"] = grouped["noisy_years"].first()  # of the outcome and window
    return pd.DataFrame(told).reset_index()


def verdicts(view: View) -> pd.DataFrame | None:
    """Return the verdict of each goal at each level, in words."""
    import pandas as pd

    from attraktiv_eval.reporting.verdicts import verdict_said

    rows = [
        {"goal": goal, "level": level, "verdict": verdict_said(view, goal, level)}
        for goal, levels in view.evaluation.verdicts.items()
        for level, verdict in sorted(levels.items())
        if verdict.rule != "not_applicable"
    ]
    return pd.DataFrame(rows) if rows else None


DERIVED: dict[str, Callable[[View], pd.DataFrame | None]] = {
    "verdicts": verdicts,
    "county_comparison": county_comparison,
    "gap_summary": gap_summary,
    "specification_summary": specification_summary,
}
