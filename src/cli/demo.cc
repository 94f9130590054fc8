// smelt demo: the retail example with its real data, from export to DynamoDB item, and a summary
// that a person can check.

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/clock.h"
#include "base/status.h"
#include "cli/commands.h"
#include "cli/demo_data.h"
#include "cli/item_text.h"
#include "cli/progress.h"
#include "cli/project_loader.h"
#include "cli/report_text.h"
#include "cli/result_table.h"
#include "cli/retail_project.h"
#include "cli/sql_session.h"
#include "cli/table_printer.h"

namespace smelt::cli {
namespace {

namespace fs = std::filesystem;

// Marks a folder as one that the demo made and may make anew.
constexpr char kMarker[] = ".smelt-demo";
constexpr char kExports[] = "data/exports/";
constexpr char kCustomers[] = "data/customers.csv";

class Demo {
 public:
  Demo(const Context& context, const std::string& folder)
      : context_(context),
        output_(context.output),
        shown_folder_(folder),
        folder_(fs::absolute(folder).lexically_normal()) {
    context_.options = {};
    context_.options.memory = context.options.memory;
    context_.options.project = folder_.string();
  }

  absl::Status Run() {
    const int64_t begin = clock_->MonotonicMicros();
    SMELT_RETURN_IF_ERROR(MakeProject());
    SMELT_ASSIGN_OR_RETURN(const DemoData data, DemoData::Load());
    storage::DiskStore store(folder_.string());
    const int threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));

    Say("1. A DynamoDB table is exported");
    SMELT_RETURN_IF_ERROR(WriteFullExport(data, store, threads));
    SMELT_ASSIGN_OR_RETURN(loaded_, LoadWholeProject(context_, ""));
    if (!loaded_.ok()) return sql::ToStatus(loaded_.diagnostics);
    SMELT_RETURN_IF_ERROR(loaded_.pipelines.at(0).lake_status);
    SMELT_ASSIGN_OR_RETURN(const pipeline::UpdateReport first, Update("smelt run"));

    Say("2. A day later: an incremental export, with changed, deleted and re-sent items");
    SMELT_ASSIGN_OR_RETURN(const DemoExport increment,
                           data.WriteIncrement(store, kExports, threads));
    SayFact(fmt::format("Export {}: {} inserted ({} of them sent before), {} updated, {} deleted.",
                        increment.id, WithSeparators(increment.inserts),
                        WithSeparators(increment.resent), WithSeparators(increment.updates),
                        WithSeparators(increment.deletes)));
    SMELT_ASSIGN_OR_RETURN(const pipeline::UpdateReport second,
                           Update("smelt run, which reads the new export alone"));

    Say("3. What came out");
    SMELT_RETURN_IF_ERROR(ShowTables());
    SMELT_RETURN_IF_ERROR(ShowItem());
    const int64_t took = clock_->MonotonicMicros() - begin;
    if (output_.json()) {
      output_.PrintJson({{"project", folder_.string()},
                         {"duration_ms", took / 1000},
                         {"updates", {first.ToJson(), second.ToJson()}},
                         {"tables", tables_json_},
                         {"item", item_json_}});
      return absl::OkStatus();
    }
    Say(fmt::format("Done in {}: first update {}, second {}. Try next", Duration(took),
                    Duration(first.duration_micros), Duration(second.duration_micros)));
    output_.Print(
        fmt::format("  cd {}\n"
                    "  smelt run                  # nothing is left to do, and it says so\n"
                    "  smelt sql 'SELECT _errors[0].name AS rule, count(*) AS set_aside FROM "
                    "silver.customer_transactions_quarantine GROUP BY 1'\n"
                    "  smelt table history gold.daily_sales_summary\n",
                    shown_folder_));
    return absl::OkStatus();
  }

 private:
  void Say(const std::string& title) const {
    if (!output_.json()) output_.Print("\n" + output_.OnOut(Style::kBold, title) + "\n");
  }
  void SayFact(const std::string& fact) const {
    if (!output_.json()) output_.Print(fact + "\n");
  }

