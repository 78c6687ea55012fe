from __future__ import annotations

import csv
from pathlib import Path

import pytest
from transformers import pipeline

import ftkit
from ftkit.errors import DataError, FormatError, RunError
from ftkit.runs.run import Run
from tests.runs.data import file, labelled, lines, tagged


@pytest.fixture
def run() -> Run:
    return ftkit.finetune(labelled(), epochs=1, show=False)


def table(path: Path) -> list[list[str]]:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")  # without it Excel shows Chinese as something else
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_thousand_rows_equal_the_pipeline(run: Run, tmp_path: Path) -> None:
    texts = [text for text, _ in lines(1000, 5)]
    (tmp_path / "in.txt").write_text("\n".join(texts), encoding="utf-8")
    rows = table(run.predict(tmp_path / "in.txt", out=tmp_path / "out.csv"))
    assert rows[0] == ["text", "label", "confidence"]
    answers = pipeline("text-classification", str(run.save(tmp_path / "model")))(texts, truncation=True)
    assert [row[0] for row in rows[1:]] == texts
    assert [row[1] for row in rows[1:]] == [answer["label"] for answer in answers]
    assert [float(row[2]) for row in rows[1:]] == pytest.approx([answer["score"] for answer in answers], abs=1e-3)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_columns_are_kept_and_blank_lines_stay(run: Run, tmp_path: Path, encoding: str) -> None:
    content = '正面\t"好"，天气\npos\tthe warm day\n\nneg\tthe cold, dim day\n'.replace("正面", "pos")
    (tmp_path / "in.tsv").write_text(content, encoding=encoding)
    rows = table(run.predict(tmp_path / "in.tsv", out=tmp_path / "out.csv"))
    assert rows[0] == ["expected", "text", "label", "confidence"]
    assert [row[:2] for row in rows[1:]] == [
        ["pos", '"好"，天气'], ["pos", "the warm day"], ["", ""], ["neg", "the cold, dim day"]
    ]  # fmt: skip
    assert rows[3][2:] == ["", ""]


