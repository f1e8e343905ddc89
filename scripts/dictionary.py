"""The data dictionary: made from the schemas, written between two marks in ``data/README.md``.

Run it after a change of ``fields.toml``.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from attraktiv_eval import resources
from attraktiv_eval.errors import RecordError
from attraktiv_eval.records.records import LISTS
from attraktiv_eval.records.schemas import CHOICES, IDENTITY, LIST_WORDS, kind_of, schemas
from attraktiv_eval.records.workbook import type_words

__all__ = ["BEGIN", "END", "dictionary", "dictionary_table", "write_dictionary"]

BEGIN = "<!-- dictionary:begin -->"
END = "<!-- dictionary:end -->"


def dictionary_table(name: str) -> pd.DataFrame:
    """Return the fields of a list: column, meaning, type, values, example, headings, required, also."""
    rows = []
    for field, column in schemas()[name].columns.items():
        meta = column.metadata
        values = "; ".join(words[0] for words in CHOICES[meta["choice"]].values()) if meta["choice"] else ""
        rows.append(
            {
                "column": field,
                "swedish": column.title,
                "meaning": column.description,
                "type": type_words(str)[kind_of(column)],
                "choices": values,
                "english": meta["heading"]["en"],
                "example": meta["example"]["sv"],
                "required": bool(column.required),
                "also": ", ".join(meta["also"]),
            }
        )
    return pd.DataFrame(rows)


def dictionary() -> str:
    """Return the whole dictionary as Markdown, without the marks."""
    parts = [_INTRODUCTION]
    for name in LISTS:
        parts.append(_list(name))
    parts.append(_words())
    return "\n".join(parts)


_INTRODUCTION = """\
A list is a sheet or a CSV file. Its name or its headings tell which list it is; headings may be the Swedish
or English ones, the column names, or any of the further ones. Columns in **bold** must be there. Dates may be
written 2021-03-01, 21-03-01, 1/3 2021, or to the month, mars 2021. Numbers may have a comma and spaces.
Every column that is marked → pseudonym is replaced by a keyed pseudonym when it is read, and none of them
is needed.
"""


_DESTINATIONS = """\
Where a list has the column `destination_code`, a household that has moved and whose cell is empty or cannot
be read has moved to an unknown place: it is counted as unknown, never as moved in, and told. A list without
the column is taken to list moves into the county.
"""


def _list(name: str) -> str:
    rows = dictionary_table(name)
    lines = [f"### {name} ({LIST_WORDS[name][0]})", ""]
    if name == "households":
        lines += [_DESTINATIONS, ""]
    if who := IDENTITY.get(name):
        lines += [f"A row needs at least one of: {', '.join(f'`{field}`' for field in who)}.", ""]
    lines += [
        "| column | Swedish heading | English heading | meaning | type | allowed values | example | "
        "further headings |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows.to_dict("records"):
        column = f"**`{row['column']}`**" if row["required"] else f"`{row['column']}`"
        cells = (
            column,
            row["swedish"],
            row["english"],
            row["meaning"],
            row["type"],
            row["choices"],
            row["example"],
            row["also"],
        )
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([*lines, ""])


def _words() -> str:
    lines = [
        "### The words of the choices",
        "",
        "| choice | id | words that are understood |",
        "|---|---|---|",
    ]
    for choice, ids in CHOICES.items():
        for identity, words in ids.items():
            lines.append(f"| {choice} | `{identity}` | {', '.join(words)} |")
    return "\n".join([*lines, ""])


def write_dictionary(path: Path) -> bool:
    """Write the dictionary between the marks of a file; return whether it changed.

    Raises
    ------
    RecordError
        If a mark is missing.
    """
    text = path.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise RecordError(f"the marks {BEGIN} and {END} are missing", remedy="put them back", file=path)
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    new = f"{before}{BEGIN}\n\n{dictionary()}\n{END}{after}"
    if new != text:
        path.write_text(new, encoding="utf-8", newline="\n")
    return new != text


if __name__ == "__main__":
    changed = write_dictionary(resources.find("data/README.md"))
    print("data/README.md: changed" if changed else "data/README.md: up to date")
