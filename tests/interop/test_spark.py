"""The reference workload's tables, read by Spark with delta-spark: the reference implementation opens what we wrote and gives the reference answers."""
import glob
import json
import os

import pytest

from conftest import ROOT, retail_args

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def spark():
    from pyspark.sql import SparkSession
    session = (SparkSession.builder.master("local[2]").appName("smelt").config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
               .config("spark.driver.memory", "3g").config("spark.sql.shuffle.partitions", "4").config("spark.sql.session.timeZone", "UTC")
               .config("spark.jars", ",".join(glob.glob(os.environ["SMELT_SPARK_JARS"] + "/*.jar")))
               .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
               .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog").getOrCreate())
    yield session
    session.stop()


def test_delta_spark_reads_the_reference_answers(smelt, retail, full_export, increment_export, spark):
    for data, name in ((full_export, "answer-1x.json"), (increment_export, "answer-1x-increment.json")):
        smelt("run", *retail_args(retail, data))
        lake = retail / "lake"
        answer = json.loads((ROOT / "bench" / name).read_text())
        for view, path in (("b", "bronze/customer_transactions"), ("s", "silver/customer_transactions"), ("d", "gold/daily_sales_summary"), ("c", "gold/customer_metrics")):
            spark.read.format("delta").load(str(lake / path)).createOrReplaceTempView(view)
        got = {"bronze_rows": spark.sql("SELECT count(*) FROM b").first()[0]}
        for keys, sql in (
            (("silver_rows", "silver_txn_ids", "silver_days", "silver_revenue", "silver_unmatched_customer", "silver_categories", "silver_tags"),
             "SELECT count(*), count(DISTINCT txn_id), count(DISTINCT txn_date), round(sum(txn_amount), 2), count_if(customer_segment IS NULL), count(DISTINCT product_category_clean), sum(size(tags)) FROM s"),
            (("daily_rows", "daily_revenue", "daily_transactions", "daily_unique_customers", "daily_sum_p95", "daily_sum_stddev"),
             "SELECT count(*), round(sum(total_revenue), 2), sum(transaction_count), sum(unique_customers), round(sum(p95_transaction_value), 2), round(sum(revenue_std_dev), 3) FROM d"),
            (("customer_rows", "customer_revenue", "customer_transactions", "customer_days", "customer_sum_avg_gap"),
             "SELECT count(*), round(sum(lifetime_value), 2), sum(total_transactions), sum(transaction_days), round(sum(avg_days_between_purchases), 4) FROM c")):
            got |= dict(zip(keys, spark.sql(sql).first()))
        for key, value in got.items():
            assert float(value) == pytest.approx(float(answer[key]), rel=1e-9), (name, key)


def test_delta_spark_appends_to_a_table_of_ours_and_we_read_it(smelt, retail, full_export, spark):
    smelt("run", *retail_args(retail, full_export))
    path = str(retail / "lake/silver/customers")
    before = smelt.sql(f"SELECT count(*) AS n FROM delta.`{path}`")[0]["n"]
    spark.sql(f"INSERT INTO delta.`{path}` SELECT * FROM delta.`{path}` LIMIT 5")
    assert smelt.sql(f"SELECT count(*) AS n FROM delta.`{path}`")[0]["n"] == before + 5
