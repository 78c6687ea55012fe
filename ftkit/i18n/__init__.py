"""What ftkit says to people, in English and Simplified Chinese: one key, both languages side by side.

Each area has a module beside this one with a ``TEXTS`` dict of ``key: (english, chinese)``. A key starts with its
area: ``data.no_tab`` is found in ``i18n/data.py``.
"""

from __future__ import annotations

import importlib
import locale
import os

LANGUAGES = ("en", "zh")
_chosen: str | None = None


def language(code: str | None = None) -> str:
    """Returns the language in use, after switching to `code` if one is given.

    The language starts as ``FTKIT_LANGUAGE`` if set, else as the system's locale says.

    Args:
        code: ``"en"``, ``"zh"``, or None to only ask.

    Raises:
        SettingError: If `code` is neither.

    Example:
        >>> language("en")
        'en'
    """
    global _chosen
    if code is not None:
        if code not in LANGUAGES:
            from ftkit.errors import SettingError

            raise SettingError(f"language: {code!r} is not known. Known: 'en', 'zh'. Call ftkit.language('zh').")
        _chosen = code
    return _chosen or _from_environment()


def text(key: str, /, **values: object) -> str:
    """Returns the text of `key` in the language in use, with `values` filled in.

    Args:
        key: ``area.name``, for example ``"data.no_tab"``.
        values: What the text's ``{fields}`` stand for.

    Raises:
        KeyError: If no such text exists: a mistake in ftkit, not of the user.
    """
    area = key.partition(".")[0]
    english, chinese = importlib.import_module(f"ftkit.i18n.{area}").TEXTS[key]
    template: str = chinese if language() == "zh" else english
    return template.format(**values) if values else template


def _from_environment() -> str:
    named = os.environ.get("FTKIT_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG")
    if not named:
        named = locale.getlocale()[0] or ""
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"
