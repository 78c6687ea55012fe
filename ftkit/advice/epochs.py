"""How many epochs to train for: the data's size decides."""

from __future__ import annotations

import itertools
import math

from ftkit.i18n import text

# (rows, epochs): between two points the number falls in a straight line over the logarithm of the rows
_POINTS = ((1, 50), (1_000, 20), (10_000, 10), (100_000, 5))


def advise_epochs(n_rows: int) -> tuple[int, str]:
    """Returns how many epochs suit a data set of `n_rows`, and a sentence that says why.

    50 falling to 20 up to 1,000 rows, 20 to 10 up to 10,000, 10 to 5 above: never more for more rows.

    Source: the handbook's rule of 10 to 50 epochs for small sets and 5 to 10 for large ones.

    Example:
        >>> advise_epochs(1000)[0], advise_epochs(10_000)[0], advise_epochs(1_000_000)[0]
        (20, 10, 5)
    """
    n_rows = max(n_rows, 1)
    epochs = _POINTS[-1][1]
    for (low, most), (high, least) in itertools.pairwise(_POINTS):
        if n_rows <= high:
            share = math.log(n_rows / low) / math.log(high / low)
            epochs = round(most - share * (most - least))
            break
    size = "small" if n_rows <= 1_000 else "medium" if n_rows <= 10_000 else "large"
    return epochs, text(f"runs.epochs_{size}", rows=f"{n_rows:,}", epochs=epochs)
