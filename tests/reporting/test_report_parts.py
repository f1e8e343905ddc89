"""The parts of a report: nothing fails for want of a table, and what is missing is said."""

from __future__ import annotations

import json
import re
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
from attraktiv_eval.reporting.sections import HEADINGS, PARTS, SECTIONS
from attraktiv_eval.reporting.view import plain

#: Parts of a project that drew lots or has several counties: their reports are tried elsewhere.
ONLY_THEIRS = {"draw", "region_effects"}
KEYS = ["title", *(key for key in SECTIONS if key not in ONLY_THEIRS)]
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
def test_page_one_is_label_and_summary_and_then_a_picture_and_one_table(
    year: int, language: str, evaluation_of
) -> None:
    opening = BeautifulSoup(Report(evaluation_of(year), language).first_screen().html, "html.parser")
    first = opening.select_one(".first-screen")
    assert [(one.name, *one.get("class", [])) for one in first.find_all(recursive=False)] == [
        ("h1", "report-title"),
        ("p", "banner", "example"),
        ("p", "answer"),
        ("p", "answer"),
        ("p", "answer"),
        ("p", "sender"),
    ]
    assert [(one.name, one.get("id")) for one in first.find_next_siblings()] == [
        ("figure", "fig-levels"),
        ("table", "levels"),
        ("div", None),
        ("figure", "fig-path-to-goals"),
    ]


def readability(text: str) -> float:
    """Return the LIX of a text (Björnsson 1968): words a sentence, ended by . : ! or ?, and long words."""
    words = re.findall(r"[^\W_]+(?:[-’:.][^\W_]+)*", text)
    sentences = [part for part in re.split(r"[.:!?](?=\s|$)", text) if re.search(r"\w", part)]
    return len(words) / len(sentences) + 100 * sum(len(word) > 6 for word in words) / len(words)


def test_the_measure_of_readability_is_the_published_one() -> None:
    """Ten words in two sentences, three of them longer than six letters: 5 + 30."""
    assert readability("Hus och hem är kära. Kommunen anställer sedan ofta folket inte.") == pytest.approx(
        11 / 2 + 100 * 2 / 11
    )


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("year", [2020, 2021, 2022, None])
def test_page_one_is_short_and_plain(year: int | None, language: str, evaluation_of) -> None:
    report = Report(evaluation_of(year or 2022, final=year is None), language)
    first = BeautifulSoup(report.first_screen().html, "html.parser").select_one(".first-screen")
    said = " ".join(part.get_text(" ") for part in first.find_all("p"))
    words = re.findall(r"[^\W_]+(?:[-’–:.][^\W_]+)*", first.get_text())
    assert len(words) <= 150 - 3  # the page adds the day it was made
    assert readability(re.sub(r"\s+", " ", said)) <= 38, said


@pytest.mark.parametrize(
    ("rules", "swedish", "english"),
    [
        (
            ("goal_reached",) * 3,
            "Projektets alla tre mål nåddes.",
            "All of the project’s three goals were met.",
        ),
        (
            ("goal_not_reached",) * 3,
            "Inget av projektets tre mål nåddes.",
            "None of the project’s three goals was met.",
        ),
        (
            ("not_shown", "goal_not_reached", "goal_reached"),
            "Målet nåddes för organisationer. Målet nåddes inte för företag. Om målet nåddes för hushåll går "
            "inte att veta, eftersom besked saknas för så många.",
            "The goal was met for organisations. The goal was not met for companies. Whether it was met for "
            "households cannot be known: too many were not followed up to the end.",
        ),
        (
            ("no_evidence", "goal_reached", "goal_reached"),
            "Målet nåddes för företag och organisationer. Uppgifter saknas om hushåll.",
            "The goal was met for companies and organisations. Nothing is recorded of households.",
        ),
    ],
)
def test_goals_that_are_met_missed_and_not_known_each_have_their_sentence(
    evaluation_of, rules: tuple[str, ...], swedish: str, english: str
) -> None:
    from attraktiv_eval.findings import Verdict

    evaluation = evaluation_of(2022, final=True)
    for goal, rule in zip(evaluation.project.goals, rules, strict=True):
        evaluation.verdicts[goal][1] = Verdict(1, goal, rule)
    for language, told in (("sv", swedish), ("en", english)):
        assert sentences(Report(evaluation, language).view)[0] == told


