"""The three levels against the goals, each by its own rule; the levels are never combined.

A verdict is the first row of a level's table that matches, and its words stand beside the rules. Pure:
numbers in, verdicts out, nothing is read or drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from attraktiv_eval.errors import ParameterError
from attraktiv_eval.project import NOT_FOLLOWED
from attraktiv_eval.statistics.outcomes import unit_words
from attraktiv_eval.texts import number, span, translator

__all__ = [
    "RULES",
    "Level3",
    "Verdict",
    "aim_words",
    "mde_sentence",
    "verdict",
    "verdict_sentence",
    "verdict_short",
    "verdict_words",
    "verdicts",
]


#: Rule ids of each level, in the order in which they are tried.
RULES: dict[int, tuple[str, ...]] = {
    1: ("no_evidence", "goal_reached", "not_shown", "goal_not_reached"),
    2: (
        "not_applicable",
        "not_followed",
        "no_evidence",
        "assumption_only",
        "at_least_goal",
        "below_goal",
        "goal_in_bound",
        "goal_in_range",
    ),
    3: (
        "not_applicable",
        "not_followed",
        "not_tested",
        "goal_incompatible",
        "too_coarse",
        "no_goal_effect",
        "methods_disagree",
        "fewer_moved_in",
        "drift_untested",
        "seen_before",
        "not_grown",
        "exceeds_known",
        "effect_supported",
        "effect_of_uncertain_size",
    ),
}

#: Share of cases in which an effect of the goal's size must be found for its absence to say anything.
ENOUGH_POWER = 0.8


#: Rules by which a goal is missed; before the day by which it was promised it is so only so far.
REFUSED = frozenset({"goal_not_reached", "below_goal"})


class _Counted(Protocol):
    @property
    def target(self) -> int: ...
    @property
    def known(self) -> int | None: ...
    @property
    def unknown(self) -> int: ...


class _Contributed(Protocol):
    @property
    def applies(self) -> bool: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def has_survey(self) -> bool: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...


@dataclass(frozen=True)
class Level3:
    """A counterfactual estimate, its interval and what the design could have seen, in units of the goal.

    What is missing is NaN, and never decides for or against the project.

    Attributes
    ----------
    estimate, low, high : float
    mde : float
        The smallest effect that is found in 80 of 100 cases.
    pseudo_effect, pseudo_years
        What the same method shows in the window of equal length (first, last year) before the project.
    change_low, change_high : float
        The interval of the drift test: of the estimate less the pseudo-effect.
    breakdown : float
        How many times the worst drift before the project the drift after may be before zero lies inside.
    noise : tuple of float
        What each comparison region shows where nothing was done, on the treated region's scale.
    border : float
        The size from which an estimate is told apart from chance.
    draw_factor : float
        How many times likelier to be drawn some regions must have been before the test's answer changes.
    pace : float, optional
        The goal of the years compared, where they are fewer than the project's; else the goal itself.
    members : tuple of Level3
        The equally good specifications; a verdict must hold in all.
    unit : str
        What the statistics count where it is not what the goal counts (vacancies for companies): the goal
        is then only the most that the project can have changed the count by, and the direction says nothing
        by itself.
    unit_words : mapping of str to str, optional
        Its words by language, where it is no unit of the package's own.
    """

    estimate: float
    low: float
    high: float
    mde: float
    pseudo_effect: float | None = None
    pseudo_years: tuple[int, int] | None = None
    change_low: float = math.nan
    change_high: float = math.nan
    breakdown: float = math.nan
    noise: tuple[float, ...] = ()
    border: float = math.nan
    draw_factor: float = math.nan
    pace: float | None = None
    members: tuple[Level3, ...] = ()
    unit: str = ""
    unit_words: Mapping[str, str] | None = None

    @property
    def everyone(self) -> tuple[Level3, ...]:
        """The primary specification and the set; a verdict must hold in all of them."""
        return (self, *self.members)

    @property
    def side(self) -> int:
        """1 where the interval lies above zero, -1 below; 0 where zero lies inside or an end is missing."""
        return 1 if self.low > 0 else -1 if self.high < 0 else 0

    @property
    def grew(self) -> bool | None:
        """Whether the deviation is larger than the one just before by more than chance; None: not tested.

        Larger away from zero: a county above its comparison must have risen, one below it fallen.
        """
        if math.isnan(self.change_low) or math.isnan(self.change_high):
            return None
        return self.change_low > 0 if self.side >= 0 else self.change_high < 0

    @property
    def seen_before(self) -> bool:
        """Whether at least half of the estimate, with its sign, is there before the project already."""
        return bool(self.pseudo_effect and self.estimate and self.pseudo_effect / self.estimate >= 0.5)

    def power(self, effect: float) -> float:
        """Return the share of the comparison regions in which a true effect of this size would be found."""
        if not self.noise:
            return math.nan
        return sum(abs(one + effect) > self.border for one in self.noise) / len(self.noise)

    def exaggeration(self, effect: float) -> float:
        """Return how many times too large an estimate of this effect is on average where it is found.

        Where it is found nowhere, what the smallest estimate that could be found would overstate it by.
        """
        if not (self.noise and effect > 0):
            return math.nan
        found = [abs(one + effect) for one in self.noise if abs(one + effect) > self.border]
        return (sum(found) / len(found) if found else max(self.border, effect)) / effect


@dataclass(frozen=True)
class Verdict:
    """What one level says of one goal: a rule's id, the values its words need, and reasons by id."""

    level: int
    goal: str
    rule: str
    values: dict[str, Any] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)


