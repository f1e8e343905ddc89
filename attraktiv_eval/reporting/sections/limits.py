"""What the data cannot say, and what was not foreseen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attraktiv_eval.findings import mde_sentence
from attraktiv_eval.reporting.view import escape, verdict_of

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

__all__ = ["limits", "unforeseen"]

#: Those who left, the best series first.
OUT_MOVES = ("domestic_out_moves_over_border", "out_moves_over_border", "out_moves")


def unforeseen(view: View) -> list[str]:
    """Tell of effects that nobody planned."""
    _ = view._
    held = (view.estimate(outcome) for outcome in OUT_MOVES)
    row = next((one for one in held if one is not None), None)
    told = _noted(view)
    if row is None:
        return told
    return [
        *told,
        _(
            "One sign to look for is whether fewer people left: "
            "{outcome} deviated by {n} persons in {years} ({range}). The goal does not promise that, and the "
            "deviation is not credited to the project."
        ).format(
            outcome=view.word("outcome", row["outcome"]).lower(),
            n=view.n(row["effect_persons"], signed=True),
            years=view.years(row),
            range=view.span(row["low"], row["high"]),
        ),
    ]


def _noted(view: View) -> list[str]:
    """Return the effects that the project noted up to the report's last day, each with its source."""
    _ = view._
    evaluation = view.evaluation
    noted = [one for one in evaluation.project.unforeseen if one.noted <= evaluation.until]
    if not noted:
        return [
            _(
                "Nobody has noted an unforeseen effect in the project’s description, so the report can only "
                "look for signs of them."
            )
        ]
    words = {
        "wanted": _("Unforeseen and wanted"),
        "unwanted": _("Unforeseen and unwanted"),
        "unclear": _("Unforeseen"),
    }
    return [
        _("{kind}, noted {day}: {text} Source: {source}.").format(
            kind=words[one.kind],
            day=escape(view.day(one.noted)),
            text=escape(getattr(one, view.language)),
            source=escape(one.source.rstrip(".")),
        )
        for one in sorted(noted, key=lambda one: one.noted)
    ]


def limits(view: View) -> list[str]:
    """Tell what the data cannot say."""
    _ = view._
    answer = _("No figure here proves that anyone came because of the project.")
    verdict = verdict_of(view, view.main_goal, 3)
    if verdict is not None and "mde_low" in verdict.values:
        answer = f"{escape(mde_sentence(verdict, view.language))} {answer}"
    left = [view.word("list", name).lower() for name in view.evaluation.missing or []]
    gone = _("Missing in this run: {lists}.").format(lists=view.join(left)) if left else ""
    return [
        answer,
        gone,
        _(
            "Official statistics count moves, not households, and the sum over municipalities also holds "
            "moves inside "
            "the county. One county is one case, so chance can never be ruled out wholly."
        ),
        _(
            "Answers to a survey are given by those who can be reached, and people who moved answer more "
            "often. "
            "The assumptions about the others are stated, and their effect is shown."
        ),
    ]
