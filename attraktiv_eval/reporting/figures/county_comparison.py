"""The county and its comparison: what happened, and what the primary method expects without the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attraktiv_eval.reporting.figures import sources, style
from attraktiv_eval.reporting.figures.drawing import Drawing
from attraktiv_eval.reporting.figures.outcomes import end_label, panels

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from attraktiv_eval.reporting.view import View

__all__ = ["draw"]


def draw(view: View) -> Drawing | None:
    """Draw one panel an outcome; the band holds the gaps of nine in ten comparison regions."""
    gaps = view.table("gaps")
    if gaps is None:
        return None
    figure = panels(view, gaps, _panel)
    title = view._(
        "Moves per 1,000 inhabitants and year: the county, and the comparison by the primary method. "
        "Grey band: as far as nine in ten comparison regions stray from theirs. Blue background: project "
        "years."
    )
    return Drawing(
        figure,
        _headline(view),
        title,
        view._("Line chart"),
        ("county_comparison", "gaps"),
        sources.statistics(view, gaps["outcome"]),
    )


def _panel(axes: Axes, view: View, part: pd.DataFrame, cloud: pd.DataFrame | None) -> None:
    import seaborn as sns

    years = part["year"].to_numpy()
    comparison = part.set_index("year")["counterfactual"]
    if cloud is not None:
        ends = (
            cloud.groupby("year")["gap"]
            .agg(low=lambda gap: gap.quantile(0.05), high=lambda gap: gap.quantile(0.95))
            .reindex(years)
        )
        axes.fill_between(
            years,
            comparison.to_numpy() + ends["low"].to_numpy(),
            comparison.to_numpy() + ends["high"].to_numpy(),
            color=style.OTHER,
            alpha=0.2,
            linewidth=0,
        )
    dashes = (0, (4, 2))
    axes.plot(years, comparison, color=style.OTHER, linestyle=dashes, linewidth=1.6)
    sns.lineplot(
        x=years, y=part["actual"].to_numpy(), ax=axes, color=style.COUNTY, errorbar=None, linewidth=2.2
    )
    _end_labels(axes, view, float(part["actual"].iloc[-1]), float(comparison.iloc[-1]))


def _end_labels(axes: Axes, view: View, actual: float, comparison: float) -> None:
    low, high = axes.get_ylim()
    apart = 0.14 * (high - low)
    middle = (actual + comparison) / 2
    if abs(actual - comparison) < apart:
        up, down = middle + apart / 2, middle - apart / 2
        actual, comparison = (up, down) if actual >= comparison else (down, up)
    end_label(axes, actual, view._("the county"), own=True)
    end_label(axes, comparison, view._("comparison"))


def _headline(view: View) -> str:
    _ = view._
    row = view.estimate()
    if row is None:
        return _("The county and comparable regions")
    values = {"n": view.number(row["effect_persons"], signed=True), "years": view.years(row)}
    values["outcome"] = view.word("outcome", view.outcome)
    if row["low"] <= 0 <= row["high"]:
        return _("{outcome} deviated by {n} persons in {years}, no more than chance gives").format(**values)
    return _("{outcome} deviated by {n} persons in {years}, more than chance usually gives").format(**values)
