"""What ftkit says about the formats `corpus`, `title` and `qa`, and what a Dataset of them shows."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # -- what columns, texts and tasks are called
    "formats.names.text": ("text", "文本"),
    "formats.names.title": ("title", "标题"),
    "formats.names.content": ("content", "内容"),
    "formats.names.question": ("question", "问题"),
    "formats.names.answer": ("answer", "回答"),
    "formats.tasks.language_modelling": ("language modelling", "语言建模"),
    "formats.tasks.masked_language_modelling": ("masked language modelling", "掩码语言建模"),
    "formats.tasks.generation": ("generation", "文本生成"),
    "formats.tasks.summarisation": ("summarisation", "摘要"),
    "formats.tasks.chat": ("chat", "对话"),
    # -- problems of a line: title, qa
    "formats.no_tab": (
        "There is no tab: '{excerpt}'. Expected one tab between {first} and {second}; spaces and commas do not count.",
        "这一行没有制表符：'{excerpt}'。{first}和{second}之间应当有一个制表符；空格和逗号不算。",
    ),
    "formats.no_tab.fix": (
        'Put a tab between the two: "{first}\\t{second}".',
        '请在两者之间加一个制表符："{first}\\t{second}"。',
    ),
    "formats.extra_tab": (
        "There are {n} columns: {found}. Expected {width}, {first} and {second} among them.",
        "这一行有 {n} 列：{found}。应当是 {width} 列，其中有{first}和{second}。",
    ),
    "formats.extra_tab.fix": (
        "Replace tabs inside the {second} by spaces; if every line has {n} columns, say which two are meant: "
        'ftkit.load("{name}", columns={{"{key}": 0, "{other}": {last}}}).',
        "请把{second}内部的制表符换成空格；如果每行都有 {n} 列，请指明用哪两列："
        'ftkit.load("{name}", columns={{"{key}": 0, "{other}": {last}}})。',
    ),
    "formats.odd_cells": (
        "There are {n} columns, an odd number: {found}. Expected a question and an answer in turn: 2, 4, 6 columns "
        "and so on.",
        "这一行有 {n} 列，是奇数：{found}。问题和回答应当交替出现：2、4、6 列，依此类推。",
    ),
    "formats.odd_cells.fix": (
        "Write the missing question or answer, or replace tabs inside a text by spaces; if every line has {n} "
        'columns, say which two are meant: ftkit.load("{name}", columns={{"question": 0, "answer": 1}}).',
        "请补上缺少的问题或回答，或把文本内部的制表符换成空格；如果每行都有 {n} 列，请指明用哪两列："
        'ftkit.load("{name}", columns={{"question": 0, "answer": 1}})。',
    ),
    "formats.empty_title": (
        "The title is empty: '{excerpt}'. Expected a title and its content.",
        "标题是空的：'{excerpt}'。应当既有标题又有内容。",
    ),
    "formats.empty_title.fix": ("Write the title, or delete the line.", "请补上标题，或删除这一行。"),
    "formats.empty_content": (
        "The content is empty: '{excerpt}'. Expected a title and its content.",
        "内容是空的：'{excerpt}'。应当既有标题又有内容。",
    ),
    "formats.empty_content.fix": ("Write the content, or delete the line.", "请补上内容，或删除这一行。"),
    "formats.empty_question": (
        "A question is empty: '{excerpt}'. Expected an answer to each question, and a question to each answer.",
        "问题是空的：'{excerpt}'。每个问题应当有回答，每个回答应当有问题。",
    ),
    "formats.empty_question.fix": ("Write the question, or delete the line.", "请补上问题，或删除这一行。"),
    "formats.empty_answer": (
        "An answer is empty: '{excerpt}'. Expected an answer to each question: from an empty one the model learns to "
        "say nothing.",
        "回答是空的：'{excerpt}'。每个问题都应当有回答，否则模型会学成不回答。",
    ),
    "formats.empty_answer.fix": ("Write the answer, or delete the line.", "请补上回答，或删除这一行。"),
    "formats.two_answers": (
        "The same question has another answer on line {first}: '{excerpt}'. Expected one answer, or several if that "
        "is meant, as in chat.",
        "同一个问题在第 {first} 行的回答不同：'{excerpt}'。应当只有一个回答；如果是有意为之（如闲聊），也可以有多个。",
    ),
    "formats.two_answers.fix": (
        "Nothing to do if both may be said; split() keeps them on the same side. Else delete one.",
        "如果两种回答都可以，则无需处理，split() 会把它们放在同一侧；否则请删除其中一行。",
    ),
    "formats.two_contents": (
        "The same title has another content on line {first}: '{excerpt}'. Expected one content for each title.",
        "同一个标题在第 {first} 行的内容不同：'{excerpt}'。每个标题应当只有一条内容。",
    ),
    "formats.two_contents.fix": (
        "Nothing to do if both are right; split() keeps them on the same side. Else delete one.",
        "如果两条都对，则无需处理，split() 会把它们放在同一侧；否则请删除其中一行。",
    ),
    # -- problems of a line and of the file: corpus
    "formats.no_column": (
        "Column {needed} is missing or empty ({n} there): '{excerpt}'. Expected text in it.",
        "第 {needed} 列不存在或为空（共 {n} 列）：'{excerpt}'。这一列应当有文本。",
    ),
    "formats.no_column.fix": (
        "Write the text, or delete the line; to take whole lines, leave columns= out.",
        "请补上文本，或删除这一行；如需读取整行，请去掉 columns= 参数。",
    ),
    "formats.blank_lines": (
        "There are {n:,} blank lines between the others. Expected text on each line; they are not taken as rows.",
        "各行之间有 {n:,} 个空行。应当每行都有文本；空行没有当作数据。",
    ),
    "formats.blank_lines.fix": ("Nothing to do.", "无需处理。"),
    "formats.system_text": (
        "Rows have a system text: '{excerpt}'. It stands before the first question, with a blank line between.",
        "数据里有系统提示：'{excerpt}'。它会放在第一个问题之前，中间空一行。",
    ),
    "formats.system_text.fix": (
        "Nothing to do; ask the trained model in the same way.",
        "无需处理；使用训练后的模型时请用同样的方式提问。",
    ),
    "formats.copies": (
        "{n:,} lines repeat an earlier one, most often '{excerpt}' ({times:,} times). Expected each line once; what "
        "is repeated is learnt by heart.",
        "有 {n:,} 行与前面的行重复，最多的是 '{excerpt}'（{times:,} 次）。每行应当只出现一次；重复的内容会被背下来。",
    ),
    "formats.copies.fix": (
        "Nothing to do for refrains and names of speakers: split() keeps equal lines on the same side. Else delete "
        "the copies.",
        "如果是叠句或说话人的名字，则无需处理，split() 会把相同的行放在同一侧；否则请删除重复的行。",
    ),
    # -- rows of memory
    "formats.bad_row.corpus": (
        "row {number}: {row} is no text. Expected a string with something in it. "
        "Use Dataset.from_rows(['One sentence.', ...], format='corpus').",
        "第 {number} 行：{row} 不是文本。应当是非空的字符串。"
        "请用 Dataset.from_rows(['一句话。', ...], format='corpus')。",
    ),
    "formats.bad_row.title": (
        "row {number}: {row} is no title and content. Expected (title, content), two strings with something in them. "
        "Use Dataset.from_rows([('Tea', 'Tea is a drink.'), ...], format='title').",
        "第 {number} 行：{row} 不是标题和内容。应当是 (标题, 内容) 两个非空的字符串。"
        "请用 Dataset.from_rows([('茶', '茶是一种饮料。'), ...], format='title')。",
    ),
    "formats.bad_row.qa": (
        "row {number}: {row} is no question and answer. Expected (question, answer), two strings with something in "
        "them, or two lists of one length for a conversation. "
        "Use Dataset.from_rows([('Who are you?', 'A model.'), (['Hi', 'Bye'], ['Hello', 'See you'])], format='qa').",
        "第 {number} 行：{row} 不是问题和回答。应当是 (问题, 回答) 两个非空的字符串，多轮对话则是两个等长的列表。"
        "请用 Dataset.from_rows([('你是谁？', '一个模型。'), (['你好', '再见'], ['你好！', '下次见'])], format='qa')。",
    ),
    # -- what a terminal and a notebook show
    "formats.show.head": ("{name}: {rows:,} rows, format {format}", "{name}: {rows:,} 行，{format} 格式"),
    "formats.show.characters": (
        "{what}, characters: {low} to {high}, median {median}, nine in ten up to {p90}",
        "{what}字符数: {low} 到 {high}，中位数 {median}，九成不超过 {p90}",
    ),
    "formats.show.turns": (
        "conversations of several turns: {n:,}, the longest of {most}",
        "多轮对话: {n:,} 条，最长 {most} 轮",
    ),
    "formats.show.side": ("{what}: {title}", "{what}：{title}"),
}
