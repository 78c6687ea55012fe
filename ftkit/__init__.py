"""The notebook kit to fine-tune language models, and to teach it. See README.md; `import ftkit` loads no torch."""

from __future__ import annotations

import importlib
import os
from typing import Any

__version__ = "0.1.0"

# torch's threads spin while they wait for each other. Where a browser draws the chart on the same two cores that made
# a small model ten times slower (40 s for 3 epochs of 430 rows; 4 s with this). OpenMP reads it when torch loads.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# name -> the module that it lives in; resolved on first use, so that `import ftkit` stays instant
_PUBLIC = {
    "load": "ftkit.api",
    "check": "ftkit.api",
    "finetune": "ftkit.api",
    "stream": "ftkit.api",
    "attach": "ftkit.api",
    "list_runs": "ftkit.api",
    "Dataset": "ftkit.data.dataset",
    "Example": "ftkit.data.dataset",
    "Report": "ftkit.data.problems",
    "Problem": "ftkit.data.problems",
    "Run": "ftkit.runs.run",
    "RunSpec": "ftkit.runs.spec",
    "language": "ftkit.i18n",
    "FtkitError": "ftkit.errors",
    "DataError": "ftkit.errors",
    "FormatError": "ftkit.errors",
    "EncodingError": "ftkit.errors",
    "AmbiguousFormatError": "ftkit.errors",
    "SettingError": "ftkit.errors",
    "ModelError": "ftkit.errors",
    "RunError": "ftkit.errors",
    "RunNotFoundError": "ftkit.errors",
    "RunActiveError": "ftkit.errors",
    "RunFailedError": "ftkit.errors",
}
__all__ = sorted([*_PUBLIC, "samples", "__version__"])


def __getattr__(name: str) -> Any:
    if name == "samples":
        return importlib.import_module("ftkit.samples")
    if name not in _PUBLIC:
        raise AttributeError(f"module 'ftkit' has no attribute {name!r}")
    value = getattr(importlib.import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
