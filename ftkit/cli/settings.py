"""finetune's keywords as options of a command line: read from its signature and docstring, so there is one list."""

from __future__ import annotations

import argparse
import ast
import inspect
import re
from typing import Any

import ftkit
from ftkit.i18n import text

# finetune's arguments that are objects, or that the command line decides
_NOT_SETTINGS = {"data", "show", "background", "metrics"}


def settings() -> dict[str, inspect.Parameter]:
    """Returns finetune's keywords that can be typed, by name."""
    parameters = inspect.signature(ftkit.finetune).parameters
    return {n: p for n, p in parameters.items() if n not in _NOT_SETTINGS and p.kind is p.KEYWORD_ONLY}


def _setting_helps() -> dict[str, str]:
    """Returns what finetune's docstring says about each keyword: its first sentence."""
    lines = re.sub(r"``\"?|\"?``|`", "", inspect.getdoc(ftkit.finetune) or "")
    section = re.search(r"^Args:\n(.*?)(?=^\S|\Z)", lines, re.M | re.S)
    entries = re.findall(r"^ {4}(\w+)[^:\n]*: (.*(?:\n {6,}.*)*)", section[1], re.M) if section else []
    return {name: re.split(r"(?<=[.:;])\s", " ".join(words.split()))[0].rstrip(".:;") for name, words in entries}


def _value(word: str) -> Any:
    """Returns what a word on the command line means in Python: 8, 1e-4, True, None, else the word itself."""
    known = {"true": True, "false": False, "none": None}
    if word.lower() in known:
        return known[word.lower()]
    try:
        value = ast.literal_eval(word)
    except (ValueError, SyntaxError):
        return word
    return value if isinstance(value, int | float) else word


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Adds an option for every keyword."""
    group = parser.add_argument_group(text("cli.settings"))
    helps = _setting_helps()
    for name, parameter in settings().items():
        default = parameter.default
        option: dict[str, Any] = {"default": argparse.SUPPRESS}
        option["help"] = f"{helps.get(name, '')} {text('cli.default', value=default)}".strip().replace("%", "%%")
        if isinstance(default, bool):
            option["action"] = argparse.BooleanOptionalAction
        elif isinstance(default, tuple):
            option.update(type=lambda word: tuple(part.strip() for part in word.split(",")), metavar="A,B")
        else:  # a name such as "adamw" stays text even if it looks like a number
            option.update(type=str if isinstance(default, str) and default != "auto" else _value, metavar="X")
        group.add_argument(f"--{name.replace('_', '-')}", **option)
