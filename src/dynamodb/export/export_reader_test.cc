#include "dynamodb/export/export_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/status.h"
#include "dynamodb/export/export_builder_for_test.h"
#include "dynamodb/export/export_finder.h"
#include "dynamodb/export/rows_for_test.h"
#include "dynamodb/export/schema_inference.h"
#include "storage/memory_store.h"

namespace smelt::dynamodb {
namespace {

using base::DataType;
using base::Json;
using base::Schema;
using base::TypeKind;
using testing::HasSubstr;

const DataType kString(TypeKind::kString);
const DataType kLong(TypeKind::kLong);

std::string Line(const std::string& item) { return "{\"Item\":" + item + "}\n"; }

class ExportReaderTest : public testing::Test {
 protected:
  Export FindOnly() {
    absl::StatusOr<FoundExports> found = FindExports(store_, "", {});
    SMELT_CHECK(found.ok() && found->exports.size() == 1, "{}", base::Message(found.status()));
    return found->exports[0];
  }

  // Reads the only file of the only export.
  FileRows Read(const Schema& attributes, const ReadOptions& options = {}) {
    const Export found = FindOnly();
    return ReadFile(store_, found, found.files[0], attributes, options);
  }

  FileRows ReadText(const std::string& text, const Schema& attributes,
                    const ReadOptions& options = {}) {
    ExportBuilder(store_).File(text).Write();
    return Read(attributes, options);
  }

  // The one row that `item` makes.
  Json ReadItem(const std::string& item, const Schema& attributes) {
    FileRows read = ReadText(Line(item), attributes);
    EXPECT_TRUE(read.status.ok()) << read.status;
    EXPECT_EQ(read.rows.size(), 1u);
    return read.rows.empty() ? Json() : read.rows[0];
  }

  storage::MemoryStore store_;
};

TEST_F(ExportReaderTest, EveryTypeBecomesItsColumn) {
  const Schema schema = {
      {"b", DataType(TypeKind::kBinary)},
      {"bool", DataType(TypeKind::kBoolean)},
      {"dec", DataType::Decimal(38, 3)},
      {"l", DataType::Array(kLong)},
      {"m", DataType::Struct({{"a", kString}, {"n", DataType::Struct({{"x", kLong}})}})},
      {"map", DataType::Map(kString, kLong)},
      {"n", kLong},
      {"ns", DataType::Array(kLong)},
      {"nul", kString},
      {"s", kString},
      {"ss", DataType::Array(kString)},
      {"bs", DataType::Array(DataType(TypeKind::kBinary))}};
  const Json row = ReadItem(
      R"({"b":{"B":"YWJj"},"bool":{"BOOL":true},"dec":{"N":"-12.5"},"l":{"L":[{"N":"1"},{"NULL":true}]},)"
      R"("m":{"M":{"a":{"S":"q\"\u00e9"},"n":{"M":{"x":{"N":"7"}}}}},"map":{"M":{"k 1":{"N":"1"},"k2":{"N":"2"}}},)"
      R"("n":{"N":"42"},"ns":{"NS":["3","4"]},"nul":{"NULL":true},"s":{"S":"plain"},"ss":{"SS":["x","y"]},)"
      R"("bs":{"BS":["YQ=="]}})",
      schema);
  EXPECT_EQ(row["b"], "abc");
  EXPECT_EQ(row["bool"], true);
  EXPECT_EQ(row["dec"], "-12.5");
  EXPECT_EQ(row["l"], Json({1, nullptr}));
  EXPECT_EQ(row["m"], Json({{"a", "q\"é"}, {"n", {{"x", 7}}}}));
  EXPECT_EQ(row["map"], Json({{"k 1", 1}, {"k2", 2}}));
  EXPECT_EQ(row["n"], 42);
  EXPECT_EQ(row["ns"], Json({3, 4}));
  EXPECT_EQ(row["nul"], nullptr);
  EXPECT_EQ(row["ss"], Json({"x", "y"}));
  EXPECT_EQ(row["bs"], Json::array({"a"}));
  EXPECT_EQ(row["_rescued_data"], nullptr);
  EXPECT_EQ(row["_change_type"], "snapshot");
  EXPECT_EQ(row["_change_timestamp"], 1700000000000000);
  EXPECT_EQ(row["_metadata"]["line"], 1);
  EXPECT_EQ(row["_metadata"]["export_id"], "01700000000000-aaaaaaaa");
  EXPECT_EQ(row["_metadata"]["file_name"], "01700000000000-aaaaaaaa-0.json.gz");
  EXPECT_THAT(row["_metadata"]["file_path"].get<std::string>(),
              testing::EndsWith(
                  "AWSDynamoDB/01700000000000-aaaaaaaa/data/01700000000000-aaaaaaaa-0.json.gz"));
}

