"""What is said about what ftkit keeps on disk because it can make it again."""

TEXTS = {
    "cache.no_room": (
        "{folder}: no room to keep the token ids, so the next run on these rows makes them again. Free some disk, name "
        "another folder with FTKIT_CACHE, or allow more with FTKIT_CACHE_GB; `ftkit clean` shows what is kept.",
        "{folder}：放不下词元编号，下次用这些数据训练时会重新计算。请腾出磁盘空间，或用 FTKIT_CACHE 另选文件夹，"
        "或用 FTKIT_CACHE_GB 调高上限；`ftkit clean` 会列出保存了什么。",
    ),
}
