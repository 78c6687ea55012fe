"""What ftkit says about files and Datasets. A problem's texts come in pairs: what is wrong, and with `.fix` what to do."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # -- problems of a whole file
    "data.empty_file": (
        "There is no row in the file. Expected one row on each line.",
        "文件里没有数据。应当每行一条数据。",
    ),
    "data.empty_file.fix": (
        "Save the file again and check that it is the right one.",
        "请重新保存文件，并确认选对了文件。",
    ),
    "data.binary_file": (
        "The file is not text: it looks like binary data ({looks_like}). Expected a text file, UTF-8 or GB18030.",
        "这不是文本文件，看起来是二进制数据（{looks_like}）。应当是文本文件（UTF-8 或 GB18030）。",
    ),
    "data.binary_file.fix": (
        'Save the data as tab-separated text; of an Excel sheet: pandas.read_excel("{name}").to_csv("data.tsv", '
        'sep="\\t", index=False, header=False).',
        '请另存为制表符分隔的文本文件；Excel 表格可以这样转换：pandas.read_excel("{name}").to_csv("data.tsv", '
        'sep="\\t", index=False, header=False)。',
    ),
    "data.not_yet": (
        "Files that end in {suffix} cannot be read yet. Expected text with a tab between the columns.",
        "这个版本还不能读取 {suffix} 文件。应当是各列之间以制表符分隔的文本文件。",
    ),
    "data.not_yet.fix": (
        'Save it as tab-separated text (.tsv), for example pandas.read_csv("{name}").to_csv("{stem}.tsv", sep="\\t", '
        "index=False, header=False).",
        '请另存为制表符分隔的文本文件（.tsv），例如 pandas.read_csv("{name}").to_csv("{stem}.tsv", sep="\\t", '
        "index=False, header=False)。",
    ),
    "data.not_text": (
        "Byte {byte} of the file ({raw}) is not UTF-8, and the text reads neither as GB18030 nor as UTF-16.",
        "文件的第 {byte} 个字节（{raw}）不是 UTF-8 编码，按 GB18030 或 UTF-16 也读不通。",
    ),
    "data.not_text.fix": (
        'Name the encoding: load("{name}", encoding="{hint}"), or "gb18030", "big5", "shift_jis"; or save it as UTF-8.',
        '请指明编码：load("{name}", encoding="{hint}")，或 "gb18030"、"big5"、"shift_jis"；或者把文件另存为 UTF-8。',
    ),
    "data.ambiguous_format": (
        "The format cannot be told from the first lines. Candidates and how well they fit (0 to 1): {scores}. This "
        "version trains 'labels' and 'tags' only.",
        "从开头几行无法判断格式。候选格式及其吻合程度（0 到 1）：{scores}。这个版本只能训练 'labels' 和 'tags'。",
    ),
    "data.ambiguous_format.fix": (
        'Name the format: load("{name}", format="labels") or load("{name}", format="tags").',
        '请指明格式：load("{name}", format="labels") 或 load("{name}", format="tags")。',
    ),
    "data.other_format": (
        "The file looks like {likely}, which this version cannot train yet: it trains 'labels' and 'tags' only. "
        "Candidates and how well they fit (0 to 1): {scores}.",
        "文件看起来是 {likely} 格式，这个版本还不能训练：目前只支持 'labels' 和 'tags'。候选格式及其吻合程度（0 到 1）：{scores}。",
    ),
    "data.other_format.fix": (
        'If it is labels or tags all the same, say so: load("{name}", format="labels") or load("{name}", '
        'format="tags").',
        '如果它确实是 labels 或 tags，请指明：load("{name}", format="labels") 或 load("{name}", format="tags")。',
    ),
    "data.column_order": (
        "Which column is the label cannot be told: no column has few, short values that come again. First line: "
        "'{excerpt}'.",
        "无法判断哪一列是标签：没有哪一列是少数几个反复出现的短值。第一行：'{excerpt}'。",
    ),
    "data.column_order.fix": (
        'Say which is which: load("{name}", format="labels", columns={{"label": 0, "text": 1}}) or columns={{"text": 0, '
        '"label": 1}}.',
        '请指明各列：load("{name}", format="labels", columns={{"label": 0, "text": 1}}) 或 columns={{"text": 0, '
        '"label": 1}}。',
    ),
    "data.one_label": (
        "Every row has the same label, '{excerpt}'. Expected at least two: with one there is nothing to tell apart.",
        "所有行的标签都是 '{excerpt}'。至少需要两种标签，否则没有可区分的内容。",
    ),
    "data.one_label.fix": ("Add rows with another label.", "请补充其他标签的数据。"),
    "data.one_sentence": (
        "The whole file is one sentence of {n} tokens. Expected a blank line between sentences.",
        "整个文件只有一个句子，共 {n} 个词元。句子之间应当有空行。",
    ),
    "data.one_sentence.fix": (
        "Put a blank line after the last token of each sentence.",
        "请在每个句子的最后一个词元之后加一个空行。",
    ),
    "data.plain_tags": (
        "The tags have no B-/I- prefixes ({n} kinds: {excerpt}), so each token is learnt and counted by itself.",
        "标签没有 B-/I- 前缀（共 {n} 种：{excerpt}），因此按单个词元学习和统计。",
    ),
    "data.plain_tags.fix": (
        "Right for parts of speech; for names write B-PER, I-PER, O.",
        "词性标注这样没有问题；命名实体请写成 B-PER、I-PER、O。",
    ),
    # -- problems of a line, any format
    "data.bad_bytes": (
        "Byte {byte} of the file ({raw}) is not {encoding}, which the rest is read as.",
        "文件的第 {byte} 个字节（{raw}）不是 {encoding} 编码，而文件是按这个编码读取的。",
    ),
    "data.bad_bytes.fix": (
        'Retype the damaged characters; if the whole file is in another encoding, load(..., encoding="gb18030").',
        '请重新输入损坏的字符；如果整个文件是别的编码，请用 load(..., encoding="gb18030")。',
    ),
    "data.literal_tab": (
        "There is a backslash and a t where a tab is expected: '{excerpt}'.",
        "这里写的是反斜杠加字母 t，而不是真正的制表符：'{excerpt}'。",
    ),
    "data.literal_tab.fix": (
        'Replace them by real tabs: text.replace("\\t", "\t").',
        '请替换成真正的制表符：text.replace("\\t", "\t")。',
    ),
    "data.replacement_char": (
        "There is a U+FFFD sign, left by an earlier wrong decoding: '{excerpt}'. Expected readable text.",
        "文本中有 U+FFFD 替换符，是以前解码出错留下的：'{excerpt}'。应当是正常文字。",
    ),
    "data.replacement_char.fix": (
        "Export the data again with the right encoding, or retype the character.",
        "请用正确的编码重新导出数据，或重新输入这个字符。",
    ),
    "data.duplicate": (
        "The same row was already on line {first}: '{excerpt}'. Expected each text once.",
        "与第 {first} 行完全重复：'{excerpt}'。每条文本应当只出现一次。",
    ),
    "data.duplicate.fix": (
        "Delete one of them; if kept, split() puts both on the same side.",
        "请删除其中一行；如果保留，split() 会把它们放在同一侧。",
    ),
    # -- problems of a line, labels
    "data.no_tab": (
        "There is no tab: '{excerpt}'. Expected one tab between label and text.",
        "这一行没有制表符：'{excerpt}'。标签和文本之间应当有一个制表符。",
    ),
    "data.no_tab.fix": (
        'Put one tab between them, as in "label\ttext"; spaces and commas do not count.',
        '请在两者之间加一个制表符，如 "label\ttext"；空格和逗号不算。',
    ),
    "data.extra_tab": (
        "There are {n} columns ({found}). Expected {width}.",
        "这一行有 {n} 列（{found}）。应当是 {width} 列。",
    ),
    "data.extra_tab.fix": (
        'Replace the tabs inside the text by spaces; if every line has {n} columns, choose two: load(..., columns={{"label"'
        ': 0, "text": {last}}}).',
        '请把文本内部的制表符换成空格；如果每行都有 {n} 列，请选出两列：load(..., columns={{"label": 0, "text": {last}}})。',
    ),
    "data.empty_label": (
        "The label is empty: '{excerpt}'. Expected a label and a text.",
        "标签是空的：'{excerpt}'。应当既有标签又有文本。",
    ),
    "data.empty_label.fix": ("Write the label, or delete the line.", "请补上标签，或删除这一行。"),
    "data.empty_text": (
        "The text is empty: '{excerpt}'. Expected a label and a text.",
        "文本是空的：'{excerpt}'。应当既有标签又有文本。",
    ),
    "data.empty_text.fix": ("Write the text, or delete the line.", "请补上文本，或删除这一行。"),
    "data.label_space": (
        "The label holds unusual space or an invisible character: '{excerpt}'. It counts as a label of its own.",
        "标签里有特殊空格或不可见字符：'{excerpt}'。它会被当作另一个标签。",
    ),
    "data.label_space.fix": ("Write it like the other labels.", "请改成与其他标签一致的写法。"),
    "data.header": (
        "The line names the columns ('{excerpt}'): it is not taken as a row.",
        "这一行是列名（'{excerpt}'），不作为数据读取。",
    ),
    "data.header.fix": ("Nothing to do.", "无需处理。"),
    "data.label_once": (
        "The label '{excerpt}' is seen once. Expected at least two rows of each label, to learn from and to check.",
        "标签 '{excerpt}' 只出现了一次。每个标签至少需要两行，才能既训练又验证。",
    ),
    "data.label_once.fix": (
        'Add examples of it, or merge it into another label; load(..., on_error="skip") leaves the row out.',
        '请补充这个标签的例子，或并入其他标签；load(..., on_error="skip") 会略去这一行。',
    ),
    "data.two_labels": (
        "The text has the label '{label}' here and '{first_label}' on line {first}: '{excerpt}'. Expected one label.",
        "同一文本在这里的标签是 '{label}'，在第 {first} 行却是 '{first_label}'：'{excerpt}'。应当只有一个标签。",
    ),
    "data.two_labels.fix": ("Decide on one, and delete the other line.", "请确定其中一个标签，并删除另一行。"),
    # -- problems of a line, tags
    "data.no_token": (
        "There is a tag but no token: '{excerpt}'. Expected a token, a space or tab, and its tag.",
        "只有标签，没有词元：'{excerpt}'。应当是词元、一个空格或制表符，再加标签。",
    ),
    "data.no_token.fix": (
        "Write the missing token; if a space was the token, delete the line.",
        "请补上缺少的词元；如果词元本来是空格，请删除这一行。",
    ),
    "data.no_tag": (
        "There is a token but no tag: '{excerpt}'. Expected a token, a space or tab, and its tag.",
        "只有词元，没有标签：'{excerpt}'。应当是词元、一个空格或制表符，再加标签。",
    ),
    "data.no_tag.fix": (
        "Write its tag, O if it is no part of a name; between sentences leave the line blank.",
        "请补上标签，不属于实体的写 O；句子之间请留空行。",
    ),
    "data.tag_columns": (
        "There are {n} columns: '{excerpt}'. Expected {width}, as on the other lines.",
        "这一行有 {n} 列：'{excerpt}'。应当与其他行一样是 {width} 列。",
    ),
    "data.tag_columns.fix": (
        "Put one token and its tag on each line, with a single tab or space between the columns.",
        "请每行只写一个词元及其标签，列与列之间用一个制表符或空格。",
    ),
    "data.illegal_tag": (
        "The tag '{excerpt}' of the token '{token}' is of no scheme. Expected O, or a prefix and a type, as B-PER, I-PER.",
        "词元 '{token}' 的标签 '{excerpt}' 不合规范。应当是 O，或前缀加类型，如 B-PER、I-PER。",
    ),
    "data.illegal_tag.fix": (
        "Correct the tag: the letter O (not zero) outside names, B- on a name's first token, I- on the others.",
        "请改正标签：实体之外写字母 O（不是数字 0），实体的第一个词元写 B-，其余写 I-。",
    ),
    "data.token_space": (
        "The token holds a space: '{excerpt}'. Expected none; those at its ends are left out.",
        "词元里有空格：'{excerpt}'。词元不应含空格；首尾的空格已去掉。",
    ),
    "data.token_space.fix": (
        "Delete the space, or split the token over two lines.",
        "请删除空格，或把它拆成两行。",
    ),
    "data.two_taggings": (
        "The same sentence has other tags on line {first}: '{excerpt}'. Expected the same tags.",
        "同一个句子在第 {first} 行的标注不同：'{excerpt}'。标注应当一致。",
    ),
    "data.two_taggings.fix": ("Decide on one, and delete the other sentence.", "请确定其中一种标注，并删除另一句。"),
    # -- what load() raises
    "data.only": (
        'load("{name}", on_error="skip") leaves such rows out.',
        'load("{name}", on_error="skip") 会略去这样的行。',
    ),
    "data.more": (
        'And {more} more: ftkit.check("{name}") lists them; load("{name}", on_error="skip") leaves such rows out.',
        '另有 {more} 处错误：ftkit.check("{name}") 可列出；load("{name}", on_error="skip") 会略去这样的行。',
    ),
    "data.on_error": (
        "on_error: {value!r} cannot be. Expected 'raise' or 'skip'. Did you mean load(..., on_error='{hint}')?",
        "on_error：不能是 {value!r}。应当是 'raise' 或 'skip'。是否想写 load(..., on_error='{hint}')？",
    ),
    "data.unknown_task": (
        "task: {value!r} is not known. Known: 'classification', 'tagging'. Did you mean load(..., task='{hint}')?",
        "task：没有 {value!r} 这个任务。可用：'classification'、'tagging'。是否想写 load(..., task='{hint}')？",
    ),
    "data.unknown_format": (
        "format: {format!r} is not known. Known: 'labels', 'tags'. Did you mean load(..., format='{hint}')?",
        "format：没有 {format!r} 这个格式。可用：'labels'、'tags'。是否想写 load(..., format='{hint}')？",
    ),
    "data.later_format": (
        "format: {format!r} cannot be trained by this version. It trains 'labels' and 'tags'. "
        "Use load(..., format='labels').",
        "format：这个版本还不能训练 {format!r}。目前支持 'labels' 和 'tags'。请用 load(..., format='labels')。",
    ),
    "data.no_format": (
        "format: {format!r} is no format. Expected a name, or an object with name, sniff(head) and read(source). "
        "Use load(..., format='labels').",
        "format：{format!r} 不是格式。应当是名称，或带有 name、sniff(head)、read(source) 的对象。请用 load(..., format='labels')。",
    ),
    "data.unknown_column": (
        "columns: {key!r} is not known. Known: 'text' and 'label' of labels, 'token' and 'tag' of tags. "
        "Did you mean load(..., columns={{'{hint}': 0, ...}})?",
        "columns：没有 {key!r} 这一列。可用：labels 的 'text'、'label'，tags 的 'token'、'tag'。"
        "是否想写 load(..., columns={{'{hint}': 0, ...}})？",
    ),
    "data.column_index": (
        "columns: {key!r} is {index!r}. Expected the column's number, counted from 0. "
        "Use load(..., columns={{'{key}': 0, ...}}).",
        "columns：{key!r} 的值是 {index!r}。应当是从 0 数起的列号。请用 load(..., columns={{'{key}': 0, ...}})。",
    ),
    "data.same_column": (
        "columns: {columns} names one column twice. Expected two columns. Use load(..., columns={{'label': 0, 'text': 1}}).",
        "columns：{columns} 两次指向同一列。应当是两列。请用 load(..., columns={{'label': 0, 'text': 1}})。",
    ),
    "data.unknown_encoding": (
        "encoding: {encoding!r} is not known. Expected a text encoding that Python knows. "
        "Did you mean load(..., encoding='{hint}')?",
        "encoding：没有 {encoding!r} 这个编码。应当是 Python 支持的文本编码。是否想写 load(..., encoding='{hint}')？",
    ),
    "data.missing": (
        "{path}: there is no such file. Files in the folder {folder}: {near}. Give the path of a file: load('data.tsv').",
        "{path}：没有这个文件。文件夹 {folder} 里的文件：{near}。请给出文件的路径：load('data.tsv')。",
    ),
    "data.near": (
        "{path}: there is no such file. There is: {near}. Did you mean load({best})?",
        "{path}：没有这个文件。相近的有：{near}。是否想写 load({best})？",
    ),
    "data.folder": (
        "{path}: this is a folder. Expected a file. Files in it: {near}. Give the path of one: load({best}).",
        "{path}：这是文件夹。应当是一个文件。其中的文件：{near}。请给出其中一个的路径：load({best})。",
    ),
    "data.unreadable": (
        "{path}: the file cannot be opened ({error}). Expected a file that may be read. "
        "Close it in other programs (Excel, WPS) and check its permissions.",
        "{path}：无法打开文件（{error}）。应当是可以读取的文件。请在其他程序（Excel、WPS）中关闭它，并检查权限。",
    ),
    # -- Dataset
    "data.bad_row.labels": (
        "row {number}: {row} is no row of labels. Expected (text, label), two strings. "
        "Use Dataset.from_rows([('good', 'positive'), ...]).",
        "第 {number} 行：{row} 不是 labels 的一行。应当是 (文本, 标签) 两个字符串。"
        "请用 Dataset.from_rows([('很好', '正面'), ...])。",
    ),
    "data.bad_row.tags": (
        "row {number}: {row} is no row of tags. Expected (tokens, tags), two lists of strings of the same length. "
        "Use Dataset.from_rows([(['Li', 'Ming'], ['B-PER', 'I-PER']), ...], format='tags').",
        "第 {number} 行：{row} 不是 tags 的一行。应当是 (词元, 标签) 两个等长的字符串列表。"
        "请用 Dataset.from_rows([(['李', '明'], ['B-PER', 'I-PER']), ...], format='tags')。",
    ),
    "data.no_arrow": (
        "{path}: this is no Dataset that to_arrow wrote ({error}). Expected an Arrow file. "
        "Use Dataset.to_arrow(path) to write one.",
        "{path}：这不是 to_arrow 写出的 Dataset（{error}）。应当是 Arrow 文件。请用 Dataset.to_arrow(path) 写出。",
    ),
    "data.share": (
        "{key}: {share} cannot be. Expected a share of the rows from 0 to below 1. Use split({key}=0.1).",
        "{key}：不能是 {share}。应当是 0 到 1 之间（不含 1）的比例。请用 split({key}=0.1)。",
    ),
    "data.shares": (
        "validation={validation}, test={test}: nothing is left for training. Expected a sum below 1. "
        "Use split(validation=0.1, test=0.1).",
        "validation={validation}、test={test}：没有数据可用于训练。两者之和应当小于 1。请用 split(validation=0.1, test=0.1)。",
    ),
    "data.too_few_texts": (
        "split: {n} different texts in {rows} rows cannot make {splits} splits. Expected at least one text for each, "
        "as equal texts stay together. Add rows with other texts.",
        "split：{rows} 行中只有 {n} 条不同的文本，无法分成 {splits} 份。相同的文本要放在一起，每份至少需要一条。请补充不同文本的数据。",
    ),
    # -- what a terminal shows
    "data.severity.error": ("error", "错误"),
    "data.severity.warning": ("warning", "警告"),
    "data.severity.info": ("note", "提示"),
    "data.report.rows": ("{rows:,} rows", "{rows:,} 行可用"),
    "data.report.total": ("{total:,} problems", "{total:,} 个问题"),
    "data.report.none": ("no problem found", "没有发现问题"),
    "data.report.more": ("... and {more:,} more", "... 另有 {more:,} 个"),
    "data.show.head": (
        "{name}: {rows:,} rows of {format}, {labels} different labels",
        "{name}：{rows:,} 行 {format} 数据，{labels} 种标签",
    ),
    "data.show.empty": ("{name}: no rows", "{name}：没有数据"),
    "data.show.problems": ("{n:,} problems, see .report", "{n:,} 个问题，见 .report"),
    "data.show.no_problems": ("no problem found", "没有发现问题"),
    "data.show.more_labels": ("... and {n} more labels", "... 另有 {n} 种标签"),
    "data.show.characters": ("characters", "字符数"),
    "data.show.tokens": ("tokens", "词元数"),
    "data.show.lengths": (
        "{unit} in a row: {low} to {high}, median {median}, 90% up to {p90}",
        "每行{unit}：{low} 到 {high}，中位数 {median}，90% 不超过 {p90}",
    ),
}
