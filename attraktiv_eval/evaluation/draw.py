"""A sealed draw among applicants: anyone can draw it again, and nobody could choose its outcome.

The rule is sealed before the public value is known: the list, the share, the strata and the plan, each by its
hash. The seed is the hash of the seal and the public value, and an applicant's place is the hash of seed
and pseudonym, so that no generator of random numbers is needed to draw it again. What the draw shows is
evidence of its own kind: it stands beside the three levels and is never added to them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from attraktiv_eval import resources
from attraktiv_eval.counterfactual.inference.drawn_lots import SMALL, DrawResult, analyse
from attraktiv_eval.errors import DesignError, ParameterError, RecordError, one_of
from attraktiv_eval.level3.plan import is_hash_of
from attraktiv_eval.records.files import read_file
from attraktiv_eval.records.headings import plain_heading
from attraktiv_eval.records.pseudonyms import Pseudonyms, email_key, personal_number
from attraktiv_eval.records.schemas import id_of
from attraktiv_eval.records.workbook import as_it_was, as_plain_text

if TYPE_CHECKING:
    import pandas as pd

    from attraktiv_eval.project import Project

__all__ = [
    "DRAWN",
    "FEWEST",
    "LISTED",
    "ORDER",
    "SEALED",
    "Applicant",
    "ProjectDraw",
    "analyse_folder",
    "check_draw",
    "csv_of",
    "draw_order",
    "drawn_by",
    "files_of_draw",
    "hash_of_plan",
    "key_of",
    "named",
    "project_draw",
    "read_sealed",
    "seed_of",
    "table_of",
]

LISTED, SEALED, DRAWN, ORDER = "applicants.csv", "sealed.toml", "drawn.toml", "draw.csv"
FEWEST = 4  # applicants of a stratum
#: What a seal and a draw say, at least.
_SAID = {
    "seal": {"written", "plan_sha256", "list_sha256", "share", "id_heading", "public_value", "value_day"},
    "draw": {"written", "seal_sha256", "public_value", "order_sha256"},
}
#: Headings of the outcomes, in either language.
_MOVED, _HELPED = ("moved", "flyttat", "har flyttat"), ("helped", "fått hjälp", "fick hjälp")


@dataclass(frozen=True)
class Applicant:
    """An applicant: a pseudonym and the stratum within which it is drawn."""

    pseudonym: str
    stratum: str


# --- The rule of the draw


def draw_order(applicants: Sequence[Applicant], share: float, seed: str) -> list[tuple[int, Applicant, bool]]:
    """Return every applicant with its place and whether it is served first, in the order of the places.

    Parameters
    ----------
    applicants : sequence of Applicant
        In any order: the result does not depend on it.
    share : float
        Share that is served first, in every stratum as nearly as whole applicants allow.
    seed : str

    Notes
    -----
    Places follow SHA-256 of ``seed:pseudonym``. How many of each stratum are served is share x n, rounded up
    or down by one common draw u, SHA-256 of ``seed:start`` over 2^256, so that everyone has the same chance:
    with the strata in the order of SHA-256 of ``seed:stratum`` and c the sum of share x n so far,
    floor(c + u) less the same before. Those who wait are helped in the order of their places.

    Examples
    --------
    >>> eight = [Applicant(f"p{n}", "all") for n in range(8)]
    >>> [served for _place, _one, served in draw_order(eight, 0.5, "seed")].count(True)
    4
    """
    ordered = sorted(applicants, key=lambda one: (_hashed(f"{seed}:{one.pseudonym}"), one.pseudonym))
    sizes = Counter(one.stratum for one in ordered)
    reached, quota = Fraction(int(_hashed(f"{seed}:start"), 16), 2**256), {}
    for stratum in sorted(sizes, key=lambda name: (_hashed(f"{seed}:{name}"), name)):
        further = reached + Fraction(str(share)) * sizes[stratum]
        quota[stratum] = math.floor(further) - math.floor(reached)
        reached = further
    taken: Counter[str] = Counter()
    drawn = []
    for place, one in enumerate(ordered, start=1):
        served = taken[one.stratum] < quota[one.stratum]
        taken[one.stratum] += 1
        drawn.append((place, one, served))
    return drawn


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


# --- Drawing again


def seed_of(sealed: dict[str, Any], value: str) -> str:
    """Return the seed that a seal and the public value give."""
    return _hashed(f"{sealed['sha256']}:{value}")


def drawn_by(sealed: dict[str, Any], applicants: Sequence[Applicant], value: str) -> bytes:
    """Return the file of the order that a seal and the public value give."""
    rows = draw_order(applicants, float(sealed["share"]), seed_of(sealed, value))
    told = [
        (str(place), one.pseudonym, one.stratum, "yes" if served else "no") for place, one, served in rows
    ]
    return csv_of([("place", "pseudonym", "stratum", "served_first"), *told])


def read_sealed(directory: Path) -> tuple[dict[str, Any], list[Applicant]]:
    """Return what was sealed and the list, each held against its hash.

    Raises
    ------
    DesignError
        If one of them cannot be read or was changed.
    """
    sealed = _read(directory / SEALED, "seal")
    raw = _bytes(directory / LISTED)
    if hashlib.sha256(raw).hexdigest() != sealed["list_sha256"]:
        raise DesignError(
            "the list of applicants was changed after it was sealed",
            remedy="restore the file that was sealed",
            file=directory / LISTED,
        )
    rows = _lines_of(raw, directory / LISTED, 2)
    return sealed, [Applicant(*map(as_it_was, row)) for row in rows]


def _lines_of(raw: bytes, path: Path, width: int) -> list[list[str]]:
    """Return the rows under the heading of a file of the draw."""
    try:
        rows = list(csv.reader(io.StringIO(raw.decode("utf-8")), strict=True))[1:]
    except (UnicodeDecodeError, csv.Error):
        rows = [[]]
    if any(len(row) != width for row in rows):
        raise DesignError(
            "the file was changed after it was written", remedy="restore it as it was written", file=path
        )
    return rows


def check_draw(directory: Path, sealed_sha256: str = "", plan_file: Path | None = None) -> list[str]:
    """Draw again and return what does not hold, one line each; nothing where all of it does.

    Parameters
    ----------
    sealed_sha256 : str
        The seal's hash as it was told before the value was known: a second seal has another.
    plan_file : Path, optional
        The plan that it was sealed with.
    """
    try:
        sealed, applicants = read_sealed(directory)
        found = _against(sealed, sealed_sha256, plan_file)
        if not (directory / DRAWN).exists() and not (directory / ORDER).exists():
            return found
        drawn = _read(directory / DRAWN, "draw")
        order = _bytes(directory / ORDER)
    except DesignError as wrong:
        return [wrong.one_line()]
    if drawn["seal_sha256"] != sealed["sha256"]:
        found.append(f"{DRAWN}: drawn from another seal: a second draw")
    if drawn["written"] < sealed["value_day"]:
        found.append(f"{DRAWN}: drawn before the public value's day")
    if order != drawn_by(sealed, applicants, str(drawn["public_value"])):
        found.append(f"{ORDER}: another order than seal and public value give: a changed or second draw")
    elif hashlib.sha256(order).hexdigest() != drawn["order_sha256"]:
        found.append(f"{DRAWN}: another order's hash than {ORDER} has")
    return found


def _against(sealed: dict[str, Any], told: str, plan_file: Path | None) -> list[str]:
    found = []
    if told and told.strip().lower() != sealed["sha256"]:
        found.append(f"{SEALED}: not the seal that was told beforehand: a second draw")
    if sealed["written"] >= sealed["value_day"]:
        found.append(f"{SEALED}: sealed when the public value could be known")
    if plan_file is not None and hash_of_plan(plan_file) != sealed["plan_sha256"]:
        found.append(f"{SEALED}: sealed with another plan than {plan_file}")
    return found


# --- Files


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DesignError(
            f"the file cannot be read ({error.strerror})", remedy="give the folder of the draw", file=path
        ) from None


def _read(path: Path, kind: str) -> dict[str, Any]:
    try:
        content = resources.parse_toml(_bytes(path).decode("utf-8-sig").replace("\r\n", "\n"))
    except ValueError as error:
        raise DesignError(
            f"the file cannot be read ({error})", remedy="restore the file as it was written", file=path
        ) from None
    said = content.pop("sha256", None)
    if not is_hash_of(said, content) or content.get("kind") != kind or not _SAID[kind] <= set(content):
        raise DesignError(
            "the file was changed after it was written", remedy="restore it as it was written", file=path
        )
    return {"sha256": said, **content}


def hash_of_plan(path: Path) -> str:
    """Return a plan's hash, which it must hold to; any file's own where it says none."""
    raw = _bytes(path)
    try:
        content = resources.parse_toml(raw.decode("utf-8-sig").replace("\r\n", "\n"))
    except ValueError:
        raise DesignError("the plan is no TOML", remedy="give the plan's file", file=path) from None
    said = content.pop("sha256", None)
    if not is_hash_of(said, content):
        raise DesignError(
            "the plan was changed after it was written, or has no hash",
            remedy="write it with attraktiv-eval design or attraktiv-eval plan",
            file=path,
        )
    return str(said)


def key_of(path: Path, *, must: bool) -> bytes:
    """Return the key of the pseudonyms; a new one where there is none, unless it must be there."""
    if path.exists():
        return path.read_bytes().strip()
    if must:
        raise ParameterError("the key file is not there", remedy="correct --key, or leave it out")
    return secrets.token_hex(32).encode("ascii")


def csv_of(rows: list[tuple[str, ...]]) -> bytes:
    """Return rows as the bytes of a CSV file that no spreadsheet runs."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([as_plain_text(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8")


