"""Writing text token by token: greedy or drawn, in batches, with a pause between any two tokens.

transformers' own `generate` holds the thread until the last token; here a caller may stop, or show a piece, after each.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection, Generator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from ftkit.models.load import position_limit
from ftkit.training.devices import autocast

_BYTE = re.compile(r"<0x[0-9A-Fa-f]{2}>")  # a token for one byte, in SentencePiece


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
        pad_id: What fills up short prompts.
        device: Where the model is.
        max_new_tokens: Most tokens of a text; the positions that a model has, the prompt's included, limit it too.
        temperature: 0 takes the likeliest id; else logits are divided by it.
        top_p: Draws from the fewest likeliest ids whose shares add up to this.
        seed: Of the draws.
        precision: ``"fp32"`` or ``"bf16"``.
        first_row: The number of the first row, for its stream.

    Source: Holtzman et al. 2020 (top-p), https://arxiv.org/abs/1904.09751
    """
    if not prompts:
        return
    model.eval()
    writes_apart = bool(getattr(model.config, "is_encoder_decoder", False))
    batch = (_EncoderDecoder if writes_apart else _Decoder)(model, prompts, pad_id, device, precision)
    streams = [np.random.default_rng((seed, first_row + i)) for i in range(len(prompts))]
    ends = np.asarray(sorted(end_ids), dtype=np.int64)
    rows = np.flatnonzero(batch.room > 0)  # those still written; the batch itself may hold more
    for step in range(max_new_tokens):
        if not len(rows):
            return
        logits = batch.next_logits(rows)
        if temperature > 0:
            numbers = np.asarray([streams[row].random(dtype=np.float32) for row in rows])
            ids = draw(logits, temperature, top_p, torch.from_numpy(numbers).to(device)).cpu().numpy()
        else:
            ids = logits.argmax(-1).cpu().numpy()
        yield rows, ids
        alive = ~np.isin(ids, ends) & (step + 1 < batch.room[rows])
        batch.append(rows, ids, alive)
        rows = rows[alive]


def draw(logits: torch.Tensor, temperature: float, top_p: float, numbers: torch.Tensor) -> torch.Tensor:
    """Returns an id for each row, (B,) int64, by inverting its cumulative distribution in order of ids.

    Args:
        logits: (B, V) fp32.
        temperature: Above 0.
        top_p: Above 0, to 1.
        numbers: (B,) fp32 in [0, 1): the same number gives the same id.
    """
    shares = kept_shares(logits, temperature, top_p)
    heights = shares.cumsum(-1)
    most = heights[:, -1:]
    # a number may round up to the whole height, where nothing lies above it
    wanted = torch.minimum(numbers.unsqueeze(-1) * most, torch.nextafter(most, torch.zeros_like(most)))
    found = torch.searchsorted(heights, wanted, right=True)
    return found.clamp(max=logits.shape[-1] - 1).squeeze(-1)  # of a model that says nan, anything


def kept_shares(logits: torch.Tensor, temperature: float, top_p: float) -> torch.Tensor:
    """Returns the share of every id, (B, V): 0 for those that top-p leaves out, the others not scaled up again.

    An id is left out if the likelier ones already add up to `top_p`; the likeliest never is, nor one as likely as the
    last that stays.

    Args:
        logits: (B, V) fp32.
        temperature: Above 0.
        top_p: Above 0, to 1.
    """
    highest = logits.max(-1, keepdim=True).values  # taken off first: a tiny temperature must not reach infinity
    shares = ((logits - highest) / temperature).softmax(-1)
    if top_p >= 1:
        return shares
    # on the CPU numpy sorts 32 x 4,000 numbers in 3 ms, torch in 50
    on_cpu = shares.device.type == "cpu"
    ordered = torch.from_numpy(np.sort(shares.numpy(), -1)) if on_cpu else shares.sort(-1).values
    left_out = ordered.cumsum(-1) <= 1 - top_p  # as TopPLogitsWarper has it, from the least likely up
    left_out[:, -1] = False
    least = ordered.gather(-1, left_out.sum(-1, keepdim=True))
    return shares.masked_fill(shares < least, 0.0)


