"""Labels, and LoRA. Build the notebooks with: python notebooks/source/build.py --run 05_labels."""

# %% [markdown] intro en
# # Labels: train further, and train only a small part
#
# **You will see** the messages of the quick start again. First a model learns from one half of them and is saved. Then
# it goes on with the other half in another way, called LoRA, in which most of the model stays as it was.
#
# **It takes** a few minutes to read; the cells together run for less than a minute on two processor cores.
#
# **It needs** nothing else: no graphics card, no network.
# %% [markdown] intro zh
# # 标签：接着训练，只训练一小部分
#
# **你会看到**：还是快速上手里的那些顾客留言。先让模型学一半，保存下来；
# 再用另一种办法学后一半，叫作 LoRA，模型的绝大部分都原封不动。
#
# **需要多久**：读完要几分钟；在两个处理器核心上，所有单元格加起来运行不到一分钟。
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

# %% [markdown] halves-text en
# ## 2. Two halves
#
# `split` deals the rows out so that every topic has its share on both sides, and no text is on both. Think of the first
# half as what the model was once trained on, and of the second as what you have today. Expect 220 and 220.
# %% [markdown] halves-text zh
# ## 2. 分成两半
#
# `split` 分行的时候，会让每个主题在两边各占一份，同一句话不会两边都有。
# 不妨把前一半当成模型从前学过的，后一半当成你今天手上的数据。应该各有 215 条。
# %% halves
data = ftkit.load(ftkit.samples.path("messages"))
halves = data.split(validation=0.5, seed=1)
before, today = halves["train"], halves["validation"]
print("messages:", len(before), "and", len(today))  # en
print("留言条数：", len(before), "和", len(today))  # zh

# %% [markdown] before-text en
# ## 3. Learn the first half, with every weight
#
# This is the quick start again (`method="full"`, which you need not write): every number in the model may change.
# %% [markdown] before-text zh
# ## 3. 学前一半，所有权重都训练
#
# 和快速上手一样（`method="full"`，可以不写）：模型里的每一个数都可以改。
# %% before tags=nbval-ignore-output
full = ftkit.finetune(before, model="tiny", epochs=15, learning_rate=2e-4, validation=0.2)

# %% [markdown] save-text en
# ## 4. Save it
#
# The folder is an ordinary model folder. From here on it is our pretrained model, as if it came from somewhere else.
# %% [markdown] save-text zh
# ## 4. 保存
#
# 存下来的是一个普通的模型文件夹。从现在起，它就是我们的预训练模型，就当是从别处得来的。
# %% save
folder = full.save(full.folder / "my-model")
accuracy, baseline = full.metrics["accuracy"], full.history.started.baseline["accuracy"]
print("state:", full.state)  # en
print("right more often than the commonest topic:", accuracy > baseline)  # en
print("状态：", full.state)  # zh
print("比永远猜最常见的主题更准：", accuracy > baseline)  # zh

# %% [markdown] lora-text en
# ## 5. Learn the second half with LoRA
#
# **LoRA** freezes the model and puts two thin matrices beside each of its layers; only these are trained, and the last
# layer that names the topic. `lora_rank=4` is how thin they are. Far fewer parameters are trained, and what was trained
# fits in a small file. A model as small as ours would not need it; it is made for large ones.
#
# Thin matrices take larger steps: note the learning rate.
# %% [markdown] lora-text zh
# ## 5. 用 LoRA 学后一半
#
# **LoRA** 把模型冻住，在每一层旁边放两个很窄的矩阵，只训练它们，再加上最后判断主题的那一层。
# `lora_rank=4` 就是矩阵的宽窄。要训练的参数少得多，训练出来的部分存成一个小文件就够了。
# 我们的模型这么小，其实用不着它；它是为大模型准备的。
#
# 窄矩阵的步子要迈得大一点，请注意学习率。
# %% lora tags=nbval-ignore-output
run = ftkit.finetune(
    today, model=str(folder), method="lora", lora_rank=4, epochs=15, learning_rate=2e-3, validation=0.2
)

