"""A portfolio: what is published, what goes on after a break, and one failure among many."""

from __future__ import annotations

import io
import json
import math
import os
import re
import signal
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from attraktiv_eval import resources
from attraktiv_eval.cli import app
from attraktiv_eval.errors import ProjectError, PublicationError
from attraktiv_eval.evaluation import results
from attraktiv_eval.findings import Verdict
from attraktiv_eval.level3.plan import Plan
from attraktiv_eval.project import Project
from attraktiv_eval.regions import COUNTIES
from attraktiv_eval.runs import portfolio as module
from attraktiv_eval.runs.portfolio import (
    Job,
    Outcome,
    Portfolio,
    PortfolioTeller,
    SchedulerLostError,
    describe_elsewhere,
    run_portfolio,
)

SOME = ["07", "22", "23"]
METHOD = "difference_in_differences/all/in_moves"
STEM = "county.in_moves.difference_in_differences.all"


def load(folder: Path, text: str) -> Portfolio:
    file = folder / "portfolio.toml"
    file.write_text(text, encoding="utf-8")
    return Portfolio.load(file)


def counties(folder: Path, **other: object) -> Portfolio:
    told = {"name": "Tre län", "years": [2020], "final": False, "pages": False} | other
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in told.items()]
    return load(folder, "\n".join([*lines, "[counties]", f"codes = {json.dumps(SOME)}"]))


def invented(job: Job) -> Outcome:
    """Return a report with an effect that follows from the county's code, as a worker would."""
    code = job.project_id.removeprefix("as-if-")
    effect = 10.0 * int(code) - 100
    run_id = f"2020-{code}"
    if job.before and json.loads(job.before["run.json"])["run_id"] == run_id:
        return Outcome(job.id, "unchanged", run_id)
    level3 = {"evidence_level": 3, "kind": "estimate", "interval": 0.9}
    figures = [
        results.figure(
            "households.level3", 1.0, low=-1.0, high=2.0, unit="households", method=METHOD, **level3
        ),
        results.figure(f"{STEM}.effect", effect, low=effect - 50, high=effect + 50, unit="moves", **level3),
        results.figure(f"{STEM}.p_value", 0.5, unit="share", kind="design", evidence_level=3),
    ]
    found = [Verdict(3, "households", "too_noisy", {"goal": 400, "mde": 900.0})]
    told = results.document(
        run_id, figures, found, project=Project.load().name, year=2020, final=False,
        until=Project.load().end, example_data=False,
    )  # fmt: skip
    run = {
        "run_id": run_id,
        "version": 1,
        "report": "2020",
        "started": "t",
        "languages": ["sv"],
        "pages": False,
    }
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("results.json", json.dumps(told))
        archive.writestr("run.json", json.dumps(run))
    return Outcome(job.id, "made", run_id, 0.1, packed=held.getvalue())


