"""The panels without a front end: what they show, the call they name, and what they hide."""

from __future__ import annotations

import ast
import json
import os
import re
import runpy
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import attraktiv_eval as ae
from attraktiv_eval import explore, resources
from attraktiv_eval.errors import AssumptionError, EvaluationError, ParameterError, RecordError
from attraktiv_eval.explore import board as boards
from attraktiv_eval.explore.record_boards import JOINED, MEASURES
from attraktiv_eval.texts import number, span

WIDGET = "application/vnd.jupyter.widget-view+json"
MAKERS = {
    "households": explore.households,
    "counterfactual": explore.counterfactual,
    "assumptions": explore.assumptions,
    "data_quality": explore.data_quality,
}
CHANGES = {
    "households": {"municipality": "2380", "year": 2021},
    "counterfactual": {"outcome": "net_migration", "without": ("24", "25"), "first_year": 2003},
    "assumptions": {"unanswered_share_of_answered": 0.2},
    "data_quality": {"file": "foretag.csv"},
}


@pytest.fixture(scope="module", params=MAKERS)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def inputs():
    return explore.opened()


def test_a_change_changes_the_figure_and_the_call(name):
    board = MAKERS[name]("sv")
    first, other = board.choose(), board.choose(**CHANGES[name])
    assert "<svg" in first.html and first.html != other.html and first.call != other.call


def pasted(call):
    """Return what a cell shows into which a panel's call was pasted: the value of its last expression."""
    *statements, last = ast.parse(call).body
    known: dict = {}
    exec(compile(ast.Module(statements, []), "cell", "exec"), known)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), known)


