"""What a report can be taken home as: an Excel workbook, a Word document, a PDF.

The workbook has every table: a cover, notes, and one sheet a table, no merged cells. The Word document is
the body, made from the page's own HTML: one text, not a second one. A board pastes into its decision what
it can open and change. Headings are Word's, a table has a row of headings, a figure its alternative text;
the appendix stays on the page, which the document leads to. The PDF is printed to PDF/UA by the Chromium
that there is, and what a browser leaves out is mended: Chromium tags headings, tables and figures, but
knows no identifier of PDF/UA, gives a figure's frame no text, leaves what it adds to a page untagged, and
names the folder that it printed from in each link.
"""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape
from io import BytesIO
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from attraktiv_eval.records.workbook import put_text, without_control_signs
from attraktiv_eval.reporting import labels, tables
from attraktiv_eval.reporting.evidence import HREF, LINK
from attraktiv_eval.reporting.first_screen import invented, report_title
from attraktiv_eval.reporting.tables import primary_rows
from attraktiv_eval.reporting.view import escape, plain
from attraktiv_eval.table_specifications import TABLES
from attraktiv_eval.texts import in_language, translator

if TYPE_CHECKING:
    import pandas as pd

    from attraktiv_eval.reporting.view import View
    from attraktiv_eval.table_specifications import Column

_EPOCH = (1980, 1, 1, 0, 0, 0)
_WORKBOOK_WIDEST = 60
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


def write_workbook(view: View, path: Path) -> Path:
    """Write the workbook; the same tables give the same bytes.

    The first sheet says what the report is, the second lists the tables; every other sheet is one table with
    its headings in row 1, numbers as numbers and ids in words. A suppressed or missing cell is empty.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    stamp = datetime(view.evaluation.until.year, view.evaluation.until.month, view.evaluation.until.day)
    book.properties.creator = "attraktiv_eval"
    title = report_title(view)
    if view.evaluation.example_data:
        title = view._("Example data – {title}").format(title=title)
    book.properties.title = without_control_signs(title)
    book.properties.created = book.properties.modified = stamp
    names = [name for name in sorted(tables.names(view)) if tables.derived(view, name) is not None]
    sheets = _sheet_names(view, names)
    _cover(view, book)
    _notes(view, book, sheets)
    for name, sheet in sheets.items():
        _table(view, book, name, sheet)
    buffer = BytesIO()
    book.save(buffer)
    path.write_bytes(without_clock(buffer.getvalue(), stamp))
    return path


def _sheet_names(view: View, names: list[str]) -> dict[str, str]:
    """Return a sheet name of at most 31 characters for each table, none twice."""
    taken: set[str] = set()
    found = {}
    for name in names:
        plain = _FORBIDDEN.sub("-", tables.title(name, view.language))
        short, count = plain[:31].strip(), 2
        while short.lower() in taken:
            short, count = f"{plain[:27].strip()} ({count})", count + 1
        taken.add(short.lower())
        found[name] = short
    return found


def _sheet(book: Any, title: str, widths: list[float], freeze: str | None = None, label: str = "") -> Any:
    """Return a new sheet; a label of invented records is printed above each of its pages."""
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    for at, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.freeze_panes = freeze
    sheet.oddHeader.left.text = label or None
    return sheet


def _bold(sheet: Any, text: str) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = put_text(WriteOnlyCell(sheet), text)
    cell.font = Font(bold=True)
    return cell


def _kept(sheet: Any, value: Any) -> Any:
    """Return what goes into a cell: a text that begins like a formula, or holds what XML cannot, as text."""
    from openpyxl.cell import WriteOnlyCell

    if not isinstance(value, str) or (value[:1] not in ("=", "'") and value.isprintable()):
        return value
    return put_text(WriteOnlyCell(sheet), value)


def _label(view: View) -> str:
    """Return the label of invented records; empty where they are real."""
    return invented(view) if view.evaluation.example_data else ""


def _cover(view: View, book: Any) -> None:
    _ = view._
    sheet = _sheet(book, _("Cover"), [34, 80], label=_label(view))
    project = view.evaluation.project
    sheet.append([_bold(sheet, report_title(view))])
    if view.evaluation.example_data:
        sheet.append([invented(view)])
    for term, value in (
        (_("Data until"), view.day(view.evaluation.until)),
        (_("Run"), getattr(view.evaluation, "run_id", "")),
        (_("Diary number"), project.diary_number or _("not filled in")),
        (_("Contact"), project.contact or _("not filled in")),
    ):
        sheet.append([_bold(sheet, term), _kept(sheet, value)])


def _notes(view: View, book: Any, sheets: dict[str, str]) -> None:
    _ = view._
    sheet = _sheet(book, _("Notes"), [34, 80], label=_label(view))
    if _label(view):
        sheet.append([_label(view)])
    for line in (
        _("One table a sheet; headings in row 1. An empty cell is missing, or too small to show."),
        _("Three levels of evidence stand side by side and are never added together."),
        _(
            "Effects are persons over the years compared unless otherwise said, with 90 per cent intervals. "
            "Level 2 is a range, in nine of ten calculations, never an interval."
        ),
        _(
            "The gaps of the comparison regions are here for the primary specification only; the CSV file "
            "holds them all."
        ),
    ):
        sheet.append([line])
    sheet.append([])
    sheet.append([_bold(sheet, _("Sheet")), _bold(sheet, _("Table"))])
    for name, title in sheets.items():
        sheet.append([title, tables.title(name, view.language)])


def _table(view: View, book: Any, name: str, title: str) -> None:
    table = primary_rows(view, name) if TABLES[name].primary_only else tables.derived(view, name)
    if table is None:
        return
    if name == "filters":
        table = table.assign(filter=[tables.filter_of(view, row) for row in table.to_dict("records")])
    every = (TABLES[name].column(str(id)) for id in table.columns)
    shown = [column for column in every if not column.hidden]
    heads = [column.title(view.language) for column in shown]
    columns = [_column(view, table, column) for column in shown]
    if view.evaluation.example_data:
        heads.append(view._("Example data"))
        invented_rows = tables.labelled(view, name, table)["example_data"]
        columns.append([view.word("yes_no", bool(one)) for one in invented_rows])
    rows = list(zip(*columns, strict=True))
    widths = [_width(head, columns[at][:200]) for at, head in enumerate(heads)]
    sheet = _sheet(book, title, widths, freeze="A2", label=_label(view))
    sheet.append([_bold(sheet, head) for head in heads])
    for row in rows:
        sheet.append([_kept(sheet, value) for value in row])


def _column(view: View, table: pd.DataFrame, column: Column) -> list[Any]:
    """Return a column's cells; a value that comes again is not worked out again."""
    known: dict[Any, Any] = {}
    cells = []
    for value in table[column.id]:
        key = str(value) if value is None or value is not value else (type(value), value)
        if key not in known:
            known[key] = _cell(view, column, value)
        cells.append(known[key])
    return cells


