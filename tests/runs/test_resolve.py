from __future__ import annotations

import pytest

from ftkit.runs.resolve import packed_length, resolve
from ftkit.runs.spec import RunSpec

COUNTS = {"n_rows": 500, "n_train": 450, "n_validation": 50, "longest": 60, "limit": 512, "fast_bf16": False}


def rate(
    *, from_scratch: bool, writes: bool, width: int = 128, method: str = "full", optimizer: str = "adamw"
) -> float:
    spec = RunSpec("a.tsv", "0", {}, "chat" if writes else "classification", method=method, optimizer=optimizer)
    plan, reasons = resolve(spec, **COUNTS, from_scratch=from_scratch, writes=writes, width=width)
    assert f"{plan.learning_rate:g}" in reasons["learning_rate"]
    return plan.learning_rate


@pytest.mark.parametrize(("n_tokens", "length"), [(10_000, 64), (128_000, 128), (300_000, 256), (10**6, 512)])
def test_packed_rows_are_as_long_as_a_thousand_of_them_allow(n_tokens: int, length: int) -> None:
    assert packed_length("auto", n_tokens, 512) == length
    assert packed_length(100, n_tokens, 512) == 100
    assert packed_length("auto", n_tokens, 48) == 48


def test_a_packed_row_s_length_is_said_with_its_lines() -> None:
    spec = RunSpec("a.txt", "0", {}, "language_modelling")
    plan, reasons = resolve(spec, **COUNTS, from_scratch=True, writes=True, block=64)
    assert plan.max_length == 64
    assert reasons["max_length"].startswith("500 lines")


def test_a_new_writer_learns_faster_than_a_new_classifier() -> None:
    assert rate(from_scratch=True, writes=True) > rate(from_scratch=True, writes=False)


def test_few_weights_get_a_higher_rate_than_all() -> None:
    full = rate(from_scratch=False, writes=True, width=896)
    assert rate(from_scratch=False, writes=True, width=896, method="lora") > full
    assert rate(from_scratch=False, writes=False, method="head") > rate(from_scratch=False, writes=False)


def test_a_small_pretrained_writer_takes_higher_rates_than_a_large_one() -> None:
    for method in ("full", "lora", "head"):
        small, large = (rate(from_scratch=False, writes=True, width=width, method=method) for width in (128, 896))
        assert small > large