def verdict(
    level: int,
    goal: str,
    target: int,
    *,
    known: int | None = None,
    unknown: int = 0,
    contribution: _Contributed | None = None,
    comparison: Level3 | None = None,
    counts: str = "",
    invented: bool = False,
    ongoing: bool = False,
) -> Verdict:
    """Return the verdict of a level on a goal: the first rule of the method's table that matches.

    Parameters
    ----------
    level : int
        1, 2 or 3.
    goal : str
        The goal's id.
    target : int
        What was promised.
    known, unknown : int
        Level 1: how many are known, and how many were not followed up; ``known`` None means no list.
    contribution : Contribution, optional
        Level 2; on level 3 it tells whether that level could test it.
    comparison : Level3, optional
        Level 3; None where there is no outcome or the design was refused.
    counts : str, optional
        What the goal counts, where its id does not say it.
    invented : bool
        Whether the records are invented: their count then decides nothing on level 3.
    ongoing : bool
        Whether the report's last day lies before the day by which the goal was promised: levels 1 and 2 then
        say that the goal is missed *so far* (``values["ongoing"]``). Level 3 is held against the pace.

    Examples
    --------
    >>> verdict(1, "households", 400, known=380, unknown=36).rule
    'not_shown'
    """
    if level == 1:
        return _so_far(_level1(goal, target, known, unknown), ongoing)
    if level in (2, 3) and (counts or goal) in NOT_FOLLOWED:
        return Verdict(level, goal, NOT_FOLLOWED[counts or goal], {"goal": target})
    if level == 2:
        return _so_far(_level2(goal, target, contribution), ongoing)
    if level == 3:
        found = _level3(goal, target, known, contribution, comparison, invented)
        return replace(found, values=found.values | {"counts": counts}) if counts else found
    raise ParameterError(f"there is no level {level}", remedy="choose 1, 2 or 3")


def verdicts(
    counts: Mapping[str, _Counted],
    contributions: Mapping[str, _Contributed],
    comparisons: Mapping[str, Level3 | None],
    *,
    invented: bool = False,
    ongoing: bool = False,
) -> dict[str, dict[int, Verdict]]:
    """Return every goal's verdict on every level; ``invented`` and ``ongoing`` as in :func:`verdict`."""
    return {
        goal: {
            level: verdict(
                level,
                goal,
                count.target,
                known=count.known,
                unknown=count.unknown,
                contribution=contributions.get(goal),
                comparison=comparisons.get(goal),
                counts=getattr(count, "counts", ""),
                invented=invented,
                ongoing=ongoing,
            )
            for level in (1, 2, 3)
        }
        for goal, count in counts.items()
    }


