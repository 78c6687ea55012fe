"""Token ids by looking characters up, where a tokenizer provably treats some of them by themselves.

A tokenizer normalises, cuts a text into pieces, and gives every piece its ids. Many cut before and after certain
characters whatever stands beside them: BERT's at Chinese characters, punctuation and spaces; a character tokenizer's
everywhere. Here such a character is called a border. The ids of a text are then those of its borders and of the runs
between them, one after the other, and either are asked for once. What cannot be told so is left to the tokenizer.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ftkit.data.ragged import Ragged, positions

LONGEST_RUN = 32  # characters; rows with longer ones go to the tokenizer, and do not fill the memory
MOST_RUNS = 400_000  # remembered: about 60 MB
_WEARY = 20_000  # runs after which it is asked whether remembering them pays

# What a character is, where it has not exactly one id: those are 0 and above.
_NOTHING, _SEVERAL, _RUN, _LOOK, _ASK, _UNKNOWN = -1, -2, -3, -4, -5, -9
_N_POINTS = 0x110000

# the character in question (None) twice, and between two of every kind that the pre-tokenizers below tell apart
_BESIDE = (None, None, *(part for kind in ("a", "1", "!", " ", "\n", "中") for part in (kind, None, kind, None)))
_EVERY_CHARACTER = ({"String": ""}, {"Regex": ""}, {"Regex": "."}, {"Regex": "(?m:.)"})
_ONE_CHARACTER = (*_EVERY_CHARACTER, {"Regex": r"\p{Han}"})
_COMPOSING = ("NFC", "NFKC")
# of these no canonical composition is made, as first or as second: NFC cannot join them to what stands beside them
_INERT = frozenset(" \n,.!:;?()'\"、。《》「」『』【】“”‘’…—·！，：；？（）")


class CharacterTable:
    """One tokenizer's ids by character and by run. Made by `character_table`.

    Attributes:
        before: The special ids that the tokenizer writes before every text.
        after: Those after it.
        pays: False once it turned out that texts have hardly a run in common: the tokenizer is as fast then.
    """

    def __init__(self, backend: Any, before: Sequence[int], after: Sequence[int]) -> None:
        self.before, self.after, self.pays = list(before), list(after), True
        self._backend = backend
        self._written, self._hot, self._never = _added(backend)
        self._composes = any(step["type"] in _COMPOSING for step in _steps(_state(backend.normalizer), "normalizers"))
        self._beside = [[] if other is None else _pieces(backend, other) for other in _BESIDE]
        self._seen = self._missed = 0
        self._forget()

    def _forget(self) -> None:
        self._first = np.full(_N_POINTS, _UNKNOWN, np.int32)  # an id or one of the kinds above
        self._beneath: dict[int, int] = {}  # the same of characters that may begin an added token, by code point
        self._start = np.zeros(_N_POINTS, np.int32)  # where a character's ids stand in `_flat`, and how many there are
        self._count = np.zeros(_N_POINTS, np.int32)
        self._flat, self._used = np.empty(1 << 14, np.int32), 0
        self._runs: dict[bytes, int] = {}  # UTF-32 to number
        self._run_start, self._run_count = np.empty(0, np.int32), np.empty(0, np.int32)

    def look_up(self, texts: Sequence[str]) -> tuple[Ragged, np.ndarray]:
        """Returns the ids of each text, without special ones and uncut, int32; and which rows are not among them.

        Returns:
            The ids; empty for the rows that only the tokenizer can tell. Which those are, (N,) bool.
        """
        if len(self._runs) > MOST_RUNS:
            self._forget()
        if self._backend.truncation is not None:
            self._backend.no_truncation()
        if self._backend.padding is not None:
            self._backend.no_padding()
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), "<u4")
        kinds = self._first.take(points)
        least = int(kinds.min(initial=0))
        if least == _UNKNOWN:
            self._learn(np.unique(points[kinds == _UNKNOWN]))
            kinds = self._first.take(points)
            least = int(kinds.min(initial=0))
        asked = np.zeros(len(texts), bool)
        if least >= 0:
            return Ragged.from_lengths(kinds, lengths), asked
        if least == _NOTHING:
            kept = kinds >= 0
            return Ragged.from_lengths(kinds[kept], _sums(kept, lengths)), asked
        if least <= _LOOK:
            self._look(texts, points, kinds, lengths, asked)
        return self._in_units(points, kinds, lengths, asked), asked

    def _look(
        self, texts: Sequence[str], points: np.ndarray, kinds: np.ndarray, lengths: np.ndarray, asked: np.ndarray
    ) -> None:
        """Marks the rows that hold an added token, and gives characters that might have begun one their true kind."""
        ends = np.cumsum(lengths)
        asked[np.searchsorted(ends, np.flatnonzero(kinds == _ASK), side="right")] = True
        places = np.flatnonzero(kinds == _LOOK)
        for row in np.unique(np.searchsorted(ends, places, side="right")).tolist():
            asked[row] |= any(token in texts[row] for token in self._written)
        kinds[places] = [self._beneath[point] for point in points[places].tolist()]

    def _in_units(self, points: np.ndarray, kinds: np.ndarray, lengths: np.ndarray, asked: np.ndarray) -> Ragged:
        """Returns the ids of borders and runs in turn; marks rows with a run that is too long."""
        if asked.any():
            kept = np.repeat(~asked, lengths)
            points, kinds, lengths = points[kept], kinds[kept], np.where(asked, 0, lengths)
        ends = np.cumsum(lengths)
        in_run = kinds == _RUN
        begins = in_run.copy()
        begins[1:] &= ~in_run[:-1]
        heads = (ends - lengths)[lengths > 0]
        begins[heads] = in_run[heads]
        run_at = np.flatnonzero(begins)
        offsets = np.append((np.cumsum(in_run) - 1)[run_at], in_run.sum()).astype(np.int32)
        too_long = np.diff(offsets) > LONGEST_RUN
        if too_long.any():
            asked[np.searchsorted(ends, run_at[too_long], side="right")] = True
            return self._in_units(points, kinds, lengths, asked)
        numbers = self._numbers(points[in_run], offsets)
        units = np.logical_or(~in_run, begins)
        starts, counts = self._start[points[units]], self._count[points[units]]
        at_runs = in_run[units]
        starts[at_runs], counts[at_runs] = self._run_start[numbers], self._run_count[numbers]
        sizes = _sums(counts, _sums(units, lengths))
        several = int(counts.max(initial=0)) > 1
        flat = self._flat[positions(starts, counts) if several else starts[counts == 1]]
        return Ragged.from_lengths(flat, sizes)

    def _numbers(self, characters: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        """Returns the number of each run, after asking the tokenizer about those that are new."""
        import pyarrow as pa

        if len(offsets) == 1:
            return np.empty(0, np.int64)
        buffers = [None, pa.py_buffer(offsets * 4), pa.py_buffer(np.ascontiguousarray(characters))]
        runs = pa.Array.from_buffers(pa.binary(), len(offsets) - 1, buffers).dictionary_encode()
        different = runs.dictionary.to_pylist()
        new = [run for run in different if run not in self._runs]
        self._seen, self._missed = self._seen + len(runs), self._missed + len(new)
        self.pays = self._seen < _WEARY or self._missed < 0.4 * self._seen
        starts, counts = self._ask([run.decode("utf-32-le") for run in new])
        self._runs.update(zip(new, range(len(self._runs), len(self._runs) + len(new)), strict=True))
        self._run_start = np.concatenate([self._run_start, starts])
        self._run_count = np.concatenate([self._run_count, counts])
        known = np.fromiter((self._runs[run] for run in different), np.int64, len(different))
        numbers: np.ndarray = known[runs.indices.to_numpy()]
        return numbers

    def _ask(self, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Writes the tokenizer's ids of texts to `_flat`, and returns where they begin and how many they are."""
        found = [row.ids for row in self._backend.encode_batch_fast(texts, add_special_tokens=False)] if texts else []
        counts = np.fromiter(map(len, found), np.int32, len(found))
        flat = np.fromiter((token for row in found for token in row), np.int32, int(counts.sum()))
        used = self._used + len(flat)
        if used > len(self._flat):
            self._flat = np.concatenate([self._flat, np.empty(used, np.int32)])
        self._flat[self._used : used] = flat
        starts = np.cumsum(counts, dtype=np.int32) - counts + np.int32(self._used)
        self._used = used
        return starts, counts

    def _learn(self, points: np.ndarray) -> None:
        """Finds out what characters are, from their code points."""
        broken = (points >= 0xD800) & (points < 0xE000)  # halves of a surrogate pair: the tokenizer refuses them
        self._first[points[broken]] = _ASK
        borders = []
        for point in points[~broken].tolist():
            character = chr(point)
            normal = _normal(self._backend, character)
            if self._never & {character, *normal}:
                self._first[point] = _ASK
                continue
            border = self._is_border(character, normal)
            if border:
                borders.append(point)
            else:
                self._first[point] = _RUN
        starts, counts = self._ask([chr(point) for point in borders])
        at = np.asarray(borders, np.int64)
        self._start[at], self._count[at] = starts, counts
        one = self._flat[np.minimum(starts, max(self._used - 1, 0))]
        self._first[at] = np.where(counts == 1, one, np.where(counts == 0, _NOTHING, _SEVERAL))
        for point in points[~broken].tolist():
            if chr(point) in self._hot and self._first[point] != _ASK:
                self._beneath[point] = int(self._first[point])
                self._first[point] = _LOOK

    def _is_border(self, character: str, normal: str) -> bool:
        """Returns whether a text can be cut before and after a character, and its parts give the ids of the whole."""
        if not normal or unicodedata.category(character) == "Cn":  # what is left out joins its neighbours
            return False
        if self._backend.normalizer is not None:
            spelt = {*normal, *_spelt(character), *_spelt(character.lower())}
            if any(unicodedata.combining(sign) for sign in spelt):  # it may change places with a mark that follows
                return False
            if self._composes and not all(sign in _INERT or _is_ideograph(sign) for sign in normal):
                return False
        own = _pieces(self._backend, normal)
        beside = [own if other is None else piece for other, piece in zip(_BESIDE, self._beside, strict=True)]
        chain = "".join(normal if other is None else other for other in _BESIDE)
        return _pieces(self._backend, chain) == [piece for pieces in beside for piece in pieces]


