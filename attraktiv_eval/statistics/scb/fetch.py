"""Fetch the catalogue's tables, tidy and check them, and lay them beside the panel."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from attraktiv_eval import regions, resources
from attraktiv_eval.errors import SourceError
from attraktiv_eval.resources import digest_of, installing, writing
from attraktiv_eval.statistics import checks
from attraktiv_eval.statistics.scb.catalogue import (
    Catalogue,
    Counted,
    Division,
    Indicator,
    Table,
    join,
    resolve,
    split,
    tidy,
)
from attraktiv_eval.statistics.scb.client import (
    BASE_URL,
    Client,
    Manifest,
    NotFound,
    Progress,
    cells_of,
    cube_of,
    download,
    find_id,
    write_whole,
)
from attraktiv_eval.statistics.tables import (
    COUNTIES_FILE,
    GROUPS_FILE,
    PANEL_FILE,
    read_tidy,
)

if TYPE_CHECKING:
    import pandas as pd


#: Where fetched statistics go unless another folder is named.
FOLDER = "statistics"

#: A file of this name in the folder takes the place of the shipped catalogue.
CATALOGUE = "catalogue.toml"

#: Held while a fetch works in a folder.
LOCK = ".fetch.lock"


@dataclass(frozen=True)
class Fetched:
    """What happened to one table.

    ``state`` is ``fetched``, ``unchanged``, ``planned`` (a dry run) or ``failed``; ``cells`` and ``calls``
    are those of the whole table; ``message`` says why it failed, or what the checks found odd in years with
    noise. A table is ``unchanged`` only where its tidy file is made of the answers that are held.
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
    again: Sequence[str] = (),
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
    again : sequence of str
        Tidy names that are asked for anew, though they are held.

    Returns
    -------
    list of Fetched
        In the order of the catalogue. A table that is not at the core of the analysis may fail, or fail its
        check, without stopping the others: what lay there before stays. So may one that the service does not
        have and never had here; not if it was asked for by name and nothing of that name is there.

    Raises
    ------
    SourceError
        If the service cannot be used, a table no longer fits the catalogue, a check of a core table fails, or
        another fetch is at work in the folder; earlier tidy tables then stand as they were, what was fetched
        is not fetched again, and what failed a check is.
    """
    folder, known = folder_and_catalogue(to, catalogue)
    known.named(list(again))
    chosen = known.named([*(tables or []), *again] if tables else [])
    chosen = [table for table in chosen if tables or not table.by_hand]
    service = client or Client(base_url)
    service.limits()
    if dry_run:
        return _fetch_all(chosen, service, Manifest.load(folder), progress, tables, again, dry_run=True)
    with alone_in(folder):
        manifest = Manifest.load(folder)
        done = _fetch_all(chosen, service, manifest, progress, tables, again, dry_run=False)
        return _publish(chosen, done, manifest)


def folder_and_catalogue(to: Path | str | None, catalogue: Path | None = None) -> tuple[Path, Catalogue]:
    """Return where a fetch goes and what it knows, as :func:`fetch` tells of both.

    Raises
    ------
    SourceError
        If the packages of the extra ``fetch`` are not installed, or the catalogue cannot be read.
    """
    need_the_extra()
    folder = Path(to) if to is not None else Path.cwd() / FOLDER
    own = folder / CATALOGUE
    return folder, Catalogue.load(catalogue or (own if own.is_file() else None))


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other fetches out of a folder."""
    from filelock import FileLock, Timeout

    with writing("", folder, "make room on the disk, or choose another folder with --to", SourceError):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise SourceError(
                "another fetch is at work in this folder",
                remedy="wait for it to end, or choose another folder with --to",
                file=folder,
            ) from None
    try:
        yield
    finally:
        lock.release()
        with contextlib.suppress(OSError):
            (folder / LOCK).unlink(missing_ok=True)


def _fetch_all(
    chosen: list[Table],
    service: Client,
    manifest: Manifest,
    progress: Progress | None,
    tables: Sequence[str] | None,
    again: Sequence[str],
    *,
    dry_run: bool,
) -> list[Fetched]:
    done: list[Fetched] = []
    lost: list[tuple[Table, SourceError]] = []
    for table in chosen:
        try:
            if dry_run:
                done.append(_plan(table, service, manifest))
            else:
                done.append(_fetch(table, service, manifest, progress, again=table.name in again))
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
    return done


def _stop_at_a_hole(lost: list[tuple[Table, SourceError]], done: list[Fetched], *, asked: bool) -> None:
    """Raise where a table that the service lacks would leave a series without its older years, or nothing.

    The years from 2025 stand in tables of their own; a service without these gives the years before.
    """
    there = {result.name for result in done if result.state != "failed"}
    for table, error in lost:
        if (table.core and not table.noise and table.name in there) or (asked and table.name not in there):
            raise error


