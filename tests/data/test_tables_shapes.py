"""Which format a table's columns are: one file's content, and the rows that it must give, for each shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ftkit.data.problems import Problems
from ftkit.data.tables import Shape, Table, open_table, recognise
from ftkit.data.tables.memory import from_memory
from ftkit.errors import AmbiguousFormatError, FormatError, SettingError
from ftkit.i18n import language

Rows = list[tuple[Any, ...]]


def opened(folder: Path, name: str, content: str | bytes) -> Table:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    table = open_table(path)
    assert table is not None
    return table


def read(table: Table, shape: Shape) -> tuple[Rows, Problems]:
    problems = Problems()
    rows = [tuple(row.values()) for batch in shape.batches(table, problems) for row in batch.to_pylist()]
    return rows, problems


def jsonl(*records: Any) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


TOKENS = {"tokens": ["李", "明"], "ner_tags": ["B-PER", "I-PER"]}
CHAT = [{"role": "user", "content": "在吗"}, {"role": "assistant", "content": "在"}]
SHARE = [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]

# name: file name, content, format, columns, rows
SHAPES: dict[str, tuple[str, str, str, dict[str, str], Rows]] = {
    "text, label": (
        *("a.csv", "text,label\ngood,pos\nbad,neg\n", "labels", {"text": "text", "label": "label"}),
        [("good", "pos", 2), ("bad", "neg", 3)],
    ),
    "upper case and spaces": (
        *("a.csv", " Text , LABEL \ngood,pos\n", "labels", {"text": "Text", "label": "LABEL"}),
        [("good", "pos", 2)],
    ),
    "sentence; category with semicolons": (
        *("a.csv", "sentence;category\na, b;c\n", "labels", {"text": "sentence", "label": "category"}),
        [("a, b", "c", 2)],
    ),
    "Chinese labels": (
        *("a.csv", "评论,情感\n很好,正面\n不好,负面\n", "labels", {"text": "评论", "label": "情感"}),
        [("很好", "正面", 2), ("不好", "负面", 3)],
    ),
    "Chinese labels with an id": (
        *("a.csv", "编号,内容,类别\n1,很好,正面\n", "labels", {"text": "内容", "label": "类别"}),
        [("很好", "正面", 2)],
    ),
    "query, intent": (
        *("a.jsonl", jsonl({"query": "天气", "intent": "weather"}), "labels", {"text": "query", "label": "intent"}),
        [("天气", "weather", 1)],
    ),
    "whole numbers as labels": (
        *("a.jsonl", jsonl({"text": "a", "label": 1}, {"text": "b", "label": 0}), "labels"),
        *({"text": "text", "label": "label"}, [("a", "1", 1), ("b", "0", 2)]),
    ),
    "booleans as labels": (
        *("a.jsonl", jsonl({"text": "a", "label": True}), "labels", {"text": "text", "label": "label"}),
        [("a", "true", 1)],
    ),
    "lists of one label": (
        *("a.jsonl", jsonl({"text": "a", "label": ["x"]}), "labels", {"text": "text", "label": "label"}),
        [("a", "x", 1)],
    ),
    "lists of labels": (
        *("a.jsonl", jsonl({"text": "a", "labels": ["x", "y"]}, {"text": "b", "labels": []}), "labels"),
        *({"text": "text", "labels": "labels"}, [("a", ["x", "y"], 1), ("b", [], 2)]),
    ),
    "labels with bars between": (
        *("a.csv", "text,labels\na,x|y\nb,x\nc,y|z\nd,z\n", "labels"),
        {"text": "text", "labels": "labels", "separator": "|"},
        [("a", ["x", "y"], 2), ("b", ["x"], 3), ("c", ["y", "z"], 4), ("d", ["z"], 5)],
    ),
    "labels with commas between": (
        *("a.csv", '内容,标签\na,"x,y"\nb,x\nc,"y,z"\nd,z\n', "labels"),
        {"text": "内容", "labels": "标签", "separator": ","},
        [("a", ["x", "y"], 2), ("b", ["x"], 3), ("c", ["y", "z"], 4), ("d", ["z"], 5)],
    ),
    "one-hot": (
        *("a.csv", "text,sport,news\na,1,0\nb,0,1\n", "labels"),
        *({"text": "text", "label_1": "sport", "label_2": "news"}, [("a", "sport", 2), ("b", "news", 3)]),
    ),
    "several-hot": (
        *("a.csv", "text,toxic,rude\na,1,1\nb,0,0\n", "labels"),
        *({"text": "text", "labels_1": "toxic", "labels_2": "rude"}, [("a", ["toxic", "rude"], 2), ("b", [], 3)]),
    ),
    "fastText": (
        *("a.txt", "__label__x good film\n__label__y bad film\n", "labels", {"text": "text", "label": "label"}),
        [("good film", "x", 1), ("bad film", "y", 2)],
    ),
    "fastText, several labels": (
        *("a.txt", "__label__x __label__y good\nbad __label__y\n", "labels", {"text": "text", "labels": "label"}),
        [("good", ["x", "y"], 1), ("bad", ["y"], 2)],
    ),
    "no header, told by content": (
        *(
            "a.csv",
            "好,这个很好用\n差,这个不好用\n好,还可以的\n差,太差了\n好,喜欢\n",
            "labels",
            {"text": "1", "label": "0"},
        ),
        [
            ("这个很好用", "好", 1),
            ("这个不好用", "差", 2),
            ("还可以的", "好", 3),
            ("太差了", "差", 4),
            ("喜欢", "好", 5),
        ],
    ),
    "title, content": (
        *("a.csv", "title,content\nT,C\n", "title", {"title": "title", "content": "content"}, [("T", "C", 2)]),
    ),
    "标题, 正文": ("a.csv", "标题,正文\nT,C\n", "title", {"title": "标题", "content": "正文"}, [("T", "C", 2)]),
    "article, summary": (
        *("a.jsonl", jsonl({"article": "long", "summary": "s"}), "title", {"title": "summary", "content": "article"}),
        [("s", "long", 1)],
    ),
    "document, abstract": (
        *("a.jsonl", jsonl({"document": "long", "abstract": "s"}), "title"),
        *({"title": "abstract", "content": "document"}, [("s", "long", 1)]),
    ),
    "text, target that is a summary": (
        *("a.jsonl", jsonl(*({"text": f"{i} long", "target": f"a summary of {i}, in words"} for i in range(5)))),
        *("title", {"title": "target", "content": "text"}),
        [(f"a summary of {i}, in words", f"{i} long", i + 1) for i in range(5)],
    ),
    "text, target that is a label": (
        *("a.jsonl", jsonl(*({"text": f"{i} long", "target": "ab"[i % 2]} for i in range(6))), "labels"),
        *({"text": "text", "label": "target"}, [(f"{i} long", "ab"[i % 2], i + 1) for i in range(6)]),
    ),
    "headline, text": (
        *("a.csv", "headline,text\nT,C\n", "title", {"title": "headline", "content": "text"}, [("T", "C", 2)]),
    ),
    "prompt, completion": (
        *("a.jsonl", jsonl({"prompt": "q", "completion": "a"}), "qa", {"question": "prompt", "answer": "completion"}),
        [(["q"], ["a"], 1)],
    ),
    "prompt, chosen": (
        *("a.jsonl", jsonl({"prompt": "q", "chosen": "a", "rejected": "b"}), "qa"),
        *({"question": "prompt", "answer": "chosen"}, [(["q"], ["a"], 1)]),
    ),
    "human, assistant": (
        *("a.csv", "human,assistant\nq,a\n", "qa", {"question": "human", "answer": "assistant"}, [(["q"], ["a"], 2)]),
    ),
    "客户, 客服": ("a.csv", "客户,客服\nq,a\n", "qa", {"question": "客户", "answer": "客服"}, [(["q"], ["a"], 2)]),
    "提问, 答复": ("a.csv", "提问,答复\nq,a\n", "qa", {"question": "提问", "answer": "答复"}, [(["q"], ["a"], 2)]),
    "title, ask, answer": (
        *("a.csv", "title,ask,answer\nt,q,a\n", "qa", {"question": "ask", "answer": "answer"}, [(["q"], ["a"], 2)]),
    ),
    "指令, 输入, 输出": (
        *("a.csv", "指令,输入,输出\n译,hi,嗨\n", "qa", {"question": "指令", "answer": "输出", "input": "输入"}),
        [(["译\nhi"], ["嗨"], 2)],
    ),
    "lists of turns": (
        *("a.jsonl", jsonl({"question": ["a", "c"], "answer": ["b", "d"]}), "qa"),
        *({"question": "question", "answer": "answer"}, [(["a", "c"], ["b", "d"], 1)]),
    ),
    "SQuAD's answers": (
        *("a.jsonl", jsonl({"question": "q", "answers": {"text": ["a"], "answer_start": [3]}}), "qa"),
        *({"question": "question", "answer": "answers"}, [(["q"], ["a"], 1)]),
    ),
    "messages": (
        *("a.jsonl", jsonl({"messages": [{"role": "system", "content": "S"}, *CHAT]}, {"messages": CHAT}), "qa"),
        *({"messages": "messages"}, [(["在吗"], ["在"], "S", 1), (["在吗"], ["在"], None, 2)]),
    ),
    "conversations": (
        *("a.json", json.dumps([{"conversations": SHARE * 2, "system": "S"}]), "qa"),
        *({"messages": "conversations", "system": "system"}, [(["a", "a"], ["b", "b"], "S", 1)]),
    ),
    "an utterance a row": (
        *("a.csv", "会话ID,角色,内容\n1,客户,你好\n1,客户,在吗\n1,客服,在\n2,客户,a\n2,客服,b\n2,客户,c\n", "qa"),
        {"conversation": "会话ID", "role": "角色", "text": "内容"},
        [(["你好\n在吗"], ["在"], None, 2), (["a"], ["b"], None, 5)],
    ),
    "an utterance a row, English": (
        *("a.csv", "conversation_id,role,text\nx,user,q\nx,agent,a\nx,user,q2\nx,agent,a2\n", "qa"),
        {"conversation": "conversation_id", "role": "role", "text": "text"},
        [(["q", "q2"], ["a", "a2"], None, 2)],
    ),
    "tokens, ner_tags": (
        *("a.jsonl", jsonl(TOKENS), "tags", {"tokens": "tokens", "tags": "ner_tags"}),
        [(["李", "明"], ["B-PER", "I-PER"], 1)],
    ),
    "lists written into cells": (
        *("a.csv", "tokens,tags\n\"['a', 'b']\",\"['O', 'B-X']\"\n", "tags", {"tokens": "tokens", "tags": "tags"}),
        [(["a", "b"], ["O", "B-X"], 2)],
    ),
    "tokens with spaces between": (
        *("a.csv", "tokens,tags\n我 爱 中国,O O B-LOC\n", "tags", {"tokens": "tokens", "tags": "tags"}),
        [(["我", "爱", "中国"], ["O", "O", "B-LOC"], 2)],
    ),
    "a text and a tag for each character": (
        *("a.jsonl", jsonl({"text": "李明在", "labels": ["B-PER", "I-PER", "O"]}, {"text": "好", "labels": ["O"]})),
        *("tags", {"tokens": "text", "tags": "labels"}),
        [(["李", "明", "在"], ["B-PER", "I-PER", "O"], 1), (["好"], ["O"], 2)],
    ),
    "a text and a tag for each word": (
        *("a.csv", "sentence,tags\nLi Ming ran,B-PER I-PER O\n", "tags", {"tokens": "sentence", "tags": "tags"}),
        [(["Li", "Ming", "ran"], ["B-PER", "I-PER", "O"], 2)],
    ),
    "Sentence # forward filled": (
        *("a.csv", "Sentence #,Word,POS,Tag\nSentence: 1,Li,N,B-PER\n,ran,V,O\nSentence: 2,Hi,X,O\n", "tags"),
        {"sentence": "Sentence #", "token": "Word", "tag": "Tag"},
        [(["Li", "ran"], ["B-PER", "O"], 2), (["Hi"], ["O"], 4)],
    ),
    "sentence_id in tabs": (
        *("a.tsv", 'sentence_id\tword\ttag\n0\tLi\tB-PER\n0\t"\tO\n1\tHi\tO\n', "tags"),
        {"sentence": "sentence_id", "token": "word", "tag": "tag"},
        [(["Li", '"'], ["B-PER", "O"], 2), (["Hi"], ["O"], 4)],
    ),
    "text": ("a.csv", "text\nhello, you\n", "corpus", {"text": "text"}, [("hello, you", "", 2)]),
    "text and its source": (
        *("a.jsonl", jsonl({"text": "a", "meta": {"url": "u"}}), "corpus", {"text": "text"}, [("a", "", 1)]),
    ),
}
SHAPES["instruction, input, output"] = (
    *(
        "a.json",
        '[{"instruction": "译", "input": "hi", "output": "嗨"},\n {"instruction": "q", "input": "", "output": "a"}]',
    ),
    *("qa", {"question": "instruction", "answer": "output", "input": "input"}),
    [(["译\nhi"], ["嗨"], 1), (["q"], ["a"], 2)],
)
SHAPES["instruction with system and history"] = (
    *("a.jsonl", jsonl({"instruction": "q", "output": "a", "system": "S", "history": [["x", "y"]]}), "qa"),
    {"question": "instruction", "answer": "output", "system": "system", "history": "history"},
    [(["x", "q"], ["y", "a"], "S", 1)],
)


@pytest.mark.parametrize("case", SHAPES)
def test_columns_are_recognised_and_give_their_rows(case: str, tmp_path: Path) -> None:
    name, content, format, columns, expected = SHAPES[case]
    table = opened(tmp_path, name, content)
    shape = recognise(table)
    rows, problems = read(table, shape)
    assert (shape.format, dict(shape.columns), rows) == (format, columns, expected)
    assert not problems.n_errors
    assert not table.problems.n_errors


@pytest.mark.parametrize("case", SHAPES)
def test_a_shapes_own_columns_give_the_same_reading_again(case: str, tmp_path: Path) -> None:
    name, content, _, _, expected = SHAPES[case]
    table = opened(tmp_path, name, content)
    shape = recognise(table)
    again = recognise(table, format=shape.format, columns=json.loads(json.dumps(dict(shape.columns))))
    assert again == shape
    assert read(table, again)[0] == expected


# -- what is wrong with single records

FAULTS: dict[str, tuple[str, str, list[tuple[int, str]], int]] = {  # file name, content, lines and kinds, rows left
    "a list for a text": (
        "a.jsonl",
        jsonl({"text": "a", "label": "x"}, {"text": ["a"], "label": "x"}),
        [(2, "not_text")],
        1,
    ),
    "two labels where one is usual": (
        *("a.jsonl", jsonl(*[{"text": "a", "label": ["x"]}] * 600, {"text": "b", "label": ["x", "y"]})),
        *([(601, "several_labels")], 600),
    ),
    "no switch": ("a.csv", "text,x,y\n" + "a,1,0\n" * 600 + "a,2,0\n", [(602, "not_switch")], 600),
    "two of one-hot": ("a.csv", "text,x,y\n" + "a,1,0\n" * 600 + "a,1,1\n", [(602, "not_one_hot")], 600),
    "more tokens than tags": (
        *("a.jsonl", jsonl(TOKENS, {"tokens": ["a", "b"], "ner_tags": ["O"]}), [(2, "two_lengths")], 1),
    ),
    "an empty token": ("a.jsonl", jsonl(TOKENS, {"tokens": ["a", ""], "ner_tags": ["O", "O"]}), [(2, "no_token")], 1),
    "no tag in a row": (*("a.csv", "sentence_id,word,tag\n1,a,O\n1,b,\n2,c,O\n", [(3, "no_tag")], 1),),
    "an unknown role": (
        "a.jsonl",
        jsonl({"messages": CHAT}, {"messages": [{"role": "tool", "content": "x"}]}),
        [(2, "unknown_role")],
        1,
    ),
    "no answer": ("a.jsonl", jsonl({"messages": CHAT}, {"messages": CHAT[:1]}), [(2, "no_turn")], 1),
    "an answer first": ("a.jsonl", jsonl({"messages": [CHAT[1], *CHAT]}), [(1, "answer_first")], 1),
    "no messages": ("a.jsonl", jsonl({"messages": CHAT}, {"messages": "hello"}), [(2, "not_messages")], 1),
    "a conversation that comes back": (
        *(
            "a.csv",
            "会话ID,角色,内容\n1,客户,a\n1,客服,b\n2,客户,a\n2,客服,b\n1,客户,a\n1,客服,b\n",
            [(6, "conversation_again")],
            3,
        ),
    ),
    "more questions than answers": (
        *("a.jsonl", jsonl({"question": ["a", "b"], "answer": ["c"]}), [(1, "two_counts")], 0),
    ),
    "a history that is none": (
        *("a.jsonl", jsonl({"instruction": "q", "output": "a", "history": [["x"]]}), [(1, "not_turns")], 0),
    ),
}


@pytest.mark.parametrize("case", FAULTS)
@pytest.mark.parametrize("code", ["en", "zh"])
def test_a_fault_is_named_by_line_in_both_languages(case: str, code: str, tmp_path: Path) -> None:
    name, content, expected, n_rows = FAULTS[case]
    language(code)
    table = opened(tmp_path, name, content)
    rows, problems = read(table, recognise(table))
    assert [(p.line, p.kind) for p in problems if p.severity != "info"] == expected
    assert len(rows) == n_rows
    assert problems.skipped == sum(p.severity == "error" for p in problems)
    assert all(p.message and p.fix for p in problems)


def test_missing_cells_are_empty_texts_left_to_the_formats_check(tmp_path: Path) -> None:
    table = opened(tmp_path, "a.jsonl", '{"text": null, "label": "x"}\n{"label": "x"}\n{"text": NaN, "label": "y"}\n')
    rows, problems = read(table, recognise(table))
    assert rows == [("", "x", 1), ("", "x", 2), ("", "y", 3)]
    assert not problems


def test_half_a_surrogate_pair_becomes_a_replacement_sign(tmp_path: Path) -> None:
    table = opened(
        tmp_path, "a.jsonl", r'{"text": "a\ud83d", "label": "x"}' + "\n" + r'{"text": "\ud83d\ude00", "label": "x"}'
    )
    assert [row[0] for row in read(table, recognise(table))[0]] == ["a\ufffd", "😀"]


# -- ids and their names


def test_ids_of_labels_take_their_names_from_the_list_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("体育\n财经\n", encoding="utf-8")
    table = opened(tmp_path, "a.csv", "text,label\na,0\nb,1\n")
    assert [row[1] for row in read(table, recognise(table))[0]] == ["体育", "财经"]


def test_ids_take_the_names_that_the_user_gives_and_others_are_errors() -> None:
    table = from_memory([{"text": "a", "label": 1}, {"text": "b", "label": 2}])
    rows, problems = read(table, recognise(table, label_names=["neg", "pos"]))
    assert rows == [("a", "pos", 1)]
    assert [(p.line, p.kind) for p in problems] == [(2, "unknown_id")]


def test_tags_that_are_numbers_keep_them_with_a_warning_or_take_given_names() -> None:
    table = from_memory([{"tokens": ["a", "b"], "tags": [0, 1]}])
    rows, problems = read(table, recognise(table))
    assert rows == [(["a", "b"], ["0", "1"], 1)]
    assert [p.kind for p in problems] == ["tag_ids"]
    rows, problems = read(table, recognise(table, label_names=["O", "B-PER"]))
    assert rows == [(["a", "b"], ["O", "B-PER"], 1)]
    assert not problems


# -- spans


def test_doccanos_and_clueners_spans_become_tags() -> None:
    body = "李明在北京"
    doccano = from_memory([{"text": body, "label": [[0, 2, "PER"], [3, 5, "LOC"]]}])
    objects = from_memory([{"text": body, "entities": [{"start_offset": 3, "end_offset": 5, "label": "LOC"}]}])
    cluener = from_memory([{"text": body, "label": {"PER": {"李明": [[0, 1]]}, "LOC": {"北京": [[3, 4]]}}}])
    both, one = ["B-PER", "I-PER", "O", "B-LOC", "I-LOC"], ["O", "O", "O", "B-LOC", "I-LOC"]
    assert read(doccano, recognise(doccano))[0] == [(list(body), both, 1)]
    assert read(cluener, recognise(cluener))[0] == [(list(body), both, 1)]
    assert read(objects, recognise(objects))[0] == [(list(body), one, 1)]
    assert dict(recognise(doccano).columns) == {"text": "text", "spans": "label"}


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ([[0, 9, "PER"]], "span_outside"),
        ([[2, 2, "PER"]], "span_outside"),
        ([[0, 3, "PER"], [2, 4, "LOC"]], "span_overlap"),
        ([[0, "x", "PER"]], "bad_span"),
        ({"PER": {"李四": [[0, 1]]}}, "bad_span"),
    ],
)
def test_a_wrong_span_is_named(cell: Any, kind: str) -> None:
    good = {"text": "李明在北京", "label": [[0, 2, "PER"]]}
    table = from_memory([good, {"text": "李明在北京", "label": cell}, good])
    rows, problems = read(table, recognise(table))
    assert [(p.line, p.kind) for p in problems] == [(2, kind)]
    assert [row[2] for row in rows] == [1, 3]


# -- what the user says, and what is raised


def test_columns_of_a_wide_table_are_taken_by_name_or_number(tmp_path: Path) -> None:
    table = opened(tmp_path, "a.csv", "编号,时间,内容,类别,备注\n1,2020,很好,正面,-\n2,2021,不好,负面,-\n")
    by_name = recognise(table, columns={"text": "内容", "label": "类别"})
    assert read(table, by_name)[0] == [("很好", "正面", 2), ("不好", "负面", 3)]
    assert recognise(table, columns={"text": 2, "label": 3}) == by_name
    assert recognise(table, columns={"text": "内容"}).format == "corpus"
    assert recognise(table, columns={"label": "备注"}).columns == {"text": "内容", "label": "备注"}


def test_a_column_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    table = opened(tmp_path, "a.csv", "text,sentiment\na,b\n")
    with pytest.raises(FormatError, match=r"no column 'sentimnt'\. Columns found: 'text', 'sentiment'.*'sentiment'"):
        recognise(table, columns={"text": "text", "label": "sentimnt"})
    with pytest.raises(SettingError, match=r"'prompt' is no part.*'question'"):
        recognise(table, columns={"prompt": "text"})


def test_unknown_columns_are_listed_with_values_and_what_to_pass(tmp_path: Path) -> None:
    table = opened(tmp_path, "a.csv", "foo,bar\na long text that says something,x\nanother,y\n")
    with pytest.raises(FormatError, match=r"'foo' \(a long text.*columns=\{'text': 'foo', 'label': 'bar'\}"):
        recognise(table)


def test_titles_with_contents_and_labels_are_ambiguous_until_the_format_or_task_is_named(tmp_path: Path) -> None:
    table = opened(tmp_path, "a.csv", "title,content,category\nT,C,x\nT,C,x\nT,C,y\nT,C,y\n")
    with pytest.raises(AmbiguousFormatError, match=r'format="title", columns=.*format="labels", columns='):
        recognise(table)
    assert recognise(table, format="title").columns == {"title": "title", "content": "content"}
    assert recognise(table, task="classification").columns == {"text": "content", "label": "category"}


def test_two_columns_that_may_be_labels_are_ambiguous(tmp_path: Path) -> None:
    table = opened(tmp_path, "a.csv", "text,category,intent\na,x,y\n")
    with pytest.raises(AmbiguousFormatError, match=r"'label': 'category'.*'label': 'intent'"):
        recognise(table)
    table = opened(tmp_path, "b.csv", "text,label,intent\na,x,y\n")
    assert recognise(table).columns == {"text": "text", "label": "label"}


@pytest.mark.parametrize("columns", [None, {"text": "text", "label": "label"}])
def test_measurements_are_no_labels(columns: dict[str, str | int] | None) -> None:
    table = from_memory([{"text": f"t{i}", "label": i / 7} for i in range(50)])
    with pytest.raises(FormatError, match="'label' holds many different numbers"):
        recognise(table, columns=columns)


def test_stars_from_one_to_five_are_labels() -> None:
    table = from_memory([{"text": f"t{i}", "label": float(i % 5 + 1)} for i in range(50)])
    assert {row[1] for row in read(table, recognise(table))[0]} == {"1", "2", "3", "4", "5"}


def test_a_table_without_readable_records_raises_its_first_problem(tmp_path: Path) -> None:
    table = opened(tmp_path, "a.json", '{"text": ')
    with pytest.raises(FormatError, match=r"a\.json:1: .*Expecting value"):
        recognise(table)
