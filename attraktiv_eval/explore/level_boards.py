"""Panels of levels 2 and 3: other assumptions, and the county against comparison counties.

Sliders move the range of level 2 and its tornado; method, outcome, counties and years of level 3 are by
choice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from attraktiv_eval import regions
from attraktiv_eval.assumptions import SCALES, STEPS
from attraktiv_eval.counterfactual.design import FEWEST_PERIODS_BEFORE
from attraktiv_eval.counterfactual.method import method_of
from attraktiv_eval.errors import ParameterError
from attraktiv_eval.explore.board import (
    Board,
    Control,
    Drawer,
    Picture,
    choice,
    drawn,
    figure,
    heading,
    new,
    opened,
    paragraph,
    several,
    slider,
    span,
    table,
)
from attraktiv_eval.level3.comparison import Window, rates_and_design
from attraktiv_eval.level3.comparison import compare as compared
from attraktiv_eval.reporting import labels
from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.view import View
from attraktiv_eval.texts import percent, translator
from attraktiv_eval.texts import span as told_span

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from attraktiv_eval.additionality import Contribution
    from attraktiv_eval.counterfactual import Placebos
    from attraktiv_eval.evaluation import Inputs
    from attraktiv_eval.level3.comparison import Comparison
    from attraktiv_eval.project import Project

FIRST_YEARS = (2003, 2010)
#: The method that the panel opens with.
METHOD = "demeaned_synthetic_control"


def compare(
    inputs: Inputs,
    outcome: str,
    method: str = METHOD,
    *,
    pool: str = "all",
    without: Collection[str] = (),
    window: tuple[int, int] | None = None,
    first_year: int | None = None,
    placebos: Placebos | None = None,
) -> Comparison:
    """Return the project's county against comparison counties: everything that the panel shows.

    Parameters
    ----------
    inputs : Inputs
        From :func:`attraktiv_eval.explore.opened`.
    outcome : str
        An id of ``inputs.panel.outcomes``.
    method : str
        A name in ``METHODS``.
    pool : str
        A pool of :func:`attraktiv_eval.regions.donor_pool`.
    without : collection of str
        Codes of counties that are left out of the pool.
    window : (int, int), optional
        First and last year whose effect is estimated; unless given, the project's own years that the
        outcome covers.
    first_year : int, optional
        First year of the statistics that is used; all unless given.
    placebos : Placebos, optional
        The placebo test of the same choice, where it is made already.

    Returns
    -------
    Comparison
        ``estimate`` and ``placebos`` in rates; ``persons``, ``interval``, ``detectable`` and
        ``pseudo_persons`` in what the outcome counts, over the whole window, and as a ``table()``.

    Raises
    ------
    DesignError, SourceError
        If the statistics do not carry the comparison.

    Examples
    --------
    >>> from attraktiv_eval import explore
    >>> found = explore.compare(explore.opened(), "net_migration", "difference_in_differences")
    >>> round(found.persons), found.placebos.n
    (1968, 20)
    """
    return compared(
        inputs.panel,
        inputs.project.region.code,
        Window(*(window or _project_window(inputs, outcome)), None),
        outcome=outcome,
        method=method,
        pool=pool,
        without=without,
        first_year=first_year,
        placebos=placebos,
    )


def _project_window(inputs: Inputs, outcome: str) -> tuple[int, int]:
    """Return the project's years that an outcome covers; all of them where it covers none."""
    asked = inputs.project.start.year, inputs.project.last_day().year
    return inputs.panel.years_covered(outcome, asked) or asked


def counterfactual(
    language: str = "sv",
    *,
    project: str | Path = "",
    records: str | Path = "",
    statistics: str | Path = "",
) -> Board:
    """Return the panel that compares the county: gap, placebos and weights for any choice.

    Parameters
    ----------
    language : {"sv", "en"}
    project, records, statistics : str or Path, optional
        As in :func:`attraktiv_eval.explore.opened`.

    Examples
    --------
    >>> from attraktiv_eval import explore
    >>> board = explore.counterfactual("en")
    >>> print(board.choose(outcome="net_migration", first_year=2003).call)
    import attraktiv_eval as ae
    inputs = ae.explore.opened()
    ae.explore.compare(
        inputs,
        outcome='net_migration',
        method='demeaned_synthetic_control',
        pool='all',
        without=(),
        window=(2020, 2021),
        first_year=2003,
    )
    """
    drawer = _Against(language, project, records, statistics)
    clamp = partial(_within_the_figures, drawer.inputs)
    return Board(_controls(drawer.inputs, language), drawer, language, clamp)


def _within_the_figures(inputs: Inputs, values: dict[str, Any], _moved: str) -> dict[str, Any]:
    """Stop the years of the window where the outcome's figures do."""
    years = inputs.panel.rate(values["outcome"]).index
    first = max(int(years.min()), values["first_year"] or 0) + FEWEST_PERIODS_BEFORE
    low, high = (min(max(year, first), int(years.max())) for year in values["window"])
    return values | {"window": (low, high)}


def _controls(inputs: Inputs, language: str) -> list[Any]:
    from attraktiv_eval.counterfactual import METHODS

    _ = translator(language)
    found = inputs.panel.outcomes
    outcomes = [str(one) for one in found.loc[found["levels"].str.contains("county"), "id"]]
    asked = inputs.project.start.year, inputs.project.last_day().year
    county = inputs.project.region.code
    primary = inputs.panel.primary_outcome("households", *asked, county) or outcomes[0]
    every, last = int(found["first_year"].min()), int(found["last_year"].max())
    return [
        choice(
            "outcome",
            _("Outcome"),
            [(inputs.panel.defined[one].short(language), one) for one in outcomes],
            primary,
        ),
        choice(
            "method",
            _("Method"),
            [(labels.word("method", one, language), one) for one in METHODS],
            METHOD,
        ),
        choice(
            "pool",
            _("Comparison regions"),
            [(getattr(pool, language), pool.id) for pool in regions.POOLS.values()],
            "all",
        ),
        several(
            "without",
            _("Leave out"),
            [(name, code) for code, name in regions.COUNTIES.items() if code != county],
        ),
        span(
            "window",
            _("Years whose effect is estimated"),
            every + FEWEST_PERIODS_BEFORE,
            last,
            _project_window(inputs, primary),
        ),
        choice(
            "first_year",
            _("First year used"),
            [(_("all years"), None), *((str(year), year) for year in FIRST_YEARS)],
            None,
        ),
    ]


