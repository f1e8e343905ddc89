"""Turns a drawing into SVG: the same bytes every time, a name for those who cannot see it, ids of its own."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

from attraktiv_eval.reporting.figures import style
from attraktiv_eval.reporting.view import escape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["for_file", "for_page", "to_svg"]

_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_FONT = re.compile(r"font: (?:(\w+) )?([\d.]+)px '[^;]*?(?=;|\")")
_STACK = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', 'DejaVu Sans', sans-serif"


def to_svg(figure: Figure, prefix: str, name: str) -> str:
    """Return the figure as an ``<svg>`` element with ``role="img"`` and a name.

    Coordinates are rounded to two decimals, every id and reference begins with ``prefix``, text stays text.
    """
    import matplotlib

    buffer = BytesIO()
    with matplotlib.rc_context(style.settings()):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = buffer.getvalue().decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = _NUMBER.sub(lambda found: _short(found.group()), text)
    text = _own_ids(text, prefix)
    text = _FONT.sub(lambda found: f"font: {found.group(1) or 'normal'} {found.group(2)}px {_STACK}", text)
    box = re.search(r'viewBox="([^"]*)"', text)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" '
        f'viewBox="{box.group(1) if box else ""}" role="img" aria-labelledby="{prefix}-name">\n'
        f'<title id="{prefix}-name">{escape(name)}</title>'
    )
    return (head + text[text.index(">") + 1 :]).strip()


def _short(number: str) -> str:
    short = f"{float(number):.2f}".rstrip("0").rstrip(".")
    return "0" if short in ("-0", "") else short


def _own_ids(text: str, prefix: str) -> str:
    text = re.sub(r'\bid="', f'id="{prefix}-', text)
    text = re.sub(r'href="#', f'href="#{prefix}-', text)
    return re.sub(r"url\(#", f"url(#{prefix}-", text)


def for_page(svg: str) -> str:
    """Return the SVG with colours that follow the page's light or dark scheme."""
    for colour, variable in style.COLOURS.items():
        svg = svg.replace(colour, f"var({variable})")
    return svg


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
    style_of = f"font: {weight} {size}px {_STACK}; fill: {style.INK}"
    return f'<text x="6" y="{y:g}" style="{style_of}">{escape(words)}</text>'
