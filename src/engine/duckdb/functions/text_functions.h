#pragma once

// Spark's string functions as plain C++. Lengths and places count characters (code points), text is
// UTF-8. nullopt is NULL. Pure; thread-safe.

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/duckdb/functions/values.h"

namespace smelt::duck {

int32_t CharCount(std::string_view text);
// Characters [start, end), where a negative start counts as before the text.
std::string_view CharRange(std::string_view text, int64_t start, int64_t end);

int32_t Ascii(std::string_view text);
std::string Chr(int64_t code);
std::string Upper(std::string_view text);
std::string Lower(std::string_view text);
std::string InitCap(std::string_view text);
std::string Reverse(std::string_view text);
std::string Repeat(std::string_view text, int32_t times);
std::string Space(int32_t count);

std::string_view SubstringFrom(std::string_view text, int32_t position);
std::string_view Substring(std::string_view text, int32_t position, int32_t length);
std::string_view Left(std::string_view text, int32_t length);
std::string_view Right(std::string_view text, int32_t length);
std::string_view SubstringIndex(std::string_view text, std::string_view delimiter, int32_t count);
absl::StatusOr<std::string> SplitPart(std::string_view text, std::string_view delimiter,
                                      int32_t part);
std::string Overlay(std::string_view text, std::string_view replacement, int32_t position,
                    int32_t length);

// `characters` is a set; the one-argument forms trim spaces only.
std::string_view TrimBoth(std::string_view text, std::string_view characters);
std::string_view TrimLeft(std::string_view text, std::string_view characters);
std::string_view TrimRight(std::string_view text, std::string_view characters);
std::string PadLeft(std::string_view text, int32_t length, std::string_view pad);
std::string PadRight(std::string_view text, int32_t length, std::string_view pad);

// From 1; 0 where it is not there.
int32_t Locate(std::string_view part, std::string_view text, int32_t start);
int32_t FindInSet(std::string_view word, std::string_view list);
bool Contains(std::string_view text, std::string_view part);
bool StartsWith(std::string_view text, std::string_view part);
bool EndsWith(std::string_view text, std::string_view part);
std::string ReplaceText(std::string_view text, std::string_view search,
                        std::string_view replacement);
std::string Translate(std::string_view text, std::string_view from, std::string_view to);

int32_t Levenshtein(std::string_view a, std::string_view b);
int32_t LevenshteinWithin(std::string_view a, std::string_view b, int32_t threshold);
std::string Soundex(std::string_view text);
bool LuhnCheck(std::string_view digits);
// An empty optional keeps the characters of that kind.
struct MaskCharacters {
  std::optional<std::string> upper = "X";
  std::optional<std::string> lower = "x";
  std::optional<std::string> digit = "n";
  std::optional<std::string> other;
};
std::string Mask(std::string_view text, const MaskCharacters& characters);
// Words of ASCII sentences, whose rules are the same in every locale; other text is an error.
absl::StatusOr<std::vector<std::vector<std::string>>> Sentences(std::string_view text);

std::string Base64(BytesView bytes);
absl::StatusOr<Bytes> Unbase64(std::string_view text);
std::string HexText(std::string_view bytes);
std::string HexNumber(int64_t number);
std::optional<Bytes> Unhex(std::string_view text);
std::string BinaryDigits(int64_t number);
absl::StatusOr<std::optional<std::string>> Convert(std::string_view number, int32_t from,
                                                   int32_t to);

std::string UrlEncode(std::string_view text);
absl::StatusOr<std::string> UrlDecode(std::string_view text);
std::optional<std::string> TryUrlDecode(std::string_view text);
absl::StatusOr<std::optional<std::string>> ParseUrl(std::string_view url, std::string_view part);
absl::StatusOr<std::optional<std::string>> ParseUrlQuery(std::string_view url,
                                                         std::string_view part,
                                                         std::string_view key);

std::string Md5Hex(BytesView bytes);
std::string Sha1Hex(BytesView bytes);
std::optional<std::string> Sha2Hex(BytesView bytes, int32_t bits);
int64_t Crc32(BytesView bytes);
std::string Uuid();

// "1,234,567.89" of the digits of a number, rounded half even to `places`.
std::string GroupThousands(std::string_view plain_number);

}  // namespace smelt::duck
