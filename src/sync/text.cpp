#include "sync/text.hpp"

#include <map>
#include <utility>
#include <vector>

#include <google/protobuf/message.h>
#include <google/protobuf/struct.pb.h>

#include "base/utf8.hpp"
#include "sync/annotation.hpp"

namespace baton::sync {
namespace {

namespace v2 = c1::connector::v2;
using google::protobuf::FieldDescriptor;

/// Messages within each other; parsers refuse 100, and rows are embedded in a few others on their way.
constexpr int kDeepest = 80;

/// A text is only made mutable when it has to be: that alone allocates.
template <class Message>
void repair(Message& message, const std::string& (Message::*get)() const, std::string* (Message::*change)()) {
  if (!is_valid_utf8((message.*get)())) repair_text((message.*change)());
}

template <class Row>
void repair_names(Row& row) {
  repair(row, &Row::display_name, &Row::mutable_display_name);
  repair(row, &Row::description, &Row::mutable_description);
}

void repair_annotations(Annotations& annotations) {
  using google::protobuf::Any;
  for (Any& any : annotations) repair(any, &Any::type_url, &Any::mutable_type_url);
}

/// Keys cannot be changed in place. Should two become equal, the one that comes later in bytewise order
/// stays.
template <class Map>
void repair_keys(Map& map) {
  bool good = true;
  for (const auto& [key, value] : map) good = good && is_valid_utf8(key);
  if (good) return;
  using Value = typename Map::mapped_type;
  std::map<std::string, Value> sorted;
  for (auto& [key, value] : map) sorted.emplace(key, std::move(value));
  map.clear();
  for (auto& [key, value] : sorted) map[sanitize_utf8(key)] = std::move(value);
}

bool repair_struct(google::protobuf::Struct& object, int deepest);

bool repair_value(google::protobuf::Value& value, int deepest) {
  if (deepest <= 0) return false;
  switch (value.kind_case()) {
    case google::protobuf::Value::kStringValue:
      repair_text(value.mutable_string_value());
      return true;
    case google::protobuf::Value::kStructValue:
      return repair_struct(*value.mutable_struct_value(), deepest - 1);
    case google::protobuf::Value::kListValue:
      for (google::protobuf::Value& element : *value.mutable_list_value()->mutable_values()) {
        if (!repair_value(element, deepest - 2)) return false;
      }
      return true;
    default:
      return true;
  }
}

bool repair_struct(google::protobuf::Struct& object, int deepest) {
  if (object.fields().empty()) return true;
  for (auto& [key, value] : *object.mutable_fields()) {
    // An entry of a map is a message of its own.
    if (!repair_value(value, deepest - 2)) return false;
  }
  repair_keys(*object.mutable_fields());
  return true;
}

/// Any message without maps: for the parts of a row that are rare.
void repair_message(google::protobuf::Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool text = field->type() == FieldDescriptor::TYPE_STRING;
    const bool nested = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (field->is_repeated() || (!text && !nested)) continue;
    if (nested) {
      repair_message(*reflection.MutableMessage(&message, field));
    } else if (std::string value = reflection.GetString(message, field); !is_valid_utf8(value)) {
      reflection.SetString(&message, field, sanitize_utf8(value));
    }
  }
}

bool repair_resource(v2::Resource& row, int deepest) {
  repair_names(row);
  repair_annotations(*row.mutable_annotations());
  if (row.has_parent_resource_id()) repair_message(*row.mutable_parent_resource_id());
  // A deprecated field, of which old connectors make use.
  static const FieldDescriptor* const external_id =
      v2::Resource::descriptor()->FindFieldByNumber(v2::Resource::kExternalIdFieldNumber);
  const google::protobuf::Reflection& reflection = *row.GetReflection();
  if (reflection.HasField(row, external_id)) repair_message(*reflection.MutableMessage(&row, external_id));
  if (row.has_icon()) repair_message(*row.mutable_icon());
  if (row.has_status()) repair_message(*row.mutable_status());
  return !row.has_profile() || repair_struct(*row.mutable_profile(), deepest - 1);
}

bool repair_entitlement(v2::Entitlement& row, int deepest) {
  repair_names(row);
  repair(row, &v2::Entitlement::slug, &v2::Entitlement::mutable_slug);
  repair_annotations(*row.mutable_annotations());
  for (v2::ResourceType& type : *row.mutable_grantable_to()) {
    repair(type, &v2::ResourceType::id, &v2::ResourceType::mutable_id);
    repair_texts(type);
  }
  return !row.has_resource() || repair_resource(*row.mutable_resource(), deepest - 1);
}

}  // namespace

void repair_text(std::string* text) {
  if (!is_valid_utf8(*text)) *text = sanitize_utf8(*text);
}

bool repair_texts(v2::ResourceType& row) {
  repair_names(row);
  repair_annotations(*row.mutable_annotations());
  return true;
}

bool repair_texts(v2::Resource& row) {
  return repair_resource(row, kDeepest);
}

bool repair_texts(v2::Entitlement& row) {
  return repair_entitlement(row, kDeepest);
}

bool repair_texts(v2::Grant& row) {
  repair(row, &v2::Grant::id, &v2::Grant::mutable_id);
  repair_annotations(*row.mutable_annotations());
  if (row.has_sources()) repair_keys(*row.mutable_sources()->mutable_sources());
  if (row.has_entitlement() && !repair_entitlement(*row.mutable_entitlement(), kDeepest - 1)) return false;
  return !row.has_principal() || repair_resource(*row.mutable_principal(), kDeepest - 1);
}

}  // namespace baton::sync
