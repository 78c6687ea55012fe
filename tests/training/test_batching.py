from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ftkit.data.tokenise import IGNORED, Encoded
from ftkit.training.batching import epoch_order, evaluation_batches, narrow, step_seed, to_tensors, train_batches
from tests.training.small import rows

sizes = {"n": st.integers(1, 40), "size": st.integers(1, 9), "accumulate": st.integers(1, 4)}


def flat(steps: list[list[np.ndarray]]) -> list[int]:
    return [int(i) for step in steps for batch in step for i in batch]


@given(**sizes, seed=st.integers(0, 5), epoch=st.integers(0, 5))
def test_an_epoch_sees_every_example_once(n: int, size: int, accumulate: int, seed: int, epoch: int) -> None:
    steps = list(train_batches(n, size, accumulate, seed, epoch, 0))
    assert sorted(flat(steps)) == list(range(n))
    assert all(len(batch) <= size for step in steps for batch in step)
    assert all(len(step) <= accumulate for step in steps)
    assert len(steps) == -(-n // (size * accumulate))


@given(**sizes, done=st.integers(0, 50))
def test_going_on_from_a_position_gives_the_rest_of_the_epoch(n: int, size: int, accumulate: int, done: int) -> None:
    whole = list(train_batches(n, size, accumulate, 3, 2, 0))
    done = min(done, len(whole))
    seen = sum(len(batch) for step in whole[:done] for batch in step)
    rest = list(train_batches(n, size, accumulate, 3, 2, seen))
    assert [[b.tolist() for b in step] for step in rest] == [[b.tolist() for b in step] for step in whole[done:]]


def test_accumulated_batches_are_the_parts_of_the_large_one() -> None:
    large = [np.concatenate(step).tolist() for step in train_batches(30, 16, 1, 0, 0, 0)]
    parts = [np.concatenate(step).tolist() for step in train_batches(30, 4, 4, 0, 0, 0)]
    assert parts == large


def test_another_epoch_or_seed_has_another_order() -> None:
    orders = {tuple(epoch_order(seed, epoch, 50)) for seed in range(4) for epoch in range(4)}
    assert len(orders) == 16


def test_the_seeds_of_steps_do_not_meet() -> None:
    assert len({step_seed(seed, step) for seed in range(20) for step in range(500)}) == 10_000


def test_evaluation_sees_every_example_once_and_neighbours_in_length() -> None:
    data = rows(25)
    batches = evaluation_batches(data, 4)
    assert sorted(np.concatenate(batches).tolist()) == list(range(25))
    lengths = [len(data.input_ids[i]) for i in np.concatenate(batches)]
    assert lengths == sorted(lengths)


def test_a_short_row_is_filled_up_on_the_right() -> None:
    data = Encoded([np.array([7, 8, 9], np.int32), np.array([5], np.int32)], [np.asarray(1), np.asarray(0)], 0)
    tensors = to_tensors(data, [0, 1], pad_id=3)
    assert tensors["input_ids"].tolist() == [[7, 8, 9], [5, 3, 3]]
    assert tensors["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]
    assert tensors["labels"].tolist() == [1, 0]


def test_labels_of_filled_positions_are_ignored() -> None:
    data = Encoded([np.array([7, 8], np.int32), np.array([5], np.int32)], [np.array([1, 2]), np.array([0])], 0)
    assert to_tensors(data, [0, 1], pad_id=0)["labels"].tolist() == [[1, 2], [0, IGNORED]]


def test_rows_without_answers_make_no_labels() -> None:
    assert "labels" not in to_tensors(Encoded([np.array([1], np.int32)], None, 0), [0], pad_id=0)


@pytest.mark.parametrize("dtype", ["input_ids", "attention_mask", "labels"])
def test_tensors_are_whole_numbers_of_64_bits(dtype: str) -> None:
    assert str(to_tensors(rows(3), [0, 1, 2], 0)[dtype].dtype) == "torch.int64"


def test_narrow_parts_of_a_batch_hold_each_example_once_and_compute_less() -> None:
    lengths = [3, 200, 5, 180, 4, 7, 190, 6, 5, 4, 6, 3] * 3
    encoded = Encoded([np.zeros(n, dtype=np.int32) for n in lengths], None, 0)
    batch = np.random.default_rng(0).permutation(len(lengths))
    parts = narrow(encoded, batch, torch.device("cpu"))
    assert sorted(np.concatenate(parts)) == sorted(batch)
    padded = [len(part) * max(lengths[i] for i in part) for part in parts]
    assert len(parts) > 1
    assert sum(padded) < 0.5 * len(batch) * max(lengths)


def test_a_batch_of_equal_lengths_or_on_a_gpu_stays_whole() -> None:
    encoded = Encoded([np.zeros(20, dtype=np.int32)] * 8, None, 0)
    assert [len(part) for part in narrow(encoded, np.arange(8), torch.device("cpu"))] == [8]
    ragged = Encoded([np.zeros(n, dtype=np.int32) for n in (2, 2000)], None, 0)
    assert [len(part) for part in narrow(ragged, np.arange(2), torch.device("cuda"))] == [2]
