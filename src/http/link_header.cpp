#include "http/link_header.hpp"

#include <cstddef>

namespace baton::http {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// One link of a field.
class Link {
 public:
  std::string_view target;
  std::optional<std::string> relations;
  bool anchored = false;
};

/// Takes the links of one field's value one after the other.
class LinkReader {
 public:
  explicit LinkReader(std::string_view text) : text_(text) {}

  /// False at the end.
  bool next(Link& link) {
    while (at_ < text_.size()) {
      skip_blanks();
      if (at_ < text_.size() && text_[at_] == '<') {
        if (read(link)) return true;
      }
      skip_to_comma();
    }
    return false;
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  void skip_to_comma() {
    while (at_ < text_.size() && text_[at_] != ',') {
      if (text_[at_] == '"') {
        quoted();
      } else {
        ++at_;
      }
    }
    if (at_ < text_.size()) ++at_;
  }

  /// At "<"; stands at a comma or the end when it was a link.
  bool read(Link& link) {
    const std::size_t end = text_.find('>', at_);
    if (end == std::string_view::npos) {
      at_ = text_.size();
      return false;
    }
    link = Link();
    link.target = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    for (skip_blanks(); at_ < text_.size() && text_[at_] == ';'; skip_blanks()) {
      ++at_;
      parameter(link);
    }
    return at_ == text_.size() || text_[at_] == ',';
  }

  void parameter(Link& link) {
    skip_blanks();
    const std::string_view name = token();
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != '=') return;
    ++at_;
    skip_blanks();
    const std::string value = at_ < text_.size() && text_[at_] == '"' ? quoted() : std::string(token());
    // Of several, the first counts (RFC 8288 §3.3).
    if (equal_ignoring_case(name, "rel") && !link.relations) link.relations = value;
    if (equal_ignoring_case(name, "anchor")) link.anchored = true;
  }

  std::string_view token() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && !is_blank(text_[at_]) && text_[at_] != ';' && text_[at_] != ',' &&
           text_[at_] != '=') {
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }

  /// At a quote; stands behind the closing one.
  std::string quoted() {
    std::string value;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value += text_[at_];
    }
    if (at_ < text_.size()) ++at_;
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool names(std::string_view relations, std::string_view relation) {
  while (!relations.empty()) {
    const std::string_view one = relations.substr(0, relations.find_first_of(" \t"));
    if (equal_ignoring_case(one, relation)) return true;
    relations.remove_prefix(one.size() < relations.size() ? one.size() + 1 : one.size());
  }
  return false;
}

}  // namespace

std::optional<std::string> find_link(const Headers& headers, std::string_view relation,
                                     std::string_view field) {
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (!equal_ignoring_case(headers.name_at(i), field)) continue;
    LinkReader reader(headers.value_at(i));
    Link link;
    while (reader.next(link)) {
      if (!link.anchored && link.relations && names(*link.relations, relation))
        return std::string(link.target);
    }
  }
  return std::nullopt;
}

}  // namespace baton::http