def _name_key(text: str) -> str:
    return personal_number(text) or email_key(text) or " ".join(text.split()).casefold()


def table_of(
    path: Path, headings: Mapping[str, Sequence[str]]
) -> tuple[list[dict[str, str | None]], list[int]]:
    """Return the rows of a file's first table under wanted names, and their rows in the file."""
    if not path.is_file():
        raise RecordError("there is no such file", remedy="correct the path", file=path)
    sheets = [one for one in read_file(path, path.name) if len(one.rows)]
    if not sheets:
        raise RecordError("the file holds no rows", remedy="save it again with its rows", file=path)
    sheet = sheets[0]
    lines = list(zip(*(list(column) for column in sheet.columns), strict=True))
    spelt = next(iter(headings.values()))
    top = _row_of(lines, spelt)
    if top is None:
        shown = [str(cell) for cell in lines[0] if cell]
        raise RecordError(f"there is no column {spelt[0]!r}", remedy=one_of(shown, spelt[0]), file=path)
    plain = [plain_heading(cell or "") for cell in lines[top]]
    places = {}
    for name, several in headings.items():
        known = [plain.index(plain_heading(one)) for one in several if plain_heading(one) in plain]
        if not known:
            raise RecordError(
                f"there is no column {several[0]!r}",
                remedy=one_of([str(cell) for cell in lines[top] if cell], several[0]),
                file=path,
                row=int(sheet.rows[top]),
            )
        places[name] = known[0]
    kept = [at for at in range(top + 1, len(lines)) if any(lines[at])]
    rows = [{name: lines[at][place] for name, place in places.items()} for at in kept]
    return rows, [int(sheet.rows[at]) for at in kept]


