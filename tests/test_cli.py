"""The command line: what it prints, what it returns, on consoles that cannot print everything."""

from __future__ import annotations

import inspect
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest

import ftkit
from ftkit import cli
from ftkit.cli import commands, options, settings
from ftkit.errors import RunNotFoundError

COMMANDS = ["lab", "demo", "check", "train", "predict", "runs"]
GOOD = "".join(f"好评\t第{i}次来，茶很香，环境也好\n差评\t第{i}次来，茶是凉的，等了很久\n" for i in range(30))
BAD = "好评\t茶很香\n差评 没有制表符的一行\n差评\t茶是凉的\n好评\t环境好\n差评\t等了很久\n"


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    path = tmp_path / "评论 数据.tsv"
    path.write_text(GOOD, encoding="gb18030")
    return path


def ftkit_command(
    *words: object, console: str = "utf-8", cwd: Path | None = None, timeout: float = 300
) -> SimpleNamespace:
    """Runs `python -m ftkit` as a user does; what it printed is decoded as its console would."""
    environment = {**os.environ, "PYTHONIOENCODING": console, "PYTHONWARNDEFAULTENCODING": "1", "PYTHONWARNINGS": ""}
    done = subprocess.run(
        [sys.executable, "-m", "ftkit", *map(str, words)],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    out, err = done.stdout.decode(console), done.stderr.decode(console)
    assert not re.search(r"ftkit[/\\].*EncodingWarning", err), err
    return SimpleNamespace(status=done.returncode, out=out, err=err)


# ---- help and wrong calls -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("console", ["cp936", "ascii"])
def test_help_in_chinese_prints_on_any_console(console: str) -> None:
    shown = ftkit_command("--language", "zh", "--help", console=console)
    assert shown.status == 0
    assert ("微调" in shown.out) is (console == "cp936")
    assert all(command in shown.out for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_command_has_help_that_a_gbk_console_prints(
    command: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main([command, "--help", "--language", language])
    assert left.value.code == 0
    shown = capsys.readouterr().out
    assert len(shown.splitlines()) > 4
    shown.encode("cp936")


def test_version() -> None:
    assert ftkit_command("--version").out.strip() == f"ftkit {ftkit.__version__}"


@pytest.mark.parametrize(
    "words",
    [[], ["lern"], ["check"], ["check", "--no-such", "x"], ["train"], ["predict", "r01", "in.txt"], ["runs", "x"]],
)
def test_a_wrong_call_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(words)
    assert left.value.code == 2
    assert "usage: ftkit" in capsys.readouterr().err


def test_an_unknown_language_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["runs", "--language", "fr"])
    assert left.value.code == 2
    assert "'en', 'zh'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [["--language", "zh", "check", "没有.tsv"], ["check", "没有.tsv", "--language=zh"]],
    ids=["before", "after"],
)
def test_the_language_may_stand_before_or_after_the_command(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words) == 2
    assert "没有这个文件" in capsys.readouterr().err


# ---- check ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("console", ["cp936", "ascii"])
def test_check_reports_chinese_content_on_any_console(console: str, tmp_path: Path) -> None:
    path = tmp_path / "坏 文件.tsv"
    path.write_text(BAD, encoding="utf-8")
    shown = ftkit_command("check", path, "--format", "labels", "--language", "zh", console=console)
    assert shown.status == 1
    assert "2" in shown.out
    assert ("制表符" in shown.out) is (console == "cp936")


def test_check_of_a_good_file_ends_with_0(reviews: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", str(reviews)]) == 0
    assert "labels" in capsys.readouterr().out


def test_check_reads_every_file_and_returns_the_worst(
    reviews: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.tsv"
    bad.write_text(BAD, encoding="utf-8")
    assert cli.main(["check", str(bad), str(reviews), "--format=labels"]) == 1
    assert cli.main(["check", str(tmp_path / "none.tsv"), str(bad)]) == 2
    shown = capsys.readouterr()
    assert str(bad) in shown.out
    assert str(reviews) in shown.out
    assert "none.tsv: no such file" in shown.err


def test_a_missing_file_names_the_one_that_was_meant(reviews: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", str(reviews.with_name("评论 数居.tsv"))]) == 2
    assert str(reviews) in capsys.readouterr().err


def test_check_loads_no_torch(reviews: Path) -> None:
    code = "import sys; from ftkit.cli import main; main(sys.argv[1:]); sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, "check", str(reviews)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


# ---- train ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Replaces finetune by one with the same signature that notes how it was called."""
    calls: dict[str, Any] = {}
    run = SimpleNamespace(
        id="r01", state="completed", folder=Path("runs") / "r01", save=lambda f: calls.update(saved=f)
    )

    def finetune(data: object, **settings: object) -> object:
        calls.update(data=data, settings=settings)
        return run

    finetune.__signature__ = inspect.signature(ftkit.finetune)  # type: ignore[attr-defined]
    finetune.__doc__ = ftkit.finetune.__doc__
    monkeypatch.setattr(ftkit, "finetune", finetune)
    return calls


def test_train_makes_the_call_that_one_would_type(reviews: Path, called: dict[str, Any]) -> None:
    words = (
        "--epochs 3 --batch-size 8 --learning-rate 1e-3 --method full --no-plateau --max-minutes 0.5 --patience none"
    )
    assert cli.main(["train", str(reviews), *words.split(), "--tags", "a,b"]) == 0
    assert called["settings"] == {
        "epochs": 3,
        "batch_size": 8,
        "learning_rate": 0.001,
        "method": "full",
        "plateau": False,
        "max_minutes": 0.5,
        "patience": None,
        "tags": ("a", "b"),
        "show": True,
    }
    assert called["data"].fingerprint == ftkit.load(reviews).fingerprint


def test_train_leaves_what_was_not_said_to_finetune(reviews: Path, called: dict[str, Any]) -> None:
    assert cli.main(["train", str(reviews), "--epochs=auto"]) == 0
    assert called["settings"] == {"epochs": "auto", "show": True}


def test_train_saves_when_asked(reviews: Path, called: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", str(reviews), "--save", "my-model"]) == 0
    assert called["saved"] == "my-model"
    assert "r01" in capsys.readouterr().out


def test_every_setting_of_finetune_can_be_typed_and_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["train", "--help"])
    shown = capsys.readouterr().out
    assert {"model", "epochs", "batch_size", "learning_rate", "plateau", "seed", "tags"} <= set(settings.settings())
    assert [name for name in settings.settings() if f"--{name.replace('_', '-')}" not in shown] == []
    assert [name for name in settings.settings() if not settings._setting_helps().get(name)] == []


def test_a_misspelt_setting_names_the_one_that_was_meant(reviews: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["train", str(reviews), "--lr-rate", "1e-3"])
    assert left.value.code == 2
    assert "--learning-rate" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "value"),
    [("8", 8), ("1e-4", 1e-4), ("auto", "auto"), ("True", True), ("none", None), ("[1]", "[1]"), ("a b", "a b")],
)
def test_a_word_means_what_it_means_in_python(word: str, value: object) -> None:
    assert settings._value(word) == value


def test_columns_are_pairs() -> None:
    assert options._columns("text=1,label=0") == {"text": 1, "label": 0}
    assert options._columns("token=0, tag=-1") == {"token": 0, "tag": -1}


def test_bad_columns_end_with_2(reviews: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["check", str(reviews), "--columns", "1,0"])
    assert left.value.code == 2
    assert "--columns text=content,label=0" in capsys.readouterr().err


def test_train_predict_and_runs_work_on_a_gbk_console(reviews: Path, tmp_path: Path) -> None:
    model = tmp_path / "我的 模型"
    words = ["train", reviews, "--epochs", "2", "--language", "zh", "--save", model]
    trained = ftkit_command(*words, console="cp936", cwd=tmp_path)
    assert trained.status == 0, trained.err
    run = re.search(r"训练 (\S+)：已完成", trained.out)[1]  # type: ignore[index]
    assert (model / "model.safetensors").is_file()

    new = tmp_path / "新.txt"
    new.write_text("茶很香\n等了很久\n", encoding="utf-8")
    predicted = ftkit_command("predict", run, new, "--out", tmp_path / "结果.csv", console="cp936", cwd=tmp_path)
    assert predicted.status == 0, predicted.err
    assert len((tmp_path / "结果.csv").read_text(encoding="utf-8-sig").splitlines()) == 3

    listed = ftkit_command("runs", "--language", "zh", console="ascii", cwd=tmp_path)
    assert listed.status == 0, listed.err
    assert run in listed.out


@pytest.mark.skipif(sys.platform == "win32", reason="a test cannot send Ctrl-C to one process on Windows")
def test_ctrl_c_stops_a_training_and_keeps_the_run(reviews: Path, tmp_path: Path) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job passes on that it is ignored
    words = [sys.executable, "-u", "-m", "ftkit", "train", str(reviews), "--epochs", "5000", "--no-plateau"]
    process = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    try:
        for _ in range(3):  # it has begun to learn
            process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = (stream.decode("utf-8") for stream in process.communicate(timeout=60))
    finally:
        process.kill()
    assert process.returncode == 130
    assert "interrupted" in out
    assert "Traceback" not in err


# ---- predict and runs -----------------------------------------------------------------------------------------------


def test_an_error_is_a_message_and_not_a_traceback(
    monkeypatch: pytest.MonkeyPatch, reviews: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def attach(name: str) -> object:
        raise RunNotFoundError(f"{name}: no such run")

    monkeypatch.setattr(ftkit, "attach", attach)
    assert cli.main(["predict", "r99", str(reviews), "--out", "x.csv"]) == 1
    assert capsys.readouterr().err == "r99: no such run\n"


def test_runs_says_how_to_start_when_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["runs"]) == 0
    assert "python -m ftkit train FILE" in capsys.readouterr().out


def test_runs_lists_in_columns(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [
        SimpleNamespace(id="r01", state="completed", metrics={"accuracy": 0.9}, folder=Path("a")),
        SimpleNamespace(id="a-long-name", state="failed", metrics={}, folder=Path("b")),
    ]
    monkeypatch.setattr(ftkit, "list_runs", lambda: runs)
    assert cli.main(["runs"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.split() == ["r01", "completed", "accuracy=0.900", "a"]
    assert second.split() == ["a-long-name", "failed", "b"]
    assert first.index("completed") == second.index("failed")


@pytest.mark.parametrize(("state", "status"), [("running", 0), ("completed", 1)])
def test_runs_stop_tells_a_live_run_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], state: str, status: int
) -> None:
    told = []
    run = SimpleNamespace(id="r01", state=state, stop=lambda: told.append("stop"))
    monkeypatch.setattr(ftkit, "attach", lambda name: run)
    assert cli.main(["runs", "stop", "r01"]) == status
    assert told == (["stop"] if status == 0 else [])
    assert "r01" in "".join(capsys.readouterr())


# ---- lab and demo ---------------------------------------------------------------------------------------------------


@pytest.fixture
def notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for the notebooks that come with ftkit: small ones, quick to run."""
    folder = tmp_path / "shipped"
    for code, greeting in (("en", "a small fact"), ("zh", "一个小事实")):
        cells = [
            nbformat.v4.new_markdown_cell("# Quick start"),
            nbformat.v4.new_code_cell(f"import os\nprint({greeting!r})\nprint(os.environ['FTKIT_RUNS'])"),
            nbformat.v4.new_code_cell("open('left-behind.txt', 'wb').close()\n6 * 7"),
        ]
        (folder / code).mkdir(parents=True)
        nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / code / commands.QUICK_START)
        (folder / code / ".ipynb_checkpoints").mkdir()
        (folder / code / ".ipynb_checkpoints" / "old.ipynb").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(commands, "_notebooks", lambda: folder)
    return folder


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """Notes with which words `lab` would start JupyterLab, in a folder of its own."""
    from jupyterlab.labapp import LabApp

    calls: list[list[str]] = []
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(LabApp, "launch_instance", calls.append)
    return calls


def test_lab_copies_the_notebooks_and_opens_the_quick_start(
    notebooks: Path, started: list[list[str]], tmp_path: Path
) -> None:
    assert cli.main(["lab", "--no-browser", "--port=9000", "--language", "zh"]) == 0
    copies = tmp_path / "here" / "ftkit-notebooks"
    assert sorted(p.relative_to(copies).as_posix() for p in copies.rglob("*.ipynb")) == [
        "en/01_quick_start.ipynb",
        "zh/01_quick_start.ipynb",
    ]
    quick_start = "--LabApp.default_url=/lab/tree/ftkit-notebooks/zh/01_quick_start.ipynb"
    (words,) = started
    assert {quick_start, "--no-browser", "--port=9000", f"--ServerApp.root_dir={Path.cwd()}"} == set(words)
    assert os.environ["FTKIT_LANGUAGE"] == "zh"


def test_lab_never_overwrites_and_says_what_it_kept(
    notebooks: Path, started: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["lab", "--dir", "mine"]) == 0
    changed = tmp_path / "here" / "mine" / "en" / commands.QUICK_START
    changed.write_text("my own work", encoding="utf-8")
    capsys.readouterr()
    assert cli.main(["lab", "--dir", "mine"]) == 0
    assert changed.read_text(encoding="utf-8") == "my own work"
    shown = capsys.readouterr().out
    assert "Copied" not in shown
    assert f"differs from the one that comes with ftkit: {changed}" in shown
    assert "zh" not in shown.replace(str(changed), "")


def test_lab_elsewhere_opens_that_folder(notebooks: Path, started: list[list[str]], tmp_path: Path) -> None:
    assert cli.main(["lab", "--dir", str(tmp_path / "另 一处")]) == 0
    assert started == [
        [f"--ServerApp.root_dir={tmp_path / '另 一处'}", "--LabApp.default_url=/lab/tree/en/01_quick_start.ipynb"]
    ]


def test_lab_says_when_a_file_is_in_the_way(
    notebooks: Path, started: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("ftkit-notebooks").write_text("not a folder", encoding="utf-8")
    assert cli.main(["lab"]) == 1
    assert "Choose another place with --dir" in capsys.readouterr().err
    assert started == []


def test_lab_says_when_jupyterlab_is_missing(
    notebooks: Path, started: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", None)
    assert cli.main(["lab"]) == 1
    assert "pip install jupyterlab" in capsys.readouterr().err


def test_lab_really_serves_the_quick_start(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "ftkit", "lab", "--no-browser", "--allow-root", "--ServerApp.port=0"]
    where = tmp_path / "张三 的 实验"
    where.mkdir()
    log = tmp_path / "log.txt"
    with log.open("wb") as file:
        server = subprocess.Popen(words, cwd=where, stdout=file, stderr=file, stdin=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while "/lab/tree/" not in log.read_text(encoding="utf-8", errors="replace"):
            assert server.poll() is None, log.read_text(encoding="utf-8", errors="replace")
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8", errors="replace")
            time.sleep(0.1)
    finally:
        server.terminate()
        server.wait(30)
    assert "/lab/tree/ftkit-notebooks/en/01_quick_start.ipynb" in log.read_text(encoding="utf-8", errors="replace")
    assert (where / "ftkit-notebooks" / "zh" / "01_quick_start.ipynb").is_file()


def test_demo_prints_what_the_cells_print_and_leaves_nothing(
    notebooks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert cli.main(["demo", "--language", "zh"]) == 0
    shown = capsys.readouterr().out
    assert "Quick start\n一个小事实\n" in shown
    assert "\n42\n" in shown
    runs = re.search(r"^.*ftkit-demo-.*$", shown, re.M)
    assert runs
    assert not Path(runs[0]).parent.exists()
    assert list((tmp_path / "here").iterdir()) == []


def test_demo_that_fails_names_the_cell(notebooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cells = [nbformat.v4.new_markdown_cell("# Hm"), nbformat.v4.new_code_cell("1 / 0")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), notebooks / "en" / commands.QUICK_START)
    assert cli.main(["demo"]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.slow
def test_demo_runs_the_real_quick_start_on_a_gbk_console(tmp_path: Path) -> None:
    shown = ftkit_command("demo", "--language", "zh", console="cp936", cwd=tmp_path, timeout=600)
    assert shown.status == 0, shown.err
    assert "完成" in shown.out
    assert list(tmp_path.glob("ftkit-*")) == []


# ---- the wheel ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_wheel_carries_the_notebooks_and_the_samples(repository: Path, tmp_path: Path) -> None:
    import zipfile

    words = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(tmp_path),
        str(repository),
    ]
    subprocess.run(words, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for code in ("en", "zh"):
        assert f"ftkit/notebooks/{code}/{commands.QUICK_START}" in names
        samples = repository / "ftkit" / "samples" / code
        assert {f"ftkit/samples/{code}/{p.name}" for p in samples.iterdir() if p.is_file()} <= names
    assert "ftkit/py.typed" in names
    assert {name.split("/")[0] for name in names} == {"ftkit", f"ftkit-{ftkit.__version__}.dist-info"}
