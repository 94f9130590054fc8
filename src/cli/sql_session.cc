#include "cli/sql_session.h"

#include <charconv>
#include <utility>

#include "base/status.h"
#include "delta/snapshot.h"
#include "engine/duckdb/sources/bound_source.h"
#include "engine/duckdb/sources/source_finder.h"
#include "engine/source_call.h"
#include "sql/lexer.h"
#include "sql/query_parser.h"

namespace smelt::cli {
namespace {

using Resolved = std::variant<duck::FromItem, sql::Diagnostic>;

// VERSION AS OF n, n being a number or a string that is one.
std::optional<int64_t> VersionOf(const sql::Expr& expression) {
  const auto* const literal = expression.As<sql::Literal>();
  if (literal == nullptr) return std::nullopt;
  int64_t version = 0;
  const std::string& text = literal->text;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), version);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return version;
}

}  // namespace

absl::StatusOr<PathTable> OpenPathTable(const std::string& path, delta::ParquetHandler* parquet) {
  constexpr std::string_view kFile = "file:";
  std::string local = path;
  if (local.starts_with(kFile)) {
    local.erase(0, kFile.size());
    if (local.starts_with("//")) local.erase(0, 2);
  }
  if (local.find("://") != std::string::npos) {
    return base::Unimplemented("the table {} does not lie on this machine, which is not supported",
                               path);
  }
  std::filesystem::path folder = std::filesystem::absolute(local).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  PathTable opened;
  opened.store = std::make_unique<storage::DiskStore>(folder.parent_path().string());
  opened.table = {opened.store.get(), folder.filename().string(), parquet};
  return opened;
}

// What one query is bound to; lives while it runs.
class SqlSession::Binding {
 public:
  explicit Binding(SqlSession* session)
      : session_(session),
        context_(session->engine_->Binder(session->workspace_->catalog().defaults())) {}

  absl::StatusOr<std::string> Translate(const sql::Fragment& query) {
    const auto parsed = sql::ParseQuery(query);
    if (!parsed.ok()) return sql::ToStatus(parsed.diagnostic());
    source_ = query.source.get();
    const auto translated =
        duck::Translate(*parsed.value(), *query.source, [this](const duck::SourceRef& ref) {
          return ref.function != nullptr ? ResolveFunction(ref) : ResolveTable(ref);
        });
    // Trouble with a table is more than a mistake in the text.
    if (!failure_.ok()) return failure_;
    if (!translated.ok()) return sql::ToStatus(translated.diagnostic());
    return translated.value();
  }

  // DuckDB's complaint about a column that is not there, at its place in the query and with the
  // nearest name; any other status as it is.
  absl::Status Explain(const absl::Status& status, const sql::Fragment& query) const {
    const std::string message = base::Message(status);
    // Table "t" does not have a column named "x": the second name is the column's.
    const size_t named = message.find("does not have a column named");
    const bool is_unknown = named != std::string::npos ||
                            message.find("not found in FROM clause") != std::string::npos ||
                            message.find("this column cannot be referenced") != std::string::npos;
    const size_t begin = message.find('"', named == std::string::npos ? 0 : named);
    const size_t end = begin == std::string::npos ? begin : message.find('"', begin + 1);
    if (!absl::IsInvalidArgument(status) || !is_unknown || end == std::string::npos) return status;
    const std::string column = message.substr(begin + 1, end - begin - 1);
    for (const sql::Token& token : sql::Lex(*query.source).tokens) {
      const bool is_inside =
          token.span.begin >= query.span.begin && token.span.end <= query.span.end;
      const bool is_name =
          token.kind == sql::TokenKind::kWord || token.kind == sql::TokenKind::kQuotedIdentifier;
      if (!is_inside || !is_name || !sql::EqualsIgnoreCase(token.value, column)) continue;
      return sql::ToStatus(Mistake(token.span, "unknown-column",
                                   fmt::format("there is no column '{}'", token.value),
                                   sql::SuggestName(token.value, columns_)));
    }
    return status;
  }

  // After the query ran to its end.
  absl::Status CheckDelivered() const {
    for (const duck::BoundSource& source : sources_) {
      SMELT_RETURN_IF_ERROR(source.CheckDelivered());
    }
    return absl::OkStatus();
  }

 private:
  sql::Diagnostic Mistake(sql::Span span, std::string code, std::string message,
                          std::string hint = {}) const {
    return sql::MakeDiagnostic(*source_, span, std::move(code), std::move(message),
                               std::move(hint));
  }

  sql::Diagnostic Failed(sql::Span span, const absl::Status& status) {
    if (failure_.ok()) failure_ = status;
    return Mistake(span, "failed", base::Message(status));
  }

