"""Controls: Pause and Stop of one run as a widget. A click reaches the kernel also while a cell keeps it busy."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget  # noqa: TID253  live.py imports this module only where a panel is shown
import traitlets

from ftkit.training.events import Command, Pause, Stop, Unpause
from ftkit.views.words import words

_HERE = Path(__file__).parent
_COMMANDS: dict[str, type[Command]] = {"stop": Stop, "pause": Pause, "resume": Unpause}
ENDED = ("completed", "stopped", "interrupted", "failed")
_LABELS = (
    "pause",
    "resume",
    "stop",
    "stopping",
    "pausing",
    "resuming",
    "slow",
    "lost",
    "reloaded",
    "reloaded_over",
    "controls",
)


class Controls(anywidget.AnyWidget):
    """Two buttons and a line of state.

    Attributes:
        state, status: The run's state, and the same in words.
        svg: The latest chart, shown only by a view that is rendered anew.
        pending: What was asked for and has not been answered by an event yet, for views rendered anew.
        seen: True once a first view was rendered; set by the browser.
    """

    _esm = (_HERE / "controls.js").read_text(encoding="utf-8")
    _css = (_HERE / "controls.css").read_text(encoding="utf-8")
    labels = traitlets.Dict().tag(sync=True)
    state = traitlets.Unicode("starting").tag(sync=True)
    status = traitlets.Unicode("").tag(sync=True)
    svg = traitlets.Unicode("").tag(sync=True)
    pending = traitlets.Unicode("").tag(sync=True)
    seen = traitlets.Bool(False).tag(sync=True)

    def __init__(self, send: Callable[[Command], None]) -> None:
        super().__init__(labels={name: words(name) for name in _LABELS})
        self._send_command = send
        self._asked = ""
        self.on_msg(self._clicked)
        _let_clicks_in(self)

    def _clicked(self, _widget: Any, content: Any, _buffers: Any) -> None:
        # Runs in the main thread or in a subshell's: it only puts a value in the run's queue.
        asked = content.get("type", "") if isinstance(content, dict) else ""
        if asked in _COMMANDS:
            self._asked = asked
            self._send_command(_COMMANDS[asked]())

    def show(self, state: str, status: str, svg: str) -> None:
        """Shows where the run is. A new state answers what was asked for; only the end answers a stop."""
        if state != self.state and (self._asked != "stop" or state in ENDED):
            self._asked = ""
        with self.hold_sync():
            self.state, self.status, self.svg, self.pending = state, status, svg, self._asked

    def bundle(self) -> dict[str, Any]:
        """Returns what to display: the view, and a text that is the same in every run (notebook tests compare it)."""
        view = {"version_major": 2, "version_minor": 1, "model_id": self.model_id}
        return {"application/vnd.jupyter.widget-view+json": view, "text/plain": words("controls_plain")}


def _let_clicks_in(widget: Controls) -> None:
    """Lets this widget's messages be handled in the subshell that they were sent to.

    ipykernel 7.4.0 sends each message of a comm back to the shell that opened it, so that a click waits until the
    cell ends. The hook is private: where it is absent there is nothing to undo.
    """
    comm = getattr(widget, "comm", None)
    if comm is not None and hasattr(comm, "_reply_subshell_for"):
        with contextlib.suppress(AttributeError, TypeError):
            comm._reply_subshell_for = lambda data, default: default
