"""Every defensible specification, sorted by its answer, with the choices that make it up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.figures.style import Drawing

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes

    from attraktiv_eval.reporting.view import View

__all__ = ["draw"]

CHOICES = ("method", "pool", "first_year", "without_covid")
#: Heights in points: the estimates, a row of the choices, a second line of its name, a gap between choices.
ESTIMATES, ROW, SECOND_LINE, BETWEEN = 160, 30, 13, 8


def draw(view: View) -> Drawing | None:
    """Draw the estimates of one outcome with their intervals above, their choices as points below."""
    outcome = view.outcome
    rows = view.rows("specifications", outcome=outcome)
    if rows is None:
        return None
    rows = rows[rows["effect_persons"].notna()]
    _ = view._
    rows = rows.assign(place=rows["effect_persons"].round(3))  # equal but for rounding: the choices decide
    rows = rows.sort_values(["place", *CHOICES], kind="stable").reset_index(drop=True)
    options = [(choice, one) for choice in CHOICES for one in _options(rows, choice)]
    names = [_option(view, *option) for option in options]
    tall = [ROW + SECOND_LINE * name.count("\n") for name in names]
    tall = [one + BETWEEN * (at > 0 and options[at][0] != options[at - 1][0]) for at, one in enumerate(tall)]
    height = ESTIMATES + sum(tall) + 30
    figure, (top, below) = style.new(height, 2, height_ratios=[ESTIMATES, sum(tall)])
    _estimates(top, view, rows)
    _choices(below, rows, options, list(zip(names, tall, strict=True)))
    figure.subplots_adjust(left=0.17, right=0.98, top=1 - 24 / height, bottom=6 / height, hspace=0)
    title = _(
        "{outcome}, persons over the years compared: one point a specification with its 90 per cent "
        "interval. Large points: equally good by the rule. Ring: primary. Very long intervals are cut at "
        "the edge."
    ).format(outcome=view.word("outcome", outcome))
    return Drawing(
        figure, _headline(view, rows), title, _("Specification curve"),
        ("specification_summary", "specifications"), style.statistics(view, [outcome]),
    )  # fmt: skip


def _options(rows: pd.DataFrame, choice: str) -> list:
    return sorted(dict.fromkeys(rows[choice])) if choice in rows else []


def _estimates(axes: Axes, view: View, rows: pd.DataFrame) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    effects = rows["effect_persons"].to_numpy(dtype=float)
    low, high = rows["low"].to_numpy(dtype=float), rows["high"].to_numpy(dtype=float)
    axes.vlines(range(len(rows)), low, high, color=style.SOFT, linewidth=max(0.5, min(2.0, 90 / len(rows))))
    axes.axhline(0, color=style.INK, linewidth=0.9)
    good = rows["equivalent"].to_numpy(dtype=bool)
    at = rows.index.to_numpy()
    axes.plot(at[~good], effects[~good], "o", markersize=2.2, color=style.OTHER)
    axes.plot(at[good], effects[good], "o", markersize=4.6, color=style.COUNTY)
    primary = rows["primary"].to_numpy(dtype=bool)
    axes.plot(at[primary], effects[primary], "o", markersize=10, markerfacecolor="none", color=style.INK)
    axes.set_xlim(-1, len(rows))
    axes.set_xticks([])
    axes.set_ylim(*_limits(effects, low, high))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: view.number(value)))
    axes.set_title(view._("Persons"))
    style.clean(axes)
    axes.spines["bottom"].set_visible(False)


def _limits(effects: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[float, float]:
    """Return limits that hold every estimate and nine in ten intervals; the rest run off the edge."""
    import numpy as np

    ends = np.concatenate([effects, low[np.isfinite(low)], high[np.isfinite(high)]])
    bottom = min(float(effects.min()), float(np.quantile(ends, 0.05)))
    top = max(float(effects.max()), float(np.quantile(ends, 0.95)))
    return bottom - 0.08 * (top - bottom), top + 0.08 * (top - bottom)


def _choices(axes: Axes, rows: pd.DataFrame, options: list[tuple], names: list[tuple[str, float]]) -> None:
    """Draw a row an option: its name, and under the name a stroke for each specification that takes it."""
    good = rows["equivalent"].to_numpy(dtype=bool)
    y = 0.0
    for (choice, one), (name, tall) in zip(options, names, strict=True):
        y -= tall
        has = (rows[choice] == one).to_numpy()
        both = has & good
        axes.plot(rows.index[has], [y + 8] * int(has.sum()), "|", markersize=6, color=style.SOFT)
        axes.plot(
            rows.index[both],
            [y + 8] * int(both.sum()),
            "|",
            markersize=8,
            markeredgewidth=1.8,
            color=style.COUNTY,
        )
        axes.text(0, y + 13, name, transform=axes.get_yaxis_transform(), va="bottom", linespacing=1.1)
    axes.set_xlim(-1, len(rows))
    axes.set_ylim(y, 0)
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)


def _option(view: View, choice: str, one: object) -> str:
    import textwrap

    _ = view._
    if choice == "first_year":
        return _("from {year}").format(year=one)
    if choice == "without_covid":
        return _("without 2020–21") if one else _("all project years")
    return textwrap.fill(view.word(choice, one), 40)


def _headline(view: View, rows: pd.DataFrame) -> str:
    from attraktiv_eval.texts import span

    _ = view._
    good = rows[rows["equivalent"].astype(bool)]
    of = good if len(good) else rows
    values = {
        "range": span(float(of["effect_persons"].min()), float(of["effect_persons"].max()), view.language),
        "zero": view.number(int(((of["low"] <= 0) & (of["high"] >= 0)).sum())),
        "n": view.number(len(of)),
    }
    return _(
        "Equally good specifications give {range} persons; in {zero} of {n} the interval holds zero"
    ).format(**values)
