"""`recognise`: which format a table's columns are, by what they are called, and else by what is in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ftkit.data.problems import excerpt, sentences
from ftkit.data.tables import shaped
from ftkit.data.tables.look import Look
from ftkit.data.tables.names import normal
from ftkit.data.tables.shape import Shape
from ftkit.data.tables.table import Table
from ftkit.errors import AmbiguousFormatError, FormatError, SettingError, did_you_mean
from ftkit.i18n import text

Parts = dict[str, str]  # the column of each part
Finder = Callable[[Look], Parts | None]

WHOLE: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (  # format, parts it needs, parts it may have
    ("corpus", frozenset({"text"}), frozenset()),
    ("labels", frozenset({"text", "label"}), frozenset()),
    ("labels", frozenset({"text", "labels"}), frozenset({"separator"})),
    ("tags", frozenset({"tokens", "tags"}), frozenset()),
    ("tags", frozenset({"token", "tag"}), frozenset()),
    ("tags", frozenset({"sentence", "token", "tag"}), frozenset()),
    ("tags", frozenset({"text", "spans"}), frozenset()),
    ("title", frozenset({"title", "content"}), frozenset()),
    ("qa", frozenset({"question", "answer"}), frozenset({"input", "system", "history"})),
    ("qa", frozenset({"messages"}), frozenset({"system"})),
    ("qa", frozenset({"conversation", "role", "text"}), frozenset()),
)
KEYS = tuple(dict.fromkeys(key for _, needed, more in WHOLE for key in (*sorted(needed), *sorted(more))))
MEANT = {"prompt": "question", "instruction": "question", "output": "answer", "response": "answer", "summary": "title"}
MEANT |= {"article": "content", "sentence_id": "sentence", "category": "label", "sentence": "text", "word": "token"}
ONE_HOT = re.compile(r"labels?_\d+")


def recognise(
    table: Table,
    *,
    format: str | None = None,
    task: str | None = None,
    columns: Mapping[str, str | int] | None = None,
    label_names: Sequence[str] | None = None,
) -> Shape:
    """Returns which format a table is in, and which column is which part of it.

    Args:
        table: The table; its first records are looked at.
        format: ``"labels"``, ``"tags"``, ``"title"``, ``"qa"`` or ``"corpus"``; None to tell by the columns.
        task: The task to train, where several formats fit; `Shape.format` then is one that it can be trained on.
        columns: A column's name or 0-based number for each part, such as ``{"text": "内容", "label": "类别"}``; what is
            left out is looked for. None to look for all.
        label_names: Names of the labels' or tags' ids, in their order; None to take them from the table, or from a
            ``labels.txt`` beside the file.

    Raises:
        FormatError: If the columns are of no format, or a named one is not there; lists the columns, and says what to
            pass.
        AmbiguousFormatError: If they are of several; lists what to pass for each.
        SettingError: If `columns` has a part that no format has.

    Example:
        >>> from ftkit.data.tables.memory import from_memory
        >>> recognise(from_memory([{"评论": "很好", "情感": 1}])).columns
        {'text': '评论', 'label': '情感'}
    """
    given = _given(table, columns or {}, format)
    look = Look(table, given, tuple(map(str, label_names or ())))
    if (chosen := _as_given(given, format)) is not None:
        return shaped.shaped(chosen, given, look, asked=True)
    wanted = _wanted(format, task)
    found = [(name, parts) for name, finder in FINDERS if name in wanted and (parts := finder(look)) is not None]
    found = [(name, parts) for name, parts in found if _has_all(given, parts)]
    if not found or (found[0][0] == "corpus" and format is None and look.measures()):
        raise _unknown(look, format)
    first, parts = found[0]
    rivals = [item for item in found if item[0] in ("title", "labels")] if first in ("title", "labels") else []
    if format is None and len({name for name, _ in rivals}) > 1:
        raise _ambiguous(look, rivals)
    if first == "labels" and "label" not in given and len(several := look.label_columns(parts["text"])) > 1:
        raise _ambiguous(look, [("labels", {**parts, "label": column}) for column in several])
    if first == "corpus" and format is None and (extra := look.label_like(parts["text"])):
        raise _ambiguous(look, [("labels", {**parts, "label": extra[0]}), (first, parts)])
    return shaped.shaped(first, parts, look, asked=False)


def _given(table: Table, columns: Mapping[str, str | int], format: str | None) -> Parts:
    """Returns the columns' names that the user gives; of the separator the text itself."""
    if not isinstance(columns, Mapping):
        raise SettingError(text("tables.no_mapping", columns=columns))
    found: Parts = {}
    for key, value in columns.items():
        if key not in KEYS and not ONE_HOT.fullmatch(str(key)):
            hint = MEANT.get(str(key), "") or did_you_mean(str(key), KEYS) or "text"
            raise SettingError(text("tables.no_part", key=key, known=", ".join(map(repr, KEYS)), hint=hint))
        if key == "separator":
            found[key] = str(value)
            continue
        name = table.column(value)
        if name is None:
            near = did_you_mean(str(value), table.names) or (table.names[0] if table.names else "text")
            shown = ", ".join(map(repr, table.names)) or "-"
            raise FormatError(text("tables.no_column", where=table.name, key=key, value=value, found=shown, hint=near))
        found[key] = name
    if format != "tags" and "sentence" not in found:
        return found
    renamed = {"tokens": "token", "tags": "tag"} if "sentence" in found else {"token": "tokens", "tag": "tags"}
    return {renamed.get(key, key): name for key, name in found.items()}


