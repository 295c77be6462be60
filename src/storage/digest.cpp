#include "storage/digest.hpp"

#include <openssl/evp.h>

#include <memory>

#include "absl/strings/escaping.h"
#include "base/tuple_key.hpp"
#include "storage/c1z/deterministic.hpp"
#include "storage/canonical.hpp"

namespace baton::storage {
namespace {

class Sha256 {
 public:
  bool start() {
    return context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1;
  }
  void update(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  std::string finish() {
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_.get(), hash, &size);
    return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(hash), size));
  }

 private:
  class Free {
   public:
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_{EVP_MD_CTX_new()};
};

constexpr std::string_view kResourceType = "resourceType";
constexpr std::string_view kResource = "resource";
constexpr std::string_view kEntitlement = "entitlement";
constexpr std::string_view kGrant = "grant";

/// The byte before a family's rows keeps a row of one family from being taken for one of the next.
constexpr std::string_view kKinds[] = {kResourceType, kResource, kEntitlement, kGrant};

}  // namespace

absl::Status for_each_canonical_row(c1z::Reader& reader, const DigestOptions& options,
                                    const std::function<absl::Status(const CanonicalRow&)>& visit) {
  Canonicalizer canonicalizer(options.common);
  std::string bytes;
  const auto say = [&](std::string_view kind, const google::protobuf::Message& message) {
    bytes.clear();
    c1z::append_deterministic(message, bytes);
    return visit(CanonicalRow{kind, message, bytes});
  };
  c1::connector::v2::ResourceType type;
  absl::Status status = reader.for_each_resource_type([&](const c1::connector::v2::ResourceType& row) {
    type = row;
    canonicalizer.canonicalize(type);
    return say(kResourceType, type);
  });
  if (!status.ok()) return status;
  c1::connector::v2::Resource resource;
  status = reader.for_each_resource({}, [&](const c1::connector::v2::Resource& row) {
    resource = row;
    canonicalizer.canonicalize(resource);
    return say(kResource, resource);
  });
  if (!status.ok()) return status;
  c1::connector::v2::Entitlement entitlement;
  status = reader.for_each_entitlement({}, [&](const c1::connector::v2::Entitlement& row) {
    entitlement = row;
    canonicalizer.canonicalize(entitlement);
    return say(kEntitlement, entitlement);
  });
  if (!status.ok()) return status;
  c1::connector::v2::Grant grant;
  return reader.for_each_grant({}, [&](const c1z::StoredGrant& row) {
    grant = row.grant;
    canonicalizer.canonicalize(grant, row.expansion);
    return say(kGrant, grant);
  });
}

absl::StatusOr<std::string> content_digest(c1z::Reader& reader, const DigestOptions& options) {
  Sha256 hash;
  if (!hash.start()) return absl::InternalError("OpenSSL offers no SHA-256");
  std::size_t family = 0;
  const auto begin_families_up_to = [&](std::size_t last) {
    for (; family < last; ++family) {
      const char number = static_cast<char>(family + 1);
      hash.update(std::string_view(&number, 1));
    }
  };
  std::string length;
  absl::Status status = for_each_canonical_row(reader, options, [&](const CanonicalRow& row) {
    while (family == 0 || kKinds[family - 1] != row.kind) begin_families_up_to(family + 1);
    length.clear();
    append_be64(length, row.bytes.size());
    hash.update(length);
    hash.update(row.bytes);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  begin_families_up_to(std::size(kKinds));
  return hash.finish();
}

}  // namespace baton::storage
