"""Mends the lines of a text file one by one: what a line should have been, where that is certain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ftkit.data import privacy
from ftkit.data.clean_text import without_control
from ftkit.data.damage import mojibake, separators, with_tabs

KINDS = (  # what can be repaired, in the order in which it is done: tabs in lines, quotes and columns in tables
    "bad_bytes",
    "double_encoded",
    "feff",
    "control_characters",
    "literal_tab",
    "separators",
    "doubled_tab",
    "extra_tab",
    "quotes",
    "columns",
    "spaces",
    "duplicate",
)
ROUNDS = 8  # one repair can make work for another
MAX_TAG_COLUMNS = 5
OTHER = ("__label__", "{", "[{")  # lines of fastText and JSON: there are no columns to mend
_ODD = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))


@dataclass
class Line:
    """A line on its way from the source to the copy.

    Attributes:
        number: In the source, counted from 1.
        old: What stood there: one line, or the two that became one. Bytes that are no text are escaped.
        text: What shall stand there; None if the line is left out.
        done: The kinds of what was repaired.
        left: The kind of what could not be; empty if all could.
        about: What to show of it.
    """

    number: int
    old: list[str]
    text: str | None
    done: set[str] = field(default_factory=set)
    left: str = ""
    about: str = ""


@dataclass(frozen=True)
class Plan:
    """What a file's lines should look like.

    Attributes:
        format: The format; None if none could be told: then only characters are repaired, and tabs that are spelt out.
        width: How many cells a line must have; None if the lines do not show it.
        columns: The cells that must hold something: 0-based, from the end if negative; empty for the first two.
        label_at: The cell that is a label; None if none is.
        labels: Labels that are known.
        in_turns: Whether questions and answers take turns, as many as they like.
    """

    format: str | None
    width: int | None = None
    columns: tuple[int, ...] = ()
    label_at: int | None = None
    labels: frozenset[str] = frozenset()
    in_turns: bool = False

    def fits(self, line: str) -> bool:
        """Returns whether a line has as many cells as it must have."""
        n = line.count("\t") + 1
        return n % 2 == 0 if self.in_turns else n == self.width


def planned(format: str | None, columns: Mapping[str, int], head: Sequence[str]) -> Plan:
    """Returns what the first lines of a file, their characters repaired, show that its lines should look like.

    Args:
        format: The format's name.
        columns: Which column is which, as a report's ``stats["columns"]`` has it.
        head: Lines without their ends.
    """
    filled = [line for line in head if line.strip()]
    if format == "tags":
        rows = [cells_of_tags(_tabs_of_tags(line)) for line in filled if not is_comment(line)]
        at: tuple[int, ...] = (columns.get("token", 0), columns.get("tag", -1))
        needed = max(2, *(i + 1 if i >= 0 else -i for i in at))
        widths = Counter(len(row) for row in rows if needed <= len(row) <= max(needed, MAX_TAG_COLUMNS))
        return Plan(format, _commonest(widths, len(rows)), at)
    other = sum(line.lstrip().startswith(OTHER) for line in filled)
    if format not in ("labels", "title", "qa", None) or not filled or 2 * other > len(filled):
        return Plan(format)
    label_at = columns.get("label") if format == "labels" else None
    labels = _labels(filled, label_at) if format in ("labels", None) else frozenset()
    mended = [_with_tabs(line, labels) for line in filled]
    at = tuple(columns[name] for name in columns if columns[name] >= 0)
    needed = max((2, *(i + 1 for i in at)))
    widths = Counter(line.count("\t") + 1 for line in mended)
    in_turns = format == "qa" and not columns
    width = 2 if needed == 2 and widths[2] >= len(filled) / 2 else _commonest(widths, len(filled), needed)
    if format is None and width != 2:
        return Plan(None)
    return Plan(format, None if in_turns else width, at, label_at, labels, in_turns and bool(filled))


def characters_mended(text: str, done: set[str], fixes: frozenset[str]) -> str:
    """Returns a line without what does not belong into any text; adds the kinds of what was done to `done`."""
    for _ in range(ROUNDS):
        before = text
        if "double_encoded" in fixes and (readable := mojibake(text)):
            text = readable
            done.add("double_encoded")
        if text.replace("\t", "").isprintable():
            return text
        if "feff" in fixes and "\ufeff" in text:
            text = text.replace("\ufeff", "")
            done.add("feff")
        if "control_characters" in fixes and (better := _without_control(text)) != text:
            text = better
            done.add("control_characters")
        if text == before:
            break
    return text


def _without_control(text: str) -> str:
    marks = text.split("\ufeff")  # a byte order mark is a kind of its own
    return "\ufeff".join(without_control(part).replace("\n", " ") for part in marks)


def cells_mended(text: str, plan: Plan, done: set[str], fixes: frozenset[str]) -> str:
    """Returns a line of columns with single tabs between them, and no spaces around them."""
    if "\\t" in text and "\t" not in text and "literal_tab" in fixes:
        tabbed = text.replace("\\t", "\t")
        unknown = plan.format is None and plan.width is None
        if all(cell.strip() for cell in tabbed.split("\t")) if unknown else tabbed.strip() and plan.fits(tabbed):
            text = tabbed
            done.add("literal_tab")
    if plan.width is None and not plan.in_turns:
        return text
    if not plan.fits(text):
        text = _fitted(text, plan, done, fixes)
    if "spaces" in fixes:
        cells = [cell.strip() for cell in text.split("\t")]
        if plan.label_at is not None and -len(cells) <= plan.label_at < len(cells):
            cells[plan.label_at] = " ".join(cells[plan.label_at].translate(_ODD).split())
        if (stripped := "\t".join(cells) if any(cells) else "") != text:
            text = stripped
            done.add("spaces")
    return text


def _fitted(text: str, plan: Plan, done: set[str], fixes: frozenset[str]) -> str:
    """Returns a line of as many cells as there must be, if it is clear how; else as it is."""
    kind = separators(text, plan.labels)
    name = "doubled_tab" if kind == "doubled_tab" else "separators"
    if kind and kind != "literal_tab" and name in fixes and plan.fits(better := with_tabs(text, kind, plan.labels)):
        done.add(name)
        return better
    if "doubled_tab" in fixes and plan.fits(better := text.strip("\t ")) and "\t" in text:
        done.add("doubled_tab")
        return better
    cells = text.split("\t")
    if "extra_tab" in fixes and plan.width == 2 and len(cells) > 2 and plan.label_at in (0, 1):
        label, *words = cells if plan.label_at == 0 else [cells[-1], *cells[:-1]]
        if label.strip() in plan.labels:
            done.add("extra_tab")
            body = " ".join(word for word in words if word.strip())
            return f"{label}\t{body}" if plan.label_at == 0 else f"{body}\t{label}"
    return text


def left_in(text: str, plan: Plan) -> str:
    """Returns the kind of what keeps a mended line from being used; empty if nothing does."""
    if not text.strip() or (plan.width is None and not plan.in_turns):
        return ""
    if plan.format == "tags":
        if is_comment(text):
            return ""
        cells = cells_of_tags(text)
        if len(cells) != plan.width:
            return "left_width"
    elif not plan.fits(text):
        return "left_width"
    else:
        cells = text.split("\t")
    needed = [cells[at] for at in plan.columns if -len(cells) <= at < len(cells)]
    needed = needed or (cells if plan.in_turns else cells[:2])
    return "" if all(cell.strip() for cell in needed) else "left_empty"


def tags_mended(text: str, plan: Plan, done: set[str], fixes: frozenset[str]) -> str:
    """Returns a line of a token and its tag with single tabs between them, where it has tabs."""
    if "literal_tab" in fixes and (tabbed := _tabs_of_tags(text)) != text and tabbed.count("\t") + 1 == plan.width:
        text = tabbed
        done.add("literal_tab")
    if "\t" not in text:
        wide = text.strip(" ")
        if "\u3000" in wide.strip("\u3000") and len(cells_of_tags(text)) != plan.width and "separators" in fixes:
            tabbed = with_tabs(wide, "fullwidth_space")
            if tabbed.count("\t") + 1 == plan.width:
                done.add("separators")
                return tabbed
        return text
    cells = text.split("\t")
    if len(cells) != plan.width and "doubled_tab" in fixes:
        filled = [cell for cell in cells if cell.strip()]
        if len(filled) == plan.width:
            done.add("doubled_tab")
            cells = filled
    if "spaces" in fixes and [cell.strip() for cell in cells] != cells:
        cells = [cell.strip() for cell in cells]
        done.add("spaces")
    return "\t".join(cells)


def _tabs_of_tags(text: str) -> str:
    """Returns a line with tabs for those that are spelt out, if it has no other gap and is not blank then."""
    gap = "\t" in text or " " in text.strip()
    return text if gap or not (tabbed := text.replace("\\t", "\t")).strip() else tabbed


def cells_of_tags(line: str) -> list[str]:
    """Returns a token's columns: between tabs if there is one, else between runs of spaces."""
    if "\t" in line:
        return line.split("\t")
    first, *others = line.rstrip(" ").split(" ")
    return [first, *(cell for cell in others if cell)]