TEST_F(ExportReaderTest, NoNumberLosesADigit) {
  const Schema schema = {{"d", DataType::Decimal(38, 0)},
                         {"s", kString},
                         {"l", kLong},
                         {"p", DataType::Decimal(10, 2)}};
  const Json row = ReadItem(
      R"({"d":{"N":"-99999999999999999999999999999999999999"},"s":{"N":"0.00000000000000000000000000000000000000001"},)"
      R"("l":{"N":"-9223372036854775808"},"p":{"N":"12345678.9"}})",
      schema);
  EXPECT_EQ(row["d"], "-99999999999999999999999999999999999999");
  EXPECT_EQ(row["s"], "0.00000000000000000000000000000000000000001");
  EXPECT_EQ(row["l"], std::numeric_limits<int64_t>::min());
  EXPECT_EQ(row["p"], "12345678.9");
}

TEST_F(ExportReaderTest, WhatDoesNotFitIsRescuedWhole) {
  const Schema schema = {{"n", kLong},
                         {"p", DataType::Decimal(4, 2)},
                         {"s", kString},
                         {"m", DataType::Struct({{"a", kLong}})},
                         {"t", DataType(TypeKind::kByte)}};
  const Json row = ReadItem(
      R"({"n":{"N":"1.5"},"p":{"N":"100"},"s":{"M":{"x":{"S":"}\"{"}}},"m":{"M":{"a":{"N":"1"},"new":{"BOOL":true}}},)"
      R"("t":{"N":"128"},"unknown \"attribute\"":{"L":[{"S":"a"}]}})",
      schema);
  EXPECT_EQ(row["n"], nullptr);
  EXPECT_EQ(row["m"], Json({{"a", 1}}));
  EXPECT_EQ(Json::parse(row["_rescued_data"].get<std::string>()),
            Json::parse(R"({"n":{"N":"1.5"},"p":{"N":"100"},"s":{"M":{"x":{"S":"}\"{"}}},)"
                        R"("m":{"M":{"a":{"N":"1"},"new":{"BOOL":true}}},"t":{"N":"128"},)"
                        R"("unknown \"attribute\"":{"L":[{"S":"a"}]}})"));
}

TEST_F(ExportReaderTest, HintedTypesTakeWhatTheyCan) {
  const Schema schema = {{"date", DataType(TypeKind::kDate)},
                         {"at", DataType(TypeKind::kTimestamp)},
                         {"f", DataType(TypeKind::kDouble)},
                         {"bad", DataType(TypeKind::kDate)}};
  const Json row = ReadItem(
      R"({"date":{"S":"1970-01-02"},"at":{"S":"1970-01-01T00:00:01Z"},"f":{"N":"0.1"},"bad":{"S":"2023-02-29"}})",
      schema);
  EXPECT_EQ(row["date"], 1);
  EXPECT_EQ(row["at"], 1000000);
  EXPECT_EQ(row["f"], 0.1);
  EXPECT_EQ(row["bad"], nullptr);
  EXPECT_EQ(row["_rescued_data"], R"({"bad":{"S":"2023-02-29"}})");
}

