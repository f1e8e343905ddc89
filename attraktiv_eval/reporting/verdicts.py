"""The verdicts in words, as the rules of ``findings`` give them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from attraktiv_eval.reporting.display import escape

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

__all__ = ["draw_text", "hardness_text", "verdict_of", "verdict_said", "verdict_text", "worth_text"]


def verdict_of(view: View, goal: str, level: int) -> Any | None:
    """Return the verdict of a goal at a level, or None where the run made none."""
    return (view.evaluation.verdicts.get(goal) or {}).get(level)


def verdict_text(view: View, goal: str, level: int) -> str:
    """Return the verdict in words as HTML; empty where there is none."""
    return escape(verdict_said(view, goal, level))


def verdict_said(view: View, goal: str, level: int) -> str:
    """Return the verdict in words; empty where there is none."""
    from attraktiv_eval.findings import verdict_words

    verdict = verdict_of(view, goal, level)
    return "" if verdict is None else verdict_words(verdict, view.language)


def worth_text(view: View, goal: str) -> str:
    """Return what the printed sentence of level 3 is worth as HTML; empty where it was never judged."""
    from attraktiv_eval.level3.operating_characteristics import worth_of

    _ = view._
    verdict = verdict_of(view, goal, 3)
    found = None if verdict is None or verdict.values.get("unit") else worth_of(verdict.rule)
    if found is None:
        return ""
    if found.claims:
        text = _(
            "Tried on {n} real cases without any project, with effects of known size added, this sentence is "
            "wrong in at most {share} of 100 such cases."
        )
        return text.format(n=view.n(found.cases), share=view.n(100 * found.wrong, 1))
    text = _(
        "Tried on {n} real cases without any project, this sentence is printed in {share} of 100; it claims "
        "nothing of an effect, so it cannot be wrong about one."
    )
    return text.format(n=view.n(found.cases), share=view.n(100 * found.idle, 1))


def draw_text(view: View, goal: str) -> str:
    """Return how unlike the draw of the county may have been before the answer changes, as HTML."""
    _ = view._
    verdict = verdict_of(view, goal, 3)
    factor = float("nan") if verdict is None else float(verdict.values.get("draw_factor") or "nan")
    if verdict is None or not math.isfinite(factor):
        return ""
    if verdict.values["low"] > 0 or verdict.values["high"] < 0:
        text = _(
            "The primary method would no longer tell the deviation apart from chance if counties that "
            "deviate as much had been {n} times as likely to get the project."
        )
    else:
        text = _(
            "The primary method would tell the deviation apart from chance only if counties that "
            "deviate less had been {n} times as likely to get the project."
        )
    return text.format(n=view.n(factor, 1))


def hardness_text(view: View, goal: str) -> str:
    """Return how much drift the answer bears and how much a find overstates, as HTML."""
    return " ".join(text for text in (_breakdown(view, goal), _exaggeration(view, goal)) if text)


def _breakdown(view: View, goal: str) -> str:
    _ = view._
    verdict = verdict_of(view, goal, 3)
    value = float("nan") if verdict is None else float(verdict.values.get("breakdown", "nan"))
    if not math.isfinite(value):
        return ""
    if value == 0:
        return _(
            "The breakdown value is {n}: zero lies inside the primary method’s interval even if the county "
            "drifted away from the others by nothing at all."
        ).format(n=view.n(0))
    text = _(
        "The breakdown value is {n}: zero would lie inside the primary method’s interval if the county "
        "drifted away from the others {n} times as far as it did at worst before the project."
    )
    return text.format(n=view.n(value, 1))


def _exaggeration(view: View, goal: str) -> str:
    from attraktiv_eval.findings import aim_words

    _ = view._
    verdict = verdict_of(view, goal, 3)
    if verdict is None:
        return ""
    low, high = (float(verdict.values.get(f"exaggeration_{end}", "nan")) for end in ("low", "high"))
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    text = _(
        "If the true effect were as large as {aim}, an estimate told apart from chance would on average be "
        "{n} times as large as the truth, by the equally good methods."
    )
    ends = [view.n(end, 1) for end in (low, high)]
    return text.format(
        aim=aim_words(verdict, view.language, view.n), n=ends[0] if ends[0] == ends[1] else "–".join(ends)
    )
