"""The workbook's example row, which is never counted, however it comes back."""

from __future__ import annotations

import re

import numpy as np
import pandera.pandas as pa

from attraktiv_eval.records.schemas import kind_of

__all__ = ["EXAMPLE_MARK", "example_rows"]

#: Heading of the workbook's column that marks its example row.
EXAMPLE_MARK = "Exempelrad"


def example_rows(
    schema: pa.DataFrameSchema, body: dict[str, list[str | None]], marks: list[str | None] | None, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows are the example, and which are marked as one but say something else.

    Parameters
    ----------
    schema : DataFrameSchema
        The list's schema; each column's metadata holds its example. Of a municipality any code counts as the
        example's, since the workbook's row names one of the project's own.
    body : dict
        Field -> text of each row.
    marks : list, optional
        Text of the column Exempelrad; None where the table has none.
    size : int
        Number of rows.
    """
    examples = {name: _bare(column.metadata["example"]) for name, column in schema.columns.items()}
    known = [name for name in body if examples[name]]
    places = {name for name in known if kind_of(schema.columns[name]) == "municipality"}
    marked = np.array([bool(mark) for mark in marks], dtype=bool) if marks else np.zeros(size, dtype=bool)
    is_example = np.zeros(size, dtype=bool)
    if not known:
        return is_example, marked
    longest = max(known, key=lambda name: len(examples[name]))
    for index in sorted(_alike(body[longest], examples[longest]) | set(np.flatnonzero(marked).tolist())):
        filled = {name: str(cells[index]) for name, cells in body.items() if cells[index]}
        is_example[index] = len(filled) > 2 and all(
            _bare(text) == examples[name] or (name in places and re.fullmatch(r"\d{3,4}", text.strip()))
            for name, text in filled.items()
        )
    return is_example, marked & ~is_example


def _alike(cells: list[str | None], example: str) -> set[int]:
    """Return the rows that say what the example says in a column."""
    texts = {text for text in set(cells) if text and _bare(text) == example}
    return {index for index, cell in enumerate(cells) if cell in texts} if texts else set()


def _bare(text: str) -> str:
    """Return text as it is compared: a spreadsheet may have taken spaces and first zeros away."""
    return "".join(text.split()).lstrip("0").casefold()
