"""JupyterLab started by the command, and Chromium to meet it, for the browser tests."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Lab:
    """``attraktiv-eval explore`` on a free port; ``address`` carries the token."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.port, self.log = free_port(), folder / "lab.log"
        self.folder, home = folder / "notebooks", folder / "home"
        home.mkdir()
        environment = {
            **os.environ, "HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"), "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        }  # fmt: skip
        command = [
            sys.executable, "-m", "attraktiv_eval", "explore", "--no-browser",
            "--port", str(self.port), "--folder", str(self.folder), *arguments,
        ]  # fmt: skip
        with self.log.open("w", encoding="utf-8") as stream:
            self.process = subprocess.Popen(
                command, stdout=stream, stderr=stream, env=environment, start_new_session=True
            )
        self.token = self._token()

    def _token(self) -> str:
        for _attempt in range(600):
            found = re.search(r"127\.0\.0\.1:\d+/\S*[?&]token=([0-9a-f]+)", self.log.read_text("utf-8"))
            if found:
                return found.group(1)
            assert self.process.poll() is None, self.log.read_text("utf-8")
            time.sleep(0.1)
        raise AssertionError(self.log.read_text("utf-8"))

    def address(self, notebook: str) -> str:
        return f"http://127.0.0.1:{self.port}/lab/tree/{notebook}.ipynb?token={self.token}&reset"

    def wait_for_kernel(self, page) -> None:
        """Wait until the page is connected to an idle kernel: run before that, a cell asks for a kernel."""
        address = f"http://127.0.0.1:{self.port}/api/sessions?token={self.token}"
        for _attempt in range(600):
            sessions = page.request.get(address).json()
            kernels = [one["kernel"] for one in sessions]
            if any(one["execution_state"] == "idle" and one["connections"] for one in kernels):
                page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
                page.wait_for_timeout(3000)  # the page learns of it a little later than it says
                return
            page.wait_for_timeout(200)
        raise AssertionError(self.log.read_text("utf-8"))

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(20)
