"""Tags and entities. Build the notebooks with: python notebooks/source/build.py --run 06_tags."""

# %% [markdown] intro en
# # Tags: find names, places and dates in a text
#
# **You will see** how a tagged file is read, why single tags and whole names are counted differently, and what the
# model finds in sentences of your own.
#
# **It takes** a few minutes to read; the cells together run for a few seconds on two processor cores.
#
# **It needs** nothing else: no graphics card, no network.
# %% [markdown] intro zh
# # 标注：从文本里找出人名、地名和日期
#
# **你会看到**：怎样读懂标注文件；为什么数标签和数名字是两回事；模型能从你自己写的句子里找出什么。
#
# **需要多久**：读完要几分钟；在两个处理器核心上，所有单元格加起来只要几秒钟。
#
# **需要什么**：什么都不用准备，不需要显卡和网络。

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

# %% [markdown] look-text en
# ## 2. Look at the data
#
# In the file every token has a line of its own with its tag, and an empty line ends the sentence. Expect 206 sentences.
# %% [markdown] look-text zh
# ## 2. 看看数据
#
# 文件里每个字占一行，后面是它的标签，空行表示一句结束。一共 206 句。
# %% look
data = ftkit.load(ftkit.samples.path("visits"))
data

# %% [markdown] sentence-text en
# ## 3. One sentence
#
# `B-` begins a name and `I-` goes on with it, so that two names beside each other stay two; `O` is everything else.
# The next cell shows the first sentence, token by token.
# %% [markdown] sentence-text zh
# ## 3. 看一句话
#
# `B-` 是名字的开头，`I-` 接着前一个字，两个挨着的名字因此不会连成一个；`O` 是其余的字。
# 下面这一格把第一句话逐字列出来。
# %% sentence
print(" ".join(f"{token}/{tag}" for token, tag in zip(data[0].text, data[0].target, strict=True)))

# %% [markdown] train-text en
# ## 4. Train
#
# The model reads the whole sentence and gives a tag to each token.
# %% [markdown] train-text zh
# ## 4. 训练
#
# 模型读完整句话，给每个字一个标签。
# %% train tags=nbval-ignore-output
run = ftkit.finetune(data, model="tiny", epochs=15, learning_rate=1e-3, validation=0.2)

# %% [markdown] facts-text en
# ## 5. Count names, not tags
#
# Most tokens are `O`. A model that never marks anything would have most *tags* right and find no *name*. So ftkit
# counts whole names: the kind and every token must agree. **Precision** is how many of the finds are right, **recall**
# how many of the names were found, **F1** joins both.
# %% [markdown] facts-text zh
# ## 5. 数名字，不数标签
#
# 大多数字都是 `O`。什么都不标的模型，*标签*大多是对的，*名字*却一个也没找到。
# 所以 ftkit 数的是整个名字：类型要对，每个字也要对。**精确率**是找出来的有多少是对的，
# **召回率**是该找的找到了多少，**F1** 把两者合在一起。
# %% facts
print("state:", run.state)  # en
print("kinds:", ", ".join(sorted({label[2:] for label in data.labels if label != "O"})))  # en
print("a model that never marks anything has F1 0:", run.history.started.baseline["f1"] == 0)  # en
print("precision is above 0.5:", run.metrics["precision"] > 0.5)  # en
print("recall is above 0.5:", run.metrics["recall"] > 0.5)  # en
print("状态：", run.state)  # zh
print("类型：", "、".join(sorted({label[2:] for label in data.labels if label != "O"})))  # zh
print("什么都不标的模型 F1 为 0：", run.history.started.baseline["f1"] == 0)  # zh
print("精确率超过 0.5：", run.metrics["precision"] > 0.5)  # zh
print("召回率超过 0.5：", run.metrics["recall"] > 0.5)  # zh

# %% [markdown] entities-text en
# ## 6. From tags to names
#
# A prediction has the tokens, a tag and a confidence for each, and `entities`: kind, first and last token. Write a
# sentence about a visit. A model this small may find a date in two pieces.
# %% [markdown] entities-text zh
# ## 6. 从标签到名字
#
# 预测结果里有每个字、它的标签和把握程度，还有 `entities`：类型、从第几个字到第几个字。写一句出门或者见面的话试试。
# 模型这么小，一个日期也可能拆成两段来找。
# %% entities tags=nbval-ignore-output
answer = run.predict("Hanna Quill will stay in Harrow Bay until 3 May.")  # en
answer = run.predict("方若溪五月三日到白鹭湾参观。")  # zh
for kind, first, last in answer.entities:
    print(kind, " ".join(answer.tokens[first : last + 1]))  # en
    print(kind, "".join(answer.tokens[first : last + 1]))  # zh

# %% [markdown] own-text en
# ## 7. Tokens of your own
#
# A sentence given as text is split as the file was. If your words are split already, give them as a list, and the tags
# come back one for one.
# %% [markdown] own-text zh
# ## 7. 自己分好的字
#
# 直接给一句话，ftkit 会按照训练文件的办法拆开。如果已经自己拆好，就给一个列表，标签会一一对应。
# %% own
tokens = ["On", "Monday", "we", "will", "meet", "Greta", "in", "Pinewater", "."]  # en
tokens = list("星期一我们在白鹭湾见面。")  # zh
answer = run.predict([tokens])[0]
print("one tag for each token:", len(answer.tags) == len(tokens))  # en
print("每个字一个标签：", len(answer.tags) == len(tokens))  # zh

# %% [markdown] next-text en
# ## Where to go next
#
# - **Your own file.** A token and its tag on each line, in BIO, BIOES, BMES or IO, or spans of characters;
#   `ftkit.check` names the line of every token without a tag. `07_data` mends files, and looks inside.
# - **A pretrained encoder.** `model="path/to/folder"`, with `method="lora"` as in `05_labels` if it is large.
# - **A whole file at once.** `run.predict("new.txt", out="tagged.csv")` writes a table for Excel.
# %% [markdown] next-text zh
# ## 接下来
#
# - **用自己的文件**：每行一个字和它的标签，BIO、BIOES、BMES、IO 都可以，按字符位置标注的也行；哪一行缺了标签，
#   `ftkit.check` 会指出来。`07_data` 讲怎么修复文件、怎么看清里面有什么。
# - **换预训练的编码器**：`model="模型文件夹"`，模型大的话，像 `05_labels` 那样加上 `method="lora"`。
# - **一次处理整个文件**：`run.predict("新文件.txt", out="结果.csv")` 会写出 Excel 能打开的表格。
