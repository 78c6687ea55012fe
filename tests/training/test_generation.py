from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import nn
from transformers import PreTrainedTokenizerFast
from transformers.generation.logits_process import TemperatureLogitsWarper, TopPLogitsWarper

from ftkit.models import tiny, tiny_writer
from ftkit.models.load import position_limit
from ftkit.training.generation import decode_stream, draw, generate, kept_shares

VOCABULARY, PAD, END, POSITIONS = 60, 0, 1, 48
CPU = torch.device("cpu")
SIZES: dict[str, Any] = {"vocab_size": VOCABULARY, "pad_token_id": PAD, "bos_token_id": 2, "eos_token_id": END}
BLOCKS: dict[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": POSITIONS,
}
BART: dict[str, Any] = {"d_model": 16, "encoder_layers": 1, "decoder_layers": 2, "encoder_attention_heads": 2}
T5: dict[str, Any] = {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 2}
CONFIGS: dict[str, Any] = {
    "gpt2": lambda: transformers.GPT2Config(**SIZES, n_positions=POSITIONS, n_embd=16, n_layer=2, n_head=2),
    "llama": lambda: transformers.LlamaConfig(**SIZES, **BLOCKS),
    "qwen2": lambda: transformers.Qwen2Config(**SIZES, **BLOCKS),
    "opt": lambda: transformers.OPTConfig(
        **SIZES,
        hidden_size=16,
        ffn_dim=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=POSITIONS,
        word_embed_proj_dim=16,
    ),
    "bloom": lambda: transformers.BloomConfig(**SIZES, hidden_size=16, n_layer=2, n_head=2),
    "modernbert-decoder": lambda: tiny_writer.writer_config(tiny_writer.train_tokenizer(["a"])),
    "t5": lambda: transformers.T5Config(**SIZES, **T5, decoder_start_token_id=PAD),
    "bart": lambda: transformers.BartConfig(
        **SIZES,
        **BART,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        max_position_embeddings=POSITIONS,
        decoder_start_token_id=END,
        forced_eos_token_id=None,
    ),
}
DECODERS = ["gpt2", "llama", "qwen2", "opt", "bloom", "modernbert-decoder"]


def built(kind: str) -> Any:
    """A model of random weights, drawn wide enough that its likeliest tokens change from step to step."""
    config = CONFIGS[kind]()
    config.tie_word_embeddings = False
    kinds = transformers.AutoModelForSeq2SeqLM if config.is_encoder_decoder else transformers.AutoModelForCausalLM
    model = kinds.from_config(config).eval()
    generator = torch.Generator().manual_seed(0)
    for weight in model.parameters():
        if weight.ndim > 1:
            weight.data.normal_(0, 0.5, generator=generator)
    return model


@pytest.fixture(scope="module")
def models_by_kind() -> dict[str, Any]:
    return {kind: built(kind) for kind in CONFIGS}


def prompts(n: int = 5, longest: int = 12, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.integers(3, VOCABULARY, size=rng.integers(1, longest + 1)).astype(np.int32) for _ in range(n)]


def written(model: Any, asked: list[np.ndarray], **settings: Any) -> list[list[int]]:
    given = {"end_ids": {END}, "pad_id": PAD, "device": CPU, "max_new_tokens": 16, **settings}
    texts: list[list[int]] = [[] for _ in asked]
    for rows, ids in generate(model, asked, **given):
        assert len(rows) == len(ids)
        for row, token in zip(rows, ids, strict=True):
            texts[row].append(int(token))
    return texts


def by_transformers(model: Any, prompt: np.ndarray, n: int, ends: list[int]) -> list[int]:
    ids = torch.from_numpy(prompt.astype(np.int64))[None]
    found = model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        do_sample=False,
        max_new_tokens=n,
        pad_token_id=PAD,
        eos_token_id=ends,
    )[0]
    return [int(token) for token in found[1 if model.config.is_encoder_decoder else len(prompt) :]]


@pytest.mark.parametrize("kind", CONFIGS)
def test_the_likeliest_text_is_the_one_of_transformers_token_for_token(
    kind: str, models_by_kind: dict[str, Any]
) -> None:
    model, asked = models_by_kind[kind], prompts()
    free = written(model, asked, end_ids=set())
    assert any(len(set(text)) > 3 for text in free), "the test needs a model that writes something"
    ends = sorted({free[0][3], free[1][6]})
    expected = [by_transformers(model, prompt, 16, ends) for prompt in asked]
    assert written(model, asked, end_ids=set(ends)) == expected


