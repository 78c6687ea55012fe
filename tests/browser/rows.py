"""Small training data, the same each time: reviews that a tiny model learns in seconds."""

from __future__ import annotations

import random

_WORDS = {
    "good": ["lovely", "great", "delightful", "warm", "excellent", "charming"],
    "bad": ["awful", "dull", "broken", "cold", "dreadful", "boring"],
}
_THINGS = ["film", "book", "room", "meal", "song", "garden", "teapot", "lamp", "train", "hotel", "coat", "table"]


def reviews(count: int, seed: int = 0) -> str:
    """Returns the text of a ``labels`` file with this many rows."""
    chance = random.Random(seed)
    lines = []
    for number in range(count):
        label = ("good", "bad")[number % 2]
        meant = label if chance.random() < 0.85 else ("bad", "good")[number % 2]  # some reviewers press the wrong star
        words = " ".join(chance.choices(_WORDS[meant], k=2))
        things = " and the ".join(chance.choices(_THINGS, k=3))
        lines.append(f"{label}\tthe {things} were {words} on day {chance.randrange(10_000)}\n")
    return "".join(lines)
