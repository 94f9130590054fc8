#!/usr/bin/env bash
# Installs what a build, a test run or the lint needs and this machine lacks. Idempotent; a second call costs a few
# milliseconds. Everything fetched is checked against tools/versions.sh and lies under $SMELT_CACHE/deps.
#
#   setup.sh build | test | lint | spark ...
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/versions.sh
source "$here/versions.sh"
cache=${SMELT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/smelt}
deps=$cache/deps

say() { printf '%s\n' "$*" >&2; }
die() { say "setup: $*"; exit 1; }

# Installs those of the named Debian packages that are missing.
apt_packages() {
  local missing=() package
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  say "setup: installing ${missing[*]}"
  local sudo=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "these Debian packages are missing and only root can install them: ${missing[*]}"
    sudo=(sudo)
  fi
  "${sudo[@]}" apt-get update -qq
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Downloads one source package by its pinned checksum: NAME VERSION SHA256 FOLDER.
pip_source() {
  local requirement
  mkdir -p "$4"
  requirement=$(mktemp)
  printf '%s==%s --hash=sha256:%s\n' "$1" "$2" "$3" >"$requirement"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary "$1" --require-hashes \
    -r "$requirement" -d "$4" || die "could not download $1 $2 by its checksum"
  rm -f "$requirement"
}

# Runs "$2..." to fill a folder once: the folder appears under its name only when it is complete.
once() {
  local folder=$1
  shift
  [[ -e $folder/.complete ]] && return 0
  say "setup: making ${folder##*/}"
  local partial=$folder.partial.$$
  chmod -R u+w "$partial" 2>/dev/null || true
  rm -rf "$partial" "$folder"
  mkdir -p "$partial"
  "$@" "$partial"
  touch "$partial/.complete"
  mv "$partial" "$folder"
}

go_command() {
  local candidate
  for candidate in /usr/lib/go-1.19/bin/go "$(command -v go || true)"; do
    [[ -x $candidate ]] && { echo "$candidate"; return; }
  done
  die "no Go toolchain found (Debian's golang-1.19-go has one); it is needed only to download DuckDB's archives"
}

duckdb_headers() {
  local out=$1 work=$1/work
  pip_source duckdb "$DUCKDB_VERSION" "$DUCKDB_SDIST_SHA256" "$work"
  mkdir -p "$out/source"
  tar -xzf "$work/duckdb-$DUCKDB_VERSION.tar.gz" -C "$out/source" --strip-components=1
  rm -rf "$work"
  mkdir -p "$out/include/parquet" "$out/include/third_party"
  cp -r "$out/source/external/duckdb/src/include/." "$out/include/"
  # The Delta scan is a multi-file reader over the Parquet extension, so its headers are wanted too, and what they include.
  cp -r "$out/source/external/duckdb/extension/parquet/include/." "$out/include/parquet/"
  (cd "$out/source/external/duckdb/third_party" && find . \( -name '*.h' -o -name '*.hpp' \) -print0 | tar --null -T - -cf -) |
    tar -xf - -C "$out/include/third_party"
  [[ ${SMELT_DUCKDB_FROM_SOURCE:-0} == 1 ]] || rm -rf "$out/source"
}

duckdb_prebuilt() {
  local out=$1 arch sum go module json
  case $(uname -m) in
    x86_64) arch=amd64 ;;
    aarch64) arch=arm64 ;;
    *) die "DuckDB has no prebuilt archives for $(uname -m); set SMELT_DUCKDB_FROM_SOURCE=1 or SMELT_DUCKDB_DIR" ;;
  esac
  sum=DUCKDB_GO_SUM_$arch
  [[ -n ${!sum:-} ]] || die "DuckDB's $arch archives are not pinned yet; set SMELT_DUCKDB_FROM_SOURCE=1 or SMELT_DUCKDB_DIR"
  duckdb_headers "$out"
  go=$(go_command)
  module=github.com/duckdb/duckdb-go-bindings/lib/linux-$arch@$DUCKDB_GO_VERSION
  # The module's own hash is compared below, so the checksum database is not asked.
  json=$(cd "$out" && GOTOOLCHAIN=local GOFLAGS=-mod=mod GO111MODULE=on GONOSUMDB='*' GOMODCACHE=$out/module \
    "$go" mod download -json "$module") || die "could not download $module: $json"
  grep -qF "\"Sum\": \"${!sum}\"" <<<"$json" || die "DuckDB's archives have another checksum than ${!sum}: $json"
  mkdir -p "$out/lib"
  cp "$out/module/github.com/duckdb/duckdb-go-bindings/lib/linux-$arch@$DUCKDB_GO_VERSION"/*.a "$out/lib/"
  chmod -R u+w "$out/module" "$out/lib"
  rm -rf "$out/module"
}

duckdb_from_source() {
  local out=$1
  duckdb_headers "$out"
  cmake -S "$out/source/external/duckdb" -B "$out/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHELL=OFF \
    -DBUILD_UNITTESTS=OFF -DENABLE_UNITTEST_CPP_TESTS=OFF -DBUILD_EXTENSIONS='core_functions;parquet;json;icu' \
    -DOVERRIDE_GIT_DESCRIBE="v$DUCKDB_VERSION-0-g$DUCKDB_SOURCE_ID" >/dev/null
  cmake --build "$out/build"
  mkdir -p "$out/lib"
  find "$out/build" -name '*.a' -exec cp {} "$out/lib/" \;
  rm -rf "$out/build" "$out/source"
}

awscrt() {
  local out=$1 work=$1/work
  pip_source awscrt "$AWSCRT_VERSION" "$AWSCRT_SHA256" "$work"
  tar -xzf "$work/awscrt-$AWSCRT_VERSION.tar.gz" -C "$work"
  cmake -S "$work/awscrt-$AWSCRT_VERSION/crt" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DUSE_OPENSSL=ON \
    -DBUILD_TESTING=OFF -DBUILD_DEPS=ON -DCMAKE_INSTALL_PREFIX="$out" -DCMAKE_INSTALL_LIBDIR=lib \
    -DCMAKE_C_COMPILER_LAUNCHER=ccache >"$work/log" 2>&1 &&
    cmake --build "$work/build" --target install >>"$work/log" 2>&1 || { tail -n 30 "$work/log" >&2; die "AWS's C libraries did not build"; }
  rm -rf "$work"
}

simdjson() {
  local out=$1 work=$1/work
  pip_source pysimdjson "$PYSIMDJSON_VERSION" "$PYSIMDJSON_SHA256" "$work"
  tar -xzf "$work/pysimdjson-$PYSIMDJSON_VERSION.tar.gz" -C "$work"
  mkdir -p "$out/include" "$out/src"
  cp "$work/pysimdjson-$PYSIMDJSON_VERSION/simdjson/simdjson.h" "$out/include/"
  cp "$work/pysimdjson-$PYSIMDJSON_VERSION/simdjson/simdjson.cpp" "$out/src/"
  rm -rf "$work"
}

# The Python side of the interoperability tests and of the benchmark's peers.
python_peers() {
  python3 -m venv "$1/venv" || die "python3-venv is missing"
  "$1/venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$here/requirements.txt"
}

spark_peers() {
  python3 -m venv "$1/venv" || die "python3-venv is missing"
  "$1/venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$here/requirements-spark.txt"
  mvn -q -B dependency:copy-dependencies -f "$here/spark-jars.pom.xml" -DoutputDirectory="$1/all-jars" || die "Delta's jars could not be fetched"
  mkdir -p "$1/jars"
  cp "$1"/all-jars/delta-*.jar "$1"/all-jars/unitycatalog-*.jar "$1/jars/"
  rm -rf "$1/all-jars"
}

# venvs record their own path, so they are made under their final name.
once_in_place() {
  local folder=$1
  shift
  [[ -e $folder/.complete ]] && return 0
  say "setup: making ${folder##*/}"
  rm -rf "$folder"
  mkdir -p "$folder"
  "$@" "$folder"
  touch "$folder/.complete"
}

