#include "dynamodb/export/export_finder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/status.h"
#include "dynamodb/export/export_builder_for_test.h"
#include "storage/memory_store.h"

namespace smelt::dynamodb {
namespace {

using testing::HasSubstr;

constexpr char kItem[] = "{\"Item\":{\"id\":{\"S\":\"a\"}}}\n";
constexpr char kId[] = "01700000000000-aaaaaaaa";

class ExportFinderTest : public testing::Test {
 protected:
  FoundExports Find(const std::string& prefix = "", const FindOptions& options = {}) {
    absl::StatusOr<FoundExports> found = FindExports(store_, prefix, options);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *std::move(found) : FoundExports();
  }

  // The message of the kDataLoss that finding ends in.
  std::string Damage() {
    const absl::Status status = FindExports(store_, "", {}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
    return base::Message(status);
  }

  storage::MemoryStore store_;
};

TEST_F(ExportFinderTest, FindsNothingWhereNothingIs) {
  EXPECT_TRUE(Find().exports.empty());
  EXPECT_TRUE(Find("some/prefix").exports.empty());
}

TEST_F(ExportFinderTest, ReadsAFullExportsManifests) {
  ExportBuilder(store_).File(kItem).File(std::string(kItem) + kItem).Write();
  const FoundExports found = Find();
  ASSERT_EQ(found.exports.size(), 1u);
  const Export& only = found.exports[0];
  EXPECT_EQ(only.id, kId);
  EXPECT_EQ(only.table_name, "orders");
  EXPECT_EQ(only.kind, ExportKind::kFull);
  EXPECT_EQ(only.export_micros, 1700000000000000);
  EXPECT_EQ(only.item_count, 3);
  ASSERT_EQ(only.files.size(), 2u);
  EXPECT_EQ(only.files[1].item_count, 2);
  EXPECT_TRUE(store_.Head(only.files[0].key).ok());
}

TEST_F(ExportFinderTest, ReadsIncrementalExportsThatShareADataFolder) {
  ExportBuilder(store_, "0170-b").Incremental("NEW_IMAGE").File(kItem).Write();
  ExportBuilder(store_, "0171-c").Incremental("NEW_AND_OLD_IMAGES").File(kItem).Write();
  const FoundExports found = Find();
  ASSERT_EQ(found.exports.size(), 2u);
  EXPECT_TRUE(found.unfinished.empty());
  EXPECT_EQ(found.exports[0].view, OutputView::kNewImage);
  EXPECT_EQ(found.exports[1].view, OutputView::kNewAndOldImages);
  EXPECT_EQ(found.exports[0].window_start_micros, 1700000000000000);
  EXPECT_EQ(found.exports[0].export_micros, 1700086400000000);
}

TEST_F(ExportFinderTest, ResolvesKeysWhereverTheExportWasCopiedTo) {
  ExportBuilder(store_).File(kItem).Write("landing/here/", "their/prefix/");
  for (const char* prefix : {"landing/here", "landing/here/", "landing/here/AWSDynamoDB",
                             "landing/here/AWSDynamoDB/01700000000000-aaaaaaaa/"}) {
    const FoundExports found = Find(prefix);
    ASSERT_EQ(found.exports.size(), 1u) << prefix;
    EXPECT_TRUE(store_.Head(found.exports[0].files[0].key).ok()) << found.exports[0].files[0].key;
  }
  EXPECT_TRUE(Find().exports.empty());
}

TEST_F(ExportFinderTest, OldestFirstAndOnlyTheTableAskedFor) {
  ExportBuilder other(store_, "1-other");
  other.summary["tableArn"] = "arn:aws:dynamodb:eu-west-1:1:table/customers";
  other.Write();
  ExportBuilder late(store_, "0-late");
  late.summary["exportTime"] = "2024-01-01T00:00:00Z";
  late.Write();
  ExportBuilder(store_, "9-early").Write();
  const FoundExports found = Find("", {.table_name = "orders"});
  ASSERT_EQ(found.exports.size(), 2u);
  EXPECT_EQ(found.exports[0].id, "9-early");
  EXPECT_EQ(found.exports[1].id, "0-late");
}

TEST_F(ExportFinderTest, AnExportInProgressIsNamedAndHoldsUpNoOther) {
  ExportBuilder(store_).File(kItem).Write();
  ExportBuilder(store_, "02-running").Put("AWSDynamoDB/02-running/_started", "");
  ASSERT_TRUE(
      store_.Put("AWSDynamoDB/03-partial/data/x.json.gz", "x", storage::PutMode::kOverwrite).ok());
  const FoundExports found = Find();
  EXPECT_EQ(found.exports.size(), 1u);
  ASSERT_EQ(found.unfinished.size(), 2u);
  EXPECT_EQ(found.unfinished[0].id, "02-running");
  EXPECT_THAT(found.unfinished[0].reason, HasSubstr("in progress"));
  EXPECT_THAT(found.unfinished[1].reason, HasSubstr("copied in part"));
}

// Counts what is read through it.
class CountingStore : public storage::MemoryStore {
 public:
  absl::StatusOr<std::string> Get(const std::string& key) override {
    ++gets;
    return MemoryStore::Get(key);
  }
  absl::Status List(const std::string& prefix, const std::string& start_after,
                    const std::function<bool(const storage::ObjectInfo&)>& visit) override {
    return MemoryStore::List(prefix, start_after, [&](const storage::ObjectInfo& object) {
      ++listed;
      return visit(object);
    });
  }
  int gets = 0;
  int listed = 0;
};

TEST(ExportFinderCostTest, KnownExportsAreNotOpenedAndDataFilesNotListed) {
  CountingStore store;
  ExportBuilder first(store, "01"), second(store, "02");
  for (int i = 0; i < 50; ++i) first.File(kItem), second.File(kItem);
  first.Write();
  second.Incremental("NEW_IMAGE").Write();
  FindOptions options;
  options.is_known = [](const std::string& id) { return id == "01"; };
  const absl::StatusOr<FoundExports> found = FindExports(store, "", options);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->known_count, 1);
  EXPECT_EQ(found->exports.size(), 1u);
  EXPECT_EQ(store.gets, 4);    // two manifests of the second export and their checksums
  EXPECT_EQ(store.listed, 3);  // one key for each folder: 01, 02, data
}

TEST_F(ExportFinderTest, RefusesManifestsThatLie) {
  ExportBuilder lying(store_);
  lying.summary["itemCount"] = 5;
  lying.File(kItem).Write();
  EXPECT_THAT(
      Damage(),
      HasSubstr("manifest-summary.json says 5 items, but the files of manifest-files.json have 1"));
}

TEST_F(ExportFinderTest, RefusesAManifestThatDoesNotMatchItsChecksum) {
  ExportBuilder builder(store_);
  builder.File(kItem).Write();
  const std::string key = std::string("AWSDynamoDB/") + kId + "/manifest-files.json";
  builder.Put(key, *store_.Get(key) + " ");
  EXPECT_THAT(Damage(), HasSubstr(key + " has MD5 "));
}

TEST_F(ExportFinderTest, RefusesAnExportWhoseFileListIsMissing) {
  ExportBuilder(store_).File(kItem).Write();
  ASSERT_TRUE(store_.Delete(std::string("AWSDynamoDB/") + kId + "/manifest-files.json").ok());
  EXPECT_THAT(Damage(), HasSubstr("manifest-files.json is missing"));
}

TEST_F(ExportFinderTest, RefusesBrokenManifestsByFileAndLine) {
  ExportBuilder builder(store_);
  builder.File(kItem).Write();
  const std::string folder = std::string("AWSDynamoDB/") + kId;
  const std::string good = *store_.Get(folder + "/manifest-files.json");
  builder.PutWithMd5(folder + "/manifest-files", good + "{\"itemCount\":1");
  EXPECT_THAT(Damage(), HasSubstr("manifest-files.json:2"));
  builder.PutWithMd5(folder + "/manifest-files",
                     good + "{\"itemCount\":-1,\"md5Checksum\":\"\",\"dataFileS3Key\":\"x\"}");
  EXPECT_THAT(Damage(), HasSubstr("negative"));
  for (const char* text : {"", "[]", "{}", "not json", "{\"tableArn\":7}"}) {
    builder.PutWithMd5(folder + "/manifest-summary", text);
    EXPECT_THAT(Damage(), HasSubstr("manifest-summary.json")) << text;
  }
}

TEST_F(ExportFinderTest, RefusesDataFilesOutsideOfTheExport) {
  for (const char* key : {"elsewhere/data.json.gz", "AWSDynamoDB/../../etc/passwd"}) {
    ExportBuilder builder(store_);
    builder.File(kItem).Write();
    builder.PutWithMd5(
        std::string("AWSDynamoDB/") + kId + "/manifest-files",
        base::Json{{"itemCount", 1}, {"md5Checksum", "x"}, {"dataFileS3Key", key}}.dump());
    EXPECT_THAT(Damage(), HasSubstr("lies outside"));
  }
}

TEST_F(ExportFinderTest, RefusesIonByName) {
  ExportBuilder ion(store_);
  ion.summary["outputFormat"] = "ION";
  ion.Write();
  const absl::Status status = FindExports(store_, "", {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(base::Message(status), HasSubstr("format ION"));
}

}  // namespace
}  // namespace smelt::dynamodb
