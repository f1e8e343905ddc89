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
    from attraktiv_eval.explore.board import Board, Picture, county_table, opened
    from attraktiv_eval.explore.level_boards import assumptions, assumptions_by_goal, compare, counterfactual
    from attraktiv_eval.explore.record_boards import (
        Quality,
        data_quality,
        faults,
        households,
        latest_year,
        movers,
        moves,
        quality,
    )

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
    "Quality": "record_boards",
    "assumptions": "level_boards",
    "assumptions_by_goal": "level_boards",
    "compare": "level_boards",
    "counterfactual": "level_boards",
    "county_table": "board",
    "data_quality": "record_boards",
    "faults": "record_boards",
    "households": "record_boards",
    "latest_year": "record_boards",
    "movers": "record_boards",
    "moves": "record_boards",
    "opened": "board",
    "quality": "record_boards",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
