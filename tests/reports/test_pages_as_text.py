"""What can be read from the pages without a browser, and what a checker of accessibility passes wrongly."""

from __future__ import annotations

import base64
import re
from collections import Counter
from copy import copy
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from every import COMMITTED, PAGES, PORTFOLIO, REAL

from attraktiv_eval.reporting.page import terms

REPORTS = [name for name in PAGES if "index" not in name]
ENGLISH = re.compile(r"\b(the|and|of|with|which|were|from|households|companies)\b", re.IGNORECASE)
SWEDISH = re.compile(r"\b(och|är|inte|för|med|av|som|hushåll|företag|till)\b", re.IGNORECASE)
NAMES = re.compile(
    r"En attraktiv region|Journal of the American Statistical Association|"
    r"Jämtland\w* \w+|[\w.-]+\.(csv|xlsx|ipynb|json|toml)"
)


def soup_of(pages: dict[str, Path], name: str) -> BeautifulSoup:
    if name not in pages:
        pytest.fail(f"{name}: the notebook holds no outputs; make notebooks")
    return _parsed(pages[name])


@cache
def _parsed(page: Path) -> BeautifulSoup:
    """Return a page, parsed once for all tests of a worker; one that changes it takes a copy."""
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


@pytest.mark.parametrize("name", [*PAGES, *COMMITTED, *REAL])
def test_the_skeleton_of_a_page(every_page: dict[str, Path], name: str) -> None:
    soup = soup_of(every_page, name)
    language = "en" if ".en." in name else "sv"
    assert soup.html is not None
    assert soup.html["lang"] == language
    assert soup.title is not None
    assert soup.title.string
    assert len(soup.find_all("h1")) == 1
    assert [len(soup.find_all(mark)) for mark in ("header", "main", "footer")] == [1, 1, 1]
    skip = soup.find("a")
    assert skip is not None
    assert skip["href"] == "#main"
    ids = Counter(one["id"] for one in soup.find_all(id=True))
    assert [id for id, count in ids.items() if count > 1] == []
    inside = {link["href"][1:] for link in soup.find_all("a", href=True) if link["href"].startswith("#")}
    assert inside - set(ids) == set()


@pytest.mark.parametrize("name", [*PAGES, *COMMITTED, *REAL])
def test_a_page_carries_everything_and_shows_no_code(every_page: dict[str, Path], name: str) -> None:
    soup = soup_of(every_page, name)
    text = every_page[name].read_text(encoding="utf-8")
    assert len(text.encode("utf-8")) < 2_000_000
    assert soup.find_all(["iframe", "object", "embed", "img", "pre"]) == []
    scripts = soup.find_all("script")
    assert len(scripts) == len(soup.select("#what-if")) and all(not one.attrs for one in scripts)
    own = "".join(one.get_text() for one in scripts)
    assert len(own.encode("utf-8")) <= 20_000
    assert not re.search(r"fetch|XMLHttp|import\(|https?:|WebSocket|sendBeacon|\beval\(", own)
    outside = [
        one.get(key)
        for key in ("src", "srcset", "data", "poster", "xlink:href")
        for one in soup.find_all(attrs={key: True})
    ]
    assert [one for one in outside if one and not one.startswith("#")] == []
    assert re.findall(r"@import|url\((?!#)", text) == []
    assert [link["href"] for link in soup.find_all("link")] == ["data:,"]


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_has_a_table_of_contents_and_leads_to_its_notebook(
    every_page: dict[str, Path], name: str
) -> None:
    soup = soup_of(every_page, name)
    nav = soup.find("nav", class_="contents")
    assert nav is not None
    headings = [one["id"] for one in soup.find_all("h2") if one["id"] != "contents"]
    assert [link["href"][1:] for link in nav.find_all("a")] == headings
    notebooks = {link["href"] for link in soup.find_all("a", href=True) if link["href"].endswith(".ipynb")}
    assert notebooks == {Path(name).with_suffix(".ipynb").name}


@pytest.mark.parametrize("name", REPORTS)
def test_every_file_that_a_report_leads_to_is_there(every_page: dict[str, Path], name: str) -> None:
    soup = soup_of(every_page, name)
    links = {link["href"].partition("#")[0] for link in soup.find_all("a", href=True)} - {""}
    links = {link for link in links if not link.startswith("data:")}
    assert [link for link in sorted(links) if not (every_page[name].parent / link).resolve().is_file()] == []


