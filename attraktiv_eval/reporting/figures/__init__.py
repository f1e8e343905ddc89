"""The figures of the reports, one file a figure: each has ``draw(view) -> Drawing | None``.

None means that the run lacks what the figure shows.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from attraktiv_eval.errors import ParameterError

if TYPE_CHECKING:
    from attraktiv_eval.reporting.figures.drawing import Drawing
    from attraktiv_eval.reporting.view import View

__all__ = ["FIGURES", "SHOWS", "drawer"]

#: Each figure and the table that it cannot do without.
SHOWS: dict[str, str] = {
    "path_to_goals": "paths",
    "funnel": "funnel",
    "retention": "retention",
    "tornado": "tornado",
    "county_comparison": "gaps",
    "gaps": "gaps",
    "specification_curve": "specifications",
    "municipality_map": "households_by_municipality",
}
FIGURES: tuple[str, ...] = tuple(SHOWS)


def drawer(figure: str) -> Callable[[View], Drawing | None]:
    """Return the function that draws a figure.

    Raises
    ------
    ParameterError
        If there is no such figure.
    """
    if figure not in FIGURES:
        raise ParameterError(f"there is no figure {figure!r}", remedy=f"choose one of {', '.join(FIGURES)}")
    return import_module(f"attraktiv_eval.reporting.figures.{figure}").draw
