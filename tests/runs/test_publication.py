"""A folder is published whole or not at all, whatever stops the run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import textwrap
from contextlib import nullcontext
from pathlib import Path

import pytest

from attraktiv_eval.errors import PublicationError
from attraktiv_eval.project import Project
from attraktiv_eval.reporting.page import finish, link_languages
from attraktiv_eval.runs import publication
from attraktiv_eval.runs.pipeline import _write_index
from attraktiv_eval.runs.publication import Identity, Outputs, private_folder


def stage(outputs: Outputs, name: str, run_id: str, text: str) -> Path:
    version, replaces = outputs.version(name, run_id)
    folder = outputs.staging(name)
    (folder / "report.txt").write_text(text, encoding="utf-8")
    run = {"run_id": run_id, "version": version, "replaces": replaces, "started": text}
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    return folder


def publish(root: Path, run_id: str, text: str, name: str = "2021") -> None:
    outputs = Outputs(root)
    with outputs.opened():
        outputs.publish(name, stage(outputs, name, run_id, text))


def text_of(root: Path, name: str = "2021") -> str:
    return (root / name / "report.txt").read_text(encoding="utf-8")


@pytest.fixture(params=["exchange", "two renames"])
def both_ways(request, monkeypatch):
    """Run a test with the system's exchange, and as where there is none."""
    if request.param == "two renames":
        monkeypatch.setattr(publication, "exchange", lambda first, second: False)


def test_a_new_report_keeps_its_predecessor_as_a_numbered_version(tmp_path, both_ways):
    for number, text in enumerate(("first", "second", "third"), start=1):
        publish(tmp_path, f"id-{number}", text)
    assert text_of(tmp_path) == "third"
    assert text_of(tmp_path / "versions", "2021-v1") == "first"
    assert text_of(tmp_path / "versions", "2021-v2") == "second"
    run = json.loads((tmp_path / "2021" / "run.json").read_text(encoding="utf-8"))
    assert (run["version"], run["replaces"]) == (3, 2)


def test_the_same_run_again_keeps_its_number_and_makes_no_version(tmp_path, both_ways):
    publish(tmp_path, "id", "morning")
    publish(tmp_path, "id", "evening")
    assert text_of(tmp_path) == "evening"
    assert not (tmp_path / "versions").exists()
    assert json.loads((tmp_path / "2021" / "run.json").read_text(encoding="utf-8"))["version"] == 1


