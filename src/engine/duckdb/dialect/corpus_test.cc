// Runs the queries of tests/spark-sql/corpus.jsonl through parser, dialect and DuckDB, and compares
// columns, types and rows with what Spark answered. Prints a line for each query that is not right,
// and how many are right, refused and wrong.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "duckdb.hpp"
#include "duckdb/common/types/time.hpp"
#include "duckdb/common/types/timestamp.hpp"
#include "engine/duckdb/db/database.h"
#include "engine/duckdb/dialect/translate.h"
#include "engine/duckdb/functions/register.h"
#include "sql/query_parser.h"

namespace smelt::duck {
namespace {

using Json = nlohmann::json;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;

const std::string kFolder = std::string(SMELT_SOURCE_DIR) + "/tests/spark-sql/";

std::string SimpleString(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::SQLNULL:
      return "void";
    case LogicalTypeId::BOOLEAN:
      return "boolean";
    case LogicalTypeId::TINYINT:
      return "tinyint";
    case LogicalTypeId::SMALLINT:
      return "smallint";
    case LogicalTypeId::INTEGER:
      return "int";
    case LogicalTypeId::BIGINT:
      return "bigint";
    case LogicalTypeId::FLOAT:
      return "float";
    case LogicalTypeId::DOUBLE:
      return "double";
    case LogicalTypeId::VARCHAR:
      return "string";
    case LogicalTypeId::BLOB:
      return "binary";
    case LogicalTypeId::DATE:
      return "date";
    case LogicalTypeId::TIMESTAMP_TZ:
      return "timestamp";
    case LogicalTypeId::TIMESTAMP:
      return "timestamp_ntz";
    case LogicalTypeId::INTERVAL:
      return "interval";
    case LogicalTypeId::DECIMAL:
      return fmt::format("decimal({},{})", duckdb::DecimalType::GetWidth(type),
                         duckdb::DecimalType::GetScale(type));
    case LogicalTypeId::LIST:
      return fmt::format("array<{}>", SimpleString(duckdb::ListType::GetChildType(type)));
    case LogicalTypeId::MAP:
      return fmt::format("map<{},{}>", SimpleString(duckdb::MapType::KeyType(type)),
                         SimpleString(duckdb::MapType::ValueType(type)));
    case LogicalTypeId::STRUCT: {
      std::string fields;
      for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
        fields += fmt::format("{}{}:{}", fields.empty() ? "" : ",", std::string(name),
                              SimpleString(child));
      }
      return fmt::format("struct<{}>", fields);
    }
    default:
      return "duckdb:" + type.ToString();
  }
}

std::string TimestampText(duckdb::timestamp_t time) {
  duckdb::date_t date;
  duckdb::dtime_t clock;
  duckdb::Timestamp::Convert(time, date, clock);
  int32_t hour, minute, second, micros;
  duckdb::Time::Convert(clock, hour, minute, second, micros);
  std::string text = fmt::format("{} {:02}:{:02}:{:02}", std::string(duckdb::Date::ToString(date)),
                                 hour, minute, second);
  if (micros != 0) text += fmt::format(".{:06}", micros);
  return text;
}

// A value as the corpus writes it.
Json Encode(const Value& value) {
  if (value.IsNull()) return nullptr;
  const LogicalType& type = value.type();
  switch (type.id()) {
    case LogicalTypeId::BOOLEAN:
      return value.GetValue<bool>();
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT:
      return value.GetValue<int64_t>();
    case LogicalTypeId::FLOAT:
    case LogicalTypeId::DOUBLE: {
      const double number = value.GetValue<double>();
      if (std::isnan(number)) return "NaN";
      if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
      return number;
    }
    case LogicalTypeId::DECIMAL: {
      std::string text = value.ToString();  // DuckDB writes .5
      if (text[0] == '.') text.insert(0, "0");
      if (text.starts_with("-.")) text.insert(1, "0");
      return Json{{"dec", text}};
    }
    case LogicalTypeId::BLOB: {
      std::string hex;
      for (const char c : duckdb::StringValue::Get(value))
        hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
      return Json{{"hex", hex}};
    }
    case LogicalTypeId::TIMESTAMP_TZ:
    case LogicalTypeId::TIMESTAMP:
      return TimestampText(value.GetValueUnsafe<duckdb::timestamp_t>());
    case LogicalTypeId::LIST: {
      Json list = Json::array();
      for (const Value& child : duckdb::ListValue::GetChildren(value))
        list.push_back(Encode(child));
      return list;
    }
    case LogicalTypeId::STRUCT: {
      Json members = Json::array();
      const auto& children = duckdb::StructValue::GetChildren(value);
      for (size_t i = 0; i < children.size(); ++i) {
        members.push_back(Json::array(
            {std::string(duckdb::StructType::GetChildName(type, i)), Encode(children[i])}));
      }
      return Json{{"struct", members}};
    }
    case LogicalTypeId::MAP: {
      std::vector<Json> entries;
      for (const Value& entry : duckdb::MapValue::GetChildren(value)) {
        const auto& pair = duckdb::StructValue::GetChildren(entry);
        entries.push_back(Json::array({Encode(pair[0]), Encode(pair[1])}));
      }
      std::sort(entries.begin(), entries.end());
      return Json{{"map", entries}};
    }
    default:
      return value.ToString();
  }
}

