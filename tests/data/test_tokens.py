"""Examples that went through the disk are the examples that went in, also where the disk gives up half-way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ftkit.data import cache
from ftkit.data.ragged import Ragged
from ftkit.data.tokenise import Encoded
from ftkit.data.tokens import Growing, find_tokens


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FTKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FTKIT_CACHE_GB", "1")
    return tmp_path / "cache"


def classes(seed: int) -> Encoded:
    ids = Ragged.from_list([[seed, 2, 3], [], [9]], np.uint16)
    return Encoded(ids, np.array([0, 1, seed], np.int64), 1)


def several_labels(seed: int) -> Encoded:
    ids = Ragged.from_list([[seed], [2]], np.uint16)
    return Encoded(ids, list(np.array([[0, 1], [seed, 0]], np.float32)), 0)


def tags(seed: int) -> Encoded:
    ids = Ragged.from_list([[seed, 2], [3]], np.uint16)
    return Encoded(ids, Ragged.from_list([[-100, 1], [0]], np.int16), 0, Ragged.from_list([[-1, 0], [0]], np.int32))


def lines(seed: int) -> Encoded:
    ids = Ragged.from_list([[seed, 2], [3]], np.int32)
    return Encoded(ids, ids, 0, n_characters=7 + seed)


def pairs(seed: int) -> Encoded:
    ids = Ragged.from_list([[seed, 2, 3], [4, 5]], np.uint16)
    return Encoded(
        ids,
        Ragged.from_list([[-100, 2, 3], [-100, 5]], np.int16),
        1,
        targets=["答案", f"a {seed}"],
        sources=["question", ""],
        prompts=ids.beginnings([1, 1]),
        lost=np.array([0, seed]),
        decoder_start=0,
    )


KINDS = {"classes": classes, "several labels": several_labels, "tags": tags, "lines": lines, "pairs": pairs}


def plain(encoded: Encoded) -> dict[str, Any]:
    """What is in it, as lists."""

    def of(value: Any) -> Any:
        if value is None or isinstance(value, int | str):
            return value
        if isinstance(value, np.ndarray | np.generic):
            return value.tolist()
        return [of(row) for row in value]

    return {name: of(value) for name, value in vars(encoded).items()}


def grown(parts: list[Encoded], folder: Path | None, key: str = "k") -> tuple[Encoded, Growing]:
    growing = Growing(folder)
    for part in parts:
        growing.add(part)
    return growing.finish(key, "rows"), growing


@pytest.mark.parametrize("kind", KINDS)
def test_what_comes_from_the_disk_is_what_comes_from_memory(kind: str) -> None:
    parts = [KINDS[kind](1), KINDS[kind](5), KINDS[kind](7)]
    expected = plain(Encoded.joined(parts))
    found, growing = grown(parts, cache.begin("tokens"))
    assert not growing.failed
    assert plain(found) == expected == plain(grown(parts, None)[0])
    again = find_tokens("k")
    assert again is not None
    assert plain(again) == expected
    assert again.input_ids.dtype == parts[0].input_ids.dtype  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("after", range(4))
def test_a_disk_that_fills_up_loses_no_example(kind: str, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [KINDS[kind](1), KINDS[kind](5), KINDS[kind](7)]
    growing = Growing(cache.begin("tokens"))
    for number, part in enumerate(parts):
        if number == after:
            monkeypatch.setattr("ftkit.data.tokens.np.ascontiguousarray", full)
        growing.add(part)
    if after == 3:
        monkeypatch.setattr(Path, "write_text", full)
    assert plain(growing.finish("k", "rows")) == plain(Encoded.joined(parts))
    assert growing.failed
    assert find_tokens("k") is None


def full(*_: Any, **__: Any) -> Any:
    raise OSError(28, "No space left on device")


def test_rows_that_files_cannot_hold_stay_in_memory() -> None:
    part = Encoded(Ragged.from_list([[1]], np.uint16), None, 0, targets=[("B-PER", "O")])
    found, growing = grown([part, part], cache.begin("tokens"))
    assert list(found.targets or ()) == [("B-PER", "O")] * 2
    assert not growing.failed
    assert cache.entries() == []


def test_an_entry_with_a_file_too_short_is_not_used(root: Path) -> None:
    grown([classes(1)], cache.begin("tokens"))
    (root / "tokens" / "k" / "input_ids.flat").write_bytes(b"")
    assert find_tokens("k") is None
    assert plain(grown([classes(2)], cache.begin("tokens"))[0]) == plain(classes(2))


def test_what_was_given_up_leaves_nothing(root: Path) -> None:
    growing = Growing(cache.begin("tokens"))
    growing.add(classes(1))
    growing.give_up()
    assert list((root / "tokens").iterdir()) == []


def test_examples_of_the_disk_are_not_loaded() -> None:
    found, _ = grown([classes(1)], cache.begin("tokens"))
    assert isinstance(found.input_ids, Ragged)
    assert not found.input_ids.flat.flags.writeable  # a map for reading: what is loaded may be written
