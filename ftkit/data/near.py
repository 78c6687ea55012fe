"""Near-duplicates: texts that differ in a character, a sign or a word.

Candidates come from MinHash (Broder 1997) and locality-sensitive hashing (Indyk and Motwani 1998), and each is then
compared text by text, so no chance decides what is called alike.

MinHash is rensa's: for 4,096 real rows of 57 characters, 128 permutations took 1.6 µs a row, or 9 with the signatures
handed over as numbers, against 69 of datasketch 2.0 (`MinHash.bulk`). It is Rust without dependencies, has wheels for
CPython 3.8 to 3.15 on Linux (x86-64, arm64), macOS and Windows, is released since 2024, takes its seed as an argument,
and numbers its algorithm, so that a change of what it computes would be seen. datasketch brings SciPy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from ftkit.data.copies import mixed, text_hashes
from ftkit.data.folded import Value, blocks, code_points, folded, joined
from ftkit.data.growing import Array, Growing, blank, first_equal, spans
from ftkit.data.problems import EXCERPT, KEPT_PER_KIND, Problems
from ftkit.i18n import text

if TYPE_CHECKING:
    import pyarrow as pa

LIMIT = 200_000  # rows: beyond, about 20 µs a row are spent only on request
SHORTEST = 8  # characters: in a shorter text one character makes another text
THRESHOLD = 0.9  # of en_banking77's pairs above it 96% have one label; above 0.85 92%, and 63 rows hang together
SHARED = 0.6  # of two texts' shingles: "how do i get a spare card?" and "a real card?" are 0.9 alike in characters
N_BANDS, PER_BAND = 32, 4  # candidates with Jaccard similarity 0.5 are found with 87%, with 0.6 99%, with 0.2 5%
WINDOW = 8  # neighbours in a bucket that a text is compared with: a bucket of a thousand must not mean a million pairs
COMPARED = 50  # rows of a group that are compared to name the one that a row is most like
PAIRS = 1 << 11  # compared at once
ROWS, CHARACTERS = 1_024, 1 << 17  # signed at once: 20 MB
CHINESE = 0x2E80  # from here on a character says as much as a syllable or a word
MULTIPLIERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)

Near = bool | Literal["auto"]
Wanted = Callable[[Array, Array], Array]


def asked_for(near: Near, n_rows: int) -> bool:
    """Returns whether near-duplicates are looked for among so many rows."""
    return n_rows <= LIMIT if near == "auto" else bool(near)


def left_out(near: Near, n_rows: int) -> str:
    """Returns a line that says that too many rows kept near-duplicates from being looked for; else "".

    Nothing is said where ``near`` is True or False: that was a choice.
    """
    return text("split.near_left_out", rows=n_rows, limit=LIMIT) if near == "auto" and n_rows > LIMIT else ""


def near_groups(
    texts: Iterable[Sequence[Value]],
    *,
    threshold: float = THRESHOLD,
    progress: Callable[[int], None] | None = None,
    seed: int = 0,
) -> Array:
    """Returns for each row the first row of its group: of those that are equal or alike, one to the next.

    Equal means equal once normalised. Alike are two texts of 8 characters or more, if their longest common
    subsequence is `threshold` of them (2 × its length / both lengths) and 0.6 of their shingles (see `band_keys`) are
    in both: they may differ in one character of a title of ten, or in one word of a sentence of twelve.

    Args:
        texts: The rows, in chunks.
        threshold: From 0 to 1; below 0.7 candidates are missed.
        progress: Called with how many rows have been read.
        seed: Of the permutations.

    Returns:
        Shape (rows,) int32.

    Example:
        >>> near_groups([["It is a truth universally known.", "Something else.", "It is a truth universally know"]])
        array([0, 1, 0], dtype=int32)
    """
    signed = Signatures(seed=seed)
    for chunk in texts:
        signed.add(chunk)
        if progress:
            progress(len(signed))
    return group(signed, threshold)


def group(signed: Signatures, threshold: float = THRESHOLD) -> Array:
    """Returns the groups of rows that have been signed, as `near_groups` does. Shape (rows,) int32."""
    groups = signed.first_rows()
    for first, second, _ in signed.pairs(lambda a, b: roots(groups, a) != roots(groups, b), threshold):
        join(groups, first, second)
    for span in spans(len(groups)):
        groups[span] = roots(groups, groups[span])
    return groups


def join(groups: Array, first: Array, second: Array) -> None:
    """Puts pairs of rows into one group each, named after its first row."""
    for a, b in zip(roots(groups, first).tolist(), roots(groups, second).tolist(), strict=True):
        while groups[a] != a:
            a = int(groups[a])
        while groups[b] != b:
            b = int(groups[b])
        groups[max(a, b)] = min(a, b)


def roots(groups: Array, rows: Array) -> Array:
    """Returns the first row of each row's group."""
    while True:
        above = groups[rows]
        if np.array_equal(above, rows):
            return above
        rows = above


