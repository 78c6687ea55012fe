"""Texts and numbers as the views write them."""

from __future__ import annotations

import math

from ftkit.i18n import language
from ftkit.i18n.views import TEXTS
from ftkit.training.events import RunStarted


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
    """Returns a measured number with about three significant digits, and whole numbers never as powers of ten.

    Example:
        >>> number(0.51234), number(12.3456), number(4012.3), number(0.00012), number(float("nan"))
        ('0.512', '12.3', '4,012', '0.00012', 'NaN')
    """
    if value is None:
        return "-"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == 0 or 0.01 <= abs(value) < 10:
        return f"{value:.{digits}f}"
    if 10 <= abs(value) < 1e7:
        return f"{value:,.{max(0, digits - 1 - math.floor(math.log10(abs(value))))}f}"
    return f"{value:.{digits}g}"


def many(value: float) -> str:
    """Returns a large count in short.

    Example:
        >>> many(494_032_768), many(1_540_000_000), many(1_234_567), many(9_000)
        ('494 M', '1.54 B', '1.23 M', '9,000')
    """
    for unit, letter in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if value >= unit * 0.9995:
            return f"{value / (1e3 if letter == 'k' else unit):.3g} {letter}"
    return f"{value:,.0f}"


def trained(started: RunStarted, lang: str | None = None, *, key: str = "trained") -> str:
    """Returns which share of the parameters is trained, empty if all are: ``LoRA: 0.8% of 494 M parameters``."""
    if not 0 < started.n_trainable < started.n_parameters:
        return ""
    method = f"{key}.{started.settings.get('method')}"
    method = method if f"views.{method}" in TEXTS else f"{key}.other"
    return words(
        method, lang, share=share(started.n_trainable / started.n_parameters), total=many(started.n_parameters)
    )


def share(value: float) -> str:
    """Returns a share of 0..1 in percent.

    Example:
        >>> share(0.0083), share(0.123), share(0.00001)
        ('0.83%', '12%', '0.001%')
    """
    percent = f"{100 * value:.4f}" if value < 0.001 else f"{100 * value:.2g}" if value < 0.995 else f"{100 * value:.3g}"
    return (percent.rstrip("0").rstrip(".") if "." in percent else percent) + "%"
