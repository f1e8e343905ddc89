"""The kinds of fault that a cell or row can have, in words, and what to do about each."""

from __future__ import annotations

from collections.abc import Callable

from attraktiv_eval.texts import translator

__all__ = ["KINDS", "REMEDIES", "fault_words"]


def _words(_: Callable[[str], str]) -> dict[str, tuple[str, str]]:
    """Return kind -> what is wrong, and the remedy."""
    return {
        "missing_value": (
            _("a value is missing"),
            _("fill in the cell; the row cannot be counted without it"),
        ),
        "unreadable_date": (
            _("no date can be read"),
            _("write the day as 2021-03-01, or the month as 2021-03"),
        ),
        "ambiguous_date": (
            _("the date can mean two days"),
            _("write the day as 2021-03-01, or state the order of dates in lists.toml"),
        ),
        "date_out_of_range": (
            _("the date lies far outside the project's time"),
            _("correct the year"),
        ),
        "no_number": (_("no number can be read"), _("write digits only")),
        "ambiguous_number": (
            _("the number can mean two things"),
            _("write 1234 or 1,23; a sign before three digits can mean either"),
        ),
        "no_whole_number": (_("the number is not whole"), _("write a whole number, 0 or more")),
        "negative_number": (_("the amount is negative"), _("write an amount of 0 or more")),
        "unknown_word": (
            _("the word is not one of the choices"),
            _("choose one of the words in the data dictionary"),
        ),
        "contradicting_scale": (
            _("the digit and the words beside it say different things"),
            _("write only the words, from säkert ändå (1) to säkert inte (5)"),
        ),
        "scale_direction": (
            _("the heading leaves open which end of the scale a digit means"),
            _("write the words, from säkert ändå to säkert inte, or state the scale in lists.toml"),
        ),
        "unknown_country": (
            _("no country is known by that name"),
            _("write the country's name in Swedish or English, or clear the cell"),
        ),
        "unknown_municipality": (
            _("no municipality is known by that code or name"),
            _("write the municipality's code with four digits, or its name"),
        ),
        "missing_destination": (
            _("the household moved and its new municipality is not stated"),
            _("write the municipality; a move to an unknown place is counted as unknown"),
        ),
        "wrong_check_digit": (
            _("the organisation number is not valid"),
            _("correct the number; its check digit or length is wrong"),
        ),
        "no_personal_number": (
            _("the personal number is not valid"),
            _("correct or clear the number; its day or check digit is wrong"),
        ),
        "no_email": (_("the e-mail address is not valid"), _("correct or clear the address")),
        "no_phone": (_("the telephone number is not valid"), _("correct or clear the number")),
        "no_address": (
            _("the address has no number"),
            _("write the street with its number, or clear the cell"),
        ),
        "spreadsheet_error": (
            _("the cell shows a spreadsheet error"),
            _("mend the formula in the workbook"),
        ),
        "no_identity": (
            _("nothing tells whose row it is"),
            _("give a reference, an e-mail address, a telephone number or an organisation number"),
        ),
        "contradiction": (
            _("the row says both that the household moved and that it did not"),
            _("correct one of the two"),
        ),
        "repeated_heading": (
            _("the headings stand again in the middle of the list"),
            _("remove the row"),
        ),
        "above_headings": (
            _("the row stands above the headings"),
            _("move the headings to the top of the list"),
        ),
        "too_many_cells": (
            _("the row has more cells than there are headings"),
            _("put a cell that holds the separator in quotation marks"),
        ),
        "total_row": (_("the row is a sum, not a record"), _("remove the row")),
        "footnote": (
            _("the row is a footnote, not a record"),
            _("remove the row, or move the note above the headings"),
        ),
        "marked_as_example": (
            _("the row is marked as an example"),
            _("clear the mark in the column Exempelrad if the row is your own"),
        ),
    }


#: Every kind of fault.
KINDS: tuple[str, ...] = tuple(_words(str))

#: Kind -> remedy in English, as in the tables of rejected rows and cells.
REMEDIES: dict[str, str] = {kind: remedy for kind, (_, remedy) in _words(str).items()}


def fault_words(kind: str, language: str) -> tuple[str, str]:
    """Return what is wrong and what to do about it, in a language."""
    return _words(translator(language))[kind]
