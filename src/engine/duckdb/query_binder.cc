#include "engine/duckdb/query_binder.h"

#include <algorithm>
#include <cctype>

#include "base/status.h"
#include "engine/duckdb/row_preserving.h"
#include "engine/source_call.h"
#include "lake/stream_files.h"
#include "sql/query_parser.h"
#include "sql/query_walk.h"

namespace smelt::duck {
namespace {

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return text;
}

Bound<std::string> Failed(sql::Diagnostic diagnostic) {
  Bound<std::string> failed;
  failed.status = sql::ToStatus(diagnostic);
  failed.diagnostics.push_back(std::move(diagnostic));
  return failed;
}

}  // namespace

absl::Status QueryBinder::AddScan(const std::string& key, const std::string& name,
                                  const delta::Snapshot& snapshot,
                                  std::vector<std::shared_ptr<const delta::AddFile>> files) {
  ScanSpec spec;
  spec.store_id = context_.store_id;
  spec.table_root = snapshot.table().root;
  spec.table_name = name;
  spec.schema = snapshot.schema();
  spec.partition_columns = snapshot.partition_columns();
  spec.files = std::move(files);
  SMELT_ASSIGN_OR_RETURN(Scan scan, context_.scans->Add(std::move(spec)));
  items_[key] = FromItem{scan.Sql(), {}};
  scans_.push_back(std::move(scan));
  return absl::OkStatus();
}

absl::Status QueryBinder::BindTable(const engine::Input& input, const engine::TableVersion& at) {
  delta::Table table = context_.lake;
  table.root = at.location;
  SMELT_ASSIGN_OR_RETURN(const delta::Snapshot::Ptr snapshot,
                         delta::Snapshot::Load(table, delta::Version(at.version)));
  return AddScan(input.key, at.table, *snapshot, snapshot->files());
}

absl::Status QueryBinder::BindStream(const engine::Input& input,
                                     const engine::StreamInput& stream) {
  delta::Table table = context_.lake;
  table.root = stream.at.location;
  SMELT_ASSIGN_OR_RETURN(const delta::Snapshot::Ptr snapshot,
                         delta::Snapshot::Load(table, delta::Version(stream.at.version)));
  std::vector<std::shared_ptr<const delta::AddFile>> files;
  if (stream.at.version > stream.after_version) {
    SMELT_ASSIGN_OR_RETURN(const lake::StreamFiles appended,
                           lake::ListStreamFiles(table, stream.at.table, stream.after_version,
                                                 stream.at.version, stream.skip_change_commits));
    for (const delta::AddFile& file : appended.files) {
      files.push_back(std::make_shared<const delta::AddFile>(file));
    }
    if (source_rows_ && appended.rows >= 0) {
      *source_rows_ += appended.rows;
    } else {
      source_rows_.reset();
    }
  }
  return AddScan(input.key, stream.at.table, *snapshot, std::move(files));
}

absl::Status QueryBinder::BindInputs(const std::map<std::string, base::Schema>& previous_attributes,
                                     int threads) {
  for (const engine::Input& input : inputs_) {
    if (const auto* table = std::get_if<engine::TableInput>(&input.source)) {
      SMELT_RETURN_IF_ERROR(BindTable(input, table->at));
    } else if (const auto* stream = std::get_if<engine::StreamInput>(&input.source)) {
      SMELT_RETURN_IF_ERROR(BindStream(input, *stream));
    } else if (const auto* exports = std::get_if<engine::ExportInput>(&input.source)) {
      const auto previous = previous_attributes.find(input.key);
      SMELT_ASSIGN_OR_RETURN(
          BoundSource source,
          BindExports(*context_.sources, *exports,
                      previous == previous_attributes.end() ? base::Schema() : previous->second,
                      threads));
      attributes_[input.key] = source.attributes();
      items_[input.key] = source.from();
      if (source_rows_) *source_rows_ += exports->item_count;
      bound_sources_.push_back(std::move(source));
    } else {
      const auto& files = std::get<engine::FilesInput>(input.source);
      SMELT_ASSIGN_OR_RETURN(BoundSource source, BindFiles(*context_.sources, files));
      items_[input.key] = source.from();
      source_rows_.reset();
      bound_sources_.push_back(std::move(source));
    }
  }
  return absl::OkStatus();
}

