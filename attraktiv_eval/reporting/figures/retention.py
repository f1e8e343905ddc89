"""How many of those who moved in still live in the county, month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attraktiv_eval.reporting.figures import sources, style
from attraktiv_eval.reporting.figures.drawing import Drawing
from attraktiv_eval.texts import percent

if TYPE_CHECKING:
    import pandas as pd

    from attraktiv_eval.reporting.view import View

__all__ = ["draw"]


def draw(view: View) -> Drawing | None:
    """Draw the Kaplan-Meier curve as steps with its band."""
    curve = view.table("retention")
    if curve is None:
        return None
    _ = view._
    from matplotlib.ticker import FuncFormatter

    curve = curve.sort_values("months")
    figure, (axes,) = style.new(200)
    months = curve["months"].to_numpy(dtype=float)
    axes.fill_between(
        months,
        curve["low"].to_numpy(dtype=float),
        curve["high"].to_numpy(dtype=float),
        step="post",
        color=style.COUNTY,
        alpha=0.18,
        linewidth=0,
    )
    axes.step(months, curve["share"].to_numpy(dtype=float), where="post", color=style.COUNTY, linewidth=2.2)
    axes.set_ylim(min(0.5, float(curve["low"].min()) - 0.05), 1.02)
    axes.set_xlim(0, months.max())
    axes.set_xticks(range(0, int(months.max()) + 1, 6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: percent(value, view.language)))
    axes.set_xlabel(_("Months after the move"))
    style.clean(axes)
    figure.subplots_adjust(left=0.13, right=0.97, top=0.97, bottom=0.21)
    title = _("Share that still lives in the county (Kaplan–Meier), with 90 per cent interval")
    return Drawing(
        figure, _headline(view, curve), title, _("Step chart"), ("retention",), sources.records(view)
    )


def _headline(view: View, curve: pd.DataFrame) -> str:
    _ = view._
    reached = curve[curve["months"] <= 12]
    if reached.empty:
        return _("How many stay")
    share = float(reached.iloc[-1]["share"])
    return _(
        "After {months} months, {share} of the households that moved in still live in the county"
    ).format(months=view.number(reached.iloc[-1]["months"]), share=percent(share, view.language))
