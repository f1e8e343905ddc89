"""Prints a report to PDF/UA by the Chromium that there is, and mends what a browser leaves out.

Chromium tags headings, tables and figures. It knows no identifier of PDF/UA, gives a figure's frame no text,
leaves what it adds to a page untagged, and names the folder that it printed from in each link.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from attraktiv_eval.reporting.view import escape, plain

__all__ = ["find_chromium", "print_pdf"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_SECONDS = 120
_LINK = re.compile(r"<a (?P<attributes>[^>]*)>(?P<words>.*?)</a>", re.DOTALL)
_HREF = re.compile(r'href="(?P<file>[^"]*)"')
_AUTHOR = re.compile(r'<meta name="author" content="([^"]*)">')
_TITLE = re.compile(r"<title>([^<]*)</title>")

#: Operators that put something on the page, or begin a path that will.
_SHOWS = frozenset([b"Tj", b"TJ", b"'", b'"', b"m", b"re", b"Do", b"sh", b"INLINE IMAGE"])
#: Operators that a sequence of marked content may not reach over.
_PARTS = frozenset([b"BT", b"ET", b"q", b"Q"])
#: Kinds of element that PDF 1.7 does not know, and what each is to it.
_ROLES = {"/Strong": "/Span", "/Em": "/Span", "/Sub": "/Span", "/Title": "/H1"}


def find_chromium() -> str | None:
    """Return the path of a Chromium, Chrome or Edge on the search path; None where there is none."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def print_pdf(html: Path, pdf: Path, *, chromium: str | None = None) -> bool:
    """Print a rendered report to PDF/UA, with tags, bookmarks and links to the files beside it.

    Parameters
    ----------
    html, pdf : Path
        The page, and the file to write.
    chromium : str, optional
        The browser; found on the search path unless given.

    Returns
    -------
    bool
        False where there is no Chromium, or it could not print: the report stands without a PDF.
    """
    browser = chromium or find_chromium()
    if browser is None:
        return False
    page = _for_paper(Path(html).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        target, paper = Path(folder) / "report.pdf", Path(folder) / "report.html"
        paper.write_text(page, encoding="utf-8")
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            f"--user-data-dir={folder}/profile",
            "--no-pdf-header-footer",
            "--export-tagged-pdf",
            "--generate-pdf-document-outline",
            f"--print-to-pdf={target}",
            *(["--no-sandbox"] if _is_root() else []),
            paper.as_uri(),
        ]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
        except (OSError, subprocess.SubprocessError):
            return False
        if not target.is_file():
            return False
        _accessible(target, Path(pdf), page, Path(folder).as_uri() + "/")
    return True


def _is_root() -> bool:
    """Return whether this is root, as in a container, to whom Chromium refuses its sandbox."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _for_paper(page: str) -> str:
    """Return the page for paper: a link leads within it or to a file beside it, and none carries a file."""

    def kept(link: re.Match[str]) -> str:
        href = _HREF.search(link["attributes"])
        file = unescape(href["file"]) if href else ""
        if file.startswith("#") or (file and not re.match(r"[a-z]+:", file)):
            return link.group()
        return link["words"]

    return _LINK.sub(kept, page)


# --- What a browser leaves out


def _accessible(printed: Path, pdf: Path, page: str, folder: str) -> None:
    """Write a printed file as PDF/UA; ``folder`` is the address that it was printed from."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(printed))
    writer.pdf_header = "%PDF-1.7"
    words = {
        unquote(unescape(href["file"])): plain(link["words"])
        for link in reversed(list(_LINK.finditer(page)))
        if (href := _HREF.search(link["attributes"]))
    }
    for sheet in writer.pages:
        _mark_additions(sheet, writer)
        _name_links(sheet, words, folder)
    _name_elements(writer)
    _describe(writer, page)
    with pdf.open("wb") as stream:
        writer.write(stream)


