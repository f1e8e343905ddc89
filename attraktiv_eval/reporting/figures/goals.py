"""The goals: the path to each, the three levels of the one that leads on one axis, and its tornado."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

from attraktiv_eval import texts
from attraktiv_eval.project import COUNTED
from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.figures.style import Drawing
from attraktiv_eval.reporting.view import known, verdict_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from attraktiv_eval.reporting.view import View


def draw_path(view: View) -> Drawing | None:
    """Draw one panel a goal, with what was not followed up as a bar on top of what is known."""
    paths = view.table("paths")
    paths = None if paths is None else paths[paths["cumulated"].notna()]
    if paths is None or paths.empty:
        return None
    goals = [goal for goal in view.evaluation.project.goals if goal in set(paths["goal"])]
    figure, panels = style.new(128 * len(goals), len(goals))
    years = view.evaluation.project.years
    for axes, goal in zip(panels, goals, strict=True):
        _panel(axes, view, goal, paths[paths["goal"] == goal].sort_values("year"), years)
    figure.subplots_adjust(left=0.02, right=0.69, top=0.94, bottom=0.07, hspace=0.55)
    return Drawing(
        figure, _headline(view), _title(view), view._("Line chart"), ("paths",), style.records(view)
    )


def _panel(axes: Axes, view: View, goal: str, path: pd.DataFrame, years: list[int]) -> None:
    import seaborn as sns

    target = float(view.evaluation.project.goals[goal].target)
    first, last = years[0], years[-1]
    axes.plot([first - 1, last], [0, target], color=style.OTHER, linestyle=(0, (4, 3)), linewidth=1.3)
    axes.axhline(target, color=style.GRID, linewidth=0.8, zorder=0)
    at = [first - 1, *path["year"]]
    counts = [0.0, *path["cumulated"].astype(float)]
    open_ = [0.0, *path["unknown"].astype(float).fillna(0.0)]
    axes.fill_between(
        at,
        counts,
        [c + u for c, u in zip(counts, open_, strict=True)],
        color=style.COUNTY,
        alpha=0.18,
        linewidth=0,
    )
    sns.lineplot(
        x=at,
        y=counts,
        ax=axes,
        color=style.COUNTY,
        marker="o",
        markersize=6,
        markeredgecolor=style.SURFACE,
        errorbar=None,
    )
    axes.set_title(view.word("goal", goal))
    axes.set_ylim(0, 1.12 * max(target, counts[-1] + open_[-1]))
    axes.set_xlim(first - 1.06, last + 0.08)
    axes.set_xticks(years, [str(year) for year in years])
    axes.set_yticks([])
    axes.set(xlabel="", ylabel="")
    style.clean(axes, grid=None)
    _labels(axes, view, goal, target, counts[-1], open_[-1], last)


def _labels(
    axes: Axes, view: View, goal: str, target: float, count: float, unknown: float, last: int
) -> None:
    """Write goal and count beside the lines' ends, apart from each other."""
    _ = view._
    top = axes.get_ylim()[1]
    counted = {
        "households": _("{n} moved in"),
        "companies": _("{n} companies"),
        "organisations": _("{n} named"),
    }
    said = counted.get(view.counts(goal), _("{n} with contact")).format(n=view.number(count))
    if unknown:
        said += "\n" + _("{n} unknown").format(n=view.number(unknown))
    apart = 0.2 * top * (1.7 if unknown else 1)
    goal_at = target
    count_at = min(count, target - apart) if count <= target else max(count, target + 0.2 * top)
    axes.text(
        last + 0.14, goal_at, _("goal {n}").format(n=view.number(target)), va="center", color=style.GOAL
    )
    axes.text(
        last + 0.14,
        max(count_at, (0.2 if unknown else 0.1) * top),  # clear of the years below
        said,
        va="center",
        color=style.COUNTY,
        fontweight="bold",
        linespacing=1.25,
    )


