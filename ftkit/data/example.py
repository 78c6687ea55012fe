"""One row, and what can be trained on rows of each format."""

from __future__ import annotations

from dataclasses import dataclass

TASKS = {  # what can be trained on each format; the first, unless the user names another
    "corpus": ("language_modelling", "masked_language_modelling"),
    "title": ("generation", "summarisation"),
    "qa": ("chat",),
    "labels": ("classification",),
    "tags": ("tagging",),
}
UNLABELLED = ("corpus", "title", "qa")  # formats whose targets are texts


@dataclass(frozen=True, slots=True)
class Example:
    """One row: what goes into a model, what shall come out, and where it stands.

    Attributes:
        text: A text, title or question; for tags the sentence's tokens, for a conversation every question.
        target: The label, content or answer; for tags one for each token, for a conversation every answer; "" where
            the text is all there is.
        source: File and line, such as ``"reviews.tsv:41"``.
    """

    text: str | tuple[str, ...]
    target: str | tuple[str, ...]
    source: str
