"""Titles and contents. Build the notebooks with: python notebooks/source/build.py --run 03_title."""

# %% [markdown] intro en
# # Titles and contents: write from a title, and find a title
#
# **You will see** a small cookbook, a model that writes a recipe for a dish, and another that reads a recipe and names
# the dish. You will watch both at work while they learn, and see how written text is scored.
#
# **It takes** a few minutes to read; the cells together run for less than a minute on two processor cores.
#
# **It needs** nothing else: no graphics card, no network. The recipes come with ftkit.
# %% [markdown] intro zh
# # 标题与正文：看标题写正文，看正文起标题
#
# **你会看到**：一本小菜谱；一个模型看菜名写做法，另一个模型看做法说菜名。
# 训练时就能看着它们写，还会讲清楚写出来的文字怎么打分。
#
# **需要多久**：读完要几分钟；在两个处理器核心上，所有单元格加起来运行不到一分钟。
#
# **需要什么**：什么都不用准备，不需要显卡和网络，菜谱随 ftkit 一起安装。

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
# One dish a line: its name, a tab, how it is cooked. Expect 176 dishes. Lengths are shown for both sides.
# %% [markdown] look-text zh
# ## 2. 看看数据
#
# 每行一道菜：菜名、制表符、做法。一共 175 道菜，两边的长短都会列出来。
# %% look
data = ftkit.load(ftkit.samples.path("recipes"))
data

# %% [markdown] train-text en
# ## 3. From the title to the content
#
# The model reads the title and learns to write the content; the title itself is only read, not learnt. `watch=` names
# dishes that it is asked for at every evaluation: you see its answers under the chart, from nonsense to something that
# sounds like cooking.
# %% [markdown] train-text zh
# ## 3. 看标题写正文
#
# 模型读标题，学着写正文；标题只读，不学。`watch=` 里写上想一直盯着的菜名，每次验证都让模型写一遍：
# 图下面会看到它从胡言乱语慢慢写得像做菜。
# %% train tags=nbval-ignore-output
dishes = ("Potato soup", "Pumpkin cake")  # en
dishes = ("土豆炖排骨", "蒜蓉白菜")  # zh
writer = ftkit.finetune(data, model="tiny", epochs=20, learning_rate=2e-3, validation=0.1, watch=dishes)

# %% [markdown] watch-text en
# ## 4. What it wrote on the way
#
# The watched dishes are kept with the run. Read the lines from top to bottom: the first were written before the model
# had learnt anything.
# %% [markdown] watch-text zh
# ## 4. 一路上写了什么
#
# 盯着的菜名和写出来的做法都留在这次训练里。从上往下读：最上面的是什么都没学时写的。
# %% watch tags=nbval-ignore-output
for sample in writer.samples:
    if sample.prompt == dishes[0]:
        print(f"{sample.step:>4}  {sample.text[:90]}")  # en
        print(f"{sample.step:>4}  {sample.text[:50]}")  # zh

# %% [markdown] rouge-text en
# ## 5. How written text is scored
#
# There is more than one right recipe, so nobody can demand the same words. **ROUGE-L** takes the longest row of words
# that occurs in both texts in the same order, and asks how much of each text it makes up: 0 is nothing in common, 1 is
# the same text. **chrF** and **BLEU** compare short pieces, on a scale from 0 to 100. Chinese has no spaces between its
# words, so ftkit compares it character by character, and says so.
#
# For comparison there is an answer that takes no learning: to repeat the title. Expect the model to be above it, and
# its perplexity, known from `02_corpus`, to be far below that of a model that looks at nothing. It was trained for
# seconds on a handful of recipes: none of this makes it a cook.
# %% [markdown] rouge-text zh
# ## 5. 写出来的文字怎么打分
#
# 一道菜的写法不止一种，不能要求一字不差。**ROUGE-L** 找出两段文字里按同样顺序出现的最长的一串，
# 看它占两边各多少：0 表示毫无共同之处，1 表示完全相同。中文词与词之间没有空格，分词方法不同，得分就不同，
# 所以 ftkit 对中文一律**按字**计算，并且写明这一点。**chrF** 和 **BLEU** 比较的是小片段，满分 100。
#
# 作对照的是一个不用学习就能给出的答案：把标题照抄一遍。模型应该比它高；困惑度（见 `02_corpus`）
# 也应该远远低于什么都不看的模型。不过它只在一百多道菜上学了十几秒，可别真当厨师用。
# %% rouge
baseline = writer.history.started.baseline
perplexity = writer.metrics["perplexity"]
print("state:", writer.state)  # en
print("dishes:", len(data))  # en
print("ROUGE-L is above the baseline:", writer.metrics["rouge_l"] > baseline["rouge_l"])  # en
print("perplexity is below half of the unigram model's:", perplexity < baseline["perplexity"] / 2)  # en
print("状态：", writer.state)  # zh
print("几道菜：", len(data))  # zh
print("ROUGE-L 高于基线：", writer.metrics["rouge_l"] > baseline["rouge_l"])  # zh
print("困惑度不到一元模型的一半：", perplexity < baseline["perplexity"] / 2)  # zh

