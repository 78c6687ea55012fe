"""Your own file. Build the notebooks with: python notebooks/source/build.py --run 07_data."""

# %% [markdown] intro en
# # Your own file: check it, mend it, see what is learnt from it
#
# **You will see** a messy file, what ftkit finds in which line, and how one call mends it. Then tables of other shapes,
# a split that does not cheat, cleaning, one row as the model really reads it, and rows that are made up from others.
#
# **It takes** about a quarter of an hour to read; the cells together run for less than a minute on two processor cores.
#
# **It needs** nothing else: no graphics card, no network. The cells write a few small files into a folder `my-data`
# beside this notebook; delete it when you have finished.
# %% [markdown] intro zh
# # 你自己的文件：检查、修复，看清模型学的是什么
#
# **你会看到**：一份乱糟糟的文件，ftkit 指出哪一行有什么毛病，一次调用就能修好；接着是各种样子的表格、
# 不掺水分的划分、清洗、模型真正读到的一行，最后是由原有数据变出来的新数据。
#
# **需要多久**：读完大约一刻钟；在两个处理器核心上，所有单元格加起来运行不到一分钟。
#
# **需要什么**：不需要显卡和网络。单元格会在笔记本旁边的文件夹 `my-data` 里写几个小文件，看完可以删掉。
# 中文分词用的 jieba 不是必装的：没有它，第 10 节的两格会告诉你怎么装，第 12 节改为按字来变，其余照旧。

# %% [markdown] language-text en
# ## 1. Choose the language
# The next cell answers `'en'`.
# %% [markdown] language-text zh
# ## 1. 选择语言
# 下面这一格的回答是 `'zh'`。
# %% language
import ftkit

ftkit.language("en")  # en
ftkit.language("zh")  # zh

# %% [markdown] messy-text en
# ## 2. A messy file
#
# Forty customer messages, each with its topic, a tab and its text. Six lines are spoilt on purpose, each in a way that
# really happens. In JupyterLab you can open `my-data/messages.tsv` and look for them yourself: they are not easy to
# see.
# %% [markdown] messy-text zh
# ## 2. 一份乱糟糟的文件
#
# 四十条顾客留言，每行是主题、制表符、正文。其中六行故意弄坏了，都是实际工作里常见的毛病。
# 可以在 JupyterLab 里打开 `my-data/messages.tsv` 自己找找看：光靠眼睛并不容易发现。
# %% messy
from pathlib import Path

folder = Path("my-data")
folder.mkdir(exist_ok=True)
lines = ftkit.samples.path("messages").read_text(encoding="utf-8").splitlines()[:40]

lines[6] = lines[6].replace("\t", " ")  # the tab became a space  # en
lines[11] = lines[11].replace("\t", "\t<b>") + "</b>&nbsp;"  # copied from a web page  # en
lines[17] = "\t" + lines[17].split("\t")[1]  # nobody wrote the topic  # en
lines[22] = lines[3]  # a line came twice  # en
lines[30] += " Call me on +44 7700 900123."  # private  # en
lines[35] = lines[35].replace("\t", "\t\t")  # the key was pressed twice  # en
lines[6] = lines[6].replace("\t", " ")  # 制表符打成了空格  # zh
lines[11] = lines[11].replace("\t", "\t<b>") + "</b>&nbsp;"  # 从网页上粘贴来的  # zh
lines[17] = "\t" + lines[17].split("\t")[1]  # 忘了写主题  # zh
lines[22] = lines[3]  # 同一行出现了两次  # zh
lines[30] += "请打我电话 13800138000。"  # 个人信息  # zh
lines[35] = lines[35].replace("\t", "\t\t")  # 制表键按了两下  # zh

file = folder / "messages.tsv"
file.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
print("lines:", len(lines))  # en
print("行数：", len(lines))  # zh

