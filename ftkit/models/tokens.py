"""What a tokenizer must have to be trained with: an end, something to fill up with, and for guessing a mask."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ftkit.errors import ModelError
from ftkit.i18n import text

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

END, PADDING = "<|end|>", "<|pad|>"  # as tiny's own, where a tokenizer has none
_START_WITH_PADDING = ("longt5", "mt5", "switch_transformers", "t5", "umt5")


def complete_tokenizer(tokenizer: PreTrainedTokenizerBase, *, head: str) -> list[tuple[str, str]]:
    """Sets the end and padding token where there are none, and returns a kind and a sentence for each that was set.

    A model that writes must learn where to end. A separator serves as the end token, else one is added; the end token
    serves as padding.

    Args:
        tokenizer: Changed in place.
        head: The name of the transformers Auto class that it is for.

    Raises:
        ModelError: If words are to be guessed and there is no mask token.
    """
    said = []
    if head == "AutoModelForMaskedLM" and tokenizer.mask_token_id is None:
        raise ModelError(text("models.no_mask", name=tokenizer.name_or_path or "tokenizer"))
    if head in ("AutoModelForCausalLM", "AutoModelForSeq2SeqLM") and tokenizer.eos_token_id is None:
        if tokenizer.sep_token_id is not None:
            tokenizer.eos_token = tokenizer.sep_token
            said.append(("end_token", text("models.end_separator", token=tokenizer.eos_token)))
        else:
            tokenizer.add_special_tokens({"eos_token": END})
            said.append(("end_token", text("models.end_added", token=END)))
    if tokenizer.pad_token_id is None:
        if tokenizer.eos_token_id is not None:
            tokenizer.pad_token = tokenizer.eos_token
            said.append(("padding_token", text("models.padding_end", token=tokenizer.pad_token)))
        else:
            tokenizer.add_special_tokens({"pad_token": PADDING})
            said.append(("padding_token", text("models.padding_added", token=PADDING)))
    return said


def end_was_added(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Returns whether the end token is the one that `complete_tokenizer` added, also after saving and loading."""
    return tokenizer.eos_token == END and (tokenizer.eos_token_id or 0) >= tokenizer.vocab_size


def tell_ends(model: Any, tokenizer: PreTrainedTokenizerBase, also: Iterable[int] = ()) -> None:
    """Puts into a model's configs what writing needs, where they lack it: end, padding, and where an answer starts.

    So what is saved stops where it was taught to stop, in plain transformers too.

    Args:
        model: With a transformers config; changed in place.
        tokenizer: Completed.
        also: More ids that end a text, such as the one that ends a turn of a chat.
    """
    config, generation, size = model.config, getattr(model, "generation_config", None), len(tokenizer)
    end = tokenizer.eos_token_id
    if not (
        known := _within(getattr(config, "eos_token_id", None), size)
    ):  # None, or GPT2Config's 50256 over a small vocabulary
        config.eos_token_id = end
    if not known and not _within(getattr(config, "bos_token_id", None), size):
        config.bos_token_id = tokenizer.bos_token_id
    if config.is_encoder_decoder and getattr(config, "decoder_start_token_id", None) is None:
        config.decoder_start_token_id = (
            config.pad_token_id if config.model_type in _START_WITH_PADDING else config.eos_token_id
        )
    if generation is None:
        return
    ends = _within(generation.eos_token_id, size)
    ends = list(dict.fromkeys([*ends, end, *sorted(also)]))
    generation.eos_token_id = ends if len(ends) > 1 else end
    generation.bos_token_id = getattr(config, "bos_token_id", None)
    if not _within(generation.pad_token_id, size):
        generation.pad_token_id = tokenizer.pad_token_id
    if config.is_encoder_decoder:
        generation.decoder_start_token_id = config.decoder_start_token_id


def _within(ids: int | list[int] | None, size: int) -> list[int]:
    """Returns those of a config's token ids that the vocabulary has."""
    return [i for i in (ids if isinstance(ids, list) else [ids]) if i is not None and i < size]
