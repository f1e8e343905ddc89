"""Level 3: the county and its comparison, the gaps, the counties one by one, and the specification curve.

The comparison is what the primary method expects without the project.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.figures.style import Drawing
from attraktiv_eval.statistics.outcomes import OUTCOMES

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from attraktiv_eval.reporting.view import View

ORDER = OUTCOMES.marked("figure")
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


# --- The county and its comparison


def draw_county(view: View) -> Drawing | None:
    """Draw one panel an outcome; the band holds the gaps of nine in ten comparison regions."""
    gaps = view.table("gaps")
    if gaps is None:
        return None
    figure = panels(view, gaps, _panel)
    title = view._(
        "Moves per 1,000 inhabitants and year: the county, and the comparison by the primary method. "
        "Band: as far as nine in ten comparison regions stray from theirs. Shaded: project "
        "years."
    )
    return Drawing(
        figure,
        _headline(view),
        title,
        view._("Line chart"),
        ("county_comparison", "gaps"),
        style.statistics(view, gaps["outcome"]),
    )


def _panel(axes: Axes, view: View, part: pd.DataFrame, cloud: pd.DataFrame | None) -> None:
    import seaborn as sns

    years = part["year"].to_numpy()
    comparison = part.set_index("year")["counterfactual"]
    if cloud is not None:
        ends = (
            cloud.groupby("year")["gap"]
            .agg(low=lambda gap: gap.quantile(0.05), high=lambda gap: gap.quantile(0.95))
            .reindex(years)
        )
        axes.fill_between(
            years,
            comparison.to_numpy() + ends["low"].to_numpy(),
            comparison.to_numpy() + ends["high"].to_numpy(),
            color=style.OTHER,
            alpha=0.2,
            linewidth=0,
        )
    dashes = (0, (4, 2))
    axes.plot(years, comparison, color=style.OTHER, linestyle=dashes, linewidth=1.6)
    sns.lineplot(
        x=years, y=part["actual"].to_numpy(), ax=axes, color=style.COUNTY, errorbar=None, linewidth=2.2
    )
    _end_labels(axes, view, float(part["actual"].iloc[-1]), float(comparison.iloc[-1]))


def _end_labels(axes: Axes, view: View, actual: float, comparison: float) -> None:
    low, high = axes.get_ylim()
    apart = 0.14 * (high - low)
    middle = (actual + comparison) / 2
    if abs(actual - comparison) < apart:
        up, down = middle + apart / 2, middle - apart / 2
        actual, comparison = (up, down) if actual >= comparison else (down, up)
    end_label(axes, actual, view._("the county"), own=True)
    end_label(axes, comparison, view._("comparison"))


def _headline(view: View) -> str:
    _ = view._
    row = view.estimate()
    if row is None:
        return _("The county and comparable regions")
    values = {"n": view.number(row["effect_persons"], signed=True), "years": view.years(row)}
    values["outcome"] = view.word("outcome", view.outcome)
    if row["low"] <= 0 <= row["high"]:
        return _("{outcome} deviated by {n} persons in {years}, no more than chance gives").format(**values)
    return _("{outcome} deviated by {n} persons in {years}, more than chance usually gives").format(**values)


# --- The gaps: how far the county strayed from its comparison


def draw_gaps(view: View) -> Drawing | None:
    """Draw one panel an outcome: the county's gap, and a thin line for each comparison region's."""
    gaps = view.table("gaps")
    if gaps is None:
        return None
    figure = panels(view, gaps, _gaps_panel)
    title = view._(
        "Deviation from the comparison, moves per 1,000 inhabitants and year, primary method. "
        "Thin lines: the same for every other region. Shaded: project years."
    )
    return Drawing(
        figure, _gaps_headline(view), title, view._("Line chart"), ("gap_summary", "gaps", "placebo_gaps"),
        style.statistics(view, gaps["outcome"]),
    )  # fmt: skip


def _gaps_panel(axes: Axes, view: View, part: pd.DataFrame, cloud: pd.DataFrame | None) -> None:
    import seaborn as sns

    years = part["year"].to_numpy()
    axes.axhline(0, color=style.OTHER, linewidth=0.9, linestyle=(0, (4, 2)))
    if cloud is not None:
        from matplotlib.collections import LineCollection

        wide = cloud.pivot_table(index="year", columns="region_code", values="gap").reindex(years)
        lines = [list(zip(years, wide[region], strict=True)) for region in wide]
        axes.add_collection(LineCollection(lines, colors=style.SOFT, linewidths=0.5, alpha=0.75))
    sns.lineplot(x=years, y=part["gap"].to_numpy(), ax=axes, color=style.COUNTY, errorbar=None, linewidth=2.4)
    axes.autoscale_view()
    low, high = axes.get_ylim()
    at = float(part["gap"].iloc[-1])
    end_label(axes, at, view._("the county"), own=True)
    other = low + 0.1 * (high - low) if at > (low + high) / 2 else high - 0.1 * (high - low)
    end_label(axes, other, view._("other regions"))


def _gaps_headline(view: View) -> str:
    row = view.estimate()
    if row is None:
        return view._("How far the county strayed from its comparison")
    return view._("{outcome}: the county ranks {rank} of {n} regions in order of the deviation").format(
        outcome=view.word("outcome", view.outcome), rank=view.number(row["rank"]), n=view.number(row["n"] + 1)
    )


# --- The counties of a project, one by one


def draw_regions(view: View) -> Drawing | None:
    """Draw each county's own estimate with its interval, and the one that is drawn towards the others."""
    rows = view.table("region_effects")
    if rows is None:
        return None
    figure, (axes,) = style.new(44 * len(rows) + 40)
    for at, row in enumerate(rows.to_dict("records")):
        _region(axes, view, -at, row)
    axes.axvline(0, color=style.OTHER, linewidth=0.9, linestyle=(0, (4, 2)))
    axes.set_ylim(-len(rows) + 0.45, 0.75)
    axes.set_yticks([])
    axes.margins(x=0.08)
    style.clean(axes, grid=None)
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: view.number(value)))
    figure.subplots_adjust(left=0.02, right=0.98, top=0.99, bottom=30 / (44 * len(rows) + 40))
    title = view._(
        "Persons over the county’s own years. Filled: its own estimate with its 90 per cent interval. Ring: "
        "drawn towards the others."
    )
    source = style.statistics(view, rows["outcome"])
    return Drawing(
        figure, _regions_headline(view, rows), title, view._("Dot chart"), ("region_effects",), source
    )


