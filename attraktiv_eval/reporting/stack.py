"""A table whose rows stand as cards on a phone: each cell with its heading, under one another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from attraktiv_eval.reporting.display import escape

__all__ = ["Row", "stacked"]


@dataclass(frozen=True)
class Row:
    """A row: what names it and its cells, as HTML; ``own`` marks the row that the page is about."""

    head: str
    cells: Sequence[str]
    own: bool = False


def stacked(
    id: str,
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Row],
    *,
    numbers: Iterable[int] = (),
    classes: str = "stack",
) -> str:
    """Return the table as HTML, its roles written out: the layout of a phone would take them away.

    Parameters
    ----------
    id, caption : str
    heads : sequence of str
        One a column; an empty one leaves the corner over the rows' names empty.
    rows : iterable of Row
    numbers : iterable of int
        Places of the columns that are set to the right.
    classes : str
    """
    right = set(numbers)

    def place(at: int) -> str:
        return ' class="gt_right"' if at in right else ""

    top = "".join(
        f'<th scope="col" role="columnheader"{place(at)}>{escape(head)}</th>'
        if head
        else '<td role="cell"></td>'
        for at, head in enumerate(heads)
    )
    body = []
    for row in rows:
        cells = "".join(
            f'<td role="cell" data-head="{escape(head)}"{place(at)}><span>{cell}</span></td>'
            for at, (head, cell) in enumerate(zip(heads[1:], row.cells, strict=True), start=1)
        )
        own = " class=own" if row.own else ""
        body.append(f'<tr role="row"{own}><th scope="row" role="rowheader">{row.head}</th>{cells}</tr>')
    return "\n".join(
        [
            f'<table class="{classes}" id="{id}" role="table">',
            f"<caption><span>{escape(caption)}</span></caption>",
            f'<thead role="rowgroup"><tr role="row">{top}</tr></thead>',
            f'<tbody role="rowgroup">{"".join(body)}</tbody></table>',
        ]
    )
