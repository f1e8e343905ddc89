"""The lists as pandera schemas: one column a field, with its words, meaning and example.

Reading, the data dictionary and the workbook are all made from what stands here. A column's title is its
Swedish heading, its description the meaning; its metadata holds ``kind`` (how its text is read), ``also``
(further headings), ``example``, ``choice`` (the vocabulary it draws on) and ``essential`` (a fault in it
rejects the row, not just the cell).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd
import pandera.pandas as pa

from attraktiv_eval.records.vocabulary import CHOICES

__all__ = ["IDENTITY", "LIST_WORDS", "NOT_LISTS", "PERSONAL", "kind_of", "schemas"]

_TEXT = pd.StringDtype(na_value=float("nan"))

#: Kinds of columns whose text is replaced by a pseudonym.
PERSONAL: tuple[str, ...] = ("personal_number", "email", "phone", "person_name", "address")

#: Names that a sheet or file may have, list by list; the first is the Swedish sheet name.
LIST_WORDS: dict[str, tuple[str, ...]] = {
    "contacts": ("kontakter", "contacts", "kontakt", "kontaktlista"),
    "households": ("hushåll", "households", "hushall", "inflyttare", "boende", "uppföljning"),
    "companies": ("företag", "companies", "foretag", "arbetsgivare"),
    "organisations": ("organisationer", "organisations", "deltagande organisationer", "parter"),
    "activities": ("aktiviteter", "activities", "insatser"),
    "survey_households": ("enkät hushåll", "survey households", "enkat hushall", "hushållsenkät"),
    "survey_companies": ("enkät företag", "survey companies", "enkat foretag", "företagsenkät"),
    "funding": ("finansiering", "funding", "medel"),
}

#: Sheets of the empty workbook that explain and hold no rows.
NOT_LISTS: tuple[str, ...] = ("Om arbetsboken", "Ord att välja")

#: At least one of these must be filled in, or the row belongs to nobody.
IDENTITY: dict[str, tuple[str, ...]] = {
    "contacts": (
        "household_id",
        "personal_number",
        "email",
        "phone",
        "person_name",
        "address",
        "company_number",
        "company_name",
    ),
    "households": ("household_id", "personal_number", "email", "phone", "address"),
    "companies": ("organisation_number", "name"),
    "organisations": ("organisation_number", "name"),
    "survey_households": ("household_id", "email", "phone", "personal_number"),
    "survey_companies": ("organisation_number", "name"),
}

_DTYPES: dict[str, Any] = {
    "date": "datetime64[ns]",
    "whole": "Int64",
    "scale": "Int64",
    "amount": "float64",
}


def _column(
    kind: str,
    sv: str,
    meaning: str,
    example: str,
    *also: str,
    required: bool = False,
    essential: bool = False,
    choice: str | None = None,
) -> pa.Column:
    checks: list[pa.Check] = []
    if choice and kind != "scale":
        checks.append(pa.Check.isin(list(CHOICES[choice])))
    if kind in ("whole", "amount"):
        checks.append(pa.Check.ge(0))
    if kind == "scale":
        checks.append(pa.Check.in_range(1, 5))
    if kind == "municipality":
        checks.append(pa.Check.str_matches(r"^\d{4}$"))
    return pa.Column(
        _DTYPES.get(kind, _TEXT),
        checks,
        nullable=True,
        required=required,
        title=sv,
        description=meaning,
        metadata={
            "kind": kind,
            "also": also,
            "example": example,
            "choice": choice,
            "essential": essential or required,
        },
    )


def _person(example: int) -> dict[str, pa.Column]:
    """Columns that tell who a person is; none of them is needed, and all become pseudonyms."""
    return {
        "personal_number": _column(
            "personal_number",
            "Personnummer",
            "Personal identity or coordination number; not needed, replaced by a pseudonym",
            "",
            "personal identity number",
            "personal number",
            "samordningsnummer",
            "pnr",
            "personnr",
        ),
        "email": _column(
            "email",
            "E-post",
            "E-mail address; replaced by a pseudonym",
            f"exempel{example}@example.org",
            "email",
            "e-mail",
            "epost",
            "mejl",
            "mail",
            "e-postadress",
            "epostadress",
            "mejladress",
            "email address",
        ),
        "phone": _column(
            "phone",
            "Telefon",
            "Telephone number; replaced by a pseudonym",
            "070-174 06 05",
            "phone",
            "telefonnummer",
            "mobil",
            "mobilnummer",
            "tel",
            "telephone",
            "mobile",
        ),
        "address": _column(
            "address",
            "Adress",
            "Postal address with house number; replaced by a pseudonym",
            "Exempelvägen 1, 831 00 Exempelstad",
            "address",
            "gatuadress",
            "postadress",
            "bostadsadress",
        ),
    }


def _contacts() -> dict[str, pa.Column]:
    return {
        "contact_id": _column(
            "reference",
            "Kontakt-id",
            "The list's own number of the contact",
            "A-0001",
            "contact id",
            "id",
            "löpnummer",
            "löpnr",
            "kontaktnummer",
            "nr",
        ),
        "date": _column(
            "date",
            "Datum",
            "Day of the contact",
            "2021-03-01",
            "date",
            "kontaktdatum",
            "contact date",
            "dag",
            required=True,
        ),
        "household_id": _column(
            "reference",
            "Hushålls-id",
            "The project's reference of the household or person",
            "H-0001",
            "household id",
            "household",
            "hushåll",
            "hushållsid",
            "hushållsnummer",
            "person reference",
            "personreferens",
            "household reference",
            "referens",
        ),
        **_person(1),
        "person_name": _column(
            "person_name",
            "Namn",
            "Name of the person; not needed, replaced by a pseudonym",
            "",
            "name",
            "kontaktperson",
            "för- och efternamn",
            "person",
        ),
        "partner_email": _column(
            "email",
            "Partners e-post",
            "E-mail address of the partner; replaced by a pseudonym",
            "exempel2@example.org",
            "partner email",
            "partnerns e-post",
            "sambo e-post",
            "medsökande e-post",
        ),
        "origin_code": _column(
            "municipality",
            "Bor i kommun",
            "Municipality that the person lives in at the contact: code or name",
            "0180",
            "origin municipality",
            "origin code",
            "nuvarande kommun",
            "bostadskommun",
            "hemkommun",
            "origin",
        ),
        "company_number": _column(
            "organisation_number",
            "Företagets organisationsnummer",
            "The company that the contact was with, where it was one",
            "",
            "company organisation number",
            "company number",
            "företag orgnr",
            "företagets orgnr",
        ),
        "company_name": _column(
            "organisation_name",
            "Företagets namn",
            "Name of that company",
            "",
            "company name",
            "företag",
            "company",
        ),
        "channel": _column(
            "choice",
            "Kanal",
            "How the contact was made",
            "Mässa",
            "channel",
            "kontaktväg",
            "kontaktsätt",
            choice="channel",
        ),
        "phase": _column(
            "choice",
            "Fas",
            "Phase of talent attraction management",
            "Attrahera",
            "phase",
            "tam phase",
            "tam-fas",
            choice="phase",
        ),
        "area": _column(
            "choice",
            "Område",
            "Activity area",
            "Samverkan",
            "area",
            "activity area",
            "aktivitetsområde",
            "insatsområde",
            choice="area",
        ),
        "municipality_code": _column(
            "municipality",
            "Kommun",
            "Municipality that the contact concerns: code or name",
            "2380",
            "municipality",
            "municipality code",
            "kommunkod",
            "kommun av intresse",
            "municipality of interest",
            "önskad kommun",
        ),
        "organisation": _column(
            "organisation_name",
            "Organisation",
            "The organisation that handled the contact",
            "Exempelorganisation A",
            "organization",
            "handläggande organisation",
            "mottagare",
            "handled by",
        ),
    }


def _households() -> dict[str, pa.Column]:
    return {
        "household_id": _column(
            "reference",
            "Hushålls-id",
            "The project's reference of the household",
            "H-0001",
            "household id",
            "household",
            "hushåll",
            "hushållsid",
            "hushållsnummer",
            "household reference",
            "referens",
            "id",
        ),
        **_person(1),
        "adults": _column(
            "whole", "Vuxna", "Number of adults", "2", "adults", "antal vuxna", "number of adults"
        ),
        "children": _column(
            "whole",
            "Barn",
            "Number of children under 18",
            "1",
            "children",
            "antal barn",
            "number of children",
        ),
        "origin_code": _column(
            "municipality",
            "Flyttar från kommun",
            "Municipality before the move: code or name",
            "0180",
            "origin municipality",
            "origin code",
            "från kommun",
            "utflyttningskommun",
            "tidigare kommun",
            "origin",
        ),
        "origin_country": _column(
            "text",
            "Flyttar från land",
            "Country before the move, where it was not Sweden",
            "",
            "origin country",
            "från land",
            "land",
            "country",
        ),
        "first_contact": _column(
            "date",
            "Första kontakt",
            "Day of the first contact",
            "2020-09-15",
            "first contact",
            "första kontakten",
        ),
        "moved": _column(
            "choice",
            "Inflyttat",
            "Whether the household has moved into the county",
            "Ja",
            "moved",
            "har flyttat",
            "flyttat",
            "flyttat in",
            choice="yes_no",
            essential=True,
        ),
        "moved_in": _column(
            "date",
            "Inflyttningsdatum",
            "Day, or month, of the move",
            "2021-03-01",
            "moved in",
            "flyttdatum",
            "inflyttad",
            "move date",
            "date moved in",
            essential=True,
        ),
        "destination_code": _column(
            "municipality",
            "Flyttar till kommun",
            "Municipality after the move: code or name",
            "2380",
            "destination municipality",
            "destination code",
            "till kommun",
            "inflyttningskommun",
            "destination",
        ),
        "still_resident": _column(
            "choice",
            "Bor kvar",
            "Whether the household still lived in the county at the check",
            "Ja",
            "still resident",
            "kvarboende",
            "kvar",
            "bor kvar i länet",
            choice="yes_no",
        ),
        "checked": _column(
            "date",
            "Kontrollerat",
            "Day of the check",
            "2021-06-01",
            "checked",
            "kontrolldatum",
            "date checked",
            "avstämt",
            "uppföljt",
        ),
        "source": _column(
            "text", "Källa", "Where the information comes from", "Samtal", "source", "uppgiftskälla"
        ),
    }


def _companies() -> dict[str, pa.Column]:
    return {
        "organisation_number": _column(
            "organisation_number",
            "Organisationsnummer",
            "Organisation number; a sole trader's is a personal number and becomes a pseudonym",
            "402000-0008",
            "organisation number",
            "organization number",
            "orgnr",
            "org.nr",
            "org nr",
            "org-nr",
        ),
        "name": _column(
            "organisation_name",
            "Företag",
            "Name of the company",
            "Exempelföretaget AB",
            "name",
            "company",
            "namn",
            "företagsnamn",
            "company name",
            "arbetsgivare",
        ),
        "municipality_code": _column(
            "municipality",
            "Kommun",
            "Municipality of the workplace: code or name",
            "2380",
            "municipality",
            "municipality code",
            "kommunkod",
        ),
        "first_support": _column(
            "date",
            "Första stöd",
            "Day that the project first supported the company",
            "2020-10-01",
            "first support",
            "första insats",
            "date of first support",
            "stöd från",
        ),
        "vacancies_shared": _column(
            "whole",
            "Förmedlade lediga jobb",
            "Vacancies that the project spread",
            "3",
            "vacancies shared",
            "lediga jobb",
            "vacancies",
            "annonser",
        ),
        "candidates_presented": _column(
            "whole",
            "Presenterade kandidater",
            "Candidates that the company met through the project",
            "2",
            "candidates presented",
            "kandidater",
            "candidates",
        ),
        "hires_made": _column(
            "whole",
            "Anställda via projektet",
            "Hires through the project",
            "1",
            "hires made",
            "anställningar",
            "hires",
            "antal anställda via projektet",
            essential=True,
        ),
        "first_hire": _column(
            "date",
            "Första anställning",
            "Day of the first hire through the project",
            "2021-02-01",
            "first hire",
            "första anställningen",
            "anställningsdatum",
            "date of first hire",
            essential=True,
        ),
        "household_id": _column(
            "reference",
            "Anställt hushålls-id",
            "Reference of the hired person's household, where known",
            "H-0001",
            "hired household",
            "household id",
            "hushålls-id",
            "hired household id",
        ),
        "hire_already_local": _column(
            "choice",
            "Bodde och arbetade redan i länet",
            "Whether the hired person already lived and worked in the county",
            "Nej",
            "hire already local",
            "already local",
            "redan i länet",
            choice="yes_no",
        ),
        "employed_at_12_months": _column(
            "choice",
            "Anställd efter 12 månader",
            "Whether the hired person was still employed after 12 months",
            "Ja",
            "employed at 12 months",
            "kvar efter 12 månader",
            "still employed at 12 months",
            choice="yes_no",
        ),
    }


def _organisations() -> dict[str, pa.Column]:
    return {
        "name": _column(
            "organisation_name",
            "Organisation",
            "Name of the participating organisation",
            "Exempelkommunen",
            "name",
            "organisation",
            "organization",
            "namn",
            "deltagande organisation",
        ),
        "organisation_number": _column(
            "organisation_number",
            "Organisationsnummer",
            "Organisation number",
            "",
            "organisation number",
            "organization number",
            "orgnr",
            "org.nr",
            "org nr",
            "org-nr",
        ),
        "type": _column(
            "choice",
            "Typ",
            "Kind of organisation",
            "Kommun",
            "type",
            "organisationstyp",
            "kind",
            choice="organisation_type",
        ),
        "role": _column("choice", "Roll", "Role in the project", "Samverkanspart", "role", choice="role"),
        "joined": _column(
            "date", "Med från", "Day that it joined", "2020-01-01", "joined", "anslöt", "startdatum"
        ),
        "cash_sek": _column(
            "amount",
            "Kontant (kr)",
            "Cash contribution, SEK",
            "10 000",
            "cash sek",
            "cash",
            "kontant",
            "kontant finansiering",
        ),
        "in_kind_sek": _column(
            "amount",
            "Eget arbete (kr)",
            "Contribution in kind, SEK",
            "25 000",
            "in kind sek",
            "in kind",
            "eget arbete",
            "natura",
        ),
    }


def _survey(who: dict[str, pa.Column]) -> dict[str, pa.Column]:
    return {
        **who,
        "answer": _column(
            "scale",
            "Svar",
            "What would have happened without the project, from 1 (surely anyway) to 5 (surely not)",
            "4",
            "answer",
            "utan projektet",
            "svar 1-5",
            "svarsalternativ",
            required=True,
            choice="scale",
        ),
        "other_projects": _column(
            "projects",
            "Andra projekt",
            "Other projects that helped: yes, no, or their names with a semicolon between",
            "Nej",
            "other projects",
            "andra projekt som hjälpt",
            "andra insatser",
        ),
        "date": _column(
            "date",
            "Svarsdatum",
            "Day of the answer",
            "2022-10-01",
            "date",
            "datum",
            "answered",
            "answer date",
        ),
    }


@cache
def schemas() -> dict[str, pa.DataFrameSchema]:
    """Return the schema of each list; a required column must be in the file."""
    survey_household = {
        name: _households()[name] for name in ("household_id", "personal_number", "email", "phone")
    }
    survey_company = {name: _companies()[name] for name in ("organisation_number", "name")}
    columns: dict[str, dict[str, pa.Column]] = {
        "contacts": _contacts(),
        "households": _households(),
        "companies": _companies(),
        "organisations": _organisations(),
        "activities": {
            "date": _column(
                "date", "Datum", "Day of the activity", "2021-05-20", "date", "dag", required=True
            ),
            "phase": _column(
                "choice",
                "Fas",
                "Phase of talent attraction management",
                "Attrahera",
                "phase",
                "tam phase",
                "tam-fas",
                choice="phase",
            ),
            "area": _column(
                "choice",
                "Område",
                "Activity area",
                "Marknadsföring",
                "area",
                "activity area",
                "aktivitetsområde",
                "insatsområde",
                choice="area",
            ),
            "reach": _column(
                "whole",
                "Räckvidd",
                "Number of people reached",
                "1 200",
                "reach",
                "antal nådda",
                "nådda",
                "people reached",
            ),
            "cost_sek": _column(
                "amount", "Kostnad (kr)", "Cost, SEK", "35 000", "cost sek", "cost", "kostnad", essential=True
            ),
        },
        "survey_households": _survey(survey_household),
        "survey_companies": _survey(survey_company),
        "funding": {
            "financier": _column(
                "organisation_name",
                "Finansiär",
                "Who pays",
                "Exempelfinansiären",
                "financier",
                "funder",
                "finansiering från",
                required=True,
            ),
            "kind": _column(
                "choice",
                "Slag",
                "Kind of funding",
                "Kontant",
                "kind",
                "typ",
                "type",
                "finansieringsslag",
                choice="funding_kind",
                essential=True,
            ),
            "decided_sek": _column(
                "amount",
                "Beslutat (kr)",
                "Amount decided, SEK",
                "100 000",
                "decided sek",
                "decided",
                "beslutat",
                "beslutat belopp",
                essential=True,
            ),
            "paid_sek": _column(
                "amount",
                "Utbetalat (kr)",
                "Amount paid, SEK",
                "50 000",
                "paid sek",
                "paid",
                "utbetalat",
                "utbetalat belopp",
                essential=True,
            ),
            "date": _column(
                "date",
                "Datum",
                "Day of the payment or the decision",
                "2021-06-30",
                "date",
                "betaldatum",
                "utbetalningsdatum",
            ),
        },
    }
    return {name: pa.DataFrameSchema(fields, name=name, strict=True) for name, fields in columns.items()}


def kind_of(column: pa.Column) -> str:
    """Return how a column's text is read."""
    return str(column.metadata["kind"])
