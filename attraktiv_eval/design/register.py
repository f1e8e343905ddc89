"""A register of plans: a folder of plain files, to which entries are only added, each chained to the last.

An entry is a file ``0001.toml``, ``0002.toml``, ... with its own hash and that of the entry before it; the
file that it registers lies beside it under its hash. Whoever keeps the newest hash, or an older one, can tell
later whether anything was put in, taken out, changed or dated back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from attraktiv_eval import resources
from attraktiv_eval.errors import DesignError, ParameterError, PublicationError, one_of
from attraktiv_eval.level3.plan import digest
from attraktiv_eval.reporting import page
from attraktiv_eval.reporting.tables import Row, boxed, write
from attraktiv_eval.reporting.view import escape, paragraphs
from attraktiv_eval.resources import toml_text, writing
from attraktiv_eval.texts import number, translator

__all__ = ["KINDS", "Checked", "Entry", "add_entry", "check_register", "register_page", "write_pages"]

#: What can be entered: a plan, its amendment, a sealed draw, what was drawn, a report.
KINDS = ("plan", "amendment", "seal", "draw", "report")
FIRST = "0" * 64
FILES = "files"
HEAD = "# An entry of a register of plans, by attraktiv-eval register add. Not to be edited by hand.\n\n"
#: Keeps git from turning line ends, which would change every hash.
ATTRIBUTES = ".gitattributes"
_NAME = re.compile(r"\d{4,}\.toml")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Entry:
    """One entry of a register.

    Attributes
    ----------
    place : int
        1 for the first.
    kind : str
        One of :data:`KINDS`.
    title : str
    entered : date
        The day it was entered.
    due : date or None
        The day by which a report on this plan is due.
    of : int or None
        The plan's place, for an amendment, a seal, a draw or a report.
    file, file_sha256 : str
        The name of the file that it registers, and its hash.
    content_sha256 : str
        The hash that the file says of its content; empty where it says none.
    sha256, previous : str
        Its own hash, and that of the entry before.
    """

    place: int
    kind: str
    title: str
    entered: date
    due: date | None
    of: int | None
    file: str
    file_sha256: str
    content_sha256: str
    sha256: str
    previous: str


@dataclass(frozen=True)
class Checked:
    """A register as it stands: its entries, what is wrong with it, and which reports are late or missing."""

    entries: tuple[Entry, ...] = ()
    wrong: tuple[str, ...] = ()
    states: dict[int, str] = field(default_factory=dict)

    @property
    def newest(self) -> str:
        """The hash of the newest entry: what to keep elsewhere."""
        return self.entries[-1].sha256 if self.entries else FIRST


def add_entry(
    register: Path,
    file: Path,
    kind: str,
    *,
    title: str = "",
    due: date | None = None,
    of: int | None = None,
    today: date | None = None,
) -> Entry:
    """Enter a file; return its entry.

    Parameters
    ----------
    register : Path
        The folder; made with the first entry.
    file : Path
        The plan, amendment, seal, draw or report, taken up as it is.
    kind : str
        One of :data:`KINDS`.
    due : date, optional
        For a plan: the day by which its report is due.
    of : int, optional
        For everything else: the plan's place in the register.

    Raises
    ------
    DesignError
        If the register does not hold as it stands: nothing is added to a broken chain.
    ParameterError
        If kind, plan or day do not fit.
    PublicationError
        If the register cannot be written.
    """
    register, day = Path(register), today or resources.today()
    if kind not in KINDS:
        raise ParameterError(f"unknown kind {kind!r}", remedy=one_of(KINDS, kind))
    checked = check_register(register)
    if checked.wrong:
        raise DesignError(
            f"the register does not hold: {checked.wrong[0]}",
            remedy="restore it, then enter the file",
            file=register,
        )
    _fits(checked, kind, due, of, day)
    try:
        raw = Path(file).read_bytes()
    except OSError as error:
        raise ParameterError(
            f"the file cannot be read ({error.strerror})", remedy="correct the path", file=file
        ) from None
    place = len(checked.entries) + 1
    content: dict[str, Any] = {
        "place": place,
        "kind": kind,
        "title": " ".join(title.split()) or Path(file).name,
        "entered": day.isoformat(),
        "due": None if due is None else due.isoformat(),
        "of": of,
        "file": Path(file).name,
        "file_sha256": hashlib.sha256(raw).hexdigest(),
        "content_sha256": _own_hash(raw),
        "previous": checked.newest,
    }
    content = {key: value for key, value in content.items() if value is not None}
    _no_second_draw(checked, kind, of)
    _put(register, place, content, raw)
    return _entry({"sha256": digest(content), **content})


def _fits(checked: Checked, kind: str, due: date | None, of: int | None, day: date) -> None:
    last = checked.entries[-1].entered if checked.entries else None
    if last is not None and day < last:
        raise ParameterError(
            f"the newest entry is of {last}, after {day}",
            remedy="set the clock, or ATTRAKTIV_EVAL_TODAY, right",
        )
    if kind == "plan":
        if of is not None:
            raise ParameterError("a plan is no entry of another plan", remedy="leave --of out")
        if due is not None and due < day:
            raise ParameterError(f"the due day {due} has passed", remedy="give a day to come")
        return
    if due is not None and kind != "amendment":
        raise ParameterError("only a plan or its amendment has a due day", remedy="leave --due out")
    plans = [one.place for one in checked.entries if one.kind == "plan"]
    if of not in plans:
        raise ParameterError(
            f"there is no plan in place {of}"
            if of is not None
            else f"it is not said which plan the {kind} is of",
            remedy=f"give --of with one of {', '.join(map(str, plans))}" if plans else "enter the plan first",
        )


def _no_second_draw(checked: Checked, kind: str, of: int | None) -> None:
    if kind in ("seal", "draw") and any(one.kind == kind and one.of == of for one in checked.entries):
        raise ParameterError(
            f"plan {of} has a {kind} already: a second draw",
            remedy="keep the first; amend the plan to explain",
        )


def _own_hash(raw: bytes) -> str:
    """Return the hash that a plan, seal or draw says of its content; empty where it says none."""
    found = re.search(rb'(?m)^sha256 = "([0-9a-f]{64})"', raw)
    return found[1].decode("ascii") if found else ""


def _put(register: Path, place: int, content: dict[str, Any], raw: bytes) -> None:
    path = register / f"{place:04d}.toml"
    kept = register / FILES / content["file_sha256"]
    text = HEAD + toml_text({"sha256": digest(content), **content})
    with writing("the register", register):
        kept.parent.mkdir(parents=True, exist_ok=True)
        if not (register / ATTRIBUTES).exists():
            (register / ATTRIBUTES).write_text("* -text\n", encoding="utf-8", newline="\n")
        if not kept.exists():
            kept.write_bytes(raw)
        try:
            with path.open("x", encoding="utf-8", newline="\n") as file:  # never over an entry that is there
                file.write(text)
        except FileExistsError:
            raise PublicationError(
                "somebody entered something meanwhile", remedy="run the command again", file=path
            ) from None


def _entry(content: dict[str, Any]) -> Entry:
    due = content.get("due")
    return Entry(
        place=int(content["place"]),
        kind=str(content["kind"]),
        title=str(content["title"]),
        entered=date.fromisoformat(content["entered"]),
        due=None if due is None else date.fromisoformat(due),
        of=content.get("of"),
        file=str(content["file"]),
        file_sha256=str(content["file_sha256"]),
        content_sha256=str(content.get("content_sha256", "")),
        sha256=str(content["sha256"]),
        previous=str(content["previous"]),
    )


def check_register(register: Path, known: Sequence[str] = (), today: date | None = None) -> Checked:
    """Check every entry, the chain, the files and the days; return what is wrong, one line each.

    Parameters
    ----------
    register : Path
        The folder; without entries nothing is wrong with it.
    known : sequence of str
        Hashes of entries that were told elsewhere, such as the newest one of last year: without one a chain
        that was written anew from the start cannot be told from the old one.

    Notes
    -----
    Found are: an entry changed, taken out, put in, renamed, exchanged or unreadable; a file changed or gone;
    a day before that of the entry in front, or after today; a kept hash that is in no entry; a second seal or
    draw of one plan; a file or folder that does not belong.
    """
    register, day = Path(register), today or resources.today()
    if not register.exists():
        missing = ("the register: no such folder",) if known else ()
        return Checked(wrong=missing)
    names = sorted((path.name for path in register.iterdir()), key=_place_of)
    entries: list[Entry] = []
    wrong: list[str] = []
    previous = FIRST
    for name in names:
        if name in (FILES, ATTRIBUTES) or re.fullmatch(r"index(\.[a-z]{2})?\.html", name):
            continue
        if not _NAME.fullmatch(name):
            wrong.append(f"{name}: does not belong in a register")
            continue
        try:
            one = _read_entry(register / name)
        except (ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError):
            wrong.append(f"{name}: cannot be read, or was changed after it was entered")
            continue
        wrong += _against_chain(
            one, name, len(entries) + 1, previous, entries[-1:] and entries[-1].entered, day
        )
        wrong += _against_file(register, one, name)
        entries.append(one)
        previous = one.sha256
    wrong += _left_over(register, entries)
    wrong += _against_known(entries, known)
    wrong += _second_draws(entries)
    return Checked(tuple(entries), tuple(wrong), _states(entries, day))


def _place_of(name: str) -> tuple[int, str]:
    return (int(name[:-5]), name) if _NAME.fullmatch(name) else (10**9, name)


def _read_entry(path: Path) -> Entry:
    raw = path.read_bytes()
    content = resources.parse_toml(raw.decode("utf-8"))
    said = content.pop("sha256")
    if said != digest(content) or raw != (HEAD + toml_text({"sha256": said, **content})).encode("utf-8"):
        raise ValueError("changed")
    if content["kind"] not in KINDS:
        raise ValueError("unknown kind")
    return _entry({"sha256": said, **content})


def _against_chain(one: Entry, name: str, place: int, previous: str, before: Any, day: date) -> list[str]:
    wrong = []
    if one.place != place or name != f"{place:04d}.toml":
        wrong.append(
            f"{name}: stands in another place than it was entered in: an entry is gone or was put in"
        )
    if one.previous != previous:
        wrong.append(f"{name}: does not follow the entry before it")
    if before and one.entered < before:
        wrong.append(f"{name}: dated {one.entered}, before the entry in front of it: dated back")
    if one.entered > day:
        wrong.append(f"{name}: dated {one.entered}, which has not come")
    return wrong


def _against_file(register: Path, one: Entry, name: str) -> list[str]:
    path = register / FILES / one.file_sha256
    if not _HASH.fullmatch(one.file_sha256) or not path.is_file():
        return [f"{name}: its file {one.file} is gone"]
    raw = path.read_bytes()
    if hashlib.sha256(raw).hexdigest() != one.file_sha256:
        return [f"{name}: its file {one.file} was changed"]
    if _own_hash(raw) != one.content_sha256:
        return [f"{name}: another content than its file {one.file} says"]
    return []


def _left_over(register: Path, entries: Sequence[Entry]) -> list[str]:
    folder = register / FILES
    if not folder.is_dir():
        return []
    own = {one.file_sha256 for one in entries}
    return [
        f"{FILES}/{path.name}: is no entry's file"
        for path in sorted(folder.iterdir())
        if path.name not in own
    ]


def _against_known(entries: Sequence[Entry], known: Sequence[str]) -> list[str]:
    own = {one.sha256 for one in entries}
    return [
        f"no entry has the hash {one.strip()} that was kept: the register was cut off or written anew"
        for one in known
        if one.strip().lower() not in own
    ]


def _second_draws(entries: Sequence[Entry]) -> list[str]:
    wrong, seen = [], set()
    for one in entries:
        if one.kind in ("seal", "draw"):
            if (one.kind, one.of) in seen:
                wrong.append(f"{one.place:04d}.toml: a second {one.kind} of plan {one.of}: a second draw")
            seen.add((one.kind, one.of))
    return wrong


def _states(entries: Sequence[Entry], day: date) -> dict[int, str]:
    """Return each plan's state: reported, late, missing, awaited, or without a due day."""
    states = {}
    for plan in (one for one in entries if one.kind == "plan"):
        dues = [
            one.due
            for one in entries
            if one.due is not None and (one.place == plan.place or one.of == plan.place)
        ]
        reports = [one.entered for one in entries if one.kind == "report" and one.of == plan.place]
        due = dues[-1] if dues else None
        if reports:
            states[plan.place] = "late" if due is not None and reports[0] > due else "reported"
        elif due is None:
            states[plan.place] = "no_due_day"
        else:
            states[plan.place] = "missing" if day > due else "awaited"
    return states


