"""A corpus: one sentence a line. Build the notebooks with: python notebooks/source/build.py --run 02_corpus."""

# %% [markdown] intro en
# # A corpus: teach a model to go on writing
#
# **You will see** three hundred sentences of short tales, how they are packed into full rows, and a small model that
# learns which word comes next. Then it goes on writing, carefully and wildly, and fills in words that were hidden.
#
# **It takes** a few minutes to read; the cells together run for less than a minute on two processor cores.
#
# **It needs** nothing else: no graphics card, no network. The tales come with ftkit. New to ftkit? Begin with
# `01_quick_start`.
# %% [markdown] intro zh
# # 语料：教模型接着往下写
#
# **你会看到**：三百句小故事；它们怎样首尾相接、装满一行行训练数据；一个小模型学习下一个字是什么。
# 学完以后让它接着往下写，可以写得稳，也可以写得野；最后再让它填出被遮住的字。
#
# **需要多久**：读完要几分钟；在两个处理器核心上，所有单元格加起来运行不到一分钟。
#
# **需要什么**：什么都不用准备，不需要显卡和网络，小故事随 ftkit 一起安装。第一次用 ftkit，请先看 `01_quick_start`。

# %% [markdown] language-text en
# ## 1. Choose the language
# As always: the next cell answers `'en'`.
# %% [markdown] language-text zh
# ## 1. 选择语言
# 和以前一样，下面这一格的回答是 `'zh'`。
# %% language
import ftkit

ftkit.language("en")  # en
ftkit.language("zh")  # zh

# %% [markdown] look-text en
# ## 2. Look at the data
#
# A corpus has no labels and no answers: one sentence or paragraph a line, and that is all. Expect 305 lines and the
# lengths of the sentences.
# %% [markdown] look-text zh
# ## 2. 看看数据
#
# 语料没有标签，也没有回答：每行一句话或者一段话，仅此而已。你会看到一共 304 行，以及句子的长短。
# %% look
data = ftkit.load(ftkit.samples.path("tales"))
data

# %% [markdown] packing-text en
# ## 3. Packing
#
# The model reads rows of a fixed length. If every sentence had a row of its own, most of each row would be empty. So
# the sentences are written one after another with an end token between them, and the long text is cut into full
# rows. The end token is learnt like a word: that is how the model knows later where to stop.
#
# The next cell writes four sentences in this way.
# %% [markdown] packing-text zh
# ## 3. 装满每一行
#
# 模型每次读固定长度的一行。要是一句话占一行，大半行都是空的。所以 ftkit 把句子一句接一句排好，中间放一个结束符，
# 再切成装得满满的一行行。结束符和别的字一样要学：模型以后就靠它知道该在哪里停下。
#
# 下面这一格用这种办法排四句话。
# %% packing
end = "<|end|>"
print(end.join(example.text for example in data[:4]) + end)

# %% [markdown] train-text en
# ## 4. Train
#
# `"tiny"` starts from nothing and has never seen a word of English. It learns from these lines alone, in about ten
# seconds. At every evaluation it continues a few beginnings of sentences that it has not learnt from: watch
# how the text becomes more like the tales.
# %% [markdown] train-text zh
# ## 4. 训练
#
# `"tiny"` 从零开始，一个汉字也没见过，只从这三百来句话里学，大约十秒。
# 每次验证时，它会把几句没学过的话的开头接着写下去：看看写出来的东西怎样从乱码变成小故事里的字词，
# 哪怕翻来覆去说同一句。
# %% train tags=nbval-ignore-output
run = ftkit.finetune(data, model="tiny", epochs=12, learning_rate=2e-3, validation=0.1)