bool Same(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) {
    const double x = a.get<double>(), y = b.get<double>();
    return x == y || std::abs(x - y) <= 1e-12 * std::max(std::abs(x), std::abs(y));
  }
  if (a.type() != b.type() || a.size() != b.size()) return false;
  if (a.is_array()) {
    return std::equal(a.begin(), a.end(), b.begin(),
                      [](const Json& x, const Json& y) { return Same(x, y); });
  }
  if (a.is_object()) {
    return std::equal(a.items().begin(), a.items().end(), b.items().begin(),
                      [](const auto& x, const auto& y) {
                        return x.key() == y.key() && Same(x.value(), y.value());
                      });
  }
  return a == b;
}

enum class Verdict { kRight, kRefused, kFailed, kWrong };

struct Outcome {
  Verdict verdict = Verdict::kRight;
  std::string reason;
};

class Corpus {
 public:
  Corpus() {
    database_ = std::move(Database::Open({.threads = 1})).value();
    EXPECT_TRUE(RegisterSparkFunctions(*database_->raw().instance).ok());
    connection_ = std::move(database_->Connect()).value();
  }

  // "CREATE OR REPLACE TEMP VIEW x AS query;" as tables.
  void SetUp(const std::string& script) {
    constexpr std::string_view kCreate = "CREATE OR REPLACE TEMP VIEW ";
    size_t begin = 0;
    for (size_t end; (end = script.find(";\n", begin)) != std::string::npos; begin = end + 2) {
      const std::string statement = script.substr(begin, end - begin);
      const size_t as = statement.find(" AS ");
      const std::string name = statement.substr(kCreate.size(), as - kCreate.size());
      const auto sql = ToDuckDb(statement.substr(as + 4));
      ASSERT_TRUE(sql.ok()) << sql.diagnostic().message;
      const auto result =
          connection_->raw().Query("CREATE OR REPLACE TABLE " + name + " AS " + sql.value());
      EXPECT_FALSE(result->HasError()) << result->GetError() << "\n" << sql.value();
    }
  }

  Outcome Run(const Json& entry) {
    const auto sql = ToDuckDb(entry["sql"].get<std::string>());
    if (!sql.ok()) {
      const sql::Diagnostic& diagnostic = sql.diagnostic();
      // A mistake that both see.
      if (entry["spark"].contains("error") && diagnostic.code != sql::kUnsupported) return {};
      return {Verdict::kRefused, fmt::format("{} ({})", diagnostic.message, diagnostic.hint)};
    }
    if (std::getenv("SMELT_CORPUS_SQL") != nullptr)
      fmt::print("{}: {}\n", entry["id"].get<std::string>(), sql.value());
    const Json& spark = entry["spark"];
    const auto result = connection_->raw().Query(sql.value());
    if (result->HasError()) {
      if (spark.contains("error")) return {};
      const bool refused = result->GetError().find("[UNSUPPORTED_FEATURE]") != std::string::npos;
      return {refused ? Verdict::kRefused : Verdict::kFailed, result->GetError()};
    }
    if (spark.contains("error"))
      return {Verdict::kWrong, "Spark raises " + spark["error"].get<std::string>()};
    return Compare(*result, spark, entry["ordered"].get<bool>());
  }

