from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
import transformers

import ftkit
from ftkit.errors import ModelError, SettingError
from ftkit.models.load import build_model, find_model, head_order, load_tokenizer, model_limit
from tests.models import folders
from tests.models.offline import refuse_network

CLASSIFY, TAG = "AutoModelForSequenceClassification", "AutoModelForTokenClassification"
LABELS = ("bad", "good")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    tried = refuse_network(monkeypatch)
    yield
    assert tried == []


def logits(model: Any, tokenizer: Any, text: str) -> torch.Tensor:
    batch = tokenizer([text], return_tensors="pt")
    with torch.no_grad():
        found: torch.Tensor = model.eval()(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    return found


# -- finding


def test_tiny_needs_no_folder() -> None:
    assert find_model("tiny").kind == "tiny"


def test_a_folder_is_found_by_any_path_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folders.bert(tmp_path / "张三 的 模型")
    monkeypatch.chdir(tmp_path)
    for named in (
        folder,
        str(folder),
        "张三 的 模型",
        Path("./张三 的 模型"),
        f"..{os.sep}{tmp_path.name}{os.sep}张三 的 模型",
    ):
        assert find_model(named).name == str(folder.resolve())
        assert find_model(named).kind == "folder"


@pytest.mark.parametrize("name", ["bert-base-chinese", "google-bert/bert-base-chinese", "org/some.model_v1-2"])
def test_a_hub_name_is_taken_without_asking_the_network(name: str) -> None:
    assert (find_model(name).kind, find_model(name).name) == ("hub", name)


@pytest.mark.parametrize("named", ["./no/such", "~/no-such-folder", os.sep + "no-such", "a/b/c", "no such", "模型", ""])
def test_a_missing_folder_is_named_with_where_it_was_looked_for(named: str) -> None:
    with pytest.raises(ModelError) as caught:
        find_model(named)
    assert repr(named) in str(caught.value)
    assert str(Path.cwd()) in str(caught.value)


@pytest.mark.parametrize("named", ["mini", "tinny", "Tiny", "tny"])
def test_a_misspelt_model_is_told_the_one_that_exists(named: str) -> None:
    with pytest.raises(ModelError, match=r"model='tiny'"):
        find_model(named)


@pytest.mark.parametrize("named", [3, None, ["tiny"], b"tiny"], ids=repr)
def test_what_is_no_name_is_a_model_error(named: Any) -> None:
    with pytest.raises(ModelError, match="model="):
        find_model(named)


def test_a_home_that_does_not_exist_is_a_missing_folder() -> None:
    with pytest.raises(ModelError):
        find_model("~no-such-user/model")


def test_a_folder_without_a_config_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"config\.json.*save_pretrained"):
        find_model(tmp_path)


def test_a_folder_without_weights_says_what_can_be_done(tmp_path: Path) -> None:
    folder = folders.bert(tmp_path)
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"safetensors.*pretrained=False"):
        find_model(folder)


def test_a_folder_of_pickles_is_refused_by_their_names(tmp_path: Path) -> None:
    folder = folders.bert(tmp_path)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"pytorch_model\.bin.*safetensors.*save_pretrained"):
        find_model(folder)


def test_an_architecture_alone_is_enough_for_random_weights(tmp_path: Path) -> None:
    folder = folders.bert(tmp_path)
    (folder / "model.safetensors").unlink()
    source = find_model(folder, pretrained=False)
    model = build_model(source, load_tokenizer(source, [], False), CLASSIFY, LABELS, pretrained=False)
    assert model.config.model_type == "bert"  # type: ignore[union-attr]


# -- building


@pytest.mark.parametrize("make", [folders.bert, folders.roberta, folders.gpt2, folders.qwen2])
@pytest.mark.parametrize("head", [CLASSIFY, TAG])
def test_a_folder_of_plain_transformers_gets_the_tasks_head_over_its_own_weights(
    make: Any, head: str, tmp_path: Path
) -> None:
    source = find_model(make(tmp_path))
    tokenizer = load_tokenizer(source, [], pretokenised=head == TAG)
    model = build_model(source, tokenizer, head, ("a", "b", "c", "d"))
    saved = safetensors.torch.load_file(tmp_path / "model.safetensors")
    own = model.state_dict()
    body = {name: next((n for n in own if n.endswith(name.split(".", 1)[-1])), None) for name in saved}
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    kept = [name for name, found in body.items() if found and torch.equal(own[found], saved[name])]
    assert len(kept) >= len(saved) - 3, "the body's weights are not those of the folder"
    assert model.config.id2label == dict(enumerate("abcd"))  # type: ignore[union-attr]
    assert logits(model, tokenizer, "a good film").shape[-1] == 4


