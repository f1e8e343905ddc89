"""json-stat2 documents, and the cube that the parts of one table are put together in."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any

from attraktiv_eval.errors import SourceError

if TYPE_CHECKING:
    import numpy as np


DAMAGED = "remove the file and run fetch again"


@dataclass
class Cube:
    """All cells of one table's selection.

    Attributes
    ----------
    codes : dict of str to list of str
        The codes of every variable, in the order of the axes.
    numbers : array of float
        Missing cells are NaN.
    symbols : array of int8, the same shape
        0 where there is a value; else a position in ``signs``.
    signs : list of str
        Symbols of missing cells; the first is the empty one.
    labels : dict of variable to dict of code to label
    """

    codes: dict[str, list[str]]
    numbers: np.ndarray
    symbols: np.ndarray
    signs: list[str] = field(default_factory=lambda: [""])
    labels: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def axes(self) -> list[str]:
        """The variables, in the order of the axes."""
        return list(self.codes)


def codes_of(dimension: dict[str, Any]) -> list[str]:
    """Return the codes of a json-stat2 dimension in order; its index may be an object or a list."""
    category = dimension["category"]
    index = category.get("index", list(category.get("label", {})))
    if isinstance(index, dict):
        return sorted(index, key=index.__getitem__)
    return [str(code) for code in index]


def _in_one_order(category: dict[str, Any]) -> bool:
    """Say whether each code has a place of its own; without an index only one code can be in order."""
    index = category.get("index")
    if index is None:
        return len(category.get("label", {})) == 1
    if isinstance(index, dict):
        places = list(index.values())
        return all(type(place) is int for place in places) and sorted(places) == list(range(len(places)))
    return len(set(map(str, index))) == len(index)


def labels_of(dimension: dict[str, Any]) -> dict[str, str]:
    """Return the label of each code; a code without one is its own label."""
    labels = dimension["category"].get("label", {})
    return {code: str(labels.get(code, code)) for code in codes_of(dimension)}


def check_document(document: Any, asked: dict[str, list[str]], where: str) -> None:
    """Raise unless a json-stat2 document holds exactly the cells that were asked for.

    Raises
    ------
    SourceError
        Naming the file or address, and what lacks: a half answer, another variable, other codes.
    """
    try:
        held = {name: codes_of(document["dimension"][name]) for name in document["id"]}
        sizes = [len(codes) for codes in held.values()]
        values = document["value"]
        cells = prod(sizes) if isinstance(values, dict) else len(values)
    except (KeyError, TypeError, AttributeError) as error:
        raise SourceError(f"{where}: no json-stat2 document ({error!r})", remedy=DAMAGED) from None
    stated = document.get("size")
    if sizes != stated or prod(sizes) != cells:
        what = f"{cells} values for {prod(sizes)} cells, whose sizes are {stated!r}"
        raise SourceError(f"{where}: {what}", remedy=DAMAGED)
    for name in document["id"]:
        if not _in_one_order(document["dimension"][name]["category"]):
            raise SourceError(f"{where}: the codes of {name} have no single order", remedy=DAMAGED)
    _check_numbers(values, document.get("status"), where)
    _check_places(values, document.get("status"), cells, where)
    if set(held) != set(asked):
        lost = sorted(set(asked) ^ set(held))
        raise SourceError(
            f"{where}: the variable {lost[0]} was asked for or given, not both",
            remedy="compare the catalogue's selection with the table on SCB's page",
        )
    for name, codes in asked.items():
        if len(held[name]) != len(codes) or set(held[name]) != set(codes):
            gone = sorted(set(codes) - set(held[name])) or sorted(set(held[name]) - set(codes))
            raise SourceError(
                f"{where}: {name} {gone[0] if gone else 'twice'} was asked for or given, not both",
                remedy="run fetch again; if it stays, compare the catalogue with SCB's page",
            )


def _check_numbers(values: Any, status: Any, where: str) -> None:
    """Raise unless every value is a finite number or nothing, and every place is that of a cell."""
    import numpy as np

    held = list(values.values()) if isinstance(values, dict) else values
    kinds = set(map(type, held))
    strange = kinds - {int, float, type(None)}
    if strange:
        said = next(value for value in held if type(value) in strange)
        raise SourceError(f"{where}: a value is {str(said)[:40]!r}, no number", remedy=DAMAGED)
    try:
        numbers = np.array(held, dtype=float)
    except OverflowError:
        numbers = np.array([np.inf])
    absent = held.count(None) if type(None) in kinds else 0
    if np.isinf(numbers).any() or np.isnan(numbers).sum() != absent:
        raise SourceError(f"{where}: a value is no finite number", remedy=DAMAGED)
    if not (status is None or isinstance(status, (str, list, dict))):
        raise SourceError(f"{where}: the symbols of the cells cannot be read", remedy=DAMAGED)
    for places in (values, status):
        strange_place = [p for p in places if not str(p).isdecimal()] if isinstance(places, dict) else []
        if strange_place:
            raise SourceError(f"{where}: {strange_place[0]!r} is the place of no cell", remedy=DAMAGED)


def _check_places(values: Any, status: Any, cells: int, where: str) -> None:
    for places in (values, status):
        if isinstance(places, dict) and any(int(place) >= cells for place in places):
            raise SourceError(f"{where}: it speaks of more cells than it has", remedy=DAMAGED)
    if isinstance(status, list) and len(status) > cells:
        raise SourceError(f"{where}: it speaks of more cells than it has", remedy=DAMAGED)


def notes_of(document: dict[str, Any]) -> list[str]:
    """Return the notes that SCB marks as mandatory: of the table, of its variables and of their values.

    Returns
    -------
    list of str
        In the order of the document, blanks and line ends made one, each once.
    """
    found = _mandatory(document)
    for dimension in document.get("dimension", {}).values():
        if isinstance(dimension, dict):
            found += _mandatory(dimension)
            of_values = dimension.get("category", {}).get("note") or {}
            marked = (dimension.get("extension") or {}).get("categoryNoteMandatory") or {}
            for code, notes in of_values.items() if isinstance(of_values, dict) else ():
                told = marked.get(code) or {}
                found += [text for i, text in enumerate(notes) if told.get(str(i))]
    return list(dict.fromkeys(" ".join(str(text).split()) for text in found))


def _mandatory(part: dict[str, Any]) -> list[str]:
    notes = part.get("note") or []
    marked = (part.get("extension") or {}).get("noteMandatory") or {}
    return [text for i, text in enumerate(notes) if isinstance(marked, dict) and marked.get(str(i))]


def assemble(selection: dict[str, list[str]], documents: list[dict[str, Any]], where: str) -> Cube:
    """Put the parts of a table together, each cell once.

    Parameters
    ----------
    selection : dict
        The codes of every variable.
    documents : list
        json-stat2 documents that together hold the selection.
    where : str
        The table, for errors.

    Raises
    ------
    SourceError
        If a cell is missing or given twice.
    """
    import numpy as np

    shape = tuple(len(codes) for codes in selection.values())
    cube = Cube(dict(selection), np.full(shape, np.nan), np.zeros(shape, dtype=np.int8))
    places = {name: {code: i for i, code in enumerate(codes)} for name, codes in selection.items()}
    given = np.zeros(shape, dtype=bool)
    for document in documents:
        held = {name: codes_of(document["dimension"][name]) for name in document["id"]}
        sizes = tuple(len(codes) for codes in held.values())
        values, symbols = _cells(document, sizes, cube.signs)
        order = [list(held).index(name) for name in selection]
        block = np.ix_(*[[places[name][code] for code in held[name]] for name in selection])
        if given[block].any():
            raise SourceError(f"{where}: cells stand in two parts", remedy=DAMAGED)
        given[block] = True
        cube.numbers[block] = values.transpose(order)
        cube.symbols[block] = symbols.transpose(order)
        for name in held:
            cube.labels.setdefault(name, {}).update(labels_of(document["dimension"][name]))
    if not given.all():
        raise SourceError(f"{where}: {int((~given).sum())} cells are missing", remedy="run fetch again")
    return cube


def _cells(document: dict[str, Any], sizes: tuple[int, ...], signs: list[str]) -> tuple[Any, Any]:
    """Return values and symbols of one document; null without a symbol counts as not available."""
    import numpy as np

    raw = document["value"]
    if isinstance(raw, dict):
        values = np.full(prod(sizes), np.nan)
        values[[int(i) for i in raw]] = [np.nan if v is None else v for v in raw.values()]
    else:
        values = np.array(raw, dtype=float)
    symbols = np.zeros(values.shape, dtype=np.int8)
    missing = np.isnan(values)
    if missing.any():
        symbols[missing] = _sign("..", signs)
    status = document.get("status") or {}
    if isinstance(status, list):
        status = {i: symbol for i, symbol in enumerate(status) if symbol}
    elif isinstance(status, str):
        status = dict.fromkeys(np.flatnonzero(missing).tolist(), status)
    for place, symbol in status.items():
        i = int(place)
        if missing[i]:
            if symbol == "-":  # SCB: nothing to report, a true zero
                values[i], symbols[i] = 0.0, 0
            else:
                symbols[i] = _sign(str(symbol), signs)
    return values.reshape(sizes), symbols.reshape(sizes)


def _sign(symbol: str, signs: list[str]) -> int:
    if symbol not in signs:
        signs.append(symbol)
    return signs.index(symbol)
