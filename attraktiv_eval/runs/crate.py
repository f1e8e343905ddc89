"""Describes a published folder for archives and machines: ``ro-crate-metadata.json`` (RO-Crate 1.1).

The description follows from the folder alone: its files with their hashes, and what run.json and results.json
say of the run. Whoever has the folder can make it again, and so tell whether either was changed.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from attraktiv_eval.reporting.index import report_name
from attraktiv_eval.texts import translator

__all__ = ["CRATE", "describe_folder", "files_of", "write_crate"]

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
