"""The command line: each command is a thin call of the public functions, and imports what it needs when it runs.

Ends with 0 when all is well, 1 for an error, 2 for a wrong call or a missing file, 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import difflib
import inspect
import os
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import ftkit
from ftkit.errors import FtkitError, did_you_mean
from ftkit.i18n import LANGUAGES, language, text

if TYPE_CHECKING:
    from ftkit.runs.run import Run

QUICK_START = "01_quick_start.ipynb"
# finetune's arguments that are objects, or that the command line decides
_NOT_SETTINGS = {"data", "show", "background", "metrics"}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status.

    Args:
        argv: The words after ``ftkit``; those of the process if None.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a console that lacks a character shows "?" for it instead of failing
            stream.reconfigure(errors="replace")
    try:
        _choose_language(words)
        parser = _parser(words)
        options, rest = parser.parse_known_args(words)
        if rest and options.command != "lab":
            _refuse(parser, options, rest)
        options.rest = [word for word in rest if word != "--"]
        status: int = options.do(options)
    except FtkitError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader (head, say) has seen enough
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


# ---- the commands ---------------------------------------------------------------------------------------------------


def _lab(options: argparse.Namespace) -> int:
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


def _demo(options: argparse.Namespace) -> int:
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


def _check(options: argparse.Namespace) -> int:
    status = 0
    for file in options.files:
        if _missing(file):
            status = 2
            continue
        report = ftkit.check(file, format=options.format, columns=options.columns, encoding=options.encoding)
        print(report)
        if not report.ok:
            status = max(status, 1)
    return status


def _train(options: argparse.Namespace) -> int:
    if _missing(options.file):
        return 2
    given = {name: value for name, value in vars(options).items() if name in _settings()}
    data = ftkit.load(
        options.file,
        format=options.format,
        columns=options.columns,
        encoding=options.encoding,
        on_error=options.on_error,
    )
    run: Run = ftkit.finetune(data, show=True, **given)
    print(text("cli.train_run", run=run.id, state=text(f"cli.state_{run.state}")))
    print(text("cli.train_folder", folder=run.folder))
    if options.save:
        run.save(options.save)
        print(text("cli.train_saved", folder=Path(options.save).resolve()))
    print(text("cli.train_next", run=run.id))
    return 130 if run.state == "interrupted" else 0


def _predict(options: argparse.Namespace) -> int:
    if _missing(options.input):
        return 2
    ftkit.attach(options.run).predict(Path(options.input), out=options.out)
    print(text("cli.predict_done", path=Path(options.out).resolve()))
    return 0


def _runs(options: argparse.Namespace) -> int:
    if options.action == "stop":
        run = ftkit.attach(options.run)
        if run.state not in ("running", "paused", "stopping"):
            return _fail(text("cli.runs_not_alive", run=run.id, state=text(f"cli.state_{run.state}")))
        run.stop()
        print(text("cli.runs_stopping", run=run.id))
        return 0
    runs = ftkit.list_runs()
    if not runs:
        print(text("cli.runs_none", folder=Path(os.environ.get("FTKIT_RUNS", "ftkit-runs")).resolve()))
    rows = [_row(run) for run in runs]
    for row in rows:
        widths = [max(len(other[i]) for other in rows) for i in range(len(row) - 1)]
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]))
    return 0


def _row(run: Run) -> tuple[str, ...]:
    metrics = " ".join(f"{name}={value:.3f}" for name, value in (run.metrics or {}).items())
    return run.id, text(f"cli.state_{run.state}"), metrics, str(run.folder)


# ---- what the commands share ----------------------------------------------------------------------------------------


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
    if path.is_file():
        return False
    there = [p.name for p in path.parent.iterdir() if p.is_file()] if path.parent.is_dir() else []
    near = [str(path.with_name(name)) for name in difflib.get_close_matches(path.name, there, n=3)]
    _fail(text("cli.no_file", path=file, near=text("cli.near", names=", ".join(near)) if near else ""))
    return True


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


def _settings() -> dict[str, inspect.Parameter]:
    """Returns finetune's keywords that can be typed, by name."""
    parameters = inspect.signature(ftkit.finetune).parameters
    return {n: p for n, p in parameters.items() if n not in _NOT_SETTINGS and p.kind is p.KEYWORD_ONLY}


def _setting_helps() -> dict[str, str]:
    """Returns what finetune's docstring says about each keyword: its first sentence."""
    lines = re.sub(r"``\"?|\"?``|`", "", inspect.getdoc(ftkit.finetune) or "")
    section = re.search(r"^Args:\n(.*?)(?=^\S|\Z)", lines, re.M | re.S)
    entries = re.findall(r"^ {4}(\w+)[^:\n]*: (.*(?:\n {6,}.*)*)", section[1], re.M) if section else []
    return {name: re.split(r"(?<=[.:;])\s", " ".join(words.split()))[0].rstrip(".:;") for name, words in entries}