def test_loading_prints_nothing_into_the_cell(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = find_model(folders.bert(tmp_path))
    capfd.readouterr()
    build_model(source, load_tokenizer(source, [], False), CLASSIFY, LABELS)
    assert capfd.readouterr() == ("", "")


def test_a_folder_with_another_number_of_labels_gets_a_new_head(tmp_path: Path) -> None:
    source = find_model(folders.bert(tmp_path, CLASSIFY, {0: "a", 1: "b", 2: "c"}))
    model = build_model(source, load_tokenizer(source, [], False), CLASSIFY, LABELS)
    assert model.state_dict()["classifier.weight"].shape == (2, 16)
    assert model.config.num_labels == 2  # type: ignore[union-attr]


def test_a_folder_with_the_same_labels_keeps_its_head(tmp_path: Path) -> None:
    source = find_model(folders.bert(tmp_path, CLASSIFY, {0: "bad", 1: "good"}))
    model = build_model(source, load_tokenizer(source, [], False), CLASSIFY, LABELS)
    saved = safetensors.torch.load_file(tmp_path / "model.safetensors")["classifier.weight"]
    assert torch.equal(model.state_dict()["classifier.weight"], saved)


def test_a_head_with_the_same_labels_in_another_order_keeps_its_answers(tmp_path: Path) -> None:
    source = find_model(folders.bert(tmp_path, CLASSIFY, {0: "good", 1: "bad"}))
    assert head_order(source, ("bad", "good")) == ("good", "bad")
    assert head_order(source, ("bad", "other")) == ("bad", "other")
    run = ftkit.finetune(
        ftkit.Dataset.from_rows(
            [(f"a good film {i}", "good") if i % 2 else (f"a bad film {i}", "bad") for i in range(20)]
        ),
        model=tmp_path,
        epochs=1,
        show=False,
    )
    assert run.history.started is not None
    assert run.history.started.labels == ("good", "bad")


def test_a_token_that_was_added_gets_an_embedding(tmp_path: Path) -> None:
    source = find_model(folders.bert(tmp_path))
    tokenizer = load_tokenizer(source, [], False)
    model = build_model(source, tokenizer, CLASSIFY, LABELS)
    rows = model.get_input_embeddings().weight.shape[0]  # type: ignore[operator]
    tokenizer.add_tokens([f"<new{i}>" for i in range(rows)])
    model = build_model(source, tokenizer, CLASSIFY, LABELS)
    assert model.config.vocab_size == len(tokenizer) > rows  # type: ignore[union-attr]
    assert logits(model, tokenizer, f"a <new{rows - 1}> film").shape[-1] == 2


def test_the_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    source = find_model(folders.bert(tmp_path))
    other = folders.byte_level()
    with pytest.raises(ModelError, match="do not belong together"):
        build_model(source, other, CLASSIFY, LABELS)


def test_untrained_weights_are_drawn_anew_by_the_seed(tmp_path: Path) -> None:
    source = find_model(folders.bert(tmp_path))
    tokenizer = load_tokenizer(source, [], False)
    found = []
    for seed in (5, 5, 6):
        torch.manual_seed(seed)
        model = build_model(source, tokenizer, CLASSIFY, LABELS, pretrained=False)
        found.append(model.state_dict()["bert.encoder.layer.0.output.dense.weight"])
    saved = safetensors.torch.load_file(tmp_path / "model.safetensors")["encoder.layer.0.output.dense.weight"]
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])
    assert not torch.equal(found[0], saved)


@pytest.mark.parametrize("pretrained", [True, False])
def test_weights_are_fp32_whatever_the_config_names(pretrained: bool, tmp_path: Path) -> None:
    folder = folders.qwen2(tmp_path)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "dtype": "bfloat16"}), encoding="utf-8")
    source = find_model(folder)
    model = build_model(source, load_tokenizer(source, [], False), CLASSIFY, LABELS, pretrained=pretrained)
    assert {p.dtype for p in model.parameters()} == {torch.float32}


def test_dropout_is_set_in_a_loaded_model(tmp_path: Path) -> None:
    source = find_model(folders.bert(tmp_path))
    model = build_model(source, load_tokenizer(source, [], False), CLASSIFY, LABELS, dropout=0.33)
    assert {m.p for m in model.modules() if isinstance(m, torch.nn.Dropout)} == {0.33}


def test_an_architecture_without_the_tasks_head_is_named(tmp_path: Path) -> None:
    folder = folders.bert(tmp_path)
    config = transformers.AutoConfig.for_model("mamba", vocab_size=60, hidden_size=8, num_hidden_layers=1)
    config.save_pretrained(folder)
    source = find_model(folder)
    with pytest.raises(ModelError, match=f"'mamba'.*{TAG}"):
        build_model(source, load_tokenizer(source, [], True), TAG, LABELS)


def test_damaged_weights_are_a_model_error(tmp_path: Path) -> None:
    folder = folders.bert(tmp_path)
    (folder / "model.safetensors").write_bytes(b"not safetensors")
    source = find_model(folder)
    with pytest.raises(ModelError, match="cannot be loaded"):
        build_model(source, load_tokenizer(source, [], False), CLASSIFY, LABELS)


