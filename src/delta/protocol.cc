#include "delta/protocol.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "base/status.h"

namespace smelt::delta {
namespace {

using base::DataType;
using base::Field;
using base::TypeKind;

constexpr int kTableFeaturesReader = 3;
constexpr int kTableFeaturesWriter = 7;

// Features that bind readers and that this program implements. vacuumProtocolCheck asks only that
// vacuum checks the protocol; there is nothing to do in reading. columnMapping and the old writer
// features count where they are in use.
constexpr std::string_view kReaderFeatures[] = {"timestampNtz", "vacuumProtocolCheck",
                                                "columnMapping"};
constexpr std::string_view kWriterFeatures[] = {
    "timestampNtz",    "vacuumProtocolCheck", "columnMapping",  "appendOnly",
    "invariants",      "checkConstraints",    "changeDataFeed", "generatedColumns",
    "identityColumns", "domainMetadata"};

template <typename Range>
bool Contains(const Range& range, std::string_view name) {
  return std::find(std::begin(range), std::end(range), name) != std::end(range);
}

bool AnyField(const std::vector<Field>& fields, const std::function<bool(const Field&)>& matches);

bool AnyNested(const DataType& type, const std::function<bool(const Field&)>& matches) {
  switch (type.kind()) {
    case TypeKind::kStruct:
      return AnyField(type.fields(), matches);
    case TypeKind::kArray:
      return matches({"element", type.element(), true, {}}) || AnyNested(type.element(), matches);
    case TypeKind::kMap:
      return matches({"key", type.key(), false, {}}) ||
             matches({"value", type.value(), true, {}}) || AnyNested(type.key(), matches) ||
             AnyNested(type.value(), matches);
    default:
      return false;
  }
}

bool AnyField(const std::vector<Field>& fields, const std::function<bool(const Field&)>& matches) {
  return std::any_of(fields.begin(), fields.end(), [&](const Field& field) {
    return matches(field) || AnyNested(field.type, matches);
  });
}

bool HasColumnMetadata(const base::Schema& schema, const char* key) {
  return AnyField(schema, [key](const Field& field) { return field.metadata.contains(key); });
}

bool HasTimestampNtz(const base::Schema& schema) {
  return AnyField(schema,
                  [](const Field& field) { return field.type.is(TypeKind::kTimestampNtz); });
}

std::string PropertyOr(const Metadata& metadata, const char* name, const char* fallback) {
  const auto it = metadata.configuration.find(name);
  return it == metadata.configuration.end() ? fallback : it->second;
}

std::string Join(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

bool MapsColumns(const Metadata& metadata) {
  return PropertyOr(metadata, "delta.columnMapping.mode", "none") != "none";
}

// The writer features that the numbered versions 3 to 6 brought, where the table makes use of them:
// one that is only permitted asks nothing of a writer, whether it is implied by a number or listed
// by name.
std::vector<std::string> OldFeaturesInUse(const Metadata& metadata, const base::Schema& schema) {
  std::vector<std::string> used;
  const bool has_constraints = std::any_of(
      metadata.configuration.begin(), metadata.configuration.end(),
      [](const auto& entry) { return entry.first.rfind("delta.constraints.", 0) == 0; });
  if (has_constraints) used.push_back("checkConstraints");
  if (PropertyOr(metadata, "delta.enableChangeDataFeed", "false") == "true") {
    used.push_back("changeDataFeed");
  }
  if (HasColumnMetadata(schema, "delta.generationExpression")) used.push_back("generatedColumns");
  if (MapsColumns(metadata)) used.push_back("columnMapping");
  if (HasColumnMetadata(schema, "delta.identity.start")) used.push_back("identityColumns");
  // SQL in a column's metadata: writer 2 has it, hardly a table uses it.
  if (HasColumnMetadata(schema, "delta.invariants")) used.push_back("invariants");
  return used;
}

}  // namespace

absl::Status CheckReadable(const Protocol& protocol, const Metadata& metadata) {
  if (protocol.min_reader_version > kTableFeaturesReader) {
    return base::Unimplemented("the table needs a Delta reader of version {}; Smelt has {}",
                               protocol.min_reader_version, kTableFeaturesReader);
  }
  std::vector<std::string> missing;
  for (const std::string& feature : protocol.reader_features.value_or(std::vector<std::string>())) {
    if (!Contains(kReaderFeatures, feature)) missing.push_back(feature);
  }
  if (MapsColumns(metadata)) missing.push_back("columnMapping");
  if (missing.empty()) return absl::OkStatus();
  return base::Unimplemented(
      "the table needs Delta features that Smelt cannot read: {} (Spark can drop them: ALTER TABLE "
      ".. DROP FEATURE)",
      Join(missing));
}

absl::Status CheckWritable(const Protocol& protocol, const Metadata& metadata,
                           const base::Schema& schema) {
  SMELT_RETURN_IF_ERROR(CheckReadable(protocol, metadata));
  if (protocol.min_writer_version > kTableFeaturesWriter) {
    return base::Unimplemented("the table needs a Delta writer of version {}; Smelt has {}",
                               protocol.min_writer_version, kTableFeaturesWriter);
  }
  std::vector<std::string> missing = OldFeaturesInUse(metadata, schema);
  for (const std::string& feature : protocol.writer_features.value_or(std::vector<std::string>())) {
    if (!Contains(kWriterFeatures, feature)) missing.push_back(feature);
  }
  if (missing.empty()) return absl::OkStatus();
  return base::Unimplemented("the table needs Delta features that Smelt cannot write: {}",
                             Join(missing));
}

Protocol ProtocolFor(const base::Schema& schema) { return UpgradeFor(Protocol(), schema); }

Protocol UpgradeFor(const Protocol& current, const base::Schema& schema) {
  Protocol protocol = current;
  if (!HasTimestampNtz(schema)) return protocol;
  if (!protocol.writer_features) {
    // Version 7 lists by name what the numbered version implied. What CheckWritable let pass is at
    // most this.
    protocol.writer_features.emplace();
    if (protocol.min_writer_version >= 2) protocol.writer_features = {"appendOnly", "invariants"};
    if (protocol.min_writer_version >= 3) protocol.writer_features->push_back("checkConstraints");
    if (protocol.min_writer_version >= 4) {
      protocol.writer_features->push_back("changeDataFeed");
      protocol.writer_features->push_back("generatedColumns");
    }
    if (protocol.min_writer_version >= 5) protocol.writer_features->push_back("columnMapping");
    if (protocol.min_writer_version >= 6) protocol.writer_features->push_back("identityColumns");
  }
  if (!protocol.reader_features) {
    protocol.reader_features.emplace();
    if (protocol.min_reader_version >= 2) protocol.reader_features->push_back("columnMapping");
  }
  protocol.min_reader_version = kTableFeaturesReader;
  protocol.min_writer_version = kTableFeaturesWriter;
  for (auto* features : {&*protocol.reader_features, &*protocol.writer_features}) {
    if (!Contains(*features, "timestampNtz")) features->push_back("timestampNtz");
  }
  return protocol;
}

}  // namespace smelt::delta
