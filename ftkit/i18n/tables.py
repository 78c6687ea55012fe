"""What ftkit says about tables: CSV, Excel, JSON, Parquet, packed files, folders, and which columns mean what."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # -- files that cannot be opened: where, what, what to do
    "tables.held_open": (
        "{where}: the file cannot be opened ({error}): Excel or WPS holds it open. Expected a file that nobody "
        "holds. "
        "Close it there, then load it again.",
        "{where}：无法打开文件（{error}）：Excel 或 WPS 正在使用它。应当没有程序占用这个文件。请在那里关闭它，"
        "然后重新加载。",
    ),
    "tables.unreadable": (
        "{where}: the file cannot be opened ({error}). Expected a file that may be read. "
        "Close it in other programs, and check who may read it.",
        "{where}：无法打开文件（{error}）。应当是可以读取的文件。请在其他程序中关闭它，并检查读取权限。",
    ),
    "tables.old_excel": (
        "{where}: this is an Excel 97-2003 file (.xls). Expected .xlsx. Save it as .xlsx: open it in Excel or WPS, "
        "choose Save As, and load {stem!r}.",
        "{where}：这是 Excel 97-2003 文件（.xls）。应当是 .xlsx。请另存为 .xlsx：用 Excel 或 WPS 打开，选择“另存为”，"
        "再加载 {stem!r}。",
    ),
    "tables.locked_excel": (
        "{where}: the workbook has a password, or is an .xls file by another name. Expected .xlsx without a "
        "password. "
        "Open it in Excel or WPS, and save it as .xlsx without one, as {stem!r}.",
        "{where}：工作簿设有密码，或者其实是 .xls 文件。应当是没有密码的 .xlsx。请用 Excel 或 WPS 打开，"
        "不设密码另存为 .xlsx（{stem!r}）。",
    ),
    "tables.bad_excel": (
        "{where}: the workbook is damaged ({error}). Expected an .xlsx file. Open it in Excel or WPS, which can "
        "repair "
        "it, and save it again.",
        "{where}：工作簿已损坏（{error}）。应当是 .xlsx 文件。请用 Excel 或 WPS 打开（可以修复），再保存一次。",
    ),
    "tables.no_cell": (
        "{where}: no cell of the workbook is filled. Expected a sheet with the columns' names in its first row. "
        "Save the workbook again, and check that it is the right one.",
        "{where}：工作簿里没有任何内容。应当有一个工作表，第一行是列名。请重新保存，并确认选对了文件。",
    ),
    "tables.bad_columns": (
        "{where}: the file is damaged ({error}). Expected a whole Parquet, Arrow or Feather file. Copy or write it "
        "again.",
        "{where}：文件已损坏（{error}）。应当是完整的 Parquet、Arrow 或 Feather 文件。请重新复制或写出。",
    ),
    "tables.not_what_it_says": (
        "{where}: the file is called {suffix} but is none; it looks like {kind}. Expected what its name says. "
        "Export it again, or give it the name of what it is.",
        "{where}：文件名是 {suffix}，内容却不是，看起来是 {kind}。应当名副其实。请重新导出，或改成正确的文件名。",
    ),
    "tables.bad_archive": (
        "{where}: the {kind} archive is damaged or cut off ({error}). Expected a whole one. Download or copy it again.",
        "{where}：{kind} 压缩文件已损坏或不完整（{error}）。应当是完整的文件。请重新下载或复制。",
    ),
    "tables.no_room": (
        "{where}: it cannot be unpacked to {folder} ({error}). Expected room on the disk, and leave to write there. "
        "Make room with `ftkit clean`, or unpack the file elsewhere and load what is in it.",
        "{where}：无法解压到 {folder}（{error}）。应当有足够的磁盘空间和写入权限。"
        "请用 `ftkit clean` 腾出空间，或在别处解压后再加载。",
    ),
    "tables.members": (
        "{where}: the archive holds {n} files: {found}. Expected one. Unpack it, and load the file that is meant, or "
        "the folder.",
        "{where}：压缩文件里有 {n} 个文件：{found}。应当只有一个。请先解压，再加载需要的文件或整个文件夹。",
    ),
    "tables.password": (
        "{where}: the archive has a password. Expected one without. Unpack it, and load the file in it.",
        "{where}：压缩文件设有密码。应当没有密码。请先解压，再加载里面的文件。",
    ),
    "tables.tar": (
        "{where}: the archive holds a tar archive ({name}), with files of its own. Expected one packed file. "
        "Unpack it "
        "(tar -xf), and load the file that is meant.",
        "{where}：压缩文件里是 tar 归档（{name}），其中另有文件。应当只是一个压缩的文件。请先解压（tar -xf），"
        "再加载需要的文件。",
    ),
    # -- many files, and memory
    "tables.no_files": (
        "{where}: there are no data files. Expected files that end in {kinds} and the like, or folders of texts, one "
        "for each class. Name the file: ftkit.load('data/reviews.tsv').",
        "{where}：没有数据文件。应当有以 {kinds} 等结尾的文件，或者每个类别一个文本文件夹。"
        "请指明文件：ftkit.load('data/reviews.tsv')。",
    ),
    "tables.several_kinds": (
        "{where}: the folder holds files of several kinds: {kinds}. Expected one kind. Say which: "
        "ftkit.load({pattern!r}).",
        "{where}：文件夹里有几种文件：{kinds}。应当只有一种。请指明：ftkit.load({pattern!r})。",
    ),
    "tables.beside_splits": (
        "{where}: beside the files for training, validation or test there are others: {names}. Expected only files "
        "that are called after their split. Move these elsewhere, or name the file: ftkit.load({first!r}).",
        "{where}：除了训练、验证或测试文件，还有其他文件：{names}。应当只有以用途命名的文件。"
        "请把这些文件移到别处，或指明文件：ftkit.load({first!r})。",
    ),
    "tables.several_splits": (
        "{where}: the data holds several splits: {names}. Expected one. Choose it: data[{first!r}].",
        "{where}：数据包含几个部分：{names}。应当只有一个。请选择：data[{first!r}]。",
    ),
    "tables.no_table": (
        "{where}: {type} is no table. Expected a pandas DataFrame, a datasets.Dataset, an Arrow table, a list of "
        "dicts "
        "or a dict of columns. Use pandas.DataFrame(data).",
        "{where}：{type} 不是表格。应当是 pandas DataFrame、datasets.Dataset、Arrow 表、字典的列表或各列的字典。"
        "请用 pandas.DataFrame(data)。",
    ),
    "tables.lengths": (
        "{where}: the columns have different lengths: {lengths}. Expected as many values in each. "
        "Mend the shorter ones, or give a list of dicts.",
        "{where}：各列长度不同：{lengths}。每列的值应当一样多。请补齐较短的列，或改用字典的列表。",
    ),
    # -- which columns mean what
    "tables.no_mapping": (
        "columns: {columns!r} is no mapping. Expected the column of each part. "
        "Use columns={{'text': 'content', 'label': 'category'}}.",
        "columns：{columns!r} 不是映射。应当指明各部分是哪一列。请用 columns={{'text': '内容', 'label': '类别'}}。",
    ),
    "tables.no_part": (
        "columns: {key!r} is no part of a format. Known: {known}. Did you mean columns={{{hint!r}: ...}}?",
        "columns：没有 {key!r} 这个部分。可用：{known}。是否想写 columns={{{hint!r}: ...}}？",
    ),
    "tables.no_column": (
        "{where}: no column {value!r}. Columns found: {found}. Did you mean columns={{{key!r}: {hint!r}}}?",
        "{where}：没有 {value!r} 这一列。找到的列：{found}。是否想写 columns={{{key!r}: {hint!r}}}？",
    ),
    "tables.no_format": (
        "{where}: the columns' names do not tell the format. Columns found, with a value of each: {found}. "
        "Say which is which: columns={columns}; for other formats name 'title' and 'content', 'question' and "
        "'answer', "
        "'tokens' and 'tags', 'messages', or for plain text only 'text'.",
        "{where}：从列名看不出是什么格式。找到的列及其中一个值：{found}。请指明各列：columns={columns}；"
        "其他格式请写 'title' 和 'content'、'question' 和 'answer'、'tokens' 和 'tags'、'messages'，纯文本只写 "
        "'text'。",
    ),
    "tables.not_in_format": (
        "{where}: the columns' names do not show which are those of the format {format!r}. Columns found, with a "
        "value "
        "of each: {found}. Say which is which: columns={columns}.",
        "{where}：从列名看不出哪些是 {format!r} 格式的列。找到的列及其中一个值：{found}。请指明各列："
        "columns={columns}。",
    ),
    "tables.measured": (
        "{where}: the column {measured!r} holds many different numbers, which are no labels. Found: {found}. "
        "Expected a "
        "few names that come again and again. Name another column with columns={{'text': ..., 'label': ...}}, or "
        "turn "
        "the numbers into classes first, such as 'low' and 'high'.",
        "{where}：{measured!r} 这一列是许多不同的数值，不是标签。找到：{found}。应当是少数几个反复出现的名称。"
        "请用 columns={{'text': ..., 'label': ...}} 指明另一列，或先把数值分成几类，例如“低”和“高”。",
    ),
    "tables.ambiguous": (
        "{where}: the columns fit in several ways: {found}. Expected one that stands out. Say which: {options}.",
        "{where}：这些列可以有几种理解：{found}。应当只有一种。请指明：{options}。",
    ),
    "tables.or": (" or ", " 或 "),
    # -- problems of a whole table
    "tables.sheet": (
        "The sheet '{excerpt}' is read, the first that is not empty. Others with content: {others}.",
        "读取的是第一个有内容的工作表 '{excerpt}'。其他有内容的工作表：{others}。",
    ),
    "tables.sheet.fix": (
        "If another sheet is meant, move it to the front or save it as a file of its own.",
        "如果需要别的工作表，请把它移到最前面，或单独另存为一个文件。",
    ),
    "tables.tag_ids": (
        "The tags in the column '{excerpt}' are numbers ({n} different), and no list says what they stand for. "
        "Expected "
        "names such as B-PER.",
        "'{excerpt}' 列的标签是数字（共 {n} 种），没有名称对照表。应当是名称，如 B-PER。",
    ),
    "tables.tag_ids.fix": (
        "Give their names in order: ftkit.load(..., label_names=['O', 'B-PER', 'I-PER']), or write them into "
        "labels.txt "
        "beside the file, one a line.",
        "请按顺序给出名称：ftkit.load(..., label_names=['O', 'B-PER', 'I-PER'])，或写入文件旁边的 labels.txt，"
        "每行一个。",
    ),
    "tables.chosen": (
        "The column '{excerpt}' is taken for the answer; the answer that was rejected is not used.",
        "取 '{excerpt}' 列作为回答；被拒绝的回答不使用。",
    ),
    "tables.chosen.fix": ("Nothing to do.", "无需处理。"),
    # -- problems of a record that cannot be read
    "tables.ragged": (
        "The record has {n} cells: {found}. Expected {width}, as the first one has: {names}.",
        "这条记录有 {n} 个单元格：{found}。应当是 {width} 个，与第一条一样：{names}。",
    ),
    "tables.ragged.fix": (
        'Put cells that hold the delimiter or a line end in double quotes: "one, two"; or delete the record.',
        '如果单元格里有分隔符或换行，请用双引号括起来："一,二"；或删除这条记录。',
    ),
    "tables.open_quote": (
        "A double quote opens a cell here and is not closed where it should be: '{excerpt}'. Expected one more "
        "at the "
        "end of the cell. Reading went on with the next line.",
        "这里用双引号开始了一个单元格，却没有在该结束的地方结束：'{excerpt}'。单元格末尾应当还有一个双引号。"
        "已从下一行继续读取。",
    ),
    "tables.open_quote.fix": (
        'Close it, or double it if it is part of the text: """Good"" they said".',
        '请补上结尾的双引号；如果它是文字的一部分，请写两个："""好""，他们说"。',
    ),
    "tables.inner_quote": (
        "A double quote within a quoted cell is not doubled: '{excerpt}'. It is taken for a part of the text.",
        "引号括起的单元格里有没有写成两个的双引号：'{excerpt}'。已当作文字的一部分。",
    ),
    "tables.inner_quote.fix": ('Write it twice: "so ""good"" it is".', '请写两个双引号："这么""好"""。'),
    "tables.bad_json": (
        "The record cannot be read, column {column}: {expected}. Found: '{excerpt}'.",
        "第 {column} 个字符处无法按 JSON 解析：{expected}。这里是：'{excerpt}'。",
    ),
    "tables.bad_json.fix": (
        "Mend it there, or write the file again with json.dumps(row, ensure_ascii=False) for each record.",
        "请改正该处，或对每条记录用 json.dumps(row, ensure_ascii=False) 重新写出文件。",
    ),
    "tables.json_cut": (
        "The file ends within a list of records. Expected a closing bracket ].",
        "文件在记录列表中间结束了。应当有结尾的方括号 ]。",
    ),
    "tables.json_cut.fix": (
        "The file may be cut off: copy or export it again.",
        "文件可能不完整：请重新复制或导出。",
    ),
    "tables.json_bytes": (
        "The record holds bytes that are no text, after '{excerpt}'. Expected text in the encoding of the file.",
        "这条记录里有不是文字的字节，在 '{excerpt}' 之后。应当是文件所用编码的文字。",
    ),
    "tables.json_bytes.fix": (
        "Retype the damaged characters, or export the data again as UTF-8.",
        "请重新输入损坏的字符，或以 UTF-8 重新导出。",
    ),
    "tables.json_other": (
        "The records under '{excerpt}' are not read: those under '{read}' are.",
        "没有读取 '{excerpt}' 下的记录，只读取了 '{read}' 下的记录。",
    ),
    "tables.json_other.fix": (
        "Save each list as a file of its own.",
        "请把各个列表分别保存为文件。",
    ),
    "tables.not_object": (
        'The record is no object: \'{excerpt}\'. Expected names and values, as in {{"text": "..."}}.',
        '这条记录不是对象：\'{excerpt}\'。应当有名称和值，如 {{"text": "……"}}。',
    ),
    "tables.not_object.fix": ("Write it as an object, or delete it.", "请写成对象，或删除它。"),
    "tables.no_mark": (
        "There is no label at the start or the end of the line: '{excerpt}'. Expected __label__name, then the text.",
        "这一行的开头或结尾没有标签：'{excerpt}'。应当是 __label__名称，再写文本。",
    ),
    "tables.no_mark.fix": ("Write its label, or delete the line.", "请补上标签，或删除这一行。"),
    "tables.no_text_file": (
        "The file '{excerpt}' is no text. Expected a text in UTF-8 or GB18030 in each file.",
        "文件 '{excerpt}' 不是文本。每个文件应当是一条 UTF-8 或 GB18030 编码的文本。",
    ),
    "tables.no_text_file.fix": (
        "Save {file} as UTF-8 text, or delete it.",
        "请把 {file} 另存为 UTF-8 文本，或删除它。",
    ),
    # -- problems of a record's cells
    "tables.not_text": (
        "The cell in '{part}' is a {type}, no text: '{excerpt}'. Expected a text.",
        "'{part}' 列的单元格是 {type}，不是文本：'{excerpt}'。应当是文本。",
    ),
    "tables.not_text.fix": (
        "Write it as a text, or name another column with columns=.",
        "请写成文本，或用 columns= 指明另一列。",
    ),
    "tables.not_label": (
        "The cell in '{part}' is no label: '{excerpt}'. Expected a name.",
        "'{part}' 列的单元格不是标签：'{excerpt}'。应当是名称。",
    ),
    "tables.not_label.fix": ("Write the label's name.", "请写标签的名称。"),
    "tables.unknown_id": (
        "'{excerpt}' in '{part}' is none of the {n} labels that have a name. Expected a number from 0 to below {n}.",
        "'{part}' 列的 '{excerpt}' 不在 {n} 个有名称的标签之中。应当是从 0 起、小于 {n} 的编号。",
    ),
    "tables.unknown_id.fix": (
        "Correct it, or give every name in order with label_names=.",
        "请改正，或用 label_names= 按顺序给出所有名称。",
    ),
    "tables.several_labels": (
        "The cell in '{part}' holds {n} labels: '{excerpt}'. Expected one, as in the first records.",
        "'{part}' 列的单元格有 {n} 个标签：'{excerpt}'。应当与前面的记录一样只有一个。",
    ),
    "tables.several_labels.fix": (
        "If texts may have several labels, say so: columns={{'text': '{body}', 'labels': '{part}'}}.",
        "如果一条文本可以有多个标签，请写明：columns={{'text': '{body}', 'labels': '{part}'}}。",
    ),
    "tables.not_switch": (
        "The cell in '{part}' is '{excerpt}'. Expected 1 if the text has this label, and 0 if not.",
        "'{part}' 列的单元格是 '{excerpt}'。有这个标签应当写 1，没有写 0。",
    ),
    "tables.not_switch.fix": ("Write 0 or 1.", "请写 0 或 1。"),
    "tables.not_one_hot": (
        "{n} of the label columns are set ({found}): '{excerpt}'. Expected one, as in the first records.",
        "标签列中有 {n} 列为 1（{found}）：'{excerpt}'。应当与前面的记录一样只有一列。",
    ),
    "tables.not_one_hot.fix": (
        "Set just one to 1; if texts may have several labels, name the columns 'labels_1', 'labels_2' in columns=.",
        "请只把一列写成 1；如果一条文本可以有多个标签，请在 columns= 中写 'labels_1'、'labels_2'。",
    ),
    "tables.not_list": (
        "'{part}' or '{other}' holds no list: '{excerpt}'. Expected a list of tokens, and a list of as many tags.",
        "'{part}' 或 '{other}' 不是列表：'{excerpt}'。应当是词元列表和同样长的标签列表。",
    ),
    "tables.not_list.fix": ("Write both as lists.", "请把两者都写成列表。"),
    "tables.two_lengths": (
        "There are {n} tokens and {other} tags: '{excerpt}'. Expected one tag for each token.",
        "有 {n} 个词元、{other} 个标签：'{excerpt}'。每个词元应当有一个标签。",
    ),
    "tables.two_lengths.fix": (
        "Write the missing ones, or delete the record.",
        "请补上缺少的，或删除这条记录。",
    ),
    "tables.no_tokens": (
        "There is no token: '{excerpt}'. Expected a sentence.",
        "没有词元：'{excerpt}'。应当有一个句子。",
    ),
    "tables.no_tokens.fix": ("Write it, or delete the record.", "请补上，或删除这条记录。"),
    "tables.no_token": (
        "Token {at} is empty: '{excerpt}'. Expected a text in each.",
        "第 {at} 个词元是空的：'{excerpt}'。每个词元都应当有文字。",
    ),
    "tables.no_token.fix": (
        "Write it, or delete it together with its tag.",
        "请补上，或连同标签一起删除。",
    ),
    "tables.row_token": (
        "The row has a tag but no token: '{excerpt}'. Expected both. Its sentence is left out.",
        "这一行有标签但没有词元：'{excerpt}'。两者都应当有。这个句子已略去。",
    ),
    "tables.row_token.fix": ("Write the token, or delete the row.", "请补上词元，或删除这一行。"),
    "tables.no_tag": (
        "The token '{token}' has no tag. Expected one for each token, O outside names.",
        "词元 '{token}' 没有标签。每个词元都应当有标签，实体之外写 O。",
    ),
    "tables.no_tag.fix": ("Write its tag.", "请补上标签。"),
    "tables.bad_span": (
        "This is no labelled span: '{excerpt}'. Expected [start, end, label], or of CLUENER's kind a mention that "
        "stands in the text at these characters.",
        "这不是带标签的片段：'{excerpt}'。应当是 [起点, 终点, 标签]；CLUENER 形式的实体应当与文本中该位置的文字相同。",
    ),
    "tables.bad_span.fix": (
        "Correct the span, or delete the record.",
        "请改正这个片段，或删除这条记录。",
    ),
    "tables.span_outside": (
        "The span {start} to {end} ({label}) is empty or outside the text of {n} characters: '{excerpt}'. Expected "
        "0 <= start < end <= {n}.",
        "片段 {start} 到 {end}（{label}）是空的，或超出了 {n} 个字符的文本：'{excerpt}'。应当是 0 <= 起点 < 终点 "
        "<= {n}。",
    ),
    "tables.span_outside.fix": (
        "Correct its ends; they count characters from 0, and the end is one past the last.",
        "请改正起止位置：从 0 数起，终点是最后一个字符之后。",
    ),
    "tables.span_overlap": (
        "The span {start} to {end} ({label}) begins within the one before it: '{excerpt}'. Expected spans that "
        "do not "
        "overlap: a token has one tag.",
        "片段 {start} 到 {end}（{label}）与前一个片段重叠：'{excerpt}'。片段不应重叠：每个词元只有一个标签。",
    ),
    "tables.span_overlap.fix": ("Keep one of the two.", "请只保留其中一个。"),
    # -- problems of a conversation
    "tables.not_turns": (
        "The cell in '{part}' is neither a text nor a list of texts: '{excerpt}'. Expected one of these; of a "
        "history "
        "[[question, answer], ...].",
        "'{part}' 列的单元格既不是文本，也不是文本列表：'{excerpt}'。应当是其中之一；历史应当是 [[问题, 回答], …]。",
    ),
    "tables.not_turns.fix": ("Write it so, or delete the record.", "请改成这种写法，或删除这条记录。"),
    "tables.two_counts": (
        "There are {n} questions and {other} answers: '{excerpt}'. Expected an answer to each.",
        "有 {n} 个问题、{other} 个回答：'{excerpt}'。每个问题应当有一个回答。",
    ),
    "tables.two_counts.fix": ("Write the missing ones.", "请补上缺少的。"),
    "tables.first_answer": (
        "There are {n} answers to one question; the first is taken: '{excerpt}'.",
        "一个问题有 {n} 个回答，取第一个：'{excerpt}'。",
    ),
    "tables.first_answer.fix": (
        "To learn the others too, write a record for each.",
        "如果也要学习其他回答，请各写一条记录。",
    ),
    "tables.not_messages": (
        "The cell in '{part}' is no list of messages: '{excerpt}'. Expected "
        '[{{"role": "user", "content": "..."}}, {{"role": "assistant", "content": "..."}}].',
        "'{part}' 列的单元格不是消息列表：'{excerpt}'。应当是 "
        '[{{"role": "user", "content": "……"}}, {{"role": "assistant", "content": "……"}}]。',
    ),
    "tables.not_messages.fix": ("Write it so, or delete the record.", "请改成这种写法，或删除这条记录。"),
    "tables.unknown_role": (
        "The role '{role}' is not known: '{excerpt}'. Known: {known} and the like.",
        "没有 '{role}' 这个角色：'{excerpt}'。可用：{known} 等。",
    ),
    "tables.unknown_role.fix": (
        "Call who asks user, and who answers assistant.",
        "提问的一方请写 user（客户），回答的一方请写 assistant（客服）。",
    ),
    "tables.no_turn": (
        "The conversation has no question with an answer after it: '{excerpt}'. Expected one or more.",
        "对话中没有一问一答：'{excerpt}'。至少应当有一轮。",
    ),
    "tables.no_turn.fix": ("Write the answer, or delete the conversation.", "请补上回答，或删除这段对话。"),
    "tables.answer_first": (
        "The conversation begins with an answer, which is left out: '{excerpt}'. Expected a question first.",
        "对话以回答开头，这一句已略去：'{excerpt}'。应当先有问题。",
    ),
    "tables.answer_first.fix": (
        "Nothing to do if it is a greeting; else write the question before it.",
        "如果只是问候语，则无需处理；否则请在前面补上问题。",
    ),
    "tables.open_end": (
        "The conversation ends with a question that nobody answers; the turns before it are kept: '{excerpt}'.",
        "对话以没有回答的问题结尾，只保留之前的各轮：'{excerpt}'。",
    ),
    "tables.open_end.fix": ("Nothing to do, or write the answer.", "无需处理，也可以补上回答。"),
    "tables.joined": (
        "Utterances of one side that follow each other are joined with a line end: '{excerpt}'.",
        "同一方连续说的几句用换行连在一起：'{excerpt}'。",
    ),
    "tables.joined.fix": ("Nothing to do.", "无需处理。"),
    "tables.late_system": (
        "A system text after the first question is left out: '{excerpt}'. Expected it before.",
        "第一个问题之后的系统文本已略去：'{excerpt}'。应当放在最前面。",
    ),
    "tables.late_system.fix": ("Move it to the start.", "请移到开头。"),
    "tables.conversation_again": (
        "The conversation '{excerpt}' came before, and others in between. Expected its rows one after the other; "
        "these "
        "are taken for a conversation of their own.",
        "对话 '{excerpt}' 前面已经出现过，中间隔着别的对话。同一对话的各行应当相邻；这里当作另一段对话。",
    ),
    "tables.conversation_again.fix": (
        "Sort the rows by conversation, in the order they were said.",
        "请先按对话、再按先后顺序排序。",
    ),
}