def test_a_damaged_config_is_a_model_error(tmp_path: Path) -> None:
    folder = folders.bert(tmp_path)
    tokenizer = load_tokenizer(find_model(folder), [], False)
    (folder / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError):
        build_model(find_model(folder), tokenizer, CLASSIFY, LABELS)


def test_a_setting_that_cannot_be_stays_a_setting_error(tmp_path: Path) -> None:
    folder = folders.bert(tmp_path)
    transformers.AutoConfig.for_model("mamba", vocab_size=60, hidden_size=8, num_hidden_layers=1).save_pretrained(
        folder
    )
    source = find_model(folder)
    with pytest.raises(SettingError):
        build_model(source, load_tokenizer(source, [], False), "AutoModelForCausalLM", (), dropout=0.1)


# -- tokenizers


def test_a_tokenizer_without_a_pad_token_fills_up_with_its_end_token(tmp_path: Path) -> None:
    source = find_model(folders.gpt2(tmp_path))
    tokenizer = load_tokenizer(source, [], False)
    model = build_model(source, tokenizer, CLASSIFY, LABELS)
    assert tokenizer.pad_token_id == tokenizer.eos_token_id == 0
    assert model.config.pad_token_id == 0  # type: ignore[union-attr]


def test_padding_changes_no_answer_of_a_decoder(tmp_path: Path) -> None:
    source = find_model(folders.gpt2(tmp_path))
    tokenizer = load_tokenizer(source, [], False)
    model = build_model(source, tokenizer, CLASSIFY, LABELS).eval()
    short, long = "a good film", "a bad film, and a long one. what a bad book. why?"
    both = tokenizer([short, long], padding=True, return_tensors="pt")
    with torch.no_grad():
        together = model(input_ids=both["input_ids"], attention_mask=both["attention_mask"]).logits
    assert torch.allclose(together[:1], logits(model, tokenizer, short), atol=1e-5)


@pytest.mark.parametrize("make", [folders.gpt2, folders.qwen2])
def test_byte_level_words_given_apart_are_read_as_in_their_sentence(make: Any, tmp_path: Path) -> None:
    source = find_model(make(tmp_path))
    tokenizer = load_tokenizer(source, [], pretokenised=True)
    apart = tokenizer([["a", "good", "film", "(end)"]], is_split_into_words=True)["input_ids"][0]
    plain = transformers.AutoTokenizer.from_pretrained(tmp_path)
    assert apart[:3] == plain([" a good film"])["input_ids"][0]
    tokenizer.save_pretrained(tmp_path / "again")
    saved = transformers.AutoTokenizer.from_pretrained(tmp_path / "again")
    assert saved([["a", "good", "film", "(end)"]], is_split_into_words=True)["input_ids"][0] == apart
    assert saved(["a good film"])["input_ids"][0] == apart[:3]


def test_a_folder_without_a_tokenizer_says_so(tmp_path: Path) -> None:
    folder = folders.bert(tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    with pytest.raises(ModelError, match=r"tokenizer"):
        load_tokenizer(find_model(folder), [], False)


def test_a_model_moved_elsewhere_loads_the_same(tmp_path: Path) -> None:
    folder = folders.bert(tmp_path / "a", CLASSIFY, {0: "bad", 1: "good"})
    moved = Path(shutil.move(folder, tmp_path / "另一个 文件夹"))
    source = find_model(moved)
    tokenizer = load_tokenizer(source, [], False)
    plain = transformers.AutoModelForSequenceClassification.from_pretrained(moved)
    assert torch.equal(
        logits(build_model(source, tokenizer, CLASSIFY, LABELS), tokenizer, "a good film"),
        logits(plain, tokenizer, "a good film"),
    )


@pytest.mark.parametrize(
    ("kind", "settings", "limit"),
    [
        ("bert", {"max_position_embeddings": 64}, 64),
        ("roberta", {"max_position_embeddings": 66}, 64),
        ("xlm-roberta", {"max_position_embeddings": 66}, 64),
        ("camembert", {"max_position_embeddings": 66}, 64),
        ("mpnet", {"max_position_embeddings": 66}, 64),
        ("longformer", {"max_position_embeddings": 66}, 64),
        ("data2vec-text", {"max_position_embeddings": 66}, 64),
        ("gpt2", {"n_positions": 64}, 64),
        ("distilbert", {"max_position_embeddings": 64}, 64),
        ("t5", {}, 512),
    ],
)
def test_the_limit_is_what_the_positions_can_hold(kind: str, settings: dict[str, int], limit: int) -> None:
    config = transformers.AutoConfig.for_model(kind, **settings)
    tokenizer = folders.byte_level()
    assert model_limit(tokenizer, config) == limit


def test_the_limit_is_the_tokenizers_where_that_is_lower() -> None:
    config = transformers.AutoConfig.for_model("bert", max_position_embeddings=64)
    assert model_limit(folders.word_piece(), config) == 48
