"""Plain drawings of the results of inference; the report's own figures are drawn in ``reporting``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from attraktiv_eval.counterfactual.inference.conformal import Conformal
    from attraktiv_eval.counterfactual.inference.drift import EventStudy
    from attraktiv_eval.counterfactual.inference.leaving_out import LeaveOneOut
    from attraktiv_eval.counterfactual.inference.placebos import Placebos

__all__ = [
    "OTHERS",
    "TREATED",
    "axes",
    "plot_conformal",
    "plot_event_study",
    "plot_gaps",
    "plot_leave_one_out",
]

TREATED = "#1f5a7a"
OTHERS = "#b9bcc0"
MOST_LINES = 300  # more grey lines than this carry no further information


def axes(ax: Axes | None) -> Axes:
    """Return the given axes, or new ones of a modest size."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(7, 3.6), layout="constrained")[1]


def _periods(index: pd.Index) -> Any:
    """Return something that matplotlib can place on an axis."""
    return index.to_timestamp() if hasattr(index, "to_timestamp") else index


def plot_gaps(placebos: Placebos, ax: Axes | None = None) -> Axes:
    """Draw the treated unit's gap over those of the placebos, with the window shaded."""
    ax = axes(ax)
    own = placebos.estimate.gap
    at = _periods(own.index)
    ax.plot(at, placebos.gaps.iloc[:, :MOST_LINES], color=OTHERS, linewidth=0.7)
    ax.plot(at, own, color=TREATED, linewidth=2)
    inside = _periods(placebos.estimate.effects.index)
    ax.axvspan(inside[0], inside[-1], color=TREATED, alpha=0.08, linewidth=0)
    ax.axhline(0, color="black", linewidth=0.6)
    return ax


def plot_leave_one_out(result: LeaveOneOut, ax: Axes | None = None) -> Axes:
    """Draw the effect without each donor, and the estimate as a line."""
    ax = axes(ax)
    table = result.table()[::-1]
    ax.plot(table["effect"], table["unit"], "o", color=OTHERS)
    ax.axvline(result.estimate.effect, color=TREATED, linewidth=2)
    return ax


def plot_conformal(result: Conformal, ax: Axes | None = None) -> Axes:
    """Draw the p-value of every effect tried, and the border of the interval."""
    ax = axes(ax)
    ax.step(result.grid["effect"], result.grid["p_value"], color=TREATED, where="mid")
    ax.axhline(1 - result.level, color=OTHERS)
    return ax


def plot_event_study(result: EventStudy, ax: Axes | None = None) -> Axes:
    """Draw the coefficients by period, with the window shaded."""
    ax = axes(ax)
    ax.plot(_periods(result.coefficients.index), result.coefficients, "o-", color=TREATED)
    ax.axhline(0, color="black", linewidth=0.6)
    inside = _periods(result.coefficients.loc[result.window[0] : result.window[1]].index)
    ax.axvspan(inside[0], inside[-1], color=TREATED, alpha=0.08, linewidth=0)
    return ax