requirements_id() { cat "$@" | sha256sum | cut -c1-12; }

mkdir -p "$deps"
exec 9>"$deps/.lock"
flock 9
for what in "$@"; do
  case $what in
    build)
      # shellcheck disable=SC2086
      apt_packages $APT_BUILD
      if [[ -z ${SMELT_DUCKDB_DIR:-} ]]; then
        if [[ ${SMELT_DUCKDB_FROM_SOURCE:-0} == 1 ]]; then
          once "$deps/duckdb-$DUCKDB_VERSION-source" duckdb_from_source
        else
          once "$deps/duckdb-$DUCKDB_VERSION" duckdb_prebuilt
        fi
      fi
      once "$deps/simdjson-$PYSIMDJSON_VERSION" simdjson
      once "$deps/awscrt-$AWSCRT_VERSION" awscrt
      ;;
    test)
      # shellcheck disable=SC2086
      apt_packages $APT_TEST
      once_in_place "$deps/python-$(requirements_id "$here/requirements.txt")" python_peers
      ;;
    lint)
      # shellcheck disable=SC2086
      apt_packages $APT_LINT
      ;;
    spark)
      # shellcheck disable=SC2086
      apt_packages $APT_SPARK
      once_in_place "$deps/spark-$(requirements_id "$here/requirements-spark.txt" "$here/spark-jars.pom.xml")" spark_peers
      ;;
    *) die "unknown set '$what'" ;;
  esac
done
