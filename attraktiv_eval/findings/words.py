"""The verdict in words, in both languages; chosen by rule, never typed into a report."""

from __future__ import annotations

import math

from attraktiv_eval.findings.rules import Verdict
from attraktiv_eval.statistics.outcomes import unit_words
from attraktiv_eval.texts import number, translator

__all__ = ["mde_sentence", "verdict_short", "verdict_words"]


def verdict_words(verdict: Verdict, language: str) -> str:
    """Return the verdict in words: the rule's sentence, and on level 3 what the design could have seen."""
    _ = translator(language)
    parts = [_sentence(verdict, language)]
    if verdict.level == 3 and verdict.rule not in ("not_tested", "not_applicable", "not_followed"):
        parts += [] if verdict.rule == "too_noisy" else [mde_sentence(verdict, language)]
        if verdict.values.get("cannot_test_level2"):
            parts.append(
                _(
                    "Level 3 cannot test level 2: the contribution is smaller than the smallest detectable "
                    "effect."
                )
            )
    return " ".join(parts)


def mde_sentence(verdict: Verdict, language: str) -> str:
    """Return the sentence on the smallest detectable effect that stands beside every tested level 3."""
    _ = translator(language)
    mde, goal = verdict.values["mde"], number(verdict.values["goal"], language)
    if not math.isfinite(mde):
        return _("No effect of any size could have been detected; the goal is {goal}.").format(goal=goal)
    text = _("The smallest detectable effect is {mde}, the goal {goal}.")
    return text.format(mde=_counted(verdict, mde, language), goal=goal)


def _counted(verdict: Verdict, value: float, language: str) -> str:
    """Return a number, and what it counts where that is not what the goal counts."""
    unit = verdict.values.get("unit")
    shown = number(value, language)
    return f"{shown} {unit_words(unit, language)}" if unit else shown


def _sentence(verdict: Verdict, language: str) -> str:
    _ = translator(language)
    words = {
        "no_evidence": _("No evidence in this run."),
        "not_applicable": _("Not assessed on this level: organisations are counted by name."),
        "not_followed": _("Not assessed on this level: those who took part are counted, not followed."),
        "goal_reached": _(
            "Goal reached by the project’s own records. This does not show that the project was the cause."
        ),
        "not_shown": _("Not shown: {unknown} were not followed up."),
        "goal_not_reached": _("Goal not reached."),
        "assumption_only": _("Assumption only; no conclusion against the goal."),
        "at_least_goal": _(
            "The project plausibly contributed to at least the goal, if the assumptions hold."
        ),
        "below_goal": _("Even under favourable assumptions the contribution is below the goal."),
        "goal_in_range": _("Undecided: the range {low}–{high} contains the goal."),
        "not_tested": _("Not tested: no statistics."),
        "not_attributable": _("The county’s development cannot be credited to the project: {reason}."),
        "goal_incompatible": _("An effect as large as the goal is not compatible with the statistics."),
        "effect_supported": _(
            "The statistics support an effect, but do not prove that the project caused it."
        ),
        "effect_of_uncertain_size": _(
            "The county deviated more than chance usually gives, but a design this noisy overstates what it"
            " detects; the size is uncertain."
        ),
        "too_noisy": _(
            "Too noisy: the smallest detectable effect is {mde}, the goal {goal}. The statistics neither"
            " confirm nor refute."
        ),
        "undecided": _("Undecided."),
    }
    if verdict.rule == "too_noisy" and not math.isfinite(verdict.values["mde"]):
        text = _("Too noisy: no effect of any size could have been detected; the goal is {goal}.")
        text += " " + _("The statistics neither confirm nor refute.")
    else:
        text = words[verdict.rule]
    return text.format(**_filled(verdict, language))


def _filled(verdict: Verdict, language: str) -> dict[str, str]:
    """Return the values as the language writes them; whole numbers, for nothing finer is known."""
    names = ("goal", "known", "unknown", "low", "high", "estimate", "mde")
    values = {name: number(verdict.values[name], language) for name in names if _finite(verdict, name)}
    if "mde" in values:
        values["mde"] = _counted(verdict, verdict.values["mde"], language)
    return {**values, "reason": _reasons(verdict, language)}


def _finite(verdict: Verdict, name: str) -> bool:
    value = verdict.values.get(name)
    return value is not None and math.isfinite(value)


def _reasons(verdict: Verdict, language: str) -> str:
    _ = translator(language)
    first, last = verdict.values.get("pseudo_years") or ("", "")
    pseudo = verdict.values.get("pseudo_effect")
    filled = {
        "n": "" if pseudo is None else number(pseudo, language),
        "years": f"{first}–{last}" if first != last else f"{first}",
    }
    words = {
        "seen_before": _("the same method shows {n} households already in {years}, before the project"),
        "mostly_seen_before": _(
            "most of the equally good methods show at least half as much already in {years},"
            " before the project"
        ),
        "methods_disagree": _("equally good methods disagree"),
        "exceeds_known": _("the gap exceeds all households known to have moved in"),
    }
    if verdict.values.get("counts") == "persons":
        words |= {
            "seen_before": _("the same method shows {n} persons already in {years}, before the project"),
            "exceeds_known": _("the gap exceeds all persons known to have moved in"),
        }
    if verdict.values.get("unit"):
        filled["n"] = "" if pseudo is None else _counted(verdict, pseudo, language)
        words["seen_before"] = _("the same method shows {n} already in {years}, before the project")
    return "; ".join(words[one].format(**filled) for one in verdict.reasons)


def verdict_short(verdict: Verdict, language: str) -> str:
    """Return the verdict in two or three words, for a cell of a table."""
    _ = translator(language)
    words = {
        "no_evidence": _("no evidence"),
        "not_applicable": "–",
        "not_followed": "–",
        "goal_reached": _("reached"),
        "not_shown": _("not shown"),
        "goal_not_reached": _("not reached"),
        "assumption_only": _("assumption only"),
        "at_least_goal": _("at least the goal"),
        "below_goal": _("below the goal"),
        "goal_in_range": _("undecided"),
        "not_tested": _("not tested: no statistics"),
        "not_attributable": _("cannot be credited to the project"),
        "goal_incompatible": _("not compatible with the goal"),
        "effect_supported": _("supported, not proven"),
        "effect_of_uncertain_size": _("size uncertain"),
        "too_noisy": _("too noisy (smallest detectable {mde})"),
        "undecided": _("undecided"),
    }
    if verdict.rule == "too_noisy" and not _finite(verdict, "mde"):
        return _("too noisy (no effect detectable)")
    return words[verdict.rule].format(**_filled(verdict, language))