def _so_far(found: Verdict, ongoing: bool) -> Verdict:
    """Mark a verdict that refuses the goal before the day by which it was promised."""
    refused = ongoing and found.rule in REFUSED
    return replace(found, values=found.values | {"ongoing": True}) if refused else found


def _level1(goal: str, target: int, known: int | None, unknown: int) -> Verdict:
    if known is None:
        return Verdict(1, goal, "no_evidence", {"goal": target})
    values = {"goal": target, "known": known, "unknown": unknown}
    if known >= target:
        return Verdict(1, goal, "goal_reached", values)
    if target <= known + unknown:
        return Verdict(1, goal, "not_shown", values)
    return Verdict(1, goal, "goal_not_reached", values)


def _level2(goal: str, target: int, contribution: _Contributed | None) -> Verdict:
    if contribution is not None and contribution.reason == "not_applicable":
        return Verdict(2, goal, "not_applicable", {"goal": target})
    if contribution is None or not contribution.applies:
        return Verdict(2, goal, "no_evidence", {"goal": target})
    low, high = contribution.low, contribution.high
    assert low is not None
    assert high is not None
    values = {"goal": target, "low": low, "high": high}
    if not contribution.has_survey:
        return Verdict(2, goal, "assumption_only", values)
    if low >= target:
        return Verdict(2, goal, "at_least_goal", values)
    if high >= target:
        return Verdict(2, goal, "goal_in_range", values)
    bound = getattr(contribution, "high_bound", high)
    if bound is not None and bound < target:
        return Verdict(2, goal, "below_goal", values)
    return Verdict(2, goal, "goal_in_bound", values | {"high_bound": bound})


def _level3(
    goal: str,
    target: int,
    known: int | None,
    contribution: _Contributed | None,
    comparison: Level3 | None,
    invented: bool,
) -> Verdict:
    if contribution is not None and contribution.reason == "not_applicable":
        return Verdict(3, goal, "not_applicable", {"goal": target})
    if comparison is None:
        return Verdict(3, goal, "not_tested", {"goal": target})
    pace = target if comparison.pace is None else comparison.pace
    values = _level3_values(target, pace, comparison)
    h2 = contribution.high if contribution is not None and contribution.applies and not invented else None
    values["known"] = None if invented else known
    values["cannot_check_level2"] = h2 is not None and not comparison.unit and values["mde_low"] > h2
    return Verdict(3, goal, _rule(comparison, pace, values["known"]), values)


def _rule(comparison: Level3, goal: float, known: int | None) -> str:
    """Return the first row of the table that matches; what credits is asked only where zero lies outside."""
    everyone = comparison.everyone
    sides = {one.side for one in everyone}
    if sides == {0}:
        return _rule_without_effect(comparison, goal)
    if len(sides) > 1:
        return "methods_disagree"
    if sides == {-1} and not comparison.unit:
        return "fewer_moved_in"
    if any(one.grew is None for one in everyone):
        return "drift_untested"
    if not all(one.grew for one in everyone):
        return "seen_before" if comparison.seen_before else "not_grown"
    if known is not None and not comparison.unit and all(one.low > known for one in everyone):
        return "exceeds_known"
    if all(one.mde <= goal for one in everyone):
        return "effect_supported"
    return "effect_of_uncertain_size"


def _rule_without_effect(comparison: Level3, goal: float) -> str:
    everyone = comparison.everyone
    if not comparison.unit and all(one.high < goal for one in everyone):
        return "goal_incompatible"
    known = not any(math.isnan(end) for one in everyone for end in (one.low, one.high))
    if known and all(one.power(goal) >= ENOUGH_POWER for one in everyone):
        return "no_goal_effect"
    return "too_coarse"


