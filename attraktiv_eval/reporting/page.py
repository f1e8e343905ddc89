"""The page around a report: head, style, contents and footer; nothing is fetched from elsewhere."""

from __future__ import annotations

import json
import re
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

from attraktiv_eval.reporting.evidence import carry
from attraktiv_eval.reporting.glossary import explained, marked
from attraktiv_eval.reporting.view import escape
from attraktiv_eval.reporting.what_if import WHAT_IF
from attraktiv_eval.texts import LANGUAGES, about, kind_of, moment, translator, worded

__all__ = [
    "TEMPLATES",
    "contents",
    "document",
    "finish",
    "link_languages",
    "render",
    "style_sheet",
]


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
    stem, ending = own.split(".")[0], "" if language == "sv" else f".{language}"
    method = next((id for id, _text in headings if id in ("s-metod", "s-method")), "contents")
    links = [("#contents", _("Contents")), ("#sources", _("Data")), (f"#{method}", _("Method"))]
    files = [("tables/goals.csv", _("goals (CSV)")), (f"tables{ending}.xlsx", _("all tables (Excel)"))]
    files += [(f"{stem}{ending}.docx", _("the main text (Word)"))] if run.get("word") else []
    files += [(f"{stem}{ending}.pdf", _("the report (PDF)"))] if run.get("pdf") else []
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
    index = "index.html" if language == "sv" else f"index.{language}.html"
    back = _("All reports")
    parts = [f'<a href="../{index}">{escape(back)}</a>']
    parts.append(languages_line([str(one) for one in run.get("languages") or []], language, stem))
    if run.get("version"):
        said = _("version {n}").format(n=run["version"])
        if run.get("replaces"):
            said += ", " + _("replaces {n}").format(n=run["replaces"])
        parts.append(f'<span class="version">{escape(said)}</span>')
    return "\n".join(part for part in parts if part)


def languages_line(languages: list[str], language: str, stem: str) -> str:
    """Return links to the other languages of a page; empty where there is only one."""
    if len(languages) < 2:
        return ""
    links = []
    for one in languages:
        name = _LANGUAGES.get(one, one)
        if one == language:
            links.append(f'<span aria-current="true">{name}</span>')
        else:
            target = f"{stem}.html" if one == "sv" else f"{stem}.{one}.html"
            links.append(f'<a href="{target}" lang="{one}" hreflang="{one}">{name}</a>')
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
    results = Path(html).with_name("results.json")
    if results.is_file():
        run = {**run, "until": json.loads(results.read_text(encoding="utf-8")).get("until")}
    with about(kind_of(str(run.get("region", "")))):
        _word_prose(notebook, language)
        body = _lead_to_cells(_exporter(language).from_filename(str(notebook))[0], notebook)
        text = finish(body, language=language, title=title, run=run, notebook=Path(notebook).name, own=name)
        if run.get("word"):
            from attraktiv_eval.reporting.word import write_word

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