def need_the_extra() -> None:
    """Raise SourceError where the packages of the extra ``fetch`` are not installed."""
    if any(find_spec(module) is None for module in ("pxweb", "requests", "tenacity")):
        raise SourceError(
            "fetching needs packages that are not installed, the extra fetch",
            remedy=f"{installing('fetch')}; or put files downloaded by hand in a folder",
        )


def _plan(table: Table, client: Client, manifest: Manifest) -> Fetched:
    id = find_id(table, client, manifest)
    info = client.table(id)
    if manifest.is_current(table.key, id, str(info.get("updated") or ""), table.fingerprint()):
        state = "unchanged"
    else:
        state = "planned"
    selection = resolve(table.model_copy(update={"id": id}), client.metadata(id))
    return Fetched(table.name, id, state, cells_of(selection), len(split(selection, client.limits().cells)))


def _fetch(
    table: Table, client: Client, manifest: Manifest, progress: Progress | None, *, again: bool
) -> Fetched:
    new = download(table, client, manifest, progress, again=again)
    account = manifest.tables[table.key]
    state = "fetched" if new else "unchanged"
    return Fetched(table.name, account["id"], state, cells_of(account["selection"]), len(account["parts"]))


def _publish(tables: list[Table], done: list[Fetched], manifest: Manifest) -> list[Fetched]:
    """Tidy and check every table that is not made of the answers held, then write all of them.

    The answers may be those of an earlier fetch that ended before its tables were written. A side table whose
    one part failed, or that fails its check, is left as it lay.
    """
    results = dict(zip((table.key for table in tables), done, strict=True))
    usable: dict[str, list[Table]] = {}
    for table in tables:
        if results[table.key].state != "failed":
            usable.setdefault(table.name, []).append(table)
    for table in tables:
        if results[table.key].state == "failed" and _holds(table, manifest):
            usable.pop(table.name, None)  # a part alone is not the whole
    stale = {n: own for n, own in usable.items() if not manifest.is_made(n, [t.key for t in own])}
    frames = {name: _tidied(own, manifest) for name, own in stale.items()}
    odd = _checked(frames, stale, manifest, results)
    for name, (frame, missing) in frames.items():
        write_tidy(name, frame, missing, stale[name], odd.get(name, []), manifest)
        newly = any(results[table.key].state == "fetched" for table in stale[name])
        for table in stale[name]:
            result = results[table.key]
            state = result.state if newly else "fetched"  # by an earlier fetch, which ended before this
            results[table.key] = replace(result, state=state, message="; ".join(odd.get(name, [])))
    lay_panel(manifest.folder)
    if frames or any(result.state == "failed" for result in results.values()):
        manifest.save()
    return [results[table.key] for table in tables]


def _holds(table: Table, manifest: Manifest) -> bool:
    """Say whether the folder holds figures of this table already."""
    made = manifest.tidy.get(f"{table.name}.csv", {})
    account = manifest.tables.get(table.key, {})
    return bool(account) and account.get("id") in made.get("tables", [])


def write_tidy(
    name: str,
    frame: pd.DataFrame,
    missing: pd.DataFrame,
    own: Sequence[Table | Indicator | Counted],
    remarks: list[str],
    manifest: Manifest,
) -> None:
    """Write a tidy table and its list of missing cells, and account for both."""
    keys = [table.key for table in own]
    for file, content in ((f"{name}.csv", frame), (f"missing/{name}.csv", missing)):
        data = _whole_numbers(content).to_csv(index=False, lineterminator="\n").encode("utf-8")
        write_whole(manifest.folder / file, data)
        manifest.tidy[file] = {
            "sha256": digest_of(data),
            "tables": [manifest.tables[key]["id"] for key in keys],
            "made_of": manifest.made_of(keys),
            "remarks": remarks,
        }