# %% [markdown] check-text en
# ## 3. Check it
#
# `check` reads every line as training would, changes nothing, and says for each problem: which line, what is wrong,
# what to do. Read the report from the top. **Errors** are lines that cannot be used; **warnings** are lines that can,
# but that you should know about; **notes** tell you something, such as where private data is.
#
# Expect all six lines, and nothing else. (In a terminal, `ftkit check my-data/messages.tsv` says the same.)
# %% [markdown] check-text zh
# ## 3. 检查
#
# `check` 会像训练时那样读每一行，但什么都不改；每个问题都写明在哪一行、哪里不对、该怎么办。报告从上往下看：
# **错误**是没法用的行；**警告**是能用、但你应该知道的行；**提示**只是告诉你一声，比如哪里有个人信息。
#
# 那六行应该一行不落，也不该冤枉别的行。（在终端里，`ftkit check my-data/messages.tsv` 说的是一样的内容。）
# %% check
report = ftkit.check(file)
report

# %% [markdown] check-facts-text en
# A report is data, too: each problem has a line, a severity (`info` is what the table calls a note) and a name, so that
# a program can act on it. Expect the lines 7, 12, 18, 23, 31 and 36: those that were spoilt above, counted from 1 as an
# editor does.
# %% [markdown] check-facts-text zh
# 报告本身也是数据：每个问题都有行号、轻重（提示写作 `info`）和名称，程序可以据此处理。
# 应该是第 7、12、18、23、31、36 行，
# 也就是上面弄坏的那几行，和编辑器一样从 1 数起。
# %% check-facts
for problem in report.problems:
    if problem.line is not None:
        print(f"{problem.line:3}  {problem.severity:8} {problem.kind}")

# %% [markdown] fix-text en
# ## 4. Mend it with one call
#
# `report.fix` writes a repaired copy; your own file is never touched. It repairs only what is certain: line 7 begins
# with a topic that other lines have too, so its space must have been a tab. `mask=True` hides private data.
#
# One thing it cannot know: the topic that nobody wrote. That line is left out of the copy, and named below.
# %% [markdown] fix-text zh
# ## 4. 一次调用修好
#
# `report.fix` 会写出一份修好的副本，你自己的文件不动。它只修有把握的：第 7 行开头的主题别的行也有，
# 那个空格显然本该是制表符。`mask=True` 会遮住个人信息。
#
# 有一样它没法知道：那条没写主题的留言是什么主题。这一行不会写进副本，下面会点名。
# %% fix
fixed = report.fix(out=folder / "messages.fixed.tsv", mask=True, overwrite=True)
fixed

# %% [markdown] diff-text en
# ## 5. See what was changed
#
# Beside the copy lies a **diff**: `-` is a line as it was, `+` as it is now, and the numbers after `@@` are the line in
# your file and in the copy. Nothing is lost: lines that were left out stand here. The masked phone number does not, for
# a list of what was hidden would hide nothing.
# %% [markdown] diff-text zh
# ## 5. 看看改了什么
#
# 副本旁边有一份**改动清单**（diff）：`-` 是原来的样子，`+` 是现在的样子，`@@` 后面是它在原文件和副本里的行号。
# 什么都不会丢：没写进副本的行都在这里。遮住的电话号码则不在：要是把遮住的东西列出来，就白遮了。
# %% diff
print(fixed.diff.read_text(encoding="utf-8"))

# %% [markdown] again-text en
# Check the copy: expect one warning that is left. Markup can be meant (in texts about web pages it is), so it is not
# repaired without asking; section 9 takes it out.
# %% [markdown] again-text zh
# 再检查一下副本：应该只剩一个警告。网页标记也可能是有意写的（比如讲网页制作的文本），所以不会自作主张去掉；
# 第 9 节再来处理它。
# %% again
left = ftkit.check(fixed.out)
print("left:", dict(left.counts))  # en
print("the phone number is hidden:", "[PHONE]" in fixed.out.read_text(encoding="utf-8"))  # en
print("my own file is as it was:", file.read_text(encoding="utf-8") == "\n".join(lines) + "\n")  # en
print("还剩：", dict(left.counts))  # zh
print("电话号码遮住了：", "[PHONE]" in fixed.out.read_text(encoding="utf-8"))  # zh
print("原文件没有变：", file.read_text(encoding="utf-8") == "\n".join(lines) + "\n")  # zh