 private:
  static sql::Parsed<std::string> ToDuckDb(const std::string& text) {
    const sql::Fragment fragment = sql::MakeFragment("corpus.sql", text);
    const sql::Parsed<sql::QueryPtr> query = sql::ParseQuery(fragment);
    if (!query.ok()) return query.diagnostic();
    const Resolver tables = [](const SourceRef& ref) -> std::variant<FromItem, sql::Diagnostic> {
      return FromItem{ref.table->name.back().text, {}};
    };
    return Translate(*query.value(), *fragment.source, tables);
  }

  static Outcome Compare(duckdb::MaterializedQueryResult& result, const Json& spark, bool ordered) {
    Json columns = Json::array(), types = Json::array();
    for (size_t i = 0; i < result.ColumnCount(); ++i) {
      columns.push_back(std::string(result.ColumnName(i)));
      types.push_back(SimpleString(result.types[i]));
    }
    if (columns != spark["columns"]) {
      return {Verdict::kWrong,
              fmt::format("columns {} not {}", columns.dump(), spark["columns"].dump())};
    }
    std::vector<Json> rows;
    for (size_t row = 0; row < result.RowCount(); ++row) {
      Json values = Json::array();
      for (size_t i = 0; i < result.ColumnCount(); ++i)
        values.push_back(Encode(result.GetValue(i, row)));
      rows.push_back(std::move(values));
    }
    std::vector<Json> expected(spark["rows"].begin(), spark["rows"].end());
    if (!ordered) {
      std::sort(rows.begin(), rows.end());
      std::sort(expected.begin(), expected.end());
    }
    if (!Same(rows, expected)) {
      return {Verdict::kWrong,
              fmt::format("rows {} not {}", Json(rows).dump(), Json(expected).dump())};
    }
    if (types != spark["types"]) {
      return {Verdict::kWrong, fmt::format("types {} not {}", types.dump(), spark["types"].dump())};
    }
    return {};
  }

  std::unique_ptr<Database> database_;
  std::unique_ptr<Connection> connection_;
};

// Runs every query of `name`.jsonl. `least_right` of them have to be right, among them those that
// name.right.txt lists, and at most `most_wrong` may be answered otherwise than by Spark.
void RunCorpus(const std::string& name, int least_right, int most_wrong) {
  std::ifstream given(kFolder + "corpus.jsonl");
  std::string line;
  ASSERT_TRUE(std::getline(given, line));
  Corpus corpus;
  corpus.SetUp(Json::parse(line)["meta"]["setup_spark"].get<std::string>());

  std::set<std::string> known;
  std::ifstream known_file(kFolder + name + ".right.txt");
  for (std::string id; known_file >> id;) known.insert(id);

  static constexpr std::string_view kVerdicts[] = {"right", "refused", "failed", "WRONG"};
  std::map<Verdict, int> counts;
  std::string right;
  std::ifstream file(kFolder + name + ".jsonl");
  while (std::getline(file, line)) {
    const Json entry = Json::parse(line);
    if (entry.contains("meta")) continue;
    const std::string id = entry["id"].get<std::string>();
    const Outcome outcome = corpus.Run(entry);
    ++counts[outcome.verdict];
    if (outcome.verdict == Verdict::kRight) {
      right += id + "\n";
    } else {
      fmt::print("{} {}: {}\n", kVerdicts[static_cast<int>(outcome.verdict)], id, outcome.reason);
      EXPECT_FALSE(known.contains(id)) << id << " was right before";
    }
  }
  fmt::print("{}: {} right, {} refused by name, {} failed, {} wrong\n", name,
             counts[Verdict::kRight], counts[Verdict::kRefused], counts[Verdict::kFailed],
             counts[Verdict::kWrong]);
  // For whoever has made more queries right: SMELT_CORPUS_RIGHT=folder writes the lists anew.
  if (const char* folder = std::getenv("SMELT_CORPUS_RIGHT")) {
    std::ofstream(fmt::format("{}/{}.right.txt", folder, name)) << right;
  }
  EXPECT_GE(counts[Verdict::kRight], least_right);
  EXPECT_LE(counts[Verdict::kWrong], most_wrong);
}

TEST(SparkCorpus, AnswersAsSparkDoes) { RunCorpus("corpus", 176, 0); }
TEST(SparkCorpus, AnswersOurOwnMeasurementsAsSparkDoes) { RunCorpus("measured", 457, 0); }

}  // namespace
}  // namespace smelt::duck
