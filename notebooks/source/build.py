"""Builds the notebooks in en/ and zh/ from the one source of each: ``python notebooks/source/build.py --run``.

A source is a Python file in the percent format. A cell starts with a line ``# %% <id>``; then may come the language
that the cell is for (both, if none is named) and its tags::

    # %% [markdown] intro en
    # ## Text of the English notebook
    # %% [markdown] intro zh
    # ## 中文笔记本的文字
    # %% train tags=nbval-ignore-output
    run = ftkit.finetune(data)
    ftkit.language("en")  # en
    ftkit.language("zh")  # zh

In a code cell that is for both, a line that ends in ``# en`` or ``# zh`` stays in that notebook only, without the mark.
Lines of Chinese text are joined, since Markdown would put a space where a line ends.
Outputs are kept as long as the code is the same; ``--run`` makes them anew, ``--check`` only compares.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

SOURCES = Path(__file__).resolve().parent
LANGUAGES = ("en", "zh")
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}
WIDGET = "application/vnd.jupyter.widget-view+json"
_HEADER = re.compile(
    r"# %%(?P<markdown> \[markdown\])? (?P<id>[a-z0-9-]+)(?: (?P<language>en|zh))?(?: tags=(?P<tags>\S+))?"
)
_CHINESE = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"


def main() -> int:
    """Builds, runs or checks every notebook, or those named; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="such as 01_quick_start; all if none is named")
    parser.add_argument("--run", action="store_true", help="run the notebooks, so that their outputs are stored")
    parser.add_argument("--check", action="store_true", help="only say which notebooks differ from their source")
    parser.add_argument("--out", type=Path, default=SOURCES.parent, help="where en/ and zh/ are (notebooks/)")
    options = parser.parse_args()

    status = 0
    for source in sources(options.names):
        for language in LANGUAGES:
            path = options.out / language / f"{source.stem}.ipynb"
            notebook = build(source.read_text(encoding="utf-8"), language)
            if options.check:
                for difference in differences(notebook, path):
                    print(f"{language}/{path.name}: {difference}. Run: python notebooks/source/build.py --run")
                    status = 1
                continue
            if options.run:
                run(notebook, language)
            elif path.exists():
                keep_outputs(notebook, read(path))
            write(notebook, path)
            print(f"{language}/{path.name}: " + ("written" if executed(notebook) else "no outputs yet, use --run"))
    return status


def sources(names: list[str]) -> list[Path]:
    """Returns the source files, sorted; those called `names` if any are given."""
    found = [path for path in sorted(SOURCES.glob("[0-9]*.py")) if not names or path.stem in names]
    if missing := set(names) - {path.stem for path in found}:
        raise SystemExit(f"no source called {', '.join(sorted(missing))} in notebooks/source")
    return found


def build(source: str, language: str) -> NotebookNode:
    """Returns the notebook of one language, without outputs.

    Raises:
        ValueError: If a cell's first line is not understood, or two cells of a notebook have one id.
    """
    cells: list[NotebookNode] = []
    for chunk in re.split(r"^(?=# %%)", source, flags=re.MULTILINE)[1:]:
        header, _, body = chunk.partition("\n")
        match = _HEADER.fullmatch(header.rstrip())
        if match is None:
            raise ValueError(f"not a cell's first line: {header!r}. Expected '# %% [markdown] id en tags=a,b'.")
        if match["language"] not in (None, language):
            continue
        if match["markdown"]:
            cell = new_markdown_cell(_markdown(body), id=match["id"])
        else:
            cell = new_code_cell(_code(body, language), id=match["id"])
        if match["tags"]:
            cell.metadata["tags"] = match["tags"].split(",")
        cells.append(cell)
    ids = [cell.id for cell in cells]
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise ValueError(f"{language}: two cells with the id {', '.join(twice)}")
    return new_notebook(cells=cells, metadata=METADATA)


def differences(notebook: NotebookNode, path: Path) -> list[str]:
    """Returns what sets a committed notebook apart from the one that its source gives, in words; [] if nothing."""
    if not path.exists():
        return ["does not exist"]
    committed = read(path)
    found = [
        f"cell {cell.id!r} differs from its source"
        for cell, other in zip(notebook.cells, committed.cells, strict=False)
        if _fixed(cell) != _fixed(other)
    ]
    if len(notebook.cells) != len(committed.cells):
        found.append(f"has {len(committed.cells)} cells, its source gives {len(notebook.cells)}")
    if committed.metadata != notebook.metadata:
        found.append("has metadata that its source does not give")
    if not executed(committed):
        found.append("was not run from its first cell to its last")
    return found


def executed(notebook: NotebookNode) -> bool:
    """Returns whether every code cell was run, in order."""
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    return counts == list(range(1, len(counts) + 1))


def keep_outputs(notebook: NotebookNode, before: NotebookNode) -> None:
    """Takes the outputs over from an earlier build, if the code is the same."""
    now, old = ([c for c in n.cells if c.cell_type == "code"] for n in (notebook, before))
    if [c.source for c in now] == [c.source for c in old]:
        for cell, earlier in zip(now, old, strict=True):
            cell.outputs, cell.execution_count = earlier.outputs, earlier.execution_count


def run(notebook: NotebookNode, language: str) -> None:
    """Runs a notebook in an empty folder and leaves in it what every machine would give."""
    from nbclient import NotebookClient

    with tempfile.TemporaryDirectory(prefix="ftkit-build-", ignore_cleanup_errors=True) as folder:
        client = NotebookClient(
            notebook,
            timeout=600,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            store_widget_state=False,
            record_timing=False,
        )
        client.execute(
            env={
                **os.environ,
                "FTKIT_RUNS": str(Path(folder) / "ftkit-runs"),
                "FTKIT_LANGUAGE": language,
                "HF_HUB_OFFLINE": "1",
            }
        )
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if _has_a_picture(output)]
            cell.metadata.pop("execution", None)


def _has_a_picture(output: NotebookNode) -> bool:
    """Tells whether anything can be seen of an output without a kernel: a lone widget view cannot."""
    data = output.get("data", {})
    is_widget = data.pop(WIDGET, None) is not None
    return not is_widget or any(kind.startswith(("image/", "text/html")) for kind in data)


def read(path: Path) -> NotebookNode:
    """Returns a notebook from its file."""
    notebook: NotebookNode = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    return notebook


def write(notebook: NotebookNode, path: Path) -> None:
    """Writes a notebook to its file, after validating it."""
    nbformat.validate(notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")


def _markdown(body: str) -> str:
    text = ""
    for line in body.strip().splitlines():
        line = line.removeprefix("#").removeprefix(" ")
        last = text.rpartition("\n")[2]
        # Chinese lines are joined, for a line end would be a space; a heading stays a line of its own
        join = not last.startswith("#") and re.search(rf"{_CHINESE}$", last) and re.match(rf" *{_CHINESE}", line)
        text += line.lstrip(" ") if join else f"\n{line}"
    return text.removeprefix("\n")


def _code(body: str, language: str) -> str:
    lines = []
    for line in body.strip().splitlines():
        text, mark, named = line.rpartition("  # ")
        if mark and named in LANGUAGES:
            if named == language:
                lines.append(text)
        else:
            lines.append(line)
    return "\n".join(lines)


def _fixed(cell: NotebookNode) -> tuple[str, str, str, object]:
    return (cell.id, cell.cell_type, cell.source, cell.metadata)


if __name__ == "__main__":
    sys.exit(main())
