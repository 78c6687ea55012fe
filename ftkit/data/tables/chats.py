"""Conversations from tables: questions with answers, lists of messages, and an utterance a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ftkit.data.problems import Problems, excerpt
from ftkit.data.tables.labelled import plain
from ftkit.data.tables.names import ROLES
from ftkit.data.tables.table import Table
from ftkit.data.tables.values import as_list, as_object, as_text, missing

if TYPE_CHECKING:
    from ftkit.data.tables.shape import Shape

ROLE_KEYS = ("role", "from", "speaker", "author", "sender", "角色")
TEXT_KEYS = ("content", "value", "text", "utterance", "message", "内容", "文本")
Utterance = tuple[str, str]  # role as it is written, text
Chat = tuple[list[str], list[str], str]  # questions, answers, system text


def turns(shape: Shape, table: Table, problems: Problems) -> Iterator[tuple[Any, ...]]:
    """Yields questions with their answers: one of each, or lists of as many; what `history` holds comes first."""
    asked_in, given_in = shape.column(table, "question"), shape.column(table, "answer")
    input_in, system_in, history_in = (shape.column(table, part) for part in ("input", "system", "history"))
    for place, values in table.records():
        asked, given = _texts(values.get(asked_in)), _answers(values.get(given_in))
        before = _history(values.get(history_in)) if history_in else []
        system = plain(values.get(system_in), system_in, place, problems) if system_in else ""
        more = plain(values.get(input_in), input_in, place, problems) if input_in else ""
        if system is None or more is None:
            continue
        if asked is None or given is None or before is None:
            wrong = asked_in if asked is None else given_in if given is None else history_in
            about = str(values.get(wrong))
            problems.add("error", "not_turns", place, area="tables", about=about, part=wrong)
            problems.skipped += 1
            continue
        if len(asked) == 1 and len(given) > 1:
            problems.add("info", "first_answer", place, area="tables", about=given[0], n=len(given))
            given = given[:1]
        if len(asked) != len(given):
            n, other = len(asked), len(given)
            problems.add("error", "two_counts", place, area="tables", about=" / ".join(asked), n=n, other=other)
            problems.skipped += 1
            continue
        if more.strip():
            asked = [*asked[:-1], f"{asked[-1]}\n{more}" if asked[-1].strip() else more]
        row = [question for question, _ in before] + asked, [answer for _, answer in before] + given
        yield (*row, system or None, place) if shape.with_system else (*row, place)


def _texts(value: Any) -> list[str] | None:
    """Returns the texts in a cell: one, or those of a list that is no text written with brackets."""
    if isinstance(value, str):
        return [as_text(value) or ""]
    listed = as_list(value)
    if listed is None:
        shown = as_text(value)
        return None if shown is None else [shown]
    found = [shown for item in listed if (shown := as_text(item)) is not None]
    return (found or [""]) if len(found) == len(listed) else None


def _answers(value: Any) -> list[str] | None:
    """Returns the texts in a cell; of SQuAD's answers, ``{"text": […]}``, the text; of messages the last one's."""
    parsed = value
    if isinstance(parsed, dict) and "text" in parsed:
        return _texts(parsed["text"])
    if isinstance(parsed, list) and parsed and isinstance(parsed[-1], dict):
        return [shown] if (shown := _content(parsed[-1])) is not None else None
    return _texts(parsed)


def _history(value: Any) -> list[tuple[str, str]] | None:
    """Returns the turns in ``[[question, answer], …]`` or in a list of messages; None if it is neither."""
    parsed = as_object(value)
    if missing(parsed) or parsed == []:
        return []
    if not isinstance(parsed, list):
        return None
    if all(isinstance(item, dict) for item in parsed) and (said := _utterances(parsed)) is not None:
        built = _built(said)
        return None if isinstance(built, str) else list(zip(built[0][0], built[0][1], strict=True))
    pairs = [[as_text(part) for part in item] if isinstance(item, (list, tuple)) else [] for item in parsed]
    if any(len(pair) != 2 or None in pair for pair in pairs):
        return None
    return [(str(pair[0]), str(pair[1])) for pair in pairs]


def messages(shape: Shape, table: Table, problems: Problems) -> Iterator[tuple[Any, ...]]:
    """Yields the conversations that cells hold as lists of messages."""
    messages_in, system_in = shape.column(table, "messages"), shape.column(table, "system")
    for place, values in table.records():
        raw = values.get(messages_in)
        said = _utterances(as_object(raw))
        if said is None:
            problems.add("error", "not_messages", place, area="tables", about=str(raw), part=messages_in)
            problems.skipped += 1
            continue
        system = as_text(values.get(system_in)) if system_in else ""
        if (found := _conversation(said, place, problems)) is not None:
            yield found[0], found[1], system or found[2] or None, place


def utterances(shape: Shape, table: Table, problems: Problems) -> Iterator[tuple[Any, ...]]:
    """Yields the conversations of a table with an utterance a row, in its order.

    An empty conversation cell means the conversation of the row above, as merged cells give it.
    """
    id_in, role_in, text_in = (shape.column(table, part) for part in ("conversation", "role", "text"))
    current, start, said = "", 0, list[Utterance]()
    seen = set[int]()  # of each conversation that is past, its id's hash
    for place, values in table.records():
        number, role, body = (as_text(values.get(column)) for column in (id_in, role_in, text_in))
        if not role and not body:
            continue
        if number and number != current:
            if said and (found := _conversation(said, start, problems)):
                yield found[0], found[1], found[2] or None, start
            if hash(number) in seen:
                problems.add("warning", "conversation_again", place, area="tables", about=number)
            seen.add(hash(number))
            current, start, said = number, place, []
        start = start or place
        said.append((role or "", body or ""))
    if said and (found := _conversation(said, start, problems)):
        yield found[0], found[1], found[2] or None, start


def _utterances(parsed: Any) -> list[Utterance] | None:
    """Returns who says what in a list of messages, of pairs, or of texts in turn; None if it is none of these."""
    if isinstance(parsed, dict):  # {"messages": […]} within a cell
        parsed = next((inner for inner in parsed.values() if isinstance(inner, list)), None)
    if not isinstance(parsed, list) or not parsed:
        return None
    if all(isinstance(item, str) for item in parsed):
        return [(("user", "assistant")[i % 2], item) for i, item in enumerate(parsed)]
    found = list[Utterance]()
    for item in parsed:
        if isinstance(item, dict):
            role = next((as_text(item[key]) for key in ROLE_KEYS if key in item), None)
            if role is None or (body := _content(item)) is None:
                return None
            found.append((role, body))
        elif isinstance(item, (list, tuple)) and len(item) == 2 and all(as_text(part) is not None for part in item):
            found += [("user", as_text(item[0]) or ""), ("assistant", as_text(item[1]) or "")]
        else:
            return None
    return found


def _content(message: dict[str, Any]) -> str | None:
    """Returns a message's text; of one in parts, its texts joined."""
    raw = next((message[key] for key in TEXT_KEYS if key in message), "")
    if isinstance(raw, list):
        parts = [part.get("text") if isinstance(part, dict) else part for part in raw]
        return "\n".join(part for part in parts if isinstance(part, str))
    return as_text(raw)