def _row_of(lines: Sequence[tuple[str | None, ...]], spelt: Sequence[str]) -> int | None:
    """Return the place of the row of headings: the first that has one of these."""
    wanted = {plain_heading(one) for one in spelt}
    found = (
        at for at, line in enumerate(lines[:40]) if wanted & {plain_heading(cell or "") for cell in line}
    )
    return next(found, None)


def named(text: str | None, path: Path, row: int, heading: str) -> str:
    """Return what an applicant is known by; a row that names nobody is refused."""
    if text is None or not text.strip():
        raise RecordError(
            "the row names nobody",
            remedy="fill it in, or take the row out",
            file=path,
            row=row,
            column=heading,
        )
    return _name_key(text)


# --- The analysis


def analyse_folder(directory: Path, outcomes: Path, key_file: Path | None = None) -> DrawResult:
    """Analyse a draw by a list of what became of the applicants.

    Parameters
    ----------
    outcomes : Path
        CSV or Excel with the heading that named the applicants, ``moved`` and ``helped`` (yes, no or empty).
        An applicant without a row is unknown.

    Raises
    ------
    DesignError
        If the draw does not hold, or is not made.
    RecordError
        If a row names nobody, nobody of the list, or somebody twice, or an answer is not understood.
    """
    _refuse_broken(directory)
    if not (directory / ORDER).exists():
        raise DesignError("nothing is drawn yet", remedy="run attraktiv-eval draw open first", file=directory)
    sealed, _applicants_of = read_sealed(directory)
    rows = _lines_of(_bytes(directory / ORDER), directory / ORDER, 4)
    at = {row[1]: place for place, row in enumerate(rows)}
    pseudonyms = Pseudonyms(key_of(key_file or directory.with_name(f"{directory.name}.key"), must=True))
    moved, helped = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    heading = str(sealed["id_heading"])
    told, places = table_of(outcomes, {"id": [heading], "moved": _MOVED, "helped": _HELPED})
    seen: dict[str, int] = {}
    for row, place in zip(told, places, strict=True):
        name = pseudonyms("applicant", named(row["id"], outcomes, place, heading))
        if name not in at:
            raise RecordError(
                "the row names nobody of the list that was drawn",
                remedy="take it out, or use the key that the list was sealed with",
                file=outcomes,
                row=place,
                column=heading,
            )
        if name in seen:
            raise RecordError(
                f"the applicant stands in row {seen[name]} already",
                remedy="keep one row an applicant",
                file=outcomes,
                row=place,
                column=heading,
            )
        seen[name] = place
        for into, column in ((moved, "moved"), (helped, "helped")):
            into[at[name]] = _answer(row[column], outcomes, place, column)
    served = np.array([row[3] == "yes" for row in rows])
    return analyse(served, np.array([row[2] for row in rows]), moved, helped)


