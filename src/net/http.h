#pragma once

// HTTP messages as plain values, shared by the client and the server. A body is whole: nothing here
// streams. Values; not synchronised.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smelt::net {

// Header fields in the order they were added. Names keep their spelling and compare without regard
// to case.
class HttpHeaders {
 public:
  HttpHeaders() = default;
  HttpHeaders(std::initializer_list<std::pair<std::string, std::string>> fields)
      : fields_(fields) {}

  // Appends; a name may occur more than once.
  void Add(std::string name, std::string value);
  // Leaves exactly one field of that name.
  void Set(std::string_view name, std::string value);
  // The first value of that name, or empty where there is none. Valid until the headers change.
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  size_t size() const { return fields_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct HttpRequest {
  std::string method = "GET";
  // Path and query as they stand in the request line: "/bucket/key?list-type=2".
  std::string target = "/";
  HttpHeaders headers;
  std::string body;
};

struct HttpResponse {
  int status = 200;
  HttpHeaders headers;
  std::string body;
};

}  // namespace smelt::net
