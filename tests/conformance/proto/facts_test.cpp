// The compiled descriptors against the table of facts in facts.tsv, both ways: nothing missing, nothing more.
//
// A line of the table has six columns: file, owner, number, name, type, label. What it says depends on the
// type:
//   syntax, import        of the file; the label is the syntax, the name is the imported file
//   message, enum, service  the owner exists; the label may be "deprecated"
//   value, reserved       of the owner; a reserved name has no number
//   table, index          the storage options of the owner, keys in the label
//   anything else         a field: label as in the schema, "oneof x" for members of x;
//                         methods have the label "method", extensions the extended message as owner

#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include "c1/storage/v3/options.pb.h"

namespace {

namespace pb = google::protobuf;

using Lines = std::set<std::string>;

/// The lines of facts.tsv, and the files they speak about.
struct Facts {
  Lines lines;
  std::set<std::string> files;
};

Facts read_facts() {
  Facts facts;
  std::ifstream in(BATON_SOURCE_DIR "/tests/conformance/proto/facts.tsv");
  std::string line;
  while (std::getline(in, line)) {
    if (line.empty() || line.front() == '#') {
      continue;
    }
    facts.files.insert(line.substr(0, line.find('\t')));
    facts.lines.insert(line);
  }
  return facts;
}

/// Turns descriptors into lines of the table's form.
class Describer {
 public:
  explicit Describer(const pb::FileDescriptor& file) : file_(file) { describe_file(); }

  [[nodiscard]] const Lines& lines() const { return lines_; }

 private:
  void add(std::string_view owner, std::string_view number, std::string_view name, std::string_view type,
           std::string_view label) {
    std::string line = file_.name();
    for (std::string_view column : {owner, number, name, type, label}) {
      line += '\t';
      line += column;
    }
    lines_.insert(std::move(line));
  }

  void describe_file() {
    add(file_.package(), "", "", "syntax", pb::FileDescriptor::SyntaxName(file_.syntax()));
    for (int i = 0; i < file_.dependency_count(); ++i) {
      add(file_.package(), "", file_.dependency(i)->name(), "import", "");
    }
    for (int i = 0; i < file_.enum_type_count(); ++i) {
      describe_enum(*file_.enum_type(i));
    }
    for (int i = 0; i < file_.message_type_count(); ++i) {
      describe_message(*file_.message_type(i));
    }
    for (int i = 0; i < file_.extension_count(); ++i) {
      const pb::FieldDescriptor& field = *file_.extension(i);
      add(field.containing_type()->full_name(), std::to_string(field.number()), field.full_name(),
          type_of(field), label_of(field));
    }
    for (int i = 0; i < file_.service_count(); ++i) {
      describe_service(*file_.service(i));
    }
  }

  void describe_enum(const pb::EnumDescriptor& type) {
    add(type.full_name(), "", "", "enum", type.options().deprecated() ? "deprecated" : "");
    for (int i = 0; i < type.value_count(); ++i) {
      add(type.full_name(), std::to_string(type.value(i)->number()), type.value(i)->name(), "value", "");
    }
    for (int i = 0; i < type.reserved_range_count(); ++i) {
      // Both ends of an enum's range are reserved.
      for (int number = type.reserved_range(i)->start; number <= type.reserved_range(i)->end; ++number) {
        add(type.full_name(), std::to_string(number), "", "reserved", "");
      }
    }
  }

  void describe_message(const pb::Descriptor& type) {
    if (type.options().map_entry()) {
      return;
    }
    add(type.full_name(), "", "", "message", type.options().deprecated() ? "deprecated" : "");
    for (int i = 0; i < type.field_count(); ++i) {
      const pb::FieldDescriptor& field = *type.field(i);
      add(type.full_name(), std::to_string(field.number()), field.name(), type_of(field), label_of(field));
      describe_index(field);
    }
    for (int i = 0; i < type.reserved_range_count(); ++i) {
      // The end of a message's range is not reserved.
      for (int number = type.reserved_range(i)->start; number < type.reserved_range(i)->end; ++number) {
        add(type.full_name(), std::to_string(number), "", "reserved", "");
      }
    }
    for (int i = 0; i < type.reserved_name_count(); ++i) {
      add(type.full_name(), "", type.reserved_name(i), "reserved", "");
    }
    if (type.options().HasExtension(c1::storage::v3::table)) {
      const auto& table = type.options().GetExtension(c1::storage::v3::table);
      add(type.full_name(), "", table.name(), "table", joined(table.primary_key()));
    }
    for (int i = 0; i < type.enum_type_count(); ++i) {
      describe_enum(*type.enum_type(i));
    }
    for (int i = 0; i < type.nested_type_count(); ++i) {
      describe_message(*type.nested_type(i));
    }
  }

  void describe_index(const pb::FieldDescriptor& field) {
    if (!field.options().HasExtension(c1::storage::v3::index)) {
      return;
    }
    const auto& index = field.options().GetExtension(c1::storage::v3::index);
    std::string keys = joined(index.composite());
    if (index.has_partial()) {
      keys += "; " + index.partial();
    }
    add(field.full_name(), "", index.name(), "index", keys);
  }

