#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "storage/record_view.hpp"
#include "storage/row_source.hpp"
#include "storage/row_value.hpp"
#include "storage/wire.hpp"

namespace baton::storage {

class GrantResidual;

/// Turns stored values into the rows of a v1 file: the parts of the identity, and the deterministic bytes of
/// the `c1.connector.v2` message. Rows without a residual are rewritten field by field, the others go through
/// the message itself.
///
/// Views in a row point into the value and into the transcoder; they stay valid until the next call and while
/// the value lives. DataLoss for a value that cannot be read. Not thread-safe.
class V1Transcoder {
 public:
  V1Transcoder();
  V1Transcoder(const V1Transcoder&) = delete;
  V1Transcoder& operator=(const V1Transcoder&) = delete;

  absl::Status transcode(const StoredValue& value, ResourceTypeRow& row);
  absl::Status transcode(const StoredValue& value, ResourceRow& row);
  absl::Status transcode(const StoredValue& value, EntitlementRow& row);
  /// `sources`, unless null, replace those of the value. Leaves `row.order` alone.
  absl::Status transcode(const StoredValue& value, const std::vector<SourceView>* sources, GrantRow& row);

 private:
  template <class Message>
  absl::Status through_message(const StoredValue& value);
  absl::Status grant_through_message(const StoredValue& value, const std::vector<SourceView>* sources,
                                     GrantRow& row);
  void write_grant(const std::vector<SourceView>& sources, std::string_view id,
                   const GrantResidual& residual);
  std::string_view blob() const { return writer_.written(0); }

  std::string buffer_;
  wire::Writer writer_;
  std::string message_blob_;
  std::string text_;  // a row's string that neither the value nor the view has
  std::string expansion_;
  ResourceTypeView resource_type_;
  ResourceView resource_;
  EntitlementView entitlement_;
  GrantView grant_;
};

}  // namespace baton::storage
