"""An empty workbook to fill in: a sheet a list, drop-down values, an example row, a cover that explains."""

from __future__ import annotations

import csv
import io
import unicodedata
from pathlib import Path
from typing import Any

from attraktiv_eval.errors import RecordError
from attraktiv_eval.project import Project
from attraktiv_eval.records.dictionary import dictionary_table
from attraktiv_eval.records.examples import EXAMPLE_MARK
from attraktiv_eval.records.model import LISTS
from attraktiv_eval.records.saving import as_plain_text, put_text, save_same_bytes
from attraktiv_eval.records.schemas import LIST_WORDS, NOT_LISTS, kind_of, schemas
from attraktiv_eval.records.vocabulary import CHOICES

__all__ = ["WORKBOOK", "sheet_title", "write_workbook"]

WORKBOOK = "projektets_listor.xlsx"
_COVER, _WORDS = NOT_LISTS
_ROWS = 5000  # rows with drop-downs

_EXPLANATION = (
    "En flik för varje lista. Fyll i de listor ni har; en lista som saknas ger en rapport med färre delar.",
    "One sheet a list. Fill in the lists you have; a report says what it lacks.",
    "",
    f"Den grå raden överst i varje lista är ett exempel. Den har ett kryss i kolumnen {EXAMPLE_MARK} och "
    "räknas aldrig. Låt den stå, eller ta bort hela raden. Kryssa aldrig en rad som är er egen.",
    f"The grey row at the top of each list is an example, marked in {EXAMPLE_MARK}, and never counted.",
    "",
    "Datum skrivs 2021-03-01; är bara månaden känd skrivs mars 2021. Okänt är ett svar: skriv Okänt.",
    "Personnummer behövs inte. Namn, e-post, telefon och adress byts mot pseudonymer så snart listan läses.",
    "Uppgifterna stannar i er mapp: rapporten innehåller aldrig en rad om en person.",
    "",
    "Kontrollera listorna:   attraktiv-eval check --records MAPP",
    "Gör rapporten:   attraktiv-eval run --records MAPP",
    "",
    "Kolumner / Columns",
)


def sheet_title(name: str) -> str:
    """Return the Swedish title of a list's sheet."""
    return LIST_WORDS[name][0].capitalize()


def _file_name(title: str) -> str:
    """Return a sheet's title as a file name of plain letters, which every system keeps as it is."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii")
    return plain.replace(" ", "_").lower()


def write_workbook(directory: Path, project: Project) -> list[Path]:
    """Write the empty workbook and the same lists as CSV files in a subfolder ``csv``.

    Parameters
    ----------
    directory : Path
        Made if it is not there; a workbook that is there already is never replaced.
    project : Project
        Named on the cover.

    Returns
    -------
    list of Path
        The files written. Use either the workbook or the CSV files, not both.

    Raises
    ------
    RecordError
        If the workbook is there already, or the folder cannot be written.
    """
    directory = Path(directory)
    target = directory / WORKBOOK
    lists = [directory / "csv" / f"{_file_name(sheet_title(name))}.csv" for name in LISTS]
    there = [path for path in (target, *lists) if path.exists()]
    if there:
        raise RecordError(
            "the file is there already and may be filled in",
            remedy="choose another folder, or move the file away",
            file=there[0],
        )
    try:
        (directory / "csv").mkdir(parents=True, exist_ok=True)
        save_same_bytes(_workbook(project), target)
        for name, path in zip(LISTS, lists, strict=True):
            _write_csv(name, path, project)
    except OSError as error:
        raise RecordError(
            f"the folder cannot be written ({error.strerror})", remedy="choose another folder", file=directory
        ) from None
    return [target, *lists]


def _headings(name: str) -> list[str]:
    return [EXAMPLE_MARK, *(str(column.title) for column in schemas()[name].columns.values())]


def _example(name: str, project: Project) -> list[str]:
    """Return the example row: municipalities of the project's own, origins outside its county."""
    cells = ["x"]
    for field, column in schemas()[name].columns.items():
        text = str(column.metadata["example"])
        if text and kind_of(column) == "municipality":
            text = _outside(project) if field == "origin_code" else min(project.region.municipalities)
        cells.append(text)
    return cells


def _outside(project: Project) -> str:
    return "1480" if project.region.code == "01" else "0180"


def _write_csv(name: str, path: Path, project: Project) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=";", lineterminator="\r\n").writerows(
        [list(map(as_plain_text, cells)) for cells in (_headings(name), _example(name, project))]
    )
    path.write_bytes(buffer.getvalue().encode("utf-8-sig"))


def _workbook(project: Project) -> Any:
    from openpyxl import Workbook

    book = Workbook()
    _cover(book.active, project)
    for name in LISTS:
        _list(book.create_sheet(sheet_title(name)), name, project)
    _words(book.create_sheet(_WORDS))
    return book


def _cover(sheet: Any, project: Project) -> None:
    from openpyxl.styles import Alignment, Font

    sheet.title = _COVER
    sheet.column_dimensions["A"].width = 28
    for letter, width in (("B", 30), ("C", 80), ("D", 28), ("E", 60)):
        sheet.column_dimensions[letter].width = width
    put_text(sheet["A1"], f"{project.name}: projektets egna listor")
    sheet["A1"].font = Font(bold=True, size=16)
    for number, text in enumerate(_EXPLANATION, 3):
        sheet.cell(number, 1, text)
    row = len(_EXPLANATION) + 3
    for index, text in enumerate(("Flik", "Rubrik", "Meaning", "Type", "Val"), 1):
        sheet.cell(row, index, text).font = Font(bold=True)
    for name in LISTS:
        for field in dictionary_table(name).to_dict("records"):
            row += 1
            must = " (måste finnas)" if field["required"] else ""
            cells = (
                sheet_title(name),
                f"{field['swedish']}{must}",
                field["meaning"],
                field["type"],
                field["choices"],
            )
            for index, text in enumerate(cells, 1):
                sheet.cell(row, index, text).alignment = Alignment(wrap_text=index > 2, vertical="top")


def _list(sheet: Any, name: str, project: Project) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    grey = PatternFill("solid", start_color="E7E6E6")
    for index, (heading, example) in enumerate(zip(_headings(name), _example(name, project), strict=True), 1):
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
            _drop_down(sheet, letter, column.metadata["choice"])


def _format(sheet: Any, letter: str, kind: str) -> None:
    """Keep codes and references as text, so that no zero is lost."""
    if kind in ("reference", "municipality", "organisation_number", "personal_number", "phone"):
        sheet.column_dimensions[letter].number_format = "@"
        for row in range(3, 203):
            sheet[f"{letter}{row}"].number_format = "@"


def _drop_down(sheet: Any, letter: str, choice: str) -> None:
    """Offer the words of a choice, from the sheet of words; other words can be typed after a warning."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    column = get_column_letter(list(CHOICES).index(choice) + 1)
    source = f"'{_WORDS}'!${column}$2:${column}${len(CHOICES[choice]) + 1}"
    rule = DataValidation(type="list", formula1=source, allow_blank=True, errorStyle="warning")
    rule.error = "Välj ett av orden i listan."
    rule.errorTitle = "Okänt ord"
    sheet.add_data_validation(rule)
    rule.add(f"{letter}3:{letter}{_ROWS}")


def _words(sheet: Any) -> None:
    """Write the words of the drop-downs, one column a choice."""
    for index, (choice, ids) in enumerate(CHOICES.items(), 1):
        sheet.cell(1, index, f"[{choice}]")
        for row, words in enumerate(ids.values(), 2):
            sheet.cell(row, index, words[0].capitalize())
