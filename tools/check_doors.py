#!/usr/bin/env python3
"""The rooms' doors: fails on an include between rooms of src/ that tools/doors.txt does not allow, on a cycle of rooms or of
headers, and on DuckDB's headers outside engine/duckdb. Prints file:line for each."""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SRC = os.path.join(ROOT, "src")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def read_doors():
    doors = {}
    with open(os.path.join(ROOT, "tools", "doors.txt"), encoding="utf-8") as file:
        for line in file:
            line = line.split("#")[0].strip()
            if line:
                room, _, allowed = line.partition(":")
                doors[room.strip()] = allowed.split()
    return doors


def room_of(path, doors):
    """The longest room name that is a folder of path."""
    folder = os.path.dirname(path)
    while folder and folder not in doors:
        folder = os.path.dirname(folder)
    return folder


def cycle_in(graph):
    done, path = set(), []

    def visit(node):
        if node in path:
            return path[path.index(node):] + [node]
        if node in done:
            return None
        path.append(node)
        for following in graph.get(node, ()):
            found = visit(following)
            if found:
                return found
        path.pop()
        done.add(node)
        return None

    for node in graph:
        found = visit(node)
        if found:
            return found
    return None


def main():
    doors = read_doors()
    problems, rooms, headers = [], {}, {}
    for folder, _, names in os.walk(SRC):
        for name in sorted(names):
            if not name.endswith((".h", ".cc")):
                continue
            path = os.path.relpath(os.path.join(folder, name), SRC)
            room = room_of(path, doors)
            if not room:
                problems.append(f"src/{path}:1: this folder is no room of tools/doors.txt")
                continue
            is_test = name.endswith("_test.cc") or name.startswith("test_")
            with open(os.path.join(SRC, path), encoding="utf-8") as file:
                for number, line in enumerate(file, 1):
                    match = INCLUDE.match(line)
                    if not match:
                        continue
                    quote, target = match.groups()
                    if target.startswith("duckdb") and not room.startswith("engine/duckdb"):
                        problems.append(f"src/{path}:{number}: only engine/duckdb sees DuckDB's headers")
                    if quote == "<" or not os.path.exists(os.path.join(SRC, target)):
                        continue
                    other = room_of(target, doors)
                    if name.endswith(".h"):
                        headers.setdefault(path, []).append(target)
                    # A test may lean on any room that its own may not: it stands outside the house.
                    if other == room or other == "base" or is_test:
                        continue
                    rooms.setdefault(room, set()).add(other)
                    if "*" not in doors[room] and other not in doors[room]:
                        problems.append(f"src/{path}:{number}: {room} may not include {other} ({target})")
    for graph, what in ((rooms, "rooms"), (headers, "headers")):
        cycle = cycle_in(graph)
        if cycle:
            problems.append(f"cycle of {what}: " + " -> ".join(cycle))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
