from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ftkit.errors import RunError, RunNotFoundError
from ftkit.runs import store
from ftkit.runs.spec import RunSpec
from ftkit.runs.store import RunFolder, find_folder, list_folders, runs_root
from ftkit.training.events import EpochEnded, Pause, Progress, Stop, Unpause, Warned
from tests.runs.data import labelled

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
    with pytest.raises(RunNotFoundError, match="in another folder"):
        find_folder("r01")


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


def test_processes_at_once_get_different_ids(repository: Path) -> None:
    code = """
from ftkit.runs.spec import RunSpec
from ftkit.runs.store import RunFolder
spec = RunSpec(data="d.tsv", fingerprint="0" * 16, load_options={}, task="classification")
print(*[RunFolder.claim(spec).id for _ in range(8)])
"""
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, encoding="utf-8", cwd=repository)
        for _ in range(3)
    ]
    ids = [run_id for process in started for run_id in process.communicate(timeout=120)[0].split()]
    assert len(ids) == len(set(ids)) == 24


def test_an_id_is_a_file_name_that_every_system_takes() -> None:
    ids = [RunFolder.claim(SPEC).id for _ in range(3)]
    assert all(re.fullmatch(r"[a-z0-9]{2,12}", run_id) for run_id in ids)
    assert not {run_id.upper() for run_id in ids} & {"CON", "PRN", "AUX", "NUL", "COM1", "LPT1"}


def test_runs_are_listed_in_the_order_of_their_numbers() -> None:
    first = RunFolder.claim(SPEC)
    for number in (9, 100, 99):
        shutil.copytree(first.path, first.path.with_name(f"r{number:02d}"))
    (runs_root() / "r50").mkdir()  # claimed this very moment, or left behind: no spec yet
    (runs_root() / "notes").mkdir()
    assert [folder.id for folder in list_folders(runs_root())] == ["r01", "r09", "r99", "r100"]
    assert RunFolder.claim(SPEC).id == "r101"


def test_the_root_is_beside_the_notebook_unless_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FTKIT_RUNS", "张三 的 实验/runs")
    assert runs_root() == tmp_path / "张三 的 实验" / "runs"
    assert RunFolder.claim(SPEC).path.parent == runs_root()
    monkeypatch.delenv("FTKIT_RUNS")
    assert runs_root() == tmp_path / "ftkit-runs"
    monkeypatch.setenv("FTKIT_RUNS", "")
    assert runs_root() == tmp_path / "ftkit-runs"


def test_a_home_that_cannot_be_written_keeps_nobody_from_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "file"))
    assert RunFolder.claim(SPEC).id == "r01"
    assert "could not be registered" in caplog.text


def test_a_damaged_registration_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    RunFolder.claim(SPEC)
    entry = next(store._register().glob("*.json"))
    (entry.with_name("0.json")).write_text("{", encoding="utf-8")
    assert store.known_roots() == [runs_root()]
    assert "0.json" in caplog.text


def test_a_damaged_line_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    folder = RunFolder.claim(SPEC)
    (folder.path / "events.jsonl").write_text('{"type": "Nothing"}\n', encoding="utf-8")
    assert folder.read_events()[0] == []
    assert "damaged line" in caplog.text


def test_a_line_cut_inside_a_character_is_read_when_it_is_whole() -> None:
    folder = RunFolder.claim(SPEC)
    folder.append(Warned("kind", "损失"))
    folder.close()
    file = folder.path / "events.jsonl"
    whole = file.read_bytes()
    cut = whole.index("失".encode()) + 1
    file.write_bytes(whole[:cut])
    assert folder.read_events() == ([], 0)
    file.write_bytes(whole)
    assert folder.read_events()[0] == [Warned("kind", "损失")]


def test_a_reader_sees_an_event_as_soon_as_it_is_written() -> None:
    folder = RunFolder.claim(SPEC)
    folder.append(EpochEnded(1, 1, 1.0))
    assert len(RunFolder(folder.path).read_events()[0]) == 1
    folder.close()


def test_a_command_file_that_is_held_is_taken_once_it_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RunFolder.claim(SPEC)
    folder.put_command(Stop())
    real, held = Path.unlink, [PermissionError(13, "held")] * 2

    def unlink(self: Path, missing_ok: bool = False) -> None:
        if held:
            raise held.pop()
        real(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    assert folder.take_commands() == [Stop()]
    assert folder.take_commands() == []


def test_commands_of_several_senders_arrive_once_each() -> None:
    folder = RunFolder.claim(SPEC)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: folder.put_command(Pause()), range(16)))
        taken = folder.take_commands()
    assert len(taken) == 16


def test_a_run_of_another_host_is_alive_by_its_heartbeat_alone() -> None:
    folder = RunFolder.claim(SPEC)
    beat = {"host": "another", "process": 1, "time": time.time() - 3}
    (folder.path / "heartbeat.json").write_text(json.dumps(beat), encoding="utf-8")
    assert folder.alive()


def test_a_run_without_a_heartbeat_is_not_alive() -> None:
    folder = RunFolder.claim(SPEC)
    (folder.path / "heartbeat.json").unlink()
    assert not folder.alive()


@pytest.mark.parametrize("name", ["", "r99", "no such", "../elsewhere", "~nobody-here/r01", "张三"])
def test_any_name_that_is_no_run_is_not_found(name: str) -> None:
    RunFolder.claim(SPEC)
    with pytest.raises(RunNotFoundError, match="r01"):
        find_folder(name)


@pytest.mark.parametrize("content", ["{", "[]", "null", '{"task": "poetry"}', "{}"])
def test_a_damaged_spec_names_its_file(content: str) -> None:
    folder = RunFolder.claim(SPEC)
    (folder.path / "spec.json").write_text(content, encoding="utf-8")
    with pytest.raises(RunError, match=r"spec\.json.*damaged"):
        folder.spec()


def test_rows_in_memory_are_written_once() -> None:
    data = labelled(10)
    first = Path(store.keep_rows(data))
    written = first.stat().st_mtime_ns
    assert store.keep_rows(labelled(10)) == str(first)
    assert first.stat().st_mtime_ns == written
    assert [file.name for file in first.parent.iterdir()] == [f"{data.fingerprint}.arrow"]


def test_a_half_written_checkpoint_is_none() -> None:
    folder = RunFolder.claim(SPEC)
    (folder.path / "checkpoints" / ".step-00000005.part").mkdir()
    assert folder.checkpoints() == []
    folder.save_weights(5, b"weights", {"step": 5})
    assert [path.name for path in folder.checkpoints()] == ["step-00000005"]
    folder.save_weights(5, b"others", {"step": 5})
    assert (folder.checkpoints()[0] / "model.safetensors").read_bytes() == b"others"