def test_every_county_gets_the_same_promise_and_the_same_specification(tmp_path):
    made = describe_elsewhere(list(COUNTIES), None, None, tmp_path)
    assert list(made) == list(COUNTIES)
    own, plan = Project.load(), Plan.load()
    seen = 0
    for code, (file, records) in made.items():
        project = Project.load(file)
        seen += len(project.region.municipalities)
        assert project.region.code == code and project.goals == own.goals and project.years == own.years
        there = Plan.load(file.with_name("analysis_plan.toml"))
        assert there.region == code and there.primary() == plan.primary()
        assert [one.name for one in records.iterdir()] == ["funding.csv"]
    assert seen == 290


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "key name"),
        ('name = "x"', "holds no project"),
        ('name = "x"\nfinal = false\n[counties]', "asks for no report"),
        ('name = "x"\nlanguages = ["fi"]\n[counties]', "languages"),
        ('name = "x"\n[[project]]\nid = "a"\n[[project]]\nid = "a"', "given twice"),
        ('name = "x"\n[[project]]\nid = "a"\n[[project]]\nid = "A"', "given twice"),
        ('name = "x"\n[[project]]\nid = "Con"', "Windows knows a device of that name"),
        ('name = "x"\n[[project]]\nid = "as-if-07"\n[counties]', "portfolio.toml: .* needs another id"),
        ('name = "x"\n[[project]]\nid = "As-If-north"', "portfolio.toml: .* needs another id"),
        ('name = "x"\n[counties]\ncode = ["07"]', "counties.code"),
        ('name = "x"\n[counties]\ncodes = ["07", "02"]', "key counties: '02' is no county of Sweden"),
        ('name = "x"\n[counties]\ncodes = ["07", "07"]', "key counties: a county is given twice"),
        ('name = "x"\n[counties]\ncodes = []', "key counties.codes"),
        ("name = [", "no valid TOML"),
    ],
)
def test_a_wrong_file_is_said_in_one_line(tmp_path, text, says):
    with pytest.raises(ProjectError, match=says):
        load(tmp_path, text)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_name_stands_inside_the_drawing_and_arrows_beside_the_names(language):
    from attraktiv_eval.reporting.figures import style
    from attraktiv_eval.reporting.portfolio import CountyRow, draw

    rows = [
        CountyRow(code, name, None, 1.0, 8.0 - at, -9.0 - at if at < 18 else -math.inf, 25.0 - at, 0.5, None,
                  code == "23", (2020, 2021))
        for at, (code, name) in enumerate(COUNTIES.items())
    ]  # fmt: skip
    with style.drawing():
        figure, clipped = draw(rows, language)
        figure.draw_without_rendering()
        (axes,) = figure.axes
        names = [label.get_window_extent() for label in axes.get_yticklabels()]
        arrows = [line.get_window_extent() for line in axes.lines if line.get_marker() == "<"]
    assert clipped and len(names) == 21 and arrows
    assert all(box.x0 >= 0 and box.y0 >= 0 and box.y1 <= figure.bbox.y1 for box in names)
    assert not any(box.overlaps(arrow) for box in names for arrow in arrows)


def test_the_placebos_stand_on_one_page_the_largest_first(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "work", invented)
    out = tmp_path / "out"
    outcomes = run_portfolio(counties(tmp_path, languages=["sv", "en"]), out)
    assert [(one.id, one.state) for one in outcomes] == [(f"as-if-{code}/2020", "made") for code in SOME]
    page = (out / "index.en.html").read_text(encoding="utf-8")
    table = page[page.index("<table") :]
    assert table.index("Jämtlands län") < table.index("Västernorrlands län") < table.index("Kronobergs län")
    assert "Jämtlands län comes in place 1 of 3" in page
    assert page.count("<svg") == 1 and (out / "index.html").is_file()
    swedish = (out / "index.html").read_text(encoding="utf-8")
    ticks = re.findall(r"<text[^>]*>([^<]*\d[^<]*)</text>", swedish)
    assert any("," in one for one in ticks) and not any("." in one for one in ticks)
    told = (out / "counties-2020.csv").read_bytes()
    assert told.startswith("\ufeffcounty_code;".encode())
    assert [line.split(";")[0] for line in told.decode("utf-8-sig").splitlines()[1:]] == ["23", "22", "07"]
    assert 'href="counties-2020.csv"' in page
    assert "Other counties with an interval that does not hold zero: 1 of 2" in page
    assert "Source: Statistics Sweden (SCB), TAB1212, TAB638" in page
    for code in SOME:
        assert json.loads((out / f"as-if-{code}/2020/run.json").read_text())["run_id"] == f"2020-{code}"


def test_one_failure_does_not_stop_the_rest_and_is_told(tmp_path, monkeypatch):
    def work(job: Job) -> Outcome:
        return Outcome(job.id, "failed", error="no such <file>") if "07" in job.id else invented(job)

    monkeypatch.setattr(module, "work", work)
    states = [one.state for one in run_portfolio(counties(tmp_path), tmp_path / "out")]
    assert states == ["failed", "made", "made"]
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "no such &lt;file&gt;" in page
    listed = json.loads((tmp_path / "out" / "portfolio.json").read_text(encoding="utf-8"))
    assert [one["state"] for one in listed["reports"]] == states and listed["jobs"] == 3


