"""The documentation: its links resolve, its commands exist, and what the tutorial says is what happens."""

from __future__ import annotations

import json
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer
from commands import attraktiv_eval

import attraktiv_eval as ae
from attraktiv_eval.cli import app
from attraktiv_eval.counterfactual import METHODS
from attraktiv_eval.findings import RULES
from attraktiv_eval.regions import COUNTIES

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "data" / "README.md"])
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
#: Written by make docs.
MADE = {DOCS / "reference" / "commands.md", DOCS / "data.md"}
MADE |= {DOCS / "notebooks" / f"{one.stem}.md" for one in NOTEBOOKS}
PAGES = [page for page in PAGES if "_build" not in page.parts and page not in MADE]
COMMANDS = typer.main.get_command(app).commands
pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and MyST write them."""
    headings = re.findall(r"(?m)^#+ +(.+)$", read(page))
    return {re.sub(r"[^\w\- ]", "", one.lower()).strip().replace(" ", "-") for one in headings}


@pages
def test_links_between_pages_resolve(page):
    text = re.sub(r"(?s)```.*?```|`[^`\n]*`", "", read(page))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists() or file in MADE, target
        if anchor and file.suffix == ".md":
            assert anchor in anchors(file), target


def named(text: str) -> list[list[str]]:
    """Return every use of the command that a page shows, as words."""
    text = re.sub(r" \\\n +", " ", text)  # a command over several lines
    lines = re.findall(r"(?m)^ {4,}(attraktiv-eval .+)$", text) + re.findall(
        r"`(attraktiv-eval [^`\n]+)`", text
    )
    return [shlex.split(line.split(" #")[0])[1:] for line in lines]


@pages
def test_commands_and_their_options_exist(page):
    for words in named(read(page)):
        if words[0].startswith("--") or words[0].isupper():
            continue
        assert words[0] in COMMANDS, words
        command_of = COMMANDS[words[0]]
        if hasattr(command_of, "commands") and len(words) > 1:  # such as draw, which has commands of its own
            assert words[1] in command_of.commands, words
            command_of = command_of.commands[words[1]]
        options = {spelt for one in command_of.params for spelt in [*one.opts, *one.secondary_opts]} | {
            "--help"
        }
        for word in words[1:]:
            if word.startswith("--"):
                assert word.split("=")[0] in options, words


def made_folders(page: Path) -> set[str]:
    """Return the folders in the project's own that a page tells its reader to make, and files beside them."""
    text = read(page)
    found = set(re.findall(r"\b(my(?:_\w+)?)(?:/|`|\"|\s)", text))
    for words in named(text):
        options = [words[at + 1] for at, word in enumerate(words[:-1]) if word in FOLDER_OPTIONS]
        arguments = [word for word in words[1:2] if words[0] in ("new", "workbook") and word[0] != "-"]
        found |= {name.split("/")[0] for name in [*options, *arguments] if not name.isupper()}
    return found | set(re.findall(r"papermill \S+ (\w+\.ipynb)", text))


FOLDER_OPTIONS = ("--records", "--statistics", "--output", "--project", "--to", "--write", "--folder")


def test_what_a_reader_makes_is_not_taken_up_by_git():
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("no checkout by git")
    made = set().union(*(made_folders(page) for page in PAGES)) - {"data", "outputs", "my"}
    assert {"my_records", "my_outputs", "my_workbook", "my_project", "statistics", "out.ipynb"} <= made
    for name in [*made, "my", "outputs/2021", "explore", "explore-en"]:
        inside = name if name.endswith(".ipynb") else f"{name}/list.csv"
        asked = ["git", "-C", str(ROOT), "check-ignore", "-q", inside]
        assert subprocess.run(asked, check=False).returncode == 0, name


def test_make_targets_that_are_named_exist():
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    for page in PAGES:
        for target in re.findall(r"`make ([a-z-]+)`|(?m:^ {4}make ([a-z-]+))", read(page)):
            assert "".join(target) in targets, (page.name, target)


