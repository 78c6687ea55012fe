"""Texts and numbers as the views write them."""

from __future__ import annotations

import math

from ftkit.i18n import language
from ftkit.i18n.views import TEXTS


def words(key: str, lang: str | None = None, /, **values: object) -> str:
    """Returns the text of ``views.<key>`` in `lang`, or in the language in use when that is None.

    A chart without a Chinese font, or a console that has no Chinese letters, asks for English by name.
    """
    english, chinese = TEXTS[f"views.{key}"]
    template = chinese if (lang or language()) == "zh" else english
    return template.format(**values) if values else template


def words_or(key: str, otherwise: str, lang: str | None = None) -> str:
    """Returns the text of ``views.<key>`` if there is one, else `otherwise`."""
    return words(key, lang) if f"views.{key}" in TEXTS else otherwise


def clock(seconds: float | None) -> str:
    """Returns a duration as ``m:ss`` or ``h:mm:ss``.

    Example:
        >>> clock(72), clock(3725), clock(None)
        ('1:12', '1:02:05', '?')
    """
    if seconds is None or not math.isfinite(seconds):
        return "?"
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def number(value: float | None, digits: int = 3) -> str:
    """Returns a measured number with about three significant digits.

    Example:
        >>> number(0.51234), number(12.3456), number(0.00012), number(float("nan"))
        ('0.512', '12.3', '0.00012', 'NaN')
    """
    if value is None:
        return "-"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == 0 or 0.01 <= abs(value) < 10:
        return f"{value:.{digits}f}"
    return f"{value:.{digits}g}"
