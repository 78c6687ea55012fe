"""Writing text token by token: greedy or drawn, in batches, with a pause between any two tokens.

transformers' own `generate` holds the thread until the last token; here a caller may stop, or show a piece, after each.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Generator, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from ftkit.training.devices import autocast


def generate(
    model: nn.Module,
    prompts: Sequence[np.ndarray],
    *,
    end_ids: Collection[int],
    pad_id: int,
    device: torch.device,
    max_new_tokens: int,
    temperature: float = 0.0,
    top_p: float = 1.0,
    seed: int = 0,
    precision: str = "fp32",
    first_row: int = 0,
) -> Generator[tuple[np.ndarray, np.ndarray], None, None]:
    """Yields ``(rows, ids)`` after every token: the rows still written, (R,) int64, and the new id of each, (R,) int64.

    A row's last id is one of `end_ids` unless a limit ended it. Row i draws from a stream of numbers of its own, so
    that it is the same alone and in any batch; torch's generators are not touched.

    Args:
        model: A causal language model, or an encoder-decoder.
        prompts: B arrays of ids, (P,) int32, one id at least each: what is continued, or what an encoder reads.
        end_ids: Ids that end a text.
        pad_id: What fills up short prompts, on the left.
        device: Where the model is.
        max_new_tokens: Most tokens of a text; the positions that a model has limit it too.
        temperature: 0 takes the likeliest id; else logits are divided by it.
        top_p: Draws from the fewest likeliest ids whose shares add up to this.
        seed: Of the draws.
        precision: ``"fp32"`` or ``"bf16"``.
        first_row: The number of the first row, for its stream.

    Source: Holtzman et al. 2020 (top-p), https://arxiv.org/abs/1904.09751
    """
    state = _Writing(model, prompts, pad_id, device, precision)
    limit = min(max_new_tokens, state.room)
    streams = [np.random.default_rng((seed, first_row + i)) for i in range(len(prompts))]
    draws = np.stack([stream.random(limit, dtype=np.float32) for stream in streams])  # a function of (seed, row) alone
    alive = np.ones(len(prompts), dtype=bool)
    ends = np.asarray(sorted(end_ids), dtype=np.int64)
    for step in range(limit):
        logits = state.next_logits()
        if temperature <= 0:
            chosen = logits.argmax(-1)
        else:
            chosen = draw(logits, temperature, top_p, torch.from_numpy(draws[:, step]).to(device))
        ids = chosen.cpu().numpy()
        rows = np.flatnonzero(alive)
        yield rows, ids[rows]
        alive &= ~np.isin(ids, ends)
        if not alive.any():
            return
        state.append(np.where(alive, ids, pad_id))


def draw(logits: torch.Tensor, temperature: float, top_p: float, numbers: torch.Tensor) -> torch.Tensor:
    """Returns an id for each row, (B,) int64, by inverting its cumulative distribution.

    Args:
        logits: (B, V) fp32.
        temperature: Above 0.
        top_p: Above 0, to 1.
        numbers: (B,) fp32 in [0, 1): the same number gives the same id.
    """
    ordered, ids = (logits / temperature).sort(dim=-1, descending=True, stable=True)
    shares = ordered.softmax(-1)
    before = shares.cumsum(-1) - shares  # of the likelier ids
    shares = shares.masked_fill(before >= top_p, 0.0)  # the first id is always kept
    heights = shares.cumsum(-1)
    at = torch.searchsorted(heights, (numbers * heights[:, -1]).unsqueeze(-1), right=True)
    last = (shares > 0).sum(-1, keepdim=True) - 1
    return ids.gather(-1, torch.minimum(at, last)).squeeze(-1)


class _Writing:
    """What a batch has come to: ids so far, what is padding, and the model's memory of them."""

    def __init__(
        self, model: nn.Module, prompts: Sequence[np.ndarray], pad_id: int, device: torch.device, precision: str
    ) -> None:
        config: Any = model.config
        self._model, self._device, self._precision = model, device, precision
        accepted = inspect.signature(_inner(model).forward).parameters
        self._cached = "past_key_values" in accepted
        self._positioned = "position_ids" in accepted
        self._memory: Any = None
        width = max(len(prompt) for prompt in prompts)
        ids = np.full((len(prompts), width), pad_id, dtype=np.int64)
        mask = np.zeros((len(prompts), width), dtype=np.int64)
        self._encoded: Any = None
        positions = getattr(config, "max_position_embeddings", None)
        if getattr(config, "is_encoder_decoder", False):
            for i, prompt in enumerate(prompts):
                ids[i, : len(prompt)], mask[i, : len(prompt)] = prompt, 1
            self._read_mask = torch.from_numpy(mask).to(device)
            with torch.inference_mode(), autocast(device, precision):
                encoder = _inner(model).get_encoder()
                self._encoded = encoder(input_ids=torch.from_numpy(ids).to(device), attention_mask=self._read_mask)
            start = config.decoder_start_token_id
            self._ids = torch.full((len(prompts), 1), start, dtype=torch.long, device=device)
            self._mask = torch.ones_like(self._ids)
            self.room = (positions or 1 << 20) - 1
        else:
            for i, prompt in enumerate(prompts):
                ids[i, width - len(prompt) :], mask[i, width - len(prompt) :] = prompt, 1
            self._ids, self._mask = torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device)
            self.room = max(0, (positions or 1 << 20) - width)
        model.eval()

    def next_logits(self) -> torch.Tensor:
        """Returns the logits of the next id, (B, V) fp32."""
        inputs: dict[str, Any] = {"use_cache": self._cached}
        ids, n_seen = self._ids, self._ids.shape[1]
        if self._cached and self._memory is not None:
            inputs["past_key_values"], ids = self._memory, ids[:, -1:]
        if self._encoded is not None:
            inputs |= {"encoder_outputs": self._encoded, "attention_mask": self._read_mask, "decoder_input_ids": ids}
        else:
            inputs |= {"input_ids": ids, "attention_mask": self._mask}
            if self._positioned:
                inputs["position_ids"] = (self._mask.cumsum(-1) - 1).clamp(min=0)[:, n_seen - ids.shape[1] :]
        self._model.eval()  # whoever drives this may have trained since
        with torch.inference_mode(), autocast(self._device, self._precision):
            found = self._model(**inputs)
        self._memory = getattr(found, "past_key_values", None) if self._cached else None
        logits: torch.Tensor = found.logits[:, -1].float()
        return logits

    def append(self, ids: np.ndarray) -> None:
        """Takes the ids, (B,), that were chosen."""
        column = torch.from_numpy(ids).to(self._device).unsqueeze(1)
        self._ids = torch.cat([self._ids, column], 1)
        self._mask = torch.cat([self._mask, torch.ones_like(column)], 1)


