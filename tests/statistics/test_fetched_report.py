"""From the service to the report: a fetch through real HTTP, then a run on what it laid down."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from scb_standin import StandIn
from scb_tables import Vacancies

from attraktiv_eval.resources import digest_of

YEAR = 2022

pytestmark = pytest.mark.prove


class Openings(Vacancies):
    """Vacancies that differ from quarter to quarter, as real ones do, in the table of the catalogue's id."""

    def __init__(self) -> None:
        super().__init__()
        self.id = "TAB4429"

    def _cube(self, selection: dict[str, list[str]]) -> np.ndarray:
        quarters = [int(code[:4]) * 4 + int(code[-1]) for code in selection["Tid"]]
        regions = [int(code) for code in selection["Region"]]
        wave = np.array([[np.random.default_rng([r, q]).normal(0, 0.1) for q in quarters] for r in regions])
        level = np.array([200.0 + 40.0 * r for r in regions])[:, None] * (1 + wave)
        return np.rint(level)[:, None, None, :] * np.ones((1, len(selection["Sektor"]), 1, 1))


@dataclass(frozen=True)
class Run:
    statistics: Path
    report: Path
    url: str
    said: str

    def page(self, language: str = "en") -> str:
        text = (self.report / f"evaluation{'' if language == 'sv' else '.en'}.html").read_text("utf-8")
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text))

    def figures(self) -> dict[str, dict]:
        document = json.loads((self.report / "results.json").read_text(encoding="utf-8"))
        return {one["id"]: one for one in document["figures"]}

    def verdict(self, goal: str, level: int) -> dict:
        document = json.loads((self.report / "results.json").read_text(encoding="utf-8"))
        return next(one for one in document["verdicts"] if (one["goal"], one["level"]) == (goal, level))


def _command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "attraktiv_eval", *words],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"},
        timeout=240,
        check=False,
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("from-service-to-report")
    with StandIn() as server:
        server.shelf.tables["TAB4429"] = Openings()
        fetched = _command("fetch", "--base-url", server.url, "--to", str(folder / "statistics"))
        places = ("--statistics", str(folder / "statistics"), "--output", str(folder / "outputs"))
        done = _command("run", "--year", str(YEAR), *places, "--language", "sv", "--language", "en")
        assert done.returncode == 0, done.stderr
        said = fetched.stdout + fetched.stderr
        yield Run(folder / "statistics", folder / "outputs" / str(YEAR), server.url, said)


def test_the_report_says_which_outcome_was_chosen_and_why(run: Run) -> None:
    for language, chosen, rule in (
        (
            "en",
            "What is compared first: Domestic in-moves over the county border, 2020",
            "It is the first in a list that has figures for every county",
        ),
        (
            "sv",
            "Det som jämförs i första hand: Inrikes inflyttningar över länsgränsen, 2020",
            "Den är den första i en lista som har siffror för alla län",
        ),
    ):
        assert chosen in run.page(language)
        assert rule in run.page(language)
    method = run.figures()["households.level3"]["method"]
    assert method.endswith("/domestic_in_moves_over_border")


def test_the_report_says_which_tables_which_day_and_which_hash(run: Run) -> None:
    page = run.page()
    for name, tables in (("moves", ("TAB1212", "TAB6640")), ("vacancies", ("TAB4429",))):
        assert digest_of((run.statistics / f"{name}.csv").read_bytes()) in page
        assert all(table in page for table in tables)
    assert "8 June 2026" in page and "8 juni 2026" in run.page("sv")
    manifest = json.loads((run.statistics / "manifest.json").read_text(encoding="utf-8"))
    urls = {part["url"] for table in manifest["tables"].values() for part in table["parts"]}
    assert all(url.startswith(run.url) for url in urls)
    assert "TAB1212" in run.figures()["households.level3"]["sources"]


def test_immigration_and_foreign_net_are_negative_controls_with_numbers(run: Run) -> None:
    effects = {
        id: one
        for id, one in run.figures().items()
        if id.startswith("county.control.") and id.endswith(".effect")
    }
    outcomes = {id.split(".")[2] for id in effects}
    assert outcomes == {"immigration", "foreign_net"}
    for one in effects.values():
        assert one["low"] <= one["value"] <= one["high"]
    assert "Negative controls are figures that work to attract people" in run.page()
    assert "Negativa kontroller är siffror som arbete med inflyttning" in run.page("sv")


def test_companies_have_their_own_level_3(run: Run) -> None:
    figure, verdict = run.figures()["companies.level3"], run.verdict("companies", 3)
    assert figure["unit"] == "vacancies"
    assert figure["low"] <= figure["value"] <= figure["high"]
    assert figure["method"].endswith("/vacancies")
    assert verdict["rule"] != "not_tested"
    assert verdict["values"]["unit"] == "vacancies"
    assert verdict["values"]["mde_low"] > 0
    assert "Vacancies, mean of the year’s quarters: the county deviated by" in run.page()
    assert "Lediga jobb, medelvärde av årets kvartal: länet avvek med" in run.page("sv")
    assert (run.report / "tables" / "company_estimates.csv").is_file()


def test_what_could_not_be_fetched_is_said_at_the_command_line(run: Run) -> None:
    assert "moves: fetched, 141120 cells, 1 calls" in run.said
    assert "workplaces: failed" in run.said
    assert "some tables are missing" in run.said
