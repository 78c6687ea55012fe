"""A person at a JupyterLab page: start a real run, watch it, stop it, reload, come back later.

The tests share one notebook and its kernel, since importing torch takes longer than most of them; each has a cell and a
folder of runs of its own.
"""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import PAGES, Open
from tests.browser.jupyter import Events, Lab, OpenNotebook, until
from tests.browser.rows import reviews

CI_MARGIN_SECONDS = 0.8  # a shared machine with a browser, a server and a kernel on two cores
LOAD = """
import os
import ftkit, transformers.models.auto
from ftkit.runs import execute
few, many = ftkit.load("few.tsv"), ftkit.load("many.tsv")
"""
LONG = "run = ftkit.finetune(few, epochs=500, batch_size=8, plateau=False, background={background})"
SHORT = "run = ftkit.finetune(few, epochs=3, plateau=False)"
EVALUATING = """run = ftkit.finetune(
    many, epochs=9, batch_size=8, plateau=False, validation=0.9, evaluate_every=1, background={background}
)"""
MODES = pytest.mark.parametrize("background", [False, True], ids=["blocking", "background"])


@dataclass
class Training:
    """A cell that trains, the page that it is on, and the events in its run folder."""

    notebook: OpenNotebook
    index: int
    events: Events

    @property
    def chart(self) -> str | None:
        return self.notebook.bundle(self.index, "image/svg+xml")

    def moves(self, times: int = 2) -> None:
        for _ in range(times):
            before = self.chart
            until(lambda before=before: self.chart not in (None, before), what="the chart moves")  # type: ignore[misc]

    def ends(self, seconds: float = 60.0) -> None:
        self.events.wait_for("RunEnded", seconds)
        until(lambda: self.notebook.bundle(self.index, "image/png"), what="the final picture")
        until(lambda: not self.notebook.busy(self.index), what="the cell ends")

    def facts(self) -> str:
        index = self.notebook.add("print(run.state, len(ftkit.list_runs()))")
        self.notebook.run(index)
        return self.notebook.text(index).strip()

    def saved(self) -> list[dict[str, Any]]:
        """Returns the cell's outputs as they are in the file, once saved."""
        self.notebook.save()
        cells = nbformat.read(self.notebook.lab.work / self.notebook.name, as_version=4).cells
        return [output["data"] for output in cells[self.index].outputs if "data" in output]


Start = Callable[..., Training]


@pytest.fixture(scope="module")
def notebook(lab: Lab, browser: Browser) -> Iterator[OpenNotebook]:
    for name, rows in (("few", 240), ("many", 2000)):
        (lab.work / f"{name}.tsv").write_text(reviews(rows), encoding="utf-8")
    lab.write_notebook("finetune.ipynb", LOAD)
    opened = OpenNotebook(lab, browser, "finetune.ipynb")
    opened.run(0, seconds=60)
    yield opened
    opened.close()


@pytest.fixture
def start(notebook: OpenNotebook, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Start]:
    """Starts training in a new cell; what still trains after the test is interrupted."""
    request.node.stash[PAGES] = [notebook]
    events = Events(tmp_path)

    def start_(cell: str, *, background: bool = False, wait: bool = False) -> Training:
        notebook.run(notebook.add(f"os.environ['FTKIT_RUNS'] = {str(tmp_path)!r}"))
        index = notebook.add(cell.format(background=background))
        notebook.run(index, wait=background or wait)
        return Training(notebook, index, events)

    yield start_
    if events.all() and not events.of("RunEnded"):
        notebook.interrupt()
        notebook.run(notebook.add("for left in ftkit.list_runs():\n    left.stop()"))