def is_comment(line: str) -> bool:
    """Returns whether a line stands between sentences: a comment of CoNLL-U, or CoNLL-2003's mark."""
    return line.startswith("-DOCSTART-") or (line.startswith("# ") and "\t" not in line)


def masked_cells(text: str, kinds: frozenset[str], found: Counter[str]) -> str:
    """Returns a line with what is private in its cells masked; counts it by kind in `found`."""
    cells = text.split("\t")
    for at, cell in enumerate(cells):
        if private := [one.kind for one in privacy.find(cell) if one.kind in kinds]:
            found.update(private)
            cells[at] = privacy.masked(cell, kinds)
    return "\t".join(cells)


def tokens_masked(sentence: Iterable[Line], plan: Plan, kinds: frozenset[str], found: Counter[str]) -> None:
    """Masks what is private in the tokens of a sentence: the first of them becomes its mask, the others go.

    Comments and the columns beside tokens and tags, such as CoNLL-U's lemmas, are masked one by one.
    """
    lines = [line for line in sentence if line.text and not line.left]
    at, tag_at = (*plan.columns, -1)[:2] if plan.columns else (0, -1)
    for line in lines:
        text = str(line.text)
        cells, mark = ([text], "") if is_comment(text) else (cells_of_tags(text), "\t" if "\t" in text else " ")
        kept = () if is_comment(text) else (at % len(cells), tag_at % len(cells))
        for i, cell in enumerate(cells):
            if i not in kept and (private := [one.kind for one in privacy.find(cell) if one.kind in kinds]):
                found.update(private)
                cells[i] = privacy.masked(cell, kinds)
                line.done.add("private_data")
                line.text = mark.join(cells)
    rows = [(line, cells_of_tags(str(line.text))) for line in lines if not is_comment(str(line.text))]
    rows = [(line, cells) for line, cells in rows if -len(cells) <= at < len(cells)]
    tokens = [cells[at] for _, cells in rows]
    for glue in ("", " "):
        joined = glue.join(tokens)
        starts, position = list[int](), 0
        for token in tokens:
            starts.append(position)
            position += len(token) + len(glue)
        for one in reversed(privacy.find(joined)):
            inside = [i for i, s in enumerate(starts) if s < one.end and s + len(tokens[i]) > one.start]
            whole = (
                inside and starts[inside[0]] == one.start and starts[inside[-1]] + len(tokens[inside[-1]]) == one.end
            )
            if one.kind not in kinds or not inside or not (whole or len(inside) == 1):
                continue
            found[one.kind] += 1
            for i in inside:
                line, cells = rows[i]
                line.done.add("private_data")
                if i == inside[0]:
                    new = privacy.MASKS[one.kind] if whole else privacy.masked(tokens[i], kinds)
                    tokens[i] = cells[at] = new
                    line.text = ("\t" if "\t" in str(line.text) else " ").join(cells)
                else:
                    line.text, tokens[i] = None, ""
        rows = [row for row in rows if row[0].text]
        tokens = [cells[at] for _, cells in rows]


