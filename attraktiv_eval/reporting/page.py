"""The page around a report: head, style, contents, footer, terms; nothing is fetched from elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attraktiv_eval import resources
from attraktiv_eval.additionality.contribution import DRAWS, SEED
from attraktiv_eval.reporting.evidence import carry
from attraktiv_eval.reporting.view import escape, known
from attraktiv_eval.texts import LANGUAGES, about, in_language, kind_of, moment, translator, worded

if TYPE_CHECKING:
    from attraktiv_eval.reporting.view import View

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


# --- Level 2 with assumptions of the reader's own

#: By this a page that needs the script is known; the exporter writes attributes in an order of its own.
WHAT_IF = 'id="what-if"'


def what_if(view: View) -> str:
    """Return the place of the calculation, with a sentence for want of script; empty without level 2."""
    _ = view._
    told = model(view)
    if not told["goals"]:
        return ""
    heading = _("Try assumptions of your own")
    mark = _("Your own calculation, not the report’s.")
    about = _(
        "Here you can change each assumption of level 2 and see what follows. The page draws again, as the "
        "report did, from the same protected counts. Nothing leaves your machine, and the report stays as "
        "it is."
    )
    dead = _(
        "The calculation needs a browser that runs the page’s own script. Without it the table of "
        "assumptions and the figure above show what each assumption does."
    )
    data = escape(json.dumps(told, ensure_ascii=False, separators=(",", ":")))
    return (
        f'<section class="what-if" {WHAT_IF} data-model="{data}" aria-labelledby="what-if-heading">'
        f'<h3 id="what-if-heading">{escape(heading)}</h3>'
        f"<p><strong>{escape(mark)}</strong> {escape(about)}</p>"
        f'<p class="needs-script note">{escape(dead)}</p></section>'
    )


def model(view: View) -> dict[str, Any]:
    """Return what the script draws from: goals, assumptions, the generator's state and the words."""
    import numpy as np

    goals = [one for goal in view.evaluation.project.goals if (one := _goal(view, goal))]
    used = {id: None for one in goals for id in _ids(one["uses"])}
    stated = view.evaluation.assumptions
    assumptions = [
        {
            "id": id,
            "label": getattr(stated[id], view.language),
            "range": [stated[id].low, stated[id].value, stated[id].high],
        }
        for id in used
    ]
    state = np.random.default_rng(SEED).bit_generator.state["state"]
    return {
        "goals": goals,
        "assumptions": assumptions,
        "draws": DRAWS,
        "seed": {key: hex(int(state[key])) for key in ("state", "inc")},
        "words": _words(view),
    }


def _ids(uses: dict[str, Any]) -> list[str]:
    """Return the ids of the assumptions that a goal uses, in order."""
    return [id for one in uses.values() for id in (one if isinstance(one, list) else [one])]


def _goal(view: View, goal: str) -> dict[str, Any] | None:
    """Return what a goal's range is drawn from; None where a table of the report does not tell it either.

    A share whose number of cases is left out, since it changed by a few since an earlier report, is not told
    here: the goal is left out.
    """
    told = (getattr(view.evaluation, "level2_inputs", None) or {}).get(goal)
    row, filters = view.goal(goal), view.rows("filters", goal=goal)
    if told is None or row is None or filters is None or not known(row["l2_low"]):
        return None
    if filters["known"].isna().any():
        return None
    report = [float(row[end]) for end in ("l2_low", "l2_median", "l2_high")]
    kept = {key: _short(value) for key, value in told.items() if key != "report"}
    return {"id": goal, "name": view.word("goal", goal), **kept, "report": report}


