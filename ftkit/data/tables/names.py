"""What people call their columns, in English and Chinese: the names of each part that a format needs."""

from __future__ import annotations

import re
from collections.abc import Iterable

# of each part, names in order of preference: where a table has several, the first one here is taken
PARTS: dict[str, tuple[str, ...]] = {
    "text": (
        *("text", "sentence", "content", "review", "comment", "review_text", "comment_text", "review_body", "tweet"),
        *("utterance", "document", "doc", "body", "article", "message", "raw_text", "paragraph", "passage", "txt"),
        *("文本", "内容", "评论", "句子", "正文", "文章", "评价", "评论内容", "评价内容", "文本内容", "语句", "留言"),
    ),
    "label": (
        *("label", "labels", "标签", "category", "class", "sentiment", "intent", "categories", "target", "topic"),
        *("label_text", "label_name", "emotion", "polarity", "class_label", "label_desc", "y"),
        *("类别", "分类", "情感", "意图", "情感倾向", "标注", "类型", "类目", "话题"),
    ),
    "title": ("title", "headline", "subject", "标题", "题目", "主题"),
    "content": (
        *("content", "article", "document", "text", "body", "passage", "story", "maintext", "正文", "文章", "内容"),
        *("文本", "全文", "原文"),
    ),
    "summary": ("summary", "abstract", "highlights", "summaries", "tldr", "target", "摘要", "概要", "总结"),
    "question": (
        *("question", "query", "ask", "questions", "q", "问题", "提问", "问", "问句", "instruction", "prompt", "指令"),
        *("human", "user", "customer", "client", "客户", "用户", "顾客", "input", "输入", "src", "source"),
    ),
    "answer": (
        *("answer", "response", "output", "completion", "reply", "answers", "a", "回答", "答复", "答案", "答", "回复"),
        *("输出", "assistant", "agent", "gpt", "bot", "chatgpt", "客服", "chosen", "tgt"),
    ),
    "input": ("input", "context", "输入", "上下文"),
    "system": ("system", "system_prompt", "系统", "系统提示", "系统提示词"),
    "history": ("history", "历史", "历史对话", "对话历史"),
    "messages": (
        *("messages", "conversations", "conversation", "dialogue", "dialog", "dialogs", "turns", "chat", "对话"),
        *("对话内容", "消息", "chosen", "history"),
    ),
    "tokens": ("tokens", "words", "token", "word", "chars", "characters", "词元", "词", "字", "分词"),
    "tags": (
        "ner_tags",
        "tags",
        "ner",
        "labels",
        "tag",
        "label",
        "bio",
        "pos_tags",
        "chunk_tags",
        "upos",
        "标签",
        "标注",
    ),
    "sentence": (
        *("sentence_id", "sentence_#", "sentence#", "sent_id", "sentence_idx", "sentence_no", "sentence", "sentid"),
        *("sentence_number", "doc_id", "句子id", "句子编号", "句子序号", "句id", "句号"),
    ),
    "token": ("token", "word", "words", "char", "character", "tokens", "词元", "词", "字", "字符", "词语"),
    "tag": ("tag", "ner_tag", "ner", "bio", "label", "tags", "entity", "labels", "标签", "标注"),
    "spans": ("entities", "spans", "label", "labels", "annotations", "实体", "标签", "标注"),
    "conversation": (
        *("conversation_id", "conv_id", "dialogue_id", "dialog_id", "session_id", "chat_id", "thread_id", "session"),
        *("conversation", "dialogue", "dialog", "会话id", "对话id", "会话编号", "对话编号", "会话", "会话号", "对话"),
    ),
    "role": (
        "role",
        "speaker",
        "from",
        "sender",
        "author",
        "角色",
        "说话人",
        "发送者",
        "发言人",
        "身份",
        "speaker_role",
    ),
    "utterance": (
        *("text", "content", "utterance", "message", "value", "sentence", "内容", "文本", "消息", "话语", "消息内容"),
        *("聊天内容", "发言"),
    ),
}
ROLES: dict[str, str] = {
    **dict.fromkeys(("user", "human", "customer", "client", "prompter", "question", "客户", "用户", "顾客"), "user"),
    **dict.fromkeys(("买家", "患者", "病人", "问", "访客", "usr", "q", "提问", "学生"), "user"),
    **dict.fromkeys(("assistant", "gpt", "bot", "agent", "model", "chatgpt", "answer", "bing", "客服"), "assistant"),
    **dict.fromkeys(("助手", "医生", "卖家", "答", "坐席", "机器人", "a", "回答", "chatbot", "老师"), "assistant"),
    **dict.fromkeys(("system", "系统"), "system"),
}
NUMBERED = re.compile(r"(?:id|idx|index|no|num|number|#|unnamed[:_]*\d*|序号|编号|行号)|.*_id")


def normal(name: object) -> str:
    """Returns a column's name as `PARTS` writes it.

    Example:
        >>> normal(" Sentence # "), normal("会话ID")
        ('sentence_#', '会话id')
    """
    return re.sub(r"[\s_\-]+", "_", str(name).strip().strip("\ufeff").strip()).casefold()


def called(names: Iterable[str], part: str) -> list[str]:
    """Returns the columns whose name is one of a part's, the preferred first."""
    order = {known: i for i, known in enumerate(PARTS[part])}
    return sorted((name for name in names if normal(name) in order), key=lambda name: order[normal(name)])


def is_known(name: object) -> bool:
    """Returns whether people call a column so: what speaks for a first line being a header."""
    return normal(name) in KNOWN


def is_number(name: object) -> bool:
    """Returns whether a column so called only numbers the rows."""
    return bool(NUMBERED.fullmatch(normal(name)))


KNOWN = frozenset(known for known_names in PARTS.values() for known in known_names)