# %% [markdown] write-text en
# ## 6. Ask for a dish
#
# `predict` writes the likeliest text. Try dishes of your own, from ingredients that occur in the file.
# %% [markdown] write-text zh
# ## 6. 点个菜
#
# `predict` 写出模型认为最可能的做法。也可以自己点菜，最好用菜谱里出现过的材料。
# %% write tags=nbval-ignore-output
more_dishes = ["Carrot soup with ginger", "Fried rice with beans", "Apple biscuits"]  # en
more_dishes = ["红烧萝卜", "白菜炒鸡蛋", "玉米粥"]  # zh
for answer in writer.predict(more_dishes):
    print(answer.prompt, "→", answer.text)

# %% [markdown] titles-text en
# ## 7. From the content to the title
#
# The same file the other way round: `task="summarisation"` reads the content and learns to write the title.
# %% [markdown] titles-text zh
# ## 7. 看正文起标题
#
# 同一个文件反过来用：`task="summarisation"` 读正文，学着写标题。
# %% titles tags=nbval-ignore-output
namer = ftkit.finetune(data, model="tiny", task="summarisation", epochs=10, learning_rate=3e-3, validation=0.1)

# %% [markdown] titles-facts-text en
# The baseline now copies the beginning of the content, as long as a title usually is. That is a strong trick, since a
# content often begins with what the title names, and copying is just what a tiny model without any schooling has not
# learnt: its ROUGE-L may well stay below. Its perplexity shows that it has learnt something all the same. This is what
# a baseline is for: a score by itself would have told you nothing.
# %% [markdown] titles-facts-text zh
# 这回的基线是照抄正文开头，抄到标题通常那么长。这一招很厉害：正文开头往往就是标题里的东西；
# 而“照抄”恰恰是没上过学的小模型还没学会的，它的 ROUGE-L 很可能反而更低。不过困惑度说明它确实学到了东西。
# 基线的用处就在这里：单看一个得分，什么都说明不了。
# %% titles-facts
baseline = namer.history.started.baseline
perplexity = namer.metrics["perplexity"]
print("state:", namer.state)  # en
print("perplexity is below half of the unigram model's:", perplexity < baseline["perplexity"] / 2)  # en
print("状态：", namer.state)  # zh
print("困惑度不到一元模型的一半：", perplexity < baseline["perplexity"] / 2)  # zh

# %% [markdown] name-text en
# ## 8. Ask for a title
#
# `generate` is `predict` with more to choose; here it ends after twenty tokens at the latest. Show it a recipe, and see
# what it calls the dish. It may well answer with words that are common in the file, whatever you show it, and
# repeat them.
# %% [markdown] name-text zh
# ## 8. 起个菜名
#
# `generate` 和 `predict` 一样，只是能选的更多；这里最多写二十个词元就停。给它一段做法，看看它叫出什么菜名。
# 不管给什么做法，它都可能拿文件里常见的字词来回答，还会翻来覆去地重复。
# %% name tags=nbval-ignore-output
recipe = "Fry carrots and an onion in butter and add stock. Blend the soup until smooth and stir in cream."  # en
recipe = "黄瓜切片，鸡蛋打散下油锅炒熟盛出。大火快炒，倒回鸡蛋，加盐炒匀出锅。"  # zh
print(namer.generate(recipe, max_new_tokens=20).text)

# %% [markdown] next-text en
# ## Where to go next
#
# - **Your own pairs.** A file with a title, a tab and a content on each line: `ftkit.load("my-file.tsv")`. It may be
#   headlines and news, questions and essays, products and descriptions.
# - **A larger model.** `model="path/to/folder"` takes causal models and encoder-decoder ones (T5, BART).
# - **`04_qa`** answers questions.
# %% [markdown] next-text zh
# ## 接下来
#
# - **用自己的数据**：每行一个标题、一个制表符、一段正文，`ftkit.load("我的文件.tsv")`。
#   新闻和标题、作文题和作文、商品和介绍都可以。
# - **换一个大一点的模型**：`model="模型文件夹"` 既可以是因果语言模型，也可以是编码器–解码器模型（T5、BART）。
# - **`04_qa`**：回答问题。
