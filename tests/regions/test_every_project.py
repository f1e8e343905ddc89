"""The pages of projects unlike the shipped one, read for what is not theirs: years, places, spans and units.

Every section is rendered in the test's own process, as the cells of a notebook show it, without a kernel.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace

import pytest
from invented_lists import write_lists

import attraktiv_eval as ae
from attraktiv_eval.errors import EvaluationError
from attraktiv_eval.evaluation import Evaluation, evaluate
from attraktiv_eval.evaluation.inputs import load_inputs
from attraktiv_eval.project import Project
from attraktiv_eval.reporting.first_screen import _set_on_the_spot
from attraktiv_eval.reporting.report import Report
from attraktiv_eval.reporting.view import View
from attraktiv_eval.runs.new_project import Answers, make_project

LANGUAGES = ("sv", "en")


@dataclass(frozen=True)
class Case:
    """A project: county, first and last day, goals, the year of the report (None: the final one)."""

    region: str
    start: date
    end: date
    goals: tuple[tuple[str, int], ...]
    year: int | None = None


CASES = {
    "persons": Case("07", date(2018, 1, 1), date(2021, 12, 31), (("persons", 300),)),
    "running": Case(
        "13", date(2024, 1, 1), date(2027, 12, 31), (("households", 100), ("companies", 20)), 2025
    ),
    "companies": Case("08", date(2020, 1, 1), date(2022, 12, 31), (("companies", 20),)),
    "households": Case("22", date(2003, 1, 1), date(2004, 12, 31), (("households", 1),)),
    "six_months": Case("20", date(2021, 1, 1), date(2021, 6, 30), (("households", 100),)),
    "before": Case("22", date(2003, 1, 1), date(2004, 12, 31), (("households", 100),)),
    "municipality": Case("0186", date(2018, 1, 1), date(2021, 12, 31), (("households", 60),)),
    "counties": Case("05+06+07+08+10", date(2017, 1, 1), date(2018, 12, 31), (("households", 400),)),
    "own_starts": Case("05+06+07", date(2015, 1, 1), date(2018, 12, 31), (("households", 400),), 2017),
}
#: The first year of a county that began later than its project.
STARTS = {"own_starts": {"06": 2016, "07": 2018}}
#: A plan set on the spot takes seconds; most of the projects are read in the slow proofs.
SLOW = ("persons", "six_months", "municipality", "counties", "own_starts")
EACH = [pytest.param(name, marks=pytest.mark.prove if name in SLOW else ()) for name in CASES]


def folder_of(name: str) -> Path:
    case = CASES[name]
    folder = Path(mkdtemp()) / "p"
    make_project(folder, Answers("Provprojektet", case.region, case.start, case.end, dict(case.goals)))
    shutil.rmtree(folder / "records", ignore_errors=True)
    if name in STARTS:
        own = "\n".join(f'"{code}" = {year}' for code, year in STARTS[name].items())
        text = (folder / "project.toml").read_text("utf-8")
        text = text.replace("[region.municipalities]", f"[region.starts]\n{own}\n\n[region.municipalities]")
        (folder / "project.toml").write_text(text, "utf-8")
    write_lists(folder / "records", Project.load(folder / "project.toml"))
    for left in {"companies": ["*hushåll*"], "households": ["*företag*"]}.get(name, []):
        for file in (folder / "records").glob(left):
            file.unlink()
    return folder


@cache
def evaluation(name: str) -> Evaluation:
    return evaluate(CASES[name].year, project=folder_of(name) / "project.toml")


@cache
def page(name: str, language: str) -> str:
    """The first screen, every section and the provenance as plain lines; hashes and styles are left out."""
    report = Report(evaluation(name), language)
    parts = [report.first_screen(), *(report.section(key) for key in report.sections), report.provenance({})]
    text = "\n".join(part.html for part in parts)
    text = re.sub(r"<(style|script|code).*?</\1>", " ", text, flags=re.DOTALL)
    text = re.sub(r"</(p|tr|li|h\d|text|summary|caption|dd|dt)>", "\n", text)
    return "\n".join(" ".join(line.split()) for line in re.sub(r"<[^>]+>", " ", text).splitlines())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", EACH)
def test_no_place_of_the_shipped_project_stands_on_another_s_pages(name: str, language: str) -> None:
    said = page(name, language)
    county = Project.load().region.name  # one comparison county among others, named as such alone
    assert not re.findall(rf"Jämtland(?!s län)|Härjedalen|Östersund|fältjägar|regiment|{county}\w", said)
    assert "En attraktiv region" not in said
    region = evaluation(name).project.region
    its_own = region.name.replace(" och ", " and ") if region.several and language == "en" else region.name
    assert its_own in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", EACH)
def test_the_years_of_its_sentences_are_the_project_s_own(name: str, language: str) -> None:
    """A sentence about the project's years names no others; tables of statistics and references may."""
    case, said = CASES[name], page(name, language)
    last = min(case.end.year, case.year or case.end.year)
    whole = f"{case.start.year}–{last}" if last > case.start.year else f"{last}"
    foreign = {f"{first}–{end}" for first, end in ((2020, 2022), (2020, 2021), (2021, 2022))} - {whole}
    if (case.start.year, last) == (2020, 2022):
        foreign -= {"2020–2021", "2021–2022"}
    sentences = [line for line in said.splitlines() if len(line.split()) > 8 and line.endswith(".")]
    own = [one for one in sentences if not re.search(r"SCB|RiR|et al|&|procent, |References?", one)]
    assert own and not [one for one in own if any(span in one for span in foreign)]
    if case.end.year - case.start.year != 2:
        assert not re.findall(r"\b(?:three years|tre år|tre åren|three-year)\b", said, re.IGNORECASE)
    assert "2019" not in " ".join(one for one in own if "december" in one.casefold())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_project_of_companies_alone_has_no_word_of_households_or_moves(language: str) -> None:
    said = page("companies", language).casefold()
    assert {"sv": "hushåll", "en": "household"}[language] not in said
    assert not re.findall(r"\bmoved to\b|\bmoved (?:in )?(?:/|or) hired|\bflyttade till\b|flyttat in", said)
    assert {"sv": "1 anställt", "en": "1 hired"}[language] in said
    assert {"sv": "inte prövat", "en": "not tested"}[language] in said
    for heading in ({"sv": "alla sätt att räkna", "en": "every way of computing it"}[language],):
        assert heading not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_project_of_households_alone_has_no_word_of_companies_or_hires(language: str) -> None:
    said = page("households", language).casefold()
    assert not re.findall(r"företag(?!ens villkor)|anställ|\bcompan|\bhire", said)
    assert {"sv": "1 flyttat in", "en": "1 moved in"}[language] in said
    one, many = {"sv": ("1 hushåll", "1 personer"), "en": ("1 household", "1 households")}[language]
    assert re.findall(rf"\b{one}\b", said) and not re.findall(rf"(?<![–.,])\b{many}\b", said)


