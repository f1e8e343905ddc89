"""The range of level 2 for a goal, in its own unit or in persons, with the tables behind it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import pandas as pd

from attraktiv_eval.additionality.simulation import (
    STEPS,
    Inputs,
    Observed,
    at_modes,
    credit_range,
    observe,
    simulate,
)
from attraktiv_eval.errors import ParameterError, one_of
from attraktiv_eval.metrics.households import Retention, classify_households
from attraktiv_eval.metrics.level1 import members
from attraktiv_eval.project import COUNTED
from attraktiv_eval.resources import content_hash

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attraktiv_eval.additionality.simulation import Draws, Range
    from attraktiv_eval.assumptions import Assumption
    from attraktiv_eval.project import Project
    from attraktiv_eval.records import Records

__all__ = [
    "DRAWS",
    "SEED",
    "Contribution",
    "Contributions",
    "contribute",
    "in_persons",
]


#: The goals whose units can be asked what they would have done otherwise.
GOALS = ("households", "companies")
DRAWS = 10_000
SEED = 20_200_101
_PERCENTILES = (5, 50, 95)

TORNADO = ["goal", "assumption", "low", "high", "base"]
FILTERS = ["goal", "filter", "deducted", "kept_low", "kept", "kept_high", "basis", "known"]
BOUNDS = ["goal", "case", "low", "median", "high"]


@dataclass(frozen=True)
class Contribution:
    """Level 2 for one goal, in the goal's units.

    ``low``, ``median``, ``high`` are the 5th, 50th and 95th percentile of the draws: a range, in nine of ten
    calculations, no interval, since it is drawn over judgements. ``at_modes`` is the value with every input
    at its mode. ``high_bound`` is the high end with every unknown on the project's side: every unanswered
    unit brought by it, and all who were not followed up still here; only below it may a sentence call the
    assumptions favourable. Where ``applies`` is False they are None and ``reason`` says why:
    ``not_applicable`` (organisations, and goals of other kinds) or ``list_missing``. Without a survey
    (``has_survey`` False) the range is an assumption only.
    """

    goal: str
    applies: bool
    reason: str | None = None
    has_survey: bool = False
    low: float | None = None
    median: float | None = None
    high: float | None = None
    at_modes: float | None = None
    high_bound: float | None = None
    moved: int = 0
    answered: int = 0
    seed: int = SEED
    draws: int = 0
    assumptions: tuple[str, ...] = ()
    tornado: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=TORNADO), repr=False)
    filters: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=FILTERS), repr=False)
    bounds: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=BOUNDS), repr=False)
    observed: Observed | None = field(default=None, repr=False)
    persons_each: float = 1.0

    def inputs_as_printed(self) -> dict[str, Any]:
        """Return what a printed contribution was drawn from, for whoever draws it again; empty without any.

        Answers stand as :func:`in_fives` tells them, shares of the records as the table of filters prints
        them; all else is in the report already.
        """
        seen = self.observed
        if seen is None or not self.applies:
            return {}
        verb = "moved" if seen.goal == "households" else "hired"
        stay, silent = seen.retention, seen.moved > seen.answered
        uses: dict[str, Any] = {"deadweight": f"deadweight_{seen.goal}"}
        if seen.answered:
            uses = {"steps": [f"would_not_have_{verb}_{step}" for step in range(1, STEPS + 1)]}
            uses |= {"unanswered": "unanswered_share_of_answered"} if silent else {}
            uses |= {"credit": "other_project_credit"}
        if seen.goal == "companies" and seen.local is None:
            uses["displacement"] = "displacement_companies"
        others = seen.counts.sum(axis=0)
        known = self.filters.loc[
            self.filters["basis"].isin(["survey", "records"]) & (self.filters["known"] > 0), "known"
        ]
        return {
            "moved": seen.moved,
            "answered": seen.answered,
            "steps": [float(n) for n in seen.by_step],
            "others": [float(n) for n in others / others.sum()] if others.sum() else [1.0],
            "stay": _drawn_from(stay),
            "local": _drawn_from(seen.local),
            "ends": [stay.low, stay.high] if isinstance(stay, Retention) and stay.mostly_missing else None,
            "uses": uses,
            "size": self.persons_each,
            "few": None if self.has_survey or known.empty else int(known.min()),
            "report": [self.low, self.median, self.high],
        }

    def as_printed(self) -> Contribution:
        """Return the contribution as a report prints it: whole units, and no more of them than is meant.

        The sensitivity and the bounds differ from the range by one share each, such as that of those who
        stayed; with all their digits the share, and with it a count of few, could be worked out. They are
        printed in steps that five of the answers would move them by, and so is a range that rests on no
        survey, where nothing else is unknown. A bound is rounded outwards, and never above all who moved.
        """
        told = self.filters.loc[
            self.filters["basis"].isin(["survey", "records"]) & (self.filters["known"] > 0)
        ]
        answers = int(told["known"].min()) if len(told) else None
        all_of_them = in_whole_steps(self.moved * self.persons_each)
        ends = {"low": math.floor, "high": math.ceil}

        def told_bound(value: float, end: str) -> float:
            return min(in_whole_steps(value, answers, ends.get(end, round)), all_of_them)

        bounds = self.bounds.assign(
            **{
                end: [told_bound(value, end) for value in self.bounds[end]]
                for end in ("low", "median", "high")
            }
        )
        numbers = ("low", "base", "high")
        tornado = self.tornado.assign(
            **{one: [in_whole_steps(value, answers) for value in self.tornado[one]] for one in numbers}
        )
        within = None if self.has_survey else answers
        values = {
            name: None if (value := getattr(self, name)) is None else in_whole_steps(value, within)
            for name in ("low", "median", "high", "at_modes")
        }
        # The highest bound is a row of the bounds as well, and one number: in one kind of step.
        if self.high_bound is not None and not bounds.empty:
            values["high_bound"] = told_bound(self.high_bound, "high")
        return replace(self, **values, tornado=tornado, bounds=bounds)  # type: ignore[arg-type]

    def _repr_html_(self) -> str:
        """Return the range, the tornado as picture and table, and the filters, as a notebook shows them."""
        from attraktiv_eval.texts import as_html, drawn_as_svg, headed, number, shown_in, translator

        _ = translator(shown_in())
        if self.low is None or self.median is None or self.high is None:
            said = _("Level 2 of {goal}: none in these records ({reason}).")
            return as_html([said.format(goal=self.goal, reason=self.reason)], {})
        values = {
            name: number(float(getattr(self, name)), shown_in())
            for name in ("low", "median", "high", "at_modes", "draws", "answered", "moved")
        }
        said = _(
            "Level 2 of {goal}: {low} to {high}, in the middle {median}, in nine of ten of {draws} "
            "calculations; with every input at its mode {at_modes}."
        )
        basis = _("It is an assumption only.")
        if self.has_survey:
            basis = _(
                "{answered} of {moved} answered. The assumption {unused} is not used, and changing it "
                "changes nothing: the answers stand in its place."
            )
        ends = {
            "low": _("Low"),
            "base": _("As stated"),
            "kept_low": _("Left, low"),
            "kept": _("Left, middle"),
        }
        ends |= {"kept_high": _("Left, high"), "median": _("Middle"), "high": _("High")}
        tables = {
            _("Tornado"): headed(self.tornado, {"assumption": _("Assumption"), **ends}),
            _("Filters"): headed(self.filters, {"filter": _("Filter"), "deducted": _("Deducted"), **ends}),
            _("Bounds"): headed(self.bounds, {"case": _("Case"), **ends}),
        }
        told = [said.format(goal=self.goal, **values)]
        followed = self.goal if self.observed is None else self.observed.goal
        told.append(basis.format(unused=f"deadweight_{followed}", **values))
        picture = drawn_as_svg(self.plot, told[0]) if len(self.tornado) else ""
        return as_html(told, {}) + picture + as_html([], tables)

    def plot(self, ax: Axes) -> Axes:
        """Draw a bar an assumption, from its low to its high end, the widest on top; return the axes."""
        widths = (self.tornado["high"] - self.tornado["low"]).abs()
        rows = self.tornado.loc[widths.sort_values(kind="stable").index]
        ax.barh(rows["assumption"], rows["high"] - rows["low"], left=rows["low"], color="#1f5a7a", height=0.5)
        ax.axvline(float(rows["base"].iloc[0]), color="black", linewidth=0.8)
        return ax


def _drawn_from(share: Any) -> dict[str, Any] | None:
    """Return a share as :func:`simulation.drawn_share` needs it; None where it draws nothing."""
    if share is None or not share.known:
        return None
    return {"range": [share.low, share.value, share.high], "open": share.open, "size": share.size}


def _stepped(share: Any, in_steps: Callable[[float, int], Any]) -> Any:
    """Return a share of the records with its ends as printed; of so few that none is printed, to halves."""
    if share is None or not share.known:
        return share
    ends = {end: in_steps(getattr(share, end), share.known) for end in ("low", "value", "high")}
    halves = {end: round(getattr(share, end) * 2) / 2 for end in ends}
    ends = {end: halves[end] if pd.isna(one) else float(one) for end, one in ends.items()}
    later = in_steps(share.open, share.known)
    later = round(share.open) if pd.isna(later) else float(later)
    size = max(2.0 * _FEW, 2.0 * _FEW * round(share.size / (2 * _FEW))) if share.size else 0.0
    return replace(share, **ends, open=later, size=size)


#: As many answers as may not be told apart from fewer.
_FEW = 5


def in_whole_steps(
    value: float, answers: int | None = None, whole: Callable[[float], float] = round
) -> float:
    """Return a number of units as a whole one, in steps of what five of the answers behind it would move.

    ``whole`` is ``math.ceil`` for what is at most so many, and ``math.floor`` for what is at least.

    Examples
    --------
    >>> in_whole_steps(49.257), in_whole_steps(49.257, 100), in_whole_steps(412.3, 40)
    (49.0, 50.0, 400.0)
    >>> in_whole_steps(14.2, 8, math.ceil)
    20.0
    """
    least = 1.0 if answers is None else max(1.0, abs(value) * _FEW / answers)
    step = next(one * 10**power for power in range(12) for one in (1, 2, 5) if one * 10**power >= least)
    return float(whole(round(value / step, 9)) * step)


class Contributions(dict[str, Contribution]):
    """Level 2 of every goal, by the goal's id, and what it rests on."""

    def __init__(
        self,
        found: Mapping[str, Contribution],
        records: Records,
        project: Project,
        assumptions: Mapping[str, Assumption],
        until: date,
    ) -> None:
        super().__init__(found)
        self.records, self.project, self.assumptions, self.until = records, project, assumptions, until
        #: The hash of each goal's as it was made: what no longer has it was changed by hand.
        self.made = self.held

    @property
    def held(self) -> dict[str, str]:
        """Goal -> the hash of its contribution."""
        return {goal: content_hash(one) for goal, one in self.items()}

    def as_printed(self, in_steps: Callable[[float, int], Any]) -> Contributions:
        """Return every goal's contribution as a report prints it (:meth:`Contribution.as_printed`).

        It is drawn anew with the shares of those who stayed, and of hires who lived there already, as the
        report prints them: so whatever is made of its numbers, no more can be learned of these shares. One
        that was changed by hand is printed as it was changed.

        Parameters
        ----------
        in_steps : callable
            Returns a share of so many known as it is printed, missing where it is not.
        """
        drawn = {goal for goal, held in self.held.items() if self.made.get(goal) == held}
        printed = {
            goal: (self._again(goal, one, in_steps) if goal in drawn else one).as_printed()
            for goal, one in self.items()
        }
        return Contributions(printed, self.records, self.project, self.assumptions, self.until)

    def _again(self, goal: str, one: Contribution, in_steps: Callable[[float, int], Any]) -> Contribution:
        seen = one.observed
        if seen is None or not one.applies:
            return one
        shares = {name: _stepped(getattr(seen, name), in_steps) for name in ("retention", "local")}
        inputs = Inputs.of(self.assumptions, seen.goal)
        printed = replace(seen.with_few_untold(), **shares)
        found = _drawn(printed, inputs, one.seed, one.draws)
        if self.project.goals[goal].counts == "persons":
            found = in_persons(found, self.records, self.project, self.until)
        found = found if goal == found.goal else named(found, goal)
        return replace(found, filters=one.filters, observed=printed)

    def __repr__(self) -> str:
        """Return the goals, and whether level 2 says anything of each, in one line."""
        return f"Contributions({', '.join(f'{goal}={one.applies}' for goal, one in self.items())})"

    def _repr_html_(self) -> str:
        """Return the range of every goal that level 2 applies to, as a notebook shows it."""
        from attraktiv_eval.texts import as_html, own_records

        shown = [one._repr_html_() for one in self.values() if one.reason != "not_applicable"]
        return "\n".join([as_html([own_records(self.records.example_data)], {}), *shown])


