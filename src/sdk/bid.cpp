#include "sdk/bid.hpp"

#include <vector>

#include "absl/strings/str_cat.h"
#include "base/limits.hpp"
#include "base/redact.hpp"
#include "sdk/grants.hpp"

namespace baton::sdk {
namespace {

namespace v2 = c1::connector::v2;

absl::Status append_part(std::string& bid, std::string_view part, const char* what) {
  if (part.empty()) return absl::InvalidArgumentError(absl::StrCat("an identifier needs a ", what));
  for (const char c : part) {
    if (c == ':' || c == '/' || c == '\\') bid.push_back('\\');
    bid.push_back(c);
  }
  return absl::OkStatus();
}

absl::Status append_id(std::string& bid, const v2::ResourceId& id) {
  absl::Status status = append_part(bid, id.resource_type(), "resource type");
  bid.push_back('/');
  status.Update(append_part(bid, id.resource(), "resource id"));
  return status;
}

absl::Status append_resource(std::string& bid, const v2::Resource& resource) {
  absl::Status status;
  if (resource.has_parent_resource_id()) {
    status = append_id(bid, resource.parent_resource_id());
    bid.push_back('/');
  }
  status.Update(append_id(bid, resource.id()));
  return status;
}

/// The slug, or for entitlements embedded by id alone what the id says behind the resource.
std::string_view slug_of(const v2::Entitlement& entitlement) {
  if (!entitlement.slug().empty()) return entitlement.slug();
  const std::string prefix = entitlement_id(entitlement.resource().id(), "");
  const std::string_view id = entitlement.id();
  return id.starts_with(prefix) ? id.substr(prefix.size()) : std::string_view();
}

absl::Status append_entitlement(std::string& bid, const v2::Entitlement& entitlement) {
  absl::Status status = append_resource(bid, entitlement.resource());
  bid.push_back(':');
  status.Update(append_part(bid, slug_of(entitlement), "slug"));
  return status;
}

absl::StatusOr<std::string> finished(std::string bid, const absl::Status& status) {
  if (!status.ok()) return status;
  return bid;
}

/// Walks an identifier part by part; after the first error everything answers empty.
class BidReader {
 public:
  explicit BidReader(std::string_view text) : text_(text) {}

  const absl::Status& status() const { return status_; }

  void expect(std::string_view literal) {
    if (!status_.ok()) return;
    if (!text_.substr(at_).starts_with(literal)) {
      return fail(absl::StrCat("expected \"", std::string(literal), "\""));
    }
    at_ += literal.size();
  }

  void expect_end() {
    if (status_.ok() && at_ != text_.size()) fail("expected the end");
  }

  void read_resource(v2::Resource& resource) {
    std::vector<std::string> parts;
    do {
      if (parts.size() == 4) return fail("a resource has at most a parent, no grandparent");
      parts.push_back(read_part());
    } while (status_.ok() && take('/'));
    if (!status_.ok()) return;
    if (parts.size() != 2 && parts.size() != 4) return fail("expected \"/\" and another part");
    if (parts.size() == 4) {
      fill_resource_id(*resource.mutable_parent_resource_id(), ResourceRef(parts[0], parts[1]));
    }
    fill_resource_id(*resource.mutable_id(), ResourceRef(parts[parts.size() - 2], parts.back()));
  }

  void read_entitlement(v2::Entitlement& entitlement) {
    read_resource(*entitlement.mutable_resource());
    expect(":");
    entitlement.set_slug(read_part());
    entitlement.set_id(entitlement_id(entitlement.resource().id(), entitlement.slug()));
  }

 private:
  bool take(char wanted) {
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  std::string read_part() {
    std::string part;
    if (!status_.ok()) return part;
    for (; at_ < text_.size() && text_[at_] != ':' && text_[at_] != '/'; ++at_) {
      if (text_[at_] == '\\') {
        const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
        if (next != ':' && next != '/' && next != '\\') {
          fail("a backslash escapes only \":\", \"/\" and itself");
          return part;
        }
        ++at_;
      }
      part.push_back(text_[at_]);
    }
    if (part.empty()) fail("a part is empty");
    if (part.size() > limits::kIdBytes)
      fail(absl::StrCat("a part has more than ", limits::kIdBytes, " bytes"));
    return part;
  }

  void fail(const std::string& what) {
    if (!status_.ok()) return;
    // A long input is shown around the place only.
    constexpr std::size_t kBefore = 60;
    constexpr std::size_t kShown = 120;
    const std::size_t start = at_ > kBefore ? at_ - kBefore : 0;
    std::string shown(text_.substr(start, kShown));
    for (char& c : shown) {
      if (static_cast<unsigned char>(c) < 0x20 || c == '\x7f') c = '?';
    }
    status_ = absl::InvalidArgumentError(absl::StrCat("not a baton identifier: ", what, "\n", shown, "\n",
                                                      std::string(at_ - start, ' '), "^"));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<std::string> format_bid(const v2::Resource& resource) {
  std::string bid = "bid:r:";
  absl::Status status = append_resource(bid, resource);
  return finished(std::move(bid), status);
}

absl::StatusOr<std::string> format_bid(const v2::Entitlement& entitlement) {
  std::string bid = "bid:e:";
  absl::Status status = append_entitlement(bid, entitlement);
  return finished(std::move(bid), status);
}

absl::StatusOr<std::string> format_bid(const v2::Grant& grant) {
  std::string bid = "bid:g:";
  absl::Status status = append_entitlement(bid, grant.entitlement());
  bid.push_back(':');
  status.Update(append_resource(bid, grant.principal()));
  return finished(std::move(bid), status);
}

absl::StatusOr<v2::Resource> parse_resource_bid(std::string_view text) {
  v2::Resource resource;
  BidReader reader(text);
  reader.expect("bid:r:");
  reader.read_resource(resource);
  reader.expect_end();
  if (!reader.status().ok()) return reader.status();
  return resource;
}

absl::StatusOr<v2::Entitlement> parse_entitlement_bid(std::string_view text) {
  v2::Entitlement entitlement;
  BidReader reader(text);
  reader.expect("bid:e:");
  reader.read_entitlement(entitlement);
  reader.expect_end();
  if (!reader.status().ok()) return reader.status();
  return entitlement;
}

absl::StatusOr<v2::Grant> parse_grant_bid(std::string_view text) {
  v2::Grant grant;
  BidReader reader(text);
  reader.expect("bid:g:");
  reader.read_entitlement(*grant.mutable_entitlement());
  reader.expect(":");
  reader.read_resource(*grant.mutable_principal());
  reader.expect_end();
  if (!reader.status().ok()) return reader.status();
  grant.set_id(grant_id(grant.entitlement().id(), grant.principal().id()));
  return grant;
}

}  // namespace baton::sdk