  // Only ever deletes what an earlier demo has made. The full export stays: it is the same every
  // time.
  absl::Status MakeProject() {
    std::error_code error;
    if (fs::exists(folder_, error) && !fs::is_empty(folder_, error)) {
      if (!fs::exists(folder_ / kMarker, error)) {
        return base::FailedPrecondition(
            "the folder {} holds other things; name one that is new or empty", shown_folder_);
      }
      std::ifstream stream(folder_ / kMarker);
      std::stringstream text;
      text << stream.rdbuf();
      written_ = base::Json::parse(text.str(), nullptr, /*allow_exceptions=*/false);
      const std::string kept = IsWritten() ? written_["export"].get<std::string>() : "";
      std::vector<fs::path> stale = {folder_ / "lake"};
      for (const auto& entry : fs::directory_iterator(folder_ / kExports / "AWSDynamoDB", error)) {
        if (entry.path().filename() != kept) stale.push_back(entry.path());
      }
      for (const fs::path& path : stale) {
        fs::remove_all(path, error);
        if (error)
          return base::FailedPrecondition("cannot clear {}: {}", path.string(), error.message());
      }
    } else {
      SMELT_RETURN_IF_ERROR(WriteFile(kMarker, "{}\n"));
    }
    for (const ProjectFile& file : RetailProject()) {
      SMELT_RETURN_IF_ERROR(WriteFile(file.path, file.text));
    }
    return absl::OkStatus();
  }

  // Whether an earlier demo of this version has written its full export to the end.
  bool IsWritten() const {
    return written_.is_object() && written_.value("version", "") == VersionText() &&
           written_.contains("export");
  }

  absl::Status WriteFullExport(const DemoData& data, storage::ObjectStore& store, int threads) {
    const int64_t begin = clock_->MonotonicMicros();
    std::string how = "as an earlier demo wrote it";
    if (!IsWritten()) {
      SMELT_ASSIGN_OR_RETURN(const int64_t customers, data.WriteCustomers(store, kCustomers));
      SMELT_ASSIGN_OR_RETURN(const DemoExport full, data.WriteFullExport(store, kExports, threads));
      written_ = {{"made_by", "smelt demo, which may make this folder anew"},
                  {"version", VersionText()},
                  {"export", full.id},
                  {"items", full.items},
                  {"bytes", full.compressed_bytes},
                  {"customers", customers}};
      SMELT_RETURN_IF_ERROR(WriteFile(kMarker, written_.dump(2) + "\n"));
      how = "written in " + Duration(clock_->MonotonicMicros() - begin);
    }
    SayFact(fmt::format(
        "Export {}: {} of sales, {} compressed, and {}; {}.", written_["export"].get<std::string>(),
        Counted(written_["items"].get<int64_t>(), "item"), Size(written_["bytes"].get<int64_t>()),
        Counted(written_["customers"].get<int64_t>(), "customer"), how));
    return absl::OkStatus();
  }

  absl::Status WriteFile(std::string_view path, std::string_view text) const {
    const fs::path file = folder_ / path;
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    std::ofstream stream(file, std::ios::binary);
    stream << text;
    stream.close();
    if (!stream) return base::FailedPrecondition("cannot write {}", file.string());
    return absl::OkStatus();
  }

  absl::StatusOr<pipeline::UpdateReport> Update(const std::string& what) {
    SayFact(output_.OnOut(Style::kDim, "$ " + what));
    LoadedPipeline& pipeline = loaded_.pipelines.at(0);
    std::vector<int> all;
    for (size_t i = 0; i < pipeline.graph.nodes.size(); ++i) all.push_back(static_cast<int>(i));
    ProgressDisplay progress(output_);
    pipeline::RunOptions options;
    options.nodes = std::move(all);
    options.listener = &progress;
    options.cancelled = Interrupted();
    SMELT_ASSIGN_OR_RETURN(
        pipeline::UpdateReport report,
        pipeline::Run(pipeline.spec, pipeline.graph, pipeline.workspace->RunServices(), options));
    progress.Finish();
    if (!output_.json()) output_.Print(ReportText(report, output_));
    ExplainErrors(report, output_);
    if (report.state == pipeline::UpdateState::kCanceled) return base::Cancelled("interrupted");
    if (report.state != pipeline::UpdateState::kCompleted) {
      return base::Aborted("the update failed; `smelt run --project {}` goes on", shown_folder_);
    }
    return report;
  }

  absl::StatusOr<duck::ResultRows> Query(SqlSession& session, const std::string& query) const {
    return session.Query(sql::MakeFragment("query", query), duck::RowFormat::kText, std::nullopt);
  }

  // Runs a query and shows its rows under a title.
  absl::Status Show(SqlSession& session, const std::string& title, const std::string& query) {
    SMELT_ASSIGN_OR_RETURN(const duck::ResultRows rows, Query(session, query));
    base::OrderedJson array = base::OrderedJson::array();
    for (const auto& row : rows.rows) array.push_back(duck::RowToObject(rows.schema, row));
    tables_json_[title] = std::move(array);
    if (output_.json()) return absl::OkStatus();
    output_.Print(fmt::format(
        "{}\n{}", title,
        FormatTable(ToTableData(rows), {.width = output_.width(),
                                        .max_rows = 0,
                                        .colour = output_.OnOut(Style::kDim, "x").size() > 1})));
    return absl::OkStatus();
  }

