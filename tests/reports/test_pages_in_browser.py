"""What a reader with a browser, a keyboard, a phone or a screen reader meets."""

from __future__ import annotations

import re
import shutil
import tempfile
import unicodedata
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from every import COMMITTED, PAGES, PORTFOLIO, REAL

from attraktiv_eval.additionality import Inputs, Observed, simulate
from attraktiv_eval.additionality.contribution import DRAWS, SEED
from attraktiv_eval.additionality.simulation import Share
from attraktiv_eval.assumptions import Assumptions
from attraktiv_eval.disclosure import scan
from attraktiv_eval.reporting.downloads import print_pdf
from attraktiv_eval.reporting.page import document
from attraktiv_eval.reporting.report import Report

pytestmark = pytest.mark.browser
REPORTS = [name for name in PAGES if "index" not in name]


def opened(browser: Any, file: Path, *, width: int = 1280, scheme: str = "light") -> Any:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(file.as_uri())
    return page


#: The children of a drawing with role="img" are presentational: axe need not walk through every stroke.
BUT_STROKES = {"exclude": [[".drawing svg > g"]]}
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


def violations(browser: Any, file: Path, scheme: str, rules: dict[str, Any]) -> str:
    """What axe-core finds on a page with every folded part open; empty where it finds nothing."""
    from axe_playwright_python.sync_playwright import Axe

    page = opened(browser, file, scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = Axe().run(page, context=BUT_STROKES, options={"runOnly": rules, "resultTypes": ["violations"]})
    page.close()
    return found.generate_report() if found.violations_count else ""


#: A page of each kind, tried in dark colours; its twin in the other language is tried in light ones, so that
#: the checker looks at every page once and at every kind in both colours. The others are among the proofs.
IN_THE_DARK = ["2021/evaluation.html", "final/final_report.en.html", "index.html", PORTFOLIO[0], *REAL]
TWINS = [name for name in (*PAGES, *PORTFOLIO, COMMITTED[0]) if name not in IN_THE_DARK]


def the_rest_proven(names: list[str], quick: list[str]) -> list[Any]:
    """The pages with those that are no quick ones marked as proofs."""
    return [name if name in quick else pytest.param(name, marks=pytest.mark.prove) for name in names]


@pytest.mark.parametrize("name", the_rest_proven([*PAGES, *PORTFOLIO, *COMMITTED, *REAL], TWINS))
def test_axe_finds_no_violation_of_wcag_21_aa(browser: Any, every_page: dict[str, Path], name: str) -> None:
    if name not in every_page:
        pytest.fail(f"{name}: the notebook holds no outputs; make notebooks")
    assert violations(browser, every_page[name], "light", WCAG) == ""


@pytest.mark.parametrize("name", the_rest_proven([*PAGES, *PORTFOLIO, *COMMITTED, *REAL], IN_THE_DARK))
def test_axe_finds_no_violation_in_the_dark(browser: Any, every_page: dict[str, Path], name: str) -> None:
    if name not in every_page:
        pytest.fail(f"{name}: the notebook holds no outputs; make notebooks")
    assert violations(browser, every_page[name], "dark", WCAG) == ""


@pytest.mark.parametrize("name", [*PAGES, *PORTFOLIO, *COMMITTED, *REAL])
def test_a_page_asks_for_nothing_and_complains_of_nothing(
    browser: Any, every_page: dict[str, Path], name: str
) -> None:
    page = browser.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(every_page[name].as_uri())
    page.evaluate("() => new Promise(done => requestIdleCallback(done))")  # all that loading set off has run
    page.close()
    assert [url for url in asked if not url.startswith("data:")] == [every_page[name].as_uri()]
    assert said == []


@pytest.mark.parametrize("name", [*PAGES, *PORTFOLIO, *COMMITTED, *REAL])
def test_nothing_moves_sideways_on_a_phone(browser: Any, every_page: dict[str, Path], name: str) -> None:
    if name not in every_page:
        pytest.fail(f"{name}: the notebook holds no outputs; make notebooks")
    page = opened(browser, every_page[name], width=390)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    wide = page.evaluate("document.documentElement.scrollWidth")
    beside = page.evaluate(
        """() => [...document.querySelectorAll('main *')].filter(one => {
             const box = one.getBoundingClientRect();
             return box.width && box.right > 391 && !one.closest('.scroll') && !one.closest('svg');
           }).map(one => one.outerHTML.slice(0, 80))"""
    )
    page.close()
    assert wide <= 390
    assert beside == []


#: Of each table of a page: how many columns, whether it is wider than its box, whether the keyboard stops at
#: it or it is a landmark, whether its first column stays and the box shows an edge.
TABLES = """() => [...document.querySelectorAll('main table')].map(table => {
  const box = table.parentElement, first = table.querySelector('tbody tr > *');
  return {
    id: table.id, columns: table.querySelectorAll('thead tr > *').length,
    scrolls: box.scrollWidth > box.clientWidth + 1,
    stop: box.tabIndex === 0, landmark: box.getAttribute('role') === 'region',
    stays: getComputedStyle(first).position === 'sticky',
    edge: getComputedStyle(box).backgroundImage.includes('gradient'),
  };
})"""


@pytest.mark.parametrize("name", [*REPORTS, *PORTFOLIO, *REAL])
def test_on_a_phone_no_table_hides_a_number_without_a_sign(
    browser: Any, every_page: dict[str, Path], name: str
) -> None:
    """Up to six columns stand under one another; a wider table scrolls, its first column and an edge stay."""
    page = opened(browser, every_page[name], width=390)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    tables = page.evaluate(TABLES)
    page.close()
    for table in tables:
        if table["columns"] <= 6:
            assert not table["scrolls"] and not table["stop"] and not table["landmark"], table
        elif table["scrolls"]:
            assert table["stop"] and table["landmark"] and table["stays"] and table["edge"], table
        else:
            assert not table["stop"], table


@pytest.mark.parametrize("name", [*PAGES, *PORTFOLIO, *REAL])
def test_every_text_is_at_least_16_pixels(browser: Any, every_page: dict[str, Path], name: str) -> None:
    page = opened(browser, every_page[name], width=390)
    small = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(one => !one.closest('svg')
             && [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim())
             && parseFloat(getComputedStyle(one).fontSize) < 16).map(one => one.outerHTML.slice(0, 80))"""
    )
    page.close()
    assert small == []


@pytest.mark.parametrize("name", the_rest_proven([*PAGES, *PORTFOLIO, *REAL], IN_THE_DARK))
def test_the_keyboard_reaches_every_link_table_and_folded_part(
    browser: Any, every_page: dict[str, Path], name: str
) -> None:
    page = opened(browser, every_page[name])
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    expected = page.evaluate(
        """() => { const all = [...document.querySelectorAll(
                     'a[href], summary, .scroll, input, button')];
                   all.forEach((one, at) => one.dataset.stop = at); return all.length; }"""
    )
    reached = set()
    for _step in range(expected + 5):
        page.keyboard.press("Tab")
        stop = page.evaluate("document.activeElement && document.activeElement.dataset.stop")
        if stop is not None:
            reached.add(int(stop))
    opens = True
    if page.locator("summary").count():
        page.evaluate("document.querySelector('details').open = false")
        page.locator("summary").first.focus()
        page.keyboard.press("Enter")
        opens = page.evaluate("document.querySelector('details').open")
    page.close()
    assert expected > 3
    assert reached == set(range(expected))
    assert opens


#: Pairs of labels that overlap, and labels cut off, in every drawing of a page.
LABELS = """() => [...document.querySelectorAll('.drawing svg')].flatMap(svg => {
  const frame = svg.getBoundingClientRect(), faults = [];
  const texts = [...svg.querySelectorAll('text')].filter(one => one.textContent.trim())
    .map(one => ({words: one.textContent, box: one.getBoundingClientRect()}));
  texts.forEach((a, i) => {
    if (a.box.left < frame.left - 1 || a.box.right > frame.right + 1
        || a.box.top < frame.top - 1 || a.box.bottom > frame.bottom + 1)
      faults.push(`cut off: ${a.words}`);
    texts.slice(i + 1).forEach(b => {
      const x = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const y = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
      const line = Math.min(a.box.height, b.box.height);
      if (x > 1 && y > 0.3 * line) faults.push(`overlap: ${a.words} | ${b.words}`);
    });
  });
  return faults.map(one => `${svg.id || svg.querySelector('title').id}: ${one}`);
})"""


#: The height in pixels of the smallest text in the drawings of a page, as it is shown.
SMALLEST = """() => Math.min(...[...document.querySelectorAll('.drawing svg text')].map(one => {
  const svg = one.closest('svg');
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  return parseFloat(getComputedStyle(one).fontSize) * scale;
}))"""


#: Words of headings, of the page or of a table, whose letters stand on two lines.
BROKEN = """() => [...document.querySelectorAll('h1, h2, h3, h4, caption, th')].flatMap(one => {
  const found = [], texts = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode())
    for (const word of text.data.matchAll(/\\p{L}+/gu)) {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map(box => Math.round(box.top)));
      if (lines.size > 1) found.push(word[0]);
    }
  return found;
})"""


#: Cells of tables whose words run into the next column.
BEYOND = """() => [...document.querySelectorAll('th, td')]
  .filter(one => one.getBoundingClientRect().right > 0 && one.scrollWidth > one.clientWidth + 1)
  .map(one => one.textContent)"""


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(
    "name", the_rest_proven([*REPORTS, *COMMITTED, *REAL], [*REPORTS, COMMITTED[1], *REAL])
)
def test_no_heading_breaks_a_word_and_no_label_is_small_or_cut_off_or_overlaps_another(
    browser: Any, every_page: dict[str, Path], name: str, width: int
) -> None:
    if name not in every_page:
        pytest.fail(f"{name}: the notebook holds no outputs; make notebooks")
    page = opened(browser, every_page[name], width=width)
    faults = page.evaluate(LABELS)
    smallest = page.evaluate(SMALLEST)
    drawings = page.locator(".drawing svg").count()
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    broken = page.evaluate(BROKEN)
    beyond = page.evaluate(BEYOND)
    page.close()
    assert broken == []
    assert beyond == []
    assert drawings >= 4
    assert smallest >= 12
    assert faults == []


@pytest.mark.parametrize("name", [*REPORTS, *REAL])
def test_paper_is_wide_enough_and_shows_what_was_folded(
    browser: Any, every_page: dict[str, Path], name: str
) -> None:
    page = browser.new_page(viewport={"width": 672, "height": 1000})  # A4 less its margins
    page.emulate_media(media="print")
    page.goto(every_page[name].as_uri())
    wide = page.evaluate("document.documentElement.scrollWidth")
    folded = page.evaluate(
        "[...document.querySelectorAll('details table')].filter(one => "
        "!one.getBoundingClientRect().height).length"
    )
    links = page.evaluate("getComputedStyle(document.querySelector('header.top')).display")
    broken = page.evaluate(BROKEN)
    page.close()
    assert broken == []
    assert wide <= 672
    assert folded == 0
    assert links == "none"


@pytest.mark.parametrize("script", [True, False])
def test_a_page_copied_elsewhere_gives_its_files_without_a_server(
    browser: Any, every_page: dict[str, Path], tmp_path: Path, script: bool
) -> None:
    """As from a mail: the page alone in a folder, opened as a file, offline, with or without script."""
    (real,) = REAL
    alone = tmp_path / "Mejl bilaga.html"
    alone.write_bytes(every_page[real].read_bytes())
    context = browser.new_context(accept_downloads=True, java_script_enabled=script, offline=True)
    page = context.new_page()
    page.goto(alone.as_uri())
    for link in ("#evidence", "#carried-results", "#file-tables-goals-csv", "#file-evaluation-en-docx"):
        page.locator(link).evaluate("one => one.closest('details')?.setAttribute('open', '')")
        with page.expect_download() as started:
            page.locator(link).click()
        got = tmp_path / started.value.suggested_filename
        started.value.save_as(got)
        if link == "#evidence":
            with zipfile.ZipFile(got) as archive:
                assert archive.testzip() is None
                assert {"manifest.json", "results.json", "tables/placebo_gaps.csv"} <= set(archive.namelist())
        else:
            folder = every_page[real].parent / ("tables" if got.suffix == ".csv" else "")
            assert got.read_bytes() == (folder / got.name).read_bytes()
    context.close()


def settings_of(rng: np.random.Generator, stated: Assumptions) -> dict[str, list[float]]:
    """Ranges in whole per cent, in order, and steps that rise, for some of the assumptions."""
    found: dict[str, list[float]] = {}
    for scale in ("would_not_have_moved", "would_not_have_hired"):
        ends = np.sort(np.sort(rng.integers(0, 101, (5, 3)), axis=0), axis=1) / 100
        found |= {f"{scale}_{step}": list(map(float, ends[step - 1])) for step in range(1, 6)}
    for id in ("unanswered_share_of_answered", "other_project_credit"):
        found[id] = list(map(float, np.sort(rng.integers(0, 101, 3)) / 100))
    return {id: ends for id, ends in found.items() if id in stated}


def by_python(evaluation: Any, goal: str, ranges: dict[str, list[float]]) -> tuple[float, ...]:
    """The range of a goal as the library draws it, from what the page carries and other assumptions."""
    told = evaluation.level2_inputs[goal]
    shares = [
        one and Share(one["range"][1], one["range"][0], one["range"][2], 1, 0, one["open"], one["size"])
        for one in (told["stay"], told["local"])
    ]
    counts = np.outer(told["steps"], told["others"])
    seen = Observed(goal, told["moved"], counts, np.zeros(5), *shares)
    stated = {
        id: one.model_copy(update=dict(zip(("low", "value", "high"), ranges.get(id, ()), strict=False)))
        for id, one in evaluation.assumptions.items()
    }
    drawn = simulate(seen, Inputs.of(stated, goal), seed=SEED, draws=DRAWS)
    return tuple(np.percentile(drawn.net, (5, 50, 95)))


def compare_what_if(browser: Any, evaluation: Any, tmp_path: Path, rounds: int) -> int:
    """Draw level 2 in the page and in Python; return in how many ranges both were compared."""
    shown = Report(evaluation, "sv").what_if().html
    file = tmp_path / "page.html"
    file.write_text(document(shown, language="sv", title="x"), encoding="utf-8")
    page = opened(browser, file)
    goals = list(evaluation.level2_inputs)
    base = page.evaluate("document.getElementById('what-if').recompute({})")
    for goal, found in zip(goals, base, strict=True):
        printed = evaluation.contributions[goal]
        assert np.allclose(found, [printed.low, printed.median, printed.high], atol=1.0)
        assert np.allclose(found, by_python(evaluation, goal, {}), rtol=1e-6)
    rng = np.random.default_rng(7)
    for _ in range(rounds):
        ranges = settings_of(rng, evaluation.assumptions)
        drawn = page.evaluate("ranges => document.getElementById('what-if').recompute(ranges)", ranges)
        for goal, found in zip(goals, drawn, strict=True):
            assert np.allclose(found, by_python(evaluation, goal, ranges), rtol=0.005, atol=1e-9), ranges
    page.close()
    return rounds * len(goals)


def test_the_page_draws_level_2_as_the_report_did(browser: Any, evaluated: Any, tmp_path: Path) -> None:
    assert compare_what_if(browser, evaluated(2020), tmp_path, 5) == 10


@pytest.mark.prove
@pytest.mark.parametrize("year", [2020, 2021, 2022, None])
def test_two_hundred_settings_in_the_page_agree_with_python(
    browser: Any, evaluated: Any, tmp_path: Path, year: int | None
) -> None:
    assert compare_what_if(browser, evaluated(year), tmp_path, 200) == 400


def test_a_reader_tries_an_assumption_by_keyboard_and_a_link_brings_it_back(
    browser: Any, every_page: dict[str, Path]
) -> None:
    (real,) = REAL
    page = opened(browser, every_page[real], width=390)
    page.locator("#what-if summary").focus()
    page.keyboard.press("Enter")
    answer = page.locator("#what-if output")
    assert answer.get_attribute("aria-live") == "polite"
    answer.filter(has_text="with the report’s assumptions").wait_for()  # a folded part opens a moment later
    before = answer.inner_text()
    slider = page.get_by_role("slider").first
    name = slider.get_attribute("aria-label")
    assert name and name.endswith(": Most likely, %")
    slider.focus()
    page.keyboard.press("End")
    assert answer.inner_text().startswith("From “surely anyway” to “surely not”")
    page.keyboard.press("Home")
    for _press in range(9):
        page.keyboard.press("ArrowRight")
    after = answer.inner_text()
    assert "your own calculation" in after and "The report says" in after
    target = page.get_by_text("Link to this calculation").get_attribute("href")
    assert target and target.startswith("#what-if=would_not_have_moved_1:")
    again = opened(browser, every_page[real])
    again.goto(every_page[real].as_uri() + target)
    assert again.locator("#what-if output").inner_text() == after
    again.get_by_role("button").click()
    assert again.locator("#what-if output").inner_text() == before
    again.goto(every_page[real].as_uri() + "#what-if=nothing:1,2;would_not_have_moved_1:9,x,;%3Cb%3E:1,2,3")
    assert again.locator("#what-if output").inner_text() == before
    again.emulate_media(media="print")
    assert not again.locator("#what-if").is_visible()
    for one in (page, again):
        one.close()


def test_without_script_a_sentence_stands_where_level_2_could_be_tried(
    browser: Any, every_page: dict[str, Path]
) -> None:
    (real,) = REAL
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(every_page[real].as_uri())
    assert page.locator("#what-if .needs-script").is_visible()
    assert page.locator("#what-if :is(input, button, details, output)").count() == 0
    context.close()


@pytest.fixture(scope="module")
def printed(browser: Any, every_page: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The final report as a PDF, beside the files that it leads to."""
    page = every_page["final/final_report.html"]
    folder = tmp_path_factory.mktemp("printed") / "final"
    shutil.copytree(page.parent, folder)
    assert print_pdf(folder / page.name, folder / "final_report.pdf")
    return folder / "final_report.pdf"


