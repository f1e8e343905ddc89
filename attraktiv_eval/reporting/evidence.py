"""What a page carries with it: its tables, figures, plan and hashes as files, and a seal over itself.

Every link to a file beside the page becomes the file itself, so that a page in a mail loses none of them; the
archive of all that the page rests on holds a manifest with the hash of each file and of the page's own text.
"""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from attraktiv_eval.errors import SourceError
from attraktiv_eval.reporting.view import escape
from attraktiv_eval.resources import digest_of
from attraktiv_eval.texts import number, translator

#: Bytes that a page with all its files may have; what does not fit is in the archive alone.
LARGEST = 1_980_000
#: The file in the archive that tells the hash of every other, and of the page's text.
MANIFEST = "manifest.json"
_KINDS = {
    ".csv": "text/csv;charset=utf-8",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".json": "application/json",
    ".toml": "text/plain;charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}
LINK = re.compile(r"<a (?P<attributes>[^>]*)>(?P<words>.*?)</a>", re.DOTALL)
HREF = re.compile(r'href="(?P<file>[^"]*)"')
_ARCHIVE = re.compile(r'(<a id="evidence" [^>]*href="data:application/zip;base64,)([^"]*)(")')
_SEAL = re.compile(r'(<code id="seal">)([^<]*)(</code>)')
_DATA = re.compile(r'download="(?P<name>[^"]+)" href="data:(?P<kind>[^",]*);base64,(?P<payload>[^"]*)"')


def carry(page: str, folder: Path, *, language: str, name: str) -> str:
    """Return the page with every file that it leads to inside it, and the archive of its evidence.

    Parameters
    ----------
    page : str
        The whole HTML document.
    folder : Path
        Where its files lie; a link to one that is not there becomes plain text.
    language : {"sv", "en"}
    name : str
        File name of the page.
    """
    files = _evidence(folder, name)
    section = _section(folder, name, files, language) if files else ""
    archive = _archive_of(files, {}) if files else b""
    room = LARGEST - sum(len(one.encode("utf-8")) for one in (page, section)) - 4 * len(archive) // 3 - 5000
    page = _with_files(page, folder, room, language, whole=not files)
    if not files:
        return page
    page = page.replace("</main>", f"{section}\n</main>", 1)
    run = json.loads(files["run.json"])
    manifest = {
        "format": 1,
        "page": name,
        "language": language,
        "run_id": run.get("run_id"),
        "page_sha256": digest_of(page.encode("utf-8")),
        "files": {file: digest_of(content) for file, content in files.items()},
    }
    archive = _archive_of(files, manifest)
    page = _ARCHIVE.sub(lambda found: found[1] + _base64(archive) + found[3], page)
    return _SEAL.sub(lambda found: found[1] + digest_of(archive) + found[3], page)


def _evidence(folder: Path, name: str) -> dict[str, bytes]:
    """Return what a published page rests on, by file name; empty where it is no published page."""
    if not all((folder / file).is_file() for file in ("results.json", "run.json")):
        return {}
    paths = [*sorted((folder / "tables").glob("*.csv")), folder / "results.json", folder / "run.json"]
    paths += [
        path
        for path in (folder / "analysis_plan.toml", folder / Path(name).with_suffix(".ipynb"))
        if path.is_file()
    ]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _archive_of(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> bytes:
    """Return files and their manifest as a zip archive: the same bytes for the same files."""
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in [*files.items(), (MANIFEST, text.encode("utf-8"))]:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # the same on every system
            archive.writestr(entry, content)
    return held.getvalue()


def _with_files(page: str, folder: Path, room: int, language: str, *, whole: bool) -> str:
    """Put each file that a link names into the link; a file stands once, and further links lead to it.

    Where the page has no archive (``whole``), a file without room keeps its link.
    """
    _ = translator(language)
    place: dict[str, str] = {}
    inside = escape(_("in the zip file"))

    def put(link: re.Match[str]) -> str:
        nonlocal room
        href = HREF.search(link["attributes"])
        file = unescape(href["file"]).partition("#")[0] if href else ""
        if not whole and "#cell-id" in link["attributes"]:
            return f'<a href="#evidence">{link["words"]}</a>'
        if not file or re.match(r"[a-z]+:", file) or file.endswith((".html", ".pdf", ".ipynb")):
            return link.group()
        if not (folder / file).is_file():
            return link["words"]
        if file in place:
            return f'<a href="#{place[file]}">{link["words"]}</a>'
        content = (folder / file).read_bytes()
        size = 4 * len(content) // 3
        if size > room or size > LARGEST // 3:
            if whole or file.endswith(".docx"):
                return link.group()
            return f'{link["words"]} (<a href="#evidence">{inside}</a>)'
        room -= size
        place[file] = "file-" + re.sub(r"[^a-z0-9]+", "-", file.lower())
        return _data_link(place[file], Path(file).name, content, link["words"])

    return LINK.sub(put, page)


def _data_link(id: str, name: str, content: bytes, words: str) -> str:
    kind = _KINDS.get(Path(name).suffix.lower(), "application/octet-stream")
    return f'<a id="{id}" download="{escape(name)}" href="data:{kind};base64,{_base64(content)}">{words}</a>'


def _section(folder: Path, name: str, files: Mapping[str, bytes], language: str) -> str:
    """Return what the page says of the files that it carries; the archive and its seal are still empty."""
    _ = translator(language)
    stem = f"{Path(name).name.partition('.')[0]}{'' if language == 'sv' else '.' + language}"
    kinds = {
        "results.json": _("Every figure with range, level and source (results.json)"),
        "run.json": _("How the run was made, and the hash of every file read (run.json)"),
        "analysis_plan.toml": _("The analysis plan (analysis_plan.toml)"),
    }
    links = [_data_link("evidence", f"{stem}.zip", b"", escape(_("All of it in one zip file")))]
    links += [
        _data_link(f"carried-{file.partition('.')[0]}", file, files[file], escape(words))
        for file, words in kinds.items()
        if file in files
    ]
    tables = number(sum(file.endswith(".csv") for file in files), language)
    carries = _(
        "This page carries its evidence: {n} tables, every figure, the plan and the hashes of all that was "
        "read. The links work in a mailed copy too, without a network."
    ).format(n=tables)
    beside = _(
        "Beside the page, not in it, lie the pages in other languages, the list of all reports and a "
        "description for archives (ro-crate-metadata.json)."
    )
    sealed = _(
        "The seal of the evidence (SHA-256). Write it down where the report is registered: once a figure, "
        "a table or a word of the page is changed, it no longer fits. {command} tries it."
    ).format(command=f"<code>attraktiv-eval verify {escape(name)}</code>")
    items = "".join(f"<li>{link}</li>" for link in links)
    heading = escape(_("The files in this page"))
    return (
        f'<section class="carried"><h3 id="files">{heading}</h3>'
        f"<p>{escape(carries)}</p><ul>{items}</ul><p>{escape(beside)}</p>"
        f'<p>{sealed}</p><p><code id="seal"></code></p></section>'
    )


# --- Reads a page's evidence back


@dataclass(frozen=True)
class Carried:
    """What a page carries: its own text without the archive, the files, the manifest, and its links.

    ``links`` holds the file name and the content of each download; ``faults`` what cannot be as it was made.
    """

    text: str
    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]
    links: tuple[tuple[str, bytes], ...]
    seal: str
    faults: tuple[str, ...]


def carried(page: bytes, file: str) -> Carried:
    """Return what a page carries.

    Raises
    ------
    SourceError
        If it is no page that carries evidence; where the evidence itself is damaged, ``faults`` tells it.
    """
    try:
        text = page.decode("utf-8")
    except UnicodeDecodeError:
        text = page.decode("utf-8", errors="replace")
    found, seal = _ARCHIVE.search(text), _SEAL.search(text)
    if found is None or seal is None:
        raise SourceError(
            "the page carries no evidence", remedy="give a report that attraktiv-eval run has made", file=file
        )
    faults = [] if text.encode("utf-8") == page else ["encoding"]
    archive = _decoded(found[2])
    bare = _SEAL.sub(r"\1\3", _ARCHIVE.sub(r"\1\3", text))
    files: dict[str, bytes] = {}
    manifest: dict[str, Any] = {}
    if archive is None or digest_of(archive) != seal[2]:
        faults.append("seal")
    else:
        try:
            with zipfile.ZipFile(io.BytesIO(archive)) as packed:
                files = {name: packed.read(name) for name in packed.namelist()}
            manifest = dict(json.loads(files.pop(MANIFEST)))
        except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, OSError, RuntimeError):
            faults.append("archive")
    links = []
    for link in _DATA.finditer(bare):
        if link["payload"]:
            content = _decoded(link["payload"])
            links.append((unescape(link["name"]), b"" if content is None else content))
    return Carried(bare, files, manifest, tuple(links), seal[2], tuple(faults))


def _decoded(payload: str) -> bytes | None:
    """Return the bytes behind base64; None where it is not written as it would be made."""
    try:
        content = base64.b64decode(payload, validate=True)
    except ValueError:
        return None
    return content if _base64(content) == payload else None


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
