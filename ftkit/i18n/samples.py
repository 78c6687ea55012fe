"""The texts about the shipped samples."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "samples.tales": (
        "305 sentences of short tales and notes about nature (format 'corpus')",
        "304 句小故事和自然笔记（格式 corpus）",
    ),
    "samples.recipes": (
        "176 dishes, each with how it is cooked (format 'title')",
        "175 道菜的菜名和做法（格式 title）",
    ),
    "samples.questions": (
        "268 questions to a library, a shop, a teacher and an encyclopedia, with answers (format 'qa')",
        "276 个问题和回答：图书馆、网店、课程、常识（格式 qa）",
    ),
    "samples.messages": (
        "440 customer messages to a small shop, in five topics (format 'labels')",
        "430 条网店顾客留言，分五个主题（格式 labels）",
    ),
    "samples.visits": (
        "206 sentences about visits, with persons, places and dates tagged (format 'tags')",
        "206 句出行记录，标注了人名、地名和日期（格式 tags）",
    ),
    "samples.unknown": (
        "samples: {name!r} is not a sample. Samples: {known}. Use ftkit.samples.path({suggestion!r}).",
        "samples：没有名为 {name!r} 的样例。现有样例：{known}。请用 ftkit.samples.path({suggestion!r})。",
    ),
    "samples.language": (
        "samples: {language!r} is not a language of the samples. Known: 'en', 'zh'. "
        "Use ftkit.samples.path({name!r}, language={suggestion!r}).",
        "samples：样例没有语言 {language!r}。可选：'en'、'zh'。"
        "请用 ftkit.samples.path({name!r}, language={suggestion!r})。",
    ),
}
