"""The funnel by phase: how many households each phase reached, and the share of them that moved in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.figures.style import Drawing
from attraktiv_eval.reporting.view import known

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from attraktiv_eval.reporting.view import View

__all__ = ["draw"]


def draw(view: View) -> Drawing | None:
    """Draw a point a phase with its interval, in the order of the phases."""
    funnel = view.table("funnel")
    funnel = None if funnel is None else funnel[funnel["share"].notna() & (funnel["phase"] != "unknown")]
    if funnel is None or funnel.empty:
        return None
    _ = view._
    height = 64 * len(funnel) + 30
    figure, (axes,) = style.new(height)
    for at, (_index, row) in enumerate(funnel.iterrows()):
        _row(axes, view, -at, row)
    highest = float(funnel["high"].max()) if "high" in funnel else float(funnel["share"].max())
    axes.set_xlim(0, min(1.0, 1.25 * highest))
    axes.set_ylim(-len(funnel) + 0.4, 0.75)
    axes.set_yticks([])
    _percent_axis(axes, view)
    style.clean(axes, grid="x")
    figure.subplots_adjust(left=0.045, right=0.955, top=0.99, bottom=29 / height)
    title = _(
        "Share that moved in of the households of each phase whose outcome is known, with 90 per cent "
        "interval"
    )
    return Drawing(figure, _headline(view, funnel), title, _("Dot chart"), ("funnel",), style.records(view))


def _row(axes: Axes, view: View, y: float, row: pd.Series) -> None:
    words = view._("{phase}: {moved} of {n} households").format(
        phase=view.word("phase", row["phase"]),
        moved=view.number(row["moved_in"]),
        n=view.number(row["known"] if known(row.get("known")) else row["households"]),  # the share's base
    )
    axes.text(0, y + 0.32, " " + words, va="bottom", fontsize=10.5)
    if not known(row["share"]):
        return
    if known(row.get("low")) and known(row.get("high")):
        axes.plot([row["low"], row["high"]], [y, y], color=style.COUNTY, linewidth=3.2, alpha=0.45)
    axes.plot([row["share"]], [y], marker="o", markersize=8, color=style.COUNTY)


def _percent_axis(axes: Axes, view: View) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    from attraktiv_eval.texts import percent

    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: percent(value, view.language)))


def _headline(view: View, funnel: pd.DataFrame) -> str:
    _ = view._
    rows = funnel[funnel["share"].notna()]
    if rows.empty:
        return _("Households by phase")
    from attraktiv_eval.texts import percent

    shares = rows["share"].astype(float)
    if (
        len(rows) > 1
        and {"low", "high"} <= set(rows)
        and rows["low"].astype(float).max() <= rows["high"].astype(float).min()
    ):
        ends = [percent(end, view.language) for end in (shares.min(), shares.max())]
        text = _("Of the households met in a phase {low}–{high} moved in; the phases’ intervals overlap")
        return text.format(low=ends[0].removesuffix("%").rstrip(), high=ends[1])
    best = rows.sort_values("share", ascending=False, kind="stable").iloc[0]
    return _("The highest share moved in after the phase {phase}: {share}").format(
        phase=view.word("phase", best["phase"]), share=percent(float(best["share"]), view.language)
    )
