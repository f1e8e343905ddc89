"""Which assumptions the answer of level 2 hangs on."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.figures.style import Drawing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from attraktiv_eval.reporting.view import View

__all__ = ["draw"]

SHOWN = 8


def draw(view: View) -> Drawing | None:
    """Draw a bar an assumption, through nine of ten of its draws, the widest first."""
    rows = view.rows("tornado", goal=view.main_goal)
    if rows is None:
        return None
    _ = view._
    rows = rows.assign(width=(rows["high"] - rows["low"]).abs())
    rows = rows.sort_values(["width", "assumption"], ascending=[False, True]).head(SHOWN)
    figure, (axes,) = style.new(60 * len(rows) + 34)
    base = float(rows["base"].iloc[0])
    for at, (_index, row) in enumerate(rows.iterrows()):
        _bar(axes, view, -at, row)
        axes.plot([base, base], [-at - 0.22, -at + 0.16], color=style.INK, linewidth=1.6)
    lowest, highest = float(rows[["low", "high"]].min().min()), float(rows[["low", "high"]].max().max())
    room = 0.16 * max(highest - lowest, 1.0)
    axes.set_xlim(lowest - room, highest + room)
    axes.set_ylim(-len(rows) + 0.55, 0.95)
    axes.set_yticks([])
    style.clean(axes, grid=None)
    from matplotlib.ticker import FuncFormatter

    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: view.number(value)))
    figure.subplots_adjust(left=0.02, right=0.98, top=0.99, bottom=34 / (60 * len(rows) + 34) * 0.7)
    title = _(
        "What the project contributed to when one assumption at a time goes through nine "
        "of ten calculations; "
        "line: all assumptions at their most plausible value"
    )
    return Drawing(figure, _headline(view, rows), title, _("Bar chart"), ("tornado",), style.records(view))


def _bar(axes: Axes, view: View, y: float, row: pd.Series) -> None:
    low, high = sorted((float(row["low"]), float(row["high"])))
    axes.barh(y, high - low, left=low, height=0.3, color=style.COUNTY, alpha=0.55, linewidth=0)
    axes.text(low, y, view.number(low) + " ", ha="right", va="center", fontsize=10.5)
    axes.text(high, y, " " + view.number(high), ha="left", va="center", fontsize=10.5)
    words = textwrap.fill(view.word("assumption", row["assumption"]), 50, max_lines=2, placeholder=" …")
    axes.text(
        0.01,
        y + 0.2,
        words,
        transform=axes.get_yaxis_transform(),
        va="bottom",
        fontsize=10.5,
        linespacing=1.1,
    )


def _headline(view: View, rows: pd.DataFrame) -> str:
    _ = view._
    first = rows.iloc[0]
    low, high = sorted((float(first["low"]), float(first["high"])))
    from attraktiv_eval.texts import span

    return _("The assumption that matters most to the answer: {assumption} ({range})").format(
        assumption=view.word("assumption", first["assumption"]), range=span(low, high, view.language)
    )
