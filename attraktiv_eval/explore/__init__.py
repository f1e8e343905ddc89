"""Panels for exploring by hand in JupyterLab: ``attraktiv-eval explore`` opens the notebooks that hold them.

A panel is a :class:`Board`: controls, what they show, and the library call that makes it.

>>> from attraktiv_eval import explore
>>> [control.name for control in explore.households("en").controls]
['municipality', 'phase', 'year']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attraktiv_eval.explore.assumption_board import assumptions, assumptions_by_goal
    from attraktiv_eval.explore.board import Board, Picture
    from attraktiv_eval.explore.comparison_board import compare, counterfactual
    from attraktiv_eval.explore.household_board import households, latest_year, movers, moves
    from attraktiv_eval.explore.open import county_table, opened
    from attraktiv_eval.explore.quality_board import Quality, data_quality, faults, quality

__all__ = [
    "Board",
    "Picture",
    "Quality",
    "assumptions",
    "assumptions_by_goal",
    "compare",
    "counterfactual",
    "county_table",
    "data_quality",
    "faults",
    "households",
    "latest_year",
    "movers",
    "moves",
    "opened",
    "quality",
]

_HOMES = {
    "Board": "board",
    "Picture": "board",
    "Quality": "quality_board",
    "assumptions": "assumption_board",
    "assumptions_by_goal": "assumption_board",
    "compare": "comparison_board",
    "counterfactual": "comparison_board",
    "county_table": "open",
    "data_quality": "quality_board",
    "faults": "quality_board",
    "households": "household_board",
    "latest_year": "household_board",
    "movers": "household_board",
    "moves": "household_board",
    "opened": "open",
    "quality": "quality_board",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
