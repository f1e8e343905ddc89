"""Sealing and opening a draw among applicants; what it shows is analysed where the reports are made."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from attraktiv_eval import resources
from attraktiv_eval.errors import DesignError, ParameterError, PublicationError, RecordError
from attraktiv_eval.evaluation.draw import (
    DRAWN,
    FEWEST,
    LISTED,
    ORDER,
    SEALED,
    Applicant,
    csv_of,
    drawn_by,
    hash_of_plan,
    key_of,
    named,
    read_sealed,
    seed_of,
    table_of,
)  # fmt: skip
from attraktiv_eval.level3.plan import digest
from attraktiv_eval.records.pseudonyms import Pseudonyms
from attraktiv_eval.resources import toml_text, writing

__all__ = ["open_draw", "read_day", "seal"]

_HEAD = (
    "# Written by: attraktiv-eval draw. Not to be edited by hand: sha256 is the hash of all that it says.\n\n"
)


def seal(
    list_file: Path,
    plan_file: Path,
    directory: Path,
    *,
    id_heading: str,
    public_value: str,
    value_day: date,
    strata: Sequence[str] = (),
    share: float = 0.5,
    key_file: Path | None = None,
    today: date | None = None,
) -> list[Path]:
    """Seal a draw before its public value is known; return the files.

    Parameters
    ----------
    list_file : Path
        The applicants, CSV or Excel, a row each.
    plan_file : Path
        A plan with its hash, such as ``design_plan.toml``.
    directory : Path
        A new or empty folder.
    id_heading : str
        Heading of what names an applicant; it is written nowhere but as a keyed pseudonym.
    public_value : str
        What will be used, in words: a number that others publish on ``value_day``.
    strata : sequence of str
        Headings within whose values it is drawn.
    key_file : Path, optional
        The key of the pseudonyms; made beside the folder where there is none.

    Raises
    ------
    RecordError
        If the list cannot be used: a row without a name, a name twice, a stratum that is too small.
    ParameterError
        If the public value has no name or its day has come.
    PublicationError
        If the folder holds something already.
    """
    from attraktiv_eval.runs.new_project import check_place

    day = today or resources.today()
    if not public_value.strip():
        raise ParameterError("the public value has no name", remedy="say in words what will be drawn from")
    if value_day <= day:
        raise ParameterError(
            f"the public value's day {value_day} has come: it may be known",
            remedy="name a value that is published on a later day",
        )
    if not 0 < share < 1:
        raise ParameterError(f"--share {share:g} is no share between 0 and 1", remedy="write 0.5 for half")
    check_place(directory)
    plan = hash_of_plan(plan_file)
    key_path = key_file or directory.with_name(f"{directory.name}.key")
    key = key_of(key_path, must=key_file is not None)
    applicants = _applicants(list_file, id_heading, strata, Pseudonyms(key))
    if min(share, 1 - share) * len(applicants) < 1:
        raise ParameterError(
            f"--share {share:g} of {len(applicants)} applicants leaves nobody to serve, or nobody to wait",
            remedy="write 0.5 for half",
        )
    listed = csv_of([("pseudonym", "stratum"), *((one.pseudonym, one.stratum) for one in applicants)])
    content: dict[str, Any] = {
        "kind": "seal",
        "written": day.isoformat(),
        "plan_sha256": plan,
        "list_sha256": hashlib.sha256(listed).hexdigest(),
        "applicants": len(applicants),
        "share": share,
        "strata": [*strata],
        "id_heading": id_heading,
        "public_value": " ".join(public_value.split()),
        "value_day": value_day.isoformat(),
        "rule": "place by sha256(seed:pseudonym); seed = sha256(seal:public value)",
    }
    with writing("the folder", directory):
        if not key_path.exists():
            key_path.parent.mkdir(parents=True, exist_ok=True)
            key_path.touch(mode=0o600)
            key_path.write_bytes(key)
        directory.mkdir(parents=True, exist_ok=True)
        (directory / LISTED).write_bytes(listed)
        _write(directory / SEALED, content)
    return [directory / SEALED, directory / LISTED, key_path]


def open_draw(directory: Path, value: str, today: date | None = None) -> list[Path]:
    """Draw from a seal and the public value that has come; return the files.

    Raises
    ------
    DesignError
        If the list or the seal was changed, or the value's day has not come.
    PublicationError
        If it is drawn already.
    """
    sealed, applicants = read_sealed(directory)
    day = today or resources.today()
    said = " ".join(value.split())
    if not said:
        raise ParameterError("the public value is empty", remedy="write it as it was published")
    if day.isoformat() < sealed["value_day"]:
        raise DesignError(
            f"the public value's day {sealed['value_day']} has not come",
            remedy="draw when it is published",
            file=directory / SEALED,
        )
    for name in (DRAWN, ORDER):
        if (directory / name).exists():
            raise PublicationError(
                "it is drawn already, and a draw is made once",
                remedy="keep it; attraktiv-eval draw check draws it again and compares",
                file=directory / name,
            )
    drawn = drawn_by(sealed, applicants, said)
    content = {
        "kind": "draw",
        "written": day.isoformat(),
        "seal_sha256": sealed["sha256"],
        "plan_sha256": sealed["plan_sha256"],
        "public_value": said,
        "seed": seed_of(sealed, said),
        "order_sha256": hashlib.sha256(drawn).hexdigest(),
    }
    with writing("the folder", directory):
        (directory / ORDER).write_bytes(drawn)
        _write(directory / DRAWN, content)
    return [directory / DRAWN, directory / ORDER]


def _write(path: Path, content: dict[str, Any]) -> None:
    text = _HEAD + toml_text({"sha256": digest(content), **content})
    path.write_text(text, encoding="utf-8", newline="\n")


def read_day(text: str, flag: str) -> date:
    """Return a day that is typed as 2027-02-06.

    Raises
    ------
    ParameterError
        If it is none.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ParameterError(f"{flag} {text!r} is no day", remedy="write it as 2027-02-06") from None


def _applicants(
    path: Path, id_heading: str, strata: Sequence[str], pseudonyms: Pseudonyms
) -> list[Applicant]:
    wanted = {"id": [id_heading], **{f"stratum {name}": [name] for name in strata}}
    rows, places = table_of(path, wanted)
    found: dict[str, tuple[int, Applicant]] = {}
    for row, place in zip(rows, places, strict=True):
        text = named(row["id"], path, place, id_heading)
        cells = [(row[f"stratum {name}"] or "").strip() for name in strata]
        for heading, cell in zip(strata, cells, strict=True):
            if not cell:
                raise RecordError(
                    "the stratum is empty", remedy="fill it in", file=path, row=place, column=heading
                )
        one = Applicant(pseudonyms("applicant", text), " | ".join(cells) or "all")
        if one.pseudonym in found:
            raise RecordError(
                f"the applicant stands in row {found[one.pseudonym][0]} already",
                remedy="keep one row an applicant",
                file=path,
                row=place,
                column=id_heading,
            )
        found[one.pseudonym] = place, one
    sizes = Counter(one.stratum for _place, one in found.values())
    small = [stratum for stratum, n in sizes.items() if n < FEWEST]
    if small:
        raise RecordError(
            f"stratum {small[0]!r} has fewer than {FEWEST} applicants",
            remedy="join small strata, or draw without strata",
            file=path,
        )
    return sorted((one for _place, one in found.values()), key=lambda one: one.pseudonym)
