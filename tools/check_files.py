#!/usr/bin/env python3
"""File hygiene over what git tracks: no tabs, trailing blanks or missing final newline in code and docs; every room has a README;
every header opens with what it is for; no file of code over 500 lines without its reason at the top; no leftovers."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TEXT = (".h", ".cc", ".py", ".sh", ".md", ".cmake", ".sql", ".yml")
LEFTOVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
MOST_LINES = 500


def main():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    problems, rooms = [], set()
    for path in listed.splitlines():
        full = os.path.join(ROOT, path)
        if not path.endswith(TEXT) or not os.path.isfile(full):
            continue
        with open(full, encoding="utf-8", newline="") as file:
            text = file.read()
        lines = text.split("\n")
        code = path.startswith("src/") and path.endswith((".h", ".cc"))
        if text and not text.endswith("\n"):
            problems.append(f"{path}:{len(lines)}: no newline at the end of the file")
        for number, line in enumerate(lines, 1):
            if line != line.rstrip() or "\r" in line:
                problems.append(f"{path}:{number}: blanks at the end of the line")
            if code and "\t" in line:
                problems.append(f"{path}:{number}: a tab")
            if code and LEFTOVER.search(line):
                problems.append(f"{path}:{number}: {LEFTOVER.search(line).group(1)} in place of the thing itself")
        if code:
            rooms.add(os.path.dirname(path))
            head = "\n".join(lines[:8])
            if path.endswith(".h") and "//" not in head:
                problems.append(f"{path}:1: the header does not say what it is for")
            if len(lines) > MOST_LINES and "lines because" not in head:
                problems.append(f"{path}:1: {len(lines)} lines; split it, or say at the top why ('.. lines because ..')")
    for room in sorted(rooms):
        if not os.path.exists(os.path.join(ROOT, room, "README.md")):
            problems.append(f"{room}/README.md: every room says what it owns and what it may touch")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
