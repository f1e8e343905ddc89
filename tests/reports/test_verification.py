"""A page is tried by what it carries: whatever is changed in it is found, and what is whole holds."""

from __future__ import annotations

import base64
import io
import json
import random
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from every import REAL
from typer.testing import CliRunner

from attraktiv_eval import resources
from attraktiv_eval.cli import app
from attraktiv_eval.errors import EvaluationError
from attraktiv_eval.evaluation import load_inputs
from attraktiv_eval.reporting.evidence import carried
from attraktiv_eval.runs.verification import sealed, verify

SEED = 20261130
RECORDS = resources.find("data/records_example")


@pytest.fixture
def page(every_page: dict[str, Path], tmp_path: Path) -> Path:
    """A real report, alone in a folder as from a mail."""
    (real,) = REAL
    return Path(shutil.copy(every_page[real], tmp_path / "report.html"))


def places(page: bytes) -> dict[str, list[int]]:
    """Return where the digits of numbers, the cells of tables and the carried files stand in a page."""
    text = page.decode("latin-1")  # a byte is a letter
    found: dict[str, list[int]] = {"numbers": [], "tables": [], "files": []}
    for kind, where in (
        ("numbers", r"<data value=\"[^\"]*\">([^<]*)</data>"),
        ("tables", r"<td[^>]*>(?:<span>)?([^<]*\d[^<]*)<"),
        ("files", r";base64,([A-Za-z0-9+/=]+)\""),
    ):
        for one in re.finditer(where, text):
            digits = kind != "files"
            found[kind] += [at for at in range(*one.span(1)) if not digits or text[at].isdigit()]
    return found


def is_found(page: bytes) -> bool:
    """Whether the seal finds that a page is not as it was made."""
    try:
        return not all(one.fine for one in sealed(carried(page, "report.html")))
    except EvaluationError:
        return True