@overload
def contribute(
    records: Records,
    project: Project,
    assumptions: Mapping[str, Assumption],
    goal: str,
    until: date | int | str | None = None,
    *,
    seed: int = SEED,
    draws: int = DRAWS,
) -> Contribution: ...


@overload
def contribute(
    records: Records,
    project: Project,
    assumptions: Mapping[str, Assumption],
    goal: None = None,
    until: date | int | str | None = None,
    *,
    seed: int = SEED,
    draws: int = DRAWS,
) -> Contributions: ...


def contribute(
    records: Records,
    project: Project,
    assumptions: Mapping[str, Assumption],
    goal: str | None = None,
    until: date | int | str | None = None,
    *,
    seed: int = SEED,
    draws: int = DRAWS,
) -> Contribution | Contributions:
    """Return how many households or companies the project plausibly contributed to.

    Parameters
    ----------
    records : Records
    project : Project
    assumptions : mapping of id to Assumption
    goal : str, optional
        A goal that counts households, persons or companies; level 2 does not apply to any other. None: all.
    until : date, int or str, optional
        Nothing later than this day, or this year of the project, is used; None is the project's end.
    seed, draws : int
        The draws are the same for the same seed.

    Returns
    -------
    Contribution or Contributions
        Of the goal, or of every goal of the project.

    Raises
    ------
    ParameterError
        If the project has no such goal; the remedy names the one most like it.

    Notes
    -----
    The definition stands in :mod:`attraktiv_eval.additionality.simulation`. Where more households were not
    followed up than were, the range reaches from all of them having left to all having stayed. The filters
    (deadweight, other projects, departure, displacement) are each deducted once; the frame is the guide to
    additionality of English Partnerships (2008) with a multiplier of 1, since heads are counted.

    Examples
    --------
    >>> from attraktiv_eval import explore
    >>> inputs = explore.opened()
    >>> given = inputs.records, inputs.project, inputs.assumptions
    >>> found = contribute(*given, "households", inputs.project.end, draws=1000)
    >>> found.low < found.median < found.high < found.moved
    True
    """
    until = project.last_day(until)
    given = (records, project, assumptions)
    if goal is None:
        every = {id: contribute(*given, id, until, seed=seed, draws=draws) for id in project.goals}
        return Contributions(every, *given, until)
    if goal not in project.goals and goal not in COUNTED:
        raise ParameterError(f"there is no goal {goal!r}", remedy=one_of(project.goals, goal))
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 1:
        raise ParameterError(f"draws is {draws!r}", remedy=f"give a whole number, such as {DRAWS}")
    counts = project.goals[goal].counts if goal in project.goals else goal
    measured = "households" if counts == "persons" and goal in project.goals else counts
    if measured not in GOALS:
        return Contribution(goal, applies=False, reason="not_applicable")
    found = _contribute(records, project, assumptions, measured, until, seed, draws)
    if counts == "persons" and found.applies:
        found = in_persons(found, records, project, until)
    return found if goal == measured else named(found, goal)


