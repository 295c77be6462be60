#include "storage/expanded_rows.hpp"

#include "base/tuple_key.hpp"
#include "storage/record_encoder.hpp"
#include "storage/row_value.hpp"

namespace baton::storage {
namespace {

using wire::Writer;

constexpr std::string_view kImmutableUrl = "type.googleapis.com/c1.connector.v2.GrantImmutable";

}  // namespace

void encode_sources(std::string& bytes, std::span<const std::pair<std::string_view, bool>> sources,
                    bool synthesised) {
  Writer writer(bytes, bytes.size());
  for (const auto& [id, is_direct] : sources) {
    if (synthesised) {
      write_source(writer, id, is_direct);
    } else {  // ExpandedSources.sources
      const Writer::Mark source = writer.open(1);
      writer.string_field(1, id);
      writer.number_field(2, is_direct ? 1 : 0);
      writer.close(source);
    }
  }
  writer.finish();
}

ExpandedRowEncoder::ExpandedRowEncoder(std::int64_t discovered_at) : writer_(buffer_, 0) {
  Writer writer(when_and_annotation_, 0);
  write_timestamp(writer, 5, discovered_at);
  const Writer::Mark annotation = writer.open(8);
  writer.bytes_field(1, kImmutableUrl);
  writer.close(annotation);
  writer.finish();
}

void ExpandedRowEncoder::begin(std::string_view resource_type_id, std::string_view resource_id,
                               std::string_view entitlement_id) {
  key_.clear();
  append_entitlement_identity(key_, resource_type_id, resource_id, entitlement_id);
  key_prefix_ = key_.size();
  id_prefix_.assign(entitlement_id).push_back(':');
  entitlement_.clear();
  Writer writer(entitlement_, 0);
  const Writer::Mark entitlement = writer.open(3);
  writer.string_field(1, resource_type_id);
  writer.string_field(2, resource_id);
  writer.string_field(3, entitlement_id);
  writer.close(entitlement);
  writer.finish();
}

void ExpandedRowEncoder::encode(const ExpansionRow& row) {
  key_.resize(key_prefix_);
  append_next_element(key_, row.principal_type_id);
  append_next_element(key_, row.principal_id);

  writer_.rewind(0);
  writer_.extend(kValueHeaderBytes);
  if (row.synthesised) write_grant(row);
  writer_.bytes(row.sources);
  StoredValue::write_header(writer_.at(0), row.synthesised ? flag::kSynthesised : flag::kSourcesOnly,
                            writer_.size() - kValueHeaderBytes);
}

/// A GrantRecord without its sources, which come last.
void ExpandedRowEncoder::write_grant(const ExpansionRow& row) {
  writer_.tag(2, wire::Type::kBytes);
  writer_.varint(id_prefix_.size() + row.principal_type_id.size() + 1 + row.principal_id.size());
  writer_.bytes(id_prefix_);
  writer_.bytes(row.principal_type_id);
  writer_.byte(':');
  writer_.bytes(row.principal_id);
  writer_.bytes(entitlement_);
  const Writer::Mark principal = writer_.open(4);
  writer_.string_field(1, row.principal_type_id);
  writer_.string_field(2, row.principal_id);
  writer_.string_field(3, row.principal_parent_type_id);
  writer_.string_field(4, row.principal_parent_id);
  writer_.close(principal);
  writer_.bytes(when_and_annotation_);
}

}  // namespace baton::storage
