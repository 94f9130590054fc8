#pragma once

// java.util.Formatter as format_string uses it: "%05d|%-10s|%.2f". Pure; thread-safe.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace smelt::duck {

struct DecimalText {  // a decimal's plain digits, "-3.75"
  std::string digits;
};
using FormatArgument =
    std::variant<std::monostate, bool, int64_t, double, DecimalText, std::string>;

absl::StatusOr<std::string> JavaFormat(std::string_view format,
                                       const std::vector<FormatArgument>& arguments);

}  // namespace smelt::duck
