from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from ftkit.i18n import language
from ftkit.training.events import Evaluated, StepsEnded
from ftkit.views.drawing import headline
from ftkit.views.live import svg
from ftkit.views.table import History
from tests.views.awkward import EVIL, histories
from tests.views.simulated import simulate, started

SVG = "{http://www.w3.org/2000/svg}"


def replay(**settings: object) -> History:
    history = History()
    for event in simulate(**settings):  # type: ignore[arg-type]
        history.update(event)
    return history


@pytest.mark.parametrize("code", ["en", "zh"])
@pytest.mark.parametrize("name", histories())
def test_svg_is_well_formed_whatever_came(name: str, code: str) -> None:
    language(code)
    drawn = svg(histories()[name])
    root = ElementTree.fromstring(drawn)
    assert root.tag == f"{SVG}svg"
    assert "nan" not in re.sub(r"<(title|text)[^>]*>[^<]*", "", drawn).lower()
    assert "inf" not in re.sub(r"<(title|text)[^>]*>[^<]*", "", drawn).lower()


def test_names_from_outside_are_text_and_nothing_else() -> None:
    drawn = svg(histories()["evil names"])
    assert "<script" not in drawn
    texts = "".join(node.text or "" for node in ElementTree.fromstring(drawn).iter(f"{SVG}text"))
    assert EVIL[:10] in texts


def test_a_million_steps_are_drawn_with_few_points_and_bytes() -> None:
    history = History()
    history.update(started(total_steps=1_000_000, steps_per_epoch=1000))
    losses = np.exp(-np.arange(1_000_000) / 3e5) + np.random.default_rng(0).normal(0, 0.05, 1_000_000)
    for first in range(0, 1_000_000, 1000):
        history.update(
            StepsEnded(first + 1, first + 1000, tuple(losses[first : first + 1000].tolist()), 1e-3, first / 1e3, first)
        )
    drawn = svg(history)
    assert len(drawn.encode()) < 9000
    for path in ElementTree.fromstring(drawn).iter(f"{SVG}path"):
        assert len(re.findall(r"-?\d+ ?-?\d+", path.get("d", ""))) <= 602  # a point is a move and, at most, a dot


def test_a_whole_run_takes_less_than_9_kilobytes() -> None:
    assert len(svg(replay()).encode()) < 9000


def test_train_is_solid_blue_and_validation_dashed_orange() -> None:
    paths = list(ElementTree.fromstring(svg(replay())).iter(f"{SVG}path"))
    dashes = {path.get("stroke"): path.get("stroke-dasharray") for path in paths if path.get("stroke-linejoin")}
    assert dashes["#0072b2"] is None
    assert dashes["#d55e00"]


def test_best_and_baseline_are_marked() -> None:
    texts = [node.text or "" for node in ElementTree.fromstring(svg(replay())).iter(f"{SVG}text")]
    assert texts.count("best") == 2
    assert "commonest label 0.51" in texts


@pytest.mark.parametrize(("metric", "below"), [(0.5, False), (0.9, False), (0.99, True), (1.0, True)])
def test_best_is_written_below_its_circle_where_the_legend_is(metric: float, below: bool) -> None:
    history = History()
    history.update(started())
    history.update(Evaluated(1, 0.1, 2.0, {"accuracy": 0.1}, False, 0.1))
    history.update(Evaluated(10, 1.0, 1.0, {"accuracy": metric}, True, 1.0))
    root = ElementTree.fromstring(svg(history))
    circle = [float(node.get("cy", "")) for node in root.iter(f"{SVG}circle")][-1]
    written = [float(node.get("y", "")) for node in root.iter(f"{SVG}text") if node.text == "best"][-1]
    assert (written > circle) is below


def test_few_points_are_dots() -> None:
    assert 'stroke-linecap="round"' in svg(histories()["one step"])
    assert 'stroke-linecap="round"' in svg(histories()["only the evaluation before training"])


def test_headline_says_state_progress_and_time_left() -> None:
    history = History()
    history.update(started())
    history.update(StepsEnded(1, 142, (0.5,) * 142, 1e-3, 4.73, 14.2))
    assert headline(history) == "RUNNING 142/300 · epoch 4.7/10 · 0:16 left"
    assert headline(history, "zh") == "训练中 142/300 · 轮 4.7/10 · 剩余 0:16"


def test_size_is_the_one_asked_for() -> None:
    root = ElementTree.fromstring(svg(replay(), width=400, height=200))
    assert (root.get("width"), root.get("height")) == ("400", "200")
