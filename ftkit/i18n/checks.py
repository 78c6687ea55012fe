"""What ftkit says about a file's contents beyond the shape of its rows, and about mending it."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # -- what is in a text
    "checks.markup": (
        "The text holds markup: '{excerpt}'. Expected plain text: a model learns tags and entities as if they meant "
        "something.",
        "文本里有网页标记：'{excerpt}'。应当是纯文本，否则模型会把标签和实体也当成内容来学。",
    ),
    "checks.markup.fix": (
        "Take it out after loading: data.clean(); leave it if your texts are about markup.",
        "加载后去掉它：data.clean()；如果文本本来就是讲标记的，可以保留。",
    ),
    "checks.control_characters": (
        "The text holds invisible characters: '{excerpt}'. Expected none: they make two equal texts differ.",
        "文本里有不可见字符：'{excerpt}'。不应当有：看上去相同的文本会因此不同。",
    ),
    "checks.control_characters.fix": ("report.fix() takes them out.", "report.fix() 会去掉它们。"),
    "checks.feff": (
        "There is a byte order mark (U+FEFF) inside the text: '{excerpt}'. Expected it at the start of a file only; "
        "two files were joined here.",
        "文本中间有字节顺序标记（U+FEFF）：'{excerpt}'。它只应出现在文件开头；这里多半是两个文件拼接而成。",
    ),
    "checks.feff.fix": ("report.fix() takes it out.", "report.fix() 会去掉它。"),
    "checks.double_encoded": (
        "The text looks encoded twice: '{excerpt}'. Expected readable characters.",
        "文本像是被重复编码（乱码）：'{excerpt}'。应当是可读的文字。",
    ),
    "checks.double_encoded.fix": (
        "report.fix() turns it back; look at the diff that it writes.",
        "report.fix() 会还原它；请看它写出的 diff。",
    ),
    "checks.urls": (
        "Web addresses are in {n:,} rows, first on line {first}: '{excerpt}'. Expected only if they matter: each "
        "takes many tokens.",
        "{n:,} 行里有网址，首见于第 {first} 行：'{excerpt}'。除非网址有用，否则不应当有：每个网址要占很多词元。",
    ),
    "checks.urls.fix": (
        'If they say nothing about the label, data.clean(urls="mark") puts [url] in their place.',
        '如果网址与标签无关，可用 data.clean(urls="mark") 换成 [url]。',
    ),
    "checks.full_width": (
        "Full-width letters or digits are in {n:,} rows, first on line {first}: '{excerpt}'. Expected one width: "
        "Ａ and A are two characters to a model.",
        "{n:,} 行里有全角字母或数字，首见于第 {first} 行：'{excerpt}'。应当统一宽度：对模型来说 Ａ 和 A 是两个字符。",
    ),
    "checks.full_width.fix": (
        "data.clean() makes them half-width, and leaves Chinese punctuation alone.",
        "data.clean() 会改成半角，中文标点不变。",
    ),
    "checks.long_text": (
        "About {n:,} texts ({share}) are longer than {limit} tokens, the longest about {most:,} (line {longest}). "
        "Expected at most max_length tokens: at max_length={limit}, some {cut} of those texts would be cut off.",
        "约有 {n:,} 条文本（{share}）超过 {limit} 个词元，最长的约 {most:,} 个（第 {longest} 行）。"
        "不应超过 max_length：若 max_length={limit}，这些文本约有 {cut} 会被截掉。",
    ),
    "checks.long_text.fix": (
        "Split them over several rows, or shorten them to the part that matters.",
        "请拆成多行，或只保留要紧的部分。",
    ),
    # -- private data
    "checks.private_data": (
        "There is private data: {found}. Expected none in training data: a model may repeat it.",
        "文本里有个人信息：{found}。训练数据里不应当有：模型可能会复述出来。",
    ),
    "checks.private_data.fix": ("report.fix(mask=True) masks it.", "report.fix(mask=True) 会打上掩码。"),
    "checks.private_total": (
        "Private data is in {n:,} rows, in all: {found}. Expected none in training data: a model may repeat it.",
        "{n:,} 行里有个人信息，共计：{found}。训练数据里不应当有：模型可能会复述出来。",
    ),
    "checks.private_total.fix": (
        "report.fix(mask=True) writes a copy with [PHONE], [ID], [EMAIL] and [CARD] in their place.",
        "report.fix(mask=True) 会写一份副本，换成 [PHONE]、[ID]、[EMAIL]、[CARD]。",
    ),
    "checks.private.mobile": ("mobile numbers {n:,}", "手机号 {n:,} 个"),
    "checks.private.landline": ("landline numbers {n:,}", "固定电话 {n:,} 个"),
    "checks.private.international": ("international numbers {n:,}", "国际电话 {n:,} 个"),
    "checks.private.identity_card": ("identity cards {n:,}", "身份证号 {n:,} 个"),
    "checks.private.email": ("e-mail addresses {n:,}", "邮箱 {n:,} 个"),
    "checks.private.bank_card": ("bank cards {n:,}", "银行卡号 {n:,} 个"),
    "checks.unknown_mask": (
        "mask: {value!r} is not known. Known: {known}. Did you mean report.fix(mask=['{hint}'])?",
        "mask：没有 {value!r} 这一类。可用：{known}。是否想写 report.fix(mask=['{hint}'])？",
    ),
    # -- what the whole file shows
    "checks.few_rows": (
        "There are {n:,} rows, fewer than one batch of {batch_size}. Expected several batches to learn from.",
        "只有 {n:,} 行，不足一个批次（{batch_size} 行）。应当有好几个批次可学。",
    ),
    "checks.few_rows.fix": (
        "Add rows; or train with batch_size={half}, and trust the numbers little.",
        "请补充数据；或用 batch_size={half} 训练，但结果仅供参考。",
    ),
    "checks.label_few": (
        "Labels with fewer than {few} examples: {n:,} ({found}). Expected more: so few are hardly learnt.",
        "少于 {few} 个例子的标签有 {n:,} 个（{found}）。应当更多：这么少很难学会。",
    ),
    "checks.label_few.fix": (
        "Add examples of them, or merge them into other labels.",
        "请为它们补充例子，或并入其他标签。",
    ),
    "checks.imbalance": (
        "'{most}' has {n_most:,} rows ({share}), '{least}' only {n_least:,}: {times:,} times fewer. Expected labels of "
        "similar size: always answering '{most}' would be right {share} of the time.",
        "'{most}' 有 {n_most:,} 行（{share}），'{least}' 只有 {n_least:,} 行，相差 {times:,} 倍。"
        "各标签应当大小相近：一律回答 '{most}' 也有 {share} 的正确率。",
    ),
    "checks.imbalance.fix": (
        "Add rows of '{least}'; and judge by macro F1, not by accuracy.",
        "请补充 '{least}' 的数据；并看宏平均 F1，不要只看准确率。",
    ),
    "checks.validation_only": (
        "Labels that are only in the validation data: {n:,} ({found}); {rows:,} of its rows ({share}) cannot be "
        "answered right. Expected every label in the training data too.",
        "只出现在验证数据里的标签有 {n:,} 个（{found}）；验证数据中有 {rows:,} 行（{share}）不可能答对。"
        "每个标签在训练数据里也应当有。",
    ),
    "checks.validation_only.fix": (
        "Move some of these rows into the training data, correct the labels' spelling, or split again: data.split().",
        "请把其中一些行移到训练数据，或改正标签写法，或重新划分：data.split()。",
    ),
    "checks.column_order_labels": (
        "The columns look exchanged: the label is all different texts ('{second}'), the text a few short values "
        "('{first}'). Expected few labels, and many texts.",
        "两列像是弄反了：标签列是各不相同的长文本（'{second}'），文本列却是少数几个短值（'{first}'）。"
        "应当是标签少、文本多。",
    ),
    "checks.column_order_labels.fix": (
        'Say which is which: ftkit.load(..., columns={{"label": 0, "text": 1}}), or the other way round.',
        '请指明各列：ftkit.load(..., columns={{"label": 0, "text": 1}})，或者反过来。',
    ),
    "checks.column_order_title": (
        "The columns look exchanged: titles ('{first}') are much longer than contents ('{second}'). Expected short "
        "titles, and longer contents.",
        "两列像是弄反了：标题（'{first}'）比内容（'{second}'）长得多。应当标题短、内容长。",
    ),
    "checks.column_order_title.fix": (
        'Say which is which: ftkit.load(..., columns={{"title": 1, "content": 0}}).',
        '请指明各列：ftkit.load(..., columns={{"title": 1, "content": 0}})。',
    ),
    "checks.column_order_qa": (
        "The columns look exchanged: the answers ask ('{second}') and the questions do not ('{first}'). Expected "
        "questions first.",
        "两列像是弄反了：回答在提问（'{second}'），问题却不是问句（'{first}'）。应当先问后答。",
    ),
    "checks.column_order_qa.fix": (
        'Say which is which: ftkit.load(..., columns={{"question": 1, "answer": 0}}).',
        '请指明各列：ftkit.load(..., columns={{"question": 1, "answer": 0}})。',
    ),
}