def test_the_cells_of_a_report_show_themselves_without_any_household() -> None:
    """The notebook's own results, above its report: a run of companies alone executes them."""
    project = ae.load_project(folder_of("companies") / "project.toml")
    records, assumptions = ae.load_records("", project), ae.load_assumptions(project)
    for shown in (
        records,
        ae.reach(records, project, 2022),
        ae.contribute(records, project, assumptions, until=2022),
        ae.comparison_design(project, ae.load_statistics(), 2022),
    ):
        said = shown._repr_html_()
        assert said.startswith("<") and "<table" in said


def test_companies_short_of_labour_are_shown_as_context_up_to_the_report_s_year(tmp_path: Path) -> None:
    rows = [
        f"{year};{name};{share}" for name, share in (("Totalt", 30), ("Kalmar", 41)) for year in (2020, 2023)
    ]
    words = ["Hinder för tillväxt: Tillgång till lämplig arbetskraft", "", "Formulär år;Nivå 1;Viktad andel"]
    (tmp_path / "export.csv").write_text("\n".join([*words, *rows]), encoding="utf-8")
    report = Report(
        evaluate(2021, project=folder_of("companies") / "project.toml", statistics=tmp_path), "en"
    )
    said = " ".join(re.sub(r"<[^>]+>", " ", report.section("level3_companies").html).split())
    assert "evidence of no level: in Tillväxtverket’s survey of 2020, 41 per cent" in said
    assert "2020 41.0% – 30.0%" in said and "2023" not in said
    assert "Tillväxtverket, Företagens villkor och verklighet" in report.provenance({}).html
    assert "Not in this report: the share of companies" in page("companies", "en")


