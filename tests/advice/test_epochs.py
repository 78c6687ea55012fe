from __future__ import annotations

import itertools

import pytest

from ftkit import language
from ftkit.advice.epochs import advise_epochs


@pytest.mark.parametrize(
    ("rows", "epochs"), [(0, 50), (1, 50), (1_000, 20), (10_000, 10), (100_000, 5), (10_000_000, 5)]
)
def test_epochs_are_those_of_the_rule_at_its_corners(rows: int, epochs: int) -> None:
    assert advise_epochs(rows)[0] == epochs


def test_more_rows_never_mean_more_epochs() -> None:
    found = [advise_epochs(rows)[0] for rows in [*range(1, 3_000), *range(3_000, 200_000, 97)]]
    assert all(later <= earlier for earlier, later in itertools.pairwise(found))


@pytest.mark.parametrize(
    ("rows", "low", "high"), [(range(1, 1_001), 20, 50), (range(1_001, 10_001), 10, 20), (range(10_001, 99_999), 5, 10)]
)
def test_each_size_of_data_has_its_span_of_epochs(rows: range, low: int, high: int) -> None:
    assert all(low <= advise_epochs(n)[0] <= high for n in rows[:: max(1, len(rows) // 500)])


@pytest.mark.parametrize("code", ["en", "zh"])
@pytest.mark.parametrize("rows", [80, 4_000, 50_000])
def test_the_reason_says_how_many_epochs_for_how_many_rows(rows: int, code: str) -> None:
    language(code)
    epochs, reason = advise_epochs(rows)
    assert str(epochs) in reason
    assert f"{rows:,}" in reason
