"""What a call in a notebook shows: a piece of HTML, with a plain text for the terminal."""

from __future__ import annotations

import html as _html
import re
from dataclasses import dataclass

__all__ = ["PROTECTED", "Display", "escape", "paragraphs"]

#: The kind of output by which a run knows what may be published: a piece of a report, its small counts
#: protected.
PROTECTED = "application/x-attraktiv-eval-protected"

_HIDDEN = re.compile(r"<(style|title|desc|svg)\b.*?</\1>", re.DOTALL)
_BETWEEN = re.compile(r"</(td|th|dt|dd|a|text|figcaption)>")
_TAGS = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Display:
    """A piece of a report.

    Jupyter shows ``html``; ``str()`` and a terminal show ``text``.
    """

    html: str
    text: str = ""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": str(self), PROTECTED: "1"}

    def __str__(self) -> str:
        return self.text or plain(self.html)

    def __repr__(self) -> str:
        return str(self)


def plain(markup: str) -> str:
    """Return the words of a piece of HTML, a line a block."""
    text = _HIDDEN.sub("", markup)
    text = re.sub(r"</(p|h\d|tr|li|figcaption|caption|summary|strong)>", "\n", text)
    text = _html.unescape(_TAGS.sub("", _BETWEEN.sub(" ", text)))
    lines = (re.sub("[ \t]+", " ", line).strip(" ") for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def escape(text: object) -> str:
    """Return text that may stand between tags or in a quoted attribute."""
    return _html.escape(str(text), quote=True)


def paragraphs(*parts: str, lead: bool = True) -> str:
    """Return HTML paragraphs; the first one is the section's answer."""
    kept = [part for part in parts if part]
    first = [f'<p class="answer">{kept[0]}</p>'] if kept and lead else [f"<p>{part}</p>" for part in kept[:1]]
    return "\n".join(first + [f"<p>{part}</p>" for part in kept[1:]])