# %% [markdown] share-text en
# ## 6. How little was trained
#
# The run keeps how many parameters were trained, out of how many. Expect a few of a hundred.
# %% [markdown] share-text zh
# ## 6. 训练了多小的一部分
#
# 这次训练记下了一共有多少参数、训练了其中多少。应该只有百分之几。
# %% share
started = run.history.started
share = started.n_trainable / started.n_parameters
first, kept = run.history.evaluations[0].metrics["accuracy"], run.metrics["accuracy"]
print("state:", run.state)  # en
print("less than a tenth of the parameters was trained:", share < 0.1)  # en
print("at least as right as before it began:", kept >= first)  # en
print("the layers beside which matrices were put:", ", ".join(started.settings["lora_targets"]))  # en
print("状态：", run.state)  # zh
print("训练的参数不到十分之一：", share < 0.1)  # zh
print("至少和开始时一样准：", kept >= first)  # zh
print("旁边放了矩阵的层：", "、".join(started.settings["lora_targets"]))  # zh

# %% [markdown] adapter-text en
# ## 7. Save only what was trained
#
# `merge=False` saves the thin matrices and the last layer alone: a small folder, the *adapter*, that works together
# with the model that it was trained from. One large model and a handful of adapters can do a handful of jobs.
#
# Plain transformers loads it, through `peft`, which comes with ftkit. The one line below is enough because our base
# model has the same labels; for a base that has none, or others, use the code on the card, `README.md` in the folder.
# %% [markdown] adapter-text zh
# ## 7. 只保存训练过的部分
#
# `merge=False` 只保存那些窄矩阵和最后一层：一个很小的文件夹，叫作*适配器*，要和原来的模型一起用。
# 一个大模型配上几个适配器，就能做几种不同的事。
#
# 普通的 transformers 也能加载它，用到的 `peft` 随 ftkit 一起安装。下面只写一行就够，是因为原来的模型标签和它一样；
# 如果原来的模型没有标签，或者标签不同，请用文件夹里模型卡片（`README.md`）上的代码。
# %% adapter tags=nbval-ignore-output
from transformers import pipeline

adapter = run.save(run.folder / "adapter", merge=False)
classify = pipeline("text-classification", model=str(adapter))

# %% [markdown] adapter-facts-text en
# Ask it and the run about twenty of the messages: expect the same answers.
# %% [markdown] adapter-facts-text zh
# 拿二十条留言分别问它和这次训练，回答应该完全一致。
# %% adapter-facts
sentences = list(today.texts[:20])
ours = [answer.label for answer in run.predict(sentences)]
print("the same answers:", [answer["label"] for answer in classify(sentences)] == ours)  # en
print("回答一致：", [answer["label"] for answer in classify(sentences)] == ours)  # zh

# %% [markdown] merged-text en
# ## 8. Save it in one piece
#
# `merge=True`, the default, adds the thin matrices to the layers that they stand beside. The folder is again an
# ordinary model; nobody who loads it needs to know about LoRA.
# %% [markdown] merged-text zh
# ## 8. 合成一个整体来保存
#
# 默认的 `merge=True` 会把窄矩阵加进旁边的层里。存下来的又是一个普通的模型，用它的人不必知道 LoRA 是什么。
# %% merged tags=nbval-ignore-output
whole = run.save(run.folder / "whole", merge=True)
classify_whole = pipeline("text-classification", model=str(whole))

# %% [markdown] merged-facts-text en
# The answers are still the same; the folder is much larger.
# %% [markdown] merged-facts-text zh
# 回答还是一样，文件夹却大得多。
# %% merged-facts
weights = [sum(file.stat().st_size for file in where.glob("*.safetensors")) for where in (adapter, whole)]
print("the same answers:", [answer["label"] for answer in classify_whole(sentences)] == ours)  # en
print("the adapter is less than a fifth of the size:", weights[0] < weights[1] / 5)  # en
print("回答一致：", [answer["label"] for answer in classify_whole(sentences)] == ours)  # zh
print("适配器不到它的五分之一：", weights[0] < weights[1] / 5)  # zh

# %% [markdown] next-text en
# ## Where to go next
#
# - **Only the output layer.** `method="head"` trains what stands after the last block and nothing else: often the
#   weakest.
# - **A real model.** LoRA is made for large pretrained models: `model="path/to/folder"`, of any format in these
#   notebooks. `lora_rank` and `lora_alpha` say how much may change, `lora_targets` where.
# - **`06_tags`** finds names, places and dates.
# %% [markdown] next-text zh
# ## 接下来
#
# - **只训练输出部分**：`method="head"` 只训练最后一块之后的部分，别的都不动，往往也最弱。
# - **换真正的大模型**：LoRA 本来就是给预训练大模型用的，`model="模型文件夹"`，这几个笔记本里的格式都可以。
#   `lora_rank` 和 `lora_alpha` 决定能改多少，`lora_targets` 决定改哪里。
# - **`06_tags`**：找出人名、地名和日期。
