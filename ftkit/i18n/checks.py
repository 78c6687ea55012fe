"""What ftkit says about a file's contents beyond the shape of its rows, and about mending it."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "checks.unknown_mask": (
        "mask: {value!r} is not known. Known: {known}. Did you mean report.fix(mask=['{hint}'])?",
        "mask：没有 {value!r} 这一类。可用：{known}。是否想写 report.fix(mask=['{hint}'])？",
    ),
}
