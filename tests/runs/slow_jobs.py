"""Jobs that a worker can import: slow ones, failing ones, and ones that kill their worker."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Task:
    id: str
    n: int
    seconds: float = 0.0
    deadly: str = ""  # a file: kill the worker once, and leave the file behind; "always" kills every time


def square(task: Task) -> float:
    """Return a number whose last digit would show any difference between machines' ways."""
    if task.deadly == "always":
        os.kill(os.getpid(), signal.SIGKILL)
    if task.deadly and not Path(task.deadly).exists():
        Path(task.deadly).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(task.seconds)
    return sum((task.n + k) ** 0.5 / 3 for k in range(1000))