# %% [markdown] facts-text en
# ## 5. Perplexity, and what to compare it with
#
# **Perplexity** says how many tokens the model hesitates between at each step, on sentences that it did not learn from:
# lower is better. A number alone says little, so ftkit puts a model beside it that looks at nothing and only knows how
# often each token occurs (the *unigram* baseline). Expect ours to hesitate between far fewer.
# %% [markdown] facts-text zh
# ## 5. 困惑度，以及跟谁比
#
# **困惑度**表示在没学过的句子上，模型每一步平均在多少个候选之间拿不定主意，越低越好。
# 单看一个数说明不了什么，所以 ftkit 在旁边放了一个只知道每个字出现次数、什么上下文都不看的模型，叫作*一元模型*基线。
# 我们的模型应该比它有把握得多。
# %% facts
baseline = run.history.started.baseline
print("state:", run.state)  # en
print("lines:", len(data))  # en
print("perplexity is below the unigram model's:", run.metrics["perplexity"] < baseline["perplexity"])  # en
print("it is not even half of it:", run.metrics["perplexity"] < baseline["perplexity"] / 2)  # en
print("状态：", run.state)  # zh
print("行数：", len(data))  # zh
print("困惑度低于一元模型：", run.metrics["perplexity"] < baseline["perplexity"])  # zh
print("连它的一半都不到：", run.metrics["perplexity"] < baseline["perplexity"] / 2)  # zh

# %% [markdown] bits-text en
# ## 6. Bits per character
#
# Perplexity counts tokens, and two models may cut the same text into different tokens. **Bits per character** is fair
# to both: how many yes-or-no answers would be needed, per character, to write the text down with the model's help.
# English text in a file takes 8, and the unigram model needs about 2.5. Expect about 2.
# %% [markdown] bits-text zh
# ## 6. 每个字多少比特
#
# 困惑度按词元算，而两个模型可能把同一段话切成不同的词元，没法直接比。**每字符比特数**对谁都公平：
# 有模型帮忙，平均每个字要回答多少个“是或不是”才能把原文写下来。中文在 UTF-8 文件里每个字占 24 比特，
# 一元模型要将近 9 比特。这里应该不到 8。
# %% bits
bits = run.metrics["bits_per_character"]
print("bits per character are below the unigram model's:", bits < baseline["bits_per_character"])  # en
print("they are about 2:", round(bits) == 2)  # en
print("每字符比特数低于一元模型：", bits < baseline["bits_per_character"])  # zh
print("而且不到 8：", bits < 8)  # zh

# %% [markdown] sample-text en
# ## 7. Let it write
#
# Every step gives each token a probability. **Temperature 0** always takes the likeliest: careful, and often dull.
# **0.7** draws by chance, but prefers the likely ones. **1.2** also takes unlikely ones: wilder, with more mistakes.
# The model knows three hundred sentences, so expect the sound of the tales rather than sense. A sign such as � is a
# piece of a character: this model spells rare ones in pieces. At temperature 0 a small model likes to repeat itself:
# the likeliest next word leads back to where it was.
# %% [markdown] sample-text zh
# ## 7. 让它写
#
# 每一步，模型都给每个候选一个概率。**温度 0** 总是取最可能的那个，稳，但往往单调；
# **0.7** 按概率抽，偏爱可能性大的；**1.2** 连不太可能的也会抽到，写得更野，错也更多。
# 模型只见过三百来句话，学到的多半是小故事的腔调，不要指望句句通顺。偶尔出现的 � 是半个字：少见的字，
# 这个模型是拆成几小块来写的。温度为 0 时，小模型常常翻来覆去说同一句：最可能的下一个字又把它带回了原处。
# %% sample tags=nbval-ignore-output
beginnings = ["The fox", "In the morning the miller"]  # en
beginnings = ["狐狸", "第二天早上"]  # zh
for beginning in beginnings:
    for temperature in [0, 0.7, 1.2]:
        written = run.generate(beginning, temperature=temperature, seed=1, max_new_tokens=30)
        print(f"{temperature:<4} {beginning}{written.text}")


# %% [markdown] seed-text en
# ## 8. The seed
#
# Chance can be repeated: the same seed draws the same text, here and on another day. At temperature 0 nothing is
# drawn, so the seed makes no difference.
# %% [markdown] seed-text zh
# ## 8. 随机种子
#
# “抽”也可以重来一遍：种子相同，写出来的就相同，改天再试也一样。温度为 0 时什么都不用抽，换种子也没有区别。
# %% seed
def write(temperature, seed):
    beginning = "The fox"  # en
    beginning = "狐狸"  # zh
    return run.generate(beginning, temperature=temperature, seed=seed, max_new_tokens=30).text