class _Decoder:
    """Prompts and what was written after them. `room` says how many tokens each row can take, (B,)."""

    def __init__(
        self, model: nn.Module, prompts: Sequence[np.ndarray], pad_id: int, device: torch.device, precision: str
    ) -> None:
        self._model, self._pad, self._device, self._precision = model, pad_id, device, precision
        self._limit = position_limit(model.config)
        lengths = np.asarray([len(prompt) for prompt in prompts])
        self.room = np.full(len(prompts), 1 << 30) if self._limit is None else np.maximum(0, self._limit - lengths)
        accepted = _accepted(model)
        self._caches = "past_key_values" in accepted
        self._positioned = "position_ids" in accepted
        self._options = {"logits_to_keep": 1} if self._caches and "logits_to_keep" in accepted else {}
        self._rows = [[int(token) for token in prompt] for prompt in prompts]
        self._held = np.empty(0, dtype=np.int64)  # the rows that the cache remembers
        self._past: Any = None
        self._mask = torch.empty(0)

    def next_logits(self, rows: np.ndarray) -> torch.Tensor:
        """Returns the logits of these rows' next id, (R, V) fp32; `rows` only ever loses some."""
        if not self._caches:
            return self._whole(rows)
        full = self._limit is not None and self._mask.shape[-1] >= self._limit  # padding may fill what rows do not
        if self._past is None or full:
            width = max(len(self._rows[row]) for row in rows)
            ids, mask = _padded([self._rows[row] for row in rows], width, self._pad, left=True)
            self._held, self._past = rows, None
            self._mask = mask.to(self._device)
        else:
            ids = torch.tensor([[self._rows[row][-1]] for row in self._held])
            alive = torch.from_numpy(np.isin(self._held, rows)).long()  # the others must not run out of positions
            self._mask = torch.cat([self._mask, alive.unsqueeze(1).to(self._device)], 1)
        inputs = {"input_ids": ids.to(self._device), "attention_mask": self._mask, **self._options}
        if self._positioned:
            inputs["position_ids"] = (self._mask.cumsum(-1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        found = _forward(self._model, self._device, self._precision, inputs, self._past)
        self._past = getattr(found, "past_key_values", None)  # None from a model that only seems to have one
        return _last(found.logits)[np.searchsorted(self._held, rows)]

    def append(self, rows: np.ndarray, ids: np.ndarray, alive: np.ndarray) -> None:
        """Takes the ids, (R,), that were chosen; forgets the rows that are not alive once they are half of all."""
        for row, token in zip(rows, ids, strict=True):
            self._rows[row].append(int(token))
        at = np.searchsorted(self._held, rows[alive])
        if 0 < 2 * len(at) <= len(self._held) and _narrowed(self._past, at):
            self._mask, self._held = self._mask[torch.from_numpy(at)], self._held[at]

    def _whole(self, rows: np.ndarray) -> torch.Tensor:
        """Reads every row from its beginning: padded right, which needs neither positions nor a mask."""
        texts = [self._rows[row] for row in rows]
        lengths = [len(ids) for ids in texts]
        ids, mask = _padded(texts, max(lengths), self._pad, left=False)
        inputs = {"input_ids": ids.to(self._device), "attention_mask": mask.to(self._device)}
        logits = _forward(self._model, self._device, self._precision, inputs, None, caches=False).logits
        return logits[torch.arange(len(rows)), torch.tensor(lengths) - 1].float()  # type: ignore[no-any-return]


class _EncoderDecoder:
    """What an encoder read, once, and what the decoder wrote about it. `room` as for `_Decoder`."""

    def __init__(
        self, model: nn.Module, prompts: Sequence[np.ndarray], pad_id: int, device: torch.device, precision: str
    ) -> None:
        self._model, self._device, self._precision = model, device, precision
        config: Any = model.config
        limit = position_limit(config)
        self.room = np.full(len(prompts), 1 << 30 if limit is None else limit)
        self._caches = "past_key_values" in _accepted(model)
        width = max(1, *(len(prompt) for prompt in prompts))
        ids, mask = _padded(prompts, width, pad_id, left=False)
        self._mask = mask.to(device)
        encoder: Any = model.get_encoder()  # type: ignore[operator]
        with torch.inference_mode(), autocast(device, precision):
            self._encoded = encoder(input_ids=ids.to(device), attention_mask=self._mask)
        self._written = torch.full((len(prompts), 1), int(config.decoder_start_token_id))
        self._past: Any = None

    def next_logits(self, rows: np.ndarray) -> torch.Tensor:
        """Returns the logits of these rows' next id, (R, V) fp32."""
        ids = self._written if self._past is None else self._written[:, -1:]
        inputs = {
            "encoder_outputs": self._encoded,
            "attention_mask": self._mask,
            "decoder_input_ids": ids.to(self._device),
        }
        found = _forward(self._model, self._device, self._precision, inputs, self._past, caches=self._caches)
        self._past = getattr(found, "past_key_values", None)
        return _last(found.logits)[rows]

    def append(self, rows: np.ndarray, ids: np.ndarray, alive: np.ndarray) -> None:
        """Takes the ids, (R,), that were chosen."""
        column = self._written[:, -1:].clone()  # rows that ended go on with anything: nobody looks
        column[rows, 0] = torch.from_numpy(ids)
        self._written = torch.cat([self._written, column], 1)


def _forward(
    model: nn.Module,
    device: torch.device,
    precision: str,
    inputs: Mapping[str, Any],
    past: Any,
    caches: bool = True,
) -> Any:
    model.eval()  # whoever drives this may have trained since the last token
    memory = {"use_cache": True} if caches else {}
    if past is not None:
        memory["past_key_values"] = past
    with torch.inference_mode(), autocast(device, precision):
        return model(**inputs, **memory)


def _last(logits: torch.Tensor) -> torch.Tensor:
    return logits[:, -1].float()


def _padded(rows: Sequence[Any], width: int, pad_id: int, *, left: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns ids and their mask, (B, width) int64 each."""
    ids, mask = np.full((len(rows), width), pad_id, dtype=np.int64), np.zeros((len(rows), width), dtype=np.int64)
    for i, row in enumerate(rows):
        at = slice(width - len(row), width) if left else slice(0, len(row))
        ids[i, at], mask[i, at] = row, 1
    return torch.from_numpy(ids), torch.from_numpy(mask)


def _narrowed(past: Any, kept: np.ndarray) -> bool:
    """Keeps only these rows of a cache, and says whether that could be done."""
    if not hasattr(past, "batch_select_indices"):
        return False
    with torch.inference_mode():
        past.batch_select_indices(torch.from_numpy(kept))
    return True


def _accepted(model: nn.Module) -> Collection[str]:
    return inspect.signature(model.forward).parameters.keys()


class DecodeStream:
    """Turns ids into pieces of text as they come: together what the tokenizer makes of all, never half a character.

    Only the last few ids are decoded again for each new one, so the time is linear in the number of ids.
    """

    _CONTEXT = 8  # ids before a piece: what they decode to may depend on what stands before, by four bytes at most

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._skipped = {token for token, added in tokenizer.added_tokens_decoder.items() if added.special}
        self._cleans = _cleans(tokenizer)
        self._ids: list[int] = []  # the last ones
        self._n_given = 0  # characters of their text that were given
        self._raw = ""  # decoded, but where spaces are still to be cleaned up

    def push(self, token: int) -> str:
        """Returns the text that this id completes: empty for special ids and while a character is not whole."""
        name = self._tokenizer.convert_ids_to_tokens(token)
        if token in self._skipped or name is None:
            return ""
        self._ids.append(token)
        if _BYTE.fullmatch(name):  # what one byte shows as hangs on all bytes beside it, in SentencePiece
            return ""
        return self._cleaned(self._settled(last=False), last=False)

    def close(self) -> str:
        """Returns what is left: an unfinished character as the replacement character."""
        return self._cleaned(self._settled(last=True), last=True)

    def _settled(self, last: bool) -> str:
        now = self._decode(self._ids)
        # a character that lacks bytes shows as one replacement character, at the very end
        end = len(now) if last or not now.endswith("\ufffd") else len(now) - 1
        piece = now[self._n_given : end]
        self._n_given = max(self._n_given, end)
        if len(self._ids) > 2 * self._CONTEXT and not _BYTE.fullmatch(self._name(-self._CONTEXT)):
            n_left = len(now) - self._n_given
            self._ids = self._ids[-self._CONTEXT :]
            self._n_given = len(self._decode(self._ids)) - n_left
        return piece

    def _name(self, at: int) -> str:
        return str(self._tokenizer.convert_ids_to_tokens(self._ids[at]))

    def _decode(self, ids: list[int]) -> str:
        found = self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return str(found)

    def _cleaned(self, piece: str, last: bool) -> str:
        """Returns what can be given of what was held back and `piece`, cleaned up if the tokenizer does so."""
        if not self._cleans:
            return piece
        self._raw += piece
        # each replacement begins with a space: one that no quote is near, with a letter after, is where two parts meet
        cut = len(self._raw)
        if not last:
            cut = self._raw.rfind(" ", 0, -1)
            while cut > 0 and "'" in self._raw[max(0, cut - 2) : cut + 2]:
                cut = self._raw.rfind(" ", 0, cut)
        ready, self._raw = self._raw[: max(cut, 0)], self._raw[max(cut, 0) :]
        return str(self._tokenizer.clean_up_tokenization(ready))


def _cleans(tokenizer: Any) -> bool:
    """Whether the tokenizer takes spaces before marks out of what it decodes: never after BPE, unless it insists."""
    insists = getattr(tokenizer, "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output", False)
    backend = getattr(tokenizer, "backend_tokenizer", None)
    is_bpe = backend is not None and type(backend.model).__name__ == "BPE"
    return bool(tokenizer.clean_up_tokenization_spaces) and (insists or not is_bpe)


def decode_stream(tokenizer: Any) -> DecodeStream:
    """Returns an object that turns ids into pieces of text: `push` each id, then `close`."""
    return DecodeStream(tokenizer)
