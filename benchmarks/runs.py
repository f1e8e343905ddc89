"""How long reports take: one year, and each further year of the same run.

Run as ``python benchmarks/runs.py``. The second number is the difference between a run of two years and a run
of one. CPU time counts the run and the kernel that it starts.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time


def run(*years: int) -> tuple[float, float]:
    """Return clock and CPU seconds of a run of the given years in Swedish."""
    with tempfile.TemporaryDirectory() as folder:
        asked = [part for year in years for part in ("--year", str(year))]
        command = [sys.executable, "-m", "attraktiv_eval", "run", "--no-final", *asked, "--output", folder]
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        before = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        clock = time.perf_counter() - before
        now = resource.getrusage(resource.RUSAGE_CHILDREN)
        return clock, (now.ru_utime + now.ru_stime) - (used.ru_utime + used.ru_stime)


def main() -> None:
    """Print one line a measure."""
    first, both = run(2021), run(2021, 2022)
    print(f"one yearly report                  {first[0]:6.1f} s   CPU {first[1]:6.1f} s")
    print(f"each further yearly report         {both[0] - first[0]:6.1f} s   CPU {both[1] - first[1]:6.1f} s")


if __name__ == "__main__":
    main()
