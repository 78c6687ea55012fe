"""What a model sees of a row, token by token: made of what the task's own `encode` and `pack` return, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ftkit.data.problems import cells, excerpt, pad
from ftkit.data.tokenise import IGNORED
from ftkit.i18n import text
from ftkit.i18n.inspection import TEXTS
from ftkit.tasks.language import edges

if TYPE_CHECKING:
    import pandas as pd
    from transformers import PreTrainedTokenizerBase

SHOWN = 48  # tokens of a row in a terminal
PARTS = 8  # texts of a row
Kind = Literal["token", "special", "padding", "cut"]


@dataclass(frozen=True, slots=True)
class Token:
    """One position of a row.

    Attributes:
        position: In the model's input (or, of an encoder-decoder, in what it writes), from 0; None for what is cut off.
        token: As the tokenizer's vocabulary has it.
        id: Its number there.
        start: Its first character in the text of its part, from 0; None for marks that stand in no text.
        end: The character after its last.
        text: These characters.
        part: Which text it stands in: a key of `Inspected.parts`; of a conversation the turn, or the template.
        label: What shall be answered here, as a name; empty where there is nothing to learn.
        loss: Whether the loss looks at this position.
        kind: ``"token"``, ``"special"`` (a mark), ``"padding"``, or ``"cut"`` where the model never sees it.
        side: ``"input"``, or ``"output"`` for what an encoder-decoder writes.
    """

    position: int | None
    token: str
    id: int
    start: int | None
    end: int | None
    text: str
    part: str
    label: str
    loss: bool
    kind: Kind
    side: Literal["input", "output"] = "input"


@dataclass(frozen=True)
class Inspected:
    """One row as it is trained.

    Attributes:
        source: Where it stands, such as ``"reviews.tsv:41"``.
        parts: The texts that it is made of, whole, by name.
        tokens: Every position in order; what is cut off stands where it would be.
        target: The whole row's label, labels or number; empty where each token has its own, or there is none.
        in_loss: Whether the loss looks at `target`.
        focus: The token that was asked for, where it is one of many: of a block, the line's first.
    """

    source: str
    parts: dict[str, str]
    tokens: tuple[Token, ...]
    target: str = ""
    in_loss: bool = False
    focus: int = 0

    @property
    def ids(self) -> list[int]:
        """The ids that the model reads, padding included."""
        return [token.id for token in self.tokens if token.side == "input" and token.kind != "cut"]

    @property
    def cut(self) -> dict[str, str]:
        """What is cut off of each text: of every part that loses something, the characters that the model misses."""
        spans: dict[str, list[list[int]]] = {}
        before: Token | None = None
        for token in self.tokens:
            if token.kind == "cut" and token.start is not None and token.end is not None:
                known = spans.setdefault(token.part, [])
                if known and before is not None and before.kind == "cut" and before.part == token.part:
                    known[-1][1] = token.end
                else:
                    known.append([token.start, token.end])
            before = token
        body = self.parts
        return {
            part: " … ".join(body.get(part, body.get("conversation", ""))[start:end] for start, end in found)
            for part, found in spans.items()
        }


@dataclass(frozen=True, repr=False)
class Inspection:
    """Rows as a model reads them: `rows` and `to_pandas` for programs, a table in a terminal and in a notebook.

    Attributes:
        task: What they are learnt as.
        model: Whose tokenizer it is.
        max_length: Tokens of a row at most.
        examples: The rows, padded to the longest of them.
        notes: What else there is to know.
    """

    task: str
    model: str
    max_length: int
    examples: tuple[Inspected, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A dict for each token: ``source``, ``target`` and what `Token` has."""
        return [
            {"source": example.source, "target": example.target, **asdict(token)}
            for example in self.examples
            for token in example.tokens
        ]

    def to_pandas(self) -> pd.DataFrame:
        """Returns `rows` as a DataFrame."""
        import pandas as pd

        return pd.DataFrame(self.rows)

    def __repr__(self) -> str:
        """Returns the rows as tables of text, aligned where Chinese characters are two cells wide."""
        head = text("inspection.head", task=self.task, model=self.model, length=self.max_length)
        return "\n".join([head, *self.notes, *(line for example in self.examples for line in _lines(example))])


def part_name(part: str) -> str:
    """Returns what people call a text of a row: ``"answer 2"`` in their language; where a line stands stays as it is.

    Example:
        >>> part_name("answer 2")
        'answer 2'
    """
    kind, _, number = part.partition(" ")
    key = f"inspection.parts.{kind}"
    return text(key, n=number) if key in TEXTS else part


def _lines(example: Inspected) -> Iterable[str]:
    yield ""
    target = text("inspection.target", target=excerpt(example.target)) if example.target else ""
    if example.source or target:
        yield f"{example.source}  {target}".strip()
    for name, body in list(example.parts.items())[:PARTS]:
        yield f"  {part_name(name)}: {excerpt(body)}"
    columns = ("position", "token", "text", "id", "characters", "part", "label", "loss")
    table = [[text(f"inspection.{column}") for column in columns]]
    first = max(0, example.focus - 4)
    for token in example.tokens[first : first + SHOWN]:
        said = text(f"inspection.{token.kind}") if token.kind != "token" else part_name(token.part)
        where = "" if token.start is None else f"{token.start}-{token.end}"
        at = "" if token.position is None else str(token.position)
        names = [excerpt(token.token, 24), excerpt(token.text, 24)]
        table.append([at, *names, str(token.id), where, said, token.label, "*" if token.loss else ""])
    kept = [i for i in range(len(columns)) if any(row[i] for row in table[1:])]
    if all(row[2].strip().casefold() in row[1].casefold() for row in table[1:]):  # the tokens tell their text
        kept = [i for i in kept if i != 2]
    widths = {i: max(cells(row[i]) for row in table) for i in kept}
    for row in table:
        yield "  " + "  ".join(pad(row[i], widths[i]) for i in kept).rstrip()
    if (n := len(example.tokens) - SHOWN) > 0:
        yield "  " + text("inspection.more", n=n)
    for part, lost in example.cut.items():
        yield "  " + text("inspection.lost", part=part_name(part), n=len(lost), lost=excerpt(lost))


