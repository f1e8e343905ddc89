"""The kernels that a run starts: this environment's own, silent in the terminal of the run."""

from __future__ import annotations

import os
import subprocess
from typing import Any

from jupyter_client import AsyncKernelManager, KernelManager

from attraktiv_eval.runs.threads import one_thread

__all__ = ["RunKernelManager", "prepare"]


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
