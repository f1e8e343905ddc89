"""Publishes a folder whole or not at all, and keeps what it replaces as a numbered version.

A report is written beside the published ones and then exchanged with its predecessor in one step where the
system can (Linux, ``renameat2``), in two renames elsewhere. A journal is written first, so that the next
command completes what a killed one began.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from attraktiv_eval.disclosure import Report
from attraktiv_eval.errors import PublicationError
from attraktiv_eval.project import Project
from attraktiv_eval.reporting.portfolio import report_name
from attraktiv_eval.resources import checkout
from attraktiv_eval.texts import translator

if TYPE_CHECKING:
    from attraktiv_eval.evaluation import Inputs


@dataclass(frozen=True)
class Identity:
    """What tells a project from others: the county that it worked in, and its name.

    The name alone does not do, since every county can be shown as if it had had the same project; nor does
    the county, which has several projects. Goals and period may be corrected without making another project.
    A project that is renamed counts as another, for nothing tells a new name from a new project: its reports
    go into a new folder, or the old name is kept. ``region`` is None in reports made before it was noted;
    then the name decides.
    """

    region: str | None
    name: str

    @classmethod
    def of(cls, project: Project) -> Identity:
        """Return the identity of a described project."""
        return cls(project.region.code, project.name)

    @classmethod
    def published(cls, run: dict[str, Any], results: dict[str, Any]) -> Identity:
        """Return the identity of the project of a published report, from its run.json and results.json."""
        return cls(run.get("region"), results["project"])

    def is_other_than(self, other: Identity) -> bool:
        """Return whether these are two projects."""
        known = self.region is not None and other.region is not None
        return self.name != other.name or (known and self.region != other.region)

    def __str__(self) -> str:
        return self.name if self.region is None else f"{self.name}, county {self.region}"


# --- Publishes a folder whole or not at all

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def exchange(first: Path, second: Path) -> bool:
    """Exchange two folders in one step; return False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    done = renameat2(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE)
    if done == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP):
        return False
    raise OSError(code, os.strerror(code), str(second))


#: Begins the names of the folders that runs keep what they share in, and of the locks beside them.
_PRIVATE = "attraktiv-eval-run-"


