"""The path to each goal: what is reached by year against a straight line to the goal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.figures.style import Drawing
from attraktiv_eval.reporting.view import known

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from attraktiv_eval.reporting.view import View

__all__ = ["draw"]


def draw(view: View) -> Drawing | None:
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
    said = counted.get(view.counts(goal), _("{n} reached")).format(n=view.number(count))
    if unknown:
        said += "\n" + _("{n} unknown").format(n=view.number(unknown))
    apart = 0.2 * top * (1.7 if unknown else 1)
    goal_at = target
    count_at = min(count, target - apart) if count <= target else max(count, target + 0.2 * top)
    axes.text(
        last + 0.14,
        goal_at,
        _("goal {n}").format(n=view.number(target)),
        va="center",
        color=style.GOAL,
        fontsize=10.5,
    )
    axes.text(
        last + 0.14,
        max(count_at, (0.2 if unknown else 0.1) * top),  # clear of the years below
        said,
        va="center",
        color=style.COUNTY,
        fontsize=10.5,
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
    values = {
        "n": view.number(row["known"]),
        "pace": view.number(due),
        "unit": view.unit(view.main_goal),
    }
    behind = float(row["known"]) < due
    if view.counts(view.main_goal) in ("households", "persons"):
        if behind:
            text = _("{n} {unit} are known to have moved in, fewer than the {pace} of an even pace")
        else:
            text = _("{n} {unit} are known to have moved in; an even pace would have given {pace}")
    elif behind:
        text = _("{n} {unit} are known to be reached, fewer than the {pace} of an even pace")
    else:
        text = _("{n} {unit} are known to be reached; an even pace would have given {pace}")
    return view.by_now(text.format(**values))


def _title(view: View) -> str:
    _ = view._
    return _(
        "Cumulated number by year, as known. Dashed: an even pace to the goal. Pale: not followed up to "
        "the end."
    )
