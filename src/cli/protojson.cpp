#include "cli/protojson.hpp"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/reflection.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/utf8.hpp"

namespace baton::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::Reflection;

/// Parsing bounds the depth of one message; this bounds messages packed into messages.
constexpr int kDeepestAny = 32;

/// Messages that JSON writes in a form of their own.
enum class Form : std::uint8_t {
  kPlain,
  kAny,
  kTimestamp,
  kDuration,
  kStruct,
  kValue,
  kList,
  kWrapper,
  kFieldMask
};

Form form_of(const Descriptor& descriptor) {
  static const std::unordered_map<std::string, Form> kForms{
      {"google.protobuf.Any", Form::kAny},
      {"google.protobuf.Timestamp", Form::kTimestamp},
      {"google.protobuf.Duration", Form::kDuration},
      {"google.protobuf.Struct", Form::kStruct},
      {"google.protobuf.Value", Form::kValue},
      {"google.protobuf.ListValue", Form::kList},
      {"google.protobuf.FieldMask", Form::kFieldMask},
      {"google.protobuf.BoolValue", Form::kWrapper},
      {"google.protobuf.BytesValue", Form::kWrapper},
      {"google.protobuf.DoubleValue", Form::kWrapper},
      {"google.protobuf.FloatValue", Form::kWrapper},
      {"google.protobuf.Int32Value", Form::kWrapper},
      {"google.protobuf.Int64Value", Form::kWrapper},
      {"google.protobuf.StringValue", Form::kWrapper},
      {"google.protobuf.UInt32Value", Form::kWrapper},
      {"google.protobuf.UInt64Value", Form::kWrapper},
  };
  const auto at = kForms.find(descriptor.full_name());
  return at == kForms.end() ? Form::kPlain : at->second;
}

/// What is worth finding out once per message type.
class Shape {
 public:
  explicit Shape(const Descriptor& descriptor) : form(form_of(descriptor)) {
    for (int i = 0; i < descriptor.field_count(); ++i) fields.push_back(descriptor.field(i));
    std::ranges::sort(fields, {}, &FieldDescriptor::number);
    for (const FieldDescriptor* field : fields) {
      names.emplace_back();
      append_json_string(field->json_name(), names.back());
    }
  }
  Form form;
  std::vector<const FieldDescriptor*> fields;
  /// Quoted member names, parallel to `fields`.
  std::vector<std::string> names;
};

const Shape& shape_of(const Descriptor* descriptor) {
  thread_local std::unordered_map<const Descriptor*, Shape> shapes;
  auto at = shapes.find(descriptor);
  if (at == shapes.end()) at = shapes.try_emplace(descriptor, *descriptor).first;
  return at->second;
}

class Printer {
 public:
  explicit Printer(std::string& json) : json_(json) {}

  void message(const Message& value) {
    const Shape& shape = shape_of(value.GetDescriptor());
    switch (shape.form) {
      case Form::kPlain:
        object(value, shape);
        break;
      case Form::kAny:
        any(static_cast<const google::protobuf::Any&>(value));
        break;
      case Form::kTimestamp:
        timestamp(static_cast<const google::protobuf::Timestamp&>(value));
        break;
      case Form::kDuration:
        duration(static_cast<const google::protobuf::Duration&>(value));
        break;
      case Form::kStruct:
        structure(static_cast<const google::protobuf::Struct&>(value));
        break;
      case Form::kValue:
        this->value(static_cast<const google::protobuf::Value&>(value));
        break;
      case Form::kList:
        list(static_cast<const google::protobuf::ListValue&>(value));
        break;
      case Form::kWrapper:
        scalar(value, *shape.fields.front(), -1);
        break;
      case Form::kFieldMask:
        field_mask(static_cast<const google::protobuf::FieldMask&>(value));
        break;
    }
  }

 private:
  void object(const Message& value, const Shape& shape) {
    json_.push_back('{');
    members(value, shape, true);
    json_.push_back('}');
  }

  void members(const Message& value, const Shape& shape, bool first) {
    const Reflection& reflection = *value.GetReflection();
    for (std::size_t i = 0; i < shape.fields.size(); ++i) {
      const FieldDescriptor& field = *shape.fields[i];
      const bool there =
          field.is_repeated() ? reflection.FieldSize(value, &field) > 0 : reflection.HasField(value, &field);
      if (!there) continue;
      if (!first) json_.push_back(',');
      first = false;
      json_ += shape.names[i];
      json_.push_back(':');
      if (field.is_map()) {
        map(value, field);
      } else if (field.is_repeated()) {
        array(value, field);
      } else {
        scalar(value, field, -1);
      }
    }
  }

