#include "storage/record_encoder.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "storage/expandable.hpp"
#include "storage/row_value.hpp"

// Rows are kept whole, fields that the contract calls deprecated included.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace baton::storage {
namespace {

namespace v2 = c1::connector::v2;
using google::protobuf::UnknownFieldSet;
using wire::Writer;

// Numbers of the fields of our Extra.
constexpr std::uint32_t kExtraResidual = 1;
constexpr std::uint32_t kExtraExpandablePosition = 3;

/// A message without maps, so that plain serialization is deterministic.
void write_message(Writer& writer, std::uint32_t field, const google::protobuf::MessageLite& message) {
  const std::size_t size = message.ByteSizeLong();
  writer.tag(field, wire::Type::kBytes);
  writer.varint(size);
  auto* const at = reinterpret_cast<std::uint8_t*>(writer.extend(size));
  message.SerializeWithCachedSizesToArray(at);
}

/// A message that may have maps: their entries go out in the order of their keys.
void write_message_with_maps(Writer& writer, std::uint32_t field,
                             const google::protobuf::MessageLite& message) {
  const std::size_t size = message.ByteSizeLong();
  writer.tag(field, wire::Type::kBytes);
  writer.varint(size);
  google::protobuf::io::ArrayOutputStream array(writer.extend(size), static_cast<int>(size));
  google::protobuf::io::CodedOutputStream out(&array);
  out.SetSerializationDeterministic(true);
  message.SerializeWithCachedSizes(&out);
}

template <class Messages>
void write_messages(Writer& writer, std::uint32_t field, const Messages& messages) {
  for (const auto& message : messages) write_message(writer, field, message);
}

/// Reflection is looked up once per type; messages of this syntax have no accessor of their own.
template <class Message>
const UnknownFieldSet& unknown_of(const Message& message) {
  static const google::protobuf::Reflection* const reflection = Message::default_instance().GetReflection();
  return reflection->GetUnknownFields(message);
}

void write_unknown(Writer& writer, const UnknownFieldSet& unknown) {
  if (unknown.empty()) return;
  std::string bytes;
  unknown.SerializeToString(&bytes);
  writer.bytes(bytes);
}

/// An enum value as the v3 format names it: without its prefix; a value without a name as its number.
std::string enum_text(std::string_view name, std::string_view prefix, int number) {
  if (name.empty()) return std::to_string(number);
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  return std::string(name);
}

std::uint64_t enum_bits(int value) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
}

// Residuals. Each writes the fields of a v2 message that the record does not hold, in field order.

/// What is left of an id whose two strings the record holds, or of one that it does not hold at all.
void write_id_residual(Writer& writer, std::uint32_t field, const v2::ResourceId& id, bool strings_stored,
                       bool keep_presence) {
  const Writer::Mark mark = writer.open(field);
  if (!strings_stored) {
    writer.string_field(1, id.resource_type());
    writer.string_field(2, id.resource());
  }
  writer.number_field(3, id.baton_resource() ? 1 : 0);
  write_unknown(writer, unknown_of(id));
  if (keep_presence) {
    writer.close(mark);
  } else {
    writer.close_or_drop(mark);
  }
}

/// How much of an embedded resource's parent the record holds.
enum class ParentStored { kNo, kStrings };

/// A resource of which the record holds the id only, and perhaps the parent's.
void write_embedded_residual(Writer& writer, const v2::Resource& resource, ParentStored parent_stored) {
  if (resource.has_id()) write_id_residual(writer, 1, resource.id(), true, false);
  if (resource.has_parent_resource_id()) {
    const v2::ResourceId& parent = resource.parent_resource_id();
    const bool stored = parent_stored == ParentStored::kStrings;
    const bool rebuilt = stored && (!parent.resource_type().empty() || !parent.resource().empty());
    write_id_residual(writer, 2, parent, stored, !rebuilt);
  }
  writer.string_field(3, resource.display_name());
  write_messages(writer, 4, resource.annotations());
  writer.string_field(5, resource.description());
  writer.number_field(6, resource.baton_resource() ? 1 : 0);
  if (resource.has_external_id()) write_message(writer, 7, resource.external_id());
  writer.number_field(8, enum_bits(resource.creation_source()));
  if (resource.has_profile()) write_message_with_maps(writer, 9, resource.profile());
  if (resource.has_icon()) write_message(writer, 10, resource.icon());
  if (resource.has_status()) write_message(writer, 11, resource.status());
  if (resource.has_created_at()) write_message(writer, 12, resource.created_at());
  write_unknown(writer, unknown_of(resource));
}