def test_every_verdict_is_explained():
    text = read(DOCS / "explanation" / "verdicts.md")
    for level, rules in RULES.items():
        part = text.split(f"## Level {level}")[1].split("\n## ")[0]
        for rule in rules:
            assert f"`{rule}`" in part, (level, rule)


def test_every_method_is_in_the_reference():
    made = runpy.run_path(str(DOCS / "conf.py"))
    source = [read(DOCS / "reference" / "library.md")]
    made["_methods"](None, "reference/library", source)
    listed = re.findall(r"automodule:: attraktiv_eval\.counterfactual\.estimators\.(\w+)", source[0])
    assert listed == list(METHODS)


def test_every_module_of_the_reference_exists():
    from importlib import import_module

    for name in re.findall(r"automodule:: (\S+)", read(DOCS / "reference" / "library.md")):
        assert import_module(name).__doc__, name


def test_every_name_that_the_package_offers_is_in_the_reference():
    from importlib import import_module

    text = read(DOCS / "reference" / "library.md")
    rooms = [import_module(name) for name in re.findall(r"automodule:: (\S+)", text)]
    told = [getattr(room, name) for room in rooms for name in room.__all__ if name in dir(room)]
    for name in ae.__all__:
        assert any(getattr(ae, name) is one for one in [*told, *rooms]), name
        assert f"`ae.{name}`" in text, name


def test_the_first_page_leads_to_every_guide_once():
    text = read(DOCS / "index.md")
    for guide in (DOCS / "how-to").glob("*.md"):
        assert text.count(f"(how-to/{guide.name})") == 1, guide.name
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert sorted(set(links)) == sorted(links)


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", read(page))


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory):
    """The folder in which a reader of the tutorial works, with the three lists."""
    folder = tmp_path_factory.mktemp("tutorial")
    (folder / "my_records").mkdir()
    named = re.findall(r"(?s)`(my_records/\w+\.csv)`[^`]*?```text\n(.*?)```", read(DOCS / "tutorial.md"))
    assert len(named) == 3
    for file, text in named:
        (folder / file).write_text(text, encoding="utf-8")
    return folder


def test_the_check_of_the_tutorial_says_what_the_tutorial_says(tutorial):
    page = read(DOCS / "tutorial.md")
    line = re.search(r"(?m)^ {4}(attraktiv-eval check .*)$", page).group(1)
    first = attraktiv_eval(*shlex.split(line)[1:], cwd=tutorial)
    said = re.search(rf"    {re.escape(line)}\n\n[^\n]+(?:\n[^\n]+)*\n\n((?: {{4}}[^\n]*\n)+)", page).group(1)
    for told in (one.strip() for one in said.splitlines()):
        assert told == "..." or told in first.stdout, told
    contacts = tutorial / "my_records" / "contacts.csv"
    contacts.write_text(contacts.read_text("utf-8").replace("2021-04-31", "2021-04-30"), encoding="utf-8")
    again = attraktiv_eval(*shlex.split(line)[1:], cwd=tutorial)
    assert "5 rows read, 5 kept" in again.stdout


@pytest.mark.prove
def test_the_python_of_the_tutorial_runs(tutorial, monkeypatch, capsys):
    monkeypatch.chdir(tutorial)
    known: dict = {}
    for block in blocks(DOCS / "tutorial.md", "python"):
        exec(block, known)
    said = capsys.readouterr().out
    assert "p = " in said and said.endswith("goal_not_reached\n")


def test_the_python_of_the_guide_to_assumptions_runs(capsys):
    known: dict = {}
    for block in blocks(DOCS / "how-to" / "new-assumption.md", "python"):
        exec(block, known)
    assert len(capsys.readouterr().out.split()) == 3