class Signatures:
    """Texts, added chunk by chunk, of which pairs that are alike are told at the end.

    For each row 128 bytes of hashes are kept, and the normalised text: in files when there are many.

    Args:
        folder: Where; None for the system's temporary folder.
        seed: Of the permutations.
    """

    def __init__(self, folder: Path | None = None, seed: int = 0) -> None:
        self._folder, self._seed = folder, seed
        self._hashes = Growing(np.uint64, folder)
        self._bands = [Growing(np.uint32, folder) for _ in range(N_BANDS)]
        self._texts, self._ends = Growing(np.uint8, folder), Growing(np.int64, folder)
        self._lengths = Growing(np.int32, folder)
        self._first: Array | None = None

    def __len__(self) -> int:
        return len(self._hashes)

    def add(self, values: Sequence[Value]) -> None:
        """Adds rows."""
        for start in range(0, len(values), ROWS):
            self.add_folded(folded(values[start : start + ROWS]))

    def add_folded(self, texts: list[str]) -> None:
        """Adds rows whose texts are normalised already."""
        for start in range(0, len(texts), ROWS):
            for block in blocks(texts[start : start + ROWS], CHARACTERS):
                self._add(block)

    def _add(self, texts: list[str]) -> None:
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        raw = [text.encode("utf-8", "surrogatepass") for text in texts]
        self._hashes.extend(text_hashes(texts))
        self._ends.extend(np.cumsum(np.fromiter(map(len, raw), np.int64, len(raw))) + len(self._texts))
        self._texts.extend(np.frombuffer(b"".join(raw), np.uint8))
        self._lengths.extend(lengths)
        for band, keys in zip(self._bands, band_keys("".join(texts), lengths, self._seed), strict=True):
            band.extend(keys)

    def first_rows(self) -> Array:
        """Returns for each row the first whose text is equal once normalised. Shape (rows,) int32."""
        if self._first is None:
            self._first = first_equal(self._hashes.array(), self._folder)
        first = blank(len(self), np.int32, self._folder)
        first[:] = self._first
        return first

    def pairs(self, wanted: Wanted, threshold: float = THRESHOLD) -> Iterator[tuple[Array, Array, Array]]:
        """Yields pairs of different texts that are alike: (rows, later rows, similarities). A pair may come again.

        Args:
            wanted: Returns which of the candidates (rows, later rows) are worth a comparison.
            threshold: The least similarity.
        """
        first = self._first if self._first is not None else self.first_rows()
        lengths = self._lengths.array()
        rows = Growing(np.int32, self._folder)
        for span in spans(len(self)):
            unique = first[span] == np.arange(span.start, span.stop)
            rows.extend(np.flatnonzero(unique & (lengths[span] >= SHORTEST)) + span.start)
        for band in self._bands:
            for a, b in _neighbours(band.array(), rows.array()):
                for at in range(0, len(a), PAIRS):
                    yield from self._alike(a[at : at + PAIRS], b[at : at + PAIRS], lengths, wanted, threshold)

    def _alike(
        self, a: Array, b: Array, lengths: Array, wanted: Wanted, threshold: float
    ) -> Iterator[tuple[Array, Array, Array]]:
        shorter, longer = np.minimum(lengths[a], lengths[b]), np.maximum(lengths[a], lengths[b])
        possible = 2 * shorter >= threshold * (shorter + longer)
        a, b = a[possible], b[possible]
        asked = wanted(a, b)
        a, b = a[asked], b[asked]
        if len(a):
            one, other = self.texts(a), self.texts(b)
            found = similarities(one, other, threshold)
            alike = found >= threshold
            for at in np.flatnonzero(alike).tolist():
                alike[at] = shared(one[at], other[at]) >= SHARED
            if alike.any():
                yield a[alike], b[alike], found[alike]

    def texts(self, rows: Array) -> list[str]:
        """Returns the normalised texts of rows."""
        blob, ends = self._texts.array(), self._ends.array()
        different, place = np.unique(rows, return_inverse=True)
        stops = ends[different].tolist()
        starts = np.where(different > 0, ends[np.maximum(different, 1) - 1], 0).tolist()
        raw = blob.data
        found = [str(raw[a:b], "utf-8", "surrogatepass") for a, b in zip(starts, stops, strict=True)]
        return [found[at] for at in place.tolist()]