# %% [markdown] frame-text en
# ## 6. Tables of other shapes
#
# Few people have a file with two columns and a tab. What you have may be a table in **pandas**: give it as it is. ftkit
# knows what people call their columns (`text`, `review`, `content`…, `label`, `category`, `sentiment`…) and leaves the
# others alone.
# %% [markdown] frame-text zh
# ## 6. 各种样子的表格
#
# 很少有人手上正好是“两列加制表符”的文件。也许你有的是 **pandas** 表格：直接给它就行。大家常用的列名 ftkit
# 都认识（`文本`、`内容`、`评论`……，`标签`、`类别`、`分类`……，英文的也认识），其他的列不去管。
# %% frame
import pandas

reviews = ["Lovely tea.", "The soup was cold.", "We will be back!", "Too loud, too dear."]  # en
frame = pandas.DataFrame({"id": [1, 2, 3, 4], "review": reviews, "sentiment": ["good", "bad", "good", "bad"]})  # en
reviews = ["茶很香。", "汤是凉的。", "下次还来！", "又吵又贵。"]  # zh
frame = pandas.DataFrame({"编号": [1, 2, 3, 4], "评论": reviews, "分类": ["好评", "差评", "好评", "差评"]})  # zh
for row in ftkit.load(frame):
    print(row)

# %% [markdown] jsonl-text en
# **JSON Lines** with `instruction`, `input` and `output` is what many chat data sets look like. Expect questions and
# answers; an `input` goes below its instruction. (`messages` with `role` and `content`, `prompt` and `completion`, and
# other shapes work as well.)
# %% [markdown] jsonl-text zh
# 很多对话数据集是 **JSON Lines** 格式，带 `instruction`、`input`、`output` 三个字段。应该读成一问一答，
# `input` 接在指令下面。（`messages` 里带 `role` 和 `content` 的、`prompt` 和 `completion` 的等等，也都可以。）
# %% jsonl
chat = folder / "chat.jsonl"
with chat.open("w", encoding="utf-8") as out:
    out.write('{"instruction": "Translate into French.", "input": "Good morning", "output": "Bonjour"}\n')  # en
    out.write('{"instruction": "Name a river.", "input": "", "output": "The Thames."}\n')  # en
    out.write('{"instruction": "翻译成英文。", "input": "早上好", "output": "Good morning"}\n')  # zh
    out.write('{"instruction": "说出一条河。", "input": "", "output": "长江。"}\n')  # zh
for row in ftkit.load(chat):
    print(row)

# %% [markdown] spans-text en
# Names marked by **where they begin and end**, as annotation tools export them, become a tag for each word: `B-` begins
# a name, `O` is everything else. Characters are counted from 0, and the end is the character after the last.
# %% [markdown] spans-text zh
# 标注工具导出的名字往往写成**从第几个字到第几个字**。ftkit 会把它变成一字一标签：`B-` 是名字的开头，
# `I-` 接着前一个字，`O` 是其余的字。字从 0 数起，结尾是最后一个字的下一个位置（CLUENER 那种把最后一个字也算进去的，
# 同样认得出来）。
# %% spans
spans = [
    {"text": "Anna met Paul in Leeds.", "label": [[0, 4, "PER"], [9, 13, "PER"], [17, 22, "LOC"]]},  # en
    {"text": "Leeds is wet.", "label": [[0, 5, "LOC"]]},  # en
    {"text": "林小雨在上海见到王明。", "label": [[0, 3, "PER"], [4, 6, "LOC"], [8, 10, "PER"]]},  # zh
    {"text": "上海常下雨。", "label": [[0, 2, "LOC"]]},  # zh
]
for row in ftkit.load(spans):
    print(" ".join(f"{token}/{tag}" for token, tag in zip(row.text, row.target, strict=True)))

