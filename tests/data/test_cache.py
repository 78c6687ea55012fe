"""What is kept is whole or not there; the least recently used goes first; no disk, full or read-only, is an error."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ftkit.data import cache


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FTKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FTKIT_CACHE_GB", "1")
    return tmp_path / "cache"


def keep(key: str, content: bytes = b"some", room: str = "tokens", about: str = "reviews.tsv") -> Path:
    aside = cache.begin(room)
    assert aside is not None
    aside.mkdir()
    (aside / "part").write_bytes(content)
    path = cache.publish(room, aside, key, about)
    assert path is not None
    return path


def test_what_was_published_is_found_with_all_that_is_known_of_it() -> None:
    before = time.time()
    path = keep("k1", b"12345", about="评论.tsv")
    assert cache.find("tokens", "k1") == path
    (entry,) = cache.entries()
    assert (entry.room, entry.key, entry.path, entry.about, entry.n_bytes) == ("tokens", "k1", path, "评论.tsv", 5)
    assert before - 2 <= entry.made <= time.time()
    assert cache.find("rows", "k1") is None


def test_a_file_is_kept_like_a_folder() -> None:
    aside = cache.begin("rows")
    assert aside is not None
    aside.write_bytes(b"rows")
    path = cache.publish("rows", aside, "k.arrow", "reviews.tsv")
    assert path is not None
    assert path.read_bytes() == b"rows"
    assert cache.entries("rows")[0].n_bytes == 4


def test_what_is_half_written_is_not_found_and_is_removed_once_nobody_can_be_at_it(root: Path) -> None:
    aside = cache.begin("tokens")
    assert aside is not None
    aside.mkdir()
    lone = root / "tokens" / "no-record"
    lone.write_bytes(b"x")
    assert cache.find("tokens", "no-record") is None
    assert cache.entries() == []
    cache.shrink()
    assert aside.exists()  # somebody may still write it
    for path in (aside, lone):
        os.utime(path, (time.time() - 90_000,) * 2)
    cache.shrink()
    assert not aside.exists()
    assert not lone.exists()


def test_a_record_without_its_thing_counts_for_nothing_and_goes_some_day(root: Path) -> None:
    shutil.rmtree(keep("gone"))
    assert cache.find("tokens", "gone") is None
    assert cache.entries() == []
    os.utime(root / "tokens" / "gone.json", (time.time() - 90_000,) * 2)
    cache.shrink()
    assert list((root / "tokens").iterdir()) == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"about": 1}', '{"about": "a", "bytes": "many", "made": 0}'])
def test_a_record_that_makes_no_sense_is_none(root: Path, content: str) -> None:
    keep("k")
    (root / "tokens" / "k.json").write_text(content, encoding="utf-8")
    assert cache.find("tokens", "k") is None
    assert cache.entries() == []
    assert keep("k").exists()  # and is written over


def test_who_comes_second_gets_the_firsts() -> None:
    first = keep("k", b"first")
    assert keep("k", b"second") == first
    assert (first / "part").read_bytes() == b"first"


def test_the_least_recently_used_goes_first(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    for age, key in enumerate(("c", "b", "a")):
        keep(key, b"x" * 100)
        os.utime(root / "tokens" / f"{key}.json", (1e9 - age, 1e9 - age))
    assert cache.find("tokens", "a") is not None  # used now
    monkeypatch.setenv("FTKIT_CACHE_GB", "0.00000025")
    cache.shrink()
    assert {entry.key for entry in cache.entries()} == {"a", "c"}


def test_what_was_just_written_stays_though_it_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    keep("old", b"x" * 100)
    monkeypatch.setenv("FTKIT_CACHE_GB", "0.00000009")
    keep("new", b"x" * 100)
    assert [entry.key for entry in cache.entries()] == ["new"]


def test_removing_says_how_many_and_how_much() -> None:
    keep("a", b"12")
    keep("b", b"345")
    assert cache.remove(cache.entries()) == (2, 5)
    assert cache.entries() == []


def test_what_another_process_has_open_on_windows_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    path = keep("k")

    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(self)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        assert cache.remove(cache.entries()) == (0, 0)
    assert cache.find("tokens", "k") == path


def test_a_disk_that_fills_up_keeps_nothing_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    aside = cache.begin("tokens")
    assert aside is not None
    aside.write_bytes(b"all")

    def full(self: Path, *_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        assert cache.publish("tokens", aside, "k", "x") is None
    assert aside.read_bytes() == b"all"
    assert cache.entries() == []


def test_a_root_that_is_no_folder_is_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FTKIT_CACHE", str(tmp_path / "file"))
    assert cache.begin("tokens") is None
    assert cache.find("tokens", "k") is None
    assert cache.entries() == []
    cache.shrink()


def test_a_size_of_nothing_turns_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTKIT_CACHE_GB", "0")
    assert cache.begin("tokens") is None


def test_what_is_larger_than_allowed_is_not_begun() -> None:
    assert cache.begin("tokens", n_bytes=2_000_000_000) is None
    assert cache.begin("tokens", n_bytes=1_000) is not None


def test_by_default_a_tenth_of_the_free_disk_is_used_and_20_gb_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FTKIT_CACHE_GB")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(0, 0, int(30e9)))
    assert cache.size_limit() == 3e9
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(0, 0, int(900e9)))
    assert cache.size_limit() == 20e9


@pytest.mark.parametrize("key", ["", "../k", "a/b", ".hidden", "a b", "键"])
def test_a_key_is_a_plain_name(key: str) -> None:
    with pytest.raises(ValueError):
        cache.find("tokens", key)


def test_without_a_name_the_systems_own_place_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    from platformdirs import user_cache_dir

    monkeypatch.delenv("FTKIT_CACHE")
    assert cache.cache_root() == Path(user_cache_dir("ftkit", appauthor=False))


WRITER = """
import sys
from ftkit.data import cache
for turn in range(30):
    aside = cache.begin("tokens")
    aside.mkdir()
    (aside / "part").write_bytes(b"x" * 1000)
    path = cache.publish("tokens", aside, f"k{turn}", "a")
    assert path is not None and (path / "part").stat().st_size == 1000, turn
"""


def test_two_processes_at_once_leave_every_entry_whole(root: Path) -> None:
    running = [subprocess.Popen([sys.executable, "-c", WRITER]) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    assert len(cache.entries()) == 30
    assert all((entry.path / "part").stat().st_size == 1000 for entry in cache.entries())
    names = {path.name for path in (root / "tokens").iterdir()}
    assert not {name for name in names if name.startswith(".")}
    records = [json.loads((root / "tokens" / name).read_text(encoding="utf-8")) for name in names if "json" in name]
    assert {record["bytes"] for record in records} == {1000}
