"""The code in CONTRIBUTING.md runs as it stands."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

import ftkit


def test_the_format_and_the_task_in_contributing_run(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = re.findall(
        r"^```python\n(.*?)^```", (repository / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.M | re.S
    )
    assert [re.findall(r"^class (\w+)", block, re.M) for block in blocks] == [["Starred"], ["Regression"]]
    draw = random.Random(0)
    rows = []
    for i in range(60):
        words = draw.choices(["warm", "quiet", "cold", "loud"], k=4)
        rows.append(f"{1 + sum(word in ('warm', 'quiet') for word in words)}.5 | a {' '.join(words)} room {i}\n")
    (tmp_path / "reviews.starred").write_text("".join(rows), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "contributing"}
    for block in blocks:
        exec(compile(block, "CONTRIBUTING.md", "exec"), names)
    said = capsys.readouterr().out
    assert "Example(text='a " in said
    assert "{'rmse': " in said
    (tmp_path / "bad.starred").write_text("many | a room\n", encoding="utf-8")
    report = ftkit.check("bad.starred", format=names["Starred"]())  # type: ignore[operator]
    assert [(problem.kind, problem.line) for problem in report.errors][:1] == [("no_stars", 1)]
    assert (tmp_path / "stars" / "config.json").is_file()
