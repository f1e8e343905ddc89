"""Finds a shipped file: the checkout's own where there is one, else the copy inside the wheel.

No other module builds such a path. Here, too, is the one way by which an input's bytes come in, so that the
list of a run's inputs is made by the reading itself.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import json
import os
import socket
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from attraktiv_eval.errors import EvaluationError, ParameterError, PublicationError, SourceError, one_of

_PACKAGE = Path(__file__).resolve().parent
#: The environment variable that names the day of a run that is made as on another day.
TODAY = "ATTRAKTIV_EVAL_TODAY"
#: The part that reads at present, its own folder, and where to note what it reads; None: nobody asks.
_RECORDER: ContextVar[tuple[str, Path, list[FileRead]] | None] = ContextVar("recorder", default=None)


def today() -> date:
    """Return the day of the run, the only clock by which anything is counted.

    ``ATTRAKTIV_EVAL_TODAY`` makes a run as on another day, to repeat an earlier one; the processes and
    notebooks of a run inherit it.

    Raises
    ------
    ParameterError
        If the variable holds no day.
    """
    stated = os.environ.get(TODAY, "").strip()
    try:
        return date.fromisoformat(stated) if stated else date.today()
    except ValueError:
        raise ParameterError(
            f"{TODAY} is {stated!r}, which is no day", remedy="write it as 2026-01-31, or clear it"
        ) from None


@dataclass(frozen=True)
class FileRead:
    """A file that was read as an input: for which part, where it lies, and the hash of its bytes.

    ``file`` is its name under the folder of its part; ``part`` is ``package`` for a file that lies elsewhere,
    such as a shipped figure that a folder of one's own is held against.
    """

    part: str
    file: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class Origin:
    """Where something that was read came from; two origins are always equal, for they are no content.

    Attributes
    ----------
    path : Path or None
        What was asked for; None where nothing was, or where it was made by hand.
    read : tuple of FileRead
        Every file that was read for it.
    held : str
        The hash of what was read; empty where it was made by hand. What no longer has it was changed since.
    """

    path: Path | None = field(default=None, compare=False)
    read: tuple[FileRead, ...] = field(default=(), compare=False)
    held: str = field(default="", compare=False)


@contextmanager
def recorded(part: str, folder: Path, into: list[FileRead]) -> Iterator[None]:
    """Note every input that is read inside this block, each version of a file once.

    Parameters
    ----------
    part : str
        What reads: project, assumptions, records ...
    folder : Path
        The folder of that part.
    into : list of FileRead
        Is added to.
    """
    before = _RECORDER.set((part, folder, into))
    try:
        yield
    finally:
        _RECORDER.reset(before)


def read_input(path: Path) -> bytes:
    """Return the bytes of an input, and note it with the hash of these very bytes.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    content = path.read_bytes()
    _note(path, digest_of(content))
    return content