def _whole_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Return counts as whole numbers; a measure with decimals stays as it is."""
    counts = [c for c in frame.select_dtypes("Float64") if (frame[c].dropna() % 1 == 0).all()]
    return frame.astype(dict.fromkeys(counts, "Int64"))


def _checked(
    frames: dict[str, tuple[pd.DataFrame, pd.DataFrame]],
    stale: dict[str, list[Table]],
    manifest: Manifest,
    results: dict[str, Fetched],
) -> dict[str, list[str]]:
    """Leave out side tables that fail a check, stop at a core one; return what is odd in years with noise.

    What fails is no longer counted as fetched: the next fetch asks for it again.
    """
    core = {table.name for own in stale.values() for table in own if table.core}
    while frames:
        faults = checks.Faults()
        try:
            _check({name: frame for name, (frame, _) in frames.items()}, manifest.folder, faults)
        except SourceError as error:
            blamed = [name for name in faults.tables if name in frames]
            manifest.refuse([table.key for name in blamed for table in stale[name]])
            if not blamed or core & set(blamed):
                manifest.save()
                raise
            for name in blamed:
                frames.pop(name)
                for table in stale.pop(name):
                    results[table.key] = replace(results[table.key], state="failed", message=error.one_line())
        else:
            return {
                name: [said for said in faults.noisy if said.startswith(f"table {name},")] for name in frames
            }
    return {}


def _check(frames: dict[str, pd.DataFrame], folder: Path, faults: checks.Faults) -> None:
    """Hold the new tables against themselves and against those that lie in the folder."""
    beside = {
        name: read_tidy(folder / f"{name}.csv")
        for name in ("moves", "changes", "county_moves", "moves_by_age", "municipality_moves")
        if name not in frames
    }
    checks.check_all({name: table for name, table in beside.items() if table is not None} | frames, faults)


def _tidied(tables: list[Table], manifest: Manifest) -> tuple[pd.DataFrame, pd.DataFrame]:
    import pandas as pd

    parts, missing = [], []
    for table in tables:
        frame, absent = tidy(cube_of(table, manifest), table)
        parts.append((table, frame))
        missing.append(absent)
    return join(parts), pd.concat(missing, ignore_index=True)


def lay_panel(folder: Path) -> None:
    """Copy the embedded panel into the folder, so that it can be used as it is.

    Beside a panel of the folder's own no embedded figures of the counties are laid: they need not agree.
    """
    embedded = resources.find(f"data/statistics/{PANEL_FILE}")
    own = folder / PANEL_FILE
    files = [PANEL_FILE, "sources.toml"]
    if not own.exists() or own.read_bytes() == embedded.read_bytes():
        files.insert(1, COUNTIES_FILE)
    for file in files:
        if not (folder / file).exists():
            shutil.copyfile(embedded.parent / file, folder / file)


def fetch_groups(
    names: Sequence[str],
    to: Path | str | None = None,
    base_url: str = BASE_URL,
    dry_run: bool = False,
    *,
    client: Client | None = None,
) -> list[Fetched]:
    """Bring SCB's groups of municipalities into a file that ``ae.donor_pool`` takes its pools from.

    Parameters
    ----------
    names : sequence of str
        Divisions of the catalogue, such as ``la_2018``.
    to, base_url, dry_run, client
        As :func:`fetch`.

    Returns
    -------
    list of Fetched
        ``municipality_groups.csv`` in the folder then has a column a division, SCB's words of the group in
        each cell; columns of divisions fetched before, and the shipped one, stay.

    Raises
    ------
    SourceError
        If the service cannot be used, or a list does not put every municipality in one group, or has another
        number of groups than the catalogue says; the file then stands as it was.
    """
    folder, known = folder_and_catalogue(to)
    chosen = [known.division(name) for name in dict.fromkeys(names)]
    service = client or Client(base_url)
    found = {one.name: _groups_of(one, service) for one in chosen}
    if not dry_run:
        with alone_in(folder):
            _write_groups(folder, found)
    state = "planned" if dry_run else "fetched"
    return [Fetched(one.name, one.codelist, state, len(found[one.name]), 1) for one in chosen]


def _groups_of(division: Division, service: Client) -> dict[str, str]:
    """Return the group of every municipality in a code list of SCB."""
    listed = service.call(f"/codelists/{division.codelist}").document
    remedy = "look with --show at the code lists of a table by region, and correct the catalogue"
    where = f"code list {division.codelist}"
    values = listed.get("values") if isinstance(listed, dict) else None
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise SourceError(f"{where}: the answer has no list of values", remedy=remedy)
    found: dict[str, str] = {}
    for value in values:
        label, members = str(value.get("label") or value.get("code") or "").strip(), value.get("valueMap")
        for code in members if isinstance(members, list) else []:
            if not regions.is_municipality(code) or not label:
                raise SourceError(f"{where}: {code!r} in {label!r} is no municipality", remedy=remedy)
            if found.setdefault(code, label) != label:
                raise SourceError(f"{where}: {code} is in {found[code]} and in {label}", remedy=remedy)
    if lacking := sorted(set(regions.names_of_municipalities()) - set(found)):
        raise SourceError(
            f"{where}: {len(lacking)} municipalities have no group, {lacking[0]} first", remedy=remedy
        )
    if (groups := len(set(found.values()))) != division.groups:
        raise SourceError(
            f"{where} has {groups} groups, and the catalogue says {division.groups}", remedy=remedy
        )
    return found


def _write_groups(folder: Path, found: dict[str, dict[str, str]]) -> None:
    import pandas as pd

    file = folder / GROUPS_FILE
    there = file if file.is_file() else resources.find(f"data/regions/{GROUPS_FILE}")
    held = pd.read_csv(there, dtype="str", encoding="utf-8-sig", keep_default_na=False)
    if "region_code" not in held.columns:
        raise SourceError("the file has no region_code", remedy="move it away and run again", file=file)
    table = pd.DataFrame(
        sorted(regions.names_of_municipalities().items()), columns=["region_code", "region_name"]
    )
    table = table.merge(held.drop(columns="region_name", errors="ignore"), how="left", on="region_code")
    for name, groups in found.items():
        table[name] = table["region_code"].map(groups)
    write_whole(file, table.to_csv(index=False, lineterminator="\n").encode("utf-8"))
