#!/usr/bin/env bash
# Long campaigns: ./dev soak crash [--rounds N]. Resumable: each round is a line of its own in docs/soak.md, with the commit,
# the seed and what came of it; running it again adds rounds.
set -euo pipefail
cd "$(dirname "$0")/.."
suite=${1:?suite: crash}
shift
rounds=10
[[ ${1:-} == --rounds ]] && rounds=$2
[[ -e build/dev/build.ninja ]] || cmake --preset dev >/dev/null
cmake --build build/dev -j "$(nproc)"
export SMELT_BIN=$PWD/build/dev/src/cli/smelt SMELT_CRASH_BIN=$PWD/build/dev/tests/crash/smelt_crash
python=$(ls -d "$SMELT_CACHE"/deps/python-*/venv/bin/python | head -n 1)
case $suite in
  crash) tests=tests/crash ;;
  *) echo "unknown soak suite '$suite'; there is: crash" >&2; exit 2 ;;
esac
[[ -e docs/soak.md ]] || printf '# Soak\n\nLong campaigns, a line a round; `./dev soak SUITE` adds to it.\n\n| when | commit | suite | result |\n|---|---|---|---|\n' >docs/soak.md
for ((round = 0; round < rounds; ++round)); do
  log=$(mktemp)
  result=passed
  "$python" -m pytest -q -s -p no:cacheprovider "$tests" >"$log" 2>&1 || result=failed
  seeds=$(grep -oE 'seed [0-9]+' "$log" | tr '\n' ' ')
  printf '| %s | %s | %s | %s: %s |\n' "$(date -u +%FT%TZ)" "$(git rev-parse --short HEAD)" "$suite" "$result" "$seeds" >>docs/soak.md
  if [[ $result == failed ]]; then
    tail -n 60 "$log" >&2
    exit 1
  fi
done
