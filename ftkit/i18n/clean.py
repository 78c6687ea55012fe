"""What ftkit says about cleaning, stop words and words, and what a comparison of rows shows."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # -- settings
    "clean.unknown": (
        "clean: there is no option {name!r}. Known: {known}. Did you mean {hint}=?",
        "clean：没有选项 {name!r}。可用的有：{known}。是不是想写 {hint}=？",
    ),
    "clean.value": (
        "clean: {name}={value!r} cannot be. Expected one of {known}. Use {name}={hint!r}.",
        "clean：{name} 不能是 {value!r}。应当是 {known} 之一。请写 {name}={hint!r}。",
    ),
    "clean.no_tag_words": (
        "clean: remove_stop_words={value!r} cannot be for tags: each token has a tag, and a sentence without its small "
        "words is not what the model will read. Expected False. Use data.clean(remove_stop_words=False).",
        "clean：tags 格式不能用 remove_stop_words={value!r}：每个词元都有标签，去掉虚词后的句子"
        "也不是模型将来要读的句子。应当是 False。请写 data.clean(remove_stop_words=False)。",
    ),
    "clean.language": (
        "stop_words: there is no list for {language!r}. Known: 'en', 'zh'. Use stop_words({hint!r}).",
        "stop_words：没有 {language!r} 的停用词表。可用的有：'en'、'zh'。请写 stop_words({hint!r})。",
    ),
    "clean.count_unknown": (
        "word_counts: there is no option {name!r}. Known: n, stop_words. Did you mean {hint}=?",
        "word_counts：没有选项 {name!r}。可用的有：n、stop_words。是不是想写 {hint}=？",
    ),
    "clean.count_n": (
        "word_counts: n={value!r} cannot be. Expected a whole number from 1, or None for all words. "
        "Use data.word_counts(20).",
        "word_counts：n 不能是 {value!r}。应当是不小于 1 的整数，None 表示全部。请写 data.word_counts(20)。",
    ),
    "clean.count_stop_words": (
        "word_counts: stop_words={value!r} cannot be. Expected True to leave out those of Chinese and English, or "
        "False. Use stop_words=True.",
        "word_counts：stop_words 不能是 {value!r}。应当是 True（去掉中英文停用词）或 False。请写 stop_words=True。",
    ),
    "clean.no_package": (
        "{what}: the package {package!r} is not installed. Expected it for {use}. Install it: pip install {install}.",
        "{what}：没有安装 {package!r}。{use}需要它。请安装：pip install {install}。",
    ),
    "clean.use.zh": ("Chinese words", "中文分词"),
    "clean.use.stop_words": ("lists of stop words", "停用词表"),
    # -- a warning
    "clean.stop_words_removed": (
        "Stop words were removed (rows changed: {n:,}). That hurts a pretrained sub-word model, which learnt from "
        "whole sentences and has no use for shorter ones; it helps counts, word clouds and bag-of-words baselines.",
        "已从 {n:,} 行中去掉停用词。这会损害预训练的子词模型：它是从完整的句子中学来的；"
        "只有词频统计、词云和词袋基线才用得着去停用词。",
    ),
    "clean.stop_words_removed.fix": (
        "To fine-tune a transformer, clean without it: data.clean(remove_stop_words=False).",
        "如果要微调 Transformer，请不要去停用词：data.clean(remove_stop_words=False)。",
    ),
    # -- what was done
    "clean.title": (
        "{name}: {rows:,} rows, {changed:,} changed, {dropped:,} left out",
        "{name}: {rows:,} 行，改动 {changed:,} 行，去掉 {dropped:,} 行",
    ),
    "clean.beside": (
        "{name}: {before:,} rows before, {after:,} after",
        "{name}: 之前 {before:,} 行，之后 {after:,} 行",
    ),
    "clean.nothing_changed": ("No row differs.", "没有任何一行不同。"),
    "clean.left_out": ("(left out: nothing remains)", "（已去掉：什么也没剩下）"),
    "clean.steps": ("rows changed by: {steps}", "各步骤改动的行数: {steps}"),
    # -- what the table shows
    "clean.where": ("line", "行"),
    "clean.before": ("before", "之前"),
    "clean.after": ("after", "之后"),
}