@pytest.mark.parametrize("tries", [10, pytest.param(100, marks=pytest.mark.prove)])
def test_every_one_of_many_changed_bytes_is_found(page: Path, tmp_path: Path, tries: int) -> None:
    """Of numbers, tables and carried files in the page, and of the records that it was made from."""
    draw = random.Random(SEED)
    whole = page.read_bytes()
    assert not is_found(whole)
    missed, tried = [], 0
    for kind, where in places(whole).items():
        assert len(where) > 100
        for at in draw.sample(where, tries):
            other = draw.choice([one for one in b"0123456789" if one != whole[at]])
            tried += 1
            if not is_found(whole[:at] + bytes([other]) + whole[at + 1 :]):
                missed.append((kind, at))
    inputs = {one["file"]: one["sha256"] for one in load_inputs(None, None, None).files()}
    _with_run(page, inputs=load_inputs(None, None, None).files())
    for number in range(tries // 5):
        folder = tmp_path / f"records-{number}"
        shutil.copytree(RECORDS, folder)
        file = draw.choice([one for one in sorted(folder.iterdir()) if one.name in inputs])
        content = bytearray(file.read_bytes())
        content[draw.randrange(len(content))] ^= 1
        file.write_bytes(bytes(content))
        tried += 1
        last = verify(page, records=folder).checks[-1]
        if last.name != "inputs" or last.fine or last.faults != (f"records: {file.name}",):
            missed.append(("inputs", number))
    assert (missed, tried) == ([], 3 * tries + tries // 5)


def _with_run(page: Path, **told: object) -> None:
    """Let the page carry another run.json, without sealing it anew."""
    text = page.read_text(encoding="utf-8")
    payload = re.search(r'id="evidence"[^>]*base64,([^"]*)"', text)
    assert payload is not None
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(payload[1]))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["run.json"] = json.dumps(json.loads(files["run.json"]) | told).encode("utf-8")
    download = re.compile(r'(download="run.json" href="data:[^"]*;base64,)[^"]*')
    text = download.sub(lambda found: found[1] + base64.b64encode(files["run.json"]).decode("ascii"), text)
    page.write_text(text, encoding="utf-8", newline="\n")
    _resealed(page, files)


def _resealed(page: Path, files: dict[str, bytes], changes: dict[str, str] | None = None) -> None:
    """Change a page as a forger would who knows how it is made: text, files, manifest and seal anew."""
    from attraktiv_eval.reporting import evidence

    text = carried(page.read_bytes(), "").text
    for before, after in (changes or {}).items():
        assert before in text
        text = text.replace(before, after)
    manifest = json.loads(files.pop("manifest.json"))
    manifest["page_sha256"] = evidence.digest_of(text.encode("utf-8"))
    manifest["files"] = {name: evidence.digest_of(content) for name, content in files.items()}
    archive = evidence._archive_of(files, manifest)
    text = evidence._ARCHIVE.sub(lambda found: found[1] + evidence._base64(archive) + found[3], text)
    text = evidence._SEAL.sub(lambda found: found[1] + evidence.digest_of(archive) + found[3], text)
    page.write_text(text, encoding="utf-8", newline="\n")


def test_a_whole_page_holds_and_names_where_each_number_comes_from(page: Path) -> None:
    found = verify(page)
    assert found.fine, found.lines()
    asked = {one.name: one.asked for one in found.checks}
    assert asked["numbers"] > 80 and asked["tables"] > 500 and asked["sums"] > 300
    assert len(found.bound) == asked["numbers"]
    assert {"households.known", "households.goal"} <= {where for _shown, _value, where in found.bound}


def test_a_forged_number_is_found_though_the_page_is_sealed_anew(page: Path) -> None:
    """In the text alone, in text and value, and in results.json alone: each where two no longer agree."""
    whole = page.read_bytes()
    shown, exact, _where = next(one for one in verify(page).bound if one[2] == "households.known")
    held = carried(whole, "")
    files = dict(held.files) | {"manifest.json": json.dumps(dict(held.manifest)).encode("utf-8")}
    forged = str(int(shown) + 100)
    for changes, check in (
        ({f'<data value="{exact}">{shown}</data>': f'<data value="{exact}">{forged}</data>'}, "numbers"),
        ({f'<data value="{exact}">{shown}</data>': f'<data value="{forged}.5">{forged}</data>'}, "numbers"),
    ):
        page.write_bytes(whole)
        _resealed(page, dict(files), changes)
        found = {one.name: one.fine for one in verify(page).checks}
        assert found["page"] and not found[check]
    results = json.loads(files["results.json"])
    for one in results["figures"]:
        if one["id"] == "households.known":
            one["value"] = int(forged)
    page.write_bytes(whole)
    _resealed(page, dict(files) | {"results.json": json.dumps(results).encode("utf-8")})
    assert not {one.name: one.fine for one in verify(page).checks}["sums"]


def test_the_command_answers_in_lines_on_a_page_and_by_its_code(page: Path, tmp_path: Path) -> None:
    answer = tmp_path / "answer.html"
    said = CliRunner().invoke(app, ["verify", str(page), "--page", str(answer)])
    assert said.exit_code == 0, said.output
    assert "not computed anew" in said.output
    told = answer.read_text(encoding="utf-8")
    assert "<h1" in told and "households.known" in told and "does not hold" not in told
    page.write_bytes(page.read_bytes().replace(b"</h1>", b"!</h1>", 1))
    changed = CliRunner().invoke(app, ["verify", str(page)])
    assert changed.exit_code == 1
    assert "NOT the text of the page is as it was sealed" in changed.output
    (tmp_path / "other.html").write_text("<p>no report</p>", encoding="utf-8")
    for file in ("other.html", "missing.html"):
        with pytest.raises(EvaluationError):
            verify(tmp_path / file)


@pytest.mark.prove
def test_the_inputs_give_the_same_figures_again(page: Path) -> None:
    _with_run(page, inputs=load_inputs(None, None, None).files())
    found = verify(page, records=RECORDS, statistics=resources.find("data/statistics"))
    assert [one.name for one in found.checks][-2:] == ["inputs", "recomputed"]
    assert found.fine, found.lines()