def pages(root: Path, run_id: str, languages: tuple[str, ...], text: str, pdf: bool = False) -> None:
    outputs = Outputs(root)
    with outputs.opened():
        folder = stage(outputs, "2021", run_id, text)
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        run["languages"] = list(outputs.languages("2021", run_id, languages))
        (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
        (folder / "figures").mkdir()
        for language in languages:
            ending = "" if language == "sv" else f".{language}"
            for name in (f"evaluation{ending}.html", f"figures/gaps{ending}.svg"):
                (folder / name).write_text(f"{text} {language}", encoding="utf-8")
            if pdf:
                (folder / f"evaluation{ending}.pdf").write_text(text, encoding="utf-8")
        outputs.publish("2021", folder)


def test_a_second_run_in_fewer_languages_keeps_the_other_pages(tmp_path, both_ways):
    pages(tmp_path, "id", ("sv", "en"), "morning", pdf=True)
    pages(tmp_path, "id", ("sv",), "evening")
    held = {
        path.relative_to(tmp_path / "2021").as_posix(): path.read_text(encoding="utf-8")
        for path in (tmp_path / "2021").rglob("*.*")
        if path.name != "run.json"
    }
    assert held == {
        "report.txt": "evening",
        "evaluation.html": "evening sv",
        "evaluation.en.html": "morning en",
        "evaluation.pdf": "morning",
        "evaluation.en.pdf": "morning",
        "figures/gaps.svg": "evening sv",
        "figures/gaps.en.svg": "morning en",
    }
    run = json.loads((tmp_path / "2021" / "run.json").read_text(encoding="utf-8"))
    assert (run["version"], run["languages"]) == (1, ["sv", "en"])
    pages(tmp_path, "other figures", ("sv",), "night")
    assert not (tmp_path / "2021" / "evaluation.en.html").exists()
    assert (tmp_path / "versions" / "2021-v1" / "evaluation.en.html").is_file()
    run = json.loads((tmp_path / "2021" / "run.json").read_text(encoding="utf-8"))
    assert (run["version"], run["languages"]) == (2, ["sv"])


def test_pages_made_apart_lead_to_each_other(tmp_path):
    """A page made alone has no link to the other language; the run that makes that one mends it."""

    def made(asked, stamp):
        outputs = Outputs(tmp_path)
        with outputs.opened():
            folder = stage(outputs, "2021", "id", stamp)
            run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
            run["languages"] = list(outputs.languages("2021", "id", (asked,)))
            (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
            name = "evaluation.html" if asked == "sv" else f"evaluation.{asked}.html"
            page = finish("<p>Å</p>", language=asked, title="T", run=run, notebook="n.ipynb", own=name)
            (folder / name).write_text(page, encoding="utf-8", newline="\n")
            outputs.publish("2021", folder)

    def page(name):
        return (tmp_path / "2021" / name).read_bytes().decode("utf-8")

    made("sv", "morning")
    alone = page("evaluation.html")
    assert "evaluation.en.html" not in alone and "2021-v1" not in alone
    made("en", "evening")
    first, second = page("evaluation.html"), page("evaluation.en.html")
    assert first.count('<a href="evaluation.en.html" lang="en" hreflang="en">English</a>') == 1
    assert second.count('<a href="evaluation.html" lang="sv" hreflang="sv">') == 1
    assert first.replace(first[first.index('<span class="languages">') :].split("\n")[0] + "\n", "") == alone
    made("en", "night")
    assert page("evaluation.html") == first and page("evaluation.en.html") == second
    assert link_languages("no top", ["sv", "en"], "evaluation.html") == "no top"
    assert link_languages(first, ["sv"], "evaluation.html") == alone


def test_figures_without_pages_promise_no_language(tmp_path):
    with Outputs(tmp_path).opened():
        folder = stage(Outputs(tmp_path), "2021", "id", "figures")
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        (folder / "run.json").write_text(json.dumps(run | {"languages": ["en"], "pages": False}), "utf-8")
        Outputs(tmp_path).publish("2021", folder)
    assert Outputs(tmp_path).languages("2021", "id", ("sv",)) == ("sv",)


def test_a_page_that_cannot_be_taken_over_leaves_what_stands(tmp_path, monkeypatch):
    pages(tmp_path, "id", ("sv", "en"), "morning")

    def full(*_files):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publication.shutil, "copy2", full)
    with pytest.raises(PublicationError, match="No space left on device"):
        pages(tmp_path, "id", ("sv",), "evening")
    monkeypatch.undo()
    with Outputs(tmp_path).opened():
        pass
    assert (tmp_path / "2021" / "evaluation.en.html").read_text(encoding="utf-8") == "morning en"
    assert text_of(tmp_path) == "morning"


def test_the_index_stays_right_in_every_language_that_it_has(tmp_path):
    project = Project.load()
    outputs = Outputs(tmp_path)
    pages(tmp_path, "id", ("sv", "en"), "morning")
    results = json.dumps({"project": project.name, "figures": [], "until": "2021-12-31"})
    (tmp_path / "2021" / "results.json").write_text(results, encoding="utf-8")
    assert _write_index(outputs, project, ("sv",)).name == "index.html"
    assert "2021/evaluation.en.html" in (tmp_path / "index.en.html").read_text(encoding="utf-8")
    pages(tmp_path, "other figures", ("sv",), "night")
    (tmp_path / "2021" / "results.json").write_text(results, encoding="utf-8")
    _write_index(outputs, project, ("sv",))
    english = (tmp_path / "index.en.html").read_text(encoding="utf-8")
    assert "2021/evaluation.en.html" not in english and "2021/evaluation.html" in english


def test_numbers_go_on_where_the_published_folder_was_removed(tmp_path):
    publish(tmp_path, "id-1", "first")
    publish(tmp_path, "id-2", "second")
    (tmp_path / "2021").rename(tmp_path / "elsewhere")
    publish(tmp_path, "id-3", "third")
    publish(tmp_path, "id-4", "fourth")
    assert sorted(path.name for path in (tmp_path / "versions").iterdir()) == ["2021-v1", "2021-v2"]
    assert text_of(tmp_path) == "fourth"


class Killed(BaseException):
    """Stands for the end of the process at a given rename."""


@pytest.mark.parametrize("stop_before", [1, 2, 3])
def test_the_next_command_completes_what_a_killed_one_began(tmp_path, both_ways, monkeypatch, stop_before):
    publish(tmp_path, "id-1", "first")
    count = 0
    real = Path.rename

    def rename(self, target):
        nonlocal count
        count += 1
        if count == stop_before:
            raise Killed
        return real(self, target)

    outputs = Outputs(tmp_path)
    with monkeypatch.context() as patched:
        try:
            with outputs.opened():
                staged = stage(outputs, "2021", "id-2", "second")
                patched.setattr(Path, "rename", rename)
                outputs.publish("2021", staged)
        except Killed:
            pass
    with Outputs(tmp_path).opened():
        pass
    assert text_of(tmp_path) == "second"
    assert text_of(tmp_path / "versions", "2021-v1") == "first"


def test_a_run_that_fails_before_publication_changes_nothing(tmp_path):
    publish(tmp_path, "id-1", "first")
    with pytest.raises(RuntimeError), Outputs(tmp_path).opened():
        stage(Outputs(tmp_path), "2021", "id-2", "half done")
        raise RuntimeError
    with Outputs(tmp_path).opened():
        pass
    assert text_of(tmp_path) == "first"
    assert not (tmp_path / "versions").exists()


def test_two_runs_do_not_write_at_once(tmp_path):
    code = textwrap.dedent(
        """
        import sys, time
        from pathlib import Path
        from attraktiv_eval.runs.publication import Outputs
        with Outputs(Path(sys.argv[1])).opened():
            print("held", flush=True)
            time.sleep(60)
        """
    )
    other = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline().strip() == "held"
        with pytest.raises(PublicationError, match="another run is writing here"), Outputs(tmp_path).opened():
            pass
    finally:
        other.kill()
        other.wait()
        other.stdout.close()
    with Outputs(tmp_path).opened():
        pass


def test_an_output_path_that_is_a_file_is_one_clear_line(tmp_path):
    file = tmp_path / "outputs"
    file.write_text("not a folder", encoding="utf-8")
    with pytest.raises(PublicationError, match="cannot be written"), Outputs(file).opened():
        pass


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="renameat2 is a call of Linux")
def test_exchange_swaps_two_filled_folders_in_one_step(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if not publication.exchange(tmp_path / "a", tmp_path / "b"):
        pytest.skip("the file system under the temporary folder has no exchange")
    assert (tmp_path / "a" / "b").is_file() and (tmp_path / "b" / "a").is_file()


def hold(root: Path, name: str, project: str, region: str | None) -> None:
    """Lay a published report of a project, or one from before the county was noted."""
    folder = root / name
    folder.mkdir(parents=True)
    run = {"run_id": "id", "version": 1} | ({} if region is None else {"region": region})
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    (folder / "results.json").write_text(json.dumps({"project": project}), encoding="utf-8")


@pytest.mark.parametrize(
    ("project", "region", "refused"),
    [
        ("Ett", "23", False),
        ("Ett", None, False),
        ("Ett", "07", True),
        ("Två", "23", True),
        ("Två", None, True),
    ],
)
def test_a_folder_of_another_project_is_refused(tmp_path, project, region, refused):
    hold(tmp_path, "2019", project, region)
    told = rf"another project \({project}.*; this one is Ett, county 23\)"
    with pytest.raises(PublicationError, match=told) if refused else nullcontext():
        Outputs(tmp_path).refuse_other_project(Identity("23", "Ett"))


def test_a_run_of_another_project_changes_nothing_and_computes_nothing(tmp_path):
    out = tmp_path / "out"
    hold(out, "2020", "Ett annat", "07")
    before = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}
    done = subprocess.run(
        [sys.executable, "-m", "attraktiv_eval", "run", "--year", "2021", "--output", "out"],
        cwd=tmp_path, env=os.environ | {"PYTHONUTF8": "1", "COLUMNS": "200"},
        check=False, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 2
    told = [line for line in done.stderr.splitlines() if "remedy: " in line]
    assert told == [
        "out: the folder holds reports of another project (Ett annat, county 07; this one is "
        "En attraktiv region, county 23); remedy: choose another folder with --output"
    ]
    assert "computing" not in done.stderr and not list(out.glob(".work/staging/*"))
    after = {
        file: file.read_bytes() for file in out.rglob("*") if file.is_file() and ".work" not in file.parts
    }
    assert after == before


def test_what_a_run_replaced_without_a_version_is_deleted_after_it(tmp_path: Path) -> None:
    outputs = Outputs(tmp_path)
    with outputs.opened():
        outputs._set_aside(outputs.staging("2020"), None)
        assert [one.name for one in (tmp_path / ".work" / "staging").iterdir()] == ["discarded-2020"]
    assert not list((tmp_path / ".work" / "staging").iterdir())


def test_what_a_killed_process_left_is_removed_and_a_living_ones_is_not(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    holds = (
        "import sys, time; from pathlib import Path\n"
        "from attraktiv_eval.runs.publication import private_folder\n"
        "with private_folder() as folder:\n"
        "    (Path(folder) / 'records.pickle').write_text('p0123')\n"
        "    print(folder, flush=True); sys.stdin.read()\n"
    )
    alive, dead = (
        subprocess.Popen(
            [sys.executable, "-c", holds], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )
        for _ in range(2)
    )
    with alive, dead:
        living, left = (Path(one.stdout.readline().strip()) for one in (alive, dead))
        dead.kill()
        dead.wait()
        assert (left / "records.pickle").is_file(), "nothing cleans up after a killed process by itself"
        with private_folder() as folder:
            assert not left.exists() and (living / "records.pickle").is_file()
            assert Path(folder).stat().st_mode & 0o077 == 0 or sys.platform == "win32"
        alive.stdin.close()
        assert alive.wait(60) == 0
    assert list(tmp_path.iterdir()) == [], "neither folders nor locks stay"
