"""The quick start. Build the notebooks from it with: python notebooks/source/build.py --run 01_quick_start."""

# %% [markdown] intro en
# # Quick start: teach a model to sort messages
#
# **You will see** a file of customer messages, a small model that learns to sort them by topic while you watch its
# curves, and the finished model at work in plain transformers. At the end, the same with names, places and dates.
#
# **It takes** a few minutes to read; the cells together run for less than a minute on two processor cores.
#
# **It needs** nothing else: no graphics card, no network, no account. The messages come with ftkit.
#
# Run the cells one after another with **Shift+Enter**.
# %% [markdown] intro zh
# # 快速上手：教模型给留言分类
#
# **你会看到**：一份网店顾客留言；一个小模型当着你的面学会按主题分类，曲线边训练边更新；最后，
# 训练好的模型在普通的 transformers 里直接可用。
# 末尾再用同样的办法标出人名、地名和日期。
#
# **需要多久**：读完要几分钟；在两个处理器核心上，所有单元格加起来运行不到一分钟。
#
# **需要什么**：什么都不用准备，不需要显卡、网络和账号，留言数据随 ftkit 一起安装。
#
# 按 **Shift+Enter** 逐格运行即可。

# %% [markdown] language-text en
# ## 1. Choose the language
#
# ftkit speaks English and Chinese. The next cell chooses English and answers `'en'`.
# %% [markdown] language-text zh
# ## 1. 选择语言
#
# ftkit 会说中文和英文。下面这一格选择中文，回答是 `'zh'`。
# %% language
import ftkit

ftkit.language("en")  # en
ftkit.language("zh")  # zh

# %% [markdown] look-text en
# ## 2. Look at the data
#
# One message a line: its topic, a tab, its text. ftkit recognises this format by itself. You will see the first rows,
# how many messages each topic has, and how long they are. (For your own file: `ftkit.load("my-file.tsv")`.)
# %% [markdown] look-text zh
# ## 2. 看看数据
#
# 每行一条留言：主题、制表符、正文。ftkit 会自动识别这种格式。你会看到前几行、各主题的条数，以及留言的长短。
# （换成自己的文件：`ftkit.load("我的文件.tsv")`。）
# %% look
data = ftkit.load(ftkit.samples.path("messages"))
data

# %% [markdown] check-text en
# ## 3. Check the file
#
# A check goes through every line and names each problem with its line, its reason and its fix. This file has none, so
# expect 0. When your own file puzzles you, begin here, and show the whole `report`.
# %% [markdown] check-text zh
# ## 3. 检查文件
#
# 检查会逐行查看文件，每个问题都给出行号、原因和改法。这份文件没有问题，所以应该是 0。
# 自己的文件出了怪事，先来这里查，看看完整的 `report`。
# %% check
report = ftkit.check(ftkit.samples.path("messages"))
print("lines with a problem:", len(report.problems))  # en
print("有问题的行数：", len(report.problems))  # zh

# %% [markdown] train-text en
# ## 4. Fine-tune, and watch
#
# Now the model learns. `"tiny"` is a small transformer that starts from nothing, on this very file, so there is nothing
# to download. A chart appears below the cell and moves: **Pause** makes the training wait, **Stop** ends it and keeps
# the best model so far. Let it run this time: about a quarter of a minute.
# %% [markdown] train-text zh
# ## 4. 微调，边训练边看
#
# 现在模型开始学习。`"tiny"` 是一个小型 transformer，就在这份文件上从零学起，不需要下载任何东西。
# 下方会出现一张不断更新的图：**暂停**让训练等一等，**停止**会结束训练并保留目前最好的模型。
# 这一次先让它跑完，大约十几秒。
# %% train tags=nbval-ignore-output
run = ftkit.finetune(data, model="tiny", epochs=20, learning_rate=5e-5, validation=0.2)

