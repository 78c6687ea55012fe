"""A conversation as a model sees it: the tokenizer's chat template, and which tokens of it are the answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from transformers import PreTrainedTokenizerBase

from ftkit.data.tokenise import IGNORED
from ftkit.errors import ModelError
from ftkit.i18n import text
from ftkit.tasks.language import edges, plain_ids

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
        begin = "".join(str(tokenizer.convert_ids_to_tokens(token)) for token in edges(tokenizer)[0])
        tokenizer.chat_template = ("{{ " + json.dumps(begin) + " }}" if begin else "") + PLAIN


def render(tokenizer: PreTrainedTokenizerBase, turns: Sequence[Message], prompt: bool = False) -> str:
    """Returns the conversation as text, with what comes before an answer if `prompt`.

    Qwen3 and its like are told that no thoughts are wanted: so an empty block of them is the prompt's, not the
    answer's.

    Raises:
        ModelError: If the template refuses such a conversation.
    """
    try:
        found = tokenizer.apply_chat_template(
            list(turns), tokenize=False, add_generation_prompt=prompt, enable_thinking=False
        )
    except Exception as error:  # jinja's many, and what templates raise themselves
        raise ModelError(text("tasks.template_refuses", name=_name(tokenizer), error=str(error)[:200])) from error
    return str(found)


@dataclass(frozen=True)
class Template:
    """What one tokenizer's template does with an answer.

    Attributes:
        prompts: Whether what comes before an answer is had by ``add_generation_prompt``.
        header: What comes before an answer besides, and cannot be asked for; empty if that is no more than a space.
        tail: All that follows the last answer.
        end: The special token in it that ends an answer; empty if there is none.
        end_ids: Ids that end an answer: that one's, and the end token's.
    """

    prompts: bool
    header: str
    tail: str
    end: str
    end_ids: frozenset[int]


def look_at(tokenizer: PreTrainedTokenizerBase) -> Template:
    """Returns what the tokenizer's template does, found by rendering a conversation.

    Raises:
        ModelError: If the template refuses a question and its answer, or leaves the answer out.
    """
    ensure_template(tokenizer)
    question, answer = messages(["Question"], []), "Answer4711"
    whole = render(tokenizer, [*question, {"role": "assistant", "content": answer}])
    if answer not in whole:
        raise ModelError(text("tasks.template_no_answer", name=_name(tokenizer)))
    at = whole.rindex(answer)
    tail = whole[at + len(answer) :]
    bare, asked = render(tokenizer, question), render(tokenizer, question, prompt=True)
    prompts = whole.startswith(asked)  # DeepSeek-R1's prompt begins a thought, which its answers do not show
    header = "" if prompts and asked != bare else whole[len(bare) : at].rstrip(" ")
    if not prompts and not whole.startswith(bare):
        raise ModelError(text("tasks.template_refuses", name=_name(tokenizer), error="the question changes its place"))
    known = {*tokenizer.all_special_tokens, *(str(t) for t in tokenizer.added_tokens_decoder.values() if t.special)}
    end = min((token for token in known if token and token in tail), key=tail.index, default="")
    ids = {tokenizer.eos_token_id, tokenizer.convert_tokens_to_ids(end) if end else None}
    return Template(
        prompts, header if header.strip() else "", tail, end, frozenset(int(i) for i in ids if i is not None)
    )


@dataclass(frozen=True)
class Rendered:
    """A conversation as ids; `spans` has, for each answer, where it begins and where its end token was."""

    ids: list[int]
    spans: list[tuple[int, int]]

    def row(self, n_answers: int, learnt: int, end: int | None) -> tuple[np.ndarray, np.ndarray]:
        """Returns ids, (T,) int32, up to an answer's end, and labels, (T,) int64: -100 but for the last answers.

        Args:
            n_answers: How many answers the row has.
            learnt: How many of them have labels, from the last one back.
            end: An id to end the last answer with; None if the template wrote one.
        """
        spans = self.spans[:n_answers]
        ids = self.ids[: spans[-1][1]] + ([] if end is None else [end])
        labels = np.full(len(ids), IGNORED, dtype=np.int64)
        for first, last in spans[n_answers - learnt :]:
            labels[first:last] = ids[first:last]
        if end is not None:
            labels[-1] = end
        return np.asarray(ids, np.int32), labels


@dataclass(frozen=True)
class Shown:
    """A conversation as text; `borders` has, for each answer, its first character and the one after its end token."""

    whole: str
    borders: list[tuple[int, int]]


def show(
    tokenizer: PreTrainedTokenizerBase, template: Template, questions: Sequence[str], answers: Sequence[str], first: int
) -> Shown | None:
    """Returns a conversation as text; None if its beginning is rendered otherwise once it goes on.

    What comes before an answer is rendered by itself, as it will be when the model is asked: what a conversation with
    the answer has more, up to the token that ends it, is the answer.

    Args:
        tokenizer: With a template.
        template: What `look_at` found.
        questions: One or more.
        answers: As many.
        first: The first answer that is looked for, counted from 0.

    Raises:
        ModelError: If the template leaves an answer out.
    """
    turns = messages(questions, answers)
    whole = render(tokenizer, turns)
    borders = []
    for k in range(first, len(answers)):
        upto = whole if k == len(answers) - 1 else render(tokenizer, turns[: 2 * k + 2])
        before = render(tokenizer, turns[: 2 * k + 1], prompt=template.prompts) + template.header
        start = len(before)
        if not upto.startswith(before):  # an answer with thoughts in it, say
            start = upto.rfind(answers[k].strip())
        closed = template.tail.index(template.end) + len(template.end) if template.end else 0
        stop = len(upto) - len(template.tail) + closed if upto.endswith(template.tail) else len(upto)
        if start < 0 or (answers[k].strip() and not upto[start:stop].removesuffix(template.end).strip()):
            raise ModelError(text("tasks.template_no_answer", name=_name(tokenizer)))
        if not whole.startswith(upto[:stop]) or (start != len(before) and len(answers) > first + 1):
            return None
        borders.append((start, stop))
    return Shown(whole, borders)


def tokenised(tokenizer: PreTrainedTokenizerBase, shown: Sequence[Shown]) -> list[Rendered]:
    """Returns conversations as ids: the ids of what comes before an answer, and up to its end, tell where it stands."""
    texts = [
        whole[:border] for whole, borders in ((s.whole, s.borders) for s in shown) for b in borders for border in b
    ]
    found = iter(plain_ids(tokenizer, texts))
    rendered = []
    for conversation in shown:
        prefixes = [(next(found), next(found)) for _ in conversation.borders]
        ids = prefixes[-1][1]
        if all(ids[: len(prefix)] == prefix for pair in prefixes for prefix in pair):
            rendered.append(Rendered(ids, [(len(before), len(upto)) for before, upto in prefixes]))
        else:
            rendered.append(_in_pieces(tokenizer, conversation))
    return rendered


def _in_pieces(tokenizer: PreTrainedTokenizerBase, shown: Shown) -> Rendered:
    """Tokenises a conversation whose tokens melt over a border: the prompt as when asked, the answer by itself."""
    cuts = [0, *(border for borders in shown.borders for border in borders)]
    pieces = plain_ids(tokenizer, [shown.whole[a:b] for a, b in pairwise(cuts)])
    ends = np.cumsum([len(piece) for piece in pieces]).tolist()
    return Rendered([token for piece in pieces for token in piece], list(zip(ends[::2], ends[1::2], strict=True)))


def prompt_ids(
    tokenizer: PreTrainedTokenizerBase, template: Template, questions: Sequence[str], answers: Sequence[str], most: int
) -> list[int]:
    """Returns the ids that come before the answer to the last question, at most `most` of them.

    The oldest turns go first; then the last question loses its end; what the template itself writes goes last.
    """
    questions, answers = list(questions), list(answers)

    def found() -> list[int]:
        shown = render(tokenizer, messages(questions, answers), prompt=template.prompts) + template.header
        return plain_ids(tokenizer, [shown])[0]

    ids = found()
    while len(ids) > most and len(questions) > 1:
        questions, answers = questions[1:], answers[1:]
        ids = found()
    while len(ids) > most:
        (words,) = plain_ids(tokenizer, questions)
        kept = max(0, len(words) - (len(ids) - most))
        shorter = str(tokenizer.decode(words[:kept], skip_special_tokens=True)).rstrip("\ufffd")
        if len(shorter) >= len(questions[0]):
            break
        questions = [shorter]
        ids = found()
    return ids[-most:]


def _name(tokenizer: PreTrainedTokenizerBase) -> str:
    return str(tokenizer.name_or_path or type(tokenizer).__name__)
