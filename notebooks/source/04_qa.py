"""Questions and answers. Build the notebooks with: python notebooks/source/build.py --run 04_qa."""

# %% [markdown] intro en
# # Questions and answers: teach a model to reply
#
# **You will see** questions to a library, a shop, a teacher and an encyclopedia; a small model that learns to answer
# them however they are worded; what a chat template is, and which tokens the model really learns.
#
# **It takes** a few minutes to read; the cells together run for less than a minute on two processor cores.
#
# **It needs** nothing else: no graphics card, no network. The questions come with ftkit; library, shop and course are
# invented.
# %% [markdown] intro zh
# # 问答：教模型回答问题
#
# **你会看到**：向图书馆、网店、老师和百科提的问题；一个小模型学会换个问法也能答；
# 什么是对话模板，以及模型到底从哪些字里学。
#
# **需要多久**：读完要几分钟；在两个处理器核心上，所有单元格加起来运行不到一分钟。
#
# **需要什么**：什么都不用准备，不需要显卡和网络。问答随 ftkit 一起安装，图书馆、网店和课程都是虚构的。

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
# One question a line, a tab, its answer. Most answers occur four times, each time for another wording of the question.
# %% [markdown] look-text zh
# ## 2. 看看数据
#
# 每行一个问题、一个制表符、一个回答。大多数回答出现四次，对应同一个问题的四种问法。
# %% look
data = ftkit.load(ftkit.samples.path("questions"))
data

# %% [markdown] turns-text en
# ## 3. Conversations of several turns
#
# A line may go on: question, answer, question, answer. Then the second question can lean on the first, as in “And a
# spider?” The next cell counts such lines and shows one; expect 12.
# %% [markdown] turns-text zh
# ## 3. 多轮对话
#
# 一行可以接着写下去：问题、回答、问题、回答。这样第二个问题可以承接第一个，比如“那蜘蛛呢？”
# 下面这一格数一数这样的行，再显示其中一行。应该有 12 行。
# %% turns
conversations = [example for example in data if not isinstance(example.text, str)]
print("lines with two turns:", len(conversations))  # en
print("两轮对话的行数：", len(conversations))  # zh
for question, answer in zip(conversations[0].text, conversations[0].target, strict=True):
    print("-", question, "→", answer)

# %% [markdown] train-text en
# ## 4. Train
#
# A tenth of the lines is kept aside. Their answers are mostly known from other wordings, but these very questions are
# not. A few of them are asked at every evaluation, under the chart.
# %% [markdown] train-text zh
# ## 4. 训练
#
# 十分之一的行被留出来做验证。它们的回答大多在别的问法里见过，但这些问法本身没有见过。
# 每次验证都会拿其中几个问题来问，显示在图的下面。
# %% train tags=nbval-ignore-output
run = ftkit.finetune(data, model="tiny", epochs=16, learning_rate=3e-3, validation=0.1)

# %% [markdown] facts-text en
# ## 5. How many answers are right
#
# **Token F1** asks how many words of the answer agree with the expected one: 1 if they are the same, 0 if no word is.
# **Exact match** counts only answers that agree word for word. The baseline gives everybody the commonest answer.
# %% [markdown] facts-text zh
# ## 5. 答对了多少
#
# **词元 F1** 看回答和标准答案有多少字是一样的：完全一样得 1，一个字都不一样得 0；中文按字计算。
# **完全匹配**只数一字不差的回答。基线对谁都回答最常见的那一句。
# %% facts
baseline = run.history.started.baseline
print("state:", run.state)  # en
print("lines:", len(data))  # en
print("token F1 is above the baseline:", run.metrics["token_f1"] > baseline["token_f1"])  # en
print("token F1 is above 0.3:", run.metrics["token_f1"] > 0.3)  # en
print("状态：", run.state)  # zh
print("行数：", len(data))  # zh
print("词元 F1 高于基线：", run.metrics["token_f1"] > baseline["token_f1"])  # zh
print("词元 F1 超过 0.3：", run.metrics["token_f1"] > 0.3)  # zh

# %% [markdown] ask-text en
# ## 6. Ask
#
# Ask in your own words. The model knows the answers of this file and nothing else: whatever you ask, it says something,
# sometimes two answers mixed into one, and says it with confidence. Larger models have this habit too.
# %% [markdown] ask-text zh
# ## 6. 问一问
#
# 换成自己的说法来问。模型只会这个文件里的回答，别的一概不知：不管问什么，它都会答，有时把两句混成一句，
# 而且答得很肯定。大模型也有这个毛病。
# %% ask tags=nbval-ignore-output
questions = [
    "How many books may I borrow?",  # en
    "Is the delivery free?",  # en
    "What is the biggest planet?",  # en
    "Who wrote this notebook?",  # en
    "请问一次能借几本书？",  # zh
    "运费要多少钱？",  # zh
    "最大的行星叫什么？",  # zh
    "这个笔记本是谁写的？",  # zh
]
for answer in run.predict(questions):
    print(answer.prompt, "→", answer.text)

