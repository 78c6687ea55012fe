"""What ftkit says about tasks: templates, answers, metrics."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "tasks.no_mask": (
        "{name}: its tokenizer has no mask token, so nothing can be hidden. Use task='language_modelling', or a model "
        "such as BERT.",
        "{name}：它的分词器没有掩码符号，无法遮住词元。请用 task='language_modelling'，或换用 BERT 一类的模型。",
    ),
    "tasks.no_answers": (
        "metrics=: language modelling gives no answers that a metric could compare. Leave it out.",
        "metrics=：语言建模没有可供指标比较的答案，请去掉。",
    ),
    "tasks.masked_predict": (
        "A masked language model writes no text. Save it with run.save(folder) and ask pipeline('fill-mask', folder).",
        "掩码语言模型不生成文本。请用 run.save(folder) 保存，再用 pipeline('fill-mask', folder) 提问。",
    ),
    "tasks.by_character": (
        "Chinese is compared character by character, other text word by word",
        "中文逐字比较，其他文字逐词比较",
    ),
    "tasks.template_refuses": (
        "{name}: its chat template cannot show a question and its answer ({error}). Mend its chat_template, or "
        "delete it from the model's folder: then a plain one is used.",
        "{name}：它的对话模板无法显示一问一答（{error}）。请修改它的 chat_template，"
        "或从模型文件夹中删除，这样会使用简单模板。",
    ),
    "tasks.template_no_answer": (
        "{name}: its chat template leaves the assistant's turn out, so there is nothing to learn. Mend "
        "its chat_template, or delete it from the model's folder: then a plain one is used.",
        "{name}：它的对话模板没有写出助手的回答，没有可学的内容。请修改它的 chat_template，"
        "或从模型文件夹中删除，这样会使用简单模板。",
    ),
}
