#!/usr/bin/env bash
# Builds the dev preset and runs the suites named (default: unit interop), each with its own line at the end.
#   unit      every <room>_test
#   interop   pytest over tests/: other people's readers, writers and clients against the program
#   spark     the same with delta-spark, where a JVM can be had; skipped with the reason where not
set -euo pipefail
cd "$(dirname "$0")/.."
suites=("$@")
((${#suites[@]})) || suites=(unit interop)
jobs=${SMELT_JOBS:-$(nproc)}
[[ -e build/dev/build.ninja ]] || cmake --preset dev >/dev/null
cmake --build build/dev -j "$jobs"
export SMELT_BIN=$PWD/build/dev/src/cli/smelt SMELT_CRASH_BIN=$PWD/build/dev/tests/crash/smelt_crash
python=$(ls -d "$SMELT_CACHE"/deps/python-*/venv/bin/python | head -n 1)
export SMELT_PYTHON=$python
failed=()
for suite in "${suites[@]}"; do
  case $suite in
    unit) ctest --test-dir build/dev --output-on-failure -j "$jobs" || failed+=(unit) ;;
    interop) "$python" -m pytest -q -p no:cacheprovider tests --ignore tests/interop/test_spark.py || failed+=(interop) ;;
    spark)
      if tools/setup.sh spark; then
        spark=$(ls -d "$SMELT_CACHE"/deps/spark-* | head -n 1)
        SMELT_SPARK_JARS=$spark/jars "$spark/venv/bin/python" -m pytest -q -p no:cacheprovider tests/interop/test_spark.py || failed+=(spark)
      else
        echo "spark: skipped, because delta-spark could not be set up (see above)"
      fi
      ;;
    *) echo "unknown suite '$suite'" >&2; exit 2 ;;
  esac
done
if ((${#failed[@]})); then
  echo "failed: ${failed[*]}"
  exit 1
fi
echo "passed: ${suites[*]}"
