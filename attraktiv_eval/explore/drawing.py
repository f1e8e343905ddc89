"""The drawings of the explore panels, in the look of the reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from attraktiv_eval.reporting.display import escape
from attraktiv_eval.reporting.figures import style, svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["drawn", "heading", "new", "paragraph", "table"]

_CELL = "padding:0.15rem 0.6rem;text-align:{side};font-variant-numeric:tabular-nums;vertical-align:top"


def drawn(make: Callable[[], Figure], prefix: str, name: str) -> str:
    """Return a figure as SVG in HTML, with its name for those who cannot see it."""
    import matplotlib

    # A title's place is given: to find one, every label would be laid out twice, a third of the time.
    with matplotlib.rc_context({**style.settings(), "axes.titley": 1.0}):
        figure = make()
    return f'<div style="max-width:50rem">{svg.to_svg(figure, prefix, name)}</div>'


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
