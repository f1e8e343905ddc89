"""The body of a report as a Word document, made from the page's own HTML: one text, not a second one.

A board pastes into its decision what it can open and change. Headings are Word's, a table has a row of
headings, a figure its alternative text; the appendix stays on the page, which the document leads to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import zip_longest
from pathlib import Path
from typing import Any

from attraktiv_eval.records.workbook import without_control_signs
from attraktiv_eval.reporting.workbook import without_clock
from attraktiv_eval.texts import translator

__all__ = ["FIGURES_OF_BODY", "write_word"]

#: The figures of the body, which are kept as pictures too: not every Word draws SVG.
FIGURES_OF_BODY = ("levels", "path_to_goals", "funnel", "county_comparison")

_SPOKEN = {"sv": "sv-SE", "en": "en-GB"}
_SKIPPED = ("nav", "svg", "style", "script", "summary", "title")
_LISTS = {"ul": "List Bullet", "ol": "List Number"}
_STYLES = {"banner": "Intense Quote", "source": "Caption", "sender": "Subtitle"}
#: The room between the margins, and the largest a drawing may be, in millimetres.
_ROOM, _WIDEST, _TALLEST = 160, 105, 165
#: A table of more rows, its heading included, stays on the page, which the document leads to.
_LONGEST = 25
#: Parts of the empty document that no reader has use for.
_DROPPED = ("/thumbnail", "/stylesWithEffects", "/customXml")


def write_word(page: str, path: Path, *, language: str) -> Path:
    """Write the body of a page as a Word document; the same page and figures give the same bytes.

    Parameters
    ----------
    page : str
        The whole HTML document; title, sender and day of its head become the document's.
    path : Path
        The document to write; ``figures`` beside it holds the pictures.
    language : {"sv", "en"}
    """
    from docx import Document
    from lxml import html

    whole = html.fromstring(page)
    main = whole.get_element_by_id("main")
    told = {one.get("name"): one.get("content", "") for one in whole.iter("meta")}
    stamp = datetime.fromisoformat(told.get("dcterms.date") or "1980-01-01")
    document = _Word(Document(), path, language)
    document.describe(_text(whole.find(".//title")), told.get("author", ""), stamp)
    _ = translator(language)
    blocks = list(_body(main, _("Appendix")))
    labels = [one for one in blocks if "banner" in one.get("class", "").split()]
    for block in [*labels, *(one for one in blocks if one not in labels)]:
        document.add(block)
    document.running_lines(
        " ".join(_text(one) for one in labels),
        " ".join(_text(one) for one in main.find_class("sender")),
    )
    document.lead_to_page()
    buffer = BytesIO()
    document.file.save(buffer)
    path.write_bytes(without_clock(buffer.getvalue(), stamp))
    return path


def _body(main: Any, appendix: str) -> Iterator[Any]:
    """Yield the blocks of the body, in order: those before the heading of the appendix."""
    waiting = list(main)
    while waiting:
        one = waiting.pop(0)
        if one.tag == "h2" and _text(one).startswith(appendix):
            return
        if one.tag in ("div", "section", "details"):  # but for what only a browser can do
            waiting = [*(one if one.get("class") != "what-if" else ()), *waiting]
        elif isinstance(one.tag, str) and one.tag not in _SKIPPED:
            yield one


def _text(element: Any) -> str:
    """Return what an element says, on one line, with its own non-breaking spaces."""
    return _line(element.text_content()).strip()


def _line(text: str) -> str:
    """Return text as HTML shows it: every run of breaks and spaces is one space."""
    shown = "".join(" " if sign in " \t\r\n" else sign for sign in without_control_signs(text))
    while "  " in shown:
        shown = shown.replace("  ", " ")
    return shown


@dataclass
class _Word:
    """A document of python-docx that takes HTML elements."""

    file: Any
    path: Path
    language: str

    # The document as a whole -------------------------------------------------------------------------

    def describe(self, title: str, author: str, day: datetime) -> None:
        """Set paper, language and properties; nothing of the machine or its user."""
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn
        from docx.shared import Mm, Pt

        for held in (self.file.part.package, self.file.part):
            for id in [id for id, one in held.rels.items() if one.reltype.endswith(_DROPPED)]:
                del held.rels[id]
        told = self.file.core_properties
        told.title, told.author, told.last_modified_by = title, author, author
        told.comments, told.revision = "", 1
        told.language = _SPOKEN[self.language]
        told.created = told.modified = day
        (section,) = self.file.sections
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(25)
        section.top_margin = section.bottom_margin = Mm(25)
        styles = self.file.styles
        styles["Normal"].font.size = Pt(11)
        styles["Normal"].font.name = "Arial"
        for name, above in (("Normal", 4), ("Caption", 12)):
            styles[name].paragraph_format.space_before = Pt(above)
            styles[name].paragraph_format.space_after = Pt(4)
        for run in styles.element.iter(qn("w:rPr")):
            for old in run.findall(qn("w:lang")):
                run.remove(old)
        defaults = styles.element.find(".//" + qn("w:rPrDefault")).find(qn("w:rPr"))
        spoken = OxmlElement("w:lang")
        spoken.set(qn("w:val"), told.language)
        defaults.append(spoken)

    def running_lines(self, label: str, sender: str) -> None:
        """Print the label of invented records above each page, and sender and page number below it."""
        (section,) = self.file.sections
        section.header.paragraphs[0].text = without_control_signs(label)
        foot = section.footer.paragraphs[0]
        foot.add_run(f"{sender}\t\t" if sender else "\t\t")
        _field(foot, "PAGE")
        foot.add_run(" / ")
        _field(foot, "NUMPAGES")

    def lead_to_page(self) -> None:
        """End with where the appendix is: the page, by its file name."""
        _ = translator(self.language)
        name = self.path.with_suffix(".html").name
        before, _sign, after = _(
            "Methods, assumptions and sources stand in the appendix of the whole report, {file}."
        ).partition("{file}")
        last = self.file.add_paragraph(before)
        self._link(last, name, name)
        last.add_run(after)

    # One element -------------------------------------------------------------------------------------

    def add(self, block: Any) -> None:
        """Add a block of HTML."""
        kinds = block.get("class", "").split()
        if "files" in kinds:
            return
        if block.tag == "table":
            self._table(block)
        elif block.tag == "figure":
            self._figure(block)
        elif block.tag in _LISTS:
            for item in block.iterfind("li"):
                self._fill(self.file.add_paragraph(style=_LISTS[block.tag]), item)
        elif block.tag == "dl":
            for item in block.iter("dt", "dd"):
                self._fill(self.file.add_paragraph(style="List" if item.tag == "dd" else None), item)
        elif block.tag in ("h1", "h2", "h3", "h4"):
            level = int(block.tag[1]) - 1
            self.file.add_heading(_text(block), level)
        elif _text(block):
            style = next((_STYLES[one] for one in kinds if one in _STYLES), None)
            self._fill(self.file.add_paragraph(style=style), block)

    def _figure(self, figure: Any) -> None:
        """Add a figure: its finding, what it shows, the picture, its source, and a short table."""
        from docx.shared import Mm

        _ = translator(self.language)
        headline = " ".join(_text(one) for one in figure.find_class("headline"))
        shows = " ".join(_text(one) for one in figure.find_class("what"))
        found = self.file.add_paragraph()
        found.add_run(headline).bold = True
        for told in (found, self.file.add_paragraph(shows)):
            told.paragraph_format.keep_with_next = True
        ending = "" if self.language == "sv" else f".{self.language}"
        name = figure.get("id", "").removeprefix("fig-").replace("-", "_")
        picture = self.path.parent / "figures" / f"{name}{ending}.png"
        if picture.is_file():
            kind = _text(figure.find(".//svg/title")).partition(":")[0]
            drawn = self.file.add_picture(str(picture), width=Mm(_WIDEST))
            if drawn.height > Mm(_TALLEST):
                drawn.width, drawn.height = Mm(_TALLEST) * drawn.width // drawn.height, Mm(_TALLEST)
            self.file.paragraphs[-1].paragraph_format.keep_with_next = True
            shape = drawn._inline
            shape.docPr.set("descr", f"{kind}: {headline}. {shows}")
            shape.docPr.set("name", name)
            shape.graphic.graphicData.pic.nvPicPr.cNvPr.set("name", picture.name)
        for block in figure.iterchildren("p", "details"):
            for inner in [block] if block.tag == "p" else block.iter("table"):
                if inner.tag == "table" and len(inner.findall(".//tr")) > _LONGEST:
                    self.file.add_paragraph(_("The table of this figure stands in the whole report."))
                else:
                    self.add(inner)

    def _table(self, table: Any) -> None:
        """Add a table under its caption; its row of headings is repeated on each page."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn
        from docx.shared import Mm, Pt
        from docx.text.paragraph import Paragraph

        rows = [list(row) for row in table.iter("tr")]
        caption = " ".join(_text(one) for one in table.iter("caption"))
        self.file.add_paragraph(caption, style="Caption").paragraph_format.keep_with_next = True
        made = self.file.add_table(len(rows), max(map(len, rows)), style="Table Grid")
        told = OxmlElement("w:tblCaption")
        told.set(qn("w:val"), caption)
        made._tbl.tblPr.append(told)
        for column, width in zip(made._tbl.tblGrid.gridCol_lst, _widths(rows), strict=True):
            column.w = Mm(width)
        heads = len(table.findall(".//thead/tr"))
        for number, (row, cells) in enumerate(zip(made._tbl.tr_lst, rows, strict=True)):
            kept = row.get_or_add_trPr()
            kept.append(OxmlElement("w:cantSplit"))
            if number < heads:
                kept.append(OxmlElement("w:tblHeader"))
            for place, cell, column in zip(row.tc_lst, cells, made._tbl.tblGrid.gridCol_lst, strict=False):
                place.width = column.w
                paragraph = Paragraph(place.p_lst[0], made)
                self._fill(paragraph, cell, bold=number < heads)
                for run in paragraph.runs:
                    run.font.size = Pt(9)
                if "number" in cell.get("class", ""):
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT

    # The words of an element -------------------------------------------------------------------------

    def _fill(self, paragraph: Any, element: Any, **look: bool) -> None:
        """Write what an element says into a paragraph: bold, italic and foreign words, and links."""
        self._words(paragraph, element, look)
        runs = paragraph.runs
        if runs:
            runs[0].text = runs[0].text.lstrip(" ")
            runs[-1].text = runs[-1].text.rstrip(" ")

    def _words(self, paragraph: Any, element: Any, look: dict[str, Any]) -> None:
        if element.text:
            self._run(paragraph, element.text, look)
        for child in element:
            if not isinstance(child.tag, str) or child.tag in _SKIPPED:
                pass
            elif child.tag == "br":
                paragraph.add_run().add_break()
            elif child.tag in ("ul", "ol", "table"):
                self.add(child)
            else:
                own = {
                    **look,
                    **({"bold": True} if child.tag in ("strong", "b") else {}),
                    **({"italic": True} if child.tag in ("em", "i") else {}),
                    **({"lang": child.get("lang")} if child.get("lang") else {}),
                }
                self._words(paragraph, child, own)
            if child.tail:
                self._run(paragraph, child.tail, look)

    def _run(self, paragraph: Any, text: str, look: dict[str, Any]) -> None:
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        run = paragraph.add_run(_line(text))
        run.bold, run.italic = look.get("bold"), look.get("italic")
        if look.get("lang"):
            spoken = OxmlElement("w:lang")
            spoken.set(qn("w:val"), str(look["lang"]))
            run._r.get_or_add_rPr().append(spoken)

    def _link(self, paragraph: Any, words: str, file: str) -> None:
        """Write a link to a file beside the document."""
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        target = self.file.part.relate_to(file, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), target)
        run = paragraph.add_run(words)
        run.font.underline = True
        link.append(run._r)
        paragraph._p.append(link)


def _widths(rows: list[list[Any]]) -> list[float]:
    """Return the width of each column in millimetres: its longest word first, then as its texts ask for."""
    texts = [["" if cell is None else _text(cell) for cell in column] for column in zip_longest(*rows)]
    words = [4 + 2.3 * max(len(word) for text in column for word in [*text.split(), ""]) for column in texts]
    wanted = [
        max(word, 4 + 2.0 * min(60, max(map(len, column)))) for word, column in zip(words, texts, strict=True)
    ]
    spare, asked = _ROOM - sum(words), sum(wanted) - sum(words)
    if spare <= 0 or asked <= 0:
        return [_ROOM * word / sum(words) for word in words]
    return [word + spare * (want - word) / asked for word, want in zip(words, wanted, strict=True)]


def _field(paragraph: Any, name: str) -> None:
    """Add a field that Word fills in: PAGE or NUMPAGES."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    filled = OxmlElement("w:fldSimple")
    filled.set(qn("w:instr"), name)
    filled.append(paragraph.add_run("1")._r)
    paragraph._p.append(filled)
