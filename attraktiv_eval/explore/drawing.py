"""The drawings of the explore panels, in the look of the reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from attraktiv_eval import regions
from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.view import escape
from attraktiv_eval.texts import number, translator

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from attraktiv_eval.counterfactual import Estimate

__all__ = [
    "drawn",
    "figure",
    "heading",
    "new",
    "paragraph",
    "table",
]


_CELL = "padding:0.15rem 0.6rem;text-align:{side};font-variant-numeric:tabular-nums;vertical-align:top"


def drawn(make: Callable[[], Figure], prefix: str, name: str) -> str:
    """Return a figure as SVG in HTML, with its name for those who cannot see it."""
    import matplotlib

    # A title's place is given: to find one, every label would be laid out twice, a third of the time.
    with matplotlib.rc_context({**style.settings(), "axes.titley": 1.0}):
        figure = make()
    return f'<div style="max-width:50rem">{style.to_svg(figure, prefix, name)}</div>'


def new(width: float, height: float, columns: Sequence[float] = (1,)) -> tuple[Figure, list[Any]]:
    """Return a figure of a size in points and its panels from left to right, by their share of the width."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width / 72, height / 72))
    axes = figure.subplots(1, len(columns), squeeze=False, gridspec_kw={"width_ratios": list(columns)})
    return figure, list(axes[0])


def heading(text: str) -> str:
    """Return the heading of a panel that stands beside others of its kind."""
    return f'<h3 style="font-size:1.05rem;margin:0 0 0.4rem">{escape(text)}</h3>\n'


def paragraph(text: str, *, quiet: bool = False) -> str:
    """Return a paragraph; a quiet one is smaller and grey."""
    look = ' style="color:#595959;font-size:0.88rem"' if quiet else ""
    return f"<p{look}>{escape(text)}</p>"


def table(caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]], text_columns: int = 1) -> str:
    """Return a plain table: the first ``text_columns`` columns to the left, numbers to the right."""
    sides = ["left" if place < text_columns else "right" for place in range(len(headings))]
    looks = [_CELL.format(side=side) for side in sides]
    head = "".join(
        f'<th scope="col" style="{look}">{escape(one)}</th>'
        for one, look in zip(headings, looks, strict=True)
    )
    body = "\n".join(
        "<tr>"
        + "".join(f'<td style="{look}">{escape(one)}</td>' for one, look in zip(row, looks, strict=True))
        + "</tr>"
        for row in rows
    )
    return (
        f'<table style="border-collapse:collapse;margin:0.5rem 0">'
        f'<caption style="text-align:left;font-weight:600">{escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"
    )


# --- The drawing of a comparison: the gap among its placebos, and the weights

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