def test_a_project_that_cannot_be_read_stops_neither_the_rest_nor_the_page(tmp_path, monkeypatch):
    real = module.work
    monkeypatch.setattr(module, "work", lambda job: real(job) if "no" in job.project_id else invented(job))
    (tmp_path / "broken.toml").write_text('name = "x"\nstart = 2020-01-01\n', encoding="utf-8")
    load(
        tmp_path,
        'name = "Två utan beskrivning"\nlanguages = ["sv", "en"]\nyears = [2020]\nfinal = false\n'
        'pages = false\n[[project]]\nid = "none"\nproject = "missing.toml"\n'
        '[[project]]\nid = "no-goals"\nproject = "broken.toml"\n[[project]]\nid = "23"\n'
        '[counties]\ncodes = ["07"]',
    )
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["portfolio", str(tmp_path / "portfolio.toml"), "--output", str(out)])
    assert done.exit_code == 2 and "2 made, 0 unchanged, 2 failed" in done.output
    assert str(out / "index.html") in done.output
    page = (out / "index.en.html").read_text(encoding="utf-8")
    assert "none, Yearly evaluation 2020: missing.toml: the project file cannot be read" in page
    assert "no-goals, Yearly evaluation 2020: broken.toml: key " in page
    assert 'href="23/2020/results.json"' in page and "none/2020" not in page
    assert str(tmp_path) not in page and str(tmp_path) not in (out / "portfolio.json").read_text("utf-8")


def test_counties_without_their_project_fail_and_the_rest_is_made(tmp_path, monkeypatch):
    real = module.work
    monkeypatch.setattr(module, "work", lambda job: real(job) if job.as_if else invented(job))
    there = tmp_path / "their own folder"
    there.mkdir()
    told = 'name = "x"\nyears = [2020]\nfinal = false\npages = false\n[[project]]\nid = "23"\n[counties]\n'
    load(there, f'{told}codes = ["07", "22"]\nproject = "../elsewhere/project.toml"')
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["portfolio", str(there / "portfolio.toml"), "--output", str(out)])
    assert done.exit_code == 2 and "1 made, 0 unchanged, 2 failed" in done.output
    page = (out / "index.html").read_text(encoding="utf-8")
    assert 'href="23/2020/results.json"' in page
    for code in ("07", "22"):
        assert f"som om: as-if-{code}, Årsutvärdering 2020: {Path('../elsewhere/project.toml')}: " in page
    assert str(tmp_path) not in page and str(tmp_path) not in (out / "portfolio.json").read_text("utf-8")


def test_a_published_report_is_called_by_its_id_where_its_description_is_lost(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "work", invented)
    file = tmp_path / "project.toml"
    file.write_text(resources.find("data/project.toml").read_text("utf-8"), encoding="utf-8")
    told = 'name = "x"\nyears = [2020]\nfinal = false\npages = false\n[[project]]\nid = "7"\n'
    portfolio = load(tmp_path, told + 'project = "project.toml"')
    run_portfolio(portfolio, tmp_path / "out")
    file.unlink()
    run_portfolio(portfolio, tmp_path / "out")
    assert ">7, Årsutvärdering 2020: siffrorna" in (tmp_path / "out" / "index.html").read_text("utf-8")