def _normal(backend: Any, text: str) -> str:
    return text if backend.normalizer is None else str(backend.normalizer.normalize_str(text))


def _spelt(text: str) -> str:
    return unicodedata.normalize("NFKD", text)


def _pieces(backend: Any, text: str) -> list[str]:
    return [piece for piece, _ in backend.pre_tokenizer.pre_tokenize_str(text)]


def _is_ideograph(sign: str) -> bool:
    return "\u3400" <= sign <= "\u4dbf" or "\u4e00" <= sign <= "\u9fff"


def _sums(values: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Returns the sum of the values of each row, (N,) int64."""
    totals = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, out=totals[1:])
    ends = np.cumsum(lengths)
    sums: np.ndarray = totals[ends] - totals[ends - lengths]
    return sums


_KNOWN: WeakKeyDictionary[Any, tuple[Any, CharacterTable | None]] = WeakKeyDictionary()


def character_table(tokenizer: Any) -> CharacterTable | None:
    """Returns the table of a tokenizer, kept for its next call; None where nothing is proven, or it does not pay.

    It is read from the tokenizer's own parts which characters are borders:

    - the normaliser works character by character, but for putting combining marks in order or composing them, from
      which borders are kept away (BertNormalizer, NFD, NFKD, NFC, NFKC, Lowercase, StripAccents, Replace of one
      character);
    - the pre-tokenizer cuts by what kind of character stands on either side (BertPreTokenizer, Split at single
      characters, WhitespaceSplit, Whitespace, Punctuation, Digits; ByteLevel after one of these), so a character that
      is cut off from one of each kind is cut off from all;
    - the model sees one piece at a time, and draws nothing at random.

    Args:
        tokenizer: A transformers tokenizer.
    """
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None or not getattr(tokenizer, "is_fast", False):
        return None
    parts = (backend.normalizer, backend.pre_tokenizer, backend.post_processor)
    added = {number: repr(token) for number, token in backend.get_added_tokens_decoder().items()}
    now = ([part and part.__getstate__() for part in parts], added, backend.get_vocab_size())
    known = _KNOWN.get(tokenizer)
    if known is None or known[0] != now:
        edges = _edges(_state(backend.post_processor))
        proven = edges is not None and _is_proven(backend)
        known = now, CharacterTable(backend, *edges) if proven and edges is not None else None
        _KNOWN[tokenizer] = known
    return known[1] if known[1] is not None and known[1].pays else None


def _state(part: Any) -> dict[str, Any] | None:
    """Returns a tokenizer's part as its JSON says it."""
    return None if part is None else json.loads(part.__getstate__())


def _steps(state: dict[str, Any] | None, key: str) -> list[dict[str, Any]]:
    if state is None:
        return []
    return [inner for step in state[key] for inner in _steps(step, key)] if state["type"] == "Sequence" else [state]


def _is_proven(backend: Any) -> bool:
    model = json.loads(backend.to_str())["model"]
    if model["type"] not in ("WordPiece", "WordLevel", "BPE", "Unigram") or model.get("dropout"):
        return False
    normalizers = _steps(_state(backend.normalizer), "normalizers")
    kinds = [step["type"] for step in normalizers]
    if not all(map(_by_character, normalizers)) or ("Replace" in kinds and set(kinds) & set(_COMPOSING)):
        return False
    cutters = _steps(_state(backend.pre_tokenizer), "pretokenizers")
    if cutters and cutters[-1]["type"] == "ByteLevel":
        last = cutters.pop()
        if last["add_prefix_space"]:
            return False
    if not cutters or not all(map(_cuts_by_kind, cutters)):
        return False
    _, hot, never = _added(backend)
    composes = any(kind in _COMPOSING for kind in kinds)
    return "" not in hot | never and (not composes or all(sign.isascii() for sign in never))


def _by_character(step: dict[str, Any]) -> bool:
    """Returns whether a normaliser treats borders by themselves."""
    if step["type"] == "Replace":
        pattern = step["pattern"].get("String", "")
        return len(pattern) == 1 and not any(map(unicodedata.combining, _spelt(step["content"])))
    return step["type"] in ("BertNormalizer", "NFD", "NFKD", "Lowercase", "StripAccents", *_COMPOSING)


def _cuts_by_kind(step: dict[str, Any]) -> bool:
    """Returns whether a pre-tokenizer cuts by the kinds of the characters on either side."""
    if step["type"] == "Split":
        return step["pattern"] in _ONE_CHARACTER and step["behavior"] == "Isolated" and not step["invert"]
    if step["type"] == "Punctuation":
        return bool(step["behavior"] in ("Isolated", "Removed"))
    return step["type"] in ("BertPreTokenizer", "WhitespaceSplit", "Whitespace", "Digits")


def _added(backend: Any) -> tuple[list[str], set[str], set[str]]:
    """Returns what shows that a text may hold an added token.

    Returns:
        The tokens that are looked for in the text as it is; characters of which each of them has one; and characters
        of which each token that is looked for in the normalised text has one.
    """
    written, hot, never = [], set(), set()
    for token in backend.get_added_tokens_decoder().values():
        if not token.normalized or backend.normalizer is None:
            written.append(token.content)
            hot.add(_rarest(token.content))
        else:
            never.add(_rarest(_normal(backend, token.content)))
            hot.add(_rarest(token.content))
            written.append(token.content)
    return written, hot, never


def _rarest(content: str) -> str:
    """Returns a character of a token, a mark rather than a letter; nothing of an empty one."""
    return next((sign for sign in content if not sign.isalnum() and not sign.isspace()), content[:1])


def _edges(state: dict[str, Any] | None) -> tuple[list[int], list[int]] | None:
    """Returns the special ids before and after every text; None if the post-processor does more than that."""
    before: list[int] = []
    after: list[int] = []
    for step in _steps(state, "processors"):
        if step["type"] in ("BertProcessing", "RobertaProcessing"):
            before, after = [step["cls"][1], *before], [*after, step["sep"][1]]
        elif step["type"] == "TemplateProcessing":
            sides: list[list[int]] = [[], []]
            texts = 0
            for piece in step["single"]:
                if "Sequence" in piece:
                    texts += 1
                else:
                    sides[min(texts, 1)] += step["special_tokens"][piece["SpecialToken"]["id"]]["ids"]
            if texts != 1:
                return None
            before, after = [*sides[0], *before], [*after, *sides[1]]
        elif step["type"] != "ByteLevel":
            return None
    return before, after
