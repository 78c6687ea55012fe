"""The tags format: what is read, what is reported, and on which line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftkit.data.blocks import read_blocks
from ftkit.data.conll import Layout, sentences
from ftkit.data.conll_blocks import rows
from ftkit.data.formats.tags import Tags
from ftkit.data.load import load
from ftkit.data.problems import Problem, Problems
from ftkit.data.schemes import PLAIN
from ftkit.data.source import Source, read_lines
from ftkit.data.tagset import TagSet

GOOD = "Li\tB-PER\nMing\tI-PER\nsings\tO\n\nHe\tO\nsleeps\tO\n"


def read(tmp_path: Path, content: str, **columns: int) -> tuple[list[dict[str, Any]], list[Problem]]:
    path = tmp_path / "names.txt"
    path.write_bytes(content.encode())
    head = content.replace("\r\n", "\n").split("\n")[:2_000]
    table, problems = Tags().read(Source(path, "utf-8", columns, head=head))
    return table.to_pylist(), problems


def kinds(problems: list[Problem]) -> list[tuple[str, str, int | None]]:
    return [(problem.severity, problem.kind, problem.line) for problem in problems]


def test_sentences_are_between_blank_lines(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, GOOD)
    assert rows == [
        {"tokens": ["Li", "Ming", "sings"], "tags": ["B-PER", "I-PER", "O"], "line": 1},
        {"tokens": ["He", "sleeps"], "tags": ["O", "O"], "line": 5},
    ]
    assert not problems


@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace("\t", " "),
        GOOD.replace("\t", "   "),
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n\n", "\n \t \n"),
        GOOD.replace("\n\n", "\n\u3000\n"),
        GOOD.rstrip("\n"),
        GOOD + "\n\n\n",
        GOOD.replace("O\n", "O \n"),
    ],
)
def test_the_same_sentences_in_other_clothes(tmp_path: Path, content: str) -> None:
    rows, problems = read(tmp_path, content)
    assert rows == read(tmp_path, GOOD)[0]
    assert not problems


def test_the_last_of_two_to_five_columns_is_the_tag(tmp_path: Path) -> None:
    for n in range(2, 6):
        rows, problems = read(tmp_path, "".join(f"w{i} {'x ' * (n - 2)}B-LOC\n" for i in range(3)))
        assert (rows[0]["tokens"], rows[0]["tags"]) == (["w0", "w1", "w2"], ["B-LOC"] * 3)
        assert not problems


def test_the_users_columns_are_followed(tmp_path: Path) -> None:
    content = "1 Li N B-PER O\n2 Ming N I-PER O\n"
    assert read(tmp_path, content, token=1, tag=3)[0][0]["tags"] == ["B-PER", "I-PER"]
    assert read(tmp_path, content, token=1, tag=-2)[0][0]["tokens"] == ["Li", "Ming"]
    assert read(tmp_path, content, token=1)[0][0]["tags"] == ["O", "O"]


def test_columns_beyond_the_line_are_reported(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, GOOD, tag=7)
    assert not rows
    assert {problem.kind for problem in problems} == {"tag_columns"}


def test_document_marks_are_no_tokens(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "-DOCSTART- -X- O O\n\nEU N I O\n-DOCSTART- -X- O O\nUN N I O\n")
    assert [(row["tokens"], row["line"]) for row in rows] == [(["EU"], 3), (["UN"], 5)]
    assert not problems


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (" O", "no_token"),
        ("\tO", "no_token"),
        ("\u3000\tO", "no_token"),
        ("sings", "no_tag"),
        ("sings\t", "no_tag"),
        ("sings\\tO", "literal_tab"),
        ("sings\tV\tO", "tag_columns"),
        ("sings\t0", "illegal_tag"),
        ("sings\tper", "illegal_tag"),
        ("sings\tX-PER", "illegal_tag"),
        ("sings\tB-", "illegal_tag"),
    ],
)
def test_a_bad_line_is_an_error_and_its_sentence_left_out(tmp_path: Path, line: str, kind: str) -> None:
    rows, problems = read(tmp_path, GOOD.replace("sings\tO", line))
    assert kinds(problems) == [("error", kind, 3)]
    assert [row["line"] for row in rows] == [5]
    assert problems.skipped == 1  # type: ignore[attr-defined]
    assert problems[0].message
    assert problems[0].fix


def test_every_bad_line_of_a_sentence_is_reported(tmp_path: Path) -> None:
    _, problems = read(tmp_path, " O\n O\n喜欢 O\n\n O\n")
    assert [problem.line for problem in problems] == [1, 2, 5]


@pytest.mark.parametrize(
    ("tags", "bio", "scheme"),
    [
        ("B-PER I-PER O", "B-PER I-PER O", ""),
        ("B-PER E-PER S-LOC", "B-PER I-PER B-LOC", "BIOES"),
        ("B-PER M-PER E-PER", "B-PER I-PER I-PER", "BMES"),
        ("B-PER L-PER U-LOC", "B-PER I-PER B-LOC", "BILOU"),
        ("I-PER I-PER O", "B-PER I-PER O", "IO"),
        ("I-PER B-PER O", "B-PER B-PER O", "IOB1"),
        ("I-PER E-PER E-PER", "B-PER I-PER B-PER", "IOE2"),
        ("B_PER I_PER O", "B-PER I-PER O", "BIO (B_X)"),
        ("PER-B PER-E O", "B-PER I-PER O", "BIOES (X-B)"),
        ("b-per i-per o", "B-per I-per O", "BIO (b-x)"),
        ("B M E", "B M E", ""),
        ("B I I", "B I I", ""),
        ("B-creative-work I-creative-work O", "B-creative-work I-creative-work O", ""),
        ("B-人名 I-人名 O", "B-人名 I-人名 O", ""),
    ],
)
def test_tags_of_every_scheme_become_bio_and_the_scheme_is_named(
    tmp_path: Path, tags: str, bio: str, scheme: str
) -> None:
    rows, problems = read(tmp_path, "".join(f"w\t{tag}\n" for tag in tags.split()))
    assert rows[0]["tags"] == bio.split()
    assert kinds(problems) == ([("info", "scheme", None)] if scheme else [])
    assert not scheme or f"follow {scheme} (" in problems[0].message


@pytest.mark.parametrize(
    ("tags", "line", "message"),
    [
        ("O I-PER I-PER", 2, "'I-PER' after 'O' is not possible in BIO. It is read as B-PER."),
        ("I-LOC O O", 1, "'I-LOC' at the start of a sentence"),
        ("B-PER I-LOC O", 2, "'I-LOC' after 'B-PER' is not possible in BIO. It is read as B-LOC."),
        ("B-PER E-PER O", 2, "'E-PER' after 'B-PER' is not possible in BIO. It is read as I-PER."),
    ],
)
def test_an_illegal_transition_is_a_warning_that_says_what_is_read(
    tmp_path: Path, tags: str, line: int, message: str
) -> None:
    good = "".join(f"x{i}\tB-PER\ny\tI-PER\nz\tO\n\n" for i in range(30))
    rows, problems = read(tmp_path, "".join(f"w\t{tag}\n" for tag in tags.split()) + "\n" + good)
    assert kinds(problems) == [("warning", "illegal_transition", line)]
    assert message in problems[0].message
    assert {tag for row in rows for tag in row["tags"]} <= {"O", "B-PER", "I-PER", "I-LOC"}
    assert len(rows) == 31


@pytest.mark.parametrize(
    ("tags", "line", "message"),
    [
        ("B-PER O O", 1, "'B-PER' before 'O' is not possible in BIOES. It is read as B-PER."),
        ("O O B-PER", 3, "'B-PER' at the end of a sentence"),
        ("O E-PER O", 2, "'E-PER' after 'O' is not possible in BIOES. It is read as B-PER."),
        ("B-PER S-PER O", 2, "'S-PER' after 'B-PER' is not possible in BIOES. It is read as B-PER."),
    ],
)
def test_a_span_without_an_end_is_a_warning(tmp_path: Path, tags: str, line: int, message: str) -> None:
    good = "".join(f"x{i}\tB-PER\ny\tE-PER\nz\tS-LOC\n\n" for i in range(30))
    _, problems = read(tmp_path, "".join(f"w\t{tag}\n" for tag in tags.split()) + "\n" + good)
    assert kinds(problems) == [("info", "scheme", None), ("warning", "illegal_transition", line)]
    assert message in problems[1].message


def test_parts_of_speech_are_kept_and_noted(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "Li\tNOUN\nsings\tVERB\n\nHe\tPRON\n")
    assert len(rows) == 2
    assert kinds(problems) == [("info", "plain_tags", None)]


def test_spaces_in_a_token_are_a_warning(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "New York\tB-LOC\n💔 \tO\n")
    assert rows[0]["tokens"] == ["New York", "💔"]
    assert kinds(problems) == [("warning", "token_space", 1), ("warning", "token_space", 2)]


def test_a_replacement_sign_is_a_warning(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "\ufffd0\tO\n")
    assert rows[0]["tokens"] == ["\ufffd0"]
    assert kinds(problems) == [("warning", "replacement_char", 1)]


def test_the_same_sentence_twice_is_a_warning(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "a O\nb O\n\na O\nb O\n\na O\nb B-X\n")
    assert kinds(problems) == [("warning", "duplicate", 4), ("warning", "two_taggings", 7)]
    assert len(rows) == 3


def test_a_file_that_is_one_sentence_is_a_warning(tmp_path: Path) -> None:
    _, problems = read(tmp_path, "a O\n" * 1_001)
    assert kinds(problems) == [("warning", "one_sentence", None)]


def test_a_token_may_be_any_sign_but_a_space(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, '" O\n# O\n\\ O\n-- O\n')
    assert rows[0]["tokens"] == ['"', "#", "\\", "--"]


def test_comments_are_no_tokens(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "# sent_id = 1\n# text = Li sings\nLi\tB-PER\n# note = x\nsings\tO\n\n#\tO\n")
    assert [(row["tokens"], row["line"]) for row in rows] == [(["Li", "sings"], 3), (["#"], 7)]
    assert not problems


CONLL_U = """# newdoc id = a
# sent_id = a-1
# text = Vámonos al mar
1-2\tVámonos\t_\t_\t_\t_\t_\t_\t_\t_
1\tVamos\tir\tVERB\t_\tMood=Ind\t0\troot\t_\t_
2\tnos\tnos\tPRON\t_\tCase=Acc\t1\tobj\t_\t_
2.1\tya\tya\tADV\t_\t_\t_\t_\t1:x\t_
3\tal\tal\tADP\t_\t_\t4\tcase\t_\t_
4\tmar\tmar\tNOUN\t_\t_\t1\tobl\t_\tSpaceAfter=No

