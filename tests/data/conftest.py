"""What the tests of data share: property tests that repeat, and a folder for the files that they write."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("ftkit", deadline=None, derandomize=True)
settings.load_profile("ftkit")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all examples of a property test, which write the same file again and again."""
    return tmp_path_factory.mktemp("data")