TEST_F(ExportReaderTest, ATypeThatNothingCanFillIsRefusedByName) {
  ExportBuilder(store_).File(Line("{}")).Write();
  const FileRows read = Read({{"a", DataType::Array(DataType(TypeKind::kInterval))}});
  EXPECT_EQ(read.status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(base::Message(read.status), HasSubstr("a.element"));
}

std::string Nested(int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += "{\"L\":[";
  text += "{\"S\":\"x\"}";
  for (int i = 0; i < depth; ++i) text += "]}";
  return text;
}

TEST_F(ExportReaderTest, BadLinesStayAsRowsThatNameTheirPlace) {
  const std::vector<std::string> bad = {
      "not json",
      "[]",
      "{}",
      "{\"Item\":5}",
      "{\"Item\":{\"id\":\"plain\"}}",
      "{\"Item\":{\"id\":{\"X\":\"unknown type\"}}}",
      "{\"Item\":{\"id\":{\"S\":\"two\",\"N\":\"1\"}}}",
      "{\"Item\":{\"id\":{\"S\":5}}}",
      "{\"Item\":{\"id\":{\"S\":\"a\"},\"id\":{\"S\":\"again\"}}}",
      "{\"Item\":{\"m\":{\"M\":{\"a\":{\"N\":\"1\"},\"a\":{\"N\":\"2\"}}}}}",
      "{\"Item\":{\"id\":{\"S\":\"cut",
      "{\"Item\":{\"id\":{\"S\":\"a\"}}",
      "{\"Item\":{\"id\":{\"S\":\"a\"}}} trailing",
      "{\"Item\":{\"id\":{\"S\":\"a\"}},\"Item\":{}}",
      "{\"Item\":{\"other\":" + Nested(33) + "}}",
      "{\"Item\":{\"id\":{\"S\":\"\\ud800\"}}}",
      "{\"NewImage\":{\"id\":{\"S\":\"a\"}}}",
      std::string(100000, '['),
  };
  std::string text;
  for (const std::string& line : bad) text += line + "\n" + Line(R"({"id":{"S":"good"}})");
  const Schema schema = {
      {"id", kString}, {"l", DataType::Array(kLong)}, {"m", DataType::Struct({{"a", kLong}})}};
  const FileRows read = ReadText(text, schema);
  ASSERT_TRUE(read.status.ok()) << read.status;
  EXPECT_EQ(read.bad_lines, static_cast<int64_t>(bad.size()));
  ASSERT_EQ(read.rows.size(), bad.size() * 2);
  for (size_t i = 0; i < bad.size(); ++i) {
    const Json& row = read.rows[2 * i];
    EXPECT_EQ(row["id"], nullptr) << bad[i];
    EXPECT_EQ(row["m"], nullptr) << bad[i];
    EXPECT_EQ(row["_rescued_data"], bad[i]);
    EXPECT_EQ(row["_metadata"]["line"], 2 * i + 1);
    EXPECT_EQ(read.rows[2 * i + 1]["id"], "good");
  }
}

TEST_F(ExportReaderTest, NestingOf32IsFine) {
  const Json row = ReadItem("{\"other\":" + Nested(32) + "}", {{"id", kString}});
  EXPECT_EQ(row["_rescued_data"], "{\"other\":" + Nested(32) + "}");
}

TEST_F(ExportReaderTest, BadUtf8IsABadLineInPrintableForm) {
  const FileRows read =
      ReadText("{\"Item\":{\"id\":{\"S\":\"\xC3\x28\xFF\xE2\x82\"}}}\n", {{"id", kString}});
  ASSERT_TRUE(read.status.ok()) << read.status;
  EXPECT_EQ(read.bad_lines, 1);
  EXPECT_EQ(read.rows[0]["_rescued_data"],
            "{\"Item\":{\"id\":{\"S\":\"\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"}}}");
}

