/// Whole files of version 3: head, manifest, index or archive, and all that the reader finds behind them. The
/// hash of the index is set right first.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.hpp"
#include "base/tuple_key.hpp"
#include "fuzz/memory_file.hpp"
#include "storage/c1z/reader.hpp"

namespace {

using namespace baton;

void stamp_index(std::string& file) {
  constexpr std::size_t kFooter = 28;
  if (file.size() < kFooter) return;
  const std::size_t at = file.size() - kFooter;
  const std::uint64_t begin = load_be64(file.data() + at);
  const std::uint64_t size = load_be32(file.data() + at + 8);
  if (begin > at || size > at - begin) return;
  std::string hash;
  append_be64(hash, hash64(std::string_view(file).substr(begin, size)));
  file.replace(at + 12, hash.size(), hash);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::MemoryFile input;
  static const bool kBounded = (fuzz::bound_reader(), true);
  (void)kBounded;
  std::string file(reinterpret_cast<const char*>(data), size);
  stamp_index(file);
  input.assign(file);
  const auto reader = c1z::open_reader(input.path());
  if (!reader.ok()) return 0;
  const auto look = [](const auto&) { return absl::OkStatus(); };
  (void)(*reader)->stats().ok();
  (void)(*reader)->for_each_resource_type(look).ok();
  (void)(*reader)->for_each_resource({}, look).ok();
  (void)(*reader)->for_each_entitlement({}, look).ok();
  (void)(*reader)
      ->for_each_grant({},
                       [&](const c1z::StoredGrant& stored) {
                         const auto& of = stored.grant.entitlement();
                         const auto found = (*reader)->find_entitlement_on(of.resource().id(), of.id());
                         if (!found.ok()) return found.status();
                         return (*reader)->find_entitlement(of.id()).status();
                       })
      .ok();
  return 0;
}