bool known_traits(const v2::ResourceType& row) {
  return std::all_of(row.traits().begin(), row.traits().end(),
                     [](int trait) { return v2::ResourceType_Trait_IsValid(trait); });
}

void write_residual(Writer& writer, const v2::ResourceType& row) {
  if (!known_traits(row)) {
    const Writer::Mark mark = writer.open(3);
    for (const int trait : row.traits()) writer.varint(enum_bits(trait));
    writer.close(mark);
  }
  write_unknown(writer, unknown_of(row));
}

void write_residual(Writer& writer, const v2::Resource& row) {
  if (row.has_id()) write_id_residual(writer, 1, row.id(), true, false);
  if (row.has_parent_resource_id()) {
    // A parent without an id of its own is none to the v3 format.
    const bool stored = !row.parent_resource_id().resource().empty();
    write_id_residual(writer, 2, row.parent_resource_id(), stored, !stored);
  }
  writer.number_field(6, row.baton_resource() ? 1 : 0);
  if (row.has_external_id()) write_message(writer, 7, row.external_id());
  writer.number_field(8, enum_bits(row.creation_source()));
  if (row.has_icon()) {
    const Writer::Mark mark = writer.open(10);
    write_unknown(writer, unknown_of(row.icon()));
    if (row.icon().id().empty()) {
      writer.close(mark);
    } else {
      writer.close_or_drop(mark);
    }
  }
  if (row.has_status()) {
    const Writer::Mark mark = writer.open(11);
    write_unknown(writer, unknown_of(row.status()));
    writer.close_or_drop(mark);
  }
  write_unknown(writer, unknown_of(row));
}

/// Whether a list of grantable types says no more than their ids.
bool only_ids(const v2::ResourceType& type) {
  return !type.id().empty() && type.display_name().empty() && type.traits().empty() &&
         type.annotations().empty() && type.description().empty() && !type.sourced_externally() &&
         unknown_of(type).empty();
}

void write_residual(Writer& writer, const v2::Entitlement& row) {
  const Writer::Mark resource = writer.open(1);
  write_embedded_residual(writer, row.resource(), ParentStored::kNo);
  writer.close_or_drop(resource);
  if (!std::all_of(row.grantable_to().begin(), row.grantable_to().end(), only_ids)) {
    write_messages(writer, 5, row.grantable_to());
  }
  if (!v2::Entitlement_PurposeValue_IsValid(row.purpose())) {
    writer.number_field(7, enum_bits(row.purpose()));
  }
  write_unknown(writer, unknown_of(row));
}

void write_residual(Writer& writer, const v2::Grant& row, const Expandable& expandable) {
  const v2::Entitlement& entitlement = row.entitlement();
  const Writer::Mark embedded = writer.open(1);
  const Writer::Mark resource = writer.open(1);
  write_embedded_residual(writer, entitlement.resource(), ParentStored::kNo);
  writer.close_or_drop(resource);
  writer.string_field(3, entitlement.display_name());
  writer.string_field(4, entitlement.description());
  write_messages(writer, 5, entitlement.grantable_to());
  write_messages(writer, 6, entitlement.annotations());
  writer.number_field(7, enum_bits(entitlement.purpose()));
  writer.string_field(8, entitlement.slug());
  write_unknown(writer, unknown_of(entitlement));
  writer.close_or_drop(embedded);

  const Writer::Mark principal = writer.open(2);
  write_embedded_residual(writer, row.principal(), ParentStored::kStrings);
  writer.close_or_drop(principal);

  if (expandable.usable() && !unknown_of(expandable.message()).empty()) {
    write_message(writer, 4, row.annotations(expandable.index()));
  }

  if (row.has_sources()) {
    const Writer::Mark sources = writer.open(5);
    std::vector<const std::string*> keys;
    for (const auto& [key, source] : row.sources().sources()) {
      if (!unknown_of(source).empty()) keys.push_back(&key);
    }
    std::sort(keys.begin(), keys.end(), [](const auto* a, const auto* b) { return *a < *b; });
    for (const std::string* key : keys) {
      const Writer::Mark entry = writer.open(1);
      writer.bytes_field(1, *key);
      write_message(writer, 2, row.sources().sources().at(*key));
      writer.close(entry);
    }
    write_unknown(writer, unknown_of(row.sources()));
    if (row.sources().sources().empty()) {
      writer.close(sources);
    } else {
      writer.close_or_drop(sources);
    }
  }
  write_unknown(writer, unknown_of(row));
}

