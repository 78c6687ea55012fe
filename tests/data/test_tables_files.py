"""Packed files, folders and globs, and data that is in memory already."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ftkit.data.load import load
from ftkit.data.problems import Problems
from ftkit.data.tables import Table, open_table, recognise
from ftkit.data.tables.fasttext import from_fasttext
from ftkit.data.tables.many import Found, class_table, find_files, kind_of, split_of
from ftkit.data.tables.memory import from_memory, is_memory
from ftkit.data.tables.packed import unpacked
from ftkit.errors import DataError, FormatError

CONTENT = "".join(f"text {i}\tlabel\n" for i in range(40_000)).encode()


def zstd(data: bytes) -> bytes:
    return bytes(pa.compress(data, codec="zstd", asbytes=True))


def zipped(data: bytes, *names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("folder/reviews.tsv", "__MACOSX/._reviews.tsv"):
            archive.writestr(name, data)
    return packed.getvalue()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd,
    ".zip": zipped,
}


# -- packed


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_packed_file_is_unpacked_under_its_own_name(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"reviews.tsv{suffix}"
    path.write_bytes(PACKERS[suffix](CONTENT))
    found = unpacked(path, tmp_path / "cache")
    assert found.name == "reviews.tsv"
    assert tmp_path / "cache" in found.parents
    assert found.read_bytes() == CONTENT
    assert unpacked(found, tmp_path / "cache") == found


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("damage", ["cut", "changed"])
def test_a_damaged_archive_is_an_error_and_leaves_nothing(suffix: str, damage: str, tmp_path: Path) -> None:
    packed = bytearray(PACKERS[suffix](CONTENT))
    middle = len(packed) // 4  # of a zip archive, the first of its two files
    path = tmp_path / f"reviews.tsv{suffix}"
    if damage == "changed":
        packed[middle : middle + 64] = bytes(64)
    path.write_bytes(packed if damage == "changed" else packed[:middle])
    with pytest.raises(DataError, match="damaged or cut off"):
        unpacked(path, tmp_path / "cache")
    assert not [p for p in (tmp_path / "cache").rglob("*") if p.is_file()]


def test_gzip_files_put_one_after_the_other_are_one(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv.gz"
    path.write_bytes(gzip.compress(b"a\tx\n") + gzip.compress(b"b\ty\n"))
    assert unpacked(path, tmp_path / "cache").read_bytes() == b"a\tx\nb\ty\n"


def test_files_of_one_name_do_not_meet(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.tsv.gz").write_bytes(gzip.compress(folder.encode()))
    found = [unpacked(tmp_path / folder / "a.tsv.gz", tmp_path / "cache") for folder in ("one", "two")]
    assert [path.read_text(encoding="utf-8") for path in found] == ["one", "two"]


def test_archives_of_several_files_and_with_tar_inside_say_so(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(b"x", "a.tsv", "b.tsv"))
    with pytest.raises(DataError, match=r"holds 2 files: 'a.tsv', 'b.tsv'"):
        unpacked(path, tmp_path / "cache")
    tar = tmp_path / "a.tar.gz"
    tar.write_bytes(gzip.compress(bytes(257) + b"ustar" + bytes(300)))
    with pytest.raises(DataError, match="tar archive"):
        unpacked(tar, tmp_path / "cache")


def test_a_zip_members_folders_are_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(b"x", "../../evil.tsv"))
    found = unpacked(path, tmp_path / "cache")
    assert found.name == "evil.tsv"
    assert (tmp_path / "cache").resolve() in found.resolve().parents


def test_a_workbook_is_not_taken_for_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(zipped(b"x", "xl/workbook.xml"))
    assert unpacked(path, tmp_path / "cache") == path


# -- many files


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"text of {name}", encoding="utf-8")


def shown(found: Found, folder: Path) -> Any:
    if found.splits:
        return {split: shown(part, folder) for split, part in found.splits.items()}
    files = [path.relative_to(folder).as_posix() for path in found.files]
    return list(zip(files, found.labels, strict=True)) if found.labels else files


FOLDERS: dict[str, tuple[tuple[str, ...], Any]] = {  # files, what they mean
    "files of one kind": (("b.tsv", "a.tsv", "a10.tsv", "a2.tsv"), ["a.tsv", "a2.tsv", "a10.tsv", "b.tsv"]),
    "hidden files and runs": (("a.tsv", ".b.tsv", "~$a.tsv", "ftkit-runs/x.tsv"), ["a.tsv"]),
    "files that are no data": (("a.jsonl", "README.md", "labels.txt", "dataset_info.json"), ["a.jsonl"]),
    "packed files": (("a.tsv.gz", "b.tsv"), ["a.tsv.gz", "b.tsv"]),
    "a folder for each class": (
        ("pos/1.txt", "pos/2.txt", "neg/1.txt", "neg/.x.txt"),
        [("neg/1.txt", "neg"), ("pos/1.txt", "pos"), ("pos/2.txt", "pos")],
    ),
    "a file for each split": (
        ("train.tsv", "dev.tsv", "test.tsv", "labels.txt"),
        {"train": ["train.tsv"], "validation": ["dev.tsv"], "test": ["test.tsv"]},
    ),
    "several files for a split": (
        ("train-00000-of-00002.parquet", "train-00001-of-00002.parquet", "test-00000-of-00001.parquet"),
        {
            "train": ["train-00000-of-00002.parquet", "train-00001-of-00002.parquet"],
            "test": ["test-00000-of-00001.parquet"],
        },
    ),
    "a folder of classes for each split": (
        ("train/pos/1.txt", "train/neg/1.txt", "test/pos/1.txt", "test/neg/1.txt"),
        {
            "train": [("train/neg/1.txt", "neg"), ("train/pos/1.txt", "pos")],
            "test": [("test/neg/1.txt", "neg"), ("test/pos/1.txt", "pos")],
        },
    ),
    "Chinese splits": (("训练集.csv", "测试集.csv"), {"train": ["训练集.csv"], "test": ["测试集.csv"]}),
    "splits named after the data": (
        ("reviews_train.tsv", "reviews_val.tsv"),
        {"train": ["reviews_train.tsv"], "validation": ["reviews_val.tsv"]},
    ),
    "a folder in a folder": (("data/a.tsv",), ["data/a.tsv"]),
}


@pytest.mark.parametrize("case", FOLDERS)
def test_a_folder_means_its_files_its_classes_or_its_splits(case: str, tmp_path: Path) -> None:
    files, expected = FOLDERS[case]
    touch(tmp_path / "d", *files)
    assert shown(find_files(tmp_path / "d"), tmp_path / "d") == expected


def test_a_folder_of_several_kinds_names_them_and_a_glob(tmp_path: Path) -> None:
    touch(tmp_path, "a.tsv", "b.tsv", "c.csv")
    with pytest.raises(DataError, match=r"2 x \.tsv, 1 x \.csv.*\*\.tsv"):
        find_files(tmp_path)
    with pytest.raises(DataError, match="no data files"):
        find_files(tmp_path / "*.json")


def test_a_file_beside_those_of_splits_is_not_mixed_with_them(tmp_path: Path) -> None:
    touch(tmp_path, "train.tsv", "test.tsv", "test_results.tsv")
    with pytest.raises(DataError, match=r"there are others: 'test_results.tsv'.*train.tsv"):
        find_files(tmp_path)


def test_globs_and_lists_mean_their_files_in_order(tmp_path: Path) -> None:
    touch(tmp_path, "b/1.tsv", "a/10.tsv", "a/9.tsv", "ftkit-runs/1.tsv", "a[1].tsv")
    assert shown(find_files(f"{tmp_path}/*/*.tsv"), tmp_path) == ["a/9.tsv", "a/10.tsv", "b/1.tsv"]
    assert shown(find_files([tmp_path / "b/1.tsv", f"{tmp_path}/a/9.tsv"]), tmp_path) == ["b/1.tsv", "a/9.tsv"]
    assert shown(find_files(tmp_path / "a[1].tsv"), tmp_path) == ["a[1].tsv"]


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train.tsv", "train"),
        ("valid.jsonl", "validation"),
        ("trained.tsv", None),
        ("latest.tsv", None),
        ("x.test.conll", "test"),
    ],
)
def test_a_split_is_told_by_a_whole_word(name: str, split: str | None) -> None:
    assert split_of(Path(name)) == split


def test_the_ending_of_a_packed_file_is_the_inner_one() -> None:
    assert [kind_of(Path(name)) for name in ("a.tsv.gz", "a.JSON", "a.gz", "a.ndjson")] == [
        ".tsv",
        ".json",
        ".gz",
        ".jsonl",
    ]


def test_a_folder_of_classes_is_a_table_of_texts_and_labels(tmp_path: Path) -> None:
    touch(tmp_path, "pos/1.txt", "neg/1.txt", "neg/2.txt")
    (tmp_path / "neg/2.txt").write_bytes("这是一条很不好的评论，我们都不喜欢".encode("gb18030"))
    (tmp_path / "pos/2.txt").write_bytes(bytes(range(256)))
    table = class_table(find_files(tmp_path), "d")
    problems = Problems()
    rows = [tuple(row.values()) for batch in recognise(table).batches(table, problems) for row in batch.to_pylist()]
    assert rows == [
        ("text of neg/1.txt", "neg", 1),
        ("这是一条很不好的评论，我们都不喜欢", "neg", 2),
        ("text of pos/1.txt", "pos", 3),
    ]
    assert [(p.line, p.kind) for p in table.problems] == [(4, "no_text_file")]


# -- memory

RECORDS = [{"text": "a", "label": "x"}, {"text": "b", "label": "y"}]


def frame() -> Any:
    import pandas

    return pandas.DataFrame(RECORDS)


def dataset() -> Any:
    import datasets

    return datasets.Dataset.from_list(RECORDS)


@pytest.mark.parametrize(
    "make",
    [
        frame,
        dataset,
        lambda: pa.Table.from_pylist(RECORDS),
        lambda: pa.RecordBatch.from_pylist(RECORDS),
        lambda: RECORDS,
        lambda: {"text": ["a", "b"], "label": ["x", "y"]},
    ],
)
def test_data_of_memory_is_a_table(make: Callable[[], Any]) -> None:
    data = make()
    table = from_memory(data, "data")
    assert is_memory(data)
    assert (table.kind, table.names, list(table.records())) == (
        "memory",
        ("text", "label"),
        [(1, RECORDS[0]), (2, RECORDS[1])],
    )


@pytest.mark.parametrize("data", ["a.tsv", Path("a.tsv"), ["a.tsv", "b.tsv"]])
def test_paths_are_no_data_of_memory(data: Any) -> None:
    assert not is_memory(data)


def test_a_frames_gaps_are_missing_and_its_numbers_whole() -> None:
    import pandas

    data = pandas.DataFrame(
        {"text": ["a", None, "c"], "label": [1, None, 2], "when": pandas.to_datetime(["2024-01-01"] * 3)}
    )
    table = from_memory(data.iloc[::-1])
    shape = recognise(table, columns={"text": "text", "label": "label"})
    assert [tuple(row.values()) for row in next(shape.batches(table, Problems())).to_pylist()] == [
        ("c", "2", 1),
        ("", "", 2),
        ("a", "1", 3),
    ]


def test_class_ids_of_datasets_take_their_names(tmp_path: Path) -> None:
    import datasets

    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])})
    data = datasets.Dataset.from_dict({"text": ["a", "b"], "label": [1, 0]}, features=features)
    data.to_parquet(str(tmp_path / "a.parquet"))
    data.save_to_disk(str(tmp_path / "saved"))
    files = [open_table(path) for path in (tmp_path / "a.parquet", find_files(tmp_path / "saved").files[0])]
    for table in (from_memory(data), from_memory(data.data.table), *files):
        assert isinstance(table, Table)
        rows = next(recognise(table).batches(table, Problems())).to_pylist()
        assert [row["label"] for row in rows] == ["pos", "neg"]


def test_tag_ids_of_datasets_take_their_names() -> None:
    import datasets

    tags = datasets.Sequence(datasets.ClassLabel(names=["O", "B-PER"]))
    features = datasets.Features({"tokens": datasets.Sequence(datasets.Value("string")), "ner_tags": tags})
    data = datasets.Dataset.from_dict({"tokens": [["Li", "ran"]], "ner_tags": [[1, 0]]}, features=features)
    table = from_memory(data.select([0]))
    assert next(recognise(table).batches(table, Problems())).to_pylist()[0]["tags"] == ["B-PER", "O"]


def test_what_is_no_table_says_what_is() -> None:
    with pytest.raises(DataError, match="int is no table"):
        from_memory(7)
    with pytest.raises(DataError, match="different lengths: 1, 2"):
        from_memory({"text": ["a", "b"], "label": ["x"]})
    with pytest.raises(FormatError, match="data: no column"):
        recognise(from_memory(RECORDS, "data"), columns={"text": "body"})


def test_several_splits_of_datasets_are_to_be_chosen_from() -> None:
    import datasets

    with pytest.raises(DataError, match=r"'train', 'test'.*data\['train'\]"):
        from_memory(datasets.DatasetDict({"train": dataset(), "test": dataset()}))


def test_fasttexts_lines_give_text_and_labels() -> None:
    lines = [(1, "__label__a , __label__b good film"), (2, ""), (3, "bad __label__c"), (4, "no label")]
    assert list(from_fasttext(lines)) == [(1, "good film", ["a", "b"]), (3, "bad", ["c"]), (4, "no label", [])]


def test_a_table_far_larger_than_a_batch_is_streamed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\n" + "a text,x\n" * 10_000, encoding="utf-8")
    table = open_table(path)
    assert table is not None
    sizes = [batch.num_rows for batch in recognise(table).batches(table, Problems())]
    assert sizes == [4_096, 4_096, 1_808]


HEADLESS = {
    "questions": ("".join(f"问题{i}是什么？,回答{i}在这里\n" for i in range(20)), {"question": 0, "answer": 1}, 20),
    "sentences": ("".join(f"sentence {i} without comma\n" for i in range(20)), None, 20),
    "a label that is called as columns are": (
        "内容,这本书写得很好\n服务,客服态度差\n内容,情节太差\n服务,客服很热情\n价格,太贵了啊\n价格,便宜啊呀\n",
        {"label": 0, "text": 1},
        6,
    ),
    "numbered columns": ("".join(f"unique {i},cat{i % 2}\n" for i in range(20)), {"text": 0, "label": 1}, 20),
}


@pytest.mark.parametrize("name", HEADLESS)
def test_a_first_record_that_is_no_header_is_a_row(tmp_path: Path, name: str) -> None:
    content, columns, n = HEADLESS[name]
    path = tmp_path / "a.csv"
    path.write_text(content, encoding="utf-8")
    assert len(load(path, columns=columns)) == n


def test_a_first_record_of_other_words_is_said_to_be_a_header(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "哪句话,好不好\n" + "".join(f"这是第 {i} 句很长的话,{'好坏'[i % 2]}\n" for i in range(12)), encoding="utf-8"
    )
    data = load(path, columns={"text": "哪句话", "label": "好不好"})
    assert (len(data), data.report.counts.get("header")) == (12, 1)


@pytest.mark.parametrize("header", ["内容\t类别", "foo\tbar"])
def test_two_columns_between_tabs_may_be_named_by_their_header(tmp_path: Path, header: str) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(f"{header}\n很好啊\t好\n很差啊\t差\n还行吧\t好\n不行啊\t差\n", encoding="utf-8")
    names = header.split("\t")
    data = load(path, columns={"text": names[0], "label": names[1]})
    assert data.targets == ["好", "差", "好", "差"]
    again = load(path, **data.load_options)
    assert again.fingerprint == data.fingerprint


def test_an_id_is_an_id_though_another_one_is_called_so() -> None:
    rows = [{"text": f"text {i}", "label": i % 5} for i in range(10)]
    assert load(rows, label_names=["1", "2", "3", "4", "5"]).targets[:5] == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(("end", "mention"), [(3, "李四"), (4, "李四")])
def test_a_span_that_says_what_it_marks_may_count_its_last_character_in(end: int, mention: str) -> None:
    rows = [
        {"text": "我是李四呀", "entities": [{"start_idx": 2, "end_idx": end, "type": "name", "entity": mention}]}
    ] * 3
    assert load(rows).targets[0] == ("O", "O", "B-name", "I-name", "O")


def test_a_span_that_marks_something_else_is_an_error() -> None:
    rows = [{"text": "我是李四呀", "entities": [{"start_idx": 0, "end_idx": 1, "type": "name", "entity": "李四"}]}] * 3
    with pytest.raises(DataError, match="no labelled span"):
        load(rows)


def test_sentence_ids_that_begin_anew_in_each_document_part_sentences() -> None:
    rows = [
        {"doc_id": d, "sentence_id": 0, "token": token, "tag": tag}
        for d in range(5)
        for token, tag in (("Li", "B-PER"), ("sings", "O"))
    ]
    assert [len(tokens) for tokens in load(rows).texts] == [2] * 5


def test_a_broken_first_chat_does_not_hide_the_others() -> None:
    good = {"messages": [{"role": "user", "content": "Hi?"}, {"role": "assistant", "content": "Hello."}]}
    data = load([{"messages": [{"content": "x"}]}, *[good] * 6], on_error="skip")
    assert (data.format, len(data)) == ("qa", 6)
