"""The catalogue: every message has its Swedish, in the words of the design, and none hides from it."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup

from attraktiv_eval.evaluation import Evaluation
from attraktiv_eval.reporting.page import explained, marked, terms
from attraktiv_eval.reporting.report import Report
from attraktiv_eval.reporting.sections import BODY, PARTS
from attraktiv_eval.texts import about, translator, worded

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "attraktiv_eval"

PLACE = re.compile(r"{\w+}")

#: Terms of the design: where the English message has one, the Swedish has its word.
TERMS = {
    "household reached": "nått hushåll",
    "counterfactual": "kontrafaktisk",
    "deadweight": "dödvikt",
    "displacement": "undanträngning",
    "participating organisation": "deltagande organisation",
    "with access to labour": "med tillgång till arbetskraft",
    "comparison region": "jämförelseregion",
    "smallest detectable effect": "minsta påvisbara effekt",
    "yearly evaluation": "årsutvärdering",
    "final report": "slutrapport",
}


#: Turns of phrase that a board should not meet, as docs/texts.md lists them: translated, or of another trade.
BANNED = tuple(
    re.findall(r"^- (.+?) → .+$", (ROOT / "docs" / "texts.md").read_text(encoding="utf-8"), re.MULTILINE)
)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("texts_script", ROOT / "scripts" / "texts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    path = PACKAGE / "locale" / "sv" / "LC_MESSAGES" / "attraktiv_eval.po"
    with path.open("rb") as file:
        return read_po(file, locale="sv")


@pytest.fixture(scope="module")
def messages(script: ModuleType) -> set[str]:
    return {str(message.id) for message in script.extract() if message.id}


def test_every_message_of_the_code_has_its_swedish(messages: set[str], catalogue: Catalog) -> None:
    said = {str(one.id) for one in catalogue if one.id and str(one.string).strip()}
    assert sorted(messages - said) == []


def test_the_catalogue_has_no_message_that_the_code_lacks_and_none_fuzzy(
    messages: set[str], catalogue: Catalog
) -> None:
    assert sorted(str(one.id) for one in catalogue if one.id and one.id not in messages) == []
    assert [one.id for one in catalogue if one.id and one.fuzzy] == []


def test_the_compiled_catalogue_is_the_written_one(catalogue: Catalog) -> None:
    import gettext

    path = PACKAGE / "locale" / "sv" / "LC_MESSAGES" / "attraktiv_eval.mo"
    with path.open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert [one.id for one in catalogue if one.id and compiled.gettext(one.id) != one.string] == []


def test_a_translation_has_the_same_places_to_fill(catalogue: Catalog) -> None:
    def places(text: str) -> list[str]:
        return sorted(re.findall(r"{(\w+)}", text))

    pairs = [(str(one.id), str(one.string)) for one in catalogue if one.id and one.string]
    assert [id for id, text in pairs if set(places(id)) != set(places(text))] == []


def test_the_swedish_uses_the_words_of_the_design(catalogue: Catalog) -> None:
    wrong = []
    for one in catalogue:
        if not one.id or not one.string:
            continue
        for english, swedish in TERMS.items():
            stem = swedish.lower().removesuffix("a effekt")
            if english in PLACE.sub("", str(one.id)).lower() and stem not in str(one.string).lower():
                wrong.append((english, str(one.string)))
    assert wrong == []


def test_the_swedish_has_swedish_quotation_marks_and_no_english_left(catalogue: Catalog) -> None:
    for one in catalogue:
        text = PLACE.sub("", str(one.string))
        assert not re.search('[“"]', text), text
        assert not re.search(r"\b(the|and|which|were|households)\b", text), text


def _asks_for_a_text(call: ast.Call) -> bool:
    function = call.func
    return (isinstance(function, ast.Name) and function.id == "_") or (
        isinstance(function, ast.Attribute) and function.attr == "_"
    )


def _calls(tree: ast.AST) -> list[ast.Call]:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in found if _asks_for_a_text(call)]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.stem)
def test_no_message_hides_in_an_f_string_or_a_variable(path: Path, messages: set[str]) -> None:
    """Babel reads neither: such a message would stay English for ever."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = [
        ast.unparse(call)
        for text in ast.walk(tree)
        if isinstance(text, ast.JoinedStr)
        for call in _calls(text)
    ]
    assert hidden == []
    bare = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Call)]
    asked = [one.args[0] for one in bare if ast.unparse(one.func).startswith("translator(")]
    assert {text.value for text in asked if isinstance(text, ast.Constant)} <= messages
    for call in _calls(tree):
        assert isinstance(call.args[0], ast.Constant), ast.unparse(call)


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_ask_the_library_for_every_text(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert [source for source in code if re.search(r"\b_\(|gettext|translator", source)] == []


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_each_swedish_prose_cell_is_followed_by_its_english(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    tags = [tuple(cell["metadata"].get("tags", [])) for cell in cells if cell["cell_type"] == "markdown"]
    assert len(tags) % 2 == 0
    for swedish, english in zip(tags[::2], tags[1::2], strict=True):
        assert swedish[0] == "lang-sv" and english[0] == "lang-en"
        assert swedish[1:] == english[1:] in ((), ("remove-cell",))  # prose for the notebook alone


def readability(text: str) -> tuple[float, float]:
    """Return the readability index LIX of a text, and the mean number of words of its sentences."""
    sentences = [one for one in re.split(r"[.!?:]+(?:\s|$)", text) if re.search(r"\w", one)]
    words = re.findall(r"[\w’'-]+", text)
    mean = len(words) / max(1, len(sentences))
    return mean + 100 * sum(len(word) > 6 for word in words) / max(1, len(words)), mean


def body_of(report: Report) -> dict[str, tuple[str, str]]:
    """Return each section of the body: its prose, and all its visible words."""
    found = {}
    for name in ("first_screen", *BODY):
        shown = report.first_screen() if name == "first_screen" else report.section(name)
        soup = BeautifulSoup(shown.html, "html.parser")
        for part in soup.select("svg, details > :not(summary)"):
            part.decompose()
        prose = [one.get_text(" ", strip=True) for one in soup.select(".text p, .first-screen p.answer")]
        found[name] = (" ".join(prose), soup.get_text(" ", strip=True))
    return found


def readable(report: Report, name: str) -> str:
    """Return the prose of a section: no table, no drawing, nothing that is folded."""
    soup = BeautifulSoup(report.section(name).html, "html.parser")
    for part in soup.select("svg, table, details > :not(summary)"):
        part.decompose()
    return " ".join(one.get_text(" ", strip=True) for one in soup.select(".text p, .what-if p:not(.note)"))


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("year", [None, 2021])
def test_each_section_of_the_appendix_is_as_easy_to_read_as_the_body(
    evaluated: Callable[[int | None], Evaluation], year: int | None, language: str
) -> None:
    """By section LIX 45 (48 where the goals are quoted) and sentences of 18 words on average at most."""
    report = Report(evaluated(year), language)
    measured = 0
    for name in [one for one in PARTS if one not in BODY]:
        prose = readable(report, name)
        if len(prose.split()) > 30:
            lix, mean = readability(prose)
            assert mean <= 18, (name, mean)
            assert lix <= (50 if name == "project" else 45), (name, lix)
            measured += 1
    assert measured >= 12


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("year", [None, 2021])
def test_the_body_is_short_and_easy_to_read(
    evaluated: Callable[[int | None], Evaluation], year: int | None, language: str
) -> None:
    """Ten minutes: 2,500 words in all; by section LIX 45 and sentences of 20 words on average at most."""
    body = body_of(Report(evaluated(year), language))
    words = sum(len(re.findall(r"[\w’'–-]+", shown)) for _prose, shown in body.values())
    assert 700 < words <= 2_500
    for name, (prose, _shown) in body.items():
        lix, mean = readability(prose)
        if len(prose.split()) > 30:
            assert mean <= 20, (name, mean)
            assert lix <= (45 if language == "sv" else 50), (name, lix)


def test_no_banned_turn_of_phrase_is_left(catalogue: Catalog) -> None:
    """In no text of the catalogue, no prose of a notebook and no word of the project's own data."""
    told = [(str(one.id), text) for one in catalogue for text in (str(one.id), str(one.string))]
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        told += [(path.name, "".join(one["source"])) for one in cells if one["cell_type"] == "markdown"]
    told += [(path.name, path.read_text(encoding="utf-8")) for path in sorted((ROOT / "data").glob("*.toml"))]
    assert len(BANNED) >= 15
    assert [(where, one) for where, text in told for one in BANNED if one in text.lower()] == []


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("year", [None, 2021])
def test_no_part_of_a_report_has_a_banned_turn(
    evaluated: Callable[[int | None], Evaluation], year: int | None, language: str
) -> None:
    report = Report(evaluated(year), language)
    shown = [report.first_screen().html, *(report.section(name).html for name in PARTS)]
    words = BeautifulSoup(" ".join(shown), "html.parser").get_text(" ", strip=True).lower()
    assert len(words) > 20_000
    assert [one for one in BANNED if one in words] == []
    assert not re.search(r"\d flyttningar per år|\d moves a year", words)  # the estimates count persons


def test_a_term_is_explained_where_it_is_first_used_and_only_if_it_is() -> None:
    """The longest that fits is taken, headings and links are left alone, what is unused is left out."""
    body = "<h2>Synthetic control</h2><p>By <a>weights</a>, synthetic difference in differences "
    body += "&amp; a p-value; p-values</p>"
    page = explained(body, "en")
    assert page.count('class="term"') == 2
    assert '<a class="term" href="#term-synthetic-did">synthetic difference in differences</a>' in page
    assert '<a class="term" href="#term-p-value">p-value</a>; p-values' in page
    told = BeautifulSoup(page, "html.parser").select(".glossary dt")
    names = ["p-value", "Synthetic control", "Synthetic difference in differences", "Weights"]
    assert [one.get_text() for one in told] == names
    assert explained("<p>Nothing of the kind.</p>", "en") == "<p>Nothing of the kind.</p>"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_each_term_is_explained_in_plain_words(language: str) -> None:
    for term in terms(language):
        lix, mean = readability(term.means)
        assert mean <= 22 and lix <= 60, (term.id, lix, mean)
        assert not [one for one in BANNED if one in term.means.lower()]


def test_names_of_the_other_language_say_so() -> None:
    body = '<p title="Riksrevisionen">Riksrevisionen, Talent Attraction Management</p>'
    body += "<svg><text>Riksrevisionen</text></svg>"
    assert marked(body, "en").count('<span lang="sv">Riksrevisionen</span>') == 1
    assert marked(body, "sv").count('<span lang="en">Talent Attraction Management</span>') == 1
    assert 'title="Riksrevisionen"' in marked(body, "en")


@pytest.mark.parametrize(
    ("language", "message", "shown", "said"),
    [
        ("en", "{n} households", "1", "1 household"),
        ("en", "{n} households", '<data value="1">1</data>', '<data value="1">1</data> household'),
        ("en", "{n} rows were read", "1", "1 row was read"),
        ("en", "{n} companies", "1", "1 company"),
        ("en", "{n} persons a year", "−1", "−1 person a year"),
        ("en", "{n} persons", "0–1", "0–1 persons"),
        ("en", "{n} persons", "−7 to 1", "−7 to 1 persons"),
        ("en", "{n} households", "11", "11 households"),
        ("en", "{n} persons", "0.1", "0.1 persons"),
        ("sv", "{n} named organisations", "1", "1 named organisations"),
        ("sv", "{n} persons", "1", "1 person"),
        ("sv", "{n} rows", "1", "1 rad"),
        ("sv", "{n} rows", "21", "21 rader"),
        (
            "sv",
            "{n} assumptions; table() has their references too.",
            "1",
            "1 antagande; table() har även källorna.",
        ),
    ],
)
def test_what_a_one_counts_stands_in_the_singular(language, message, shown, said):
    assert translator(language)(message).format(n=shown) == said


@pytest.mark.parametrize(
    ("counted", "sv", "en"),
    [
        ({"households"}, "1 Flyttat in", "1 Moved in"),
        ({"persons", "organisations"}, "1 Flyttat in", "1 Moved in"),
        ({"companies"}, "1 Anställt", "1 Hired"),
        ({"companies", "persons"}, "1 Flyttat in / anställt", "1 Moved in / hired"),
        ({"organisations"}, "1 Flyttat in / anställt", "1 Moved in / hired"),
    ],
)
def test_messages_speak_of_what_the_goals_count(counted, sv, en):
    with about("municipality", counted):
        assert [translator(one)("1 Moved in / hired") for one in ("sv", "en")] == [sv, en]
        for language in ("sv", "en"):
            said = " ".join(f"{one.name} {worded(one.means, language)}" for one in terms(language)[:3])
            hires, moves = re.findall("anställ|hire", said), re.findall("flytta|moved", said)
            assert bool(hires) == ("companies" in counted or counted == {"organisations"})
            assert bool(moves) == (counted != {"companies"})
