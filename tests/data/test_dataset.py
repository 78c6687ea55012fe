"""The Dataset: rows, parts, fingerprints, files, and what a terminal shows."""

from __future__ import annotations

import dataclasses
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit import i18n
from ftkit.data.dataset import TASKS, Dataset, Example
from ftkit.data.load import load
from ftkit.errors import DataError, SettingError

ROWS = [(f"text {i}", "even" if i % 2 == 0 else "odd") for i in range(10)]
SENTENCES = [(["Li", "sings"], ["B-PER", "O"]), (["He", "too", "."], ["O", "O", "O"])]


@pytest.fixture
def labels() -> Dataset:
    return Dataset.from_rows(ROWS)


@pytest.fixture
def tags() -> Dataset:
    return Dataset.from_rows(SENTENCES, format="tags")


def test_a_row_is_an_example(labels: Dataset, tags: Dataset) -> None:
    assert labels[1] == Example("text 1", "odd", "rows:2")
    assert tags[0] == Example(("Li", "sings"), ("B-PER", "O"), "rows:1")


def test_indices_count_from_both_ends(labels: Dataset) -> None:
    assert labels[-1] == labels[9] == list(labels)[9]
    for index in (10, -11):
        with pytest.raises(IndexError):
            labels[index]


def test_numpy_indices_work(labels: Dataset) -> None:
    assert labels[np.int64(3)] == labels[3]
    assert labels.select(np.array([3, 1])).texts == ["text 3", "text 1"]


@pytest.mark.parametrize(
    "part", [slice(2, 5), slice(None, None, 2), slice(None, None, -1), slice(8, 2), slice(-3, None), slice(99, None)]
)
def test_a_slice_is_a_dataset(labels: Dataset, part: slice) -> None:
    assert list(labels[part]) == list(labels)[part]
    assert isinstance(labels[part], Dataset)


def test_a_part_keeps_format_task_and_sources(tags: Dataset) -> None:
    part = tags.select([1])
    assert (part.format, part.task, part[0].source) == ("tags", "tagging", "rows:2")


def test_select_may_repeat_reorder_and_be_empty(labels: Dataset) -> None:
    assert labels.select([2, 2, 0]).texts == ["text 2", "text 2", "text 0"]
    assert len(labels.select([])) == 0
    assert list(labels.select([])) == []


def test_only_a_whole_file_has_a_path(tmp_path: Path, labels: Dataset) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("".join(f"{label}\t{text}\n" for text, label in ROWS), encoding="utf-8")
    data = load(path)
    assert data.path == path
    assert data[:].path == path
    assert data[:5].path is data.select([1]).path is data.select(range(9, -1, -1)).path is labels.path is None
    assert data[:5].load_options == {}


def test_columns_are_lists(labels: Dataset, tags: Dataset) -> None:
    assert labels.texts == [text for text, _ in ROWS]
    assert labels.targets == [label for _, label in ROWS]
    assert tags.texts == [("Li", "sings"), ("He", "too", ".")]
    assert tags.targets[0] == ("B-PER", "O")


def test_labels_are_sorted_and_counted(labels: Dataset, tags: Dataset) -> None:
    assert labels.labels == ("even", "odd")
    assert labels.label_counts() == {"even": 5, "odd": 5}
    assert tags.labels == ("B-PER", "O")
    assert list(tags.label_counts().items()) == [("O", 4), ("B-PER", 1)]
    assert tags[1:].label_counts() == {"O": 3}


def test_lengths_are_characters_or_tokens(labels: Dataset, tags: Dataset) -> None:
    assert Dataset.from_rows([("中文😀", "a"), ("ab", "b")]).lengths().tolist() == [3, 2]
    assert tags.lengths().tolist() == [2, 3]
    assert tags[1:].lengths().tolist() == [3]
    assert labels.lengths().dtype == np.int64


def test_the_fingerprint_is_that_of_the_rows_in_order(labels: Dataset) -> None:
    assert len(labels.fingerprint) == 16
    assert labels.fingerprint == Dataset.from_rows(ROWS).fingerprint
    assert labels.select(range(9, -1, -1)).fingerprint != labels.fingerprint
    assert labels[:9].fingerprint != labels.fingerprint
    assert labels[2:5].fingerprint == Dataset.from_rows(ROWS[2:5]).fingerprint


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([("ab", "c")], [("a", "bc")]),
        ([("a", "b"), ("c", "d")], [("a", "b1:c1:d")]),
        ([("1:a", "b")], [("a", "1:b")]),
    ],
)
def test_other_rows_have_another_fingerprint(one: list[Any], other: list[Any]) -> None:
    assert Dataset.from_rows(one).fingerprint != Dataset.from_rows(other).fingerprint


