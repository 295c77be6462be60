#include "connectors/ldap/directory.hpp"

#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "absl/strings/str_cat.h"
#include "base/redact.hpp"
#include "connectors/ldap/dn.hpp"
#include "connectors/ldap/listing.hpp"

namespace baton::connectors::ldap {
namespace {

namespace asio = boost::asio;

constexpr std::uint32_t kIndexPage = 500;

std::string naming_contexts(const SearchPage& root) {
  std::string contexts;
  for (const Entry& entry : root.entries) {
    for (const std::string& context : entry.values("namingContexts")) {
      absl::StrAppend(&contexts, contexts.empty() ? "" : " and ", scrub(context, 200));
    }
  }
  return contexts;
}

/// Ends a state of affairs however its coroutine ends.
class Building {
 public:
  Building(bool& flag, asio::steady_timer& done) : flag_(flag), done_(done) { flag_ = true; }
  Building(const Building&) = delete;
  Building& operator=(const Building&) = delete;
  ~Building() {
    flag_ = false;
    done_.cancel();
  }

 private:
  bool& flag_;
  asio::steady_timer& done_;
};

}  // namespace

Directory::Directory(asio::any_io_executor executor, std::shared_ptr<Client> client, DirectoryOptions options)
    : client_(std::move(client)),
      options_(std::move(options)),
      built_(std::move(executor), asio::steady_timer::time_point::max()) {}

Task<absl::Status> Directory::validate() {
  Query query;
  query.scope = Scope::kBase;
  query.filter = "(objectClass=*)";
  query.attributes.emplace_back("namingContexts");
  const absl::StatusOr<SearchPage> root = co_await client_->read(query);
  if (!root.ok()) co_return root.status();
  const std::string contexts = naming_contexts(*root);
  for (const auto& [flag, base] : bases()) {
    absl::Status checked = co_await check_base(flag, base, contexts);
    if (!checked.ok()) co_return checked;
  }
  co_return absl::OkStatus();
}

std::vector<std::pair<std::string, std::string>> Directory::bases() const {
  std::vector<std::pair<std::string, std::string>> all;
  const auto add = [this, &all](const char* flag, const std::string& base) {
    if (base != options_.base) all.emplace_back(flag, base);
  };
  // An unset base is one only where something is looked for there.
  if (!options_.base.empty() || options_.user_base.empty() || options_.group_base.empty() ||
      options_.role_base.empty()) {
    all.emplace_back("--base-dn", options_.base);
  }
  add("--user-search-dn", options_.user_base);
  add("--group-search-dn", options_.group_base);
  add("--role-search-dn", options_.role_base);
  return all;
}

Task<absl::Status> Directory::check_base(std::string flag, std::string base, std::string contexts) {
  Query query;
  query.base = base;
  query.scope = base.empty() ? Scope::kSubtree : Scope::kBase;
  // Below the root would be everything: what is asked for there must not exist.
  query.filter = options_.narrowed(base.empty() ? "(objectClass=baton-no-such-class)" : "(objectClass=*)");
  query.attributes.emplace_back("1.1");  // no attributes at all
  const absl::StatusOr<SearchPage> page = co_await client_->read(query);
  if (page.ok()) co_return absl::OkStatus();
  if (!absl::IsNotFound(page.status())) co_return page.status();
  co_return absl::NotFoundError(
      absl::StrCat(flag, base.empty() ? " is not set, and this server needs one" : " " + scrub(base, 300),
                   base.empty() ? "" : ": there is no such entry, or the bind DN may not see it",
                   contexts.empty() ? "" : "; the server has ", contexts));
}

Task<absl::StatusOr<std::shared_ptr<const DirectoryIndex>>> Directory::index(std::string sync_id) {
  while (building_) {
    boost::system::error_code ignored;
    co_await built_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
      co_return absl::CancelledError("cancelled while waiting for the index of the directory");
    }
  }
  if (index_ && index_sync_ == sync_id) co_return index_;
  const Building building(building_, built_);
  auto index = std::make_shared<DirectoryIndex>();
  if (absl::Status status = co_await build(*index); !status.ok()) co_return status;
  index_ = std::move(index);
  index_sync_ = std::move(sync_id);
  co_return index_;
}

Task<absl::Status> Directory::build(DirectoryIndex& index) {
  // Groups first: an entry that is both is what its first object class says, whoever adds it.
  for (const std::string& base : group_bases()) {
    Query groups;
    groups.base = base;
    groups.filter = options_.narrowed(kGroupFilter);
    groups.attributes.emplace_back("objectClass");
    absl::Status status = co_await add_all(index, std::move(groups), &DirectoryIndex::add_group);
    if (!status.ok()) co_return status;
  }
  Query users;
  users.base = options_.user_base;
  users.filter = options_.narrowed(kUserFilter);
  for (const char* name : {"objectClass", "uid", "cn", "gidNumber"}) users.attributes.emplace_back(name);
  co_return co_await add_all(index, std::move(users), &DirectoryIndex::add_user);
}

Task<absl::Status> Directory::add_all(DirectoryIndex& index, Query query, Add add) {
  query.page_size = kIndexPage;
  PagedSearch search(*client_, std::move(query));
  while (!search.finished()) {
    if (absl::Status status = co_await search.fill(); !status.ok()) co_return listing_failure(status);
    while (search.ready() > 0) {
      if (absl::Status status = (index.*add)(search.pop()); !status.ok()) co_return status;
    }
  }
  co_return absl::OkStatus();
}

std::vector<std::string> Directory::group_bases() const {
  // A group may be a member of another without being listed itself.
  if (options_.base.empty()) return {options_.group_base};
  const absl::StatusOr<Dn> base = Dn::parse(options_.base);
  const absl::StatusOr<Dn> groups = Dn::parse(options_.group_base);
  if (base.ok() && groups.ok() && is_at_or_below(groups->match_key(), base->match_key()))
    return {options_.base};
  return {options_.base, options_.group_base};
}

}  // namespace baton::connectors::ldap
