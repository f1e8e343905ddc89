"""The county and its comparison: what happened, and what the primary method expects without the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attraktiv_eval.reporting.figures import sources, style
from attraktiv_eval.reporting.figures.drawing import Drawing
from attraktiv_eval.reporting.figures.outcomes import outcomes, primary, ticks

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
    shown = outcomes(view, gaps)
    figure, panels = style.new(150 * len(shown), len(shown))
    for axes, outcome in zip(panels, shown, strict=True):
        chosen = primary(view, outcome)
        part = view.rows("gaps", **chosen)
        if part is not None:
            _panel(axes, view, outcome, part.sort_values("year"), view.rows("placebo_gaps", **chosen))
    figure.subplots_adjust(left=0.09, right=0.76, top=0.95, bottom=0.06, hspace=0.45)
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
        sources.statistics(view),
    )


def _panel(axes: Axes, view: View, outcome: str, part: pd.DataFrame, cloud: pd.DataFrame | None) -> None:
    import seaborn as sns

    years = part["year"].to_numpy()
    window = part.loc[part["in_window"].astype(bool), "year"]
    if len(window):
        style.shade(axes, window.min(), window.max())
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
    axes.set_title(view.word("outcome", outcome))
    axes.set(xlabel="", ylabel="")
    axes.set_xlim(years[0] - 0.5, years[-1] + 0.5)
    ticks(axes, view, years)
    style.clean(axes)
    _end_labels(axes, view, float(part["actual"].iloc[-1]), float(comparison.iloc[-1]), float(years[-1]))


def _end_labels(axes: Axes, view: View, actual: float, comparison: float, last: float) -> None:
    low, high = axes.get_ylim()
    apart = 0.14 * (high - low)
    middle = (actual + comparison) / 2
    if abs(actual - comparison) < apart:
        up, down = middle + apart / 2, middle - apart / 2
        actual, comparison = (up, down) if actual >= comparison else (down, up)
    for y, words, colour, weight in (
        (actual, view._("the county"), style.COUNTY, "bold"),
        (comparison, view._("comparison"), style.OTHER, "normal"),
    ):
        axes.text(last + 0.9, y, words, va="center", color=colour, fontweight=weight, fontsize=10.5)


def _headline(view: View) -> str:
    _ = view._
    row = view.estimate()
    if row is None:
        return _("The county and comparable regions")
    values = {"n": view.number(row["effect_persons"], signed=True), "years": view.window}
    values["outcome"] = view.word("outcome", view.outcome)
    if row["low"] <= 0 <= row["high"]:
        return _("{outcome} deviated by {n} persons in {years}, no more than chance gives").format(**values)
    return _("{outcome} deviated by {n} persons in {years}, more than chance usually gives").format(**values)
