"""What the microscope says: rows as a model reads them."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "inspection.head": (
        "{task}, tokenizer of {model}, at most {length} tokens a row",
        "{task}，{model} 的分词器，每行最多 {length} 个词元",
    ),
    "inspection.target": ("-> {target}", "-> {target}"),
    "inspection.position": ("at", "位置"),
    "inspection.token": ("token", "词元"),
    "inspection.text": ("text", "文本"),
    "inspection.id": ("id", "编号"),
    "inspection.characters": ("characters", "字符"),
    "inspection.part": ("part", "部分"),
    "inspection.label": ("label", "标签"),
    "inspection.loss": ("loss", "损失"),
    "inspection.special": ("mark", "特殊符号"),
    "inspection.padding": ("padding", "填充"),
    "inspection.cut": ("cut off", "被截断"),
    "inspection.more": ("... {n} more: .rows has all", "……还有 {n} 个：.rows 中是全部"),
    "inspection.more_html": ("… {n} more: .rows has all", "……还有 {n} 个：.rows 中是全部"),
    "inspection.lost": ("cut off of {part}: {n} characters: {lost}", "{part} 被截断 {n} 个字符：{lost}"),
    "inspection.kept": ("{n} tokens", "{n} 个词元"),
    "inspection.learnt": ("{n} in the loss", "{n} 个计入损失"),
    "inspection.n_cut": ("{n} cut off", "{n} 个被截断"),
    "inspection.n_padding": ("{n} padding", "{n} 个填充"),
    "inspection.every_token": ("every token", "逐个词元"),
    "inspection.output": ("written", "写出"),
    # the names of a row's texts
    "inspection.parts.text": ("text", "文本"),
    "inspection.parts.title": ("title", "标题"),
    "inspection.parts.content": ("content", "正文"),
    "inspection.parts.conversation": ("conversation", "对话"),
    "inspection.parts.template": ("template", "模板"),
    "inspection.parts.question": ("question {n}", "问题 {n}"),
    "inspection.parts.answer": ("answer {n}", "回答 {n}"),
    "inspection.parts.system": ("system", "系统"),
    # notes
    "inspection.packed": (
        "Lines are packed into blocks: shown is the block that the line is in, with all its lines.",
        "各行被装入定长的块：这里显示该行所在的块及其中所有的行。",
    ),
    "inspection.window": (
        "The blocks are counted from row {first}, not from the first: the row is far from the beginning.",
        "由于该行离开头很远，块从第 {first} 行而不是第一行开始计算。",
    ),
    "inspection.unlabelled": ("A text of your own: it has no label.", "这是您自己的文本：没有标签。"),
    "inspection.many": ("Shown are the first {n} of {total} rows.", "只显示 {total} 行中的前 {n} 行。"),
    # errors
    "inspection.no_row": (
        "row={row}: {name} has {n} rows. Use a number from 0 to {last}.",
        "row={row}：{name} 有 {n} 行。请使用 0 到 {last} 之间的数。",
    ),
    "inspection.empty": (
        "row={row!r}: {name} has no rows. Look at others, or at what ftkit.check says of the file.",
        "row={row!r}：{name} 中没有数据。请换用别的数据，或用 ftkit.check 查看文件的问题。",
    ),
    "inspection.own_format": (
        "{name}: {format!r} is a format of your own, and which task its rows are for is not known. Pass task=: "
        "one of your own (CONTRIBUTING.md shows how): data.inspect(0, task=obj); where the targets are "
        "texts, task='classification' will do.",
        "{name}：{format!r} 是自定义格式，无法知道其中的数据用于哪个任务。需要写 task=。"
        "请传入自定义任务（写法见 CONTRIBUTING.md）：data.inspect(0, task=obj)；"
        "如果目标是文本，写 task='classification' 即可。",
    ),
    "inspection.no_source": (
        "row={row!r}: no row of {name} stands on that line. Rows stand on lines such as {first!r}.",
        "row={row!r}：{name} 中没有位于该行的数据。例如有 {first!r}。",
    ),
    "inspection.bad_row": (
        "row={row!r} is no row. Pass a number, a slice, where it stands ({first!r}) or a text of your own.",
        "row={row!r} 不能表示一行。请传入序号、切片、位置（{first!r}）或您自己的一段文本。",
    ),
    "inspection.no_own_text": (
        "row={row!r}: a text of your own can be shown for a task that reads one text, not for '{task}'.",
        "row={row!r}：只有读入一段文本的任务才能显示您自己的文本，'{task}' 不行。",
    ),
}
