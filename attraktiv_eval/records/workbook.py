"""An empty workbook to fill in: a sheet a list, drop-down values, an example row, a cover that explains."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandera.pandas as pa

from attraktiv_eval.errors import RecordError
from attraktiv_eval.project import Project
from attraktiv_eval.records.records import LISTS, Column
from attraktiv_eval.records.schemas import CHOICES, COVERS, LIST_WORDS, kind_of, schemas, words_to_choose
from attraktiv_eval.texts import LANGUAGES, translator

if TYPE_CHECKING:
    import pandas as pd


_MOMENT = datetime(2023, 3, 15)
_STARTS = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
#: Blanks, quotation marks and signs without width: a program may pass over them and run what follows.
_PASSED_OVER = "\\s'\"`\u00b4\u00ad\u200b-\u200f\u2018-\u201f\u202a-\u202e\u2060\ufeff"
_FORMULA = re.compile(rf"[{_PASSED_OVER}]*[{_STARTS}]")
_GUARDED = re.compile(rf"'(?=[{_PASSED_OVER}]*[{_STARTS}])")
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
#: What XML cannot hold, but for tab and line feed.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def without_control_signs(text: str) -> str:
    """Return a text without the control signs that no spreadsheet can hold."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", " "))


def as_plain_text(text: str) -> str:
    """Return a text as a CSV file holds it, so that a spreadsheet runs none of it.

    A signed number stays a number. :func:`as_it_was` takes the apostrophe away again.

    Examples
    --------
    >>> as_plain_text("=1+1"), as_plain_text("-12,5"), as_plain_text("Åre")
    ("'=1+1", '-12,5', 'Åre')
    """
    text = without_control_signs(text)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def as_it_was(text: str) -> str:
    """Return a text as it was before :func:`as_plain_text`.

    Examples
    --------
    >>> as_it_was(as_plain_text("=1+1")), as_it_was("'n Åre")
    ('=1+1', "'n Åre")
    """
    return _GUARDED.sub("", text, count=1) if text.startswith("'") else text


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV for a spreadsheet: byte order mark, semicolon, text that stays text."""
    table = table.rename(columns=lambda name: as_plain_text(str(name)))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        for start in range(0, max(len(table), 1), _WRITTEN):
            kept = table.iloc[start : start + _WRITTEN].copy()
            for column in kept.columns:
                kept[column] = [as_plain_text(one) if isinstance(one, str) else one for one in kept[column]]
            kept.to_csv(file, sep=";", index=False, header=start == 0, lineterminator="\n")


_WRITTEN = 500_000  # rows that are written at a time


def put_text(cell: Any, text: str) -> Any:
    """Put a text into an openpyxl cell as text, also where it looks like a formula, and return the cell."""
    cell.value = without_control_signs(text)
    cell.data_type = "s"
    return cell


def save_same_bytes(book: Any, path: Path) -> None:
    """Save an openpyxl workbook with fixed times and its parts in order of name."""
    book.properties.creator = "attraktiv_eval"
    book.properties.created = book.properties.modified = _MOMENT
    buffer = io.BytesIO()
    book.save(buffer)
    stamp = rb"(<dcterms:modified[^>]*>)[^<]*"
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist()):
            data = source.read(name)
            if name == "docProps/core.xml":
                data = re.sub(stamp, rb"\g<1>2023-03-15T00:00:00Z", data)
            info = zipfile.ZipInfo(name, _MOMENT.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            target.writestr(info, data)


# --- The workbook's example row, which is never counted, however it comes back

#: Heading of the workbook's column that marks its example row, by language.
EXAMPLE_MARKS = {"sv": "Exempelrad", "en": "Example row"}


def example_rows(
    schema: pa.DataFrameSchema, body: Mapping[str, Column], marks: Column | None, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows are the example, and which are marked as one but say something else.

    Parameters
    ----------
    schema : DataFrameSchema
        The list's schema; each column's metadata holds its example. Of a municipality any code counts as the
        example's, since the workbook's row names one of the project's own.
    body : dict
        Field -> text of each row.
    marks : Column, optional
        Text of the column of :data:`EXAMPLE_MARKS`; None where the table has none.
    size : int
        Number of rows.
    """
    examples = {
        name: {_bare(text) for text in column.metadata["example"].values() if text}
        for name, column in schema.columns.items()
    }
    known = [name for name in body if examples[name]]
    places = {name for name in known if kind_of(schema.columns[name]) == "municipality"}
    marked = marks.filled if marks is not None else np.zeros(size, dtype=bool)
    is_example = np.zeros(size, dtype=bool)
    if not known:
        return is_example, marked
    longest = max(known, key=lambda name: min(map(len, examples[name])))
    alike = _alike(body[longest], examples[longest])
    for index in sorted({*alike.tolist(), *np.flatnonzero(marked).tolist()}):
        filled = {name: str(cells[index]) for name, cells in body.items() if cells[index]}
        is_example[index] = len(filled) > 2 and all(
            _bare(text) in examples[name] or (name in places and re.fullmatch(r"\d{3,4}", text.strip()))
            for name, text in filled.items()
        )
    return is_example, marked & ~is_example


