"""The drawings: the same bytes every time, ids of their own, colours that survive."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pandas as pd
import pytest
from invented import of_other_projects

from attraktiv_eval.reporting.figures import FIGURES, style
from attraktiv_eval.reporting.report import Report

#: An evaluator's own matplotlibrc: nothing of it may reach a figure.
OWN_LOOK = """
backend: TkAgg
text.usetex: True
text.parse_math: True
font.family: cursive
font.size: 30
axes.facecolor: black
axes.formatter.use_locale: True
axes.formatter.limits: -1, 1
axes.unicode_minus: False
axes.xmargin: 0.4
axes.autolimit_mode: round_numbers
figure.autolayout: True
figure.constrained_layout.use: True
lines.marker: x
patch.linewidth: 7
path.sketch: 1, 100, 2
savefig.bbox: tight
savefig.dpi: 33
savefig.transparent: False
svg.fonttype: path
svg.image_inline: False
xtick.minor.visible: True
xtick.top: True
"""
#: Words of an evaluator that are a formula, a format or an escape to some language or other.
HARD_WORDS = r"$x^2$ {a} {{b}} %s 5 % \frac{1}{2} \1 _c_ <b> & $"

CSS = Path(style.__file__).parents[1] / "template" / "report.css"


def luminance(colour: str) -> float:
    """Relative luminance of a colour by WCAG 2.1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def variables(scheme: str) -> dict[str, str]:
    """The colours of a scheme in the style sheet."""
    text = CSS.read_text(encoding="utf-8")
    block = text.split("@media (prefers-color-scheme: dark)")[1 if scheme == "dark" else 0]
    return dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6})", block.split("}")[0]))


def with_every_figure(final: SimpleNamespace) -> Report:
    return Report(SimpleNamespace(**{**vars(final), "tables": final.tables | of_other_projects()}), "sv")


@pytest.fixture(scope="module")
def drawn(final: SimpleNamespace) -> dict[str, str]:
    report = with_every_figure(final)
    return {figure: report._figure(figure).svg for figure in FIGURES}


@pytest.mark.parametrize("figure", FIGURES)
def test_a_drawing_is_well_formed_with_text_as_text(drawn: dict[str, str], figure: str) -> None:
    root = ElementTree.fromstring(drawn[figure])
    texts = list(root.iter("{http://www.w3.org/2000/svg}text"))
    assert root.get("role") == "img"
    assert len(texts) > 3
    fonts = re.findall(r"font(?:-family)?: ([^;\"]*)", drawn[figure])
    assert fonts and all("system-ui" in one and one.endswith("sans-serif") for one in fonts)
    assert not re.search(r"<metadata|<!--|<!DOCTYPE|<\?xml", drawn[figure])


@pytest.mark.parametrize("figure", FIGURES)
def test_coordinates_have_at_most_two_decimals(drawn: dict[str, str], figure: str) -> None:
    assert re.findall(r"\d\.\d{3,}", drawn[figure]) == []


@pytest.mark.parametrize("figure", FIGURES)
def test_only_colours_of_the_palette_are_used(drawn: dict[str, str], figure: str) -> None:
    assert set(re.findall(r"#[0-9a-fA-F]{6}", drawn[figure])) <= set(style.COLOURS)


def test_a_second_drawing_has_the_same_bytes(drawn: dict[str, str], final: SimpleNamespace) -> None:
    again = with_every_figure(final)
    assert {figure: again._figure(figure).svg for figure in FIGURES} == drawn


