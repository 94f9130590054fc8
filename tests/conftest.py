"""Fixtures of the tests that run the program as its user does and look at what it wrote with other people's readers."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
SMELT = pathlib.Path(os.environ.get("SMELT_BIN", ROOT / "build/dev/src/cli/smelt"))
CSV = ROOT / "examples/retail/data/online_retail.csv.xz"
sys.path.insert(0, str(ROOT / "bench"))


class Smelt:
    """Runs the program; every call is from outside, as a shell would make it."""

    def __init__(self, binary):
        self.binary = binary

    def __call__(self, *args, check=True, cwd=None, env=None, timeout=600):
        done = subprocess.run([str(self.binary), *map(str, args)], cwd=cwd, capture_output=True, text=True, timeout=timeout,
                              env={**os.environ, "NO_COLOR": "1", **(env or {})})
        # 3: done, but a promise is broken, as the real data breaks that of silver quality.
        if check and done.returncode not in (0, 3):
            raise AssertionError(f"smelt {' '.join(map(str, args))} exited {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-8000:]}")
        return done

    def json(self, *args, **kw):
        return json.loads(self(*args, "--output", "json", **kw).stdout)

    def sql(self, query, *args, **kw):
        return json.loads(self("sql", query, "--format", "json", *args, **kw).stdout)


@pytest.fixture(scope="session")
def smelt():
    assert SMELT.exists(), f"{SMELT} is missing: ./dev build dev"
    return Smelt(SMELT)


def generate(out, *args, src=CSV):
    subprocess.run([sys.executable, ROOT / "bench/gen_export.py", "--src", src, "--out", out, *map(str, args)], check=True, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="session")
def full_export(tmp_path_factory):
    """The reference data after its full export."""
    out = tmp_path_factory.mktemp("export")
    generate(out)
    return out


@pytest.fixture(scope="session")
def increment_export(tmp_path_factory, full_export):
    """The reference data after its full and its incremental export."""
    out = tmp_path_factory.mktemp("both") / "d"
    shutil.copytree(full_export, out)
    generate(out, "--increment", "0.01")
    return out


@pytest.fixture
def retail(tmp_path):
    """A copy of the example project without data; its lake lies beside its files."""
    project = tmp_path / "retail"
    shutil.copytree(ROOT / "examples/retail", project, ignore=shutil.ignore_patterns("data", "lake"))
    return project


def retail_args(project, data):
    return ["--project", project, "--var", f"exports={data}", "--var", f"customers={data}/customers.csv"]