def test_tokens_that_join_alike_have_another_fingerprint() -> None:
    rows = [[(["ab", "c"], ["O", "O"])], [(["a", "bc"], ["O", "O"])], [(["a", "b", "c"], ["O", "O", "O"])]]
    assert len({Dataset.from_rows(row, format="tags").fingerprint for row in rows}) == 3


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=20))
def test_arrow_files_give_the_same_dataset(folder: Path, rows: list[tuple[str, str]]) -> None:
    data = Dataset.from_rows(rows)
    data.to_arrow(folder / "rows.arrow")
    again = Dataset.from_arrow(folder / "rows.arrow")
    assert list(again) == list(data)
    assert (again.format, again.task, again.fingerprint) == (data.format, data.task, data.fingerprint)
    assert again.table.schema == data.table.schema


def test_a_part_of_tags_goes_through_an_arrow_file(tmp_path: Path, tags: Dataset) -> None:
    tags[1:].to_arrow(tmp_path / "rows.arrow")
    again = Dataset.from_arrow(tmp_path / "rows.arrow")
    assert list(again) == list(tags[1:])
    assert again.path is None
    (tmp_path / "rows.arrow").unlink()  # nothing maps it, so that Windows lets it go
    assert again[0].text == ("He", "too", ".")


TEXTS: dict[str, list[Any]] = {
    "corpus": ["One sentence.", ("另一句话。",), "A third, with a 😀."],
    "title": [("Tea", "A drink."), ("茶", "一种饮料。"), ("Rice", "A grain.")],
    "qa": [("Who?", "Me."), (["你好", "再见"], ["你好！", "下次见"]), ("When?", "Now.")],
}


@pytest.mark.parametrize("format", TEXTS)
def test_texts_have_no_labels_and_go_through_files_parts_and_pickles(tmp_path: Path, format: str) -> None:
    data = Dataset.from_rows(TEXTS[format], format=format)
    assert (len(data), data.labels, data.label_counts(), data.task) == (3, (), {}, TASKS[format][0])
    data.to_arrow(tmp_path / "rows.arrow")
    again = Dataset.from_arrow(tmp_path / "rows.arrow")
    for other in (again, pickle.loads(pickle.dumps(data)), data[:], data.select([0, 1, 2])):
        assert list(other) == list(data)
        assert (other.format, other.task, other.fingerprint) == (data.format, data.task, data.fingerprint)
    assert list(data[1:]) == list(data)[1:]
    assert [(e.text, e.target) for e in data] == list(zip(data.texts, data.targets, strict=True))
    assert data[1:].fingerprint != data[:2].fingerprint
    assert sorted(e.source for part in data.split(0.4).values() for e in part) == ["rows:1", "rows:2", "rows:3"]


def test_a_turn_alone_is_a_text_and_several_are_tuples() -> None:
    data = Dataset.from_rows([*TEXTS["qa"], (["One?"], ["One."])], format="qa")
    assert data.texts == ["Who?", ("你好", "再见"), "When?", "One?"]
    assert data.targets == ["Me.", ("你好！", "下次见"), "Now.", "One."]
    assert data[3] == Example("One?", "One.", "rows:4")


def test_turns_and_their_order_are_in_the_fingerprint() -> None:
    rows = [(["a", "b"], ["c", "d"]), ("ab", "cd"), (["c", "d"], ["a", "b"])]
    assert len({Dataset.from_rows([row], format="qa").fingerprint for row in rows}) == 3


def test_lengths_of_texts_are_the_characters_of_both_sides_and_all_turns() -> None:
    lengths = {format: Dataset.from_rows(rows, format=format).lengths().tolist() for format, rows in TEXTS.items()}
    assert lengths == {"corpus": [13, 5, 18], "title": [11, 6, 12], "qa": [7, 10, 9]}
    chat = Dataset.from_rows(TEXTS["qa"], format="qa")
    assert chat.lengths("text").tolist() == [4, 4, 5]
    assert chat.lengths("target")[1:].tolist() == chat[1:].lengths("target").tolist() == [6, 4]
    assert chat[:0].lengths().tolist() == []