def _as_given(given: Parts, format: str | None) -> str | None:
    """Returns the format that the parts given are all of; None if some are left to look for."""
    keys = {key for key in given if not ONE_HOT.fullmatch(key)}
    if len(keys) < len(given):
        return "labels" if keys == {"text"} and format in (None, "labels") else None
    fitting = [name for name, needed, more in WHOLE if needed <= keys <= needed | more and format in (None, name)]
    return fitting[0] if fitting else None


def _has_all(given: Parts, parts: Parts) -> bool:
    return all(name in parts.values() for key, name in given.items() if key != "separator")


def _wanted(format: str | None, task: str | None) -> tuple[str, ...]:
    from ftkit.data.dataset import TASKS

    if format is not None:
        return (format,)
    able = tuple(name for name, tasks in TASKS.items() if task in tasks)
    return able or tuple(TASKS)


# -- what makes a format, by the columns' names: in order, the surer first


def _utterances(look: Look) -> Parts | None:
    number, role, body = (look.first(part, look.scalar) for part in ("conversation", "role", "utterance"))
    if not (number and role and body) or len({number, role, body}) < 3:
        return None
    return {"conversation": number, "role": role, "text": body}


def _messages(look: Look) -> Parts | None:
    cell = look.first("messages", look.messages)
    if "messages" not in look.given and normal(cell) in ("history", "chosen") and _turns(look):
        return None
    system = look.first("system", look.scalar)
    return None if not cell else {"messages": cell} | ({"system": system} if system else {})


def _sentences(look: Look) -> Parts | None:
    token = look.first("token", look.word)
    number = look.first("sentence", lambda name: name != token and look.numbered(name))
    tag = look.first("tag", lambda name: name not in (token, number) and look.word(name))
    return {"sentence": number, "token": token, "tag": tag} if number and token and tag else None


def _tokens(look: Look) -> Parts | None:
    words = look.first("tokens", look.listed)
    tags = look.first("tags", lambda name: name != words and look.listed(name))
    if words and tags and (look.given or look.even(words, tags)):
        return {"tokens": words, "tags": tags}
    body = look.first("text", look.scalar)
    tags = look.first("tags", lambda name: name != body and look.tagged(body, name))
    return {"tokens": body, "tags": tags} if body and tags else None


def _spans(look: Look) -> Parts | None:
    spans = look.first("spans", look.spanned)
    body = look.first("text", lambda name: name != spans and look.scalar(name))
    return {"text": body, "spans": spans} if spans and body else None


def _turns(look: Look) -> Parts | None:
    answer = look.first("answer")
    question = look.first("question", lambda name: name != answer)
    if not (question and answer):
        return None
    found = {"question": question, "answer": answer}
    for part in ("input", "system", "history"):
        if (more := look.first(part)) and more not in found.values():
            found[part] = more
    return found


def _title(look: Look) -> Parts | None:
    title = look.first("title", look.scalar)
    content = look.first("content", lambda name: name != title and look.scalar(name))
    if not title or not content:
        labels = [name for name in look.named_labels() if look.is_label_like(name)]  # "target" is both
        title = look.first("summary", lambda name: look.scalar(name) and name not in labels)
        content = look.first("content", lambda name: name != title and look.scalar(name))
    return {"title": title, "content": content} if title and content else None


def _labels(look: Look) -> Parts | None:
    body = look.body()
    if body and (switches := look.switches(body)):
        key = "label" if look.one_each(switches) else "labels"
        return {"text": body} | {f"{key}_{i}": name for i, name in enumerate(switches, 1)}
    label = look.given.get("label") or look.given.get("labels") or next(iter(look.label_columns(body)), "")
    if body and label and label != body:
        return {"text": body, "labels" if "labels" in look.given else "label": label}
    return look.two_by_content()


def _corpus(look: Look) -> Parts | None:
    body = look.first("text", look.scalar) or (look.only() if len(look.table.names) == 1 else "")
    return {"text": body} if body and look.scalar(body) else None


FINDERS: tuple[tuple[str, Finder], ...] = (
    ("qa", _utterances),
    ("qa", _messages),
    ("tags", _sentences),
    ("tags", _tokens),
    ("tags", _spans),
    ("qa", _turns),
    ("title", _title),
    ("labels", _labels),
    ("corpus", _corpus),
)


# -- what is raised


def _unknown(look: Look, format: str | None) -> FormatError:
    if not look.table.names and (problem := look.problem()):
        where = f"{look.table.name}:{problem.line}" if problem.line else look.table.name
        return FormatError(f"{where}: {sentences(problem.message, problem.fix)}")
    guess = look.guess(format)
    shown = ", ".join(f"{name!r} ({excerpt(str(look.value(name)), 20)})" for name in look.table.names[:12]) or "-"
    key = "tables.not_in_format" if format else "tables.no_format"
    if look.measures():
        key = "tables.measured"
    values: dict[str, Any] = {"where": look.table.name, "found": shown, "columns": guess, "format": format}
    return FormatError(text(key, **values, measured=look.measures()))


def _ambiguous(look: Look, found: Sequence[tuple[str, Parts]]) -> AmbiguousFormatError:
    options = text("tables.or").join(f'format="{name}", columns={parts}' for name, parts in found)
    shown = ", ".join(map(repr, look.table.names[:12]))
    return AmbiguousFormatError(text("tables.ambiguous", where=look.table.name, found=shown, options=options))
