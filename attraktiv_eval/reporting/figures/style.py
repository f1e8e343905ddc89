"""How every figure looks: one palette, one typeface, one width.

Colours are told apart by lightness too, and never stand alone: lines differ in dash, points in shape, and
each carries its name. Sizes suit a phone: a drawing is 310 points wide and is scaled to the column, and no
text in it is smaller than 10.5 points: 12 pixels on a screen of 390.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from attraktiv_eval.reporting.view import escape
from attraktiv_eval.resources import drawn_plainly
from attraktiv_eval.statistics.tables import used_until
from attraktiv_eval.texts import translator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import AbstractContextManager

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from attraktiv_eval.reporting.view import View

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


def drawing(**changes: Any) -> AbstractContextManager[None]:
    """Return what a figure is drawn and written inside: this look, whatever the evaluator's own is."""
    return drawn_plainly({**_SETTINGS, **changes})


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


# --- Turns a drawing into SVG

_NUMBER = re.compile(r"-?\d+\.\d{2,}")
_FONT = re.compile(r"font: (?:(\w+) )?([\d.]+)px '[^;]*?(?=;|\")")
_FAMILY = re.compile(r"font-family: [^;\"]*(?:; |(?=\"))")
_OUTLINE = re.compile(r' d="([^"]*)"')
_STEP = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_DOTS, _HUES = 160, 48  # of a picture, to the inch
_STACK = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', 'DejaVu Sans', sans-serif"


def to_svg(figure: Figure, prefix: str, name: str) -> str:
    """Return the figure as an ``<svg>`` element with ``role="img"`` and a name.

    Every id and reference begins with ``prefix``, text stays text, in the type of the page that holds it.
    What nobody can see is left out: ids that nothing leads to, and digits below a tenth of a point.
    """
    buffer = BytesIO()
    with drawing():
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = buffer.getvalue().decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = _NUMBER.sub(lambda found: _short(found.group()), text)
    text = _slim(_own_ids(text, prefix))
    text = _FAMILY.sub("", text)
    text = _FONT.sub(lambda found: f"font: {found.group(1) or 'normal'} {found.group(2)}px {_STACK}", text)
    box = re.search(r'viewBox="([^"]*)"', text)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" '
        f'viewBox="{box.group(1) if box else ""}" style="font-family: {_STACK}" role="img" '
        f'aria-labelledby="{prefix}-name">\n'
        f'<title id="{prefix}-name">{escape(name)}</title>'
    )
    return (head + text[text.index(">") + 1 :]).strip()


def to_png(figure: Figure) -> bytes:
    """Return the figure as PNG on white: the same bytes each time, in as few colours as it needs."""
    from PIL import Image

    drawn, small = BytesIO(), BytesIO()
    with drawing():
        figure.savefig(drawn, format="png", dpi=_DOTS, facecolor="white", metadata={"Software": None})
    picture = Image.open(drawn).convert("RGB").quantize(_HUES, dither=Image.Dither.NONE)
    picture.save(small, "PNG", optimize=True, dpi=(_DOTS, _DOTS))
    return small.getvalue()


def _short(number: str) -> str:
    short = f"{float(number):.{1 if abs(float(number)) >= 10 else 2}f}".rstrip("0").rstrip(".")
    return "0" if short in ("-0", "") else short


def _slim(text: str) -> str:
    """Leave out ids that nothing leads to, groups that hold nothing, and what an outline says twice."""
    led_to = set(re.findall(r"#([\w.-]+)", text))
    text = re.sub(r' id="([\w.-]+)"', lambda found: found[0] if found[1] in led_to else "", text)
    text = re.sub(r"<g ?/>", "", text)
    return _OUTLINE.sub(lambda found: f' d="{_outline(found[1])}"', re.sub(r">\s+<", ">\n<", text))


def _outline(path: str) -> str:
    """Return a path in fewer signs: a line that goes on needs no new letter."""
    said, before = "", ""
    for letter, numbers in _STEP.findall(path):
        told = " ".join(numbers.split())
        said += f" {told}" if letter == "L" and before in ("L", "M") else f"{letter}{told}"
        before = letter
    return said


def _own_ids(text: str, prefix: str) -> str:
    text = re.sub(r'\bid="', f'id="{prefix}-', text)
    text = re.sub(r'href="#', f'href="#{prefix}-', text)
    return re.sub(r"url\(#", f"url(#{prefix}-", text)