  absl::Status ShowTables() {
    SMELT_ASSIGN_OR_RETURN(const std::unique_ptr<SqlSession> session,
                           SqlSession::Open(loaded_.pipelines.at(0).workspace.get(), folder_));
    std::string layers;
    for (const char* table :
         {"bronze.customer_transactions", "silver.customers", "silver.customer_transactions",
          "silver.customer_transactions_quarantine", "gold.daily_sales_summary",
          "gold.customer_metrics"}) {
      layers += fmt::format("{}SELECT '{}' AS table, count(*) AS rows FROM {}",
                            layers.empty() ? "" : " UNION ALL ", table, table);
    }
    SMELT_RETURN_IF_ERROR(Show(*session, "Rows per layer", layers));
    SMELT_RETURN_IF_ERROR(
        Show(*session, "gold.daily_sales_summary, best days",
             "SELECT sales_date, product_category, customer_segment, region, "
             "round(total_revenue, 2) AS total_revenue, transaction_count, unique_customers, "
             "round(p95_transaction_value, 2) AS p95 FROM gold.daily_sales_summary "
             "ORDER BY total_revenue DESC, sales_date LIMIT 5"));
    SMELT_RETURN_IF_ERROR(
        Show(*session, "gold.customer_metrics, best customers",
             "SELECT cust_id, round(lifetime_value, 2) AS lifetime_value, total_transactions, "
             "transaction_days, first_purchase_date, last_purchase_date FROM gold.customer_metrics "
             "ORDER BY lifetime_value DESC, cust_id LIMIT 5"));
    SMELT_ASSIGN_OR_RETURN(
        const duck::ResultRows best,
        Query(*session,
              "SELECT CAST(sales_date AS STRING) AS sales_date, "
              "dynamodb_key(product_category, customer_segment, region) AS slice "
              "FROM gold.daily_sales_summary ORDER BY total_revenue DESC, sales_date LIMIT 1"));
    if (best.rows.empty()) return base::DataLoss("gold.daily_sales_summary has no rows");
    best_key_["sales_date"] = dynamodb::Value(best.rows[0][0].get<std::string>());
    best_key_["slice"] = dynamodb::Value(best.rows[0][1].get<std::string>());
    return absl::OkStatus();
  }

  // The best day, as an application gets it.
  absl::Status ShowItem() {
    SMELT_ASSIGN_OR_RETURN(dynamodb::Client * client,
                           loaded_.pipelines.at(0).workspace->DynamoDb());
    const int64_t begin = clock_->MonotonicMicros();
    SMELT_ASSIGN_OR_RETURN(const std::optional<dynamodb::Item> item,
                           client->GetItem({"daily_sales_metrics", best_key_, true}));
    const int64_t took = clock_->MonotonicMicros() - begin;
    if (!item) return base::DataLoss("daily_sales_metrics has no item for its best day");
    std::string text;
    for (const auto& [name, value] : *item) {
      if (name.starts_with(publish::kReservedPrefix)) continue;
      item_json_[name] = PlainText(value);
      text += fmt::format("  {:<24}{}\n", name, PlainText(value));
    }
    if (output_.json()) return absl::OkStatus();
    output_.Print(
        fmt::format("The best day as an application reads it: GetItem on DynamoDB table "
                    "daily_sales_metrics, {:.2f} ms\n{}",
                    static_cast<double>(took) / 1000, text));
    return absl::OkStatus();
  }

  Context context_;
  const Output& output_;
  const std::string shown_folder_;
  const fs::path folder_;
  base::Clock* const clock_ = base::Clock::Real();
  base::Json written_;  // the marker's content: what is there of the full export
  LoadedProject loaded_;
  dynamodb::Item best_key_;
  base::OrderedJson tables_json_ = base::OrderedJson::object();
  base::OrderedJson item_json_ = base::OrderedJson::object();
};

}  // namespace

void AddDemo(CLI::App& app, Context& context) {
  CLI::App* const command = app.add_subcommand(
      "demo", "Make the retail example with real data, run it, and show what came out");
  const auto folder = std::make_shared<std::string>("retail-demo");
  command->add_option("dir", *folder, "The folder to make it in")->capture_default_str();
  command->callback([&context, folder] {
    WatchInterrupts();
    const absl::Status status = Demo(context, *folder).Run();
    context.exit_code = status.ok() ? kDone : context.output.Fail(status);
  });
}

}  // namespace smelt::cli
