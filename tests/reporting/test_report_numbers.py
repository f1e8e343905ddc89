"""The real figures: every number in the prose is in results.json; docs/texts.md is what the code says."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from bs4 import BeautifulSoup

from attraktiv_eval import texts
from attraktiv_eval.counterfactual.method import missed_coverage
from attraktiv_eval.evaluation import Evaluation
from attraktiv_eval.findings import mde_sentence, verdict_short, verdict_words
from attraktiv_eval.reporting import tables
from attraktiv_eval.reporting.figures import FIGURES
from attraktiv_eval.reporting.first_screen import first_screen, sentences
from attraktiv_eval.reporting.report import Report
from attraktiv_eval.reporting.sections import SECTIONS
from attraktiv_eval.reporting.view import plain, verdict_text
from attraktiv_eval.runs.comparison import differ
from attraktiv_eval.table_specifications import TABLES as SPECIFIED
from attraktiv_eval.texts import number, percent

ROOT = Path(__file__).resolve().parents[2]
#: A number or a range as either language writes it.
NUMBER = re.compile(r"[+−]?\d[\d\xa0,]*\d(?:\xa0?%)?(?:–\d[\d\xa0,]*\d(?:\xa0?%)?)?|[+−]?\d")
DATA = re.compile(r'<data value="([^"]+)">')
#: Numbers that may stand outside <data>: years, ranks of a scale, and names.
PLAIN = re.compile(
    r"\b(19|20)\d\d(–\d{2,4})?\b|RiR 2020:30|2018:1937|SHA-256|WCAG 2\.1|EN 301 549|of 5|av 5"
    r"|(level|nivå|step|steg) \d"
    r"|\d{1,2} (january|december|januari|mars|march)|24 (months|månader)|(8|12) (years|år)|20–64"
    r"|90 (per cent|procent)|90-procentiga?|\b(of|av) 100\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def evaluation(evaluated: Callable[[int | None], Evaluation]) -> Evaluation:
    return evaluated(None)


@pytest.fixture(scope="module", params=[None, 2021], ids=["final", "2021"])
def either(request: pytest.FixtureRequest, evaluated: Callable[[int | None], Evaluation]) -> Evaluation:
    """The final report, and a yearly one."""
    return evaluated(request.param)


def numbers(value: Any) -> Iterator[float]:
    """Every number in a document, at the six significant digits that it is written with."""
    if isinstance(value, dict):
        for one in value.values():
            yield from numbers(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from numbers(one)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield float(f"{value:.6g}")


#: The table of results.json that a section counts from; every other number of its prose is a figure.
TABLES = {
    "development": ("households_by_year",),
    "phases": ("households_by_phase",),
    "theory": ("households_by_phase",),
    "who_came": ("households_by_kind", "households_by_origin", "time_to_move"),
    "municipalities": ("households_by_municipality",),
}
#: Sections that tell the smallest detectable effect, which the verdict on level 3 holds.
ON_LEVEL_3 = {"first_screen", "level3", "limits", "statistics"}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_number_in_the_prose_stands_in_results_json(either: Evaluation, language: str) -> None:
    document = either.document
    figures = set(numbers(document["figures"]))
    level3 = set(numbers([one["values"] for one in document["verdicts"] if one["level"] == 3]))
    report = Report(either, language)
    texts = {key: report.text(key).html for key in SECTIONS}
    texts["first_screen"] = first_screen(report.view, "")
    strange = {
        (key, value)
        for key, html in texts.items()
        for found in DATA.findall(html)
        for value in found.split()
        if float(value) not in figures
        and not any(float(value) in set(numbers(document["tables"][one])) for one in TABLES.get(key, ()))
        and not (key in ON_LEVEL_3 and float(value) in level3)
    }
    assert strange == set()
    assert sum(len(DATA.findall(html)) for html in texts.values()) > 60


def in_data(html: Any) -> list[float]:
    """Return the numbers of an element, in the order they are read."""
    return [float(value) for one in html.find_all("data") for value in one["value"].split()]


def written(*values: float | None) -> list[float]:
    """Return figures as a page carries them; one that is not known is not there."""
    return [float(f"{value:.6g}") for value in values if value is not None]


@pytest.mark.parametrize("language", ["sv", "en"])
def test_each_figure_of_the_verdict_is_the_one_that_its_id_names(either: Evaluation, language: str) -> None:
    figures = {one["id"]: one for one in either.document["figures"]}
    page = BeautifulSoup(Report(either, language).provenance().html, "html.parser")
    seen = 0
    for proof in page.select("section[id^=proof-]"):
        [id] = [one.get_text() for one in proof.find_all("code") if one.get_text() in figures] or [None]
        if id is None:  # not tested: there is no figure
            assert in_data(proof.dd) == []
            continue
        seen += 1
        one = figures[id]
        told = [one["value"]] if one["evidence_level"] == 1 else [one["value"], one["low"], one["high"]]
        assert in_data(proof.dd) == written(*told), id
    assert seen >= 6


@pytest.mark.parametrize("language", ["sv", "en"])
def test_each_cell_of_the_first_table_is_the_figure_of_its_goal_and_level(
    either: Evaluation, language: str
) -> None:
    figures = {one["id"]: one for one in either.document["figures"]}
    goals = list(either.project.goals)
    table = BeautifulSoup(first_screen(Report(either, language).view, ""), "html.parser").table
    rows = table.tbody.find_all("tr")
    assert len(rows) == len(goals)
    for goal, row in zip(goals, rows, strict=True):
        target, reached, contributed, compared = row.find_all("td")
        unknown = figures[f"{goal}.unknown"]["value"] if f"{goal}.unknown" in figures else 0
        level2 = figures.get(f"{goal}.level2")
        assert in_data(target) == written(figures[f"{goal}.goal"]["value"])
        assert in_data(reached) == written(figures[f"{goal}.known"]["value"], *([unknown] if unknown else []))
        assert in_data(contributed) == (written(level2["low"], level2["high"]) if level2 else [])
        assert NUMBER.findall(compared.get_text()) == []


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("key", ["level3", "limits"])
def test_a_section_tells_one_smallest_effect(either: Evaluation, key: str, language: str) -> None:
    """What could have been seen is one range over the equally good methods, told once."""
    told = {"sv": "insta effekt", "en": "smallest effect"}[language]
    text = plain(Report(either, language).text(key).html)
    values = either.verdicts["households"][3].values
    assert text.count(told) == 1
    assert mde_sentence(either.verdicts["households"][3], language, with_aim=key == "limits") in text
    assert number(values["mde_low"], language) in text and number(values["mde_high"], language) in text
    for one in ("påvisbar", "detectable"):
        assert one not in text


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_number_in_a_headline_or_a_verdict_stands_in_results_json(
    either: Evaluation, language: str
) -> None:
    """They are plain text: each number must be one of the document's, as the language writes it."""
    report = Report(either, language)
    known = {
        written
        for one in numbers(either.document)
        for written in (number(one, language), number(one, language, signed=True), percent(one, language))
    }
    said = [figure.headline for id in FIGURES if (figure := report._figure(id)) is not None]
    assert len(said) >= 6
    for levels in either.verdicts.values():
        for verdict in levels.values():
            said += [verdict_words(verdict, language), verdict_short(verdict, language)]
    counted = re.compile(r"(rank|rang) \d+ (of|av) \d+|\d+ (of|av) \d+", re.IGNORECASE)
    for text in said:
        for found in NUMBER.findall(PLAIN.sub("", counted.sub("", text))):
            parts = [found] if found in known else re.split("–", found)
            assert all(one in known or f"{one}\xa0%" in known or f"{one}%" in known for one in parts), text


