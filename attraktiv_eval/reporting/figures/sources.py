"""The source lines under the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

__all__ = ["records", "statistics"]


def records(view: View) -> str:
    """Return the source line of what comes from the project’s own records."""
    _ = view._
    line = _("Source: the project’s own records until {day}.").format(day=view.day(view.evaluation.until))
    if not view.evaluation.example_data:
        return line
    return line + " " + _("Example data: invented.")


def statistics(view: View) -> str:
    """Return the source line of what comes from official statistics, with SCB's table ids."""
    _ = view._
    ids = sorted({table for source in view.sources for table in source["tables"]})
    return _("Source: Statistics Sweden (SCB), {tables}. Own calculation.").format(
        tables=view.join(ids) or "–"
    )
