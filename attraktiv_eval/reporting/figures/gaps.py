"""The gaps: how far the county strayed from its comparison, among the gaps of all comparison regions."""

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
    """Draw one panel an outcome: the county's gap, and a thin line for each comparison region's."""
    gaps = view.table("gaps")
    if gaps is None:
        return None
    figure = panels(view, gaps, _panel)
    title = view._(
        "Gap to the comparison, moves per 1,000 inhabitants and year, primary method. "
        "Thin lines: every other region put in the county’s place. Blue background: project years."
    )
    return Drawing(
        figure, _headline(view), title, view._("Line chart"), ("gap_summary", "gaps", "placebo_gaps"),
        sources.statistics(view, gaps["outcome"]),
    )  # fmt: skip


def _panel(axes: Axes, view: View, part: pd.DataFrame, cloud: pd.DataFrame | None) -> None:
    import seaborn as sns

    years = part["year"].to_numpy()
    axes.axhline(0, color=style.OTHER, linewidth=0.9, linestyle=(0, (4, 2)))
    if cloud is not None:
        from matplotlib.collections import LineCollection

        wide = cloud.pivot_table(index="year", columns="region_code", values="gap").reindex(years)
        lines = [list(zip(years, wide[region], strict=True)) for region in wide]
        axes.add_collection(LineCollection(lines, colors=style.SOFT, linewidths=0.5, alpha=0.75))
    sns.lineplot(x=years, y=part["gap"].to_numpy(), ax=axes, color=style.COUNTY, errorbar=None, linewidth=2.4)
    axes.autoscale_view()
    low, high = axes.get_ylim()
    at = float(part["gap"].iloc[-1])
    end_label(axes, at, view._("the county"), own=True)
    other = low + 0.1 * (high - low) if at > (low + high) / 2 else high - 0.1 * (high - low)
    end_label(axes, other, view._("other regions"))


def _headline(view: View) -> str:
    _ = view._
    row = view.estimate()
    if row is None:
        return _("How far the county strayed from its comparison")
    return _("{outcome}: the county ranks {rank} of {n} regions by how far it strayed").format(
        outcome=view.word("outcome", view.outcome), rank=view.number(row["rank"]), n=view.number(row["n"] + 1)
    )