  void describe_service(const pb::ServiceDescriptor& service) {
    add(service.full_name(), "", "", "service", "");
    for (int i = 0; i < service.method_count(); ++i) {
      const pb::MethodDescriptor& method = *service.method(i);
      const std::string type =
          (method.client_streaming() ? "stream " : "") + method.input_type()->full_name() + " -> " +
          (method.server_streaming() ? "stream " : "") + method.output_type()->full_name();
      add(service.full_name(), "", method.name(), type, "method");
    }
  }

  static std::string type_of(const pb::FieldDescriptor& field) {
    if (field.is_map()) {
      return "map<" + type_of(*field.message_type()->map_key()) + ", " +
             type_of(*field.message_type()->map_value()) + ">";
    }
    if (field.type() == pb::FieldDescriptor::TYPE_MESSAGE) {
      return field.message_type()->full_name();
    }
    if (field.type() == pb::FieldDescriptor::TYPE_ENUM) {
      return field.enum_type()->full_name();
    }
    return field.type_name();
  }

  static std::string label_of(const pb::FieldDescriptor& field) {
    std::string label;
    if (field.is_map()) {
      // Maps are repeated by nature; the type says it.
    } else if (field.is_repeated()) {
      label = "repeated";
    } else if (const pb::OneofDescriptor* oneof = field.real_containing_oneof()) {
      label = "oneof " + oneof->name();
    } else if (field.is_required()) {
      label = "required";
    } else if (field.has_optional_keyword()) {
      label = "optional";
    }
    if (field.options().deprecated()) {
      label += label.empty() ? "deprecated" : " deprecated";
    }
    return label;
  }

  template <typename Strings>
  static std::string joined(const Strings& strings) {
    std::string all;
    for (const std::string& one : strings) {
      all += all.empty() ? one : "," + one;
    }
    return all;
  }

  const pb::FileDescriptor& file_;
  Lines lines_;
};

/// Lines of `left` that `right` lacks.
std::vector<std::string> without(const Lines& left, const Lines& right) {
  std::vector<std::string> rest;
  for (const std::string& line : left) {
    if (!right.contains(line)) {
      rest.push_back(line);
    }
  }
  return rest;
}

const pb::FileDescriptor* compiled(const std::string& file) {
  return pb::DescriptorPool::generated_pool()->FindFileByName(file);
}

TEST(Facts, AgreeWithTheCompiledDescriptorsBothWays) {
  const Facts facts = read_facts();
  ASSERT_EQ(facts.files.size(), 53U) << "facts.tsv is missing or cut off";

  Lines found;
  for (const std::string& file : facts.files) {
    const pb::FileDescriptor* descriptor = compiled(file);
    ASSERT_NE(descriptor, nullptr) << file << " is not compiled in";
    found.merge(Lines(Describer(*descriptor).lines()));
  }
  EXPECT_THAT(without(facts.lines, found), testing::IsEmpty()) << "facts without a descriptor";
  EXPECT_THAT(without(found, facts.lines), testing::IsEmpty()) << "descriptors that no fact asks for";
}

TEST(Facts, JsonNamesAreTheStandardOnes) {
  // A field that renamed itself would have a JSON name that differs from the one derived from its name.
  for (const std::string& file : read_facts().files) {
    const pb::FileDescriptor* descriptor = compiled(file);
    ASSERT_NE(descriptor, nullptr) << file;
    std::vector<const pb::Descriptor*> open;
    for (int i = 0; i < descriptor->message_type_count(); ++i) {
      open.push_back(descriptor->message_type(i));
    }
    while (!open.empty()) {
      const pb::Descriptor* type = open.back();
      open.pop_back();
      for (int i = 0; i < type->nested_type_count(); ++i) {
        open.push_back(type->nested_type(i));
      }
      for (int i = 0; i < type->field_count(); ++i) {
        EXPECT_FALSE(type->field(i)->has_json_name() &&
                     type->field(i)->json_name() != type->field(i)->camelcase_name())
            << type->field(i)->full_name();
      }
    }
  }
}

TEST(Facts, StrictIsTheDefaultOfStringRules) {
  const pb::Descriptor* rules =
      pb::DescriptorPool::generated_pool()->FindMessageTypeByName("validate.StringRules");
  ASSERT_NE(rules, nullptr);
  EXPECT_TRUE(rules->FindFieldByName("strict")->default_value_bool());
  EXPECT_FALSE(rules->FindFieldByName("ignore_empty")->default_value_bool());
}

TEST(Facts, RecordsOfTheStoreAreCompiledIn) {
  // They are ours alone, so no table fixes them; their names are stored nowhere but must not collide.
  for (const char* name : {"baton.store.v1.CursorRow", "baton.store.v1.RunHeader",
                           "baton.store.v1.RunCounters", "baton.store.v1.WarningRow", "baton.store.v1.Extra",
                           "baton.store.v1.ExpandedSources", "baton.store.v1.SegmentRow"}) {
    EXPECT_NE(pb::DescriptorPool::generated_pool()->FindMessageTypeByName(name), nullptr) << name;
  }
}

}  // namespace
