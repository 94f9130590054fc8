#include "delta/schema_evolution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "delta/protocol.h"

namespace smelt::delta {
namespace {

using base::DataType;
using base::Schema;
using base::TypeKind;
using ::testing::HasSubstr;

Schema Of(const std::string& name, DataType type) { return {{name, std::move(type), true, {}}}; }
DataType Type(TypeKind kind) { return DataType(kind); }

TEST(SchemaEvolutionTest, TypesThatFitAndTypesThatDoNot) {
  struct Case {
    DataType table;
    DataType incoming;
    const char* strict;  // the result, or nullptr where it is refused
    const char* merge;
  };
  for (const Case& c : std::vector<Case>{
           {Type(TypeKind::kLong), Type(TypeKind::kInteger), "bigint", "bigint"},
           {Type(TypeKind::kInteger), Type(TypeKind::kLong), nullptr, nullptr},
           {Type(TypeKind::kByte), Type(TypeKind::kInteger), nullptr, "int"},
           {Type(TypeKind::kShort), Type(TypeKind::kInteger), nullptr, "int"},
           {Type(TypeKind::kShort), Type(TypeKind::kLong), nullptr, nullptr},
           {Type(TypeKind::kDouble), Type(TypeKind::kFloat), "double", "double"},
           {Type(TypeKind::kDouble), Type(TypeKind::kInteger), "double", "double"},
           {Type(TypeKind::kDouble), Type(TypeKind::kLong), nullptr, nullptr},
           {Type(TypeKind::kFloat), Type(TypeKind::kDouble), nullptr, nullptr},
           {Type(TypeKind::kString), Type(TypeKind::kLong), nullptr, nullptr},
           {Type(TypeKind::kDate), Type(TypeKind::kTimestamp), nullptr, nullptr},
           {Type(TypeKind::kString), Type(TypeKind::kNull), "string", "string"},
           {DataType::Decimal(12, 2), DataType::Decimal(10, 2), "decimal(12,2)", "decimal(12,2)"},
           {DataType::Decimal(12, 2), DataType::Decimal(12, 3), nullptr, nullptr},
           {DataType::Decimal(12, 2), Type(TypeKind::kInteger), "decimal(12,2)", "decimal(12,2)"},
           {DataType::Decimal(11, 2), Type(TypeKind::kInteger), nullptr, nullptr},
           {DataType::Array(Type(TypeKind::kLong)), DataType::Array(Type(TypeKind::kInteger)),
            "array<bigint>", "array<bigint>"},
       }) {
    for (const SchemaMode mode : {SchemaMode::kStrict, SchemaMode::kMerge}) {
      const char* expected = mode == SchemaMode::kStrict ? c.strict : c.merge;
      const auto result = EvolveSchema(Of("c", c.table), Of("C", c.incoming), mode);
      ASSERT_EQ(result.ok(), expected != nullptr)
          << c.table.ToString() << " <- " << c.incoming.ToString() << ": " << result.status();
      if (expected != nullptr) {
        EXPECT_EQ(result->front().type.ToString(), expected);
      } else {
        EXPECT_TRUE(absl::IsInvalidArgument(result.status()));
        EXPECT_THAT(base::Message(result.status()), HasSubstr("'c'"));
        EXPECT_THAT(base::Message(result.status()), HasSubstr(c.table.ToString()));
        EXPECT_THAT(base::Message(result.status()), HasSubstr(c.incoming.ToString()));
      }
    }
  }
}

TEST(SchemaEvolutionTest, NewColumnsAndMembersAreAddedAtTheEndAndNullable) {
  const Schema table = Of("s", DataType::Struct({{"a", Type(TypeKind::kLong), true, {}}}));
  Schema incoming = Of("s", DataType::Struct({{"b", Type(TypeKind::kString), false, {}}}));
  incoming.push_back({"t", Type(TypeKind::kDate), false, {}});
  EXPECT_THAT(base::Message(EvolveSchema(table, incoming, SchemaMode::kStrict).status()),
              HasSubstr("'s.b'"));
  const auto merged = EvolveSchema(table, incoming, SchemaMode::kMerge);
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_EQ(base::SchemaToString(*merged), "s struct<a:bigint,b:string>, t date");
  EXPECT_TRUE(merged->back().nullable);
}

TEST(SchemaEvolutionTest, AColumnThatMustNotBeNullMustBeWritten) {
  Schema table = Of("a", Type(TypeKind::kLong));
  table.push_back({"b", Type(TypeKind::kLong), false, {}});
  EXPECT_THAT(base::Message(
                  EvolveSchema(table, Of("a", Type(TypeKind::kLong)), SchemaMode::kMerge).status()),
              HasSubstr("'b'"));
  table.back().nullable = true;
  EXPECT_TRUE(EvolveSchema(table, Of("a", Type(TypeKind::kLong)), SchemaMode::kStrict).ok());
}

TEST(SchemaEvolutionTest, SchemasThatCannotBeATable) {
  const Schema good = {{"a", Type(TypeKind::kLong), true, {}},
                       {"b", Type(TypeKind::kLong), true, {}}};
  EXPECT_TRUE(CheckSchema(good, {"b"}).ok());
  EXPECT_FALSE(CheckSchema({}, {}).ok());
  EXPECT_FALSE(CheckSchema(good, {"c"}).ok());
  EXPECT_FALSE(CheckSchema(good, {"a", "b"}).ok());
  EXPECT_FALSE(CheckSchema(good, {"a", "a"}).ok());
  EXPECT_FALSE(
      CheckSchema({{"a", Type(TypeKind::kLong), true, {}}, {"A", Type(TypeKind::kLong), true, {}}},
                  {})
          .ok());
  for (const char* name : {"a b", "a,b", "a;b", "{a", "a)", "a\n", "a\tb", "a=b", ""}) {
    EXPECT_FALSE(CheckSchema(Of(name, Type(TypeKind::kLong)), {}).ok()) << name;
  }
  EXPECT_FALSE(CheckSchema(Of("v", Type(TypeKind::kVariant)), {}).ok());
  EXPECT_FALSE(CheckSchema(Of("s", DataType::Struct({{"x", Type(TypeKind::kLong), true, {}},
                                                     {"X", Type(TypeKind::kLong), true, {}}})),
                           {})
                   .ok());
  Schema nested = good;
  nested.push_back({"l", DataType::Array(Type(TypeKind::kLong)), true, {}});
  EXPECT_FALSE(CheckSchema(nested, {"l"}).ok());
}

Protocol Features(std::vector<std::string> reader, std::vector<std::string> writer) {
  return {3, 7, std::move(reader), std::move(writer)};
}

TEST(ProtocolTest, MissingFeaturesAreNamed) {
  const Schema schema = Of("a", Type(TypeKind::kLong));
  const absl::Status read = CheckReadable(Features({"deletionVectors", "timestampNtz"}, {}), {});
  EXPECT_TRUE(absl::IsUnimplemented(read));
  EXPECT_THAT(base::Message(read), HasSubstr("deletionVectors"));
  EXPECT_THAT(base::Message(read), ::testing::Not(HasSubstr("timestampNtz")));
  const Protocol row_tracking = Features({}, {"rowTracking", "appendOnly"});
  EXPECT_TRUE(CheckReadable(row_tracking, {}).ok());
  EXPECT_THAT(base::Message(CheckWritable(row_tracking, {}, schema)), HasSubstr("rowTracking"));
  EXPECT_TRUE(absl::IsUnimplemented(CheckReadable({4, 7, {}, {}}, {})));
  EXPECT_TRUE(absl::IsUnimplemented(CheckWritable({1, 8, {}, {}}, {}, schema)));
}

TEST(ProtocolTest, OldFeaturesCountWhereTheyAreInUse) {
  Schema schema = Of("a", Type(TypeKind::kLong));
  Metadata metadata;
  for (int writer = 2; writer <= 6; ++writer) {
    EXPECT_TRUE(CheckWritable({2, writer, {}, {}}, metadata, schema).ok()) << writer;
  }
  metadata.configuration = {{"delta.constraints.positive", "a > 0"}};
  EXPECT_THAT(base::Message(CheckWritable({1, 3, {}, {}}, metadata, schema)),
              HasSubstr("checkConstraints"));
  metadata.configuration = {{"delta.enableChangeDataFeed", "true"}};
  EXPECT_THAT(base::Message(CheckWritable({1, 4, {}, {}}, metadata, schema)),
              HasSubstr("changeDataFeed"));
  EXPECT_TRUE(CheckReadable({1, 4, {}, {}}, metadata).ok());
  metadata.configuration = {{"delta.columnMapping.mode", "name"}};
  EXPECT_THAT(base::Message(CheckReadable({2, 5, {}, {}}, metadata)), HasSubstr("columnMapping"));
  schema[0].metadata["delta.invariants"] = "{}";
  EXPECT_THAT(base::Message(CheckWritable({1, 2, {}, {}}, {}, schema)), HasSubstr("invariants"));
}

TEST(ProtocolTest, TimestampsWithoutZoneRaiseTheProtocol) {
  EXPECT_EQ(ProtocolFor(Of("a", Type(TypeKind::kTimestamp))), Protocol());
  const Schema ntz = Of("a", DataType::Array(Type(TypeKind::kTimestampNtz)));
  const Protocol raised = ProtocolFor(ntz);
  EXPECT_EQ(raised, Features({"timestampNtz"}, {"appendOnly", "invariants", "timestampNtz"}));
  EXPECT_EQ(UpgradeFor(raised, ntz), raised);
  EXPECT_TRUE(CheckWritable(raised, {}, ntz).ok());
}

}  // namespace
}  // namespace smelt::delta
