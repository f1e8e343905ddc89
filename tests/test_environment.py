"""What installs the project agrees with pyproject.toml."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def load_script(name: str):
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def body(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("#")).strip()


def test_environment_yml_is_what_pyproject_says():
    made = load_script("environment").environment()
    committed = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert body(committed) == body(made)


@pytest.mark.parametrize("package", ["jupyterlab", "pandas", "statsmodels", "seaborn", "papermill", "nbval"])
def test_environment_yml_has_the_packages_that_were_asked_for(package):
    assert re.search(rf"^  - {package}[>=<]", (ROOT / "environment.yml").read_text(encoding="utf-8"), re.M)


def requirements(name: str) -> dict[str, set[str]]:
    """Return the pinned versions by package; a package may be pinned once for each kind of machine."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for line in re.findall(r"^([A-Za-z0-9._-]+(?:\[[^\]]+\])?)==([^ ;\\]+)", text, re.M):
        found.setdefault(re.sub(r"[._]", "-", line[0].lower()), set()).add(line[1])
    return found


@pytest.mark.parametrize("name", ["bootstrap.txt", "run.txt", "test.txt"])
def test_every_pinned_package_has_hashes_and_no_file_names_an_index(name):
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    pins = [
        block for block in re.split(r"\n(?=[A-Za-z0-9])", text) if re.match(r"[A-Za-z0-9._\[\]-]+==", block)
    ]
    assert pins and all("--hash=sha256:" in block for block in pins)
    assert "://" not in text and "--index" not in text


def test_the_lock_takes_every_extra_but_that_of_the_measured_peers():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    locked = re.search(r"(?m)^LOCKED := (.*)$", makefile).group(1).split()
    assert sorted(locked) == sorted(set(extras) - {"bench"})
    assert "$(LOCKED:%=--extra %)" in makefile and "--all-extras" not in makefile
    only = {re.split("[><=]", one.lower())[0] for one in extras["bench"]}
    assert {"panelkit", "statspai"} <= only
    assert not {"panelkit", "statspai"} & set(requirements("test.txt"))


def test_the_two_locks_agree_on_every_package_they_share():
    run, test = requirements("run.txt"), requirements("test.txt")
    assert run and all(test.get(package) == versions for package, versions in run.items())


def test_every_dependency_of_pyproject_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    def names(wanted):
        return {re.sub(r"[._]", "-", re.match(r"[A-Za-z0-9._-]+", one)[0].lower()) for one in wanted}

    assert names(project["dependencies"]) <= set(requirements("run.txt"))
    locked = {name: extra for name, extra in project["optional-dependencies"].items() if name != "bench"}
    assert names(one for extra in locked.values() for one in extra) <= set(requirements("test.txt"))


def test_the_makefile_uses_no_absolute_path():
    """But for where operating systems keep their certificates, which it only looks for."""
    text = re.sub(r"(?m)^STORES := .*$", "", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert not re.search(r"(?m)(^|[\s\"'=])/(?!dev/null|path/to)\w", text)


def test_uv_trusts_the_systems_certificates_where_there_are_any():
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    assert "ifneq ($(wildcard $(STORES))$(filter Windows_NT,$(OS)),)" in lines
    assert lines[lines.index("export UV_SYSTEM_CERTS ?= 1") + 1] == "endif"


def test_the_citation_names_this_version_and_licence():
    lines = (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    cited = dict(line.split(": ", 1) for line in lines if re.match(r"[a-z-]+: ", line))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (cited["version"], cited["license"]) == (project["version"], project["license"])
    assert cited["title"] == project["name"].replace("-", "_")


#: Imports the package as a Windows of Latin-1 would: links are read in that encoding.
LATIN_1 = """if True:
    import io, site, sys
    opened = io.TextIOWrapper
    io.TextIOWrapper = lambda file, *given, **named: opened(file, encoding="latin-1")
    site.addsitedir(sys.argv[1])
    import attraktiv_eval
"""


@pytest.fixture
def house(tmp_path):
    """Return a checkout under a name with å, for the Makefile's own lines to install."""
    top = tmp_path / "Åsas projekt"
    (top / "attraktiv_eval").mkdir(parents=True)
    (top / "attraktiv_eval" / "__init__.py").write_text("", encoding="utf-8")
    (top / "requirements").mkdir()
    for name in ("Makefile", "pyproject.toml", "requirements/bootstrap.txt", "requirements/run.txt"):
        shutil.copy(ROOT / name, top / name)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", top / ".venv"], check=True)
    (top / ".venv" / "uv.stamp").touch()
    return top


def imported(top, *, install: str, locale: str | None) -> bool:
    """Install, and return whether the package is found in a locale; None: Latin-1, as on Windows."""
    site = next((top / ".venv" / "lib").glob("python*")) / "site-packages"
    link = site / "_editable_impl_attraktiv_eval.pth"
    link.write_text(f"{top}\n", encoding="utf-8")
    if install == "make":
        subprocess.run(["make", "--silent", "INSTALL=true", ".venv/run.stamp"], cwd=top, check=True)
    python, known = top / ".venv" / "bin" / "python", {"PATH": os.environ["PATH"]}
    ran = [python, "-c", "import attraktiv_eval"] if locale else [python, "-S", "-c", LATIN_1, site]
    known |= {"LC_ALL": locale} if locale else {"PYTHONUTF8": "1"}
    return subprocess.run(ran, check=False, cwd=top.parent, env=known, capture_output=True).returncode == 0


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", None])
def test_a_checkout_under_a_name_with_å_is_found_in_every_locale(house, locale):
    assert imported(house, install="make", locale=locale)


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="newer Pythons read links as UTF-8")
@pytest.mark.parametrize("locale", ["C", None])
def test_the_link_that_an_installer_writes_would_not_be(house, locale):
    assert not imported(house, install="none", locale=locale)


def test_the_command_says_its_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ran = [sys.executable, "-m", "attraktiv_eval", "--version"]
    said = subprocess.run(ran, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said == f"attraktiv-eval {project['version']}\n"