def took(training: Training, clicked: float, where: str) -> None:
    """Measures from the click on the page to the end of the run, as its folder tells it."""
    seconds = training.events.wait_for("RunEnded") - clicked
    steps = training.events.of("StepsEnded")[-5:]
    spent = steps[-1]["elapsed_seconds"] - steps[0]["elapsed_seconds"]
    step = 0.0 if "evaluation" in where else spent / max(1, steps[-1]["last"] - steps[0]["last"])
    print(f"stop, {where}: {1000 * seconds:.0f} ms from the click; a step takes {1000 * step:.0f} ms")
    assert seconds < 0.2 + step + CI_MARGIN_SECONDS


@MODES
def test_the_chart_moves_and_stop_takes_effect_at_once(start: Start, background: bool) -> None:
    training = start(LONG, background=background)
    mode = "background" if background else "blocking"
    training.events.wait_for("Evaluated", more_than=2)
    training.moves()
    assert training.notebook.busy(training.index) is not background
    training.notebook.screenshot(f"running-{mode}", training.index)
    clicked = training.notebook.click("Stop, keep best", training.index)
    took(training, clicked, mode)
    training.ends()
    assert training.facts() == "stopped 1"
    training.notebook.screenshot(f"stopped-{mode}", training.index)


@MODES
def test_stop_takes_effect_during_an_evaluation(start: Start, background: bool) -> None:
    training = start(EVALUATING, background=background)
    training.events.wait_for("Evaluated", more_than=1)
    until(lambda: training.events.all()[-1]["type"] == "StepsEnded", what="an evaluation begins", every=0.005)
    clicked = training.notebook.click("Stop, keep best", training.index)
    took(training, clicked, f"evaluation, {'background' if background else 'blocking'}")
    ended = training.events.of("RunEnded")[0]
    assert (ended["reason"], ended["detail"]) == ("stopped", "stop")
    assert ended["step"] > training.events.of("Evaluated")[-1]["step"], "the evaluation was given up"


def test_pause_holds_the_run_and_resume_lets_it_go_on(start: Start) -> None:
    training = start(LONG)
    training.events.wait_for("StepsEnded")
    training.notebook.click("Pause", training.index)
    training.events.wait_for("Paused")
    training.notebook.status_is("paused", training.index)
    done = len(training.events.of("StepsEnded"))
    training.notebook.page.wait_for_timeout(600)
    assert len(training.events.of("StepsEnded")) == done
    training.notebook.click("Resume", training.index)
    training.events.wait_for("StepsEnded", more_than=done)
    training.notebook.click("Stop, keep best", training.index)
    training.ends()


def test_a_kernel_interrupt_ends_the_run_gracefully_with_its_chart(start: Start) -> None:
    training = start(LONG)
    training.events.wait_for("Evaluated", more_than=1)
    training.notebook.interrupt()
    training.ends()
    assert "interrupted" in training.notebook.text(training.index)
    assert "Traceback" not in training.notebook.text(training.index)
    assert training.facts() == "interrupted 1"
    training.notebook.screenshot("interrupted", training.index)


def test_running_the_cell_again_starts_no_second_run_and_shows_the_first(start: Start) -> None:
    training = start(LONG, background=True)
    training.events.wait_for("StepsEnded")
    training.notebook.run(training.index)
    training.moves(1)
    assert training.facts() == "running 1"
    training.notebook.click("Stop, keep best", training.index)
    training.ends()
    assert training.facts() == "stopped 1"


def test_running_a_blocking_cell_again_meanwhile_starts_no_second_run(start: Start) -> None:
    training = start(LONG)
    training.events.wait_for("StepsEnded")
    training.notebook.run(training.index, wait=False)  # impatient: it waits in the kernel's queue
    training.notebook.interrupt()
    training.events.wait_for("RunEnded")
    assert training.facts() == "interrupted 1"
    assert "no second run was started" in training.notebook.text(training.index)
    assert training.notebook.bundle(training.index, "image/png")


def test_a_background_run_leaves_the_kernel_free_and_other_cells_alone(start: Start) -> None:
    training = start(LONG, background=True)
    training.events.wait_for("StepsEnded")
    other = training.notebook.add("import time; time.sleep(1); print('mine')")
    training.notebook.run(other)
    assert training.notebook.text(other).strip() == "mine"
    assert training.events.of("RunEnded") == []
    training.notebook.click("Stop, keep best", training.index)
    training.ends()
    assert training.notebook.text(other).strip() == "mine"