def _value(word: str) -> Any:
    """Returns what a word on the command line means in Python: 8, 1e-4, True, None, else the word itself."""
    known = {"true": True, "false": False, "none": None}
    if word.lower() in known:
        return known[word.lower()]
    try:
        value = ast.literal_eval(word)
    except (ValueError, SyntaxError):
        return word
    return value if isinstance(value, int | float) else word


def _columns(word: str) -> dict[str, int]:
    pairs = [pair.partition("=") for pair in word.split(",")]
    try:
        return {name.strip(): int(column) for name, _, column in pairs}
    except ValueError:
        raise argparse.ArgumentTypeError(text("cli.bad_columns", value=word)) from None


def _choose_language(words: list[str]) -> None:
    """Takes ``--language`` out of the words, wherever it stands, so that help and errors speak it too."""
    for i, word in enumerate(words):
        if word == "--":
            return
        name, sign, code = word.partition("=")
        if name == "--language":
            if not sign:
                code = words[i + 1] if i + 1 < len(words) else ""
            del words[i : i + (1 if sign else 2)]
            if code in LANGUAGES:
                language(code)
                os.environ["FTKIT_LANGUAGE"] = code
            else:
                words.insert(0, f"--language={code}")  # where argparse refuses it
            return


# ---- the words ------------------------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """An ArgumentParser without abbreviations, whose help speaks the language in use."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, add_help=False, allow_abbrev=False)
        self.add_argument("-h", "--help", action="help", help=text("cli.help"))


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(prog="ftkit", description=text("cli.description"))
    parser.add_argument("--version", action="version", version=f"ftkit {ftkit.__version__}", help=text("cli.version"))
    parser.add_argument("--language", choices=LANGUAGES, help=text("cli.language"))
    commands = parser.add_subparsers(dest="command", required=True, title=text("cli.commands"), metavar="COMMAND")

    def command(name: str, do: Any) -> argparse.ArgumentParser:
        long = f"cli.{name}_long" if name in ("lab", "check", "train", "predict") else f"cli.{name}"
        usage = "ftkit train [-h] FILE [--save FOLDER] [--SETTING VALUE ...]" if name == "train" else None
        added = commands.add_parser(name, help=text(f"cli.{name}"), description=text(long), usage=usage)
        added.set_defaults(do=do)
        return added

    lab = command("lab", _lab)
    lab.add_argument("--dir", help=text("cli.lab_dir"))
    lab.add_argument("--no-browser", action="store_true", help=text("cli.lab_no_browser"))

    command("demo", _demo)

    check = command("check", _check)
    check.add_argument("files", nargs="+", metavar="FILE", help=text("cli.files"))
    _add_reading(check)

    train = command("train", _train)
    train.add_argument("file", metavar="FILE", help=text("cli.file"))
    _add_reading(train)
    train.add_argument("--on-error", choices=("raise", "skip"), default="raise", help=text("cli.on_error"))
    train.add_argument("--save", metavar="FOLDER", help=text("cli.save"))
    if "train" in words:  # the signature is read only when it is needed
        _add_settings(train)

    predict = command("predict", _predict)
    predict.add_argument("run", metavar="RUN", help=text("cli.run"))
    predict.add_argument("input", metavar="IN", help=text("cli.input"))
    predict.add_argument("--out", required=True, metavar="OUT", help=text("cli.out"))

    runs = command("runs", _runs)
    actions = runs.add_subparsers(dest="action", metavar="ACTION")
    stop = actions.add_parser("stop", help=text("cli.runs_stop"), description=text("cli.runs_stop"))
    stop.add_argument("run", metavar="RUN", help=text("cli.run"))
    return parser


def _add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", help=text("cli.format"))
    parser.add_argument("--encoding", help=text("cli.encoding"))
    parser.add_argument("--columns", type=_columns, metavar="NAME=N,...", help=text("cli.columns"))


def _add_settings(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(text("cli.settings"))
    helps = _setting_helps()
    for name, parameter in _settings().items():
        default = parameter.default
        option: dict[str, Any] = {"default": argparse.SUPPRESS}
        option["help"] = f"{helps.get(name, '')} {text('cli.default', value=default)}".strip().replace("%", "%%")
        if isinstance(default, bool):
            option["action"] = argparse.BooleanOptionalAction
        elif isinstance(default, tuple):
            option.update(type=lambda word: tuple(part.strip() for part in word.split(",")), metavar="A,B")
        else:  # a name such as "adamw" stays text even if it looks like a number
            option.update(type=str if isinstance(default, str) and default != "auto" else _value, metavar="X")
        group.add_argument(f"--{name.replace('_', '-')}", **option)


def _refuse(parser: argparse.ArgumentParser, options: argparse.Namespace, rest: list[str]) -> NoReturn:
    """Ends the process with status 2, naming the setting that was probably meant."""
    name = rest[0].partition("=")[0]
    if options.command == "train" and name.startswith("--"):
        near = did_you_mean(name.lstrip("-").replace("-", "_"), _settings())
        hint = text("cli.near", names=f"--{near.replace('_', '-')}") if near else ""
        parser.error(text("cli.unknown_setting", name=name, near=hint))
    parser.error(f"unrecognized arguments: {' '.join(rest)}")
