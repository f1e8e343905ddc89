"""One honest sentence for each kind of result."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from attraktiv_eval.counterfactual.names import method_name
from attraktiv_eval.texts import decimals_for, number, percent, span, translator

if TYPE_CHECKING:
    from attraktiv_eval.counterfactual.inference.conformal import Conformal
    from attraktiv_eval.counterfactual.inference.drift import EventStudy
    from attraktiv_eval.counterfactual.inference.drifting import DriftTest
    from attraktiv_eval.counterfactual.inference.leaving_out import LeaveOneOut
    from attraktiv_eval.counterfactual.inference.placebos import Placebos

__all__ = [
    "conformal_sentence",
    "drift_sentence",
    "event_study_sentence",
    "leave_one_out_sentence",
    "placebo_sentence",
]


def placebo_sentence(placebos: Placebos, language: str, level: float = 0.90) -> str:
    """Return effect, interval, p-value, what follows, what the interval hangs on, and a known fault."""
    from attraktiv_eval.counterfactual.interval_coverage import coverage_note

    interval = "absolute" if placebos.rule == "absolute" else "placebo"
    note = coverage_note(placebos.estimate.method, interval, language) if placebos.kind == "units" else ""
    told = _placebo_sentence(placebos, language, level)
    parts = (told, _hangs_on(placebos, language, level), _perfect(placebos, language), note)
    return " ".join(part for part in parts if part)


def _hangs_on(placebos: Placebos, language: str, level: float) -> str:
    """Return the level that the interval really has, and what it is without the placebo that sets it."""
    unit = placebos.setting_unit(level)
    if unit is None:
        return ""
    _ = translator(language)
    low, high = placebos.without_setting_unit(level).interval(level)
    values = {
        "true": percent(placebos.true_level(level), language, 1),
        "unit": str(unit),
        "interval": span(low, high, language, decimals_for(placebos.own_effect, low, high)),
    }
    if not math.isfinite(low):
        return _(
            "The true level of the interval is {true}; without {unit}, which sets its width, too few "
            "placebos are left for one."
        ).format(**values)
    return _(
        "The true level of the interval is {true}; without {unit}, which sets its width, it is {interval}."
    ).format(**values)


def _perfect(placebos: Placebos, language: str) -> str:
    if placebos.reason != "perfect_fit":
        return ""
    _ = translator(language)
    return _(
        "More than half of the units are fitted all but perfectly before, so that the effects are ranked by "
        "their size alone."
    )


def _placebo_sentence(placebos: Placebos, language: str, level: float) -> str:
    _ = translator(language)
    low, high = placebos.interval(level)
    shown = decimals_for(placebos.own_effect, low, high)
    values = {
        "method": method_name(placebos.estimate.method, language),
        "effect": number(placebos.own_effect, language, shown, signed=True),
        "level": percent(level, language),
        "p": number(placebos.p_value, language, 3),
        "smallest": number(placebos.smallest_p, language, 3),
        "n": number(placebos.n, language),
    }
    if not math.isfinite(low):
        return _(
            "{method}: effect {effect} a period. {n} placebos are too few for an interval at {level}; "
            "no effect could have a p-value below {smallest}."
        ).format(**values)
    values["interval"] = span(low, high, language, shown)
    if placebos.p_value <= 1 - level + 1e-12:
        return _(
            "{method}: effect {effect} a period, {level} placebo interval {interval}, p = {p} (smallest "
            "possible {smallest}, {n} placebos). The gap is larger than chance usually gives."
        ).format(**values)
    return _(
        "{method}: effect {effect} a period, {level} placebo interval {interval}, p = {p} (smallest "
        "possible {smallest}, {n} placebos). The gap cannot be told apart from chance."
    ).format(**values)


def leave_one_out_sentence(result: LeaveOneOut, language: str) -> str:
    """Return the range of the effects without each donor."""
    _ = translator(language)
    shown = decimals_for(result.low, result.high)
    return _(
        "{method}: effect {effect} a period; without any one of its {n} weighted comparison regions {range}."
    ).format(
        method=method_name(result.estimate.method, language),
        effect=number(result.estimate.effect, language, shown, signed=True),
        n=number(len(result.effects), language),
        range=span(result.low, result.high, language, shown),
    )


def conformal_sentence(result: Conformal, language: str) -> str:
    """Return the conformal interval, and say if it is broken or has no end."""
    _ = translator(language)
    shown = decimals_for(result.low, result.high)
    values = {
        "method": method_name(result.method, language),
        "level": percent(result.level, language),
        "p": number(result.p_value, language, 3),
        "smallest": number(result.smallest_p, language, 3),
        "interval": span(result.low, result.high, language, shown),
        "pieces": number(len(result.pieces), language),
    }
    if not result.pieces:
        return _("{method}: every constant effect is rejected at {level}.").format(**values)
    if result.at_edge:
        return _(
            "{method}: the {level} conformal interval has no end within the widest range tried; "
            "p = {p} for no effect (smallest possible {smallest})."
        ).format(**values)
    if result.broken:
        return _(
            "{method}: {level} conformal interval {interval} a period, in {pieces} pieces; p = {p} for no "
            "effect (smallest possible {smallest})."
        ).format(**values)
    return _(
        "{method}: {level} conformal interval {interval} a period; p = {p} for no effect "
        "(smallest possible {smallest})."
    ).format(**values)


def event_study_sentence(result: EventStudy, language: str) -> str:
    """Return how large the drift before the start is among all units."""
    _ = translator(language)
    return _(
        "Before the start the treated region drifted {drift} from its comparison regions (root mean square), "
        "number {rank} of {all} with the largest first."
    ).format(
        drift=number(result.pre_trend, language, decimals_for(result.pre_trend)),
        rank=number(result.rank, language),
        all=number(result.n + 1, language),
    )


def drift_sentence(result: DriftTest, language: str, level: float = 0.90) -> str:
    """Return the change of the deviation with its interval, and how much drift it would bear."""
    _ = translator(language)
    low, high = result.interval(level)
    shown = decimals_for(result.effect, result.pseudo_effect, low, high)
    first, last = result.pseudo_window
    values = {
        "method": method_name(result.changes.estimate.method, language),
        "effect": number(result.effect, language, shown, signed=True),
        "pseudo": number(result.pseudo_effect, language, shown, signed=True),
        "window": f"{first}–{last}" if first != last else f"{first}",
        "change": number(result.change, language, shown, signed=True),
        "level": percent(level, language),
        "interval": span(low, high, language, shown),
        "p": number(result.p_value, language, 3),
        "smallest": number(result.smallest_p, language, 3),
    }
    said = _(
        "{method}: effect {effect} a period, {pseudo} already in {window}; the change is {change}, {level} "
        "placebo interval {interval}, p = {p} (smallest possible {smallest})."
    ).format(**values)
    if not math.isfinite(result.breakdown) or result.breakdown == 0:
        return said
    more = _("Zero would lie inside if the drift after were {times} times the worst drift before.")
    return f"{said} {more.format(times=number(result.breakdown, language, 1))}"
