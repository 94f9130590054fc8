// smelt dynamodb serve | get | scan | tables.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "base/status.h"
#include "cli/commands.h"
#include "cli/dynamodb_server.h"
#include "cli/item_text.h"
#include "cli/project_loader.h"
#include "cli/table_printer.h"
#include "dynamodb/value/value_json.h"

namespace smelt::cli {
namespace {

using base::OrderedJson;

// Lossless: DynamoDB's own JSON.
OrderedJson ItemJson(const dynamodb::Item& item) {
  return OrderedJson::parse(dynamodb::ToText(item), nullptr, false);
}

absl::Status Serve(const Context& context, const std::string& listen) {
  net::HttpServerOptions options;
  SMELT_RETURN_IF_ERROR(net::ParseListen(listen, &options));
  SMELT_ASSIGN_OR_RETURN(const std::unique_ptr<Workspace> workspace, OpenLake(context));
  SMELT_ASSIGN_OR_RETURN(
      const std::unique_ptr<dynamodb::store::Store> store,
      dynamodb::store::Store::Open(Workspace::EmbeddedStorePath(workspace->lake_path())));
  WatchInterrupts();
  SMELT_ASSIGN_OR_RETURN(const std::unique_ptr<net::HttpServer> server,
                         StartDynamoDbServer(store.get(), options));
  const bool is_v6 = options.address.find(':') != std::string::npos;
  const std::string url = fmt::format(
      "http://{}:{}", is_v6 ? "[" + options.address + "]" : options.address, server->port());
  if (context.output.json()) {
    context.output.PrintJson({{"url", url}, {"lake", workspace->lake_path()}});
  } else {
    context.output.Print(fmt::format("DynamoDB of {} at {}\n", workspace->lake_path(), url));
  }
  context.output.Note("Any credentials and region will do. Ctrl-C ends it.");
  while (!Interrupted()->load()) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  server->Stop();
  return absl::OkStatus();
}

absl::Status Get(const Context& context, const std::string& table, const std::string& key_text) {
  SMELT_ASSIGN_OR_RETURN(const std::unique_ptr<Workspace> workspace, OpenLake(context));
  SMELT_ASSIGN_OR_RETURN(dynamodb::Client * client, workspace->DynamoDb());
  SMELT_ASSIGN_OR_RETURN(const dynamodb::TableDescription description,
                         client->DescribeTable(table));
  SMELT_ASSIGN_OR_RETURN(dynamodb::Item key, ParseKey(key_text, description.key));
  SMELT_ASSIGN_OR_RETURN(
      const std::optional<dynamodb::Item> item,
      client->GetItem({.table = table, .key = std::move(key), .consistent = true}));
  if (!item) {
    return base::NotFound("{} in {} has no item with the key {}", table, client->Describe(),
                          key_text);
  }
  if (context.output.json()) {
    context.output.PrintJson(ItemJson(*item));
    return absl::OkStatus();
  }
  // One attribute a line: items are wider than terminals.
  const TableData wide = ItemsAsTable(description.key, {*item});
  size_t width = 0;
  for (const TableColumn& column : wide.columns) width = std::max(width, column.name.size());
  for (size_t i = 0; i < wide.columns.size(); ++i) {
    context.output.Print(fmt::format("{:<{}}  {:<4}  {}\n", wide.columns[i].name, width,
                                     wide.columns[i].type, wide.rows[0][i].value_or("NULL")));
  }
  return absl::OkStatus();
}

// Pages until the limit, or the end. True: there is more.
absl::StatusOr<bool> ScanItems(dynamodb::Client* client, const std::string& table, int64_t limit,
                               std::vector<dynamodb::Item>* items) {
  dynamodb::ScanRequest request{.table = table};
  do {
    if (limit > 0) request.limit = limit - static_cast<int64_t>(items->size());
    SMELT_ASSIGN_OR_RETURN(dynamodb::Page page, client->Scan(request));
    for (dynamodb::Item& item : page.items) items->push_back(std::move(item));
    request.start_after = std::move(page.last_key);
    const bool is_full = limit > 0 && static_cast<int64_t>(items->size()) >= limit;
    if (is_full) return !request.start_after.empty();
  } while (!request.start_after.empty());
  return false;
}

absl::Status Scan(const Context& context, const std::string& table, int64_t limit) {
  SMELT_ASSIGN_OR_RETURN(const std::unique_ptr<Workspace> workspace, OpenLake(context));
  SMELT_ASSIGN_OR_RETURN(dynamodb::Client * client, workspace->DynamoDb());
  SMELT_ASSIGN_OR_RETURN(const dynamodb::TableDescription description,
                         client->DescribeTable(table));
  std::vector<dynamodb::Item> items;
  SMELT_ASSIGN_OR_RETURN(const bool has_more, ScanItems(client, table, limit, &items));
  if (context.output.json()) {
    OrderedJson array = OrderedJson::array();
    for (const dynamodb::Item& item : items) array.push_back(ItemJson(item));
    context.output.PrintJson(array);
  } else {
    TableStyle style{.width = context.output.width(), .max_rows = 0};
    style.colour = context.output.out_is_terminal();
    context.output.Print(FormatTable(ItemsAsTable(description.key, items), style));
  }
  if (has_more) {
    context.output.Note(
        fmt::format("There are more items than these {}; --limit 0 shows all.", limit));
  }
  return absl::OkStatus();
}

absl::Status Tables(const Context& context) {
  SMELT_ASSIGN_OR_RETURN(const std::unique_ptr<Workspace> workspace, OpenLake(context));
  SMELT_ASSIGN_OR_RETURN(dynamodb::Client * client, workspace->DynamoDb());
  SMELT_ASSIGN_OR_RETURN(const std::vector<std::string> names, client->ListTables());
  if (context.output.json()) {
    context.output.PrintJson(names);
    return absl::OkStatus();
  }
  for (const std::string& name : names) context.output.Print(name + "\n");
  return absl::OkStatus();
}

int Finish(const Context& context, const absl::Status& status) {
  return status.ok() ? kDone : context.output.Fail(status);
}

}  // namespace

void AddDynamoDb(CLI::App& app, Context& context) {
  CLI::App* const command =
      app.add_subcommand("dynamodb", "The embedded DynamoDB of a lake, and a look at any table");
  command->require_subcommand(1);

  CLI::App* const serve = command->add_subcommand(
      "serve", "Serve the embedded store over the DynamoDB API, while no update holds it");
  const auto listen = std::make_shared<std::string>("127.0.0.1:8000");
  serve->add_option("--listen", *listen, "Address and port; port 0 takes a free one")
      ->capture_default_str();
  serve->callback(
      [&context, listen] { context.exit_code = Finish(context, Serve(context, *listen)); });

  const auto table = std::make_shared<std::string>();
  CLI::App* const get = command->add_subcommand("get", "One item by its key");
  const auto key = std::make_shared<std::string>();
  get->add_option("table", *table, "The table")->required();
  get->add_option("--key", *key,
                  R"(The key as JSON: '{"sales_date": "2011-01-01", "slice": "..."}')")
      ->required();
  get->callback(
      [&context, table, key] { context.exit_code = Finish(context, Get(context, *table, *key)); });

  CLI::App* const scan = command->add_subcommand("scan", "The items of a table");
  const auto limit = std::make_shared<int64_t>(100);
  scan->add_option("table", *table, "The table")->required();
  scan->add_option("--limit", *limit, "How many items at most; 0: all")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  scan->callback([&context, table, limit] {
    context.exit_code = Finish(context, Scan(context, *table, *limit));
  });

  CLI::App* const tables = command->add_subcommand("tables", "The names of the tables");
  tables->callback([&context] { context.exit_code = Finish(context, Tables(context)); });
}

}  // namespace smelt::cli
