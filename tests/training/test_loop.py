from __future__ import annotations

import copy
import inspect
import itertools
import math
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from transformers import get_linear_schedule_with_warmup

from ftkit.data.tokenise import IGNORED
from ftkit.training import events as ev
from ftkit.training import loop as loop_module
from ftkit.training import state as state_module
from ftkit.training.batching import epoch_order, to_tensors
from ftkit.training.events import EpochEnded, Evaluated, Pause, Paused, RunEnded, StepsEnded, Stop, Tick, Unpause
from ftkit.training.loop import fit
from ftkit.training.state import Job
from tests.training.small import CLASSES, Words, drive, job, losses, state_of, words

BOTH = pytest.mark.parametrize("per_token", [False, True], ids=["classification", "tagging"])


def plain_pytorch(model: Words, job: Job) -> list[float]:
    """The loop as a tutorial writes it: one mean loss a batch, AdamW, clipping, a schedule."""
    plan, n = job.plan, len(job.train)
    decayed = [p for p in model.parameters() if p.ndim >= 2]
    others = [p for p in model.parameters() if p.ndim < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": plan.weight_decay}, {"params": others, "weight_decay": 0.0}],
        lr=plan.learning_rate,
    )
    total = plan.epochs * plan.steps_per_epoch(n)
    warmup = plan.warmup_ratio * total
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: (s + 0.5) / warmup if s + 0.5 < warmup else (total - s - 0.5) / (total - warmup)
    )
    found = []
    for epoch in range(plan.epochs):
        model.train()
        order = epoch_order(plan.seed, epoch, n)
        for first in range(0, n, plan.batch_size):
            batch = to_tensors(job.train, order[first : first + plan.batch_size], 0)
            labels = batch.pop("labels")
            logits = model(**batch).logits
            loss = functional.cross_entropy(
                logits.reshape(-1, CLASSES),
                labels.reshape(-1),
                ignore_index=IGNORED,
                label_smoothing=plan.label_smoothing,
            )
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), plan.clip or math.inf)
            optimizer.step()
            schedule.step()
            found.append(loss.item())
    return found


@BOTH
@pytest.mark.parametrize(
    "settings", [{}, {"clip": 0.1, "label_smoothing": 0.2, "weight_decay": 0.3, "seed": 5}], ids=str
)
def test_the_loop_equals_a_plain_pytorch_loop_step_for_step(per_token: bool, settings: dict[str, Any]) -> None:
    a_job = job(n=23, per_token=per_token, warmup_ratio=0.25, **settings)
    ours, theirs = words(per_token), words(per_token)
    found = losses(drive(state_of(ours, a_job), a_job))
    expected = plain_pytorch(theirs, a_job)
    assert found == pytest.approx(expected, abs=2e-5)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(a, b, atol=2e-5)


@BOTH
def test_four_batches_of_four_learn_as_one_of_sixteen(per_token: bool) -> None:
    models, found = [], []
    for settings in ({"batch_size": 16, "accumulate": 1}, {"batch_size": 4, "accumulate": 4}):
        a_job = job(n=37, per_token=per_token, **settings)
        models.append(words(per_token))
        found.append(losses(drive(state_of(models[-1], a_job), a_job)))
    assert found[1] == pytest.approx(found[0], abs=1e-5)
    for a, b in zip(models[0].parameters(), models[1].parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-5)


@BOTH
def test_more_evaluation_changes_no_training_loss(per_token: bool) -> None:
    found = []
    for every in (None, 1, 4):
        a_job = job(per_token=per_token, evaluate_every=every)
        found.append(losses(drive(state_of(words(per_token, dropout=0.3), a_job), a_job)))
    assert found[0] == found[1] == found[2]


def test_the_same_seed_gives_the_same_losses_and_another_seed_others() -> None:
    found = []
    for seed in (0, 0, 1):
        a_job = job(seed=seed)
        found.append(losses(drive(state_of(words(dropout=0.3), a_job), a_job)))
    assert found[0] == found[1] != found[2]


