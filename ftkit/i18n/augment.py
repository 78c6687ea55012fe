"""What ftkit says about augmentation."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "augment.unknown": (
        "augment: there is no operation {name!r}. Known: {known}. Did you mean augment={hint!r}?",
        "augment：没有操作 {name!r}。可用的有：{known}。是不是想写 augment={hint!r}？",
    ),
    "augment.not_here": (
        "augment: {name!r} does nothing for {format} data. Expected one of {known}. Use augment={hint!r}.",
        "augment：操作 {name!r} 对 {format} 格式的数据不起作用。应当是 {known} 之一。请写 augment={hint!r}。",
    ),
    "augment.no_format": (
        "augment: {format} data cannot be augmented: its text is what is learnt, noise included. Expected labels, "
        "tags, title or qa. Use augment=None.",
        "augment：{format} 格式的数据不能增强：文本本身就是要学的内容，噪声也会被学进去。"
        "应当是 labels、tags、title 或 qa。请写 augment=None。",
    ),
    "augment.own_format": (
        "augment: {format!r} is a format of your own, and how its rows may change is not known. Expected labels, tags, "
        "title or qa. Use augment=None, or hand the rows over as one of these: ftkit.Dataset.from_rows(rows, "
        "'labels').",
        "augment：{format!r} 是自定义格式，无法知道其中的数据可以怎样改动。应当是 labels、tags、title 或 qa。"
        "请写 augment=None，或改用其中一种格式：ftkit.Dataset.from_rows(rows, 'labels')。",
    ),
    "augment.split_first": (
        "The rows hold {n:,} that were made of others: after a split, copies of one row would stand on both sides. "
        "Split first, then augment the training rows: parts = data.split(); parts['train'].augment(...); or "
        "ftkit.finetune(data, augment=...).",
        "这些数据中有 {n:,} 行是由别的行增强出来的：现在划分，同一行及其增强结果会出现在两边。"
        "请先划分，再增强训练数据：parts = data.split()；parts['train'].augment(...)；"
        "或者用 ftkit.finetune(data, augment=...)。",
    ),
    "augment.given": (
        "augment: {name} has splits of its own ({splits}), and only training rows are augmented. Take these: "
        "parts = data.split(); parts['train'].augment(...); or ftkit.finetune(data, augment=...).",
        "augment：{name} 已经分好了（{splits}），而只有训练数据才应当增强。请取出训练数据："
        "parts = data.split()；parts['train'].augment(...)；或者用 ftkit.finetune(data, augment=...)。",
    ),
    "augment.copies": (
        "augment: copies={value!r} cannot be. Expected a whole number from 1 to 20. Use augment={{'copies': 1}}.",
        "augment：copies 不能是 {value!r}。应当是 1 到 20 的整数。请写 augment={{'copies': 1}}。",
    ),
    "augment.share": (
        "augment: {name}={value!r} cannot be. Expected a share of the words above 0, at most 0.5. "
        "Use augment={{{name!r}: 0.1}}.",
        "augment：{name} 不能是 {value!r}。应当是大于 0、不超过 0.5 的比例。请写 augment={{{name!r}: 0.1}}。",
    ),
    "augment.seed": (
        "augment: seed={value!r} cannot be. Expected a whole number. Use seed=0.",
        "augment：seed 不能是 {value!r}。应当是整数。请写 seed=0。",
    ),
    "augment.names": (
        "augment: operations={value!r} cannot be. Expected names of operations. Use augment={{'operations': 'swap'}}.",
        "augment：operations 不能是 {value!r}。应当是操作名。请写 augment={{'operations': ['swap']}}。",
    ),
    "augment.shares": (
        "augment: shares={value!r} cannot be. Expected a dict of operations and their shares. "
        "Use augment={{'operations': ['swap'], 'shares': {{'swap': 0.2}}}}, or augment={{'swap': 0.2}}.",
        "augment：shares 不能是 {value!r}。应当是由操作名和比例组成的字典。"
        "请写 augment={{'operations': ['swap'], 'shares': {{'swap': 0.2}}}}，或 augment={{'swap': 0.2}}。",
    ),
    "augment.unused_share": (
        "augment: a share for {name!r} is given, which is not done. Expected shares of {operations}. "
        "Use augment={{{name!r}: {share!r}}}, or leave it out.",
        "augment：给出了 {name!r} 的比例，但并不做这个操作。应当是 {operations} 的比例。"
        "请写 augment={{{name!r}: {share!r}}}，或去掉它。",
    ),
    "augment.none_left": (
        "augment: of {value!r} no operation is left. Expected one that is not False. "
        "Use augment={{'swap': 0.1}}, or augment=None.",
        "augment：{value!r} 中没有剩下任何操作。至少应当有一个不是 False。"
        "请写 augment={{'swap': 0.1}}，或 augment=None。",
    ),
    "augment.no_keyword": (
        "augment: there is no keyword {name}=. Known: how=, seed=. Did you mean data.augment({hint})?",
        "augment：没有参数 {name}=。可用的有：how=、seed=。是不是想写 data.augment({hint})？",
    ),
    "augment.value": (
        "augment: {value!r} cannot be. Expected True, the name of an operation, or a dict of names and shares. "
        "Use augment={{'delete': 0.1, 'swap': 0.1, 'copies': 2}}.",
        "augment：不能是 {value!r}。应当是 True、操作名，或者由操作名和比例组成的字典。"
        "请写 augment={{'delete': 0.1, 'swap': 0.1, 'copies': 2}}。",
    ),
    "augment.no_nltk": (
        "augment: 'synonym' needs the package 'nltk', which is not installed. Expected it for English synonyms. "
        "Install it: pip install ftkit[synonyms], then python -m nltk.downloader wordnet.",
        "augment：'synonym' 需要 'nltk' 包，但没有安装。英文同义词来自它。"
        "请安装：pip install ftkit[synonyms]，然后运行 python -m nltk.downloader wordnet。",
    ),
    "augment.no_wordnet": (
        "augment: 'synonym' needs WordNet, which nltk does not find on this computer. Expected its folder "
        "corpora/wordnet. Download it once: python -m nltk.downloader wordnet.",
        "augment：'synonym' 需要 WordNet，nltk 在这台电脑上没有找到它。应当有 corpora/wordnet 文件夹。"
        "请下载一次：python -m nltk.downloader wordnet。",
    ),
    "augment.no_synonyms": (
        "augment: 'synonym' knows English words alone, and none stand in the first {n} rows of {name}. Expected "
        "English texts. Use augment='noise' for Chinese.",
        "augment：'synonym' 只认识英文单词，而 {name} 的前 {n} 行里没有。应当是英文文本。中文请用 augment='noise'。",
    ),
    "augment.title": (
        "{name}: {rows:,} rows, {added:,} new ones, {left_out:,} copies left out (equal to another)",
        "{name}: {rows:,} 行，新增 {added:,} 行，另有 {left_out:,} 份因与别的行相同而去掉",
    ),
    "augment.shown": (
        "{name}: the first rows with their copies (seed {seed})",
        "{name}: 前几行与它们的增强结果（seed {seed}）",
    ),
    "augment.nothing": (
        "augment= made no new row: nothing could be changed without touching what the labels hang on. Try other "
        "operations, or leave augment= out.",
        "augment= 没有增加任何一行：没有不影响标签又能改动的地方。请换用别的操作，或去掉 augment=。",
    ),
    "augment.operations": ("new rows by: {operations}", "各操作新增的行数: {operations}"),
}
