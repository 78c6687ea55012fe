"""What ftkit says about files and Datasets. A problem has two texts: what is wrong, and with ``.fix`` what to do."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # -- problems of a whole file
    "data.empty_file": (
        "There is no row in the file. Expected one row on each line.",
        "文件里没有数据。应当每行一条数据。",
    ),
    "data.empty_file.fix": (
        "Save the file again, and check that it is the right one.",
        "请重新保存文件，并确认选对了文件。",
    ),
    "data.binary_file": (
        "The file is not text: it looks like {looks_like}. Expected text, in UTF-8, UTF-16 or GB18030.",
        "这不是文本文件，看起来是 {looks_like}。应当是 UTF-8、UTF-16 或 GB18030 编码的文本。",
    ),
    "data.binary": ("binary data", "二进制数据"),
    "data.binary_file.fix": (
        "Unpack it if it is packed; or save the data as text, with tabs between the columns.",
        "如果是压缩文件，请先解压；否则请把数据另存为以制表符分隔各列的文本。",
    ),
    "data.other_format": (
        "{name} is in the format {format}, the other files are in {first}. Expected files of one format.",
        "{name} 是 {format} 格式，其余文件是 {first} 格式。应当都是同一种格式。",
    ),
    "data.other_format.fix": (
        'Load it apart, or name the format of all: format="{first}".',
        '请单独加载它，或者指明所有文件的格式：format="{first}"。',
    ),
    "data.not_text": (
        "Byte {byte} of the file ({raw}) is not UTF-8. Expected UTF-8; it reads neither as GB18030 nor as UTF-16.",
        "文件偏移 {byte} 处的字节（{raw}）不是 UTF-8。应当是 UTF-8；按 GB18030 或 UTF-16 也读不通。",
    ),
    "data.not_text.fix": (
        'Name the encoding: ftkit.load("{name}", encoding="{hint}"), or "gb18030", "big5", "shift_jis"; '
        "or save the file as UTF-8.",
        '请指明编码：ftkit.load("{name}", encoding="{hint}")，或 "gb18030"、"big5"、"shift_jis"；'
        "或者把文件另存为 UTF-8。",
    ),
    "data.ambiguous_format": (
        "The first lines do not tell the format. Expected one that stands out; candidates, and how well each fits "
        "from 0 to 1: {scores}.",
        "开头几行看不出是什么格式。应当有一种格式明显吻合；候选格式及吻合程度（0 到 1）：{scores}。",
    ),
    "data.ambiguous_format.fix": (
        'Name the format: ftkit.load("{name}", format="{likely}") or, instead, {others}.',
        '请指明格式：ftkit.load("{name}", format="{likely}")，或改用 {others}。',
    ),
    "data.no_tabs": (
        "No line has a tab: '{excerpt}'. Expected one tab between label and text, or tags, or plain text with a "
        "sentence or a paragraph on each line; which it is does not show.",
        "整个文件没有制表符：'{excerpt}'。标签和文本之间应当有一个制表符，或者每行一个词元和标签，"
        "或者是每行一句或一段的纯文本；这里看不出是哪一种。",
    ),
    "data.no_tabs.fix": (
        'If each line holds a label and a text, put a real tab between the two, "label\\ttext": spaces and commas do '
        'not count. If each holds a token and its tag, say so: ftkit.load("{name}", format="tags"); if plain text: '
        'ftkit.load("{name}", format="corpus").',
        '如果每行是标签和文本，请在两者之间加一个真正的制表符："label\\ttext"；空格和逗号不算。'
        '如果每行是词元和标签，请指明：ftkit.load("{name}", format="tags")；'
        '如果是纯文本：ftkit.load("{name}", format="corpus")。',
    ),
    "data.many_columns": (
        "Most lines have {n} columns ({found}). Expected two, such as a label and a text.",
        "大多数行有 {n} 列（{found}）。应当是两列，例如标签和文本。",
    ),
    "data.many_columns.fix": (
        'Say which two, counted from 0: ftkit.load("{name}", columns={{"label": 0, "text": {last}}}), or "title" and '
        '"content", or "question" and "answer"; if questions and answers take turns: format="qa".',
        '请指明是哪两列（从 0 数起）：ftkit.load("{name}", columns={{"label": 0, "text": {last}}})，'
        '或 "title" 和 "content"，或 "question" 和 "answer"；如果是问答交替的多轮对话：format="qa"。',
    ),
    "data.column_order": (
        "Which column is the label cannot be told ('{excerpt}'). Expected few, short values that come again and again "
        "in one column.",
        "无法判断哪一列是标签（'{excerpt}'）。应当有一列是少数几个反复出现的短值。",
    ),
    "data.column_order.fix": (
        'Say which is which: ftkit.load("{name}", columns={{"label": 0, "text": 1}}) or '
        'columns={{"text": 0, "label": 1}}.',
        '请指明各列：ftkit.load("{name}", columns={{"label": 0, "text": 1}}) 或 columns={{"text": 0, "label": 1}}。',
    ),
    "data.one_label": (
        "Every row has the label '{excerpt}'. Expected two labels or more: with one there is nothing to tell apart.",
        "所有行的标签都是 '{excerpt}'。至少需要两种标签，否则没有可区分的内容。",
    ),
    "data.one_label.fix": ("Add rows with another label.", "请补充其他标签的数据。"),
    "data.one_sentence": (
        "The whole file is one sentence of {n:,} tokens. Expected a blank line between sentences.",
        "整个文件只有一个句子，共 {n:,} 个词元。句子之间应当有空行。",
    ),
    "data.one_sentence.fix": (
        "Put a blank line after the last token of each sentence.",
        "请在每个句子的最后一个词元之后加一个空行。",
    ),
    "data.plain_tags": (
        "The tags have no B- and I- prefixes ({n} kinds: {excerpt}), so each token is learnt and counted by itself. "
        "Expected so for parts of speech, not for names.",
        "标签没有 B-、I- 前缀（共 {n} 种：{excerpt}），因此按单个词元学习和统计。词性标注应当如此，命名实体则不应当。",
    ),
    "data.plain_tags.fix": (
        "Nothing to do for parts of speech; for names write B-PER, I-PER and O.",
        "词性标注无需处理；命名实体请写成 B-PER、I-PER、O。",
    ),
    # -- problems of a line, in any format
    "data.bad_bytes": (
        "Byte {byte} of the file ({excerpt}) is no text in {encoding}{what}. Expected {encoding}, as in the rest of "
        "it.",
        "文件偏移 {byte} 处的字节（{excerpt}）不是 {encoding} 文字{what}。应当与文件其余部分一样是 {encoding}。",
    ),
    "data.bad_bytes.fix": (
        "Retype the damaged characters; if the whole file is in another encoding, name it: "
        'ftkit.load("{name}", encoding="{other}").',
        '请重新输入损坏的字符；如果整个文件是别的编码，请指明：ftkit.load("{name}", encoding="{other}")。',
    ),
    "data.damage": (": {what}", "（即{what}）"),
    "data.literal_tab": (
        "There is a backslash and a t instead of a tab: '{excerpt}'. Expected a real tab between the columns.",
        "这里写的是反斜杠加字母 t，不是制表符：'{excerpt}'。各列之间应当是真正的制表符。",
    ),
    "data.literal_tab.fix": (
        'Replace them by real tabs: text.replace("\\\\t", "\\t").',
        '请替换成真正的制表符：text.replace("\\\\t", "\\t")。',
    ),
    "data.replacement_char": (
        "There is a U+FFFD sign, left by an earlier wrong decoding: '{excerpt}'. Expected readable text.",
        "文中有 U+FFFD 替换符，是以前解码出错留下的：'{excerpt}'。应当是可读的文字。",
    ),
    "data.replacement_char.fix": (
        "Export the data again in the right encoding, or retype the character.",
        "请用正确的编码重新导出数据，或重新输入这个字符。",
    ),
    "data.duplicate": (
        "The same row is on line {first}: '{excerpt}'. Expected each text once.",
        "与第 {first} 行重复：'{excerpt}'。每条文本应当只出现一次。",
    ),
    "data.duplicate.fix": (
        "Delete one of the two; if both stay, split() keeps them on the same side.",
        "请删除其中一条；如果都保留，split() 会把它们放在同一侧。",
    ),
    # -- problems of a line, labels
    "data.no_tab": (
        "There is no tab: '{excerpt}'. Expected one tab between label and text; spaces and commas do not count.",
        "这一行没有制表符：'{excerpt}'。标签和文本之间应当有一个制表符；空格和逗号不算。",
    ),
    "data.no_tab.fix": (
        'Put a tab between the two: "label\\ttext".',
        '请在两者之间加一个制表符："label\\ttext"。',
    ),
    "data.extra_tab": (
        "There are {n} columns: {found}. Expected {width}.",
        "这一行有 {n} 列：{found}。应当是 {width} 列。",
    ),
    "data.extra_tab.fix": (
        "Replace tabs inside the text by spaces; if every line has {n} columns, say which two are meant: "
        'ftkit.load("{name}", columns={{"label": 0, "text": {last}}}).',
        "请把文本内部的制表符换成空格；如果每行都有 {n} 列，请指明用哪两列："
        'ftkit.load("{name}", columns={{"label": 0, "text": {last}}})。',
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
        "The label holds unusual space or an invisible character: '{excerpt}'. Expected plain characters: "
        "otherwise it counts as a label of its own.",
        "标签里有特殊空格或不可见字符：'{excerpt}'。应当只用普通字符，否则会被当成另一个标签。",
    ),
    "data.label_space.fix": ("Write it as on the other lines.", "请改成与其他行一致的写法。"),
    "data.header": (
        "The line names the columns: '{excerpt}'. Expected rows only; it is not taken as one.",
        "这一行是列名：'{excerpt}'。文件应当只含数据；这一行没有当作数据。",
    ),
    "data.header.fix": ("Nothing to do.", "无需处理。"),
    "data.label_once": (
        "The label '{excerpt}' is seen once. Expected two rows or more of each label: to learn from, and to check.",
        "标签 '{excerpt}' 只出现了一次。每个标签至少需要两行：一行用于学习，一行用于检验。",
    ),
    "data.label_once.fix": (
        "Add examples of it, or merge it into another label.",
        "请补充这个标签的例子，或并入其他标签。",
    ),
    "data.two_labels": (
        "The text has the label '{label}' here and '{other}' on line {first}: '{excerpt}'. Expected one label.",
        "这条文本在这里的标签是 '{label}'，在第 {first} 行却是 '{other}'：'{excerpt}'。应当只有一个标签。",
    ),
    "data.two_labels.fix": ("Decide on one, and delete the other line.", "请确定用哪个标签，并删除另一行。"),
    # -- problems of a line, tags
    "data.no_token": (
        "There is a tag but no token: '{excerpt}'. Expected a token, then a tab or space, then its tag.",
        "只有标签，没有词元：'{excerpt}'。应当是词元、一个制表符或空格，再加标签。",
    ),
    "data.no_token.fix": (
        "Write the missing token; if it was a space, delete the line.",
        "请补上缺少的词元；如果它本来是空格，请删除这一行。",
    ),
    "data.no_tag": (
        "There is a token but no tag: '{excerpt}'. Expected a token, then a tab or space, then its tag.",
        "只有词元，没有标签：'{excerpt}'。应当是词元、一个制表符或空格，再加标签。",
    ),
    "data.no_tag.fix": (
        "Write its tag, O outside names; between sentences leave the line blank.",
        "请补上标签，实体之外写 O；句子之间请留空行。",
    ),
    "data.tag_columns": (
        "There are {n} columns: '{excerpt}'. Expected {width}, as on most lines.",
        "这一行有 {n} 列：'{excerpt}'。应当与大多数行一样是 {width} 列。",
    ),
    "data.tag_columns.fix": (
        "Write one token and its tag on each line, with one tab or space between the columns.",
        "请每行只写一个词元及其标签，列与列之间用一个制表符或空格。",
    ),
    "data.illegal_tag": (
        "The tag '{excerpt}' of the token '{token}' is of no scheme. Expected O, or a prefix and a type such as B-PER.",
        "词元 '{token}' 的标签 '{excerpt}' 不合规范。应当是 O，或前缀加类型，如 B-PER。",
    ),
    "data.illegal_tag.fix": (
        "Correct it: the letter O (not zero) outside names, B- on a name's first token, I- on its others.",
        "请改正：实体之外写字母 O（不是数字 0），实体的第一个词元写 B-，其余写 I-。",
    ),
    "data.token_space": (
        "The token holds a space: '{excerpt}'. Expected none; at its ends they are left out.",
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
    "data.two_taggings.fix": ("Decide on one, and delete the other sentence.", "请确定用哪种标注，并删除另一句。"),
    # -- what load() and check() raise
    "data.more": (
        "Errors beyond this one: {more:,}; ftkit.check({name}) lists them.",
        "另有 {more:,} 处错误，可用 ftkit.check({name}) 列出。",
    ),
    "data.skip": (
        'To leave such rows out: ftkit.load({name}, on_error="skip").',
        '如需略去这样的行：ftkit.load({name}, on_error="skip")。',
    ),
    "data.no_source": (
        "{value} is of type {kind}. Expected a path, a list of paths, a DataFrame, a datasets.Dataset, an Arrow table "
        "or a list of dicts; rows of your own go through Dataset.from_rows([(text, label), ...]).",
        "{value} 的类型是 {kind}。应当是路径、路径列表、DataFrame、datasets.Dataset、Arrow 表或字典列表；"
        "自己的数据行请用 Dataset.from_rows([(文本, 标签), ...])。",
    ),
    "data.label_names": (
        "label_names: {value} is not a list of different names, one for each number from 0 on. Write "
        'label_names=["negative", "positive"].',
        "label_names：{value} 不是从 0 开始、每个数字对应一个且互不相同的名称列表。"
        '请写成 label_names=["负面", "正面"]。',
    ),
    "data.on_error": (
        "on_error: {value!r} is not known. Known: 'raise', 'skip'. Did you mean ftkit.load(..., on_error='{hint}')?",
        "on_error：没有 {value!r} 这个选项。可用：'raise'、'skip'。是否想写 ftkit.load(..., on_error='{hint}')？",
    ),
    "data.unknown_task": (
        "task: {value!r} is not known. Known: {known}. Did you mean ftkit.load(..., task='{hint}')?",
        "task：没有 {value!r} 这个任务。可用：{known}。是否想写 ftkit.load(..., task='{hint}')？",
    ),
    "data.other_task": (
        "{where}: {value!r} cannot be trained on the format {format!r}. Expected a task of this format: {known}. "
        "Use ftkit.load(..., task='{hint}'), or name the format that the file is in.",
        "{where}：{format!r} 格式不能训练 {value!r}。应当是这种格式的任务：{known}。"
        "请用 ftkit.load(..., task='{hint}')，或指明文件的格式。",
    ),
    "data.unknown_format": (
        "format: {format!r} is not known. Known: {known}. Did you mean format='{hint}'?",
        "format：没有 {format!r} 这个格式。可用：{known}。是否想写 format='{hint}'？",
    ),
    "data.no_format": (
        "format: {format!r} is no format. Expected a name, or an object with name, suffixes, sniff(head) and "
        "read(source). Use ftkit.load(..., format='labels').",
        "format：{format!r} 不是格式。应当是名称，或带有 name、suffixes、sniff(head)、read(source) 的对象。"
        "请用 ftkit.load(..., format='labels')。",
    ),
    "data.unknown_column": (
        "columns: {key!r} is not known. Known: {known}. Did you mean columns={{'{hint}': 0, ...}}?",
        "columns：没有 {key!r} 这一列。可用：{known}。是否想写 columns={{'{hint}': 0, ...}}？",
    ),
    "data.column_index": (
        "columns: {key!r} is {index!r}. Expected the number of a column, counted from 0. "
        "Use columns={{'{key}': 0, ...}}.",
        "columns：{key!r} 的值是 {index!r}。应当是从 0 数起的列号。请用 columns={{'{key}': 0, ...}}。",
    ),
    "data.two_columns": (
        "columns: {columns} does not name two columns of one format. Expected 'text' and 'label', for tags 'token' and "
        "'tag', 'title' and 'content', 'question' and 'answer', or for a corpus 'text'. "
        "Use columns={{'label': 0, 'text': 1}}.",
        "columns：{columns} 不是同一格式的两列。应当是 'text' 和 'label'，tags 是 'token' 和 'tag'，"
        "或 'title' 和 'content'，或 'question' 和 'answer'，corpus 则是 'text'。"
        "请用 columns={{'label': 0, 'text': 1}}。",
    ),
    "data.unknown_encoding": (
        "encoding: {encoding!r} is not known. Expected an encoding of text that Python knows. "
        "Did you mean encoding='{hint}'?",
        "encoding：没有 {encoding!r} 这个编码。应当是 Python 支持的文本编码。是否想写 encoding='{hint}'？",
    ),
    "data.missing": (
        '{path}: there is no such file. Files in {folder}: {near}. Name one that is there: ftkit.load("{best}").',
        '{path}：没有这个文件。{folder} 里的文件：{near}。请指定存在的文件：ftkit.load("{best}")。',
    ),
    "data.no_rows": (
        "{value} holds no rows. Expected a list of pairs: Dataset.from_rows([(text, label), ...]).",
        "{value} 不是数据行。应当是成对数据的列表：Dataset.from_rows([(文本, 标签), ...])。",
    ),
    "data.near": (
        '{path}: there is no such file. Near to it in {folder}: {near}. Did you mean ftkit.load("{best}")?',
        '{path}：没有这个文件。{folder} 里相近的有：{near}。是否想写 ftkit.load("{best}")？',
    ),
    "data.folder": (
        '{path}: this is a folder. Expected a file; in {folder} there are: {near}. Name one: ftkit.load("{best}").',
        '{path}：这是文件夹。应当是文件；{folder} 里有：{near}。请指定其中一个：ftkit.load("{best}")。',
    ),
    "data.unreadable": (
        "{path}: the file cannot be opened ({error}). Expected a file that may be read. "
        "Close it in other programs (Excel, WPS), and check who may read it.",
        "{path}：无法打开文件（{error}）。应当是可以读取的文件。请在其他程序（Excel、WPS）中关闭它，并检查读取权限。",
    ),
    "data.unwritable": (
        '{path}: nothing can be written there ({error}). Name a file in a folder of yours: out="predictions.csv".',
        '{path}：无法写入（{error}）。请指定自己文件夹中的一个文件：out="predictions.csv"。',
    ),
    "data.no_text_item": (
        'Item {index} is no text: {value}. Expected texts, as in run.predict(["a text", "another"]); for tagging '
        "also lists of tokens, for chat lists of turns.",
        '第 {index} 项不是文本：{value}。应当是文本，例如 run.predict(["一句话", "另一句"])；'
        "标注任务也可以是词元列表，对话任务也可以是各轮的列表。",
    ),
    # -- Dataset
    "data.bad_row.labels": (
        "row {number}: {row} is no labelled text. Expected (text, label), two strings. "
        "Use Dataset.from_rows([('Very good', 'positive'), ...]).",
        "第 {number} 行：{row} 不是带标签的文本。应当是 (文本, 标签) 两个字符串。"
        "请用 Dataset.from_rows([('很好', '正面'), ...])。",
    ),
    "data.bad_row.tags": (
        "row {number}: {row} is no tagged sentence. Expected (tokens, tags), two lists of strings of one length. "
        "Use Dataset.from_rows([(['Li', 'Ming'], ['B-PER', 'I-PER']), ...], format='tags').",
        "第 {number} 行：{row} 不是带标签的句子。应当是 (词元, 标签) 两个等长的字符串列表。"
        "请用 Dataset.from_rows([(['李', '明'], ['B-PER', 'I-PER']), ...], format='tags')。",
    ),
    "data.no_arrow": (
        "{path}: this is no file that to_arrow wrote ({error}). Expected an Arrow file of ftkit's. "
        "Write one: data.to_arrow(path).",
        "{path}：这不是 to_arrow 写出的文件（{error}）。应当是 ftkit 写出的 Arrow 文件。"
        "请先写出：data.to_arrow(path)。",
    ),
    "data.near_value": (
        "near: {value!r} is not known. Known: True, False, 'auto'. Use split(near='auto').",
        "near：没有 {value!r} 这个选项。可用：True、False、'auto'。请用 split(near='auto')。",
    ),
    "data.seed": (
        "seed: {value!r} is no whole number. Use split(seed=0).",
        "seed：{value!r} 不是整数。请用 split(seed=0)。",
    ),
    "data.mask": (
        "A mask of {n:,} is not as long as the data: {rows:,} rows. Pass one True or False for each row.",
        "掩码长度是 {n:,}，而数据有 {rows:,} 行。请为每一行给出 True 或 False。",
    ),
    "data.no_row": (
        "There is no such row: the rows are counted from 0, and there are {rows:,}. Pass numbers from 0 on.",
        "没有这一行：行从 0 数起，共 {rows:,} 行。请传入从 0 开始的序号。",
    ),
    "data.share": (
        "{key}: {share!r} is no share of the rows. Expected a number from 0 to below 1. Use split({key}=0.1).",
        "{key}：{share!r} 不是有效的比例。应当是 0 到 1 之间（不含 1）的数。请用 split({key}=0.1)。",
    ),
    "data.shares": (
        "validation={validation}, test={test}: nothing is left for training. Expected a sum below 1. "
        "Use split(validation=0.1, test=0.1).",
        "validation={validation}、test={test}：没有数据可用于训练。两者之和应当小于 1。"
        "请用 split(validation=0.1, test=0.1)。",
    ),
    "data.too_few_texts": (
        "split: {rows:,} rows with {n} different texts cannot make {splits} parts. Expected one text or more for each, "
        "as equal texts stay together. Add rows with other texts.",
        "split：{rows:,} 行数据只有 {n} 条不同的文本，无法分成 {splits} 份。相同的文本要放在一起，每份至少需要一条。"
        "请补充不同文本的数据。",
    ),
    # -- what a terminal shows
    "data.severity.error": ("error", "错误"),
    "data.severity.warning": ("warning", "警告"),
    "data.severity.info": ("note", "提示"),
    "data.report.rows": ("{rows:,} rows", "可用 {rows:,} 行"),
    "data.no_room": (
        "{folder}: the rows cannot be kept there ({error}). Expected a folder with room for about the size of the "
        "data. Make room with `ftkit clean`, or name another folder in the environment variable FTKIT_CACHE.",
        "{folder}：无法在这里存放数据（{error}）。应当有与数据大小相当的空间。请运行 `ftkit clean` 腾出空间，"
        "或者用环境变量 FTKIT_CACHE 指定另一个文件夹。",
    ),
    "data.report.n_error": ("errors: {n:,}", "错误 {n:,} 个"),
    "data.report.n_warning": ("warnings: {n:,}", "警告 {n:,} 个"),
    "data.report.n_info": ("notes: {n:,}", "提示 {n:,} 个"),
    "data.report.none": ("no problem found", "没有发现问题"),
    "data.report.fix": (
        "A repaired copy and a list of what changed: {call}",
        "写出修复后的副本和改动清单：{call}",
    ),
    "data.report.more": ("... and {more:,} more", "……另有 {more:,} 处"),
    "data.report.places": ("... and on {places}", "……还有 {places}"),
    "data.report.places_more": ("... and on {places} and {more:,} more", "……还有 {places}，另有 {more:,} 处"),
    "data.show.head": (
        "{name}: {rows:,} rows, {labels} different {format}",
        "{name}: {rows:,} 行，{labels} 种 {format}",
    ),
    "data.show.empty": ("{name}: no rows", "{name}: 没有数据"),
    "data.show.problems": ("problems in the file: {n:,} (see .report)", "文件中有 {n:,} 个问题（见 .report）"),
    "data.show.more_labels": ("... and {n} more", "... 另有 {n} 种"),
    "data.show.characters": (
        "characters a row: {low} to {high}, median {median}, nine in ten up to {p90}",
        "每行字符数: {low} 到 {high}，中位数 {median}，九成不超过 {p90}",
    ),
    "data.show.tokens": (
        "tokens a row: {low} to {high}, median {median}, nine in ten up to {p90}",
        "每行词元数: {low} 到 {high}，中位数 {median}，九成不超过 {p90}",
    ),
}
