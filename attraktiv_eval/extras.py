"""What to type where a package is missing that only an extra brings.

The package is on no index. pip takes ``attraktiv-eval[...]`` from what is installed already, a checkout or a
wheel, and fetches only what the extra adds: if it is the pip of this very Python.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

__all__ = ["installing", "python"]


def installing(extra: str) -> str:
    """Return the command that installs an extra beside the package that runs.

    Examples
    --------
    >>> installing("explore").endswith(' -m pip install "attraktiv-eval[explore]"')
    True
    """
    return f'{python()} -m pip install "attraktiv-eval[{extra}]"'


def python() -> str:
    """Return the Python that runs, as one types it here: ``.venv/bin/python`` in the project's own folder."""
    path = Path(sys.executable)
    with suppress(OSError, ValueError):  # the folder is gone, or this Python lies elsewhere
        path = path.relative_to(Path.cwd())
    return f'"{path}"' if " " in str(path) else str(path)
