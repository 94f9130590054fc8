#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

#include "base/json.h"
#include "engine/duckdb/db/database.h"
#include "engine/duckdb/db/result_rows.h"
#include "engine/duckdb/functions/duckdb_headers.h"
#include "engine/duckdb/functions/register.h"

// The functions in DuckDB. The oracle is Spark 4.3 itself: tests/functions/spark_answers.jsonl
// holds what it answered.

namespace smelt::duck {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class FunctionsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    DatabaseOptions options;
    options.memory_bytes = int64_t{512} << 20;
    options.threads = 2;
    auto database = Database::Open(options);
    ASSERT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
    ASSERT_TRUE(RegisterSparkFunctions(*database_->raw().instance).ok());
    auto connection = database_->Connect();
    ASSERT_TRUE(connection.ok()) << connection.status();
    connection_ = *std::move(connection);
  }

  // The first cell of a query, or the error's message.
  std::string Ask(const std::string& sql) {
    const auto rows = QueryRows(*connection_, sql, RowFormat::kText);
    if (!rows.ok()) return base::Message(rows.status());
    if (rows->rows.empty()) return "no row";
    const auto& cell = rows->rows[0][0];
    return cell.is_null() ? "NULL" : cell.get<std::string>();
  }
  std::string Eval(const std::string& expression) {
    return Ask("SELECT spark_cast(" + expression + ", 'string')");
  }
  void Run(const std::string& sql) {
    const auto status = connection_->Execute(sql);
    ASSERT_TRUE(status.ok()) << sql << ": " << status;
  }

  std::unique_ptr<Database> database_;
  std::unique_ptr<Connection> connection_;
};

// "[CLASS.SUB] text" -> "CLASS.SUB"
std::string ErrorClass(const std::string& message) {
  const size_t start = message.find('[');
  const size_t end = message.find(']');
  return start == std::string::npos || end == std::string::npos
             ? message
             : message.substr(start + 1, end - start - 1);
}

TEST_F(FunctionsTest, AnswerAsSparkDoes) {
  std::ifstream file(std::string(SMELT_SOURCE_DIR) + "/tests/functions/spark_answers.jsonl");
  ASSERT_TRUE(file.good());
  int right = 0;
  int wrong = 0;
  int refused = 0;
  for (std::string line; std::getline(file, line);) {
    const base::Json json = base::Json::parse(line);
    if (json.contains("meta")) continue;
    const std::string expression = json["duckdb"];
    const bool is_binary = json.value("type", "") == "binary";
    const std::string shown = is_binary ? "spark_hex(" + expression + ")" : expression;
    const auto rows =
        QueryRows(*connection_,
                  "SELECT spark_typeof(" + expression + "), spark_cast(" + shown + ", 'string')",
                  RowFormat::kText);
    std::string answer;
    std::string expected;
    if (rows.ok()) {
      const auto& cells = rows->rows[0];
      answer = cells[0].get<std::string>() + ": " +
               (cells[1].is_null() ? "NULL" : "'" + cells[1].get<std::string>() + "'");
    } else {
      answer = "error " + base::Message(rows.status());
    }
    if (json.contains("error")) {
      // The class without its subclass; what has none in Spark is compared by being an error.
      const std::string error_class = json["error"];
      expected = "error [" + error_class + "]";
      const std::string family = error_class.substr(0, error_class.find('.'));
      const bool has_class =
          family.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == std::string::npos &&
          family[0] != '_';
      if (!rows.ok() && (!has_class || ErrorClass(answer).rfind(family, 0) == 0)) answer = expected;
    } else {
      const base::Json& text = json["text"];
      expected = json["type"].get<std::string>() + ": " +
                 (text.is_null() ? "NULL" : "'" + text.get<std::string>() + "'");
    }
    if (answer == expected) {
      ++right;
    } else if (answer.find("[UNSUPPORTED_FEATURE]") != std::string::npos) {
      ++refused;
      std::cout << "refused " << json["spark"].get<std::string>() << ": " << answer << "\n";
    } else {
      ++wrong;
      ADD_FAILURE() << json["spark"].get<std::string>() << "\n  ours   " << answer << "\n  Spark's "
                    << expected;
    }
  }
  std::cout << right << " right, " << refused << " refused by name, " << wrong << " wrong\n";
  EXPECT_GE(right, 540);
}

}  // namespace
}  // namespace smelt::duck
