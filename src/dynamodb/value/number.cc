#include "dynamodb/value/number.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/check.h"
#include "base/status.h"

namespace smelt::dynamodb {

namespace {

constexpr std::array<UInt128, Number::kMaxDigits + 1> MakePowersOfTen() {
  std::array<UInt128, Number::kMaxDigits + 1> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
constexpr auto kPowersOfTen = MakePowersOfTen();

int CountDigits(UInt128 coefficient) {
  const auto above = std::upper_bound(kPowersOfTen.begin(), kPowersOfTen.end(), coefficient);
  return std::max<int>(1, static_cast<int>(above - kPowersOfTen.begin()));
}

std::string CoefficientText(UInt128 coefficient) {
  char buffer[40];
  char* end = buffer + sizeof(buffer);
  char* begin = end;
  do {
    *--begin = static_cast<char>('0' + static_cast<int>(coefficient % 10));
    coefficient /= 10;
  } while (coefficient != 0);
  return std::string(begin, end);
}

absl::Status NotANumber(std::string_view text) {
  if (text.empty()) {
    return base::InvalidArgument("The parameter cannot be converted to a numeric value");
  }
  return base::InvalidArgument("The parameter cannot be converted to a numeric value: {}", text);
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The exponent after 'e', held within what can matter so that "1e99999999999" stays an overflow and
// no wrap. False where there is none.
bool ParseExponent(std::string_view text, int64_t* exponent) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty()) return false;
  int64_t value = 0;
  for (char c : text) {
    if (!IsDigit(c)) return false;
    value = std::min<int64_t>(value * 10 + (c - '0'), 1'000'000'000);
  }
  *exponent = negative ? -value : value;
  return true;
}

}  // namespace

Number::Number(int64_t value) {
  negative_ = value < 0;
  // -INT64_MIN does not fit an int64_t.
  coefficient_ = negative_ ? UInt128{0} - static_cast<UInt128>(static_cast<__int128>(value))
                           : static_cast<UInt128>(value);
  while (coefficient_ != 0 && coefficient_ % 10 == 0) {
    coefficient_ /= 10;
    ++exponent_;
  }
}

absl::StatusOr<Number> Number::Make(bool negative, UInt128 coefficient, int exponent) {
  Number number;
  if (coefficient == 0) return number;
  while (coefficient % 10 == 0) {
    coefficient /= 10;
    ++exponent;
  }
  const int count = coefficient >= kPowersOfTen.back() ? kMaxDigits + 1 : CountDigits(coefficient);
  const int64_t first_digit = static_cast<int64_t>(exponent) + count - 1;
  if (first_digit > kMaxExponent) {
    return base::InvalidArgument(
        "Number overflow. Attempting to store a number with magnitude larger than supported range");
  }
  if (first_digit < kMinExponent) {
    return base::InvalidArgument(
        "Number underflow. Attempting to store a number with magnitude smaller than supported "
        "range");
  }
  if (count > kMaxDigits) {
    return base::InvalidArgument("Attempting to store more than 38 significant digits in a Number");
  }
  number.negative_ = negative;
  number.coefficient_ = coefficient;
  number.exponent_ = static_cast<int16_t>(exponent);
  return number;
}

absl::StatusOr<Number> Number::Parse(std::string_view text) {
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest[0] == '-';
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);

