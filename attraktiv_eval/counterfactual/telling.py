"""How an estimate says itself: a sentence, a figure, and what a notebook shows."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attraktiv_eval.counterfactual.names import method_name
from attraktiv_eval.texts import number, span, translator

if TYPE_CHECKING:
    from attraktiv_eval.counterfactual.estimate import Estimate

__all__ = ["as_html", "plot", "sentence", "shown"]

_COLOUR = "#1f5a7a"
_GREY = "#8a8d91"
_NAMED_UNITS = 3


def sentence(estimate: Estimate, language: str) -> str:
    """Return the effect, the two paths behind it and how well they agreed before; no word on significance."""
    from attraktiv_eval.counterfactual.coverage import coverage_note

    _ = translator(language)
    inside = estimate.effects.index
    level = max(abs(estimate.effect), estimate.pre_rmse)
    decimals = 2 if level == 0 else min(4, max(0, 2 - int(np.floor(np.log10(level)))))
    actual, counterfactual = estimate.actual[inside].mean(), estimate.counterfactual[inside].mean()
    told = _(
        "{method}: in {window} {unit} had {actual} a period on average against {counterfactual} in the "
        "comparison, a difference of {effect}. Before, the two differed by {miss} (root mean square). "
        "Whether chance gives as much is for the placebo test to say."
    ).format(
        method=method_name(estimate.method, language),
        window=_periods(inside),
        unit=_units(estimate.design.treated, language),
        actual=number(actual, language, decimals),
        counterfactual=number(counterfactual, language, decimals),
        effect=number(estimate.effect, language, decimals, signed=True),
        miss=number(estimate.pre_rmse, language, decimals),
    )
    interval = estimate.details.get("forecast_interval")
    if interval is None:
        return told
    forecast = _("The model's own 90 % forecast interval, which takes the model as true, is {interval}.")
    told = f"{told} {forecast.format(interval=span(interval[0], interval[1], language, decimals))}"
    return f"{told} {coverage_note(estimate.method, 'forecast', language)}".strip()


def _periods(index: pd.Index) -> str:
    if isinstance(index, pd.DatetimeIndex):
        index = index.strftime("%Y-%m-%d")
    return str(index[0]) if len(index) == 1 else f"{index[0]}–{index[-1]}"


def _units(treated: Any, language: str) -> str:
    _ = translator(language)
    if len(treated) <= _NAMED_UNITS:
        return ", ".join(str(unit) for unit in treated)
    return _("the group of {n} units").format(n=number(len(treated), language))


def plot(estimate: Estimate, ax: Any = None) -> Any:
    """Draw actual and counterfactual by period with the window shaded; return the axes."""
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.subplots(figsize=(7, 3.6), layout="constrained")[1]
    index = estimate.actual.index
    at: Any = index.to_timestamp() if isinstance(index, pd.PeriodIndex) else index
    inside = np.flatnonzero(index.isin(estimate.effects.index))
    ax.plot(at, estimate.actual.to_numpy(), color=_COLOUR, linewidth=2, label="actual")
    ax.plot(
        at,
        estimate.counterfactual.to_numpy(),
        color=_GREY,
        linewidth=1.5,
        linestyle="--",
        label="counterfactual",
    )
    ax.axvspan(at[inside[0]], at[inside[-1]], color=_COLOUR, alpha=0.08, linewidth=0)
    ax.legend(frameon=False)
    return ax


def shown(result: Any, caption: str, language: str | None = None) -> str:
    """Return a result's sentence, figure and table, as a notebook shows them.

    Parameters
    ----------
    result : object with sentence, plot and table
    caption : str
        Of the table.
    """
    from attraktiv_eval.texts import as_html as told
    from attraktiv_eval.texts import shown_in

    language = language or shown_in()
    said = told([result.sentence(language)], {})
    return said + _drawn(result) + told([], {caption: result.table()})


def _drawn(result: Any) -> str:
    """Return a result's figure as SVG with the same bytes each time; empty where it has none."""
    import io
    import re

    import matplotlib
    from matplotlib.figure import Figure

    if not hasattr(result, "plot"):
        return ""
    with matplotlib.rc_context({"svg.hashsalt": "attraktiv_eval", "svg.fonttype": "none"}):
        figure = Figure(figsize=(7, 3.6), layout="constrained")
        result.plot(figure.subplots())
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    label = escape(result.sentence("en"))
    drawing = re.sub(r"(?s)^.*?<svg ", f'<svg role="img" aria-label="{label}" ', buffer.getvalue(), count=1)
    return f"<figure>{drawing}</figure>"


def as_html(estimate: Estimate, language: str | None = None) -> str:
    """Return the sentence, what the solve has to note, and the table of periods."""
    from attraktiv_eval.texts import shown_in

    language = language or shown_in()
    notes = "".join(f"<li>{escape(str(note))}</li>" for note in estimate.details.get("notes", []))
    listed = f"<ul>{notes}</ul>" if notes else ""
    table = estimate.table().to_html(index=False, border=0, float_format=lambda value: f"{value:.4g}")
    return f"<p>{escape(sentence(estimate, language))}</p>{listed}{table}"