def note_input(path: Path) -> str:
    """Note an input that another library reads by its name; return the SHA-256 of its bytes."""
    digest = sha256(path)
    _note(path, digest)
    return digest


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of bytes as hexadecimal text."""
    return hashlib.sha256(content).hexdigest()


#: What a result rests on and that is hashed by itself, and what it keeps to be spared work.
_APART = frozenset({"origin", "made", "records", "project", "panel", "design", "kept"})


def content_hash(part: Any) -> str:
    """Return the hash of what a part holds, whatever file it came from and however it lies in memory.

    Examples
    --------
    >>> content_hash({"b": 1, "a": [2]}) == content_hash({"a": [2], "b": 1})
    True
    """
    return digest_of(repr(_plain(part)).encode("utf-8"))


def _plain(held: Any) -> Any:
    """Return content as lists and texts; of a table its headings, kinds and the hashes of its rows."""
    import numpy as np
    import pandas as pd

    if isinstance(held, pd.DataFrame):
        texts = {str(name): held[name].astype(str) for name in held.select_dtypes(exclude=["number", "bool"])}
        if texts or len({*held.dtypes}) > 1:
            rows = pd.util.hash_pandas_object(held.assign(**texts)).to_numpy().tobytes()
        else:
            rows = repr([*held.index]).encode("utf-8") + held.to_numpy().tobytes()
        return [[(str(name), str(kind)) for name, kind in held.dtypes.items()], digest_of(rows)]
    if isinstance(held, pd.Series | np.ndarray):
        return repr(list(held))
    if isinstance(held, Mapping):
        pairs = sorted((str(key), repr(_plain(value))) for key, value in held.items())
        return [pairs, _plain(getattr(held, "identifying", ()))]
    if is_dataclass(held) and not isinstance(held, type):
        return [_plain(getattr(held, one.name)) for one in fields(held) if one.name not in _APART]
    if hasattr(held, "model_dump"):
        return _plain(held.model_dump(mode="json"))
    if isinstance(held, set | frozenset):
        return sorted(repr(_plain(one)) for one in held)
    return [_plain(one) for one in held] if isinstance(held, list | tuple) else held


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal text."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _note(path: Path, digest: str) -> None:
    recorder = _RECORDER.get()
    if recorder is None:
        return
    part, folder, into = recorder
    own = path.is_relative_to(folder)
    name = path.relative_to(folder).as_posix() if own else path.name
    entry = FileRead(part if own else "package", name, path, digest)
    if entry not in into:
        into.append(entry)


def checkout() -> Path | None:
    """Return the root of the checkout that this package runs from, or None when installed."""
    root = _PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "notebooks").is_dir() else None


def find(name: str) -> Path:
    """Return the path of a shipped file or folder.

    Parameters
    ----------
    name : str
        Path from the top of the project with forward slashes, such as ``"data/project.toml"``
        or ``"notebooks/yearly_evaluation.ipynb"``; a name that begins with ``attraktiv_eval/``
        is a file of the package itself.

    Raises
    ------
    SourceError
        If the file is not there.
    """
    if name.startswith("attraktiv_eval/"):
        path = _PACKAGE / name.removeprefix("attraktiv_eval/")
    else:
        root = checkout()
        path = (root or _PACKAGE / "_shipped") / name
    if not path.exists():
        raise SourceError(
            "a file that belongs to the package is missing",
            remedy="install the package again, or fetch the file from the repository",
            file=name,
        )
    return path


# --- TOML files read so that whatever is wrong with the text comes as one kind of error


def read_toml(file: Path) -> dict[str, Any]:
    """Return what a TOML file says; a byte order mark, as some editors write it, is passed over.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is no UTF-8 or no TOML, if a number has thousands of digits, or if values are nested thousands
        deep; the last two are TOML, but Python reads neither.
    """
    return parse_toml(text_of_input(file))


def text_of_input(file: Path) -> str:
    """Return the text of an input in UTF-8, with or without a byte order mark, whatever ends its lines."""
    return read_input(file).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def parse_toml(text: str) -> dict[str, Any]:
    """Return what a text says as TOML; a ``ValueError`` as :func:`read_toml` where it says nothing."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:
        raise ValueError("a number has too many digits") from None
    except RecursionError:
        raise ValueError("values are nested too deeply") from None


def toml_text(told: dict[str, Any]) -> str:
    """Return nested tables as TOML: plain keys first, then tables, then lists of tables."""
    return "\n".join(_toml_lines(told, "")).strip() + "\n"


def _toml_lines(told: dict[str, Any], under: str) -> list[str]:
    plain = {key: value for key, value in told.items() if not isinstance(value, dict) and not _nested(value)}
    lines = toml_pairs(plain)
    for key, value in told.items():
        name = f"{under}{_toml_key(key)}"
        if isinstance(value, dict) and value:
            lines += ["", f"[{name}]", *_toml_lines(value, f"{name}.")]
        elif _nested(value):
            for one in value:
                lines += ["", f"[[{name}]]", *_toml_lines(one, f"{name}.")]
    return lines


