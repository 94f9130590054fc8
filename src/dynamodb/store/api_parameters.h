#pragma once

// Parameters: the members of a request, read with the service's checks. Violations are gathered,
// and Check() reports them together ("2 validation errors detected: .."); so a handler reads all it
// needs, checks, and then works. One request's.

#include <absl/status/statusor.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "dynamodb/value/expression.h"
#include "dynamodb/value/value.h"

namespace smelt::dynamodb::store {

class Parameters {
 public:
  // `path` leads to the object in messages: "" for a request, "provisionedThroughput" for a member
  // of it. The object must outlive this.
  explicit Parameters(const base::Json& object, std::string path = {})
      : object_(object), path_(std::move(path)) {}

  // Null where it is absent or null.
  const base::Json* Member(const char* name) const;
  bool Has(const char* name) const { return Member(name) != nullptr; }

  // Empty, 0 and false where they are absent.
  std::string String(const char* name);
  std::string RequiredString(const char* name);
  // 3 to 255 of a-z A-Z 0-9 _ . -
  std::string RequiredTableName(const char* name = "TableName");
  // One of `values`, or the first of them where it is absent.
  std::string Enum(const char* name, std::initializer_list<const char*> values);
  int64_t Integer(const char* name, int64_t minimum, int64_t fallback);
  int64_t RequiredInteger(const char* name, int64_t minimum);
  bool Bool(const char* name, bool fallback);
  // A map of attributes.
  Item RequiredItem(const char* name);
  Item OptionalItem(const char* name);

  // "Value '..' at 'limit' failed to satisfy constraint: Member must ..". `shown` as the service
  // shows the value: quoted, or null.
  void Violate(const char* name, std::string_view shown, std::string_view constraint);
  // Of an object read through other Parameters.
  void Merge(Parameters other);

  // The first error of shape, or all violations; OK where there is none.
  absl::Status Check() const;

 private:
  std::string PathOf(const char* name) const;
  void Misshapen(const base::Json& member, const char* expected);
  void Fail(absl::Status status);

  const base::Json& object_;
  std::string path_;
  absl::Status failure_;  // of shape, or of an item
  std::vector<std::string> violations_;
};

// The request's placeholders for the expressions named; the service refuses them where there is no
// expression.
absl::StatusOr<Placeholders> ReadPlaceholders(const Parameters& parameters,
                                              std::initializer_list<const char*> expressions);

// kInvalidArgument, naming the first of these that the request has.
absl::Status RefuseLegacy(const Parameters& parameters, std::initializer_list<const char*> names);

}  // namespace smelt::dynamodb::store