def similarities(first: Sequence[str], second: Sequence[str], threshold: float = 0.0) -> Array:
    """Returns how alike two texts are, from 0 to 1: 2 × the longest common subsequence / both lengths.

    Args:
        first: Normalised texts.
        second: As many.
        threshold: Below it 0 is returned, which is faster.

    Returns:
        Shape (texts,) float32.
    """
    from rapidfuzz.distance import Indel
    from rapidfuzz.process import cpdist

    if not len(first):
        return np.empty(0, np.float32)
    return np.asarray(
        cpdist(first, second, scorer=Indel.normalized_similarity, score_cutoff=threshold, dtype=np.float32)
    )


def shared(first: str, second: str) -> float:
    """Returns the Jaccard similarity of two texts' shingles: how many are in both, of all in either."""
    one, other = _shingles(first), _shingles(second)
    return len(one & other) / max(1, len(one | other))


def _shingles(text: str) -> set[tuple[str, ...]]:
    if text.isascii():
        return set(zip(text, text[1:], text[2:], strict=False))
    triples = zip(text, text[1:], [*text[2:], None], strict=False)
    runs = ((a, b) if ord(a) >= CHINESE else (a, b, c) for a, b, c in triples)
    return {run for run in runs if run[-1] is not None}


def band_keys(whole: str, lengths: Array, seed: int = 0) -> Array:
    """Returns 32 hashes a text, of which similar texts share some.

    A text's shingles are runs of two characters that start with a Chinese one, and of three that do not: two Chinese
    characters say as much as three to five letters, and a change in a title of ten must leave most as they are.

    Args:
        whole: The normalised texts, one after the other.
        lengths: Of each. Shape (texts,) int64.
        seed: Of the permutations.

    Returns:
        Shape (32, texts) uint32; those of texts under 8 characters mean nothing.
    """
    import rensa

    n = len(lengths)
    keys = np.zeros((N_BANDS, n), np.uint32)
    if not n or not len(whole):
        return keys
    points = np.concatenate([code_points(whole), np.zeros(2, np.uint32)]).astype(np.uint64)
    one, two, three = (np.uint64(value) for value in MULTIPLIERS)
    shingles = points[:-2] * one + points[1:-1] * two
    shingles += np.where(points[:-2] < CHINESE, points[2:] * three, np.uint64(0))
    shingles = mixed(shingles)
    ends = np.cumsum(lengths)
    row = np.repeat(np.arange(n), lengths)
    inside = np.arange(len(whole)) + np.where(points[:-2] < CHINESE, 3, 2) <= ends[row]
    counts = np.bincount(row[inside], minlength=n)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.uint64)
    matrix = rensa.RMinHash.digest_matrix_from_flat_token_hashes(
        np.ascontiguousarray(shingles[inside]), offsets, N_BANDS * PER_BAND, seed
    )
    signatures = np.array(matrix.to_rows(), np.uint64).reshape(n, N_BANDS, PER_BAND)
    mixing = np.array([*MULTIPLIERS, 0xD6E8FEB86659FD93], np.uint64)
    keys[:] = (mixed((signatures * mixing).sum(axis=2, dtype=np.uint64)) >> np.uint64(32)).T
    return keys