def _contribute(
    records: Records,
    project: Project,
    assumptions: Mapping[str, Assumption],
    goal: str,
    until: date,
    seed: int,
    draws: int,
) -> Contribution:
    """Return the contribution to households or companies."""
    place = assumptions["departure_position"]
    observed = observe(records, project, goal, until, (place.low, place.value, place.high))
    if observed is None:
        return Contribution(goal, applies=False, reason="list_missing")
    return _drawn(observed, Inputs.of(assumptions, goal), seed, draws)


def _drawn(observed: Observed, inputs: Inputs, seed: int, draws: int) -> Contribution:
    """Return the contribution that follows from what was observed."""
    goal = observed.goal
    drawn = simulate(observed, inputs, seed=seed, draws=draws)
    low, median, high = (float(value) for value in np.percentile(drawn.net, _PERCENTILES))
    stay = observed.retention
    if isinstance(stay, Retention) and stay.mostly_missing:  # the range then holds both ends
        low = min(low, float(np.percentile(drawn.left, _PERCENTILES[0])))
        high = max(high, float(np.percentile(drawn.stayed, _PERCENTILES[-1])))
    return Contribution(
        goal,
        applies=True,
        has_survey=observed.answered > 0,
        low=low,
        median=median,
        high=high,
        at_modes=at_modes(observed, inputs),
        high_bound=float(np.percentile(drawn.best, _PERCENTILES[-1])),
        moved=observed.moved,
        answered=observed.answered,
        seed=seed,
        draws=draws,
        assumptions=_used(observed, goal),
        tornado=_tornado(observed, inputs, drawn),
        filters=_filters(observed, inputs),
        bounds=_bounds(observed, drawn),
        observed=observed,
    )