@pytest.mark.parametrize(
    ("format", "row"),
    [
        ("corpus", ""),
        ("corpus", " \u3000"),
        ("corpus", 7),
        ("corpus", ("a", "b")),
        ("title", "ab"),
        ("title", ("a", "")),
        ("title", ("a", ["b"])),
        ("qa", "ab"),
        ("qa", ("a", "")),
        ("qa", ("a", ["b"])),
        ("qa", (["a"], "b")),
        ("qa", ([], [])),
        ("qa", (["a", "b"], ["c"])),
        ("qa", (["a", ""], ["b", "c"])),
        ("qa", ("a", "b", "c", "d")),
    ],
)
def test_texts_of_another_shape_are_named_with_the_right_one(format: str, row: Any) -> None:
    with pytest.raises(DataError, match=rf"^row 4: .*Use Dataset\.from_rows\(.*format='{format}'"):
        Dataset.from_rows([*TEXTS[format], row], format=format)


@pytest.mark.parametrize("format", TEXTS)
def test_a_terminal_shows_both_lengths_and_three_examples_in_ascii(format: str) -> None:
    rows: dict[str, Any] = {
        "corpus": ["a sentence"],
        "title": [("Tea", "A drink.")],
        "qa": [("Who?", "Me."), (["a"] * 9, ["b"] * 9)],
    }
    shown = repr(Dataset.from_rows(rows[format] * 5, format=format))
    assert shown.isascii()
    assert f"rows: {5 * len(rows[format])} rows, format {format}" in shown
    assert "labels" not in shown
    assert len([line for line in shown.splitlines() if line.startswith("rows:")]) == 4
    expected = {
        "corpus": ["text, characters: 10 to 10", "rows:1  a sentence"],
        "title": ["title, characters: 3 to 3", "content, characters: 8 to 8", "rows:2  Tea | A drink."],
        "qa": ["conversations of several turns: 5, the longest of 9", "rows:1  Who? | Me.", "a | b | a | b | ..."],
    }
    assert all(part in shown for part in expected[format])


def test_what_is_no_dataset_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.arrow").write_bytes(b"no arrow")
    for name in ("a.arrow", "missing.arrow"):
        with pytest.raises(DataError, match=r"this is no file that to_arrow wrote"):
            Dataset.from_arrow(tmp_path / name)


@pytest.mark.parametrize(
    ("rows", "format"),
    [
        (["ab"], "labels"),
        ([("a",)], "labels"),
        ([("a", 1)], "labels"),
        ([("a", "b", "c")], "labels"),
        ([("ab", "OO")], "tags"),
        ([(["a"], ["O", "O"])], "tags"),
        ([([1], ["O"])], "tags"),
    ],
)
def test_rows_of_another_shape_are_named(rows: list[Any], format: str) -> None:
    good: list[Any] = ROWS if format == "labels" else SENTENCES
    with pytest.raises(DataError, match=rf"^row {len(good) + 1}: "):
        Dataset.from_rows([*good, *rows], format=format)


def test_rows_of_an_unknown_format_are_an_error() -> None:
    with pytest.raises(SettingError, match=r"Known: 'labels', .*Did you mean format='tags'"):
        Dataset.from_rows(SENTENCES, format="tag")


def test_a_dataset_is_pickled_for_another_process(labels: Dataset) -> None:
    assert list(pickle.loads(pickle.dumps(labels))) == list(labels)


