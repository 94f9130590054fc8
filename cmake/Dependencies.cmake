# Every library that smelt links; docs/dependencies.md says what for. ./dev fetches what Debian does not package and
# passes the folders in: SMELT_DUCKDB_DIR, SMELT_AWSCRT_DIR, SMELT_SIMDJSON_DIR.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(LibLZMA REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(absl REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(ISAL REQUIRED IMPORTED_TARGET libisal)

# Boost: headers only (Beast and Asio).
find_path(BOOST_INCLUDE_DIR boost/beast.hpp REQUIRED)
add_library(smelt_boost INTERFACE)
target_include_directories(smelt_boost SYSTEM INTERFACE ${BOOST_INCLUDE_DIR})
target_link_libraries(smelt_boost INTERFACE Threads::Threads)

foreach(dependency DUCKDB AWSCRT SIMDJSON)
  if(NOT SMELT_${dependency}_DIR)
    message(FATAL_ERROR "SMELT_${dependency}_DIR is not set: configure through ./dev build, or name the folder")
  endif()
endforeach()

# simdjson chooses its kernel for the CPU when the program runs.
add_library(smelt_simdjson STATIC ${SMELT_SIMDJSON_DIR}/src/simdjson.cpp)
target_include_directories(smelt_simdjson SYSTEM PUBLIC ${SMELT_SIMDJSON_DIR}/include)
target_compile_options(smelt_simdjson PRIVATE -O2 -w)

# DuckDB: the static archives in link order, or a shared library where a user's own folder has only that.
file(GLOB duckdb_archives ${SMELT_DUCKDB_DIR}/lib/*.a)
add_library(smelt_duckdb INTERFACE)
target_include_directories(smelt_duckdb SYSTEM INTERFACE ${SMELT_DUCKDB_DIR}/include ${SMELT_DUCKDB_DIR}/include/parquet
  ${SMELT_DUCKDB_DIR}/include/third_party ${SMELT_DUCKDB_DIR}/include/third_party/parquet ${SMELT_DUCKDB_DIR}/include/third_party/thrift)
target_compile_definitions(smelt_duckdb INTERFACE SMELT_DUCKDB_SOURCE_ID="${SMELT_DUCKDB_SOURCE_ID}")
if(duckdb_archives)
  # DuckDB loads at start what its generated loader names: core_functions, parquet, json, icu and autocomplete.
  list(FILTER duckdb_archives EXCLUDE REGEX "tpch|tpcds")
  target_link_libraries(smelt_duckdb INTERFACE -Wl,--start-group ${duckdb_archives} -Wl,--end-group Threads::Threads ${CMAKE_DL_LIBS})
else()
  find_library(duckdb_shared duckdb PATHS ${SMELT_DUCKDB_DIR}/lib ${SMELT_DUCKDB_DIR} NO_DEFAULT_PATH REQUIRED)
  target_link_libraries(smelt_duckdb INTERFACE ${duckdb_shared} Threads::Threads)
endif()

# AWS: credentials, signing, HTTP and TLS.
list(APPEND CMAKE_PREFIX_PATH ${SMELT_AWSCRT_DIR})
find_package(aws-c-auth REQUIRED)
add_library(smelt_awscrt INTERFACE)
target_link_libraries(smelt_awscrt INTERFACE AWS::aws-c-auth)
