"""For each figure of the verdict: its definition, source, assumptions and the notebook cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attraktiv_eval.reporting.display import escape
from attraktiv_eval.reporting.provenance import definitions
from attraktiv_eval.reporting.verdicts import verdict_text

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

__all__ = ["proofs"]


def proofs(view: View, run: dict[str, Any]) -> list[str]:
    """Return a block for each goal and level, with the id that the first screen links to."""
    _ = view._
    blocks = [f'<h3 id="proofs">{escape(_("Each figure of the verdict"))}</h3>']
    for goal in view.evaluation.project.goals:
        for level in (1, 2, 3):
            if goal == "organisations" and level > 1:
                continue
            blocks.append(_proof(view, run, goal, level))
    return blocks


def _proof(view: View, run: dict[str, Any], goal: str, level: int) -> str:
    _ = view._
    title = f"{view.word('goal', goal)}, {view.word('level', level)}"
    pairs = [
        (_("Verdict"), verdict_text(view, goal, level)),
        (_("Definition"), escape(_definition(view, goal, level))),
        (_("Source"), _source(view, level)),
        (_("Assumptions"), _assumptions(view, goal, level)),
        (_("Made in"), _notebook(view, run, level)),
    ]
    return f'<section id="proof-{goal}-{level}"><h4>{escape(title)}</h4>{definitions(pairs)}</section>'


def _definition(view: View, goal: str, level: int) -> str:
    _ = view._
    texts = {
        ("households", 1): _(
            "Households that moved across the county border into the county after their first contact "
            "with the project."
        ),
        ("households", 2): _(
            "Of these, the expected number that would not have moved in within 24 months without the project."
        ),
        ("households", 3): _(
            "In-moves of the county against comparison regions over the project years, turned into "
            "households."
        ),
        ("companies", 1): _("Companies that made at least one hire through the project."),
        ("companies", 2): _(
            "Of these, the expected number that would not have hired without the project, less hires who "
            "already lived "
            "and worked in the county."
        ),
        ("companies", 3): _("Official statistics on companies’ access to labour against comparison regions."),
        ("organisations", 1): _("Named organisations, each counted once."),
    }
    return texts[goal, level]


def _source(view: View, level: int) -> str:
    _ = view._
    if level == 3:
        return f'<a href="#sources">{escape(_("official statistics, with table, date and checksum"))}</a>'
    return f'<a href="#sources">{escape(_("the project’s own records, with checksums"))}</a>'


def _assumptions(view: View, goal: str, level: int) -> str:
    of = view.evaluation.assumptions
    starts = {
        ("households", 2): ("deadweight_households", "would_not_have_moved", "unanswered", "other_project"),
        ("companies", 2): (
            "deadweight_companies",
            "would_not_have_hired",
            "displacement_companies",
            "unanswered",
        ),
        ("households", 3): ("persons_per_moving_household",),
        ("households", 1): ("linkage",),
        ("companies", 1): ("linkage",),
    }.get((goal, level), ())
    ids = [key for key in of if key.startswith(starts)] if starts else []
    said = [
        f"{escape(view.word('assumption', key))} ({view.span(of[key].low, of[key].high, 2)})" for key in ids
    ]
    return "; ".join(said)


def _notebook(view: View, run: dict[str, Any], level: int) -> str:
    _ = view._
    name = notebook_name(view, run)
    place = _("section “{name}”").format(name=view.word("level", level))
    return f'<a href="{escape(name)}">{escape(name)}</a>, {escape(place)}'


def notebook_name(view: View, run: dict[str, Any]) -> str:
    """Return the file name of the executed notebook, as DESIGN names it."""
    if run.get("notebook"):
        return str(run["notebook"])
    stem = "final_report" if view.evaluation.final else "evaluation"
    return f"{stem}.ipynb" if view.language == "sv" else f"{stem}.{view.language}.ipynb"