def test_another_project_does_not_replace_the_reports_of_the_one_that_had_its_id(tmp_path, monkeypatch):
    real = module.work
    monkeypatch.setattr(module, "work", invented)
    told = 'name = "x"\nyears = [2020]\nfinal = false\npages = false\n[[project]]\nid = "7"\n'
    out = tmp_path / "out"
    run_portfolio(load(tmp_path, told), out)
    before = (out / "7" / "2020" / "results.json").read_bytes()
    text = resources.find("data/project.toml").read_text("utf-8")
    (tmp_path / "other.toml").write_text(text.replace(Project.load().name, "Ett annat"), encoding="utf-8")
    monkeypatch.setattr(module, "work", real)
    (outcome,) = run_portfolio(load(tmp_path, told + 'project = "other.toml"'), out)
    assert outcome.state == "failed" and "reports of another project" in outcome.error
    assert "choose another folder with --output" in (out / "index.html").read_text("utf-8")
    assert (out / "7" / "2020" / "results.json").read_bytes() == before


def test_after_a_break_only_what_is_left_is_done(tmp_path, monkeypatch):
    def broken(job: Job) -> Outcome:
        if "22" in job.id:
            raise KeyboardInterrupt
        return invented(job)

    monkeypatch.setattr(module, "work", broken)
    with pytest.raises(KeyboardInterrupt):
        run_portfolio(counties(tmp_path), tmp_path / "out")
    assert (tmp_path / "out" / "as-if-07" / "2020" / "results.json").is_file()
    monkeypatch.setattr(module, "work", invented)
    states = [one.state for one in run_portfolio(counties(tmp_path), tmp_path / "out")]
    assert states == ["unchanged", "made", "made"]


def test_two_portfolios_do_not_write_into_one_folder(tmp_path):
    with module._held(tmp_path / "out"), pytest.raises(PublicationError, match="another run"):
        run_portfolio(counties(tmp_path), tmp_path / "out")


def test_a_real_failure_comes_back_in_words(tmp_path):
    job = Job("x", "2020", ("sv",), False, str(tmp_path / "none.toml"), "", "")
    told = module.work(job)
    assert told.state == "failed" and "cannot be read" in told.error
    wrong = module.work(Job("x", "1999", ("sv",), False, "", "", ""))
    assert "not a year of the project" in wrong.error


def test_the_command_ends_with_2_where_a_report_failed(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "work", lambda job: Outcome(job.id, "failed", error="why"))
    counties(tmp_path)
    done = CliRunner().invoke(
        app, ["portfolio", str(tmp_path / "portfolio.toml"), "--output", str(tmp_path / "out")]
    )
    assert done.exit_code == 2 and "3 failed" in done.output and "as-if-07/2020: why" in done.output


def _without_run_id(file: Path) -> bytes:
    """Return the bytes of results.json but for the run id, which follows the program's files."""
    lines = file.read_bytes().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(b' "run_id"'))


def _cluster(n_workers: int = 2):
    from distributed import LocalCluster

    return LocalCluster(
        n_workers=n_workers, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    )


class AfterTheFirst(PortfolioTeller):
    """Does something when the first report is done, while the others are being made."""

    def __init__(self, something: Callable[[], object]) -> None:
        self.something: Callable[[], object] | None = something

    def done(self, outcome: Outcome) -> None:
        something, self.something = self.something, None
        if something is not None:
            something()


@pytest.fixture(scope="module")
def by_one_worker(tmp_path_factory) -> list[bytes]:
    """What one worker makes of the three counties, nothing killed."""
    folder = tmp_path_factory.mktemp("one worker")
    outcomes = run_portfolio(counties(folder), folder / "out")
    assert [(one.state, one.error) for one in outcomes] == [("made", "")] * len(SOME)
    return _published(outcomes, folder / "out")


def _published(outcomes: list[Outcome], output: Path) -> list[bytes]:
    return [_without_run_id(output / one.id / "results.json") for one in outcomes]


@pytest.mark.prove
def test_one_worker_two_workers_and_a_cluster_agree_to_the_last_byte(tmp_path, by_one_worker):
    portfolio = counties(tmp_path)
    with _cluster() as cluster:
        for name, how in {"two": {"workers": 2}, "cluster": {"scheduler": cluster.scheduler_address}}.items():
            outcomes = run_portfolio(portfolio, tmp_path / name, **how)
            assert [one.error for one in outcomes] == [""] * 3
            assert _published(outcomes, tmp_path / name) == by_one_worker


