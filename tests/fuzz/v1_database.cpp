/// The database of a v1 file: every list, look-up and count over whatever SQLite makes of these bytes.
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/memory_file.hpp"
#include "storage/c1z/reader.hpp"

namespace {

using namespace baton;

/// Reads all there is; errors end a list, and the next one starts all the same.
void read_all(c1z::Reader& reader) {
  std::string last_type;
  std::string last_resource;
  std::string last_entitlement;
  (void)reader.stats().ok();
  (void)reader
      .for_each_resource_type([&](const auto& type) {
        last_type = type.id();
        return absl::OkStatus();
      })
      .ok();
  (void)reader
      .for_each_resource("",
                         [&](const auto& resource) {
                           last_resource = resource.id().resource();
                           return reader.find_resource_type(resource.id().resource_type()).status();
                         })
      .ok();
  (void)reader
      .for_each_entitlement("",
                            [&](const auto& entitlement) {
                              last_entitlement = entitlement.id();
                              const auto& on = entitlement.resource().id();
                              return reader.find_resource(on.resource_type(), on.resource()).status();
                            })
      .ok();
  const auto look = [&](const c1z::StoredGrant& stored) {
    return reader.find_entitlement(stored.grant.entitlement().id()).status();
  };
  (void)reader.for_each_grant({}, look).ok();
  c1z::GrantFilter filter;
  filter.entitlement_id = last_entitlement;
  (void)reader.for_each_grant(filter, look).ok();
  filter = c1z::GrantFilter();
  filter.principal_type_id = last_type;
  filter.principal_id = last_resource;
  (void)reader.for_each_grant(filter, look).ok();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::MemoryFile file;
  [[maybe_unused]] static const bool kBound = (fuzz::bound_reader(), true);
  file.assign(fuzz::as_v1(std::string_view(reinterpret_cast<const char*>(data), size)));
  const auto reader = c1z::open_reader(file.path());
  if (!reader.ok()) return 0;
  read_all(**reader);
  for (const c1z::SyncInfo& sync : (*reader)->syncs()) {
    if ((*reader)->select(sync.id).ok()) read_all(**reader);
    break;  // one is like another
  }
  return 0;
}
