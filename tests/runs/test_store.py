from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ftkit.errors import RunNotFoundError
from ftkit.runs import store
from ftkit.runs.spec import RunSpec
from ftkit.runs.store import RunFolder, find_folder, list_folders, runs_root
from ftkit.training.events import EpochEnded, Pause, Progress, Stop, Unpause

SPEC = RunSpec(data="数据.tsv", fingerprint="0" * 16, load_options={}, task="classification")


def test_callers_at_once_get_different_ids() -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = [folder.id for folder in pool.map(lambda _: RunFolder.claim(SPEC), range(24))]
    assert len(set(ids)) == 24
    assert [folder.id for folder in list_folders(runs_root())] == [f"r{n:02d}" for n in range(1, 25)]


def test_a_root_is_ignored_by_git_and_registered() -> None:
    RunFolder.claim(SPEC)
    assert (runs_root() / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert runs_root() in store.known_roots()


def test_events_are_read_back_and_the_rest_later() -> None:
    folder = RunFolder.claim(SPEC)
    folder.append(EpochEnded(1, 10, 0.5))
    folder.append(Progress("evaluate", 1, 2))
    events, offset = folder.read_events()
    assert events == [EpochEnded(1, 10, 0.5)]
    folder.append(EpochEnded(2, 20, float("nan")))
    events, _ = folder.read_events(offset)
    assert [event.epoch for event in events if isinstance(event, EpochEnded)] == [2]
    folder.close()


def test_a_line_half_written_waits_and_a_damaged_one_is_left_out() -> None:
    folder = RunFolder.claim(SPEC)
    folder.append(EpochEnded(1, 10, 0.5))
    folder.close()
    file = folder.path / "events.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole + b'\xff\x00{"type": "Epo\n' + b'["a list"]\n' + whole + b'{"type": "EpochEnd')
    events, offset = folder.read_events()
    assert events == [EpochEnded(1, 10, 0.5)] * 2
    with file.open("ab") as stream:
        stream.write(b'ed", "epoch": 2, "step": 20, "train_loss": 0.25}\n')
    assert folder.read_events(offset)[0] == [EpochEnded(2, 20, 0.25)]


def test_commands_are_taken_once_and_in_order() -> None:
    folder = RunFolder.claim(SPEC)
    for command in (Pause(), Unpause(), Stop()):
        folder.put_command(command)
    (folder.path / "commands" / "99.json").write_text("half", encoding="utf-8")
    assert folder.take_commands() == [Pause(), Unpause(), Stop()]
    assert folder.take_commands() == []


def test_a_run_is_alive_for_thirty_seconds_after_its_heartbeat() -> None:
    folder = RunFolder.claim(SPEC)
    assert folder.alive()
    beat = folder.path / "heartbeat.json"
    for age, alive in ((29, True), (31, False)):
        beat.write_text(json.dumps({"time": time.time() - age}), encoding="utf-8")
        assert folder.alive() is alive
    beat.write_text("{", encoding="utf-8")
    assert not folder.alive()


def test_a_run_is_found_by_id_and_by_path_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RunFolder.claim(SPEC)
    assert find_folder(folder.id).path == folder.path
    monkeypatch.setenv("FTKIT_RUNS", str(tmp_path / "elsewhere"))
    assert find_folder(folder.path).id == folder.id
    assert find_folder("r01").path == folder.path


def test_an_unknown_run_names_those_that_there_are() -> None:
    RunFolder.claim(SPEC)
    with pytest.raises(RunNotFoundError, match=r"r7: .*Runs there: r01"):
        find_folder("r7")


def test_a_newer_checkpoint_takes_the_place_of_the_older() -> None:
    folder = RunFolder.claim(SPEC)
    for step in (5, 10):
        name = folder.save_weights(step, b"weights", {"step": step})
    assert [path.name for path in folder.checkpoints()] == [name] == ["step-00000010"]
    assert (folder.checkpoints()[0] / "model.safetensors").read_bytes() == b"weights"
