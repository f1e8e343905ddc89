"""Write the invented lists as the nine organisations would: CSV of every kind, and Excel."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from attraktiv_eval.project import Project
from attraktiv_eval.records.files import MARKER
from attraktiv_eval.records.schemas import schemas
from scripts.example_records import dirt as planting
from scripts.example_records.excel import write_household_workbook
from scripts.example_records.lists import (
    Row,
    activity_rows,
    company_rows,
    contact_rows,
    funding_rows,
    household_rows,
    organisation_rows,
)
from scripts.example_records.truth import truth_of
from scripts.example_records.world import World, make_world

__all__ = ["SEED", "write_example"]

SEED = 20191217  # the day of the decision

_NOTICE = """Exempeldata: allt i den här mappen är påhittat.

Hushåll, företag, e-postadresser, telefonnummer och belopp är framställda av ett program med ett känt facit
(truth.json). Inga uppgifter gäller verkliga personer eller företag. Organisationerna i organisationer.csv är
de som namnges offentligt; inga kontakter är påhittade för dem.

Example data: everything in this folder is invented, made by a program with a known truth (truth.json).
"""


def write_example(directory: Path, project: Project, seed: int = SEED) -> dict:
    """Write invented records with a known truth and planted dirt.

    Parameters
    ----------
    directory : Path
        Made if it is not there; files of the same names are replaced.
    project : Project
        Its named organisations and its decided funding are used.
    seed : int
        The same seed gives the same bytes.

    Returns
    -------
    dict
        The truth, as also written to ``truth.json``: true counts by goal and year, the parts that
        :func:`scripts.example_records.truth.contributed` needs, the dirt with its planted counts, and
        the true household of each row.
    """
    rng = np.random.default_rng(seed)
    directory.mkdir(parents=True, exist_ok=True)
    world, dirt = make_world(rng), planting.Dirt()
    planting.plant_in_world(world, dirt, rng)
    members: dict[str, Any] = {}
    _write_contacts(directory, world, dirt, rng, members)
    _write_households(directory, world, dirt, rng, members)
    _write_companies(directory, world, dirt, rng)
    _write_organisations(directory, project, dirt)
    _write_money(directory, project, dirt, rng)
    (directory / MARKER).write_text(_NOTICE, encoding="utf-8", newline="\n")
    truth = truth_of(world, dirt, seed)
    truth["members"] = members
    text = json.dumps(truth, ensure_ascii=False, indent=1, sort_keys=True)
    (directory / "truth.json").write_text(_compact(text) + "\n", encoding="utf-8", newline="\n")
    return truth


def _compact(text: str) -> str:
    """Put lists of numbers on one line."""
    import re

    return re.sub(r"\[\s+((?:-?\d+,\s+)*-?\d+)\s+\]", lambda m: "[" + re.sub(r"\s+", "", m[1]) + "]", text)


def _table(
    name: str, fields: Sequence[str], rows: Sequence[Row], *, english: bool = False
) -> tuple[list[list[str]], list[str]]:
    columns = schemas()[name].columns
    heading = [_english(field) if english else str(columns[field].title) for field in fields]
    return [[row.cells.get(field, "") for field in fields] for row in rows], heading


def _english(field: str) -> str:
    return field.replace("_", " ").capitalize()


def write_csv(
    path: Path,
    heading: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    encoding: str = "utf-8",
    separator: str = ";",
    line_end: str = "\r\n",
) -> None:
    """Write a CSV file in a given encoding with a given separator."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=separator, lineterminator=line_end)
    writer.writerows([heading, *rows])
    path.write_bytes(buffer.getvalue().encode(encoding))


_CONTACT_FIELDS = [
    "contact_id",
    "date",
    "household_id",
    "email",
    "phone",
    "address",
    "partner_email",
    "origin_code",
    "company_number",
    "company_name",
    "channel",
    "phase",
    "area",
    "municipality_code",
    "organisation",
]


def _slashed(text: str) -> str:
    parts = text.split("-")
    return f"{int(parts[2])}/{int(parts[1])} {parts[0]}" if _iso(text) else text


def _short(text: str) -> str:
    return text[2:] if _iso(text) else text


def _iso(text: str) -> bool:
    try:
        return 2019 <= date.fromisoformat(text).year <= 2023
    except ValueError:
        return False


def _write_contacts(
    directory: Path,
    world: World,
    dirt: planting.Dirt,
    rng: np.random.Generator,
    members: dict[str, Any],
) -> None:
    rows = planting.plant_in_contacts(contact_rows(world, rng), world, dirt, rng)
    by = [[row for row in rows if row.place == place] for place in range(4)]
    for row in by[1]:
        row.cells["date"] = _slashed(row.cells["date"])
    for row in by[3]:
        row.cells["date"] = _short(row.cells["date"])
    repeated = by[1][150:]
    by[1] = [*by[1][:150], Row({}, 0, 1), *repeated]
    files = {
        "kontakter_mottagare_a.csv": (by[0], "utf-8-sig", ";", False),
        "kontakter_mottagare_b.csv": (by[1], "cp1252", ";", False),
        "contacts_receiver_c.csv": (by[2], "utf-8", ",", True),
        "kontakter_mottagare_d.csv": (by[3], "utf-16", "\t", False),
        "kontakter_mottagare_a (2).csv": (_delivered_again(by[0]), "utf-8-sig", ";", False),
    }
    for name, (part, encoding, separator, english) in files.items():
        fields = [*_CONTACT_FIELDS, "personal_number"] if name.endswith("_b.csv") else _CONTACT_FIELDS
        table, heading = _table("contacts", fields, part, english=english)
        table = [line if any(line) else list(heading) for line in table]
        write_csv(directory / name, heading, table, encoding=encoding, separator=separator)
        members[name] = _members(part, 2)
    dirt.add("heading_in_the_middle", 1, "rejected:repeated_heading")
    dirt.add("file_handed_in_again", len(files["kontakter_mottagare_a (2).csv"][0]), "merged:contacts")