// Records.

void write_record(Writer& writer, const v2::ResourceType& row, std::int64_t discovered_at) {
  writer.string_field(2, row.id());
  writer.string_field(3, row.display_name());
  for (const int trait : row.traits()) {
    const std::string& name = v2::ResourceType_Trait_Name(static_cast<v2::ResourceType_Trait>(trait));
    writer.bytes_field(4, enum_text(name, "TRAIT_", trait));
  }
  write_messages(writer, 5, row.annotations());
  write_timestamp(writer, 6, discovered_at);
  writer.string_field(7, row.description());
  writer.number_field(8, row.sourced_externally() ? 1 : 0);
}

void write_record(Writer& writer, const v2::Resource& row, std::int64_t discovered_at) {
  writer.string_field(2, row.id().resource_type());
  writer.string_field(3, row.id().resource());
  writer.string_field(4, row.display_name());
  writer.string_field(5, row.description());
  if (row.has_parent_resource_id() && !row.parent_resource_id().resource().empty()) {
    const Writer::Mark parent = writer.open(6);
    writer.string_field(1, row.parent_resource_id().resource_type());
    writer.string_field(2, row.parent_resource_id().resource());
    writer.close(parent);
  }
  write_messages(writer, 7, row.annotations());
  write_timestamp(writer, 8, discovered_at);
  if (row.has_profile()) write_message_with_maps(writer, 9, row.profile());
  if (row.has_status()) {
    const Writer::Mark status = writer.open(10);
    writer.number_field(1, enum_bits(row.status().status()));
    writer.string_field(2, row.status().details());
    writer.close(status);
  }
  if (row.has_created_at()) write_message(writer, 11, row.created_at());
  if (row.has_icon()) writer.string_field(13, row.icon().id());
}

void write_record(Writer& writer, const v2::Entitlement& row, std::int64_t discovered_at) {
  writer.string_field(2, row.id());
  const Writer::Mark resource = writer.open(3);
  writer.string_field(1, row.resource().id().resource_type());
  writer.string_field(2, row.resource().id().resource());
  writer.close(resource);
  writer.string_field(4, row.display_name());
  writer.string_field(5, row.description());
  if (row.purpose() != v2::Entitlement_PurposeValue_PURPOSE_VALUE_UNSPECIFIED) {
    const std::string& name = v2::Entitlement_PurposeValue_Name(row.purpose());
    writer.bytes_field(6, enum_text(name, "PURPOSE_VALUE_", row.purpose()));
  }
  write_messages(writer, 7, row.annotations());
  write_timestamp(writer, 8, discovered_at);
  writer.string_field(9, row.slug());
  for (const v2::ResourceType& type : row.grantable_to()) writer.string_field(10, type.id());
}

