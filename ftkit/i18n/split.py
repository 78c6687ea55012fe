"""What ftkit says about near-duplicates, and about texts that are on both sides of a split."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "split.near_duplicate": (
        "The row is nearly that on line {first} ({percent}% the same): '{excerpt}'. Expected each text once.",
        "与第 {first} 行几乎相同（{percent}% 一致）：'{excerpt}'。每条文本应当只出现一次。",
    ),
    "split.near_duplicate.fix": (
        "Delete one of the two if it is a copy; if both stay, split() keeps them on the same side.",
        "如果是重复内容，请删除其中一条；如果都保留，split() 会把它们放在同一侧。",
    ),
    "split.near_left_out": (
        "Near-duplicates were not looked for: {rows:,} rows are more than {limit:,}. Pass near=True to look for them.",
        "没有查找近似重复：共 {rows:,} 行，超过 {limit:,} 行。如需查找，请传入 near=True。",
    ),
    "split.overlap_equal": (
        "{n:,} of the {rows:,} texts of {other} are in {train} too, such as {first} = {second}: numbers measured on "
        "them flatter. Remove them from {train}, or let split() choose.",
        "{other} 的 {rows:,} 条文本中有 {n:,} 条也出现在 {train} 里，例如 {first} = {second}：在这些文本上测得的结果"
        "会偏高。请从 {train} 中删除它们，或改用 split() 划分。",
    ),
    "split.overlap_near": (
        "{n:,} of the {rows:,} texts of {other} are nearly in {train} too, such as {first} ≈ {second} ({percent}% the "
        "same): numbers measured on them flatter. Remove them from {train}, or let split() choose.",
        "{other} 的 {rows:,} 条文本中有 {n:,} 条与 {train} 里的几乎相同，例如 {first} ≈ {second}（{percent}% 一致）："
        "在这些文本上测得的结果会偏高。请从 {train} 中删除它们，或改用 split() 划分。",
    ),
    "split.overlap_both": (
        "{n_equal:,} of the {rows:,} texts of {other} are in {train} too, and {n_near:,} nearly, such as "
        "{first} = {second}: numbers measured on them flatter. Remove them from {train}, or let split() choose.",
        "{other} 的 {rows:,} 条文本中有 {n_equal:,} 条也出现在 {train} 里，另有 {n_near:,} 条几乎相同，例如 "
        "{first} = {second}：在这些文本上测得的结果会偏高。请从 {train} 中删除它们，或改用 split() 划分。",
    ),
}
