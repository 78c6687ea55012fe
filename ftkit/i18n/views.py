"""Texts of charts, panels and tables."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # states of a run
    "views.state.starting": ("starting", "准备中"),
    "views.state.running": ("running", "训练中"),
    "views.state.paused": ("paused", "已暂停"),
    "views.state.stopping": ("stopping", "正在停止"),
    "views.state.completed": ("completed", "已完成"),
    "views.state.stopped": ("stopped", "已停止"),
    "views.state.interrupted": ("interrupted", "已中断"),
    "views.state.failed": ("failed", "失败"),
    # why a run ended
    "views.detail.epochs": ("all epochs done", "所有轮次已完成"),
    "views.detail.plateau": ("the training loss stopped falling", "训练损失不再下降"),
    "views.detail.patience": ("the validation loss stopped improving", "验证损失不再改善"),
    "views.detail.max_minutes": ("the time limit was reached", "到达时间上限"),
    "views.detail.stop": ("you stopped it", "由你停止"),
    "views.detail.interrupt": ("the kernel was interrupted", "内核被中断"),
    # what is being done besides steps
    "views.phase.model": ("loading the model", "加载模型"),
    "views.phase.tokenise": ("tokenising", "分词"),
    "views.phase.evaluate": ("evaluating", "评估"),
    # the chart
    "views.loss": ("loss", "损失"),
    "views.step": ("step", "步"),
    "views.epoch": ("epoch", "轮"),
    "views.train": ("train", "训练"),
    "views.validation": ("validation", "验证"),
    "views.on_validation": ("{metric} on validation", "验证集 {metric}"),
    "views.metric": ("metric", "指标"),
    "views.best": ("best", "最佳"),
    "views.baseline": ("baseline", "基线"),
    "views.eta": ("{time} left", "剩余 {time}"),
    "views.took": ("{time}", "用时 {time}"),
    "views.no_evaluation": ("no evaluation yet", "尚未评估"),
    "views.no_steps": ("waiting for the first step", "等待第一步"),
    "views.no_loss": ("no finite loss", "没有有限的损失值"),
    # the summary in words
    "views.summary.run": ("Run {run}: {state}", "运行 {run}：{state}"),
    "views.summary.reason": (" ({reason})", "（{reason}）"),
    "views.summary.stop": (". ", "。"),
    "views.summary.steps": (
        "{step} of {total} steps, {epochs} epochs, in {time}. ",
        "共 {step}/{total} 步，{epochs} 轮，用时 {time}。",
    ),
    "views.summary.steps_only": ("{step} steps in {time}. ", "共 {step} 步，用时 {time}。"),
    "views.summary.metric": (
        "{metric} on validation: {before} before training, {after} after",
        "验证集 {metric}：训练前 {before}，训练后 {after}",
    ),
    "views.summary.metric_now": ("{metric} on validation: {after}", "验证集 {metric}：{after}"),
    "views.summary.baseline": (
        "; always giving the commonest answer would score {baseline}",
        "；总是给出最常见答案为 {baseline}",
    ),
    "views.summary.val_loss": ("Validation loss: {before} -> {after}. ", "验证损失：{before} -> {after}。"),
    "views.summary.val_loss_now": ("Validation loss: {after}. ", "验证损失：{after}。"),
    "views.summary.kept": (
        "The weights kept are those of step {step}, the best. ",
        "保留了最佳一步（第 {step} 步）的权重。",
    ),
    "views.summary.best": ("Best so far at step {step}. ", "目前最佳：第 {step} 步。"),
    "views.summary.not_finite": (
        "{count} steps had no finite loss. ",
        "有 {count} 步的损失不是有限数值。",
    ),
    "views.summary.warnings": ("Warnings: {count}. ", "警告：{count} 条。"),
    "views.summary.nothing": ("No training step was done. ", "没有完成任何训练步。"),
    # the controls
    "views.pause": ("Pause", "暂停"),
    "views.resume": ("Resume", "继续"),
    "views.stop": ("Stop, keep best", "停止并保留最佳"),
    "views.stopping": ("Stopping after this step…", "将在这一步之后停止…"),
    "views.pausing": ("Pausing after this step…", "将在这一步之后暂停…"),
    "views.resuming": ("Going on…", "正在继续…"),
    "views.slow": (
        "The kernel has not answered yet: it is busy in this cell. "
        "Interrupting the kernel (Kernel menu) also stops the run and keeps the best.",
        "内核尚未响应：它正忙于这个单元格。中断内核（内核菜单）同样会停止并保留最佳结果。",
    ),
    "views.reloaded": (
        "This chart is live. The one below stood still when the page was opened anew.",
        "此图为实时图表。页面重新打开后，下方的图不再更新。",
    ),
    "views.reloaded_over": (
        "The run is over. This is its last chart; the one below is older. run.plot() draws it for good.",
        "运行已结束。这是最后的图表，下方的图较旧。run.plot() 可重新绘制并保留。",
    ),
    "views.afterwards": (
        "{run} {state}. ftkit.attach('{run}') opens it again, in any notebook and on any day.",
        "{run} {state}。ftkit.attach('{run}') 可随时在任何笔记本中再次打开它。",
    ),
    "views.controls": ("Controls of this run", "此次运行的控件"),
    "views.lost": (
        "The kernel is gone, and this run with it. ftkit.list_runs() finds what it kept.",
        "内核已不在，此次运行随之结束。ftkit.list_runs() 可找到它保留的结果。",
    ),
    "views.controls_plain": ("[Pause] [Stop, keep best]", "[暂停] [停止并保留最佳]"),
    "views.no_controls": (
        "No buttons here ({reason}). Interrupt the kernel to stop and keep the best, or call run.stop().",
        "此处没有按钮（{reason}）。可中断内核来停止并保留最佳，或调用 run.stop()。",
    ),
    # tables of a Dataset and a Report
    "views.data.rows": ("{rows} rows", "{rows} 行"),
    "views.data.sentences": ("{rows} sentences", "{rows} 个句子"),
    "views.data.task.classification": ("classification", "分类"),
    "views.data.task.tagging": ("tagging", "序列标注"),
    "views.data.labels": ("{count} labels", "{count} 个标签"),
    "views.data.others": ("{count} others", "其余 {count} 个"),
    "views.data.lengths": (
        "length in {unit}: median {median}, longest {longest}",
        "长度（{unit}）：中位数 {median}，最长 {longest}",
    ),
    "views.data.characters": ("characters", "字符"),
    "views.data.tokens": ("tokens", "词元"),
    "views.data.line": ("line", "行"),
    "views.data.target": ("label", "标签"),
    "views.data.text": ("text", "文本"),
    "views.data.more_rows": ("… and {count} more rows", "……另有 {count} 行"),
    "views.data.problem": ("problem", "问题"),
    "views.data.fix": ("fix", "解决办法"),
    "views.data.error": ("error", "错误"),
    "views.data.warning": ("warning", "警告"),
    "views.data.info": ("note", "提示"),
    "views.data.problems": ("Problems in the file: {count}", "文件中的问题：{count}"),
    "views.data.more_problems": ("… and {count} more", "……另有 {count} 个"),
    "views.data.no_problems": ("No problems found in the file.", "文件中未发现问题。"),
}