TEST_F(ExportReaderTest, BadLinesFailTheReadWhereThatIsAskedFor) {
  const FileRows read = ReadText(Line(R"({"id":{"S":"a"}})") + "oops\n", {{"id", kString}},
                                 {.fail_on_bad_line = true});
  EXPECT_EQ(read.status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(base::Message(read.status),
              HasSubstr(".json.gz:2: not an item of DynamoDB JSON: oops"));
}

TEST_F(ExportReaderTest, ReadsLongLinesAndRefusesOnlyTheLongest) {
  const std::string value(3 << 20, 'v');
  const std::string too_long(9 << 20, 'w');
  const FileRows read =
      ReadText(Line(R"({"id":{"S":"a"}})") + Line("{\"id\":{\"S\":\"" + value + "\"}}") +
                   Line("{\"id\":{\"S\":\"" + too_long + "\"}}") + Line(R"({"id":{"S":"z"}})"),
               {{"id", kString}});
  ASSERT_TRUE(read.status.ok()) << read.status;
  ASSERT_EQ(read.rows.size(), 4u);
  EXPECT_EQ(read.rows[1]["id"], value);
  EXPECT_EQ(read.bad_lines, 1);
  EXPECT_EQ(read.rows[2]["_rescued_data"].get<std::string>().size(), 1u << 20);
  EXPECT_EQ(read.rows[3]["id"], "z");
  EXPECT_EQ(read.rows[3]["_metadata"]["line"], 4);
}

TEST_F(ExportReaderTest, BlankLinesLastLinesAndSeveralMembers) {
  const std::string first = Line(R"({"id":{"S":"a"}})") + "\n\r\n";
  const std::string second = R"({"Item":{"id":{"S":"b"}}})";  // no newline, split over two members
  ExportBuilder(store_)
      .Compressed(Gzip(first + second.substr(0, 10)) + Gzip(second.substr(10)), 2)
      .Write();
  const FileRows read = Read({{"id", kString}});
  ASSERT_TRUE(read.status.ok()) << read.status;
  ASSERT_EQ(read.rows.size(), 2u);
  EXPECT_EQ(read.rows[1]["id"], "b");
  EXPECT_EQ(read.rows[1]["_metadata"]["line"], 4);
}

std::string ManyItems(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += Line(
        fmt::format(R"({{"id":{{"S":"item {}"}},"l":{{"L":[{{"N":"{}"}},{{"N":"2"}}]}}}})", i, i));
  }
  return text;
}

TEST_F(ExportReaderTest, BatchesJoinToTheWholeFile) {
  const Schema schema = {{"id", kString}, {"l", DataType::Array(kLong)}};
  const FileRows read = ReadText(ManyItems(30000), schema);
  ASSERT_TRUE(read.status.ok()) << read.status;
  ASSERT_EQ(read.rows.size(), 30000u);
  for (int i = 0; i < 30000; ++i) {
    ASSERT_EQ(read.rows[static_cast<size_t>(i)]["id"], fmt::format("item {}", i));
    ASSERT_EQ(read.rows[static_cast<size_t>(i)]["l"], Json({i, 2}));
  }
}

TEST_F(ExportReaderTest, AKeptBatchMemoryKeepsItsTexts) {
  ExportBuilder(store_).File(ManyItems(5000)).Write();
  const Export found = FindOnly();
  const Schema schema = {{"id", kString}};
  auto reader = *ExportReader::Open(store_, found, found.files[0], schema, {0}, {});
  Batch batch;
  ASSERT_TRUE(reader->Next(&batch).ok());
  const std::shared_ptr<BatchMemory> kept = batch.memory;
  const TextRef text = batch.columns[0].at<TextRef>(7);
  while (batch.rows > 0) ASSERT_TRUE(reader->Next(&batch).ok());
  EXPECT_EQ(std::string(text.data, text.size), "item 7");
}

