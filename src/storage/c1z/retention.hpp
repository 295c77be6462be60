#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/c1z/reader.hpp"

namespace baton::c1z {

/// How many of the earlier syncs of a v1 file stay in it when another one is added.
class Retention {
 public:
  Retention() = default;

  /// From the texts of `BATON_KEEP_SYNC_COUNT` (a whole number; the default for 0 and below) and
  /// `BATON_SKIP_CLEANUP` (true, false and Go's other spellings); empty texts are the defaults.
  /// InvalidArgument for anything else: syncs are not removed on the word of a typing error.
  static absl::StatusOr<Retention> parse(std::string_view keep_sync_count, std::string_view skip_cleanup);

  /// Finished full syncs, the new one among them; at least 1.
  int full_syncs = 2;
  /// Remove nothing.
  bool keep_all = false;
};

/// The ids of those of a file's syncs, given in the order of the file, that have to go when the sync
/// `current` is added to it, by upstream's rule:
///
/// - Unfinished syncs stay.
/// - Of full syncs, and of kinds that are not known, the newest stay, one fewer than `full_syncs`.
/// - When a full sync goes, partial and resources-only ones go with it that had ended before the newest full
///   sync to go began.
/// - Of more than two syncs of differences the last stays, and its partner.
std::set<std::string> syncs_to_remove(const std::vector<SyncInfo>& syncs, const std::string& current,
                                      const Retention& retention);

}  // namespace baton::c1z