def test_another_process_writes_the_same_files(swedish: Report, tmp_path: Path) -> None:
    """A new process has another hash seed: nothing may depend on the order of a set."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "from invented import invented_evaluation; from attraktiv_eval.reporting.report import Report;"
        "Report(invented_evaluation(2022, final=True), 'sv').save(sys.argv[2])"
    )
    command = [sys.executable, "-c", code, str(Path(__file__).parent), str(tmp_path / "other")]
    (tmp_path / "matplotlibrc").write_text(OWN_LOOK, encoding="utf-8")
    own = {"PYTHONHASHSEED": "7", "HOME": str(tmp_path), "MPLBACKEND": "module://no_such_backend"}
    own["OPENPYXL_LXML"] = os.environ["OPENPYXL_LXML"]  # the two writers of workbooks write other bytes
    subprocess.run(command, check=True, env=own | {"MATPLOTLIBRC": str(tmp_path)})
    files = swedish.save(tmp_path / "own")
    assert len(files) > 40
    for file in files:
        other = tmp_path / "other" / file.relative_to(tmp_path / "own")
        assert file.read_bytes() == other.read_bytes(), file.name


def test_settings_that_matplotlib_cannot_read_stop_nothing(tmp_path: Path) -> None:
    """A matplotlibrc of another encoding in the folder of the run, and a backend that there is not."""
    (tmp_path / "matplotlibrc").write_bytes("font.family: Knäckebröd".encode("latin-1"))
    code = "from attraktiv_eval.reporting.figures import style\nwith style.drawing():\n    style.new(100)"
    own = {"HOME": str(tmp_path), "MPLBACKEND": "no such backend"}
    subprocess.run([sys.executable, "-c", code], check=True, env=own, cwd=tmp_path)


def test_words_stand_in_a_figure_as_they_were_written(final: SimpleNamespace) -> None:
    """In the drawing, its headline and its name; a formula, a format and an escape are words too."""
    phases = tuple(one.model_copy(update={"sv": f"{one.sv} {HARD_WORDS}"}) for one in final.project.phases)
    households = final.project.goals["households"].model_copy(
        update={"name_sv": HARD_WORDS, "unit_sv": HARD_WORDS, "label_sv": HARD_WORDS}
    )
    goals = {**final.project.goals, "households": households}
    project = final.project.model_copy(update={"phases": phases, "goals": goals})
    evaluation = SimpleNamespace(**{**vars(final), "project": project})
    report = Report(evaluation, "sv")
    svg = "".join(drawing.file() for figure in FIGURES if (drawing := report._figure(figure)) is not None)
    shown = ElementTree.fromstring(report._figure("funnel").svg)
    texts = ["".join(one.itertext()) for one in shown.iter("{http://www.w3.org/2000/svg}text")]
    assert sum(HARD_WORDS in one for one in texts) == len(phases)
    assert HARD_WORDS in unescape(svg)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_have_contrast_and_differ_in_grey(scheme: str) -> None:
    colours = variables(scheme)
    surface = colours["--surface"]
    for name in ("--county", "--other", "--soft"):
        assert contrast(colours[name], surface) >= 3, name
    for name in ("--ink", "--quiet", "--link"):
        assert contrast(colours[name], surface) >= 4.5, name
    assert contrast(colours["--county"], colours["--soft"]) >= 1.5
    assert contrast(colours["--ink"], colours["--banner"]) >= 4.5


def test_the_files_have_the_colours_of_the_light_scheme() -> None:
    assert {style.COUNTY, style.OTHER, style.SOFT} <= set(variables("light").values())


def test_a_saved_figure_stands_alone(swedish: Report, tmp_path: Path) -> None:
    files = {path.name: path for path in swedish.save(tmp_path)}
    text = files["gaps.svg"].read_text(encoding="utf-8")
    ElementTree.fromstring(text)
    assert "var(--" not in text
    assert "Källa: SCB" in text
    assert "Inflyttningar: länet kommer på plats" in text


@pytest.mark.parametrize(
    ("figure", "table", "middle"),
    [
        ("funnel", "funnel", "share"),
        ("retention", "retention", "share"),
        ("specification_curve", "specifications", "effect_persons"),
    ],
)
def test_a_figure_draws_the_interval_of_each_estimate(
    final: SimpleNamespace, figure: str, table: str, middle: str
) -> None:
    """With every interval shrunk to its middle there are lines that are drawn no longer."""
    shrunk = final.tables[table].copy()
    shrunk["low"] = shrunk["high"] = shrunk[middle]
    assert lines_of(final, figure) - lines_of(with_table(final, table, shrunk), figure)


@pytest.mark.parametrize("figure", ["county_comparison", "gaps"])
def test_a_figure_of_the_gap_draws_the_gaps_of_the_others(final: SimpleNamespace, figure: str) -> None:
    none = final.tables["placebo_gaps"].head(0)
    assert lines_of(final, figure) - lines_of(with_table(final, "placebo_gaps", none), figure)


def test_the_bars_of_the_assumptions_reach_from_low_to_high(final: SimpleNamespace) -> None:
    shrunk = final.tables["tornado"].copy()
    shrunk["low"] = shrunk["high"] = shrunk["base"]
    assert lines_of(final, "tornado") - lines_of(with_table(final, "tornado", shrunk), "tornado")


def with_table(final: SimpleNamespace, name: str, table: pd.DataFrame) -> SimpleNamespace:
    return SimpleNamespace(**{**vars(final), "tables": {**final.tables, name: table}})


def lines_of(evaluation: SimpleNamespace, figure: str) -> set[str]:
    """The shape of every line and area of a figure, wherever it stands."""
    made = Report(evaluation, "en")._figure(figure)
    assert made is not None
    return set(re.findall(r' d="([^"]+)"', made.svg))


def test_the_map_has_the_countys_municipalities_and_a_sorted_table(swedish: Report) -> None:
    shown = swedish.figure("municipality_map")
    for name in ("Ragunda", "Bräcke", "Krokom", "Strömsund", "Åre", "Berg", "Härjedalen", "Östersund"):
        assert name in shown.html
    column = [
        row.split(">")[-1]
        for row in re.findall(r"data-head=\"Inflyttade\"[^>]*>(?:<span>)?[^<]*", shown.html)
    ]
    numbers = [int(cell) for cell in column if cell.isdigit()]
    assert len(numbers) >= 5
    assert numbers == sorted(numbers, reverse=True)


@pytest.mark.parametrize("unknown", [0.0, 15.0])
def test_a_small_count_stands_above_the_years(final: SimpleNamespace, unknown: float) -> None:
    from attraktiv_eval.reporting.figures.goals import _panel

    path = pd.DataFrame({"year": [2020], "cumulated": [2.0], "unknown": [unknown]})
    with style.drawing():
        figure, panels = style.new(128 * 3, 3)
        figure.subplots_adjust(left=0.02, right=0.69, top=0.94, bottom=0.07, hspace=0.55)
        _panel(panels[0], Report(final, "sv").view, "households", path, [2020, 2021, 2022])
        figure.draw_without_rendering()
    label = panels[0].texts[-1].get_window_extent()
    assert label.y0 >= panels[0].get_window_extent().y0
