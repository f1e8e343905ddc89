"""What the figures of level 3 share: the order of outcomes, the primary method, the axis of years."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from attraktiv_eval.reporting.figures import style

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from attraktiv_eval.reporting.view import View

__all__ = ["ORDER", "end_label", "outcomes", "panels", "primary"]

ORDER = (
    "domestic_in_moves_over_border",
    "in_moves_over_border",
    "in_moves",
    "domestic_out_moves_over_border",
    "out_moves",
    "net_migration",
)
#: A figure shows at most so many outcomes; the tables hold all.
SHOWN = 4


def outcomes(view: View, table: pd.DataFrame) -> list[str]:
    """Return the outcomes of a table that a figure shows, the primary one first."""
    found = list(dict.fromkeys(table["outcome"]))
    order = [view.outcome, *(one for one in ORDER if one != view.outcome)]
    known = [one for one in order if one in found]
    return (known or found)[:SHOWN]


def primary(view: View, outcome: str) -> dict[str, str]:
    """Return outcome, method and pool of the primary estimate, else of the first gaps there are."""
    row = view.estimate(outcome)
    if row is None:
        gaps = view.rows("gaps", outcome=outcome)
        row = None if gaps is None else gaps.iloc[0]
    found = {} if row is None else {key: str(row[key]) for key in ("method", "pool") if key in row}
    return {"outcome": outcome, **found}


def panels(view: View, gaps: pd.DataFrame, draw: Callable[..., None]) -> Figure:
    """Draw a panel an outcome by ``draw(axes, view, years of the county, years of the placebos)``.

    Room is left to the right of the panels for the names of the lines.
    """
    shown = outcomes(view, gaps)
    figure, stacked = style.new(150 * len(shown), len(shown))
    for axes, outcome in zip(stacked, shown, strict=True):
        chosen = primary(view, outcome)
        part = view.rows("gaps", **chosen)
        if part is None:
            continue
        part = part.sort_values("year")
        years = part["year"].to_numpy()
        window = part.loc[part["in_window"].astype(bool), "year"]
        if len(window):
            style.shade(axes, window.min(), window.max())
        axes.set_xlim(years[0] - 0.5, years[-1] + 0.5)
        draw(axes, view, part, view.rows("placebo_gaps", **chosen))
        axes.set_title(view.word("outcome", outcome))
        axes.set(xlabel="", ylabel="")
        axes.set_xlim(years[0] - 0.5, years[-1] + 0.5)
        _ticks(axes, view, years)
        style.clean(axes)
    figure.subplots_adjust(left=0.10, right=0.70, top=0.95, bottom=0.06, hspace=0.45)
    return figure


def end_label(axes: Axes, y: float, words: str, *, own: bool = False) -> None:
    """Write a line's name beside its end; the county's own in its colour."""
    colour, weight = (style.COUNTY, "bold") if own else (style.OTHER, "normal")
    axes.text(
        1.02, y, words, transform=axes.get_yaxis_transform(), va="center", color=colour, fontweight=weight
    )


def _ticks(axes: Axes, view: View, years: np.ndarray) -> None:
    """Label every fifth year and the first project year; numbers as the language writes them."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    fives = [int(year) for year in years if year % 5 == 0]
    axes.set_xticks(fives, [str(year) for year in fives])
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: _tidy(view, value)))


def _tidy(view: View, value: float) -> str:
    return view.number(value, 0 if abs(value - round(value)) < 1e-9 else 1)
