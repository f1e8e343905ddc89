"""What the figures of level 3 share: the order of outcomes, the primary method, the axis of years."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes

    from attraktiv_eval.reporting.view import View

__all__ = ["ORDER", "outcomes", "primary", "ticks"]

ORDER = (
    "domestic_in_moves_over_border",
    "in_moves_over_border",
    "in_moves",
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


def ticks(axes: Axes, view: View, years: np.ndarray) -> None:
    """Label every fifth year and the first project year; numbers as the language writes them."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    fives = [int(year) for year in years if year % 5 == 0]
    axes.set_xticks(fives, [str(year) for year in fives])
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: _tidy(view, value)))


def _tidy(view: View, value: float) -> str:
    return view.number(value, 0 if abs(value - round(value)) < 1e-9 else 1)
