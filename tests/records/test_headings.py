"""Headings: an unknown one is shown beside the nearest known one, never one that says the opposite."""

from __future__ import annotations

import pytest

from attraktiv_eval.records.headings import nearest


@pytest.mark.parametrize(
    ("name", "heading", "shown"),
    [
        ("households", "Inflytningsdatum", "Inflyttningsdatum"),
        ("companies", "Organisationsnumer", "Organisationsnummer"),
        ("contacts", "Kontaktkanal", "Kanal"),
        ("contacts", "E-posst", "E-post"),
        ("contacts", "Barn", None),
        ("households", "Antal personer", None),
    ],
)
def test_an_unknown_heading_is_shown_with_the_nearest_known_one(name, heading, shown):
    assert nearest(heading, name) == shown


@pytest.mark.parametrize("heading", ["Utflyttat", "Utflyttad", "Utflyttning", "Moved out"])
def test_a_move_out_is_never_shown_beside_a_move_in(heading):
    assert nearest(heading, "households") not in ("Inflyttat", "Inflyttningsdatum", "Flyttar till kommun")
