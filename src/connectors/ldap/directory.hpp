#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/task.hpp"
#include "connectors/ldap/client.hpp"
#include "connectors/ldap/directory_index.hpp"
#include "connectors/ldap/directory_options.hpp"

namespace baton::connectors::ldap {

/// What the syncers share: the client, where to look, and the index. Used from the connector's executor only.
class Directory {
 public:
  Directory(boost::asio::any_io_executor executor, std::shared_ptr<Client> client, DirectoryOptions options);
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  const std::shared_ptr<Client>& client() const { return client_; }
  const DirectoryOptions& options() const { return options_; }
  Log& log() { return client_->log(); }

  /// Whether server, credentials, search bases and filter are good. NotFound for a base that is not there;
  /// the message says which ones the server has.
  Task<absl::Status> validate();

  /// The index, built by the first who asks in a sync; others wait for it.
  Task<absl::StatusOr<std::shared_ptr<const DirectoryIndex>>> index(std::string sync_id);

 private:
  using Add = absl::Status (DirectoryIndex::*)(const Entry&);

  Task<absl::Status> check_base(std::string flag, std::string base, std::string contexts);
  Task<absl::Status> build(DirectoryIndex& index);
  Task<absl::Status> add_all(DirectoryIndex& index, Query query, Add add);
  std::vector<std::string> group_bases() const;
  /// The bases to look at, each with the flag that sets it.
  std::vector<std::pair<std::string, std::string>> bases() const;

  std::shared_ptr<Client> client_;
  DirectoryOptions options_;
  std::shared_ptr<const DirectoryIndex> index_;
  std::string index_sync_;
  bool building_ = false;
  /// Never expires; its waiters are woken when the index is there, or its building has failed.
  boost::asio::steady_timer built_;
};

}  // namespace baton::connectors::ldap