def _nested(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _toml_key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isascii() and key.isidentifier() else f'"{key}"'


def toml_pairs(values: Mapping[str, Any]) -> list[str]:
    """Return keys and values as lines of TOML."""
    return [f"{_toml_key(key)} = {toml_value(value)}" for key, value in values.items()]


def toml_value(value: Any) -> str:
    """Return a value as TOML on one line; a table stands in braces."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(toml_pairs(value)) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    if isinstance(value, str | bool):  # JSON writes them as TOML does, but for one sign that TOML escapes
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return value.isoformat() if hasattr(value, "isoformat") else repr(value)


@contextmanager
def writing(
    what: str,
    file: Path,
    remedy: str = "choose another folder",
    kind: type[EvaluationError] = PublicationError,
) -> Iterator[None]:
    """Say in one line why something cannot be written here, such as a full disk.

    Raises
    ------
    EvaluationError
        Of the kind given, where the system refuses what is done inside.
    """
    try:
        yield
    except OSError as denied:
        said = f"{what} cannot be written ({denied.strerror or denied})".lstrip()
        raise kind(said, remedy=remedy, file=file) from None


# --- What to type where a package is missing that only an extra brings


def installing(extra: str) -> str:
    """Return the command that installs an extra beside the package that runs.

    Examples
    --------
    >>> installing("explore").endswith(' -m pip install "attraktiv-eval[explore]"')
    True
    """
    return f'{python()} -m pip install "attraktiv-eval[{extra}]"'


def python() -> str:
    """Return the Python that runs, as one types it here: ``.venv/bin/python`` in the project's own folder."""
    path = Path(sys.executable)
    with suppress(OSError, ValueError):  # the folder is gone, or this Python lies elsewhere
        path = path.relative_to(Path.cwd())
    return f'"{path}"' if " " in str(path) else str(path)


def one_thread() -> None:
    """Ask for one thread; it holds for what is imported or started afterwards.

    Sums taken by several threads differ in their last digits from run to run, and matrices as small as
    these only lose time to threads. A number that is set already stands.
    """
    for library in ("OPENBLAS", "OMP", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")


# --- What a notebook needs of the machine, and what papermill was given by hand


_LOOPBACK = "127.0.0.1"


def refuse_without_loopback() -> None:
    """Stop where this machine cannot speak to itself: a notebook and its kernel do nothing else.

    Without this, a kernel that nobody can hear is waited for.

    Raises
    ------
    ParameterError
        If a socket on 127.0.0.1 cannot be opened and reached.
    """
    try:
        with socket.create_server((_LOOPBACK, 0)) as server:
            socket.create_connection(server.getsockname(), timeout=5).close()
    except OSError as refused:
        raise ParameterError(
            f"this machine does not answer itself at {_LOOPBACK} ({refused.strerror or refused}), "
            "and notebooks cannot run",
            remedy="bring the loopback network up (on Linux: ip link set lo up), or let the sandbox or "
            "firewall allow it",
        ) from None


#: How papermill begins the cell that it injects behind the notebook's own parameters.
_INJECTED = "# Parameters"


def refuse_unknown_parameters() -> None:
    """Stop where papermill has injected a name that the notebook's own parameters lack.

    papermill takes any name without a word, and a misspelt one would leave the notebook at its default.
    Called by the first cell of a notebook; outside of one there is nothing to refuse.

    Raises
    ------
    ParameterError
        With the name, and the parameter that is most like it.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    cells: list[str] = [] if shell is None else list(shell.user_ns.get("In", []))
    for own, injected in pairwise(cells):
        if not injected.startswith(_INJECTED):
            continue
        known, given = _assigned(own), _assigned(injected)
        for name in given:
            if known and name not in known:
                raise ParameterError(f"the notebook has no parameter {name!r}", remedy=one_of(known, name))


def _assigned(cell: str) -> list[str]:
    """Return the names that a cell assigns, in their order; of one that cannot be read, none."""
    try:
        lines = ast.parse(cell).body
    except SyntaxError:
        return []
    targets = [
        target
        for line in lines
        for target in ([line.target] if isinstance(line, ast.AnnAssign) else getattr(line, "targets", []))
    ]
    return [target.id for target in targets if isinstance(target, ast.Name)]


# --- Matplotlib as it is shipped, whatever the evaluator's own settings say

#: What a figure's look does not rest on; to set the backend would load one.
_NO_LOOK = ("backend", "backend_fallback", "interactive", "toolbar", "webagg.port")


@contextmanager
def drawn_plainly(own: Mapping[str, Any]) -> Iterator[None]:
    """Let figures be drawn by matplotlib's own defaults and the settings given, and by nothing else.

    A matplotlibrc of the evaluator's, in the folder of the run or at home, changes no figure; nor is a text
    with ``$`` in it taken for a formula. Afterwards the evaluator's settings hold again.
    """
    matplotlib = _matplotlib()
    defaults = {name: value for name, value in matplotlib.rcParamsDefault.items() if name not in _NO_LOOK}
    with matplotlib.rc_context({**defaults, "text.parse_math": False, **own}):
        yield


def _matplotlib() -> Any:
    """Import matplotlib, also past an MPLBACKEND that is none or a matplotlibrc that is no UTF-8."""
    if "matplotlib" in sys.modules:
        return sys.modules["matplotlib"]
    try:
        return importlib.import_module("matplotlib")
    except ValueError:
        for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
            del sys.modules[name]
    stated = os.environ.pop("MPLBACKEND", None)
    try:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "matplotlibrc").write_text("", encoding="utf-8")
            with chdir(folder):  # where matplotlib looks first
                return importlib.import_module("matplotlib")
    finally:
        if stated is not None:
            os.environ["MPLBACKEND"] = stated