def _headline(view: View) -> str:
    _ = view._
    row = view.goal(view.main_goal)
    if row is None or not known(row["known"]):
        return _("How far the project has come towards its goals")
    pace = view.row("paths", goal=view.main_goal, year=view.year)
    due = float(pace["pace"]) if pace is not None else float(row["target"])
    values = {"n": view.number(row["known"]), "pace": view.number(due), "unit": view.unit(view.main_goal)}
    behind = float(row["known"]) < due
    if COUNTED.get(view.counts(view.main_goal)) == "households":
        if behind:
            text = _("{n} {unit} are known to have moved in, fewer than the {pace} of an even pace")
        else:
            text = _("{n} {unit} are known to have moved in; an even pace would have given {pace}")
    elif behind:
        text = _("{n} {unit} are known, fewer than the {pace} of an even pace")
    else:
        text = _("{n} {unit} are known; an even pace would have given {pace}")
    return view.by_now(text.format(**values))


def _title(view: View) -> str:
    return view._(
        "Cumulated number by year, as known. Dashed: an even pace to the goal. Pale: not followed up to "
        "the end."
    )


# --- The three levels of the goal that leads, on one axis: side by side, never merged

_ROW = 44.0  # points a row


def draw_levels(view: View) -> Drawing | None:
    """Draw goal, level 1, level 2, level 3 and what it could have seen, and the stairs from contact to moved.

    Each level has a row and a mark of its own; what the run lacks is said in its row.
    """
    row = view.goal(view.main_goal)
    if row is None or not known(row["known"]):
        return None
    steps = _steps(view, row)
    rows = 4 if view.followed(view.main_goal) else 1
    top, bottom = _ROW * rows + 42, (_ROW * len(steps) + 20 if steps else 0)
    height = top + bottom
    figure, panels = style.new(
        height, 2 if steps else 1, **({"height_ratios": [top, bottom]} if steps else {})
    )
    _levels_panel(panels[0], view, row, rows)
    if steps:
        _steps_panel(panels[1], view, steps)
    figure.subplots_adjust(
        left=0.03, right=0.97, top=1 - 22 / height, bottom=(4 if steps else 24) / height, hspace=0.34
    )
    return Drawing(
        figure,
        _levels_headline(view, row),
        _levels_title(view),
        view._("Dot chart"),
        ("goals",),
        _source(view),
    )


def _levels_panel(axes: Axes, view: View, row: pd.Series, rows: int) -> None:
    target = float(view.evaluation.project.goals[view.main_goal].target)
    drawn = [target, *(float(row[name]) for name in ("known", "l2_high", "l3_low", "l3_high", "mde_high")
                       if known(row.get(name)))]  # fmt: skip
    unknown = float(row["unknown"]) if known(row["unknown"]) else 0.0
    ends = min(0.0, *(one for one in drawn)), max(*drawn, float(row["known"]) + unknown)
    axes.set_xlim(ends[0] - 0.02 * (ends[1] - ends[0]), 1.04 * ends[1])
    axes.set_ylim(-rows + 0.3, 0.62)
    axes.set_yticks([])
    axes.plot([target, target], [-rows + 0.3, 0.62], color=style.GOAL, linestyle=(0, (4, 3)), linewidth=1.3)
    axes.set_title(
        view._("goal {n}").format(n=view.number(target)),
        x=_at(axes, target),
        ha="center",
        loc="center",
        fontsize=10.5,
    )
    _level1(axes, view, row, unknown)
    if rows > 1:
        _level2(axes, view, row)
        _level3(axes, view, row)
        _seen(axes, view, row)
        if (pace := _pace(view)) is not None:
            axes.plot(
                [pace, pace], [-rows + 0.75, -1.75], color=style.OTHER, linestyle=(0, (1, 1.2)), linewidth=2
            )
    _number_axis(axes, view)
    style.clean(axes, grid="x")


def _at(axes: Axes, value: float) -> float:
    """Return where on the width of a panel a value stands, kept clear of the edges."""
    low, high = axes.get_xlim()
    return min(0.88, max(0.12, (value - low) / (high - low)))


