"""Which device trains, and in which precision it computes."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import AbstractContextManager, nullcontext

import torch


class Turns:
    """A lock that is handed to who waits longest: one busy thread cannot keep the others out."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._queue: deque[threading.Lock] = deque()  # the first one has the turn

    def __enter__(self) -> None:
        mine = threading.Lock()
        mine.acquire()
        with self._guard:
            self._queue.append(mine)
            waits = len(self._queue) > 1
        if waits:
            try:
                mine.acquire()
            except BaseException:  # Ctrl-C while waiting
                self._leave(mine)
                raise

    def __exit__(self, *_: object) -> None:
        self._leave(self._queue[0])

    def _leave(self, mine: threading.Lock) -> None:
        with self._guard:
            had_the_turn = self._queue[0] is mine
            self._queue.remove(mine)
            if had_the_turn and self._queue:
                self._queue[0].release()


# torch has one random generator for the whole process: who seeds it and draws from it holds the turn meanwhile, so that
# two runs in the background, or a prediction beside a run, change nothing in each other
RANDOM = Turns()


_found: list[object] = []
_finding = threading.Lock()


def accelerator() -> object:
    """Returns the process's one `accelerate.Accelerator`: it is used for devices and processes only.

    Its state is process-wide, so precision, accumulation and checkpoints stay out of it. Two threads that made one at
    the same time would find that state half set up, so it is made under a lock.
    """
    with _finding:
        if not _found:
            from accelerate import Accelerator

            _found.append(Accelerator(mixed_precision="no"))
        return _found[0]


def training_device() -> torch.device:
    """Returns the device that accelerate finds: CUDA, MPS, …, else the CPU."""
    device: torch.device = accelerator().device  # type: ignore[attr-defined]
    return device


def has_fast_bf16(device: torch.device) -> bool:
    """Returns whether bf16 is computed by hardware here: Ampere or newer GPUs, CPUs with AMX."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        probe = getattr(torch.cpu, "_is_amx_tile_supported", None)
        return bool(probe and probe())
    return False


def autocast(device: torch.device, precision: str) -> AbstractContextManager[object]:
    """Returns the context in which a forward pass computes: weights stay fp32, matrix products may be bf16."""
    return torch.autocast(device.type, torch.bfloat16) if precision == "bf16" else nullcontext()