def test_dropout_differs_from_step_to_step_and_from_seed_to_seed() -> None:
    found = set()
    for seed in (0, 1):
        a_job = job(n=4, n_validation=4, seed=seed, learning_rate=1e-12, epochs=4)
        found |= set(losses(drive(state_of(words(dropout=0.5), a_job), a_job)))
    assert len(found) == 8


def test_random_numbers_drawn_by_others_between_steps_change_nothing() -> None:
    found = []
    for draws in (False, True):
        a_job = job()

        def tell(tick: int, draws: bool = draws) -> None:
            if draws:
                torch.manual_seed(tick)
                torch.rand(tick + 1)
                np.random.seed(tick)

        found.append(losses(drive(state_of(words(dropout=0.3), a_job), a_job, tell)))
    assert found[0] == found[1]


def test_a_run_copied_at_any_tick_goes_on_as_the_whole_one() -> None:
    a_job = job(n=10, epochs=3, evaluate_every=4)
    whole = losses(drive(state_of(words(dropout=0.3), a_job), a_job))
    for stop_at in range(14):
        state = state_of(words(dropout=0.3), a_job)
        loop, ticks = fit(state, a_job), 0
        item = next(loop)
        while not isinstance(item, Tick) or ticks < stop_at:
            ticks += isinstance(item, Tick)
            item = next(loop)
        copied = copy.deepcopy(state)
        rest = losses(drive(copied, a_job, most=100))
        assert rest == whole[state.step :], f"from tick {stop_at}"


# -- stopping and pausing