def _alike(cells: Column, examples: set[str]) -> np.ndarray:
    """Return the rows that say what the example says in a column, in any language."""
    # a quick look: most texts begin with another sign
    first = {"0", *(one[0] for one in examples), *(one[0].upper() for one in examples)}
    return cells.where(lambda text: (text[0] in first or not text[0].isascii()) and _bare(text) in examples)


def _bare(text: str) -> str:
    """Return text as it is compared: a spreadsheet may have taken spaces and first zeros away."""
    return "".join(text.split()).lstrip("0").casefold()


# --- An empty workbook to fill in

#: The workbook's file, by language.
WORKBOOKS = {"sv": "projektets_listor.xlsx", "en": "project_lists.xlsx"}
_ROWS = 5000  # rows with drop-downs


def _explanation(_: Callable[[str], str], mark: str) -> tuple[str, ...]:
    """Return the lines of the cover."""
    return (
        _("One sheet a list. Fill in the lists you have; a report has fewer parts where one is missing."),
        "",
        _(
            "The grey row at the top of each list is an example. It has a cross in the column {mark} and is "
            "never counted. Leave it, or delete the whole row. Never put a cross on a row of your own."
        ).format(mark=mark),
        "",
        _("Write dates as 2021-03-01, or as March 2021 where only the month is known. Unknown is an answer."),
        _(
            "Personal identity numbers are not needed. Names, e-mails, telephones and addresses are replaced "
            "by pseudonyms as soon as the list is read."
        ),
        _("The records stay in your folder: no report ever holds a row about a person."),
        "",
        _("Check the lists:   attraktiv-eval check --records DIR"),
        _("Make the report:   attraktiv-eval run --records DIR"),
        "",
        _("Columns"),
    )


def type_words(_: Callable[[str], str]) -> dict[str, str]:
    """Return kind of a column -> what to write in it, in words."""
    return {
        "reference": _("text"),
        "text": _("text"),
        "organisation_name": _("text"),
        "organisation_number": _("organisation number"),
        "municipality": _("municipality code or name"),
        "country": _("country's name"),
        "date": _("date"),
        "whole": _("whole number"),
        "amount": _("amount"),
        "choice": _("choice"),
        "scale": _("1 to 5"),
        "projects": _("yes, no or names"),
        "personal_number": _("personal number → pseudonym"),
        "email": _("e-mail → pseudonym"),
        "phone": _("telephone → pseudonym"),
        "person_name": _("name → pseudonym"),
        "address": _("address → pseudonym"),
    }


def sheet_title(name: str, language: str) -> str:
    """Return the title of a list's sheet in a language."""
    return LIST_WORDS[name][LANGUAGES.index(language)].capitalize()


def _file_name(title: str) -> str:
    """Return a sheet's title as a file name of plain letters, which every system keeps as it is."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii")
    return plain.replace(" ", "_").lower()


def write_workbook(directory: Path, project: Project, language: str = "sv") -> list[Path]:
    """Write the empty workbook and the same lists as CSV files in a subfolder ``csv``.

    The workbooks of both languages can lie beside each other; either is read back.

    Parameters
    ----------
    directory : Path
        Made if it is not there; a workbook that is there already is never replaced.
    project : Project
        Named on the cover.
    language : str, optional
        Of the headings, sheets, instructions and words to choose: sv or en.

    Returns
    -------
    list of Path
        The files written. Use either the workbook or the CSV files, not both.

    Raises
    ------
    RecordError
        If the workbook is there already, or the folder cannot be written.
    ParameterError
        If there is no such language.
    """
    translator(language)
    directory = Path(directory)
    target = directory / WORKBOOKS[language]
    lists = [directory / "csv" / f"{_file_name(sheet_title(name, language))}.csv" for name in LISTS]
    there = [path for path in (target, *lists) if path.exists()]
    if there:
        raise RecordError(
            "the file is there already and may be filled in",
            remedy="choose another folder, or move the file away",
            file=there[0],
        )
    try:
        (directory / "csv").mkdir(parents=True, exist_ok=True)
        save_same_bytes(_workbook(project, language), target)
        for name, path in zip(LISTS, lists, strict=True):
            _write_csv(name, path, project, language)
    except OSError as error:
        raise RecordError(
            f"the folder cannot be written ({error.strerror})", remedy="choose another folder", file=directory
        ) from None
    return [target, *lists]


def _headings(name: str, language: str) -> list[str]:
    columns = schemas()[name].columns.values()
    return [EXAMPLE_MARKS[language], *(column.metadata["heading"][language] for column in columns)]


def _example(name: str, project: Project, language: str) -> list[str]:
    """Return the example row: municipalities of the project's own, origins outside its county."""
    cells = ["x"]
    for field, column in schemas()[name].columns.items():
        text = column.metadata["example"][language]
        if text and kind_of(column) == "municipality":
            text = _outside(project) if field == "origin_code" else min(project.region.municipalities)
        cells.append(text)
    return cells


