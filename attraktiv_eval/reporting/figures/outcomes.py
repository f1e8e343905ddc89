"""What the figures of level 3 share: the order of outcomes, the primary method, the axis of years."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes

    from attraktiv_eval.reporting.view import View

__all__ = ["ORDER", "outcomes", "primary_method", "ticks"]

ORDER = ("in_moves", "out_moves", "net_migration")


def outcomes(table: pd.DataFrame) -> list[str]:
    """Return the outcomes of a table, the primary one first."""
    found = list(dict.fromkeys(table["outcome"]))
    return [one for one in ORDER if one in found] + [one for one in found if one not in ORDER]


def primary_method(view: View, outcome: str) -> str:
    """Return the method of the primary estimate of an outcome, else the first method there is."""
    row = view.estimate(outcome)
    if row is not None:
        return str(row["method"])
    gaps = view.rows("gaps", outcome=outcome)
    return "" if gaps is None else str(gaps["method"].iloc[0])


def ticks(axes: Axes, view: View, years: np.ndarray) -> None:
    """Label every fifth year and the first project year; numbers as the language writes them."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    fives = [int(year) for year in years if year % 5 == 0]
    axes.set_xticks(fives, [str(year) for year in fives])
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: _tidy(view, value)))


def _tidy(view: View, value: float) -> str:
    return view.number(value, 0 if abs(value - round(value)) < 1e-9 else 1)
