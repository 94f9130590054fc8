#pragma once

// ExportBuilder: writes an export as the service does, into any store. Compresses with zlib, so
// that what reads it is not what wrote it. Every part can be spoilt after it was written. For tests
// only.

#include <zlib.h>

#include <map>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/digest.h"
#include "base/json.h"
#include "storage/object_store.h"

namespace smelt::dynamodb {

inline std::string Gzip(std::string_view text) {
  z_stream stream = {};
  SMELT_CHECK(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  SMELT_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

class ExportBuilder {
 public:
  explicit ExportBuilder(storage::ObjectStore& store, std::string id = "01700000000000-aaaaaaaa")
      : store_(store), id_(std::move(id)) {
    summary = {{"version", "2020-06-30"},
               {"exportArn", "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/export/" + id_},
               {"tableArn", "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"},
               {"exportTime", "2023-11-14T22:13:20.000Z"},
               {"s3Bucket", "bucket"},
               {"s3Prefix", nullptr},
               {"outputFormat", "DYNAMODB_JSON"},
               {"exportType", "FULL_EXPORT"}};
  }

  // Makes it the incremental export of the day before 2023-11-15T22:13:20Z.
  ExportBuilder& Incremental(const std::string& view) {
    summary["version"] = "2023-08-01";
    summary.erase("exportTime");
    summary["exportFromTime"] = "2023-11-14T22:13:20.000Z";
    summary["exportToTime"] = "2023-11-15T22:13:20.000Z";
    summary["exportType"] = "INCREMENTAL_EXPORT";
    summary["outputView"] = view;
    return *this;
  }

  // One data file of these lines (with their newlines).
  ExportBuilder& File(const std::string& text) { return Compressed(Gzip(text), Count(text)); }
  // One data file of these bytes, said to hold `items`.
  ExportBuilder& Compressed(const std::string& bytes, int64_t items) {
    files.push_back({bytes, items});
    return *this;
  }

  // Writes everything below `place`; the keys in the manifests start with `bucket_prefix` instead.
  void Write(const std::string& place = "", const std::string& bucket_prefix = "") {
    const std::string folder = "AWSDynamoDB/" + id_;
    const bool shared = summary["exportType"] == "INCREMENTAL_EXPORT";
    int64_t total = 0;
    std::string lines;
    for (size_t i = 0; i < files.size(); ++i) {
      const std::string key = (shared ? std::string("AWSDynamoDB") : folder) + "/data/" + id_ +
                              "-" + std::to_string(i) + ".json.gz";
      Put(place + key, files[i].first);
      total += files[i].second;
      lines += base::Json{{"itemCount", files[i].second},
                          {"md5Checksum", base::Base64Encode(base::Md5(files[i].first))},
                          {"dataFileS3Key", bucket_prefix + key}}
                   .dump() +
               "\n";
    }
    if (!summary.contains("itemCount")) summary["itemCount"] = total;
    summary["manifestFilesS3Key"] = bucket_prefix + folder + "/manifest-files.json";
    Put(place + folder + "/_started", "");
    PutWithMd5(place + folder + "/manifest-files", lines);
    PutWithMd5(place + folder + "/manifest-summary", summary.dump());
  }

  void Put(const std::string& key, std::string_view bytes) {
    SMELT_CHECK(store_.Put(key, bytes, storage::PutMode::kOverwrite).ok());
  }
  void PutWithMd5(const std::string& key, const std::string& text) {
    Put(key + ".json", text);
    Put(key + ".md5", base::Base64Encode(base::Md5(text)));
  }

  base::Json summary;
  std::vector<std::pair<std::string, int64_t>> files;  // bytes, items

 private:
  static int64_t Count(const std::string& text) {
    int64_t lines = 0;
    for (char c : text) lines += c == '\n' ? 1 : 0;
    return lines;
  }

  storage::ObjectStore& store_;
  const std::string id_;
};

}  // namespace smelt::dynamodb