@pytest.mark.parametrize("name", [*REPORTS, *COMMITTED, *REAL])
def test_tables_have_captions_and_scopes(every_page: dict[str, Path], name: str) -> None:
    tables = soup_of(every_page, name).find_all("table")
    assert len(tables) > 5
    for table in tables:
        assert table.caption is not None
        assert table.caption.get_text(strip=True)
        assert all(head.get("scope") in ("col", "row") for head in table.find_all("th"))
        assert all(row.find("th") for row in table.tbody.find_all("tr"))


@pytest.mark.parametrize("name", [*REPORTS, *COMMITTED, *REAL])
def test_every_drawing_has_a_name_that_says_the_finding(every_page: dict[str, Path], name: str) -> None:
    soup = soup_of(every_page, name)
    drawings = soup.select("figure svg")
    told = [drawing.title.get_text() for drawing in drawings]
    assert len(drawings) >= 4
    assert len(set(told)) == len(told)
    for drawing, words in zip(drawings, told, strict=True):
        assert drawing["role"] == "img"
        assert drawing["aria-labelledby"] == drawing.title["id"]
        headline = drawing.find_parent("figure").select_one(".headline").get_text()
        kind, _colon, rest = words.partition(": ")
        assert kind
        assert rest.startswith(headline.rstrip("."))
        assert len(headline) > 15
        assert not re.search(
            r"figure \d|image|placeholder|todo|lorem|untitled|\bnan\b|\bNone\b", words, re.IGNORECASE
        )


@pytest.mark.parametrize("name", [*REPORTS, *COMMITTED, *REAL])
def test_ids_in_a_drawing_carry_the_name_of_the_figure(every_page: dict[str, Path], name: str) -> None:
    for drawing in soup_of(every_page, name).select("figure svg"):
        prefix = drawing.find_parent("figure")["id"] + "-"
        ids = [one["id"] for one in drawing.find_all(id=True)]
        refs = re.findall(r'(?:href="#|url\(#)([^")]+)', str(drawing))
        assert all(id.startswith(prefix) for id in [*ids, *refs])
        assert set(refs) <= set(ids)


@pytest.mark.parametrize("name", [*PAGES, *PORTFOLIO, *COMMITTED, *REAL])
def test_a_page_speaks_one_language(every_page: dict[str, Path], name: str) -> None:
    """Single words may be names; a sentence in the other language has several of its smallest words."""
    soup = copy(soup_of(every_page, name))
    other = SWEDISH if ".en." in name else ENGLISH
    for one in soup.select("svg title, [lang]:not(html), code, style"):
        if one.name != "title":
            one.decompose()
    blocks = soup.find_all(
        ["p", "th", "td", "li", "h1", "h2", "h3", "h4", "dt", "dd", "caption", "summary", "text"]
    )
    wrong = []
    for block in [*blocks, *soup.find_all("title")]:
        text = NAMES.sub("", block.get_text(" ", strip=True))
        if len(other.findall(text)) >= 2:
            wrong.append(text)
    assert wrong == []


@pytest.mark.parametrize("name", [*PAGES, *PORTFOLIO, *COMMITTED, *REAL])
def test_no_cell_shows_an_id(every_page: dict[str, Path], name: str) -> None:
    """Merged categories are named in words, and no column of ids is left as it is."""
    cells = [one.get_text(" ", strip=True) for one in soup_of(every_page, name).select("th, td")]
    assert [one for one in cells if re.fullmatch(r"\w+(\+\w+)+|[a-z]+(_[a-z]+)+", one)] == []


@pytest.mark.parametrize("name", [*REPORTS, *COMMITTED, *REAL])
def test_under_every_figure_stand_its_table_and_its_csv(every_page: dict[str, Path], name: str) -> None:
    soup = soup_of(every_page, name)
    figures = soup.find_all("figure")
    assert len(figures) >= 4
    for figure in figures:
        assert figure.select_one("details table caption") is not None, figure["id"]
        if name in COMMITTED:  # a notebook by itself has no files beside it
            continue
        assert figure.select("p.files")[-1].get_text().startswith("CSV: "), figure["id"]
        for link in figure.select("p.files a"):
            leads = link if "download" in link.attrs else soup.find(id=link["href"][1:])
            assert leads["id"] == "evidence" or leads["download"].endswith(".csv"), figure["id"]


