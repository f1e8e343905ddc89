"""The wheel: what lies in it, and that it works from any folder without a checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest

from attraktiv_eval.resources import checkout

ROOT = checkout()
UV = None if ROOT is None else next((p for p in (ROOT / ".venv/bin/uv",) if p.is_file()), shutil.which("uv"))

pytestmark = pytest.mark.skipif(ROOT is None, reason="there is no checkout to build from")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, encoding="utf-8", timeout=300)
    assert done.returncode == 0, done.stderr
    [built] = folder.glob("*.whl")
    return built


def _tracked(*places: str) -> set[str]:
    assert ROOT is not None
    done = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", *places],
        cwd=ROOT, check=True, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    return {name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()}


def test_everything_that_a_run_needs_travels_in_the_wheel(wheel: Path):
    names = set(zipfile.ZipFile(wheel).namelist())
    package = _tracked("attraktiv_eval")
    shipped = {f"attraktiv_eval/_shipped/{name}" for name in _tracked("data", "notebooks")}
    assert package and shipped
    assert sorted(package - names) == []
    assert sorted(shipped - names) == []


@pytest.mark.parametrize(
    "name",
    [
        "attraktiv_eval/locale/sv/LC_MESSAGES/attraktiv_eval.mo",
        "attraktiv_eval/reporting/template/report.css",
        "attraktiv_eval/reporting/template/report/index.html.j2",
        "attraktiv_eval/reporting/template/report/conf.json",
        "attraktiv_eval/results.schema.json",
        "attraktiv_eval/py.typed",
        "attraktiv_eval/_shipped/data/project.toml",
        "attraktiv_eval/_shipped/data/assumptions.toml",
        "attraktiv_eval/_shipped/data/analysis_plan.toml",
        "attraktiv_eval/_shipped/data/rivals.toml",
        "attraktiv_eval/_shipped/data/design.toml",
        "attraktiv_eval/_shipped/data/regions/municipalities.geojson",
        "attraktiv_eval/_shipped/data/statistics/municipalities.csv",
        "attraktiv_eval/_shipped/data/statistics/catalogue.toml",
        "attraktiv_eval/_shipped/data/statistics/outcomes.toml",
        "attraktiv_eval/_shipped/data/records_example/EXEMPELDATA.txt",
        "attraktiv_eval/_shipped/notebooks/yearly_evaluation.ipynb",
        "attraktiv_eval/_shipped/notebooks/final_report.ipynb",
    ],
)
def test_what_would_be_missed_most_is_there(wheel: Path, name: str):
    assert name in zipfile.ZipFile(wheel).namelist()


def test_nothing_of_this_machine_travels(wheel: Path):
    archive = zipfile.ZipFile(wheel)
    for name in archive.namelist():
        assert not any(part in name for part in ("__pycache__", ".pyc", "outputs/", "tests/", ".DS_Store"))
        if name.endswith((".py", ".toml", ".json", ".ipynb", ".md")):
            assert str(ROOT) not in archive.read(name).decode("utf-8"), name


def _installed(wheel: Path, folder: Path, python: str) -> Path:
    """Make a virtual environment with the locked requirements and the wheel, and return its bin folder."""
    venv = folder / "en miljö å"
    lock = str(ROOT / "requirements" / "run.txt")  # type: ignore[operator]
    made = [[str(UV), "venv", "--quiet", "--python", python, str(venv)]]
    bin_folder = venv / ("Scripts" if sys.platform == "win32" else "bin")
    install = [str(UV), "pip", "install", "--quiet", "--python", str(bin_folder / "python")]
    made += [[*install, "--require-hashes", "-r", lock], [*install, "--no-deps", str(wheel)]]
    for command in made:
        done = subprocess.run(
            command, cwd=folder, check=False, capture_output=True, encoding="utf-8", timeout=900
        )
        assert done.returncode == 0, done.stderr
    return bin_folder


def _environment() -> dict[str, str]:
    """Return the variables of this process but for those that would lead back to the checkout."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }


def _type(bin_folder: Path, work: Path, *words: str) -> str:
    """Type a command in a folder that knows nothing of the checkout, and return what it printed."""
    done = subprocess.run(
        [str(bin_folder / "attraktiv-eval"), *words],
        cwd=work, env=_environment(), check=False, capture_output=True, encoding="utf-8", timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _runs_a_year(bin_folder: Path, folder: Path) -> Path:
    """Run one year from another folder, and return that folder."""
    work = folder / "en annan mapp"
    work.mkdir()
    _type(bin_folder, work, "run", "--year", "2020", "--language", "sv", "--language", "en")
    run = json.loads((work / "outputs/2020/run.json").read_text(encoding="utf-8"))
    results = json.loads((work / "outputs/2020/results.json").read_text(encoding="utf-8"))
    assert run["git"] is None and results["run_id"] == run["run_id"]
    for name in ("evaluation.html", "evaluation.en.html"):
        page = (work / "outputs/2020" / name).read_text(encoding="utf-8")
        assert run["run_id"] in page and str(ROOT) not in page
    swedish = (work / "outputs/2020/evaluation.html").read_text(encoding="utf-8")
    assert "årsutvärdering 2020" in swedish and "<svg" in swedish
    return work


def _evaluates_a_new_project(bin_folder: Path, work: Path) -> None:
    words = ("--name", "Flytta hit", "--region", "07", "--start", "2021-01-01", "--end", "2021-12-31")
    _type(bin_folder, work, "new", "nytt", *words, "--goal", "persons=300", "--organisation", "Växjö kommun")
    paid = "financier;kind;decided_sek;paid_sek;date\nVäxjö kommun;own;9000;7000;2021-05-01\n"
    (work / "nytt/records/funding.csv").write_text(paid, encoding="utf-8")
    told = ("--project", "nytt/project.toml", "--output", "nytt/outputs")
    _type(bin_folder, work, "run", "--year", "2021", *told)
    results = json.loads((work / "nytt/outputs/2021/results.json").read_text(encoding="utf-8"))
    assert {one["id"]: one["value"] for one in results["figures"] if one["id"].endswith(".goal")} == {
        "persons.goal": 300
    }
    assert "Flytta hit" in (work / "nytt/outputs/2021/evaluation.html").read_text(encoding="utf-8")


def _makes_a_portfolio(bin_folder: Path, work: Path) -> None:
    text = 'name = "Två"\nyears = [2021]\nfinal = false\npages = false\n'
    text += '[[project]]\nid = "nytt"\nproject = "nytt/project.toml"\n[counties]\ncodes = ["08"]\n'
    (work / "portfolio.toml").write_text(text, encoding="utf-8")
    _type(bin_folder, work, "portfolio", "portfolio.toml", "--output", "tillsammans", "--workers", "2")
    reports = json.loads((work / "tillsammans/portfolio.json").read_text(encoding="utf-8"))["reports"]
    assert [(one["id"], one["state"]) for one in reports] == [
        ("nytt/2021", "made"),
        ("as-if-08/2021", "made"),
    ]


def _add_the_extra_for_exploring(wheel: Path, bin_folder: Path) -> None:
    locked = ("--constraints", str(ROOT / "requirements" / "test.txt"))  # type: ignore[operator]
    command = [str(UV), "pip", "install", "--quiet", "--python", str(bin_folder / "python"), *locked]
    extra = f"attraktiv-eval[explore] @ {wheel.as_uri()}"
    done = subprocess.run([*command, extra], check=False, capture_output=True, encoding="utf-8", timeout=900)
    assert done.returncode == 0, done.stderr


def _opens_the_lab(bin_folder: Path, work: Path) -> None:
    """Start JupyterLab as a person would, and ask it for the notebooks that were laid out."""
    log = work / "lab.log"
    command = [str(bin_folder / "attraktiv-eval"), "explore", "--no-browser", "--port", str(_free_port())]
    with log.open("w", encoding="utf-8") as stream:
        lab = subprocess.Popen(command, cwd=work, env=_environment(), stdout=stream, stderr=stream)
    try:
        for _attempt in range(600):
            found = re.search(
                r"(http://127\.0\.0\.1:\d+)/\S*[?&]token=([0-9a-f]+)", log.read_text(encoding="utf-8")
            )
            if found:
                break
            assert lab.poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.1)
        assert found, log.read_text(encoding="utf-8")
        address, token = found.groups()
        with urllib.request.urlopen(f"{address}/api/contents?token={token}", timeout=60) as answer:
            names = {one["name"] for one in json.load(answer)["content"]}
    finally:
        lab.terminate()
        assert lab.wait(60) == 0
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(address, timeout=60)
    assert names >= {
        f"explore_{one}.ipynb" for one in ("households", "counterfactual", "assumptions", "data_quality")
    }


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.prove
@pytest.mark.skipif(UV is None, reason="uv is not installed")
def test_the_wheel_does_all_of_its_commands_from_another_folder(wheel: Path, tmp_path: Path):
    bin_folder = _installed(wheel, tmp_path, sys.executable)
    work = _runs_a_year(bin_folder, tmp_path)
    _evaluates_a_new_project(bin_folder, work)
    _makes_a_portfolio(bin_folder, work)
    _add_the_extra_for_exploring(wheel, bin_folder)
    _opens_the_lab(bin_folder, work)


def _python(version: str) -> str | None:
    """Return a Python of a version: one that pyenv keeps, or one on the path that really starts."""
    kept = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}*/bin/python"))
    for candidate in [*map(str, kept), shutil.which(f"python{version}")]:
        if candidate is None:
            continue
        told = subprocess.run([candidate, "-V"], check=False, capture_output=True, encoding="utf-8")
        if told.returncode == 0 and told.stdout.startswith(f"Python {version}."):
            return candidate
    return None


@pytest.mark.prove
@pytest.mark.skipif(UV is None, reason="uv is not installed")
@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_another_python_runs_a_year(wheel: Path, tmp_path: Path, version: str):
    python = _python(version)
    if python is None:
        pytest.skip(f"Python {version} is not on this machine")
    bin_folder = _installed(wheel, tmp_path, python)
    _runs_a_year(bin_folder, tmp_path)


@pytest.mark.prove
@pytest.mark.skipif(UV is None, reason="uv is not installed")
def test_a_tool_installed_by_uv_runs_in_a_plain_locale_without_home(wheel: Path, tmp_path: Path):
    own = {"UV_TOOL_DIR": str(tmp_path / "verktyg å"), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    lock = str(ROOT / "requirements" / "run.txt")  # type: ignore[operator]
    command = [str(UV), "tool", "install", "--quiet", "--python", sys.executable, "-c", lock, str(wheel)]
    made = subprocess.run(
        command, env=_environment() | own, check=False, capture_output=True, encoding="utf-8"
    )
    assert made.returncode == 0, made.stderr
    bare = {name: value for name, value in _environment().items() if name not in ("HOME", "LANG")}
    typed = [str(tmp_path / "bin" / "attraktiv-eval"), "doctor"]
    done = subprocess.run(
        typed, cwd=tmp_path, env={**bare, "LC_ALL": "C"}, check=False, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout + done.stderr