@pytest.mark.prove
@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_a_cluster_that_loses_a_worker_amid_its_reports_makes_them_all_the_same(tmp_path, by_one_worker):
    portfolio = counties(tmp_path)
    with _cluster() as cluster:
        victim = next(iter(cluster.workers.values())).process.pid
        killer = AfterTheFirst(lambda: os.kill(victim, signal.SIGKILL))
        how = {"scheduler": cluster.scheduler_address, "teller": killer}
        outcomes = run_portfolio(portfolio, tmp_path / "killed", **how)
        assert killer.something is None
    assert [(one.state, one.error) for one in outcomes] == [("made", "")] * 3
    assert _published(outcomes, tmp_path / "killed") == by_one_worker


@pytest.mark.prove
def test_reports_of_a_cluster_whose_scheduler_goes_away_are_finished_by_the_next_command(
    tmp_path, by_one_worker
):
    portfolio = counties(tmp_path)
    out = tmp_path / "out"
    made = _cluster()
    with pytest.raises(SchedulerLostError, match="went away"):
        run_portfolio(portfolio, out, scheduler=made.scheduler_address, teller=AfterTheFirst(made.close))
    first = [job["id"] for job in json.loads((out / "portfolio.json").read_text("utf-8"))["reports"]]
    assert 1 <= len(first) < 3
    outcomes = run_portfolio(portfolio, out)
    assert [one.state for one in outcomes] == ["unchanged" if one.id in first else "made" for one in outcomes]
    assert _published(outcomes, out) == by_one_worker


@pytest.mark.prove
def test_a_cluster_makes_pages_and_a_second_round_leaves_them(tmp_path):
    text = 'name = "Ett län"\nyears = [2020]\nfinal = false\nlanguages = ["sv", "en"]\n'
    text += '[counties]\ncodes = ["07"]'
    portfolio = load(tmp_path, text)
    with _cluster(n_workers=1) as cluster:
        how = {"scheduler": cluster.scheduler_address}
        first, second = (run_portfolio(portfolio, tmp_path / "out", **how)[0] for _ in range(2))
    assert (first.state, second.state) == ("made", "unchanged"), first.error
    folder = tmp_path / "out" / "as-if-07" / "2020"
    for name in ("evaluation.html", "evaluation.en.html"):
        assert first.run_id in (folder / name).read_text(encoding="utf-8")
    assert os.path.relpath(folder / "evaluation.html", tmp_path / "out") in (
        tmp_path / "out" / "index.html"
    ).read_text(encoding="utf-8")


def test_a_county_as_if_says_so_in_title_and_banner(tmp_path: Path) -> None:
    from types import SimpleNamespace

    from attraktiv_eval.reporting.first_screen import banner, report_title
    from attraktiv_eval.reporting.labels import project_title
    from attraktiv_eval.reporting.view import View

    file, _records = describe_elsewhere(["07"], None, None, tmp_path)["07"]
    project = Project.load(file)
    found = SimpleNamespace(project=project, year=2021, final=False, example_data=False, tables={})
    assert project.as_if and not Project.load().as_if
    assert (
        "Kronobergs län som om"
        in report_title(View(found, "sv"))
        == (f"{project_title(project, 'sv')}: årsutvärdering 2021")
    )
    assert "Kronobergs län as if it had had En attraktiv region" in report_title(View(found, "en"))
    assert "never had En attraktiv region" in banner(View(found, "en"))
    real = SimpleNamespace(project=Project.load(), year=2021, final=False, example_data=False, tables={})
    assert banner(View(real, "en")) == "" and "as if" not in report_title(View(real, "en"))


