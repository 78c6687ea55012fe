"""Which files a folder, a glob or a list means: files of one kind, a folder for each class, a file for each split."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ftkit.data.problems import Problems
from ftkit.data.sniff import binary_kind, find_encoding
from ftkit.data.source import Fault, read_lines
from ftkit.data.tables.packed import SUFFIXES as PACKED
from ftkit.data.tables.table import Record, Table
from ftkit.errors import DataError
from ftkit.i18n import text

KINDS = (
    *(".txt", ".tsv", ".csv", ".json", ".jsonl", ".ndjson", ".parquet", ".arrow", ".feather", ".xlsx"),
    *(".conll", ".conllu", ".bio", ".iob", ".iob2", ".bioes", ".bmes", ".data", ".text", ".label", ".train"),
)
SPLITS = {
    "train": ("train", "training", "训练集", "训练"),
    "validation": ("validation", "valid", "val", "dev", "eval", "development", "验证集", "开发集", "验证"),
    "test": ("test", "testing", "测试集", "测试"),
}
BESIDE = re.compile(  # what lies beside data and is none
    r"(?:readme|licen[sc]e|labels?|classes|dataset_info|state|dataset_dict|config|requirements|metadata|vocab)"
    r"\.(?:txt|json|md|csv)",
    re.IGNORECASE,
)
MAGIC = re.compile(r"[*?\[]")
SKIPPED = ("ftkit-runs", "__pycache__", "node_modules")


@dataclass(frozen=True)
class Found:
    """The files that are meant.

    Attributes:
        files: In order of their names; of splits, none.
        labels: Of a folder for each class, the label of each file; else none.
        splits: Of a file or folder for each split, what each holds, by ``"train"``, ``"validation"``, ``"test"``.
    """

    files: tuple[Path, ...] = ()
    labels: tuple[str, ...] = ()
    splits: Mapping[str, Found] = field(default_factory=dict)


def find_files(path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> Found:
    """Returns which files are meant, sorted by name; hidden files and ``ftkit-runs`` are left out.

    A list or a glob means its files, in one Dataset. A folder means the splits in it if its files or folders are called
    so; else its files if they are of one kind; else, if it holds folders of text files, a text for each file and a
    label for each folder.

    Args:
        path: A file, a folder, a glob such as ``"data/*.tsv"``, or a list of files.

    Raises:
        DataError: If there is no such file, or files of several kinds; names them.
    """
    if not isinstance(path, (str, os.PathLike)):
        files = tuple(file for part in path for file in find_files(part).files)
        if not files:
            raise DataError(text("tables.no_files", where=str(list(path)), kinds=", ".join(KINDS[:8])))
        return Found(files)
    place = Path(path).expanduser()
    if place.is_dir():
        return _in_folder(place)
    if not place.exists() and MAGIC.search(str(place)):
        files = tuple(sorted(_globbed(place), key=_order))
        if not files:
            raise DataError(text("tables.no_files", where=place.as_posix(), kinds=", ".join(KINDS[:8])))
        return Found(files)
    return Found((place,))


def class_table(found: Found, name: str) -> Table:
    """Returns a text for each file and the label of its folder, as records of ``text`` and ``label``.

    A record's place is the number of its file, counted from 1.

    Args:
        found: What `find_files` returned, with labels.
        name: What to call it in messages, such as the folder.
    """

    def read(problems: Problems) -> Iterator[Record]:
        for place, (file, label) in enumerate(zip(found.files, found.labels, strict=True), 1):
            codec = None if binary_kind(file) is not None else getattr(find_encoding(file), "name", None)
            faults = list[Fault]()
            lines = [line for _, line in read_lines(file, codec, on_fault=faults.append)] if codec else []
            if codec is None or faults:
                problems.add("error", "no_text_file", place, area="tables", about=file.name, file=file.as_posix())
                problems.skipped += 1
            else:
                yield place, {"text": "\n".join(lines).strip(), "label": label}

    return Table("folder", name, ("text", "label"), read)


def kind_of(path: Path) -> str:
    """Returns a file name's ending that says what is in it: of ``reviews.tsv.gz`` ``".tsv"``."""
    inner = path.with_suffix("") if path.suffix.lower() in PACKED and Path(path.stem).suffix else path
    suffix = inner.suffix.lower()
    return {".ndjson": ".jsonl"}.get(suffix, suffix)


