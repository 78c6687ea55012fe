"""nbval, called as `make test-all` calls it, fails at the one cell whose stored fact is wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks" / "en" / "01_quick_start.ipynb"


def copy_with_a_wrong_fact(folder: Path, *, last: str, right: str, wrong: str) -> list[str]:
    """Writes the notebook up to the cell `last`, in which one stored fact is altered; returns its code cells' ids."""
    notebook = nbformat.reads(NOTEBOOK.read_text(encoding="utf-8"), as_version=4)
    ids = [cell.id for cell in notebook.cells]
    notebook.cells = notebook.cells[: ids.index(last) + 1]
    stored = notebook.cells[-1].outputs[0]
    assert stored.text.count(right) == 1
    stored.text = stored.text.replace(right, wrong)
    (folder / "copy.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    return [cell.id for cell in notebook.cells if cell.cell_type == "code"]


def failed_cells(folder: Path, ids: list[str]) -> list[str]:
    """Runs nbval on the copy; returns the ids of the cells that failed, after checking that it ran them all."""
    command = [sys.executable, "-m", "pytest", "-c", "pytest.ini", "--nbval", "--nbval-current-env", "-v"]
    command += ["--nbval-sanitize-with", str(ROOT / "tests" / "nbval.cfg"), "--nbval-cell-timeout", "300"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", "copy.ipynb"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
    )
    results = re.findall(r"::Cell (\d+) (PASSED|FAILED)", done.stdout)
    assert [int(number) for number, _ in results] == list(range(len(ids))), done.stdout + done.stderr
    return [ids[int(number)] for number, result in results if result == "FAILED"]


def test_a_wrong_fact_about_the_file_fails_at_its_cell(tmp_path):
    ids = copy_with_a_wrong_fact(tmp_path, last="check", right="problem: 0", wrong="problem: 1")
    assert failed_cells(tmp_path, ids) == ["check"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("right", "wrong"),
    [("more than twice as often: True", "more than twice as often: False")],
)
def test_a_wrong_fact_about_the_trained_model_fails_at_its_cell(tmp_path, right, wrong):
    ids = copy_with_a_wrong_fact(tmp_path, last="facts", right=right, wrong=wrong)
    assert failed_cells(tmp_path, ids) == ["facts"]
