"""The kinds of fault that a cell or row can have, and what to do about each."""

from __future__ import annotations

__all__ = ["REMEDIES"]

REMEDIES: dict[str, str] = {
    "missing_value": "fill in the cell; the row cannot be counted without it",
    "unreadable_date": "write the day as 2021-03-01, or the month as 2021-03",
    "date_out_of_range": "correct the year; the day lies far outside the project's time",
    "no_number": "write digits only",
    "ambiguous_number": "write 1234 or 1,23; a sign before three digits can mean either",
    "no_whole_number": "write a whole number, 0 or more",
    "negative_number": "write an amount of 0 or more",
    "unknown_word": "choose one of the words in the data dictionary",
    "unknown_municipality": "write the municipality's code with four digits, or its name",
    "wrong_check_digit": "correct the organisation number; its check digit is wrong",
    "no_personal_number": "correct or clear the number; its day or check digit is wrong",
    "no_email": "correct or clear the e-mail address",
    "no_phone": "correct or clear the telephone number",
    "no_address": "write the street with its number, or clear the cell",
    "spreadsheet_error": "mend the formula in the workbook; the cell shows an error",
    "no_identity": "give a reference, an e-mail address, a telephone number or an organisation number",
    "contradiction": "the row says both that the household moved and that it did not; correct one of them",
    "repeated_heading": "remove the heading in the middle of the list",
    "total_row": "remove the row of totals; it is no record",
    "marked_as_example": "clear the mark in the column Exempelrad if the row is your own",
    "too_many_cells": "the row has more cells than headings; check for a separator inside a cell",
}
