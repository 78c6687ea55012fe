"""What a cell means: a text, a list, or nothing at all, whatever type its container gave it."""

from __future__ import annotations

import ast
import datetime
import decimal
import json
import math
import re
from collections.abc import Sequence
from typing import Any

LIST = re.compile(r"\s*[\[({].*[\])}]\s*", re.DOTALL)
WHOLE = re.compile(r"\s*[+-]?\d+(?:\.0+)?\s*")
MAX_LITERAL = 1 << 20  # characters: what is longer and in brackets is left as a text
SURROGATE = re.compile("[\ud800-\udfff]")


def missing(value: Any) -> bool:
    """Returns whether a cell holds nothing: None, NaN, or no character but space."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return True
    return isinstance(value, float) and math.isnan(value)


def as_text(value: Any) -> str | None:
    """Returns a cell as a text: "" if it is missing, None if it is no single value.

    Whole numbers have no ``.0``, as a column of them with a gap in it would give; half a surrogate pair, which no
    encoding can write, becomes U+FFFD.

    Example:
        >>> as_text(1.0), as_text(True), as_text(float("nan")), as_text(["a"])
        ('1', 'true', '', None)
    """
    if isinstance(value, str):
        if SURROGATE.search(value):
            return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return value
    if missing(value):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value.bit_length() < 10_000 else None  # Python refuses to write longer ones
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        return str(value)
    return None


def as_list(value: Any) -> list[Any] | None:
    """Returns a cell as a list, also where a CSV cell has it written out as JSON or Python write it; else None.

    Example:
        >>> as_list('["a", "b"]'), as_list("['a']"), as_list("a, b")
        (['a', 'b'], ['a'], None)
    """
    found = as_object(value)
    return found if isinstance(found, list) else None


def as_object(value: Any) -> Any:
    """Returns a cell's list or dict, parsed if it is written out as a text; any other cell as it is."""
    if isinstance(value, (list, dict)):
        return value
    if isinstance(value, (tuple, set, frozenset)):
        return list(value)
    if type(value).__name__ == "ndarray":
        return value.tolist()
    if isinstance(value, str) and len(value) <= MAX_LITERAL and LIST.fullmatch(value):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            pass
        try:
            parsed = ast.literal_eval(value.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            return value
        return list(parsed) if isinstance(parsed, (list, tuple)) else parsed if isinstance(parsed, dict) else value
    return value


def as_index(value: Any) -> int | None:
    """Returns a cell as a whole number, such as a class's id; None if it is none."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str) and len(value) < 20 and WHOLE.fullmatch(value):
        return int(float(value))
    return None


def as_switch(value: Any) -> bool | None:
    """Returns a cell of a 0/1 column as what it says; None if it is neither."""
    if isinstance(value, str):
        return {"0": False, "1": True, "0.0": False, "1.0": True, "false": False, "true": True}.get(
            value.strip().casefold()
        )
    return bool(value) if isinstance(value, (bool, int, float)) and value in (0, 1) else None


def measured(values: Sequence[Any]) -> bool:
    """Returns whether these cells are measurements rather than labels: many different numbers, not all whole."""
    numbers = list[float]()
    for value in values:
        if missing(value):
            continue
        try:
            numbers.append(float(value))
        except (TypeError, ValueError):
            return False
    finite = [number for number in numbers if math.isfinite(number)]
    different = len(set(finite))
    return any(number != int(number) for number in finite) and different > 10 and different > len(finite) / 5