def _neighbours(keys: Array, rows: Array) -> Iterator[tuple[Array, Array]]:
    """Yields rows with an equal key and the later ones beside them, of each at most `WINDOW`.

    Args:
        keys: By row. Shape (all rows,) uint32.
        rows: Which rows. Ascending int32.
    """
    bits = max(0, (len(rows) - 1).bit_length() - 19)  # half a million rows at a time
    for share in range(1 << bits):
        chosen = [rows[span] for span in spans(len(rows))]
        if bits:
            chosen = [part[keys[part] >> np.uint32(32 - bits) == share] for part in chosen]
        here = np.concatenate(chosen) if chosen else np.empty(0, np.int32)
        values = keys[here]
        order = np.argsort(values, kind="stable")
        values, here = values[order], here[order]
        for apart in range(1, WINDOW + 1):
            same = np.flatnonzero(values[apart:] == values[:-apart]) if len(values) > apart else np.empty(0, int)
            if not len(same):
                break
            yield here[same], here[same + apart]


def chunks(table: pa.Table, format: str = "", rows: int = 4_096) -> Iterator[list[Value]]:
    """Yields what makes rows near-copies of one another, in the form of `near_groups`.

    Of titles and questions that is the whole row: "Python 3.8 Release Schedule" and "Python 3.9 Release Schedule" have
    contents of their own. Of all others it is the text, whatever its label.
    """
    for start in range(0, table.num_rows, rows):
        yield _bodies(table.slice(start, rows), format)


def _bodies(table: pa.Table | pa.RecordBatch, format: str) -> list[Value]:
    bodies: list[Value] = table.column(0).to_pylist()
    if format in ("title", "qa"):
        return [f"{joined(one)} {joined(two)}" for one, two in zip(bodies, table.column(1).to_pylist(), strict=True)]
    return bodies


def tell(
    problems: Problems,
    groups: Array,
    lines: Array,
    read: Callable[[Array], pa.Table | pa.RecordBatch],
    first: Array | None = None,
    format: str = "",
) -> None:
    """Warns of each row that is nearly another's copy, and names the earlier row that it is most like.

    Args:
        problems: Where it is noted: the first 1,000, and how many there are.
        groups: What `near_groups` returned. Shape (rows,).
        lines: Of the rows. Shape (rows,).
        read: Returns the table's rows at these ascending positions.
        first: What `Copies.first_rows` returned: rows that are copies to the letter are left to it. Shape (rows,).
        format: As it was given to `chunks`.
    """
    for span in spans(len(groups)):
        own = np.arange(span.start, span.stop)
        near = groups[span] != own
        if first is not None:
            near &= first[span] == own
        rows = own[near]
        room = max(0, KEPT_PER_KIND - problems.counts["near_duplicate"])
        for row in rows[:room].tolist():
            root = int(groups[row])
            earlier = np.flatnonzero(groups[root:row] == root)[-COMPARED:] + root
            earlier = np.union1d([root], earlier)
            table = read(np.append(earlier, row))
            *texts, this = folded(_bodies(table, format))
            found = similarities(texts, [this] * len(texts))
            best = int(found.argmax())
            values = {"first": int(lines[earlier[best]]), "percent": int(100 * found[best])}
            about = joined(table.column(0)[len(texts)].as_py()[: EXCERPT + 1])
            problems.add("warning", "near_duplicate", int(lines[row]), area="split", about=about, **values)
        problems.counts["near_duplicate"] += len(rows[room:])
    if not problems.counts["near_duplicate"]:
        del problems.counts["near_duplicate"]
