"""The panel's behaviour on a page, with a simulated run that keeps an exact pace."""

from __future__ import annotations

from tests.browser.conftest import Open
from tests.browser.jupyter import OpenNotebook, until

START = """
from ftkit.views.live import choose
from tests.views.simulated import SimulatedRun
run = SimulatedRun(lambda send: choose("auto", send), step_seconds=0.05, steps_per_epoch=20)
"""
BLOCKING = START + "run.wait()"


def chart(notebook: OpenNotebook) -> str | None:
    return notebook.bundle(0, "image/svg+xml")


def test_buttons_answer_at_once_and_work_from_the_keyboard(open_notebook: Open) -> None:
    notebook = open_notebook("keyboard.ipynb", BLOCKING)
    notebook.run(0, wait=False)
    pause = notebook.button("Pause")
    until(lambda: pause.is_visible() and pause.is_enabled(), what="Pause can be pressed")
    pause.focus()
    notebook.page.keyboard.press("Enter")
    notebook.status_is("paused")
    stopped_at = chart(notebook)
    assert stopped_at is not None
    notebook.screenshot("paused")
    resume = notebook.button("Resume")
    resume.focus()
    notebook.page.keyboard.press("Enter")
    notebook.status_is("running")
    until(lambda: chart(notebook) != stopped_at, what="the chart moves again")
    notebook.page.keyboard.press("Tab")
    answered = notebook.page.evaluate(
        """() => {
            const stop = document.activeElement;
            stop.click();  // the words must be there before any message can have come back
            return [stop.textContent, document.querySelector('.ftkit-status').textContent];
        }"""
    )
    assert answered == ["Stop, keep best", "Stopping after this step…"]
    until(lambda: notebook.bundle(0, "image/png"), what="the final picture")
    assert not notebook.button("Pause").is_visible(), "a run that is over has no buttons"


def test_a_second_view_shows_the_chart_of_its_own(open_notebook: Open) -> None:
    notebook = open_notebook("second.ipynb", START)
    notebook.run(0)
    notebook.button("Stop, keep best").wait_for()
    assert notebook.page.locator(".ftkit-chart").count() == 0
    notebook.page.evaluate(
        """() => {
            window.panel.content.activeCellIndex = 0;
            return window.jupyterapp.commands.execute('notebook:create-output-view');
        }"""
    )
    picture = notebook.page.locator(".ftkit-chart")
    picture.wait_for()
    before = picture.get_attribute("src")
    until(lambda: picture.get_attribute("src") != before, what="the second view moves")
    notebook.screenshot("second-view")


def test_scrolling_away_and_back_adds_nothing(open_notebook: Open) -> None:
    notebook = open_notebook("scroll.ipynb", START, *["print('line\\n' * 60)"] * 3)
    notebook.run(0)
    for index in (1, 2, 3):
        notebook.run(index)
    for index in (3, 0):
        notebook.page.evaluate("index => window.panel.content.scrollToItem(index, 'start')", index)
        notebook.page.wait_for_timeout(300)
    notebook.button("Stop, keep best").wait_for()
    assert notebook.page.locator(".ftkit-controls").count() == 1
    assert notebook.page.locator(".ftkit-chart").count() == 0


def test_the_panel_is_legible_in_a_dark_theme(open_notebook: Open) -> None:
    notebook = open_notebook("dark.ipynb", "import ftkit; ftkit.language('zh')\n" + START)
    theme = "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})"
    notebook.page.evaluate(theme, "JupyterLab Dark")
    try:
        notebook.run(0)
        stop = notebook.button("停止并保留最佳")
        stop.wait_for()
        until(lambda: "验证" in (chart(notebook) or ""), what="a Chinese chart")
        text, ground = stop.evaluate("node => [getComputedStyle(node).color, getComputedStyle(node).backgroundColor]")
        assert contrast(text, ground) > 4.5
        notebook.page.wait_for_timeout(1500)
        notebook.screenshot("dark-zh")
    finally:
        notebook.page.evaluate(theme, "JupyterLab Light")
        notebook.page.wait_for_timeout(500)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two CSS colours, as WCAG defines it."""

    def luminance(colour: str) -> float:
        parts = [float(part) / 255 for part in colour.partition("(")[2].rstrip(")").split(",")[:3]]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