def named(found: Contribution, goal: str) -> Contribution:
    """Return a contribution under the id that the project gave its goal."""
    tables = {name: getattr(found, name).assign(goal=goal) for name in ("tornado", "filters", "bounds")}
    return replace(found, goal=goal, **tables)


def _used(observed: Observed, goal: str) -> tuple[str, ...]:
    """Return the ids of the assumptions that entered the draws."""
    verb = "moved" if goal == "households" else "hired"
    if observed.answered:
        used = [f"would_not_have_{verb}_{step}" for step in range(1, 6)]
        used += ["unanswered_share_of_answered"] if observed.moved > observed.answered else []
        used += ["other_project_credit"] if observed.counts[:, 1:].any() else []
    else:
        used = [f"deadweight_{goal}"]
    used += ["departure_position"] if goal == "households" and observed.retention else []
    used += ["displacement_companies"] if goal == "companies" and observed.local is None else []
    return tuple(used)


def _tornado(observed: Observed, inputs: Inputs, drawn: Draws) -> pd.DataFrame:
    """Return the value with one input at the percentiles of the range, the others at their modes.

    The percentiles are the 5th and the 95th of the input's own draws. The widest bar stands first.
    """
    base = at_modes(observed, inputs)
    rows = [
        (observed.goal, name, *sorted(at_modes(observed, inputs, **end) for end in ends), base)
        for name, ends in _ends(observed, inputs, drawn).items()
    ]
    table = pd.DataFrame(rows, columns=TORNADO)
    width = table["high"] - table["low"]
    return table.assign(width=width).sort_values(
        ["width", "assumption"], ascending=[False, True], ignore_index=True
    )[TORNADO]