def test_the_pdf_is_tagged_and_in_its_language(printed: Path) -> None:
    from pypdf import PdfReader

    document = PdfReader(printed)
    root = document.trailer["/Root"]
    box = document.pages[0].mediabox
    assert root["/MarkInfo"]["/Marked"] and root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert root["/Lang"] == "sv"
    assert (round(float(box.width)), round(float(box.height))) == (595, 842)  # A4
    assert document.metadata is not None
    title = "Exempeldata – En attraktiv region: slutrapport"
    assert (document.metadata.title, document.metadata.author) == (title, "Region Jämtland Härjedalen")
    packet = ElementTree.fromstring(root["/Metadata"].get_data().decode("utf-8").split("?>", 1)[1])
    said = {
        one.tag.rpartition("}")[2]: "".join(one.itertext()) for one in packet.iter() if one.text or len(one)
    }
    assert (said["part"], said["title"], said["language"]) == ("1", title, "sv")
    assert printed.stat().st_size < 1_500_000


def test_every_figure_and_link_of_the_pdf_has_its_words(printed: Path) -> None:
    """And all that is shown is tagged or marked as added to the page: its number, its running lines."""
    from bs4 import BeautifulSoup
    from pypdf import PdfReader
    from pypdf.generic import ContentStream

    page = BeautifulSoup(printed.with_suffix(".html").read_text(encoding="utf-8"), "html.parser")
    names = {one.find("title").get_text() for one in page.select("svg[role=img]")}
    document = PdfReader(printed)
    elements = list(_tags(document.trailer["/Root"]["/StructTreeRoot"]))
    assert {one.get("/Alt") for one in elements if one["/S"] == "/Figure"} == names and len(names) >= 6
    assert {"/H1", "/H2", "/Table", "/Caption", "/TH", "/Link"} <= {one["/S"] for one in elements}
    for number, sheet in enumerate(document.pages, start=1):
        assert sheet["/Tabs"] == "/S"
        text = sheet.extract_text()
        assert f"{number} / {len(document.pages)}" in text and "Region Jämtland Härjedalen. Data" in text
        notes = [note.get_object() for note in sheet.get("/Annots", [])]
        assert all(str(note["/Contents"]).strip() for note in notes)
        for uri in (note["/A"]["/URI"] for note in notes if "/A" in note):
            assert (printed.parent / uri.partition("#")[0]).is_file(), uri
        depth = 0
        for _operands, operator in ContentStream(sheet.get_contents(), document).operations:
            depth += {b"BDC": 1, b"BMC": 1, b"EMC": -1}.get(operator, 0)
            assert depth > 0 or operator not in (b"Tj", b"TJ", b"f", b"S", b"B", b"Do")


