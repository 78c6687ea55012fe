"""What is kept of large files and archives, and when it is not used again."""

from __future__ import annotations

import gzip
import os
import time
from pathlib import Path

import pytest

from ftkit import i18n
from ftkit.data import cache
from ftkit.data.dataset import Dataset
from ftkit.data.load import check, load
from ftkit.data.unpack import plain_file


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that counts as a large one, and did not change a moment ago."""
    monkeypatch.setattr("ftkit.data.spill.IN_MEMORY", 10)
    monkeypatch.setattr("ftkit.data.kept.IN_MEMORY", 10)
    path = tmp_path / "a.tsv"
    written(path, "".join(f"{i % 3}\ttext {i}\n" for i in range(99)))
    return path


def written(path: Path, content: str | bytes, ago: float = 60) -> None:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (time.time() - ago,) * 2)


def rows_of(data: Dataset) -> list[object]:
    return [(row.text, row.target, row.source) for row in data]


def n_kept() -> int:
    return len(cache.entries("rows"))


def test_the_second_load_reads_what_the_first_one_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load(file)
    monkeypatch.setattr("ftkit.data.load.examine", None)  # not called again
    second = load(file)
    assert rows_of(second) == rows_of(first)
    assert second.fingerprint == first.fingerprint
    assert n_kept() == 1


def test_a_changed_file_is_read_anew(file: Path) -> None:
    load(file)
    written(file, "".join(f"{i % 3}\tother {i}\n" for i in range(99)), ago=30)
    assert load(file)[0].text == "other 0"


def test_a_file_that_changed_a_moment_ago_is_not_kept(file: Path) -> None:
    os.utime(file)
    load(file)
    assert n_kept() == 0


@pytest.mark.parametrize("name", ["rows.arrow", "report.json", "dropped.npy"])
def test_a_damaged_entry_is_read_anew_and_replaced(file: Path, name: str) -> None:
    first = rows_of(load(file))
    [entry] = cache.entries("rows")
    (entry.path / name).write_bytes(b"damage")
    assert rows_of(load(file)) == first
    [entry] = cache.entries("rows")
    assert (entry.path / name).read_bytes() != b"damage"


def test_another_list_of_names_gives_other_labels(file: Path) -> None:
    assert set(load(file).labels) == {"0", "1", "2"}
    (file.parent / "labels.txt").write_text("bad\nmiddling\ngood\n", encoding="utf-8")
    assert set(load(file).labels) == {"bad", "middling", "good"}


def test_messages_are_in_the_language_in_use_and_name_the_file_as_it_was_named(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(file, "".join(f"{i % 3}\ttext {i}\n" for i in range(99)) + "no tab\n")
    assert "There is no tab" in check(file).errors[0].message
    i18n.language("zh")
    assert "制表符" in check(file).errors[0].message
    monkeypatch.chdir(file.parent)
    assert check("a.tsv").path == "a.tsv"
    assert check(file).path == str(file)


def test_a_cache_that_is_off_is_not_used(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(file)
    monkeypatch.setenv("FTKIT_CACHE_GB", "0")
    assert cache.find("rows", cache.entries("rows")[0].key) is None
    assert len(load(file)) == 99


@pytest.mark.parametrize("place", ["a file", "nowhere"])
def test_without_a_place_for_the_cache_all_goes_on(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv("FTKIT_CACHE", str(tmp_path / "a file" / "inside" if place == "nowhere" else tmp_path / place))
    assert len(load(file)) == 99
    packed = tmp_path / "b.tsv.gz"
    written(packed, gzip.compress(file.read_bytes()))
    assert len(load(packed)) == 99


def test_an_archive_is_unpacked_once_and_can_be_removed(file: Path) -> None:
    packed = file.with_name("b.tsv.gz")
    written(packed, gzip.compress(file.read_bytes()))
    first = plain_file(packed)
    assert plain_file(packed) == first
    assert first.name == "b.tsv"
    [entry] = cache.entries("unpacked")
    assert load(packed).report.path == str(packed)
    assert cache.remove([entry])[0] == 1
    assert plain_file(packed).read_bytes() == file.read_bytes()


def test_reading_that_is_cut_short_leaves_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ftkit.data.formats.labels.Labels.checked", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load(file)
    assert list((cache.cache_root() / "rows").iterdir()) == []