def _conversation(said: Sequence[Utterance], place: int, problems: Problems) -> Chat | None:
    """Returns a conversation in turns, and notes what was changed; None, and why, if there is no turn in it."""
    about = " / ".join(body for _, body in said[:4])
    built = _built(said)
    if isinstance(built, str):
        known = ", ".join(("user", "assistant", "system", "客户", "客服"))
        kind = "no_turn" if not built else "unknown_role"
        problems.add("error", kind, place, area="tables", about=about, role=excerpt(built.strip()), known=known)
        problems.skipped += 1
        return None
    chat, notes = built
    for kind in notes:
        severity = "info" if kind in ("joined", "open_end") else "warning"
        problems.add(severity, kind, place, area="tables", about=about)  # type: ignore[arg-type]
    return chat


def _built(said: Sequence[Utterance]) -> tuple[Chat, list[str]] | str:
    """Returns the turns that who-said-what makes, and kinds of what was changed for that.

    Utterances of one side that follow each other are one turn; an answer before any question, and a question that
    nobody answers, are left out.

    Returns:
        The conversation and the changes; or the role that is not known, or "" if no turn is complete.
    """
    system, sides, notes = list[str](), list[tuple[str, list[str]]](), list[str]()  # sides: role, texts
    for raw, body in said:
        role = ROLES.get(raw.strip().casefold())
        if role is None:
            return raw or " "
        if role == "system":
            if sides:
                notes.append("late_system")
            else:
                system.append(body)
        elif sides and sides[-1][0] == role:
            sides[-1][1].append(body)
            notes.append("joined")
        else:
            sides.append((role, [body]))
    if sides and sides[0][0] == "assistant":
        sides.pop(0)
        notes.append("answer_first")
    if sides and sides[-1][0] == "user":
        sides.pop()
        notes.append("open_end")
    if not sides:
        return ""
    questions, answers = (["\n".join(bodies) for _, bodies in sides[side::2]] for side in (0, 1))
    return (questions, answers, "\n".join(system)), list(dict.fromkeys(notes))
