"""Explains the terms that a page uses, links the first use of each, marks the words of other languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, partial
from html import unescape
from typing import Any

from attraktiv_eval import resources
from attraktiv_eval.reporting.view import escape
from attraktiv_eval.texts import translator, worded

__all__ = ["Term", "explained", "marked", "terms"]

#: Text in these is no running text: a link in it would be one too many, or could not stand there.
_NO_LINK = {"a", "svg", "h1", "h2", "h3", "h4", "code", "summary", "caption", "th", "label", "nav", "strong"}
_NO_MARK = {"svg", "code", "script", "style", "title"}
_PIECE = re.compile(r"<!--.*?-->|<[^>]+>", re.DOTALL)
_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
_EMPTY = {"br", "img", "input", "meta", "link", "hr", "path", "use", "rect", "circle", "line"}


@dataclass(frozen=True)
class Term:
    """A term in one language: the beginnings that it is known by, its name and what it means."""

    id: str
    stems: tuple[str, ...]
    name: str
    means: str

    @property
    def anchor(self) -> str:
        """The id of its explanation in a page."""
        return f"term-{self.id.replace('_', '-')}"


@cache
def terms(language: str) -> tuple[Term, ...]:
    """Return the terms of ``data/glossary.toml`` in a language."""
    return tuple(
        Term(one["id"], tuple(one[f"stem_{language}"]), one[language], one[f"means_{language}"])
        for one in _table()["term"]
    )


@cache
def _table() -> dict[str, Any]:
    return resources.read_toml(resources.find("data/glossary.toml"))


@cache
def _pattern(language: str) -> re.Pattern[str]:
    longest = sorted((stem for one in terms(language) for stem in one.stems), key=len, reverse=True)
    each = "|".join(map(_begun_by, longest))
    return re.compile(rf"(?<![\w-])(?:{each})", re.IGNORECASE)


def _begun_by(stem: str) -> str:
    words = r"\s+".join(map(re.escape, escape(stem.rstrip("|")).split()))
    return rf"{words}(?!\w)" if stem.endswith("|") else rf"{words}\w*"


def _term_of(words: str, language: str) -> Term:
    """Return the term whose longest beginning the words have."""
    plain = re.sub(r"\s+", " ", unescape(words)).lower()
    fits = [
        (len(stem), one) for one in terms(language) for stem in one.stems if re.match(_begun_by(stem), plain)
    ]
    return max(fits, key=lambda fit: fit[0])[1]


def explained(body: str, language: str) -> str:
    """Return a page's body with a glossary of the terms that it uses, and a link where each is first used.

    Parameters
    ----------
    body : str
        HTML; a term is looked for in its text outside drawings, the glossary's section goes to its end.
    language : {"sv", "en"}
    """
    used: set[str] = set()
    linked: set[str] = set()
    out = []
    for text, stack in _texts(body):
        if stack is None or stack & _NO_MARK:
            out.append(text)
            continue
        free = not stack & _NO_LINK and bool(stack & {"p", "li", "dd"})

        def link(found: re.Match[str], free: bool = free) -> str:
            term = _term_of(found.group(), language)
            used.add(term.id)
            if not free or term.id in linked:
                return found.group()
            linked.add(term.id)
            return f'<a class="term" href="#{term.anchor}">{found.group()}</a>'

        out.append(_pattern(language).sub(link, text))
    kept = [one for one in terms(language) if one.id in used]
    return "".join(out) + (_section(kept, language) if kept else "")


def _section(kept: list[Term], language: str) -> str:
    _ = translator(language)
    title, said = escape(_("Glossary")), partial(worded, language=language)
    inside = "".join(
        f'<dt id="{one.anchor}">{escape(said(one.name))}</dt><dd>{escape(said(one.means))}</dd>'
        for one in sorted(kept, key=lambda one: one.name.lower())
    )
    return f'\n<section class="glossary"><h2>{title}</h2>\n<dl>{inside}</dl></section>\n'


def marked(body: str, language: str) -> str:
    """Return a page's body where names and terms of another language say which one it is."""
    found = {word: one["lang"] for one in _table()["foreign"] for word in one["words"]}
    words = {escape(word): lang for word, lang in found.items() if lang != language}
    if not words:
        return body
    pattern = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))

    def span(word: re.Match[str]) -> str:
        return f'<span lang="{words[word.group()]}">{word.group()}</span>'

    return "".join(
        text if stack is None or stack & _NO_MARK else pattern.sub(span, text) for text, stack in _texts(body)
    )


def _texts(body: str) -> list[tuple[str, set[str] | None]]:
    """Return the pieces of HTML in order: a tag with None, a text with the elements around it."""
    pieces: list[tuple[str, set[str] | None]] = []
    stack: list[str] = []
    at = 0
    for tag in _PIECE.finditer(body):
        if tag.start() > at:
            pieces.append((body[at : tag.start()], set(stack)))
        pieces.append((tag.group(), None))
        at = tag.end()
        name = _NAME.match(tag.group())
        if name is None:
            continue
        kind = name[1].lower()
        if tag.group().startswith("</"):
            if kind in stack:
                del stack[len(stack) - 1 - stack[::-1].index(kind) :]
        elif kind not in _EMPTY and not tag.group().endswith("/>"):
            stack.append(kind)
    if at < len(body):
        pieces.append((body[at:], set(stack)))
    return pieces
