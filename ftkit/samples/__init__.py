"""Small data files that ship with ftkit, in English and Simplified Chinese, to try things out on."""

from __future__ import annotations

from pathlib import Path

from ftkit import i18n
from ftkit.errors import DataError, SettingError, did_you_mean

_FOLDER = Path(__file__).parent
_FILES = {
    "tales": "tales.txt",
    "recipes": "recipes.tsv",
    "questions": "questions.tsv",
    "messages": "messages.tsv",
    "visits": "visits.tags",
}


def available() -> dict[str, str]:
    """Returns the name of every sample with one line about it, in the language in use.

    Example:
        >>> sorted(available())
        ['messages', 'questions', 'recipes', 'tales', 'visits']
    """
    return {name: i18n.text(f"samples.{name}") for name in _FILES}


def path(name: str, language: str | None = None) -> Path:
    """Returns where the file of a sample lies.

    Args:
        name: ``"tales"`` (a sentence a line), ``"recipes"`` (a title and its content a line), ``"questions"`` (a
            question and its answer a line), ``"messages"`` (a label and a text a line) or ``"visits"`` (a token and
            its tag a line).
        language: ``"en"`` or ``"zh"``; None for the language in use.

    Raises:
        DataError: If there is no such sample.
        SettingError: If the samples do not come in that language.

    Example:
        >>> path("messages", language="zh").name
        'messages.tsv'
    """
    if name not in _FILES:
        suggestion = did_you_mean(str(name), _FILES) or "messages"
        raise DataError(i18n.text("samples.unknown", name=name, known=", ".join(_FILES), suggestion=suggestion))
    language = i18n.language() if language is None else language
    if language not in i18n.LANGUAGES:
        suggestion = "zh" if str(language).lower().startswith(("zh", "cn", "ch")) else "en"
        raise SettingError(i18n.text("samples.language", language=language, name=name, suggestion=suggestion))
    return _FOLDER / language / _FILES[name]
