#include "pipeline/yaml_node.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace smelt::pipeline {
namespace {

class Converter {
 public:
  Converter(const std::shared_ptr<const sql::SourceText>& source,
            std::vector<sql::Diagnostic>* diagnostics)
      : source_(source), diagnostics_(diagnostics) {}

  YamlNode Convert(const YAML::Node& node) {
    // Aliases of YAML may make a small file endless.
    constexpr int kMaxDepth = 64;
    constexpr int kMostNodes = 100000;
    YamlNode result;
    result.place = PlaceOf(node.Mark(), 1);
    if (++nodes_ > kMostNodes || depth_ >= kMaxDepth) {
      if (!is_too_large_) {
        diagnostics_->push_back(
            MistakeAt(result.place, "the file is too large or nested too deeply"));
      }
      is_too_large_ = true;
      return result;
    }
    ++depth_;
    switch (node.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        break;
      case YAML::NodeType::Scalar:
        result.kind = YamlNode::Kind::kScalar;
        result.scalar = node.Scalar();
        result.is_plain = node.Tag() == "?";
        result.place = PlaceOf(node.Mark(), result.scalar.size() + (result.is_plain ? 0 : 2));
        break;
      case YAML::NodeType::Sequence:
        result.kind = YamlNode::Kind::kSequence;
        for (const YAML::Node& item : node) result.items.push_back(Convert(item));
        break;
      case YAML::NodeType::Map:
        result.kind = YamlNode::Kind::kMapping;
        for (const auto& member : node) ConvertMember(member.first, member.second, &result);
        break;
    }
    --depth_;
    return result;
  }

 private:
  void ConvertMember(const YAML::Node& key, const YAML::Node& value, YamlNode* mapping) {
    const Place place = PlaceOf(key.Mark(), key.IsScalar() ? key.Scalar().size() : 1);
    if (!key.IsScalar()) {
      diagnostics_->push_back(MistakeAt(place, "a key must be a word"));
      return;
    }
    if (key.Scalar() == "<<" && value.IsMap()) {  // what is there already wins
      YamlNode merged = Convert(value);
      for (YamlNode::Member& member : merged.members) {
        if (mapping->Find(member.key) == nullptr) mapping->members.push_back(std::move(member));
      }
      return;
    }
    if (mapping->Find(key.Scalar()) != nullptr) {
      diagnostics_->push_back(MistakeAt(place, fmt::format("'{}' is there twice", key.Scalar())));
      return;
    }
    mapping->members.push_back({key.Scalar(), place, Convert(value)});
  }

  Place PlaceOf(const YAML::Mark& mark, size_t size) const {
    if (mark.is_null()) return {source_, {}};
    const auto begin = static_cast<uint32_t>(mark.pos);
    const std::string_view rest =
        source_->text().substr(std::min<size_t>(begin, source_->text().size()));
    const size_t line = std::min(rest.find('\n'), rest.size());
    return {source_, {begin, begin + static_cast<uint32_t>(std::min(size, line))}};
  }

  const std::shared_ptr<const sql::SourceText>& source_;
  std::vector<sql::Diagnostic>* diagnostics_;
  int depth_ = 0;
  int nodes_ = 0;
  bool is_too_large_ = false;
};

base::OrderedJson ScalarToJson(const std::string& text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (text == "null" || text == "~" || text.empty()) return nullptr;
  const char* const end = text.data() + text.size();
  int64_t integer = 0;
  const auto as_integer = std::from_chars(text.data(), end, integer);
  if (as_integer.ec == std::errc() && as_integer.ptr == end) return integer;
  double number = 0;
  const auto as_double = std::from_chars(text.data(), end, number);
  const bool is_number = text.find_first_not_of("0123456789.eE+-") == std::string::npos;
  if (is_number && as_double.ec == std::errc() && as_double.ptr == end) return number;
  return text;
}

}  // namespace

const YamlNode* YamlNode::Find(std::string_view key) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const Member& member) { return member.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

YamlNode* YamlNode::Find(std::string_view key) {
  return const_cast<YamlNode*>(std::as_const(*this).Find(key));
}

std::optional<YamlNode> ParseYaml(const std::shared_ptr<const sql::SourceText>& source,
                                  std::vector<sql::Diagnostic>* diagnostics) {
  const size_t mistakes = diagnostics->size();
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(source->text()));
    if (documents.empty()) return YamlNode{.place = {source, {}}};
    Converter converter(source, diagnostics);
    YamlNode root = converter.Convert(documents.front());
    if (documents.size() > 1) {
      diagnostics->push_back(
          MistakeAt(root.place, "the file has several YAML documents, only one is expected"));
    }
    if (diagnostics->size() > mistakes) return std::nullopt;
    return root;
  } catch (const YAML::Exception& e) {
    const auto at = static_cast<uint32_t>(e.mark.is_null() ? 0 : e.mark.pos);
    diagnostics->push_back(MistakeAt({source, {at, at}}, fmt::format("not YAML: {}", e.msg)));
  } catch (const std::exception& e) {
    diagnostics->push_back(MistakeAt({source, {}}, fmt::format("not YAML: {}", e.what())));
  }
  return std::nullopt;
}

void MergeYaml(YamlNode over, YamlNode* base) {
  if (base->is_mapping() && over.is_mapping()) {
    for (YamlNode::Member& member : over.members) {
      YamlNode* const known = base->Find(member.key);
      if (known != nullptr) {
        MergeYaml(std::move(member.value), known);
      } else {
        base->members.push_back(std::move(member));
      }
    }
  } else if (base->kind == YamlNode::Kind::kSequence && over.kind == YamlNode::Kind::kSequence) {
    std::move(over.items.begin(), over.items.end(), std::back_inserter(base->items));
  } else if (!over.is_null()) {
    *base = std::move(over);
  }
}

base::OrderedJson ToJson(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return nullptr;
    case YamlNode::Kind::kScalar:
      return node.is_plain ? ScalarToJson(node.scalar) : base::OrderedJson(node.scalar);
    case YamlNode::Kind::kSequence: {
      base::OrderedJson array = base::OrderedJson::array();
      for (const YamlNode& item : node.items) array.push_back(ToJson(item));
      return array;
    }
    case YamlNode::Kind::kMapping: {
      base::OrderedJson object = base::OrderedJson::object();
      for (const YamlNode::Member& member : node.members) object[member.key] = ToJson(member.value);
      return object;
    }
  }
  return nullptr;
}

sql::Diagnostic MistakeAt(const Place& place, std::string message, std::string hint) {
  return sql::MakeDiagnostic(*place.source, place.span, "project", std::move(message),
                             std::move(hint));
}

sql::Diagnostic UnsupportedAt(const Place& place, std::string message, std::string hint) {
  return sql::MakeDiagnostic(*place.source, place.span, sql::kUnsupported, std::move(message),
                             std::move(hint));
}

}  // namespace smelt::pipeline
