#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <google/protobuf/any.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/repeated_ptr_field.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/error_facts.hpp"

/// Annotations: typed messages that travel with a row, a request or a response. Not thread-safe, like all
/// protobuf messages.
namespace baton::sdk {

using Annotations = google::protobuf::RepeatedPtrField<google::protobuf::Any>;

/// Puts `message` into `any`, serialised straight into its value. The bytes are the same for equal messages,
/// maps included, which protobuf's own packing does not promise.
void pack_annotation(google::protobuf::Any& any, const google::protobuf::Message& message);

/// Whether `any` holds a message of this full name; the host in front of the name does not matter.
bool holds_message(const google::protobuf::Any& any, std::string_view full_name);

/// Whether `any` holds a `Message`.
template <class Message>
bool holds(const google::protobuf::Any& any) {
  return holds_message(any, Message::descriptor()->full_name());
}

/// Appends, whatever is there already.
void append_annotation(Annotations& annotations, const google::protobuf::Message& message);

/// Replaces the first annotation of the same type and drops the others, or appends.
void update_annotation(Annotations& annotations, const google::protobuf::Message& message);

/// Updates `into` with each of `from`, in order.
void merge_annotations(Annotations& into, const Annotations& from);

template <class Message>
bool contains_annotation(const Annotations& annotations) {
  for (const google::protobuf::Any& any : annotations) {
    if (holds<Message>(any)) return true;
  }
  return false;
}

template <class... Messages>
bool contains_any_annotation(const Annotations& annotations) {
  return (contains_annotation<Messages>(annotations) || ...);
}

/// How many annotations are of this type.
template <class Message>
int count_annotations(const Annotations& annotations) {
  int count = 0;
  for (const google::protobuf::Any& any : annotations) count += holds<Message>(any) ? 1 : 0;
  return count;
}

/// Fills `message` from `any`; DataLoss when the bytes are not such a message.
absl::Status unpack_annotation(const google::protobuf::Any& any, google::protobuf::Message& message);

/// The first annotation of this type, or nothing; DataLoss when it cannot be read.
template <class Message>
absl::StatusOr<std::optional<Message>> pick_annotation(const Annotations& annotations) {
  for (const google::protobuf::Any& any : annotations) {
    if (!holds<Message>(any)) continue;
    Message message;
    absl::Status status = unpack_annotation(any, message);
    if (!status.ok()) return status;
    return std::optional<Message>(std::move(message));
  }
  return std::optional<Message>();
}

/// A list made of several messages has at most one of each type: the last.
template <class... Messages>
Annotations make_annotations(const Messages&... messages) {
  Annotations annotations;
  (update_annotation(annotations, messages), ...);
  return annotations;
}

/// Tells the engine what a service said about its budget: the annotation RateLimitDescription.
void set_rate_limit_annotation(Annotations& annotations, const RateLimitFacts& facts);

/// Tells the engine that a call slept; nothing is added for waits that are not positive.
void add_rate_limit_wait(Annotations& annotations, std::chrono::milliseconds wait);

}  // namespace baton::sdk
