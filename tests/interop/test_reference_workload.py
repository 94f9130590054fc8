"""The reference workload's answers, read back by delta-rs: bench/answer-*.json hold what Spark, polars and DuckDB agreed on."""
import json
import random
import shutil
import subprocess
import sys

import duckdb
import pytest
from deltalake import DeltaTable

from conftest import ROOT, generate, retail_args


def measure(lake):
    """The numbers every pipeline must agree on, through delta-rs and pyarrow."""
    con = duckdb.connect()
    for name, path in (("b", "bronze/customer_transactions"), ("s", "silver/customer_transactions"), ("d", "gold/daily_sales_summary"), ("c", "gold/customer_metrics")):
        con.register(name, DeltaTable(f"{lake}/{path}").to_pyarrow_table())
    one = lambda sql: con.execute(sql).fetchone()
    out = {"bronze_rows": one("SELECT count(*) FROM b")[0]}
    names = ("silver_rows", "silver_txn_ids", "silver_days", "silver_revenue", "silver_unmatched_customer", "silver_categories", "silver_tags")
    out |= dict(zip(names, one("""SELECT count(*), count(DISTINCT txn_id), count(DISTINCT txn_date), round(sum(txn_amount), 2), count(*) FILTER (customer_segment IS NULL),
        count(DISTINCT product_category_clean), sum(len(tags)) FROM s""")))
    names = ("daily_rows", "daily_revenue", "daily_transactions", "daily_unique_customers", "daily_sum_p95", "daily_sum_stddev")
    out |= dict(zip(names, one("""SELECT count(*), round(sum(total_revenue), 2), sum(transaction_count), sum(unique_customers), round(sum(p95_transaction_value), 2),
        round(sum(revenue_std_dev), 3) FROM d""")))
    names = ("customer_rows", "customer_revenue", "customer_transactions", "customer_days", "customer_sum_avg_gap")
    out |= dict(zip(names, one("""SELECT count(*), round(sum(lifetime_value), 2), sum(total_transactions), sum(transaction_days),
        round(sum(avg_days_between_purchases), 4) FROM c""")))
    return {key: float(value) for key, value in out.items()}


def assert_answers(lake, answer):
    got = measure(lake)
    for key, value in got.items():
        assert value == pytest.approx(float(answer[key]), rel=1e-9), key


def answer(name):
    return json.loads((ROOT / "bench" / name).read_text())


def silver_of(report):
    return next(d for d in report["datasets"] if d["name"] == "main.silver.customer_transactions")


def test_full_export_then_increment_give_the_reference_answers(smelt, retail, full_export, increment_export, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(full_export, data)
    report = smelt.json("run", *retail_args(retail, data))
    assert report["state"] == "COMPLETED"
    expected = answer("answer-1x.json")
    assert_answers(retail / "lake", expected)
    first = {e["name"]: e["first_rejected"] for e in silver_of(report)["expectations"]}
    rules = expected["rules_first_rejected"]
    assert first == {"transaction_id_present": rules["transaction_id"], "customer_id_valid": rules["customer_id"],
                     "amount_positive": rules["amount"], "transaction_date_valid": rules["transaction_date"]}
    assert silver_of(report)["duplicates"] == expected["duplicates"]

    shutil.copytree(increment_export, data, dirs_exist_ok=True)
    assert smelt.json("run", *retail_args(retail, data))["state"] == "COMPLETED"
    assert_answers(retail / "lake", answer("answer-1x-increment.json"))


def test_random_seed_equals_what_the_duckdb_peer_computes(smelt, retail, tmp_path):
    seed = random.randrange(1, 1 << 30)
    print(f"seed {seed}")
    data, peer = tmp_path / "data", tmp_path / "peer"
    generate(data, "--seed", seed)
    for mode in ("full", "increment"):
        if mode == "increment":
            generate(data, "--seed", seed, "--increment", "0.01")
        subprocess.run([sys.executable, ROOT / "bench/peer_duckdb.py", "--bucket", data, "--lake", peer, "--mode", mode], check=True, stdout=subprocess.DEVNULL)
        done = subprocess.run([sys.executable, ROOT / "bench/verify.py", peer], check=True, capture_output=True, text=True)
        expected = next(iter(json.loads(done.stdout[: done.stdout.rindex("}") + 1]).values()))
        assert smelt.json("run", *retail_args(retail, data))["state"] == "COMPLETED"
        assert_answers(retail / "lake", expected)
