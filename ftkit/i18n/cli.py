"""What the command line says. Decoration is ASCII: a GBK console cannot print ticks, arrows and boxes."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "cli.description": (
        "Fine-tune language models on your own text files, and watch them learn.",
        "用自己的文本文件微调语言模型，并看着它学。",
    ),
    "cli.commands": ("commands", "命令"),
    "cli.help": ("show this help and leave", "显示这段帮助后退出"),
    "cli.version": ("show the version and leave", "显示版本号后退出"),
    "cli.language": ("what language to speak: en or zh (default: the system's)", "界面语言：en 或 zh（默认随系统）"),
    # lab
    "cli.lab": ("copy the notebooks out and open them in JupyterLab", "复制出教程笔记本，并在 JupyterLab 中打开"),
    "cli.lab_long": (
        "Copies the notebooks to ./ftkit-notebooks (a file that is already there is never overwritten) and opens the "
        "quick start in JupyterLab. Options that ftkit does not know go to JupyterLab, for example --port=9000.",
        "把教程笔记本复制到 ./ftkit-notebooks（已有的文件绝不覆盖），然后在 JupyterLab 中打开快速上手。"
        "ftkit 不认识的选项会原样交给 JupyterLab，例如 --port=9000。",
    ),
    "cli.lab_dir": ("where to copy the notebooks (default: ./ftkit-notebooks)", "复制到哪里（默认 ./ftkit-notebooks）"),
    "cli.lab_no_browser": ("only start the server, open no browser", "只启动服务，不打开浏览器"),
    "cli.lab_copied": ("Copied {n} files to {folder}", "已把 {n} 个文件复制到 {folder}"),
    "cli.lab_kept": (
        "Kept yours, which differs from the one that comes with ftkit: {path}",
        "保留了您改过的文件（与 ftkit 自带的不同）：{path}",
    ),
    "cli.lab_blocked": (
        "{path}: is in the way of the notebooks and cannot be used as a folder. Choose another place with --dir.",
        "{path}：占用了存放笔记本的位置，无法用作文件夹。请用 --dir 另选一处。",
    ),
    "cli.lab_opening": ("Opening {path}", "正在打开 {path}"),
    "cli.lab_missing": (
        "JupyterLab is not installed for {python}. Install it with: {python} -m pip install jupyterlab",
        "{python} 中没有安装 JupyterLab。请运行：{python} -m pip install jupyterlab",
    ),
    "cli.no_notebooks": (
        "The notebooks did not come with this copy of ftkit. Install it again: python -m pip install --force-reinstall "
        "--no-deps <where you got ftkit>",
        "这份 ftkit 里没有附带笔记本。请重新安装：python -m pip install --force-reinstall --no-deps <ftkit 的来源>",
    ),
    # demo
    "cli.demo": (
        "run the quick start here, without a browser, and print what it prints",
        "不用浏览器，直接在终端里跑一遍快速上手，并打印结果",
    ),
    "cli.demo_running": (
        "Running a copy of {name}: a model is fine-tuned on this computer, which takes about a minute.",
        "正在运行 {name} 的副本：会在这台电脑上微调一个模型，大约需要一分钟。",
    ),
    "cli.demo_done": (
        "Done: {n} cells in {seconds:.0f} seconds. Open the notebook yourself with: python -m ftkit lab",
        "完成：{n} 个单元格，用时 {seconds:.0f} 秒。想亲手试试，请运行：python -m ftkit lab",
    ),
    "cli.demo_failed": ("Cell {n} of {name} failed: {error}", "{name} 的第 {n} 个单元格出错：{error}"),
    # check
    "cli.check": ("say what is wrong in data files, line by line", "逐行指出数据文件里的问题"),
    "cli.check_long": (
        "Reads each file as training would and prints what it finds: text, CSV, Excel, JSON, Parquet, packed or not, "
        "a folder or a glob. The file is never changed. Ends with 0 if there is no error, 1 if there is one, 2 if a "
        "file is missing.",
        "像训练时那样读取每个文件，列出发现的问题：文本、CSV、Excel、JSON、Parquet，压缩与否，文件夹或通配符都可以。"
        "不改动原文件。没有错误时返回 0，有错误返回 1，文件不存在返回 2。",
    ),
    # options that read a file
    "cli.files": ("one or more data files", "一个或多个数据文件"),
    "cli.file": ("the data file", "数据文件"),
    "cli.format": (
        "corpus, title, qa, labels or tags (default: detected)",
        "corpus、title、qa、labels 或 tags（默认自动识别）",
    ),
    "cli.encoding": ("for example utf-8 or gb18030 (default: detected)", "例如 utf-8 或 gb18030（默认自动识别）"),
    "cli.columns": (
        "which column is which, by name or counted from 0, for example text=content,label=0 (default: detected)",
        "各列的含义，用列名或从 0 数起的序号，例如 text=内容,label=0（默认自动识别）",
    ),
    "cli.label_names": (
        "what labels that are numbers mean, from 0 on, for example negative,positive",
        "数字标签的含义，从 0 开始，例如 负面,正面",
    ),
    "cli.clean": (
        "list or remove what ftkit keeps on disk and can make again",
        "列出或删除 ftkit 存在磁盘上、可以重新生成的内容",
    ),
    "cli.clean_all": ("remove all of it; runs are never touched", "全部删除；绝不会动训练记录"),
    "cli.clean_rows": ("remove the rows of files that were read", "删除读取过的文件的数据行"),
    "cli.clean_tokens": ("remove the token ids of training data", "删除训练数据的词元编号"),
    "cli.clean_unpacked": ("remove the contents of packed files", "删除解压出来的文件"),
    "cli.clean_older_than": ("only what was not used for so many days", "只删除这么多天没有用过的内容"),
    "cli.clean_yes": ("do not ask first", "不再询问，直接删除"),
    "cli.fix": (
        "write a repaired copy (default: <name>.fixed<suffix> beside the file) and a diff of what changed",
        "写出修复后的副本（默认在文件旁边：<文件名>.fixed<后缀>）和改动清单",
    ),
    "cli.mask": (
        "write a repaired copy in which phone numbers, identity cards, e-mails and bank cards are masked",
        "写出修复后的副本，并遮盖电话号码、身份证号、电子邮箱和银行卡号",
    ),
    "cli.overwrite": ("replace an earlier repaired copy", "覆盖之前的修复副本"),
    "cli.check_near": (
        "look for rows that are nearly equal (auto: up to 200,000 rows)",
        "查找几乎相同的行（auto：不超过 20 万行时查找）",
    ),
    "cli.fix_one": (
        "--fix OUT: several files cannot become one copy. Leave OUT out, or check them one by one.",
        "--fix OUT：多个文件不能写成同一个副本。请省略 OUT，或逐个检查。",
    ),
    "cli.on_error": (
        "what to do with lines that have errors: raise (stop) or skip (leave them out)",
        "遇到有错误的行怎么办：raise（停下）或 skip（略过）",
    ),
    "cli.no_file": ("{path}: no such file.{near}", "{path}：没有这个文件。{near}"),
    "cli.near": (" Did you mean {names}?", "是不是想用 {names}？"),
    "cli.bad_columns": (
        "--columns: {value!r} is not a list of name=column pairs. Example: --columns text=content,label=0",
        "--columns：{value!r} 不是“名称=列”的列表。例如：--columns text=内容,label=0",
    ),
    # train
    "cli.train": ("fine-tune a model on a data file", "用一个数据文件微调模型"),
    "cli.train_long": (
        "Does what ftkit.finetune(ftkit.load(FILE), ...) does and prints one line an epoch. "
        "Ctrl-C stops after the step in progress and keeps the best weights.",
        "等同于 ftkit.finetune(ftkit.load(FILE), ...)，每轮打印一行。"
        "按 Ctrl-C 会在当前这一步结束后停下，并保留最好的权重。",
    ),
    "cli.save": ("when done, save the model to this folder", "训练结束后把模型保存到这个文件夹"),
    "cli.settings": ("settings of the run, as in ftkit.finetune()", "训练设置，与 ftkit.finetune() 相同"),
    "cli.default": ("(default: {value})", "（默认 {value}）"),
    "cli.train_run": ("Run {run}: {state}", "训练 {run}：{state}"),
    "cli.train_folder": ("Run folder: {folder}", "训练文件夹：{folder}"),
    "cli.train_saved": ("Saved the model to {folder}", "模型已保存到 {folder}"),
    "cli.train_next": (
        "Try it: python -m ftkit predict {run} IN.txt --out OUT.csv",
        "试一试：python -m ftkit predict {run} IN.txt --out OUT.csv",
    ),
    "cli.unknown_setting": ("no setting {name}.{near}", "没有 {name} 这个设置。{near}"),
    # predict
    "cli.predict": (
        "label, tag or answer a whole file with a trained model",
        "用训练好的模型处理整个文件：打标签、标注或作答",
    ),
    "cli.predict_long": (
        "Writes IN's columns with the label and its confidence (or the text written) added. A .csv opens in Excel "
        "as it is.",
        "保留输入文件的各列，加上标签和置信度（或生成的文本）后写出。.csv 文件可以直接用 Excel 打开。",
    ),
    "cli.run": ("the run: its name, or its folder", "哪次训练：名称或文件夹"),
    "cli.input": ("the file to read", "要读的文件"),
    "cli.out": ("the file to write", "要写的文件"),
    "cli.predict_done": ("Wrote {path}", "已写出 {path}"),
    # runs
    "cli.runs": ("list the runs, or stop one", "列出所有训练，或停止其中一次"),
    "cli.runs_stop": ("stop a run and keep its best weights", "停止一次训练并保留最好的权重"),
    "cli.runs_none": (
        "No runs yet in {folder}. Start one: python -m ftkit train FILE",
        "{folder} 里还没有训练。开始一次：python -m ftkit train FILE",
    ),
    "cli.runs_not_alive": ("Run {run} is not running: it is {state}.", "训练 {run} 不在进行中：{state}。"),
    "cli.runs_stopping": ("Run {run}: told to stop.", "训练 {run}：已通知停止。"),
    # states, as run.state names them
    "cli.state_running": ("running", "进行中"),
    "cli.state_paused": ("paused", "已暂停"),
    "cli.state_stopping": ("stopping", "正在停止"),
    "cli.state_completed": ("completed", "已完成"),
    "cli.state_stopped": ("stopped", "已停止"),
    "cli.state_interrupted": ("interrupted", "被中断"),
    "cli.state_failed": ("failed", "失败"),
    "cli.generate": ("write on from a prompt with a trained model", "用训练好的模型续写"),
    "cli.prompt": ("the prompt; for chat, a question", "提示；对话任务为问题"),
    "cli.temperature": (
        "0: always the likeliest; higher: wilder (default 0)",
        "0：总取最可能的词；越大越随机（默认 0）",
    ),
    "cli.top_p": (
        "draw only from the likeliest tokens of this share (default 1)",
        "只从累计概率达到此值的词元中抽取（默认 1）",
    ),
    "cli.seed": ("of the draws (default 0)", "抽取用的随机种子（默认 0）"),
    "cli.max_new_tokens": ("the longest text (default 128)", "最多生成的词元数（默认 128）"),
}
