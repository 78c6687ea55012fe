from __future__ import annotations

import io
import re
import sys

import pytest

from ftkit.i18n import language
from ftkit.training.events import EpochEnded, Progress, StepsEnded, Warned
from ftkit.views import terminal
from ftkit.views.live import TerminalLines
from tests.views.simulated import simulate, started


def lines_of(encoding: str = "utf-8", **settings: object) -> list[str]:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    view = TerminalLines(stream)
    for event in simulate(**settings):  # type: ignore[arg-type]
        view.update(event)
    view.close()
    stream.flush()
    return raw.getvalue().decode(encoding).splitlines()


def test_one_line_an_epoch_then_the_summary() -> None:
    lines = lines_of(epochs=3)
    assert [line.split()[0] for line in lines] == ["run", "epoch", "epoch", "epoch", "epoch", "Run"]
    number = r"\d\.\d{3}"
    measured = rf"train_loss {number}  val_loss {number}  accuracy {number}  macro_f1 {number}"
    assert re.fullmatch(rf"epoch 1/3  step 30/90  {measured}  \*best  0:02<0:03", lines[2])
    assert re.fullmatch(rf"epoch 3/3  step 90/90  {measured}  0:04<0:00", lines[4])


@pytest.mark.parametrize("encoding", ["cp936", "cp1252", "ascii", "utf-8"])
@pytest.mark.parametrize("code", ["en", "zh"])
def test_every_console_can_show_it(encoding: str, code: str) -> None:
    language(code)
    lines = lines_of(encoding)
    assert all("?" not in line for line in lines[2:])
    assert all(line.isascii() for line in lines[:-1])
    assert lines[-1].isascii() == (code == "en" or encoding in ("cp1252", "ascii"))


def test_letters_that_a_console_lacks_are_replaced() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline="\n")
    TerminalLines(stream).update(Warned("odd", "标签 ✗"))
    stream.seek(0)
    assert stream.read() == "warning: ?? ?\n"


def test_an_epoch_without_evaluation_has_its_line_too() -> None:
    stream = io.StringIO()
    view = TerminalLines(stream)
    for event in (started(), StepsEnded(1, 30, (0.5,) * 30, 1e-3, 1.0, 3.0), EpochEnded(1, 30, 0.5)):
        view.update(event)
    view.close()
    assert "epoch 1/10  step 30/300  train_loss 0.500  0:03<0:27" in stream.getvalue()


def test_a_phase_is_told_only_when_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(terminal.time, "monotonic", lambda: now[0])
    stream = io.StringIO()
    view = TerminalLines(stream)
    for done in range(11):
        view.update(Progress("tokenise", done, 10))
        now[0] += 0.05
    assert stream.getvalue() == ""
    for done in range(11):
        view.update(Progress("model", done, 10))
        now[0] += 0.4
    assert stream.getvalue() == "model 3/10\n"


def test_lines_go_to_the_stdout_of_the_moment(capsys: pytest.CaptureFixture[str]) -> None:
    view = TerminalLines()
    view.update(Warned("x", "here"))
    assert capsys.readouterr().out == "warning: here\n"
    assert "matplotlib.pyplot" not in sys.modules
