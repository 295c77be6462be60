#include "storage/record_decoder.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "c1/storage/v3/records.pb.h"
#include "storage/expandable.hpp"
#include "storage/record_messages.hpp"
#include "storage/wire.hpp"

namespace baton::storage {
namespace {

namespace v2 = c1::connector::v2;
namespace v3 = c1::storage::v3;

constexpr const char* kExpandableUrl = "type.googleapis.com/c1.connector.v2.GrantExpandable";

absl::Status broken(const char* what) {
  return absl::DataLossError(
      absl::StrCat("a stored ", what, " cannot be decoded; the run directory is damaged"));
}

class ExtraView {
 public:
  std::string_view residual;
  int expandable_position = 0;

  bool parse(std::string_view extra) {
    wire::Reader reader(extra);
    for (wire::Field field; reader.next(field);) {
      if (field.number == 1) residual = field.bytes;
      if (field.number == 3) expandable_position = static_cast<int>(field.value);
    }
    return !reader.failed();
  }
};

bool parse_view(google::protobuf::MessageLite& message, std::string_view bytes) {
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

/// Parses the record and the residual of a value; `residual` stays empty when there is none.
template <class Record, class Row>
bool parse_parts(const StoredValue& value, Record& record, Row& residual, ExtraView& extra) {
  return parse_view(record, value.record) && extra.parse(value.extra) && parse_view(residual, extra.residual);
}

}  // namespace

void serialize_deterministic(const google::protobuf::MessageLite& message, std::string& out) {
  out.resize(message.ByteSizeLong());
  google::protobuf::io::ArrayOutputStream array(out.data(), static_cast<int>(out.size()));
  google::protobuf::io::CodedOutputStream stream(&array);
  stream.SetSerializationDeterministic(true);
  message.SerializeWithCachedSizes(&stream);
}

absl::Status decode_value(const StoredValue& value, v2::ResourceType& row) {
  v3::ResourceTypeRecord record;
  v2::ResourceType residual;
  ExtraView extra;
  if (!parse_parts(value, record, residual, extra)) return broken("resource type");
  move_record(record, row);
  // Traits without a name cannot be told from the record; the residual then has them all.
  if (!residual.traits().empty()) row.clear_traits();
  row.MergeFrom(residual);
  return absl::OkStatus();
}

absl::Status decode_value(const StoredValue& value, v2::Resource& row) {
  v3::ResourceRecord record;
  v2::Resource residual;
  ExtraView extra;
  if (!parse_parts(value, record, residual, extra)) return broken("resource");
  move_record(record, row);
  row.MergeFrom(residual);
  return absl::OkStatus();
}

absl::Status decode_value(const StoredValue& value, v2::Entitlement& row) {
  v3::EntitlementRecord record;
  v2::Entitlement residual;
  ExtraView extra;
  if (!parse_parts(value, record, residual, extra)) return broken("entitlement");
  move_record(record, row);
  // A residual has the whole list of types or none of it.
  if (!residual.grantable_to().empty()) row.clear_grantable_to();
  row.MergeFrom(residual);
  return absl::OkStatus();
}

namespace {

absl::Status decode_grant(const StoredValue& value, v2::Grant& row, std::string& expansion,
                          ExtraView& extra) {
  v3::GrantRecord record;
  v2::Grant residual;
  if (!parse_parts(value, record, residual, extra)) return broken("grant");
  expansion.clear();
  if (!residual.annotations().empty()) {
    // The description as it came, with the unknown fields that the record's form of it cannot hold.
    v2::GrantExpandable message;
    if (!message.ParseFromString(residual.annotations(0).value())) return broken("grant's expansion");
    serialize_deterministic(message, expansion);
    residual.clear_annotations();
  } else if (record.has_expansion()) {
    // Field for field the same message.
    serialize_deterministic(record.expansion(), expansion);
  }
  move_record(record, row);
  row.MergeFrom(residual);
  return absl::OkStatus();
}

}  // namespace

absl::Status decode_grant_apart(const StoredValue& value, v2::Grant& row, std::string& expansion) {
  ExtraView extra;
  return decode_grant(value, row, expansion, extra);
}

absl::Status decode_value(const StoredValue& value, v2::Grant& row) {
  ExtraView extra;
  std::string expansion;
  const absl::Status status = decode_grant(value, row, expansion, extra);
  if (!status.ok() || !value.has(flag::kHasExpansion)) return status;
  auto& annotations = *row.mutable_annotations();
  google::protobuf::Any& expandable = *annotations.Add();
  expandable.set_type_url(kExpandableUrl);
  expandable.set_value(std::move(expansion));
  // Appended, as v3 readers do, then moved to where it stood.
  for (int i = annotations.size() - 1; i > 0 && i >= extra.expandable_position; --i) {
    annotations.SwapElements(i, i - 1);
  }
  return absl::OkStatus();
}

}  // namespace baton::storage
