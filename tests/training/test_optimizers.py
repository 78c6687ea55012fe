from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from ftkit.training.loop import train_step
from ftkit.training.optimizers import OPTIMIZERS, build_optimizer, step_if_finite
from tests.training.small import Words, drive, job, losses, state_of, words

NAMES = list(OPTIMIZERS)
SKIPPING = ["adamw", "adam", "sgd"]
YES, NO = torch.tensor(True), torch.tensor(False)


def fill(model: Words, value: float | None = None, seed: int = 0) -> None:
    generator = torch.Generator().manual_seed(seed)
    for p in model.parameters():
        p.grad = torch.randn(p.shape, generator=generator) if value is None else torch.full_like(p, value)


def snapshot(model: Words, optimizer: torch.optim.Optimizer) -> list[torch.Tensor]:
    state = [value for of in optimizer.state.values() for value in of.values() if isinstance(value, torch.Tensor)]
    return [t.detach().clone() for t in [*model.parameters(), *state]]


def moments(model: Words, optimizer: torch.optim.Optimizer) -> list[dict[str, Any]]:
    return [copy.deepcopy(dict(optimizer.state[p])) for p in model.parameters()]


@pytest.mark.parametrize("name", SKIPPING)
@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_non_finite_gradient_leaves_weights_and_moments_as_they_were(name: str, bad: float) -> None:
    model = words()
    optimizer = build_optimizer(name, model, 0.1, 0.01)
    fill(model)
    step_if_finite(optimizer, YES)
    before = snapshot(model, optimizer)
    fill(model, bad)
    step_if_finite(optimizer, NO)
    after = snapshot(model, optimizer)
    assert len(before) == len(after)
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize("name", SKIPPING)
def test_a_run_whose_first_gradient_is_not_finite_goes_on_as_if_it_began_with_the_second(name: str) -> None:
    skipped, plain = words(), words()
    optimizers = [build_optimizer(name, model, 0.1, 0.01) for model in (skipped, plain)]
    fill(skipped, float("nan"))
    step_if_finite(optimizers[0], NO)
    for seed in range(3):
        for model, optimizer in zip((skipped, plain), optimizers, strict=True):
            fill(model, seed=seed)
            step_if_finite(optimizer, YES)
    for a, b in zip(skipped.parameters(), plain.parameters(), strict=True):
        assert torch.allclose(a, b, rtol=1e-6, atol=1e-7)


def test_adafactor_takes_no_step_on_a_non_finite_gradient_but_its_decay_moves() -> None:
    model = words()
    optimizer = build_optimizer("adafactor", model, 0.1, 0.0)
    fill(model)
    step_if_finite(optimizer, YES)
    before = [p.detach().clone() for p in model.parameters()]
    fill(model, float("nan"))
    step_if_finite(optimizer, NO)
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    assert {int(optimizer.state[p]["step"]) for p in model.parameters()} == {2}


class Reads(TorchDispatchMode):
    """Counts how often a tensor's value is read on the host."""

    n = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.n += func in (torch.ops.aten._local_scalar_dense.default, torch.ops.aten.is_nonzero.default)
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("name", SKIPPING)
def test_a_training_step_never_reads_a_number_on_the_host(name: str) -> None:
    a_job = job(optimizer=name)
    state = state_of(words(), a_job)
    train_step(state, a_job, a_job.train, [torch.arange(4).numpy()])
    with Reads() as reads:
        train_step(state, a_job, a_job.train, [torch.arange(4).numpy(), torch.arange(4, 8).numpy()])
    assert reads.n == 0


def test_the_counter_of_these_tests_sees_a_read() -> None:
    with Reads() as reads:
        float(torch.ones(2).sum())
    assert reads.n == 1


@pytest.mark.parametrize("name", ["adamw", "sgd", "adam"])
def test_biases_and_norms_are_not_decayed(name: str) -> None:
    model = words()
    with torch.no_grad():
        for p in model.parameters():
            p.fill_(1.0)
    optimizer = build_optimizer(name, model, 0.1, 0.5)
    fill(model, 0.0)
    step_if_finite(optimizer, YES)
    shrunk = {key for key, p in model.named_parameters() if bool((p < 1.0).all())}
    kept = {key for key, p in model.named_parameters() if bool((p == 1.0).all())}
    assert shrunk == {"embedding.weight", "classifier.weight"}
    assert kept == {"norm.weight", "norm.bias", "classifier.bias"}


def test_frozen_weights_are_not_trained() -> None:
    model = words()
    model.embedding.weight.requires_grad = False
    trained = [p for group in build_optimizer("adamw", model, 0.1, 0.0).param_groups for p in group["params"]]
    assert not any(p is model.embedding.weight for p in trained)
    assert len(trained) == 4


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("per_token", [False, True], ids=["classification", "tagging"])
def test_each_optimizer_lowers_the_loss(name: str, per_token: bool) -> None:
    rate = {"sgd": 0.3, "adafactor": 0.2}.get(name, 0.03)
    a_job = job(n=40, per_token=per_token, optimizer=name, epochs=8, learning_rate=rate)
    found = losses(drive(state_of(words(per_token), a_job), a_job))
    assert sum(found[-5:]) < 0.7 * sum(found[:5])
