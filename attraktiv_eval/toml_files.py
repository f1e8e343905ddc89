"""TOML files read so that whatever is wrong with the text comes as one kind of error."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from attraktiv_eval.resources import read_input

__all__ = ["parse_toml", "read_toml", "text_of_input"]


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
