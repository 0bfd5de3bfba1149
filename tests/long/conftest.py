"""Long tests run when their folder is named (`make long`, `pytest tests/long`), and in no other run."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent


def pytest_ignore_collect(
    collection_path: Path,
    config: pytest.Config,
) -> bool | None:
    """Leave this folder out of a run that does not name it or something in it."""
    start = config.invocation_params.dir
    named = [(start / argument.partition("::")[0]).resolve() for argument in config.args]
    return None if any(path.is_relative_to(FOLDER) for path in named) else True
