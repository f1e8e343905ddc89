"""The package's own errors: each says what is wrong, where, and what to do about it.

At the command line an :class:`EvaluationError` prints as one line and ends with exit code 2; in a notebook it
is that line too, without the calls that led to it, and so is a call with words that a function of the package
does not take. At the command line what the system refuses is one line as
well, such as a path too long or a full disk. Any other exception is a bug and keeps its traceback.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

__all__ = [
    "AssumptionError",
    "DesignError",
    "EvaluationError",
    "ParameterError",
    "ProjectError",
    "PublicationError",
    "RecordError",
    "SourceError",
]

_ALIKE = 60  # per cent of likeness from which a known name is told beside an unknown one
_TOLD = 40  # names that one line tells
_LONGEST, _SHORTENED = 500, 80  # letters of one word, such as a text given in the place of a name


def one_of(known: Iterable[object], given: object = None) -> str:
    """Return the remedy for a name that is not known: the one most like it, where one is, and all of them.

    Examples
    --------
    >>> one_of(["level2", "level3"], "levl3")
    "write 'level3', or choose one of level2, level3"
    """
    from rapidfuzz import fuzz, process

    names = [str(name) for name in known]
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    every = (
        f"choose one of {', '.join(names[:_TOLD])}{more}"
        if names
        else "leave it out: there is none to choose"
    )
    plain = [name.casefold().replace(" ", "_") for name in names]
    wanted = str(given).casefold().replace(" ", "_")
    found = process.extractOne(wanted, plain, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return every if found is None else f"write {names[found[2]]!r}, or {every}"


def of_kind(value: object, kind: Any, name: str, remedy: str) -> None:
    """Refuse an argument that is of another kind than a function can work with.

    Raises
    ------
    DesignError
    """
    if not isinstance(value, kind):
        raise DesignError(f"{name} is of type {type(value).__name__}", remedy=remedy)


class EvaluationError(Exception):
    """Something the evaluator can mend.

    Parameters
    ----------
    message : str
        What is wrong, without a final full stop.
    remedy : str
        What to do about it, as an imperative without a final full stop.
    file : str or Path, optional
        The file at fault.
    row : int, optional
        Row of the file as a spreadsheet shows it (the heading is row 1).
    column : str, optional
        Heading of the column at fault.

    Examples
    --------
    >>> print(EvaluationError("no such year", remedy="choose 2020, 2021 or 2022"))
    no such year; remedy: choose 2020, 2021 or 2022
    """

    def __init__(
        self,
        message: str,
        *,
        remedy: str,
        file: str | Path | None = None,
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        self.message = message
        self.remedy = remedy
        self.file = None if file is None else str(file)
        self.row = row
        self.column = column
        super().__init__(self.one_line())

    def one_line(self) -> str:
        """Return file, row, column, message and remedy on one line."""
        place = [
            part
            for part in (
                self.file,
                None if self.row is None else f"row {self.row}",
                None if self.column is None else f"column {self.column}",
            )
            if part
        ]
        head = f"{', '.join(place)}: " if place else ""
        line = f"{head}{self.message}; remedy: {self.remedy}"
        return " ".join(word if len(word) <= _LONGEST else f"{word[:_SHORTENED]}…" for word in line.split())

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows: the line alone, since what is to be mended lies in no cell's call."""
        return [f"{type(self).__name__}: {self.one_line()}"]

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep every part when the error crosses a process border."""
        state = (self.message, self.remedy, self.file, self.row, self.column)
        return _rebuild, (type(self), *state)


@contextmanager
def in_file(file: Path) -> Iterator[None]:
    """Name the file that is read here in an error that comes out of the reading and names none."""
    try:
        yield
    except EvaluationError as error:
        if error.file is None:
            error.file = str(file)
            error.args = (error.one_line(),)
        raise


def _rebuild(
    kind: type[EvaluationError],
    message: str,
    remedy: str,
    file: str | None,
    row: int | None,
    column: str | None,
) -> EvaluationError:
    return kind(message, remedy=remedy, file=file, row=row, column=column)


class ProjectError(EvaluationError):
    """The description of the evaluated project is wrong or incomplete."""


class AssumptionError(EvaluationError):
    """A stated assumption is missing, out of order or without a reference."""


class RecordError(EvaluationError):
    """A file of the project's own records cannot be read or used."""


class SourceError(EvaluationError):
    """Official statistics are missing, malformed or fail a check."""


class DesignError(EvaluationError):
    """A counterfactual comparison is asked for that the data cannot carry."""


class ParameterError(EvaluationError):
    """A parameter of a run is unknown, of the wrong type or out of range."""