def _inner(model: nn.Module) -> Any:
    """Returns the transformers model inside what LoRA wrapped around it."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model  # type: ignore[operator]


class PieceDecoder:
    """Turns ids into pieces of text as they come: together what the tokenizer makes of all, never half a letter."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._ids: list[int] = []
        self._given = 0  # ids whose text was given
        self._from = 0  # where decoding begins: a few ids earlier, since spaces depend on what comes before

    def push(self, token: int) -> str:
        """Returns the text that this id completes; empty while a letter is not whole."""
        self._ids.append(token)
        return self._piece(last=False)

    def close(self) -> str:
        """Returns what is left."""
        return self._piece(last=True)

    def _piece(self, last: bool) -> str:
        before = self._decode(self._ids[self._from : self._given])
        now = self._decode(self._ids[self._from :])
        if not last and now.endswith("\ufffd"):
            return ""
        self._from, self._given = self._given, len(self._ids)
        return now[len(before) :]

    def _decode(self, ids: list[int]) -> str:
        decoded: str = self._tokenizer.decode(ids, skip_special_tokens=True)
        return decoded


def decode_stream(tokenizer: Any) -> PieceDecoder:
    """Returns an object that turns ids into pieces of text: `push` each id, then `close`."""
    return PieceDecoder(tokenizer)