@contextmanager
def private_folder() -> Iterator[str]:
    """Give a folder of this run's own, for its user's eyes alone, and remove it at the end.

    What a killed run has left there, lists with pseudonyms among it, is removed first. A run holds the lock
    beside its folder from before the folder is made until it is gone; the system lets go of the lock when
    the process dies, whatever it died of, and so a folder whose lock is free is nobody's.
    """
    from filelock import FileLock

    where = Path(tempfile.gettempdir())
    _remove_left(where)
    descriptor, name = tempfile.mkstemp(".lock", _PRIVATE, where)
    os.close(descriptor)
    lock = FileLock(name)
    lock.acquire()
    folder = Path(name).with_suffix("")
    try:
        folder.mkdir(mode=0o700)
        yield str(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()
        with suppress(OSError):  # on some systems the lock removes its own file
            Path(name).unlink()


def _remove_left(where: Path) -> None:
    """Remove the private folders of runs that have died; those of others, and of living runs, stay."""
    from filelock import FileLock, Timeout

    for folder in where.glob(f"{_PRIVATE}*/"):
        lock = FileLock(f"{folder}.lock")
        with suppress(OSError, Timeout):  # another user's, or at work
            if folder.is_symlink() or (hasattr(os, "getuid") and folder.stat().st_uid != os.getuid()):
                continue
            with lock.acquire(timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
            Path(lock.lock_file).unlink(missing_ok=True)


class Outputs:
    """The folder that runs write into: published reports, their versions, and work in progress.

    Parameters
    ----------
    root : Path
        The folder given as ``--output``; made where it is not there.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._work = root / ".work"
        self._journals = root / ".work" / "journal"
        self._staging = root / ".work" / "staging"

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Hold the folder for one run, after completing what an earlier one left half done.

        Raises
        ------
        PublicationError
            If the folder cannot be written, or another run holds it.
        """
        from filelock import FileLock, Timeout

        lock = None
        try:
            self._journals.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._work / "lock")
            lock.acquire(timeout=0)
            self.recover()
            shutil.rmtree(self._staging, ignore_errors=True)
            self._staging.mkdir(exist_ok=True)
        except Timeout as busy:
            raise PublicationError(
                "another run is writing here", remedy="wait until it has ended", file=self.root
            ) from busy
        except OSError as denied:
            if lock is not None:
                lock.release()
            raise PublicationError(
                f"the output folder cannot be written ({denied.strerror or denied})",
                remedy="close programs that hold its files open, or choose another folder with --output",
                file=self.root,
            ) from denied
        try:
            yield
        finally:
            for replaced in self._staging.glob("discarded-*"):  # what may tell of persons is not kept
                shutil.rmtree(replaced, ignore_errors=True)
            lock.release()

    def staging(self, name: str) -> Path:
        """Return a new empty folder to write the report ``name`` into."""
        folder = self._staging / name
        folder.mkdir(parents=True)
        return folder

    def published(self, name: str) -> dict[str, Any] | None:
        """Return the run.json of the published report, or None where there is none."""
        return _run(self.root / name)

    def editions(self) -> list[Report]:
        """Return every edition that is out: the reports that stand, and the versions that they replaced.

        Raises
        ------
        PublicationError
            If one of them is damaged: what is out cannot be guarded against without knowing it.
        """
        from attraktiv_eval.evaluation.results import read_tables

        found = []
        for file in sorted([*self.root.glob("*/run.json"), *self.root.glob("versions/*/run.json")]):
            run, results = (_document(file.with_name(name)) for name in ("run.json", "results.json"))
            if run is None or results is None:
                continue
            tables = read_tables(file.with_name("results.json"))
            until = date.fromisoformat(results["until"])
            found.append(Report(str(run["report"]), tables, until, run["run_id"], int(run["version"])))
        return found

    def refuse_other_project(self, own: Identity) -> None:
        """Refuse the folder where a report of another project is published in it, whatever its year.

        Raises
        ------
        PublicationError
            With the other project.
        """
        for file in sorted(self.root.glob("*/run.json")):
            run, results = (_document(file.with_name(name)) for name in ("run.json", "results.json"))
            if run is None or results is None:
                continue
            there = Identity.published(run, results)
            if there.is_other_than(own):
                raise PublicationError(
                    f"the folder holds reports of another project ({there}; this one is {own})",
                    remedy="choose another folder with --output",
                    file=self.root,
                )

    def version(self, name: str, run_id: str) -> tuple[int, int | None]:
        """Return the number of the coming version and of the one that it replaces.

        A run with the same id as the published one has the same data outputs: it keeps the number.
        """
        before = self.published(name)
        if before is not None and before["run_id"] == run_id:
            return int(before["version"]), before.get("replaces")
        kept = [int(old.name.rpartition("-v")[2]) for old in (self.root / "versions").glob(f"{name}-v*")]
        number = None if before is None else int(before["version"])
        return max([*kept, number or 0]) + 1, number

    def languages(self, name: str, run_id: str, asked: tuple[str, ...]) -> tuple[str, ...]:
        """Return the languages that the coming report has: those asked for, and those that stay.

        A run with the same id as the published one keeps its pages in other languages.
        """
        before = self.published(name)
        if before is None or before["run_id"] != run_id or not before.get("pages", True):
            return asked
        return (*asked, *(one for one in before.get("languages", ()) if one not in asked))

    def publish(self, name: str, staged: Path) -> None:
        """Put the staged folder in place of the published one, which is kept as a version.

        A run with the same id takes its place, and no version is kept: what stood there and is not made
        anew, such as the pages in another language or a printed PDF, is taken over.

        Raises
        ------
        PublicationError
            If the staged folder is no report, or the disk is full; what is published stands as it was.
        """
        before, now = self.published(name), _run(staged)
        if now is None:
            raise PublicationError("a report without run.json", remedy="report this as a fault", file=name)
        same = before is not None and before["version"] == now["version"]
        if before is not None and same and before["run_id"] == now["run_id"]:
            _take_over(self.root / name, staged)
        write_crate(staged)
        entry = {
            "name": name,
            "staged": staged.relative_to(self.root).as_posix(),
            "archive": None if before is None or same else f"versions/{name}-v{before['version']}",
            "stamp": _stamp(now),
        }
        journal = self._journals / f"{name}.json"
        _write(journal, json.dumps(entry, indent=1))
        self._complete(entry)
        journal.unlink()

    def recover(self) -> list[str]:
        """Complete publications that were interrupted; return their names."""
        done = []
        for journal in sorted(self._journals.glob("*.json")):
            try:
                entry = json.loads(journal.read_text(encoding="utf-8"))
            except ValueError:  # killed while the journal itself was written: nothing had been moved
                journal.unlink()
                continue
            self._complete(entry)
            journal.unlink()
            done.append(entry["name"])
        return done

    def _complete(self, entry: dict[str, Any]) -> None:
        """Bring one publication to its end from wherever it stopped; doing it twice changes nothing."""
        target, staged = self.root / entry["name"], self.root / entry["staged"]
        if not _is(target, entry["stamp"]) and _is(staged, entry["stamp"]):
            if target.exists() and not exchange(staged, target):
                self._set_aside(target, entry["archive"])
            if not _is(target, entry["stamp"]):
                staged.rename(target)
        if _is(target, entry["stamp"]) and staged.exists():
            self._set_aside(staged, entry["archive"])

    def _set_aside(self, folder: Path, archive: str | None) -> None:
        if archive is None:
            discarded = self._staging / f"discarded-{folder.name}"
            shutil.rmtree(discarded, ignore_errors=True)
            discarded.parent.mkdir(parents=True, exist_ok=True)
            folder.rename(discarded)
            return
        place = self.root / archive
        place.parent.mkdir(exist_ok=True)
        folder.rename(place)


def _take_over(published: Path, staged: Path) -> None:
    """Copy what is published and not made anew into the staged folder."""
    try:
        for file in sorted(path for path in published.rglob("*") if path.is_file()):
            own = staged / file.relative_to(published)
            if not own.exists() and own.name != CRATE:
                own.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file, own)
                if own.suffix == ".html" and own.parent == staged:
                    _link_languages(own, (_run(staged) or {}).get("languages", []))
    except OSError as denied:
        raise PublicationError(
            f"what stands published cannot be copied ({denied.strerror or denied})",
            remedy="make room on the disk, close programs that hold the files open, and run again",
            file=published,
        ) from denied


