"""Each explore notebook in JupyterLab and a real Chromium: Run All, move a control, see the figure change."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import explore_lab as laboratory
import pytest

from attraktiv_eval.reporting.downloads import find_chromium

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(find_chromium() is None, reason="no Chromium on this machine to open JupyterLab in"),
]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120_000  # milliseconds: a cold kernel on a busy machine


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    started = laboratory.Lab(tmp_path_factory.mktemp("lab"))
    yield started
    started.stop()


@pytest.fixture
def page(browser):
    opened = browser.new_page(viewport={"width": 1280, "height": 1600})
    opened.faults = []
    opened.on("pageerror", lambda error: opened.faults.append(str(error)))
    opened.on("console", lambda told: opened.faults.append(described(told)) if told.type == "error" else None)
    yield opened
    opened.close()


def described(told) -> str:
    """Return an error of the console, and the path of what it speaks of: a page that is not there has one."""
    return f"{told.text} {urlsplit(told.location['url']).path}"


def run_all(page, lab, notebook, shown=".attraktiv-board svg"):
    """Open a notebook, run all its cells, and return the first live panel."""
    page.goto(lab.address(notebook))
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=PATIENCE)
    lab.wait_for_kernel(page)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_selector(shown, timeout=PATIENCE)
    page.wait_for_function(  # every cell has a number
        "() => [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]"
        ".every(one => /\\[\\d+\\]/.test(one.textContent))",
        timeout=PATIENCE,
    )
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    assert page.locator(".jp-OutputArea-output .ansi-red-fg").count() == 0
    return page.locator(".attraktiv-board").first


def paths(panel):
    """Return the figures of a panel as drawn, and the call beside them."""
    return panel.locator("svg").evaluate_all("all => all.map(one => one.outerHTML).join()"), (
        panel.locator("pre").inner_text()
    )


def wait_for_change(page, before):
    page.wait_for_function(
        "before => [...document.querySelector('.attraktiv-board').querySelectorAll('svg')]"
        ".map(one => one.outerHTML).join() !== before",
        arg=before,
        timeout=PATIENCE,
    )


def choose(panel, label, value):
    panel.get_by_label(label, exact=True).select_option(label=value)


def move(panel, label, keys):
    handle = panel.locator(".widget-slider").filter(has_text=label).locator(".noUi-handle").first
    handle.focus()
    for _press in range(keys):
        handle.press("ArrowLeft")


CASES = {
    "explore_households": (lambda panel: choose(panel, "Första kontakt år", "2021"), "year=2021"),
    "explore_counterfactual": (lambda panel: choose(panel, "Utfall", "Flyttnetto"), "'net_migration'"),
    "explore_assumptions": (
        lambda panel: move(panel, "säkert inte", 10),
        "would_not_have_moved_5=",
    ),
    "explore_data_quality": (lambda panel: choose(panel, "Fil", "foretag.csv"), "file='foretag.csv'"),
}


@pytest.mark.parametrize("notebook", CASES)
def test_a_moved_control_changes_the_figure_and_the_call(notebook, lab, page, tmp_path):
    panel = run_all(page, lab, notebook)
    figures, call = paths(panel)
    act, expected = CASES[notebook]
    assert expected not in call
    act(panel)
    page.wait_for_function(
        "wanted => document.querySelector('.attraktiv-board pre').textContent.includes(wanted)",
        arg=expected,
        timeout=PATIENCE,
    )
    wait_for_change(page, figures)
    page.screenshot(path=str(tmp_path / f"{notebook}.png"), full_page=True)
    assert not page.faults, json.dumps(page.faults, indent=1)


def turn(control):
    """Move one control as a hand would: the last choice of a list, one step of a slider."""
    if control.locator("select").count():
        lists = control.locator("select").first
        lists.select_option(index=lists.locator("option").count() - 1)
    else:
        handle = control.locator(".noUi-handle").first
        handle.focus()
        handle.press("ArrowRight")


@pytest.mark.parametrize("notebook", CASES)
def test_every_control_can_be_moved_and_the_console_stays_clean(notebook, lab, page):
    panel = run_all(page, lab, notebook)
    controls = panel.locator(".widget-dropdown, .widget-select-multiple, .widget-select, .widget-slider")
    assert controls.count() >= 1
    for at in range(controls.count()):
        before = paths(panel)[1]
        label = controls.nth(at).locator("label, .widget-label").first
        assert label.evaluate("one => one.scrollWidth <= one.clientWidth + 1"), "the label is cut"
        turn(controls.nth(at))
        page.wait_for_function(
            "before => document.querySelector('.attraktiv-board pre').textContent !== before",
            arg=before,
            timeout=PATIENCE,
        )
        assert panel.locator("[role=alert]").count() == 0, (notebook, at)
    assert not page.faults, json.dumps(page.faults, indent=1)


def test_the_ten_questions_run_whole(lab, page):
    run_all(page, lab, "ten_questions", shown=".jp-OutputArea-output svg")
    assert page.locator(".jp-OutputArea-output svg").count() >= 10
    assert not page.faults, json.dumps(page.faults, indent=1)


#: The notebooks of the reports: sections in place of panels; what can be moved there are the folded parts.
REPORTS = {
    "yearly_evaluation": 11,
    "final_report": 12,
    "method_validation": 0,
    "design_before": 1,
    "follow_up": 0,
}


@pytest.mark.parametrize("notebook", REPORTS)
def test_the_notebook_of_a_report_runs_whole_and_its_folded_parts_open(notebook, lab, page):
    place = lab.folder / f"{notebook}.ipynb"
    if not place.exists():
        shutil.copy(ROOT / "notebooks" / place.name, place)
    run_all(page, lab, notebook, shown=".jp-OutputArea-output svg")
    cells = page.locator(".jp-CodeCell").count()
    code = [cell for cell in json.loads(place.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert cells == len(code)
    folded = page.locator(".jp-OutputArea-output details")
    assert folded.count() >= REPORTS[notebook]
    for at in range(folded.count()):
        folded.nth(at).locator("summary").first.click()
        assert folded.nth(at).evaluate("one => one.open"), (notebook, at)
    assert not page.faults, json.dumps(page.faults, indent=1)


def test_a_notebook_in_english(page, tmp_path):
    lab = laboratory.Lab(tmp_path, "--language", "en")
    try:
        panel = run_all(page, lab, "explore_households")
        figures, _call = paths(panel)
        choose(panel, "First contact in", "2021")
        wait_for_change(page, figures)
        assert "year=2021" in paths(panel)[1]
        assert page.get_by_text("Whom did the project reach").count() and "Contact in phase" in page.content()
        assert not page.get_by_text("Vilka har projektet nått").count()
    finally:
        lab.stop()
    assert not page.faults, json.dumps(page.faults, indent=1)