def expected(name, found):
    """Return the numbers that a panel in English must show, from what its call gives."""
    if name == "households":
        return [f">{number(one, 'en')}</td>" for one in found[list(MEASURES)].melt()["value"].dropna()]
    if name == "assumptions":
        return [span(found.low, found.high, "en"), f"in the middle {number(found.median, 'en')}"]
    if name == "data_quality":
        rows, faults = found.accounting, len(found.faults)
        counts = f"{number(rows['kept'].sum(), 'en')} kept, {number(rows['merged'].sum(), 'en')} joined"
        return [counts, f"Faults to mend: {faults}" if 0 < faults <= 25 else "faults to mend; the first 25"]
    effect, low, high, detectable, before = found.table()["value"]
    signed = [number(one, "en", signed=True) for one in (effect, before)]
    return [
        found.placebos.sentence("en"), *(f">{one}</td>" for one in signed), span(low, high, "en"),
        f">{number(detectable, 'en')}</td>",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def other_statistics(tmp_path_factory):
    """A folder of official figures that are not the shipped ones: 2021 had a quarter more moves in."""
    folder = tmp_path_factory.mktemp("statistics")
    table = pd.read_csv(resources.find("data/statistics/municipalities.csv"), dtype={"region_code": str})
    here = (table["year"] == 2021) & table["region_code"].str.startswith("23")
    table.loc[here, "in_moves"] = (1.25 * table.loc[here, "in_moves"]).round()
    table.astype({"in_moves": "Int64"}).to_csv(folder / "municipalities.csv", index=False)
    return folder


@pytest.mark.parametrize("changed", [False, True], ids=["first", "changed"])
def test_the_call_gives_the_numbers_that_the_panel_shows(name, changed):
    picture = MAKERS[name]("en").choose(**(CHANGES[name] if changed else {}))
    found = pasted(picture.call)
    shown = expected(name, found)
    assert shown and not [one for one in shown if one not in picture.html]
    assert hasattr(found, "_repr_html_"), "not a raw repr of many lines"


@pytest.mark.parametrize("told", ["by the notebook", "by the command"])
def test_the_call_reads_the_files_that_the_panel_read(name, told, other_statistics, monkeypatch):
    if told == "by the command":
        monkeypatch.setenv("ATTRAKTIV_EVAL_STATISTICS", str(other_statistics))
    given = {} if told == "by the command" else {"statistics": other_statistics}
    picture = MAKERS[name]("en", **given).choose()
    assert f"statistics={str(other_statistics)!r}" in picture.call
    monkeypatch.delenv("ATTRAKTIV_EVAL_STATISTICS", raising=False)
    found = pasted(picture.call)
    assert not [one for one in expected(name, found) if one not in picture.html]
    if name == "counterfactual":
        assert not found.table().equals(explore.compare(explore.opened(), found.outcome).table())


def test_what_a_comparison_shows_of_itself(inputs):
    found = explore.compare(inputs, "in_moves", "difference_in_differences")
    shown = found._repr_html_()
    assert found.placebos.sentence("en") in shown and "Versions of the test" in shown
    for value in found.table()["value"]:
        assert f">{number(value, 'en')}</td>" in shown


def test_what_the_quality_shows_of_itself(inputs):
    shown = explore.quality(inputs)._repr_html_()
    assert "rows were read" in shown and "Rows of each file" in shown and "Faults to mend" in shown


def test_a_board_shows_a_picture_and_a_live_panel(name):
    shown = MAKERS[name]("en")._repr_mimebundle_()
    assert {"text/html", "text/plain", WIDGET} == set(shown)
    assert MAKERS[name]("en")._repr_mimebundle_()["text/html"] == shown["text/html"]
    assert "import attraktiv_eval as ae" in shown["text/plain"]


def test_a_moved_widget_draws_anew(name):
    board = MAKERS[name]("en")
    *controls, picture = board.widget().children
    before, place = picture.value, list(board.first).index(next(iter(CHANGES[name])))
    controls[place].value = next(iter(CHANGES[name].values()))
    assert picture.value != before
    if board.controls[place].kind == "choice" and board.controls[place].value is None:
        controls[place].value = ""
        assert picture.value == before


@pytest.mark.parametrize("method", ["difference_in_differences", "synthetic_control", "synthetic_did"])
def test_a_choice_is_drawn_at_once(method):
    """The goal of 300 ms is measured by benchmarks/explore.py; here only that no second is lost."""
    board = explore.counterfactual("sv")
    board.choose(method=method)
    before = time.process_time()
    board.choose(method=method, without=("21",))
    assert time.process_time() - before < 1.0


def test_the_benchmark_tells_when_the_whole_is_over_the_goal_though_no_step_is():
    pytest.importorskip("resource", reason="the benchmark measures processor time as Unix tells it")
    file = Path(__file__).parent.parent.parent / "benchmarks" / "explore.py"
    told = runpy.run_path(str(file))["told"]
    assert told("slow", 900, 500, 200).count("over 300 ms") == 1
    assert told("slower", 900, 700, 400).count("over 300 ms") == 2
    assert "over" not in told("quick", 900, 200, 200)


def test_a_slow_method_shows_gap_and_placebos_before_the_years_before_are_tried():
    board = explore.counterfactual("en")
    values = {**board.first, "method": "matrix_completion"}
    first, last = board.pictures(**values)
    assert "is being computed" in first and "In moves" not in first
    assert "is being computed" not in last and "In moves" in last
    for picture in (first, last):
        assert "<svg" in picture and "p = " in picture
    assert len(list(board.pictures(**values))) == 1, "what was computed once is kept"


def test_a_choice_that_the_data_cannot_carry_is_one_line():
    board = explore.counterfactual("en")
    shown = list(board.pictures(**{**board.first, "outcome": "in_moves", "window": (2003, 2004)}))
    assert len(shown) == 1 and 'role="alert"' in shown[0] and "remedy:" in shown[0]


def test_a_window_beyond_the_statistics_says_where_they_end():
    board = explore.counterfactual("en")
    assert board.first["outcome"] == "domestic_in_moves_over_border" and board.first["window"] == (2020, 2021)
    (shown,) = board.pictures(**{**board.first, "window": (2020, 2022)})
    assert 'role="alert"' in shown and "end the window in 2021" in shown


def test_steps_that_do_not_rise_are_one_line():
    board = explore.assumptions("en")
    (shown,) = board.pictures(**{**board.first, "would_not_have_moved_1": 0.99})
    assert "remedy: let the five steps rise" in shown


def test_a_choice_may_be_called_by_the_label_that_the_panel_shows():
    board = explore.households("sv")
    assert board.choose(municipality="Åre", phase="attrahera").call == (
        board.choose(municipality="2321", phase="attract").call
    )
    (without,) = [one for one in explore.counterfactual("sv").controls if one.name == "without"]
    assert without.meant(["Örebro län", "21"]) == ("18", "21")


def test_an_unknown_control_or_value_is_refused(inputs):
    with pytest.raises(ParameterError, match="no control"):
        explore.households("en").choose(colour="blue")
    with pytest.raises(ParameterError, match="no municipality '0180'"):
        explore.moves(inputs, municipality="0180")
    with pytest.raises(ParameterError, match="no file"):
        explore.faults(inputs, file="none.csv")
    with pytest.raises(ParameterError, match="does not apply"):
        explore.assumptions("en", "organisations")


def test_without_ipywidgets_one_line_names_the_extra(monkeypatch):
    monkeypatch.setattr(boards, "has_widgets", lambda: False)
    shown = explore.data_quality("en")._repr_mimebundle_()
    assert WIDGET not in shown
    assert (
        shown["text/plain"].splitlines()[0] == boards.NO_WIDGETS
        and "attraktiv-eval[explore]" in boards.NO_WIDGETS
    )
    monkeypatch.setattr(boards, "has_widgets", lambda: False)
    with pytest.raises(ParameterError, match=r"-m pip install \"attraktiv-eval\[explore\]\""):
        boards.open_lab("never")


@pytest.mark.parametrize(
    "wanted", [{}, {"year": 2020}, {"phase": "welcome"}, {"municipality": "2321", "year": 2021}]
)
def test_no_small_count_is_shown_and_none_follows_by_subtraction(inputs, wanted):
    shown = explore.moves(inputs, **wanted)
    for measure in MEASURES:
        assert not shown[measure].dropna().between(1, 4).any()
    for dropped in wanted:
        wider = explore.moves(inputs, **{key: value for key, value in wanted.items() if key != dropped})
        both = shown.merge(wider, on="origin", suffixes=("", "_wider"))
        for measure in MEASURES:
            rest = (both[f"{measure}_wider"] - both[measure]).dropna()
            assert not rest.between(1, 4).any(), (measure, dropped)


def test_the_moves_are_those_of_level_1(inputs):
    """Where nothing is suppressed, origins add up to the count of level 1."""
    from attraktiv_eval.explore import record_boards

    every = record_boards._counts(record_boards._households(record_boards._Key(inputs), inputs.project.end))
    reached = ae.reach(inputs.records, inputs.project, inputs.project.end)
    assert every["moved_in"].sum() == reached.goals["households"].known
    assert every["reached"].sum() == reached.goals["households"].reached
    assert every["unknown"].sum() == reached.goals["households"].unknown


def test_a_merged_origin_is_guarded_as_one():
    from attraktiv_eval.explore.record_boards import _guarded

    def table(first, second):
        counts = pd.Series([first, second], dtype="Int64")
        return pd.DataFrame({"origin": ["01", "03"], **dict.fromkeys(MEASURES, counts)})

    twelve = pd.Series([12], dtype="Int64")
    shown = pd.DataFrame({"origin": [f"01{JOINED}03"], **dict.fromkeys(MEASURES, twelve)})
    assert _guarded(shown, table(6, 6), [table(6, 8)])["reached"].isna().all()
    assert (_guarded(shown, table(6, 6), [table(9, 9)])["reached"] == 12).all()


def test_no_panel_names_a_household(name):
    assert not re.search(r"\bH\d{4}\b", MAKERS[name]("sv").choose(**CHANGES[name]).html)


def test_an_assumption_changes_and_the_stated_one_stays(assumptions):
    changed = assumptions.changed(deadweight_households=0.99)
    assert changed["deadweight_households"].value == changed["deadweight_households"].high == 0.99
    assert assumptions["deadweight_households"].value != 0.99
    for wrong in ({"deadweight_households": 1.5}, {"no_such": 1.0}, {"would_not_have_hired_1": 1.0}):
        with pytest.raises(AssumptionError):
            assumptions.changed(**wrong)


def test_the_notebooks_are_put_once_in_one_language(tmp_path):
    put = boards.put_notebooks(tmp_path / "mine", "en")
    assert [file.stem for file in put] == list(boards.NOTEBOOKS)
    text = put[0].read_text(encoding="utf-8")
    cells = json.loads(text)["cells"]
    assert not any("lang-sv" in cell["metadata"].get("tags", []) for cell in cells)
    assert not any(cell.get("outputs") for cell in cells)
    assert 'language: str = \\"en\\"' in text
    put[0].write_text("mine", encoding="utf-8")
    assert boards.put_notebooks(tmp_path / "mine", "en") == []
    assert put[0].read_text(encoding="utf-8") == "mine"


def test_the_command_stays_on_this_machine_and_passes_the_paths_on(tmp_path, monkeypatch):
    started = {}

    def start(command, variables):
        started.update(command=command, env=variables)
        return 0

    monkeypatch.setattr(boards, "_until_it_ends", start)
    assert boards.open_lab(tmp_path / "mine", browser=False, port=8123, records=tmp_path) == 0
    assert "--ServerApp.ip=127.0.0.1" in started["command"] and "--no-browser" in started["command"]
    assert "--ServerApp.port=8123" in started["command"]
    assert not any("token" in one or "password" in one for one in started["command"])
    assert started["env"]["ATTRAKTIV_EVAL_RECORDS"] == str(tmp_path.resolve())
    assert "ATTRAKTIV_EVAL_PROJECT" not in started["env"]
    with pytest.raises(EvaluationError, match="no such path"):
        boards.open_lab(tmp_path / "mine", records=tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(EvaluationError, match="give --folder"):
        boards.open_lab(tmp_path / "file")
    with pytest.raises(EvaluationError, match="unknown language"):
        boards.open_lab(tmp_path / "mine", language="fi")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that another process can handle")
@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.usefixtures("interruptible")
def test_a_command_that_is_ended_ends_its_server_first(tmp_path, told):
    log = tmp_path / "pid"
    server = (
        f"import os, pathlib, time; pathlib.Path({str(log)!r}).write_text(str(os.getpid())); time.sleep(99)"
    )
    code = "import sys; from attraktiv_eval.explore import board as lab; "
    code += "lab._until_it_ends([sys.executable, '-c', sys.argv[1]], {})"
    command = subprocess.Popen([sys.executable, "-c", code, server])
    while not (log.is_file() and log.read_text()):
        assert command.poll() is None
        time.sleep(0.05)
    command.send_signal(told)
    assert command.wait(30) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(log.read_text()), 0)


def test_the_paths_of_the_command_reach_the_notebooks(tmp_path, monkeypatch):
    monkeypatch.setenv("ATTRAKTIV_EVAL_RECORDS", str(tmp_path))
    with pytest.raises(RecordError, match=tmp_path.name):
        explore.opened()


def test_until_is_respected(inputs):
    early = explore.moves(inputs, until=date(2020, 12, 31))
    late = explore.moves(inputs)
    assert early["reached"].sum() < late["reached"].sum()


LITTLE = {
    "contacts.csv": "date,household reference,phase\n2021-02-03,H-1,attract\n2021-03-15,H-2,welcome\n",
    "households.csv": "household reference,origin municipality,moved,moved in,destination municipality\n"
    "H-1,Stockholm,yes,2021-08-01,Östersund\nH-2,Uppsala,no,,\n",
}


def test_records_with_little_in_them_are_shown_too(name, tmp_path):
    for file, text in LITTLE.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    board = MAKERS[name]("en", records=tmp_path)
    shown = board._repr_mimebundle_()["text/html"]
    assert "invented" not in shown
    assert f"records={str(tmp_path)!r}" in board.choose().call
    companies = explore.assumptions("en", "companies", records=tmp_path)
    assert not companies.controls and "Level 2 cannot be computed" in companies.choose().html


def test_records_without_the_last_year_still_show_households_by_hand(tmp_path):
    for file, text in LITTLE.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    inputs = explore.opened(records=tmp_path)
    assert explore.moves(inputs, year=inputs.project.years[-1]).empty
    assert explore.latest_year(inputs) == 2021
    assert len(explore.moves(inputs, year=explore.latest_year(inputs)))


def test_a_step_of_an_answer_scale_stops_at_its_neighbours():
    board = explore.assumptions("sv")
    *controls, picture = board.widget().children
    by_name = dict(zip(board.first, controls, strict=True))
    by_name["would_not_have_moved_2"].value = 1.0
    assert by_name["would_not_have_moved_2"].value == board.first["would_not_have_moved_3"]
    by_name["would_not_have_moved_2"].value = 0.0
    assert by_name["would_not_have_moved_2"].value == board.first["would_not_have_moved_1"]
    assert "<svg" in picture.value and "alert" not in picture.value
    assert f"would_not_have_moved_2={board.first['would_not_have_moved_1']:g}" in board.call


def test_the_years_of_a_comparison_stop_where_the_figures_do():
    board = explore.counterfactual("sv")
    *controls, picture = board.widget().children
    by_name = dict(zip(board.first, controls, strict=True))
    by_name["window"].value = (2024, 2024)
    assert by_name["window"].value == (2021, 2021) and "alert" not in picture.value
    by_name["outcome"].value = "in_moves"
    by_name["window"].value = (2023, 2024)
    by_name["outcome"].value = "domestic_in_moves_over_border"
    assert by_name["window"].value == (2021, 2021) and "<svg" in picture.value


def test_a_choice_that_the_figures_do_not_carry_is_told_in_the_boards_language():
    board = explore.counterfactual("sv")
    every = tuple(code for code in ae.donor_pool("all", "23"))
    (shown,) = board.pictures(**{**board.first, "without": every})
    assert "Siffrorna bär inte det här valet" in shown and 'lang="en"' in shown


def test_a_choice_is_sent_to_the_next_cell_as_code(monkeypatch):
    from types import SimpleNamespace

    board, sent = explore.households("sv"), []
    with pytest.raises(ParameterError, match="no next cell outside a notebook"):
        board.to_next_cell()
    shell = SimpleNamespace(get_ipython=lambda: SimpleNamespace(set_next_input=sent.append))
    monkeypatch.setitem(sys.modules, "IPython", shell)
    board.widget().children[0].value = "2309"
    board.to_next_cell()
    assert sent == [board.choose(municipality="2309").call]
