"""Level 2 under other assumptions: sliders move the range and the tornado."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from attraktiv_eval.additionality import Contribution
from attraktiv_eval.errors import ParameterError
from attraktiv_eval.explore.board import Board, Picture
from attraktiv_eval.explore.control import Control, slider
from attraktiv_eval.explore.drawing import drawn, new, paragraph
from attraktiv_eval.explore.opening import call as opening_call
from attraktiv_eval.explore.opening import opened
from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.view import View
from attraktiv_eval.texts import number, span, translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from attraktiv_eval.evaluation import Inputs

__all__ = ["assumptions"]

GOALS = ("households", "companies")


def assumptions(
    language: str = "sv",
    goal: str = "households",
    *,
    project: str | Path = "",
    records: str | Path = "",
    statistics: str | Path = "",
) -> Board:
    """Return the panel that shows level 2 of a goal under other assumptions.

    Parameters
    ----------
    language : {"sv", "en"}
    goal : {"households", "companies"}
    project, records, statistics : str or Path, optional
        As in :func:`attraktiv_eval.explore.opened`.

    Raises
    ------
    ParameterError
        If level 2 does not apply to the goal.

    Examples
    --------
    >>> from attraktiv_eval import explore
    >>> board = explore.assumptions("en")
    >>> print(board.choose(would_not_have_moved_5=0.95).call.splitlines()[2])
    changed = inputs.assumptions.changed(would_not_have_moved_5=0.95)
    """
    if goal not in GOALS:
        raise ParameterError(
            f"level 2 does not apply to {goal!r}", remedy=f"choose one of {', '.join(GOALS)}"
        )
    inputs = opened(project, records, statistics)
    drawer = _Drawer(
        inputs, language, goal, {"project": project, "records": records, "statistics": statistics}
    )
    return Board(drawer.controls(), drawer, language)


class _Drawer:
    """Computes and draws level 2 for one set of values."""

    def __init__(self, inputs: Inputs, language: str, goal: str, paths: dict[str, str | Path]) -> None:
        self.inputs, self.language, self.goal, self.paths = inputs, language, goal, paths
        self.stated = self._contribution({}) if goal in inputs.project.goals else Contribution(goal, False)

    def controls(self) -> list[Control]:
        """Return a slider for every assumption that enters the draws."""
        made = []
        for key in self.stated.assumptions:
            one = self.inputs.assumptions[key]
            high = 1.0 if one.unit in ("share", "probability") else max(1.0, 2 * one.high)
            made.append(slider(key, getattr(one, self.language), 0.0, high, one.value, 0.01))
        return made

    def __call__(self, **values: float) -> Iterator[Picture]:
        stated = self.inputs.assumptions
        changed = {key: value for key, value in values.items() if value != stated[key].value}
        found = self._contribution(changed) if changed else self.stated
        given = ", ".join(f"{key}={value:g}" for key, value in changed.items())
        lines = [
            "import attraktiv_eval as ae",
            opening_call(**self.paths),
            f"changed = inputs.assumptions.changed({given})",
            "records, project = inputs.records, inputs.project",
            f'ae.contribute(records, project, changed, "{self.goal}", project.end)',
        ]
        yield Picture(self._told(found), "\n".join(lines))

    def _contribution(self, changed: dict[str, float]) -> Contribution:
        from attraktiv_eval.additionality import contribute
        from attraktiv_eval.evaluation.inputs import SEED

        project, stated = self.inputs.project, self.inputs.assumptions
        return contribute(
            self.inputs.records, project, stated.changed(**changed), self.goal, project.end, seed=SEED
        )

    def _told(self, found: Contribution) -> str:
        _ = translator(self.language)
        if not found.applies:
            return paragraph(
                _("Level 2 cannot be computed: no such goal, or its list of records is missing.")
            )
        told = _(
            "With these assumptions the project plausibly contributed to {now} {unit}, in the middle "
            "{middle}; with the stated ones to {stated}. The goal is {goal}."
        ).format(
            now=self._range(found),
            unit=self._view(found).unit(self.goal),
            middle=number(found.median or 0, self.language),
            stated=self._range(self.stated),
            goal=number(self.inputs.project.goals[self.goal].target, self.language),
        )
        example = _("Example data: households and companies here are invented.")
        return "\n".join(
            [
                paragraph(example) if self.inputs.records.example_data else "",
                paragraph(told),
                drawn(
                    lambda: self._ranges(found),
                    f"explore-level2-{self.goal}",
                    _("Bars: level 2 and the goal"),
                ),
                self._tornado(found),
            ]
        )

    def _range(self, found: Contribution) -> str:
        return span(found.low or 0.0, found.high or 0.0, self.language)

    def _ranges(self, found: Contribution) -> Figure:
        _ = translator(self.language)
        made, (axes,) = new(600, 110)
        rows = [(0, self.stated, style.OTHER, _("as stated")), (1, found, style.COUNTY, _("as set here"))]
        for at, one, colour, _name in rows:
            axes.plot([one.low, one.high], [at, at], color=colour, linewidth=7, solid_capstyle="butt")
            axes.plot([one.median], [at], "o", color=style.SURFACE, markersize=4)
        goal = self.inputs.project.goals[self.goal].target
        axes.axvline(goal, color=style.INK, linestyle=(0, (4, 2)), linewidth=1.2)
        axes.text(goal, 1.62, _("goal") + "  ", ha="right", va="center")
        axes.set_yticks([0, 1], [name for *_rest, name in rows])
        axes.set_ylim(-0.6, 1.9)
        axes.set_xlim(0, 1.05 * max(goal, found.high or 0.0))
        axes.xaxis.set_major_formatter(lambda value, _at: number(value, self.language))
        style.clean(axes, grid="x")
        made.subplots_adjust(left=0.16, right=0.97, top=0.98, bottom=0.22)
        return made

    def _tornado(self, found: Contribution) -> str:
        from attraktiv_eval.reporting.figures import tornado

        _ = translator(self.language)
        if found.tornado.empty:
            return ""

        def draw() -> Figure:
            drawing = tornado.draw(self._view(found))
            assert drawing is not None  # the table is not empty
            return drawing.figure

        name = _("Bars: what each assumption moves the answer by, one at a time")
        picture = drawn(draw, f"explore-tornado-{self.goal}", name)
        return paragraph(name + ".") + f'<div style="max-width:30rem">{picture}</div>'

    def _view(self, found: Contribution) -> View:
        """Return the contribution as the report's own tornado reads it."""
        evaluation = SimpleNamespace(
            tables={"tornado": found.tornado},
            project=self.inputs.project,
            assumptions=self.inputs.assumptions,
            example_data=self.inputs.records.example_data,
            until=self.inputs.project.end,
            missing=[],
        )
        return _GoalView(evaluation, self.language, self.goal)


class _GoalView(View):
    """A view that leads with the goal of the panel."""

    def __init__(self, evaluation: SimpleNamespace, language: str, goal: str) -> None:
        super().__init__(evaluation, language)
        self._goal = goal

    @property
    def main_goal(self) -> str:
        """The goal of the panel."""
        return self._goal
