"""Histories that a drawing must survive."""

from __future__ import annotations

import math

from ftkit.training.events import Evaluated, Event, Progress, RunEnded, Sampled, StepsEnded, Warned
from ftkit.views.table import History
from tests.views.simulated import simulate, simulate_writing, started

EVIL = '<script>alert("1")</script> & $x^2$ 评价'


def _run(*events: Event) -> History:
    history = History()
    for event in events:
        history.update(event)
    return history


def _evaluated(step: int, loss: float, metrics: dict[str, float], best: bool = True) -> Evaluated:
    return Evaluated(step, step / 30, loss, metrics, best, step / 10)


def histories() -> dict[str, History]:
    nan, inf = math.nan, math.inf
    failed = RunEnded("failed", "ValueError", f"{EVIL}: it broke. Do this.", 0, None, {}, 0.5)
    return {
        "empty": History(),
        "tokenising": _run(Progress("tokenise", 3, 10)),
        "failed before it started": _run(Progress("model", 0, 1), failed),
        "only the evaluation before training": _run(started(), _evaluated(0, 0.7, {"accuracy": 0.5})),
        "one step": _run(started(), StepsEnded(1, 1, (0.7,), 1e-3, 0.1, 0.1)),
        "two steps": _run(started(), StepsEnded(1, 2, (0.7, 0.7), 1e-3, 0.1, 0.1)),
        "nothing finite": _run(
            started(), _evaluated(0, nan, {"accuracy": nan}), StepsEnded(1, 100, (nan,) * 100, 1e-3, 0.1, 0.1)
        ),
        "turns to NaN": _run(
            started(),
            _evaluated(0, 0.7, {"accuracy": 0.5}),
            StepsEnded(1, 60, (0.7,) * 60, 1e-3, 0.1, 0.1),
            StepsEnded(61, 90, (inf, -inf, nan) * 10, 1e-3, 0.1, 0.1),
            _evaluated(90, inf, {"accuracy": nan}, best=False),
        ),
        "huge losses": _run(started(), StepsEnded(1, 40, (1e30, 1e-30) * 20, 1e-3, 0.1, 0.1)),
        "metric beyond 1": _run(started(), _evaluated(0, 2.0, {"bleu": 12.0}), _evaluated(5, 1.5, {"bleu": 31.0})),
        "no metrics": _run(started(baseline={}), _evaluated(0, 2.0, {}), _evaluated(30, 1.0, {})),
        "evil names": _run(
            started(run=EVIL, device=EVIL, settings={"learning_rate": 1e-4}, baseline={EVIL: 0.2}),
            Warned("evil", EVIL),
            _evaluated(0, 2.0, {EVIL: 0.1, EVIL * 5: 0.3}),
            _evaluated(9, 1.0, {EVIL: 0.4, EVIL * 5: 0.5}),
        ),
        "perplexity that is no number": _run(
            started(task="generation", baseline={"perplexity": inf}),
            _evaluated(0, inf, {"perplexity": inf}),
            _evaluated(5, 90.0, {"perplexity": 1e39}),
            _evaluated(9, 3.0, {"perplexity": 20.0}),
        ),
        "evil texts": _run(
            started(settings={"watch": [EVIL, 7]}),
            _evaluated(0, 2.0, {"chrf": 0.0}),
            Sampled(0, EVIL, EVIL * 90 + "\x00\x1b\ufffe\ud800\u202e", ""),
        ),
        "whole run": _run(*simulate()),
        "whole run that writes": _run(*simulate_writing(lora=True)),
        "fast epochs": _run(*simulate(epochs=600, steps_per_epoch=2)),
    }