def _outside(project: Project) -> str:
    return "1480" if project.region.code == "01" else "0180"


def _write_csv(name: str, path: Path, project: Project, language: str) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=";", lineterminator="\r\n").writerows(
        [
            list(map(as_plain_text, cells))
            for cells in (_headings(name, language), _example(name, project, language))
        ]
    )
    path.write_bytes(buffer.getvalue().encode("utf-8-sig"))


def _workbook(project: Project, language: str) -> Any:
    from openpyxl import Workbook

    book = Workbook()
    _cover(book.active, project, language)
    for name in LISTS:
        _list(book.create_sheet(sheet_title(name, language)), name, project, language)
    _words(book.create_sheet(COVERS[language][1]), language)
    return book


def _cover(sheet: Any, project: Project, language: str) -> None:
    from openpyxl.styles import Alignment, Font

    _ = translator(language)
    sheet.title = COVERS[language][0]
    sheet.column_dimensions["A"].width = 28
    for letter, width in (("B", 30), ("C", 80), ("D", 28), ("E", 60)):
        sheet.column_dimensions[letter].width = width
    put_text(sheet["A1"], _("{project}: the project's own lists").format(project=project.name))
    sheet["A1"].font = Font(bold=True, size=16)
    lines = _explanation(_, EXAMPLE_MARKS[language])
    for number, text in enumerate(lines, 3):
        sheet.cell(number, 1, text)
    row = len(lines) + 3
    for index, text in enumerate((_("Sheet"), _("Heading"), _("Meaning"), _("Type"), _("Choices")), 1):
        sheet.cell(row, index, text).font = Font(bold=True)
    for name in LISTS:
        for column in schemas()[name].columns.values():
            row += 1
            for index, text in enumerate(_told(name, column, language), 1):
                sheet.cell(row, index, text).alignment = Alignment(wrap_text=index > 2, vertical="top")


def _told(name: str, column: pa.Column, language: str) -> tuple[str, ...]:
    """Return what the cover says of a column: sheet, heading, meaning, type, words to choose."""
    _, meta = translator(language), column.metadata
    must = " " + _("(must be there)") if column.required else ""
    words = words_to_choose(meta["choice"], language) if meta["choice"] else []
    return (
        sheet_title(name, language),
        meta["heading"][language] + must,
        meta["meaning"][language],
        type_words(_)[kind_of(column)],
        "; ".join(words),
    )


def _list(sheet: Any, name: str, project: Project, language: str) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    grey = PatternFill("solid", start_color="E7E6E6")
    rows = zip(_headings(name, language), _example(name, project, language), strict=True)
    for index, (heading, example) in enumerate(rows, 1):
        letter = get_column_letter(index)
        sheet.column_dimensions[letter].width = max(14, min(34, len(heading) + 4, 2 * len(heading)))
        sheet.cell(1, index, heading).font = Font(bold=True)
        sheet.cell(1, index).alignment = Alignment(wrap_text=True, vertical="top")
        cell = sheet.cell(2, index, example or None)
        cell.fill, cell.font, cell.number_format = grey, Font(italic=True, color="595959"), "@"
    sheet.freeze_panes = "A3"
    for index, column in enumerate(schemas()[name].columns.values(), 2):
        letter = get_column_letter(index)
        _format(sheet, letter, kind_of(column))
        if column.metadata["choice"]:
            _drop_down(sheet, letter, column.metadata["choice"], language)


def _format(sheet: Any, letter: str, kind: str) -> None:
    """Keep codes and references as text, so that no zero is lost."""
    if kind in ("reference", "municipality", "organisation_number", "personal_number", "phone"):
        sheet.column_dimensions[letter].number_format = "@"
        for row in range(3, 203):
            sheet[f"{letter}{row}"].number_format = "@"


def _drop_down(sheet: Any, letter: str, choice: str, language: str) -> None:
    """Offer the words of a choice, from the sheet of words; other words can be typed after a warning."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    column = get_column_letter(list(CHOICES).index(choice) + 1)
    source = f"'{COVERS[language][1]}'!${column}$2:${column}${len(CHOICES[choice]) + 1}"
    rule = DataValidation(type="list", formula1=source, allow_blank=True, errorStyle="warning")
    _ = translator(language)
    rule.error, rule.errorTitle = _("Choose one of the words in the list."), _("Unknown word")
    sheet.add_data_validation(rule)
    rule.add(f"{letter}3:{letter}{_ROWS}")


def _words(sheet: Any, language: str) -> None:
    """Write the words of the drop-downs, one column a choice."""
    for index, choice in enumerate(CHOICES, 1):
        sheet.cell(1, index, f"[{choice}]")
        for row, word in enumerate(words_to_choose(choice, language), 2):
            sheet.cell(row, index, word.capitalize())
