"""The drawing of a comparison: the gap among its placebos, and the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attraktiv_eval import regions
from attraktiv_eval.explore.drawing import drawn, new
from attraktiv_eval.reporting.figures import style
from attraktiv_eval.texts import number, translator

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from attraktiv_eval.counterfactual import Estimate

__all__ = ["figure"]

LARGEST_WEIGHTS = 8
SMALLEST_SHOWN = 0.0005
MOST_LINES = 40


def figure(estimate: Estimate, placebos: pd.DataFrame, language: str) -> str:
    """Return gap, the gaps of the placebos, and weights as SVG."""
    _ = translator(language)
    name = _("Line chart of the county’s gap to its comparison among the placebos, and bars of the weights")
    return drawn(lambda: _draw(estimate, placebos, language), "explore-comparison", name)


def _draw(estimate: Estimate, placebos: pd.DataFrame, language: str) -> Figure:
    _ = translator(language)
    made, (left, right) = new(600, 260, (2, 1))
    window = estimate.effects.index
    style.shade(left, window[0], window[-1])
    left.axhline(0, color=style.OTHER, linewidth=0.9, linestyle=(0, (4, 2)))
    _cloud(left, placebos)
    left.plot(estimate.gap.index, estimate.gap, color=style.COUNTY, linewidth=2.4)
    left.set_title(_("Gap per 1,000 inhabitants; thin: placebos"))
    left.margins(x=0.02)
    left.xaxis.get_major_locator().set_params(integer=True)
    left.yaxis.set_major_formatter(lambda value, _at: number(value, language))
    style.clean(left)
    _weights(right, estimate, language)
    made.subplots_adjust(left=0.06, right=0.97, top=0.9, bottom=0.1, wspace=0.75)
    return made


def _cloud(axes: Any, placebos: pd.DataFrame) -> None:
    from matplotlib.collections import LineCollection

    gaps = placebos.iloc[:, :MOST_LINES]
    lines = [list(zip(gaps.index, gaps[unit], strict=True)) for unit in gaps]
    axes.add_collection(LineCollection(lines, colors=style.SOFT, linewidths=0.5, alpha=0.8))
    axes.autoscale_view()


def _weights(axes: Any, estimate: Estimate, language: str) -> None:
    _ = translator(language)
    axes.set_title(_("Weights"))
    if estimate.weights is None:
        axes.axis("off")
        axes.text(0, 0.9, _("The method gives\nno weights."), transform=axes.transAxes, va="top")
        return
    order = estimate.weights.abs().sort_values(ascending=False, kind="stable").index[:LARGEST_WEIGHTS]
    shown = estimate.weights[order][::-1]
    shown = shown[shown.abs() >= SMALLEST_SHOWN]
    names = [regions.COUNTIES.get(str(code), str(code)).removesuffix(" län") for code in shown.index]
    axes.barh(range(len(shown)), shown.to_numpy(), color=style.OTHER, height=0.6)
    axes.set_yticks(range(len(shown)), names)
    axes.xaxis.set_major_formatter(lambda value, _at: number(value, language, 2))
    axes.locator_params(axis="x", nbins=3)
    style.clean(axes, grid="x")
