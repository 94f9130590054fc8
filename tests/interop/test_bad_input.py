"""Bad input, as a user meets it: each gives an error that names the file, or counts and keeps the rows; none leaves a half-visible table."""
import base64
import gzip
import hashlib
import json
import os
import shutil
import signal
import subprocess
import time

import pytest
from deltalake import DeltaTable

from conftest import SMELT

PIPELINE = """
CREATE OR REFRESH STREAMING TABLE bronze.items
AS SELECT *, _metadata.file_name AS file, _metadata.line AS line FROM STREAM dynamodb_export('{exports}', table => 'items');
"""


class Export:
    """A full export of a table `items`, written as DynamoDB writes one."""

    def __init__(self, root, export_id="01700000000000-aaaaaaaa", lines=None):
        self.root, self.id = root, export_id
        self.folder = root / "AWSDynamoDB" / export_id
        (self.folder / "data").mkdir(parents=True)
        (self.folder / "_started").touch()
        self.lines = lines or [json.dumps({"Item": {"id": {"S": f"k{i}"}, "n": {"N": str(i)}}}) for i in range(5000)]
        self.data = self.folder / "data" / "part0.json.gz"
        self.data.write_bytes(gzip.compress(("\n".join(self.lines) + "\n").encode()))
        self.write_manifests()

    def write_manifests(self, count=None, md5=None, summary_count=None):
        count = len(self.lines) if count is None else count
        md5 = md5 or base64.b64encode(hashlib.md5(self.data.read_bytes()).digest()).decode()
        base = f"AWSDynamoDB/{self.id}"
        self.put("manifest-files", json.dumps({"itemCount": count, "md5Checksum": md5, "etag": "e-1", "dataFileS3Key": f"{base}/data/part0.json.gz"}) + "\n")
        self.put("manifest-summary", json.dumps({
            "version": "2020-06-30", "exportArn": f"arn:aws:dynamodb:us-east-1:123456789012:table/items/export/{self.id}", "startTime": "2023-11-14T22:13:20.000Z",
            "endTime": "2023-11-14T22:19:20.000Z", "tableArn": "arn:aws:dynamodb:us-east-1:123456789012:table/items", "tableId": "11111111-1111-1111-1111-111111111111",
            "exportTime": "2023-11-14T22:13:20.000Z", "s3Bucket": "b", "s3Prefix": None, "s3SseAlgorithm": "AES256", "s3SseKmsKeyId": None,
            "manifestFilesS3Key": f"{base}/manifest-files.json", "billedSizeBytes": 1, "itemCount": count if summary_count is None else summary_count,
            "outputFormat": "DYNAMODB_JSON", "exportType": "FULL_EXPORT"}))

    def put(self, name, text):
        (self.folder / f"{name}.json").write_text(text)
        (self.folder / f"{name}.md5").write_text(base64.b64encode(hashlib.md5(text.encode()).digest()).decode())


@pytest.fixture
def pipeline(tmp_path):
    file = tmp_path / "items.sql"
    file.write_text(PIPELINE.replace("{exports}", str(tmp_path)))
    return file


def run(smelt, pipeline, **kw):
    return smelt("run", pipeline, "--lake", pipeline.parent / "lake", **kw)


def table(pipeline, name="bronze/items"):
    return DeltaTable(str(pipeline.parent / "lake" / name))


def assert_fails_naming(smelt, pipeline, *words):
    done = run(smelt, pipeline, check=False)
    assert done.returncode == 1, done.stderr
    for word in words:
        assert word in done.stderr, f"{word!r} is not in: {done.stderr}"
    assert not (pipeline.parent / "lake/bronze/items/_delta_log").exists(), "a table was left behind"


def assert_mended(smelt, pipeline, export):
    """The same export, made whole, is read by the next update."""
    run(smelt, pipeline)
    assert table(pipeline).to_pyarrow_table().num_rows == len(export.lines)


@pytest.mark.parametrize("keep", [0, 1, 10, 0.3, 0.9, -1])
def test_truncated_gzip(smelt, pipeline, tmp_path, keep):
    export = Export(tmp_path)
    whole = export.data.read_bytes()
    size = int(len(whole) * keep) if isinstance(keep, float) else keep if keep >= 0 else len(whole) + keep
    export.data.write_bytes(whole[:size])
    export.write_manifests()
    assert_fails_naming(smelt, pipeline, "part0.json.gz")
    export.data.write_bytes(whole)
    export.write_manifests()
    assert_mended(smelt, pipeline, export)


