"""The guides before a project are followed word by word."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from commands import attraktiv_eval

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "how-to"
TODAY, LATER = "2026-12-01", "2026-12-07"


def in_a_process(*words: str, cwd: Path, **around: str) -> subprocess.CompletedProcess:
    around = {**os.environ, **around, "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "attraktiv_eval", *words]
    return subprocess.run(
        command, cwd=cwd, env=around, capture_output=True, text=True, encoding="utf-8", check=False
    )


def follow(guide: str, folder: Path) -> list[subprocess.CompletedProcess]:
    """Run every command of a guide in a folder, and hold what it says against what the guide says."""
    text = (GUIDES / guide).read_text(encoding="utf-8")
    for name, content in re.findall(r"(?s)`(my\w*[/\w]*\.\w+)`:\n+```text\n(.*?)```", text):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8", newline="\n")
    done = []
    for line in re.findall(r"(?m)^ {4}(attraktiv-eval .*)$", text):
        day = LATER if re.match(r"attraktiv-eval draw (open|analyse)", line) else TODAY
        called = in_a_process if guide == "after-the-project.md" else attraktiv_eval
        done.append(called(*shlex.split(line)[1:], cwd=folder, ATTRAKTIV_EVAL_TODAY=day))
    said = "".join(one.stdout + one.stderr for one in done)
    for block in re.findall(r"(?s)(?:It says[^\n]*|says[^\n]*):\n+```text\n(.*?)```", text):
        for told in filter(None, (part.strip() for part in block.splitlines())):
            assert told in said, (told, said)
    return done


@pytest.mark.parametrize(
    "guide", ["goal-visible.md", "fair-waiting-list.md", "register-of-plans.md", "after-the-project.md"]
)
def test_a_guide_does_what_it_says(guide, tmp_path):
    for one in follow(guide, tmp_path):
        assert one.returncode == 0, one.stderr


def test_the_python_of_the_guide_to_several_regions_runs(capsys):
    text = (GUIDES / "five-regions.md").read_text(encoding="utf-8")
    known: dict = {}
    for block in re.findall(r"(?s)```python\n(.*?)```", text):
        exec(block, known)
    said = capsys.readouterr().out.splitlines()
    assert said == re.findall(r"(?s)says:\n+```text\n(.*?)```", text)[0].strip().splitlines()


@pytest.mark.prove
def test_the_commands_of_the_guide_to_several_regions_run_and_their_page_says_it(tmp_path):
    """The guide's own lines, its starts put where it says, and invented lists in the folder of records."""
    import json

    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "regions"))
    from invented_lists import write_lists

    from attraktiv_eval.project import Project

    text = (GUIDES / "five-regions.md").read_text(encoding="utf-8")
    new, run = (shlex.split(one)[1:] for one in re.findall(r"(?m)^ {4}(attraktiv-eval .*)$", text))
    assert in_a_process(*new, cwd=tmp_path).returncode == 0
    file = tmp_path / "my_project" / "project.toml"
    starts = re.findall(r"(?s)```toml\n(.*?)```", text)[0]
    place = "[region.municipalities]"
    file.write_text(file.read_text("utf-8").replace(place, f"{starts}\n{place}"), encoding="utf-8")
    project = Project.load(file)
    assert project.starts == {"07": 2015, "08": 2015, "10": 2016, "17": 2015, "21": 2017}
    for old in (file.parent / "records").rglob("*.*"):
        old.unlink()
    write_lists(file.parent / "records", project)
    done = in_a_process(*run, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = file.parent / "outputs" / "2017"
    page = (folder / "evaluation.en.html").read_text("utf-8")
    assert "They did not begin together" in page and "Gävleborgs län 2017" in page
    figures = {one["id"]: one for one in json.loads((folder / "results.json").read_text("utf-8"))["figures"]}
    method, pool, outcome = figures["households.level3"]["method"].split("/")
    own = [figures[f"region.{code}.{outcome}.effect"]["value"] for code in project.starts]
    drawn = [figures[f"region.{code}.{outcome}.drawn"] for code in project.starts]
    assert sum(own) == pytest.approx(figures[f"county.{outcome}.{method}.{pool}.effect"]["value"], rel=1e-4)
    assert all(
        one["method"] == "partial_pooling" and one["low"] < one["value"] < one["high"] for one in drawn
    )
