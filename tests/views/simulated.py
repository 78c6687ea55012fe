"""A run that learns nothing: realistic events at a chosen pace, obeying Stop and Pause as the real loop does."""

from __future__ import annotations

import dataclasses
import math
import queue
import random
import threading
import time
from collections.abc import Callable, Iterator

from ftkit.training.events import (
    Command,
    EpochEnded,
    Evaluated,
    Event,
    Pause,
    Paused,
    Progress,
    RunEnded,
    RunStarted,
    Sampled,
    Saved,
    StepsEnded,
    Stop,
    Unpause,
    Unpaused,
)


def started(**changes: object) -> RunStarted:
    values: dict[str, object] = {
        "run": "r03", "task": "classification", "total_steps": 300, "steps_per_epoch": 30, "n_train": 480,
        "n_validation": 53, "n_parameters": 1_234_567, "device": "cpu", "precision": "fp32", "threads": 2,
        "labels": ("bad", "good"), "settings": {"model": "tiny", "learning_rate": 3e-4, "seed": 7, "max_minutes": None},
        "reasons": {}, "baseline": {"accuracy": 0.51, "macro_f1": 0.34}, "time": 0.0,
    }  # fmt: skip
    return RunStarted(**{**values, **changes})  # type: ignore[arg-type]


def simulate(
    commands: queue.Queue[Command] | None = None,
    *,
    epochs: int = 10,
    steps_per_epoch: int = 30,
    step_seconds: float = 0.0,
    cadence: int = 5,
    seed: int = 0,
) -> Iterator[Event]:
    """Yields the events of one run; sleeps `step_seconds` a step."""
    noise = random.Random(seed)
    total, before, clock = epochs * steps_per_epoch, time.monotonic(), 0.0
    best, best_step, losses, told, kept = math.inf, None, [], "epochs", {}

    def elapsed() -> float:
        return time.monotonic() - before if step_seconds else clock

    def evaluation(step: int) -> Evaluated:
        nonlocal best, best_step, kept
        done = step / total
        loss = 0.25 + 0.45 * math.exp(-5 * done) + 0.25 * done**2 + noise.gauss(0, 0.008)
        accuracy = min(0.99, 0.5 + 0.42 * (1 - math.exp(-6 * done)) - 0.06 * done**2 + noise.gauss(0, 0.008))
        is_best = loss < best
        metrics = {"accuracy": accuracy, "macro_f1": accuracy - 0.03}
        if is_best:
            best, best_step, kept = loss, step, metrics
        return Evaluated(step, step / steps_per_epoch, loss, metrics, is_best, elapsed())

    yield Progress("model", 0, 1)
    yield Progress("tokenise", 100, 480)
    yield started(total_steps=total, steps_per_epoch=steps_per_epoch)
    last = evaluation(0)
    yield last
    first = 1
    for step in range(1, total + 1):
        time.sleep(step_seconds)
        clock += 0.05
        losses.append(max(0.01, 0.7 * math.exp(-4 * step / total) + 0.05 + noise.gauss(0, 0.06)))
        ends_epoch = step % steps_per_epoch == 0
        command = _told(commands)
        if step % cadence == 0 or ends_epoch or command is not None:
            rate, epochs_done = 3e-4 * (1 - step / total), step / steps_per_epoch
            yield StepsEnded(first, step, tuple(losses[first - 1 : step]), rate, epochs_done, elapsed())
            first = step + 1
        if ends_epoch:
            epoch = losses[-steps_per_epoch:]
            yield EpochEnded(step // steps_per_epoch, step, sum(epoch) / len(epoch))
            yield Progress("evaluate", 0, 2)
            last = evaluation(step)
            yield last
            if last.is_best:
                yield Saved(step, "best", True)
        if isinstance(command, Pause):
            yield Paused(step)
            while not isinstance(command := _told(commands, wait=True), Unpause | Stop):
                pass
            yield Unpaused(step)
        if isinstance(command, Stop):
            told = command.why
            break
    reason = {"epochs": "completed", "stop": "stopped", "interrupt": "interrupted"}[told]
    yield RunEnded(reason, told, "", step, best_step, kept, elapsed())  # type: ignore[arg-type]


PROMPTS = ("<b>Tea</b> & toast", "静夜思", "Why is the sky blue?")
EXPECTED = ("Boil the water, " * 20, "床前明月光，疑是地上霜。举头望明月，低头思故乡。" * 8, "Because of scattering.")


def simulate_writing(
    commands: queue.Queue[Command] | None = None, *, lora: bool = False, **settings: object
) -> Iterator[Event]:
    """Yields the events of a run that writes: perplexity falls, and prompts are continued better and better."""
    about = {"model": "tiny", "learning_rate": 3e-4, "seed": 7, "method": "lora" if lora else "full", "watch": PROMPTS}
    last = 1
    for event in simulate(commands, **settings):  # type: ignore[arg-type]
        match event:
            case RunStarted():
                last, parameters = event.total_steps, (494_000_000, 4_000_000) if lora else (1_234_567, 0)
                yield dataclasses.replace(
                    event, task="language_modelling", labels=(), settings=about, n_parameters=parameters[0],
                    n_trainable=parameters[1], baseline={"perplexity": 210.0, "bits_per_character": 3.1},
                )  # fmt: skip
            case Evaluated():
                done = event.step / last
                loss = 4.1 + 4.2 * math.exp(-8 * done) + 0.1 * done**2
                bits = {"perplexity": math.exp(loss), "bits_per_character": loss / 2}
                yield dataclasses.replace(event, val_loss=loss, metrics=bits)
                for prompt, text in zip(PROMPTS, EXPECTED, strict=True):
                    written = (
                        text[: max(1, round(done * len(text)))] if event.step else "\x1b[31m the\x00 the the 的的\n的"
                    )
                    yield Sampled(event.step, prompt, written, text)
            case RunEnded():
                yield dataclasses.replace(event, metrics={"perplexity": math.exp(4.2), "bits_per_character": 2.1})
            case _:
                yield event


def _told(commands: queue.Queue[Command] | None, *, wait: bool = False) -> Command | None:
    if commands is None:
        return None
    try:
        return commands.get(block=wait)
    except queue.Empty:
        return None


class SimulatedRun:
    """The simulated run in a thread, with a view: what ftkit.finetune does, without the learning."""

    def __init__(self, view_of: object, events: Callable[..., Iterator[Event]] = simulate, **settings: object) -> None:
        self.commands: queue.Queue[Command] = queue.Queue()
        self.view = view_of(self.commands.put)  # type: ignore[operator]
        self._simulated = events
        self.events: list[tuple[float, Event]] = []
        self.thread = threading.Thread(target=self._work, kwargs=settings, daemon=True)
        self.thread.start()

    def _work(self, **settings: object) -> None:
        for event in self._simulated(self.commands, **settings):
            self.events.append((time.time(), event))
            self.view.update(event)
        self.view.close()

    def wait(self) -> None:
        while self.thread.is_alive():
            try:
                self.thread.join(0.1)
            except KeyboardInterrupt:
                self.commands.put(Stop("interrupt"))