def _said(axes: Axes, y: float, words: str) -> None:
    """Write what a row shows above its mark, on the page's own ground so that no line runs through it."""
    left = axes.get_xlim()[0]
    axes.text(
        left, y + 0.2, words, va="bottom", bbox={"facecolor": style.SURFACE, "edgecolor": "none", "pad": 1}
    )


def _level1(axes: Axes, view: View, row: pd.Series, unknown: float) -> None:
    count = float(row["known"])
    words = f"{view.word('level', 1)}: {view.number(count)}"
    if unknown:
        words += " " + view._("(+{n} unknown)").format(n=view.number(unknown))
        axes.plot([count, count + unknown], [0, 0], color=style.COUNTY, linewidth=7, alpha=0.28,
                  solid_capstyle="butt")  # fmt: skip
    axes.plot([count], [0], marker="o", markersize=9, color=style.COUNTY)
    _said(axes, 0, words)


def _level2(axes: Axes, view: View, row: pd.Series) -> None:
    if not known(row["l2_low"]):
        nothing = view._("cannot be said")
        return _said(axes, -1, f"{view.word('level', 2)}: {nothing}")
    low, high = float(row["l2_low"]), float(row["l2_high"])
    shown = texts.span(low, high, view.language)
    shown = shown if row.get("l2_survey", True) else view._("assumption: {range}").format(range=shown)
    axes.plot([low, high], [-1, -1], color=style.COUNTY, linewidth=9, solid_capstyle="butt")
    return _said(axes, -1, f"{view.word('level', 2)}: {shown}")


def _level3(axes: Axes, view: View, row: pd.Series) -> None:
    estimate = view.estimate()
    years = view.years(estimate) if estimate is not None else view.window
    ends = [float(row[name]) if known(row.get(name)) else float("nan") for name in ("l3_low", "l3_high")]
    words = view._("3 The county’s deviation, {years}: {range}")
    if not all(math.isfinite(end) for end in ends):
        return _said(axes, -2, words.format(years=years, range=view._("not tested")))
    axes.plot(ends, [-2, -2], color=style.OTHER, linewidth=2.2, marker="|", markersize=11)
    axes.plot([float(row["l3_effect"])], [-2], marker="D", markersize=7, color=style.OTHER,
              markerfacecolor=style.SURFACE, markeredgewidth=1.6)  # fmt: skip
    return _said(axes, -2, words.format(years=years, range=texts.span(ends[0], ends[1], view.language)))


def _seen(axes: Axes, view: View, row: pd.Series) -> None:
    ends = [float(row[name]) if known(row.get(name)) else float("nan") for name in ("mde_low", "mde_high")]
    words = view._("Smallest effect found in 8 cases of 10: {range}")
    if not all(math.isfinite(end) for end in ends):
        return _said(axes, -3, words.format(range="–"))
    axes.plot(ends, [-3, -3], color=style.INK, linewidth=1.2, linestyle=(0, (1, 2)), marker="^", markersize=8)
    first, last = (view.number(end) for end in ends)
    return _said(
        axes, -3, words.format(range=first if first == last else texts.span(ends[0], ends[1], view.language))
    )


def _number_axis(axes: Axes, view: View) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: view.number(value)))


def _steps(view: View, row: pd.Series) -> list[tuple[str, float, float]]:
    """Return the stairs from contact to contribution: words, low and high; none where a step is missing."""
    _ = view._
    needed = [row.get(name) for name in ("reached", "known", "l2_low", "l2_high")]
    if not all(known(one) for one in needed):
        return []
    had, moved, low, high = (float(one) for one in needed)  # type: ignore[arg-type]
    companies = view.counts(view.main_goal) == "companies"
    came = _("{n} hired") if companies else _("{n} moved in")
    return [
        (_("{n} had contact with the project").format(n=view.number(had)), had, had),
        (came.format(n=view.number(moved)), moved, moved),
        (_("{range} contributed to").format(range=texts.span(low, high, view.language)), low, high),
    ]


