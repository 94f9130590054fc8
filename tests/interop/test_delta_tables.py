"""Tables that Smelt's writer made, read by delta-rs and checked value by value. The C++ test writes them (tables_for_peers_test.cc)."""
import datetime as dt
import decimal
import math
import os
import pathlib
import subprocess

import pyarrow
import pyarrow.compute as pc
import pytest
from deltalake import DeltaTable

from conftest import SMELT

WRITER = pathlib.Path(os.environ.get("SMELT_DELTA_TEST", SMELT.parent.parent / "engine/duckdb/delta/engine_duckdb_delta_test"))
UTC = dt.timezone.utc


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    assert WRITER.exists(), f"{WRITER} is missing: ./dev build dev"
    folder = tmp_path_factory.mktemp("tables")
    done = subprocess.run([WRITER, "--gtest_filter=TablesForPeersTest.*"], env={**os.environ, "SMELT_TABLES_DIR": str(folder)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]
    return folder


def rows(table, by):
    return sorted(table.to_pyarrow_table().to_pylist(), key=lambda row: row[by])


def test_every_type_keeps_its_values(tables):
    first, second, third = rows(DeltaTable(tables / "every_type"), "id")
    assert first["float"] == pytest.approx(0.1, rel=1e-7)
    del first["float"]
    assert first == {
        "id": 1, "bool": True, "byte": -128, "short": 32767, "long": 2**63 - 1, "double": 1e300,
        "dec9": decimal.Decimal("1234567.89"), "dec18": decimal.Decimal("-123456789012.345678"),
        "dec38": decimal.Decimal("1234567890123456789012345678.0123456789"), "text": 'é"\\n', "bytes": b"\x00\xff", "date": dt.date(2024, 2, 29),
        "ts": dt.datetime(2024, 2, 29, 12, 34, 56, 789012, UTC), "list": [1, None, 3], "map": [("k", decimal.Decimal("1.5")), ("l", None)],
        "struct": {"a": 7, "b": ["x", "y"]}, "list_of_struct": [{"x": "p"}, None]}
    assert math.isnan(second["float"]) and second["double"] == -math.inf
    assert (second["text"], second["bytes"], second["list"], second["map"]) == ("", b"", [], [])
    assert second["ts"] == dt.datetime(1969, 12, 31, 23, 59, 59, 999999, UTC) and second["date"] == dt.date(1969, 12, 31)
    assert second["struct"] == {"a": None, "b": []}
    assert third == {"id": 3} | {name: None for name in third if name != "id"}


def test_statistics_prune_and_never_lie(tables):
    table = DeltaTable(tables / "every_type")
    [file] = pyarrow.table(table.get_add_actions(flatten=True)).to_pylist()
    assert file["num_records"] == 3
    assert (file["min.long"], file["max.long"], file["null_count.long"]) == (-2**63, 2**63 - 1, 1)
    assert (file["min.date"], file["max.date"]) == (dt.date(1969, 12, 31), dt.date(2024, 2, 29))
    data = table.to_pyarrow_dataset()
    assert data.to_table(filter=pc.field("ts") >= dt.datetime(2024, 2, 29, 12, 34, 56, 789012, UTC)).num_rows == 1
    assert data.to_table(filter=pc.field("ts") <= dt.datetime(1969, 12, 31, 23, 59, 59, 999999, UTC)).num_rows == 1
    assert data.to_table(filter=pc.field("dec38") > decimal.Decimal("1234567890123456789012345678.0123456788")).num_rows == 1


def test_every_partition_value_comes_back(tables):
    # No negative decimal: delta-rs 1.6 reads "-1.50" as "-1.-50".
    texts = ["plain", "with space", "a/b", "k=v", "100%", "Zürich 東京", None, "%20", "it's \"quoted\"", "a:b?c#d*[1]&+", "..", "{x}"]
    got = rows(DeltaTable(tables / "partitions"), "v")
    assert got == [{"v": v, "text": text, "day": dt.date(2011, 1, 4) if v % 2 == 0 else None,
                    "ts": dt.datetime(2011, 1, 4, 10, 0, 0, 500000, UTC) if v % 3 == 0 else None,
                    "dec": decimal.Decimal("1.50") if v % 5 == 0 else None} for v, text in enumerate(texts)]


def test_evolution_checkpoint_and_transactions(tables):
    table = DeltaTable(tables / "evolved")
    assert table.version() == 12
    assert (tables / "evolved/_delta_log/00000000000000000010.checkpoint.parquet").exists()
    got = rows(table, "id")
    assert got[:10] == [{"id": i, "name": None} for i in range(10)]
    assert got[10:] == [{"id": commit * 100 + i, "name": f"commit {commit}"} for commit in range(1, 13) for i in range(10)]
    assert table.transaction_version("peers") == 12
    # From the checkpoint alone: the commits before it are not needed.
    for version in range(10):
        (tables / f"evolved/_delta_log/{version:020}.json").unlink()
    assert rows(DeltaTable(tables / "evolved"), "id") == got
