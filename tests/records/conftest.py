"""The example records, made once, and small folders of lists made on the spot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from attraktiv_eval.project import Project
from attraktiv_eval.records import Records, load_records
from scripts.example_records import write_example

KEY = b"a key for tests, 32 bytes long.."


@pytest.fixture(scope="session")
def project() -> Project:
    return Project.load()


@pytest.fixture(scope="session")
def example_folder(tmp_path_factory: pytest.TempPathFactory, project: Project) -> Path:
    folder = tmp_path_factory.mktemp("example")
    write_example(folder, project)
    return folder


@pytest.fixture(scope="session")
def example(example_folder: Path, project: Project) -> Records:
    return load_records(example_folder, project)


@pytest.fixture
def load(tmp_path: Path, project: Project) -> Callable[..., Records]:
    """Return a function that writes files (name=text or bytes) and loads the folder."""

    def _load(files: dict[str, str | bytes], folder: str = "lists", **options) -> Records:
        directory = tmp_path / folder
        directory.mkdir(exist_ok=True)
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode("utf-8")
            (directory / name).write_bytes(data)
        return load_records(directory, project, key=KEY, **options)

    return _load
