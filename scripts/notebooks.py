"""Execute the committed notebooks in place with their default parameters (make notebooks).

What a run adds and a reader does not need (times, paths, widget state) is taken out again, so that the
stored outputs are the record of the figures and nothing else.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from jupyter_client import KernelManager
from nbclient import NotebookClient

WIDGET = "application/vnd.jupyter.widget-view+json"
FOLDER = Path(__file__).resolve().parent.parent / "notebooks"


def remake(path: Path) -> None:
    """Execute one notebook and store it with its outputs."""
    notebook = nbformat.read(str(path), as_version=4)
    NotebookClient(
        notebook, kernel_name="python3", timeout=600, resources={"metadata": {"path": str(FOLDER)}}
    ).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)  # a live panel belongs to the kernel that made it
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    path.write_text(nbformat.writes(notebook, indent=1) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    if hasattr(KernelManager, "transport_encryption"):
        KernelManager.transport_encryption = "auto"
    wanted = sys.argv[1:]
    for file in sorted(FOLDER.glob("*.ipynb")):
        if not wanted or file.stem in wanted:
            print(file.name)
            remake(file)