  void array(const Message& value, const FieldDescriptor& field) {
    json_.push_back('[');
    const int count = value.GetReflection()->FieldSize(value, &field);
    for (int i = 0; i < count; ++i) {
      if (i > 0) json_.push_back(',');
      scalar(value, field, i);
    }
    json_.push_back(']');
  }

  /// Keys are text in JSON whatever they are; entries come sorted by it.
  void map(const Message& value, const FieldDescriptor& field) {
    const Reflection& reflection = *value.GetReflection();
    const FieldDescriptor& key = *field.message_type()->map_key();
    const FieldDescriptor& entry_value = *field.message_type()->map_value();
    std::vector<std::pair<std::string, const Message*>> entries;
    for (int i = 0; i < reflection.FieldSize(value, &field); ++i) {
      const Message& entry = reflection.GetRepeatedMessage(value, &field, i);
      std::string text;
      if (key.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        text = entry.GetReflection()->GetString(entry, &key);
      } else {
        Printer(text).scalar(entry, key, -1);
        std::erase(text, '"');
      }
      entries.emplace_back(std::move(text), &entry);
    }
    std::ranges::sort(entries, {}, &std::pair<std::string, const Message*>::first);
    json_.push_back('{');
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (i > 0) json_.push_back(',');
      append_json_string(entries[i].first, json_);
      json_.push_back(':');
      scalar(*entries[i].second, entry_value, -1);
    }
    json_.push_back('}');
  }

  /// A field's single value, or with an index one of a repeated field.
  void scalar(const Message& value, const FieldDescriptor& field, int index) {
    const Reflection& reflection = *value.GetReflection();
    const bool one = index < 0;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        absl::StrAppend(&json_, one ? reflection.GetInt32(value, &field)
                                    : reflection.GetRepeatedInt32(value, &field, index));
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        absl::StrAppend(&json_, one ? reflection.GetUInt32(value, &field)
                                    : reflection.GetRepeatedUInt32(value, &field, index));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        absl::StrAppend(
            &json_, "\"",
            one ? reflection.GetInt64(value, &field) : reflection.GetRepeatedInt64(value, &field, index),
            "\"");
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        absl::StrAppend(
            &json_, "\"",
            one ? reflection.GetUInt64(value, &field) : reflection.GetRepeatedUInt64(value, &field, index),
            "\"");
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        number(one ? reflection.GetDouble(value, &field)
                   : reflection.GetRepeatedDouble(value, &field, index));
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        number(one ? reflection.GetFloat(value, &field) : reflection.GetRepeatedFloat(value, &field, index));
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        json_ += (one ? reflection.GetBool(value, &field) : reflection.GetRepeatedBool(value, &field, index))
                     ? "true"
                     : "false";
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        enumerator(field, one ? reflection.GetEnumValue(value, &field)
                              : reflection.GetRepeatedEnumValue(value, &field, index));
        break;
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        const std::string& text = one ? reflection.GetStringReference(value, &field, &scratch)
                                      : reflection.GetRepeatedStringReference(value, &field, index, &scratch);
        if (field.type() == FieldDescriptor::TYPE_BYTES) {
          json_.push_back('"');
          json_ += absl::Base64Escape(text);
          json_.push_back('"');
        } else {
          append_json_string(text, json_);
        }
        break;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        message(one ? reflection.GetMessage(value, &field)
                    : reflection.GetRepeatedMessage(value, &field, index));
        break;
    }
  }

  template <class Number>
  void number(Number value) {
    if (std::isnan(value)) {
      json_ += "\"NaN\"";
    } else if (std::isinf(value)) {
      json_ += value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    } else {
      char text[32];
      json_.append(text, std::to_chars(text, text + sizeof text, value).ptr);
    }
  }

  void enumerator(const FieldDescriptor& field, int value) {
    if (field.enum_type()->full_name() == "google.protobuf.NullValue") {
      json_ += "null";
      return;
    }
    const auto* known = field.enum_type()->FindValueByNumber(value);
    if (known == nullptr) {
      absl::StrAppend(&json_, value);
    } else {
      append_json_string(known->name(), json_);
    }
  }

  void any(const google::protobuf::Any& packed) {
    json_ += "{\"@type\":";
    append_json_string(packed.type_url(), json_);
    if (const std::unique_ptr<Message> content = unpack(packed); content != nullptr) {
      ++depth_;
      const Shape& shape = shape_of(content->GetDescriptor());
      if (shape.form == Form::kPlain) {
        members(*content, shape, false);
      } else {
        json_ += ",\"value\":";
        message(*content);
      }
      --depth_;
    } else if (!packed.type_url().empty() || !packed.value().empty()) {
      absl::StrAppend(&json_, ",\"value\":\"", absl::Base64Escape(packed.value()), "\"");
    }
    json_.push_back('}');
  }

  /// Null when the type is not part of this program, or the bytes are not of that type.
  std::unique_ptr<Message> unpack(const google::protobuf::Any& packed) const {
    const std::string& url = packed.type_url();
    const std::size_t slash = url.rfind('/');
    if (slash == std::string::npos || depth_ >= kDeepestAny) return nullptr;
    const Descriptor* type = DescriptorPool::generated_pool()->FindMessageTypeByName(url.substr(slash + 1));
    if (type == nullptr) return nullptr;
    std::unique_ptr<Message> content(MessageFactory::generated_factory()->GetPrototype(type)->New());
    if (!content->ParseFromString(packed.value())) return nullptr;
    return content;
  }

  /// A fraction of 3, 6 or 9 digits; none for zero.
  void fraction(int nanos) {
    if (nanos == 0) return;
    char digits[11];
    std::snprintf(digits, sizeof digits, ".%09d", nanos);
    json_.append(digits, nanos % 1'000'000 == 0 ? 4 : nanos % 1'000 == 0 ? 7 : 10);
  }

  void timestamp(const google::protobuf::Timestamp& time) {
    absl::StrAppend(
        &json_, "\"",
        absl::FormatTime("%E4Y-%m-%dT%H:%M:%S", absl::FromUnixSeconds(time.seconds()), absl::UTCTimeZone()));
    fraction(std::clamp(time.nanos(), 0, 999'999'999));
    json_ += "Z\"";
  }

  void duration(const google::protobuf::Duration& duration) {
    json_.push_back('"');
    if (duration.seconds() < 0 || duration.nanos() < 0) json_.push_back('-');
    const auto seconds = static_cast<std::uint64_t>(duration.seconds());
    absl::StrAppend(&json_, duration.seconds() < 0 ? 0 - seconds : seconds);
    fraction(static_cast<int>(std::min<std::int64_t>(std::abs(std::int64_t{duration.nanos()}), 999'999'999)));
    json_ += "s\"";
  }

  void structure(const google::protobuf::Struct& object) {
    std::vector<std::pair<const std::string*, const google::protobuf::Value*>> members;
    for (const auto& [name, member] : object.fields()) members.emplace_back(&name, &member);
    std::ranges::sort(members, [](const auto& a, const auto& b) { return *a.first < *b.first; });
    json_.push_back('{');
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) json_.push_back(',');
      append_json_string(*members[i].first, json_);
      json_.push_back(':');
      value(*members[i].second);
    }
    json_.push_back('}');
  }

  void list(const google::protobuf::ListValue& values) {
    json_.push_back('[');
    for (int i = 0; i < values.values_size(); ++i) {
      if (i > 0) json_.push_back(',');
      value(values.values(i));
    }
    json_.push_back(']');
  }

  void value(const google::protobuf::Value& value) {
    using Kind = google::protobuf::Value::KindCase;
    switch (value.kind_case()) {
      case Kind::kNumberValue:
        number(value.number_value());
        break;
      case Kind::kStringValue:
        append_json_string(value.string_value(), json_);
        break;
      case Kind::kBoolValue:
        json_ += value.bool_value() ? "true" : "false";
        break;
      case Kind::kStructValue:
        structure(value.struct_value());
        break;
      case Kind::kListValue:
        list(value.list_value());
        break;
      case Kind::kNullValue:
      case Kind::KIND_NOT_SET:
        json_ += "null";
        break;
    }
  }

  void field_mask(const google::protobuf::FieldMask& mask) {
    std::string text;
    for (const std::string& path : mask.paths()) {
      if (!text.empty()) text.push_back(',');
      bool upper = false;
      for (const char c : path) {
        if (c == '_') {
          upper = true;
          continue;
        }
        text.push_back(upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
        upper = false;
      }
    }
    append_json_string(text, json_);
  }

  std::string& json_;
  int depth_ = 0;
};

}  // namespace

void append_json(const Message& message, std::string& json) {
  Printer(json).message(message);
}

void append_json_string(std::string_view text, std::string& json) {
  std::string repaired;
  if (!is_valid_utf8(text)) {
    repaired = sanitize_utf8(text);
    text = repaired;
  }
  json.push_back('"');
  for (const char raw : text) {
    const auto c = static_cast<unsigned char>(raw);
    if (c == '"' || c == '\\') {
      json.push_back('\\');
      json.push_back(raw);
    } else if (c >= 0x20) [[likely]] {
      json.push_back(raw);
    } else if (c == '\n') {
      json += "\\n";
    } else if (c == '\t') {
      json += "\\t";
    } else if (c == '\r') {
      json += "\\r";
    } else {
      char escaped[7];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", c);
      json += escaped;
    }
  }
  json.push_back('"');
}

}  // namespace baton::cli
