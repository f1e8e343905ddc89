"""A register of plans: nothing in it is changed, taken out or dated back without being found."""

from __future__ import annotations

import random
import shutil
import tomllib
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from attraktiv_eval.cli import app
from attraktiv_eval.design.register import (
    FIRST,
    HEAD,
    add_entry,
    check_register,
    register_page,
    write_pages,
)
from attraktiv_eval.errors import DesignError, ParameterError
from attraktiv_eval.level3.plan import digest
from attraktiv_eval.resources import toml_text

FIRST_DAY, TODAY = date(2026, 1, 10), date(2026, 12, 1)


@pytest.fixture
def register(tmp_path):
    """Twelve entries: three plans, each with an amendment, a seal and a report."""
    place = tmp_path / "register"
    for n in range(12):
        plan, kind = n % 3 + 1, ("plan", "amendment", "seal", "report")[n // 3]
        file = tmp_path / f"file{n}.txt"
        file.write_text(f"content {n}", encoding="utf-8")
        add_entry(
            place,
            file,
            kind,
            due=date(2026, 11, 1) if kind == "plan" else None,
            of=None if kind == "plan" else plan,
            today=FIRST_DAY + timedelta(days=20 * n),
        )
    return place


def test_a_register_holds_as_it_was_written(register):
    checked = check_register(register, today=TODAY)
    assert checked.wrong == () and len(checked.entries) == 12
    assert set(checked.states.values()) == {"reported"}
    assert checked.entries[0].previous == FIRST and checked.newest == checked.entries[-1].sha256
    write_pages(register, checked, ["sv", "en"])
    assert check_register(register, [checked.newest], TODAY).wrong == ()


def rewritten(path, *, fitting: bool = True, **changes):
    """Change an entry, with a hash that fits its new content."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    said = content.pop("sha256")
    content |= changes
    sha256 = digest(content) if fitting else said
    path.write_text(HEAD + toml_text({"sha256": sha256, **content}), encoding="utf-8", newline="\n")
    return sha256


def edit(register, rng: random.Random) -> str:
    """Make one silent edit or back-dating and say which; whoever makes it takes care that hashes fit."""
    at = rng.randrange(1, 13)
    entry = register / f"{at:04d}.toml"
    kind = rng.choice(
        ["date", "title", "due", "file", "kind", "gone", "swap", "put in", "byte", "plain", "whole chain"]
    )
    if kind == "date":
        rewritten(entry, entered=(FIRST_DAY - timedelta(days=rng.randrange(1, 90))).isoformat())
    elif kind == "title":
        rewritten(entry, title="another")
    elif kind == "due":
        rewritten(entry, due="2029-01-01")
    elif kind == "file":
        old = register / "files" / tomllib.loads(entry.read_text("utf-8"))["file_sha256"]
        old.write_text("another content", encoding="utf-8")
    elif kind == "kind":
        rewritten(entry, kind="draw")
    elif kind == "gone":
        entry.unlink()
        for later in range(at + 1, 13):  # and the later ones moved up
            (register / f"{later:04d}.toml").rename(register / f"{later - 1:04d}.toml")
    elif kind == "swap":
        other = register / f"{at % 12 + 1:04d}.toml"
        first, second = entry.read_bytes(), other.read_bytes()
        entry.write_bytes(second)
        other.write_bytes(first)
    elif kind == "put in":
        shutil.copy(entry, register / "0013.toml")
    elif kind == "byte":
        raw = bytearray(entry.read_bytes())
        raw[rng.randrange(len(raw))] ^= 1
        entry.write_bytes(bytes(raw))
    elif kind == "plain":
        rewritten(entry, fitting=False, title="another")
    else:  # an entry dated back, and every later one chained to it anew
        previous = tomllib.loads(entry.read_text("utf-8"))["previous"]
        for later in range(at, 13):
            path = register / f"{later:04d}.toml"
            changes = {"previous": previous} | ({"title": "another"} if later == at else {})
            previous = rewritten(path, **changes)
    return kind


def test_100_of_100_edits_are_found(register, tmp_path):
    """With the newest hash kept elsewhere; without it all but an end written anew."""
    kept = check_register(register, today=TODAY).newest
    rng, found, alone = random.Random(20200101), 0, []
    for n in range(100):
        place = tmp_path / f"copy{n}"
        shutil.copytree(register, place)
        kind = edit(place, rng)
        found += bool(check_register(place, [kept], TODAY).wrong)
        if not check_register(place, today=TODAY).wrong:
            alone.append(kind)
        shutil.rmtree(place)
    assert found == 100
    assert set(alone) <= {"whole chain", "title", "due", "gone", "kind"} and len(alone) < 25


@given(st.integers(1, 12), st.integers(0, 5000), st.integers(0, 7))
@settings(max_examples=60, deadline=None)
def test_no_bit_of_an_entry_is_changed_unseen(tmp_path_factory, at, place, bit):
    folder = tmp_path_factory.mktemp("bits") / "r"
    file = folder.with_name("f.txt")
    file.write_text("x", encoding="utf-8")
    for _n in range(2):
        add_entry(folder, file, "plan", today=FIRST_DAY)
    path = folder / f"{at % 2 + 1:04d}.toml"
    raw = bytearray(path.read_bytes())
    raw[place % len(raw)] ^= 1 << bit
    path.write_bytes(bytes(raw))
    assert check_register(folder, today=TODAY).wrong


def test_a_missing_or_late_report_is_told_and_is_no_fault(tmp_path):
    file, place = tmp_path / "plan.toml", tmp_path / "r"
    file.write_text("x = 1\n", encoding="utf-8")
    for due in (date(2026, 3, 1), date(2026, 3, 1), date(2027, 3, 1), None):
        add_entry(place, file, "plan", due=due, today=FIRST_DAY)
    add_entry(place, file, "report", of=1, today=date(2026, 4, 1))
    checked = check_register(place, today=TODAY)
    assert checked.states == {1: "late", 2: "missing", 3: "awaited", 4: "no_due_day"}
    assert checked.wrong == ()
    text = register_page(checked, "sv")
    assert "rapport saknas" in text and "rapporterad för sent" in text and checked.newest in text
    add_entry(place, file, "amendment", of=2, due=date(2027, 3, 1), today=TODAY)
    assert check_register(place, today=TODAY).states[2] == "awaited"


def test_what_does_not_fit_is_refused_and_nothing_is_added(register, tmp_path):
    file = tmp_path / "file0.txt"
    before = sorted(path.name for path in register.iterdir())
    for words, told in (
        ({"kind": "note"}, "unknown kind"),
        ({"kind": "report"}, "not said which plan"),
        ({"kind": "report", "of": 4}, "no plan in place 4"),
        ({"kind": "seal", "of": 1}, "second draw"),
        ({"kind": "plan", "of": 1}, "no entry of another"),
        ({"kind": "plan", "due": FIRST_DAY}, "has passed"),
        ({"kind": "plan", "today": FIRST_DAY}, "newest entry"),
    ):
        given = {"today": TODAY, **words}
        with pytest.raises(ParameterError, match=told):
            add_entry(register, file, given.pop("kind"), **given)
    with pytest.raises(ParameterError, match="cannot be read"):
        add_entry(register, tmp_path / "none", "plan", today=TODAY)
    assert sorted(path.name for path in register.iterdir()) == before
    (register / "0003.toml").unlink()
    with pytest.raises(DesignError, match="does not hold"):
        add_entry(register, file, "plan", today=TODAY)


def test_the_command_finds_a_change_with_exit_code_2(register, monkeypatch):
    monkeypatch.setenv("ATTRAKTIV_EVAL_TODAY", TODAY.isoformat())
    runner = CliRunner()
    holds = runner.invoke(app, ["register", "check", str(register)])
    assert holds.exit_code == 0 and "the register holds; entries: 12," in holds.output
    rewritten(register / "0002.toml", entered="2025-01-01")
    broken = runner.invoke(app, ["register", "check", str(register)])
    assert broken.exit_code == 2 and "dated back" in broken.output
    assert "håller inte" in (register / "index.html").read_text(encoding="utf-8")
    (register / "0004.toml").write_bytes(b"\xff\xfe not toml")
    assert runner.invoke(app, ["register", "check", str(register)]).exit_code == 2