# %% [markdown] columns-text en
# When no name tells, ftkit does not guess. Expect an error that shows the columns it found, with a value of each.
# %% [markdown] columns-text zh
# 列名看不出名堂的时候，ftkit 不会乱猜。应该会得到一个错误，列出它看到的每一列，并各举一个值。
# %% columns
wide = folder / "wide.csv"
with wide.open("w", encoding="utf-8") as out:
    out.write("when,what_they_wrote,shop,sorted_by_anna\n")  # en
    out.write("2026-05-01,The tea was cold.,Leeds,complaint\n2026-05-02,Lovely place.,York,praise\n")  # en
    out.write("2026-05-03,We will be back!,Leeds,praise\n2026-05-04,Nobody came.,York,complaint\n")  # en
    out.write("哪天,顾客写的,门店,小安分的\n")  # zh
    out.write("2026-05-01,茶是凉的。,城东,投诉\n2026-05-02,环境很好。,城西,表扬\n")  # zh
    out.write("2026-05-03,下次还来！,城东,表扬\n2026-05-04,叫了半天没人理。,城西,投诉\n")  # zh
try:
    ftkit.load(wide)
except ftkit.FormatError as error:
    print(error)

# %% [markdown] columns-named-text en
# Do what it says, with the right columns: `columns={...}`. The same works on the command line:
# `ftkit check wide.csv --columns text=what_they_wrote,label=sorted_by_anna`.
# %% [markdown] columns-named-text zh
# 照它说的办，用 `columns={...}` 指明是哪两列。命令行也一样：
# `ftkit check wide.csv --columns text=顾客写的,label=小安分的`。
# %% columns-named
columns = {"text": "what_they_wrote", "label": "sorted_by_anna"}  # en
columns = {"text": "顾客写的", "label": "小安分的"}  # zh
for row in ftkit.load(wide, columns=columns):
    print(row.source, row.target, row.text)

# %% [markdown] hand-text en
# ## 7. A split that cheats
#
# A model is judged by **validation** rows that it never learnt from. The obvious way is to cut off the end of the file.
# The next cell does that with a file as files are: some people sent the same message again with a word added, and a new
# topic came up late.
#
# A folder with files called `train` and `validation` counts as a split of your own, and `check` compares the two.
# Expect a warning that most of the validation texts are nearly in the training data too, so that knowing them by heart
# looks like skill, and one about a topic that cannot be learnt.
# %% [markdown] hand-text zh
# ## 7. 会作弊的划分
#
# 模型学得好不好，要看它没学过的**验证**数据。最省事的办法是把文件末尾切下来。下面就这么办，
# 用的文件和现实中一样：有人把同一条留言加个词又发了一遍，还有个新主题到后来才出现。
#
# 文件夹里放着名叫 `train` 和 `validation` 的文件，就算你自己划分好的数据，`check` 会比较两边。
# 应该会警告：大部分验证文本在训练数据里几乎都有（背下来就能得高分，像是真会了）；还有一个主题根本没处学。
# %% hand
kept = ftkit.samples.path("messages").read_text(encoding="utf-8").splitlines()[:100]
twice = [line + " Thanks!" for line in kept[:20]]  # en
late = ["opening\tDo you have a shop in York?", "opening\tUntil when are you open on Sundays?"]  # en
twice = [line + "谢谢！" for line in kept[:20]]  # zh
late = ["门店\t你们在武汉有店吗？", "门店\t周日营业到几点？"]  # zh
every = kept + twice + late

by_hand = folder / "by-hand"
by_hand.mkdir(exist_ok=True)
for name, part in {"train": every[:98], "validation": every[98:]}.items():
    (by_hand / f"{name}.tsv").write_text("\n".join(part) + "\n", encoding="utf-8")
ftkit.check(by_hand)

# %% [markdown] split-text en
# ## 8. A split that does not
#
# `split` keeps texts that are nearly equal on one side, gives each topic its share on both sides, and has every topic
# in the training data. `finetune` does the same by itself. Expect nothing on both sides.
# %% [markdown] split-text zh
# ## 8. 不作弊的划分
#
# `split` 会把几乎相同的文本放在同一侧，让每个主题在两边各占一份，而且训练数据里每个主题都有。
# `finetune` 自己划分的时候也是这样。这一回，两边都有的应该是 0。
# %% split
whole = folder / "whole.tsv"
whole.write_text("\n".join(every) + "\n", encoding="utf-8")
parts = ftkit.load(whole).split(validation=0.2, seed=1)