class _Against(Drawer):
    """Computes and draws one choice; what was computed once is kept."""

    def __init__(self, language: str, *paths: str | Path) -> None:
        super().__init__(language, *paths)
        self.placebos = lru_cache(maxsize=64)(self._placebos)
        self.comparison = lru_cache(maxsize=64)(self._comparison)
        self.drawn = lru_cache(maxsize=64)(self._drawn)
        self.done: set[tuple[Any, ...]] = set()

    def __call__(self, **values: Any) -> Iterator[Picture]:
        chosen = {**values, "without": tuple(values["without"]), "window": tuple(values["window"])}
        call, key = self._call(chosen), tuple(chosen.values())
        if method_of(chosen["method"]).slow and key not in self.done:  # gap and placebos first
            yield Picture(self.drawn(**chosen) + self._begun(), call)
        yield Picture(self.drawn(**chosen) + self._told(self.comparison(**chosen)), call)
        self.done.add(key)

    def _placebos(self, outcome: str, method: str, window: tuple[int, int], **rest: Any) -> Placebos:
        from attraktiv_eval.counterfactual import placebo_in_space

        panel, region = self.inputs.panel, self.inputs.project.region.code
        return placebo_in_space(
            *rates_and_design(panel, region, Window(*window, None), outcome, **rest), method
        )

    def _comparison(self, **chosen: Any) -> Comparison:
        return compare(self.inputs, **chosen, placebos=self.placebos(**chosen))

    def _call(self, chosen: dict[str, Any]) -> str:
        given = [f"    {name}={value!r}," for name, value in chosen.items()]
        return "\n".join([self.opening, "ae.explore.compare(", "    inputs,", *given, ")"])

    def _begun(self) -> str:
        return paragraph(self._("The same method on the years just before is being computed."))

    def _drawn(self, **chosen: Any) -> str:
        found = self.placebos(**chosen)
        shown = figure(found.estimate, found.gaps, self.language)
        return f"{shown}\n{paragraph(found.sentence(self.language))}\n"

    def _told(self, found: Comparison) -> str:
        warning = self._(
            "Exploring chooses among many comparisons, so what stands out here proves nothing by "
            "itself; the report’s verdict rests on the specification that was set by rule."
        )
        return f"{self._persons(found)}\n{paragraph(warning, quiet=True)}"

    def _true_level(self, placebos: Placebos) -> str:
        """Return the level that the interval really has; a dash where there are too few placebos for one."""
        level = placebos.true_level()
        return "–" if level != level else percent(level, self.language, 1)

    def _persons(self, found: Comparison) -> str:
        _ = self._
        low, high = found.interval
        years = "–".join(map(str, dict.fromkeys(found.years)))
        rows = [
            (_("Deviation in {years}").format(years=years), self.number(found.persons, signed=True)),
            (_("90 per cent interval"), told_span(low, high, self.language)),
            (_("Its true level"), self._true_level(found.placebos)),
            (_("Smallest detectable effect"), self.number(found.detectable)),
            (_("The same method on the years just before"), self.number(found.pseudo_persons, signed=True)),
        ]
        unit = found.defined.unit_words(self.language)
        return table(_("In {unit}").format(unit=unit), [_("What"), unit.capitalize()], rows)


# --- Level 2 under other assumptions: sliders move the range and the tornado


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
    described = opened(project, records, statistics).project
    chosen, possible = goal or described.main_goal, _followed(described)
    if chosen not in possible:
        raise ParameterError(
            f"level 2 does not apply to {chosen!r}", remedy=f"choose one of {', '.join(possible)}"
        )
    drawer = _Assumed(chosen, language, project, records, statistics)
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


class _Assumed(Drawer):
    """Computes and draws level 2 for one set of values."""

    def __init__(self, goal: str, language: str, *paths: str | Path) -> None:
        super().__init__(language, *paths)
        self.goal = goal
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
        _ = self._
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
            bound=self.number(float("nan") if found.high_bound is None else found.high_bound),
            now=self._range(found),
            unit=self._view(found).unit(self.goal),
            middle=self.number(found.median or 0),
            stated=self._range(self.stated),
            goal=self.number(goal.target),
        )
        shown = _("Bars: level 2 and the goal")
        picture = drawn(lambda: self._ranges(found), f"explore-level2-{self.goal}", shown)
        return "\n".join([name, self.example(), paragraph(told), picture, self._tornado(found)])

    def _range(self, found: Contribution) -> str:
        return told_span(found.low or 0.0, found.high or 0.0, self.language)

    def _ranges(self, found: Contribution) -> Figure:
        _ = self._
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
        axes.xaxis.set_major_formatter(lambda value, _at: self.number(value))
        style.clean(axes, grid="x")
        made.subplots_adjust(left=0.16, right=0.97, top=0.98, bottom=0.22)
        return made

    def _tornado(self, found: Contribution) -> str:
        from attraktiv_eval.reporting.figures import goals

        _ = self._
        if found.tornado.empty:
            return ""

        def draw() -> Figure:
            drawing = goals.draw_tornado(self._view(found))
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