def _steps_panel(axes: Axes, view: View, steps: list[tuple[str, float, float]]) -> None:
    """Draw the stairs as bars from zero; the range of the last one pale."""
    axes.set_title(view._("From contact to contribution"), fontsize=10.5)
    axes.set_xlim(0, 1.02 * max(high for _words, _low, high in steps))
    axes.set_ylim(-len(steps) + 0.55, 0.75)
    axes.set_yticks([])
    axes.set_xticks([])
    for at, (words, low, high) in enumerate(steps):
        axes.plot([0, low], [-at, -at], color=style.COUNTY, linewidth=10, solid_capstyle="butt")
        axes.plot(
            [low, high], [-at, -at], color=style.COUNTY, linewidth=10, alpha=0.35, solid_capstyle="butt"
        )
        axes.text(0, -at + 0.22, words, va="bottom")
    style.clean(axes, grid=None)
    axes.spines["bottom"].set_visible(False)


def _levels_headline(view: View, row: pd.Series) -> str:
    values = {
        "n": view.number(row["known"]),
        "goal": view.number(row["target"]),
        "unit": view.unit(view.main_goal),
    }
    if not known(row["l2_low"]):
        return view._("{n} {unit} against a goal of {goal}").format(**values)
    return view._("{n} {unit} against a goal of {goal}; the project may have contributed to {range}").format(
        range=texts.span(row["l2_low"], row["l2_high"], view.language), **values
    )


def _levels_title(view: View) -> str:
    _, pace = view._, _pace(view)
    said = _(
        "Three kinds of evidence on one axis, in {unit}, never added together. Bar with ends: 90 per cent "
        "interval from official statistics."
    ).format(unit=view.unit(view.main_goal))
    if pace is None:
        return said
    short = _("Short dotted line: the goal’s pace for the years compared, {n}.").format(n=view.number(pace))
    return f"{said} {short}"


def _pace(view: View) -> float | None:
    """Return what level 3 is held against where it is not the whole goal: the pace of the years compared."""
    verdict = verdict_of(view, view.main_goal, 3)
    facts = {} if verdict is None else dict(verdict.values)
    pace = None if facts.get("unit") else facts.get("pace")
    return None if pace is None or pace == facts.get("goal") else float(pace)


def _source(view: View) -> str:
    """Return the source lines of both: the records, and the statistics of the outcome compared."""
    said = style.records(view)
    return f"{said} {style.statistics(view, [view.outcome])}" if view.estimate() is not None else said


# --- Which assumptions the answer of level 2 hangs on

SHOWN = 8


def draw_tornado(view: View) -> Drawing | None:
    """Draw a bar an assumption, through nine of ten of its draws, the widest first."""
    rows = view.rows("tornado", goal=view.main_goal)
    if rows is None:
        return None
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
    title = view._(
        "What the project contributed to when one assumption at a time goes through nine "
        "of ten calculations; "
        "line: all assumptions at their most plausible value"
    )
    return Drawing(
        figure, _tornado_headline(view, rows), title, view._("Bar chart"), ("tornado",), style.records(view)
    )


def _bar(axes: Axes, view: View, y: float, row: pd.Series) -> None:
    low, high = sorted((float(row["low"]), float(row["high"])))
    axes.barh(y, high - low, left=low, height=0.3, color=style.COUNTY, alpha=0.55, linewidth=0)
    axes.text(low, y, view.number(low) + " ", ha="right", va="center")
    axes.text(high, y, " " + view.number(high), ha="left", va="center")
    words = textwrap.fill(view.word("assumption", row["assumption"]), 50, max_lines=2, placeholder=" …")
    axes.text(0.01, y + 0.2, words, transform=axes.get_yaxis_transform(), va="bottom", linespacing=1.1)


def _tornado_headline(view: View, rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    low, high = sorted((float(first["low"]), float(first["high"])))
    from attraktiv_eval.texts import span

    return view._("The assumption that matters most to the answer: {assumption} ({range})").format(
        assumption=view.word("assumption", first["assumption"]), range=span(low, high, view.language)
    )
