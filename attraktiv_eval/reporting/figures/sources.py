"""The source lines under the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from attraktiv_eval.reporting.view import View

__all__ = ["noise", "records", "statistics"]


def records(view: View) -> str:
    """Return the source line of what comes from the project’s own records."""
    _ = view._
    line = _("Source: the project’s own records until {day}.").format(day=view.day(view.evaluation.until))
    if not view.evaluation.example_data:
        return line
    return line + " " + _("Example data: invented.")


def statistics(view: View, outcomes: Iterable[str]) -> str:
    """Return the source line of some outcomes: SCB's tables that they rest on, and their years with noise."""
    _ = view._
    shown = set(outcomes)
    behind = [one for one in view.sources if "outcomes" not in one or shown & set(one["outcomes"])]
    ids = sorted({table for source in behind for table in source["tables"]})
    line = _("Source: Statistics Sweden (SCB), {tables}. Own calculation.").format(
        tables=view.join(ids) or "–"
    )
    noisy = sorted({year for source in behind for year in source.get("noise", ())})
    return f"{line} {noise(view, noisy)}" if noisy else line


def noise(view: View, years: Sequence[int]) -> str:
    """Return that SCB has added small random errors to the figures of some years."""
    told = view._("SCB has added small random errors to the figures for {years} (the cell-key method).")
    return told.format(years=view.join([str(year) for year in years]))
