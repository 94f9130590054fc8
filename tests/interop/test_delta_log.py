"""The Delta log that the delta room writes, read by delta-rs, and delta-rs's read by it. Parquet files are pyarrow's."""
import datetime
import decimal
import json
import os
import pathlib
import subprocess
import uuid

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOOL = pathlib.Path(os.environ.get("SMELT_DELTA_LOG_TOOL", ROOT / "build/dev/src/delta/delta_log_tool"))
pytestmark = pytest.mark.skipif(not TOOL.exists(), reason=f"{TOOL} is not built")

DAY = datetime.date(2024, 1, 31)
TYPES = {pa.int64(): "long", pa.int32(): "integer", pa.string(): "string", pa.date32(): "date", pa.float64(): "double",
         pa.bool_(): "boolean", pa.timestamp("us", "UTC"): "timestamp", pa.decimal128(38, 2): "decimal(38,2)"}


def spark_schema(schema):
    return {"type": "struct", "fields": [{"name": f.name, "type": TYPES[f.type], "nullable": True, "metadata": {}} for f in schema]}


def as_text(value):
    return value.strftime("%Y-%m-%d %H:%M:%S.%f+00") if isinstance(value, datetime.datetime) else str(value)


def statistics(rows):
    columns = []
    for name in rows.column_names:
        column = {"path": [name], "nulls": rows[name].null_count}
        if rows[name].null_count < len(rows):
            bounds = pc.min_max(rows[name])
            column |= {"min": as_text(bounds["min"].as_py()), "max": as_text(bounds["max"].as_py())}
        columns.append(column)
    return {"rows": len(rows), "columns": columns}


class Lake:
    def __init__(self, folder):
        self.folder = folder
        self.table = folder / "silver" / "t"

    def run(self, *commands, check=True):
        done = subprocess.run([TOOL, self.folder, "silver/t"], input=json.dumps(commands), capture_output=True, text=True)
        if check:
            assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()] if done.returncode == 0 else done.stderr

    def file(self, rows, folder="", **partition):
        """Writes a data file and gives what an add action needs."""
        path = f"{folder}part {uuid.uuid4()}.parquet"
        (self.table / folder).mkdir(parents=True, exist_ok=True)
        pq.write_table(rows, self.table / path)
        return {"path": path, "size": (self.table / path).stat().st_size, "partition": partition, "stats": statistics(rows)}

    def open(self, **kw):
        return DeltaTable(self.table, **kw)

    def rows(self, **kw):
        return sorted(self.open(**kw).to_pyarrow_table().to_pylist(), key=str)


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path)


def all_types(first, count):
    at = datetime.datetime(2024, 1, 31, 10, 0, 0, 123456, tzinfo=datetime.timezone.utc)
    return pa.table({
        "id": pa.array(range(first, first + count), pa.int64()),
        "small": pa.array([None] * count, pa.int32()),
        "name": pa.array([f"näme {i} " + "x" * 40 for i in range(count)], pa.string()),
        "day": pa.array([DAY] * count, pa.date32()),
        "ratio": pa.array([0.1 + i for i in range(count)], pa.float64()),
        "flag": pa.array([i % 2 == 0 for i in range(count)], pa.bool_()),
        "at": pa.array([at + datetime.timedelta(seconds=i) for i in range(count)], pa.timestamp("us", "UTC")),
        "price": pa.array([decimal.Decimal("-123456789012345678901234567890.12")] * count, pa.decimal128(38, 2)),
    })


def test_delta_rs_reads_what_was_created_and_appended(lake):
    first, second = all_types(0, 3), all_types(100, 2)
    schema = spark_schema(first.schema)
    assert lake.run({"do": "create", "schema": schema, "files": [lake.file(first)]},
                    {"do": "append", "files": [lake.file(second)], "txn": {"app": "pipe/flow/1", "version": 7}, "ledger": {"input": 2}}) == [
        {"committed": 0}, {"committed": 1}]
    table = lake.open()
    assert table.version() == 1
    assert (table.protocol().min_reader_version, table.protocol().min_writer_version) == (1, 2)
    assert lake.rows() == sorted(first.to_pylist() + second.to_pylist(), key=str)
    assert lake.rows(version=0) == sorted(first.to_pylist(), key=str)
    assert table.transaction_version("pipe/flow/1") == 7
    assert json.loads(table.schema().to_json()) == schema
    newest = table.history(1)[0]
    assert newest["operation"] == "WRITE" and newest["engineInfo"].startswith("smelt/") and newest["smelt"] == {"input": 2}