def for_page(svg: str) -> str:
    """Return the SVG with colours that follow the page's light or dark scheme."""
    for colour, variable in COLOURS.items():
        svg = svg.replace(colour, f"var({variable})")
    return svg


def on_page(
    draw: Callable[[], Figure], id: str, kind: str, finding: str, what: str, language: str, source: str = ""
) -> str:
    """Return a figure of a page that is no report: its finding, what it shows, the drawing, its source."""
    _ = translator(language)
    name = _("{kind}: {finding}. The figures stand in the table below.").format(kind=kind, finding=finding)
    with drawing():
        drawn = for_page(to_svg(draw(), id, name))
    below = f'<p class="source">{escape(source)}</p>' if source else ""
    return (
        f'<figure id="{id}"><figcaption><span class="headline">{escape(finding)}</span>'
        f'<span class="what">{escape(what)}</span></figcaption><div class="drawing">{drawn}</div>'
        f"{below}</figure>"
    )


def for_file(svg: str, headline: str, title: str, source: str) -> str:
    """Return the SVG as a file that stands alone: on white, with headline, title and source line."""
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    width, height = (float(found.group(1)), float(found.group(2))) if found else (400.0, 300.0)
    above = _lines(headline, 38, 14, 18, "bold", 18.0) + _lines(title, 50, 10.5, 14, "normal", 0)
    lines, y = [], 4.0
    for words, size, weight, leading in above:
        y += leading
        lines.append(_text(words, size, weight, y))
    top = y + 8
    below, y = [], top + height + 4
    for words, size, weight, leading in _lines(source, 52, 10.5, 13, "normal", 0):
        y += leading
        below.append(_text(words, size, weight, y))
    total = y + 8
    inner = svg[svg.index("</title>") + 8 : svg.rindex("</svg>")]
    head = svg[: svg.index("</title>") + 8].replace(
        f'viewBox="0 0 {found.group(1)} {found.group(2)}"' if found else "",
        f'viewBox="0 0 {width:g} {total:.0f}" width="{1.6 * width:.0f}" height="{1.6 * total:.0f}"',
    )
    background = f'<rect width="{width:g}" height="{total:.0f}" style="fill: #ffffff"/>'
    body = f'<g transform="translate(0 {top:g})">{inner}</g>'
    return "\n".join([head, background, *lines, body, *below, "</svg>", ""])


def _lines(text: str, width: int, size: float, leading: float, weight: str, _first: float) -> list[tuple]:
    import textwrap

    return [(line, size, weight, leading) for line in textwrap.wrap(text, width)]


def _text(words: str, size: float, weight: str, y: float) -> str:
    style_of = f"font: {weight} {size}px {_STACK}; fill: {INK}"
    return f'<text x="6" y="{y:g}" style="{style_of}">{escape(words)}</text>'


# --- A drawn figure with the words that belong to it


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


# --- The source lines under the figures


def records(view: View) -> str:
    """Return the source line of what comes from the project’s own records."""
    line = view._("Source: the project’s own records until {day}.").format(
        day=view.day(view.evaluation.until)
    )
    if not view.evaluation.example_data:
        return line
    return line + " " + view._("Example data: invented.")


def statistics(view: View, outcomes: Iterable[str]) -> str:
    """Return the source line of some outcomes: SCB's tables that they rest on, and their years with noise.

    A report sees nothing after its year: tables and years that begin later are not named.
    """
    shown, day = set(outcomes), getattr(view.evaluation, "until", None)
    until = None if day is None else day.year
    behind = [one for one in view.sources if "outcomes" not in one or shown & set(one["outcomes"])]
    ids = sorted({table for source in behind for table in used_until(source, until)})
    line = view._("Source: Statistics Sweden (SCB), {tables}. Own calculation.").format(
        tables=view.join(ids) or "–"
    )
    years = {year for source in behind for year in source.get("noise", ())}
    noisy = sorted(year for year in years if until is None or year <= until)
    return f"{line} {noise(view, noisy)}" if noisy else line


def noise(view: View, years: Sequence[int]) -> str:
    """Return that SCB has added small random errors to the figures of some years."""
    told = view._("SCB has added small random errors to the figures for {years} (the cell-key method).")
    return told.format(years=view.join([str(year) for year in years]))