@pytest.mark.prove
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_goal_in_persons_is_told_in_persons(language: str) -> None:
    said, report = page("persons", language), Report(evaluation("persons"), language)
    first = " ".join(re.sub(r"<[^>]+>", " ", report.first_screen().html).split())
    unit, wrong = {"sv": ("personer", "hushåll"), "en": ("persons", "household")}[language]
    assert unit in first and wrong not in first.casefold()
    level3 = " ".join(re.sub(r"<[^>]+>", " ", report.text("level3").html).split()).casefold()
    assert not re.findall(rf"\d+\s+{wrong}", level3) and unit in level3
    told = {"sv": "målet räknar personerna i dem", "en": "the goal counts the persons in them"}[language]
    assert told in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_running_project_says_until_when_it_is_known_and_calls_nothing_final(language: str) -> None:
    said = page("running", language)
    day = {"sv": "31 december 2025", "en": "31 December 2025"}[language]
    yet = {"sv": "ännu inte", "en": "not reached yet"}[language]
    assert day in said and yet in said.casefold()
    reached = {"sv": "Målet nåddes inte.", "en": "Goal not reached."}[language]
    assert reached not in said
    assert not re.findall(r"\b31 [Dd]ecember 2027\b", said.replace(f"{day}", "")) or "2027" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_project_begun_before_the_statistics_is_not_tested_and_says_so(language: str) -> None:
    said = page("before", language)
    assert evaluation("before").county is None
    reason = {"sv": "statistik saknas eller räcker inte till", "en": "do not reach far enough"}[language]
    assert reason in said


@pytest.mark.prove
@pytest.mark.parametrize("language", LANGUAGES)
def test_six_months_are_compared_over_a_whole_year_and_that_is_said(language: str) -> None:
    whole = {"sv": "hela 2021 jämförs", "en": "all of 2021 is compared"}[language]
    assert whole in page("six_months", language)


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        (
            "NO03",
            "county",
            "'NO03' is no county of Sweden; a region elsewhere would need official statistics",
        ),
        ("03", "fylke", "key region.kind"),
        ("02", "county", "'02' is no county of Sweden"),
        ("2321", "county", '2321 is the code of a municipality, and kind says county; write kind = "munici'),
        (
            "20",
            "municipality",
            '20 is the code of a county, and kind says municipality; write kind = "county"',
        ),
        ("20, 21", "county", "is no county of Sweden"),
        ("20+21", "county", 'several codes are given; write kind = "counties"'),
        ("20, 20", "counties", "county 20 is named twice"),
        ("20", "counties", "one county is no group"),
        ("08, 21", "counties", "county 21 has no municipality"),
    ],
)
def test_a_region_outside_sweden_or_of_another_kind_is_refused_in_one_line(
    code: str, kind: str, said: str
) -> None:
    folder = folder_of("companies")
    text = (folder / "project.toml").read_text(encoding="utf-8")
    text = text.replace('code = "08"', f'code = "{code}"').replace('kind = "county"', f'kind = "{kind}"')
    if re.fullmatch(r"\d\d", code) and kind == "county":
        text = re.sub(r'(?m)^"?08(\d\d)"? =', rf'"{code}\1" =', text)
    (folder / "project.toml").write_text(text, encoding="utf-8")
    with pytest.raises(EvaluationError) as caught:
        load_inputs(folder / "project.toml", folder / "records", None)
    line = caught.value.one_line()
    assert said in line and "remedy: " in line and "\n" not in line


@pytest.mark.prove
def test_a_copied_project_chooses_its_plan_anew_and_says_so(tmp_path: Path) -> None:
    """The plan is about one county and its years; with a changed year it is none, and page one says it."""
    here = Path(__file__).parent / "kronoberg"
    shutil.copytree(here, tmp_path / "copied")
    file = tmp_path / "copied" / "project.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("end = 2021-12-31", "end = 2020-12-31"), "utf-8")
    file.write_text(
        file.read_text("utf-8").replace("report_due = 2022-03-31", "report_due = 2021-03-31"), "utf-8"
    )
    write_lists(tmp_path / "copied" / "records", Project.load(file))
    inputs = load_inputs(file, tmp_path / "copied" / "records", None)
    plan = inputs.plan()
    assert inputs.written is not None and (plan.written is None or plan.amendments)
    record = inputs.plan_record()
    assert record is not None and (record["set"] == "on_the_spot" or record["amended"])
    found = SimpleNamespace(
        county=SimpleNamespace(plan=plan), project=inputs.project, tables={}, year=2020, final=False
    )
    told = {"sv": "planerad i förväg", "en": "not planned beforehand"}
    for language in LANGUAGES:
        said = _set_on_the_spot(View(found, language))
        assert (told[language] in said) == (plan.written is None)


