"""The notebooks of both languages come from one source, and are committed as they ran."""

from __future__ import annotations

import copy
import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def _build_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_notebooks", NOTEBOOKS / "source" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build = _build_script()
COMMITTED = [
    (source, language, NOTEBOOKS / language / f"{source.stem}.ipynb")
    for source in build.sources([])
    for language in build.LANGUAGES
]
OWN_DATA = {"07_data": {"pandas", "pathlib"}}  # what people have their data in: files, and tables

each_notebook = pytest.mark.parametrize(
    ("source", "language", "path"), COMMITTED, ids=[f"{language}/{path.stem}" for _, language, path in COMMITTED]
)

EXAMPLE = """# %% [markdown] hello en
# # Hello
# you
# %% [markdown] hello zh
# # 你好，
# 第一行没有完，
# 第二行才完。
# %% work tags=nbval-ignore-output
kit.language("en")  # en
kit.language("zh")  # zh
x = 1  # one
"""


@each_notebook
def test_a_committed_notebook_is_the_one_its_source_gives_and_was_run(source, language, path):
    notebook = build.build(source.read_text(encoding="utf-8"), language)
    assert build.differences(notebook, path) == []


@each_notebook
def test_a_committed_notebook_stores_its_pictures_and_facts(source, language, path):
    cells = {cell.id: cell for cell in build.read(path).cells}
    printing = [cell for cell in cells.values() if cell.cell_type == "code" and "print(" in cell.source]
    assert printing
    assert all(any(output.get("name") == "stdout" for output in cell.outputs) for cell in printing)
    kinds = {kind for cell in cells.values() for output in cell.get("outputs", []) for kind in output.get("data", {})}
    assert {"image/png", "text/html"} <= kinds
    plotting = [cell for cell in cells.values() if cell.cell_type == "code" and cell.source.endswith(".plot()")]
    assert all("image/png" in cell.outputs[0].data for cell in plotting)
    assert build.WIDGET not in kinds


@each_notebook
def test_every_code_cell_has_a_sentence_before_it_and_imports_only_the_kit(source, language, path):
    cells = build.read(path).cells
    for before, cell in zip([None, *cells], cells, strict=False):
        if cell.cell_type == "code":
            assert before is not None
            assert before.cell_type == "markdown"
            modules = re.findall(r"^\s*(?:from|import) (\w+)", cell.source, flags=re.MULTILINE)
            assert set(modules) <= {"ftkit", "transformers", *OWN_DATA.get(path.stem, ())}
            assert not re.search(r"^\s*class ", cell.source, flags=re.MULTILINE)


@each_notebook
def test_a_notebook_prints_nothing_to_stderr_and_no_fact_is_false(source, language, path):
    texts = [output for cell in build.read(path).cells for output in cell.get("outputs", []) if "text" in output]
    assert not [output for output in texts if output.name == "stderr"]
    assert not [line for output in texts for line in output.text.splitlines() if line.endswith("False")]


def test_both_languages_have_the_same_cells():
    for source in build.sources([]):
        text = source.read_text(encoding="utf-8")
        english, chinese = (build.build(text, language).cells for language in build.LANGUAGES)
        assert [(c.id, c.cell_type, c.metadata) for c in english] == [(c.id, c.cell_type, c.metadata) for c in chinese]


def test_a_source_gives_each_language_its_own_text_and_lines():
    english, chinese = (build.build(EXAMPLE, language) for language in ("en", "zh"))
    assert [cell.source for cell in english.cells] == ["# Hello\nyou", 'kit.language("en")\nx = 1  # one']
    assert [cell.source for cell in chinese.cells] == [
        "# 你好，\n第一行没有完，第二行才完。",  # a heading is a line of its own
        'kit.language("zh")\nx = 1  # one',
    ]
    assert english.cells[1].metadata == {"tags": ["nbval-ignore-output"]}
    assert [cell.id for cell in english.cells] == ["hello", "work"]


def test_a_mistyped_cell_start_is_an_error_that_shows_it():
    with pytest.raises(ValueError, match=r"'# %% \[markdwon\] hello en'"):
        build.build("# %% [markdwon] hello en\n# text\n", "en")


def test_two_cells_with_one_id_are_an_error():
    with pytest.raises(ValueError, match="two cells with the id work"):
        build.build(EXAMPLE + "# %% work\n1\n", "en")


def test_outputs_are_kept_while_the_code_is_the_same_and_dropped_when_it_changes():
    ran = build.build(EXAMPLE, "en")
    ran.cells[1].execution_count, ran.cells[1].outputs = 1, [nbformat.v4.new_output("stream", text="kept\n")]
    same, other = build.build(EXAMPLE.replace("you", "all"), "en"), build.build(EXAMPLE.replace("x = 1", "x = 2"), "en")
    build.keep_outputs(same, ran)
    build.keep_outputs(other, ran)
    assert same.cells[1].outputs[0].text == "kept\n"
    assert other.cells[1].outputs == []
    assert build.executed(same)
    assert not build.executed(other)


def test_a_notebook_edited_by_hand_is_told_apart_from_its_source(tmp_path):
    notebook = build.build(EXAMPLE, "en")
    edited = copy.deepcopy(notebook)
    edited.cells[1].source += "\ny = 2"
    build.write(edited, tmp_path / "edited.ipynb")
    assert build.differences(notebook, tmp_path / "edited.ipynb") == [
        "cell 'work' differs from its source",
        "was not run from its first cell to its last",
    ]


def test_a_lone_widget_view_is_not_stored_but_a_picture_beside_one_is():
    def output(**data):
        return nbformat.v4.new_output("display_data", data={kind.replace("_", "/"): v for kind, v in data.items()})

    lone, pictured = output(text_plain="Controls()"), output(text_plain="chart", image_png="")
    lone.data[build.WIDGET] = pictured.data[build.WIDGET] = {"model_id": "1"}
    assert [build._has_a_picture(o) for o in (lone, pictured, output(text_plain="'en'"))] == [False, True, True]
    assert build.WIDGET not in json.dumps(pictured)
