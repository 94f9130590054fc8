#include "engine/duckdb/functions/spark_hash.h"

#include <cstring>

namespace smelt::duck {
namespace {

template <typename T>
T Load(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

uint32_t Rotate(uint32_t value, int by) { return (value << by) | (value >> (32 - by)); }
uint64_t Rotate(uint64_t value, int by) { return (value << by) | (value >> (64 - by)); }

uint32_t MixKey(uint32_t key) { return Rotate(key * 0xcc9e2d51u, 15) * 0x1b873593u; }
uint32_t MixHash(uint32_t hash, uint32_t key) {
  return Rotate(hash ^ MixKey(key), 13) * 5 + 0xe6546b64u;
}
int32_t Finish(uint32_t hash, uint32_t length) {
  hash ^= length;
  hash = (hash ^ (hash >> 16)) * 0x85ebca6bu;
  hash = (hash ^ (hash >> 13)) * 0xc2b2ae35u;
  return static_cast<int32_t>(hash ^ (hash >> 16));
}

constexpr uint64_t kPrime1 = 0x9E3779B185EBCA87u;
constexpr uint64_t kPrime2 = 0xC2B2AE3D27D4EB4Fu;
constexpr uint64_t kPrime3 = 0x165667B19E3779F9u;
constexpr uint64_t kPrime4 = 0x85EBCA77C2B2AE63u;
constexpr uint64_t kPrime5 = 0x27D4EB2F165667C5u;

int64_t Avalanche(uint64_t hash) {
  hash = (hash ^ (hash >> 33)) * kPrime2;
  hash = (hash ^ (hash >> 29)) * kPrime3;
  return static_cast<int64_t>(hash ^ (hash >> 32));
}

uint64_t Round(uint64_t state, uint64_t input) {
  return Rotate(state + input * kPrime2, 31) * kPrime1;
}

uint64_t MixLong(uint64_t hash, uint64_t value) {
  return Rotate(hash ^ Round(0, value), 27) * kPrime1 + kPrime4;
}
uint64_t MixInt(uint64_t hash, uint32_t value) {
  return Rotate(hash ^ (value * kPrime1), 23) * kPrime2 + kPrime3;
}

}  // namespace

int32_t Murmur3::Int(int32_t value, int32_t seed) {
  return Finish(MixHash(static_cast<uint32_t>(seed), static_cast<uint32_t>(value)), 4);
}

int32_t Murmur3::Long(int64_t value, int32_t seed) {
  const auto bits = static_cast<uint64_t>(value);
  const uint32_t hash = MixHash(static_cast<uint32_t>(seed), static_cast<uint32_t>(bits));
  return Finish(MixHash(hash, static_cast<uint32_t>(bits >> 32)), 8);
}

int32_t Murmur3::Text(std::string_view bytes, int32_t seed) {
  auto hash = static_cast<uint32_t>(seed);
  const size_t aligned = bytes.size() / 4 * 4;
  for (size_t i = 0; i < aligned; i += 4) hash = MixHash(hash, Load<uint32_t>(bytes.data() + i));
  // Spark mixes each byte of the rest by itself, with its sign.
  for (size_t i = aligned; i < bytes.size(); ++i) {
    hash = MixHash(hash,
                   static_cast<uint32_t>(static_cast<int32_t>(static_cast<signed char>(bytes[i]))));
  }
  return Finish(hash, static_cast<uint32_t>(bytes.size()));
}

int64_t XxHash64::Int(int32_t value, int64_t seed) {
  return Avalanche(MixInt(static_cast<uint64_t>(seed) + kPrime5 + 4, static_cast<uint32_t>(value)));
}

int64_t XxHash64::Long(int64_t value, int64_t seed) {
  return Avalanche(
      MixLong(static_cast<uint64_t>(seed) + kPrime5 + 8, static_cast<uint64_t>(value)));
}

int64_t XxHash64::Text(std::string_view bytes, int64_t signed_seed) {
  const auto seed = static_cast<uint64_t>(signed_seed);
  const char* at = bytes.data();
  size_t left = bytes.size();
  uint64_t hash = seed + kPrime5;
  if (left >= 32) {
    uint64_t lanes[4] = {seed + kPrime1 + kPrime2, seed + kPrime2, seed, seed - kPrime1};
    for (; left >= 32; left -= 32) {
      for (uint64_t& lane : lanes) {
        lane = Round(lane, Load<uint64_t>(at));
        at += 8;
      }
    }
    hash = Rotate(lanes[0], 1) + Rotate(lanes[1], 7) + Rotate(lanes[2], 12) + Rotate(lanes[3], 18);
    for (const uint64_t lane : lanes) hash = (hash ^ Round(0, lane)) * kPrime1 + kPrime4;
  }
  hash += bytes.size();
  for (; left >= 8; left -= 8, at += 8) hash = MixLong(hash, Load<uint64_t>(at));
  if (left >= 4) {
    hash = MixInt(hash, Load<uint32_t>(at));
    at += 4;
    left -= 4;
  }
  for (; left > 0; --left, ++at)
    hash = Rotate(hash ^ (static_cast<unsigned char>(*at) * kPrime5), 11) * kPrime1;
  return Avalanche(hash);
}

}  // namespace smelt::duck
