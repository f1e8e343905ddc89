"""Level 2 under other assumptions: sliders move the range and the tornado."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from attraktiv_eval.assumptions import SCALES, STEPS
from attraktiv_eval.errors import ParameterError
from attraktiv_eval.explore.board import Board, Control, Picture, drawn, heading, new, paragraph, slider
from attraktiv_eval.explore.open import by_hand, opened
from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.view import View
from attraktiv_eval.texts import number, span, translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from attraktiv_eval.additionality import Contribution
    from attraktiv_eval.evaluation import Inputs
    from attraktiv_eval.project import Project

__all__ = ["assumptions", "assumptions_by_goal"]


def assumptions(
    language: str = "sv",
    goal: str = "",
    *,
    project: str | Path = "",
    records: str | Path = "",
    statistics: str | Path = "",
) -> Board:
    """Return the panel that shows level 2 of a goal under other assumptions.

    Parameters
    ----------
    language : {"sv", "en"}
    goal : str, optional
        Id of a goal of the project that counts households, persons or companies; the main one unless given.
    project, records, statistics : str or Path, optional
        As in :func:`attraktiv_eval.explore.opened`.

    Raises
    ------
    ParameterError
        If the project has no such goal, or level 2 does not apply to it.

    Examples
    --------
    >>> from attraktiv_eval import explore
    >>> board = explore.assumptions("en")
    >>> print(board.choose(would_not_have_moved_5=0.95).call.splitlines()[2])
    changed = inputs.assumptions.changed(would_not_have_moved_5=0.95)
    """
    inputs = opened(project, records, statistics)
    chosen, possible = goal or inputs.project.main_goal, _followed(inputs.project)
    if chosen not in possible:
        raise ParameterError(
            f"level 2 does not apply to {chosen!r}", remedy=f"choose one of {', '.join(possible)}"
        )
    drawer = _Drawer(inputs, language, chosen, by_hand(project, records, statistics))
    return Board(drawer.controls(), drawer, language, _beside_its_neighbours)


def _beside_its_neighbours(values: dict[str, Any], moved: str) -> dict[str, Any]:
    """Stop a step of an answer scale at the step before it and the step after it: a scale rises."""
    scale = [f"{name}_{step}" for name in SCALES for step in STEPS if moved == f"{name}_{step}"]
    if not scale:
        return values
    name = moved.rpartition("_")[0]
    steps = [f"{name}_{step}" for step in STEPS]
    at = steps.index(moved)
    low = max([values[one] for one in steps[:at] if one in values], default=values[moved])
    high = min([values[one] for one in steps[at + 1 :] if one in values], default=values[moved])
    return values | {moved: min(max(values[moved], low), high)}


def assumptions_by_goal(
    language: str = "sv",
    *,
    project: str | Path = "",
    records: str | Path = "",
    statistics: str | Path = "",
) -> list[Board]:
    """Return the panel of :func:`assumptions` for each goal of the project that level 2 applies to.

    Raises
    ------
    ParameterError
        If level 2 applies to none.

    Examples
    --------
    >>> from attraktiv_eval import explore
    >>> len(explore.assumptions_by_goal("en"))
    2
    """
    found = opened(project, records, statistics).project
    return [
        assumptions(language, goal, project=project, records=records, statistics=statistics)
        for goal in _followed(found)
    ]


def _followed(project: Project) -> list[str]:
    """Return the goals that level 2 applies to, in the order of the project's file."""
    found = [goal.id for goal in project.goals.values() if goal.followed]
    if not found:
        raise ParameterError(
            "level 2 applies to no goal of the project",
            remedy="give a project with a goal that counts households, persons or companies",
        )
    return found


class _Drawer:
    """Computes and draws level 2 for one set of values."""

    def __init__(self, inputs: Inputs, language: str, goal: str, opening: str) -> None:
        self.inputs, self.language, self.goal, self.opening = inputs, language, goal, opening
        self.stated = self._contribution({})

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
            self.opening,
            f"changed = inputs.assumptions.changed({given})",
            "records, project = inputs.records, inputs.project",
            f'ae.contribute(records, project, changed, "{self.goal}", project.last_day())',
        ]
        yield Picture(self._told(found), "\n".join(lines))

    def _contribution(self, changed: dict[str, float]) -> Contribution:
        from attraktiv_eval.additionality import contribute
        from attraktiv_eval.evaluation.inputs import SEED

        project, stated = self.inputs.project, self.inputs.assumptions
        return contribute(
            self.inputs.records, project, stated.changed(**changed), self.goal, project.last_day(), seed=SEED
        )

    def _told(self, found: Contribution) -> str:
        _ = translator(self.language)
        goal = self.inputs.project.goals[self.goal]
        name = heading(getattr(goal, f"label_{self.language}"))
        if not found.applies:
            told = _(
                "Level 2 cannot be computed: the list of records that the goal is counted from is missing."
            )
            return name + paragraph(told)
        told = _(
            "With these assumptions the project plausibly contributed to {now} {unit} in nine of ten "
            "calculations, in the middle {middle}, and to at most {bound} with every unknown counted for the "
            "project; with the stated ones to {stated}. The goal is {goal}."
        ).format(
            bound=number(float("nan") if found.high_bound is None else found.high_bound, self.language),
            now=self._range(found),
            unit=self._view(found).unit(self.goal),
            middle=number(found.median or 0, self.language),
            stated=self._range(self.stated),
            goal=number(goal.target, self.language),
        )
        example = _("Example data: households and companies here are invented.")
        return "\n".join(
            [
                name,
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
            until=self.inputs.project.last_day(),
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
