"""What may be wrong with rows of the right shape: markup, invisible characters, private data, balance.

A batch's bytes are searched at the speed of memory for what a fault begins with; only rows that hold such bytes are
looked at one by one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ftkit.data import privacy
from ftkit.data.candidates import candidates, offsets_of
from ftkit.data.clean_text import without_control, without_markup
from ftkit.data.damage import mojibake
from ftkit.data.problems import KEPT_PER_KIND, Problems, Severity, excerpt
from ftkit.i18n import text as say

if TYPE_CHECKING:
    import pyarrow as pa

TEXT_COLUMNS = {"labels": 1, "tags": 1, "corpus": 1, "title": 2, "qa": 3}  # how many of the first hold free text
MAX_LENGTH = 512  # tokens that most encoders take
_MARGIN = 2  # of them are the model's own
_PER_ASCII_TOKEN = 4  # characters to a token of English; a Chinese character is one
MANY_LONG = 0.05  # of the texts: from here on, long ones are worth a warning

IMBALANCE = 10  # the commonest label against the rarest
MAJORITY = 0.9  # of all rows: with this share, guessing it always looks good
FEW = 10  # examples of a label

Positions = np.ndarray[Any, np.dtype[np.int64]]

_MARKDOWN = re.compile(r"\[[^\]\n]{1,200}\]\(https?://[^)\s]{1,2000}\)")
_MARK = re.compile(r"</?[A-Za-z!]|&#?\w+;|\[[^\]\n]{1,200}\]\(http")
_INVISIBLE = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_URL = r"(?i)https?://|ftp://|(?:^|[^\w@./])www\.[\w-]+\."
_WIDE = "[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]"
_PRIVATE = r"[@＠]|[\d０-９][-－\d０-９ ()（）.．]{8,}[\d０-９]"


class Contents:
    """Looks at rows batch by batch, and tells at the end what was found; its memory does not grow with the file."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._kept: dict[str, list[tuple[int, str]]] = {}  # by kind: the first 1,000 lines, and what they show
        self._private: Counter[str] = Counter()
        self._longest = (0.0, 0)  # tokens, line
        self._long_tokens = self._cut_tokens = 0.0
        self._columns: _ColumnShapes | None = None

    def look(self, batch: pa.RecordBatch, format: str) -> None:
        """Looks at a batch of rows.

        Args:
            batch: Columns as a format's table has them, ``line: int32`` among them. Shape (n,).
            format: The format's name.
        """
        if not batch.num_rows:
            return
        if self._columns is None and format in ("labels", "title", "qa"):
            self._columns = _ColumnShapes(batch)
        lines = batch.column(batch.schema.get_field_index("line")).to_numpy(zero_copy_only=False)
        found: dict[str, dict[int, str]] = {}
        names = [name for name in batch.schema.names if name not in ("line", "file")]
        for at in range(min(TEXT_COLUMNS.get(format, 1), len(names))):
            column = batch.column(batch.schema.get_field_index(names[at]))
            texts = _joined(column)
            if texts is not None and len(texts):
                self._look_at(texts, found)
                if at == 0 and format in ("labels", "tags"):
                    self._measure(texts, column, lines)
        for kind, rows in found.items():
            self._counts[kind] += len(rows)
            kept = self._kept.setdefault(kind, [])
            for row in sorted(rows)[: KEPT_PER_KIND - len(kept)]:
                kept.append((int(lines[row]), rows[row]))

    def tell(self, problems: Problems, *, format: str, n_rows: int) -> None:
        """Notes what was found: texts ``checks.<kind>``.

        Args:
            problems: Where to note it.
            format: The format's name.
            n_rows: How many rows were looked at.
        """
        if self._columns and (kind := self._columns.suspicious(format)):
            problems.add("warning", kind, area="checks", **self._columns.values())
        if n := self._counts["long_text"]:
            (most, line), share = self._longest, n / max(1, n_rows)
            severity: Severity = "warning" if share >= MANY_LONG else "info"
            values: dict[str, Any] = {
                "n": n,
                "share": _percent(share),
                "most": round(most),
                "limit": MAX_LENGTH,
                "longest": line,
            }
            values |= {"cut": _percent(self._cut_tokens / self._long_tokens)}
            problems.add(severity, "long_text", area="checks", **values)
        for kind in ("urls", "full_width"):
            if n := self._counts[kind]:
                first, shown = self._kept[kind][0]
                problems.add("info", kind, area="checks", about=shown, n=n, first=first)
        if self._private:
            problems.add(
                "info", "private_total", area="checks", found=_listed(self._private), n=self._counts["private_data"]
            )
        for severity, kind in (
            ("warning", "feff"),
            ("warning", "control_characters"),
            ("warning", "double_encoded"),
            ("warning", "markup"),
            ("info", "private_data"),
        ):
            kept = self._kept.get(kind, [])
            for line, shown in kept:
                about = {"found": shown} if kind == "private_data" else {"about": shown}
                problems.add(severity, kind, line, area="checks", **about)
            problems.counts[kind] += self._counts[kind] - len(kept)
            if not problems.counts[kind]:
                del problems.counts[kind]

    def _look_at(self, texts: pa.Array, found: dict[str, dict[int, str]]) -> None:
        """Notes the rows of one column in which something is, by kind, with what to show of it."""
        import pyarrow as pa

        rows_of = candidates(texts)
        for kind, test in _TESTS.items():
            if len(rows := rows_of[kind]):
                for row, text in zip(rows.tolist(), texts.take(pa.array(rows)).to_pylist(), strict=True):
                    if shown := test(text):
                        found.setdefault(kind, {}).setdefault(row, shown)
        for kind, pattern in (("urls", _URL), ("full_width", _WIDE)):
            rows, taken = _matching(texts, rows_of[kind], pattern)
            if len(rows):
                found[kind] = (
                    dict.fromkeys(rows.tolist(), "") | found.get(kind, {}) | {int(rows[0]): excerpt(taken[0].as_py())}
                )
        rows, taken = _matching(texts, np.union1d(rows_of["private_data"], rows_of["full_width"]), _PRIVATE)
        for row, text in zip(rows.tolist(), taken.to_pylist(), strict=True):
            if kinds := privacy.counts(text):
                self._private.update(kinds)
                found.setdefault("private_data", {}).setdefault(row, _listed(kinds))

    def _measure(self, texts: pa.Array, column: pa.Array, lines: Positions) -> None:
        """Counts the texts that are surely longer than most models read, estimated from their bytes and characters."""
        import pyarrow as pa
        import pyarrow.compute as pc

        limit = MAX_LENGTH - _MARGIN
        n_bytes = np.diff(offsets_of(texts))
        n_tokens = np.zeros(len(texts), np.int64)
        if not pa.types.is_string(column.type) and not pa.types.is_large_string(column.type):
            n_tokens = pc.list_value_length(column).to_numpy(zero_copy_only=False)
        long = np.flatnonzero((n_bytes > 3 * limit) | (n_tokens > limit))
        if not len(long):
            return
        n_characters = pc.utf8_length(texts.take(pa.array(long))).to_numpy(zero_copy_only=False)
        wide = (n_bytes[long] - n_characters) / 2  # characters of three bytes
        estimated = np.maximum(wide + (n_characters - wide) / _PER_ASCII_TOKEN, n_tokens[long])
        over = estimated > limit
        if over.any():
            self._counts["long_text"] += int(over.sum())
            self._long_tokens += float(estimated[over].sum())
            self._cut_tokens += float((estimated[over] - limit).sum())
            best = int(estimated.argmax())
            self._longest = max(self._longest, (float(estimated[best]), int(lines[long[best]])), key=lambda of: of[0])


