"""What every test gets: an empty home for its runs, no network, English, two threads; and the real data, if any."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent

# read when these libraries are first imported, so set before any test module imports them; kernels and commands
# that tests start inherit them
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as ftkit does, but before any test imports torch
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# PYTHONWARNDEFAULTENCODING=1 reaches the kernels too, where other packages' warnings would stand among the outputs
os.environ["PYTHONWARNINGS"] = "ignore::EncodingWarning"


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data files: FTKIT_TEST_DATA, else ``../shared/data`` beside the checkout."""
    named = os.environ.get("FTKIT_TEST_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        where = f"FTKIT_TEST_DATA={named}" if named else "../shared/data beside the checkout"
        pytest.skip(f"no real data files: {where} is not a folder. Set FTKIT_TEST_DATA to the folder that has them")
    return folder


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keeps a test's runs, registrations and language to itself."""
    from ftkit import i18n

    monkeypatch.setenv("FTKIT_RUNS", str(tmp_path / "ftkit-runs"))
    monkeypatch.setenv("FTKIT_CACHE", str(tmp_path / "ftkit-cache"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter-data"))
    monkeypatch.setenv("FTKIT_LANGUAGE", "en")
    monkeypatch.setattr(i18n, "_chosen", "en")
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(2)
    return