def _mark_additions(sheet: Any, writer: Any) -> None:
    """Mark what a page has beside its text, such as its number, as no content of the report."""
    from pypdf.generic import ContentStream, NameObject

    content = ContentStream(sheet.get_contents(), writer)
    content.operations = list(_marked(content.operations, NameObject("/Artifact")))
    sheet.replace_contents(content)
    sheet.compress_content_streams()


def _marked(operations: list[tuple[Any, bytes]], artifact: Any) -> Iterator[tuple[Any, bytes]]:
    """Yield the operations of a page, all that shows something inside a sequence of marked content."""
    depth, added = 0, False
    for operands, operator in operations:
        tagged = operator == b"BDC" and "/MCID" in operands[1]  # else the letters of a ligature
        if added and (tagged or operator in _PARTS):
            yield [], b"EMC"
            added = False
        shows = operator in _SHOWS or (operator == b"BDC" and not tagged)
        if depth == 0 and not added and shows:
            yield [artifact], b"BMC"
            added = True
        depth += {b"BDC": 1, b"BMC": 1, b"EMC": -1}.get(operator, 0)
        yield operands, operator
    if added:
        yield [], b"EMC"


def _name_links(sheet: Any, words: dict[str, str], folder: str) -> None:
    """Give each link its words, and let it name a file alone, not where that file was printed from."""
    from pypdf.generic import NameObject, TextStringObject

    for one in sheet.get("/Annots", []):
        note = one.get_object()
        action = note.get("/A", {})
        target = f"#{unquote(str(note.get('/Dest', '')).lstrip('/'))}"
        if "/URI" in action:
            target = unquote(str(action["/URI"]).removeprefix(folder))
            action[NameObject("/URI")] = TextStringObject(str(action["/URI"]).removeprefix(folder))
        note[NameObject("/Contents")] = TextStringObject(words.get(target) or target)


def _name_elements(writer: Any) -> None:
    """Let a figure's frame be a part of the text, for its drawing has the alternative text; name kinds."""
    from pypdf.generic import DictionaryObject, NameObject

    root = writer.root_object["/StructTreeRoot"].get_object()
    kinds = set()
    for element in _elements(root):
        if element["/S"] == "/Figure" and "/Alt" not in element:
            element[NameObject("/S")] = NameObject("/Div")
        kinds.add(str(element["/S"]))
    roles = {NameObject(kind): NameObject(_ROLES[kind]) for kind in sorted(kinds & set(_ROLES))}
    if roles:
        root[NameObject("/RoleMap")] = DictionaryObject(roles)


def _elements(root: Any) -> Iterator[Any]:
    """Yield every element of the tree of tags."""
    waiting = [root]
    while waiting:
        one = waiting.pop().get_object()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            if "/S" in one:
                yield one
            waiting += [one["/K"]] if "/K" in one else []


def _describe(writer: Any, page: str) -> None:
    """Write title, sender, language and the identifier of PDF/UA into the file."""
    from pypdf.generic import NameObject, StreamObject

    title, sender = (unescape(found[1]) if (found := one.search(page)) else "" for one in (_TITLE, _AUTHOR))
    language = str(writer.root_object.get("/Lang", "sv"))
    told = {"/Title": title, "/Creator": "attraktiv-eval"} | ({"/Author": sender} if sender else {})
    writer.add_metadata(told)
    creator = f"<dc:creator><rdf:Seq><rdf:li>{escape(sender)}</rdf:li></rdf:Seq></dc:creator>"
    packet = StreamObject()
    packet.set_data(
        (
            '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
            '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
            'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">'
            f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>'
            f"{creator if sender else ''}"
            f"<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>"
            "<xmp:CreatorTool>attraktiv-eval</xmp:CreatorTool><pdfuaid:part>1</pdfuaid:part>"
            '</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end="w"?>'
        ).encode()
    )
    packet[NameObject("/Type")] = NameObject("/Metadata")
    packet[NameObject("/Subtype")] = NameObject("/XML")
    writer.root_object[NameObject("/Metadata")] = writer._add_object(packet)