@dataclass(frozen=True, slots=True)
class Piece:
    """A token of a whole text: its id and its characters, in which part."""

    id: int
    start: int
    end: int
    part: str


def pieces(tokenizer: PreTrainedTokenizerBase, part: str, body: str) -> list[Piece]:
    """Returns the tokens of a text by itself, uncut and without marks."""
    found: Any = tokenizer(body, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
    spans = zip(found["input_ids"], found["offset_mapping"], strict=True)
    return [Piece(token, start, end, part) for token, (start, end) in spans]


def word_pieces(tokenizer: PreTrainedTokenizerBase, part: str, words: Sequence[str], between: str) -> list[Piece]:
    """Returns the tokens of words that are tokenised one by one; characters are counted in the words, joined."""
    found: Any = tokenizer(
        list(words),
        is_split_into_words=True,
        add_special_tokens=False,
        return_offsets_mapping=True,
        verbose=False,
    )
    starts = np.cumsum([0, *(len(word) + len(between) for word in words)])
    rows = zip(found["input_ids"], found["offset_mapping"], found.word_ids(), strict=True)
    return [Piece(token, int(starts[w]) + start, int(starts[w]) + end, part) for token, (start, end), w in rows]


def align(
    ids: Sequence[int], whole: Sequence[Piece], tokenizer: PreTrainedTokenizerBase
) -> list[tuple[int | None, Piece | None]]:
    """Returns pairs of a position of `ids` and the piece that stands there, in order.

    A position without a piece is a mark that stands in no text; a piece without a position is cut off. What the row
    begins with is taken first, so that words that come twice are found where they stand.
    """
    ids, known = [int(token) for token in ids], [piece.id for piece in whole]
    before = edges(tokenizer)[0]
    shift = len(before) if ids[: len(before)] == before else 0
    same = 0
    while same < min(len(known), len(ids) - shift) and ids[shift + same] == known[same]:
        same += 1
    blocks = [(shift, 0, same)]
    rest = SequenceMatcher(None, ids[shift + same :], known[same:], autojunk=False)
    blocks += [(a + shift + same, b + same, size) for a, b, size in rest.get_matching_blocks()]  # the last is the end
    pairs: list[tuple[int | None, Piece | None]] = []
    at = seen = 0
    for first, piece, size in blocks:
        pairs += [(None, lost) for lost in whole[seen:piece]]
        pairs += [(i, None) for i in range(at, first)]
        pairs += [(first + k, whole[piece + k]) for k in range(size)]
        at, seen = first + size, piece + size
    return pairs


def tokens_of(
    pairs: Sequence[tuple[int | None, Piece | None]],
    ids: Sequence[int],
    labels: Sequence[str],
    loss: Sequence[bool],
    texts: dict[str, str],
    tokenizer: PreTrainedTokenizerBase,
    side: Literal["input", "output"] = "input",
    first: int = 0,
) -> list[Token]:
    """Returns aligned pairs as tokens.

    Args:
        pairs: From `align`.
        ids: (T,).
        labels: (T,) names, empty where there is none.
        loss: (T,).
        texts: The whole texts, by part.
        tokenizer: For the tokens' own names.
        side: Which of an encoder-decoder's streams.
        first: The position of the first id.
    """
    found: list[Token] = []
    for at, piece in pairs:
        token = int(ids[at]) if at is not None else piece.id  # type: ignore[union-attr]
        name = str(tokenizer.convert_ids_to_tokens(token))
        if piece is None:
            assert at is not None
            found.append(Token(first + at, name, token, None, None, "", "", labels[at], loss[at], "special", side))
            continue
        body = texts[piece.part][piece.start : piece.end]
        where = (piece.start, piece.end, body, piece.part)
        if at is None:
            found.append(Token(None, name, token, *where, "", False, "cut", side))
        else:
            found.append(Token(first + at, name, token, *where, labels[at], loss[at], "token", side))
    return found


def padded(examples: Sequence[Inspected], tokenizer: PreTrainedTokenizerBase) -> tuple[Inspected, ...]:
    """Returns the rows with padding up to the longest of them, as in a batch."""
    width = max((len(example.ids) for example in examples), default=0)
    pad_id = tokenizer.pad_token_id or 0
    name = str(tokenizer.convert_ids_to_tokens(pad_id))
    filled = []
    for example in examples:
        n = len(example.ids)
        extra = [Token(at, name, pad_id, None, None, "", "", "", False, "padding") for at in range(n, width)]
        inputs = [token for token in example.tokens if token.side == "input"]
        outputs = [token for token in example.tokens if token.side == "output"]
        tokens = (*inputs, *extra, *outputs)
        filled.append(replace(example, tokens=tokens))
    return tuple(filled)


def token_names(labels: Sequence[int] | np.ndarray, tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """Returns the tokens that stand for label ids, empty where there is nothing to learn."""
    return ["" if i == IGNORED else str(tokenizer.convert_ids_to_tokens(int(i))) for i in labels]