def _tags(root: Any) -> list[Any]:
    """Return every element of a tree of tags."""
    found, waiting = [], [root]
    while waiting:
        one = waiting.pop().get_object()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            found += [one] if "/S" in one else []
            waiting += [one["/K"]] if "/K" in one else []
    return found


def test_the_pdf_is_looked_through_and_holds_no_path(printed: Path, tmp_path: Path) -> None:
    """What it says beside its text: nothing of the machine, and what looks personal is found."""
    from pypdf import PdfReader, PdfWriter

    from attraktiv_eval.disclosure.personal_data import _said_in_pdf

    said = list(_said_in_pdf(printed.read_bytes()))
    assert len(said) > 100
    assert not [one for one in said if "file:" in one or tempfile.gettempdir() in one or "Linux" in one]
    assert [one.kind for one in scan(printed.parent) if one.file.endswith(".pdf")] == []
    writer = PdfWriter(clone_from=PdfReader(printed))
    writer.add_metadata({"/Subject": "ring 070-174 06 05"})
    writer.write(tmp_path / "report.pdf")
    assert [one.kind for one in scan(tmp_path)] == ["telephone"]


def test_on_paper_a_figure_keeps_its_headline(printed: Path) -> None:
    """The last words of each headline and every label of its drawing are printed on the same page."""
    from bs4 import BeautifulSoup
    from pypdf import PdfReader

    pages = [bare(page.extract_text()) for page in PdfReader(printed).pages]
    page = BeautifulSoup(printed.with_suffix(".html").read_text(encoding="utf-8"), "html.parser")
    figures = page.find_all("figure")
    assert len(figures) >= 6
    for figure in figures:
        headline = bare(figure.select_one(".what").get_text())[-30:]
        labels = [bare(one.get_text()) for one in figure.select("svg text")]
        together = [
            page for page in pages if headline in page and all(label in page for label in labels if label)
        ]
        assert together, figure["id"]


def bare(text: str) -> str:
    """Return letters and digits alone: a PDF breaks lines and joins letters as it likes."""
    return re.sub(r"[^0-9a-zåäöé]", "", unicodedata.normalize("NFKC", text).lower())


def test_without_a_browser_there_is_no_pdf_and_no_error(every_page: dict[str, Path], tmp_path: Path) -> None:
    target = tmp_path / "report.pdf"
    assert not print_pdf(every_page["index.html"], target, chromium=str(tmp_path / "no-such-browser"))
    assert not target.exists()
