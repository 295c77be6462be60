#pragma once

#include <string>

#include "google/protobuf/message_lite.h"

namespace baton::c1z {

/// The message's bytes with fields in number order and map entries sorted by key: what v1 stores, and what
/// equal messages share. Appends to `bytes`.
void append_deterministic(const google::protobuf::MessageLite& message, std::string& bytes);

}  // namespace baton::c1z
