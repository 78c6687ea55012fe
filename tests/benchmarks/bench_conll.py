"""What reading tagged tokens costs: python tests/benchmarks/bench_conll.py [--large] [--megabytes=300] [--repeats=3]

Writes real sentences again and again into a file of 300 MB, and reads it in one process by turns: as ftkit does, and by
a plain Python loop with the same checks. Prints CPU seconds (median and spread), and how much anonymous memory each
needed, measured in a process of its own; with --large also ftkit's for ten times as much. Reads FTKIT_TEST_DATA, else
../shared/data.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ftkit.data.formats.tags import Tags
from ftkit.data.problems import Problems
from ftkit.data.source import Source

FILES = {  # how the columns are parted: what is repeated
    "characters, space": "ner/zh_people1998_bio.txt",
    "words, tab": "ner/en_wnut17.train.conll",
}


def by_ftkit(path: Path) -> tuple[int, int, Counter[str]]:
    """Sentences, tokens, and problems by kind."""
    with path.open(encoding="utf-8", newline="\n") as file:
        head = [line.rstrip("\n") for line in islice(file, 2_000)]
    source, problems = Source(path, "utf-8", head=head), Problems()
    n_sentences = n_tokens = 0
    for batch in Tags().batches(source, problems):
        n_sentences += batch.num_rows
        n_tokens += len(batch.column(0).flatten())
    return n_sentences, n_tokens, problems.counts


def by_python(path: Path) -> tuple[int, int, Counter[str]]:
    """The same, as one would write it: columns, empty and spaced tokens, U+FFFD, tags, transitions."""
    found = Counter[str]()
    n_sentences = n_tokens = 0
    tokens, tags, usable, before = list[str](), list[str](), True, "O"
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            line = line.rstrip("\n")
            if not line.strip():
                if tokens and usable:
                    n_sentences, n_tokens = n_sentences + 1, n_tokens + len(tokens)
                tokens, tags, usable, before = [], [], True, "O"
                continue
            cells = line.split("\t") if "\t" in line else line.split(" ")
            if len(cells) != 2 or not cells[0].strip() or not cells[1].strip():
                found["columns"] += 1
                usable = False
                continue
            token, tag = cells
            if token.split() != [token]:
                found["token_space"] += 1
            if "\ufffd" in token:
                found["replacement_char"] += 1
            if tag != "O":
                if tag[0] not in "BI" or tag[1:2] != "-":
                    found["illegal_tag"] += 1
                    usable = False
                elif tag[0] == "I" and (before == "O" or before[2:] != tag[2:]):
                    found["illegal_transition"] += 1
            before = tag
            tokens.append(token)
            tags.append(tag)
    if tokens and usable:
        n_sentences, n_tokens = n_sentences + 1, n_tokens + len(tokens)
    return n_sentences, n_tokens, found


READERS = {"ftkit": by_ftkit, "plain Python": by_python}


def write(path: Path, sample: Path, megabytes: float) -> int:
    """Writes the sample's sentences until the file is as large, and returns its lines."""
    data = sample.read_bytes().rstrip(b"\n") + b"\n\n"
    times = max(1, round(megabytes * 1e6 / len(data)))
    with path.open("wb") as file:
        for _ in range(times):
            file.write(data)
    return times * data.count(b"\n")


def anonymous() -> float:
    """This process's anonymous memory in MB, where the system tells."""
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        return float("nan")
    return next(int(line.split()[1]) / 1e3 for line in status.splitlines() if line.startswith("RssAnon"))


def peak_growth(reader: str, path: Path) -> float:
    """By how many MB of anonymous memory a reading grows at most."""
    by_ftkit(path.with_name("small.conll"))  # imports, pools
    before, highest, done = anonymous(), [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            highest[0] = max(highest[0], anonymous())

    watcher = threading.Thread(target=watch)
    watcher.start()
    READERS[reader](path)
    done.set()
    watcher.join()
    return highest[0] - before


def in_its_own_process(reader: str, path: Path) -> float:
    command = [sys.executable, __file__, f"--grow={reader}", str(path)]
    return float(subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout)


def main(words: list[str]) -> None:
    options = dict((word.removeprefix("--") + "=").split("=")[:2] for word in words if word.startswith("--"))
    if "grow" in options:
        print(peak_growth(options["grow"], Path(words[-1])))
        return
    data = Path(os.environ.get("FTKIT_TEST_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    if not data.is_dir():
        sys.exit(f"no real data files in {data}: set FTKIT_TEST_DATA to the folder that has them")
    megabytes, repeats = float(options.get("megabytes") or 300), int(options.get("repeats") or 3)
    print("file | million lines | reader | CPU s, median | lowest-highest | times | grows by MB")
    with tempfile.TemporaryDirectory() as folder:
        for name, sample in FILES.items():
            path = Path(folder) / "big.conll"
            n_lines = write(path, data / sample, megabytes)
            write(path.with_name("small.conll"), data / sample, 1)
            taken: dict[str, list[float]] = {reader: [] for reader in READERS}
            for _ in range(repeats):
                results = []
                for reader, read in READERS.items():
                    began = time.process_time()
                    results.append(read(path))
                    taken[reader].append(time.process_time() - began)
                assert results[0] == results[1], results
            slowest = statistics.median(taken["plain Python"])
            for reader, seconds in taken.items():
                median = statistics.median(seconds)
                spread = f"{min(seconds):.2f}-{max(seconds):.2f}"
                grown = in_its_own_process(reader, path)
                facts = f"{name} | {n_lines / 1e6:.1f} | {reader} | {median:.2f} | {spread} | {slowest / median:.1f}"
                print(f"{facts} | {grown:.0f}", flush=True)
            if "large" in options:
                n_lines = write(path, data / sample, 10 * megabytes)
                grown = in_its_own_process("ftkit", path)
                print(f"{name} | {n_lines / 1e6:.1f} | ftkit | - | - | - | {grown:.0f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