# %% [markdown] facts-text en
# ## 5. What came out
#
# A fifth of the messages (`validation=0.2`) was kept aside: the model never learnt from them. Always answering with the
# commonest topic would be right for about a fifth of those; expect the model to be right far more often.
# %% [markdown] facts-text zh
# ## 5. 结果如何
#
# 五分之一的留言（`validation=0.2`）被留出来做验证，模型没有从中学习过。
# 如果永远回答最常见的主题，大约能答对五分之一；模型应该远远好过这个水平。
# %% facts
baseline = run.history.started.baseline["accuracy"]
accuracy = run.metrics["accuracy"]
print("state:", run.state)  # en
print("topics:", ", ".join(data.labels))  # en
print("messages:", len(data))  # en
print("always the commonest topic is right for a fifth:", round(baseline, 1) == 0.2)  # en
print("the model is right more than twice as often:", accuracy > 2 * baseline)  # en
print("the model is right for at least 7 of 10 messages:", accuracy >= 0.7)  # en
print("状态：", run.state)  # zh
print("主题：", "、".join(data.labels))  # zh
print("留言条数：", len(data))  # zh
print("永远猜最常见的主题，能对五分之一：", round(baseline, 1) == 0.2)  # zh
print("模型答对的次数是它的两倍以上：", accuracy > 2 * baseline)  # zh
print("十条留言里模型至少答对七条：", accuracy >= 0.7)  # zh

# %% [markdown] curves-text en
# ## 6. Read the curves
#
# The chart again, as a picture that you can save. On the left the loss, that is how wrong the model is: lower is
# better. On the right how many answers are right, with the commonest topic as a dotted line.
#
# - **Both losses fall:** the model is still learning. More epochs may help.
# - **The training loss falls, the validation loss rises:** it learns the messages by heart. Stop here, or bring more
#   data.
# - **Neither falls:** it doesn't learn. Try another learning rate, and look at the data again.
#
# The circle marks the best moment; the model of that moment is the one you now have. A run may end before its last
# epoch, once the training loss no longer moves.
# %% [markdown] curves-text zh
# ## 6. 读懂曲线
#
# 还是刚才那张图，这次是可以保存的图片。左边是损失，也就是模型错得有多厉害，越低越好；
# 右边是答对的比例，点线是永远猜最常见主题的水平。
#
# - **两条损失都在下降**：模型还在学，可以多训练几轮。
# - **训练损失下降、验证损失上升**：模型开始死记硬背。应当停下，或者增加数据。
# - **两条都不降**：没有学到东西。换一个学习率，再回头看看数据。
#
# 圆圈标出最好的时刻，你现在手里的模型就是那一刻的模型。训练损失不再变化时，训练会提前结束。
# %% curves tags=nbval-ignore-output
run.plot()

# %% [markdown] try-text en
# ## 7. Try your own sentences
#
# Write what you like between the quotes. Each sentence gets a topic and a confidence from 0 to 1. The model is tiny
# and knows only words like those in the file, so it will be wrong now and then.
# %% [markdown] try-text zh
# ## 7. 试试自己的句子
#
# 引号里想写什么就写什么。每句话会得到一个主题和 0 到 1 之间的把握程度。
# 模型很小，只认识文件里见过的说法，偶尔答错很正常。
# %% try tags=nbval-ignore-output
sentences = [
    "Where is my parcel? The courier never came.",  # en
    "My card was charged twice, please check the payment.",  # en
    "I forgot my password and cannot log in.",  # en
    "The jacket is too small, can I exchange it for a larger size?",  # en
    "Thank you, I love it, the quality is wonderful!",  # en
    "我的快递到哪儿了？物流一直没更新。",  # zh
    "付款时银行卡被扣了两次钱，麻烦查一下。",  # zh
    "密码忘了，账号登录不上。",  # zh
    "衣服小了，想换大一码的。",  # zh
    "质量很好，家里人都很喜欢，谢谢！",  # zh
]
for answer in run.predict(sentences):
    print(f"{answer.label:10}{answer.confidence:.2f}  {answer.text}")  # en
    print(f"{answer.label}  {answer.confidence:.2f}  {answer.text}")  # zh

# %% [markdown] save-text en
# ## 8. Save it, and use it anywhere
#
# Saving writes an ordinary model folder: weights, tokenizer, topics, and a card that says how it was made. Any folder
# will do; this one lies inside the run's own. Then plain transformers reads it, without ftkit.
# %% [markdown] save-text zh
# ## 8. 保存，到处可用
#
# 保存下来的是一个普通的模型文件夹：权重、分词器、主题，还有一张说明它怎么来的卡片。
# 存到哪里都行，这里就放在本次训练自己的文件夹里。随后只用 transformers、不用 ftkit 把它读回来。
# %% save tags=nbval-ignore-output
from transformers import pipeline

folder = run.save(run.folder / "my-model")
classify = pipeline("text-classification", model=str(folder))

