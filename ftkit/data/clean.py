"""Cleans the texts of a Dataset, row by row; labels and tags are never changed, and nor is any file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from ftkit.data import clean_text
from ftkit.data.clean_text import Step, cleaned_text
from ftkit.data.compared import Change, Comparison, change_of, first_changes
from ftkit.data.problems import Problem, Report, sentences
from ftkit.data.words import stop_words_removed
from ftkit.errors import SettingError, did_you_mean
from ftkit.i18n import text

if TYPE_CHECKING:
    import pyarrow as pa

    from ftkit.data.dataset import Dataset

BATCH = 4_096  # rows that are Python objects at once
KEPT = 20  # changed rows that the facts remember
TEXTS_OF = {"labels": (0,), "tags": (0,), "corpus": (0,), "title": (0, 1), "qa": (0, 1)}  # columns that are free text

_BOOL = (True, False)
CHOICES: dict[str, tuple[Any, ...]] = {  # every option with the values that it takes, the default first
    "markup": _BOOL,
    "urls": ("keep", "remove", "mark"),
    "width": (True, False, "ascii", "keep"),
    "unicode": ("NFC", "NFKC", None),
    "whitespace": _BOOL,
    "control": _BOOL,
    "lower": (False, True),
    "emoji": ("keep", "remove"),
    "drop_empty": _BOOL,
    "remove_stop_words": (False, True, "en", "zh"),
}


@dataclass(frozen=True, repr=False)
class Cleaned:
    """What cleaning did.

    Attributes:
        name: The name of the data.
        rows: How many rows there were.
        changed: How many of them were changed and kept.
        dropped: How many were left out because nothing remained.
        steps: How many rows each step changed, by its name.
        changes: The first 20 rows that were changed or left out.
        warnings: What to know before this is trained on.
    """

    name: str
    rows: int
    changed: int
    dropped: int
    steps: Mapping[str, int] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    warnings: tuple[str, ...] = ()

    def comparison(self, n: int = 5) -> Comparison:
        """Returns what was done with its first n changes, to be shown."""
        title = text("clean.title", name=self.name, rows=self.rows, changed=self.changed, dropped=self.dropped)
        if self.steps:
            steps = "  ".join(f"{name} x{count:,}" for name, count in self.steps.items())
            title += "\n" + text("clean.steps", steps=steps)
        return Comparison(title, self.changes[:n], self.warnings)

    def __repr__(self) -> str:
        """Returns the counts and the first changes as text."""
        return repr(self.comparison())


def cleaned(
    data: Dataset,
    *,
    markup: bool = True,
    urls: Literal["keep", "remove", "mark"] = "keep",
    width: bool | Literal["ascii", "keep"] = True,
    unicode: Literal["NFC", "NFKC"] | None = "NFC",
    whitespace: bool = True,
    control: bool = True,
    lower: bool = False,
    emoji: Literal["keep", "remove"] = "keep",
    drop_empty: bool = True,
    remove_stop_words: bool | Literal["en", "zh"] = False,
    **misspelt: Any,
) -> Dataset:
    """Returns the rows with clean texts; each keeps its line, its label and its place.

    The steps and their order are those of `ftkit.data.clean_text`; they are repeated until nothing changes, so that
    cleaning again changes nothing. Of conversations each turn is cleaned, of titles the content too. Of tags each
    token is; a token of which nothing would remain stays as it was, so that no tag loses its token, and none gets white
    space. Of a format of one's own the first column is cleaned, if it holds texts.

    Args:
        data: The rows, of any format.
        markup: Take HTML tags out, and turn references (``&amp;``) into characters. Other things in angle brackets
            (``<unk>``) stay.
        urls: Web addresses: ``"keep"``, ``"remove"``, or ``"mark"`` for ``[url]``.
        width: True for full-width letters, digits and signs as ASCII, Chinese punctuation kept; ``"ascii"`` for the
            punctuation too; False or ``"keep"`` for neither.
        unicode: ``"NFC"`` composes characters; ``"NFKC"`` also replaces variants (``①`` by ``1``, and ``，`` by
            ``,``); None does neither.
        whitespace: One space for any run of spaces, none at the ends, at most one blank line.
        control: Take out control characters and invisible ones.
        lower: Lower case.
        emoji: ``"keep"`` or ``"remove"``.
        drop_empty: Leave out rows of which a text is empty afterwards.
        remove_stop_words: For views of words and for bag-of-words models, not for transformers: True takes the stop
            words of both languages out of what goes into the model, ``"en"`` or ``"zh"`` of one.
        misspelt: Anything else is a mistake.

    Raises:
        SettingError: If there is no such option or value, or a package that it needs is missing.

    Example:
        >>> from ftkit.data.dataset import Dataset
        >>> cleaned(Dataset.from_rows([("<b>Ｇｏｏｄ</b>&nbsp; tea，好！", "pos")])).texts
        ['Good tea，好！']
    """
    options = {name: value for name, value in locals().items() if name in CHOICES}
    _check(options, misspelt)
    if remove_stop_words and data.format == "tags":
        raise SettingError(text("clean.no_tag_words", value=remove_stop_words))
    from ftkit.data.spill import collected

    steps = _steps(options)
    words: list[tuple[str, Step]] = []
    if remove_stop_words:
        words = [("remove_stop_words", stop_words_removed(None if remove_stop_words is True else remove_stop_words))]
    work = _Work(data, steps, [*steps, *words], drop_empty)
    table = collected(work.batches(), work.schema)
    return with_facts(data, table, "cleaned", work.facts(), work.problems(), work.given())


def cleaning_of(data: Dataset) -> Cleaned | None:
    """Returns what cleaning did to these rows, or to those that they are a part of; None if they were not cleaned."""
    facts = data.report.stats.get("cleaned")
    return facts if isinstance(facts, Cleaned) else None


def compare(before: Dataset, after: Dataset, n: int = 5) -> Comparison:
    """Returns the first n rows that differ, beside each other.

    Args:
        before: The rows as they were.
        after: The same rows afterwards, in the same order; some may be left out.
        n: How many to show.

    Example:
        >>> from ftkit.data.dataset import Dataset
        >>> data = Dataset.from_rows([("<b>tea</b>", "pos"), ("fine", "pos")])
        >>> compare(data, cleaned(data)).changes
        (Change(source='rows:1', before='<b>tea</b>', after='tea'),)
    """
    found = first_changes(before, after, n)
    facts = cleaning_of(after)
    if facts is not None and facts is not cleaning_of(before):
        return replace(facts.comparison(n), changes=found)
    return Comparison(text("clean.beside", name=after.name, before=len(before), after=len(after)), found)


def with_facts(
    data: Dataset,
    table: pa.Table,
    key: str,
    facts: object,
    problems: tuple[Problem, ...] = (),
    given: Mapping[str, tuple[int, int]] | None = None,
) -> Dataset:
    """Returns a Dataset of this table that is like `data` in all else, and whose report also knows these facts.

    Args:
        data: The rows before.
        table: The rows afterwards.
        key: Where the report keeps the facts.
        facts: What was done.
        problems: What is worth a warning.
        given: Where the splits of the files are now.
    """
    report: Report = data.report
    counts = Counter(report.counts)
    counts.update(problem.kind for problem in problems)
    report = replace(
        report,
        problems=(*problems, *report.problems),
        counts=dict(counts),
        stats={**report.stats, key: facts},
    )
    known: dict[str, Any] = {"task": data.task, "name": data.name, "files": data.files}
    return type(data)(table, data.format, **known, report=report, given=given)


def _check(options: Mapping[str, Any], misspelt: Mapping[str, Any]) -> None:
    for name in misspelt:
        known = ", ".join(CHOICES)
        raise SettingError(text("clean.unknown", name=name, known=known, hint=did_you_mean(name, CHOICES) or "markup"))
    for name, value in options.items():
        known_values = CHOICES[name]
        if not any(value is known or (isinstance(known, str) and value == known) for known in known_values):
            texts = [known for known in known_values if isinstance(known, str)]
            hint = (did_you_mean(value, texts) if isinstance(value, str) else "") or known_values[0]
            known = ", ".join(map(repr, known_values))
            raise SettingError(text("clean.value", name=name, value=value, known=known, hint=hint))


def _steps(options: Mapping[str, Any]) -> list[tuple[str, Step]]:
    """The steps wanted, in the order of `clean_text`."""
    by_name: dict[str, Step | None] = {
        "unicode": clean_text.normalised(options["unicode"]) if options["unicode"] else None,
        "width": {True: clean_text.narrowed, "ascii": clean_text.narrowed_to_ascii}.get(options["width"]),
        "control": clean_text.without_control if options["control"] else None,
        "markup": clean_text.without_markup if options["markup"] else None,
        "lower": str.lower if options["lower"] else None,
        "urls": {"remove": clean_text.urls_replaced(""), "mark": clean_text.urls_replaced(clean_text.URL_MARK)}.get(
            options["urls"]
        ),
        "emoji": clean_text.without_emoji if options["emoji"] == "remove" else None,
        "whitespace": clean_text.spaces_joined if options["whitespace"] else None,
    }
    return [(name, step) for name, step in by_name.items() if step is not None]


class _Work:
    """One pass over the rows, a batch at a time, and what it counted."""

    def __init__(
        self, data: Dataset, steps: list[tuple[str, Step]], text_steps: list[tuple[str, Step]], drop_empty: bool
    ) -> None:
        self.data, self.drop_empty = data, drop_empty
        self.schema = data[:0].table.schema.remove_metadata()
        self.columns = dict(zip(TEXTS_OF.get(data.format, ()), (text_steps, steps), strict=False))
        if data.format not in TEXTS_OF and _holds_texts(self.schema.field(0).type):
            self.columns[0] = text_steps
        if data.format == "qa" and "system" in self.schema.names:
            self.columns[self.schema.names.index("system")] = steps
        self.counts: Counter[str] = Counter()
        self.order = [name for name, _ in text_steps]
        self.changed = self.dropped = 0
        self.changes: list[Change] = []
        # how many rows are kept of those before each border of the splits that the files are
        self.kept_before = dict.fromkeys((border for borders in data.given.values() for border in borders), 0)

    def batches(self) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for start in range(0, len(self.data), BATCH):
            part = self.data[start : start + BATCH]
            table, n = part.table, len(part)
            did: list[frozenset[str]] = [frozenset()] * n
            keep = [True] * n
            for index, steps in self.columns.items():
                clean = self._column(table.column(index).to_pylist(), steps, did, keep, index)
                if clean is not None:
                    kind = self.schema.field(index)
                    table = table.set_column(index, kind, pa.array(clean, kind.type))
            self._note(part, table, did, keep)
            for border in self.kept_before:
                self.kept_before[border] += sum(keep[: max(0, border - start)])
            if not all(keep):
                table = table.filter(pa.array(keep))
            yield from table.to_batches()

    def _column(
        self, values: list[Any], steps: list[tuple[str, Step]], did: list[frozenset[str]], keep: list[bool], index: int
    ) -> list[Any] | None:
        is_tags, own = self.data.format == "tags", self.data.format not in TEXTS_OF
        clean_one = _token(steps) if is_tags else _text(steps)
        changed = False
        for row, value in enumerate(values):
            if value is None:
                continue
            if isinstance(value, str):
                clean, names = clean_one(value)
                empty = not clean.strip()
            else:
                pairs = [clean_one(part) for part in value]
                if own:  # what a list is, its format alone knows: none loses a part
                    pairs = [
                        pair if pair[0].strip() else (part, frozenset())
                        for part, pair in zip(value, pairs, strict=True)
                    ]
                clean = [part for part, _ in pairs]  # type: ignore[assignment]
                names = frozenset[str]().union(*(more for _, more in pairs))
                empty = not (is_tags or own) and not all(part.strip() for part in clean)
            if names and clean != value:
                values[row], did[row], changed = clean, did[row] | names, True
            if empty and self.drop_empty and index < 2:
                keep[row] = False
        return values if changed else None

    def _note(self, part: Dataset, table: pa.Table, did: list[frozenset[str]], keep: list[bool]) -> None:
        after: Dataset | None = None
        for row, (names, kept) in enumerate(zip(did, keep, strict=True)):
            self.counts.update(names)
            self.changed += bool(names) and kept
            self.dropped += not kept
            if (names or not kept) and len(self.changes) < KEPT:
                if after is None:
                    after = type(part)(table, part.format, name=part.name, files=part.files)
                self.changes.append(change_of(part[row], after[row] if kept else None, part.format))

    def given(self) -> dict[str, tuple[int, int]]:
        found = self.data.given.items()
        return {name: (self.kept_before[first], self.kept_before[end]) for name, (first, end) in found}

    def facts(self) -> Cleaned:
        steps = {name: self.counts[name] for name in self.order if self.counts[name]}
        warnings = tuple(sentences(problem.message, problem.fix) for problem in self.problems())
        return Cleaned(self.data.name, len(self.data), self.changed, self.dropped, steps, tuple(self.changes), warnings)

    def problems(self) -> tuple[Problem, ...]:
        if not (n := self.counts["remove_stop_words"]):
            return ()
        kind = "stop_words_removed"
        return (Problem("warning", None, kind, text(f"clean.{kind}", n=n), text(f"clean.{kind}.fix")),)


def _holds_texts(kind: pa.DataType) -> bool:
    import pyarrow as pa

    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _text(steps: list[tuple[str, Step]]) -> Callable[[str], tuple[str, frozenset[str]]]:
    return lambda value: cleaned_text(value, steps)


def _token(steps: list[tuple[str, Step]]) -> Callable[[str], tuple[str, frozenset[str]]]:
    """Tokens repeat: each is cleaned once; one of which nothing would remain stays as it was.

    One that gets white space could not stand in a file any more: the white space goes, or the token stays as it was.
    """
    known: dict[str, tuple[str, frozenset[str]]] = {}

    def clean(value: str) -> tuple[str, frozenset[str]]:
        found = known.get(value)
        if found is None:
            found = cleaned_text(value, steps)
            together = "".join(found[0].split())
            if not together:
                found = (value, frozenset())
            elif value != found[0] != together and " " not in value:
                is_clean = cleaned_text(together, steps)[0] == together
                found = (together, found[1]) if is_clean else (value, frozenset())
            if len(known) < 100_000:
                known[value] = found
        return found

    return clean
