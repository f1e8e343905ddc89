"""One thread a process for linear algebra: the same bytes from every run, and no time lost."""

from __future__ import annotations

import os

__all__ = ["one_thread"]

_LIBRARIES = ("OPENBLAS", "OMP", "MKL")


def one_thread() -> None:
    """Ask for one thread; it holds for what is imported or started afterwards.

    Sums taken by several threads differ in their last digits from run to run, and matrices as small as
    these only lose time to threads. A number that is set already stands.
    """
    for library in _LIBRARIES:
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
