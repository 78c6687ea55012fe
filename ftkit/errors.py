"""Every error that ftkit raises on purpose.

    FtkitError
    ├── DataError                 something about a file or a Dataset
    │   ├── FormatError           a line is not in the file's format
    │   ├── EncodingError         bytes that are no text in any encoding tried
    │   └── AmbiguousFormatError  several formats fit: name one with format=
    ├── SettingError              a setting that does not exist or cannot be (also a ValueError)
    ├── ModelError                a model or tokenizer that cannot be loaded or used
    └── RunError                  something about a run and its folder
        ├── RunNotFoundError      no such run
        ├── RunActiveError        the run is still alive: no second one is started silently
        └── RunFailedError        training raised: the message carries the cause and the fix

A message reads ``{where}: {what is wrong, with the value}. {what was expected}. {what to do, as code}.``
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class FtkitError(Exception):
    """The root of every error that ftkit raises on purpose."""


class DataError(FtkitError):
    """A file or a Dataset cannot be used as it is."""


class FormatError(DataError):
    """A file's lines are not in the format asked for or detected."""


class EncodingError(DataError):
    """A file's bytes are no text in any of the encodings tried."""


class AmbiguousFormatError(DataError):
    """Several formats fit a file equally well."""


class SettingError(FtkitError, ValueError):
    """A setting does not exist, or its value cannot be."""


class ModelError(FtkitError):
    """A model or its tokenizer cannot be loaded or used."""


class RunError(FtkitError):
    """A run or its folder cannot be used as asked."""


class RunNotFoundError(RunError):
    """No run folder answers to this name."""


class RunActiveError(RunError):
    """The run is still alive."""


class RunFailedError(RunError):
    """Training raised an exception; it is chained as ``__cause__``."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Returns the known name nearest to a misspelt one, or an empty string.

    Args:
        name: What the user typed, for example ``"lr_rate"``.
        known: The names that exist.

    Example:
        >>> did_you_mean("lr_rate", ["learning_rate", "batch_size"])
        'learning_rate'
    """
    names = list(known)
    abbreviations = {"lr": "learning_rate", "bs": "batch_size", "wd": "weight_decay", "optim": "optimizer"}
    for part in name.lower().split("_"):
        if abbreviations.get(part) in names:
            return abbreviations[part]
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.55)
    return close[0] if close else ""
