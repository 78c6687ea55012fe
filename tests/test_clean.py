"""`ftkit clean` shows what is kept and removes what it is told to, and never a run."""

from __future__ import annotations

import builtins
import os
import time
from pathlib import Path

import pytest

from ftkit import i18n
from ftkit.cli import clean as cleaning
from ftkit.cli.clean import clean, readable
from ftkit.data import cache


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FTKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FTKIT_CACHE_GB", "1")
    monkeypatch.setattr(cleaning, "run_folders", list)
    for room, key, size in (("rows", "r", 5_000), ("tokens", "t", 2_500_000), ("unpacked", "u", 10)):
        aside = cache.begin(room)
        assert aside is not None
        aside.write_bytes(b"x" * size)
        cache.publish(room, aside, key, f"{room}.tsv")
    return tmp_path / "cache"


def left() -> set[str]:
    return {entry.room for entry in cache.entries()}


def test_without_rooms_it_only_shows(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert clean() == 0
    shown = capsys.readouterr().out
    assert left() == {"rows", "tokens", "unpacked"}
    for part in (str(root), "1.0 GB", "2.5 MB in 1", "rows.tsv", "--all", "--older-than"):
        assert part in shown


def test_only_the_rooms_named_are_emptied(capsys: pytest.CaptureFixture[str]) -> None:
    assert clean(["rows", "tokens"], yes=True) == 0
    assert left() == {"unpacked"}
    assert "Removed 2, 2.5 MB are free again." in capsys.readouterr().out


def test_what_was_used_lately_stays(root: Path) -> None:
    old = time.time() - 40 * 86_400
    os.utime(root / "rows" / "r.json", (old, old))
    assert clean(cache.ROOMS, older_than=30, yes=True) == 0
    assert left() == {"tokens", "unpacked"}


@pytest.mark.parametrize(("answer", "removes"), [("y", True), ("yes", True), ("", False), ("n", False), (None, False)])
def test_it_asks_before_it_removes(answer: str | None, removes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def answered(question: str) -> str:
        assert "Remove 3" in question
        if answer is None:
            raise EOFError
        return answer

    monkeypatch.setattr(builtins, "input", answered)
    assert clean(cache.ROOMS) == (0 if removes else 1)
    assert left() == (set() if removes else {"rows", "tokens", "unpacked"})


def test_nothing_to_remove_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert clean(["rows"], older_than=1, yes=True) == 0
    assert "Nothing to remove." in capsys.readouterr().out


def test_what_is_in_use_stays_and_is_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cache, "remove", lambda chosen: (len(list(chosen)) - 1, 10))
    assert clean(cache.ROOMS, yes=True) == 0
    assert "1 are in use" in capsys.readouterr().out


def test_runs_are_shown_with_their_size_and_never_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "ftkit-runs" / "a-run"
    run.mkdir(parents=True)
    (run / "model").write_bytes(b"x" * 3_000_000)
    monkeypatch.setattr(cleaning, "run_folders", lambda: [run])
    assert clean(cache.ROOMS, yes=True) == 0
    shown = capsys.readouterr().out
    assert f"3.0 MB  {run}" in shown
    assert "delete its folder" in shown
    assert (run / "model").exists()


def test_it_speaks_chinese_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(i18n, "_chosen", "zh")
    assert clean(["tokens"], yes=True) == 0
    shown = capsys.readouterr().out
    assert "词元编号" in shown
    assert "已删除 1 项" in shown


def test_sizes_are_said_as_people_say_them() -> None:
    assert [readable(n) for n in (0, 1, 999_999, 1_000_000, 20_000_000_000)] == [
        *("0 kB", "1 kB", "1000 kB", "1.0 MB", "20.0 GB"),
    ]