@pytest.mark.parametrize("language", ["sv", "en"])
def test_level_3_names_the_methods_whose_intervals_missed_their_goal(
    evaluation: Evaluation, language: str
) -> None:
    report = Report(evaluation, language)
    told = plain(report.text("level3").html)
    used = set(evaluation.tables["estimates"]["method"]) | set(evaluation.tables["specifications"]["method"])
    missed = {method for method in used if missed_coverage(method, "placebo")}
    assert missed and missed < used
    untried = "har inte prövats" if language == "sv" else "has not been tried"
    assert "common_weights" in set(evaluation.tables["flows"]["method"]) and untried in told
    start = "I simulerade siffror" if language == "sv" else "On simulated figures"
    sentence = told[told.index(start) :].split(".")[0]
    for method in used:
        assert (report.view.word("method", method).lower() in re.split(r": |, | och | and ", sentence)) == (
            method in missed
        )


@pytest.mark.parametrize("language", ["sv", "en"])
def test_no_number_is_typed_into_the_prose(evaluation: Evaluation, language: str) -> None:
    """What is not in <data> is a year, the name of a rule, or a count of rows of a table shown beside it."""
    report = Report(evaluation, language)
    counted = {"assumptions", "rivals", "project", "municipalities", "theory"}
    counted |= {"statistics", "scale"}  # so many cases of ten; what others have written
    verdicts = [verdict_text(report.view, goal, level) for goal in evaluation.verdicts for level in (1, 2, 3)]
    verdicts.append(mde_sentence(evaluation.verdicts["households"][3], language))
    for key in set(SECTIONS) - counted:
        html = report.text(key).html
        for verdict in filter(None, verdicts):
            html = html.replace(verdict, "")
        words = PLAIN.sub("", plain(re.sub(r"<data .*?</data>", "", html)))
        assert re.findall(r"\d+", words) == [], (key, words)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_what_changed_between_runs_names_every_figure_in_words(evaluation: Evaluation, language: str) -> None:
    run = {"run_id": "a", "software": {}, "inputs": []}
    figures = [one | {"value": 1.0, "low": None, "high": None} for one in evaluation.document["figures"]]
    empty = {"run": run, "results": {"figures": [], "verdicts": []}}
    lines = differ(empty, {"run": run, "results": {"figures": figures, "verdicts": []}}).lines(language)
    assert len(lines) == len(figures) + 1 and len(set(lines)) == len(lines)
    bare = [line for line in lines if re.match(r"[a-z]+[._][a-z]", line) or "_" in re.split("[“”]", line)[0]]
    assert bare == []