def whole(
    problems: Problems, *, format: str, label_counts: Mapping[str, int], n_rows: int, batch_size: int = 32
) -> None:
    """Notes what only the whole file shows: few rows, few examples of a label, one label that outweighs the others.

    Args:
        problems: Where to note it.
        format: The format's name.
        label_counts: How often each label or tag is there; empty where the targets are texts.
        n_rows: How many rows can be used.
        batch_size: How many rows a training step takes, unless the user says otherwise.
    """
    if 0 < n_rows < batch_size and format != "corpus":
        problems.add("info", "few_rows", area="checks", n=n_rows, batch_size=batch_size, half=max(1, n_rows // 4))
    counts = _of_types(label_counts) if format == "tags" else Counter(dict(label_counts))
    rare = {label: n for label, n in counts.items() if (0 if format == "tags" else 1) < n < FEW}
    if rare and sum(counts.values()) >= FEW * len(counts):  # a small file has few of each: that is said above
        problems.add("info", "label_few", area="checks", n=len(rare), few=FEW, found=_named(rare))
    if format == "labels" and len(counts) > 1:
        (most, n_most), *_, (least, n_least) = counts.most_common()
        share = n_most / max(1, n_rows)
        if n_rows >= batch_size and (n_most >= IMBALANCE * n_least or share >= MAJORITY):
            values: dict[str, Any] = {"most": excerpt(most, 30), "n_most": n_most, "share": _percent(share)}
            values |= {"least": excerpt(least, 30), "n_least": n_least, "times": round(n_most / n_least)}
            problems.add("warning", "imbalance", area="checks", **values)


def validation_labels(
    train_counts: Mapping[str, int], validation_counts: Mapping[str, int], problems: Problems
) -> None:
    """Notes labels that are checked but never learnt.

    Args:
        train_counts: How often each label is in the rows to learn from.
        validation_counts: How often each label is in the rows to check with.
        problems: Where to note it.
    """
    missing = {label: n for label, n in validation_counts.items() if n and not train_counts.get(label)}
    if missing:
        n_rows, total = sum(missing.values()), sum(validation_counts.values())
        values: dict[str, Any] = {
            "n": len(missing),
            "rows": n_rows,
            "share": _percent(n_rows / total),
            "found": _named(missing),
        }
        problems.add("warning", "validation_only", area="checks", **values)


class _ColumnShapes:
    """What the first rows' two columns look like: lengths, repeats, and who asks."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        head = [_joined(batch.column(at).slice(0, 2_000)) for at in (0, 1)]
        columns = [column.to_pylist() if column is not None else [] for column in head]
        self.n = len(columns[0])
        self.lengths = [float(np.median([len(value) for value in column] or [0])) for column in columns]
        self.distinct = [len(set(column)) for column in columns]
        self.asks = [sum(value.rstrip().endswith(("?", "？", "吗", "呢")) for value in column) for column in columns]
        self.shown = [excerpt(column[0], 30) if column else "" for column in columns]

    def suspicious(self, format: str) -> str | None:
        """Returns the kind of problem, if the columns look as if they were meant the other way round."""
        first, second = self.lengths
        if self.n < FEW or not all(self.distinct):
            return None
        if format == "labels":
            swapped = self.distinct[1] > 0.9 * self.n and self.distinct[0] <= self.n / 4 and second > 2 * first
        elif format == "title":
            swapped = first > 3 * max(1.0, second)
        else:
            swapped = self.asks[1] > self.n / 2 and self.asks[0] < self.n / 10
        return f"column_order_{format}" if swapped else None

    def values(self) -> dict[str, Any]:
        """Returns the fields of its texts."""
        return {"first": self.shown[0], "second": self.shown[1]}


def _joined(column: pa.Array) -> pa.Array | None:
    """Returns a column as one text a row: tokens of one character each side by side, others and turns with a space."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column.fill_null("") if column.null_count else column
    if not pa.types.is_list(column.type) and not pa.types.is_large_list(column.type):
        return None
    values = column.flatten()
    if not pa.types.is_string(values.type) and not pa.types.is_large_string(values.type):
        return None
    length = pc.mean(pc.utf8_length(values.slice(0, 1_000))).as_py() or 0
    joined = pc.binary_join(column, "" if length < 1.5 else " ")
    return joined.fill_null("") if joined.null_count else joined


def _matching(texts: pa.Array, rows: Positions, pattern: str) -> tuple[Positions, pa.Array]:
    """Returns those of the rows whose text has the pattern, and their texts."""
    import pyarrow as pa
    import pyarrow.compute as pc

    taken = texts.take(pa.array(rows))
    hits = np.flatnonzero(pc.match_substring_regex(taken, pattern).to_numpy(zero_copy_only=False))
    return rows[hits], taken.take(pa.array(hits))


def _around(text: str, pattern: re.Pattern[str]) -> str:
    """Returns what to show of a text: from a little before the first match on."""
    match = pattern.search(text)
    return excerpt(text[max(0, match.start() - 12) :] if match else text)


def _markup(text: str) -> str:
    return _around(text, _MARK) if without_markup(text) != text or _MARKDOWN.search(text) else ""


def _control(text: str) -> str:
    text = text.replace("\ufeff", "")
    return _around(text, _INVISIBLE) if without_control(text) != text else ""


_TESTS: dict[str, Callable[[str], str]] = {  # by kind: returns what to show of a text that has it, else nothing
    "markup": _markup,
    "control_characters": _control,
    "feff": lambda text: _around(text, _INVISIBLE) if "\ufeff" in text else "",
    "double_encoded": lambda text: excerpt(text) if mojibake(text) else "",
}


def _of_types(tags: Mapping[str, int]) -> Counter[str]:
    """Returns how many mentions of each type there are: of PER as many as B-PER, S-PER and U-PER."""
    counts = Counter[str]()
    for tag, n in tags.items():
        prefix, dash, kind = tag.partition("-")
        if dash and prefix in ("B", "S", "U"):
            counts[kind] += n
    return counts


def _named(counts: Mapping[str, int], shown: int = 5) -> str:
    ranked = sorted(counts.items(), key=lambda item: -item[1])
    more = ["…"] if len(ranked) > shown else []
    return ", ".join([*(f"'{excerpt(label, 30)}' {n:,}" for label, n in ranked[:shown]), *more])


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(say(f"checks.private.{kind}", n=n) for kind, n in sorted(counts.items()))


def _percent(share: float) -> str:
    return f"{share:.1%}" if share < 0.1 else f"{share:.0%}"