_TAILS = np.array([_PERCENTILES[0], _PERCENTILES[-1]]) / 100


def _ends(observed: Observed, inputs: Inputs, drawn: Draws) -> dict[str, list[dict[str, object]]]:
    """Return, for each input, the two changes that take it to the percentiles of the range."""
    ends: dict[str, list[dict[str, object]]] = {}
    if observed.answered:
        verb = "moved" if observed.goal == "households" else "hired"
        steps = np.array([step.draw(_TAILS) for step in inputs.steps])
        ends[f"would_not_have_{verb}"] = [{"steps": steps[:, end]} for end in (0, 1)]
        if observed.moved > observed.answered:
            ends["unanswered_share_of_answered"] = _two("unanswered", inputs.unanswered.draw(_TAILS))
        if observed.counts[:, 1:].any():
            ends["other_project_credit"] = [{"credit_at": at} for at in _TAILS]
    else:
        ends[f"deadweight_{observed.goal}"] = _two("deadweight", inputs.deadweight.draw(_TAILS))
    if observed.retention:
        name = "still_resident" if observed.goal == "households" else "employed_at_12_months"
        ends[name] = _two("retention", np.quantile(drawn.retention, _TAILS))
    if inputs.displacement is not None:
        name = "displacement_companies" if observed.local is None else "hire_already_local"
        ends[name] = _two("displacement", np.quantile(drawn.lost, _TAILS))
    return ends


def _two(name: str, ends: np.ndarray) -> list[dict[str, object]]:
    return [{name: float(end)} for end in ends]


