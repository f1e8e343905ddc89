"""Fetch the catalogue's tables, tidy and check them, and lay them beside the panel."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from attraktiv_eval import resources
from attraktiv_eval.errors import SourceError
from attraktiv_eval.extras import installing
from attraktiv_eval.statistics import checks
from attraktiv_eval.statistics.reading import PANEL_FILE, read_tidy
from attraktiv_eval.statistics.scb.catalogue import Catalogue, Table
from attraktiv_eval.statistics.scb.client import BASE_URL, Client, NotFound
from attraktiv_eval.statistics.scb.download import Progress, cells_of, cube_of, download, find_id
from attraktiv_eval.statistics.scb.manifest import Manifest, sha256, write_whole
from attraktiv_eval.statistics.scb.selection import resolve, split
from attraktiv_eval.statistics.scb.tidy import join, tidy

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FOLDER", "Fetched", "fetch"]

#: Where fetched statistics go unless another folder is named.
FOLDER = "statistics"

#: A file of this name in the folder takes the place of the shipped catalogue.
CATALOGUE = "catalogue.toml"


@dataclass(frozen=True)
class Fetched:
    """What happened to one table.

    ``state`` is ``fetched``, ``unchanged``, ``planned`` (a dry run) or ``failed``; ``cells`` and ``calls``
    are those of the whole table; ``message`` says why it failed.
    """

    name: str
    id: str | None
    state: str
    cells: int = 0
    calls: int = 0
    message: str = ""


def fetch(
    tables: Sequence[str] | None = None,
    to: Path | str | None = None,
    base_url: str = BASE_URL,
    dry_run: bool = False,
    progress: Progress | None = None,
    *,
    catalogue: Path | None = None,
    client: Client | None = None,
) -> list[Fetched]:
    """Bring SCB tables into a folder that ``--statistics`` can name.

    Parameters
    ----------
    tables : sequence of str, optional
        Tidy names of the catalogue; None asks for all that need no download by hand.
    to : path, optional
        The folder; None is ``statistics`` in the current folder. It gets tidy tables, ``raw/``,
        ``manifest.json`` and, if it has none, a copy of the embedded panel.
    base_url : str
        Address of a PxWebApi 2 service.
    dry_run : bool
        Ask only what there is, and report cells and calls; write nothing.
    progress : callable, optional
        Called with name, cells done and cells in all.
    catalogue : Path, optional
        Another catalogue; else ``catalogue.toml`` of the folder, else the shipped one.
    client : Client, optional
        Another client, for other time-outs.

    Returns
    -------
    list of Fetched
        In the order of the catalogue. A table that is not at the core of the analysis may fail without
        stopping the others, and so may one that the service does not have and never had here; not if it was
        asked for by name and nothing of that name is there.

    Raises
    ------
    SourceError
        If the service cannot be used, a table no longer fits the catalogue, or a check fails; earlier tidy
        tables then stand as they were, and what was fetched is not fetched again.
    """
    _need_the_extra()
    folder = Path(to) if to is not None else Path.cwd() / FOLDER
    own = folder / CATALOGUE
    chosen = Catalogue.load(catalogue or (own if own.is_file() else None)).named(list(tables or []))
    chosen = [table for table in chosen if tables or not table.by_hand]
    service = client or Client(base_url)
    service.limits()
    manifest = Manifest.load(folder)
    done: list[Fetched] = []
    lost: list[tuple[Table, SourceError]] = []
    for table in chosen:
        try:
            if dry_run:
                done.append(_plan(table, service, manifest))
            else:
                done.append(_fetch(table, service, manifest, progress))
        except NotFound as error:
            if table.key in manifest.tables and manifest.tables[table.key].get("complete"):
                raise
            lost.append((table, error))
            done.append(Fetched(table.name, table.id, "failed", message=error.one_line()))
        except SourceError as error:
            if tables or table.core:
                raise
            done.append(Fetched(table.name, table.id, "failed", message=error.one_line()))
    _stop_at_a_hole(lost, done, asked=bool(tables))
    if not dry_run:
        usable = [table for table, result in zip(chosen, done, strict=True) if result.state != "failed"]
        _publish(usable, done, manifest)
    return done


def _stop_at_a_hole(lost: list[tuple[Table, SourceError]], done: list[Fetched], *, asked: bool) -> None:
    """Raise where a table that the service lacks would leave a series without its older years, or nothing.

    The years from 2025 stand in tables of their own; a service without these gives the years before.
    """
    there = {result.name for result in done if result.state != "failed"}
    for table, error in lost:
        if (table.core and not table.noise and table.name in there) or (asked and table.name not in there):
            raise error


def _need_the_extra() -> None:
    if any(find_spec(module) is None for module in ("pxweb", "requests", "tenacity")):
        raise SourceError(
            "fetching needs packages that are not installed, the extra fetch",
            remedy=f"{installing('fetch')}; or put files downloaded by hand in a folder",
        )


def _plan(table: Table, client: Client, manifest: Manifest) -> Fetched:
    id = find_id(table, client, manifest)
    info = client.table(id)
    if manifest.is_current(table.key, str(info.get("updated") or ""), table.fingerprint()):
        state = "unchanged"
    else:
        state = "planned"
    selection = resolve(table.model_copy(update={"id": id}), client.metadata(id))
    return Fetched(table.name, id, state, cells_of(selection), len(split(selection, client.limits().cells)))


def _fetch(table: Table, client: Client, manifest: Manifest, progress: Progress | None) -> Fetched:
    new = download(table, client, manifest, progress)
    account = manifest.tables[table.key]
    state = "fetched" if new else "unchanged"
    return Fetched(table.name, account["id"], state, cells_of(account["selection"]), len(account["parts"]))


def _publish(tables: list[Table], done: list[Fetched], manifest: Manifest) -> None:
    """Tidy and check every table that is new, then write all of them, then the manifest."""
    folder = manifest.folder
    new = {result.name for result in done if result.state == "fetched"}
    names = dict.fromkeys(table.name for table in tables)
    stale = [name for name in names if name in new or not _is_there(name, manifest)]
    frames = {name: _tidied([t for t in tables if t.name == name], manifest) for name in stale}
    if frames:
        _check({name: frame for name, (frame, _) in frames.items()}, folder)
    for name, (frame, missing) in frames.items():
        own = [manifest.tables[t.key] for t in tables if t.name == name]
        for file, content in ((f"{name}.csv", frame), (f"missing/{name}.csv", missing)):
            data = _whole_numbers(content).to_csv(index=False, lineterminator="\n").encode("utf-8")
            write_whole(folder / file, data)
            manifest.tidy[file] = {"sha256": sha256(data), "tables": [account["id"] for account in own]}
    _lay_panel(folder)
    if frames:
        manifest.save()


def _whole_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Return counts as whole numbers; a measure with decimals stays as it is."""
    counts = [c for c in frame.select_dtypes("Float64") if (frame[c].dropna() % 1 == 0).all()]
    return frame.astype(dict.fromkeys(counts, "Int64"))