  UInt128 coefficient = 0;
  int64_t kept = 0;           // significant digits in `coefficient`
  int64_t pending_zeros = 0;  // zeros that count only if a digit follows
  int64_t fraction = 0;       // digits seen after the point, pending ones included
  bool any_digit = false, point = false, too_long = false;
  size_t i = 0;
  for (; i < rest.size(); ++i) {
    const char c = rest[i];
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (!IsDigit(c)) break;
    any_digit = true;
    if (point) ++fraction;
    if (c == '0') {
      if (kept > 0) ++pending_zeros;
      continue;
    }
    if (kept > 0 && kept + pending_zeros + 1 > kMaxDigits) too_long = true;
    if (too_long) {
      kept += pending_zeros + 1;
    } else {
      coefficient = coefficient * kPowersOfTen[pending_zeros + 1] + static_cast<UInt128>(c - '0');
      kept += pending_zeros + 1;
    }
    pending_zeros = 0;
  }
  if (!any_digit) return NotANumber(text);
  int64_t exponent = 0;
  if (i < rest.size()) {
    if ((rest[i] | 0x20) != 'e' || !ParseExponent(rest.substr(i + 1), &exponent)) {
      return NotANumber(text);
    }
  }
  if (kept == 0) return Number();
  exponent += pending_zeros - fraction;  // of the last kept digit
  exponent = std::clamp<int64_t>(exponent, -1'000'000'000, 1'000'000'000);
  if (too_long) {
    // The service looks at the range before the digits.
    const int64_t first_digit = exponent + kept - 1;
    const int probe = static_cast<int>(std::clamp<int64_t>(first_digit, -1000, 1000));
    SMELT_RETURN_IF_ERROR(Make(negative, 1, probe).status());
    return base::InvalidArgument("Attempting to store more than 38 significant digits in a Number");
  }
  return Make(negative, coefficient, static_cast<int>(exponent));
}

std::string Number::ToString() const {
  if (is_zero()) return "0";
  const std::string figures = CoefficientText(coefficient_);
  std::string out = negative_ ? "-" : "";
  const int point = static_cast<int>(figures.size()) + exponent_;  // digits before the point
  if (exponent_ >= 0) {
    out += figures;
    out.append(static_cast<size_t>(exponent_), '0');
  } else if (point > 0) {
    out.append(figures, 0, static_cast<size_t>(point));
    out += '.';
    out.append(figures, static_cast<size_t>(point));
  } else {
    out += "0.";
    out.append(static_cast<size_t>(-point), '0');
    out += figures;
  }
  return out;
}

int Number::digits() const { return CountDigits(coefficient_); }

std::optional<int64_t> Number::ToInt64() const {
  if (exponent_ < 0 || exponent_ > 18) return std::nullopt;
  if (coefficient_ > UInt128{1} << 63) return std::nullopt;
  const UInt128 magnitude = coefficient_ * kPowersOfTen[static_cast<size_t>(exponent_)];
  const UInt128 limit = (UInt128{1} << 63) - (negative_ ? 0 : 1);
  if (magnitude > limit) return std::nullopt;
  const __int128 value = static_cast<__int128>(magnitude);
  return static_cast<int64_t>(negative_ ? -value : value);
}

double Number::ToDouble() const {
  const std::string text =
      fmt::format("{}{}e{}", negative_ ? "-" : "", CoefficientText(coefficient_), exponent_);
  return std::strtod(text.c_str(), nullptr);
}

Number Number::Negated() const {
  Number number = *this;
  if (!is_zero()) number.negative_ = !negative_;
  return number;
}

absl::StatusOr<Number> Number::Add(const Number& a, const Number& b) {
  // Digit by digit over the whole range of exponents: no rounding before the end.
  constexpr int kLowest = kMinExponent - kMaxDigits + 1;
  constexpr int kPlaces = kMaxExponent - kLowest + 2;  // one for the carry
  std::array<int, kPlaces> places{};
  for (const Number* number : {&a, &b}) {
    UInt128 rest = number->coefficient_;
    for (int place = number->exponent_ - kLowest; rest != 0; ++place, rest /= 10) {
      const int digit = static_cast<int>(rest % 10);
      places[static_cast<size_t>(place)] += number->negative_ ? -digit : digit;
    }
  }
  // Places of differing signs are within -9..9, so the highest one decides the sign of all.
  int top = kPlaces - 1;
  while (top >= 0 && places[static_cast<size_t>(top)] == 0) --top;
  if (top < 0) return Number();
  const bool negative = places[static_cast<size_t>(top)] < 0;
  int carry = 0;
  for (int& place : places) {
    int digit = (negative ? -place : place) + carry;
    carry = digit < 0 ? -1 : digit / 10;
    place = digit - carry * 10;
  }
  SMELT_CHECK(carry == 0);
  top = kPlaces - 1;
  while (places[static_cast<size_t>(top)] == 0) --top;
  const int lowest_kept = std::max(0, top - kMaxDigits + 1);
  UInt128 coefficient = 0;
  for (int i = top; i >= lowest_kept; --i) {
    coefficient = coefficient * 10 + static_cast<UInt128>(places[static_cast<size_t>(i)]);
  }
  if (lowest_kept > 0 && places[static_cast<size_t>(lowest_kept - 1)] >= 5) ++coefficient;
  return Make(negative, coefficient, lowest_kept + kLowest);
}

absl::StatusOr<Number> Number::Subtract(const Number& a, const Number& b) {
  return Add(a, b.Negated());
}

std::strong_ordering operator<=>(const Number& a, const Number& b) {
  const int sign_a = a.is_zero() ? 0 : a.negative_ ? -1 : 1;
  const int sign_b = b.is_zero() ? 0 : b.negative_ ? -1 : 1;
  if (sign_a != sign_b || sign_a == 0) return sign_a <=> sign_b;
  const Number& small = sign_a > 0 ? a : b;  // for negative ones the magnitudes swap
  const Number& large = sign_a > 0 ? b : a;
  const int digits_small = small.digits(), digits_large = large.digits();
  if (auto order = small.exponent_ + digits_small <=> large.exponent_ + digits_large; order != 0) {
    return order;
  }
  return small.coefficient_ *
             kPowersOfTen[static_cast<size_t>(Number::kMaxDigits - digits_small)] <=>
         large.coefficient_ * kPowersOfTen[static_cast<size_t>(Number::kMaxDigits - digits_large)];
}

// One byte of sign (0x40, 0x80, 0xC0), one of the first digit's exponent, then two digits a byte,
// each plus one. All but the sign is inverted for a negative number, and 0xFF ends it, so that of
// two that share a prefix the shorter sorts last.
namespace {
constexpr char kNegative = 0x40, kZero = '\x80', kPositive = '\xC0', kEnd = '\xFF';
}  // namespace

std::string Number::EncodeOrdered() const {
  if (is_zero()) return std::string(1, kZero);
  std::string figures = CoefficientText(coefficient_);
  std::string body;
  body += static_cast<char>(exponent_ + static_cast<int>(figures.size()) - 1 - kMinExponent);
  if (figures.size() % 2 == 1) figures += '0';
  for (size_t i = 0; i < figures.size(); i += 2) {
    body += static_cast<char>((figures[i] - '0') * 10 + (figures[i + 1] - '0') + 1);
  }
  if (!negative_) return kPositive + body;
  for (char& c : body) c = static_cast<char>(~c);
  return kNegative + body + kEnd;
}

absl::StatusOr<Number> Number::DecodeOrdered(std::string_view bytes) {
  const absl::Status broken = base::DataLoss("a stored number key is broken");
  if (bytes == std::string_view(&kZero, 1)) return Number();
  if (bytes.size() < 3 || (bytes[0] != kNegative && bytes[0] != kPositive)) return broken;
  const bool negative = bytes[0] == kNegative;
  bytes.remove_prefix(1);
  if (negative) {
    if (bytes.back() != kEnd) return broken;
    bytes.remove_suffix(1);
  }
  const int mask = negative ? 0xFF : 0;
  const int first_digit = ((bytes[0] & 0xFF) ^ mask) + kMinExponent;
  bytes.remove_prefix(1);
  if (bytes.empty() || bytes.size() > kMaxDigits / 2 + 1) return broken;
  UInt128 coefficient = 0;
  for (char c : bytes) {
    const int pair = ((c & 0xFF) ^ mask) - 1;
    if (pair < 0 || pair > 99) return broken;
    coefficient = coefficient * 100 + static_cast<UInt128>(pair);
  }
  // The first pair is never below 10, so the text has exactly two figures a byte.
  return Make(negative, coefficient, first_digit - static_cast<int>(bytes.size()) * 2 + 1);
}

}  // namespace smelt::dynamodb
