"""Small data that tiny models learn from within a second or two."""

from __future__ import annotations

import random
from pathlib import Path

from ftkit.data.dataset import Dataset

GOOD = ("lovely warm kind bright sweet calm", "nasty cold rude dim sour loud")


def labelled(n: int = 60, seed: int = 0) -> Dataset:
    """Rows of a few words that give the label away."""
    return Dataset.from_rows(lines(n, seed))


def lines(n: int = 60, seed: int = 0) -> list[tuple[str, str]]:
    """(text, label) pairs, half of each label, no text twice."""
    draw = random.Random(seed)
    rows = []
    for i in range(n):
        side = i % 2
        words = draw.choices(GOOD[side].split(), k=4)
        rows.append((f"the {words[0]} {words[1]} day {words[2]} {words[3]} no {i}", ("pos", "neg")[side]))
    return rows


def tagged(n: int = 40) -> Dataset:
    """Sentences with a person each."""
    names = ("Ada", "Bo", "Cy", "Di", "Eve")
    rows = []
    for i in range(n):
        name = names[i % len(names)]
        rows.append((("I", "saw", name, "at", str(i)), ("O", "O", "B-PER", "O", "O")))
    return Dataset.from_rows(rows, format="tags")


def file(folder: Path, n: int = 60) -> Path:
    """The labelled rows as a file."""
    path = folder / "评论.tsv"
    path.write_text("".join(f"{label}\t{text}\n" for text, label in lines(n)), encoding="utf-8")
    return path