  Resolved ResolveFunction(const duck::SourceRef& ref) {
    const std::string name = ref.function->LowerName();
    if (!engine::IsSourceFunction(name)) {
      return Mistake(ref.span, "unknown-function",
                     fmt::format("there is no table function '{}'", name),
                     sql::SuggestName(name, {"read_files", "dynamodb_export", "range", "explode"}));
    }
    if (ref.function->is_stream) {
      return Mistake(ref.span, sql::kUnsupported,
                     "STREAM in a query outside of a pipeline is not supported",
                     "leave STREAM out to read all rows");
    }
    auto call = engine::EvaluateCall(*ref.function, ref.span, *source_);
    if (auto* const mistake = std::get_if<sql::Diagnostic>(&call)) return std::move(*mistake);
    std::get<engine::SourceCall>(call).folder = session_->folder_.string();
    const auto found = finder_.Find(std::get<engine::SourceCall>(call), nullptr);
    if (!found.ok()) return Failed(ref.span, found.status());
    absl::StatusOr<duck::BoundSource> bound =
        std::holds_alternative<engine::FilesInput>(*found)
            ? duck::BindFiles(*context_.sources, std::get<engine::FilesInput>(*found))
            : duck::BindExports(*context_.sources, std::get<engine::ExportInput>(*found), {},
                                session_->engine_->database().threads());
    if (!bound.ok()) return Failed(ref.span, bound.status());
    sources_.push_back(*std::move(bound));
    return sources_.back().from();
  }

  Resolved ResolveTable(const duck::SourceRef& ref) {
    const sql::TableRef& table = *ref.table;
    if (table.is_stream) {
      return Mistake(ref.span, sql::kUnsupported,
                     "STREAM in a query outside of a pipeline is not supported",
                     "leave STREAM out to read all rows");
    }
    if (table.timestamp != nullptr) {
      return Mistake(table.timestamp->span, sql::kUnsupported, "TIMESTAMP AS OF is not supported",
                     "use VERSION AS OF; `smelt table history` lists versions and their times");
    }
    std::optional<delta::Version> version;
    if (table.version != nullptr) {
      const std::optional<int64_t> number = VersionOf(*table.version);
      if (!number) {
        return Mistake(table.version->span, sql::kSyntax, "expected a number after VERSION AS OF");
      }
      version = delta::Version(*number);
    }
    if (table.name.size() == 2 && sql::EqualsIgnoreCase(table.name[0].text, "delta")) {
      return ResolvePath(ref, table.name[1].text, version);
    }
    std::vector<std::string> parts;
    for (const sql::Name& part : table.name) parts.push_back(part.text);
    catalog::Catalog& catalog = session_->workspace_->catalog();
    const auto name = catalog::ResolveName(parts, catalog.defaults());
    if (!name.ok()) return Mistake(ref.span, sql::kSyntax, base::Message(name.status()));
    const auto newest = catalog.Find(*name, session_->workspace_->principal());
    if (!newest.ok()) return Failed(ref.span, newest.status());
    if (!*newest) return UnknownTable(ref.span, *name);
    delta::Snapshot::Ptr snapshot = **newest;
    if (version && *version != snapshot->version()) {
      auto loaded = delta::Snapshot::Load(snapshot->table(), version);
      if (!loaded.ok()) return Failed(ref.span, loaded.status());
      snapshot = *std::move(loaded);
    }
    return AddScan(ref.span, name->ToString(), context_.store_id, *snapshot);
  }

  Resolved ResolvePath(const duck::SourceRef& ref, const std::string& path,
                       std::optional<delta::Version> version) {
    const std::filesystem::path absolute = session_->folder_ / path;
    const bool is_url = path.find(':') != std::string::npos;
    auto opened = OpenPathTable(is_url ? path : absolute.string(), session_->engine_->parquet());
    if (!opened.ok()) return Failed(ref.span, opened.status());
    const auto snapshot = delta::Snapshot::Load(opened->table, version);
    if (!snapshot.ok()) return Failed(ref.span, snapshot.status());
    path_stores_.push_back(std::move(opened->store));
    store_ids_.push_back(std::make_unique<duck::TemporaryStore>(
        &session_->engine_->database().stores(), path_stores_.back().get()));
    return AddScan(ref.span, path, store_ids_.back()->id(), **snapshot);
  }

  Resolved UnknownTable(sql::Span span, const catalog::TableName& name) const {
    std::vector<std::string> known;
    const auto list = session_->workspace_->catalog().List(session_->workspace_->principal());
    if (list.ok()) {
      for (const catalog::TableName& table : *list)
        known.push_back(table.schema + "." + table.table);
    }
    std::string hint = sql::SuggestName(name.schema + "." + name.table, known);
    for (const std::string& other : known) {
      if (hint.empty() && other.ends_with("." + name.table)) {
        hint = fmt::format("did you mean '{}'?", other);
      }
    }
    if (hint.empty() && known.empty()) {
      hint = fmt::format("the lake {} has no tables; `smelt run` makes them",
                         session_->workspace_->lake_path());
    }
    return Mistake(span, "unknown-table", fmt::format("there is no table '{}'", name.ToString()),
                   std::move(hint));
  }

