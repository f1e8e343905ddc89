"""Level 2 with assumptions of the reader's own: what the page's script draws from, and the words it says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from attraktiv_eval.additionality.contribution import DRAWS, SEED
from attraktiv_eval.reporting.view import escape, known

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

__all__ = ["WHAT_IF", "model", "what_if"]

#: By this a page that needs the script is known; the exporter writes attributes in an order of its own.
WHAT_IF = 'id="what-if"'


def what_if(view: View) -> str:
    """Return the place of the calculation, with a sentence for want of script; empty without level 2."""
    _ = view._
    told = model(view)
    if not told["goals"]:
        return ""
    heading = _("Try assumptions of your own")
    mark = _("Your own calculation, not the report’s.")
    about = _(
        "Here you can change each assumption of level 2 and see what follows. The page draws again, as the "
        "report did, from the same protected counts. Nothing leaves your machine, and the report stays as "
        "it is."
    )
    dead = _(
        "The calculation needs a browser that runs the page’s own script. Without it the table of "
        "assumptions and the figure above show what each assumption does."
    )
    data = escape(json.dumps(told, ensure_ascii=False, separators=(",", ":")))
    return (
        f'<section class="what-if" {WHAT_IF} data-model="{data}" aria-labelledby="what-if-heading">'
        f'<h3 id="what-if-heading">{escape(heading)}</h3>'
        f"<p><strong>{escape(mark)}</strong> {escape(about)}</p>"
        f'<p class="needs-script note">{escape(dead)}</p></section>'
    )


def model(view: View) -> dict[str, Any]:
    """Return what the script draws from: goals, assumptions, the generator's state and the words."""
    import numpy as np

    goals = [one for goal in view.evaluation.project.goals if (one := _goal(view, goal))]
    used = {id: None for one in goals for id in _ids(one["uses"])}
    stated = view.evaluation.assumptions
    assumptions = [
        {
            "id": id,
            "label": getattr(stated[id], view.language),
            "range": [stated[id].low, stated[id].value, stated[id].high],
        }
        for id in used
    ]
    state = np.random.default_rng(SEED).bit_generator.state["state"]
    return {
        "goals": goals,
        "assumptions": assumptions,
        "draws": DRAWS,
        "seed": {key: hex(int(state[key])) for key in ("state", "inc")},
        "words": _words(view),
    }


def _ids(uses: dict[str, Any]) -> list[str]:
    """Return the ids of the assumptions that a goal uses, in order."""
    return [id for one in uses.values() for id in (one if isinstance(one, list) else [one])]


def _goal(view: View, goal: str) -> dict[str, Any] | None:
    """Return what a goal's range is drawn from; None where a table of the report does not tell it either.

    A share whose number of cases is left out, since it changed by a few since an earlier report, is not told
    here: the goal is left out.
    """
    told = (getattr(view.evaluation, "level2_inputs", None) or {}).get(goal)
    row, filters = view.goal(goal), view.rows("filters", goal=goal)
    if told is None or row is None or filters is None or not known(row["l2_low"]):
        return None
    if filters["known"].isna().any():
        return None
    report = [float(row[end]) for end in ("l2_low", "l2_median", "l2_high")]
    kept = {key: _short(value) for key, value in told.items() if key != "report"}
    return {"id": goal, "name": view.word("goal", goal), **kept, "report": report}


def _short(value: Any) -> Any:
    """Return numbers in twelve digits, which is more than a household in a thousand million."""
    if isinstance(value, dict):
        return {key: _short(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_short(one) for one in value]
    return float(f"{value:.12g}") if isinstance(value, float) else value


def _words(view: View) -> dict[str, str]:
    _ = view._
    return {
        "open": _("Change the assumptions"),
        "low": _("Lowest, %"),
        "mode": _("Most likely, %"),
        "high": _("Highest, %"),
        "reset": _("Back to the report’s assumptions"),
        "link": _("Link to this calculation"),
        "own": _(
            "{goal}, your own calculation: {low}–{high}, middle value {middle}. The report says {report}."
        ),
        "base": _("{goal}, with the report’s assumptions: {low}–{high}, middle value {middle}."),
        "order": _("{name}: the lowest, the most likely and the highest must be 0 to 100, in this order."),
        "rising": _(
            "From “surely anyway” to “surely not” each answer must count at least as much as the one before."
        ),
    }