def _short(value: Any) -> Any:
    """Return numbers in twelve digits, which is more than a household in a thousand million."""
    if isinstance(value, dict):
        return {key: _short(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_short(one) for one in value]
    return float(f"{value:.12g}") if isinstance(value, float) else value


def _words(view: View) -> dict[str, str]:
    _ = view._
    return {
        "open": _("Change the assumptions"),
        "low": _("Lowest, %"),
        "mode": _("Most likely, %"),
        "high": _("Highest, %"),
        "reset": _("Back to the report’s assumptions"),
        "link": _("Link to this calculation"),
        "own": _(
            "{goal}, your own calculation: {low}–{high}, middle value {middle}. The report says {report}."
        ),
        "base": _("{goal}, with the report’s assumptions: {low}–{high}, middle value {middle}."),
        "order": _("{name}: the lowest, the most likely and the highest must be 0 to 100, in this order."),
        "rising": _(
            "From “surely anyway” to “surely not” each answer must count at least as much as the one before."
        ),
    }


# --- The page around a report

_TEMPLATES = Path(__file__).resolve().parent / "template"
_LANGUAGES = {"sv": "Svenska", "en": "English"}
_HEADING = re.compile(r"<h2(?P<attributes>[^>]*)>(?P<inner>.*?)</h2>", re.DOTALL)
_TOP = re.compile(r'<header class="top">(.*?)</header>', re.DOTALL)
_H1 = re.compile(r"<h1[^>]*>.*?</h1>\s*", re.DOTALL)
_TITLE = re.compile(r'<h1 class="report-title">.*?</h1>', re.DOTALL)
_ID = re.compile(r'id="([^"]*)"')
#: The label of a report on example records, as its first screen has it.
_SENDER = re.compile(r'<p class="sender">(.*?)</p>', re.DOTALL)
_LABEL = re.compile(r'<p class="banner example">(.*?)</p>', re.DOTALL)


@cache
def what_if_script() -> str:
    """Return the script that draws level 2 anew in the page: the only one that a page has."""
    return (_TEMPLATES / "what_if.js").read_text(encoding="utf-8")


@cache
def style_sheet() -> str:
    """Return the page's style sheet."""
    return (_TEMPLATES / "report.css").read_text(encoding="utf-8")


def finish(body: str, *, language: str, title: str, run: dict[str, Any], notebook: str, own: str) -> str:
    """Return the whole page of a report from the body that nbconvert made."""
    body, headings = _anchored(explained(_dated(_one_h1(body, title), run, language), language))
    body = _with_contents(body, _jump(headings, run, language, own) + contents(headings, language))
    return document(
        marked(body, language),
        language=language,
        title=title,
        top=_top(run, language, own),
        footer=_footer(run, language, notebook),
        run_id=str(run.get("run_id") or ""),
        label=label_of(body),
        sender=_sender_of(body),
        author=", ".join(run.get("publisher") or []),
        day=str(run.get("until") or ""),
    )


def _dated(body: str, run: dict[str, Any], language: str) -> str:
    """Say before the sender on which day the report was made: a decision names it by that."""
    started = str(run.get("started") or "")[:10]
    if not started:
        return body
    made = escape(moment(started, language))
    return _SENDER.sub(lambda found: f'<p class="sender">{made}. {found[1]}</p>', body, count=1)


def label_of(body: str) -> str:
    """Return the label that a page says its example records with; empty where it has none."""
    found = _LABEL.search(body)
    return unescape(re.sub(r"<[^>]+>", "", found.group(1))).strip() if found else ""


def _sender_of(body: str) -> str:
    """Return who sends a report and of what day its data are, as its first screen says; else empty."""
    found = _SENDER.search(body)
    return unescape(re.sub(r"<[^>]+>", "", found.group(1))).strip() if found else ""


def document(
    main: str,
    *,
    language: str,
    title: str,
    top: str = "",
    footer: str = "",
    run_id: str = "",
    label: str = "",
    sender: str = "",
    author: str = "",
    day: str = "",
) -> str:
    """Return an HTML document: skip link, header, main, footer, with the style sheet inside.

    A ``label`` says that records are invented: the title, and so a PDF's, begins by saying so, and every
    printed page carries the label above its text, and below it who sends it, with the page's number.
    """
    _ = translator(language)
    skip = escape(_("Skip to the content"))
    script = f"<script>\n{what_if_script()}</script>\n" if WHAT_IF in main else ""
    title = _("Example data – {title}").format(title=title) if label else title
    told = {"attraktiv-eval:run": run_id, "author": author, "dcterms.date": day}
    meta = "".join(f'<meta name="{name}" content="{escape(one)}">\n' for name, one in told.items() if one)
    return f"""<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
{meta}<title>{escape(title)}</title>
<link rel="icon" href="data:,">
<style>
{style_sheet()}{_running_lines(label, sender)}</style>
</head>
<body>
<a class="skip" href="#main">{skip}</a>
<header class="top">{top}</header>
<main id="main">
{main.strip()}
</main>
<footer>{footer}</footer>
{script}</body>
</html>
"""


def _running_lines(label: str, sender: str) -> str:
    """Return the rules that print a label above the text of every page and the sender below it."""
    rules = ""
    for place, text, weight in (("top-left", label, 600), ("bottom-left", sender, 400)):
        if text:
            told = re.sub(r'["\\\\<>&\n]', " ", text)
            font = f"font: {weight} 8pt system-ui, sans-serif; color: #000000;"
            rules += f'@page {{ @{place} {{ content: "{told}"; {font} }} }}\n'
    return rules


def _one_h1(body: str, title: str) -> str:
    """Keep the heading that the report makes, else the first one, else make one from the title."""
    own = _TITLE.search(body)
    found = own or _H1.search(body)
    heading = found.group().strip() if found else f"<h1>{escape(title)}</h1>"
    marker = "<!--h1-->"
    body = body.replace(found.group(), marker, 1) if found else marker + body
    return _H1.sub("", body).replace(marker, heading)


def _anchored(body: str) -> tuple[str, list[tuple[str, str]]]:
    """Give every section heading an id of its own; return the body and (id, text) of each."""
    headings: list[tuple[str, str]] = []
    taken = set(_ID.findall(_HEADING.sub("", body)))

    def anchor(found: re.Match[str]) -> str:
        text = re.sub(r"<[^>]+>", "", found.group("inner")).replace("¶", "").strip()
        id = _slug(text)
        while id in taken:
            id += "-2"
        taken.add(id)
        headings.append((id, text))
        return f'<h2 id="{id}">{text}</h2>'

    return _HEADING.sub(anchor, body), headings


def _slug(text: str) -> str:
    import html

    plain = html.unescape(text).lower().translate(str.maketrans("åäöéü", "aaoeu"))
    return "s-" + (re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "x")


def contents(headings: list[tuple[str, str]], language: str) -> str:
    """Return the table of contents as a navigation landmark."""
    if not headings:
        return ""
    _ = translator(language)
    items = "".join(f'<li><a href="#{id}">{text}</a></li>' for id, text in headings)
    label = escape(_("Contents"))
    return f'<nav class="contents" aria-label="{label}"><h2 id="contents">{label}</h2><ol>{items}</ol></nav>'


def _jump(headings: list[tuple[str, str]], run: dict[str, Any], language: str, own: str) -> str:
    """Return the line under the first screen: contents, data, method, downloads."""
    _ = translator(language)
    stem = own.split(".")[0]
    method = next((id for id, _text in headings if id in ("s-metod", "s-method")), "contents")
    links = [("#contents", _("Contents")), ("#sources", _("Data")), (f"#{method}", _("Method"))]
    files = [
        ("tables/goals.csv", _("goals (CSV)")),
        (in_language("tables", language, "xlsx"), _("all tables (Excel)")),
    ]
    files += [(in_language(stem, language, "docx"), _("the main text (Word)"))] if run.get("word") else []
    files += [(in_language(stem, language, "pdf"), _("the report (PDF)"))] if run.get("pdf") else []
    label, download = _("Shortcuts"), _("Download")
    said = " · ".join(f'<a href="{target}">{escape(words)}</a>' for target, words in links)
    load = ", ".join(f'<a href="{target}">{escape(words)}</a>' for target, words in files)
    return f'<nav class="jump" aria-label="{escape(label)}">{said} · {escape(download)} ({load})</nav>\n'


def _with_contents(body: str, nav: str) -> str:
    """Put the table of contents before the first section."""
    at = body.find("<h2 ")
    cell = body.rfind("\n", 0, at) if at >= 0 else -1
    return body[: cell + 1] + nav + "\n" + body[cell + 1 :] if at >= 0 else body + nav


def _top(run: dict[str, Any], language: str, own: str) -> str:
    """Return the top line: back to all reports, the other language, the version."""
    _ = translator(language)
    stem = own.split(".")[0]
    back = _("All reports")
    parts = [f'<a href="../{in_language("index", language)}">{escape(back)}</a>']
    parts.append(languages_line([str(one) for one in run.get("languages") or []], language, stem))
    if run.get("version"):
        said = _("version {n}").format(n=run["version"])
        if run.get("replaces"):
            said += ", " + _("replaces {n}").format(n=run["replaces"])
        parts.append(f'<span class="version">{escape(said)}</span>')
    return "\n".join(part for part in parts if part)


def titled(
    title: str, parts: Iterable[str], language: str, languages: Sequence[str], stem: str, label: str = ""
) -> str:
    """Return a page that is no report: its title, the parts that are there, links to its other languages."""
    body = "\n".join([f'<h1 class="report-title">{escape(title)}</h1>', *filter(None, parts)])
    top = languages_line(languages, language, stem)
    return document(body, language=language, title=title, top=top, label=label)


def write_pages(folder: Path, stem: str, languages: Iterable[str], made: Callable[[str], str]) -> list[Path]:
    """Write a page in each language, as ``made`` gives it, and return the files."""
    files = []
    for language in languages:
        files.append(folder / in_language(stem, language))
        files[-1].write_text(made(language), encoding="utf-8", newline="\n")
    return files


def languages_line(languages: Sequence[str], language: str, stem: str) -> str:
    """Return links to the other languages of a page; empty where there is only one."""
    if len(languages) < 2:
        return ""
    links = []
    for one in languages:
        name = _LANGUAGES.get(one, one)
        if one == language:
            links.append(f'<span aria-current="true">{name}</span>')
        else:
            links.append(f'<a href="{in_language(stem, one)}" lang="{one}" hreflang="{one}">{name}</a>')
    return f'<span class="languages">{" ".join(links)}</span>'


def link_languages(page: str, languages: list[str], own: str) -> str:
    """Return a page that stands, whose top line leads to every language that the report has now.

    Parameters
    ----------
    page : str
        A page made before, perhaps in fewer languages; one without a top line stays as it is.
    languages : list of str
    own : str
        The page's file name.
    """
    top = _TOP.search(page)
    if top is None:
        return page
    stem, *ending = own.split(".")[:-1]
    line = languages_line(languages, ending[0] if ending else "sv", stem)
    parts = [part for part in top[1].split("\n") if not part.startswith('<span class="languages">')]
    if line:
        parts.insert(1, line)
    return page[: top.start(1)] + "\n".join(parts) + page[top.end(1) :]


def _footer(run: dict[str, Any], language: str, notebook: str) -> str:
    _ = translator(language)
    words, name = _("The executed notebook with all code"), _("Run")
    link = f'<a href="{escape(notebook)}">{escape(words)}</a>'
    run_id = f"<p>{escape(name)} <code>{escape(run['run_id'])}</code></p>" if run.get("run_id") else ""
    return f"<p>{link}</p>{run_id}"


# --- Turns an executed notebook into one page that carries everything with it

#: A link that names a section; the exporter writes attributes in an order and with quotes of its own.
_TO_CELL = re.compile(
    r"""<a (?=[^>]*data-section=(?P<quote>["'])(?P<name>.*?)(?P=quote))[^>]*?href="(?P<file>[^"#]+)"[^>]*>"""
)
_SECTIONS = re.compile(r"\breport\.section\(([^)]*)\)")
TEMPLATES = Path(__file__).resolve().parent / "template"


def render(notebook: Path, html: Path, *, language: str, title: str, run: dict[str, Any]) -> None:
    """Write an executed notebook as a self-contained HTML page in one language.

    Parameters
    ----------
    notebook : Path
        The executed notebook; prose cells tagged with another language are left out, code is not shown.
    html : Path
        The page to write.
    language : {"sv", "en"}
    title : str
        The title of the page.
    run : dict
        What run.json says: run_id, version, replaces, languages, ...; a missing key is left out of the page.
    """
    name = Path(html).name
    results, counted = Path(html).with_name("results.json"), set()
    if results.is_file():
        found = json.loads(results.read_text(encoding="utf-8"))
        run = {**run, "until": found.get("until")}
        counted = {one["unit"] for one in found.get("figures", []) if one.get("kind") == "goal"}
    with about(kind_of(str(run.get("region", ""))), counted):
        _word_prose(notebook, language)
        body = _lead_to_cells(_exporter(language).from_filename(str(notebook))[0], notebook)
        text = finish(body, language=language, title=title, run=run, notebook=Path(notebook).name, own=name)
        if run.get("word"):
            from attraktiv_eval.reporting.downloads import write_word

            write_word(text, Path(html).with_suffix(".docx"), language=language)
        text = carry(text, Path(html).parent, language=language, name=name)
    Path(html).write_text(text, encoding="utf-8", newline="\n")


def _word_prose(notebook: Path, language: str) -> None:
    """Let the prose of an executed notebook speak of the project's kind of region."""
    content = json.loads(Path(notebook).read_text(encoding="utf-8"))
    prose = [one for one in content["cells"] if one["cell_type"] == "markdown"]
    before = ["".join(one["source"]) for one in prose]
    after = [worded(text, language) for text in before]
    if after != before:
        for one, text in zip(prose, after, strict=True):
            one["source"] = text.splitlines(keepends=True)
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        Path(notebook).write_text(text, encoding="utf-8", newline="\n")


def _lead_to_cells(body: str, notebook: Path) -> str:
    """Let a link that names a section end in the id of the cell that shows it: JupyterLab scrolls to it."""
    cells = json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]
    ids: dict[str, Any] = {}
    for cell in (one for one in cells if one["cell_type"] == "code"):
        for named in _SECTIONS.findall("".join(cell["source"])):
            ids |= {name: cell.get("id") for name in re.findall(r"""["'](\w+)["']""", named)}

    def lead(link: re.Match[str]) -> str:
        id = ids.get(link["name"])
        return f'<a href="{link["file"]}#cell-id={id}">' if id else f'<a href="{link["file"]}">'

    return _TO_CELL.sub(lead, body)


def _exporter(language: str) -> Any:
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    others = {f"lang-{other}" for other in LANGUAGES if other != language}
    config = Config()
    config.TagRemovePreprocessor.enabled = True
    config.TagRemovePreprocessor.remove_cell_tags = others | {"remove-cell"}
    config.TagRemovePreprocessor.remove_all_outputs_tags = {
        "parameters",
        "injected-parameters",
        "remove-output",
    }
    return HTMLExporter(
        config=config,
        template_name="report",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_input=True,
        exclude_anchor_links=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        embed_images=True,
        language_code=language,
    )