def _level3_values(target: int, pace: float, comparison: Level3) -> dict[str, Any]:
    everyone = comparison.everyone
    mde_low, mde_high = _ends([one.mde for one in everyone])
    power_low, power_high = _ends([one.power(pace) for one in everyone])
    over_low, over_high = _ends([one.exaggeration(pace) for one in everyone])
    unit: dict[str, Any] = {"unit": comparison.unit} if comparison.unit else {}
    if comparison.unit_words:
        unit["unit_words"] = dict(comparison.unit_words)
    return {
        **unit,
        "goal": target,
        "pace": pace,
        "estimate": comparison.estimate,
        "low": comparison.low,
        "high": comparison.high,
        "mde_low": mde_low,
        "mde_high": mde_high,
        "power_low": power_low,
        "power_high": power_high,
        "cases_low": _cases(power_low),
        "cases_high": _cases(power_high),
        "exaggeration_low": over_low,
        "exaggeration_high": over_high,
        "breakdown": comparison.breakdown,
        "draw_factor": comparison.draw_factor,
        "pseudo_effect": comparison.pseudo_effect,
        "pseudo_years": comparison.pseudo_years,
    }


def _ends(values: list[float]) -> tuple[float, float]:
    """Return the smallest and the largest; both missing where any is: a range leaves nobody out."""
    if any(math.isnan(value) for value in values):
        return math.nan, math.nan
    return min(values), max(values)


def _cases(power: float) -> int | None:
    """Return in how many whole cases of ten an effect is found; never rounded up to enough."""
    return None if math.isnan(power) else math.floor(10 * power + 1e-9)


# --- The verdict in words, in both languages

#: Rules of level 3 that compared nothing.
UNTESTED = ("not_tested", "not_applicable", "not_followed", "no_evidence")


def verdict_words(verdict: Verdict, language: str) -> str:
    """Return the verdict in words: the rule's sentence, and on level 3 the facts that always stand beside it.

    They are what the same method shows just before the project, the smallest effect that is found in 80 of
    100 cases as a range over the equally good specifications, and whether that can check level 2.
    """
    _ = translator(language)
    parts = [verdict_sentence(verdict, language)]
    if verdict.level == 3 and verdict.rule not in UNTESTED and verdict.rule in RULES[3]:
        parts += [
            _before(verdict, language),
            mde_sentence(verdict, language, with_aim=verdict.rule != "too_coarse"),
        ]
        if verdict.values.get("cannot_check_level2"):
            parts.append(_("The statistics are too coarse to check the estimate of level 2."))
    return " ".join(part for part in parts if part)


def mde_sentence(verdict: Verdict, language: str, *, with_aim: bool = True) -> str:
    """Return the sentence on the smallest detectable effect that stands beside every tested level 3.

    ``with_aim`` adds what it is held against, where the sentence before has not said it.
    """
    _ = translator(language)
    low, high = verdict.values["mde_low"], verdict.values["mde_high"]
    if not math.isfinite(low):
        said = _("No effect of any size would be found in 80 of 100 cases")
    elif not math.isfinite(high):
        said = _(
            "The smallest effect found in 80 of 100 cases is {mde}, and by some equally good methods none is"
        ).format(mde=_counted(verdict, number(low, language), language))
    else:
        said = _("The smallest effect found in 80 of 100 cases is {mde}").format(
            mde=_counted(verdict, span(low, high, language), language)
        )
    if not with_aim:
        return said + "."
    pace, goal = (number(verdict.values[name], language) for name in ("pace", "goal"))
    held = _("the goal is {goal}.")
    if _paced(verdict):
        held = _("the goal’s pace for the years compared is {pace} of {goal}.")
    return f"{said}; {held.format(pace=pace, goal=goal)}"


def _paced(verdict: Verdict) -> bool:
    """Return whether a comparison is held against the goal's pace, since it covers fewer years."""
    pace = verdict.values.get("pace")
    return pace is not None and pace != verdict.values.get("goal")


