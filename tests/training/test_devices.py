from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import torch

from ftkit.training import devices
from ftkit.training.devices import Turns, autocast, has_fast_bf16, training_device

CPU = torch.device("cpu")


def test_a_busy_thread_does_not_keep_others_from_their_turn() -> None:
    turns, order, over = Turns(), [], threading.Event()

    def busy() -> None:
        while not over.is_set():
            with turns:
                order.append("busy")
                time.sleep(0.002)

    thread = threading.Thread(target=busy)
    thread.start()
    for _ in range(20):
        with turns:
            order.append("other")
    over.set()
    thread.join()
    between = "".join(name[0] for name in order).split("o")[1:-1]
    assert max(map(len, between)) <= 2


def test_one_thread_at_a_time_has_the_turn() -> None:
    turns, inside, most = Turns(), [], []

    def work() -> None:
        for _ in range(50):
            with turns:
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1
    assert len(most) == 200


def test_an_error_inside_gives_the_turn_back() -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns:
        raise ZeroDivisionError
    with turns:
        pass


def test_who_gives_up_waiting_leaves_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    turns, started, over = Turns(), threading.Event(), threading.Event()

    def hold() -> None:
        with turns:
            started.set()
            over.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    started.wait(10)
    real = threading.Lock

    class Impatient:
        """A lock whose second acquisition, the wait, is ended by Ctrl-C."""

        def __init__(self) -> None:
            self.lock, self.calls = real(), 0

        def acquire(self) -> bool:
            self.calls += 1
            if self.calls > 1:
                raise KeyboardInterrupt
            return self.lock.acquire()

        def release(self) -> None:
            self.lock.release()

    with monkeypatch.context() as patched:
        patched.setattr(devices.threading, "Lock", Impatient)
        with pytest.raises(KeyboardInterrupt), turns:
            pass
    over.set()
    thread.join()
    with turns:
        assert len(turns._queue) == 1


def test_training_happens_on_the_device_that_accelerate_finds() -> None:
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        pytest.skip("this machine has an accelerator: the claim is about CPUs")
    assert training_device() == CPU


def test_autocast_is_of_the_precision_asked_for() -> None:
    found: dict[str, Any] = {}
    for precision in ("fp32", "bf16"):
        with autocast(CPU, precision):
            found[precision] = (torch.ones(2, 2) @ torch.ones(2, 2)).dtype
    assert found == {"fp32": torch.float32, "bf16": torch.bfloat16}


def test_whether_bf16_is_fast_is_a_plain_answer() -> None:
    assert has_fast_bf16(CPU) in (True, False)
    assert has_fast_bf16(torch.device("mps")) is False


def test_two_runs_that_begin_together_make_one_accelerator(monkeypatch: pytest.MonkeyPatch) -> None:
    import accelerate

    made: list[object] = []

    class Slow:
        def __init__(self, **_: object) -> None:
            made.append(self)
            time.sleep(0.05)

    monkeypatch.setattr(accelerate, "Accelerator", Slow)
    monkeypatch.setattr(devices, "_found", [])
    threads = [threading.Thread(target=devices.accelerator) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
