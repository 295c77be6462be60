#include "cli/temporary_run.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/operation.hpp"
#include "cli/engine_sources.hpp"
#include "cli/interrupt.hpp"
#include "storage/c1z/expandable.hpp"
#include "storage/c1z/file.hpp"
#include "storage/c1z/grant_origin.hpp"

namespace baton::cli {
namespace {

using c1::connector::v2::Entitlement;
using c1::connector::v2::Grant;
using c1::connector::v2::Resource;
using c1::connector::v2::ResourceType;

constexpr std::size_t kRowsInMemory = 5000;
constexpr std::size_t kBytesInMemory = std::size_t{4} << 20;

/// Puts rows into a store, in pages of rows that were found at one moment.
class PageWriter {
 public:
  PageWriter(c1z::Reader& reader, storage::SyncStore& store) : reader_(reader), store_(store) {}

  template <class Row>
  absl::Status add(const Row& row) {
    const std::int64_t moment = absl::ToUnixNanos(reader_.discovered_at());
    auto page = open_.find(moment);
    if (page == open_.end()) {
      const storage::StructuralOrder order(static_cast<std::uint8_t>(Operation::kListGrants), 0, pages_++);
      page = open_.emplace(moment, storage::EncodedRows(order, moment)).first;
    }
    bytes_ -= page->second.bytes();
    page->second.add(row);
    bytes_ += page->second.bytes();
    return ++rows_ < kRowsInMemory && bytes_ < kBytesInMemory ? absl::OkStatus() : flush();
  }

  absl::Status flush() {
    for (auto& [moment, page] : open_) {
      page.finish();
      if (absl::Status status = store_.add_rows(page); !status.ok()) return status;
    }
    open_.clear();
    rows_ = bytes_ = 0;
    return interrupt_status();
  }

 private:
  c1z::Reader& reader_;
  storage::SyncStore& store_;
  std::map<std::int64_t, storage::EncodedRows> open_;
  std::size_t rows_ = 0;
  std::size_t bytes_ = 0;
  std::uint32_t pages_ = 0;
};

/// Applies the rule of a roll-back. False: the grant stays out.
bool keep_rolled_back(c1z::StoredGrant& stored, LoadRule rule, LoadSummary& summary) {
  switch (c1z::origin_of(stored)) {
    case c1z::GrantOrigin::kConnector:
      if (!stored.grant.sources().sources().empty()) {
        stored.grant.clear_sources();
        ++summary.cleared;
      }
      return true;
    case c1z::GrantOrigin::kSuspect:
      if (rule == LoadRule::kRollBackButSuspects) {
        ++summary.suspects_kept;
        return true;
      }
      ++summary.suspects_deleted;
      break;
    case c1z::GrantOrigin::kExpansion:
      break;
  }
  ++summary.deleted;
  return false;
}

class Loader {
 public:
  Loader(c1z::Reader& reader, LoadRule rule, storage::SyncStore& store)
      : reader_(reader), rule_(rule), pages_(reader, store) {}

  absl::StatusOr<LoadSummary> run() {
    absl::Status status = reader_.for_each_resource_type([&](const ResourceType& row) { return add(row); });
    if (status.ok()) status = reader_.for_each_resource("", [&](const Resource& row) { return add(row); });
    if (status.ok()) {
      status = reader_.for_each_entitlement("", [&](const Entitlement& row) {
        if (rule_ == LoadRule::kBaseRows) engine_.notice(row);
        return add(row);
      });
    }
    if (status.ok()) status = add_grants();
    if (status.ok() && rule_ == LoadRule::kBaseRows) status = add_held_back();
    if (status.ok()) status = pages_.flush();
    if (!status.ok()) return status;
    return summary_;
  }

 private:
  template <class Row>
  absl::Status add(const Row& row) {
    return pages_.add(row);
  }

  absl::Status add_grant(const c1z::StoredGrant& stored) {
    Grant grant = stored.grant;
    c1z::restore_expandable(grant, stored.expansion);
    ++summary_.grants;
    return pages_.add(grant);
  }

