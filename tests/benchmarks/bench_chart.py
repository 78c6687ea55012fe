"""What the live chart costs: python tests/benchmarks/bench_chart.py

Prints one line a run length: bytes of the columns, milliseconds for taking in one event, for one SVG, and for the
final picture, and the SVG's size. Training pays for an event each time and for an SVG at most twice a second.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ftkit.training.events import Evaluated, RunStarted, StepsEnded
from ftkit.views.drawing import svg
from ftkit.views.figure import png
from ftkit.views.table import History


def run_of(steps: int, cadence: int = 20) -> History:
    """A run of this many steps with 50 evaluations."""
    history = History()
    settings = {"learning_rate": 1e-3, "seed": 0, "max_minutes": None}
    baseline = {"accuracy": 0.5}
    history.update(
        RunStarted(
            "r1", "classification", steps, max(1, steps // 50), 9, 1, 9, "cpu", "fp32", 2, (), settings, {}, baseline
        )
    )
    losses = np.exp(-np.arange(steps) / (steps / 3)) + np.random.default_rng(0).normal(0, 0.1, steps)
    for first in range(0, steps, cadence):
        part = tuple(losses[first : first + cadence].tolist())
        last = first + len(part)
        history.update(StepsEnded(first + 1, last, part, 1e-3, 50 * last / steps, last / 100))
        if last % max(cadence, steps // 50) == 0:
            done = last / steps
            history.update(Evaluated(last, 50 * done, 1 - done / 2, {"accuracy": done}, True, last / 100))
    return history


def milliseconds(work: Callable[[], object], repeat: int) -> float:
    """The median time of one call."""
    taken = []
    for _ in range(repeat):
        before = time.perf_counter()
        work()
        taken.append(time.perf_counter() - before)
    return 1000 * float(np.median(taken))


def main() -> None:
    png(run_of(100))  # imports and fonts
    print(f"{'steps':>9} {'MB':>7} {'update ms':>10} {'svg ms':>8} {'svg bytes':>10} {'png ms':>8} {'png kB':>7}")
    for steps in (100, 5_000, 1_000_000):
        tracemalloc.start()
        history = run_of(steps)
        held = tracemalloc.get_traced_memory()[0] / 1e6
        tracemalloc.stop()
        event = StepsEnded(steps + 1, steps + 20, (0.5,) * 20, 1e-3, 50.0, 1.0)
        row = [
            milliseconds(lambda history=history, event=event: history.update(event), 200),  # type: ignore[misc]
            milliseconds(lambda history=history: svg(history), 20),  # type: ignore[misc]
            len(svg(history).encode()),
            milliseconds(lambda history=history: png(history), 3),  # type: ignore[misc]
            len(png(history)) / 1e3,
        ]
        print(f"{steps:>9,} {held:>7.1f} {row[0]:>10.3f} {row[1]:>8.2f} {row[2]:>10,} {row[3]:>8.0f} {row[4]:>7.0f}")


if __name__ == "__main__":
    main()
