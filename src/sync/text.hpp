#pragma once

#include <string>

#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"

/// Texts that a connector may have taken from anywhere. Protobuf carries UTF-8 only: one bad byte in one row
/// would make a whole listing, or a whole artifact, unreadable.
namespace baton::sync {

/// Puts U+FFFD in the place of whatever is not UTF-8.
void repair_text(std::string* text);

/// The same for every text of a row and of what it embeds; identities are the business of admission. False
/// when the row is nested so deeply (a profile, in practice) that protobuf's parsers would refuse it.
///
/// Rows whose texts are fine, which is nearly all of them, are only looked at.
bool repair_texts(c1::connector::v2::ResourceType& row);
bool repair_texts(c1::connector::v2::Resource& row);
bool repair_texts(c1::connector::v2::Entitlement& row);
bool repair_texts(c1::connector::v2::Grant& row);

}  // namespace baton::sync