TEST_F(ExportReaderTest, AProjectionInAnyOrderReadsOnlyThat) {
  ExportBuilder(store_).File(ManyItems(3)).Write();
  const Export found = FindOnly();
  const Schema schema = {{"id", kString}, {"l", DataType::Array(kLong)}};
  auto reader = *ExportReader::Open(store_, found, found.files[0], schema, {4, 1}, {});
  Batch batch;
  ASSERT_TRUE(reader->Next(&batch).ok());
  ASSERT_EQ(batch.columns.size(), 2u);
  EXPECT_EQ(CellOf(batch.columns[0], 2), 1700000000000000);
  EXPECT_EQ(CellOf(batch.columns[1], 2), Json({2, 2}));
}

TEST_F(ExportReaderTest, IncrementalRecordsSayWhatHappened) {
  const std::string meta =
      R"({"Metadata":{"WriteTimestampMicros":{"N":"1700000000123456"}},"Keys":{"id":{"S":"k"}})";
  const std::string old_image = R"(,"OldImage":{"id":{"S":"k"},"v":{"N":"1"}})";
  const std::string new_image = R"(,"NewImage":{"id":{"S":"k"},"v":{"N":"2"}})";
  const std::string text = meta + new_image + "}\n" + meta + old_image + new_image + "}\n" + meta +
                           old_image + "}\n" + meta + "}\n" + meta + R"(,"Bogus":{}})" + "\n" +
                           R"({"Keys":{"id":{"S":"k"}}})" + "\n";
  const auto read = [&](const char* view) {
    ExportBuilder(store_).Incremental(view).File(text).Write();
    return Read({{"id", kString}, {"v", kLong}});
  };
  const FileRows both = read("NEW_AND_OLD_IMAGES");
  ASSERT_TRUE(both.status.ok()) << both.status;
  std::vector<std::string> types;
  std::vector<Json> values;
  for (const Json& row : both.rows) {
    types.push_back(row["_change_type"]);
    values.push_back(row["v"]);
  }
  EXPECT_EQ(types,
            (std::vector<std::string>{"insert", "update", "delete", "delete", "update", "update"}));
  EXPECT_EQ(values, (std::vector<Json>{2, 2, 1, nullptr, nullptr, nullptr}));
  EXPECT_EQ(both.bad_lines, 2);
  EXPECT_EQ(both.rows[3]["id"], "k");
  EXPECT_EQ(both.rows[2]["_change_timestamp"], 1700000000123456);
  EXPECT_EQ(both.rows[2]["_metadata"]["export_time"], 1700086400000000);
  EXPECT_EQ(read("NEW_IMAGE").rows[0]["_change_type"], "update");
}

TEST_F(ExportReaderTest, AGzipCutAnywhereIsDataLossThatNamesFileAndLine) {
  const std::string whole = Gzip(ManyItems(200));
  for (size_t size = 0; size < whole.size(); size += 1 + size / 40) {
    ExportBuilder(store_).Compressed(whole.substr(0, size), 200).Write();
    const FileRows read = Read({{"id", kString}});
    ASSERT_EQ(read.status.code(), absl::StatusCode::kDataLoss) << size;
    ASSERT_THAT(base::Message(read.status), HasSubstr("-0.json.gz: ")) << size;
    ASSERT_THAT(base::Message(read.status), HasSubstr("line ")) << size;
  }
}

TEST_F(ExportReaderTest, FlippedBitsNeverGoUnnoticed) {
  ExportBuilder(store_).Compressed(Gzip(ManyItems(200)), 200).Write();
  const Export found = FindOnly();
  const std::string whole = *store_.Get(found.files[0].key);
  for (size_t at = 0; at < whole.size(); at += 7) {
    std::string spoilt = whole;
    spoilt[at] = static_cast<char>(spoilt[at] ^ (1 << (at % 8)));
    ASSERT_TRUE(store_.Put(found.files[0].key, spoilt, storage::PutMode::kOverwrite).ok());
    const FileRows read = ReadFile(store_, found, found.files[0], {{"id", kString}});
    ASSERT_EQ(read.status.code(), absl::StatusCode::kDataLoss) << at;
    ASSERT_THAT(base::Message(read.status), HasSubstr(found.files[0].key)) << at;
  }
}

