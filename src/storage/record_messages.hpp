#pragma once

#include <string>
#include <string_view>

#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "c1/storage/v3/records.pb.h"

/// From a `c1.storage.v3` record to the `c1.connector.v2` message that it holds. What a record has not, such
/// as the display name of a grant's principal, is not in the message either.
namespace baton::storage {

/// Each replaces `row` and takes the record's strings.
void move_record(c1::storage::v3::ResourceTypeRecord& record, c1::connector::v2::ResourceType& row);
void move_record(c1::storage::v3::ResourceRecord& record, c1::connector::v2::Resource& row);
void move_record(c1::storage::v3::EntitlementRecord& record, c1::connector::v2::Entitlement& row);
/// The expandable description stays in the record.
void move_record(c1::storage::v3::GrantRecord& record, c1::connector::v2::Grant& row);

/// A trait or purpose from its name in a v3 record; 0 (unspecified) for a name that nobody knows.
int parse_trait(std::string_view name);
int parse_purpose(std::string_view name);

}  // namespace baton::storage
