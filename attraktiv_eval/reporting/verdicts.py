"""The verdicts in words, as the rules of ``findings`` give them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attraktiv_eval.reporting.display import escape

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

__all__ = ["verdict_of", "verdict_said", "verdict_text"]


def verdict_of(view: View, goal: str, level: int) -> Any | None:
    """Return the verdict of a goal at a level, or None where the run made none."""
    return (view.evaluation.verdicts.get(goal) or {}).get(level)


def verdict_text(view: View, goal: str, level: int) -> str:
    """Return the verdict in words as HTML; empty where there is none."""
    return escape(verdict_said(view, goal, level))


def verdict_said(view: View, goal: str, level: int) -> str:
    """Return the verdict in words, that of a report before the project's end among them."""
    from attraktiv_eval.findings import verdict_words

    verdict = verdict_of(view, goal, level)
    if verdict is None:
        return ""
    if verdict.rule == "goal_not_reached" and view.evaluation.until < view.evaluation.project.end:
        return view._("Goal not yet reached.")
    return verdict_words(verdict, view.language)