def questions() -> list[str]:
    """Return the code of the notebook of ten questions: its parameters, what is read, an answer each."""
    cells = json.loads((ROOT / "notebooks" / "ten_questions.ipynb").read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def test_the_ten_questions_have_a_sentence_a_picture_and_a_table_each(capsys):
    parameters, read, *answers, last = questions()
    names: dict[str, object] = {}
    exec(parameters.replace('"sv"', '"en"') + "\n" + read, names)
    assert len(answers) == 9 and all(len(one.splitlines()) <= 3 for one in (*answers, last))
    found = []
    for block in answers:  # the last one takes two evaluations, and is proved
        *lines, shown = block.splitlines()
        exec("\n".join(lines), names)
        found.append(eval(shown, names))
        told = found[-1]._repr_html_()
        assert re.search(r"<p[^>]*>[A-Z\d]", told) and "<svg" in told and "<table" in told, block
    families, _, krokom, companies, own, without, seen, after, joined = found
    assert families.table["moved"].item() == 8 and krokom.estimate.effect != 0
    assert companies.moved > companies.high > companies.low > 0
    assert own.defined.unit_words("sv") == "personer" and own.outcome == "emigration"
    assert set(without.effects.index) == set(without.weights.index) and seen.detectable > 100
    assert after.plan.content["last_year"] == 2024 and "H0001" in joined.sentence


@pytest.mark.prove
@pytest.mark.parametrize("language", ["sv", "en"])
def test_papermill_executes_the_ten_questions(tmp_path, language):
    import papermill

    own = {"language": language, "own": str(tmp_path / "own")}
    where = ROOT / "notebooks" / "ten_questions.ipynb"
    made = papermill.execute_notebook(str(where), None, own, kernel_name="python3", progress_bar=False)
    *_, last = (cell for cell in made.cells if cell.cell_type == "code")
    shown = last.outputs[0]["data"]["text/html"]
    assert (
        "<svg" in shown and "<table" in shown and ("Från 2020" if language == "sv" else "From 2020") in shown
    )
    assert (tmp_path / "own" / "emigration.csv").is_file()


@pytest.fixture(scope="module")
def with_method(tmp_path_factory):
    """Return a copy of the project in which the guide to a method was followed, and what it wrote."""
    root = tmp_path_factory.mktemp("a method å")
    spared = shutil.ignore_patterns("__pycache__", "*.ipynb")
    for name in ("attraktiv_eval", "data", "notebooks", "tests/reference"):
        shutil.copytree(ROOT / name, root / name, ignore=spared)
    shutil.copy(ROOT / "pyproject.toml", root)
    page = DOCS / "how-to" / "new-method.md"
    (saved,) = re.findall(r"Save this as `([^`]+)`", read(page))
    (root / saved).write_text(blocks(page, "python")[0], encoding="utf-8", newline="\n")
    (published,) = re.findall(r"`(tests/\S+\.toml)`; add", read(page))
    with (root / published).open("a", encoding="utf-8", newline="\n") as file:
        file.write("\n" + blocks(page, "toml")[0])
    return root, {saved, published}


def python_in(folder: Path, *words: str) -> subprocess.CompletedProcess:
    around = {**os.environ, "PYTHONPATH": str(folder), "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=around,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_guide_to_a_new_method_makes_a_method_of_two_files(with_method):
    root, written = with_method
    changed = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
        if not (original := ROOT / path.relative_to(root)).is_file()
        or path.read_bytes() != original.read_bytes()
    }
    assert changed == written and len(written) == 2
    for page in ("docs/how-to/new-method.md", "CONTRIBUTING.md"):
        assert re.search(r"two files|\*2 files", read(ROOT / page)), page
    _, named = blocks(DOCS / "how-to" / "new-method.md", "python")
    done = python_in(root, "-c", named)
    assert done.returncode == 0, done.stderr
    effect, sentence, _, curve, *call = done.stdout.splitlines()
    assert effect == "4.97" and sentence.startswith("Mean of the donors: effect +4.97")
    assert curve.endswith(" True") and any("mean_of_donors" in line for line in call)


@pytest.mark.prove
def test_a_new_method_is_in_the_reports_and_held_to_its_number(with_method):
    root, _ = with_method
    asked = "import attraktiv_eval as ae; board = ae.explore.counterfactual('sv')\n"
    asked += "print(board.choose(method='mean_of_donors').html)\n"
    asked += "from attraktiv_eval.counterfactual.method import quick_methods; print(*quick_methods())\n"
    asked += "from attraktiv_eval.counterfactual import Design, conformal_interval\n"
    asked += "rates, design = ae.Panel.load().rate('in_moves'), Design('23', 2020, 2022)\n"
    asked += "print(conformal_interval(rates, design, 'mean_of_donors').sentence('sv'))"
    done = python_in(root, "-c", asked)
    assert done.returncode == 0, done.stderr
    *board, quick, conformal = done.stdout.splitlines()
    assert "medelvärde" in "".join(board) and "mean_of_donors" in quick.split()
    assert conformal.startswith("Jämförelseregionernas medelvärde: ")
    plain = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
    held = python_in(root, *plain, "tests/reference", "-k", "mean_of_donors or its_number")
    assert held.returncode == 0 and held.stdout.strip().splitlines()[-1].startswith("2 passed"), held.stdout


def test_the_guide_tells_every_field_of_a_method():
    from dataclasses import fields

    from attraktiv_eval.counterfactual.method import Method

    page = read(DOCS / "how-to" / "new-method.md")
    told = set(re.findall(r"(?m)^\| `(\w+)` \|", page))
    assert told == {one.name for one in fields(Method)} - {"name", "labels", "estimate", "kernel"}
    for name, file in re.findall(r"`([A-Z_]+)` in `(\S+\.py)`", page):
        assert re.search(rf"(?m)^{name}\b.*=", (ROOT / file).read_text(encoding="utf-8")), (name, file)


def test_the_example_of_an_assumption_is_one(tmp_path):
    import tomllib

    from attraktiv_eval.assumptions import Assumption

    (block,) = blocks(DOCS / "how-to" / "new-assumption.md", "toml")
    for key, values in tomllib.loads(block).items():
        assert Assumption.model_validate({"id": key, **values}).id == key


#: Who runs each block of the pages, found by how its first line begins: a test by its name, or, after "not:",
#: why none does. A page's own entries go before those of all pages.
BY_HAND = "not: it installs, and is typed by hand in a fresh clone"
SERVICE = "not: it asks a service; a stand-in is asked the same in tests/statistics"
GUIDE = "test_a_guide_does_what_it_says"
RUN_BY: dict[str, dict[str, str]] = {
    "": {
        "make |py -m venv|python3 -m venv|conda env create": BY_HAND,
        r"\.venv/bin/python -m pip install|\. \.venv/bin/activate|\.venv/bin/python$": BY_HAND,
        "export ": "not: it needs a proxy of the reader's own",
        "attraktiv-eval doctor": "test_a_tool_installed_by_uv_runs_in_a_plain_locale_without_home",
        "attraktiv-eval explore": "test_every_control_can_be_moved_and_the_console_stays_clean",
        "attraktiv-eval workbook|attraktiv-eval check": "test_the_commands_of_the_guide_to_own_records_run",
    },
    "README.md": {"notebooks/ ": "not: a list of folders"},
    "data/README.md": {r"\[units\]": "test_the_outcome_of_the_dictionary_is_one"},
    "docs/tutorial.md": {
        "date,household|household reference|contacts.csv|attraktiv-eval check": (
            "test_the_check_of_the_tutorial_says_what_the_tutorial_says"
        ),
        "import attraktiv_eval|evaluation = ": "test_the_python_of_the_tutorial_runs",
        "attraktiv-eval run": "test_the_report_of_the_tutorial_is_made",
    },
    "docs/fetch.md": {
        "attraktiv-eval fetch": SERVICE,
        "attraktiv-eval (plan|run)": "test_the_report_says_which_tables_which_day_and_which_hash",
    },
    "docs/performance.md": {r"": "not: a measurement, made anew by make bench"},
    "docs/personal-data.md": {"python -c": "test_the_key_of_the_guide_is_one"},
    "docs/decisions/0009-equivalence-set.md": {
        "from attraktiv_eval": "test_the_python_of_the_decision_on_smallest_effects_runs"
    },
    "docs/how-to/another-region.md": {
        "attraktiv-eval new my_project$": (
            "test_a_real_process_reads_a_pipe_and_ends_with_2_where_an_answer_is_missing"
        ),
        r"attraktiv-eval new my_project --|\[\[": "test_the_project_of_the_guide_to_another_region_is_one",
        "attraktiv-eval (plan|run)": "test_the_wheel_does_all_of_its_commands_from_another_folder",
    },
    "docs/how-to/own-records.md": {
        r"\[\[references|date_order|\[\[files": "test_the_commands_of_the_guide_to_own_records_run"
    },
    "docs/how-to/portfolio.md": {
        r"name = |\[\[project|\[counties": "test_the_portfolio_of_the_guide_is_one",
    },
    "docs/how-to/verify.md": {
        "attraktiv-eval verify": "test_the_command_answers_in_lines_on_a_page_and_by_its_code",
        "sha256sum": "test_every_one_of_many_changed_bytes_is_found",
    },
    "docs/how-to/yearly-routine.md": {
        "attraktiv-eval run": "test_a_quiet_run_says_nothing_but_what_is_wrong_and_the_log_says_all",
        "papermill": "test_papermill_by_hand_works_too",
    },
    "docs/how-to/delete-personal-data.md": {
        "attraktiv-eval diff": "test_reports_are_read_from_their_folders"
    },
    "docs/how-to/five-regions.md": {
        "attraktiv-eval|#|\\[": (
            "test_the_commands_of_the_guide_to_several_regions_run_and_their_page_says_it"
        ),
        "": "test_the_python_of_the_guide_to_several_regions_runs",
    },
    "docs/how-to/new-assumption.md": {
        r"\[": "test_the_example_of_an_assumption_is_one",
        "import|from": "test_the_python_of_the_guide_to_assumptions_runs",
    },
    "docs/how-to/new-method.md": {"": "test_the_guide_to_a_new_method_makes_a_method_of_two_files"},
    **{
        f"docs/how-to/{name}.md": {"": GUIDE}
        for name in ("goal-visible", "fair-waiting-list", "register-of-plans", "after-the-project")
    },
}


def first_lines(page: Path) -> list[str]:
    """Return how each block of a page begins: fenced ones, and what is set in by four."""
    text = read(page)
    fences = re.findall(r"(?ms)^```(\S*)[^\n]*\n(.*?)^```$", text)
    fenced = [block.strip() for language, block in fences if not language.startswith("{")]
    rest = re.sub(r"(?ms)^```.*?^```", "", text)
    set_in = [one.strip() for one in re.findall(r"(?m)(?:^ {4,}\S.*\n?)+", rest)]
    return [one.splitlines()[0] for one in [*fenced, *set_in]]


def runs(page: Path, line: str) -> str:
    """Return who runs the block that begins so; empty where nobody is named."""
    own = RUN_BY.get(page.relative_to(ROOT).as_posix(), {})
    return next((who for begins, who in [*own.items(), *RUN_BY[""].items()] if re.match(begins, line)), "")


@pages
def test_every_block_is_run_by_a_test_or_says_why_not(page, tests_by_name):
    for line in first_lines(page):
        who = runs(page, line)
        assert who.startswith("not: ") or who in tests_by_name, (line, who)


@pytest.fixture(scope="module")
def tests_by_name():
    files = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    return {name for text in files for name in re.findall(r"(?m)^def (test_\w+)\(", text)}


def test_a_block_that_nobody_runs_is_found(tmp_path):
    page = DOCS / "how-to" / "own-records.md"
    assert not runs(page, "attraktiv-eval sing") and not runs(DOCS / "index.md", "print(1)")
    text = "a\n\n    one\n    two\n\n```python\nthree\n```\n"
    (tmp_path / "p.md").write_text(text, encoding="utf-8")
    assert first_lines(tmp_path / "p.md") == ["three", "one"]


def set_in(page: Path, begins: str) -> list[str]:
    """Return the blocks of a page, set in by four, whose first line begins so."""
    found = re.findall(r"(?m)(?:^ {4}.*\n|^\n(?= {4}))+", read(page))
    plain = [re.sub(r"(?m)^ {4}", "", one).strip("\n") + "\n" for one in found]
    return [one for one in plain if one.startswith(begins)]


@pytest.mark.prove
def test_the_commands_of_the_guide_to_own_records_run(tutorial, tmp_path):
    page = DOCS / "how-to" / "own-records.md"
    for name in ("my_records", "my_records_2022", "my_records_2023"):
        shutil.copytree(tutorial / "my_records", tmp_path / name)
    for words in named(read(page)):
        if words[0] == "run" or words[-1] == "FOLDER" or words[0] == "explore":
            continue
        done = attraktiv_eval(*words, cwd=tmp_path)
        assert done.returncode == 0, (words, done.stderr)
    assert (tmp_path / "my_workbook" / "project_lists.xlsx").is_file()
    settings = tmp_path / "my_records" / "lists.toml"
    assert settings.is_file()
    for block in (*set_in(page, "[[references]]"), *set_in(page, "date_order")):
        settings.write_text(block, encoding="utf-8")
        done = attraktiv_eval("check", "--records", "my_records", "--language", "en", cwd=tmp_path)
        assert done.returncode == 0 and "lists.toml" in done.stdout, done.stdout + done.stderr


def test_the_project_of_the_guide_to_another_region_is_one(tmp_path):
    page = DOCS / "how-to" / "another-region.md"
    (words,) = [one for one in named(read(page)) if one[0] == "new" and len(one) > 2]
    done = attraktiv_eval(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    file = tmp_path / "my_project" / "project.toml"
    blocks = [*set_in(page, "[[unforeseen]]"), *set_in(page, "[[causes]]")]
    assert len(blocks) == 2
    file.write_text(file.read_text("utf-8") + "\n" + "\n".join(blocks), encoding="utf-8")
    assert ae.Project.load(file).region.code == "07"


def test_the_portfolio_of_the_guide_is_one(tmp_path):
    from attraktiv_eval.runs.portfolio import Portfolio

    (block,) = set_in(DOCS / "how-to" / "portfolio.md", "name = ")
    shutil.copytree(ROOT / "tests" / "regions" / "kronoberg", tmp_path / "kronoberg")
    (tmp_path / "FILE.toml").write_text(block, encoding="utf-8")
    assert Portfolio.load(tmp_path / "FILE.toml").name == "Our projects"


def test_the_outcome_of_the_dictionary_is_one(tmp_path):
    (block,) = blocks(ROOT / "data" / "README.md", "toml")
    (tmp_path / "outcomes.toml").write_text(block, encoding="utf-8")
    rows = [f"{code},{name},{year},3" for code, name in COUNTIES.items() for year in (2019, 2020)]
    table = "region_code,region_name,year,started\n" + "\n".join(rows) + "\n"
    (tmp_path / "housing_starts.csv").write_text(table, encoding="utf-8")
    assert ae.load_statistics(tmp_path).defined["housing_starts"].unit_words("en") == "dwellings"


def test_the_key_of_the_guide_is_one(tmp_path):
    (line,) = set_in(DOCS / "personal-data.md", "python -c")
    subprocess.run([sys.executable, *shlex.split(line)[1:]], cwd=tmp_path, check=True)
    assert len((tmp_path / "key").read_bytes()) == 64


@pytest.mark.prove
def test_the_python_of_the_decision_on_smallest_effects_runs(capsys):
    (block,) = blocks(DOCS / "decisions" / "0009-equivalence-set.md", "python")
    exec(block, {})
    seen = [int(line.split()[-1]) for line in capsys.readouterr().out.splitlines()]
    assert seen and min(seen) > 500


@pytest.mark.prove
def test_the_report_of_the_tutorial_is_made(tutorial):
    line = re.search(
        r"(?m)^ {4}(attraktiv-eval run --records my_records.*)$", read(DOCS / "tutorial.md")
    ).group(1)
    made = attraktiv_eval(*shlex.split(line)[1:], cwd=tutorial)
    assert made.returncode == 0, made.stderr
    assert (tutorial / "my_outputs" / "index.en.html").is_file()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built pages; every notebook is run on the way."""
    pytest.importorskip("sphinx", reason="the extra docs is not installed")
    top = tmp_path_factory.mktemp("site å")
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", top / "trees", "-b", "html",
         DOCS, top / "html"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    return top / "html"


def dead_links(site: Path) -> list[str]:
    """Return every link between built pages that leads nowhere: the page, and what it names."""
    texts = {page: page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    places = {page: set(re.findall(r'\bid="([^"]+)"', text)) for page, text in texts.items()}
    found = []
    for page, text in texts.items():
        body = re.sub(r"(?s)<(script|svg).*?</\1>", "", text)
        for target in re.findall(r'<a [^>]*href="([^"]*)"', body):
            path, _, anchor = unquote(target).partition("#")
            if re.match(r"[a-z]+:", target) or page.name in ("genindex.html", "py-modindex.html"):
                continue
            file = (page.parent / path).resolve() if path else page
            if not file.exists() or (anchor and file in places and anchor not in places[file]):
                found.append(f"{page.relative_to(site)}: {target}")
    return found


@pytest.mark.prove
def test_every_link_of_the_built_pages_leads_somewhere(site):
    assert not dead_links(site)
    dictionary = (site / "index.html").read_text(encoding="utf-8")
    assert 'href="data.html"' in dictionary and 'href="notebooks/ten_questions.html"' in dictionary
    for one in NOTEBOOKS:
        page = (site / "notebooks" / f"{one.stem}.html").read_text(encoding="utf-8")
        assert "<svg" in page or "<table" in page, one.name
        assert "Traceback" not in page, one.name


def test_a_link_that_leads_nowhere_is_found(tmp_path):
    (tmp_path / "a.html").write_text('<a href="b.html#x">b</a><a href="c.html">c</a>', encoding="utf-8")
    (tmp_path / "b.html").write_text('<p id="y"></p><a href="a.html">a</a>', encoding="utf-8")
    assert dead_links(tmp_path) == ["a.html: b.html#x", "a.html: c.html"]


@pytest.mark.prove
@pytest.mark.browser
def test_the_search_of_the_built_pages_works_from_the_disk(site, browser):
    page = browser.new_page()
    page.goto((site / "search.html").as_uri() + "?q=housing")
    page.wait_for_selector("#search-results li a")
    found = page.locator("#search-results li a").evaluate_all("all => all.map(one => one.href)")
    page.close()
    assert any("/data.html" in one or "ten_questions" in one for one in found), found


@pytest.mark.prove
def test_the_pages_are_built_without_a_warning_and_load_nothing_from_elsewhere(site):
    listed = (site / "reference" / "library.html").read_text(encoding="utf-8")
    for name in ae.__all__:
        assert re.search(rf'id="(?:module-)?attraktiv_eval\.(?:[a-z_]+\.)*{name}"', listed), name
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"<(?:script|img|iframe)[^>]*src=\"(?:https?:)?//", text), page.name
        assert not re.search(r"<link[^>]*href=\"(?:https?:)?//", text), page.name
    for sheet in (site / "_static").rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.search(r"url\(['\"]?(?:https?:)?//", text), sheet.name