def test_a_portfolio_with_invented_records_says_so_in_its_title_on_paper_and_in_its_csv(tmp_path):
    """The counties' rows rest on official statistics, whatever the reports beside them rest on."""
    from attraktiv_eval.reporting.portfolio import Entry, write_portfolio

    places = describe_elsewhere(["22", "23"], None, None, tmp_path / "places")
    job = SimpleNamespace(id="a/2020", project_id="as-if-22", before=None)
    with zipfile.ZipFile(io.BytesIO(invented(job).packed)) as archive:
        told = json.loads(archive.read("results.json"))
    run = {"languages": ["sv"], "pages": True}
    for example in (True, False):
        entries = [
            Entry(f"as-if-{code}/2020", Project.load(places[code][0]), "2020", told, run, as_if=True)
            for code in ("22", "23")
        ]
        entries.append(Entry("own/2020", Project.load(), "2020", told | {"example_data": example}, run))
        page = write_portfolio(tmp_path, "Två län", entries, "sv", ["sv"], "23").read_text(encoding="utf-8")
        table = (tmp_path / "counties-2020.csv").read_text(encoding="utf-8-sig").splitlines()
        assert ('<p class="banner example">' in page) == example
        assert ("<title>Exempeldata – " in page) == example
        assert ("@top-left" in page) == example
        assert table[0].endswith(";example_data") == example
        assert {line.rpartition(";")[2] == "false" for line in table[1:]} == {example}


def member(region: str, effect: float, half: float) -> Any:
    """A published report of a project, as far as its page reads it."""
    from types import SimpleNamespace

    from attraktiv_eval.reporting.portfolio import Entry

    stem = "county.domestic_in_moves_over_border.synthetic_did.all"
    ends = {"low": effect - half, "high": effect + half}
    figures = [
        {
            "id": "households.level3",
            "value": effect / 1.6,
            "method": "synthetic_did/all/domestic_in_moves_over_border",
            "first_year": 2018,
            "last_year": 2019,
        },
        {"id": f"{stem}.effect", "value": effect, **ends},
        {"id": f"{stem}.p_value", "value": 0.3},
    ]
    project = SimpleNamespace(
        name=f"Projekt {region}",
        region=SimpleNamespace(code=region, name=f"Region {region}"),
        starts={},
        main_goal="households",
        years=[2018, 2019],
    )
    results = {"figures": figures, "verdicts": [], "year": 2019}
    return Entry(f"p{region}", project, "final", results, {"languages": ["sv"]})


def test_projects_of_a_portfolio_learn_from_one_another_with_their_own_estimates_beside() -> None:
    from attraktiv_eval.counterfactual.staggered import partial_pooling
    from attraktiv_eval.level3.comparison import NORMAL
    from attraktiv_eval.reporting.portfolio import county_rows, learned, learned_html
    from attraktiv_eval.statistics.panel import Panel

    told = {"07": (300.0, 500.0), "22": (-100.0, 700.0), "2321": (60.0, 90.0), "08+09": (900.0, 1500.0)}
    rows = county_rows([member(code, *values) for code, values in told.items()], None)
    found = learned(rows)
    assert found is not None and len(found) == 4
    people = (
        Panel.load().seen_from("08+09").population("county").loc[2018:2019, ["08", "09"]].to_numpy().sum()
    )
    own = found.set_index("project").loc["p08+09"]
    assert (own["persons"], own["low"], own["high"]) == pytest.approx((900.0, -600.0, 2400.0))
    row = next(one for one in rows if one.code == "08+09")
    assert row.rate == pytest.approx(900 / (people / 1000))
    expected = partial_pooling(
        [one.rate for one in rows], [(one.high - one.low) / 2 / NORMAL for one in rows]
    )
    place = [one.code for one in rows].index("08+09")
    assert own["drawn_persons"] == pytest.approx(expected.table["pooled"][place] * people / 1000)
    page = " ".join(learned_html(found, "final", "sv"))
    assert "+900" in page and "Dragen mot de andra" in page and "Den egna" in page
    assert learned(rows[:2]) is None
