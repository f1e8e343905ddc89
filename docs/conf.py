"""How the documentation is built: ``make docs``, without network, into ``docs/_build``."""

from __future__ import annotations

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
    """Write the page of commands before the sources are read, and the methods into the library's."""
    (HERE / "reference" / "commands.md").write_text(_commands(), encoding="utf-8", newline="\n")
    app.connect("source-read", _methods)
    app.connect("autodoc-process-docstring", _plain_bars)
    app.connect("autodoc-process-signature", _signature)
