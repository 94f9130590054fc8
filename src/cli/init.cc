#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "base/status.h"
#include "cli/commands.h"

namespace smelt::cli {
namespace {

struct File {
  const char* path;
  const char* text;
};

constexpr File kFiles[] = {
    {"databricks.yml", R"(# The project: what is made of what. The same file runs on Databricks.
bundle:
  name: {name}

variables:
  orders: {default: ./data/orders, description: folder with the orders' CSV files}

resources:
  pipelines:
    {name}:
      name: {name}
      catalog: main
      schema: silver
      libraries:
        - glob: {include: transformations/**}
      configuration:
        orders: ${var.orders}

targets:
  dev: {default: true}
)"},
    {"smelt.yml", R"(# What this machine is. Everything here has a default.
targets:
  dev:
    lake: ./lake
    dynamodb: embedded        # never AWS unless a target says so
promises:
  - {name: order quality, table: silver.orders, quality_score: ">= 0.95"}
)"},
    {"transformations/1_bronze.sql",
     R"(-- Bronze: what the files said, as they said it. Each file is read once.
CREATE OR REFRESH STREAMING TABLE bronze.orders
COMMENT 'Orders as they arrived'
AS SELECT *, _metadata.file_name AS _source_file
FROM STREAM read_files('${orders}', format => 'csv', header => true,
                       schemaHints => 'order_id STRING, customer STRING, amount DOUBLE, ordered_at DATE');
)"},
    {"transformations/2_silver.sql",
     R"(-- Silver: correct. Orders that break a rule are set aside in silver.orders_quarantine, with the rule.
CREATE OR REFRESH STREAMING TABLE silver.orders (
  CONSTRAINT has_customer    EXPECT (customer IS NOT NULL) ON VIOLATION QUARANTINE,
  CONSTRAINT amount_positive EXPECT (amount > 0)           ON VIOLATION QUARANTINE
)
AS SELECT order_id, lower(trim(customer)) AS customer, amount, ordered_at
FROM STREAM bronze.orders;
)"},
    {"transformations/3_gold.sql", R"(-- Gold: useful to someone.
CREATE OR REFRESH MATERIALIZED VIEW gold.customers
AS SELECT customer,
          count(*)        AS orders,
          sum(amount)     AS revenue,
          max(ordered_at) AS last_order
   FROM silver.orders
   GROUP BY customer;
)"},
    {"data/orders/2026-01.csv", R"(order_id,customer,amount,ordered_at
1001,Ada,42.50,2026-01-03
1002,grace ,17.00,2026-01-05
1003,,9.99,2026-01-09
1004,Ada,128.00,2026-01-17
1005,Linus,-5.00,2026-01-21
1006,Grace,63.20,2026-01-30
)"},
    {"README.md", R"(# {name}

    smelt validate      # all mistakes at once; there should be none
    smelt plan          # what an update would do, and why
    smelt run           # do it; run it again and nothing is left to do
    smelt sql 'SELECT * FROM gold.customers ORDER BY revenue DESC'
    smelt sql 'SELECT * FROM silver.orders_quarantine'

Put another CSV file into data/orders and run again: only that file is read.

| file | what it says |
|---|---|
| databricks.yml | the project: its pipeline, variables and targets |
| smelt.yml | this machine: where the lake is, what was promised |
| transformations/ | the tables, from the files as they came to what is useful |
)"},
    {".gitignore", "lake/\n"},
};

// A name that YAML, folders and tables take.
std::string ProjectName(const std::filesystem::path& folder) {
  std::string name;
  for (const char c : folder.filename().string()) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == '-';
    name += is_plain ? c : '_';
  }
  const bool is_word = !name.empty() && (name[0] < '0' || name[0] > '9') && name[0] != '-';
  return is_word ? name : "project_" + name;
}

std::string Named(std::string text, const std::string& name) {
  constexpr std::string_view kPlace = "{name}";
  for (size_t at = 0; (at = text.find(kPlace, at)) != std::string::npos; at += name.size()) {
    text.replace(at, kPlace.size(), name);
  }
  return text;
}

absl::Status WriteProject(const std::filesystem::path& folder) {
  std::error_code error;
  for (const File& file : kFiles) {
    if (!std::filesystem::exists(folder / file.path, error)) continue;
    return base::FailedPrecondition("{} is there already; init does not overwrite",
                                    (folder / file.path).string());
  }
  const std::string name = ProjectName(folder);
  for (const File& file : kFiles) {
    const std::filesystem::path path = folder / file.path;
    std::filesystem::create_directories(path.parent_path(), error);
    std::ofstream stream(path, std::ios::binary);
    stream << Named(file.text, name);
    stream.close();
    if (!stream) return base::FailedPrecondition("cannot write {}", path.string());
  }
  return absl::OkStatus();
}

ExitCode Init(const Context& context, const std::string& directory) {
  std::filesystem::path folder = std::filesystem::absolute(directory).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  const absl::Status status = WriteProject(folder);
  if (!status.ok()) return context.output.Fail(status);
  if (context.output.json()) {
    base::OrderedJson files = base::OrderedJson::array();
    for (const File& file : kFiles) files.push_back(file.path);
    context.output.PrintJson({{"project", folder.string()}, {"files", std::move(files)}});
    return kDone;
  }
  context.output.Print(fmt::format("A project that runs is in {}:\n\n", directory));
  for (const File& file : kFiles) context.output.Print(fmt::format("  {}\n", file.path));
  context.output.Print(fmt::format(
      "\nNext:\n  cd {}\n  smelt run\n  smelt sql 'SELECT * FROM gold.customers'\n", directory));
  return kDone;
}

}  // namespace

void AddInit(CLI::App& app, Context& context) {
  CLI::App* const command = app.add_subcommand("init", "Make a project that runs");
  const auto folder = std::make_shared<std::string>();
  command->add_option("dir", *folder, "The project's folder")->required();
  command->callback([&context, folder] { context.exit_code = Init(context, *folder); });
}

}  // namespace smelt::cli