# text = Ya
1\tYa\tya\tADV\t_\t_\t0\troot\t_\t_
"""


def test_words_and_parts_of_speech_are_taken_from_conll_u(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, CONLL_U)
    assert rows == [
        {"tokens": ["Vamos", "nos", "al", "mar"], "tags": ["VERB", "PRON", "ADP", "NOUN"], "line": 5},
        {"tokens": ["Ya"], "tags": ["ADV"], "line": 12},
    ]
    assert kinds(problems) == [("info", "plain_tags", None)]
    assert read(tmp_path, CONLL_U, tag=7)[0][1]["tags"] == ["root"]
    assert Tags().sniff(CONLL_U.split("\n")) > 0.9


def test_a_line_of_conll_u_that_is_wrong_is_named(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, CONLL_U.replace("\tal\tal\tADP", "\tal\tADP"))
    assert kinds(problems) == [("error", "tag_columns", 8), ("info", "plain_tags", None)][::-1]
    assert [row["tokens"] for row in rows] == [["Ya"]]


def test_the_last_column_in_a_scheme_is_the_tag_where_words_are_counted(tmp_path: Path) -> None:
    content = "# text = Li sings\n1\tLi\tB-PER\t-\tann\n2\tsings\tO\t-\tann\n\n1\tHe\tO\t-\tann\n"
    rows, problems = read(tmp_path, content)
    assert [(row["tokens"], row["tags"]) for row in rows] == [(["Li", "sings"], ["B-PER", "O"]), (["He"], ["O"])]
    assert not problems


@pytest.mark.parametrize(("line", "kind"), [("sings\u3000O", "separator"), ("sings\t\tO", "doubled_tab")])
def test_a_wrong_separator_is_named_with_its_repair(tmp_path: Path, line: str, kind: str) -> None:
    rows, problems = read(tmp_path, GOOD.replace("sings\tO", line))
    assert kinds(problems) == [("error", kind, 3)]
    assert "text.replace(" in problems[0].fix
    assert [row["line"] for row in rows] == [5]


def test_a_file_of_full_width_separators_is_known_to_be_tags() -> None:
    assert Tags().sniff(GOOD.replace("\t", "\u3000").split("\n")) > 0.9


def test_sentences_beyond_512_tokens_are_counted_and_what_is_cut(tmp_path: Path) -> None:
    _, problems = read(tmp_path, "a B-X\n" * 600 + "\n" + "a B-X\n" * 400)
    assert kinds(problems) == [("info", "long_sentences", None)]
    assert problems[0].message.startswith(
        "Sentences of more than 512 tokens: 1, the longest of 600. 8.8% of all tokens"
    )


def test_a_file_without_any_name_is_a_warning(tmp_path: Path) -> None:
    _, problems = read(tmp_path, "".join(f"a{i} O\n\n" for i in range(10)))
    assert kinds(problems) == [("warning", "no_names", None)]


def test_a_scheme_is_told_by_the_first_tags_there_are(tmp_path: Path) -> None:
    path = tmp_path / "late.txt"
    path.write_text("".join(f"a{i} O\n\n" for i in range(3_000)) + "b B-X\nc E-X\nd S-X\n", encoding="utf-8")
    head = path.read_text(encoding="utf-8").split("\n")[:2_000]
    table, problems = Tags().read(Source(path, "utf-8", {}, head=head))
    assert table.slice(3_000).to_pylist() == [{"tokens": ["b", "c", "d"], "tags": ["B-X", "I-X", "B-X"], "line": 6_001}]
    assert kinds(problems) == [("info", "scheme", None)]


def test_a_long_file_without_blank_lines_does_not_become_one_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ftkit.data.conll_blocks.LONGEST", 1_000)
    monkeypatch.setattr("ftkit.data.blocks.BLOCK", 300)
    rows, _ = read(tmp_path, "a B-X\n" * 500)
    assert [tag for row in rows for tag in row["tags"]] == ["B-X"] * 500
    assert max(len(row["tags"]) for row in rows) < 250


def test_rows_of_a_table_are_checked_the_same_way() -> None:
    rows: list[tuple[list[str | None] | None, list[str | None] | None]] = [
        (["Li", " sings"], ["S-PER", "O"]),
        (["a", "b"], ["O"]),
        (["a", ""], ["O", "O"]),
        (["a", "b"], ["O", None]),
        ([], []),
        (None, None),
        (["a\ufffd", "b"], ["B-LOC", "E-LOC"]),
        (["a", "b"], ["O", "E-LOC"]),
        (["a"], ["?"]),
    ]
    tokens, tags = zip(*rows, strict=True)
    columns = {"tokens": tokens, "tags": tags}
    strings = pa.list_(pa.string())
    schema = pa.schema({"tokens": strings, "tags": strings, "line": pa.int32(), "file": pa.int32()})
    batch = pa.record_batch({**columns, "line": range(2, 11), "file": [7] * 9}, schema=schema)
    problems = Problems()
    found = Tags().checked(batch, problems)
    assert found.to_pylist() == [
        {"tokens": ["Li", "sings"], "tags": ["B-PER", "O"], "line": 2, "file": 7},
        {"tokens": ["a\ufffd", "b"], "tags": ["B-LOC", "I-LOC"], "line": 8, "file": 7},
        {"tokens": ["a", "b"], "tags": ["O", "B-LOC"], "line": 9, "file": 7},
    ]
    assert sorted(kinds(problems), key=lambda kind: kind[2] or 0) == [
        ("info", "scheme", None),
        ("warning", "token_space", 2),
        ("error", "tag_count", 3),
        ("error", "no_token", 4),
        ("error", "no_tag", 5),
        ("error", "no_token", 6),
        ("error", "no_token", 7),
        ("warning", "replacement_char", 8),
        ("warning", "illegal_transition", 9),
        ("error", "illegal_tag", 10),
    ]
    assert problems.skipped == 6


# -- the fast reading is the plain one

PIECES = st.sampled_from(
    ["a", "中", "New York", "b\tO", "#", "-DOCSTART-", "\u3000", "\ufffd", "\ufeff", '"', "x\xa0", ""]
)
LINES = st.one_of(
    st.sampled_from(["a\tO", "中\tB-PER", "国\tI-PER", "a O", "中 B-PER", "a\tN\tO", "", "", ""]),
    st.tuples(PIECES, st.sampled_from(["\t", " ", "  ", "\t\t", "\u3000", "\\t"]), PIECES).map("".join),
    st.sampled_from(
        [" ", "\t", "# text = a", "# x = O", "-DOCSTART- -X- O", "\ufeff\tO", "a\tO ", "\x0b\tO", "a\x85\tO"]
    ),
    st.text(st.sampled_from("aO中 \t#\x1c\u2028=-"), max_size=6),
)
LAYOUTS = [
    Layout(2, 0, 1),
    Layout(2, 0, 1, tabbed=False),
    Layout(2, 1, 0),
    Layout(3, 0, 2),
    Layout(3, 1, 0, tabbed=False),
    Layout(4, 0, 3, tabbed=False),
]


ORDINARY = st.sampled_from([None, ("a", "O"), ("中", "B-PER"), ("国", "I-PER"), ("“", "O"), ("#x", "NN")])


@st.composite
def files(draw: st.DrawFn) -> tuple[list[str], Layout]:
    """Lines that mostly have the layout's columns, and the layout."""
    layout, lines = draw(st.sampled_from(LAYOUTS)), list[str]()
    for luck in draw(st.lists(st.integers(0, 24), max_size=60)):
        cells, row = ["z"] * layout.width, draw(ORDINARY)
        if row:
            cells[layout.token_at], cells[layout.tag_at] = row
        ordinary = ("\t" if layout.tabbed else " ").join(cells) if row else ""
        lines.append(draw(LINES) if luck == 17 else ordinary)
    return lines, layout


