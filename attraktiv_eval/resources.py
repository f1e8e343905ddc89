"""Finds a shipped file: the checkout's own where there is one, else the copy inside the wheel.

No other module builds such a path.
"""

from __future__ import annotations

from pathlib import Path

from attraktiv_eval.errors import SourceError

__all__ = ["checkout", "find"]

_PACKAGE = Path(__file__).resolve().parent


def checkout() -> Path | None:
    """Return the root of the checkout that this package runs from, or None when installed."""
    root = _PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "notebooks").is_dir() else None


def find(name: str) -> Path:
    """Return the path of a shipped file or folder.

    Parameters
    ----------
    name : str
        Path from the top of the project with forward slashes, such as ``"data/project.toml"``
        or ``"notebooks/yearly_evaluation.ipynb"``; a name that begins with ``attraktiv_eval/``
        is a file of the package itself.

    Raises
    ------
    SourceError
        If the file is not there.
    """
    if name.startswith("attraktiv_eval/"):
        path = _PACKAGE / name.removeprefix("attraktiv_eval/")
    else:
        root = checkout()
        path = (root or _PACKAGE / "_shipped") / name
    if not path.exists():
        raise SourceError(
            "a file that belongs to the package is missing",
            remedy="install the package again, or fetch the file from the repository",
            file=name,
        )
    return path
