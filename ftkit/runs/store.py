"""The run folder: what is written while a run goes on, and read to show or use it. The only writer of run folders.

A root holds the runs of one place: ``FTKIT_RUNS``, else ``ftkit-runs/`` in the working folder. No database: a root can
lie on a shared disk, be copied, and be read by a person.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ftkit.errors import RunError, RunNotFoundError, did_you_mean
from ftkit.i18n import text
from ftkit.runs.disk import remove_tree, replace, retried, write_bytes, write_json
from ftkit.runs.spec import RunSpec
from ftkit.training.events import Command, Event, Progress, command_from_dict, event_from_dict, to_dict

if TYPE_CHECKING:
    from ftkit.data.dataset import Dataset

HEARTBEAT_SECONDS = 5.0
ALIVE_SECONDS = 30.0
_ID = re.compile(r"r(\d{2,})")
_log = logging.getLogger(__name__)


def runs_root() -> Path:
    """Returns the folder that new runs are kept in: ``FTKIT_RUNS``, else ``ftkit-runs`` in the working folder."""
    return Path(os.environ.get("FTKIT_RUNS") or "ftkit-runs").expanduser().absolute()


def known_roots() -> list[Path]:
    """Returns the root in use, then every other root that ever held a run on this machine and still exists."""
    roots = [runs_root()]
    for file in sorted(_register().glob("*.json")):
        try:
            roots.append(Path(json.loads(file.read_text(encoding="utf-8"))["path"]))
        except (OSError, ValueError, KeyError):
            _log.warning("%s is damaged and was skipped", file)
    return [root for root in dict.fromkeys(roots) if root.is_dir()]


def list_folders(root: Path) -> list[RunFolder]:
    """Returns the run folders of a root, oldest first."""
    if not root.is_dir():
        return []
    found = [(int(m[1]), p) for p in root.iterdir() if (m := _ID.fullmatch(p.name)) and (p / "spec.json").is_file()]
    return [RunFolder(path) for _, path in sorted(found)]


def find_folder(name: str | os.PathLike[str]) -> RunFolder:
    """Returns the run folder of an id in the root in use, or of a path.

    A run of another root must be named by its path: there is an ``r01`` in each.

    Raises:
        RunNotFoundError: If there is none; it names the runs that there are, and where else one has this id.
    """
    named = os.fspath(name)
    try:
        given = Path(named).expanduser().absolute()
    except RuntimeError:  # ~nobody
        given = Path(named).absolute()
    for path in (given, runs_root() / named):
        if (path / "spec.json").is_file():
            return RunFolder(path)
    elsewhere = [
        root / named for root in known_roots() if _ID.fullmatch(named) and (root / named / "spec.json").is_file()
    ]
    if elsewhere:
        raise RunNotFoundError(text("runs.elsewhere", name=named, root=runs_root(), path=str(elsewhere[-1])))
    there = [folder.id for folder in list_folders(runs_root())]
    shown = ", ".join(there[-5:]) or text("runs.none")
    raise RunNotFoundError(
        text("runs.not_found", name=named, root=runs_root(), runs=shown, close=did_you_mean(named, there) or "r01")
    )


def keep_rows(data: Dataset) -> str:
    """Writes rows that are not one whole file to the root, once, and returns the Arrow file's path."""
    folder = _prepared_root() / "data"
    folder.mkdir(exist_ok=True)
    file = folder / f"{data.fingerprint}.arrow"
    if not file.exists():
        aside = file.with_name(f".{file.name}.{uuid.uuid4().hex[:8]}.part")
        data.to_arrow(aside)
        replace(aside, file)
    return str(file)


