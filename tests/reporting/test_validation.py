"""The validation in words: every table and sentence in both languages, every number from the tables."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from attraktiv_eval.errors import DesignError, PublicationError
from attraktiv_eval.reporting.labels import cell, validation_word, written
from attraktiv_eval.reporting.method_validation import SENTENCES, Validation
from attraktiv_eval.table_specifications import TABLES

QUICK = ["published", "optimality", "coverage", "scales", "plan", "municipalities", "rivals", "verdicts"]


@pytest.fixture(scope="module", params=["sv", "en"])
def validation(request) -> Validation:
    return Validation(request.param)


@pytest.mark.parametrize("id", QUICK)
def test_a_table_has_a_caption_headings_and_no_ids(validation, id):
    shown = validation.table(id).html
    caption = TABLES[f"validation_{id}"].title(validation.language)
    assert f"<caption><span>{caption}</span>" in shown.replace("&#x27;", "'")
    body = shown.partition("<tbody>")[2]
    assert body.count('<th scope="row">') == len(validation.rows(id)) == body.count("<tr>")
    cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", body)
    assert cells and not any("_" in text for text in cells)


@pytest.mark.parametrize("id", QUICK)
def test_a_sentence_is_said_in_the_language(validation, id):
    told = str(validation.text(id))
    assert len(told) > 40 and "{" not in told
    assert (" och " in told or " av " in told) == (validation.language == "sv")


def test_the_coverage_figure_has_a_name_and_repeats(validation):
    one, two = validation.figure("coverage").html, validation.figure("coverage").html
    assert one == two and 'role="img"' in one and "<title" in one


def test_each_outcome_is_asked_about_the_years_that_it_covers(validation):
    county = validation.county
    covered = {name: county.window(name) for name in county.outcomes}
    assert covered["domestic_in_moves_over_border"] == (2020, 2021)
    assert covered["in_moves"] == (2020, 2022)
    for name, (first, last) in covered.items():
        _, design = county.cell(name, "all")
        assert (design.first_treated, design.last_treated) == (first, last)
        people = validation.county.panel.base(name)["23"]
        assert county.exposure(name) == pytest.approx(people.loc[first:last].sum() / 1000)
    assert "2020–2021" in str(validation.text("rivals"))


def test_the_design_is_asked_about_the_pace_of_the_years_compared(validation):
    rows = validation.rows("sight").set_index("outcome")
    first = rows.loc["domestic_in_moves_over_border"]
    assert (round(first["pace"]), rows.loc["in_moves", "pace"]) == (267, 400)
    placebos = validation.county.placebos("domestic_in_moves_over_border")
    pace = first["pace"] * validation.persons_per_household[0]
    rate = pace / validation.county.exposure("domestic_in_moves_over_border")
    found = (placebos.noise + rate).abs() > placebos.half_width()
    assert first["power_at_pace"] == pytest.approx(found.mean())
    told = str(validation.text("power"))
    assert "267 av 400" in told or "267 of 400" in told
    assert str(validation.text("sight")).count("267") >= 2


def test_whom_the_intervals_are_too_narrow_for_is_said(validation):
    told = str(validation.text("coverage"))
    rows = validation.rows("coverage").query("setting == 'noisiest' and interval == 'placebo'")
    low = f"{100 * rows['coverage'].min():.1f}"
    assert (low in told or low.replace(".", ",") in told) and "Jämtlands län" in told
    assert "8 av 21" in told or "8 of 21" in told


def test_where_the_pandemic_leaves_no_year_nothing_is_estimated(validation):
    rows = validation.rows("covid").set_index("outcome")
    ends = {name: validation.county.window(name)[1] for name in rows.index}
    assert (rows["without"].isna() == [ends[name] <= 2021 for name in rows.index]).all()
    assert rows["a_year"].notna().all()
    assert "nan" not in str(validation.text("covid")).lower()


def test_an_outcome_that_does_not_reach_the_project_is_left_out_and_named():
    told = Validation("en").county
    years = {"first_treated": 2023, "last_treated": 2024}
    late = replace(told, plan=replace(told.plan, content=told.plan.content | years), known={})
    assert late.outcomes == ["in_moves", "net_migration"]
    with pytest.raises(DesignError, match="domestic_in_moves_over_border do not reach 2023"):
        late.window("domestic_in_moves_over_border")


@pytest.mark.parametrize("id", QUICK)
def test_every_column_has_a_heading_of_its_own_in_swedish(validation, id):
    rows = validation.rows(id)
    assert not set(written(id, rows, "en")) & set(written(id, rows, "sv"))


def test_every_table_is_specified_with_its_protection(validation):
    """And shows no column that its specification does not name."""
    specified = {name.removeprefix("validation_") for name in TABLES if name.startswith("validation_")}
    assert specified == set(SENTENCES)
    rows = validation.rows("optimality").assign(households=3)
    with pytest.raises(PublicationError, match="that its specification does not name: households"):
        written("optimality", rows, validation.language)


def test_cells_are_written_as_the_language_does():
    def told(id, column, value, language):
        of = TABLES[f"validation_{id}"].column(column)
        return cell(of, value, language, lambda name, one: validation_word(name, one, language))

    assert told("published", "published", -1234.5, "sv") == "−1\u00a0234,500"
    assert told("coverage", "coverage", 0.9065, "en") in ("90.6%", "90.7%")
    assert told("plan", "primary", True, "sv") == "ja"
    assert told("optimality", "residual", 1e-12, "en") == "< 10⁻⁹"
    assert told("covid", "p_value", float("nan"), "en") == "–"
