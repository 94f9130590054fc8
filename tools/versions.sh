# What ./dev fetches, pinned. Sourced by ./dev and by tools/setup.sh; changing a line here changes the folder in the cache.

# DuckDB: static archives from the Go module, headers of the same commit from the Python source package.
DUCKDB_VERSION=1.5.5
DUCKDB_SOURCE_ID=d8cdaa33fd
DUCKDB_GO_VERSION=v0.10505.0
DUCKDB_GO_SUM_amd64="h1:nrsaVYj3XYCRbS2FpdOMD/KHE7egRMr+/NR1IHmjT84="
DUCKDB_SDIST_SHA256=72f33ee57ca7595b23957671a2cc7f7fe2be0ecc2d68f63abedcfcaa3a5c1238

# AWS's C libraries (auth, http, io and what they stand on), from the source package of awscrt.
AWSCRT_VERSION=0.38.1
AWSCRT_SHA256=0dcebfaa70cf079133cd2352119e3d05e9b8ca1d1621736cfb54c03f3d5fef0f

# simdjson 3.12.3 as a single header, from the source package of pysimdjson.
PYSIMDJSON_VERSION=7.0.2
PYSIMDJSON_SHA256=44cf276e48912a3b9c7ca362c14da8420a7ac15a9f1a16ec95becff86db3904a

# Debian packages: to build smelt, to test it, to lint it.
APT_BUILD="g++ cmake ninja-build ccache pkg-config lld libabsl-dev libisal-dev libboost1.81-dev libsqlite3-dev libyaml-cpp-dev
  libcli11-dev libspdlog-dev libfmt-dev nlohmann-json3-dev libssl-dev zlib1g-dev liblzma-dev golang-1.19-go python3 python3-pip xz-utils ca-certificates"
APT_TEST="libgtest-dev libgmock-dev python3-venv zstd strace"
APT_LINT="clang-format-14 clang-tidy-14"
APT_SPARK="openjdk-17-jre-headless maven"
