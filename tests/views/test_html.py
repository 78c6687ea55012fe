from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ftkit.data.dataset import Dataset
from ftkit.data.load import check
from ftkit.i18n import language
from ftkit.views import html
from tests.views.awkward import EVIL


def labelled(n: int = 40) -> Dataset:
    return Dataset.from_rows([(f"text number {i} {'long ' * (i % 7)}", "good" if i % 4 else "bad") for i in range(n)])


def visible(shown: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown))


def test_a_dataset_shows_counts_histograms_and_first_rows() -> None:
    seen = visible(html.dataset_html(labelled()))
    assert "40 rows · classification · labels" in seen
    assert "2 labels" in seen
    assert re.search(r"good 30 75%", seen)
    assert re.search(r"bad 10 25%", seen)
    assert "length in characters: median" in seen
    assert "text number 0" in seen
    assert "text number 7" in seen
    assert "text number 8" not in seen
    assert "… and 32 more rows" in seen


def test_a_tagged_dataset_shows_its_tags_in_letters() -> None:
    data = Dataset.from_rows([(("Anna", "lives", "in", "Bern"), ("B-PER", "O", "O", "B-LOC"))] * 3, format="tags")
    seen = visible(html.dataset_html(data))
    assert "3 sentences · tagging · tags" in seen
    assert "Anna B-PER lives in Bern B-LOC" in seen


def test_titles_show_the_lengths_of_both_sides_and_three_examples() -> None:
    data = Dataset.from_rows([(f"Tea {i}", f"Content number {i}. " * 9) for i in range(9)], format="title")
    seen = visible(html.dataset_html(data))
    assert "9 rows · generation · title" in seen
    assert "title: length in characters: median 5, longest 5" in seen
    assert "content: length in characters: median 162, longest 162" in seen
    assert "Tea 2 Content number 2." in seen
    assert "Tea 3" not in seen
    assert "… and 6 more rows" in seen
    assert "labels" not in seen


def test_a_corpus_shows_its_lines_and_no_target() -> None:
    seen = visible(html.dataset_html(Dataset.from_rows([f"A sentence, number {i}." for i in range(5)], "corpus")))
    assert "5 rows · language modelling · corpus" in seen
    assert "text: length in characters: median 21, longest 21" in seen
    assert "rows:1 A sentence, number 0. rows:2" in seen


def test_a_conversation_shows_a_turn_a_line_and_no_more_than_three() -> None:
    rows = [("Who?", "Me."), ([f"q{i}" for i in range(5)], [f"a{i}" for i in range(5)])]
    seen = visible(html.dataset_html(Dataset.from_rows(rows, format="qa")))
    assert "2 rows · chat · qa" in seen
    assert "rows:1 Who? Me." in seen
    assert "rows:2 q0 a0 q1 a1 q2 a2 …" in seen
    assert "q3" not in seen


def test_a_task_from_outside_is_shown_by_its_name() -> None:
    assert "grading" in html.dataset_html(Dataset(labelled().table, "labels", task="grading"))


def test_chinese_is_chinese() -> None:
    language("zh")
    assert "40 行 · 分类" in visible(html.dataset_html(labelled()))
    seen = visible(html.dataset_html(Dataset.from_rows([("你是谁？", "一个模型。")], format="qa")))
    assert "1 行 · 对话 · qa" in seen
    assert "回答：长度（字符）" in seen


def test_text_of_a_file_is_never_markup(tmp_path: Path) -> None:
    rows = [(f"{EVIL} {i}", f"<b>{i % 2}</b>") for i in range(10)]
    shown = html.dataset_html(Dataset.from_rows(rows))
    assert "<script" not in shown
    assert "<b>" not in shown
    for format, row in (("title", (EVIL, EVIL)), ("qa", ([EVIL, EVIL], [EVIL, EVIL])), ("corpus", EVIL)):
        shown = html.dataset_html(Dataset.from_rows([row], format=format))
        assert "<script" not in shown
        assert "&lt;script" in shown
    file = tmp_path / "<img src=x>.tsv"
    try:
        file.write_text("\n".join([*(f"<b>x</b>\t{EVIL} {i}" for i in range(5)), f"no tab {EVIL}"]), encoding="utf-8")
    except OSError:  # Windows takes no < in a file's name
        file = tmp_path / "evil.tsv"
        file.write_text(f"no tab {EVIL}\n" * 3, encoding="utf-8")
    shown = html.report_html(check(file, format="labels"))
    assert "<script" not in shown
    assert "<img" not in shown


def test_a_report_shows_errors_first_with_line_and_fix(tmp_path: Path) -> None:
    file = tmp_path / "reviews.tsv"
    lines = ["good\tnice one", "bad\tawful one", "good\tnice two", "bad\tawful two", "good\tnice one", "no tab here"]
    file.write_text("\n".join(lines), encoding="utf-8")
    report = check(file, format="labels")
    seen = visible(html.report_html(report))
    assert report.errors
    assert report.errors[0].fix.split()[0] in seen
    assert seen.index("✗ error 6") < seen.index("! warning")


@pytest.mark.parametrize("length", [0, 1, 3, 1000])
def test_histogram_counts_every_row(length: int) -> None:
    data = Dataset.from_rows([("x" * (length + i % 2), "ab"[i % 2]) for i in range(20)])
    bars = html._lengths(data.lengths(), "characters")
    counts = [int(count.replace(",", "")) for count in re.findall(r"nowrap\">([\d,]+)</td></tr>", bars)]
    assert sum(counts) == 20


def test_many_labels_are_cut_and_the_rest_is_counted() -> None:
    data = Dataset.from_rows([(f"text {i}", f"label{i % 30}") for i in range(60)])
    seen = visible(html.dataset_html(data))
    assert "30 labels" in seen
    assert "18 others 36" in seen


def test_registering_twice_is_registering_once_and_imports_no_data() -> None:
    code = """
import sys
from IPython.core.interactiveshell import InteractiveShell
from ftkit.views.html import register
register()
shell = InteractiveShell.instance()
register(); register()
assert "ftkit.data.dataset" not in sys.modules and "matplotlib" not in sys.modules
from ftkit.data.dataset import Dataset
data = Dataset.from_rows([("a", "x"), ("b", "y")])
bundle, _ = shell.display_formatter.format(data)
assert "2 rows" in bundle["text/html"], bundle
assert "text/plain" in bundle
print("fine")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
    assert done.stdout.strip().endswith("fine"), done.stderr


def test_outside_ipython_registering_does_nothing() -> None:
    code = "import sys; from ftkit.views.html import register; register(); print('IPython' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "False"


def test_text_of_a_file_is_never_a_formula(tmp_path: Path) -> None:
    shown = html.dataset_html(Dataset.from_rows([(f"${i} here and ${i} there", "cheap") for i in range(3)]))
    assert "mathjax_ignore" in shown[: shown.index(">")]  # MathJax 3 and 4, as in JupyterLab
    assert "tex2jax_ignore" in shown[: shown.index(">")]  # MathJax 2, as in exported HTML
    file = tmp_path / "one.tsv"
    file.write_text("$1 or $2\n", encoding="utf-8")
    assert "mathjax_ignore" in html.report_html(check(file))
