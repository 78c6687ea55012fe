"""What a run is told: from buttons and methods of its own process at once, from elsewhere through its folder."""

from __future__ import annotations

import queue
import time

from ftkit.runs.store import RunFolder
from ftkit.training.events import Command

_LOOK_SECONDS = 0.1  # how often the folder is looked at


class Inbox:
    """Takes commands from any thread, and gives them out one by one in order."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._queue: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._looked = 0.0

    def put(self, command: Command) -> None:
        """Adds a command; safe in any thread, and never waits."""
        self._queue.put(command)

    def take(self, wait_seconds: float = 0.0) -> Command | None:
        """Returns the next command, or None when there is none within `wait_seconds`."""
        now = time.monotonic()
        if now - self._looked > _LOOK_SECONDS:
            self._looked = now
            for command in self._folder.take_commands():
                self._queue.put(command)
        try:
            return self._queue.get(timeout=wait_seconds) if wait_seconds else self._queue.get_nowait()
        except queue.Empty:
            return None
