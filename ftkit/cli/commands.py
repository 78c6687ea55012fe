"""What each command does: a thin call of the public functions. Returns the exit status."""

from __future__ import annotations

import argparse
import difflib
import glob
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ftkit
from ftkit.cli.clean import clean as clean_cache
from ftkit.cli.settings import settings
from ftkit.data.cache import ROOMS
from ftkit.i18n import LANGUAGES, language, text

if TYPE_CHECKING:
    from ftkit.runs.run import Run

QUICK_START = "01_quick_start.ipynb"


def lab(options: argparse.Namespace) -> int:
    """Opens the notebooks in JupyterLab, each copied once into a folder of the user."""
    from urllib.parse import quote

    folder = Path(options.dir or "ftkit-notebooks").resolve()
    source = _notebooks()
    if source is None:
        return _fail(text("cli.no_notebooks"))
    try:
        copied, kept = _copy_new(source, folder)
    except (FileExistsError, NotADirectoryError) as error:
        return _fail(text("cli.lab_blocked", path=error.filename or folder))
    if copied:
        print(text("cli.lab_copied", n=len(copied), folder=folder))
    for path in kept:
        print(text("cli.lab_kept", path=path))
    try:
        from jupyterlab.labapp import LabApp
    except ImportError:
        return _fail(text("cli.lab_missing", python=sys.executable))
    # the file browser starts where the user is, so that their own data files are in sight
    here = Path.cwd()
    root = here if folder.is_relative_to(here) else folder
    notebook = folder / language() / QUICK_START
    print(text("cli.lab_opening", path=notebook), flush=True)
    address = f"/lab/tree/{quote(notebook.relative_to(root).as_posix())}"  # also what the server prints
    words = [f"--ServerApp.root_dir={root}", f"--LabApp.default_url={address}", *options.rest]
    os.environ["FTKIT_LANGUAGE"] = language()  # for the kernels
    # in this process, not in a child: Ctrl-C and being killed then mean what they mean to Jupyter
    LabApp.launch_instance([*words, "--no-browser"] if options.no_browser else words)
    return 0


def demo(options: argparse.Namespace) -> int:
    """Runs the quick start without a browser and prints what its cells say."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    source = _notebooks()
    if source is None:
        return _fail(text("cli.no_notebooks"))
    notebook = nbformat.read(source / language() / QUICK_START, as_version=4)  # type: ignore[no-untyped-call]
    name = f"{language()}/{QUICK_START}"
    print(text("cli.demo_running", name=name), flush=True)
    began = time.monotonic()
    shown = 0

    def show(cell: Any, cell_index: int, **_: object) -> None:
        nonlocal shown
        for earlier in notebook.cells[shown:cell_index]:
            if earlier.cell_type == "markdown" and earlier.source.startswith("#"):
                print(f"\n{earlier.source.splitlines()[0].lstrip('# ')}")
        shown = cell_index + 1
        said = ""
        for output in cell.outputs:
            lines = (output.get("text") or output.get("data", {}).get("text/plain", "")).rstrip()
            if lines and lines != said and output.get("name") != "stderr":  # a chart says the summary below it too
                print(lines)
                said = lines
        sys.stdout.flush()

    # a copy in a folder of its own: whatever the notebook writes goes with it
    with tempfile.TemporaryDirectory(prefix="ftkit-demo-", ignore_cleanup_errors=True) as folder:
        client = NotebookClient(
            notebook,
            timeout=None,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            on_cell_executed=show,
        )
        runs = str(Path(folder) / "ftkit-runs")
        try:
            client.execute(env={**os.environ, "FTKIT_RUNS": runs, "FTKIT_LANGUAGE": language()})
        except CellExecutionError as error:
            return _fail(text("cli.demo_failed", n=shown + 1, name=name, error=f"{error.ename}: {error.evalue}"))
    n = sum(cell.cell_type == "code" for cell in notebook.cells)
    print()
    print(text("cli.demo_done", n=n, seconds=time.monotonic() - began))
    return 0


def check(options: argparse.Namespace) -> int:
    """Prints what is wrong with files, and repairs copies of them if asked."""
    status = 0
    for file in options.files:
        if _missing(file):
            status = 2
            continue
        near = {"auto": "auto", "yes": True, "no": False}[options.near]
        report = ftkit.check(file, **_reading(options), near=near)
        print(report)
        if options.fix is not None or options.mask:
            if options.fix and len(options.files) > 1:
                return _fail(text("cli.fix_one"))
            print(report.fix(options.fix or None, mask=options.mask, overwrite=options.overwrite))
        if not report.ok:
            status = max(status, 1)
    return status


def _reading(options: argparse.Namespace) -> dict[str, Any]:
    """Returns the keywords of `load` that the command line gives."""
    return {name: getattr(options, name) for name in ("format", "columns", "encoding", "label_names")}


def train(options: argparse.Namespace) -> int:
    """Trains on a file, and saves the model if asked."""
    if _missing(options.file):
        return 2
    given = {name: value for name, value in vars(options).items() if name in settings()}
    data = ftkit.load(options.file, **_reading(options), on_error=options.on_error)
    run: Run = ftkit.finetune(data, show=True, **given)
    print(text("cli.train_run", run=run.id, state=text(f"cli.state_{run.state}")))
    print(text("cli.train_folder", folder=run.folder))
    if options.save:
        run.save(options.save)
        print(text("cli.train_saved", folder=Path(options.save).resolve()))
    print(text("cli.train_next", run=run.id))
    return 130 if run.state == "interrupted" else 0


def predict(options: argparse.Namespace) -> int:
    """Writes what a run's model says of a file."""
    if _missing(options.input):
        return 2
    ftkit.attach(options.run).predict(Path(options.input), out=options.out)
    print(text("cli.predict_done", path=Path(options.out).resolve()))
    return 0


