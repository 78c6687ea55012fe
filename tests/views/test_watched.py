from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest

from ftkit.i18n import language
from ftkit.training.events import Evaluated, Event, RunEnded, RunStarted, Sampled
from ftkit.views.drawing import HEIGHT, svg
from ftkit.views.samples import Samples, SampleStore
from ftkit.views.table import History
from ftkit.views.watched import CHARACTERS, samples_html, watched_html, watched_lines
from tests.views.awkward import EVIL, histories
from tests.views.simulated import EXPECTED, PROMPTS, simulate_writing, started

SVG = "{http://www.w3.org/2000/svg}"


def replay(*events: Event) -> History:
    history = History()
    for event in events or simulate_writing():
        history.update(event)
    return history


def evaluated(step: int, best: bool = False) -> Evaluated:
    return Evaluated(step, step / 30, 1.0, {"perplexity": 9.0}, best, 1.0)


def texts(drawn: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(drawn).iter(f"{SVG}text")]


def test_the_first_latest_and_best_text_of_each_prompt_are_known() -> None:
    history = replay(
        started(), evaluated(0), Sampled(0, "a", "a0", ""), Sampled(0, "b", "b0", "B"),
        evaluated(30, best=True), Sampled(30, "a", "a30", ""), Sampled(30, "b", "b30", "B"),
        evaluated(60), Sampled(60, "a", "a60", ""), Sampled(60, "b", "b60", "B"),
    )  # fmt: skip
    found = [(one.first.text, one.best and one.best.text, one.latest.text) for one in history.watched]
    assert found == [("a0", "a30", "a60"), ("b0", "b30", "b60")]
    assert [row.text for row in history.samples] == ["a0", "b0", "a30", "b30", "a60", "b60"]


def test_two_equal_prompts_are_watched_apart() -> None:
    events = [
        event
        for step in (0, 30)
        for event in (evaluated(step), Sampled(step, "a", f"x{step}", ""), Sampled(step, "a", f"y{step}", ""))
    ]
    assert [one.latest.text for one in replay(started(), *events).watched] == ["x30", "y30"]


def test_of_very_many_samples_some_are_let_go_and_the_first_best_and_latest_stay() -> None:
    store = SampleStore(most=100)
    for step in range(5000):
        for prompt in ("a", "b"):
            store.add(Sampled(step, prompt, str(step), ""), best_step=77 if step >= 77 else None)
    rows = store.rows()
    assert len(rows) <= 100
    assert {row.step for row in rows} >= {0, 77, 4999}
    assert [row.step for row in rows] == sorted(row.step for row in rows)
    assert [one.best.step for one in store.watched if one.best] == [77, 77]


def test_the_live_chart_shows_prompt_before_now_and_expected() -> None:
    history = replay(
        started(), evaluated(0), Sampled(0, "Why?", "the the", "Because."),
        evaluated(30), Sampled(30, "Why?", "Becau", "Because."),
    )  # fmt: skip
    shown = texts(svg(history))
    for said in ("watched prompts", "Why?", "before training", "the the", "now, step 30", "Becau", "Because."):
        assert said in shown


@pytest.mark.parametrize("code", ["en", "zh"])
def test_the_panel_keeps_its_height_from_the_start_of_a_run_to_its_end(code: str) -> None:
    language(code)
    history, heights = History(), set()
    for event in simulate_writing():
        history.update(event)
        if history.started:
            heights.add(ElementTree.fromstring(svg(history)).get("height"))
    assert len(heights) == 1


def test_all_text_is_inside_the_picture() -> None:
    for count in (1, 2, 3, 4, 9):
        long = "床前明月光 " * 90
        rows = [Sampled(0, f"{n} {long}", long, long) for n in range(count)]
        root = ElementTree.fromstring(svg(replay(started(), evaluated(0), *rows)))
        lowest = max(float(node.get("y", 0)) for node in root.iter(f"{SVG}text"))
        assert HEIGHT < lowest <= float(root.get("height", 0)) - 4


def test_a_run_that_writes_nothing_has_the_plain_chart() -> None:
    history = histories()["whole run"]
    assert ElementTree.fromstring(svg(history)).get("height") == str(HEIGHT)
    assert watched_html(history) == ""
    assert watched_lines(history) == []


def test_what_a_model_writes_is_text_and_nothing_else() -> None:
    bad = EVIL + "\x00\x1b[2J\ufffe\ud800\u202e" + "".join(map(chr, range(1, 32)))
    history = replay(
        started(), evaluated(0), Sampled(0, bad, bad, bad), RunEnded("completed", "", "", 0, None, {}, 1.0)
    )
    for drawn in (svg(history), watched_html(history), samples_html(history.samples)):
        assert "<script" not in drawn
        assert "&lt;script&gt;" in drawn
        assert not re.search("[\x00-\x08\x0b-\x1f\ufffe\ud800\u202e]", drawn)
        drawn.encode("utf-8")
    ElementTree.fromstring(svg(history))
    assert not re.search("[\x00-\x1f]", "".join(watched_lines(history)))


def test_long_texts_are_cut_with_an_ellipsis() -> None:
    said = "".join(watched_lines(replay()))
    assert "…" in said
    assert max(map(len, watched_lines(replay()))) < CHARACTERS + 30
    assert EXPECTED[0] not in watched_html(replay())


def test_the_final_table_has_what_the_kept_weights_write() -> None:
    history = replay()
    assert history.ended is not None
    kept = next(row.text for row in history.samples if row.step == history.ended.best_step and row.prompt == PROMPTS[2])
    table = watched_html(history)
    assert f"kept, step {history.ended.best_step}" in table
    assert f">{kept.strip()}</td>" in table
    assert f"kept, step {history.ended.best_step}: {kept.strip()}" in "\n".join(watched_lines(history))


def test_an_empty_text_is_said_to_be_empty() -> None:
    history = replay(started(), evaluated(0), Sampled(0, "Why?", "", ""))
    assert "(nothing)" in texts(svg(history))


def test_no_more_than_four_prompts_are_shown_and_how_many_there_are_is_said() -> None:
    history = replay(started(), evaluated(0), *(Sampled(0, f"prompt {n}", "x", "") for n in range(9)))
    assert sum(text.startswith("prompt ") for text in texts(svg(history))) == 4
    assert "watched prompts (4/9)" in texts(svg(history))


def test_samples_are_a_table_of_how_each_text_came_about() -> None:
    table = replay(*simulate_writing(epochs=40)).samples._repr_html_()
    assert table.count("<table") == len(PROMPTS)
    assert table.count("<tr>") <= len(PROMPTS) * 10
    assert Samples()._repr_html_().count("<table") == 0


def test_prompts_stand_there_before_the_first_text() -> None:
    event = next(event for event in simulate_writing() if isinstance(event, RunStarted))
    assert PROMPTS[1] in texts(svg(replay(event)))