  Resolved AddScan(sql::Span span, const std::string& name, const std::string& store_id,
                   const delta::Snapshot& snapshot) {
    duck::ScanSpec spec;
    spec.store_id = store_id;
    spec.table_root = snapshot.table().root;
    spec.table_name = name;
    spec.schema = snapshot.schema();
    for (const base::Field& field : snapshot.schema()) columns_.push_back(field.name);
    spec.partition_columns = snapshot.partition_columns();
    spec.files = snapshot.files();
    auto scan = context_.scans->Add(std::move(spec));
    if (!scan.ok()) return Failed(span, scan.status());
    scans_.push_back(*std::move(scan));
    return duck::FromItem{scans_.back().Sql(), {}};
  }

  SqlSession* const session_;
  const duck::BinderContext context_;
  const sql::SourceText* source_ = nullptr;
  absl::Status failure_;
  duck::DiskSourceFinder finder_;
  // In this order: scans and sources go before the stores that they read.
  std::vector<std::unique_ptr<storage::DiskStore>> path_stores_;
  std::vector<std::unique_ptr<duck::TemporaryStore>> store_ids_;
  std::vector<duck::Scan> scans_;
  std::vector<duck::BoundSource> sources_;
  std::vector<std::string> columns_;  // of all tables: for suggestions
};

absl::StatusOr<std::unique_ptr<SqlSession>> SqlSession::Open(Workspace* workspace,
                                                             std::filesystem::path folder) {
  SMELT_ASSIGN_OR_RETURN(duck::DuckEngine * engine, workspace->Engine());
  std::unique_ptr<SqlSession> session(new SqlSession(workspace, engine, std::move(folder)));
  SMELT_ASSIGN_OR_RETURN(session->connection_, engine->database().Connect());
  return session;
}

SqlSession::~SqlSession() = default;

void SqlSession::Interrupt() { connection_->Interrupt(); }

absl::StatusOr<duck::ResultRows> SqlSession::Query(const sql::Fragment& query,
                                                   duck::RowFormat format,
                                                   std::optional<int64_t> limit) {
  Binding binding(this);
  SMELT_ASSIGN_OR_RETURN(const std::string text, binding.Translate(query));
  SMELT_RETURN_IF_ERROR(connection_->Execute(
      fmt::format("SET VARIABLE smelt_current_timestamp = {}", base::Clock::Real()->NowMicros())));
  absl::StatusOr<duck::ResultRows> rows = duck::QueryRows(*connection_, text, format, limit);
  if (!rows.ok()) return binding.Explain(rows.status(), query);
  if (!rows->truncated) SMELT_RETURN_IF_ERROR(binding.CheckDelivered());
  return rows;
}

absl::Status SqlSession::Export(const sql::Fragment& query, const std::filesystem::path& file) {
  const std::string extension = file.extension().string();
  if (extension != ".parquet" && extension != ".csv") {
    return base::InvalidArgument("--to takes a .parquet or .csv file, not {}", file.string());
  }
  Binding binding(this);
  SMELT_ASSIGN_OR_RETURN(const std::string text, binding.Translate(query));
  SMELT_RETURN_IF_ERROR(connection_->Execute(
      fmt::format("SET VARIABLE smelt_current_timestamp = {}", base::Clock::Real()->NowMicros())));
  const std::filesystem::path absolute = std::filesystem::absolute(file).lexically_normal();
  storage::DiskStore store(absolute.parent_path().string());
  const duck::TemporaryStore temporary(&engine_->database().stores(), &store);
  SMELT_RETURN_IF_ERROR(connection_->Execute(
      fmt::format("COPY ({}) TO {} ({})", text,
                  duck::QuoteLiteral(duck::StoreUrl(temporary.id(), absolute.filename().string())),
                  extension == ".csv" ? "FORMAT csv, HEADER" : "FORMAT parquet")));
  return binding.CheckDelivered();
}

std::vector<sql::Fragment> SplitStatements(const std::string& name, const std::string& text) {
  const auto source = std::make_shared<const sql::SourceText>(name, text);
  std::vector<sql::Fragment> statements;
  std::optional<sql::Span> statement;
  for (const sql::Token& token : sql::Lex(*source).tokens) {
    if (token.IsOperator(";") || token.kind == sql::TokenKind::kEnd) {
      if (statement) statements.push_back({source, *statement});
      statement.reset();
    } else {
      statement = statement ? sql::Cover(*statement, token.span) : token.span;
    }
  }
  // A string or comment that is never closed leaves no token: the parser says so.
  if (statements.empty() && text.find_first_not_of(" \t\r\n;") != std::string::npos) {
    statements.push_back({source, {0, static_cast<uint32_t>(source->text().size())}});
  }
  return statements;
}

}  // namespace smelt::cli
