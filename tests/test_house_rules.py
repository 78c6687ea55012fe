"""The rules of the house that no tool checks by itself: read from the source, nothing is run."""

from __future__ import annotations

import ast
import importlib
import json
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "ftkit"
MODULES = sorted(p for p in PACKAGE.rglob("*.py") if "notebooks" not in p.relative_to(PACKAGE).parts)
AREAS = sorted(p.stem for p in (PACKAGE / "i18n").glob("*.py") if p.stem != "__init__")
NOTEBOOKS = sorted(p for p in (ROOT / "notebooks").rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)

# a library, and the folders of ftkit/ that may import it; nobody may import one with no folder
PLACES = {
    "ipywidgets": ("views", "forms"),
    "anywidget": ("views", "forms"),
    "matplotlib": ("views", "forms"),
    "optuna": ("search",),
    "ray": ("search",),
    "fcntl": (),
    "resource": (),
    "termios": (),
    "pwd": (),
    "pickle": (),
    "cPickle": (),
    "dill": (),
    "matplotlib.pyplot": (),
}
BANNED_CALLS = {"os.fork", "os.forkpty", "os.symlink", "os.mkfifo", "os.geteuid", "os.getuid", "os.killpg"}
BANNED_METHODS = {"symlink_to", "hardlink_to"}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Every dotted name that a module imports, at any depth, with its line; not what only type checkers see."""
    typing = {
        id(inner)
        for node in ast.walk(module)
        if isinstance(node, ast.If) and dotted(node.test).endswith("TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    for node in ast.walk(module):
        if id(node) in typing:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def dotted(node: ast.expr) -> str:
    """``os.path.join`` for that expression; of anything but names only the last attribute, with a leading dot."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def is_binary(call: ast.Call, position: int) -> bool:
    """Whether a call's mode, at this position or by keyword, is a constant with a ``b`` in it."""
    mode = next((k.value for k in call.keywords if k.arg == "mode"), None)
    if mode is None and len(call.args) > position:
        mode = call.args[position]
    return isinstance(mode, ast.Constant) and isinstance(mode.value, str) and "b" in mode.value


def needs_encoding(call: ast.Call) -> bool:
    """Whether this call reads or writes text in an encoding that it does not name."""
    given = {k.arg for k in call.keywords}
    if "encoding" in given or None in given:  # None: a ** argument, which a reader must look at
        return False
    name = dotted(call.func)
    last = name.rpartition(".")[2]
    if name in ("open", "io.open", "codecs.open", "gzip.open", "bz2.open", "lzma.open"):
        default_is_binary = name.startswith(("gzip", "bz2", "lzma"))
        has_mode = len(call.args) > 1 or "mode" in given
        return not is_binary(call, 1) and not (default_is_binary and not has_mode)
    if last in ("read_text", "write_text", "TextIOWrapper", "FileHandler"):
        positional = {"read_text": 0, "write_text": 1, "TextIOWrapper": 1, "FileHandler": 2}[last]
        return len(call.args) <= positional
    if last == "open" and name not in ("os.open", "webbrowser.open"):  # Path.open
        return not is_binary(call, 0)
    if last == "fdopen":
        return not is_binary(call, 1)
    if last in ("NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile"):
        return "mode" in given and not is_binary(call, 1 if last == "SpooledTemporaryFile" else 0)
    if name.startswith("subprocess."):
        texts = [k.value for k in call.keywords if k.arg in ("text", "universal_newlines")]
        return any(not (isinstance(v, ast.Constant) and v.value is False) for v in texts)
    return False


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_library_is_imported_only_in_its_place(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0]
    wrong = [
        f"{relative(path)}:{line}: {name}"
        for name, line in imported(tree(path))
        for library, rooms in PLACES.items()
        if (name == library or name.startswith(f"{library}.")) and room not in rooms
    ]
    assert not wrong


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_nothing_is_called_that_only_some_systems_have(path: Path) -> None:
    wrong = [
        f"{relative(path)}:{node.lineno}: {dotted(node)}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and (dotted(node) in BANNED_CALLS or node.attr in BANNED_METHODS)
    ]
    assert not wrong


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_every_text_file_and_pipe_names_its_encoding(path: Path) -> None:
    wrong = [
        f"{relative(path)}:{node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and needs_encoding(node)
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("open(p)", True),
        ("open(p, 'w')", True),
        ("open(p, 'rb')", False),
        ("open(p, mode='ab')", False),
        ("open(p, encoding='utf-8')", False),
        ("path.open()", True),
        ("path.open('rb')", False),
        ("Path(p).read_text()", True),
        ("path.read_text('utf-8')", False),
        ("path.write_text(t)", True),
        ("path.write_text(t, encoding='utf-8')", False),
        ("gzip.open(p)", False),
        ("gzip.open(p, 'rt')", True),
        ("subprocess.run(c, text=True)", True),
        ("subprocess.run(c, text=True, encoding='utf-8')", False),
        ("subprocess.run(c)", False),
        ("tempfile.NamedTemporaryFile('w')", False),
        ("tempfile.NamedTemporaryFile(mode='w')", True),
        ("webbrowser.open(u)", False),
    ],
)
def test_the_encoding_rule_sees_what_it_should(code: str, wrong: bool) -> None:
    call = ast.parse(code, mode="eval").body
    assert isinstance(call, ast.Call)
    assert needs_encoding(call) is wrong