@pytest.mark.parametrize("kind", DECODERS)
def test_rows_that_ended_leave_the_cache_and_change_nothing(kind: str, models_by_kind: dict[str, Any]) -> None:
    model, asked = models_by_kind[kind], prompts(9, seed=3)
    free = written(model, asked, end_ids=set())
    ends = {free[i][2] for i in range(5)}
    stops = [next((at for at, token in enumerate(text) if token in ends), len(text) - 1) for text in free]
    assert written(model, asked, end_ids=ends) == [text[: at + 1] for text, at in zip(free, stops, strict=True)]


@pytest.mark.parametrize("kind", CONFIGS)
def test_drawn_texts_repeat_with_their_seed_and_do_not_hang_on_their_company(
    kind: str, models_by_kind: dict[str, Any]
) -> None:
    model, asked = models_by_kind[kind], prompts()
    settings = {"temperature": 1.3, "top_p": 0.9, "seed": 5, "max_new_tokens": 10}
    together = written(model, asked, **settings)
    assert together == written(model, asked, **settings)
    assert together != written(model, asked, **{**settings, "seed": 6})
    alone = [written(model, [prompt], first_row=i, **settings)[0] for i, prompt in enumerate(asked)]
    assert together == alone


def test_drawing_leaves_the_random_generators_of_torch_and_numpy_alone(models_by_kind: dict[str, Any]) -> None:
    torch.manual_seed(7)
    np.random.seed(7)
    before = torch.get_rng_state(), np.random.get_state()[1].tolist()  # type: ignore[index]
    written(models_by_kind["gpt2"], prompts(), temperature=1.0)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.random.get_state()[1].tolist() == before[1]  # type: ignore[index]


@pytest.mark.parametrize("top_p", [0.05, 0.3, 0.9, 0.99, 1.0])
@pytest.mark.parametrize("temperature", [0.2, 1.0, 2.5])
def test_top_p_keeps_what_the_warpers_of_transformers_keep(temperature: float, top_p: float) -> None:
    logits = torch.randn(40, 200, generator=torch.Generator().manual_seed(0)) * 3
    warped = TemperatureLogitsWarper(temperature)(None, logits)  # type: ignore[arg-type]
    if top_p < 1:
        warped = TopPLogitsWarper(top_p)(None, warped)  # type: ignore[arg-type]
    found = kept_shares(logits, temperature, top_p)
    assert torch.equal(found > 0, warped.softmax(-1) > 0)
    assert torch.allclose(found / found.sum(-1, keepdim=True), warped.softmax(-1), atol=1e-6)


def test_an_id_is_drawn_as_often_as_its_share_says() -> None:
    logits = torch.tensor([[2.0, 0.0, -1.0, 1.0]])
    numbers = (torch.arange(20_000) + 0.5) / 20_000
    found = draw(logits.expand(len(numbers), -1), 1.0, 1.0, numbers)
    counts = torch.bincount(found, minlength=4) / len(numbers)
    assert torch.allclose(counts, logits.softmax(-1)[0], atol=2e-4)


@pytest.mark.parametrize("number", [0.0, 0.5, float(np.nextafter(np.float32(1), np.float32(0)))])
def test_an_id_that_was_left_out_is_never_drawn(number: float) -> None:
    logits = torch.tensor([[-9.0, 5.0, -9.0, 4.9, -9.0]]).repeat(3, 1)
    found = draw(logits, 1.0, 0.9, torch.full((3,), number))
    assert set(found.tolist()) <= {1, 3}


@pytest.mark.parametrize("temperature", [1e-3, 1e-30])
def test_the_lowest_temperatures_take_the_likeliest_id(temperature: float) -> None:
    logits = torch.randn(20, 50, generator=torch.Generator().manual_seed(1)) * 30
    assert torch.equal(draw(logits, temperature, 1.0, torch.full((20,), 0.999)), logits.argmax(-1))


def test_a_model_that_says_nan_still_writes_ids(models_by_kind: dict[str, Any]) -> None:
    found = draw(torch.full((2, 9), float("nan")), 1.0, 0.9, torch.tensor([0.0, 0.9]))
    assert ((found >= 0) & (found < 9)).all()


def test_a_text_stops_at_any_end_id_and_not_before(models_by_kind: dict[str, Any]) -> None:
    model, asked = models_by_kind["llama"], prompts(12, seed=2)
    free = written(model, asked, end_ids=set(), max_new_tokens=24)
    ends = {free[0][4], free[5][9]}
    for text, whole in zip(written(model, asked, end_ids=ends, max_new_tokens=24), free, strict=True):
        assert text == whole[: len(text)]
        assert not ends & set(text[:-1])
        assert text[-1] in ends or len(text) == 24