class RunFolder:
    """One run's folder.

    ``spec.json`` what was asked for · ``events.jsonl`` what happened, one JSON object a line · ``commands/`` what it is
    told from elsewhere · ``heartbeat.json`` that it is alive · ``model/`` config and tokenizer · ``checkpoints/``
    weights · ``log.txt``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name
        self._events: TextIO | None = None

    @classmethod
    def claim(cls, spec: RunSpec) -> RunFolder:
        """Returns a new folder in the root, numbered after the newest there: mkdir lets one of two callers win."""
        root = _prepared_root()
        number = max((int(m[1]) for p in root.iterdir() if (m := _ID.fullmatch(p.name))), default=0) + 1
        while True:
            path = root / f"r{number:02d}"
            try:
                path.mkdir()
                break
            except FileExistsError:
                number += 1
        for name in ("commands", "checkpoints", "model"):
            (path / name).mkdir()
        folder = cls(path)
        write_json(path / "spec.json", spec.to_dict())
        folder.beat()
        return folder

    def spec(self) -> RunSpec:
        """Returns the run's spec.

        Raises:
            RunError: If the file is damaged.
        """
        try:
            return RunSpec.from_dict(json.loads((self.path / "spec.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise RunError(text("runs.damaged", file=self.path / "spec.json", error=error)) from error

    # what happened

    def append(self, event: Event) -> None:
        """Adds an event; it can be read by others at once. `Progress` is only for who watches live and isn't kept."""
        if isinstance(event, Progress):
            return
        if self._events is None:
            self._events = (self.path / "events.jsonl").open("a", encoding="utf-8", newline="\n")
        self._events.write(json.dumps(to_dict(event), ensure_ascii=False, allow_nan=False) + "\n")
        self._events.flush()

    def close(self) -> None:
        """Closes the file of events: nothing will be added."""
        if self._events is not None:
            self._events.close()
            self._events = None

    def read_events(self, offset: int = 0) -> tuple[list[Event], int]:
        """Returns the events from byte `offset` on, and the offset to go on from.

        A line that is still being written is left for the next call; a damaged one is left out and logged.
        """
        file = self.path / "events.jsonl"
        if not file.is_file():
            return [], offset
        with file.open("rb") as stream:
            stream.seek(offset)
            content = stream.read()
        whole = content.rfind(b"\n") + 1
        events = []
        for line in content[:whole].split(b"\n"):
            try:
                if line.strip():
                    events.append(event_from_dict(json.loads(line)))
            except (ValueError, TypeError, AttributeError) as error:
                _log.warning("%s: a damaged line was left out: %s", file, error)
        return events, offset + whole

    def log(self, line: str) -> None:
        """Adds a line to ``log.txt``, with the time."""
        with (self.path / "log.txt").open("a", encoding="utf-8", newline="\n") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {line}\n")

    # whether it lives

    def beat(self) -> None:
        """Says that the run's process is alive."""
        beat = {"host": socket.gethostname(), "process": os.getpid(), "time": time.time()}
        write_json(self.path / "heartbeat.json", beat)

    @contextmanager
    def kept_alive(self) -> Iterator[None]:
        """Says in a thread of its own that the run's process is alive, for as long as the context lasts."""
        over = threading.Event()

        def beats() -> None:
            while not over.wait(HEARTBEAT_SECONDS):
                try:
                    self.beat()
                except OSError as error:
                    _log.warning("%s: no sign of life could be written: %s", self.path, error)

        threading.Thread(target=beats, name=f"ftkit-{self.id}-heartbeat", daemon=True).start()
        try:
            yield
        finally:
            over.set()

    def alive(self) -> bool:
        """Returns whether the run's process gave a sign of life in the last 30 s."""
        try:
            beat = json.loads((self.path / "heartbeat.json").read_text(encoding="utf-8"))
            return bool(time.time() - float(beat["time"]) < ALIVE_SECONDS)
        except (OSError, ValueError, KeyError, TypeError):
            return False

    # what it is told

    def put_command(self, command: Command) -> None:
        """Leaves a command for the run's process, wherever that is."""
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}.json"
        write_json(self.path / "commands" / name, to_dict(command))

    def take_commands(self) -> list[Command]:
        """Returns the commands left since the last call, in order, and removes them."""
        commands: list[Command] = []
        for file in sorted((self.path / "commands").glob("[0-9]*.json")):
            try:
                content = retried(partial(file.read_text, encoding="utf-8"))
                commands.append(command_from_dict(json.loads(content)))
            except (OSError, ValueError) as error:
                self.log(f"{file.name}: not a command: {error}")
            retried(partial(file.unlink, missing_ok=True))
        return commands

    # weights

    @property
    def model(self) -> Path:
        """The folder with the model's config and its tokenizer."""
        return self.path / "model"

    def save_weights(self, step: int, weights: bytes, position: dict[str, Any]) -> str:
        """Writes a checkpoint whole or not at all, then removes older ones. Returns its name."""
        name = f"step-{step:08d}"
        folder, aside = self.path / "checkpoints" / name, self.path / "checkpoints" / f".{name}.part"
        remove_tree(aside)
        aside.mkdir()
        write_bytes(aside / "model.safetensors", weights)
        write_json(aside / "position.json", position)
        remove_tree(folder)
        replace(aside, folder)
        for other in self.checkpoints():
            if other.name != name:
                remove_tree(other)
        return name

    def checkpoints(self) -> list[Path]:
        """Returns the complete checkpoints, oldest step first."""
        return sorted((self.path / "checkpoints").glob("step-*"))


def _prepared_root() -> Path:
    """Returns the root, made, ignored by git and known to this machine."""
    root = runs_root()
    ignore = root / ".gitignore"
    try:
        root.mkdir(parents=True, exist_ok=True)
        if not ignore.exists():
            write_bytes(ignore, b"*\n")
    except OSError as error:
        raise RunError(text("runs.no_root", root=root, error=error.strerror or error)) from error
    entry = _register() / f"{hashlib.sha256(str(root).encode()).hexdigest()[:16]}.json"
    try:
        if not entry.exists():
            entry.parent.mkdir(parents=True, exist_ok=True)
            write_json(entry, {"path": str(root)})
    except OSError as error:  # a read-only home must not keep anyone from training
        _log.warning("the runs folder could not be registered in %s: %s", entry.parent, error)
    return root


def _register() -> Path:
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "ftkit" / "roots"