def test_delta_rs_reads_the_statistics(lake):
    rows = all_types(0, 3)
    lake.run({"do": "create", "schema": spark_schema(rows.schema), "files": [lake.file(rows)]})
    (add,) = pa.table(lake.open().get_add_actions(flatten=True)).to_pylist()
    assert add["num_records"] == 3
    assert (add["min.id"], add["max.id"], add["null_count.small"]) == (0, 2, 3)
    assert add["min.name"] == "näme 0 " + "x" * 25 and add["max.name"] > "näme 2 " + "x" * 40
    assert (add["min.day"], add["max.day"]) == (DAY, DAY)
    assert str(add["min.at"]).startswith("2024-01-31 10:00:00.123")
    # Filters that delta-rs answers with files skipped give the same rows.
    for name, value in [("id", 1), ("name", rows["name"][2].as_py()), ("day", DAY)]:
        expected = [row for row in rows.to_pylist() if row[name] == value]
        assert lake.open().to_pyarrow_dataset().to_table(filter=pc.field(name) == value).to_pylist() == expected, name


def test_partitions_with_odd_values(lake):
    values = ["DE", "a b", "50%", "x/y=z", "ä:ö", None]
    schema = {"type": "struct", "fields": [{"name": n, "type": t, "nullable": True, "metadata": {}} for n, t in [("id", "long"), ("country", "string")]]}
    files = []
    for i, value in enumerate(values):
        folder = "country=__HIVE_DEFAULT_PARTITION__/" if value is None else f"country={value.replace('%', '%25').replace('/', '%2F').replace('=', '%3D').replace(':', '%3A')}/"
        files.append(lake.file(pa.table({"id": pa.array([i], pa.int64())}), folder, country=value))
    lake.run({"do": "create", "schema": schema, "partition_columns": ["country"], "files": files})
    assert {(row["id"], row["country"]) for row in lake.rows()} == set(enumerate(values))
    assert lake.open().metadata().partition_columns == ["country"]


def test_schema_changes_overwrites_and_deletes(lake):
    narrow = pa.table({"id": pa.array([1], pa.int64())})
    wide = pa.table({"id": pa.array([2], pa.int64()), "name": pa.array(["b"])})
    other = pa.table({"city": pa.array(["Bonn"])})
    lake.run({"do": "create", "schema": spark_schema(narrow.schema), "files": [lake.file(narrow)]},
             {"do": "append", "schema": spark_schema(wide.schema), "files": [lake.file(wide)]})
    assert lake.rows() == [{"id": 1, "name": None}, {"id": 2, "name": "b"}]
    lake.run({"do": "delete", "position": 0})
    assert lake.rows() == [{"id": 2, "name": "b"}]
    lake.run({"do": "overwrite", "schema": spark_schema(other.schema), "files": [lake.file(other)]})
    assert lake.rows() == [{"city": "Bonn"}]
    assert lake.rows(version=1) == [{"id": 1, "name": None}, {"id": 2, "name": "b"}]
    assert "column 'city' is string in the table and bigint" in lake.run(
        {"do": "append", "schema": spark_schema(pa.schema({"city": pa.int64()})), "files": []}, check=False)


def test_what_delta_rs_writes_is_read(lake):
    rows = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "part": pa.array(["a b", None, "c%d"])})
    write_deltalake(lake.table, rows, partition_by=["part"])
    write_deltalake(lake.table, rows.slice(0, 1), mode="append")
    lake.open().delete("id = 2")
    (shown,) = lake.run({"do": "show"})
    assert shown["version"] == 2
    assert shown["schema"] == "id bigint, part string"
    assert sorted((f["partition"]["part"], f["rows"]) for f in shown["files"]) == [("a b", 1), ("a b", 1), ("c%d", 1)]
    assert {f["path"] for f in shown["files"]} == {str(p.relative_to(lake.table)) for p in lake.table.rglob("*.parquet")} & {
        f["path"] for f in shown["files"]}
    assert all((lake.table / f["path"]).exists() for f in shown["files"])


def test_commits_of_both_follow_one_another(lake):
    rows = pa.table({"id": pa.array([1], pa.int64())})
    lake.run({"do": "create", "schema": spark_schema(rows.schema), "files": [lake.file(rows)]})
    for _ in range(3):
        write_deltalake(lake.table, rows, mode="append")
        # On a snapshot that delta-rs has left behind: rebased.
        lake.run({"do": "append", "at": 0, "files": [lake.file(rows)]})
    assert lake.open().version() == 6
    assert len(lake.rows()) == 7
    write_deltalake(lake.table, pa.table({"id": pa.array([1], pa.int64()), "b": pa.array([1], pa.int64())}), mode="append", schema_mode="merge")
    (outcome,) = lake.run({"do": "append", "at": 0, "files": [lake.file(rows)]})
    assert "schema" in outcome["conflicted"]
