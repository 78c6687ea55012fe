from __future__ import annotations

import base64
import queue
import sys
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from ftkit.errors import SettingError
from ftkit.training.events import Command, Pause, Paused, RunEnded, Sampled, StepsEnded, Stop, Unpause, Warned
from ftkit.views import live
from ftkit.views.controls import Controls
from ftkit.views.live import NotebookPanel, TerminalLines, choose
from tests.views.awkward import EVIL
from tests.views.simulated import EXPECTED, PROMPTS, simulate, simulate_writing, started


class Shown:
    """One display of a notebook: what it showed first, and each update since."""

    def __init__(self, bundle: dict[str, Any]) -> None:
        self.bundles = [bundle]
        self.metadata: dict[str, Any] = {}

    def update(self, bundle: dict[str, Any], *, raw: bool, metadata: dict[str, Any] | None = None) -> None:
        assert raw
        self.bundles.append(bundle)
        self.metadata = metadata or {}

    @property
    def last(self) -> dict[str, Any]:
        return self.bundles[-1]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Shown]:
    """The displays that a panel makes, in order: controls, chart, text."""
    made: list[Shown] = []

    def show(bundle: dict[str, Any]) -> Shown:
        made.append(Shown(bundle))
        return made[-1]

    monkeypatch.setattr(live, "_show", show)
    return made


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock, to be moved by hand."""
    moment = [1000.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: moment[0])
    return moment


def steps(last: int) -> StepsEnded:
    return StepsEnded(last, last, (0.5,), 1e-3, last / 30, last / 10)


def ended(reason: Any = "completed", message: str = "") -> RunEnded:
    return RunEnded(reason, "epochs", message, 3, None, {}, 1.0)


def test_all_three_outputs_are_there_before_the_first_event(shown: list[Shown]) -> None:
    NotebookPanel(lambda command: None)
    assert len(shown) == 3
    assert "application/vnd.jupyter.widget-view+json" in shown[0].last
    assert "image/svg+xml" in shown[1].last
    assert "text/html" in shown[2].last


def test_the_chart_is_redrawn_at_most_twice_a_second(shown: list[Shown], now: list[float]) -> None:
    panel = NotebookPanel(lambda command: None)
    panel.update(started())
    before = len(shown[1].bundles)
    for last in range(1, 1001):
        now[0] += 0.01  # ten seconds in all
        panel.update(steps(last))
    assert 18 <= len(shown[1].bundles) - before <= 20


def test_a_pause_and_the_end_are_drawn_at_once(shown: list[Shown], now: list[float]) -> None:
    panel = NotebookPanel(lambda command: None)
    for event in (started(), steps(1), Paused(1)):
        panel.update(event)
    assert "PAUSED" in shown[1].last["text/plain"]
    panel.update(ended())
    assert "completed" in shown[1].last["text/plain"]


def test_what_came_in_the_quiet_time_is_drawn_when_closed(shown: list[Shown], now: list[float]) -> None:
    panel = NotebookPanel(lambda command: None)
    panel.update(started())
    panel.update(steps(7))
    assert "7/300" not in shown[1].last["image/svg+xml"]
    panel.close()
    assert "7/300" in shown[1].last["image/svg+xml"]


@pytest.mark.parametrize("reason", ["completed", "stopped", "interrupted", "failed"])
def test_an_ordinary_picture_and_words_remain_however_it_ends(shown: list[Shown], reason: str) -> None:
    panel = NotebookPanel(lambda command: None)
    for event in (started(), steps(1), ended(reason, "the reason <b>")):
        panel.update(event)
    picture = shown[1]
    assert base64.b64decode(picture.last["image/png"]).startswith(b"\x89PNG")
    assert set(picture.last) == {"image/png", "text/plain"}
    assert picture.metadata["image/png"] == {"width": 660, "height": 280, "alt": picture.last["text/plain"]}
    assert reason in shown[2].last["text/plain"]
    assert "the reason &lt;b&gt;" in shown[2].last["text/html"]
    assert "application/vnd.jupyter.widget-view+json" not in shown[0].last


def test_a_run_that_fails_before_it_starts_leaves_a_picture_too(shown: list[Shown]) -> None:
    panel = NotebookPanel(lambda command: None)
    panel.update(ended("failed", "no such model"))
    assert "image/png" in shown[1].last
    assert "no such model" in shown[2].last["text/plain"]


def test_nothing_that_fails_while_drawing_reaches_training(shown: list[Shown], monkeypatch: pytest.MonkeyPatch) -> None:
    panel = NotebookPanel(lambda command: None)
    monkeypatch.setattr(live, "svg", lambda history: 1 / 0)
    for event in simulate(epochs=1):
        panel.update(event)
    panel.close()
    assert panel.history.state == "completed"


def test_without_matplotlib_the_last_drawing_remains(shown: list[Shown], monkeypatch: pytest.MonkeyPatch) -> None:
    panel = NotebookPanel(lambda command: None)
    monkeypatch.setitem(sys.modules, "ftkit.views.figure", None)
    for event in (started(), steps(1), ended()):
        panel.update(event)
    assert "image/svg+xml" in shown[1].last
    assert "completed" in shown[1].last["text/plain"]


def test_without_anywidget_the_panel_has_no_buttons_and_says_so(
    shown: list[Shown], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ftkit.views.controls", None)
    panel = NotebookPanel(lambda command: None)
    panel.update(started())
    assert "application/vnd.jupyter.widget-view+json" not in shown[0].last
    assert "run.stop()" in shown[2].last["text/plain"]
    panel.update(ended())
    assert "image/png" in shown[1].last


def test_warnings_are_shown_escaped(shown: list[Shown]) -> None:
    panel = NotebookPanel(lambda command: None)
    panel.update(Warned("evil", EVIL))
    panel.update(started())
    assert "<script" not in shown[2].last["text/html"]
    assert EVIL in shown[2].last["text/plain"]


def test_a_click_only_hands_over_the_command() -> None:
    told: queue.Queue[Command] = queue.Queue()
    controls = Controls(told.put)
    for asked in ("pause", "resume", "stop", "nonsense"):
        controls._handle_custom_msg({"type": asked}, [])
    controls._handle_custom_msg("not even a dict", [])
    assert [told.get_nowait() for _ in range(told.qsize())] == [Pause(), Unpause(), Stop()]


def test_a_request_is_pending_until_the_state_answers_it() -> None:
    controls = Controls(lambda command: None)
    seen = []
    for state, asked in (("running", "pause"), ("running", ""), ("paused", "stop"), ("running", ""), ("stopped", "")):
        controls.show(state, state, "<svg/>")
        seen.append(controls.pending)
        controls._handle_custom_msg({"type": asked}, [])
    assert seen == ["", "pause", "", "stop", ""]


def test_controls_carry_the_latest_chart(shown: list[Shown], now: list[float]) -> None:
    panel = NotebookPanel(lambda command: None)
    for event in (started(), steps(5), Paused(5)):
        panel.update(event)
    assert panel._controls is not None
    assert panel._controls.svg == shown[1].last["image/svg+xml"]
    ElementTree.fromstring(panel._controls.svg)


def test_watched_prompts_move_in_the_chart_and_in_the_copy_that_a_reload_shows(
    shown: list[Shown], now: list[float]
) -> None:
    panel = NotebookPanel(lambda command: None)
    assert panel._controls is not None
    seen = set()
    for event in simulate_writing():
        now[0] += 1.0
        panel.update(event)
        if panel.history.ended is None:
            drawn = shown[1].last["image/svg+xml"]
            assert panel._controls.svg == drawn
            seen |= {
                text for text in ("Because", "Because of scatte", "Because of scattering.") if f">{text}<" in drawn
            }
    assert len(seen) >= 2
    assert "&lt;b&gt;Tea&lt;/b&gt;" in panel._controls.svg


def test_samples_change_nothing_in_how_often_is_drawn(shown: list[Shown], now: list[float]) -> None:
    panel = NotebookPanel(lambda command: None)
    panel.update(started())
    before = len(shown[1].bundles)
    for step in range(1000):
        now[0] += 0.01
        panel.update(Sampled(step, "Why?", f"because {step}", ""))
    assert 18 <= len(shown[1].bundles) - before <= 20


def test_what_was_written_stays_as_a_table_and_as_text(shown: list[Shown]) -> None:
    panel = NotebookPanel(lambda command: None)
    for event in simulate_writing():
        panel.update(event)
    picture, text = shown[1].last, shown[2].last
    assert set(picture) == {"image/png", "text/plain"}
    assert text["text/html"].count("<table") == 1
    assert "<b>" not in text["text/html"]
    assert f"> {PROMPTS[1]}" in text["text/plain"]
    assert EXPECTED[2] in text["text/plain"]


def test_the_stored_text_of_the_controls_is_the_same_in_every_run() -> None:
    texts = {Controls(lambda command: None).bundle()["text/plain"] for _ in range(2)}
    assert texts == {"[Pause] [Stop, keep best]"}


def test_a_click_is_not_routed_back_to_the_busy_shell() -> None:
    class Routed:
        def _reply_subshell_for(self, data: object, default: object) -> object:
            return None  # what ipykernel 7.4 does: back to the main shell

    class Widget:
        comm = Routed()

    from ftkit.views.controls import _let_clicks_in

    _let_clicks_in(Widget())  # type: ignore[arg-type]
    assert Widget.comm._reply_subshell_for({}, "subshell-1") == "subshell-1"


def test_where_there_is_no_kernel_lines_are_chosen() -> None:
    assert isinstance(choose("auto", lambda command: None), TerminalLines)
    assert isinstance(choose(True, lambda command: None), TerminalLines)
    assert choose(False, lambda command: None) is None


def test_an_unknown_show_is_refused() -> None:
    with pytest.raises(SettingError, match="show: 'loud' is not known"):
        choose("loud", lambda command: None)
