"""How every figure looks: one palette, one typeface, one width.

Colours are told apart by lightness too, and never stand alone: lines differ in dash, points in shape, and
each carries its name. Sizes suit a phone: a drawing is 310 points wide and is scaled to the column, and no
text in it is smaller than 10.5 points: 12 pixels on a screen of 390.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "COLOURS",
    "COUNTY",
    "GOAL",
    "GRID",
    "INK",
    "OTHER",
    "SOFT",
    "SURFACE",
    "WIDTH",
    "clean",
    "new",
    "shade",
]

WIDTH = 310 / 72  # inches

COUNTY = "#00588a"  # the county and the project: always this colour; 7.4:1 on white
OTHER = "#6a6a6a"  # what it is compared with; 5.4:1
SOFT = "#8f8f8f"  # the cloud of placebos; 3.2:1
INK = "#1b1b1b"  # text and axes
GOAL = "#1b1b1c"  # the goal, told from text only so that a theme may change it
GRID = "#e2e2e2"  # lines behind the data
SURFACE = "#fffffe"  # the page behind a mark

#: The style-sheet variable that stands for each colour on the page, where the dark scheme changes it.
COLOURS: dict[str, str] = {
    COUNTY: "--county",
    OTHER: "--other",
    SOFT: "--soft",
    INK: "--ink",
    GOAL: "--ink",
    GRID: "--grid",
    SURFACE: "--surface",
}

_SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10.5,
    "axes.labelsize": 10.5,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": OTHER,
    "axes.labelcolor": INK,
    "axes.grid": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 10.5,
    "ytick.labelsize": 10.5,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "lines.solid_capstyle": "round",
    "lines.linewidth": 1.8,
    "path.simplify": True,
    "svg.fonttype": "none",
    "svg.hashsalt": "attraktiv_eval",
}


def new(height: float, rows: int = 1, **options: Any) -> tuple[Figure, list[Axes]]:
    """Return a figure of the common width and a height in points, and its panels from top to bottom."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height / 72))
    axes = figure.subplots(rows, 1, squeeze=False, **options)[:, 0]
    return figure, list(axes)


def settings() -> Any:
    """Return the matplotlib settings that hold while a figure is drawn and written."""
    return dict(_SETTINGS)


def clean(axes: Axes, *, grid: str | None = "y") -> None:
    """Take away what carries no data, and put light lines behind the data."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    if grid:
        axes.grid(True, axis=grid, color=GRID, linewidth=0.7)  # type: ignore[arg-type]
    axes.set_axisbelow(True)


def shade(axes: Axes, first: float, last: float) -> None:
    """Mark the project years."""
    axes.axvspan(first - 0.5, last + 0.5, color=COUNTY, alpha=0.08, linewidth=0)
