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
    # -- what damaged bytes are, and what stands for a tab: parts of other texts
    "checks.damage.cesu8": ("an emoji in two halves (CESU-8, {detail})", "被拆成两半的表情符号（CESU-8，{detail}）"),
    "checks.damage.mixed": ("this line is {detail}", "这一行是 {detail} 编码"),
    "checks.damage.utf16_part": ("this line is {detail}", "这一行是 {detail} 编码"),
    "checks.damage.truncated": ("half a character ({detail})", "不完整的字符（{detail}）"),
    "checks.damage.double_encoded": ("encoded twice as {detail}", "被重复编码为 {detail}"),
    "checks.damage.unknown": ("bytes of no known encoding ({detail})", "无法识别的字节（{detail}）"),
    "checks.separator.literal_tab": ("a backslash and a t", "反斜杠加字母 t"),
    "checks.separator.spaces_for_tab": ("spaces", "空格"),
    "checks.separator.fullwidth_space": ("a full-width space (U+3000)", "全角空格（U+3000）"),
    "checks.separator.doubled_tab": ("several tabs", "连续的制表符"),
    "checks.separator.comma_for_tab": ("a comma", "逗号"),
    "checks.separator.fullwidth_comma": ("a full-width comma", "全角逗号"),
    # -- mending a file
    "checks.fixed": (
        "Repaired copy: {out}. What was changed: {diff}.",
        "修复后的副本：{out}。改动记录：{diff}。",
    ),
    "checks.dropped": (
        "{n:,} lines were left out; they are in the diff.",
        "有 {n:,} 行没有写入副本，它们都在改动记录里。",
    ),
    "checks.dropped_one": (
        "{n} line was left out; it is in the diff.",
        "有 {n} 行没有写入副本，它在改动记录里。",
    ),
    "checks.did.bad_bytes": ("damaged bytes put right", "修复损坏的字节"),
    "checks.did.double_encoded": ("text encoded twice put right", "还原重复编码的乱码"),
    "checks.did.feff": ("byte order marks inside taken out", "去掉文中的字节顺序标记"),
    "checks.did.control_characters": ("control and invisible characters taken out", "去掉控制字符和不可见字符"),
    "checks.did.literal_tab": ("backslash and t made a tab", "把反斜杠加 t 改成制表符"),
    "checks.did.separators": ("other separators made a tab", "把其他分隔符改成制表符"),
    "checks.did.doubled_tab": ("doubled tabs made one", "把连续制表符合并成一个"),
    "checks.did.extra_tab": ("tabs inside a text made spaces", "把文本内的制表符改成空格"),
    "checks.did.quotes": ("quotes written as RFC 4180 has them", "按 RFC 4180 改写引号"),
    "checks.did.columns": ("an empty cell at the end added or taken off", "补上或去掉行尾的空单元格"),
    "checks.did.spaces": ("spaces around cells taken off", "去掉单元格首尾空格"),
    "checks.did.duplicate": ("rows that were there before left out", "去掉重复的数据"),
    "checks.did.byte_order_mark": ("byte order mark at the start taken off", "去掉文件开头的字节顺序标记"),
    "checks.did.line_ends": ("line ends made a line feed", "统一换行符"),
    "checks.did.masked_mobile": ("mobile numbers masked", "掩去手机号"),
    "checks.did.masked_landline": ("landline numbers masked", "掩去固定电话"),
    "checks.did.masked_international": ("international numbers masked", "掩去国际电话"),
    "checks.did.masked_identity_card": ("identity cards masked", "掩去身份证号"),
    "checks.did.masked_email": ("e-mail addresses masked", "掩去邮箱"),
    "checks.did.masked_bank_card": ("bank cards masked", "掩去银行卡号"),
    "checks.left_bytes": (
        "Bytes are damaged, and what they were cannot be told: '{excerpt}'. Expected readable text.",
        "字节已损坏，无法判断原来是什么：'{excerpt}'。应当是可读的文字。",
    ),
    "checks.left_bytes.fix": ("Retype this line from where it came.", "请对照原始来源重新输入这一行。"),
    "checks.left_width": (
        "The line has another number of columns than the others: '{excerpt}'. Expected as many.",
        "这一行的列数与其他行不同：'{excerpt}'。列数应当一致。",
    ),
    "checks.left_width.fix": (
        "Separate its columns as in the other lines; in CSV, put a text with commas into quotes.",
        "请像其他行那样分隔各列；CSV 中含逗号的文本要加引号。",
    ),
    "checks.left_empty": (
        "A column is empty: '{excerpt}'. Expected something in each.",
        "有一列是空的：'{excerpt}'。每一列都应当有内容。",
    ),
    "checks.left_empty.fix": ("Write what is missing, if you know it.", "如果知道缺的内容，请补上。"),
    "checks.left_quote": (
        "A quote opens a cell and nothing closes it: '{excerpt}'. Expected quotes in pairs.",
        "单元格的引号没有配对：'{excerpt}'。引号应当成对。",
    ),
    "checks.left_quote.fix": (
        'Close it, or write "" for a quote that belongs to the text.',
        '请补上另一个引号；如果引号属于文本，请写成 ""。',
    ),
    "checks.left_json": (
        "This is no JSON object: '{excerpt}'. Expected one whole record.",
        "这不是 JSON 对象：'{excerpt}'。应当是一条完整的记录。",
    ),
    "checks.left_json.fix": (
        "Correct it; ftkit.check() names the column where it goes wrong.",
        "请改正；ftkit.check() 会指出出错的位置。",
    ),
    "checks.left_row": ("The row cannot be used.", "这一行不能使用。"),
    "checks.left_row.fix": (
        "ftkit.check() says why; correct it there.",
        "ftkit.check() 会说明原因；请在原文件中改正。",
    ),
    "checks.left_sentence": (
        "Another line of this sentence could not be repaired: '{excerpt}'. Expected whole sentences.",
        "这个句子的另一行无法修复：'{excerpt}'。句子应当完整。",
    ),
    "checks.left_sentence.fix": ("Correct that line, and fix again.", "请改正那一行，再修复一次。"),
    "checks.unknown_fix": (
        "fixes: {value!r} is not known. Known: 'all', {known}. Did you mean report.fix(fixes=['{hint}'])?",
        "fixes：没有 {value!r} 这一项。可用：'all'、{known}。是否想写 report.fix(fixes=['{hint}'])？",
    ),
    "checks.on_left": (
        "on_left: {value!r} is not known. Known: 'drop', 'keep'. Did you mean report.fix(on_left='{hint}')?",
        "on_left：没有 {value!r} 这个选项。可用：'drop'、'keep'。是否想写 report.fix(on_left='{hint}')？",
    ),
    "checks.no_table": (
        "{path}: fix does not write {kind} files. Expected CSV, TSV, JSON Lines, JSON or plain text. "
        'Save it as CSV (UTF-8) in its own program, and fix that: ftkit.check("{name}").fix().',
        "{path}：fix 不能写 {kind} 文件。应当是 CSV、TSV、JSON Lines、JSON 或纯文本。"
        '请在原来的软件里另存为 CSV（UTF-8），再修复它：ftkit.check("{name}").fix()。',
    ),
    "checks.no_file": (
        "{path}: fix works on one file, and the report is about several. Expected a report of one. "
        'Fix each by itself: ftkit.check("{name}").fix().',
        "{path}：fix 一次只修一个文件，而这份报告是关于多个文件的。应当是单个文件的报告。"
        '请逐个修复：ftkit.check("{name}").fix()。',
    ),
    "checks.in_memory": (
        "{path}: fix works on one file, and the report is about rows in memory. Expected a report of a file. "
        "Clean these rows after loading: ftkit.load(rows).clean().",
        "{path}：fix 一次只修一个文件，而这份报告是关于内存中的数据的。应当是文件的报告。"
        "请在加载后清洗这些数据：ftkit.load(rows).clean()。",
    ),
    "checks.no_packed": (
        "{path}: fix does not write packed files. Expected the file that is in it. "
        'Unpack it first, and fix that: ftkit.check("{name}").fix().',
        '{path}：fix 不能写压缩文件。应当是其中的文件本身。请先解压，再修复它：ftkit.check("{name}").fix()。',
    ),
    "checks.table_unread": (
        "{path}: the report could not tell what the file's columns are. Expected a file that can be read. "
        'Say it first: ftkit.check("{path}", format="labels", columns={{"text": 0, "label": 1}}).fix().',
        "{path}：报告没能读懂这个文件的各列。应当是可以读取的文件。"
        '请先指明：ftkit.check("{path}", format="labels", columns={{"text": 0, "label": 1}}).fix()。',
    ),
    "checks.source_changed": (
        "{path}: this is no longer the file that was checked. Expected the same container and columns. "
        'Check it again: ftkit.check("{path}").fix().',
        '{path}：这已经不是检查过的那个文件。容器和各列应当不变。请重新检查：ftkit.check("{path}").fix()。',
    ),
    "checks.no_mask": (
        "{path}: mask: tags in a table cannot be masked: a number may lie across several tokens. Expected lines of a "
        "token and its tag. Save them as such, and fix these with mask=True; or leave it away: report.fix().",
        "{path}：mask：表格里的序列标注不能打掩码：一个号码可能跨好几个词元。应当是每行一个词元和标签的文本。"
        "请存成这种文本，再用 mask=True 修复；或去掉它：report.fix()。",
    ),
    "checks.json_lines": (
        "{path}: the copy of a JSON document is JSON Lines, one record a line. Expected a name that says so. "
        'Use report.fix(out="{named}").',
        '{path}：JSON 文档的副本是 JSON Lines，每行一条记录。文件名应当表明这一点。请用 report.fix(out="{named}")。',
    ),
    "checks.no_text": (
        "{path}: the report could not tell the file's encoding. Expected text. "
        'Name the encoding first: ftkit.check("{path}", encoding="gb18030").fix().',
        '{path}：报告没能判断文件的编码。应当是文本。请先指明编码：ftkit.check("{path}", encoding="gb18030").fix()。',
    ),
    "checks.out_name": (
        'out={value!r} is no name of a file. Write report.fix(out="{named}").',
        'out={value!r} 不是文件名。请写 report.fix(out="{named}")。',
    ),
    "checks.source_gone": (
        "{path}: there is no such file any more. Expected the file that was checked. "
        'Check it again: ftkit.check("{path}").',
        '{path}：文件已不在。应当是检查过的那个文件。请重新检查：ftkit.check("{path}")。',
    ),
    "checks.out_is_source": (
        "{path}: this is the file itself. Expected another name: a file is never changed. Leave out= away, or use "
        'report.fix(out="fixed.tsv").',
        '{path}：这就是原文件。应当另起一个名字：原文件不会被改动。请去掉 out=，或用 report.fix(out="fixed.tsv")。',
    ),
    "checks.out_exists": (
        "{path}: this is there already. Expected a new name. Use report.fix(out=...), or report.fix(overwrite=True).",
        "{path}：这个文件已经存在。应当用新的名字。请用 report.fix(out=...)，或 report.fix(overwrite=True)。",
    ),
    "checks.no_folder": (
        '{path}: there is no folder {folder}. Expected one that is there. Make it: pathlib.Path("{folder}").mkdir().',
        '{path}：没有 {folder} 这个文件夹。应当是已有的文件夹。请先建立：pathlib.Path("{folder}").mkdir()。',
    ),
    "checks.cannot_write": (
        '{path}: it cannot be written ({error}). Expected a place that can. Use report.fix(out="elsewhere.tsv").',
        '{path}：无法写入（{error}）。应当是可写的位置。请用 report.fix(out="elsewhere.tsv")。',
    ),
}