def test_while_a_project_runs_the_summary_says_so_far_and_the_pace(evaluation_of) -> None:
    said = plain(" ".join(sentences(Report(evaluation_of(2021), "sv").view)))
    assert said.startswith("Inget av projektets tre mål är nått än. Hittills har")
    assert "(mål 400, jämn takt 267; för 35 saknas besked)" in said
    assert "jämn takt" not in plain(" ".join(sentences(Report(evaluation_of(2022), "sv").view)))


@pytest.mark.parametrize(
    ("high", "told"),
    [
        ({"households": 100.0, "companies": 60.0}, "De flesta hade nog flyttat eller anställt ändå."),
        ({"households": 148.0, "companies": 60.0}, "De flesta företag hade nog anställt ändå."),
        ({"households": 100.0, "companies": 71.5}, "De flesta hade nog flyttat ändå."),
        ({"households": 148.0, "companies": 71.5}, ""),
    ],
)
def test_most_would_have_come_anyway_only_below_half(
    evaluation_of, high: dict[str, float], told: str
) -> None:
    """296 households and 143 companies are known: exactly half is not most."""
    evaluation = evaluation_of(2022, final=True)
    goals = evaluation.tables["goals"] = evaluation.tables["goals"].copy()
    for goal, value in high.items():
        goals.loc[goals["goal"] == goal, "l2_high"] = value
    said = plain(" ".join(sentences(Report(evaluation, "sv").view)))
    assert said.count("De flesta") == bool(told)
    assert told in said


def test_without_a_survey_nothing_is_said_of_most(evaluation_of) -> None:
    evaluation = evaluation_of(2022, final=True)
    evaluation.tables["goals"] = evaluation.tables["goals"].assign(l2_survey=False)
    said = plain(" ".join(sentences(Report(evaluation, "sv").view)))
    assert "De flesta" not in said and "bara ett antagande" in said


def test_the_diary_number_is_told_where_the_project_states_one(evaluation_of) -> None:
    from attraktiv_eval.reporting.first_screen import sender

    evaluation = evaluation_of(2022, final=True)
    assert sender(Report(evaluation, "sv").view) == (
        "Region Jämtland Härjedalen. Data till och med 31 december 2022."
    )
    evaluation.project = evaluation.project.model_copy(update={"diary_number": "RUN/1/2019"})
    assert sender(Report(evaluation, "sv").view).endswith("Diarienummer RUN/1/2019.")


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_label_stands_in_the_title_and_above_every_printed_page(
    evaluation_of, run: dict, tmp_path: Path, language: str
) -> None:
    word = {"sv": "Exempeldata", "en": "Example data"}[language]
    invented, real = (
        write_page(
            evaluation_of(2021, example=example), tmp_path / str(example), language, run, ("The project",)
        ).read_text(encoding="utf-8")
        for example in (True, False)
    )
    assert BeautifulSoup(invented, "html.parser").title.string.startswith(f"{word} – En attraktiv region")
    assert re.search(rf'@top-left {{ content: "{word}: [^"]*SCB', invented)
    assert word not in real and "@top-left" not in real


def test_no_swedish_sentence_of_the_first_screen_is_long(evaluation_of) -> None:
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
    for figure in set(FIGURES) - ONLY_THEIRS:
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
    assert len(drawn) >= len(set(FIGURES) - ONLY_THEIRS) - 2


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
    parts = [swedish.text("level3"), swedish.figure("gaps"), swedish.table("estimates")]
    places = [shown.html.find(part.html) for part in parts]
    heading = "<h2>Nivå 3: Skiljer sig länet från jämförbara län?</h2>\n"
    assert places == sorted(places) and shown.html[: places[0]] == heading
    both = swedish.section("level1", "records")
    assert both.html == swedish.section("level1").html + "\n" + swedish.section("records").html
    assert "\n<h3>Så kom räkningen till</h3>\n" in both.html and "Så kom räkningen till" in str(both)
    assert set(HEADINGS) == set(PARTS)
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
    page = write_page(
        final, tmp_path / language, language, run, ("Level 1: whom the project reached", "Provenance")
    )
    notebook = json.loads(next((tmp_path / language).glob("*.ipynb")).read_text(encoding="utf-8"))
    ids = {"".join(cell["source"]).strip("\n"): cell["id"] for cell in notebook["cells"]}
    links = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select("#proof-households-1 a")
    targets = [link["href"] for link in links if ".ipynb" in link["href"]]
    assert targets == [run["notebook"] + "#cell-id=" + ids['report.section("promised", "level1")']]


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