absl::Status QueryBinder::CheckDelivered() const {
  for (const BoundSource& source : bound_sources_) {
    SMELT_RETURN_IF_ERROR(source.CheckDelivered());
  }
  return absl::OkStatus();
}

void QueryBinder::NumberFunctions(const sql::Query& query, const sql::SourceText& source) {
  for (const sql::TableFunctionUse& use : sql::CollectUses(query).table_functions) {
    if (!engine::IsSourceFunction(use.name)) continue;
    function_keys_[{&source, use.span.begin}] =
        engine::FunctionKey(use.name, ++function_numbers_[use.name]);
  }
}

std::variant<FromItem, sql::Diagnostic> QueryBinder::Resolve(const SourceRef& ref,
                                                             const sql::SourceText& source) {
  if (ref.function != nullptr) {
    const auto key = function_keys_.find({&source, ref.span.begin});
    if (key == function_keys_.end() || !items_.contains(key->second)) {
      return sql::MakeDiagnostic(source, ref.span, "unknown-function",
                                 "there is no table function " + ref.function->LowerName(),
                                 "dynamodb_export and read_files read from outside of the lake");
    }
    return items_.at(key->second);
  }
  std::vector<std::string> parts;
  for (const sql::Name& part : ref.table->name) parts.push_back(part.text);
  if (parts.size() > 1 && Lower(parts[0]) == "live") parts.erase(parts.begin());
  if (ref.table->version || ref.table->timestamp) {
    return sql::MakeDiagnostic(
        source, ref.span, sql::kUnsupported, "time travel in a pipeline's query is not supported",
        "a step reads each table at one version, which its plan entry keeps");
  }
  if (parts.size() == 1) {
    const auto view = view_sql_.find(Lower(parts[0]));
    if (view != view_sql_.end()) return FromItem{"(" + view->second + ")", {}};
  }
  const auto name = catalog::ResolveName(parts, context_.defaults);
  if (!name.ok()) {
    return sql::MakeDiagnostic(source, ref.span, sql::kSyntax, base::Message(name.status()));
  }
  const auto item = items_.find(engine::InputKey(name->ToString(), ref.table->is_stream));
  if (item == items_.end()) {
    return sql::MakeDiagnostic(source, ref.span, "unknown-table",
                               "there is no table " + name->ToString());
  }
  return item->second;
}

Resolver QueryBinder::MakeResolver(const sql::SourceText& source) {
  return [this, &source](const SourceRef& ref) { return Resolve(ref, source); };
}

Bound<std::string> QueryBinder::TranslateQuery(const sql::Fragment& query) {
  const auto parsed = sql::ParseQuery(query);
  if (!parsed.ok()) return Failed(parsed.diagnostic());
  NumberFunctions(*parsed.value(), *query.source);
  preserves_rows_ = preserves_rows_ && IsRowPreserving(*parsed.value());
  auto translated = duck::Translate(*parsed.value(), *query.source, MakeResolver(*query.source));
  if (!translated.ok()) return Failed(translated.diagnostic());
  Bound<std::string> bound;
  bound.value = std::move(translated.value());
  return bound;
}

Bound<std::string> QueryBinder::Translate(const sql::Fragment& query) {
  for (const engine::InlineView& view : views_) {
    if (!view.expectations.empty()) {
      return Failed(sql::MakeDiagnostic(
          *view.expectations[0].predicate.source, view.expectations[0].predicate.span,
          sql::kUnsupported, "expectations on a temporary view are not supported",
          "put them on the table that reads it, where the rows they reject are counted"));
    }
    Bound<std::string> sql = TranslateQuery(view.query);
    if (!sql.ok()) return sql;
    view_sql_[Lower(view.name)] = *std::move(sql.value);
  }
  return TranslateQuery(query);
}

Bound<std::string> QueryBinder::TranslateExpression(const sql::Fragment& expression) {
  const auto parsed = sql::ParseExpression(expression);
  if (!parsed.ok()) return Failed(parsed.diagnostic());
  auto translated = duck::TranslateExpression(*parsed.value(), *expression.source,
                                              MakeResolver(*expression.source));
  if (!translated.ok()) return Failed(translated.diagnostic());
  Bound<std::string> bound;
  bound.value = std::move(translated.value());
  return bound;
}

}  // namespace smelt::duck