def test_corrupt_gzip(smelt, pipeline, tmp_path):
    export = Export(tmp_path)
    whole = bytearray(export.data.read_bytes())
    whole[len(whole) // 2] ^= 0xFF
    export.data.write_bytes(whole)
    export.write_manifests()
    assert_fails_naming(smelt, pipeline, "part0.json.gz")


def test_manifest_whose_count_lies(smelt, pipeline, tmp_path):
    export = Export(tmp_path)
    export.write_manifests(count=4999)
    assert_fails_naming(smelt, pipeline, "part0.json.gz", "4999", "5000")


def test_manifest_whose_counts_disagree(smelt, pipeline, tmp_path):
    Export(tmp_path).write_manifests(summary_count=7)
    assert_fails_naming(smelt, pipeline, "manifest", "7", "5000")


def test_manifest_whose_checksum_lies(smelt, pipeline, tmp_path):
    export = Export(tmp_path)
    export.write_manifests(md5=base64.b64encode(b"0" * 16).decode())
    assert_fails_naming(smelt, pipeline, "part0.json.gz", "MD5")


def test_manifest_that_was_changed(smelt, pipeline, tmp_path):
    export = Export(tmp_path)
    with open(export.folder / "manifest-files.json", "a") as file:
        file.write("\n")
    assert_fails_naming(smelt, pipeline, "manifest-files")


def test_missing_data_file(smelt, pipeline, tmp_path):
    export = Export(tmp_path)
    export.data.unlink()
    assert_fails_naming(smelt, pipeline, "part0.json.gz")


def test_missing_manifest(smelt, pipeline, tmp_path):
    export = Export(tmp_path)
    (export.folder / "manifest-files.json").unlink()
    assert_fails_naming(smelt, pipeline, "manifest-files.json")


def test_export_in_progress_is_left_alone_and_said(smelt, pipeline, tmp_path):
    Export(tmp_path)
    started = tmp_path / "AWSDynamoDB/01700000099999-bbbbbbbb"
    (started / "data").mkdir(parents=True)
    (started / "_started").touch()
    run(smelt, pipeline)
    assert table(pipeline).to_pyarrow_table().num_rows == 5000
    assert "01700000099999-bbbbbbbb" in smelt("plan", pipeline, "--lake", tmp_path / "lake").stdout


def test_lines_that_are_not_items_are_kept_with_file_and_line(smelt, pipeline, tmp_path):
    lines = [json.dumps({"Item": {"id": {"S": f"k{i}"}}}) for i in range(10)]
    lines[3], lines[7] = "this is not JSON", '{"Item": {"id": {"S": 5}}}'
    Export(tmp_path, lines=lines)
    run(smelt, pipeline)
    rows = table(pipeline).to_pyarrow_table().to_pylist()
    assert len(rows) == 10
    bad = sorted((r["line"], r["_rescued_data"]) for r in rows if r["id"] is None)
    assert [line for line, _ in bad] == [4, 8]
    assert "this is not JSON" in bad[0][1] and '"S": 5' in bad[1][1]
    assert {r["file"] for r in rows} == {"part0.json.gz"}


def test_second_run_while_one_runs(smelt, retail, full_export):
    from conftest import retail_args
    first = subprocess.Popen([SMELT, "run", *map(str, retail_args(retail, full_export))], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        leases = retail / "lake/_smelt/leases/retail"
        while not (leases.exists() and any(f.suffix == ".json" for f in leases.iterdir())):
            assert first.poll() is None
            time.sleep(0.01)
        second = smelt("run", *retail_args(retail, full_export), check=False)
        assert second.returncode == 1
        assert "is running since" in second.stderr and str(first.pid) in second.stderr
    finally:
        assert first.wait() in (0, 3)


def test_project_with_mistakes_shows_all_of_them_at_once(smelt, retail):
    (retail / "transformations/5_wrong.sql").write_text(
        "CREATE OR REFRESH STREAMIN TABLE a AS SELECT 1;\nCREATE MATERIALIZED VIEW gold.b AS SELECT * FROM silver.custmers;\nCREATE FLOW f AS AUTO CDC INTO gold.nowhere FROM STREAM(bronze.customer_transactions) SEQUENCE BY x;\n")
    done = smelt("validate", "--project", retail, check=False)
    assert done.returncode == 2
    text = done.stdout + done.stderr
    assert "5_wrong.sql:1:" in text and "5_wrong.sql:3:" in text
    assert "^" in text
    assert not (retail / "lake").exists()