def _commonest(widths: Mapping[int, int], n_lines: int, needed: int = 1) -> int | None:
    """Returns the number of cells that at least half of the lines have; None if they have no such number."""
    width = max((n for n in widths if n >= needed and n > 1), key=lambda n: widths[n], default=None)
    return width if width is not None and 2 * widths[width] >= n_lines else None


def _labels(filled: Sequence[str], label_at: int | None) -> frozenset[str]:
    """Returns the labels that come again and again: in their column, else, where no line has a tab, at either end."""
    rows = [line.split("\t") for line in filled if "\t" in line]
    if rows:
        ends = Counter(row[label_at].strip() for row in rows if label_at is not None and len(row) > label_at)
        return frozenset(label for label, n in ends.items() if n > 1 and label)
    for gap in ("  ", "\u3000", " ", ",", "，"):
        for side in (0, -1):
            parts = [line.strip().split(gap, 1) if side == 0 else line.strip().rsplit(gap, 1) for line in filled]
            ends = Counter(part[side].strip() for part in parts if len(part) == 2)
            again = {label: n for label, n in ends.items() if n > 1 and label}
            if sum(again.values()) >= 0.9 * len(filled) and len(again) <= max(1, len(filled) / 4) and len(filled) > 3:
                return frozenset(again)
    return frozenset()


def _with_tabs(line: str, labels: frozenset[str]) -> str:
    kind = separators(line, labels)
    return with_tabs(line, kind, labels) if kind else line
