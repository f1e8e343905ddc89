"""The kinds of fault that a cell or row can have, in words, and what to do about each."""

from __future__ import annotations

from collections.abc import Callable

from attraktiv_eval.texts import translator


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
        "future_date": (
            _("the day has not come yet"),
            _("correct the date, or leave the row out until it has happened"),
        ),
        "no_number": (_("no number can be read"), _("write digits only")),
        "person_as_number": (
            _("the cell looks like somebody's identity or telephone number, not a number to count"),
            _("write the number that the column asks for, or clear the cell"),
        ),
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
        "town_abroad": (
            _("the country is Sweden and the town lies abroad"),
            _("correct the one that is wrong"),
        ),
        "unknown_municipality": (
            _("no municipality is known by that code or name"),
            _("write the municipality's code with four digits, or its name"),
        ),
        "missing_destination": (
            _("the household moved and its new municipality is not stated"),
            _("write the municipality; a move to an unknown place is counted as unknown"),
        ),
        "person_as_organisation": (
            _("the name reads like a person's; a pseudonym stands in its place"),
            _("if it is an organisation, add its number or what it is (AB, firma, förening)"),
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
            _("clear the mark in the column Example row (Exempelrad) if the row is your own"),
        ),
    }


#: Every kind of fault.
KINDS: tuple[str, ...] = tuple(_words(str))

#: Kinds of rows that are no records: to remove them makes the list clean and gains nothing.
NO_RECORDS: tuple[str, ...] = ("total_row", "footnote", "repeated_heading")

#: Kind -> remedy in English, as in the tables of rejected rows and cells.
REMEDIES: dict[str, str] = {kind: remedy for kind, (_, remedy) in _words(str).items()}


def fault_words(kind: str, language: str) -> tuple[str, str]:
    """Return what is wrong and what to do about it, in a language."""
    return _words(translator(language))[kind]


# --- What was noted while the lists were read and linked


def _notes(_: Callable[[str], str]) -> dict[str, str]:
    """Return kind of note -> sentence with ``{value}``."""
    return {
        "unknown_heading": _("a heading is not known and was not used: {value}"),
        "unknown_headings_only": _(
            "{value} headings are not known; they may be a person's own row, and are not shown"
        ),
        "no_heading": _("columns without a heading were not used: {value}"),
        "no_list": _(
            "the sheet is no list that is known and was not used ({value} rows); state its list in "
            "lists.toml if it is one"
        ),
        "empty_list": _("the list has no rows"),
        "export": _("read as an export of {value}; lists.toml may say otherwise of any heading"),
        "encoding": _("read as {value}; save as UTF-8 to be sure of å, ä and ö"),
        "hidden_rows": _("hidden rows that were read too: {value}"),
        "hidden_columns": _("hidden columns that were read too: {value}"),
        "hidden_sheet": _("the sheet is hidden and was read too: {value}"),
        "merged_downwards": _("merged cells whose value counts for each of their rows: {value}"),
        "formulas_without_value": _("formulas without a saved value, read as empty cells: {value}"),
        "example_row": _("example rows that were not counted: {value}"),
        "mended_encoding": _("cells whose letters had been saved wrongly and were mended: {value}"),
        "mended_lost_zero": _("municipality codes that had lost their first zero: {value}"),
        "mended_serial_date": _(
            "days that stand as a spreadsheet's numbers, read as counted from 1900: {value}; save the dates "
            "as 2021-03-01 to be sure"
        ),
        "date_order_assumed": _(
            "dates that can mean two days, read with the day first (with two digits of the year between "
            "hyphens, the year first): {value}; state the order in lists.toml"
        ),
        "shared_by_many": _(
            "e-mail addresses or telephone numbers shared by many, by which nobody was linked: {value}"
        ),
        "reference_is_a_day": _(
            "references that stand as a day, as where a spreadsheet made one of 1-2, to be written as text: "
            "{value}"
        ),
        "moves_disagree": _(
            "households whose rows give different days of the move; the earliest counts: {value}"
        ),
        "moved_without_date": _("households said to have moved, without a date, counted as unknown: {value}"),
        "contacts_before_project": _("contacts older than the project, which are not its own: {value}"),
        "moves_before_project": _("moves before the project began, counted apart: {value}"),
        "hires_before_project": _("hires before the project began, counted apart: {value}"),
        "paid_without_day": _(
            "payments that state no day and are in no sum, beside a decided amount that is: {value}"
        ),
        "vat_or_currency": _(
            "a column of amounts with VAT or in another currency was not used: {value}; add one in kronor "
            "without VAT"
        ),
        "pattern_without_file": _("a pattern meets no file: {value}"),
        "passed_over": _("no list can be read from a file of this kind, and it was passed over"),
        "published_report": _("a published report: its tables are no records, and were left out"),
        "unit_applied": _("amounts that the heading or a line above it gives in another unit: {value}"),
        "headings_again": _("the headings stand in another order from row {value} on, and are read so"),
        "answers_of_strangers": _("survey answers of households without a contact: {value}"),
        "decisions_not_applied_made": _(
            "decisions that could not be applied, since nothing of that name, or more than one, is found; "
            "a company's name may carry its number in parentheses; without a kept key "
            "the name of a household without reference holds only while its file is unchanged: {value}"
        ),
        "decisions_not_applied_kept": _(
            "decisions that could not be applied, since nothing of that name, or more than one, is found; "
            "a company's name may carry its number in parentheses: {value}"
        ),
        "tables_held": _(
            "the tables of counts stand as version {value} of this report published them: too little has "
            "changed since to show them anew without telling of a few"
        ),
        "key_made": _("no key was given: pseudonyms were made for this run only"),
    }


def note_words(kind: str, value: str, language: str) -> str:
    """Return a note as a sentence; empty where a reader needs no words."""
    if kind.startswith("cells_"):
        what, _remedy = fault_words(kind.removeprefix("cells_"), language)
        _ = translator(language)
        return _("cells left out because {what}: {value}").format(what=what, value=value)
    if kind.startswith("not_used_"):
        _ = translator(language)
        why = _reasons(_)[kind.removeprefix("not_used_")]
        return _("rows that are kept and not used, because {why}: {n}").format(why=why, n=value)
    return _notes(translator(language)).get(kind, "").format(value=value)


def _reasons(_: Callable[[str], str]) -> dict[str, str]:
    """Return why a row that is kept enters no count."""
    return {
        "no_day": _("they have no day"),
        "nobody": _("nothing tells whose they are"),
        "no_kind": _("the kind of funding is missing"),
        "no_amount": _("they state no amount"),
        "table": _(
            "they stand in a further table on the sheet, which is no clear list; give it its own sheet"
        ),
    }


def _rules(_: Callable[[str], str]) -> dict[str, str]:
    """Return rule of linkage -> its words."""
    return {
        "same_reference": _("the same reference"),
        "same_personal_number": _("the same personal number"),
        "same_email": _("the same e-mail address"),
        "same_phone": _("the same telephone number"),
        "partner_email": _("the partner's e-mail address"),
        "same_name_and_place": _("the same name and place"),
        "same_address": _("two at one address within a year"),
        "similar_address": _("two at an address spelt almost the same"),
        "similar_email": _("an e-mail address one slip apart, from the same place"),
        "decided_by_a_person": _("decided by a person"),
        "same_number": _("the same organisation number"),
        "same_name": _("the same name"),
        "similar_name": _("a name spelt almost the same"),
        "same_row": _("the same row twice"),
    }


def rule_words(rule: str, language: str) -> str:
    """Return what a rule of linkage goes by, in a language."""
    return _rules(translator(language))[rule]
