"""The second look of `check`: at what is in the rows, one by one and together."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from typing import Any

import numpy as np

from ftkit.data import checks
from ftkit.data.copies import Copies
from ftkit.data.dataset import Dataset
from ftkit.data.examine import Examined
from ftkit.data.near import Near, asked_for, chunks, left_out, near_groups, tell
from ftkit.data.overlap import overlap
from ftkit.data.parts import Taker
from ftkit.data.problems import Problem, Problems

KNOWN = ("labels", "tags", "title", "qa", "corpus")


def look_closer(found: Examined, *, contents: bool, near: Near, batch_size: int) -> Examined:
    """Returns what was found in a file, with what its rows hold: markup, private data, imbalance, near-duplicates.

    Args:
        found: The rows and the report so far.
        contents: Whether to look into the texts.
        near: Whether to look for rows that are nearly equal; ``"auto"`` for up to 200,000 rows.
        batch_size: How many rows a step takes.
    """
    table, format = found.table, found.report.format
    if table is None or not table.num_rows or format not in KNOWN:
        return found
    problems, seconds, taker = Problems(), dict(found.seconds), Taker(table)
    if contents:
        began = time.process_time()
        looked = checks.Contents()
        for batch in taker.batches:
            looked.look(batch, format)
        looked.tell(problems, format=format, n_rows=table.num_rows)
        counts = _label_counts(taker, format)
        checks.whole(problems, format=format, label_counts=counts, n_rows=table.num_rows, batch_size=batch_size)
        seconds["contents"] = time.process_time() - began
    if format != "corpus" and asked_for(near, table.num_rows):
        began = time.process_time()
        copies = Copies()
        for batch in taker.batches:
            copies.add_batch(batch, format)
        lines = np.concatenate([batch.column("line").to_numpy() for batch in taker.batches])
        groups = near_groups(chunks(table, format))
        tell(problems, groups, lines, taker.take, copies.first_rows(), format)
        seconds["near"] = time.process_time() - began
    elif format != "corpus" and (said := left_out(near, table.num_rows)):
        problems.append(Problem("info", None, "near_left_out", said, ""))
        problems.counts["near_left_out"] += 1
    report = found.report
    every = sorted([*report.problems, *problems], key=lambda problem: problem.line or 0)
    stats = {**report.stats, "n_errors": int(str(report.stats["n_errors"])) + problems.n_errors}
    report = dataclasses.replace(
        report, problems=tuple(every), counts=dict(Counter(report.counts) + problems.counts), stats=stats
    )
    return dataclasses.replace(found, report=report, seconds=seconds)


def look_across(found: Examined, near: Near) -> Examined:
    """Returns what was found in files that are splits, with what only their comparison shows.

    That is texts which are on both sides, and labels that are checked but never learnt.
    """
    if found.table is None or "train" not in found.given or len(found.given) < 2:
        return found
    whole = Dataset(found.table, str(found.report.format), name=found.report.path, files=found.files)
    parts = {name: whole[first:end] for name, (first, end) in found.given.items()}
    problems, train = Problems(), parts.pop("train")
    for name, part in parts.items():
        shared = overlap(train, part, near=near)
        if shared:
            problems.append(Problem("warning", None, "overlap", shared.message("train", name), ""))
            problems.counts["overlap"] += 1
        checks.validation_labels(train.label_counts(), part.label_counts(), problems)
    report = found.report
    counts = dict(Counter(report.counts) + problems.counts)
    report = dataclasses.replace(report, problems=(*problems, *report.problems), counts=counts)
    return dataclasses.replace(found, report=report)


def _label_counts(taker: Taker, format: str) -> dict[str, int]:
    import pyarrow as pa
    import pyarrow.compute as pc

    counted = Counter[str]()
    for batch in taker.batches if format in ("labels", "tags") else ():
        column: Any = batch.column(1)
        values = pc.value_counts(column.flatten() if pa.types.is_list(column.type) else column)
        names, counts = (values.field(name).to_pylist() for name in ("values", "counts"))
        counted.update(dict(zip(names, counts, strict=True)))
    return dict(counted)
