from __future__ import annotations

from pathlib import Path

import pytest

from ftkit.runs import disk


class Held:
    """An action that another program blocks for some calls."""

    def __init__(self, error: OSError, times: int) -> None:
        self.error, self.left, self.calls = error, times, 0

    def __call__(self) -> str:
        self.calls += 1
        if self.left:
            self.left -= 1
            raise self.error
        return "done"


def windows(code: int) -> OSError:
    error = PermissionError(13, "held") if code in (5, 32) else OSError(22, "held")
    error.winerror = code  # type: ignore[attr-defined]
    return error


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Time that passes only by sleeping."""
    now = [0.0]
    monkeypatch.setattr(disk.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(disk.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


@pytest.mark.parametrize("code", [5, 32, 1224])
def test_a_held_file_is_tried_again(code: int, clock: list[float]) -> None:
    action = Held(windows(code), times=20)
    assert disk.retried(action) == "done"
    assert action.calls == 21


@pytest.mark.parametrize("code", [5, 32, 1224])
def test_a_file_held_for_more_than_five_seconds_is_an_error(code: int, clock: list[float]) -> None:
    with pytest.raises(OSError, match="held"):
        disk.retried(Held(windows(code), times=10**9))
    assert 5.0 <= clock[0] < 5.2


def test_any_other_error_is_raised_at_once(clock: list[float]) -> None:
    action = Held(FileNotFoundError(2, "gone"), times=9)
    with pytest.raises(FileNotFoundError):
        disk.retried(action)
    assert action.calls == 1


def test_replace_and_remove_go_through_the_retry(
    tmp_path: Path, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"new")
    target.write_bytes(b"old")
    real, failures = Path.replace, [windows(5), windows(32), windows(1224)]

    def replace(self: Path, other: Path) -> Path:
        if failures:
            raise failures.pop()
        return real(self, other)

    monkeypatch.setattr(Path, "replace", replace)
    disk.replace(source, target)
    assert target.read_bytes() == b"new"

    folder, real_remove, held = tmp_path / "folder", disk.shutil.rmtree, [windows(32)]
    folder.mkdir()
    monkeypatch.setattr(
        disk.shutil, "rmtree", lambda path: (_ for _ in ()).throw(held.pop()) if held else real_remove(path)
    )
    disk.remove_tree(folder)
    assert not folder.exists()


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "spec.json"
    disk.write_json(path, {"epochs": 1})
    monkeypatch.setattr(disk.os, "fsync", lambda fd: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        disk.write_json(path, {"epochs": 2})
    assert path.read_text(encoding="utf-8") == '{\n "epochs": 1\n}'
    assert list(tmp_path.iterdir()) == [path]
