"""The command line as a shell sees it: exit codes, what goes to stdout and what to stderr, and all mistakes of a project at once."""
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from conftest import ROOT, SMELT

BUNDLE = """\
bundle:
  name: shop
variables:
  orders: {default: ./data}
resources:
  pipelines:
    shop:
      libraries: [{glob: {include: sql/**}}]
      configuration: {orders: "${var.orders}"}
"""


@pytest.fixture
def project(tmp_path):
    """A project of the files that a test gives."""
    def write(files):
        for name, text in {"databricks.yml": BUNDLE, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path
    return write


def test_version_is_quick_and_says_what_is_inside(smelt):
    done = smelt("version")
    assert re.fullmatch(r"smelt \d+\.\d+\.\d+\nDuckDB source [0-9a-f]{10}\n", done.stdout)
    assert smelt("--version").stdout.startswith("smelt ")
    assert json.loads(smelt("version", "--output", "json").stdout)["version"] == done.stdout.split()[1]


@pytest.mark.parametrize("args", [[], ["nonsense"], ["run", "--no-such-option"], ["run", "--output", "xml"], ["table"], ["sql", "--format"]])
def test_wrong_use_exits_2(smelt, args):
    done = smelt(*args, check=False)
    assert done.returncode == 2
    assert done.stderr


def test_help_names_every_command(smelt):
    text = smelt("--help").stdout
    for command in ("demo", "init", "validate", "plan", "run", "sql", "table", "dynamodb", "version"):
        assert command in text


def test_without_a_project_says_so(smelt, tmp_path):
    for command in ("validate", "run", "plan"):
        done = smelt(command, cwd=tmp_path, check=False)
        assert done.returncode == 2
        assert "there is no databricks.yml here or in a folder above" in done.stderr


def test_retail_has_no_mistakes(smelt, retail):
    done = smelt("validate", "--project", retail)
    assert done.returncode == 0 and "No mistakes" in done.stdout and done.stderr == ""
    found = json.loads(smelt("validate", "--project", retail, "--output", "json").stdout)
    assert found["valid"] and found["errors"] == []
    assert {d["name"]: d["kind"] for d in found["pipelines"][0]["datasets"]}["main.gold.daily_sales_summary"] == "MATERIALIZED_VIEW"
    assert not (retail / "lake").exists()


def test_the_project_is_found_from_below(smelt, retail):
    assert smelt("validate", cwd=retail / "transformations").returncode == 0


MISTAKES = {
    "sql/1_bronze.sql": "CREATE OR REFRESH STREAMNG TABLE bronze.a AS SELECT 1;\n"
                        "CREATE STREAMING TABLE bronze.orders\n"
                        "AS SELECT * FROM STREAM read_files('${ordrs}', format => 'csv');\n",
    "sql/2_silver.sql": "CREATE STREAMING TABLE silver.orders (\n"
                        "  CONSTRAINT positive EXPECT (amount > ) ON VIOLATION DROP ROW\n"
                        ") AS SELECT * FROM STREAM bronze.order;\n"
                        "CREATE FLOW f AS AUTO CDC INTO silver.people FROM STREAM bronze.orders KEYS (id) SEQUENCE BY ts STORED AS SCD TYPE 2;\n",
    "sql/3_gold.sql": "CREATE MATERIALIZED VIEW gold.x AS SELECT * FROM gold.y;\n"
                      "CREATE MATERIALIZED VIEW gold.y AS SELECT * FROM gold.x;\n"
                      "CREATE MATERIALIZED VIEW gold.z AS\n  SELECT rand() FROM silver.orders;\n",
    "smelt.yml": "targets: {default: {lak: ./lake}}\n",
}

EXPECTED = """\
smelt.yml:1:21: error: target 'default' has no field 'lak'
  1 | targets: {default: {lak: ./lake}}
    |                     ^~~
  hint: did you mean 'lake'?
sql/1_bronze.sql:1:19: error: expected STREAMING TABLE, MATERIALIZED VIEW, TEMPORARY VIEW, FLOW or SINK, found 'STREAMNG'
  1 | CREATE OR REFRESH STREAMNG TABLE bronze.a AS SELECT 1;
    |                   ^~~~~~~~
  hint: did you mean 'STREAMING'?
sql/1_bronze.sql:3:37: error: the parameter 'ordrs' has no value
  3 | AS SELECT * FROM STREAM read_files('${ordrs}', format => 'csv');
    |                                     ^~~~~~~~
  hint: did you mean 'orders'?
sql/2_silver.sql:2:39: error: expected an expression, found the end
  2 |   CONSTRAINT positive EXPECT (amount > ) ON VIOLATION DROP ROW
    |                                       ^
sql/2_silver.sql:3:20: error: there is no table or view 'bronze.order'
  3 | ) AS SELECT * FROM STREAM bronze.order;
    |                    ^~~~~~~~~~~~~~~~~~~
  hint: did you mean 'bronze.orders'?
sql/2_silver.sql:4:97: error: STORED AS SCD TYPE 2 is not supported
  4 | CREATE FLOW f AS AUTO CDC INTO silver.people FROM STREAM bronze.orders KEYS (id) SEQUENCE BY ts STORED AS SCD TYPE 2;
    |                                                                                                 ^~~~~~~~~~~~~~~~~~~~
  hint: SCD TYPE 1 keeps the latest row of each key
sql/3_gold.sql:1:50: error: these read each other in a circle: main.gold.x -> main.gold.y -> main.gold.x
  1 | CREATE MATERIALIZED VIEW gold.x AS SELECT * FROM gold.y;
    |                                                  ^~~~~~
sql/3_gold.sql:4:10: error: the materialized view 'main.gold.z' calls rand(), whose answer is not a function of the view's sources
  4 |   SELECT rand() FROM silver.orders;
    |          ^~~~~~
  hint: a materialized view always equals its query; compute this in a streaming table
8 mistakes
"""


@pytest.mark.parametrize("command", ["validate", "run", "plan"])
def test_all_mistakes_come_out_at_once_with_caret(smelt, project, command):
    folder = project(MISTAKES)
    done = smelt(command, "--project", folder, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == EXPECTED
    assert not (folder / "lake").exists()


def test_mistakes_as_json(smelt, project):
    done = smelt("validate", "--project", project(MISTAKES), "--output", "json", check=False)
    assert done.returncode == 2
    errors = json.loads(done.stdout)["errors"]
    assert len(errors) == 8
    assert {"code", "message", "hint", "file", "line", "column"} <= errors[0].keys()
    assert [e for e in errors if e["code"] == "unsupported"][0]["message"] == "STORED AS SCD TYPE 2 is not supported"


def test_mistakes_of_the_bundle_name_file_line_and_column(smelt, project):
    folder = project({"databricks.yml": BUNDLE.replace("libraries", "librarys"), "sql/a.sql": ""})
    done = smelt("validate", "--project", folder, check=False)
    assert done.returncode == 2
    assert "databricks.yml:8:7: error: pipeline 'shop' has no field 'librarys'" in done.stderr
    assert "hint: did you mean 'libraries'?" in done.stderr


@pytest.mark.parametrize("args,words", [
    (["--target", "prod"], ["has no target 'prod'"]),
    (["--var", "ordes=x"], ["has no variable of --var 'ordes'", "did you mean 'orders'?"]),
    (["--var", "orders"], ["--var takes name=value"]),
    (["--memory", "lots"], ["'lots' is not a size"]),
])
def test_wrong_global_options_are_said(smelt, project, args, words):
    done = smelt("validate", "--project", project({"sql/a.sql": ""}), *args, check=False)
    assert done.returncode == 2
    for word in words:
        assert word in done.stderr


def test_a_table_that_is_not_there_has_a_nearest_name(smelt, retail):
    done = smelt("plan", "gold.customer_metric", "--project", retail, check=False)
    assert done.returncode == 2
    assert "did you mean 'gold.customer_metrics'?" in done.stderr


def test_init_makes_a_project_that_runs(smelt, tmp_path):
    folder = tmp_path / "my shop"
    smelt("init", folder)
    assert smelt("validate", cwd=folder).stdout.startswith("✓ pipeline my_shop: 3 datasets")
    plan = smelt("plan", cwd=folder).stdout
    assert "main.bronze.orders" in plan and "append" in plan
    done = smelt("run", cwd=folder, check=False)
    assert done.returncode == 3, done.stderr  # two of six orders break a rule
    assert "promise broken" in done.stdout
    assert smelt.sql("SELECT customer, orders, revenue FROM gold.customers ORDER BY customer", cwd=folder) == [
        {"customer": "ada", "orders": 2, "revenue": 170.5}, {"customer": "grace", "orders": 2, "revenue": 80.2}]
    wrong = smelt("sql", "SELECT custmer\nFROM gold.customers", cwd=folder, check=False)
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("query:1:8: error: there is no column 'custmer'\n") and "did you mean 'customer'?" in wrong.stderr
    assert smelt.sql("SELECT order_id, _errors[0].name AS rule FROM silver.orders_quarantine ORDER BY 1", cwd=folder) == [
        {"order_id": "1003", "rule": "has_customer"}, {"order_id": "1005", "rule": "amount_positive"}]

    again = smelt("run", cwd=folder)
    assert "Nothing to do" in again.stdout
    (folder / "data/orders/2026-02.csv").write_text("order_id,customer,amount,ordered_at\n1007,Ada,1.00,2026-02-01\n")
    report = json.loads(smelt("run", "--output", "json", cwd=folder).stdout)
    assert {d["name"]: d["rows_in"] for d in report["datasets"]}["main.bronze.orders"] == 1

    history = json.loads(smelt("table", "history", "bronze.orders", "--output", "json", cwd=folder).stdout)
    assert [h["version"] for h in history][-1] == 0 and len(history) >= 2
    assert history[0]["ledger"]["input"] == 1
    detail = json.loads(smelt("table", "detail", "bronze.orders", "--output", "json", cwd=folder).stdout)
    assert detail["rows"] == 7 and detail["min_writer_version"] == 2
    assert {"name": "amount", "type": "double", "nullable": True} in detail["columns"]
    assert "bronze.orders" in smelt("table", "detail", "bronze.orders", cwd=folder).stdout

    refused = smelt("init", folder, check=False)
    assert refused.returncode == 1 and "is there already" in refused.stderr


def test_sql_without_a_project(smelt, tmp_path):
    assert smelt.sql("SELECT 1 AS a, 'x' AS b, CAST(1.50 AS DECIMAL(5,2)) AS c, double('NaN') AS d, NULL AS e, array(1, 2) AS f, named_struct('x', 1) AS g",
                     cwd=tmp_path) == [{"a": 1, "b": "x", "c": "1.50", "d": "NaN", "e": None, "f": [1, 2], "g": {"x": 1}}]
    assert smelt("sql", "SELECT 1 AS a, 'x|y' AS b", "--format", "csv", cwd=tmp_path).stdout == "a,b\n1,x|y\n"
    assert smelt("sql", "SELECT 1 AS a, 'x|y' AS b", "--format", "markdown", cwd=tmp_path).stdout == "| a | b |\n| ---: | --- |\n| 1 | x\\|y |\n"
    table = smelt("sql", "SELECT 1 AS a, CAST(NULL AS STRING) AS b", cwd=tmp_path).stdout
    assert "│   1 │ NULL   │" in table and "1 row" in table
    assert not list(tmp_path.iterdir()), "a query leaves nothing behind"


def test_sql_from_a_file_and_from_standard_input(smelt, tmp_path):
    (tmp_path / "q.sql").write_text("SELECT 1 AS a; -- two\nSELECT ';' AS b;\n")
    assert smelt("sql", "-f", "q.sql", "--format", "csv", cwd=tmp_path).stdout == "a\n1\nb\n;\n"
    done = subprocess.run([SMELT, "sql", "--format", "csv"], input="SELECT 3 AS c", cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "c\n3\n"


def test_sql_mistakes_point_at_the_place(smelt, tmp_path):
    done = smelt("sql", "SELECT a FROM nowhere.t", cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "query:1:15: error: there is no table 'main.nowhere.t'" in done.stderr
    assert "    |               ^~~~~~~~~" in done.stderr
    assert smelt("sql", "SELEC 1", cwd=tmp_path, check=False).returncode == 2
    unsupported = smelt("sql", "SELECT * FROM STREAM t", cwd=tmp_path, check=False)
    assert "STREAM in a query outside of a pipeline is not supported" in unsupported.stderr


def test_sql_reads_tables_by_path_and_version(smelt, tmp_path):
    import pyarrow as pa
    from deltalake import write_deltalake
    path = tmp_path / "some table"
    write_deltalake(str(path), pa.table({"a": [1, 2]}))
    write_deltalake(str(path), pa.table({"a": [3]}), mode="append")
    count = lambda rest: smelt.sql(f"SELECT count(*) AS n FROM delta.`{path}` {rest}", cwd=tmp_path)[0]["n"]
    assert count("") == 3
    assert count("VERSION AS OF 0") == 2
    done = smelt("sql", f"SELECT * FROM delta.`{path}` VERSION AS OF 7", cwd=tmp_path, check=False)
    assert done.returncode == 1 and "7" in done.stderr
    assert len(json.loads(smelt("table", "history", path, "--output", "json").stdout)) == 2
    smelt("sql", f"SELECT a * 2 AS b FROM delta.`{path}` ORDER BY a", "--to", tmp_path / "out.csv", cwd=tmp_path)
    assert (tmp_path / "out.csv").read_text().splitlines() == ["b", "2", "4", "6"]


def test_one_file_is_a_project(smelt, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.csv").write_text("id,v\n1,x\n2,y\n")
    (tmp_path / "p.sql").write_text(
        "CREATE STREAMING TABLE t AS SELECT * FROM STREAM read_files('in', format => 'csv', header => true);\n"
        "CREATE MATERIALIZED VIEW n AS SELECT count(*) AS n FROM t;\n")
    smelt("run", tmp_path / "p.sql", "--lake", tmp_path / "lake")
    assert (tmp_path / "lake/default/t/_delta_log").is_dir()
    assert smelt.sql("SELECT n FROM n", "--lake", tmp_path / "lake", cwd=tmp_path) == [{"n": 2}]


def test_colours_only_on_a_terminal(smelt, project):
    folder = project(MISTAKES)
    done = subprocess.run([SMELT, "validate", "--project", folder], capture_output=True, text=True, env={k: v for k, v in os.environ.items() if k != "NO_COLOR"})
    assert "\x1b" not in done.stdout + done.stderr
