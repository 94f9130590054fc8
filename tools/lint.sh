#!/usr/bin/env bash
# Format, the rooms' doors, file hygiene, clang-tidy. `--fix` formats in place.
# clang-tidy's verdict on a file is kept under $SMELT_CACHE/tidy by the content of the file and of all of our headers, so
# that only what changed is looked at again.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t sources < <(git ls-files --cached --others --exclude-standard 'src/*.h' 'src/*.cc' 'bench/*.cc' 'tests/*.cc' | sort)
failed=0

if [[ ${1:-} == --fix ]]; then
  clang-format-14 -i "${sources[@]}"
fi
clang-format-14 --dry-run --Werror "${sources[@]}" || { echo "lint: ./dev lint --fix formats" >&2; failed=1; }
python3 tools/check_doors.py || failed=1
python3 tools/check_files.py || failed=1

[[ -e build/dev/build.ninja ]] || cmake --preset dev >/dev/null
cache=$SMELT_CACHE/tidy
mkdir -p "$cache"
mapfile -t units < <(printf '%s\n' "${sources[@]}" | grep '^src/.*\.cc$' | grep -v '^src/engine/duckdb/\|_test\.cc$\|_fuzz\.cc$')
headers=$(cat .clang-tidy $(printf '%s\n' "${sources[@]}" | grep '\.h$') | sha256sum | cut -c1-16)
tidy_one() {
  local unit=$1 stamp
  stamp=$2/$(cat "$unit" <(echo "$unit $3") | sha256sum | cut -c1-32)
  [[ -e $stamp ]] && return 0
  if clang-tidy-14 --quiet -p build/dev "$unit" 2>/dev/null; then touch "$stamp"; else return 1; fi
}
export -f tidy_one
printf '%s\n' "${units[@]}" | xargs -P "$(nproc)" -I{} bash -c 'tidy_one "$@"' _ {} "$cache" "$headers" || failed=1

((failed == 0)) && echo "lint: clean"
exit $failed
