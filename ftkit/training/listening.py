"""Where the loop gives way: one command at a tick, and waiting while it is paused."""

from __future__ import annotations

from collections.abc import Generator

from ftkit.training import events
from ftkit.training.events import Command, Event, Tick
from ftkit.training.state import State

Part = Generator[Event | Tick, Command | None, str | None]  # a part of the loop: returns why to end, or None


def listen(state: State) -> Part:
    """Gives way to one command; waits here while paused. Returns why to end, or None to go on."""
    command = yield Tick()
    if isinstance(command, events.Pause):
        state.clock.hold()
        yield events.Paused(state.step)
        while not isinstance(command, events.Unpause | events.Stop):
            command = yield Tick()
        state.clock.run()
        if isinstance(command, events.Unpause):
            yield events.Unpaused(state.step)
    return command.why if isinstance(command, events.Stop) else None
