#include "storage/v1_transcoder.hpp"

#include "absl/strings/str_cat.h"
#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "storage/record_decoder.hpp"
#include "storage/record_messages.hpp"

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

/// The part of a residual that fills in an embedded resource, split where the record's fields go in between.
/// A residual has its fields in order, unknown ones last, so what follows the fields asked for is one piece.
class EmbeddedResidual {
 public:
  std::string_view id;
  bool has_parent = false;
  std::string_view parent;
  std::string_view rest;

  bool split(std::string_view residual) {
    wire::Reader reader(residual);
    for (wire::Field field; reader.next(field);) {
      if (field.number == 1 && field.type == wire::Type::kBytes) {
        id = field.bytes;
      } else if (field.number == 2 && field.type == wire::Type::kBytes) {
        has_parent = true;
        parent = field.bytes;
      } else {
        rest = residual.substr(static_cast<std::size_t>(field.raw.data() - residual.data()));
        break;
      }
    }
    return !reader.failed();
  }

  void write(Writer& writer, std::uint32_t number, std::string_view type_id, std::string_view resource_id,
             std::string_view parent_type_id, std::string_view parent_id) const {
    const Writer::Mark resource = writer.open(number);
    const Writer::Mark own = writer.open(1);
    writer.string_field(1, type_id);
    writer.string_field(2, resource_id);
    writer.bytes(id);
    writer.close(own);
    if (has_parent || !parent_type_id.empty() || !parent_id.empty()) {
      const Writer::Mark mark = writer.open(2);
      writer.string_field(1, parent_type_id);
      writer.string_field(2, parent_id);
      writer.bytes(parent);
      writer.close(mark);
    }
    writer.bytes(rest);
    writer.close(resource);
  }
};

}  // namespace

/// A grant's residual in the same way.
class GrantResidual {
 public:
  EmbeddedResidual resource;
  std::string_view entitlement_rest;
  EmbeddedResidual principal;
  std::string_view rest;

  /// False when it says anything about annotations or sources, which only the message can merge.
  bool split(std::string_view extra) {
    wire::Reader outer(extra);
    wire::Field residual;
    if (!outer.next(residual) || residual.number != 1) return false;
    wire::Reader reader(residual.bytes);
    for (wire::Field field; reader.next(field);) {
      if (field.type == wire::Type::kBytes && (field.number == 4 || field.number == 5)) return false;
      if (field.type == wire::Type::kBytes && field.number == 1) {
        if (!split_entitlement(field.bytes)) return false;
      } else if (field.type == wire::Type::kBytes && field.number == 2) {
        if (!principal.split(field.bytes)) return false;
      } else {
        rest = residual.bytes.substr(static_cast<std::size_t>(field.raw.data() - residual.bytes.data()));
        break;
      }
    }
    return !reader.failed();
  }

 private:
  bool split_entitlement(std::string_view entitlement) {
    wire::Reader reader(entitlement);
    wire::Field field;
    if (!reader.next(field)) return !reader.failed();
    if (field.number != 1 || field.type != wire::Type::kBytes) {
      entitlement_rest = entitlement;
      return true;
    }
    entitlement_rest = entitlement.substr(field.raw.size());
    return resource.split(field.bytes);
  }
};

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
  GrantResidual residual;
  if (value.has(flag::kHasResidual) && !residual.split(value.extra)) {
    return grant_through_message(value, sources, row);
  }
  writer_.rewind(0);
  write_grant(sources != nullptr ? *sources : grant_.sources, row.id, residual);
  row.blob = blob();
  return absl::OkStatus();
}

void V1Transcoder::write_grant(const std::vector<SourceView>& sources, std::string_view id,
                               const GrantResidual& residual) {
  const Writer::Mark entitlement = writer_.open(1);
  residual.resource.write(writer_, 1, grant_.resource_type_id, grant_.resource_id, {}, {});
  writer_.string_field(2, grant_.entitlement_id);
  writer_.bytes(residual.entitlement_rest);
  writer_.close(entitlement);
  residual.principal.write(writer_, 2, grant_.principal_type_id, grant_.principal_id,
                           grant_.principal_parent_type_id, grant_.principal_parent_id);
  writer_.string_field(3, id);
  write_all(writer_, 4, grant_.annotations);
  const Writer::Mark map = writer_.open(5);
  for (const SourceView& source : sources) {
    const Writer::Mark entry = writer_.open(1);
    writer_.bytes_field(1, source.entitlement_id);
    const Writer::Mark direct = writer_.open(2);
    writer_.number_field(1, source.is_direct ? 1 : 0);
    writer_.close(direct);
    writer_.close(entry);
  }
  writer_.close_or_drop(map);
  writer_.bytes(residual.rest);
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
