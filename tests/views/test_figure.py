from __future__ import annotations

import base64
import struct
import subprocess
import sys
import threading

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend import Legend

from ftkit.i18n import language
from ftkit.views import figure
from ftkit.views.chart import chart
from ftkit.views.table import History
from tests.views.awkward import histories
from tests.views.simulated import simulate, simulate_writing


def replay() -> History:
    history = History()
    for event in simulate():
        history.update(event)
    return history


def all_texts(drawn: Figure) -> str:
    parts = [text.get_text() for text in drawn.texts]
    for axes in drawn.axes:
        parts += [axes.get_title(loc="left"), axes.get_xlabel(), *(text.get_text() for text in axes.texts)]
        parts += [text.get_text() for legend in axes.findobj(Legend) for text in legend.get_texts()]
    return " ".join(parts)


def test_figure_is_drawn_on_agg_without_pyplot() -> None:
    drawn = figure.draw(replay())
    assert isinstance(drawn, Figure)
    assert isinstance(drawn.canvas, FigureCanvasAgg)
    code = (
        "import sys, ftkit.views.figure as f, ftkit.views.table as t; f.png(t.History());"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "False"


def test_lines_are_those_of_the_live_chart() -> None:
    loss, metric = figure.draw(replay()).axes
    lines = {line.get_label(): line for line in [*loss.lines, *metric.lines]}
    assert (lines["train"].get_color(), lines["train"].get_linestyle()) == ("#0072b2", "-")
    assert (lines["validation"].get_color(), lines["validation"].get_linestyle()) == ("#d55e00", "--")
    assert lines["accuracy"].get_ydata()[0] == pytest.approx(0.489, abs=0.001)
    assert "commonest label 0.51" in lines


def test_a_falling_perplexity_has_the_axis_of_the_live_chart() -> None:
    history = History()
    for event in simulate_writing(lora=True):
        history.update(event)
    drawn = figure.draw(history)
    axes = drawn.axes[1]
    axis = chart(history).metric_axis
    assert axes.get_yscale() == "log"
    assert axes.get_ylim() == pytest.approx((axis.low, axis.high))
    assert [label.get_text() for label in axes.get_yticklabels()] == [label for _, label in axis.labelled()]
    assert "unigram 210" in all_texts(drawn)
    assert "LoRA 0.81%" in all_texts(drawn)


@pytest.mark.parametrize(
    ("name", "code"),
    [*((name, "en") for name in histories()), ("evil names", "zh"), ("empty", "zh"), ("whole run", "zh")],
)
def test_picture_is_made_whatever_came(name: str, code: str) -> None:
    language(code)
    picture = figure.png(histories()[name])  # a missing glyph would be a warning, which is an error here
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture[16:24]) == (1320, 560)


def test_chinese_labels_are_drawn_where_a_font_has_them() -> None:
    if figure._cjk_font() is None:
        pytest.skip("no Chinese font is installed: the English labels are tested instead")
    language("zh")
    drawn = all_texts(figure.draw(replay()))
    assert "训练" in drawn
    assert "最常见标签" in drawn
    assert "train" not in drawn


def test_without_a_chinese_font_labels_are_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figure, "_cjk_font", lambda: None)
    language("zh")
    drawn = all_texts(figure.draw(replay()))
    assert "train" in drawn
    assert drawn.isascii() or "·" in drawn


def test_a_notebook_shows_the_picture_without_pyplot_and_the_same_text_each_time() -> None:
    from IPython.core.formatters import DisplayFormatter

    drawn = figure.draw(replay())
    data, metadata = DisplayFormatter().format(drawn)
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert data["text/plain"] == "<Figure size 660x280 with 2 Axes>"
    assert metadata["image/png"]["alt"].startswith("Run r03: completed")


def test_names_with_dollar_signs_are_no_formulas() -> None:
    figure.png(histories()["evil names"])


def test_two_threads_may_draw_at_once() -> None:
    history, failed = replay(), []

    def work() -> None:
        try:
            for _ in range(3):
                figure.png(history)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