def _members(rows: Sequence[Row], first_row: int) -> dict[str, Any]:
    """Return the true household of each row of a file, 0 where it is none's."""
    return {"first_row": first_row, "households": [max(row.true, 0) for row in rows]}


def _delivered_again(rows: list[Row]) -> list[Row]:
    """Return some forty sound rows of a file."""
    sound = [
        row for row in rows if _iso(row.cells["date"]) and row.cells.get("contact_id", "").startswith("A")
    ]
    once = [row for row in sound if row.cells["phase"] != "Fas X"]
    return [row.copy() for row in once[60:100] if not row.dirt]


def _write_households(
    directory: Path,
    world: World,
    dirt: planting.Dirt,
    rng: np.random.Generator,
    members: dict[str, Any],
) -> None:
    rows, checks, answers = household_rows(world)
    rows = planting.plant_in_households(rows, world, dirt, rng)
    write_household_workbook(directory / "hushall_och_uppfoljning.xlsx", rows, checks, dirt)
    members["hushall_och_uppfoljning.xlsx|Hushåll"] = _members(rows, 5)
    members["hushall_och_uppfoljning.xlsx|Uppföljning"] = _members(checks, 2)
    dirt.add("residence_checks_joined_to_their_household", len(checks), "residence:checks")
    late = [row for row in answers if row.cells["date"][8:] > "12"]
    twice = [
        row.copy(date=row.cells["date"][:8] + "02", answer=str(6 - int(row.cells["answer"])))
        for row in late[:5]
    ]
    dirt.add("answered_twice", len(twice), "merged:survey_households")
    words = {"1": "1 – säkert ändå", "5": "Säkert inte"}
    for row in answers[::3]:
        row.cells["answer"] = words.get(row.cells["answer"], row.cells["answer"])
    fields = ["household_id", "answer", "other_projects", "date"]
    table, heading = _table("survey_households", fields, [*answers, *twice])
    write_csv(directory / "enkat_hushall.csv", heading, table, encoding="utf-8-sig")
    members["enkat_hushall.csv"] = _members([*answers, *twice], 2)


def _write_companies(directory: Path, world: World, dirt: planting.Dirt, rng: np.random.Generator) -> None:
    rows, answers = company_rows(world)
    rows = planting.plant_in_companies(rows, dirt, rng)
    fields = list(schemas()["companies"].columns)
    table, heading = _table("companies", fields, rows)
    table.append(["Summa", *[""] * 3, "560", "310", "190", *[""] * 4])
    dirt.add("row_of_totals", 1, "rejected:total_row")
    write_csv(directory / "foretag.csv", heading, table, encoding="cp1252")
    table, heading = _table("survey_companies", list(schemas()["survey_companies"].columns), answers)
    write_csv(directory / "enkat_foretag.csv", heading, table, encoding="utf-8", separator=",")


def _write_organisations(directory: Path, project: Project, dirt: planting.Dirt) -> None:
    rows = organisation_rows(project)
    spelt = [row for row in rows if row.cells["type"] == "Kommun"][:2]
    rows += [row.copy(name=row.cells["name"].upper()) for row in spelt]
    dirt.add("organisation_spelt_twice", len(spelt), "merged:organisations")
    numbered = [row for row in rows if row.cells["organisation_number"]][:1]
    rows += [
        row.copy(organisation_number="16 " + row.cells["organisation_number"].replace("-", ""))
        for row in numbered
    ]
    dirt.add("organisation_number_with_prefix", len(numbered), "merged:organisations")
    fields = [name for name in schemas()["organisations"].columns if name != "left"]  # none has left
    table, heading = _table("organisations", fields, rows)
    write_csv(directory / "organisationer.csv", heading, table, encoding="utf-8-sig")


def _write_money(directory: Path, project: Project, dirt: planting.Dirt, rng: np.random.Generator) -> None:
    rows = activity_rows(rng)
    for row, text in zip(rows[30:33], ["1.250", "12,500", "3.000"], strict=True):
        rows.append(row.copy(cost_sek=text, reach="77"))
    dirt.add("amount_that_can_mean_two_things", 3, "rejected:ambiguous_number")
    for row in rows:
        if row.cells["cost_sek"].isdigit() and len(row.cells["cost_sek"]) > 3:
            row.cells["cost_sek"] = f"{int(row.cells['cost_sek']):,}".replace(",", "\u00a0")
    table, heading = _table("activities", list(schemas()["activities"].columns), rows)
    write_csv(directory / "aktiviteter.csv", heading, table, encoding="cp1252")
    paid = funding_rows(project, rng)
    for row in paid:
        if row.cells["paid_sek"]:
            row.cells["paid_sek"] = f"{float(row.cells['paid_sek']):,.2f}".replace(",", "\u00a0").replace(
                ".", ","
            )
    table, heading = _table("funding", list(schemas()["funding"].columns), paid)
    write_csv(directory / "finansiering.csv", heading, table, encoding="utf-8-sig")