def aim_words(verdict: Verdict, language: str, shown: Callable[[float], str] | None = None) -> str:
    """Return what level 3 is held against: the goal, or the number that its pace asks for by then.

    ``shown`` writes a number; None writes it as plain text.
    """
    _ = translator(language)
    if not _paced(verdict):
        return _("the goal")
    written = shown or (lambda value: number(value, language))
    pace, goal = (written(verdict.values[name]) for name in ("pace", "goal"))
    return _("the goal’s pace for the years compared ({pace} of {goal})").format(pace=pace, goal=goal)


def _before(verdict: Verdict, language: str) -> str:
    """Return what the same method shows just before the project; empty where it cannot be made."""
    _ = translator(language)
    pseudo = verdict.values.get("pseudo_effect")
    if pseudo is None or not (math.isfinite(pseudo) and verdict.values.get("pseudo_years")):
        return ""
    return _("The same method shows {n} in {years}, before the project.").format(
        n=_counted(verdict, number(pseudo, language, signed=True), language), years=_years(verdict)
    )


def _years(verdict: Verdict) -> str:
    first, last = verdict.values.get("pseudo_years") or ("–", "–")
    return f"{first}–{last}" if first != last else f"{first}"


def _counted(verdict: Verdict, shown: str, language: str) -> str:
    """Return a number with what it counts: of the statistics where that is not what the goal counts."""
    _ = translator(language)
    unit = verdict.values.get("unit")
    if unit:
        own = verdict.values.get("unit_words") or {}
        return f"{shown} {own.get(language) or unit_words(unit, language)}"
    counts = verdict.values.get("counts") or verdict.goal
    if counts == "persons":
        return _("{n} persons").format(n=shown)
    if counts == "households":
        return _("{n} households").format(n=shown)
    return shown


def verdict_sentence(verdict: Verdict, language: str) -> str:
    """Return the sentence of the rule alone; a rule of an earlier version by its few words."""
    _ = translator(language)
    ongoing = bool(verdict.values.get("ongoing"))
    words = {
        "no_evidence": _("No evidence in this run."),
        "not_applicable": _("Not assessed on this level: organisations are counted by name."),
        "not_followed": _("Not assessed on this level: those who took part are counted, not followed."),
        "goal_reached": _(
            "Goal reached by the project’s own records. This does not show that the project was the cause."
        ),
        "not_shown": _("Not shown: {unknown} were not followed up."),
        "goal_not_reached": _("Goal not yet reached.") if ongoing else _("Goal not reached."),
        "assumption_only": _("Assumption only; no conclusion against the goal."),
        "at_least_goal": _(
            "The project plausibly contributed to at least the goal, if the assumptions hold."
        ),
        "below_goal": (
            _(
                "So far the contribution is below the goal of the whole project, even under favourable "
                "assumptions."
            )
            if ongoing
            else _("Even under favourable assumptions the contribution is below the goal.")
        ),
        "goal_in_bound": _(
            "Undecided: the range {low}–{high} is below the goal, but with every unknown counted for the "
            "project the contribution may be {high_bound}."
        ),
        "goal_in_range": _("Undecided: the range {low}–{high} contains the goal."),
        "not_tested": _("Not tested: no statistics."),
        "goal_incompatible": _("An effect as large as {aim} is not compatible with the statistics."),
        "too_coarse": _coarse(verdict, language),
        "no_goal_effect": _("No effect as large as {aim} is seen, though it would probably have been."),
        "methods_disagree": _("Equally good methods disagree; no conclusion."),
        "fewer_moved_in": _("Fewer moved in than in comparable counties."),
        "drift_untested": _(
            "The county deviated more than chance usually gives, but whether it did so already before the "
            "project could not be tested; it cannot be credited to the project."
        ),
        "seen_before": _(
            "The county deviated more than chance usually gives, but did so already in {years}, before the "
            "project; it cannot be credited to the project."
        ),
        "not_grown": _(
            "The county deviated more than chance usually gives, but not by more than chance beyond "
            "what it did "
            "just before, in {years}; it cannot be credited to the project."
        ),
        "exceeds_known": _exceeds(verdict, language),
        "effect_supported": _(
            "The statistics support an effect, but do not prove that the project caused it."
        ),
        "effect_of_uncertain_size": _(
            "The county deviated more than chance usually gives, but a design this noisy overstates what it"
            " detects; the size is uncertain."
        ),
    }
    if verdict.rule not in words:
        return verdict_short(verdict, language)
    return words[verdict.rule].format(**_filled(verdict, language))


