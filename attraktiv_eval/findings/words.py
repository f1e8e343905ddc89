"""The verdict in words, in both languages; chosen by rule, never typed into a report."""

from __future__ import annotations

import math
from collections.abc import Callable

from attraktiv_eval.findings.rules import RULES, Verdict
from attraktiv_eval.statistics.outcomes import unit_words
from attraktiv_eval.texts import number, span, translator

__all__ = ["aim_words", "mde_sentence", "verdict_sentence", "verdict_short", "verdict_words"]

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
        parts += [_before(verdict, language), mde_sentence(verdict, language)]
        if verdict.values.get("cannot_check_level2"):
            parts.append(_("The statistics are too coarse to check the estimate of level 2."))
    return " ".join(part for part in parts if part)


def mde_sentence(verdict: Verdict, language: str) -> str:
    """Return the sentence on the smallest detectable effect that stands beside every tested level 3."""
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
            mde=_counted(verdict, _range(low, high, language), language)
        )
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


def _range(low: float, high: float, language: str) -> str:
    """Return a range in whole numbers, one number where both ends are written alike."""
    first, last = number(low, language), number(high, language)
    return first if first == last else span(low, high, language)


def _before(verdict: Verdict, language: str) -> str:
    """Return what the same method shows just before the project; empty where it cannot be made."""
    _ = translator(language)
    pseudo = verdict.values.get("pseudo_effect")
    if pseudo is None or not math.isfinite(pseudo):
        return ""
    return _("The same method shows {n} in {years}, before the project.").format(
        n=_counted(verdict, number(pseudo, language, signed=True), language), years=_years(verdict)
    )


def _years(verdict: Verdict) -> str:
    first, last = verdict.values.get("pseudo_years") or ("", "")
    return f"{first}–{last}" if first != last else f"{first}"


def _counted(verdict: Verdict, shown: str, language: str) -> str:
    """Return a number with what it counts: of the statistics where that is not what the goal counts."""
    _ = translator(language)
    unit = verdict.values.get("unit")
    if unit:
        return f"{shown} {unit_words(unit, language)}"
    if verdict.values.get("counts") == "persons":
        return _("{n} persons").format(n=shown)
    if (verdict.values.get("counts") or verdict.goal) == "households":
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
    names = ("goal", "known", "unknown", "low", "high", "high_bound", "mde")
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
