"""Tagged sentences from tables: lists of tokens and tags, a token a row, and labelled spans of characters.

Source: https://github.com/doccano/doccano for spans, https://github.com/CLUEbenchmark/CLUENER2020 for inclusive ones
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ftkit.data.problems import Problems, excerpt
from ftkit.data.tables.labelled import named, plain
from ftkit.data.tables.names import normal
from ftkit.data.tables.table import Table
from ftkit.data.tables.values import as_index, as_object, as_text, missing

if TYPE_CHECKING:
    from ftkit.data.tables.shape import Shape

Span = tuple[int, int, str]  # first character, the one after the last, label

DOCUMENTS = ("doc_id", "doc", "document", "document_id", "file", "filename", "article_id", "文档", "文档id", "文件")
STARTS = ("start", "start_offset", "begin", "start_idx", "start_pos", "offset", "from")
ENDS = ("end", "end_offset", "stop", "end_idx", "end_pos", "to")
KINDS = ("label", "type", "tag", "entity_type", "entity", "labels", "category", "name")
MENTIONS = ("entity", "mention", "word", "surface", "span_text")  # what a span marks, as CMeEE and others write it


def tokens(shape: Shape, table: Table, problems: Problems) -> Iterator[tuple[list[str], list[str], int]]:
    """Yields sentences whose tokens and tags are lists, or texts with spaces between them."""
    tokens_in, tags_in = shape.column(table, "tokens"), shape.column(table, "tags")
    for place, values in table.records():
        about, both = str(values.get(tokens_in)), sequences(values.get(tokens_in), values.get(tags_in))
        words, marks = both or ([], [])
        if both is None:
            problems.add("error", "not_list", place, area="tables", about=about, part=tokens_in, other=tags_in)
        elif len(words) != len(marks):
            n, other = len(words), len(marks)
            problems.add(
                "error", "two_lengths", place, area="tables", about=" ".join(map(str, words)), n=n, other=other
            )
        elif not words:
            problems.add("error", "no_tokens", place, area="tables", about=about)
        elif (found := _read(words, marks, shape, place, problems)) is not None:
            yield *found, place
            continue
        problems.skipped += 1


def sequences(body: Any, tags: Any) -> tuple[list[Any], list[Any]] | None:
    """Returns the tokens and the tags in two cells, not yet compared; None if one is neither a list nor a text.

    A text's tokens are the parts between its spaces or, where only these are as many as the tags, its characters.
    """
    words, marks = _sequence(body), _sequence(tags)
    if words is None or marks is None:
        return None
    if isinstance(body, str) and len(words) != len(marks) == len(body):
        return list(body), marks
    return words, marks


def _sequence(value: Any) -> list[Any] | None:
    parsed = as_object(value)
    if isinstance(parsed, str):
        return parsed.split()
    return parsed if isinstance(parsed, list) else [] if missing(value) else None


def _read(
    words: list[Any], marks: list[Any], shape: Shape, place: int, problems: Problems
) -> tuple[list[str], list[str]] | None:
    """Returns the tokens and the tags as texts; None, and notes why, if one of them is missing or unknown."""
    shown = [as_text(word) for word in words]
    tags = [None if missing(mark) else named(mark, shape.label_names) for mark in marks]
    if not all(word and word.strip() for word in shown):
        at = next(i for i, word in enumerate(shown) if not (word and word.strip()))
        problems.add("error", "no_token", place, area="tables", about=" ".join(w or "" for w in shown), at=at + 1)
        return None
    for word, mark, tag in zip(shown, marks, tags, strict=True):
        if tag is None:
            kind = "no_tag" if missing(mark) or not shape.label_names else "unknown_id"
            values = {"token": excerpt(str(word)), "n": len(shape.label_names), "part": "tag"}
            problems.add("error", kind, place, area="tables", about=str(mark), **values)
            return None
    return [str(word) for word in shown], [str(tag) for tag in tags]


def sentences(shape: Shape, table: Table, problems: Problems) -> Iterator[tuple[list[str], list[str], int]]:
    """Yields sentences of a table with a token a row; an empty sentence cell means the sentence of the row above."""
    sentence_in, token_in, tag_in = (shape.column(table, part) for part in ("sentence", "token", "tag"))
    document_in = next((name for name in table.names if normal(name) in DOCUMENTS), None)
    current: tuple[str | None, str | None] = (None, None)
    start, words, tags, usable = 0, list[str](), list[str](), True
    for place, values in table.records():
        cells = values.get(sentence_in), values.get(token_in), values.get(tag_in)
        if all(map(missing, cells)):
            continue
        number = as_text(cells[0]) or current[0]
        document = as_text(values.get(document_in)) if document_in else None  # ids may begin anew in each
        document = document or current[1]
        if (number, document) != current:
            if words and usable:
                yield words, tags, start
            problems.skipped += bool(words and not usable)
            current, start, words, tags, usable = (number, document), 0, [], [], True
        start = start or place
        token, tag = as_text(cells[1]) or "", "" if missing(cells[2]) else named(cells[2], shape.label_names)
        if not token.strip() or not tag:
            kind = (
                "row_token" if not token.strip() else "no_tag" if tag == "" or not shape.label_names else "unknown_id"
            )
            about = str(cells[2]) if kind != "no_tag" else token
            more = {"token": excerpt(token), "n": len(shape.label_names), "part": tag_in}
            problems.add("error", kind, place, area="tables", about=about, **more)
            usable = False
        words.append(token)
        tags.append(tag or "")
    if words and usable:
        yield words, tags, start
    problems.skipped += bool(words and not usable)


def spans(shape: Shape, table: Table, problems: Problems) -> Iterator[tuple[list[str], list[str], int]]:
    """Yields the tokens and tags of texts in which spans of characters are labelled."""
    from ftkit.data.spans import tokens_and_tags

    text_in, spans_in = shape.column(table, "text"), shape.column(table, "spans")
    for place, values in table.records():
        body = plain(values.get(text_in), text_in, place, problems)
        if body is None:
            continue
        found = spans_of(values.get(spans_in), body)
        if isinstance(found, str):
            problems.add("error", "bad_span", place, area="tables", about=found)
            problems.skipped += 1
            continue
        words, tags, faults = tokens_and_tags(body, found)
        for fault in faults:
            about = body[max(0, fault.start) : max(0, fault.end)]
            kind = "span_overlap" if fault.kind == "overlap" else "span_outside"
            values = {"start": fault.start, "end": fault.end, "label": fault.label, "n": len(body)}
            problems.add("error", kind, place, area="tables", about=about, **values)
        if not words and not faults:
            problems.add("error", "no_tokens", place, area="tables", about=body)
        if faults or not words:
            problems.skipped += 1
            continue
        yield words, tags, place


def spans_of(value: Any, body: str | None = None) -> list[Span] | str:
    """Returns the spans in a cell, sorted, with ends that are one past the last character; else what is none.

    Args:
        value: ``[[start, end, label], …]``, a list of objects with these, or ``{label: {mention: [[start, last]]}}``
            as CLUENER has it, whose ends are the last character itself.
        body: The text, to hold CLUENER's mentions against it; None to leave that out.

    Example:
        >>> spans_of({"name": {"Li": [[0, 1]]}}, "Li went")
        [(0, 2, 'name')]
    """
    parsed = as_object(value)
    if missing(parsed):
        return []
    found = list[Span]()
    if isinstance(parsed, dict):
        for label, mentions in parsed.items():
            if not isinstance(mentions, dict):
                return f"{label}: {mentions}"
            for mention, places in mentions.items():
                for place in places if isinstance(places, list) else [places]:
                    pair = [as_index(end) for end in place] if isinstance(place, list) and len(place) == 2 else []
                    if None in pair or len(pair) != 2:
                        return f"{mention}: {place}"
                    start, end = int(pair[0] or 0), int(pair[1] or 0) + 1
                    if body is not None and body[start:end] != mention:
                        return f"{mention}: {place}"
                    found.append((start, end, str(label)))
    elif isinstance(parsed, list):
        for item in parsed:
            span = _span(item, body)
            if span is None:
                return str(item)
            found.append(span)
    else:
        return str(value)
    return sorted(set(found))


def _span(item: Any, body: str | None) -> Span | None:
    """Returns a span; one that says what it marks may count its last character in."""
    mention = None
    if isinstance(item, dict):
        mention = next((item[name] for name in MENTIONS if isinstance(item.get(name), str)), None)
        parts = [next((item[name] for name in names if name in item), None) for names in (STARTS, ENDS, KINDS)]
    elif isinstance(item, (list, tuple)) and len(item) == 3:
        parts = list(item)
    else:
        return None
    if isinstance(parts[2], list) and len(parts[2]) == 1:  # Label Studio lists its labels
        parts[2] = parts[2][0]
    start, end, label = as_index(parts[0]), as_index(parts[1]), as_text(parts[2])
    if start is None or end is None or not label:
        return None
    if mention is not None and body is not None and body[start:end] != mention:
        if body[start : end + 1] != mention:
            return None
        end += 1
    return start, end, label