def test_a_stop_ends_after_the_step_in_progress() -> None:
    a_job = job()
    start = -(-9 // 8) + 2  # ticks of the first evaluation, and two steps
    told = drive(state_of(words(), a_job), a_job, lambda tick: Stop() if tick == start else None)
    assert len(losses(told)) == 3
    assert isinstance(told[-1], RunEnded)
    assert (told[-1].reason, told[-1].detail, told[-1].step) == ("stopped", "stop", 3)


def test_a_stop_during_evaluation_ends_it_without_a_half_result() -> None:
    a_job = job(n_validation=40, evaluate_every=2)
    evaluation = -(-40 // 8)
    told = drive(state_of(words(), a_job), a_job, lambda tick: Stop() if tick == evaluation + 2 + 1 else None)
    assert len([e for e in told if isinstance(e, Evaluated)]) == 1  # the one before training
    assert [type(e) for e in told[-2:]] == [ev.Progress, RunEnded]
    assert (told[-1].reason, told[-1].step) == ("stopped", 2)  # type: ignore[union-attr]


def test_a_stop_during_the_last_evaluation_ends_as_stopped() -> None:
    a_job = job(n=4, n_validation=20, epochs=1)
    told = drive(state_of(words(), a_job), a_job, lambda tick: Stop() if tick == 5 else None)
    assert told[-1].reason == "stopped"  # type: ignore[union-attr]


def test_a_stop_before_the_first_step_trains_nothing() -> None:
    a_job = job()
    told = drive(state_of(words(), a_job), a_job, lambda tick: Stop("interrupt"))
    assert losses(told) == []
    assert (told[-1].reason, told[-1].step, told[-1].best_step) == ("interrupted", 0, None)  # type: ignore[union-attr]


def test_every_step_is_told_once_also_when_stopped() -> None:
    a_job = job()
    for stop_at in range(12):
        told = drive(state_of(words(), a_job), a_job, lambda tick, at=stop_at: Stop() if tick == at else None)
        steps = [e for e in told if isinstance(e, StepsEnded)]
        assert [n for e in steps for n in range(e.first, e.last + 1)] == list(range(1, told[-1].step + 1))
        assert all(len(e.train_losses) == e.last - e.first + 1 for e in steps)


def test_a_paused_run_repeats_the_losses_of_an_uninterrupted_one() -> None:
    a_job = job()
    plain = losses(drive(state_of(words(dropout=0.3), a_job), a_job))
    commands = {4: Pause(), 9: Unpause(), 12: Pause(), 13: Pause(), 14: Unpause(), 15: Unpause()}
    told = drive(state_of(words(dropout=0.3), a_job), a_job, commands.get)
    assert losses(told) == plain
    assert [type(e).__name__ for e in told if isinstance(e, Paused | ev.Unpaused)] == ["Paused", "Unpaused"] * 2


def test_a_pause_holds_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    now = Clock(monkeypatch)
    a_job = job()

    def tell(tick: int) -> ev.Command | None:
        now.seconds += 100.0 if 4 <= tick < 8 else 1.0
        return {3: Pause(), 8: Unpause()}.get(tick)

    ended = drive(state_of(words(), a_job), a_job, tell)[-1]
    plain = drive(state_of(words(), a_job), a_job, lambda tick: setattr(now, "seconds", now.seconds + 1.0))[-1]
    assert ended.elapsed_seconds == pytest.approx(plain.elapsed_seconds, abs=1.5)  # type: ignore[union-attr]


def test_a_paused_run_can_be_stopped() -> None:
    a_job = job()
    told = drive(state_of(words(), a_job), a_job, {4: Pause(), 6: Stop()}.get)
    assert told[-1].reason == "stopped"  # type: ignore[union-attr]
    assert not any(isinstance(e, ev.Unpaused) for e in told)


# -- the rules that end a run


class Clock:
    """A time that only the test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0.0
        clock = SimpleNamespace(monotonic=lambda: self.seconds)
        monkeypatch.setattr(state_module, "time", clock)
        monkeypatch.setattr(loop_module, "time", clock)


def test_the_time_cap_ends_the_run_with_the_learning_rate_fallen(monkeypatch: pytest.MonkeyPatch) -> None:
    now = Clock(monkeypatch)
    a_job = job(epochs=1_000, max_minutes=1.0, warmup_ratio=0.0)
    told = drive(state_of(words(), a_job), a_job, lambda tick: setattr(now, "seconds", now.seconds + 1.0))
    assert (told[-1].reason, told[-1].detail) == ("completed", "max_minutes")  # type: ignore[union-attr]
    assert told[-1].step < 70  # type: ignore[union-attr]
    rates = [e.learning_rate for e in told if isinstance(e, StepsEnded)]
    assert rates[-1] < 0.05 * rates[0]
    assert any(isinstance(e, Evaluated) and e.step == told[-1].step for e in told)  # type: ignore[union-attr]


def test_patience_ends_the_run_when_validation_gets_no_better() -> None:
    a_job = job(n=24, n_validation=24, wrong=True, epochs=30, learning_rate=0.05, patience=3)
    told = drive(state_of(words(), a_job), a_job)
    measured = [e for e in told if isinstance(e, Evaluated) and e.step]
    best = max(i for i, e in enumerate(measured) if e.is_best)
    assert told[-1].detail == "patience"  # type: ignore[union-attr]
    assert len(measured) == best + 1 + 3


def test_the_plateau_rule_ends_the_run_after_its_seventh_epoch() -> None:
    a_job = job(epochs=20, learning_rate=1e-9, plateau=True)
    told = drive(state_of(words(), a_job), a_job)
    assert (told[-1].detail, len([e for e in told if isinstance(e, EpochEnded)])) == ("plateau", 7)  # type: ignore[union-attr]


def test_a_run_without_rules_sees_all_its_epochs() -> None:
    a_job = job(epochs=9, learning_rate=1e-9)
    told = drive(state_of(words(), a_job), a_job)
    assert (told[-1].reason, told[-1].detail, told[-1].step) == ("completed", "epochs", 9 * 6)  # type: ignore[union-attr]


def test_an_epoch_without_one_finite_loss_ends_the_run_as_failed() -> None:
    a_job = job()
    model = words()
    with torch.no_grad():
        model.classifier.weight.fill_(math.nan)
    told = drive(state_of(model, a_job), a_job)
    assert (told[-1].reason, told[-1].detail, told[-1].step) == ("failed", "not_finite", 6)  # type: ignore[union-attr]
    assert all(math.isnan(loss) for loss in losses(told))


def test_a_step_that_is_not_finite_is_told_as_nan_and_left_out_of_the_mean() -> None:
    a_job = job(n=12)
    model = words()
    state = state_of(model, a_job)
    weight: list[torch.Tensor] = []

    def tell(tick: int) -> None:
        if tick == 3:
            weight.append(model.classifier.bias.detach().clone())
            model.classifier.bias.data.fill_(math.inf)
        elif tick == 4:
            model.classifier.bias.data.copy_(weight[0])

    told = drive(state, a_job, tell)
    found = losses(told)
    assert [math.isnan(loss) for loss in found] == [False, False, True] + [False] * 6
    first = next(e for e in told if isinstance(e, EpochEnded))
    assert first.train_loss == pytest.approx(np.nanmean(found[:3]), abs=1e-6)


# -- what is told


@BOTH
def test_the_mean_loss_of_an_epoch_weighs_every_term_alike(per_token: bool) -> None:
    a_job = job(n=10, per_token=per_token, learning_rate=1e-12, epochs=1)
    model = words(per_token)
    told = drive(state_of(model, a_job), a_job)
    batch = to_tensors(a_job.train, range(10), 0)
    labels = batch.pop("labels")
    with torch.no_grad():
        logits = model(**batch).logits
    expected = functional.cross_entropy(logits.reshape(-1, CLASSES), labels.reshape(-1), ignore_index=IGNORED)
    assert next(e for e in told if isinstance(e, EpochEnded)).train_loss == pytest.approx(expected.item(), abs=1e-6)


def test_evaluation_comes_at_multiples_of_n_steps_and_at_the_end() -> None:
    a_job = job(n=22, epochs=3, evaluate_every=4)
    told = drive(state_of(words(), a_job), a_job)
    assert [e.step for e in told if isinstance(e, Evaluated)] == [0, 4, 8, 12, 16, 18]


def test_evaluation_comes_after_every_epoch_otherwise() -> None:
    a_job = job(n=22, epochs=3)
    told = drive(state_of(words(), a_job), a_job)
    assert [(e.step, e.epoch) for e in told if isinstance(e, Evaluated)] == [(0, 0.0), (6, 1.0), (12, 2.0), (18, 3.0)]


def test_the_best_evaluation_is_the_lowest_so_far_and_never_the_one_before_training() -> None:
    a_job = job(n=24, n_validation=24, wrong=True, epochs=10, learning_rate=0.05)
    told = drive(state_of(words(), a_job), a_job)
    lowest = math.inf
    for e in (e for e in told if isinstance(e, Evaluated)):
        assert e.is_best == (e.step > 0 and e.val_loss < lowest)
        lowest = min(lowest, e.val_loss) if e.step else lowest
    best = [e for e in told if isinstance(e, Evaluated) and e.is_best][-1]
    assert (told[-1].best_step, told[-1].metrics) == (best.step, best.metrics)  # type: ignore[union-attr]


def test_the_learning_rate_told_is_the_schedule_between_two_steps() -> None:
    a_job = job(n=22, epochs=2, warmup_ratio=0.25, evaluate_every=1)
    found = []
    state = state_of(words(), a_job)
    drive(state, a_job, lambda tick: found.append((state.step, state.optimizer.param_groups[0]["lr"])))
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    factor = get_linear_schedule_with_warmup(optimizer, 3, 12).lr_lambdas[0]
    expected = {step: 0.01 * (factor(step - 1) + factor(step)) / 2 for step in range(1, 13)}
    assert {s: r for s, r in found if s} == pytest.approx(expected)


def test_losses_are_read_from_the_device_at_a_cadence_not_every_step() -> None:
    a_job = job(n=200, batch_size=1, epochs=1)
    told = drive(state_of(words(), a_job), a_job)
    assert len(losses(told)) == 200
    assert len([e for e in told if isinstance(e, StepsEnded)]) < 60


def test_label_smoothing_is_in_the_training_loss_and_not_in_the_validation_loss() -> None:
    first = {}
    for smoothing in (0.0, 0.3):
        a_job = job(n=4, epochs=1, label_smoothing=smoothing)
        model = words()
        told = drive(state_of(model, a_job), a_job)
        first[smoothing] = (losses(told)[0], next(e.val_loss for e in told if isinstance(e, Evaluated)))
    model = words()
    batch = to_tensors(a_job.train, range(4), 0)
    labels = batch.pop("labels")
    logs = model(**batch).logits.log_softmax(-1)
    hard, spread = functional.nll_loss(logs, labels), -logs.mean()
    assert first[0.3][0] == pytest.approx((0.7 * hard + 0.3 * spread).item(), abs=1e-6)
    assert first[0.3][1] == first[0.0][1]


def test_clipping_shortens_a_gradient_to_its_limit() -> None:
    moved = {}
    for clip in (None, 1e-3):
        settings = {"optimizer": "sgd", "learning_rate": 0.5, "weight_decay": 0.0, "warmup_ratio": 0.0}
        a_job = job(n=4, clip=clip, schedule="constant", **settings)
        model = words()
        before = [p.detach().clone() for p in model.parameters()]
        state = state_of(model, a_job)
        drive(state, a_job, lambda tick, state=state: Stop() if state.step == 1 else None)
        after = [p.detach() for p in model.parameters()]
        moved[clip] = math.sqrt(sum(float(((a - b) ** 2).sum()) for a, b in zip(before, after, strict=True)))
    assert moved[1e-3] == pytest.approx(0.5 * 1e-3, rel=1e-2)
    assert moved[None] > 10 * moved[1e-3]


@BOTH
def test_bf16_computes_on_the_cpu_and_keeps_weights_in_fp32(per_token: bool) -> None:
    a_job = job(per_token=per_token, precision="bf16")
    model = words(per_token)
    found = losses(drive(state_of(model, a_job), a_job))
    assert all(map(math.isfinite, found))
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    fp32 = job(per_token=per_token)
    assert found == pytest.approx(losses(drive(state_of(words(per_token), fp32), fp32)), abs=0.05)


@pytest.mark.parametrize("n", [1, 3, 4, 5])
def test_an_epoch_of_few_rows_is_one_step_or_two(n: int) -> None:
    a_job = job(n=n, n_validation=1, epochs=2)
    assert drive(state_of(words(), a_job), a_job)[-1].step == 2 * -(-n // 4)  # type: ignore[union-attr]


def test_a_batch_without_one_labelled_token_is_a_step_with_no_loss() -> None:
    a_job = job(n=3, per_token=True, batch_size=1)
    assert a_job.train.labels is not None
    a_job.train.labels[1][:] = IGNORED
    found = losses(drive(state_of(words(True), a_job), a_job))
    assert sum(loss == 0.0 for loss in found) == 3
    assert all(map(math.isfinite, found))


def test_the_loop_can_be_read_on_one_page_or_two() -> None:
    assert len(inspect.getsource(loop_module).splitlines()) <= 150


def test_between_two_ticks_lies_one_step_at_most() -> None:
    a_job = job()
    state = state_of(words(), a_job)
    seen: list[int] = []
    drive(state, a_job, lambda tick: seen.append(state.step))
    assert max(b - a for a, b in itertools.pairwise(seen)) == 1


def test_the_time_told_never_runs_backwards() -> None:
    a_job = job()
    started = time.monotonic()
    told = drive(state_of(words(), a_job), a_job)
    seconds = [e.elapsed_seconds for e in told if isinstance(e, StepsEnded | Evaluated | RunEnded)]
    assert seconds == sorted(seconds)
    assert 0 < seconds[-1] <= time.monotonic() - started