# %% [markdown] same-text en
# Ask both about the sentences above: expect the same answers.
# %% [markdown] same-text zh
# 拿上面那几句话分别问两边，回答应该完全一致。
# %% same
theirs = [answer["label"] for answer in classify(sentences)]
ours = [answer.label for answer in run.predict(sentences)]
print("the same answers:", theirs == ours)  # en
print("回答一致：", theirs == ours)  # zh

# %% [markdown] tags-text en
# ## 9. The same with words instead of sentences
#
# The second sample has a tag for every word: the name of a person (`PER`), a place (`LOC`), a date (`DATE`), or none
# (`O`); `B-` begins a name and `I-` goes on with it. Loading tells the two formats apart by itself.
# %% [markdown] tags-text zh
# ## 9. 不给句子分类，而是标出词语
#
# 第二份样例给每个字都打了标签：人名（`PER`）、地名（`LOC`）、日期（`DATE`），或者什么都不是（`O`）；
# `B-` 表示开头，`I-` 表示接着上一个字。两种格式 ftkit 自己分得清。
# %% tags
visits = ftkit.load(ftkit.samples.path("visits"))
visits

# %% [markdown] tags-train-text en
# The call is the same, and so is the chart. It takes a few seconds.
# %% [markdown] tags-train-text zh
# 调用方式一样，图也一样，几秒钟就好。
# %% tags-train tags=nbval-ignore-output
tagger = ftkit.finetune(visits, model="tiny", epochs=15, learning_rate=1e-3, validation=0.2)

# %% [markdown] tags-facts-text en
# Here a name counts only if all of its words and its kind are right. F1 joins how many of the names were found with
# how many of the finds were right; 1 is perfect. A model that never marks anything has 0.
# %% [markdown] tags-facts-text zh
# 一个名字要每个字都对、类型也对才算数。F1 同时考虑找全了多少、找对了多少，满分是 1；什么都不标的模型得 0。
# %% tags-facts
print("state:", tagger.state)  # en
print("tags:", ", ".join(visits.labels))  # en
print("sentences:", len(visits))  # en
print("F1 is above 0.5:", tagger.metrics["f1"] > 0.5)  # en
print("状态：", tagger.state)  # zh
print("标签：", "、".join(visits.labels))  # zh
print("句子数：", len(visits))  # zh
print("F1 超过 0.5：", tagger.metrics["f1"] > 0.5)  # zh

# %% [markdown] tags-try-text en
# Ask it about a sentence of your own. The sample is small and its sentences are alike, so keep to the subject.
# %% [markdown] tags-try-text zh
# 换一句自己写的话试试。样例不大，句子也比较像，所以话题最好别跑太远。
# %% tags-try tags=nbval-ignore-output
answer = tagger.predict("Greta Quill came to Harrow Bay on 12 September.")  # en
answer = tagger.predict("方若溪五月三日到白鹭湾参观。")  # zh
for kind, first, last in answer.entities:
    print(kind, " ".join(answer.tokens[first : last + 1]))  # en
    print(kind, "".join(answer.tokens[first : last + 1]))  # zh

# %% [markdown] next-text en
# ## Where to go next
#
# - **Your own file.** Put it beside this notebook and write its name in cell 2: `ftkit.load("my-file.tsv")`. Text and
#   label may come in either order; `ftkit.check` says what is wrong with a file, and `07_data` shows
#   how to mend it, and which other files and tables work.
# - **Another model.** `model="path/to/folder"` takes any model folder that transformers can read.
# - **Go on working while it trains.** `ftkit.finetune(data, background=True)` gives the notebook back at once;
#   `ftkit.list_runs()` lists what you have trained, and `ftkit.attach(run.id)` opens a run again on another day.
# %% [markdown] next-text zh
# ## 接下来
#
# - **用自己的文件**：放到这个笔记本旁边，把文件名写进第 2 步：`ftkit.load("我的文件.tsv")`。
#   标签和正文谁先谁后都可以；文件哪里不对，`ftkit.check` 会告诉你；怎么修、还能用哪些文件和表格，见 `07_data`。
# - **换一个模型**：`model="模型文件夹"` 可以是 transformers 能读的任何模型文件夹。
# - **训练时继续干别的**：`ftkit.finetune(data, background=True)` 会立刻把笔记本还给你；
#   `ftkit.list_runs()` 列出训练过的记录，`ftkit.attach(run.id)` 改天再打开其中一次。