by_ftkit = folder / "by-ftkit"
by_ftkit.mkdir(exist_ok=True)
for name, part in parts.items():
    body = "".join(f"{row.target}\t{row.text}\n" for row in part)
    (by_ftkit / f"{name}.tsv").write_text(body, encoding="utf-8")
found = ftkit.check(by_ftkit).counts
print("rows:", {name: len(part) for name, part in parts.items()})  # en
print("warnings about texts on both sides:", found.get("overlap", 0))  # en
print("warnings about topics that cannot be learnt:", found.get("validation_only", 0))  # en
print("行数：", {name: len(part) for name, part in parts.items()})  # zh
print("关于两边都有的文本，警告数：", found.get("overlap", 0))  # zh
print("关于没处学的主题，警告数：", found.get("validation_only", 0))  # zh

# %% [markdown] clean-text en
# ## 9. Clean texts
#
# `clean` takes out what a model would learn as if it meant something: markup, invisible characters, letters of double
# width, heaps of spaces. It works on the rows in memory, never on the file, and never touches a label. `compare` shows
# what it did; `urls="mark"` is one of its options.
# %% [markdown] clean-text zh
# ## 9. 清洗文本
#
# 网页标记、看不见的字符、全角字母、成堆的空格，模型都会当成有意义的内容来学；`clean` 把它们去掉。
# 它只处理内存里的数据，不动文件，也不动标签。`compare` 可以看到改了什么；`urls="mark"` 是它的选项之一。
# %% clean
from ftkit.data.clean import compare

web = [
    ("<p>The kettle is <b>great</b>&nbsp;!</p>", "praise"),  # en
    ("Ｏｒｄｅｒ　４７１１ never came.", "complaint"),  # en
    ("A photo: https://example.com/4711.jpg   so   sad", "complaint"),  # en
    ("Fine as it is.", "praise"),  # en
    ("<p>水壶<b>很好用</b>&nbsp;！</p>", "表扬"),  # zh
    ("订单　ＡＢ４７１１　一直没到。", "投诉"),  # zh
    ("有图：https://example.com/4711.jpg   太失望了", "投诉"),  # zh
    ("没什么要改的。", "表扬"),  # zh
]
messy = ftkit.Dataset.from_rows(web)
clean = messy.clean(urls="mark")
compare(messy, clean)

# %% [markdown] words-text en
# ## 10. Words, and words that say nothing
#
# Which words are in your data? Counted plainly, the top of the list is the same in every English file: *the*, *i*,
# *my*. These are **stop words**. `word_counts` leaves them out, and you see what the messages are about.
# %% [markdown] words-text zh
# ## 10. 词，以及什么都没说的词
#
# 你的数据里都有哪些词？老老实实地数，排在前面的总是“了”“的”“我”，哪份中文文件都一样。这些叫**停用词**。
# `word_counts` 会略去它们，留言在讲什么就看出来了。中文词之间没有空格，要靠 jieba 来分词；
# 它不是必装的，没有的话这一格会告诉你怎么装。
# %% words tags=nbval-ignore-output
data = ftkit.load(ftkit.samples.path("messages"))
try:
    print("all words:         ", ", ".join(data.word_counts(8, stop_words=False)))  # en
    print("without stop words:", ", ".join(data.word_counts(8)))  # en
    print("所有的词：", "、".join(data.word_counts(8, stop_words=False)))  # zh
    print("略去停用词：", "、".join(data.word_counts(8)))  # zh
except ftkit.SettingError as error:
    print(error)