# %% [markdown] stream-text en
# ## 7. Word by word
#
# With `stream=True` the answer comes in pieces, as they are written. This is how chat windows do it.
# %% [markdown] stream-text zh
# ## 7. 一个字一个字地出来
#
# 加上 `stream=True`，回答就会写一点给一点，聊天窗口都是这样做的。
# %% stream tags=nbval-ignore-output
for piece in run.generate(questions[0], stream=True):
    print(piece, end="", flush=True)

# %% [markdown] stream-facts-text en
# The pieces together are the same answer as before.
# %% [markdown] stream-facts-text zh
# 把一段段拼起来，就是刚才的那个回答。
# %% stream-facts
pieces = list(run.generate(questions[0], stream=True))
print("more than one piece:", len(pieces) > 1)  # en
print("together the same answer:", "".join(pieces) == run.predict(questions[0]).text)  # en
print("不止一段：", len(pieces) > 1)  # zh
print("拼起来是同一个回答：", "".join(pieces) == run.predict(questions[0]).text)  # zh

# %% [markdown] again-text en
# ## 8. Ask again
#
# For a conversation, give the turns so far as a list that ends with your question. This one does not stand in the file;
# there, the insect comes first. Do not expect too much: twelve such lines have hardly taught the model to look back. A
# larger model, or more such lines, would.
# %% [markdown] again-text zh
# ## 8. 接着问
#
# 想接着问，就把前面的对话按顺序放进一个列表，最后一项是新的问题。
# 这段对话文件里没有，文件里是先问昆虫的。别抱太大希望：这样的例子只有十二行，模型很难学会回头看；
# 换大一点的模型，或者多加一些这样的行，就好了。
# %% again tags=nbval-ignore-output
conversation = ["How many legs does a spider have?", "A spider has eight legs.", "And an insect?"]  # en
conversation = ["蜘蛛有几条腿？", "蜘蛛有八条腿。", "那昆虫呢？"]  # zh
print(run.predict([conversation])[0].text)

# %% [markdown] template-text en
# ## 9. What the model really reads
#
# A model reads one long text. A **chat template** turns the turns of a conversation into it and marks who speaks. A
# model that has a template of its own keeps it; this one got a plain one. The next cell saves the model, opens its
# tokenizer with plain transformers and writes a conversation out.
# %% [markdown] template-text zh
# ## 9. 模型真正读到的东西
#
# 模型读的是一长串文字。**对话模板**负责把一轮轮对话排成这样一串，并且标明谁在说话。
# 模型自己带着模板的，就用它自己的；这个小模型用的是 ftkit 给的简单模板。
# 下面这一格先保存模型，再用普通的 transformers 打开它的分词器，把一段对话写出来看看。
# %% template
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(run.save(run.folder / "my-model"))
turns = [
    {"role": "user", "content": "How many legs does a spider have?"},  # en
    {"role": "assistant", "content": "A spider has eight legs."},  # en
    {"role": "user", "content": "蜘蛛有几条腿？"},  # zh
    {"role": "assistant", "content": "蜘蛛有八条腿。"},  # zh
]
everything = tokenizer.apply_chat_template(turns, tokenize=False)
print(everything)

# %% [markdown] learnt-text en
# ## 10. What it learns
#
# The question is only read. If it counted as well, the model would spend its effort on learning to ask. So the loss
# looks at the answer alone: the tokens after the beginning that is written for the question, with the end token, which
# says that the turn is over.
# %% [markdown] learnt-text zh
# ## 10. 从哪些字里学
#
# 问题只用来读。要是连问题也算进损失，模型就会花力气去学怎么提问。
# 所以损失只看回答：从“轮到助手说话”的标记往后，一直到表示说完了的结束符。
# %% learnt
beginning = tokenizer.apply_chat_template(turns[:1], tokenize=False, add_generation_prompt=True)
print("read:  ", repr(beginning))  # en
print("learnt:", repr(everything[len(beginning) :]))  # en
print("只读：", repr(beginning))  # zh
print("要学：", repr(everything[len(beginning) :]))  # zh

# %% [markdown] next-text en
# ## Where to go next
#
# - **Your own questions.** A file with a question, a tab and its answer on each line: `ftkit.load("my-file.tsv",
#   format="qa")`.
# - **A model that can talk already.** `model="path/to/folder"` of a chat model, best with `method="lora"`: see
#   `05_labels`. Its own template is used.
# - **`05_labels`** saves a model, trains it further, and trains only a small part of it.
# %% [markdown] next-text zh
# ## 接下来
#
# - **用自己的问答**：每行一个问题、一个制表符、一个回答，`ftkit.load("我的文件.tsv", format="qa")`。
# - **从已经会聊天的模型开始**：`model="模型文件夹"`，最好加上 `method="lora"`（见 `05_labels`），会使用它自己的模板。
# - **`05_labels`**：保存模型、接着训练，以及只训练其中的一小部分。