# --- The page


def register_page(checked: Checked, language: str, languages: Sequence[str] = ()) -> str:
    """Return the register as one page: its plans with their states, every entry, and what is wrong."""
    _ = translator(language)
    heading = _("Register of plans")
    kinds = {
        "plan": _("plan"),
        "amendment": _("amendment"),
        "seal": _("sealed draw"),
        "draw": _("draw"),
        "report": _("report"),
    }
    told = {
        "reported": _("reported in time"),
        "late": _("reported late"),
        "missing": _("report missing"),
        "awaited": _("report awaited"),
        "no_due_day": _("no due day"),
    }
    summary = _("Entries: {n}. Plans: {plans}. Reports missing: {missing}, late: {late}.").format(
        n=number(len(checked.entries), language),
        plans=number(len(checked.states), language),
        missing=number(sum(state == "missing" for state in checked.states.values()), language),
        late=number(sum(state == "late" for state in checked.states.values()), language),
    )
    label = ""
    if checked.wrong:
        broken = _("The register does not hold. Faults found: {n}.").format(
            n=number(len(checked.wrong), language)
        )
        items = "".join(f"<li><code>{escape(line)}</code></li>" for line in checked.wrong)
        label = f'<p class="banner">{escape(broken)}</p><ul>{items}</ul>'
    rows = [
        Row(
            f"{one.place}",
            [
                escape(kinds[one.kind] + (f" ({one.of})" if one.of else "")),
                escape(one.title),
                one.entered.isoformat(),
                one.due.isoformat() if one.due else "–",
                escape(told.get(checked.states.get(one.place, ""), "–")),
                f"<code>{one.sha256[:12]}…</code>",
            ],
            own=checked.states.get(one.place) == "missing",
        )
        for one in checked.entries
    ]
    caption = _("Every entry, the oldest first")
    heads = [_("Entry"), _("Kind"), _("Title"), _("Entered"), _("Due"), _("State"), _("Hash")]
    table = write("table-register", caption, heads, rows)
    newest = _("The newest hash, to be kept elsewhere: {hash}").format(hash=checked.newest)
    shown = boxed(table, caption, len(heads))
    parts = (label, paragraphs(escape(summary)), shown, f"<p>{escape(newest)}</p>")
    return page.titled(heading, parts, language, languages, "index")


def write_pages(register: Path, checked: Checked, languages: list[str]) -> list[Path]:
    """Write ``index.html`` (Swedish) and ``index.en.html`` into the register; return the files."""
    with writing("the register", register):
        return page.write_pages(
            Path(register), "index", languages, lambda language: register_page(checked, language, languages)
        )
