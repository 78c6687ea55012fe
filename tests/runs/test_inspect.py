"""The microscope shows what training uses: its ids and labels are those of `encode_all` and `pack`, for every task."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ftkit
from ftkit.data.dataset import Dataset
from ftkit.data.problems import cells
from ftkit.data.tokenise import IGNORED, Encoded
from ftkit.errors import DataError, SettingError
from ftkit.runs.encode import encode_all
from ftkit.runs.inspect import _reader, inspect
from ftkit.tasks.inspection import Inspection
from tests.runs.data import labelled, tagged
from tests.tasks.test_multilabel import several

LONG = "a text that goes on and on, and then on again, and has no end that anybody could wait for"


def texts() -> Dataset:
    return Dataset.from_rows([(LONG, "neg"), ("很短", "pos"), *[("ok", "pos"), ("no", "neg")] * 3])


def titles() -> Dataset:
    rows = [(f"Title {i} 标题", f"the content {i} that is written under it，很长 {LONG[: 10 * i]}") for i in range(8)]
    return Dataset.from_rows(rows, format="title")


def corpus() -> Dataset:
    lines = ["the first line", "a second line of text that is longer", "第三行", "one more line is here"] * 12
    return Dataset.from_rows([f"{line} {i}" for i, line in enumerate(lines)], format="corpus")


def chats() -> Dataset:
    rows: list[Any] = [
        ("Where is it?", "Over there."),
        (["Hi", "And now?"], ["Hello!", "Good bye, good bye, bye."]),
    ] * 4
    return Dataset.from_rows(rows, format="qa")


CASES = {
    "classification": (texts, None),
    "multilabel": (several, None),
    "tagging": (tagged, None),
    "generation": (titles, "generation"),
    "summarisation": (titles, "summarisation"),
    "chat": (chats, None),
    "language_modelling": (corpus, None),
    "masked_language_modelling": (corpus, "masked_language_modelling"),
}


def trained_on(data: Dataset, max_length: int, task: str | None) -> tuple[Encoded, Any]:
    """What `build` makes of the rows."""
    reader = _reader(data, "tiny", max_length, task)
    steps = encode_all(reader.task, data, reader.tokenizer, reader.max_length)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return reader.task.pack(done.value, reader.max_length), reader


@pytest.mark.parametrize("max_length", [16, 64])
@pytest.mark.parametrize("case", CASES)
def test_ids_and_labels_are_those_of_training(case: str, max_length: int) -> None:
    make, task = CASES[case]
    data = make()
    encoded, reader = trained_on(data, max_length, task)
    packed = case.endswith("language_modelling")
    seen = 0
    for row in range(len(data)):
        for example in inspect(data, row, max_length=max_length, task=task).examples:
            ids = [token.id for token in example.tokens if token.kind in ("token", "special")]
            if packed:
                found = [i for i, block in enumerate(encoded.input_ids) if list(block) == ids]
                assert found, f"row {row} is in no block"
                at = found[0]
            else:
                at, seen = seen, seen + 1
                assert ids == list(encoded.input_ids[at])
            labels = np.asarray(encoded.labels[at])  # type: ignore[index]
            names = [token.label for token in example.tokens if token.kind in ("token", "special")]
            loss = [token.loss for token in example.tokens if token.kind in ("token", "special")]
            if labels.ndim == 0:
                assert example.target == reader.task.labels[int(labels)]
                assert example.in_loss
                assert not any(loss)
            elif labels.dtype.kind == "b":
                assert example.target == (", ".join(data[row].target) or "-")
            else:
                named = reader.task.labels or reader.tokenizer.convert_ids_to_tokens(list(range(len(reader.tokenizer))))
                assert names == ["" if label == IGNORED else named[label] for label in labels]
                shifted = reader.task.head == "AutoModelForCausalLM"
                assert loss == [label != IGNORED and (k > 0 or not shifted) for k, label in enumerate(labels)]
    assert packed or seen == len(encoded)


@pytest.mark.parametrize("case", CASES)
def test_characters_are_where_they_are_said_to_be(case: str) -> None:
    make, task = CASES[case]
    for example in inspect(make(), slice(0, 3), max_length=24, task=task).examples:
        for token in example.tokens:
            if token.start is None:
                assert token.kind in ("special", "padding")
            else:
                body = example.parts.get(token.part) or example.parts["conversation"]
                assert body[token.start : token.end] == token.text
                plain = token.token.strip("#Ġ").casefold()
                if plain.isascii() and plain.isalpha() and not (case == "masked_language_modelling" and token.label):
                    assert plain == token.text.strip().casefold()


def test_what_is_cut_off_and_what_is_kept_make_the_whole_text() -> None:
    data = Dataset.from_rows([(LONG, "neg"), ("short", "pos")] * 3)
    (example,) = inspect(data, 0, max_length=10).examples
    kept = [token for token in example.tokens if token.kind == "token"]
    assert LONG[: kept[-1].end].strip() + " " + example.cut["text"] == LONG
    assert len(example.ids) == 10
    assert [token.kind for token in example.tokens][-1] == "special"
    assert "cut off of text" in repr(inspect(data, 0, max_length=10))


def test_rows_are_padded_to_the_longest_of_them() -> None:
    data = Dataset.from_rows([("a b c d e f", "x"), ("a", "y")] * 3)
    long, short = inspect(data, slice(0, 2)).examples
    assert len(long.ids) == len(short.ids)
    assert {token.kind for token in long.tokens} == {"special", "token"}
    padding = [token for token in short.tokens if token.kind == "padding"]
    assert len(padding) == 5
    assert not any(token.loss for token in padding)
    assert len(inspect(data, 1).examples[0].ids) == 3


def test_a_conversations_tokens_know_their_turn() -> None:
    (example,) = inspect(chats(), 1).examples
    by_part: dict[str, str] = {}
    for token in example.tokens:
        by_part[token.part] = by_part.get(token.part, "") + token.text
    assert by_part["question 1"] == "Hi"
    assert by_part["answer 2"].strip() == "Good bye, good bye, bye."
    assert "<|user|>" in by_part["template"]
    assert all(token.loss for token in example.tokens if token.part.startswith("answer"))
    assert not any(token.loss for token in example.tokens if token.part.startswith("question"))


def test_a_block_shows_the_lines_that_stand_in_it_and_begins_at_the_one_asked_for() -> None:
    found = inspect(corpus(), 20, max_length=32)
    (example, *_) = found.examples
    assert example.source == "rows:21"
    assert "rows:21" in example.parts
    assert len(example.parts) > 1
    assert example.tokens[example.focus].part in ("rows:21", "")
    assert "packed" in found.notes[0]


def test_a_row_is_found_by_number_slice_line_or_as_a_text_of_ones_own() -> None:
    data = labelled()
    by_number = inspect(data, 6)
    assert inspect(data, "rows:7").rows == by_number.rows
    assert inspect(data, 6 - len(data)).rows == by_number.rows
    assert inspect(data, slice(6, 7)).rows == by_number.rows
    assert inspect(data, np.int64(6)).rows == by_number.rows  # type: ignore[arg-type]
    own = inspect(data, "the lovely day")
    assert own.examples[0].target == ""
    assert [token.text for token in own.examples[0].tokens if token.text] == ["the", "lovely", "day"]
    assert len(inspect(data, slice(None)).examples) == 32
    assert "first 32 of 60" in inspect(data, slice(None)).notes[0]


@pytest.mark.parametrize("row", [60, -61, slice(70, 80), slice(0, 4, 2), slice("a"), "rows:61", None, 1.5, True])
def test_a_row_that_is_not_there_is_named(row: Any) -> None:
    with pytest.raises(SettingError, match="row="):
        inspect(labelled(), row)


@pytest.mark.parametrize("body", ["rows: tea is good", "rows:", "rows:4 and 5", "other:3"])
def test_a_text_of_ones_own_may_begin_like_a_place(body: str) -> None:
    assert inspect(labelled(), body).examples[0].parts == {"text": body}


def test_of_no_rows_none_can_be_shown() -> None:
    for row in (0, slice(None), "rows:1"):
        with pytest.raises(SettingError, match="rows has no rows"):
            inspect(Dataset.from_rows([]), row)


@pytest.mark.parametrize(("make", "max_length"), [(texts, 1), (texts, 2), (tagged, 1), (titles, 15), (chats, 15)])
def test_a_length_without_room_is_refused_as_in_training(make: Any, max_length: int) -> None:
    with pytest.raises(SettingError) as shown:
        inspect(make(), 0, max_length=max_length)
    with pytest.raises(SettingError) as trained:
        list(ftkit.stream(make(), max_length=max_length, batch_size=1))
    assert str(shown.value) == str(trained.value)


def test_a_misspelt_option_names_the_nearest() -> None:
    with pytest.raises(SettingError, match=r"max_len.*max_length"):
        labelled().inspect(0, max_len=3)


def test_data_of_a_format_of_ones_own_needs_a_task() -> None:
    data = Dataset(labelled().table, "starred")
    with pytest.raises(SettingError, match=r"'starred' is a format of your own.*task=obj"):
        data.inspect(0)
    assert data.inspect(0, task="classification").rows == labelled().inspect(0).rows
    with pytest.raises(SettingError, match="task="):
        data.inspect(0, task=object())


def test_a_second_look_trains_no_tokenizer() -> None:
    data = Dataset.from_rows([(f"text number {i} with words such as w{i % 50}", "ab"[i % 2]) for i in range(3_000)])
    inspect(data, 0)
    began = time.perf_counter()
    inspect(data, 2_999)
    assert time.perf_counter() - began < 0.2


def test_a_run_shows_its_own_tokenizer_and_limit(tmp_path: Path) -> None:
    data = labelled()
    run = ftkit.finetune(data, epochs=1, max_length=9, batch_size=4, show=False)
    found = inspect(data, 3, model=run)
    predictor = run._model()
    encoded = predictor.task.encode(data.texts, data.targets, predictor.tokenizer, predictor.max_length)
    assert found.examples[0].ids == list(encoded.input_ids[3])
    assert found.max_length == 9
    folder = run.save(tmp_path / "saved")
    assert inspect(data, 3, model=folder, max_length=9).examples == found.examples


def test_rows_are_dicts_and_a_data_frame() -> None:
    found = inspect(labelled(), slice(0, 2))
    frame = found.to_pandas()
    assert list(frame.columns) == list(found.rows[0])
    assert len(frame) == len(found.rows) == sum(len(example.tokens) for example in found.examples)
    assert set(frame["source"]) == {"rows:1", "rows:2"}


def test_the_text_is_aligned_where_characters_are_two_cells_wide() -> None:
    shown = repr(inspect(Dataset.from_rows([("中文 and English 混排", "甲"), ("好", "乙")] * 3), 0)).splitlines()
    first = next(i for i, line in enumerate(shown) if line.lstrip().startswith("at"))
    table = [line for line in shown[first:] if line.strip()]
    at = cells(table[0][: table[0].index("id")])
    for line in table[1:]:
        kept, width = "", 0
        for character in line:
            if width >= at:
                break
            kept, width = kept + character, width + cells(character)
        assert line[len(kept)].isdecimal(), line


def test_it_is_said_in_chinese_too() -> None:
    ftkit.language("zh")
    assert "词元" in repr(inspect(labelled(), 0))


def test_rows_of_another_task_are_refused() -> None:
    with pytest.raises(DataError, match="tagging"):
        inspect(labelled(), 0, task="tagging")


def test_a_long_table_says_how_much_is_left_out() -> None:
    data = Dataset.from_rows([("word " * 80, "a"), ("b", "b")] * 3)
    found: Inspection = inspect(data, 0)
    assert repr(found).splitlines()[-1].strip() == "... 34 more: .rows has all"