def _width(head: str, cells: Sequence[Any]) -> float:
    longest = max([len(head), *(len(str(cell)) for cell in cells if cell is not None)])
    return min(_WORKBOOK_WIDEST, longest + 2)


def _cell(view: View, column: Column, value: Any) -> Any:
    """Return a cell as Excel keeps it: a number, a date or a word; empty where nothing is known."""
    if value is None or str(value) in ("<NA>", "NaT", "nan"):
        return None
    if column.format == "word" or isinstance(value, bool) or type(value).__name__ == "bool_":
        return labels.cell(column, value, view.language, view.word)
    if isinstance(value, (date, datetime)):
        return date(value.year, value.month, value.day)
    if isinstance(value, str):
        return value
    number = float(value)
    if not math.isfinite(number):
        return "∞" if number > 0 else "−∞"
    return int(number) if number == round(number) and abs(number) < 1e15 else float(f"{number:.6g}")


def without_clock(content: bytes, stamp: datetime) -> bytes:
    """Return a file of Office with every time that its writer put in replaced by the report's own day."""
    told = stamp.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for item in sorted(old.infolist(), key=lambda one: one.filename):
            data = old.read(item.filename)
            if item.filename == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told, data)
            entry = zipfile.ZipInfo(item.filename, _EPOCH)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
            new.writestr(entry, data)
    return target.getvalue()


# --- The body of a report as a Word document, made from the page's own HTML

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
        name = figure.get("id", "").removeprefix("fig-").replace("-", "_")
        picture = self.path.parent / "figures" / in_language(name, self.language, "png")
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


# --- Prints a report to PDF/UA by the Chromium that there is

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_SECONDS = 120
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
        paper.write_text(page, encoding="utf-8", newline="\n")
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
        href = HREF.search(link["attributes"])
        file = unescape(href["file"]) if href else ""
        if file.startswith("#") or (file and not re.match(r"[a-z]+:", file)):
            return link.group()
        return link["words"]

    return LINK.sub(kept, page)


# --- What a browser leaves out


def _accessible(printed: Path, pdf: Path, page: str, folder: str) -> None:
    """Write a printed file as PDF/UA; ``folder`` is the address that it was printed from."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(printed))
    writer.pdf_header = "%PDF-1.7"
    words = {
        unquote(unescape(href["file"])): plain(link["words"])
        for link in reversed(list(LINK.finditer(page)))
        if (href := HREF.search(link["attributes"]))
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
