#include "storage/record_decoder.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "c1/storage/v3/records.pb.h"
#include "storage/expandable.hpp"
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

/// Moves rather than copies: the record is a temporary of the caller.
template <class Any>
void move_annotations(Any& from, Any& to) {
  to.Swap(&from);
}

}  // namespace

int parse_trait(std::string_view name) {
  v2::ResourceType_Trait trait = v2::ResourceType_Trait_TRAIT_UNSPECIFIED;
  v2::ResourceType_Trait_Parse(absl::StrCat("TRAIT_", absl::string_view(name.data(), name.size())), &trait);
  return trait;
}

int parse_purpose(std::string_view name) {
  v2::Entitlement_PurposeValue purpose = v2::Entitlement_PurposeValue_PURPOSE_VALUE_UNSPECIFIED;
  v2::Entitlement_PurposeValue_Parse(
      absl::StrCat("PURPOSE_VALUE_", absl::string_view(name.data(), name.size())), &purpose);
  return purpose;
}

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
  row.Clear();
  row.set_id(std::move(*record.mutable_external_id()));
  row.set_display_name(std::move(*record.mutable_display_name()));
  // Traits without a name cannot be told from the record; the residual then has them all.
  if (residual.traits().empty()) {
    for (const std::string& trait : record.traits()) {
      row.add_traits(static_cast<v2::ResourceType_Trait>(parse_trait(trait)));
    }
  }
  move_annotations(*record.mutable_annotations(), *row.mutable_annotations());
  row.set_description(std::move(*record.mutable_description()));
  row.set_sourced_externally(record.sourced_externally());
  row.MergeFrom(residual);
  return absl::OkStatus();
}

absl::Status decode_value(const StoredValue& value, v2::Resource& row) {
  v3::ResourceRecord record;
  v2::Resource residual;
  ExtraView extra;
  if (!parse_parts(value, record, residual, extra)) return broken("resource");
  row.Clear();
  row.mutable_id()->set_resource_type(std::move(*record.mutable_resource_type_id()));
  row.mutable_id()->set_resource(std::move(*record.mutable_resource_id()));
  if (record.has_parent()) {
    v2::ResourceId& parent = *row.mutable_parent_resource_id();
    parent.set_resource_type(std::move(*record.mutable_parent()->mutable_resource_type_id()));
    parent.set_resource(std::move(*record.mutable_parent()->mutable_resource_id()));
  }
  row.set_display_name(std::move(*record.mutable_display_name()));
  move_annotations(*record.mutable_annotations(), *row.mutable_annotations());
  row.set_description(std::move(*record.mutable_description()));
  if (record.has_profile()) row.mutable_profile()->Swap(record.mutable_profile());
  if (!record.icon_asset_external_id().empty()) {
    row.mutable_icon()->set_id(std::move(*record.mutable_icon_asset_external_id()));
  }
  if (record.has_status()) {
    row.mutable_status()->set_status(
        static_cast<v2::Status_ResourceStatus>(static_cast<int>(record.status().status())));
    row.mutable_status()->set_details(std::move(*record.mutable_status()->mutable_details()));
  }
  if (record.has_created_at()) row.mutable_created_at()->Swap(record.mutable_created_at());
  row.MergeFrom(residual);
  return absl::OkStatus();
}

absl::Status decode_value(const StoredValue& value, v2::Entitlement& row) {
  v3::EntitlementRecord record;
  v2::Entitlement residual;
  ExtraView extra;
  if (!parse_parts(value, record, residual, extra)) return broken("entitlement");
  row.Clear();
  v2::ResourceId& resource = *row.mutable_resource()->mutable_id();
  resource.set_resource_type(std::move(*record.mutable_resource()->mutable_resource_type_id()));
  resource.set_resource(std::move(*record.mutable_resource()->mutable_resource_id()));
  row.set_id(std::move(*record.mutable_external_id()));
  row.set_display_name(std::move(*record.mutable_display_name()));
  row.set_description(std::move(*record.mutable_description()));
  // A residual has the whole list of types or none of it.
  if (residual.grantable_to().empty()) {
    for (std::string& id : *record.mutable_grantable_to_resource_type_ids()) {
      row.add_grantable_to()->set_id(std::move(id));
    }
  }
  move_annotations(*record.mutable_annotations(), *row.mutable_annotations());
  row.set_purpose(static_cast<v2::Entitlement_PurposeValue>(parse_purpose(record.purpose())));
  row.set_slug(std::move(*record.mutable_slug()));
  row.MergeFrom(residual);
  return absl::OkStatus();
}

namespace {

absl::Status decode_grant(const StoredValue& value, v2::Grant& row, std::string& expansion,
                          ExtraView& extra) {
  v3::GrantRecord record;
  v2::Grant residual;
  if (!parse_parts(value, record, residual, extra)) return broken("grant");
  row.Clear();
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
  v2::Entitlement& entitlement = *row.mutable_entitlement();
  v2::ResourceId& resource = *entitlement.mutable_resource()->mutable_id();
  resource.set_resource_type(std::move(*record.mutable_entitlement()->mutable_resource_type_id()));
  resource.set_resource(std::move(*record.mutable_entitlement()->mutable_resource_id()));
  entitlement.set_id(std::move(*record.mutable_entitlement()->mutable_entitlement_id()));
  v3::PrincipalRef& stored = *record.mutable_principal();
  v2::Resource& principal = *row.mutable_principal();
  principal.mutable_id()->set_resource_type(std::move(*stored.mutable_resource_type_id()));
  principal.mutable_id()->set_resource(std::move(*stored.mutable_resource_id()));
  if (!stored.parent_resource_type_id().empty() || !stored.parent_resource_id().empty()) {
    v2::ResourceId& parent = *principal.mutable_parent_resource_id();
    parent.set_resource_type(std::move(*stored.mutable_parent_resource_type_id()));
    parent.set_resource(std::move(*stored.mutable_parent_resource_id()));
  }
  row.set_id(std::move(*record.mutable_external_id()));
  move_annotations(*record.mutable_annotations(), *row.mutable_annotations());
  for (const auto& [id, source] : record.sources()) {
    (*row.mutable_sources()->mutable_sources())[id].set_is_direct(source.is_direct());
  }
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
