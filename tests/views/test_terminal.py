from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterator

import pytest

from ftkit.i18n import language
from ftkit.training.events import EpochEnded, Evaluated, Event, Progress, Sampled, StepsEnded, Warned
from ftkit.views import terminal
from ftkit.views.live import TerminalLines
from tests.views.simulated import PROMPTS, simulate, simulate_writing, started


def lines_of(
    encoding: str = "utf-8", events: Callable[..., Iterator[Event]] = simulate, **settings: object
) -> list[str]:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    view = TerminalLines(stream)
    for event in events(**settings):
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


def test_each_watched_prompt_has_a_line_below_its_evaluation() -> None:
    lines = lines_of(events=simulate_writing, epochs=2)
    assert [line[:5] for line in lines[1:9]] == [
        "epoch",
        "  <b>",
        "  静夜思",
        "  Why",
        "epoch",
        "  <b>",
        "  静夜思",
        "  Why",
    ]
    assert lines[8] == f"  {PROMPTS[2]} -> Because of"
    assert max(map(len, lines[2:5])) <= 2 + 30 + 4 + 80
    assert not any("\x1b" in line for line in lines), "a model's escape sequences stay out of the terminal"


def test_samples_of_an_evaluation_without_a_line_are_not_written() -> None:
    stream = io.StringIO()
    view = TerminalLines(stream)
    for event in (started(), Evaluated(0, 0.0, 1.0, {}, False, 0.1), Sampled(0, "a", "first", "")):
        view.update(event)
    for event in (Evaluated(3, 0.1, 1.0, {}, False, 0.1), Sampled(3, "a", "second", "")):
        view.update(event)
    assert "first" in stream.getvalue()
    assert "second" not in stream.getvalue()


def test_a_long_text_is_cut_so_that_every_console_shows_it() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="cp936", newline="\n")
    view = TerminalLines(stream)
    view.update(Evaluated(0, 0.0, 1.0, {}, False, 0.1))
    view.update(Sampled(0, "词" * 50, "word " * 50, ""))
    stream.seek(0)
    line = stream.read().splitlines()[-1]
    assert line == f"  {'词' * 27}... -> {('word ' * 50)[:77].rstrip()}..."


@pytest.mark.parametrize("code", ["en", "zh"])
def test_the_start_line_says_which_share_is_trained(code: str) -> None:
    language(code)
    stream = io.StringIO()
    changed = started(n_parameters=494_000_000, n_trainable=4_000_000, settings={"method": "lora"})
    TerminalLines(stream).update(changed)
    assert stream.getvalue() == "run r03  classification  480+53 rows  LoRA: 0.81% of 494 M parameters\n"