@pytest.mark.skipif(not sys.flags.warn_default_encoding, reason="needs PYTHONWARNDEFAULTENCODING=1, which CI sets")
def test_an_unnamed_encoding_is_an_error_in_ftkit_alone(tmp_path: Path) -> None:
    code = compile(f"open({str(tmp_path / 'x')!r}, 'w').close()", "made_up.py", "exec")
    exec(code, {"__name__": "another_package"})
    with pytest.raises(EncodingWarning):
        exec(code, {"__name__": "ftkit.made_up"})


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_can_be_read_in_one_sitting(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    limit = 150 if relative(path) == "ftkit/training/loop.py" else 400
    if "i18n" in path.parts:
        limit = 800  # a list of texts is looked up, not read
    assert lines <= limit
    assert len(path.relative_to(PACKAGE).parts) <= 3, "no trees deeper than two folders below ftkit/"


@pytest.mark.parametrize("area", AREAS)
def test_every_text_says_the_same_in_both_languages(area: str) -> None:
    def fields(template: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}

    for key, (english, chinese) in importlib.import_module(f"ftkit.i18n.{area}").TEXTS.items():
        assert key.startswith(f"{area}."), key
        assert english.strip(), key
        assert chinese.strip(), key
        assert fields(english) == fields(chinese), key


def test_every_text_asked_for_exists() -> None:
    known = {key for area in AREAS for key in importlib.import_module(f"ftkit.i18n.{area}").TEXTS}
    missing = [
        f"{relative(path)}:{node.lineno}: {node.args[0].value}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and dotted(node.func).rpartition(".")[2] == "text"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and re.fullmatch(rf"({'|'.join(AREAS)})\.\w+", node.args[0].value)
        and node.args[0].value not in known
    ]
    assert not missing


def tracked_files() -> list[Path]:
    """What git tracks; in a copy without git, what looks like source."""
    try:
        done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return [
            p for room in ("ftkit", "notebooks", "tests", "binder") for p in (ROOT / room).rglob("*") if p.is_file()
        ]
    return [ROOT / name for name in done.stdout.decode("utf-8").split("\0") if name and (ROOT / name).is_file()]


def test_no_tracked_file_holds_a_path_of_somebodys_machine() -> None:
    # spelt in pieces, so that this file does not find itself; /home/jovyan is Binder's own
    roots = ["/ho" + "me/(?!jovyan)[a-z]", "/ro" + "ot/", "/Use" + "rs/[a-z]", "/wo" + "rk/", "/tmp" + "/w/"]
    pattern = re.compile(r"(?<![\w.])(" + "|".join(roots) + ")")
    wrong = []
    for path in tracked_files():
        if path.suffix in (".png", ".arrow", ".safetensors", ".tsv", ".csv", ".conll"):
            continue
        for number, line in enumerate(path.read_bytes().decode("utf-8", errors="ignore").splitlines(), start=1):
            if match := pattern.search(line):
                wrong.append(f"{relative(path)}:{number}: {match.group()}")
    assert not wrong


@pytest.mark.parametrize("path", NOTEBOOKS, ids=relative)
def test_a_committed_notebook_holds_no_widget_state(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert "widgets" not in notebook["metadata"]
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=relative)
def test_a_committed_notebook_holds_no_error(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    failed = [
        output["ename"]
        for cell in cells
        if "raises-exception" not in cell["metadata"].get("tags", [])
        for output in cell.get("outputs", [])
        if output["output_type"] == "error"
    ]
    assert not failed
