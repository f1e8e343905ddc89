"""The kernels that a run starts: this environment's own, silent in the terminal of the run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jupyter_client import AsyncKernelManager, KernelManager

from attraktiv_eval.runs.threads import one_thread

__all__ = ["RunKernelManager", "prepare", "without_web_grammar"]

_GRAMMAR = "rfc3987_syntax"


class RunKernelManager(AsyncKernelManager):
    """Starts kernels without a terminal of their own.

    A kernel is interrupted when it is shut down, and says so on its standard error; what a cell writes
    there reaches the notebook all the same.
    """

    async def _async_start_kernel(self, **given: Any) -> None:
        given.setdefault("stderr", subprocess.DEVNULL)
        await super()._async_start_kernel(**given)

    start_kernel = _async_start_kernel  # type: ignore[assignment]


def prepare() -> None:
    """Prefer this environment's kernel, and the transport that warns of nothing on loopback."""
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    one_thread()
    if hasattr(KernelManager, "transport_encryption"):
        setattr(KernelManager, "transport_encryption", "auto")  # noqa: B010 (a trait, not an attribute)


@contextmanager
def without_web_grammar() -> Iterator[None]:
    """Keep what is imported inside from compiling a grammar of web addresses that nobody asks for.

    Jupyter's notebook format imports jsonschema, which compiles the grammar of RFC 3987 (1.5 seconds of
    computing in every process) where the optional package for it is installed, to check texts said to be
    such addresses. The schema of notebooks says so of none. A module that is ``None`` in ``sys.modules``
    counts as not installed; afterwards it can be imported as before.
    """
    absent = _GRAMMAR not in sys.modules
    if absent:
        sys.modules[_GRAMMAR] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if absent:
            del sys.modules[_GRAMMAR]