@settings(max_examples=500)
@given(files(), st.sampled_from([1, 7, 40, 10_000]), st.sets(st.integers(0, 49), max_size=2))
def test_a_file_read_fast_in_blocks_is_the_file_read_line_by_line(
    folder: Path, file: tuple[list[str], Layout], block_size: int, damaged: set[int]
) -> None:
    lines, layout = file
    path = folder / "any.txt"
    raw = [line.encode() + (b"\xff" if at in damaged else b"") for at, line in enumerate(lines)]
    path.write_bytes(b"\n".join(raw) + b"\n")

    met, slow = set[int](), Problems()
    numbered = list(read_lines(path, "utf-8", on_fault=lambda fault: met.add(fault.line)))
    expected = list(sentences(numbered, frozenset(met), layout, slow))

    tagset, fast = TagSet(PLAIN), Problems()
    blocks = read_blocks(path, "utf-8", on_fault=lambda fault: None, block_size=block_size)
    found = list[tuple[list[int], list[str], list[str]]]()
    for part in rows(blocks, layout, tagset, fast):
        for i, tokens in enumerate(part.tokens.to_pylist()):
            at = np.arange(part.offsets[i], part.offsets[i + 1])
            found.append((part.lines_of(at).tolist(), tokens, [tagset.names[tag] for tag in part.ids[at]]))

    assert found == expected
    assert sorted(kinds(fast), key=str) == sorted(kinds(slow), key=str)
    assert fast.skipped == slow.skipped