print("the same seed, the same text:", write(1.2, seed=1) == write(1.2, seed=1))  # en
print("another seed, another text:", write(1.2, seed=1) != write(1.2, seed=2))  # en
print("at temperature 0 the seed makes no difference:", write(0, seed=1) == write(0, seed=2))  # en
print("种子相同，文字相同：", write(1.2, seed=1) == write(1.2, seed=1))  # zh
print("换个种子，文字不同：", write(1.2, seed=1) != write(1.2, seed=2))  # zh
print("温度为 0 时种子没有影响：", write(0, seed=1) == write(0, seed=2))  # zh

# %% [markdown] masked-text en
# ## 9. The other way to learn from a corpus
#
# So far the model only looked back. With `task="masked_language_modelling"`, some of the words are hidden and the
# model guesses them from both sides. Such a model cannot go on writing, but it is a good beginning for sorting and
# tagging texts. The file and the call are the same.
# %% [markdown] masked-text zh
# ## 9. 从语料里学的另一种办法
#
# 刚才的模型只能往前看已经写出的字。换成 `task="masked_language_modelling"`，会有一部分字被遮住，
# 模型从左右两边来猜。这样的模型不能接着往下写，却很适合拿来做分类和标注的起点。数据和调用方式都不变。
# %% masked tags=nbval-ignore-output
masked = ftkit.finetune(
    data, model="tiny", task="masked_language_modelling", epochs=20, learning_rate=2e-3, validation=0.1
)

# %% [markdown] masked-facts-text en
# Only every seventh token or so is hidden and learnt from, and three hundred lines are very little for this task:
# expect a perplexity far below that of the first moment, but not far below that of the unigram model. The share of
# tokens that are guessed exactly (`accuracy`) has hardly begun to rise.
# %% [markdown] masked-facts-text zh
# 每次大约七个字里只遮住一个来学，三百来句话对这个任务来说实在太少：困惑度会比刚开始时低得多，
# 但比一元模型低不了太多；恰好猜对的比例（`accuracy`）也才刚刚起步。
# %% masked-facts
baseline = masked.history.started.baseline["perplexity"]
before, after = masked.history.evaluations[0].metrics["perplexity"], masked.metrics["perplexity"]
print("state:", masked.state)  # en
print("perplexity is below half of what it was before:", after < before / 2)  # en
print("and below the unigram model's:", after < baseline)  # en
print("状态：", masked.state)  # zh
print("困惑度不到训练前的一半：", after < before / 2)  # zh
print("也低于一元模型：", after < baseline)  # zh

# %% [markdown] fill-text en
# ## 10. Fill in a word
#
# Saved, it is a model for the `fill-mask` of plain transformers, which shows the likeliest words for a gap and how
# sure the model is. Expect common words and signs: it has not got much further than knowing which ones are common.
# %% [markdown] fill-text zh
# ## 10. 填空
#
# 保存下来以后，普通的 transformers 就能用它做填空（`fill-mask`），列出空里最可能的字和把握程度。
# 你会看到常见的字：眼下它知道的，差不多就是哪些字常见。
# %% fill tags=nbval-ignore-output
from transformers import pipeline

fill = pipeline("fill-mask", model=str(masked.save(masked.folder / "my-model")))
sentence = "The fox walked down to the [MASK] to look at the water."  # en
sentence = "狐狸每天早上都走到[MASK]边去看水。"  # zh
for guess in fill(sentence):
    print(f"{guess['score']:.2f}  {guess['token_str']}")

# %% [markdown] next-text en
# ## Where to go next
#
# - **Your own text.** A file with a sentence or paragraph a line: `ftkit.load("my-text.txt", format="corpus")`.
# - **A model that knows the language already.** `model="path/to/folder"` takes any causal model that transformers can
#   read; `05_labels` shows `method="lora"`, which trains a small part of a large one.
# - **`03_title`** writes a text that fits a title, and a title that fits a text.
# %% [markdown] next-text zh
# ## 接下来
#
# - **用自己的文字**：每行一句或一段的文件，`ftkit.load("我的文字.txt", format="corpus")`。
# - **从已经会中文的模型开始**：`model="模型文件夹"` 可以是 transformers 能读的任何因果语言模型；
#   `05_labels` 会讲 `method="lora"`，只训练大模型的一小部分。
# - **`03_title`**：按标题写正文，再反过来给正文起标题。
