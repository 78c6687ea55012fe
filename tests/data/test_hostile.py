"""Files made to hurt: check comes to an end, says something, and takes a bounded multiple of the file in memory."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

SIZE = 2_000_000
MOST_MEGABYTES = 400  # of a file of 2 MB: what all of ftkit takes, and at most 100 times the file
SECONDS = 120

HOSTILE: dict[str, bytes] = {
    "newlines.txt": b"\n" * SIZE,
    "tabs.txt": b"\t" * SIZE,
    "tabs and newlines.txt": b"\t\n" * (SIZE // 2),
    "no text at all.txt": b"\xff" * SIZE,
    "a wrong byte a line.txt": b"a\tb\xff\n" * (SIZE // 5),
    "one line.txt": b"word " * (SIZE // 5),
    "one line of tabs.tsv": b"a\tb" * (SIZE // 3),
    "carriage returns.txt": b"a\tb\r" * (SIZE // 4),
    "zeros.txt": b"a\0\n" * (SIZE // 3),
    "unclosed quotes.csv": b'text,label\n"' + b'a,b\n"' * (SIZE // 6),
    "only quotes.csv": b'"' * SIZE,
    "commas.csv": b"," * SIZE,
    "a header of many columns.csv": b"a," * (SIZE // 4) + b"\n" + b"b," * (SIZE // 4),
    "brackets.json": b"[" * SIZE,
    "braces.json": b'{"a":' * (SIZE // 5),
    "a string without end.json": b'["' + b"a" * SIZE,
    "numbers.json": b"[" + b"1," * (SIZE // 2) + b"1]",
    "objects of their own columns.jsonl": b"\n".join(b'{"k%d": 1}' % i for i in range(SIZE // 12)),
    "half lines.jsonl": b'{"text": "a", "label": \n' * (SIZE // 24),
    "every tag its own.conll": b"\n".join(b"w\tB-%d" % i for i in range(SIZE // 10)),
    "every label its own.tsv": b"\n".join(b"l%d\tt" % i for i in range(SIZE // 10)),
    "marks.txt": b"\xef\xbb\xbf" * (SIZE // 3),
    "half a gzip.tsv.gz": gzip.compress(b"a\tb\n" * SIZE)[:-20],
    "no parquet.parquet": b"PAR1" + b"\0" * SIZE + b"PAR1",
    "no excel.xlsx": b"PK\x03\x04" + b"\0" * SIZE,
    "markup.tsv": b"a\t<b <b &" * (SIZE // 10),
    "digits.tsv": b"a\t" + b"1" * SIZE,
    "ats.tsv": b"a\t" + b"a@" * (SIZE // 2),
}

NOT_WRONG = ("only quotes.csv", "a header of many columns.csv")  # lines of text, if odd ones

CHECK = """
import json, sys, psutil, ftkit
files = json.loads(sys.stdin.read())
found = {}
for file in files:
    report = ftkit.check(file)
    found[file] = [len(report.problems), bool(str(report))]
    print(file, file=sys.stderr, flush=True)
process = psutil.Process().memory_info()
print(json.dumps({"found": found, "peak": getattr(process, "peak_wset", 0)}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_checked_in_bounded_time_and_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(HOSTILE[name])
    code = CHECK + (
        "import pathlib, re\n"
        "status = pathlib.Path('/proc/self/status')\n"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', status.read_text()) if status.exists() else None\n"
        "print(int(peak[1]) // 1024 if peak else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps([str(path)]),
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    found, peak = done.stdout.splitlines()[-2:]
    assert json.loads(found)["found"][str(path)][0] > 0 or name in NOT_WRONG
    assert int(peak) < MOST_MEGABYTES
