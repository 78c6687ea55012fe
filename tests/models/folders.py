"""Model folders as plain transformers writes them: built from a config, each with a tokenizer of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

TEXTS = [
    "a good film with a good end",
    "a bad film, and a long one",
    "what a good book!",
    "what a bad book. why?",
    "好电影，非常好看",
    "坏电影，不好看",
]


def word_piece() -> Any:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(TEXTS, trainers.WordPieceTrainer(special_tokens=special, show_progress=False))
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=48,
    )


def byte_level(pad: bool = False, in_two_steps: bool = False) -> Any:
    """A byte-level BPE as GPT-2 has, or in two steps as Qwen2: one special token, which is not for padding."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    if in_two_steps:
        pattern = Regex(r"'[a-z]+| ?[^\s']+|\s+")
        tokenizer.normalizer = normalizers.NFC()
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(pattern, "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
    tokenizer.decoder = decoders.ByteLevel()
    end = "<|endoftext|>"
    special = [end, *(["<pad>"] if pad else [])]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        TEXTS,
        trainers.BpeTrainer(vocab_size=290, special_tokens=special, initial_alphabet=alphabet, show_progress=False),
    )
    named = {"pad_token": "<pad>"} if pad else {}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=end, eos_token=end, unk_token=end, **named)


SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 20}


def bert(folder: Path, head: str = "AutoModel", labels: dict[int, str] | None = None, **settings: Any) -> Path:
    tokenizer = word_piece()
    names = {"id2label": labels, "label2id": {v: k for k, v in labels.items()}} if labels else {}
    config = transformers.BertConfig(
        vocab_size=len(tokenizer), max_position_embeddings=64, pad_token_id=0, **{**SMALL, **names, **settings}
    )
    return _saved(folder, head, config, tokenizer)


def roberta(folder: Path) -> Path:
    tokenizer = byte_level(pad=True)
    config = transformers.RobertaConfig(
        vocab_size=len(tokenizer), max_position_embeddings=34, type_vocab_size=1, pad_token_id=1, bos_token_id=0,
        eos_token_id=0, **SMALL,
    )  # fmt: skip
    return _saved(folder, "AutoModel", config, tokenizer)


def gpt2(folder: Path) -> Path:
    """A decoder whose tokenizer has no pad token, and whose config names none."""
    tokenizer = byte_level()
    config = transformers.GPT2Config(
        vocab_size=len(tokenizer), n_positions=64, n_embd=16, n_layer=1, n_head=2, bos_token_id=0, eos_token_id=0
    )
    return _saved(folder, "AutoModelForCausalLM", config, tokenizer)


def qwen2(folder: Path, **settings: Any) -> Path:
    tokenizer = byte_level(in_two_steps=True)
    config = transformers.Qwen2Config(
        vocab_size=len(tokenizer), max_position_embeddings=64, num_key_value_heads=1, bos_token_id=0, eos_token_id=0,
        pad_token_id=None, **{**SMALL, **settings},
    )  # fmt: skip
    return _saved(folder, "AutoModelForCausalLM", config, tokenizer)


def _saved(folder: Path, head: str, config: Any, tokenizer: Any) -> Path:
    torch.manual_seed(0)
    getattr(transformers, head).from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def llama(folder: Path, **settings: Any) -> Path:
    tokenizer = byte_level()
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer), max_position_embeddings=64, bos_token_id=0, eos_token_id=0, **{**SMALL, **settings}
    )
    return _saved(folder, "AutoModelForCausalLM", config, tokenizer)


def opt(folder: Path) -> Path:
    tokenizer = byte_level(pad=True)
    config = transformers.OPTConfig(
        vocab_size=len(tokenizer), max_position_embeddings=64, hidden_size=16, word_embed_proj_dim=16, ffn_dim=20,
        num_hidden_layers=1, num_attention_heads=2, bos_token_id=0, eos_token_id=0, pad_token_id=1,
    )  # fmt: skip
    return _saved(folder, "AutoModelForCausalLM", config, tokenizer)


def modernbert(folder: Path, head: str = "AutoModelForMaskedLM") -> Path:
    tokenizer = word_piece()
    ids = {"pad_token_id": 0, "cls_token_id": 2, "bos_token_id": 2, "sep_token_id": 3, "eos_token_id": 3}
    config = transformers.ModernBertConfig(vocab_size=len(tokenizer), max_position_embeddings=64, **SMALL, **ids)
    return _saved(folder, head, config, tokenizer)


def t5(folder: Path) -> Path:
    """An encoder-decoder without positions, whose config does not say where answers start."""
    tokenizer = byte_level(pad=True)
    config = transformers.T5Config(
        vocab_size=len(tokenizer), d_model=16, d_kv=8, d_ff=20, num_layers=1, num_heads=2, pad_token_id=1,
        eos_token_id=0,
    )  # fmt: skip
    return _saved(folder, "AutoModelForSeq2SeqLM", config, tokenizer)


def bart(folder: Path) -> Path:
    tokenizer = byte_level(pad=True)
    config = transformers.BartConfig(
        vocab_size=len(tokenizer), max_position_embeddings=64, d_model=16, encoder_layers=1, decoder_layers=1,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=20, decoder_ffn_dim=20,
        bos_token_id=0, eos_token_id=0, pad_token_id=1, decoder_start_token_id=0, forced_eos_token_id=None,
    )  # fmt: skip
    return _saved(folder, "AutoModelForSeq2SeqLM", config, tokenizer)