@pytest.mark.parametrize("block_size", [100, 5_000])
def test_a_real_file_read_fast_in_blocks_is_the_file_read_line_by_line(shared_data: Path, block_size: int) -> None:
    for name in ("ner/zh_weibo.dev.txt", "awkward/en_btc_f_emptytoken.conll"):
        path = shared_data / name
        layout, slow, fast, tagset = Layout(2, 0, 1), Problems(), Problems(), TagSet(PLAIN)
        expected = list(sentences(read_lines(path, "utf-8"), frozenset(), layout, slow))
        blocks = read_blocks(path, "utf-8", on_fault=lambda fault: None, block_size=block_size)
        parts = list(rows(blocks, layout, tagset, fast))
        assert [row for part in parts for row in part.tokens.to_pylist()] == [tokens for _, tokens, _ in expected]
        assert [line for part in parts for line in part.lines.tolist()] == [numbers[0] for numbers, _, _ in expected]
        assert [tagset.names[i] for part in parts for i in part.ids] == [tag for _, _, tags in expected for tag in tags]
        assert (fast.counts, fast.skipped) == (slow.counts, slow.skipped)


@pytest.mark.parametrize("header", ["token\ttag", "word\tner_tags", "词\t标签"])
def test_a_line_of_column_names_is_no_token(tmp_path: Path, header: str) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(f"{header}\n" + "Li\tB-PER\nsings\tO\n\n" * 5, encoding="utf-8")
    data = load(path)
    assert (data.format, len(data), data[0].source, data.labels) == ("tags", 5, "a.tsv:2", ("B-PER", "O"))
    assert data.report.counts["header"] == 1
