"""TerminalLines: a run as plain lines, one an epoch, of ASCII around the numbers, so that every console shows it."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from ftkit.i18n import language
from ftkit.training.events import (
    EpochEnded,
    Evaluated,
    Event,
    Progress,
    RunEnded,
    RunStarted,
    Sampled,
    StepsEnded,
    Warned,
)
from ftkit.views.lines import plain, shortened
from ftkit.views.table import History
from ftkit.views.words import clock, number, trained

_PHASE_QUIET_SECONDS = 1.0
_PHASE_EVERY_SECONDS = 5.0
_EVALUATION_EVERY_SECONDS = 10.0
_PROMPT, _TEXT = 30, 80  # characters


class TerminalLines:
    """Prints ``epoch 3/20  step 120/800  train_loss 0.512  val_loss 0.498  accuracy 0.810  *best  0:12<0:48``.

    Below it stands a line for each watched prompt: ``  Once upon -> a time there was``.

    Args:
        stream: Where to write; None means ``sys.stdout`` at the time of each line. Characters that its encoding lacks
            are replaced, never raised about.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.history = History()
        self._stream = stream
        self._epoch: EpochEnded | None = None  # ended, and its line is not written yet
        self._phase: tuple[str, float, float] = ("", 0.0, 0.0)  # name, since when, when last written
        self._written = 0.0
        self._told_step = -1  # of the latest evaluation that has a line

    def update(self, event: Event) -> None:
        """Takes in the next event and writes the lines that it completes."""
        if self._epoch is not None and isinstance(event, StepsEnded | EpochEnded | RunEnded):
            self._write_epoch(None)  # no evaluation followed
        self.history.update(event)
        if not isinstance(event, Progress):
            self._phase = ("", 0.0, 0.0)
        match event:
            case RunStarted():
                parameters = trained(event, "en") or f"{event.n_parameters:,} parameters"
                self._write(f"run {event.run}  {event.task}  {event.n_train}+{event.n_validation} rows  {parameters}")
            case EpochEnded():
                self._epoch = event
            case Evaluated():
                long_ago = time.monotonic() - self._written > _EVALUATION_EVERY_SECONDS
                if self._epoch is not None or event.step == 0 or long_ago:
                    self._write_epoch(event)
                    self._told_step = event.step
            case Sampled() if event.step == self._told_step:
                prompt, said = plain(event.prompt), plain(event.text)
                self._write(f"  {shortened(prompt, _PROMPT, '...')} -> {shortened(said, _TEXT, '...') or '(nothing)'}")
            case Progress():
                self._write_phase(event)
            case Warned():
                self._write(f"warning: {event.message}")
            case RunEnded():
                self._write_summary()

    def close(self) -> None:
        """Writes the line of an epoch that was not written yet."""
        if self._epoch is not None:
            self._write_epoch(None)

    def _write_epoch(self, evaluated: Evaluated | None) -> None:
        history, epoch = self.history, self._epoch
        self._epoch = None
        started = history.started
        if epoch is not None:
            number_of_epoch, step = str(epoch.epoch), epoch.step
        else:
            number_of_epoch = f"{evaluated.epoch:.3g}" if evaluated else "?"
            step = evaluated.step if evaluated else history.step
        parts = [f"epoch {number_of_epoch}", f"step {step}"]
        if started is not None:
            planned = started.total_steps / max(1, started.steps_per_epoch)
            parts = [f"epoch {number_of_epoch}/{planned:.3g}", f"step {step}/{started.total_steps}"]
        if epoch is not None:
            parts.append(f"train_loss {number(epoch.train_loss)}")
        if evaluated is not None:
            parts.append(f"val_loss {number(evaluated.val_loss)}")
            parts += [f"{name} {number(value)}" for name, value in list(evaluated.metrics.items())[:2]]
            if evaluated.is_best and evaluated.step:
                parts.append("*best")
        parts.append(f"{clock(history.elapsed_seconds)}<{clock(history.remaining_seconds)}")
        self._write("  ".join(parts))

    def _write_phase(self, event: Progress) -> None:
        now = time.monotonic()
        name, since, written = self._phase
        if name != event.phase:
            self._phase = (event.phase, now, 0.0)
        elif event.done < event.total and now - since > _PHASE_QUIET_SECONDS and now - written > _PHASE_EVERY_SECONDS:
            self._write(f"{event.phase} {event.done}/{event.total}")
            self._phase = (name, since, now)

    def _write_summary(self) -> None:
        from ftkit.views.summary import summary

        said = summary(self.history)
        if language() == "zh" and not _can_write(said, self._encoding()):
            said = summary(self.history, "en")
        self._write(said)

    def _encoding(self) -> str:
        return getattr(self._stream or sys.stdout, "encoding", None) or "ascii"

    def _write(self, line: str) -> None:
        stream = self._stream or sys.stdout
        encoding = self._encoding()
        stream.write(line.encode(encoding, "replace").decode(encoding) + "\n")
        stream.flush()
        self._written = time.monotonic()


def _can_write(line: str, encoding: str) -> bool:
    try:
        line.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
