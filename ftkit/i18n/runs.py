"""What ftkit says about settings, models and runs."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # -- how a run ended
    "runs.ended_epochs": ("All {epochs} epochs are done.", "全部 {epochs} 轮训练完成。"),
    "runs.ended_plateau": (
        "Training loss no longer moves: stopped after epoch {epochs}.",
        "训练损失不再变化：第 {epochs} 轮后停止。",
    ),
    "runs.ended_patience": (
        "Validation loss stopped falling: ended at step {step}.",
        "验证损失不再下降：在第 {step} 步结束。",
    ),
    "runs.ended_max_minutes": ("The time is up: ended at step {step}.", "时间用完：在第 {step} 步结束。"),
    "runs.ended_stop": (
        "Stopped by hand at step {step}; the best weights are kept.",
        "已手动停止于第 {step} 步，保留了最佳权重。",
    ),
    "runs.ended_interrupt": (
        "Interrupted at step {step}; the best weights are kept.",
        "在第 {step} 步被中断，保留了最佳权重。",
    ),
    "runs.ended_not_finite": (
        "The loss was not a number for a whole epoch: ended at step {step}. Try a learning_rate ten times lower.",
        "整整一轮的损失都不是有效数字：在第 {step} 步结束。请把 learning_rate 调小十倍再试。",
    ),
    "runs.ended_cut": (
        "Interrupted at step {step}; the weights of the best evaluation so far are kept, if there was one.",
        "在第 {step} 步被中断；若已有验证，则保留其中最佳的权重。",
    ),
    "runs.ended_before": (
        "Stopped before the first step: there are no weights to keep.",
        "在第一步之前停止：没有可保留的权重。",
    ),
    "runs.ended_unmeasured": (
        "Stopped at step {step}, before an evaluation; the weights as they were are kept.",
        "在第 {step} 步停止，尚未验证；保留了当时的权重。",
    ),
    "runs.metric_failed": (
        "metrics[{name!r}] could not be measured: {error}. It shows as nan; mend the function for the next run.",
        "metrics[{name!r}] 无法计算：{error}。显示为 nan，请修改函数后重新训练。",
    ),
    "runs.ended_closed": ("Whoever was listening left.", "监听方已离开。"),
    "runs.error": ("{kind}: {error}", "{kind}：{error}"),
    "runs.out_of_memory": (
        "Out of memory: {error}. Halve batch_size and double accumulate: the result stays the same.",
        "内存不足：{error}。请把 batch_size 减半、accumulate 加倍，效果不变。",
    ),
    # -- why a setting is as it is
    "runs.epochs_small": (
        "{epochs} epochs: {rows} rows are few, so each is seen often (50 falling to 20 up to 1,000 rows).",
        "{epochs} 轮：只有 {rows} 条数据，需要多看几遍（1,000 条以内为 50 至 20 轮）。",
    ),
    "runs.epochs_medium": (
        "{epochs} epochs for {rows} rows (20 falling to 10 between 1,000 and 10,000 rows).",
        "{epochs} 轮：共 {rows} 条数据（1,000 至 10,000 条为 20 至 10 轮）。",
    ),
    "runs.epochs_large": (
        "{epochs} epochs: {rows} rows are many (10 falling to 5 above 10,000 rows).",
        "{epochs} 轮：数据较多，共 {rows} 条（10,000 条以上为 10 至 5 轮）。",
    ),
    "runs.batch_size_auto": (
        "batch_size {batch} for {rows} training rows.",
        "训练数据 {rows} 条，batch_size 取 {batch}。",
    ),
    "runs.learning_rate_scratch": (
        "learning_rate {rate}: new weights trained with {optimizer} learn fast.",
        "learning_rate 取 {rate}：从零开始的权重用 {optimizer} 可以学得快些。",
    ),
    "runs.learning_rate_pretrained": (
        "learning_rate {rate}: pretrained weights trained with {optimizer} need small steps.",
        "learning_rate 取 {rate}：预训练权重用 {optimizer} 微调，步子要小。",
    ),
    "runs.max_length_auto": (
        "max_length {length}: the limit for a row; the longest training row has {longest} tokens.",
        "max_length 取 {length}：每条数据的上限；最长的训练数据有 {longest} 个词元。",
    ),
    "runs.max_length_limit": (
        "max_length {length}: the model takes no more ({asked} asked).",
        "max_length 取 {length}：这是模型的上限（要求的是 {asked}）。",
    ),
    "runs.max_length_special": (
        "max_length={length}: there is no room for text beside the {special} tokens that mark its ends. "
        "Use max_length={fits}.",
        "max_length={length}：首尾标记就占 {special} 个词元，没有地方放文本。请用 max_length={fits}。",
    ),
    "runs.precision_fp32": ("fp32: this hardware has no fast bf16.", "fp32：这台机器没有硬件 bf16。"),
    "runs.precision_bf16": ("bf16: this hardware computes it.", "bf16：硬件支持。"),
    # -- warnings
    "runs.truncated_train": (
        "{n} of {rows} training rows are longer than {limit} tokens: their ends were cut. max_length= sets the limit.",
        "{rows} 条训练数据中有 {n} 条超过 {limit} 个词元，末尾被截断。可用 max_length= 设置上限。",
    ),
    "runs.truncated_validation": (
        "{n} of {rows} validation rows are longer than {limit} tokens: their ends were cut.",
        "{rows} 条验证数据中有 {n} 条超过 {limit} 个词元，末尾被截断。",
    ),
    "runs.validation_coarse": (
        "Only {n} validation rows, fewer than a batch: the curves will be jumpy.",
        "验证数据只有 {n} 条，不足一批：曲线会跳动。",
    ),
    "runs.label_once": (
        "Seen once, so learnt from or measured, not both: {labels}. Add examples or merge them.",
        "以下标签只出现一次，只能用于训练或验证之一：{labels}。请补充样例或合并标签。",
    ),
    "runs.label_unseen": (
        "In the validation rows only, so they cannot be learnt: {labels}.",
        "以下标签只出现在验证数据里，学不到：{labels}。",
    ),
    "runs.not_finite": (
        "Steps whose loss or gradient is not a number are skipped. Try learning_rate={rate}.",
        "损失或梯度不是有效数字的步骤已跳过。请试试 learning_rate={rate}。",
    ),
    # -- data that can't be learnt from
    "runs.data_task": (
        "{name}: these rows are for {task}, not {wanted}. Leave task= out, or load another file.",
        "{name}：这些数据用于 {task}，不是 {wanted}。请去掉 task=，或换一个文件。",
    ),
    "runs.data_few": (
        "{name}: {n} rows are too few to learn from and to measure on. Expected 2 at least; 100 or more teach.",
        "{name}：只有 {n} 条数据，无法同时训练和验证。至少要 2 条，100 条以上才有效果。",
    ),
    "runs.data_one_label": (
        "{name}: every row has the label {label!r}: there is nothing to tell apart. Add rows with another label.",
        "{name}：所有数据的标签都是 {label!r}，没有可区分的类别。请加入其他标签的数据。",
    ),
    "runs.data_gone": (
        "{path}: the run's data is no longer there. Put the file back, or load it from where it is now.",
        "{path}：找不到这次训练的数据。请把文件放回原处，或从现在的位置重新加载。",
    ),
    "runs.data_changed": (
        "{path}: the data changed since the run was made (fingerprint {was}, now {now}). Start a new run on it.",
        "{path}：数据在训练开始后被改动（指纹原为 {was}，现为 {now}）。请用它开始新的训练。",
    ),
    "runs.train_small": (
        "batch_size={batch}: there are only {n} training rows, fewer than one batch. Use batch_size={fits}.",
        "batch_size={batch}：训练数据只有 {n} 条，不足一批。请用 batch_size={fits}。",
    ),
    "runs.validation_empty": (
        "{name}: there are no validation rows. Give some, or a share such as validation=0.1.",
        "{name}：没有验证数据。请提供验证数据，或写比例，例如 validation=0.1。",
    ),
    "runs.validation_small": (
        "validation: {n} rows are fewer than one batch of {batch}, too few to measure on. "
        "Use validation={share}, or batch_size={fits}.",
        "validation：验证数据只有 {n} 条，不足一批（{batch} 条），难以衡量效果。"
        "请用 validation={share}，或 batch_size={fits}。",
    ),
    "runs.validation_small_rows": (
        "validation: {n} rows are fewer than one batch of {batch}, too few to measure on. "
        "Use batch_size={fits}, or give more rows.",
        "validation：验证数据只有 {n} 条，不足一批（{batch} 条），难以衡量效果。请用 batch_size={fits}，或增加数据。",
    ),
    # -- settings
    "runs.setting_unknown": (
        "{name}=: there is no such setting. Known: {known}.",
        "{name}=：没有这个参数。可用的参数：{known}。",
    ),
    "runs.setting_unknown_close": (
        "{name}=: there is no such setting. Did you mean {close}=? Known: {known}.",
        "{name}=：没有这个参数。是不是想写 {close}=？可用的参数：{known}。",
    ),
    "runs.setting_choice": (
        "{name}={value}: not known. Known: {known}. Write {name}={close!r}.",
        "{name}={value}：无法识别。可选：{known}。请写 {name}={close!r}。",
    ),
    "runs.setting_texts": (
        "{name}={value}: expected 'auto' or texts. Write {name}={example}{none}.",
        "{name}={value}：应为 'auto' 或若干文本。请写 {name}={example}{none}。",
    ),
    "runs.setting_whole": (
        "{name}={value}: expected a whole number {span}{auto}.",
        "{name}={value}：应当是整数，且 {span}{auto}。",
    ),
    "runs.setting_number": (
        "{name}={value}: expected a number {span}{auto}.",
        "{name}={value}：应当是数字，且 {span}{auto}。",
    ),
    "runs.setting_bool": ("{name}={value}: expected True or False.", "{name}={value}：应当是 True 或 False。"),
    "runs.setting_tags": (
        "tags={value}: expected words to find the run by. Write tags=('first try',).",
        "tags={value}：应当是用来查找训练的词。请写 tags=('first try',)。",
    ),
    "runs.setting_metrics": (
        'metrics={value}: expected names and functions. Write metrics={{"name": my_function}}.',
        'metrics={value}：应当是名称和函数。请写 metrics={{"name": my_function}}。',
    ),
    "runs.metric_taken": (
        "metrics[{name!r}]: the run measures something of that name itself. Write metrics={{{other!r}: …}}.",
        "metrics[{name!r}]：训练本身已经有这个名称的数值。请写 metrics={{{other!r}: …}}。",
    ),
    "runs.metric_not_callable": (
        "metrics[{name!r}]: expected a function of (predictions, targets). Write metrics={{{name!r}: my_function}}.",
        "metrics[{name!r}]：应当是接受 (predictions, targets) 的函数。请写 metrics={{{name!r}: my_function}}。",
    ),
    # -- models
    "runs.model_no_folder": (
        "model={name!r}: there is no such folder (looked from {cwd}). Give a folder that save_pretrained wrote, "
        'a hub name, or model="tiny".',
        "model={name!r}：没有这个文件夹（从 {cwd} 查找）。"
        '请给出 save_pretrained 写出的文件夹、hub 名称，或 model="tiny"。',
    ),
    "runs.model_unknown": (
        "model={name!r}: this version ships no such model. "
        "Use model={close!r}, a folder, or a hub name such as org/model.",
        "model={name!r}：这个版本没有内置该模型。请用 model={close!r}、文件夹，或形如 org/model 的 hub 名称。",
    ),
    "runs.model_no_config": (
        "{folder}: there is no config.json, so this is no model folder. Give the folder that save_pretrained wrote.",
        "{folder}：没有 config.json，这不是模型文件夹。请给出 save_pretrained 写出的文件夹。",
    ),
    "runs.model_no_weights": (
        "{folder}: there are no weights (*.safetensors). "
        "Copy them in, or pass pretrained=False to start from random ones.",
        "{folder}：没有权重文件（*.safetensors）。请把权重复制进来，或用 pretrained=False 从随机权重开始。",
    ),
    "runs.model_pickle": (
        "{folder}: the weights are pickles ({found}), which can run code when loaded. Only safetensors are loaded: "
        "convert them with model.save_pretrained(folder) where you trust them.",
        "{folder}：权重是 pickle 文件（{found}），加载时可能执行代码。只加载 safetensors："
        "请在可信的环境里用 model.save_pretrained(folder) 转换。",
    ),
    "runs.model_tokenizer": (
        "{name}: its tokenizer cannot be loaded: {error}. Check that the folder holds tokenizer.json.",
        "{name}：无法加载分词器：{error}。请检查文件夹里是否有 tokenizer.json。",
    ),
    "runs.model_empty_tokenizer": (
        "{name}: there is no tokenizer in it. Save it beside the model: tokenizer.save_pretrained({name!r}).",
        "{name}：里面没有分词器。请把它保存到模型旁边：tokenizer.save_pretrained({name!r})。",
    ),
    "runs.model_slow_tokenizer": (
        "{name}: it has only a slow tokenizer. Save a fast one beside it (tokenizer.json).",
        "{name}：只有慢速分词器。请在旁边保存快速分词器（tokenizer.json）。",
    ),
    "runs.model_vocabulary": (
        "{name}: the tokenizer has {tokens} tokens and the model embeddings for {rows}: they do not belong together. "
        "Put the model's own tokenizer into its folder.",
        "{name}：分词器有 {tokens} 个词元，而模型只有 {rows} 个嵌入：两者不配套。请把模型自己的分词器放进它的文件夹。",
    ),
    "runs.model_load": (
        "{name}: the model cannot be loaded: {error}. Check the name, the folder, or the network for a hub name.",
        "{name}：无法加载模型：{error}。请检查名称、文件夹；用 hub 名称时请检查网络。",
    ),
    # -- runs
    "runs.none": ("none", "没有"),
    "runs.elsewhere": (
        "{name}: there is no such run in {root}, but in another folder. Write ftkit.attach({path!r}).",
        "{name}：{root} 里没有这个训练，但另一个文件夹里有。请写 ftkit.attach({path!r})。",
    ),
    "runs.no_root": (
        "{root}: runs cannot be kept there: {error}. Set FTKIT_RUNS to a folder that can be written.",
        "{root}：无法在这里保存训练：{error}。请把 FTKIT_RUNS 设为可写的文件夹。",
    ),
    "runs.not_found": (
        "{name}: there is no such run in {root}. Runs there: {runs}. Write ftkit.attach({close!r}).",
        "{name}：{root} 里没有这个训练。现有：{runs}。请写 ftkit.attach({close!r})。",
    ),
    "runs.damaged": (
        "{file}: this file is damaged: {error}. The run cannot be opened without it; put back a copy.",
        "{file}：文件已损坏：{error}。没有它就打不开这次训练，请放回备份。",
    ),
    "runs.active": (
        "{run}: this cell's run is still alive, with other settings. Stop it first: ftkit.attach({run!r}).stop(); "
        "or run the new settings in another cell.",
        "{run}：这个单元格的训练还在进行，且参数不同。请先停止：ftkit.attach({run!r}).stop()；或在另一个单元格里运行新参数。",
    ),
    "runs.shown_again": (
        "{run} is still training: it is shown here again, and no second run was started.",
        "{run} 仍在训练：在这里重新显示，没有开始第二次训练。",
    ),
    "runs.shown_ended": (
        "{run} had not ended when this cell was run again: it is shown here, and no second run was started. "
        "Run the cell once more for a new one.",
        "再次运行这个单元格时 {run} 还没有结束：在这里显示它，没有开始第二次训练。想重新训练，请再运行一次。",
    ),
    "runs.no_weights": (
        "{run}: there are no weights. While it trains, wait for its first evaluation after a step; if it ended before "
        "that, start it again.",
        "{run}：还没有权重。若仍在训练，请等到训练开始后的第一次验证；若在那之前就结束了，请重新训练。",
    ),
    "runs.save_occupied": (
        "{folder}: it holds something that save() did not write, and nothing is overwritten. Name a new folder.",
        "{folder}：里面有不是 save() 写的内容，不会覆盖。请换一个新文件夹。",
    ),
    # -- predictions
    "runs.evaluate_unseen": (
        "{name}: the model does not know the labels {labels}. It knows: {known}.",
        "{name}：模型不认识标签 {labels}。它认识：{known}。",
    ),
    "runs.predict_needs_out": (
        '{path}: a file needs a place for its predictions. Write run.predict({path!r}, out="predictions.csv").',
        '{path}：预测文件需要指定输出位置。请写 run.predict({path!r}, out="predictions.csv")。',
    ),
    "runs.predict_out_needs_file": (
        'out=: it goes with a file, not with texts in memory. Write run.predict("in.tsv", out="out.csv").',
        'out= 要和文件一起用，不能和内存中的文本一起用。请写 run.predict("in.tsv", out="out.csv")。',
    ),
    "runs.predict_gone": ("{path}: there is no such file. Check the name.", "{path}：没有这个文件。请检查文件名。"),
    "runs.predict_onto_itself": (
        "{path}: the predictions would overwrite the file itself. Name another file for out.",
        "{path}：预测结果会覆盖原文件。请给 out 换一个文件名。",
    ),
    "runs.predict_held": (
        "{path}: another program holds this file, Excel perhaps. Close it there and predict again.",
        "{path}：文件正被其他程序占用（可能是 Excel）。请在那里关闭后再预测。",
    ),
    "runs.predict_empty": (
        "{name}: there is no text in it. Expected one text a line.",
        "{name}：里面没有文本。应当每行一条文本。",
    ),
    "runs.predict_columns": (
        "{name}:{line}: {n} columns, and which one holds the text cannot be told. Expected one text a line, or a label "
        "column and a text column.",
        "{name}:{line}：有 {n} 列，无法判断哪一列是文本。应当每行一条文本，或一列标签一列文本。",
    ),
    "runs.predict_ragged": (
        "{name}:{line}: {n} columns, expected {width} as in the first line. Mend the tabs of this line.",
        "{name}:{line}：有 {n} 列，应当和第一行一样是 {width} 列。请修改这一行的制表符。",
    ),
    # -- tasks that write text
    "runs.packed": (
        "{lines} lines, one after the other with an end token, fill {rows} training rows of {length} tokens",
        "{lines} 行首尾相接（以结束符分隔），拼成 {rows} 条各 {length} 个词元的训练样本",
    ),
    "runs.written": (
        "metrics of written text: {n} of {rows} validation rows at every evaluation, up to {most} tokens each; "
        "run.evaluate measures all",
        "生成类指标：每次验证取 {rows} 条验证样本中的 {n} 条，每条最多生成 {most} 个词元；run.evaluate 会测量全部",
    ),
    "runs.answers_cut": (
        "{n} of {rows} answers are longer than the context of {limit} tokens allows: their ends were cut, {lost} of "
        "{total} tokens in all, {most} of them at {where}. A larger max_length keeps more.",
        "{rows} 条回答中有 {n} 条超出了 {limit} 个词元的上下文：结尾已被截断，共 {total} 个词元中的 {lost} 个，"
        "最多的是 {where}（{most} 个）。调大 max_length 可以保留更多。",
    ),
    "runs.writes_nothing": (
        "task {task!r}: such a model writes no text. It labels or tags: run.predict.",
        "任务 {task!r}：这种模型不生成文本，只打标签或标注：run.predict。",
    ),
    "runs.max_length_writes": (
        "max_length={length}: no room for a prompt and its answer. Use max_length={fits}.",
        "max_length={length}：放不下提示和回答。请用 max_length={fits}。",
    ),
    "runs.turns_even": (
        "prompts[{index}]: {n} turns end with an answer. Expected questions and answers in turn, a question last.",
        "prompts[{index}]：共 {n} 轮，以回答结尾。应当一问一答交替，最后一条是问题。",
    ),
    "runs.stream_one": (
        "stream=True: {n} prompts. Expected one; without stream= a list of prompts gives a list of texts.",
        "stream=True：给了 {n} 个提示，只能给一个；不写 stream= 时可以给多个提示。",
    ),
    "runs.new_head": (
        "{model}: it has no weights for {names}, so these start at random. That is as it should be for a new task; "
        "a model that was trained to write has them.",
        "{model}：其中没有 {names} 的权重，它们从随机值开始。新任务本该如此；训练过写作的模型则自带这些权重。",
    ),
    # -- methods
    "runs.base_gone": (
        "{model}: the model that this run was trained from is gone. A run with method={method!r} keeps only what it "
        "trained, and needs that folder at its place. Put it back. (run.save(folder) keeps a whole model.)",
        "{model}：这次训练所用的基础模型不见了。method={method!r} 的训练只保留训练过的部分，还需要原处的基础模型。"
        "请把它放回去。（run.save(folder) 会保存完整的模型。）",
    ),
    "runs.base_changed": (
        "{model}: these weights are not those that the run was trained from. A run with method={method!r} keeps only "
        "what it trained; over other weights its answers would be wrong. Put the old ones back.",
        "{model}：这个文件夹里的权重已不是训练时的那一份。method={method!r} 的训练只保留训练过的部分，"
        "换了基础权重，回答就不对了。请恢复原来的权重。",
    ),
    "runs.save_onto_base": (
        "{folder}: this is the model that the run was trained from, and a run with method={method!r} needs it. Name "
        "another folder.",
        "{folder}：这是本次训练的基础模型，method={method!r} 的训练还需要它。请换一个文件夹。",
    ),
    "runs.learning_rate_lora": (
        "{rate}, usual for LoRA with {optimizer}: few weights, far from their goal",
        "{rate}，{optimizer} 训练 LoRA 的常用值：参数少，要走的路远",
    ),
    "runs.learning_rate_head": (
        "{rate}, usual for a head alone with {optimizer}",
        "{rate}，{optimizer} 只训练输出层的常用值",
    ),
    "runs.lora_targets": ("every linear layer of the blocks: {targets}", "各层中的所有线性层：{targets}"),
    "runs.frozen_scratch": (
        "method={method!r} freezes weights that are random (model={model!r}): it learns little. Train with "
        "method='full', or name a pretrained model.",
        "method={method!r} 冻结的是随机权重（model={model!r}），学不到多少。请用 method='full'，或换一个预训练模型。",
    ),
}
