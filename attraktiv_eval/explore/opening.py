"""What the explore notebooks read: their own parameters, else what ``attraktiv-eval explore`` was given."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from attraktiv_eval.evaluation import load_inputs

if TYPE_CHECKING:
    from attraktiv_eval.evaluation import Inputs

__all__ = ["VARIABLES", "by_hand", "opened"]

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
    return _read(*_paths(project, records, statistics).values())


def _paths(project: str | Path, records: str | Path, statistics: str | Path) -> dict[str, str]:
    """Return the path of each part: as given, else as the command was told; empty is the shipped one."""
    given = {"project": str(project), "records": str(records), "statistics": str(statistics)}
    return {name: path or os.environ.get(VARIABLES[name], "") for name, path in given.items()}


@lru_cache(maxsize=2)
def _read(project: str, records: str, statistics: str) -> Inputs:
    return load_inputs(*(Path(one) if one else None for one in (project, records, statistics)))


def by_hand(project: str | Path = "", records: str | Path = "", statistics: str | Path = "") -> str:
    """Return the lines that read the same files by hand, from wherever :func:`opened` was told of them.

    Examples
    --------
    >>> print(by_hand(records="my_records"))
    import attraktiv_eval as ae
    inputs = ae.explore.opened(records='my_records')
    """
    paths = _paths(project, records, statistics)
    inside = ", ".join(f"{name}={path!r}" for name, path in paths.items() if path)
    return f"import attraktiv_eval as ae\ninputs = ae.explore.opened({inside})"
