"""The words of the command line: which commands and options there are, in the language in use."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from typing import Any, NoReturn

import ftkit
from ftkit.cli import commands as do
from ftkit.cli.settings import add_settings, settings
from ftkit.data.cache import ROOMS
from ftkit.errors import did_you_mean
from ftkit.i18n import LANGUAGES, language, text


class _Parser(argparse.ArgumentParser):
    """An ArgumentParser without abbreviations, whose help speaks the language in use."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, add_help=False, allow_abbrev=False)
        self.add_argument("-h", "--help", action="help", help=text("cli.help"))


def build_parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """Returns the parser; the settings of `train` are read only if `words` name it."""
    parser = _Parser(prog="ftkit", description=text("cli.description"))
    parser.add_argument("--version", action="version", version=f"ftkit {ftkit.__version__}", help=text("cli.version"))
    parser.add_argument("--language", choices=LANGUAGES, help=text("cli.language"))
    commands = parser.add_subparsers(dest="command", required=True, title=text("cli.commands"), metavar="COMMAND")

    def command(name: str, action: Any) -> argparse.ArgumentParser:
        long = f"cli.{name}_long" if name in ("lab", "check", "train", "predict") else f"cli.{name}"
        usage = "ftkit train [-h] FILE [--save FOLDER] [--SETTING VALUE ...]" if name == "train" else None
        added = commands.add_parser(name, help=text(f"cli.{name}"), description=text(long), usage=usage)
        added.set_defaults(do=action)
        return added

    lab = command("lab", do.lab)
    lab.add_argument("--dir", help=text("cli.lab_dir"))
    lab.add_argument("--no-browser", action="store_true", help=text("cli.lab_no_browser"))

    command("demo", do.demo)

    check = command("check", do.check)
    check.add_argument("files", nargs="+", metavar="FILE", help=text("cli.files"))
    _add_reading(check)
    check.add_argument("--fix", nargs="?", const="", metavar="OUT", help=text("cli.fix"))
    check.add_argument("--mask", action="store_true", help=text("cli.mask"))
    check.add_argument("--overwrite", action="store_true", help=text("cli.overwrite"))
    check.add_argument("--near", choices=("auto", "yes", "no"), default="auto", help=text("cli.check_near"))

    train = command("train", do.train)
    train.add_argument("file", metavar="FILE", help=text("cli.file"))
    _add_reading(train)
    train.add_argument("--on-error", choices=("raise", "skip"), default="raise", help=text("cli.on_error"))
    train.add_argument("--save", metavar="FOLDER", help=text("cli.save"))
    if "train" in words:
        add_settings(train)

    predict = command("predict", do.predict)
    predict.add_argument("run", metavar="RUN", help=text("cli.run"))
    predict.add_argument("input", metavar="IN", help=text("cli.input"))
    predict.add_argument("--out", required=True, metavar="OUT", help=text("cli.out"))

    generate = command("generate", do.generate)
    generate.add_argument("run", metavar="RUN", help=text("cli.run"))
    generate.add_argument("prompt", metavar="PROMPT", help=text("cli.prompt"))
    generate.add_argument("--temperature", type=float, default=0.0, metavar="X", help=text("cli.temperature"))
    generate.add_argument("--top-p", type=float, default=1.0, metavar="X", help=text("cli.top_p"))
    generate.add_argument("--seed", type=int, default=0, metavar="N", help=text("cli.seed"))
    generate.add_argument("--max-new-tokens", type=int, default=128, metavar="N", help=text("cli.max_new_tokens"))

    clean = command("clean", do.clean)
    clean.add_argument("--all", action="store_true", help=text("cli.clean_all"))
    for room in ROOMS:
        clean.add_argument(f"--{room}", action="store_true", help=text(f"cli.clean_{room}"))
    clean.add_argument("--older-than", type=float, metavar="DAYS", help=text("cli.clean_older_than"))
    clean.add_argument("--yes", action="store_true", help=text("cli.clean_yes"))

    runs = command("runs", do.runs)
    actions = runs.add_subparsers(dest="action", metavar="ACTION")
    stop = actions.add_parser("stop", help=text("cli.runs_stop"), description=text("cli.runs_stop"))
    stop.add_argument("run", metavar="RUN", help=text("cli.run"))
    return parser


def _add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", help=text("cli.format"))
    parser.add_argument("--encoding", help=text("cli.encoding"))
    parser.add_argument("--label-names", type=_names, metavar="NAME,...", help=text("cli.label_names"))
    parser.add_argument("--columns", type=_columns, metavar="NAME=COLUMN,...", help=text("cli.columns"))


def refuse(parser: argparse.ArgumentParser, options: argparse.Namespace, rest: list[str]) -> NoReturn:
    """Ends the process with status 2, naming the setting that was probably meant."""
    name = rest[0].partition("=")[0]
    if options.command == "train" and name.startswith("--"):
        near = did_you_mean(name.lstrip("-").replace("-", "_"), settings())
        hint = text("cli.near", names=f"--{near.replace('_', '-')}") if near else ""
        parser.error(text("cli.unknown_setting", name=name, near=hint))
    parser.error(f"unrecognized arguments: {' '.join(rest)}")


def _names(word: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in word.split(",") if name.strip())


def _columns(word: str) -> dict[str, int | str]:
    """Returns which column is which: a whole number is a 0-based index, anything else a name."""
    pairs = [tuple(part.strip() for part in pair.partition("=")) for pair in word.split(",")]
    if not all(name and column for name, _, column in pairs):
        raise argparse.ArgumentTypeError(text("cli.bad_columns", value=word))
    return {name: int(column) if re.fullmatch(r"-?\d+", column) else column for name, _, column in pairs}


def choose_language(words: list[str]) -> None:
    """Takes ``--language`` out of the words, wherever it stands, so that help and errors speak it too."""
    for i, word in enumerate(words):
        if word == "--":
            return
        name, sign, code = word.partition("=")
        if name == "--language":
            if not sign:
                code = words[i + 1] if i + 1 < len(words) else ""
            del words[i : i + (1 if sign else 2)]
            if code in LANGUAGES:
                language(code)
                os.environ["FTKIT_LANGUAGE"] = code
            else:
                words.insert(0, f"--language={code}")  # where argparse refuses it
            return
