"""What ftkit says about models, their tokenizers and their adapters."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # -- what a tokenizer lacks
    "models.end_separator": (
        "The tokenizer names no end token: {token} ends texts here, as it separates them.",
        "分词器没有结束标记：这里用分隔标记 {token} 表示文本结束。",
    ),
    "models.end_added": (
        "The tokenizer names no end token: {token} was added, and is learnt from your rows.",
        "分词器没有结束标记：已加入 {token}，它的含义从数据中学习。",
    ),
    "models.padding_end": (
        "The tokenizer names no padding token: short rows are filled up with {token}, which no loss looks at.",
        "分词器没有填充标记：短文本用 {token} 补齐，不计入损失。",
    ),
    "models.padding_added": (
        "The tokenizer names no padding token: {token} was added, which no loss looks at.",
        "分词器没有填充标记：已加入 {token} 用于补齐短文本，不计入损失。",
    ),
    "models.no_mask": (
        "{name}: its tokenizer has no mask token, so words cannot be hidden and guessed. "
        'Use task="language_modelling", or a model such as BERT.',
        '{name}：分词器没有掩码标记，无法遮住词再猜。请用 task="language_modelling"，或换成 BERT 一类的模型。',
    ),
    # -- what a model can't do
    "models.no_head": (
        "{name}: the architecture {kind!r} cannot do {tasks} (it has no {head}). It can do: {able}. "
        "Choose another model for this task, or another task.",
        "{name}：架构 {kind!r} 不能用于 {tasks}（没有 {head}）。它可以用于：{able}。请换一个模型，或换一个任务。",
    ),
    "models.looks_ahead": (
        "{name}: this {kind!r} sees the words that it should predict (earlier outputs change with later tokens), so it "
        "cannot do {tasks}. It can do: {able}. Choose a model that only looks back, such as GPT-2, Llama or Qwen.",
        "{name}：这个 {kind!r} 能看到要预测的词（后面的词元会改变前面的输出），不能用于 {tasks}。"
        "它可以用于：{able}。请换成只看前文的模型，例如 GPT-2、Llama 或 Qwen。",
    ),
    "models.nothing": ("none of ftkit's tasks", "没有 ftkit 的任务"),
    "models.adapter_folder": (
        "{folder}: this is an adapter of {base!r} alone, without the model that it belongs to. "
        "Save the run whole and give that folder: run.save(folder, merge=True).",
        "{folder}：这里只有 {base!r} 的适配器，没有它所属的模型。"
        "请把训练结果完整保存，再给出那个文件夹：run.save(folder, merge=True)。",
    ),
    # -- adapters
    "models.targets_unknown": (
        "lora_targets={target!r}: no linear layer inside the blocks has that name. There are: {known}. "
        'Write lora_targets=({close!r},), or "auto" for all of them.',
        "lora_targets={target!r}：模型各层中没有叫这个名称的线性层。现有：{known}。"
        '请写 lora_targets=({close!r},)，或用 "auto" 选用全部。',
    ),
    "models.targets_none": (
        "lora_targets: the architecture {kind!r} has no linear layers inside blocks to adapt. "
        'Use method="full" or method="head".',
        'lora_targets：架构 {kind!r} 的各层中没有可以适配的线性层。请用 method="full" 或 method="head"。',
    ),
    "models.no_adapter": (
        "merge=False: this run trained no adapter (method={method!r}), so there is nothing to save apart. "
        "Leave merge=False out.",
        "merge=False：这次训练没有适配器（method={method!r}），没有可以单独保存的部分。请去掉 merge=False。",
    ),
    "models.adapter_baseless": (
        "merge=False: the weights that the adapter belongs to were drawn at random for this run and are nowhere else. "
        "Save the model whole: run.save(folder).",
        "merge=False：适配器所属的权重是这次训练随机生成的，别处没有。请保存完整的模型：run.save(folder)。",
    ),
}
