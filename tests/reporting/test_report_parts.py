"""The parts of a report: nothing fails for want of a table, and what is missing is said."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from pages import write_page

from attraktiv_eval.errors import ParameterError
from attraktiv_eval.reporting.figures import FIGURES
from attraktiv_eval.reporting.first_screen import sentences
from attraktiv_eval.reporting.report import Report
from attraktiv_eval.reporting.sections import SECTIONS

KEYS = ["title", *SECTIONS]
CONTRACT = [
    "title",
    "project",
    "level1",
    "level2",
    "level3",
    "rivals",
    "phases",
    "money",
    "municipalities",
    "unforeseen",
    "limits",
    "method",
    "development",
    "provenance",
    "records",
    "before_after",
    "assumptions",
]


def test_every_text_of_the_contract_is_there() -> None:
    assert set(CONTRACT) <= set(KEYS)


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("key", KEYS)
def test_a_text_begins_with_its_answer(final: SimpleNamespace, key: str, language: str) -> None:
    shown = Report(final, language).text(key)
    if key != "title":
        assert shown.html.startswith('<div class="text">\n<p class="answer">')
    assert "{" not in shown.html
    assert "nan" not in str(shown).split()
    assert shown._repr_mimebundle_()["text/plain"] == str(shown)


@pytest.mark.parametrize(
    ("language", "told", "nobody"),
    [
        (
            "sv",
            "Oväntat och oönskat, antecknat 1 mars 2021: Hyrorna &lt; steg. Källa: kommunen.",
            "Ingen har",
        ),
        (
            "en",
            "Unforeseen and unwanted, noted 1 March 2021: Rents &lt; rose. Source: kommunen.",
            "Nobody has",
        ),
    ],
)
def test_an_unforeseen_effect_is_told_from_the_day_it_was_noted(
    evaluation_of, language: str, told: str, nobody: str
) -> None:
    from attraktiv_eval.project import Unforeseen

    noted = Unforeseen(
        sv="Hyrorna < steg.", en="Rents < rose.", kind="unwanted", noted=date(2021, 3, 1), source="kommunen."
    )
    for year in (2020, 2021):
        evaluation = evaluation_of(year)
        evaluation.project = evaluation.project.model_copy(update={"unforeseen": [noted]})
        shown = Report(evaluation, language).text("unforeseen").html
        assert (told in shown) == (year == 2021)
        assert (nobody in shown) == (year == 2020)


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("year", [2020, 2021, 2022])
def test_the_first_screen_says_it_in_four_sentences_and_one_table(
    year: int, language: str, evaluation_of
) -> None:
    report = Report(evaluation_of(year), language)
    said = sentences(report.view)
    assert len(said) == 4
    opening = BeautifulSoup(report.first_screen().html, "html.parser")
    first = opening.select_one(".first-screen")
    assert [(one.name, *one.get("class", [])) for one in first.find_all(recursive=False)] == [
        ("h1", "report-title"),
        ("p", "answer"),
        ("table", "levels", "stack"),
        ("p", "banner"),
    ]
    assert len(first.find_all("table")) == 1
    assert [after.name for after in first.find_next_siblings()] == ["figure", "div"]


def test_no_swedish_sentence_of_the_first_screen_is_long(evaluation_of) -> None:
    from attraktiv_eval.reporting.view import plain

    for evaluation in (
        evaluation_of(2020),
        evaluation_of(2022, final=True),
        evaluation_of(2021, without=("goals",)),
    ):
        for sentence in sentences(Report(evaluation, "sv").view):
            assert len(plain(sentence).split()) <= 25, sentence


def test_real_records_carry_no_banner(evaluation_of) -> None:
    shown = Report(evaluation_of(2021, example=False), "sv").first_screen()
    assert "banner" not in shown.html
    assert "påhittade" not in str(shown)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_without_any_table_every_part_still_says_something(
    evaluation_of, tmp_path: Path, language: str
) -> None:
    whole = evaluation_of(2022, final=True)
    report = Report(evaluation_of(2022, final=True, without=tuple(whole.tables)), language)
    for key in KEYS:
        assert len(str(report.text(key))) > 10
    for figure in FIGURES:
        assert "<p" in report.figure(figure).html
    assert report.first_screen().html
    assert report.provenance().html
    report.save(tmp_path)


@pytest.mark.parametrize("name", ["goals", "estimates", "placebo_gaps"])
def test_one_missing_table_takes_nothing_else_with_it(evaluation_of, name: str) -> None:
    report = Report(evaluation_of(2022, final=True, without=(name,)), "en")
    assert report.first_screen().html
    for key in SECTIONS:
        assert report.text(key).html
    drawn = [figure for figure in FIGURES if "<svg" in report.figure(figure).html]
    assert len(drawn) >= len(FIGURES) - 2


def test_a_missing_list_is_named(evaluation_of) -> None:
    report = Report(evaluation_of(2021, without=("funnel",)), "sv")
    assert "Kontakter" in str(report.text("phases"))
    assert "utelämnat" in str(report.text("phases")).lower()


@pytest.mark.parametrize(
    "ask", [lambda report: report.text("nothing"), lambda report: report.figure("nothing")]
)
def test_an_unknown_part_is_refused_with_the_choice(swedish: Report, ask) -> None:
    with pytest.raises(ParameterError, match="choose one of"):
        ask(swedish)


def test_an_unknown_table_is_refused(swedish: Report) -> None:
    with pytest.raises(ParameterError, match="there is no table"):
        swedish.table("nothing")


def test_the_provenance_reads_run_json_from_its_folder(swedish: Report, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(
        '{"run_id": "final-abc", "version": 2, "replaces": 1}', encoding="utf-8"
    )
    shown = swedish.provenance(str(tmp_path))
    assert "final-abc" in shown.html
    assert "version 1" in shown.html
    assert "final-abc" not in swedish.provenance("").html


def test_a_section_is_its_parts_in_order(swedish: Report) -> None:
    shown = swedish.section("level3")
    parts = [swedish.text("level3"), swedish.figure("county_comparison"), swedish.table("estimates")]
    places = [shown.html.find(part.html) for part in parts]
    assert places == sorted(places) and places[0] == 0
    with pytest.raises(ParameterError, match="no section"):
        swedish.section("nothing")


def test_nothing_is_saved_outside_a_run(swedish: Report) -> None:
    assert swedish.save("") == []


def test_markup_in_data_is_shown_not_obeyed(evaluation_of) -> None:
    evaluation = evaluation_of(2021)
    evaluation.tables["organisations"].loc[0, "name"] = "<b>Bold & Co</b>"
    shown = Report(evaluation, "en").table("organisations")
    assert "&lt;b&gt;Bold &amp; Co&lt;/b&gt;" in shown.html


def test_a_long_table_is_folded_and_a_short_one_is_not(swedish: Report) -> None:
    assert "<details>" in swedish.table("specifications").html
    assert "<details>" not in swedish.table("funding").html


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_verdict_leads_to_the_cell_of_the_notebook(
    final: SimpleNamespace, run: dict, tmp_path: Path, language: str
) -> None:
    page = write_page(final, tmp_path / language, language, run)
    notebook = json.loads(next((tmp_path / language).glob("*.ipynb")).read_text(encoding="utf-8"))
    ids = {"".join(cell["source"]).strip("\n"): cell["id"] for cell in notebook["cells"]}
    links = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select("#proof-households-1 a")
    targets = [link["href"] for link in links if ".ipynb" in link["href"]]
    assert targets == [run["notebook"] + "#cell-id=" + ids['report.section("level1")']]


@pytest.mark.parametrize(
    ("source", "example", "sv", "en"),
    [
        (
            "records",
            False,
            "uppgifternas eget medeltal, 1,7 (1,5–1,9)",
            "the records’ own mean, 1.7 (1.5–1.9)",
        ),
        ("assumption", True, "påhittade uppgifter", "those of invented records"),
        ("assumption", False, "färre än 30", "fewer than 30"),
    ],
)
def test_the_assumptions_say_which_persons_per_household_are_used(source, example, sv, en, evaluation_of):
    """Rounded, so that the exact mean of one report beside another's tells of no household."""
    from attraktiv_eval.metrics import HouseholdSize
    from attraktiv_eval.reporting import tables
    from attraktiv_eval.reporting.provenance import proofs

    evaluation = evaluation_of(2022, final=True, example=example)
    evaluation.household_size = HouseholdSize(1.7123, 1.5123, 1.9123, source, 31)
    for language, said in (("sv", sv), ("en", en)):
        view = Report(evaluation, language).view
        page = tables.html(view, "assumptions") + "".join(proofs(view, {}))
        assert said in tables.html(view, "assumptions")
        assert "1.7123" not in page and "1.71" not in page
        assert ("1,7" if language == "sv" else "1.7") in page or source == "assumption"
        assert said not in tables.html(view, "goals")