TEST_F(ExportReaderTest, CountsAndChecksumsThatLieAreDataLoss) {
  ExportBuilder(store_).Compressed(Gzip(ManyItems(3)), 4).Write();
  EXPECT_THAT(base::Message(Read({}).status), HasSubstr("it has 3 items, but manifest-files.json"));

  ExportBuilder(store_).File(ManyItems(3)).Write();
  const Export found = FindOnly();
  DataFile lied_about = found.files[0];
  lied_about.md5_base64 = "AAAAAAAAAAAAAAAAAAAAAA==";
  const absl::Status status = ReadFile(store_, found, lied_about, {}).status;
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(base::Message(status), HasSubstr("its MD5 is"));
  EXPECT_THAT(base::Message(status), HasSubstr("read to line 3"));
}

TEST_F(ExportReaderTest, AMissingDataFileIsDataLoss) {
  ExportBuilder(store_).File(ManyItems(1)).Write();
  const Export found = FindOnly();
  ASSERT_TRUE(store_.Delete(found.files[0].key).ok());
  const absl::Status status = ReadFile(store_, found, found.files[0], {}).status;
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(base::Message(status), HasSubstr("is missing"));
}

TEST_F(ExportReaderTest, DamagedLinesAreRowsOrBadLinesAndNeverACrash) {
  const std::string good =
      R"({"Item":{"b":{"B":"YWJj"},"id":{"S":"\u00e9 \"x\""},"l":{"L":[{"N":"1"},{"M":{"k":{"BOOL":true}}}]},)"
      R"("m":{"M":{"a":{"N":"-12.5"},"z":{"NULL":true}}},"n":{"N":"42"},"ss":{"SS":["x","y"]}}})";
  const Schema schema = {
      {"b", DataType(TypeKind::kBinary)},
      {"id", kString},
      {"l", DataType::Array(DataType::Map(kString, DataType(TypeKind::kBoolean)))},
      {"m", DataType::Struct({{"a", DataType::Decimal(9, 2)}, {"z", kString}})},
      {"n", kLong},
      {"ss", DataType::Array(kString)}};
  std::mt19937 random(11);
  constexpr std::string_view kSpice = "{}[]\",:\\0aNSML \xC3\t";
  std::string text;
  constexpr int kLines = 20000;
  for (int i = 0; i < kLines; ++i) {
    std::string line = good;
    for (uint32_t edits = 1 + random() % 3; edits > 0; --edits) {
      const size_t at = random() % line.size();
      const char spice = kSpice[random() % kSpice.size()];
      switch (random() % 4) {
        case 0:
          line[at] = spice;
          break;
        case 1:
          line.insert(at, 1, spice);
          break;
        case 2:
          line.erase(at, 1 + random() % 4);
          break;
        default:
          line.insert(at, line.substr(random() % line.size(), random() % 20));
      }
    }
    text += line + "\n";
  }
  const FileRows read = ReadText(text, schema);
  ASSERT_TRUE(read.status.ok()) << read.status;
  ASSERT_EQ(read.rows.size(), static_cast<size_t>(kLines));
  EXPECT_GT(read.bad_lines, kLines / 2);
  EXPECT_LT(read.bad_lines, kLines);
  for (const Json& row : read.rows) {
    // Each row either has its item, or the text that it came from.
    if (row["id"].is_null() && row["n"].is_null()) {
      ASSERT_FALSE(row["_rescued_data"].is_null()) << row;
    }
  }
  const Export found = FindOnly();
  EXPECT_TRUE(InferAttributes(store_, {found}, {}).ok());
}

TEST_F(ExportReaderTest, TrailingGarbageIsCorruption) {
  ExportBuilder(store_).Compressed(Gzip(ManyItems(2)) + "garbage!", 2).Write();
  EXPECT_EQ(Read({}).status.code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace smelt::dynamodb
