"""The model that needs no download: a tokenizer trained on the user's own text and a small encoder built from a config.

It knows nothing before it trains, and is small enough to learn from a few hundred lines on a laptop in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import ModernBertConfig, PreTrainedTokenizerFast

MAX_LENGTH = 512
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_VOCABULARY = 8000


def train_tokenizer(texts: Iterable[str]) -> PreTrainedTokenizerFast:
    """Returns a WordPiece tokenizer trained on `texts`: words for English, single characters for Chinese.

    The same texts give the same vocabulary, in every process. Words and pieces seen once become ``[UNK]`` or smaller
    pieces, so that the model learns what to do with them.

    Source: Schuster and Nakajima 2012 (WordPiece); Devlin et al. 2019 (the normaliser and pre-tokeniser).
    """
    texts = list(texts)
    # The trainer numbers the characters inside words as a hash map gives them, anew in every process, and ties between
    # merges follow those numbers. So a first pass finds these characters, and a second is given them in order.
    alphabet = _trained(texts, 0, _SPECIAL)
    vocabulary = _trained(texts, _VOCABULARY, [*_SPECIAL, *sorted(c for c in alphabet if c.startswith("##"))])
    tokenizer = _word_piece(vocabulary)
    ids = {token: tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]")}
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=list(ids.items())
    )
    pad, unknown, cls, sep, mask = _SPECIAL
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token=pad,
        unk_token=unknown,
        cls_token=cls,
        sep_token=sep,
        mask_token=mask,
        model_max_length=MAX_LENGTH,
        clean_up_tokenization_spaces=False,
        model_input_names=["input_ids", "attention_mask"],
    )


def _trained(texts: list[str], size: int, special: Sequence[str]) -> dict[str, int]:
    """Returns a vocabulary of `size`, or more where single characters need it, with `special` first."""
    tokenizer = _word_piece({})
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, min_frequency=2, special_tokens=list(special), show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    vocabulary: dict[str, int] = tokenizer.get_vocab()
    return vocabulary


def _word_piece(vocabulary: dict[str, int]) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def tiny_config(tokenizer: PreTrainedTokenizerFast, **head: Any) -> ModernBertConfig:
    """Returns the config of a two-layer ModernBERT of about half a million parameters plus its vocabulary.

    Mean pooling learns from few rows where a from-scratch ``[CLS]`` does not, and padding cannot change its result.

    Args:
        tokenizer: Its vocabulary and special tokens are the model's.
        **head: What the task's head needs, such as ``id2label``.
    """
    return ModernBertConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=MAX_LENGTH,
        layer_types=["full_attention"] * 2,
        classifier_pooling="mean",
        embedding_dropout=0.1,
        mlp_dropout=0.1,
        attention_dropout=0.0,  # torch has a fast attention on the CPU only without it: 316 ms a step become 221
        classifier_dropout=0.1,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.cls_token_id,
        cls_token_id=tokenizer.cls_token_id,
        eos_token_id=tokenizer.sep_token_id,
        sep_token_id=tokenizer.sep_token_id,
        **head,
    )