def test_the_summary_agrees_with_the_verdicts(evaluation: Evaluation) -> None:
    figures = {one["id"]: one for one in evaluation.document["figures"]}
    said = " ".join(sentences(Report(evaluation, "en").view))
    level2 = figures["households.level2"]
    assert f'<data value="{figures["households.known"]["value"]}">' in said
    assert f'<data value="{level2["low"]:.6g} {level2["high"]:.6g}">' in said
    assert f'<data value="{figures["households.goal"]["value"]}">' in said


#: Eight questions of a reader, and where the words of the first screen answer them, by language.
QUESTIONS: dict[str, dict[str, str]] = {
    "sv": {
        "invented": r"^Exempeldata: (.+) är påhittade",
        "goals met": r"(Inget|[Aa]lla|Målet)[^.]*? mål(?:en)? (?:nåddes|är nått än)",
        "moved": r"(\d+) hushåll flytta(?:de|t) till länet|flyttade (\d+) hushåll till länet",
        "promised": r"hushåll (?:flyttat )?till länet efter kontakt med projektet \(mål (\d+)",
        "not known": r"för (\d+) saknas besked",
        "contributed": r"Projektet kan ha bidragit till (\d+–\d+) hushåll",
        "statistics": r"SCB:s statistik är (för grov)[^.]*\. Hade det fört hit (\d+) hushåll",
        "cost": r"[Cc]irka (\d+) miljoner kronor",
    },
    "en": {
        "invented": r"^Example data: (.+) are invented",
        "goals met": r"(None|All) of the project’s \w+ goals (?:was|is) met",
        "moved": r"(\d+) households (?:have )?moved to the county",
        "promised": r"moved to the county after contact with the project \(goal (\d+)",
        "not known": r"(\d+) not followed up",
        "contributed": r"The project may have contributed to (\d+–\d+) households",
        "statistics": r"SCB’s statistics are (too coarse)[^.]*\. Had it brought (\d+) households",
        "cost": r"[Aa]bout SEK (\d+) million",
    },
}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_reader_finds_the_answers_to_eight_questions_in_the_first_screen(
    either: Evaluation, language: str
) -> None:
    """Whether it is real, whether the goals were met, and six numbers: as results.json has them."""
    page = BeautifulSoup(first_screen(Report(either, language).view, ""), "html.parser")
    text = " ".join(part.get_text() for part in page.select(".first-screen p"))
    answers = {}
    for question, where in QUESTIONS[language].items():
        found = re.search(where, text)
        assert found, (question, text)
        answers[question] = next(one for one in reversed(found.groups()) if one)
    figures = {one["id"]: one for one in either.document["figures"]}
    told = either.verdicts["households"][3].values
    level2 = figures["households.level2"]
    assert {one["rule"] for one in either.document["verdicts"] if one["level"] == 1} == {"goal_not_reached"}
    assert answers.pop("goals met") == {"sv": "Inget", "en": "None"}[language]
    assert "organisation" not in answers.pop("invented")
    assert answers == {
        "moved": f"{figures['households.known']['value']}",
        "promised": f"{figures['households.goal']['value']}",
        "not known": f"{figures['households.unknown']['value']}",
        "contributed": f"{level2['low']:.0f}–{level2['high']:.0f}",
        "statistics": f"{told['pace']:.0f}",
        "cost": f"{figures['money.paid']['value'] / 1e6:.0f}",
    }