def test_a_goal_in_persons_names_the_assumption_that_there_is() -> None:
    project = ae.load_project(folder_of("persons") / "project.toml")
    shown = ae.contribute(ae.load_records("", project), project, ae.load_assumptions(project))._repr_html_()
    named = set(re.findall(r"deadweight_\w+", shown))
    assert named == {"deadweight_households"} and named <= set(ae.load_assumptions(project))


@pytest.mark.prove
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_municipality_s_pages_speak_of_it_and_compare_it_with_municipalities(language: str) -> None:
    said, found = page("municipality", language), evaluation("municipality")
    county = {"sv": r"\b[Ll]änet|\blän\b|\b[Ll]änen", "en": r"\b[Cc]ount(?:y|ies)\b"}[language]
    left = {  # what is about counties on its pages: an outcome's words, a pool's name, a fact, a file
        "sv": "även inom länet och från utlandet|utanför länet|glest befolkat län|enskilda län|counties.csv"
        r"|Utan kommuner i [^.]* län i jämförelsen",
        "en": "inside the county and from abroad|outside the county|sparsely populated county"
        "|single counties|counties.csv",
    }[language]
    drawn = re.sub(left, "", " ".join(said.split()))
    assert not re.findall(county, drawn), [
        drawn[m.start() - 60 : m.end() + 40] for m in re.finditer(county, drawn)
    ]
    assert found.county is not None and found.county.outcome == "in_moves"
    assert {"sv": "Kommunens avvikelse", "en": "Deviation of the municipality"}[language] in said
    donors = found.county.primary.placebos.effects.index
    assert "0186" not in donors and all(re.fullmatch(r"\d{4}", code) for code in donors)
    assert "Lidingö kommun" in said
    text = json.dumps(found.document)
    assert found.county.plan.region == "0186" and "in_moves" in text


@pytest.mark.prove
@pytest.mark.parametrize("name", ["counties", "own_starts"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_several_counties_speak_of_them_together(name: str, language: str) -> None:
    said, found = page(name, language), evaluation(name)
    single = {"sv": r"\b[Ll]änets?\b", "en": r"\b[Tt]he county(?! border)\b"}[language]
    said = re.sub("även inom länet och från utlandet|inside the county and from abroad", "", said)
    assert not re.findall(single, said), [
        said[m.start() - 60 : m.end() + 40] for m in re.finditer(single, said)
    ]
    assert found.county is not None
    placebos, codes = found.county.primary.placebos, set(found.project.region.codes)
    assert placebos.kind == "random" and placebos.n > 100
    assert not codes & {one for group in placebos.effects.index for one in group.split("+")}
    assert all(len(group.split("+")) == len(codes) for group in placebos.effects.index)
    together = found.county.primary.estimate
    each = (
        together.details["each"].loc[together.effects.index]
        * together.details["shares"].loc[together.effects.index]
    )
    assert together.effects.to_numpy() == pytest.approx(each.sum(axis=1).to_numpy())
    alone = found.tables["region_effects"]
    assert list(alone["region_code"]) == [code for code in codes_in_order(found) if begun(found, code)]
    assert alone["effect_persons"].sum() == pytest.approx(found.county.primary.persons, rel=1e-9)
    figures = {one["id"]: one for one in found.document["figures"]}
    for row in alone.to_dict("records"):
        own = figures[f"region.{row['region_code']}.{found.county.outcome}.effect"]
        assert own["value"] == pytest.approx(row["effect_persons"], rel=1e-5) and own["evidence_level"] == 3
        assert row["pooled_persons"] == row["pooled_persons"] or len(alone) < 3
    told = {"sv": "Var för sig avviker", "en": "Alone "}[language]
    assert told in said and "Ben-Michael" in said


def codes_in_order(found: Evaluation) -> list[str]:
    return list(found.project.region.codes)


def begun(found: Evaluation, code: str) -> bool:
    return found.project.first_year(code) <= found.until.year
