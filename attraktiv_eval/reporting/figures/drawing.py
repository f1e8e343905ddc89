"""A drawn figure with the words that belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Drawing"]


@dataclass(frozen=True)
class Drawing:
    """A figure, its headline (the finding), its statistical title, its kind, its tables and its source.

    ``tables`` are ids of tables: the first is shown folded under the figure, all are linked as CSV.
    """

    figure: Figure
    headline: str
    title: str
    kind: str
    tables: tuple[str, ...]
    source: str
