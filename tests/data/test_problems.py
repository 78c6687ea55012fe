"""Problems and the report that a terminal shows."""

from __future__ import annotations

import string

import pytest

from ftkit import i18n
from ftkit.data.problems import KEPT_PER_KIND, Problem, Problems, Report, cells, excerpt
from ftkit.i18n.data import TEXTS


def a_report(n: int, severity: str = "warning") -> Report:
    problems = tuple(Problem(severity, line, "no_tab", f"Wrong {line}.", "Right it.") for line in range(1, n + 1))  # type: ignore[arg-type]
    return Report("a.tsv", "labels", "utf-8", problems, {"no_tab": n})


def test_a_report_is_ok_without_errors() -> None:
    assert a_report(0).ok
    assert a_report(2).ok
    assert not a_report(1, "error").ok
    assert len(a_report(2).warnings) == len(a_report(2, "error").errors) == 2


def test_a_report_tells_three_of_a_kind_names_the_next_lines_and_counts_the_rest() -> None:
    shown = str(a_report(25))
    assert shown.count("Wrong") == 3
    assert "... and on 4, 5, 6, 7, 8, 9, 10, 11 and 14 more\n" in shown
    assert shown.endswith('report.fix(out="a.fixed.tsv")')


def test_what_to_do_is_said_once_a_kind() -> None:
    assert str(a_report(3)).count("Right it.") == 1
    other = [Problem("error", n, "a", "Odd.", f"Delete line {n}.") for n in (1, 2)]
    shown = str(Report("a.tsv", "labels", "utf-8", tuple(other), {"a": 2}))
    assert "Delete line 1." in shown
    assert "Delete line 2." in shown


def test_a_report_shows_errors_first() -> None:
    warning, error = Problem("warning", 1, "a", "Odd.", "Look."), Problem("error", 9, "b", "Bad.", "Mend.")
    lines = str(Report("a.tsv", "labels", "utf-8", (warning, error), {"a": 1, "b": 1})).splitlines()
    assert lines[0].endswith("errors: 1, warnings: 1")
    assert [line.split()[0] for line in lines[1:]] == ["error", "9", "warning", "1"]


def test_of_several_files_each_problem_names_its_own() -> None:
    problem = Problem("error", 9, "b", "Bad.", "Mend.", file="b.tsv")
    assert "b.tsv:9  Bad." in str(Report("a", "labels", "utf-8", (problem,), {"b": 1}))


def test_a_report_speaks_chinese() -> None:
    i18n.language("zh")
    assert "没有发现问题" in str(a_report(0))
    assert str(a_report(1, "error")).splitlines()[1].startswith("错误")


def test_a_million_problems_of_a_kind_keep_a_thousand_and_count_all() -> None:
    problems = Problems()
    for line in range(KEPT_PER_KIND + 500):
        problems.add("error", "no_tab", line, about="x")
    assert len(problems) == KEPT_PER_KIND
    assert problems.counts["no_tab"] == problems.n_errors == KEPT_PER_KIND + 500


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a\tb", "a\\tb"),
        ("a\x00\x1b[31m\u202e", "a\\x00\\x1b[31m\\u202e"),
        ("中文 😀", "中文 😀"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 57 + "..."),
        ("<script>", "<script>"),  # whoever makes HTML escapes
    ],
)
def test_an_excerpt_is_short_and_shows_control_characters(raw: str, shown: str) -> None:
    assert excerpt(raw) == shown
    assert len(excerpt(raw)) <= 60


def test_a_chinese_character_takes_two_cells() -> None:
    assert cells("中文ab") == 6


def test_texts_stand_in_both_languages_with_the_same_fields() -> None:
    for key, (english, chinese) in TEXTS.items():
        fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (english, chinese)]
        assert fields[0] == fields[1], key
        assert any("\u4e00" <= c <= "\u9fff" for c in chinese) or not english.strip(), key


def test_every_problem_says_what_was_expected_and_how_to_mend_it() -> None:
    for key in (key for key in TEXTS if f"{key}.fix" in TEXTS):
        english, chinese = TEXTS[key]
        assert "Expected" in english, key
        assert english.endswith("."), key
        assert chinese.endswith("。"), key
        assert "\t" not in "".join(TEXTS[f"{key}.fix"]), key
