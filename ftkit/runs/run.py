"""A run as people hold it: its state, numbers and picture, what it can be told, and what its model says."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftkit.data.dataset import Dataset
from ftkit.data.load import load
from ftkit.errors import DataError, FtkitError, RunError, RunFailedError, SettingError
from ftkit.i18n import text
from ftkit.runs.alive import ALIVE, OF_CELL
from ftkit.runs.cell import Cell
from ftkit.runs.inbox import Inbox
from ftkit.runs.kept import Held, kept_model
from ftkit.runs.predict import asked_items, asked_rows, predict_file, writing_settings
from ftkit.runs.prepare import Prepared, check_task
from ftkit.runs.spec import RunSpec
from ftkit.runs.store import RunFolder, runs_root
from ftkit.tasks import Metric
from ftkit.training.events import Command, Evaluated, Event, Pause, RunEnded, Stop, Unpause
from ftkit.views.live import View
from ftkit.views.table import History

if TYPE_CHECKING:
    from matplotlib.figure import Figure  # noqa: TID251 - a type only

    from ftkit.training.predictor import Predictor
    from ftkit.views.samples import Samples


class Run:
    """One training run, alive or ended, of this process or another. Made by `finetune`, `attach` and `list_runs`.

    Attributes:
        id: Its name within its root, such as ``"r03"``.
        folder: Its folder.
        spec: What was asked for.
    """

    def __init__(self, folder: RunFolder, own: Any = None) -> None:
        self.id = folder.id
        self.folder = folder.path
        self.spec: RunSpec = folder.spec()
        self._folder = folder
        self._own = own  # the user's own task, which no folder holds
        self._history = History()
        self._offset = 0
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._over = threading.Event()  # Thread.join(0.1) cut by Ctrl-C makes Python 3.11 take the thread for ended
        self._inbox: Inbox | None = None
        self._views: list[View] = []
        self._kept: list[Event] = []  # what a view that joins late must be told first
        self._error: BaseException | None = None
        self._stopping = False
        self._predictor: Held | None = None
        self._cell: Cell | None = None
        self._ended_at: float | None = None

    def __repr__(self) -> str:
        """Returns one line: no memory address, nothing that differs between two looks at an ended run."""
        metric = next(iter(self.metrics.items()), None)
        shown = f" {metric[0]}={metric[1]:.4f}" if metric else ""
        return f"<Run {self.id} {self.state}{shown}>"

    # what happened

    @property
    def history(self) -> History:
        """Every step and evaluation so far, in columns; iterates as rows, `.to_pandas()` for a table."""
        self._read()
        return self._history

    @property
    def state(self) -> str:
        """``running``, ``paused``, ``stopping``, ``completed``, ``stopped``, ``interrupted`` or ``failed``.

        A run whose process gave no sign of life for 30 s, and that said nothing of its end, is ``interrupted``.
        """
        history = self.history
        if history.ended:
            return history.state
        if self._thread is None and not self._folder.alive():
            return "interrupted"
        if self._stopping:
            return "stopping"
        return "paused" if history.state == "paused" else "running"

    @property
    def best(self) -> Evaluated | None:
        """The evaluation that the kept weights come from, or None before there is one."""
        return self.history.best

    @property
    def metrics(self) -> dict[str, float]:
        """The metrics of the kept weights on the validation rows, and ``val_loss``; empty before an evaluation."""
        history = self.history
        found = history.best or (history.evaluations[-1] if history.evaluations else None)
        if found and history.ended and history.best is None and found.step < history.ended.step:
            return {}  # stopped before an evaluation: nobody knows
        return {**found.metrics, "val_loss": found.val_loss} if found else {}

    def plot(self) -> Figure:
        """Returns the chart of everything so far as a matplotlib Figure: the same picture that the notebook keeps."""
        from ftkit.views.figure import draw

        return draw(self.history)

    @property
    def samples(self) -> Samples:
        """What the watched prompts were continued with, by evaluation: step, prompt, text, expected."""
        return self.history.samples

    # what it is told

    def wait(self, timeout: float | None = None) -> Run:
        """Returns the run once it has ended, or after `timeout` seconds. A kernel interrupt stops it gracefully.

        Raises:
            RunFailedError: If training raised; the cause is chained. ftkit's own errors are raised as they are.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        interrupted = False
        while True:
            try:
                while not self._ended() and (deadline is None or time.monotonic() < deadline):
                    if self._thread is not None:
                        self._over.wait(0.1)
                    else:
                        time.sleep(0.2)
                break
            except KeyboardInterrupt:
                if interrupted or self._thread is None:  # asked twice, or only watching another process
                    raise
                interrupted = True
                self._tell(Stop("interrupt"))
        if self._error is not None:
            if isinstance(self._error, FtkitError):
                raise self._error
            ended = self._history.ended
            raise RunFailedError(f"{self.id}: {ended.message if ended else self._error}") from self._error
        return self

    def stop(self) -> None:
        """Ends the run after the step in progress and keeps its best weights. Returns at once; `wait` waits."""
        self._tell(Stop())

    def pause(self) -> None:
        """Makes the run wait after the step in progress."""
        self._tell(Pause())

    def unpause(self) -> None:
        """Lets a paused run go on."""
        self._tell(Unpause())

    # what its model says

    def predict(
        self, texts_or_path: str | os.PathLike[str] | Sequence[Any], out: str | os.PathLike[str] | None = None
    ) -> Any:
        """Returns what the kept model says: a prediction per text, or with `out` the CSV written for a whole file.

        Args:
            texts_or_path: A list of texts (for tagging: sentences, or lists of tokens); one text; or, with `out`,
                a file of them. A Dataset asks about its rows.
            out: The CSV to write: the file's columns with ``label`` (or ``tag``) and ``confidence`` added, or
                ``generated`` and ``ended`` where text is written, or a task of your own's ``prediction``. Several
                labels are joined by a comma, or by ``|`` if one of them holds a comma.

        Returns:
            A list of `LabelPrediction`, `LabelsPrediction`, `TagPrediction`, of tasks that write text `Generated`, or
            of what your own task's ``decode`` returns, in the order of the texts, a single one for a single text; or
            the path of `out`.

        Raises:
            RunError: If the run has no weights yet.
            DataError: If an item is no text, the file cannot be read or `out` cannot be written.
            FormatError: If one of its lines cannot be.

        Example:
            >>> run.predict(["Where is my parcel?"])[0].label  # doctest: +SKIP
            'delivery'
        """
        predictor = self._model()
        if out is not None:
            if not isinstance(texts_or_path, str | os.PathLike):
                raise RunError(text("runs.predict_out_needs_file"))
            asked = self._splitting(), self.spec.load_options.get("columns")
            return predict_file(predictor, Path(texts_or_path), Path(out), *asked)
        if isinstance(texts_or_path, os.PathLike):
            raise RunError(text("runs.predict_needs_out", path=os.fspath(texts_or_path)))
        one = isinstance(texts_or_path, str)
        if isinstance(texts_or_path, Dataset):
            texts_or_path = asked_rows(texts_or_path, self.spec.task)
        texts = [texts_or_path] if one else texts_or_path
        items = asked_items(texts, self.spec.task, self._splitting(), own=self.spec.own_task)
        found = predictor.predict(items)
        return found[0] if one else found

    def generate(
        self,
        prompts: str | Sequence[Any],
        *,
        max_new_tokens: int = 128,
        temperature: float = 0.0,
        top_p: float = 1.0,
        seed: int = 0,
        stream: bool = False,
    ) -> Any:
        """Returns what the kept model writes after a prompt, or after each of several.

        Args:
            prompts: A text, or a list of them; for chat, an item may be a list of turns that ends with a question.
            max_new_tokens: The longest text.
            temperature: 0 takes the likeliest token every time; 1 draws from what the model thinks; higher is wilder.
            top_p: Draws only from the likeliest tokens whose shares add up to this; 1 from all.
            seed: The same seed gives the same text.
            stream: True returns an iterator of pieces of text, as they are written, for one prompt.

        Returns:
            `Generated` (prompt, text, ended), a list of them for a list, or the iterator.

        Raises:
            RunError: If the run has no weights yet.
            DataError: If its task writes no text, or an item is no text.
            SettingError: If a setting cannot be.

        Example:
            >>> run.generate("Once upon a time", temperature=0.8, seed=1).text  # doctest: +SKIP
        """
        predictor = self._model()
        one = isinstance(prompts, str)
        settings = writing_settings(max_new_tokens, temperature, top_p, seed)
        predictor.must_write()
        items = asked_items([prompts] if one else prompts, self.spec.task, "words")
        if stream:
            if len(items) != 1:
                raise SettingError(text("runs.stream_one", n=len(items)))
            return predictor.stream(items[0], **settings)
        found = predictor.generate(items, **settings)
        return found[0] if one else found

    def evaluate(self, data: Dataset | str | os.PathLike[str]) -> dict[str, float]:
        """Returns the kept model's loss and metrics on data with known answers, a Dataset or a file.

        Raises:
            DataError: If the data can't be read, is for another task, or has a label that the model does not know.
        """
        named = None if self.spec.own_task else self.spec.task
        rows = data if isinstance(data, Dataset) else load(data, task=named)
        check_task(rows, self.spec)
        if not len(rows):
            raise DataError(text("runs.validation_empty", name=rows.name))
        return self._model().evaluate(rows)

    def save(self, folder: str | os.PathLike[str], merge: bool = True) -> Path:
        """Writes the kept model so that plain transformers loads it, with a model card; returns the folder.

        Args:
            folder: New, empty, or one that `save` wrote before.
            merge: Of a run with LoRA: True adds the adapter to the base model's weights and saves the whole, False
                saves the adapter alone, which needs the base model (`peft` loads it).

        Raises:
            RunError: If the folder holds something that `save` did not write, or the run has no weights yet.
        """
        from ftkit.runs.card import save_model

        history = self.history
        if history.started is None:
            raise RunError(text("runs.no_weights", run=self.id))
        first = history.evaluations[0] if history.evaluations and history.evaluations[0].step == 0 else None
        return save_model(self._model(), Path(folder), self.spec, history.started, first, history.best, merge=merge)

    # inside

    def _named(self) -> str:
        """Returns what `attach` finds the run by: its id, or its folder if that is elsewhere."""
        return self.id if self.folder.parent == runs_root() else str(self.folder)

    def _splitting(self) -> str:
        """Returns how plain sentences are split into tokens: as the training file was."""
        started = self.history.started
        return str(started.settings.get("splitting", "words")) if started else "words"

    def _ended(self) -> bool:
        if self._thread is not None:
            return self._over.is_set()
        return self.state not in ("running", "paused", "stopping")

    def _read(self) -> None:
        """Takes in what another process wrote since the last look."""
        if self._thread is not None:
            return
        with self._lock:
            events, self._offset = self._folder.read_events(self._offset)
            for event in events:
                self._history.update(event)

    def _tell(self, command: Command) -> None:
        if self._ended():
            return
        if isinstance(command, Stop):
            self._stopping = True
        if self._inbox is not None:
            self._inbox.put(command)
        else:
            self._folder.put_command(command)

    def _model(self) -> Predictor:
        if self.spec.own_task and self._own is None:
            raise RunError(text("own.task_needed", run=self.id, task=self.spec.task, path=self._named()))
        started = self.history.started
        settings = started.settings if started else {}
        self._predictor = kept_model(self._folder, self.spec, settings, self._predictor, self._own)
        return self._predictor[1]

    def _start(
        self, prepared: Prepared, metrics: Mapping[str, Metric] | None, view: View | None, cell: Cell | None = None
    ) -> None:
        self._inbox = self._inbox or Inbox(self._folder)
        self._cell = cell
        if cell is not None:
            OF_CELL[cell.id] = self
        if view is not None:
            self._views.append(view)
        self._thread = threading.Thread(target=self._train, args=(prepared, metrics), name=f"ftkit-{self.id}")
        self._thread.daemon = True
        ALIVE[self.folder] = self
        self._thread.start()

    def _train(self, prepared: Prepared, metrics: Mapping[str, Metric] | None) -> None:
        try:
            with self._folder.kept_alive():
                from ftkit.runs.execute import execute

                assert self._inbox is not None
                for event in execute(self.spec, prepared, self._folder, self._inbox, metrics):
                    self._take(event)
        except BaseException as error:
            self._error = error
            if self._history.ended is None:  # even importing torch may fail: say so where people look
                self._take(RunEnded("failed", type(error).__name__, str(error), 0, None, {}, 0.0))
        finally:
            ALIVE.pop(self.folder, None)
            with self._lock:  # a view that joins comes before this and is closed here, or after it and sees the end
                for view in self._views:
                    self._guarded(view.close)
                self._views.clear()
                self._ended_at = time.monotonic()
                self._over.set()

    def _take(self, event: Event) -> None:
        with self._lock:
            self._history.update(event)
            self._kept.append(event)
            views = list(self._views)
        for view in views:
            self._guarded(view.update, event)

    def _guarded(self, action: Any, *values: Any) -> None:
        """Calls a view; whatever goes wrong in it is logged and never reaches the training."""
        try:
            action(*values)
        except Exception as error:
            self._folder.log(f"view: {type(error).__name__}: {error}")

    def _join(self, view: View) -> None:
        """Shows the run in one more view, from its first event on."""
        with self._lock:
            for event in self._kept:
                self._guarded(view.update, event)
            if self._ended():
                self._guarded(view.close)
            else:
                self._views.append(view)


def attached(folder: RunFolder, own: Any = None) -> Run:
    """Returns the run of a folder: the one that trains here if there is one.

    Args:
        folder: The run's.
        own: The user's own task that it was trained for, which its folder does not hold.

    Raises:
        RunError: If the run was trained for another task.
    """
    run = ALIVE.get(folder.path) or Run(folder)
    if own is not None:
        key = "own.task_other" if run.spec.own_task else "own.task_not_needed"
        if not run.spec.own_task or own.name != run.spec.task:
            raise RunError(text(key, run=run.id, task=run.spec.task, given=own.name, path=run._named()))
        run._own = own
    return run