@pytest.mark.parametrize("name", [*REPORTS, *REAL])
def test_a_link_that_a_mail_would_lose_is_the_file_itself(every_page: dict[str, Path], name: str) -> None:
    """What still leads out of the page are other pages and the notebook; each download holds its file."""
    soup = soup_of(every_page, name)
    leads = [link["href"] for link in soup.find_all("a", href=True) if not link["href"].startswith("#")]
    outside = {link for link in leads if not link.startswith("data:")}
    assert all(link.endswith((".html", ".ipynb")) for link in outside) and len(outside) <= 4
    carried = soup.find_all("a", download=True)
    assert len(carried) >= 15
    for link in carried:
        kind, _comma, payload = link["href"].partition(";base64,")
        content = base64.b64decode(payload, validate=True)
        assert kind.startswith("data:") and content
        if link["id"].startswith("file-tables-"):
            beside = every_page[name].parent / "tables" / link["download"]
            beside = beside if beside.is_file() else every_page[name].parent / link["download"]
            assert content == beside.read_bytes()


@pytest.mark.parametrize("name", [*REPORTS, *COMMITTED, *REAL])
def test_a_page_explains_the_terms_that_it_uses(every_page: dict[str, Path], name: str) -> None:
    """Each link to the glossary is a first use, and each explained term stands elsewhere in the page."""
    soup = copy(soup_of(every_page, name))
    links = [one["href"] for one in soup.select("a.term")]
    assert len(links) >= 8 and len(set(links)) == len(links)
    glossary = soup.select_one(".glossary")
    assert glossary is not None and glossary.h2 is not None
    explained = {f"#{one['id']}" for one in glossary.select("dt")}
    assert set(links) <= explained
    glossary.decompose()
    left = soup.main.get_text(" ", strip=True).lower()
    for term in terms("en" if ".en." in name else "sv"):
        found = any(stem.rstrip("|") in left for stem in term.stems)
        assert found or f"#{term.anchor}" not in explained, term.id


@pytest.mark.parametrize("name", [*REPORTS, *REAL])
def test_words_of_the_other_language_say_which_it_is(every_page: dict[str, Path], name: str) -> None:
    language, other = ("en", "sv") if ".en." in name else ("sv", "en")
    soup = soup_of(every_page, name)
    found = [one.get_text() for one in soup.select(f"main [lang={other}]")]
    assert ("Region Jämtland Härjedalen" if language == "en" else "Talent Attraction Management") in found


@pytest.mark.parametrize("name", [*PAGES, *PORTFOLIO, *REAL])
def test_a_link_to_a_file_says_what_it_fetches(every_page: dict[str, Path], name: str) -> None:
    """Its words name the kind of file, and the same words never fetch two."""
    kinds = {
        ".csv": "csv", ".xlsx": "excel", ".json": "json", ".docx": "word", ".pdf": "pdf", ".zip": "zip",
        ".toml": "toml", ".ipynb": "notebook|anteckningsbok|ipynb",
    }  # fmt: skip
    fetched: dict[str, set[str]] = {}
    for link in soup_of(every_page, name).select("a[href]:not([href^='#'])"):
        file, words = str(link.get("download") or link["href"]).partition("#")[0], link.get_text().strip()
        fetched.setdefault(words, set()).add(file)
        kind = kinds.get(Path(file).suffix, ".")
        assert re.search(kind, words.lower()), (words, file)
        assert words.lower() not in ("här", "here", "länk", "link", "ladda ner", "download", "csv", "pdf")
    assert [words for words, files in fetched.items() if len(files) > 1] == []


@pytest.mark.parametrize("name", REPORTS)
def test_example_data_is_said_in_the_first_screen(every_page: dict[str, Path], name: str) -> None:
    soup = soup_of(every_page, name)
    first = soup.select_one(".first-screen")
    assert first is not None
    assert first.select_one(".banner") is not None


@pytest.mark.parametrize("name", REPORTS)
def test_every_figure_of_the_verdict_leads_to_its_origin(every_page: dict[str, Path], name: str) -> None:
    soup = soup_of(every_page, name)
    links = [link["href"][1:] for link in soup.select("#levels a")]
    assert len(links) >= 5
    for target in links:
        proof = soup.find(id=target)
        assert proof is not None
        terms = [one.get_text() for one in proof.find_all("dt")]
        assert len(terms) >= 4
        told = dict(zip(terms, [one.get_text() for one in proof.find_all("dd")], strict=True))
        tested = not re.search(
            r"^(Not tested|Inte prövat)", told[terms[terms.index("Verdict" if ".en." in name else "Omdöme")]]
        )
        assert (proof.find("a", href="#sources") is not None) == tested


@pytest.mark.parametrize("name", REPORTS)
def test_the_parameters_are_those_of_the_page(every_page: dict[str, Path], name: str) -> None:
    run = soup_of(every_page, name).find(id="run")
    assert f"year = 2021, language = {'en' if '.en.' in name else 'sv'}" in run.find_next("dl").get_text()
