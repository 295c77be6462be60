/// What a directory says: distinguished names, the URLs of dynamic groups, moments; and the page tokens about
/// it.
#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/ldap/directory_time.hpp"
#include "connectors/ldap/dn.hpp"
#include "connectors/ldap/ldap_url.hpp"
#include "connectors/ldap/listing.hpp"
#include "connectors/ldap/lower_case.hpp"
#include "fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace baton::connectors::ldap;
  using baton::fuzz::require;
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  if (const absl::StatusOr<Dn> dn = Dn::parse(text); dn.ok()) {
    const std::string id = dn->canonical();
    for (const char c : id) require(c >= 32 && c <= 126, "an id is printable ASCII");
    // Escapes can make an id longer than a name may be.
    if (const absl::StatusOr<Dn> again = Dn::parse(id); again.ok()) {
      require(again->canonical() == id, "an id is the id of itself");
      require(again->match_key() == dn->match_key(), "an id names the same entry");
    } else {
      require(id.size() > size, "an id is a name");
    }
    require(is_at_or_below(dn->match_key(), ""), "everything is below the root");
  } else {
    require(absl::IsInvalidArgument(dn.status()), "a bad name is the caller's fault");
  }
  if (const absl::StatusOr<ServerUrl> url = ServerUrl::parse(text); url.ok()) {
    const absl::StatusOr<ServerUrl> again = ServerUrl::parse(url->text());
    require(again.ok() && again->text() == url->text(), "a server's URL is read as it was written");
  }
  (void)MemberUrl::parse(text).ok();
  if (const absl::StatusOr<Position> position = Position::parse(text); position.ok()) {
    const absl::StatusOr<Position> again = Position::parse(position->text());
    require(again.ok() && again->text() == position->text(), "a position is read as it was written");
  }
  (void)parse_generalized_time(text).has_value();
  (void)parse_file_time(text).has_value();
  (void)lower_case(text).size();
  return 0;
}