def _region(axes: Axes, view: View, y: float, row: Mapping[Any, Any]) -> None:
    axes.plot([row["low"], row["high"]], [y, y], color=style.COUNTY, linewidth=2.2, alpha=0.55)
    axes.plot(row["effect_persons"], y, "o", color=style.COUNTY, markersize=7)
    if row["pooled_persons"] == row["pooled_persons"]:
        axes.plot(row["pooled_persons"], y, "o", mfc="none", mec=style.INK, markersize=9)
    words = f"{view.word('region_code', row['region_code'])}, {view.years(row)}"
    axes.text(0.01, y + 0.2, words, transform=axes.get_yaxis_transform(), va="bottom")


def _regions_headline(view: View, rows: pd.DataFrame) -> str:
    apart = int(rows["told_apart"].sum())
    if not apart:
        return view._("None of the {n} counties alone deviates more than chance usually gives").format(
            n=len(rows)
        )
    return view._("{k} of the {n} counties alone deviate more than chance usually gives").format(
        k=apart, n=len(rows)
    )


# --- Every defensible specification

CHOICES = ("method", "pool", "first_year", "without_covid")
#: Heights in points: the estimates, a row of the choices, a second line of its name, a gap between choices.
ESTIMATES, ROW, SECOND_LINE, BETWEEN = 160, 30, 13, 8


def draw_specification_curve(view: View) -> Drawing | None:
    """Draw the estimates of one outcome with their intervals above, their choices as points below."""
    outcome = view.outcome
    rows = view.rows("specifications", outcome=outcome)
    if rows is None:
        return None
    rows = rows[rows["effect_persons"].notna()]
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
    title = view._(
        "{outcome}, persons over the years compared: one point a specification with its 90 per cent "
        "interval. Large points: equally good by the rule. Ring: primary. Very long intervals are cut at "
        "the edge."
    ).format(outcome=view.word("outcome", outcome))
    return Drawing(
        figure, _curve_headline(view, rows), title, view._("Specification curve"),
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


def _curve_headline(view: View, rows: pd.DataFrame) -> str:
    from attraktiv_eval.texts import span

    good = rows[rows["equivalent"].astype(bool)]
    of = good if len(good) else rows
    values = {
        "range": span(float(of["effect_persons"].min()), float(of["effect_persons"].max()), view.language),
        "zero": view.number(int(((of["low"] <= 0) & (of["high"] >= 0)).sum())),
        "n": view.number(len(of)),
    }
    return view._(
        "Equally good specifications give {range} persons; in {zero} of {n} the interval holds zero"
    ).format(**values)
