#include "sdk/resource_types.hpp"

namespace baton::sdk {

namespace v2 = c1::connector::v2;

std::string resource_type_id_for(std::string_view name) {
  std::string id(name);
  for (char& c : id) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == ' ') c = '-';
  }
  return id;
}

v2::ResourceType make_resource_type(std::string_view name,
                                    std::initializer_list<v2::ResourceType::Trait> traits) {
  v2::ResourceType type;
  type.set_id(resource_type_id_for(name));
  type.set_display_name(std::string(name));
  for (const v2::ResourceType::Trait trait : traits) type.add_traits(trait);
  return type;
}

}  // namespace baton::sdk