# %% [markdown] stop-text en
# That is a good list to look at, and a bad thing to train on. Take the stop words out of the messages, and see what is
# left of them: *the medium is much too small* becomes *medium small*. For a count of words that is enough. A
# transformer reads words in their order, and a pretrained one learnt from whole sentences: it would be given broken
# ones. ftkit does it if you ask, and warns you.
# %% [markdown] stop-text zh
# 拿来看一看很好，拿去训练就糟了。把停用词从留言里去掉，看看还剩什么：“尾款什么时候付？”只剩“尾款付？”，
# 问的是什么已经看不出来。数词频的话，这样就够了；可是 Transformer 是按顺序读整句话的，
# 预训练模型学的也是完整的句子，你却给它一堆残句。你要是坚持，ftkit 会照办，但会提醒你。
# %% stop tags=nbval-ignore-output
try:
    print(compare(data[:3], data[:3].clean(remove_stop_words=True)))
except ftkit.SettingError as error:
    print(error)

# %% [markdown] negations-text en
# One thing is never left out, in no list: negations. Without *not*, *not good* would say the opposite.
# %% [markdown] negations-text zh
# 有一类词在哪份停用词表里都不会出现：否定词。去掉“不”，“不好”就成了“好”。
# %% negations
from ftkit.data.words import stop_words

print("'the' is a stop word:", "the" in stop_words("en"))  # en
print("'not' stays:", "not" not in stop_words("en"))  # en
print("“了”是停用词：", "了" in stop_words("zh"))  # zh
print("“不”不去掉：", "不" not in stop_words("zh"))  # zh

# %% [markdown] inspect-text en
# ## 11. The microscope
#
# What does the model really read? Not words, but **tokens** from its vocabulary, each with a number. `inspect` shows
# one row of them: frequent words are one token, rare ones are put together from pieces (`##` goes on with a word),
# `[CLS]` and `[SEP]` are marks. `max_length=12` is far too short on purpose: expect a part of the message to be cut
# off.
# %% [markdown] inspect-text zh
# ## 11. 显微镜
#
# 模型真正读到的是什么？不是字词，而是词表里的**词元**，每个有一个编号。`inspect` 把一行摊开来给你看：
# `[CLS]` 和 `[SEP]` 是特殊符号。这里故意把 `max_length` 设成 12，短得不够用：应该有一截被截断，模型永远看不到。
# %% inspect
seen = data.inspect(0, model="tiny", max_length=12)
seen

# %% [markdown] inspect-facts-text en
# It is data, too: `seen.rows`, or `seen.to_pandas()`. Look here first when a model does not learn what is plainly
# there: perhaps it never saw it. `model=` takes the folder of a pretrained model or a run as well.
# %% [markdown] inspect-facts-text zh
# 它也是数据：`seen.rows`，或者 `seen.to_pandas()`。明明写着的东西，模型就是学不会？先来这里看看，
# 也许它根本没读到。`model=` 也可以写预训练模型的文件夹，或者某一次训练。
# %% inspect-facts
row = seen.examples[0]
print("numbers that the model reads:", len(row.ids))  # en
print("cut off:", repr(row.cut["text"]))  # en
print("模型读到几个编号：", len(row.ids))  # zh
print("被截断的：", row.cut["text"])  # zh

# %% [markdown] augment-text en
# ## 12. Rows made up from others
#
# With few rows, one can make up more: leave a word out here, swap two there; the topic stays what it was. `augment`
# returns the rows and behind them the new ones. Look at them beside their originals before you believe in them: are
# these still sentences that somebody could have meant?
# %% [markdown] augment-text zh
# ## 12. 由旧数据变出新数据
#
# 数据太少，可以变一些出来：这里删一个词，那里换个位置，主题照旧。`augment` 返回原来的行，后面接着新的行。
# 先别急着相信它，和原句放在一起看看：这些话还像是人会说的吗？
# %% augment tags=nbval-ignore-output
few = data.split(validation=0.4, seed=1)
more = few["train"][:100].augment(["delete", "swap"], seed=1)
more.report.stats["augmented"]

