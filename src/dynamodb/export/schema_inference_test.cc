#include "dynamodb/export/schema_inference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "dynamodb/export/export_builder_for_test.h"
#include "dynamodb/export/export_finder.h"
#include "storage/memory_store.h"

namespace smelt::dynamodb {
namespace {

using base::DataType;
using base::Schema;
using base::TypeKind;

std::string Lines(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += "{\"Item\":" + item + "}\n";
  return text;
}

// "a bigint, b string": what is inferred from files of items.
std::string Infer(const std::vector<std::vector<std::string>>& files,
                  const InferenceOptions& options = {}) {
  storage::MemoryStore store;
  ExportBuilder builder(store);
  for (const std::vector<std::string>& items : files) builder.File(Lines(items));
  builder.Write();
  const absl::StatusOr<FoundExports> found = FindExports(store, "", {});
  SMELT_CHECK(found.ok());
  const absl::StatusOr<Schema> schema = InferAttributes(store, found->exports, options);
  return schema.ok() ? base::SchemaToString(*schema) : base::Message(schema.status());
}

std::string TypeOf(const std::vector<std::string>& values) {
  std::vector<std::string> items;
  for (const std::string& value : values) items.push_back("{\"a\":" + value + "}");
  const std::string schema = Infer({items});
  return schema.substr(0, 2) == "a " ? schema.substr(2) : schema;
}

TEST(SchemaInferenceTest, KindsBecomeTypes) {
  EXPECT_EQ(TypeOf({R"({"S":"x"})"}), "string");
  EXPECT_EQ(TypeOf({R"({"BOOL":true})"}), "boolean");
  EXPECT_EQ(TypeOf({R"({"B":"AA=="})"}), "binary");
  EXPECT_EQ(TypeOf({R"({"NULL":true})"}), "string");
  EXPECT_EQ(TypeOf({R"({"NULL":true})", R"({"N":"1"})"}), "bigint");
  EXPECT_EQ(TypeOf({R"({"SS":["a"]})"}), "array<string>");
  EXPECT_EQ(TypeOf({R"({"NS":["1","2.5"]})"}), "array<decimal(38,1)>");
  EXPECT_EQ(TypeOf({R"({"BS":["AA=="]})"}), "array<binary>");
  EXPECT_EQ(TypeOf({R"({"L":[]})"}), "array<string>");
  EXPECT_EQ(TypeOf({R"({"L":[{"N":"1"}]})", R"({"L":[{"N":"0.25"},{"NULL":true}]})"}),
            "array<decimal(38,2)>");
  EXPECT_EQ(TypeOf({R"({"M":{}})"}), "map<string,string>");
  EXPECT_EQ(TypeOf({R"({"M":{"b":{"S":"x"}}})", R"({"M":{"a":{"M":{"c":{"N":"1"}}}}})"}),
            "struct<a:struct<c:bigint>,b:string>");
}

TEST(SchemaInferenceTest, NumbersTakeTheTypeThatLosesNoDigit) {
  const auto numbers = [](const std::vector<std::string>& texts) {
    std::vector<std::string> values;
    for (const std::string& text : texts) values.push_back("{\"N\":\"" + text + "\"}");
    return TypeOf(values);
  };
  EXPECT_EQ(numbers({"1", "-9223372036854775808"}), "bigint");
  EXPECT_EQ(numbers({"9223372036854775808"}), "decimal(38,0)");
  EXPECT_EQ(numbers({"1", "2.50"}), "decimal(38,2)");
  EXPECT_EQ(numbers({std::string(38, '9')}), "decimal(38,0)");
  EXPECT_EQ(numbers({"0." + std::string(37, '0') + "1"}), "decimal(38,38)");
  EXPECT_EQ(numbers({"0." + std::string(38, '0') + "1"}), "string");
  EXPECT_EQ(numbers({std::string(36, '9'), "0.001"}), "string");
  EXPECT_EQ(numbers({"1" + std::string(100, '0')}), "string");
  EXPECT_EQ(numbers({"0.5", "0.12345678901234567890123456789012345678"}), "decimal(38,38)");
}

TEST(SchemaInferenceTest, OfConflictingKindsTheMostFrequentWins) {
  EXPECT_EQ(TypeOf({R"({"S":"x"})", R"({"N":"1"})", R"({"N":"2"})"}), "bigint");
  EXPECT_EQ(TypeOf({R"({"N":"1"})", R"({"S":"x"})"}), "string");
  EXPECT_EQ(TypeOf({R"({"NULL":true})", R"({"NULL":true})", R"({"BOOL":true})"}), "boolean");
}

TEST(SchemaInferenceTest, MapsWithoutEndBecomeMaps) {
  std::vector<std::string> items;
  for (int i = 0; i < 150; ++i)
    items.push_back(fmt::format(R"({{"m":{{"M":{{"k{}":{{"N":"{}"}}}}}}}})", i, i));
  EXPECT_THAT(Infer({items}), testing::StartsWith("m struct<k0:bigint,"));
  std::vector<std::string> more;
  for (int i = 100; i < 250; ++i)
    more.push_back(fmt::format(R"({{"m":{{"M":{{"k{}":{{"N":"{}.5"}}}}}}}})", i, i));
  EXPECT_EQ(Infer({items, more}), "m map<string,decimal(38,1)>");
  EXPECT_EQ(Infer({more, items}), "m map<string,decimal(38,1)>");
}

TEST(SchemaInferenceTest, ColumnsAreSortedAndIndependentOfThreadsAndFiles) {
  std::vector<std::vector<std::string>> files;
  for (int i = 0; i < 20; ++i) {
    files.push_back({fmt::format(
        R"({{"z{}":{{"S":"x"}},"b":{{"N":"1.{}"}},"a\u0031":{{"S":"y"}}}})", i % 3, i)});
  }
  const std::string once = Infer(files);
  EXPECT_EQ(once, "a1 string, b decimal(38,2), z0 string, z1 string, z2 string");
  InferenceOptions threaded;
  threaded.threads = 4;
  EXPECT_EQ(Infer(files, threaded), once);
}

TEST(SchemaInferenceTest, NamesThatCannotBeColumnsAreLeftToTheRescue) {
  EXPECT_EQ(
      Infer(
          {{R"({"Id":{"S":"x"},"id":{"N":"1"},"_metadata":{"S":"x"},"_Rescued_Data":{"S":"x"}})"}}),
      "Id string");
}

TEST(SchemaInferenceTest, BadLinesArePassedOver) {
  EXPECT_EQ(Infer({{R"({"a":{"N":"1"}})", "{\"a\":", R"({"a":{"S":5}})"}}), "a bigint");
}

TEST(SchemaInferenceTest, AColumnKeepsItsTypeAndNewOnesFollow) {
  InferenceOptions options;
  options.previous = {{"z", DataType(TypeKind::kLong)},
                      {"m", DataType::Struct({{"x", DataType(TypeKind::kLong)}})}};
  EXPECT_EQ(
      Infer(
          {{R"({"z":{"N":"1.5"},"m":{"M":{"x":{"S":"s"},"a":{"BOOL":true}}},"b":{"S":"x"},"a":{"S":"x"}})"}},
          options),
      "z bigint, m struct<x:bigint,a:boolean>, a string, b string");
}

TEST(SchemaInferenceTest, HintsComeBeforeWhatIsSeen) {
  InferenceOptions options;
  options.hints = {{"n", DataType(TypeKind::kDouble)}, {"later", DataType(TypeKind::kDate)}};
  EXPECT_EQ(Infer({{R"({"n":{"N":"1"},"s":{"S":"x"}})"}}, options),
            "later date, n double, s string");
}

TEST(SchemaInferenceTest, IncrementalExportsAreInferredFromAllTheirImages) {
  storage::MemoryStore store;
  const std::string meta =
      R"({"Metadata":{"WriteTimestampMicros":{"N":"1"}},"Keys":{"id":{"S":"k"}})";
  ExportBuilder(store)
      .Incremental("NEW_AND_OLD_IMAGES")
      .File(meta + R"(,"OldImage":{"id":{"S":"k"},"o":{"N":"1"}}})" + "\n" + meta +
            R"(,"NewImage":{"n":{"BOOL":true}}})" + "\n")
      .Write();
  const absl::StatusOr<Schema> schema =
      InferAttributes(store, FindExports(store, "", {})->exports, {});
  ASSERT_TRUE(schema.ok()) << schema.status();
  EXPECT_EQ(base::SchemaToString(*schema), "id string, n boolean, o bigint");
}

TEST(SchemaInferenceTest, ACorruptFileIsDataLossThatNamesIt) {
  storage::MemoryStore store;
  const std::string whole = Gzip(Lines({R"({"a":{"N":"1"}})"}));
  ExportBuilder(store).File(Lines({"{}"})).Compressed(whole.substr(0, whole.size() - 5), 1).Write();
  InferenceOptions options;
  options.threads = 2;
  const absl::Status status =
      InferAttributes(store, FindExports(store, "", {})->exports, options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(base::Message(status), testing::HasSubstr("-1.json.gz"));
}

}  // namespace
}  // namespace smelt::dynamodb
