from __future__ import annotations

from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import nn
from transformers import T5Config, T5ForSequenceClassification

from ftkit.training.checkpoint import load_weights, weights_to_bytes
from tests.training.small import Words, words


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(4, 6, bias=False)
        self.decoder = nn.Linear(4, 6, bias=False)
        self.decoder.weight = self.encoder.weight
        self.register_buffer("empty", torch.zeros(0))
        self.register_buffer("also_empty", torch.zeros(0))
        self.transposed = nn.Parameter(torch.randn(3, 5).t())


def write(model: nn.Module, file: Path) -> Path:
    file.write_bytes(weights_to_bytes(model))
    return file


def test_weights_read_back_are_those_that_were_written(tmp_path: Path) -> None:
    a, b = words(seed=1), words(seed=2)
    load_weights(b, write(a, tmp_path / "model.safetensors"))
    assert all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def test_a_tied_weight_is_kept_once_and_is_tied_again(tmp_path: Path) -> None:
    file = write(Tied(), tmp_path / "model.safetensors")
    assert set(safetensors.torch.load_file(file)) == {"encoder.weight", "empty", "also_empty", "transposed"}
    model = Tied()
    load_weights(model, file)
    assert model.decoder.weight is model.encoder.weight
    assert torch.equal(model.decoder.weight, safetensors.torch.load_file(file)["encoder.weight"])


def test_an_encoder_decoder_with_shared_embeddings_survives(tmp_path: Path) -> None:
    config = T5Config(vocab_size=20, d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=2, num_labels=2)
    a, b = T5ForSequenceClassification(config), T5ForSequenceClassification(config)
    load_weights(b, write(a, tmp_path / "model.safetensors"))
    assert all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    file = write(nn.Linear(2, 2), tmp_path / "model.safetensors")
    with pytest.raises(RuntimeError, match=r"model\.safetensors.*missing"):
        load_weights(words(), file)


def test_a_missing_weight_is_noticed(tmp_path: Path) -> None:
    model = words()
    tensors = dict(model.state_dict())
    del tensors["classifier.bias"]
    safetensors.torch.save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(RuntimeError, match=r"classifier\.bias"):
        load_weights(words(), tmp_path / "model.safetensors")


def test_the_file_can_be_replaced_while_its_weights_are_in_use(tmp_path: Path) -> None:
    file = write(words(seed=1), tmp_path / "model.safetensors")
    model = words(seed=2)
    load_weights(model, file)
    before = [p.detach().clone() for p in model.parameters()]
    write(words(seed=3), file)
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


def frozen(seed: int) -> Words:
    model = words(seed=seed)
    model.requires_grad_(False)
    model.classifier.requires_grad_(True)
    return model


def test_trained_weights_alone_leave_the_others_as_they_are(tmp_path: Path) -> None:
    a, b = frozen(seed=1), frozen(seed=2)
    embedding = b.embedding.weight.detach().clone()
    file = tmp_path / "model.safetensors"
    file.write_bytes(weights_to_bytes(a, only_trained=True))
    assert set(safetensors.torch.load_file(file)) == {"classifier.weight", "classifier.bias"}
    load_weights(b, file)
    assert torch.equal(b.classifier.weight, a.classifier.weight)
    assert torch.equal(b.embedding.weight, embedding)


def test_trained_weights_alone_must_be_all_that_is_trained(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(weights_to_bytes(frozen(seed=1), only_trained=True))
    with pytest.raises(RuntimeError, match=r"embedding\.weight"):
        load_weights(words(), file)


def test_a_tied_weight_that_is_trained_is_kept_once_and_read_back(tmp_path: Path) -> None:
    a, b = Tied(), Tied()
    for model in (a, b):
        model.transposed.requires_grad = False
    file = tmp_path / "model.safetensors"
    file.write_bytes(weights_to_bytes(a, only_trained=True))
    assert set(safetensors.torch.load_file(file)) == {"encoder.weight"}
    load_weights(b, file)
    assert torch.equal(b.decoder.weight, a.encoder.weight)
