"""How far the notebooks are, told across processes: each adds a line to a file for each cell that is done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

__all__ = ["FILE", "done_cell", "watched"]

FILE = ".cells"
_LOOK = 0.2  # seconds


def done_cell(folder: Path, language: str) -> None:
    """Write down that a cell of a report in this language is done."""
    with (folder / FILE).open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(f"{language}\n")


@contextmanager
def watched(
    folders: Mapping[str, Path], step: Callable[[str, str], None], cell: Callable[[], None]
) -> Iterator[None]:
    """Call ``step`` with report and language and ``cell`` for each line that comes, till the end."""
    ended = threading.Event()
    seen = dict.fromkeys(folders, 0)

    def look() -> None:
        for name, folder in folders.items():
            file = folder / FILE
            lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
            for language in lines[seen[name] :]:
                step(name, language)
                cell()
            seen[name] = len(lines)

    def keep_looking() -> None:
        while not ended.wait(_LOOK):
            look()

    watch = threading.Thread(target=keep_looking, daemon=True, name="watch-cells")
    watch.start()
    try:
        yield
    finally:
        ended.set()
        watch.join()
        look()
        for folder in folders.values():
            (folder / FILE).unlink(missing_ok=True)