void write_record(Writer& writer, const v2::Grant& row, std::int64_t discovered_at,
                  const Expandable& expandable, bool arms) {
  writer.string_field(2, row.id());
  const Writer::Mark entitlement = writer.open(3);
  writer.string_field(1, row.entitlement().resource().id().resource_type());
  writer.string_field(2, row.entitlement().resource().id().resource());
  writer.string_field(3, row.entitlement().id());
  writer.close(entitlement);
  const Writer::Mark principal = writer.open(4);
  writer.string_field(1, row.principal().id().resource_type());
  writer.string_field(2, row.principal().id().resource());
  writer.string_field(3, row.principal().parent_resource_id().resource_type());
  writer.string_field(4, row.principal().parent_resource_id().resource());
  writer.close(principal);
  write_timestamp(writer, 5, discovered_at);
  if (expandable.usable()) {
    const Writer::Mark expansion = writer.open(6);
    for (const std::string& id : expandable.message().entitlement_ids()) writer.bytes_field(1, id);
    writer.number_field(2, expandable.message().shallow() ? 1 : 0);
    for (const std::string& id : expandable.message().resource_type_ids()) writer.bytes_field(3, id);
    writer.close(expansion);
    writer.number_field(7, arms ? 1 : 0);
  }
  for (const google::protobuf::Any& annotation : row.annotations()) {
    if (!expandable.found() || !is_grant_expandable(annotation)) write_message(writer, 8, annotation);
  }
  const auto& sources = row.sources().sources();
  if (sources.size() == 1) {
    write_source(writer, sources.begin()->first, sources.begin()->second.is_direct());
  } else if (!sources.empty()) {
    std::vector<std::pair<std::string_view, const std::string*>> keys;
    keys.reserve(sources.size());
    for (const auto& entry : sources) keys.emplace_back(entry.first, &entry.first);
    std::sort(keys.begin(), keys.end());
    for (const auto& [text, key] : keys) write_source(writer, *key, sources.at(*key).is_direct());
  }
}

/// Writes header, record and Extra around the two callables; `flags` are those known beforehand.
template <class Record, class Residual>
std::uint8_t write_value(Writer& writer, std::uint8_t flags, int expandable_position, const Record& record,
                         const Residual& residual) {
  const std::size_t header_at = writer.size();
  writer.extend(kValueHeaderBytes);
  record();
  const std::size_t length = writer.size() - header_at - kValueHeaderBytes;
  const Writer::Mark mark = writer.open(kExtraResidual);
  residual();
  writer.close_or_drop(mark);
  if (writer.size() != header_at + kValueHeaderBytes + length) flags |= flag::kHasResidual;
  writer.number_field(kExtraExpandablePosition, static_cast<std::uint64_t>(expandable_position));
  StoredValue::write_header(writer.at(header_at), flags, length);
  return flags;
}

template <class Row>
std::uint8_t encode_plain(Writer& writer, const Row& row, std::int64_t discovered_at) {
  return write_value(
      writer, 0, 0, [&] { write_record(writer, row, discovered_at); }, [&] { write_residual(writer, row); });
}

}  // namespace

void write_source(Writer& writer, std::string_view entitlement_id, bool is_direct) {
  const Writer::Mark entry = writer.open(9);
  writer.bytes_field(1, entitlement_id);
  const Writer::Mark source = writer.open(2);
  writer.number_field(4, is_direct ? 1 : 0);
  writer.close(source);
  writer.close(entry);
}

void write_timestamp(Writer& writer, std::uint32_t field, std::int64_t nanoseconds) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::int64_t seconds = nanoseconds / kSecond;
  std::int64_t rest = nanoseconds % kSecond;
  if (rest < 0) {
    rest += kSecond;
    --seconds;
  }
  const Writer::Mark mark = writer.open(field);
  writer.number_field(1, static_cast<std::uint64_t>(seconds));
  writer.number_field(2, static_cast<std::uint64_t>(rest));
  writer.close(mark);
}

std::uint8_t encode_value(Writer& writer, const v2::ResourceType& row, std::int64_t discovered_at) {
  return encode_plain(writer, row, discovered_at);
}

std::uint8_t encode_value(Writer& writer, const v2::Resource& row, std::int64_t discovered_at) {
  return encode_plain(writer, row, discovered_at);
}

std::uint8_t encode_value(Writer& writer, const v2::Entitlement& row, std::int64_t discovered_at) {
  return encode_plain(writer, row, discovered_at);
}

std::uint8_t encode_value(Writer& writer, const v2::Grant& row, std::int64_t discovered_at, bool arms) {
  const Expandable expandable(row);
  const std::uint8_t armed = flag::kHasExpansion | flag::kNeedsExpansion;
  const std::uint8_t flags = !expandable.usable() ? 0 : arms ? armed : flag::kHasExpansion;
  const int position = expandable.usable() ? expandable.position() : 0;
  return write_value(
      writer, flags, position, [&] { write_record(writer, row, discovered_at, expandable, arms); },
      [&] { write_residual(writer, row, expandable); });
}

}  // namespace baton::storage
