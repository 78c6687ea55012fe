"""The live view of a run: a panel in a notebook, lines in a terminal. Both draw from events alone.

The panel is three outputs of one cell, made once in the cell and only updated afterwards: controls (a widget), the
chart with the watched prompts below (SVG while it moves, an ordinary picture with its summary as text when the run
ends), and a line of text, to which the end adds the watched prompts as a table.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
import uuid
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

from ftkit.errors import SettingError
from ftkit.training.events import Command, Event, Paused, RunEnded, RunStarted, Unpaused
from ftkit.views.drawing import headline, svg
from ftkit.views.summary import summary
from ftkit.views.table import History
from ftkit.views.terminal import TerminalLines
from ftkit.views.watched import watched_html, watched_lines
from ftkit.views.words import words

if TYPE_CHECKING:
    from ftkit.views.controls import Controls

__all__ = ["NotebookPanel", "TerminalLines", "View", "choose", "svg"]

_REDRAW_SECONDS = 0.5
_SMALL = "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:var(--jp-ui-font-size1,13px)"
_log = logging.getLogger(__name__)


class View(Protocol):
    """What shows a run while it goes on."""

    def update(self, event: Event) -> None:
        """Takes in the next event and shows what it changed."""

    def close(self) -> None:
        """Shows what is not shown yet; no event will follow."""


def choose(show: str | bool, send: Callable[[Command], None]) -> View | None:
    """Returns the view for where the code runs: a panel in a Jupyter kernel, lines elsewhere, None if `show` is False.

    A panel appears at once, so this must be called in the cell's own thread.

    Args:
        show: ``"auto"`` or True for the view that fits, False for none.
        send: Takes the commands that the view's buttons give; it must only put them in a queue.

    Raises:
        SettingError: If `show` is anything else.
    """
    if show is False:
        return None
    if show is not True and show != "auto":
        raise SettingError(f"show: {show!r} is not known. Known: 'auto', True, False. Write show='auto'.")
    return NotebookPanel(send) if in_kernel() else TerminalLines()


def in_kernel() -> bool:
    """Returns whether this code runs in a Jupyter kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


class NotebookPanel:
    """The live panel of one run in a notebook's cell. Make it in the cell; update it from the training thread.

    It is drawn at most twice a second; what comes in between is drawn with the next event. Starts, pauses and the end
    are drawn at once. Nothing that goes wrong while drawing reaches the caller.

    Args:
        send: Takes the commands that the buttons give; it must only put them in a queue.
    """

    def __init__(self, send: Callable[[Command], None]) -> None:
        self.history = History()
        self._lock = threading.RLock()
        self._drawn = 0.0  # when the chart was last drawn, by the monotonic clock
        self._waiting = False  # something came in that is not drawn yet
        self._over = False
        self._note = ""
        self._controls = self._make_controls(send)
        controls = self._controls.bundle() if self._controls else self._nothing(words("controls_plain"))
        self._handles = [_show(controls), _show(self._moving()), _show(self._text())]

    def update(self, event: Event) -> None:
        """Takes in the next event and redraws if half a second has passed, or the event is one to see at once."""
        try:
            with self._lock:
                self.history.update(event)
                self._waiting = True
                if isinstance(event, RunEnded):
                    self._finish()
                elif (
                    isinstance(event, RunStarted | Paused | Unpaused)
                    or time.monotonic() - self._drawn >= _REDRAW_SECONDS
                ):
                    self._draw()
        except Exception:
            _log.debug("the panel could not be drawn", exc_info=True)

    def close(self) -> None:
        """Draws what is not drawn yet. Without an end of the run the last chart stays as it is."""
        try:
            with self._lock:
                if self._waiting and not self._over:
                    self._draw()
        except Exception:
            _log.debug("the panel could not be drawn", exc_info=True)

    def _make_controls(self, send: Callable[[Command], None]) -> Controls | None:
        try:
            from ftkit.views.controls import Controls

            return Controls(send)
        except Exception as error:  # not installed, or not fit for this kernel: the chart needs no widget
            reason = f"{type(error).__name__}: {error}"
            self._note = words("no_controls", reason=reason)
            return None

    def _draw(self) -> None:
        self._drawn, self._waiting = time.monotonic(), False
        moving = self._moving()
        if self._controls is not None:
            state = self.history.state
            self._controls.show(state, words(f"state.{state}"), moving["image/svg+xml"])
        self._handles[1].update(moving, raw=True)
        self._handles[2].update(self._text(), raw=True)
        self._drawn = time.monotonic()

    def _finish(self) -> None:
        self._over = True
        self._draw()  # at once; the picture takes a moment longer
        said = summary(self.history)
        if self._controls is not None:  # a view of a widget would stay empty in the saved notebook
            self._handles[0].update(self._nothing(self._afterwards()), raw=True)
        try:
            from ftkit.views.figure import picture_bundle, png

            data, metadata = picture_bundle(png(self.history), said)
        except Exception:
            _log.debug("no final picture", exc_info=True)
            self._handles[1].update({**self._moving(), "text/plain": said}, raw=True)
            return
        self._handles[1].update(data, metadata=metadata, raw=True)

    def _moving(self) -> dict[str, Any]:
        return {"image/svg+xml": svg(self.history), "text/plain": headline(self.history)}

    def _afterwards(self) -> str:
        started, state = self.history.started, words(f"state.{self.history.state}")
        return words("afterwards", run=started.run, state=state) if started else state

    def _nothing(self, said: str) -> dict[str, Any]:
        """Returns the controls' place without controls: a line of the same height."""
        style = f"{_SMALL};color:var(--jp-ui-font-color2,#57606a);min-height:36px;line-height:36px"
        return {"text/plain": said, "text/html": f'<div style="{style}">{escape(said)}</div>'}

    def _text(self) -> dict[str, Any]:
        lines = [self._note] if self._note else []
        lines += [f"! {warning.message}" for warning in self.history.warnings[-5:]]
        if self.history.ended is not None:
            lines.append(summary(self.history))
        html = "".join(f'<div style="white-space:pre-wrap">{escape(line)}</div>' for line in lines)
        if self.history.ended is not None:
            html += watched_html(self.history)
            lines += watched_lines(self.history)
        return {"text/plain": "\n".join(lines), "text/html": f'<div style="{_SMALL};min-height:20px">{html}</div>'}


def _show(bundle: dict[str, Any]) -> Any:
    from IPython.display import display

    # no-untyped-call: IPython's display has no annotations
    return display(bundle, raw=True, display_id=f"ftkit-{uuid.uuid4().hex}")  # type: ignore[no-untyped-call]