def _link_languages(page: Path, languages: list[str]) -> None:
    """Let a page that stays lead to the languages made since; one that leads there is not written again."""
    from attraktiv_eval.reporting.page import link_languages

    text = page.read_bytes().decode("utf-8")
    linked = link_languages(text, languages, page.name)
    if linked != text:
        page.write_bytes(linked.encode("utf-8"))


def _run(folder: Path) -> dict[str, Any] | None:
    return _document(folder / "run.json")


def _document(file: Path) -> dict[str, Any] | None:
    if not file.is_file():
        return None
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError as broken:
        raise PublicationError(
            f"a published {file.name} is damaged", remedy="move its folder away and run again", file=file
        ) from broken


def _stamp(run: dict[str, Any]) -> list[Any]:
    return [run["run_id"], run["version"], run["started"]]


def _is(folder: Path, stamp: list[Any]) -> bool:
    run = _run(folder)
    return run is not None and _stamp(run) == stamp


def _write(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the whole new one."""
    beside = path.with_name(path.name + ".new")
    with beside.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


# --- run.json: what made a report, so that anyone can make it again

_PACKAGES = (
    "attraktiv-eval",
    "jupyterlab",
    "matplotlib",
    "nbconvert",
    "numpy",
    "pandas",
    "papermill",
    "scipy",
    "seaborn",
    "statsmodels",
)


def now() -> str:
    """Return the time in UTC to the second, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def software() -> dict[str, str]:
    """Return the versions of Python and of the packages that the figures rest on."""
    return {"python": platform.python_version()} | {name: version(name) for name in _PACKAGES}


def git_state() -> dict[str, Any] | None:
    """Return the commit of the checkout and whether files differ from it; None outside a checkout."""
    root = checkout()
    if root is None or not (root / ".git").exists():
        return None
    try:
        commit = _git(root, "rev-parse", "HEAD")
        dirty = bool(_git(root, "status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.CalledProcessError):
        return None
    return {"commit": commit, "dirty": dirty}


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-c", f"safe.directory={root}", *words],
        cwd=root,
        check=True,
        capture_output=True,
        encoding="utf-8",
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0) if sys.platform == "win32" else 0,
    )
    return done.stdout.strip()


def rests_on(inputs: Inputs) -> dict[str, Any]:
    """Return what run.json says of all that a report rests on."""
    return {
        "seeds": inputs.seeds(),
        "assumptions": {one.id: [one.low, one.value, one.high] for one in inputs.assumptions.values()},
        "software": software(),
        "git": git_state(),
        "inputs": inputs.files(),
        "plan": inputs.plan_record(),
    }


def write_run(folder: Path, run: dict[str, Any]) -> None:
    """Write run.json into a folder, keys in the order given."""
    text = json.dumps(run, ensure_ascii=False, indent=2) + "\n"
    (folder / "run.json").write_text(text, encoding="utf-8", newline="\n")


# --- The description of a folder with a report: a Research Object Crate
# The description (ro-crate-metadata.json, RO-Crate 1.1) follows from the folder alone: its files with their
# hashes, and what run.json and results.json say of the run. Whoever has the folder can make it again, and so
# tell whether either was changed.


CRATE = "ro-crate-metadata.json"
_SPECIFICATION = "https://w3id.org/ro/crate/1.1"
#: A term that the specification's own context does not have yet.
_HASH = {"sha256": "http://schema.org/sha256"}
#: How names begin of what programs leave in a folder.
_LEFT = (".", "~$", "Thumbs.db", "desktop.ini")
_KINDS = {
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".html": "text/html",
    ".ipynb": "application/x-ipynb+json",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".toml": "application/toml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def write_crate(folder: Path) -> Path | None:
    """Write the description of a folder into it; nothing where it holds no report."""
    if not all((folder / name).is_file() for name in ("run.json", "results.json")):
        return None
    path = folder / CRATE
    path.write_text(describe_folder(folder), encoding="utf-8", newline="\n")
    return path


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files that a folder's description lists, by name: all but itself and what programs leave.

    A folder that is opened gets files of the system's own, and of a Word that has a document open.
    """
    paths = sorted(one for one in folder.rglob("*") if one.is_file() and one.name != CRATE)
    names = {one.relative_to(folder).as_posix(): one for one in paths if not one.name.startswith(_LEFT)}
    return {name: one.read_bytes() for name, one in names.items()}


def describe_folder(folder: Path) -> str:
    """Return the description of a folder with a report as JSON-LD: the same text for the same files.

    Organisations are those that project.toml gives as the project's owners; nobody else is named, and no
    licence is claimed that project.toml does not state.
    """
    run, results = (
        json.loads((folder / name).read_text(encoding="utf-8")) for name in ("run.json", "results.json")
    )
    files = [_file(name, content) for name, content in files_of(folder).items()]
    inputs = [_input(one) for one in run.get("inputs", [])]
    publishers = [
        {"@id": f"#{quote(name)}", "@type": "Organization", "name": name}
        for name in run.get("publisher") or []
    ]
    software, licence = _software(run), _licence(run)
    graph = [
        {
            "@id": CRATE,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": _SPECIFICATION},
        },
        _root(run, results, files, publishers, licence),
        *files,
        *publishers,
        *licence,
        software,
        _action(run, inputs),
        *inputs,
    ]
    whole = {"@context": [f"{_SPECIFICATION}/context", _HASH], "@graph": graph}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _root(
    run: dict[str, Any],
    results: dict[str, Any],
    files: list[dict[str, Any]],
    publishers: list[dict[str, Any]],
    licence: list[dict[str, Any]],
) -> dict[str, Any]:
    language = (run.get("languages") or ["sv"])[0]
    _ = translator(language)
    name = f"{results['project']}: {report_name(str(run['report']), language)}"
    label = _(
        "Example data: households, companies, surveys and payments are invented; SCB’s figures are real."
    )
    text = _("Evaluation with three levels of evidence that are never merged. Data until {day}.").format(
        day=results["until"]
    )
    invented = bool(results.get("example_data"))
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": _("Example data – {title}").format(title=name) if invented else name,
        "description": f"{label} {text}" if invented else text,
        "identifier": str(run["run_id"]),
        "version": str(run["version"]),
        "datePublished": str(run.get("ended") or run["started"]),
        "inLanguage": list(run.get("languages") or []),
        "license": {"@id": licence[0]["@id"]},
        **({"author": _ids(publishers), "publisher": _ids(publishers)} if publishers else {}),
        "hasPart": _ids(files),
        "mentions": {"@id": "#run"},
    }


def _ids(entities: list[dict[str, Any]]) -> Any:
    """Return references to entities; to a single one without a list around it, as the format asks."""
    ids = [{"@id": one["@id"]} for one in entities]
    return ids[0] if len(ids) == 1 else ids


def _file(name: str, content: bytes) -> dict[str, Any]:
    """Return a file of the folder: its name, kind, size and hash."""
    return {
        "@id": quote(name),
        "@type": "File",
        "name": name,
        "encodingFormat": _KINDS.get(Path(name).suffix.lower(), "application/octet-stream"),
        "contentSize": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _input(one: dict[str, Any]) -> dict[str, Any]:
    """Return a file that the run read: it is not in the folder, and known by its hash."""
    name = f"{one['part']}/{one['file']}"
    return {
        "@id": f"#{quote('input/' + name)}",
        "@type": "CreativeWork",
        "name": name,
        "sha256": one["sha256"],
    }


def _software(run: dict[str, Any]) -> dict[str, Any]:
    versions = run.get("software") or {}
    commit = str((run.get("git") or {}).get("commit") or "")
    return {
        "@id": "#attraktiv-eval",
        "@type": "SoftwareApplication",
        "name": "attraktiv-eval",
        "version": " ".join(one for one in (versions.get("attraktiv-eval", ""), commit[:12]) if one),
        "softwareRequirements": [f"{name} {version}" for name, version in versions.items()],
        "license": "https://spdx.org/licenses/MIT",
    }


def _licence(run: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the licence that the project states; else that none is."""
    stated = str(run.get("licence") or "")
    if stated:
        id = stated if "://" in stated else "#licence"
        return [{"@id": id, "@type": "CreativeWork", "name": stated, "description": stated}]
    none = "No licence is stated in project.toml: ask the publisher."
    return [{"@id": "#licence", "@type": "CreativeWork", "name": "No licence stated", "description": none}]


def _action(run: dict[str, Any], inputs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the run: when it was made, by which program, from which files and to what."""
    return {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"attraktiv-eval run, {run['report']}",
        "instrument": {"@id": "#attraktiv-eval"},
        "startTime": str(run["started"]),
        **({"endTime": str(run["ended"])} if run.get("ended") else {}),
        "object": _ids(inputs),
        "result": {"@id": "./"},
    }