def split_of(path: Path) -> str | None:
    """Returns the split that a file or folder is called after, such as ``train-00000-of-00002.parquet``; else None."""
    inner = path.with_suffix("") if path.suffix.lower() in PACKED else path
    name = path.name if path.is_dir() else inner.stem
    return next((split for split, names in SPLITS.items() for known in names if _named(name, known)), None)


def _named(name: str, known: str) -> bool:
    return bool(re.fullmatch(rf"(?:.*[-_. ])?{known}(?:[-_. ]?\d*(?:-of-\d+)?)?", name.casefold()))


def _globbed(pattern: Path) -> Iterator[Path]:
    """Yields the files that a pattern means, not those that are hidden below its first magic part."""
    parts = pattern.parts
    n = next(i for i, part in enumerate(parts) if MAGIC.search(part))
    base = Path(*parts[:n])
    for file in base.glob("/".join(parts[n:])):
        if file.is_file() and not any(map(_hidden, file.relative_to(base).parts)):
            yield file


def _in_folder(folder: Path) -> Found:
    inside = sorted((p for p in folder.iterdir() if not _hidden(p.name)), key=_order)
    files = [p for p in inside if p.is_file() and _is_data(p)]
    folders = [p for p in inside if p.is_dir()]
    if splits := _splits([*files, *folders]):
        if others := [file.name for file in files if split_of(file) is None]:
            names, first = ", ".join(map(repr, others[:6])), splits["train"][0].as_posix()
            raise DataError(text("tables.beside_splits", where=folder.as_posix(), names=names, first=first))
        found = {}
        for split, parts in splits.items():
            if len(parts) == 1 and parts[0].is_dir():
                found[split] = _in_folder(parts[0])
            else:
                plain = [file for part in parts for file in (_in_folder(part).files if part.is_dir() else (part,))]
                found[split] = Found(_of_one_kind(plain, folder))
        return Found(splits=found)
    if files:
        return Found(_of_one_kind(files, folder))
    classes = {part.name: _texts_in(part) for part in folders}
    if sum(map(bool, classes.values())) > 1:
        pairs = [(file, name) for name, texts in classes.items() for file in texts]
        return Found(tuple(file for file, _ in pairs), tuple(name for _, name in pairs))
    if len(folders) == 1:
        return _in_folder(folders[0])
    raise DataError(text("tables.no_files", where=folder.as_posix(), kinds=", ".join(KINDS[:8])))


def _splits(parts: Sequence[Path]) -> dict[str, list[Path]]:
    """Returns the parts of each split if there is a training split and another one; else nothing."""
    found: dict[str, list[Path]] = {}
    for part in parts:
        if split := split_of(part):
            found.setdefault(split, []).append(part)
    return {split: found[split] for split in SPLITS if split in found} if len(found) > 1 and "train" in found else {}


def _texts_in(folder: Path) -> list[Path]:
    """Returns a class's files: texts in the folder and in its folders."""
    found = [p for p in folder.rglob("*") if p.is_file() and kind_of(p) in (".txt", ".text", "")]
    return sorted((p for p in found if not any(map(_hidden, p.relative_to(folder).parts))), key=_order)


def _of_one_kind(files: Sequence[Path], folder: Path) -> tuple[Path, ...]:
    kinds = Counter(map(kind_of, files))
    if len(kinds) > 1:
        shown = ", ".join(f"{n} x {kind}" for kind, n in kinds.most_common())
        pattern = (folder / f"*{kinds.most_common(1)[0][0]}").as_posix()
        raise DataError(text("tables.several_kinds", where=folder.as_posix(), kinds=shown, pattern=pattern))
    return tuple(files)


def _is_data(path: Path) -> bool:
    return kind_of(path) in KINDS and not BESIDE.fullmatch(path.name)


def _hidden(name: str) -> bool:
    return name.startswith((".", "~$", "._")) or name in SKIPPED


def _order(path: Path) -> list[object]:
    """Sorts ``part-2`` before ``part-10``, and ``part`` before both, the same on every system."""
    return [[_natural(part) for part in path.parent.parts], _natural(path.stem), path.suffix]


def _natural(name: str) -> list[tuple[int, int, str]]:
    runs = re.split(r"([0-9]+)", name)
    return [(1, int(run[:4_000]), "") if run[:1].isdecimal() and run.isascii() else (0, 0, run) for run in runs if run]
