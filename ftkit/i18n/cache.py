"""What is said about what ftkit keeps on disk because it can make it again."""

TEXTS = {
    "cache.no_room": (
        "{folder}: no room to keep the token ids, so the next run on these rows makes them again. Free some disk, name "
        "another folder with FTKIT_CACHE, or allow more with FTKIT_CACHE_GB; `ftkit clean` shows what is kept.",
        "{folder}：放不下词元编号，下次用这些数据训练时会重新计算。请腾出磁盘空间，或用 FTKIT_CACHE 另选文件夹，"
        "或用 FTKIT_CACHE_GB 调高上限；`ftkit clean` 会列出保存了什么。",
    ),
    # -- ftkit clean
    "cache.root": (
        "What ftkit keeps because it can make it again, up to {limit}: {folder}",
        "ftkit 保存的可以重新生成的内容，最多 {limit}：{folder}",
    ),
    "cache.room": ("  {room} {size} in {n}: {what}", "  {room} {n} 项，共 {size}：{what}"),
    "cache.rows": ("rows read from large files", "从大文件中读出的数据行"),
    "cache.tokens": ("token ids of many rows", "大量数据行的词元编号"),
    "cache.unpacked": ("files out of archives", "从压缩包中解出的文件"),
    "cache.entry": ("    {size}  last used {used}  {about}", "    {size}  最近使用 {used}  {about}"),
    "cache.how": (
        "Remove it with `ftkit clean --all`, or only `--rows`, `--tokens` or `--unpacked`; `--older-than 30` keeps "
        "what was used in the last 30 days, `--yes` asks no question. Nothing is lost: it is made again when needed.",
        "用 `ftkit clean --all` 删除，或只删 `--rows`、`--tokens`、`--unpacked`；`--older-than 30` 保留"
        "最近 30 天用过的，`--yes` 不再询问。不会丢失任何东西：需要时会重新生成。",
    ),
    "cache.runs": (
        "Runs, which only you can remove: {n}, {size}. New ones go to {folder}",
        "训练记录（只有您自己能删除）：{n} 个，共 {size}。新的放在 {folder}",
    ),
    "cache.run": ("    {size}  {folder}", "    {size}  {folder}"),
    "cache.runs_how": (
        "To remove a run, delete its folder; save its model first if you need it: run.save(folder).",
        "要删除某次训练，请删除它的文件夹；如果还需要模型，请先保存：run.save(文件夹)。",
    ),
    "cache.nothing": ("Nothing to remove.", "没有可以删除的内容。"),
    "cache.ask": ("Remove {n} ({size})? [y/N]", "删除 {n} 项（{size}）？[y/N]"),
    "cache.kept_all": ("Nothing was removed.", "没有删除任何内容。"),
    "cache.removed": ("Removed {n}, {size} are free again.", "已删除 {n} 项，腾出 {size}。"),
    "cache.in_use": (
        "{n} are in use by another process and stay. Close it and run `ftkit clean` again.",
        "{n} 项正被其他进程使用，予以保留。请关闭该进程后再运行 `ftkit clean`。",
    ),
}
