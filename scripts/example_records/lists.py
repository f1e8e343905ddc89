"""The invented world as lists of rows, before any dirt: Swedish headings, text cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from attraktiv_eval.project import Project
from attraktiv_eval.records.schemas import CHOICES
from scripts.example_records.world import Company, Household, World

__all__ = ["Row", "activity_rows", "company_rows", "contact_rows", "funding_rows", "household_rows"]

_PHASES = ["Attrahera", "Välkomna", "Integrera", "Stärkt varumärke"]
_AREAS = ["Samverkan", "Marknadsföring"]
_CHANNELS = ["Mässa", "Webb", "E-post", "Telefon", "Möte", "Sociala medier", "Arbetsgivare"]
_YES_NO = {"yes": "Ja", "no": "Nej", "unknown": "Okänt"}


@dataclass
class Row:
    """A row of a list: field -> text, the true household or company, and the file it goes to."""

    cells: dict[str, str]
    true: int = 0
    place: int = 0
    dirt: list[str] = field(default_factory=list)

    def copy(self, **cells: str) -> Row:
        """Return the row with some cells changed."""
        return Row({**self.cells, **cells}, self.true, self.place)


def contact_rows(world: World, rng: np.random.Generator) -> list[Row]:
    """Return one row a contact of a household, then contacts with companies."""
    rows: list[Row] = []
    for one in world.households:
        receiver = int(rng.integers(0, 4))
        for order, day in enumerate(one.contacts):
            rows.append(_contact(one, day, order, receiver, rng))
    for company in world.companies:
        for order in range(int(rng.integers(0, 2))):
            rows.append(_company_contact(company, order, rng))
    for number, row in enumerate(rows, 1):
        row.cells["contact_id"] = f"{'ABCD'[row.place]}-{number:05d}"
    return rows


def _contact(one: Household, day: date, order: int, receiver: int, rng: np.random.Generator) -> Row:
    phase = min(order, 2) if rng.random() < 0.85 else 3
    cells = {
        "date": day.isoformat(),
        "household_id": one.reference if rng.random() < 0.75 or order == 0 else "",
        "email": one.email,
        "phone": one.phone or "",
        "address": one.address if order == 0 and rng.random() < 0.6 else "",
        "origin_code": one.origin or "",
        "channel": str(rng.choice(_CHANNELS)),
        "phase": _PHASES[phase],
        "area": str(rng.choice(_AREAS)),
        "municipality_code": one.place,
        "organisation": f"Exempelmottagare {'ABCD'[receiver]}",
    }
    return Row(cells, one.number, receiver)


def _company_contact(company: Company, order: int, rng: np.random.Generator) -> Row:
    cells = {
        "date": (company.support + timedelta(days=20 * order)).isoformat(),
        "company_number": company.organisation_number,
        "company_name": company.name,
        "channel": "Möte",
        "phase": "Attrahera",
        "area": "Samverkan",
        "municipality_code": company.place,
    }
    receiver = int(rng.integers(0, 4))
    return Row({**cells, "organisation": f"Exempelmottagare {'ABCD'[receiver]}"}, -company.number, receiver)


def household_rows(world: World) -> tuple[list[Row], list[Row], list[Row]]:
    """Return the rows of the list of households, of the residence checks, and of the survey."""
    rows, checks, answers = [], [], []
    unknown = 0
    for one in world.households:
        if one.fate == "unknown":
            unknown += 1
        if not (one.fate == "unknown" and unknown % 3 == 0):
            rows.append(_household(one))
        for day, resident in one.checks:
            cells = {
                "household_id": one.reference,
                "still_resident": "Ja" if resident else "Nej",
                "checked": day.isoformat(),
                "source": "Samtal",
            }
            checks.append(Row(cells, one.number))
        if one.answered:
            answers.append(Row({"household_id": one.reference, **_answer(one)}, one.number))
    return rows, checks, answers


def _household(one: Household) -> Row:
    moved = {"no": "Nej", "unknown": "Okänt"}.get(one.fate, "Ja")
    return Row(
        {
            "household_id": one.reference,
            "adults": str(one.adults),
            "children": str(one.children),
            "origin_code": one.origin or "",
            "origin_country": one.country or "",
            "first_contact": one.contacts[0].isoformat(),
            "moved": moved,
            "moved_in": one.moved_in.isoformat() if one.moved_in else "",
            "destination_code": one.place if one.moved_in else "",
            "source": "Samtal" if one.number % 3 else "Enkät",
        },
        one.number,
    )


def _answer(one: Household | Company) -> dict[str, str]:
    others = "; ".join(["Exempelprojekt A", "Exempelprojekt B"][: one.others])
    assert one.answered is not None
    return {"answer": str(one.step), "other_projects": others or "Nej", "date": one.answered.isoformat()}


def company_rows(world: World) -> tuple[list[Row], list[Row]]:
    """Return the rows of the list of companies and of their survey."""
    rows, answers = [], []
    for one in world.companies:
        number = f"{one.organisation_number[:-4]}-{one.organisation_number[-4:]}"
        cells = {
            "organisation_number": number,
            "name": one.name,
            "municipality_code": one.place,
            "first_support": one.support.isoformat(),
            "vacancies_shared": str(one.vacancies),
            "candidates_presented": str(one.candidates),
            "hires_made": str(one.hires),
            "first_hire": one.first_hire.isoformat() if one.first_hire else "",
            "household_id": f"H-{one.household:04d}" if one.household else "",
            "hire_already_local": _YES_NO[one.local] if one.hires else "",
            "employed_at_12_months": _YES_NO[one.stayed] if one.hires else "",
        }
        rows.append(Row(cells, one.number))
        if one.answered:
            answers.append(Row({"organisation_number": number, "name": one.name, **_answer(one)}, one.number))
    return rows, answers


def organisation_rows(project: Project) -> list[Row]:
    """Return the participating organisations that are named in public; only what is public is filled in."""
    types = {identity: words[0].capitalize() for identity, words in CHOICES["organisation_type"].items()}
    rows: list[Row] = []
    for number, one in enumerate(project.organisations, 1):
        cells = {
            "name": one.name,
            "organisation_number": one.organisation_number or "",
            "type": types[one.kind],
        }
        cells["role"] = "Projektägare" if number == 1 else "Samverkanspart"
        rows.append(Row({**cells, "joined": "2020-01-01", "cash_sek": "", "in_kind_sek": ""}, number))
    return rows


def activity_rows(rng: np.random.Generator) -> list[Row]:
    """Return some forty invented activities a year."""
    rows: list[Row] = []
    for year in (2020, 2021, 2022):
        for _ in range({2020: 26, 2021: 44, 2022: 48}[year]):
            day = date(year, 1, 15) + timedelta(days=int(rng.integers(0, 340)))
            cost = 500 * int(rng.integers(8, 220))
            cells = {
                "date": day.isoformat(),
                "phase": str(rng.choice(_PHASES, p=[0.5, 0.2, 0.15, 0.15])),
                "area": str(rng.choice(_AREAS)),
                "reach": str(int(rng.gamma(1.2, 1500)) + 20),
                "cost_sek": str(cost),
            }
            rows.append(Row(cells, len(rows) + 1))
    return rows


def funding_rows(project: Project, rng: np.random.Generator) -> list[Row]:
    """Return decided and paid amounts: the decision's own where public, invented payments beside them."""
    words = {identity: words[0].capitalize() for identity, words in CHOICES["funding_kind"].items()}
    rows: list[Row] = []
    for one in project.funding:
        if one.decided_sek is None:
            continue
        decision = {"financier": one.financier, "kind": words[one.kind], "decided_sek": str(one.decided_sek)}
        rows.append(Row({**decision, "paid_sek": "", "date": "2019-12-17"}))
        for half, share in enumerate([0.08, 0.12, 0.17, 0.19, 0.20, 0.17]):
            paid = round(one.decided_sek * (share + float(rng.uniform(-0.01, 0.01))), 2)
            day = date(2020 + half // 2, 6 if half % 2 == 0 else 12, 28)
            payment = {"financier": one.financier, "kind": words[one.kind], "decided_sek": ""}
            rows.append(Row({**payment, "paid_sek": f"{paid:.2f}", "date": day.isoformat()}))
    for name, kind, amount in (
        ("Exempelfinansiär K", "cash", 300_000),
        ("Exempelfinansiär N", "in_kind", 1_900_000),
    ):
        rows.append(
            Row(
                {
                    "financier": name,
                    "kind": words[kind],
                    "decided_sek": str(amount),
                    "paid_sek": "",
                    "date": "2020-02-03",
                }
            )
        )
        for year, share in ((2020, 0.2), (2021, 0.4), (2022, 0.35)):
            cells = {
                "financier": name,
                "kind": words[kind],
                "decided_sek": "",
                "paid_sek": f"{amount * share:.2f}",
            }
            rows.append(Row({**cells, "date": f"{year}-12-15"}))
    return rows