def generate(options: argparse.Namespace) -> int:
    """Prints what a run's model writes after a prompt, as it is written."""
    run = ftkit.attach(options.run)
    given = {name: getattr(options, name) for name in ("max_new_tokens", "temperature", "top_p", "seed")}
    for piece in run.generate(options.prompt, stream=True, **given):
        print(piece, end="", flush=True)
    print()
    return 0


def clean(options: argparse.Namespace) -> int:
    """Lists what can be made again, and removes it if asked."""
    rooms = ROOMS if options.all else tuple(room for room in ROOMS if getattr(options, room))
    return clean_cache(rooms, older_than=options.older_than, yes=options.yes)


def runs(options: argparse.Namespace) -> int:
    """Lists the runs, or stops one."""
    if options.action == "stop":
        run = ftkit.attach(options.run)
        if run.state not in ("running", "paused", "stopping"):
            return _fail(text("cli.runs_not_alive", run=run.id, state=text(f"cli.state_{run.state}")))
        run.stop()
        print(text("cli.runs_stopping", run=run.id))
        return 0
    listed = ftkit.list_runs()
    if not listed:
        print(text("cli.runs_none", folder=Path(os.environ.get("FTKIT_RUNS", "ftkit-runs")).resolve()))
    rows = [_row(run) for run in listed]
    for row in rows:
        widths = [max(len(other[i]) for other in rows) for i in range(len(row) - 1)]
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]))
    return 0


def _row(run: Run) -> tuple[str, ...]:
    metrics = " ".join(f"{name}={value:.3f}" for name, value in (run.metrics or {}).items())
    return run.id, text(f"cli.state_{run.state}"), metrics, str(run.folder)


def _notebooks() -> Path | None:
    """Returns the folder with en/ and zh/: inside the installed package, or beside it in a checkout."""
    package = Path(ftkit.__file__).parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if (folder / language() / QUICK_START).is_file():
            return folder
    return None


def _copy_new(source: Path, target: Path) -> tuple[list[Path], list[Path]]:
    """Copies the notebooks that are not there yet; returns those copied, and those left alone because they differ."""
    copied, kept = [], []
    for code in LANGUAGES:
        for path in sorted((source / code).rglob("*")):
            parts = path.relative_to(source)
            if not path.is_file() or any(p.startswith(".") or p == "ftkit-runs" for p in parts.parts):
                continue
            mine = target / parts
            mine.parent.mkdir(parents=True, exist_ok=True)
            content = path.read_bytes()
            try:
                with mine.open("xb") as file:  # x: fails if it exists, so nothing is ever overwritten
                    file.write(content)
                copied.append(mine)
            except FileExistsError:
                if mine.is_dir() or mine.read_bytes() != content:
                    kept.append(mine)
    return copied, kept


def _missing(file: str) -> bool:
    """Says so if there is no such file, with the names in its folder that come near."""
    path = Path(file)
    if path.exists() or any(glob.iglob(file, recursive=True)):  # noqa: PTH207 - a pattern of a whole path
        return False
    there = [p.name for p in path.parent.iterdir() if p.is_file()] if path.parent.is_dir() else []
    near = [str(path.with_name(name)) for name in difflib.get_close_matches(path.name, there, n=3)]
    _fail(text("cli.no_file", path=file, near=text("cli.near", names=", ".join(near)) if near else ""))
    return True


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1
