"""A person watches a model learn to write: the prompts under the chart move, stay after a reload, and are saved."""

from __future__ import annotations

import shutil
import urllib.parse
from pathlib import Path

from tests.browser.conftest import Open
from tests.browser.jupyter import Events, Lab, OpenNotebook, until

ROWS = [
    row
    for cups in range(2, 42)
    for row in (
        (f"Tea <b>for</b> {cups}", f"Boil the water, pour it over {cups} spoons of leaves & wait."),
        (f"{cups}人份的粥", f"先洗{cups}杯米，再加水，小火慢煮。"),
    )
]
START = """
import os
import ftkit
os.environ["FTKIT_RUNS"] = {runs!r}
run = ftkit.finetune(
    ftkit.load("titles.tsv", format="title"), epochs=400, batch_size=8, evaluate_every=10, plateau=False,
    background={background}, {more}
)"""


def picture(notebook: OpenNotebook) -> str:
    return notebook.bundle(0, "image/svg+xml") or ""


def opened(open_notebook: Open, lab: Lab, runs: Path, name: str, *, background: bool, more: str = "") -> OpenNotebook:
    lines = [f"{title}\t{content}\n" for title, content in ROWS]
    (lab.work / "titles.tsv").write_text("".join(lines), encoding="utf-8")
    return open_notebook(name, START.format(runs=str(runs), background=background, more=more))


def test_watched_prompts_move_and_stay_in_the_saved_notebook(open_notebook: Open, lab: Lab, tmp_path: Path) -> None:
    notebook = opened(open_notebook, lab, tmp_path, "watched.ipynb", background=False)
    events = Events(tmp_path)
    notebook.run(0, wait=False)
    until(lambda: "now, step" in picture(notebook), 90, "what a prompt is continued with after some steps")
    assert "before training" in picture(notebook)
    assert "<b>" not in picture(notebook)
    height = notebook.page.evaluate('svg => svg.match(/height="(\\d+)"/)[1]', picture(notebook))
    before = len(events.of("Sampled"))
    events.wait_for("Sampled", 60, more_than=before + 8)
    step = events.of("Sampled")[before]["step"]
    until(lambda: f"now, step {step}" not in picture(notebook), what="the prompts move on")
    assert f'height="{height}"' in picture(notebook)
    notebook.screenshot("watched-running", 0)
    notebook.click("Stop, keep best", 0)
    until(lambda: notebook.bundle(0, "image/png"), 30, "the final picture")
    until(lambda: not notebook.busy(0), what="the cell ends")
    assert "watched prompts" in notebook.text(0)
    notebook.screenshot("watched-stopped", 0)

    notebook.save()
    shutil.copy(lab.work / notebook.name, lab.work / "watched-again.ipynb")
    again = open_notebook("watched-again.ipynb", kernel=False)
    table = again.cell(0).locator("table")
    table.wait_for()
    said = table.text_content() or ""
    assert "before training" in said
    assert any(title in said for title, _ in ROWS)
    again.screenshot("watched-without-a-kernel", 0)


def test_watched_prompts_move_after_a_reload_too(open_notebook: Open, lab: Lab, tmp_path: Path) -> None:
    more = 'watch=("3人份的粥",)'
    notebook = opened(open_notebook, lab, tmp_path, "watched-reload.ipynb", background=True, more=more)
    notebook.run(0, seconds=90)
    until(lambda: "now, step" in picture(notebook), 60, "what the prompt is continued with after some steps")
    notebook.save()
    notebook.reload()
    chart = notebook.cell(0).locator(".ftkit-chart")
    chart.wait_for()

    def now() -> str:
        drawn = urllib.parse.unquote(chart.get_attribute("src") or "")
        return drawn.partition("now, step ")[2].partition("<")[0]

    first = until(now, what="the watched prompt in the chart that the reload shows")
    until(lambda: now() not in ("", first), what="it moves")
    notebook.screenshot("watched-reloaded", 0)
    notebook.click("Stop, keep best", 0)
    notebook.status_is("stopped", 0)
