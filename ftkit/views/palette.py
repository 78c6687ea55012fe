"""Colours and fonts of everything that is drawn: blue and orange, which colour-blind people tell apart too."""

from __future__ import annotations

BLUE, ORANGE, INK, FAINT, RULE = "#0072b2", "#d55e00", "#24292f", "#57606a", "#e4e7eb"
STATE_COLOURS = {
    "running": BLUE,
    "starting": FAINT,
    "paused": "#8a6100",
    "completed": "#1a6e37",
    "stopped": "#8a6100",
    "interrupted": "#8a6100",
    "failed": "#b3261e",
}
FONTS = (
    "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Noto Sans CJK SC','Noto Sans SC',"
    "'PingFang SC','Microsoft YaHei','WenQuanYi Micro Hei',sans-serif"
)
