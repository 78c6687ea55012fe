"""`python -m ftkit` does what `ftkit` does, also where scripts are not on the path."""

from __future__ import annotations

import sys

from ftkit.cli import main

if __name__ == "__main__":
    sys.exit(main())