def _refuse_broken(directory: Path) -> None:
    wrong = check_draw(directory)
    if wrong:
        raise DesignError(
            f"the draw does not hold: {wrong[0]}", remedy="restore the folder as it was drawn", file=directory
        )


def _answer(text: str | None, path: Path, row: int, column: str) -> float:
    if text is None or not text.strip():
        return float("nan")
    said = id_of("yes_no", text)
    if said not in ("yes", "no", "unknown"):
        raise RecordError(
            "the answer is not understood",
            remedy="write yes, no or unknown",
            file=path,
            row=row,
            column=column,
        )
    return {"yes": 1.0, "no": 0.0}.get(said, float("nan"))


# --- The draw of a project, in its reports


@dataclass(frozen=True)
class ProjectDraw:
    """What the draw of a project shows, the day it was drawn, and the day on which everyone was asked."""

    result: DrawResult
    drawn: date
    asked: date

    def effects(self) -> pd.DataFrame:
        """Return the effects in households of all applicants: effect, households, low, high.

        To the nearest five where a count behind them is small. An end without a bound is infinite.
        """
        import pandas as pd

        found = self.result
        rows = [
            ("offered", found.effect, found.low, found.high),
            ("offered_bounds", found.effect, *found.bounds),
            ("took_up", found.complier, found.complier_low, found.complier_high),
            ("took_up_bounds", found.complier, *found.complier_bounds),
        ]
        told = [(id, *(self._households(value) for value in values)) for id, *values in rows]
        return pd.DataFrame(told, columns=["draw_effect", "more", "low", "high"])

    def _households(self, share: float) -> float:
        value = share * self.result.applicants
        if not self.result.small or not math.isfinite(value):
            return value
        return float(SMALL * round(value / SMALL))

    def arms(self) -> pd.DataFrame | None:
        """Return the counts of those served first and those who wait; None where one of them is small."""
        import pandas as pd

        if self.result.small:
            return None
        counts = self.result.counts
        rows = [
            (arm, counts[arm], *(counts[f"{of}_{arm}"] for of in COUNTED)) for arm in ("served", "waiting")
        ]
        return pd.DataFrame(rows, columns=["arm", "drawn", "moved", "unanswered", "helped"])


COUNTED = ("moved", "unknown", "helped")


def project_draw(project: Project, until: date, *, final: bool) -> ProjectDraw | None:
    """Return what the draw of a project shows; None where it has none, or nobody was asked by the day.

    A final report tells of it whenever they were asked; a yearly one only of what was known in its year.
    Until they are asked it must hold as far as it has come, and no list of what became of them is looked for.

    Raises
    ------
    EvaluationError
        If the draw does not hold, or the list of what became of the applicants cannot be used.
    """
    of, file = project.draw, project.origin.path
    if of is None or file is None or (not final and of.asked > until):
        return None
    folder = file.parent / of.folder
    if of.asked > resources.today():
        _refuse_broken(folder)
        return None
    key = file.parent / of.key if of.key else None
    result = analyse_folder(folder, file.parent / of.outcomes, key)
    drawn = _read(folder / DRAWN, "draw")
    return ProjectDraw(result, date.fromisoformat(str(drawn["written"])), of.asked)


def files_of_draw(project: Project) -> tuple[resources.FileRead, ...]:
    """Return the files of a project's draw that are there, for the account of what a run has read."""
    of, file = project.draw, project.origin.path
    if of is None or file is None:
        return ()
    paths = [
        *(file.parent / of.folder / name for name in (SEALED, LISTED, DRAWN, ORDER)),
        file.parent / of.outcomes,
    ]
    return tuple(
        resources.FileRead("draw", path.name, path, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in paths
        if path.is_file()
    )