def test_a_terminal_shows_rows_labels_lengths_and_problems(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("".join(f"{label}\t{text}\n" for text, label in [*ROWS, ROWS[0]]), encoding="utf-8")
    shown = repr(load(path))
    assert "a.tsv: 11 rows, 2 different labels" in shown
    assert "problems in the file: 1" in shown
    assert "even  ######################## 6" in shown
    assert "characters a row: 6 to 6, median 6" in shown
    assert "a.tsv:1  even | text 0" in shown


def test_what_a_terminal_shows_is_ascii_but_for_the_users_own_signs(labels: Dataset, tags: Dataset) -> None:
    assert repr(labels).isascii()
    assert repr(tags).isascii()
    i18n.language("zh")
    repr(Dataset.from_rows([("很好", "正面")] * 2)).encode("cp936")


def test_control_characters_do_not_reach_the_terminal() -> None:
    shown = repr(Dataset.from_rows([("a\x1b[2Jb\nc", "\x07bell")]))
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_an_empty_dataset_shows_itself(labels: Dataset) -> None:
    assert repr(labels[:0]) == "rows: no rows"
    assert labels[:0].labels == ()
    assert labels[:0].lengths().tolist() == []


def test_inside_something_else_a_dataset_is_one_line(labels: Dataset) -> None:
    pretty = pytest.importorskip("IPython.lib.pretty")
    assert pretty.pretty({"train": labels}) == "{'train': Dataset(rows: 10 x labels)}"
    assert pretty.pretty(labels) == repr(labels)


# -- rows in a mapped file


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every table counts as one that is more than memory holds."""
    monkeypatch.setattr("ftkit.data.spill.IN_MEMORY", -1)
    monkeypatch.setenv("FTKIT_CACHE", str(tmp_path / "cache"))


def test_chosen_rows_of_a_large_table_are_those_of_a_small_one(
    large: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("".join(f"{'ab'[i % 2]}\ttext number {i}\n" for i in range(500)), encoding="utf-8")
    monkeypatch.setattr("ftkit.data.blocks.BLOCK", 1_000)  # many batches
    data = load(path)
    small = Dataset.from_rows(list(zip(data.texts, data.targets, strict=True)))
    assert (tmp_path / "cache").is_dir()
    rows = np.random.default_rng(0).permutation(500)[:200]
    chosen = data.select(rows)
    expected = small.select(rows)
    assert chosen.texts == expected.texts == [small.texts[i] for i in rows]
    assert chosen[3:90].select([5, 1, 70])[1:].texts == expected[3:90].select([5, 1, 70])[1:].texts
    assert chosen.fingerprint == expected.fingerprint
    assert chosen.label_counts() == expected.label_counts()
    assert chosen.lengths().tolist() == expected.lengths().tolist()
    assert [row.source for row in chosen] == [f"a.tsv:{i + 1}" for i in rows]
    chosen.to_arrow(tmp_path / "b.arrow")
    again = Dataset.from_arrow(tmp_path / "b.arrow")
    assert (again.fingerprint, again.texts) == (chosen.fingerprint, chosen.texts)
    assert {key: part.texts for key, part in data.split().items()} == {
        key: part.texts for key, part in small.split().items()
    }


def test_rows_that_go_to_a_file_are_those_that_stay_in_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("".join(f"{'ab'[i % 2]}\ttext {i}\nonce {i}\tx\n\n" for i in range(99)), encoding="utf-8")
    expected = load(path, on_error="skip")
    monkeypatch.setattr("ftkit.data.spill.IN_MEMORY", -1)
    monkeypatch.setattr("ftkit.data.blocks.BLOCK", 100)
    monkeypatch.setenv("FTKIT_CACHE", str(tmp_path / "cache"))
    data = load(path, on_error="skip")
    assert data.table.equals(expected.table)
    assert data.report == dataclasses.replace(expected.report, stats=data.report.stats)


def test_the_fingerprint_tells_where_one_text_ends_and_the_next_begins() -> None:
    pairs = [[("ab", "c")], [("a", "bc")], [("", "abc")], [("ab", "c"), ("", "")]]
    assert len({Dataset.from_rows(rows).fingerprint for rows in pairs}) == 4
    tokens = [[(["a", "b"], ["O", "O"])], [(["a"], ["O"]), (["b"], ["O"])], [(["ab"], ["O"])]]
    assert len({Dataset.from_rows(rows, "tags").fingerprint for rows in tokens}) == 3


def test_rows_may_have_several_labels_or_none() -> None:
    data = Dataset.from_rows([("one", ["a", "b"]), ("two", []), ("three", "b")])
    assert data.is_multilabel
    assert data.targets == [("a", "b"), (), ("b",)]
    assert data.label_counts() == {"b": 2, "a": 1}
    assert not Dataset.from_rows([("one", "a")]).is_multilabel


def test_rows_are_chosen_by_a_mask_too_and_one_that_is_not_there_is_said(labels: Dataset) -> None:
    mask = np.array([i in (2, 5) for i in range(len(labels))])
    assert [row.source for row in labels.select(mask)] == ["rows:3", "rows:6"]
    for wrong in (mask[:3], [-1], [len(labels)]):
        with pytest.raises(IndexError, match=r"rows"):
            labels.select(wrong)


@pytest.mark.parametrize("options", [{"near": "x"}, {"seed": "x"}, {"seed": 1.5}, {"validation": "x"}])
def test_a_wrong_argument_of_split_is_named(labels: Dataset, options: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match=next(iter(options))):
        labels.split(**options)


def test_tags_of_memory_become_bio_as_those_of_a_file_do() -> None:
    data = Dataset.from_rows([(["Li", "Na", "sings"], ["B_PER", "E_PER", "O"])] * 3, "tags")
    assert data.targets[0] == ("B-PER", "I-PER", "O")


def test_rows_that_were_made_of_others_are_not_split(labels: Dataset) -> None:
    more = Dataset.from_rows([(f"one long text number {i} here", "ab"[i % 2]) for i in range(9)]).augment({"swap": 0.5})
    with pytest.raises(SettingError, match=r"hold 9 .*finetune\(data, augment="):
        more.split()