def _check(frames: dict[str, pd.DataFrame], folder: Path) -> None:
    """Stop a bad table; what is not new is read from the folder for the checks between two."""
    beside = {
        name: read_tidy(folder / f"{name}.csv")
        for name in ("moves", "changes", "county_moves")
        if name not in frames
    }
    checks.check_all({name: table for name, table in beside.items() if table is not None} | frames)


def _is_there(name: str, manifest: Manifest) -> bool:
    held = manifest.tidy.get(f"{name}.csv", {})
    file = manifest.folder / f"{name}.csv"
    return file.is_file() and sha256(file.read_bytes()) == held.get("sha256")


def _tidied(tables: list[Table], manifest: Manifest) -> tuple[pd.DataFrame, pd.DataFrame]:
    import pandas as pd

    parts, missing = [], []
    for table in tables:
        frame, absent = tidy(cube_of(table, manifest), table)
        parts.append((table, frame))
        missing.append(absent)
    return join(parts), pd.concat(missing, ignore_index=True)


def _lay_panel(folder: Path) -> None:
    """Copy the embedded panel into the folder, so that it can be used as it is."""
    for file in (PANEL_FILE, "sources.toml"):
        if not (folder / file).exists():
            shutil.copyfile(resources.find(f"data/statistics/{file}"), folder / file)
