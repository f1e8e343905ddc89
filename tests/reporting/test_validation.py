"""The validation in words: every table and sentence in both languages, every number from the tables."""

from __future__ import annotations

import re

import pytest

from attraktiv_eval.reporting.validation import Validation
from attraktiv_eval.reporting.validation.sentences import SENTENCES
from attraktiv_eval.reporting.validation.written import caption, cell

QUICK = ["published", "optimality", "coverage", "scales", "plan", "municipalities", "rivals", "verdicts"]


@pytest.fixture(scope="module", params=["sv", "en"])
def validation(request) -> Validation:
    return Validation(request.param)


@pytest.mark.parametrize("id", QUICK)
def test_a_table_has_a_caption_headings_and_no_ids(validation, id):
    shown = validation.table(id).html
    assert f"<caption>{caption(id, validation.language)}" in shown.replace("&#x27;", "'")
    assert shown.count('<th scope="col">') == len(re.findall(r"<th", shown)) - len(
        re.findall("<thead", shown)
    )
    cells = re.findall(r"<td>(.*?)</td>", shown)
    assert cells and not any("_" in text for text in cells)


@pytest.mark.parametrize("id", QUICK)
def test_a_sentence_is_said_in_the_language(validation, id):
    told = str(validation.text(id))
    assert len(told) > 40 and "{" not in told
    assert (" och " in told or " av " in told) == (validation.language == "sv")


def test_the_coverage_figure_has_a_name_and_repeats(validation):
    one, two = validation.figure("coverage").html, validation.figure("coverage").html
    assert one == two and 'role="img"' in one and "<title" in one


def test_every_caption_has_its_sentence():
    assert all(caption(id, "en") for id in SENTENCES)


def test_cells_are_written_as_the_language_does():
    assert cell("published", -1234.5, "sv") == "−1\u00a0234,500"
    assert cell("coverage", 0.9065, "en") == "90.6%" or cell("coverage", 0.9065, "en") == "90.7%"
    assert cell("primary", True, "sv") == "ja"
    assert cell("residual", 1e-12, "en") == "< 10⁻⁹"
    assert cell("p_value", float("nan"), "en") == "–"
