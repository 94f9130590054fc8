"""compare.py --smelt BINARY --data DIR [--reps 5] [--peers duckdb+infer] [--scale 1] [--mode full|increment]

Runs the reference workload with smelt and with each peer, in turn, and prints the medians of wall and CPU seconds and of peak memory, with
smelt's ratio to each peer. smelt also mirrors both Gold tables into its embedded DynamoDB, which the peers do not. One JSON line a run goes to bench/history.jsonl. A run beside which other processes took more than a tenth
of the machine is said to be noisy."""
import argparse
import ctypes
import datetime
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
CSV = HERE.parent / "examples/retail/data/online_retail.csv.xz"
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: a process that outlives its parent is still counted


def machine_busy_seconds():
    fields = list(map(int, open("/proc/stat").readline().split()[1:9]))
    return (sum(fields[:3]) + fields[5] + fields[6]) / os.sysconf("SC_CLK_TCK")


def run(command, env=None):
    """Wall and CPU seconds and peak MiB of a command and all that it starts."""
    busy, start = machine_busy_seconds(), time.time()
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, **(env or {})})
    errors = process.stderr.read()
    cpu = rss = 0
    code = None
    while True:
        try:
            pid, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            break
        if pid == process.pid:
            code, wall = os.waitstatus_to_exitcode(status), time.time() - start
        cpu += usage.ru_utime + usage.ru_stime
        rss = max(rss, usage.ru_maxrss)
    if code != 0:
        raise SystemExit(f"{command[0]} exited {code}: {errors.decode()[-2000:]}")
    others = (machine_busy_seconds() - busy - cpu) / ((time.time() - start) * os.cpu_count())
    return {"wall": round(wall, 3), "cpu": round(cpu, 3), "rss_mib": rss // 1024, "others_share": round(others, 3)}


def generate(folder, *args):
    subprocess.run([sys.executable, HERE / "gen_export.py", "--src", CSV, "--out", folder, *map(str, args)], check=True, stdout=subprocess.DEVNULL)


def prepare(data, scale):
    """Two buckets: after the full export, and after the increment too."""
    full, both = data / f"full-{scale}x", data / f"both-{scale}x"
    if not (both / ".complete").exists():
        shutil.rmtree(full, ignore_errors=True)
        shutil.rmtree(both, ignore_errors=True)
        generate(full, "--scale", scale)
        shutil.copytree(full, both)
        generate(both, "--scale", scale, "--increment", "0.01")
        (both / ".complete").touch()
    return full, both


class Contender:
    def __init__(self, name, smelt, work, jars):
        self.name, self.smelt, self.work, self.jars = name, smelt, work, jars

    def once(self, full, both, mode):
        """One counted run; what has to be there before it is made without being counted."""
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        if mode == "full":
            return run(self.command(full, "full"))
        subprocess.run(list(map(str, self.command(full, "full"))), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return run(self.command(both, "increment"))

    def command(self, bucket, mode):
        if self.name == "smelt":
            project = self.work / "project"
            if not project.exists():
                shutil.copytree(HERE.parent / "examples/retail", project, ignore=shutil.ignore_patterns("data", "lake"))
            return [self.smelt, "run", "--project", project, "--var", f"exports={bucket}", "--var", f"customers={bucket}/customers.csv"]
        peer, *options = self.name.split("+")
        command = [sys.executable, HERE / f"peer_{peer}.py", "--bucket", bucket, "--lake", self.work, "--mode", mode]
        return command + [f"--{option}" for option in options] + (["--jars", self.jars] if peer == "spark" else [])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--smelt", required=True, type=pathlib.Path)
    parser.add_argument("--data", required=True, type=pathlib.Path)
    parser.add_argument("--reps", type=int, default=5)
    parser.add_argument("--peers", default="duckdb+infer")
    parser.add_argument("--scale", type=int, default=1)
    parser.add_argument("--mode", choices=["full", "increment"], default="full")
    parser.add_argument("--jars", default="")
    options = parser.parse_args()
    full, both = prepare(options.data, options.scale)
    with tempfile.TemporaryDirectory() as work:
        contenders = [Contender(name, options.smelt.resolve(), pathlib.Path(work) / name, options.jars) for name in ["smelt", *filter(None, options.peers.split(","))]]
        runs = {contender.name: [] for contender in contenders}
        for repetition in range(options.reps):
            for contender in contenders:
                result = contender.once(full, both, options.mode)
                runs[contender.name].append(result)
                noisy = " (noisy)" if result["others_share"] > 0.1 else ""
                print(f"{contender.name:14} {result['wall']:8.2f} s wall {result['cpu']:8.2f} s cpu {result['rss_mib']:6} MiB{noisy}", flush=True)
                line = {"at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "cpus": os.cpu_count(), "machine": platform.machine(),
                        "scale": options.scale, "mode": options.mode, "contender": contender.name, "repetition": repetition, **result}
                with open(HERE / "history.jsonl", "a", encoding="utf-8") as history:
                    history.write(json.dumps(line) + "\n")
    median = {name: {key: statistics.median(r[key] for r in results) for key in ("wall", "cpu", "rss_mib")} for name, results in runs.items()}
    print(f"\nmedians of {options.reps}, {options.scale}x, {options.mode}")
    for name, figures in median.items():
        ratio = {key: figures[key] / median["smelt"][key] for key in ("wall", "cpu")}
        print(f"{name:14} {figures['wall']:8.2f} s wall {figures['cpu']:8.2f} s cpu {figures['rss_mib']:6.0f} MiB" +
              ("" if name == "smelt" else f"   smelt is {ratio['wall']:.1f}x quicker by wall, {ratio['cpu']:.1f}x by cpu"))


if __name__ == "__main__":
    main()
