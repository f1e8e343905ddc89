"""The households: the share of each phase that moved in, and how many of those who moved still live here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.figures.style import Drawing
from attraktiv_eval.reporting.view import known
from attraktiv_eval.texts import percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from attraktiv_eval.reporting.view import View

__all__ = ["draw_funnel", "draw_retention"]


def draw_funnel(view: View) -> Drawing | None:
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

    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: percent(value, view.language)))


def _headline(view: View, funnel: pd.DataFrame) -> str:
    _ = view._
    rows = funnel[funnel["share"].notna()]
    if rows.empty:
        return _("Households by phase")
    shares = rows["share"].astype(float)
    if (
        len(rows) > 1
        and {"low", "high"} <= set(rows)
        and rows["low"].astype(float).max() <= rows["high"].astype(float).min()
    ):
        ends = [percent(end, view.language) for end in (shares.min(), shares.max())]
        text = _(
            "Of the households with contact in a phase {low}–{high} moved in; the phases’ intervals overlap"
        )
        return text.format(low=ends[0].removesuffix("%").rstrip(), high=ends[1])
    best = rows.sort_values("share", ascending=False, kind="stable").iloc[0]
    return _("The highest share moved in after the phase {phase}: {share}").format(
        phase=view.word("phase", best["phase"]), share=percent(float(best["share"]), view.language)
    )


# --- Who still lives in the county, month by month


def draw_retention(view: View) -> Drawing | None:
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
    return Drawing(
        figure, _retention_headline(view, curve), title, _("Dot chart"), ("retention",), style.records(view)
    )


def _point(axes: Axes, view: View, row: dict[Any, Any]) -> None:
    month, share = float(row["months"]), float(row["share"])
    axes.plot([month, month], [row["low"], row["high"]], color=style.COUNTY, linewidth=3.2, alpha=0.45)
    axes.plot([month], [share], "o", markersize=8, color=style.COUNTY)
    followed = view._("{n} followed").format(n=view.number(row["at_risk"]))
    axes.annotate(
        f"{percent(share, view.language)}\n{followed}", (month, share), (9, 0), textcoords="offset points",
        va="center", fontsize=10.5,
    )  # fmt: skip


def _retention_headline(view: View, curve: pd.DataFrame) -> str:
    _ = view._
    reached = curve[curve["months"] <= 12]
    if reached.empty:
        return _("How many stay")
    share = float(reached.iloc[-1]["share"])
    return _(
        "After {months} months, {share} of all households that ever moved in still live in the county"
    ).format(months=view.number(reached.iloc[-1]["months"]), share=percent(share, view.language))
