"""The dirt that is planted in the example records: each kind by name, with how many and where it shows.

``shows_as`` names the place in the accounting where a run must find it: ``rejected:KIND``, ``cells:KIND``,
``notes:KIND``, ``linkage:LIST:RULE``, ``merged:LIST``, ``residence:checks``, ``grey:LIST`` or
``precision:month``; ``none`` is dirt that must change nothing. Kinds with the same place add up there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from attraktiv_eval.records.dates import SWEDISH_MONTHS
from scripts.example_records.lists import Row
from scripts.example_records.world import Household, World

__all__ = ["Dirt", "plant_in_companies", "plant_in_contacts", "plant_in_households", "plant_in_world", "slip"]

#: Test identity numbers that the Swedish Tax Agency publishes (open data set Testpersonnummer, CC0); they
#: belong to nobody.
TEST_NUMBERS = ["199701272396", "199802032392"]


@dataclass
class Dirt:
    """What has been planted: kind -> (how many, where it shows)."""

    planted: dict[str, tuple[int, str]] = field(default_factory=dict)

    def add(self, kind: str, n: int, shows_as: str) -> None:
        """Note that ``n`` of a kind were planted."""
        before = self.planted.get(kind, (0, shows_as))[0]
        self.planted[kind] = (before + n, shows_as)


def slip(text: str, rng: np.random.Generator) -> str:
    """Return text with one letter exchanged, lost or wrong, before its ``@`` or in its first word."""
    last = min(x for x in (text.find("@"), text.find(" "), len(text)) if x > 0)
    kind = int(rng.integers(0, 3))
    while True:
        i = int(rng.integers(1, last - 1))
        if not text[i : i + 2].isalpha() or text[i] == text[i + 1]:
            continue
        if kind == 0:
            return text[:i] + text[i + 1] + text[i] + text[i + 2 :]
        if kind == 1:
            return text[:i] + text[i + 1 :]
        return text[:i] + ("q" if text[i] != "q" else "x") + text[i + 1 :]


def plant_in_world(world: World, dirt: Dirt, rng: np.random.Generator) -> None:
    """Make the world itself awkward: households that look like another, sole traders."""
    quiet = [one for one in world.households if one.fate == "no" and one.origin and not one.answered]
    for i in range(6):
        one, twin = quiet[2 * i], quiet[2 * i + 1]
        twin.email = slip(one.email, rng)
        twin.origin = "0880" if one.origin != "0880" else "0780"
    dirt.add("strangers_with_nearly_one_email", 6, "grey:households")
    for company, number in zip(world.companies, TEST_NUMBERS, strict=False):
        company.organisation_number = number
    dirt.add("sole_trader_with_personal_number", len(TEST_NUMBERS), "pseudonyms:companies")


def plant_in_contacts(rows: list[Row], world: World, dirt: Dirt, rng: np.random.Generator) -> list[Row]:
    """Return the contacts with their dirt."""
    by = {one.number: one for one in world.households}
    first: dict[int, Row] = {}
    for row in rows:
        if row.true > 0:
            first.setdefault(row.true, row)
    later = [row for row in rows if row.true > 0 and row is not first[row.true]]
    taken = [later[int(i)] for i in rng.permutation(len(later))]
    extra: list[Row] = []
    _neighbours(first, world, dirt)
    extra += _partners(first, by, dirt, rng)
    extra += _slips(first, by, dirt, rng)
    extra += _numbers(first, by, dirt)
    for kind, texts, shows in (
        (
            "date_that_is_none",
            ["2021-02-30", "våren", "31/4 2021", "?", "i mars", "20211", "nyligen"],
            "unreadable_date",
        ),
        (
            "date_far_away",
            ["1921-03-01", "2121-05-06", "1900-01-01", "12-03-01", "2203-11-04"],
            "date_out_of_range",
        ),
        ("date_missing", ["", "", "", ""], "missing_value"),
    ):
        for text in texts:
            taken.pop().cells["date"] = text
        dirt.add(kind, len(texts), f"rejected:{shows}")
    for _ in range(5):
        taken.pop().cells["phase"] = "Fas X"
    dirt.add("phase_that_is_none", 5, "cells:unknown_word")
    for form in ["{} ", "mailto:{}", "<{}>", " {}"] * 8:
        row = taken.pop()
        row.cells["email"] = form.format(row.cells["email"].upper())
    dirt.add("email_in_another_form", 32, "none")
    for row in [r for r in taken if r.cells["channel"] == "Möte"][:3]:
        row.cells["channel"] = "MÃ¶te"
        row.dirt.append("letters_saved_twice")
        taken.remove(row)
    dirt.add("letters_saved_twice", 3, "notes:mended_encoding")
    for row in [r for r in taken if r.cells["origin_code"].startswith("0")][:9]:
        row.cells["origin_code"] = row.cells["origin_code"].lstrip("0")
        row.dirt.append("code_without_its_zero")
        taken.remove(row)
    dirt.add("code_without_its_zero", 9, "notes:mended_lost_zero")
    for i in range(6):
        nobody = {"contact_id": f"X-{i:03d}", "date": f"2021-0{i + 1}-11", "channel": "Mässa"}
        extra.append(Row(nobody, 0, i % 4))
    dirt.add("contact_of_nobody", 6, "rejected:no_identity")
    clean = [row for row in taken if row.cells["date"]]
    for row in clean[:25]:
        extra.append(row.copy())
    dirt.add("row_typed_twice", 25, "merged:contacts")
    for row in clean[25:31]:
        extra.append(row.copy(channel="Webb" if row.cells["channel"] != "Webb" else "Telefon"))
    dirt.add("row_handed_in_again_with_a_change", 6, "merged:contacts")
    return [*rows, *extra]


def _neighbours(first: dict[int, Row], world: World, dirt: Dirt) -> None:
    """Put strangers at one address: three in one house, and tenants more than a year apart."""
    free = [one for one in world.households if one.fate == "no" and not one.answered and one.adults == 1]
    early = [one for one in free if one.contacts[0] < date(2020, 12, 1)]
    late = [one for one in free if one.contacts[0] > date(2022, 2, 1)]
    for i, (one, other) in enumerate(zip(early[:5], late[:5], strict=True)):
        address = f"Exempelgränd {i + 1}, 890 1{i} Exempelstad"
        first[one.number].cells["address"] = first[other.number].cells["address"] = address
    dirt.add("tenants_after_each_other", 5, "none")
    others = [one for one in free if one not in early[:5] and one not in late[:5]]
    for i in range(4):
        for one in others[3 * i : 3 * i + 3]:
            first[one.number].cells["address"] = f"Exempeltorget {i + 1}, 891 2{i} Exempelstad"
    dirt.add("strangers_in_one_house", 12, "none")
    for one in others[12:18]:
        first[one.number].cells["phone"] = "0980-31 92 99"
    dirt.add("reception_telephone", 1, "notes:shared_by_many")


def _partners(
    first: dict[int, Row], by: dict[int, Household], dirt: Dirt, rng: np.random.Generator
) -> list[Row]:
    """Return contacts of partners who were registered apart."""
    couples = [
        n for n, one in by.items() if one.adults == 2 and one.address and one.contacts[0] < date(2022, 10, 1)
    ]
    chosen = [couples[int(i)] for i in rng.permutation(len(couples))[:46]]
    rows = []
    for i, number in enumerate(chosen):
        row, household = first[number], by[number]
        word = f"partner{chr(97 + i // 26)}{chr(97 + i % 26) * 3}"
        partner = Row(
            {
                "contact_id": f"P-{i:03d}",
                "date": (household.contacts[0] + timedelta(days=6 + i)).isoformat(),
                "household_id": f"P-{i + 1:04d}",
                "email": f"{word}.{household.email[:4]}@example.org",
                "channel": "Webb",
                "phase": "Välkomna",
                "area": "Samverkan",
                "municipality_code": household.place,
            },
            number,
            row.place,
        )
        if i < 20:
            partner.cells["partner_email"] = household.email
        else:
            row.cells["address"] = household.address
            street = household.address
            partner.cells["address"] = street if i < 38 else slip(street, rng)
        rows.append(partner)
    dirt.add("partner_registered_apart", 20, "linkage:households:partner_email")
    dirt.add("two_at_one_address", 18, "linkage:households:same_address")
    dirt.add("address_with_a_slip", 8, "linkage:households:similar_address")
    return rows


def _slips(
    first: dict[int, Row], by: dict[int, Household], dirt: Dirt, rng: np.random.Generator
) -> list[Row]:
    """Return contacts whose e-mail address was typed with a slip and that carry no reference."""
    homes = [
        n
        for n, one in by.items()
        if one.origin and not one.phone and one.fate in ("moved", "no") and n % 7 == 0
    ]
    rows = []
    for i, number in enumerate(homes[:16]):
        source, household = first[number], by[number]
        day = min(household.contacts[0] + timedelta(days=15), date(2022, 12, 30)).isoformat()
        changed = {"contact_id": f"S-{i:03d}", "date": day, "household_id": "", "address": ""}
        rows.append(source.copy(**changed, email=slip(household.email, rng)))
    dirt.add("email_with_a_slip", len(rows), "linkage:households:similar_email")
    return rows


def _numbers(first: dict[int, Row], by: dict[int, Household], dirt: Dirt) -> list[Row]:
    """Let two households be known by a personal identity number in two spellings."""
    rows = []
    for i, number in enumerate(TEST_NUMBERS):
        household = next(
            one for n, one in by.items() if one.fate == "no" and n > 300 * (i + 1) and first[n].place == 1
        )
        first[household.number].cells["personal_number"] = f"{number[2:8]}-{number[8:]}"
        day = (household.contacts[0] + timedelta(days=1)).isoformat()
        rows.append(
            Row({"contact_id": f"N-{i:03d}", "date": day, "personal_number": number}, household.number, 1)
        )
    dirt.add("personal_number_in_two_spellings", len(rows), "linkage:households:same_personal_number")
    return rows


def plant_in_households(rows: list[Row], world: World, dirt: Dirt, rng: np.random.Generator) -> list[Row]:
    """Return the list of households with its dirt."""
    by = {one.number: one for one in world.households}
    movers = [row for row in rows if by[row.true].fate == "moved"]
    coarse = [row for row in movers if row.cells["moved_in"][:7] > by[row.true].contacts[0].isoformat()[:7]]
    for row in coarse[:20]:
        year, month = row.cells["moved_in"][:4], int(row.cells["moved_in"][5:7])
        row.cells["moved_in"] = f"{SWEDISH_MONTHS[month - 1]} {year}"
    dirt.add("move_known_to_the_month", 20, "precision:month")
    stayed = [row for row in rows if row.cells["moved"] == "Nej"]
    extra = [row.copy(moved_in="2021-08-01") for row in stayed[:3]]
    dirt.add("moved_and_not_moved", 3, "rejected:contradiction")
    extra += [row.copy() for row in rows[40:48]]
    dirt.add("household_listed_twice", 8, "merged:households")
    for row in stayed[10:14]:
        row.cells["children"] = "två"
    dirt.add("number_in_letters", 4, "cells:no_number")
    return [*rows, *extra]


def plant_in_companies(rows: list[Row], dirt: Dirt, rng: np.random.Generator) -> list[Row]:
    """Return the list of companies with its dirt: names without numbers, wrong numbers, near namesakes."""
    extra = []
    for row in rows[20:26]:
        extra.append(row.copy(organisation_number="", name=row.cells["name"].upper().replace(" AB", "")))
    dirt.add("company_without_number", 6, "linkage:companies:same_name")
    for row in rows[30:34]:
        number = row.cells["organisation_number"]
        extra.append(row.copy(organisation_number=f"{number[:-1]}{(int(number[-1]) + 1) % 10}"))
    dirt.add("wrong_check_digit", 4, "cells:wrong_check_digit")
    dirt.add("wrong_check_digit_linked_by_name", 4, "linkage:companies:same_name")
    for row in rows[40:44]:
        extra.append(row.copy(organisation_number="", name=slip(row.cells["name"], rng)))
    dirt.add("company_name_with_a_slip", 4, "linkage:companies:similar_name")
    long = [
        row
        for row in rows[50:]
        if 18 <= len(row.cells["name"]) <= 26 and row.cells["organisation_number"][0] == "4"
    ]
    for i, row in enumerate(long[:2]):
        word, trade, _ = row.cells["name"].split(" ")
        near = Row(
            {
                "name": f"{word[:2]}zx{word[4:]} {trade} AB",
                "municipality_code": row.cells["municipality_code"],
            },
            901 + i,
        )
        near.cells |= {
            "first_support": "2021-05-04",
            "vacancies_shared": "1",
            "candidates_presented": "0",
            "hires_made": "0",
        }
        extra.append(near)
    dirt.add("near_namesake", 2, "grey:companies")
    return [*rows, *extra]