def _filters(observed: Observed, inputs: Inputs) -> pd.DataFrame:
    """Return each filter once: the share it keeps, at its mode and at its ends, and where it comes from."""
    rows = [_deadweight(observed, inputs), _other_projects(observed, inputs), _silent(observed, inputs)]
    kept = observed.retention
    if kept is None:
        rows.append(("retention", False, 1.0, 1.0, 1.0, "no_data", 0))
    else:
        basis = "records" if kept.known else "not_followed_up"
        rows.append(("retention", True, kept.low, kept.value, kept.high, basis, kept.known))
    if inputs.displacement is None:
        rows.append(("displacement", False, 1.0, 1.0, 1.0, "border_rule", observed.moved))
    elif observed.local is not None:
        one = observed.local
        rows.append(("displacement", True, 1 - one.high, 1 - one.value, 1 - one.low, "records", one.known))
    else:
        lost = inputs.displacement
        rows.append(("displacement", True, 1 - lost.high, 1 - lost.mode, 1 - lost.low, "assumption", 0))
    return pd.DataFrame([(observed.goal, *row) for row in rows], columns=FILTERS)


def _deadweight(observed: Observed, inputs: Inputs) -> tuple[object, ...]:
    if not observed.answered:
        dead = inputs.deadweight
        return ("deadweight", True, 1 - dead.high, 1 - dead.mode, 1 - dead.low, "assumption", 0)
    mix = observed.by_step / observed.answered
    ends = [float(mix @ [getattr(step, end) for step in inputs.steps]) for end in ("low", "mode", "high")]
    return ("deadweight", True, *ends, "survey", observed.answered)


def _other_projects(observed: Observed, inputs: Inputs) -> tuple[object, ...]:
    told = int(observed.counts.sum())
    if not told:
        return ("other_projects", False, 1.0, 1.0, 1.0, "no_data", 0)
    mix = observed.counts.sum(axis=0) / told
    ranges = [credit_range(inputs.credit, m) for m in range(len(mix))]
    ends = [float(mix @ [getattr(one, end) for one in ranges]) for end in ("low", "mode", "high")]
    return ("other_projects", True, *ends, "survey", told)


def _silent(observed: Observed, inputs: Inputs) -> tuple[object, ...]:
    """Return the share of the answered mean that all of M is given: 1 for the answered, v for the others."""
    if not observed.answered or not observed.moved:
        return ("non_response", False, 1.0, 1.0, 1.0, "no_data", 0)
    answered = observed.answered / observed.moved
    v: Range = inputs.unanswered
    ends = [answered + (1 - answered) * one for one in (v.low, v.mode, v.high)]
    return ("non_response", observed.answered < observed.moved, *ends, "assumption", observed.answered)


def _bounds(observed: Observed, drawn: Draws) -> pd.DataFrame:
    """Return the range with all who are not known at either end: unanswered, or not followed up."""
    cases: dict[str, np.ndarray] = {}
    if observed.answered and observed.answered < observed.moved:
        cases |= {"unanswered_none": drawn.none, "unanswered_every": drawn.every}
    if observed.retention is not None and observed.retention.missing:
        cases |= {"not_followed_left": drawn.left, "not_followed_stayed": drawn.stayed}
    if cases:
        cases["every_unknown_counted"] = drawn.best
    rows = [
        (observed.goal, case, *map(float, np.percentile(values, _PERCENTILES)))
        for case, values in cases.items()
    ]
    return pd.DataFrame(rows, columns=BOUNDS)


# --- Level 2 for a goal that counts persons


def in_persons(found: Contribution, records: Records, project: Project, until: date) -> Contribution:
    """Return a contribution to households as one to persons.

    Notes
    -----
    Who would have come anyway is answered by households, so each draw is of households, times the mean
    number of members of those known to have moved in. That large and small households answer alike is an
    assumption; the records seldom hold enough answers to tell. The filters are shares and stay as they are.
    """
    homes = classify_households(records, project, until)
    moved = homes[homes["status"] == "moved_in"]
    size = float(members(moved).mean()) if len(moved) else 1.0
    tables = {}
    for name in ("tornado", "bounds"):
        table = getattr(found, name).copy()
        ends = [column for column in ("low", "median", "high", "base") if column in table]
        tables[name] = table.assign(**{column: table[column] * size for column in ends})
    values = {name: getattr(found, name) for name in ("low", "median", "high", "at_modes", "high_bound")}
    scaled = {name: None if value is None else value * size for name, value in values.items()}
    return replace(found, persons_each=size, **scaled, **tables)  # type: ignore[arg-type]
