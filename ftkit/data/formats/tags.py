"""The `tags` format: a token and its tag on each line, a blank line between sentences (CoNLL).

Source: https://www.clips.uantwerpen.be/conll2003/ner/ and https://aclanthology.org/W95-0107 (the BIO scheme)
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from ftkit.data.problems import Problem, Problems, excerpt

if TYPE_CHECKING:
    import pyarrow as pa

    from ftkit.data.source import Source

PREFIXED = re.compile(r"[BIESMLU]-\S+")  # BIO, BIOES, BMES, BILOU, IO with I-
UNTYPED = re.compile(r"[OBIESMLU]")  # O everywhere; the others alone for word segmentation (B M E S)
MAX_COLUMNS = 5
LONG = 1_000  # tokens: a file that is one sentence of more has lost its blank lines


class Tags:
    """Token classification data: named entities, word segmentation, part of speech."""

    name = "tags"
    suffixes: tuple[str, ...] = (".conll", ".bio", ".iob", ".iob2", ".bioes", ".bmes")
    column_names: tuple[str, ...] = ("token", "tag")

    def sniff(self, head: list[str]) -> float:
        """Returns how surely these first lines are tagged tokens, from 0 to 1.

        What gives tags away is a last column of ``O``, ``B-…``, ``I-…``; without those, few short values in the last
        column and blank lines between sentences.
        """
        rows = [_cells(line) for line in head if line.strip() and not line.startswith("-DOCSTART-")]
        shaped = [row for row in rows if 2 <= len(row) <= MAX_COLUMNS and len(row[0]) <= 100]
        if not shaped:
            return 0.0
        tags = [row[-1] for row in shaped]
        tagged = sum(bool(PREFIXED.fullmatch(tag) or UNTYPED.fullmatch(tag)) for tag in tags) / len(rows)
        if tagged > 0.5:
            return tagged
        n_blank = len(head) - len(rows)
        if n_blank < len(head) / 50:
            return 0.0
        repeats = len(tags) / len(set(tags))
        one_word = sum(" " not in row[0] and len(row[0]) <= 20 for row in shaped) / len(rows)
        return 0.7 * one_word * min(1.0, (repeats - 1) / 4)

    def read(self, source: Source) -> tuple[pa.Table, list[Problem]]:
        """Returns ``tokens: list<string>, tags: list<string>, line: int32`` of usable sentences, and every problem."""
        import pyarrow as pa

        problems = Problems()
        columns = {"token": 0, "tag": -1} | dict(source.columns)
        source.columns = columns
        sentences = _sentences(source, columns["token"], columns["tag"], problems)
        sentences = _without_illegal_tags(sentences, problems)
        _look_at_sentences(sentences, problems)
        lines, tokens, tags = zip(*sentences, strict=True) if sentences else ((), (), ())
        strings = pa.list_(pa.string())
        schema = pa.schema({"tokens": strings, "tags": strings, "line": pa.int32()})
        return pa.table([tokens, tags, lines], schema=schema), problems


Sentence = tuple[int, list[str], list[str]]  # line of the first token, tokens, tags


def _cells(line: str) -> list[str]:
    r"""Returns a line's columns: between tabs if there is one, else between runs of spaces.

    A token may be U+3000 or U+00A0, so nothing but tabs and spaces separates.
    """
    return line.split("\t") if "\t" in line else re.split(" +", line.rstrip(" "))


def _sentences(source: Source, token_at: int, tag_at: int, problems: Problems) -> list[Sentence]:
    """Returns the sentences whose every line can be read."""
    widths = Counter(len(_cells(line)) for line in source.head if line.strip() and not line.startswith("-DOCSTART-"))
    width = max((w for w in widths if 2 <= w <= MAX_COLUMNS), key=lambda w: widths[w], default=2)
    sentences = list[Sentence]()
    start, tokens, tags, usable = 0, list[str](), list[str](), True
    for number, line in chain(source.lines(), [(0, "")]):
        if not line.strip() or line.startswith("-DOCSTART-"):
            if start and usable:
                sentences.append((start, tokens, tags))
            elif start:
                problems.skipped += 1
            start, tokens, tags, usable = 0, [], [], True
            continue
        start = start or number
        cells = _cells(line)
        if source.is_damaged(number):
            usable = False
        elif kind := _fault(cells, width, token_at, tag_at):
            if kind == "no_tag" and "\\t" in line:
                kind = "literal_tab"
            problems.add("error", kind, number, about=line, n=len(cells), width=width)
            usable = False
        else:
            token = cells[token_at]
            words = token.split()
            if words != [token]:
                problems.add("warning", "token_space", number, about=token)
                token = token.strip()
            if "\ufffd" in token:
                problems.add("warning", "replacement_char", number, about=line)
            tokens.append(token)
            tags.append(cells[tag_at].strip())
    return sentences


def _fault(cells: list[str], width: int, token_at: int, tag_at: int) -> str:
    """Returns the kind of problem that a line's columns show, or an empty string."""
    if len(cells) == 1:
        return "no_tag"
    if len(cells) != width:
        return "tag_columns"
    if not cells[token_at].strip():
        return "no_token"
    return "" if cells[tag_at].strip() else "no_tag"


def _without_illegal_tags(sentences: list[Sentence], problems: Problems) -> list[Sentence]:
    """Returns the sentences whose tags follow one scheme: with prefixes if most tags have one, else any."""
    counts = Counter(tag for _, _, tags in sentences for tag in tags)
    plain = {tag for tag in counts if not PREFIXED.fullmatch(tag) and not UNTYPED.fullmatch(tag)}
    n_plain = sum(counts[tag] for tag in plain)
    if not plain:
        return sentences
    if n_plain > sum(counts[tag] for tag in counts if PREFIXED.fullmatch(tag)):
        problems.add("info", "plain_tags", about=" ".join(sorted(plain)[:6]), n=len(plain))
        return sentences
    legal = list[Sentence]()
    for sentence in sentences:
        start, tokens, tags = sentence
        if plain.isdisjoint(tags):
            legal.append(sentence)
            continue
        problems.skipped += 1
        for i, tag in enumerate(tags):
            if tag in plain:
                problems.add("error", "illegal_tag", start + i, about=tag, token=excerpt(tokens[i]))
    return legal


def _look_at_sentences(sentences: list[Sentence], problems: Problems) -> None:
    """Warns of sentences that come twice, with the same tags or with others, and of lost blank lines."""
    if len(sentences) == 1 and len(sentences[0][1]) > LONG:
        problems.add("warning", "one_sentence", n=len(sentences[0][1]))
    seen: dict[tuple[str, ...], tuple[int, list[str]]] = {}
    for number, tokens, tags in sentences:
        first, first_tags = seen.setdefault(tuple(tokens), (number, tags))
        if first != number:
            kind = "duplicate" if tags == first_tags else "two_taggings"
            problems.add("warning", kind, number, about=" ".join(tokens[:20]), first=first)
