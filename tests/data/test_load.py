"""load and check: what they detect, what they raise, and what they promise about both."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit import i18n
from ftkit.data.dataset import Dataset
from ftkit.data.formats import FORMATS
from ftkit.data.load import check, load
from ftkit.data.problems import Problem
from ftkit.data.source import Source
from ftkit.errors import AmbiguousFormatError, DataError, EncodingError, FormatError, FtkitError, SettingError

LABELS = "".join(f"{label}\tThis is {label} text {i}.\n" for i in range(6) for label in ("good", "bad"))
TAGS = "Li\tB-PER\nMing\tI-PER\nsings\tO\n\nHe\tO\nsleeps\tO\n"
CHINESE = "".join(f"{label}\t这是第{i}条{label}评论，大家看看。\n" for i in range(6) for label in ("正面", "负面"))


def written(tmp_path: Path, content: str | bytes, name: str = "file.tsv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_file_of_labels_loads(tmp_path: Path) -> None:
    data = load(written(tmp_path, LABELS))
    assert (data.format, data.task, data.labels, len(data)) == ("labels", "classification", ("bad", "good"), 12)
    assert data[3].source == "file.tsv:4"
    assert data.report.ok


def test_a_file_of_tags_loads(tmp_path: Path) -> None:
    data = load(written(tmp_path, TAGS))
    assert (data.format, data.task, data.labels, len(data)) == ("tags", "tagging", ("B-PER", "I-PER", "O"), 2)
    assert data[1].source == "file.tsv:5"


def test_a_path_may_be_a_string(tmp_path: Path) -> None:
    assert load(str(written(tmp_path, LABELS))).fingerprint == load(tmp_path / "file.tsv").fingerprint


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk", "utf-32"]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_the_same_rows_in_any_encoding_have_one_fingerprint(tmp_path: Path, codec: str, newline: str) -> None:
    data = load(written(tmp_path, CHINESE.replace("\n", newline).encode(codec)))
    assert data.fingerprint == load(written(tmp_path, CHINESE)).fingerprint


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (LABELS, {}),
        (LABELS + "good no tab\n", {"on_error": "skip"}),
        (CHINESE.encode("gb18030"), {}),
        (CHINESE.encode("utf-16-be"), {}),
        (TAGS, {"task": "tagging"}),
        ("类别1\t这是类别1的文本\n" * 2, {"columns": {"label": 0}}),
        ("1\tyes it is\tgood\n2\tno it is not\tgood\n", {"columns": {"text": 1, "label": 2}}),
    ],
)
def test_load_options_give_the_same_rows_again(tmp_path: Path, content: str | bytes, options: dict[str, Any]) -> None:
    data = load(written(tmp_path, content), **options)
    assert data.path is not None
    again = load(data.path, **data.load_options)
    assert (again.fingerprint, again.task, again.load_options) == (data.fingerprint, data.task, data.load_options)


def test_the_file_is_never_changed(tmp_path: Path) -> None:
    path = written(tmp_path, LABELS + "bad row\n")
    before = path.read_bytes(), path.stat().st_mtime_ns
    check(path)
    load(path, on_error="skip")
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [p.name for p in tmp_path.iterdir()] == ["file.tsv"]


# -- bad rows


def test_a_bad_row_raises_with_its_line_reason_and_fix(tmp_path: Path) -> None:
    path = written(tmp_path, LABELS + "good no tab\nbad\t\n")
    with pytest.raises(FormatError) as raised:
        load(path)
    message = str(raised.value)
    assert message.startswith(f"{path.as_posix()}:13: There is no tab: 'good no tab'. Expected one tab")
    assert "Errors beyond this one: 1; ftkit.check(" in message
    assert message.endswith('file.tsv", on_error="skip").')


def test_skip_leaves_bad_rows_out_and_counts_them(tmp_path: Path) -> None:
    data = load(written(tmp_path, LABELS + "good no tab\nbad\t\n"), on_error="skip")
    assert data.fingerprint == load(written(tmp_path, LABELS)).fingerprint
    path = written(tmp_path, LABELS + "good no tab\nbad\t\n")
    report = load(path, on_error="skip").report
    assert report.stats["skipped"] == 2
    assert report.counts == {"no_tab": 1, "empty_text": 1}


def test_warnings_do_not_raise(tmp_path: Path) -> None:
    data = load(written(tmp_path, LABELS + "good\tThis is good text 0.\n"))
    assert data.report.counts == {"duplicate": 1}
    assert len(data) == 13


def test_nothing_left_after_skipping_raises(tmp_path: Path) -> None:
    path = written(tmp_path, "a\tone\nb\ttwo\n")
    with pytest.raises(FormatError, match="'a' is seen once"):
        load(path, format="labels", on_error="skip")


def test_a_message_speaks_chinese(tmp_path: Path) -> None:
    i18n.language("zh")
    with pytest.raises(FormatError, match=r"file\.tsv:13: 这一行没有制表符：'good no tab'。"):
        load(written(tmp_path, LABELS + "good no tab\n"))


@pytest.mark.parametrize("place", [0, 6, 12])
def test_damaged_bytes_raise_with_line_and_byte(tmp_path: Path, place: int) -> None:
    lines = CHINESE.encode().splitlines(keepends=True)
    lines.insert(place, "正面\t".encode() + b"\xff\xfe\n")
    path = written(tmp_path, b"".join(lines))
    byte = sum(map(len, lines[:place])) + 7
    with pytest.raises(EncodingError, match=rf"file\.tsv:{place + 1}: Byte {byte} of the file \(ff\)"):
        load(path, encoding="utf-8")
    assert load(path, on_error="skip").fingerprint == load(written(tmp_path, CHINESE)).fingerprint


def test_a_sentence_with_damaged_bytes_is_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, TAGS.encode().replace(b"sings", b"si\xffngs"))
    assert [(p.kind, p.line) for p in check(path, encoding="utf-8").errors] == [("bad_bytes", 3)]
    assert [example.source for example in load(path, encoding="utf-8", on_error="skip")] == ["file.tsv:5"]


# -- bad files


@pytest.mark.parametrize("content", [b"", b"\n", b" \n\n \r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", b"\xff\xfe"])
@pytest.mark.parametrize("format", [None, *FORMATS])
def test_an_empty_file_is_an_error(tmp_path: Path, content: bytes, format: str | None) -> None:
    path = written(tmp_path, content)
    assert [p.kind for p in check(path, format=format).problems] == ["empty_file"]
    with pytest.raises(FormatError, match="There is no row in the file"):
        load(path, format=format, on_error="skip")


def test_a_binary_file_is_an_error_that_says_what_it_looks_like(tmp_path: Path) -> None:
    for content, kind in ((b"\x89PNG\r\n\x1a\n" + bytes(99), "PNG"), (bytes(range(256)), "binary data")):
        with pytest.raises(FormatError, match=f"it looks like {kind}"):
            load(written(tmp_path, content), format="labels")


def test_bytes_of_no_encoding_are_an_error_that_names_line_and_byte(tmp_path: Path) -> None:
    french = "".join(f"{label}\tC'est déjà l'été numéro {i}\n" for i in range(4) for label in ("oui", "non"))
    path = written(tmp_path, french.encode("cp1252"))
    with pytest.raises(EncodingError, match=r'file\.tsv:1: Byte 11 of the file \(e9\).*encoding="cp1252"'):
        load(path)
    assert [(p.kind, p.line) for p in check(path).problems] == [("not_text", 1)]
    assert load(path, encoding="cp1252").fingerprint == load(written(tmp_path, french)).fingerprint


def test_an_ambiguous_file_names_the_candidates_and_asks_for_the_format(tmp_path: Path) -> None:
    path = written(tmp_path, "类别1\t这是类别1的文本\n类别2\t这是类别2的文本\n")
    with pytest.raises(AmbiguousFormatError, match=r'labels 0\.30.*qa.*ftkit\.load\(".*", format="labels"\)'):
        load(path)
    report = check(path)
    assert (report.format, [p.kind for p in report.problems]) == (None, ["ambiguous_format"])
    assert 'format="labels") or, instead, "title", "qa".' in report.errors[0].fix
    alone = check(written(tmp_path, "one\ttwo\nthree\nfour\tfive\tsix\n")).errors[0]
    assert alone.kind == "ambiguous_format"
    assert all(f'"{format}"' in alone.fix for format in FORMATS)


def test_questions_and_answers_are_not_loaded_as_labels(tmp_path: Path) -> None:
    path = written(tmp_path, "".join(f"What is {i} and {i}?\tIt makes {2 * i}.\n" for i in range(20)))
    data = load(path)
    assert (data.format, data.task, data.labels, data[1].target) == ("qa", "chat", (), "It makes 2.")
    assert data.load_options == {"format": "qa", "columns": None, "encoding": "utf-8", "on_error": "raise"}


@pytest.mark.parametrize(
    ("content", "format", "tasks"),
    [
        ("One line.\nAnother line.\n", "corpus", ("language_modelling", "masked_language_modelling")),
        ("Tea\tA drink.\nRice\tA grain.\n", "title", ("generation", "summarisation")),
        ("Who?\tMe.\nWhen?\tNow.\n", "qa", ("chat",)),
        (LABELS, "labels", ("classification",)),
        (TAGS, "tags", ("tagging",)),
    ],
)
def test_the_tasks_of_a_format_load_and_others_are_refused_with_those_it_has(
    tmp_path: Path, content: str, format: str, tasks: tuple[str, ...]
) -> None:
    path = written(tmp_path, content)
    assert load(path, format=format).task == tasks[0]
    for task in tasks:
        data = load(path, format=format, task=task)
        assert (data.task, data.split(validation=0.5)["train"].task, data.load_options["task"]) == (task, task, task)
    for task in ("chat", "classification"):
        if task not in tasks:
            shown = ", ".join(map(repr, tasks))
            with pytest.raises(SettingError, match=rf"'{task}' cannot be trained on the format '{format}'.*{shown}"):
                load(path, format=format, task=task)


@pytest.mark.parametrize("gap", [" ", "    ", ", "])
def test_a_file_without_a_tab_says_so_at_its_first_line(tmp_path: Path, gap: str) -> None:
    path = written(tmp_path, "\n" + LABELS.replace("\t", gap))
    with pytest.raises(AmbiguousFormatError, match=r"file\.tsv:2: No line has a tab: 'good.*put a real tab"):
        load(path)
    assert [(problem.kind, problem.line) for problem in check(path).errors] == [("no_tabs", 2)]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("".join(line.replace("\t", "\tx\t") + "\n" for line in LABELS.splitlines()[:4]), 4),
        (CHINESE.encode("gb18030") + "正面\t好".encode("gb18030")[:-1] + b"\n", 12),
        (LABELS + "unique\tSeen once.\n", 12),
    ],
)
def test_a_fix_of_a_bad_row_works_as_it_is_printed(tmp_path: Path, content: str | bytes, rows: int) -> None:
    path = written(tmp_path, content)
    with pytest.raises(DataError) as caught:
        load(path, format="labels")
    assert "..." not in str(caught.value)
    calls = re.findall(r"ftkit\.load(\(.*?\))(?=[.,]| or )", str(caught.value))
    assert rows in [len(found) for call in calls if (found := tried(call)) is not None]


def tried(call: str) -> Dataset | None:
    try:
        return eval(f"load{call}")
    except DataError:
        return None


def test_a_label_seen_once_is_not_told_to_be_left_out_where_nothing_else_is(tmp_path: Path) -> None:
    with pytest.raises(FormatError) as caught:
        load(written(tmp_path, "good\tNice tea here.\n"), format="labels")
    assert "on_error" not in str(caught.value)


def test_lines_of_many_columns_ask_which_two(tmp_path: Path) -> None:
    path = written(tmp_path, "".join(f"{i}\tThis is text {i}\t{i % 2}\n" for i in range(20)))
    with pytest.raises(FormatError, match=r"Most lines have 3 columns \('0', 'This is text 0', '0'\)"):
        load(path)
    assert len(load(path, columns={"text": 1, "label": 2})) == 20


def test_tabs_spelt_out_are_named_by_line(tmp_path: Path) -> None:
    path = written(tmp_path, LABELS.replace("\t", "\\t"))
    assert [(p.kind, p.line) for p in check(path).problems] == [("literal_tab", line) for line in range(1, 13)]
    with pytest.raises(FormatError, match=r"file\.tsv:1: There is a backslash and a t"):
        load(path)


def test_a_csv_file_with_tabs_loads(tmp_path: Path) -> None:
    assert len(load(written(tmp_path, LABELS, "a.csv"))) == 12


def test_a_missing_file_names_those_that_are_near(tmp_path: Path) -> None:
    written(tmp_path, LABELS, "reviews.tsv")
    with pytest.raises(DataError, match=r"review\.tsv: there is no such file.*'reviews\.tsv'.*ftkit\.load"):
        load(tmp_path / "review.tsv")
    with pytest.raises(DataError, match=r"Files in .*'reviews\.tsv'"):
        check(tmp_path / "zzz")
    with pytest.raises(DataError, match="there is no such file"):
        load(tmp_path / "nowhere" / "a.tsv")


def test_a_folder_without_data_says_what_would_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    with pytest.raises(DataError, match=r"\.tsv"):
        load(tmp_path)


def test_a_file_that_another_program_holds_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, LABELS)

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "The process cannot access the file")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match=r"(?i)close it"):
        load(path)


# -- arguments


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"on_error": "skipp"}, "Did you mean .*'skip'"),
        ({"format": "label"}, "Did you mean format='labels'"),
        ({"format": "quiz"}, "Known: 'labels', 'tags', 'title', 'qa', 'corpus'"),
        ({"task": "tagging"}, "cannot be trained on the format 'labels'.* task='classification'"),
        ({"task": "language"}, "Known: 'language_modelling'.*Did you mean"),
        ({"format": 7}, "is no format"),
        ({"task": "classify"}, "Did you mean .*'classification'"),
        ({"encoding": "gb1803"}, "Did you mean encoding='gb18030'"),
        ({"encoding": "hex"}, "is not known"),
        ({"encoding": "unicode_escape"}, "is not known"),
        ({"encoding": "a\0b"}, "is not known"),
        ({"columns": {"txt": 0}}, "Did you mean columns={'text': 0"),
        ({"columns": {"text": "a"}}, "counted from 0"),
        ({"columns": [0, 1]}, "does not name two columns"),
        ({"columns": "text"}, "does not name two columns"),
        ({"columns": {"text": True}}, "counted from 0"),
        ({"columns": {"text": -1}}, "counted from 0"),
        ({"columns": {"text": 1, "label": 1}}, "does not name two columns"),
        ({"columns": {"text": 1, "tag": 0}}, "does not name two columns"),
        ({"columns": {"token": 1}, "format": "labels"}, "is not known"),
        ({"columns": {"question": 0, "content": 1}}, "does not name two columns"),
        ({"columns": {"title": -1}}, "counted from 0"),
    ],
)
def test_a_wrong_argument_says_what_is_right(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        load(written(tmp_path, LABELS), **options)


@pytest.mark.parametrize("encoding", ["UTF8", "utf_8_sig", "U8", "ascii", "GBK", "latin-1", "cp936"])
def test_any_codec_of_python_can_be_named(tmp_path: Path, encoding: str) -> None:
    assert len(load(written(tmp_path, LABELS), encoding=encoding)) == 12


def test_utf_16_takes_its_byte_order_from_the_file(tmp_path: Path) -> None:
    for codec in ("utf-16-le", "utf-16-be"):
        path = written(tmp_path, ("\ufeff" + CHINESE).encode(codec))
        assert load(path, encoding="utf-16").report.encoding == codec


def test_columns_name_the_format(tmp_path: Path) -> None:
    path = written(tmp_path, "a\tx y z\nb\tw\na\tv\nb\tu\n")
    assert load(path, columns={"label": 0}).format == "labels"
    assert load(path, columns={"token": 0}).format == "tags"
    assert load(path, columns={"title": 0}).format == "title"
    assert load(path, columns={"answer": 0}).format == "qa"
    assert load(path, columns={"text": 1}, format="corpus").texts == ["x y z", "w", "v", "u"]


class Shouted:
    """A format from outside: each line a text in capitals, and how long it is."""

    name = "shouted"
    suffixes = (".txt",)

    def sniff(self, head: list[str]) -> float:
        return float(all(line.isupper() for line in head))

    def read(self, source: Source) -> tuple[pa.Table, list[Problem]]:
        rows = [(line, float(len(line)), number) for number, line in source.lines() if line.isupper()]
        bad = [Problem("error", n, "quiet", "Quiet.", "Shout.") for n, line in source.lines() if not line.isupper()]
        return pa.table([[row[i] for row in rows] for i in range(3)], names=["text", "length", "line"]), bad


def test_an_object_that_obeys_format_is_a_format(tmp_path: Path) -> None:
    path = written(tmp_path, "HELLO\nWORLD!\nquiet\n")
    with pytest.raises(FormatError, match=r"file\.tsv:3: Quiet\. Shout\."):
        load(path, format=Shouted())
    data = load(path, format=Shouted(), task="regression", on_error="skip")
    assert (data.format, data.task, data.targets, data.path) == ("shouted", "regression", [5.0, 6.0], None)
    assert data.report.counts == {"quiet": 1}
    assert len(data.split(validation=0.5)["train"]) == 1
    assert "HELLO" in repr(data)


# -- whatever the file holds


@given(st.binary(max_size=300), st.sampled_from([None, *FORMATS]))
def test_no_bytes_make_check_raise(folder: Path, content: bytes, format: str | None) -> None:
    path = written(folder, content)
    report = check(path, format=format)
    assert all(p.message and p.fix and p.kind for p in report.problems)
    assert str(report)
    try:
        load(path, format=format)
    except FtkitError:
        assert not report.ok
    else:
        assert report.ok


PIECES = [
    "\t",
    "\n",
    "\r\n",
    " ",
    "O",
    "B-PER",
    "good",
    "bad",
    "\\t",
    "\ufffd",
    "\u3000",
    "-DOCSTART-",
    "中",
    "",
    "text",
]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.sampled_from([None, *FORMATS]))
def test_skipping_leaves_exactly_the_rows_without_errors(folder: Path, content: str, format: str | None) -> None:
    path = written(folder, content)
    report = check(path, format=format)
    if not report.stats.get("rows"):
        return
    data = load(path, format=format, on_error="skip")
    bad = {problem.line for problem in report.errors}
    lines = data.table.column("line").to_pylist()
    assert len(data) == report.stats["rows"]
    assert bad.isdisjoint(lines)
    assert lines == sorted(set(lines))


@pytest.mark.skipif(os.name == "nt", reason="Windows has its own rules for file names")
def test_a_file_may_have_any_name(tmp_path: Path) -> None:
    path = written(tmp_path, LABELS, "张三 的 {实验} %s.tsv")
    assert load(path)[0].source == "张三 的 {实验} %s.tsv:1"
    with pytest.raises(FormatError):
        load(written(tmp_path, "x", "张三 的 {实验} %s.tsv"), format="labels")


def test_a_missing_file_is_never_answered_with_a_hidden_one(tmp_path: Path) -> None:
    (tmp_path / ".profile").write_text("secret", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load(tmp_path / "profile.tsv")
    assert ".profile" not in str(caught.value)