def _coarse(verdict: Verdict, language: str) -> str:
    """Return the sentence with the cases of ten, as a range over the equally good specifications."""
    _ = translator(language)
    low, high = verdict.values.get("cases_low"), verdict.values.get("cases_high")
    if low is None or high is None:
        return _(
            "The statistics are too coarse: how often an effect as large as {aim} would have been found is "
            "not known. They speak neither for nor against the project."
        )
    if high == 0:
        return _(
            "The statistics are too coarse: an effect as large as {aim} would have been found in fewer than "
            "1 case of 10. They speak neither for nor against the project."
        )
    cases = str(low) if low == high else f"{low}–{high}"
    text = _(
        "The statistics are too coarse: an effect as large as {aim} would have been found in {k} cases of "
        "10. They speak neither for nor against the project."
    )
    return text.replace("{k}", cases)


def _exceeds(verdict: Verdict, language: str) -> str:
    _ = translator(language)
    if verdict.values.get("counts") == "persons":
        return _(
            "The county deviated by more than all persons known to have moved in; most of it must have other "
            "causes."
        )
    return _(
        "The county deviated by more than all households known to have moved in; most of it must have other "
        "causes."
    )


def _filled(verdict: Verdict, language: str) -> dict[str, str]:
    """Return the values as the language writes them; whole numbers, for nothing finer is known."""
    names = ("unknown", "low", "high", "high_bound", "mde")
    values = {name: number(verdict.values[name], language) for name in names if _finite(verdict, name)}
    aim = aim_words(verdict, language)
    return {"high_bound": "–", "mde": "–", **values, "aim": aim, "years": _years(verdict)}


def _finite(verdict: Verdict, name: str) -> bool:
    value = verdict.values.get(name)
    return value is not None and math.isfinite(value)


def verdict_short(verdict: Verdict, language: str) -> str:
    """Return the verdict in two or three words, for a cell of a table.

    Reports of earlier versions keep their rules; an unknown one is shown by its id.
    """
    _ = translator(language)
    ongoing = bool(verdict.values.get("ongoing"))
    words = {
        "no_evidence": _("no evidence"),
        "not_applicable": "–",
        "not_followed": "–",
        "goal_reached": _("reached"),
        "not_shown": _("not shown"),
        "goal_not_reached": _("not yet reached") if ongoing else _("not reached"),
        "assumption_only": _("assumption only"),
        "at_least_goal": _("at least the goal"),
        "below_goal": _("below the goal so far") if ongoing else _("below the goal"),
        "goal_in_bound": _("undecided"),
        "goal_in_range": _("undecided"),
        "not_tested": _("not tested: no statistics"),
        "goal_incompatible": _("not compatible with the goal’s pace")
        if _paced(verdict)
        else _("not compatible with the goal"),
        "too_coarse": _("too coarse"),
        "no_goal_effect": _("no effect as large as the goal’s pace seen")
        if _paced(verdict)
        else _("no effect of the goal’s size seen"),
        "methods_disagree": _("equally good methods disagree"),
        "fewer_moved_in": _("fewer than in comparable counties"),
        "drift_untested": _("cannot be credited to the project"),
        "seen_before": _("seen already before the project"),
        "not_grown": _("no more than before the project"),
        "exceeds_known": _("mostly other causes"),
        "effect_supported": _("supported, not proven"),
        "effect_of_uncertain_size": _("size uncertain"),
        # Of earlier versions:
        "not_attributable": _("cannot be credited to the project"),
        "too_noisy": _("too noisy (smallest detectable {mde})"),
        "undecided": _("undecided"),
    }
    return words.get(verdict.rule, verdict.rule).format(**_filled(verdict, language))
