"""Which notebook cell is running, so that a cell run again starts no second run."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """A notebook cell that was run: its id, when the page sent it (its clock), and when it came to finetune (ours)."""

    id: str
    sent: float | None
    began: float


def current_cell() -> Cell | None:
    """Returns the notebook cell that is running, or None outside a notebook that tells it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return None
    try:
        request = kernel.get_parent("shell")
        cell, date = request.get("metadata", {}).get("cellId"), request["header"].get("date")
        sent = date.timestamp() if hasattr(date, "timestamp") else None
    except Exception:  # a private corner of ipykernel: without it only equal specs are told apart
        return None
    return Cell(str(cell), sent, time.monotonic()) if cell else None
