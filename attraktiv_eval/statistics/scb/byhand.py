"""A plain folder of files downloaded by hand from SCB's page (CSV, px, xlsx)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_folder"]


def read_folder(folder: Path) -> tuple[dict[str, pd.DataFrame], list[dict[str, Any]]]:
    """Return the tidy tables in a folder of downloads, by name, and the sources of each."""
    return {}, []
