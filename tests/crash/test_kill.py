"""kill -9 at random moments of an update, and power cuts that forget what was not synced: after the next run, tables, ledgers and the
DynamoDB table equal those of an update that nobody disturbed, but for times and ids."""
import csv
import io
import json
import lzma
import os
import pathlib
import random
import shutil
import signal
import subprocess
import time

import pytest
from deltalake import DeltaTable

from conftest import CSV, ROOT, SMELT, Smelt, generate, retail_args

ROWS = 20_000
KILLS = 20
CUTS = 20
TIMES = {"_ingestion_timestamp", "_ingestion_date", "_processed_timestamp", "_quarantined_at", "_update_id", "row_hash"}
CRASH = pathlib.Path(os.environ.get("SMELT_CRASH_BIN", ROOT / "build/dev/tests/crash/smelt_crash"))


@pytest.fixture(scope="module")
def small_data(tmp_path_factory):
    """A full and an incremental export of a share of the data, over all its days: changes, deletions and repeated transactions among them."""
    folder = tmp_path_factory.mktemp("small")
    header, *rows = csv.reader(io.TextIOWrapper(lzma.open(CSV), encoding="utf-8", newline=""))
    rows = [header] + rows[:: len(rows) // ROWS]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    source = folder / "rows.csv.xz"
    source.write_bytes(lzma.compress(text.getvalue().encode(), preset=1))
    stages = []
    for name, args in (("full", []), ("increment", ["--increment", "0.01", "--changes"])):
        data = folder / name
        if stages:
            shutil.copytree(stages[-1], data)
        generate(data, *args, src=source)
        stages.append(data)
    return stages


def rounded(value):
    """Numbers to nine digits: sums of doubles depend on the order of their additions, in tables and in DynamoDB's texts of them."""
    if isinstance(value, dict) and list(value) == ["N"]:
        return rounded(float(value["N"]))
    if isinstance(value, dict):
        return {key: rounded(member) for key, member in value.items()}
    if isinstance(value, list):
        return [rounded(member) for member in value]
    if isinstance(value, float):
        # Scaled by a factor unlike the data, so that no value lies on the edge between two roundings.
        return f"{float(value) * 1.0123456789:.9g}"
    return value


def rows_of(table):
    columns = [c for c in table.schema().to_arrow().names if c not in TIMES]
    rows = table.to_pyarrow_table(columns=columns).to_pylist()
    return sorted(json.dumps(rounded(row), sort_keys=True, default=str) for row in rows)


def ledgers_of(table):
    out = []
    for commit in reversed(table.history()):
        ledger = commit.get("smelt")
        if isinstance(ledger, str):
            ledger = json.loads(ledger)
        if ledger:
            out.append({k: v for k, v in ledger.items() if k not in ("updateId", "bytesWritten")})
    return out


def state_of(smelt, project):
    lake = project / "lake"
    state = {}
    for log in sorted(lake.rglob("_delta_log")):
        table = DeltaTable(str(log.parent))
        name = str(log.parent.relative_to(lake))
        state[name] = {"version": table.version(), "rows": rows_of(table), "ledgers": ledgers_of(table)}
    for name in ("daily_sales_metrics", "customer_ltv_metrics"):
        # Every item but the control item, which holds times and ids.
        done = smelt("dynamodb", "scan", name, "--limit", "0", "--project", project, "--output", "json")
        items = [{k: v for k, v in item.items() if not k.startswith("_smelt_")} for item in json.loads(done.stdout) if "lease_expires_millis" not in item]
        state["dynamodb/" + name] = sorted(json.dumps(rounded(i), sort_keys=True) for i in items)
    return state


def assert_same(got, expected):
    assert got.keys() == expected.keys()
    for name in expected:
        if got[name] == expected[name]:
            continue
        a, b = ((got[name]["rows"], expected[name]["rows"]) if isinstance(got[name], dict) else (got[name], expected[name]))
        more, less = [r for r in a if r not in set(b)][:3], [r for r in b if r not in set(a)][:3]
        pytest.fail(f"{name} differs from that of an undisturbed update: {more} and not {less}; {len(a)} rows and not {len(b)}")


@pytest.fixture(scope="module")
def undisturbed(smelt, small_data, tmp_path_factory):
    """What both updates leave behind when nobody disturbs them, and how long they take."""
    project = tmp_path_factory.mktemp("undisturbed") / "retail"
    shutil.copytree(ROOT / "examples/retail", project, ignore=shutil.ignore_patterns("data", "lake"))
    out = []
    for data in small_data:
        start = time.monotonic()
        smelt("run", *retail_args(project, data))
        out.append((state_of(smelt, project), time.monotonic() - start))
    return out


def test_kill_9_at_random_moments_loses_and_doubles_nothing(smelt, small_data, undisturbed, tmp_path):
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    rng = random.Random(seed)
    killed = 0
    for round_number in range(KILLS):
        project = tmp_path / f"p{round_number}"
        shutil.copytree(ROOT / "examples/retail", project, ignore=shutil.ignore_patterns("data", "lake"))
        stage = round_number % 2
        for before in range(stage):
            smelt("run", *retail_args(project, small_data[before]))
        process = subprocess.Popen([SMELT, "run", *map(str, retail_args(project, small_data[stage]))], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0, undisturbed[stage][1]))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        smelt("run", *retail_args(project, small_data[stage]))
        assert_same(state_of(smelt, project), undisturbed[stage][0])
        shutil.rmtree(project)
    assert killed >= KILLS // 4, "too few updates were still running when they were killed"


def test_power_cuts_that_forget_unsynced_writes_lose_nothing(smelt, small_data, undisturbed, tmp_path):
    """The crash binary is smelt over a disk that, at the given operation, takes back everything that was not synced, and dies."""
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    rng = random.Random(seed)
    project = tmp_path / "count"
    shutil.copytree(ROOT / "examples/retail", project, ignore=shutil.ignore_patterns("data", "lake"))
    done = subprocess.run([CRASH, "run", *map(str, retail_args(project, small_data[0]))], capture_output=True, text=True,
                          env={**os.environ, "SMELT_COUNT_DISK_OPERATIONS": "1"})
    assert done.returncode in (0, 3), done.stderr[-4000:]
    operations = int(done.stderr.rsplit("disk operations: ", 1)[1].split()[0])
    for round_number in range(CUTS):
        project = tmp_path / f"c{round_number}"
        shutil.copytree(ROOT / "examples/retail", project, ignore=shutil.ignore_patterns("data", "lake"))
        at = rng.randrange(1, operations + 1)
        cut = subprocess.run([CRASH, "run", *map(str, retail_args(project, small_data[0]))], capture_output=True, text=True,
                             env={**os.environ, "SMELT_CRASH_AFTER": str(at)})
        assert cut.returncode in (0, 3, 137), cut.stderr[-4000:]
        smelt("run", *retail_args(project, small_data[0]))
        assert_same(state_of(smelt, project), undisturbed[0][0])
        shutil.rmtree(project)