# %% [markdown] learn-text en
# ## 13. Does it help? Measure it
#
# `finetune(augment=...)` does the same with the rows that are learnt from. **What is measured on stays as it was**:
# made up validation rows would flatter. The next cell trains twice on the same hundred messages, without and with made
# up ones. Twice the rows make twice the steps in an epoch, so the plain run gets twice the epochs: both take about 400
# steps.
# %% [markdown] learn-text zh
# ## 13. 有没有用？量一量
#
# `finetune(augment=...)` 对用来学习的数据做同样的事，**用来衡量的数据则保持原样**：要是验证数据也是变出来的，
# 得分就虚了。下面用同样的一百条留言训练两次，一次不增强，一次增强。数据多一倍，每轮的步数就多一倍；
# 为了公平，不增强的那次多训练一倍的轮数，两边都是 400 步左右。
# %% learn tags=nbval-ignore-output
same = {"validation": few["validation"], "batch_size": 8, "plateau": False, "seed": 1}
plain = ftkit.finetune(few["train"][:100], epochs=32, show=False, **same)
made_up = ftkit.finetune(few["train"][:100], epochs=16, augment=["delete", "swap"], **same)

# %% [markdown] numbers-text en
# Here are the two scores, of messages that neither run has seen.
# %% [markdown] numbers-text zh
# 这是两次训练的得分，用的是两边都没学过的留言。
# %% numbers tags=nbval-ignore-output
print(f"plain    {plain.metrics['accuracy']:.2f}")  # en
print(f"made up  {made_up.metrics['accuracy']:.2f}")  # en
print(f"不增强  {plain.metrics['accuracy']:.2f}")  # zh
print(f"增强    {made_up.metrics['accuracy']:.2f}")  # zh

# %% [markdown] verdict-text en
# **Do not believe one pair of numbers.** When this notebook was written, the cell above was run with five splits
# (`seed=1` to 5). The difference that made-up rows made, in points of a hundred: **+9, +8, -10, +7, -1**. On average
# that is +3, far less than the numbers vary from split to split: not shown to help. The first split alone would have
# told you that it is a great thing. With a few dozen rows, or with the real messages of real people, it may be; measure
# it over several seeds, as here, before you rely on it.
#
# What is certain is only this:
# %% [markdown] verdict-text zh
# **不要相信单独一对数字。** 写这个笔记本的时候，我们用五种划分（`seed=1` 到 5）把上面那一格各跑了一遍。
# 增强带来的差别，按百分点算：**+2、-7、+6、+1、+1**，平均不到 1，远小于不同划分之间的起伏：看不出有用。
# 只看第二次，你会说它有害；只看第三次，又会说它很灵。换成你自己的数据，也许真的有用；
# 像这样换几个种子量一量，再决定用不用。
#
# 有把握的只有下面这些：
# %% facts
runs = [plain, made_up]
print("rows to learn from, without and with:", len(few["train"][:100]), len(more))  # en
print("measured on as many rows:", [run.history.started.n_validation for run in runs])  # en
print("both far better than the commonest topic:", all(run.metrics["accuracy"] > 0.35 for run in runs))  # en
print("学习用的行数，不增强和增强：", len(few["train"][:100]), len(more))  # zh
print("衡量用的行数一样：", [run.history.started.n_validation for run in runs])  # zh
print("都远远好过永远猜最常见的主题：", all(run.metrics["accuracy"] > 0.35 for run in runs))  # zh

# %% [markdown] next-text en
# ## Where to go next
#
# - **Your own file.** `report = ftkit.check("my-file.csv")`, and read it. Then `ftkit.load`, `ftkit.finetune`.
# - **A folder of files, Parquet, Excel, several labels:** the README lists what is accepted.
# - **Your format is none of these?** CONTRIBUTING shows how to write one, in thirty lines.
# - **Disk.** Large files are kept in a cache after they were read: `ftkit clean` in a terminal lists and removes it.
# %% [markdown] next-text zh
# ## 接下来
#
# - **轮到你的文件了**：先 `report = ftkit.check("我的文件.csv")`，把报告读一遍；再 `ftkit.load`、`ftkit.finetune`。
# - **整个文件夹、Parquet、Excel、一条多个标签**：能接受什么，README 里有一张表。
# - **你的格式都不在里面？** CONTRIBUTING 里有例子，三十行就能写一个。
# - **磁盘空间**：大文件读过一次会存进缓存；在终端里用 `ftkit clean` 可以查看和清理。