def test_a_ragged_line_is_named_and_leaves_no_half_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.tsv").write_text("pos\ta day\npos\ta\tday\n", encoding="utf-8")
    with pytest.raises(FormatError, match=r"in\.tsv:2: 3 columns, expected 2"):
        run.predict(tmp_path / "in.tsv", out=tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == []


def test_a_file_is_never_overwritten_by_its_own_predictions(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "in.tsv"
    source.write_text("a day\n", encoding="utf-8")
    with pytest.raises(DataError, match="overwrite the file itself"):
        run.predict(source, out=source)
    with pytest.raises(DataError, match="no such file"):
        run.predict(tmp_path / "none.tsv", out=tmp_path / "out.csv")
    with pytest.raises(RunError, match="out="):
        run.predict(source)
    with pytest.raises(RunError, match="out="):
        run.predict(["a day"], out=tmp_path / "out.csv")


def test_no_texts_give_no_predictions(run: Run) -> None:
    assert run.predict([]) == []
    assert run.predict(("", "  ", "字" * 3000))[2].label in ("pos", "neg")


def test_a_file_of_tags_keeps_its_columns_and_sentences(tmp_path: Path) -> None:
    data = tagged()  # all sentences with Ada are nearly equal: a split of ours would measure on them alone
    run = ftkit.finetune(data[:32], validation=data[32:], epochs=15, learning_rate=3e-3, show=False)
    (tmp_path / "in.txt").write_text("I O\nsaw O\nAda B-PER\n\nI O\nsaw O\nBo B-PER\n", encoding="utf-8")
    rows = table(run.predict(tmp_path / "in.txt", out=tmp_path / "out.csv"))
    assert rows[0] == ["token", "expected", "tag", "confidence"]
    assert [row[:3] for row in rows[1:4]] == [["I", "O", "O"], ["saw", "O", "O"], ["Ada", "B-PER", "B-PER"]]
    assert rows[4] == []
    (tmp_path / "plain.txt").write_text("I saw Ada at 3\nI saw Bo at 4\n", encoding="utf-8")
    rows = table(run.predict(tmp_path / "plain.txt", out=tmp_path / "out.csv"))
    assert rows[0] == ["sentence", "token", "tag", "confidence"]
    assert rows[3][:3] == ["1", "Ada", "B-PER"]


def test_a_label_that_the_model_does_not_know_is_named(run: Run) -> None:
    data = ftkit.Dataset.from_rows([("a day", "pos"), ("a night", "rare")])
    with pytest.raises(DataError, match="rare"):
        run.evaluate(data)


def test_a_header_says_which_column_is_the_text_and_no_name_comes_twice(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.tsv").write_text("Label\tid\tText\nunknown to the model\t1\ta day\n", encoding="utf-8")
    rows = table(run.predict(tmp_path / "in.tsv", out=tmp_path / "out.csv"))
    assert rows[0] == ["expected", "id", "Text", "label", "confidence"]
    assert rows[1][:4] == ["unknown to the model", "1", "a day", run.predict("a day").label]


def test_a_place_that_cannot_be_written_is_said(run: Run, tmp_path: Path) -> None:
    source = file(tmp_path)
    for out in (tmp_path, source / "out.csv"):
        with pytest.raises(DataError, match="nothing can be written there"):
            run.predict(source, out=out)
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


@pytest.mark.parametrize("items", [["a day", None], ["a day", 3], ["a day", float("nan")], ["a day", ["a", "day"]]])
def test_an_item_that_is_no_text_is_named(run: Run, items: list[object]) -> None:
    with pytest.raises(DataError, match="Item 1 is no text"):
        run.predict(items)


def test_rows_of_a_dataset_are_predicted_and_none_cannot_be_measured(run: Run) -> None:
    data = labelled(4)
    assert run.predict(data) == run.predict(data.texts)
    with pytest.raises(DataError, match="no validation rows"):
        run.evaluate(data[:0])


def test_damaged_bytes_are_marked_and_the_rest_is_predicted(run: Run, tmp_path: Path) -> None:
    lines_ = ["the lovely day 好".encode(), b"the \xff dim day", "天气很好".encode()]
    (tmp_path / "in.txt").write_bytes(b"\n".join(lines_) + b"\n")
    rows = table(run.predict(tmp_path / "in.txt", out=tmp_path / "out.csv"))
    assert [row[0] for row in rows[1:]] == ["the lovely day 好", "the \ufffd dim day", "天气很好"]
    assert all(row[1] for row in rows[1:])


def test_a_label_column_is_known_though_some_of_its_labels_are_new(run: Run, tmp_path: Path) -> None:
    rows = [(label if i % 5 else "new", text) for i, (text, label) in enumerate(lines(20))]
    (tmp_path / "in.tsv").write_text("".join(f"{label}\t{text}\n" for label, text in rows), encoding="utf-8")
    found = table(run.predict(tmp_path / "in.tsv", out=tmp_path / "out.csv"))
    assert found[0] == ["expected", "text", "label", "confidence"]
    assert [row[:2] for row in found[1:]] == [list(row) for row in rows]


def test_a_file_longer_than_what_is_read_at_once_keeps_its_order(run: Run, tmp_path: Path) -> None:
    texts = [f"{'the warm ' * (i % 4)}day {i}" for i in range(1500)]
    texts[700] = ""
    (tmp_path / "in.txt").write_text("\r\n".join(texts), encoding="utf-8")
    rows = table(run.predict(tmp_path / "in.txt", out=tmp_path / "out.csv"))
    assert [row[0] for row in rows[1:]] == texts
    assert [i for i, row in enumerate(rows[1:]) if not row[1]] == [700]


@pytest.mark.parametrize(
    ("content", "tokens"),
    [
        ("I saw Ada at 3\n\nI saw Bo too , did I ?\n\nYes\n", ["I", "saw", "Ada", "at", "3", "I", "saw"]),
        ("我 看见 Ada\n\n我们没有看见 Bo 在那里\n", ["我", "看", "见", "Ada", "我"]),
    ],
    ids=["english", "chinese"],
)
def test_plain_sentences_with_blank_lines_between_are_read_whole(
    content: str, tokens: list[str], tmp_path: Path
) -> None:
    run = ftkit.finetune(tagged(), epochs=1, show=False)
    (tmp_path / "in.txt").write_text(content, encoding="utf-8")
    rows = table(run.predict(tmp_path / "in.txt", out=tmp_path / "out.csv"))
    assert rows[0] == ["sentence", "token", "tag", "confidence"]
    assert [row[1] for row in rows[1:]][: len(tokens)] == tokens
    assert {row[0] for row in rows[1:]} <= {"1", "3", "5"}


@pytest.mark.parametrize(
    ("content", "header"),
    [
        ("I\nsaw\nAda\n\nI\nsaw\nBo\n", ["token", "tag", "confidence"]),
        ("I\tPRP\tO\nsaw\tVBD\tO\nAda\tNNP\tB-PER\n", ["token", "column_2", "expected", "tag", "confidence"]),
        ("I PRP O\nsaw VBD O\nAda NNP B-PER\n\nBo NNP B-PER\n", ["token", "column_2", "expected", "tag", "confidence"]),
    ],
    ids=["tokens alone", "tabs", "spaces"],
)
def test_a_token_a_line_is_told_from_sentences(content: str, header: list[str], tmp_path: Path) -> None:
    run = ftkit.finetune(tagged(), epochs=1, show=False)
    (tmp_path / "in.txt").write_text(content, encoding="utf-8")
    rows = table(run.predict(tmp_path / "in.txt", out=tmp_path / "out.csv"))
    assert rows[0] == header
    assert [row[0] for row in rows[1:4]] == ["I", "saw", "Ada"]


def test_an_output_that_another_program_holds_says_to_close_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(source: Path, target: Path) -> None:
        raise PermissionError(13, "held")

    (tmp_path / "in.txt").write_text("the warm day\n", encoding="utf-8")
    (tmp_path / "out.csv").write_text("older", encoding="utf-8")
    monkeypatch.setattr("ftkit.runs.predict.replace", held)
    with pytest.raises(DataError, match=r"out\.csv: another program holds this file"):
        run.predict(tmp_path / "in.txt", out=tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "older"
    assert not list(tmp_path.glob(".*.part"))
