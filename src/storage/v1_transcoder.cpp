#include "storage/v1_transcoder.hpp"

#include "absl/strings/str_cat.h"
#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "storage/record_decoder.hpp"

namespace baton::storage {
namespace {

namespace v2 = c1::connector::v2;
using wire::Writer;

absl::Status broken(const char* what) {
  return absl::DataLossError(
      absl::StrCat("a stored ", what, " cannot be read; the run directory is damaged"));
}

void write_all(Writer& writer, std::uint32_t field, const std::vector<std::string_view>& messages) {
  for (const std::string_view message : messages) writer.bytes_field(field, message);
}

void write_id(Writer& writer, std::uint32_t field, std::string_view type, std::string_view id) {
  const Writer::Mark mark = writer.open(field);
  writer.string_field(1, type);
  writer.string_field(2, id);
  writer.close(mark);
}

}  // namespace

V1Transcoder::V1Transcoder() : writer_(buffer_, 0) {}

template <class Message>
absl::Status V1Transcoder::through_message(const StoredValue& value) {
  Message message;
  absl::Status status = decode_value(value, message);
  if (status.ok()) serialize_deterministic(message, message_blob_);
  return status;
}

absl::Status V1Transcoder::transcode(const StoredValue& value, ResourceTypeRow& row) {
  if (!resource_type_.parse(value.record)) return broken("resource type");
  row.id = resource_type_.id;
  row.discovered_at = resource_type_.discovered_at;
  if (value.has(flag::kHasResidual)) {
    absl::Status status = through_message<v2::ResourceType>(value);
    row.blob = message_blob_;
    return status;
  }
  writer_.rewind(0);
  writer_.string_field(1, resource_type_.id);
  writer_.string_field(2, resource_type_.display_name);
  if (!resource_type_.traits.empty()) {
    const Writer::Mark traits = writer_.open(3);
    for (const std::string_view trait : resource_type_.traits) {
      writer_.varint(static_cast<std::uint64_t>(parse_trait(trait)));
    }
    writer_.close(traits);
  }
  write_all(writer_, 4, resource_type_.annotations);
  writer_.string_field(5, resource_type_.description);
  writer_.number_field(6, resource_type_.sourced_externally ? 1 : 0);
  row.blob = blob();
  return absl::OkStatus();
}

absl::Status V1Transcoder::transcode(const StoredValue& value, ResourceRow& row) {
  if (!resource_.parse(value.record)) return broken("resource");
  row.type_id = resource_.type_id;
  row.id = resource_.id;
  row.has_parent = resource_.has_parent;
  row.parent_type_id = resource_.parent_type_id;
  row.parent_id = resource_.parent_id;
  row.discovered_at = resource_.discovered_at;
  if (value.has(flag::kHasResidual)) {
    v2::Resource message;
    absl::Status status = decode_value(value, message);
    if (!status.ok()) return status;
    // The record leaves out a parent without an id of its own; a v1 row does not.
    if (!row.has_parent && message.has_parent_resource_id()) {
      row.has_parent = true;
      text_ = message.parent_resource_id().resource_type();
      row.parent_type_id = text_;
    }
    serialize_deterministic(message, message_blob_);
    row.blob = message_blob_;
    return absl::OkStatus();
  }
  writer_.rewind(0);
  write_id(writer_, 1, resource_.type_id, resource_.id);
  if (resource_.has_parent) write_id(writer_, 2, resource_.parent_type_id, resource_.parent_id);
  writer_.string_field(3, resource_.display_name);
  write_all(writer_, 4, resource_.annotations);
  writer_.string_field(5, resource_.description);
  if (resource_.has_profile) writer_.bytes_field(9, resource_.profile);
  if (!resource_.icon.empty()) {
    const Writer::Mark icon = writer_.open(10);
    writer_.bytes_field(1, resource_.icon);
    writer_.close(icon);
  }
  // A StatusRecord is field for field a Status.
  if (resource_.has_status) writer_.bytes_field(11, resource_.status);
  if (resource_.has_created_at) writer_.bytes_field(12, resource_.created_at);
  row.blob = blob();
  return absl::OkStatus();
}

absl::Status V1Transcoder::transcode(const StoredValue& value, EntitlementRow& row) {
  if (!entitlement_.parse(value.record)) return broken("entitlement");
  row.resource_type_id = entitlement_.resource_type_id;
  row.resource_id = entitlement_.resource_id;
  row.id = entitlement_.id;
  row.discovered_at = entitlement_.discovered_at;
  if (value.has(flag::kHasResidual)) {
    absl::Status status = through_message<v2::Entitlement>(value);
    row.blob = message_blob_;
    return status;
  }
  writer_.rewind(0);
  const Writer::Mark resource = writer_.open(1);
  write_id(writer_, 1, entitlement_.resource_type_id, entitlement_.resource_id);
  writer_.close(resource);
  writer_.string_field(2, entitlement_.id);
  writer_.string_field(3, entitlement_.display_name);
  writer_.string_field(4, entitlement_.description);
  for (const std::string_view type : entitlement_.grantable_to) {
    const Writer::Mark mark = writer_.open(5);
    writer_.bytes_field(1, type);
    writer_.close(mark);
  }
  write_all(writer_, 6, entitlement_.annotations);
  writer_.number_field(7, static_cast<std::uint64_t>(parse_purpose(entitlement_.purpose)));
  writer_.string_field(8, entitlement_.slug);
  row.blob = blob();
  return absl::OkStatus();
}

absl::Status V1Transcoder::transcode(const StoredValue& value, const std::vector<SourceView>* sources,
                                     GrantRow& row) {
  if (!grant_.parse(value.record)) return broken("grant");
  row.resource_type_id = grant_.resource_type_id;
  row.resource_id = grant_.resource_id;
  row.entitlement_id = grant_.entitlement_id;
  row.principal_type_id = grant_.principal_type_id;
  row.principal_id = grant_.principal_id;
  row.id = grant_.id;
  if (row.id.empty()) {
    text_.assign(grant_.entitlement_id).append(1, ':').append(grant_.principal_type_id);
    text_.append(1, ':').append(grant_.principal_id);
    row.id = text_;
  }
  row.expansion = grant_.expansion;
  row.needs_expansion = value.has(flag::kNeedsExpansion);
  row.synthesised = value.has(flag::kSynthesised);
  row.discovered_at = grant_.discovered_at;
  if (value.has(flag::kHasResidual)) return grant_through_message(value, sources, row);
  writer_.rewind(0);
  write_grant(sources != nullptr ? *sources : grant_.sources, row.id);
  row.blob = blob();
  return absl::OkStatus();
}

void V1Transcoder::write_grant(const std::vector<SourceView>& sources, std::string_view id) {
  const Writer::Mark entitlement = writer_.open(1);
  const Writer::Mark resource = writer_.open(1);
  write_id(writer_, 1, grant_.resource_type_id, grant_.resource_id);
  writer_.close(resource);
  writer_.string_field(2, grant_.entitlement_id);
  writer_.close(entitlement);

  const Writer::Mark principal = writer_.open(2);
  write_id(writer_, 1, grant_.principal_type_id, grant_.principal_id);
  if (!grant_.principal_parent_type_id.empty() || !grant_.principal_parent_id.empty()) {
    write_id(writer_, 2, grant_.principal_parent_type_id, grant_.principal_parent_id);
  }
  writer_.close(principal);

  writer_.string_field(3, id);
  write_all(writer_, 4, grant_.annotations);
  if (sources.empty()) return;
  const Writer::Mark map = writer_.open(5);
  for (const SourceView& source : sources) {
    const Writer::Mark entry = writer_.open(1);
    writer_.bytes_field(1, source.entitlement_id);
    const Writer::Mark direct = writer_.open(2);
    writer_.number_field(1, source.is_direct ? 1 : 0);
    writer_.close(direct);
    writer_.close(entry);
  }
  writer_.close(map);
}

absl::Status V1Transcoder::grant_through_message(const StoredValue& value,
                                                 const std::vector<SourceView>* sources, GrantRow& row) {
  v2::Grant message;
  absl::Status status = decode_grant_apart(value, message, expansion_);
  if (!status.ok()) return status;
  message.set_id(std::string(row.id));
  if (sources != nullptr) {
    auto& map = *message.mutable_sources()->mutable_sources();
    google::protobuf::Map<std::string, v2::GrantSources_GrantSource> before;
    before.swap(map);
    for (const SourceView& source : *sources) {
      const std::string id(source.entitlement_id);
      const auto found = before.find(id);
      if (found != before.end()) map[id] = found->second;
      map[id].set_is_direct(source.is_direct);
    }
  }
  serialize_deterministic(message, message_blob_);
  row.blob = message_blob_;
  row.expansion = expansion_;
  return absl::OkStatus();
}

}  // namespace baton::storage
