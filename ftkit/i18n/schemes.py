"""What ftkit says about tag schemes, and about sentences and their tags as a whole."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "schemes.scheme": (
        "The tags follow {scheme} ({excerpt}). They were converted to BIO, which marks the same names.",
        "标签采用 {scheme} 标注体系（{excerpt}），已转换为 BIO，所标的实体不变。",
    ),
    "schemes.scheme.fix": ("Nothing to do.", "无需处理。"),
    "schemes.illegal_transition": (
        "The tag '{excerpt}' {where} is not possible in {scheme}. It is read as {read}.",
        "在 {scheme} 标注体系中，标签 '{excerpt}' 不能{where}。这里按 {read} 理解。",
    ),
    "schemes.illegal_transition.fix": (
        "Nothing to do if {read} is meant; else correct this tag or the one next to it.",
        "如果本来就是 {read}，则无需处理；否则请改正这个标签或相邻的标签。",
    ),
    "schemes.behind": ("after '{tag}'", "出现在 '{tag}' 之后"),
    "schemes.before": ("before '{tag}'", "出现在 '{tag}' 之前"),
    "schemes.at_start": ("at the start of a sentence", "出现在句首"),
    "schemes.at_end": ("at the end of a sentence", "出现在句末"),
    "schemes.separator": (
        "A full-width space (U+3000) stands between the columns: '{excerpt}'. Expected a tab or a plain space.",
        "各列之间是全角空格（U+3000）：'{excerpt}'。应当是制表符或半角空格。",
    ),
    "schemes.separator.fix": (
        'Replace it by a tab: text.replace("\\u3000", "\\t").',
        '请替换成制表符：text.replace("\\u3000", "\\t")。',
    ),
    "schemes.doubled_tab": (
        "There are two tabs in a row: '{excerpt}'. Expected one between the columns.",
        "有两个连续的制表符：'{excerpt}'。各列之间应当只有一个。",
    ),
    "schemes.doubled_tab.fix": (
        'Replace them by one: text.replace("\\t\\t", "\\t").',
        '请替换成一个：text.replace("\\t\\t", "\\t")。',
    ),
    "schemes.tag_count": (
        "There are {n} tokens but {n_tags} tags: '{excerpt}'. Expected one tag for each token.",
        "有 {n} 个词元，却有 {n_tags} 个标签：'{excerpt}'。每个词元应当有一个标签。",
    ),
    "schemes.tag_count.fix": (
        "Write the missing tags, O outside names, or delete the row.",
        "请补上缺少的标签（实体之外写 O），或删除这一行。",
    ),
    "schemes.long_sentences": (
        "Sentences of more than {limit} tokens: {n:,}, the longest of {longest:,}. {share} of all tokens are beyond "
        "that: a model that reads {limit} neither learns nor tags them.",
        "有 {n:,} 个句子超过 {limit} 个词元，最长的有 {longest:,} 个。其后的词元占全部的 {share}，"
        "只读 {limit} 个词元的模型不会学习、也不会标注它们。",
    ),
    "schemes.long_sentences.fix": (
        "Put a blank line where such a sentence may be parted, or choose a model that reads more.",
        "请在可以断开的地方加空行，或选用能读更长文本的模型。",
    ),
    "schemes.no_names": (
        "Not one of {n:,} tokens has a tag other than O. Expected some that mark names.",
        "{n:,} 个词元的标签全是 O。其中应当有标注实体的标签。",
    ),
    "schemes.no_names.fix": (
        'Say which column has the tags, counted from 0: ftkit.load(..., columns={{"tag": 1}}).',
        '请指明标签在哪一列（从 0 数起）：ftkit.load(..., columns={{"tag": 1}})。',
    ),
}
