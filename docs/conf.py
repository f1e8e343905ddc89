"""How the documentation is built: ``make docs``, without network, into ``docs/_build``."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import attraktiv_eval

HERE = Path(__file__).resolve().parent

project = "attraktiv_eval"
author = ""
copyright = ""
version = release = attraktiv_eval.__version__
language = "en"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
# Links to files outside docs/ are checked by tests/test_docs.py; a name that two modules export is no fault.
suppress_warnings = ["myst.xref_missing", "ref.python", "toc.not_included", "toc.empty_glob"]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True, "exclude-members": "model_config, METHOD"}
napoleon_google_docstring = False

html_theme = "alabaster"
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "description": "Three levels of evidence, never merged",
    "font_family": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif",
    "head_font_family": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif",
    "font_size": "1rem",
    "fixed_sidebar": False,
    "page_width": "66rem",
    "sidebar_width": "16rem",
}


def _commands() -> str:
    """Return a page of every command with its options, from the command line itself."""
    import typer

    from attraktiv_eval.cli import app

    root = typer.main.get_command(app)
    lines = [
        "# Commands",
        "",
        "Made from the command line itself; `attraktiv-eval COMMAND --help` says the same.",
        "",
    ]
    for name, command in sorted(root.commands.items()):  # type: ignore[attr-defined]
        lines += [
            f"## attraktiv-eval {name}",
            "",
            command.help or "",
            "",
            "| option | meaning |",
            "|---|---|",
        ]
        for one in command.params:
            if one.name == "help":
                continue
            spelt = (
                " / ".join([*one.opts, *one.secondary_opts])
                if one.param_type_name == "option"
                else one.name.upper()
            )
            told = " ".join((getattr(one, "help", None) or "").split())
            lines.append(f"| `{spelt}` | {told} |")
        lines.append("")
    return "\n".join(lines)


#: The data dictionary as a page of its own, and what stands for it in the sources.
DICTIONARY = "data.md"
NOTEBOOKS = HERE.parent / "notebooks"


def _executed(notebook: Path) -> dict[str, Any]:
    """Return a notebook with the outputs that it has in English; made once for each state of the code.

    The committed outputs are in Swedish, and these pages in English.
    """
    import nbformat
    from jupyter_client import KernelManager
    from nbclient import NotebookClient

    from attraktiv_eval.evaluation.inputs import code_files

    digest = hashlib.sha256(notebook.read_bytes())
    for _name, file in sorted(code_files()):
        digest.update(file.read_bytes())
    made = HERE / "_build" / "notebooks" / f"{notebook.stem}-{digest.hexdigest()[:16]}.ipynb"
    if not made.is_file():
        read = nbformat.read(str(notebook), as_version=4)
        for cell in read.cells:
            if "parameters" in cell.metadata.get("tags", []):
                cell.source = cell.source.replace('language: str = "sv"', 'language: str = "en"')
        if hasattr(KernelManager, "transport_encryption"):
            KernelManager.transport_encryption = "auto"
        where = {"metadata": {"path": str(NOTEBOOKS)}}
        NotebookClient(read, kernel_name="python3", timeout=900, resources=where).execute()
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(nbformat.writes(read), encoding="utf-8", newline="\n")
    return json.loads(made.read_text(encoding="utf-8"))


def _notebook(notebook: Path) -> str:
    """Return a notebook as a page: its English prose, its code, and what each cell shows."""
    parts = []
    for cell in _executed(notebook)["cells"]:
        source, tags = "".join(cell["source"]), cell["metadata"].get("tags", [])
        if cell["cell_type"] == "markdown":
            parts += [] if "lang-sv" in tags else [source]
            continue
        parts.append(f"```python\n{source}\n```")
        parts += [_output(one) for one in cell["outputs"]]
    place = f"`notebooks/{notebook.name}`"
    parts.insert(1, f"This page is {place}, run as it stands with the language set to English.")
    return "\n\n".join(part for part in parts if part) + "\n"


def _output(output: dict[str, Any]) -> str:
    """Return what a cell shows: as HTML where it has it, else as text."""
    data = output.get("data", {"text/plain": output.get("text", "")})
    if "text/html" in data:
        # A report's own files, which lie beside it in a run, are not here.
        shown = re.sub(
            r'(?s)<a\b[^>]*href="(?!#|[a-z]+:)[^"]*"[^>]*>(.*?)</a>', r"\1", "".join(data["text/html"])
        )
        return f'``````{{raw}} html\n<div class="shown">\n{shown}\n</div>\n``````'
    text = "".join(data.get("text/plain", ""))
    return f"``````text\n{text}\n``````" if text.strip() else ""


def _dictionary() -> str:
    """Return the data dictionary, which lies beside the data, with the links of its new place."""
    return (HERE.parent / "data" / "README.md").read_text(encoding="utf-8").replace("](../docs/", "](")


def _to_the_dictionary(_app: object, name: str, source: list[str]) -> None:
    """Let links to the data dictionary lead to its page."""
    up = "../" * name.count("/")
    source[0] = source[0].replace(f"]({up}../data/README.md", f"]({up}{DICTIONARY}")


def _plain_bars(
    _app: object, _what: str, _name: str, _of: object, _options: object, lines: list[str]
) -> None:
    """Let |A| mean a size, as in mathematics, and not a substitution."""
    lines[:] = [line.replace("|", "\\|") for line in lines]


def _signature(
    _app: object,
    what: str,
    _name: str,
    of: Any,
    _options: object,
    signature: str | None,
    returned: str | None,
) -> tuple[str | None, str | None]:
    """Leave out the signature of a class that is read from a file: it repeats every field's checks."""
    return ("", returned) if what == "class" and hasattr(of, "model_fields") else (signature, returned)


def _methods(_app: object, name: str, source: list[str]) -> None:
    """Put the module of every method behind that of the estimators, in the order of the methods."""
    from attraktiv_eval.counterfactual import METHODS

    line = ".. automodule:: attraktiv_eval.counterfactual.estimators"
    if name == "reference/library":
        source[0] = source[0].replace(line, "\n".join([line, *(f"{line}.{method}" for method in METHODS)]))


def setup(app: Any) -> None:
    """Write the pages that are made from something else, before the sources are read."""
    pages = {"reference/commands.md": _commands(), DICTIONARY: _dictionary()}
    pages |= {f"notebooks/{one.stem}.md": _notebook(one) for one in sorted(NOTEBOOKS.glob("*.ipynb"))}
    for name, text in pages.items():
        file = HERE / name
        file.parent.mkdir(exist_ok=True)
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8", newline="\n")
    app.connect("source-read", _methods)
    app.connect("source-read", _to_the_dictionary)
    app.connect("autodoc-process-docstring", _plain_bars)
    app.connect("autodoc-process-signature", _signature)
