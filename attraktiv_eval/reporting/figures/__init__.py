"""The figures of the reports, a file for those of a kind: a function draws each, or returns None.

None means that the run lacks what the figure shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from attraktiv_eval.errors import ParameterError, one_of
from attraktiv_eval.reporting import tables
from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.view import escape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from attraktiv_eval.reporting.figures.style import Drawing
    from attraktiv_eval.reporting.view import View

#: Each figure and the table that it cannot do without.
SHOWS: dict[str, str] = {
    "levels": "goals",
    "path_to_goals": "paths",
    "funnel": "funnel",
    "retention": "retention",
    "tornado": "tornado",
    "county_comparison": "gaps",
    "gaps": "gaps",
    "region_effects": "region_effects",
    "draw": "draw",
    "specification_curve": "specifications",
    "municipality_map": "households_by_municipality",
}
FIGURES: tuple[str, ...] = tuple(SHOWS)
#: The module that draws each figure, and the function in it.
_DRAWN_BY: dict[str, tuple[str, str]] = {
    "levels": ("figures.goals", "draw_levels"),
    "path_to_goals": ("figures.goals", "draw_path"),
    "tornado": ("figures.goals", "draw_tornado"),
    "funnel": ("figures.households", "draw_funnel"),
    "retention": ("figures.households", "draw_retention"),
    "municipality_map": ("figures.households", "draw_map"),
    "county_comparison": ("figures.level3", "draw_county"),
    "gaps": ("figures.level3", "draw_gaps"),
    "region_effects": ("figures.level3", "draw_regions"),
    "specification_curve": ("figures.level3", "draw_specification_curve"),
    "draw": ("draw", "draw"),
}


def drawer(figure: str) -> Callable[[View], Drawing | None]:
    """Return the function that draws a figure.

    Raises
    ------
    ParameterError
        If there is no such figure.
    """
    if figure not in FIGURES:
        raise ParameterError(f"there is no figure {figure!r}", remedy=one_of(FIGURES, figure))
    module, function = _DRAWN_BY[figure]
    return getattr(import_module(f"attraktiv_eval.reporting.{module}"), function)


# --- A figure on the page


@dataclass(frozen=True)
class FigureText:
    """A drawn figure as text: its SVG and the words around it."""

    id: str
    svg: str
    headline: str
    title: str
    tables: tuple[str, ...]
    source: str
    figure: Figure

    @property
    def prefix(self) -> str:
        """What every id inside the figure begins with."""
        return f"fig-{self.id.replace('_', '-')}"

    def html(self, view: View) -> str:
        """Return the figure as HTML."""
        word = view._("Table")
        links = ", ".join(
            f'<a href="tables/{name}.csv" download>{escape(tables.csv_words(name, view.language))}</a>'
            for name in self.tables
            if tables.derived(view, name) is not None
        )
        shown = self.tables[0]
        caption = tables.title(shown, view.language)
        folded = tables.html(view, shown, suffix=f"-{self.prefix}")
        return "\n".join(
            [
                f'<figure id="{self.prefix}">',
                f'<figcaption><span class="headline">{_unparted(self.headline)}</span>',
                f'<span class="what">{_unparted(self.title)}</span></figcaption>',
                f'<div class="drawing">{style.for_page(self.svg)}</div>',
                f'<p class="source">{escape(self.source)}</p>',
                f"<details><summary>{escape(word)}: {escape(caption)}</summary>",
                folded,
                "</details>",
                f'<p class="files">{links}</p>',
                "</figure>",
            ]
        )

    def file(self) -> str:
        """Return the figure as an SVG file that stands alone."""
        return style.for_file(self.svg, self.headline, self.title, self.source)

    def picture(self) -> bytes:
        """Return the drawing alone as PNG, for Word."""
        return style.to_png(self.figure)


def _unparted(text: str) -> str:
    """Return a text as HTML in which no line break parts a range: 31–73."""
    return re.sub(r"\d[\d\xa0]*–\d[\d\xa0]*", r'<span class="whole">\g<0></span>', escape(text))


def figure_text(view: View, id: str) -> FigureText | None:
    """Draw a figure; None where the run lacks what it shows."""
    with style.drawing():
        drawing = drawer(id)(view)
    if drawing is None:
        return None
    name = view._("{kind}: {finding}. The figures stand in the table and the CSV file below.").format(
        kind=drawing.kind, finding=drawing.headline
    )
    text = style.to_svg(drawing.figure, f"fig-{id.replace('_', '-')}", name)
    return FigureText(
        id, text, drawing.headline, drawing.title, drawing.tables, drawing.source, drawing.figure
    )