  absl::Status add_grants() {
    std::string last;
    return reader_.for_each_grant({}, [&](const c1z::StoredGrant& read) -> absl::Status {
      if (identity(read.grant) == last) ++summary_.folded;
      last = identity(read.grant);
      if (rule_ == LoadRule::kAll) return add_grant(read);
      if (rule_ != LoadRule::kBaseRows) {
        c1z::StoredGrant stored = read;
        return keep_rolled_back(stored, rule_, summary_) ? add_grant(stored) : absl::OkStatus();
      }
      if (c1z::origin_of(read) == c1z::GrantOrigin::kExpansion) {
        ++summary_.deleted;
        return absl::OkStatus();
      }
      return engine_.notice(read) ? absl::OkStatus() : add_grant(read);
    });
  }

  /// Whether their sources are expansion's depends on who holds these sources, which is now asked.
  absl::Status add_held_back() {
    if (absl::Status status = engine_.ready(); !status.ok()) return status;
    if (!engine_.wants_resolve()) return absl::OkStatus();
    absl::Status status = reader_.for_each_grant({}, [&](const c1z::StoredGrant& read) {
      engine_.resolve(read.grant);
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return reader_.for_each_grant({}, [&](const c1z::StoredGrant& read) -> absl::Status {
      if (read.grant.sources().sources().size() < 2 || !c1z::is_direct(read.grant)) return absl::OkStatus();
      c1z::StoredGrant stored = read;
      if (engine_.separate(stored.grant)) ++summary_.cleared;
      return add_grant(stored);
    });
  }

  static std::string identity(const Grant& grant) {
    const auto& on = grant.entitlement().resource().id();
    const auto& who = grant.principal().id();
    std::string text;
    for (const std::string* part : {&on.resource_type(), &on.resource(), &grant.entitlement().id(),
                                    &who.resource_type(), &who.resource()}) {
      absl::StrAppend(&text, part->size(), ":", *part);
    }
    return text;
  }

  c1z::Reader& reader_;
  LoadRule rule_;
  PageWriter pages_;
  EngineSources engine_;
  LoadSummary summary_;
};

}  // namespace

absl::StatusOr<TemporaryRun> TemporaryRun::create() {
  std::string folder = c1z::temporary_folder() + "/baton-run-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) {
    return c1z::errno_status(errno, absl::StrCat("creating a temporary folder ", folder));
  }
  TemporaryRun run;
  run.folder_ = folder;
  storage::StoreOptions options;
  options.directory = folder + "/run";
  absl::StatusOr<std::unique_ptr<storage::SyncStore>> store = storage::SyncStore::open(options);
  if (!store.ok()) return store.status();
  run.store_ = *std::move(store);
  return run;
}

TemporaryRun& TemporaryRun::operator=(TemporaryRun&& other) noexcept {
  std::swap(folder_, other.folder_);
  std::swap(store_, other.store_);
  return *this;
}

TemporaryRun::~TemporaryRun() {
  remove();
}

void TemporaryRun::remove() {
  if (store_ != nullptr) {
    store_->close().IgnoreError();  // nothing in it is needed any more
    store_.reset();
  }
  if (folder_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
  folder_.clear();
}

absl::StatusOr<LoadSummary> load(c1z::Reader& reader, LoadRule rule, storage::SyncStore& store) {
  return Loader(reader, rule, store).run();
}

absl::StatusOr<LoadSummary> count_rollback(c1z::Reader& reader, LoadRule rule) {
  LoadSummary summary;
  const absl::Status status = reader.for_each_grant({}, [&](const c1z::StoredGrant& read) {
    c1z::StoredGrant stored = read;
    if (keep_rolled_back(stored, rule, summary)) ++summary.grants;
    return interrupt_status();
  });
  if (!status.ok()) return status;
  return summary;
}

}  // namespace baton::cli
