"""The quick start as a new user meets it: opened in JupyterLab, run from the first cell to the last."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.browser.conftest import Open
from tests.browser.jupyter import Lab, OpenNotebook, until


def test_the_quick_start_runs_and_its_charts_move(open_notebook: Open, lab: Lab, repository: Path) -> None:
    shutil.copy(repository / "notebooks" / "en" / "01_quick_start.ipynb", lab.work / "01_quick_start.ipynb")
    notebook = open_notebook("01_quick_start.ipynb")
    notebook.page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    sources = notebook.sources()
    first, second = (index for index, source in enumerate(sources) if "= ftkit.finetune(" in source)
    notebook.run_all()
    moves(notebook, first)
    notebook.screenshot("quick-start-running", first)
    until(lambda: notebook.bundle(first, "image/png"), 120, "the first run's picture")
    moves(notebook, second)
    notebook.click("Stop, keep best", second)
    until(lambda: notebook.bundle(second, "image/png"), 30, "the second run's picture")
    until(lambda: not notebook.any_busy(), 60, "the last cell ends")
    errors = [output for index in range(len(sources)) for output in notebook.outputs(index) if "ename" in output]
    assert errors == []
    assert "completed" in notebook.text(first)
    assert "stopped" in notebook.text(second)
    plotted = next(index for index, source in enumerate(sources) if source.strip() == "run.plot()")
    assert notebook.bundle(plotted, "image/png")
    notebook.screenshot("quick-start-done", first)


def moves(notebook: OpenNotebook, index: int) -> None:
    until(lambda: notebook.bundle(index, "image/svg+xml"), 90, "a chart appears")
    for _ in range(2):
        before = notebook.bundle(index, "image/svg+xml")
        until(
            lambda before=before: notebook.bundle(index, "image/svg+xml") not in (None, before),  # type: ignore[misc]
            what="the chart moves",
        )
