"""What ftkit says about tasks and formats of the user's own."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "own.incomplete": (
        "task={kind}: it has no {missing}. A task needs {needed}: see ftkit.tasks.own.Own. Write them, or name one of "
        "ftkit's own tasks, such as task='classification'.",
        "task={kind}：它没有 {missing}。任务需要有 {needed}，见 ftkit.tasks.own.Own。"
        "请补上，或使用 ftkit 自带的任务，例如 task='classification'。",
    ),
    "own.name": (
        "task={kind}: its name {name} cannot be. It must be a text, and none of ftkit's own: {known}. Write "
        "name = 'my_task'.",
        "task={kind}：它的 name {name} 不能用。名称必须是文本，且不能是 ftkit 自带的任务：{known}。"
        "请写 name = 'my_task'。",
    ),
    "own.head": (
        "task={kind}: its head {head} is no name of a transformers Auto class. Write head = "
        "'AutoModelForSequenceClassification', for example.",
        "task={kind}：它的 head {head} 不是 transformers 的 Auto 类名。"
        "例如请写 head = 'AutoModelForSequenceClassification'。",
    ),
    "own.task_needed": (
        "{run}: its task '{task}' is no part of ftkit, and what it does is not kept with the run. Hand over the object "
        "that it was trained with: ftkit.attach({path!r}, task=...).",
        "{run}：它的任务 '{task}' 不是 ftkit 自带的，任务的代码也不随训练保存。"
        "请传入训练时所用的对象：ftkit.attach({path!r}, task=...)。",
    ),
    "own.task_other": (
        "{run}: it was trained for the task '{task}', not '{given}'. Pass the object that it was trained with.",
        "{run}：它训练的任务是 '{task}'，不是 '{given}'。请传入训练时所用的对象。",
    ),
    "own.task_not_needed": (
        "{run}: its task '{task}' is ftkit's own. Leave task= out: ftkit.attach({path!r}).",
        "{run}：它的任务 '{task}' 是 ftkit 自带的。请去掉 task=：ftkit.attach({path!r})。",
    ),
    "own.metrics": (
        "metrics=: a task of your own measures itself. Leave it out, and return the numbers from its own metrics().",
        "metrics=：自定义任务由自己计算指标。请去掉它，并在任务的 metrics() 中返回这些数值。",
    ),
    "own.targets": (
        "{name}: its rows are {read} with {kind} as targets, which cannot be learnt as '{task}'. Name a task that can, "
        "or pass one of your own: ftkit.finetune(data, task=obj).",
        "{name}：每行是 {read}，目标是 {kind}，无法按 '{task}' 学习。请换用合适的任务，"
        "或传入自定义任务：ftkit.finetune(data, task=obj)。",
    ),
    "own.kind.texts": ("texts", "文本"),
    "own.kind.lists": ("lists of texts", "文本列表"),
    "own.kind.numbers": ("numbers", "数字"),
    "own.kind.others": ("things that no task of ftkit's knows", "ftkit 的任务都不认识的内容"),
    "own.several": (
        "{name}: its texts may have several labels, but the model gives one for each text. Train on texts with several "
        "labels, or keep one label a text.",
        "{name}：其中的文本可以有多个标签，而模型为每条文本只给出一个标签。请用多标签数据训练，或每条文本只保留一个标签。",
    ),
    "own.training_rows": ("the training rows", "训练数据"),
    "own.validation_rows": ("the validation rows", "验证数据"),
    "own.validation_given": (
        "validation={share} is not used: the files have validation rows of their own.",
        "没有使用 validation={share}：文件里已经有验证数据。",
    ),
    "own.augmented": ("{n} of the {rows} rows learnt from were made up", "学习的 {rows} 行中有 {n} 行是增强出来的"),
    "own.predict_table": (
        "{name}: which of the columns {names} holds the texts cannot be told. Expected a column of the name that it "
        "had in the training data. Rename it to '{part}', or keep only that column.",
        "{name}：无法判断 {names} 中哪一列是文本。应当与训练数据中的列名相同。请把它改名为 '{part}'，或只保留这一列。",
    ),
}
