"""The package's own errors: each says what is wrong, where, and what to do about it.

At the command line an :class:`EvaluationError` prints as one line and ends with exit code 2; in a notebook it
is that line too, without the calls that led to it, and so is a call with words that a function of the package
does not take. At the command line what the system refuses is one line as
well, such as a path too long or a full disk. Any other exception is a bug and keeps its traceback.
"""

from __future__ import annotations

import builtins
import functools
import inspect
import numbers
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, TracebackType, UnionType
from typing import Any, Union, get_args, get_origin

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
_LARGEST = 10**300  # a whole number beyond it is none that can be reckoned with
_LONGEST, _SHORTENED = 500, 40  # letters of one word, such as a text given in the place of a name


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
        return " ".join(
            word if len(word) <= _LONGEST else f"{word[:_SHORTENED]}…{word[-_SHORTENED:]}"
            for word in line.split()
        )

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


# --- What public functions are given, held against their annotations


def guard(module: dict[str, Any]) -> None:
    """Make a module's public functions refuse arguments of other kinds than their annotations name.

    Called last in the module, with its ``globals()``. A refusal is a :class:`DesignError` in one line, where
    the function itself would have met the argument somewhere inside.
    """
    for name in [name for name in module if not name.startswith("_")]:
        if inspect.isfunction(module[name]) and module[name].__module__ == module["__name__"]:
            module[name] = _guarded(module[name])


def _guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    names = list(inspect.signature(function).parameters)

    @functools.cache
    def kinds() -> dict[str, Any]:
        known = _Names(function.__globals__)
        told = inspect.get_annotations(function)
        return {name: eval(told[name], {}, known) for name in names if name in told}  # type: ignore[arg-type]

    @functools.wraps(function)
    def checked(*arguments: Any, **named: Any) -> Any:
        wanted = kinds()
        for name, value in [*zip(names, arguments, strict=False), *named.items()]:
            if name in wanted and not _fits(value, wanted[name]):
                raise DesignError(
                    f"{function.__name__} cannot use {name}, a {type(value).__name__}",
                    remedy=f"give {function.__annotations__[name]}",
                )
        return function(*arguments, **named)

    return checked


class _Names(dict[str, Any]):
    """The names of a module; one that it imports for type checkers alone stands for any class so called."""

    def __missing__(self, name: str) -> Any:
        return getattr(builtins, name, None) or _Called(name, (), {})


class _Called(type):
    def __instancecheck__(cls, value: object) -> bool:
        return cls.__name__ in {kind.__name__ for kind in type(value).__mro__}

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Called(name, (), {})


def _fits(value: Any, kind: Any) -> bool:
    """Return whether a value is of an annotated kind; what cannot be told counts as being so."""
    base, parts = get_origin(kind) or kind, get_args(kind)
    if base in (Union, UnionType):
        return any(_fits(value, part) for part in parts)
    if kind is None:
        return value is None
    if kind in (int, float):
        real = isinstance(value, numbers.Integral if kind is int else numbers.Real)
        return real and not isinstance(value, bool) and not (isinstance(value, int) and abs(value) > _LARGEST)
    if not isinstance(base, type):
        return True
    if isinstance(value, bytes) and base is not object and not issubclass(base, bytes):
        return False
    try:
        if not isinstance(value, (tuple, list) if base is tuple else base):
            return False
    except TypeError:
        return True
    if not isinstance(value, list | tuple) or not parts:
        return True
    if base is tuple and parts[-1] is not Ellipsis:
        return len(value) == len(parts) and all(map(_fits, list(value), parts))
    return all(_fits(one, parts[0]) for one in value)
