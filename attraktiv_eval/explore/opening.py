"""What the explore notebooks read: their own parameters, else what ``attraktiv-eval explore`` was given."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from attraktiv_eval.evaluation import load_inputs

if TYPE_CHECKING:
    from attraktiv_eval.evaluation import Inputs

__all__ = ["VARIABLES", "call", "opened"]

#: Environment variables by which the command passes paths on to the notebooks.
VARIABLES = {
    "project": "ATTRAKTIV_EVAL_PROJECT",
    "records": "ATTRAKTIV_EVAL_RECORDS",
    "statistics": "ATTRAKTIV_EVAL_STATISTICS",
}


def opened(project: str | Path = "", records: str | Path = "", statistics: str | Path = "") -> Inputs:
    """Return project, assumptions, statistics and records, read once for all panels of a notebook.

    Parameters
    ----------
    project, records, statistics : str or Path, optional
        Empty: what ``attraktiv-eval explore`` was given, else the shipped project, the invented example
        records and the shipped figures.

    Raises
    ------
    EvaluationError
        If a file is missing or wrong.
    """
    given = {"project": str(project), "records": str(records), "statistics": str(statistics)}
    return _read(*(given[name] or os.environ.get(variable, "") for name, variable in VARIABLES.items()))


@lru_cache(maxsize=2)
def _read(project: str, records: str, statistics: str) -> Inputs:
    return load_inputs(*(Path(one) if one else None for one in (project, records, statistics)))


def call(**paths: str | Path) -> str:
    """Return the line that opens the same inputs by hand, without what is empty."""
    inside = ", ".join(f"{name}={str(path)!r}" for name, path in paths.items() if str(path))
    return f"inputs = ae.explore.opened({inside})"