def test_a_run_that_fails_keeps_its_chart_and_says_why(start: Start) -> None:
    broken = "def full(*args, **more):\n    raise OSError(28, 'No space left on device')\n\n"
    patched = (
        f"{broken}kept, execute._save = execute._save, full\ntry:\n    {SHORT}\nfinally:\n    execute._save = kept"
    )
    training = start(patched)
    training.ends()
    said = training.notebook.text(training.index)
    assert "failed" in said
    assert said.count("No space left on device") >= 2, "in the summary, and in the error that the cell raises"
    training.notebook.screenshot("failed-run", training.index)


def test_the_saved_notebook_keeps_a_picture_and_words_and_no_widget(
    start: Start, open_notebook: Open, lab: Lab
) -> None:
    training = start(SHORT)
    training.ends()
    bundles = training.saved()
    pictures = [bundle for bundle in bundles if "image/png" in bundle]
    assert len(pictures) == 1
    assert base64.b64decode(pictures[0]["image/png"]).startswith(b"\x89PNG")
    assert "completed" in pictures[0]["text/plain"]
    assert not any("application/vnd.jupyter.widget-view+json" in bundle for bundle in bundles)

    shutil.copy(lab.work / training.notebook.name, lab.work / "reopened.ipynb")
    reopened = open_notebook("reopened.ipynb", kernel=False)
    picture = reopened.cell(training.index).locator("img")
    picture.wait_for()
    until(lambda: picture.evaluate("image => image.complete && image.naturalWidth") > 0, what="a picture that is drawn")
    shown = reopened.cell(training.index).text_content() or ""
    assert "completed" in shown
    assert "widget" not in shown.lower()
    reopened.screenshot("without-a-kernel", training.index)


def test_a_click_after_a_restart_says_that_the_kernel_is_gone(start: Start) -> None:
    training = start(LONG, background=True)
    notebook, index = training.notebook, training.index
    training.events.wait_for("StepsEnded")
    notebook.page.evaluate("() => window.panel.sessionContext.session.kernel.restart()")
    notebook.page.wait_for_function("() => window.panel.sessionContext.session.kernel.status === 'idle'")
    notebook.click("Stop, keep best", index)
    status = notebook.cell(index).locator(".ftkit-status")
    until(lambda: "ftkit.list_runs()" in (status.text_content() or ""), what="the panel says that the kernel is gone")
    assert notebook.button("Stop, keep best", index).is_disabled()
    assert notebook.button("Pause", index).is_disabled()
    notebook.screenshot("restarted", index)
    notebook.run(notebook.add(LOAD))  # for the tests that come after


def test_reloading_the_page_shows_the_chart_again_and_stop_works(start: Start) -> None:
    training = start(LONG, background=True)
    notebook, index = training.notebook, training.index
    training.events.wait_for("Evaluated", more_than=1)
    training.moves(1)
    notebook.save()
    notebook.reload()
    picture = notebook.cell(index).locator(".ftkit-chart")
    picture.wait_for()
    before = picture.get_attribute("src")
    until(lambda: picture.get_attribute("src") != before, what="the chart moves after the reload")
    notebook.screenshot("reloaded", index)
    clicked = notebook.click("Stop, keep best", index)
    took(training, clicked, "after a reload")
    notebook.status_is("stopped", index)
    assert notebook.button("Stop, keep best", index).is_disabled()
    assert "run.plot()" in (notebook.cell(index).locator(".ftkit-note").text_content() or "")
    assert training.facts() == "stopped 1"
    plot = notebook.add("run.plot()")
    notebook.run(plot)
    assert notebook.bundle(plot, "image/png"), "the picture is had again from the run"
    notebook.screenshot("reloaded-stopped", index)
