"""The command line: each command is a thin call of the public functions, and imports what it needs when it runs.

Ends with 0 when all is well, 1 for an error, 2 for a wrong call or a missing file, 130 after Ctrl-C.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

from ftkit.cli.options import build_parser, choose_language, refuse
from ftkit.errors import FtkitError


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status.

    Args:
        argv: The words after ``ftkit``; those of the process if None.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a console that lacks a character shows "?" for it instead of failing
            stream.reconfigure(errors="replace")
    try:
        choose_language(words)
        parser = build_parser(words)
        options, rest = parser.parse_known_args(words)
        if rest and options.command != "lab":
            refuse(parser, options, rest)
        options.rest = [word for word in rest if word != "--"]
        status: int = options.do(options)
    except FtkitError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader (head, say) has seen enough
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status
