"""New training rows from those there are, with the labels unchanged: `Augment` says how, `augmented` makes them.

For the training split alone, and once: what is measured on stays as it was, and every epoch sees the same rows.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Any

from ftkit.data.augment_tags import TAG_OPERATIONS, Mentions, augmented_tags
from ftkit.data.augment_text import OPERATIONS, augmented_text, synonyms, wordnet_reader
from ftkit.data.clean import with_facts
from ftkit.data.compared import Change, Comparison, row_text
from ftkit.data.example import TASKS
from ftkit.data.schemes import detect_in
from ftkit.errors import SettingError, did_you_mean
from ftkit.i18n import text

if TYPE_CHECKING:
    import pyarrow as pa

    from ftkit.data.dataset import Dataset

BATCH = 4_096  # rows that are Python objects at once
KEPT = 20  # changed rows that the facts remember
ALL_OPERATIONS = tuple(dict.fromkeys((*OPERATIONS, *TAG_OPERATIONS)))
AUTO = {  # for each format; none that needs something installed
    "labels": ("delete", "swap", "insert"),
    "title": ("delete", "swap", "insert"),
    "qa": ("delete", "swap", "insert"),
    "tags": ("mention", "entity_swap", "delete"),
}


@dataclass(frozen=True)
class Augment:
    """How new rows are made.

    Each copy of a row comes from one operation, chosen by chance; from another if that one can do nothing.

    Attributes:
        operations: Of texts ``"delete"``, ``"swap"``, ``"insert"`` (of words), ``"synonym"`` (English; needs nltk and
            WordNet) and ``"noise"`` (slips in characters); of tags ``"mention"`` (a mention becomes another of its
            type), ``"entity_swap"`` (two change places), and ``"delete"``, ``"swap"``, ``"insert"`` of tokens outside
            of mentions. ``("auto",)`` for what suits the format and needs nothing installed.
        copies: How many new rows of each row, at most.
        share: Share of the words, characters or mentions that change; at least one does.
        seed: Another seed gives other rows.
        shares: The share of an operation for which it is another.

    Raises:
        SettingError: If there is no such operation, a number is out of range, or a share is that of no operation.

    Example:
        >>> Augment.parse({"delete": 0.2, "swap": 0.1, "copies": 2})
        Augment(operations=('delete', 'swap'), copies=2, share=0.1, seed=0, shares={'delete': 0.2})
    """

    operations: tuple[str, ...] = ("auto",)
    copies: int = 1
    share: float = 0.1
    seed: int = 0
    shares: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "operations", _names(self.operations) or ("auto",))
        given: Any = self.shares  # what a caller may have given in spite of the types
        if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
            raise SettingError(text("augment.shares", value=given))
        for name in (*self.operations, *self.shares):
            if name not in ALL_OPERATIONS and (name, len(self.operations)) != ("auto", 1):
                raise _unknown(name)
        copies = _whole(self.copies)
        if copies is None or not 1 <= copies <= 20:
            raise SettingError(text("augment.copies", value=self.copies))
        object.__setattr__(self, "copies", copies)
        object.__setattr__(self, "seed", _checked_seed(self.seed))
        shares: dict[str, Any] = {"share": self.share, **self.shares}
        for name, share in shares.items():
            if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share <= 0.5:
                raise SettingError(text("augment.share", name=name, value=share))
        if self.operations != ("auto",):
            self._check_shares(self.operations)
        object.__setattr__(self, "shares", {k: float(v) for k, v in self.shares.items() if v != self.share})

    def _check_shares(self, operations: tuple[str, ...]) -> None:
        """Raises SettingError if a share is that of an operation that is not done."""
        for name, share in self.shares.items():
            if name not in operations:
                listed = ", ".join(map(repr, operations))
                raise SettingError(text("augment.unused_share", name=name, share=share, operations=listed))

    @classmethod
    def parse(cls, value: object, misspelt: Iterable[str] = ()) -> Augment | None:
        """Returns what ``finetune(augment=...)`` means.

        Args:
            value: None or False for none; True for ``"auto"``; the name of an operation, or several, also with commas
                between; a dict of names with their shares (or True), ``copies``, ``share`` and ``seed``; what `to_dict`
                returned; an Augment.

        Raises:
            SettingError: If it means nothing.
        """
        for name in misspelt:  # keywords beside it that there are not
            raise no_keyword(name)
        if value is None or value is False:
            return None
        if isinstance(value, Augment):
            return value
        if value is True:
            return cls()
        if isinstance(value, str):  # "delete,swap", as the command line has it
            return cls(tuple(name.strip() for name in value.split(",") if name.strip()) or (value,))
        if isinstance(value, (list, tuple)) and all(isinstance(name, str) for name in value):
            return cls(tuple(value))
        if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
            raise SettingError(text("augment.value", value=value))
        known = ("operations", "copies", "share", "seed", "shares")
        settings = {name: given for name, given in value.items() if name in known}
        named = {name: given for name, given in value.items() if name not in known}
        for name in named:
            if name not in (*ALL_OPERATIONS, "auto"):
                raise _unknown(name, (*ALL_OPERATIONS, *known))
        wanted = {name: given for name, given in named.items() if given is not False}
        operations = _names(settings.pop("operations", ())) + tuple(wanted)
        if named and not operations:  # all of them are False
            raise SettingError(text("augment.none_left", value=value))
        shares = settings.pop("shares", {})
        if not isinstance(shares, Mapping):
            raise SettingError(text("augment.shares", value=shares))
        shares = {**shares, **{name: share for name, share in wanted.items() if share is not True}}
        if operations == ("auto",) and "auto" in shares:
            settings["share"] = shares.pop("auto")
        return cls(operations or ("auto",), shares=shares, **settings)

    def to_dict(self) -> dict[str, Any]:
        """Returns this as a dict for JSON, which `parse` takes back."""
        return {
            "operations": list(self.operations),
            "copies": self.copies,
            "share": self.share,
            "seed": self.seed,
            "shares": dict(self.shares),
        }

    def operations_for(self, format: str) -> tuple[str, ...]:
        """Returns the operations for a format.

        Raises:
            SettingError: If its rows cannot be augmented, or not by one of these.
        """
        if format not in TASKS:
            raise SettingError(text("augment.own_format", format=format))
        if format not in AUTO:
            raise SettingError(text("augment.no_format", format=format))
        if self.operations == ("auto",):
            self._check_shares(AUTO[format])
            return AUTO[format]
        known = tuple(TAG_OPERATIONS if format == "tags" else OPERATIONS)
        for name in self.operations:
            if name not in known:
                listed = ", ".join(map(repr, known))
                raise SettingError(text("augment.not_here", name=name, format=format, known=listed, hint=known[0]))
        return self.operations


def _names(value: Any) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise SettingError(text("augment.names", value=value))
    return tuple(names)


def _whole(value: Any) -> int | None:
    """A whole number, also one of numpy's, as Python's own; None for anything else."""
    try:
        return None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        return None


def _checked_seed(value: Any) -> int:
    seed = _whole(value)
    if seed is None:
        raise SettingError(text("augment.seed", value=value))
    return seed


def _unknown(name: str, known: tuple[str, ...] = ALL_OPERATIONS) -> SettingError:
    listed = ", ".join(map(repr, ALL_OPERATIONS))
    return SettingError(text("augment.unknown", name=name, known=listed, hint=did_you_mean(name, known) or "auto"))


def no_keyword(name: str) -> SettingError:
    """Returns the error for a keyword that `Dataset.augment` does not have: settings go into its first argument.

    Example:
        >>> print(no_keyword("copis"))
        augment: there is no keyword copis=. Known: how=, seed=. Did you mean data.augment({'copies': ...})?
    """
    close = did_you_mean(name, (*ALL_OPERATIONS, "copies", "share", "shares", "operations", "seed", "how"))
    hint = f"{close}=" if close in ("seed", "how") else f"{{{close or 'copies'!r}: ...}}"
    return SettingError(text("augment.no_keyword", name=name, hint=hint))


@dataclass(frozen=True, repr=False)
class Augmented:
    """What augmentation did.

    Attributes:
        name: The name of the data.
        rows: How many rows there were.
        added: How many new ones there are.
        left_out: How many copies were equal to their original, or to another copy of it.
        operations: How many new rows each operation made.
        changes: The first 20 new rows beside their originals.
    """

    name: str
    rows: int
    added: int
    left_out: int
    operations: Mapping[str, int] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()

    def comparison(self, n: int = 5) -> Comparison:
        """Returns what was done with the first n new rows, to be shown."""
        title = text("augment.title", name=self.name, rows=self.rows, added=self.added, left_out=self.left_out)
        if self.operations:
            made = "  ".join(f"{name} x{count:,}" for name, count in self.operations.items())
            title += "\n" + text("augment.operations", operations=made)
        return Comparison(title, self.changes[:n])

    def __repr__(self) -> str:
        """Returns the counts and the first new rows as text."""
        return repr(self.comparison())


def augmented(data: Dataset, augment: Augment, *, seed: int = 0) -> Dataset:
    """Returns the rows, and behind them the new ones in the same order; each with its original's line and label.

    What a row becomes follows from the seeds, its position and the number of its copy alone (for mentions also from
    what mentions there are). Only what is read changes: of titles the title, or for summaries the content; of
    conversations the questions; of tags also the tags that belong to the tokens.

    Args:
        data: Training rows.
        augment: How.
        seed: Of the run; added to that of `augment`.

    Raises:
        SettingError: If rows of this format cannot be augmented like this, some of them are no training rows, or a
            package is missing.

    Example:
        >>> from ftkit.data.dataset import Dataset
        >>> data = Dataset.from_rows([("The bright screen is not good", "mixed")])
        >>> [(row.text, row.target, row.source) for row in augmented(data, Augment(("delete",)))][1]
        ('The bright screen not good', 'mixed', 'rows:1')
    """
    from ftkit.data.spill import collected

    if any(end > first for name, (first, end) in data.given.items() if name != "train"):
        raise SettingError(text("augment.given", name=data.name, splits=", ".join(data.given)))
    work = _Work(data, augment, seed)
    table = collected(work.batches(), data[:0].table.schema.remove_metadata())
    return with_facts(data, table, "augmented", work.facts())


def augmentation_of(data: Dataset) -> Augmented | None:
    """Returns what augmentation did to these rows; None if there was none."""
    facts = data.report.stats.get("augmented")
    return facts if isinstance(facts, Augmented) else None


def was_augmented(data: Dataset) -> bool:
    """Returns whether these rows, or those that they are a part of, hold some that were made of others."""
    facts = augmentation_of(data)
    return facts is not None and facts.added > 0


def show_augmented(data: Dataset, augment: Augment, n: int = 5, *, seed: int = 0) -> Comparison:
    """Returns the first n new rows that `augmented` would make, each beside its original.

    Raises:
        SettingError: As `augmented` does.
    """
    work = _Work(data, augment, seed)
    changes = (change for start in range(0, len(data), 256) for change in work.changes_of(start, 256))
    title = text("augment.shown", name=data.name, seed=work.seed)
    return Comparison(title, tuple(islice(changes, n)))


class _Work:
    """The new rows of a Dataset, a batch at a time, and what was counted."""

    def __init__(self, data: Dataset, augment: Augment, seed: int) -> None:
        self.data, self.augment, self.seed = data, augment, _checked_seed(seed) + augment.seed
        self.operations = augment.operations_for(data.format)
        self.column = 1 if data.task == "summarisation" else 0
        self.counts: Counter[str] = Counter()
        self.added = self.left_out = 0
        self.kept: list[Change] = []
        self.mentions = _mentions_of(data) if data.format == "tags" else Mentions()
        if "synonym" in self.operations and len(data):
            _check_synonyms(data, self.column)

    def batches(self) -> Iterator[pa.RecordBatch]:
        for part in self.data.parts(BATCH):
            yield from part.to_batches()
        for start in range(0, len(self.data), BATCH):
            table, changes = self._copies(start, BATCH, KEPT - len(self.kept))
            self.kept += changes
            yield from table.to_batches()

    def changes_of(self, start: int, size: int) -> list[Change]:
        return self._copies(start, size, size * self.augment.copies)[1]

    def facts(self) -> Augmented:
        made = {name: self.counts[name] for name in self.operations if self.counts[name]}
        return Augmented(self.data.name, len(self.data), self.added, self.left_out, made, tuple(self.kept))

    def _copies(self, start: int, size: int, wanted: int) -> tuple[pa.Table, list[Change]]:
        """The new rows of the rows from `start` on, and the first of them beside their originals."""
        import pyarrow as pa

        part = self.data[start : start + size]
        table = part.table
        read, other = table.column(self.column).to_pylist(), table.column(1).to_pylist()
        places, texts, targets = [], [], []
        for at, (body, target) in enumerate(zip(read, other, strict=True)):
            seen = [(body, target)]
            for copy in range(self.augment.copies):
                new = self._copy(body, target, start + at, copy, seen)
                if new is None:
                    self.left_out += 1
                    continue
                seen.append(new)
                places.append(at)
                texts.append(new[0])
                targets.append(new[1])
        self.added += len(places)
        columns = {self.column: texts, 1: targets} if self.data.format == "tags" else {self.column: texts}
        made = table.take(pa.array(places, pa.int64()))
        for index, values in columns.items():
            kind = table.schema.field(index)
            made = made.set_column(index, kind, pa.array(values, kind.type))
        new_rows = type(part)(made, part.format, name=part.name, files=part.files)
        shown = range(min(max(0, wanted), len(places)))
        changes = [
            Change(part[places[i]].source, *(row_text(row, part.format) for row in (part[places[i]], new_rows[i])))
            for i in shown
        ]
        return made, changes

    def _copy(self, body: Any, target: Any, row: int, copy: int, seen: list[tuple[Any, Any]]) -> tuple[Any, Any] | None:
        """One new row that is not among those seen, of the first operation in an order of chance that makes one."""
        random = Random(f"{self.seed}:{row}:{copy}")
        for name in random.sample(self.operations, len(self.operations)):
            share = self.augment.shares.get(name, self.augment.share)
            if self.data.format == "tags":
                new: tuple[Any, Any] = augmented_tags(body, target, name, share, random, self.mentions)
            elif isinstance(body, str):
                new = augmented_text(body, name, share, random), target
            else:
                new = [augmented_text(turn, name, share, random) for turn in body], target
            if new not in seen:
                self.counts[name] += 1
                return new
        return None


def _mentions_of(data: Dataset) -> Mentions:
    """Two passes over the rows: the scheme needs to be known before a mention can be read."""
    mentions = Mentions(detect_in(tags for part in data.parts(BATCH) for tags in part.column(1).to_pylist()))
    for part in data.parts(BATCH):
        for tokens, tags in zip(part.column(0).to_pylist(), part.column(1).to_pylist(), strict=True):
            mentions.add(tokens, tags)
    return mentions


def _check_synonyms(data: Dataset, column: int) -> None:
    wordnet_reader()
    head = data[:200].table.column(column).to_pylist()
    texts = [turn for body in head for turn in ([body] if isinstance(body, str) else body)]
    if not any(synonyms(word) for body in texts for word in body.lower().split()):
        raise SettingError(text("augment.no_synonyms", n=len(head), name=data.name))
