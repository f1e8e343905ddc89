"""The verdict's rules: the first row of a level's table that matches.

The conditions are those of the method's table; :mod:`attraktiv_eval.findings.words` holds their words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from attraktiv_eval.errors import ParameterError

__all__ = ["RULES", "Level3", "Verdict", "verdict", "verdicts"]

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
        "goal_in_range",
    ),
    3: (
        "not_applicable",
        "not_followed",
        "not_tested",
        "not_attributable",
        "goal_incompatible",
        "effect_supported",
        "effect_of_uncertain_size",
        "too_noisy",
        "undecided",
    ),
}


#: What is counted but followed no further, and the rule that says so on levels 2 and 3.
NOT_FOLLOWED = {"organisations": "not_applicable", "participations": "not_followed"}


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

    ``pseudo_effect`` is what the same method shows in ``pseudo_years`` (first, last), before the project.
    ``members`` are the equally good specifications, each a Level3 itself; ``set_agrees`` says whether they
    agree on zero lying inside, and is worked out from the members where there are any. ``unit`` is what the
    statistics count where it is not what the goal counts (vacancies for companies): the goal is then only
    the most that the project can have changed the count by, and the direction says nothing by itself.
    """

    estimate: float
    low: float
    high: float
    mde: float
    pseudo_effect: float | None = None
    pseudo_years: tuple[int, int] | None = None
    set_agrees: bool = True
    members: tuple[Level3, ...] = ()
    unit: str = ""

    @property
    def everyone(self) -> tuple[Level3, ...]:
        """The primary specification and the set; a verdict must hold in all of them."""
        return (self, *self.members)

    @property
    def agrees(self) -> bool:
        """Whether all specifications say the same of zero."""
        inside = {one.low <= 0 <= one.high for one in self.everyone}
        return self.set_agrees and len(inside) == 1

    @property
    def seen_before(self) -> bool:
        """Whether at least half of the estimate, with its sign, is there before the project already."""
        if self.pseudo_effect is None or self.estimate == 0:
            return False
        return self.pseudo_effect / self.estimate >= 0.5

    @property
    def mostly_seen_before(self) -> bool:
        """Whether that holds for more than half of the set, the primary specification included."""
        return sum(one.seen_before for one in self.everyone) > len(self.everyone) / 2


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

    Examples
    --------
    >>> verdict(1, "households", 400, known=380, unknown=36).rule
    'not_shown'
    """
    if level == 1:
        return _level1(goal, target, known, unknown)
    if level in (2, 3) and (counts or goal) in NOT_FOLLOWED:
        return Verdict(level, goal, NOT_FOLLOWED[counts or goal], {"goal": target})
    if level == 2:
        return _level2(goal, target, contribution)
    if level == 3:
        found = _level3(goal, target, known, contribution, comparison)
        return replace(found, values=found.values | {"counts": counts}) if counts else found
    raise ParameterError(f"there is no level {level}", remedy="choose 1, 2 or 3")


def verdicts(
    counts: Mapping[str, _Counted],
    contributions: Mapping[str, _Contributed],
    comparisons: Mapping[str, Level3 | None],
) -> dict[str, dict[int, Verdict]]:
    """Return every goal's verdict on every level."""
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
            )
            for level in (1, 2, 3)
        }
        for goal, count in counts.items()
    }


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
    if high < target:
        return Verdict(2, goal, "below_goal", values)
    return Verdict(2, goal, "goal_in_range", values)


def _level3(
    goal: str,
    target: int,
    known: int | None,
    contribution: _Contributed | None,
    comparison: Level3 | None,
) -> Verdict:
    if contribution is not None and contribution.reason == "not_applicable":
        return Verdict(3, goal, "not_applicable", {"goal": target})
    if comparison is None:
        return Verdict(3, goal, "not_tested", {"goal": target})
    everyone = comparison.everyone
    values = _level3_values(target, known, contribution, comparison)
    reasons = _gate(comparison, known)
    seen = all(one.low > 0 for one in everyone)
    if comparison.unit:
        seen = seen or all(one.high < 0 for one in everyone)
    if reasons:
        rule = "not_attributable"
    elif not comparison.unit and all(one.high < target for one in everyone):
        rule = "goal_incompatible"
    elif seen and all(one.mde <= target for one in everyone):
        rule = "effect_supported"
    elif seen:
        rule = "effect_of_uncertain_size"
    elif any(one.mde > target for one in everyone):
        rule = "too_noisy"
    else:
        rule = "undecided"
    return Verdict(3, goal, rule, values, reasons)


def _level3_values(
    target: int, known: int | None, contribution: _Contributed | None, comparison: Level3
) -> dict[str, Any]:
    mde = comparison.mde
    if mde <= target:
        mde = max(mde, *(one.mde for one in comparison.everyone))
    h2 = contribution.high if contribution is not None and contribution.applies else None
    unit = {"unit": comparison.unit} if comparison.unit else {}
    return {
        **unit,
        "goal": target,
        "known": known,
        "estimate": comparison.estimate,
        "low": comparison.low,
        "high": comparison.high,
        "mde": mde,
        "pseudo_effect": comparison.pseudo_effect,
        "pseudo_years": comparison.pseudo_years,
        "cannot_test_level2": h2 is not None and mde > h2,
    }


def _gate(comparison: Level3, known: int | None) -> list[str]:
    """Return every reason why the county's development cannot be credited to the project."""
    reasons = []
    if comparison.seen_before:
        reasons.append("seen_before")
    elif comparison.mostly_seen_before:
        reasons.append("mostly_seen_before")
    if not comparison.agrees:
        reasons.append("methods_disagree")
    if known is not None and not comparison.unit and comparison.estimate > known:
        reasons.append("exceeds_known")
    return reasons
