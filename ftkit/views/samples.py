"""What a run wrote while it trained: rows of `Sampled`, few enough to be held however long the run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ftkit.training.events import Sampled

MOST_ROWS = 2_000


class Samples(tuple[Sampled, ...]):
    """Rows of `Sampled` in the order they came; a notebook shows them as a table."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        from ftkit.views.watched import samples_html

        return samples_html(self)


@dataclass
class WatchedPrompt:
    """What a watched prompt was continued with.

    Attributes:
        first: At the first evaluation, which is before training unless that was left out.
        latest: At the latest evaluation.
        best: At the evaluation that the weights kept come from, or None before there is one.
    """

    first: Sampled
    latest: Sampled
    best: Sampled | None = None

    @property
    def prompt(self) -> str:
        """The prompt as it is shown."""
        return self.latest.prompt

    @property
    def expected(self) -> str:
        """The true continuation, empty if unknown."""
        return self.latest.expected


class SampleStore:
    """Takes in `Sampled` events. Holds about `most` rows: beyond that every second step's rows are let go.

    The first, the latest and the best text of each prompt always stay.

    Args:
        most: How many rows are held; more where there are so many prompts that three rows of each are more.

    Example:
        >>> store = SampleStore()
        >>> store.add(Sampled(0, "Once", " the the", ""), best_step=None)
        >>> store.watched[0].first.text
        ' the the'
    """

    def __init__(self, most: int = MOST_ROWS) -> None:
        self.watched: list[WatchedPrompt] = []
        self._most = most
        self._rows: list[Sampled] = []
        self._place = 0  # the prompts of an evaluation come in the same order each time; two of them may be equal

    def begin(self) -> None:
        """Says that an evaluation ended: its first prompt comes next."""
        self._place = 0

    def add(self, sampled: Sampled, best_step: int | None) -> None:
        """Takes in what a prompt was continued with; `best_step` is where the best weights so far come from."""
        if self._rows and self._rows[-1].step != sampled.step:
            self._place = 0
        self._rows.append(sampled)
        if self._place == len(self.watched):
            self.watched.append(WatchedPrompt(sampled, sampled))
        seen = self.watched[self._place]
        seen.latest = sampled
        if sampled.step == best_step:
            seen.best = sampled
        self._place += 1
        if len(self._rows) > max(self._most, 6 * len(self.watched)):
            self._rows = list(self._thinned())

    def rows(self) -> Samples:
        """Returns the rows that are held, in order."""
        return Samples(self._rows)

    def _thinned(self) -> Iterable[Sampled]:
        steps = list(dict.fromkeys(row.step for row in self._rows))
        kept = {*steps[::2], steps[-1], *(seen.best.step for seen in self.watched if seen.best)}
        return (row for row in self._rows if row.step in kept)
