#!/usr/bin/env bash
# The reference workload beside its peers: ./dev bench [--reps N] [--peers duckdb+infer,polars,spark] [--scale K]
# Generates the data once under $SMELT_CACHE/bench, runs smelt and each peer in turn, prints medians and ratios, and appends
# every run to bench/history.jsonl.
set -euo pipefail
cd "$(dirname "$0")/.."
[[ -e build/release/build.ninja ]] || cmake --preset release >/dev/null
cmake --build build/release -j "$(nproc)" --target smelt >&2
python=$(ls -d "$SMELT_CACHE"/deps/python-*/venv/bin/python | head -n 1)
exec "$python" bench/compare.py --smelt build/release/src/cli/smelt --data "$SMELT_CACHE/bench" "$@"
