from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest
from transformers import pipeline

import ftkit
from ftkit.errors import RunError
from ftkit.runs.run import Run
from tests.runs.data import labelled, lines

ODD = ["tab\there", '"quoted"', "😀", "x" * 300, "two\nlines", "nan", "a|b", "code `x`", "<b>bold</b>", "LABEL_0"]


def odd(n: int = 60) -> ftkit.Dataset:
    return ftkit.Dataset.from_rows([(f"text {i}", ODD[i % len(ODD)]) for i in range(n)])


@pytest.fixture
def run() -> Run:
    return ftkit.finetune(labelled(), epochs=1, show=False)


def test_a_card_says_where_the_model_comes_from(run: Run, tmp_path: Path) -> None:
    card = (run.save(tmp_path / "model") / "README.md").read_text(encoding="utf-8")
    assert run.history.started is not None
    assert run.spec.fingerprint in card
    for name, value in run.history.started.settings.items():
        assert value is None or f"| {name} | `{value}` |" in card
    assert f"{run.metrics['accuracy']:.4f}" in card
    assert f"{run.metrics['val_loss']:.4f}" in card
    assert f"{run.history.started.baseline['macro_f1']:.4f}" in card


def test_the_code_in_a_card_runs(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = (run.save(tmp_path / "我的 模型") / "README.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code = re.findall(r"```python\n(.*?)```", card, re.DOTALL)
    names: dict[str, object] = {}
    exec("\n".join(code), names)
    assert names["model"]("the warm day")[0]["label"] in ("pos", "neg")  # type: ignore[operator]


def test_a_card_begins_with_what_a_hub_reads(run: Run, tmp_path: Path) -> None:
    card = (run.save(tmp_path / "model") / "README.md").read_text(encoding="utf-8")
    front = card.split("---")[1].strip().splitlines()
    assert dict(line.split(": ", 1) for line in front) == {
        "library_name": '"transformers"',
        "pipeline_tag": '"text-classification"',
        "tags": '["ftkit"]',
    }


def test_odd_labels_keep_a_card_s_tables_whole_and_the_model_s_answers_right(tmp_path: Path) -> None:
    run = ftkit.finetune(odd(), epochs=1, show=False, validation=odd(20))
    folder = run.save(tmp_path / "model")
    card = (folder / "README.md").read_text(encoding="utf-8")
    (line,) = (line for line in card.splitlines() if line.startswith("Labels: "))
    assert r"`a\|b`" in line
    assert "`` code `x` ``" in line
    assert "`two lines`" in line
    widths = {len(re.findall(r"(?<!\\)\|", row)) for row in card.splitlines() if row.startswith("| ")}
    assert widths == {3, 5}
    facts = json.loads((folder / "ftkit.json").read_text(encoding="utf-8"))
    assert facts["labels"] == sorted(ODD)
    texts = [f"text {i}" for i in range(10)]
    answers = pipeline("text-classification", str(folder))(texts)
    assert [answer["label"] for answer in answers] == [found.label for found in run.predict(texts)]
    assert run.evaluate(odd(20))["loss"] == pytest.approx(run.metrics["val_loss"], rel=1e-4)


def test_a_metric_that_is_not_a_number_leaves_json_that_can_be_read(tmp_path: Path) -> None:
    run = ftkit.finetune(labelled(), epochs=1, show=False, metrics={"mine|x": lambda p, t: math.nan})
    folder = run.save(tmp_path / "model")

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    facts = json.loads((folder / "ftkit.json").read_text(encoding="utf-8"), parse_constant=refuse)
    assert facts["metrics"]["mine|x"] is None
    assert r"| `mine\|x` | nan | nan |" in (folder / "README.md").read_text(encoding="utf-8")


def test_a_folder_is_saved_over_when_it_was_saved_before(run: Run, tmp_path: Path) -> None:
    folder = run.save(tmp_path / "model")
    first = json.loads((folder / "ftkit.json").read_text(encoding="utf-8"))["run"]
    other = ftkit.finetune(labelled(), epochs=1, seed=5, show=False)
    assert other.save(folder) == folder
    assert (first, json.loads((folder / "ftkit.json").read_text(encoding="utf-8"))["run"]) == ("r01", "r02")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_a_folder_may_be_empty_new_deep_or_the_one_here(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "a" / "b" / "c"):
        assert (run.save(folder) / "model.safetensors").is_file()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    run.save(".")
    assert (tmp_path / "here" / "config.json").is_file()
    run.save("模型")
    assert (tmp_path / "here" / "模型" / "config.json").is_file()


def test_a_file_in_the_folder_s_place_is_not_overwritten(run: Run, tmp_path: Path) -> None:
    (tmp_path / "model").write_text("mine", encoding="utf-8")
    with pytest.raises(RunError, match="nothing is overwritten"):
        run.save(tmp_path / "model")
    assert (tmp_path / "model").read_text(encoding="utf-8") == "mine"


def test_a_save_that_fails_half_way_leaves_nothing(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    predictor = run._model()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(predictor.tokenizer), "save_pretrained", full)
    with pytest.raises(OSError, match="No space"):
        run.save(tmp_path / "model")
    assert [path.name for path in tmp_path.iterdir() if "model" in path.name] == []


def test_only_safetensors_and_text_are_written(run: Run, tmp_path: Path) -> None:
    folder = run.save(tmp_path / "model")
    assert {path.suffix for path in folder.iterdir()} <= {".safetensors", ".json", ".md", ".jinja", ".txt"}
    assert [text for text, _ in lines(2)]
