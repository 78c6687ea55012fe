"""Tokenised examples: what a task's `encode` returns and what batches are made of; and token ids of plain texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data.characters import character_table
from ftkit.data.ragged import Ragged, Strings

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

IGNORED = -100  # the label of positions that no loss looks at (torch's cross_entropy default)
_FEW = 8  # texts for which preparing costs more than it saves
_AT_ONCE = 4_096  # texts given to the tokenizer's own threads together


@dataclass(frozen=True)
class Encoded:
    """Tokenised examples, not padded yet.

    Attributes:
        input_ids: N arrays, each (T_i,): a `Ragged` of uint16 or int32, or a list of arrays.
        labels: N arrays: () for one label per example, (T_i,) for one per token, (U_i,) for an encoder-decoder's
            answers; an array (N,) of class numbers or (N, K) of one number per class; None when there are none.
        n_truncated: How many examples were longer than the limit and lost something.
        words: For tagging, per example the token that starts at every position, (T_i,), -1 for none; else None.
        targets: The whole true answers, tag lists or texts, uncut: what was cut off counts too; else None.
        sources: For tasks that write text, what is read, as people would show it, uncut; else None.
        prompts: For tasks that write text, per example the ids that the answer follows, (P_i,); else None.
        lost: For tasks that write text, per example how many tokens of the answer were cut off, (N,) int64; else None.
        n_characters: Of the text that language modelling predicts, one more a line for its end; else 0.
        decoder_start: The id that an encoder-decoder's answer starts from; None for all other models.
    """

    input_ids: Sequence[np.ndarray]
    labels: Sequence[np.ndarray] | np.ndarray | None
    n_truncated: int
    words: Sequence[np.ndarray] | None = None
    targets: Sequence[Any] | None = None
    sources: Sequence[str] | None = None
    prompts: Sequence[np.ndarray] | None = None
    lost: np.ndarray | None = None
    n_characters: int = 0
    decoder_start: int | None = None

    def __len__(self) -> int:
        return len(self.input_ids)

    @classmethod
    def joined(cls, parts: Sequence[Encoded]) -> Encoded:
        """Returns the examples of several, one or more, in order."""
        first = parts[0]
        if len(parts) == 1:
            return first
        columns: dict[str, Any] = {
            name: None if getattr(first, name) is None else _joined([getattr(part, name) for part in parts])
            for name in ("input_ids", "labels", "words", "targets", "sources", "prompts", "lost")
        }
        return cls(
            **columns,
            n_truncated=sum(part.n_truncated for part in parts),
            n_characters=sum(part.n_characters for part in parts),
            decoder_start=first.decoder_start,
        )


def _joined(parts: Sequence[Any]) -> Any:
    if isinstance(parts[0], Ragged):
        return Ragged.concatenated(parts)
    if isinstance(parts[0], Strings):
        known = [part if isinstance(part, Strings) else Strings.from_list(part) for part in parts]
        return Strings(Ragged.concatenated([part.rows for part in known]))
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    return [row for part in parts for row in part]


def id_type(n_vocabulary: int) -> Any:
    """Returns the smallest dtype that holds every id: uint16 for up to 65,536 tokens, else int32."""
    return np.uint16 if n_vocabulary <= 1 << 16 else np.int32


def label_type(n_vocabulary: int) -> Any:
    """Returns the smallest dtype that holds every id and -100: int16 for up to 32,768 tokens, else int32."""
    return np.int16 if n_vocabulary <= 1 << 15 else np.int32


def token_ids(
    texts: Sequence[str],
    tokenizer: PreTrainedTokenizerBase,
    max_length: int | None = None,
    *,
    add_special_tokens: bool = True,
) -> tuple[Ragged, int]:
    """Returns just the ids that the tokenizer gives, but faster, and how many texts were cut.

    Characters and words that the tokenizer provably treats by themselves are looked up (see `ftkit.data.characters`);
    the rest is tokenised on all cores, or as ``TOKENIZERS_PARALLELISM`` says.

    Args:
        texts: N texts.
        tokenizer: A fast one is asked for nothing but ids; any other is called.
        max_length: Tokens of a row, special ones included; None cuts nothing.
        add_special_tokens: Whether each row gets the tokenizer's own marks, ``[CLS]`` and ``[SEP]``, say.

    Returns:
        N rows of ids, of `id_type`, and how many of them are shorter than their text.

    Example:
        >>> rows, n_cut = token_ids(["a b", "a"], tokenizer, max_length=8)  # doctest: +SKIP
    """
    texts = list(texts)
    if len(texts) < _FEW or not _is_plain(tokenizer):
        return _called(texts, tokenizer, max_length, add_special_tokens)
    table = character_table(tokenizer)
    before, after = (table.before, table.after) if table is not None and add_special_tokens else ([], [])
    room = None if max_length is None else max_length - len(before) - len(after)
    found: tuple[Ragged, int] | None = None
    if table is not None and (room is None or (room > 0 and tokenizer.truncation_side == "right")):
        rows, asked = table.look_up(texts)
        n_cut = 0
        if room is not None:
            n_cut = int((rows.lengths > room).sum())
            rows = rows.beginnings(room) if n_cut else rows
        rows = Ragged(rows.flat.astype(id_type(len(tokenizer))), rows.starts, rows.ends)
        rows = rows.framed(before, after) if before or after else rows
        if asked.any():
            at = np.flatnonzero(asked)
            others, n_others = _in_batches([texts[i] for i in at], tokenizer, max_length, add_special_tokens)
            rows, n_cut = _replaced(rows, at, others), n_cut + n_others
        found = rows, n_cut
    as_called(tokenizer, max_length)
    return found or _in_batches(texts, tokenizer, max_length, add_special_tokens)


def _is_plain(tokenizer: Any) -> bool:
    """Returns whether calling the tokenizer does no more than its backend does."""
    from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

    kind = type(tokenizer)
    return (
        isinstance(tokenizer, PreTrainedTokenizerFast)
        and kind.__call__ is PreTrainedTokenizerBase.__call__
        and kind._encode_plus is PreTrainedTokenizerFast._encode_plus
        and hasattr(tokenizer.backend_tokenizer, "encode_batch_fast")
    )


def _called(texts: list[str], tokenizer: Any, max_length: int | None, special: bool) -> tuple[Ragged, int]:
    limits = {} if max_length is None else {"truncation": True, "max_length": max_length}
    if not texts:
        return Ragged.from_list([], id_type(len(tokenizer))), 0
    found = tokenizer(texts, add_special_tokens=special, return_attention_mask=False, verbose=False, **limits)
    n_cut = sum(bool(row.overflowing) for row in found.encodings or ())
    return Ragged.from_list(found["input_ids"], id_type(len(tokenizer))), n_cut


def _in_batches(texts: list[str], tokenizer: Any, max_length: int | None, special: bool) -> tuple[Ragged, int]:
    as_called(tokenizer, max_length)
    backend, dtype, n_cut = tokenizer.backend_tokenizer, id_type(len(tokenizer)), 0
    parts, lengths = [np.empty(0, dtype)], []
    for first in range(0, len(texts), _AT_ONCE):
        for row in backend.encode_batch_fast(texts[first : first + _AT_ONCE], add_special_tokens=special):
            ids = row.ids
            n_cut += max_length is not None and bool(row.overflowing)
            parts.append(np.array(ids, dtype))
            lengths.append(len(ids))
    return Ragged.from_lengths(np.concatenate(parts), np.asarray(lengths, np.int64)), n_cut


def as_called(tokenizer: Any, max_length: int | None) -> None:
    """Leaves the backend cutting at `max_length` and padding nothing, as calling the tokenizer would."""
    from transformers.tokenization_utils_base import TruncationStrategy
    from transformers.utils.generic import PaddingStrategy

    cuts = max_length is not None
    tokenizer.set_truncation_and_padding(
        padding_strategy=PaddingStrategy.DO_NOT_PAD,
        truncation_strategy=TruncationStrategy.LONGEST_FIRST if cuts else TruncationStrategy.DO_NOT_TRUNCATE,
        max_length=max_length or 0,
        stride=0,
        pad_to_multiple_of=None,
        padding_side=None,
    )
    if tokenizer.backend_tokenizer.encode_special_tokens != tokenizer.split_special_tokens:
        tokenizer.backend_tokenizer.encode_special_tokens = tokenizer.split_special_tokens


def _replaced(rows: Ragged, at: np.ndarray, others: Ragged) -> Ragged:
    """Returns the rows with the ones at `at` exchanged."""
    starts, ends = rows.starts.copy(), rows.ends.copy()
    starts[at], ends[at] = others.starts + len(rows.flat), others.ends + len(rows.flat)
    return Ragged(np.concatenate([rows.flat, others.flat]), starts, ends)