@pytest.mark.parametrize("kind", ["gpt2", "llama", "opt", "bart"])
def test_no_row_goes_beyond_the_positions_that_the_model_has(kind: str, models_by_kind: dict[str, Any]) -> None:
    model = models_by_kind[kind]
    lengths = [POSITIONS, POSITIONS - 1, POSITIONS - 5, 3, POSITIONS // 2]
    rng = np.random.default_rng(0)
    asked = [rng.integers(3, VOCABULARY, size=n).astype(np.int32) for n in lengths]
    found = written(model, asked, end_ids=set(), max_new_tokens=200)
    room = [POSITIONS] * 5 if kind == "bart" else [POSITIONS - n for n in lengths]
    assert [len(text) for text in found] == room
    for prompt, text in zip(asked, found, strict=True):  # and its company changed nothing
        assert text == written(model, [prompt], end_ids=set(), max_new_tokens=200)[0]


def test_the_limit_of_new_tokens_holds(models_by_kind: dict[str, Any]) -> None:
    assert {len(text) for text in written(models_by_kind["gpt2"], prompts(), end_ids=set(), max_new_tokens=7)} == {7}
    assert written(models_by_kind["gpt2"], prompts(), max_new_tokens=0) == [[]] * 5
    assert written(models_by_kind["gpt2"], []) == []


def test_a_model_with_shifted_positions_has_two_fewer() -> None:
    roberta = transformers.RobertaConfig(**SIZES, **{**BLOCKS, "num_key_value_heads": None}, is_decoder=True)
    assert position_limit(roberta) == POSITIONS - 2
    assert position_limit(CONFIGS["t5"]()) is None


class Plain(nn.Module):
    """A decoder that takes ids and a mask and nothing else: no cache, no positions, no options."""

    def __init__(self) -> None:
        super().__init__()
        self.config = transformers.GPT2Config(**SIZES, n_positions=POSITIONS, n_embd=16, n_layer=2, n_head=2)
        self.inner = built("gpt2")
        self.widths: list[int] = []

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Any:
        self.widths.append(input_ids.shape[1])
        return self.inner(input_ids=input_ids, attention_mask=attention_mask, use_cache=False)


def test_a_model_without_a_cache_reads_the_whole_text_again(models_by_kind: dict[str, Any]) -> None:
    model, asked = Plain(), prompts()
    assert written(model, asked) == written(models_by_kind["gpt2"], asked)
    assert np.diff(model.widths).min() >= 0
    assert model.widths[0] == max(map(len, asked))


def test_a_model_with_a_cache_reads_one_token_a_step(models_by_kind: dict[str, Any]) -> None:
    model, widths = models_by_kind["llama"], []
    hook = model.model.register_forward_pre_hook(
        lambda _, args, named: widths.append(named["input_ids"].shape[1]), with_kwargs=True
    )
    written(model, prompts(), end_ids=set(), max_new_tokens=6)
    hook.remove()
    assert widths == [max(map(len, prompts())), 1, 1, 1, 1, 1]


def test_lora_around_a_model_changes_nothing_before_it_learns() -> None:
    import peft

    warnings.filterwarnings("ignore", category=FutureWarning)  # peft asks transformers what it asked before
    plain = written(built("qwen2"), prompts())
    wrapped = peft.get_peft_model(built("qwen2"), peft.LoraConfig(target_modules=["q_proj", "v_proj"]))
    assert written(wrapped, prompts()) == plain


def test_between_two_tokens_gradients_are_on_and_the_model_may_train(models_by_kind: dict[str, Any]) -> None:
    model = models_by_kind["gpt2"]
    pieces = generate(model, prompts(), end_ids=set(), pad_id=PAD, device=CPU, max_new_tokens=4)
    for _ in pieces:
        assert not torch.is_inference_mode_enabled()
        assert torch.is_grad_enabled()
        model.train()
        ids = torch.tensor([[3, 4, 5]])
        model(input_ids=ids, labels=ids).loss.backward()
        model.zero_grad()
    model.eval()


def test_a_caller_may_stop_after_any_token(models_by_kind: dict[str, Any]) -> None:
    pieces = generate(models_by_kind["t5"], prompts(), end_ids=set(), pad_id=PAD, device=CPU, max_new_tokens=100)
    next(pieces)
    next(pieces)
    pieces.close()
    assert not torch.is_inference_mode_enabled()


# -- pieces of text


def byte_level() -> PreTrainedTokenizerFast:
    return tiny_writer.train_tokenizer(["The cat isn't here, 你好世界！ 😀👍🏽 café"] * 3)


def sentence_piece() -> PreTrainedTokenizerFast:
    """Llama 2's way: spaces as ▁, and bytes for what the vocabulary lacks."""
    letters = ["▁", *"abcdehilnorstTw,.'", "▁the", "▁c", "at", "你", "好"]
    vocabulary = {"<unk>": 0, "<s>": 1, "</s>": 2, **{f"<0x{b:02X}>": b + 3 for b in range(256)}}
    vocabulary |= {letter: 259 + i for i, letter in enumerate(letters)}
    tokenizer = Tokenizer(models.BPE(vocabulary, [], byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    )


def unigram() -> PreTrainedTokenizerFast:
    """T5's way."""
    tokenizer = Tokenizer(models.Unigram([("<unk>", 0.0)], 0, False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=80, special_tokens=["<unk>", "</s>"], unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(["the cat isn't here , 你好 世界 !"] * 9, trainer)
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, eos_token="</s>", unk_token="<unk>"
    )


def word_piece(cleans: bool) -> PreTrainedTokenizerFast:
    """BERT's way; older ones take the spaces before marks out of what they decode."""
    tokenizer = tiny.train_tokenizer(["he isn ' t here , do n't , we 've 你好 . playing play ' s fun !"] * 3)
    tokenizer.backend_tokenizer.decoder = decoders.WordPiece(cleanup=False)
    tokenizer.clean_up_tokenization_spaces = cleans
    return tokenizer


TOKENIZERS: dict[str, Any] = {
    "byte level": byte_level,
    "sentence piece with bytes": sentence_piece,
    "unigram": unigram,
    "word piece": lambda: word_piece(False),
    "word piece that cleans up": lambda: word_piece(True),
}
TEXTS = [
    "The cat isn't here, you see. 你好，世界！",
    "😀👍🏽 café 龘",
    "  two  spaces\n\nand lines ",
    "he isn't here, don't, we've play 's fun ! ' . ' n't",
    "�� a genuine � replacement",
    "",
]


def streamed(tokenizer: Any, ids: list[int]) -> list[str]:
    stream = decode_stream(tokenizer)
    return [*(stream.push(token) for token in ids), stream.close()]


@pytest.mark.parametrize("kind", TOKENIZERS)
@pytest.mark.parametrize("body", TEXTS)
def test_pieces_make_up_what_the_tokenizer_decodes(kind: str, body: str) -> None:
    tokenizer = TOKENIZERS[kind]()
    ids = tokenizer(body)["input_ids"]
    pieces = streamed(tokenizer, ids)
    assert "".join(pieces) == tokenizer.decode(ids, skip_special_tokens=True)
    if "�" not in tokenizer.decode(ids):
        assert not any("�" in piece for piece in pieces)


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_pieces_of_any_ids_make_up_what_the_tokenizer_decodes(kind: str) -> None:
    tokenizer, rng = TOKENIZERS[kind](), np.random.default_rng(0)
    for _ in range(
        60
    ):  # an untrained model writes such: special ids in the middle, bytes of no character, ids of no token
        ids = rng.integers(0, len(tokenizer) + 3, size=rng.integers(1, 90)).tolist()
        assert "".join(streamed(tokenizer, ids)) == tokenizer.decode(ids, skip_special_tokens=True), ids


def test_a_character_of_many_tokens_comes_whole_and_at_once() -> None:
    tokenizer = byte_level()
    ids = tokenizer("a龘b")["input_ids"]
    assert len(ids) == 5
    assert streamed(tokenizer, ids) == ["a", "", "", "龘", "b", ""]


def test_words_come_with_their_token_and_not_later() -> None:
    tokenizer = byte_level()
    ids = tokenizer("The cat isn't here")["input_ids"]
    pieces = streamed(tokenizer, ids)
    assert all(pieces[:-1])
    assert pieces[-1] == ""


def test_the_time_of_a_piece_does_not_grow_with_the_text() -> None:
    tokenizer, stream = byte_level(), decode_stream(byte_level())
    garbage = tokenizer.convert_tokens_to_ids("ÿ")  # a byte that is no character: nothing ever settles it
    seconds = []
    for _ in range(4):
        started = time.perf_counter()
        for _ in range(1500):
            stream.push(int(garbage))
        seconds.append(time.perf_counter() - started)
    assert seconds[3] < 3 * seconds[0] + 0.05


def test_a_template_of_special_tokens_is_not_shown() -> None:
    tokenizer = byte_level()
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="<|user|> $A <|end|>",
        special_tokens=[(t, tokenizer.convert_tokens_to_ids(t)) for t in ("<|user|>", "<|end|>")],
    )
    assert "".join(streamed(tokenizer, tokenizer("hi there")["input_ids"])) == "hi there"
