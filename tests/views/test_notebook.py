"""The panel where nobody looks: notebooks that nbclient runs and nbval checks, without a browser."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbclient
import nbformat
import pytest

LIVE = """
from ftkit.views.live import choose
from tests.views.simulated import SimulatedRun
run = SimulatedRun(lambda send: choose("auto", send), epochs=3, step_seconds=0.01)
run.wait()
"""
FACT = "print(type(run.view).__name__, run.view.history.state, run.view.history.step)"


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """A notebook with a live cell and a cell of facts, run once from its first cell to its last."""
    path = tmp_path_factory.mktemp("notebook") / "live.ipynb"
    live = nbformat.v4.new_code_cell(LIVE, metadata={"tags": ["nbval-ignore-output"]})
    notebook = nbformat.v4.new_notebook(cells=[live, nbformat.v4.new_code_cell(FACT)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    client = nbclient.NotebookClient(notebook, timeout=60, store_widget_state=False)
    client.execute(cwd=str(path.parent), env={**os.environ, "PYTHONPATH": str(repository), "FTKIT_LANGUAGE": "en"})
    nbformat.write(notebook, path)
    return path


def outputs(path: Path) -> list[dict[str, str]]:
    notebook = nbformat.read(path, as_version=4)
    return [output["data"] for output in notebook.cells[0].outputs if "data" in output]  # others may warn on stderr


def test_picture_and_summary_are_stored_in_the_notebook(executed: Path) -> None:
    controls, chart, text = outputs(executed)
    assert set(chart) == {"image/png", "text/plain"}
    assert "Run r03: completed" in chart["text/plain"]
    assert "Run r03: completed" in text["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" not in controls


def test_the_notebook_keeps_no_widget_state(executed: Path) -> None:
    assert "widgets" not in nbformat.read(executed, as_version=4).metadata


def test_the_thread_writes_into_no_other_cell(executed: Path) -> None:
    facts = nbformat.read(executed, as_version=4).cells[1].outputs
    assert [output["text"] for output in facts] == ["NotebookPanel completed 90\n"]


def test_nbval_passes_on_it(executed: Path, repository: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(repository), "FTKIT_LANGUAGE": "en"}
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider", "-q"]
    command += ["-c", os.devnull, "--rootdir", str(executed.parent), str(executed)]
    done = subprocess.run(
        command,
        env=environment,
        cwd=executed.parent,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "2 passed" in done.stdout
