"""How many of those who moved in still live in the county, month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.figures.style import Drawing
from attraktiv_eval.texts import percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from attraktiv_eval.reporting.view import View

__all__ = ["draw"]


def draw(view: View) -> Drawing | None:
    """Draw a point a month with its interval, and how many were followed so long."""
    curve = view.table("retention")
    curve = None if curve is None else curve[curve["share"].notna()].sort_values("months")
    if curve is None or curve.empty:
        return None
    _ = view._
    from matplotlib.ticker import FuncFormatter

    figure, (axes,) = style.new(200)
    for row in curve.to_dict("records"):
        _point(axes, view, row)
    lowest = min(0.8, float(curve["low"].min()) - 0.04)
    axes.set_ylim(lowest, 1.02)
    axes.set_xlim(0, float(curve["months"].max()) + 9)
    axes.set_xticks([0, *curve["months"].astype(int)])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: percent(value, view.language)))
    axes.set_xlabel(_("Months after the move"))
    style.clean(axes)
    figure.subplots_adjust(left=0.155, right=0.97, top=0.97, bottom=0.21)
    title = _(
        "Share that still lives in the county of all who moved in, those who left within three months "
        "included (Kaplan–Meier), with 90 per cent interval"
    )
    return Drawing(figure, _headline(view, curve), title, _("Dot chart"), ("retention",), style.records(view))


def _point(axes: Axes, view: View, row: dict[Any, Any]) -> None:
    month, share = float(row["months"]), float(row["share"])
    axes.plot([month, month], [row["low"], row["high"]], color=style.COUNTY, linewidth=3.2, alpha=0.45)
    axes.plot([month], [share], "o", markersize=8, color=style.COUNTY)
    followed = view._("{n} followed").format(n=view.number(row["at_risk"]))
    axes.annotate(
        f"{percent(share, view.language)}\n{followed}", (month, share), (9, 0), textcoords="offset points",
        va="center", fontsize=10.5,
    )  # fmt: skip


def _headline(view: View, curve: pd.DataFrame) -> str:
    _ = view._
    reached = curve[curve["months"] <= 12]
    if reached.empty:
        return _("How many stay")
    share = float(reached.iloc[-1]["share"])
    return _(
        "After {months} months, {share} of all households that ever moved in still live in the county"
    ).format(months=view.number(reached.iloc[-1]["months"]), share=percent(share, view.language))
