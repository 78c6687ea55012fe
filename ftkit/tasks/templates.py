"""A conversation as a model sees it: the tokenizer's chat template, and which tokens of it are the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from transformers import PreTrainedTokenizerBase

from ftkit.data.tokenise import IGNORED
from ftkit.errors import ModelError
from ftkit.i18n import text

Message = dict[str, str]
# for tokenizers without a template; a line of its own for each mark, so that it never melts into the text
PLAIN = (
    "{% for message in messages %}{{ (message['role'] | capitalize) + ':\\n' + message['content'] }}"
    "{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}{{ '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'Assistant:\\n' }}{% endif %}"
)


def messages(questions: Sequence[str], answers: Sequence[str]) -> list[Message]:
    """Returns turns as chat templates take them; there may be one question more than answers."""
    found: list[Message] = []
    for i, question in enumerate(questions):
        found.append({"role": "user", "content": question})
        if i < len(answers):
            found.append({"role": "assistant", "content": answers[i]})
    return found


def ensure_template(tokenizer: PreTrainedTokenizerBase) -> None:
    """Gives a tokenizer without a chat template a plain one, which is saved with it."""
    if not tokenizer.chat_template:
        tokenizer.chat_template = PLAIN


def render(tokenizer: PreTrainedTokenizerBase, turns: Sequence[Message], prompt: bool = False) -> str:
    """Returns the conversation as text, with what comes before an answer if `prompt`.

    Raises:
        ModelError: If the template refuses such a conversation.
    """
    try:
        found = tokenizer.apply_chat_template(list(turns), tokenize=False, add_generation_prompt=prompt)
    except Exception as error:  # jinja's many, and what templates raise themselves
        name = tokenizer.name_or_path or type(tokenizer).__name__
        raise ModelError(text("tasks.template_refuses", name=name, error=str(error)[:200])) from error
    return str(found)


@dataclass(frozen=True)
class Template:
    """What one tokenizer's template does with an answer.

    Attributes:
        header: What it writes before an answer even when asked for it alone (``add_generation_prompt``): empty if
            the template can be asked, or if it is no more than a space.
        end: The special token's text that ends an answer; empty if it ends it with none.
        end_ids: Ids that end an answer: that one's, and the end token's.
    """

    header: str
    end: str
    end_ids: frozenset[int]


def look_at(tokenizer: PreTrainedTokenizerBase) -> Template:
    """Returns what the tokenizer's template does, found by rendering a conversation.

    Raises:
        ModelError: If the template refuses a question and its answer, or leaves the answer out.
    """
    ensure_template(tokenizer)
    question, answer = messages(["Question"], []), "Answer4711"
    prompt = render(tokenizer, question, prompt=True)
    whole = render(tokenizer, [*question, {"role": "assistant", "content": answer}])
    if answer not in whole:
        raise ModelError(text("tasks.template_no_answer", name=tokenizer.name_or_path or type(tokenizer).__name__))
    header = whole[len(prompt) : whole.rindex(answer)] if whole.startswith(prompt) else ""
    asked = prompt != render(tokenizer, question)
    tail = whole[whole.rindex(answer) + len(answer) :]
    marks = {tail.find(token): token for token in tokenizer.all_special_tokens if token and token in tail}
    added = {tail.find(str(t)): str(t) for t in tokenizer.added_tokens_decoder.values() if t.special and str(t) in tail}
    found = added | marks
    end = found[min(found)] if found else ""
    ids = {int(tokenizer.eos_token_id)} if tokenizer.eos_token_id is not None else set()
    if end:
        ids.add(int(tokenizer.convert_tokens_to_ids(end)))  # type: ignore[arg-type]
    return Template("" if asked or not header.strip() else header, end, frozenset(ids))


@dataclass(frozen=True)
class Rendered:
    """A conversation as ids: `labels` are -100 but for the answers; the last answer begins at `prompt`."""

    ids: np.ndarray
    labels: np.ndarray
    prompt: int


def conversation(
    tokenizer: PreTrainedTokenizerBase, template: Template, questions: Sequence[str], answers: Sequence[str]
) -> Rendered | None:
    """Returns a conversation's ids and labels; None if its beginning is rendered otherwise once it goes on.

    The ids of what comes before an answer tell where it begins: the labels are what a longer conversation has more,
    up to the token that ends the answer.

    Args:
        tokenizer: With a template.
        template: What `look_at` found.
        questions: One or more.
        answers: As many.

    Raises:
        ModelError: If the template leaves an answer out.
    """
    turns = messages(questions, answers)
    whole = render(tokenizer, turns)
    borders: list[tuple[int, int]] = []  # of each answer in `whole`: its first character, and after its end token
    for k, answer in enumerate(answers):
        before = render(tokenizer, turns[: 2 * k + 1], prompt=True)
        upto = render(tokenizer, turns[: 2 * k + 2])
        if not whole.startswith(upto) or not upto.startswith(before):
            return None
        start = upto.find(answer.strip(), len(before))
        if start < 0:
            raise ModelError(text("tasks.template_no_answer", name=tokenizer.name_or_path or type(tokenizer).__name__))
        end = start + len(answer.strip())
        if template.end and (closed := upto.find(template.end, end)) >= 0:
            end = closed + len(template.end)
        borders.append((len(before) + len(template.header), end))
    ids = _ids(tokenizer, whole)
    spans: list[tuple[int, int]] = []
    for start, end in borders:
        first, last = _ids(tokenizer, whole[:start]), _ids(tokenizer, whole[:end])
        if ids[: len(first)] != first or ids[: len(last)] != last:
            spans = []
            break
        spans.append((len(first), len(last)))
    if not spans:  # tokens melt over a border: every piece by itself
        ids, at = [], 0
        for start, end in borders:
            ids += _ids(tokenizer, whole[at:start])
            first_id = len(ids)
            ids += _ids(tokenizer, whole[start:end])
            spans.append((first_id, len(ids)))
            at = end
        ids += _ids(tokenizer, whole[at:])
    labels = np.full(len(ids), IGNORED, dtype=np.int64)
    for first_id, last_id in spans:
        labels[first_id:last_id] = ids[first_id:last_id]
    found = np.asarray(ids, np.int32)
    if not template.end and tokenizer.eos_token_id is not None:  # the template ends an answer with nothing
        _, last_id = spans[-1]
        found = np.append(found[:last_id], np.int32(tokenizer.eos_token_id))
        labels = np.append(labels[:last_id], np.int64(tokenizer.eos_token_id))
    kept = np.flatnonzero(labels != IGNORED)[-1] + 1  # what follows the last answer teaches nothing
    return Rendered(found[:kept], labels[:kept], spans[-1][0])


def prompt_ids(
    tokenizer: PreTrainedTokenizerBase, questions: Sequence[str], answers: Sequence[str], most: int
) -> list[int]:
    """Returns the ids that come before the answer to the last question, at most `most` of them.

    The oldest turns go first; then the last question loses its end; what the template itself writes goes last.
    """
    questions, answers = list(questions), list(answers)
    template = look_at(tokenizer)

    def found() -> list[int]:
        return _ids(tokenizer, render(tokenizer, messages(questions, answers), prompt=True) + template.header)

    ids = found()
    while len(ids) > most and len(questions) > 1:
        questions, answers = questions[1:], answers[1:]
        ids = found()
    while len(ids) > most:
        words = _ids(tokenizer, questions[0])
        kept = len(words) - (len(ids) - most)
        if kept < 1:
            break
        questions = [str(tokenizer.decode(words[:kept], skip_special_tokens=True)) if kept < len(words) else ""]
        if len(shorter := found()) >= len(ids):
            break
        ids = shorter
    return ids[-most:]


def _ids(tokenizer: PreTrainedTokenizerBase, shown: str) -> list[int]:
    found: Any = tokenizer(shown, add_special_tokens=False, return_attention_mask=False)["input_ids"]
    return list(found)