def test_every_figure_of_the_proofs_is_in_results_json(evaluation: Evaluation) -> None:
    ids = {one["id"] for one in evaluation.document["figures"]}
    named = set(
        re.findall(r"<code>(\w+\.(?:known|level\d))</code>", Report(evaluation, "en").provenance().html)
    )
    assert len(named) >= 7
    assert named <= ids


def test_every_table_has_a_caption_and_every_column_a_heading(evaluation: Evaluation) -> None:
    view = Report(evaluation, "sv").view
    assert sorted(set(tables.names(view)) - set(SPECIFIED)) == []
    shown = [(SPECIFIED[name], head) for name in tables.names(view) for head in tables.frame(view, name)[1]]
    assert sorted({head.id for table, head in shown if not table.column(head.id).heading}) == []


def test_beside_an_interval_stand_its_true_level_and_what_it_is_without_who_sets_it(
    evaluation: Evaluation,
) -> None:
    view = Report(evaluation, "sv").view
    written, columns = tables.frame(view, "estimates")
    told = written.iloc[0]
    assert (told["true_level"], told["years"]) == ("90,5\u00a0%", "2020–2021")
    unit = view.table("estimates").iloc[0]["setting_unit"]
    assert told["without_told"].endswith(f"({view.word('region_code', unit)})") and " län)" in str(told)
    assert {"true_level", "without_told"} <= {column.id for column in columns if not column.text}
    (name, *_), row = (
        view.table("municipality_effects")["setting_name"],
        tables.frame(view, "municipality_effects"),
    )
    assert row is not None and any(f"({name})" in cell for cell in row[0]["without_told"])


def test_level_3_tells_how_much_drift_it_bears_and_how_much_a_find_overstates(evaluation: Evaluation) -> None:
    told = evaluation.verdicts["households"][3].values
    english = str(Report(evaluation, "en").text("level3"))
    assert (
        told["breakdown"] == 0
        and "The breakdown value is 0: the interval of the primary method holds zero" in english
    )
    ends = (told["exaggeration_low"], told["exaggeration_high"])
    assert "{:.1f}–{:.1f} times as large as the truth".format(*ends) in english
    figures = {one["id"]: one for one in evaluation.document["figures"]}
    for name in ("breakdown", "exaggeration_low", "exaggeration_high"):
        one = figures[f"households.level3.{name}"]
        assert (one["value"], one["unit"]) == (pytest.approx(told[name], rel=1e-4), "times")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("first_screens", ROOT / "scripts" / "first_screens.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_documented_first_screens_are_the_reports_own(evaluation: Evaluation, script: ModuleType) -> None:
    written = script.PAGE.read_text(encoding="utf-8")
    assert written == script.page(evaluation), "run: python scripts/first_screens.py"


def test_a_range_of_equal_ends_is_one_number(swedish: Report) -> None:
    assert texts.span(0.0, 0.3, "sv") == "0"
    assert texts.span(-0.3, 0.2, "en") == "0"
    assert texts.span(2.6, 3.4, "sv") == "3"
    assert texts.span(2.6, 3.4, "sv", 1) == "2,6–3,4"
    assert swedish.view.span(0.0, 0.3) == '<data value="0 0.3">0</data>'
