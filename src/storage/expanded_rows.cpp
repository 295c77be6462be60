#include "storage/expanded_rows.hpp"

#include "base/tuple_key.hpp"
#include "storage/record_encoder.hpp"
#include "storage/row_value.hpp"

namespace baton::storage {
namespace {

using wire::Writer;

constexpr std::string_view kImmutableUrl = "type.googleapis.com/c1.connector.v2.GrantImmutable";

/// An ExpandedSources record.
void write_sources(Writer& writer, const ExpansionRow& row) {
  for (const auto& [id, is_direct] : row.sources) {
    const Writer::Mark source = writer.open(1);
    writer.string_field(1, id);
    writer.number_field(2, is_direct ? 1 : 0);
    writer.close(source);
  }
}

/// A GrantRecord.
void write_grant(Writer& writer, const ExpansionRow& row, std::int64_t discovered_at) {
  writer.tag(2, wire::Type::kBytes);
  writer.varint(row.entitlement_id.size() + row.principal_type_id.size() + row.principal_id.size() + 2);
  writer.bytes(row.entitlement_id);
  writer.byte(':');
  writer.bytes(row.principal_type_id);
  writer.byte(':');
  writer.bytes(row.principal_id);
  const Writer::Mark entitlement = writer.open(3);
  writer.string_field(1, row.resource_type_id);
  writer.string_field(2, row.resource_id);
  writer.string_field(3, row.entitlement_id);
  writer.close(entitlement);
  const Writer::Mark principal = writer.open(4);
  writer.string_field(1, row.principal_type_id);
  writer.string_field(2, row.principal_id);
  writer.string_field(3, row.principal_parent_type_id);
  writer.string_field(4, row.principal_parent_id);
  writer.close(principal);
  write_timestamp(writer, 5, discovered_at);
  const Writer::Mark annotation = writer.open(8);
  writer.bytes_field(1, kImmutableUrl);
  writer.close(annotation);
  for (const auto& [id, is_direct] : row.sources) {
    const Writer::Mark entry = writer.open(9);
    writer.bytes_field(1, id);
    const Writer::Mark source = writer.open(2);
    writer.number_field(4, is_direct ? 1 : 0);
    writer.close(source);
    writer.close(entry);
  }
}

}  // namespace

void append_expansion_key(std::string& key, const ExpansionRow& row) {
  append_entitlement_identity(key, row.resource_type_id, row.resource_id, row.entitlement_id);
  append_next_element(key, row.principal_type_id);
  append_next_element(key, row.principal_id);
}

void encode_expansion(Writer& writer, const ExpansionRow& row, std::int64_t discovered_at) {
  const std::size_t header_at = writer.size();
  writer.extend(kValueHeaderBytes);
  if (row.synthesised) {
    write_grant(writer, row, discovered_at);
  } else {
    write_sources(writer, row);
  }
  StoredValue::write_header(writer.at(header_at), row.synthesised ? flag::kSynthesised : flag::kSourcesOnly,
                            writer.size() - header_at - kValueHeaderBytes);
}

}  // namespace baton::storage
