"""What `import ftkit` gives, and what it costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import ftkit

HEAVY = ("torch", "transformers", "tokenizers", "accelerate", "pyarrow", "pandas", "numpy", "matplotlib", "ipywidgets")
FROM_THE_CONTRACT = {"load", "check", "finetune", "stream", "attach", "list_runs", "Dataset", "Example", "Report"}


def in_a_fresh_python(code: str) -> str:
    """Returns what `code` prints in a new interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def loaded_after(code: str) -> set[str]:
    """Returns which of the heavy libraries are loaded after `code` ran in a new interpreter."""
    return set(in_a_fresh_python(f"import sys; {code}; print(*[m for m in {HEAVY!r} if m in sys.modules])").split())


def test_import_ftkit_loads_no_heavy_library() -> None:
    assert loaded_after("import ftkit") == set()


def test_the_command_line_loads_no_heavy_library_by_itself() -> None:
    assert loaded_after("import ftkit.cli") == set()


def test_importing_the_public_functions_loads_no_torch() -> None:
    assert (
        loaded_after("from ftkit import load, check, finetune, attach, list_runs") & {"torch", "transformers"} == set()
    )


def test_all_names_the_public_names_once_each() -> None:
    assert len(set(ftkit.__all__)) == len(ftkit.__all__)
    assert set(ftkit.__all__) >= FROM_THE_CONTRACT
    assert dir(ftkit) == ftkit.__all__


@pytest.mark.parametrize("name", ftkit.__all__)
def test_every_public_name_resolves(name: str) -> None:
    assert getattr(ftkit, name) is not None


@pytest.mark.parametrize("name", [n for n in ftkit.__all__ if n not in ("samples", "__version__")])
def test_every_public_name_is_documented(name: str) -> None:
    assert (getattr(ftkit, name).__doc__ or "").strip()


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'finetun'"):
        ftkit.finetun  # noqa: B018