class PublicationError(EvaluationError):
    """The output folder cannot be written or exchanged."""


# --- A call with words that a function does not take, as a notebook shows it


def tell_wrong_calls(shell: Any) -> None:
    """Let a notebook tell a call that a function of the package does not take in one line.

    A notebook that treats errors in a way of its own is left alone, and so is every other error.
    """

    def show(shell: Any, kind: type, error: Any, calls: Any, tb_offset: int | None = None) -> None:
        told = _wrong_name(error, calls) or _wrong_call(str(error), calls) or _wrong_argument(calls)
        if told is not None:
            error._render_traceback_ = told._render_traceback_
        shell.showtraceback((kind, error, calls), tb_offset=tb_offset)

    if not shell.custom_exceptions:
        shell.set_custom_exc((TypeError, AttributeError, ValueError), show)


def _wrong_name(error: BaseException, calls: TracebackType | None) -> ParameterError | None:
    """Return what is wrong with a name, asked from outside, that the package or a result of it lacks."""
    of, name = getattr(error, "obj", None), getattr(error, "name", None)
    kind = of if isinstance(of, ModuleType) else type(of)
    if not str(getattr(kind, "__module__", kind.__name__)).startswith("attraktiv_eval"):
        return None
    while calls is not None:
        if _is_ours(calls) and calls.tb_frame.f_code.co_name != "__getattr__":
            return None
        calls = calls.tb_next
    offered = [one for one in dir(of) if not one.startswith("_")]
    return ParameterError(f"{kind.__name__} has no {name!r}", remedy=one_of(offered, name))


def _wrong_call(said: str, calls: TracebackType) -> ParameterError | None:
    """Return what is wrong with a call from outside of the package, or None: then it is another's."""
    while calls.tb_next is not None:
        calls = calls.tb_next
    found = re.match(r"([\w.]+?)(?:\.__init__)?\(\) (.+)", said)
    of = None if found is None or _is_ours(calls) else _called(found[1])
    if found is None or of is None:
        return None
    import inspect

    name, wrong = found.groups()
    signature = inspect.signature(of)
    kept = [one for one in signature.parameters.values() if one.name not in ("self", "cls")]
    given = re.search(r"unexpected keyword argument '(\w+)'", wrong)
    if given is not None:
        remedy = one_of([one.name for one in kept], given[1])
        return ParameterError(f"{name}() takes no {given[1]!r}", remedy=remedy)
    bare = [one.replace(annotation=one.empty) for one in kept]
    taken = signature.replace(parameters=bare, return_annotation=signature.empty)
    return ParameterError(f"{name}() {wrong}", remedy=f"write {name}{taken}")


def _wrong_argument(calls: TracebackType | None) -> ParameterError | None:
    """Return which argument of the first call into the package is of another kind than the function takes."""
    while calls is not None and not _is_ours(calls):
        calls = calls.tb_next
    name = "" if calls is None else calls.tb_frame.f_code.co_qualname.removesuffix(".__init__")
    of = _called(name) if name else None
    if calls is None or of is None:
        return None
    import inspect

    for one in inspect.signature(of).parameters.values():
        given, takes = calls.tb_frame.f_locals.get(one.name), str(one.annotation)
        kinds = {kind.__name__ for kind in type(given).__mro__} - {"object"}
        if given is None or kinds & (wanted := set(re.findall(r"\w+", takes))) or wanted & _LOOSE:
            continue
        makers = [key for key in sys.modules["attraktiv_eval"].__all__ if _returns(key) == takes]
        made = f", as {' or '.join(makers)} returns it" if makers else ""
        return ParameterError(
            f"{name}() was given {type(given).__name__} for {one.name!r}", remedy=f"give {takes}{made}"
        )
    return None


#: An annotation with one of these says too little of what is wrong.
_LOOSE = {"Any", "object", "_empty", "Sequence", "Iterable", "Mapping", "Collection", "Callable", "Literal"}


def _returns(name: str) -> str:
    found: dict[str, Any] = getattr(getattr(sys.modules["attraktiv_eval"], name), "__annotations__", {})
    return str(found.get("return"))


def _is_ours(calls: TracebackType) -> bool:
    return str(calls.tb_frame.f_globals.get("__name__")).startswith("attraktiv_eval")


def _called(name: str) -> Any:
    """Return what the package calls by a name, what is public before what is not."""
    for module in [one for key, one in sys.modules.items() if key.partition(".")[0] == "attraktiv_eval"]:
        of: Any = module
        for part in name.split("."):
            of = getattr(of, part, None)
        if callable(of) and str(getattr(of, "__module__", "")).startswith("attraktiv_eval"):
            return of
    return None
